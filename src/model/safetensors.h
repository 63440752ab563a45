/* safetensors: the other file format of weights, read in place.
 *
 *     u64 n  n bytes of JSON  the tensors
 *     {"NAME": {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [from, to]}, …,
 *      "__metadata__": {"KEY": "TEXT", …}}
 *
 * (The format's own description, huggingface/safetensors, README.) Offsets count from the end of
 * the JSON; the tensors fill the file to its end without a gap and without an overlap. A model in
 * several such files has an index beside them, `model.safetensors.index.json`, whose "weight_map"
 * tells which name is in which file.
 *
 * Everything that the files claim is checked once, on opening: after that each tensor lies inside
 * its map. Nothing of it is copied. */
#ifndef LYCEUM_MODEL_SAFETENSORS_H
#define LYCEUM_MODEL_SAFETENSORS_H

#include "base/base.h"

struct safetensors; /* one file or all files of an index; any number of threads may read */

struct safetensors_type {
    const char *name; /* "F32", "BF16", … as the file says */
    uint8_t size;     /* bytes a value */
};

enum { SAFETENSORS_DIMENSIONS = 8 };

struct safetensors_tensor {
    struct view name;
    const struct safetensors_type *type;
    int n_dimension;                           /* 0: one value */
    int64_t dimension[SAFETENSORS_DIMENSIONS]; /* the last runs fastest; may be 0 */
    const uint8_t *data;                       /* in the map, not aligned */
    uint64_t n_byte;
    const char *path; /* of its file, and where that describes it: for faults */
    int64_t byte;
};

/* `path` is a file, an index (….index.json) with its files beside it, or a folder that holds
 * either. NULL with a fault naming file and byte. */
struct safetensors *safetensors_open(const char *path, struct fault *);
/* One file from bytes that the caller keeps; `name` stands in faults. */
struct safetensors *safetensors_open_bytes(struct view bytes, const char *name, struct fault *);
void safetensors_close(struct safetensors *); /* NULL is allowed */

uint64_t safetensors_size(const struct safetensors *); /* bytes of all files */
size_t safetensors_n_tensor(const struct safetensors *);
/* In the order of their names; by name NULL when there is none. */
const struct safetensors_tensor *safetensors_tensor_at(const struct safetensors *, size_t i);
const struct safetensors_tensor *safetensors_tensor(const struct safetensors *, struct view name);

#endif
