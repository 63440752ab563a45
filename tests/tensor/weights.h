/* Random weights of any format, for the tests of this room. */
#ifndef LYCEUM_TESTS_TENSOR_WEIGHTS_H
#define LYCEUM_TESTS_TENSOR_WEIGHTS_H

#include "tensor/tensor.h"

enum { N_TYPE = 11 };
extern const enum tensor_type all_types[N_TYPE];

float random_float(struct random *); /* [-1, 1) */
/* rows × columns, every bit pattern; only the f16 factors are kept small and finite. The caller
 * frees the data. */
struct matrix random_matrix(struct random *, enum tensor_type, int64_t rows, int64_t columns);

#endif
