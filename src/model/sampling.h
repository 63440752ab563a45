/* sampling: from logits to one token, inside the room. */
#ifndef LYCEUM_MODEL_SAMPLING_H
#define LYCEUM_MODEL_SAMPLING_H

#include "model/model.h"

/* The softmax in short: a token's log-probability is logit - highest - log(total). */
struct spread {
    float highest; /* −INFINITY: nothing can be chosen */
    double total;  /* Σ exp(logit − highest) */
};

/* NaN and +INFINITY count as forbidden here and everywhere below. */
struct spread logits_spread(const float *logits, int n_vocabulary);
double log_probability(const struct spread *, float logit);
/* The n likeliest tokens, falling; of equals the first. Returns how many there are. */
int likeliest_tokens(const float *logits, int n_vocabulary, const struct spread *,
                     struct token_chance *out, int n);

/* What stands in the text so far: the penalties look back at it. */
struct history {
    const int32_t *at;
    size_t n_prompt, n; /* at[n_prompt … n - 1] was written */
};

struct candidate {
    float logit;
    int32_t token;
};

/* One stream of choices. One thread at a time. */
struct sampler {
    struct sampling sampling; /* its biases copied */
    struct random random;
    int n_vocabulary;
    struct candidate *candidates; /* [n_vocabulary] */
    float *untouched;             /* [n_vocabulary], where biases or penalties change logits */
    uint32_t *counts;             /* [n_vocabulary], zeros between picks; where penalties are */
};

/* False with a fault when something is out of bounds or memory is short; close it all the same. */
bool sampler_open(struct sampler *, const struct sampling *, int n_vocabulary, struct fault *);
void sampler_close(struct sampler *);
/* Chooses from n_vocabulary logits, which it may change; `known` is their spread, or NULL. In
 * order: biases, penalties, top-k, top-p, min-p, and the temperature last, so that a high one
 * cannot bring back what was cut off. -1: all are forbidden. */
int32_t sampler_pick(struct sampler *, float *logits, const struct spread *known,
                     const struct history *);
/* The logit of the token that was picked, before biases and penalties. */
float sampler_own_logit(const struct sampler *, const float *logits, int32_t token);

#endif
