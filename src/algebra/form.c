/* Whether an answer has the form that is asked for: expanded, factored, in lowest terms, … */
#include "algebra/written.h"

#include <flint/fmpq_mpoly_factor.h>
#include <flint/fmpz_factor.h>
#include <stdlib.h>
#include <string.h>

bool form_of_name(const char *name, enum answer_form *form) {
    static const char *const names[] = {"any",
                                        "same",
                                        "simplified",
                                        "lowest-terms",
                                        "factored",
                                        "expanded",
                                        "single-fraction",
                                        "partial-fractions",
                                        "completed-square",
                                        "exact",
                                        "decimal",
                                        "rationalized"};
    if (!strcmp(name, "rationalised"))
        name = "rationalized";
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i])) {
            *form = (enum answer_form)i;
            return true;
        }
    return false;
}

static bool has_sum(const struct expression *e) {
    return count_kind(e, EXPRESSION_SUM) > 0;
}

/* ------------------------------------------------------------------------------ polynomials */

/* A polynomial over Q, in names of its own; false when it is none, or too big to be worth it. */
static bool polynomial_start(const struct judging *judging, const struct expression *e,
                             struct fraction *out) {
    struct names names = {0};
    if (!names_add(&names, e) || !names.n || !fraction_start(out, &names, e, judging->effort))
        return false;
    if (fmpq_mpoly_is_fmpq(out->below, out->ring))
        return true;
    fraction_end(out);
    return false;
}

/* No factor of it can be taken out, not even a whole number. */
static bool irreducible(const struct judging *judging, const struct expression *e) {
    struct fraction f;
    fmpq_mpoly_factor_t factors;
    if (!polynomial_start(judging, e, &f))
        return true;
    bool single = fmpz_is_pm1(fmpq_numref(f.above->content)) || fmpq_is_zero(f.above->content);
    fmpq_mpoly_factor_init(factors, f.ring);
    if (single && effort_spend(judging->effort, 2000) &&
        fmpq_mpoly_factor(factors, f.above, f.ring))
        single = fmpq_mpoly_factor_length(factors, f.ring) == 1 &&
                 fmpq_mpoly_factor_get_exp_si(factors, 0, f.ring) == 1;
    fmpq_mpoly_factor_clear(factors, f.ring);
    fraction_end(&f);
    return single;
}

/* 4/x: a letter below a line. */
static bool divides_by_name(const struct expression *e) {
    struct names names = {0};
    slong power;
    const struct expression *below =
        e->kind == EXPRESSION_DIVIDE                                                     ? e->of[1]
        : e->kind == EXPRESSION_POWER && integer_exponent(e->of[1], &power) && power < 0 ? e->of[0]
                                                                                         : NULL;
    bool found = below && names_add(&names, below) && names.n;
    for (int i = 0; i < e->n && !found; i++)
        found = divides_by_name(e->of[i]);
    return found;
}

static bool is_factored(const struct judging *judging, const struct expression *e) {
    if (e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE)
        return is_factored(judging, e->of[0]) && is_factored(judging, e->of[1]);
    if (e->kind == EXPRESSION_NEGATE || e->kind == EXPRESSION_POWER)
        return is_factored(judging, e->of[0]);
    return e->kind != EXPRESSION_SUM || (irreducible(judging, e) && !divides_by_name(e));
}

/* 2^2*3: into primes, where there are only numbers. */
static bool is_prime_product(const struct expression *e) {
    fmpz_t value;
    if (e->kind == EXPRESSION_PRODUCT)
        return is_prime_product(e->of[0]) && is_prime_product(e->of[1]);
    if (e->kind == EXPRESSION_POWER || e->kind == EXPRESSION_NEGATE)
        return is_prime_product(e->of[0]);
    fmpz_init(value);
    bool prime =
        !whole_value(e, value) || fmpz_cmp_ui(value, 1) <= 0 || fmpz_is_probabprime(value);
    fmpz_clear(value);
    return prime;
}

/* With a variable a number is a factor like any other. */
static bool factored(const struct judging *judging, const struct expression *e,
                     const char *variable) {
    struct names names = {0};
    names_add(&names, e);
    return names.n || variable ? is_factored(judging, e) : is_prime_product(e);
}

/* ------------------------------------------------------------------------------------- terms */

/* Terms that belong together, as 2x and 3x do. */
static bool like_terms(const struct judging *judging, const struct expression *e) {
    struct terms terms;
    struct fraction f;
    bool like = false;
    terms_of(judging->arena, e, &terms);
    if (!effort_spend(judging->effort, (long)terms.n * 20) || terms.n > 200)
        return false;
    if (polynomial_start(judging, e, &f)) {
        like = terms.n > fmpq_mpoly_length(f.above, f.ring);
        fraction_end(&f);
    }
    struct buffer *text = must_alloc((size_t)terms.n, sizeof *text);
    for (int i = 0; i < terms.n; i++) {
        bare_text(judging->arena, terms.of[i], &text[i]);
        for (int j = 0; j < i && !like; j++)
            like = view_equal(buffer_view(&text[i]), buffer_view(&text[j]));
    }
    for (int i = 0; i < terms.n; i++)
        buffer_free(&text[i]);
    free(text);
    return like;
}

/* Two numbers, or a base twice, in one product: 2*3x, x*x^2, 4/2. */
static bool like_factors(const struct judging *judging, const struct expression *e, bool across) {
    struct factors factors;
    double number;
    factors_of(judging->arena, e, &factors);
    int n = factors.n_above + factors.n_below, numbers[2] = {0, 0};
    for (int i = 0; i < n; i++) {
        bool below = i >= factors.n_above;
        const struct expression *a = below ? factors.below[i - factors.n_above] : factors.above[i];
        if (rough_value(a, &number)) {
            if (number == 1 && !below && factors.n_above > 1 && !factors.n_below)
                return true; /* 1x */
            if (++numbers[below] > 1)
                return true;
            continue;
        }
        a = a->kind == EXPRESSION_POWER ? a->of[0] : a;
        for (int j = 0; j < i && j < 32; j++) {
            bool under = j >= factors.n_above;
            const struct expression *b =
                under ? factors.below[j - factors.n_above] : factors.above[j];
            b = b->kind == EXPRESSION_POWER ? b->of[0] : b;
            if ((across || below == under) && effort_spend(judging->effort, 20) &&
                same_written(a, b))
                return true;
        }
    }
    return false;
}

static bool expanded_inside(const struct judging *judging, const struct expression *e,
                            bool multiplied) {
    slong power;
    switch (e->kind) {
    case EXPRESSION_SUM:
        return !multiplied && expanded_inside(judging, e->of[0], false) &&
               expanded_inside(judging, e->of[1], false);
    case EXPRESSION_NEGATE:
        return expanded_inside(judging, e->of[0], multiplied || has_sum(e->of[0]));
    case EXPRESSION_PRODUCT:
        return expanded_inside(judging, e->of[0], true) &&
               expanded_inside(judging, e->of[1], true);
    case EXPRESSION_POWER:
        return !integer_exponent(e->of[1], &power) || power < 0 ||
               expanded_inside(judging, e->of[0], true);
    case EXPRESSION_DIVIDE:
        return !has_sum(e->of[0]);
    default:
        return true;
    }
}

static bool products_collected(const struct judging *judging, const struct expression *e) {
    struct terms terms;
    terms_of(judging->arena, e, &terms);
    for (int i = 0; i < terms.n; i++)
        if (like_factors(judging, terms.of[i], true))
            return false;
    return true;
}

/* --------------------------------------------------------------------------------- fractions */

static bool common_factor(const struct judging *judging, const struct factors *factors) {
    struct fraction f;
    const struct expression *above = product_of(judging->arena, factors->above, factors->n_above);
    const struct expression *below = product_of(judging->arena, factors->below, factors->n_below);
    fmpz_t a, b;
    fmpz_init(a);
    fmpz_init(b);
    integer_content(above, a);
    integer_content(below, b);
    fmpz_gcd(a, a, b);
    bool common = fmpz_cmp_ui(a, 1) > 0 || fmpz_is_zero(a);
    for (int i = 0; i < factors->n_below && !common; i++)
        common = whole_value(factors->below[i], b) && fmpz_is_one(b); /* x/1 */
    fmpz_clear(a);
    fmpz_clear(b);
    struct names names = {0};
    const struct expression *both[] = {above, below};
    slong degree = 0, reduced = 0;
    names_add(&names, above);
    names_add(&names, below);
    for (int i = 0; i < 2 && names.n; i++) {
        if (!fraction_start(&f, &names, both[i], judging->effort))
            return common;
        degree += fmpq_mpoly_total_degree_si(f.above, f.ring);
        fraction_end(&f);
    }
    const struct expression *whole =
        expression_pair(judging->arena, EXPRESSION_DIVIDE, above, below);
    if (!common && names.n && fraction_start(&f, &names, whole, judging->effort)) {
        reduced = fmpq_mpoly_total_degree_si(f.above, f.ring) +
                  fmpq_mpoly_total_degree_si(f.below, f.ring);
        common = reduced < degree;
        fraction_end(&f);
    }
    return common;
}

static bool lowest_terms(const struct judging *judging, const struct expression *e, bool inside) {
    bool chain = e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE ||
                 e->kind == EXPRESSION_NEGATE;
    struct factors factors;
    if (chain && !inside) {
        factors_of(judging->arena, e, &factors);
        if (factors.n_below && common_factor(judging, &factors))
            return false;
    }
    if (e->kind == EXPRESSION_DIVIDE && e->of[1]->kind == EXPRESSION_NEGATE)
        return false; /* -3/-4, 3/-4 */
    for (int i = 0; i < e->n; i++)
        if (!lowest_terms(judging, e->of[i], chain))
            return false;
    return true;
}

/* A decimal is no fraction in lowest terms where the key is a fraction. */
static bool is_decimal(const struct expression *e) {
    while (e->kind == EXPRESSION_NEGATE)
        e = e->of[0];
    return e->kind == EXPRESSION_NUMBER && e->exponent < 0;
}

static int count_divisions(const struct expression *e) {
    slong power;
    int n = e->kind == EXPRESSION_DIVIDE ||
            (e->kind == EXPRESSION_POWER && integer_exponent(e->of[1], &power) && power < 0);
    int n_searched = e->kind == EXPRESSION_POWER ? 1 : e->n; /* 5^(3/2) is no fraction */
    for (int i = 0; i < n_searched; i++)
        n += count_divisions(e->of[i]);
    return n;
}

static bool single_fraction(const struct expression *e) {
    while (e->kind == EXPRESSION_NEGATE)
        e = e->of[0];
    int n = count_divisions(e);
    return n == 0 || (n == 1 && (e->kind == EXPRESSION_DIVIDE || e->kind == EXPRESSION_POWER));
}

/* c/p^k with p irreducible and c of lower degree than p; or no fraction of names at all. */
static bool simple_fraction(const struct judging *judging, const struct expression *e) {
    struct factors factors;
    struct fraction above, below;
    fmpq_mpoly_factor_t parts;
    factors_of(judging->arena, e, &factors);
    const struct expression *under = product_of(judging->arena, factors.below, factors.n_below);
    if (!polynomial_start(judging, under, &below))
        return true;
    fmpq_mpoly_factor_init(parts, below.ring);
    bool simple = effort_spend(judging->effort, 2000) &&
                  fmpq_mpoly_factor(parts, below.above, below.ring) &&
                  fmpq_mpoly_factor_length(parts, below.ring) == 1;
    if (simple) {
        slong degree = fmpq_mpoly_total_degree_si(below.above, below.ring) /
                       fmpq_mpoly_factor_get_exp_si(parts, 0, below.ring);
        const struct expression *over = product_of(judging->arena, factors.above, factors.n_above);
        if (fraction_start(&above, &below.names, over, judging->effort)) {
            simple = fmpq_mpoly_total_degree_si(above.above, above.ring) < degree;
            fraction_end(&above);
        }
    }
    fmpq_mpoly_factor_clear(parts, below.ring);
    fraction_end(&below);
    return simple;
}

static bool partial_fractions(const struct judging *judging, const struct expression *e) {
    struct terms terms;
    terms_of(judging->arena, e, &terms);
    for (int i = 0; i < terms.n; i++)
        if (!simple_fraction(judging, terms.of[i]))
            return false;
    return !like_terms(judging, e);
}

/* ---------------------------------------------------------------------------------- the rest */

static bool has_square_factor(const struct expression *e) {
    fmpz_t value;
    fmpz_factor_t factors;
    bool square = false;
    fmpz_init(value);
    if (whole_value(e, value) && fmpz_bits(value) <= 64 && fmpz_cmp_ui(value, 1) > 0) {
        fmpz_factor_init(factors);
        fmpz_factor(factors, value);
        for (slong i = 0; i < factors->num; i++)
            square |= factors->exp[i] > 1;
        fmpz_factor_clear(factors);
    } else
        square = whole_value(e, value) && fmpz_cmp_ui(value, 1) <= 0;
    fmpz_clear(value);
    return square;
}

static bool simple_node(const struct judging *judging, const struct expression *e,
                        enum expression_kind above) {
    double number;
    slong power;
    bool product = e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE;
    if (e->kind == EXPRESSION_SUM && above != EXPRESSION_SUM && like_terms(judging, e))
        return false;
    if (product && above != EXPRESSION_PRODUCT && like_factors(judging, e, true))
        return false;
    if (e->kind == EXPRESSION_POWER &&
        (rough_value(e, &number) ||
         (integer_exponent(e->of[1], &power) && power >= 0 && power < 2)))
        return false;
    if (e->kind == EXPRESSION_NEGATE && e->of[0]->kind == EXPRESSION_NEGATE)
        return false;
    if (e->kind == EXPRESSION_CALL && view_is(e->text, "sqrt") && has_square_factor(e->of[0]))
        return false;
    if (e->kind == EXPRESSION_NUMBER && view_is(e->text, "0") && above != EXPRESSION_RELATION)
        return false;
    for (int i = 0; i < e->n; i++)
        if (!simple_node(judging, e->of[i], product ? EXPRESSION_PRODUCT : e->kind))
            return false;
    return true;
}

static int count_name(const struct expression *e, struct view name) {
    int n = e->kind == EXPRESSION_NAME && view_equal(e->text, name);
    for (int i = 0; i < e->n; i++)
        n += count_name(e->of[i], name);
    return n;
}

/* The unknown stands once, so it stands in the square. */
static bool completed_square(const struct expression *e, const char *variable) {
    struct names names = {0};
    names_add(&names, e);
    if (variable)
        return count_name(e, view_of(variable)) <= 1;
    if (names_find(&names, VIEW("x")) >= 0 || names_find(&names, VIEW("y")) >= 0)
        return count_name(e, VIEW("x")) <= 1 && count_name(e, VIEW("y")) <= 1;
    return !names.n || count_name(e, names.name[0]) <= 1;
}

/* 0.5 in place of 1/2. */
static bool has_decimal(const struct expression *e) {
    if (e->kind == EXPRESSION_NUMBER && e->exponent < 0)
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_decimal(e->of[i]))
            return true;
    return false;
}

/* 1/2, √2 or π in place of a decimal. */
static bool has_exact_number(const struct expression *e) {
    struct names names = {0};
    bool letters = !names_add(&names, e) || names.n > 0;
    if (!letters &&
        (e->kind == EXPRESSION_DIVIDE || e->kind == EXPRESSION_CALL ||
         e->kind == EXPRESSION_POWER || e->kind == EXPRESSION_CONSTANT) &&
        !has_constant(e, "i") && !has_constant(e, "inf"))
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_exact_number(e->of[i]))
            return true;
    return false;
}

/* A root of a number, or i, where it would be cleared away: under a line. */
static bool has_root_below(const struct expression *e, bool below) {
    struct names names = {0};
    slong power;
    bool number = names_add(&names, e) && !names.n;
    bool root =
        (e->kind == EXPRESSION_CALL && (view_is(e->text, "sqrt") || view_is(e->text, "cbrt"))) ||
        (e->kind == EXPRESSION_POWER && !integer_exponent(e->of[1], &power)) ||
        (e->kind == EXPRESSION_CONSTANT && view_is(e->text, "i"));
    double size; /* 2^(-1/2) is 1/√2 */
    bool negative =
        root && e->kind == EXPRESSION_POWER && rough_value(e->of[1], &size) && size < 0;
    if ((below || negative) && number && root)
        return true;
    bool turned = e->kind == EXPRESSION_POWER && integer_exponent(e->of[1], &power) && power < 0;
    for (int i = 0; i < e->n; i++)
        if (has_root_below(e->of[i], below || (turned && i == 0) ||
                                         (e->kind == EXPRESSION_DIVIDE && i == 1)))
            return true;
    return false;
}

bool has_form(const struct judging *judging, const struct expression *key,
              const struct expression *answer, enum answer_form form, const char *variable) {
    switch (form) {
    case FORM_ANY:
        return true;
    case FORM_SAME:
        return same_written(key, answer);
    case FORM_SIMPLIFIED:
        return simple_node(judging, answer, EXPRESSION_RELATION) &&
               lowest_terms(judging, answer, false) && count_nodes(answer) <= count_nodes(key) + 3;
    case FORM_LOWEST_TERMS:
        return lowest_terms(judging, answer, false) &&
               !(is_decimal(answer) && count_kind(key, EXPRESSION_DIVIDE));
    case FORM_FACTORED:
        return factored(judging, answer, variable);
    case FORM_EXPANDED:
        return expanded_inside(judging, answer, false) && products_collected(judging, answer) &&
               !like_terms(judging, answer);
    case FORM_SINGLE_FRACTION:
        return single_fraction(answer);
    case FORM_PARTIAL_FRACTIONS:
        return partial_fractions(judging, answer);
    case FORM_COMPLETED_SQUARE:
        return completed_square(answer, variable);
    case FORM_EXACT:
        return !has_decimal(answer);
    case FORM_DECIMAL:
        return !has_exact_number(answer);
    case FORM_RATIONALIZED:
        return !has_root_below(answer, false);
    }
    return false;
}

const char *why_not_form(const struct judging *judging, const struct expression *answer,
                         enum answer_form form) {
    bool sum = has_sum(answer);
    switch (form) {
    case FORM_FACTORED:
        return !sum                                      ? "form"
               : expanded_inside(judging, answer, false) ? "form-expanded"
                                                         : "form-partly-factored";
    case FORM_EXPANDED:
        return expanded_inside(judging, answer, false) ? "form-like-terms" : "form-factored";
    case FORM_LOWEST_TERMS:
        return is_decimal(answer) ? "form-decimal" : "form-reducible";
    case FORM_SIMPLIFIED:
        return !lowest_terms(judging, answer, false) ? "form-reducible"
               : sum && like_terms(judging, answer)  ? "form-like-terms"
                                                     : "form-unsimplified";
    case FORM_COMPLETED_SQUARE:
        return "form-no-square";
    case FORM_SINGLE_FRACTION:
        return "form-several-fractions";
    case FORM_PARTIAL_FRACTIONS:
        return "form-one-fraction";
    case FORM_EXACT:
        return "form-decimal";
    case FORM_DECIMAL:
        return "form-fraction";
    case FORM_RATIONALIZED:
        return "form-root-below";
    default:
        return "form";
    }
}
