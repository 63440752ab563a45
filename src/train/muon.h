/* Muon, for the matrices of the layers. Inside the room only.
 *
 * Momentum M := 0.95 M + G, and in its place G + 0.95 M (Nesterov) is made nearly orthogonal:
 * divided by its norm, then five times X := aX + (bA + cA²)X, A = XXᵀ, with a 3.4445, b −4.7750,
 * c 2.0315, which brings most singular values to between about 0.7 and 1.2 (Jordan et al. 2024,
 * kellerjordan.github.io/posts/muon). What comes is multiplied by 0.2 √(the longer side), so that
 * its values are as large as AdamW's and the same rate serves both (Liu et al. 2025, Moonlight,
 * arXiv 2502.16982, section 2.2). */
#ifndef LYCEUM_TRAIN_MUON_H
#define LYCEUM_TRAIN_MUON_H

#include "train/inside.h"

struct muon; /* memory for one matrix at a time */
/* Serves those of the parameters that have a first moment and no second. */
struct muon *muon_new(const struct parameter *, size_t n, struct pool *, bool bf16,
                      struct fault *);
void muon_free(struct muon *); /* NULL is allowed */
/* Of the step its rate, decay and scale. The same bits on any number of threads. */
void muon_step(struct muon *, const struct parameter *, const struct adam_step *);

#endif
