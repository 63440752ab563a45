/* The kernels of one instruction set. Inside the room only. */
#ifndef LYCEUM_TENSOR_KERNELS_H
#define LYCEUM_TENSOR_KERNELS_H

#include "tensor/tensor.h"

/* n_token rows of activations, as floats and as 8-bit blocks of 32. */
struct activations {
    int64_t columns;
    const float *x;  /* [n_token][columns] */
    int8_t *integer; /* [n_token][columns] */
    float *scale;    /* [n_token][columns / 32] */
    float *sum;      /* [n_token][columns / 16]: scale · Σ integer of each half block */
};

struct kernels {
    const char *name;
    /* n a multiple of 32: integer = round(x / scale), scale = max|x| / 127. */
    void (*quantise)(const float *x, int64_t n, int8_t *integer, float *scale, float *sum);
    /* Rows first … first+n_row-1: out[t · rows + r]. */
    void (*multiply)(const struct matrix *, int64_t first, int64_t n_row,
                     const struct activations *, int n_token, float *out);
    int row_tile; /* rows that multiply likes to get together */
    /* out[i] = scale · Σ_d q[d] · keys[i · stride + d] */
    void (*scores)(const float *q, const uint16_t *keys, int64_t stride, int n, int d_head,
                   float scale, float *out);
    /* out[d] += Σ_i weight[i] · values[i · stride + d] */
    void (*mix)(const float *weight, const uint16_t *values, int64_t stride, int n, int d_head,
                float *out);
    /* x[i] = exp(x[i] − largest); returns the sum */
    float (*exponentials)(float *x, int64_t n, float largest);
    void (*silu_multiply)(float *gate, const float *up, int64_t n);
    void (*floats_to_f16)(const float *x, uint16_t *out, int64_t n);
};

extern const struct kernels kernels_plain, kernels_avx2;

const struct kernels *kernels_chosen(void);
const struct kernels *kernels_find(const char *name); /* NULL: unknown or not on this machine */

#endif
