/* What each kind of event adds to the derived tables: live and when they are made again. */
#include "school/learner/inside.h"
#include "school/learner/people_tables.h"

#include <string.h>

typedef bool derive_function(struct connection *, const struct event *, struct fault *);

static int64_t integer(const json_t *data, const char *key) {
    return json_integer_value(json_object_get(data, key));
}

static const char *exercise_of(const struct event *event) {
    return json_text(event->data, "exercise", "");
}

static bool add_count(struct connection *connection, const char *name, int64_t n,
                      struct fault *fault) {
    return statement_run(connection,
                         statement_with(connection, STATEMENT_TALLY_ADD, fault, "si", name, n),
                         fault);
}

static bool count(struct connection *connection, const char *name, struct fault *fault) {
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

/* What is known before this event of the seed that it is on. */
struct seed_state {
    int attempts, hints, wrong;
    bool bottomed, solved;
};

/* Makes the rows of an exercise and a seed that are touched for the first time. */
static bool touch(struct connection *connection, const struct event *event, struct fault *fault) {
    const char *exercise = exercise_of(event);
    int64_t seed = integer(event->data, "seed");
    return statement_run(connection,
                         statement_with(connection, STATEMENT_EXERCISE_TOUCH, fault, "isi",
                                        event->learner, exercise, seed),
                         fault) &&
           statement_run(connection,
                         statement_with(connection, STATEMENT_SEED_TOUCH, fault, "isi",
                                        event->learner, exercise, seed),
                         fault);
}

static bool read_seed(struct connection *connection, const struct event *event,
                      struct seed_state *state, struct fault *fault) {
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_SEED_READ, fault, "isi", event->learner,
                       exercise_of(event), integer(event->data, "seed"));
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    *state = (struct seed_state){.attempts = sqlite3_column_int(row, 0),
                                 .hints = sqlite3_column_int(row, 1),
                                 .bottomed = sqlite3_column_int(row, 2),
                                 .wrong = sqlite3_column_int(row, 3),
                                 .solved = sqlite3_column_int(row, 4)};
    sqlite3_reset(row);
    return true;
}

static bool is_latest_seed(struct connection *connection, const struct event *event, bool *latest,
                           struct fault *fault) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EXERCISE_READ, fault, "is",
                                       event->learner, exercise_of(event));
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    *latest = sqlite3_column_int64(row, 0) == integer(event->data, "seed");
    sqlite3_reset(row);
    return true;
}

static bool derive_attempt(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    struct seed_state seed;
    bool latest = false;
    if (!json_flag(event->data, "counts", true))
        return count(connection, "attempts unread", fault);
    if (!touch(connection, event, fault) || !read_seed(connection, event, &seed, fault) ||
        !is_latest_seed(connection, event, &latest, fault))
        return false;
    double score = json_number(event->data, "score", 0);
    bool right = score >= 1 - 1e-9, first = seed.attempts == 0;
    bool unaided = first && latest && !seed.hints && !seed.bottomed;
    struct buffer answer = {0};
    buffer_json(&answer, json_object_get(event->data, "answer"));
    bool good =
        statement_run(connection,
                      statement_with(connection, STATEMENT_SEED_TRIED, fault, "iidivisi",
                                     (int64_t)(right ? 0 : seed.wrong + 1), (int64_t)right, score,
                                     event->at_ms, buffer_view(&answer), event->learner,
                                     exercise_of(event), integer(event->data, "seed")),
                      fault) &&
        statement_run(connection,
                      statement_with(connection, STATEMENT_EXERCISE_TRIED, fault, "iiis",
                                     (int64_t)right, (int64_t)(right && unaided), event->learner,
                                     exercise_of(event)),
                      fault) &&
        statement_run(connection,
                      statement_with(connection, STATEMENT_TRIED_ADD, fault, "ii", event->learner,
                                     event->id),
                      fault) &&
        derive_try(connection, event, unaided, right, fault) &&
        teaching_attempt(connection, event, &(struct tried){first, unaided, right, seed.solved},
                         fault) &&
        (connection->again || presence_note(connection, event, fault)) &&
        count(connection, right ? "attempts right" : "attempts wrong", fault) &&
        (!unaided || count(connection, right ? "unaided right" : "unaided wrong", fault));
    buffer_free(&answer);
    return good;
}

static bool derive_hint(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    return touch(connection, event, fault) &&
           statement_run(connection,
                         statement_with(connection, STATEMENT_SEED_HINTED, fault, "iiisi",
                                        integer(event->data, "rung"), event->at_ms, event->learner,
                                        exercise_of(event), integer(event->data, "seed")),
                         fault);
}

static bool derive_solution(struct connection *connection, const struct event *event,
                            struct fault *fault) {
    return touch(connection, event, fault) &&
           statement_run(connection,
                         statement_with(connection, STATEMENT_SEED_SOLUTION, fault, "isi",
                                        event->learner, exercise_of(event),
                                        integer(event->data, "seed")),
                         fault);
}

static bool derive_sister(struct connection *connection, const struct event *event,
                          struct fault *fault) {
    return touch(connection, event, fault) &&
           statement_run(connection,
                         statement_with(connection, STATEMENT_EXERCISE_MOVE, fault, "iis",
                                        integer(event->data, "seed"), event->learner,
                                        exercise_of(event)),
                         fault);
}

/* -------------------------------------------------------------------------------------- talk */

static bool derive_talk(struct connection *connection, const struct event *event,
                        struct fault *fault) {
    const char *exercise = exercise_of(event);
    return !*exercise || statement_run(connection,
                                       statement_with(connection, STATEMENT_TALK_ADD, fault, "isi",
                                                      event->learner, exercise, event->id),
                                       fault);
}

/* --------------------------------------------------------------------------------- the table */

static const struct {
    const char *kind;
    derive_function *derive;
    bool kept; /* written by a function of its own */
} kinds[] = {
    {"learner", derive_learner, true},   {"name", derive_name, true},
    {"attempt", derive_attempt, true},   {"hint", derive_hint, true},
    {"solution", derive_solution, true}, {"sister", derive_sister, true},
    {"asked", derive_talk, false},       {"said", derive_talk, false},
    {"plan", derive_plan, true},         {"claim", derive_claim, true},
    {"placed", derive_placed, true},     {"placing", derive_placing, false},
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
        if (!derive_row(connection, row, fault)) {
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

/* The tables of a large school are larger than the pages that a connection keeps by itself, and
 * its learners' events lie mixed: with few pages each event would wait for the disk. */
bool events_derive_all(struct connection *connection, struct fault *fault) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EVENT_COUNT, fault, "");
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    double n = (double)sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    sqlite3_exec(connection->database, "PRAGMA cache_size = -524288", NULL, NULL, NULL);
    connection->counts = json_object();
    bool good = derive_rows(connection, n, fault);
    good = write_counts(connection, fault) && good;
    sqlite3_exec(connection->database, "PRAGMA cache_size = -2000; PRAGMA shrink_memory", NULL,
                 NULL, NULL);
    return good;
}
