/* A data folder for one test, gone with it; and the record seen from outside. */
#ifndef LYCEUM_TESTS_LEARNER_FOLDER_H
#define LYCEUM_TESTS_LEARNER_FOLDER_H

#include "school/learner/learner.h"

struct folder {
    char path[64], record[96];
};

struct folder folder_new(void);
void folder_delete(const struct folder *);
/* How many files of the folder hold these bytes, or have them in their name. */
long folder_holds(const struct folder *, const char *bytes);
/* Runs SQL on the record's file past the record's own code; gives SQLite's result code. */
int folder_sql(const struct folder *, const char *sql);
/* Every row of every derived table, in their order, as text. The caller frees the buffer. */
void folder_dump(const struct folder *, struct buffer *out);
long folder_count(const struct folder *, const char *sql); /* the first number of the first row */

/* An attempt at exercise "e" for the skill "s", as most tests need one. */
struct attempt an_attempt(int64_t learner, uint64_t seed, double score, const json_t *answer);

/* record_open, which must succeed: otherwise the test fails and its fault is printed. */
struct record *folder_open(const struct folder *);

#endif
