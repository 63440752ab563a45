/* What sets two single values apart: a sign, a factor, a term. */
#include "algebra/inside.h"

#include <math.h>
#include <stdlib.h>

/* How key and answer lie to one another at some points, in floating point. */
struct gap {
    bool any, constant, close, within; /* within: the tolerance */
};

static struct gap gap_of(const struct judging *judging, const struct expression *key,
                         const struct expression *answer, const struct names *names,
                         double absolute, double relative) {
    struct gap gap = {false, true, true, true};
    struct points points;
    double first = 0;
    acb_t x;
    acb_init(x);
    points_start(&points, judging, names, false);
    points_turns(&points, key);
    points_turns(&points, answer);
    for (int i = 0; i < 16; i++) {
        if (!points_next(&points))
            break;
        ball(key, &points.at, x);
        bool finite = acb_is_finite(x);
        double k = arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR);
        ball(answer, &points.at, x);
        if (!finite || !acb_is_finite(x))
            continue;
        double a = arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR);
        if (!gap.any)
            first = a - k;
        gap.any = true;
        gap.constant &= fabs(a - k - first) <= 1e-9 * (fabs(a) + fabs(k) + 1);
        gap.close &= fabs(a - k) <= 5e-3 * fabs(k);
        double most = absolute > relative * fabs(k) ? absolute : relative * fabs(k);
        gap.within &= fabs(a - k) <= most * (1 + 1e-12);
    }
    points_end(&points);
    acb_clear(x);
    return gap;
}

bool within_tolerance(const struct judging *judging, const struct expression *key,
                      const struct expression *answer, double absolute, double relative) {
    struct names names = {0};
    if (!names_add(&names, key) || !names_add(&names, answer))
        return false;
    struct gap gap = gap_of(judging, key, answer, &names, absolute, relative);
    return gap.any && gap.within;
}

/* What sets two polynomials apart, term by term. */
struct term_tally {
    int n, same, turned, missing, extra, other; /* turned: but for the sign */
};

/* Whether |a| = |b|. */
static bool same_size(const fmpq_t a, const fmpq_t b) {
    return fmpz_cmpabs(fmpq_numref(a), fmpq_numref(b)) == 0 &&
           fmpz_equal(fmpq_denref(a), fmpq_denref(b));
}

static void tally_terms(const struct fraction *key, const struct fraction *answer,
                        struct term_tally *tally) {
    mp_limb_t power[MAX_NAMES];
    fmpq_t a, b;
    fmpq_init(a);
    fmpq_init(b);
    for (slong i = 0; i < fmpq_mpoly_length(key->above, key->ring); i++) {
        fmpq_mpoly_get_term_exp_ui(power, key->above, i, key->ring);
        fmpq_mpoly_get_term_coeff_fmpq(a, key->above, i, key->ring);
        fmpq_mpoly_get_coeff_fmpq_ui(b, answer->above, power, answer->ring);
        *(fmpq_equal(a, b)  ? &tally->same
          : fmpq_is_zero(b) ? &tally->missing
          : same_size(a, b) ? &tally->turned
                            : &tally->other) += 1;
        tally->n++;
    }
    for (slong i = 0; i < fmpq_mpoly_length(answer->above, answer->ring); i++) {
        fmpq_mpoly_get_term_exp_ui(power, answer->above, i, answer->ring);
        fmpq_mpoly_get_coeff_fmpq_ui(a, key->above, power, key->ring);
        tally->extra += fmpq_is_zero(a);
    }
    fmpq_clear(a);
    fmpq_clear(b);
}

/* NULL when they are no polynomials, or nothing is to be said. */
static const char *why_terms_differ(const struct judging *judging, const struct names *names,
                                    const struct expression *key,
                                    const struct expression *answer) {
    struct fraction f, g;
    struct term_tally tally = {0};
    if (!names->n || !fraction_start(&f, names, key, judging->effort))
        return NULL;
    if (fraction_start(&g, names, answer, judging->effort)) {
        if (fmpq_mpoly_is_fmpq(f.below, f.ring) && fmpq_mpoly_equal(f.below, g.below, f.ring))
            tally_terms(&f, &g, &tally);
        fraction_end(&g);
    }
    fraction_end(&f);
    int wrong = tally.turned + tally.missing + tally.extra + tally.other;
    if (tally.n < 2 || !tally.same)
        return NULL;
    return tally.turned == wrong      ? "sign-of-term"
           : wrong > 1 || tally.n < 2 ? NULL
           : tally.missing            ? "term-missing"
           : tally.extra              ? "term-extra"
                                      : "coefficient";
}

static bool is_reciprocal(const struct judging *judging, const struct expression *key,
                          const struct expression *answer) {
    struct expression one = {.kind = EXPRESSION_NUMBER, .text = VIEW("1")};
    const struct expression *product =
        expression_pair(judging->arena, EXPRESSION_PRODUCT, key, answer);
    return same_value(judging, product, &one) == VERDICT_EQUAL;
}

/* Ten times as much, a hundredth, … */
static const char *why_numbers_differ(const struct expression *key,
                                      const struct expression *answer) {
    fmpq_t a, b;
    bool power = false;
    fmpq_init(a);
    fmpq_init(b);
    if (exact_value(key, a) && exact_value(answer, b) && !fmpq_is_zero(b)) {
        fmpq_div(a, a, b);
        for (int n = -6; n <= 6 && !power; n++) {
            fmpz_set_ui(fmpq_numref(b), 1);
            fmpz_set_ui(fmpq_denref(b), 1);
            fmpz_ui_pow_ui(n < 0 ? fmpq_denref(b) : fmpq_numref(b), 10, (mp_limb_t)labs(n));
            power = fmpq_equal(a, b);
        }
    }
    fmpq_clear(a);
    fmpq_clear(b);
    return power ? "power-of-ten" : "different";
}

const char *why_different(const struct judging *judging, const struct expression *key,
                          const struct expression *answer) {
    struct names names = {0}, of_key = {0}, of_answer = {0};
    int sign = 0;
    if (!names_add(&names, key) || !names_add(&names, answer) || !names_add(&of_answer, answer) ||
        !names_add(&of_key, key))
        return "different";
    struct expression *negated = expression_negated(judging->arena, answer);
    if (same_value(judging, key, negated) == VERDICT_EQUAL)
        return "sign";
    if (names.n && proportional(judging, key, answer, &sign) == VERDICT_EQUAL)
        return "factor";
    struct gap gap = gap_of(judging, key, answer, &names, 0, 0);
    /* Beside an answer of 1e18 without a name, what a key does is lost in rounding. */
    bool constant = gap.constant && of_answer.n;
    if (gap.any && gap.close)
        return "close";
    if (gap.any && constant)
        return "constant";
    if (is_reciprocal(judging, key, answer))
        return "reciprocal";
    const char *terms = why_terms_differ(judging, &names, key, answer);
    if (terms)
        return terms;
    bool function = of_key.n && view_find(of_key.name[0], VIEW("(")) >= 0;
    if (of_key.n == 1 && of_answer.n == 1 && names.n == 2 && !function) {
        struct expression letter = {.kind = EXPRESSION_NAME, .text = of_key.name[0]};
        const struct expression *other =
            expression_replaced(judging->arena, answer, of_answer.name[0], &letter);
        if (same_value(judging, key, other) == VERDICT_EQUAL)
            return "variable";
    }
    return names.n ? "different" : why_numbers_differ(key, answer);
}
