/* WordPiece: words cut into the longest tokens from the left, as BERT's own tokenizer cuts them
 * (Devlin et al. 2018; Wu et al. 2016, arXiv 1609.08144, section 4.1).
 *
 * Files write a token that begins a word with ▁ before it, and one that goes on in a word bare. */
#include "model/vocabulary_inside.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 100 }; /* of a word; a longer one is unknown */

/* The original knows Unicode 8. Marks, punctuation and signs of format that came later are parts
 * of words to it; the ranges also hold what is that anyway. */
static const int32_t newer[][2] = {
    {0x61D, 0x61D},     {0x7FD, 0x7FD},     {0x890, 0x8E2},     {0x9FD, 0x9FE},
    {0xA76, 0xA76},     {0xAFA, 0xAFF},     {0xB55, 0xB55},     {0xC04, 0xC3C},
    {0xC77, 0xC77},     {0xC84, 0xC84},     {0xD00, 0xD00},     {0xD3B, 0xD3C},
    {0xD81, 0xD81},     {0xEBA, 0xEBA},     {0xECE, 0xECE},     {0x180F, 0x1886},
    {0x1ABF, 0x1ACE},   {0x1B7D, 0x1B7E},   {0x1DF6, 0x1DFB},   {0x2E43, 0x2E5D},
    {0xA82C, 0xA82C},   {0xA8C5, 0xA8C5},   {0xA8FF, 0xA8FF},   {0xA9BD, 0xA9BD},
    {0x10D24, 0x10D27}, {0x10EAB, 0x10F89}, {0x11070, 0x11074}, {0x110C2, 0x110CD},
    {0x111CF, 0x111CF}, {0x1123E, 0x11241}, {0x1133B, 0x1133B}, {0x11438, 0x1145E},
    {0x11660, 0x1166C}, {0x116B9, 0x116B9}, {0x1182F, 0x1183B}, {0x1193B, 0x11FFF},
    {0x12FF1, 0x12FF2}, {0x13430, 0x13455}, {0x16E97, 0x16E9A}, {0x16F4F, 0x16F4F},
    {0x16FE2, 0x16FE4}, {0x1CF00, 0x1CF46}, {0x1E000, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
    {0x1E944, 0x1E95F},
};

static bool within(const int32_t (*ranges)[2], size_t n, int32_t point) {
    for (size_t i = 0; i < n; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return false;
}

static bool is_newer(int32_t point) {
    return point >= newer[0][0] && within(newer, COUNT_OF(newer), point);
}

static bool is_dropped(int32_t point) {
    if (point == '\t' || point == '\n' || point == '\r')
        return false;
    return point <= 0 || point == 0xFFFD || (unicode_is_control(point) && !is_newer(point));
}

/* A word by itself each. The gap before U+2B920 is the original's. */
static bool is_ideograph(int32_t point) {
    static const int32_t ranges[][2] = {
        {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
        {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
    };
    return point >= ranges[0][0] && within(ranges, COUNT_OF(ranges), point);
}

static bool is_punctuation(int32_t point) {
    if (point < 0x80)
        return point > ' ' && point < 0x7F && unicode_class(point) != UNICODE_LETTER &&
               unicode_class(point) != UNICODE_NUMBER;
    if (point == 0x166D || point == 0x111C9) /* were punctuation then */
        return true;
    return unicode_class(point) == UNICODE_PUNCTUATION && !is_newer(point);
}

static bool is_accent(int32_t point) {
    return point == 0x1734 || /* a nonspacing mark then */
           (point != 0x111C9 && unicode_is_accent(point) && !is_newer(point));
}

struct word { /* with ▁ before it, and a zero byte behind */
    char text[3 + 4 * MOST_POINTS + 1];
    size_t n, n_point;
};

static void begin_word(struct word *word) {
    memcpy(word->text, "\u2581", 3);
    word->n = 3;
    word->n_point = 0;
}

/* The tokens of the word, or the unknown one when a part of it is none. */
static void end_word(const struct vocabulary *vocabulary, struct word *word, struct tokens *out) {
    size_t n_before = out->n;
    bool known = word->n_point <= MOST_POINTS;
    if (word->n_point == 0)
        return;
    for (size_t from = 0, to; known && from < word->n; from = to) {
        struct view rest = {word->text + from, word->n - from};
        int32_t token = -1;
        to = from + rest.n;
        if (rest.n > vocabulary->longest)
            to = from + vocabulary->longest;
        /* A ▁ of the text itself is no beginning of a word. */
        if (from == 0 || !view_starts(rest, "\u2581"))
            for (size_t least = from + (from ? 0 : 3); to > least; to--)
                if ((word->text[to] & 0xC0) != 0x80 &&
                    (token = vocabulary_find(vocabulary, view_slice(rest, 0, to - from))) >= 0)
                    break;
        known = token >= 0;
        if (known)
            tokens_append(out, token);
    }
    if (!known) {
        out->n = n_before;
        if (vocabulary->unknown >= 0)
            tokens_append(out, vocabulary->unknown);
    }
    begin_word(word);
}

static void add_point(const struct vocabulary *vocabulary, struct word *word, int32_t point,
                      struct tokens *out) {
    bool alone = is_punctuation(point);
    if (alone || unicode_class(point) == UNICODE_SPACE)
        end_word(vocabulary, word, out);
    if (unicode_class(point) == UNICODE_SPACE)
        return;
    if (++word->n_point <= MOST_POINTS)
        word->n += utf8_encode(point, word->text + word->n);
    word->text[word->n] = 0;
    if (alone)
        end_word(vocabulary, word, out);
}

void word_piece_encode(const struct vocabulary *vocabulary, struct view text, struct tokens *out) {
    struct word word;
    begin_word(&word);
    for (size_t i = 0; i < text.n;) {
        int32_t point, parts[4] = {0};
        i += utf8_decode(text.at + i, text.n - i, &point);
        if (is_dropped(point))
            continue;
        bool ideograph = is_ideograph(point);
        if (ideograph)
            end_word(vocabulary, &word, out);
        int n = 1;
        parts[0] = point;
        if (vocabulary->strips_accents)
            n = unicode_decompose(point, parts);
        for (int k = 0; k < n; k++)
            if (!vocabulary->strips_accents || !is_accent(parts[k]))
                add_point(vocabulary, &word,
                          vocabulary->lowers_case ? unicode_lower(parts[k]) : parts[k], out);
        if (ideograph)
            end_word(vocabulary, &word, out);
    }
    end_word(vocabulary, &word, out);
}
