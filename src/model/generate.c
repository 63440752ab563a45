/* Generation: one writing as a task for the scheduler. */
#include "model/scheduler.h"
#include "model/writing.h"

static void bound(struct generation *generation, const struct session *session, size_t n) {
    size_t room = (size_t)session->n_context + 1; /* the last token need not be fed */
    size_t wanted = (size_t)(generation->max_tokens > 0 ? generation->max_tokens : 0);
    if (n < room && wanted > room - n)
        generation->max_tokens = (int)(room - n);
}

static bool run(struct session *session, struct writing *writing,
                const struct generation *generation, size_t n, struct task *task,
                struct fault *fault) {
    size_t most = n + (size_t)(generation->max_tokens > 0 ? generation->max_tokens : 0);
    size_t room = (size_t)session->n_context;
    const struct tokens *tokens = writing_tokens(writing);
    *task = (struct task){.tokens = tokens->at,
                          .n = tokens->n,
                          .n_wanted = (size_t)writing_guesses(writing) + 1,
                          .n_most = most < room ? most : room,
                          .writing = writing,
                          .says = generation->say || generation->told,
                          .priority = generation->priority,
                          .cancel = generation->cancel,
                          .deadline = generation->deadline};
    return session_run(session, task, fault);
}

bool session_generate(struct session *session, const int32_t *prefix, size_t n,
                      const struct generation *generation, struct buffer *out,
                      struct generation_result *result, struct fault *fault) {
    struct fault own = {0}; /* whose kind tells an end from a failure */
    struct generation bounded = *generation;
    struct generation_result ignored;
    struct task task = {0};
    bound(&bounded, session, n);
    struct writing *writing =
        writing_open(model_vocabulary(session->model), prefix, n, &bounded, &own);
    bool good = writing && run(session, writing, &bounded, n, &task, &own);
    result = result ? result : &ignored;
    *result = (struct generation_result){.n_prompt = (int)n, .end = GENERATION_STOPPED};
    good = writing_close(writing, out, result, &own) && good;
    result->n_reused = (int)task.n_reused;
    if (task.cancelled)
        result->end = GENERATION_STOPPED;
    else if (!good && fault && fault->kind == FAULT_NONE)
        *fault = own;
    return good || task.cancelled;
}
