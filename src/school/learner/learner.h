/* learner: the record of what happened.
 *
 * One SQLite file in the data folder (WAL, synchronous=FULL). The table of events is append-only
 * (triggers refuse UPDATE and DELETE); every other table is derived from it, row by row, in the
 * same transaction as the event, and `record_rebuild` makes the same tables from the events alone.
 * When a function that writes returns true, what it wrote is on disk. One process holds a data
 * folder at a time (a lock); any thread may call. */
#ifndef LYCEUM_SCHOOL_LEARNER_H
#define LYCEUM_SCHOOL_LEARNER_H

#include "base/base.h"

struct record;

/* Opens the record of a data folder, which is made when absent, as is the record in it. Refused
 * with nothing changed: a folder that another process holds (the fault says who), a file that is
 * no record, a damaged one, one of a newer Lyceum. */
struct record *record_open(const char *folder, struct fault *);
void record_close(struct record *); /* NULL is allowed */
bool record_exists(const char *folder);
/* Makes every derived table again from the events, in one transaction: stopped half-way, the old
 * tables stay. Shows its progress where standard error is a terminal. FAULT_MISSING when the
 * folder has no record. */
bool record_rebuild(const char *folder, struct fault *);

/* ------------------------------------------------------------------------------------ mastery */

/* Bayesian knowledge tracing, Corbett and Anderson 1995. The four are probabilities: of knowing
 * the skill before the first try, of learning it at a try, of a right answer without knowing it,
 * of a wrong one in spite of knowing it. */
struct tracing {
    double start, transit, guess, slip;
};
/* The same four for every skill until a school has enough events to fit its own: start .2, transit
 * .15, guess .2, slip .1. Most exercises are typed, some are choices of four, hence guess; a slip
 * is a matter of arithmetic and typing. guess + slip < 1 keeps a right answer from lowering
 * mastery. Three right first tries in a row take a newcomer over .95, two do not. */
extern const struct tracing tracing_default;
/* Mastery after one observation: Bayes' rule, then the chance of having learnt meanwhile. */
double tracing_after(const struct tracing *, double mastery, bool right);
double tracing_right(const struct tracing *, double mastery); /* probability of a right answer */

/* ----------------------------------------------------------------------------------- learners */

/* Gives the id (positive) or 0 with a fault; `token`: 64 hex digits and a zero byte, of 32 random
 * bytes. The record keeps its SHA-256 alone. */
int64_t record_learner_new(struct record *, char token[65], struct fault *);
int64_t record_learner_of(struct record *, struct view token); /* 0 when there is none */
bool record_learner_exists(struct record *, int64_t learner);
/* 1 to 80 characters of UTF-8 without control characters (those that turn the direction of text
 * included), once white space at both ends is cut. */
bool record_learner_name(struct record *, int64_t learner, struct view name, struct fault *);
/* New reference to the name: a string or null. */
json_t *record_name(struct record *, int64_t learner);

/* ------------------------------------------------------------------------------------- events */

struct attempt {
    int64_t learner;
    const char *course, *lesson, *exercise, *skill, *language;
    uint64_t seed;
    const json_t *answer; /* as the learner gave it */
    double score;
    const char *note, *misconception; /* "" when there is none */
    bool counts;                      /* false for an answer that could not be read: no attempt */
    double threshold;                 /* of the course: mastery from here on is told as reached */
};

/* The seed of this learner's first variant of an exercise: by the two alone, so that learners
 * differ; from 1 to 2^31 - 1, which every JSON reader can hold. Learner 0 is a visitor. */
uint64_t record_first_seed(int64_t learner, const char *exercise);

/* Records an attempt and derives: the state of the exercise, and the mastery of its skill when it
 * is the first attempt on this seed, without a hint. The latest seed of an exercise is that of its
 * first attempt or hint, until record_sister moves it on; what is done on any other seed is kept
 * with that seed, and never changes mastery. Writing for a learner who does not exist is
 * FAULT_MISSING. */
bool record_attempt(struct record *, const struct attempt *, struct fault *);
/* The learner was given rung `rung` (1-based) of the ladder of this exercise and seed. */
bool record_hint(struct record *, int64_t learner, const char *exercise, uint64_t seed, int rung,
                 struct fault *);
/* The learner was shown the exercise worked out in full. */
bool record_solution(struct record *, int64_t learner, const char *exercise, uint64_t seed,
                     struct fault *);
/* A free turn or what the tutor said to an attempt: `kind` is "asked" (data has the text, and what
 * it was taken to be), "said" (data has the say objects, the move, what was struck). Where data
 * has "exercise", record_talk finds it. Other kinds are kept too, except those of the functions
 * above. */
bool record_note(struct record *, int64_t learner, const char *kind, const json_t *data,
                 struct fault *);

/* ---------------------------------------------------------------------------- derived states */

struct exercise_state { /* of one learner and one exercise, over its latest seed */
    uint64_t seed;      /* never touched: record_first_seed */
    int attempts;       /* counted attempts on this seed */
    int wrong;          /* wrong ones on this seed, in a row */
    int hints;          /* rungs given on this seed */
    bool solved;        /* right on this seed */
    bool bottomed;      /* the solution was shown on this seed */
    bool ever_solved;   /* right on some seed */
    bool ever_unaided;  /* right on some seed at the first attempt, without a hint */
    double score;       /* of the latest attempt */
    int64_t hinted_ms;  /* when the latest rung was given; 0: never */
    int64_t tried_ms;   /* when the latest attempt was made; 0: never */
    json_t *answer;     /* the latest one, or NULL; json_decref by the caller */
};

struct skill_state {
    double mastery;
    int attempts, unaided, right; /* all; first tries without help; of those the right ones */
    int64_t reached_ms;           /* when mastery first reached the course's threshold; 0: never */
};

/* False when the learner never touched it: then all is zero, except the exercise's seed, and the
 * mastery, which is tracing_default.start. */
bool record_exercise(struct record *, int64_t learner, const char *exercise,
                     struct exercise_state *);
bool record_skill(struct record *, int64_t learner, const char *course, const char *skill,
                  struct skill_state *);
/* The learner moves on to a sister exercise: later attempts and hints are on this seed. */
bool record_sister(struct record *, int64_t learner, const char *exercise, uint64_t seed,
                   struct fault *);
/* Events, oldest first: [{"id","at","kind","data"}…], "at" in milliseconds since 1970; `last` 0
 * for all, else so many newest. Without the token's hash. NULL with FAULT_MISSING when there is no
 * such learner. */
json_t *record_events(struct record *, int64_t learner, int last, struct fault *);
/* Counted attempts, newest first: [{"at","course","lesson","exercise","skill","score"}…] */
json_t *record_recent(struct record *, int64_t learner, int last);
/* What the learner said and was told about an exercise lately, oldest first: [{"kind","data"}…] */
json_t *record_talk(struct record *, int64_t learner, const char *exercise, int last);
void record_metrics(struct record *, struct buffer *out); /* Prometheus text */

#endif
