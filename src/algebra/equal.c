/* Whether two single values are the same. */
#include "algebra/inside.h"

#include <math.h>
#include <string.h>

enum { PRECISION = 256, HIGHER = 1024, AGREED_BITS = 167 /* 50 digits */, POINTS = 48 };

/* 1 apart, 0 the same to 50 digits, -1 no telling. */
static int apart(const struct expression *a, const struct expression *b, struct point *at, acb_t x,
                 acb_t y) {
    for (at->precision = PRECISION; at->precision <= HIGHER; at->precision *= 4) {
        ball(a, at, x);
        ball(b, at, y);
        if (!acb_is_finite(x) || !acb_is_finite(y)) {
            if (at->precision > PRECISION)
                return -1;
            continue;
        }
        if (!acb_overlaps(x, y))
            return 1;
        acb_sub(y, x, y, at->precision);
        mag_t size, error, one;
        mag_init(size);
        mag_init(error);
        mag_init(one);
        acb_get_mag(size, x);
        acb_get_mag(error, y);
        mag_mul_2exp_si(error, error, AGREED_BITS);
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

static enum verdict by_balls(const struct judging *judging, const struct expression *a,
                             const struct expression *b, const struct names *names, bool complex) {
    struct points points;
    acb_t x, y;
    points_start(&points, judging, names, complex);
    points_turns(&points, a);
    points_turns(&points, b);
    int agreed = 0, wanted = names->n ? 8 + 4 * points.n_turn : 1, tries = names->n ? POINTS : 1;
    enum verdict verdict = VERDICT_UNKNOWN;
    acb_init(x);
    acb_init(y);
    for (int i = 0; i < tries && agreed < wanted && effort_left(judging->effort); i++) {
        if (!points_next(&points))
            break;
        int told = apart(a, b, &points.at, x, y);
        if (told == 1) {
            verdict = VERDICT_DIFFERENT;
            break;
        }
        agreed += told == 0;
    }
    if (verdict == VERDICT_UNKNOWN && agreed >= (names->n ? 4 : 1) && effort_left(judging->effort))
        verdict = VERDICT_EQUAL;
    acb_clear(x);
    acb_clear(y);
    points_end(&points);
    return verdict;
}

static enum verdict by_residues(const struct judging *judging, const struct expression *a,
                                const struct expression *b, const struct names *names) {
    struct random random;
    random_seed(&random, judging->seed);
    int agreed = 0;
    for (int which = 0; which < 2; which++) {
        struct residues at = {.names = names, .effort = judging->effort};
        residues_field(which, &at);
        for (int i = 0; i < 3; i++) {
            mp_limb_t x, y;
            residues_draw(&at, &random);
            if (!residue(a, &at, &x) || !residue(b, &at, &y))
                continue;
            if (x != y)
                return VERDICT_DIFFERENT;
            agreed++;
        }
    }
    return agreed >= 3 ? VERDICT_EQUAL : VERDICT_UNKNOWN;
}

/* The primes are known, so a number may be made to vanish in both: one point in balls sees it. */
static bool apart_at_one_point(const struct judging *judging, const struct expression *a,
                               const struct expression *b, const struct names *names,
                               bool complex) {
    struct points points;
    acb_t x, y;
    int told = -1;
    acb_init(x);
    acb_init(y);
    points_start(&points, judging, names, complex);
    for (int i = 0; i < 4 && told < 0; i++) {
        if (!points_next(&points))
            break;
        told = apart(a, b, &points.at, x, y);
    }
    points_end(&points);
    acb_clear(x);
    acb_clear(y);
    return told == 1;
}

static enum verdict by_value(const struct expression *a, const struct expression *b) {
    fmpq_t x, y;
    enum verdict verdict = VERDICT_UNKNOWN;
    fmpq_init(x);
    fmpq_init(y);
    if (exact_value(a, x) && exact_value(b, y))
        verdict = fmpq_equal(x, y) ? VERDICT_EQUAL : VERDICT_DIFFERENT;
    fmpq_clear(x);
    fmpq_clear(y);
    return verdict;
}

enum verdict same_value(const struct judging *judging, const struct expression *a,
                        const struct expression *b) {
    struct names names = {0};
    if (is_statement(a) || is_statement(b) || !names_add(&names, a) || !names_add(&names, b))
        return VERDICT_UNKNOWN;
    bool infinite = has_constant(a, "inf"), other = has_constant(b, "inf");
    if (infinite || other)
        return infinite == other && same_written(a, b) ? VERDICT_EQUAL : VERDICT_DIFFERENT;
    enum verdict verdict = names.n ? VERDICT_UNKNOWN : by_value(a, b);
    if (verdict != VERDICT_UNKNOWN)
        return verdict;
    bool complex = has_constant(a, "i") || has_constant(b, "i");
    if (is_rational_function(a) && is_rational_function(b)) {
        verdict = by_residues(judging, a, b, &names);
        if (verdict == VERDICT_EQUAL && apart_at_one_point(judging, a, b, &names, complex))
            verdict = VERDICT_DIFFERENT;
        return effort_left(judging->effort) ? verdict : VERDICT_UNKNOWN;
    }
    verdict = by_balls(judging, a, b, &names, complex);
    return verdict == VERDICT_UNKNOWN && !complex ? by_balls(judging, a, b, &names, true)
                                                  : verdict;
}

bool has_value(const struct judging *judging, const struct expression *e) {
    struct names names = {0};
    struct points points;
    bool found = false;
    acb_t value;
    if (is_statement(e) || !names_add(&names, e))
        return false;
    acb_init(value);
    points_start(&points, judging, &names, true);
    for (int i = 0; i < 16 && !found; i++) {
        if (!points_next(&points))
            break;
        ball(e, &points.at, value);
        found = acb_is_finite(value);
    }
    points_end(&points);
    acb_clear(value);
    return found;
}

/* a/b at several points, all the same: as expressions, a(x) b(y) = a(y) b(x). */
enum verdict proportional(const struct judging *judging, const struct expression *a,
                          const struct expression *b, int *sign) {
    struct names names = {0};
    struct points points;
    acb_t x, y, first;
    int agreed = 0;
    enum verdict verdict = VERDICT_UNKNOWN;
    *sign = 0;
    if (!names_add(&names, a) || !names_add(&names, b))
        return VERDICT_UNKNOWN;
    points_start(&points, judging, &names, has_constant(a, "i") || has_constant(b, "i"));
    points_turns(&points, a);
    points_turns(&points, b);
    points.at.precision = 384;
    acb_init(x);
    acb_init(y);
    acb_init(first);
    int wanted = 8 + 4 * points.n_turn;
    for (int i = 0; i < POINTS && agreed < wanted && verdict == VERDICT_UNKNOWN; i++) {
        if (!points_next(&points))
            break;
        ball(a, &points.at, x);
        ball(b, &points.at, y);
        if (!acb_is_finite(x) || !acb_is_finite(y))
            continue;
        bool zero_a = acb_contains_zero(x), zero_b = acb_contains_zero(y);
        if (zero_a && zero_b)
            continue;
        acb_div(x, x, y, points.at.precision);
        if (zero_a != zero_b || (agreed && !acb_overlaps(x, first)))
            verdict = VERDICT_DIFFERENT;
        else if (acb_rel_accuracy_bits(x) < AGREED_BITS)
            continue;
        else if (!agreed++) {
            acb_set(first, x);
            *sign = !surely_real(x) ? 0 : arb_is_positive(acb_realref(x)) ? 1 : -1;
        }
    }
    if (verdict == VERDICT_UNKNOWN && agreed >= (names.n ? 4 : 1) && effort_left(judging->effort))
        verdict = VERDICT_EQUAL;
    acb_clear(x);
    acb_clear(y);
    acb_clear(first);
    points_end(&points);
    return verdict;
}

bool expression_evaluate_real(const struct expression *e, double *out, struct fault *fault) {
    struct names names = {0};
    struct effort effort = {0, EFFORT_LIMIT};
    struct point at = {.names = &names, .effort = &effort, .precision = PRECISION};
    acb_t value;
    if (!names_add(&names, e) || names.n)
        return fault_set(fault, FAULT_INPUT, "this has letters in it and so is no number");
    acb_init(value);
    ball(e, &at, value);
    bool good = acb_is_finite(value);
    if (good)
        *out = arf_get_d(arb_midref(acb_realref(value)), ARF_RND_NEAR);
    acb_clear(value);
    return good && isfinite(*out) ? true : fault_set(fault, FAULT_INPUT, "this has no real value");
}

void algebra_thread_end(void) {
    flint_cleanup();
}
