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
#include "school/learner/spacing.h"

#include <limits.h>

struct record;

/* Opens the record of a data folder, which is made when absent, as is the record in it. Refused
 * with nothing changed: a folder that another process holds (the fault says who), a file that is
 * no record, a damaged one, one of a newer Lyceum. */
struct record *record_open(const char *folder, struct fault *);
void record_close(struct record *); /* NULL is allowed */
bool record_exists(const char *folder);
/* The same, but FAULT_MISSING where there is no record yet. */
struct record *record_open_existing(const char *folder, struct fault *);
/* For reading, also while another process holds the folder: nothing can be written by it then. */
struct record *record_open_reader(const char *folder, struct fault *);
bool record_missing(const char *folder, struct fault *); /* sets that fault; returns false */
/* Makes every derived table again from the events, in one transaction: stopped half-way, the old
 * tables stay. Shows its progress where standard error is a terminal. FAULT_MISSING when the
 * folder has no record. */
bool record_rebuild(const char *folder, struct fault *);
/* The same with so many bytes for rows in memory (0: 3 GiB); with too few it is slower. */
bool record_rebuild_within(const char *folder, size_t bytes, struct fault *);

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
/* Mastery after an answer that was graded by a rubric: it alone never carries a skill over the
 * course's threshold. */
double rubric_mastery(double before, double after, double threshold);
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
bool record_name_check(struct view trimmed, struct fault *);
/* New reference to the name: a string or null. */
json_t *record_name(struct record *, int64_t learner);

/* ------------------------------------------------------------------------------------- events */

/* Events that are written together or not at all, with one wait for the disk. A function that is
 * given a batch adds to it and writes nothing; given NULL it writes at once. Begins as {0}. */
struct batch {
    struct event *events;
    json_t **data;
    size_t n;
};
bool batch_write(struct record *, struct batch *, struct fault *); /* and it is empty again */
void batch_free(struct batch *);                                   /* unwritten */

struct attempt {
    int64_t learner;
    const char *course, *lesson, *exercise, *skill, *language;
    uint64_t seed;
    const json_t *answer; /* as the learner gave it */
    double score;
    const char *note, *misconception; /* "" when there is none */
    bool counts;                      /* false for an answer that could not be read: no attempt */
    double threshold;                 /* of the course: mastery from here on is told as reached */
    double chance;                    /* that blind guessing is right: 1/4 for a choice of four */
    const char *once;                 /* NULL, or an id that its sender gave it: kept once */
    int64_t ago_ms; /* how long before now it was made, by the sender's clock; 0: now */
};

/* The seed of this learner's first variant of an exercise: by the two alone, so that learners
 * differ; from 1 to 2^31 - 1, which every JSON reader can hold. Learner 0 is a visitor. */
uint64_t record_first_seed(int64_t learner, const char *exercise);

/* Records an attempt and derives: the state of the exercise, and the mastery of its skill when it
 * is the first attempt on this seed, without a hint. The latest seed of an exercise is that of its
 * first attempt or hint, until record_sister moves it on; what is done on any other seed is kept
 * with that seed, and never changes mastery. Writing for a learner who does not exist is
 * FAULT_MISSING; FAULT_KNOWN, with nothing changed, when this learner's attempt of this `once` is
 * in the record already.
 *
 * What follows of time (memory, days of practice) is reckoned by when it was made: `ago_ms` before
 * now, but not before the learner came, nor before the skill's latest try. A longer time than a
 * season is a clock that was put right: then it was made now. */
bool record_attempt(struct record *, struct batch *, const struct attempt *, struct fault *);
/* The learner was given rung `rung` (1-based) of the ladder of this exercise and seed. */
bool record_hint(struct record *, struct batch *, int64_t learner, const char *exercise,
                 uint64_t seed, int rung, struct fault *);
/* The learner was shown the exercise worked out in full. */
bool record_solution(struct record *, struct batch *, int64_t learner, const char *exercise,
                     uint64_t seed, struct fault *);
/* A free turn or what the tutor said to an attempt: `kind` is "asked" (data has the text, and what
 * it was taken to be), "said" (data has the say objects, the move, what was struck). Where data
 * has "exercise", record_talk finds it. Other kinds are kept too, except those of the functions
 * above. */
bool record_note(struct record *, struct batch *, int64_t learner, const char *kind,
                 const json_t *data, struct fault *);
/* The data of the learner's event of this kind that has this "once", or NULL. New reference. As
 * for an attempt, a note whose data has "once" is kept once: FAULT_KNOWN for the second. */
json_t *record_once(struct record *, int64_t learner, const char *kind, const char *once);

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
    bool believed;                /* by what the learner said, or placement; not yet by a try */
    struct memory memory;         /* its due_ms is the start of due_day */
    int64_t due_day;              /* of the next review, on the learner's calendar */
};

/* Between the two, what this thread reads is as of one moment, and many small reads cost less:
 * each by itself takes and gives back the lock on the file. It keeps one of a few connections from
 * others: for gathering, never for work. Nothing may be written meanwhile. They nest. */
void record_hold(struct record *);
void record_release(struct record *);

/* False when the learner never touched it: then all is zero, except the exercise's seed, and the
 * mastery, which is the start of its tracing. */
bool record_exercise(struct record *, int64_t learner, const char *exercise,
                     struct exercise_state *);
bool record_skill(struct record *, int64_t learner, const char *course, const char *skill,
                  struct skill_state *);
/* What both will tell once a batch is written that acts on exercises alone. False with a fault
 * when the database failed. */
struct foreseen {
    struct exercise_state exercise;
    struct skill_state skill;
};
bool batch_foresee(struct record *, const struct batch *, int64_t learner, const char *exercise,
                   const char *course, const char *skill, struct foreseen *, struct fault *);
/* First tries without help, newest first; returns how many. Strings are cut to fit. */
struct first_try {
    int64_t at_ms;
    bool right;
    double predicted;
    char course[64], skill[64], exercise[64];
};
size_t record_first_tries(struct record *, int64_t learner, struct first_try *out, size_t n);
/* What the functions above tell one by one, of all that a learner touched and of the school's
 * fits: for pages that look at a whole course. In the arena, each list in the order of its names.
 */
struct exercise_brief {
    const char *exercise;
    uint64_t seed;
    int64_t tried_ms;
    int seeds; /* that were touched; told up to 8 */
    bool ever_solved;
};
struct skill_brief {
    const char *skill;
    struct skill_state state;
};
struct overview {
    struct exercise_brief *exercises; /* of all courses */
    struct skill_brief *skills;       /* of the course */
    size_t n_exercise, n_skill;
};
struct fits {
    struct skill_fit {
        const char *skill;
        struct tracing tracing;
    } * skills;
    struct exercise_fit {
        const char *exercise;
        double difficulty;
    } * exercises;
    size_t n_skill, n_exercise;
};
void record_overview(struct record *, int64_t learner, const char *course, struct overview *,
                     struct arena *);
void record_fits(struct record *, const char *course, struct fits *, struct arena *);
/* NULL for what the learner never touched. */
const struct exercise_brief *overview_exercise(const struct overview *, struct view exercise);
const struct skill_state *overview_skill(const struct overview *, struct view skill);
/* Fitted to the school's own events where these suffice (see practice.h), else tracing_default. */
const struct tracing *fits_tracing(const struct fits *, struct view skill);
/* By which the school predicts on this exercise; see difficulty_used. */
double fits_difficulty(const struct fits *, struct view exercise);
/* The seeds of an exercise that the learner has touched; returns how many, at most n. */
size_t record_seeds(struct record *, int64_t learner, const char *exercise, uint64_t *out,
                    size_t n);

/* What the learner wishes: when to be asked, how hard, how much. */
struct plan {
    struct calendar calendar;
    int shift; /* -1 gentler, 1 harder than the course's target success */
    int goal;  /* answers a day; 0: none */
};
/* {"days_off":["saturday"],"exam":"2027-06-30"|null,"utc_offset":minutes,
 *  "challenge":"gentler|usual|harder","goal":answers a day} */
json_t *plan_json(const struct plan *);
/* From one that plan_json made: what is amiss in it is left out. */
void plan_of_json(const json_t *, struct plan *);
/* Changes what the object names; FAULT_INPUT, with nothing changed, for what makes no sense. */
bool plan_change(struct plan *, const json_t *change, struct fault *);
void day_text(int64_t day, char out[11]);       /* "2027-06-30" */
bool day_parse(struct view text, int64_t *day); /* false for what is no date */
void record_plan(struct record *, int64_t learner, struct plan *);
/* Due reviews are spread anew by it. */
bool record_plan_set(struct record *, int64_t learner, const struct plan *, struct fault *);
/* Days on which the learner answered, newest first; returns how many. */
struct practised {
    int64_t day; /* of the learner's calendar as it was then */
    int answers, right;
};
size_t record_days(struct record *, int64_t learner, struct practised *out, size_t n);
/* Learner says that they know these skills (an array of ids); see skill_believe. */
bool record_claim(struct record *, int64_t learner, const char *course, const json_t *skills,
                  double threshold, struct fault *);
/* The placement test so far: notes of the kind "placing" (the beginning has no "exercise"), and
 * "placed"; the last so many, oldest first: [{"kind","data"}…] */
json_t *record_placing(struct record *, int64_t learner, const char *course, int last);
/* What the placement test found: {"SKILL": mastery, …}. */
bool record_placed(struct record *, struct batch *, int64_t learner, const char *course,
                   const json_t *mastery, double threshold, struct fault *);

/* The learner moves on to a sister exercise: later attempts and hints are on this seed. */
bool record_sister(struct record *, struct batch *, int64_t learner, const char *exercise,
                   uint64_t seed, struct fault *);
/* Events, oldest first: [{"id","at","kind","data"}…], "at" in milliseconds since 1970; `last` 0
 * for all, else so many newest. Without the token's hash. NULL with FAULT_MISSING when there is no
 * such learner. */
json_t *record_events(struct record *, int64_t learner, int last, struct fault *);
/* Counted attempts, newest first: [{"at","course","lesson","exercise","skill","score"}…] */
json_t *record_recent(struct record *, int64_t learner, int last);
/* What the learner said and was told about an exercise lately, oldest first: [{"kind","data"}…] */
json_t *record_talk(struct record *, int64_t learner, const char *exercise, int last);
/* Whether the last write failed, for want of room or because another program holds the record, and
 * that within so many seconds. */
bool record_is_failing(struct record *, double seconds);
void record_metrics(struct record *, struct buffer *out); /* Prometheus text */

/* --------------------------------------------------------------- taken away, erased, copied */

/* All that is kept of a learner: {"learner","name","events":[as record_events gives them],
 * "tables":{TABLE: [{COLUMN: VALUE}…]}}; without hashes of tokens. */
json_t *record_whole(struct record *, int64_t learner, struct fault *);
/* The numbers of the learners who have this name: [17, …] */
json_t *record_named(struct record *, struct view name);

struct forgotten {
    bool before;     /* the learner had been forgotten earlier: what was left was wiped again */
    int64_t n_event; /* events that were erased */
    int n_copy;      /* copies in DATA/backups that were cleaned */
    int n_removed;   /* copies that were removed, since they are damaged */
};
/* Erases a learner from the tables, the free pages, the log, the copies in DATA/backups and what
 * the company keeps there: what members cost, and keys that act for the learner are revoked. The
 * tables that follow from events are made again. Stopped half-way it has done nothing, or the next
 * opening of the record ends it. Refused while another process holds the folder. What the disk
 * keeps in blocks that no file has any more is beyond its reach. */
bool record_forget(const char *folder, int64_t learner, struct forgotten *, struct fault *);

/* Forgets all learners who did nothing for so many days, teachers and owners excepted, in one go
 * and out of all that record_forget names. Refused when it would be everybody: then the clock is
 * wrong, or nobody is left to ask. */
bool record_forget_idle(const char *folder, int days, size_t *n, struct fault *);

struct backup {
    char path[PATH_MAX]; /* the copy; PATH.sha256 beside it is as sha256sum writes it */
    char sha256[65];
    int64_t bytes, n_event;
    int n_dropped; /* older copies that were removed */
};
/* Copies the record as of one moment into a file in `to` (NULL: DATA/backups), also while a school
 * uses it: checked through, on the disk and hashed before it gets its name. `keep` > 0: no more
 * than so many copies stay in that folder, the newest ones. */
bool record_backup(const char *folder, const char *to, int keep, struct backup *, struct fault *);

struct restored {
    char safe[PATH_MAX]; /* where the record that was there before now lies; "" when none was */
    int64_t n_event;
};
/* Puts a copy in the place of the record. Refused with nothing changed: a folder that is held, a
 * file that is damaged, no record, or of a newer Lyceum. The tables are made again, and those whom
 * the present record has forgotten stay forgotten. */
bool record_restore(const char *file, const char *folder, struct restored *, struct fault *);

#endif
