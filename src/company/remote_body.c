/* What a member far away is sent. */
#include "company/remote.h"

#include <string.h>

/* Of the body as it came, all that is not named here goes on as it is. */
static void set_text(json_t *body, const char *key, const char *text) {
    json_object_set_new(body, key, json_string(text));
}

static void set_sampling(json_t *body, const struct chat_request *request) {
    const struct sampling *sampling = &request->sampling;
    json_object_set_new(body, "temperature", json_real((double)sampling->temperature));
    if (sampling->top_p > 0 && sampling->top_p < 1)
        json_object_set_new(body, "top_p", json_real((double)sampling->top_p));
    if (sampling->presence_penalty != 0)
        json_object_set_new(body, "presence_penalty",
                            json_real((double)sampling->presence_penalty));
    if (sampling->frequency_penalty != 0)
        json_object_set_new(body, "frequency_penalty",
                            json_real((double)sampling->frequency_penalty));
    if (request->seeded)
        json_object_set_new(body, "seed", json_integer((json_int_t)(sampling->seed & 0x7FFFFFFF)));
}

static void set_stops(json_t *body, const struct chat_request *request) {
    json_t *stops = json_array();
    for (size_t i = 0; request->stop && request->stop[i]; i++)
        json_array_append_new(stops, json_string(request->stop[i]));
    if (json_array_size(stops))
        json_object_set(body, "stop", stops);
    json_decref(stops);
}

static void set_tools(json_t *body, const struct chat_request *request) {
    if (!request->tools)
        return;
    json_object_set(body, "tools", (json_t *)(uintptr_t)request->tools);
    if (request->tool_choice == CHAT_TOOLS_NAMED)
        json_object_set_new(body, "tool_choice",
                            json_pack("{s:s, s:{s:s}}", "type", "function", "function", "name",
                                      request->tool_name ? request->tool_name : ""));
    else
        set_text(body, "tool_choice",
                 request->tool_choice == CHAT_TOOLS_NONE       ? "none"
                 : request->tool_choice == CHAT_TOOLS_REQUIRED ? "required"
                                                               : "auto");
    if (request->one_call)
        json_object_set_new(body, "parallel_tool_calls", json_false());
}

static void set_format(json_t *body, const struct chat_request *request) {
    if (request->format == CHAT_JSON)
        json_object_set_new(body, "response_format", json_pack("{s:s}", "type", "json_object"));
    if (request->format == CHAT_SCHEMA)
        json_object_set_new(body, "response_format",
                            json_pack("{s:s, s:{s:s, s:b, s:O}}", "type", "json_schema",
                                      "json_schema", "name", "answer", "strict", 1, "schema",
                                      request->schema));
}

static json_t *made_body(const struct endpoint *endpoint, const struct chat_request *request) {
    json_t *body = json_object();
    if (request->options)
        json_object_update(body, (json_t *)(uintptr_t)request->options);
    else if (!endpoint->own_sampling)
        set_sampling(body, request);
    set_stops(body, request);
    set_tools(body, request);
    set_format(body, request);
    if (request->n_choice > 1)
        json_object_set_new(body, "n", json_integer(request->n_choice));
    if (request->logprobs) {
        json_object_set_new(body, "logprobs", json_true());
        json_object_set_new(body, "top_logprobs", json_integer(request->n_alternative));
    }
    return body;
}

/* An answer that has begun is gone on with: as the assistant's own last message where the member
 * does that, otherwise by asking for the rest. */
static json_t *messages_of(const struct endpoint *endpoint, const struct chat_request *request,
                           struct view begun, json_t *body) {
    json_t *messages = json_copy((json_t *)(uintptr_t)request->messages);
    if (!begun.n)
        return messages;
    json_array_append_new(
        messages, json_pack("{s:s, s:s%}", "role", "assistant", "content", begun.at, begun.n));
    if (endpoint->member->abilities & ABLE_PREFILL) {
        json_object_set_new(body, "continue_final_message", json_true());
        json_object_set_new(body, "add_generation_prompt", json_false());
    } else
        json_array_append_new(
            messages,
            json_pack("{s:s, s:s}", "role", "user", "content",
                      "Your answer was interrupted. Go on with it exactly where it stops: write "
                      "only what follows, in the same language, without repeating anything and "
                      "without a remark of your own."));
    return messages;
}

static int token_estimate(struct view text) {
    size_t ascii = 0;
    for (size_t i = 0; i < text.n; i++)
        ascii += (unsigned char)text.at[i] < 0x80;
    return (int)(ascii / 4 + (text.n - ascii) / 3);
}

json_t *remote_body(const struct endpoint *endpoint, const struct chat_request *request,
                    struct view begun, struct fault *fault) {
    if (!request->messages && (request->prompt_tokens || request->echo || begun.n)) {
        fault_set(fault, FAULT_INPUT,
                  "a member far away reads no tokens, and goes on with no text of others");
        return NULL;
    }
    json_t *body = request->body ? json_copy((json_t *)(uintptr_t)request->body)
                                 : made_body(endpoint, request);
    const char *limit = endpoint->newer_limit ? "max_completion_tokens" : "max_tokens";
    int most = request->max_tokens ? request->max_tokens : CHAT_TOKENS;
    most -= token_estimate(begun);
    json_object_del(body, "max_tokens");
    json_object_del(body, "max_completion_tokens");
    json_object_set_new(body, limit, json_integer(most > 1 ? most : 1));
    set_text(body, "model", endpoint->member->model);
    json_object_set_new(body, "stream", json_true());
    json_object_del(body, "stream_options");
    json_object_del(body, "user"); /* who asks is nobody's concern out there */
    json_object_del(body, "safety_identifier");
    if (endpoint->member->abilities & ABLE_USAGE && !endpoint->no_usage)
        json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    if (request->messages)
        json_object_set_new(body, "messages", messages_of(endpoint, request, begun, body));
    else
        json_object_set_new(
            body, "prompt",
            json_stringn(request->prompt.at ? request->prompt.at : "", request->prompt.n));
    if (request->suffix.n)
        json_object_set_new(body, "suffix", json_stringn(request->suffix.at, request->suffix.n));
    return body;
}

void remote_bound(const struct chat_request *request, struct view begun, int64_t *n_prompt,
                  int64_t *n_generated) {
    struct buffer text = {0};
    buffer_json(&text, request->messages ? request->messages : json_null());
    if (request->tools)
        buffer_json(&text, request->tools);
    if (request->schema)
        buffer_json(&text, request->schema);
    *n_prompt = (int64_t)(text.n + request->prompt.n + request->suffix.n + begun.n) + 64;
    buffer_free(&text);
    *n_generated = request->max_tokens > 0 ? request->max_tokens : CHAT_TOKENS;
    *n_generated *= request->n_choice > 1 ? request->n_choice : 1;
}
