/* Answers of /v1/responses: a list of items, whole or as typed events. */
#include "web/v1.h"

#include <stdlib.h>
#include <string.h>

enum open_item { NO_ITEM, A_MESSAGE, A_CALL };

struct v1_response {
    json_t *output; /* items that are whole */
    enum open_item open;
    char item[48], call_id[64], name[80];
    struct buffer text;   /* of the open item: words, or arguments */
    json_t *logprobs;     /* of the whole message */
    json_t *new_logprobs; /* told, and not yet put into an event */
    int n_event;
    bool cut;
};

/* --------------------------------------------------------------------------------------- objects
 */

static json_t *given_or(const struct v1_writer *writer, const char *key, json_t *otherwise) {
    json_t *given = json_object_get(writer->ask->body, key);
    if (!given || json_is_null(given))
        return otherwise;
    json_decref(otherwise);
    return json_incref(given);
}

static json_t *usage_json(const struct chat_result *total) {
    return json_pack("{s:i, s:{s:i, s:i}, s:i, s:{s:i}, s:i}", "input_tokens", total->n_prompt,
                     "input_tokens_details", "cached_tokens", total->n_reused,
                     "cache_write_tokens", 0, "output_tokens", total->n_generated,
                     "output_tokens_details", "reasoning_tokens", total->n_thought, "total_tokens",
                     total->n_prompt + total->n_generated);
}

static json_t *response_json(const struct v1_writer *writer, const char *status) {
    const struct v1_ask *ask = writer->ask;
    const char *model = writer->result->model[0] ? writer->result->model : ask->chat.model;
    bool over = strcmp(status, "in_progress") != 0;
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:s, s:b, s:n, s:n, s:s, s:O, s:b, s:b}", "id", ask->id, "object",
        "response", "created_at", (json_int_t)ask->created, "status", status, "background", 0,
        "error", "incomplete_details", "model", model, "output", writer->response->output,
        "parallel_tool_calls", !ask->chat.one_call, "store", ask->store);
    static const char *const repeated[] = {"instructions", "max_output_tokens", "user",
                                           "max_tool_calls", "previous_response_id"};
    for (size_t i = 0; i < COUNT_OF(repeated); i++)
        json_object_set_new(object, repeated[i], given_or(writer, repeated[i], json_null()));
    json_object_set_new(object, "metadata", given_or(writer, "metadata", json_object()));
    json_object_set_new(object, "tools", given_or(writer, "tools", json_array()));
    json_object_set_new(object, "tool_choice",
                        given_or(writer, "tool_choice", json_string("auto")));
    json_object_set_new(
        object, "text",
        given_or(writer, "text", json_pack("{s:{s:s}}", "format", "type", "text")));
    json_object_set_new(
        object, "reasoning",
        given_or(writer, "reasoning", json_pack("{s:n, s:n}", "effort", "summary")));
    json_object_set_new(object, "temperature", json_real((double)ask->chat.sampling.temperature));
    json_object_set_new(object, "top_p", json_real((double)ask->chat.sampling.top_p));
    json_object_set_new(object, "top_logprobs", json_integer(ask->chat.n_alternative));
    json_object_set_new(object, "truncation", json_string("disabled"));
    json_object_set_new(object, "service_tier", json_string("default"));
    json_object_set_new(object, "usage", over ? usage_json(&writer->total) : json_null());
    json_t *because = over ? v1_because_json(&writer->total) : NULL;
    if (because)
        json_object_set_new(object, "lyceum", because);
    if (!strcmp(status, "incomplete"))
        json_object_set_new(object, "incomplete_details",
                            json_pack("{s:s}", "reason", "max_output_tokens"));
    return object;
}

static json_t *words_json(const struct v1_response *response) {
    return v1_text_json(buffer_view(&response->text));
}

static json_t *part_json(const struct v1_response *response) {
    return json_pack("{s:s, s:[], s:O, s:o}", "type", "output_text", "annotations", "logprobs",
                     response->logprobs, "text", words_json(response));
}

static json_t *item_json(const struct v1_response *response, bool whole, bool cut) {
    const char *status = !whole ? "in_progress" : cut ? "incomplete" : "completed";
    if (response->open == A_CALL)
        return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", response->item, "type",
                         "function_call", "status", status, "call_id", response->call_id, "name",
                         response->name, "arguments", words_json(response));
    json_t *content = json_array();
    if (whole)
        json_array_append_new(content, part_json(response));
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", response->item, "type", "message",
                     "status", status, "role", "assistant", "content", content);
}

/* ---------------------------------------------------------------------------------------- events
 */

/* Takes the event. */
static bool put(struct v1_writer *writer, const char *type, json_t *event) {
    struct buffer text = {0};
    bool wanted = true;
    json_object_set_new(event, "type", json_string(type));
    json_object_set_new(event, "sequence_number", json_integer(writer->response->n_event++));
    if (writer->pipe) {
        buffer_format(&text, "event: %s\ndata: ", type);
        buffer_json(&text, event);
        buffer_text(&text, "\n\n");
        wanted = v1_put(writer, buffer_view(&text));
    }
    buffer_free(&text);
    json_decref(event);
    return wanted;
}

/* An event of the open item. */
static json_t *event_of(const struct v1_writer *writer, bool content) {
    json_t *event = json_pack("{s:s, s:I}", "item_id", writer->response->item, "output_index",
                              (json_int_t)json_array_size(writer->response->output));
    if (content)
        json_object_set_new(event, "content_index", json_integer(0));
    return event;
}

static json_t *with(json_t *event, const char *key, json_t *value) {
    json_object_set_new(event, key, value);
    return event;
}

static void begin(struct v1_writer *writer) {
    if (writer->response->n_event || !writer->pipe)
        return;
    put(writer, "response.created",
        json_pack("{s:o}", "response", response_json(writer, "in_progress")));
    put(writer, "response.in_progress",
        json_pack("{s:o}", "response", response_json(writer, "in_progress")));
}

static void put_item(struct v1_writer *writer, const char *type, json_t *item) {
    put(writer, type,
        json_pack("{s:I, s:o}", "output_index",
                  (json_int_t)json_array_size(writer->response->output), "item", item));
}

static void close_item(struct v1_writer *writer, bool cut) {
    struct v1_response *response = writer->response;
    if (response->open == NO_ITEM)
        return;
    if (response->open == A_MESSAGE) {
        json_t *done = with(event_of(writer, true), "text", words_json(response));
        put(writer, "response.output_text.done",
            with(done, "logprobs", json_incref(response->logprobs)));
        put(writer, "response.content_part.done",
            with(event_of(writer, true), "part", part_json(response)));
    } else {
        json_t *done = with(event_of(writer, false), "arguments", words_json(response));
        put(writer, "response.function_call_arguments.done",
            with(done, "name", json_string(response->name)));
    }
    json_t *item = item_json(response, true, cut);
    put_item(writer, "response.output_item.done", json_incref(item));
    json_array_append_new(response->output, item);
    response->open = NO_ITEM;
    buffer_clear(&response->text);
}

static void open_item(struct v1_writer *writer, enum open_item kind) {
    struct v1_response *response = writer->response;
    begin(writer);
    close_item(writer, false);
    response->open = kind;
    v1_id(kind == A_CALL ? "fc_" : "msg_", response->item);
    if (kind == A_MESSAGE)
        json_array_clear(response->logprobs);
    put_item(writer, "response.output_item.added", item_json(response, false, false));
    if (kind == A_MESSAGE)
        put(writer, "response.content_part.added",
            with(event_of(writer, true), "part", part_json(response)));
}

/* ---------------------------------------------------------------------------------- the listener
 */

static bool hear_text(void *data, int choice, struct view text) {
    (void)choice;
    struct v1_writer *writer = data;
    struct v1_response *response = writer->response;
    if (response->open != A_MESSAGE) {
        open_item(writer, A_MESSAGE);
    }
    buffer_append(&response->text, text);
    json_array_extend(response->logprobs, response->new_logprobs);
    json_t *told = response->new_logprobs;
    response->new_logprobs = json_array();
    json_t *event = with(event_of(writer, true), "delta", v1_text_json(text));
    return put(writer, "response.output_text.delta", with(event, "logprobs", told)) &&
           (writer->pipe || !line_hung_up(writer->fd));
}

static void hear_token(void *data, int choice, const struct chat_token *token) {
    (void)choice;
    struct v1_writer *writer = data;
    json_array_append_new(writer->response->new_logprobs, v1_token_json(token));
}

static bool hear_call(void *data, int choice, int call, const char *id, const char *name) {
    (void)choice, (void)call;
    struct v1_writer *writer = data;
    struct v1_response *response = writer->response;
    close_item(writer, false);
    snprintf(response->call_id, sizeof response->call_id, "%s", id);
    snprintf(response->name, sizeof response->name, "%s", name);
    open_item(writer, A_CALL);
    return writer->pipe || !line_hung_up(writer->fd);
}

static bool hear_arguments(void *data, int choice, int call, struct view piece) {
    (void)choice, (void)call;
    struct v1_writer *writer = data;
    buffer_append(&writer->response->text, piece);
    return put(writer, "response.function_call_arguments.delta",
               with(event_of(writer, false), "delta", v1_text_json(piece))) &&
           (writer->pipe || !line_hung_up(writer->fd));
}

/* ------------------------------------------------------------------------------------- the form
 */

static void open_response(struct v1_writer *writer) {
    writer->response = must_alloc(1, sizeof *writer->response);
    writer->response->output = json_array();
    writer->response->logprobs = json_array();
    writer->response->new_logprobs = json_array();
}

static void close_response(struct v1_writer *writer) {
    struct v1_response *response = writer->response;
    json_decref(response->output);
    json_decref(response->logprobs);
    json_decref(response->new_logprobs);
    buffer_free(&response->text);
    free(response);
}

static void answered(struct v1_writer *writer) {
    struct v1_response *response = writer->response;
    response->cut = writer->result->ends[0] == CHAT_LENGTH;
    writer->total = *writer->result;
    begin(writer);
    if (json_array_size(response->output) == 0 && response->open == NO_ITEM)
        open_item(writer, A_MESSAGE); /* nothing was said */
    close_item(writer, response->cut);
}

static const char *status_of(const struct v1_writer *writer) {
    return writer->response->cut ? "incomplete" : "completed";
}

static json_t *whole(struct v1_writer *writer) {
    return response_json(writer, status_of(writer));
}

static void end(struct v1_writer *writer) {
    put(writer, writer->response->cut ? "response.incomplete" : "response.completed",
        json_pack("{s:o}", "response", response_json(writer, status_of(writer))));
}

static void fail(struct v1_writer *writer, const struct v1_problem *problem) {
    json_t *error =
        json_pack("{s:s, s:s}", "code", problem->code[0] ? problem->code : "server_error",
                  "message", problem->message);
    json_t *response = response_json(writer, "failed");
    json_object_set(response, "error", error);
    json_decref(error);
    put(writer, "response.failed", json_pack("{s:o}", "response", response));
}

const struct v1_form v1_response_form = {
    .listener = {NULL, hear_text, hear_token, hear_call, hear_arguments},
    .open = open_response,
    .close = close_response,
    .answered = answered,
    .whole = whole,
    .end = end,
    .fail = fail,
};
