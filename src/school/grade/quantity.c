/* Quantities as learners write them: 1.234,5 and 1 1/2 and 3×10⁸ m·s⁻¹ and 50 %. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ into ASCII */

/* clang-format off */
static const struct { const char *from, *to; } signs[] = {
    {"−", "-"}, {"–", "-"}, {"‐", "-"}, {"‑", "-"}, {"×", "*"}, {"·", "*"}, {"⋅", "*"}, {"∙", "*"},
    {"÷", "/"}, {"∕", "/"}, {"⁄", "/"}, {"\u00a0", " "}, {"\u2009", " "}, {"\u202f", " "}, {"\u2007", " "},
    {"\u3000", " "}, {"’", "'"}, {"٫", "."}, {"٬", "'"}, {"％", "%"}, {"٪", "%"}, {"\u200e", ""}, {"\u200f", ""},
    {"\\times", "*"}, {"\\cdot", "*"}, {"\\,", " "}, {"\\%", "%"}, {"μ", "µ"}, {"Ω", "Ω"}, {"℃", "°C"},
    {"½", " 1/2"}, {"¼", " 1/4"}, {"¾", " 3/4"}, {"⅓", " 1/3"}, {"⅔", " 2/3"}, {"⅕", " 1/5"}, {"⅖", " 2/5"},
    {"⅗", " 3/5"}, {"⅘", " 4/5"}, {"⅙", " 1/6"}, {"⅚", " 5/6"}, {"⅛", " 1/8"}, {"⅜", " 3/8"}, {"⅝", " 5/8"},
    {"⅞", " 7/8"},
};
static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁺", "⁻"};
static const int32_t zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,
    0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0xff10};
/* clang-format on */

/* One character that is not ASCII, or a sign of several bytes; bytes used, 0 for none of these. */
static size_t put_sign(struct view rest, bool *raised, struct buffer *out) {
    for (size_t i = 0; i < COUNT_OF(superscripts); i++)
        if (view_starts(rest, superscripts[i])) {
            buffer_text(out, *raised ? "" : "^");
            buffer_byte(out, "0123456789+-"[i]);
            *raised = true;
            return strlen(superscripts[i]);
        }
    *raised = false;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (view_starts(rest, signs[i].from)) {
            buffer_text(out, signs[i].to);
            return strlen(signs[i].from);
        }
    return 0;
}

static size_t count_mark(struct view text, char mark) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] == mark;
    return n;
}

static void plain(struct view text, struct buffer *out) {
    bool raised = false, formula = count_mark(text, '$') == 2; /* one is a dollar */
    for (size_t i = 0, used; i < text.n; i += used) {
        struct view rest = view_slice(text, i, text.n);
        int32_t c;
        if ((used = put_sign(rest, &raised, out)))
            continue;
        if ((used = formula && rest.at[0] == '$'))
            continue;
        used = utf8_decode(rest.at, rest.n, &c);
        char digit = 0;
        for (size_t j = 0; j < COUNT_OF(zeros); j++)
            if (c >= zeros[j] && c <= zeros[j] + 9)
                digit = (char)('0' + c - zeros[j]);
        if (digit)
            buffer_byte(out, digit);
        else if (c >= 0xff01 && c <= 0xff5e)
            buffer_byte(out, (char)(c - 0xfee0));
        else
            buffer_append(out, view_slice(rest, 0, used));
    }
}

/* ------------------------------------------------------------------------- grouping marks */

static bool is_digit(struct view text, size_t at) {
    return at < text.n && isdigit((unsigned char)text.at[at]);
}

static size_t digits_from(struct view text, size_t at) {
    size_t n = 0;
    while (is_digit(text, at + n))
        n++;
    return n;
}

/* The end of a run of digits and marks, each mark between digits; a space only where it groups. */
static size_t numeral_end(struct view text, size_t at) {
    while (at < text.n) {
        char c = text.at[at];
        size_t after = digits_from(text, at + 1);
        bool spaced = c == ' ' && after == 3 && at && is_digit(text, at - 1) &&
                      !(at + 4 < text.n && text.at[at + 4] == '/');
        bool marked = (c == ',' || c == '\'') && after;
        if (!isdigit((unsigned char)c) && c != '.' && !marked && !spaced)
            break;
        at++;
    }
    return at;
}

/* Every mark from `from` to `to` parts groups of three (of two before the last in India). */
static bool is_grouped(struct view text, size_t from, size_t to, char mark, bool india) {
    size_t first = digits_from(text, from), at = from + first;
    if (!first || first > 3 || (text.at[from] == '0' && first == 1))
        return false;
    while (at < to && text.at[at] == mark) {
        size_t n = digits_from(text, at + 1);
        bool last = at + 1 + n >= to || text.at[at + 1 + n] != mark;
        if (n != 3 && !(india && n == 2 && !last))
            return false;
        at += n + 1;
    }
    return at == to;
}

static ptrdiff_t last_mark(struct view text, char mark) {
    for (size_t i = text.n; i--;)
        if (text.at[i] == mark)
            return (ptrdiff_t)i;
    return -1;
}

/* Which of , and . is the decimal mark of one numeral: 0 for none, -1 for ambiguous. */
static int decimal_mark(struct view numeral, const struct number_style *style) {
    size_t commas = count_mark(numeral, ','), points = count_mark(numeral, '.');
    if (commas && points)
        return last_mark(numeral, ',') > last_mark(numeral, '.') ? ',' : '.';
    if (!commas && !points)
        return 0;
    char mark = commas ? ',' : '.';
    if (commas + points > 1)
        return 0;
    bool groups = is_grouped(numeral, 0, numeral.n, mark, style->india);
    char own = style->comma ? ',' : '.';
    if (!groups || mark == own)
        return mark;
    return style->known ? (style->group == mark ? 0 : mark) : -1;
}

/* A numeral with a point and no marks. NULL, "ambiguous" or "unreadable". */
static const char *ungroup(struct view numeral, const struct number_style *style,
                           struct buffer *out) {
    static const char marks[] = {',', '.', '\'', ' '};
    int point = decimal_mark(numeral, style);
    ptrdiff_t at = point > 0 ? last_mark(numeral, (char)point) : -1;
    size_t whole = at >= 0 ? (size_t)at : numeral.n;
    if (point < 0)
        return "ambiguous";
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        struct view before = view_slice(numeral, 0, whole);
        if (view_find(view_slice(numeral, whole + 1, numeral.n), (struct view){&marks[i], 1}) >= 0)
            return "unreadable";
        if (count_mark(before, marks[i]) &&
            !is_grouped(numeral, 0, whole, marks[i], style->india && marks[i] == ','))
            return "unreadable";
    }
    for (size_t i = 0; i < numeral.n; i++)
        if (isdigit((unsigned char)numeral.at[i]))
            buffer_byte(out, numeral.at[i]);
        else if ((ptrdiff_t)i == at)
            buffer_byte(out, '.');
    return NULL;
}

/* All numerals of the text; 3 x 10^8 with a times. */
static const char *ungroup_all(struct view text, const struct number_style *style,
                               struct buffer *out) {
    for (size_t at = 0; at < text.n;) {
        struct view rest = view_slice(text, at, text.n);
        bool starts = is_digit(text, at) ||
                      ((text.at[at] == '.' || text.at[at] == ',') && is_digit(text, at + 1));
        if (starts) {
            bool index = at && text.at[at - 1] == '_'; /* \log_2 256 is of two numerals */
            size_t end = index ? at + digits_from(text, at) : numeral_end(text, at);
            const char *note = ungroup(view_slice(text, at, end), style, out);
            if (note)
                return note;
            at = end;
        } else if ((view_starts(rest, "x 10^") || view_starts(rest, "x10^") ||
                    view_starts(rest, "X10^")) &&
                   out->n) {
            buffer_byte(out, '*');
            at++;
        } else
            buffer_byte(out, text.at[at++]);
    }
    return NULL;
}

/* ------------------------------------------------------------------------ number and unit */

/* Where the number ends and the unit starts. */
static size_t number_end(struct view text) {
    size_t end = 0;
    while (end < text.n) {
        unsigned char c = (unsigned char)text.at[end];
        bool exponent = (c == 'e' || c == 'E') && end && is_digit(text, end - 1) &&
                        end + 1 < text.n && strchr("+-0123456789", text.at[end + 1]);
        if (!c || (!exponent && !strchr("0123456789.+-*/^() %", c)))
            break;
        end++;
    }
    while (end && strchr(" */(", text.at[end - 1]))
        end--;
    return end;
}

/* Digits as they are written, where it is one numeral, with or without a power of ten. */
static void count_digits(struct view text, struct quantity *out) {
    bool point = false, lead = true;
    int zeros_at_end = 0;
    out->decimals = out->most_significant = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (isdigit((unsigned char)c)) {
            lead &= c == '0';
            out->most_significant += !lead;
            out->decimals += point;
            zeros_at_end = c == '0' && !lead ? zeros_at_end + 1 : 0;
        } else if (c == '.' && !point)
            point = true;
        else if ((c == 'e' || c == 'E' || c == '*') && i)
            break;
        else if (!(i == 0 && (c == '-' || c == '+')) && c != ' ') {
            out->decimals = out->most_significant = out->least_significant = -1;
            return;
        }
    }
    out->least_significant = out->most_significant - (point ? 0 : zeros_at_end);
    if (!out->most_significant)
        out->most_significant = out->least_significant = 1; /* 0 */
}

static bool is_name(struct view text) {
    bool good = text.n && !isdigit((unsigned char)text.at[0]);
    for (size_t i = 0; i < text.n; i++)
        good = good && !strchr("+-*/^<>!=.,", text.at[i]) &&
               !(text.at[i] == '\xe2' && i + 1 < text.n && text.at[i + 1] == '\x89');
    return good;
}

/* What "x =" or "v_1 ≈" stands before, or "= x" behind. */
static struct view without_name(struct view text) {
    size_t n;
    ptrdiff_t at;
    while ((at = find_equal_sign(text, &n)) >= 0) {
        struct view before = view_trim(view_slice(text, 0, (size_t)at));
        struct view after = view_trim(view_slice(text, (size_t)at + n, text.n));
        if (!before.n || is_name(before) || answer_is_name(before, NULL))
            text = after;
        else if (is_name(after))
            return before;
        else
            break;
    }
    return text;
}

/* A word of counting that is no number itself: bits, times, 个, 比特. */
static bool is_counting_word(struct view word, bool spaced) {
    static const char *const numbers[] = {
        "half",    "halves",   "third",    "thirds",   "quarter",   "quarters", "tenth",
        "tenths",  "hundred",  "hundreds", "thousand", "thousands", "million",  "millions",
        "billion", "trillion", "dozen",    "dozens",   "score",     "percent",  "squared",
        "cubed",   "minus",    "plus",     "negative", "not",       "and",      "mil",
        "cien",    "cientos",  "miles",    "millones", "docena",    "docenas",  "medio",
        "media",   "alpha",    "beta",     "theta",    "lambda",    "sin",      "cos",
        "tan",     "log",      "exp",      "sqrt",     "inf",       "infinity"};
    static const char han_numbers[] = "零〇一二三四五六七八九十百千万亿兆半分成倍折两负多几余约点";
    struct buffer folded = {0};
    unicode_fold(word, &folded);
    bool good = folded.n > 0, han = false;
    size_t letters = 0;
    for (size_t i = 0, used; good && i < folded.n; i += used, letters++) {
        int32_t c;
        used = utf8_decode(folded.at + i, folded.n - i, &c);
        han = han || unicode_is_han(c);
        good = unicode_class(c) == UNICODE_LETTER &&
               view_find(view_of(han_numbers), (struct view){folded.at + i, used}) < 0;
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        good = good && !view_is(buffer_view(&folded), numbers[i]);
    good = good && (han ? letters <= 6 : spaced && letters >= 3 && letters <= 20);
    buffer_free(&folded);
    return good;
}

/* A currency before the number goes behind it. */
static struct view money_behind(struct view text, struct buffer *out) {
    static const char *const currencies[] = {"€", "£", "¥", "￥", "$", "US$"};
    for (size_t i = 0; i < COUNT_OF(currencies); i++)
        if (view_starts(text, currencies[i])) {
            buffer_append(out, view_trim(view_slice(text, strlen(currencies[i]), text.n)));
            buffer_format(out, " %s",
                          view_is(view_of(currencies[i]), "US$") ? "$" : currencies[i]);
            return buffer_view(out);
        }
    return text;
}

static bool evaluate(struct view text, double *value, struct fault *fault) {
    struct arena *arena = arena_new();
    struct expression *e = expression_parse(arena, text, NULL, fault);
    bool good = e && expression_evaluate_real(e, value, fault);
    arena_free(arena);
    return good;
}

/* One number with its unit, digits of any script already turned into ours. */
static bool read_one(struct view ascii, const struct number_style *style, struct quantity *out,
                     struct fault *fault) {
    struct buffer turned = {0}, digits = {0};
    *out = (struct quantity){.unit = {.factor = 1}, .note = "unreadable"};
    const char *note = ungroup_all(money_behind(view_trim(ascii), &turned), style, &digits);
    bool good = !note || fault_set(fault, FAULT_INPUT, "I can't tell what the marks mean");
    out->note = note ? note : out->note;
    if (good) {
        struct view all = view_trim(buffer_view(&digits));
        size_t end = number_end(all);
        struct view unit = view_trim(view_slice(all, end, all.n));
        out->has_unit = end && unit.n && unit_parse(unit, &out->unit);
        struct view number = out->has_unit ? view_slice(all, 0, end) : all;
        good = evaluate(number, &out->value, fault);
        if (!good && end && is_counting_word(unit, end < all.n && all.at[end] == ' ')) {
            number = view_slice(all, 0, end);
            out->has_word = good = evaluate(number, &out->value, NULL);
        }
        if (out->has_unit || out->has_word || !unit.n)
            count_digits(number, out);
        else
            out->decimals = out->least_significant = out->most_significant = -1;
    }
    buffer_free(&turned);
    buffer_free(&digits);
    return good;
}

/* 1/8 = 0.125 and 1/3 ≈ 0.33, to the digits that the last one has; 2 m = 200 cm. */
static bool agree(const struct quantity *one, const struct quantity *last) {
    double x = one->value, y = last->value, digit = 0;
    if (one->has_unit && last->has_unit) {
        if (memcmp(one->unit.dimension, last->unit.dimension, sizeof one->unit.dimension))
            return false;
        x = (x + one->unit.offset) * one->unit.factor / last->unit.factor - last->unit.offset;
    }
    if (last->decimals > 0)
        digit = 0.5 * pow(10, -last->decimals) * (1 + 1e-9);
    return fabs(x - y) <= fmax(digit, 1e-9 * fabs(y));
}

/* "22^2 = 484" is the last of its numbers, where they are the same. */
static bool read_chain(struct view text, const struct number_style *style, struct quantity *out,
                       struct fault *fault) {
    enum { MOST_PARTS = 8 };
    struct quantity parts[MOST_PARTS];
    size_t n_part = 0, n = 0;
    for (ptrdiff_t at = 0; at >= 0; n_part++) {
        *out = (struct quantity){.unit = {.factor = 1}, .note = "unreadable"};
        if (n_part == MOST_PARTS)
            return fault_set(fault, FAULT_LIMIT, "there are too many signs of equality");
        at = find_equal_sign(text, &n);
        struct view part = at < 0 ? text : view_slice(text, 0, (size_t)at);
        if (!read_one(part, style, &parts[n_part], fault)) {
            out->note = parts[n_part].note;
            return false;
        }
        text = at < 0 ? text : view_slice(text, (size_t)at + n, text.n);
    }
    for (size_t i = 0; i + 1 < n_part; i++)
        if (!agree(&parts[i], &parts[n_part - 1]))
            return fault_set(fault, FAULT_INPUT, "the numbers are not equal");
    *out = parts[n_part - 1];
    return true;
}

bool quantity_read(const json_t *given, const struct number_style *style, struct quantity *out,
                   struct fault *fault) {
    static const struct number_style json_style = {.known = true, .group = ','};
    struct buffer raw = {0}, ascii = {0};
    *out = (struct quantity){.unit = {.factor = 1}, .note = "unreadable"};
    bool good = grade_scalar(given, &raw);
    if (!good)
        fault_set(fault, FAULT_INPUT, "the answer must be a number or a text");
    else if (raw.n > LONGEST_NUMBER)
        good = fault_set(fault, FAULT_LIMIT, "the number is over %d bytes long", LONGEST_NUMBER);
    else if (!raw.n || !utf8_valid(buffer_view(&raw)))
        good = fault_set(fault, FAULT_INPUT, "there is no number");
    if (good) {
        plain(buffer_view(&raw), &ascii);
        good = read_chain(without_name(view_trim(buffer_view(&ascii))),
                          json_is_number(given) ? &json_style : style, out, fault);
    }
    buffer_free(&raw);
    buffer_free(&ascii);
    return good;
}
