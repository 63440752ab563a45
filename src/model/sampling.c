/* Sampling. It must cost far less than the network also where there are 260,000 tokens, so nothing
 * is sorted but what may be chosen: candidates under a bound that follows from the filters are
 * never gathered, and a heap gives the others in order for as long as the filters want more. The
 * loops over the whole vocabulary take four logits at a time. */
#include "model/sampling.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct sampling sampling_default = {
    .temperature = 0.7F, .top_k = 0, .top_p = 0.95F, .min_p = 0.05F, .repetition_penalty = 1.0F};
const struct sampling sampling_greedy = {
    .temperature = 0.0F, .top_k = 0, .top_p = 1.0F, .min_p = 0.0F, .repetition_penalty = 1.0F};

uint64_t sampling_seed(uint64_t seed, int choice) {
    if (choice == 0)
        return seed;
    int64_t salt = choice;
    return hash64((struct view){(const char *)&salt, sizeof salt}, seed);
}

/* ---------------------------------------------------------------------- four numbers at a time */

typedef float four __attribute__((vector_size(16)));
typedef int32_t four_bits __attribute__((vector_size(16)));

enum { BLOCK = 256 }; /* summed in single precision */

static inline four load_four(const float *at) {
    four value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline four select_four(four_bits mask, four yes, four no) {
    return (four)((mask & (four_bits)yes) | (~mask & (four_bits)no));
}

/* exp(x) for x ≤ 0, 0 for anything else: 2^n · 2^f, where n is the nearest whole number to
 * x / log 2 and 2^f the first terms of its series. Within 3e-7 of it where it weighs anything. */
static inline four exp_four(four x) {
    four_bits inside = (x <= 0.0F) & (x >= -87.0F);
    const float shift = 12582912; /* 1.5 · 2^23: adding it rounds to a whole number */
    four t = (four)((four_bits)x & inside) * 1.44269504F;
    four shifted = t + shift;
    four f = t - (shifted - shift);
    four series = f * 1.54035304e-4F + 1.33335581e-3F;
    series = series * f + 9.61812911e-3F;
    series = series * f + 5.55041087e-2F;
    series = series * f + 2.40226507e-1F;
    series = series * f + 6.93147181e-1F;
    series = series * f + 1;
    four_bits exponent = (four_bits)shifted << 23;
    return (four)(((four_bits)series + exponent) & inside);
}

static float exp_one(float x) {
    four value = exp_four((four){x, x, x, x});
    return value[0];
}

static inline four higher(four best, four x) {
    return select_four((x > best) & (x < INFINITY), x, best);
}

/* The highest logit that is a number; −INFINITY when there is none. */
static float find_highest(const float *logits, int n) {
    four a = {-INFINITY, -INFINITY, -INFINITY, -INFINITY}, b = a, c = a, d = a;
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        a = higher(a, load_four(logits + i));
        b = higher(b, load_four(logits + i + 4));
        c = higher(c, load_four(logits + i + 8));
        d = higher(d, load_four(logits + i + 12));
    }
    a = higher(higher(a, b), higher(c, d));
    float best = fmaxf(fmaxf(a[0], a[1]), fmaxf(a[2], a[3]));
    for (; i < n; i++)
        if (logits[i] > best && logits[i] < INFINITY)
            best = logits[i];
    return best;
}

/* Σ exp((logit − highest) · scale) over at most BLOCK logits. */
static float sum_block(const float *logits, int n, float highest, float scale) {
    four a = {0}, b = a, c = a, d = a;
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        a += exp_four((load_four(logits + i) - highest) * scale);
        b += exp_four((load_four(logits + i + 4) - highest) * scale);
        c += exp_four((load_four(logits + i + 8) - highest) * scale);
        d += exp_four((load_four(logits + i + 12) - highest) * scale);
    }
    four together = (a + b) + (c + d);
    float sum = (together[0] + together[1]) + (together[2] + together[3]);
    for (; i < n; i++)
        sum += exp_one((logits[i] - highest) * scale);
    return sum;
}

static int block_at(int i, int n) {
    return n - i < BLOCK ? n - i : BLOCK;
}

static double sum_exp(const float *logits, int n, float highest, float scale) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK)
        total += (double)sum_block(logits + i, block_at(i, n), highest, scale);
    return total;
}

struct spread logits_spread(const float *logits, int n) {
    struct spread spread = {.highest = find_highest(logits, n)};
    if (spread.highest > -INFINITY)
        spread.total = sum_exp(logits, n, spread.highest, 1);
    return spread;
}

double log_probability(const struct spread *spread, float logit) {
    return (double)logit - (double)spread->highest - log(spread->total);
}

double logits_log_probability(const float *logits, int64_t n, int32_t token) {
    double most = (double)logits[0], sum = 0;
    for (int64_t i = 1; i < n; i++)
        most = (double)logits[i] > most ? (double)logits[i] : most;
    for (int64_t i = 0; i < n; i++)
        sum += exp((double)logits[i] - most);
    return (double)logits[token] - most - log(sum);
}

/* --------------------------------------------------------------------------------------- heaps */

/* Of equals the token with the lower number comes first. */
static inline bool comes_before(struct candidate a, struct candidate b) {
    return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/* Puts `one` at or below `at`, so that the first (or the last) of all is on top. */
static inline void sift(struct candidate *heap, int n, int at, struct candidate one,
                        bool first_on_top) {
    for (;;) {
        int child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && comes_before(heap[child + 1], heap[child]) == first_on_top)
            child++;
        if (comes_before(one, heap[child]) == first_on_top)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = one;
}

static void make_heap(struct candidate *heap, int n, bool first_on_top) {
    for (int at = n / 2; at-- > 0;)
        sift(heap, n, at, heap[at], first_on_top);
}

/* Whether any of sixteen logits is at least `least`. */
static inline bool any_reaches(const float *logits, float least) {
    four_bits any = (load_four(logits) >= least) | (load_four(logits + 4) >= least) |
                    (load_four(logits + 8) >= least) | (load_four(logits + 12) >= least);
    int64_t halves[2];
    memcpy(halves, &any, sizeof any);
    return (halves[0] | halves[1]) != 0;
}

/* Gathers the k that come first, in no order; returns how many there are. */
static int gather_first(const float *logits, int n, int k, struct candidate *heap) {
    int size = 0;
    for (int i = 0; i < n; i++) {
        float bar = size == k ? heap[0].logit : -FLT_MAX;
        while (i + 16 <= n && !any_reaches(logits + i, bar))
            i += 16;
        if (i >= n || !(logits[i] > -INFINITY && logits[i] < INFINITY))
            continue;
        struct candidate one = {logits[i], i};
        if (size < k) {
            heap[size++] = one;
            if (size == k)
                make_heap(heap, size, false);
        } else if (comes_before(one, heap[0])) {
            sift(heap, size, 0, one, false);
        }
    }
    return size;
}

/* Gathers those from `least` to `highest`, in the order of their numbers. */
static int gather_reaching(const float *logits, int n, float least, float highest,
                           struct candidate *out) {
    int size = 0;
    least = fmaxf(least, -FLT_MAX);
    for (int i = 0; i < n; i++) {
        while (i + 16 <= n && !any_reaches(logits + i, least))
            i += 16;
        if (i < n && logits[i] >= least && logits[i] <= highest)
            out[size++] = (struct candidate){logits[i], i};
    }
    return size;
}

int likeliest_tokens(const float *logits, int n_vocabulary, const struct spread *spread,
                     struct token_chance *out, int n) {
    struct candidate heap[GENERATION_ALTERNATIVES];
    MUST(n >= 0 && n <= GENERATION_ALTERNATIVES);
    if (n == 0)
        return 0;
    n = gather_first(logits, n_vocabulary, n, heap);
    make_heap(heap, n, false);
    for (int left = n; left > 0; left--) { /* the last comes off first */
        out[left - 1] =
            (struct token_chance){heap[0].token, (float)log_probability(spread, heap[0].logit)};
        sift(heap, left - 1, 0, heap[left - 1], false);
    }
    return n;
}

/* ------------------------------------------------------------------------- biases and penalties
 */

static bool penalises(const struct sampling *sampling) {
    return sampling->repetition_penalty > 0 && sampling->repetition_penalty != 1;
}

static bool counts_written(const struct sampling *sampling) {
    return sampling->presence_penalty != 0 || sampling->frequency_penalty != 0;
}

static bool touches(const struct sampling *sampling) {
    return sampling->n_bias || penalises(sampling) || counts_written(sampling);
}

/* Each recent token once, however often it came. */
static void penalise_recent(struct sampler *sampler, float *logits,
                            const struct history *history) {
    const struct sampling *sampling = &sampler->sampling;
    float penalty = sampling->repetition_penalty;
    size_t window = sampling->repetition_window ? (size_t)sampling->repetition_window
                                                : (size_t)SAMPLING_WINDOW;
    size_t from = history->n > window ? history->n - window : 0;
    for (size_t i = from; i < history->n; i++) {
        int32_t token = history->at[i];
        if (token < 0 || token >= sampler->n_vocabulary || sampler->counts[token]++)
            continue;
        logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
    }
    for (size_t i = from; i < history->n; i++)
        if (history->at[i] >= 0 && history->at[i] < sampler->n_vocabulary)
            sampler->counts[history->at[i]] = 0;
}

static void penalise_written(struct sampler *sampler, float *logits,
                             const struct history *history) {
    const struct sampling *sampling = &sampler->sampling;
    for (size_t i = history->n_prompt; i < history->n; i++)
        sampler->counts[history->at[i]]++;
    for (size_t i = history->n_prompt; i < history->n; i++) {
        int32_t token = history->at[i];
        if (!sampler->counts[token])
            continue;
        logits[token] -= sampling->presence_penalty +
                         sampling->frequency_penalty * (float)sampler->counts[token];
        sampler->counts[token] = 0;
    }
}

static void touch(struct sampler *sampler, float *logits, const struct history *history) {
    const struct sampling *sampling = &sampler->sampling;
    memcpy(sampler->untouched, logits, (size_t)sampler->n_vocabulary * sizeof *logits);
    for (int i = 0; i < sampling->n_bias; i++)
        logits[sampling->biases[i].token] += sampling->biases[i].bias;
    if (penalises(sampling))
        penalise_recent(sampler, logits, history);
    if (counts_written(sampling))
        penalise_written(sampler, logits, history);
}

float sampler_own_logit(const struct sampler *sampler, const float *logits, int32_t token) {
    return touches(&sampler->sampling) ? sampler->untouched[token] : logits[token];
}

/* ------------------------------------------------------------------------------------ choosing */

static void swap(struct candidate *candidates, int a, int b) {
    struct candidate one = candidates[a];
    candidates[a] = candidates[b];
    candidates[b] = one;
}

/* Puts what comes before one of the candidates to its left; returns where it now is. */
static int divide(struct candidate *candidates, int from, int to) {
    int a = from, b = from + (to - from) / 2, c = to - 1;
    if (comes_before(candidates[b], candidates[a]))
        swap(candidates, a, b);
    if (comes_before(candidates[c], candidates[b]))
        swap(candidates, b, c);
    if (comes_before(candidates[b], candidates[a]))
        swap(candidates, a, b);
    swap(candidates, b, c); /* the middle one of three */
    int place = from;
    for (int i = from; i < c; i++)
        if (comes_before(candidates[i], candidates[c]))
            swap(candidates, i, place++);
    swap(candidates, place, c);
    return place;
}

/* Moves to the front the fewest candidates that together reach the weight that is wanted; returns
 * how many. As in Hoare's selection only the half with the border is looked at again. */
static int take_top_p(struct candidate *candidates, int n, float highest, double wanted) {
    int from = 0, to = n; /* those before `from` are taken, those after `to` are not */
    double sum = 0;
    wanted = fmax(wanted, DBL_MIN); /* one at least */
    while (from < to) {
        int place = divide(candidates, from, to);
        double before = 0;
        for (int i = from; i < place; i++)
            before += (double)exp_one(candidates[i].logit - highest);
        if (sum + before >= wanted) {
            to = place;
            continue;
        }
        sum += before + (double)exp_one(candidates[place].logit - highest);
        from = place + 1;
        if (sum >= wanted)
            break;
    }
    return from;
}

/* Gathers what top-k, top-p and min-p leave; returns how many. */
static int filter(struct sampler *sampler, const float *logits, const struct spread *spread) {
    const struct sampling *sampling = &sampler->sampling;
    struct candidate *candidates = sampler->candidates;
    int n = sampler->n_vocabulary, n_left;
    float highest = spread->highest;
    float least = -INFINITY;
    double total = spread->total;
    if (sampling->min_p > 0)
        least = highest + logf(fminf(sampling->min_p, 1));
    if (sampling->top_k > 0 && sampling->top_k < n) {
        n_left = gather_first(logits, n, sampling->top_k, candidates);
        total = 0;
        int kept = 0;
        for (int i = 0; i < n_left; i++) {
            total += (double)exp_one(candidates[i].logit - highest);
            if (candidates[i].logit >= least)
                candidates[kept++] = candidates[i];
        }
        n_left = kept;
    } else {
        /* Tokens under (1 - top_p) / n together weigh less than top-p cuts off: none stays. */
        if (sampling->top_p < 1) {
            double share = (1 - (double)fmaxf(sampling->top_p, 0)) / n;
            least = fmaxf(least, highest + (float)log(share * total) - 1e-3F);
        }
        n_left = gather_reaching(logits, n, fminf(least, highest), highest, candidates);
    }
    if (sampling->top_p >= 1)
        return n_left;
    return take_top_p(candidates, n_left, highest, (double)sampling->top_p * total);
}

/* One of the candidates, with the weight that its logit gives it. */
static int32_t draw(struct sampler *sampler, int n, float highest) {
    const struct candidate *candidates = sampler->candidates;
    double scale = 1 / (double)sampler->sampling.temperature, total = 0;
    for (int i = 0; i < n; i++)
        total += exp(((double)candidates[i].logit - (double)highest) * scale);
    double dice = random_unit(&sampler->random) * total;
    for (int i = 0; i < n; i++) {
        dice -= exp(((double)candidates[i].logit - (double)highest) * scale);
        if (dice < 0)
            return candidates[i].token;
    }
    return candidates[n - 1].token;
}

/* One of all tokens: the block first, then the token in it. */
static int32_t draw_any(struct sampler *sampler, const float *logits, float highest) {
    int n = sampler->n_vocabulary, chosen = 0;
    float scale = fminf(1 / sampler->sampling.temperature, 1e30F);
    double dice = random_unit(&sampler->random) * sum_exp(logits, n, highest, scale);
    for (int i = 0; i < n; i += BLOCK) {
        double sum = (double)sum_block(logits + i, block_at(i, n), highest, scale);
        if (sum <= 0)
            continue;
        chosen = i;
        if (dice < sum)
            break;
        dice -= sum;
    }
    int32_t last = -1; /* of those with a weight: gets what rounding left over */
    for (int i = chosen; i < chosen + block_at(chosen, n); i++) {
        float weight = exp_one((logits[i] - highest) * scale);
        if (weight <= 0)
            continue;
        last = i;
        dice -= (double)weight;
        if (dice < 0)
            break;
    }
    return last;
}

int32_t sampler_pick(struct sampler *sampler, float *logits, const struct spread *known,
                     const struct history *history) {
    const struct sampling *sampling = &sampler->sampling;
    int n = sampler->n_vocabulary;
    struct spread spread = {.total = 1}; /* until somebody asks */
    if (touches(sampling)) {
        touch(sampler, logits, history);
        known = NULL;
    }
    if (known)
        spread = *known;
    else
        spread.highest = find_highest(logits, n);
    if (spread.highest == -INFINITY)
        return -1;
    if (sampling->temperature <= 0)
        for (int i = 0;; i++) /* of equals the first */
            if (logits[i] == spread.highest)
                return i;
    bool all = sampling->top_k <= 0 || sampling->top_k >= n;
    if (all && sampling->top_p >= 1 && sampling->min_p <= 0)
        return draw_any(sampler, logits, spread.highest);
    if (!known && all && sampling->top_p < 1)
        spread.total = sum_exp(logits, n, spread.highest, 1);
    return draw(sampler, filter(sampler, logits, &spread), spread.highest);
}

/* --------------------------------------------------------------------------- opening and closing
 */

static bool check_sampling(const struct sampling *sampling, int n_vocabulary,
                           struct fault *fault) {
    const float numbers[] = {sampling->temperature,
                             sampling->top_p,
                             sampling->min_p,
                             sampling->repetition_penalty,
                             sampling->presence_penalty,
                             sampling->frequency_penalty};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (!isfinite(numbers[i]))
            return fault_set(fault, FAULT_INPUT,
                             "A number of the sampling is infinite or no number");
    if (sampling->n_bias < 0 || sampling->n_bias > SAMPLING_BIASES)
        return fault_set(fault, FAULT_LIMIT, "%d biases: there may be %d", sampling->n_bias,
                         SAMPLING_BIASES);
    for (int i = 0; i < sampling->n_bias; i++) {
        struct token_bias bias = sampling->biases[i];
        if (bias.token < 0 || bias.token >= n_vocabulary)
            return fault_set(fault, FAULT_INPUT,
                             "A bias is for token %d, which is not in the vocabulary of %d",
                             bias.token, n_vocabulary);
        if (!(bias.bias < INFINITY))
            return fault_set(fault, FAULT_INPUT,
                             "The bias of token %d must be a number, or minus infinity",
                             bias.token);
    }
    return true;
}

bool sampler_open(struct sampler *sampler, const struct sampling *sampling, int n_vocabulary,
                  struct fault *fault) {
    *sampler = (struct sampler){.sampling = *sampling, .n_vocabulary = n_vocabulary};
    sampler->sampling.biases = NULL;
    if (!check_sampling(sampling, n_vocabulary, fault))
        return false;
    size_t n = (size_t)n_vocabulary, n_bias = (size_t)sampling->n_bias;
    random_seed(&sampler->random, sampling->seed);
    sampler->candidates = try_alloc(n, sizeof *sampler->candidates, fault);
    if (!sampler->candidates)
        return false;
    if (touches(sampling)) {
        struct token_bias *biases = try_alloc(n_bias + 1, sizeof *biases, fault);
        sampler->sampling.biases = biases;
        sampler->untouched = try_alloc(n, sizeof *sampler->untouched, fault);
        sampler->counts = try_alloc(n, sizeof *sampler->counts, fault);
        if (!biases || !sampler->untouched || !sampler->counts)
            return false;
        if (n_bias)
            memcpy(biases, sampling->biases, n_bias * sizeof *biases);
    }
    return true;
}

void sampler_close(struct sampler *sampler) {
    free(sampler->candidates);
    free(sampler->untouched);
    free(sampler->counts);
    free((void *)(uintptr_t)sampler->sampling.biases);
    *sampler = (struct sampler){0};
}
