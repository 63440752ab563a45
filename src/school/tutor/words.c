/* Cutting a text into words, ideographs, numbers and signs. */
#include "school/tutor/words.h"

#include <math.h>
#include <string.h>

struct cutter {
    const struct small_words *lexicon;
    struct arena *arena;
    struct words *out;
    size_t capacity;
    char before;
    bool spaced, sentence_start;
};

static bool is_ideographic(int32_t c) { /* scripts that put no spaces between words */
    return unicode_is_han(c) || (c >= 0x3040 && c <= 0x30FF) || (c >= 0xE00 && c <= 0xEFF) ||
           (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF);
}

static bool is_invisible(int32_t c) {
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) ||
           c == 0x20E3;
}

static bool is_apostrophe(int32_t c) {
    return c == '\'' || c == 0x2019 || c == 0x2BC || c == 0xFF07;
}

/* Decimal digits of the scripts that have their own, by their zeros. */
static int digit_of(int32_t c) {
    static const int32_t zeros[] = {'0',    0x660,  0x6F0,  0x7C0,  0x966,  0x9E6,  0xA66,  0xAE6,
                                    0xB66,  0xBE6,  0xC66,  0xCE6,  0xD66,  0xDE6,  0xE50,  0xED0,
                                    0xF20,  0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
                                    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xFF10};
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        if (c >= zeros[i] && c <= zeros[i] + 9)
            return c - zeros[i];
    if (c >= 0x1D7CE && c <= 0x1D7FF) /* mathematical styles */
        return (c - 0x1D7CE) % 10;
    if ((c >= 0x2460 && c <= 0x2468) || (c >= 0x2776 && c <= 0x277E)) /* circled */
        return c < 0x2470 ? c - 0x245F : c - 0x2775;
    return -1;
}

static int raised_digit(int32_t c) {
    static const int32_t raised[] = {0x2070, 0xB9,   0xB2,   0xB3,   0x2074,
                                     0x2075, 0x2076, 0x2077, 0x2078, 0x2079};
    for (int i = 0; i < 10; i++)
        if (raised[i] == c)
            return i;
    return -1;
}

/* Marks between words by what they do; 0 for none. */
static char mark_of(int32_t c) {
    static const struct {
        int32_t code;
        char mark;
    } marks[] = {{0x3002, '.'}, {0xFF0E, '.'}, {0xFF01, '!'}, {0xFF1F, '?'}, {0x61F, '?'},
                 {0xFF1B, ';'}, {0xFF1A, ':'}, {0xFF0C, ','}, {0x3001, ','}, {0x60C, ','},
                 {0x2026, '.'}, {0x2013, '-'}, {0x2014, '-'}, {0xFF08, '('}, {0xFF09, ')'},
                 {0x201C, '"'}, {0x201D, '"'}, {0xAB, '"'},   {0xBB, '"'},   {0x300C, '"'},
                 {0x300D, '"'}, {0x964, '.'},  {'[', '('},    {']', ')'},    {0xBF, ','}};
    if (c < 0x80 && c > 0 && strchr(".!?;:,()\"", c))
        return (char)c;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (marks[i].code == c)
            return marks[i].mark;
    return 0;
}

static void note_mark(struct cutter *k, char mark) {
    static const char order[] = ",\"()-:;.!?";
    k->spaced = true;
    if (!k->before || strchr(order, mark) > strchr(order, k->before))
        k->before = mark;
    if (strchr(".!?:\"", mark))
        k->sentence_start = true;
}

/* ------------------------------------------------------------------------------------ folding */

static struct view fold(struct cutter *k, struct view raw) {
    bool ascii = true;
    for (size_t i = 0; i < raw.n && ascii; i++)
        ascii = (unsigned char)raw.at[i] < 0x80;
    if (ascii) {
        char *out = arena_alloc(k->arena, raw.n + 1, 1);
        for (size_t i = 0; i < raw.n; i++)
            out[i] = (char)(raw.at[i] >= 'A' && raw.at[i] <= 'Z' ? raw.at[i] + 32 : raw.at[i]);
        return (struct view){out, raw.n};
    }
    struct buffer visible = {0}, folded = {0};
    for (size_t i = 0; i < raw.n;) {
        int32_t c;
        size_t n = utf8_decode(raw.at + i, raw.n - i, &c);
        if (!is_invisible(c))
            buffer_append(&visible, view_slice(raw, i, i + n));
        i += n;
    }
    unicode_fold(buffer_view(&visible), &folded);
    struct view out = arena_copy(k->arena, buffer_view(&folded));
    buffer_free(&visible);
    buffer_free(&folded);
    return out;
}

static bool is_vowel(char c) {
    return strchr("aeiouy", c) != NULL && c;
}

/* Plural and the endings of verbs come off. Not -er, -est, -ly, -less: they change what is said.
 */
static void stem(struct word *word) {
    struct view s = word->text;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.at[i] >= 0x80) { /* plurals in -s alone: Spanish, French, … */
            if (s.n > 5 && s.at[s.n - 1] == 's')
                s.n--;
            word->stem = s;
            return;
        }
    bool ing = s.n > 5 && view_ends(s, "ing");
    if (s.n > 4 && view_ends(s, "ed") && !view_ends(s, "eed")) {
        s.n -= 2;
        word->past = true;
    } else if (ing)
        s.n -= 3;
    else if (s.n > 4 && view_ends(s, "ies"))
        s.n -= 2;
    else if (s.n > 4 && (view_ends(s, "sses") || view_ends(s, "shes") || view_ends(s, "ches") ||
                         view_ends(s, "xes") || view_ends(s, "zes")))
        s.n -= 2;
    else if (s.n > 3 && view_ends(s, "s") && !view_ends(s, "ss") && !view_ends(s, "us") &&
             !view_ends(s, "is"))
        s.n -= 1;
    if ((word->past || ing) && s.n > 3 && s.at[s.n - 1] == s.at[s.n - 2] &&
        !is_vowel(s.at[s.n - 1]) && !strchr("lsz", s.at[s.n - 1]))
        s.n--;
    if (s.n > 3 && s.at[s.n - 1] == 'e')
        s.n--;
    if (s.n > 3 && strchr("yi", s.at[s.n - 1])) /* carry, carries */
        s.n--;
    word->stem = s;
}

/* ------------------------------------------------------------------------------------- adding */

static struct word *add(struct cutter *k, enum word_kind kind, struct view text, size_t from,
                        size_t to) {
    struct words *out = k->out;
    if (out->n == k->capacity) {
        struct word *wider = ARENA_NEW(k->arena, k->capacity = k->capacity * 2 + 32, struct word);
        if (out->n)
            memcpy(wider, out->at, out->n * sizeof *wider);
        out->at = wider;
    }
    struct word *word = &out->at[out->n++];
    *word = (struct word){.kind = kind,
                          .text = text,
                          .stem = text,
                          .before = k->before,
                          .spaced = k->spaced,
                          .from = from,
                          .to = to};
    k->before = 0;
    k->spaced = false;
    return word;
}

static void add_letters(struct cutter *k, struct view raw, size_t from, size_t to) {
    struct view text = fold(k, view_slice(raw, from, to));
    int32_t first;
    utf8_decode(raw.at + from, raw.n - from, &first);
    bool capital = !k->sentence_start && first >= 'A' && (first <= 'Z' || first >= 0xC0);
    if (capital && first > 'Z') {
        struct view one = view_slice(raw, from, from + (first < 0x800 ? 2 : 3));
        capital = !view_starts(text, arena_string(k->arena, one));
    }
    bool negated = false;
    for (size_t i = 0; i < text.n; i++) { /* one apostrophe for all */
        int32_t c;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        if (is_apostrophe(c)) {
            struct view head = view_slice(text, 0, i), tail = view_slice(text, i + n, text.n);
            negated = view_is(tail, "t") && head.n > 1 && head.at[head.n - 1] == 'n';
            if (negated)
                text = view_is(head, "can") ? head : view_slice(head, 0, head.n - 1);
            else if (tail.n <= 2 && head.n)
                text = head; /* 's, 're, 'll, 've, 'd */
            break;
        }
        i += n - 1;
    }
    if (view_is(text, "cannot")) {
        text.n = 3;
        negated = true;
    }
    if (negated && view_is(text, "wo"))
        text = VIEW("will");
    struct word *word = add(k, WORD_LETTERS, text, from, to);
    word->capital = capital;
    word->class = small_word_class(k->lexicon, text);
    if (!word->class)
        stem(word);
    k->sentence_start = false;
    if (negated) {
        word = add(k, WORD_LETTERS, VIEW("not"), to, to);
        word->class = small_word_class(k->lexicon, word->text);
        word->spaced = true;
    }
}

/* -------------------------------------------------------------------------------------- runs */

/* Whether a mark at `at` stands inside a number or a word, between the right neighbours. */
static bool digit_follows(struct view raw, size_t at) {
    int32_t c;
    if (at >= raw.n)
        return false;
    utf8_decode(raw.at + at, raw.n - at, &c);
    return digit_of(c) >= 0;
}

static size_t cut_number(struct cutter *k, struct view raw, size_t at) {
    struct buffer digits = {0};
    size_t i = at;
    int commas = 0;
    while (i < raw.n) {
        int32_t c;
        size_t n = utf8_decode(raw.at + i, raw.n - i, &c);
        int digit = digit_of(c);
        bool comma = c == ',' || c == 0x66C || c == 0xFF0C;
        if (digit >= 0)
            buffer_byte(&digits, (char)('0' + digit));
        else if ((comma || c == '.' || c == 0x66B || c == 0xFF0E) && digit_follows(raw, i + n)) {
            if (comma && ++commas > 1) { /* 1,234,567 but not 1,2,3 */
                size_t group = digits.n - (size_t)(strrchr(digits.at, ',') + 1 - digits.at);
                if (group != 3)
                    break;
            }
            buffer_byte(&digits, comma ? ',' : '.');
        } else if (!is_invisible(c))
            break;
        i += n;
    }
    struct view text = arena_copy(k->arena, buffer_view(&digits));
    buffer_free(&digits);
    struct word *word = add(k, WORD_NUMBER, text, at, i);
    word->value = numeral_read(word, 1).values[0];
    k->sentence_start = false;
    return i;
}

static size_t cut_letters(struct cutter *k, struct view raw, size_t at) {
    size_t i = at;
    while (i < raw.n) {
        int32_t c, next;
        size_t n = utf8_decode(raw.at + i, raw.n - i, &c);
        enum unicode_class class = unicode_class(c);
        if (is_apostrophe(c) && i > at && i + n < raw.n) {
            utf8_decode(raw.at + i + n, raw.n - i - n, &next);
            if (unicode_class(next) != UNICODE_LETTER || is_ideographic(next))
                break;
        } else if (!is_invisible(c) &&
                   ((class != UNICODE_LETTER && class != UNICODE_MARK) || is_ideographic(c)))
            break;
        i += n;
    }
    add_letters(k, raw, at, i);
    return i;
}

static size_t cut_ideograph(struct cutter *k, struct view raw, size_t at, size_t n) {
    const char *class = NULL;
    size_t phrase = small_word_phrase(k->lexicon, view_slice(raw, at, raw.n), &class);
    size_t end = at + (phrase ? phrase : n);
    struct word *word = add(k, WORD_IDEOGRAPH, view_slice(raw, at, end), at, end);
    word->class = phrase ? class : NULL;
    k->sentence_start = false;
    return end;
}

static bool joins_words(struct view raw, size_t at, size_t n) {
    int32_t c;
    if (at < 2 || at + n + 2 > raw.n)
        return false;
    unsigned char before = (unsigned char)raw.at[at - 1], further = (unsigned char)raw.at[at - 2];
    utf8_decode(raw.at + at + n, raw.n - at - n, &c);
    bool long_before = (before >= 0x80 || strchr("abcdefghijklmnopqrstuvwxyz", before | 32)) &&
                       (further >= 0x80 || strchr("abcdefghijklmnopqrstuvwxyz", further | 32));
    unsigned char next = (unsigned char)raw.at[at + n], after = (unsigned char)raw.at[at + n + 1];
    bool long_after = unicode_class(c) == UNICODE_LETTER &&
                      (after >= 0x80 || strchr("abcdefghijklmnopqrstuvwxyz", after | 32));
    return long_before && long_after && next > ' ' && before > ' ';
}

static void cut_sign(struct cutter *k, struct view raw, size_t at, size_t n, int32_t c) {
    static const struct {
        int32_t code;
        const char *text;
    } same[] = {{0x2212, "-"}, {0x2010, "-"}, {0x2011, "-"}, {0xFF0D, "-"}, {0xFF0B, "+"},
                {0xFF1D, "="}, {0xD7, "*"},   {0xB7, "*"},   {0x22C5, "*"}, {0xF7, "/"},
                {0x2044, "/"}, {0x2215, "/"}, {0xFF0F, "/"}, {0xFF05, "%"}, {0x66A, "%"},
                {0xFF1C, "<"}, {0xFF1E, ">"}, {0xFF0A, "*"}, {0x2260, "!="}};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        if (same[i].code == c) {
            add(k, WORD_SIGN, view_of(same[i].text), at, at + n);
            return;
        }
    add(k, WORD_SIGN, view_slice(raw, at, at + n), at, at + n);
}

/* ½ and its kind: 1 / 2. Superscripts: ^ and the number. False when it is neither. */
static bool cut_special(struct cutter *k, struct view raw, size_t at, size_t n, int32_t c) {
    static const struct {
        int32_t code;
        const char *top, *bottom;
    } fractions[] = {{0xBD, "1", "2"},   {0xBC, "1", "4"},   {0xBE, "3", "4"},
                     {0x2153, "1", "3"}, {0x2154, "2", "3"}, {0x2155, "1", "5"},
                     {0x2156, "2", "5"}, {0x2157, "3", "5"}, {0x2158, "4", "5"},
                     {0x2159, "1", "6"}, {0x215A, "5", "6"}, {0x215B, "1", "8"},
                     {0x215C, "3", "8"}, {0x215D, "5", "8"}, {0x215E, "7", "8"}};
    for (size_t i = 0; i < COUNT_OF(fractions); i++)
        if (fractions[i].code == c) {
            add(k, WORD_NUMBER, view_of(fractions[i].top), at, at + n)->value =
                fractions[i].top[0] - '0';
            add(k, WORD_SIGN, VIEW("/"), at, at + n);
            add(k, WORD_NUMBER, view_of(fractions[i].bottom), at, at + n)->value =
                fractions[i].bottom[0] - '0';
            return true;
        }
    int digit = raised_digit(c);
    if (digit < 0)
        return false;
    (void)raw;
    add(k, WORD_SIGN, VIEW("^"), at, at + n);
    struct word *word =
        add(k, WORD_NUMBER, view_of(arena_format(k->arena, "%d", digit)), at, at + n);
    word->value = digit;
    word->raised = true;
    return true;
}

/* Brackets of a formula are signs, (x + 1); those of prose are marks, (see below) and (1847). */
static bool is_formula_bracket(struct view raw, size_t at) {
    bool closing = strchr(")]", raw.at[at]) != NULL, number = true;
    size_t run = 0, n = 0;
    for (size_t i = at; n < 60; n++) {
        if (closing ? i == 0 : i + 1 >= raw.n)
            return false;
        i += closing ? (size_t)-1 : 1;
        char c = raw.at[i];
        if (strchr(closing ? "([" : ")]", c) && c)
            return n > 0 && !number;
        bool letter = ((unsigned char)(c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80);
        run = letter ? run + 1 : 0;
        if (run > 3 || strchr(closing ? ")]" : "([", c))
            return run <= 3 && c; /* brackets within brackets */
        number = number && ((c >= '0' && c <= '9') || c == ' ');
    }
    return false;
}

/* ------------------------------------------------------------------------------------ the text */

static void join_numbers(struct words *words, struct arena *arena) {
    size_t out = 0;
    for (size_t i = 0; i < words->n;) {
        struct numeral number = {0};
        struct word word = words->at[i];
        if (!word_is(&word, "-") || word.spaced || !i) /* x-1 is a difference */
            number = numeral_read(words->at + i, words->n - i);
        bool percent = number.n > 1 && word_is(&words->at[i + number.n - 1], "%");
        bool plain = number.n == 1 && (word.kind == WORD_NUMBER || word.class);
        if (number.n && !percent && !plain) {
            word.kind = WORD_NUMBER;
            word.value = number.values[0];
            word.to = words->at[i + number.n - 1].to;
            word.text = word.stem = view_of(arena_format(arena, "%.12g", word.value));
            word.class = NULL;
            word.past = false;
        } else
            number.n = 1;
        words->at[out++] = word;
        i += number.n;
    }
    words->n = out;
}

void words_of(struct view raw, const struct small_words *lexicon, int flags, struct arena *arena,
              struct words *out) {
    struct cutter k = {.lexicon = lexicon, .arena = arena, .out = out, .sentence_start = true};
    *out = (struct words){0};
    for (size_t i = 0; i < raw.n;) {
        int32_t c;
        size_t n = utf8_decode(raw.at + i, raw.n - i, &c);
        enum unicode_class class = unicode_class(c);
        char mark = mark_of(c);
        if (is_invisible(c)) {
        } else if (digit_of(c) >= 0 || (c == '.' && digit_follows(raw, i + 1) &&
                                        (k.spaced || !i || !out->n || raw.at[i - 1] == '$'))) {
            i = cut_number(&k, raw, i);
            continue;
        } else if (cut_special(&k, raw, i, n, c)) {
        } else if (is_ideographic(c) && (class == UNICODE_LETTER || class == UNICODE_NUMBER)) {
            i = cut_ideograph(&k, raw, i, n);
            continue;
        } else if (class == UNICODE_LETTER) {
            i = cut_letters(&k, raw, i);
            continue;
        } else if (class == UNICODE_SPACE || c == '$' || c == '\\' || c == '{' || c == '}') {
            k.spaced |= class == UNICODE_SPACE;
            if (c == '\n')
                note_mark(&k, '.');
        } else if (c < 0x80 && mark && strchr("()[]", c) && is_formula_bracket(raw, i))
            add(&k, WORD_SIGN, view_of(strchr("([", c) ? "(" : ")"), i, i + n);
        else if (mark)
            note_mark(&k, mark);
        else if ((c == '-' || c == 0x2010 || c == 0x2011) && joins_words(raw, i, n))
            k.spaced = true;
        else if (c == '-' && i + n < raw.n && raw.at[i + n] == ' ' && k.spaced &&
                 (!out->n || out->at[out->n - 1].kind == WORD_LETTERS) &&
                 !(out->n && out->at[out->n - 1].text.n == 1))
            note_mark(&k, '-'); /* a dash between words */
        else if (c >= 0 &&
                 (class == UNICODE_SYMBOL || class == UNICODE_PUNCTUATION ||
                  class == UNICODE_NUMBER) &&
                 !is_apostrophe(c) && c != '`' && c != '_')
            cut_sign(&k, raw, i, n, c);
        i += n;
    }
    out->last = k.before;
    if (flags & WORDS_JOIN_NUMBERS)
        join_numbers(out, arena);
}

bool word_is(const struct word *word, const char *text) {
    return view_is(word->text, text);
}

bool word_in(const struct word *word, const char *list) {
    size_t n = word->text.n;
    for (const char *at = list; n && *at;) {
        const char *end = strchrnul(at, ' ');
        if ((size_t)(end - at) == n && !memcmp(at, word->text.at, n))
            return true;
        at = *end ? end + 1 : end;
    }
    return false;
}

bool words_same(const struct word *a, const struct word *b) {
    if (a->kind == WORD_NUMBER && b->kind == WORD_NUMBER)
        return same_number(a->value, b->value);
    if (a->kind != b->kind || a->past != b->past)
        return false;
    return view_equal(a->stem, b->stem);
}
