/* What the files of algebra share. */
#ifndef LYCEUM_ALGEBRA_INSIDE_H
#define LYCEUM_ALGEBRA_INSIDE_H

#include "algebra/algebra.h"

#include <flint/fmpq.h>
#include <flint/fmpq_mpoly.h>
#include <acb.h>

/* Steps of work: about a fifth of a microsecond each, dearer ones counted as several. Counted and
 * not timed, so that a verdict is the same on every machine. */
struct effort {
    long done, limit;
};
enum { EFFORT_LIMIT = 200000 };
static inline bool effort_spend(struct effort *effort, long steps) {
    effort->done += steps;
    return effort->done <= effort->limit;
}
static inline bool effort_left(const struct effort *effort) {
    return effort->done < effort->limit;
}

struct expression *expression_new(struct arena *, enum expression_kind, int n_child);
struct expression *expression_pair(struct arena *, enum expression_kind, const struct expression *,
                                   const struct expression *);
struct expression *expression_negated(struct arena *, const struct expression *);
bool is_statement(const struct expression *); /* relations, and, or, sets: no single value */
/* The value in floating point where no name occurs and only + - * / ^ do; may be infinite. */
bool rough_value(const struct expression *, double *);
bool integer_exponent(const struct expression *, slong *); /* up to 10000 in size */
void number_value(const struct expression *, fmpq_t);
/* The exact value where there is one and no name occurs. */
bool exact_value(const struct expression *, fmpq_t);
int count_nodes(const struct expression *);
int count_kind(const struct expression *, enum expression_kind);

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
    struct effort *effort;
    mp_limb_t at[MAX_NAMES + 2], i;
    nmod_t mod;
};
void residues_field(int which, struct residues *); /* which: 0 or 1 */
void residues_draw(struct residues *, struct random *);
bool residue(const struct expression *, const struct residues *, mp_limb_t *);

/* Value in balls at `at`; strictly real (else indeterminate) unless complex is set. */
struct point {
    const struct names *names;
    struct effort *effort;
    fmpq at[MAX_NAMES];
    bool complex;
    slong precision;
};
void ball(const struct expression *, const struct point *, acb_t);
bool surely_real(const acb_t);

enum verdict { VERDICT_UNKNOWN, VERDICT_EQUAL, VERDICT_DIFFERENT };
struct judging {
    struct arena *arena;
    struct effort *effort;
    uint64_t seed;
    const struct expression *assume;
    const char *const *integers;
};
/* Points at which two expressions are compared: of several sizes and all signs, and beside the
 * places where an absolute value, a root or the like turns. */
enum { MAX_TURNS = 8 };
struct points {
    struct point at;
    struct random random;
    const struct expression *turn[MAX_TURNS];  /* changes its sign where the expression turns */
    const struct expression *other[MAX_TURNS]; /* or crosses this; NULL for zero */
    int n_turn, round;
    const struct judging *judging;
};
void points_start(struct points *, const struct judging *, const struct names *, bool complex);
void points_turns(struct points *, const struct expression *);
bool points_next(struct points *); /* false: what is assumed holds at none that was tried */
void points_end(struct points *);

enum verdict same_value(const struct judging *, const struct expression *,
                        const struct expression *);
/* a = factor × b for some constant factor: its sign in *sign (0: not real or unknown). */
enum verdict proportional(const struct judging *, const struct expression *a,
                          const struct expression *b, int *sign);
/* Why two single values differ: one of the notes of struct comparison. */
const char *why_different(const struct judging *, const struct expression *key,
                          const struct expression *answer);
bool within_tolerance(const struct judging *, const struct expression *key,
                      const struct expression *answer, double absolute, double relative);
/* It has a value somewhere. */
bool has_value(const struct judging *, const struct expression *);

/* above/below in lowest terms over Q; the ring has one generator a name. */
struct fraction {
    struct names names;
    fmpq_mpoly_ctx_t ring;
    fmpq_mpoly_t above, below;
};
/* False when it is no rational function, or too big (then nothing is to be freed). */
bool fraction_start(struct fraction *, const struct names *, const struct expression *,
                    struct effort *);
void fraction_end(struct fraction *);
/* a = 0 and b = 0 are the same equation when denominators are cleared. */
enum verdict same_equation(const struct judging *, const struct expression *a,
                           const struct expression *b);

/* Whether the answer has the form, its value being right. variable: the one of the options. */
bool has_form(const struct judging *, const struct expression *key,
              const struct expression *answer, enum answer_form, const char *variable);
/* How its form is wrong: "form-expanded", "form-decimal", …, or plainly "form". */
const char *why_not_form(const struct judging *, const struct expression *answer,
                         enum answer_form);
bool same_written(const struct expression *, const struct expression *);

/* Inequalities, intervals and unions of them in one name. */
bool is_region(const struct expression *);
bool is_inequality(const struct expression *);
/* {n ∈ ℤ | -2 < n < 3} as {-1, 0, 1, 2}; itself where it is no such thing, or too large. */
const struct expression *whole_members(const struct judging *, const struct expression *);
/* NULL: the same; else the note. */
const char *region_difference(const struct judging *, const struct expression *key,
                              const struct expression *answer);

/* Statements or sets made of letters alone; two that are compared as such. */
bool is_logic(const struct expression *);
bool is_logic_pair(const struct expression *key, const struct expression *answer);
/* UNKNOWN: too many letters. */
enum verdict logic_difference(const struct judging *, const struct expression *key,
                              const struct expression *answer, const char **note);

/* Vectors and matrices reckoned out where they can be; dy/dx is read as y'. */
const struct expression *reckon_lists(const struct judging *, const struct expression *);
const struct expression *whole_line(const struct judging *); /* (-∞, ∞) */
/* Each place of a name or constant taken by another expression. */
const struct expression *expression_replaced(struct arena *, const struct expression *,
                                             struct view name, const struct expression *by);

#endif
