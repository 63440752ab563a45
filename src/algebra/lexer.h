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
    TOKEN_NOT,
    TOKEN_XOR,
    TOKEN_IMPLIES,
    TOKEN_IFF,
    TOKEN_TRUTH,   /* its text is "true" or "false" */
    TOKEN_WITHOUT, /* one set without another */
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
    MARK_SUCH_THAT, /* \mid in a set */
    MARK_FLOOR,
    MARK_FLOOR_END,
    MARK_CEIL,
    MARK_CEIL_END,
};

struct token {
    enum token_kind kind;
    char mark;
    bool spaced; /* white space before it */
    struct view text;
    size_t byte;
};

/* Unicode made ASCII; superscripts and subscripts made ^{} and _{}. */
struct plain {
    struct buffer text;
    size_t *from; /* for each byte of text, the byte that it comes from */
    char script;  /* ^ or _ while in one */
};
enum { PLAIN_BYTES = 32 }; /* that one byte of the text may become */
bool plain_formula(struct view text, struct plain *out, struct fault *);

struct word {
    const char *from;
    enum token_kind kind;
    const char *to; /* NULL: the same */
    char mark;
};
const struct word *known_word(struct view, bool latex);
const struct word *lone_word(struct view, bool spanish); /* only between spaces: "oder", "in" */
bool is_called_word(struct view); /* a function where a bracket follows: "det" */
bool is_greek(struct view);
struct view plain_shape(struct view); /* phi for varphi; else the same */
bool listed(const char *const *list, struct view word);

/* NULL on failure; ends with TOKEN_END, and one lies before the first. */
struct token *lex(struct arena *, struct view text, const struct parse_options *, struct fault *);
bool is_function_name(struct view);

#endif
