/* What holds a learner's data. Every table of the record is a row here: whoever adds a table says
 * by which column its rows are a learner's, and taking away and forgetting follow. */
#include "school/learner/care.h"

#include <string.h>

/* clang-format off */
const struct holding holdings[] = {
    {.table = "event", .column = "learner"},
    {.table = "learner", .column = "id"},
    {.table = "exercise_seed", .column = "learner"},
    {.table = "exercise_state", .column = "learner"},
    {.table = "skill_state", .column = "learner"},
    {.table = "talk", .column = "learner", .repeats = true},
    {.table = "tried", .column = "learner", .repeats = true},
    {.table = "session", .column = "person"},
    {.table = "person", .column = "id"},
    {.table = "class", .column = "made_by"},
    {.table = "member", .column = "person"},
    {.table = "invitation", .column = "person"},
    {.table = "invitation", .column = "made_by"},
    {.table = "message", .column = "learner"},
    {.table = "assignment", .column = "made_by"},
    {.table = "taught", .column = "made_by"},
    {.table = "test_answer", .column = "learner"},
    {.table = "overruled", .column = "learner"},
    {.table = "rubric_answer", .column = "learner"},
    {.table = "wrong", .column = "learner"},
    {.table = "effort", .column = "learner"},
    {.table = "presence", .column = "learner"},
    {.table = "observed", .column = "learner"},
    {.table = "plan", .column = "learner"},
    {.table = "practised", .column = "learner"},
    {.table = "background", .column = "learner"},
    {.table = "memory", .column = "learner"},
    {.table = "giving", .column = "learner"},
    {.table = "skill_fit"},
    {.table = "exercise_fit"},
    {.table = "tally"},
    {.table = "erasure", .column = "learner", .stays = true},
    {.table = "sqlite_sequence"},
};
/* clang-format on */
const size_t n_holding = COUNT_OF(holdings);

const struct holding *holding_of(struct view table) {
    for (size_t i = 0; i < n_holding; i++)
        if (view_is(table, holdings[i].table))
            return &holdings[i];
    return NULL;
}

bool holding_is_secret(const char *column) {
    return view_ends(view_of(column), "hash") || strstr(column, "token") ||
           strstr(column, "secret") || !strcmp(column, "code");
}

static bool has_table(sqlite3 *database, const char *table) {
    sqlite3_stmt *row = NULL;
    bool has = sqlite3_prepare_v2(database,
                                  "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
                                  -1, &row, NULL) == SQLITE_OK &&
               sqlite3_bind_text(row, 1, table, -1, SQLITE_STATIC) == SQLITE_OK &&
               sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    return has;
}

/* ------------------------------------------------------------------------------ taking away */

static json_t *value_of(sqlite3_stmt *row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(row, column));
    case SQLITE_NULL:
        return json_null();
    default: {
        struct view text = column_view(row, column);
        json_t *value = json_stringn(text.at, text.n);
        return value ? value : json_null(); /* bytes that are no text */
    }
    }
}

static json_t *row_of(sqlite3_stmt *row, const char *by) {
    json_t *object = json_object();
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        if (!holding_is_secret(name) && strcmp(name, by) != 0)
            json_object_set_new(object, name, value_of(row, i));
    }
    return object;
}

static json_t *rows_of(struct connection *connection, const struct holding *holding,
                       int64_t learner, struct fault *fault) {
    char sql[160];
    sqlite3_stmt *row = NULL;
    json_t *list = json_array();
    snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE %s = ?", holding->table, holding->column);
    enum step step = STEP_FAILED;
    if (sqlite3_prepare_v2(connection->database, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(row, 1, learner) == SQLITE_OK)
        while ((step = statement_step(connection, row, fault)) == STEP_ROW)
            json_array_append_new(list, row_of(row, holding->column));
    if (step == STEP_FAILED) {
        fault_of_database(fault, connection->database, "read what is kept of a learner");
        json_decref(list);
        list = NULL;
    }
    sqlite3_finalize(row);
    return list;
}

json_t *holdings_of(struct connection *connection, int64_t learner, struct fault *fault) {
    json_t *tables = json_object();
    for (size_t i = 0; i < n_holding; i++) {
        const struct holding *holding = &holdings[i];
        if (!holding->column || holding->repeats || holding->stays ||
            !strcmp(holding->table, "event") || !has_table(connection->database, holding->table))
            continue;
        json_t *rows = rows_of(connection, holding, learner, fault);
        if (!rows) {
            json_decref(tables);
            return NULL;
        }
        json_t *others = json_object_get(tables, holding->table); /* by another column */
        if (others)
            json_array_extend(others, rows);
        else
            json_object_set(tables, holding->table, rows);
        json_decref(rows);
    }
    return tables;
}

/* ---------------------------------------------------------------------------------- erasing */

static bool erase_by(sqlite3 *database, const struct holding *holding, int64_t learner,
                     struct fault *fault) {
    char sql[160];
    snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s = %lld", holding->table, holding->column,
             (long long)learner);
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, database, "erase a learner");
}

static bool run(sqlite3 *database, const char *sql, struct fault *fault) {
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, database, "erase a learner");
}

/* What a teacher made for others is theirs too: classes, the codes of classes, work and replies to
 * wrong answers. It is laid aside as that of the first owner who is left. */
static bool lay_aside(sqlite3 *database, int64_t learner, struct fault *fault) {
    char sql[1000];
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE aside AS SELECT id, (SELECT learner FROM main.event"
             "  WHERE kind = 'role' AND json_extract(data, '$.role') = 'owner'"
             "  AND learner <> %lld ORDER BY id LIMIT 1) AS learner, at_ms, kind, data"
             " FROM main.event WHERE learner = %lld"
             " AND (kind IN ('class', 'assignment', 'assignment-end', 'taught')"
             "  OR (kind = 'invitation' AND (json_extract(data, '$.ended') IS NOT NULL"
             "   OR (json_extract(data, '$.role') = 'learner'"
             "    AND coalesce(json_extract(data, '$.person'), 0) = 0))))",
             (long long)learner, (long long)learner);
    return run(database, sql, fault);
}

static bool put_back(sqlite3 *database, int64_t *n_event, struct fault *fault) {
    bool good = run(database,
                    "INSERT INTO main.event(id, learner, at_ms, kind, data)"
                    " SELECT id, learner, at_ms, kind, data FROM temp.aside"
                    " WHERE learner IS NOT NULL",
                    fault);
    *n_event -= sqlite3_changes64(database);
    return good && run(database, "DROP TABLE temp.aside", fault);
}

/* In the list's reverse order: what points at events or learners goes before them. */
bool erase_rows(sqlite3 *database, int64_t learner, int64_t *n_event, struct fault *fault) {
    bool good = run(database, "DROP TRIGGER IF EXISTS event_kept_from_delete", fault) &&
                lay_aside(database, learner, fault);
    for (size_t i = n_holding; good && i-- > 0;) {
        const struct holding *holding = &holdings[i];
        if (!holding->column || holding->stays || !has_table(database, holding->table))
            continue;
        good = erase_by(database, holding, learner, fault);
        if (!strcmp(holding->table, "event"))
            *n_event = sqlite3_changes64(database);
    }
    return good && put_back(database, n_event, fault) &&
           run(database, EVENT_KEPT_FROM_DELETE, fault);
}
