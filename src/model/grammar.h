/* grammar: languages of texts, inside the room. The door has the rest.
 *
 * A grammar is written as expressions (grammar_parse.c from GBNF, schema*.c from a JSON Schema),
 * then built into nodes that read bytes (grammar_build.c). A place in a text is a set of spots, a
 * spot a node and a stack of frames: the calls that are open and the counted loops that run
 * (grammar_step.c). Which tokens may come next is found by walking the tokens' trie (spelling.c)
 * and remembered (grammar_learn.c, grammar_mask.c). */
#ifndef LYCEUM_MODEL_GRAMMAR_H
#define LYCEUM_MODEL_GRAMMAR_H

#include "model/model.h"

/* -------------------------------------------------------------------------------- expressions */

enum expression_kind {
    EXPRESSION_TEXT,     /* these bytes */
    EXPRESSION_WORDS,    /* one of many texts: built as a trie; parts are texts */
    EXPRESSION_CLASS,    /* one character of the ranges */
    EXPRESSION_SEQUENCE, /* all parts in order; of none: the empty text */
    EXPRESSION_CHOICE,   /* one of the parts; of none: nothing at all matches */
    EXPRESSION_REPEAT,   /* the part, least to most times */
    EXPRESSION_RULE,
};

struct range {
    int32_t low, high; /* code points, both included */
};

#define NO_MOST UINT32_MAX

struct expression {
    enum expression_kind kind;
    uint32_t least, most; /* of a repeat; NO_MOST: without a bound */
    uint32_t rule;
    uint32_t n;
    struct view text;
    union {
        struct expression **parts;
        struct range *ranges; /* sorted, apart */
    };
};

struct rule {
    struct view name;
    struct expression *body; /* NULL: not defined yet */
    long line;               /* of its definition or first use; 0: none */
    uint32_t entry;          /* its first node */
    uint32_t cost;           /* the fewest bytes that it reads */
};

struct grammar_text { /* a grammar as it was written; rule 0 is the root */
    struct arena *arena;
    struct rule *rules;
    uint32_t n, capacity;
    uint32_t n_expression;
    struct expression none; /* what is given where there was no memory for another */
};

enum {
    GRAMMAR_RULES = 20000,
    GRAMMAR_EXPRESSIONS = 400000,
    GRAMMAR_NESTING = 100,   /* brackets in brackets */
    GRAMMAR_COUNT = 1000000, /* the most that a count may say */
    GRAMMAR_SOURCE = 1 << 20 /* bytes */
};

/* All of writing and building a grammar is done in a memory watch, which tells at its end whether
 * memory was there. Meanwhile what cannot be had is `none`, or the rule 0. */
bool grammar_text_open(struct grammar_text *); /* false: no memory */
void grammar_text_close(struct grammar_text *);
uint32_t grammar_text_rule(struct grammar_text *, struct view name, long line); /* a new one */

struct expression *expression_text(struct grammar_text *, struct view);
struct expression *expression_words(struct grammar_text *, const struct view *, uint32_t n);
/* Sorts and joins; inverted: all other scalar values. */
struct expression *expression_class(struct grammar_text *, const struct range *, uint32_t n,
                                    bool inverted);
struct expression *expression_list(struct grammar_text *, enum expression_kind,
                                   struct expression *const *, uint32_t n);
struct expression *expression_repeat(struct grammar_text *, struct expression *, uint32_t least,
                                     uint32_t most);
struct expression *expression_rule(struct grammar_text *, uint32_t rule);
struct expression *expression_never(struct grammar_text *);
#define SEQUENCE(text, ...) EXPRESSIONS(text, EXPRESSION_SEQUENCE, __VA_ARGS__)
#define CHOICE(text, ...) EXPRESSIONS(text, EXPRESSION_CHOICE, __VA_ARGS__)
#define EXPRESSIONS(text, kind, ...)                                                              \
    expression_list((text), (kind), (struct expression *const[]){__VA_ARGS__},                    \
                    sizeof((struct expression *const[]){__VA_ARGS__}) /                           \
                        sizeof(struct expression *))

bool gbnf_parse(struct view source, struct grammar_text *, struct fault *);
/* Takes what it needs out of the text, which may be closed then. NULL also when memory is short.
 */
struct grammar *grammar_build(const struct grammar_text *, struct fault *);

/* -------------------------------------------------------------------------------------- nodes */

enum node_kind {
    NODE_BYTES,  /* reads one byte along one of the edges */
    NODE_SPLIT,  /* goes on at each target, reading nothing */
    NODE_CALL,   /* a rule, then `next` */
    NODE_LOOP,   /* begins a counted loop */
    NODE_AGAIN,  /* the end of a loop's body, and what follows NODE_LOOP: once more, or out */
    NODE_RETURN, /* the end of a rule */
};

struct node {
    uint8_t kind;
    uint32_t from, n; /* edges of NODE_BYTES, targets of NODE_SPLIT */
    uint32_t next;    /* CALL: after it. LOOP: its AGAIN. AGAIN: the way out */
    uint32_t body;    /* CALL: the rule. AGAIN: the body's first node */
    uint32_t least, most;
    uint32_t cost; /* the fewest bytes from here to the end of the rule, or of the loop's body */
};

struct edge {
    uint8_t low, high;
    uint32_t target;
};

#define COST_NEVER 1000000000U /* no end can be reached */

struct grammar {
    struct node *nodes;
    struct edge *edges;
    uint32_t *targets;
    uint32_t n_node, n_edge, n_target;
    struct rule *rules; /* names are not kept */
    uint32_t n_rule;
    uint8_t class_of[256]; /* bytes that no edge tells apart share a class */
    int n_class;
    struct learnt *learnt; /* grammar_learn.c */
};

struct learnt *learnt_new(void); /* NULL: no memory */
void learnt_free(struct learnt *);

/* ------------------------------------------------------------------------------------- stacks */

/* Without memory the functions on stacks and spots leave out what they were to add; in a memory
 * watch, which tells so, else they abort. */

/* What is open below a spot. Frames are shared and never change: equal stacks are equal numbers.
 * Frame 0 is the bottom. */
struct frame {
    uint32_t node; /* a call's node `next`, or a loop's AGAIN */
    uint32_t least, most;
    uint32_t parent;
    uint32_t depth;
    uint64_t hash; /* of the stack, with counts over HORIZON taken as that: see grammar_mask.c */
    uint64_t cost; /* the fewest bytes until the bottom */
    bool is_loop;
};

/* Counts further away than the longest token cannot be told apart by one token. */
enum { HORIZON = 33, TOKEN_BYTES = 32 };

struct stacks {
    struct frame *frames;
    uint32_t n, capacity;
    uint32_t *slots; /* open hash table of frames + 1 */
    uint32_t slot_mask;
};

bool stacks_open(struct stacks *);
void stacks_close(struct stacks *);
void stacks_clear(struct stacks *);
uint32_t stacks_push(struct stacks *, const struct grammar *, uint32_t parent, uint32_t node,
                     bool is_loop, uint32_t least, uint32_t most);

struct spot {
    uint32_t node; /* NODE_BYTES, or ENDED: the bottom was left */
    uint32_t stack;
};

#define ENDED UINT32_MAX

enum { MOST_SPOTS = 2048, MOST_DEPTH = 400 };

struct spots {
    struct spot *at;
    uint32_t n, capacity;
    bool too_many; /* the grammar is too ambiguous here: some were left out */
};

struct closing { /* scratch of spots_reach, kept between calls */
    struct spot *todo;
    uint32_t n, capacity;
    uint32_t *slots; /* (places in `seen`) + 1 */
    uint32_t slot_mask;
    struct spot *seen;
    uint32_t n_seen, seen_capacity;
};

void closing_free(struct closing *);
void closing_begin(struct closing *);
/* Adds the spots that are reached from a node without reading a byte. */
void spots_reach(const struct grammar *, struct stacks *, struct closing *, uint32_t node,
                 uint32_t stack, struct spots *);
/* What is reached from spots by a byte. */
void spots_step(const struct grammar *, struct stacks *, struct closing *, const struct spots *,
                uint8_t byte, struct spots *out);
void spots_add(struct spots *, struct spot);

/* ----------------------------------------------------------------------------------- spelling */

/* The bytes of a vocabulary's tokens as a trie, in the order of a walk. Tokens over TOKEN_BYTES
 * are left out: shorter ones spell the same. */
struct spelling_node {
    uint32_t skip; /* the node after this subtree */
    int32_t token; /* or −1; further ones of the same bytes by `same` */
    uint8_t byte, depth;
};

struct spelling {
    uint64_t serial; /* no two are alike */
    int n_token;
    struct spelling_node *nodes; /* 0 is the root */
    uint32_t n;
    int32_t *same;  /* [n_token]: another token of the same bytes, or −1 */
    uint32_t *from; /* [n_token + 1]: where each token's bytes are */
    struct buffer bytes;
    int32_t *ends; /* tokens that end a text */
    int n_end;
};

struct spelling *spelling_new(const struct vocabulary *); /* NULL: no memory */
void spelling_free(struct spelling *);
/* Made at the first call, kept with the vocabulary. NULL: no memory. */
const struct spelling *vocabulary_spelling(const struct vocabulary *);
struct view spelling_of(const struct spelling *, int32_t token);
/* Forbids tokens without a bit (bits NULL: all), and those that end a text unless it may end. */
void spelling_apply(const struct spelling *, const uint64_t *bits, bool may_end, float *logits,
                    int n_vocabulary);

#endif
