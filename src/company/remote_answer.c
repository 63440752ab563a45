/* The answer of a member far away: the chunks of a stream, or one whole object. */
#include "company/remote.h"

#include <string.h>

static bool no_answer(struct fault *fault) {
    return fault_set(fault, FAULT_INPUT, "it sent no answer of the form of chat/completions");
}

static struct view text_of(const json_t *object, const char *key) {
    const json_t *text = json_object_get(object, key);
    return (struct view){json_string_value(text), json_string_length(text)};
}

static bool tell_text(struct answer *answer, int choice, struct view text) {
    const struct chat_listener *to = answer->listener;
    if (!text.n)
        return true;
    answer->heard = answer->progressed = true;
    answer->n_piece++;
    answer->stopped |= to->text && !to->text(to->data, choice, text);
    return !answer->stopped;
}

/* What a token is stands in `bytes`: in `token` a part of a character is made readable. */
static struct chat_token token_of(const json_t *given, struct buffer *out) {
    const json_t *bytes = json_object_get(given, "bytes"), *byte;
    size_t from = out->n, i;
    json_array_foreach(bytes, i, byte) buffer_byte(out, (char)json_integer_value(byte));
    if (out->n == from)
        buffer_append(out, text_of(given, "token"));
    return (struct chat_token){.text = {NULL, out->n - from},
                               .log_probability = (float)json_number(given, "logprob", 0)};
}

static void tell_token(struct answer *answer, int choice, const json_t *given) {
    const struct chat_listener *to = answer->listener;
    const json_t *top = json_object_get(given, "top_logprobs"), *one;
    struct chat_token all[GENERATION_ALTERNATIVES + 1] = {0};
    struct buffer bytes = {0};
    size_t n = 1, i;
    all[0] = token_of(given, &bytes);
    json_array_foreach(top, i, one) if (n < COUNT_OF(all)) all[n++] = token_of(one, &bytes);
    const char *at = bytes.at ? bytes.at : "";
    for (i = 0; i < n; at += all[i++].text.n)
        all[i].text.at = at;
    all[0].alternatives = all + 1;
    all[0].n_alternative = (int)n - 1;
    if (to->token && json_is_object(given))
        to->token(to->data, choice, &all[0]);
    buffer_free(&bytes);
}

/* Some servers number the calls, some send each whole and without a number. */
static bool tell_call(struct answer *answer, int choice, const json_t *given, size_t place) {
    const struct chat_listener *to = answer->listener;
    const json_t *function = json_object_get(given, "function"),
                 *index = json_object_get(given, "index");
    json_int_t number = json_is_integer(index) ? json_integer_value(index) : (json_int_t)place;
    struct view arguments = text_of(function, "arguments");
    if (number < 0 || number >= CHAT_CALLS || number > answer->n_call[choice])
        return false;
    answer->heard = answer->progressed = true;
    answer->n_piece++;
    if (number == answer->n_call[choice]) {
        const char *name = json_text(function, "name", NULL), *id = json_text(given, "id", "");
        if (!name)
            return false;
        answer->n_call[choice]++;
        answer->stopped |= to->call && !to->call(to->data, choice, (int)number, id, name);
    }
    if (arguments.n && !answer->stopped)
        answer->stopped |=
            to->arguments && !to->arguments(to->data, choice, (int)number, arguments);
    return true;
}

static bool note_end(struct answer *answer, int choice, const json_t *reason,
                     struct fault *fault) {
    static const struct {
        const char *name;
        enum chat_end end;
    } reasons[] = {{"stop", CHAT_STOP},
                   {"length", CHAT_LENGTH},
                   {"tool_calls", CHAT_CALLED},
                   {"function_call", CHAT_CALLED},
                   {"content_filter", CHAT_FILTERED},
                   {"eos", CHAT_STOP}};
    if (!reason || json_is_null(reason))
        return true;
    if (!json_is_string(reason))
        return no_answer(fault);
    answer->finished = answer->progressed = true;
    answer->chat->ends[choice] = CHAT_STOP;
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (!strcmp(json_string_value(reason), reasons[i].name))
            answer->chat->ends[choice] = reasons[i].end;
    return true;
}

static bool take_choice(struct answer *answer, const json_t *given, struct fault *fault) {
    const json_t *delta = json_object_get(given, "delta"), *one;
    delta = delta ? delta : json_object_get(given, "message");
    const json_t *text = json_object_get(delta ? delta : given, delta ? "content" : "text");
    json_int_t choice = (json_int_t)json_number(given, "index", 0);
    size_t i;
    if (!json_is_object(given) || choice < 0 || choice >= CHAT_CHOICES ||
        (delta && !json_is_object(delta)) ||
        (text && !json_is_null(text) && !json_is_string(text)))
        return no_answer(fault);
    json_array_foreach(json_object_get(json_object_get(given, "logprobs"), "content"), i, one)
        tell_token(answer, (int)choice, one);
    if (text_of(delta, "reasoning_content").n || text_of(delta, "reasoning").n)
        answer->progressed = true; /* it thinks, which is not said */
    struct view words = {json_string_value(text), json_string_length(text)};
    if (!tell_text(answer, (int)choice, words))
        return true;
    json_array_foreach(json_object_get(delta, "tool_calls"), i,
                       one) if (!tell_call(answer, (int)choice, one, i)) return no_answer(fault);
    answer->enough |= answer->most_tokens && answer->n_piece >= answer->most_tokens;
    return note_end(answer, (int)choice, json_object_get(given, "finish_reason"), fault);
}

static void take_usage(struct answer *answer, const json_t *usage) {
    double n_prompt = json_number(usage, "prompt_tokens", -1),
           n_generated = json_number(usage, "completion_tokens", 0);
    if (n_prompt < 0 || n_prompt > 1e9 || n_generated < 0 || n_generated > 1e9)
        return;
    answer->counted = true;
    answer->chat->n_prompt = (int)n_prompt;
    answer->chat->n_generated = (int)n_generated;
    const json_t *prompt = json_object_get(usage, "prompt_tokens_details"),
                 *generated = json_object_get(usage, "completion_tokens_details");
    answer->chat->n_reused = (int)json_number(prompt, "cached_tokens", 0);
    answer->chat->n_thought = (int)json_number(generated, "reasoning_tokens", 0);
}

static bool take_error(struct answer *answer, const json_t *error, struct fault *fault) {
    const char *text =
        json_is_string(error) ? json_string_value(error) : json_text(error, "message", "");
    answer->has_error = true;
    snprintf(answer->error, sizeof answer->error, "%s", text);
    snprintf(answer->chat->code, sizeof answer->chat->code, "%s", json_text(error, "code", ""));
    snprintf(answer->chat->param, sizeof answer->chat->param, "%s", json_text(error, "param", ""));
    return fault_set(fault, FAULT_MACHINE, "it told an error in the middle of its answer");
}

bool answer_take(struct answer *answer, struct view data, struct fault *fault) {
    if (view_is(view_trim(data), "[DONE]")) {
        answer->finished |= answer->heard;
        return true;
    }
    struct fault ignored = {0};
    json_t *chunk = json_parse(data, &ignored);
    const json_t *choices = json_object_get(chunk, "choices"), *one,
                 *error = json_object_get(chunk, "error");
    size_t i;
    bool good = json_is_object(chunk) || no_answer(fault);
    if (good && error && !json_is_null(error))
        good = take_error(answer, error, fault);
    else if (good && !json_is_array(choices))
        good = no_answer(fault);
    json_array_foreach(choices, i, one) if (good && !answer->stopped) good =
        take_choice(answer, one, fault);
    if (good && json_is_object(json_object_get(chunk, "usage")))
        take_usage(answer, json_object_get(chunk, "usage"));
    json_decref(chunk);
    return good;
}
