/* The filling of braces, so that what comes out reads as if it had been written by hand:
 * `+ {b}` with b = -3 becomes `- 3`, `{b}^2` becomes `(-3)^2`, `x^{n}` keeps its braces. */
#include "school/course/inside.h"

#include <ctype.h>
#include <string.h>

static char last(const struct buffer *out, size_t back) {
    return out->n > back ? out->at[out->n - 1 - back] : 0;
}

/* TeX needs its braces kept after a command, ^ and _, and after an argument so kept. */
static bool keeps_braces(const struct buffer *out, size_t kept_to) {
    char c = last(out, 0);
    if (c == '^' || c == '_' || (kept_to && kept_to == out->n))
        return true;
    size_t back = 0;
    while (isalpha((unsigned char)last(out, back)))
        back++;
    return back > 0 && last(out, back) == '\\';
}

static bool ends_with_product(const struct buffer *out) {
    size_t n = out->n;
    while (n && out->at[n - 1] == ' ')
        n--;
    struct view text = {out->at, n};
    return view_ends(text, "*") || view_ends(text, "/") || view_ends(text, "\\cdot") ||
           view_ends(text, "\\times") || view_ends(text, "\\div") || view_ends(text, "×") ||
           view_ends(text, "·");
}

/* An operand ends here, so that a sign that follows joins two. */
static bool ends_operand(struct view text) {
    while (text.n && text.at[text.n - 1] == ' ')
        text.n--;
    char c = text.n ? text.at[text.n - 1] : 0;
    return isalnum((unsigned char)c) || (c && strchr(")]}!'%", c));
}

/* Joins a sign in front with a negative value. True when it has written. */
static bool join_sign(struct view value, struct buffer *out) {
    size_t n = out->n;
    while (n && out->at[n - 1] == ' ')
        n--;
    char sign = n ? out->at[n - 1] : 0;
    if (sign != '+' && sign != '-')
        return false;
    bool binary = ends_operand((struct view){out->at, n - 1});
    if (!binary && n != out->n) /* "- {a}" at a line's start may be a list */
        return false;
    if (binary)
        out->at[n - 1] = sign == '+' ? '-' : '+';
    else
        out->at[out->n = n - 1] = 0;
    if (!binary && sign == '+')
        buffer_byte(out, '-');
    buffer_append(out, view_slice(value, 1, value.n));
    return true;
}

static void put(struct view value, bool word, char next, size_t *kept_to, struct buffer *out) {
    bool minus = !word && value.n && value.at[0] == '-';
    bool fraction = !word && memchr(value.at ? value.at : "", '/', value.n);
    bool product = ends_with_product(out), wraps = false;
    if (keeps_braces(out, *kept_to) && !(product && (minus || fraction))) {
        buffer_byte(out, '{');
        buffer_append(out, value);
        buffer_byte(out, '}');
        *kept_to = out->n;
        return;
    }
    if (minus && next != '^' && join_sign(value, out))
        return;
    wraps = (minus || fraction) && (next == '^' || product);
    if (wraps)
        buffer_byte(out, '(');
    buffer_append(out, value);
    if (wraps)
        buffer_byte(out, ')');
}

static bool fill_one(const struct scope *scope, struct view inner, char next, size_t *kept_to,
                     struct buffer *out, struct fault *fault) {
    struct value value;
    struct buffer text = {0};
    bool good = value_evaluate(scope, inner, &value, fault) && value_text(&value, &text, fault);
    if (good)
        put(buffer_view(&text), value.kind == VALUE_WORD, next, kept_to, out);
    buffer_free(&text);
    return good;
}

bool value_fill(const struct scope *scope, struct view text, struct buffer *out,
                struct fault *fault) {
    size_t kept_to = 0;
    for (size_t at = 0; at < text.n;) {
        char c = text.at[at], next = at + 1 < text.n ? text.at[at + 1] : 0;
        if (out->n > MAX_FILLED)
            return fault_set(fault, FAULT_LIMIT, "the filled text is over 64 kB");
        if ((c == '{' || c == '}') && next == c) {
            buffer_byte(out, c);
            at += 2;
        } else if (c == '}') {
            fault_set(fault, FAULT_INPUT, "a } closes nothing");
            return fault_remedy(fault, "A brace that is meant to stand there is written }}.");
        } else if (c != '{') {
            buffer_byte(out, c);
            at++;
        } else {
            size_t end = at + 1;
            while (end < text.n && text.at[end] != '}' && text.at[end] != '{')
                end++;
            if (end == text.n || text.at[end] != '}') {
                fault_set(fault, FAULT_INPUT, "a { is not closed");
                return fault_remedy(fault, "A brace that is meant to stand there is written {{.");
            }
            if (!fill_one(scope, view_slice(text, at + 1, end),
                          end + 1 < text.n ? text.at[end + 1] : 0, &kept_to, out, fault))
                return false;
            at = end + 1;
        }
    }
    return true;
}
