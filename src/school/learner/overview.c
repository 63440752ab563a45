/* Much of a learner at once: one walk along a table instead of a question for each exercise. */
#include "school/learner/inside.h"
#include "school/learner/practice.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS_COUNTED = 8 };

/* A list that grows in an arena. */
static void *grown(struct arena *arena, void *list, size_t n, size_t size) {
    if (n & (n - 1)) /* room is made at each power of two */
        return list;
    void *larger = arena_alloc(arena, n ? 2 * n : 1, size);
    if (n)
        memcpy(larger, list, n * size);
    return larger;
}

static const char *name_of(struct arena *arena, sqlite3_stmt *row, int column) {
    return arena_string(arena, column_view(row, column));
}

/* ------------------------------------------------------------------------------------- reading */

/* Each list's items begin with their name; the names are in the order of their bytes. */
static int by_name(const void *wanted, const void *item) {
    const struct view *name = wanted;
    const char *other = *(const char *const *)item;
    size_t n = strlen(other), common = name->n < n ? name->n : n;
    int order = common ? memcmp(name->at, other, common) : 0;
    return order ? order : (name->n > n) - (name->n < n);
}

static void read_exercises(struct connection *connection, int64_t learner,
                           struct overview *overview, struct arena *arena) {
    struct exercise_brief *list = NULL;
    size_t n = 0;
    sqlite3_stmt *row = statement_with(connection, STATEMENT_EXERCISES_OF, NULL, "i", learner);
    for (; statement_step(connection, row, NULL) == STEP_ROW; n++) {
        list = grown(arena, list, n, sizeof *list);
        list[n] = (struct exercise_brief){.exercise = name_of(arena, row, 0),
                                          .seed = (uint64_t)sqlite3_column_int64(row, 1),
                                          .ever_solved = sqlite3_column_int(row, 2)};
    }
    overview->exercises = list;
    overview->n_exercise = n;
}

/* Both walks are in the order of the exercises' names. */
static void read_seeds(struct connection *connection, int64_t learner, struct overview *overview) {
    sqlite3_stmt *row = statement_with(connection, STATEMENT_SEEDS_OF, NULL, "i", learner);
    size_t at = 0;
    while (statement_step(connection, row, NULL) == STEP_ROW) {
        struct view exercise = column_view(row, 0);
        while (at < overview->n_exercise && by_name(&exercise, &overview->exercises[at]) > 0)
            at++;
        struct exercise_brief *brief = &overview->exercises[at];
        if (at == overview->n_exercise || by_name(&exercise, brief))
            continue;
        brief->seeds += brief->seeds < SEEDS_COUNTED;
        if ((uint64_t)sqlite3_column_int64(row, 1) == brief->seed)
            brief->tried_ms = sqlite3_column_int64(row, 2);
    }
}

static void read_skills(struct connection *connection, int64_t learner, const char *course,
                        struct overview *overview, struct arena *arena) {
    struct skill_brief *list = NULL;
    size_t n = 0;
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_SKILLS_OF, NULL, "is", learner, course);
    for (; statement_step(connection, row, NULL) == STEP_ROW; n++) {
        list = grown(arena, list, n, sizeof *list);
        list[n].skill = name_of(arena, row, 0);
        skill_of_row(row, 1, &list[n].state);
    }
    overview->skills = list;
    overview->n_skill = n;
}

void record_overview(struct record *record, int64_t learner, const char *course,
                     struct overview *overview, struct arena *arena) {
    *overview = (struct overview){0};
    record_hold(record);
    struct connection *connection = reading_begin(record);
    read_exercises(connection, learner, overview, arena);
    read_seeds(connection, learner, overview);
    read_skills(connection, learner, course, overview, arena);
    reading_end(record, NULL);
    record_release(record);
}

void record_fits(struct record *record, const char *course, struct fits *fits,
                 struct arena *arena) {
    *fits = (struct fits){0};
    record_hold(record);
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row = statement_with(connection, STATEMENT_FITS, NULL, "s", course);
    struct skill_fit *skills = NULL;
    for (; statement_step(connection, row, NULL) == STEP_ROW; fits->n_skill++) {
        skills = grown(arena, skills, fits->n_skill, sizeof *skills);
        skills[fits->n_skill].skill = name_of(arena, row, 0);
        tracing_of_row(row, 1, &skills[fits->n_skill].tracing);
    }
    row = statement_with(connection, STATEMENT_DIFFICULTIES, NULL, "");
    struct exercise_fit *exercises = NULL;
    for (; statement_step(connection, row, NULL) == STEP_ROW; fits->n_exercise++) {
        exercises = grown(arena, exercises, fits->n_exercise, sizeof *exercises);
        exercises[fits->n_exercise] =
            (struct exercise_fit){.exercise = name_of(arena, row, 0),
                                  .difficulty = difficulty_used(sqlite3_column_double(row, 1),
                                                                sqlite3_column_int(row, 2))};
    }
    reading_end(record, NULL);
    record_release(record);
    fits->skills = skills;
    fits->exercises = exercises;
}

/* ------------------------------------------------------------------------------------- finding */

static const void *find(struct view name, const void *list, size_t n, size_t size) {
    return n ? bsearch(&name, list, n, size, by_name) : NULL;
}

const struct exercise_brief *overview_exercise(const struct overview *overview,
                                               struct view exercise) {
    return find(exercise, overview->exercises, overview->n_exercise, sizeof *overview->exercises);
}

const struct skill_state *overview_skill(const struct overview *overview, struct view skill) {
    const struct skill_brief *found =
        find(skill, overview->skills, overview->n_skill, sizeof *overview->skills);
    return found ? &found->state : NULL;
}

const struct tracing *fits_tracing(const struct fits *fits, struct view skill) {
    const struct skill_fit *found = find(skill, fits->skills, fits->n_skill, sizeof *fits->skills);
    return found ? &found->tracing : &tracing_default;
}

double fits_difficulty(const struct fits *fits, struct view exercise) {
    const struct exercise_fit *found =
        find(exercise, fits->exercises, fits->n_exercise, sizeof *fits->exercises);
    return found ? found->difficulty : difficulty_used(0, 0);
}
