/* Quantities as learners write them: a number, a unit; 1 h 30 min; 3 + 4i Ω. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ------------------------------------------------------------------------ number and unit */

static bool is_digit(struct view text, size_t at) {
    return at < text.n && isdigit((unsigned char)text.at[at]);
}

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
        else if (!(i == 0 && (c == '-' || c == '+')) && c != ' ' && c != '%') {
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

/* j is i, where it stands for no letter of a word; 5∠53° and 5 cis 0.9 are 5·e^(i·…). */
static void put_imaginary(struct view text, struct buffer *out) {
    static const char *const signs[] = {"∠", "\\angle", "cis"};
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        ptrdiff_t at = view_find(text, view_of(signs[i]));
        if (at <= 0)
            continue;
        struct view angle = view_trim(view_slice(text, (size_t)at + strlen(signs[i]), text.n));
        bool degrees = view_ends(angle, "°");
        if (degrees)
            angle = view_slice(angle, 0, angle.n - strlen("°"));
        buffer_format(out, "(%.*s)*e^(i*(%.*s)%s)", (int)at, text.at, VIEW_ARG(angle),
                      degrees ? "*pi/180" : "");
        return;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool within = (i && isalpha((unsigned char)text.at[i - 1])) ||
                      (i + 1 < text.n && isalpha((unsigned char)text.at[i + 1]));
        buffer_byte(out, text.at[i] == 'j' && !within ? 'i' : text.at[i]);
    }
}

static bool evaluate(struct view text, struct quantity *out, struct fault *fault) {
    struct arena *arena = arena_new();
    struct buffer typed = {0};
    put_imaginary(text, &typed);
    struct expression *e = expression_parse(arena, buffer_view(&typed), NULL, fault);
    out->imaginary = 0;
    bool good = e && (expression_evaluate_real(e, &out->value, NULL) ||
                      complex_evaluate(e, &out->value, &out->imaginary));
    if (e && !good)
        fault_set(fault, FAULT_INPUT, "this has no value as a number");
    buffer_free(&typed);
    arena_free(arena);
    return good;
}

/* "million" and 万 at the start of what stands behind a number: its bytes. */
static size_t scale_word(struct view text, double *scale) {
    static const struct {
        const char *word;
        double scale;
    } rows[] = {{"hundred", 1e2}, {"thousand", 1e3},  {"million", 1e6},      {"millions", 1e6},
                {"billion", 1e9}, {"trillion", 1e12}, {"dozen", 12},         {"millones", 1e6},
                {"millón", 1e6},  {"millionen", 1e6}, {"milliarden", 1e9},   {"万亿", 1e12},
                {"百万", 1e6},    {"千万", 1e7},      {"百", 1e2},           {"千", 1e3},
                {"万", 1e4},      {"亿", 1e8},        {"mil millones", 1e9}, {"mil", 1e3},
                {"مئات", 1e2},    {"مئة", 1e2},       {"مائة", 1e2},         {"ألف", 1e3},
                {"آلاف", 1e3},    {"ملايين", 1e6},    {"مليون", 1e6},        {"مليارات", 1e9},
                {"مليار", 1e9}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = strlen(rows[i].word);
        bool latin = isalpha((unsigned char)rows[i].word[0]);
        if (text.n < n || strncasecmp(text.at, rows[i].word, n) != 0 ||
            (latin && text.n > n && text.at[n] != ' '))
            continue;
        *scale = rows[i].scale;
        return n;
    }
    return 0;
}

/* The number in text up to `end`, and a unit behind it. */
static bool read_split(struct view text, size_t end, struct quantity *out, struct fault *fault) {
    struct view number = view_trim(view_slice(text, 0, end));
    struct view unit = view_trim(view_slice(text, end, text.n));
    double scale = 1;
    size_t word = unit_parse(unit, &out->unit) ? 0 : scale_word(unit, &scale);
    unit = view_trim(view_slice(unit, word, unit.n));
    out->has_unit = unit.n > 0;
    if (!number.n || (unit.n && !unit_parse(unit, &out->unit)) || !evaluate(number, out, fault))
        return false;
    count_digits(number, out);
    if (word)
        out->decimals = out->least_significant = out->most_significant = -1;
    out->value *= scale;
    out->percent = view_ends(number, "%");
    if (out->has_unit && out->unit.ratio) {
        out->percent = out->unit.factor == 0.01;
        out->value *= out->unit.factor;
        out->imaginary *= out->unit.factor;
        out->has_unit = false;
        out->unit = (struct unit){.factor = 1};
    }
    return true;
}

/* "hours" in "2 hours and 30 minutes". */
static struct view without_joint(struct view name) {
    static const char *const joints[] = {" and", " y", " und", " et", " و"};
    for (size_t i = 0; i < COUNT_OF(joints); i++)
        if (view_ends(name, joints[i]))
            return view_trim(view_slice(name, 0, name.n - strlen(joints[i])));
    return name;
}

/* 1 h 30 min, 5 ft 2 in, 30° 15′, 1h30: a unit, then ever smaller ones of the same dimension. */
static bool read_compound(struct view text, struct quantity *out) {
    double total = 0, smallest = INFINITY;
    int parts = 0;
    for (size_t at = 0; at < text.n; parts++) {
        struct unit unit = {.factor = 60};
        char digits[32];
        size_t n = 0, end;
        while (at + n < text.n && (is_digit(text, at + n) || text.at[at + n] == '.'))
            n++;
        for (end = at + n; end < text.n && !is_digit(text, end);)
            end++;
        struct view name = without_joint(view_trim(view_slice(text, at + n, end)));
        if (!n || n >= sizeof digits || parts == 4)
            return false;
        memcpy(digits, text.at + at, n);
        digits[n] = 0;
        bool minutes = parts == 1 && !name.n && smallest == 3600 && out->unit.dimension[2] == 1;
        if (!minutes &&
            (!unit_parse(name, &unit) || unit.offset != 0 ||
             (parts && memcmp(unit.dimension, out->unit.dimension, sizeof unit.dimension) != 0)))
            return false;
        if (unit.factor >= smallest)
            return false;
        if (!parts)
            out->unit = unit;
        smallest = unit.factor;
        total += strtod(digits, NULL) * unit.factor;
        at = end;
    }
    out->value = total / out->unit.factor;
    out->imaginary = 0;
    out->has_unit = true;
    out->decimals = out->least_significant = out->most_significant = -1;
    return parts > 1;
}

/* One number with its unit. */
static bool read_plain(struct view all, struct quantity *out, struct fault *fault) {
    size_t end = number_end(all);
    struct view behind = view_trim(view_slice(all, end, all.n));
    struct unit none = {.factor = 1};
    if (read_compound(all, out)) /* before 1h2min is read as min·h² */
        return true;
    out->unit = none;
    if (read_split(all, end && behind.n ? end : all.n, out, NULL))
        return true;
    if (end && read_split(all, all.n, out, NULL)) {
        out->decimals = out->least_significant = out->most_significant = -1;
        return true;
    }
    for (size_t i = 1; i + 1 < all.n; i++) /* π/2 rad, √2 m, 50 1/s, (3+4i) V */
        if (all.at[i] == ' ' && read_split(all, i, out, NULL) && out->has_unit)
            return true;
    out->unit = none;
    out->has_unit = false;
    if (end && is_counting_word(behind, end < all.n && all.at[end] == ' ') &&
        evaluate(view_slice(all, 0, end), out, NULL)) {
        count_digits(view_slice(all, 0, end), out);
        return out->has_word = true;
    }
    return evaluate(all, out, fault) || fault_set(fault, FAULT_INPUT, "there is no number");
}

/* Digits of any script are already turned into ours. */
static bool read_one(struct view ascii, const struct number_style *style, struct quantity *out,
                     struct fault *fault) {
    struct buffer turned = {0}, digits = {0};
    *out = (struct quantity){.unit = {.factor = 1}, .note = "unreadable"};
    const char *note = numerals_plain(money_behind(view_trim(ascii), &turned), style, &digits);
    bool good = !note || fault_set(fault, FAULT_INPUT, "I can't tell what the marks mean");
    out->note = note ? note : out->note;
    if (good)
        good = read_plain(view_trim(buffer_view(&digits)), out, fault);
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
        struct number_style own = json_is_number(given) ? json_style : *style;
        own.either &= view_find(buffer_view(&raw), VIEW("٫")) < 0; /* the Arabic decimal mark */
        numeral_ascii(buffer_view(&raw), &ascii);
        good = read_chain(without_name(view_trim(buffer_view(&ascii))), &own, out, fault);
    }
    buffer_free(&raw);
    buffer_free(&ascii);
    return good;
}
