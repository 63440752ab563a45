#include "folder.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct folder folder_new(void) {
    struct folder folder = {.path = P_tmpdir "/lyceum-record-XXXXXX"};
    MUST(mkdtemp(folder.path));
    snprintf(folder.record, sizeof folder.record, "%s/record.db", folder.path);
    return folder;
}

void folder_delete(const struct folder *folder) {
    static const char *const names[] = {"record.db", "record.db-wal", "record.db-shm", "lock"};
    char path[128];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        unlink(path);
    }
    rmdir(folder->path);
}

static sqlite3 *open_file(const struct folder *folder) {
    sqlite3 *database = NULL;
    MUST(sqlite3_open_v2(folder->record, &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    return database;
}

int folder_sql(const struct folder *folder, const char *sql) {
    sqlite3 *database = open_file(folder);
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    sqlite3_close(database);
    return code;
}

static void dump_rows(sqlite3 *database, const char *table, struct buffer *out) {
    char sql[128];
    sqlite3_stmt *row = NULL;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    MUST(sqlite3_prepare_v2(database, sql, -1, &row, NULL) == SQLITE_OK);
    buffer_format(out, "%s\n", table);
    while (sqlite3_step(row) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            double number = sqlite3_column_double(row, i);
            if (sqlite3_column_type(row, i) == SQLITE_FLOAT)
                buffer_format(out, "%a|", number); /* every bit of it */
            else
                buffer_format(out, "%s|", (const char *)sqlite3_column_text(row, i));
        }
        buffer_byte(out, '\n');
    }
    sqlite3_finalize(row);
}

void folder_dump(const struct folder *folder, struct buffer *out) {
    sqlite3 *database = open_file(folder);
    sqlite3_stmt *table = NULL;
    MUST(sqlite3_prepare_v2(database,
                            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN"
                            " ('event', 'sqlite_sequence') ORDER BY name",
                            -1, &table, NULL) == SQLITE_OK);
    while (sqlite3_step(table) == SQLITE_ROW)
        dump_rows(database, (const char *)sqlite3_column_text(table, 0), out);
    sqlite3_finalize(table);
    sqlite3_close(database);
}

long folder_count(const struct folder *folder, const char *sql) {
    sqlite3 *database = open_file(folder);
    sqlite3_stmt *row = NULL;
    MUST(sqlite3_prepare_v2(database, sql, -1, &row, NULL) == SQLITE_OK);
    MUST(sqlite3_step(row) == SQLITE_ROW);
    long count = (long)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(database);
    return count;
}

struct attempt an_attempt(int64_t learner, uint64_t seed, double score, const json_t *answer) {
    return (struct attempt){.learner = learner,
                            .course = "c",
                            .lesson = "01",
                            .exercise = "e",
                            .skill = "s",
                            .language = "en",
                            .seed = seed,
                            .answer = answer,
                            .score = score,
                            .note = "",
                            .misconception = "",
                            .counts = true,
                            .threshold = 0.95};
}

struct record *folder_open(const struct folder *folder) {
    struct fault fault = {0};
    char text[1000];
    struct record *record = record_open(folder->path, &fault);
    if (!record)
        fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof text));
    MUST(record);
    return record;
}
