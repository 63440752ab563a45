/* The cutting of chat templates into tags and tokens; only the parser asks for it. */
#ifndef LYCEUM_MODEL_TEMPLATE_LEX_H
#define LYCEUM_MODEL_TEMPLATE_LEX_H

#include "model/template_inside.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_INTEGER, TOKEN_REAL, TOKEN_OPERATOR };

struct token {
    enum token_kind kind;
    struct view text;
};

struct parser {
    struct chat_template *into;
    /* When memory runs out, stands for every further node, so that only the end must look: what
     * was parsed until then is thrown away. */
    struct node spare;
    bool starved;
    struct view source;
    size_t at;  /* in source */
    size_t end; /* of the tag that is being read */
    int line, depth;
    struct token token; /* the next one of the tag */
    bool strip_next;    /* the text that follows loses its white space … */
    bool trim_next;     /* … or its first newline */
    struct fault *fault;
};

/* Says what is wrong at the present line; false. */
bool lex_wrong(struct parser *, const char *what, struct view construct);
bool lex_next(struct parser *); /* reads the next token of the tag */
bool lex_is(const struct parser *, const char *text);
bool lex_take(struct parser *, const char *text); /* reads on when the token is this one */
bool lex_expect(struct parser *, const char *text);
/* Writes what a quoted string stands for, which is no longer than itself; the bytes written. */
size_t lex_string(struct parser *, struct view quoted, char *out);

/* Where the next tag begins, or the end of the source. */
size_t lex_find_tag(const struct parser *);
/* Goes there; gives the text before it with the white space that the tags around it leave. */
struct view lex_text(struct parser *, size_t tag);
bool lex_comment(struct parser *);
bool lex_open(struct parser *); /* enters the tag: its first token is read */
bool lex_close(struct parser *);

#endif
