/* Finding formulas in Markdown, and what is broken in them. */
#include "school/course/inside.h"

#include <ctype.h>
#include <string.h>

static size_t run_of(struct view text, size_t at, char c) {
    size_t n = 0;
    while (at + n < text.n && text.at[at + n] == c)
        n++;
    return n;
}

static size_t line_end(struct view text, size_t at) {
    const char *found = memchr(text.at + at, '\n', text.n - at);
    return found ? (size_t)(found - text.at) + 1 : text.n;
}

/* A fence of code that opens at this line's start: where the block ends. 0: none. */
static size_t skip_fence(struct view text, size_t at) {
    size_t start = at;
    while (at < text.n && text.at[at] == ' ' && at - start < 3)
        at++;
    char c = at < text.n ? text.at[at] : 0;
    size_t length = c == '`' || c == '~' ? run_of(text, at, c) : 0;
    if (length < 3)
        return 0;
    for (at = line_end(text, at); at < text.n; at = line_end(text, at)) {
        size_t from = at;
        while (from < text.n && text.at[from] == ' ')
            from++;
        size_t closing = run_of(text, from, c);
        struct view rest = view_slice(text, from + closing, line_end(text, from));
        if (closing >= length && !view_trim(rest).n)
            return line_end(text, at);
    }
    return text.n;
}

/* `code`: where it ends; just behind the backticks when nothing closes them. */
static size_t skip_code(struct view text, size_t at) {
    size_t length = run_of(text, at, '`');
    for (size_t i = at + length; i < text.n; i++) {
        if (text.at[i] == '\n' && i + 1 < text.n && text.at[i + 1] == '\n')
            break;
        if (text.at[i] != '`')
            continue;
        size_t closing = run_of(text, i, '`');
        if (closing == length)
            return i + closing;
        i += closing - 1;
    }
    return at + length;
}

static bool blank_line_follows(struct view text, size_t at) {
    while (++at < text.n && text.at[at] != '\n')
        if (text.at[at] != ' ' && text.at[at] != '\t' && text.at[at] != '\r')
            return false;
    return true;
}

static bool close_formula(struct view text, size_t at, struct formula *out) {
    size_t mark = 1 + (at + 1 < text.n && text.at[at + 1] == '$');
    for (size_t i = at + mark; i < text.n; i++) {
        if (text.at[i] == '\\') {
            i++;
            continue;
        }
        if (text.at[i] == '\n' && blank_line_follows(text, i))
            return false;
        if (text.at[i] != '$')
            continue;
        if (mark == 2 && run_of(text, i, '$') < 2)
            continue;
        struct view tex = view_trim(view_slice(text, at + mark, i));
        if (!tex.n || (mark == 1 && i + 1 < text.n && isdigit((unsigned char)text.at[i + 1])))
            return false; /* "$5 and $6" are prices */
        *out = (struct formula){at, i + mark, tex, mark == 2};
        return true;
    }
    return false;
}

bool formula_next(struct view text, size_t *at, struct formula *out, ptrdiff_t *lone) {
    if (lone)
        *lone = -1;
    while (*at < text.n) {
        char c = text.at[*at];
        if (*at == 0 || text.at[*at - 1] == '\n') {
            size_t end = skip_fence(text, *at);
            if (end) {
                *at = end;
                continue;
            }
        }
        if (c == '\\')
            *at += 2;
        else if (c == '`')
            *at = skip_code(text, *at);
        else if (c != '$')
            *at += 1;
        else if (close_formula(text, *at, out)) {
            *at = out->to;
            return true;
        } else {
            if (lone && *lone < 0)
                *lone = (ptrdiff_t)*at;
            *at += run_of(text, *at, '$');
        }
    }
    return false;
}

static size_t count_commands(struct view tex, const char *name) {
    size_t n = 0, length = strlen(name);
    for (size_t i = 0; i + length < tex.n; i++) {
        if (tex.at[i] != '\\')
            continue;
        if (!memcmp(tex.at + i + 1, name, length) &&
            !(i + 1 + length < tex.n && isalpha((unsigned char)tex.at[i + 1 + length])))
            n++;
        i++;
    }
    return n;
}

const char *formula_mistake(struct view tex) {
    long depth = 0;
    for (size_t i = 0; i < tex.n; i++) {
        if (tex.at[i] == '\\') {
            i++;
            continue;
        }
        depth += (tex.at[i] == '{') - (tex.at[i] == '}');
        if (depth < 0)
            return "has a } that closes nothing";
    }
    if (depth)
        return "has a { that is not closed";
    if (count_commands(tex, "left") != count_commands(tex, "right"))
        return "has \\left and \\right that do not pair";
    if (count_commands(tex, "begin") != count_commands(tex, "end"))
        return "has \\begin and \\end that do not pair";
    return NULL;
}
