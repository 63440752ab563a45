/* Expressions as quotients of polynomials over Q (FLINT): equations with denominators cleared. */
#include "algebra/inside.h"

#include <stdlib.h>

enum { MOST_TERMS = 300, MOST_NODES = 400, POLYNOMIAL_NAMES = 8 };

/* Degrees above and below of what would come out, nothing cancelled; digits count a little. */
struct size {
    double above, below;
};

static bool size_of(const struct expression *e, struct size *out) {
    struct size a = {0, 0}, b = {0, 0};
    slong power;
    if (e->kind == EXPRESSION_POWER) {
        if (!integer_exponent(e->of[1], &power) || !size_of(e->of[0], &a))
            return false;
        double n = power < 0 ? -(double)power : (double)power;
        *out = (struct size){n * (power < 0 ? a.below : a.above),
                             n * (power < 0 ? a.above : a.below)};
        return out->above < 100 && out->below < 100;
    }
    if ((e->n > 0 && !size_of(e->of[0], &a)) || (e->n > 1 && !size_of(e->of[1], &b)) || e->n > 2)
        return false;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        a.above = ((double)e->text.n + abs(e->exponent)) / 50;
        *out = (struct size){a.above, e->exponent < 0 ? a.above : 0};
        return true;
    case EXPRESSION_NAME:
        *out = (struct size){1, 0};
        return true;
    case EXPRESSION_NEGATE:
        *out = a;
        return true;
    case EXPRESSION_SUM:
        *out = (struct size){a.above + b.below > b.above + a.below ? a.above + b.below
                                                                   : b.above + a.below,
                             a.below + b.below};
        break;
    case EXPRESSION_PRODUCT:
        *out = (struct size){a.above + b.above, a.below + b.below};
        break;
    case EXPRESSION_DIVIDE:
        *out = (struct size){a.above + b.below, a.below + b.above};
        break;
    default:
        return false;
    }
    return out->above < 100 && out->below < 100;
}

/* As many terms as n names in that degree can have. */
static double most_terms(int n, double degree) {
    double terms = 1;
    for (int i = 1; i <= n; i++)
        terms *= (degree + i) / i;
    return terms;
}

struct building {
    struct fraction *f;
    struct effort *effort;
};

static bool build(const struct building *, const struct expression *, fmpq_mpoly_t above,
                  fmpq_mpoly_t below);

static bool build_power(const struct building *building, const struct expression *e,
                        fmpq_mpoly_t above, fmpq_mpoly_t below) {
    const fmpq_mpoly_ctx_struct *ring = building->f->ring;
    slong power;
    if (!integer_exponent(e->of[1], &power) || !build(building, e->of[0], above, below))
        return false;
    if (power < 0)
        fmpq_mpoly_swap(above, below, ring);
    mp_limb_t n = (mp_limb_t)(power < 0 ? -power : power);
    return fmpq_mpoly_pow_ui(above, above, n, ring) && fmpq_mpoly_pow_ui(below, below, n, ring) &&
           !fmpq_mpoly_is_zero(below, ring);
}

static bool build_two(const struct building *building, const struct expression *e,
                      fmpq_mpoly_t above, fmpq_mpoly_t below) {
    const fmpq_mpoly_ctx_struct *ring = building->f->ring;
    fmpq_mpoly_t c, d;
    fmpq_mpoly_init(c, ring);
    fmpq_mpoly_init(d, ring);
    bool good = build(building, e->of[0], above, below) && build(building, e->of[1], c, d);
    if (good && e->kind == EXPRESSION_DIVIDE)
        fmpq_mpoly_swap(c, d, ring);
    if (good && e->kind == EXPRESSION_SUM) {
        if (!fmpq_mpoly_equal(below, d, ring)) {
            fmpq_mpoly_mul(above, above, d, ring);
            fmpq_mpoly_mul(c, c, below, ring);
            fmpq_mpoly_mul(below, below, d, ring);
        }
        fmpq_mpoly_add(above, above, c, ring);
    } else if (good) {
        fmpq_mpoly_mul(above, above, c, ring);
        fmpq_mpoly_mul(below, below, d, ring);
    }
    good = good && !fmpq_mpoly_is_zero(below, ring);
    slong terms = fmpq_mpoly_length(above, ring) + fmpq_mpoly_length(below, ring);
    fmpq_mpoly_clear(c, ring);
    fmpq_mpoly_clear(d, ring);
    return good && effort_spend(building->effort, 10 + 5 * terms) && terms <= 2 * MOST_TERMS;
}

static bool build(const struct building *building, const struct expression *e, fmpq_mpoly_t above,
                  fmpq_mpoly_t below) {
    const fmpq_mpoly_ctx_struct *ring = building->f->ring;
    fmpq_t value;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        fmpq_init(value);
        number_value(e, value);
        fmpq_mpoly_set_fmpq(above, value, ring);
        fmpq_clear(value);
        fmpq_mpoly_one(below, ring);
        return true;
    case EXPRESSION_NAME:
        fmpq_mpoly_gen(above, names_find(&building->f->names, e->text), ring);
        fmpq_mpoly_one(below, ring);
        return true;
    case EXPRESSION_NEGATE:
        if (!build(building, e->of[0], above, below))
            return false;
        fmpq_mpoly_neg(above, above, ring);
        return true;
    case EXPRESSION_POWER:
        return build_power(building, e, above, below);
    case EXPRESSION_SUM:
    case EXPRESSION_PRODUCT:
    case EXPRESSION_DIVIDE:
        return build_two(building, e, above, below);
    default:
        return false;
    }
}

static bool reduce(struct fraction *f) {
    fmpq_mpoly_t common;
    fmpq_mpoly_init(common, f->ring);
    bool good = fmpq_mpoly_gcd(common, f->above, f->below, f->ring) &&
                fmpq_mpoly_divides(f->above, f->above, common, f->ring) &&
                fmpq_mpoly_divides(f->below, f->below, common, f->ring);
    fmpq_mpoly_clear(common, f->ring);
    return good;
}

bool fraction_start(struct fraction *f, const struct names *names, const struct expression *e,
                    struct effort *effort) {
    struct size size;
    if (names->n > POLYNOMIAL_NAMES || count_nodes(e) > MOST_NODES || !size_of(e, &size) ||
        most_terms(names->n, size.above > size.below ? size.above : size.below) > MOST_TERMS)
        return false;
    f->names = *names;
    fmpq_mpoly_ctx_init(f->ring, names->n > 0 ? names->n : 1, ORD_LEX);
    fmpq_mpoly_init(f->above, f->ring);
    fmpq_mpoly_init(f->below, f->ring);
    if (build(&(struct building){f, effort}, e, f->above, f->below) && reduce(f) &&
        effort_spend(effort, 20 * fmpq_mpoly_length(f->above, f->ring)))
        return true;
    fraction_end(f);
    return false;
}

void fraction_end(struct fraction *f) {
    fmpq_mpoly_clear(f->above, f->ring);
    fmpq_mpoly_clear(f->below, f->ring);
    fmpq_mpoly_ctx_clear(f->ring);
}

enum verdict same_equation(const struct judging *judging, const struct expression *a,
                           const struct expression *b) {
    struct names names = {0};
    struct fraction f, g;
    enum verdict verdict = VERDICT_UNKNOWN;
    if (!names_add(&names, a) || !names_add(&names, b) || !names.n ||
        !fraction_start(&f, &names, a, judging->effort))
        return VERDICT_UNKNOWN;
    if (fraction_start(&g, &names, b, judging->effort)) {
        if (!fmpq_mpoly_is_zero(f.above, f.ring) && !fmpq_mpoly_is_zero(g.above, g.ring)) {
            fmpq_mpoly_make_monic(f.above, f.above, f.ring);
            fmpq_mpoly_make_monic(g.above, g.above, f.ring);
        }
        verdict = fmpq_mpoly_equal(f.above, g.above, f.ring) ? VERDICT_EQUAL : VERDICT_DIFFERENT;
        fraction_end(&g);
    }
    fraction_end(&f);
    return verdict;
}
