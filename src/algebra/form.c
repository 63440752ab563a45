/* How an answer is written: expanded, factored, in lowest terms, as the key is. */
#include "algebra/inside.h"

#include <flint/fmpq_mpoly_factor.h>
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
                                        "completed-square"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i])) {
            *form = (enum answer_form)i;
            return true;
        }
    return false;
}

/* ----------------------------------------------------------------- the same up to order */

struct terms {
    const struct expression *of[EXPRESSION_NODES];
    bool minus[EXPRESSION_NODES];
    int n;
};

static void gather(const struct expression *e, enum expression_kind kind, bool minus,
                   struct terms *out) {
    if (e->kind == kind) {
        gather(e->of[0], kind, minus, out);
        gather(e->of[1], kind, minus, out);
    } else if (e->kind == EXPRESSION_NEGATE && kind == EXPRESSION_SUM)
        gather(e->of[0], kind, !minus, out);
    else if (out->n < EXPRESSION_NODES) {
        out->minus[out->n] = minus;
        out->of[out->n++] = e;
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void canonical(const struct expression *e, struct buffer *out);

static void canonical_terms(const struct expression *e, enum expression_kind kind,
                            struct buffer *out) {
    struct terms *terms = must_alloc(1, sizeof *terms);
    gather(e, kind, false, terms);
    char **text = must_alloc((size_t)terms->n, sizeof *text);
    for (int i = 0; i < terms->n; i++) {
        struct buffer one = {0};
        buffer_text(&one, terms->minus[i] ? "-" : "");
        canonical(terms->of[i], &one);
        text[i] = one.at;
    }
    qsort(text, (size_t)terms->n, sizeof *text, by_text);
    for (int i = 0; i < terms->n; i++) {
        buffer_text(out, text[i] ? text[i] : "");
        buffer_byte(out, ' ');
        free(text[i]);
    }
    free(text);
    free(terms);
}

static void canonical(const struct expression *e, struct buffer *out) {
    buffer_format(out, "(%d%d ", (int)e->kind, (int)e->relation);
    if (e->kind == EXPRESSION_SUM || e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_NEGATE)
        canonical_terms(e, e->kind == EXPRESSION_PRODUCT ? EXPRESSION_PRODUCT : EXPRESSION_SUM,
                        out);
    else {
        buffer_append(out, e->text);
        if (e->exponent)
            buffer_format(out, "e%d", e->exponent);
        for (int i = 0; i < e->n; i++)
            canonical(e->of[i], out);
    }
    buffer_byte(out, ')');
}

bool same_written(const struct expression *a, const struct expression *b) {
    struct buffer x = {0}, y = {0};
    canonical(a, &x);
    canonical(b, &y);
    bool same = view_equal(buffer_view(&x), buffer_view(&y));
    buffer_free(&x);
    buffer_free(&y);
    return same;
}

/* ------------------------------------------------------------------------ as polynomials */

static double degree(const struct expression *e) {
    double power, a = e->n > 0 ? degree(e->of[0]) : 0, b = e->n > 1 ? degree(e->of[1]) : 0;
    switch (e->kind) {
    case EXPRESSION_NAME:
        return 1;
    case EXPRESSION_NUMBER:
        return 0;
    case EXPRESSION_SUM:
        return a > b ? a : b;
    case EXPRESSION_PRODUCT:
        return a + b;
    case EXPRESSION_NEGATE:
        return a;
    case EXPRESSION_DIVIDE:
        return rough_value(e->of[1], &power) && power != 0 ? a : 1e9;
    case EXPRESSION_POWER:
        return rough_value(e->of[1], &power) && power >= 0 && power <= 64 && power == (int)power
                   ? a * power + (a == 0 ? power / 8 : 0)
                   : 1e9;
    default:
        return 1e9;
    }
}

static bool polynomial(const struct expression *e, const struct names *names,
                       const fmpq_mpoly_ctx_t ring, fmpq_mpoly_t out) {
    fmpq_mpoly_t b;
    fmpq_t value;
    double power;
    if (e->kind == EXPRESSION_NUMBER) {
        fmpq_init(value);
        number_value(e, value);
        fmpq_mpoly_set_fmpq(out, value, ring);
        fmpq_clear(value);
        return true;
    }
    if (e->kind == EXPRESSION_NAME) {
        fmpq_mpoly_gen(out, names_find(names, e->text), ring);
        return true;
    }
    if (e->n < 1 || !polynomial(e->of[0], names, ring, out))
        return false;
    if (e->kind == EXPRESSION_NEGATE) {
        fmpq_mpoly_neg(out, out, ring);
        return true;
    }
    if (e->kind == EXPRESSION_POWER)
        return rough_value(e->of[1], &power) &&
               fmpq_mpoly_pow_ui(out, out, (mp_limb_t)power, ring);
    if (e->n != 2)
        return false;
    fmpq_mpoly_init(b, ring);
    bool good = polynomial(e->of[1], names, ring, b);
    if (good && e->kind == EXPRESSION_SUM)
        fmpq_mpoly_add(out, out, b, ring);
    else if (good && e->kind == EXPRESSION_PRODUCT)
        fmpq_mpoly_mul(out, out, b, ring);
    else
        good = good && fmpq_mpoly_divides(out, out, b, ring);
    fmpq_mpoly_clear(b, ring);
    return good && fmpq_mpoly_length(out, ring) < 5000;
}

static bool small_polynomial(const struct expression *e, const struct names *names) {
    return degree(e) <= 24 && names->n <= 4 && count_nodes(e) <= 300;
}

/* No factor of it can be taken out, not even a number. */
static bool irreducible(const struct expression *e) {
    struct names names = {0};
    fmpq_mpoly_ctx_t ring;
    fmpq_mpoly_t f;
    fmpq_mpoly_factor_t factors;
    if (!names_add(&names, e) || !names.n || !small_polynomial(e, &names))
        return true;
    fmpq_mpoly_ctx_init(ring, names.n, ORD_LEX);
    fmpq_mpoly_init(f, ring);
    fmpq_mpoly_factor_init(factors, ring);
    bool single = !polynomial(e, &names, ring, f);
    if (!single && fmpz_is_one(fmpq_denref(f->content)) && fmpz_is_pm1(fmpq_numref(f->content)) &&
        fmpq_mpoly_factor(factors, f, ring))
        single = fmpq_mpoly_factor_length(factors, ring) == 1 &&
                 fmpq_mpoly_factor_get_exp_si(factors, 0, ring) == 1;
    fmpq_mpoly_factor_clear(factors, ring);
    fmpq_mpoly_clear(f, ring);
    fmpq_mpoly_ctx_clear(ring);
    return single;
}

static bool factored(const struct expression *e) {
    if (e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE)
        return factored(e->of[0]) && factored(e->of[1]);
    if (e->kind == EXPRESSION_NEGATE || e->kind == EXPRESSION_POWER)
        return factored(e->of[0]);
    return e->kind != EXPRESSION_SUM || irreducible(e);
}

static bool has_sum(const struct expression *e) {
    if (e->kind == EXPRESSION_SUM)
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_sum(e->of[i]))
            return true;
    return false;
}

/* Terms whose ratio is a number belong together. */
static bool like_terms(const struct expression *e) {
    struct terms *terms = must_alloc(1, sizeof *terms);
    bool like = false;
    int sign;
    gather(e, EXPRESSION_SUM, false, terms);
    for (int i = 0; i < terms->n && i < 16; i++)
        for (int j = 0; j < i && !like; j++)
            like =
                proportional(terms->of[i], terms->of[j], 1, &sign) == VERDICT_EQUAL && (sign != 0);
    double value;
    if (like && terms->n == 2 && !rough_value(e, &value)) { /* 1 + sqrt(2) stays */
        struct names names = {0};
        names_add(&names, e);
        like = names.n > 0;
    }
    free(terms);
    return like;
}

static bool expanded(const struct expression *e, bool inside) {
    if (e->kind == EXPRESSION_SUM)
        return !inside && expanded(e->of[0], false) && expanded(e->of[1], false);
    if (e->kind == EXPRESSION_NEGATE)
        return expanded(e->of[0], inside);
    if (e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_POWER)
        return expanded(e->of[0], true) && expanded(e->of[1], true);
    if (e->kind == EXPRESSION_DIVIDE)
        return !has_sum(e->of[0]);
    return true;
}

static bool whole_value(const struct expression *e, fmpz_t out) {
    fmpq_t value;
    while (e->kind == EXPRESSION_NEGATE)
        e = e->of[0];
    if (e->kind != EXPRESSION_NUMBER)
        return false;
    fmpq_init(value);
    number_value(e, value);
    bool whole = fmpz_is_one(fmpq_denref(value));
    fmpz_set(out, fmpq_numref(value));
    fmpq_clear(value);
    return whole;
}

static bool common_factor(const struct expression *above, const struct expression *below) {
    struct names names = {0};
    fmpq_mpoly_ctx_t ring;
    fmpq_mpoly_t f, g;
    if (!names_add(&names, above) || !names_add(&names, below) || !names.n ||
        !small_polynomial(above, &names) || !small_polynomial(below, &names))
        return false;
    fmpq_mpoly_ctx_init(ring, names.n, ORD_LEX);
    fmpq_mpoly_init(f, ring);
    fmpq_mpoly_init(g, ring);
    bool common = false;
    fmpz_t number;
    fmpz_init(number);
    if (polynomial(above, &names, ring, f) && polynomial(below, &names, ring, g)) {
        fmpz_gcd(number, fmpq_numref(f->content), fmpq_numref(g->content));
        common = fmpz_cmp_ui(number, 1) > 0 || !fmpz_is_one(fmpq_denref(f->content)) ||
                 !fmpz_is_one(fmpq_denref(g->content));
        common = (fmpq_mpoly_gcd(f, f, g, ring) && !fmpq_mpoly_is_fmpq(f, ring)) || common;
    }
    fmpz_clear(number);
    fmpq_mpoly_clear(f, ring);
    fmpq_mpoly_clear(g, ring);
    fmpq_mpoly_ctx_clear(ring);
    return common;
}

static bool lowest_terms(const struct expression *e) {
    fmpz_t a, b;
    bool good = true;
    if (e->kind == EXPRESSION_DIVIDE) {
        fmpz_init(a);
        fmpz_init(b);
        if (whole_value(e->of[0], a) && whole_value(e->of[1], b)) {
            fmpz_gcd(a, a, b);
            good = fmpz_is_one(a) && !fmpz_is_pm1(b);
        } else
            good = !common_factor(e->of[0], e->of[1]) &&
                   !(whole_value(e->of[1], b) && fmpz_is_pm1(b));
        fmpz_clear(a);
        fmpz_clear(b);
    }
    for (int i = 0; i < e->n && good; i++)
        good = lowest_terms(e->of[i]);
    return good;
}

static int count_kind(const struct expression *e, enum expression_kind kind) {
    int n = e->kind == kind;
    for (int i = 0; i < e->n; i++)
        n += count_kind(e->of[i], kind);
    return n;
}

static bool simple_node(const struct expression *e) {
    double a, b;
    bool numbers = e->n == 2 && rough_value(e->of[0], &a) && rough_value(e->of[1], &b);
    if (e->kind == EXPRESSION_SUM && (numbers || like_terms(e)))
        return false;
    if ((e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_POWER) && numbers)
        return false;
    if (e->kind == EXPRESSION_POWER && rough_value(e->of[1], &b) && (b == 0 || b == 1))
        return false;
    if (e->kind == EXPRESSION_PRODUCT && same_written(e->of[0], e->of[1]))
        return false;
    for (int i = 0; i < e->n; i++)
        if (!simple_node(e->of[i]))
            return false;
    return true;
}

bool has_form(const struct expression *key, const struct expression *answer,
              enum answer_form form) {
    switch (form) {
    case FORM_ANY:
        return true;
    case FORM_SAME:
        return same_written(key, answer);
    case FORM_SIMPLIFIED:
        return simple_node(answer) && lowest_terms(answer) &&
               count_nodes(answer) <= count_nodes(key) + 3;
    case FORM_LOWEST_TERMS:
        return lowest_terms(answer);
    case FORM_FACTORED:
        return factored(answer);
    case FORM_EXPANDED:
        return expanded(answer, false) && !like_terms(answer);
    case FORM_SINGLE_FRACTION:
        while (answer->kind == EXPRESSION_NEGATE)
            answer = answer->of[0];
        return count_kind(answer, EXPRESSION_DIVIDE) <= 1 &&
               (answer->kind == EXPRESSION_DIVIDE || !count_kind(answer, EXPRESSION_DIVIDE));
    case FORM_PARTIAL_FRACTIONS:
        return count_kind(answer, EXPRESSION_DIVIDE) >= count_kind(key, EXPRESSION_DIVIDE) &&
               lowest_terms(answer);
    case FORM_COMPLETED_SQUARE: {
        return count_kind(answer, EXPRESSION_NAME) == 1 ||
               count_kind(answer, EXPRESSION_NAME) <= count_kind(key, EXPRESSION_NAME);
    }
    }
    return false;
}
