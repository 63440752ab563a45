/* Chat templates: the source cut into text, {{ outputs }} and {% statements %} with their white
 * space rules (trim_blocks and lstrip_blocks on, as every tool that writes these templates has
 * them), and each tag cut into tokens. */
#include "model/template_lex.h"

#include <stdlib.h>
#include <string.h>

bool lex_wrong(struct parser *parser, const char *what, struct view construct) {
    fault_set(parser->fault, FAULT_INPUT, "the chat template: line %d: %s `%.*s`", parser->line,
              what, (int)(construct.n < 60 ? construct.n : 60), construct.at ? construct.at : "");
    return fault_remedy(parser->fault, "templates may use the subset of Jinja that docs name");
}

/* ------------------------------------------------------------------------- the tokens of a tag */

static bool is_name_byte(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static size_t string_end(struct view source, size_t at, size_t end) { /* after the quote, or 0 */
    char quote = source.at[at];
    for (size_t i = at + 1; i < end; i++) {
        if (source.at[i] == '\\')
            i++;
        else if (source.at[i] == quote)
            return i + 1;
    }
    return 0;
}

static bool read_token(struct parser *parser) {
    const char *text = parser->source.at;
    while (parser->at < parser->end && is_space(text[parser->at]))
        parser->line += text[parser->at++] == '\n';
    size_t start = parser->at, end = parser->end;
    if (start >= end) {
        parser->token = (struct token){TOKEN_END, VIEW("the end of the tag")};
        return true;
    }
    enum token_kind kind = TOKEN_OPERATOR;
    size_t stop = start + 1;
    char c = text[start];
    if (c == '"' || c == '\'') {
        kind = TOKEN_STRING;
        stop = string_end(parser->source, start, end);
        if (!stop)
            return lex_wrong(parser,
                             "a string does not end:", view_slice(parser->source, start, end));
    } else if (is_digit(c)) {
        kind = TOKEN_INTEGER;
        while (stop < end && is_digit(text[stop]))
            stop++;
        if (stop + 1 < end && text[stop] == '.' && is_digit(text[stop + 1])) {
            kind = TOKEN_REAL;
            for (stop++; stop < end && is_digit(text[stop]);)
                stop++;
        }
        if (stop + 1 < end && (text[stop] | 32) == 'e' &&
            (is_digit(text[stop + 1]) ||
             (stop + 2 < end && strchr("+-", text[stop + 1]) && is_digit(text[stop + 2])))) {
            kind = TOKEN_REAL;
            for (stop += 2; stop < end && is_digit(text[stop]);)
                stop++;
        }
    } else if (is_name_byte(c)) {
        kind = TOKEN_NAME;
        while (stop < end && is_name_byte(text[stop]))
            stop++;
    } else {
        static const char *const pairs[] = {"==", "!=", "<=", ">=", "//"};
        for (size_t i = 0; i < COUNT_OF(pairs) && start + 1 < end; i++)
            if (!memcmp(text + start, pairs[i], 2))
                stop = start + 2;
        if (!strchr("+-*/%~|.,:()[]{}=<>!", c) || (c == '!' && stop == start + 1))
            return lex_wrong(parser, "no template has", view_slice(parser->source, start, stop));
    }
    parser->token = (struct token){kind, view_slice(parser->source, start, stop)};
    parser->at = stop;
    return true;
}

bool lex_next(struct parser *parser) {
    if (read_token(parser))
        return true;
    /* Nothing follows a mistake: whoever goes on looking finds the end of the tag. */
    parser->token = (struct token){TOKEN_END, VIEW("the end of the tag")};
    parser->at = parser->end;
    return false;
}

bool lex_is(const struct parser *parser, const char *text) {
    return (parser->token.kind == TOKEN_OPERATOR || parser->token.kind == TOKEN_NAME) &&
           view_is(parser->token.text, text);
}

/* Takes the token if it is this one. A fault of the lexer shows up as the next thing missing. */
bool lex_take(struct parser *parser, const char *text) {
    return lex_is(parser, text) && lex_next(parser);
}

bool lex_expect(struct parser *parser, const char *text) {
    if (lex_take(parser, text))
        return true;
    char what[64];
    snprintf(what, sizeof what, "`%s` is missing before", text);
    return lex_wrong(parser, what, parser->token.text);
}

size_t lex_string(struct parser *parser, struct view quoted, char *out) {
    size_t n = 0;
    for (size_t i = 1; i + 1 < quoted.n; i++) {
        char c = quoted.at[i];
        parser->line += c == '\n';
        if (c != '\\' || i + 2 >= quoted.n) {
            out[n++] = c;
            continue;
        }
        static const char from[] = "ntr\\'\"0abfv", to[] = "\n\t\r\\'\"\0\a\b\f\v";
        c = quoted.at[++i];
        const char *found = strchr(from, c);
        char digits[5] = {0}, *stop = digits;
        if (c == 'u' && i + 5 < quoted.n)
            memcpy(digits, quoted.at + i + 1, 4);
        long point = strtol(digits, &stop, 16);
        if (found) {
            out[n++] = to[found - from];
        } else if (c == 'u' && stop == digits + 4) {
            n += utf8_encode((int32_t)point, out + n);
            i += 4;
        } else {
            out[n++] = '\\';
            out[n++] = c;
        }
    }
    return n;
}

/* ---------------- text and its tags */

static size_t tag_end(struct parser *parser, size_t at, char close) { /* of "%}" or "}}", or 0 */
    int open = 0;
    for (size_t i = at; i + 1 < parser->source.n; i++) {
        char c = parser->source.at[i];
        if (c == '"' || c == '\'') {
            i = string_end(parser->source, i, parser->source.n);
            if (!i--)
                return 0;
        } else if (c == close && parser->source.at[i + 1] == '}' && (close == '%' || open == 0)) {
            return i;
        } else if (c == '{') {
            open++;
        } else if (c == '}') {
            open--;
        }
    }
    return 0;
}

static void count_lines(struct parser *parser, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        parser->line += parser->source.at[i] == '\n';
}

/* The text up to the next tag, with the white space that the tags around it leave. */
struct view lex_text(struct parser *parser, size_t tag) {
    size_t from = parser->at, to = tag;
    const char *text = parser->source.at;
    if (parser->strip_next)
        while (from < to && is_space(text[from]))
            from++;
    else if (parser->trim_next && from < to && text[from] == '\n')
        from++;
    parser->strip_next = parser->trim_next = false;
    if (tag < parser->source.n) {
        char mark = tag + 2 < parser->source.n ? text[tag + 2] : 0;
        if (mark == '-') {
            while (to > from && is_space(text[to - 1]))
                to--;
        } else if (text[tag + 1] != '{' && mark != '+') {
            size_t start = to;
            while (start > parser->at && (text[start - 1] == ' ' || text[start - 1] == '\t'))
                start--;
            if (start == 0 || (start > parser->at && text[start - 1] == '\n') ||
                (start == parser->at && start > 0 && text[start - 1] == '\n'))
                to = start > from ? start : from;
        }
    }
    count_lines(parser, parser->at, tag);
    parser->at = tag;
    return view_slice(parser->source, from, to);
}

size_t lex_find_tag(const struct parser *parser) {
    for (size_t i = parser->at; i + 1 < parser->source.n; i++)
        if (parser->source.at[i] == '{' && strchr("{%#", parser->source.at[i + 1]))
            return i;
    return parser->source.n;
}

bool lex_comment(struct parser *parser) {
    ptrdiff_t length =
        view_find(view_slice(parser->source, parser->at, parser->source.n), VIEW("#}"));
    if (length < 0)
        return lex_wrong(parser, "a comment does not end:",
                         view_slice(parser->source, parser->at, parser->source.n));
    size_t end = parser->at + (size_t)length;
    count_lines(parser, parser->at, end);
    parser->strip_next = parser->source.at[end - 1] == '-' && length > 2;
    parser->trim_next = true;
    parser->at = end + 2;
    return true;
}

/* Enters the tag at `at`, "{%" or "{{": its first token is read. */
bool lex_open(struct parser *parser) {
    char close = parser->source.at[parser->at + 1] == '{' ? '}' : '%';
    size_t end = tag_end(parser, parser->at + 2, close);
    if (!end)
        return lex_wrong(parser, "a tag does not end:",
                         view_slice(parser->source, parser->at, parser->source.n));
    parser->at += 2;
    if (parser->at < end &&
        (parser->source.at[parser->at] == '-' || parser->source.at[parser->at] == '+'))
        parser->at++;
    parser->end = end;
    parser->strip_next = parser->trim_next = false;
    if (end > parser->at && parser->source.at[end - 1] == '-') {
        parser->strip_next = true;
        parser->end--;
    } else if (end > parser->at && parser->source.at[end - 1] == '+') {
        parser->end--;
    } else {
        parser->trim_next = close == '%';
    }
    return lex_next(parser);
}

bool lex_close(struct parser *parser) {
    if (parser->token.kind != TOKEN_END)
        return lex_wrong(parser, "this is not understood here:", parser->token.text);
    parser->at = parser->end +
                 (parser->source.at[parser->end] == '-' || parser->source.at[parser->end] == '+') +
                 2;
    return true;
}
