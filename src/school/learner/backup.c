/* Copying the record while it is used, and putting a copy back. */
#include "school/learner/care.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --------------------------------------------------------------------------------- copying */

static bool measure(const char *path, struct backup *backup, struct fault *fault) {
    struct stat status;
    if (stat(path, &status) != 0) {
        fault_set(fault, FAULT_MACHINE, "A copy cannot be seen: %s.", strerror(errno));
        return fault_place(fault, path, 0, -1);
    }
    backup->bytes = status.st_size;
    return copy_check(path, false, &backup->n_event, fault);
}

/* The oldest go, never the one that was just made. */
static bool drop_old(const char *copies, int keep, struct backup *backup, struct fault *fault) {
    json_t *names = copies_in(copies);
    size_t n = json_array_size(names);
    bool good = true;
    for (size_t i = 0; good && keep > 0 && i + (size_t)keep < n; i++) {
        struct buffer path = {0};
        buffer_format(&path, "%s/%s", copies, json_string_value(json_array_get(names, i)));
        good = copy_remove(path.at, fault);
        backup->n_dropped += good;
        buffer_free(&path);
    }
    json_decref(names);
    return good;
}

/* With the lock of the copies held. */
static bool back_up(sqlite3 *from, const char *copies, const char *suffix, int keep,
                    struct backup *backup, struct fault *fault) {
    char name[64];
    struct buffer part = {0};
    if (!folder_make(copies, fault))
        return false;
    copy_name(copies, suffix, name);
    buffer_format(&part, "%s/%s.part", copies, name);
    snprintf(backup->path, sizeof backup->path, "%s/%s", copies, name);
    bool good = copy_make(from, part.at, fault) && measure(part.at, backup, fault) &&
                copy_seal(part.at, backup->path, backup->sha256, fault) &&
                drop_old(copies, keep, backup, fault);
    copy_discard(part.at);
    buffer_free(&part);
    return good;
}

bool record_backup(const char *folder, const char *to, int keep, struct backup *backup,
                   struct fault *fault) {
    *backup = (struct backup){0};
    if (!record_exists(folder))
        return record_missing(folder, fault);
    struct buffer path = {0};
    char *copies = to ? must_copy(view_of(to)) : copies_folder(folder);
    struct connection from = {0};
    int64_t version = 0;
    buffer_format(&path, "%s/record.db", folder);
    int lock = copies_lock(folder, fault);
    bool good = lock >= 0 && copy_open(path.at, SQLITE_OPEN_READWRITE, &from.database, fault) &&
                schema_check(&from, &version, fault) &&
                back_up(from.database, copies, "", keep, backup, fault);
    connection_close(&from);
    copies_unlock(lock);
    buffer_free(&path);
    free(copies);
    return good || fault_place(fault, folder, 0, -1);
}

/* ----------------------------------------------------------------------------- putting back */

/* Byte by byte, of what can no longer be opened. */
static bool copy_bytes(const char *from, const char *to, struct fault *fault) {
    struct file_map map;
    if (!file_exists(from))
        return true;
    if (!file_map(from, &map, fault))
        return false;
    bool good = file_write(to, (struct view){(const char *)map.at, map.n}, fault) &&
                (chmod(to, 0600) == 0 || fault_set(fault, FAULT_MACHINE, "%s", strerror(errno)));
    file_unmap(&map);
    return good;
}

/* The record as it is, before anything takes its place; a damaged one byte by byte. */
static bool keep_safe(const char *folder, const char *path, struct restored *restored,
                      struct fault *fault) {
    char *copies = copies_folder(folder), name[64];
    struct fault found = {0};
    struct backup backup = {0};
    sqlite3 *from = NULL;
    bool good = copy_open(path, SQLITE_OPEN_READWRITE, &from, &found) &&
                back_up(from, copies, "-before-restore", 0, &backup, &found);
    sqlite3_close(from);
    snprintf(restored->safe, sizeof restored->safe, "%s", backup.path);
    if (!good && found.kind == FAULT_INPUT) {
        static const char *const suffixes[] = {"", "-wal"};
        copy_name(copies, "-damaged", name);
        snprintf(restored->safe, sizeof restored->safe, "%s/%s", copies, name);
        good = folder_make(copies, fault);
        for (size_t i = 0; good && i < COUNT_OF(suffixes); i++) {
            struct buffer of = {0}, to = {0};
            buffer_format(&of, "%s%s", path, suffixes[i]);
            buffer_format(&to, "%s%s", restored->safe, suffixes[i]);
            good = copy_bytes(of.at, to.at, fault);
            buffer_free(&of);
            buffer_free(&to);
        }
    } else if (!good && fault && fault->kind == FAULT_NONE) {
        *fault = found;
    }
    free(copies);
    return good;
}

/* Those whom the present record has forgotten stay forgotten. */
static bool carry_erasures(const char *path, struct connection *to, bool *any,
                           struct fault *fault) {
    struct connection from = {0};
    sqlite3_stmt *row = NULL;
    enum step step = STEP_FAILED;
    bool good = true;
    *any = false;
    if (copy_open(path, SQLITE_OPEN_READWRITE, &from.database, NULL) &&
        sqlite3_prepare_v2(from.database, "SELECT learner, at_ms FROM erasure", -1, &row, NULL) ==
            SQLITE_OK)
        while (good && (step = statement_step(&from, row, NULL)) == STEP_ROW) {
            char mark[160];
            int64_t n_event = 0;
            snprintf(mark, sizeof mark,
                     "INSERT OR REPLACE INTO erasure(learner, at_ms, finished)"
                     " VALUES(%lld, %lld, 0)",
                     (long long)sqlite3_column_int64(row, 0),
                     (long long)sqlite3_column_int64(row, 1));
            good = (sqlite3_exec(to->database, mark, NULL, NULL, NULL) == SQLITE_OK ||
                    fault_of_database(fault, to->database, "keep who was forgotten")) &&
                   erase_rows(to->database, sqlite3_column_int64(row, 0), &n_event, fault);
            *any = true;
        }
    sqlite3_finalize(row);
    connection_close(&from);
    return good; /* a damaged record, or one of before there were erasures, has none to tell */
}

/* The copy beside the record, brought up to date, with its tables made again. */
static bool prepare(const char *path, const char *part, bool has_record, struct fault *fault) {
    struct connection to = {0};
    bool any = false;
    bool good = connection_open(&to, part, fault) && schema_prepare(&to, fault) &&
                (sqlite3_exec(to.database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK ||
                 fault_of_database(fault, to.database, "begin")) &&
                schema_derived_anew(&to, fault) &&
                (!has_record || carry_erasures(path, &to, &any, fault)) &&
                events_derive_all(&to, fault) &&
                (sqlite3_exec(to.database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ||
                 fault_of_database(fault, to.database, "make the tables again")) &&
                (sqlite3_exec(to.database, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) ==
                     SQLITE_OK ||
                 fault_of_database(fault, to.database, "write the record"));
    connection_close(&to);
    return good && file_sync(part, fault);
}

/* A log beside the file belongs to the record that goes: it must be gone before the new one is
 * there. It has been written into the record's file, or lies with the safe copy. */
static bool swap(const char *folder, const char *path, const char *part, struct fault *fault) {
    static const char *const suffixes[] = {"-wal", "-shm"};
    sqlite3 *old = NULL;
    if (file_exists(path) && copy_open(path, SQLITE_OPEN_READWRITE, &old, NULL))
        sqlite3_exec(old, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(old);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct buffer beside = {0};
        buffer_format(&beside, "%s%s", path, suffixes[i]);
        unlink(beside.at);
        buffer_free(&beside);
    }
    if (rename(part, path) != 0)
        return fault_set(fault, FAULT_MACHINE, "The copy cannot be put in its place: %s.",
                         strerror(errno));
    return file_sync(folder, fault);
}

static bool put_back(const char *file, const char *folder, const char *path,
                     struct restored *restored, struct fault *fault) {
    struct buffer part = {0};
    sqlite3 *from = NULL;
    buffer_format(&part, "%s.part", path);
    bool has_record = file_exists(path);
    bool good = copy_remove_parts(folder, fault) && copy_open_alone(file, &from, fault) &&
                copy_make(from, part.at, fault);
    sqlite3_close(from);
    good = good && prepare(path, part.at, has_record, fault) &&
           copy_check(part.at, false, &restored->n_event, fault) &&
           (!has_record || keep_safe(folder, path, restored, fault)) &&
           swap(folder, path, part.at, fault);
    if (!good)
        copy_discard(part.at);
    buffer_free(&part);
    return good;
}

bool record_restore(const char *file, const char *folder, struct restored *restored,
                    struct fault *fault) {
    struct buffer path = {0};
    *restored = (struct restored){0};
    buffer_format(&path, "%s/record.db", folder);
    if (!copy_check(file, true, NULL, fault) || !folder_make(folder, fault)) {
        buffer_free(&path);
        return false;
    }
    int held = folder_lock(folder, fault);
    int lock = held >= 0 ? copies_lock(folder, fault) : -1;
    bool good = lock >= 0 && put_back(file, folder, path.at, restored, fault);
    copies_unlock(lock);
    folder_unlock(held);
    buffer_free(&path);
    if (good) /* whom the old record had forgotten is wiped out of this one too */
        record_close(record_open(folder, fault));
    return good;
}
