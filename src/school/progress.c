/* How far a learner is. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT = 20 };

/* What is shown of a skill: nothing until there is something to judge by, a first try without help
 * or the learner's word. */
static double shown_mastery(const struct overview *overview, const struct skill *skill) {
    const struct skill_state *state = overview_skill(overview, skill->id);
    return state && (state->unaided || state->believed) ? state->mastery : 0;
}

static bool practised_before(const struct lesson *lesson, size_t exercise) {
    for (size_t i = 0; i < exercise; i++)
        if (lesson->exercises[i].skill == lesson->exercises[exercise].skill)
            return true;
    return false;
}

/* A lesson's mastery is the mean over the skills that its exercises practise. */
static json_t *lesson_progress(const struct overview *overview, const struct lesson *lesson) {
    double sum = 0;
    int n_skill = 0, n_done = 0;
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        const struct exercise_brief *brief =
            overview_exercise(overview, lesson->exercises[i].label);
        n_done += brief && brief->ever_solved;
        if (practised_before(lesson, i))
            continue;
        sum += shown_mastery(overview, lesson->exercises[i].skill);
        n_skill++;
    }
    return json_pack("{s:o,s:o,s:f,s:i,s:i}", "id", school_json(lesson->id), "title",
                     school_json(lesson->title), "mastery", n_skill ? sum / n_skill : 0.0, "done",
                     n_done, "total", (int)lesson->n_exercise);
}

static json_t *course_progress(struct school *school, int64_t learner, const struct course *course,
                               const char *language) {
    struct arena *arena = arena_new();
    struct overview overview;
    json_t *lessons = json_array();
    const struct lesson *lesson;
    double sum = 0;
    record_overview(school->record, learner, course->id.at, &overview, arena);
    for (size_t at = 0; (lesson = school_next_lesson(course, language, &at));)
        json_array_append_new(lessons, lesson_progress(&overview, lesson));
    for (size_t i = 0; i < course->n_skill; i++)
        sum += shown_mastery(&overview, &course->skills[i]);
    arena_free(arena);
    return json_pack("{s:o,s:o,s:f,s:o}", "id", school_json(course->id), "title",
                     school_json(course_text(json_object_get(course->about, "title"), language)),
                     "mastery", course->n_skill ? sum / (double)course->n_skill : 0.0, "lessons",
                     lessons);
}

static json_t *needed(const struct skill *skill) {
    json_t *ids = json_array();
    for (size_t i = 0; i < skill->n_prerequisite; i++)
        json_array_append_new(ids, school_json(skill->prerequisites[i]->id));
    return ids;
}

/* Where a skill stands on the map: "due", "mastered", "begun", "open" or "later". */
static const char *standing(const struct practice *practice, size_t skill) {
    const struct skill_state *state = &practice->skills[skill].state;
    if (practice_is_due(practice, skill))
        return "due";
    if (!practice_is_open(practice, skill) && state->reached_ms &&
        state->mastery >= practice->threshold)
        return "mastered";
    if (state->unaided)
        return "begun";
    return practice_is_open(practice, skill) ? "open" : "later";
}

static json_t *skill_progress(const struct practised_course *of, size_t i, const char *language) {
    const struct skill *skill = &of->course->skills[i];
    const struct skill_state *state = &of->practice.skills[i].state;
    const struct lesson *lesson = practice_lesson(of, i);
    char due[11] = "";
    if (state->reached_ms && state->memory.stability > 0)
        day_text(state->due_day, due);
    return json_pack("{s:o,s:o,s:o,s:f,s:i,s:i,s:b,s:o,s:s,s:f,s:s?,s:b,s:o,s:o}", "id",
                     school_json(skill->id), "course", school_json(of->course->id), "title",
                     school_json(course_text(skill->title, language)), "mastery",
                     state->unaided || state->believed ? state->mastery : 0.0, "attempts",
                     state->attempts, "unaided", state->right, "reached",
                     (int)(state->reached_ms > 0), "prerequisites", needed(skill), "standing",
                     standing(&of->practice, i), "recall",
                     memory_recall(&spacing_school, &state->memory, of->practice.now_ms), "due",
                     *due ? due : NULL, "believed", (int)state->believed, "why",
                     explain_skill(state, of->practice.threshold, language), "lesson",
                     lesson ? school_json(lesson->id) : json_null());
}

static void add_skills(struct school *school, int64_t learner, const struct course *course,
                       const char *language, json_t *skills) {
    struct arena *arena = arena_new();
    struct practised_course *of =
        practice_of(school, learner, course, language, clock_unix_ms(), arena);
    for (size_t i = 0; i < course->n_skill; i++)
        json_array_append_new(skills, skill_progress(of, i, language));
    arena_free(arena);
}

/* Days on which something was answered: told as what there was, never as what was missed. */
static json_t *practised(struct school *school, int64_t learner) {
    enum { WEEK = 7 };
    struct practised days[366];
    struct plan plan;
    record_plan(school->record, learner, &plan);
    size_t n = record_days(school->record, learner, days, COUNT_OF(days));
    int64_t today = calendar_day(&plan.calendar, clock_unix_ms());
    int answered = 0, week = 0;
    for (size_t i = 0; i < n; i++) {
        answered += days[i].day == today ? days[i].answers : 0;
        week += days[i].day > today - WEEK && days[i].day <= today;
    }
    return json_pack("{s:i,s:i,s:i,s:I}", "today", answered, "goal", plan.goal, "days_of_week",
                     week, "days", (json_int_t)n);
}

/* The latest attempts, each with the title of its exercise where the course still has it. */
static json_t *recent(struct school *school, int64_t learner, const char *language) {
    json_t *list = record_recent(school->record, learner, RECENT), *one;
    size_t i;
    json_array_foreach(list, i, one) {
        const struct exercise *exercise =
            school_exercise(school, json_text(one, "exercise", ""), language, NULL);
        if (exercise)
            json_object_set_new(one, "title", school_json(exercise->title));
    }
    return list;
}

json_t *school_path(struct school *school, int64_t learner, const char *course_id,
                    const char *language, struct fault *fault) {
    if (!record_learner_exists(school->record, learner)) {
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
        return NULL;
    }
    json_t *courses = json_array();
    for (size_t i = 0; i < school->n_course; i++)
        if (!course_id || view_is(school->courses[i]->id, course_id))
            json_array_append_new(courses,
                                  course_progress(school, learner, school->courses[i], language));
    return json_pack("{s:I,s:o,s:o}", "id", (json_int_t)learner, "name",
                     record_name(school->record, learner), "courses", courses);
}

json_t *school_progress(struct school *school, int64_t learner, const char *language,
                        struct fault *fault) {
    json_t *progress = school_path(school, learner, NULL, language, fault);
    if (!progress)
        return NULL;
    json_t *skills = json_array();
    for (size_t i = 0; i < school->n_course; i++)
        add_skills(school, learner, school->courses[i], language, skills);
    json_object_set_new(progress, "practised", practised(school, learner));
    json_object_set_new(progress, "skills", skills);
    json_object_set_new(progress, "recent", recent(school, learner, language));
    return progress;
}
