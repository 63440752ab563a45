/* What each kind of event adds to the derived tables: live and when they are made again. */
#include "school/learner/inside.h"

#include <string.h>

typedef bool derive_function(struct connection *, const struct event *, struct fault *);

static int64_t integer(const json_t *data, const char *key) {
    return json_integer_value(json_object_get(data, key));
}

static const char *exercise_of(const struct event *event) {
    return json_text(event->data, "exercise", "");
}

static bool count(struct connection *connection, const char *name, struct fault *fault) {
    return statement_run(connection,
                         statement_with(connection, STATEMENT_TALLY_ADD, fault, "s", name), fault);
}

/* ---------------------------------------------------------------------------------- learners */

static bool derive_learner(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    return statement_run(connection,
                         statement_with(connection, STATEMENT_LEARNER_ADD, fault, "iis",
                                        event->learner, event->at_ms,
                                        json_text(event->data, "token_hash", NULL)),
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

static bool read_skill(struct connection *connection, const struct event *event,
                       struct skill_state *state, struct fault *fault) {
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_SKILL_READ, fault, "iss", event->learner,
                       json_text(event->data, "course", ""), json_text(event->data, "skill", ""));
    enum step step = statement_step(connection, row, fault);
    *state = (struct skill_state){.mastery = tracing_default.start};
    if (step == STEP_ROW) {
        *state = (struct skill_state){.mastery = sqlite3_column_double(row, 0),
                                      .attempts = sqlite3_column_int(row, 1),
                                      .unaided = sqlite3_column_int(row, 2),
                                      .right = sqlite3_column_int(row, 3),
                                      .reached_ms = sqlite3_column_int64(row, 4)};
        sqlite3_reset(row);
    }
    return step != STEP_FAILED;
}

static bool write_skill(struct connection *connection, const struct event *event,
                        const struct skill_state *state, struct fault *fault) {
    return statement_run(connection,
                         statement_with(connection, STATEMENT_SKILL_WRITE, fault, "issdiiii",
                                        event->learner, json_text(event->data, "course", ""),
                                        json_text(event->data, "skill", ""), state->mastery,
                                        (int64_t)state->attempts, (int64_t)state->unaided,
                                        (int64_t)state->right, state->reached_ms),
                         fault);
}

/* The skill's attempts are all counted; its mastery moves only by a first try without help. */
static bool observe(struct connection *connection, const struct event *event, bool unaided,
                    bool right, struct fault *fault) {
    struct skill_state state;
    if (!read_skill(connection, event, &state, fault))
        return false;
    state.attempts++;
    if (unaided) {
        state.unaided++;
        state.right += right;
        state.mastery = tracing_after(&tracing_default, state.mastery, right);
    }
    if (!state.reached_ms && state.mastery >= json_number(event->data, "threshold", 1))
        state.reached_ms = event->at_ms;
    return write_skill(connection, event, &state, fault);
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
        observe(connection, event, unaided, right, fault) &&
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

bool events_derive_all(struct connection *connection, struct fault *fault) {
    struct progress progress = {.label = "making the tables again"};
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EVENT_COUNT, fault, "");
    if (statement_step(connection, row, fault) != STEP_ROW)
        return false;
    double n = (double)sqlite3_column_int64(row, 0), done = 0;
    sqlite3_reset(row);
    row = statement_with(connection, STATEMENT_EVENT_ALL, fault, "");
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
