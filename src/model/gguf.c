/* Reading GGUF in place: one walk over the header checks every claim before it is believed. */
#include "model/gguf.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bounds that protect the machine: real files have some dozens of keys and some hundreds of
 * tensors. */
enum { MAX_KEYS = 65536, MAX_TENSORS = 65536, MAX_NAME = 1024, MAX_ALIGNMENT = 1 << 20 };
enum { MIN_KEY_BYTES = 8 + 1 + 4 + 1, MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8 };

struct key {
    struct view name;
    enum gguf_type type;
    uint64_t byte;     /* where the value stands */
    enum gguf_type of; /* type of an array's elements */
    uint64_t n;        /* an array's count; 1 otherwise */
    const uint8_t *at; /* the value; of an array its first element; of a string its length */
};

struct gguf {
    struct file_map map;
    bool owns_map;
    char *path;
    size_t n_key, n_tensor;
    struct key *keys;            /* in the order of their names */
    struct gguf_tensor *tensors; /* in the file's order */
    const struct gguf_tensor **by_name;
};

static const struct {
    const char *name;
    uint8_t size; /* 0: not of a fixed size */
    bool is_integer;
} types[GGUF_N_TYPE] = {
    [GGUF_UINT8] = {"uint8", 1, true},      [GGUF_INT8] = {"int8", 1, true},
    [GGUF_UINT16] = {"uint16", 2, true},    [GGUF_INT16] = {"int16", 2, true},
    [GGUF_UINT32] = {"uint32", 4, true},    [GGUF_INT32] = {"int32", 4, true},
    [GGUF_FLOAT32] = {"float32", 4, false}, [GGUF_BOOL] = {"bool", 1, false},
    [GGUF_STRING] = {"string", 0, false},   [GGUF_ARRAY] = {"array", 0, false},
    [GGUF_UINT64] = {"uint64", 8, true},    [GGUF_INT64] = {"int64", 8, true},
    [GGUF_FLOAT64] = {"float64", 8, false},
};

/* ------------------------------------------------------------------------------------ reading */

struct reader {
    struct gguf *gguf;
    uint64_t byte; /* always ≤ map.n */
    char what[96]; /* what is being read, for faults: "key general.name" */
    struct fault *fault;
};

/* Names come from outside: what is not printable ASCII is shown as '?', the rest is cut. */
static const char *shown(struct view name, char out[72]) {
    size_t n = name.n < 64 ? name.n : 64;
    for (size_t i = 0; i < n; i++)
        out[i] = name.at[i] >= 32 && name.at[i] < 127 ? name.at[i] : '?';
    strcpy(out + n, name.n > n ? "…" : "");
    return out;
}

static bool refuse_at(struct reader *reader, uint64_t byte, const char *format, ...)
    PRINTF_LIKE(3, 4);
static bool refuse_at(struct reader *reader, uint64_t byte, const char *format, ...) {
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_set(reader->fault, FAULT_INPUT, "%s: %s", reader->what, text);
    fault_place(reader->fault, reader->gguf->path, 0, (int64_t)byte);
    fault_remedy(reader->fault, "The file is damaged or no GGUF: download it again");
    return false;
}

static bool take(struct reader *reader, void *out, size_t n) {
    if (reader->gguf->map.n - reader->byte >= n) {
        memcpy(out, reader->gguf->map.at + reader->byte, n);
        reader->byte += n;
        return true;
    }
    refuse_at(reader, reader->byte, "the file ends here, %zu more bytes are needed", n);
    return false;
}

static bool take_string(struct reader *reader, struct view *out) {
    uint64_t at = reader->byte, n;
    if (!take(reader, &n, sizeof n))
        return false;
    if (n > reader->gguf->map.n - reader->byte)
        return refuse_at(reader, at, "a text of %" PRIu64 " bytes goes past the end of the file",
                         n);
    *out = (struct view){(const char *)reader->gguf->map.at + reader->byte, n};
    reader->byte += n;
    return true;
}

static bool take_name(struct reader *reader, const char *kind, struct view *out) {
    uint64_t at = reader->byte;
    char text[72];
    if (!take_string(reader, out))
        return false;
    if (out->n == 0)
        return refuse_at(reader, at, "the name of the %s is empty", kind);
    if (out->n > MAX_NAME)
        return refuse_at(reader, at, "the name of the %s has %zu bytes, at most %d are allowed",
                         kind, out->n, MAX_NAME);
    snprintf(reader->what, sizeof reader->what, "%s %s", kind, shown(*out, text));
    return true;
}

static bool take_array(struct reader *reader, struct key *key) {
    uint32_t type;
    uint64_t at = reader->byte;
    if (!take(reader, &type, sizeof type) || !take(reader, &key->n, sizeof key->n))
        return false;
    if (type >= GGUF_N_TYPE || type == GGUF_ARRAY)
        return refuse_at(reader, at, "an array of elements of type %" PRIu32 " is not read", type);
    key->of = (enum gguf_type)type;
    key->byte = reader->byte;
    key->at = reader->gguf->map.at + reader->byte;
    uint64_t left = reader->gguf->map.n - reader->byte;
    uint64_t least = type == GGUF_STRING ? 8 : types[type].size;
    if (key->n > left / least)
        return refuse_at(reader, at,
                         "an array of %" PRIu64 " elements goes past the end of the "
                         "file",
                         key->n);
    if (type != GGUF_STRING) {
        reader->byte += key->n * least;
        return true;
    }
    for (uint64_t i = 0; i < key->n; i++) {
        struct view ignored;
        if (!take_string(reader, &ignored))
            return false;
    }
    return true;
}

static bool take_key(struct reader *reader, struct key *key) {
    uint32_t type;
    if (!take_name(reader, "key", &key->name))
        return false;
    uint64_t at = reader->byte;
    if (!take(reader, &type, sizeof type))
        return false;
    if (type >= GGUF_N_TYPE)
        return refuse_at(reader, at, "its value has the unknown type %" PRIu32, type);
    *key = (struct key){.name = key->name, .type = (enum gguf_type)type, .n = 1};
    key->byte = reader->byte;
    key->at = reader->gguf->map.at + reader->byte;
    if (type == GGUF_ARRAY)
        return take_array(reader, key);
    struct view ignored;
    if (type == GGUF_STRING)
        return take_string(reader, &ignored);
    uint8_t value[8];
    return take(reader, value, types[type].size);
}

/* Reads a tensor's description; `data` holds its offset until the data's start is known. */
static bool take_tensor(struct reader *reader, struct gguf_tensor *tensor, uint64_t *offset) {
    uint32_t n_dimension;
    uint64_t at = reader->byte;
    if (!take_name(reader, "tensor", &tensor->name))
        return false;
    tensor->header_byte = at;
    at = reader->byte;
    if (!take(reader, &n_dimension, sizeof n_dimension))
        return false;
    if (n_dimension < 1 || n_dimension > 4)
        return refuse_at(reader, at, "it has %" PRIu32 " dimensions, 1 to 4 are possible",
                         n_dimension);
    tensor->n_dimension = (int)n_dimension;
    uint64_t n_element = 1;
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t n = 1;
        at = reader->byte;
        if (i < n_dimension && !take(reader, &n, sizeof n))
            return false;
        if (n == 0)
            return refuse_at(reader, at, "dimension %" PRIu32 " is zero", i);
        if (__builtin_mul_overflow(n_element, n, &n_element) || n_element > INT64_MAX / 8)
            return refuse_at(reader, at, "its dimensions multiply to more than any file holds");
        tensor->dimension[i] = (int64_t)n;
    }
    at = reader->byte;
    if (!take(reader, &tensor->type, sizeof tensor->type))
        return false;
    const struct tensor_format *format = tensor_format(tensor->type);
    if (!format)
        return refuse_at(reader, at, "its block format (number %" PRIu32 ") is not supported",
                         tensor->type);
    if (tensor->dimension[0] % format->block_values)
        return refuse_at(reader, at, "rows of %" PRId64 " values do not divide into blocks of %d",
                         tensor->dimension[0], (int)format->block_values);
    /* at most INT64_MAX / 8 elements of at most 4 bytes */
    tensor->n_byte = n_element / (uint64_t)format->block_values * (uint64_t)format->block_bytes;
    return take(reader, offset, sizeof *offset);
}

/* ----------------------------------------------------------------------------------- checking */

static int compare_views(struct view a, struct view b) {
    int order = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_keys(const void *a, const void *b) {
    const struct key *left = a, *right = b;
    int order = compare_views(left->name, right->name);
    return order ? order : (left->byte > right->byte) - (left->byte < right->byte);
}

static int compare_tensors(const void *a, const void *b) {
    const struct gguf_tensor *const *left = a, *const *right = b;
    int order = compare_views((*left)->name, (*right)->name);
    return order ? order : (*left > *right) - (*left < *right);
}

static bool read_keys(struct reader *reader, struct gguf *gguf) {
    for (size_t i = 0; i < gguf->n_key; i++) {
        snprintf(reader->what, sizeof reader->what, "key number %zu", i);
        if (!take_key(reader, &gguf->keys[i]))
            return false;
    }
    qsort(gguf->keys, gguf->n_key, sizeof *gguf->keys, compare_keys);
    for (size_t i = 1; i < gguf->n_key; i++) {
        const struct key *key = &gguf->keys[i];
        char text[72];
        if (view_equal(key[-1].name, key->name)) {
            snprintf(reader->what, sizeof reader->what, "key %s", shown(key->name, text));
            return refuse_at(reader, key->byte, "it stands twice in the file");
        }
    }
    return true;
}

static bool read_tensors(struct reader *reader, struct gguf *gguf) {
    uint64_t *offsets = try_alloc(gguf->n_tensor, sizeof *offsets, reader->fault);
    bool good = offsets != NULL;
    for (size_t i = 0; good && i < gguf->n_tensor; i++) {
        snprintf(reader->what, sizeof reader->what, "tensor number %zu", i);
        good = take_tensor(reader, &gguf->tensors[i], &offsets[i]);
        gguf->by_name[i] = &gguf->tensors[i];
    }
    int64_t alignment = 32;
    if (good && gguf_has(gguf, "general.alignment"))
        good =
            gguf_integer(gguf, "general.alignment", 8, MAX_ALIGNMENT, &alignment, reader->fault);
    if (good && (alignment & (alignment - 1)))
        good = gguf_fault(gguf, "general.alignment", reader->fault,
                          "%" PRId64 " is no power of two", alignment);
    uint64_t mask = (uint64_t)alignment - 1;
    uint64_t start = good ? (reader->byte + mask) & ~mask : 0;
    for (size_t i = 0; good && i < gguf->n_tensor; i++) {
        struct gguf_tensor *tensor = &gguf->tensors[i];
        char text[72];
        snprintf(reader->what, sizeof reader->what, "tensor %s", shown(tensor->name, text));
        uint64_t room = start < gguf->map.n ? gguf->map.n - start : 0;
        if (offsets[i] & mask)
            good = refuse_at(reader, tensor->header_byte,
                             "its offset %" PRIu64 " is no multiple of %" PRId64, offsets[i],
                             alignment);
        else if (offsets[i] > room || tensor->n_byte > room - offsets[i])
            good = refuse_at(reader, tensor->header_byte,
                             "its %" PRIu64 " bytes from offset %" PRIu64
                             " go past the end of the file",
                             tensor->n_byte, offsets[i]);
        else
            tensor->data = gguf->map.at + start + offsets[i];
    }
    free(offsets);
    if (!good)
        return false;
    qsort(gguf->by_name, gguf->n_tensor, sizeof *gguf->by_name, compare_tensors);
    for (size_t i = 1; i < gguf->n_tensor; i++) {
        const struct gguf_tensor *tensor = gguf->by_name[i];
        char text[72];
        if (view_equal(gguf->by_name[i - 1]->name, tensor->name)) {
            snprintf(reader->what, sizeof reader->what, "tensor %s", shown(tensor->name, text));
            return refuse_at(reader, tensor->header_byte, "it stands twice in the file");
        }
    }
    return true;
}

static bool read_all(struct gguf *gguf, struct fault *fault) {
    struct reader reader = {.gguf = gguf, .what = "header", .fault = fault};
    char magic[4];
    uint32_t version;
    uint64_t n_tensor, n_key;
    if (!take(&reader, magic, sizeof magic))
        return false;
    if (memcmp(magic, "GGUF", 4))
        return refuse_at(&reader, 0, "this is no GGUF file");
    if (!take(&reader, &version, sizeof version))
        return false;
    if (version != 2 && version != 3)
        return refuse_at(&reader, 4, "GGUF version %" PRIu32 " is not read, only 2 and 3%s",
                         version,
                         version > 0 && !(version & 0xFFFF) ? " (the file is big-endian)" : "");
    if (!take(&reader, &n_tensor, sizeof n_tensor) || !take(&reader, &n_key, sizeof n_key))
        return false;
    if (n_tensor > MAX_TENSORS || n_tensor > gguf->map.n / MIN_TENSOR_BYTES)
        return refuse_at(&reader, 8, "%" PRIu64 " tensors cannot be in a file of %zu bytes",
                         n_tensor, gguf->map.n);
    if (n_key > MAX_KEYS || n_key > gguf->map.n / MIN_KEY_BYTES)
        return refuse_at(&reader, 16, "%" PRIu64 " keys cannot be in a file of %zu bytes", n_key,
                         gguf->map.n);
    gguf->n_key = n_key;
    gguf->n_tensor = n_tensor;
    return (gguf->keys = try_alloc(n_key, sizeof *gguf->keys, fault)) &&
           (gguf->tensors = try_alloc(n_tensor, sizeof *gguf->tensors, fault)) &&
           (gguf->by_name = try_alloc(n_tensor, sizeof *gguf->by_name, fault)) &&
           read_keys(&reader, gguf) && read_tensors(&reader, gguf);
}

static struct gguf *gguf_over(struct file_map map, bool owns_map, const char *name,
                              struct fault *fault) {
    struct gguf *gguf = try_alloc(1, sizeof *gguf, fault);
    if (!gguf) {
        if (owns_map)
            file_unmap(&map);
        return NULL;
    }
    *gguf = (struct gguf){.map = map, .owns_map = owns_map};
    if ((gguf->path = try_copy(view_of(name), fault)) && read_all(gguf, fault))
        return gguf;
    gguf_close(gguf);
    return NULL;
}

struct gguf *gguf_open(const char *path, struct fault *fault) {
    struct file_map map;
    return file_map(path, &map, fault) ? gguf_over(map, true, path, fault) : NULL;
}

struct gguf *gguf_open_bytes(struct view bytes, const char *name, struct fault *fault) {
    MUST(((uintptr_t)bytes.at & 31) == 0);
    return gguf_over((struct file_map){(const uint8_t *)bytes.at, bytes.n}, false, name, fault);
}

void gguf_close(struct gguf *gguf) {
    if (!gguf)
        return;
    if (gguf->owns_map)
        file_unmap(&gguf->map);
    free(gguf->keys);
    free(gguf->tensors);
    free(gguf->by_name);
    free(gguf->path);
    free(gguf);
}

void gguf_give_back(const struct gguf *gguf, const void *data, size_t n) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)data;
    uintptr_t from = (at + page - 1) / page * page, to = (at + n) / page * page;
    if (gguf->owns_map && from < to)
        madvise((void *)from, to - from, MADV_DONTNEED); /* a wish: refused, they stay */
}

void gguf_give_back_all(const struct gguf *gguf) {
    gguf_give_back(gguf, gguf->map.at, gguf->map.n);
}

const char *gguf_path(const struct gguf *gguf) {
    return gguf->path;
}

uint64_t gguf_size(const struct gguf *gguf) {
    return gguf->map.n;
}

struct view gguf_bytes(const struct gguf *gguf) {
    return (struct view){(const char *)gguf->map.at, gguf->map.n};
}

/* --------------------------------------------------------------------------------------- keys */

static const struct key *find_key(const struct gguf *gguf, const char *name) {
    struct view wanted = view_of(name);
    size_t low = 0, high = gguf->n_key;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_views(gguf->keys[middle].name, wanted);
        if (order == 0)
            return &gguf->keys[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool gguf_has(const struct gguf *gguf, const char *key) {
    return find_key(gguf, key) != NULL;
}

bool gguf_fault(const struct gguf *gguf, const char *key, struct fault *fault, const char *format,
                ...) {
    char text[280];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const struct key *found = find_key(gguf, key);
    fault_set(fault, FAULT_INPUT, "key %s: %s", key, text);
    return fault_place(fault, gguf->path, 0, found ? (int64_t)found->byte : -1);
}

static const struct key *need_key(const struct gguf *gguf, const char *name, const char *wanted,
                                  bool right(const struct key *), struct fault *fault) {
    const struct key *key = find_key(gguf, name);
    if (!key) {
        fault_set(fault, FAULT_MISSING, "key %s: the file does not have it", name);
        fault_place(fault, gguf->path, 0, 0);
        fault_remedy(fault, "The file is no language model, or a damaged one");
        return NULL;
    }
    if (!right(key)) {
        gguf_fault(gguf, name, fault, "%s is needed, the file has %s%s", wanted,
                   key->type == GGUF_ARRAY ? "an array of " : "",
                   types[key->type == GGUF_ARRAY ? key->of : key->type].name);
        return NULL;
    }
    return key;
}

static bool is_integer(const struct key *key) {
    return types[key->type].is_integer;
}
static bool is_number(const struct key *key) {
    return key->type == GGUF_FLOAT32 || key->type == GGUF_FLOAT64;
}
static bool is_boolean(const struct key *key) {
    return key->type == GGUF_BOOL;
}
static bool is_string(const struct key *key) {
    return key->type == GGUF_STRING;
}
static bool is_array(const struct key *key) {
    return key->type == GGUF_ARRAY;
}

static int64_t integer_at(enum gguf_type type, const uint8_t *at) {
    union {
        uint8_t u8;
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
    } value = {0};
    memcpy(&value, at, types[type].size);
    switch (type) {
    case GGUF_UINT8:
    case GGUF_BOOL:
        return value.u8;
    case GGUF_INT8:
        return value.i8;
    case GGUF_UINT16:
        return value.u16;
    case GGUF_INT16:
        return value.i16;
    case GGUF_UINT32:
        return value.u32;
    case GGUF_INT32:
        return value.i32;
    case GGUF_UINT64: /* what is over fits no bound that anyone asks for */
        return value.u64 > INT64_MAX ? INT64_MAX : (int64_t)value.u64;
    default:
        return value.i64;
    }
}

static double number_at(enum gguf_type type, const uint8_t *at) {
    float single;
    double twice;
    memcpy(&single, at, sizeof single);
    if (type == GGUF_FLOAT32)
        return (double)single;
    memcpy(&twice, at, sizeof twice);
    return twice;
}

bool gguf_integer(const struct gguf *gguf, const char *name, int64_t low, int64_t high,
                  int64_t *out, struct fault *fault) {
    const struct key *key = need_key(gguf, name, "an integer", is_integer, fault);
    if (!key)
        return false;
    *out = integer_at(key->type, key->at);
    if (*out < low || *out > high)
        return gguf_fault(gguf, name, fault, "%" PRId64 " is not between %" PRId64 " and %" PRId64,
                          *out, low, high);
    return true;
}

bool gguf_number(const struct gguf *gguf, const char *name, double *out, struct fault *fault) {
    const struct key *key = need_key(gguf, name, "a floating-point number", is_number, fault);
    if (key)
        *out = number_at(key->type, key->at);
    return key != NULL;
}

bool gguf_boolean(const struct gguf *gguf, const char *name, bool *out, struct fault *fault) {
    const struct key *key = need_key(gguf, name, "a bool", is_boolean, fault);
    if (key)
        *out = key->at[0] != 0;
    return key != NULL;
}

bool gguf_string(const struct gguf *gguf, const char *name, struct view *out,
                 struct fault *fault) {
    const struct key *key = need_key(gguf, name, "a string", is_string, fault);
    if (!key)
        return false;
    uint64_t n;
    memcpy(&n, key->at, sizeof n);
    *out = (struct view){(const char *)key->at + sizeof n, n};
    return true;
}

bool gguf_array(const struct gguf *gguf, const char *name, struct gguf_array *out,
                struct fault *fault) {
    const struct key *key = need_key(gguf, name, "an array", is_array, fault);
    if (key)
        *out = (struct gguf_array){key->of, key->n, key->at, key->byte};
    return key != NULL;
}

bool gguf_array_is_integer(const struct gguf_array *array) {
    return types[array->type].is_integer || array->type == GGUF_BOOL;
}

bool gguf_array_is_number(const struct gguf_array *array) {
    return array->type == GGUF_FLOAT32 || array->type == GGUF_FLOAT64;
}

int64_t gguf_array_integer(const struct gguf_array *array, uint64_t i) {
    MUST(i < array->n && gguf_array_is_integer(array));
    return integer_at(array->type, array->at + i * types[array->type].size);
}

double gguf_array_number(const struct gguf_array *array, uint64_t i) {
    MUST(i < array->n && gguf_array_is_number(array));
    return number_at(array->type, array->at + i * types[array->type].size);
}

struct view gguf_array_string(const struct gguf_array *array, uint64_t *cursor) {
    MUST(array->type == GGUF_STRING);
    uint64_t n;
    memcpy(&n, array->at + *cursor, sizeof n);
    struct view text = {(const char *)array->at + *cursor + sizeof n, n};
    *cursor += sizeof n + n;
    return text;
}

size_t gguf_n_key(const struct gguf *gguf) {
    return gguf->n_key;
}

/* Bytes from key->at to the value's end; opening has shown that they are there. */
static size_t value_size(const struct key *key) {
    enum gguf_type type = key->type == GGUF_ARRAY ? key->of : key->type;
    if (type != GGUF_STRING)
        return key->n * types[type].size;
    size_t size = 0;
    for (uint64_t i = 0; i < key->n; i++) {
        uint64_t n;
        memcpy(&n, key->at + size, sizeof n);
        size += sizeof n + n;
    }
    return size;
}

struct gguf_key gguf_key_at(const struct gguf *gguf, size_t i) {
    MUST(i < gguf->n_key);
    const struct key *key = &gguf->keys[i];
    size_t before = key->type == GGUF_ARRAY ? sizeof(uint32_t) + sizeof(uint64_t) : 0;
    return (struct gguf_key){
        key->name, key->type, {(const char *)key->at - before, before + value_size(key)}};
}

/* ------------------------------------------------------------------------------------ tensors */

size_t gguf_n_tensor(const struct gguf *gguf) {
    return gguf->n_tensor;
}

const struct gguf_tensor *gguf_tensor_at(const struct gguf *gguf, size_t i) {
    MUST(i < gguf->n_tensor);
    return &gguf->tensors[i];
}

const struct gguf_tensor *gguf_tensor(const struct gguf *gguf, const char *name) {
    struct view wanted = view_of(name);
    size_t low = 0, high = gguf->n_tensor;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_views(gguf->by_name[middle]->name, wanted);
        if (order == 0)
            return gguf->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
