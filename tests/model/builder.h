/* A small writer of GGUF files for tests: right ones, and wrong ones on purpose. */
#ifndef LYCEUM_TESTS_MODEL_BUILDER_H
#define LYCEUM_TESTS_MODEL_BUILDER_H

#include "model/gguf.h"

/* Header, keys, tensor descriptions and data are kept apart and joined by builder_join. */
struct builder {
    struct buffer keys, tensors, data;
    uint32_t version;
    uint64_t n_key, n_tensor; /* counted; a test may lie afterwards */
    uint64_t alignment;
};

void builder_open(struct builder *); /* version 3, alignment 32, no keys */
void builder_close(struct builder *);
void builder_bytes(struct buffer *, const void *, size_t);
void builder_u32(struct buffer *, uint32_t);
void builder_u64(struct buffer *, uint64_t);
void builder_text(struct buffer *, const char *); /* length and bytes */
void builder_key(struct builder *, const char *name, enum gguf_type);
void builder_key_u32(struct builder *, const char *name, uint32_t);
void builder_key_f32(struct builder *, const char *name, float);
void builder_key_text(struct builder *, const char *name, const char *);
void builder_key_array(struct builder *, const char *name, enum gguf_type of, uint64_t n);
/* Describes a tensor; its data must follow (builder_float_tensor does both). */
void builder_tensor(struct builder *, const char *name, uint32_t n_dimension,
                    const uint64_t *dimensions, uint32_t type, uint64_t offset);
/* n_row × n_column random floats of the given spread around `middle` (n_row 0: a vector). */
void builder_float_tensor(struct builder *, const char *name, uint64_t n_column, uint64_t n_row,
                          struct random *, float middle, float spread);
/* The whole file. The memory is aligned to 64; free() it. */
struct view builder_join(const struct builder *);

/* A random-weight network that works: 2 layers, width 64, 4 heads over 2, a byte vocabulary. */
struct builder_shape {
    const char *architecture;
    bool biases, tied, rope_factors;
    bool windowed; /* "gemma3": 40 positions, norms of heads and of what each block gives */
};
void builder_network(struct builder *, const struct builder_shape *, uint64_t seed);
/* An adapter for it, of 32-bit floats: all seven matrices of both layers, alpha 8. */
void builder_adapter(struct builder *, const char *architecture, uint64_t rank, uint64_t seed);
/* Writes it to a file in the folder for temporary files; returns its path (free it). */
char *builder_save(const struct builder *, const char *name);

#endif
