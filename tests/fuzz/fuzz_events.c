/* What a member far away sends: any bytes, cut anywhere. The same is heard however they are cut.
 */
#include "company/events.h"
#include "company/remote.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct heard {
    struct answer answer;
    struct chat_result result;
    struct buffer text;
    struct fault fault;
};

static bool on_text(void *data, int choice, struct view text) {
    struct heard *heard = data;
    MUST(choice >= 0 && choice < CHAT_CHOICES && text.n);
    buffer_append(&heard->text, text);
    return true;
}

static void on_token(void *data, int choice, const struct chat_token *token) {
    (void)data;
    MUST(choice >= 0 && choice < CHAT_CHOICES && token->n_alternative >= 0 &&
         token->n_alternative <= GENERATION_ALTERNATIVES);
}

static bool on_call(void *data, int choice, int call, const char *id, const char *name) {
    (void)data;
    MUST(choice >= 0 && choice < CHAT_CHOICES && call >= 0 && call < CHAT_CALLS && id && name);
    return true;
}

static bool take(void *data, struct view event) {
    struct heard *heard = data;
    return answer_take(&heard->answer, event, &heard->fault);
}

static void hear(struct heard *heard, struct view bytes, size_t cut) {
    struct chat_listener listener = {
        .data = heard, .text = on_text, .token = on_token, .call = on_call};
    struct events events = {0};
    *heard = (struct heard){0};
    heard->answer =
        (struct answer){.listener = &listener, .most_tokens = 40, .chat = &heard->result};
    bool good = true;
    for (size_t at = 0; at < bytes.n && good; at += cut)
        good = events_feed(&events, view_slice(bytes, at, at + cut), take, heard, &heard->fault);
    MUST(good || heard->fault.kind != FAULT_NONE);
    MUST(heard->result.n_prompt >= 0 && heard->result.n_generated >= 0);
    events_free(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n < 1)
        return 0;
    struct view bytes = {(const char *)data + 1, n - 1};
    struct heard whole, pieces;
    struct fault ignored = {0};
    hear(&whole, bytes, n);
    hear(&pieces, bytes, (size_t)data[0] % 13 + 1);
    MUST(view_equal(buffer_view(&whole.text), buffer_view(&pieces.text)));
    MUST(whole.answer.finished == pieces.answer.finished);
    buffer_free(&whole.text);
    buffer_free(&pieces.text);
    struct answer one = {.listener = &(struct chat_listener){0},
                         .chat = &(struct chat_result){0}}; /* an answer that is no stream */
    answer_take(&one, bytes, &ignored);
    struct vectors vectors = {.n_text = 3};
    for (size_t i = 0; i < 2; i++)
        MUST(vectors_take(&vectors, bytes, i + 1, &ignored) || ignored.kind != FAULT_NONE);
    MUST(vectors.done <= vectors.n_text);
    free(vectors.values);
    return 0;
}
