/* Choices: several generations after one prefix. The first session computes the prefix; the others
 * find it in the cache, and all are stepped together by the scheduler. */
#include "model/session.h"

#include <pthread.h>
#include <stdlib.h>

struct one {
    struct session *session;
    const int32_t *prefix;
    size_t n;
    const struct generation *generation;
    struct buffer *out;
    struct generation_result *result;
    struct fault fault;
    pthread_t thread;
    bool started, good;
};

static void *generate(void *data) {
    struct one *one = data;
    one->good = session_generate(one->session, one->prefix, one->n, one->generation, one->out,
                                 one->result, &one->fault);
    return NULL;
}

/* A session for each but the first. */
static bool open_all(struct one *all, int n, struct session *session, struct fault *fault) {
    for (int i = 0; i < n; i++) {
        all[i].session = i ? session_open_like(session, fault) : session;
        if (!all[i].session)
            return false;
    }
    return true;
}

static bool run_all(struct one *all, int n, struct fault *fault) {
    const float *logits;
    size_t n_reused = 0;
    struct fault own = {0};
    const volatile bool *cancel = all[0].generation->cancel;
    if (n > 1 &&
        !session_feed(all[0].session, all[0].prefix, all[0].n, &logits, &n_reused, cancel, &own) &&
        !(cancel && *cancel)) { /* cancelled: every choice tells so itself */
        if (fault && fault->kind == FAULT_NONE)
            *fault = own;
        return false;
    }
    for (int i = 1; i < n; i++)
        all[i].started = pthread_create(&all[i].thread, NULL, generate, &all[i]) == 0;
    generate(&all[0]);
    if (n > 1 && all[0].result)
        all[0].result->n_reused = (int)n_reused;
    for (int i = 1; i < n; i++) {
        if (all[i].started)
            pthread_join(all[i].thread, NULL);
        else
            generate(&all[i]); /* no more threads: one after the other */
    }
    for (int i = 0; i < n; i++)
        if (!all[i].good) {
            if (fault && fault->kind == FAULT_NONE)
                *fault = all[i].fault;
            return false;
        }
    return true;
}

bool session_generate_many(struct session *session, const int32_t *prefix, size_t n,
                           const struct generation *generations, int n_choice, struct buffer *outs,
                           struct generation_result *results, struct fault *fault) {
    if (n_choice < 1 || n_choice > GENERATION_CHOICES)
        return fault_set(fault, FAULT_LIMIT, "%d choices: there may be 1 to %d", n_choice,
                         GENERATION_CHOICES);
    struct one *all = try_alloc((size_t)n_choice, sizeof *all, fault);
    if (!all)
        return false;
    for (int i = 0; i < n_choice; i++)
        all[i] = (struct one){.prefix = prefix,
                              .n = n,
                              .generation = &generations[i],
                              .out = outs ? &outs[i] : NULL,
                              .result = results ? &results[i] : NULL};
    bool good = open_all(all, n_choice, session, fault) && run_all(all, n_choice, fault);
    for (int i = 1; i < n_choice; i++)
        session_close(all[i].session);
    free(all);
    return good;
}
