/* How rows of a matrix are interleaved for the kernels. Inside the room only.
 *
 * `lanes` rows that follow each other make a panel; a vector register holds as many words, one a
 * row. A panel has the same bytes as its rows, in another order: field by field (the table in
 * pack.c), block by block, unit by unit, and each unit of all its rows side by side. The fifth
 * bits of Q5_0 and Q5_1 alone are also exchanged within their word: bit k of byte j becomes that of
 * value 4 k + j. Rows past the last one of the matrix are zeros. */
#ifndef LYCEUM_TENSOR_PACK_H
#define LYCEUM_TENSOR_PACK_H

#include "tensor/tensor.h"

enum { MAX_LANES = 16 };

/* Blocks first_block … + n_block - 1 of rows first_row … + lanes - 1 of a matrix that is not
 * packed, as a panel of n_block blocks a row. */
void pack_panel(const struct matrix *, int lanes, int64_t first_row, int64_t first_block,
                int64_t n_block, uint8_t *panel);
/* One block of a packed matrix as its file had it. */
void unpack_block(const struct matrix *, int64_t row, int64_t block, uint8_t *out);

#endif
