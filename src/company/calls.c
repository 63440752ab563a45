/* Calls of tools: what may be written, and what was. */
#include "company/calls.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 64, SCHEMA_BYTES = 256 << 10 };

static const char opening[] = "<tool_call>";
static const char closing[] = "</tool_call>";
static const char name_mark[] = "{\"name\": \"";

/* ------------------------------------------------------------------------------------- the tools
 */

static const json_t *function_of(const json_t *tools, size_t i) {
    return json_object_get(json_array_get(tools, i), "function");
}

static bool is_name(const char *name) {
    size_t n = name ? strlen(name) : 0;
    return n && n <= NAME_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == n;
}

static bool wrong(struct chat_result *result, struct fault *fault, size_t i, const char *part,
                  const char *what) {
    snprintf(result->param, sizeof result->param, "tools[%zu]%s", i, part);
    result->status = 400;
    return fault_set(fault, FAULT_INPUT, "tools[%zu]%s %s", i, part, what);
}

static bool check_tool(const json_t *tools, size_t i, struct chat_result *result,
                       struct fault *fault) {
    const json_t *tool = json_array_get(tools, i), *function = function_of(tools, i);
    const json_t *parameters = json_object_get(function, "parameters");
    const char *type = json_text(tool, "type", ""), *name = json_text(function, "name", NULL);
    if (strcmp(type, "function") != 0)
        return wrong(result, fault, i, ".type", "must be \"function\": there are no others here");
    if (!is_name(name))
        return wrong(result, fault, i, ".function.name",
                     "must be 1 to 64 letters, digits, \"_\", \"-\" and \".\"");
    for (size_t k = 0; k < i; k++)
        if (!strcmp(json_text(function_of(tools, k), "name", ""), name))
            return wrong(result, fault, i, ".function.name", "is that of another tool");
    if (parameters && !json_is_null(parameters) && !json_is_object(parameters))
        return wrong(result, fault, i, ".function.parameters", "must be a JSON Schema");
    const char *of = json_text(parameters, "type", "object");
    if (strcmp(of, "object") != 0)
        return wrong(result, fault, i, ".function.parameters", "must be of type \"object\"");
    size_t n = parameters ? json_dumpb(parameters, NULL, 0, JSON_COMPACT) : 0;
    return n <= SCHEMA_BYTES || wrong(result, fault, i, ".function.parameters", "has over 256 kB");
}

bool calls_check(const struct chat_request *request, struct chat_result *result,
                 struct fault *fault) {
    size_t n = json_array_size(request->tools);
    bool good = true, found = request->tool_choice != CHAT_TOOLS_NAMED;
    if (n > CHAT_TOOLS) {
        snprintf(result->param, sizeof result->param, "tools");
        result->status = 400;
        return fault_set(fault, FAULT_LIMIT, "there may be %d tools, not %zu", CHAT_TOOLS, n);
    }
    for (size_t i = 0; good && i < n; i++) {
        good = check_tool(request->tools, i, result, fault);
        found = found || (good && !strcmp(json_text(function_of(request->tools, i), "name", ""),
                                          request->tool_name));
    }
    bool must = request->tool_choice >= CHAT_TOOLS_REQUIRED;
    if (good && ((must && n == 0) || !found)) {
        snprintf(result->param, sizeof result->param, "tool_choice");
        result->status = 400;
        good = fault_set(fault, FAULT_INPUT,
                         found ? "tool_choice wants a call, and there are no tools"
                               : "tool_choice names %.60s, which is none of the tools",
                         request->tool_name);
    }
    return good;
}

bool calls_wanted(const struct chat_request *request) {
    return json_array_size(request->tools) && request->tool_choice != CHAT_TOOLS_NONE;
}

/* --------------------------------------------------------------------------------- what may come
 */

void calls_begun(const struct chat_request *request, struct buffer *out) {
    if (calls_wanted(request) && request->tool_choice == CHAT_TOOLS_NAMED)
        buffer_format(out, "%s\n{\"name\": \"%s\", \"arguments\": ", opening, request->tool_name);
}

bool calls_may_be_bare(const struct chat_request *request) {
    return calls_wanted(request) && request->tool_choice == CHAT_TOOLS_AUTO &&
           request->format == CHAT_TEXT;
}

/* The first n bytes of a text, as a literal. */
static void write_literal(struct buffer *gbnf, const char *text, int n) {
    buffer_byte(gbnf, '"');
    for (int i = 0; i < n; i++)
        buffer_format(gbnf, "%s%c", text[i] == '"' ? "\\" : "", text[i]);
    buffer_byte(gbnf, '"');
}

/* Words in which no call begins: `<` is followed by no "tool_call>", a run that could still become
 * one perhaps by another `<`, or by the end; and they do not start as a call without its frame. */
static void word_rules(struct buffer *gbnf) {
    static const char rest[] = "tool_call>";
    buffer_text(gbnf, "more ::= ([^<] | begun* broken)* begun*\nbegun ::= \"<\" (\"\"");
    for (int n = 1; rest[n]; n++)
        buffer_format(gbnf, " | \"%.*s\"", n, rest);
    buffer_text(gbnf, ")\nbroken ::= \"<\" ([^<t]");
    for (int n = 1; rest[n]; n++)
        buffer_format(gbnf, " | \"%.*s\" [^<%c]", n, rest, rest[n]);
    buffer_text(gbnf, ")\nwords ::= begun* | begun* broken more | [^<{] more");
    for (int n = 1; name_mark[n]; n++) {
        buffer_text(gbnf, " | ");
        write_literal(gbnf, name_mark, n);
        buffer_format(gbnf, " (begun* | begun* broken more | [^<%s%c] more)",
                      name_mark[n] == '"' ? "\\" : "", name_mark[n]);
    }
    buffer_byte(gbnf, '\n');
}

/* The schema of the arguments. One that names no property means that there are none. */
static json_t *schema_of(const json_t *function) {
    static const char *const plain[] = {"type",  "properties",  "required", "$schema",
                                        "title", "description", "strict",   NULL};
    const json_t *parameters = json_object_get(function, "parameters");
    json_t *schema =
        json_object_size(parameters) ? json_copy((json_t *)(uintptr_t)parameters) : json_object();
    json_object_set_new(schema, "type", json_string("object"));
    if (!json_object_size(json_object_get(schema, "properties")) &&
        !json_unknown_key(schema, plain))
        json_object_set_new(schema, "additionalProperties", json_false());
    return schema;
}

static bool has_grammar(const json_t *schema) {
    struct fault ignored = {0};
    struct grammar *made = grammar_from_schema(schema, &ignored);
    grammar_free(made);
    return made != NULL;
}

/* The schema's object with these properties alone. Takes them. */
static json_t *object_of(const json_t *schema, json_t *properties) {
    static const char *const kept[] = {"$defs", "definitions"};
    json_t *made = json_pack("{s:s, s:[]}", "type", "object", "required");
    const json_t *name;
    size_t i;
    for (size_t k = 0; k < COUNT_OF(kept); k++)
        if (json_object_get(schema, kept[k]))
            json_object_set(made, kept[k], json_object_get(schema, kept[k]));
    json_array_foreach(json_object_get(schema, "required"), i,
                       name) if (json_is_string(name) &&
                                 json_object_get(properties, json_string_value(name)))
        json_array_append(json_object_get(made, "required"), (json_t *)(uintptr_t)name);
    json_object_set_new(made, "properties", properties);
    return made;
}

static json_t *loosen(const json_t *schema) {
    json_t *properties = json_object(), *property;
    const char *name;
    json_object_foreach(json_object_get(schema, "properties"), name, property) {
        json_t *alone = object_of(schema, json_pack("{s:O}", name, property));
        json_object_set_new(properties, name,
                            has_grammar(alone) ? json_incref(property) : json_object());
        json_decref(alone);
    }
    return object_of(schema, properties);
}

json_t *calls_loosened(const json_t *tools) {
    json_t *all = json_deep_copy(tools), *tool;
    bool changed = false;
    size_t i;
    json_array_foreach(all, i, tool) {
        json_t *function = json_object_get(tool, "function"), *schema = schema_of(function);
        bool loosened = !json_flag(function, "strict", false) && !has_grammar(schema);
        if (loosened)
            json_object_set_new(function, "parameters", loosen(schema));
        changed = changed || loosened;
        json_decref(schema);
    }
    if (changed)
        return all;
    json_decref(all);
    return NULL;
}

void calls_rules(const struct chat_request *request, struct buffer *gbnf, json_t *schemas) {
    bool named = request->tool_choice == CHAT_TOOLS_NAMED;
    bool must = request->tool_choice == CHAT_TOOLS_REQUIRED;
    char key[32];
    size_t n = json_array_size(request->tools);
    for (size_t i = 0; i < n; i++) {
        const json_t *function = function_of(request->tools, i);
        const char *name = json_text(function, "name", "");
        if (named && strcmp(name, request->tool_name) != 0)
            continue;
        snprintf(key, sizeof key, "arguments-%zu", i);
        json_object_set_new(schemas, key, schema_of(function));
        if (named)
            buffer_format(gbnf, "root ::= %s\n", key);
        else
            buffer_format(gbnf,
                          "call-%zu ::= \"{\\\"name\\\": \\\"%s\\\", \\\"arguments\\\": \" %s "
                          "\"}\"\n",
                          i, name, key);
    }
    if (named)
        return;
    int others = request->one_call ? 0 : CHAT_CALLS - 1;
    buffer_text(gbnf, "bare ::= call-0");
    for (size_t i = 1; i < n; i++)
        buffer_format(gbnf, " | call-%zu", i);
    buffer_format(gbnf, "\ncall ::= \"%s\\n\" bare \"\\n%s\"\n", opening, closing);
    buffer_format(gbnf, "calls ::= call (\"\\n\" call){0,%d}\n", others);
    if (must)
        buffer_text(gbnf, "root ::= calls\n");
    else if (request->format != CHAT_TEXT)
        buffer_text(gbnf, "root ::= answer | calls\n");
    else
        buffer_format(gbnf, "root ::= words calls? | bare (\"\\n\" bare){0,%d}\n", others);
    if (calls_may_be_bare(request))
        word_rules(gbnf);
}

void calls_explain(const json_t *tools, struct buffer *out) {
    size_t i;
    json_t *tool;
    buffer_text(out, "# Tools\n\nYou may call one or more functions to help with what is asked. "
                     "Their signatures stand between <tools> and </tools>:\n<tools>\n");
    json_array_foreach(tools, i, tool) {
        buffer_json(out, tool);
        buffer_byte(out, '\n');
    }
    buffer_format(out,
                  "</tools>\n\nTo call a function, write a JSON object with its name and its "
                  "arguments between %s and %s:\n%s\n{\"name\": <function-name>, "
                  "\"arguments\": <args-json-object>}\n%s",
                  opening, closing, opening, closing);
}

void calls_write(const char *name, const json_t *arguments, struct buffer *out) {
    buffer_format(out, "%s\n{\"name\": \"%s\", \"arguments\": ", opening, name);
    buffer_json(out, arguments);
    buffer_format(out, "}\n%s", closing);
}

/* -------------------------------------------------------------------------------------- what came
 */

enum { IN_WORDS, IN_HEAD, IN_ARGUMENTS, IN_TAIL, BETWEEN };

static void drop(struct buffer *held, size_t n) {
    memmove(held->at, held->at + n, held->n - n);
    held->n -= n;
    held->at[held->n] = 0;
}

/* How much of the end of the text could become the marker. */
static size_t could_become(struct view text, const char *marker) {
    size_t most = strlen(marker) - 1;
    for (size_t n = most < text.n ? most : text.n; n > 0; n--)
        if (!memcmp(text.at + text.n - n, marker, n))
            return n;
    return 0;
}

/* White space before a call is no words. */
static bool say_words(struct call_reader *reader, size_t n, const struct call_sink *sink) {
    struct view words = {reader->held.at, n};
    if (!reader->has_words && view_trim(words).n == 0)
        return true;
    reader->has_words = true;
    bool good = n == 0 || sink->text(sink->data, words);
    drop(&reader->held, n);
    return good;
}

/* Whether the text begins as a call does; where that is not told yet, there is no more. */
static bool begins_bare(struct call_reader *reader, bool *more) {
    size_t n = strlen(name_mark);
    bool could = !memcmp(reader->held.at, name_mark, reader->held.n < n ? reader->held.n : n);
    reader->is_bare = could && reader->held.n >= n;
    reader->may_be_bare = could && !reader->is_bare;
    *more = !reader->may_be_bare;
    if (reader->is_bare)
        reader->where = IN_HEAD;
    return could;
}

static bool read_words(struct call_reader *reader, const struct call_sink *sink, bool *more) {
    if (reader->may_be_bare && begins_bare(reader, more))
        return true;
    struct view held = buffer_view(&reader->held);
    ptrdiff_t at = view_find(held, view_of(opening));
    if (at < 0) {
        *more = false;
        return say_words(reader, held.n - could_become(held, opening), sink);
    }
    bool good = say_words(reader, (size_t)at, sink);
    held = buffer_view(&reader->held);
    drop(&reader->held, (size_t)view_find(held, view_of(opening)) + strlen(opening));
    reader->where = IN_HEAD;
    return good;
}

static bool read_head(struct call_reader *reader, const struct call_sink *sink, bool *more) {
    static const char end_mark[] = "\", \"arguments\": ";
    struct view held = buffer_view(&reader->held);
    ptrdiff_t name = view_find(held, view_of(name_mark)), end = view_find(held, view_of(end_mark));
    if (name < 0 || end < 0) {
        *more = false;
        return true;
    }
    struct view called = view_slice(held, (size_t)name + strlen(name_mark), (size_t)end);
    bool good = sink->call(sink->data, reader->n_call++, called);
    drop(&reader->held, (size_t)end + strlen(end_mark));
    reader->where = IN_ARGUMENTS;
    reader->depth = 0;
    return good;
}

/* Where the object that the arguments are ends; 0: not yet. */
static size_t end_of_arguments(struct call_reader *reader) {
    for (size_t i = 0; i < reader->held.n; i++) {
        char c = reader->held.at[i];
        if (reader->in_string) {
            reader->in_string = reader->escaped || c != '"';
            reader->escaped = !reader->escaped && c == '\\';
        } else if (c == '"') {
            reader->in_string = true;
        } else if (c == '{' || c == '[') {
            reader->depth++;
        } else if ((c == '}' || c == ']') && --reader->depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static bool read_arguments(struct call_reader *reader, const struct call_sink *sink, bool *more) {
    size_t end = end_of_arguments(reader), n = end ? end : reader->held.n;
    *more = end > 0;
    if (end)
        reader->where = IN_TAIL;
    bool good = n == 0 ||
                sink->arguments(sink->data, reader->n_call - 1, (struct view){reader->held.at, n});
    drop(&reader->held, n);
    return good;
}

static bool read_past(struct call_reader *reader, const char *marker, int then, bool *more) {
    ptrdiff_t at = view_find(buffer_view(&reader->held), view_of(marker));
    *more = at >= 0;
    if (at < 0)
        return true;
    drop(&reader->held, (size_t)at + strlen(marker));
    reader->where = then;
    return true;
}

bool call_reader_begin(struct call_reader *reader, const char *name,
                       const struct call_sink *sink) {
    reader->where = IN_ARGUMENTS;
    reader->n_call = 1;
    return sink->call(sink->data, 0, view_of(name));
}

bool call_reader_read(struct call_reader *reader, struct view piece,
                      const struct call_sink *sink) {
    bool good = true;
    buffer_append(&reader->held, piece);
    for (bool more = reader->held.n > 0; good && more && reader->held.n > 0;) {
        if (reader->where == IN_WORDS)
            good = read_words(reader, sink, &more);
        else if (reader->where == IN_HEAD)
            good = read_head(reader, sink, &more);
        else if (reader->where == IN_ARGUMENTS)
            good = read_arguments(reader, sink, &more);
        else if (reader->where == IN_TAIL)
            good = read_past(reader, reader->is_bare ? "}" : closing, BETWEEN, &more);
        else
            good = read_past(reader, reader->is_bare ? "\n" : opening, IN_HEAD, &more);
    }
    return good;
}

bool call_reader_end(struct call_reader *reader, const struct call_sink *sink) {
    return reader->where != IN_WORDS || reader->held.n == 0 ||
           say_words(reader, reader->held.n, sink);
}

bool call_reader_is_whole(const struct call_reader *reader) {
    return reader->where != IN_HEAD && reader->where != IN_ARGUMENTS;
}

void call_reader_free(struct call_reader *reader) {
    buffer_free(&reader->held);
}
