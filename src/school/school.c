/* The school as a whole: opened and closed, who is who in it, and the way to the tutor. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------------------- the courses */

const struct course *school_course(const struct school *school, const char *id) {
    for (size_t i = 0; i < school->n_course; i++)
        if (view_is(school->courses[i]->id, id))
            return school->courses[i];
    return NULL;
}

const struct exercise *school_exercise(const struct school *school, const char *label,
                                       const char *language, struct fault *fault) {
    for (size_t i = 0; i < school->n_course; i++) {
        const struct exercise *found = course_exercise(school->courses[i], label, language);
        if (found)
            return found;
    }
    fault_set(fault, FAULT_MISSING, "There is no exercise %.80s.", label);
    return NULL;
}

/* Requests name a course by its folder's name and an exercise by its label alone. */
static bool check_names(const struct school *school, const struct course *added,
                        struct fault *fault) {
    if (school_course(school, added->id.at)) {
        fault_set(fault, FAULT_INPUT, "There are two courses in folders named %.*s.",
                  VIEW_ARG(added->id));
        return fault_remedy(fault, "Rename one of the folders.");
    }
    for (size_t i = 0; i < added->n_lesson; i++)
        for (size_t j = 0; j < added->lessons[i].n_exercise; j++) {
            char *label = must_copy(added->lessons[i].exercises[j].label);
            const struct exercise *twin = school_exercise(school, label, "", NULL);
            if (twin)
                fault_set(fault, FAULT_INPUT,
                          "The courses %.*s and %.*s both label an exercise %s.",
                          VIEW_ARG(twin->lesson->course->id), VIEW_ARG(added->id), label);
            free(label);
            if (twin)
                return fault_remedy(fault, "Give one of the exercises another label.");
        }
    return true;
}

static bool load_courses(struct school *school, const char *const *folders, struct fault *fault) {
    size_t n = 0;
    while (folders[n])
        n++;
    school->courses = must_alloc(n + 1, sizeof(struct course *));
    school->problems = json_array();
    for (size_t i = 0; i < n; i++) {
        struct course *course = course_load(folders[i], school->problems, fault);
        if (!course)
            return false;
        if (!check_names(school, course, fault)) {
            course_free(course);
            return fault_place(fault, folders[i], 0, -1);
        }
        school->courses[school->n_course++] = course;
    }
    return true;
}

struct school *school_open(const struct school_options *options, struct fault *fault) {
    struct school *school = must_alloc(1, sizeof *school);
    school->company = options->company;
    school->retain_days = options->retain_days;
    pthread_mutex_init(&school->people, NULL);
    if (load_courses(school, options->courses, fault) &&
        (school->record = record_open(options->data, fault)) &&
        (school->tutor = tutor_open(school->courses, school->n_course, school->record,
                                    school->company, fault))) {
        school->proposer = proposer_open(school);
        if (options->in_terminal)
            tutor_in_terminal(school->tutor);
        return school;
    }
    school_close(school);
    return NULL;
}

void school_close(struct school *school) {
    if (!school)
        return;
    proposer_close(school->proposer);
    if (school->tutor)
        tutor_close(school->tutor);
    record_close(school->record);
    for (size_t i = 0; i < school->n_course; i++)
        course_free(school->courses[i]);
    json_decref(school->problems);
    free(school->courses);
    pthread_mutex_destroy(&school->people);
    free(school);
}

const json_t *school_problems(const struct school *school) {
    return school->problems;
}

int school_retain_days(const struct school *school) {
    return school->retain_days;
}

const char *school_model_state(const struct school *school) {
    static const char *const names[] = {
        [COMPANY_ABSENT] = "absent", [COMPANY_LOADING] = "loading", [COMPANY_READY] = "ready"};
    return school->company ? names[company_state(school->company)] : names[COMPANY_ABSENT];
}

/* ------------------------------------------------------------------------------------ learners */

json_t *school_learner_new(struct school *school, char token[65], struct fault *fault) {
    int64_t learner = record_learner_new(school->record, token, fault);
    return learner ? json_pack("{s:I,s:n}", "id", (json_int_t)learner, "name") : NULL;
}

int64_t school_learner_of(struct school *school, struct view token) {
    return record_learner_of(school->record, token);
}

bool school_learner_name(struct school *school, int64_t learner, struct view name,
                         struct fault *fault) {
    return record_learner_name(school->record, learner, name, fault);
}

json_t *school_export(struct school *school, int64_t learner, struct fault *fault) {
    return school_export_record(school->record, learner, fault);
}

/* ------------------------------------------------------------------------------------ the turn */

/* Requests may leave the seed open: then it is that of the variant the learner has at hand. */
static uint64_t seed_at_hand(struct school *school, int64_t learner, const char *exercise,
                             uint64_t seed) {
    if (seed)
        return seed;
    struct exercise_state state;
    record_exercise(school->record, learner, exercise, &state);
    json_decref(state.answer);
    return state.seed;
}

json_t *school_attempt_sent(struct school *school, int64_t learner, const char *label,
                            const struct school_sent *sent, const char *language,
                            struct fault *fault) {
    const struct exercise *exercise = school_exercise(school, label, language, fault);
    struct school_sent whole = *sent;
    whole.seed = seed_at_hand(school, learner, label, sent->seed);
    json_t *told =
        exercise ? tutor_attempt(school->tutor, learner, exercise, &whole, language, fault) : NULL;
    if (!strcmp(json_text(told, "note", ""), GRADE_WAITING))
        proposer_wake(school->proposer);
    return told;
}

json_t *school_attempt(struct school *school, int64_t learner, const char *label, uint64_t seed,
                       const json_t *answer, const char *language, struct fault *fault) {
    const struct school_sent sent = {.seed = seed, .answer = answer};
    return school_attempt_sent(school, learner, label, &sent, language, fault);
}

json_t *school_hint(struct school *school, int64_t learner, const char *label, uint64_t seed,
                    const char *language, struct fault *fault) {
    const struct exercise *exercise = school_exercise(school, label, language, fault);
    return exercise ? tutor_hint(school->tutor, learner, exercise,
                                 seed_at_hand(school, learner, label, seed), language, fault)
                    : NULL;
}

static bool find_place(struct school *school, const struct school_question *question,
                       const struct lesson **lesson, const struct exercise **exercise,
                       struct fault *fault) {
    const char *label = question->exercise;
    *lesson =
        school_find_lesson(school, question->course, question->lesson, question->language, fault);
    *exercise = *lesson && label && *label
                    ? school_exercise(school, label, question->language, fault)
                    : NULL;
    return *lesson && (*exercise || !label || !*label);
}

bool school_has_place(struct school *school, const struct school_question *question,
                      struct fault *fault) {
    const struct lesson *lesson;
    const struct exercise *exercise;
    return find_place(school, question, &lesson, &exercise, fault);
}

bool school_turn(struct school *school, int64_t learner, const struct school_question *asked,
                 school_say *say, void *data, struct fault *fault) {
    const struct lesson *lesson;
    const struct exercise *exercise;
    if (!find_place(school, asked, &lesson, &exercise, fault))
        return false;
    struct tutor_question question = {.lesson = lesson,
                                      .exercise = exercise,
                                      .text = asked->text,
                                      .language = asked->language,
                                      .cancel = asked->cancel};
    if (exercise)
        question.seed = seed_at_hand(school, learner, asked->exercise, asked->seed);
    return tutor_turn(school->tutor, learner, &question, say, data, fault);
}

bool school_is_failing(struct school *school) {
    enum { TOLD_SECONDS = 60 };
    return record_is_failing(school->record, TOLD_SECONDS);
}

void school_metrics(struct school *school, struct buffer *out) {
    record_metrics(school->record, out);
    tutor_metrics(school->tutor, out);
    if (school->company)
        company_metrics(school->company, out);
}
