/* Courses and lessons as a browser may see them, with where the learner is in them. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

const struct lesson *school_find_lesson(const struct school *school, const char *course_id,
                                        const char *lesson_id, const char *language,
                                        struct fault *fault) {
    const struct course *course = school_course(school, course_id);
    const struct lesson *lesson = course ? course_lesson(course, lesson_id, language) : NULL;
    if (!course)
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course_id);
    else if (!lesson)
        fault_set(fault, FAULT_MISSING, "There is no lesson %.80s.", lesson_id);
    return lesson;
}

/* The same lesson, in this language where there is one. */
static const struct lesson *in_language(const struct lesson *lesson, const char *language) {
    char *id = must_copy(lesson->id);
    lesson = course_lesson(lesson->course, id, language);
    free(id);
    return lesson;
}

const struct lesson *school_next_lesson(const struct course *course, const char *language,
                                        size_t *at) {
    while (*at < course->n_lesson) {
        const struct lesson *lesson = &course->lessons[(*at)++];
        /* A lesson is there once for each language; its files stand together. */
        if (*at >= 2 && view_equal(lesson[-1].id, lesson->id))
            continue;
        return in_language(lesson, language);
    }
    return NULL;
}

json_t *school_json(struct view text) {
    return json_stringn(text.n ? text.at : "", text.n);
}

static json_t *lesson_name(const struct lesson *lesson) {
    return lesson ? json_pack("{s:o,s:o}", "id", school_json(lesson->id), "title",
                              school_json(lesson->title))
                  : json_null();
}

/* ------------------------------------------------------------------------------------- courses */

static json_t *course_object(const struct course *course, const char *language) {
    json_t *languages = json_array(), *lessons = json_array();
    const json_t *summary = json_object_get(course->about, "summary");
    for (size_t i = 0; i < course->n_language; i++)
        json_array_append_new(languages, school_json(course->languages[i]));
    const struct lesson *lesson;
    for (size_t at = 0; (lesson = school_next_lesson(course, language, &at));)
        json_array_append_new(lessons, lesson_name(lesson));
    json_t *object =
        json_pack("{s:o,s:o,s:o,s:o}", "id", school_json(course->id), "title",
                  school_json(course_text(json_object_get(course->about, "title"), language)),
                  "languages", languages, "lessons", lessons);
    if (summary)
        json_object_set_new(object, "summary", school_json(course_text(summary, language)));
    return object;
}

json_t *school_courses(struct school *school, const char *language) {
    json_t *courses = json_array();
    for (size_t i = 0; i < school->n_course; i++)
        json_array_append_new(courses, course_object(school->courses[i], language));
    return courses;
}

/* -------------------------------------------------------------------------------- the exercise */

static json_t *author_says(struct view markdown) {
    struct buffer html = {0};
    markdown_html(markdown, &html);
    json_t *say = json_pack("{s:o,s:o,s:s,s:[]}", "text", school_json(markdown), "html",
                            school_json(buffer_view(&html)), "from", "author", "cites");
    buffer_free(&html);
    return say;
}

/* The rungs that the learner was given, and the solution once it was shown. */
static json_t *hints_given(const struct variant *variant, const struct exercise_state *state) {
    json_t *hints = json_array();
    for (size_t i = 0; i < variant->n_hint && i < (size_t)state->hints; i++)
        json_array_append_new(hints, author_says(variant->hints[i]));
    if (state->bottomed)
        json_array_append_new(hints, author_says(variant->solution));
    return hints;
}

/* What was asked and said lately about these very numbers, as the learner saw it:
 * [{"asked"}|say…]. What stood in until better words came gave way to them. */
static json_t *talk_of(struct school *school, int64_t learner, const char *label, uint64_t seed) {
    enum { EVENTS = 24, SENTENCES = 12 };
    json_t *events = record_talk(school->record, learner, label, EVENTS), *event, *say;
    json_t *talk = json_array();
    size_t i, j;
    json_array_foreach(events, i, event) {
        const json_t *data = json_object_get(event, "data");
        if ((uint64_t)json_integer_value(json_object_get(data, "seed")) != seed)
            continue;
        if (!strcmp(json_text(event, "kind", ""), "asked"))
            json_array_append_new(talk,
                                  json_pack("{s:O}", "asked", json_object_get(data, "text")));
        json_array_foreach(json_object_get(data, "say"), j, say) {
            for (size_t k = json_array_size(talk); json_flag(say, "replaces", false) && k-- > 0;)
                if (json_flag(json_array_get(talk, k), "draft", false))
                    json_array_remove(talk, k);
            json_array_append(talk, say);
        }
    }
    while (json_array_size(talk) > SENTENCES)
        json_array_remove(talk, 0);
    json_decref(events);
    return talk;
}

static json_t *state_object(const struct variant *variant, const struct exercise_state *state) {
    return json_pack("{s:f,s:i,s:o,s:b,s:O?,s:b}", "score", state->score, "attempts",
                     state->attempts, "hints", hints_given(variant, state), "solved",
                     (int)state->solved, "last_answer", state->answer, "ever_solved",
                     (int)state->ever_solved);
}

/* What a learner may see of the source of a stale exercise, with the same numbers. */
static void add_source(json_t *object, const struct exercise *exercise, uint64_t seed) {
    struct variant *variant = variant_make(exercise->original, seed, NULL);
    json_t *source = variant ? variant_public(variant) : NULL;
    if (source)
        json_object_set_new(object, "source",
                            json_pack("{s:o,s:o,s:O?,s:s}", "language",
                                      school_json(exercise->original->lesson->language), "title",
                                      school_json(exercise->original->title), "ask_html",
                                      json_object_get(source, "ask_html"), "note",
                                      translation_stale_exercise(exercise->lesson->language)));
    json_decref(source);
    variant_free(variant);
}

/* NULL when the exercise cannot be drawn: a mistake in the course, which `lyceum check` tells. */
static json_t *exercise_object(struct school *school, const struct exercise *exercise,
                               int64_t learner) {
    struct exercise_state state;
    json_t *object = NULL;
    char *label = must_copy(exercise->label);
    record_exercise(school->record, learner, label, &state);
    struct variant *variant = variant_make(exercise, state.seed, NULL);
    if (variant) {
        object = variant_public(variant);
        json_t *told = state_object(variant, &state);
        json_object_set_new(told, "talk", talk_of(school, learner, label, state.seed));
        json_t *open = learner ? school_open_state(school, learner, variant) : NULL;
        if (open) {
            json_object_set(told, "last_answer", json_object_get(open, "text"));
            json_object_set_new(told, "open", open);
        }
        json_object_set_new(object, "state", told);
        if (exercise->translation == TRANSLATION_STALE)
            add_source(object, exercise, state.seed);
        if (exercise->translation == TRANSLATION_MISSING)
            json_object_set_new(object, "language",
                                school_json(exercise->original->lesson->language));
        variant_free(variant);
    }
    json_decref(state.answer);
    free(label);
    return object;
}

/* ---------------------------------------------------------------------------------- the lesson */

/* A neighbour is told in the language that was asked for, even where this lesson lacks it. */
static json_t *neighbour(const struct lesson *lesson, const char *language) {
    return lesson_name(lesson ? in_language(lesson, language) : NULL);
}

static json_t *passage_list(const struct lesson *lesson) {
    json_t *list = json_array();
    for (size_t i = 0; i < lesson->n_passage; i++)
        json_array_append_new(list,
                              json_pack("{s:o,s:o}", "id", school_json(lesson->passages[i].id),
                                        "heading", school_json(lesson->passages[i].heading)));
    return list;
}

json_t *school_lesson(struct school *school, const char *course, const char *lesson_id,
                      const char *language, int64_t learner, struct fault *fault) {
    const struct lesson *lesson = school_find_lesson(school, course, lesson_id, language, fault);
    if (!lesson)
        return NULL;
    json_t *exercises = json_array();
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        json_t *object = exercise_object(school, &lesson->exercises[i], learner);
        if (object)
            json_array_append_new(exercises, object);
    }
    struct buffer html = {0};
    background_set told_for = lesson_html(lesson, school_background(school, learner), &html);
    json_t *object =
        json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "course", course, "id",
                  school_json(lesson->id), "title", school_json(lesson->title), "language",
                  school_json(lesson->language), "html", school_json(buffer_view(&html)),
                  "exercises", exercises, "passages", passage_list(lesson), "previous",
                  neighbour(lesson->previous, language), "next", neighbour(lesson->next, language),
                  "told_for", background_names(told_for));
    buffer_free(&html);
    return object;
}
