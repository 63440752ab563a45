/* gguf: the file format of weights, read in place.
 *
 * A file (versions 2 and 3, little-endian) is, one after the other:
 *
 *     "GGUF"  u32 version  u64 n_tensor  u64 n_key
 *     n_key × {string key, u32 type, value}        string: u64 length, bytes; array: u32 type,
 *     n_tensor × {string name, u32 n_dimension,            u64 count, the elements
 *                 u64 dimension…, u32 type, u64 offset}
 *     zero bytes up to a multiple of `general.alignment` (32 unless said)
 *     the tensors; their offsets count from here and are multiples of the alignment
 *
 * (ggml's docs/gguf.md.) Everything that the file claims is checked once, on opening: after that
 * each key, string, array and tensor lies inside the map. Nothing is copied. */
#ifndef LYCEUM_MODEL_GGUF_H
#define LYCEUM_MODEL_GGUF_H

#include "base/base.h"

struct gguf; /* immutable once open; any number of threads may read */

enum gguf_type { /* of the value of a key; the numbers are the file's */
                 GGUF_UINT8,
                 GGUF_INT8,
                 GGUF_UINT16,
                 GGUF_INT16,
                 GGUF_UINT32,
                 GGUF_INT32,
                 GGUF_FLOAT32,
                 GGUF_BOOL,
                 GGUF_STRING,
                 GGUF_ARRAY,
                 GGUF_UINT64,
                 GGUF_INT64,
                 GGUF_FLOAT64,
                 GGUF_N_TYPE,
};

struct gguf_tensor {
    struct view name;
    uint32_t type;        /* ggml's number of the block format, known to the tensor room */
    int n_dimension;      /* 1 to 4 */
    int64_t dimension[4]; /* dimension[0] runs fastest (a row's length); 1 where absent */
    const uint8_t *data;  /* inside the map, aligned to general.alignment, which is 8 or more */
    uint64_t n_byte;
    uint64_t header_byte; /* where the file describes it, for faults */
};

/* Maps the file and checks it all. NULL with a fault naming file, byte and key. */
struct gguf *gguf_open(const char *path, struct fault *);
/* The same over bytes that the caller keeps (aligned to 32); `name` stands in faults. */
struct gguf *gguf_open_bytes(struct view bytes, const char *name, struct fault *);
void gguf_close(struct gguf *); /* NULL is allowed */
/* Lets the machine forget n bytes of a tensor's data in a mapped file, or all of the file; when
 * they are read again, they come from the file. */
void gguf_give_back(const struct gguf *, const void *data, size_t n);
void gguf_give_back_all(const struct gguf *);

const char *gguf_path(const struct gguf *);
uint64_t gguf_size(const struct gguf *); /* bytes of the file */
struct view gguf_bytes(const struct gguf *);
bool gguf_has(const struct gguf *, const char *key);

/* Typed getters. Each returns false with a fault (file, byte, key) when the key is absent
 * (FAULT_MISSING), has another type or is out of the bounds given. Integers of every width and
 * sign convert when the value fits; floats of both widths convert. */
bool gguf_integer(const struct gguf *, const char *key, int64_t low, int64_t high, int64_t *out,
                  struct fault *);
bool gguf_number(const struct gguf *, const char *key, double *out, struct fault *);
bool gguf_boolean(const struct gguf *, const char *key, bool *out, struct fault *);
bool gguf_string(const struct gguf *, const char *key, struct view *out, struct fault *);

/* An array in the map. Numbers are read by index, strings only in order. */
struct gguf_array {
    enum gguf_type type; /* of the elements; arrays of arrays are refused on opening */
    uint64_t n;
    const uint8_t *at; /* first element, not aligned */
    uint64_t byte;     /* its offset in the file, for faults */
};
bool gguf_array(const struct gguf *, const char *key, struct gguf_array *out, struct fault *);
/* Element i < n of an array of integers or booleans; of one of floats (MUST hold). */
int64_t gguf_array_integer(const struct gguf_array *, uint64_t i);
double gguf_array_number(const struct gguf_array *, uint64_t i);
bool gguf_array_is_integer(const struct gguf_array *);
bool gguf_array_is_number(const struct gguf_array *);
/* The next string of an array of strings; start with *cursor = 0 and call n times (MUST hold). */
struct view gguf_array_string(const struct gguf_array *, uint64_t *cursor);

/* Sets a fault about a key: kind FAULT_INPUT, the file, and the byte where its value stands. */
bool gguf_fault(const struct gguf *, const char *key, struct fault *, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Every key as it stands, to copy it: `value` is its bytes in the file, of an array with the
 * elements' type and their count before them. Sorted by name, i < gguf_n_key. */
struct gguf_key {
    struct view name;
    enum gguf_type type;
    struct view value;
};
size_t gguf_n_key(const struct gguf *);
struct gguf_key gguf_key_at(const struct gguf *, size_t i);

/* Tensors, in the file's order; by name NULL when there is none. */
size_t gguf_n_tensor(const struct gguf *);
const struct gguf_tensor *gguf_tensor_at(const struct gguf *, size_t i);
const struct gguf_tensor *gguf_tensor(const struct gguf *, const char *name);

/* ------------------------------------------------------------------------------------ writing */

/* A file of version 3 in the making: first all keys and tensors are named, then gguf_write_start
 * writes the header, then the data follow in the order of the tensors, in pieces of any size. It
 * is written beside its path, synced and renamed: the path holds the old file or the whole new
 * one. One thread at a time. */
struct gguf_writer;

struct gguf_writer *gguf_writer_new(void);
void gguf_writer_free(struct gguf_writer *); /* before the finish: leaves no file behind */
/* Sets a key, replacing one of the same name; `value` as in struct gguf_key. The tensors are
 * aligned by `general.alignment`, where it is set: a uint32, a power of two. */
void gguf_write_key(struct gguf_writer *, struct view name, enum gguf_type, struct view value);
void gguf_write_uint32(struct gguf_writer *, const char *name, uint32_t value);
void gguf_write_text(struct gguf_writer *, const char *name, struct view text);
/* All keys of another file, in the order that they have there. */
void gguf_write_keys_of(struct gguf_writer *, const struct gguf *);
/* The rows divide into blocks of the type, a format of the tensor room (MUST hold). */
void gguf_write_tensor(struct gguf_writer *, struct view name, uint32_t type, int n_dimension,
                       const int64_t *dimension);
uint64_t gguf_write_size(const struct gguf_writer *); /* bytes of the file as named so far */
bool gguf_write_start(struct gguf_writer *, const char *path, struct fault *);
bool gguf_write_data(struct gguf_writer *, const void *, uint64_t n, struct fault *);
bool gguf_write_finish(struct gguf_writer *, struct fault *); /* MUST have got all the data */

#endif
