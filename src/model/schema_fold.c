/* Folding: one object of plain keywords out of references and allOf. A table says what becomes of
 * each keyword; one that is not in it is refused by name. */
#include "model/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FOLDS = 100 };

struct fold {
    struct schema *schema;
    json_t *into;
    const json_t *from; /* the schema that the keyword stands in */
    const char *pointer;
};

typedef bool keyword_rule(const struct fold *, const char *key, const json_t *value);

static bool wrong(const struct fold *fold, const char *key, const char *wanted) {
    return schema_refuse(fold->schema, FAULT_INPUT, fold->pointer, "%s must be %s", key, wanted);
}

static bool unsupported(const struct fold *fold, const char *key) {
    schema_refuse(fold->schema, FAULT_INPUT, fold->pointer, "the keyword %s is not supported",
                  key);
    return fault_remedy(fold->schema->fault, "Say it in other words, or leave it out");
}

static json_t *list_in(json_t *into, const char *key) {
    json_t *list = json_object_get(into, key);
    if (!list) {
        list = json_array();
        json_object_set_new(into, key, list);
    }
    return list;
}

static json_t *object_in(json_t *into, const char *key) {
    json_t *object = json_object_get(into, key);
    if (!object) {
        object = json_object();
        json_object_set_new(into, key, object);
    }
    return object;
}

static bool annotation(const struct fold *fold, const char *key, const json_t *value) {
    (void)fold, (void)key, (void)value;
    return true;
}

static bool refused(const struct fold *fold, const char *key, const json_t *value) {
    (void)value;
    return unsupported(fold, key);
}

static bool identifier(const struct fold *fold, const char *key, const json_t *value) {
    (void)value;
    return fold->from == fold->schema->root || unsupported(fold, key);
}

/* --------------------------------------------------------------------------------- references */

static const json_t *find_anchor(const json_t *at, const char *name, int depth) {
    const json_t *found = NULL;
    if (depth > MOST_FOLDS)
        return NULL;
    if (json_is_array(at)) {
        for (size_t i = 0; !found && i < json_array_size(at); i++)
            found = find_anchor(json_array_get(at, i), name, depth + 1);
    } else if (json_is_object(at)) {
        const char *anchor = json_text(at, "$anchor", "");
        const char *key;
        json_t *value;
        if (!strcmp(anchor, name) || !strcmp(json_text(at, "$dynamicAnchor", ""), name))
            return at;
        json_object_foreach((json_t *)(uintptr_t)at, key, value) if (!found &&
                                                                     strcmp(key, "enum") != 0 &&
                                                                     strcmp(key, "const") != 0)
            found = find_anchor(value, name, depth + 1);
    }
    return found;
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One part of a JSON pointer (RFC 6901) within a URI, its %41, ~0 and ~1 undone. */
static void pointer_part(struct view part, struct buffer *out) {
    buffer_clear(out);
    buffer_text(out, "");
    for (size_t i = 0; i < part.n; i++) {
        char c = part.at[i];
        if (c == '%' && i + 2 < part.n && hex(part.at[i + 1]) >= 0 && hex(part.at[i + 2]) >= 0) {
            c = (char)(hex(part.at[i + 1]) * 16 + hex(part.at[i + 2]));
            i += 2;
        }
        if (c == '~' && i + 1 < part.n && (part.at[i + 1] == '0' || part.at[i + 1] == '1'))
            c = part.at[++i] == '0' ? '~' : '/';
        buffer_byte(out, c);
    }
}

static const json_t *find_reference(const struct schema *schema, const char *reference) {
    const json_t *at = schema->root;
    const char *id = json_text(at, "$id", "");
    size_t n = strlen(id);
    if (n && !strncmp(reference, id, n) && (reference[n] == '#' || reference[n] == 0))
        reference += n;
    if (*reference == 0 || !strcmp(reference, "#"))
        return at;
    if (*reference != '#')
        return NULL;
    if (reference[1] != '/')
        return find_anchor(at, reference + 1, 0);
    struct buffer part = {0};
    for (const char *from = reference + 2; at; from++) {
        size_t length = strcspn(from, "/");
        pointer_part((struct view){from, length}, &part);
        if (json_is_array(at))
            at = json_array_get(at, strspn(part.at, "0123456789") == part.n && part.n && part.n < 9
                                        ? (size_t)atol(part.at)
                                        : SIZE_MAX);
        else
            at = json_object_getn(at, part.at, part.n);
        from += length;
        if (*from == 0)
            break;
    }
    buffer_free(&part);
    return at;
}

static bool reference(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_string(value))
        return wrong(fold, key, "a text");
    const char *name = json_string_value(value);
    const json_t *target = find_reference(fold->schema, name);
    if (!target) {
        schema_refuse(fold->schema, FAULT_MISSING, fold->pointer,
                      "%s leads nowhere in this schema: %s", key, name);
        return fault_remedy(fold->schema->fault, "Refer to a part of it, such as #/$defs/NAME");
    }
    return schema_fold(fold->schema, target, name, fold->into);
}

static bool all_of(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_array(value))
        return wrong(fold, key, "a list of schemas");
    char pointer[POINTER];
    for (size_t i = 0; i < json_array_size(value); i++) {
        pointer_write(pointer, "%s/allOf/%zu", fold->pointer, i);
        if (!schema_fold(fold->schema, json_array_get(value, i), pointer, fold->into))
            return false;
    }
    return true;
}

static bool choice(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_array(value) || json_array_size(value) == 0)
        return wrong(fold, key, "a list of schemas");
    char pointer[POINTER];
    pointer_write(pointer, "%s/%s", fold->pointer, key);
    json_array_append_new(
        list_in(fold->into, "choices"),
        json_pack("{s:O, s:b, s:s}", "of", value, "one", key[0] == 'o', "at", pointer));
    return true;
}

/* Only what allows all or nothing can be turned round. */
static bool opposite(const struct fold *fold, const char *key, const json_t *value) {
    bool all = json_is_true(value) || (json_is_object(value) && json_object_size(value) == 0);
    if (all)
        json_object_set_new(fold->into, "never", json_true());
    return all || json_is_false(value) || unsupported(fold, key);
}

static bool condition(const struct fold *fold, const char *key, const json_t *value) {
    (void)value;
    return (!json_object_get(fold->from, "then") && !json_object_get(fold->from, "else")) ||
           unsupported(fold, key);
}

/* ------------------------------------------------------------------------------------- values */

static const char *const type_names[] = {"null",    "boolean", "object", "array",
                                         "integer", "number",  "string"};

static bool has_text(const json_t *list, const char *text) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(json_string_value(json_array_get(list, i)), text))
            return true;
    return false;
}

static bool types(const struct fold *fold, const char *key, const json_t *value) {
    json_t *given = json_is_string(value) ? json_pack("[O]", value) : json_deep_copy(value);
    bool good = json_is_array(given);
    for (size_t i = 0; good && i < json_array_size(given); i++) {
        const char *name = json_string_value(json_array_get(given, i));
        good = false;
        for (size_t j = 0; name && j < COUNT_OF(type_names); j++)
            good |= !strcmp(name, type_names[j]);
    }
    const json_t *before = json_object_get(fold->into, "types");
    json_t *both = json_array();
    for (size_t j = 0; good && j < COUNT_OF(type_names); j++) {
        const char *name = type_names[j];
        bool whole = !strcmp(name, "integer");
        bool now = has_text(given, name) || (whole && has_text(given, "number"));
        bool then = !before || has_text(before, name) || (whole && has_text(before, "number"));
        if (now && then &&
            !(whole && has_text(given, "number") && (!before || has_text(before, "number"))))
            json_array_append_new(both, json_string(name));
    }
    json_decref(given);
    if (good)
        json_object_set_new(fold->into, "types", both);
    else
        json_decref(both);
    return good || wrong(fold, key,
                         "one of null, boolean, object, array, integer, number, "
                         "string, or a list of them");
}

static bool same_value(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    return json_equal(a, b);
}

static bool values(const struct fold *fold, const char *key, const json_t *value) {
    bool one = !strcmp(key, "const");
    if (!one && !json_is_array(value))
        return wrong(fold, key, "a list of values");
    const json_t *before = json_object_get(fold->into, "enum");
    json_t *both = json_array();
    for (size_t i = 0; i < (one ? 1 : json_array_size(value)); i++) {
        const json_t *each = one ? value : json_array_get(value, i);
        bool allowed = !before;
        for (size_t j = 0; !allowed && j < json_array_size(before); j++)
            allowed = same_value(each, json_array_get(before, j));
        if (allowed)
            json_array_append_new(both, json_deep_copy(each));
    }
    json_object_set_new(fold->into, "enum", both);
    return true;
}

/* -------------------------------------------------------------------------------------- limits */

static bool limit(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_number(value))
        return wrong(fold, key, "a number");
    const json_t *before = json_object_get(fold->into, key);
    bool lower = !strncmp(key, "min", 3) || !strcmp(key, "exclusiveMinimum");
    bool replaces = !before || (lower ? json_number_value(value) > json_number_value(before)
                                      : json_number_value(value) < json_number_value(before));
    if (replaces)
        json_object_set(fold->into, key, (json_t *)(uintptr_t)value);
    return true;
}

static bool count(const struct fold *fold, const char *key, const json_t *value) {
    double number = json_number_value(value);
    if (!json_is_number(value) || number < 0 || number != (double)(int64_t)number)
        return wrong(fold, key, "a whole number, not negative");
    if (number > GRAMMAR_COUNT && key[1] == 'i') {
        schema_refuse(fold->schema, FAULT_LIMIT, fold->pointer, "%s is over %d", key,
                      GRAMMAR_COUNT);
        return false;
    }
    if (number > GRAMMAR_COUNT)
        return true; /* no text gets there */
    json_t *whole = json_integer((json_int_t)number);
    bool good = limit(fold, key, whole);
    json_decref(whole);
    return good;
}

static bool multiple(const struct fold *fold, const char *key, const json_t *value) {
    const json_t *before = json_object_get(fold->into, key);
    if (!json_is_number(value) || json_number_value(value) <= 0)
        return wrong(fold, key, "a number above 0");
    if (before && !same_value(before, value))
        return schema_refuse(fold->schema, FAULT_INPUT, fold->pointer,
                             "several different %s are not supported", key);
    json_object_set(fold->into, key, (json_t *)(uintptr_t)value);
    return true;
}

static bool texts(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_string(value))
        return wrong(fold, key, "a text");
    json_t *list = list_in(fold->into, key);
    if (!has_text(list, json_string_value(value)))
        json_array_append(list, (json_t *)(uintptr_t)value);
    return true;
}

/* ------------------------------------------------------------------------- objects and arrays */

static bool properties(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_object(value))
        return wrong(fold, key, "an object of schemas");
    json_t *all = object_in(fold->into, "properties");
    const char *name;
    json_t *schema;
    json_object_foreach((json_t *)(uintptr_t)value, name, schema) {
        char pointer[POINTER];
        pointer_write(pointer, "%s/properties/%s", fold->pointer, name);
        json_t *before = json_object_get(all, name);
        json_t *joined =
            before ? json_pack("{s:[O,O]}", "allOf", json_object_get(before, "schema"), schema)
                   : json_incref(schema);
        json_object_set_new(all, name, json_pack("{s:o, s:s}", "schema", joined, "at", pointer));
    }
    return true;
}

static bool additional(const struct fold *fold, const char *key, const json_t *value) {
    (void)key;
    const json_t *names = json_object_get(fold->from, "properties");
    json_t *row = json_object();
    json_object_set_new(row, "names",
                        json_is_object(names) ? json_copy((json_t *)(uintptr_t)names)
                                              : json_object());
    json_object_set(row, "schema", (json_t *)(uintptr_t)value);
    json_array_append_new(list_in(fold->into, "closed"), row);
    return true;
}

static bool required(const struct fold *fold, const char *key, const json_t *value) {
    if (!json_is_array(value))
        return wrong(fold, key, "a list of names");
    json_t *all = object_in(fold->into, "required");
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (!name)
            return wrong(fold, key, "a list of names");
        json_object_set_new(all, name, json_true());
    }
    return true;
}

static bool items(const struct fold *fold, const char *key, const json_t *value) {
    const json_t *prefix = json_object_get(fold->from, "prefixItems");
    if (!strcmp(key, "items") && json_is_array(value))
        return wrong(fold, key, "a schema; a list of them is prefixItems in this draft");
    if (!strcmp(key, "prefixItems") && !json_is_array(value))
        return wrong(fold, key, "a list of schemas");
    if (!strcmp(key, "items") && prefix)
        return true; /* its row is made there */
    json_t *row = json_pack("{s:s}", "at", fold->pointer);
    const json_t *rest = json_object_get(fold->from, "items");
    if (prefix)
        json_object_set(row, "prefixItems", (json_t *)(uintptr_t)prefix);
    if (rest)
        json_object_set(row, "items", (json_t *)(uintptr_t)rest);
    json_array_append_new(list_in(fold->into, "arrays"), row);
    return true;
}

static bool has_applicator(const json_t *schema) {
    static const char *const names[] = {"allOf", "anyOf", "oneOf",   "$ref",
                                        "if",    "not",   "contains"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_object_get(schema, names[i]))
            return true;
    return false;
}

/* What is written has the named properties and the items of prefixItems alone, so that nothing is
 * left unevaluated. But a schema within another does not see what the other evaluates. */
static bool unevaluated(const struct fold *fold, const char *key, const json_t *value) {
    bool of_items = !strcmp(key, "unevaluatedItems");
    const char *closer = of_items ? "items" : "additionalProperties";
    if (json_is_true(value) || json_object_get(fold->from, closer))
        return true;
    if (!json_is_false(value))
        return unsupported(fold, key);
    if (fold->schema->depth == 1) {
        json_object_set_new(fold->into, key, json_true());
        return true;
    }
    if (has_applicator(fold->from))
        return unsupported(fold, key);
    if (!of_items)
        return additional(fold, key, value);
    json_t *row = json_pack("{s:s, s:b}", "at", fold->pointer, "items", 0);
    json_t *prefix = json_object_get(fold->from, "prefixItems");
    if (prefix)
        json_object_set(row, "prefixItems", prefix);
    json_array_append_new(list_in(fold->into, "arrays"), row);
    return true;
}

static bool unique(const struct fold *fold, const char *key, const json_t *value) {
    if (json_is_true(value))
        json_object_set_new(fold->into, key, json_true());
    return json_is_boolean(value) || wrong(fold, key, "true or false");
}

static bool empty_only(const struct fold *fold, const char *key, const json_t *value) {
    bool empty = json_is_true(value) || (json_is_object(value) && json_object_size(value) == 0);
    return empty || unsupported(fold, key);
}

static const struct {
    const char *key;
    keyword_rule *rule;
} keywords[] = {
    {"$ref", reference},
    {"allOf", all_of},
    {"anyOf", choice},
    {"oneOf", choice},
    {"not", opposite},
    {"if", condition},
    {"then", annotation},
    {"else", annotation},
    {"type", types},
    {"enum", values},
    {"const", values},
    {"minimum", limit},
    {"maximum", limit},
    {"exclusiveMinimum", limit},
    {"exclusiveMaximum", limit},
    {"multipleOf", multiple},
    {"minLength", count},
    {"maxLength", count},
    {"pattern", texts},
    {"format", texts},
    {"properties", properties},
    {"additionalProperties", additional},
    {"required", required},
    {"minProperties", count},
    {"maxProperties", count},
    {"patternProperties", empty_only},
    {"propertyNames", empty_only},
    {"dependentRequired", empty_only},
    {"dependentSchemas", empty_only},
    {"unevaluatedProperties", unevaluated},
    {"items", items},
    {"prefixItems", items},
    {"minItems", count},
    {"maxItems", count},
    {"uniqueItems", unique},
    {"unevaluatedItems", unevaluated},
    {"contains", refused},
    {"minContains", annotation}, /* nothing without contains */
    {"maxContains", annotation},
    {"$id", identifier},
    {"$dynamicRef", refused},
    {"$recursiveRef", refused},
    {"$schema", annotation},
    {"$anchor", annotation},
    {"$dynamicAnchor", annotation},
    {"$vocabulary", annotation},
    {"$comment", annotation},
    {"$defs", annotation},
    {"definitions", annotation},
    {"title", annotation},
    {"description", annotation},
    {"default", annotation},
    {"deprecated", annotation},
    {"readOnly", annotation},
    {"writeOnly", annotation},
    {"examples", annotation},
    {"example", annotation},
    {"contentMediaType", annotation},
    {"contentEncoding", annotation},
    {"contentSchema", annotation},
    {"discriminator", annotation}, /* OpenAPI's, beside anyOf */
    {"xml", annotation},
    {"externalDocs", annotation},
};

bool schema_fold(struct schema *schema, const json_t *from, const char *pointer, json_t *into) {
    struct fold fold = {.schema = schema, .into = into, .from = from, .pointer = pointer};
    if (json_is_false(from))
        json_object_set_new(into, "never", json_true());
    if (json_is_boolean(from))
        return true;
    if (!json_is_object(from))
        return schema_refuse(schema, FAULT_INPUT, pointer, "a schema is an object, true or false");
    if (schema->depth >= MOST_FOLDS)
        return schema_refuse(schema, FAULT_INPUT, pointer, "references go round in a circle");
    schema->depth++;
    const char *key;
    json_t *value;
    bool good = true;
    json_object_foreach((json_t *)(uintptr_t)from, key, value) {
        size_t i = 0;
        while (i < COUNT_OF(keywords) && strcmp(keywords[i].key, key) != 0)
            i++;
        if (good && i < COUNT_OF(keywords))
            good = keywords[i].rule(&fold, key, value);
        else if (good && strncmp(key, "x-", 2) != 0)
            good = schema_refuse(schema, FAULT_INPUT, pointer, "there is no keyword %s", key);
    }
    schema->depth--;
    return good;
}
