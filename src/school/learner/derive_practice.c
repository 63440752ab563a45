/* What events say of skills: mastery, memory and its next review, the school's fits, plans. */
#include "school/learner/inside.h"
#include "school/learner/practice.h"
#include "school/learner/rows.h"

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

void tracing_of_row(sqlite3_stmt *row, int column, struct tracing *tracing) {
    *tracing = tracing_default;
    if (sqlite3_column_int(row, column))
        *tracing = (struct tracing){.start = sqlite3_column_double(row, column + 1),
                                    .transit = sqlite3_column_double(row, column + 2),
                                    .guess = sqlite3_column_double(row, column + 3),
                                    .slip = sqlite3_column_double(row, column + 4)};
}

enum step plan_get(struct connection *connection, int64_t learner, struct plan *plan,
                   struct fault *fault) {
    union value *row;
    enum step step = rows_get(connection, ROWS_PLAN, learner, NULL, &row, fault);
    *plan = (struct plan){0};
    if (step == STEP_ROW)
        *plan = (struct plan){.calendar = {.offset_minutes = (int)row[PLAN_OFFSET].i,
                                           .days_off = (unsigned)row[PLAN_DAYS_OFF].i,
                                           .exam_day = row[PLAN_EXAM_DAY].i},
                              .shift = (int)row[PLAN_SHIFT].i,
                              .goal = (int)row[PLAN_GOAL].i};
    return step;
}

static struct skill_state skill_of(const union value *row) {
    return (struct skill_state){.mastery = row[SKILL_MASTERY].d,
                                .attempts = (int)row[SKILL_ATTEMPTS].i,
                                .unaided = (int)row[SKILL_UNAIDED].i,
                                .right = (int)row[SKILL_RIGHT].i,
                                .reached_ms = row[SKILL_REACHED_MS].i,
                                .believed = row[SKILL_BELIEVED].i,
                                .memory = {.stability = row[SKILL_STABILITY].d,
                                           .difficulty = row[SKILL_DIFFICULTY].d,
                                           .reviewed_ms = row[SKILL_REVIEWED_MS].i,
                                           .due_ms = row[SKILL_DUE_MS].i,
                                           .reviews = (int)row[SKILL_REVIEWS].i,
                                           .lapses = (int)row[SKILL_LAPSES].i,
                                           .state = MEMORY_KEPT},
                                .due_day = row[SKILL_DUE_DAY].i};
}

static void keep_skill(union value *row, const struct skill_state *state) {
    row[SKILL_MASTERY].d = state->mastery;
    row[SKILL_ATTEMPTS].i = state->attempts;
    row[SKILL_UNAIDED].i = state->unaided;
    row[SKILL_RIGHT].i = state->right;
    row[SKILL_REACHED_MS].i = state->reached_ms;
    row[SKILL_BELIEVED].i = state->believed;
    row[SKILL_STABILITY].d = state->memory.stability;
    row[SKILL_DIFFICULTY].d = state->memory.difficulty;
    row[SKILL_REVIEWED_MS].i = state->memory.reviewed_ms;
    row[SKILL_DUE_MS].i = state->memory.due_ms;
    row[SKILL_REVIEWS].i = state->memory.reviews;
    row[SKILL_LAPSES].i = state->memory.lapses;
    row[SKILL_DUE_DAY].i = state->due_day;
}

/* One learner and one skill, as an event moves it. */
struct moved {
    struct connection *connection;
    int64_t learner;
    union value key[2]; /* course and skill */
    struct tracing tracing;
    int64_t answers, next; /* of the fit */
    struct skill_state state;
};

static bool read_fit(struct moved *moved, struct fault *fault) {
    union value *row;
    enum step step = rows_get(moved->connection, ROWS_FIT, 0, moved->key, &row, fault);
    moved->tracing = tracing_default;
    moved->answers = 0;
    moved->next = tracing_next_fit(0, false);
    if (step != STEP_ROW)
        return step == STEP_END;
    moved->answers = row[FIT_ANSWERS].i;
    moved->next = row[FIT_NEXT].i;
    if (row[FIT_FITTED].i)
        moved->tracing = (struct tracing){.start = row[FIT_START].d,
                                          .transit = row[FIT_TRANSIT].d,
                                          .guess = row[FIT_GUESS].d,
                                          .slip = row[FIT_SLIP].d};
    return true;
}

static enum step read_skill(struct moved *moved, struct connection *connection, int64_t learner,
                            const char *course, const char *skill, struct fault *fault) {
    union value *row;
    *moved = (struct moved){
        .connection = connection,
        .learner = learner,
        .key = {{.s = rows_text(connection, course)}, {.s = rows_text(connection, skill)}}};
    if (!read_fit(moved, fault))
        return STEP_FAILED;
    enum step step = rows_get(connection, ROWS_SKILL, learner, moved->key, &row, fault);
    moved->state =
        step == STEP_ROW ? skill_of(row) : (struct skill_state){.mastery = moved->tracing.start};
    return step;
}

enum step skill_get(struct connection *connection, int64_t learner, const char *course,
                    const char *skill, struct skill_state *state, struct fault *fault) {
    struct moved moved;
    enum step step = read_skill(&moved, connection, learner, course, skill, fault);
    *state = moved.state;
    return step;
}

/* A skill of the event's course and learner, and what that one wishes. */
static bool read_moved(struct moved *moved, struct plan *plan, struct connection *connection,
                       const struct event *event, const char *skill, struct fault *fault) {
    const char *course = json_text(event->data, "course", "");
    return plan_get(connection, event->learner, plan, fault) != STEP_FAILED &&
           read_skill(moved, connection, event->learner, course, skill, fault) != STEP_FAILED;
}

static bool write_skill(const struct moved *moved, struct fault *fault) {
    union value *row =
        rows_change(moved->connection, ROWS_SKILL, moved->learner, moved->key, fault);
    if (row)
        keep_skill(row, &moved->state);
    return row;
}

/* -------------------------------------------------------------------------------- the next day */

/* How much is due on each day of the window, this skill apart. */
static bool read_load(const struct moved *moved, const struct day_window *window, int *load,
                      struct fault *fault) {
    size_t n;
    union value **all = rows_all(moved->connection, ROWS_SKILL, moved->learner, &n, fault);
    for (size_t i = 0; all && i < n; i++) {
        int64_t day = all[i][SKILL_DUE_DAY].i;
        bool same =
            all[i][SKILL_COURSE].s == moved->key[0].s && all[i][SKILL_SKILL].s == moved->key[1].s;
        if (!same && all[i][SKILL_REACHED_MS].i && day >= window->first && day <= window->last)
            load[day - window->first]++;
    }
    free(all);
    return all;
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
    int64_t last; /* learner */
};

/* Answers come newest first and are laid down from the end. */
static bool lay_down(void *context, int64_t learner, bool right) {
    struct gathered *gathered = context;
    bool *at = &gathered->right[FIT_MOST - ++gathered->n];
    *at = right;
    if (learner != gathered->last)
        gathered->answers[gathered->n_learner++] = (struct answers){0};
    struct answers *answers = &gathered->answers[gathered->n_learner - 1];
    answers->right = at;
    answers->n++;
    gathered->last = learner;
    return gathered->n < FIT_MOST;
}

static bool gather(const struct moved *moved, struct gathered *gathered, struct fault *fault) {
    struct connection *connection = moved->connection;
    const char *course = moved->key[0].s, *skill = moved->key[1].s;
    if (rows_are_whole(connection)) {
        rows_observed(connection, course, skill, lay_down, gathered);
        return true;
    }
    if (!rows_write_table(connection, ROWS_OBSERVED, fault))
        return false;
    sqlite3_stmt *row = statement_with(connection, STATEMENT_OBSERVED_OF_SKILL, fault, "ssi",
                                       course, skill, (int64_t)FIT_MOST);
    enum step step;
    while ((step = statement_step(connection, row, fault)) == STEP_ROW)
        lay_down(gathered, sqlite3_column_int64(row, 0), sqlite3_column_int(row, 1));
    return step == STEP_END;
}

static bool write_fit(const struct moved *moved, bool fitted, struct fault *fault) {
    union value *row = rows_change(moved->connection, ROWS_FIT, 0, moved->key, fault);
    if (!row)
        return false;
    row[FIT_ANSWERS].i = moved->answers;
    row[FIT_NEXT].i = moved->next;
    row[FIT_FITTED].i = fitted;
    row[FIT_START].d = moved->tracing.start;
    row[FIT_TRANSIT].d = moved->tracing.transit;
    row[FIT_GUESS].d = moved->tracing.guess;
    row[FIT_SLIP].d = moved->tracing.slip;
    return true;
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
static bool school_learns(struct moved *moved, union value exercise, double difficulty,
                          struct fault *fault) {
    if (moved->connection->again)
        return true;
    union value *row = rows_change(moved->connection, ROWS_DIFFICULTY, 0, &exercise, fault);
    if (!row)
        return false;
    row[DIFFICULTY_TRIES].i++;
    row[DIFFICULTY_DIFFICULTY].d = difficulty;
    return count_answer(moved, fault);
}

/* When a try was made: what came late may have been overtaken by another, and then it was made
 * with that one. */
static int64_t tried_at(const struct moved *moved, const struct event *event) {
    int64_t made = event_made_ms(event), latest = moved->state.memory.reviewed_ms;
    return made > latest || latest > event->at_ms ? made : latest;
}

static bool observe(struct moved *moved, const struct event *event, bool right,
                    struct fault *fault) {
    int64_t at_ms = tried_at(moved, event);
    union value exercise = {
        .s = rows_text(moved->connection, json_text(event->data, "exercise", ""))};
    union value *row;
    enum step step = rows_get(moved->connection, ROWS_DIFFICULTY, 0, &exercise, &row, fault);
    if (step == STEP_FAILED)
        return false;
    double difficulty = step == STEP_ROW ? row[DIFFICULTY_DIFFICULTY].d : 0;
    int tries = step == STEP_ROW ? (int)row[DIFFICULTY_TRIES].i : 0;
    struct tracing tracing =
        tracing_of_exercise(&moved->tracing, difficulty_used(difficulty, tries),
                            json_number(event->data, "chance", 0));
    double predicted = tracing_right(&tracing, skill_known(&moved->state, at_ms));
    skill_observe(&moved->state, &tracing, right, at_ms);
    difficulty = difficulty_after(difficulty, tries, predicted, right);
    rows_add(moved->connection, ROWS_OBSERVED, event->learner,
             (union value[]){moved->key[0],
                             moved->key[1],
                             {.i = event->id},
                             exercise,
                             {.i = at_ms},
                             {.d = predicted},
                             {.i = right}});
    return school_learns(moved, exercise, difficulty, fault);
}

static bool count_day(struct connection *connection, const struct event *event,
                      const struct plan *plan, bool right, struct fault *fault) {
    const union value day = {.i = calendar_day(&plan->calendar, event_made_ms(event))};
    union value *row = rows_change(connection, ROWS_DAY, event->learner, &day, fault);
    if (!row)
        return false;
    row[DAY_ANSWERS].i++;
    row[DAY_RIGHT].i += right;
    return true;
}

bool derive_try(struct connection *connection, const struct event *event, bool unaided, bool right,
                struct fault *fault) {
    struct plan plan;
    struct moved moved;
    if (!read_moved(&moved, &plan, connection, event, json_text(event->data, "skill", ""), fault))
        return false;
    double threshold = json_number(event->data, "threshold", 1), before = moved.state.mastery;
    moved.state.attempts++;
    if (unaided && !observe(&moved, event, right, fault))
        return false;
    if (!strcmp(json_text(event->data, "note", ""), "waiting"))
        moved.state.mastery = rubric_mastery(before, moved.state.mastery, threshold);
    if (!moved.state.reached_ms && moved.state.mastery >= threshold)
        moved.state.reached_ms = tried_at(&moved, event);
    return (!unaided || place_review(&moved, &plan, fault)) && write_skill(&moved, fault) &&
           count_day(connection, event, &plan, right, fault);
}

/* ------------------------------------------------------------------------ claims and placement */

static bool believe(struct connection *connection, const struct event *event, const char *skill,
                    double mastery, struct fault *fault) {
    struct plan plan;
    struct moved moved;
    if (!read_moved(&moved, &plan, connection, event, skill, fault))
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
    if (!connection->again)
        rows_add(connection, ROWS_TALK, event->learner,
                 (union value[]){{.s = rows_text(connection, place.at)}, {.i = event->id}});
    buffer_free(&place);
    (void)fault;
    return true;
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
    size_t n;
    union value **all = rows_all(connection, ROWS_SKILL, event->learner, &n, fault);
    bool good = all;
    for (size_t i = 0; good && i < n; i++) {
        struct moved moved = {.connection = connection,
                              .learner = event->learner,
                              .key = {all[i][SKILL_COURSE], all[i][SKILL_SKILL]},
                              .state = skill_of(all[i])};
        if (moved.state.memory.stability > 0)
            good = place_review(&moved, plan, fault) && write_skill(&moved, fault);
    }
    free(all);
    return good;
}

bool derive_plan(struct connection *connection, const struct event *event, struct fault *fault) {
    struct plan plan;
    plan_of_json(event->data, &plan);
    union value *row = rows_change(connection, ROWS_PLAN, event->learner, NULL, fault);
    if (!row)
        return false;
    row[PLAN_OFFSET].i = plan.calendar.offset_minutes;
    row[PLAN_DAYS_OFF].i = plan.calendar.days_off;
    row[PLAN_EXAM_DAY].i = plan.calendar.exam_day;
    row[PLAN_SHIFT].i = plan.shift;
    row[PLAN_GOAL].i = plan.goal;
    return place_all(connection, event, &plan, fault);
}
