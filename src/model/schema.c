/* JSON Schema into a grammar. Each schema becomes a rule; rules wait in a queue until they are
 * written, so that schemas may refer to each other in any way. */
#include "model/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_NESTING = 2,
    MOST_BRANCHES = 20000,
    MOST_CHOICES = 2000,
    MOST_PROPERTIES = 1000,
    MOST_CELLS = 20000,
    MOST_RULE_TEXT = 1 << 20
};

bool schema_refuse(struct schema *schema, enum fault_kind kind, const char *pointer,
                   const char *format, ...) {
    char message[360];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t n = strlen(pointer);
    bool cut = n > 150;
    return fault_set(schema->fault, kind, "%s%s: %s",
                     cut        ? "…"
                     : *pointer ? ""
                                : "#",
                     cut ? pointer + n - 150 : pointer, message);
}

void pointer_write(char out[POINTER], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out, POINTER, format, arguments);
    va_end(arguments);
    out[utf8_whole(view_of(out))] = 0;
}

struct expression *text_of(struct schema *schema, const char *text) {
    return expression_text(schema->text, view_of(text));
}

struct expression *optional_of(struct schema *schema, struct expression *e) {
    return expression_repeat(schema->text, e, 0, 1);
}

static struct expression *space(struct schema *schema) {
    return optional_of(schema, text_of(schema, " "));
}

static struct expression *comma(struct schema *schema) {
    return SEQUENCE(schema->text, text_of(schema, ","), space(schema));
}

/* -------------------------------------------------------------------------------- known values */

static void write_text(struct buffer *out, const char *text, size_t n) {
    static const char *const short_forms[] = {['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n",
                                              ['\r'] = "\\r", ['\t'] = "\\t", ['"'] = "\\\"",
                                              ['\\'] = "\\\\"};
    buffer_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte < COUNT_OF(short_forms) && short_forms[byte])
            buffer_text(out, short_forms[byte]);
        else if (byte < 32)
            buffer_format(out, "\\u%04x", byte);
        else
            buffer_byte(out, text[i]);
    }
    buffer_byte(out, '"');
}

/* The shortest digits that mean the same number; whole numbers as such. */
static void write_number(struct buffer *out, double number, bool whole) {
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buffer_text(out, text);
    if (!whole && !strpbrk(text, ".en"))
        buffer_text(out, ".0");
}

static struct expression *key_of(struct schema *schema, const char *name) {
    struct buffer out = {0};
    write_text(&out, name, strlen(name));
    buffer_byte(&out, ':');
    struct expression *made =
        SEQUENCE(schema->text, expression_text(schema->text, buffer_view(&out)), space(schema));
    buffer_free(&out);
    return made;
}

static struct expression *value_of(struct schema *schema, const json_t *value) {
    struct buffer out = {0};
    struct expression *made = NULL;
    struct grammar_text *text = schema->text;
    size_t n = json_is_array(value) ? json_array_size(value) : json_object_size(value), used = 0;
    if (json_is_array(value) || json_is_object(value)) {
        struct expression **parts = must_alloc(3 * n + 2, sizeof(struct expression *));
        const char *key;
        json_t *each;
        parts[used++] = text_of(schema, json_is_array(value) ? "[" : "{");
        for (size_t i = 0; json_is_array(value) && i < n; i++) {
            if (i)
                parts[used++] = comma(schema);
            parts[used++] = value_of(schema, json_array_get(value, i));
        }
        json_object_foreach((json_t *)(uintptr_t)value, key, each) {
            if (used > 1)
                parts[used++] = comma(schema);
            parts[used++] = key_of(schema, key);
            parts[used++] = value_of(schema, each);
        }
        parts[used++] = text_of(schema, json_is_array(value) ? "]" : "}");
        made = expression_list(text, EXPRESSION_SEQUENCE, parts, (uint32_t)used);
        free(parts);
    } else if (json_is_string(value)) {
        write_text(&out, json_string_value(value), json_string_length(value));
    } else if (json_is_real(value)) {
        double number = json_real_value(value);
        write_number(&out, number, false);
        made = expression_text(text, buffer_view(&out));
        if (number == (double)(int64_t)number && number < 1e15 && number > -1e15) {
            buffer_clear(&out);
            write_number(&out, number, true);
            made = CHOICE(text, made, expression_text(text, buffer_view(&out)));
        }
    } else {
        buffer_json(&out, value);
    }
    if (!made)
        made = expression_text(text, buffer_view(&out));
    buffer_free(&out);
    return made;
}

static struct grammar *compile(const struct schema *outer, const json_t *root, json_t *folded,
                               struct fault *);

/* Whether the schema without its list of values accepts one of them. */
static struct expression *known_values(struct schema *schema, json_t *folded,
                                       const char *pointer) {
    json_t *all = json_incref(json_object_get(folded, "enum"));
    json_object_del(folded, "enum");
    struct grammar *rest = NULL;
    struct expression **parts = must_alloc(json_array_size(all) + 1, sizeof *parts);
    struct view *words = must_alloc(json_array_size(all) + 1, sizeof *words);
    uint32_t n = 0, n_word = 0;
    bool good = true;
    if (json_object_size(folded)) {
        if (schema->nesting < MOST_NESTING)
            rest = compile(schema, schema->root, folded, schema->fault);
        good = rest != NULL || schema_refuse(schema, FAULT_INPUT, pointer,
                                             "enum stands too deep among other keywords");
    }
    for (size_t i = 0; good && i < json_array_size(all); i++) {
        struct expression *one = value_of(schema, json_array_get(all, i));
        struct buffer text = {0};
        buffer_json(&text, json_array_get(all, i));
        bool plain = one->kind == EXPRESSION_TEXT;
        if (!rest || grammar_accepts(rest, plain ? one->text : buffer_view(&text))) {
            if (plain)
                words[n_word++] = one->text;
            else
                parts[n++] = one;
        }
        buffer_free(&text);
    }
    if (n_word)
        parts[n++] = expression_words(schema->text, words, n_word);
    struct expression *made =
        good ? expression_list(schema->text, EXPRESSION_CHOICE, parts, n) : NULL;
    grammar_free(rest);
    free(parts);
    free(words);
    json_decref(all);
    return made;
}

/* ------------------------------------------------------------------------------------- arrays */

static int64_t limit_of(const json_t *folded, const char *key, int64_t otherwise) {
    const json_t *value = json_object_get(folded, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* The schema of item i (SIZE_MAX: of those after the prefixes), of all rows that say of it. */
static struct expression *item_of(struct schema *schema, const json_t *rows, size_t i,
                                  const char *pointer) {
    json_t *all = json_array(), *joined;
    char at[POINTER];
    pointer_write(at, "%s/items", pointer);
    for (size_t row = 0; row < json_array_size(rows); row++) {
        const json_t *one = json_array_get(rows, row);
        json_t *schema_i = json_array_get(json_object_get(one, "prefixItems"), i);
        if (schema_i)
            pointer_write(at, "%s/prefixItems/%zu", json_text(one, "at", pointer), i);
        else
            schema_i = json_object_get(one, "items");
        if (schema_i)
            json_array_append(all, schema_i);
    }
    if (json_array_size(all) == 1)
        joined = json_incref(json_array_get(all, 0));
    else
        joined = json_array_size(all) ? json_pack("{s:O}", "allOf", all) : json_true();
    struct expression *made = schema_rule(schema, joined, at);
    json_decref(joined);
    json_decref(all);
    return made;
}

static struct expression *array_of(struct schema *schema, const json_t *folded,
                                   const char *pointer) {
    struct grammar_text *text = schema->text;
    const json_t *rows = json_object_get(folded, "arrays");
    int64_t least = limit_of(folded, "minItems", 0), most = limit_of(folded, "maxItems", -1);
    size_t n_prefix = 0;
    bool open = false;
    for (size_t row = 0; row < json_array_size(rows); row++) {
        const json_t *one = json_array_get(rows, row);
        size_t n = json_array_size(json_object_get(one, "prefixItems"));
        n_prefix = n > n_prefix ? n : n_prefix;
        open |= json_object_get(one, "items") != NULL;
    }
    /* As with properties: items that nothing is said of are left out where they may be. */
    bool closes =
        (n_prefix && least <= (int64_t)n_prefix) || json_object_get(folded, "unevaluatedItems");
    if (!open && closes && (most < 0 || most > (int64_t)n_prefix))
        most = (int64_t)n_prefix;
    if (json_object_get(folded, "uniqueItems") && (most < 0 || most > 1)) {
        schema_refuse(schema, FAULT_INPUT, pointer, "the keyword uniqueItems is not supported");
        fault_remedy(schema->fault, "Leave it out, and look for equal items afterwards");
        return NULL;
    }
    if (most >= 0 && least > most)
        return expression_never(text);
    /* From the end: what may follow item i. */
    struct expression *after = expression_list(text, EXPRESSION_SEQUENCE, NULL, 0);
    if (most < 0 || most > (int64_t)n_prefix) {
        int64_t first = n_prefix ? (int64_t)n_prefix : 1;
        struct expression *item = item_of(schema, rows, SIZE_MAX, pointer);
        after = expression_repeat(text, SEQUENCE(text, comma(schema), item),
                                  least > first ? (uint32_t)(least - first) : 0,
                                  most < 0 ? NO_MOST : (uint32_t)(most - first));
    }
    for (size_t i = n_prefix; i-- > 1;) {
        if (most >= 0 && (int64_t)i >= most)
            continue;
        after = SEQUENCE(text, comma(schema), item_of(schema, rows, i, pointer), after);
        if ((int64_t)i >= least)
            after = optional_of(schema, after);
    }
    if (most != 0) {
        after = SEQUENCE(text, item_of(schema, rows, n_prefix ? 0 : SIZE_MAX, pointer), after);
        if (least == 0)
            after = optional_of(schema, after);
    } else {
        after = expression_list(text, EXPRESSION_SEQUENCE, NULL, 0);
    }
    return SEQUENCE(text, text_of(schema, "["), after, text_of(schema, "]"));
}

/* ------------------------------------------------------------------------------------ objects */

/* A name of plain characters that is none of the words: a trie of their complement. */
static struct expression *other_name(struct schema *schema, struct view *names, uint32_t n,
                                     size_t from) {
    struct grammar_text *text = schema->text;
    struct expression *parts[300];
    struct range ranges[300] = {{0, 31}, {'"', '"'}, {'\\', '\\'}};
    uint32_t n_part = 0, n_range = 3;
    bool ends = false;
    if (from > 200)
        return NULL;
    for (uint32_t i = 0, to; i < n; i = to) {
        if (names[i].n == from) {
            ends = true;
            to = i + 1;
            continue;
        }
        int32_t point = 0, next;
        size_t size = utf8_decode(names[i].at + from, names[i].n - from, &point);
        for (to = i + 1; to < n; to++)
            if (names[to].n == from ||
                (utf8_decode(names[to].at + from, names[to].n - from, &next), next != point))
                break;
        if (n_part > 250)
            return NULL;
        struct expression *rest = other_name(schema, names + i, to - i, from + size);
        if (!rest)
            return NULL;
        if (point >= 32 && point != '"' && point != '\\') {
            ranges[n_range++] = (struct range){point, point};
            char utf8[4];
            struct view first = {utf8, utf8_encode(point, utf8)};
            parts[n_part++] = SEQUENCE(text, expression_text(text, first), rest);
        }
    }
    struct expression *plain = expression_rule(text, schema->rule_word);
    parts[n_part++] = SEQUENCE(text, expression_class(text, ranges, n_range, true),
                               expression_repeat(text, plain, 0, NO_MOST));
    if (!ends && from > 0)
        parts[n_part++] = expression_list(text, EXPRESSION_SEQUENCE, NULL, 0);
    return expression_list(text, EXPRESSION_CHOICE, parts, n_part);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct view *)a)->at, ((const struct view *)b)->at);
}

/* The schema of properties without a name of their own; NULL without fault when none may be. */
static struct expression *additional_pair(struct schema *schema, const json_t *folded,
                                          const json_t *named, const char *pointer, bool *good) {
    const json_t *listed = json_object_get(folded, "properties");
    const json_t *closed = json_object_get(folded, "closed");
    if (json_object_get(folded, "unevaluatedProperties") && !closed)
        return NULL;
    if (!closed && json_object_size(listed))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < json_array_size(closed); i++)
        json_array_append(all, json_object_get(json_array_get(closed, i), "schema"));
    for (size_t i = 0; i < json_array_size(all); i++)
        if (json_is_false(json_array_get(all, i))) {
            json_decref(all);
            return NULL;
        }
    char at[POINTER];
    pointer_write(at, "%s/additionalProperties", pointer);
    json_t *joined = json_array_size(all) == 1 ? json_incref(json_array_get(all, 0))
                     : json_array_size(all)    ? json_pack("{s:O}", "allOf", all)
                                               : json_true();
    struct expression *value = schema_rule(schema, joined, at);
    json_decref(joined);
    json_decref(all);
    struct expression *name = any_string(schema);
    if (json_object_size(named)) {
        struct view *names = must_alloc(json_object_size(named), sizeof *names);
        uint32_t n = 0;
        const char *key;
        json_t *each;
        json_object_foreach((json_t *)(uintptr_t)named, key, each) names[n++] = view_of(key);
        qsort(names, n, sizeof *names, by_name);
        name = other_name(schema, names, n, 0);
        free(names);
        if (name)
            name = SEQUENCE(schema->text, text_of(schema, "\""), name, text_of(schema, "\""));
    }
    *good = value && (name || schema_refuse(schema, FAULT_LIMIT, pointer,
                                            "too many names beside additionalProperties"));
    return *good ? SEQUENCE(schema->text, name, text_of(schema, ":"), space(schema), value) : NULL;
}

struct pair { /* a named property */
    struct expression *e;
    bool required;
};

struct object {
    struct schema *schema;
    struct pair *pairs;
    size_t n;
    struct expression *extra; /* or NULL */
    int64_t least, most;      /* most −1: any number */
    int64_t cap;              /* counts are kept up to here */
    uint32_t first;           /* rule of (0, 0); (i, count) follows at i × (cap + 1) + count */
};

/* What may follow when `count` properties are written and the next named one is i. */
static struct expression *object_rest(const struct object *o, size_t i, int64_t count) {
    struct grammar_text *text = o->schema->text;
    struct expression *nothing = expression_list(text, EXPRESSION_SEQUENCE, NULL, 0);
    if (i == o->n) {
        int64_t need = o->least > count ? o->least - count : 0;
        int64_t room = o->most < 0 ? INT64_MAX : o->most - count;
        if (!o->extra || room == 0)
            return need ? expression_never(text) : nothing;
        struct expression *next = SEQUENCE(text, comma(o->schema), o->extra);
        uint32_t most = room == INT64_MAX ? NO_MOST : (uint32_t)room;
        if (count)
            return expression_repeat(text, next, (uint32_t)need, most);
        struct expression *rest = expression_repeat(text, next, need > 1 ? (uint32_t)need - 1 : 0,
                                                    most == NO_MOST ? NO_MOST : most - 1);
        struct expression *all = SEQUENCE(text, o->extra, rest);
        return need ? all : optional_of(o->schema, all);
    }
    int64_t after = count < o->cap ? count + 1 : count;
    uint32_t width = (uint32_t)o->cap + 1, row = o->first + (uint32_t)(i + 1) * width;
    struct expression *skip = expression_rule(text, row + (uint32_t)count);
    if (o->most >= 0 && count >= o->most)
        return o->pairs[i].required ? expression_never(text) : skip;
    struct expression *take = expression_rule(text, row + (uint32_t)after);
    take = count ? SEQUENCE(text, comma(o->schema), o->pairs[i].e, take)
                 : SEQUENCE(text, o->pairs[i].e, take);
    return o->pairs[i].required ? take : CHOICE(text, take, skip);
}

static struct expression *write_object(struct object *o, const char *pointer) {
    struct grammar_text *text = o->schema->text;
    size_t n_required = 0;
    for (size_t i = 0; i < o->n; i++)
        n_required += o->pairs[i].required;
    if (o->extra && o->least > (int64_t)n_required + 1) {
        schema_refuse(o->schema, FAULT_INPUT, pointer,
                      "minProperties is not supported beside properties without a name");
        return NULL;
    }
    if (o->least <= (int64_t)n_required)
        o->least = 0;
    if (o->most >= (int64_t)o->n && !o->extra)
        o->most = -1;
    o->cap = o->most > 0 ? o->most : o->least > 1 ? o->least : 1;
    if ((o->n + 1) * (size_t)(o->cap + 1) > MOST_CELLS || text->n > 4 * GRAMMAR_RULES) {
        schema_refuse(o->schema, FAULT_LIMIT, pointer, "too many properties to count");
        return NULL;
    }
    o->first = text->n;
    for (size_t i = 0; i <= o->n; i++)
        for (int64_t count = 0; count <= o->cap; count++)
            grammar_text_rule(text, view_of(*pointer ? pointer : "#"), 0);
    for (size_t i = 0; i <= o->n; i++)
        for (int64_t count = 0; count <= o->cap; count++)
            text->rules[o->first + i * (size_t)(o->cap + 1) + (size_t)count].body =
                object_rest(o, i, count);
    return SEQUENCE(text, text_of(o->schema, "{"), expression_rule(text, o->first),
                    text_of(o->schema, "}"));
}

/* A property's schema, with what `closed` says of names that its own schema does not know. */
static struct expression *property(struct schema *schema, const json_t *folded, const char *name,
                                   const json_t *row, const char *pointer) {
    json_t *all = json_array();
    const json_t *own = json_object_get(row, "schema");
    const json_t *closed = json_object_get(folded, "closed");
    if (own)
        json_array_append(all, (json_t *)(uintptr_t)own);
    for (size_t i = 0; i < json_array_size(closed); i++) {
        const json_t *one = json_array_get(closed, i);
        if (!json_object_get(json_object_get(one, "names"), name))
            json_array_append(all, json_object_get(one, "schema"));
    }
    json_t *joined = json_array_size(all) == 1 ? json_incref(json_array_get(all, 0))
                     : json_array_size(all)    ? json_pack("{s:O}", "allOf", all)
                                               : json_true();
    struct expression *made = schema_rule(schema, joined, json_text(row, "at", pointer));
    json_decref(joined);
    json_decref(all);
    return made ? SEQUENCE(schema->text, key_of(schema, name), made) : NULL;
}

static struct expression *object_of(struct schema *schema, const json_t *folded,
                                    const char *pointer) {
    const json_t *required = json_object_get(folded, "required");
    json_t *named = json_object_get(folded, "properties");
    named = named ? json_copy(named) : json_object();
    const char *name;
    json_t *row;
    json_object_foreach((json_t *)(uintptr_t)required, name,
                        row) if (!json_object_get(named, name))
        json_object_set_new(named, name, json_object());
    struct object object = {.schema = schema,
                            .least = limit_of(folded, "minProperties", 0),
                            .most = limit_of(folded, "maxProperties", -1)};
    bool good = json_object_size(named) <= MOST_PROPERTIES ||
                schema_refuse(schema, FAULT_LIMIT, pointer, "an object has over %d properties",
                              MOST_PROPERTIES);
    if (good)
        object.extra = additional_pair(schema, folded, named, pointer, &good);
    object.pairs = must_alloc(json_object_size(named) + 1, sizeof *object.pairs);
    json_object_foreach(named, name, row) {
        if (!good)
            break;
        struct expression *e = property(schema, folded, name, row, pointer);
        good = e != NULL;
        object.pairs[object.n++] =
            (struct pair){.e = e, .required = json_object_get(required, name) != NULL};
    }
    struct expression *made = good ? write_object(&object, pointer) : NULL;
    free(object.pairs);
    json_decref(named);
    return made;
}

/* ------------------------------------------------------------------------------------- choices */

static struct expression *schema_expression(struct schema *, json_t *folded, const char *pointer);

/* The values that a property must have one of, or NULL; a new reference. */
static json_t *tag_values(struct schema *schema, const json_t *folded, const char *name) {
    const json_t *row = json_object_get(json_object_get(folded, "properties"), name);
    json_t *inner = json_object(), *found = NULL;
    struct fault ignored = {0}, *fault = schema->fault;
    schema->fault = &ignored;
    if (row && json_object_get(json_object_get(folded, "required"), name) &&
        schema_fold(schema, json_object_get(row, "schema"), "", inner))
        found = json_incref(json_object_get(inner, "enum"));
    schema->fault = fault;
    json_decref(inner);
    return found;
}

static bool lists_meet(const json_t *a, const json_t *b) {
    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t j = 0; j < json_array_size(b); j++) {
            const json_t *x = json_array_get(a, i), *y = json_array_get(b, j);
            if (json_is_number(x) && json_is_number(y)
                    ? json_number_value(x) == json_number_value(y)
                    : json_equal(x, y))
                return true;
        }
    return false;
}

static bool types_meet(const json_t *a, const json_t *b) {
    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t j = 0; j < json_array_size(b); j++) {
            const char *x = json_string_value(json_array_get(a, i));
            const char *y = json_string_value(json_array_get(b, j));
            if (!strcmp(x, y) || (strstr("number integer", x) && strstr("number integer", y)))
                return true;
        }
    return false;
}

static json_t *guess_types(const json_t *folded);

static bool only_objects(const json_t *folded) {
    json_t *named = json_object_get(folded, "types");
    json_t *all = named ? json_incref(named) : guess_types(folded);
    const char *first = json_string_value(json_array_get(all, 0));
    bool only = json_array_size(all) == 1 && !strcmp(first, "object");
    json_decref(all);
    return only;
}

/* Whether no value can be of both, as far as types, enums and required tags tell. */
static bool apart(struct schema *schema, const json_t *a, const json_t *b) {
    const json_t *types_a = json_object_get(a, "types"), *types_b = json_object_get(b, "types");
    const json_t *enum_a = json_object_get(a, "enum"), *enum_b = json_object_get(b, "enum");
    if (json_object_get(a, "never") || json_object_get(b, "never") ||
        (types_a && types_b && !types_meet(types_a, types_b)) ||
        (enum_a && enum_b && !lists_meet(enum_a, enum_b)))
        return true;
    bool objects = only_objects(a) && only_objects(b), found = false;
    const char *name;
    json_t *row;
    json_object_foreach(json_object_get(a, "properties"), name, row) {
        json_t *tags_a = objects && !found ? tag_values(schema, a, name) : NULL;
        json_t *tags_b = tags_a ? tag_values(schema, b, name) : NULL;
        found |= tags_a && tags_b && !lists_meet(tags_a, tags_b);
        json_decref(tags_a);
        json_decref(tags_b);
    }
    return found;
}

static struct expression *choice_of(struct schema *schema, json_t *folded, const char *pointer) {
    json_t *choices = json_object_get(folded, "choices");
    json_t *first = json_incref(json_array_get(choices, 0));
    json_array_remove(choices, 0);
    if (json_array_size(choices) == 0)
        json_object_del(folded, "choices");
    const json_t *of = json_object_get(first, "of");
    size_t n = json_array_size(of);
    bool one = json_flag(first, "one", false), alone = json_object_size(folded) == 0;
    bool good = n <= MOST_CHOICES ||
                schema_refuse(schema, FAULT_LIMIT, pointer, "over %d choices", MOST_CHOICES);
    schema->n_branch += n;
    if (good && schema->n_branch > MOST_BRANCHES)
        good = schema_refuse(schema, FAULT_LIMIT, pointer,
                             "anyOf and oneOf multiply to over %d choices", MOST_BRANCHES);
    json_t *branches = json_array();
    struct expression **parts = must_alloc(n + 1, sizeof *parts);
    char at[POINTER];
    for (size_t i = 0; good && i < n; i++) {
        pointer_write(at, "%s/%zu", json_text(first, "at", pointer), i);
        json_t *branch = json_deep_copy(folded);
        json_array_append_new(branches, branch);
        if (one || !alone)
            good = schema_fold(schema, json_array_get(of, i), at, branch);
        for (size_t j = 0; one && good && j < i; j++)
            if (!apart(schema, branch, json_array_get(branches, j))) {
                good = schema_refuse(schema, FAULT_INPUT, json_text(first, "at", pointer),
                                     "choices %zu and %zu of oneOf may both be true", j, i);
                fault_remedy(schema->fault, "Give each a required property with a const of its "
                                            "own, or say anyOf");
            }
    }
    for (size_t i = 0; good && i < n; i++) {
        pointer_write(at, "%s/%zu", json_text(first, "at", pointer), i);
        parts[i] = alone ? schema_rule(schema, json_array_get(of, i), at)
                         : schema_expression(schema, json_array_get(branches, i), at);
        good = parts[i] != NULL;
    }
    struct expression *made =
        good ? expression_list(schema->text, EXPRESSION_CHOICE, parts, (uint32_t)n) : NULL;
    free(parts);
    json_decref(branches);
    json_decref(first);
    return made;
}

/* ------------------------------------------------------------------------------------- values */

static struct expression *null_of(struct schema *schema, const json_t *folded,
                                  const char *pointer) {
    (void)folded, (void)pointer;
    return text_of(schema, "null");
}

static struct expression *boolean_of(struct schema *schema, const json_t *folded,
                                     const char *pointer) {
    (void)folded, (void)pointer;
    return expression_words(schema->text, (struct view[]){VIEW("true"), VIEW("false")}, 2);
}

/* A type, how it is written, and the keywords that tell of it where no type is named. */
static const struct {
    const char *name;
    struct expression *(*write)(struct schema *, const json_t *, const char *pointer);
    const char *told_by[8];
} types[] = {
    {"object",
     object_of,
     {"properties", "required", "closed", "minProperties", "maxProperties",
      "unevaluatedProperties"}},
    {"array", array_of, {"arrays", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"}},
    {"string", schema_string, {"minLength", "maxLength", "pattern", "format"}},
    {"number",
     schema_number,
     {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}},
    {"integer", schema_integer, {0}},
    {"boolean", boolean_of, {0}},
    {"null", null_of, {0}},
};

static json_t *guess_types(const json_t *folded) {
    json_t *guessed = json_array();
    for (size_t i = 0; i < COUNT_OF(types); i++)
        for (size_t j = 0; types[i].told_by[j]; j++)
            if (json_object_get(folded, types[i].told_by[j])) {
                json_array_append_new(guessed, json_string(types[i].name));
                break;
            }
    for (size_t i = 0; json_array_size(guessed) == 0 && i < COUNT_OF(types); i++)
        if (strcmp(types[i].name, "integer") != 0)
            json_array_append_new(guessed, json_string(types[i].name));
    return guessed;
}

static struct expression *schema_expression(struct schema *schema, json_t *folded,
                                            const char *pointer) {
    if (json_object_get(folded, "never"))
        return expression_never(schema->text);
    if (schema->depth > 60) {
        schema_refuse(schema, FAULT_LIMIT, pointer, "choices lie too deep in each other");
        return NULL;
    }
    schema->depth++;
    struct expression *made = NULL;
    if (json_object_get(folded, "choices")) {
        made = choice_of(schema, folded, pointer);
    } else if (json_object_get(folded, "enum")) {
        made = known_values(schema, folded, pointer);
    } else {
        const json_t *named = json_object_get(folded, "types");
        json_t *all = named ? json_incref((json_t *)(uintptr_t)named) : guess_types(folded);
        struct expression *parts[COUNT_OF(types)];
        uint32_t n = 0;
        bool good = true;
        for (size_t i = 0; good && i < json_array_size(all); i++)
            for (size_t j = 0; good && j < COUNT_OF(types); j++)
                if (!strcmp(json_string_value(json_array_get(all, i)), types[j].name))
                    good = (parts[n++] = types[j].write(schema, folded, pointer)) != NULL;
        made = good ? expression_list(schema->text, EXPRESSION_CHOICE, parts, n) : NULL;
        json_decref(all);
    }
    schema->depth--;
    return made;
}

/* -------------------------------------------------------------------------------------- rules */

struct expression *schema_rule(struct schema *schema, const json_t *of, const char *pointer) {
    char *key = json_dumps(of, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    const json_t *known = key ? json_object_get(schema->known, key) : NULL;
    struct expression *made = NULL;
    if (known) {
        made = expression_rule(schema->text, (uint32_t)json_integer_value(known));
    } else if (!key || strlen(key) > MOST_RULE_TEXT || schema->text->n >= GRAMMAR_RULES ||
               schema->text->n_expression > GRAMMAR_EXPRESSIONS) {
        schema_refuse(schema, FAULT_LIMIT, pointer, "the schema is too large");
    } else {
        char at[POINTER];
        pointer_write(at, "%s", pointer);
        uint32_t rule = grammar_text_rule(schema->text, view_of(*at ? at : "#"), 0);
        json_object_set_new(schema->known, key, json_integer(rule));
        json_array_append_new(schema->queue, json_pack("{s:O, s:s, s:i}", "schema", of, "at", at,
                                                       "rule", (int)rule));
        made = expression_rule(schema->text, rule);
    }
    free(key);
    return made;
}

static bool write_rule(struct schema *schema, const json_t *waiting) {
    const json_t *of = json_object_get(waiting, "schema");
    const char *pointer = json_text(waiting, "at", "");
    json_t *folded = json_object();
    struct expression *body = NULL;
    if (schema_fold(schema, of, pointer, folded)) {
        if (json_object_size(folded) == 0)
            body = expression_rule(schema->text, schema->rule_value);
        else
            body = schema_expression(schema, folded, pointer);
    }
    json_decref(folded);
    schema->text->rules[json_integer_value(json_object_get(waiting, "rule"))].body = body;
    return body != NULL;
}

/* Rules that any schema may use. */
static void common_rules(struct schema *schema) {
    struct grammar_text *text = schema->text;
    static const struct range not_plain[] = {{0, 31}, {'"', '"'}, {'\\', '\\'}};
    grammar_text_rule(text, VIEW("#"), 0);
    schema->rule_escape = grammar_text_rule(text, VIEW("escape"), 0);
    schema->rule_word = grammar_text_rule(text, VIEW("plain"), 0);
    schema->rule_string = grammar_text_rule(text, VIEW("string"), 0);
    schema->rule_number = grammar_text_rule(text, VIEW("number"), 0);
    schema->rule_value = grammar_text_rule(text, VIEW("value"), 0);
    uint32_t list = grammar_text_rule(text, VIEW("list"), 0);
    uint32_t object = grammar_text_rule(text, VIEW("object"), 0);
    struct expression *value = expression_rule(text, schema->rule_value);
    text->rules[schema->rule_escape].body = escape_sequence(schema);
    text->rules[schema->rule_word].body = expression_class(text, not_plain, 3, true);
    text->rules[schema->rule_string].body = SEQUENCE(
        text, text_of(schema, "\""), expression_repeat(text, any_character(schema), 0, NO_MOST),
        text_of(schema, "\""));
    text->rules[schema->rule_number].body = any_number(schema);
    struct expression *pair =
        SEQUENCE(text, any_string(schema), text_of(schema, ":"), space(schema), value);
    struct expression *more_pairs =
        expression_repeat(text, SEQUENCE(text, comma(schema), pair), 0, NO_MOST);
    struct expression *more_values =
        expression_repeat(text, SEQUENCE(text, comma(schema), value), 0, NO_MOST);
    text->rules[list].body =
        SEQUENCE(text, text_of(schema, "["),
                 optional_of(schema, SEQUENCE(text, value, more_values)), text_of(schema, "]"));
    text->rules[object].body =
        SEQUENCE(text, text_of(schema, "{"), optional_of(schema, SEQUENCE(text, pair, more_pairs)),
                 text_of(schema, "}"));
    text->rules[schema->rule_value].body = CHOICE(
        text, expression_rule(text, object), expression_rule(text, list), any_string(schema),
        expression_rule(text, schema->rule_number),
        expression_words(text, (struct view[]){VIEW("true"), VIEW("false"), VIEW("null")}, 3));
}

/* Of the root, or, inside another compilation, of what was folded already. */
static struct grammar *compile(const struct schema *outer, const json_t *root, json_t *folded,
                               struct fault *fault) {
    struct grammar_text text;
    struct fault ignored = {0};
    grammar_text_open(&text);
    struct schema schema = {.root = root,
                            .text = &text,
                            .fault = fault ? fault : &ignored,
                            .known = json_object(),
                            .queue = json_array(),
                            .nesting = outer ? outer->nesting + 1 : 0};
    common_rules(&schema);
    text.rules[0].body =
        folded ? schema_expression(&schema, folded, "") : schema_rule(&schema, root, "");
    bool good = text.rules[0].body != NULL;
    for (size_t i = 0; good && i < json_array_size(schema.queue); i++)
        good = write_rule(&schema, json_array_get(schema.queue, i));
    struct grammar *made = good ? grammar_build(&text, schema.fault) : NULL;
    json_decref(schema.known);
    json_decref(schema.queue);
    grammar_text_close(&text);
    return made;
}

struct grammar *grammar_from_schema(const json_t *schema, struct fault *fault) {
    return compile(NULL, schema, NULL, fault);
}
