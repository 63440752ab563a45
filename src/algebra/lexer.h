/* Text into tokens: what is typed, Unicode and LaTeX all become one small alphabet. */
#ifndef LYCEUM_ALGEBRA_LEXER_H
#define LYCEUM_ALGEBRA_LEXER_H

#include "algebra/algebra.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_NAME,
    TOKEN_CONSTANT,
    TOKEN_FUNCTION,
    TOKEN_MARK,   /* one character in `mark` */
    TOKEN_FRAC,   /* \frac or \binom, as its text says */
    TOKEN_MATRIX, /* \begin{pmatrix}; its text is "system" for cases and the like */
    TOKEN_MATRIX_END,
    TOKEN_ROW, /* \\ */
    TOKEN_OR,
    TOKEN_AND,
};

/* Marks of more than one byte: */
enum {
    MARK_LESS_EQUAL = 1,
    MARK_GREATER_EQUAL,
    MARK_NOT_EQUAL,
    MARK_PLUS_MINUS,
    MARK_SET_OPEN,
    MARK_SET_CLOSE,
    MARK_DEGREE,
    MARK_BAR_OPEN,
    MARK_BAR_CLOSE,
};

struct token {
    enum token_kind kind;
    char mark;
    bool spaced; /* white space before it */
    struct view text;
    size_t byte;
};

/* NULL on failure; ends with TOKEN_END, and one lies before the first. */
struct token *lex(struct arena *, struct view text, const struct parse_options *, struct fault *);
bool is_function_name(struct view);
bool is_latex_name(struct view); /* alpha, pi, …: one command gives it */

#endif
