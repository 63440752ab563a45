/* A thousand learners of known ability, taught by what teaches here: see docs/learning.md. What is
 * measured is what the school claims against what is true of them. */
#include "school/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAYS = 40,
    ANSWERS_A_DAY = 15,
    ANSWERS = DAYS * ANSWERS_A_DAY,
    STRETCHES = 30, /* in which success is told over time */
    BINS = 10,
    FINE = 1000, /* bins for the area under the curve */
    MINUTES_EACH = 1,
    START_DAY = 20000
};

/* ------------------------------------------------------------------- claims against the truth */

struct claims { /* probabilities that were told, and whether it was so */
    double n[FINE], came[FINE], sum, brier, sum_claimed;
};

static void claim(struct claims *claims, double told, bool came) {
    int bin = (int)(told * FINE);
    bin = bin < 0 ? 0 : bin >= FINE ? FINE - 1 : bin;
    claims->n[bin]++;
    claims->came[bin] += came;
    claims->sum++;
    claims->sum_claimed += told;
    claims->brier += (told - came) * (told - came);
}

/* Of two of which one came and one did not, how often the higher was told of the one that came. */
static double area(const struct claims *claims) {
    double below = 0, pairs = 0, came = 0, not = 0;
    for (int i = 0; i < FINE; i++) {
        double here = claims->came[i], missed = claims->n[i] - here;
        pairs += here * (below + missed / 2);
        below += missed;
        came += here;
        not += missed;
    }
    return came > 0 && not > 0 ? pairs / (came * not) : 0.5;
}

static json_t *claims_json(const struct claims *claims) {
    json_t *bins = json_array();
    double apart = 0;
    for (int i = 0; i < BINS; i++) {
        double n = 0, came = 0, told = 0;
        for (int j = i * FINE / BINS; j < (i + 1) * FINE / BINS; j++) {
            n += claims->n[j];
            came += claims->came[j];
            told += claims->n[j] * (j + 0.5) / FINE;
        }
        if (!(n > 0))
            continue;
        json_array_append_new(bins, json_pack("{s:f,s:f,s:I}", "told", told / n, "came", came / n,
                                              "n", (json_int_t)n));
        apart += fabs(told - came);
    }
    double all = fmax(claims->sum, 1);
    return json_pack("{s:f,s:f,s:f,s:I,s:o}", "auc", area(claims), "calibration_error",
                     apart / all, "brier", claims->brier / all, "n", (json_int_t)claims->sum,
                     "calibration", bins);
}

/* ------------------------------------------------------------------------------- what it knows */

struct seen { /* of a skill, by the school: the answers of one learner after the other */
    bool *right;
    struct answers *answers;
    size_t n, n_learner, room, learner_room;
    int64_t next;
};

/* A scheduler's knowledge: of the school over all learners, and of the learner at hand. */
struct mind {
    const struct world *world;
    struct practice_skill *skills;
    struct practice_exercise *exercises;
    struct first_try_short recent[64];
    struct practice practice;
    struct seen *seen;
    double *difficulty;
    int *tries;
    int helped_sisters;
};

static void mind_begin(struct mind *mind, const struct world *world) {
    *mind = (struct mind){.world = world};
    mind->skills = must_alloc(world->n_skill + 1, sizeof *mind->skills);
    mind->exercises = must_alloc(world->n_exercise + 1, sizeof *mind->exercises);
    mind->seen = must_alloc(world->n_skill + 1, sizeof *mind->seen);
    mind->difficulty = must_alloc(world->n_exercise + 1, sizeof *mind->difficulty);
    mind->tries = must_alloc(world->n_exercise + 1, sizeof *mind->tries);
    memcpy(mind->skills, world->skills, world->n_skill * sizeof *mind->skills);
    for (size_t i = 0; i < world->n_skill; i++) {
        mind->skills[i].tracing = tracing_default;
        mind->seen[i].next = tracing_next_fit(0, false);
    }
}

static void mind_end(struct mind *mind) {
    for (size_t i = 0; i < mind->world->n_skill; i++) {
        free(mind->seen[i].right);
        free(mind->seen[i].answers);
    }
    free(mind->skills);
    free(mind->exercises);
    free(mind->seen);
    free(mind->difficulty);
    free(mind->tries);
}

static void mind_new_learner(struct mind *mind) {
    const struct world *world = mind->world;
    memcpy(mind->exercises, world->exercises, world->n_exercise * sizeof *mind->exercises);
    for (size_t i = 0; i < world->n_exercise; i++)
        mind->exercises[i].difficulty = difficulty_used(mind->difficulty[i], mind->tries[i]);
    for (size_t i = 0; i < world->n_skill; i++)
        mind->skills[i].state = (struct skill_state){.mastery = mind->skills[i].tracing.start};
    mind->practice = (struct practice){.n_skill = world->n_skill,
                                       .n_exercise = world->n_exercise,
                                       .skills = mind->skills,
                                       .exercises = mind->exercises,
                                       .recent = mind->recent,
                                       .helped = PRACTICE_NONE,
                                       .threshold = world->threshold,
                                       .target = world->target};
}

/* The answers of one learner to one skill stand together, so that a fit can read them. */
static void see(struct mind *mind, size_t skill, bool right) {
    struct seen *seen = &mind->seen[skill];
    size_t room = seen->room;
    MUST(TRY_ROOM(seen->right, seen->room, seen->n + 1));
    MUST(TRY_ROOM(seen->answers, seen->learner_room, seen->n_learner + 1));
    for (size_t i = 0, at = 0; room != seen->room && i < seen->n_learner; i++) {
        seen->answers[i].right = seen->right + at;
        at += seen->answers[i].n;
    }
    if (mind->skills[skill].state.unaided == 1)
        seen->answers[seen->n_learner++] = (struct answers){seen->right + seen->n, 0};
    seen->right[seen->n++] = right;
    seen->answers[seen->n_learner - 1].n++;
    if ((int64_t)seen->n < seen->next)
        return;
    bool fitted = tracing_of_school(&mind->skills[skill].tracing, seen->answers, seen->n_learner);
    seen->next = tracing_next_fit((int64_t)seen->n, fitted);
}

/* The day of the next review, among those of the other skills. */
static void place(struct mind *mind, size_t skill) {
    static const struct calendar calendar;
    struct skill_state *state = &mind->skills[skill].state;
    struct day_window window = spacing_window(
        &calendar, mind->practice.today,
        spacing_interval(&spacing_school, state->memory.stability), spacing_school.longest);
    int *load = must_alloc((size_t)(window.last - window.first + 1), sizeof *load);
    for (size_t i = 0; i < mind->practice.n_skill; i++) {
        const struct skill_state *other = &mind->skills[i].state;
        if (i != skill && other->reached_ms && other->due_day >= window.first &&
            other->due_day <= window.last)
            load[other->due_day - window.first]++;
    }
    state->due_day = spacing_place(&calendar, &window, load);
    free(load);
}

static void mind_learns(struct mind *mind, size_t exercise, double predicted, bool right) {
    struct practice_exercise *at = &mind->exercises[exercise];
    struct practice_skill *skill = &mind->skills[at->skill];
    int64_t now_ms = mind->practice.now_ms;
    struct tracing tracing = tracing_of_exercise(&skill->tracing, at->difficulty, at->chance);
    skill->state.attempts++;
    skill_observe(&skill->state, &tracing, right, now_ms);
    if (!skill->state.reached_ms && skill->state.mastery >= mind->practice.threshold)
        skill->state.reached_ms = now_ms;
    place(mind, at->skill);
    mind->difficulty[exercise] =
        difficulty_after(mind->difficulty[exercise], mind->tries[exercise]++, predicted, right);
    at->tries++;
    at->tried_ms = now_ms;
    at->fresh = mind->world->varied[exercise];
    memmove(mind->recent + 1, mind->recent, sizeof mind->recent - sizeof mind->recent[0]);
    mind->recent[0] = (struct first_try_short){(int)at->skill, right, predicted, now_ms};
    mind->practice.n_recent += mind->practice.n_recent < COUNT_OF(mind->recent);
    see(mind, at->skill, right);
    /* Who was wrong is helped on, and the sister comes next; three times at most. */
    mind->helped_sisters = right ? 0 : mind->helped_sisters + 1;
    mind->practice.helped = right || mind->helped_sisters >= 3 ? PRACTICE_NONE : (int)exercise;
}

/* ------------------------------------------------------------------------------------ policies */

struct progress_of { /* of one learner in one policy */
    size_t n_answer, at;
    struct random random;
};
typedef int policy(struct mind *, struct progress_of *, bool day_begins);

static int by_school(struct mind *mind, struct progress_of *progress, bool day_begins) {
    (void)progress;
    if (day_begins)
        mind->practice.helped = PRACTICE_NONE;
    return practice_choose(&mind->practice).exercise;
}

static int in_order(struct mind *mind, struct progress_of *progress, bool day_begins) {
    (void)day_begins;
    return (int)(progress->at++ % mind->world->n_exercise);
}

static int at_random(struct mind *mind, struct progress_of *progress, bool day_begins) {
    (void)day_begins;
    return (int)random_between(&progress->random, 0, (int64_t)mind->world->n_exercise - 1);
}

/* The author's order, but each skill until it is mastered by the same tracing. No reviews. */
static int until_mastered(struct mind *mind, struct progress_of *progress, bool day_begins) {
    size_t n = mind->world->n_exercise, skill = 0;
    bool open = false;
    (void)day_begins;
    for (size_t i = 0; i < n && !open; i++) {
        skill = mind->exercises[i].skill;
        open = !mind->skills[skill].state.reached_ms;
    }
    for (size_t i = 0; open && i < n; i++)
        if (mind->exercises[progress->at++ % n].skill == skill)
            return (int)((progress->at - 1) % n);
    return PRACTICE_NONE;
}

static const struct {
    const char *name;
    policy *choose;
} policies[] = {{"lyceum", by_school},
                {"fixed order", in_order},
                {"random order", at_random},
                {"until mastered", until_mastered}};

/* --------------------------------------------------------------------------------- measurement */

struct measured {
    double right[STRETCHES], n[STRETCHES];
    struct claims mastery, prediction;
    double reached, reached_true; /* skills told as mastered, and of them those that were */
    double known, known_later;    /* share of skills at the end, and a month after */
    double answers, near_target;
    int *to_mastery; /* answers until nine in ten skills are there; ANSWERS + 1: never */
    size_t n_learner;
};

static double share_known(const struct world *world, const struct pupil *pupil, int64_t now_ms) {
    double known = 0;
    for (size_t i = 0; i < world->n_skill; i++)
        known += pupil_recall(pupil, i, now_ms);
    return known / (double)world->n_skill;
}

static void one_answer(struct mind *mind, struct pupil *pupil, size_t exercise, size_t n_answer,
                       struct measured *measured, bool *right) {
    const struct world *world = mind->world;
    size_t skill = mind->exercises[exercise].skill;
    int64_t now_ms = mind->practice.now_ms;
    struct skill_state *state = &mind->skills[skill].state;
    pupil_reads(world, pupil, skill, now_ms);
    bool has = pupil_has(pupil, skill, now_ms), before = state->reached_ms > 0;
    double predicted = practice_predicted(&mind->practice, exercise);
    *right = pupil_answers(world, pupil, exercise, has, now_ms);
    claim(&measured->prediction, predicted, *right);
    mind_learns(mind, exercise, predicted, *right);
    if (!before && state->reached_ms) {
        measured->reached++;
        measured->reached_true += pupil_recall(pupil, skill, now_ms) > 0.5;
    }
    size_t stretch = n_answer * STRETCHES / ANSWERS;
    measured->right[stretch] += *right;
    measured->n[stretch]++;
}

/* In the evening, of every skill that was tried: what is claimed, and whether it is there. */
static void ask_all(struct mind *mind, struct pupil *pupil, int64_t now_ms,
                    struct measured *measured) {
    for (size_t i = 0; i < mind->world->n_skill; i++) {
        const struct skill_state *state = &mind->skills[i].state;
        bool has = pupil_has(pupil, i, now_ms);
        if (state->unaided)
            claim(&measured->mastery, skill_known(state, now_ms), has);
    }
}

static void one_learner(struct mind *mind, policy *choose, uint64_t seed,
                        struct measured *measured) {
    const struct world *world = mind->world;
    struct pupil pupil = {.skills = must_alloc(world->n_skill + 1, sizeof *pupil.skills)};
    struct progress_of progress = {0};
    int to_mastery = ANSWERS + 1, n_right = 0;
    pupil_begin(world, &pupil, seed);
    random_seed(&progress.random, seed + 1);
    mind_new_learner(mind);
    for (int64_t day = START_DAY; day < START_DAY + DAYS; day++) {
        for (int i = 0; i < ANSWERS_A_DAY; i++) {
            int64_t now_ms = day * SPACING_DAY_MS + (16 * 60 + i * MINUTES_EACH) * 60000ll;
            mind->practice.now_ms = now_ms;
            mind->practice.today = day;
            int exercise = choose(mind, &progress, i == 0);
            if (exercise < 0)
                break;
            bool right;
            one_answer(mind, &pupil, (size_t)exercise, progress.n_answer++, measured, &right);
            n_right += right;
            if (to_mastery > ANSWERS && share_known(world, &pupil, now_ms) >= 0.9)
                to_mastery = (int)progress.n_answer;
        }
        ask_all(mind, &pupil, day * SPACING_DAY_MS + 20 * 3600000ll, measured);
    }
    int64_t end_ms = (START_DAY + DAYS) * (int64_t)SPACING_DAY_MS;
    double success = progress.n_answer ? (double)n_right / (double)progress.n_answer : 0;
    measured->known += share_known(world, &pupil, end_ms);
    measured->known_later += share_known(world, &pupil, end_ms + 30ll * SPACING_DAY_MS);
    measured->answers += (double)progress.n_answer;
    measured->near_target += fabs(success - world->target) <= 0.1;
    measured->to_mastery[measured->n_learner++] = to_mastery;
    free(pupil.skills);
}

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* Where not all reach it, a mean would hide who did not: the median, and how many did. */
static json_t *time_json(struct measured *measured) {
    json_t *curve = json_array();
    qsort(measured->to_mastery, measured->n_learner, sizeof *measured->to_mastery, compare);
    size_t n = measured->n_learner, at = 0;
    for (int answers = 0; answers <= ANSWERS; answers += ANSWERS / STRETCHES) {
        while (at < n && measured->to_mastery[at] <= answers)
            at++;
        json_array_append_new(curve, json_pack("[i,f]", answers, (double)at / (double)n));
    }
    int median = measured->to_mastery[n / 2];
    return json_pack("{s:o,s:f,s:o}", "median",
                     median > ANSWERS ? json_null() : json_integer(median), "reached",
                     (double)at / (double)n, "curve", curve);
}

static json_t *measured_json(const char *name, const struct world *world,
                             struct measured *measured) {
    json_t *success = json_array();
    double n = (double)measured->n_learner, right = 0, all = 0;
    for (int i = 0; i < STRETCHES; i++) {
        right += measured->right[i];
        all += measured->n[i];
        if (measured->n[i] >= n / 10) /* of too few learners nothing is told */
            json_array_append_new(success, json_pack("[i,f]", (i + 1) * ANSWERS / STRETCHES,
                                                     measured->right[i] / measured->n[i]));
    }
    return json_pack(
        "{s:s,s:f,s:{s:f,s:f,s:f,s:o},s:o,s:o,s:o,s:{s:I,s:f},s:f,s:f}", "name", name, "answers",
        measured->answers / n, "success", "mean", right / fmax(all, 1), "target", world->target,
        "learners_within_tenth", measured->near_target / n, "by_answer", success,
        "answers_to_mastery", time_json(measured), "mastery", claims_json(&measured->mastery),
        "prediction", claims_json(&measured->prediction), "told_as_mastered", "n",
        (json_int_t)measured->reached, "had", measured->reached_true / fmax(measured->reached, 1),
        "known_at_end", measured->known / n, "known_a_month_later", measured->known_later / n);
}

/* ----------------------------------------------------------------------------------- the world */

static struct world *world_of(const struct course *course, uint64_t seed, struct arena *arena) {
    struct world *world = ARENA_NEW(arena, 1, struct world);
    struct practised_course *of = practice_empty(course, arena);
    world->n_skill = of->practice.n_skill;
    world->n_exercise = of->practice.n_exercise;
    world->skills = of->practice.skills;
    world->exercises = of->practice.exercises;
    world->threshold = course->mastery_threshold;
    world->target = course->target_success;
    world->difficulty = ARENA_NEW(arena, world->n_exercise + 1, double);
    world->varied = ARENA_NEW(arena, world->n_exercise + 1, bool);
    struct random random;
    random_seed(&random, seed);
    for (size_t i = 0; i < world->n_exercise; i++) {
        double sum = 0;
        for (int j = 0; j < 12; j++) /* nearly normal */
            sum += random_unit(&random);
        world->difficulty[i] = 0.7 * (sum - 6);
        world->varied[i] = json_object_get(of->exercises[i]->definition, "vary") != NULL;
    }
    return world;
}

static json_t *simulate(const struct world *world, int learners, uint64_t seed) {
    json_t *all = json_array();
    struct progress shown = {.label = "teaching"};
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        struct mind mind;
        struct measured measured = {.to_mastery =
                                        must_alloc((size_t)learners, sizeof *measured.to_mastery)};
        mind_begin(&mind, world);
        for (int j = 0; j < learners; j++) {
            one_learner(&mind, policies[i].choose, seed * 1000003 + (uint64_t)j, &measured);
            if (j % 16 == 0)
                progress_show(&shown, (double)(i * (size_t)learners + (size_t)j),
                              (double)(COUNT_OF(policies) * (size_t)learners), "learners");
        }
        json_array_append_new(all, measured_json(policies[i].name, world, &measured));
        mind_end(&mind);
        free(measured.to_mastery);
    }
    progress_end(&shown);
    return all;
}

json_t *school_simulate(const char *folder, int learners, uint64_t seed, struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    if (!course)
        return NULL;
    struct arena *arena = arena_new();
    struct world *world = world_of(course, seed, arena);
    json_t *object = NULL;
    if (!world->n_exercise || !world->n_skill)
        fault_set(fault, FAULT_INPUT, "The course has no exercises: there is nothing to learn.");
    else
        object = json_pack("{s:o,s:i,s:I,s:i,s:i,s:I,s:I,s:o}", "course", school_json(course->id),
                           "learners", learners, "seed", (json_int_t)seed, "days", DAYS,
                           "answers_a_day", ANSWERS_A_DAY, "skills", (json_int_t)world->n_skill,
                           "exercises", (json_int_t)world->n_exercise, "policies",
                           simulate(world, learners, seed));
    arena_free(arena);
    course_free(course);
    return object;
}
