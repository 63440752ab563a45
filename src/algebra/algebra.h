/* algebra: expressions as learners type them. Parse, print, substitute, evaluate, compare.
 *
 * Nothing here keeps state of its own; every function may be called from any thread. FLINT and Arb
 * keep caches per thread: a thread that is about to end calls algebra_thread_end.
 *
 * Bounds protect the machine; what is over one is refused with FAULT_LIMIT: text EXPRESSION_BYTES
 * long, EXPRESSION_NODES nodes, EXPRESSION_DEPTH brackets deep, constant exponents up to 10000,
 * numbers of 400 digits, powers of ten up to 400, 24 letters in a comparison. A comparison may
 * take some 200,000 steps of work, a few hundredths of a second; one that would take more is
 * refused too. Work is counted and not timed, so the same answer gets the same verdict on every
 * machine. */
#ifndef LYCEUM_ALGEBRA_H
#define LYCEUM_ALGEBRA_H

#include "base/base.h"

enum { EXPRESSION_BYTES = 4000, EXPRESSION_NODES = 2000, EXPRESSION_DEPTH = 60 };

enum expression_kind {
    EXPRESSION_NUMBER,   /* text: digits, × 10^exponent */
    EXPRESSION_NAME,     /* text: "x", "x_1", "alpha" */
    EXPRESSION_CONSTANT, /* text: "pi", "e", "i", "inf" */
    EXPRESSION_SUM,      /* of[0] + of[1] + …; a difference holds a NEGATE */
    EXPRESSION_PRODUCT,
    EXPRESSION_NEGATE,
    EXPRESSION_DIVIDE,     /* of[0] / of[1] */
    EXPRESSION_POWER,      /* of[0] ^ of[1] */
    EXPRESSION_CALL,       /* text: the function, "sqrt", "sin", "abs", … */
    EXPRESSION_PLUS_MINUS, /* ± of[0] */
    EXPRESSION_RELATION,   /* of[0] relation of[1] */
    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_COMMA, /* a, b without brackets */
    EXPRESSION_LIST,  /* (a, b), [a, b], (a, b]: tuple, vector, interval; a matrix is nested */
    EXPRESSION_SET,   /* {a, b} */
    EXPRESSION_NOT,
    EXPRESSION_XOR,
    EXPRESSION_IMPLIES,
    EXPRESSION_IFF,
    EXPRESSION_TRUTH,   /* text: "true" or "false" */
    EXPRESSION_WITHOUT, /* the set of[0] without of[1] */
};

enum expression_relation { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct expression { /* immutable; lives in the arena of its parse */
    enum expression_kind kind;
    enum expression_relation relation;
    bool open_left, open_right; /* LIST: round brackets */
    int n;                      /* children */
    struct expression **of;
    struct view text;
    int exponent; /* NUMBER */
};

struct parse_options {        /* all zero is right for most */
    bool decimal_comma;       /* 1,5 is one and a half; lists are then separated by ; */
    bool logic;               /* of statements or sets: p ^ q is and, p v q is or */
    bool spanish;             /* x = 2 y y = 3: a lone y, e between equations is and; u is or */
    const char *const *names; /* words to read as one name, NULL-terminated; NULL for none */
    const char *const *functions; /* letters that are functions before a bracket; likewise */
};

/* Reads what a learner types ("2x+1", "sin^2 x", "x=±2", "2½", "√2 ≤ y", "|x|", "{1,2}",
 * "1 < x <= 3", "]1;3[ ∪ {…}", "x=1 or x=2", "x₁", digits of any script) or LaTeX (\frac, \sqrt,
 * \left, pmatrix, cases, …). Runs of letters that are no known word are products of letters; x1
 * and x_{1} are x_1. log has base 10, log_2, log2(x) and log(x, 2) base 2, ln base e. 1/2x is
 * (1/2)x. "2 1/2" and 2\frac{1}{2} are two and a half. Odd roots of negative numbers are real,
 * powers with fractions are not. options may be NULL. NULL on failure, with the byte in the fault.
 */
struct expression *expression_parse(struct arena *, struct view text, const struct parse_options *,
                                    struct fault *);

/* The letters that are plainly functions in the key, or that the answer shows to be: f in
 * "y = f(-x)"; NULL where there is none. In "h(a+b)/2" h is a factor, and "f(x) = x^2" tells what
 * f is. */
const char *const *expression_functions(struct arena *, struct view key, struct view answer,
                                        const struct parse_options *);
/* None of the names occurs. */
bool expression_lacks(const struct expression *, const char *const *names);

struct binding {
    const char *name;
    int64_t value;
};

struct rational {
    int64_t numerator, denominator; /* lowest terms, denominator > 0 */
};

/* Exact value with the names bound: + - * / ^ abs floor ceil min max mod gcd sqrt of squares.
 * Fails on a name that is not bound, division by zero, and what does not fit 64 bits. */
bool expression_evaluate_rational(const struct expression *, const struct binding *, size_t n,
                                  struct rational *, struct fault *);
/* Appends the exact value of a number: "391", "-0.125" where its decimals end, else "3/7". Fails
 * as above, and where it is longer than `digits`. */
bool expression_evaluate_text(const struct expression *, size_t digits, struct buffer *out,
                              struct fault *);
/* Value in floating point, accurate to the last digits by ball arithmetic. False when it has none
 * (a free name, no real value). */
bool expression_evaluate_real(const struct expression *, double *, struct fault *);
/* The expression with each bound name replaced by its number. */
struct expression *expression_substitute(struct arena *, const struct expression *,
                                         const struct binding *, size_t n);
/* d/d(variable). NULL where it has none that we know (abs, floor, relations, …). */
struct expression *expression_derivative(struct arena *, const struct expression *,
                                         struct view variable);
bool expression_has_name(const struct expression *, struct view name);
/* A statement or set made of letters alone by and, or, not, …: such as p and not q. */
bool expression_is_logic(const struct expression *);
/* Parses again to the same value, and prints the same again, if options.names has its names of
 * several letters. */
void expression_print(const struct expression *, struct buffer *out);
/* Appends a rational as "-3", "3/4". */
void rational_text(struct rational, struct buffer *out);

enum answer_form {
    FORM_ANY,
    FORM_SAME, /* as the key is written, up to order and brackets */
    FORM_SIMPLIFIED,
    FORM_LOWEST_TERMS,
    FORM_FACTORED,
    FORM_EXPANDED,
    FORM_SINGLE_FRACTION,
    FORM_PARTIAL_FRACTIONS,
    FORM_COMPLETED_SQUARE,
    FORM_EXACT,        /* no decimal fractions */
    FORM_DECIMAL,      /* no fractions, roots or constants in place of decimals */
    FORM_RATIONALIZED, /* neither roots nor i below a line */
};
/* "same", "simplified", … to the form; false when there is no such form. */
bool form_of_name(const char *name, enum answer_form *);

struct compare_options { /* all zero: equal in value */
    enum answer_form form;
    unsigned more_forms; /* others that it must have too: 1 << form */
    bool antiderivative; /* equal up to a constant, which must be written */
    bool derivative;     /* the answer must be the derivative of the key */
    bool integral;       /* the answer must be an antiderivative of the key, with its constant */
    bool constant_free;  /* an antiderivative may lack its constant */
    bool factor;         /* equal up to a constant factor that is not zero */
    bool unordered;      /* the entries of a list may come in any order */
    double absolute, relative;       /* how far a value may be off; relative: of the key's size */
    const struct expression *assume; /* what may be taken for granted: x > 0; NULL for nothing */
    const char *const *integers;     /* letters for whole numbers, NULL-terminated; or NULL */
    const char *const *free;         /* letters that may be any number: those of a family of
                                        solutions, for which the answer may have others */
    const char *variable;            /* the name it is about; NULL: the only one, or x */
    uint64_t seed;
};

struct comparison {
    bool equal;       /* in value and in form */
    bool same_value;  /* equal in value, whatever the form */
    const char *note; /* why not: "sign", "factor", "constant", "constant-missing", "close",
                         "form", "missing-solution", "extra-solution",
                         "direction", "strictness", "brackets", "unsolved", "kind", "shape",
                         "variable", "different"; NULL when equal and nothing is to be said */
    long steps;       /* of work; bounded, whatever is compared */
};

/* Compares in value, then in form. What stands behind a verdict:
 *
 * Numbers made by + - * / ^ are compared exactly, and so are equations between rational functions
 * of up to eight letters (denominators cleared, FLINT) and inequalities between them in one letter
 * (real roots isolated by Arb, then one point between each two and the roots themselves).
 *
 * "different" of two values is proved: they were evaluated at a point where both exist, modulo a
 * prime or in ball arithmetic (Arb), and came out apart.
 *
 * "equal" of two rational functions (i allowed; pi and e counted as letters) means that they agree
 * at three to six random points modulo two primes of 62 bits and at one more in balls. Equal ones
 * always do. For points drawn at random, two of total degree d that differ over the integers agree
 * modulo a prime that divides none of their difference with probability under (d/2^61)^3 (Schwartz
 * 1980). The points come from the seed and the primes are fixed, so whoever knows both can make up
 * two that differ and pass for equal: it is a likelihood, and no proof.
 *
 * "equal" of all else means that they agree to 50 digits at eight points or more (four, where they
 * have few in common) of several sizes and all signs, and on both sides of the places where an
 * absolute value, root, maximum or the like turns, if those are found by the secant method.
 * Functions that differ only elsewhere, or by less than that, are taken for equal.
 *
 * Only points where both exist count: x/x equals 1, sqrt(x)^2 equals x and ln(x^2) equals 2 ln x,
 * but sqrt(x^2) is not x. Real values are sought first, complex ones when i occurs or there are
 * none.
 *
 * Equations are equal up to a constant factor and by sides, yet a key x = 5 wants a solved answer
 * (3x = 15 is "unsolved"); 5 alone is taken for x = 5, y = … for f(x) = …. Solutions may be
 * written x=2 or x=3, {2,3}, 2, 3, x1=2, x2=3 or x=±2. False only when it cannot be decided. */
bool expression_compare(const struct expression *key, const struct expression *answer,
                        const struct compare_options *, struct comparison *, struct fault *);

void algebra_thread_end(void); /* frees what FLINT keeps for this thread */

#endif
