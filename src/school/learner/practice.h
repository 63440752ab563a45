/* practice: what a learner is taken to know, and what to practise next.
 *
 * Pure functions over what the record derives from events: no clock, no record, no course. The
 * school calls them, and so does `lyceum simulate`, so that what is measured there is what runs
 * here. Probabilities are 0 to 1, times are milliseconds since 1970. */
#ifndef LYCEUM_SCHOOL_LEARNER_PRACTICE_H
#define LYCEUM_SCHOOL_LEARNER_PRACTICE_H

#include "school/learner/learner.h"

/* ---------------------------------------------------------------------------- fitted mastery */

struct answers { /* of one learner to one skill: first tries without help, oldest first */
    const bool *right;
    size_t n;
};
/* Expectation maximisation from `prior` on, at most so many rounds. Each of the four is drawn to
 * that of the prior as if it had been seen `weight` times; 0: by the answers alone. */
void tracing_fit(struct tracing *, const struct answers *, size_t n, const struct tracing *prior,
                 double weight, int rounds);
/* The same from what a school has seen of a skill, drawn a little to tracing_default. False, with
 * nothing changed, when there are too few learners, or when knowing would then hardly show. */
bool tracing_of_school(struct tracing *, const struct answers *, size_t n_learner);
enum { FIT_MOST = 20000 }; /* answers that a fit looks at, the newest */
/* How many answers there must be for the first fit (0, 0), or for the next one. */
int64_t tracing_next_fit(int64_t n_answer, bool fitted);
/* The logarithm of the answers' probability. */
double tracing_likelihood(const struct tracing *, const struct answers *, size_t n);

/* ------------------------------------------------------------------------------- one exercise
 *
 * Exercises of one skill are not equally hard. `difficulty` moves guess and slip of the skill on
 * the scale of log-odds (0: as the skill's mean; item parameters as in Pardos and Heffernan, "KT-
 * IDEM", 2011); `chance` is what blind guessing gives, below which guess does not fall. */
struct tracing tracing_of_exercise(const struct tracing *, double difficulty, double chance);
/* Difficulty after a first try that was right or wrong: Elo's rule with a rate that falls with
 * the number of tries before (Pelánek, "Applications of the Elo rating system in adaptive
 * educational systems", 2016). */
double difficulty_after(double difficulty, int tries, double predicted, bool right);
/* That by which the school predicts: 0 until enough first tries were seen. */
double difficulty_used(double difficulty, int tries);

/* ----------------------------------------------------------------------------------- one skill */

/* Mastery as it is now: what was mastered, as far as it is recalled. */
double skill_known(const struct skill_state *, int64_t now_ms);
/* A first try without help: moves mastery and memory, and takes back what was only claimed when it
 * was wrong. `tracing` is that of the exercise. */
void skill_observe(struct skill_state *, const struct tracing *, bool right, int64_t now_ms);
/* The learner says that they know it, or placement found so: believed until a first try shows
 * otherwise, and soon asked for. Of a skill that was tried nothing is believed. */
void skill_believe(struct skill_state *, double mastery, double threshold, int64_t now_ms);

/* ---------------------------------------------------------------------------- what comes next */

enum { PRACTICE_NONE = -1 };
struct practice_skill {
    struct skill_state state;
    struct tracing tracing;
    size_t n_before;
    const size_t *before; /* indexes of the skills that must be mastered first */
};
struct practice_exercise {
    size_t skill;
    double difficulty, chance; /* as for tracing_of_exercise */
    bool fresh;                /* has a question that the learner has not seen */
    int tries;                 /* seen so often */
    int64_t tried_ms;          /* latest; 0: never */
};
struct practice {
    size_t n_skill, n_exercise;
    const struct practice_skill *skills;
    const struct practice_exercise *exercises;
    size_t n_recent; /* first tries of late, newest first */
    const struct first_try_short {
        int skill; /* PRACTICE_NONE: of another course */
        bool right;
        double predicted;
        int64_t at_ms;
    } * recent;
    int helped; /* the exercise just worked with help, whose sister comes next; or PRACTICE_NONE */
    double threshold, target;
    int shift; /* of the plan */
    int64_t now_ms, today;
};
struct practice_choice {
    int exercise; /* PRACTICE_NONE: all is mastered and nothing is due */
    enum practice_kind {
        PRACTISE_NOTHING,
        PRACTISE_SISTER,  /* of what was solved with help */
        PRACTISE_REVIEW,  /* mastered once, and due */
        PRACTISE_NEW,     /* of a skill that was never tried */
        PRACTISE_OPEN,    /* of a skill on its way */
        PRACTISE_MASTERED /* to keep the balance while the new is hard */
    } kind;
    double predicted, aim; /* probability of success, and that which was aimed at */
    bool seen;             /* every question of this skill was seen: the one seen longest ago */
};
const char *practice_kind_name(enum practice_kind);

/* An exercise whose predicted success is nearest to what is aimed at: the target, moved against
 * the learner's late successes, so that they come near to it; not twice in a row of one skill
 * where another serves as well; never a question that was seen while there are others. Between
 * equals the author's order decides. */
struct practice_choice practice_choose(const struct practice *);
/* The same among the exercises of one skill, which is due for review. */
struct practice_choice practice_choose_review(const struct practice *, size_t skill);
double practice_target(double target, int shift);
bool practice_is_due(const struct practice *, size_t skill);
/* Not mastered, and what it needs is. */
bool practice_is_open(const struct practice *, size_t skill);
double practice_predicted(const struct practice *, size_t exercise);
/* Whether first tries of this sitting go worse and worse against what was predicted. */
bool practice_tires(const struct first_try_short *recent, size_t n, int64_t now_ms);

#endif
