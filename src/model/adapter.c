/* Reading adapters: every claim is checked against the model before a kernel may see it. */
#include "model/adapter.h"
#include "model/session.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t member;
} matrices[N_ADAPTED] = {
    [ADAPTED_QUERY] = {"attn_q.weight", offsetof(struct layer, query)},
    [ADAPTED_KEY] = {"attn_k.weight", offsetof(struct layer, key)},
    [ADAPTED_VALUE] = {"attn_v.weight", offsetof(struct layer, value)},
    [ADAPTED_OUTPUT] = {"attn_output.weight", offsetof(struct layer, output)},
    [ADAPTED_GATE] = {"ffn_gate.weight", offsetof(struct layer, gate)},
    [ADAPTED_UP] = {"ffn_up.weight", offsetof(struct layer, up)},
    [ADAPTED_DOWN] = {"ffn_down.weight", offsetof(struct layer, down)},
};

struct pair { /* the two tensors of a matrix as the file has them */
    const struct gguf_tensor *a, *b;
};

struct opening {
    const struct weights *weights;
    const struct gguf *gguf;
    struct adapter *adapter;
    struct pair (*pairs)[N_ADAPTED]; /* [n_layer] */
    double alpha;
    struct fault *fault;
};

static bool refuse(struct opening *opening, const struct gguf_tensor *tensor, const char *format,
                   ...) PRINTF_LIKE(3, 4);
static bool refuse(struct opening *opening, const struct gguf_tensor *tensor, const char *format,
                   ...) {
    char text[240];
    struct view name = view_slice(tensor->name, 0, 80);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < name.n; i++)
        if (name.at[i] < 32 || name.at[i] > 126)
            name.n = i;
    fault_set(opening->fault, FAULT_INPUT, "tensor %.*s: %s", VIEW_ARG(name), text);
    fault_place(opening->fault, gguf_path(opening->gguf), 0, (int64_t)tensor->header_byte);
    return fault_remedy(opening->fault, "Use an adapter that was made for %s",
                        opening->weights->shape.name);
}

/* ----------------------------------------------------------------------------------- metadata */

static bool expect_text(struct opening *opening, const char *key, const char *wanted,
                        const char *remedy) {
    struct view text;
    if (!gguf_string(opening->gguf, key, &text, opening->fault))
        return fault_remedy(opening->fault, "%s", remedy);
    if (view_is(text, wanted))
        return true;
    struct buffer shown = {0};
    for (size_t i = 0; i < text.n && i < 40; i++)
        buffer_byte(&shown, text.at[i] >= 32 && text.at[i] < 127 ? text.at[i] : '?');
    gguf_fault(opening->gguf, key, opening->fault, "it is \"%s\", \"%s\" is needed",
               shown.at ? shown.at : "", wanted);
    buffer_free(&shown);
    return fault_remedy(opening->fault, "%s", remedy);
}

static bool check_keys(struct opening *opening) {
    static const char *const triggered = "adapter.alora.invocation_tokens";
    const struct gguf *gguf = opening->gguf;
    if (!expect_text(
            opening, "general.type", "adapter",
            "Name the file of an adapter; that of a model goes where the model is named") ||
        !expect_text(opening, "general.architecture", opening->weights->shape.architecture,
                     "Use an adapter that was made for this model") ||
        !expect_text(opening, "adapter.type", "lora", "Only adapters of low rank are read"))
        return false;
    if (gguf_has(gguf, triggered))
        return gguf_fault(gguf, triggered, opening->fault,
                          "adapters that begin in the middle of a text are not supported");
    if (gguf_has(gguf, "adapter.lora.alpha") &&
        !gguf_number(gguf, "adapter.lora.alpha", &opening->alpha, opening->fault))
        return false;
    static const char languages[] = "lyceum.tutor.languages";
    struct view tutor, spoken = VIEW("en");
    if (gguf_has(gguf, languages) && !gguf_string(gguf, languages, &spoken, opening->fault))
        return false;
    if (spoken.n >= ADAPTER_LANGUAGES)
        return gguf_fault(gguf, languages, opening->fault, "it is over %d bytes long",
                          ADAPTER_LANGUAGES - 1);
    memcpy(opening->adapter->languages, spoken.at, spoken.n);
    if (gguf_has(gguf, "lyceum.tutor")) {
        if (!gguf_string(gguf, "lyceum.tutor", &tutor, opening->fault))
            return false;
        opening->adapter->tutor = view_is(tutor, "1");
    }
    return (isfinite(opening->alpha) && opening->alpha >= 0 && opening->alpha <= 1e6) ||
           gguf_fault(gguf, "adapter.lora.alpha", opening->fault, "%g is no number from 0 to 1e6",
                      opening->alpha);
}

/* ------------------------------------------------------------------------------------ tensors */

/* "blk.N.REST" of a layer of the model: its number; −1: it is none. */
static int layer_of(const struct opening *opening, struct view name, struct view *rest) {
    int layer = 0, n_digit = 0;
    if (!view_starts(name, "blk."))
        return -1;
    size_t at = 4;
    for (; at < name.n && name.at[at] >= '0' && name.at[at] <= '9' && n_digit < 5; at++, n_digit++)
        layer = layer * 10 + name.at[at] - '0';
    bool odd = n_digit > 1 && name.at[4] == '0';
    if (!n_digit || odd || at >= name.n || name.at[at] != '.' ||
        layer >= opening->weights->shape.n_layer)
        return -1;
    *rest = view_slice(name, at + 1, name.n);
    return layer;
}

static bool place(struct opening *opening, const struct gguf_tensor *tensor) {
    bool is_b = view_ends(tensor->name, ".lora_b");
    if (!is_b && !view_ends(tensor->name, ".lora_a"))
        return refuse(opening, tensor,
                      "this is no part of an adapter: names end in .lora_a and "
                      ".lora_b");
    struct view rest, name = view_slice(tensor->name, 0, tensor->name.n - strlen(".lora_a"));
    int layer = layer_of(opening, name, &rest);
    for (int i = 0; i < N_ADAPTED && layer >= 0; i++)
        if (view_is(rest, matrices[i].name)) {
            struct pair *pair = &opening->pairs[layer][i];
            *(is_b ? &pair->b : &pair->a) = tensor;
            return true;
        }
    return refuse(opening, tensor,
                  "the model of %d layers has no such matrix that an adapter may change",
                  opening->weights->shape.n_layer);
}

static const struct matrix *changed(const struct opening *opening, int layer, int i) {
    const char *at = (const char *)&opening->weights->layers[layer] + matrices[i].member;
    return (const struct matrix *)(const void *)at;
}

static bool check_type(struct opening *opening, const struct gguf_tensor *tensor) {
    static const enum tensor_type types[] = {TENSOR_F32, TENSOR_F16, TENSOR_BF16, TENSOR_Q8_0};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (tensor->type == types[i])
            return true;
    return refuse(opening, tensor, "its format %s is none of F32, F16, BF16 and Q8_0",
                  tensor_format(tensor->type)->name);
}

static bool check_shape(struct opening *opening, const struct gguf_tensor *tensor,
                        int64_t n_column, int64_t n_row) {
    const int64_t *dimension = tensor->dimension;
    if (dimension[0] == n_column && dimension[1] == n_row && dimension[2] == 1 &&
        dimension[3] == 1)
        return true;
    return refuse(opening, tensor,
                  "its shape is %" PRId64 " × %" PRId64 "%s, %" PRId64 " × %" PRId64
                  " would fit the model",
                  dimension[0], dimension[1], dimension[2] * dimension[3] > 1 ? " × …" : "",
                  n_column, n_row);
}

static bool check_pair(struct opening *opening, int layer, int i) {
    const struct pair *pair = &opening->pairs[layer][i];
    const struct matrix *matrix = changed(opening, layer, i);
    if (!pair->a && !pair->b)
        return true;
    if (!pair->a || !pair->b)
        return refuse(opening, pair->a ? pair->a : pair->b,
                      "its other half, .lora_%c, is not there", pair->a ? 'b' : 'a');
    int64_t rank = pair->a->dimension[1];
    if (rank > ADAPTER_RANK)
        return refuse(opening, pair->a, "its rank of %" PRId64 " is over the limit of %d", rank,
                      ADAPTER_RANK);
    return check_type(opening, pair->a) && check_type(opening, pair->b) &&
           check_shape(opening, pair->a, matrix->columns, rank) &&
           check_shape(opening, pair->b, rank, matrix->rows);
}

static bool check_tensors(struct opening *opening) {
    size_t n = gguf_n_tensor(opening->gguf);
    for (size_t i = 0; i < n; i++)
        if (!place(opening, gguf_tensor_at(opening->gguf, i)))
            return false;
    for (int layer = 0; layer < opening->weights->shape.n_layer; layer++)
        for (int i = 0; i < N_ADAPTED; i++)
            if (!check_pair(opening, layer, i))
                return false;
    if (n)
        return true;
    fault_set(opening->fault, FAULT_INPUT, "The adapter has no tensors: it changes nothing");
    return fault_place(opening->fault, gguf_path(opening->gguf), 0, 8);
}

/* -------------------------------------------------------------------------------------- values
 */

enum { ALIGNMENT = 64 };

/* What is in 8 bits is multiplied as floats, of 16 bits: these keep more than 8 do. */
static struct matrix kept(const struct gguf_tensor *tensor) {
    return (struct matrix){.type = tensor->type == TENSOR_Q8_0 ? TENSOR_F16
                                                               : (enum tensor_type)tensor->type,
                           .rows = tensor->dimension[1],
                           .columns = tensor->dimension[0]};
}

static size_t room_for(const struct matrix *matrix) {
    size_t packed = matrix_packed_bytes(matrix);
    size_t n = packed ? packed : (size_t)matrix->rows * matrix_row_bytes(matrix);
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* Rows as floats, each checked; and, where `narrow` is not NULL, as 16 bits. */
static bool check_values(struct opening *opening, const struct gguf_tensor *tensor, float *row,
                         uint16_t *narrow) {
    int64_t n = tensor->dimension[0];
    struct matrix matrix = {tensor->type, tensor->dimension[1], n, tensor->data, 0};
    float most = narrow ? 65504 : 3.4e38F;
    for (int64_t r = 0; r < matrix.rows; r++) {
        matrix_row(&matrix, r, row);
        for (int64_t i = 0; i < n; i++)
            if (!(fabsf(row[i]) <= most))
                return refuse(opening, tensor, "value %" PRId64 " of row %" PRId64 " is %g", i, r,
                              (double)row[i]);
        if (narrow)
            f16_from_floats(row, narrow + r * n, n);
    }
    return true;
}

static bool take(struct opening *opening, const struct gguf_tensor *tensor, struct matrix *out,
                 uint8_t **memory) {
    struct matrix matrix = kept(tensor);
    size_t n_byte = (size_t)matrix.rows * matrix_row_bytes(&matrix);
    bool narrows = matrix.type != tensor->type;
    float *row = try_alloc((size_t)matrix.columns, sizeof *row, opening->fault);
    uint16_t *narrow = row && narrows ? try_alloc(n_byte, 1, opening->fault) : NULL;
    bool good = row && (narrow || !narrows) && check_values(opening, tensor, row, narrow);
    if (good) {
        size_t room = room_for(&matrix);
        matrix.data = narrow ? (const uint8_t *)narrow : tensor->data;
        if (matrix_packed_bytes(&matrix)) {
            matrix_pack(model_pool(opening->adapter->model), &matrix, *memory);
        } else {
            memcpy(*memory, matrix.data, n_byte);
            matrix.data = *memory;
        }
        *out = matrix;
        *memory += room;
    }
    free(row);
    free(narrow);
    return good;
}

/* One after the other as they are used: first the halves A of what shares an input, then the
 * halves B, so that memory is read straight ahead. */
static bool take_layer(struct opening *opening, int layer, uint8_t **memory) {
    static const int runs[][2] = {{ADAPTED_QUERY, ADAPTED_VALUE},
                                  {ADAPTED_OUTPUT, ADAPTED_OUTPUT},
                                  {ADAPTED_GATE, ADAPTED_UP},
                                  {ADAPTED_DOWN, ADAPTED_DOWN}};
    const struct pair *pairs = opening->pairs[layer];
    struct adapted *adapted = opening->adapter->layers[layer];
    for (size_t run = 0; run < COUNT_OF(runs); run++)
        for (int half = 0; half < 2; half++)
            for (int i = runs[run][0]; i <= runs[run][1]; i++) {
                const struct gguf_tensor *tensor = half ? pairs[i].b : pairs[i].a;
                struct matrix *out = half ? &adapted[i].b : &adapted[i].a;
                if (tensor && !take(opening, tensor, out, memory))
                    return false;
                if (tensor && half)
                    adapted[i].scale =
                        opening->alpha > 0 ? (float)opening->alpha / (float)out->columns : 1;
            }
    return true;
}

static bool take_all(struct opening *opening) {
    size_t total = 0;
    for (size_t i = 0; i < gguf_n_tensor(opening->gguf); i++) {
        struct matrix matrix = kept(gguf_tensor_at(opening->gguf, i));
        total += room_for(&matrix);
    }
    uint8_t *memory = opening->adapter->memory = try_alloc_aligned(total, 1, opening->fault);
    bool good = memory != NULL;
    for (int layer = 0; layer < opening->weights->shape.n_layer && good; layer++)
        good = take_layer(opening, layer, &memory);
    return good;
}

/* ------------------------------------------------------------------------------------- opening
 */

static bool read_all(struct opening *opening) {
    struct adapter *adapter = opening->adapter;
    size_t n_layer = (size_t)opening->weights->shape.n_layer;
    adapter->arena = arena_try_new(opening->fault);
    if (!adapter->arena ||
        !(adapter->layers =
              arena_try(adapter->arena, n_layer, sizeof *adapter->layers, opening->fault)) ||
        !(opening->pairs = try_alloc(n_layer, sizeof *opening->pairs, opening->fault)))
        return false;
    bool good = check_keys(opening) && check_tensors(opening) && take_all(opening);
    free(opening->pairs);
    return good;
}

/* The gguf is not needed afterwards. */
static struct adapter *adapter_of(const struct model *model, const struct gguf *gguf,
                                  struct fault *fault) {
    if (model_embedding_size(model)) {
        fault_set(fault, FAULT_INPUT, "%s makes vectors of texts: it takes no adapter",
                  model_shape(model)->name);
        fault_place(fault, gguf_path(gguf), 0, -1);
        return NULL;
    }
    struct adapter *adapter = try_alloc(1, sizeof *adapter, fault);
    if (!adapter)
        return NULL;
    adapter->model = model;
    struct opening opening = {
        .weights = model_weights(model), .gguf = gguf, .adapter = adapter, .fault = fault};
    sha256_hex(gguf_bytes(gguf), adapter->hash);
    if (read_all(&opening))
        return adapter;
    adapter_close(adapter);
    return NULL;
}

struct adapter *adapter_open(const struct model *model, const char *path, struct fault *fault) {
    struct gguf *gguf = gguf_open(path, fault);
    struct adapter *adapter = gguf ? adapter_of(model, gguf, fault) : NULL;
    gguf_close(gguf);
    return adapter;
}

struct adapter *adapter_open_bytes(const struct model *model, struct view bytes, const char *name,
                                   struct fault *fault) {
    struct gguf *gguf = gguf_open_bytes(bytes, name, fault);
    struct adapter *adapter = gguf ? adapter_of(model, gguf, fault) : NULL;
    gguf_close(gguf);
    return adapter;
}

/* What the file tells behind this language, up to the next; NULL: it does not name it. */
static const char *behind_language(const struct adapter *adapter, const char *language) {
    size_t n = strcspn(language, "-_");
    for (const char *at = adapter->languages;; at++) {
        if (strcspn(at, ":,") == n && !strncmp(at, language, n))
            return at + n;
        at += strcspn(at, ",");
        if (!*at)
            return NULL;
    }
}

bool adapter_is_tutor(const struct adapter *adapter, const char *language) {
    return adapter && adapter->tutor &&
           (!language || !*language || behind_language(adapter, language));
}

double adapter_tutor_bound(const struct adapter *adapter, const char *language) {
    const char *behind =
        adapter && adapter->tutor && language ? behind_language(adapter, language) : NULL;
    char *end = NULL;
    double bound = behind && *behind == ':' ? strtod(behind + 1, &end) : NAN;
    return end && end > behind + 1 && (!*end || *end == ',') ? bound : NAN;
}

static bool tell_matrix(const struct adapted *adapted, const char *name,
                        void (*each)(void *data, const struct adapter_matrix *), void *data,
                        struct fault *fault) {
    int64_t rank = adapted->a.rows, n_in = adapted->a.columns, n_out = adapted->b.rows;
    float *a = try_alloc((size_t)(rank * n_in), sizeof *a, fault);
    float *b = try_alloc((size_t)(n_out * rank), sizeof *b, fault);
    bool good = a && b;
    for (int64_t i = 0; good && i < rank; i++)
        matrix_row(&adapted->a, i, a + i * n_in);
    for (int64_t i = 0; good && i < n_out; i++)
        matrix_row(&adapted->b, i, b + i * rank);
    for (int64_t i = 0; good && i < n_out * rank; i++)
        b[i] *= adapted->scale;
    if (good)
        each(data, &(struct adapter_matrix){name, (int)rank, n_in, n_out, a, b});
    free(a);
    free(b);
    return good;
}

bool adapter_matrices(const struct adapter *adapter,
                      void (*each)(void *data, const struct adapter_matrix *), void *data,
                      struct fault *fault) {
    char name[80];
    bool good = true;
    for (int layer = 0; good && layer < model_shape(adapter->model)->n_layer; layer++)
        for (int i = 0; good && i < N_ADAPTED; i++) {
            snprintf(name, sizeof name, "blk.%d.%s", layer, matrices[i].name);
            if (adapter->layers[layer][i].a.rows)
                good = tell_matrix(&adapter->layers[layer][i], name, each, data, fault);
        }
    return good;
}

void adapter_close(struct adapter *adapter) {
    if (!adapter)
        return;
    free(adapter->memory);
    arena_free(adapter->arena);
    free(adapter);
}
