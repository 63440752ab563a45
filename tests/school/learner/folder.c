#include "folder.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct folder folder_new(void) {
    /* In memory where there is such a place: thousands of waits for a disk show nothing more. */
    struct folder folder = {.path = "/dev/shm/lyceum-record-XXXXXX"};
    if (!mkdtemp(folder.path)) {
        snprintf(folder.path, sizeof folder.path, "%s", P_tmpdir "/lyceum-record-XXXXXX");
        MUST(mkdtemp(folder.path));
    }
    snprintf(folder.record, sizeof folder.record, "%s/record.db", folder.path);
    return folder;
}

static int delete_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void folder_delete(const struct folder *folder) {
    nftw(folder->path, delete_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What is looked for while a folder is walked: nftw gives its function no more than a path. */
static struct view sought;
static long n_found;

static int look_in(const char *path, const struct stat *status, int kind, struct FTW *place) {
    struct file_map map = {0};
    (void)status, (void)place;
    if (view_find(view_of(path), sought) >= 0)
        n_found++;
    if (kind == FTW_F && file_map(path, &map, NULL)) {
        n_found += view_find((struct view){(const char *)map.at, map.n}, sought) >= 0;
        file_unmap(&map);
    }
    return 0;
}

long folder_holds(const struct folder *folder, const char *bytes) {
    sought = view_of(bytes);
    n_found = 0;
    MUST(nftw(folder->path, look_in, 16, FTW_PHYS) == 0);
    return n_found;
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
