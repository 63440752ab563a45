/* Words by Unicode classes; ASCII, which is most of most texts, by a table. */
#include "workshop/words.h"

/* What a code point does to a word. */
enum part { PART_NONE, PART_LETTER, PART_DIGIT, PART_JOIN, PART_ALONE, PART_MARK };

uint64_t hash_mix(uint64_t x) { /* splitmix64's finish */
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

uint64_t hash_words(const uint64_t *words, size_t n) {
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15u ^ hash >> 29;
    return hash_mix(hash);
}

/* Scripts that put no spaces between words. */
static bool stands_alone(int32_t c) {
    return unicode_is_han(c) || (c >= 0x3040 && c <= 0x30FF) || (c >= 0x0E00 && c <= 0x0FFF) ||
           (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF);
}

static enum part part_beyond_ascii(int32_t c) {
    switch (unicode_class(c)) {
    case UNICODE_LETTER:
        return stands_alone(c) ? PART_ALONE : PART_LETTER;
    case UNICODE_MARK:
        return PART_JOIN;
    case UNICODE_NUMBER:
        return stands_alone(c) ? PART_ALONE : PART_DIGIT;
    case UNICODE_PUNCTUATION:
    case UNICODE_SYMBOL:
        return PART_MARK;
    default:
        return PART_NONE;
    }
}

static enum part part_of(int32_t c) {
    if (c >= 0x80)
        return part_beyond_ascii(c);
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return PART_LETTER;
    if (c >= '0' && c <= '9')
        return PART_DIGIT;
    return c > ' ' && c < 0x7F ? PART_MARK : PART_NONE;
}

static inline size_t decode(struct view text, size_t at, int32_t *c) {
    if ((uint8_t)text.at[at] < 0x80) {
        *c = (uint8_t)text.at[at];
        return 1;
    }
    return utf8_decode(text.at + at, text.n - at, c);
}

static inline int32_t lower(int32_t c) {
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    return unicode_lower(c);
}

static inline uint64_t hash_point(uint64_t hash, int32_t c) {
    return (hash ^ (uint64_t)c) * 0x100000001B3u;
}

/* Whether c, between a part and what follows it at `next`, holds a word together. */
static bool holds(int32_t c, enum part before, struct view text, size_t next) {
    if (next >= text.n)
        return false;
    int32_t after;
    if (c == '\'' || c == 0x2019) {
        decode(text, next, &after);
        return before == PART_LETTER && after >= 0 && part_of(after) == PART_LETTER;
    }
    return (c == '.' || c == ',') && before == PART_DIGIT && text.at[next] >= '0' &&
           text.at[next] <= '9';
}

bool word_next(struct view text, size_t *at, struct word *word) {
    int32_t c;
    size_t i = *at, used = 0;
    enum part part = PART_NONE;
    for (; i < text.n; i += used) { /* up to the first thing that is one */
        used = decode(text, i, &c);
        part = c < 0 ? PART_NONE : part_of(c);
        if (part != PART_NONE && part != PART_JOIN)
            break;
    }
    if (i >= text.n)
        return *at = text.n, false;
    size_t from = i;
    bool alone = part == PART_ALONE || part == PART_MARK;
    uint64_t hash = hash_point(0xCBF29CE484222325u, lower(c));
    enum part before = part;
    for (i += used; i < text.n; i += used) {
        used = decode(text, i, &c);
        enum part next = c < 0 ? PART_NONE : part_of(c);
        bool goes_on =
            next == PART_JOIN || (!alone && (next == PART_LETTER || next == PART_DIGIT));
        if (!goes_on && !alone && next == PART_MARK && holds(c, before, text, i + used)) {
            goes_on = true;
            c = c == 0x2019 ? '\'' : c;
            next = before;
        }
        if (!goes_on)
            break;
        hash = hash_point(hash, lower(c));
        if (next != PART_JOIN)
            before = next;
    }
    hash = hash_mix(hash);
    *word = (struct word){view_slice(text, from, i), hash ? hash : 1, part == PART_MARK};
    *at = i;
    return true;
}

size_t word_count(struct view text, size_t *n_mark) {
    size_t n = 0, marks = 0, at = 0;
    for (struct word word; word_next(text, &at, &word); n++)
        marks += word.mark;
    if (n_mark)
        *n_mark = marks;
    return n;
}
