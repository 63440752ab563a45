/* schema: JSON Schema into expressions, inside the room.
 *
 * A schema is first folded: references followed, allOf joined, so that one object of plain
 * keywords is left (schema_fold.c). Each keyword then becomes part of an expression, by type:
 * schema.c has values, objects and arrays, schema_number.c numbers, schema_pattern.c texts. */
#ifndef LYCEUM_MODEL_SCHEMA_H
#define LYCEUM_MODEL_SCHEMA_H

#include "model/grammar.h"

enum { POINTER = 300 };

struct schema {
    const json_t *root;
    struct grammar_text *text;
    struct fault *fault;
    json_t *known; /* a schema's text → its rule */
    json_t *queue; /* [{schema, at, rule}] of rules, most of them not written yet */
    uint32_t rule_escape, rule_string, rule_number, rule_value, rule_word;
    int depth;
    int nesting;     /* compilations around this one */
    size_t n_branch; /* of choices so far */
};

/* What folding gives: an object with
 *   never: true when nothing is allowed;
 *   types: [text…], enum: [value…]; limits by their keyword; pattern, format: [text…];
 *   choices: [{of: [schema…], one: bool, at}]; required: {name: true};
 *   properties: {name: {schema, at}}; closed: [{names: {…}, schema, at}]; shut: true for
 *   unevaluatedProperties false;
 *   arrays: [{prefixItems, items, at}]. */
bool schema_fold(struct schema *, const json_t *schema, const char *pointer, json_t *into);

/* Faults that begin with the pointer; false. */
bool schema_refuse(struct schema *, enum fault_kind, const char *pointer, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* As snprintf, never cutting a character in half. */
void pointer_write(char out[POINTER], const char *format, ...) PRINTF_LIKE(2, 3);
/* The rule of a schema, which may be written later. */
struct expression *schema_rule(struct schema *, const json_t *schema, const char *pointer);
struct expression *text_of(struct schema *, const char *);
struct expression *optional_of(struct schema *, struct expression *);

/* At most one space; "," and that; a property's name, its colon and that. */
struct expression *schema_space(struct schema *);
struct expression *schema_comma(struct schema *);
struct expression *schema_key(struct schema *, const char *name);

struct expression *schema_array(struct schema *, const json_t *folded, const char *pointer);
struct expression *schema_object(struct schema *, const json_t *folded, const char *pointer);

/* Numbers: within the folded schema's limits. NULL with a fault when it cannot be done. */
struct expression *schema_integer(struct schema *, const json_t *folded, const char *pointer);
struct expression *schema_number(struct schema *, const json_t *folded, const char *pointer);
struct expression *any_number(struct schema *);

/* Texts with their quotation marks. */
struct expression *schema_string(struct schema *, const json_t *folded, const char *pointer);
struct expression *any_string(struct schema *);
struct expression *any_character(struct schema *);
struct expression *escape_sequence(struct schema *);

#endif
