/* Values of rational functions modulo a prime. */
#include "algebra/inside.h"

#include <flint/nmod_vec.h>
#include <flint/ulong_extras.h>
#include <stdlib.h>

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
    if (!effort_spend(at->effort, 1))
        return false;
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
void residues_field(int which, struct residues *at) {
    static const mp_limb_t primes[2] = {4611686018427387817u, 4611686018427387761u};
    nmod_init(&at->mod, primes[which]);
    for (mp_limb_t g = 2;; g++) {
        at->i = nmod_pow_ui(g, (primes[which] - 1) / 4, at->mod);
        if (nmod_mul(at->i, at->i, at->mod) == primes[which] - 1)
            return;
    }
}

void residues_draw(struct residues *at, struct random *random) {
    for (int i = 0; i < at->names->n + 2; i++)
        at->at[i] = random_next(random) % at->mod.n;
}
