#include "company/echo.h"

/* The likeliest tokens, falling; k is small. */
static int find_likeliest(const float *logits, int n, int k, struct token_chance *out) {
    int found = 0;
    for (int i = 0; i < n; i++) {
        if (found == k && (k == 0 || logits[i] <= out[found - 1].log_probability))
            continue;
        int at = found < k ? found++ : k - 1;
        for (; at > 0 && out[at - 1].log_probability < logits[i]; at--)
            out[at] = out[at - 1];
        out[at] = (struct token_chance){i, logits[i]};
    }
    return found;
}

bool echo_chances(struct session *session, const int32_t *tokens, size_t n, int n_alternative,
                  const volatile bool *cancel, struct written_token *out, struct fault *fault) {
    int n_vocabulary = vocabulary_size(model_vocabulary(session_model(session)));
    for (size_t i = 0; i < n; i++) {
        const float *logits;
        out[i] = (struct written_token){.token = tokens[i]};
        if (i == 0)
            continue;
        if (!session_feed(session, tokens, i, &logits, NULL, cancel, fault))
            return false;
        double chance = logits_log_probability(logits, n_vocabulary, tokens[i]);
        double whole = (double)logits[tokens[i]] - chance;
        out[i].log_probability = (float)chance;
        out[i].n_alternative =
            find_likeliest(logits, n_vocabulary, n_alternative, out[i].alternatives);
        for (int k = 0; k < out[i].n_alternative; k++)
            out[i].alternatives[k].log_probability =
                (float)((double)out[i].alternatives[k].log_probability - whole);
    }
    return true;
}
