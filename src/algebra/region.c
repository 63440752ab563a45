/* Inequalities and intervals in one name: where they change, and whether they hold there, between
 * and beyond. */
#include "algebra/inside.h"

#include <arb_fmpz_poly.h>
#include <stdlib.h>

enum { MAX_BREAKS = 64, MAX_DEGREE = 32, PRECISION = 320, ZERO_BITS = 150 };
enum { MOST_MEMBERS = 60, FARTHEST = 200 };

static bool is_joined(const struct expression *e) {
    return e->kind == EXPRESSION_OR || e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA ||
           e->kind == EXPRESSION_NOT || e->kind == EXPRESSION_WITHOUT;
}

static bool all_values(const struct expression *e) {
    for (int i = 0; i < e->n; i++)
        if (is_statement(e->of[i]))
            return false;
    return true;
}

bool is_region(const struct expression *e) {
    if (is_joined(e)) {
        for (int i = 0; i < e->n; i++)
            if (!is_region(e->of[i]))
                return false;
        return true;
    }
    if (e->kind == EXPRESSION_RELATION && is_statement(e->of[1]))
        return e->relation == EQUAL && e->of[0]->kind == EXPRESSION_NAME && is_region(e->of[1]);
    if (e->kind == EXPRESSION_RELATION || e->kind == EXPRESSION_SET)
        return all_values(e);
    return e->kind == EXPRESSION_LIST && e->n == 2 && all_values(e);
}

bool is_inequality(const struct expression *e) {
    bool sets =
        e->kind == EXPRESSION_WITHOUT || e->kind == EXPRESSION_NOT || (is_joined(e) && e->text.n);
    if (e->kind == EXPRESSION_RELATION && e->relation != EQUAL)
        return true;
    if (e->kind == EXPRESSION_LIST)
        return e->n == 2 && (e->open_left != e->open_right || has_constant(e, "inf"));
    for (int i = 0; i < e->n; i++)
        if (is_inequality(e->of[i]) || (sets && e->of[i]->kind == EXPRESSION_LIST))
            return true;
    return false;
}

struct place {
    arb_struct at;
    bool edge; /* the end of a domain, met only nearly: what holds just there can't be told */
};

struct region {
    const struct judging *judging;
    struct names names;
    struct place breaks[MAX_BREAKS];
    int n;
    bool scanned; /* some break was only looked for */
};

static const struct expression *side_difference(const struct region *region,
                                                const struct expression *e) {
    struct arena *arena = region->judging->arena;
    return expression_pair(arena, EXPRESSION_SUM, e->of[0], expression_negated(arena, e->of[1]));
}

/* The value of e with the only name at x; indeterminate where it has none or is at a pole. */
static void value_at(const struct region *region, const struct expression *e, const arb_t x,
                     slong precision, arb_t out) {
    struct point point = {
        .names = &region->names, .effort = region->judging->effort, .precision = precision};
    acb_t value;
    fmpz_t mantissa, exponent;
    fmpq_t at;
    acb_init(value);
    fmpz_init(mantissa);
    fmpz_init(exponent);
    fmpq_init(at);
    arf_get_fmpz_2exp(mantissa, exponent, arb_midref(x));
    slong shift = fmpz_get_si(exponent);
    fmpq_set_fmpz(at, mantissa);
    if (shift >= 0)
        fmpq_mul_2exp(at, at, (mp_limb_t)shift);
    else
        fmpq_div_2exp(at, at, (mp_limb_t)-shift);
    point.at[0] = *at;
    ball(e, &point, value);
    arb_set(out, acb_realref(value));
    *at = point.at[0];
    fmpq_clear(at);
    fmpz_clear(mantissa);
    fmpz_clear(exponent);
    acb_clear(value);
}

static void add_break(struct region *region, const arb_t x) {
    for (int i = 0; i < region->n; i++)
        if (arb_overlaps(x, &region->breaks[i].at))
            return;
    if (region->n < MAX_BREAKS && arb_is_finite(x) && arf_cmpabs_2exp_si(arb_midref(x), 300) < 0)
        arb_set(&region->breaks[region->n++].at, x);
}

static void add_end(struct region *region, const struct expression *end) {
    arb_t zero, value;
    if (has_constant(end, "inf"))
        return;
    arb_init(zero);
    arb_init(value);
    value_at(region, end, zero, PRECISION, value);
    add_break(region, value);
    arb_clear(zero);
    arb_clear(value);
}

static void add_roots(struct region *region, const fmpq_mpoly_t f, const fmpq_mpoly_ctx_t ring) {
    fmpz_poly_t polynomial;
    fmpz_t whole;
    fmpz_poly_init(polynomial);
    fmpz_init(whole);
    for (slong i = 0; i < fmpq_mpoly_length(f, ring); i++) {
        mp_limb_t power;
        fmpz_mpoly_get_term_exp_ui(&power, f->zpoly, i, ring->zctx);
        fmpz_mpoly_get_term_coeff_fmpz(whole, f->zpoly, i, ring->zctx);
        fmpz_poly_set_coeff_fmpz(polynomial, (slong)power, whole);
    }
    fmpz_poly_t slope;
    fmpz_poly_init(slope);
    fmpz_poly_derivative(slope, polynomial);
    fmpz_poly_gcd(slope, slope, polynomial);
    if (fmpz_poly_degree(slope) > 0)
        fmpz_poly_div(polynomial, polynomial, slope);
    slong degree = fmpz_poly_degree(polynomial);
    if (degree > 0 && effort_spend(region->judging->effort, 200 * degree * degree)) {
        acb_ptr roots = _acb_vec_init(degree);
        arb_fmpz_poly_complex_roots(roots, polynomial, 0, PRECISION);
        for (slong i = 0; i < degree; i++)
            if (surely_real(roots + i))
                add_break(region, acb_realref(roots + i));
        _acb_vec_clear(roots, degree);
    }
    fmpz_poly_clear(slope);
    fmpz_poly_clear(polynomial);
    fmpz_clear(whole);
}

/* -1, 0, 1: the sign; 2: no value here. */
static int sign_at(const struct region *region, const struct expression *f, const arb_t x,
                   slong precision) {
    arb_t y;
    arb_init(y);
    value_at(region, f, x, precision, y);
    int sign = !arb_is_finite(y) ? 2 : arb_is_positive(y) ? 1 : arb_is_negative(y) ? -1 : 0;
    arb_clear(y);
    return sign;
}

/* The whole number of 2^-20ths that x is but for a tiny error; false when it is none. */
static bool snap(arb_t x) {
    arb_t near;
    arf_t half;
    arb_init(near);
    arf_init(half);
    arf_set_d(half, 0.5);
    arb_mul_2exp_si(near, x, 20);
    arf_add(arb_midref(near), arb_midref(near), half, 2 * PRECISION, ARF_RND_NEAR);
    arf_floor(arb_midref(near), arb_midref(near));
    mag_zero(arb_radref(near));
    arb_mul_2exp_si(near, near, -20);
    bool snapped = arb_contains(x, near);
    if (snapped)
        arb_set(x, near);
    arf_clear(half);
    arb_clear(near);
    return snapped;
}

static void bisect(struct region *region, const struct expression *f, const arb_t low,
                   const arb_t high, int sign_low) {
    arb_t a, b, middle;
    bool edge = sign_low == 2;
    arb_init(a);
    arb_init(b);
    arb_init(middle);
    arb_set(a, low);
    arb_set(b, high);
    for (int i = 0, sign = 1; i < 200 && sign; i++) {
        arb_add(middle, a, b, 2 * PRECISION);
        arb_mul_2exp_si(middle, middle, -1);
        sign = sign_at(region, f, middle, PRECISION);
        edge |= sign == 2;
        arb_set(sign == sign_low ? a : b, middle);
    }
    arb_add_error_2exp_si(middle, -190);
    bool snapped = snap(middle);
    int n = region->n;
    add_break(region, middle);
    if (region->n > n)
        region->breaks[n].edge = edge && !snapped;
    arb_clear(a);
    arb_clear(b);
    arb_clear(middle);
}

/* Eighths up to 8, then wider and wider up to some thousands. */
static void grid(int i, arb_t x) {
    int far = abs(i) - 64;
    arb_set_si(x, far <= 0 ? i : (i < 0 ? -1 : 1) * (64 + 8 * far * far * far));
    arb_mul_2exp_si(x, x, -3);
}

/* Where no theory finds the zeros: changes of sign, or of having a value, on a grid. */
static void scan(struct region *region, const struct expression *f) {
    arb_t x, last;
    int before = 0;
    arb_init(x);
    arb_init(last);
    region->scanned = true;
    for (int i = -80; i <= 80; i++) {
        grid(i, x);
        int now = sign_at(region, f, x, 128);
        if (now == 0)
            add_break(region, x);
        else if (before != 0 && now != before)
            bisect(region, f, last, x, before);
        before = now;
        arb_set(last, x);
    }
    arb_clear(x);
    arb_clear(last);
}

/* Of -inf < x and x < inf: the sign of left less right. 0: neither side is infinite. */
static int infinite_gap(const struct expression *e) {
    for (int side = 0; side < 2; side++) {
        bool minus = e->of[side]->kind == EXPRESSION_NEGATE;
        const struct expression *end = minus ? e->of[side]->of[0] : e->of[side];
        if (end->kind == EXPRESSION_CONSTANT && view_is(end->text, "inf"))
            return minus == (side == 1) ? 1 : -1;
    }
    return 0;
}

static void add_breaks(struct region *region, const struct expression *e) {
    struct fraction fraction;
    if (e->kind == EXPRESSION_LIST || e->kind == EXPRESSION_SET)
        for (int i = 0; i < e->n; i++)
            add_end(region, e->of[i]);
    else if (e->kind != EXPRESSION_RELATION)
        for (int i = 0; i < e->n; i++)
            add_breaks(region, e->of[i]);
    else if (is_statement(e->of[1]))
        add_breaks(region, e->of[1]);
    else if (!infinite_gap(e)) {
        const struct expression *f = side_difference(region, e);
        if (!fraction_start(&fraction, &region->names, f, region->judging->effort)) {
            scan(region, f);
            return;
        }
        if (fmpq_mpoly_total_degree_si(fraction.above, fraction.ring) > MAX_DEGREE ||
            fmpq_mpoly_total_degree_si(fraction.below, fraction.ring) > MAX_DEGREE)
            scan(region, f);
        else if (region->names.n) {
            add_roots(region, fraction.above, fraction.ring);
            add_roots(region, fraction.below, fraction.ring);
        }
        fraction_end(&fraction);
    }
}

/* f relation 0, where f is known up to a tiny error. */
static bool holds(enum expression_relation relation, const arb_t f) {
    static const bool table[6][3] = {{0, 1, 0}, {1, 0, 1}, {1, 0, 0},
                                     {1, 1, 0}, {0, 0, 1}, {0, 1, 1}};
    if (!arb_is_finite(f))
        return false;
    bool tiny = arf_cmpabs_2exp_si(arb_midref(f), -ZERO_BITS) < 0;
    int sign = tiny ? 0 : arb_is_positive(f) ? 1 : arb_is_negative(f) ? -1 : 0;
    return table[relation][sign + 1];
}

static bool in_interval(const struct region *region, const struct expression *e, const arb_t x) {
    bool inside = true;
    arb_t f, zero;
    arb_init(f);
    arb_init(zero);
    for (int side = 0; side < 2; side++) {
        const struct expression *end = e->of[side];
        if (has_constant(end, "inf")) /* (-inf or inf): any other order is empty */
            inside &= (end->kind == EXPRESSION_NEGATE) == (side == 0);
        else {
            value_at(region, end, zero, PRECISION, f);
            arb_sub(f, x, f, PRECISION);
            inside &= holds(side ? (e->open_right ? LESS : LESS_EQUAL)
                                 : (e->open_left ? GREATER : GREATER_EQUAL),
                            f);
        }
    }
    arb_clear(f);
    arb_clear(zero);
    return inside;
}

static bool in_set(const struct region *region, const struct expression *e, const arb_t x) {
    bool inside = false;
    arb_t f, zero;
    arb_init(f);
    arb_init(zero);
    for (int i = 0; i < e->n && !inside; i++) {
        value_at(region, e->of[i], zero, PRECISION, f);
        arb_sub(f, x, f, PRECISION);
        inside = holds(EQUAL, f);
    }
    arb_clear(f);
    arb_clear(zero);
    return inside;
}

/* at_break: x is a break up to rounding, so that what is huge is a pole, which has no value. */
static bool truth(const struct region *region, const struct expression *e, const arb_t x,
                  bool at_break) {
    if (e->kind == EXPRESSION_OR || e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA) {
        bool any = e->kind == EXPRESSION_OR;
        for (int i = 0; i < e->n; i++)
            if (truth(region, e->of[i], x, at_break) == any)
                return any;
        return !any;
    }
    if (e->kind == EXPRESSION_NOT)
        return !truth(region, e->of[0], x, at_break);
    if (e->kind == EXPRESSION_WITHOUT)
        return truth(region, e->of[0], x, at_break) && !truth(region, e->of[1], x, at_break);
    if (e->kind == EXPRESSION_LIST)
        return in_interval(region, e, x);
    if (e->kind == EXPRESSION_SET)
        return in_set(region, e, x);
    if (is_statement(e->of[1]))
        return truth(region, e->of[1], x, at_break);
    int gap = infinite_gap(e);
    arb_t f;
    arb_init(f);
    if (gap)
        arb_set_si(f, gap);
    else
        value_at(region, side_difference(region, e), x, PRECISION, f);
    bool pole = at_break && arf_cmpabs_2exp_si(arb_midref(f), ZERO_BITS) > 0;
    bool held = !pole && holds(e->relation, f);
    arb_clear(f);
    return held;
}

static int by_size(const void *a, const void *b) {
    return arf_cmp(arb_midref(&((const struct place *)a)->at),
                   arb_midref(&((const struct place *)b)->at));
}

struct tally {
    int same, turned, at_break;
};

static void try_at(const struct region *region, const struct expression *key,
                   const struct expression *answer, arb_t x, bool is_break, struct tally *tally) {
    mag_zero(arb_radref(x));
    bool same = truth(region, key, x, is_break) == truth(region, answer, x, is_break);
    if (is_break)
        tally->at_break += !same;
    else
        same ? tally->same++ : tally->turned++;
}

static void try_all(struct region *region, const struct expression *key,
                    const struct expression *answer, struct tally *tally) {
    arb_t x;
    arb_init(x);
    for (int i = 0; i <= region->n; i++) {
        if (i < region->n && !region->breaks[i].edge) {
            arb_set(x, &region->breaks[i].at);
            try_at(region, key, answer, x, true, tally);
        }
        if (!region->n)
            arb_zero(x);
        else if (i == 0 || i == region->n)
            arb_add_si(x, &region->breaks[i ? i - 1 : 0].at, i ? 1 : -1, PRECISION);
        else {
            arb_add(x, &region->breaks[i - 1].at, &region->breaks[i].at, PRECISION);
            arb_mul_2exp_si(x, x, -1);
        }
        try_at(region, key, answer, x, false, tally);
    }
    for (int i = -80; region->scanned && i <= 80; i += 4) { /* what the scan may have missed */
        grid(i, x);
        arb_mul_ui(x, x, 97, PRECISION); /* off the round numbers */
        arb_div_ui(x, x, 101, PRECISION);
        try_at(region, key, answer, x, false, tally);
    }
    arb_clear(x);
}

const char *region_difference(const struct judging *judging, const struct expression *key,
                              const struct expression *answer) {
    struct region region = {.judging = judging};
    struct tally tally = {0};
    names_add(&region.names, key);
    names_add(&region.names, answer);
    for (int i = 0; i < MAX_BREAKS; i++)
        arb_init(&region.breaks[i].at);
    add_breaks(&region, key);
    add_breaks(&region, answer);
    qsort(region.breaks, (size_t)region.n, sizeof *region.breaks, by_size);
    try_all(&region, key, answer, &tally);
    for (int i = 0; i < MAX_BREAKS; i++)
        arb_clear(&region.breaks[i].at);
    return !tally.turned && !tally.at_break ? NULL
           : !tally.turned                  ? "strictness"
           : !tally.same                    ? "direction"
                                            : "different";
}

/* Whether it holds at a whole number. */
static bool holds_at(const struct region *region, const struct expression *e, long at) {
    arb_t x;
    arb_init(x);
    arb_set_si(x, at);
    bool held = truth(region, e, x, true);
    arb_clear(x);
    return held;
}

const struct expression *whole_members(const struct judging *judging, const struct expression *e) {
    struct region region = {.judging = judging};
    struct expression *made = expression_new(judging->arena, EXPRESSION_SET, MOST_MEMBERS);
    const struct expression *bound = NULL;
    struct view name = {0};
    made->n = 0;
    if (e->kind != EXPRESSION_AND || e->n != 2)
        return e;
    for (int i = 0; i < 2; i++) {
        const struct expression *one = e->of[i];
        if (one->kind == EXPRESSION_RELATION && one->relation == EQUAL &&
            one->of[0]->kind == EXPRESSION_NAME && one->of[1]->kind == EXPRESSION_NAME &&
            view_is(one->of[1]->text, "integers"))
            name = one->of[0]->text;
        else
            bound = one;
    }
    if (!name.n || !bound || !is_inequality(bound) || !is_region(bound) ||
        !names_add(&region.names, bound) || region.names.n != 1 ||
        !view_equal(region.names.name[0], name))
        return e;
    for (long at = -FARTHEST; at <= FARTHEST; at++) {
        if (!holds_at(&region, bound, at))
            continue;
        if (at == -FARTHEST || at == FARTHEST || made->n == MOST_MEMBERS)
            return e; /* too many, or without end */
        struct expression *number = expression_new(judging->arena, EXPRESSION_NUMBER, 0);
        number->text = view_of(arena_format(judging->arena, "%ld", labs(at)));
        made->of[made->n++] = at < 0 ? expression_negated(judging->arena, number) : number;
    }
    return made;
}
