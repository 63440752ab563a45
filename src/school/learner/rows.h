/* The rows of derived tables, in memory while events change them.
 *
 * Deriving reads and changes rows here. A row that is asked for first comes from the database;
 * what was changed is written by rows_write, within the caller's transaction. When every table is
 * made again (rows_begin_whole) the tables are empty, so that nothing is read from them: the rows
 * of a whole school stay in memory and are written at the end, in the order of their keys. Past
 * `limit` bytes they are written early and read again where they are needed: slower, with the same
 * result.
 *
 * A learner's number is no column here: rows are kept by learner; those of the school by learner
 * 0. */
#ifndef LYCEUM_SCHOOL_LEARNER_ROWS_H
#define LYCEUM_SCHOOL_LEARNER_ROWS_H

#include "school/learner/inside.h"

enum row_table { /* shapes in rows.c; the columns' places below */
                 ROWS_SEED,
                 ROWS_EXERCISE,
                 ROWS_SKILL,
                 ROWS_FIT,
                 ROWS_DIFFICULTY,
                 ROWS_OBSERVED,
                 ROWS_PLAN,
                 ROWS_DAY,
                 ROWS_TALK,
                 ROWS_TRIED,
                 ROWS_WRONG,
                 ROWS_EFFORT,
                 ROWS_PRESENCE,
                 ROWS_COUNT
};

enum {
    SEED_EXERCISE,
    SEED_SEED,
    SEED_ATTEMPTS,
    SEED_WRONG,
    SEED_HINTS,
    SEED_SOLVED,
    SEED_BOTTOMED,
    SEED_SCORE,
    SEED_TRIED_MS,
    SEED_HINTED_MS,
    SEED_ANSWER
};
enum { EXERCISE_EXERCISE, EXERCISE_SEED, EXERCISE_SOLVED, EXERCISE_UNAIDED };
enum {
    SKILL_COURSE,
    SKILL_SKILL,
    SKILL_MASTERY,
    SKILL_ATTEMPTS,
    SKILL_UNAIDED,
    SKILL_RIGHT,
    SKILL_REACHED_MS,
    SKILL_BELIEVED,
    SKILL_STABILITY,
    SKILL_DIFFICULTY,
    SKILL_REVIEWED_MS,
    SKILL_DUE_MS,
    SKILL_REVIEWS,
    SKILL_LAPSES,
    SKILL_DUE_DAY
};
enum {
    FIT_COURSE,
    FIT_SKILL,
    FIT_ANSWERS,
    FIT_NEXT,
    FIT_FITTED,
    FIT_START,
    FIT_TRANSIT,
    FIT_GUESS,
    FIT_SLIP
};
enum { DIFFICULTY_EXERCISE, DIFFICULTY_TRIES, DIFFICULTY_DIFFICULTY };
enum {
    OBSERVED_COURSE,
    OBSERVED_SKILL,
    OBSERVED_EVENT,
    OBSERVED_EXERCISE,
    OBSERVED_AT_MS,
    OBSERVED_PREDICTED,
    OBSERVED_RIGHT
};
enum { PLAN_OFFSET, PLAN_DAYS_OFF, PLAN_EXAM_DAY, PLAN_SHIFT, PLAN_GOAL };
enum { DAY_DAY, DAY_ANSWERS, DAY_RIGHT };
enum {
    WRONG_EXERCISE,
    WRONG_SEED,
    WRONG_ANSWER,
    WRONG_COURSE,
    WRONG_MISCONCEPTION,
    WRONG_NOTE,
    WRONG_N,
    WRONG_LAST_MS
};
enum {
    EFFORT_COURSE,
    EFFORT_SKILL,
    EFFORT_TRIED,
    EFFORT_SOLVED,
    EFFORT_UNAIDED,
    EFFORT_UNAIDED_RIGHT
};
enum { PRESENCE_DAY, PRESENCE_MS, PRESENCE_LAST_MS };

union value {
    int64_t i;
    double d;
    const char *s; /* of rows_text, or NULL */
};

void rows_free(struct connection *);  /* with its statements */
void rows_clear(struct connection *); /* unwritten changes are dropped */
/* Until rows_clear, the tables are taken to be empty. `limit` in bytes; 0: a default. */
void rows_begin_whole(struct connection *, size_t limit);
bool rows_are_whole(struct connection *);
bool rows_write(struct connection *, struct fault *); /* what was changed */
/* Writes and lets go of all when they are larger than the limit. Pointers end here. */
bool rows_bound(struct connection *, struct fault *);

/* The same text is the same pointer, until rows_clear. */
const char *rows_text(struct connection *, const char *);

/* STEP_ROW with the row of this key, STEP_END when there is none. A row's place is good until
 * another one of its table and learner is made. Not for tables that are only added to. */
enum step rows_get(struct connection *, enum row_table, int64_t learner, const union value *key,
                   union value **row, struct fault *);
/* The row of this key, to be changed; made, all zero but the key, where there is none. NULL when
 * the database failed. */
union value *rows_change(struct connection *, enum row_table, int64_t learner,
                         const union value *key, struct fault *);
/* A row of observed, talk or tried: these are only added to. */
void rows_add(struct connection *, enum row_table, int64_t learner, const union value *row);
/* All rows of a learner in the order of their keys, in a list to be freed. NULL when the database
 * failed. */
union value **rows_all(struct connection *, enum row_table, int64_t learner, size_t *n,
                       struct fault *);
/* In memory and in the database. */
bool rows_delete(struct connection *, enum row_table, int64_t learner, struct fault *);
/* Writes the changes of one table, for SQL to read. */
bool rows_write_table(struct connection *, enum row_table, struct fault *);
/* While rows are whole: those of observed of one skill, learners and events newest first, each
 * given to `take` until it returns false. */
void rows_observed(struct connection *, const char *course, const char *skill,
                   bool (*take)(void *context, int64_t learner, bool right), void *context);

#endif
