/* Answers of chat/completions and of completions, whole or as a stream of chunks. */
#include "web/v1.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct v1_choice {
    struct buffer text;      /* what a whole answer says */
    json_t *calls;           /* [{id, type, function: {name, arguments}}], of a whole answer */
    struct buffer arguments; /* of the last of them */
    json_t *logprobs;        /* told and not written yet: a list, or the lists of completions */
    size_t offset;           /* code points told, for text_offset */
    bool begun;
};

static const char *end_name(const struct v1_ask *ask, enum chat_end end) {
    static const char *const names[] = {[CHAT_STOP] = "stop",
                                        [CHAT_LENGTH] = "length",
                                        [CHAT_CALLED] = "tool_calls",
                                        [CHAT_FILTERED] = "content_filter",
                                        [CHAT_CANCELLED] = "stop"};
    return end == CHAT_CALLED && ask->functions ? "function_call" : names[end];
}

/* ------------------------------------------------------------------------------------- logprobs
 */

json_t *v1_text_json(struct view text) {
    struct buffer clean = {0};
    for (size_t i = 0, size; i < text.n; i += size) {
        int32_t code_point;
        size = utf8_decode(text.at + i, text.n - i, &code_point);
        if (code_point < 0)
            buffer_text(&clean, "\xEF\xBF\xBD");
        else
            buffer_append(&clean, view_slice(text, i, i + size));
    }
    json_t *string = json_stringn(clean.n ? clean.at : "", clean.n);
    buffer_free(&clean);
    return string;
}

static json_t *chance_json(float log_probability) { /* JSON has no infinity */
    double chance = (double)log_probability;
    return json_real(chance > -9999 ? chance : -9999);
}

static json_t *plain_token_json(const struct chat_token *token) {
    json_t *bytes = json_array(), *object = json_object();
    for (size_t i = 0; i < token->text.n; i++)
        json_array_append_new(bytes, json_integer((uint8_t)token->text.at[i]));
    json_object_set_new(object, "token", v1_text_json(token->text));
    json_object_set_new(object, "logprob", chance_json(token->log_probability));
    json_object_set_new(object, "bytes", bytes);
    return object;
}

json_t *v1_token_json(const struct chat_token *token) {
    json_t *object = plain_token_json(token), *others = json_array();
    for (int i = 0; i < token->n_alternative; i++)
        json_array_append_new(others, plain_token_json(&token->alternatives[i]));
    json_object_set_new(object, "top_logprobs", others);
    return object;
}

static void keep_chat_token(struct v1_choice *choice, const struct chat_token *token) {
    if (!choice->logprobs)
        choice->logprobs = json_array();
    json_array_append_new(choice->logprobs, v1_token_json(token));
}

static void keep_text_token(const struct v1_ask *ask, struct v1_choice *choice,
                            const struct chat_token *token) {
    if (!choice->logprobs)
        choice->logprobs =
            json_pack("{s:[], s:[], s:o, s:[]}", "tokens", "token_logprobs", "top_logprobs",
                      ask->chat.n_alternative ? json_array() : json_null(), "text_offset");
    json_t *all = choice->logprobs;
    json_array_append_new(json_object_get(all, "tokens"), v1_text_json(token->text));
    json_array_append_new(json_object_get(all, "token_logprobs"),
                          token->unknown ? json_null() : chance_json(token->log_probability));
    json_array_append_new(json_object_get(all, "text_offset"),
                          json_integer((json_int_t)choice->offset));
    choice->offset += utf8_length(token->text);
    if (!ask->chat.n_alternative)
        return;
    json_t *others = token->unknown ? json_null() : json_object();
    for (int i = 0; i < token->n_alternative; i++) {
        json_t *name = v1_text_json(token->alternatives[i].text);
        json_object_set_new(others, json_string_value(name),
                            chance_json(token->alternatives[i].log_probability));
        json_decref(name);
    }
    json_array_append_new(json_object_get(all, "top_logprobs"), others);
}

static json_t *take_logprobs(const struct v1_ask *ask, struct v1_choice *choice) {
    json_t *kept = choice->logprobs;
    choice->logprobs = NULL;
    if (!kept)
        return json_null();
    if (ask->kind == V1_CHAT)
        return json_pack("{s:o, s:n}", "content", kept, "refusal");
    return kept;
}

/* --------------------------------------------------------------------------------------- chunks
 */

static const char *model_of(const struct v1_writer *writer) {
    if (writer->result->model[0])
        return writer->result->model;
    return writer->ask->chat.model ? writer->ask->chat.model : "lyceum";
}

static json_t *head(const struct v1_writer *writer, const char *object, json_t *choices) {
    const struct v1_ask *ask = writer->ask;
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:o}", "id", ask->id, "object", object, "created",
                     (json_int_t)ask->created, "model", model_of(writer), "system_fingerprint",
                     "lyceum", "choices", choices);
}

static const char *object_of(const struct v1_writer *writer) {
    return writer->ask->kind == V1_TEXT ? "text_completion"
           : writer->pipe != NULL       ? "chat.completion.chunk"
                                        : "chat.completion";
}

/* Why it is not as asked stands in the head as well, where it is known by then. */
bool v1_put(struct v1_writer *writer, struct view piece) {
    const struct chat_result *result = writer->result;
    if (!writer->begun && result->because)
        pipe_head(writer->pipe, "Lyceum-Degraded", v1_because_name(result->because));
    writer->begun = true;
    return pipe_put(writer->pipe, piece);
}

static bool put_object(struct v1_writer *writer, json_t *object) {
    struct buffer line = {0};
    buffer_text(&line, "data: ");
    buffer_json(&line, object);
    buffer_text(&line, "\n\n");
    bool wanted = v1_put(writer, buffer_view(&line));
    buffer_free(&line);
    json_decref(object);
    return wanted;
}

static void set_because(const struct v1_writer *writer, json_t *object) {
    json_t *told = v1_because_json(&writer->total);
    if (told)
        json_object_set_new(object, "lyceum", told);
}

/* One choice of a chunk; takes the delta (of chat) or the text. */
static bool put_chunk(struct v1_writer *writer, int choice, json_t *delta, const char *end) {
    const struct v1_ask *ask = writer->ask;
    struct v1_choice *state = &writer->choices[choice];
    if (ask->kind == V1_CHAT && !state->begun)
        json_object_set_new(delta, "role", json_string("assistant"));
    state->begun = true;
    json_t *one =
        json_pack("{s:i, s:o, s:o, s:o}", "index", choice, ask->kind == V1_CHAT ? "delta" : "text",
                  delta, "logprobs", take_logprobs(ask, state), "finish_reason",
                  end ? json_string(end) : json_null());
    json_t *object = head(writer, object_of(writer), json_pack("[o]", one));
    if (ask->include_usage)
        json_object_set_new(object, "usage", json_null());
    if (end)
        set_because(writer, object);
    return put_object(writer, object);
}

/* ---------------------------------------------------------------------------------- the listener
 */

static bool still_wanted(const struct v1_writer *writer) {
    return writer->pipe || !line_hung_up(writer->fd);
}

static bool hear_text(void *data, int choice, struct view text) {
    struct v1_writer *writer = data;
    int at = writer->base + choice;
    struct v1_choice *state = &writer->choices[at];
    if (!writer->pipe) {
        buffer_append(&state->text, text);
        return still_wanted(writer);
    }
    if (text.n == 0)
        return true;
    json_t *words = v1_text_json(text);
    return put_chunk(writer, at,
                     writer->ask->kind == V1_CHAT ? json_pack("{s:o}", "content", words) : words,
                     NULL);
}

static void hear_token(void *data, int choice, const struct chat_token *token) {
    struct v1_writer *writer = data;
    struct v1_choice *state = &writer->choices[writer->base + choice];
    if (writer->ask->kind == V1_CHAT)
        keep_chat_token(state, token);
    else
        keep_text_token(writer->ask, state, token);
}

static void close_call(struct v1_choice *state) {
    json_t *last = json_array_get(state->calls, json_array_size(state->calls) - 1);
    if (last && state->arguments.at)
        json_object_set_new(json_object_get(last, "function"), "arguments",
                            v1_text_json(buffer_view(&state->arguments)));
    buffer_clear(&state->arguments);
}

static bool hear_call(void *data, int choice, int call, const char *id, const char *name) {
    struct v1_writer *writer = data;
    int at = writer->base + choice;
    struct v1_choice *state = &writer->choices[at];
    json_t *one = json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", id, "type", "function", "function",
                            "name", name, "arguments", "");
    if (writer->pipe && writer->ask->functions) {
        json_t *function = json_incref(json_object_get(one, "function"));
        json_decref(one);
        return put_chunk(writer, at, json_pack("{s:o}", "function_call", function), NULL);
    }
    if (writer->pipe) {
        json_object_set_new(one, "index", json_integer(call));
        return put_chunk(writer, at, json_pack("{s:[o]}", "tool_calls", one), NULL);
    }
    if (!state->calls)
        state->calls = json_array();
    close_call(state);
    json_array_append_new(state->calls, one);
    return still_wanted(writer);
}

static bool hear_arguments(void *data, int choice, int call, struct view piece) {
    struct v1_writer *writer = data;
    int at = writer->base + choice;
    if (!writer->pipe) {
        buffer_append(&writer->choices[at].arguments, piece);
        return still_wanted(writer);
    }
    if (writer->ask->functions)
        return put_chunk(writer, at,
                         json_pack("{s:{s:o}}", "function_call", "arguments", v1_text_json(piece)),
                         NULL);
    return put_chunk(writer, at,
                     json_pack("{s:[{s:i, s:{s:o}}]}", "tool_calls", "index", call, "function",
                               "arguments", v1_text_json(piece)),
                     NULL);
}

/* ------------------------------------------------------------------------- opening and the end */

void v1_writer_open(struct v1_writer *writer, const struct v1_ask *ask, struct chat_result *result,
                    struct pipe *pipe, int fd) {
    int n_prompt = ask->kind == V1_TEXT ? (int)json_array_size(ask->prompts) : 1;
    *writer = (struct v1_writer){.ask = ask,
                                 .result = result,
                                 .pipe = pipe,
                                 .fd = fd,
                                 .n_choice = n_prompt * ask->chat.n_choice};
    writer->form = ask->kind == V1_RESPONSE ? &v1_response_form : &v1_chat_form;
    writer->form->open(writer);
}

void v1_writer_close(struct v1_writer *writer) {
    writer->form->close(writer);
}

static void open_choices(struct v1_writer *writer) {
    writer->choices = must_alloc((size_t)writer->n_choice, sizeof *writer->choices);
    writer->ends = must_alloc((size_t)writer->n_choice, sizeof *writer->ends);
}

static void close_choices(struct v1_writer *writer) {
    for (int i = 0; i < writer->n_choice; i++) {
        struct v1_choice *choice = &writer->choices[i];
        buffer_free(&choice->text);
        buffer_free(&choice->arguments);
        json_decref(choice->calls);
        json_decref(choice->logprobs);
    }
    free(writer->choices);
    free(writer->ends);
}

static void answered(struct v1_writer *writer) {
    struct chat_result *total = &writer->total;
    for (int i = 0; i < writer->ask->chat.n_choice; i++) {
        int at = writer->base + i;
        writer->ends[at] = writer->result->ends[i];
        if (writer->pipe)
            put_chunk(writer, at, writer->ask->kind == V1_CHAT ? json_object() : json_string(""),
                      end_name(writer->ask, writer->ends[at]));
    }
    total->n_prompt += writer->result->n_prompt;
    total->n_reused += writer->result->n_reused;
    total->n_generated += writer->result->n_generated;
    total->n_thought += writer->result->n_thought;
    writer->base += writer->ask->chat.n_choice;
}

static json_t *usage_json(const struct chat_result *total) {
    return json_pack("{s:i, s:i, s:i, s:{s:i, s:i}, s:{s:i, s:i, s:i, s:i}}", "prompt_tokens",
                     total->n_prompt, "completion_tokens", total->n_generated, "total_tokens",
                     total->n_prompt + total->n_generated, "prompt_tokens_details",
                     "cached_tokens", total->n_reused, "audio_tokens", 0,
                     "completion_tokens_details", "reasoning_tokens", total->n_thought,
                     "audio_tokens", 0, "accepted_prediction_tokens", 0,
                     "rejected_prediction_tokens", 0);
}

static json_t *choice_json(struct v1_writer *writer, int at) {
    struct v1_choice *choice = &writer->choices[at];
    json_t *logprobs = take_logprobs(writer->ask, choice);
    json_t *end = json_string(end_name(writer->ask, writer->ends[at]));
    json_t *text = v1_text_json(buffer_view(&choice->text));
    if (writer->ask->kind == V1_TEXT)
        return json_pack("{s:i, s:o, s:o, s:o}", "index", at, "text", text, "logprobs", logprobs,
                         "finish_reason", end);
    close_call(choice);
    json_t *message =
        json_pack("{s:s, s:o, s:n}", "role", "assistant", "content", text, "refusal");
    if (choice->calls) {
        if (writer->ask->functions)
            json_object_set(message, "function_call",
                            json_object_get(json_array_get(choice->calls, 0), "function"));
        else
            json_object_set(message, "tool_calls", choice->calls);
        if (choice->text.n == 0)
            json_object_set_new(message, "content", json_null());
    }
    return json_pack("{s:i, s:o, s:o, s:o}", "index", at, "message", message, "logprobs", logprobs,
                     "finish_reason", end);
}

static json_t *whole(struct v1_writer *writer) {
    json_t *choices = json_array();
    for (int i = 0; i < writer->n_choice; i++)
        json_array_append_new(choices, choice_json(writer, i));
    json_t *object = head(writer, object_of(writer), choices);
    json_object_set_new(object, "usage", usage_json(&writer->total));
    set_because(writer, object);
    return object;
}

static void end(struct v1_writer *writer) {
    if (writer->ask->include_usage) {
        json_t *object = head(writer, object_of(writer), json_array());
        json_object_set_new(object, "usage", usage_json(&writer->total));
        put_object(writer, object);
    }
    pipe_put(writer->pipe, VIEW("data: [DONE]\n\n"));
}

static void fail(struct v1_writer *writer, const struct v1_problem *problem) {
    put_object(writer, v1_problem_json(problem));
    pipe_put(writer->pipe, VIEW("data: [DONE]\n\n"));
}

const struct v1_form v1_chat_form = {
    .listener = {NULL, hear_text, hear_token, hear_call, hear_arguments},
    .open = open_choices,
    .close = close_choices,
    .answered = answered,
    .whole = whole,
    .end = end,
    .fail = fail,
};
