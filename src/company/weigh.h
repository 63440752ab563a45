/* weigh: how likely a member is to write a text that is given. Inside the room only. */
#ifndef LYCEUM_COMPANY_WEIGH_H
#define LYCEUM_COMPANY_WEIGH_H

#include "model/model.h"

struct weighing { /* of one thread */
    struct session *session;
    double deadline; /* of clock_seconds */
    const volatile bool *cancel;
    int n_pass; /* counted */
    struct fault *fault;
};

/* The natural logarithm of the probability of the text's first n_token tokens, at most
 * SESSION_TAIL, behind the prompt: one pass, since they are known. */
bool weigh_text(struct weighing *, const struct tokens *prompt, struct view text, size_t n_token,
                double *at);

#endif
