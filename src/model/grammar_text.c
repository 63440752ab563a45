/* Expressions: how a grammar is written down before it is built. */
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

void grammar_text_open(struct grammar_text *text) {
    *text = (struct grammar_text){.arena = arena_new()};
}

void grammar_text_close(struct grammar_text *text) {
    arena_free(text->arena);
    free(text->rules);
    *text = (struct grammar_text){0};
}

uint32_t grammar_text_rule(struct grammar_text *text, struct view name, long line) {
    if (text->n == text->capacity) {
        text->capacity = text->capacity ? text->capacity * 2 : 64;
        text->rules = must_realloc(text->rules, text->capacity, sizeof *text->rules);
    }
    text->rules[text->n] = (struct rule){.name = arena_copy(text->arena, name), .line = line};
    return text->n++;
}

static struct expression *new_expression(struct grammar_text *text, enum expression_kind kind) {
    struct expression *made = ARENA_NEW(text->arena, 1, struct expression);
    made->kind = kind;
    text->n_expression++;
    return made;
}

struct expression *expression_text(struct grammar_text *text, struct view bytes) {
    struct expression *made = new_expression(text, EXPRESSION_TEXT);
    made->text = arena_copy(text->arena, bytes);
    return made;
}

static int by_text(const void *a, const void *b) {
    struct view left = (*(struct expression *const *)a)->text;
    struct view right = (*(struct expression *const *)b)->text;
    size_t n = left.n < right.n ? left.n : right.n;
    int order = n ? memcmp(left.at, right.at, n) : 0;
    return order ? order : (left.n > right.n) - (left.n < right.n);
}

struct expression *expression_words(struct grammar_text *text, const struct view *words,
                                    uint32_t n) {
    struct expression *made = new_expression(text, EXPRESSION_WORDS);
    made->parts = ARENA_NEW(text->arena, n + 1, struct expression *);
    for (uint32_t i = 0; i < n; i++)
        made->parts[i] = expression_text(text, words[i]);
    if (n)
        qsort(made->parts, n, sizeof *made->parts, by_text);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || by_text(&made->parts[i], &made->parts[made->n - 1]))
            made->parts[made->n++] = made->parts[i];
    return made;
}

static int by_low(const void *a, const void *b) {
    int32_t left = ((const struct range *)a)->low, right = ((const struct range *)b)->low;
    return (left > right) - (left < right);
}

/* Adds what of a range are scalar values: no surrogates. */
static void add_range(struct expression *class, int32_t low, int32_t high) {
    low = low < 0 ? 0 : low;
    high = high > 0x10FFFF ? 0x10FFFF : high;
    if (low < 0xE000 && high >= 0xD800) {
        add_range(class, low, 0xD7FF);
        add_range(class, 0xE000, high);
    } else if (low <= high) {
        class->ranges[class->n++] = (struct range){low, high};
    }
}

struct expression *expression_class(struct grammar_text *text, const struct range *ranges,
                                    uint32_t n, bool inverted) {
    struct range *sorted = ARENA_NEW(text->arena, n + 1, struct range);
    uint32_t n_sorted = 0;
    if (n)
        memcpy(sorted, ranges, n * sizeof *ranges);
    if (n)
        qsort(sorted, n, sizeof *sorted, by_low);
    for (uint32_t i = 0; i < n; i++) {
        if (n_sorted && sorted[i].low <= sorted[n_sorted - 1].high + 1) {
            if (sorted[i].high > sorted[n_sorted - 1].high)
                sorted[n_sorted - 1].high = sorted[i].high;
        } else {
            sorted[n_sorted++] = sorted[i];
        }
    }
    struct expression *made = new_expression(text, EXPRESSION_CLASS);
    made->ranges = ARENA_NEW(text->arena, n_sorted + 3, struct range);
    int32_t from = 0;
    for (uint32_t i = 0; i < n_sorted; i++) {
        if (!inverted)
            add_range(made, sorted[i].low, sorted[i].high);
        else
            add_range(made, from, sorted[i].low - 1);
        from = sorted[i].high + 1;
    }
    if (inverted)
        add_range(made, from, 0x10FFFF);
    return made;
}

struct expression *expression_list(struct grammar_text *text, enum expression_kind kind,
                                   struct expression *const *parts, uint32_t n) {
    if (n == 1)
        return parts[0];
    struct expression *made = new_expression(text, kind);
    made->n = n;
    made->parts = ARENA_NEW(text->arena, n + 1, struct expression *);
    if (n)
        memcpy(made->parts, parts, n * sizeof *parts);
    text->n_expression += n;
    return made;
}

struct expression *expression_repeat(struct grammar_text *text, struct expression *part,
                                     uint32_t least, uint32_t most) {
    struct expression *made = new_expression(text, EXPRESSION_REPEAT);
    made->least = least;
    made->most = most;
    made->n = 1;
    made->parts = ARENA_NEW(text->arena, 1, struct expression *);
    made->parts[0] = part;
    return made;
}

struct expression *expression_rule(struct grammar_text *text, uint32_t rule) {
    struct expression *made = new_expression(text, EXPRESSION_RULE);
    made->rule = rule;
    return made;
}

struct expression *expression_never(struct grammar_text *text) {
    return expression_list(text, EXPRESSION_CHOICE, NULL, 0);
}
