/* Sampling. Sorting a whole vocabulary for each token would cost as much as a layer, so candidates
 * that no filter could keep are dropped before they are sorted; the choice is the same. */
#include "model/sampling.h"

#include <math.h>
#include <stdlib.h>

const struct sampling sampling_default = {
    .temperature = 0.7F, .top_k = 0, .top_p = 0.95F, .min_p = 0.05F, .repetition_penalty = 1.0F};
const struct sampling sampling_greedy = {
    .temperature = 0.0F, .top_k = 0, .top_p = 1.0F, .min_p = 0.0F, .repetition_penalty = 1.0F};

bool sampler_open(struct sampler *sampler, const struct sampling *sampling, int n_vocabulary,
                  struct fault *fault) {
    *sampler = (struct sampler){.sampling = *sampling, .n_vocabulary = n_vocabulary};
    sampler->candidates = try_alloc((size_t)n_vocabulary, sizeof *sampler->candidates, fault);
    sampler->untouched = try_alloc((size_t)n_vocabulary, sizeof *sampler->untouched, fault);
    random_seed(&sampler->random, sampling->seed);
    return sampler->candidates && sampler->untouched;
}

void sampler_close(struct sampler *sampler) {
    free(sampler->candidates);
    free(sampler->untouched);
    sampler->candidates = NULL;
    sampler->untouched = NULL;
}

void sampler_accept(struct sampler *sampler, int32_t token) {
    sampler->recent[sampler->n_recent++ % SAMPLING_RECENT] = token;
}

static void penalise(const struct sampler *sampler, float *logits) {
    float penalty = sampler->sampling.repetition_penalty;
    if (penalty == 1 || penalty <= 0)
        return;
    size_t n = sampler->n_recent < SAMPLING_RECENT ? sampler->n_recent : SAMPLING_RECENT;
    for (size_t i = 0; i < n; i++) {
        int32_t token = sampler->recent[i];
        bool seen = token < 0 || token >= sampler->n_vocabulary;
        for (size_t j = 0; j < i && !seen; j++) /* each token is penalised once */
            seen = sampler->recent[j] == token;
        if (!seen)
            logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
    }
}

static int32_t likeliest(const float *logits, int n) {
    int32_t best = -1;
    float highest = -INFINITY;
    for (int i = 0; i < n; i++)
        if (logits[i] > highest) {
            highest = logits[i];
            best = i;
        }
    return best;
}

static int by_logit_down(const void *a, const void *b) {
    const struct candidate *left = a, *right = b;
    if (left->logit != right->logit)
        return left->logit < right->logit ? 1 : -1;
    return left->token < right->token ? -1 : left->token > right->token;
}

/* The k-th highest logit, by a heap of the k highest seen, smallest on top. */
static float kth_highest(const float *logits, int n, int k, struct candidate *heap) {
    int size = 0;
    for (int i = 0; i < n; i++) {
        float logit = logits[i];
        if (!(logit > -INFINITY) || (size == k && logit <= heap[0].logit))
            continue;
        int at;
        if (size < k) {
            for (at = size++; at > 0 && heap[(at - 1) / 2].logit > logit; at = (at - 1) / 2)
                heap[at] = heap[(at - 1) / 2];
        } else {
            for (at = 0;;) {
                int child = 2 * at + 1;
                if (child + 1 < size && heap[child + 1].logit < heap[child].logit)
                    child++;
                if (child >= size || heap[child].logit >= logit)
                    break;
                heap[at] = heap[child];
                at = child;
            }
        }
        heap[at].logit = logit;
    }
    return size ? heap[0].logit : -INFINITY;
}

/* Gathers, in falling order, the candidates that top-k, top-p and min-p leave. */
static int filter(struct sampler *sampler, const float *logits, float highest) {
    const struct sampling *sampling = &sampler->sampling;
    struct candidate *candidates = sampler->candidates;
    int n = sampler->n_vocabulary, n_left = 0;
    float least = -INFINITY;
    if (sampling->top_k > 0 && sampling->top_k < n)
        least = kth_highest(logits, n, sampling->top_k, candidates);
    double total = 0;
    for (int i = 0; i < n; i++)
        if (logits[i] >= least && logits[i] > -INFINITY)
            total += (double)expf(logits[i] - highest);
    if (sampling->min_p > 0)
        least = fmaxf(least, highest + logf(fminf(sampling->min_p, 1)));
    /* Tokens under (1 - top_p) / n together weigh less than top-p cuts off: none of them stays. */
    if (sampling->top_p < 1) {
        double share = (1 - (double)fmaxf(sampling->top_p, 0)) / n;
        least = fmaxf(least, highest + (float)(log(share * total)) - 1e-3F);
        least = fminf(least, highest);
    }
    for (int i = 0; i < n; i++)
        if (logits[i] >= least && logits[i] > -INFINITY)
            candidates[n_left++] = (struct candidate){logits[i], i};
    qsort(candidates, (size_t)n_left, sizeof *candidates, by_logit_down);
    if (sampling->top_k > 0 && n_left > sampling->top_k)
        n_left = sampling->top_k; /* equals of the k-th */
    if (sampling->top_p >= 1)
        return n_left;
    double sum = 0;
    for (int i = 0; i < n_left; i++) {
        sum += (double)expf(candidates[i].logit - highest) / total;
        if (sum >= (double)sampling->top_p)
            return i + 1;
    }
    return n_left;
}

int32_t sampler_pick(struct sampler *sampler, float *logits) {
    for (int i = 0; i < sampler->n_vocabulary; i++)
        if (!(logits[i] < INFINITY)) /* NaN, or +inf that nothing can be weighed against */
            logits[i] = -INFINITY;
    penalise(sampler, logits);
    int32_t best = likeliest(logits, sampler->n_vocabulary);
    if (best < 0 || sampler->sampling.temperature <= 0)
        return best;
    float highest = logits[best];
    int n = filter(sampler, logits, highest);
    const struct candidate *candidates = sampler->candidates;
    double temperature = (double)sampler->sampling.temperature, total = 0;
    for (int i = 0; i < n; i++)
        total += exp(((double)candidates[i].logit - (double)highest) / temperature);
    double dice = random_unit(&sampler->random) * total;
    for (int i = 0; i < n; i++) {
        dice -= exp(((double)candidates[i].logit - (double)highest) / temperature);
        if (dice < 0)
            return candidates[i].token;
    }
    return candidates[n - 1].token;
}

double log_weight(const float *logits, int n_vocabulary) {
    float highest = -INFINITY;
    for (int i = 0; i < n_vocabulary; i++)
        highest = logits[i] > highest ? logits[i] : highest;
    double total = 0;
    for (int i = 0; i < n_vocabulary; i++)
        total += (double)expf(logits[i] - highest);
    return (double)highest + log(total);
}

double log_probability(const float *logits, int n_vocabulary, int32_t token) {
    return (double)logits[token] - log_weight(logits, n_vocabulary);
}
