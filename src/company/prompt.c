/* Messages of chat/completions: roles, parts of content, calls and what came of them. */
#include "company/prompt.h"
#include "company/calls.h"

#include <string.h>

enum { MESSAGES = 4096 };

bool prompt_knows_tools(const struct model *model) {
    struct tokens tokens = {0};
    struct buffer text = {0};
    struct fault ignored = {0};
    json_t *asked = json_pack(
        "{s:[{s:s,s:s},{s:s,s:s,s:[{s:s,s:{s:s,s:{s:i}}}]}],s:[{s:s,s:{s:s,s:s,s:{s:s,s:{}}}}]}",
        "messages", "role", "user", "content", "?", "role", "assistant", "content", "",
        "tool_calls", "type", "function", "function", "name", "probe_tool", "arguments", "probe",
        1, "tools", "type", "function", "function", "name", "probe_tool", "description", "",
        "parameters", "type", "object", "properties");
    bool knows = asked && model_chat(model, asked, false, &tokens, &ignored);
    for (size_t i = 0; knows && i < tokens.n; i++)
        vocabulary_decode(model_vocabulary(model), tokens.at[i], SPECIAL_PARSED, &text);
    knows = knows && view_find(buffer_view(&text), VIEW("<tools>")) >= 0 &&
            view_find(buffer_view(&text), VIEW("<tool_call>\n{\"name\": \"probe_tool\", "
                                               "\"arguments\": ")) >= 0;
    json_decref(asked);
    buffer_free(&text);
    tokens_free(&tokens);
    return knows;
}

struct writer { /* of a conversation */
    const struct chat_request *request;
    struct chat_result *result;
    struct fault *fault;
    json_t *messages;
    bool knows_tools, explained;
    size_t i; /* the message that is read */
};

static bool wrong(struct writer *writer, const char *part, const char *what) {
    struct chat_result *result = writer->result;
    snprintf(result->param, sizeof result->param, "messages[%zu]%s", writer->i, part);
    result->status = 400;
    return fault_set(writer->fault, FAULT_INPUT, "messages[%zu]%s %s", writer->i, part, what);
}

/* ------------------------------------------------------------------------------------- content */

static bool add_part(struct writer *writer, const json_t *part, size_t k, struct buffer *out) {
    static const struct {
        const char *type, *key;
    } kinds[] = {
        {"text", "text"}, {"input_text", "text"}, {"output_text", "text"}, {"refusal", "refusal"}};
    const char *type = json_text(part, "type", "");
    char place[60];
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const json_t *text = json_object_get(part, kinds[i].key);
        if (strcmp(type, kinds[i].type) != 0)
            continue;
        buffer_append(out, (struct view){json_string_value(text), json_string_length(text)});
        snprintf(place, sizeof place, ".content[%zu].%s", k, kinds[i].key);
        return json_is_string(text) || wrong(writer, place, "must be a text");
    }
    snprintf(place, sizeof place, ".content[%zu].type", k);
    return wrong(writer, place, "must be \"text\": the models here read nothing else");
}

static bool read_content(struct writer *writer, const json_t *message, struct buffer *out) {
    const json_t *content = json_object_get(message, "content");
    size_t k;
    json_t *part;
    if (!content || json_is_null(content))
        return true;
    if (json_is_string(content)) {
        buffer_append(out, (struct view){json_string_value(content), json_string_length(content)});
        return true;
    }
    if (!json_is_array(content))
        return wrong(writer, ".content", "must be a text, or a list of parts");
    json_array_foreach(content, k, part) if (!add_part(writer, part, k, out)) return false;
    return true;
}

static void append(struct writer *writer, const char *role, struct view content) {
    json_array_append_new(writer->messages, json_pack("{s:s, s:s%}", "role", role, "content",
                                                      content.n ? content.at : "", content.n));
}

/* --------------------------------------------------------------------------------------- roles */

static void explain(struct writer *writer, struct buffer *out) {
    if (!calls_wanted(writer->request) || writer->knows_tools || writer->explained)
        return;
    if (out->n)
        buffer_text(out, "\n\n");
    calls_explain(writer->request->tools, out);
    writer->explained = true;
}

static bool add_system(struct writer *writer, const json_t *message, struct buffer *content) {
    (void)message;
    explain(writer, content);
    append(writer, "system", buffer_view(content));
    return true;
}

static bool add_user(struct writer *writer, const json_t *message, struct buffer *content) {
    if (!json_object_get(message, "content") || json_is_null(json_object_get(message, "content")))
        return wrong(writer, ".content", "is missing");
    append(writer, "user", buffer_view(content));
    return true;
}

/* The arguments of a call, a text in the request, as an object; a new reference. */
static json_t *arguments_of(const json_t *function) {
    const json_t *given = json_object_get(function, "arguments");
    if (json_is_object(given))
        return json_incref((json_t *)(uintptr_t)given);
    struct view text = {json_string_value(given), json_string_length(given)};
    return text.n ? json_parse(text, NULL) : json_object();
}

static bool add_call(struct writer *writer, const json_t *call, size_t k, json_t *calls,
                     struct buffer *content) {
    const json_t *function = json_object_get(call, "function");
    const char *name = json_text(function, "name", NULL);
    char place[60];
    json_t *arguments = name ? arguments_of(function) : NULL;
    if (!arguments) {
        snprintf(place, sizeof place, ".tool_calls[%zu].function", k);
        return wrong(writer, place, "must have a name, and arguments that are JSON");
    }
    if (writer->knows_tools) {
        json_array_append_new(calls, json_pack("{s:s, s:{s:s, s:O}}", "type", "function",
                                               "function", "name", name, "arguments", arguments));
    } else {
        if (content->n)
            buffer_byte(content, '\n');
        calls_write(name, arguments, content);
    }
    json_decref(arguments);
    return true;
}

static bool add_assistant(struct writer *writer, const json_t *message, struct buffer *content) {
    const json_t *calls = json_object_get(message, "tool_calls");
    json_t *kept = json_array(), *call;
    size_t k;
    bool good = !calls || json_is_null(calls) || json_is_array(calls) ||
                wrong(writer, ".tool_calls", "must be a list");
    for (k = 0; good && k < json_array_size(calls); k++) {
        call = json_array_get(calls, k);
        good = add_call(writer, call, k, kept, content);
    }
    if (good) {
        append(writer, "assistant", buffer_view(content));
        json_t *last = json_array_get(writer->messages, json_array_size(writer->messages) - 1);
        if (json_array_size(kept))
            json_object_set(last, "tool_calls", kept);
    }
    json_decref(kept);
    return good;
}

/* What a tool gave, where the template knows of none: the learner's side says it. Several stand
 * in one message, since some templates want the sides to take turns. */
static bool add_tool(struct writer *writer, const json_t *message, struct buffer *content) {
    if (!json_is_string(json_object_get(message, "tool_call_id")))
        return wrong(writer, ".tool_call_id", "is missing: it tells which call this came of");
    if (writer->knows_tools) {
        append(writer, "tool", buffer_view(content));
        return true;
    }
    struct buffer text = {0};
    size_t n = json_array_size(writer->messages);
    json_t *last = n ? json_array_get(writer->messages, n - 1) : NULL;
    const char *before = json_text(last, "content", "");
    bool joins = last && !strcmp(json_text(last, "role", ""), "user") &&
                 view_ends(view_of(before), "</tool_response>");
    if (joins)
        buffer_format(&text, "%s\n", before);
    buffer_text(&text, "<tool_response>\n");
    buffer_append(&text, buffer_view(content));
    buffer_text(&text, "\n</tool_response>");
    if (joins)
        json_object_set_new(last, "content", json_stringn(text.at, text.n));
    else
        append(writer, "user", buffer_view(&text));
    buffer_free(&text);
    return true;
}

static const struct {
    const char *name;
    bool (*add)(struct writer *, const json_t *, struct buffer *);
} roles[] = {
    {"system", add_system},       {"developer", add_system}, {"user", add_user},
    {"assistant", add_assistant}, {"tool", add_tool},
};

static bool add_message(struct writer *writer, const json_t *message) {
    const char *role = json_text(message, "role", "");
    struct buffer content = {0};
    size_t k = 0;
    while (k < COUNT_OF(roles) && strcmp(roles[k].name, role) != 0)
        k++;
    if (k == COUNT_OF(roles))
        return wrong(writer, ".role",
                     "must be \"system\", \"developer\", \"user\", \"assistant\" or \"tool\"");
    bool good = read_content(writer, message, &content);
    if (good && !writer->explained && k > 1 && json_array_size(writer->messages) == 0) {
        struct buffer tools = {0};
        explain(writer, &tools);
        if (tools.n)
            append(writer, "system", buffer_view(&tools));
        buffer_free(&tools);
    }
    good = good && roles[k].add(writer, message, &content);
    buffer_free(&content);
    return good;
}

json_t *prompt_conversation(const struct chat_request *request, bool knows_tools,
                            struct chat_result *result, struct fault *fault) {
    struct writer writer = {.request = request,
                            .result = result,
                            .fault = fault,
                            .messages = json_array(),
                            .knows_tools = knows_tools};
    size_t n = json_array_size(request->messages);
    bool good = true;
    if (n == 0 || n > MESSAGES) {
        snprintf(result->param, sizeof result->param, "messages");
        result->status = 400;
        good =
            fault_set(fault, FAULT_INPUT, "messages must be a list of 1 to %d messages", MESSAGES);
    }
    for (; good && writer.i < n; writer.i++)
        good = add_message(&writer, json_array_get(request->messages, writer.i));
    json_t *conversation = json_pack("{s:o}", "messages", writer.messages);
    if (calls_wanted(request) && knows_tools)
        json_object_set(conversation, "tools", (json_t *)(uintptr_t)request->tools);
    if (good)
        return conversation;
    json_decref(conversation);
    return NULL;
}
