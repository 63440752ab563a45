/* Expressions as text. */
#include "algebra/inside.h"

#include <string.h>

enum level {
    LEVEL_OR,
    LEVEL_COMMA,
    LEVEL_RELATION,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_POWER,
    LEVEL_ATOM
};

static const enum level levels[] = {[EXPRESSION_NUMBER] = LEVEL_ATOM,
                                    [EXPRESSION_NAME] = LEVEL_ATOM,
                                    [EXPRESSION_CONSTANT] = LEVEL_ATOM,
                                    [EXPRESSION_SUM] = LEVEL_SUM,
                                    [EXPRESSION_PRODUCT] = LEVEL_PRODUCT,
                                    [EXPRESSION_NEGATE] = LEVEL_UNARY,
                                    [EXPRESSION_DIVIDE] = LEVEL_PRODUCT,
                                    [EXPRESSION_POWER] = LEVEL_POWER,
                                    [EXPRESSION_CALL] = LEVEL_ATOM,
                                    [EXPRESSION_PLUS_MINUS] = LEVEL_UNARY,
                                    [EXPRESSION_RELATION] = LEVEL_RELATION,
                                    [EXPRESSION_AND] = LEVEL_OR,
                                    [EXPRESSION_OR] = LEVEL_OR,
                                    [EXPRESSION_COMMA] = LEVEL_COMMA,
                                    [EXPRESSION_LIST] = LEVEL_ATOM,
                                    [EXPRESSION_SET] = LEVEL_ATOM,
                                    [EXPRESSION_NOT] = LEVEL_RELATION,
                                    [EXPRESSION_XOR] = LEVEL_OR,
                                    [EXPRESSION_IMPLIES] = LEVEL_OR,
                                    [EXPRESSION_IFF] = LEVEL_OR,
                                    [EXPRESSION_TRUTH] = LEVEL_ATOM,
                                    [EXPRESSION_WITHOUT] = LEVEL_OR};

static void print(struct buffer *, const struct expression *, enum level least);

/* Written with a power of ten, being so large or small. */
static bool has_power_of_ten(const struct expression *e) {
    return (long)e->text.n + e->exponent <= -30 || e->exponent > 30;
}

static void print_number(struct buffer *out, const struct expression *e) {
    long n = (long)e->text.n, point = n + e->exponent;
    if (has_power_of_ten(e)) {
        buffer_format(out, "%.*se%d", VIEW_ARG(e->text), e->exponent);
        return;
    }
    if (point <= 0)
        buffer_text(out, "0.");
    for (long i = point; i < 0; i++)
        buffer_byte(out, '0');
    for (long i = 0; i < n; i++) {
        if (i && i == point)
            buffer_byte(out, '.');
        buffer_byte(out, e->text.at[i]);
    }
    for (int i = 0; i < e->exponent; i++)
        buffer_byte(out, '0');
}

/* a_{n+1} wants its braces. */
static void print_name(struct buffer *out, struct view name) {
    ptrdiff_t bar = view_find(name, VIEW("_"));
    bool sign = bar >= 0 && (view_find(name, VIEW("+")) >= 0 || view_find(name, VIEW("-")) >= 0);
    if (!sign) {
        buffer_append(out, name);
        return;
    }
    size_t end = name.n;
    while (name.at[end - 1] == '\'')
        end--;
    buffer_format(out, "%.*s_{%.*s}%.*s", (int)bar, name.at, (int)(end - (size_t)bar - 1),
                  name.at + bar + 1, (int)(name.n - end), name.at + end);
}

static void print_list(struct buffer *out, const struct expression *e, const char *between,
                       enum level least) {
    for (int i = 0; i < e->n; i++) {
        if (i)
            buffer_text(out, between);
        print(out, e->of[i], least);
    }
}

static void print_call(struct buffer *out, const struct expression *e) {
    if (view_is(e->text, "factorial")) {
        print(out, e->of[0], LEVEL_ATOM);
        buffer_byte(out, '!');
        return;
    }
    buffer_format(out, "%.*s(", VIEW_ARG(e->text));
    print_list(out, e, ", ", LEVEL_SUM);
    buffer_byte(out, ')');
}

static void print_product(struct buffer *out, const struct expression *e) {
    print(out, e->of[0], LEVEL_PRODUCT);
    buffer_byte(out, '*');
    print(out, e->of[1], LEVEL_POWER);
}

static void print_sum(struct buffer *out, const struct expression *e) {
    print(out, e->of[0], LEVEL_SUM);
    const struct expression *right = e->of[1];
    bool minus = right->kind == EXPRESSION_NEGATE, both = right->kind == EXPRESSION_PLUS_MINUS;
    buffer_text(out, both ? " ± " : minus ? " - " : " + ");
    print(out, minus || both ? right->of[0] : right, LEVEL_PRODUCT);
}

static void print_inside(struct buffer *out, const struct expression *e) {
    static const char *const relations[] = {" = ", " != ", " < ", " <= ", " > ", " >= "};
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        print_number(out, e);
        break;
    case EXPRESSION_NAME:
    case EXPRESSION_CONSTANT:
        print_name(out, e->text);
        break;
    case EXPRESSION_CALL:
        print_call(out, e);
        break;
    case EXPRESSION_SUM:
        print_sum(out, e);
        break;
    case EXPRESSION_PRODUCT:
        print_product(out, e);
        break;
    case EXPRESSION_NEGATE:
    case EXPRESSION_PLUS_MINUS:
        buffer_text(out, e->kind == EXPRESSION_NEGATE ? "-" : "±");
        print(out, e->of[0], LEVEL_PRODUCT);
        break;
    case EXPRESSION_DIVIDE:
        print(out, e->of[0], LEVEL_PRODUCT);
        buffer_byte(out, '/');
        print(out, e->of[1], LEVEL_POWER);
        break;
    case EXPRESSION_POWER:
        print(out, e->of[0], LEVEL_ATOM);
        buffer_byte(out, '^');
        print(out, e->of[1], LEVEL_POWER);
        break;
    case EXPRESSION_RELATION:
        print_list(out, e, relations[e->relation], LEVEL_SUM);
        break;
    case EXPRESSION_AND:
        print_list(out, e, e->text.n ? " ∩ " : " and ", LEVEL_COMMA);
        break;
    case EXPRESSION_OR:
        print_list(out, e, e->text.n ? " ∪ " : " or ", LEVEL_COMMA);
        break;
    case EXPRESSION_XOR:
        print_list(out, e, " xor ", LEVEL_COMMA);
        break;
    case EXPRESSION_IMPLIES:
        print_list(out, e, " implies ", LEVEL_COMMA);
        break;
    case EXPRESSION_IFF:
        print_list(out, e, " iff ", LEVEL_COMMA);
        break;
    case EXPRESSION_WITHOUT:
        print_list(out, e, " ∖ ", LEVEL_COMMA);
        break;
    case EXPRESSION_NOT:
        buffer_text(out, "not ");
        print(out, e->of[0], LEVEL_RELATION);
        break;
    case EXPRESSION_TRUTH:
        buffer_append(out, e->text);
        break;
    case EXPRESSION_COMMA:
        print_list(out, e, ", ", LEVEL_RELATION);
        break;
    case EXPRESSION_LIST:
        buffer_text(out, e->open_left ? "(" : "[");
        print_list(out, e, ", ", LEVEL_RELATION);
        buffer_text(out, e->open_right ? ")" : "]");
        break;
    case EXPRESSION_SET:
        buffer_text(out, "{");
        print_list(out, e, ", ", LEVEL_RELATION);
        buffer_text(out, "}");
        break;
    }
}

static void print(struct buffer *out, const struct expression *e, enum level least) {
    bool bracket = levels[e->kind] < least;
    if (bracket)
        buffer_byte(out, '(');
    print_inside(out, e);
    if (bracket)
        buffer_byte(out, ')');
}

void expression_print(const struct expression *e, struct buffer *out) {
    print(out, e, LEVEL_OR);
}
