/* The numbers that a text tells, in its prose and its formulas. */
#include "school/course/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9 * (fabs(b) > 1 ? fabs(b) : 1);
}

bool numbers_hold(const struct numbers *numbers, double value) {
    for (size_t i = 0; i < numbers->n; i++)
        if (near(numbers->at[i], value))
            return true;
    return false;
}

static void add(struct numbers *numbers, double value) {
    if (numbers->n < MAX_NUMBERS)
        numbers->at[numbers->n++] = value;
}

/* --------------------------------------------------------------------------- in formulas */

static double plain_value(const struct expression *e) {
    double value = NAN;
    return e->kind == EXPRESSION_NUMBER && expression_evaluate_real(e, &value, NULL) ? value : NAN;
}

bool number_literal(const struct expression *e, double *out) {
    if (e->kind == EXPRESSION_NEGATE)
        return number_literal(e->of[0], out) && (*out = -*out, true);
    if (e->kind == EXPRESSION_NUMBER)
        return !isnan(*out = plain_value(e));
    struct rational value;
    if (e->kind != EXPRESSION_DIVIDE || !expression_evaluate_rational(e, NULL, 0, &value, NULL))
        return false;
    *out = (double)value.numerator / (double)value.denominator;
    return value.denominator != 1 && near(plain_value(e->of[0]), (double)value.numerator);
}

void formula_sides(struct view text, void (*take)(void *, struct view side), void *data) {
    static const char *const cuts[] = {
        "=", "\\approx", ",", ";", "<", ">", "\\le", "\\ge", "\\to", "\\Rightarrow", "&", "\\\\"};
    struct formula formula;
    size_t at = 0;
    while (formula_next(text, &at, &formula, NULL)) {
        size_t from = 0;
        int depth = 0;
        for (size_t i = 0; i <= formula.tex.n; i++) {
            struct view rest = view_slice(formula.tex, i, formula.tex.n);
            size_t cut = rest.n ? 0 : 1;
            for (size_t j = 0; j < COUNT_OF(cuts) && !cut && !depth; j++)
                cut = view_starts(rest, cuts[j]) ? strlen(cuts[j]) : 0;
            if (rest.n)
                depth += (strchr("({[", rest.at[0]) != NULL) - (strchr(")}]", rest.at[0]) != NULL);
            if (!cut)
                continue;
            struct view side = view_trim(view_slice(formula.tex, from, i));
            while (side.n && strchr(".:", side.at[side.n - 1]))
                side.n--;
            if (side.n)
                take(data, side);
            from = i + cut;
            i += cut - 1;
        }
    }
}

static void take_literal(void *data, struct view side) {
    struct arena *arena = arena_new();
    struct expression *e = expression_parse(arena, side, NULL, NULL);
    double value;
    if (e && number_literal(e, &value))
        add(data, value);
    arena_free(arena);
}

/* ------------------------------------------------------------------------------ in prose */

/* The digits of Arabic, Persian and full width as strtod reads them. */
static char *plain_digits(struct view text) {
    static const struct {
        int32_t zero, point;
    } scripts[] = {{0x660, 0x66B}, {0x6F0, 0x66B}, {0xFF10, 0xFF0E}};
    struct buffer out = {0};
    int32_t c;
    for (size_t i = 0, n; i < text.n; i += n) {
        struct view one = {text.at + i, n = utf8_decode(text.at + i, text.n - i, &c)};
        char plain = 0;
        for (size_t j = 0; j < COUNT_OF(scripts); j++) {
            plain = c >= scripts[j].zero && c <= scripts[j].zero + 9
                        ? (char)('0' + c - scripts[j].zero)
                        : plain;
            plain = c == scripts[j].point ? '.' : plain;
        }
        buffer_append(&out, plain ? (struct view){&plain, 1} : one);
    }
    char *copy = must_copy(buffer_view(&out));
    buffer_free(&out);
    return copy;
}

/* The text with its formulas and its code blanked out. */
static char *prose_of(struct view text) {
    char *prose = must_copy(text);
    struct formula formula;
    size_t at = 0;
    while (formula_next(text, &at, &formula, NULL))
        memset(prose + formula.from, '\x01', formula.to - formula.from);
    char *plain = plain_digits((struct view){prose, text.n});
    free(prose);
    return plain;
}

static bool counts_something(const char *prose, size_t at) {
    static const char *const words[] = {
        "lesson", "step",   "section", "exercise", "figure",   "line",
        "row",    "column", "chapter", "equation", "point",    "第",
        "步骤",   "图",     "lección", "paso",     "sección",  "ejercicio",
        "figura", "línea",  "fila",    "columna",  "capítulo", "ecuación",
        "punto",  "الدرس",  "الخطوة",  "القسم",    "التمرين",  "الشكل",
        "السطر",  "الصف",   "العمود",  "الفصل",    "المعادلة", "النقطة"};
    size_t end = at;
    while (end && prose[end - 1] == ' ')
        end--;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t n = strlen(words[i]);
        if (end >= n && !strncasecmp(prose + end - n, words[i], n))
            return true;
    }
    return false;
}

static bool part_of_more(const char *prose, size_t from, size_t to) {
    char before = from ? prose[from - 1] : 0, after = prose[to];
    if (isalnum((unsigned char)before) || (before && strchr("_^.,/\\{[-", before)) ||
        isalpha((unsigned char)after) || (after && strchr("^({/", after)))
        return true;
    while (from && prose[from - 1] == ' ')
        from--;
    while (prose[to] == ' ')
        to++;
    return (from && strchr("+*/<>\x01", prose[from - 1])) ||
           (prose[to] && strchr("+*/\x01", prose[to]));
}

static bool lowest_terms(double above, double below) {
    double a = above, b = below;
    while (b >= 1) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    return near(a, 1) && below > 1;
}

/* The number at `at`; gives where it ends. */
static size_t read_number(const char *prose, size_t at, double *value, double *below) {
    char *stop;
    *value = strtod(prose + at, &stop);
    size_t end = (size_t)(stop - prose);
    *below = 0;
    if (prose[end] == '/' && isdigit((unsigned char)prose[end + 1])) {
        *below = strtod(prose + end + 1, &stop);
        end = (size_t)(stop - prose);
    }
    return end;
}

/* 2,5 from its comma on: two and a half; of 2,500 *grouped is two thousand five hundred. A list
 * such as 2,5,7 stays one of its numbers. Gives where it ends. */
static size_t read_comma(const char *prose, size_t comma, double *value, double *grouped) {
    double whole = *value, part = 0, ten = 1, thousands = *value;
    size_t end = comma, groups = 0;
    for (bool threes = true; prose[end] == ',' && isdigit((unsigned char)prose[end + 1]);
         groups++) {
        size_t from = ++end;
        for (; isdigit((unsigned char)prose[end]); end++) {
            part = part * 10 + (prose[end] - '0');
            ten *= 10;
        }
        threes = threes && end - from == 3;
        if (groups && !threes)
            return comma;
        *grouped = threes ? thousands * ten + part : NAN;
    }
    *value = groups > 1 ? *grouped : whole + part / ten;
    return end;
}

/* all: also those inside of more. */
static void numbers_in_prose(const char *prose, bool all, struct numbers *out) {
    double value, below;
    for (size_t i = 0, end; prose[i]; i = end) {
        end = i + 1;
        if (!isdigit((unsigned char)prose[i]))
            continue;
        bool minus = i && prose[i - 1] == '-' && (i < 2 || prose[i - 2] == ' ');
        size_t from = i - minus;
        double grouped = NAN;
        end = read_number(prose, i, &value, &below);
        if (prose[end] == ',' && below <= 0 && !memchr(prose + i, '.', end - i))
            end = read_comma(prose, end, &value, &grouped);
        if (!all && (part_of_more(prose, from, end) || counts_something(prose, from)))
            continue;
        if (minus)
            value = -value;
        if (!isnan(grouped))
            add(out, minus ? -grouped : grouped);
        if (below > 0 && (all || lowest_terms(fabs(value), below)))
            add(out, value / below);
        if (below <= 0 || all)
            add(out, value);
        if (below > 0 && all)
            add(out, below);
        if (prose[end] == '%')
            add(out, value / 100);
    }
}

/* $2,5$ and $2{,}5$, whose sides are cut at the comma. */
static void commas_in_formulas(struct view text, struct numbers *out) {
    struct formula formula;
    size_t at = 0;
    while (formula_next(text, &at, &formula, NULL)) {
        struct buffer plain = {0};
        for (size_t i = 0, n; i < formula.tex.n; i += n) {
            bool comma = view_starts(view_slice(formula.tex, i, formula.tex.n), "{,}");
            n = comma ? 3 : 1;
            buffer_byte(&plain, comma ? ',' : formula.tex.at[i]);
        }
        if (view_find(buffer_view(&plain), VIEW(",")) >= 0)
            numbers_in_prose(plain.at, false, out);
        buffer_free(&plain);
    }
}

void numbers_alone(struct view text, struct numbers *out) {
    char *prose = prose_of(text);
    out->n = 0;
    formula_sides(text, take_literal, out);
    commas_in_formulas(text, out);
    numbers_in_prose(prose, false, out);
    free(prose);
}

void numbers_anywhere(struct view text, struct numbers *out) {
    char *raw = plain_digits(text);
    out->n = 0;
    formula_sides(text, take_literal, out);
    numbers_in_prose(raw, true, out);
    size_t n = out->n;
    for (size_t i = 0; i < n; i++) /* -3 is given where 3 - 3 is */
        add(out, -out->at[i]);
    free(raw);
}
