/* weigh: how likely a member is to write texts that are given. Inside the room only. */
#ifndef LYCEUM_COMPANY_WEIGH_H
#define LYCEUM_COMPANY_WEIGH_H

#include "model/model.h"

struct weighing {
    struct session *session;
    double deadline;
    const volatile bool *cancel;
    int n_step; /* passes, counted */
    struct fault *fault;
};

/* As company_choose has it: texts that begin alike are computed together, token by token. */
bool weigh_texts(struct weighing *, const struct tokens *prompt, const struct view *texts,
                 size_t n, double *at);
/* The logarithm of the probability of the text's first n_token tokens, at most SESSION_TAIL,
 * behind the prompt: one pass, since they are known. */
bool weigh_text(struct weighing *, const struct tokens *prompt, struct view text, size_t n_token,
                double *at);

#endif
