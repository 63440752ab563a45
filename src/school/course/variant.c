/* An exercise with its numbers drawn, its braces filled and its choices shuffled. */
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct making {
    struct variant *variant;
    const struct exercise *exercise;
    const struct scope *scope; /* NULL: nothing is filled */
    struct fault *fault;
};

static bool refuse_at(struct making *m, long line, const char *remedy, const char *format, ...)
    PRINTF_LIKE(4, 5);
static bool refuse_at(struct making *m, long line, const char *remedy, const char *format, ...) {
    char message[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fault_set(m->fault, FAULT_INPUT, "%s", message);
    fault_remedy(m->fault, "%s", remedy);
    return fault_place(m->fault, m->exercise->lesson->file.at, line, -1);
}

static long line_of(const struct making *m, const char *key) {
    return yaml_line_key(&m->exercise->source->yaml, m->exercise->definition, key);
}

/* --------------------------------------------------------------------------------------- filling
 */

static bool fill(struct making *m, struct view text, long line, struct view *out) {
    if (!m->scope) {
        *out = text;
        return true;
    }
    struct buffer filled = {0};
    bool good = value_fill(m->scope, text, &filled, m->fault);
    if (good)
        *out = arena_copy(m->variant->arena, buffer_view(&filled));
    else
        fault_place(m->fault, m->exercise->lesson->file.at, line, -1);
    buffer_free(&filled);
    return good;
}

/* A copy with every string filled. NULL on failure. */
static json_t *fill_json(struct making *m, const json_t *from, long line) {
    if (view_is(m->exercise->check, "code")) /* braces are the program's own */
        return json_deep_copy(from);
    const struct yaml *yaml = &m->exercise->source->yaml;
    json_t *out, *one, *value;
    const char *key;
    struct view text;
    size_t i;
    if (json_is_string(from))
        return fill(m, (struct view){json_string_value(from), json_string_length(from)}, line,
                    &text)
                   ? json_stringn(text.at ? text.at : "", text.n)
                   : NULL;
    if (!json_is_array(from) && !json_is_object(from))
        return json_deep_copy(from);
    out = json_is_array(from) ? json_array() : json_object();
    json_array_foreach(from, i, one) {
        if (!(value = fill_json(m, one, yaml_line_item(yaml, from, i))))
            goto failed;
        json_array_append_new(out, value);
    }
    json_object_foreach((json_t *)(uintptr_t)from, key, one) {
        if (!(value = fill_json(m, one, yaml_line_key(yaml, from, key))))
            goto failed;
        json_object_set_new(out, key, value);
    }
    return out;
failed:
    json_decref(out);
    return NULL;
}

static bool fill_hints(struct making *m) {
    const struct exercise *exercise = m->exercise;
    struct variant *variant = m->variant;
    variant->hints = ARENA_NEW(variant->arena, exercise->n_hint + 1, struct view);
    for (; variant->n_hint < exercise->n_hint; variant->n_hint++)
        if (!fill(m, exercise->hints[variant->n_hint],
                  exercise->source->hint_lines[variant->n_hint], &variant->hints[variant->n_hint]))
            return false;
    return fill(m, exercise->solution, exercise->source->solution_line, &variant->solution);
}

/* ---------------------------------------------------------------------------------- what is shown
 */

/* The texts of options.choices, .items or .pairs. */
static const char *list_name(struct view check) {
    return view_is(check, "choice") || view_is(check, "several") ? "choices"
           : view_is(check, "order")                             ? "items"
           : view_is(check, "match")                             ? "pairs"
                                                                 : NULL;
}

static bool scalar_text(struct arena *arena, const json_t *value, struct view *out) {
    if (json_is_string(value))
        *out =
            arena_copy(arena, (struct view){json_string_value(value), json_string_length(value)});
    else if (json_is_integer(value))
        *out = view_of(arena_format(arena, "%lld", (long long)json_integer_value(value)));
    else if (json_is_real(value))
        *out = view_of(arena_format(arena, "%.15g", json_real_value(value)));
    else
        return false;
    return out->n > 0;
}

static void shuffle(struct variant *variant, bool order) {
    struct random random;
    size_t n = variant->n_shown;
    bool sorted = true;
    random_seed(&random, hash64(variant->exercise->label, ~variant->seed));
    do {
        for (size_t i = n; i > 1; i--) {
            size_t j = (size_t)random_between(&random, 0, (int64_t)i - 1);
            struct view text = variant->shown[i - 1];
            size_t authored = variant->authored[i - 1];
            variant->shown[i - 1] = variant->shown[j];
            variant->authored[i - 1] = variant->authored[j];
            variant->shown[j] = text;
            variant->authored[j] = authored;
        }
        sorted = true;
        for (size_t i = 1; i < n; i++)
            sorted &= variant->authored[i] > variant->authored[i - 1];
    } while (order && sorted && n > 1); /* an order shown right is no question */
}

/* Right-hand sides that read the same are one: the first of them. */
static size_t canonical(const struct variant *variant, struct view text) {
    size_t i = 0;
    while (i < variant->n_shown && !view_equal(variant->shown[i], text))
        i++;
    return i;
}

static bool show_list(struct making *m) {
    struct variant *variant = m->variant;
    struct arena *arena = variant->arena;
    const char *name = list_name(m->exercise->check);
    if (!name)
        return true;
    bool pairs = !strcmp(name, "pairs");
    const json_t *authored = json_object_get(m->exercise->definition, "options");
    const json_t *list = json_object_get(variant->options, name), *one;
    long line = yaml_line_key(&m->exercise->source->yaml, authored, name);
    authored = json_object_get(authored, name);
    size_t n = json_array_size(list), i;
    if (n < 2 || n > MAX_ITEMS)
        return refuse_at(m, line, "Write two or more.", "options.%s must be a list of 2 to %d",
                         name, MAX_ITEMS);
    variant->shown = ARENA_NEW(arena, n, struct view);
    variant->authored = ARENA_NEW(arena, n, size_t);
    variant->left = ARENA_NEW(arena, n, struct view);
    json_array_foreach(list, i, one) {
        struct view text;
        long at = yaml_line_item(&m->exercise->source->yaml, authored, i);
        if (pairs && (json_array_size(one) != 2 ||
                      !scalar_text(arena, json_array_get(one, 0), &variant->left[i])))
            return refuse_at(m, at, "Write [left, right], with quotes around text.",
                             "this is no pair");
        if (!scalar_text(arena, pairs ? json_array_get(one, 1) : one, &text))
            return refuse_at(m, at, "Write a text; put quotes around one that begins with a mark.",
                             "this is no text");
        bool known = canonical(variant, text) < variant->n_shown;
        if (known && !pairs)
            return refuse_at(m, at, "Tell them apart, or keep the numbers apart with `where`.",
                             "two of options.%s read the same: %.*s", name,
                             text.n < 60 ? (int)text.n : 60, text.at);
        if (known)
            continue;
        variant->shown[variant->n_shown] = text;
        variant->authored[variant->n_shown++] = i;
    }
    variant->n_left = pairs ? n : 0;
    return true;
}

/* ------------------------------------------------------------------------------- keys and indexes
 */

/* 1 … n, from a number or a filled text. */
static bool read_index(const json_t *value, size_t n, json_int_t *out) {
    char *end = NULL;
    if (json_is_string(value))
        *out = strtoll(json_string_value(value), &end, 10);
    else if (json_is_integer(value))
        *out = json_integer_value(value);
    else
        return false;
    return *out >= 1 && *out <= (json_int_t)n && (!end || !*end);
}

static json_t *read_indexes(const json_t *list, size_t n) {
    json_t *out = json_array();
    const json_t *one;
    json_int_t index;
    size_t i;
    json_array_foreach(list, i, one) {
        if (!read_index(one, n, &index)) {
            json_decref(out);
            return NULL;
        }
        json_array_append_new(out, json_integer(index));
    }
    return out;
}

/* [[1, r1], [2, r2], …] from the authored right-hand side of each left one. */
static json_t *pairs_of(const struct variant *variant, const json_t *rights) {
    const json_t *pairs = json_object_get(variant->options, "pairs"), *one;
    json_t *out = json_array();
    size_t i;
    json_array_foreach(rights, i, one) {
        size_t authored = (size_t)json_integer_value(one) - 1;
        struct view text;
        if (scalar_text(variant->arena, json_array_get(json_array_get(pairs, authored), 1), &text))
            for (size_t j = 0; j < variant->n_shown; j++) /* not shuffled yet */
                if (view_equal(variant->shown[j], text))
                    authored = variant->authored[j];
        json_array_append_new(out,
                              json_pack("[I,I]", (json_int_t)i + 1, (json_int_t)authored + 1));
    }
    return out;
}

/* A key or a wrong answer as authored, in the form that variant_answer gives; NULL when its shape
 * is wrong. Takes the reference. */
static json_t *parts_answer(const struct variant *variant, json_t *value) {
    const char *name;
    const json_t *one;
    if (!json_is_object(value) || !json_object_size(value))
        return NULL;
    json_object_foreach(value, name,
                        one) if (grade_parts_find(variant->key, name) < 0 ||
                                 (!json_is_string(one) && !json_is_number(one))) return NULL;
    return json_incref(value);
}

static json_t *settle_answer(const struct variant *variant, json_t *value) {
    struct view check = variant->exercise->check;
    size_t n = json_array_size(
        json_object_get(variant->options, list_name(check) ? list_name(check) : ""));
    json_t *out = NULL;
    json_int_t index;
    if (view_is(check, "parts"))
        out = parts_answer(variant, value);
    else if (view_is(check, "choice"))
        out = read_index(value, n, &index) ? json_integer(index) : NULL;
    else if (view_is(check, "several") || view_is(check, "order") || view_is(check, "match")) {
        bool all = view_is(check, "match");
        out = json_is_array(value) && (!all || json_array_size(value) == n)
                  ? read_indexes(value, n)
                  : NULL;
        if (out && all) {
            json_t *pairs = pairs_of(variant, out);
            json_decref(out);
            out = pairs;
        }
    } else if (json_is_string(value) || json_is_number(value) ||
               (json_is_array(value) && view_is(check, "text") && json_array_size(value)))
        out = json_incref(value);
    json_decref(value);
    return out;
}

static json_t *counted(size_t n) {
    json_t *out = json_array();
    for (size_t i = 1; i <= n; i++)
        json_array_append_new(out, json_integer((json_int_t)i));
    return out;
}

static const char *shape_of(struct view check) {
    return view_is(check, "parts")     ? "Write the answer to a part or more: {v: 12, s: 36}."
           : view_is(check, "choice")  ? "Write the number of a choice, counted from 1."
           : view_is(check, "several") ? "Write a list of numbers of choices, counted from 1."
           : view_is(check, "order") ? "Write the numbers of all items in their order: [2, 1, 3]."
           : view_is(check, "match")
               ? "Write the number of a right-hand side for each left: [2, 1]."
           : view_is(check, "code") ? "Write the program as a block of text: key: |"
                                    : "Write a number or a text between quotes: \"{a}\".";
}

static bool settle_parts(struct making *m);

static bool settle_key(struct making *m) {
    struct variant *variant = m->variant;
    struct view check = m->exercise->check;
    const json_t *key = json_object_get(m->exercise->definition, "key");
    bool listed = view_is(check, "order") || view_is(check, "match");
    bool pattern = view_is(check, "text") && json_object_get(variant->options, "pattern");
    if (view_is(check, "parts"))
        return settle_parts(m);
    if (view_is(check, "rubric"))
        return true;
    if (!key && pattern)
        return true;
    if (!key && !listed)
        return refuse_at(m, m->exercise->source->yaml.line, shape_of(check), "there is no key");
    json_t *filled =
        listed ? counted(json_array_size(json_object_get(variant->options, list_name(check))))
               : fill_json(m, key, line_of(m, "key"));
    if (filled)
        variant->key = settle_answer(variant, filled);
    if (!filled || variant->key)
        return filled;
    return refuse_at(m, line_of(m, "key"), shape_of(check), "the key does not fit the check %.*s",
                     VIEW_ARG(check));
}

/* ----------------------------------------------------------------------------------------- parts
 */

static void settle_numbers(json_t *options);

static bool part_shown(struct making *m, const json_t *options, long line,
                       struct variant_part *out) {
    const json_t *list = json_object_get(options, "choices"), *one;
    size_t i;
    out->shown = ARENA_NEW(m->variant->arena, MAX_ITEMS + 1, struct view);
    if (!view_is(out->check, "choice"))
        return true;
    if (json_array_size(list) < 2 || json_array_size(list) > MAX_ITEMS)
        return refuse_at(m, line, "Write two or more.",
                         "options.choices must be a list of 2 to %d", MAX_ITEMS);
    json_array_foreach(list, i, one) if (
        !scalar_text(
            m->variant->arena, one,
            &out->shown[out->n_shown++])) return refuse_at(m, line,
                                                           "Write a text; put quotes around one "
                                                           "that begins with a "
                                                           "mark.",
                                                           "this choice is no text");
    return true;
}

static bool settle_part(struct making *m, const json_t *from, long line) {
    struct variant *variant = m->variant;
    struct variant_part *out = &variant->parts[variant->n_part];
    const char *check = json_text(from, "check", "");
    json_t *part = json_is_object(from) ? fill_json(m, from, line) : NULL;
    char name[32];
    if (!part)
        return json_is_object(from)
                   ? false
                   : refuse_at(m, line, "Write - name: …, ask: …, check: …, key: …",
                               "this part is no mapping");
    json_t *options = json_object_get(part, "options");
    if (options)
        settle_numbers(options);
    if (json_object_get(part, "tests")) {
        if (!options)
            json_object_set_new(part, "options", options = json_object());
        json_object_set(options, "feedback", json_object_get(part, "tests"));
    }
    json_array_append_new(variant->key, part);
    grade_parts_name(variant->key, variant->n_part, name);
    out->name = arena_copy(variant->arena, view_of(name));
    out->check = arena_copy(variant->arena, view_of(check));
    out->ask = arena_copy(variant->arena, view_of(json_text(part, "ask", "")));
    variant->n_part++;
    if (!part_check_good(check))
        return refuse_at(m, line, "A part's check is number, algebra, text or choice.",
                         "part %s has no check that a part can have", name);
    if (!out->ask.n)
        return refuse_at(m, line, "Write ask: and what this part asks for.",
                         "part %s asks nothing", name);
    return part_shown(m, options, line, out);
}

static bool settle_parts(struct making *m) {
    const json_t *list = json_object_get(m->exercise->definition, "parts"), *one;
    struct variant *variant = m->variant;
    size_t i;
    if (!json_array_size(list) || json_array_size(list) > GRADE_PARTS)
        return refuse_at(m, list ? line_of(m, "parts") : m->exercise->source->yaml.line,
                         "Write parts: and a list of {name, ask, check, key}.",
                         "there must be 1 to %d parts", GRADE_PARTS);
    variant->parts = ARENA_NEW(variant->arena, GRADE_PARTS, struct variant_part);
    variant->key = json_array();
    json_array_foreach(list, i, one) if (!settle_part(m, one,
                                                      yaml_line_item(&m->exercise->source->yaml,
                                                                     list, i))) return false;
    return true;
}

/* ----------------------------------------------------------------------------------- all of it */

static bool settle_wrong(struct making *m, const json_t *from, long line,
                         struct misconception *out) {
    json_t *is = fill_json(m, json_object_get(from, "is"), line);
    const char *say = json_text(from, "say", ""), *why = json_text(from, "why", "");
    if (!json_object_get(from, "is") || !is) {
        json_decref(is);
        return refuse_at(m, line, shape_of(m->exercise->check), "this wrong answer has no `is`");
    }
    out->is = settle_answer(m->variant, is);
    if (!out->is)
        return refuse_at(m, line, shape_of(m->exercise->check),
                         "this wrong answer does not fit the check %.*s",
                         VIEW_ARG(m->exercise->check));
    out->why = arena_copy(m->variant->arena, view_of(why));
    return fill(m, view_of(say), line, &out->say);
}

static bool settle_wrongs(struct making *m) {
    const json_t *list = json_object_get(m->exercise->definition, "wrong"), *one;
    struct variant *variant = m->variant;
    size_t i;
    variant->wrong = ARENA_NEW(variant->arena, MAX_ITEMS, struct misconception);
    json_array_foreach(list, i, one) {
        long line = yaml_line_item(&m->exercise->source->yaml, list, i);
        if (i == MAX_ITEMS)
            return refuse_at(m, line, "Take some out.", "over %d wrong answers", MAX_ITEMS);
        variant->n_wrong++;
        if (!settle_wrong(m, one, line, &variant->wrong[i]))
            return false;
    }
    return true;
}

/* Options that are numbers may have been filled from braces. */
static void settle_numbers(json_t *options) {
    static const char *const numbers[] = {"absolute", "relative", "significant", "decimals"};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const char *text = json_text(options, numbers[i], NULL);
        char *end;
        double value = text ? strtod(text, &end) : 0;
        if (text && end != text && !*end)
            json_object_set_new(options, numbers[i], json_real(value));
    }
}

static void settle_program(json_t *options) {
    json_t *language = json_object_get(options, "language");
    if (language && !json_object_get(options, "program"))
        json_object_set(options, "program", language);
    json_object_del(options, "language");
}

static bool settle_options(struct making *m) {
    const json_t *from = json_object_get(m->exercise->definition, "options");
    struct variant *variant = m->variant;
    variant->options = from ? fill_json(m, from, line_of(m, "options")) : json_object();
    if (!variant->options)
        return false;
    if (!json_is_object(variant->options))
        return refuse_at(m, line_of(m, "options"), "Write options: {name: value}.",
                         "options is no mapping");
    settle_numbers(variant->options);
    const json_t *tests = json_object_get(m->exercise->definition, "tests");
    json_t *filled = tests ? fill_json(m, tests, line_of(m, "tests")) : NULL;
    if (tests && !filled)
        return false;
    if (filled)
        json_object_set_new(variant->options, "feedback", filled);
    const json_t *rubric = json_object_get(m->exercise->definition, "rubric");
    filled = rubric ? fill_json(m, rubric, line_of(m, "rubric")) : NULL;
    if (rubric && !filled)
        return false;
    if (filled)
        json_object_set_new(variant->options, "rubric", filled);
    if (view_is(m->exercise->check, "code")) /* `language` is that of the words */
        settle_program(variant->options);
    if (!json_object_get(variant->options, "language"))
        json_object_set_new(
            variant->options, "language",
            json_stringn(m->exercise->lesson->language.at, m->exercise->lesson->language.n));
    return true;
}

/* ------------------------------------------------------------------------------------------ door
 */

static bool make(struct making *m) {
    const json_t *ask = json_object_get(m->exercise->definition, "ask");
    if (!json_is_string(ask))
        return refuse_at(m, line_of(m, "ask"), "Write ask: and the question.", "there is no ask");
    if (!grade_check_exists(m->exercise->check.at))
        return refuse_at(m, line_of(m, "check"), "See docs/course-format.md.",
                         "there is no check \"%.*s\"", VIEW_ARG(m->exercise->check));
    if (!fill(m, (struct view){json_string_value(ask), json_string_length(ask)}, line_of(m, "ask"),
              &m->variant->ask) ||
        !fill_hints(m) || !settle_options(m) || !show_list(m) || !settle_key(m) ||
        !settle_wrongs(m))
        return false;
    shuffle(m->variant, view_is(m->exercise->check, "order"));
    return true;
}

struct variant *variant_make(const struct exercise *exercise, uint64_t seed, struct fault *fault) {
    struct scope scope;
    struct fault none = {0};
    bool varied = json_object_get(exercise->definition, "vary") != NULL;
    fault = fault ? fault : &none;
    if (varied && !variant_draw(exercise, seed, &scope, fault))
        return NULL;
    struct arena *arena = arena_new();
    struct variant *variant = ARENA_NEW(arena, 1, struct variant);
    *variant = (struct variant){.arena = arena, .exercise = exercise, .seed = seed};
    struct making m = {variant, exercise, varied ? &scope : NULL, fault};
    if (make(&m))
        return variant;
    variant_free(variant);
    return NULL;
}

bool variant_teach(struct variant *variant, const json_t *wrong, struct fault *fault) {
    const struct exercise *exercise = variant->exercise;
    struct scope scope;
    struct fault none = {0};
    struct grade_result result;
    bool varied = json_object_get(exercise->definition, "vary") != NULL;
    fault = fault ? fault : &none;
    if (variant->n_wrong == MAX_ITEMS)
        return fault_set(fault, FAULT_LIMIT, "The exercise has %d wrong answers already.",
                         MAX_ITEMS);
    if (varied && !variant_draw(exercise, variant->seed, &scope, fault))
        return false;
    struct making m = {variant, exercise, varied ? &scope : NULL, fault};
    struct misconception taught = {0};
    bool good = settle_wrong(&m, wrong, exercise->line, &taught);
    if (good && variant->key &&
        grade_answer(exercise->check.at, variant->key, taught.is, variant->options, variant->seed,
                     &result, NULL) &&
        result.score >= 1)
        good = fault_set(fault, FAULT_INPUT, "This answer is right.");
    if (good)
        variant->wrong[variant->n_wrong++] = taught;
    else
        json_decref(taught.is);
    return good;
}

void variant_names(const struct exercise *exercise, uint64_t seed, struct buffer *out) {
    struct scope scope;
    struct fault none = {0};
    if (!json_object_get(exercise->definition, "vary") ||
        !variant_draw(exercise, seed, &scope, &none))
        return;
    for (size_t i = 0; i < scope.n; i++) {
        buffer_format(out, "%s{%.*s} = ", i ? ", " : "", VIEW_ARG(scope.at[i].name));
        value_text(&scope.at[i].value, out, &none);
    }
}

void variant_free(struct variant *variant) {
    if (!variant)
        return;
    json_decref(variant->key);
    json_decref(variant->options);
    for (size_t i = 0; i < variant->n_wrong; i++)
        json_decref(variant->wrong[i].is);
    arena_free(variant->arena);
}
