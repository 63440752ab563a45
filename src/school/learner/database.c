/* One connection to the file: opening it, statements on it, and what its errors mean. */
#include "school/learner/rows.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int code;
    enum fault_kind kind;
    const char *message, *remedy;
} errors[] = {
    {SQLITE_FULL, FAULT_MACHINE, "The disk is full", "Make room: nothing was lost."},
    {SQLITE_READONLY, FAULT_MACHINE, "The record may not be written",
     "Give this user the right to write to the data folder and what is in it."},
    {SQLITE_CANTOPEN, FAULT_MACHINE, "The record cannot be opened",
     "Give this user the right to read and write the data folder and what is in it."},
    {SQLITE_PERM, FAULT_MACHINE, "The record may not be opened",
     "Give this user the right to read and write the data folder and what is in it."},
    {SQLITE_IOERR, FAULT_MACHINE, "The disk failed", "See whether it is full or broken."},
    {SQLITE_BUSY, FAULT_MACHINE, "Another program holds the record", "Close that program."},
    {SQLITE_LOCKED, FAULT_MACHINE, "Another program holds the record", "Close that program."},
    {SQLITE_CORRUPT, FAULT_INPUT, "The record is damaged",
     "Nothing was changed. Put back the last copy of the data folder."},
    {SQLITE_NOTADB, FAULT_INPUT, "This is no record: damaged, or another kind of file",
     "Nothing was changed. Put back the last copy of the data folder."},
};

bool fault_of_database(struct fault *fault, sqlite3 *database, const char *doing) {
    int code = database ? sqlite3_errcode(database) & 0xff : SQLITE_NOMEM;
    const char *detail = database ? sqlite3_errmsg(database) : "out of memory";
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        if (errors[i].code != code)
            continue;
        fault_set(fault, errors[i].kind, "%s: could not %s (%s).", errors[i].message, doing,
                  detail);
        return fault_remedy(fault, "%s", errors[i].remedy);
    }
    return fault_set(fault, FAULT_MACHINE, "The record could not %s (%s).", doing, detail);
}

/* ------------------------------------------------------------------------------- connections */

bool connection_open(struct connection *connection, const char *path, struct fault *fault) {
    static const char settings[] =
        "PRAGMA synchronous = FULL;" /* a commit returns when it is on the disk */
        "PRAGMA foreign_keys = ON;"
        "PRAGMA secure_delete = ON;" /* what is replaced is overwritten too */
        "PRAGMA cell_size_check = ON;";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    *connection = (struct connection){0};
    bool good = sqlite3_open_v2(path, &connection->database, flags, NULL) == SQLITE_OK &&
                sqlite3_busy_timeout(connection->database, 5000) == SQLITE_OK &&
                sqlite3_exec(connection->database, settings, NULL, NULL, NULL) == SQLITE_OK;
    if (!good)
        fault_of_database(fault, connection->database, "open");
    return good;
}

bool connection_read_only(struct connection *connection, int kilobytes, struct fault *fault) {
    char setting[80];
    snprintf(setting, sizeof setting, "PRAGMA query_only = ON; PRAGMA cache_size = -%d",
             kilobytes);
    return sqlite3_exec(connection->database, setting, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, connection->database, "open");
}

void connection_close(struct connection *connection) {
    rows_free(connection);
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(connection->statements[i]);
    sqlite3_close(connection->database);
    *connection = (struct connection){0};
}

/* -------------------------------------------------------------------------------- statements */

static int bind(sqlite3_stmt *statement, int place, char type, va_list *values) {
    struct view view;
    switch (type) {
    case 'i':
        return sqlite3_bind_int64(statement, place, va_arg(*values, int64_t));
    case 'd':
        return sqlite3_bind_double(statement, place, va_arg(*values, double));
    case 's':
        return sqlite3_bind_text(statement, place, va_arg(*values, const char *), -1,
                                 SQLITE_TRANSIENT);
    case 'v':
        view = va_arg(*values, struct view);
        return sqlite3_bind_text64(statement, place, view.n ? view.at : "", view.n,
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    default:
        MUST(!"a type of value that statements know");
        return SQLITE_MISUSE;
    }
}

sqlite3_stmt *statement_with(struct connection *connection, enum statement which,
                             struct fault *fault, const char *types, ...) {
    sqlite3_stmt **statement = &connection->statements[which];
    if (*statement)
        sqlite3_reset(*statement);
    else if (sqlite3_prepare_v3(connection->database, statement_text[which], -1,
                                SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
        fault_of_database(fault, connection->database, "understand its tables");
        return NULL;
    }
    va_list values;
    int code = SQLITE_OK;
    va_start(values, types);
    for (int place = 1; types[place - 1] && code == SQLITE_OK; place++)
        code = bind(*statement, place, types[place - 1], &values);
    va_end(values);
    if (code == SQLITE_OK)
        return *statement;
    fault_of_database(fault, connection->database, "take a value");
    return NULL;
}

enum step statement_step(struct connection *connection, sqlite3_stmt *statement,
                         struct fault *fault) {
    if (!statement)
        return STEP_FAILED;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return STEP_ROW;
    if (code != SQLITE_DONE)
        fault_of_database(fault, connection->database, "read");
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? STEP_END : STEP_FAILED;
}

bool statement_run(struct connection *connection, sqlite3_stmt *statement, struct fault *fault) {
    if (!statement)
        return false;
    int code = sqlite3_step(statement);
    MUST(code != SQLITE_ROW);
    if (code != SQLITE_DONE)
        fault_of_database(fault, connection->database, "write");
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

struct view column_view(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return (struct view){text, (size_t)sqlite3_column_bytes(statement, column)};
}
