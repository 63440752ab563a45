/* Choices: several generations after one prefix. */
#include "model/model.h"

bool session_generate_many(struct session *session, const int32_t *prefix, size_t n,
                           const struct generation *generations, int n_choice,
                           struct buffer *outs, struct generation_result *results,
                           struct fault *fault) {
    if (n_choice < 1 || n_choice > GENERATION_CHOICES)
        return fault_set(fault, FAULT_LIMIT, "%d choices: there may be 1 to %d", n_choice,
                         GENERATION_CHOICES);
    for (int i = 0; i < n_choice; i++)
        if (!session_generate(session, prefix, n, &generations[i], outs ? &outs[i] : NULL,
                              results ? &results[i] : NULL, fault))
            return false;
    return true;
}
