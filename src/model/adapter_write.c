/* Writing adapters as GGUF files:
 *
 *     general.type "adapter", general.architecture as the model's, adapter.type "lora",
 *     adapter.lora.alpha; two tensors for each that changes, "NAME.lora_a" with `rank` rows of
 *     n_in values and "NAME.lora_b" with n_out rows of `rank` values */
#include "model/gguf.h"
#include "model/model.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum tensor_type type;
    uint32_t file_type; /* ggml's llama_ftype */
    float most;
} types[] = {
    {"F32", TENSOR_F32, 0, 3.4e38F},
    {"F16", TENSOR_F16, 1, 65504},
    {"BF16", TENSOR_BF16, 32, 3.38e38F},
    {"Q8_0", TENSOR_Q8_0, 7, 65504},
};

static bool find_type(const char *name, size_t *type, struct fault *fault) {
    for (*type = 0; *type < COUNT_OF(types); ++*type)
        if (!strcasecmp(name, types[*type].name))
            return true;
    fault_set(fault, FAULT_INPUT, "%.40s is no type of adapters", name);
    return fault_remedy(fault, "Use one of F32, F16, BF16, Q8_0");
}

/* One of a pair, as rows of n_column values. */
struct half {
    char name[96];
    enum tensor_type type;
    int64_t n_column, n_row;
    const float *values;
};

static struct half half_of(const struct adapter_matrix *matrix, bool is_b, enum tensor_type type) {
    struct half half = {.type = type,
                        .n_column = is_b ? matrix->rank : matrix->n_in,
                        .n_row = is_b ? matrix->n_out : matrix->rank,
                        .values = is_b ? matrix->b : matrix->a};
    snprintf(half.name, sizeof half.name, "%s.lora_%c", matrix->tensor, is_b ? 'b' : 'a');
    if (half.n_column % tensor_format(type)->block_values)
        half.type = TENSOR_F16;
    return half;
}

static bool check(const struct adapter_matrix *matrices, size_t i, struct fault *fault) {
    const struct adapter_matrix *matrix = &matrices[i];
    if (strlen(matrix->tensor) > 80 || !*matrix->tensor)
        return fault_set(fault, FAULT_INPUT, "\"%.80s\" is no name of a tensor", matrix->tensor);
    if (matrix->rank < 1 || matrix->n_in < 1 || matrix->n_out < 1)
        return fault_set(fault, FAULT_INPUT,
                         "tensor %s: a change of rank %d from %" PRId64 " to %" PRId64
                         " values is none",
                         matrix->tensor, matrix->rank, matrix->n_in, matrix->n_out);
    for (size_t k = 0; k < i; k++)
        if (!strcmp(matrices[k].tensor, matrix->tensor))
            return fault_set(fault, FAULT_INPUT, "tensor %s is changed twice", matrix->tensor);
    return true;
}

static bool check_values(const struct half *half, float most, struct fault *fault) {
    for (int64_t i = 0; i < half->n_row * half->n_column; i++)
        if (!(fabsf(half->values[i]) <= most)) {
            fault_set(fault, FAULT_INPUT,
                      "tensor %s: value %" PRId64 " is %g, which %s does not hold", half->name, i,
                      (double)half->values[i], tensor_format(half->type)->name);
            return fault_remedy(fault, "The training went astray, or F32 is wanted");
        }
    return true;
}

static bool write_half(struct gguf_writer *writer, const struct half *half, struct fault *fault) {
    const struct tensor_format *format = tensor_format(half->type);
    int64_t n = half->n_row * half->n_column;
    size_t n_byte = (size_t)(n / format->block_values) * (size_t)format->block_bytes;
    void *bytes = try_alloc(n_byte, 1, fault);
    bool good = bytes != NULL;
    if (good) {
        quantise_weights(half->type, half->values, n, bytes);
        good = gguf_write_data(writer, bytes, n_byte, fault);
    }
    free(bytes);
    return good;
}

static void write_keys(struct gguf_writer *writer, const struct adapter_description *description,
                       uint32_t file_type) {
    gguf_write_text(writer, "general.architecture", view_of(description->architecture));
    for (size_t i = 0; i < description->n_text; i++)
        gguf_write_text(writer, description->texts[i].key, view_of(description->texts[i].text));
    gguf_write_text(writer, "general.type", VIEW("adapter"));
    gguf_write_text(writer, "adapter.type", VIEW("lora"));
    gguf_write_key(writer, VIEW("adapter.lora.alpha"), GGUF_FLOAT32,
                   (struct view){(const char *)&description->alpha, sizeof(float)});
    gguf_write_uint32(writer, "general.file_type", file_type);
    gguf_write_uint32(writer, "general.quantization_version", 2);
}

static bool write_all(struct gguf_writer *writer, const char *path,
                      const struct adapter_matrix *matrices, size_t n, size_t type,
                      struct fault *fault) {
    enum tensor_type wanted = types[type].type;
    for (size_t i = 0; i < 2 * n; i++) {
        struct half half = half_of(&matrices[i / 2], i % 2, wanted);
        if ((i % 2 == 0 && !check(matrices, i / 2, fault)) ||
            !check_values(&half, half.type == wanted ? types[type].most : 65504, fault))
            return false;
        gguf_write_tensor(writer, view_of(half.name), half.type, 2,
                          (int64_t[]){half.n_column, half.n_row});
    }
    bool good = gguf_write_start(writer, path, fault);
    for (size_t i = 0; i < 2 * n && good; i++) {
        struct half half = half_of(&matrices[i / 2], i % 2, wanted);
        good = write_half(writer, &half, fault);
    }
    return good && gguf_write_finish(writer, fault);
}

bool adapter_write(const char *path, const struct adapter_description *description,
                   const struct adapter_matrix *matrices, size_t n, struct fault *fault) {
    size_t type;
    if (!find_type(description->type, &type, fault))
        return false;
    if (n == 0 || !isfinite(description->alpha) || description->alpha < 0)
        return fault_set(fault, FAULT_INPUT, "an adapter of %zu matrices with alpha %g is none", n,
                         (double)description->alpha);
    struct gguf_writer *writer = gguf_writer_new();
    write_keys(writer, description, types[type].file_type);
    bool good = write_all(writer, path, matrices, n, type, fault);
    gguf_writer_free(writer);
    return good || fault_place(fault, path, 0, -1);
}
