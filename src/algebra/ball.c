/* Values of expressions in balls: the value and how far off it may be (Arb). */
#include "algebra/inside.h"

#include <math.h>
#include <string.h>

static void indeterminate(acb_t out) {
    acb_indeterminate(out);
}

bool surely_real(const acb_t a) {
    return arb_is_zero(acb_imagref(a));
}

/* acb_atanh leaves a ball of imaginary parts around an argument that is not exact. */
static void ball_atanh(acb_t out, const acb_t x, slong precision) {
    arb_t real;
    arb_init(real);
    if (surely_real(x))
        arb_atanh(real, acb_realref(x), precision);
    if (surely_real(x) && arb_is_finite(real))
        acb_set_arb(out, real);
    else
        acb_atanh(out, x, precision);
    arb_clear(real);
}

typedef void acb_function(acb_t, const acb_t, slong);
/* clang-format off */
static const struct { const char *name; acb_function *of; } ball_functions[] = {
    {"sin", acb_sin}, {"cos", acb_cos}, {"tan", acb_tan}, {"cot", acb_cot}, {"sec", acb_sec},
    {"csc", acb_csc}, {"sech", acb_sech}, {"csch", acb_csch}, {"coth", acb_coth},
    {"sinh", acb_sinh}, {"cosh", acb_cosh}, {"tanh", acb_tanh},
    {"asin", acb_asin}, {"acos", acb_acos}, {"atan", acb_atan}, {"asinh", acb_asinh},
    {"acosh", acb_acosh}, {"atanh", ball_atanh}, {"ln", acb_log}, {"sqrt", acb_sqrt},
};
/* clang-format on */

enum { COST_FUNCTION = 16, COST_POWER = 32, COST_FACTORIAL = 256, LARGEST_ARGUMENT = 1024 };

/* Reducing an argument of thousands of bits by π takes long and tells nothing. */
static bool too_large(const struct expression *e, const acb_t argument) {
    mag_t size;
    mag_init(size);
    acb_get_mag(size, argument);
    bool large = mag_cmp_2exp_si(size, LARGEST_ARGUMENT) > 0;
    mag_clear(size);
    return large && !view_is(e->text, "ln") && !view_is(e->text, "sqrt");
}

static void ball_call(const struct expression *e, const struct point *at, acb_t out) {
    slong precision = at->precision;
    for (size_t i = 0; i < COUNT_OF(ball_functions); i++)
        if (view_is(e->text, ball_functions[i].name)) {
            effort_spend(at->effort, COST_FUNCTION * precision / 256);
            if (too_large(e, out))
                indeterminate(out);
            else
                ball_functions[i].of(out, out, precision);
            return;
        }
    if (view_is(e->text, "abs")) {
        acb_abs(acb_realref(out), out, precision);
        arb_zero(acb_imagref(out));
    } else if (view_is(e->text, "cbrt") && surely_real(out)) {
        bool minus = arb_is_negative(acb_realref(out));
        arb_abs(acb_realref(out), acb_realref(out));
        arb_root_ui(acb_realref(out), acb_realref(out), 3, precision);
        if (minus)
            acb_neg(out, out);
    } else if (view_is(e->text, "floor") && surely_real(out))
        arb_floor(acb_realref(out), acb_realref(out), precision);
    else if (view_is(e->text, "ceil") && surely_real(out))
        arb_ceil(acb_realref(out), acb_realref(out), precision);
    else if (view_is(e->text, "sign") && surely_real(out))
        arb_sgn(acb_realref(out), acb_realref(out));
    else if (view_is(e->text, "factorial") && surely_real(out)) {
        double size = arf_get_d(arb_midref(acb_realref(out)), ARF_RND_NEAR);
        effort_spend(at->effort, COST_FACTORIAL * precision / 256);
        if (!(fabs(size) <= 10000)) {
            indeterminate(out);
            return;
        }
        arb_add_ui(acb_realref(out), acb_realref(out), 1, precision);
        arb_gamma(acb_realref(out), acb_realref(out), precision);
    } else
        indeterminate(out);
}

static void ball_many(const struct expression *e, const struct point *at, acb_t out) {
    acb_t b;
    acb_init(b);
    ball(e->of[0], at, out);
    bool least = view_is(e->text, "min"), most = view_is(e->text, "max");
    for (int i = 1; i < e->n; i++) {
        ball(e->of[i], at, b);
        if ((!least && !most) || !surely_real(b) || !surely_real(out)) {
            indeterminate(out);
            break;
        }
        (least ? arb_min : arb_max)(acb_realref(out), acb_realref(out), acb_realref(b),
                                    at->precision);
    }
    acb_clear(b);
}

static void ball_constant(const struct expression *e, slong precision, acb_t out) {
    acb_zero(out);
    if (view_is(e->text, "pi"))
        arb_const_pi(acb_realref(out), precision);
    else if (view_is(e->text, "e"))
        arb_const_e(acb_realref(out), precision);
    else if (view_is(e->text, "i"))
        acb_onei(out);
    else
        arb_pos_inf(acb_realref(out));
}

static void ball_power(const struct expression *e, const struct point *at, acb_t out) {
    slong power;
    acb_t b;
    if (integer_exponent(e->of[1], &power)) {
        if (power < 0 && acb_contains_zero(out))
            indeterminate(out);
        else
            acb_pow_si(out, out, power, at->precision);
        return;
    }
    acb_init(b);
    ball(e->of[1], at, b);
    effort_spend(at->effort, COST_POWER * at->precision / 256);
    acb_pow(out, out, b, at->precision);
    acb_clear(b);
}

/* Short numbers without the way through text. */
static void ball_number(const struct expression *e, slong precision, acb_t out) {
    fmpq_t value;
    if (e->text.n < 19 && e->exponent <= 0 && e->exponent > -19) {
        mp_limb_t digits = 0, ten = 1;
        for (size_t i = 0; i < e->text.n; i++)
            digits = digits * 10 + (mp_limb_t)(e->text.at[i] - '0');
        for (int i = e->exponent; i < 0; i++)
            ten *= 10;
        acb_set_ui(out, digits);
        if (ten > 1)
            arb_div_ui(acb_realref(out), acb_realref(out), ten, precision);
        return;
    }
    fmpq_init(value);
    number_value(e, value);
    acb_set_fmpq(out, value, precision);
    fmpq_clear(value);
}

void ball(const struct expression *e, const struct point *at, acb_t out) {
    acb_t b;
    if (!effort_spend(at->effort, at->precision / 256)) {
        indeterminate(out);
        return;
    }
    if (e->kind == EXPRESSION_NUMBER) {
        ball_number(e, at->precision, out);
        return;
    }
    if (e->kind == EXPRESSION_NAME) {
        int i = names_find(at->names, e->text);
        if (i < 0)
            indeterminate(out);
        else
            acb_set_fmpq(out, &at->at[i], at->precision);
        return;
    }
    if (e->kind == EXPRESSION_CONSTANT) {
        ball_constant(e, at->precision, out);
        if (!at->complex && !surely_real(out))
            indeterminate(out);
        return;
    }
    if (e->n < 1 || is_statement(e) || e->kind == EXPRESSION_PLUS_MINUS) {
        indeterminate(out);
        return;
    }
    if (e->kind == EXPRESSION_CALL && e->n > 1) {
        ball_many(e, at, out);
        return;
    }
    ball(e->of[0], at, out);
    if (!acb_is_finite(out)) {
        indeterminate(out);
        return;
    }
    acb_init(b);
    switch (e->kind) {
    case EXPRESSION_SUM:
        ball(e->of[1], at, b);
        acb_add(out, out, b, at->precision);
        break;
    case EXPRESSION_PRODUCT:
        ball(e->of[1], at, b);
        acb_mul(out, out, b, at->precision);
        break;
    case EXPRESSION_DIVIDE:
        ball(e->of[1], at, b);
        acb_div(out, out, b, at->precision);
        break;
    case EXPRESSION_NEGATE:
        acb_neg(out, out);
        break;
    case EXPRESSION_POWER:
        ball_power(e, at, out);
        break;
    default:
        ball_call(e, at, out);
    }
    if (!acb_is_finite(out) || (!at->complex && !surely_real(out)))
        indeterminate(out);
    acb_clear(b);
}
