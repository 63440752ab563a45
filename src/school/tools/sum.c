/* The calculator: exact, by the algebra room. Beside expressions it reads what calculators for the
 * pocket do: 15%, and 80 + 5% for 84; and mean(4, 9, 11). */
#include "school/tools/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS = 12 };

static bool ends_number(struct view text, size_t at) {
    return at > 0 && (isdigit((unsigned char)text.at[at - 1]) || text.at[at - 1] == ')');
}

/* 15% is (15/100), a numeral as it stands or a bracket that has just been closed. */
static bool put_percents(struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '%') {
            buffer_byte(out, text.at[i]);
            continue;
        }
        size_t from = out->n;
        if (!ends_number(buffer_view(out), out->n) || out->at[out->n - 1] == ')')
            return false;
        while (from > 0 && (isdigit((unsigned char)out->at[from - 1]) || out->at[from - 1] == '.'))
            from--;
        char *number = must_copy(view_slice(buffer_view(out), from, out->n));
        out->n = from;
        buffer_format(out, "(%s/100)", number);
        free(number);
    }
    return true;
}

/* Where the last "+" or "-" outside of brackets stands, with blanks around it; 0: nowhere. */
static size_t last_sign(struct view text) {
    int depth = 0;
    size_t found = 0;
    for (size_t i = 0; i + 1 < text.n; i++) {
        depth += (text.at[i] == '(') - (text.at[i] == ')');
        if (!depth && i && (text.at[i] == '+' || text.at[i] == '-') && text.at[i - 1] == ' ' &&
            text.at[i + 1] == ' ')
            found = i;
    }
    return found;
}

static bool is_percentage(struct view text) {
    if (text.n < 2 || text.at[text.n - 1] != '%')
        return false;
    for (size_t i = 0; i + 1 < text.n; i++)
        if (!isdigit((unsigned char)text.at[i]) && text.at[i] != '.')
            return false;
    return true;
}

static bool put_mean(struct view text, struct buffer *out) {
    struct view inside = view_slice(text, strlen("mean("), text.n - 1);
    size_t n = 1;
    buffer_text(out, "((");
    for (size_t i = 0; i < inside.n; i++) {
        if (inside.at[i] == '(' || inside.at[i] == ')')
            return false;
        n += inside.at[i] == ',';
        buffer_text(out, inside.at[i] == ',' ? ")+(" : (char[]){inside.at[i], 0});
    }
    buffer_format(out, "))/%zu", n);
    return true;
}

/* As the algebra room reads it. */
static bool put_sum(struct view text, struct buffer *out) {
    size_t sign = last_sign(text);
    struct view last = sign ? view_trim(view_slice(text, sign + 1, text.n)) : (struct view){0};
    struct view before = view_slice(text, 0, sign);
    struct buffer plain = {0};
    bool good;
    if (is_percentage(last) && !memchr(before.at, '%', before.n)) {
        buffer_format(&plain, "(%.*s)*(1%c%.*s)", VIEW_ARG(view_trim(before)), text.at[sign],
                      VIEW_ARG(last));
        good = put_percents(buffer_view(&plain), out);
    } else if (view_starts(text, "mean(") && view_ends(text, ")")) {
        good = put_mean(text, &plain) && put_percents(buffer_view(&plain), out);
    } else {
        good = put_percents(text, out);
    }
    buffer_free(&plain);
    return good;
}

/* ------------------------------------------------------------------------------------- results */

/* 3/8 as 0.375, where it ends after a few places: whether it does. */
static bool put_decimal(struct rational value, struct buffer *out) {
    int64_t below = value.denominator, scale = 1;
    int places = 0;
    while (below % 10 == 0 && places++ <= DECIMALS)
        below /= 10;
    for (int64_t left = below; left % 2 == 0 && places++ <= DECIMALS; left /= 2)
        below = left / 2;
    for (int64_t left = below; left % 5 == 0 && places++ <= DECIMALS; left /= 5)
        below = left / 5;
    if (below != 1 || places > DECIMALS)
        return false;
    for (int i = 0; i < places; i++)
        if (__builtin_mul_overflow(scale, 10, &scale))
            return false;
    int64_t whole;
    if (scale % value.denominator ||
        __builtin_mul_overflow(value.numerator, scale / value.denominator, &whole))
        return false;
    uint64_t size = whole < 0 ? 0 - (uint64_t)whole : (uint64_t)whole, unit = (uint64_t)scale;
    buffer_format(out, "%s%llu", whole < 0 ? "-" : "", (unsigned long long)(size / unit));
    if (places)
        buffer_format(out, ".%0*llu", places, (unsigned long long)(size % unit));
    while (places && out->at[out->n - 1] == '0' && places--)
        out->at[--out->n] = 0;
    return true;
}

static void give_rational(struct rational value, struct arena *arena, struct tool_result *out) {
    struct buffer text = {0};
    if (put_decimal(value, &text)) {
        tool_found(out, arena, "%s", text.at);
        out->value = out->text;
    } else {
        rational_text(value, &text);
        double real = (double)value.numerator / (double)value.denominator;
        tool_found(out, arena, "%s ≈ %.6g", text.at, real);
        size_t n = text.n + strlen(" ≈ ");
        out->value = view_slice(out->text, n, out->text.n);
    }
    buffer_free(&text);
}

void tool_sum(const struct tool_place *place, struct view asked, struct arena *arena,
              struct tool_result *out) {
    (void)place;
    struct buffer text = {0};
    struct fault fault = {0};
    struct rational exact;
    double real;
    struct expression *e = NULL;
    if (put_sum(asked, &text))
        e = expression_parse(arena, buffer_view(&text), NULL, &fault);
    if (!e)
        tool_refuse(out, REFUSE_NO_SUM);
    else if (expression_evaluate_rational(e, NULL, 0, &exact, NULL))
        give_rational(exact, arena, out);
    else if (expression_evaluate_real(e, &real, NULL) && isfinite(real)) {
        tool_found(out, arena, "≈ %.10g", real);
        out->value = view_slice(out->text, strlen("≈ "), out->text.n);
    } else
        tool_refuse(out, REFUSE_NO_VALUE);
    buffer_free(&text);
}
