/* The calculator: exact, by the algebra room. Beside expressions it reads what pocket calculators
 * do, 15% and 80 + 5% for 84; and mean(4, 9, 11). */
#include "school/tools/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 60 }; /* of what is written out in full */

/* 15% is (15/100), of a numeral as it stands. */
static bool put_percents(struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '%') {
            buffer_byte(out, text.at[i]);
            continue;
        }
        size_t from = out->n;
        while (from > 0 && (isdigit((unsigned char)out->at[from - 1]) || out->at[from - 1] == '.'))
            from--;
        if (from == out->n)
            return false;
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
    for (size_t i = 1; i + 1 < text.n; i++) {
        depth += (text.at[i - 1] == '(') - (text.at[i - 1] == ')');
        if (!depth && (text.at[i] == '+' || text.at[i] == '-') && text.at[i - 1] == ' ' &&
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
        char c = inside.at[i];
        if (c == '(' || c == ')')
            return false;
        n += c == ',';
        buffer_text(out, c == ',' ? ")+(" : (char[]){c, 0});
    }
    buffer_format(out, "))/%zu", n);
    return true;
}

/* As the algebra room reads it. */
static bool put_sum(struct view text, struct buffer *out) {
    size_t sign = last_sign(text);
    struct view last = sign ? view_trim(view_slice(text, sign + 1, text.n)) : (struct view){0};
    struct view before = view_trim(view_slice(text, 0, sign));
    struct buffer plain = {0};
    bool good = true;
    if (is_percentage(last) && before.n && !memchr(before.at, '%', before.n))
        buffer_format(&plain, "(%.*s)*(1%c%.*s)", VIEW_ARG(before), text.at[sign], VIEW_ARG(last));
    else if (view_starts(text, "mean(") && view_ends(text, ")"))
        good = put_mean(text, &plain);
    else
        buffer_append(&plain, text);
    good = good && put_percents(buffer_view(&plain), out);
    buffer_free(&plain);
    return good;
}

static struct expression *read_sum(struct view asked, struct arena *arena, struct fault *fault) {
    struct buffer text = {0};
    struct expression *e =
        put_sum(asked, &text)
            ? expression_parse(arena, arena_copy(arena, buffer_view(&text)), NULL, fault)
            : NULL;
    buffer_free(&text);
    return e;
}

/* "391"; "3/7 ≈ 0.428571", of which the number is the value; "≈ 1.41421356". */
static bool put_value(const struct expression *e, struct buffer *out, size_t *value) {
    double real;
    bool exact = expression_evaluate_text(e, DIGITS, out, NULL);
    *value = 0;
    if (exact && !memchr(out->at, '/', out->n))
        return true;
    if (!expression_evaluate_real(e, &real, NULL) || !isfinite(real))
        return exact;
    buffer_text(out, exact ? " ≈ " : "≈ ");
    *value = out->n;
    buffer_format(out, exact ? "%.6g" : "%.10g", real);
    return true;
}

void tool_sum(const struct tool_place *place, struct view asked, struct arena *arena,
              struct tool_result *out) {
    (void)place;
    struct buffer text = {0};
    size_t value;
    struct fault fault = {0};
    const struct expression *e = read_sum(asked, arena, &fault);
    if (!e)
        tool_refuse(out, fault.kind == FAULT_LIMIT ? REFUSE_NO_VALUE : REFUSE_NO_SUM);
    else if (!put_value(e, &text, &value))
        tool_refuse(out, REFUSE_NO_VALUE);
    else {
        tool_found(out, arena, "%s", text.at);
        out->value = view_slice(out->text, value, out->text.n);
    }
    buffer_free(&text);
}

/* ------------------------------------------------------------------------------------- its steps
 */

enum { CHAIN = 16 };

struct steps {
    struct arena *arena;
    struct view *at;
    size_t room, n;
    bool full;
};

static void add_step(struct steps *steps, struct view text) {
    steps->full = steps->full || steps->n == steps->room;
    if (!steps->full)
        steps->at[steps->n++] = text;
}

/* a + b + c, of which the parser makes pairs: the values of a, b and c. */
static void gather(const struct expression *e, enum expression_kind kind, double *values,
                   size_t *n) {
    if (e->kind == kind) {
        for (int i = 0; i < e->n; i++)
            gather(e->of[i], kind, values, n);
    } else if (*n < CHAIN && !expression_evaluate_real(e, &values[(*n)++], NULL)) {
        values[*n - 1] = NAN;
    } else if (*n >= CHAIN) {
        ++*n;
    }
}

/* Any neighbours in a chain together: 11 + 41 in 1 + 11 + 41. */
static void add_neighbours(struct steps *steps, const struct expression *e) {
    double values[CHAIN];
    size_t n = 0;
    gather(e, e->kind, values, &n);
    steps->full = steps->full || n > CHAIN;
    for (size_t i = 0; i < n && !steps->full; i++) {
        double whole = values[i];
        for (size_t k = i + 1; k < n && !steps->full; k++) {
            whole = e->kind == EXPRESSION_SUM ? whole + values[k] : whole * values[k];
            if (isfinite(whole))
                add_step(steps, view_of(arena_format(steps->arena, "%.12g", whole)));
        }
    }
}

static void add_steps(struct steps *steps, const struct expression *e,
                      enum expression_kind above) {
    struct buffer text = {0};
    size_t value;
    bool chain = e->kind == EXPRESSION_SUM || e->kind == EXPRESSION_PRODUCT;
    if (e->kind == EXPRESSION_NUMBER || steps->full)
        return;
    if (chain && e->kind != above)
        add_neighbours(steps, e);
    else if (!chain && put_value(e, &text, &value))
        add_step(steps, arena_copy(steps->arena, buffer_view(&text)));
    buffer_free(&text);
    for (int i = 0; i < e->n; i++)
        add_steps(steps, e->of[i], e->kind);
}

bool sum_steps(struct view asked, struct arena *arena, struct view *out, size_t n_out, size_t *n) {
    const struct expression *e = read_sum(asked, arena, NULL);
    struct steps steps = {arena, out, n_out, 0, false};
    if (e)
        add_steps(&steps, e, EXPRESSION_NUMBER);
    *n = steps.n;
    return !steps.full;
}
