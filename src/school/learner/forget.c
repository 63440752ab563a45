/* Forgetting a learner: out of the tables in one transaction, then out of free pages, the log, the
 * copies and what the company keeps. Between the two the mark in `erasure` is on the disk: whoever
 * opens the record after a halt ends what was begun. */
#include "company/company.h"
#include "school/learner/care.h"

#include <stdlib.h>
#include <string.h>

static bool run(struct connection *connection, const char *sql, const char *doing,
                struct fault *fault) {
    return sqlite3_exec(connection->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, connection->database, doing);
}

/* ---------------------------------------------------------------------- out of the tables */

static bool known(struct connection *connection, int64_t learner, struct forgotten *forgotten,
                  struct fault *fault) {
    char sql[160];
    sqlite3_stmt *row = NULL;
    snprintf(sql, sizeof sql,
             "SELECT EXISTS(SELECT 1 FROM event WHERE learner = %lld),"
             " EXISTS(SELECT 1 FROM erasure WHERE learner = %lld)",
             (long long)learner, (long long)learner);
    bool here = false;
    if (sqlite3_prepare_v2(connection->database, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW) {
        here = sqlite3_column_int(row, 0);
        forgotten->before = !here && sqlite3_column_int(row, 1);
        if (!here && !forgotten->before)
            fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
    } else {
        fault_of_database(fault, connection->database, "find the learner");
    }
    sqlite3_finalize(row);
    return here || forgotten->before;
}

static bool erase_one(struct connection *connection, int64_t learner, int64_t *n_event,
                      struct fault *fault) {
    char mark[120];
    int64_t n = 0;
    snprintf(mark, sizeof mark,
             "INSERT OR REPLACE INTO erasure(learner, at_ms, finished) VALUES(%lld, %lld, 0)",
             (long long)learner, (long long)clock_unix_ms());
    bool good = run(connection, mark, "mark a learner as forgotten", fault) &&
                erase_rows(connection->database, learner, &n, fault);
    *n_event += n;
    return good;
}

/* Everything that follows from events is made again, since what others did may have followed from
 * what these learners did. */
static bool erase(struct connection *connection, const int64_t *learners, size_t n,
                  int64_t *n_event, struct fault *fault) {
    bool good = run(connection, "BEGIN IMMEDIATE", "begin to forget", fault) &&
                schema_derived_anew(connection, fault);
    for (size_t i = 0; good && i < n; i++)
        good = erase_one(connection, learners[i], n_event, fault);
    good = good && events_derive_all(connection, fault) &&
           run(connection, "COMMIT", "forget a learner", fault);
    if (!good && !sqlite3_get_autocommit(connection->database))
        sqlite3_exec(connection->database, "ROLLBACK", NULL, NULL, NULL);
    return good;
}

/* ------------------------------------------------------------- out of everything that is left */

/* The numbers that a query gives, to be freed; NULL with a fault. */
static int64_t *learners_of(struct connection *connection, const char *sql, size_t *n,
                            struct fault *fault) {
    sqlite3_stmt *row = NULL;
    size_t capacity = 16;
    int64_t *learners = must_alloc(capacity, sizeof *learners);
    enum step step = STEP_FAILED;
    *n = 0;
    if (sqlite3_prepare_v2(connection->database, sql, -1, &row, NULL) != SQLITE_OK)
        fault_of_database(fault, connection->database, "see who is to be forgotten");
    while (row && (step = statement_step(connection, row, fault)) == STEP_ROW) {
        if (*n == capacity)
            learners = must_realloc(learners, capacity *= 2, sizeof *learners);
        learners[(*n)++] = sqlite3_column_int64(row, 0);
    }
    sqlite3_finalize(row);
    if (step == STEP_END)
        return learners;
    free(learners);
    return NULL;
}

/* The log is emptied into the file and cut to nothing; another reader would keep it. */
static bool empty_log(struct connection *connection, struct fault *fault) {
    sqlite3_stmt *row = NULL;
    bool good = sqlite3_prepare_v2(connection->database, "PRAGMA wal_checkpoint(TRUNCATE)", -1,
                                   &row, NULL) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    if (!good) {
        fault_of_database(fault, connection->database, "empty the log");
    } else if (sqlite3_column_int(row, 0)) {
        good = fault_set(fault, FAULT_MACHINE,
                         "Another program is reading the record, so that "
                         "its log cannot be wiped yet.");
        fault_remedy(fault, "Close that program, then say the same again.");
    }
    sqlite3_finalize(row);
    return good;
}

bool erasures_finish(struct connection *connection, const char *folder,
                     struct forgotten *forgotten, struct fault *fault) {
    size_t n;
    int64_t *learners =
        learners_of(connection, "SELECT learner FROM erasure WHERE finished = 0", &n, fault);
    if (!learners)
        return false;
    bool good = true;
    if (n) {
        int lock = copies_lock(folder, fault);
        /* VACUUM writes every page anew, so that none holds what was in it before. */
        good = lock >= 0 && run(connection, "VACUUM", "wipe the free pages", fault) &&
               empty_log(connection, fault) &&
               copies_erase(folder, learners, n, forgotten, fault) &&
               company_forget(folder, learners, n, fault) &&
               run(connection, "UPDATE erasure SET finished = 1", "note that it is done", fault) &&
               empty_log(connection, fault);
        copies_unlock(lock);
    }
    free(learners);
    return good;
}

bool record_forget(const char *folder, int64_t learner, struct forgotten *forgotten,
                   struct fault *fault) {
    struct record *record = record_open_existing(folder, fault);
    *forgotten = (struct forgotten){0};
    bool good = record && known(&record->writer, learner, forgotten, fault);
    if (good && !forgotten->before)
        good = erase(&record->writer, &learner, 1, &forgotten->n_event, fault);
    else if (good) /* copies may have been put into the folder since */
        good = run(&record->writer, "UPDATE erasure SET finished = 0", "begin to wipe", fault);
    good = good && erasures_finish(&record->writer, folder, forgotten, fault);
    record_close(record);
    return good || fault_place(fault, folder, 0, -1);
}

/* Whoever keeps the school is not forgotten for staying away. */
bool record_forget_idle(const char *folder, int days, size_t *n, struct fault *fault) {
    char sql[400];
    struct forgotten forgotten = {0};
    *n = 0;
    if (!record_exists(folder))
        return true;
    struct record *record = record_open(folder, fault);
    size_t n_all = 0;
    snprintf(sql, sizeof sql,
             "SELECT id FROM learner WHERE (SELECT at_ms FROM event WHERE learner = learner.id"
             " ORDER BY id DESC LIMIT 1) < %lld AND id NOT IN"
             " (SELECT id FROM person WHERE role IN ('teacher', 'owner'))",
             (long long)(clock_unix_ms() - (int64_t)days * 24 * 60 * 60 * 1000));
    int64_t *idle = record ? learners_of(&record->writer, sql, n, fault) : NULL;
    int64_t *all =
        idle ? learners_of(&record->writer, "SELECT id FROM learner", &n_all, fault) : NULL;
    bool good = all;
    if (good && *n && *n == n_all) {
        good = fault_set(fault, FAULT_INPUT,
                         "Nobody has been here for %d days, so nobody was forgotten.", days);
        fault_remedy(fault, "See whether the clock of this machine is right; `lyceum forget` "
                            "forgets one by one.");
    }
    good = good && (!*n || (erase(&record->writer, idle, *n, &forgotten.n_event, fault) &&
                            erasures_finish(&record->writer, folder, &forgotten, fault)));
    free(idle);
    free(all);
    record_close(record);
    return good || fault_place(fault, folder, 0, -1);
}
