/* What the rest of school reads: all of it derived, except the events themselves. */
#include "school/learner/care.h"
#include "school/learner/rows.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* This thread's, or one that is free; NULL: others have them all. Under the lock. */
static struct reader *find_reader(struct record *record) {
    struct reader *found = NULL;
    for (int i = record->n_reader; i-- > 0;) { /* at last the first, which has read most */
        struct reader *reader = &record->readers[i];
        if (!reader->depth)
            found = reader;
        else if (pthread_equal(reader->thread, pthread_self()))
            return reader;
    }
    return found;
}

struct connection *reading_begin(struct record *record) {
    struct reader *reader;
    pthread_mutex_lock(&record->reading);
    while (!(reader = find_reader(record)))
        pthread_cond_wait(&record->read, &record->reading);
    reader->thread = pthread_self();
    reader->depth++;
    pthread_mutex_unlock(&record->reading);
    return &reader->connection;
}

void reading_end(struct record *record, sqlite3_stmt *row) {
    if (row)
        sqlite3_reset(row);
    pthread_mutex_lock(&record->reading);
    struct reader *reader = find_reader(record);
    MUST(reader && reader->depth);
    if (!--reader->depth)
        pthread_cond_signal(&record->read);
    pthread_mutex_unlock(&record->reading);
}

void record_hold(struct record *record) {
    struct connection *connection = reading_begin(record);
    if (!connection->held++)
        sqlite3_exec(connection->database, "BEGIN", NULL, NULL, NULL);
}

void record_release(struct record *record) {
    struct connection *connection = reading_begin(record); /* the one that is held */
    if (!--connection->held)
        sqlite3_exec(connection->database, "COMMIT", NULL, NULL, NULL);
    reading_end(record, NULL);
    reading_end(record, NULL);
}

struct connection *reading_rows_begin(struct record *record) {
    record_hold(record);
    return reading_begin(record);
}

void reading_rows_end(struct record *record, struct connection *connection) {
    rows_clear(connection);
    reading_end(record, NULL);
    record_release(record);
}

static json_t *stored_json(sqlite3_stmt *row, int column) {
    return json_parse(column_view(row, column), NULL);
}

/* ---------------------------------------------------------------------------------- learners */

int64_t record_learner_of(struct record *record, struct view token) {
    char hash[65];
    int64_t learner = 0;
    if (token.n != 64)
        return 0;
    for (size_t i = 0; i < token.n; i++)
        if (!isxdigit((unsigned char)token.at[i]))
            return 0;
    sha256_hex(token, hash);
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_LEARNER_OF, NULL, "si", hash, clock_unix_ms());
    if (statement_step(connection, row, NULL) == STEP_ROW)
        learner = sqlite3_column_int64(row, 0);
    reading_end(record, row);
    return learner;
}

bool record_learner_exists(struct record *record, int64_t learner) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_FIND, NULL, "i", learner);
    bool exists = statement_step(connection, row, NULL) == STEP_ROW;
    reading_end(record, row);
    return exists;
}

json_t *record_name(struct record *record, int64_t learner) {
    json_t *name = NULL;
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_FIND, NULL, "i", learner);
    if (statement_step(connection, row, NULL) == STEP_ROW &&
        sqlite3_column_type(row, 0) != SQLITE_NULL) {
        struct view text = column_view(row, 0);
        name = json_stringn(text.at, text.n);
    }
    reading_end(record, row);
    return name ? name : json_null();
}

/* ------------------------------------------------------------------------------------ states */

bool record_exercise(struct record *record, int64_t learner, const char *exercise,
                     struct exercise_state *state) {
    struct connection *connection = reading_rows_begin(record);
    bool found = exercise_get(connection, learner, exercise, state, NULL) == STEP_ROW;
    reading_rows_end(record, connection);
    return found;
}

/* ------------------------------------------------------------------------------------ events */

static json_t *event_object(sqlite3_stmt *row) {
    const char *kind = (const char *)sqlite3_column_text(row, 2);
    json_t *data = stored_json(row, 3);
    static const char *const secrets[] = {"token_hash", "password_hash", "code", "struck"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        json_object_del(data, secrets[i]);
    return json_pack("{s:I,s:I,s:s,s:o?}", "id", (json_int_t)sqlite3_column_int64(row, 0), "at",
                     (json_int_t)sqlite3_column_int64(row, 1), "kind", kind, "data", data);
}

static json_t *talk_object(sqlite3_stmt *row) {
    return json_pack("{s:s,s:o?}", "kind", (const char *)sqlite3_column_text(row, 0), "data",
                     stored_json(row, 1));
}

static json_t *recent_object(sqlite3_stmt *row) {
    json_t *data = stored_json(row, 1);
    json_t *object = json_pack("{s:I}", "at", (json_int_t)sqlite3_column_int64(row, 0));
    static const char *const told[] = {"course", "lesson", "exercise", "skill", "score"};
    for (size_t i = 0; i < COUNT_OF(told); i++)
        json_object_set(object, told[i], json_object_get(data, told[i]));
    json_decref(data);
    return object;
}

/* Rows come newest first; the list is in that order, or turned. */
static json_t *list_rows(struct connection *connection, sqlite3_stmt *rows,
                         json_t *(*object)(sqlite3_stmt *), bool oldest_first,
                         struct fault *fault) {
    json_t *list = json_array();
    enum step step;
    while ((step = statement_step(connection, rows, fault)) == STEP_ROW)
        json_array_append_new(list, object(rows));
    if (step == STEP_FAILED) {
        json_decref(list);
        return NULL;
    }
    if (!oldest_first)
        return list;
    json_t *turned = json_array();
    for (size_t i = json_array_size(list); i-- > 0;)
        json_array_append(turned, json_array_get(list, i));
    json_decref(list);
    return turned;
}

json_t *record_events(struct record *record, int64_t learner, int last, struct fault *fault) {
    if (!record_learner_exists(record, learner)) {
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
        return NULL;
    }
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *rows = statement_with(connection, STATEMENT_EVENT_OF, fault, "ii", learner,
                                        last > 0 ? (int64_t)last : (int64_t)-1);
    json_t *list = list_rows(connection, rows, event_object, true, fault);
    reading_end(record, NULL);
    return list;
}

json_t *record_whole(struct record *record, int64_t learner, struct fault *fault) {
    json_t *events = record_events(record, learner, 0, fault);
    if (!events)
        return NULL;
    struct connection *connection = reading_begin(record);
    json_t *tables = holdings_of(connection, learner, fault);
    reading_end(record, NULL);
    if (tables)
        return json_pack("{s:I,s:o,s:o,s:o}", "learner", (json_int_t)learner, "name",
                         record_name(record, learner), "events", events, "tables", tables);
    json_decref(events);
    return NULL;
}

json_t *record_named(struct record *record, struct view name) {
    json_t *found = json_array();
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_NAMED, NULL, "v", name);
    while (statement_step(connection, row, NULL) == STEP_ROW)
        json_array_append_new(found, json_integer(sqlite3_column_int64(row, 0)));
    reading_end(record, row);
    return found;
}

json_t *record_once(struct record *record, int64_t learner, const char *kind, const char *once) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_EVENT_ONCE, NULL, "iss", learner, kind, once);
    json_t *data = statement_step(connection, row, NULL) == STEP_ROW ? stored_json(row, 0) : NULL;
    reading_end(record, row);
    return data;
}

int64_t record_since(struct record *record, int64_t learner) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_LEARNER_FIND, NULL, "i", learner);
    int64_t since =
        statement_step(connection, row, NULL) == STEP_ROW ? sqlite3_column_int64(row, 1) : 0;
    reading_end(record, row);
    return since;
}

json_t *record_talk(struct record *record, int64_t learner, const char *exercise, int last) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *rows = statement_with(connection, STATEMENT_TALK_OF, NULL, "isi", learner,
                                        exercise, (int64_t)last);
    json_t *list = list_rows(connection, rows, talk_object, true, NULL);
    reading_end(record, NULL);
    return list ? list : json_array();
}

json_t *record_recent(struct record *record, int64_t learner, int last) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *rows =
        statement_with(connection, STATEMENT_RECENT, NULL, "ii", learner, (int64_t)last);
    json_t *list = list_rows(connection, rows, recent_object, false, NULL);
    reading_end(record, NULL);
    return list ? list : json_array();
}

/* ----------------------------------------------------------------------------------- metrics */

static const struct {
    const char *prefix, *metric, *label, *help;
} metrics[] = {
    {"attempts ", "lyceum_attempts_total", "result",
     "Attempts by how they were graded; unread ones could not be read and do not count."},
    {"event ", "lyceum_events_total", "kind", "Events of the record by their kind."},
    {"unaided ", "lyceum_unaided_attempts_total", "result",
     "First attempts on an exercise without help, which alone move mastery."},
};

void record_metrics(struct record *record, struct buffer *out) {
    buffer_format(out,
                  "# HELP lyceum_record_failing 1 while the last write to the record failed.\n"
                  "# TYPE lyceum_record_failing gauge\nlyceum_record_failing %d\n",
                  (int)record_is_failing(record, HUGE_VAL));
    struct connection *connection = reading_begin(record);
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        buffer_format(out, "# HELP %s %s\n# TYPE %s counter\n", metrics[i].metric, metrics[i].help,
                      metrics[i].metric);
        sqlite3_stmt *row = statement_with(connection, STATEMENT_TALLY_ALL, NULL, "");
        while (statement_step(connection, row, NULL) == STEP_ROW) {
            struct view name = column_view(row, 0);
            if (!view_starts(name, metrics[i].prefix))
                continue;
            name = view_slice(name, strlen(metrics[i].prefix), name.n);
            buffer_format(out, "%s{%s=\"%.*s\"} %lld\n", metrics[i].metric, metrics[i].label,
                          VIEW_ARG(name), (long long)sqlite3_column_int64(row, 1));
        }
    }
    reading_end(record, NULL);
}
