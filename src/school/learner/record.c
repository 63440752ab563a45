/* Opening and closing the record, and the one way by which events get into it. */
#include "school/learner/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DATA_LIMIT = 256 << 10, /* bytes of one event */
    DEPTH_LIMIT = 100
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
    pthread_mutex_init(&record->queueing, NULL);
    pthread_cond_init(&record->committed, NULL);
    return record;
}

struct record *record_open(const char *folder, struct fault *fault) {
    struct fault found = {0};
    struct record *record = record_new(folder);
    bool fresh = !file_exists(record->path);
    bool good = folder_make(folder, &found) && (record->lock = folder_lock(folder, &found)) >= 0 &&
                make_private(record->path, &found) &&
                connection_open(&record->writer, record->path, &found) &&
                schema_prepare(&record->writer, &found) &&
                connection_open(&record->reader, record->path, &found);
    if (good && fresh)
        sync_folder(folder);
    if (good)
        return record;
    fault_place(&found, record->path, 0, -1);
    if (fault && fault->kind == FAULT_NONE)
        *fault = found;
    record_close(record);
    return NULL;
}

void record_close(struct record *record) {
    if (!record)
        return;
    connection_close(&record->reader);
    connection_close(&record->writer);
    folder_unlock(record->lock);
    pthread_cond_destroy(&record->committed);
    pthread_mutex_destroy(&record->queueing);
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

bool record_rebuild(const char *folder, struct fault *fault) {
    if (!record_exists(folder)) {
        fault_set(fault, FAULT_MISSING, "There is no record in this folder.");
        fault_remedy(fault, "Name the folder that `lyceum serve` was given with --data.");
        return fault_place(fault, folder, 0, -1);
    }
    struct record *record = record_open(folder, fault);
    bool good = record && derive_anew(&record->writer, fault);
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

static bool apply(struct connection *connection, struct event *event, struct fault *fault) {
    bool new_learner = !strcmp(event->kind, "learner");
    if (!(new_learner ? next_learner(connection, &event->learner, fault)
                      : known_learner(connection, event->learner, fault)))
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

/* One write within the group's transaction. A learner who does not exist fails alone; anything
 * else (the disk is full, the file is damaged) fails the group. */
static bool apply_one(struct connection *connection, struct write *write, struct fault *cause) {
    write->good = simple(connection, STATEMENT_SAVE, write->fault) &&
                  apply(connection, &write->event, write->fault) &&
                  simple(connection, STATEMENT_RELEASE, write->fault);
    if (write->good)
        return true;
    if (write->fault->kind != FAULT_MISSING) {
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

static void commit_group(struct connection *connection, struct write *writes) {
    struct fault cause = {0};
    bool good = simple(connection, STATEMENT_BEGIN, &cause);
    for (struct write *write = writes; good && write; write = write->next)
        good = apply_one(connection, write, &cause);
    good = good && simple(connection, STATEMENT_COMMIT, &cause);
    if (!sqlite3_get_autocommit(connection->database))
        simple(connection, STATEMENT_ROLLBACK, &(struct fault){0});
    if (!good)
        fail_all(writes, &cause);
}

/* Writes that arrive while a group is being synced wait and become the next group: whoever finds
 * nobody leading commits for all. */
static void commit(struct record *record, struct write *write) {
    pthread_mutex_lock(&record->queueing);
    *record->last = write;
    record->last = &write->next;
    while (!write->finished) {
        if (record->leading) {
            pthread_cond_wait(&record->committed, &record->queueing);
            continue;
        }
        struct write *group = record->first;
        record->first = NULL;
        record->last = &record->first;
        record->leading = true;
        pthread_mutex_unlock(&record->queueing);
        commit_group(&record->writer, group);
        pthread_mutex_lock(&record->queueing);
        /* A finished write is its thread's again, so its next is read before. */
        for (struct write *next; group; group = next) {
            next = group->next;
            group->finished = true;
        }
        record->leading = false;
        pthread_cond_broadcast(&record->committed);
    }
    pthread_mutex_unlock(&record->queueing);
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

bool record_write(struct record *record, struct event *event, json_t *data, struct fault *fault) {
    struct fault found = {0};
    struct buffer text = {0};
    struct write write = {.event = *event, .fault = &found};
    buffer_json(&text, data);
    json_decref(data);
    write.event.at_ms = clock_unix_ms();
    write.event.text = buffer_view(&text);
    /* Derived from what the file will hold, so that deriving again cannot differ. */
    json_t *stored = NULL;
    if (text.n > DATA_LIMIT)
        fault_set(&found, FAULT_LIMIT, "This is too long to be kept: %zu bytes.", text.n);
    else if ((stored = json_parse(write.event.text, &found)) && deeper_than(stored, DEPTH_LIMIT))
        fault_set(&found, FAULT_LIMIT, "This is nested too deeply to be kept.");
    write.event.data = stored;
    if (found.kind == FAULT_NONE)
        commit(record, &write);
    json_decref(stored);
    buffer_free(&text);
    if (write.good) {
        event->id = write.event.id;
        event->learner = write.event.learner;
    } else if (fault && fault->kind == FAULT_NONE) {
        *fault = found;
    }
    return write.good;
}
