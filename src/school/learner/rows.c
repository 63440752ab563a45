#include "school/learner/rows.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MOST = 3, COLUMN_MOST = 15 };
static const size_t whole_limit = (size_t)3 << 30;

/* types: a letter a column as the table has them: i whole, d real, s text, l the learner. The key,
 * learner apart, is its first n_key columns; none: rows are only added. */
static const struct shape {
    const char *name, *types;
    bool added; /* and never changed: no two have one key */
    int n_key;
    const char *key[KEY_MOST];
} shapes[ROWS_COUNT] = {
    [ROWS_SEED] = {"exercise_seed", "lsiiiiiidiis", false, 2, {"exercise", "seed"}},
    [ROWS_EXERCISE] = {"exercise_state", "lsiii", false, 1, {"exercise"}},
    [ROWS_SKILL] = {"skill_state", "lssdiiiiiddiiiii", false, 2, {"course", "skill"}},
    [ROWS_FIT] = {"skill_fit", "ssiiidddd", false, 2, {"course", "skill"}},
    [ROWS_DIFFICULTY] = {"exercise_fit", "sid", false, 1, {"exercise"}},
    [ROWS_OBSERVED] = {"observed", "sslisidi", true, 3, {"course", "skill", "event"}},
    [ROWS_PLAN] = {"plan", "liiiii", false, 0, {0}},
    [ROWS_DAY] = {"practised", "liii", false, 1, {"day"}},
    [ROWS_TALK] = {"talk", "lsi", true, 2, {"exercise", "event"}},
    [ROWS_TRIED] = {"tried", "li", true, 1, {"event"}},
    [ROWS_WRONG] = {"wrong", "lsissssii", false, 3, {"exercise", "seed", "answer"}},
    [ROWS_EFFORT] = {"effort", "lssiiii", false, 2, {"course", "skill"}},
    [ROWS_PRESENCE] = {"presence", "liii", false, 1, {"day"}},
};

struct shelf {       /* the rows of one table and learner, in the order in which they came */
    union value *at; /* n × columns */
    uint8_t *changed;
    uint32_t *slots; /* of open addressing: 1 + a row; 0 none */
    uint32_t n, room, n_slot;
    bool complete; /* nothing more is in the database */
};

struct holder {
    int64_t learner;
    struct shelf shelves[ROWS_COUNT];
};

struct rows {
    struct arena *arena; /* of texts */
    const char **texts;
    size_t n_text, n_text_slot;
    struct holder **holders; /* open addressing */
    size_t n_holder, n_holder_slot;
    size_t size, limit; /* bytes */
    bool whole;
    sqlite3_stmt *insert[ROWS_COUNT], *replace[ROWS_COUNT], *one[ROWS_COUNT], *all[ROWS_COUNT];
};

static int columns_of(enum row_table table) {
    const char *types = shapes[table].types;
    return (int)strlen(types) - (strchr(types, 'l') != NULL);
}

/* The letter of each column, learner apart. */
static void types_of(enum row_table table, char out[COLUMN_MOST + 1]) {
    for (const char *type = shapes[table].types; *type; type++)
        if (*type != 'l')
            *out++ = *type;
    *out = 0;
}

static struct rows *rows_of(struct connection *connection) {
    if (!connection->rows)
        connection->rows = must_alloc(1, sizeof *connection->rows);
    return connection->rows;
}

static void free_shelf(struct shelf *shelf) {
    free(shelf->at);
    free(shelf->changed);
    free(shelf->slots);
    *shelf = (struct shelf){0};
}

static void let_go(struct rows *rows) {
    for (size_t i = 0; i < rows->n_holder_slot; i++) {
        if (!rows->holders[i])
            continue;
        for (int table = 0; table < ROWS_COUNT; table++)
            free_shelf(&rows->holders[i]->shelves[table]);
        free(rows->holders[i]);
    }
    free(rows->holders);
    free((void *)rows->texts);
    arena_free(rows->arena);
    rows->arena = NULL;
    rows->holders = NULL;
    rows->texts = NULL;
    rows->n_holder = rows->n_holder_slot = rows->n_text = rows->n_text_slot = rows->size = 0;
}

void rows_clear(struct connection *connection) {
    if (!connection->rows)
        return;
    let_go(connection->rows);
    connection->rows->whole = false;
    connection->rows->limit = 0;
}

void rows_free(struct connection *connection) {
    struct rows *rows = connection->rows;
    if (!rows)
        return;
    let_go(rows);
    for (int table = 0; table < ROWS_COUNT; table++) {
        sqlite3_finalize(rows->insert[table]);
        sqlite3_finalize(rows->replace[table]);
        sqlite3_finalize(rows->one[table]);
        sqlite3_finalize(rows->all[table]);
    }
    free(rows);
    connection->rows = NULL;
}

void rows_begin_whole(struct connection *connection, size_t limit) {
    rows_clear(connection);
    rows_of(connection)->whole = true;
    connection->rows->limit = limit ? limit : whole_limit;
}

bool rows_are_whole(struct connection *connection) {
    return connection->rows && connection->rows->whole;
}

/* --------------------------------------------------------------------------------------- texts */

static uint64_t mix(uint64_t hash, uint64_t more) {
    hash = (hash ^ more) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static void grow_texts(struct rows *rows) {
    size_t n = rows->n_text_slot ? 2 * rows->n_text_slot : 64;
    const char **slots = must_alloc(n, sizeof *slots);
    for (size_t i = 0; i < rows->n_text_slot; i++) {
        if (!rows->texts[i])
            continue;
        size_t at = hash64(view_of(rows->texts[i]), 0) & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = rows->texts[i];
    }
    free((void *)rows->texts);
    rows->size += (n - rows->n_text_slot) * sizeof *slots;
    rows->texts = slots;
    rows->n_text_slot = n;
}

const char *rows_text(struct connection *connection, const char *text) {
    struct rows *rows = rows_of(connection);
    if (2 * rows->n_text >= rows->n_text_slot)
        grow_texts(rows);
    struct view view = view_of(text);
    size_t at = hash64(view, 0) & (rows->n_text_slot - 1);
    for (; rows->texts[at]; at = (at + 1) & (rows->n_text_slot - 1))
        if (!strcmp(rows->texts[at], text))
            return rows->texts[at];
    if (!rows->arena)
        rows->arena = arena_new();
    rows->n_text++;
    rows->size += view.n + 1;
    return rows->texts[at] = arena_string(rows->arena, view);
}

/* ------------------------------------------------------------------------------------- shelves */

static struct holder **holder_slot(struct holder **slots, size_t n, int64_t learner) {
    size_t at = mix(0, (uint64_t)learner) & (n - 1);
    while (slots[at] && slots[at]->learner != learner)
        at = (at + 1) & (n - 1);
    return &slots[at];
}

static void grow_holders(struct rows *rows) {
    size_t n = rows->n_holder_slot ? 2 * rows->n_holder_slot : 16;
    struct holder **slots = must_alloc(n, sizeof(struct holder *));
    for (size_t i = 0; i < rows->n_holder_slot; i++)
        if (rows->holders[i])
            *holder_slot(slots, n, rows->holders[i]->learner) = rows->holders[i];
    free(rows->holders);
    rows->holders = slots;
    rows->n_holder_slot = n;
}

static struct shelf *shelf_of(struct rows *rows, enum row_table table, int64_t learner) {
    if (!strchr(shapes[table].types, 'l'))
        learner = 0;
    if (2 * rows->n_holder >= rows->n_holder_slot)
        grow_holders(rows);
    struct holder **slot = holder_slot(rows->holders, rows->n_holder_slot, learner);
    if (!*slot) {
        *slot = must_alloc(1, sizeof **slot);
        (*slot)->learner = learner;
        rows->n_holder++;
        rows->size += sizeof **slot;
    }
    return &(*slot)->shelves[table];
}

static size_t slot_of(const struct shelf *shelf, int n_column, int n_key, const union value *key) {
    uint64_t hash = 0;
    for (int i = 0; i < n_key; i++)
        hash = mix(hash, (uint64_t)key[i].i);
    size_t at = hash & (shelf->n_slot - 1);
    for (; shelf->slots[at]; at = (at + 1) & (shelf->n_slot - 1)) {
        const union value *row = shelf->at + (size_t)(shelf->slots[at] - 1) * (size_t)n_column;
        int same = 0;
        while (same < n_key && row[same].i == key[same].i)
            same++;
        if (same == n_key)
            break;
    }
    return at;
}

static void grow_shelf(struct rows *rows, struct shelf *shelf, int n_column) {
    uint32_t room = shelf->room ? shelf->room + shelf->room / 2 : 4;
    shelf->at = must_realloc(shelf->at, room, (size_t)n_column * sizeof *shelf->at);
    shelf->changed = must_realloc(shelf->changed, room, 1);
    rows->size += (room - shelf->room) * ((size_t)n_column * sizeof *shelf->at + 1);
    shelf->room = room;
}

static void grow_slots(struct rows *rows, struct shelf *shelf, int n_column, int n_key) {
    uint32_t n = shelf->n_slot ? 2 * shelf->n_slot : 8;
    free(shelf->slots);
    shelf->slots = must_alloc(n, sizeof *shelf->slots);
    rows->size += (n - shelf->n_slot) * sizeof *shelf->slots;
    shelf->n_slot = n;
    for (uint32_t i = 0; i < shelf->n; i++)
        shelf->slots[slot_of(shelf, n_column, n_key, shelf->at + (size_t)i * (size_t)n_column)] =
            i + 1;
}

/* A new row, whose key is not there yet. */
static union value *put(struct rows *rows, enum row_table table, struct shelf *shelf,
                        const union value *values, int n_value, bool changed) {
    int n_column = columns_of(table), n_key = shapes[table].n_key;
    if (shelf->n == shelf->room)
        grow_shelf(rows, shelf, n_column);
    if (!shapes[table].added && 2 * shelf->n >= shelf->n_slot)
        grow_slots(rows, shelf, n_column, n_key);
    if (!shapes[table].added)
        shelf->slots[slot_of(shelf, n_column, n_key, values)] = shelf->n + 1;
    union value *row = shelf->at + (size_t)shelf->n * (size_t)n_column;
    memset(row, 0, (size_t)n_column * sizeof *row);
    if (n_value)
        memcpy(row, values, (size_t)n_value * sizeof *row);
    shelf->changed[shelf->n++] = changed;
    return row;
}

/* ------------------------------------------------------------------------------------ database */

static sqlite3_stmt *prepared(struct connection *connection, sqlite3_stmt **statement,
                              const struct buffer *sql, struct fault *fault) {
    if (sqlite3_prepare_v3(connection->database, sql->at, -1, SQLITE_PREPARE_PERSISTENT, statement,
                           NULL) != SQLITE_OK)
        fault_of_database(fault, connection->database, "understand its tables");
    return *statement;
}

/* Of one row by its key, or of all that a learner has. */
static sqlite3_stmt *select_of(struct connection *connection, enum row_table table, bool all,
                               struct fault *fault) {
    const struct shape *shape = &shapes[table];
    sqlite3_stmt **statement = all ? &connection->rows->all[table] : &connection->rows->one[table];
    if (*statement)
        return *statement;
    struct buffer sql = {0};
    bool learner = strchr(shape->types, 'l');
    buffer_format(&sql, "SELECT * FROM %s WHERE %s", shape->name, learner ? "learner = ?" : "1");
    for (int i = 0; !all && i < shape->n_key; i++)
        buffer_format(&sql, " AND %s = ?", shape->key[i]);
    prepared(connection, statement, &sql, fault);
    buffer_free(&sql);
    return *statement;
}

/* That replaces, or that fails where the key is there already. */
static sqlite3_stmt *insert_of(struct connection *connection, enum row_table table, bool replace,
                               struct fault *fault) {
    sqlite3_stmt **statement =
        replace ? &connection->rows->replace[table] : &connection->rows->insert[table];
    if (*statement)
        return *statement;
    struct buffer sql = {0};
    buffer_format(&sql, "INSERT%s INTO %s VALUES(?", replace ? " OR REPLACE" : "",
                  shapes[table].name);
    for (size_t i = 1; i < strlen(shapes[table].types); i++)
        buffer_text(&sql, ", ?");
    buffer_text(&sql, ")");
    prepared(connection, statement, &sql, fault);
    buffer_free(&sql);
    return *statement;
}

static void bind_one(sqlite3_stmt *statement, int place, char type, union value value) {
    if (type == 'i')
        sqlite3_bind_int64(statement, place, value.i);
    else if (type == 'd')
        sqlite3_bind_double(statement, place, value.d);
    else
        sqlite3_bind_text(statement, place, value.s, -1, SQLITE_STATIC);
}

static void read_row(struct connection *connection, enum row_table table, sqlite3_stmt *row,
                     union value *out) {
    for (int i = 0; shapes[table].types[i]; i++) {
        char type = shapes[table].types[i];
        if (type == 'i')
            (out++)->i = sqlite3_column_int64(row, i);
        else if (type == 'd')
            (out++)->d = sqlite3_column_double(row, i);
        else if (type == 's' && sqlite3_column_type(row, i) == SQLITE_NULL)
            (out++)->s = NULL;
        else if (type == 's')
            (out++)->s = rows_text(connection, (const char *)sqlite3_column_text(row, i));
    }
}

static sqlite3_stmt *row_statement(struct connection *connection, enum row_table table,
                                   int64_t learner, const union value *row, bool replace,
                                   struct fault *fault) {
    sqlite3_stmt *statement = insert_of(connection, table, replace, fault);
    for (int i = 0; statement && shapes[table].types[i]; i++) {
        if (shapes[table].types[i] == 'l')
            sqlite3_bind_int64(statement, i + 1, learner);
        else
            bind_one(statement, i + 1, shapes[table].types[i], *row++);
    }
    return statement;
}

/* Into tables that begin empty a row is inserted first: SQLite keeps what a statement that may
 * replace could have to take back, which is most of what such a statement costs. */
static bool write_row(struct connection *connection, enum row_table table, int64_t learner,
                      const union value *row, struct fault *fault) {
    if (connection->rows->whole) {
        sqlite3_stmt *insert = row_statement(connection, table, learner, row, false, fault);
        if (!insert)
            return false;
        int code = sqlite3_step(insert);
        bool there = (code & 0xff) == SQLITE_CONSTRAINT;
        if (code != SQLITE_DONE && !there) /* the transaction may be over: nothing more is tried */
            fault_of_database(fault, connection->database, "write");
        sqlite3_reset(insert);
        if (!there)
            return code == SQLITE_DONE;
    }
    return statement_run(connection, row_statement(connection, table, learner, row, true, fault),
                         fault);
}

static enum step load(struct connection *connection, enum row_table table, int64_t learner,
                      struct shelf *shelf, const union value *key, union value **row,
                      struct fault *fault) {
    sqlite3_stmt *statement = select_of(connection, table, false, fault);
    union value values[COLUMN_MOST] = {0};
    char types[COLUMN_MOST + 1];
    int place = 1;
    types_of(table, types);
    if (statement && strchr(shapes[table].types, 'l'))
        sqlite3_bind_int64(statement, place++, learner);
    for (int i = 0; statement && i < shapes[table].n_key; i++)
        bind_one(statement, place++, types[i], key[i]);
    enum step step = statement_step(connection, statement, fault);
    if (step != STEP_ROW)
        return step;
    read_row(connection, table, statement, values);
    sqlite3_reset(statement);
    *row = put(connection->rows, table, shelf, values, columns_of(table), false);
    return STEP_ROW;
}

/* ------------------------------------------------------------------------------------- the door
 */

enum step rows_get(struct connection *connection, enum row_table table, int64_t learner,
                   const union value *key, union value **row, struct fault *fault) {
    struct rows *rows = rows_of(connection);
    struct shelf *shelf = shelf_of(rows, table, learner);
    int n_column = columns_of(table);
    MUST(!shapes[table].added);
    if (shelf->n) {
        uint32_t slot = shelf->slots[slot_of(shelf, n_column, shapes[table].n_key, key)];
        *row = slot ? shelf->at + (size_t)(slot - 1) * (size_t)n_column : NULL;
        if (slot)
            return STEP_ROW;
    }
    if (rows->whole || shelf->complete)
        return STEP_END;
    return load(connection, table, learner, shelf, key, row, fault);
}

union value *rows_change(struct connection *connection, enum row_table table, int64_t learner,
                         const union value *key, struct fault *fault) {
    union value *row = NULL;
    enum step step = rows_get(connection, table, learner, key, &row, fault);
    struct shelf *shelf = shelf_of(connection->rows, table, learner);
    if (step == STEP_END)
        return put(connection->rows, table, shelf, key, shapes[table].n_key, true);
    if (step == STEP_FAILED)
        return NULL;
    shelf->changed[(row - shelf->at) / columns_of(table)] = true;
    return row;
}

void rows_add(struct connection *connection, enum row_table table, int64_t learner,
              const union value *row) {
    MUST(shapes[table].added);
    struct rows *rows = rows_of(connection);
    put(rows, table, shelf_of(rows, table, learner), row, columns_of(table), true);
}

/* What the database has besides what is here. */
static bool complete(struct connection *connection, enum row_table table, int64_t learner,
                     struct shelf *shelf, struct fault *fault) {
    struct rows *rows = connection->rows;
    if (rows->whole || shelf->complete)
        return true;
    int n_column = columns_of(table);
    sqlite3_stmt *statement = select_of(connection, table, true, fault);
    if (statement)
        sqlite3_bind_int64(statement, 1, learner);
    enum step step;
    while ((step = statement_step(connection, statement, fault)) == STEP_ROW) {
        union value values[COLUMN_MOST] = {0};
        read_row(connection, table, statement, values);
        if (!shelf->n || !shelf->slots[slot_of(shelf, n_column, shapes[table].n_key, values)])
            put(rows, table, shelf, values, n_column, false);
    }
    shelf->complete = step == STEP_END;
    return shelf->complete;
}

/* The types are those of the key. */
static int by_key(const void *a, const void *b, void *types) {
    const union value *one = *(const union value *const *)a;
    const union value *other = *(const union value *const *)b;
    int order = 0;
    for (const char *type = types; *type && !order; type++, one++, other++)
        order = *type != 's'         ? (one->i > other->i) - (one->i < other->i)
                : one->s == other->s ? 0
                                     : strcmp(one->s, other->s);
    return order;
}

/* The places of rows, of those that were changed or of all, by their keys; to be freed. */
static union value **places(enum row_table table, const struct shelf *shelf, bool changed,
                            size_t *n) {
    union value **list = must_alloc((size_t)shelf->n + 1, sizeof *list);
    char types[COLUMN_MOST + 1];
    int n_column = columns_of(table);
    *n = 0;
    for (uint32_t i = 0; i < shelf->n; i++)
        if (!changed || shelf->changed[i])
            list[(*n)++] = shelf->at + (size_t)i * (size_t)n_column;
    types_of(table, types);
    types[shapes[table].n_key] = 0;
    qsort_r(list, *n, sizeof *list, by_key, types);
    return list;
}

union value **rows_all(struct connection *connection, enum row_table table, int64_t learner,
                       size_t *n, struct fault *fault) {
    MUST(!shapes[table].added);
    struct shelf *shelf = shelf_of(rows_of(connection), table, learner);
    return complete(connection, table, learner, shelf, fault) ? places(table, shelf, false, n)
                                                              : NULL;
}

bool rows_delete(struct connection *connection, enum row_table table, int64_t learner,
                 struct fault *fault) {
    struct rows *rows = rows_of(connection);
    free_shelf(shelf_of(rows, table, learner));
    char sql[80];
    snprintf(sql, sizeof sql, "DELETE FROM %s WHERE learner = %lld", shapes[table].name,
             (long long)learner);
    return rows->whole || sqlite3_exec(connection->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, connection->database, "write");
}

/* ------------------------------------------------------------------------------------- writing */

static bool write_shelf(struct connection *connection, enum row_table table, int64_t learner,
                        struct shelf *shelf, struct fault *fault) {
    size_t n;
    bool good = true;
    if (!shelf->n)
        return true;
    union value **list = places(table, shelf, true, &n);
    for (size_t i = 0; good && i < n; i++)
        good = write_row(connection, table, learner, list[i], fault);
    free(list);
    memset(shelf->changed, 0, shelf->n);
    return good;
}

static int by_learner(const void *a, const void *b) {
    int64_t one = (*(struct holder *const *)a)->learner;
    int64_t other = (*(struct holder *const *)b)->learner;
    return (one > other) - (one < other);
}

/* Everybody in the order of their numbers, to be freed. */
static struct holder **in_order(const struct rows *rows) {
    struct holder **list = must_alloc(rows->n_holder + 1, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < rows->n_holder_slot; i++)
        if (rows->holders[i])
            list[n++] = rows->holders[i];
    qsort(list, n, sizeof *list, by_learner);
    return list;
}

static bool write_table(struct connection *connection, enum row_table table,
                        struct holder **holders, struct fault *fault) {
    bool good = true;
    for (size_t i = 0; good && i < connection->rows->n_holder; i++)
        good = write_shelf(connection, table, holders[i]->learner, &holders[i]->shelves[table],
                           fault);
    return good;
}

bool rows_write(struct connection *connection, struct fault *fault) {
    if (!connection->rows || !connection->rows->n_holder)
        return true;
    struct holder **holders = in_order(connection->rows);
    struct progress progress = {.label = "writing the tables"};
    bool good = true;
    for (int table = 0; good && table < ROWS_COUNT; table++) {
        good = write_table(connection, (enum row_table)table, holders, fault);
        if (connection->rows->whole)
            progress_show(&progress, table + 1, ROWS_COUNT, "tables");
    }
    if (connection->rows->whole)
        progress_end(&progress);
    free(holders);
    return good;
}

bool rows_bound(struct connection *connection, struct fault *fault) {
    struct rows *rows = connection->rows;
    if (!rows || !rows->limit || rows->size <= rows->limit)
        return true;
    bool good = rows_write(connection, fault);
    let_go(rows);
    rows->whole = false; /* from here on the tables are read */
    return good;
}

/* ----------------------------------------------------------------------------- across learners */

bool rows_write_table(struct connection *connection, enum row_table table, struct fault *fault) {
    struct holder **holders = in_order(rows_of(connection));
    bool good = write_table(connection, table, holders, fault);
    free(holders);
    return good;
}

void rows_observed(struct connection *connection, const char *course, const char *skill,
                   bool (*take)(void *context, int64_t learner, bool right), void *context) {
    const union value key[] = {{.s = rows_text(connection, course)},
                               {.s = rows_text(connection, skill)}};
    const struct rows *rows = connection->rows;
    struct holder **holders = in_order(rows);
    int n_column = columns_of(ROWS_OBSERVED);
    bool more = true;
    MUST(rows->whole);
    for (size_t i = rows->n_holder; more && i-- > 0;) {
        const struct shelf *shelf = &holders[i]->shelves[ROWS_OBSERVED];
        for (size_t j = shelf->n; more && j-- > 0;) {
            const union value *row = shelf->at + j * (size_t)n_column;
            if (row[OBSERVED_COURSE].s == key[0].s && row[OBSERVED_SKILL].s == key[1].s)
                more = take(context, holders[i]->learner, row[OBSERVED_RIGHT].i);
        }
    }
    free(holders);
}
