/* Loading: the table of networks, and every shape checked before a kernel may see it. */
#include "model/network_load.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row a network: its file holds the rest (docs/engine.md, "Adding a network"). */
static const struct network *const networks[] = {
    &network_llama, &network_qwen2, &network_qwen3, &network_gemma3, &network_bert,
};

/* Bounds that keep every product of two of them inside an int64. */
enum {
    MAX_LAYERS = 1024,
    MAX_HEADS = 1024,
    MAX_WIDTH = 1 << 20,
    MAX_HEAD_WIDTH = 512, /* what attend() takes */
    MAX_CONTEXT = 1 << 30,
    MAX_VOCABULARY = 1 << 24
};

const char *loader_key(const struct loader *loader, const char *rest, char out[96]) {
    snprintf(out, 96, "%s.%s", loader->weights->network->architecture, rest);
    return out;
}

bool need_integer(struct loader *loader, const char *rest, int64_t high, int *out) {
    char key[96];
    int64_t value;
    if (!gguf_integer(loader->gguf, loader_key(loader, rest, key), 1, high, &value, loader->fault))
        return false;
    *out = (int)value;
    return true;
}

bool may_integer(struct loader *loader, const char *rest, int64_t high, int otherwise, int *out) {
    char key[96];
    *out = otherwise;
    return !gguf_has(loader->gguf, loader_key(loader, rest, key)) ||
           need_integer(loader, rest, high, out);
}

bool may_number(struct loader *loader, const char *rest, double otherwise, double *out) {
    char key[96];
    *out = otherwise;
    loader_key(loader, rest, key);
    if (gguf_has(loader->gguf, key) && !gguf_number(loader->gguf, key, out, loader->fault))
        return false;
    return (isfinite(*out) && *out > 0) ||
           gguf_fault(loader->gguf, key, loader->fault, "%g is no positive number", *out);
}

/* ----------------------------------------------------------------------------------- metadata */

static bool choose_network(struct loader *loader) {
    struct view name;
    if (!gguf_string(loader->gguf, "general.architecture", &name, loader->fault))
        return false;
    for (size_t i = 0; i < COUNT_OF(networks); i++)
        if (view_is(name, networks[i]->architecture)) {
            loader->weights->network = networks[i];
            return true;
        }
    char list[160] = "";
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, networks[i]->architecture, sizeof list - strlen(list) - 1);
    }
    struct view cut = view_slice(name, 0, 40);
    gguf_fault(loader->gguf, "general.architecture", loader->fault,
               "the network %.*s is not supported", VIEW_ARG(cut));
    return fault_remedy(loader->fault, "Use a model of one of: %s", list);
}

/* What would change the numbers and is not computed here must not be passed over in silence. */
static bool refuse_unsupported(struct loader *loader) {
    char key[96];
    static const char *const keys[] = {"expert_count",
                                       "attn_logit_softcapping",
                                       "final_logit_softcapping",
                                       "attention.scale",
                                       "attention.clamp_kqv",
                                       "attention.max_alibi_bias",
                                       "logit_scale",
                                       "residual_scale",
                                       "embedding_scale",
                                       "attention.sliding_window"};
    bool has_windows = loader->weights->network->window_period != 0;
    size_t n = COUNT_OF(keys) - (has_windows ? 1 : 0); /* the last is computed then */
    for (size_t i = 0; i < n; i++) {
        double value;
        if (!gguf_has(loader->gguf, loader_key(loader, keys[i], key)))
            continue;
        if (!gguf_number(loader->gguf, key, &value, loader->fault))
            return false;
        if (value != 0)
            return gguf_fault(loader->gguf, key, loader->fault, "this is not supported");
    }
    return true;
}

/* *factor: what positions are divided by before they turn anything (Chen et al. 2023, arXiv
 * 2306.15595); 1 mostly. */
static bool read_rope_scaling(struct loader *loader, double *factor) {
    char key[96];
    struct view type = VIEW("linear");
    *factor = 1;
    if (gguf_has(loader->gguf, loader_key(loader, "rope.scaling.type", key)) &&
        !gguf_string(loader->gguf, key, &type, loader->fault))
        return false;
    if (view_is(type, "none"))
        return true;
    if (!view_is(type, "linear")) {
        type = view_slice(type, 0, 32);
        return gguf_fault(loader->gguf, key, loader->fault,
                          "scaling of positions by \"%.*s\" is not supported", VIEW_ARG(type));
    }
    /* The second name is that of old files. */
    return may_number(loader, "rope.scaling.factor", 1, factor) &&
           (*factor != 1 || may_number(loader, "rope.scale_linear", 1, factor));
}

/* *window 0: no layer has one. */
static bool read_windows(struct loader *loader, int *window, int *period) {
    char key[96];
    int64_t value = 0;
    *period = loader->weights->network->window_period;
    if (*period && gguf_has(loader->gguf, loader_key(loader, "attention.sliding_window", key)) &&
        !gguf_integer(loader->gguf, key, 0, MAX_CONTEXT, &value, loader->fault))
        return false;
    *window = (int)value;
    return !value ||
           may_integer(loader, "attention.sliding_window_pattern", MAX_LAYERS, *period, period);
}

static bool read_shape(struct loader *loader) {
    struct model_shape *shape = &loader->weights->shape;
    struct weights *weights = loader->weights;
    char key[96];
    double epsilon;
    int d_value, n_vocabulary;
    shape->architecture = weights->network->architecture;
    shape->n_byte = gguf_size(loader->gguf);
    if (!need_integer(loader, "block_count", MAX_LAYERS, &shape->n_layer) ||
        !need_integer(loader, "embedding_length", MAX_WIDTH, &shape->d_model) ||
        !need_integer(loader, "feed_forward_length", MAX_WIDTH, &shape->d_feed_forward) ||
        !need_integer(loader, "context_length", MAX_CONTEXT, &shape->n_context) ||
        !need_integer(loader, "attention.head_count", MAX_HEADS, &shape->n_head) ||
        !may_integer(loader, "attention.head_count_kv", MAX_HEADS, shape->n_head,
                     &shape->n_kv_head))
        return false;
    if (shape->n_head % shape->n_kv_head)
        return gguf_fault(loader->gguf, loader_key(loader, "attention.head_count_kv", key),
                          loader->fault, "%d heads do not share %d key heads evenly",
                          shape->n_head, shape->n_kv_head);
    if (!gguf_has(loader->gguf, loader_key(loader, "attention.key_length", key)) &&
        shape->d_model % shape->n_head)
        return gguf_fault(loader->gguf, loader_key(loader, "attention.head_count", key),
                          loader->fault, "%d heads do not divide a width of %d", shape->n_head,
                          shape->d_model);
    int d_head = shape->d_model / shape->n_head ? shape->d_model / shape->n_head : 1;
    if (!may_integer(loader, "attention.key_length", MAX_HEAD_WIDTH, d_head, &shape->d_head) ||
        !may_integer(loader, "attention.value_length", MAX_HEAD_WIDTH, shape->d_head, &d_value) ||
        !may_integer(loader, "rope.dimension_count", MAX_WIDTH, shape->d_head,
                     &weights->rope.n_rotated) ||
        !may_integer(loader, "vocab_size", MAX_VOCABULARY, 0, &n_vocabulary) ||
        !may_number(loader,
                    weights->network->epsilon_key ? weights->network->epsilon_key
                                                  : "attention.layer_norm_rms_epsilon",
                    1e-5, &epsilon))
        return false;
    shape->n_vocabulary = n_vocabulary; /* 0: the embedding tells */
    weights->norm_epsilon = (float)epsilon;
    if (d_value != shape->d_head)
        return gguf_fault(loader->gguf, loader_key(loader, "attention.value_length", key),
                          loader->fault, "values of %d and keys of %d are not supported", d_value,
                          shape->d_head);
    if (weights->rope.n_rotated % 2 || weights->rope.n_rotated > shape->d_head)
        return gguf_fault(loader->gguf, loader_key(loader, "rope.dimension_count", key),
                          loader->fault, "%d is not an even number up to the head's %d",
                          weights->rope.n_rotated, shape->d_head);
    if (shape->d_head % 2)
        return gguf_fault(loader->gguf, loader_key(loader, "attention.key_length", key),
                          loader->fault, "a head of %d values cannot be rotated in pairs",
                          shape->d_head);
    return refuse_unsupported(loader);
}

/* ------------------------------------------------------------------------------------ tensors */

bool tensor_fault(struct loader *loader, const struct gguf_tensor *tensor, const char *name,
                  const char *format, ...) {
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_set(loader->fault, tensor ? FAULT_INPUT : FAULT_MISSING, "tensor %s: %s", name, text);
    fault_place(loader->fault, gguf_path(loader->gguf), 0,
                tensor ? (int64_t)tensor->header_byte : 0);
    fault_remedy(loader->fault, "The file is damaged, or made by a converter that this "
                                "program does not know");
    return false;
}

/* A tensor of exactly n_column × n_row values (n_row 1: a vector). */
static const struct gguf_tensor *need_tensor(struct loader *loader, const char *name,
                                             int64_t n_column, int64_t n_row) {
    const struct gguf_tensor *tensor = gguf_tensor(loader->gguf, name);
    if (!tensor) {
        tensor_fault(loader, NULL, name, "the file does not have it");
        return NULL;
    }
    const int64_t *dimension = tensor->dimension;
    if (dimension[0] != n_column || dimension[1] != n_row || dimension[2] != 1 ||
        dimension[3] != 1) {
        tensor_fault(loader, tensor, name,
                     "its shape is %" PRId64 " × %" PRId64 "%s, the keys of the file ask for "
                     "%" PRId64 " × %" PRId64,
                     dimension[0], dimension[1], dimension[2] * dimension[3] > 1 ? " × …" : "",
                     n_column, n_row);
        return NULL;
    }
    loader->n_used++;
    loader->weights->shape.n_parameter += (uint64_t)(n_column * n_row);
    return tensor;
}

bool load_matrix(struct loader *loader, const char *name, int64_t n_column, int64_t n_row,
                 struct matrix *out) {
    const struct gguf_tensor *tensor = need_tensor(loader, name, n_column, n_row);
    if (!tensor)
        return false;
    *out = (struct matrix){
        .type = tensor->type, .rows = n_row, .columns = n_column, .data = tensor->data};
    return true;
}

bool load_vector(struct loader *loader, const char *name, int n, enum presence presence,
                 const float **out) {
    *out = NULL;
    if (presence == OPTIONAL && !gguf_tensor(loader->gguf, name))
        return true;
    const struct gguf_tensor *tensor = need_tensor(loader, name, n, 1);
    if (!tensor)
        return false;
    float *values = arena_try(loader->weights->arena, (size_t)n, sizeof *values, loader->fault);
    if (!values)
        return false;
    matrix_row(&(struct matrix){tensor->type, 1, n, tensor->data}, 0, values);
    *out = values;
    return true;
}

static int width_of(const struct model_shape *shape, enum width width) {
    switch (width) {
    case WIDTH_MODEL:
        return shape->d_model;
    case WIDTH_QUERY:
        return shape->n_head * shape->d_head;
    case WIDTH_KEY:
        return shape->n_kv_head * shape->d_head;
    case WIDTH_HEAD:
        return shape->d_head;
    case WIDTH_FEED_FORWARD:
        return shape->d_feed_forward;
    default:
        return 1;
    }
}

static bool load_layer_tensor(struct loader *loader, int i, const struct layer_tensor *row,
                              struct layer *layer) {
    const struct model_shape *shape = &loader->weights->shape;
    int n_column = width_of(shape, row->columns), n_row = width_of(shape, row->rows);
    void *member = (char *)layer + row->member;
    char name[64];
    snprintf(name, sizeof name, "blk.%d.%s", i, row->name);
    return row->rows == WIDTH_ONE ? load_vector(loader, name, n_column, row->presence, member)
                                  : load_matrix(loader, name, n_column, n_row, member);
}

static bool load_layer(struct loader *loader, int i, struct layer *layer) {
    const struct layer_tensor *const *tables = loader->weights->network->tensors;
    for (size_t t = 0; t < COUNT_OF(loader->weights->network->tensors) && tables[t]; t++)
        for (const struct layer_tensor *row = tables[t]; row->name; row++)
            if (!load_layer_tensor(loader, i, row, layer))
                return false;
    return true;
}

/* Linear scaling divides every frequency by one more number. */
static bool divide(struct loader *loader, const float **divisors, int n, double factor) {
    if (factor == 1)
        return true;
    float *all = arena_try(loader->weights->arena, (size_t)n, sizeof *all, loader->fault);
    for (int i = 0; all && i < n; i++)
        all[i] = (float)((*divisors ? (*divisors)[i] : 1) * factor);
    *divisors = all;
    return all != NULL;
}

static bool load_rope(struct loader *loader) {
    const struct network *network = loader->weights->network;
    struct rope *rope = &loader->weights->rope, *window = &loader->weights->window_rope;
    double base, window_base, factor;
    if (!may_number(loader, "rope.freq_base", 10000, &base) ||
        !may_number(loader, "rope.freq_base_swa",
                    network->window_period ? network->window_rope_base : base, &window_base) ||
        !read_rope_scaling(loader, &factor) ||
        !load_vector(loader, "rope_freqs.weight", rope->n_rotated / 2, OPTIONAL, &rope->divisors))
        return false;
    for (int i = 0; rope->divisors && i < rope->n_rotated / 2; i++)
        if (!isfinite(rope->divisors[i]) || rope->divisors[i] <= 0)
            return tensor_fault(loader, gguf_tensor(loader->gguf, "rope_freqs.weight"),
                                "rope_freqs.weight", "factor %d is no positive number", i);
    rope->style = network->rope_style;
    rope->base = (float)base;
    *window = *rope; /* before the stretching, which is for the far reach of the others */
    window->base = (float)window_base;
    return divide(loader, &rope->divisors, rope->n_rotated / 2, factor);
}

static bool load_embedding(struct loader *loader) {
    struct model_shape *shape = &loader->weights->shape;
    const struct gguf_tensor *embedding = gguf_tensor(loader->gguf, "token_embd.weight");
    int64_t n = embedding ? embedding->dimension[1] : 1;
    if (n > MAX_VOCABULARY)
        return tensor_fault(loader, embedding, "token_embd.weight",
                            "a vocabulary of %" PRId64 " tokens is over the limit", n);
    if (shape->n_vocabulary == 0)
        shape->n_vocabulary = (int)n;
    return load_matrix(loader, "token_embd.weight", shape->d_model, shape->n_vocabulary,
                       &loader->weights->embedding);
}

static bool load_head(struct loader *loader) {
    struct weights *weights = loader->weights;
    const struct model_shape *shape = &weights->shape;
    weights->head = weights->embedding; /* tied, unless there is one */
    return (!gguf_tensor(loader->gguf, "output.weight") ||
            load_matrix(loader, "output.weight", shape->d_model, shape->n_vocabulary,
                        &weights->head)) &&
           load_vector(loader, "output_norm.weight", shape->d_model, REQUIRED, &weights->norm);
}

static bool load_layers(struct loader *loader) {
    struct weights *weights = loader->weights;
    int window, period;
    if (!read_windows(loader, &window, &period))
        return false;
    weights->has_windows = window != 0;
    weights->layers = arena_try(weights->arena, (size_t)weights->shape.n_layer,
                                sizeof *weights->layers, loader->fault);
    if (!weights->layers)
        return false;
    for (int i = 0; i < weights->shape.n_layer; i++) {
        if (!load_layer(loader, i, &weights->layers[i]))
            return false;
        if (window && i % period != period - 1)
            weights->layers[i].window = window;
    }
    return true;
}

static bool load_all(struct loader *loader) {
    struct weights *weights = loader->weights;
    if (!choose_network(loader) || !read_shape(loader) || !load_embedding(loader) ||
        !load_rope(loader))
        return false;
    struct model_shape *shape = &weights->shape;
    const struct network *network = weights->network;
    weights->activation = network->activation;
    weights->attention_scale = (float)(network->attention_scale ? network->attention_scale(shape)
                                                                : 1 / sqrt(shape->d_head));
    weights->embedding_scale = network->scales_embedding ? sqrtf((float)shape->d_model) : 1;
    if (!(network->load ? network->load : load_head)(loader) || !load_layers(loader))
        return false;
    if (loader->n_used != gguf_n_tensor(loader->gguf)) {
        fault_set(loader->fault, FAULT_INPUT,
                  "The file has %zu tensors, the network %s of %d layers uses %zu of them",
                  gguf_n_tensor(loader->gguf), shape->architecture, shape->n_layer,
                  loader->n_used);
        return fault_place(loader->fault, gguf_path(loader->gguf), 0, 8);
    }
    return true;
}

/* general.name, or the file's name. */
static const char *name_of(const struct gguf *gguf, struct arena *arena, struct fault *fault) {
    struct view name = {0};
    const char *path = gguf_path(gguf), *slash = strrchr(path, '/');
    if (!gguf_string(gguf, "general.name", &name, NULL) || !name.n || name.n >= 200 ||
        !utf8_valid(name))
        name = view_of(slash ? slash + 1 : path);
    char *copy = arena_try(arena, name.n + 1, 1, fault);
    if (copy)
        memcpy(copy, name.at, name.n);
    return copy;
}

bool weights_load(struct weights *weights, const struct gguf *gguf, struct fault *fault) {
    *weights = (struct weights){.arena = arena_try_new(fault)};
    struct loader loader = {.weights = weights, .gguf = gguf, .fault = fault};
    if (weights->arena && load_all(&loader) &&
        (weights->shape.name = name_of(gguf, weights->arena, fault)))
        return true;
    weights_free(weights);
    return false;
}

void model_layer_tensors(const struct model *model, layer_tensor_told *told, void *data) {
    const struct weights *weights = model_weights(model);
    const struct layer_tensor *const *tables = weights->network->tensors;
    for (int i = 0; i < weights->shape.n_layer; i++)
        for (size_t t = 0; t < COUNT_OF(weights->network->tensors) && tables[t]; t++)
            for (const struct layer_tensor *row = tables[t]; row->name; row++) {
                const void *member = (const char *)&weights->layers[i] + row->member;
                char name[64];
                if (row->rows == WIDTH_ONE && !*(const float *const *)member)
                    continue;
                snprintf(name, sizeof name, "blk.%d.%s", i, row->name);
                told(data, i, name, row->member, width_of(&weights->shape, row->rows),
                     width_of(&weights->shape, row->columns));
            }
}

void weights_free(struct weights *weights) {
    weights_unpack(weights);
    arena_free(weights->arena);
    *weights = (struct weights){0};
}
