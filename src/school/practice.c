/* What to practise next, what is due, and what the learner wishes. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT_TRIES = 60, UPCOMING_DAYS = 30, HELPED_AGAIN = 3 };

static bool known_learner(struct school *school, int64_t learner, struct fault *fault) {
    return !learner || record_learner_exists(school->record, learner) ||
           fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
}

/* ----------------------------------------------------------------------------------- gathering */

/* What practice is reckoned from; NULL: nobody has done anything, and the school knows nothing. */
struct known {
    struct overview overview;
    struct fits fits;
};

static void gather_skills(const struct known *known, const struct course *course,
                          struct practice *practice, struct arena *arena) {
    struct practice_skill *skills = ARENA_NEW(arena, course->n_skill + 1, struct practice_skill);
    for (size_t i = 0; i < course->n_skill; i++) {
        const struct skill *skill = &course->skills[i];
        size_t *before = ARENA_NEW(arena, skill->n_prerequisite + 1, size_t);
        for (size_t j = 0; j < skill->n_prerequisite; j++)
            before[j] = (size_t)(skill->prerequisites[j] - course->skills);
        skills[i].n_before = skill->n_prerequisite;
        skills[i].before = before;
        if (!known)
            continue;
        const struct skill_state *state = overview_skill(&known->overview, skill->id);
        skills[i].tracing = *fits_tracing(&known->fits, skill->id);
        skills[i].state =
            state ? *state : (struct skill_state){.mastery = skills[i].tracing.start};
    }
    practice->n_skill = course->n_skill;
    practice->skills = skills;
}

static size_t count_exercises(const struct course *course, const char *language) {
    const struct lesson *lesson;
    size_t n = 0;
    for (size_t at = 0; (lesson = school_next_lesson(course, language, &at));)
        n += lesson->n_exercise;
    return n;
}

static void add_tries(const struct known *known, const struct exercise *exercise,
                      struct practice_exercise *out) {
    const struct exercise_brief *brief = overview_exercise(&known->overview, exercise->label);
    out->difficulty = fits_difficulty(&known->fits, exercise->label);
    if (brief) {
        out->tried_ms = brief->tried_ms;
        out->tries = brief->seeds;
    }
}

/* Whether a fresh question is left is only found out for what is chosen: until then it is taken to
 * be so. */
static void gather_exercises(const struct known *known, struct practised_course *of,
                             const char *language, struct arena *arena) {
    size_t n = 0, room = count_exercises(of->course, language) + 1;
    struct practice_exercise *exercises = ARENA_NEW(arena, room, struct practice_exercise);
    of->exercises = ARENA_NEW(arena, room, const struct exercise *);
    const struct lesson *lesson;
    for (size_t at = 0; (lesson = school_next_lesson(of->course, language, &at));)
        for (size_t i = 0; i < lesson->n_exercise; i++) {
            const struct exercise *exercise = &lesson->exercises[i];
            if (exercise_is_open(exercise)) /* practice needs to know at once what was right */
                continue;
            of->exercises[n] = exercise;
            exercises[n] =
                (struct practice_exercise){.skill = (size_t)(exercise->skill - of->course->skills),
                                           .chance = exercise_chance(exercise),
                                           .fresh = true};
            if (known)
                add_tries(known, exercise, &exercises[n]);
            n++;
        }
    of->practice.n_exercise = n;
    of->practice.exercises = exercises;
}

static int skill_index(const struct course *course, const char *id) {
    for (size_t i = 0; i < course->n_skill; i++)
        if (view_is(course->skills[i].id, id))
            return (int)i;
    return PRACTICE_NONE;
}

static void gather_recent(const struct school *school, int64_t learner,
                          struct practised_course *of, struct arena *arena) {
    struct first_try *tries = ARENA_NEW(arena, RECENT_TRIES, struct first_try);
    struct first_try_short *recent = ARENA_NEW(arena, RECENT_TRIES, struct first_try_short);
    size_t n = record_first_tries(school->record, learner, tries, RECENT_TRIES);
    for (size_t i = 0; i < n; i++) {
        bool here = view_is(of->course->id, tries[i].course);
        recent[i] = (struct first_try_short){here ? skill_index(of->course, tries[i].skill)
                                                  : PRACTICE_NONE,
                                             tries[i].right, tries[i].predicted, tries[i].at_ms};
    }
    of->practice.n_recent = n;
    of->practice.recent = recent;
}

/* The exercise of the latest answer, where it was solved with help or worked out. */
static int just_helped(const struct school *school, int64_t learner,
                       const struct practised_course *of) {
    json_t *latest = record_recent(school->record, learner, 1);
    const char *label = json_text(json_array_get(latest, 0), "exercise", "");
    int helped = PRACTICE_NONE;
    for (size_t i = 0; i < of->practice.n_exercise && helped < 0; i++)
        if (view_is(of->exercises[i]->label, label))
            helped = (int)i;
    struct exercise_state state;
    record_exercise(school->record, learner, label, &state);
    json_decref(state.answer);
    json_decref(latest);
    bool help = state.bottomed || (state.solved && (state.hints || state.attempts > 1));
    return helped >= 0 && help && of->practice.exercises[helped].tries < HELPED_AGAIN
               ? helped
               : PRACTICE_NONE;
}

/* As practice_of for a learner who has done nothing, in a school that knows nothing. */
struct practised_course *practice_empty(const struct course *course, struct arena *arena) {
    struct practised_course *of = ARENA_NEW(arena, 1, struct practised_course);
    of->course = course;
    gather_skills(NULL, course, &of->practice, arena);
    gather_exercises(NULL, of, "", arena);
    return of;
}

struct practised_course *practice_of(const struct school *school, int64_t learner,
                                     const struct course *course, const char *language,
                                     int64_t now_ms, struct arena *arena) {
    struct practised_course *of = ARENA_NEW(arena, 1, struct practised_course);
    struct known *known = ARENA_NEW(arena, 1, struct known);
    of->course = course;
    record_hold(school->record);
    record_overview(school->record, learner, course->id.at, &known->overview, arena);
    record_fits(school->record, course->id.at, &known->fits, arena);
    record_plan(school->record, learner, &of->plan);
    of->practice.threshold = course->mastery_threshold;
    of->practice.target = course->target_success;
    of->practice.shift = of->plan.shift;
    of->practice.now_ms = now_ms;
    of->practice.today = calendar_day(&of->plan.calendar, now_ms);
    gather_skills(known, course, &of->practice, arena);
    gather_exercises(known, of, language, arena);
    gather_recent(school, learner, of, arena);
    of->practice.helped = just_helped(school, learner, of);
    record_release(school->record);
    return of;
}

/* -------------------------------------------------------------------------------------- choose */

/* Chooses until what is chosen has a question to show: that none is left of an exercise is found
 * out here. review: of this skill alone, which is due; PRACTICE_NONE: of all. *seed: of the
 * question. */
static struct practice_choice choose(const struct school *school, int64_t learner,
                                     struct practised_course *of, int review, uint64_t *seed) {
    struct practice_exercise *exercises =
        (struct practice_exercise *)(uintptr_t)of->practice.exercises;
    for (;;) {
        struct practice_choice choice =
            review < 0 ? practice_choose(&of->practice)
                       : practice_choose_review(&of->practice, (size_t)review);
        if (choice.exercise < 0)
            return choice;
        const struct exercise *exercise = of->exercises[choice.exercise];
        if (choice.seen) {
            struct exercise_state state;
            char *label = must_copy(exercise->label);
            record_exercise(school->record, learner, label, &state);
            json_decref(state.answer);
            free(label);
            *seed = state.seed;
            return choice;
        }
        *seed = tutor_fresh_seed(school->record, learner, exercise);
        if (*seed)
            return choice;
        exercises[choice.exercise].fresh = false;
    }
}

/* The day of the first review to come; false when there is none. */
static bool next_review(const struct practised_course *of, int64_t *day) {
    bool found = false;
    for (size_t i = 0; i < of->practice.n_skill; i++) {
        const struct skill_state *state = &of->practice.skills[i].state;
        if (!state->reached_ms || !(state->memory.stability > 0) ||
            (found && state->due_day >= *day))
            continue;
        *day = state->due_day;
        found = true;
    }
    return found;
}

static json_t *skill_object(const struct practised_course *of, size_t i, const char *language) {
    const struct skill *skill = &of->course->skills[i];
    return json_pack("{s:o,s:o,s:f}", "id", school_json(skill->id), "title",
                     school_json(course_text(skill->title, language)), "mastery",
                     of->practice.skills[i].state.mastery);
}

/* The exercise as in a lesson, but on the seed that is next; with what was done on it so far. */
static json_t *exercise_object(const struct exercise *exercise, uint64_t seed) {
    struct variant *variant = variant_make(exercise, seed, NULL);
    json_t *object = variant ? variant_public(variant) : json_null();
    if (variant)
        json_object_set_new(object, "state",
                            json_pack("{s:f,s:i,s:[],s:b,s:n,s:b}", "score", 0.0, "attempts", 0,
                                      "hints", "solved", 0, "last_answer", "ever_solved", 0));
    variant_free(variant);
    return object;
}

static json_t *next_object(const struct practised_course *of, const struct practice_choice *choice,
                           uint64_t seed, const char *language) {
    bool tired = practice_tires(of->practice.recent, of->practice.n_recent, of->practice.now_ms);
    int64_t day = 0;
    char date[11] = "";
    if (next_review(of, &day))
        day_text(day, date);
    json_t *object =
        json_pack("{s:o,s:s,s:f,s:f,s:o,s:s?,s:n,s:n}", "course", school_json(of->course->id),
                  "kind", practice_kind_name(choice->kind), "aim", choice->aim, "target",
                  practice_target(of->practice.target, of->practice.shift), "rest",
                  tired ? explain_rest(language) : json_null(), "next_review", *date ? date : NULL,
                  "exercise", "skill");
    if (choice->exercise < 0) {
        json_object_set_new(object, "why", explain_nothing(*date ? date : NULL, language));
        return object;
    }
    const struct exercise *exercise = of->exercises[choice->exercise];
    json_t *found = json_pack(
        "{s:o,s:o,s:o,s:o,s:f,s:b,s:o}", "exercise", exercise_object(exercise, seed), "lesson",
        school_json(exercise->lesson->id), "lesson_title", school_json(exercise->lesson->title),
        "skill", skill_object(of, of->practice.exercises[choice->exercise].skill, language),
        "predicted", choice->predicted, "seen", (int)choice->seen, "why",
        explain_choice(&of->practice, choice, &of->plan, language));
    json_object_update(object, found);
    json_decref(found);
    return object;
}

/* Courses in the order in which they are asked: that of the latest answer before the others. */
static size_t course_at(const struct school *school, int64_t learner, size_t place) {
    json_t *latest = record_recent(school->record, learner, 1);
    const char *id = json_text(json_array_get(latest, 0), "course", "");
    size_t first = 0;
    for (size_t i = 0; i < school->n_course; i++)
        if (view_is(school->courses[i]->id, id))
            first = i;
    json_decref(latest);
    return place == 0 ? first : place <= first ? place - 1 : place;
}

json_t *school_next(struct school *school, int64_t learner, const char *course_id, int shift,
                    const char *language, struct fault *fault) {
    const struct course *only = course_id ? school_course(school, course_id) : NULL;
    if (!known_learner(school, learner, fault))
        return NULL;
    if ((course_id && !only) || !school->n_course) {
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course_id ? course_id : "");
        return NULL;
    }
    struct arena *arena = arena_new();
    json_t *object = NULL;
    for (size_t i = 0; i < (only ? 1 : school->n_course); i++) {
        const struct course *course = only ? only : school->courses[course_at(school, learner, i)];
        struct practised_course *of =
            practice_of(school, learner, course, language, clock_unix_ms(), arena);
        if (shift)
            of->practice.shift = shift;
        uint64_t seed = 0;
        struct practice_choice choice = choose(school, learner, of, PRACTICE_NONE, &seed);
        if (object && choice.exercise < 0)
            continue;
        json_decref(object);
        object = next_object(of, &choice, seed, language);
        if (choice.exercise >= 0)
            break;
    }
    arena_free(arena);
    return object;
}

/* ------------------------------------------------------------------------------------- reviews */

json_t *school_due(struct school *school, int64_t learner, const char *language,
                   struct fault *fault) {
    enum { SITTING = 12 };
    if (!known_learner(school, learner, fault))
        return NULL;
    json_t *due = json_array();
    struct arena *arena = arena_new();
    for (size_t i = 0; i < school->n_course; i++) {
        struct practised_course *of =
            practice_of(school, learner, school->courses[i], language, clock_unix_ms(), arena);
        int left = SITTING;
        for (size_t j = 0; j < of->practice.n_skill && left; j++) {
            uint64_t seed = 0;
            if (!practice_is_due(&of->practice, j))
                continue;
            struct practice_choice choice = choose(school, learner, of, (int)j, &seed);
            if (choice.exercise < 0)
                continue;
            json_array_append_new(due, next_object(of, &choice, seed, language));
            left--;
        }
    }
    arena_free(arena);
    return due;
}

const struct lesson *practice_lesson(const struct practised_course *of, size_t skill) {
    for (size_t i = 0; i < of->practice.n_exercise; i++)
        if (of->practice.exercises[i].skill == skill)
            return of->exercises[i]->lesson;
    return NULL;
}

static json_t *due_object(const struct practised_course *of, size_t i, const char *language) {
    const struct skill_state *state = &of->practice.skills[i].state;
    const struct lesson *lesson = practice_lesson(of, i);
    char day[11];
    day_text(state->due_day, day);
    json_t *object = skill_object(of, i, language);
    json_t *more = json_pack(
        "{s:o,s:O,s:s,s:I,s:I,s:f,s:f,s:o}", "course", school_json(of->course->id), "skill",
        json_object_get(object, "id"), "due", day, "days_late",
        (json_int_t)(of->practice.today - state->due_day), "days_since",
        (json_int_t)(of->practice.today -
                     calendar_day(&of->plan.calendar, state->memory.reviewed_ms)),
        "recall", memory_recall(&spacing_school, &state->memory, of->practice.now_ms), "stability",
        state->memory.stability, "why",
        explain_due(state, &of->plan, of->practice.now_ms, of->practice.threshold, language));
    if (lesson)
        json_object_set_new(more, "lesson", school_json(lesson->id));
    json_object_update(object, more);
    json_decref(more);
    json_object_del(object, "id");
    return object;
}

struct reviews {
    json_t *due;
    int upcoming[UPCOMING_DAYS + 1]; /* by days from today */
    int64_t next;
    bool any;
};

static void add_reviews(const struct practised_course *of, const char *language,
                        struct reviews *reviews) {
    for (size_t i = 0; i < of->practice.n_skill; i++) {
        const struct skill_state *state = &of->practice.skills[i].state;
        int64_t away = state->due_day - of->practice.today;
        if (practice_is_due(&of->practice, i)) {
            json_array_append_new(reviews->due, due_object(of, i, language));
        } else if (state->reached_ms && state->memory.stability > 0) {
            if (away <= UPCOMING_DAYS)
                reviews->upcoming[away]++;
            if (!reviews->any || state->due_day < reviews->next)
                reviews->next = state->due_day;
            reviews->any = true;
        }
    }
}

static json_t *reviews_object(const struct reviews *reviews, int64_t today) {
    json_t *upcoming = json_array();
    char day[11];
    for (int i = 1; i <= UPCOMING_DAYS; i++) {
        if (!reviews->upcoming[i])
            continue;
        day_text(today + i, day);
        json_array_append_new(upcoming,
                              json_pack("{s:s,s:i}", "day", day, "reviews", reviews->upcoming[i]));
    }
    json_t *object = json_pack("{s:o,s:o}", "due", reviews->due, "upcoming", upcoming);
    day_text(today, day);
    json_object_set_new(object, "today", json_string(day));
    day_text(reviews->next, day);
    json_object_set_new(object, "next", reviews->any ? json_string(day) : json_null());
    return object;
}

json_t *school_reviews(struct school *school, int64_t learner, const char *course_id,
                       const char *language, struct fault *fault) {
    struct plan plan;
    int64_t now_ms = clock_unix_ms();
    if (!known_learner(school, learner, fault))
        return NULL;
    if (course_id && !school_course(school, course_id)) {
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course_id);
        return NULL;
    }
    struct reviews reviews = {.due = json_array()};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < school->n_course; i++)
        if (!course_id || view_is(school->courses[i]->id, course_id))
            add_reviews(practice_of(school, learner, school->courses[i], language, now_ms, arena),
                        language, &reviews);
    arena_free(arena);
    record_plan(school->record, learner, &plan);
    return reviews_object(&reviews, calendar_day(&plan.calendar, now_ms));
}

/* -------------------------------------------------------------------------------------- wishes */

json_t *school_plan(struct school *school, int64_t learner, struct fault *fault) {
    struct plan plan;
    if (!known_learner(school, learner, fault))
        return NULL;
    record_plan(school->record, learner, &plan);
    return plan_json(&plan);
}

json_t *school_plan_change(struct school *school, int64_t learner, const json_t *change,
                           struct fault *fault) {
    struct plan plan;
    record_plan(school->record, learner, &plan);
    return plan_change(&plan, change, fault) &&
                   record_plan_set(school->record, learner, &plan, fault)
               ? plan_json(&plan)
               : NULL;
}

/* A skill and all that it builds on, each once, what is first needed first. `depth` bounds what a
 * course with a circle in it could ask for. */
static void add_with_needed(const struct skill *skill, size_t depth, json_t *into) {
    size_t i;
    json_t *one;
    if (!depth)
        return;
    json_array_foreach(into, i, one) {
        if (view_is(skill->id, json_string_value(one)))
            return;
    }
    for (size_t j = 0; j < skill->n_prerequisite; j++)
        add_with_needed(skill->prerequisites[j], depth - 1, into);
    json_array_append_new(into, school_json(skill->id));
}

json_t *school_claim(struct school *school, int64_t learner, const char *course_id,
                     const json_t *skills, struct fault *fault) {
    const struct course *course = course_id ? school_course(school, course_id) : NULL;
    if (!course) {
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course_id ? course_id : "");
        return NULL;
    }
    json_t *all = json_array(), *one;
    size_t i;
    bool good = json_is_array(skills) && json_array_size(skills) <= course->n_skill;
    json_array_foreach(skills, i, one) {
        int index = good && json_is_string(one) ? skill_index(course, json_string_value(one))
                                                : PRACTICE_NONE;
        good = good && index >= 0;
        if (good)
            add_with_needed(&course->skills[index], course->n_skill, all);
    }
    if (!good) {
        fault_set(fault, FAULT_INPUT, "These are no skills of the course.");
        fault_remedy(fault, "Send their ids as a list.");
    }
    good = good &&
           record_claim(school->record, learner, course_id, all, course->mastery_threshold, fault);
    json_t *object = good ? json_pack("{s:s,s:O}", "course", course_id, "skills", all) : NULL;
    json_decref(all);
    return object;
}
