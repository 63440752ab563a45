/* The value of an expression over the complex numbers. */
#include "school/grade/inside.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 100 };

static bool value_of(const struct expression *, int depth, double complex *);
static bool of_kind(const struct expression *, int depth, double complex *);

static bool number_of(const struct expression *e, double complex *out) {
    char text[LONGEST_NUMBER + 16];
    snprintf(text, sizeof text, "%.*se%d", e->text.n < LONGEST_NUMBER ? (int)e->text.n : 0,
             e->text.n ? e->text.at : "", e->exponent);
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end;
}

static bool constant_of(const struct expression *e, double complex *out) {
    static const struct {
        const char *name;
        double real, imaginary;
    } rows[] = {{"pi", M_PI, 0}, {"e", M_E, 0}, {"i", 0, 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (view_is(e->text, rows[i].name)) {
            *out = rows[i].real + rows[i].imaginary * I;
            return true;
        }
    return false;
}

/* clang-format off */
static double complex root(double complex z) { return csqrt(z); }
static double complex size(double complex z) { return cabs(z); }
static double complex log10_of(double complex z) { return clog(z) / M_LN10; }
static const struct { const char *name; double complex (*of)(double complex); } functions[] = {
    {"sqrt", root}, {"exp", cexp}, {"ln", clog}, {"log", log10_of}, {"sin", csin}, {"cos", ccos},
    {"tan", ctan}, {"abs", size}, {"sinh", csinh}, {"cosh", ccosh}, {"tanh", ctanh},
};
/* clang-format on */

static bool call_of(const struct expression *e, double complex argument, double complex *out) {
    for (size_t i = 0; i < COUNT_OF(functions); i++)
        if (e->n == 1 && view_is(e->text, functions[i].name)) {
            *out = functions[i].of(argument);
            return true;
        }
    return false;
}

/* Whole powers by multiplying, so that i^2 is -1 to the last digit. */
static double complex power_of(double complex base, double complex to) {
    double n = creal(to);
    if (cimag(to) != 0 || fabs(n) > 64 || n != floor(n))
        return cpow(base, to);
    double complex product = 1;
    for (int i = 0; i < (int)fabs(n); i++)
        product *= base;
    return n < 0 ? 1 / product : product;
}

static bool join(const struct expression *e, int depth, double complex *out) {
    double complex of[2] = {0};
    *out = e->kind == EXPRESSION_SUM ? 0 : 1;
    for (int i = 0; i < e->n; i++) {
        if (!value_of(e->of[i], depth, &of[i & 1]))
            return false;
        *out = e->kind == EXPRESSION_SUM ? *out + of[i & 1] : *out * of[i & 1];
    }
    if (e->kind == EXPRESSION_DIVIDE)
        *out = of[0] / of[1];
    if (e->kind == EXPRESSION_POWER)
        *out = power_of(of[0], of[1]);
    return true;
}

static bool value_of(const struct expression *e, int depth, double complex *out) {
    if (depth > DEEPEST)
        return false;
    if (!of_kind(e, depth, out))
        return false;
    if (cimag(*out) == 0) /* -0 would choose the other root */
        *out = creal(*out);
    return true;
}

static bool of_kind(const struct expression *e, int depth, double complex *out) {
    double complex one;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        return number_of(e, out);
    case EXPRESSION_CONSTANT:
        return constant_of(e, out);
    case EXPRESSION_SUM:
    case EXPRESSION_PRODUCT:
    case EXPRESSION_DIVIDE:
    case EXPRESSION_POWER:
        return join(e, depth + 1, out);
    case EXPRESSION_NEGATE:
        return value_of(e->of[0], depth + 1, &one) && (*out = -one, true);
    case EXPRESSION_CALL:
        return e->n == 1 && value_of(e->of[0], depth + 1, &one) && call_of(e, one, out);
    default:
        return false;
    }
}

bool complex_evaluate(const struct expression *e, double *real, double *imaginary) {
    double complex value;
    if (!value_of(e, 0, &value) || !isfinite(creal(value)) || !isfinite(cimag(value)))
        return false;
    *real = creal(value);
    *imaginary = cimag(value);
    return true;
}
