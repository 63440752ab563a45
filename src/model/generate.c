/* Generation: one writing, stepped on one session until it is over. */
#include "model/model.h"
#include "model/writing.h"

#include <stdlib.h>
#include <string.h>

/* Feeds what the writing wants and lets it take, until its end. False: something failed. */
static bool step_on(struct session *session, struct writing *writing,
                    const struct generation *generation, size_t *n_reused, float *copy,
                    struct fault *fault) {
    int n_vocabulary = vocabulary_size(model_vocabulary(session_model(session)));
    size_t *reused = n_reused; /* of the first step alone */
    bool goes_on = true;
    while (goes_on) {
        const struct tokens *tokens = writing_tokens(writing);
        const float *logits;
        if (generation->cancel && *generation->cancel)
            return true;
        if (!session_feed(session, tokens->at, tokens->n, &logits, reused, generation->cancel,
                          fault)) {
            if (!generation->cancel || !*generation->cancel)
                return false;
            fault_clear(fault);
            return true;
        }
        reused = NULL;
        memcpy(copy, logits, (size_t)n_vocabulary * sizeof *copy);
        goes_on = writing_take(writing, copy, fault);
        writing_say(writing);
    }
    return fault->kind == FAULT_NONE;
}

bool session_generate(struct session *session, const int32_t *prefix, size_t n,
                      const struct generation *generation, struct buffer *out,
                      struct generation_result *result, struct fault *fault) {
    struct fault own = {0}; /* whose kind tells an end from a failure */
    struct generation bounded = *generation;
    size_t room = (size_t)session_context(session) + 1;
    size_t n_reused = 0;
    bounded.no_guess = true; /* a feed gives one position's logits */
    if (n < room && (size_t)(bounded.max_tokens > 0 ? bounded.max_tokens : 0) > room - n)
        bounded.max_tokens = (int)(room - n); /* the last one need not be fed */
    const struct vocabulary *vocabulary = model_vocabulary(session_model(session));
    struct writing *writing = writing_open(vocabulary, prefix, n, &bounded, &own);
    float *copy =
        writing ? try_alloc((size_t)vocabulary_size(vocabulary), sizeof *copy, &own) : NULL;
    bool good = copy && step_on(session, writing, generation, &n_reused, copy, &own);
    free(copy);
    if (result)
        *result = (struct generation_result){.n_prompt = (int)n, .end = GENERATION_STOPPED};
    writing_close(writing, out, result);
    if (result)
        result->n_reused = (int)n_reused;
    if (!good && fault && fault->kind == FAULT_NONE)
        *fault = own;
    return good;
}
