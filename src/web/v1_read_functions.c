/* Requests from before there were tools: functions become tools, a call of one the only call of
 * its message, and what one gave a tool's message. */
#include "web/v1.h"

#include <string.h>

static json_t *tools_of(const json_t *functions) {
    json_t *tools = json_array(), *function;
    size_t i;
    json_array_foreach(functions, i, function) json_array_append_new(
        tools, json_pack("{s:s, s:O}", "type", "function", "function", function));
    return tools;
}

/* "auto", "none", or {"name": …}. */
static json_t *choice_of(const json_t *call) {
    const char *name = json_text(call, "name", NULL);
    if (name)
        return json_pack("{s:s, s:{s:s}}", "type", "function", "function", "name", name);
    const char *word = json_is_string(call) ? json_string_value(call) : "";
    return !strcmp(word, "auto") || !strcmp(word, "none") ? json_string(word) : NULL;
}

/* They had no ids: a call is named by the number of its message. */
static json_t *message_of(const json_t *message, size_t i, char id[32]) {
    json_t *made = json_copy((json_t *)(uintptr_t)message);
    json_t *call = json_object_get(message, "function_call");
    if (json_is_object(call)) {
        snprintf(id, 32, "call_%zu", i);
        json_object_set_new(
            made, "tool_calls",
            json_pack("[{s:s, s:s, s:O}]", "id", id, "type", "function", "function", call));
    } else if (!strcmp(json_text(message, "role", ""), "function")) {
        json_object_set_new(made, "role", json_string("tool"));
        json_object_set_new(made, "tool_call_id", json_string(id));
    }
    json_object_del(made, "function_call");
    return made;
}

static bool has_functions(const struct v1_reader *reader) {
    const json_t *messages = v1_given(reader, "messages"), *message;
    bool found = v1_given(reader, "functions") || v1_given(reader, "function_call");
    size_t i;
    json_array_foreach(messages, i, message) found =
        found || json_is_object(json_object_get(message, "function_call")) ||
        !strcmp(json_text(message, "role", ""), "function");
    return found;
}

bool v1_read_functions(struct v1_reader *reader) {
    const json_t *functions = v1_given(reader, "functions"), *message;
    const json_t *call = v1_given(reader, "function_call");
    const json_t *messages = v1_given(reader, "messages");
    size_t i;
    char id[32] = "call_0";
    if (!has_functions(reader))
        return true;
    if (functions && (!json_is_array(functions) || v1_given(reader, "tools")))
        return v1_wrong(reader, "functions", "invalid_value",
                        "Invalid 'functions': expected a list, and no 'tools' beside it.");
    json_t *body = json_copy((json_t *)(uintptr_t)reader->body);
    reader->ask->owned = body;
    reader->body = body;
    json_object_del(body, "functions");
    json_object_del(body, "function_call");
    if (functions) {
        json_object_set_new(body, "tools", tools_of(functions));
        json_object_set_new(body, "parallel_tool_calls", json_false());
        reader->ask->functions = true;
    }
    json_t *choice = call ? choice_of(call) : NULL;
    if (call && !choice)
        return v1_wrong(reader, "function_call", "invalid_value",
                        "Invalid 'function_call': expected 'none', 'auto' or {\"name\": …}.");
    if (choice)
        json_object_set_new(body, "tool_choice", choice);
    if (!json_is_array(messages))
        return true;
    json_t *made = json_array();
    json_array_foreach(messages, i, message)
        json_array_append_new(made, message_of(message, i, id));
    json_object_set_new(body, "messages", made);
    return true;
}
