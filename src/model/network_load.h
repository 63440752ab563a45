/* network_load: what the files of the networks need to say what a file of weights must hold. */
#ifndef LYCEUM_MODEL_NETWORK_LOAD_H
#define LYCEUM_MODEL_NETWORK_LOAD_H

#include "model/network.h"

#include <stddef.h>

enum presence { REQUIRED, OPTIONAL };

enum width { WIDTH_ONE, WIDTH_MODEL, WIDTH_QUERY, WIDTH_KEY, WIDTH_HEAD, WIDTH_FEED_FORWARD };

/* One tensor of a layer: "blk.N.name", its shape, and the member of struct layer that takes it. */
struct layer_tensor { /* a table ends with a row without a name */
    const char *name;
    size_t member;
    enum width columns, rows; /* rows WIDTH_ONE: a vector, else a matrix of outputs × inputs */
    enum presence presence;
};

#define LAYER_MATRIX(name, member, columns, rows)                                                 \
    { name, offsetof(struct layer, member), WIDTH_##columns, WIDTH_##rows, REQUIRED }
#define LAYER_VECTOR(name, member, columns)                                                       \
    { name, offsetof(struct layer, member), WIDTH_##columns, WIDTH_ONE, REQUIRED }
#define LAYER_OPTIONAL_VECTOR(name, member, columns)                                              \
    { name, offsetof(struct layer, member), WIDTH_##columns, WIDTH_ONE, OPTIONAL }

/* Tables that several networks share: what all decoders have; biases of q, k and v; norms of each
 * head's q and k. */
extern const struct layer_tensor decoder_tensors[], projection_biases[], head_norms[];

struct loader {
    struct weights *weights;
    const struct gguf *gguf;
    size_t n_used; /* tensors that the network took */
    struct fault *fault;
};

/* Keys are named without "ARCHITECTURE.". False with a fault that names file, byte and key. */
const char *loader_key(const struct loader *, const char *rest, char out[96]);
bool need_integer(struct loader *, const char *rest, int64_t high, int *out); /* from 1 */
bool may_integer(struct loader *, const char *rest, int64_t high, int otherwise, int *out);
bool may_number(struct loader *, const char *rest, double otherwise, double *out); /* positive */

bool load_matrix(struct loader *, const char *name, int64_t n_column, int64_t n_row,
                 struct matrix *);
/* Vectors are used as float32; a file may hold them in another format. NULL where an optional one
 * is not there. */
bool load_vector(struct loader *, const char *name, int n, enum presence, const float **);
bool tensor_fault(struct loader *, const struct gguf_tensor *, const char *name,
                  const char *format, ...) PRINTF_LIKE(4, 5); /* false */

#endif
