/* The inner part of products of floats, of one instruction set. Inside the room only. */
#ifndef LYCEUM_TENSOR_FLOAT_BLOCKS_H
#define LYCEUM_TENSOR_FLOAT_BLOCKS_H

#include "tensor/tensor.h"

/* A panel holds `height` rows of the left operand, or `width` columns of the right one, side by
 * side for each step of the sum: [depth][height], [depth][width]; what is missing is 0. */
struct float_blocks {
    int height, width;
    bool pairs; /* panels hold bf16, two steps in a float's place */
    int least;  /* steps that there must be */
    /* Rows [first, first + n) of the left operand at steps [step, step + depth), n ≤ height; of
     * the right operand its columns, n ≤ width. */
    void (*pack_left)(const struct operand *, bool rounds, int64_t first, int64_t n, int64_t step,
                      int64_t depth, float *panel);
    void (*pack_right)(const struct operand *, bool rounds, int64_t first, int64_t n, int64_t step,
                       int64_t depth, float *panel);
    /* out[height][width] (rows out_stride apart) = or += scale · Σ left · right */
    void (*multiply)(const float *left, const float *right, int64_t depth, float scale, bool adds,
                     float *out, int64_t out_stride);
    void (*start)(void), (*stop)(void); /* around products of one thread; NULL: nothing to do */
};

extern const struct float_blocks float_blocks_plain, float_blocks_avx2, float_blocks_avx512;
/* For products that round: AVX512-BF16 and AMX-BF16. */
extern const struct float_blocks float_blocks_bf16, float_tiles;

#endif
