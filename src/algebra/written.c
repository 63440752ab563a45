#include "algebra/written.h"

#include <stdlib.h>
#include <string.h>

static void gather_terms(const struct expression *e, bool minus, struct terms *out) {
    if (e->kind == EXPRESSION_SUM) {
        gather_terms(e->of[0], minus, out);
        gather_terms(e->of[1], minus, out);
    } else if (e->kind == EXPRESSION_NEGATE)
        gather_terms(e->of[0], !minus, out);
    else {
        out->minus[out->n] = minus;
        out->of[out->n++] = e;
    }
}

void terms_of(struct arena *arena, const struct expression *e, struct terms *out) {
    size_t most = (size_t)count_nodes(e);
    out->of = ARENA_NEW(arena, most, const struct expression *);
    out->minus = ARENA_NEW(arena, most, bool);
    out->n = 0;
    gather_terms(e, false, out);
}

static void gather_factors(struct arena *arena, const struct expression *e, bool below,
                           struct factors *out) {
    slong power;
    if (e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE) {
        gather_factors(arena, e->of[0], below, out);
        gather_factors(arena, e->of[1], below != (e->kind == EXPRESSION_DIVIDE), out);
    } else if (e->kind == EXPRESSION_NEGATE) {
        out->minus = !out->minus;
        gather_factors(arena, e->of[0], below, out);
    } else if (e->kind == EXPRESSION_POWER && e->of[1]->kind == EXPRESSION_NEGATE &&
               integer_exponent(e->of[1], &power)) { /* x^-2 is below */
        const struct expression *turned =
            expression_pair(arena, EXPRESSION_POWER, e->of[0], e->of[1]->of[0]);
        *(below ? &out->above[out->n_above++] : &out->below[out->n_below++]) = turned;
    } else
        *(below ? &out->below[out->n_below++] : &out->above[out->n_above++]) = e;
}

void factors_of(struct arena *arena, const struct expression *e, struct factors *out) {
    size_t most = (size_t)count_nodes(e);
    out->above = ARENA_NEW(arena, most, const struct expression *);
    out->below = ARENA_NEW(arena, most, const struct expression *);
    out->n_above = out->n_below = 0;
    out->minus = false;
    gather_factors(arena, e, false, out);
}

const struct expression *product_of(struct arena *arena, const struct expression **of, int n) {
    const struct expression *made = n ? of[0] : NULL;
    for (int i = 1; i < n; i++)
        made = expression_pair(arena, EXPRESSION_PRODUCT, made, of[i]);
    if (!made) {
        struct expression *one = expression_new(arena, EXPRESSION_NUMBER, 0);
        one->text = VIEW("1");
        made = one;
    }
    return made;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The texts, in the order of the alphabet; frees them. */
static void join_sorted(char **text, int n, struct buffer *out) {
    qsort(text, (size_t)n, sizeof *text, by_text);
    for (int i = 0; i < n; i++) {
        buffer_text(out, text[i] ? text[i] : "");
        buffer_byte(out, ' ');
        free(text[i]);
    }
}

/* The parts of a product or quotient, those below its lines behind the others; or of a and b and
 * c. */
static void gather(const struct expression *e, enum expression_kind joined, bool below,
                   struct factors *out) {
    bool divided = joined == EXPRESSION_PRODUCT && e->kind == EXPRESSION_DIVIDE;
    if (e->kind == joined || divided)
        for (int i = 0; i < e->n; i++)
            gather(e->of[i], joined, below != (divided && i == 1), out);
    else
        *(below ? &out->below[out->n_below++] : &out->above[out->n_above++]) = e;
}

/* The like without the signs of its factors: (-2)x, -(2x) and 2(-x) are written the same. */
static const struct expression *without_sign(struct arena *arena, const struct expression *e,
                                             bool *minus) {
    if (e->kind == EXPRESSION_NEGATE) {
        *minus = !*minus;
        return without_sign(arena, e->of[0], minus);
    }
    if (e->kind != EXPRESSION_PRODUCT && e->kind != EXPRESSION_DIVIDE)
        return e;
    const struct expression *a = without_sign(arena, e->of[0], minus);
    const struct expression *b =
        e->kind == EXPRESSION_PRODUCT ? without_sign(arena, e->of[1], minus) : e->of[1];
    return a == e->of[0] && b == e->of[1] ? e : expression_pair(arena, e->kind, a, b);
}

static void canonical(struct arena *, const struct expression *, struct buffer *);

static void canonical_parts(struct arena *arena, const struct expression **of, int n,
                            struct buffer *out) {
    char **text = must_alloc((size_t)n + 1, sizeof *text);
    for (int i = 0; i < n; i++) {
        struct buffer one = {0};
        canonical(arena, of[i], &one);
        text[i] = one.at;
    }
    join_sorted(text, n, out);
    free(text);
}

/* Neither a sum nor negative. */
static void canonical_plain(struct arena *arena, const struct expression *e, struct buffer *out) {
    enum expression_kind joined =
        e->kind == EXPRESSION_DIVIDE ? EXPRESSION_PRODUCT : e->kind; /* a/c*b and a*b/c */
    buffer_format(out, "(%d%d%d%d ", (int)joined, (int)e->relation, e->open_left, e->open_right);
    buffer_append(out, e->text);
    if (joined == EXPRESSION_PRODUCT || joined == EXPRESSION_AND || joined == EXPRESSION_OR ||
        joined == EXPRESSION_XOR || joined == EXPRESSION_IFF) {
        size_t most = (size_t)count_nodes(e);
        struct factors parts = {.above = ARENA_NEW(arena, most, const struct expression *),
                                .below = ARENA_NEW(arena, most, const struct expression *)};
        gather(e, joined, false, &parts);
        canonical_parts(arena, parts.above, parts.n_above, out);
        if (parts.n_below)
            buffer_byte(out, '/');
        canonical_parts(arena, parts.below, parts.n_below, out);
    } else {
        if (e->exponent)
            buffer_format(out, "e%d", e->exponent);
        for (int i = 0; i < e->n; i++)
            canonical(arena, e->of[i], out);
    }
    buffer_byte(out, ')');
}

static void canonical(struct arena *arena, const struct expression *e, struct buffer *out) {
    struct terms terms;
    terms_of(arena, e, &terms);
    char **text = must_alloc((size_t)terms.n, sizeof *text);
    for (int i = 0; i < terms.n; i++) {
        struct buffer one = {0};
        bool minus = terms.minus[i];
        const struct expression *term = without_sign(arena, terms.of[i], &minus);
        buffer_text(&one, minus ? "-" : "");
        if (term->kind == EXPRESSION_SUM)
            canonical(arena, term, &one);
        else
            canonical_plain(arena, term, &one);
        text[i] = one.at;
    }
    buffer_text(out, terms.n > 1 ? "{" : "");
    join_sorted(text, terms.n, out);
    buffer_text(out, terms.n > 1 ? "}" : "");
    free(text);
}

void canonical_text(const struct expression *e, struct buffer *out) {
    struct arena *arena = arena_new();
    canonical(arena, e, out);
    arena_free(arena);
}

bool same_written(const struct expression *a, const struct expression *b) {
    struct buffer x = {0}, y = {0};
    canonical_text(a, &x);
    canonical_text(b, &y);
    bool same = view_equal(buffer_view(&x), buffer_view(&y));
    buffer_free(&x);
    buffer_free(&y);
    return same;
}

void bare_text(struct arena *arena, const struct expression *e, struct buffer *out) {
    struct factors factors;
    factors_of(arena, e, &factors);
    for (int side = 0; side < 2; side++) {
        const struct expression **of = side ? factors.below : factors.above;
        int n = side ? factors.n_below : factors.n_above, kept = 0;
        char **text = must_alloc((size_t)n + 1, sizeof *text);
        for (int i = 0; i < n; i++) {
            struct buffer one = {0};
            double number;
            if (rough_value(of[i], &number))
                continue;
            canonical(arena, of[i], &one);
            text[kept++] = one.at;
        }
        join_sorted(text, kept, out);
        buffer_byte(out, '/');
        free(text);
    }
}

bool whole_value(const struct expression *e, fmpz_t out) {
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

void integer_content(const struct expression *e, fmpz_t out) {
    fmpz_t other;
    slong power;
    fmpz_one(out);
    if (e->kind == EXPRESSION_NUMBER) {
        if (!whole_value(e, out))
            fmpz_one(out);
    } else if (e->kind == EXPRESSION_NEGATE)
        integer_content(e->of[0], out);
    else if (e->kind == EXPRESSION_SUM || e->kind == EXPRESSION_PRODUCT) {
        fmpz_init(other);
        integer_content(e->of[0], out);
        integer_content(e->of[1], other);
        (e->kind == EXPRESSION_SUM ? fmpz_gcd : fmpz_mul)(out, out, other);
        fmpz_clear(other);
    } else if (e->kind == EXPRESSION_POWER && integer_exponent(e->of[1], &power) && power > 0 &&
               power <= 64) {
        integer_content(e->of[0], out);
        if (fmpz_bits(out) < 2000)
            fmpz_pow_ui(out, out, (mp_limb_t)power);
    }
}
