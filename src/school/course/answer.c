/* What leaves a variant for the page, and what comes back from it. */
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *html_of(struct render *render, struct view text, bool inline_) {
    struct buffer html = {0};
    markdown_render(render, text, inline_, &html);
    json_t *out = json_stringn(html.at ? html.at : "", html.n);
    buffer_free(&html);
    return out;
}

static json_t *html_list(struct render *render, const struct view *texts, size_t n) {
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, html_of(render, texts[i], true));
    return out;
}

static json_t *parts_public(struct render *render, const struct variant *variant) {
    json_t *list = json_array();
    for (size_t i = 0; i < variant->n_part; i++) {
        const struct variant_part *part = &variant->parts[i];
        json_t *one = json_pack("{s:o,s:o,s:o}", "name", json_stringn(part->name.at, part->name.n),
                                "check", json_stringn(part->check.at, part->check.n), "ask_html",
                                html_of(render, part->ask, true));
        if (part->n_shown)
            json_object_set_new(one, "shown_html", html_list(render, part->shown, part->n_shown));
        json_array_append_new(list, one);
    }
    return list;
}

/* What is looked for, and never which answer has how much of it. */
static json_t *rubric_public(struct render *render, const json_t *rubric) {
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(rubric, i, one) {
        json_array_append_new(list, html_of(render, view_of(json_text(one, "ask", "")), true));
    }
    return list;
}

json_t *variant_public(const struct variant *variant) {
    const struct exercise *exercise = variant->exercise;
    struct render render = {.whole = (struct whole *)(uintptr_t)exercise->lesson->course,
                            .folder = exercise->lesson->id,
                            .prefix = exercise->label.at};
    struct arena *arena = arena_new();
    render.prefix = arena_string(arena, exercise->label);
    json_t *out = json_object();
    const struct {
        const char *name;
        struct view text;
    } texts[] = {{"id", exercise->label},
                 {"title", exercise->title},
                 {"check", exercise->check},
                 {"skill", exercise->skill->id}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_object_set_new(out, texts[i].name, json_stringn(texts[i].text.at, texts[i].text.n));
    json_object_set_new(out, "seed", json_integer((json_int_t)variant->seed));
    json_object_set_new(out, "ask_html", html_of(&render, variant->ask, false));
    if (variant->n_shown)
        json_object_set_new(out, "shown_html",
                            html_list(&render, variant->shown, variant->n_shown));
    if (json_object_get(variant->options, "starter"))
        json_object_set(out, "starter", json_object_get(variant->options, "starter"));
    if (json_object_get(variant->options, "program"))
        json_object_set(out, "program", json_object_get(variant->options, "program"));
    if (json_object_get(variant->options, "rubric"))
        json_object_set_new(out, "looked_for",
                            rubric_public(&render, json_object_get(variant->options, "rubric")));
    if (variant->n_left)
        json_object_set_new(out, "left_html", html_list(&render, variant->left, variant->n_left));
    if (variant->n_part)
        json_object_set_new(out, "parts", parts_public(&render, variant));
    arena_free(arena);
    return out;
}

/* ---------------------------------------------------------------------------------------- answers
 */

static bool shown_index(const struct variant *variant, const json_t *value, size_t *out) {
    struct view text = {json_string_value(value), json_string_length(value)};
    json_int_t index = json_is_integer(value) ? json_integer_value(value) : -1;
    if (json_is_string(value) && text.n && text.n < 4)
        for (size_t i = index = 0; i < text.n && index >= 0; i++)
            index = text.at[i] >= '0' && text.at[i] <= '9' ? index * 10 + (text.at[i] - '0') : -1;
    *out = (size_t)index;
    return index >= 0 && *out < variant->n_shown;
}

static json_t *wrong_shape(struct fault *fault, const char *what) {
    fault_set(fault, FAULT_INPUT, "the answer must be %s", what);
    return NULL;
}

static json_t *answer_list(const struct variant *variant, const json_t *answer,
                           struct fault *fault) {
    json_t *out = json_array();
    const json_t *one;
    bool used[MAX_ITEMS] = {0}, good = json_is_array(answer);
    size_t i, shown;
    json_array_foreach(answer, i, one) {
        good = good && shown_index(variant, one, &shown) && !used[shown];
        if (!good)
            break;
        used[shown] = true;
        json_array_append_new(out, json_integer((json_int_t)variant->authored[shown] + 1));
    }
    if (good)
        return out;
    json_decref(out);
    return wrong_shape(fault, "a list of the places of what is shown, each once");
}

static json_t *answer_match(const struct variant *variant, const json_t *answer,
                            struct fault *fault) {
    json_t *out = json_array();
    const json_t *one;
    bool good = json_is_array(answer) && json_array_size(answer) == variant->n_left;
    size_t i, shown;
    json_array_foreach(answer, i, one) {
        bool none = json_is_null(one) || (json_is_integer(one) && json_integer_value(one) == -1);
        good = good && (none || shown_index(variant, one, &shown));
        if (!good)
            break;
        if (!none)
            json_array_append_new(out, json_pack("[I,I]", (json_int_t)i + 1,
                                                 (json_int_t)variant->authored[shown] + 1));
    }
    if (good)
        return out;
    json_decref(out);
    return wrong_shape(fault, "a list with the place of a right-hand side for each left one");
}

/* "20 m/s; 60 m; 2", where there is one line alone to write on; a choice is counted from 1. */
static json_t *parts_of_line(const struct variant *variant, struct view text) {
    json_t *out = json_array();
    for (bool more = true; more && json_array_size(out) < variant->n_part;) {
        ptrdiff_t at = view_find(text, VIEW(";"));
        more = at >= 0;
        struct view one = view_trim(more ? view_slice(text, 0, (size_t)at) : text);
        text = more ? view_slice(text, (size_t)at + 1, text.n) : text;
        const struct variant_part *part = &variant->parts[json_array_size(out)];
        json_int_t place = one.n && one.n < 4 ? strtol(one.at, NULL, 10) : 0;
        json_array_append_new(out, view_is(part->check, "choice") && one.n
                                       ? json_integer(place - 1)
                                       : json_stringn(one.n ? one.at : "", one.n));
    }
    return out;
}

/* A choice is shown from 0 and authored from 1. */
static bool put_part(const struct variant *variant, size_t i, const json_t *given, json_t *out) {
    const struct variant_part *part = &variant->parts[i];
    bool none =
        !given || json_is_null(given) || (json_is_string(given) && !json_string_length(given));
    if (none)
        return true;
    if (!view_is(part->check, "choice"))
        return (json_is_string(given) || json_is_number(given)) &&
               !json_object_set(out, part->name.at, (json_t *)(uintptr_t)given);
    struct variant choices = {.n_shown = part->n_shown};
    size_t shown;
    return shown_index(&choices, given, &shown) &&
           !json_object_set_new(out, part->name.at, json_integer((json_int_t)shown + 1));
}

static json_t *answer_parts(const struct variant *variant, const json_t *answer,
                            struct fault *fault) {
    json_t *out = json_object();
    json_t *line = json_is_string(answer)
                       ? parts_of_line(variant, (struct view){json_string_value(answer),
                                                              json_string_length(answer)})
                       : NULL;
    const json_t *given = line ? line : answer;
    bool good = json_is_object(given) ||
                (json_is_array(given) && json_array_size(given) <= variant->n_part);
    for (size_t i = 0; i < variant->n_part && good; i++)
        good = put_part(variant, i,
                        json_is_array(given) ? json_array_get(given, i)
                                             : json_object_get(given, variant->parts[i].name.at),
                        out);
    json_decref(line);
    if (good)
        return out;
    json_decref(out);
    return wrong_shape(fault, "an object with the answer to each part by its name");
}

json_t *variant_answer(const struct variant *variant, const json_t *answer, struct fault *fault) {
    struct view check = variant->exercise->check;
    size_t shown;
    if (view_is(check, "choice")) {
        if (json_array_size(answer) == 1)
            answer = json_array_get(answer, 0);
        return shown_index(variant, answer, &shown)
                   ? json_integer((json_int_t)variant->authored[shown] + 1)
                   : wrong_shape(fault, "the place of one of the choices");
    }
    if (view_is(check, "several") || view_is(check, "order"))
        return answer_list(variant, answer, fault);
    if (view_is(check, "match"))
        return answer_match(variant, answer, fault);
    if (view_is(check, "parts"))
        return answer_parts(variant, answer, fault);
    if (json_is_string(answer) || json_is_number(answer))
        return json_incref((json_t *)(uintptr_t)answer);
    return wrong_shape(fault, "a text or a number");
}

/* ----------------------------------------------------------------------------------
 * misconceptions */

/* A wrong program is known by what it does on the tests, not by what they want. */
static void forget_wanted(json_t *options) {
    json_t *tests = json_deep_copy(json_object_get(options, "tests")), *test;
    size_t i;
    json_array_foreach(tests, i, test) {
        json_object_del(test, "is");
        json_object_del(test, "stdout");
        json_object_del(test, "raises");
    }
    if (!tests)
        return;
    json_object_set_new(options, "tests", tests);
    json_object_set_new(options, "as_it_is", json_true());
}

/* The options under which a misconception is looked for: how exactly it is written says nothing
 * about why it is wrong. */
static json_t *loose_options(const json_t *given) {
    json_t *options = given ? json_copy((json_t *)(uintptr_t)given) : json_object();
    double decimals = json_number(options, "decimals", -1);
    if (decimals >= 0 && decimals < 16 && !json_object_get(options, "absolute"))
        json_object_set_new(options, "absolute", json_real(0.5 * pow(10, -decimals)));
    json_object_del(options, "decimals");
    if (json_number(options, "significant", 0) > 0 && !json_object_get(options, "relative"))
        json_object_set_new(options, "relative",
                            json_real(0.5 * pow(10, 1 - json_number(options, "significant", 1))));
    json_object_del(options, "significant");
    json_object_del(options, "form");
    json_object_del(options, "pattern");
    forget_wanted(options);
    return options;
}

/* A wrong answer of the right value is wrong by its form alone, and is known by how it is
 * written. */
static bool same_misconception(const struct variant *variant, const struct misconception *wrong,
                               const json_t *answer, const json_t *loose) {
    const char *check = variant->exercise->check.at;
    struct grade_result result;
    if (!grade_answer(check, wrong->is, answer, loose, variant->seed, &result, NULL) ||
        result.score < 1)
        return false;
    if (!variant->key ||
        !grade_answer(check, variant->key, wrong->is, loose, variant->seed, &result, NULL) ||
        result.score < 1 || !view_is(variant->exercise->check, "algebra"))
        return true;
    json_t *strict = json_copy((json_t *)(uintptr_t)loose);
    json_object_set_new(strict, "form", json_string("same"));
    bool same = grade_answer(check, wrong->is, answer, strict, variant->seed, &result, NULL) &&
                result.score >= 1;
    json_decref(strict);
    return same;
}

/* Each part that the wrong answer names was answered so, by the learner's own earlier results. */
static bool same_parts(const struct variant *variant, const json_t *is, const json_t *answer) {
    const char *name;
    json_t *one;
    json_object_foreach((json_t *)(uintptr_t)is, name, one) {
        ptrdiff_t i = grade_parts_find(variant->key, name);
        const json_t *given = json_object_get(answer, name);
        const json_t *part = i < 0 ? NULL : json_array_get(variant->key, (size_t)i);
        struct grade_result result;
        if (!part || !given)
            return false;
        json_t *loose = loose_options(json_object_get(part, "options"));
        json_t *key = grade_parts_fill(variant->key, (size_t)i, one, answer, variant->options);
        bool same = key &&
                    grade_answer(json_text(part, "check", ""), key, given, loose, variant->seed,
                                 &result, NULL) &&
                    result.score >= 1;
        json_decref(loose);
        json_decref(key);
        if (!same)
            return false;
    }
    return true;
}

const struct misconception *variant_misconception(const struct variant *variant,
                                                  const json_t *answer) {
    if (variant->n_part) {
        for (size_t i = 0; i < variant->n_wrong; i++)
            if (same_parts(variant, variant->wrong[i].is, answer))
                return &variant->wrong[i];
        return NULL;
    }
    json_t *loose = loose_options(variant->options);
    const struct misconception *found = NULL;
    for (size_t i = 0; i < variant->n_wrong && !found; i++)
        if (same_misconception(variant, &variant->wrong[i], answer, loose))
            found = &variant->wrong[i];
    json_decref(loose);
    return found;
}
