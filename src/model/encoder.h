/* encoder: the vectors of texts, inside the room. The door has the rest. */
#ifndef LYCEUM_MODEL_ENCODER_H
#define LYCEUM_MODEL_ENCODER_H

#include "model/network.h"

/* The unit vectors of n_text texts: out[n_text][d_model]. Text i is tokens[starts[i] …
 * starts[i + 1] − 1], at least one and at most n_context of them. What a text's vector is does not
 * depend on the texts beside it. False with a fault when cancelled. */
bool encoder_run(const struct weights *, struct pool *, const int32_t *tokens,
                 const size_t *starts, size_t n_text, const volatile bool *cancel, float *out,
                 struct fault *);

/* Puts the weights of an encoder in the order of this machine's kernels, the first time. */
bool model_pack(const struct model *, struct fault *);

#endif
