/* The kernels of one instruction set. Inside the room only. */
#ifndef LYCEUM_TENSOR_KERNELS_H
#define LYCEUM_TENSOR_KERNELS_H

#include "tensor/tensor.h"

/* n_token rows of activations, as floats and as 8-bit blocks of 32. */
struct activations {
    int64_t columns;
    const float *x;            /* [n_token][columns] */
    int8_t *integer;           /* [n_token][columns] */
    struct block_scale *scale; /* [n_token][columns / 32] */
};

struct block_scale {
    float scale, sum;       /* sum: scale · Σ integer */
    int32_t offset;         /* −8 · Σ integer: what unsigned weights of 4 bits are too much */
    int16_t half_offset[2]; /* −16 · Σ integer, of each half */
};

struct kernels {
    const char *name;
    /* n a multiple of 32: integer = round(x / scale), scale = max|x| / 127. */
    void (*quantise)(const float *x, int64_t n, int8_t *integer, struct block_scale *scale);
    int lanes; /* rows that are interleaved when weights are packed; 0: they never are */
    /* Rows first … first+n_row-1: out[t · rows + r]. `first` is a multiple of row_tile. */
    void (*multiply)(const struct matrix *, int64_t first, int64_t n_row,
                     const struct activations *, int n_token, float *out);
    int row_tile;                /* rows that multiply likes to get together */
    int64_t (*probe)(int64_t n); /* tensor_probe */
    /* x[i] = exp(x[i] − largest); returns the sum */
    float (*exponentials)(float *x, int64_t n, float largest);
    void (*silu_multiply)(float *gate, const float *up, int64_t n);
    void (*floats_to_f16)(const float *x, uint16_t *out, int64_t n);
};

extern const struct kernels kernels_plain, kernels_avx2, kernels_avx512;

const struct kernels *kernels_chosen(void);
bool kernels_tiles(void); /* nothing is pinned, and there is AMX-BF16 */
const struct kernels *kernels_find(const char *name); /* NULL: unknown or not on this machine */

#endif
