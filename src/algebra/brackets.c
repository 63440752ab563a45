/* What stands in brackets: intervals, vectors, sets, matrices, absolute values. */
#include "algebra/parser.h"

#include <string.h>

static struct expression *parse_items(struct parser *parser) {
    return gather(parser, EXPRESSION_COMMA, deeper(parser, parse_relation), parse_relation,
                  any_more);
}

static bool parts_items(char mark) {
    return mark == ',' || mark == ';';
}

struct expression *parse_bracket(struct parser *parser) {
    char opened = parser->at->mark;
    bool round = opened != '[';
    char before = parser->at[-1].mark;
    parser->at++;
    struct expression *inner = NULL;
    int bars = parser->bars;
    parser->bars = 0;
    inner = deeper(parser, parse_statement);
    parser->bars = bars;
    if (!inner)
        return NULL;
    bool right = is_mark(parser, ')') || is_mark(parser, '['); /* ]1;3[ */
    if (!right && !is_mark(parser, ']'))
        return parse_fail(parser, round ? "a ) is missing" : "a ] is missing");
    char closed = parser->at++->mark;
    if (inner->kind == EXPRESSION_LIST && view_is(inner->text, "matrix") && !round && !right)
        return inner; /* \\left[\\begin{array} */
    if (inner->kind != EXPRESSION_COMMA) {
        if (round != right || opened == ']' || closed == '[')
            return parse_fail(parser, "the brackets don't match");
        char after = parser->at->mark;
        bool row = (parts_items(before) || before == '[') &&
                   (parts_items(after) || after == ']'); /* [[1], [2]] */
        if (!round && (row || inner->kind == EXPRESSION_LIST))
            return parse_wrap(parser, EXPRESSION_LIST, inner);
        return inner; /* [x+1] as a bracket */
    }
    inner->kind = EXPRESSION_LIST;
    inner->open_left = round;
    inner->open_right = right;
    return inner;
}

/* The bar of {x | …}, {x ∈ R : …}, {(x, y) | …}; NULL when there is none. */
static const struct token *such_that(const struct token *token) {
    const struct token *first = token;
    bool tuple = token->mark == '(';
    if (token->kind != TOKEN_NAME && !tuple)
        return NULL;
    for (int depth = 0; token->kind != TOKEN_END; token++) {
        char mark = token->kind == TOKEN_MARK ? token->mark : 0;
        bool bar = mark == '|' || mark == MARK_SUCH_THAT || view_is(token->text, ":");
        if (!depth && bar)
            return token == first + 1 || tuple || view_is(first[1].text, "in") ? token : NULL;
        depth += mark == '(' || mark == '[' || mark == '{' || mark == MARK_SET_OPEN;
        depth -= mark == ')' || mark == ']' || mark == '}' || mark == MARK_SET_CLOSE;
        if (depth < 0 || (!depth && token != first && mark == ',') ||
            (tuple && !depth && mark != ')'))
            return NULL;
    }
    return NULL;
}

static struct expression *parse_such_that(struct parser *parser, const struct token *bar,
                                          char close) {
    const struct token *name = parser->at;
    struct expression *domain = NULL;
    if (name->kind == TOKEN_NAME && bar > name + 1 && !view_is(name[2].text, "R")) {
        int bars = parser->bars;
        parser->bars = 1;
        domain = deeper(parser, parse_relation);
        parser->bars = bars;
        if (!domain || parser->at != bar)
            return parse_fail(parser, "I can't read where the set comes from");
    }
    parser->at = bar + 1;
    struct expression *made = deeper(parser, parse_statement);
    if (made && !take(parser, close))
        return parse_fail(parser, "a } is missing");
    return domain ? parse_join(parser, EXPRESSION_AND, domain, made) : made;
}

struct expression *parse_set(struct parser *parser, char close) {
    parser->at++;
    if (take(parser, close))
        return parse_node(parser, EXPRESSION_SET, 0);
    const struct token *bar = such_that(parser->at);
    if (bar)
        return parse_such_that(parser, bar, close);
    bool system = parser->at->kind == TOKEN_MATRIX && view_is(parser->at->text, "system");
    struct expression *items = parse_items(parser);
    if (system && items && items->n == 1 && parser->at->kind == TOKEN_END)
        return items->of[0]; /* \\left\\{ before a system */
    if (items && !take(parser, close))
        return parse_fail(parser, "a } is missing");
    if (items && items->n == 1 && close == '}' && (parser->latex || is_mark(parser, '^')))
        return items->of[0];
    if (items)
        items->kind = EXPRESSION_SET;
    return items;
}

/* One part alone is no list of them. */
static struct expression *single(struct expression *made) {
    return made && made->n == 1 ? made->of[0] : made;
}

static bool matrix_more(struct parser *parser) {
    return take(parser, '&');
}
static bool row_more(struct parser *parser) {
    if (parser->at->kind != TOKEN_ROW || parser->at[1].kind == TOKEN_MATRIX_END)
        return false;
    parser->at++;
    return true;
}
static struct expression *parse_row(struct parser *parser) {
    return gather(parser, EXPRESSION_LIST, parse_sum(parser), parse_sum, matrix_more);
}
struct expression *parse_matrix(struct parser *parser) {
    bool system = view_is(parser->at->text, "system"), det = view_is(parser->at->text, "det");
    parse_function *row = system ? parse_commas : parse_row;
    parser->at++;
    struct expression *rows = gather(parser, system ? EXPRESSION_AND : EXPRESSION_LIST,
                                     deeper(parser, row), row, row_more);
    if (rows && parser->at->kind == TOKEN_ROW)
        parser->at++;
    if (rows && parser->at->kind != TOKEN_MATRIX_END)
        return parse_fail(parser, "\\end{…} is missing");
    if (rows)
        parser->at++;
    if (rows && !system)
        rows->text = VIEW("matrix");
    return system ? single(rows) : det ? parse_call(parser, "det", rows) : rows;
}

/* Within \left| the ends are known; within | the next | is the end. */
struct expression *parse_bars(struct parser *parser) {
    bool known = parser->at++->mark == MARK_BAR_OPEN;
    int bars = parser->bars;
    parser->bars = known ? 0 : bars + 1;
    struct expression *inner = deeper(parser, parse_sum);
    parser->bars = bars;
    if (inner && !take(parser, known ? MARK_BAR_CLOSE : '|'))
        return parse_fail(parser, "a | is missing");
    return parse_call(parser, "abs", inner);
}

/* ⌊x⌋, ⌈x⌉ */
struct expression *parse_rounded(struct parser *parser) {
    bool down = parser->at++->mark == MARK_FLOOR;
    struct expression *inner = deeper(parser, parse_sum);
    if (inner && !take(parser, down ? MARK_FLOOR_END : MARK_CEIL_END))
        return parse_fail(parser, "the end of the bracket is missing");
    return parse_call(parser, down ? "floor" : "ceil", inner);
}

/* <1, 2> */
struct expression *parse_angles(struct parser *parser) {
    parser->at++;
    struct expression *made =
        gather(parser, EXPRESSION_LIST, deeper(parser, parse_sum), parse_sum, any_more);
    if (made && (made->n < 2 || !take(parser, '>')))
        return parse_fail(parser, "a > is missing");
    if (made)
        made->open_left = made->open_right = true;
    return made;
}
