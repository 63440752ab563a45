/* sampling: from logits to one token. */
#ifndef LYCEUM_MODEL_SAMPLING_H
#define LYCEUM_MODEL_SAMPLING_H

#include "model/model.h"

enum { SAMPLING_RECENT = 64 }; /* tokens that the repetition penalty looks back at */

struct candidate {
    float logit;
    int32_t token;
};

/* One stream of choices. One thread at a time. */
struct sampler {
    struct sampling sampling;
    struct random random;
    int32_t recent[SAMPLING_RECENT]; /* a ring */
    size_t n_recent;                 /* tokens ever taken */
    int n_vocabulary;
    struct candidate *candidates; /* n_vocabulary */
    float *untouched;             /* n_vocabulary: room for the model's own logits */
};

bool sampler_open(struct sampler *, const struct sampling *, int n_vocabulary, struct fault *);
void sampler_close(struct sampler *);
/* Chooses from n_vocabulary logits, which it may change. The repetition penalty (Keskar et al.
 * 2019, arXiv 1909.05858, section 4.1) comes first, then top-k, top-p (Holtzman et al. 2020, arXiv
 * 1904.09751), min-p (Nguyen et al. 2024, arXiv 2407.01082), and the temperature last, so that a
 * high one cannot bring back what was cut off. NaN counts as forbidden. -1: all are forbidden. */
int32_t sampler_pick(struct sampler *, float *logits);
/* Tells the sampler what stands in the text: the prompt's last tokens and what was picked. */
void sampler_accept(struct sampler *, int32_t token);
/* log Σ exp(logit): a logit less this is the log-probability of its token. */
double log_weight(const float *logits, int n_vocabulary);
/* log of the softmax's value at `token`. */
double log_probability(const float *logits, int n_vocabulary, int32_t token);

#endif
