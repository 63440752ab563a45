/* What events say of skills: mastery, memory and its next review, the school's fits, plans. */
#include "school/learner/inside.h"
#include "school/learner/practice.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------- rows */

void skill_of_row(sqlite3_stmt *row, int column, struct skill_state *state) {
    *state = (struct skill_state){.mastery = sqlite3_column_double(row, column),
                                  .attempts = sqlite3_column_int(row, column + 1),
                                  .unaided = sqlite3_column_int(row, column + 2),
                                  .right = sqlite3_column_int(row, column + 3),
                                  .reached_ms = sqlite3_column_int64(row, column + 4),
                                  .believed = sqlite3_column_int(row, column + 5),
                                  .memory = {.stability = sqlite3_column_double(row, column + 6),
                                             .difficulty = sqlite3_column_double(row, column + 7),
                                             .reviewed_ms = sqlite3_column_int64(row, column + 8),
                                             .due_ms = sqlite3_column_int64(row, column + 9),
                                             .reviews = sqlite3_column_int(row, column + 10),
                                             .lapses = sqlite3_column_int(row, column + 11),
                                             .state = MEMORY_KEPT},
                                  .due_day = sqlite3_column_int64(row, column + 12)};
}

bool tracing_read(struct connection *connection, const char *course, const char *skill,
                  struct tracing *tracing, int64_t *answers, int64_t *next, struct fault *fault) {
    *tracing = tracing_default;
    *answers = 0;
    *next = tracing_next_fit(0, false);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_FIT_READ, fault, "ss", course, skill);
    enum step step = statement_step(connection, row, fault);
    if (step != STEP_ROW)
        return step == STEP_END;
    *answers = sqlite3_column_int64(row, 0);
    *next = sqlite3_column_int64(row, 1);
    if (sqlite3_column_int(row, 2))
        *tracing = (struct tracing){.start = sqlite3_column_double(row, 3),
                                    .transit = sqlite3_column_double(row, 4),
                                    .guess = sqlite3_column_double(row, 5),
                                    .slip = sqlite3_column_double(row, 6)};
    sqlite3_reset(row);
    return true;
}

bool difficulty_read(struct connection *connection, const char *exercise, double *difficulty,
                     int64_t *tries, struct fault *fault) {
    *difficulty = 0;
    *tries = 0;
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_DIFFICULTY_READ, fault, "s", exercise);
    enum step step = statement_step(connection, row, fault);
    if (step != STEP_ROW)
        return step == STEP_END;
    *difficulty = sqlite3_column_double(row, 0);
    *tries = sqlite3_column_int64(row, 1);
    sqlite3_reset(row);
    return true;
}

bool plan_read(struct connection *connection, int64_t learner, struct plan *plan,
               struct fault *fault) {
    *plan = (struct plan){0};
    sqlite3_stmt *row = statement_with(connection, STATEMENT_PLAN_READ, fault, "i", learner);
    enum step step = statement_step(connection, row, fault);
    if (step != STEP_ROW)
        return step == STEP_END;
    *plan = (struct plan){.calendar = {.offset_minutes = sqlite3_column_int(row, 0),
                                       .days_off = (unsigned)sqlite3_column_int(row, 1),
                                       .exam_day = sqlite3_column_int64(row, 2)},
                          .shift = sqlite3_column_int(row, 3),
                          .goal = sqlite3_column_int(row, 4)};
    sqlite3_reset(row);
    return true;
}

/* One learner and one skill, as an event moves it. */
struct moved {
    struct connection *connection;
    int64_t learner;
    const char *course, *skill;
    struct tracing tracing;
    int64_t answers, next; /* of the fit */
    struct skill_state state;
};

static bool read_skill(struct moved *moved, struct fault *fault) {
    if (!tracing_read(moved->connection, moved->course, moved->skill, &moved->tracing,
                      &moved->answers, &moved->next, fault))
        return false;
    sqlite3_stmt *row = statement_with(moved->connection, STATEMENT_SKILL_READ, fault, "iss",
                                       moved->learner, moved->course, moved->skill);
    enum step step = statement_step(moved->connection, row, fault);
    moved->state = (struct skill_state){.mastery = moved->tracing.start};
    if (step == STEP_ROW) {
        skill_of_row(row, 0, &moved->state);
        sqlite3_reset(row);
    }
    return step != STEP_FAILED;
}

static bool write_skill(const struct moved *moved, struct fault *fault) {
    const struct skill_state *state = &moved->state;
    return statement_run(
        moved->connection,
        statement_with(moved->connection, STATEMENT_SKILL_WRITE, fault, "issdiiiiiddiiiii",
                       moved->learner, moved->course, moved->skill, state->mastery,
                       (int64_t)state->attempts, (int64_t)state->unaided, (int64_t)state->right,
                       state->reached_ms, (int64_t)state->believed, state->memory.stability,
                       state->memory.difficulty, state->memory.reviewed_ms, state->memory.due_ms,
                       (int64_t)state->memory.reviews, (int64_t)state->memory.lapses,
                       state->due_day),
        fault);
}

/* -------------------------------------------------------------------------------- the next day */

/* How much is due on each day of the window, this skill apart. */
static bool read_load(const struct moved *moved, const struct day_window *window, int *load,
                      struct fault *fault) {
    sqlite3_stmt *row =
        statement_with(moved->connection, STATEMENT_SKILL_LOAD, fault, "iiiss", moved->learner,
                       window->first, window->last, moved->course, moved->skill);
    enum step step;
    while ((step = statement_step(moved->connection, row, fault)) == STEP_ROW)
        load[sqlite3_column_int64(row, 0) - window->first] = sqlite3_column_int(row, 1);
    return step == STEP_END;
}

/* Moves the review from the moment that FSRS gives to a day that suits the learner. */
static bool place_review(struct moved *moved, const struct plan *plan, struct fault *fault) {
    struct memory *memory = &moved->state.memory;
    if (!(memory->stability > 0))
        return true;
    struct day_window window = spacing_window(
        &plan->calendar, calendar_day(&plan->calendar, memory->reviewed_ms),
        spacing_interval(&spacing_school, memory->stability), spacing_school.longest);
    int *load = must_alloc((size_t)(window.last - window.first + 1), sizeof *load);
    bool good = read_load(moved, &window, load, fault);
    moved->state.due_day = spacing_place(&plan->calendar, &window, load);
    memory->due_ms = calendar_start_ms(&plan->calendar, moved->state.due_day);
    free(load);
    return good;
}

/* ---------------------------------------------------------------------------------------- fits */

/* The newest answers to a skill, by learner; each learner's oldest first. */
struct gathered {
    bool right[FIT_MOST];
    struct answers answers[FIT_MOST];
    size_t n, n_learner;
};

static bool gather(const struct moved *moved, struct gathered *gathered, struct fault *fault) {
    sqlite3_stmt *row = statement_with(moved->connection, STATEMENT_OBSERVED_OF_SKILL, fault,
                                       "ssi", moved->course, moved->skill, (int64_t)FIT_MOST);
    int64_t last = 0;
    enum step step;
    /* Rows come newest first and are laid down from the end. */
    while ((step = statement_step(moved->connection, row, fault)) == STEP_ROW) {
        int64_t learner = sqlite3_column_int64(row, 0);
        bool *at = &gathered->right[FIT_MOST - ++gathered->n];
        *at = sqlite3_column_int(row, 1);
        if (learner != last)
            gathered->answers[gathered->n_learner++] = (struct answers){0};
        struct answers *answers = &gathered->answers[gathered->n_learner - 1];
        answers->right = at;
        answers->n++;
        last = learner;
    }
    return step == STEP_END;
}

static bool write_fit(const struct moved *moved, bool fitted, struct fault *fault) {
    return statement_run(moved->connection,
                         statement_with(moved->connection, STATEMENT_FIT_WRITE, fault, "ssiiidddd",
                                        moved->course, moved->skill, moved->answers, moved->next,
                                        (int64_t)fitted, moved->tracing.start,
                                        moved->tracing.transit, moved->tracing.guess,
                                        moved->tracing.slip),
                         fault);
}

/* Fitted anew each time that the answers have doubled. Mastery is never reckoned back. */
static bool fit(struct moved *moved, bool *fitted, struct fault *fault) {
    struct gathered *gathered = must_alloc(1, sizeof *gathered);
    bool good = gather(moved, gathered, fault);
    bool found =
        good && tracing_of_school(&moved->tracing, gathered->answers, gathered->n_learner);
    *fitted = *fitted || found;
    moved->next = tracing_next_fit(moved->answers, found);
    free(gathered);
    return good;
}

static bool count_answer(struct moved *moved, struct fault *fault) {
    bool fitted = memcmp(&moved->tracing, &tracing_default, sizeof tracing_default) != 0;
    moved->answers++;
    if (moved->answers >= moved->next && !fit(moved, &fitted, fault))
        return false;
    return write_fit(moved, fitted, fault);
}

/* -------------------------------------------------------------------------------- a first try */

/* What the school learns of the exercise and the skill; not when a learner is derived again, who
 * was counted before. */
static bool school_learns(struct moved *moved, const char *exercise, double difficulty,
                          int64_t tries, struct fault *fault) {
    return moved->connection->again ||
           (statement_run(moved->connection,
                          statement_with(moved->connection, STATEMENT_DIFFICULTY_WRITE, fault,
                                         "sid", exercise, tries + 1, difficulty),
                          fault) &&
            count_answer(moved, fault));
}

static bool observe(struct moved *moved, const struct event *event, bool right,
                    struct fault *fault) {
    const char *exercise = json_text(event->data, "exercise", "");
    double difficulty;
    int64_t tries;
    if (!difficulty_read(moved->connection, exercise, &difficulty, &tries, fault))
        return false;
    struct tracing tracing =
        tracing_of_exercise(&moved->tracing, difficulty_used(difficulty, (int)tries),
                            json_number(event->data, "chance", 0));
    double predicted = tracing_right(&tracing, skill_known(&moved->state, event->at_ms));
    skill_observe(&moved->state, &tracing, right, event->at_ms);
    difficulty = difficulty_after(difficulty, (int)tries, predicted, right);
    return statement_run(moved->connection,
                         statement_with(moved->connection, STATEMENT_OBSERVED_ADD, fault,
                                        "ssiisidi", moved->course, moved->skill, event->learner,
                                        event->id, exercise, event->at_ms, predicted,
                                        (int64_t)right),
                         fault) &&
           school_learns(moved, exercise, difficulty, tries, fault);
}

bool derive_try(struct connection *connection, const struct event *event, bool unaided, bool right,
                struct fault *fault) {
    struct plan plan;
    struct moved moved = {.connection = connection,
                          .learner = event->learner,
                          .course = json_text(event->data, "course", ""),
                          .skill = json_text(event->data, "skill", "")};
    if (!plan_read(connection, event->learner, &plan, fault) || !read_skill(&moved, fault))
        return false;
    moved.state.attempts++;
    if (unaided && !observe(&moved, event, right, fault))
        return false;
    if (!moved.state.reached_ms && moved.state.mastery >= json_number(event->data, "threshold", 1))
        moved.state.reached_ms = event->at_ms;
    return (!unaided || place_review(&moved, &plan, fault)) && write_skill(&moved, fault) &&
           statement_run(connection,
                         statement_with(connection, STATEMENT_DAY_ADD, fault, "iii",
                                        event->learner, calendar_day(&plan.calendar, event->at_ms),
                                        (int64_t)right),
                         fault);
}

/* ------------------------------------------------------------------------ claims and placement */

static bool believe(struct connection *connection, const struct event *event, const char *skill,
                    double mastery, struct fault *fault) {
    struct plan plan;
    struct moved moved = {.connection = connection,
                          .learner = event->learner,
                          .course = json_text(event->data, "course", ""),
                          .skill = skill};
    if (!plan_read(connection, event->learner, &plan, fault) || !read_skill(&moved, fault))
        return false;
    /* Who lacks it now still reads the lesson before the first try. */
    mastery = mastery > moved.tracing.start ? mastery : moved.tracing.start;
    skill_believe(&moved.state, mastery, json_number(event->data, "threshold", 1), event->at_ms);
    return place_review(&moved, &plan, fault) && write_skill(&moved, fault);
}

bool derive_claim(struct connection *connection, const struct event *event, struct fault *fault) {
    double threshold = json_number(event->data, "threshold", 1);
    size_t i;
    json_t *skill;
    json_array_foreach(json_object_get(event->data, "skills"), i, skill) {
        if (json_is_string(skill) &&
            !believe(connection, event, json_string_value(skill), (1 + threshold) / 2, fault))
            return false;
    }
    return true;
}

/* The test is found again as what was said about an exercise is. No label has a space. */
bool derive_placing(struct connection *connection, const struct event *event,
                    struct fault *fault) {
    struct buffer place = {0};
    buffer_format(&place, "placement of %s", json_text(event->data, "course", ""));
    bool good = connection->again ||
                statement_run(connection,
                              statement_with(connection, STATEMENT_TALK_ADD, fault, "isi",
                                             event->learner, place.at, event->id),
                              fault);
    buffer_free(&place);
    return good;
}

bool derive_placed(struct connection *connection, const struct event *event, struct fault *fault) {
    const char *skill;
    json_t *mastery;
    json_t *all = json_object_get(event->data, "mastery");
    if (!derive_placing(connection, event, fault))
        return false;
    json_object_foreach(all, skill, mastery) {
        if (!believe(connection, event, skill, json_number_value(mastery), fault))
            return false;
    }
    return true;
}

/* --------------------------------------------------------------------------------------- plans */

/* Every review of the learner, placed as if they had come one after the other. */
static bool place_all(struct connection *connection, const struct event *event,
                      const struct plan *plan, struct fault *fault) {
    enum { MOST = 4096 };
    struct placed {
        char *course, *skill;
        struct skill_state state;
    } *all = must_alloc(MOST, sizeof *all);
    size_t n = 0;
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_SKILL_ALL, fault, "i", event->learner);
    enum step step = STEP_END;
    while (n < MOST && (step = statement_step(connection, row, fault)) == STEP_ROW) {
        skill_of_row(row, 0, &all[n].state);
        all[n].course = must_copy(column_view(row, 13));
        all[n++].skill = must_copy(column_view(row, 14));
    }
    if (n == MOST)
        sqlite3_reset(row);
    bool good = step != STEP_FAILED;
    for (size_t i = 0; good && i < n; i++) {
        struct moved moved = {.connection = connection,
                              .learner = event->learner,
                              .course = all[i].course,
                              .skill = all[i].skill,
                              .state = all[i].state};
        good = place_review(&moved, plan, fault) &&
               statement_run(connection,
                             statement_with(connection, STATEMENT_SKILL_DUE, fault, "iiiss",
                                            moved.state.due_day, moved.state.memory.due_ms,
                                            event->learner, moved.course, moved.skill),
                             fault);
    }
    for (size_t i = 0; i < n; i++) {
        free(all[i].course);
        free(all[i].skill);
    }
    free(all);
    return good;
}

bool derive_plan(struct connection *connection, const struct event *event, struct fault *fault) {
    struct plan plan;
    plan_of_json(event->data, &plan);
    return statement_run(connection,
                         statement_with(connection, STATEMENT_PLAN_WRITE, fault, "iiiiii",
                                        event->learner, (int64_t)plan.calendar.offset_minutes,
                                        (int64_t)plan.calendar.days_off, plan.calendar.exam_day,
                                        (int64_t)plan.shift, (int64_t)plan.goal),
                         fault) &&
           place_all(connection, event, &plan, fault);
}
