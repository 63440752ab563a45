/* What the files of learner share. */
#ifndef LYCEUM_SCHOOL_LEARNER_INSIDE_H
#define LYCEUM_SCHOOL_LEARNER_INSIDE_H

#include "school/learner/learner.h"

#include <pthread.h>
#include <sqlite3.h>

/* ---------------------------------------------------------------------------------- database */

enum statement { /* the texts are in schema.c */
                 STATEMENT_BEGIN,
                 STATEMENT_COMMIT,
                 STATEMENT_ROLLBACK,
                 STATEMENT_SAVE,
                 STATEMENT_RELEASE,
                 STATEMENT_UNDO,
                 STATEMENT_LEARNER_NEXT,
                 STATEMENT_EVENT_ADD,
                 STATEMENT_EVENT_ONCE,
                 STATEMENT_EVENT_ALL,
                 STATEMENT_EVENT_COUNT,
                 STATEMENT_EVENT_OF,
                 STATEMENT_LEARNER_ADD,
                 STATEMENT_LEARNER_RENAME,
                 STATEMENT_LEARNER_FIND,
                 STATEMENT_LEARNER_OF,
                 STATEMENT_LEARNER_NAMED,
                 STATEMENT_TALK_OF,
                 STATEMENT_RECENT,
                 STATEMENT_TALLY_ADD,
                 STATEMENT_TALLY_ALL,
                 STATEMENT_OBSERVED_OF_SKILL,
                 STATEMENT_OBSERVED_OF_LEARNER,
                 STATEMENT_SEEDS,
                 STATEMENT_DAYS,
                 STATEMENT_EXERCISES_OF,
                 STATEMENT_SEEDS_OF,
                 STATEMENT_SKILLS_OF,
                 STATEMENT_FITS,
                 STATEMENT_DIFFICULTIES,
                 STATEMENT_COUNT
};
extern const char *const statement_text[STATEMENT_COUNT];

struct connection { /* one thread at a time */
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared when first needed */
    json_t *counts;    /* NULL, or counts that are kept back while all events are derived */
    struct rows *rows; /* of derived tables, as far as they are in memory: rows.h */
    size_t rows_limit; /* bytes of them while all events are derived; 0: a default */
    int held;          /* reads in a row as of one moment: record_hold */
    bool made_anew;    /* every event was derived when it was opened */
    bool again;        /* what was derived before is derived anew: it is counted already */
};

/* The statement, reset and with values bound; `types` has a letter for each: i int64_t, d double,
 * s C string or NULL, v view. NULL with a fault when the database cannot prepare it. */
sqlite3_stmt *statement_with(struct connection *, enum statement, struct fault *,
                             const char *types, ...);
enum step { STEP_FAILED, STEP_END, STEP_ROW };
/* The next row. A NULL statement has failed before. Reset one that is not read to its end: an open
 * statement holds its view of the database. */
enum step statement_step(struct connection *, sqlite3_stmt *, struct fault *);
/* For one that gives no rows. */
bool statement_run(struct connection *, sqlite3_stmt *, struct fault *);
struct view column_view(sqlite3_stmt *, int column); /* until the next step */

bool fault_of_database(struct fault *, sqlite3 *, const char *doing); /* returns false */

bool connection_open(struct connection *, const char *path, struct fault *);
/* Nothing can be written by it from here on; it keeps so much of the file by itself, at most. */
bool connection_read_only(struct connection *, int kilobytes, struct fault *);
void connection_close(struct connection *);
/* Makes or brings up to date the tables of a record; refuses what is none, or newer. */
bool schema_prepare(struct connection *, struct fault *);
/* Drops the derived tables and makes them again, empty. */
bool schema_derived_anew(struct connection *, struct fault *);

/* ------------------------------------------------------------------------------------- events */

struct event {
    int64_t id, learner, at_ms;
    const char *kind;
    struct view text;   /* the data as it is stored */
    const json_t *data; /* parsed from the text */
};

/* When what the event tells of happened: "made", where that was before it came. */
int64_t event_made_ms(const struct event *);

/* What an event adds to the derived tables: by the event and those tables alone, so that deriving
 * again gives the same. */
bool event_derive(struct connection *, const struct event *, struct fault *);
/* What an attempt, a plan, a claim or a placement says of skills: derive_practice.c. */
bool derive_try(struct connection *, const struct event *, bool unaided, bool right,
                struct fault *);
bool derive_plan(struct connection *, const struct event *, struct fault *);
bool derive_claim(struct connection *, const struct event *, struct fault *);
bool derive_placing(struct connection *, const struct event *, struct fault *);
bool derive_placed(struct connection *, const struct event *, struct fault *);
/* By the rows in memory, by which events derive; what is not there comes from the database.
 * STEP_END: the learner never touched it, and the state is that of a beginning. */
enum step exercise_get(struct connection *, int64_t learner, const char *exercise,
                       struct exercise_state *, struct fault *);
enum step skill_get(struct connection *, int64_t learner, const char *course, const char *skill,
                    struct skill_state *, struct fault *);
enum step plan_get(struct connection *, int64_t learner, struct plan *, struct fault *);
/* The columns of a statement from `column` on. */
void skill_of_row(sqlite3_stmt *, int column, struct skill_state *);
void tracing_of_row(sqlite3_stmt *, int column, struct tracing *); /* fitted and the four */
/* Whether kind is written by a function of its own, so that record_note may not. */
bool event_kind_kept(const char *kind);
/* Derives every event into empty derived tables, within the caller's transaction. */
bool events_derive_all(struct connection *, struct fault *);

/* ------------------------------------------------------------------------------------- record */

struct write { /* events on their way to the disk, together, and what becomes of them */
    struct event *events;
    size_t n_event;
    bool finished, good;
    pthread_cond_t changed; /* it is finished, or may lead */
    struct fault *fault;
    struct write *next;
};

/* One of several, so that a teacher's page holds up no learner's. */
struct reader {
    struct connection connection;
    pthread_t thread; /* whose it is */
    int depth;        /* how often that thread began and has not ended; 0: free */
};

enum { READERS = 16 }; /* of 4 all were held by threads that waited for a processor */

struct record {
    int lock; /* descriptor of the locked file */
    char *path;
    struct connection writer;
    struct reader readers[READERS];
    int n_reader;
    pthread_mutex_t reading; /* guards whose the readers are */
    pthread_cond_t read;
    pthread_mutex_t queueing;
    bool leading;             /* some thread is committing what was queued */
    _Atomic double failed_at; /* by clock_seconds: the last commit failed then; 0: it did not */
    struct write *first, **last;
};

/* A connection for this thread to read by, and what it had read last. They nest. */
struct connection *reading_begin(struct record *);
void reading_end(struct record *, sqlite3_stmt *);
/* The same for rows in memory, as of one moment; they are let go of at the end, never written. */
struct connection *reading_rows_begin(struct record *);
void reading_rows_end(struct record *, struct connection *);

/* When the learner came; 0: there is none. */
int64_t record_since(struct record *, int64_t learner);

/* Takes the lock of a data folder; -1 with a fault that says who holds it. */
int folder_lock(const char *folder, struct fault *);
void folder_unlock(int lock);

/* Records an event and what it derives, and returns when both are on disk; where there is a batch
 * the event is added to that, and its kind borrowed until then. `data` is stolen. For the kind
 * "learner" the id is made here; ids come back in `event`, but not from a batch. */
bool record_write(struct record *, struct batch *, struct event *, json_t *data, struct fault *);
bool event_write(struct record *, struct batch *, int64_t learner, const char *kind, json_t *data,
                 struct fault *);
/* Several of them, together or not at all; `data` are stolen. A learner of -k is who the event
 * number k (from 1) of the list makes. */
bool record_write_all(struct record *, struct event *, json_t **data, size_t n, struct fault *);

#endif
