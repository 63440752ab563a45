/* From expressions to nodes. An expression is built backwards, before the node that follows it.
 *
 * First come the checks that make every later step end: each rule is defined, none calls itself
 * before it has read a byte, and the root can end. */
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_NODES = 300000,
    MOST_VISITS = 4000000,
    MOST_COPIES = 64,
    MOST_ROUNDS = 400,
    SMALL = 16
};

static uint32_t cost_sum(uint64_t a, uint64_t b) {
    uint64_t sum = a + b;
    return sum >= COST_NEVER ? COST_NEVER : (uint32_t)sum;
}

/* The fewest bytes that an expression reads, as far as the rules' costs are known. */
static uint32_t cost_of(const struct grammar_text *text, const struct expression *e) {
    uint32_t cost = e->kind == EXPRESSION_SEQUENCE ? 0 : COST_NEVER;
    switch (e->kind) {
    case EXPRESSION_TEXT:
        return e->text.n < COST_NEVER ? (uint32_t)e->text.n : COST_NEVER;
    case EXPRESSION_CLASS: {
        char bytes[4];
        return e->n ? (uint32_t)utf8_encode(e->ranges[0].low, bytes) : COST_NEVER;
    }
    case EXPRESSION_RULE:
        return text->rules[e->rule].cost;
    case EXPRESSION_REPEAT:
        return e->least ? cost_sum(0, (uint64_t)e->least * cost_of(text, e->parts[0])) : 0;
    case EXPRESSION_SEQUENCE:
        for (uint32_t i = 0; i < e->n; i++)
            cost = cost_sum(cost, cost_of(text, e->parts[i]));
        return cost;
    default:
        for (uint32_t i = 0; i < e->n; i++) {
            uint32_t one = cost_of(text, e->parts[i]);
            cost = one < cost ? one : cost;
        }
        return cost;
    }
}

static bool find_costs(struct grammar_text *text, struct fault *fault) {
    for (uint32_t i = 0; i < text->n; i++)
        text->rules[i].cost = COST_NEVER;
    bool changed = true;
    for (int round = 0; changed; round++) {
        changed = false;
        if (round > MOST_ROUNDS)
            return fault_set(fault, FAULT_LIMIT, "the rules of the grammar hang too far together");
        for (uint32_t i = text->n; i-- > 0;) {
            uint32_t cost = cost_of(text, text->rules[i].body);
            changed |= cost < text->rules[i].cost;
            text->rules[i].cost = cost;
        }
    }
    return true;
}

/* --------------------------------------------------------------------------- left recursion */

struct calls { /* the rules that one may call before it has read a byte */
    uint32_t *at, n, capacity;
};

static void left_calls(const struct grammar_text *text, const struct expression *e,
                       struct calls *calls) {
    if (e->kind == EXPRESSION_RULE) {
        if (TRY_ROOM(calls->at, calls->capacity, calls->n + 1))
            calls->at[calls->n++] = e->rule;
    } else if (e->kind == EXPRESSION_CHOICE || e->kind == EXPRESSION_SEQUENCE) {
        for (uint32_t i = 0; i < e->n; i++) {
            left_calls(text, e->parts[i], calls);
            if (e->kind == EXPRESSION_SEQUENCE && cost_of(text, e->parts[i]) > 0)
                break;
        }
    } else if (e->kind == EXPRESSION_REPEAT && e->most > 0) {
        left_calls(text, e->parts[0], calls);
    }
}

struct visit {
    uint32_t rule, next; /* of its calls: the one to follow next */
    struct calls calls;
};

static bool name_circle(const struct grammar_text *text, const struct visit *path, uint32_t n,
                        uint32_t rule, struct fault *fault) {
    uint32_t from = n;
    while (from > 0 && path[from - 1].rule != rule)
        from--;
    from -= from > 0;
    const struct rule *first = &text->rules[rule];
    const struct rule *next = &text->rules[from + 1 < n ? path[from + 1].rule : rule];
    if (from + 1 >= n)
        fault_set(fault, FAULT_INPUT, "the rule %.*s calls itself before it has read anything",
                  VIEW_ARG(first->name));
    else
        fault_set(fault, FAULT_INPUT,
                  "the rule %.*s calls itself by way of %.*s before it has read anything",
                  VIEW_ARG(first->name), VIEW_ARG(next->name));
    fault_remedy(fault, "Let something be read first, or say it with * or +");
    return fault_place(fault, NULL, first->line, -1);
}

/* Depth first, with a path of its own: rules may call each other thousands deep. */
static bool refuse_left_recursion(const struct grammar_text *text, struct fault *fault) {
    enum { NEW, OPEN, DONE };
    uint8_t *state = try_alloc(text->n, 1, NULL);
    struct visit *path = try_alloc(text->n + 1, sizeof *path, NULL);
    bool good = state && path;
    for (uint32_t start = 0; good && start < text->n; start++) {
        uint32_t n = 0;
        if (state[start] == NEW) {
            path[n++] = (struct visit){.rule = start};
            state[start] = OPEN;
            left_calls(text, text->rules[start].body, &path[0].calls);
        }
        while (n > 0) {
            struct visit *top = &path[n - 1];
            if (!good || top->next == top->calls.n) {
                state[top->rule] = DONE;
                free(top->calls.at);
                n--;
                continue;
            }
            uint32_t rule = top->calls.at[top->next++];
            if (state[rule] == OPEN) {
                good = name_circle(text, path, n, rule, fault);
            } else if (state[rule] == NEW) {
                state[rule] = OPEN;
                path[n] = (struct visit){.rule = rule};
                left_calls(text, text->rules[rule].body, &path[n++].calls);
            }
        }
    }
    free(path);
    free(state);
    return good;
}

/* ----------------------------------------------------------------------------------- building */

struct build {
    const struct grammar_text *text;
    struct grammar *grammar;
    uint32_t node_room, edge_room, target_room;
    uint32_t n_visit; /* of expressions: those that build nothing take time too */
    bool too_large;   /* or memory is short: nothing is built any more */
};

static uint32_t add_node(struct build *build, struct node node) {
    struct grammar *grammar = build->grammar;
    if (grammar->n_node >= MOST_NODES || memory_is_short() ||
        !TRY_ROOM(grammar->nodes, build->node_room, grammar->n_node + 1)) {
        build->too_large = true;
        return 0;
    }
    grammar->nodes[grammar->n_node] = node;
    return grammar->n_node++;
}

static uint32_t add_bytes(struct build *build, const struct edge *edges, uint32_t n) {
    struct grammar *grammar = build->grammar;
    if (build->too_large || !TRY_ROOM(grammar->edges, build->edge_room, grammar->n_edge + n)) {
        build->too_large = true;
        return 0;
    }
    uint32_t cost = COST_NEVER;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t one = cost_sum(1, grammar->nodes[edges[i].target].cost);
        cost = one < cost ? one : cost;
        grammar->edges[grammar->n_edge + i] = edges[i];
    }
    grammar->n_edge += n;
    return add_node(
        build,
        (struct node){.kind = NODE_BYTES, .from = grammar->n_edge - n, .n = n, .cost = cost});
}

static uint32_t add_split(struct build *build, const uint32_t *targets, uint32_t n) {
    struct grammar *grammar = build->grammar;
    if (build->too_large ||
        !TRY_ROOM(grammar->targets, build->target_room, grammar->n_target + n)) {
        build->too_large = true;
        return 0;
    }
    uint32_t cost = COST_NEVER;
    for (uint32_t i = 0; i < n; i++) {
        grammar->targets[grammar->n_target + i] = targets[i];
        uint32_t one = grammar->nodes[targets[i]].cost;
        cost = one < cost ? one : cost;
    }
    grammar->n_target += n;
    return add_node(
        build,
        (struct node){.kind = NODE_SPLIT, .from = grammar->n_target - n, .n = n, .cost = cost});
}

static uint32_t build_text(struct build *build, struct view text, uint32_t next) {
    for (size_t i = text.n; i-- > 0;) {
        uint8_t byte = (uint8_t)text.at[i];
        next = add_bytes(build, &(struct edge){byte, byte, next}, 1);
    }
    return next;
}

/* Of sorted texts that share their first `from` bytes. */
static uint32_t build_words(struct build *build, struct expression *const *words, uint32_t n,
                            size_t from, uint32_t next) {
    struct view first = words[0]->text, last = words[n - 1]->text;
    size_t shared = from;
    while (shared < first.n && shared < last.n && first.at[shared] == last.at[shared])
        shared++;
    struct edge edges[256];
    uint32_t n_edge = 0, branch = 0;
    bool ends = first.n == shared;
    for (uint32_t i = ends, to; i < n; i = to) {
        char byte = words[i]->text.at[shared];
        for (to = i + 1; to < n && words[to]->text.at[shared] == byte;)
            to++;
        uint32_t target = build_words(build, words + i, to - i, shared + 1, next);
        edges[n_edge++] = (struct edge){(uint8_t)byte, (uint8_t)byte, target};
    }
    if (n_edge)
        branch = add_bytes(build, edges, n_edge);
    uint32_t after = !n_edge ? next : branch;
    if (ends && n_edge)
        after = add_split(build, (uint32_t[]){next, branch}, 2);
    return build_text(build, view_slice(first, from, shared), after);
}

struct tail {
    struct edge edge;
    uint32_t node; /* that has it alone */
};

struct class_build {
    struct build *build;
    struct edge *edges; /* of the first byte */
    uint32_t n, capacity;
    struct tail *tails; /* what was built for later bytes */
    uint32_t n_tail, tail_capacity;
    uint32_t next;
};

static uint32_t tail(struct class_build *class, struct edge edge) {
    for (uint32_t i = class->n_tail; i-- > 0;) {
        const struct edge *known = &class->tails[i].edge;
        if (known->low == edge.low && known->high == edge.high && known->target == edge.target)
            return class->tails[i].node;
    }
    if (!TRY_ROOM(class->tails, class->tail_capacity, class->n_tail + 1))
        return 0;
    uint32_t node = add_bytes(class->build, &edge, 1);
    class->tails[class->n_tail++] = (struct tail){edge, node};
    return node;
}

/* Cuts a range where the bytes of its UTF-8 would not be ranges of their own. */
static void add_points(struct class_build *class, int32_t low, int32_t high) {
    static const int32_t last[] = {0x7F, 0x7FF, 0xFFFF};
    for (int i = 0; i < 3; i++)
        if (low <= last[i] && high > last[i]) {
            add_points(class, low, last[i]);
            add_points(class, last[i] + 1, high);
            return;
        }
    char from[4], to[4];
    size_t n = utf8_encode(low, from);
    for (size_t i = 1; i < n; i++) {
        int32_t mask = (1 << 6 * i) - 1;
        if ((low & ~mask) == (high & ~mask))
            continue;
        int32_t cut = (low & mask) ? low | mask : (high & mask) != mask ? (high & ~mask) - 1 : -1;
        if (cut >= 0) {
            add_points(class, low, cut);
            add_points(class, cut + 1, high);
            return;
        }
    }
    utf8_encode(high, to);
    uint32_t next = class->next;
    for (size_t i = n; i-- > 1;)
        next = tail(class, (struct edge){(uint8_t)from[i], (uint8_t)to[i], next});
    if (TRY_ROOM(class->edges, class->capacity, class->n + 1))
        class->edges[class->n++] = (struct edge){(uint8_t)from[0], (uint8_t)to[0], next};
}

static uint32_t build_class(struct build *build, const struct expression *e, uint32_t next) {
    struct class_build class = {.build = build, .next = next};
    for (uint32_t i = 0; i < e->n; i++)
        add_points(&class, e->ranges[i].low, e->ranges[i].high);
    uint32_t made = add_bytes(build, class.edges, class.n);
    free(class.edges);
    free(class.tails);
    return made;
}

static uint32_t build_expression(struct build *, const struct expression *, uint32_t next);

static uint32_t build_optional(struct build *build, const struct expression *e, uint32_t next) {
    return add_split(build, (uint32_t[]){build_expression(build, e, next), next}, 2);
}

static uint32_t build_endless(struct build *build, const struct expression *e, uint32_t next) {
    uint32_t split = add_split(build, (uint32_t[]){next, next}, 2);
    uint32_t body = build_expression(build, e, split);
    if (!build->too_large)
        build->grammar->targets[build->grammar->nodes[split].from] = body;
    return split;
}

static uint32_t build_repeat(struct build *build, const struct expression *e, uint32_t next) {
    const struct expression *body = e->parts[0];
    uint32_t cost = cost_of(build->text, body), least = e->least, most = e->most;
    if (most == 0 || cost >= COST_NEVER)
        return least && most ? add_split(build, NULL, 0) : next;
    if (cost == 0 && most == NO_MOST)
        return build_endless(build, body, next);
    bool plain = body->kind == EXPRESSION_CLASS && least == most && most <= 8;
    if (cost == 0 || plain || most == 1) {
        for (uint32_t i = 0, before = UINT32_MAX; i < most && next != before && !build->too_large;
             i++) { /* until a copy changes nothing: it reads the empty text alone */
            before = next;
            next = i < most - least && cost ? build_optional(build, body, next)
                                            : build_expression(build, body, next);
        }
        return next;
    }
    if (most == NO_MOST && least <= 1) {
        uint32_t loop = build_endless(build, body, next);
        return least ? build_expression(build, body, loop) : loop;
    }
    uint32_t out = build->grammar->nodes[next].cost;
    uint32_t again = add_node(
        build, (struct node){.kind = NODE_AGAIN, .next = next, .least = least, .most = most});
    uint32_t first = build_expression(build, body, again);
    build->grammar->nodes[again].body = first;
    uint32_t whole = cost_sum((uint64_t)least * cost, out);
    return add_node(build, (struct node){.kind = NODE_LOOP, .next = again, .cost = whole});
}

static uint32_t build_choice(struct build *build, const struct expression *e, uint32_t next) {
    uint32_t *targets = try_alloc(e->n + 1, sizeof *targets, NULL);
    for (uint32_t i = 0; targets && i < e->n; i++)
        targets[i] = build_expression(build, e->parts[i], next);
    uint32_t made = targets ? add_split(build, targets, e->n) : 0;
    free(targets);
    return made;
}

/* Whether an expression is small enough to be built where its rule is called. A rule of one
 * character would end within nearly every token, and what follows it be looked for each time. */
static bool is_small(const struct grammar_text *text, const struct expression *e, int *room) {
    if (--*room < 0 || (e->kind == EXPRESSION_REPEAT && e->most > 8))
        return false;
    if (e->kind == EXPRESSION_RULE)
        return is_small(text, text->rules[e->rule].body, room);
    if (e->kind == EXPRESSION_TEXT)
        return e->text.n <= 16;
    if (e->kind == EXPRESSION_CLASS)
        return e->n <= 16;
    for (uint32_t i = 0; i < e->n; i++)
        if (!is_small(text, e->parts[i], room))
            return false;
    return true;
}

static uint32_t build_expression(struct build *build, const struct expression *e, uint32_t next) {
    build->too_large |= ++build->n_visit > MOST_VISITS;
    if (build->too_large)
        return 0;
    switch (e->kind) {
    case EXPRESSION_TEXT:
        return build_text(build, e->text, next);
    case EXPRESSION_WORDS:
        return e->n ? build_words(build, e->parts, e->n, 0, next) : add_split(build, NULL, 0);
    case EXPRESSION_CLASS:
        return build_class(build, e, next);
    case EXPRESSION_SEQUENCE:
        for (uint32_t i = e->n; i-- > 0;)
            next = build_expression(build, e->parts[i], next);
        return next;
    case EXPRESSION_CHOICE:
        return build_choice(build, e, next);
    case EXPRESSION_REPEAT:
        return build_repeat(build, e, next);
    case EXPRESSION_RULE:
        break;
    }
    int room = SMALL;
    const struct expression *body = build->text->rules[e->rule].body;
    if (is_small(build->text, body, &room))
        return build_expression(build, body, next);
    uint32_t cost = cost_sum(build->text->rules[e->rule].cost, build->grammar->nodes[next].cost);
    return add_node(build,
                    (struct node){.kind = NODE_CALL, .body = e->rule, .next = next, .cost = cost});
}

static void find_classes(struct grammar *grammar) {
    bool begins[257] = {true};
    for (uint32_t i = 0; i < grammar->n_edge; i++) {
        begins[grammar->edges[i].low] = true;
        begins[grammar->edges[i].high + 1] = true;
    }
    grammar->n_class = -1;
    for (int byte = 0; byte < 256; byte++) {
        grammar->n_class += begins[byte];
        grammar->class_of[byte] = (uint8_t)grammar->n_class;
    }
    grammar->n_class++;
}

static bool check(struct grammar_text *text, struct fault *fault) {
    for (uint32_t i = 0; i < text->n; i++)
        if (!text->rules[i].body) {
            fault_set(fault, FAULT_INPUT, "the rule %.*s is used and nowhere defined",
                      VIEW_ARG(text->rules[i].name));
            return fault_place(fault, NULL, text->rules[i].line, -1);
        }
    if (!find_costs(text, fault) || !refuse_left_recursion(text, fault))
        return false;
    if (text->rules[0].cost >= COST_NEVER) {
        fault_set(fault, FAULT_INPUT, "no text of this grammar ever ends");
        return fault_remedy(fault, "Give each rule that calls itself a way that does not");
    }
    return true;
}

/* A body that may be empty is copied as often as it may come. */
static bool check_copies(const struct grammar_text *text, const struct expression *e,
                         struct fault *fault) {
    bool list = e->kind == EXPRESSION_CHOICE || e->kind == EXPRESSION_SEQUENCE;
    if (e->kind == EXPRESSION_REPEAT && e->most != NO_MOST && e->most > MOST_COPIES &&
        cost_of(text, e->parts[0]) == 0) {
        fault_set(fault, FAULT_LIMIT, "something that may be empty is counted up to %u", e->most);
        return fault_remedy(fault, "Count what is not empty, or at most %d", MOST_COPIES);
    }
    for (uint32_t i = 0; (list || e->kind == EXPRESSION_REPEAT) && i < e->n; i++)
        if (!check_copies(text, e->parts[i], fault))
            return false;
    return true;
}

struct grammar *grammar_build(const struct grammar_text *source, struct fault *fault) {
    struct grammar_text text = *source;
    if (memory_is_short() || !check(&text, fault))
        return NULL;
    for (uint32_t i = 0; i < text.n; i++)
        if (!check_copies(&text, text.rules[i].body, fault)) {
            fault_place(fault, NULL, text.rules[i].line, -1);
            return NULL;
        }
    struct grammar *made = try_alloc(1, sizeof *made, fault);
    if (!made)
        return NULL;
    struct build build = {.text = &text, .grammar = made};
    made->learnt = learnt_new();
    made->rules = try_alloc(text.n, sizeof *made->rules, NULL);
    uint32_t end = add_node(&build, (struct node){.kind = NODE_RETURN});
    for (uint32_t i = 0; i < text.n && !build.too_large; i++)
        text.rules[i].entry = build_expression(&build, text.rules[i].body, end);
    if (build.too_large || memory_is_short()) {
        fault_set(fault, FAULT_LIMIT, "the grammar is too large: over %d steps", MOST_NODES);
        fault_remedy(fault, "Use fewer or smaller counts and lists");
        grammar_free(made);
        return NULL;
    }
    made->n_rule = text.n;
    memcpy(made->rules, text.rules, text.n * sizeof *made->rules);
    find_classes(made);
    return made;
}

struct grammar *grammar_compile(struct view gbnf, struct fault *fault) {
    struct memory_watch watch;
    struct grammar_text text;
    memory_watch_begin(&watch);
    struct grammar *made = NULL;
    if (grammar_text_open(&text) && gbnf_parse(gbnf, &text, fault))
        made = grammar_build(&text, fault);
    grammar_text_close(&text);
    if (memory_watch_end(&watch, fault))
        return made;
    grammar_free(made);
    return NULL;
}

void grammar_free(struct grammar *grammar) {
    if (!grammar)
        return;
    learnt_free(grammar->learnt);
    free(grammar->nodes);
    free(grammar->edges);
    free(grammar->targets);
    free(grammar->rules);
    free(grammar);
}
