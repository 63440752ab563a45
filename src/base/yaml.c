/* YAML by libyaml into JSON, with the line of every part kept for messages. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 12, MAX_NODES = 6000 };

struct level {
    json_t *value; /* list or object being filled */
    char *key;     /* of the value to come; NULL when a key is to come */
    long key_line;
};

struct reader {
    struct arena *arena;
    struct yaml *out;
    long line; /* to add to libyaml's, which count from 0 */
    struct level levels[MAX_DEPTH];
    int depth, nodes;
    bool done;
    struct fault *fault;
};

static bool refuse(struct reader *reader, long line, const char *message, const char *remedy) {
    fault_set(reader->fault, FAULT_INPUT, "%s", message);
    fault_remedy(reader->fault, "%s", remedy);
    return fault_place(reader->fault, NULL, line, -1);
}

static void note(struct reader *reader, const json_t *parent, const char *key, size_t index,
                 long line) {
    struct yaml *out = reader->out;
    if (out->n == out->capacity) {
        size_t capacity = out->capacity * 2 + 32;
        struct yaml_place *wider = ARENA_NEW(reader->arena, capacity, struct yaml_place);
        if (out->n)
            memcpy(wider, out->places, out->n * sizeof *wider);
        out->places = wider;
        out->capacity = capacity;
    }
    const char *kept = key ? arena_string(reader->arena, view_of(key)) : NULL;
    out->places[out->n++] = (struct yaml_place){parent, kept, index, line};
}

long yaml_line_key(const struct yaml *yaml, const json_t *parent, const char *key) {
    for (size_t i = 0; i < yaml->n; i++)
        if (yaml->places[i].parent == parent && yaml->places[i].key &&
            !strcmp(yaml->places[i].key, key))
            return yaml->places[i].line;
    return yaml->line;
}

long yaml_line_item(const struct yaml *yaml, const json_t *parent, size_t index) {
    for (size_t i = 0; i < yaml->n; i++)
        if (yaml->places[i].parent == parent && !yaml->places[i].key &&
            yaml->places[i].index == index)
            return yaml->places[i].line;
    return yaml->line;
}

/* Takes over the reference. */
static bool put(struct reader *reader, json_t *value, long line) {
    if (!reader->depth) {
        reader->out->value = value;
        return true;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    if (json_is_array(level->value)) {
        note(reader, level->value, NULL, json_array_size(level->value), line);
        json_array_append_new(level->value, value);
        return true;
    }
    note(reader, level->value, level->key, 0, level->key_line);
    json_object_set_new(level->value, level->key, value);
    free(level->key);
    level->key = NULL;
    return true;
}

static bool is_digits(const char *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return n > 0;
}

/* What a scalar without quotes means in YAML 1.2's core: no yes, no sexagesimals, no dates. */
static json_t *resolve(const char *text, size_t n) {
    if (!n || !strcmp(text, "~") || !strcmp(text, "null"))
        return json_null();
    if (!strcmp(text, "true") || !strcmp(text, "false"))
        return json_boolean(text[0] == 't');
    size_t sign = text[0] == '-';
    if (is_digits(text + sign, n - sign) && n - sign <= 15 && (text[sign] != '0' || n == sign + 1))
        return json_integer(strtoll(text, NULL, 10));
    const char *point = strchr(text, '.');
    if (point && n <= 24 && is_digits(text + sign, (size_t)(point - text) - sign) &&
        is_digits(point + 1, strlen(point + 1)))
        return json_real(strtod(text, NULL));
    return NULL;
}

static bool scalar(struct reader *reader, const yaml_event_t *event, long line) {
    const char *text = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t')
            return refuse(reader, line, "a control character stands in this text", "Take it out.");
    struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
    if (level && json_is_object(level->value) && !level->key) {
        if (n > 100)
            return refuse(reader, line, "a key over 100 bytes long", "Use a short name.");
        if (json_object_get(level->value, text))
            return refuse(reader, line, "this key stands here twice", "Take one of them out.");
        level->key = must_copy((struct view){text, n});
        level->key_line = line;
        return true;
    }
    json_t *value = plain ? resolve(text, n) : NULL;
    if (!value)
        value = json_stringn(text, n);
    return value ? put(reader, value, line)
                 : refuse(reader, line, "this text is not UTF-8", "Save the file as UTF-8.");
}

static bool open_level(struct reader *reader, bool list, long line) {
    struct level *above = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
    if (above && json_is_object(above->value) && !above->key)
        return refuse(reader, line, "a key must be a word",
                      "If this is text with braces, put it between quotes.");
    if (reader->depth == MAX_DEPTH)
        return refuse(reader, line, "lists and mappings are nested over 12 deep",
                      "Write it flatter.");
    json_t *value = list ? json_array() : json_object();
    put(reader, value, line);
    reader->levels[reader->depth++] = (struct level){.value = value};
    return true;
}

static bool take(struct reader *reader, const yaml_event_t *event) {
    long line = reader->line + (long)event->start_mark.line;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT)
        anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
    else if (event->type == YAML_MAPPING_START_EVENT)
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
    if (anchor || tag || event->type == YAML_ALIAS_EVENT)
        return refuse(reader, line, "anchors, aliases and tags (&, *, !) are not read here",
                      "Put the text between quotes, or write it out.");
    if (++reader->nodes > MAX_NODES)
        return refuse(reader, line, "over 6000 parts", "Split it.");
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return reader->out->value
                   ? refuse(reader, line, "a second document begins here (---)", "Keep one.")
                   : true;
    case YAML_SCALAR_EVENT:
        return scalar(reader, event, line);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(reader, true, line);
    case YAML_MAPPING_START_EVENT:
        return open_level(reader, false, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        reader->depth--;
        return true;
    case YAML_STREAM_END_EVENT:
        reader->done = true;
        return true;
    default:
        return true;
    }
}

static bool syntax(struct reader *reader, const yaml_parser_t *parser) {
    const char *context = parser->context ? parser->context : "";
    fault_set(reader->fault, FAULT_INPUT, "this is not YAML: %s%s%s",
              parser->problem ? parser->problem : "it stops", *context ? ", " : "", context);
    fault_remedy(reader->fault, "Text with a colon, a # or a brace at its start needs quotes, or "
                                "write `|` and the text on lines of its own.");
    return fault_place(reader->fault, NULL, reader->line + (long)parser->problem_mark.line, -1);
}

bool yaml_read(struct arena *arena, struct view text, long line, struct yaml *out,
               struct fault *fault) {
    struct reader reader = {.arena = arena, .out = out, .line = line, .fault = fault};
    yaml_parser_t parser;
    bool good = true;
    *out = (struct yaml){.line = line};
    MUST(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.at ? text.at : ""), text.n);
    while (good && !reader.done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = syntax(&reader, &parser);
            break;
        }
        good = take(&reader, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    for (int i = 0; i < MAX_DEPTH; i++)
        free(reader.levels[i].key);
    if (!good) {
        json_decref(out->value);
        out->value = NULL;
    }
    return good;
}
