/* What programs send to /v1: any JSON is a request or a mistake that is told by its place; what is
 * a request becomes messages, and rules for calls. And calls in any pieces: the reader never gives
 * out more than it was given. */
#include "company/calls.h"
#include "company/prompt.h"
#include "web/v1.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void prepare(const struct v1_ask *ask) {
    struct chat_result result = {0};
    struct fault fault = {0};
    const struct chat_request *chat = &ask->chat;
    MUST(chat->n_choice >= 1 && chat->n_choice <= CHAT_CHOICES);
    MUST(chat->n_alternative >= 0 && chat->n_alternative <= GENERATION_ALTERNATIVES);
    MUST(chat->sampling.n_bias <= V1_BIASES);
    if (!calls_check(chat, &result, &fault)) {
        MUST(fault.kind != FAULT_NONE && result.param[0]);
        return;
    }
    for (int knows = 0; chat->messages && knows < 2; knows++) {
        fault_clear(&fault);
        json_t *conversation = prompt_conversation(chat, knows, &result, &fault);
        MUST((conversation != NULL) == (fault.kind == FAULT_NONE));
        json_decref(conversation);
    }
    if (!calls_wanted(chat))
        return;
    struct buffer gbnf = {0};
    json_t *schemas = json_object();
    calls_rules(chat, &gbnf, schemas);
    MUST(gbnf.n && json_object_size(schemas));
    buffer_free(&gbnf);
    json_decref(schemas);
}

static void read_all(struct view text) {
    struct fault fault = {0};
    json_t *body = json_parse(text, &fault);
    for (int kind = V1_CHAT; json_is_object(body) && kind <= V1_RESPONSE; kind++) {
        struct arena *arena = arena_new();
        struct v1_ask *ask = ARENA_NEW(arena, 1, struct v1_ask);
        struct v1_problem problem = {0};
        json_t *before = json_object_get(body, "before");
        bool good = v1_read((enum v1_kind)kind, body, json_is_array(before) ? before : NULL, arena,
                            ask, &problem);
        MUST(good == (problem.status == 0));
        if (good)
            prepare(ask);
        else
            json_decref(v1_problem_json(&problem));
        v1_ask_end(ask);
        arena_free(arena);
    }
    json_decref(body);
}

static size_t n_heard;

static bool hear_text(void *data, struct view text) {
    (void)data;
    n_heard += text.n;
    return true;
}

static bool hear_call(void *data, int call, struct view name) {
    (void)data, (void)call;
    n_heard += name.n;
    return true;
}

static bool hear_arguments(void *data, int call, struct view piece) {
    (void)data, (void)call;
    n_heard += piece.n;
    return true;
}

static void read_calls(const uint8_t *data, size_t n) {
    struct call_reader reader = {.may_be_bare = n && data[0] % 2};
    struct call_sink sink = {NULL, hear_text, hear_call, hear_arguments};
    n_heard = 0;
    for (size_t at = 0, size; at < n; at += size) {
        size = 1 + data[at] % 13;
        size = size < n - at ? size : n - at;
        MUST(call_reader_read(&reader, (struct view){(const char *)data + at, size}, &sink));
    }
    call_reader_end(&reader, &sink);
    MUST(n_heard <= n);
    call_reader_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    read_all((struct view){(const char *)data, n});
    read_calls(data, n);
    return 0;
}
