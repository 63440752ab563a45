/* What an exercise keeps secret: its key in every form, and the steps not yet given. */
#include "school/course/inside.h"
#include "school/grade/grade.h"
#include "school/tutor/leak.h"

#include <math.h>
#include <string.h>

void number_list_add(struct number_list *list, double value) {
    if (list->n < LEAK_NUMBERS && !number_list_has(list, value))
        list->at[list->n++] = value;
}

bool number_list_has(const struct number_list *list, double value) {
    for (size_t i = 0; i < list->n; i++)
        if (same_number(list->at[i], value))
            return true;
    return false;
}

static void add_numbers(const struct words *words, struct number_list *out) {
    for (size_t i = 0; i < words->n;) {
        struct numeral number = numeral_read(&words->at[i], words->n - i);
        for (int j = 0; j < number.n_value; j++)
            number_list_add(out, number.values[j]);
        for (size_t j = i; j < i + number.n && number.n > 1; j++) /* 1/2 holds 1 and 2 */
            if (words->at[j].kind == WORD_NUMBER)
                number_list_add(out, words->at[j].value);
        i += number.n ? number.n : 1;
    }
}

static struct words cut(struct view text, struct arena *arena) {
    struct words out;
    words_of(text, NULL, 0, arena, &out);
    return out;
}

static void add_known(struct secret *s, struct view text) {
    struct words words = cut(text, s->arena);
    add_numbers(&words, &s->known);
    maths_written(text, s->arena, s->known_maths);
    maths_spoken(&words, s->arena, s->known_maths);
}

static void add_later(struct secret *s, struct view text, size_t capacity) {
    size_t n;
    struct view *sentences = sentences_cut(s->arena, view_slice(text, 0, 8000), &n);
    for (size_t i = 0; i < n && s->n_later < capacity; i++) {
        struct words words = cut(sentences[i], s->arena);
        add_numbers(&words, &s->later);
        s->later_words[s->n_later++] = words;
    }
}

static void join(struct words *into, struct words more, struct arena *arena) {
    struct word *all = ARENA_NEW(arena, into->n + more.n + 1, struct word);
    if (into->n)
        memcpy(all, into->at, into->n * sizeof *all);
    if (more.n)
        memcpy(all + into->n, more.at, more.n * sizeof *all);
    if (into->n && more.n && !all[into->n].before)
        all[into->n].before = '.';
    *into = (struct words){into->n + more.n, all, more.last};
}

/* ------------------------------------------------------------------------------------- the key */

static struct view text_of(const json_t *value, struct arena *arena) {
    if (json_is_string(value))
        return arena_copy(arena,
                          (struct view){json_string_value(value), json_string_length(value)});
    if (json_is_integer(value))
        return view_of(arena_format(arena, "%lld", (long long)json_integer_value(value)));
    if (json_is_real(value))
        return view_of(arena_format(arena, "%.15g", json_real_value(value)));
    return (struct view){0};
}

static bool follows(const struct words *words, size_t at, const struct words *what) {
    if (!what->n || at + what->n > words->n)
        return false;
    for (size_t i = 0; i < what->n; i++)
        if (!words_same(&words->at[at + i], &what->at[i]))
            return false;
    return true;
}

static bool holds(const struct words *words, const struct words *what) {
    for (size_t i = 0; i < words->n; i++)
        if (follows(words, i, what))
            return true;
    return false;
}

static void add_word_key(struct secret *s, struct view text) {
    struct words words = cut(text, s->arena);
    if (!words.n || s->n_word_key == COUNT_OF(s->word_keys))
        return;
    s->word_keys[s->n_word_key++] =
        (struct word_key){words, holds(&s->ask, &words) || holds(&s->given, &words)};
}

static void add_formula_numbers(struct secret *s, const struct expression *e) {
    double value;
    if (e->kind == EXPRESSION_NUMBER && expression_evaluate_real(e, &value, NULL) && value != 0 &&
        value != 1 && !number_list_has(&s->known, value))
        number_list_add(&s->later, value); /* a piece of the answer */
    for (int i = 0; i < e->n; i++)
        add_formula_numbers(s, e->of[i]);
}

static void add_formula(struct secret *s, struct view text) {
    const char *names[] = {s->variable, NULL};
    struct parse_options options = {.names = names};
    struct expression *e = expression_parse(s->arena, text, s->variable ? &options : NULL, NULL);
    double value;
    if (!e || s->n_formula + 1 >= COUNT_OF(s->formulas))
        return;
    s->formulas[s->n_formula++] = e;
    if (e->kind == EXPRESSION_RELATION && e->relation == EQUAL &&
        e->of[0]->kind == EXPRESSION_NAME) {
        if (!s->variable)
            s->variable = arena_string(s->arena, e->of[0]->text);
        e = e->of[1];
        if (e->kind != EXPRESSION_NAME)
            s->formulas[s->n_formula++] = e;
    }
    if (expression_evaluate_real(e, &value, NULL))
        number_list_add(&s->keys, value);
    else if (e->kind == EXPRESSION_SET || e->kind == EXPRESSION_OR ||
             e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_PLUS_MINUS)
        for (int i = 0; i < e->n; i++) { /* each solution of several is a part of the answer */
            const struct expression *one = e->of[i];
            if (one->kind == EXPRESSION_RELATION)
                one = one->of[1];
            if (expression_evaluate_real(one, &value, NULL))
                number_list_add(&s->keys, value);
        }
    else
        add_formula_numbers(s, e);
}

static void add_number_key(struct secret *s, const json_t *key, const json_t *options) {
    struct view text = text_of(key, s->arena);
    struct words words = cut(text, s->arena);
    double value;
    struct expression *e = expression_parse(s->arena, text, NULL, NULL);
    if (e && expression_evaluate_real(e, &value, NULL))
        number_list_add(&s->keys, value);
    else if (words.n) {
        struct numeral number = numeral_read(&words.at[0], words.n);
        for (int i = 0; i < number.n_value; i++)
            number_list_add(&s->keys, number.values[i]);
    }
    s->tolerance = fmax(s->tolerance, json_number(options, "relative", 0));
    double absolute = json_number(options, "absolute", 0), last;
    if (s->keys.n && (last = s->keys.at[s->keys.n - 1]) != 0)
        s->tolerance = fmax(s->tolerance, absolute / fabs(last));
    s->tolerance = fmin(s->tolerance, 0.05);
}

static bool key_has(const struct secret *s, size_t shown) {
    const json_t *key = s->variant->key, *one;
    json_int_t authored = (json_int_t)(s->variant->authored ? s->variant->authored[shown] : shown);
    struct view text = s->variant->shown[shown];
    size_t i;
    if (json_is_integer(key))
        return json_integer_value(key) == authored + 1;
    if (json_is_string(key))
        return view_equal(text_of(key, s->arena), text);
    json_array_foreach(key, i, one) {
        if (json_is_integer(one) ? json_integer_value(one) == authored + 1
                                 : view_equal(text_of(one, s->arena), text))
            return true;
    }
    return false;
}

static void add_items(struct secret *s) {
    const struct variant *variant = s->variant;
    s->n_item = variant->n_shown;
    s->items = ARENA_NEW(s->arena, s->n_item + 1, struct words);
    s->right = ARENA_NEW(s->arena, s->n_item + 1, bool);
    s->lefts = ARENA_NEW(s->arena, variant->n_left + 1, struct words);
    bool picks = view_is(s->check, "choice") || view_is(s->check, "several");
    for (size_t i = 0; i < s->n_item; i++) {
        s->items[i] = cut(variant->shown[i], s->arena);
        s->right[i] = picks && key_has(s, i);
    }
    for (size_t i = 0; i < variant->n_left; i++)
        s->lefts[i] = cut(variant->left[i], s->arena);
}

static void add_text_keys(struct secret *s, const json_t *key) {
    size_t n = json_is_array(key) ? json_array_size(key) : 1;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(key) ? json_array_get(key, i) : key;
        struct view text = text_of(one, s->arena);
        struct words words = cut(text, s->arena);
        add_word_key(s, text);
        struct numeral value = {0};
        if (words.n)
            value = numeral_read(&words.at[0], words.n);
        if (value.n && value.n == words.n)
            number_list_add(&s->keys, value.values[0]);
    }
}

/* Each part keeps its own key; what the questions of all of them say is known. */
static void add_part_keys(struct secret *s) {
    const struct variant *variant = s->variant;
    for (size_t i = 0; i < variant->n_part; i++) {
        join(&s->ask, cut(variant->parts[i].ask, s->arena), s->arena);
        add_known(s, variant->parts[i].ask);
    }
    for (size_t i = 0; i < variant->n_part; i++) {
        const struct variant_part *part = &variant->parts[i];
        const json_t *given = json_array_get(variant->key, i);
        json_t *key = grade_parts_fill(variant->key, i, json_object_get(given, "key"), NULL,
                                       variant->options);
        json_int_t choice = json_integer_value(key);
        if (key && view_is(part->check, "number"))
            add_number_key(s, key, json_object_get(given, "options"));
        else if (key && view_is(part->check, "algebra"))
            add_formula(s, text_of(key, s->arena));
        else if (key && view_is(part->check, "choice") && choice >= 1 &&
                 (size_t)choice <= part->n_shown)
            add_word_key(s, part->shown[choice - 1]);
        else if (key)
            add_text_keys(s, key);
        json_decref(key);
    }
}

static void add_key(struct secret *s) {
    const json_t *key = s->variant->key;
    bool number = view_is(s->check, "number"), algebra = view_is(s->check, "algebra");
    if (s->variant->n_shown)
        add_items(s);
    else if (number)
        add_number_key(s, key, s->variant->options);
    else if (algebra) {
        s->variable = json_text(s->variant->options, "variable", NULL);
        add_formula(s, text_of(key, s->arena));
        s->how.variable = s->variable;
        s->how.antiderivative = json_flag(s->variant->options, "antiderivative", false);
        s->how.derivative = json_flag(s->variant->options, "derivative", false);
    } else if (s->variant->n_part)
        add_part_keys(s);
    else
        add_text_keys(s, key);
}

/* -------------------------------------------------------------------------------------- together
 */

/* What the lesson says in its own sentences is nobody's secret step. */
static struct view public_text(const struct review_task *task, struct arena *arena) {
    struct buffer all = {0}, folded = {0};
    for (size_t i = 0; i < task->n_source && all.n < 30000; i++) {
        buffer_append(&all, view_slice(task->sources[i], 0, 4000));
        buffer_byte(&all, ' ');
    }
    unicode_fold(buffer_view(&all), &folded);
    struct view out = arena_copy(arena, buffer_view(&folded));
    buffer_free(&all);
    buffer_free(&folded);
    return out;
}

struct secret *secret_of(const struct review_task *task, struct arena *arena) {
    const struct variant *variant = task->variant;
    struct secret *s = ARENA_NEW(arena, 1, struct secret);
    enum { LATER = 60 };
    s->variant = variant;
    s->arena = arena;
    s->check = variant->exercise ? variant->exercise->check : (struct view){0};
    s->known_maths = ARENA_NEW(arena, 1, struct maths_list);
    s->later_words = ARENA_NEW(arena, LATER, struct words);
    s->ask = cut(variant->ask, arena);
    add_known(s, variant->ask);
    size_t rungs = task->n_rung < variant->n_hint ? task->n_rung : variant->n_hint;
    for (size_t i = 0; i < rungs; i++) {
        join(&s->given, cut(variant->hints[i], arena), arena);
        add_known(s, variant->hints[i]);
    }
    join(&s->given, cut(task->hint, arena), arena);
    add_known(s, task->hint);
    add_key(s);
    s->hinting = task->hint.n > 0;
    if (!s->hinting && task->n_source)
        s->public = public_text(task, arena);
    bool reviewing = task->n_source || task->hint.n || task->question.n;
    for (size_t i = rungs; reviewing && i < variant->n_hint; i++)
        if (!view_equal(view_trim(variant->hints[i]), view_trim(task->hint)))
            add_later(s, variant->hints[i], LATER);
    if (reviewing)
        add_later(s, variant->solution, LATER);
    return s;
}
