/* The kernels in plain C: the reference of the tests, and what runs on an unknown machine. */
#include "tensor/kernels.h"

#include <math.h>
#include <string.h>

static void quantise(const float *x, int64_t n, int8_t *integer, struct block_scale *scale) {
    for (int64_t block = 0; block < n / 32; block++) {
        const float *at = x + block * 32;
        float largest = 0;
        for (int i = 0; i < 32; i++)
            largest = fmaxf(largest, fabsf(at[i]));
        float inverse = largest > 0 ? 127 / largest : 0;
        int total[2] = {0, 0};
        for (int i = 0; i < 32; i++) {
            int value = (int)lrintf(at[i] * inverse);
            integer[block * 32 + i] = (int8_t)value;
            total[i / 16] += value;
        }
        float factor = largest / 127;
        scale[block] = (struct block_scale){
            .scale = factor,
            .sum = factor * (float)(total[0] + total[1]),
            .offset = -8 * (total[0] + total[1]),
            .half_offset = {(int16_t)(-16 * total[0]), (int16_t)(-16 * total[1])},
        };
    }
}

/* fmaf without its cost where the processor has none: the product is exact in double, and what is
 * rounded there first differs only where it then lies half way between two floats. */
static float fused(float a, float b, float c) {
    double sum = (double)a * b + c;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if ((bits & 0x1fffffff) == 0x10000000 || fabs(sum) < 0x1p-120)
        return fmaf(a, b, c);
    return (float)sum;
}

static void multiply_floats(const struct matrix *weights, int64_t row,
                            const struct activations *in, int n_token, float *out) {
    const uint8_t *at = weights->data;
    at += (size_t)row * matrix_row_bytes(weights);
    for (int t = 0; t < n_token; t++) {
        const float *x = in->x + t * in->columns;
        float total = 0, part = 0;
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
            part = fused(weight, x[i], part);
            if (i % 32 == 31 || i + 1 == in->columns) {
                total += part;
                part = 0;
            }
        }
        out[t * weights->rows + row] = total;
    }
}

static float add_group(const struct tensor_group *group, const struct activations *in,
                       int64_t block, float total) {
    const int8_t *x = in->integer + block * 32;
    int product[2] = {0, 0};
    for (int i = 0; i < 32; i++)
        product[i / 16] += group->integer[i] * x[i];
    int sum = group->factor[0] * product[0] + group->factor[1] * product[1];
    total = fused((float)sum * in->scale[block].scale, group->scale, total);
    return group->has_minimum ? fused(group->minimum, in->scale[block].sum, total) : total;
}

static void multiply(const struct matrix *weights, int64_t first, int64_t n_row,
                     const struct activations *in, int n_token, float *out) {
    const struct tensor_format *format = tensor_format(weights->type);
    const uint8_t *data = weights->data;
    size_t row_bytes = matrix_row_bytes(weights);
    int64_t n_block = in->columns / 32;
    MUST(!weights->packed);
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
            for (int t = 0; t < n_token; t++) {
                float *total = &out[t * weights->rows + row];
                *total = add_group(&group, in, t * n_block + i, *total);
            }
        }
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

static int64_t probe(int64_t n) {
    enum { WIDTH = 64 };
    int32_t sum[WIDTH] = {0};
    int8_t a[WIDTH], b[WIDTH];
    memset(a, 1, sizeof a);
    memset(b, (int)(n & 63), sizeof b);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < WIDTH; j++)
            sum[j] += (int8_t)(a[j] + sum[j]) * b[j];
    volatile int32_t kept = sum[0] + sum[WIDTH - 1];
    (void)kept;
    return n * WIDTH;
}

const struct kernels kernels_plain = {
    .name = "plain",
    .quantise = quantise,
    .multiply = multiply,
    .probe = probe,
    .row_tile = 1,
    .exponentials = exponentials,
    .silu_multiply = silu_multiply_plain,
    .floats_to_f16 = floats_to_f16,
};
