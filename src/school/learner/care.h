/* The care of the record: what holds a learner's data, how it is erased, copied and put back. */
#ifndef LYCEUM_SCHOOL_LEARNER_CARE_H
#define LYCEUM_SCHOOL_LEARNER_CARE_H

#include "school/learner/inside.h"

/* ---------------------------------------------------------------------------------- holdings */

/* Every table of the record, and the column by which its rows are a learner's. */
struct holding {
    const char *table;
    const char *column; /* NULL: nothing in it is about one learner */
    bool repeats;       /* only points at events: no part of what a learner takes away */
    bool stays;         /* the mark that somebody was forgotten */
};
extern const struct holding holdings[];
extern const size_t n_holding;
const struct holding *holding_of(struct view table); /* NULL when it is not in the list */
bool holding_is_secret(const char *column);          /* a hash or a token: never leaves */

/* The rows of each table that are this learner's: {TABLE: [{COLUMN: VALUE}…]}; without events. */
json_t *holdings_of(struct connection *, int64_t learner, struct fault *);

/* ----------------------------------------------------------------------------------- erasing */

/* Within the caller's transaction: deletes every event of the learner, and every row that the
 * holdings tell of in tables that this file has. What a teacher made for others becomes an owner's
 * where another owner is left; n_event does not count it. */
bool erase_rows(sqlite3 *, int64_t learner, int64_t *n_event, struct fault *);
/* Ends what was begun: wipes free pages, log and copies of whoever is marked as forgotten. */
bool erasures_finish(struct connection *, const char *folder, struct forgotten *, struct fault *);

/* ------------------------------------------------------------------------------------ copies */

/* Held while copies are made, cleaned or put back, so that none is made of what is being erased.
 * -1 with a fault when the folder cannot be made or somebody else is at it. */
int copies_lock(const char *folder, struct fault *);
void copies_unlock(int lock);
/* Opens a file past the record's own rules. The caller closes it, also after a failure. */
bool copy_open(const char *path, int flags, sqlite3 **, struct fault *);
/* For reading alone, leaving nothing beside it; refuses a file whose log lies beside it. */
bool copy_open_alone(const char *path, sqlite3 **, struct fault *);
/* Copies a database, page by page and as of one moment, into a new file that stands alone, and
 * checks it through. */
bool copy_make(sqlite3 *from, const char *to, struct fault *);
/* Writes PATH.sha256 as sha256sum does, and puts `part` in the place of `path`. */
bool copy_seal(const char *part, const char *path, char sha256[65], struct fault *);
/* Whether a file is a sound record that this program knows; `n_event` may be NULL. */
bool copy_check(const char *path, bool with_hash, int64_t *n_event, struct fault *);
void copy_discard(const char *part);                /* one that did not get its name */
bool copy_remove(const char *path, struct fault *); /* with its hash */
/* What a halt left half made, which may hold anything. */
bool copy_remove_parts(const char *folder, struct fault *);
/* Names of the copies in a folder of copies, oldest first: [string…]. */
json_t *copies_in(const char *copies);
/* DATA/backups, to be freed. */
char *copies_folder(const char *folder);
/* A name for a copy made now, after all that are there, also when the clock was put back. */
void copy_name(const char *copies, const char *suffix, char name[64]);
/* Erases the learners from every copy in DATA/backups; what cannot be opened is removed. */
bool copies_erase(const char *folder, const int64_t *learners, size_t n, struct forgotten *,
                  struct fault *);
bool file_sync(const char *path, struct fault *); /* a file or a folder, to the disk */

/* ------------------------------------------------------------------------------------- schema */

/* The trigger, to be made again after rows were deleted. */
#define EVENT_KEPT_FROM_DELETE                                                                    \
    "CREATE TRIGGER event_kept_from_delete BEFORE DELETE ON event BEGIN"                          \
    " SELECT RAISE(ABORT, 'events are append-only'); END;"
/* Refuses a file that is no record, and one of a newer Lyceum. */
bool schema_check(struct connection *, int64_t *version, struct fault *);
bool schema_is_current(int64_t version);

#endif
