/* Attention in plain C: the reference of the fast kernels, to the bit. */
#include "tensor/attention_inside.h"

#include <math.h>
#include <string.h>

/* a · b + c rounded once. Without the instruction: the product is exact in double; their sum is
 * rounded to odd, which the second rounding, to float, cannot tell from the exact one (Boldo and
 * Melquiond, Emulation of FMA and correctly rounded sums, 2008). */
static inline float fused(float a, float b, float c) {
#ifdef FP_FAST_FMAF
    return fmaf(a, b, c);
#else
    double product = (double)a * b, sum = product + c, back = sum - product;
    double error = (product - (sum - back)) + (c - back);
    if (error > 0 || error < 0) {
        uint64_t bits;
        memcpy(&bits, &sum, sizeof bits);
        if (!(bits & 1))
            bits += (error > 0) == (sum > 0) ? 1 : (uint64_t)-1;
        memcpy(&sum, &bits, sizeof bits);
    }
    return (float)sum;
#endif
}

/* The one of attention_kernels.h. */
static float exponential(float x) {
    if (!(x >= -87))
        return 0;
    float k = rintf(x * 1.44269504F), r = fused(k, -0.693359375F, x);
    r = fused(k, 2.12194440e-4F, r);
    static const float series[] = {1 / 120.F, 1 / 24.F, 1 / 6.F, 0.5F, 1, 1};
    float y = 1 / 720.F;
    for (int i = 0; i < 6; i++)
        y = fused(y, r, series[i]);
    return ldexpf(y, (int)k);
}

static float number(enum tensor_type type, const uint8_t *at, int i) {
    if (type == TENSOR_F32)
        return ((const float *)(const void *)at)[i];
    return type == TENSOR_F16 ? float_from_f16(((const uint16_t *)(const void *)at)[i])
                              : (float)((const int8_t *)at)[i];
}

/* Of one key with one query whose values stand `step` apart. */
static float score(const struct cell *cell, const float *keys, int i, const float *q, int step) {
    int block = is_scaled(cell->type) ? 32 : cell->d_head;
    float total = 0;
    for (int first = 0; first < cell->d_head; first += block) {
        float part = 0;
        for (int d = first; d < first + block && d < cell->d_head; d++)
            part = fused(keys[d * CACHE_PAGE + i], q[d * step], part);
        total = is_scaled(cell->type)
                    ? fused(float_from_f16(cell->key_scales[first + i]), part, total)
                    : part;
    }
    return total;
}

/* Adds to one value of the output what the page has for it; weights stand `step` apart. */
static float mixed(const struct cell *cell, const float *values, int d, const float *p, int step,
                   float total) {
    for (int i = 0; i < CACHE_PAGE; i++) {
        float weight = p[i * step];
        if (is_scaled(cell->type))
            weight *= float_from_f16(cell->value_scales[d / 32 * CACHE_PAGE + i]);
        total = fused(values[i * cell->d_head + d], weight, total);
    }
    return total;
}

static void widen(enum tensor_type type, const uint8_t *from, int n, float *to) {
    for (int i = 0; i < n; i++)
        to[i] = number(type, from, i);
}

static void scores(const struct cell *cell, const float *q, int n, float *s) {
    float keys[MAX_HEAD * CACHE_PAGE];
    widen(cell->type, cell->keys, cell->d_head * CACHE_PAGE, keys);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < CACHE_PAGE; i++)
            s[j * CACHE_PAGE + i] = score(cell, keys, i, q + j * cell->d_head, 1);
}

/* A step of the online softmax for one query, whose scores stand `step` apart. */
static void soften_one(float *s, int step, float *largest, float *sum, float *factor) {
    float most = *largest, part[8] = {0};
    for (int i = 0; i < CACHE_PAGE; i++)
        most = s[i * step] > most ? s[i * step] : most;
    *factor = exponential(*largest - most);
    for (int i = 0; i < CACHE_PAGE; i++) {
        s[i * step] = exponential(s[i * step] - most);
        part[i % 8] += s[i * step];
    }
    for (int half = 4; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            part[i] += part[i + half];
    *sum = *sum * *factor + part[0];
    *largest = most;
}

static void soften(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j++)
        soften_one(s + j * CACHE_PAGE, 1, largest + j, sum + j, factor + j);
}

static void mix(const struct cell *cell, const float *p, const float *factor, int n, float *out) {
    float values[MAX_HEAD * CACHE_PAGE];
    widen(cell->type, cell->values, cell->d_head * CACHE_PAGE, values);
    for (int j = 0; j < n; j++, out += cell->d_head)
        for (int d = 0; d < cell->d_head; d++)
            out[d] = mixed(cell, values, d, p + j * CACHE_PAGE, 1, out[d] * factor[j]);
}

static void scores_of_many(const struct cell *cell, const float *keys, const float *q, int n,
                           float *s) {
    for (int i = 0; i < CACHE_PAGE; i++)
        for (int j = 0; j < n; j++)
            s[i * COLUMNS + j] = score(cell, keys, i, q + j, COLUMNS);
}

static void soften_many(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j++)
        soften_one(s + j, COLUMNS, largest + j, sum + j, factor + j);
}

static void mix_many(const struct cell *cell, const float *values, const float *p,
                     const float *factor, int n, float *out) {
    for (int d = 0; d < cell->d_head; d++)
        for (int j = 0; j < n; j++) {
            float *to = out + d * COLUMNS + j;
            *to = mixed(cell, values, d, p + j, COLUMNS, *to * factor[j]);
        }
}

static void merge(float *whole_largest, float *whole_sum, const float *largest, const float *sum,
                  int n, float *whole_factor, float *factor) {
    for (int j = 0; j < n; j++) {
        float most = whole_largest[j] > largest[j] ? whole_largest[j] : largest[j];
        whole_factor[j] = exponential(whole_largest[j] - most);
        factor[j] = exponential(largest[j] - most);
        whole_sum[j] = whole_sum[j] * whole_factor[j] + sum[j] * factor[j];
        whole_largest[j] = most;
    }
}

const struct attention_kernels attention_plain = {
    .name = "plain",
    .scores = scores,
    .soften = soften,
    .mix = mix,
    .widen = widen,
    .scores_of_many = scores_of_many,
    .soften_many = soften_many,
    .mix_many = mix_many,
    .merge = merge,
};
