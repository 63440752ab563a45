/* Chat templates, from tree to text. */
#include "model/template_inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a name stands for: a scope is opened by a loop's round and by a macro's call. */
struct scope {
    struct scope *outer;
    json_t *names;
};

struct loop { /* the one around, for break and continue */
    bool leave, skip;
};

struct rendering {
    struct renderer renderer; /* first: values know no more than this */
    struct scope root, *scope;
    struct loop *loop;
    struct buffer *out;
    size_t n_macro;
    const struct node *macros[64];
};

static bool evaluate(struct rendering *, const struct node *, json_t **out);
static bool execute(struct rendering *, const struct node *);

static void assign(struct rendering *rendering, struct view name, json_t *value) {
    char *key = try_copy(name, NULL);
    if (value)
        json_object_set(rendering->scope->names, key, value);
    else
        json_object_del(rendering->scope->names, key);
    free(key);
}

static json_t *look_up(const struct rendering *rendering, struct view name) {
    char key[128];
    snprintf(key, sizeof key, "%.*s", VIEW_ARG(name));
    for (const struct scope *scope = rendering->scope; scope; scope = scope->outer) {
        json_t *value = json_object_get(scope->names, key);
        if (value)
            return value;
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------- functions */

static bool call_dict(struct renderer *r, const struct arguments *given, json_t **out) {
    *out = render_keep(r, json_object());
    for (size_t i = 0; i < given->n; i++) {
        if (given->names[i].n == 0) {
            if (!json_is_object(given->at[i]))
                return render_fault(r, "a dictionary of %s", value_kind(given->at[i]));
            json_object_update(*out, given->at[i]);
        } else {
            char *key = try_copy(given->names[i], NULL);
            json_object_set_new(*out, key, given->at[i] ? json_incref(given->at[i]) : json_null());
            free(key);
        }
    }
    return true;
}

static bool call_namespace(struct renderer *r, const struct arguments *given, json_t **out) {
    if (!call_dict(r, given, out))
        return false;
    json_array_append(r->namespaces, *out);
    return true;
}

static bool call_raise(struct renderer *r, const struct arguments *given, json_t **out) {
    (void)out;
    return render_fault(r, "the template refuses: %.200s",
                        value_view(given->at[0]).n ? value_view(given->at[0]).at : "no reason");
}

static bool call_strftime(struct renderer *r, const struct arguments *given, json_t **out) {
    char format[128], text[256];
    snprintf(format, sizeof format, "%.*s", VIEW_ARG(value_view(given->at[0])));
    time_t now = time(NULL);
    struct tm broken;
    localtime_r(&now, &broken);
    size_t n = strftime(text, sizeof text, format, &broken);
    *out = render_text(r, (struct view){text, n});
    return true;
}

static bool call_range(struct renderer *r, const struct arguments *given, json_t **out) {
    json_int_t at[3] = {0, 0, 1};
    for (size_t i = 0; i < given->n && i < 3; i++) {
        if (!json_is_integer(given->at[i]))
            return render_fault(r, "range() of %s", value_kind(given->at[i]));
        at[i] = json_integer_value(given->at[i]);
    }
    if (given->n == 1) {
        at[1] = at[0];
        at[0] = 0;
    }
    if (given->n == 0 || given->n > 3 || at[2] == 0)
        return render_fault(r, "range() needs one to three numbers, the step not 0");
    *out = render_keep(r, json_array());
    if (at[0] > INT32_MAX || at[0] < INT32_MIN || at[2] > INT32_MAX || at[2] < INT32_MIN)
        return render_fault(r, "range() of numbers that large");
    for (json_int_t i = at[0]; at[2] > 0 ? i < at[1] : i > at[1]; i += at[2]) {
        if (!render_spend(r, sizeof(json_t)))
            return false;
        json_array_append_new(*out, json_integer(i));
    }
    return true;
}

static const struct {
    const char *name;
    bool (*call)(struct renderer *, const struct arguments *, json_t **out);
} functions[] = {
    {"namespace", call_namespace},   {"dict", call_dict},   {"raise_exception", call_raise},
    {"strftime_now", call_strftime}, {"range", call_range},
};

static bool call_macro(struct rendering *rendering, const struct node *macro,
                       const struct arguments *given, json_t **out) {
    struct scope scope = {&rendering->root, json_object()}, *caller = rendering->scope;
    struct buffer text = {0}, *into = rendering->out;
    struct loop *loop = rendering->loop;
    bool good = given->n <= macro->n - 1 ||
                render_fault(&rendering->renderer, "the macro %.*s takes %zu arguments",
                             VIEW_ARG(macro->name), macro->n - 1);
    json_t *values[8] = {0};
    for (size_t i = 1; good && i < macro->n; i++) {
        const struct node *parameter = macro->at[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", VIEW_ARG(parameter->name));
        values[i - 1] = argument(given, i - 1, name);
        if (!values[i - 1] && parameter->at[0])
            good = evaluate(rendering, parameter->at[0], &values[i - 1]);
    }
    rendering->scope = &scope;
    rendering->out = &text;
    rendering->loop = NULL;
    for (size_t i = 1; good && i < macro->n; i++)
        assign(rendering, macro->at[i]->name, values[i - 1]);
    good = good && execute(rendering, macro->at[0]);
    rendering->scope = caller;
    rendering->out = into;
    rendering->loop = loop;
    json_decref(scope.names);
    if (good)
        *out = render_text(&rendering->renderer, buffer_view(&text));
    buffer_free(&text);
    return good;
}

static bool read_arguments(struct rendering *rendering, const struct node *call,
                           struct arguments *out) {
    for (size_t i = 1; i < call->n && out->n < COUNT_OF(out->at); i++) {
        const struct node *node = call->at[i];
        if (node->kind == NODE_KEYWORD) {
            out->names[out->n] = node->name;
            node = node->at[0];
        }
        if (!evaluate(rendering, node, &out->at[out->n++]))
            return false;
    }
    return true;
}

static bool evaluate_call(struct rendering *rendering, const struct node *node, json_t **out) {
    const struct node *callee = node->at[0];
    struct renderer *r = &rendering->renderer;
    struct arguments given = {0};
    if (!read_arguments(rendering, node, &given))
        return false;
    if (callee->kind == NODE_GET && callee->at[1]->kind == NODE_CONSTANT) {
        json_t *object;
        return evaluate(rendering, callee->at[0], &object) &&
               value_method(r, object, value_view(callee->at[1]->value), &given, out);
    }
    if (callee->kind != NODE_NAME)
        return render_fault(r, "only functions, macros and methods are called");
    for (size_t i = rendering->n_macro; i-- > 0;)
        if (view_equal(rendering->macros[i]->name, callee->name))
            return call_macro(rendering, rendering->macros[i], &given, out);
    for (size_t i = 0; i < COUNT_OF(functions); i++)
        if (view_is(callee->name, functions[i].name))
            return functions[i].call(r, &given, out);
    return render_fault(r, "there is no function %.*s", VIEW_ARG(callee->name));
}

/* --------------------------------------------------------------------------------- expressions */

static bool evaluate_items(struct rendering *rendering, const struct node *node, json_t **out) {
    struct renderer *r = &rendering->renderer;
    bool list = node->kind == NODE_LIST;
    *out = render_keep(r, list ? json_array() : json_object());
    for (size_t i = 0; i < node->n; i += list ? 1 : 2) {
        json_t *key = NULL, *value;
        if (!evaluate(rendering, node->at[i], &value))
            return false;
        if (list) {
            json_array_append_new(*out, value ? json_incref(value) : json_null());
            continue;
        }
        key = value;
        if (!json_is_string(key))
            return render_fault(r, "a key that is %s", value_kind(key));
        if (!evaluate(rendering, node->at[i + 1], &value))
            return false;
        json_object_set_new(*out, json_string_value(key),
                            value ? json_incref(value) : json_null());
    }
    return true;
}

static bool evaluate_binary(struct rendering *rendering, const struct node *node, json_t **out) {
    json_t *left, *right;
    if (!evaluate(rendering, node->at[0], &left))
        return false;
    bool is_and = view_is(node->name, "and");
    if (is_and || view_is(node->name, "or")) {
        if (value_true(left) != is_and) {
            *out = left;
            return true;
        }
        return evaluate(rendering, node->at[1], out);
    }
    return evaluate(rendering, node->at[1], &right) &&
           value_binary(&rendering->renderer, node->name, left, right, out);
}

/* `strftime_now is defined`: functions and macros are, though they are no values here. */
static bool is_function(const struct rendering *rendering, const struct node *node) {
    bool found = false;
    for (size_t i = 0; node->kind == NODE_NAME && i < COUNT_OF(functions); i++)
        found = found || view_is(node->name, functions[i].name);
    for (size_t i = 0; node->kind == NODE_NAME && i < rendering->n_macro; i++)
        found = found || view_equal(node->name, rendering->macros[i]->name);
    return found;
}

static bool evaluate_named(struct rendering *rendering, const struct node *node, json_t **out) {
    struct renderer *r = &rendering->renderer;
    struct arguments given = {0};
    json_t *object;
    if (!evaluate(rendering, node->at[0], &object) || !read_arguments(rendering, node, &given))
        return false;
    if (node->kind == NODE_FILTER)
        return value_filter(r, node->name, object, &given, out);
    bool holds = false;
    if (!object && is_function(rendering, node->at[0])) /* a name that no value has */
        object = json_true();
    if (!value_test(r, node->name, object, &given, &holds))
        return false;
    *out = json_boolean(holds);
    return true;
}

static bool evaluate_slice(struct rendering *rendering, const struct node *node, json_t **out) {
    json_t *parts[4] = {0};
    for (size_t i = 0; i < 4; i++)
        if (node->at[i] && !evaluate(rendering, node->at[i], &parts[i]))
            return false;
    return value_slice(&rendering->renderer, parts[0], parts[1], parts[2], parts[3], out);
}

static bool evaluate_kind(struct rendering *rendering, const struct node *node, json_t **out) {
    struct renderer *r = &rendering->renderer;
    json_t *value = NULL, *key;
    switch (node->kind) {
    case NODE_CONSTANT:
        *out = node->value;
        return true;
    case NODE_NAME:
        *out = look_up(rendering, node->name);
        return true;
    case NODE_LIST:
    case NODE_DICTIONARY:
        return evaluate_items(rendering, node, out);
    case NODE_GET:
        return evaluate(rendering, node->at[0], &value) &&
               evaluate(rendering, node->at[1], &key) && value_get(r, value, key, out);
    case NODE_SLICE:
        return evaluate_slice(rendering, node, out);
    case NODE_CALL:
        return evaluate_call(rendering, node, out);
    case NODE_FILTER:
    case NODE_TEST:
        return evaluate_named(rendering, node, out);
    case NODE_NOT:
        if (!evaluate(rendering, node->at[0], &value))
            return false;
        *out = json_boolean(!value_true(value));
        return true;
    case NODE_NEGATE:
        if (!evaluate(rendering, node->at[0], &value))
            return false;
        if (!json_is_number(value))
            return render_fault(r, "the negative of %s", value_kind(value));
        *out = render_keep(
            r, json_is_integer(value)
                   ? json_integer((json_int_t)(0 - (uint64_t)json_integer_value(value)))
                   : json_real(-json_real_value(value)));
        return true;
    case NODE_BINARY:
        return evaluate_binary(rendering, node, out);
    case NODE_CONDITIONAL:
        if (!evaluate(rendering, node->at[0], &value))
            return false;
        if (value_true(value))
            return evaluate(rendering, node->at[1], out);
        return !node->at[2] || evaluate(rendering, node->at[2], out);
    default:
        MUST(!"a statement where an expression stands");
        return false;
    }
}

static bool step(struct renderer *r, const struct node *node) {
    r->line = node->line;
    if (memory_is_short())
        return false;
    if (++r->steps > TEMPLATE_STEPS)
        return render_fault(r, "it takes too many steps");
    return r->depth <= TEMPLATE_DEPTH * 4 || render_fault(r, "it is nested too deeply");
}

static bool evaluate(struct rendering *rendering, const struct node *node, json_t **out) {
    struct renderer *r = &rendering->renderer;
    *out = NULL;
    r->depth++;
    bool good = step(r, node) && evaluate_kind(rendering, node, out);
    r->depth--;
    return good;
}

/* ---------------------------------------------------------------------------------- statements */

static bool is_namespace(const struct renderer *r, const json_t *object) {
    for (size_t i = 0; i < json_array_size(r->namespaces); i++)
        if (json_array_get(r->namespaces, i) == object)
            return true;
    return false;
}

static bool assign_target(struct rendering *rendering, const struct node *target, json_t *value) {
    struct renderer *r = &rendering->renderer;
    if (target->kind == NODE_NAME) {
        assign(rendering, target->name, value);
        return true;
    }
    if (target->kind == NODE_GET) {
        json_t *object;
        if (!evaluate(rendering, target->at[0], &object))
            return false;
        if (!is_namespace(r, object))
            return render_fault(r, "only a namespace's parts can be set");
        /* A copy: so nothing can come to hold itself. */
        json_t *copy = value ? json_deep_copy(value) : json_null();
        struct buffer text = {0};
        bool good = value_json(r, value, &json_one_line, &text) && render_spend(r, 8 * text.n);
        buffer_free(&text);
        json_object_set_new(object, json_string_value(target->at[1]->value), copy);
        return good;
    }
    if (!json_is_array(value) || json_array_size(value) != target->n)
        return render_fault(r, "%zu names for %s", target->n, value_kind(value));
    for (size_t i = 0; i < target->n; i++)
        assign(rendering, target->at[i]->name, json_array_get(value, i));
    return true;
}

/* The rounds of a loop: what passes its filter; keys of an object, characters of a text. */
static bool loop_items(struct rendering *rendering, const struct node *node, json_t **out) {
    struct renderer *r = &rendering->renderer;
    json_t *all, *items;
    if (!evaluate(rendering, node->at[1], &all) ||
        !value_filter(r, VIEW("list"), all, &(struct arguments){0}, &items))
        return false;
    *out = items;
    if (!node->at[2])
        return true;
    *out = render_keep(r, json_array());
    bool good = true;
    struct scope scope = {rendering->scope, json_object()};
    rendering->scope = &scope;
    for (size_t i = 0; good && i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i), *wanted = NULL;
        good = assign_target(rendering, node->at[0], item) &&
               evaluate(rendering, node->at[2], &wanted);
        if (good && value_true(wanted))
            json_array_append(*out, item);
    }
    rendering->scope = scope.outer;
    json_decref(scope.names);
    return good;
}

static json_t *loop_state(const json_t *items, size_t i) {
    size_t n = json_array_size(items);
    json_t *state = json_pack("{s:I, s:I, s:I, s:I, s:b, s:b, s:I}", "index", (json_int_t)(i + 1),
                              "index0", (json_int_t)i, "revindex", (json_int_t)(n - i),
                              "revindex0", (json_int_t)(n - i - 1), "first", i == 0, "last",
                              i + 1 == n, "length", (json_int_t)n);
    if (i > 0)
        json_object_set(state, "previtem", json_array_get(items, i - 1));
    if (i + 1 < n)
        json_object_set(state, "nextitem", json_array_get(items, i + 1));
    return state;
}

static bool execute_for(struct rendering *rendering, const struct node *node) {
    json_t *items;
    if (!loop_items(rendering, node, &items))
        return false;
    if (json_array_size(items) == 0)
        return !node->at[4] || execute(rendering, node->at[4]);
    struct loop loop = {0}, *around = rendering->loop;
    struct scope *outer = rendering->scope;
    rendering->loop = &loop;
    bool good = true;
    for (size_t i = 0; good && !loop.leave && i < json_array_size(items); i++) {
        struct scope scope = {outer, json_object()};
        rendering->scope = &scope;
        loop.skip = false;
        json_object_set_new(scope.names, "loop", loop_state(items, i));
        good = assign_target(rendering, node->at[0], json_array_get(items, i)) &&
               execute(rendering, node->at[3]);
        json_decref(scope.names);
    }
    rendering->scope = outer;
    rendering->loop = around;
    return good;
}

static bool execute_if(struct rendering *rendering, const struct node *node) {
    for (size_t i = 0; i + 1 < node->n; i += 2) {
        json_t *condition;
        if (!evaluate(rendering, node->at[i], &condition))
            return false;
        if (value_true(condition))
            return execute(rendering, node->at[i + 1]);
    }
    return node->n % 2 == 0 || execute(rendering, node->at[node->n - 1]);
}

static bool execute_set_block(struct rendering *rendering, const struct node *node) {
    struct buffer text = {0}, *into = rendering->out;
    rendering->out = &text;
    bool good = execute(rendering, node->at[1]);
    rendering->out = into;
    good = good && assign_target(rendering, node->at[0],
                                 render_text(&rendering->renderer, buffer_view(&text)));
    buffer_free(&text);
    return good;
}

static bool execute_leave(struct rendering *rendering, bool leave) {
    if (!rendering->loop)
        return render_fault(&rendering->renderer, "`%s` outside of a loop",
                            leave ? "break" : "continue");
    rendering->loop->leave = leave;
    rendering->loop->skip = true;
    return true;
}

static bool execute_kind(struct rendering *rendering, const struct node *node) {
    struct renderer *r = &rendering->renderer;
    json_t *value;
    switch (node->kind) {
    case NODE_TEXT:
        buffer_append(rendering->out, node->name);
        return render_spend(r, node->name.n);
    case NODE_OUTPUT:
        return evaluate(rendering, node->at[0], &value) && value_print(r, value, rendering->out);
    case NODE_BLOCK:
        for (size_t i = 0; i < node->n && !(rendering->loop && rendering->loop->skip); i++)
            if (!execute(rendering, node->at[i]))
                return false;
        return true;
    case NODE_IF:
        return execute_if(rendering, node);
    case NODE_FOR:
        return execute_for(rendering, node);
    case NODE_SET:
        return evaluate(rendering, node->at[1], &value) &&
               assign_target(rendering, node->at[0], value);
    case NODE_SET_BLOCK:
        return execute_set_block(rendering, node);
    case NODE_MACRO:
        if (rendering->n_macro == COUNT_OF(rendering->macros))
            return render_fault(r, "there are too many macros");
        rendering->macros[rendering->n_macro++] = node;
        return true;
    case NODE_BREAK:
    case NODE_CONTINUE:
        return execute_leave(rendering, node->kind == NODE_BREAK);
    default:
        MUST(!"an expression where a statement stands");
        return false;
    }
}

static bool execute(struct rendering *rendering, const struct node *node) {
    struct renderer *r = &rendering->renderer;
    r->depth++;
    bool good = step(r, node) && execute_kind(rendering, node);
    r->depth--;
    return good;
}

/* ---------------------------------------------------------------------------------- the door */

struct chat_template *chat_template_compile(struct view source, struct fault *fault) {
    struct chat_template *made = try_alloc(1, sizeof *made, fault);
    if (!made)
        return NULL;
    made->arena = arena_try_new(fault);
    made->constants = json_array();
    char *text = made->arena ? arena_try(made->arena, source.n + 1, 1, fault) : NULL;
    size_t n = 0; /* line ends as Jinja reads them, without the last one */
    for (size_t i = 0; text && i < source.n; i++)
        if (source.at[i] != '\r')
            text[n++] = source.at[i];
        else if (i + 1 == source.n || source.at[i + 1] != '\n')
            text[n++] = '\n';
    n -= n && text[n - 1] == '\n';
    if (text && template_parse(made, (struct view){text, n}, fault))
        return made;
    chat_template_free(made);
    return NULL;
}

void chat_template_free(struct chat_template *given) {
    if (!given)
        return;
    json_decref(given->constants);
    arena_free(given->arena);
    free(given);
}

bool chat_template_render(const struct chat_template *given, const json_t *context,
                          struct buffer *out, struct fault *fault) {
    struct memory_watch watch;
    memory_watch_begin(&watch);
    struct rendering rendering = {
        .renderer = {.fault = fault, .kept = json_array(), .namespaces = json_array()},
        .root = {NULL, json_copy((json_t *)(uintptr_t)context)},
        .out = out,
    };
    rendering.scope = &rendering.root;
    bool good = execute(&rendering, given->root);
    json_decref(rendering.root.names);
    json_decref(rendering.renderer.namespaces);
    json_decref(rendering.renderer.kept);
    return memory_watch_end(&watch, fault) && good;
}
