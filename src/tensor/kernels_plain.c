/* The kernels in plain C: the reference of the tests, and what runs on an unknown machine. */
#include "tensor/kernels.h"

#include <math.h>
#include <string.h>

static void quantise(const float *x, int64_t n, int8_t *integer, struct block_scale *scale,
                     float *half_sum) {
    for (int64_t block = 0; block < n / 32; block++) {
        const float *at = x + block * 32;
        float largest = 0;
        for (int i = 0; i < 32; i++)
            largest = fmaxf(largest, fabsf(at[i]));
        float inverse = largest > 0 ? 127 / largest : 0;
        scale[block] = (struct block_scale){largest / 127, 0};
        for (int half = 0; half < 2; half++) {
            int total = 0;
            for (int i = half * 16; i < half * 16 + 16; i++) {
                int value = (int)lrintf(at[i] * inverse);
                integer[block * 32 + i] = (int8_t)value;
                total += value;
            }
            half_sum[block * 2 + half] = scale[block].scale * (float)total;
            scale[block].sum += half_sum[block * 2 + half];
        }
    }
}

static void multiply_floats(const struct matrix *weights, int64_t row,
                            const struct activations *in, int n_token, float *out) {
    const uint8_t *at = weights->data;
    at += (size_t)row * matrix_row_bytes(weights);
    for (int t = 0; t < n_token; t++) {
        const float *x = in->x + t * in->columns;
        float total = 0;
        for (int64_t i = 0; i < in->columns; i++) {
            float weight;
            uint16_t half;
            if (weights->type == TENSOR_F32) {
                memcpy(&weight, at + 4 * i, 4);
            } else {
                memcpy(&half, at + 2 * i, 2);
                weight =
                    weights->type == TENSOR_F16 ? float_from_f16(half) : float_from_bf16(half);
            }
            total += x[i] * weight;
        }
        out[t * weights->rows + row] = total;
    }
}

static float multiply_group(const struct tensor_group *group, const struct activations *in,
                            int64_t block) {
    const int8_t *x = in->integer + block * 32;
    float total = 0;
    for (int half = 0; half < 2; half++) {
        int product = 0;
        for (int i = half * 16; i < half * 16 + 16; i++)
            product += group->integer[i] * x[i];
        total += group->scale[half] * in->scale[block].scale * (float)product +
                 group->minimum[half] * in->half_sum[block * 2 + half];
    }
    return total;
}

static void multiply(const struct matrix *weights, int64_t first, int64_t n_row,
                     const struct activations *in, int n_token, float *out) {
    const struct tensor_format *format = tensor_format(weights->type);
    const uint8_t *data = weights->data;
    size_t row_bytes = matrix_row_bytes(weights);
    int64_t n_block = in->columns / 32;
    for (int64_t row = first; row < first + n_row; row++) {
        if (!format->unpack) {
            multiply_floats(weights, row, in, n_token, out);
            continue;
        }
        int n_group = format->block_values / 32;
        for (int t = 0; t < n_token; t++)
            out[t * weights->rows + row] = 0;
        for (int64_t i = 0; i < n_block; i++) {
            struct tensor_group group;
            format->unpack(data + (size_t)row * row_bytes +
                               (size_t)(i / n_group) * (size_t)format->block_bytes,
                           (int)(i % n_group), &group);
            for (int t = 0; t < n_token; t++)
                out[t * weights->rows + row] += multiply_group(&group, in, t * n_block + i);
        }
    }
}

static void scores(const float *q, const uint16_t *keys, int64_t stride, int n, int d_head,
                   float scale, float *out) {
    for (int i = 0; i < n; i++) {
        float total = 0;
        for (int d = 0; d < d_head; d++)
            total += q[d] * float_from_f16(keys[i * stride + d]);
        out[i] = scale * total;
    }
}

static void mix(const float *weight, const uint16_t *values, int64_t stride, int n, int d_head,
                float *out) {
    for (int i = 0; i < n; i++)
        for (int d = 0; d < d_head; d++)
            out[d] += weight[i] * float_from_f16(values[i * stride + d]);
}

static void meet_queries(const float *a, int64_t a_row, int64_t a_column, int m, int n,
                         const float *b, const float *factor, float *c) {
    for (int i = 0; i < m; i++, c += QUERIES) {
        for (int j = 0; j < QUERIES; j++)
            c[j] = factor ? factor[j] * c[j] : 0;
        for (int k = 0; k < n; k++)
            for (int j = 0; j < QUERIES; j++)
                c[j] += a[i * a_row + k * a_column] * b[k * QUERIES + j];
    }
}

static void soften_queries(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < QUERIES; j++) {
        float before = largest[j];
        for (int i = 0; i < n; i++)
            largest[j] = fmaxf(largest[j], s[i * QUERIES + j]);
        factor[j] = expf(before - largest[j]);
        sum[j] *= factor[j];
        for (int i = 0; i < n; i++)
            sum[j] += s[i * QUERIES + j] = expf(s[i * QUERIES + j] - largest[j]);
    }
}

static float exponentials(float *x, int64_t n, float largest) {
    float total = 0;
    for (int64_t i = 0; i < n; i++)
        total += x[i] = expf(x[i] - largest);
    return total;
}

static void silu_multiply_plain(float *gate, const float *up, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void floats_to_f16(const float *x, uint16_t *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = f16_from_float(x[i]);
}

static void floats_from_f16(const uint16_t *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = float_from_f16(x[i]);
}

const struct kernels kernels_plain = {
    .name = "plain",
    .quantise = quantise,
    .multiply = multiply,
    .row_tile = 1,
    .scores = scores,
    .mix = mix,
    .meet_queries = meet_queries,
    .soften_queries = soften_queries,
    .exponentials = exponentials,
    .silu_multiply = silu_multiply_plain,
    .floats_to_f16 = floats_to_f16,
    .floats_from_f16 = floats_from_f16,
};
