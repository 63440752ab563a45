/* A model file in another format: which format each tensor gets, and the stream through it. */
#include "model/quantize.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What people name: the format of the matrices, general.file_type (ggml's llama_ftype), and
 * whether the tensors that bear it worst get more bits. */
static const struct recipe {
    const char *name;
    enum tensor_type type;
    uint32_t file_type;
    bool mixed;
} recipes[] = {
    {"F32", TENSOR_F32, 0, false},     {"F16", TENSOR_F16, 1, false},
    {"BF16", TENSOR_BF16, 32, false},  {"Q8_0", TENSOR_Q8_0, 7, false},
    {"Q6_K", TENSOR_Q6_K, 18, false},  {"Q5_K", TENSOR_Q5_K, 16, false},
    {"Q5_1", TENSOR_Q5_1, 9, false},   {"Q5_0", TENSOR_Q5_0, 8, false},
    {"Q4_K_M", TENSOR_Q4_K, 15, true}, {"Q4_K", TENSOR_Q4_K, 14, false},
    {"Q4_1", TENSOR_Q4_1, 3, false},   {"Q4_0", TENSOR_Q4_0, 2, false},
};

static const struct recipe *find_recipe(const char *name, struct fault *fault) {
    char list[120] = "";
    for (size_t i = 0; i < COUNT_OF(recipes); i++) {
        if (!strcasecmp(recipes[i].name, name))
            return &recipes[i];
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, recipes[i].name, sizeof list - strlen(list) - 1);
    }
    fault_set(fault, FAULT_INPUT, "%.40s is no type of weights", name);
    fault_remedy(fault, "Use one of %s", list);
    return NULL;
}

/* ---------------------------------------------------------------------- what each tensor gets */

struct plan {
    const struct source *source;
    const struct recipe *recipe;
    bool pure;      /* every matrix alike */
    uint32_t *type; /* [tensors of the source] */
};

/* Matrices that multiply activations; small ones whose errors reach everything stay floats. */
static bool is_weights(const struct source_tensor *tensor) {
    static const char *const kept[] = {"norm.weight", "ffn_gate_inp.weight",
                                       "position_embd.weight", "token_types.weight"};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (view_ends(tensor->name, kept[i]))
            return false;
    return tensor->dimension[1] > 1 && view_ends(tensor->name, ".weight");
}

/* "blk.7.ffn_down.weight" of `rest` "ffn_down.weight" is 7; −1 when it is none. */
static int layer_of(const struct source_tensor *tensor, const char *rest) {
    char name[64], wanted[64];
    int layer;
    if (tensor->name.n >= sizeof name)
        return -1;
    snprintf(name, sizeof name, "%.*s", VIEW_ARG(tensor->name));
    if (sscanf(name, "blk.%d.", &layer) != 1 || layer < 0)
        return -1;
    snprintf(wanted, sizeof wanted, "blk.%d.%s", layer, rest);
    return strcmp(name, wanted) ? -1 : layer;
}

/* As llama.cpp's Q4_K_M: the first and last eighth of the layers, and every third between. */
static bool gets_more_bits(int layer, int n_layer) {
    int eighth = n_layer / 8;
    return layer < eighth || layer >= 7 * n_layer / 8 || (layer - eighth) % 3 == 2;
}

/* What the scores of all tokens are computed from: the output, or the embedding that serves as it.
 */
static bool is_head(const struct plan *plan, const struct source_tensor *tensor) {
    bool tied = source_tensor(plan->source, "output.weight") == NULL;
    return view_is(tensor->name, tied ? "token_embd.weight" : "output.weight");
}

static bool is_sensitive(const struct plan *plan, const struct source_tensor *tensor) {
    static const char *const names[] = {"attn_v.weight", "ffn_down.weight"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        int layer = layer_of(tensor, names[i]);
        if (layer >= 0 && gets_more_bits(layer, plan->source->n_layer))
            return true;
    }
    return false;
}

/* As llama.cpp does: its head gets six bits in every format of fewer. */
static enum tensor_type wanted_type(const struct plan *plan, const struct source_tensor *tensor) {
    const struct recipe *recipe = plan->recipe;
    bool has_fewer = tensor_format(recipe->type)->unpack && recipe->type != TENSOR_Q8_0;
    bool gets_six = has_fewer && !plan->pure &&
                    (is_head(plan, tensor) || (recipe->mixed && is_sensitive(plan, tensor)));
    return gets_six ? TENSOR_Q6_K : recipe->type;
}

/* Formats of 256 need rows that divide by it, the others by 32. */
static enum tensor_type fitting_type(enum tensor_type type, int64_t columns) {
    static const struct {
        enum tensor_type type, instead;
    } table[] = {
        {TENSOR_Q4_K, TENSOR_Q5_0}, {TENSOR_Q5_K, TENSOR_Q5_1}, {TENSOR_Q6_K, TENSOR_Q8_0}};
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (type == table[i].type && columns % 256)
            type = table[i].instead;
    return columns % tensor_format(type)->block_values ? TENSOR_F16 : type;
}

static uint32_t type_for(const struct plan *plan, const struct source_tensor *tensor) {
    if (tensor->n_dimension == 1 || tensor->dimension[1] * tensor->dimension[2] == 1)
        return TENSOR_F32;
    if (!is_weights(tensor))
        return plan->source->is_whole ? tensor->type : TENSOR_F32;
    return fitting_type(wanted_type(plan, tensor), tensor->dimension[0]);
}

static double bits(uint32_t type) {
    const struct tensor_format *format = tensor_format(type);
    return 8.0 * format->block_bytes / format->block_values;
}

/* Integers made from fewer or as many other integers cost quality and give none back. */
static bool loses_for_nothing(uint32_t from, uint32_t to) {
    return from != to && tensor_format(from)->unpack && tensor_format(to)->unpack &&
           bits(from) <= bits(to);
}

static bool make_plan(struct plan *plan, bool force, struct fault *fault) {
    for (size_t i = 0; i < plan->source->n_tensor; i++) {
        const struct source_tensor *tensor = &plan->source->tensors[i];
        plan->type[i] = type_for(plan, tensor);
        if (force || !loses_for_nothing(tensor->type, plan->type[i]))
            continue;
        struct view name = view_slice(tensor->name, 0, 80);
        fault_set(fault, FAULT_INPUT,
                  "tensor %.*s is %s already: making it %s again loses quality and gains none",
                  VIEW_ARG(name), tensor_format(tensor->type)->name,
                  tensor_format(plan->type[i])->name);
        fault_place(fault, tensor->path, 0, tensor->byte);
        return fault_remedy(fault, "Start from a file with more bits, or add --force");
    }
    return true;
}

/* --------------------------------------------------------------------------------- the stream */

/* A multiple of every block; large enough to be worth a hand-over to a thread. */
enum { PIECE = 1 << 13, BATCH = 256 };

struct batch {
    const struct source_tensor *tensor;
    const struct tensor_format *from, *to;
    int64_t first, n; /* values of the tensor */
    uint8_t *out;     /* [BATCH · PIECE] values */
    double squares[BATCH], errors[BATCH];
    float largest[BATCH]; /* INFINITY also for what is no number */
};

static size_t bytes_of(const struct tensor_format *format, int64_t n) {
    return (size_t)(n / format->block_values) * (size_t)format->block_bytes;
}

/* The largest size that the format's f16 numbers stand for. */
static float most_of(enum tensor_type type) {
    return type == TENSOR_F32 || type == TENSOR_BF16 ? 3.38e38F : 65504;
}

static void convert_part(void *data, int part, int n_part) {
    struct batch *batch = data;
    int64_t first = (int64_t)part * PIECE, n = batch->n - first < PIECE ? batch->n - first : PIECE;
    (void)n_part;
    float x[PIECE], y[PIECE];
    source_read(batch->tensor, batch->first + first, n, x);
    float largest = 0;
    for (int64_t i = 0; i < n; i++) {
        float size = isfinite(x[i]) ? fabsf(x[i]) : INFINITY;
        largest = size > largest ? size : largest;
    }
    batch->largest[part] = largest;
    if (largest <= most_of(batch->to->type)) {
        uint8_t *out = batch->out + bytes_of(batch->to, first);
        if (batch->from == batch->to && source_is_plain(batch->tensor))
            memcpy(out, batch->tensor->data + bytes_of(batch->to, batch->first + first),
                   bytes_of(batch->to, n));
        else
            quantise_weights(batch->to->type, x, n, out);
        matrix_row(&(struct matrix){batch->to->type, 1, n, out}, 0, y);
        double squares = 0, errors = 0;
        for (int64_t i = 0; i < n; i++) {
            double apart = (double)x[i] - (double)y[i];
            squares += (double)x[i] * (double)x[i];
            errors += apart * apart;
        }
        batch->squares[part] = squares;
        batch->errors[part] = errors;
    }
}

static bool too_large(const struct batch *batch, float largest, struct fault *fault) {
    struct view name = view_slice(batch->tensor->name, 0, 80);
    if (isinf(largest))
        fault_set(fault, FAULT_INPUT, "tensor %.*s holds values that are no finite numbers",
                  VIEW_ARG(name));
    else
        fault_set(fault, FAULT_INPUT, "tensor %.*s holds %g, more than %s can", VIEW_ARG(name),
                  (double)largest, batch->to->name);
    fault_remedy(fault, isinf(largest) ? "The file is damaged" : "Use BF16 or F32");
    return fault_place(fault, batch->tensor->path, 0, batch->tensor->byte);
}

/* What has been read need not stay in memory: it is a file's pages. */
static void let_go(const uint8_t *at, size_t n) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)at + page - 1) & ~(page - 1),
              to = ((uintptr_t)at + n) & ~(page - 1);
    if (from < to)
        madvise((void *)from, to - from, MADV_DONTNEED);
}

struct stream {
    const struct quantisation *how;
    struct plan *plan;
    struct gguf_writer *writer;
    struct pool *pool;
    struct quantisation_result *result;
    uint64_t done, total; /* bytes read */
};

static struct quantised_share *share_of(struct quantisation_result *result, const char *type) {
    size_t i = 0;
    while (i < result->n_share && strcmp(result->shares[i].type, type))
        i++;
    MUST(i < COUNT_OF(result->shares));
    result->n_share += i == result->n_share;
    result->shares[i].type = type;
    return &result->shares[i];
}

static bool convert_tensor(struct stream *stream, const struct source_tensor *tensor,
                           uint32_t type, uint8_t *memory, struct fault *fault) {
    struct batch batch = {.tensor = tensor,
                          .from = tensor_format(tensor->type),
                          .to = tensor_format(type),
                          .out = memory};
    int64_t n = source_values(tensor);
    struct quantised_share *share = share_of(stream->result, batch.to->name);
    share->n_tensor++;
    share->n_value += (uint64_t)n;
    share->n_byte += bytes_of(batch.to, n);
    bool is_matrix = is_weights(tensor);
    for (; batch.first < n; batch.first += batch.n) {
        if (stream->how->cancel && *stream->how->cancel)
            return fault_set(fault, FAULT_INPUT, "stopped before the end; nothing was written");
        int64_t left = n - batch.first;
        batch.n = left < (int64_t)PIECE * BATCH ? left : (int64_t)PIECE * BATCH;
        int n_part = (int)((batch.n + PIECE - 1) / PIECE);
        pool_run(stream->pool, convert_part, &batch, n_part);
        for (int part = 0; part < n_part; part++) {
            if (batch.largest[part] > most_of(batch.to->type))
                return too_large(&batch, batch.largest[part], fault);
            if (is_matrix) {
                share->squares += batch.squares[part];
                share->errors += batch.errors[part];
            }
        }
        if (!gguf_write_data(stream->writer, memory, bytes_of(batch.to, batch.n), fault))
            return false;
        uint64_t from = source_offset(tensor, batch.first);
        uint64_t n_read = source_offset(tensor, batch.first + batch.n) - from;
        if (tensor->is_mapped)
            let_go(tensor->data + from, n_read);
        stream->done += n_read;
        if (stream->how->progress)
            stream->how->progress(stream->how->data, stream->done, stream->total);
    }
    return true;
}

static bool write_all(struct stream *stream, const char *out, struct fault *fault) {
    struct plan *plan = stream->plan;
    gguf_write_uint32(stream->writer, "general.file_type", plan->recipe->file_type);
    if (tensor_format(plan->recipe->type)->unpack)
        gguf_write_uint32(stream->writer, "general.quantization_version", 2);
    for (size_t i = 0; i < plan->source->n_tensor; i++) {
        const struct source_tensor *tensor = &plan->source->tensors[i];
        gguf_write_tensor(stream->writer, tensor->name, plan->type[i], tensor->n_dimension,
                          tensor->dimension);
        stream->total += tensor->n_byte;
    }
    if (!gguf_write_start(stream->writer, out, fault))
        return false;
    uint8_t *memory = must_alloc((size_t)PIECE * BATCH, sizeof(float));
    bool good = true;
    for (size_t i = 0; good && i < plan->source->n_tensor; i++)
        good = convert_tensor(stream, &plan->source->tensors[i], plan->type[i], memory, fault);
    free(memory);
    return good && gguf_write_finish(stream->writer, fault);
}

static bool same_file(const char *a, const char *b) {
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

bool source_overwritten(const struct source *source, const char *out, struct fault *fault) {
    const char *last = NULL;
    for (size_t i = 0; i < source->n_tensor; i++) {
        if (source->tensors[i].path == last)
            continue;
        last = source->tensors[i].path;
        if (!same_file(last, out))
            continue;
        fault_set(fault, FAULT_INPUT, "this is the file to read: it would be lost");
        fault_place(fault, out, 0, -1);
        fault_remedy(fault, "Name another one, or add --force");
        return true;
    }
    return false;
}

bool source_write(const struct source *source, const char *out, const struct quantisation *how,
                  struct gguf_writer *writer, struct pool *pool,
                  struct quantisation_result *result, struct fault *fault) {
    const struct recipe *recipe = find_recipe(how->type, fault);
    if (!recipe)
        return false;
    struct plan plan = {source, recipe, how->pure,
                        must_alloc(source->n_tensor + 1, sizeof(uint32_t))};
    struct stream stream = {how, &plan, writer, pool, result, 0, 0};
    bool good = make_plan(&plan, how->force, fault) && write_all(&stream, out, fault);
    free(plan.type);
    return good;
}

bool model_quantise(const char *in, const char *out, const struct quantisation *how,
                    struct pool *pool, struct quantisation_result *result, struct fault *fault) {
    *result = (struct quantisation_result){0};
    double start = clock_seconds();
    if (!find_recipe(how->type, fault))
        return false;
    struct gguf_writer *writer = gguf_writer_new();
    struct source source;
    bool good = source_open(&source, in, writer, fault);
    if (good) {
        good = (how->force || !source_overwritten(&source, out, fault)) &&
               source_write(&source, out, how, writer, pool, result, fault);
        result->n_byte_in = source.n_byte;
        source_close(&source);
    }
    result->n_byte_out = good ? gguf_write_size(writer) : 0;
    result->seconds = clock_seconds() - start;
    gguf_writer_free(writer);
    return good;
}
