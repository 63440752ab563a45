/* What an answer is called before it is given: y =, f'(x) =, dL/da =, \frac{\partial L}{\partial
 * a} =.
 */
#include "school/grade/inside.h"

#include <ctype.h>
#include <string.h>

/* LaTeX and spaces that say nothing about what is named. */
static void put_bare(struct view text, struct buffer *out) {
    static const struct {
        const char *from, *to;
    } rows[] = {{"\\left", ""},         {"\\right", ""},    {"\\,", ""}, {"\\mathrm", ""},
                {"\\text", ""},         {"\\partial", "d"}, {"∂", "d"},  {"\\prime", "'"},
                {"^{\\prime}", "'"},    {"′", "'"},         {"’", "'"},  {"\\dfrac", "\\frac"},
                {"\\operatorname", ""}, {"$", ""},          {" ", ""},   {"\\(", ""}};
    for (size_t i = 0; i < text.n;) {
        struct view rest = view_slice(text, i, text.n);
        size_t row = 0;
        while (row < COUNT_OF(rows) && !view_starts(rest, rows[row].from))
            row++;
        if (row < COUNT_OF(rows)) {
            buffer_text(out, rows[row].to);
            i += strlen(rows[row].from);
        } else
            buffer_byte(out, text.at[i++]);
    }
}

/* Bytes from a bracket to the one that closes it, or 0. */
static size_t bracketed(struct view text, char open, char close) {
    int depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        depth += (text.at[i] == open) - (text.at[i] == close);
        if (!depth)
            return i ? i + 1 : 0;
    }
    return 0;
}

static size_t letters_of(struct view text) {
    size_t n = 0;
    while (n < text.n) {
        int32_t c;
        size_t used = utf8_decode(text.at + n, text.n - n, &c);
        if (unicode_class(c) != UNICODE_LETTER)
            break;
        n += used;
    }
    return n;
}

/* A name at the start, "x", "v_1", "\alpha_{max}", "speed": its bytes, and its letters. */
static size_t read_name(struct view text, struct view *letters) {
    size_t slash = view_starts(text, "\\"), brace = view_starts(text, "{");
    size_t skip = slash + brace, n = letters_of(view_slice(text, skip, text.n));
    *letters = view_slice(text, skip, skip + n);
    if (!n)
        return 0;
    size_t at = skip + n;
    if (brace && !(at < text.n && text.at[at++] == '}'))
        return 0;
    if (at < text.n && text.at[at] == '_') {
        struct view index = view_slice(text, at + 1, text.n);
        size_t used = view_starts(index, "{") ? bracketed(index, '{', '}') : 0;
        while (!view_starts(index, "{") && used < index.n &&
               isalnum((unsigned char)index.at[used]))
            used++;
        if (!used)
            return 0;
        at += 1 + used;
    }
    while (at < text.n && isdigit((unsigned char)text.at[at]))
        at++;
    return at;
}

/* "L", "f'", "P(u|q)", whole. */
static bool is_call(struct view text, struct view *letters) {
    size_t at = read_name(text, letters);
    while (at && at < text.n && text.at[at] == '\'')
        at++;
    if (at && at < text.n && text.at[at] == '(')
        at += bracketed(view_slice(text, at, text.n), '(', ')');
    return at && at == text.n;
}

/* dL/da, and \frac{dL}{da}: letters of what is derived. */
static bool is_derivative(struct view text, struct view *letters) {
    struct view above = {0}, below = {0}, ignored;
    if (view_starts(text, "\\frac{")) {
        struct view rest = view_slice(text, 5, text.n);
        size_t n = bracketed(rest, '{', '}');
        struct view next = view_slice(rest, n, rest.n);
        if (n < 3 || bracketed(next, '{', '}') != next.n || next.n < 3)
            return false;
        above = view_slice(rest, 1, n - 1);
        below = view_slice(next, 1, next.n - 1);
    } else {
        ptrdiff_t bar = view_find(text, VIEW("/"));
        if (bar < 0)
            return false;
        above = view_slice(text, 0, (size_t)bar);
        below = view_slice(text, (size_t)bar + 1, text.n);
    }
    return view_starts(above, "d") && view_starts(below, "d") &&
           is_call(view_slice(above, 1, above.n), letters) &&
           is_call(view_slice(below, 1, below.n), &ignored);
}

static bool occurs(const struct expression *key, struct view letters) {
    if (key->kind == EXPRESSION_NAME || key->kind == EXPRESSION_CALL ||
        key->kind == EXPRESSION_CONSTANT) {
        ptrdiff_t bar = view_find(key->text, VIEW("_"));
        struct view head = bar < 0 ? key->text : view_slice(key->text, 0, (size_t)bar);
        if (view_equal(head, letters))
            return true;
    }
    for (int i = 0; i < key->n; i++)
        if (occurs(key->of[i], letters))
            return true;
    return false;
}

/* One letter, or a word that cannot be a product of few: ab is a times b. */
static bool can_name(struct view letters) {
    static const char *const others[] = {"e",  "i",   "pi",   "sin", "cos", "tan", "log", "ln",
                                         "lg", "exp", "sqrt", "abs", "max", "min", "d"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (view_is(letters, others[i]))
            return false;
    return letters.n != 2 || (unsigned char)letters.at[0] >= 0x80;
}

bool answer_is_name(struct view text, const struct expression *key) {
    struct buffer bare = {0};
    struct view letters;
    put_bare(text, &bare);
    bool good =
        (is_derivative(buffer_view(&bare), &letters) || is_call(buffer_view(&bare), &letters)) &&
        can_name(letters) && !(key && occurs(key, letters));
    buffer_free(&bare);
    return good;
}

ptrdiff_t find_equal_sign(struct view text, size_t *n) {
    static const char *const signs[] = {"＝", "=", "≈", "\\approx"};
    for (size_t i = 0; i < text.n; i++)
        for (size_t k = 0; k < COUNT_OF(signs); k++)
            if (view_starts(view_slice(text, i, text.n), signs[k])) {
                *n = strlen(signs[k]);
                return i && strchr("<>!:=", text.at[i - 1]) ? -1 : (ptrdiff_t)i;
            }
    return -1;
}
