/* What each kind of event adds to the derived tables: live and when they are made again. */
#include "school/learner/inside.h"
#include "school/learner/people_tables.h"
#include "school/learner/rows.h"

#include <string.h>

typedef bool derive_function(struct connection *, const struct event *, struct fault *);

static int64_t integer(const json_t *data, const char *key) {
    return json_integer_value(json_object_get(data, key));
}

int64_t event_made_ms(const struct event *event) {
    int64_t made = integer(event->data, "made");
    return made > 0 && made < event->at_ms ? made : event->at_ms;
}

static const char *exercise_of(const struct event *event) {
    return json_text(event->data, "exercise", "");
}

static bool add_count(struct connection *connection, const char *name, int64_t n,
                      struct fault *fault) {
    return statement_run(
        connection, statement_with(connection, STATEMENT_TALLY_ADD, fault, "si", name, n), fault);
}

static bool count(struct connection *connection, const char *name, struct fault *fault) {
    if (connection->again)
        return true;
    if (!connection->counts)
        return add_count(connection, name, 1, fault);
    json_int_t n = json_integer_value(json_object_get(connection->counts, name));
    return json_object_set_new(connection->counts, name, json_integer(n + 1)) == 0 ||
           fault_set(fault, FAULT_INPUT, "A kind of event is not UTF-8.");
}

/* ---------------------------------------------------------------------------------- learners */

static bool derive_learner(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    const char *hash = json_text(event->data, "token_hash", NULL);
    return statement_run(connection,
                         statement_with(connection, STATEMENT_LEARNER_ADD, fault, "iis",
                                        event->learner, event->at_ms, hash),
                         fault) &&
           session_add(connection, event->learner, hash, "first", event->at_ms, 0, event->id,
                       fault);
}

static bool derive_name(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    return statement_run(connection,
                         statement_with(connection, STATEMENT_LEARNER_RENAME, fault, "si",
                                        json_text(event->data, "name", NULL), event->learner),
                         fault);
}

/* --------------------------------------------------------------------------------- exercises */

static union value *change_exercise(struct connection *connection, const struct event *event,
                                    struct fault *fault) {
    const union value key = {.s = rows_text(connection, exercise_of(event))};
    union value *row = NULL;
    enum step step = rows_get(connection, ROWS_EXERCISE, event->learner, &key, &row, fault);
    row = step == STEP_FAILED
              ? NULL
              : rows_change(connection, ROWS_EXERCISE, event->learner, &key, fault);
    if (row && step == STEP_END) /* touched for the first time */
        row[EXERCISE_SEED].i = integer(event->data, "seed");
    return row;
}

enum step exercise_get(struct connection *connection, int64_t learner, const char *exercise,
                       struct exercise_state *state, struct fault *fault) {
    union value *row, *seed, key[2] = {{.s = rows_text(connection, exercise)}};
    *state = (struct exercise_state){.seed = record_first_seed(learner, exercise)};
    enum step step = rows_get(connection, ROWS_EXERCISE, learner, key, &row, fault);
    if (step != STEP_ROW)
        return step;
    key[1] = row[EXERCISE_SEED];
    step = rows_get(connection, ROWS_SEED, learner, key, &seed, fault);
    if (step != STEP_ROW)
        return step;
    const char *answer = seed[SEED_ANSWER].s;
    *state = (struct exercise_state){.seed = (uint64_t)row[EXERCISE_SEED].i,
                                     .attempts = (int)seed[SEED_ATTEMPTS].i,
                                     .wrong = (int)seed[SEED_WRONG].i,
                                     .hints = (int)seed[SEED_HINTS].i,
                                     .solved = seed[SEED_SOLVED].i,
                                     .bottomed = seed[SEED_BOTTOMED].i,
                                     .ever_solved = row[EXERCISE_SOLVED].i,
                                     .ever_unaided = row[EXERCISE_UNAIDED].i,
                                     .score = seed[SEED_SCORE].d,
                                     .hinted_ms = seed[SEED_HINTED_MS].i,
                                     .tried_ms = seed[SEED_TRIED_MS].i,
                                     .answer = answer ? json_parse(view_of(answer), NULL) : NULL};
    return STEP_ROW;
}

/* The row of the seed that this event is on; that of its exercise is there too from now on. */
static union value *change_seed(struct connection *connection, const struct event *event,
                                struct fault *fault) {
    const union value key[] = {{.s = rows_text(connection, exercise_of(event))},
                               {.i = integer(event->data, "seed")}};
    return change_exercise(connection, event, fault)
               ? rows_change(connection, ROWS_SEED, event->learner, key, fault)
               : NULL;
}

static void try_seed(union value *seed, struct connection *connection, const struct event *event,
                     double score, bool right) {
    struct buffer answer = {0};
    buffer_json(&answer, json_object_get(event->data, "answer"));
    seed[SEED_ATTEMPTS].i++;
    seed[SEED_WRONG].i = right ? 0 : seed[SEED_WRONG].i + 1;
    seed[SEED_SOLVED].i |= right;
    seed[SEED_SCORE].d = score;
    seed[SEED_TRIED_MS].i = event_made_ms(event);
    seed[SEED_ANSWER].s = rows_text(connection, answer.at ? answer.at : "");
    buffer_free(&answer);
}

static bool derive_attempt(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    if (!json_flag(event->data, "counts", true))
        return rubric_waits(connection, event, fault) &&
               count(connection, "attempts unread", fault);
    union value *seed = change_seed(connection, event, fault);
    union value *exercise = seed ? change_exercise(connection, event, fault) : NULL;
    if (!exercise)
        return false;
    double score = json_number(event->data, "score", 0);
    bool right = score >= 1 - 1e-9;
    struct tried tried = {
        .first = seed[SEED_ATTEMPTS].i == 0, .right = right, .solved_before = seed[SEED_SOLVED].i};
    tried.unaided = tried.first && exercise[EXERCISE_SEED].i == seed[SEED_SEED].i &&
                    !seed[SEED_HINTS].i && !seed[SEED_BOTTOMED].i;
    try_seed(seed, connection, event, score, right);
    exercise[EXERCISE_SOLVED].i |= right;
    exercise[EXERCISE_UNAIDED].i |= right && tried.unaided;
    rows_add(connection, ROWS_TRIED, event->learner, &(union value){.i = event->id});
    return derive_try(connection, event, tried.unaided, right, fault) &&
           teaching_attempt(connection, event, &tried, fault) &&
           (connection->again || presence_note(connection, event, fault)) &&
           count(connection, right ? "attempts right" : "attempts wrong", fault) &&
           (!tried.unaided || count(connection, right ? "unaided right" : "unaided wrong", fault));
}

static bool derive_hint(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    union value *seed = change_seed(connection, event, fault);
    int64_t rung = integer(event->data, "rung");
    if (!seed)
        return false;
    seed[SEED_HINTS].i = rung > seed[SEED_HINTS].i ? rung : seed[SEED_HINTS].i;
    seed[SEED_HINTED_MS].i = event->at_ms;
    return true;
}

static bool derive_solution(struct connection *connection, const struct event *event,
                            struct fault *fault) {
    union value *seed = change_seed(connection, event, fault);
    if (seed)
        seed[SEED_BOTTOMED].i = 1;
    return seed;
}

static bool derive_sister(struct connection *connection, const struct event *event,
                          struct fault *fault) {
    union value *seed = change_seed(connection, event, fault);
    union value *exercise = seed ? change_exercise(connection, event, fault) : NULL;
    if (exercise)
        exercise[EXERCISE_SEED].i = integer(event->data, "seed");
    return exercise;
}

/* -------------------------------------------------------------------------------------- talk */

static bool derive_talk(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    (void)fault;
    if (*exercise_of(event))
        rows_add(
            connection, ROWS_TALK, event->learner,
            (union value[]){{.s = rows_text(connection, exercise_of(event))}, {.i = event->id}});
    return true;
}

static bool derive_said(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    return derive_talk(connection, event, fault) && derive_recalled(connection, event, fault);
}

/* --------------------------------------------------------------------------------- the table */

static const struct {
    const char *kind;
    derive_function *derive;
    bool kept; /* written by a function of its own */
} kinds[] = {
    {"learner", derive_learner, true},
    {"name", derive_name, true},
    {"attempt", derive_attempt, true},
    {"hint", derive_hint, true},
    {"solution", derive_solution, true},
    {"sister", derive_sister, true},
    {"asked", derive_talk, false},
    {"said", derive_said, false},
    {"plan", derive_plan, true},
    {"claim", derive_claim, true},
    {"placed", derive_placed, true},
    {"placing", derive_placing, false},
    PEOPLE_KINDS,
};

bool event_kind_kept(const char *kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (!strcmp(kinds[i].kind, kind))
            return kinds[i].kept;
    return false;
}

bool event_derive(struct connection *connection, const struct event *event, struct fault *fault) {
    struct buffer name = {0};
    buffer_format(&name, "event %s", event->kind);
    bool good = count(connection, name.at, fault);
    buffer_free(&name);
    for (size_t i = 0; good && i < COUNT_OF(kinds); i++)
        if (!strcmp(kinds[i].kind, event->kind))
            return kinds[i].derive(connection, event, fault);
    return good; /* a kind that derives nothing */
}

/* The event of this row of STATEMENT_EVENT_ALL, derived. */
static bool derive_row(struct connection *connection, sqlite3_stmt *row, struct fault *fault) {
    struct event event = {.id = sqlite3_column_int64(row, 0),
                          .learner = sqlite3_column_int64(row, 1),
                          .at_ms = sqlite3_column_int64(row, 2),
                          .kind = (const char *)sqlite3_column_text(row, 3),
                          .text = column_view(row, 4)};
    struct fault found = {0};
    json_t *data = json_parse(event.text, &found);
    event.data = data;
    bool good = data && event_derive(connection, &event, &found);
    json_decref(data);
    if (!good)
        fault_set(fault, found.kind, "Event %lld: %s", (long long)event.id, found.message);
    return good;
}

static bool derive_rows(struct connection *connection, double n, struct fault *fault) {
    struct progress progress = {.label = "making the tables again"};
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EVENT_ALL, fault, "");
    double done = 0;
    enum step step;
    while ((step = statement_step(connection, row, fault)) == STEP_ROW) {
        if (!derive_row(connection, row, fault) || !rows_bound(connection, fault)) {
            sqlite3_reset(row);
            break;
        }
        if ((int64_t)++done % 4096 == 0)
            progress_show(&progress, done, n, "events");
    }
    progress_end(&progress);
    return step == STEP_END;
}

static bool write_counts(struct connection *connection, struct fault *fault) {
    json_t *counts = connection->counts, *n;
    const char *name;
    bool good = true;
    connection->counts = NULL;
    json_object_foreach(counts, name, n) good =
        good && add_count(connection, name, json_integer_value(n), fault);
    json_decref(counts);
    return good;
}

/* A large school's tables are larger than the pages that a connection keeps by itself: with few
 * pages each row would wait for the disk. */
bool events_derive_all(struct connection *connection, struct fault *fault) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EVENT_COUNT, fault, "");
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    double n = (double)sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    sqlite3_exec(connection->database, "PRAGMA cache_size = -524288", NULL, NULL, NULL);
    connection->counts = json_object();
    rows_begin_whole(connection, connection->rows_limit);
    bool good = derive_rows(connection, n, fault) && rows_write(connection, fault);
    rows_clear(connection);
    good = write_counts(connection, fault) && good;
    sqlite3_exec(connection->database, "PRAGMA cache_size = -2000; PRAGMA shrink_memory", NULL,
                 NULL, NULL);
    return good;
}
