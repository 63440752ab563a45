/* What the files that compare statements share. */
#ifndef LYCEUM_ALGEBRA_COMPARING_H
#define LYCEUM_ALGEBRA_COMPARING_H

#include "algebra/inside.h"

enum { MAX_PARTS = 64 };

struct parts {
    const struct expression *of[MAX_PARTS];
    struct view name; /* of the unknown, when one was written */
    bool named, set;
    int n;
};

struct comparing {
    struct arena *arena;
    const struct compare_options *options;
    struct comparison *out;
    struct fault *fault;
    struct judging judging;
    struct view unknown; /* of the key, while the answer's solutions are gathered */
};

bool compare(struct comparing *, const struct expression *key, const struct expression *answer);
/* The comparison of two parts, told to `inner` and not to the whole. */
bool compare_parts(struct comparing *, const struct expression *key,
                   const struct expression *answer, struct comparison *inner);
/* Each of the key's parts met by one of the answer's; counts what is left on either side. */
bool match_parts(struct comparing *, const struct parts *key, const struct parts *answer,
                 int *missing, int *extra, bool *form);
bool told(struct comparing *, bool equal, const char *note); /* true */
bool in_form(struct comparing *, bool form);                 /* a right value in the wrong form */
bool wants_form(const struct comparing *, enum answer_form);
/* The sides of name = value, where the name stands alone on one side and not on the other. */
bool isolated(const struct expression *, const char *wanted, struct view *name,
              const struct expression **value);
bool add_solution(struct comparing *, struct parts *, const struct expression *);
/* The same with every ± taken as + or as −. */
struct expression *choose_sign(struct arena *, const struct expression *, bool minus);
bool has_plus_minus(const struct expression *);
/* One or the other. */
struct expression *both_signs(struct arena *, const struct expression *);
/* left - right */
struct expression *difference(struct arena *, const struct expression *relation);

bool compare_lists(struct comparing *, const struct expression *, const struct expression *);
bool compare_relations(struct comparing *, const struct expression *, const struct expression *);
bool compare_statements(struct comparing *, const struct expression *, const struct expression *);

/* {…}, and unions, intersections and differences of them. */
bool is_set_value(const struct expression *);
bool compare_sets(struct comparing *, const struct expression *, const struct expression *);

/* Without n ∈ ℤ and t ∈ ℝ beside other parts; the whole letters are added to the names. */
const struct expression *without_declarations(struct arena *, const struct expression *,
                                              struct names *integers);
/* Families of solutions, by the options free and integers. */
bool compare_family(struct comparing *, const struct expression *key,
                    const struct expression *answer);

/* Each f(…) as a letter of its own, the same one for arguments of the same value. */
enum { MOST_APPLICATIONS = 16 };
struct applications {
    const struct expression *of[MOST_APPLICATIONS];
    int n;
};
const struct expression *without_functions(const struct judging *, struct applications *,
                                           const struct expression *);

/* x = 1, y = 2 and {x = 1, y = 2} as (1, 2), by the alphabet; the expression itself where it is no
 * such thing. */
const struct expression *as_point(struct arena *, const struct expression *);
/* 2i - 3j as (2, -3); NULL when it is no such vector of n components. */
const struct expression *unit_vectors(const struct judging *, const struct expression *, int n);

#endif
