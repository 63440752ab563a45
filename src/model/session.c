/* Sessions: which positions are already known, and the rest computed in pieces. */
#include "model/session.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_CONTEXT = 4096 };
/* Bytes that one session's cache may ask for. */
static const uint64_t cache_limit = (uint64_t)64 << 30;

struct session {
    struct model *model;
    struct pass pass;
    int n_context, n_vocabulary;
    int32_t *tokens; /* [n_context]; the first n are in the cache */
    size_t n;
    float *logits; /* [n_vocabulary], after the last token, when … */
    bool logits_ready;
};

struct session *session_open(struct model *model, int n_context, struct fault *fault) {
    const struct weights *weights = model_weights(model);
    const struct model_shape *shape = &weights->shape;
    if (n_context == 0)
        n_context = shape->n_context < DEFAULT_CONTEXT ? shape->n_context : DEFAULT_CONTEXT;
    if (n_context < 0 || n_context > shape->n_context) {
        fault_set(fault, FAULT_LIMIT, "A session of %d positions: %s was trained for at most %d",
                  n_context, shape->name, shape->n_context);
        return NULL;
    }
    struct cache_shape cache = {TENSOR_F16, shape->n_kv_head, shape->d_head};
    uint64_t n_byte = (uint64_t)shape->n_layer * (uint64_t)(n_context / CACHE_PAGE + 1) *
                      cache_part_bytes(&cache);
    if (n_byte > cache_limit) {
        fault_set(fault, FAULT_LIMIT, "A session of %d positions of %s would take %llu MB",
                  n_context, shape->name, (unsigned long long)(n_byte >> 20));
        return NULL;
    }
    struct session *session = must_alloc(1, sizeof *session);
    *session = (struct session){
        .model = model, .n_context = n_context, .n_vocabulary = shape->n_vocabulary};
    pass_open(&session->pass, weights, model_pool(model), n_context);
    session->tokens = must_alloc((size_t)n_context, sizeof *session->tokens);
    session->logits = must_alloc((size_t)shape->n_vocabulary, sizeof *session->logits);
    return session;
}

void session_close(struct session *session) {
    if (!session)
        return;
    pass_close(&session->pass);
    free(session->tokens);
    free(session->logits);
    free(session);
}

int session_context(const struct session *session) {
    return session->n_context;
}

struct model *session_model(const struct session *session) {
    return session->model;
}

static bool check_tokens(const struct session *session, const int32_t *tokens, size_t n,
                         struct fault *fault) {
    if (n == 0)
        return fault_set(fault, FAULT_INPUT,
                         "There are no tokens to feed: a text begins with at "
                         "least one");
    if (n > (size_t)session->n_context) {
        fault_set(fault, FAULT_LIMIT, "%zu tokens do not fit a session of %d positions", n,
                  session->n_context);
        return fault_remedy(fault, "Shorten the text, or open a longer session");
    }
    for (size_t i = 0; i < n; i++)
        if (tokens[i] < 0 || tokens[i] >= session->n_vocabulary)
            return fault_set(fault, FAULT_INPUT,
                             "Token %d at position %zu is not in the vocabulary of %d", tokens[i],
                             i, session->n_vocabulary);
    return true;
}

/* Computes the next piece of `tokens` after what the cache holds; returns its length. */
static int run_piece(struct session *session, const int32_t *tokens, size_t n) {
    size_t left = n - session->n;
    int piece = left < (size_t)session->pass.capacity ? (int)left : session->pass.capacity;
    memcpy(session->tokens + session->n, tokens + session->n, (size_t)piece * sizeof *tokens);
    pass_run(&session->pass, tokens + session->n, piece, (int64_t)session->n);
    session->n += (size_t)piece;
    return piece;
}

bool session_feed(struct session *session, const int32_t *tokens, size_t n, const float **logits,
                  size_t *n_reused, const volatile bool *cancel, struct fault *fault) {
    if (!check_tokens(session, tokens, n, fault))
        return false;
    size_t common = 0, most = n < session->n ? n : session->n;
    while (common < most && session->tokens[common] == tokens[common])
        common++;
    bool known = common == n && session->n == n && session->logits_ready;
    if (!known && common == n)
        common = n - 1; /* the last position again, for its logits */
    if (n_reused)
        *n_reused = common;
    *logits = session->logits;
    if (known)
        return true;
    session->n = common;
    session->logits_ready = false;
    int piece = 0;
    while (session->n < n) {
        if (cancel && *cancel)
            return fault_set(fault, FAULT_LIMIT, "Cancelled after %zu of %zu tokens", session->n,
                             n);
        piece = run_piece(session, tokens, n);
    }
    pass_logits(&session->pass, piece - 1, 1, session->logits);
    session->logits_ready = true;
    return true;
}

bool session_logits(struct session *session, const int32_t *tokens, size_t n, float *logits,
                    struct fault *fault) {
    if (!check_tokens(session, tokens, n, fault))
        return false;
    session->n = 0;
    session->logits_ready = false;
    while (session->n < n) {
        size_t first = session->n;
        int piece = run_piece(session, tokens, n);
        pass_logits(&session->pass, 0, piece, logits + first * (size_t)session->n_vocabulary);
    }
    return true;
}
