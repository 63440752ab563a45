/* Pre-tokenisers: text cut into pieces that merges never cross.
 *
 * Each rule is the regular expression of its first author, written out as code, since the classes
 * of Unicode are all that it needs. Text between bounds is all there is: a look-ahead stops at the
 * end. */
#include "model/vocabulary_inside.h"

#include <string.h>

struct cut {
    const int32_t *points;
    size_t n;
};

static enum unicode_class class_at(struct cut cut, size_t i) {
    return i < cut.n ? unicode_class(cut.points[i]) : UNICODE_SPACE;
}

static bool letter(struct cut cut, size_t i) {
    return i < cut.n && class_at(cut, i) == UNICODE_LETTER;
}

static bool number(struct cut cut, size_t i) {
    return i < cut.n && class_at(cut, i) == UNICODE_NUMBER;
}

static bool space(struct cut cut, size_t i) {
    return i < cut.n && class_at(cut, i) == UNICODE_SPACE;
}

static bool other(struct cut cut, size_t i) {
    return i < cut.n && !letter(cut, i) && !number(cut, i) && !space(cut, i);
}

static bool line_end(struct cut cut, size_t i) {
    return i < cut.n && (cut.points[i] == '\n' || cut.points[i] == '\r');
}

/* 's 't 're 've 'm 'll 'd: the length with its apostrophe, or 0. */
static size_t contraction(struct cut cut, size_t from, bool any_case) {
    static const char *const endings[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    if (from >= cut.n || cut.points[from] != '\'')
        return 0;
    for (size_t k = 0; k < COUNT_OF(endings); k++) {
        size_t n = strlen(endings[k]), i = 0;
        for (; i < n && from + 1 + i < cut.n; i++) {
            int32_t c = cut.points[from + 1 + i];
            if (any_case && c >= 'A' && c <= 'Z')
                c += 'a' - 'A';
            if (c != endings[k][i])
                break;
        }
        if (i == n)
            return n + 1;
    }
    return 0;
}

/* \s+(?!\S)|\s+ : a run of spaces leaves its last one to the word after it. */
static size_t spaces(struct cut cut, size_t from) {
    size_t to = from;
    while (space(cut, to))
        to++;
    return to - from > 1 && to < cut.n ? to - 1 : to;
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
static size_t next_gpt2(const struct piece_rule *rule, const int32_t *points, size_t from,
                        size_t n) {
    (void)rule;
    struct cut cut = {points, n};
    size_t short_form = contraction(cut, from, false);
    if (short_form)
        return from + short_form;
    size_t at = from + (points[from] == ' ' && from + 1 < n);
    bool (*const kinds[])(struct cut, size_t) = {letter, number, other};
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        if (kinds[k](cut, at)) {
            while (kinds[k](cut, at))
                at++;
            return at;
        }
    return spaces(cut, from);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,k}| ?[^\s\p{L}\p{N}]+[\r\n]*|
 * \s*[\r\n]+|\s+(?!\S)|\s+ */
static size_t next_llama3(const struct piece_rule *rule, const int32_t *points, size_t from,
                          size_t n) {
    struct cut cut = {points, n};
    size_t short_form = contraction(cut, from, true);
    if (short_form)
        return from + short_form;
    if (letter(cut, from) ||
        (!line_end(cut, from) && !number(cut, from) && letter(cut, from + 1))) {
        size_t at = from + 1;
        while (letter(cut, at))
            at++;
        return at;
    }
    if (number(cut, from)) {
        size_t at = from;
        while (number(cut, at) && at - from < (size_t)rule->digits)
            at++;
        return at;
    }
    size_t at = from + (points[from] == ' ');
    if (other(cut, at)) {
        while (other(cut, at))
            at++;
        while (line_end(cut, at))
            at++;
        return at;
    }
    size_t after_line = 0;
    for (size_t i = from; space(cut, i); i++)
        if (line_end(cut, i))
            after_line = i + 1;
    return after_line ? after_line : spaces(cut, from);
}

static const struct piece_rule rules[] = {
    {"gpt-2", .next = next_gpt2},
    {"default", .next = next_gpt2},
    {"smollm", .next = next_gpt2, .digits_first = true},
    {"qwen2", .next = next_llama3, .digits = 1, .composes = true},
    {"llama-bpe", .next = next_llama3, .digits = 3, .ignores_merges = true},
    {"llama3", .next = next_llama3, .digits = 3, .ignores_merges = true},
    {"llama-v3", .next = next_llama3, .digits = 3, .ignores_merges = true},
};

const struct piece_rule *piece_rule(struct view name) {
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (view_is(name, rules[i].name))
            return &rules[i];
    return NULL;
}

const char *piece_rule_names(void) {
    return "gpt-2, smollm, qwen2 and llama-bpe";
}
