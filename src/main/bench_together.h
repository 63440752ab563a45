/* What `lyceum bench` measures of many sessions, and of one at depth. */
#ifndef LYCEUM_MAIN_BENCH_TOGETHER_H
#define LYCEUM_MAIN_BENCH_TOGETHER_H

#include "model/model.h"

struct bench_subject { /* what is measured */
    struct model *model;
    const struct adapter *adapter; /* or NULL */
    float adapter_scale;
};

struct session *bench_session(const struct bench_subject *, int n_context, struct fault *);

struct together {
    int n_session, n_prefix; /* tokens that all begin with; each has an ending of its own */
    int n_generate, n_repeat;
};

/* Tokens a second of all sessions together, generating at the same time from a prefix that has
 * been read: the median of the repeats. */
bool bench_together(const struct bench_subject *, const struct together *,
                    double *tokens_per_second, struct fault *);
/* Seconds from the call to the first token, when n_prefix tokens are known and n_new are not. */
bool bench_first_token(const struct bench_subject *, int n_prefix, int n_new, int n_repeat,
                       double *seconds, struct fault *);

/* The longest time between two tokens of a text while another session reads n_prompt tokens. */
bool bench_halt(const struct bench_subject *, int n_prompt, double *seconds, struct fault *);

double bench_median(double *values, int n); /* sorts them */

#endif
