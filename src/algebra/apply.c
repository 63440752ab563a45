/* Functions of arguments: logarithms of any base, roots of any degree, inverses. */
#include "algebra/parser.h"

#include <math.h>

struct expression *parse_digits(struct parser *parser, const char *digits) {
    struct expression *made = parse_node(parser, EXPRESSION_NUMBER, 0);
    if (made)
        made->text = view_of(digits);
    return made;
}

struct expression *parse_constant(struct parser *parser, const char *name) {
    struct expression *made = parse_node(parser, EXPRESSION_CONSTANT, 0);
    if (made)
        made->text = view_of(name);
    return made;
}

static struct expression *logarithm(struct parser *parser, struct expression *base,
                                    struct expression *argument) {
    return parse_join(parser, EXPRESSION_DIVIDE, parse_call(parser, "ln", argument),
                      parse_call(parser, "ln", base));
}

/* Odd roots of negative numbers are negative; x^(1/3) is not asked to be so. */
static struct expression *root(struct parser *parser, struct expression *index,
                               struct expression *argument) {
    double degree = 0;
    bool whole = rough_value(index, &degree) && degree == floor(degree);
    if (degree == 2 || degree == 3)
        return parse_call(parser, degree == 2 ? "sqrt" : "cbrt", argument);
    struct expression *part =
        parse_join(parser, EXPRESSION_DIVIDE, parse_digits(parser, "1"), index);
    if (!whole || fmod(degree, 2) == 0)
        return parse_join(parser, EXPRESSION_POWER, argument, part);
    return parse_join(
        parser, EXPRESSION_PRODUCT, parse_call(parser, "sign", argument),
        parse_join(parser, EXPRESSION_POWER, parse_call(parser, "abs", argument), part));
}

struct view inverse_of(struct parser *parser, struct view name, struct expression **power) {
    const struct expression *e = *power;
    bool minus_one = e->kind == EXPRESSION_NEGATE && e->of[0]->kind == EXPRESSION_NUMBER &&
                     view_is(e->of[0]->text, "1");
    struct view inverse = view_of(arena_format(parser->arena, "a%.*s", VIEW_ARG(name)));
    if (!minus_one || !is_function_name(inverse))
        return name;
    *power = NULL;
    return inverse;
}

struct expression *apply_binomial(struct parser *parser, struct expression *n,
                                  struct expression *k) {
    struct expression *rest =
        parse_join(parser, EXPRESSION_SUM, n, parse_wrap(parser, EXPRESSION_NEGATE, k));
    return parse_join(parser, EXPRESSION_DIVIDE, parse_call(parser, "factorial", n),
                      parse_join(parser, EXPRESSION_PRODUCT, parse_call(parser, "factorial", k),
                                 parse_call(parser, "factorial", rest)));
}

struct expression *apply_degree(struct parser *parser, struct expression *e) {
    return parse_join(parser, EXPRESSION_PRODUCT, e,
                      parse_join(parser, EXPRESSION_DIVIDE, parse_constant(parser, "pi"),
                                 parse_digits(parser, "180")));
}

static struct expression *apply_many(struct parser *parser, struct view name,
                                     struct expression *argument) {
    if (argument->kind != EXPRESSION_LIST || (view_is(name, "mod") && argument->n != 2))
        return parse_fail(parser, "the function has the wrong number of arguments");
    for (int i = 0; i < argument->n; i++)
        if (is_statement(argument->of[i]))
            return parse_fail(parser, "the function wants numbers");
    argument->kind = EXPRESSION_CALL;
    argument->text = name;
    argument->open_left = argument->open_right = false;
    return argument;
}

/* det(A), transpose(A), dot(u, v), …: what they give is reckoned when they are compared. */
static struct expression *apply_to_lists(struct parser *parser, struct view name,
                                         struct expression *argument) {
    bool two = view_is(name, "dot") || view_is(name, "cross");
    if (view_is(name, "matrix") || view_is(name, "Matrix") || view_is(name, "vector"))
        return argument;
    if (two && (argument->kind != EXPRESSION_LIST || argument->n != 2))
        return parse_fail(parser, "the function has the wrong number of arguments");
    if (is_statement(argument) && argument->kind != EXPRESSION_LIST)
        return parse_fail(parser, "the function wants a vector or a matrix");
    struct expression *made = parse_node(parser, EXPRESSION_CALL, two ? 2 : 1);
    if (!made)
        return NULL;
    made->text = view_is(name, "inv") ? VIEW("inverse") : name;
    made->of[0] = two ? argument->of[0] : argument;
    if (two)
        made->of[1] = argument->of[1];
    return made;
}

static const struct {
    const char *name, *of; /* name(x) is of(1/x) */
} of_reciprocal[] = {{"asec", "acos"}, {"acsc", "asin"}, {"asech", "acosh"}, {"acsch", "asinh"}};

/* ln((x + 1)/(x - 1))/2 */
static struct expression *apply_acoth(struct parser *parser, struct expression *x) {
    struct expression *above = parse_join(parser, EXPRESSION_SUM, x, parse_digits(parser, "1"));
    struct expression *below =
        parse_join(parser, EXPRESSION_SUM, x,
                   parse_wrap(parser, EXPRESSION_NEGATE, parse_digits(parser, "1")));
    return parse_join(
        parser, EXPRESSION_DIVIDE,
        parse_call(parser, "ln", parse_join(parser, EXPRESSION_DIVIDE, above, below)),
        parse_digits(parser, "2"));
}

struct expression *apply_function(struct parser *parser, struct view name,
                                  struct expression *index, struct expression *argument) {
    if (!argument)
        return NULL;
    bool pair = argument->kind == EXPRESSION_LIST && argument->n == 2;
    if (view_is(name, "min") || view_is(name, "max") || view_is(name, "mod") ||
        view_is(name, "gcd"))
        return apply_many(parser, name, argument);
    if (view_is(name, "binomial") || view_is(name, "binom") || view_is(name, "comb") ||
        view_is(name, "nCr"))
        return pair && !is_statement(argument->of[0]) && !is_statement(argument->of[1])
                   ? apply_binomial(parser, argument->of[0], argument->of[1])
                   : parse_fail(parser, "the function has the wrong number of arguments");
    if (is_called_word(name))
        return apply_to_lists(parser, name, argument);
    if (view_is(name, "log") && pair) {
        index = argument->of[1];
        argument = argument->of[0];
    }
    if (is_statement(argument))
        return parse_fail(parser, "the function has the wrong number of arguments");
    if (view_is(name, "lb"))
        return logarithm(parser, parse_digits(parser, "2"), argument);
    if (view_is(name, "log"))
        return logarithm(parser, index ? index : parse_digits(parser, "10"), argument);
    if (view_is(name, "exp"))
        return parse_join(parser, EXPRESSION_POWER, parse_constant(parser, "e"), argument);
    if (view_is(name, "acot")) /* between 0 and π */
        return parse_join(
            parser, EXPRESSION_SUM,
            parse_join(parser, EXPRESSION_DIVIDE, parse_constant(parser, "pi"),
                       parse_digits(parser, "2")),
            parse_wrap(parser, EXPRESSION_NEGATE, parse_call(parser, "atan", argument)));
    if (view_is(name, "acoth"))
        return apply_acoth(parser, argument);
    for (size_t i = 0; i < COUNT_OF(of_reciprocal); i++)
        if (view_is(name, of_reciprocal[i].name))
            return parse_call(
                parser, of_reciprocal[i].of,
                parse_join(parser, EXPRESSION_DIVIDE, parse_digits(parser, "1"), argument));
    if (view_is(name, "sqrt") && index)
        return root(parser, index, argument);
    struct expression *made = parse_wrap(parser, EXPRESSION_CALL, argument);
    if (made)
        made->text = name;
    return made;
}
