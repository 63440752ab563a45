/* A tutor of few words and a company that loads for ever, for tests of the school's facade alone:
 * "right" is right, all else is wrong; hints go up the ladder and end in the solution; "sister"
 * asks for other numbers. */
#include "school/tutor/tutor.h"

#include <stdlib.h>
#include <string.h>

struct tutor {
    struct record *record;
};

struct tutor *tutor_open(struct course *const *courses, size_t n_course, struct record *record,
                         struct company *company, struct fault *fault) {
    (void)courses, (void)n_course, (void)company, (void)fault;
    struct tutor *tutor = must_alloc(1, sizeof *tutor);
    tutor->record = record;
    return tutor;
}

void tutor_close(struct tutor *tutor) {
    free(tutor);
}

void tutor_in_terminal(struct tutor *tutor) {
    (void)tutor;
}

json_t *tutor_attempt(struct tutor *tutor, int64_t learner, const struct exercise *exercise,
                      const struct school_sent *sent, const char *language, struct fault *fault) {
    const json_t *answer = sent->answer;
    uint64_t seed = sent->seed;
    char *label = must_copy(exercise->label), *lesson = must_copy(exercise->lesson->id),
         *skill = must_copy(exercise->skill->id);
    bool right = json_is_string(answer) && !strcmp(json_string_value(answer), "right");
    struct attempt attempt = {.learner = learner,
                              .course = exercise->lesson->course->id.at,
                              .lesson = lesson,
                              .exercise = label,
                              .skill = skill,
                              .language = language,
                              .seed = seed,
                              .answer = answer,
                              .score = right,
                              .note = "",
                              .misconception = "",
                              .counts = true,
                              .threshold = exercise->lesson->course->mastery_threshold,
                              .once = sent->once,
                              .ago_ms = sent->ago_ms};
    bool good = record_attempt(tutor->record, NULL, &attempt, fault);
    free(label);
    free(lesson);
    free(skill);
    return good ? json_pack("{s:b,s:I}", "solved", (int)right, "seed", (json_int_t)seed) : NULL;
}

json_t *tutor_hint(struct tutor *tutor, int64_t learner, const struct exercise *exercise,
                   uint64_t seed, const char *language, struct fault *fault) {
    (void)language;
    struct exercise_state state;
    char *label = must_copy(exercise->label);
    record_exercise(tutor->record, learner, label, &state);
    bool rungs_left = (size_t)state.hints < exercise->n_hint;
    bool good =
        rungs_left ? record_hint(tutor->record, NULL, learner, label, seed, state.hints + 1, fault)
                   : record_solution(tutor->record, NULL, learner, label, seed, fault);
    json_decref(state.answer);
    free(label);
    return good ? json_pack("{s:I}", "seed", (json_int_t)seed) : NULL;
}

bool tutor_turn(struct tutor *tutor, int64_t learner, const struct tutor_question *question,
                school_say *say, void *data, struct fault *fault) {
    const struct exercise *exercise = question->exercise;
    struct view text = question->text;
    uint64_t seed = question->seed;
    json_t *said = json_pack("{s:s%,s:I}", "text", text.at, text.n, "seed", (json_int_t)seed);
    json_t *note = json_pack("{s:s%,s:I}", "text", text.at, text.n, "seed", (json_int_t)seed);
    if (exercise)
        json_object_set_new(note, "exercise", json_stringn(exercise->label.at, exercise->label.n));
    bool good = record_note(tutor->record, NULL, learner, "asked", note, fault);
    json_object_set_new(note, "say", json_pack("[O]", said));
    good = good && record_note(tutor->record, NULL, learner, "said", note, fault);
    if (good)
        say(data, said);
    json_decref(said);
    json_decref(note);
    if (!good || !view_is(text, "sister") || !exercise)
        return good;
    char *label = must_copy(exercise->label);
    good = record_sister(tutor->record, NULL, learner, label, seed + 1, fault);
    free(label);
    return good;
}

void tutor_metrics(struct tutor *tutor, struct buffer *out) {
    (void)tutor;
    buffer_text(out, "fake_tutor 1\n");
}

enum company_state company_state(const struct company *company) {
    (void)company;
    return COMPANY_LOADING;
}

bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    (void)company, (void)request, (void)texts, (void)n, (void)draft;
    return fault_set(fault, FAULT_MISSING, "There is no model.");
}

void company_metrics(struct company *company, struct buffer *out) {
    (void)company;
    buffer_text(out, "fake_company 1\n");
}
