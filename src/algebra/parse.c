/* Tokens into an expression, by recursive descent with counted depth: terms, factors, powers. */
#include "algebra/parser.h"

#include <math.h>
#include <string.h>

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

bool is_mark(const struct parser *parser, char mark) {
    return parser->at->kind == TOKEN_MARK && parser->at->mark == mark;
}

bool take(struct parser *parser, char mark) {
    if (!is_mark(parser, mark))
        return false;
    parser->at++;
    return true;
}

struct expression *deeper(struct parser *parser, parse_function *parse) {
    if (++parser->depth > EXPRESSION_DEPTH) {
        fault_set(parser->fault, FAULT_LIMIT, "the formula is over %d brackets deep",
                  EXPRESSION_DEPTH);
        return NULL;
    }
    struct expression *made = parse(parser);
    parser->depth--;
    return made;
}

struct expression *gather(struct parser *parser, enum expression_kind kind,
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

struct expression *several(struct parser *parser, enum expression_kind kind, parse_function *parse,
                           bool (*more)(struct parser *)) {
    struct expression *first = parse(parser);
    struct view joint = parser->at->text;
    if (!first || !more(parser))
        return first;
    struct expression *rest = gather(parser, kind, parse(parser), parse, more);
    if (!rest)
        return NULL;
    struct expression **of = ARENA_NEW(parser->arena, (size_t)rest->n + 1, struct expression *);
    of[0] = first;
    memcpy(of + 1, rest->of, (size_t)rest->n * sizeof *of);
    rest->of = of;
    rest->n++;
    if (view_is(joint, "cup") || view_is(joint, "bigcup") || view_is(joint, "U") ||
        view_is(joint, "u"))
        rest->text = VIEW("∪");
    else if (view_is(joint, "cap") || view_is(joint, "bigcap"))
        rest->text = VIEW("∩");
    return rest;
}

struct expression *parse_group(struct parser *parser) {
    if (take(parser, '{')) {
        struct expression *inner = deeper(parser, parse_sum);
        return inner && !take(parser, '}') ? parse_fail(parser, "a } is missing") : inner;
    }
    if (parser->at->kind == TOKEN_NUMBER)
        return parse_number(parser); /* \frac12: not the power 1^… nor a mixed number */
    return deeper(parser, parse_power);
}

bool comma_more(struct parser *parser) {
    return take(parser, ',');
}
bool any_more(struct parser *parser) {
    return take(parser, ';') || take(parser, ',');
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
        if (depth == 2 && mark == '[' && token[-1].mark == '[')
            return true; /* 2[[1, 2], [3, 4]] */
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
        return token->mark == '(' || token->mark == MARK_BAR_OPEN || token->mark == MARK_FLOOR ||
               token->mark == MARK_CEIL || (token->mark == '|' && !parser->bars) ||
               (token->mark == '[' && is_group(token));
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
    if (root && is_mark(parser, '-'))
        return deeper(parser, parse_unary);
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

/* f(x), f(x, y), where f is said to be a function. */
static struct expression *parse_application(struct parser *parser) {
    struct view name = parser->at++->text;
    struct expression *made = parse_bracket(parser);
    if (!made)
        return NULL;
    if (made->kind != EXPRESSION_LIST) {
        made = is_statement(made) ? parse_fail(parser, "the function wants numbers")
                                  : parse_wrap(parser, EXPRESSION_CALL, made);
    }
    for (int i = 0; made && i < made->n; i++)
        if (is_statement(made->of[i]))
            return parse_fail(parser, "the function wants numbers");
    if (made) {
        made->kind = EXPRESSION_CALL;
        made->open_left = made->open_right = false;
        made->text = name;
    }
    return made;
}

static struct expression *parse_primary(struct parser *parser) {
    const struct token *token = parser->at;
    switch (token->kind) {
    case TOKEN_NUMBER:
        return parse_maybe_mixed(parser);
    case TOKEN_NAME:
    case TOKEN_CONSTANT: {
        if (listed(parser->options->functions, token->text) && token[1].mark == '(')
            return parse_application(parser);
        struct expression *made = parse_node(
            parser, token->kind == TOKEN_NAME ? EXPRESSION_NAME : EXPRESSION_CONSTANT, 0);
        if (made)
            made->text = token->text;
        parser->at++;
        return made;
    }
    case TOKEN_TRUTH: {
        struct expression *made = parse_node(parser, EXPRESSION_TRUTH, 0);
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
        if (token->mark == MARK_FLOOR || token->mark == MARK_CEIL)
            return parse_rounded(parser);
        if (token->mark == '<')
            return parse_angles(parser);
        break;
    default:
        break;
    }
    return parse_fail(parser, token->kind == TOKEN_END ? "the formula stops too early"
                                                       : "I expected a number or a letter here");
}

/* The complement of a set, the transpose of a matrix. */
static struct expression *apply_prime(struct parser *parser, struct expression *e) {
    if (e->kind == EXPRESSION_LIST) {
        struct expression *t = parse_node(parser, EXPRESSION_NAME, 0);
        if (t)
            t->text = VIEW("T");
        return parse_join(parser, EXPRESSION_POWER, e, t);
    }
    return is_statement(e) ? parse_wrap(parser, EXPRESSION_NOT, e)
                           : parse_fail(parser, "I can't read the ' here");
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
        else if (take(parser, '\''))
            made = apply_prime(parser, made);
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

struct expression *parse_power(struct parser *parser) {
    struct expression *base = parse_postfix(parser);
    if (!base || !take(parser, '^'))
        return base;
    if (take(parser, MARK_DEGREE)) /* 30^\circ */
        return apply_degree(parser, base);
    if (is_mark(parser, '{') && parser->at[1].mark == MARK_DEGREE && parser->at[2].mark == '}') {
        parser->at += 3;
        return apply_degree(parser, base);
    }
    if (is_mark(parser, '\'') && parser->at++) /* A^\prime */
        return apply_prime(parser, base);
    struct expression *exponent = parse_exponent(parser);
    if (!exponent)
        return NULL;
    if (is_statement(base) && base->kind != EXPRESSION_LIST && exponent->kind == EXPRESSION_NAME &&
        (view_is(exponent->text, "c") || view_is(exponent->text, "C")))
        return parse_wrap(parser, EXPRESSION_NOT, base);
    double size;
    if (rough_value(exponent, &size) && !(fabs(size) <= 10000)) {
        fault_set(parser->fault, FAULT_LIMIT, "an exponent over 10000");
        return NULL;
    }
    return parse_join(parser, EXPRESSION_POWER, base, exponent);
}

struct expression *parse_unary(struct parser *parser) {
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

static int depth_of(const struct token *token) {
    return (token->mark == '(' || token->mark == '[') - (token->mark == ')' || token->mark == ']');
}

/* The bracket that ends at `close`, or NULL; *parts: a comma or a semicolon stands in it. */
static const struct token *opening_of(const struct token *first, const struct token *close,
                                      bool *parts) {
    int depth = 0;
    *parts = false;
    for (const struct token *token = close; token >= first; token--) {
        depth -= depth_of(token);
        if (depth <= 0)
            return token < close && depth == 0 ? token : NULL;
        *parts = *parts || (depth == 1 && (token->mark == ',' || token->mark == ';'));
    }
    return NULL;
}

/* What opens here can be an interval or a set. */
static bool starts_interval(const struct token *token) {
    int depth = 0;
    if (token->mark == MARK_SET_OPEN)
        return true;
    for (; token->kind != TOKEN_END; token++) {
        depth += depth_of(token);
        if (depth == 1 && (token->mark == ',' || token->mark == ';'))
            return true;
        if (depth <= 0)
            return false;
    }
    return false;
}

/* "(1)U(2)" is a product with U, and so is f(x,y)u(z), whose brackets hold what f is of; between
 * intervals it is the sign of union as people type it. */
static bool union_at(const struct token *first, const struct token *token) {
    bool small = view_is(token->text, "u");
    if (token == first || token->kind != TOKEN_NAME || !opens(token + 1) ||
        (!small && !view_is(token->text, "U")) ||
        !(token[-1].mark == ')' || token[-1].mark == ']' || token[-1].mark == '['))
        return false;
    bool parts;
    const struct token *open = opening_of(first, token - 1, &parts);
    if (open && open > first) {
        const struct token *before = open - 1;
        if (before->kind == TOKEN_FUNCTION ||
            (before->kind == TOKEN_NAME && !open->spaced && !union_at(first, before)))
            return false;
    }
    return small ? open && parts && starts_interval(token + 1)
                 : token->spaced || token[-1].mark != ')' || (open && parts);
}

bool is_union(const struct parser *parser) {
    return union_at(parser->first, parser->at);
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

struct expression *as_taken(struct parser *parser, struct expression *right) {
    return right && !is_statement(right) && right->kind != EXPRESSION_NAME
               ? parse_wrap(parser, EXPRESSION_SET, right)
               : right;
}

struct expression *parse_sum(struct parser *parser) {
    struct expression *made = parse_product(parser);
    while (made) {
        if (take(parser, '+'))
            made = parse_join(parser, EXPRESSION_SUM, made, parse_product(parser));
        else if (take(parser, '-')) {
            struct expression *right = parse_product(parser);
            bool sets = right && (made->kind == EXPRESSION_SET || right->kind == EXPRESSION_SET);
            made = sets ? parse_join(parser, EXPRESSION_WITHOUT, made, as_taken(parser, right))
                        : parse_join(parser, EXPRESSION_SUM, made,
                                     parse_wrap(parser, EXPRESSION_NEGATE, right));
        } else if (is_mark(parser, MARK_PLUS_MINUS)) {
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
