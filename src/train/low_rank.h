/* A matrix as a product of two of low rank. Inside the room only. */
#ifndef LYCEUM_TRAIN_LOW_RANK_H
#define LYCEUM_TRAIN_LOW_RANK_H

#include "tensor/tensor.h"

/* matrix [rows][columns] ≈ up [rows][rank] · down [rank][columns], the best of its rank but for
 * what four rounds of iteration leave; both halves carry the root of the singular values. *left:
 * Σ squares of what is left out. False with a fault when there is no memory. */
bool low_rank_of(struct float_scratch *, const float *matrix, int64_t rows, int64_t columns,
                 int rank, float *up, float *down, double *left, struct fault *);

#endif
