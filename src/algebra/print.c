/* Expressions as text and as LaTeX. */
#include "algebra/inside.h"
#include "algebra/lexer.h"

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

struct printer {
    struct buffer *out;
    bool latex;
};

static void print(const struct printer *, const struct expression *, enum level least);

/* Written with a power of ten, being so large or small. */
static bool has_power_of_ten(const struct expression *e) {
    return (long)e->text.n + e->exponent <= -30 || e->exponent > 30;
}

static void print_number(const struct printer *printer, const struct expression *e) {
    long n = (long)e->text.n, point = n + e->exponent;
    if (has_power_of_ten(e)) {
        buffer_format(printer->out, printer->latex ? "%.*s\\cdot 10^{%d}" : "%.*se%d",
                      VIEW_ARG(e->text), e->exponent);
        return;
    }
    if (point <= 0)
        buffer_text(printer->out, "0.");
    for (long i = point; i < 0; i++)
        buffer_byte(printer->out, '0');
    for (long i = 0; i < n; i++) {
        if (i && i == point)
            buffer_byte(printer->out, '.');
        buffer_byte(printer->out, e->text.at[i]);
    }
    for (int i = 0; i < e->exponent; i++)
        buffer_byte(printer->out, '0');
}

/* a_{n+1} wants its braces. */
static void print_typed_name(const struct printer *printer, struct view name) {
    ptrdiff_t bar = view_find(name, VIEW("_"));
    bool sign = bar >= 0 && (view_find(name, VIEW("+")) >= 0 || view_find(name, VIEW("-")) >= 0);
    if (!sign) {
        buffer_append(printer->out, name);
        return;
    }
    size_t end = name.n;
    while (name.at[end - 1] == '\'')
        end--;
    buffer_format(printer->out, "%.*s_{%.*s}%.*s", (int)bar, name.at, (int)(end - (size_t)bar - 1),
                  name.at + bar + 1, (int)(name.n - end), name.at + end);
}

static void print_name(const struct printer *printer, const struct expression *e) {
    struct view name = e->text, primes = VIEW("");
    if (!printer->latex) {
        print_typed_name(printer, name);
        return;
    }
    while (name.n && name.at[name.n - 1] == '\'')
        name.n--, primes.n++;
    primes.at = name.at + name.n;
    ptrdiff_t bar = view_find(name, VIEW("_"));
    struct view head = bar < 0 ? name : view_slice(name, 0, (size_t)bar);
    if (view_is(head, "inf"))
        buffer_text(printer->out, "\\infty ");
    else if (head.n == 1)
        buffer_append(printer->out, head);
    else
        buffer_format(printer->out, is_latex_name(head) ? "\\%.*s " : "\\mathrm{%.*s}",
                      VIEW_ARG(head));
    if (bar >= 0)
        buffer_format(printer->out, "_{%.*s}",
                      VIEW_ARG(view_slice(name, (size_t)bar + 1, name.n)));
    buffer_append(printer->out, primes);
}

static void print_list(const struct printer *printer, const struct expression *e,
                       const char *between, enum level least) {
    for (int i = 0; i < e->n; i++) {
        if (i)
            buffer_text(printer->out, between);
        print(printer, e->of[i], least);
    }
}

static void print_call(const struct printer *printer, const struct expression *e) {
    struct buffer *out = printer->out;
    if (printer->latex && view_is(e->text, "sqrt")) {
        buffer_text(out, "\\sqrt{");
        print(printer, e->of[0], LEVEL_OR);
        buffer_byte(out, '}');
        return;
    }
    if (view_is(e->text, "factorial")) {
        print(printer, e->of[0], LEVEL_ATOM);
        buffer_byte(out, '!');
        return;
    }
    bool bars = printer->latex && view_is(e->text, "abs");
    if (!bars && printer->latex && is_called_word(e->text))
        buffer_format(out, "\\operatorname{%.*s}", VIEW_ARG(e->text));
    else if (!bars)
        buffer_format(out, printer->latex ? "\\%.*s" : "%.*s", VIEW_ARG(e->text));
    buffer_text(out, bars ? "\\left|" : printer->latex ? "\\left(" : "(");
    print_list(printer, e, ", ", LEVEL_SUM);
    buffer_text(out, bars ? "\\right|" : printer->latex ? "\\right)" : ")");
}

static void print_product(const struct printer *printer, const struct expression *e) {
    print(printer, e->of[0], LEVEL_PRODUCT);
    const struct expression *right = e->of[1];
    while (right->kind == EXPRESSION_POWER)
        right = right->of[0];
    bool tight = printer->latex && right->kind != EXPRESSION_NUMBER;
    buffer_text(printer->out, tight ? " " : printer->latex ? "\\cdot " : "*");
    print(printer, e->of[1], LEVEL_POWER);
}

static void print_sum(const struct printer *printer, const struct expression *e) {
    print(printer, e->of[0], LEVEL_SUM);
    const struct expression *right = e->of[1];
    bool minus = right->kind == EXPRESSION_NEGATE, both = right->kind == EXPRESSION_PLUS_MINUS;
    buffer_text(printer->out, both ? (printer->latex ? " \\pm " : " ± ") : minus ? " - " : " + ");
    print(printer, minus || both ? right->of[0] : right, LEVEL_PRODUCT);
}

static void print_inside(const struct printer *printer, const struct expression *e) {
    static const char *const relations[2][6] = {
        {" = ", " != ", " < ", " <= ", " > ", " >= "},
        {" = ", " \\ne ", " < ", " \\le ", " > ", " \\ge "}};
    struct buffer *out = printer->out;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        print_number(printer, e);
        break;
    case EXPRESSION_NAME:
    case EXPRESSION_CONSTANT:
        print_name(printer, e);
        break;
    case EXPRESSION_CALL:
        print_call(printer, e);
        break;
    case EXPRESSION_SUM:
        print_sum(printer, e);
        break;
    case EXPRESSION_PRODUCT:
        print_product(printer, e);
        break;
    case EXPRESSION_NEGATE:
    case EXPRESSION_PLUS_MINUS:
        buffer_text(out, e->kind == EXPRESSION_NEGATE ? "-" : printer->latex ? "\\pm " : "±");
        print(printer, e->of[0], LEVEL_PRODUCT);
        break;
    case EXPRESSION_DIVIDE:
        buffer_text(out, printer->latex ? "\\frac{" : "");
        print(printer, e->of[0], printer->latex ? LEVEL_OR : LEVEL_PRODUCT);
        buffer_text(out, printer->latex ? "}{" : "/");
        print(printer, e->of[1], printer->latex ? LEVEL_OR : LEVEL_POWER);
        buffer_text(out, printer->latex ? "}" : "");
        break;
    case EXPRESSION_POWER:
        print(printer, e->of[0], LEVEL_ATOM);
        buffer_text(out, printer->latex ? "^{" : "^");
        print(printer, e->of[1], printer->latex ? LEVEL_OR : LEVEL_POWER);
        buffer_text(out, printer->latex ? "}" : "");
        break;
    case EXPRESSION_RELATION:
        print_list(printer, e, relations[printer->latex][e->relation], LEVEL_SUM);
        break;
    case EXPRESSION_AND:
        print_list(printer, e,
                   e->text.n        ? (printer->latex ? " \\cap " : " ∩ ")
                   : printer->latex ? " \\land "
                                    : " and ",
                   LEVEL_COMMA);
        break;
    case EXPRESSION_OR:
        print_list(printer, e,
                   e->text.n        ? (printer->latex ? " \\cup " : " ∪ ")
                   : printer->latex ? " \\lor "
                                    : " or ",
                   LEVEL_COMMA);
        break;
    case EXPRESSION_XOR:
        print_list(printer, e, printer->latex ? " \\oplus " : " xor ", LEVEL_COMMA);
        break;
    case EXPRESSION_IMPLIES:
        print_list(printer, e, printer->latex ? " \\implies " : " implies ", LEVEL_COMMA);
        break;
    case EXPRESSION_IFF:
        print_list(printer, e, printer->latex ? " \\iff " : " iff ", LEVEL_COMMA);
        break;
    case EXPRESSION_WITHOUT:
        print_list(printer, e, printer->latex ? " \\setminus " : " ∖ ", LEVEL_COMMA);
        break;
    case EXPRESSION_NOT:
        buffer_text(out, printer->latex ? "\\neg " : "not ");
        print(printer, e->of[0], LEVEL_RELATION);
        break;
    case EXPRESSION_TRUTH:
        if (printer->latex)
            buffer_text(out, view_is(e->text, "true") ? "\\top " : "\\bot ");
        else
            buffer_append(out, e->text);
        break;
    case EXPRESSION_COMMA:
        print_list(printer, e, ", ", LEVEL_RELATION);
        break;
    case EXPRESSION_LIST:
        buffer_text(out, e->open_left ? "(" : "[");
        print_list(printer, e, ", ", LEVEL_RELATION);
        buffer_text(out, e->open_right ? ")" : "]");
        break;
    case EXPRESSION_SET:
        buffer_text(out, printer->latex ? "\\{" : "{");
        print_list(printer, e, ", ", LEVEL_RELATION);
        buffer_text(out, printer->latex ? "\\}" : "}");
        break;
    }
}

static void print(const struct printer *printer, const struct expression *e, enum level least) {
    bool powered = printer->latex && e->kind == EXPRESSION_NUMBER && has_power_of_ten(e);
    bool bracket = (powered ? LEVEL_PRODUCT : levels[e->kind]) < least &&
                   !(printer->latex && e->kind == EXPRESSION_DIVIDE && least <= LEVEL_POWER);
    if (bracket)
        buffer_text(printer->out, printer->latex ? "\\left(" : "(");
    print_inside(printer, e);
    if (bracket)
        buffer_text(printer->out, printer->latex ? "\\right)" : ")");
}

void expression_print(const struct expression *e, struct buffer *out) {
    print(&(struct printer){out, false}, e, LEVEL_OR);
}
void expression_latex(const struct expression *e, struct buffer *out) {
    print(&(struct printer){out, true}, e, LEVEL_OR);
}
