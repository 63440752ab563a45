/* How far a learner is. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT = 20 };

/* What is shown of a skill: nothing until there was a first try without help to judge by. */
static double shown_mastery(struct school *school, int64_t learner, const struct course *course,
                            struct view skill, struct skill_state *state) {
    char *id = must_copy(skill);
    record_skill(school->record, learner, course->id.at, id, state);
    free(id);
    return state->unaided ? state->mastery : 0;
}

static bool practised_before(const struct lesson *lesson, size_t exercise) {
    for (size_t i = 0; i < exercise; i++)
        if (lesson->exercises[i].skill == lesson->exercises[exercise].skill)
            return true;
    return false;
}

/* A lesson's mastery is the mean over the skills that its exercises practise. */
static json_t *lesson_progress(struct school *school, int64_t learner,
                               const struct lesson *lesson) {
    double sum = 0;
    int n_skill = 0, n_done = 0;
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        struct exercise_state exercise;
        struct skill_state skill;
        char *label = must_copy(lesson->exercises[i].label);
        record_exercise(school->record, learner, label, &exercise);
        json_decref(exercise.answer);
        free(label);
        n_done += exercise.ever_solved;
        if (practised_before(lesson, i))
            continue;
        sum +=
            shown_mastery(school, learner, lesson->course, lesson->exercises[i].skill->id, &skill);
        n_skill++;
    }
    return json_pack("{s:o,s:o,s:f,s:i,s:i}", "id", school_json(lesson->id), "title",
                     school_json(lesson->title), "mastery", n_skill ? sum / n_skill : 0.0, "done",
                     n_done, "total", (int)lesson->n_exercise);
}

static json_t *course_progress(struct school *school, int64_t learner, const struct course *course,
                               const char *language) {
    json_t *lessons = json_array();
    const struct lesson *lesson;
    struct skill_state state;
    double sum = 0;
    for (size_t at = 0; (lesson = school_next_lesson(course, language, &at));)
        json_array_append_new(lessons, lesson_progress(school, learner, lesson));
    for (size_t i = 0; i < course->n_skill; i++)
        sum += shown_mastery(school, learner, course, course->skills[i].id, &state);
    return json_pack("{s:o,s:o,s:f,s:o}", "id", school_json(course->id), "title",
                     school_json(course_text(json_object_get(course->about, "title"), language)),
                     "mastery", course->n_skill ? sum / (double)course->n_skill : 0.0, "lessons",
                     lessons);
}

static void add_skills(struct school *school, int64_t learner, const struct course *course,
                       const char *language, json_t *skills) {
    for (size_t i = 0; i < course->n_skill; i++) {
        const struct skill *skill = &course->skills[i];
        struct skill_state state;
        double mastery = shown_mastery(school, learner, course, skill->id, &state);
        json_array_append_new(skills,
                              json_pack("{s:o,s:o,s:o,s:f,s:i,s:i,s:b}", "id",
                                        school_json(skill->id), "course", school_json(course->id),
                                        "title", school_json(course_text(skill->title, language)),
                                        "mastery", mastery, "attempts", state.attempts, "unaided",
                                        state.right, "reached", (int)(state.reached_ms > 0)));
    }
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

json_t *school_progress(struct school *school, int64_t learner, const char *language,
                        struct fault *fault) {
    if (!record_learner_exists(school->record, learner)) {
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
        return NULL;
    }
    json_t *courses = json_array(), *skills = json_array();
    for (size_t i = 0; i < school->n_course; i++) {
        json_array_append_new(courses,
                              course_progress(school, learner, school->courses[i], language));
        add_skills(school, learner, school->courses[i], language, skills);
    }
    return json_pack("{s:I,s:o,s:o,s:o,s:o}", "id", (json_int_t)learner, "name",
                     record_name(school->record, learner), "courses", courses, "skills", skills,
                     "recent", recent(school, learner, language));
}
