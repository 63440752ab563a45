/* The tensors of a GGUF file, and reading tensors of every origin. */
#include "model/source.h"
#include "model/safetensors.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -------------------------------------------------------------------------------------- reading
 */

static const struct tensor_format *format_of(const struct source_tensor *tensor) {
    return tensor_format(tensor->type);
}

int64_t source_values(const struct source_tensor *tensor) {
    const struct tensor_format *format = format_of(tensor);
    uint64_t size = tensor->is_double ? sizeof(double) : (uint64_t)format->block_bytes;
    return (int64_t)(tensor->n_byte / size * (uint64_t)format->block_values);
}

uint64_t source_offset(const struct source_tensor *tensor, int64_t first) {
    const struct tensor_format *format = format_of(tensor);
    uint64_t size = tensor->is_double ? sizeof(double) : (uint64_t)format->block_bytes;
    return (uint64_t)(first / format->block_values) * size;
}

bool source_is_plain(const struct source_tensor *tensor) {
    return !tensor->is_double && !tensor->n_head && tensor->plus == 0;
}

static void read_run(const struct source_tensor *tensor, int64_t first, int64_t n, float *out) {
    const uint8_t *at = tensor->data + source_offset(tensor, first);
    if (!tensor->is_double) {
        matrix_row(&(struct matrix){.type = tensor->type, .rows = 1, .columns = n, .data = at}, 0,
                   out);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        double value;
        memcpy(&value, at + (size_t)i * sizeof value, sizeof value);
        out[i] = (float)value;
    }
}

/* The row that comes to stand at `row`: of a head's rows, number i of the first half and of the
 * second become neighbours, as ROPE_ADJACENT rotates them. */
static int64_t row_from(int64_t row, int64_t d_head) {
    int64_t head = row / d_head, at = row % d_head;
    return head * d_head + at / 2 + (at % 2 ? d_head / 2 : 0);
}

static void read_reordered(const struct source_tensor *tensor, int64_t first, int64_t n,
                           float *out) {
    bool is_vector = tensor->n_dimension == 1;
    int64_t columns = is_vector ? 1 : tensor->dimension[0];
    int64_t d_head = tensor->dimension[is_vector ? 0 : 1] / tensor->n_head;
    while (n) {
        int64_t row = first / columns, column = first % columns;
        int64_t now = columns - column < n ? columns - column : n;
        read_run(tensor, row_from(row, d_head) * columns + column, now, out);
        first += now;
        out += now;
        n -= now;
    }
}

void source_read(const struct source_tensor *tensor, int64_t first, int64_t n, float *out) {
    (tensor->n_head ? read_reordered : read_run)(tensor, first, n, out);
    for (int64_t i = 0; tensor->plus != 0 && i < n; i++)
        out[i] += tensor->plus;
}

const struct source_tensor *source_tensor(const struct source *source, const char *name) {
    for (size_t i = 0; i < source->n_tensor; i++)
        if (view_is(source->tensors[i].name, name))
            return &source->tensors[i];
    return NULL;
}

/* -------------------------------------------------------------------------------------- opening
 */

static bool read_gguf(struct source *source, const struct gguf *gguf, struct gguf_writer *keys,
                      struct fault *fault) {
    struct view architecture;
    char key[96];
    int64_t n;
    struct fault ignored = {0};
    if (gguf_integer(gguf, "split.count", 2, INT64_MAX, &n, &ignored)) {
        gguf_fault(gguf, "split.count", fault, "this is one of %" PRId64 " parts of a model", n);
        return fault_remedy(fault, "Merge them first");
    }
    if (!gguf_string(gguf, "general.architecture", &architecture, fault))
        return false;
    snprintf(key, sizeof key, "%.*s.block_count", (int)(architecture.n < 64 ? architecture.n : 64),
             architecture.at);
    if (!gguf_integer(gguf, key, 1, 1 << 20, &n, fault))
        return false;
    source->n_layer = (int)n;
    source->is_whole = true;
    source->n_byte = gguf_size(gguf);
    source->n_tensor = gguf_n_tensor(gguf);
    source->tensors = ARENA_NEW(source->arena, source->n_tensor + 1, struct source_tensor);
    for (size_t i = 0; i < source->n_tensor; i++) {
        const struct gguf_tensor *from = gguf_tensor_at(gguf, i);
        struct source_tensor *tensor = &source->tensors[i];
        *tensor = (struct source_tensor){.name = from->name,
                                         .n_dimension = from->n_dimension,
                                         .type = from->type,
                                         .data = from->data,
                                         .n_byte = from->n_byte,
                                         .is_mapped = true,
                                         .path = gguf_path(gguf),
                                         .byte = (int64_t)from->header_byte};
        memcpy(tensor->dimension, from->dimension, sizeof tensor->dimension);
    }
    gguf_write_keys_of(keys, gguf);
    return true;
}

static bool holds_safetensors(const char *path) {
    struct stat status;
    return view_ends(view_of(path), ".safetensors") || view_ends(view_of(path), ".json") ||
           (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

bool source_open(struct source *source, const char *path, struct gguf_writer *keys,
                 struct fault *fault) {
    *source = (struct source){.path = path, .arena = arena_new()};
    bool good;
    if (holds_safetensors(path)) {
        good = convert_open(source, path, keys, fault);
    } else {
        source->gguf = gguf_open(path, fault);
        good = source->gguf && read_gguf(source, source->gguf, keys, fault);
    }
    if (!good)
        source_close(source);
    return good;
}

bool source_of_gguf(struct source *source, const struct gguf *gguf, struct gguf_writer *keys,
                    struct fault *fault) {
    *source = (struct source){.path = gguf_path(gguf), .arena = arena_new()};
    bool good = read_gguf(source, gguf, keys, fault);
    if (!good)
        source_close(source);
    return good;
}

void source_close(struct source *source) {
    gguf_close(source->gguf);
    safetensors_close(source->safetensors);
    arena_free(source->arena);
    *source = (struct source){0};
}
