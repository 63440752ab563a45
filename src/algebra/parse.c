/* Tokens into an expression, by recursive descent with counted depth. */
#include "algebra/parser.h"

#include <math.h>
#include <string.h>

typedef struct expression *parse_function(struct parser *);
static parse_function parse_statement, parse_commas, parse_relation, parse_sum, parse_unary,
    parse_power;

struct expression *parse_fail(struct parser *parser, const char *message) {
    fault_set(parser->fault, FAULT_INPUT, "%s", message);
    fault_place(parser->fault, NULL, 0, (int64_t)parser->at->byte);
    return NULL;
}

struct expression *parse_node(struct parser *parser, enum expression_kind kind, int n) {
    if (++parser->nodes > EXPRESSION_NODES) {
        fault_set(parser->fault, FAULT_LIMIT, "the formula has over %d parts", EXPRESSION_NODES);
        return NULL;
    }
    return expression_new(parser->arena, kind, n);
}

/* What may be added and multiplied: a value or a vector. */
static bool is_operand(const struct expression *e) {
    return !is_statement(e) || e->kind == EXPRESSION_LIST;
}

struct expression *parse_join(struct parser *parser, enum expression_kind kind,
                              struct expression *a, struct expression *b) {
    if (a && b && kind < EXPRESSION_RELATION && (!is_operand(a) || !is_operand(b)))
        return parse_fail(parser, "I expected a number or a letter, not a statement");
    struct expression *made = a && b ? parse_node(parser, kind, 2) : NULL;
    if (made)
        made->of[0] = a, made->of[1] = b;
    return made;
}

struct expression *parse_wrap(struct parser *parser, enum expression_kind kind,
                              struct expression *a) {
    if (a && kind < EXPRESSION_RELATION && !is_operand(a))
        return parse_fail(parser, "I expected a number or a letter, not a statement");
    struct expression *made = a ? parse_node(parser, kind, 1) : NULL;
    if (made)
        made->of[0] = a;
    return made;
}

struct expression *parse_call(struct parser *parser, const char *name, struct expression *a) {
    struct expression *made = parse_wrap(parser, EXPRESSION_CALL, a);
    if (made)
        made->text = view_of(name);
    return made;
}

static bool is_mark(const struct parser *parser, char mark) {
    return parser->at->kind == TOKEN_MARK && parser->at->mark == mark;
}

static bool take(struct parser *parser, char mark) {
    if (!is_mark(parser, mark))
        return false;
    parser->at++;
    return true;
}

static struct expression *deeper(struct parser *parser, parse_function *parse) {
    if (++parser->depth > EXPRESSION_DEPTH) {
        fault_set(parser->fault, FAULT_LIMIT, "the formula is over %d brackets deep",
                  EXPRESSION_DEPTH);
        return NULL;
    }
    struct expression *made = parse(parser);
    parser->depth--;
    return made;
}

/* Children gathered from `first` on, each by `parse`, while `more` says so. */
static struct expression *gather(struct parser *parser, enum expression_kind kind,
                                 struct expression *first, parse_function *parse,
                                 bool (*more)(struct parser *)) {
    struct expression **of = NULL;
    int n = 0, room = 0;
    for (struct expression *one = first;; one = parse(parser)) {
        if (!one || n >= EXPRESSION_NODES)
            return NULL;
        if (n == room) {
            struct expression **wider =
                ARENA_NEW(parser->arena, (size_t)(room = room * 2 + 4), struct expression *);
            if (of)
                memcpy(wider, of, (size_t)n * sizeof *of);
            of = wider;
        }
        of[n++] = one;
        if (!more(parser))
            break;
    }
    struct expression *made = parse_node(parser, kind, 0);
    if (made)
        made->n = n, made->of = of;
    return made;
}

/* After ^ or _ or \frac: {…}, or one token. */
static struct expression *parse_group(struct parser *parser) {
    if (take(parser, '{')) {
        struct expression *inner = deeper(parser, parse_sum);
        return inner && !take(parser, '}') ? parse_fail(parser, "a } is missing") : inner;
    }
    if (parser->at->kind == TOKEN_NUMBER)
        return parse_number(parser); /* \frac12: not the power 1^… nor a mixed number */
    return deeper(parser, parse_power);
}

static bool comma_more(struct parser *parser) {
    return take(parser, ';') || take(parser, ',');
}

static struct expression *parse_items(struct parser *parser) {
    return gather(parser, EXPRESSION_COMMA, deeper(parser, parse_relation), parse_relation,
                  comma_more);
}

static bool is_item_end(char mark) {
    return mark == '[' || mark == ',' || mark == ';' || mark == ']';
}

static struct expression *parse_bracket(struct parser *parser) {
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
    if (inner->kind != EXPRESSION_COMMA) {
        if (round != right || opened == ']' || closed == '[')
            return parse_fail(parser, "the brackets don't match");
        bool row = is_item_end(before) && is_item_end(parser->at->mark); /* [[1], [2]] */
        if (!round && (row || inner->kind == EXPRESSION_LIST))
            return parse_wrap(parser, EXPRESSION_LIST, inner);
        return inner; /* [x+1] as a bracket */
    }
    inner->kind = EXPRESSION_LIST;
    inner->open_left = round;
    inner->open_right = right;
    return inner;
}

static struct expression *parse_set(struct parser *parser, char close) {
    parser->at++;
    if (take(parser, close))
        return parse_node(parser, EXPRESSION_SET, 0);
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
static struct expression *parse_matrix(struct parser *parser) {
    bool system = view_is(parser->at->text, "system");
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
    return system ? single(rows) : rows;
}

/* [x+1] as a bracket, and not the end of ]1;3[. */
static bool is_group(const struct token *token) {
    int depth = 0;
    for (; token->kind != TOKEN_END; token++) {
        char mark = token->kind == TOKEN_MARK ? token->mark : 0;
        depth += mark == '(' || mark == '[' || mark == '{';
        depth -= mark == ')' || mark == ']' || mark == '}';
        if (!depth)
            return mark == ']' && token[-1].mark != '[';
        if ((depth == 1 && (mark == ',' || mark == ';')) || token->kind == TOKEN_OR ||
            (token->kind == TOKEN_NAME && view_is(token->text, "U")))
            return false;
    }
    return false;
}

static bool starts_factor(const struct parser *parser) {
    const struct token *token = parser->at;
    switch (token->kind) {
    case TOKEN_NUMBER:
    case TOKEN_NAME:
    case TOKEN_CONSTANT:
    case TOKEN_FUNCTION:
    case TOKEN_FRAC:
    case TOKEN_MATRIX:
        return true;
    case TOKEN_MARK:
        return token->mark == '(' || token->mark == MARK_BAR_OPEN ||
               (token->mark == '|' && !parser->bars) || (token->mark == '[' && is_group(token));
    default:
        return false;
    }
}

/* sin 2x y: the argument without brackets is the product that follows, up to a function. */
static struct expression *parse_bare_argument(struct parser *parser) {
    if (is_mark(parser, '-'))
        return parse_unary(parser);
    struct expression *made = parse_power(parser);
    while (made && starts_factor(parser) && parser->at->kind != TOKEN_FUNCTION &&
           !is_mark(parser, '('))
        made = parse_join(parser, EXPRESSION_PRODUCT, made, parse_power(parser));
    return made;
}

static struct expression *parse_argument(struct parser *parser, bool root) {
    if (is_mark(parser, '('))
        return parse_bracket(parser);
    if (is_mark(parser, '{'))
        return parse_group(parser);
    return root ? deeper(parser, parse_power) : deeper(parser, parse_bare_argument);
}

static struct expression *parse_function_call(struct parser *parser) {
    struct view name = parser->at->text;
    bool root = view_is(name, "sqrt") || view_is(name, "cbrt");
    struct expression *index = NULL, *power = NULL;
    parser->at++;
    if (take(parser, '_') && !(index = parse_group(parser)))
        return NULL;
    if (root && take(parser, '[')) {
        index = deeper(parser, parse_sum);
        if (!index || !take(parser, ']'))
            return parse_fail(parser, "a ] is missing");
    }
    if (take(parser, '^')) {
        bool minus = take(parser, '-');
        power = parse_group(parser);
        power = minus ? parse_wrap(parser, EXPRESSION_NEGATE, power) : power;
        if (!power)
            return NULL;
        name = inverse_of(parser, name, &power);
    }
    struct expression *made = apply_function(parser, name, index, parse_argument(parser, root));
    return power && made ? parse_join(parser, EXPRESSION_POWER, made, power) : made;
}

/* Within \left| the ends are known; within | the next | is the end. */
static struct expression *parse_bars(struct parser *parser) {
    bool known = parser->at++->mark == MARK_BAR_OPEN;
    int bars = parser->bars;
    parser->bars = known ? 0 : bars + 1;
    struct expression *inner = deeper(parser, parse_sum);
    parser->bars = bars;
    if (inner && !take(parser, known ? MARK_BAR_CLOSE : '|'))
        return parse_fail(parser, "a | is missing");
    return parse_call(parser, "abs", inner);
}

static struct expression *parse_primary(struct parser *parser) {
    const struct token *token = parser->at;
    switch (token->kind) {
    case TOKEN_NUMBER:
        return parse_maybe_mixed(parser);
    case TOKEN_NAME:
    case TOKEN_CONSTANT: {
        struct expression *made = parse_node(
            parser, token->kind == TOKEN_NAME ? EXPRESSION_NAME : EXPRESSION_CONSTANT, 0);
        if (made)
            made->text = token->text;
        parser->at++;
        return made;
    }
    case TOKEN_FUNCTION:
        return parse_function_call(parser);
    case TOKEN_FRAC: {
        parser->at++;
        struct expression *above = parse_group(parser);
        struct expression *below = above ? parse_group(parser) : NULL;
        return view_is(token->text, "binom") ? apply_binomial(parser, above, below)
                                             : parse_join(parser, EXPRESSION_DIVIDE, above, below);
    }
    case TOKEN_MATRIX:
        return parse_matrix(parser);
    case TOKEN_MARK:
        if (token->mark == '(' || token->mark == '[' || token->mark == ']')
            return parse_bracket(parser);
        if (token->mark == '{' || token->mark == MARK_SET_OPEN)
            return parse_set(parser, token->mark == '{' ? '}' : MARK_SET_CLOSE);
        if (token->mark == '|' || token->mark == MARK_BAR_OPEN)
            return parse_bars(parser);
        break;
    default:
        break;
    }
    return parse_fail(parser, token->kind == TOKEN_END ? "the formula stops too early"
                                                       : "I expected a number or a letter here");
}

static struct expression *parse_postfix(struct parser *parser) {
    struct expression *made = parse_primary(parser);
    for (int n = 0; made; n++) {
        if (n > 8)
            return parse_fail(parser, "too many signs after one another");
        if (take(parser, '!'))
            made = parse_call(parser, "factorial", made);
        else if (take(parser, '%'))
            made = parse_join(parser, EXPRESSION_DIVIDE, made, parse_digits(parser, "100"));
        else if (take(parser, MARK_DEGREE))
            made = apply_degree(parser, made);
        else
            break;
    }
    return made;
}

static struct expression *parse_exponent(struct parser *parser) {
    if (is_mark(parser, '{'))
        return parse_group(parser);
    if (take(parser, '-'))
        return parse_wrap(parser, EXPRESSION_NEGATE, deeper(parser, parse_power));
    take(parser, '+');
    return deeper(parser, parse_power);
}

static struct expression *parse_power(struct parser *parser) {
    struct expression *base = parse_postfix(parser);
    if (!base || !take(parser, '^'))
        return base;
    if (take(parser, MARK_DEGREE)) /* 30^\circ */
        return apply_degree(parser, base);
    if (is_mark(parser, '{') && parser->at[1].mark == MARK_DEGREE && parser->at[2].mark == '}') {
        parser->at += 3;
        return apply_degree(parser, base);
    }
    struct expression *exponent = parse_exponent(parser);
    if (!exponent)
        return NULL;
    double size;
    if (rough_value(exponent, &size) && !(fabs(size) <= 10000)) {
        fault_set(parser->fault, FAULT_LIMIT, "an exponent over 10000");
        return NULL;
    }
    return parse_join(parser, EXPRESSION_POWER, base, exponent);
}

static struct expression *parse_unary(struct parser *parser) {
    if (take(parser, '-'))
        return parse_wrap(parser, EXPRESSION_NEGATE, deeper(parser, parse_unary));
    if (take(parser, '+'))
        return deeper(parser, parse_unary);
    if (take(parser, MARK_PLUS_MINUS))
        return parse_wrap(parser, EXPRESSION_PLUS_MINUS, deeper(parser, parse_unary));
    return parse_power(parser);
}

static bool opens(const struct token *token) {
    return token->mark == '(' || token->mark == '[' || token->mark == ']' ||
           token->mark == MARK_SET_OPEN;
}

/* (1,2) U [3,4) */
static bool is_union(const struct parser *parser) {
    const struct token *token = parser->at;
    return token->kind == TOKEN_NAME && view_is(token->text, "U") &&
           (token[-1].mark == ')' || token[-1].mark == ']' || token[-1].mark == '[') &&
           opens(token + 1) && (token->spaced || token[-1].mark != ')');
}

static struct expression *parse_product(struct parser *parser) {
    struct expression *made = parse_unary(parser);
    while (made) {
        if (parser->at->kind == TOKEN_FUNCTION && view_is(parser->at->text, "mod")) {
            parser->at++; /* 7 mod 3 */
            made = parse_join(parser, EXPRESSION_CALL, made, parse_unary(parser));
            if (made && (is_statement(made->of[0]) || is_statement(made->of[1])))
                return parse_fail(parser, "mod wants numbers");
            if (made)
                made->text = VIEW("mod");
        } else if (is_union(parser))
            break;
        else if (take(parser, '*'))
            made = parse_join(parser, EXPRESSION_PRODUCT, made, parse_unary(parser));
        else if (take(parser, '/'))
            made = parse_join(parser, EXPRESSION_DIVIDE, made, parse_unary(parser));
        else if (starts_factor(parser)) {
            if (parser->at->kind == TOKEN_NUMBER && parser->at[-1].kind == TOKEN_NUMBER)
                return parse_fail(parser, "there is no sign between two numbers");
            made = parse_join(parser, EXPRESSION_PRODUCT, made, parse_power(parser));
        } else
            break;
    }
    return made;
}

static struct expression *parse_sum(struct parser *parser) {
    struct expression *made = parse_product(parser);
    while (made) {
        if (take(parser, '+'))
            made = parse_join(parser, EXPRESSION_SUM, made, parse_product(parser));
        else if (take(parser, '-'))
            made = parse_join(parser, EXPRESSION_SUM, made,
                              parse_wrap(parser, EXPRESSION_NEGATE, parse_product(parser)));
        else if (is_mark(parser, MARK_PLUS_MINUS)) {
            struct view typed = parser->at++->text; /* 3+-2 may be 3 + (-2): see compare */
            struct expression *both =
                parse_wrap(parser, EXPRESSION_PLUS_MINUS, parse_product(parser));
            if (both)
                both->text = typed;
            made = parse_join(parser, EXPRESSION_SUM, made, both);
        } else
            break;
    }
    return made;
}

static bool take_relation(struct parser *parser, enum expression_relation *relation) {
    static const struct {
        char mark;
        enum expression_relation relation;
    } marks[] = {{'=', EQUAL},   {MARK_NOT_EQUAL, NOT_EQUAL},
                 {'<', LESS},    {MARK_LESS_EQUAL, LESS_EQUAL},
                 {'>', GREATER}, {MARK_GREATER_EQUAL, GREATER_EQUAL}};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (take(parser, marks[i].mark)) {
            *relation = marks[i].relation;
            return true;
        }
    return false;
}

static struct expression *parse_relation(struct parser *parser) {
    struct expression *left = parse_sum(parser), *all = NULL;
    enum expression_relation relation;
    while (left && take_relation(parser, &relation)) {
        struct expression *right = parse_sum(parser);
        struct expression *one = parse_join(parser, EXPRESSION_RELATION, left, right);
        if (!one)
            return NULL;
        one->relation = relation;
        all = all ? parse_join(parser, EXPRESSION_AND, all, one) : one;
        if (!all)
            return NULL;
        left = right;
    }
    return left && all ? all : left;
}

static bool or_more(struct parser *parser) {
    if (parser->at->kind != TOKEN_OR && !is_union(parser))
        return false;
    parser->at++;
    return true;
}
static bool and_more(struct parser *parser) {
    return parser->at->kind == TOKEN_AND && parser->at++;
}
static struct expression *parse_commas(struct parser *parser) {
    return single(
        gather(parser, EXPRESSION_COMMA, parse_relation(parser), parse_relation, comma_more));
}
static struct expression *parse_and(struct parser *parser) {
    return single(gather(parser, EXPRESSION_AND, parse_commas(parser), parse_commas, and_more));
}
static struct expression *parse_statement(struct parser *parser) {
    return single(gather(parser, EXPRESSION_OR, parse_and(parser), parse_and, or_more));
}

struct expression *expression_parse(struct arena *arena, struct view text,
                                    const struct parse_options *options, struct fault *fault) {
    static const struct parse_options none = {0};
    if (text.n > EXPRESSION_BYTES) {
        fault_set(fault, FAULT_LIMIT, "the formula is over %d bytes long", EXPRESSION_BYTES);
        return NULL;
    }
    text = view_trim(text);
    if (!text.n) {
        fault_set(fault, FAULT_INPUT, "there is no formula");
        return NULL;
    }
    struct parser parser = {.arena = arena,
                            .options = options ? options : &none,
                            .fault = fault,
                            .latex = view_find(text, VIEW("\\")) >= 0};
    const struct token *tokens = lex(arena, text, parser.options, fault);
    if (!tokens)
        return NULL;
    parser.at = tokens;
    struct expression *made = parse_statement(&parser);
    if (made && parser.at->kind != TOKEN_END)
        return parse_fail(&parser, "I can't read the formula from here on");
    return made;
}
