/* Numbers: decimals, powers of ten, mixed numbers. */
#include "algebra/parser.h"

#include <stdlib.h>
#include <string.h>

struct expression *parse_number(struct parser *parser) {
    struct view text = parser->at->text;
    struct expression *made = parse_node(parser, EXPRESSION_NUMBER, 0);
    if (!made)
        return NULL;
    if (text.n > 400) {
        fault_set(parser->fault, FAULT_LIMIT, "a number of over 400 digits");
        return NULL;
    }
    char *digits = ARENA_NEW(parser->arena, text.n + 2, char);
    size_t n = 0, i = 0;
    bool fraction = false;
    for (; i < text.n && text.at[i] != 'e' && text.at[i] != 'E'; i++) {
        if (text.at[i] == '.' || text.at[i] == ',') {
            fraction = true;
            continue;
        }
        if (n || text.at[i] != '0')
            digits[n++] = text.at[i];
        made->exponent -= fraction;
    }
    if (i < text.n) {
        long exponent =
            strtol(arena_string(parser->arena, view_slice(text, i + 1, text.n)), NULL, 10);
        if (labs(exponent) > 400) {
            fault_set(parser->fault, FAULT_LIMIT, "a power of ten over 400");
            return NULL;
        }
        made->exponent += (int)exponent;
    }
    while (n && made->exponent < 0 && digits[n - 1] == '0')
        n--, made->exponent++;
    if (!n)
        digits[n++] = '0', made->exponent = 0;
    made->text = (struct view){digits, n};
    parser->at++;
    return made;
}

static bool is_whole_token(const struct token *token) {
    return token->kind == TOKEN_NUMBER && view_find(token->text, VIEW(".")) < 0 &&
           view_find(token->text, VIEW(",")) < 0 && view_find(token->text, VIEW("e")) < 0;
}

/* The tokens of a proper fraction in LaTeX that follows: {1}{2} or 12. */
static bool is_proper_fraction(const struct token *token, struct view *above, struct view *below,
                               int *n) {
    const struct token *at = token + 1;
    if (token->kind != TOKEN_FRAC || !view_is(token->text, "frac"))
        return false;
    for (int i = 0; i < 2; i++) {
        bool braced = at->mark == '{';
        at += braced;
        if (!is_whole_token(at))
            return false;
        *(i ? below : above) = at++->text;
        if (braced && at++->mark != '}')
            return false;
    }
    *n = (int)(at - token);
    return above->n < below->n ||
           (above->n == below->n && memcmp(above->at, below->at, above->n) < 0);
}

struct expression *parse_maybe_mixed(struct parser *parser) {
    const struct token *token = parser->at;
    struct view above = VIEW(""), below = VIEW("");
    int n = 3;
    if (!is_whole_token(token) || token[-1].mark == '^' || token[-1].mark == '_')
        return parse_number(parser);
    if (is_whole_token(token + 1) && token[1].spaced && token[2].mark == '/' &&
        is_whole_token(token + 3))
        above = token[1].text, below = token[3].text;
    else if (!is_proper_fraction(token + 1, &above, &below, &n))
        return parse_number(parser);
    struct expression *whole = parse_number(parser);
    const struct token parts[2] = {{.kind = TOKEN_NUMBER, .text = above},
                                   {.kind = TOKEN_NUMBER, .text = below}};
    const struct token *after = parser->at + n;
    parser->at = parts;
    struct expression *over = parse_number(parser);
    struct expression *under = over ? parse_number(parser) : NULL;
    parser->at = after;
    return parse_join(parser, EXPRESSION_SUM, whole,
                      parse_join(parser, EXPRESSION_DIVIDE, over, under));
}
