/* What events about people add to the tables: accounts, sessions, classes, what teachers do. */
#include "school/learner/people.h"
#include "school/learner/people_tables.h"
#include "school/learner/rows.h"

#include <string.h>

enum { AT_WORK_MS = 5 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000 };

const char *const role_names[N_ROLE] = {"", "learner", "teacher", "owner"};

enum role role_of_name(const char *name) {
    for (int i = ROLE_LEARNER; i < N_ROLE; i++)
        if (name && !strcmp(name, role_names[i]))
            return (enum role)i;
    return ROLE_NONE;
}

/* ---------------------------------------------------------------------------------- statements */

static bool bind_value(sqlite3_stmt *statement, int place, char type, va_list *values) {
    struct view view;
    switch (type) {
    case 'i':
        return sqlite3_bind_int64(statement, place, va_arg(*values, int64_t)) == SQLITE_OK;
    case 'd':
        return sqlite3_bind_double(statement, place, va_arg(*values, double)) == SQLITE_OK;
    case 's':
        return sqlite3_bind_text(statement, place, va_arg(*values, const char *), -1,
                                 SQLITE_TRANSIENT) == SQLITE_OK;
    case 'v':
        view = va_arg(*values, struct view);
        return sqlite3_bind_text64(statement, place, view.n ? view.at : "", view.n,
                                   SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK;
    default:
        MUST(!"a type of value that statements know");
        return false;
    }
}

sqlite3_stmt *people_prepare(struct connection *connection, struct fault *fault, const char *sql,
                             const char *types, va_list values) {
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL) == SQLITE_OK;
    va_list each;
    va_copy(each, values);
    for (int place = 1; good && types[place - 1]; place++)
        good = bind_value(statement, place, types[place - 1], &each);
    va_end(each);
    if (good)
        return statement;
    fault_of_database(fault, connection->database, "understand its tables");
    sqlite3_finalize(statement);
    return NULL;
}

bool people_run(struct connection *connection, struct fault *fault, const char *sql,
                const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = people_prepare(connection, fault, sql, types, values);
    va_end(values);
    bool good = statement && sqlite3_step(statement) == SQLITE_DONE;
    if (statement && !good)
        fault_of_database(fault, connection->database, "write");
    sqlite3_finalize(statement);
    return good;
}

static const char *text(const struct event *event, const char *key) {
    return json_text(event->data, key, NULL);
}

static int64_t whole(const struct event *event, const char *key) {
    return json_integer_value(json_object_get(event->data, key));
}

/* ------------------------------------------------------------------------ accounts and sessions
 */

static bool person_touch(struct connection *connection, int64_t person, struct fault *fault) {
    return people_run(connection, fault, "INSERT OR IGNORE INTO person(id) VALUES(?)", "i",
                      person);
}

/* Keys that the event leaves out stay as they were. */
bool derive_account(struct connection *connection, const struct event *event,
                    struct fault *fault) {
    static const char *const columns[] = {"login", "password_hash", "sourced",
                                          "given", "family",        "email"};
    bool good = person_touch(connection, event->learner, fault);
    char sql[120];
    for (size_t i = 0; good && i < COUNT_OF(columns); i++) {
        if (!json_object_get(event->data, columns[i]))
            continue;
        snprintf(sql, sizeof sql, "UPDATE OR IGNORE person SET %s = ? WHERE id = ?", columns[i]);
        good = people_run(connection, fault, sql, "si", text(event, columns[i]), event->learner);
    }
    if (good && json_object_get(event->data, "enabled"))
        good = people_run(connection, fault, "UPDATE person SET enabled = ? WHERE id = ?", "ii",
                          (int64_t)json_flag(event->data, "enabled", true), event->learner);
    if (good && !json_flag(event->data, "enabled", true))
        good = people_run(connection, fault, "DELETE FROM session WHERE person = ?", "i",
                          event->learner);
    return good;
}

bool derive_role(struct connection *connection, const struct event *event, struct fault *fault) {
    return person_touch(connection, event->learner, fault) &&
           people_run(connection, fault, "UPDATE person SET role = ? WHERE id = ?", "si",
                      json_text(event->data, "role", "learner"), event->learner);
}

bool session_add(struct connection *connection, int64_t person, const char *token_hash,
                 const char *how, int64_t made_ms, int64_t ends_ms, int64_t event,
                 struct fault *fault) {
    return people_run(connection, fault, "INSERT OR IGNORE INTO session VALUES(?, ?, ?, ?, ?, ?)",
                      "sisiii", token_hash, person, how, made_ms, ends_ms, event);
}

bool derive_session(struct connection *connection, const struct event *event,
                    struct fault *fault) {
    int64_t seconds = whole(event, "seconds");
    return session_add(connection, event->learner, json_text(event->data, "token_hash", ""),
                       json_text(event->data, "how", ""), event->at_ms,
                       seconds ? event->at_ms + seconds * 1000 : 0, event->id, fault);
}

/* One session by the event that opened it, or all of them but the one to keep. */
bool derive_session_end(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    if (json_object_get(event->data, "session"))
        return people_run(connection, fault, "DELETE FROM session WHERE person = ? AND event = ?",
                          "ii", event->learner, whole(event, "session"));
    return people_run(connection, fault, "DELETE FROM session WHERE person = ? AND event <> ?",
                      "ii", event->learner, whole(event, "keep"));
}

/* ------------------------------------------------------------------------------------- classes */

/* A new class, or with "class" or a known "sourced" what changes of it. Who makes one teaches it,
 * unless it comes from a roster. */
bool derive_class(struct connection *connection, const struct event *event, struct fault *fault) {
    const char *sourced = text(event, "sourced"), *title = text(event, "title");
    int64_t class = whole(event, "class");
    if (!class &&
        !people_run(connection, fault,
                    "INSERT INTO class(id, title, made_ms, made_by, sourced)"
                    " VALUES(?, ?, ?, ?, ?) ON CONFLICT(sourced) DO UPDATE SET title = ?2",
                    "isiis", event->id, title ? title : "", event->at_ms, event->learner, sourced))
        return false;
    if (!class && !sourced)
        return people_run(connection, fault,
                          "INSERT OR REPLACE INTO member(class, person, role, since_ms)"
                          " VALUES(?, ?, 'teacher', ?)",
                          "iii", event->id, event->learner, event->at_ms);
    bool good = true;
    if (class && title)
        good = people_run(connection, fault, "UPDATE class SET title = ? WHERE id = ?", "si",
                          title, class);
    if (good && json_object_get(event->data, "closed"))
        good = people_run(connection, fault,
                          "UPDATE class SET closed = ?1 WHERE id = ?2 OR sourced = ?3", "iis",
                          (int64_t)json_flag(event->data, "closed", false), class, sourced);
    return good;
}

/* The class is named by its id, or by its "sourced" of a roster. Once a teacher of a class, nobody
 * becomes a learner of it by following an invitation. */
bool derive_member(struct connection *connection, const struct event *event, struct fault *fault) {
    return people_run(connection, fault,
                      "INSERT INTO member(class, person, role, since_ms, sourced)"
                      " SELECT id, ?1, ?2, ?3, ?4 FROM class WHERE id = ?5 OR sourced = ?6"
                      " ON CONFLICT DO UPDATE SET sourced = coalesce(excluded.sourced, sourced),"
                      " role = CASE WHEN role = 'teacher' AND excluded.sourced IS NULL"
                      "  THEN role ELSE excluded.role END",
                      "isisis", event->learner, json_text(event->data, "role", "learner"),
                      event->at_ms, text(event, "enrolled"), whole(event, "class"),
                      text(event, "sourced"));
}

bool derive_left(struct connection *connection, const struct event *event, struct fault *fault) {
    return people_run(connection, fault,
                      "DELETE FROM member WHERE person = ?1 AND (class = ?2 OR class ="
                      " (SELECT id FROM class WHERE sourced = ?3))",
                      "iis", event->learner, whole(event, "class"), text(event, "sourced"));
}

/* The code of a class is shown on its teacher's page, so it is kept; a secret's hash is. */
bool derive_invitation(struct connection *connection, const struct event *event,
                       struct fault *fault) {
    if (json_object_get(event->data, "ended"))
        return people_run(connection, fault, "DELETE FROM invitation WHERE id = ?", "i",
                          whole(event, "ended"));
    return people_run(connection, fault,
                      "INSERT OR IGNORE INTO invitation"
                      " VALUES(?1, ?2, nullif(?3, 0), ?4, nullif(?5, 0), ?6, ?7, ?8, ?9)",
                      "isisiiiii", event->id, json_text(event->data, "code", ""),
                      whole(event, "class"), json_text(event->data, "role", "learner"),
                      whole(event, "person"), event->learner, event->at_ms,
                      event->at_ms + whole(event, "seconds") * 1000, whole(event, "uses"));
}

bool derive_invitation_used(struct connection *connection, const struct event *event,
                            struct fault *fault) {
    return people_run(connection, fault, "UPDATE invitation SET uses = uses - 1 WHERE id = ?", "i",
                      whole(event, "invitation"));
}

/* --------------------------------------------------------------------------- teacher to learner
 */

bool derive_message(struct connection *connection, const struct event *event,
                    struct fault *fault) {
    return people_run(connection, fault,
                      "INSERT INTO message(id, learner, made_by, at_ms, kind, text, exercise)"
                      " VALUES(?, ?, ?, ?, ?, ?, ?)",
                      "iiiisss", event->id, event->learner, whole(event, "by"), event->at_ms,
                      json_text(event->data, "kind", "words"), json_text(event->data, "text", ""),
                      json_text(event->data, "exercise", ""));
}

bool derive_message_read(struct connection *connection, const struct event *event,
                         struct fault *fault) {
    return people_run(connection, fault,
                      "UPDATE message SET read_ms = ? WHERE id = ? AND learner = ?", "iii",
                      event->at_ms, whole(event, "message"), event->learner);
}

bool derive_assignment(struct connection *connection, const struct event *event,
                       struct fault *fault) {
    return people_run(connection, fault, "INSERT INTO assignment VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                      "iisssiii", event->id, whole(event, "class"),
                      json_text(event->data, "kind", "lesson"),
                      json_text(event->data, "course", ""), json_text(event->data, "lesson", ""),
                      event->learner, event->at_ms, whole(event, "due_ms"));
}

bool derive_assignment_end(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    return people_run(connection, fault, "DELETE FROM assignment WHERE id = ?", "i",
                      whole(event, "assignment"));
}

/* The first answer counts. */
bool derive_test(struct connection *connection, const struct event *event, struct fault *fault) {
    return people_run(
        connection, fault, "INSERT OR IGNORE INTO test_answer VALUES(?, ?, ?, ?, ?, ?)", "iisdii",
        whole(event, "assignment"), event->learner, json_text(event->data, "exercise", ""),
        json_number(event->data, "score", 0), whole(event, "total"), event->at_ms);
}

bool derive_taught(struct connection *connection, const struct event *event, struct fault *fault) {
    if (json_object_get(event->data, "ended"))
        return people_run(connection, fault, "DELETE FROM taught WHERE id = ?", "i",
                          whole(event, "ended"));
    struct buffer wrong = {0};
    buffer_json(&wrong, json_object_get(event->data, "wrong"));
    bool good = people_run(connection, fault, "INSERT INTO taught VALUES(?, ?, ?, ?, ?)", "isvii",
                           event->id, json_text(event->data, "exercise", ""), buffer_view(&wrong),
                           event->learner, event->at_ms);
    buffer_free(&wrong);
    return good;
}

/* ---------------------------------------------------------------------------------- what is done
 */

static bool add_effort(struct connection *connection, const struct event *event,
                       const struct tried *tried, struct fault *fault) {
    const union value key[] = {{.s = rows_text(connection, json_text(event->data, "course", ""))},
                               {.s = rows_text(connection, json_text(event->data, "skill", ""))}};
    union value *row = rows_change(connection, ROWS_EFFORT, event->learner, key, fault);
    if (!row)
        return false;
    row[EFFORT_TRIED].i += tried->first;
    row[EFFORT_SOLVED].i += tried->right && !tried->solved_before;
    row[EFFORT_UNAIDED].i += tried->unaided;
    row[EFFORT_UNAIDED_RIGHT].i += tried->unaided && tried->right;
    return true;
}

static bool add_wrong(struct connection *connection, const struct event *event,
                      struct fault *fault) {
    struct buffer answer = {0};
    buffer_json(&answer, json_object_get(event->data, "answer"));
    const union value key[] = {
        {.s = rows_text(connection, json_text(event->data, "exercise", ""))},
        {.i = whole(event, "seed")},
        {.s = rows_text(connection, answer.at ? answer.at : "")}};
    buffer_free(&answer);
    union value *row = rows_change(connection, ROWS_WRONG, event->learner, key, fault);
    if (!row)
        return false;
    if (!row[WRONG_N].i++) { /* of the first time */
        row[WRONG_COURSE].s = rows_text(connection, json_text(event->data, "course", ""));
        row[WRONG_NOTE].s = rows_text(connection, json_text(event->data, "note", ""));
    }
    row[WRONG_MISCONCEPTION].s =
        rows_text(connection, json_text(event->data, "misconception", ""));
    row[WRONG_LAST_MS].i = event->at_ms;
    return true;
}

bool teaching_attempt(struct connection *connection, const struct event *event,
                      const struct tried *tried, struct fault *fault) {
    return add_effort(connection, event, tried, fault) &&
           (tried->right || add_wrong(connection, event, fault));
}

bool presence_note(struct connection *connection, const struct event *event, struct fault *fault) {
    const union value day = {.i = event->at_ms / DAY_MS};
    union value *row = rows_change(connection, ROWS_PRESENCE, event->learner, &day, fault);
    if (!row)
        return false;
    int64_t since = event->at_ms - row[PRESENCE_LAST_MS].i;
    bool going_on = row[PRESENCE_LAST_MS].i && since >= 0 && since <= AT_WORK_MS;
    row[PRESENCE_MS].i += going_on ? since : 0;
    row[PRESENCE_LAST_MS].i = event->at_ms;
    return true;
}
