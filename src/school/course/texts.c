/* What the workshop may learn of a course: its public prose, its hints and what its author says to
 * wrong answers. Keys and solutions stay here. */
#include "school/course/inside.h"
#include "school/grade/grade.h"
#include "school/school.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_WORDS = 4, SEEDS = 2 };

static json_t *text_of(struct view text) {
    return json_stringn(text.at ? text.at : "", text.n);
}

/* ------------------------------------------------------------------------------------ sentences
 */

struct shown { /* the displayed formulas of a lesson, as its passages have them: "$…$" */
    struct arena *arena;
    size_t n, capacity;
    struct view *at;
};

/* HTML's text as it was, on one line, as the prose of a passage has it. */
static struct view unescaped(struct arena *arena, struct view html) {
    struct buffer out = {0};
    buffer_byte(&out, '$');
    for (size_t i = 0; i < html.n; i++) {
        struct view rest = view_slice(html, i, i + 12);
        ptrdiff_t end = html.at[i] == '&' ? view_find(rest, VIEW(";")) : -1;
        if (end > 0) {
            entity_text(view_slice(rest, 0, (size_t)end + 1), &out);
            i += (size_t)end;
        } else
            buffer_byte(&out, html.at[i] == '\n' || html.at[i] == '\r' ? ' ' : html.at[i]);
    }
    buffer_byte(&out, '$');
    struct view copy = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static void find_displays(const struct lesson *lesson, struct shown *shown) {
    const struct view start = VIEW("<span class=\"math display\">");
    for (size_t at = 0; at < lesson->html.n;) {
        struct view rest = view_slice(lesson->html, at, lesson->html.n);
        ptrdiff_t from = view_find(rest, start), to;
        if (from < 0)
            return;
        rest = view_slice(rest, (size_t)from + start.n, rest.n);
        to = view_find(rest, VIEW("</span>"));
        if (to < 0 || !TRY_ROOM(shown->at, shown->capacity, shown->n + 1))
            return;
        shown->at[shown->n++] = unescaped(shown->arena, view_slice(rest, 0, (size_t)to));
        at = (size_t)(rest.at - lesson->html.at) + (size_t)to;
    }
}

/* Words outside of formulas; a character of a script without spaces is one. */
static size_t words_in(struct view text) {
    size_t n = 0;
    bool formula = false, inside = false;
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t used = utf8_decode(text.at + i, text.n - i, &c);
        formula ^= c == '$' && (!i || text.at[i - 1] != '\\');
        enum unicode_class class = unicode_class(c);
        bool letter = !formula && (class == UNICODE_LETTER || class == UNICODE_NUMBER ||
                                   class == UNICODE_MARK || c == '\'' || c == '-');
        n += letter && (!inside || unicode_is_han(c));
        inside = letter;
        i += used;
    }
    return n;
}

static bool usable(struct view sentence, const struct shown *shown) {
    if (words_in(sentence) < LEAST_WORDS || memchr(sentence.at, '\n', sentence.n))
        return false;
    for (size_t i = 0; i < shown->n; i++)
        if (view_find(sentence, shown->at[i]) >= 0)
            return false;
    return true;
}

/* "breaks": the sentences before which something was left out. */
static json_t *passage_json(const struct passage *passage, const struct shown *shown) {
    json_t *sentences = json_array(), *breaks = json_array();
    bool gap = false;
    for (size_t i = 0; i < passage->n_sentence; i++) {
        if (!usable(passage->sentences[i], shown)) {
            gap = true;
            continue;
        }
        if (gap)
            json_array_append_new(breaks, json_integer((json_int_t)json_array_size(sentences)));
        gap = false;
        json_array_append_new(sentences, text_of(passage->sentences[i]));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "lesson", text_of(passage->lesson->id), "id",
                     text_of(passage->id), "heading", text_of(passage->heading), "sentences",
                     sentences, "breaks", breaks);
}

static void add_passages(const struct lesson *lesson, json_t *out) {
    struct shown shown = {.arena = arena_new()};
    find_displays(lesson, &shown);
    for (size_t i = 0; i < lesson->n_passage; i++)
        if (!lesson->passages[i].borrowed)
            json_array_append_new(out, passage_json(&lesson->passages[i], &shown));
    free(shown.at);
    arena_free(shown.arena);
}

/* ------------------------------------------------------------------------------------ exercises
 */

static bool has_text(const json_t *list, struct view text) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i,
                       one) if (text.n == json_string_length(one) &&
                                !memcmp(json_string_value(one), text.at, text.n)) return true;
    return false;
}

/* The wrong answer in words; NULL where it has none, or is right for these numbers. */
static json_t *answer_text(const struct variant *variant, const json_t *is) {
    json_int_t index = json_integer_value(is) - 1;
    struct grade_result grade = {0};
    struct fault ignored = {0};
    if (!grade_answer(variant->exercise->check.at, variant->key, is, variant->options,
                      variant->seed, &grade, &ignored) ||
        grade.score > 0)
        return NULL;
    if (view_is(variant->exercise->check, "choice")) {
        const json_t *choices = json_object_get(variant->options, "choices");
        const json_t *choice = json_array_get(choices, (size_t)(index < 0 ? 0 : index));
        return json_is_string(choice) ? json_copy((json_t *)(uintptr_t)choice) : NULL;
    }
    return json_is_string(is) ? json_copy((json_t *)(uintptr_t)is) : NULL;
}

static void add_wrong(const struct variant *variant, const struct misconception *wrong,
                      json_t *out) {
    json_t *answer = wrong->say.n ? answer_text(variant, wrong->is) : NULL, *one;
    size_t i;
    if (!answer)
        return;
    json_array_foreach(out, i, one) if (json_equal(json_object_get(one, "answer"), answer)) {
        json_decref(answer);
        return;
    }
    json_array_append_new(out,
                          json_pack("{s:o, s:o}", "answer", answer, "say", text_of(wrong->say)));
}

/* The passage behind which the exercise stands in the page. */
struct view exercise_place(const struct exercise *exercise) {
    const struct lesson *lesson = exercise->lesson;
    struct buffer mark = {0};
    struct view place = {0};
    buffer_format(&mark, "data-exercise=\"%.*s\"", VIEW_ARG(exercise->label));
    ptrdiff_t at = view_find(lesson->html, buffer_view(&mark)), before = -1;
    for (size_t i = 0; i < lesson->n_passage; i++) {
        buffer_clear(&mark);
        buffer_format(&mark, " id=\"%.*s\"", VIEW_ARG(lesson->passages[i].id));
        ptrdiff_t start = view_find(lesson->html, buffer_view(&mark));
        if (start > before && start < at) {
            before = start;
            place = lesson->passages[i].id;
        }
    }
    buffer_free(&mark);
    return place;
}

static json_t *exercise_json(const struct exercise *exercise) {
    json_t *hints = json_array(), *wrongs = json_array();
    bool varied = json_object_get(exercise->definition, "vary") != NULL;
    for (uint64_t seed = 0; seed < (varied ? SEEDS : 1); seed++) {
        struct variant *variant = variant_make(exercise, seed, NULL);
        for (size_t i = 0; variant && i < variant->n_hint; i++)
            if (!has_text(hints, view_trim(variant->hints[i])))
                json_array_append_new(hints, text_of(view_trim(variant->hints[i])));
        for (size_t i = 0; variant && i < variant->n_wrong; i++)
            add_wrong(variant, &variant->wrong[i], wrongs);
        variant_free(variant);
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "id", text_of(exercise->label), "lesson",
                     text_of(exercise->lesson->id), "passage", text_of(exercise_place(exercise)),
                     "skill", text_of(exercise->skill ? exercise->skill->id : (struct view){0}),
                     "hints", hints, "wrong", wrongs);
}

/* ----------------------------------------------------------------------------------------- door
 */

json_t *school_course_texts(const char *folder, const char *language, struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    if (!course)
        return NULL;
    json_t *passages = json_array(), *exercises = json_array();
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct lesson *lesson = &course->lessons[i];
        if (!view_is(lesson->language, language))
            continue;
        add_passages(lesson, passages);
        for (size_t j = 0; j < lesson->n_exercise; j++)
            if (lesson->exercises[j].translation != TRANSLATION_MISSING)
                json_array_append_new(exercises, exercise_json(&lesson->exercises[j]));
    }
    json_t *out =
        json_pack("{s:o, s:o, s:s, s:s, s:o, s:o}", "course", text_of(course->id), "title",
                  text_of(course_text(json_object_get(course->about, "title"), language)),
                  "language", language, "licence", json_text(course->about, "licence", "unknown"),
                  "passages", passages, "exercises", exercises);
    course_free(course);
    return out;
}
