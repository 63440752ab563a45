/* The searches behind the quantisers. Inside the room only.
 *
 * Sixteen tries go side by side, one a lane, so that nothing is summed across lanes and every
 * instruction set, doing the same operations in the same order, finds the same bits. */
#ifndef LYCEUM_TENSOR_QUANTIZE_H
#define LYCEUM_TENSOR_QUANTIZE_H

#include "tensor/tensor.h"

enum { TRIES = 16 };

struct run {             /* of values that share a scale */
    const float *x;      /* [n] */
    const float *weight; /* [n], of each squared error */
    int n, low, high;    /* integers are low … high */
};

/* value ≈ scale · integer + minimum, for each try. */
struct tries {
    float scale[TRIES], minimum[TRIES];
    float error[TRIES]; /* the weighted squared error */
};

struct searches {
    /* Rounds the values to the nearest integers of each try and puts in the place of its scale
     * the best one for these integers, by least squares; the minimum stays. Integers that leave
     * the scale open give 0. The error is set less Σ weight · (x − minimum)², which is the same
     * for all tries of one minimum. */
    void (*refit_scale)(const struct run *, struct tries *);
    /* The same for scale and minimum together; no error is set. */
    void (*refit_line)(const struct run *, struct tries *);
    /* Sets the error of each try. */
    void (*weigh)(const struct run *, struct tries *);
};

extern const struct searches searches_plain, searches_avx2, searches_avx512;

#endif
