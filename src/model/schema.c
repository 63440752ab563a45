/* JSON Schema into a grammar. Each schema becomes a rule; rules wait in a queue until they are
 * written, so that schemas may refer to each other in any way. */
#include "model/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NESTING = 2, MOST_BRANCHES = 20000, MOST_CHOICES = 2000, MOST_RULE_TEXT = 1 << 20 };

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

struct expression *schema_space(struct schema *schema) {
    return optional_of(schema, text_of(schema, " "));
}

struct expression *schema_comma(struct schema *schema) {
    return SEQUENCE(schema->text, text_of(schema, ","), schema_space(schema));
}

/* -------------------------------------------------------------------------------- known values */

static void write_text(struct buffer *out, const char *text, size_t n) {
    static const char *const short_forms[] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r",
        ['\t'] = "\\t", ['"'] = "\\\"", ['\\'] = "\\\\"};
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

struct expression *schema_key(struct schema *schema, const char *name) {
    struct buffer out = {0};
    write_text(&out, name, strlen(name));
    buffer_byte(&out, ':');
    struct expression *made = SEQUENCE(
        schema->text, expression_text(schema->text, buffer_view(&out)), schema_space(schema));
    buffer_free(&out);
    return made;
}

static struct expression *value_of(struct schema *schema, const json_t *value) {
    struct buffer out = {0};
    struct expression *made = NULL;
    struct grammar_text *text = schema->text;
    size_t n = json_is_array(value) ? json_array_size(value) : json_object_size(value), used = 0;
    if (json_is_array(value) || json_is_object(value)) {
        struct expression **parts = try_alloc(3 * n + 2, sizeof(struct expression *), NULL);
        const char *key;
        json_t *each;
        if (!parts)
            return expression_never(text);
        parts[used++] = text_of(schema, json_is_array(value) ? "[" : "{");
        for (size_t i = 0; json_is_array(value) && i < n; i++) {
            if (i)
                parts[used++] = schema_comma(schema);
            parts[used++] = value_of(schema, json_array_get(value, i));
        }
        json_object_foreach((json_t *)(uintptr_t)value, key, each) {
            if (used > 1)
                parts[used++] = schema_comma(schema);
            parts[used++] = schema_key(schema, key);
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
    struct expression **parts = try_alloc(json_array_size(all) + 1, sizeof *parts, NULL);
    struct view *words = try_alloc(json_array_size(all) + 1, sizeof *words, NULL);
    uint32_t n = 0, n_word = 0;
    bool good = parts && words;
    if (good && json_object_size(folded)) {
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
    struct expression **parts = try_alloc(n + 1, sizeof *parts, NULL);
    char at[POINTER];
    good = good && parts;
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
     schema_object,
     {"properties", "required", "closed", "minProperties", "maxProperties",
      "unevaluatedProperties"}},
    {"array", schema_array, {"arrays", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"}},
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
        if (memory_is_short()) {
            free(key);
            return NULL;
        }
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
    schema->rule_escape = grammar_text_rule(text, VIEW("escape"), 0);
    schema->rule_word = grammar_text_rule(text, VIEW("plain"), 0);
    schema->rule_string = grammar_text_rule(text, VIEW("string"), 0);
    schema->rule_number = grammar_text_rule(text, VIEW("number"), 0);
    schema->rule_value = grammar_text_rule(text, VIEW("value"), 0);
    uint32_t list = grammar_text_rule(text, VIEW("list"), 0);
    uint32_t object = grammar_text_rule(text, VIEW("object"), 0);
    if (memory_is_short())
        return;
    struct expression *value = expression_rule(text, schema->rule_value);
    text->rules[schema->rule_escape].body = escape_sequence(schema);
    text->rules[schema->rule_word].body = expression_class(text, not_plain, 3, true);
    text->rules[schema->rule_string].body = SEQUENCE(
        text, text_of(schema, "\""), expression_repeat(text, any_character(schema), 0, NO_MOST),
        text_of(schema, "\""));
    text->rules[schema->rule_number].body = any_number(schema);
    struct expression *pair =
        SEQUENCE(text, any_string(schema), text_of(schema, ":"), schema_space(schema), value);
    struct expression *more_pairs =
        expression_repeat(text, SEQUENCE(text, schema_comma(schema), pair), 0, NO_MOST);
    struct expression *more_values =
        expression_repeat(text, SEQUENCE(text, schema_comma(schema), value), 0, NO_MOST);
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

/* Gives a rule of the text its body: the root, or, inside another compilation, what was folded
 * already. */
static bool write_schema(struct grammar_text *text, uint32_t rule, const struct schema *outer,
                         const json_t *root, json_t *folded, struct fault *fault) {
    struct fault ignored = {0};
    struct schema schema = {.root = root,
                            .text = text,
                            .fault = fault ? fault : &ignored,
                            .known = json_object(),
                            .queue = json_array(),
                            .nesting = outer ? outer->nesting + 1 : 0};
    common_rules(&schema);
    bool good = !memory_is_short();
    if (good) {
        struct expression *body =
            folded ? schema_expression(&schema, folded, "") : schema_rule(&schema, root, "");
        text->rules[rule].body = body; /* the rules may have moved meanwhile */
        good = body != NULL;
    }
    for (size_t i = 0; good && !memory_is_short() && i < json_array_size(schema.queue); i++)
        good = write_rule(&schema, json_array_get(schema.queue, i));
    json_decref(schema.known);
    json_decref(schema.queue);
    return good;
}

static struct grammar *compile(const struct schema *outer, const json_t *root, json_t *folded,
                               struct fault *fault) {
    struct grammar_text text;
    if (!grammar_text_open(&text))
        return NULL;
    uint32_t rule = grammar_text_rule(&text, VIEW("#"), 0);
    bool good = !memory_is_short() && write_schema(&text, rule, outer, root, folded, fault);
    struct grammar *made = good ? grammar_build(&text, fault) : NULL;
    grammar_text_close(&text);
    return made;
}

struct grammar *grammar_from_schema(const json_t *schema, struct fault *fault) {
    struct memory_watch watch;
    memory_watch_begin(&watch);
    struct grammar *made = compile(NULL, schema, NULL, fault);
    if (memory_watch_end(&watch, fault))
        return made;
    grammar_free(made);
    return NULL;
}

struct grammar *grammar_with_schemas(struct view gbnf, const json_t *schemas,
                                     struct fault *fault) {
    struct memory_watch watch;
    struct grammar_text text;
    memory_watch_begin(&watch);
    bool good = grammar_text_open(&text) && gbnf_parse(gbnf, &text, fault);
    for (uint32_t i = 0, n = good ? text.n : 0; good && i < n && !memory_is_short(); i++) {
        const json_t *schema =
            json_object_getn(schemas, text.rules[i].name.at, text.rules[i].name.n);
        if (schema && !text.rules[i].body)
            good = write_schema(&text, i, NULL, schema, NULL, fault);
    }
    struct grammar *made = good ? grammar_build(&text, fault) : NULL;
    grammar_text_close(&text);
    if (memory_watch_end(&watch, fault))
        return made;
    grammar_free(made);
    return NULL;
}
