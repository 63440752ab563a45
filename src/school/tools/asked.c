/* What a question holds that a call may take over: numbers, units, dates, programs, words. */
#include "school/tools/inside.h"
#include "school/tutor/terms.h"
#include "school/tutor/words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
static const char *const percents[] = {"%", " %", " per cent", " percent", "percent", " por ciento", "بالمئة", " بالمئة",
    "بالمائة", " بالمائة", " في المئة", " في المائة", NULL};
/* Numbers in a word of another kind. */
static const struct { const char *word, *number; double value; bool share; } number_words[] = {
    {"half", "1/2", 0.5, true}, {"twice", "2", 2, false}, {"double", "2", 2, false}, {"thrice", "3", 3, false},
    {"triple", "3", 3, false}, {"dozen", "12", 12, false},
    {"mitad", "1/2", 0.5, true}, {"doble", "2", 2, false}, {"docena", "12", 12, false},
    {"نصف", "1/2", 0.5, true}, {"ضعف", "2", 2, false},
};
/* What asks for a number. */
static const char *const asks_numbers[] = {
    "how many", "how much", "how long", "how often", "how steep", "which year", "what year", "when ", "number of", "the year",
    "length of", "give the year", "what slope", "what is the slope", "how old", "how far", "how probable", "what probability",
    "cuantos", "cuantas", "cuanto", "cuanta", "que ano", "en que ano", "cuando", "el numero de",
    "多少", "几个", "几年", "哪一年", "哪年", "什么时候", "几次", "几行", "كم ", "متى", "اي عام", "أي عام", "عدد ", NULL};
/* What says what is to be done with numbers, and nothing of what the question is about. */
static const char *const sum_words[] = {
    "plus", "minus", "times", "divided", "multiplied", "multiply", "divide", "add", "added", "subtract", "subtracted",
    "sum", "product", "difference", "quotient", "percent", "cent", "calculate", "compute", "much", "many", "get", "give", "find",
    "work", "power", "raise", "raised", "increased", "decreased", "take", "left", "larger", "smaller", "than", "comes", "come",
    "mas", "menos", "por", "dividido", "entre", "multiplicado", "multiplica", "suma", "resta", "ciento", "calcula", NULL};
/* clang-format on */

struct view number_text(double value, struct arena *arena) {
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    /* A calculator does not write 1e+06. */
    if (strchr(text, 'e') && fabs(value) < 1e15 && value == floor(value))
        snprintf(text, sizeof text, "%.0f", value);
    return arena_copy(arena, view_of(text));
}

static bool is_digit(struct view text, size_t at) {
    return at < text.n && isdigit((unsigned char)text.at[at]);
}

static bool is_letter(struct view text, size_t at) {
    return at < text.n && (isalpha((unsigned char)text.at[at]) || text.at[at] == '_');
}

static size_t digits_at(struct view text, size_t at) {
    size_t n = 0;
    while (is_digit(text, at + n))
        n++;
    return n;
}

/* --------------------------------------------------------------------------------- one numeral */

/* Digits with marks: 1,500 and 0.35; 1.500 and 0,35 in Spanish. Bytes used, 0: none; the number
 * without marks goes to `out`. */
static size_t numeral_at(struct view text, size_t at, bool comma, struct buffer *out) {
    char point = comma ? ',' : '.', mark = comma ? '.' : ',';
    size_t from = at, n = digits_at(text, at);
    if (!n)
        return 0;
    buffer_append(out, view_slice(text, at, at + n));
    at += n;
    while (n <= 3 && at < text.n && (text.at[at] == mark || text.at[at] == '\'') &&
           digits_at(text, at + 1) == 3) {
        buffer_append(out, view_slice(text, at + 1, at + 4));
        at += 4;
    }
    /* A point is a point also where a comma is one: 0.35. */
    bool decimal = at < text.n && (text.at[at] == point || (comma && text.at[at] == '.')) &&
                   is_digit(text, at + 1);
    if (decimal) {
        n = digits_at(text, at + 1);
        buffer_byte(out, '.');
        buffer_append(out, view_slice(text, at + 1, at + 1 + n));
        at += 1 + n;
    }
    return at - from;
}

static bool starts_word(struct view rest, const char *word) {
    size_t n = strlen(word);
    return rest.n >= n && !strncasecmp(rest.at, word, n) && !is_letter(rest, n);
}

static size_t percent_at(struct view rest) {
    for (size_t i = 0; percents[i]; i++) {
        size_t n = strlen(percents[i]);
        bool letters = isalpha((unsigned char)percents[i][n - 1]);
        if (rest.n >= n && !strncasecmp(rest.at, percents[i], n) &&
            !(letters && is_letter(rest, n)))
            return n;
    }
    return 0;
}

/* "th" of 15th. */
static bool ordinal_at(struct view rest) {
    return starts_word(rest, "th") || starts_word(rest, "st") || starts_word(rest, "nd") ||
           starts_word(rest, "rd");
}

/* A digit within a name: SmolLM2-135M, h2. What stands before and behind must not be of a word,
 * unless it is a unit. */
static bool in_a_name(struct view text, size_t from, size_t to) {
    if (from && (is_letter(text, from - 1) || is_digit(text, from - 1)))
        return true;
    if (from > 1 && text.at[from - 1] == '-' &&
        (is_letter(text, from - 2) || is_digit(text, from - 2)))
        return true;
    if (!is_letter(text, to) || ordinal_at(view_slice(text, to, text.n)))
        return false;
    size_t end = to;
    struct unit unit;
    while (is_letter(text, end))
        end++;
    return is_digit(text, end) || !unit_parse(view_slice(text, to, end), &unit);
}

/* A share by what stands around: 15%, 2/3, "one 15th", 百分之15. */
static size_t share_at(struct view text, size_t from, size_t to, struct view digits,
                       struct arena *arena, struct asked_number *out) {
    struct view rest = view_slice(text, to, text.n), before = view_slice(text, 0, from);
    size_t n = percent_at(rest);
    if (n || view_ends(before, "百分之")) {
        out->text = view_of(arena_format(arena, "%.*s%%", VIEW_ARG(digits)));
        out->value /= 100;
        out->share = true;
        return to + n;
    }
    size_t below = rest.n && rest.at[0] == '/' ? digits_at(rest, 1) : 0;
    if (below && below < 10 &&
        !(below + 1 < rest.n && strchr("./", rest.at[below + 1]) && is_digit(rest, below + 2))) {
        double bottom = strtod(arena_string(arena, view_slice(rest, 1, 1 + below)), NULL);
        if (bottom > 0) {
            out->text = view_of(
                arena_format(arena, "%.*s/%.*s", VIEW_ARG(digits), (int)below, rest.at + 1));
            out->value /= bottom;
            out->share = true;
            return to + 1 + below;
        }
    }
    if (ordinal_at(rest)) {
        if (view_ends(before, "one ") && out->value > 1) {
            out->text = view_of(arena_format(arena, "1/%.*s", VIEW_ARG(digits)));
            out->value = 1 / out->value;
            out->share = true;
        }
        return to + 2;
    }
    return to;
}

/* Bytes of the number at `at`, 0 where there is none. */
static size_t number_at(struct view text, size_t at, bool comma, struct arena *arena,
                        struct asked_number *out) {
    struct buffer digits = {0};
    size_t n = numeral_at(text, at, comma, &digits);
    bool good = n && n <= 40 && !in_a_name(text, at, at + n);
    if (good) {
        bool minus = at && text.at[at - 1] == '-' && (at < 2 || strchr(" (^*/=", text.at[at - 2]));
        struct view written = view_of(arena_format(arena, "%s%s", minus ? "-" : "", digits.at));
        *out = (struct asked_number){
            .text = written, .value = strtod(written.at, NULL), .from = at - minus};
        out->to = share_at(text, at, at + n, written, arena, out);
        n = out->to - at;
    }
    buffer_free(&digits);
    return good ? n : 0;
}

static void add_number(struct asked_number *numbers, size_t *n, size_t n_out,
                       const struct asked_number *one) {
    size_t at = *n;
    for (size_t i = 0; i < *n; i++)
        if (one->from < numbers[i].to && numbers[i].from < one->to)
            return;
    if (*n == n_out)
        return;
    for (; at > 0 && numbers[at - 1].from > one->from; at--)
        numbers[at] = numbers[at - 1];
    numbers[at] = *one;
    ++*n;
}

static bool within_dates(const struct asked_date *dates, size_t n, size_t from) {
    for (size_t i = 0; i < n; i++)
        if (from >= dates[i].from && from < dates[i].to)
            return true;
    return false;
}

/* ------------------------------------------------------------------------------- number words */

static void add_word_number(struct view text, const struct word *word, struct arena *arena,
                            struct asked_number *numbers, size_t *n, size_t n_out) {
    struct view written = view_slice(text, word->from, word->to);
    struct asked_number one = {.from = word->from, .to = word->to};
    for (size_t i = 0; i < written.n; i++)
        if (is_digit(written, i))
            return;
    if (word->kind == WORD_NUMBER) {
        int32_t c;
        utf8_decode(written.at, written.n, &c);
        if (word->value < 2 || (unicode_is_han(c) && written.n < 6))
            return; /* "one" and 二元 are seldom meant as numbers */
        one.value = word->value;
        one.text = number_text(word->value, arena);
        size_t percent = percent_at(view_slice(text, word->to, text.n));
        if (percent) {
            one.text = view_of(arena_format(arena, "%.*s%%", VIEW_ARG(one.text)));
            one.value /= 100;
            one.share = true;
            one.to += percent;
        }
        add_number(numbers, n, n_out, &one);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(number_words); i++)
        if (view_is(word->text, number_words[i].word)) {
            one.text = view_of(number_words[i].number);
            one.value = number_words[i].value;
            one.share = number_words[i].share;
            add_number(numbers, n, n_out, &one);
        }
}

static bool is_comma_language(const char *language) {
    return language && !strncmp(language, "es", 2);
}

size_t numbers_read(struct view text, const char *language, struct arena *arena,
                    struct asked_number *out, size_t n_out) {
    size_t n = 0;
    struct asked_number one;
    struct words words;
    for (size_t at = 0; at < text.n;) {
        size_t used =
            is_digit(text, at) ? number_at(text, at, is_comma_language(language), arena, &one) : 0;
        if (used)
            add_number(out, &n, n_out, &one);
        at += used ? used : digits_at(text, at) ? digits_at(text, at) : 1;
    }
    words_of(text, small_words_of(language, arena), WORDS_JOIN_NUMBERS, arena, &words);
    for (size_t i = 0; i < words.n; i++)
        add_word_number(text, &words.at[i], arena, out, &n, n_out);
    return n;
}

/* -------------------------------------------------------------------------- units, dates, code */

static void add_unit(struct asked *asked, size_t from, size_t to) {
    struct unit unit;
    if (asked->n_unit < ASKED_UNITS && unit_parse(view_slice(asked->text, from, to), &unit)) {
        asked->units[asked->n_unit++] =
            (struct asked_unit){view_slice(asked->text, from, to), unit, from};
    }
}

static bool behind_number(const struct asked *asked, size_t from) {
    for (size_t i = 0; i < asked->n_number; i++)
        if (asked->numbers[i].to <= from && from <= asked->numbers[i].to + 1 &&
            !asked->numbers[i].share)
            return true;
    return false;
}

static bool ends_word(struct view text, size_t at) {
    static const char *const marks[] = {"؟", "،", "？", "，", "。", "»", "”"};
    bool ends = at == text.n || strchr(" ,;:?!\"()\n", text.at[at]);
    for (size_t i = 0; i < COUNT_OF(marks) && !ends; i++)
        ends = view_starts(view_slice(text, at, text.n), marks[i]);
    return ends;
}

static bool is_between(struct view word) { /* "5 km in miles" names no product of units */
    static const char *const words[] = {"in", "to", "into", "as", "a", "an", "en", "is"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_is(word, words[i]))
            return true;
    return false;
}

/* Whether the word before is one of those that stand between two units. */
static bool behind_between(struct view text, size_t from) {
    size_t end = from, begin;
    while (end > 0 && text.at[end - 1] == ' ')
        end--;
    for (begin = end; begin > 0 && text.at[begin - 1] != ' ';)
        begin--;
    return end < from && is_between(view_slice(text, begin, end));
}

/* The longest run of up to three words that is a unit; symbols of one or two letters are words
 * too, and units only behind a number, or behind another unit's "in" or "to" as the last word. */
static size_t unit_at(struct asked *asked, size_t from) {
    struct view text = asked->text;
    size_t ends[3], n = 0, at = from;
    struct unit unit;
    bool behind = behind_number(asked, from);
    if (!behind && view_starts(view_slice(text, from, text.n), "كم "))
        return from; /* it asks how many; behind a number it is a kilometre */
    while (n < 3 && at < text.n) {
        size_t end = at;
        while (!ends_word(text, end))
            end++;
        while (end > at && text.at[end - 1] == '.')
            end--;
        if (end == at || ((n || !behind) && is_between(view_slice(text, at, end))))
            break;
        ends[n++] = end;
        at = end + 1;
        if (end >= text.n || text.at[end] != ' ')
            break;
    }
    for (; n > 0; n--) {
        struct view name = view_slice(text, from, ends[n - 1]);
        bool last = asked->n_unit && view_trim(view_slice(text, ends[n - 1], text.n)).n <= 1 &&
                    behind_between(text, from);
        if ((utf8_length(name) >= 3 || behind || last) && unit_parse(name, &unit)) {
            add_unit(asked, from, ends[n - 1]);
            return ends[n - 1];
        }
    }
    return from;
}

/* Chinese has no spaces: 小时 in 13小时有多少秒. */
static size_t han_unit_at(struct asked *asked, size_t from) {
    struct view rest = view_slice(asked->text, from, asked->text.n);
    struct unit unit;
    for (size_t n = 12; n >= 3; n -= 3)
        if (n <= rest.n && utf8_whole(view_slice(rest, 0, n)) == n &&
            unit_parse(view_slice(rest, 0, n), &unit)) {
            add_unit(asked, from, from + n);
            return from + n;
        }
    return from;
}

static void read_units(struct asked *asked) {
    bool begins = true;
    for (size_t at = 0; at < asked->text.n;) {
        int32_t c;
        size_t n = utf8_decode(asked->text.at + at, asked->text.n - at, &c);
        bool number = behind_number(asked, at);
        size_t end = at;
        if (unicode_is_han(c))
            end = han_unit_at(asked, at);
        else if ((begins || number) && (unicode_class(c) == UNICODE_LETTER || c == 0xB0))
            end = unit_at(asked, at);
        begins = c == ' ' || c == '(' || c == '"' || unicode_is_han(c);
        at = end > at ? end : at + n;
    }
}

static void read_dates(struct asked *asked) {
    bool begins = true;
    for (size_t at = 0; at < asked->text.n && asked->n_date < ASKED_DATES;) {
        int32_t c;
        size_t n = utf8_decode(asked->text.at + at, asked->text.n - at, &c), used = 0;
        struct asked_date date = {0};
        if (begins || c > 0x7f)
            used = date_at(view_slice(asked->text, at, asked->text.n), &date);
        if (used) {
            date.from = at;
            date.to = at + used;
            asked->dates[asked->n_date++] = date;
        }
        begins = !isalnum((int)(c > 0 && c < 128 ? c : ' '));
        at += used ? used : n;
    }
}

/* Programs stand between ` or ```; the text goes on without them. */
static void take_codes(struct view text, struct asked *asked, struct arena *arena,
                       struct buffer *out) {
    for (size_t at = 0; at < text.n;) {
        struct view rest = view_slice(text, at, text.n);
        const char *fence = view_starts(rest, "```") ? "```" : view_starts(rest, "`") ? "`" : NULL;
        size_t n = fence ? strlen(fence) : 0;
        ptrdiff_t end = fence ? view_find(view_slice(rest, n, rest.n), view_of(fence)) : -1;
        if (end <= 0 || asked->n_code == ASKED_CODES) {
            buffer_byte(out, text.at[at++]);
            continue;
        }
        struct view code = view_slice(rest, n, n + (size_t)end);
        if (n == 3 && view_starts(code, "python"))
            code = view_slice(code, strlen("python"), code.n);
        if (view_trim(code).n)
            asked->codes[asked->n_code++] = arena_copy(arena, n == 3 ? code : view_trim(code));
        buffer_byte(out, ' ');
        at += 2 * n + (size_t)end;
    }
}

/* ---------------------------------------------------------------------------------- the words */

static bool of_a_number(const struct asked *asked, const struct word *word) {
    for (size_t i = 0; i < asked->n_number; i++)
        if (word->from < asked->numbers[i].to && asked->numbers[i].from < word->to)
            return true;
    return false;
}

static void read_words(struct asked *asked, struct arena *arena) {
    struct words words;
    struct buffer out = {0};
    size_t last = 0;
    words_of(asked->text, small_words_of(asked->language, arena), 0, arena, &words);
    for (size_t i = 0; i < words.n; i++) {
        const struct word *word = &words.at[i];
        bool letters = word->kind == WORD_LETTERS || word->kind == WORD_IDEOGRAPH;
        if (!letters || word->class || of_a_number(asked, word) || text_in(sum_words, word->text))
            continue;
        bool apart = word->from > last || word->kind != WORD_IDEOGRAPH;
        if (out.n && apart)
            buffer_byte(&out, ' ');
        /* A name is whole: SmolLM2-135M. */
        size_t to = word->to;
        while (to < asked->text.n &&
               (isalnum((unsigned char)asked->text.at[to]) ||
                (asked->text.at[to] == '-' && is_digit(asked->text, to + 1))))
            to++;
        buffer_append(&out, view_slice(asked->text, word->from, to));
        last = to;
        while (i + 1 < words.n && words.at[i + 1].from < to)
            i++;
    }
    asked->words = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
}

static bool asks_number(struct view text) {
    struct buffer plain = {0};
    fold_plain(text, &plain);
    bool asks = false;
    for (size_t i = 0; asks_numbers[i] && !asks; i++)
        asks = view_find(buffer_view(&plain), view_of(asks_numbers[i])) >= 0;
    buffer_free(&plain);
    return asks;
}

void asked_read(struct view text, const char *language, struct arena *arena, struct asked *out) {
    struct buffer bare = {0}, ascii = {0};
    *out = (struct asked){.language = language};
    text = view_slice(text, 0, ASKED_TEXT);
    text.n = utf8_whole(text);
    take_codes(text, out, arena, &bare);
    numeral_ascii(buffer_view(&bare), &ascii);
    out->text = arena_copy(arena, view_trim(buffer_view(&ascii)));
    buffer_free(&bare);
    buffer_free(&ascii);
    read_dates(out);
    struct asked_number all[ASKED_NUMBERS + 3 * ASKED_DATES];
    size_t n = numbers_read(out->text, language, arena, all, COUNT_OF(all));
    for (size_t i = 0; i < n && out->n_number < ASKED_NUMBERS; i++)
        if (!within_dates(out->dates, out->n_date, all[i].from))
            out->numbers[out->n_number++] = all[i];
    read_units(out);
    read_words(out, arena);
    out->number = asks_number(out->text);
}
