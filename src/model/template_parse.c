/* Chat templates, from text to tree: the subset of Jinja that model files use.
 * Tags are parsed by recursive descent, in Jinja's order of precedence. */
#include "model/template_lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *wrong_node(struct parser *parser, const char *what, struct view construct) {
    lex_wrong(parser, what, construct);
    return NULL;
}

static void *room(struct parser *parser, size_t n, size_t size) {
    void *memory = arena_try(parser->into->arena, n, size, parser->fault);
    parser->starved |= !memory;
    return memory;
}

static struct node *node_new(struct parser *parser, enum node_kind kind) {
    struct node *node = room(parser, 1, sizeof *node);
    if (!node)
        node = &parser->spare;
    *node = (struct node){.kind = kind, .line = parser->line};
    return node;
}

static void node_add(struct parser *parser, struct node *node, struct node *child) {
    if (node->n == node->capacity) {
        size_t capacity = node->capacity ? 2 * node->capacity : 4;
        struct node **at = room(parser, capacity, sizeof(struct node *));
        if (!at)
            return;
        if (node->n)
            memcpy(at, node->at, node->n * sizeof *at);
        node->at = at;
        node->capacity = capacity;
    }
    node->at[node->n++] = child;
}

static struct node *node_of(struct parser *parser, enum node_kind kind, struct node *a,
                            struct node *b) {
    struct node *node = node_new(parser, kind);
    node_add(parser, node, a);
    if (b)
        node_add(parser, node, b);
    return node;
}

static struct node *constant(struct parser *parser, json_t *value) {
    struct node *node = node_new(parser, NODE_CONSTANT);
    if (json_array_append_new(parser->into->constants, value) == 0) {
        node->value = value;
    } else {
        fault_set(parser->fault, FAULT_MACHINE, "There is no memory for a chat template");
        parser->starved = true;
    }
    return node;
}

/* --------------------------------------------------------------------------------- expressions */

static struct node *parse_expression(struct parser *);
static struct node *parse_unary(struct parser *);

static struct node *parse_string(struct parser *parser) {
    char *joined = NULL;
    size_t n = 0, capacity = 0;
    while (parser->token.kind == TOKEN_STRING) { /* neighbours are joined */
        size_t need = n + parser->token.text.n;
        if (need > capacity) {
            char *old = joined;
            capacity = need > 2 * capacity ? need : 2 * capacity;
            if (!(joined = room(parser, capacity, 1)))
                return NULL;
            if (n)
                memcpy(joined, old, n);
        }
        n += lex_string(parser, parser->token.text, joined + n);
        if (!lex_next(parser))
            break;
    }
    struct view text = {joined, n};
    return utf8_valid(text) ? constant(parser, json_stringn(text.at, text.n))
                            : wrong_node(parser, "a string is no UTF-8:", parser->token.text);
}

static struct node *parse_number(struct parser *parser) {
    char text[64];
    snprintf(text, sizeof text, "%.*s", VIEW_ARG(parser->token.text));
    errno = 0;
    json_t *value = parser->token.kind == TOKEN_REAL ? json_real(strtod(text, NULL))
                                                     : json_integer(strtoll(text, NULL, 10));
    if (errno == ERANGE || parser->token.text.n >= sizeof text) {
        json_decref(value);
        return wrong_node(parser, "a number is too large:", parser->token.text);
    }
    struct node *node = constant(parser, value);
    return lex_next(parser) ? node : NULL;
}

/* Items up to `close`, which is taken. */
static bool parse_items(struct parser *parser, struct node *into, const char *close) {
    while (!lex_is(parser, close)) {
        struct node *item = parse_expression(parser);
        if (!item)
            return false;
        node_add(parser, into, item);
        if (into->kind == NODE_DICTIONARY) {
            if (!lex_expect(parser, ":") || !(item = parse_expression(parser)))
                return false;
            node_add(parser, into, item);
        }
        if (!lex_is(parser, close) && !lex_expect(parser, ","))
            return false;
    }
    return lex_expect(parser, close);
}

static struct node *
parse_group(struct parser *parser) { /* (a) or a tuple, a list in all but name */
    if (!lex_expect(parser, "("))
        return NULL;
    struct node *list = node_new(parser, NODE_LIST);
    if (!lex_take(parser, ")")) {
        struct node *first = parse_expression(parser);
        if (!first || lex_take(parser, ")"))
            return first;
        node_add(parser, list, first);
        if (!lex_expect(parser, ",") || !parse_items(parser, list, ")"))
            return NULL;
    }
    return list;
}

static struct node *parse_primary(struct parser *parser) {
    struct token token = parser->token;
    if (token.kind == TOKEN_STRING)
        return parse_string(parser);
    if (token.kind == TOKEN_INTEGER || token.kind == TOKEN_REAL)
        return parse_number(parser);
    if (token.kind == TOKEN_NAME) {
        static const struct {
            const char *name;
            int value;
        } names[] = {{"true", 1},  {"True", 1}, {"false", 0},
                     {"False", 0}, {"none", 2}, {"None", 2}};
        if (!lex_next(parser))
            return NULL;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            if (view_is(token.text, names[i].name))
                return constant(parser,
                                names[i].value == 2 ? json_null() : json_boolean(names[i].value));
        struct node *node = node_new(parser, NODE_NAME);
        node->name = token.text;
        return node;
    }
    if (lex_is(parser, "("))
        return parse_group(parser);
    bool list = lex_is(parser, "[");
    if (list || lex_is(parser, "{")) {
        struct node *node = node_new(parser, list ? NODE_LIST : NODE_DICTIONARY);
        return lex_next(parser) && parse_items(parser, node, list ? "]" : "}") ? node : NULL;
    }
    return wrong_node(parser, "a value is missing before", token.text);
}

/* The arguments after "(", which was taken. */
static bool parse_arguments(struct parser *parser, struct node *call) {
    while (!lex_is(parser, ")")) {
        struct node *value = parse_expression(parser);
        if (!value)
            return false;
        if (value->kind == NODE_NAME && lex_take(parser, "=")) {
            struct node *keyword = node_new(parser, NODE_KEYWORD);
            keyword->name = value->name;
            if (!(value = parse_expression(parser)))
                return false;
            node_add(parser, keyword, value);
            value = keyword;
        }
        node_add(parser, call, value);
        if (call->n > 8)
            return lex_wrong(parser, "more than eight arguments before", parser->token.text);
        if (!lex_is(parser, ")") && !lex_expect(parser, ","))
            return false;
    }
    return lex_expect(parser, ")");
}

static struct node *parse_subscript(struct parser *parser, struct node *object) {
    struct node *parts[3] = {0};
    size_t colons = 0;
    while (!lex_is(parser, "]")) {
        if (colons < 2 && lex_take(parser, ":")) {
            colons++;
            continue;
        }
        if (parts[colons] || !(parts[colons] = parse_expression(parser)))
            return wrong_node(parser, "this is no index:", parser->token.text);
    }
    if (!lex_expect(parser, "]"))
        return NULL;
    if (!colons)
        return parts[0] ? node_of(parser, NODE_GET, object, parts[0])
                        : wrong_node(parser, "an index is missing before", parser->token.text);
    struct node *slice = node_of(parser, NODE_SLICE, object, NULL);
    for (size_t i = 0; i < 3; i++)
        node_add(parser, slice, parts[i]);
    return slice;
}

static bool take_name(struct parser *parser, struct view *name) {
    *name = parser->token.text;
    return parser->token.kind == TOKEN_NAME ? lex_next(parser)
                                            : lex_wrong(parser, "a name is missing before", *name);
}

static struct node *parse_filter(struct parser *parser, struct node *object) {
    struct node *node = node_of(parser, NODE_FILTER, object, NULL);
    if (!take_name(parser, &node->name))
        return NULL;
    return !lex_take(parser, "(") || parse_arguments(parser, node) ? node : NULL;
}

static struct node *parse_test(struct parser *parser, struct node *object) {
    bool negated = lex_take(parser, "not");
    struct node *node = node_of(parser, NODE_TEST, object, NULL);
    if (!take_name(parser, &node->name))
        return NULL;
    enum token_kind kind = parser->token.kind;
    bool argument_follows =
        kind == TOKEN_STRING || kind == TOKEN_INTEGER || kind == TOKEN_REAL ||
        lex_is(parser, "[") ||
        (kind == TOKEN_NAME && !lex_is(parser, "else") && !lex_is(parser, "or") &&
         !lex_is(parser, "and") && !lex_is(parser, "if") && !lex_is(parser, "is") &&
         !lex_is(parser, "not") && !lex_is(parser, "in"));
    if (lex_take(parser, "(")) {
        if (!parse_arguments(parser, node))
            return NULL;
    } else if (argument_follows) {
        struct node *argument = parse_primary(parser);
        if (!argument)
            return NULL;
        node_add(parser, node, argument);
    }
    return negated ? node_of(parser, NODE_NOT, node, NULL) : node;
}

static struct node *parse_postfix(struct parser *parser, struct node *node) {
    while (node) {
        if (lex_take(parser, ".")) {
            struct view name = parser->token.text;
            if (parser->token.kind != TOKEN_NAME && parser->token.kind != TOKEN_INTEGER)
                return wrong_node(parser, "a name is missing before", name);
            if (!lex_next(parser))
                return NULL;
            node =
                node_of(parser, NODE_GET, node, constant(parser, json_stringn(name.at, name.n)));
        } else if (lex_take(parser, "[")) {
            node = parse_subscript(parser, node);
        } else if (lex_take(parser, "(")) {
            node = node_of(parser, NODE_CALL, node, NULL);
            if (!parse_arguments(parser, node))
                return NULL;
        } else {
            return node;
        }
    }
    return NULL;
}

/* Filters and tests bind tighter than every operator but the sign. */
static struct node *parse_filters(struct parser *parser, struct node *node) {
    while (node) {
        if (lex_take(parser, "|"))
            node = parse_filter(parser, node);
        else if (lex_take(parser, "is"))
            node = parse_test(parser, node);
        else if (lex_is(parser, ".") || lex_is(parser, "[") || lex_is(parser, "("))
            node = parse_postfix(parser, node);
        else
            return node;
    }
    return NULL;
}

static struct node *parse_unary(struct parser *parser) {
    if (++parser->depth > TEMPLATE_DEPTH)
        return wrong_node(parser, "too deeply nested at", parser->token.text);
    struct node *node;
    if (lex_take(parser, "-")) {
        node = parse_unary(parser);
        node = node ? node_of(parser, NODE_NEGATE, node, NULL) : NULL;
    } else if (lex_take(parser, "+")) {
        node = parse_unary(parser);
    } else {
        node = parse_primary(parser);
        node = node ? parse_postfix(parser, node) : NULL;
    }
    parser->depth--;
    return node ? parse_filters(parser, node) : NULL;
}

static const char *const operators[][9] = {
    {"or"},
    {"and"},
    {0}, /* 2 is `not` */
    {"==", "!=", "<", "<=", ">", ">=", "in", "not"},
    {"+", "-"},
    {"~"},
    {"*", "/", "//", "%"},
};

/* level: a row of the table above; past its end, a unary expression. */
static struct node *parse_level(struct parser *parser, size_t level) {
    if (level == COUNT_OF(operators))
        return parse_unary(parser);
    if (level == 2 && lex_is(parser, "not")) {
        if (++parser->depth > TEMPLATE_DEPTH)
            return wrong_node(parser, "too deeply nested at", parser->token.text);
        struct node *operand = lex_next(parser) ? parse_level(parser, 2) : NULL;
        parser->depth--;
        return operand ? node_of(parser, NODE_NOT, operand, NULL) : NULL;
    }
    struct node *left = parse_level(parser, level + 1);
    while (left) {
        const char *found = NULL;
        for (const char *const *name = operators[level]; *name && !found; name++)
            found = lex_is(parser, *name) ? *name : NULL;
        if (!found)
            return left;
        bool negated = !strcmp(found, "not");
        if (!lex_next(parser) || (negated && !lex_expect(parser, "in")))
            return NULL;
        struct node *right = parse_level(parser, level + 1);
        if (!right)
            return NULL;
        left = node_of(parser, NODE_BINARY, left, right);
        left->name = view_of(negated ? "in" : found);
        if (negated)
            left = node_of(parser, NODE_NOT, left, NULL);
    }
    return NULL;
}

static struct node *parse_expression(struct parser *parser) {
    if (++parser->depth > TEMPLATE_DEPTH)
        return wrong_node(parser, "too deeply nested at", parser->token.text);
    struct node *node = parse_level(parser, 0);
    while (node && lex_take(parser, "if")) {
        struct node *condition = parse_level(parser, 0), *otherwise = NULL;
        if (!condition || (lex_take(parser, "else") && !(otherwise = parse_expression(parser))))
            return NULL;
        struct node *whole = node_of(parser, NODE_CONDITIONAL, condition, node);
        node_add(parser, whole, otherwise);
        node = whole;
    }
    parser->depth--;
    return node;
}

/* ---------------------------------------------------------------------------------- statements */

/* Statements until a tag whose name is in the list `until`; that tag is open, its name is the
 * token. */
static struct node *parse_block(struct parser *, const char *const *until);

static struct node *parse_if(struct parser *parser) {
    static const char *const until[] = {"elif", "else", "endif", NULL};
    struct node *node = node_new(parser, NODE_IF);
    for (bool otherwise = false;;) {
        struct node *condition = otherwise ? NULL : parse_expression(parser);
        if ((!otherwise && !condition) || !lex_close(parser))
            return NULL;
        struct node *block = parse_block(parser, until);
        if (!block)
            return NULL;
        if (condition)
            node_add(parser, node, condition);
        node_add(parser, node, block);
        if (lex_take(parser, "endif"))
            return node;
        if (otherwise)
            return wrong_node(parser, "after `else` comes `endif`, not", parser->token.text);
        otherwise = lex_is(parser, "else");
        if (!lex_next(parser))
            return NULL;
    }
}

/* One name, a.b, or several names. */
static struct node *parse_target(struct parser *parser) {
    struct node *list = node_new(parser, NODE_LIST);
    do {
        struct node *node = node_new(parser, NODE_NAME);
        if (!take_name(parser, &node->name))
            return NULL;
        struct node *target = node;
        if (list->n == 0 && lex_take(parser, ".")) {
            struct view name;
            if (!take_name(parser, &name))
                return NULL;
            return node_of(parser, NODE_GET, target,
                           constant(parser, json_stringn(name.at, name.n)));
        }
        node_add(parser, list, target);
    } while (lex_take(parser, ","));
    return list->n == 1 ? list->at[0] : list;
}

static struct node *parse_for(struct parser *parser) {
    static const char *const until[] = {"else", "endfor", NULL};
    struct node *node = node_new(parser, NODE_FOR), *part = parse_target(parser);
    if (!part || !lex_expect(parser, "in"))
        return NULL;
    node_add(parser, node, part);
    if (!(part = parse_level(parser, 0))) /* `if` after it is the loop's filter */
        return NULL;
    node_add(parser, node, part);
    part = NULL;
    if (lex_take(parser, "if") && !(part = parse_expression(parser)))
        return NULL;
    node_add(parser, node, part);
    if (!lex_close(parser) || !(part = parse_block(parser, until)))
        return NULL;
    node_add(parser, node, part);
    part = NULL;
    if (lex_take(parser, "else")) {
        if (!lex_close(parser) || !(part = parse_block(parser, until + 1)))
            return NULL;
    }
    node_add(parser, node, part);
    return lex_expect(parser, "endfor") ? node : NULL;
}

static struct node *parse_set(struct parser *parser) {
    static const char *const until[] = {"endset", NULL};
    struct node *target = parse_target(parser);
    if (!target)
        return NULL;
    if (lex_take(parser, "=")) {
        struct node *value = parse_expression(parser);
        if (value && lex_is(parser, ",")) { /* a tuple without brackets */
            struct node *list = node_of(parser, NODE_LIST, value, NULL);
            while (value && lex_take(parser, ","))
                if ((value = parse_expression(parser)))
                    node_add(parser, list, value);
            value = value ? list : NULL;
        }
        return value ? node_of(parser, NODE_SET, target, value) : NULL;
    }
    if (!lex_close(parser))
        return NULL;
    struct node *block = parse_block(parser, until);
    return block && lex_expect(parser, "endset") ? node_of(parser, NODE_SET_BLOCK, target, block)
                                                 : NULL;
}

static struct node *parse_macro(struct parser *parser) {
    static const char *const until[] = {"endmacro", NULL};
    struct node *node = node_of(parser, NODE_MACRO, NULL, NULL);
    if (!take_name(parser, &node->name) || !lex_expect(parser, "("))
        return NULL;
    while (!lex_is(parser, ")")) {
        struct node *parameter = node_new(parser, NODE_KEYWORD), *otherwise = NULL;
        if (!take_name(parser, &parameter->name) ||
            (lex_take(parser, "=") && !(otherwise = parse_expression(parser))))
            return NULL;
        node_add(parser, parameter, otherwise);
        node_add(parser, node, parameter);
        if (node->n > 9)
            return wrong_node(parser, "more than eight parameters before", parser->token.text);
        if (!lex_is(parser, ")") && !lex_expect(parser, ","))
            return NULL;
    }
    if (!lex_expect(parser, ")") || !lex_close(parser))
        return NULL;
    struct node *body = parse_block(parser, until);
    if (!body || !node->n)
        return NULL;
    node->at[0] = body;
    if (lex_take(parser, "endmacro") && parser->token.kind == TOKEN_NAME)
        lex_next(parser); /* its name may stand again */
    return node;
}

static struct node *parse_leave(struct parser *parser) {
    return node_new(parser, NODE_BREAK);
}

static struct node *parse_skip(struct parser *parser) {
    return node_new(parser, NODE_CONTINUE);
}

/* Marks what an assistant wrote, for training; a mark alone when rendering. */
static struct node *parse_generation(struct parser *parser) {
    static const char *const until[] = {"endgeneration", NULL};
    if (!lex_close(parser))
        return NULL;
    struct node *block = parse_block(parser, until);
    return block && lex_expect(parser, "endgeneration") ? block : NULL;
}

static const struct {
    const char *name;
    struct node *(*parse)(struct parser *);
} statements[] = {
    {"if", parse_if},
    {"for", parse_for},
    {"set", parse_set},
    {"macro", parse_macro},
    {"break", parse_leave},
    {"continue", parse_skip},
    {"generation", parse_generation},
};

static struct node *parse_statement(struct parser *parser) {
    struct view name = parser->token.text;
    for (size_t i = 0; i < COUNT_OF(statements); i++)
        if (lex_is(parser, statements[i].name))
            return lex_next(parser) ? statements[i].parse(parser) : NULL;
    return wrong_node(parser, "there is no statement", name);
}

static struct node *parse_output(struct parser *parser) {
    struct node *value = parse_expression(parser);
    return value ? node_of(parser, NODE_OUTPUT, value, NULL) : NULL;
}

static struct node *parse_block(struct parser *parser, const char *const *until) {
    struct node *block = node_new(parser, NODE_BLOCK);
    if (++parser->depth > TEMPLATE_DEPTH)
        return wrong_node(parser, "too deeply nested at", parser->token.text);
    for (;;) {
        size_t tag = lex_find_tag(parser);
        struct node *written = node_new(parser, NODE_TEXT);
        written->name = lex_text(parser, tag);
        if (written->name.n)
            node_add(parser, block, written);
        if (tag == parser->source.n) {
            parser->depth--;
            return *until ? wrong_node(parser, "at the end is missing", view_of(*until)) : block;
        }
        char mark = parser->source.at[tag + 1];
        if (mark == '#') {
            if (!lex_comment(parser))
                return NULL;
            continue;
        }
        if (!lex_open(parser))
            return NULL;
        for (const char *const *name = until; mark == '%' && *name; name++)
            if (lex_is(parser, *name)) {
                parser->depth--;
                return block;
            }
        struct node *node = mark == '{' ? parse_output(parser) : parse_statement(parser);
        if (!node || !lex_close(parser))
            return NULL;
        node_add(parser, block, node);
    }
}

bool template_parse(struct chat_template *into, struct view source, struct fault *fault) {
    static const char *const nothing[] = {NULL};
    struct parser parser = {.into = into, .source = source, .line = 1, .fault = fault};
    if (!utf8_valid(source))
        return fault_set(fault, FAULT_INPUT, "the chat template is no UTF-8");
    into->root = parse_block(&parser, nothing);
    if (!into->root && !fault->kind)
        lex_wrong(&parser, "this is not understood:", parser.token.text);
    return into->root != NULL && !parser.starved;
}
