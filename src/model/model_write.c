/* A model with some of its tensors replaced, as a file. */
#include "model/quantize.h"
#include "model/session.h"

#include <inttypes.h>

static struct source_tensor *find_tensor(struct source *source, const char *name) {
    for (size_t i = 0; i < source->n_tensor; i++)
        if (view_is(source->tensors[i].name, name))
            return &source->tensors[i];
    return NULL;
}

static bool refuse(const struct source *source, const struct tensor_values *new,
                   const char *format, int64_t n, struct fault *fault) {
    char text[120];
    snprintf(text, sizeof text, format, n);
    fault_set(fault, FAULT_INPUT, "tensor %.80s: %s", new->name, text);
    return fault_place(fault, source->path, 0, -1);
}

static bool replace(struct source *source, const struct tensor_values *new, struct fault *fault) {
    struct source_tensor *tensor = find_tensor(source, new->name);
    if (!tensor)
        return refuse(source, new, "the model has none of this name", 0, fault);
    if (new->n != source_values(tensor))
        return refuse(source, new, "the model has another number of values than %" PRId64, new->n,
                      fault);
    if (!tensor->is_mapped)
        return refuse(source, new, "it is replaced twice", 0, fault);
    tensor->type = TENSOR_F32;
    tensor->data = (const uint8_t *)new->values;
    tensor->n_byte = (uint64_t) new->n * sizeof(float);
    tensor->is_mapped = false;
    return true;
}

bool model_write(const struct model *model, const char *path, const struct tensor_values *values,
                 size_t n, const char *type, struct fault *fault) {
    struct gguf_writer *writer = gguf_writer_new();
    struct source source;
    struct quantisation how = {.type = type, .force = true};
    struct quantisation_result result = {0};
    bool good = source_of_gguf(&source, model_gguf(model), writer, fault);
    if (good) {
        for (size_t i = 0; i < n && good; i++)
            good = replace(&source, &values[i], fault);
        good = good && !source_overwritten(&source, path, fault) &&
               source_write(&source, path, &how, writer, model_pool(model), &result, fault);
        source_close(&source);
    }
    gguf_writer_free(writer);
    return good;
}
