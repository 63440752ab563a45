/* What is done to a row of values at a time, forward and backward, compiled once for each
 * instruction set; and once in double precision, to be held against central differences. Inside
 * the room only. */
#ifndef LYCEUM_TRAIN_ROWS_H
#define LYCEUM_TRAIN_ROWS_H

#include "model/model.h"

#ifndef REAL
#define REAL float
#endif

struct adam_step { /* Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization */
    REAL rate, beta1, beta2, epsilon, decay;
    REAL correction1, correction2; /* 1 − β^t */
    REAL scale;                    /* of the gradient: what clipping left of it */
};

struct rows {
    /* out = x · weight / √(mean(x²) + epsilon); gives 1 / √…, which the way back wants. */
    REAL (*norm)(const REAL *x, const REAL *weight, REAL epsilon, int64_t n, REAL *out);
    /* d_x += …; d_weight += … unless NULL. */
    void (*norm_back)(const REAL *d_out, const REAL *x, const REAL *weight, REAL inverse,
                      int64_t n, REAL *d_x, REAL *d_weight);
    /* out = activation(gate) · up */
    void (*gate)(enum activation, const REAL *gate, const REAL *up, int64_t n, REAL *out);
    /* Turns gate and up into their gradients, and gives `out` once more. */
    void (*gate_back)(enum activation, const REAL *d_out, REAL *gate, REAL *up, REAL *out,
                      int64_t n);
    /* x = exp(scale · x − offset), offset the logarithm of the sum of exp(scale · x), which is
     * given. n ≥ 1. */
    REAL (*softmax)(REAL *x, REAL scale, int64_t n);
    /* x = exp(scale · x − offset) */
    void (*softmax_again)(REAL *x, REAL scale, REAL offset, int64_t n);
    /* d_p = scale · p · (d_p − along): the gradient of what softmax was given. */
    void (*softmax_back)(REAL *d_p, const REAL *p, REAL along, REAL scale, int64_t n);
    double (*dot)(const REAL *x, const REAL *y, int64_t n);     /* summed in double */
    void (*add)(REAL *y, const REAL *x, REAL scale, int64_t n); /* y += scale · x */
    void (*multiply)(REAL *y, REAL scale, int64_t n);
    void (*adam)(const struct adam_step *, REAL *value, const REAL *gradient, REAL *first,
                 REAL *second, int64_t n);
};

extern const struct rows rows_plain, rows_avx2, rows_avx512;
const struct rows *rows_chosen(void);

#endif
