/* Sessions: what a caller wants, as tasks for the scheduler. */
#include "model/session.h"
#include "model/adapter.h"
#include "model/scheduler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_CONTEXT = 4096 };

static bool check_room(const struct model_shape *shape, size_t room, int n_context,
                       struct fault *fault) {
    if (n_context < 0 || n_context > shape->n_context)
        return fault_set(fault, FAULT_LIMIT,
                         "A session of %d positions: %s was trained for at most %d", n_context,
                         shape->name, shape->n_context);
    if ((size_t)n_context <= room)
        return true;
    fault_set(fault, FAULT_LIMIT,
              "A session of %d positions: the cache of %s may hold %zu at most", n_context,
              shape->name, room);
    return fault_remedy(fault, "Open a shorter session, or raise the limit of the cache");
}

struct session *session_open(struct model *model, int n_context, struct fault *fault) {
    const struct model_shape *shape = model_shape(model);
    if (model_embedding_size(model)) {
        fault_set(fault, FAULT_INPUT, "%s makes vectors of texts, it does not write", shape->name);
        fault_remedy(fault, "`lyceum embed` uses it");
        return NULL;
    }
    struct scheduler *scheduler = model_scheduler(model, fault);
    if (n_context == 0)
        n_context = shape->n_context < DEFAULT_CONTEXT ? shape->n_context : DEFAULT_CONTEXT;
    if (!scheduler || !check_room(shape, scheduler_room(scheduler), n_context, fault))
        return NULL;
    struct session *session = try_alloc(1, sizeof *session, fault);
    if (!session)
        return NULL;
    size_t n = (size_t)n_context, n_page = n / CACHE_PAGE + 1;
    *session = (struct session){.model = model,
                                .scheduler = scheduler,
                                .n_context = n_context,
                                .n_vocabulary = shape->n_vocabulary};
    session->tokens = try_alloc(n, sizeof *session->tokens, fault);
    session->logits = try_alloc((size_t)shape->n_vocabulary, sizeof *session->logits, fault);
    session->path.pages = try_alloc(n_page, sizeof *session->path.pages, fault);
    session->path.data = try_alloc(n_page, sizeof *session->path.data, fault);
    if (session->tokens && session->logits && session->path.pages && session->path.data)
        return session;
    session_close(session);
    return NULL;
}

void session_close(struct session *session) {
    if (!session)
        return;
    if (session->path.root)
        scheduler_leave(session->scheduler, session->path.root);
    free(session->tokens);
    free(session->logits);
    free(session->path.pages);
    free(session->path.data);
    free(session);
}

bool session_adapt(struct session *session, const struct adapter *adapter, float scale,
                   struct fault *fault) {
    if (adapter && adapter->model != session->model)
        return fault_set(fault, FAULT_INPUT, "The adapter was opened for another model than %s",
                         model_shape(session->model)->name);
    if (!isfinite(scale) || fabsf(scale) > 1e6F)
        return fault_set(fault, FAULT_INPUT, "%g is no scale of an adapter", (double)scale);
    struct page *root = NULL;
    char key[65] = "", text[128];
    if (scale == 0 || !adapter) {
        adapter = NULL;
        scale = 0;
    }
    if (adapter == session->adapter && scale == session->adapter_scale)
        return true;
    if (adapter) {
        snprintf(text, sizeof text, "%s × %a", adapter->hash, (double)scale);
        sha256_hex(view_of(text), key);
        if (!(root = scheduler_enter(session->scheduler, key, fault)))
            return false;
    }
    if (session->path.root)
        scheduler_leave(session->scheduler, session->path.root);
    session->path.root = root;
    session->adapter = adapter;
    session->adapter_scale = scale;
    memset(session->adapter_key, 0, sizeof session->adapter_key);
    if (adapter)
        memcpy(session->adapter_key, key, sizeof session->adapter_key);
    session->n = 0;
    session->logits_ready = false;
    return true;
}

struct session *session_open_like(const struct session *session, struct fault *fault) {
    struct session *new = session_open(session->model, session->n_context, fault);
    if (!new || session_adapt(new, session->adapter, session->adapter_scale, fault))
        return new;
    session_close(new);
    return NULL;
}

int session_context(const struct session *session) {
    return session->n_context;
}

struct model *session_model(const struct session *session) {
    return session->model;
}

const int32_t *session_tokens(const struct session *session, size_t *n) {
    *n = session->n;
    return session->tokens;
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

static bool holds(const struct session *session, const int32_t *tokens, size_t n) {
    return session->logits_ready && session->n == n &&
           !memcmp(session->tokens, tokens, n * sizeof *tokens);
}

bool session_run(struct session *session, struct task *task, struct fault *fault) {
    if (!check_tokens(session, task->tokens, task->n, fault))
        return false;
    task->session = session;
    task->fault = fault;
    session->logits_ready = false;
    scheduler_run(session->scheduler, task);
    return task->good;
}

static bool pass_on(struct fault *fault, const struct fault *own) {
    if (fault && fault->kind == FAULT_NONE)
        *fault = *own;
    return false;
}

bool session_feed(struct session *session, const int32_t *tokens, size_t n, const float **logits,
                  size_t *n_reused, const volatile bool *cancel, struct fault *fault) {
    struct fault own = {0};
    struct task task = {
        .tokens = tokens, .n = n, .n_wanted = 1, .n_most = n, .cancel = cancel, .n_reused = n};
    if (!holds(session, tokens, n)) {
        task.n_reused = 0;
        if (!session_run(session, &task, &own))
            return pass_on(fault, &own);
        session->logits_ready = true;
    }
    *logits = session->logits;
    if (n_reused)
        *n_reused = task.n_reused;
    return true;
}

bool session_tail(struct session *session, const int32_t *tokens, size_t n, size_t n_tail,
                  float *logits, const volatile bool *cancel, struct fault *fault) {
    MUST(n_tail > 0 && n_tail <= n && n_tail <= SESSION_TAIL);
    struct fault own = {0};
    struct task task = {.tokens = tokens,
                        .n = n,
                        .n_wanted = n_tail,
                        .n_most = n,
                        .tail = logits,
                        .cancel = cancel};
    return session_run(session, &task, &own) || pass_on(fault, &own);
}
bool session_logits(struct session *session, const int32_t *tokens, size_t n, float *logits,
                    struct fault *fault) {
    struct fault own = {0};
    struct task task = {.tokens = tokens, .n = n, .n_wanted = 1, .n_most = n, .every = logits};
    return session_run(session, &task, &own) || pass_on(fault, &own);
}
