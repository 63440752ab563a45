/* Expressions: how a grammar is written down before it is built. */
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

bool grammar_text_open(struct grammar_text *text) {
    *text = (struct grammar_text){.arena = arena_try_new(NULL)};
    return text->arena != NULL;
}

void grammar_text_close(struct grammar_text *text) {
    arena_free(text->arena);
    free(text->rules);
    *text = (struct grammar_text){0};
}

uint32_t grammar_text_rule(struct grammar_text *text, struct view name, long line) {
    char *copy = arena_try(text->arena, name.n + 1, 1, NULL);
    if (!copy || !TRY_ROOM(text->rules, text->capacity, text->n + 1))
        return 0;
    if (name.n)
        memcpy(copy, name.at, name.n);
    text->rules[text->n] = (struct rule){.name = {copy, name.n}, .line = line};
    return text->n++;
}

/* With room for n members of a size in `parts`. Without memory the text's `none`, which is never
 * written to, so that it holds nothing. */
static struct expression *new_expression(struct grammar_text *text, enum expression_kind kind,
                                         size_t n, size_t size) {
    struct expression *made = arena_try(text->arena, 1, sizeof *made, NULL);
    void *members = made && n ? arena_try(text->arena, n, size, NULL) : NULL;
    text->n_expression++;
    if (!made || (n && !members)) {
        text->none.kind = EXPRESSION_CHOICE;
        return &text->none;
    }
    made->kind = kind;
    made->parts = members;
    return made;
}

struct expression *expression_text(struct grammar_text *text, struct view bytes) {
    char *copy = arena_try(text->arena, bytes.n + 1, 1, NULL);
    struct expression *made = new_expression(text, EXPRESSION_TEXT, 0, 0);
    if (!copy || made == &text->none)
        return &text->none;
    if (bytes.n)
        memcpy(copy, bytes.at, bytes.n);
    made->text = (struct view){copy, bytes.n};
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
    struct expression *made =
        new_expression(text, EXPRESSION_WORDS, n + 1, sizeof(struct expression *));
    if (made == &text->none)
        return made;
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
    struct range *sorted = arena_try(text->arena, n + 1, sizeof *sorted, NULL);
    uint32_t n_sorted = 0;
    if (!sorted)
        return &text->none;
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
    struct expression *made =
        new_expression(text, EXPRESSION_CLASS, n_sorted + 3, sizeof(struct range));
    if (made == &text->none)
        return made;
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
    struct expression *made = new_expression(text, kind, n + 1, sizeof(struct expression *));
    if (made == &text->none)
        return made;
    made->n = n;
    if (n)
        memcpy(made->parts, parts, n * sizeof *parts);
    text->n_expression += n;
    return made;
}

struct expression *expression_repeat(struct grammar_text *text, struct expression *part,
                                     uint32_t least, uint32_t most) {
    struct expression *made =
        new_expression(text, EXPRESSION_REPEAT, 1, sizeof(struct expression *));
    if (made == &text->none)
        return made;
    made->least = least;
    made->most = most;
    made->n = 1;
    made->parts[0] = part;
    return made;
}

struct expression *expression_rule(struct grammar_text *text, uint32_t rule) {
    struct expression *made = new_expression(text, EXPRESSION_RULE, 0, 0);
    if (made != &text->none)
        made->rule = rule;
    return made;
}

struct expression *expression_never(struct grammar_text *text) {
    return expression_list(text, EXPRESSION_CHOICE, NULL, 0);
}
