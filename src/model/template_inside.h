/* What the files of the chat templates share: the tree that the parser makes and the values that
 * the renderer works on.
 *
 * A value is a json_t, borrowed from the context or owned by the renderer until it ends; NULL is
 * Jinja's undefined. */
#ifndef LYCEUM_MODEL_TEMPLATE_INSIDE_H
#define LYCEUM_MODEL_TEMPLATE_INSIDE_H

#include "model/model.h"

enum node_kind {
    /* expressions */
    NODE_CONSTANT,    /* value */
    NODE_NAME,        /* name */
    NODE_LIST,        /* items */
    NODE_DICTIONARY,  /* key, value, key, value… */
    NODE_GET,         /* object, key */
    NODE_SLICE,       /* object, from, to, step; each of the three may be NULL */
    NODE_CALL,        /* callee, arguments… */
    NODE_FILTER,      /* name; object, arguments… */
    NODE_TEST,        /* name; object, arguments… */
    NODE_KEYWORD,     /* name; an argument's value, a parameter's default or NULL */
    NODE_NOT,         /* operand */
    NODE_NEGATE,      /* operand */
    NODE_BINARY,      /* name: the operator; left, right */
    NODE_CONDITIONAL, /* condition, then, otherwise or NULL */
    /* statements */
    NODE_TEXT,      /* name: the text */
    NODE_OUTPUT,    /* expression */
    NODE_BLOCK,     /* statements */
    NODE_IF,        /* condition, block, condition, block… [, block] */
    NODE_FOR,       /* target, iterable, filter or NULL, body, otherwise or NULL */
    NODE_SET,       /* target, expression */
    NODE_SET_BLOCK, /* target, block */
    NODE_MACRO,     /* name; body, parameters… */
    NODE_BREAK,
    NODE_CONTINUE,
};

struct node {
    enum node_kind kind;
    int line;
    struct view name;
    json_t *value;
    size_t n, capacity;
    struct node **at;
};

struct chat_template {
    struct arena *arena;
    json_t *constants; /* owns the values of constant nodes */
    struct node *root;
};

/* Fills root; false with a fault that names line and construct. */
bool template_parse(struct chat_template *, struct view source, struct fault *);

/* ---------------------------------------------------------------------------- while rendering */

struct renderer {
    struct fault *fault;
    json_t *kept;       /* owns every value made on the way */
    json_t *namespaces; /* those of them whose parts may be set */
    size_t steps, bytes;
    int depth, line;
};

enum { TEMPLATE_STEPS = 2000000, TEMPLATE_BYTES = 64 << 20, TEMPLATE_DEPTH = 120 };

bool render_fault(struct renderer *, const char *format, ...) PRINTF_LIKE(2, 3); /* false */
/* Owns the value, gives it back; NULL stays NULL, and is given when memory is short. */
json_t *render_keep(struct renderer *, json_t *);
json_t *render_text(struct renderer *, struct view); /* a new string */
bool render_spend(struct renderer *, size_t n_byte); /* false with a fault when over the bound */

struct view value_view(const json_t *string); /* empty for what is no string */
bool value_true(const json_t *);
bool value_equal(const json_t *, const json_t *);
/* As Python's json.dumps() has it. */
struct json_style {
    int indent; /* −1: one line */
    bool sort_keys;
    struct view between, after_key; /* ", " and ": " */
};
extern const struct json_style json_one_line;
/* As Python's str(), appended; and as its json.dumps(). */
bool value_print(struct renderer *, const json_t *, struct buffer *out);
bool value_json(struct renderer *, const json_t *, const struct json_style *, struct buffer *out);
const char *value_kind(const json_t *); /* for faults: "a string", "undefined" */

/* Arguments of a call, positional first. */
struct arguments {
    size_t n;
    json_t *at[8];
    struct view names[8]; /* empty for positional ones */
};
/* Argument by place or name; NULL when it was not given. */
json_t *argument(const struct arguments *, size_t place, const char *name);

/* Each is false with a fault where it is not known or its input is wrong. */
bool value_filter(struct renderer *, struct view name, json_t *, const struct arguments *,
                  json_t **out);
bool value_test(struct renderer *, struct view name, const json_t *, const struct arguments *,
                bool *out);
bool value_method(struct renderer *, json_t *object, struct view name, const struct arguments *,
                  json_t **out);
bool value_binary(struct renderer *, struct view operator, json_t * left, json_t *right,
                  json_t **out);
bool value_get(struct renderer *, json_t *object, const json_t *key, json_t **out);
bool value_slice(struct renderer *, json_t *object, const json_t *from, const json_t *to,
                 const json_t *step, json_t **out);

#endif
