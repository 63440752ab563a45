/* A teacher's word over the machine's: an event that another can take back. What follows from a
 * grade is derived anew for this learner, with the grades that stand now. */
#include "school/learner/people.h"
#include "school/learner/people_tables.h"
#include "school/learner/rows.h"

#include <string.h>

/* What acts on exercises derive. Whoever adds a table that attempts feed adds it here too. */
static const enum row_table fed[] = {ROWS_SEED,     ROWS_EXERCISE, ROWS_SKILL,
                                     ROWS_TRIED,    ROWS_WRONG,    ROWS_EFFORT,
                                     ROWS_OBSERVED, ROWS_DAY,      ROWS_PLAN};
static const char acts[] = "SELECT event.id, event.at_ms, event.kind, event.data, overruled.score"
                           " FROM event LEFT JOIN overruled"
                           "  ON overruled.event = event.id AND overruled.what = 'grade'"
                           " WHERE event.learner = ? AND event.id <= ? AND"
                           " event.kind IN ('attempt', 'hint', 'solution', 'sister',"
                           "  'plan', 'claim', 'placed')"
                           " ORDER BY event.id";

static bool derive_act(struct connection *connection, int64_t learner, sqlite3_stmt *row,
                       struct fault *fault) {
    struct event event = {.id = sqlite3_column_int64(row, 0),
                          .learner = learner,
                          .at_ms = sqlite3_column_int64(row, 1),
                          .kind = (const char *)sqlite3_column_text(row, 2),
                          .text = column_view(row, 3)};
    json_t *data = json_parse(event.text, fault);
    if (!data)
        return false;
    if (sqlite3_column_type(row, 4) != SQLITE_NULL) {
        json_object_set_new(data, "score", json_real(sqlite3_column_double(row, 4)));
        json_object_set_new(data, "counts", json_true());
    }
    event.data = data;
    bool good = event_derive(connection, &event, fault);
    json_decref(data);
    return good;
}

static sqlite3_stmt *prepare(struct connection *connection, struct fault *fault, const char *sql,
                             const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = people_prepare(connection, fault, sql, types, values);
    va_end(values);
    return statement;
}

static bool derive_learner_anew(struct connection *connection, int64_t learner, int64_t until,
                                struct fault *fault) {
    bool good = true;
    for (size_t i = 0; good && i < COUNT_OF(fed); i++)
        good = rows_delete(connection, fed[i], learner, fault);
    sqlite3_stmt *row = good ? prepare(connection, fault, acts, "ii", learner, until) : NULL;
    connection->again = true;
    int code = SQLITE_DONE;
    good = good && row;
    while (good && (code = sqlite3_step(row)) == SQLITE_ROW)
        good = derive_act(connection, learner, row, fault);
    connection->again = false;
    if (good && code != SQLITE_DONE)
        good = fault_of_database(fault, connection->database, "read");
    sqlite3_finalize(row);
    return good;
}

/* Without a score, what was overruled stands again. */
bool derive_overruled(struct connection *connection, const struct event *event,
                      struct fault *fault) {
    int64_t target = json_integer_value(json_object_get(event->data, "event"));
    const char *what = json_text(event->data, "what", "");
    const json_t *score = json_object_get(event->data, "score");
    bool good =
        json_is_number(score)
            ? people_run(connection, fault,
                         "INSERT OR REPLACE INTO overruled"
                         " VALUES(?, ?, ?, ?, ?, ?, ?)",
                         "iisiids", target, event->learner, what,
                         json_integer_value(json_object_get(event->data, "by")), event->at_ms,
                         json_number_value(score), json_text(event->data, "reason", ""))
            : people_run(connection, fault,
                         "DELETE FROM overruled WHERE event = ? AND learner = ?", "ii", target,
                         event->learner);
    return good && (strcmp(what, "grade") != 0 ||
                    (rubric_decided(connection, event, fault) &&
                     derive_learner_anew(connection, event->learner, event->id, fault)));
}
