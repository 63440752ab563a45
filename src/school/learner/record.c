/* Opening and closing the record, and the one way by which events get into it. */
#include "school/learner/care.h"
#include "school/learner/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DATA_LIMIT = 256 << 10, /* bytes of one event */
    DEPTH_LIMIT = 100,
    READER_CACHE_KB = 16 << 10 /* what a page of a large class reads; taken as it is used */
};

static char *record_path(const char *folder) {
    struct buffer path = {0};
    buffer_format(&path, "%s/record.db", folder);
    return path.at;
}

bool record_exists(const char *folder) {
    char *path = record_path(folder);
    bool exists = file_exists(path);
    free(path);
    return exists;
}

/* A new folder and a new file must themselves outlive a loss of power. */
static void sync_folder(const char *folder) {
    static const char *const places[] = {"", "/.."};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct buffer path = {0};
        buffer_format(&path, "%s%s", folder, places[i]);
        int file = open(path.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (file >= 0) {
            fsync(file);
            close(file);
        }
        buffer_free(&path);
    }
}

/* What learners did is nobody else's: SQLite gives its other files the rights of this one. */
static bool make_private(const char *path, struct fault *fault) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        fault_set(fault, FAULT_MACHINE, "The record cannot be opened: %s.", strerror(errno));
        return fault_remedy(fault, "Give this user the right to read and write it.");
    }
    close(file);
    return true;
}

static struct record *record_new(const char *folder) {
    struct record *record = must_alloc(1, sizeof *record);
    record->path = record_path(folder);
    record->lock = -1;
    record->last = &record->first;
    pthread_mutex_init(&record->reading, NULL);
    pthread_cond_init(&record->read, NULL);
    pthread_mutex_init(&record->queueing, NULL);
    return record;
}

static bool open_readers(struct record *record, int n, struct fault *fault) {
    bool good = true;
    while (good && record->n_reader < n) {
        struct connection *connection = &record->readers[record->n_reader++].connection;
        good = connection_open(connection, record->path, fault) &&
               connection_read_only(connection, READER_CACHE_KB, fault);
    }
    return good;
}

struct record *record_open(const char *folder, struct fault *fault) {
    struct fault found = {0};
    struct record *record = record_new(folder);
    bool fresh = !file_exists(record->path);
    bool good = folder_make(folder, &found) && (record->lock = folder_lock(folder, &found)) >= 0 &&
                make_private(record->path, &found) &&
                connection_open(&record->writer, record->path, &found) &&
                schema_prepare(&record->writer, &found) && open_readers(record, READERS, &found);
    if (good && fresh)
        sync_folder(folder);
    if (good) { /* what cannot be wiped now stays marked, and is tried again */
        erasures_finish(&record->writer, folder, &(struct forgotten){0}, NULL);
        return record;
    }
    fault_place(&found, record->path, 0, -1);
    if (fault && fault->kind == FAULT_NONE)
        *fault = found;
    record_close(record);
    return NULL;
}

void record_close(struct record *record) {
    if (!record)
        return;
    for (int i = 0; i < record->n_reader; i++)
        connection_close(&record->readers[i].connection);
    connection_close(&record->writer);
    folder_unlock(record->lock);
    pthread_mutex_destroy(&record->queueing);
    pthread_cond_destroy(&record->read);
    pthread_mutex_destroy(&record->reading);
    free(record->path);
    free(record);
}

static bool derive_anew(struct connection *connection, struct fault *fault) {
    bool good =
        statement_run(connection, statement_with(connection, STATEMENT_BEGIN, fault, ""), fault) &&
        schema_derived_anew(connection, fault) && events_derive_all(connection, fault) &&
        statement_run(connection, statement_with(connection, STATEMENT_COMMIT, fault, ""), fault);
    if (!good && !sqlite3_get_autocommit(connection->database))
        sqlite3_exec(connection->database, "ROLLBACK", NULL, NULL, NULL);
    return good;
}

bool record_missing(const char *folder, struct fault *fault) {
    fault_set(fault, FAULT_MISSING, "There is no record in this folder.");
    fault_remedy(fault, "Name the folder that `lyceum serve` was given with --data.");
    return fault_place(fault, folder, 0, -1);
}

struct record *record_open_existing(const char *folder, struct fault *fault) {
    if (record_exists(folder))
        return record_open(folder, fault);
    record_missing(folder, fault);
    return NULL;
}

/* Opened by this program's own tables, or not at all: whoever holds the folder brings it up to
 * date. */
static bool is_current(struct connection *connection, struct fault *fault) {
    int64_t version = 0;
    if (!schema_check(connection, &version, fault))
        return false;
    if (schema_is_current(version))
        return true;
    fault_set(fault, FAULT_INPUT, "The record is of an older Lyceum, which holds it.");
    return fault_remedy(fault, "Close that program first.");
}

struct record *record_open_reader(const char *folder, struct fault *fault) {
    struct fault found = {0};
    int lock = record_exists(folder) ? folder_lock(folder, &found) : -1;
    folder_unlock(lock);
    if (lock >= 0 || !record_exists(folder))
        return record_open_existing(folder, fault);
    fault_clear(&found);
    struct record *record = record_new(folder);
    struct connection *reader = &record->readers[0].connection;
    if (open_readers(record, 1, &found) && is_current(reader, &found))
        return record;
    fault_place(&found, record->path, 0, -1);
    if (fault && fault->kind == FAULT_NONE)
        *fault = found;
    record_close(record);
    return NULL;
}

bool record_rebuild(const char *folder, struct fault *fault) {
    return record_rebuild_within(folder, 0, fault);
}

bool record_rebuild_within(const char *folder, size_t bytes, struct fault *fault) {
    struct record *record = record_open_existing(folder, fault);
    if (record)
        record->writer.rows_limit = bytes;
    bool good = record && (record->writer.made_anew || derive_anew(&record->writer, fault));
    if (record && !good)
        fault_place(fault, record->path, 0, -1);
    record_close(record);
    return good;
}

/* ------------------------------------------------------------------------------ one write */

static bool simple(struct connection *connection, enum statement which, struct fault *fault) {
    return statement_run(connection, statement_with(connection, which, fault, ""), fault);
}

static bool known_learner(struct connection *connection, int64_t learner, struct fault *fault) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_FIND, fault, "i", learner);
    enum step step = statement_step(connection, row, fault);
    if (step == STEP_ROW)
        sqlite3_reset(row);
    if (step == STEP_END)
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
    return step == STEP_ROW;
}

static bool next_learner(struct connection *connection, int64_t *learner, struct fault *fault) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_NEXT, fault, "");
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    *learner = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return true;
}

/* Whether an event may be added: of one with an id of its sender's (data's "once") the first
 * alone. Asked within the transaction, so that of two at once one fails. */
static bool is_first(struct connection *connection, const struct event *event,
                     struct fault *fault) {
    const char *once = json_text(event->data, "once", NULL);
    if (!once)
        return true;
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EVENT_ONCE, fault, "iss",
                                       event->learner, event->kind, once);
    enum step step = statement_step(connection, row, fault);
    if (step == STEP_ROW) {
        sqlite3_reset(row);
        fault_set(fault, FAULT_KNOWN, "This was recorded before.");
    }
    return step == STEP_END;
}

static bool apply(struct connection *connection, struct event *event, struct fault *fault) {
    bool new_learner = !strcmp(event->kind, "learner");
    if (!(new_learner ? next_learner(connection, &event->learner, fault)
                      : known_learner(connection, event->learner, fault)) ||
        !is_first(connection, event, fault))
        return false;
    if (!statement_run(connection,
                       statement_with(connection, STATEMENT_EVENT_ADD, fault, "iisv",
                                      event->learner, event->at_ms, event->kind, event->text),
                       fault))
        return false;
    event->id = sqlite3_last_insert_rowid(connection->database);
    return event_derive(connection, event, fault);
}

/* --------------------------------------------------------------------- commits by the group */

/* One write within the group's transaction. A learner who does not exist, and what was recorded
 * before, fails alone; anything else (the disk is full, the file is damaged) fails the group. */
static bool apply_one(struct connection *connection, struct write *write, struct fault *cause) {
    write->good = simple(connection, STATEMENT_SAVE, write->fault);
    for (size_t i = 0; write->good && i < write->n_event; i++) {
        struct event *event = &write->events[i];
        if (event->learner < 0 && (size_t)-event->learner <= i)
            event->learner = write->events[-event->learner - 1].learner;
        write->good = apply(connection, event, write->fault);
    }
    write->good = write->good && rows_write(connection, write->fault) &&
                  simple(connection, STATEMENT_RELEASE, write->fault);
    rows_clear(connection);
    if (write->good)
        return true;
    if (write->fault->kind != FAULT_MISSING && write->fault->kind != FAULT_KNOWN) {
        *cause = *write->fault;
        return false;
    }
    return simple(connection, STATEMENT_UNDO, cause) &&
           simple(connection, STATEMENT_RELEASE, cause);
}

/* What made the transaction fail is the fault of every write in it. */
static void fail_all(struct write *writes, const struct fault *cause) {
    for (; writes; writes = writes->next) {
        writes->good = false;
        if (writes->fault->kind == FAULT_NONE)
            *writes->fault = *cause;
    }
}

static bool commit_group(struct connection *connection, struct write *writes) {
    struct fault cause = {0};
    bool good = simple(connection, STATEMENT_BEGIN, &cause);
    for (struct write *write = writes; good && write; write = write->next)
        good = apply_one(connection, write, &cause);
    good = good && simple(connection, STATEMENT_COMMIT, &cause);
    if (!sqlite3_get_autocommit(connection->database))
        simple(connection, STATEMENT_ROLLBACK, &(struct fault){0});
    if (!good)
        fail_all(writes, &cause);
    return good;
}

bool record_is_failing(struct record *record, double seconds) {
    double failed = atomic_load(&record->failed_at);
    return failed > 0 && clock_seconds() - failed < seconds;
}

/* Writes that arrive while a group is being synced wait and become the next group: whoever finds
 * nobody leading commits for all. Each is woken by itself, since hundreds may wait. */
static void commit(struct record *record, struct write *write) {
    pthread_cond_init(&write->changed, NULL);
    pthread_mutex_lock(&record->queueing);
    *record->last = write;
    record->last = &write->next;
    while (!write->finished) {
        if (record->leading) {
            pthread_cond_wait(&write->changed, &record->queueing);
            continue;
        }
        struct write *group = record->first;
        record->first = NULL;
        record->last = &record->first;
        record->leading = true;
        pthread_mutex_unlock(&record->queueing);
        atomic_store(&record->failed_at,
                     commit_group(&record->writer, group) ? 0 : clock_seconds());
        pthread_mutex_lock(&record->queueing);
        /* A finished write is its thread's again, so its next is read before. */
        for (struct write *next; group; group = next) {
            next = group->next;
            group->finished = true;
            pthread_cond_signal(&group->changed);
        }
        record->leading = false;
        if (record->first)
            pthread_cond_signal(&record->first->changed);
    }
    pthread_mutex_unlock(&record->queueing);
    pthread_cond_destroy(&write->changed);
}

/* SQLite's reader of JSON is less patient than ours. */
static bool deeper_than(const json_t *value, int levels) {
    const char *key;
    size_t i;
    json_t *item;
    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (levels == 0)
        return true;
    json_array_foreach(value, i, item) if (deeper_than(item, levels - 1)) return true;
    json_object_foreach((json_t *)(uintptr_t)value, key,
                        item) if (deeper_than(item, levels - 1)) return true;
    return false;
}

/* What the event says, as the file will hold it: derived from that, so that deriving again cannot
 * differ. */
static bool pack(struct event *event, json_t *data, int64_t at_ms, struct fault *fault) {
    struct buffer text = {0};
    buffer_json(&text, data);
    json_decref(data);
    event->at_ms = at_ms;
    event->text = buffer_view(&text);
    json_t *stored = NULL;
    if (text.n > DATA_LIMIT)
        fault_set(fault, FAULT_LIMIT, "This is too long to be kept: %zu bytes.", text.n);
    else if ((stored = json_parse(event->text, fault)) && deeper_than(stored, DEPTH_LIMIT))
        fault_set(fault, FAULT_LIMIT, "This is nested too deeply to be kept.");
    event->data = stored;
    return fault->kind == FAULT_NONE;
}

bool record_write_all(struct record *record, struct event *events, json_t **data, size_t n,
                      struct fault *fault) {
    struct fault found = {0};
    struct write write = {.events = events, .n_event = n, .fault = &found};
    int64_t now = clock_unix_ms();
    bool good = true;
    for (size_t i = 0; i < n; i++) /* all of them: their data are ours */
        good = pack(&events[i], data[i], now, &found) && good;
    if (good && !record->writer.database)
        good = fault_set(&found, FAULT_MACHINE, "The record was opened for reading alone.");
    if (good)
        commit(record, &write);
    for (size_t i = 0; i < n; i++) {
        json_decref((json_t *)(uintptr_t)events[i].data);
        free((void *)(uintptr_t)events[i].text.at);
        events[i].data = NULL;
        events[i].text = (struct view){0};
    }
    if (!write.good && fault && fault->kind == FAULT_NONE)
        *fault = found;
    return write.good;
}
