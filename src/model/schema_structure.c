/* Objects and arrays of a schema.
 *
 * An object's properties come in the schema's order. A rule for each next property, and each
 * number of properties that are written already as far as that matters, tells what may follow. */
#include "model/schema.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PROPERTIES = 1000, MOST_CELLS = 20000 };

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

struct expression *schema_array(struct schema *schema, const json_t *folded, const char *pointer) {
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
        after = expression_repeat(text, SEQUENCE(text, schema_comma(schema), item),
                                  least > first ? (uint32_t)(least - first) : 0,
                                  most < 0 ? NO_MOST : (uint32_t)(most - first));
    }
    for (size_t i = n_prefix; i-- > 1;) {
        if (most >= 0 && (int64_t)i >= most)
            continue;
        after = SEQUENCE(text, schema_comma(schema), item_of(schema, rows, i, pointer), after);
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
        struct view *names = try_alloc(json_object_size(named), sizeof *names, NULL);
        uint32_t n = 0;
        const char *key;
        json_t *each;
        json_object_foreach((json_t *)(uintptr_t)named, key, each) if (names) names[n++] =
            view_of(key);
        if (n)
            qsort(names, n, sizeof *names, by_name);
        name = names ? other_name(schema, names, n, 0) : NULL;
        free(names);
        if (name)
            name = SEQUENCE(schema->text, text_of(schema, "\""), name, text_of(schema, "\""));
    }
    *good = value && (name || schema_refuse(schema, FAULT_LIMIT, pointer,
                                            "too many names beside additionalProperties"));
    return *good ? SEQUENCE(schema->text, name, text_of(schema, ":"), schema_space(schema), value)
                 : NULL;
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
        struct expression *next = SEQUENCE(text, schema_comma(o->schema), o->extra);
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
    take = count ? SEQUENCE(text, schema_comma(o->schema), o->pairs[i].e, take)
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
    if (memory_is_short())
        return NULL;
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
    return made ? SEQUENCE(schema->text, schema_key(schema, name), made) : NULL;
}

struct expression *schema_object(struct schema *schema, const json_t *folded,
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
    object.pairs = try_alloc(json_object_size(named) + 1, sizeof *object.pairs, NULL);
    good = good && object.pairs;
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
