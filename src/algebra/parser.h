/* What the files of the parser share. */
#ifndef LYCEUM_ALGEBRA_PARSER_H
#define LYCEUM_ALGEBRA_PARSER_H

#include "algebra/inside.h"
#include "algebra/lexer.h"

struct parser {
    struct arena *arena;
    const struct token *at, *first;
    const struct parse_options *options;
    struct fault *fault;
    int depth, nodes, bars; /* bars: how many | are open */
    bool latex;             /* braces only group */
};

/* Each gives NULL when a child is NULL or there are too many nodes. */
struct expression *parse_node(struct parser *, enum expression_kind, int n);
struct expression *parse_join(struct parser *, enum expression_kind, struct expression *a,
                              struct expression *b);
struct expression *parse_wrap(struct parser *, enum expression_kind, struct expression *);
/* What is taken from a set: in R \ {2} the braces were read as a group. */
struct expression *as_taken(struct parser *, struct expression *);
struct expression *parse_call(struct parser *, const char *name, struct expression *);
struct expression *parse_fail(struct parser *, const char *message); /* NULL */
struct expression *parse_digits(struct parser *, const char *digits);
struct expression *parse_constant(struct parser *, const char *name);

typedef struct expression *parse_function(struct parser *);
parse_function parse_statement, parse_commas, parse_relation, parse_sum, parse_unary, parse_power;
parse_function parse_bracket, parse_matrix;
struct expression *parse_set(struct parser *, char close);
parse_function parse_bars, parse_rounded, parse_angles; /* |x|, ⌊x⌋, <1, 2> */
parse_function parse_group; /* after ^ or _ or \frac: {…}, or one token */
parse_function parse_reals; /* (-∞, ∞); takes no token */
struct expression *deeper(struct parser *, parse_function *); /* a bracket deeper */

bool is_mark(const struct parser *, char mark);
bool take(struct parser *, char mark);
bool comma_more(struct parser *); /* takes a comma; any_more a semicolon too */
bool any_more(struct parser *);
bool is_union(const struct parser *); /* (1,2) U [3,4) */
/* Children gathered from `first` on, each by `parse`, while `more` says so. */
struct expression *gather(struct parser *, enum expression_kind, struct expression *first,
                          parse_function *parse, bool (*more)(struct parser *));
/* One part alone, or several as `gather` makes of them. */
struct expression *several(struct parser *, enum expression_kind, parse_function *parse,
                           bool (*more)(struct parser *));

struct expression *parse_number(struct parser *); /* the token that it is at */
/* 2 1/2 and 2\frac{1}{2}; else the number alone. */
struct expression *parse_maybe_mixed(struct parser *);

/* The function of the argument; index: the base of log, the degree of a root, or NULL. */
struct expression *apply_function(struct parser *, struct view name, struct expression *index,
                                  struct expression *argument);
/* asin for sin^-1 (then *power is NULL); else the name itself. */
struct view inverse_of(struct parser *, struct view name, struct expression **power);
struct expression *apply_binomial(struct parser *, struct expression *n, struct expression *k);
struct expression *apply_degree(struct parser *, struct expression *);

#endif
