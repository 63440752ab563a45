/* What the files of the parser share. */
#ifndef LYCEUM_ALGEBRA_PARSER_H
#define LYCEUM_ALGEBRA_PARSER_H

#include "algebra/inside.h"
#include "algebra/lexer.h"

struct parser {
    struct arena *arena;
    const struct token *at;
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
struct expression *parse_call(struct parser *, const char *name, struct expression *);
struct expression *parse_fail(struct parser *, const char *message); /* NULL */
struct expression *parse_digits(struct parser *, const char *digits);
struct expression *parse_constant(struct parser *, const char *name);

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
