#include "company/weigh.h"

#include <stdlib.h>

bool weigh_text(struct weighing *w, const struct tokens *prompt, struct view text, size_t n_token,
                double *at) {
    const struct vocabulary *vocabulary = model_vocabulary(session_model(w->session));
    size_t n_vocabulary = (size_t)vocabulary_size(vocabulary);
    bool in_time = clock_seconds() <= w->deadline ||
                   fault_set(w->fault, FAULT_LIMIT, "the choice was given up: it took too long");
    struct tokens tokens = {0}, all = {0};
    bool good = in_time && vocabulary_encode(vocabulary, text, SPECIAL_AS_TEXT, &tokens, w->fault);
    size_t n = tokens.n < n_token ? tokens.n : n_token;
    float *logits = good ? try_alloc(n * n_vocabulary + 1, sizeof *logits, w->fault) : NULL;
    *at = 0;
    if (logits && n) {
        for (size_t i = 0; i < prompt->n; i++)
            tokens_append(&all, prompt->at[i]);
        for (size_t i = 0; i + 1 < n; i++)
            tokens_append(&all, tokens.at[i]);
        good = session_tail(w->session, all.at, all.n, n, logits, w->cancel, w->fault);
        w->n_pass++;
    }
    for (size_t i = 0; i < n && logits && good; i++)
        *at +=
            logits_log_probability(logits + i * n_vocabulary, (int64_t)n_vocabulary, tokens.at[i]);
    free(logits);
    tokens_free(&tokens);
    tokens_free(&all);
    return good && logits;
}
