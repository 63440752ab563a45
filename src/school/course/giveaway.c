/* Hints, questions and replies that give the key away.
 *
 * A number counts when it stands for itself (not inside a sum, an exponent, "step 2") and was not
 * given in the question. What is drawn may meet the key by chance for some seeds: only what does
 * so for more than half of them is told. */
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTS = 3 * MAX_ITEMS + 1 };

struct part { /* 0: the question; then hints; then replies */
    int n_tried, n_held;
};

struct giveaway {
    const struct exercise *exercise;
    struct part parts[MAX_PARTS];
};

/* ------------------------------------------------------------------------------------- the key */

/* The key as one number: a number with or without its unit, or a formula x = 5. */
static bool key_number(const struct variant *variant, double *out) {
    struct arena *arena = arena_new();
    struct view text = {json_string_value(variant->key), json_string_length(variant->key)};
    bool good = false, number = view_is(variant->exercise->check, "number");
    if (json_is_number(variant->key)) {
        *out = json_number_value(variant->key);
        good = true;
    } else if (json_is_string(variant->key) &&
               (number || view_is(variant->exercise->check, "algebra"))) {
        struct expression *e = expression_parse(arena, text, NULL, NULL);
        if (e && e->kind == EXPRESSION_RELATION && e->relation == EQUAL)
            e = e->of[1];
        if (e)
            good = number ? expression_evaluate_real(e, out, NULL) : number_literal(e, out);
        if (!good && number) { /* 5 kg */
            char *copy = arena_string(arena, text), *stop;
            *out = strtod(copy, &stop);
            good = stop != copy;
        }
    }
    arena_free(arena);
    return good && (number || view_is(variant->exercise->check, "algebra"));
}

/* Folded, without marks of Markdown, vowel signs and what stretches a word; spaces single. */
static void plain_text(struct view text, struct buffer *out) {
    enum { TATWEEL = 0x640 };
    struct buffer folded = {0};
    int32_t c;
    buffer_clear(out);
    unicode_fold(text, &folded);
    for (size_t i = 0, n; i < folded.n; i += n) {
        n = utf8_decode(folded.at + i, folded.n - i, &c);
        if ((c && c < 0x80 && strchr("*_`$", (char)c)) || unicode_is_accent(c) || c == TATWEEL)
            continue;
        if (unicode_class(c) != UNICODE_SPACE)
            buffer_append(out, view_slice(buffer_view(&folded), i, i + n));
        else if (out->n && out->at[out->n - 1] != ' ')
            buffer_byte(out, ' ');
    }
    while (out->n && (out->at[out->n - 1] == ' ' || out->at[out->n - 1] == '.'))
        out->at[--out->n] = 0;
    buffer_free(&folded);
}

/* Of a script that sets no spaces between words: Thai to Khmer, kana, ideographs. */
static bool is_unspaced(int32_t c) {
    return unicode_is_han(c) || (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
           (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3040 && c <= 0x30FF);
}

/* A letter or digit that would make one word with another beside it. */
static bool joins(int32_t c) {
    enum unicode_class class = unicode_class(c);
    return (class == UNICODE_LETTER || class == UNICODE_MARK || class == UNICODE_NUMBER) &&
           !is_unspaced(c);
}

static int32_t character_at(struct view text, size_t at) {
    int32_t c = 0;
    if (at < text.n)
        utf8_decode(text.at + at, text.n - at, &c);
    return c;
}

/* Where the character before `at` begins. */
static size_t step_back(struct view text, size_t at) {
    while (at && ((unsigned char)text.at[--at] & 0xC0) == 0x80)
        ;
    return at;
}

static bool drop(struct view *text, const char *head) {
    if (!view_starts(*text, head))
        return false;
    *text = view_slice(*text, strlen(head), text->n);
    return true;
}

/* What Arabic writes before a word and with it: and, so; by, as, for; the. */
static bool is_prefix(struct view head) {
    if (!drop(&head, "و"))
        drop(&head, "ف");
    if (!drop(&head, "لل")) {
        if (!drop(&head, "ب") && !drop(&head, "ك"))
            drop(&head, "ل");
        drop(&head, "ال");
    }
    return !head.n;
}

/* A word begins at `at`. */
static bool begins(struct view text, size_t at) {
    size_t from = at;
    while (from && joins(character_at(text, step_back(text, from))))
        from = step_back(text, from);
    return from == at || !joins(character_at(text, at)) || is_prefix(view_slice(text, from, at));
}

/* `what` in the text as words of their own; both plain. */
static bool has_words(struct view text, struct view what) {
    drop(&what, "ال"); /* "the" is a part of the Arabic word: what has it is the same word */
    if (!what.n)
        return false;
    bool open = joins(character_at(what, step_back(what, what.n)));
    for (size_t at = 0; at + what.n <= text.n; at++) {
        if (memcmp(text.at + at, what.at, what.n) != 0)
            continue;
        if (begins(text, at) && !(open && joins(character_at(text, at + what.n))))
            return true;
    }
    return false;
}

/* Long enough to be told from what any sentence may hold: three letters, or two ideographs. */
static bool telling(struct view words) {
    size_t letters = 0;
    int32_t c;
    for (size_t i = 0, n; i < words.n; i += n) {
        n = utf8_decode(words.at + i, words.n - i, &c);
        letters += unicode_class(c) == UNICODE_LETTER ? 1 + unicode_is_han(c) : 0;
    }
    return letters >= 3;
}

struct text_key { /* what is right, and what else there is to choose */
    struct view right[MAX_ITEMS], wrong[MAX_ITEMS];
    size_t n_right, n_wrong;
};

static struct view kept_plain(struct arena *arena, struct view text) {
    struct buffer plain = {0};
    plain_text(text, &plain);
    struct view out = arena_copy(arena, buffer_view(&plain));
    buffer_free(&plain);
    return out;
}

static bool is_right(const struct variant *variant, size_t authored) {
    const json_t *one;
    size_t i;
    if (json_is_integer(variant->key))
        return json_integer_value(variant->key) == (json_int_t)authored + 1;
    json_array_foreach(variant->key, i,
                       one) if (json_integer_value(one) == (json_int_t)authored + 1) return true;
    return false;
}

static void read_text_key(const struct variant *variant, struct arena *arena,
                          struct text_key *out) {
    struct view check = variant->exercise->check;
    *out = (struct text_key){0};
    if (view_is(check, "choice") || view_is(check, "several"))
        for (size_t i = 0; i < variant->n_shown; i++) {
            struct view text = kept_plain(arena, variant->shown[i]);
            if (is_right(variant, variant->authored[i]))
                out->right[out->n_right++] = text;
            else
                out->wrong[out->n_wrong++] = text;
        }
    else if (view_is(check, "text")) {
        const json_t *list = variant->key;
        size_t n = json_is_array(list) ? json_array_size(list) : 1;
        for (size_t i = 0; i < n && i < MAX_ITEMS; i++) {
            const json_t *one = json_is_array(list) ? json_array_get(list, i) : list;
            out->right[out->n_right++] =
                kept_plain(arena, (struct view){json_string_value(one), json_string_length(one)});
        }
    }
}

/* "the letter b" tells no more than "b", where both are right. */
static bool tells_by(const struct text_key *key, size_t i) {
    for (size_t j = 0; j < key->n_right; j++)
        if (!telling(key->right[j]) && has_words(key->right[i], key->right[j]))
            return false;
    return true;
}

/* All that is right of `several`, any of the others; and no wrong choice beside it. */
static bool tells_words(const struct variant *variant, const struct text_key *key,
                        struct view text, struct view ask) {
    size_t told = 0;
    for (size_t i = 0; i < key->n_wrong; i++)
        if (has_words(text, key->wrong[i]))
            return false;
    for (size_t i = 0; i < key->n_right; i++)
        told +=
            tells_by(key, i) && has_words(text, key->right[i]) && !has_words(ask, key->right[i]);
    return view_is(variant->exercise->check, "several") ? told && told == key->n_right : told > 0;
}

/* ------------------------------------------------------------------------------- formulas as keys
 */

struct formula_search {
    struct arena *arena;
    const struct expression *key;
    struct compare_options how;
    bool found;
};

static void take_formula(void *data, struct view side) {
    struct formula_search *search = data;
    struct comparison told;
    struct expression *e =
        search->found ? NULL : expression_parse(search->arena, side, NULL, NULL);
    search->found |=
        e && expression_compare(search->key, e, &search->how, &told, NULL) && told.equal;
}

static bool has_formula(struct formula_search *search, struct view text, enum answer_form form) {
    struct formula formula;
    size_t at = 0;
    search->found = false;
    search->how.form = form;
    formula_sides(text, take_formula, search);
    while (search->key->kind == EXPRESSION_RELATION && formula_next(text, &at, &formula, NULL))
        take_formula(search, formula.tex);
    return search->found;
}

/* The key stands there as a formula. Where the question has it in another form (simplify, factor),
 * only the key as it is written gives it away. */
static bool tells_formula(const struct variant *variant, struct view text, struct view ask) {
    struct arena *arena = arena_new();
    bool told = false;
    struct view key = {json_string_value(variant->key), json_string_length(variant->key)};
    const char *variable = json_text(variant->options, "variable", NULL);
    struct formula_search search = {.arena = arena, .how = {.variable = variable}};
    search.key = key.n ? expression_parse(arena, key, NULL, NULL) : NULL;
    if (search.key && search.key->kind != EXPRESSION_NAME &&
        !json_flag(variant->options, "derivative", false)) {
        bool given = has_formula(&search, ask, FORM_ANY);
        told = has_formula(&search, text, given ? FORM_SAME : FORM_ANY) &&
               !(given && has_formula(&search, ask, FORM_SAME));
    }
    arena_free(arena);
    return told;
}

/* ------------------------------------------------------------------------------------------ parts
 */

struct held { /* the key, read once for a variant */
    const struct variant *variant;
    struct text_key words;
    struct numbers given;
    struct view ask; /* plain */
    double number;
    bool has_number;
};

/* Behind "the answer is". */
static struct view after_answer(struct view text) {
    static const char *const words[] = {"answer", "答案", "respuesta", "الإجابة", "الجواب"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        ptrdiff_t at = view_find(text, view_of(words[i]));
        if (at >= 0)
            return view_slice(text, (size_t)at, (size_t)at + 40);
    }
    return (struct view){0};
}

static bool tells(const struct held *held, struct view text, bool ask) {
    struct view check = held->variant->exercise->check;
    struct numbers numbers;
    bool told = false;
    if (held->has_number) {
        if (!ask && numbers_hold(&held->given, held->number))
            return false;
        numbers_alone(ask ? after_answer(text) : text, &numbers);
        return numbers_hold(&numbers, held->number);
    }
    if (view_is(check, "algebra"))
        return !ask && tells_formula(held->variant, text, held->variant->ask);
    struct buffer plain = {0};
    plain_text(text, &plain);
    struct view words = buffer_view(&plain);
    bool offers = false;
    static const char *const choices[] = {"or", "o", "u", "أو", "أم", "还是", "或"};
    for (size_t i = 0; i < COUNT_OF(choices); i++)
        offers = offers || has_words(words, view_of(choices[i]));
    if (held->words.n_right && !(ask && offers))
        told = tells_words(held->variant, &held->words, words, ask ? (struct view){0} : held->ask);
    buffer_free(&plain);
    return told;
}

/* Every key of an exercise: one, or one for each of its parts. */
struct keys {
    size_t n;
    struct held at[GRADE_PARTS];
    struct variant variants[GRADE_PARTS];
    struct exercise exercises[GRADE_PARTS];
    json_t *owned; /* list */
};

static void add_held(struct keys *keys, const struct variant *variant, struct arena *arena) {
    struct held *held = &keys->at[keys->n++];
    held->variant = variant;
    held->has_number = key_number(variant, &held->number);
    held->ask = kept_plain(arena, variant->ask);
    read_text_key(variant, arena, &held->words);
    numbers_anywhere(variant->ask, &held->given);
}

/* The questions of all parts say what is given. */
static struct view whole_ask(const struct variant *variant, struct arena *arena) {
    struct buffer all = {0};
    buffer_append(&all, variant->ask);
    for (size_t i = 0; i < variant->n_part; i++) {
        buffer_text(&all, "\n\n");
        buffer_append(&all, variant->parts[i].ask);
    }
    struct view out = arena_copy(arena, buffer_view(&all));
    buffer_free(&all);
    return out;
}

/* A part as an exercise of its own. */
static void add_part(struct keys *keys, const struct variant *whole, size_t i, struct view ask,
                     struct arena *arena) {
    const json_t *part = json_array_get(whole->key, i);
    json_t *key =
        grade_parts_fill(whole->key, i, json_object_get(part, "key"), NULL, whole->options);
    struct variant *variant = &keys->variants[i];
    if (!key)
        return;
    json_array_append_new(keys->owned, key);
    keys->exercises[i] = *whole->exercise;
    keys->exercises[i].check = whole->parts[i].check;
    *variant = *whole;
    variant->exercise = &keys->exercises[i];
    variant->key = key;
    variant->options = json_object_get(part, "options");
    variant->ask = ask;
    variant->n_shown = whole->parts[i].n_shown;
    variant->shown = whole->parts[i].shown;
    variant->authored = ARENA_NEW(arena, variant->n_shown + 1, size_t);
    for (size_t k = 0; k < variant->n_shown; k++)
        variant->authored[k] = k;
    add_held(keys, variant, arena);
}

static void try_part(struct part *part, const struct keys *keys, struct view text, bool ask) {
    bool told = false;
    for (size_t i = 0; i < keys->n; i++)
        told = told || tells(&keys->at[i], text, ask);
    part->n_tried++;
    part->n_held += told;
}

/* Words of the author's tests, but for those that stand with a right answer. */
static void try_tests(struct giveaway *giveaway, const struct variant *variant,
                      const struct keys *keys, size_t n) {
    const json_t *tests = json_object_get(variant->options, "feedback"), *test;
    size_t i;
    json_array_foreach(tests, i, test) {
        bool right = json_number(test, "score", 0) >= 1;
        if (n < MAX_PARTS && !right)
            try_part(&giveaway->parts[n], keys, view_of(json_text(test, "say", "")), false);
        n++;
    }
}

struct giveaway *giveaway_new(const struct exercise *exercise) {
    struct giveaway *giveaway = must_alloc(1, sizeof *giveaway);
    giveaway->exercise = exercise;
    return giveaway;
}

static void keys_free(struct keys *keys) {
    json_decref(keys->owned);
    free(keys);
}

static struct keys *keys_of(const struct variant *variant, struct arena *arena) {
    struct keys *keys = must_alloc(1, sizeof *keys);
    struct view ask = variant->n_part ? whole_ask(variant, arena) : variant->ask;
    keys->owned = json_array();
    if (!variant->n_part && variant->key)
        add_held(keys, variant, arena);
    for (size_t i = 0; i < variant->n_part; i++)
        add_part(keys, variant, i, ask, arena);
    return keys;
}

void giveaway_try(struct giveaway *giveaway, const struct variant *variant) {
    struct arena *arena = arena_new();
    struct keys *keys = keys_of(variant, arena);
    struct view ask = variant->n_part ? whole_ask(variant, arena) : variant->ask;
    size_t n = 0;
    if (keys->n) {
        try_part(&giveaway->parts[n++], keys, ask, true);
        for (size_t i = 0; i < variant->n_hint && n < MAX_PARTS; i++)
            try_part(&giveaway->parts[n++], keys, variant->hints[i], false);
        for (size_t i = 0; i < variant->n_wrong && n < MAX_PARTS; i++)
            try_part(&giveaway->parts[n++], keys, variant->wrong[i].say, false);
        try_tests(giveaway, variant, keys, n);
    }
    keys_free(keys);
    arena_free(arena);
}

bool variant_gives_away(const struct variant *variant, const struct misconception *wrong) {
    struct arena *arena = arena_new();
    struct keys *keys = keys_of(variant, arena);
    struct part part = {0};
    if (keys->n)
        try_part(&part, keys, wrong->say, false);
    keys_free(keys);
    arena_free(arena);
    return part.n_held > 0;
}

void giveaway_report(struct giveaway *giveaway, const struct report *to) {
    const struct exercise *exercise = giveaway->exercise;
    const struct yaml *yaml = &exercise->source->yaml;
    const json_t *wrongs = json_object_get(exercise->definition, "wrong");
    for (size_t i = 0; i < MAX_PARTS; i++) {
        const struct part *part = &giveaway->parts[i];
        if (part->n_held * 2 <= part->n_tried)
            continue;
        if (i == 0)
            report(to, yaml_line_key(yaml, exercise->definition, "ask"), "Ask without it.",
                   "the question holds the key");
        else if (i <= exercise->n_hint)
            report(to, exercise->source->hint_lines[i - 1],
                   "Point at the way; leave the result to the learner.", "hint %zu holds the key",
                   i);
        else if (i > exercise->n_hint + json_array_size(wrongs))
            report(to,
                   yaml_line_item(yaml, json_object_get(exercise->definition, "tests"),
                                  i - 1 - exercise->n_hint - json_array_size(wrongs)),
                   "Point at the mistake; leave the result to the learner.",
                   "what this test says holds the key");
        else
            report(to, yaml_line_item(yaml, wrongs, i - 1 - exercise->n_hint),
                   "Point at the mistake; leave the result to the learner.",
                   "what is said to this wrong answer holds the key");
    }
    free(giveaway);
}
