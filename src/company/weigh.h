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
/* The natural logarithm of how many times as likely the one is as the other, by the first eight
 * tokens of each: two passes, since all of their tokens are known. */
bool weigh_two(struct weighing *, const struct tokens *prompt, struct view one, struct view other,
               double *at);

#endif
