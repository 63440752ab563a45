/* source: a model that is to be written as a GGUF file, whatever it stands in now.
 *
 * Opening one names its keys in a writer and lists its tensors under GGUF's names and in GGUF's
 * order; their values are read piece by piece, as floats or, where nothing changes, as they are.
 */
#ifndef LYCEUM_MODEL_SOURCE_H
#define LYCEUM_MODEL_SOURCE_H

#include "model/gguf.h"
#include "tensor/tensor.h"

struct source_tensor {
    struct view name;
    int n_dimension;
    int64_t dimension[4]; /* dimension[0] runs fastest; 1 where absent */
    uint32_t type;        /* of what is read; TENSOR_F32 also for doubles */
    const uint8_t *data;
    uint64_t n_byte;
    bool is_double;
    bool is_mapped; /* a file's pages, to be given back once read */
    int n_head;     /* rows of so many heads are reordered from halves to pairs; 0: they are not */
    float plus;     /* is added to each value */
    const char *path; /* where it is described, for faults */
    int64_t byte;
};

struct source {
    const char *path;
    uint64_t n_byte; /* of the files */
    int n_layer;
    bool is_whole; /* a GGUF file: what is not a weight stays as it is */
    struct source_tensor *tensors;
    size_t n_tensor;
    struct gguf *gguf;
    struct safetensors *safetensors;
    struct arena *arena;
};

/* `path`: a GGUF file, or safetensors (a file, an index, a folder) with the config.json and
 * tokenizer.json beside them. False with a fault; close it only after success. */
bool source_open(struct source *, const char *path, struct gguf_writer *keys, struct fault *);
/* The same of a file that is open already, and stays its owner's; only the arena is the source's.
 */
bool source_of_gguf(struct source *, const struct gguf *, struct gguf_writer *keys,
                    struct fault *);
void source_close(struct source *);

const struct source_tensor *source_tensor(const struct source *, const char *name); /* or NULL */
int64_t source_values(const struct source_tensor *);
/* Where the values from `first` on stand; `first` a multiple of the block. */
uint64_t source_offset(const struct source_tensor *, int64_t first);
/* Nothing has to be done to its values: they may be copied, block by block. */
bool source_is_plain(const struct source_tensor *);
void source_read(const struct source_tensor *, int64_t first, int64_t n, float *out);

/* Fills a source from a folder of safetensors; called by source_open. */
bool convert_open(struct source *, const char *path, struct gguf_writer *keys, struct fault *);

#endif
