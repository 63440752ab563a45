/* Values of expressions modulo a prime and in balls; equality of single values. */
#include "algebra/inside.h"

#include <flint/nmod_vec.h>
#include <flint/ulong_extras.h>
#include <math.h>
#include <string.h>

static bool integer_exponent(const struct expression *e, slong *out) {
    double value;
    if (!rough_value(e, &value) || value != floor(value) || fabs(value) > 10000)
        return false;
    *out = (slong)value;
    return true;
}

bool is_rational_function(const struct expression *e) {
    slong power;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
    case EXPRESSION_NAME:
        return true;
    case EXPRESSION_CONSTANT:
        return !view_is(e->text, "inf");
    case EXPRESSION_SUM:
    case EXPRESSION_PRODUCT:
    case EXPRESSION_DIVIDE:
        return is_rational_function(e->of[0]) && is_rational_function(e->of[1]);
    case EXPRESSION_NEGATE:
        return is_rational_function(e->of[0]);
    case EXPRESSION_POWER:
        return integer_exponent(e->of[1], &power) && is_rational_function(e->of[0]);
    default:
        return false;
    }
}

bool has_constant(const struct expression *e, const char *which) {
    if (e->kind == EXPRESSION_CONSTANT && view_is(e->text, which))
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_constant(e->of[i], which))
            return true;
    return false;
}

static mp_limb_t number_residue(const struct expression *e, nmod_t mod) {
    mp_limb_t value = 0;
    for (size_t i = 0; i < e->text.n; i++)
        value = nmod_add(nmod_mul(value, 10, mod), (mp_limb_t)(e->text.at[i] - '0'), mod);
    mp_limb_t ten = nmod_pow_ui(10, (mp_limb_t)labs((long)e->exponent), mod);
    return nmod_mul(value, e->exponent < 0 ? nmod_inv(ten, mod) : ten, mod);
}

bool residue(const struct expression *e, const struct residues *at, mp_limb_t *out) {
    mp_limb_t b = 0;
    slong power;
    if (e->kind == EXPRESSION_POWER) {
        if (!integer_exponent(e->of[1], &power) || !residue(e->of[0], at, out) ||
            (power <= 0 && !*out))
            return false;
        if (power < 0)
            *out = nmod_inv(*out, at->mod);
        *out = nmod_pow_ui(*out, (mp_limb_t)labs(power), at->mod);
        return true;
    }
    if ((e->n > 0 && !residue(e->of[0], at, out)) || (e->n > 1 && !residue(e->of[1], at, &b)))
        return false;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        *out = number_residue(e, at->mod);
        return true;
    case EXPRESSION_NAME:
        *out = at->at[names_find(at->names, e->text)];
        return true;
    case EXPRESSION_CONSTANT:
        *out = view_is(e->text, "i") ? at->i : at->at[at->names->n + view_is(e->text, "e")];
        return true;
    case EXPRESSION_SUM:
        *out = nmod_add(*out, b, at->mod);
        return true;
    case EXPRESSION_PRODUCT:
        *out = nmod_mul(*out, b, at->mod);
        return true;
    case EXPRESSION_NEGATE:
        *out = nmod_neg(*out, at->mod);
        return true;
    case EXPRESSION_DIVIDE:
        if (!b)
            return false;
        *out = nmod_mul(*out, nmod_inv(b, at->mod), at->mod);
        return true;
    default:
        return false;
    }
}

/* Primes that leave 1 over 4, so that i exists; with a root of -1 each. */
static void field(int which, struct residues *at) {
    static const mp_limb_t primes[2] = {4611686018427387817u, 4611686018427387761u};
    nmod_init(&at->mod, primes[which]);
    for (mp_limb_t g = 2;; g++) {
        at->i = nmod_pow_ui(g, (primes[which] - 1) / 4, at->mod);
        if (nmod_mul(at->i, at->i, at->mod) == primes[which] - 1)
            return;
    }
}

static void draw(struct residues *at, struct random *random) {
    for (int i = 0; i < at->names->n + 2; i++)
        at->at[i] = random_next(random) % at->mod.n;
}

/* ------------------------------------------------------------------------------------- balls */

static void indeterminate(acb_t out) {
    acb_indeterminate(out);
}

static bool surely_real(const acb_t a) {
    return arb_is_zero(acb_imagref(a));
}

typedef void acb_function(acb_t, const acb_t, slong);
/* clang-format off */
static const struct { const char *name; acb_function *of; } ball_functions[] = {
    {"sin", acb_sin}, {"cos", acb_cos}, {"tan", acb_tan}, {"cot", acb_cot}, {"sec", acb_sec},
    {"csc", acb_csc}, {"sinh", acb_sinh}, {"cosh", acb_cosh}, {"tanh", acb_tanh},
    {"asin", acb_asin}, {"acos", acb_acos}, {"atan", acb_atan}, {"asinh", acb_asinh},
    {"acosh", acb_acosh}, {"atanh", acb_atanh}, {"ln", acb_log}, {"sqrt", acb_sqrt},
};
/* clang-format on */

static void ball_call(const struct expression *e, const struct point *at, acb_t out) {
    slong precision = at->precision;
    for (size_t i = 0; i < COUNT_OF(ball_functions); i++)
        if (view_is(e->text, ball_functions[i].name)) {
            /* an odd point of sqrt at 0 straddles: take what is below zero by rounding as 0 */
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
    acb_pow(out, out, b, at->precision);
    acb_clear(b);
}

void ball(const struct expression *e, const struct point *at, acb_t out) {
    acb_t b;
    fmpq_t value;
    if (e->kind == EXPRESSION_NUMBER) {
        fmpq_init(value);
        number_value(e, value);
        acb_set_fmpq(out, value, at->precision);
        fmpq_clear(value);
        return;
    }
    if (e->kind == EXPRESSION_NAME) {
        int i = names_find(at->names, e->text);
        acb_set_fmpq(out, &at->at[i], at->precision);
        return;
    }
    if (e->kind == EXPRESSION_CONSTANT) {
        ball_constant(e, at->precision, out);
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

/* ---------------------------------------------------------------------------------- equality */

static void draw_point(struct point *at, struct random *random, int round) {
    static const int spans[] = {192, 63, 640, 20};
    for (int i = 0; i < at->names->n; i++) {
        int64_t span = spans[(round + i) % 4], numerator = random_between(random, -span, span);
        if (round % 3 == 2)
            numerator = numerator < 0 ? -numerator : numerator;
        fmpq_set_si(&at->at[i], numerator ? numerator : 7, 64);
    }
}

static void point_start(struct point *at, const struct names *names, bool complex) {
    *at = (struct point){.names = names, .complex = complex, .precision = 256};
    for (int i = 0; i < names->n; i++)
        fmpq_init(&at->at[i]);
}

static void point_end(struct point *at) {
    for (int i = 0; i < at->names->n; i++)
        fmpq_clear(&at->at[i]);
}

/* 1 apart, 0 the same to 50 digits, -1 no telling. */
static int apart(const struct expression *a, const struct expression *b, struct point *at, acb_t x,
                 acb_t y) {
    for (at->precision = 256; at->precision <= 2048; at->precision *= 4) {
        ball(a, at, x);
        ball(b, at, y);
        if (!acb_is_finite(x) || !acb_is_finite(y)) {
            if (at->precision > 256)
                return -1;
            continue;
        }
        if (!acb_overlaps(x, y))
            return 1;
        acb_sub(y, x, y, at->precision);
        mag_t size, error;
        mag_init(size);
        mag_init(error);
        acb_get_mag(size, x);
        acb_get_mag(error, y);
        mag_mul_2exp_si(error, error, 167); /* 10^50 */
        mag_t one;
        mag_init(one);
        mag_one(one);
        mag_max(size, size, one);
        bool close = mag_cmp(error, size) <= 0;
        mag_clear(size);
        mag_clear(error);
        mag_clear(one);
        if (close)
            return 0;
    }
    return -1;
}

static enum verdict by_balls(const struct expression *a, const struct expression *b,
                             const struct names *names, bool complex, uint64_t seed) {
    struct point at;
    struct random random;
    acb_t x, y;
    int agreed = 0, blank = 0, wanted = names->n ? 8 : 1, tries = names->n ? 48 : 1;
    if (count_nodes(a) + count_nodes(b) > 400)
        tries = names->n ? 12 : 1;
    enum verdict verdict = VERDICT_UNKNOWN;
    point_start(&at, names, complex);
    random_seed(&random, seed);
    acb_init(x);
    acb_init(y);
    for (int i = 0; i < tries && agreed < wanted && blank < 40; i++) {
        draw_point(&at, &random, i);
        int told = apart(a, b, &at, x, y);
        if (told == 1) {
            verdict = VERDICT_DIFFERENT;
            break;
        }
        agreed += told == 0;
        blank += told < 0;
    }
    if (verdict == VERDICT_UNKNOWN && agreed >= (wanted > 4 ? 4 : wanted))
        verdict = VERDICT_EQUAL;
    acb_clear(x);
    acb_clear(y);
    point_end(&at);
    return verdict;
}

static enum verdict by_residues(const struct expression *a, const struct expression *b,
                                const struct names *names, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    int agreed = 0;
    for (int which = 0; which < 2; which++) {
        struct residues at = {.names = names};
        field(which, &at);
        for (int i = 0; i < 3; i++) {
            mp_limb_t x, y;
            draw(&at, &random);
            if (!residue(a, &at, &x) || !residue(b, &at, &y))
                continue;
            if (x != y)
                return VERDICT_DIFFERENT;
            agreed++;
        }
    }
    return agreed >= 3 ? VERDICT_EQUAL : VERDICT_UNKNOWN;
}

enum verdict same_value(const struct expression *a, const struct expression *b, uint64_t seed) {
    struct names names = {0};
    if (is_statement(a) || is_statement(b) || !names_add(&names, a) || !names_add(&names, b))
        return VERDICT_UNKNOWN;
    if (a->kind == EXPRESSION_CONSTANT && b->kind == EXPRESSION_CONSTANT)
        return view_equal(a->text, b->text) ? VERDICT_EQUAL : VERDICT_DIFFERENT;
    bool infinite = has_constant(a, "inf"), other = has_constant(b, "inf");
    if (infinite || other)
        return infinite == other && same_written(a, b) ? VERDICT_EQUAL : VERDICT_DIFFERENT;
    if (is_rational_function(a) && is_rational_function(b))
        return by_residues(a, b, &names, seed);
    bool complex = has_constant(a, "i") || has_constant(b, "i");
    enum verdict verdict = by_balls(a, b, &names, complex, seed);
    return verdict == VERDICT_UNKNOWN && !complex ? by_balls(a, b, &names, true, seed) : verdict;
}

/* a/b at several points, all the same: as expressions, a(x) b(y) = a(y) b(x). */
enum verdict proportional(const struct expression *a, const struct expression *b, uint64_t seed,
                          int *sign) {
    struct names names = {0};
    struct point at;
    struct random random;
    acb_t x, y, first;
    int agreed = 0;
    enum verdict verdict = VERDICT_UNKNOWN;
    *sign = 0;
    if (!names_add(&names, a) || !names_add(&names, b))
        return VERDICT_UNKNOWN;
    bool complex = has_constant(a, "i") || has_constant(b, "i");
    point_start(&at, &names, complex);
    random_seed(&random, seed);
    acb_init(x);
    acb_init(y);
    acb_init(first);
    for (int i = 0; i < 32 && agreed < 8; i++) {
        draw_point(&at, &random, i);
        at.precision = 384;
        ball(a, &at, x);
        ball(b, &at, y);
        bool zero_a = acb_contains_zero(x), zero_b = acb_contains_zero(y);
        if (!acb_is_finite(x) || !acb_is_finite(y) || (zero_a && zero_b))
            continue;
        if (zero_a != zero_b) {
            verdict = VERDICT_DIFFERENT;
            break;
        }
        acb_div(x, x, y, at.precision);
        if (agreed && !acb_overlaps(x, first)) {
            verdict = VERDICT_DIFFERENT;
            break;
        }
        if (!agreed++) {
            acb_set(first, x);
            *sign = !surely_real(x) ? 0 : arb_is_positive(acb_realref(x)) ? 1 : -1;
        }
    }
    if (verdict == VERDICT_UNKNOWN && agreed >= (names.n ? 4 : 1))
        verdict = VERDICT_EQUAL;
    acb_clear(x);
    acb_clear(y);
    acb_clear(first);
    point_end(&at);
    return verdict;
}

bool expression_evaluate_real(const struct expression *e, double *out, struct fault *fault) {
    struct names names = {0};
    struct point at;
    acb_t value;
    if (!names_add(&names, e) || names.n)
        return fault_set(fault, FAULT_INPUT, "this has letters in it and so is no number");
    point_start(&at, &names, false);
    acb_init(value);
    ball(e, &at, value);
    bool good = acb_is_finite(value);
    if (good)
        *out = arf_get_d(arb_midref(acb_realref(value)), ARF_RND_NEAR);
    acb_clear(value);
    point_end(&at);
    return good && isfinite(*out) ? true : fault_set(fault, FAULT_INPUT, "this has no real value");
}

const char *why_different(const struct expression *key, const struct expression *answer,
                          uint64_t seed) {
    struct names names = {0};
    struct point at;
    struct random random;
    double difference = 0, k = 0, a = 0;
    bool constant = true, close = true, any = false;
    int sign = 0;
    if (!names_add(&names, key) || !names_add(&names, answer))
        return "different";
    struct expression negated = {
        .kind = EXPRESSION_NEGATE,
        .n = 1,
        .of = &(struct expression *){(struct expression *)(uintptr_t)answer}};
    if (same_value(key, &negated, seed) == VERDICT_EQUAL)
        return "sign";
    if (names.n && proportional(key, answer, seed, &sign) == VERDICT_EQUAL)
        return "factor";
    acb_t x;
    acb_init(x);
    point_start(&at, &names, false);
    random_seed(&random, seed);
    for (int i = 0; i < 8; i++) {
        draw_point(&at, &random, i);
        ball(key, &at, x);
        bool finite = acb_is_finite(x);
        k = arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR);
        ball(answer, &at, x);
        if (!finite || !acb_is_finite(x))
            continue;
        a = arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR);
        if (any && !(fabs(a - k - difference) <= 1e-9 * (fabs(a) + fabs(k) + 1)))
            constant = false;
        close &= fabs(a - k) <= 5e-3 * fabs(k);
        difference = a - k;
        any = true;
    }
    point_end(&at);
    acb_clear(x);
    return any && close ? "close" : any && constant && names.n ? "constant" : "different";
}

void algebra_thread_end(void) {
    flint_cleanup();
}
