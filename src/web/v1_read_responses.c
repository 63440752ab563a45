/* The requests of /v1/responses: items become messages, and tools stand as those of chat do. */
#include "web/v1.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 4096 };

static json_t *messages_of(struct v1_reader *reader) {
    return json_object_get(reader->ask->owned, "messages");
}

/* ---------------------------------------------------------------------------------------- input
 */

static bool wrong_item(struct v1_reader *reader, size_t i, const char *what) {
    char param[40];
    snprintf(param, sizeof param, "input[%zu]", i);
    return v1_wrong(reader, param, "invalid_value", "Invalid 'input[%zu]': %s.", i, what);
}

static bool add_call(struct v1_reader *reader, const json_t *item, size_t i) {
    json_t *messages = messages_of(reader);
    json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    const char *name = json_text(item, "name", NULL), *id = json_text(item, "call_id", NULL);
    const char *arguments = json_text(item, "arguments", NULL);
    if (!name || !id || !arguments)
        return wrong_item(reader, i, "a function_call has 'call_id', 'name' and 'arguments'");
    json_t *call = json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", id, "type", "function", "function",
                             "name", name, "arguments", arguments);
    if (!last || strcmp(json_text(last, "role", ""), "assistant") != 0) {
        last = json_pack("{s:s, s:n}", "role", "assistant", "content");
        json_array_append_new(messages, last);
    }
    if (!json_object_get(last, "tool_calls"))
        json_object_set_new(last, "tool_calls", json_array());
    json_array_append_new(json_object_get(last, "tool_calls"), call);
    return true;
}

static bool add_output(struct v1_reader *reader, const json_t *item, size_t i) {
    const char *id = json_text(item, "call_id", NULL);
    json_t *output = json_object_get(item, "output");
    if (!id || (!json_is_string(output) && !json_is_array(output)))
        return wrong_item(reader, i, "a function_call_output has 'call_id' and 'output'");
    json_array_append_new(messages_of(reader), json_pack("{s:s, s:s, s:O}", "role", "tool",
                                                         "tool_call_id", id, "content", output));
    return true;
}

static bool reads_part(const json_t *part) {
    static const char *const types[] = {"input_text", "output_text", "text", "refusal"};
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        known = known || !strcmp(json_text(part, "type", ""), types[i]);
    return known;
}

static bool add_message(struct v1_reader *reader, const json_t *item, size_t i) {
    const char *role = json_text(item, "role", NULL);
    json_t *content = json_object_get(item, "content"), *part;
    size_t k;
    if (!role || (!json_is_string(content) && !json_is_array(content)))
        return wrong_item(reader, i, "a message has 'role' and 'content'");
    json_array_foreach(content, k, part) if (!reads_part(part)) return wrong_item(
        reader, i, "its content must be text: the models here read nothing else");
    if (!strcmp(role, "tool"))
        return wrong_item(reader, i, "what a tool gave is a function_call_output");
    json_array_append_new(messages_of(reader),
                          json_pack("{s:s, s:O}", "role", role, "content", content));
    return true;
}

static bool pass_over(struct v1_reader *reader, const json_t *item, size_t i) {
    (void)reader, (void)item, (void)i;
    return true;
}

static const struct {
    const char *type;
    bool (*add)(struct v1_reader *, const json_t *, size_t);
} items[] = {{"message", add_message},
             {"function_call", add_call},
             {"function_call_output", add_output},
             {"reasoning", pass_over}};

static bool add_item(struct v1_reader *reader, const json_t *item, size_t i) {
    const char *type = json_text(item, "type", "message");
    for (size_t k = 0; k < COUNT_OF(items); k++)
        if (!strcmp(type, items[k].type))
            return items[k].add(reader, item, i);
    return wrong_item(reader, i, "expected a message, function_call or function_call_output");
}

static bool read_input(struct v1_reader *reader) {
    const json_t *input = v1_given(reader, "input");
    const json_t *instructions = v1_given(reader, "instructions");
    size_t i;
    json_t *item;
    if (instructions && !json_is_string(instructions))
        return v1_wrong(reader, "instructions", "invalid_type",
                        "Invalid type for 'instructions': expected a text.");
    if (instructions)
        json_array_append_new(messages_of(reader),
                              json_pack("{s:s, s:O}", "role", "system", "content", instructions));
    if (!reader->ask->items)
        reader->ask->items = json_array();
    json_t *all = reader->ask->items;
    size_t before = json_array_size(all);
    if (json_is_string(input))
        json_array_append_new(all, json_pack("{s:s, s:s, s:O}", "type", "message", "role", "user",
                                             "content", input));
    else if (json_is_array(input))
        json_array_extend(all, (json_t *)(uintptr_t)input);
    if (json_array_size(all) == before || json_array_size(all) > ITEMS)
        return v1_wrong(reader, "input", input ? "invalid_value" : "missing_required_parameter",
                        "Missing required parameter: 'input', a text or a list of items.");
    json_array_foreach(
        all, i, item) if (!add_item(reader, item, i < before ? 0 : i - before)) return false;
    return true;
}

/* ---------------------------------------------------------------------------------------- tools
 */

static bool read_tools(struct v1_reader *reader) {
    const json_t *tools = v1_given(reader, "tools");
    struct chat_request *chat = &reader->ask->chat;
    json_t *list = json_array(), *tool;
    size_t i;
    json_object_set_new(reader->ask->owned, "tools", list);
    if (tools && !json_is_array(tools))
        return v1_wrong(reader, "tools", "invalid_type",
                        "Invalid type for 'tools': expected a list.");
    json_array_foreach(tools, i, tool) {
        if (strcmp(json_text(tool, "type", ""), "function") != 0)
            return v1_wrong(reader, "tools", "unsupported_value",
                            "Invalid 'tools[%zu].type': only 'function' is done by this server.",
                            i);
        json_t *function = json_object();
        static const char *const kept[] = {"name", "description", "parameters", "strict"};
        for (size_t k = 0; k < COUNT_OF(kept); k++)
            if (json_object_get(tool, kept[k]))
                json_object_set(function, kept[k], json_object_get(tool, kept[k]));
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "type", "function", "function", function));
    }
    chat->tools = json_array_size(list) ? list : NULL;
    return true;
}

/* -------------------------------------------------------------------------------------- the rest
 */

static bool read_format(struct v1_reader *reader) {
    const json_t *format = json_object_get(v1_given(reader, "text"), "format");
    const char *type = json_text(format, "type", "text");
    if (!strcmp(type, "text"))
        return true;
    if (!strcmp(type, "json_schema"))
        return v1_read_schema(reader, "text.format", format);
    if (strcmp(type, "json_object") != 0)
        return v1_wrong(reader, "text.format", "invalid_value",
                        "Invalid 'text.format.type': expected 'text', 'json_object' or "
                        "'json_schema'.");
    reader->ask->chat.format = CHAT_JSON;
    return true;
}

static bool read_logprobs(struct v1_reader *reader) {
    struct chat_request *chat = &reader->ask->chat;
    const json_t *include = v1_given(reader, "include");
    int64_t n = 0;
    size_t i;
    json_t *one;
    if (!v1_read_integer(reader, "top_logprobs", 0, GENERATION_ALTERNATIVES, &n))
        return false;
    json_array_foreach(include, i, one) chat->logprobs =
        chat->logprobs ||
        (json_is_string(one) && !strcmp(json_string_value(one), "message.output_text.logprobs"));
    chat->logprobs = chat->logprobs || n > 0;
    chat->n_alternative = (int)n;
    return true;
}

/* By the names that they have in chat/completions. */
static void read_options(struct v1_reader *reader) {
    static const struct {
        const char *within, *from, *to;
    } same[] = {{NULL, "temperature", "temperature"},
                {NULL, "top_p", "top_p"},
                {NULL, "seed", "seed"},
                {NULL, "service_tier", "service_tier"},
                {NULL, "prompt_cache_key", "prompt_cache_key"},
                {"reasoning", "effort", "reasoning_effort"},
                {"text", "verbosity", "verbosity"}};
    json_t *options = json_object();
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        const json_t *holder = same[i].within ? v1_given(reader, same[i].within) : reader->body;
        json_t *value = json_object_get(holder, same[i].from);
        if (value && !json_is_null(value))
            json_object_set(options, same[i].to, value);
    }
    json_object_set_new(reader->ask->owned, "options", options);
    reader->ask->chat.options = options;
}

bool v1_read_response(struct v1_reader *reader) {
    static const char *const not_done[] = {"conversation", "prompt", NULL};
    struct chat_request *chat = &reader->ask->chat;
    int64_t most = 0;
    bool background = false;
    reader->ask->owned = json_pack("{s:[]}", "messages");
    chat->n_choice = 1;
    reader->ask->store = true;
    if (!v1_refuse_keys(reader, not_done) || !v1_read_flag(reader, "background", &background) ||
        !v1_read_flag(reader, "store", &reader->ask->store))
        return false;
    if (background)
        return v1_wrong(reader, "background", "unsupported_parameter",
                        "Unsupported parameter: 'background' is not done by this server.");
    if (!read_input(reader) || !read_tools(reader) || !v1_read_tool_choice(reader) ||
        !read_format(reader) || !read_logprobs(reader) ||
        !v1_read_integer(reader, "max_output_tokens", 1, INT_MAX, &most))
        return false;
    read_options(reader);
    chat->max_tokens = (int)most;
    chat->messages = messages_of(reader);
    return true;
}
