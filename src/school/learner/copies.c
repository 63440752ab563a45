/* Copies of the record: files of SQLite that stand alone, each beside the hash of its bytes. */
#include "school/learner/care.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool file_sync(const char *path, struct fault *fault) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;
    if (!good)
        fault_set(fault, FAULT_MACHINE, "A copy cannot be brought to the disk: %s.",
                  strerror(errno));
    if (file >= 0)
        close(file);
    return good || fault_place(fault, path, 0, -1);
}

char *copies_folder(const char *folder) {
    struct buffer path = {0};
    buffer_format(&path, "%s/backups", folder);
    return path.at;
}

/* ------------------------------------------------------------------------------------ the lock */

int copies_lock(const char *folder, struct fault *fault) {
    struct buffer path = {0};
    buffer_format(&path, "%s/backup-lock", folder);
    int lock = open(path.at, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        fault_set(fault, FAULT_MACHINE, "The data folder may not be written: %s.",
                  strerror(errno));
        fault_remedy(fault, "Give this user the right to write to it.");
    } else if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        fault_set(fault, FAULT_MACHINE, "Another process is copying the record just now.");
        fault_remedy(fault, "Wait until it is done, then say the same again.");
        close(lock);
        lock = -1;
    }
    if (lock < 0)
        fault_place(fault, folder, 0, -1);
    buffer_free(&path);
    return lock;
}

void copies_unlock(int lock) {
    if (lock >= 0)
        close(lock);
}

/* --------------------------------------------------------------------------------- their names */

static int by_name(const void *a, const void *b) {
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

json_t *copies_in(const char *copies) {
    json_t *sorted = json_array();
    DIR *listing = opendir(copies);
    size_t n = 0, capacity = 16;
    json_t **names = must_alloc(capacity, sizeof(json_t *));
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        struct view name = view_of(entry->d_name);
        if (!view_starts(name, "record-") || !view_ends(name, ".db"))
            continue;
        if (n == capacity)
            names = must_realloc(names, capacity *= 2, sizeof(json_t *));
        json_t *text = json_string(entry->d_name);
        if (text)
            names[n++] = text;
    }
    if (n)
        qsort(names, n, sizeof(json_t *), by_name);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(sorted, names[i]);
    free(names);
    if (listing)
        closedir(listing);
    return sorted;
}

enum { STAMP = 16 }; /* 20261128T235042Z */

static void stamp_of(time_t at, char stamp[STAMP + 1]) {
    struct tm when = {0};
    gmtime_r(&at, &when);
    if (!strftime(stamp, STAMP + 1, "%Y%m%dT%H%M%SZ", &when))
        memcpy(stamp, "00000000T000000Z", STAMP + 1);
}

/* Copies are kept and dropped by the order of their names: a clock that was put back must not
 * make the newest look like the oldest. */
void copy_name(const char *copies, const char *suffix, char name[64]) {
    json_t *all = copies_in(copies);
    char now[STAMP + 1];
    stamp_of((time_t)(clock_unix_ms() / 1000), now);
    size_t n = json_array_size(all);
    const char *newest = n ? json_string_value(json_array_get(all, n - 1)) : "";
    struct tm when = {0};
    const char *stamp = newest + (strlen(newest) > 7 ? 7 : strlen(newest));
    if (strlen(stamp) >= STAMP && strncmp(now, stamp, STAMP) <= 0 &&
        strptime(stamp, "%Y%m%dT%H%M%SZ", &when))
        stamp_of(timegm(&when) + 1, now);
    snprintf(name, 64, "record-%s%s.db", now, suffix);
    json_decref(all);
}

/* ------------------------------------------------------------------------------- making one */

bool copy_open(const char *path, int flags, sqlite3 **database, struct fault *fault) {
    bool good = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
                sqlite3_busy_timeout(*database, 5000) == SQLITE_OK &&
                sqlite3_exec(*database, "PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;",
                             NULL, NULL, NULL) == SQLITE_OK;
    return good || fault_of_database(fault, *database, "open");
}

/* What the first row of a PRAGMA or a query says; a fault that is not damage must not look so. */
static bool ask(sqlite3 *database, const char *sql, char found[200], struct fault *fault) {
    sqlite3_stmt *row = NULL;
    bool good = sqlite3_prepare_v2(database, sql, -1, &row, NULL) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    if (good)
        snprintf(found, 200, "%s", (const char *)sqlite3_column_text(row, 0));
    else
        fault_of_database(fault, database, "look through a copy");
    sqlite3_finalize(row);
    return good;
}

static bool is_whole(sqlite3 *database, struct fault *fault) {
    char found[200];
    return ask(database, "PRAGMA integrity_check(1)", found, fault) &&
           (!strcmp(found, "ok") ||
            fault_set(fault, FAULT_INPUT, "This copy is damaged: %s", found));
}

static bool copy_pages(sqlite3 *from, sqlite3 *to, struct fault *fault) {
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return fault_of_database(fault, to, "begin a copy");
    /* In one step: one reader's view of the record, which no writer waits for. */
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup) == SQLITE_OK ||
           fault_of_database(fault, to, "copy the record");
}

void copy_discard(const char *part) {
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct buffer path = {0};
        buffer_format(&path, "%s%s", part, suffixes[i]);
        unlink(path.at);
        buffer_free(&path);
    }
}

bool copy_make(sqlite3 *from, const char *to, struct fault *fault) {
    char found[200];
    sqlite3 *copy = NULL;
    copy_discard(to);
    int file = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        fault_set(fault, FAULT_MACHINE, "A copy cannot be written: %s.", strerror(errno));
        return fault_place(fault, to, 0, -1);
    }
    close(file);
    /* Nothing of it counts before it is sealed. */
    bool good = copy_open(to, SQLITE_OPEN_READWRITE, &copy, fault) &&
                copy_pages(from, copy, fault) &&
                ask(copy, "PRAGMA journal_mode = DELETE", found, fault) &&
                (!strcmp(found, "delete") ||
                 fault_set(fault, FAULT_MACHINE, "A copy cannot be made to stand alone.")) &&
                is_whole(copy, fault);
    if (sqlite3_close(copy) != SQLITE_OK)
        good = good && fault_set(fault, FAULT_MACHINE, "A copy cannot be closed.");
    good = good && file_sync(to, fault);
    if (!good)
        copy_discard(to);
    return good || fault_place(fault, to, 0, -1);
}

static bool hash_file(const char *path, char sha256[65], struct fault *fault) {
    struct file_map map;
    if (!file_map(path, &map, fault))
        return false;
    sha256_hex((struct view){(const char *)map.at, map.n}, sha256);
    file_unmap(&map);
    return true;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool copy_seal(const char *part, const char *path, char sha256[65], struct fault *fault) {
    struct buffer side = {0}, line = {0};
    buffer_format(&side, "%s.sha256", path);
    bool good = hash_file(part, sha256, fault);
    buffer_format(&line, "%s  %s\n", sha256, base_name(path));
    good = good && file_write(side.at, buffer_view(&line), fault);
    if (good && rename(part, path) != 0)
        good = fault_set(fault, FAULT_MACHINE, "A copy cannot be put in its place: %s.",
                         strerror(errno));
    char *folder = must_copy(view_slice(view_of(path), 0, (size_t)(base_name(path) - path)));
    good = good && file_sync(*folder ? folder : ".", fault);
    free(folder);
    buffer_free(&side);
    buffer_free(&line);
    return good || fault_place(fault, path, 0, -1);
}

/* -------------------------------------------------------------------------------- looking at one
 */

/* Where the hash lies beside the file, the file must have it. */
static bool hash_agrees(const char *path, struct fault *fault) {
    struct buffer side = {0}, line = {0};
    char sha256[65];
    buffer_format(&side, "%s.sha256", path);
    bool good = true;
    if (file_exists(side.at)) {
        good = file_read(side.at, 1000, &line, fault) && hash_file(path, sha256, fault);
        if (good && !view_starts(buffer_view(&line), sha256)) {
            good = fault_set(fault, FAULT_INPUT,
                             "This copy is damaged: its bytes are not those "
                             "that were written.");
            fault_remedy(fault, "Take another copy; nothing was changed.");
        }
    }
    buffer_free(&side);
    buffer_free(&line);
    return good;
}

bool copy_open_alone(const char *path, sqlite3 **database, struct fault *fault) {
    struct buffer address = {0}, log = {0};
    struct stat status;
    buffer_format(&log, "%s-wal", path);
    bool good = stat(log.at, &status) != 0 || status.st_size == 0;
    if (!good) {
        fault_set(fault, FAULT_INPUT,
                  "This file has a log beside it: it is a record in use, and "
                  "no copy.");
        fault_remedy(fault, "Copy it by `lyceum backup --data FOLDER`, then take that copy.");
    }
    buffer_text(&address, *path == '/' ? "file://" : "file:");
    for (const char *c = path; *c; c++)
        if (strchr("%?#", *c))
            buffer_format(&address, "%%%02X", (unsigned)*c);
        else
            buffer_byte(&address, *c);
    buffer_text(&address, "?immutable=1");
    good = good && copy_open(address.at, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, database, fault);
    buffer_free(&address);
    buffer_free(&log);
    return good;
}

bool copy_check(const char *path, bool with_hash, int64_t *n_event, struct fault *fault) {
    struct connection connection = {0};
    char count[200] = "0";
    int64_t version = 0;
    if (!file_exists(path)) {
        fault_set(fault, FAULT_MISSING, "There is no such file.");
        fault_remedy(fault, "Name a file that `lyceum backup` made.");
        return fault_place(fault, path, 0, -1);
    }
    bool good = (!with_hash || hash_agrees(path, fault)) &&
                copy_open_alone(path, &connection.database, fault) &&
                schema_check(&connection, &version, fault) &&
                (version > 0 || fault_set(fault, FAULT_INPUT, "This is no record of Lyceum.")) &&
                is_whole(connection.database, fault) &&
                ask(connection.database, "SELECT count(*) FROM event", count, fault);
    if (good && n_event)
        *n_event = strtoll(count, NULL, 10);
    if (!good)
        fault_remedy(fault, "Take another copy; nothing was changed.");
    connection_close(&connection);
    return good || fault_place(fault, path, 0, -1);
}

/* ----------------------------------------------------------------------------- cleaning them */

bool copy_remove_parts(const char *copies, struct fault *fault) {
    DIR *listing = opendir(copies);
    bool good = true;
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (strstr(entry->d_name, ".part") && unlinkat(dirfd(listing), entry->d_name, 0) != 0)
            good = fault_set(fault, FAULT_MACHINE, "What is left of a copy cannot be removed: %s.",
                             strerror(errno));
    if (listing)
        closedir(listing);
    return good;
}

static bool erase_in(const char *part, const int64_t *learners, size_t n, struct fault *fault) {
    sqlite3 *copy = NULL;
    int64_t n_event;
    /* Thrown away when it fails, so that no journal need be written. */
    bool good = copy_open(part, SQLITE_OPEN_READWRITE, &copy, fault) &&
                sqlite3_exec(copy, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN",
                             NULL, NULL, NULL) == SQLITE_OK;
    for (size_t i = 0; good && i < n; i++)
        good = erase_rows(copy, learners[i], &n_event, fault);
    good = good && sqlite3_exec(copy, "COMMIT; VACUUM", NULL, NULL, NULL) == SQLITE_OK;
    if (!good)
        fault_of_database(fault, copy, "forget a learner in a copy");
    sqlite3_close(copy);
    return good && file_sync(part, fault);
}

/* A log that lies beside it: what counts of it is in the copy by then. */
static void remove_log(const char *path) {
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct buffer beside = {0};
        buffer_format(&beside, "%s%s", path, suffixes[i]);
        unlink(beside.at);
        buffer_free(&beside);
    }
}

bool copy_remove(const char *path, struct fault *fault) {
    struct buffer side = {0};
    buffer_format(&side, "%s.sha256", path);
    unlink(side.at);
    buffer_free(&side);
    remove_log(path);
    return unlink(path) == 0 || errno == ENOENT ||
           fault_set(fault, FAULT_MACHINE, "A copy cannot be removed: %s.", strerror(errno));
}

/* Made anew beside the old one and put in its place. */
static bool erase_copy(const char *path, const int64_t *learners, size_t n,
                       struct forgotten *forgotten, struct fault *fault) {
    struct buffer part = {0};
    struct fault found = {0};
    sqlite3 *from = NULL;
    char sha256[65];
    buffer_format(&part, "%s.part", path);
    bool good =
        copy_open(path, SQLITE_OPEN_READWRITE, &from, &found) && copy_make(from, part.at, &found);
    sqlite3_close(from);
    if (good)
        remove_log(path);
    good =
        good && erase_in(part.at, learners, n, &found) && copy_seal(part.at, path, sha256, &found);
    copy_discard(part.at);
    buffer_free(&part);
    forgotten->n_copy += good;
    if (good)
        return true;
    if (found.kind == FAULT_INPUT) { /* damaged: of no use, and who knows what it holds */
        forgotten->n_removed++;
        return copy_remove(path, fault);
    }
    if (fault && fault->kind == FAULT_NONE)
        *fault = found;
    return false;
}

bool copies_erase(const char *folder, const int64_t *learners, size_t n,
                  struct forgotten *forgotten, struct fault *fault) {
    char *copies = copies_folder(folder);
    json_t *names = copies_in(copies), *name;
    bool good = copy_remove_parts(copies, fault) && copy_remove_parts(folder, fault);
    size_t i;
    json_array_foreach(names, i, name) {
        struct buffer path = {0};
        buffer_format(&path, "%s/%s", copies, json_string_value(name));
        good = good && erase_copy(path.at, learners, n, forgotten, fault);
        buffer_free(&path);
    }
    json_decref(names);
    free(copies);
    return good;
}
