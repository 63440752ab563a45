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

static float key_at(const struct cell *cell, int d, int i) {
    int at = d * CACHE_PAGE + i;
    return cell->type == TENSOR_F16
               ? float_from_f16(((const uint16_t *)(const void *)cell->keys)[at])
               : (float)((const int8_t *)cell->keys)[at] *
                     float_from_f16(cell->key_scales[d / 32 * CACHE_PAGE + i]);
}

static float value_at(const struct cell *cell, int i, int d) {
    int at = i * cell->d_head + d;
    return cell->type == TENSOR_F16
               ? float_from_f16(((const uint16_t *)(const void *)cell->values)[at])
               : (float)((const int8_t *)cell->values)[at] *
                     float_from_f16(cell->value_scales[i * ((cell->d_head + 31) / 32) + d / 32]);
}

static void scores(const struct cell *cell, const float *q, int n, float *s) {
    memset(s, 0, sizeof *s * (size_t)(n * CACHE_PAGE));
    for (int d = 0; d < cell->d_head; d++)
        for (int i = 0; i < CACHE_PAGE; i++) {
            float key = key_at(cell, d, i);
            for (int j = 0; j < n; j++)
                s[j * CACHE_PAGE + i] = fused(key, q[j * cell->d_head + d], s[j * CACHE_PAGE + i]);
        }
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
    int d_head = cell->d_head;
    for (int j = 0; j < n; j++)
        for (int d = 0; d < d_head; d++)
            out[j * d_head + d] *= factor[j];
    for (int i = 0; i < CACHE_PAGE; i++)
        for (int d = 0; d < d_head; d++) {
            float value = value_at(cell, i, d);
            for (int j = 0; j < n; j++)
                out[j * d_head + d] = fused(value, p[j * CACHE_PAGE + i], out[j * d_head + d]);
        }
}

static void widen(const struct cell *cell, float *keys, float *values) {
    for (int i = 0; i < CACHE_PAGE; i++)
        for (int d = 0; d < cell->d_head; d++)
            if (keys)
                keys[d * CACHE_PAGE + i] = key_at(cell, d, i);
            else
                values[i * cell->d_head + d] = value_at(cell, i, d);
}

static void scores_of_many(const float *keys, int d_head, const float *q, int n, float *s) {
    for (int i = 0; i < CACHE_PAGE; i++)
        for (int j = 0; j < n; j++) {
            float total = 0;
            for (int d = 0; d < d_head; d++)
                total = fused(keys[d * CACHE_PAGE + i], q[d * COLUMNS + j], total);
            s[i * COLUMNS + j] = total;
        }
}

static void soften_many(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j++)
        soften_one(s + j, COLUMNS, largest + j, sum + j, factor + j);
}

static void mix_many(const float *values, int d_head, const float *p, const float *factor, int n,
                     float *out) {
    for (int d = 0; d < d_head; d++)
        for (int j = 0; j < n; j++) {
            float total = out[d * COLUMNS + j] * factor[j];
            for (int i = 0; i < CACHE_PAGE; i++)
                total = fused(values[i * d_head + d], p[i * COLUMNS + j], total);
            out[d * COLUMNS + j] = total;
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
