/* What the files of algebra share. */
#ifndef LYCEUM_ALGEBRA_INSIDE_H
#define LYCEUM_ALGEBRA_INSIDE_H

#include "algebra/algebra.h"

#include <flint/fmpq.h>
#include <acb.h>

struct expression *expression_new(struct arena *, enum expression_kind, int n_child);
bool is_statement(const struct expression *); /* relations, and, or, sets: no single value */
/* The value in floating point where no name occurs and only + - * / ^ do; may be infinite. */
bool rough_value(const struct expression *, double *);
void number_value(const struct expression *, fmpq_t);
int count_nodes(const struct expression *);

enum { MAX_NAMES = 24 };
struct names {
    struct view name[MAX_NAMES];
    int n;
};
bool names_add(struct names *, const struct expression *); /* false: too many */
int names_find(const struct names *, struct view);         /* -1 when absent */

/* Sum of products of exact things: no function, no root, integer exponents. */
bool is_rational_function(const struct expression *);
bool has_constant(const struct expression *, const char *);
/* Value mod prime at `at` (one a name; two more for pi and e); false at a pole. */
struct residues {
    const struct names *names;
    mp_limb_t at[MAX_NAMES + 2], i;
    nmod_t mod;
};
bool residue(const struct expression *, const struct residues *, mp_limb_t *);

/* Value in balls at `at`; strictly real (else indeterminate) unless complex is set. */
struct point {
    const struct names *names;
    fmpq at[MAX_NAMES];
    bool complex;
    slong precision;
};
void ball(const struct expression *, const struct point *, acb_t);

enum verdict { VERDICT_UNKNOWN, VERDICT_EQUAL, VERDICT_DIFFERENT };
enum verdict same_value(const struct expression *, const struct expression *, uint64_t seed);
/* a = factor × b for some constant factor: its sign in *sign (0: not real or unknown). */
enum verdict proportional(const struct expression *a, const struct expression *b, uint64_t seed,
                          int *sign);
/* Whether the answer has the form, its value being right. */
bool has_form(const struct expression *key, const struct expression *answer, enum answer_form);
/* Why two single values differ: one of the notes of struct comparison. */
const char *why_different(const struct expression *key, const struct expression *answer,
                          uint64_t seed);
bool same_written(const struct expression *, const struct expression *);

#endif
