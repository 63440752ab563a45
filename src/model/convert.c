/* A folder as transformers saves it, read as a GGUF file: names, keys, and what differs.
 *
 * One more network is a bit of `enum bits`, a row of `networks`, and rows of the tables below it
 * for what it does not share (keys: convert_keys.c). */
#include "model/convert.h"
#include "model/safetensors.h"
#include "model/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct row_of_network networks[] = {
    {"LlamaForCausalLM", "llama", LLAMA, true, 0, 10000},
    {"MistralForCausalLM", "llama", LLAMA, true, 0, 10000},
    {"Qwen2ForCausalLM", "qwen2", QWEN2, false, 0, 10000},
    {"Qwen3ForCausalLM", "qwen3", QWEN3, false, 0, 10000},
    {"Gemma3ForCausalLM", "gemma3", GEMMA3, false, 1, 1000000},
    {"Gemma3ForConditionalGeneration", "gemma3", GEMMA3, false, 1, 1000000},
    {"BertModel", "bert", BERT, false, 0, 0},
    {"BertForMaskedLM", "bert", BERT, false, 0, 0},
};

/* Tensors: N stands for the layer. `shape`, rows first: V tokens, D width, F width of the feed
 * forward, Q and K all heads of queries and of keys, H one head, P positions, T kinds of token. */
enum { ROWS_OF_HEADS = 1, OPTIONAL = 2, NORM = 4 };

static const struct row_of_tensor {
    const char *from, *to, *shape;
    unsigned networks, how;
} tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", "VD", DECODERS, 0},
    {"embeddings.word_embeddings.weight", "token_embd.weight", "VD", BERT, 0},
    {"embeddings.position_embeddings.weight", "position_embd.weight", "PD", BERT, 0},
    {"embeddings.token_type_embeddings.weight", "token_types.weight", "TD", BERT, 0},
    {"embeddings.LayerNorm.weight", "token_embd_norm.weight", "D", BERT, 0},
    {"embeddings.LayerNorm.bias", "token_embd_norm.bias", "D", BERT, 0},
    {"model.norm.weight", "output_norm.weight", "D", DECODERS, NORM},
    {"lm_head.weight", "output.weight", "VD", DECODERS, OPTIONAL},

    {"model.layers.N.input_layernorm.weight", "blk.N.attn_norm.weight", "D", DECODERS, NORM},
    {"model.layers.N.self_attn.q_proj.weight", "blk.N.attn_q.weight", "QD", DECODERS,
     ROWS_OF_HEADS},
    {"model.layers.N.self_attn.k_proj.weight", "blk.N.attn_k.weight", "KD", DECODERS,
     ROWS_OF_HEADS},
    {"model.layers.N.self_attn.v_proj.weight", "blk.N.attn_v.weight", "KD", DECODERS, 0},
    {"model.layers.N.self_attn.q_proj.bias", "blk.N.attn_q.bias", "Q", QWEN2, 0},
    {"model.layers.N.self_attn.k_proj.bias", "blk.N.attn_k.bias", "K", QWEN2, 0},
    {"model.layers.N.self_attn.v_proj.bias", "blk.N.attn_v.bias", "K", QWEN2, 0},
    {"model.layers.N.self_attn.q_norm.weight", "blk.N.attn_q_norm.weight", "H", QWEN3 | GEMMA3,
     NORM},
    {"model.layers.N.self_attn.k_norm.weight", "blk.N.attn_k_norm.weight", "H", QWEN3 | GEMMA3,
     NORM},
    {"model.layers.N.self_attn.o_proj.weight", "blk.N.attn_output.weight", "DQ", DECODERS, 0},
    {"model.layers.N.post_attention_layernorm.weight", "blk.N.ffn_norm.weight", "D",
     LLAMA | QWEN2 | QWEN3, NORM},
    {"model.layers.N.post_attention_layernorm.weight", "blk.N.post_attention_norm.weight", "D",
     GEMMA3, NORM},
    {"model.layers.N.pre_feedforward_layernorm.weight", "blk.N.ffn_norm.weight", "D", GEMMA3,
     NORM},
    {"model.layers.N.mlp.gate_proj.weight", "blk.N.ffn_gate.weight", "FD", DECODERS, 0},
    {"model.layers.N.mlp.up_proj.weight", "blk.N.ffn_up.weight", "FD", DECODERS, 0},
    {"model.layers.N.mlp.down_proj.weight", "blk.N.ffn_down.weight", "DF", DECODERS, 0},
    {"model.layers.N.post_feedforward_layernorm.weight", "blk.N.post_ffw_norm.weight", "D", GEMMA3,
     NORM},

    {"encoder.layer.N.attention.self.query.weight", "blk.N.attn_q.weight", "QD", BERT, 0},
    {"encoder.layer.N.attention.self.query.bias", "blk.N.attn_q.bias", "Q", BERT, 0},
    {"encoder.layer.N.attention.self.key.weight", "blk.N.attn_k.weight", "KD", BERT, 0},
    {"encoder.layer.N.attention.self.key.bias", "blk.N.attn_k.bias", "K", BERT, 0},
    {"encoder.layer.N.attention.self.value.weight", "blk.N.attn_v.weight", "KD", BERT, 0},
    {"encoder.layer.N.attention.self.value.bias", "blk.N.attn_v.bias", "K", BERT, 0},
    {"encoder.layer.N.attention.output.dense.weight", "blk.N.attn_output.weight", "DQ", BERT, 0},
    {"encoder.layer.N.attention.output.dense.bias", "blk.N.attn_output.bias", "D", BERT, 0},
    {"encoder.layer.N.attention.output.LayerNorm.weight", "blk.N.attn_output_norm.weight", "D",
     BERT, 0},
    {"encoder.layer.N.attention.output.LayerNorm.bias", "blk.N.attn_output_norm.bias", "D", BERT,
     0},
    {"encoder.layer.N.intermediate.dense.weight", "blk.N.ffn_up.weight", "FD", BERT, 0},
    {"encoder.layer.N.intermediate.dense.bias", "blk.N.ffn_up.bias", "F", BERT, 0},
    {"encoder.layer.N.output.dense.weight", "blk.N.ffn_down.weight", "DF", BERT, 0},
    {"encoder.layer.N.output.dense.bias", "blk.N.ffn_down.bias", "D", BERT, 0},
    {"encoder.layer.N.output.LayerNorm.weight", "blk.N.layer_output_norm.weight", "D", BERT, 0},
    {"encoder.layer.N.output.LayerNorm.bias", "blk.N.layer_output_norm.bias", "D", BERT, 0},
};

/* What may stand before a name; and what is not of the network that GGUF holds. */
static const char *const prefixes[] = {"", "language_model.", "bert."};
static const struct {
    const char *start, *end;
} left_out[] = {
    {"vision_tower.", ""},
    {"model.vision_tower.", ""},
    {"multi_modal_projector.", ""},
    {"model.multi_modal_projector.", ""},
    {"pooler.", ""},
    {"bert.pooler.", ""},
    {"cls.", ""},
    {"", "embeddings.position_ids"},
    {"", "rotary_emb.inv_freq"},
};

enum { MAX_JSON = 1 << 27 };

/* ---------------------------------------------------------------------------------- the folder
 */

bool folder_fault(const char *folder, const char *name, struct fault *fault, const char *format,
                  ...) {
    char text[300], path[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_set(fault, FAULT_INPUT, "%s", text);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fault_place(fault, path, 0, -1);
}

/* transformers writes "no bound" as an integer of 31 digits: then all numbers are read as floats,
 * so that no such file can give a count. */
static json_t *parse_leniently(struct view text, struct fault *fault) {
    json_t *value = json_parse(text, fault);
    return value ? value
                 : json_loadb(text.at, text.n, JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES,
                              NULL);
}

bool folder_json(const char *folder, const char *name, bool needed, json_t **out,
                 struct fault *fault) {
    struct buffer path = {0}, text = {0};
    *out = NULL;
    buffer_format(&path, "%s/%s", folder, name);
    bool good = (!needed && !file_exists(path.at)) || file_read(path.at, MAX_JSON, &text, fault);
    if (good && text.n) {
        struct fault inside = {0};
        *out = parse_leniently(buffer_view(&text), &inside);
        good =
            json_is_object(*out) || folder_fault(folder, name, fault, "%s",
                                                 *out ? "this is no JSON object" : inside.message);
        if (!good && inside.line && fault && !fault->line)
            fault->line = inside.line;
    } else if (good && needed) {
        good = folder_fault(folder, name, fault, "the file is empty");
    }
    if (!good && needed)
        fault_remedy(fault, "A folder as transformers saves it is wanted");
    buffer_free(&path);
    buffer_free(&text);
    return good;
}

bool conversion_refuse(struct conversion *it, const char *format, ...) {
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return folder_fault(it->files.folder, "config.json", it->fault, "%s", text);
}

/* ------------------------------------------------------------------------------------- tensors
 */

static int64_t extent(const struct conversion *it, char letter) {
    switch (letter) {
    case 'D':
        return it->d_model;
    case 'F':
        return it->d_feed_forward;
    case 'Q':
        return it->n_head * it->d_head;
    case 'K':
        return it->n_kv_head * it->d_head;
    case 'H':
        return it->d_head;
    case 'V':
        return it->n_vocabulary;
    default:
        return 0; /* any */
    }
}

static bool refuse_tensor(struct conversion *it, const struct safetensors_tensor *tensor,
                          const char *format, ...) PRINTF_LIKE(3, 4);
static bool refuse_tensor(struct conversion *it, const struct safetensors_tensor *tensor,
                          const char *format, ...) {
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct view name = view_slice(tensor->name, 0, 80);
    fault_set(it->fault, FAULT_INPUT, "tensor %.*s: %s", VIEW_ARG(name), text);
    return fault_place(it->fault, tensor->path, 0, tensor->byte);
}

static const struct safetensors_tensor *find_tensor(const struct conversion *it,
                                                    const char *name) {
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        char whole[200];
        snprintf(whole, sizeof whole, "%s%s", prefixes[i], name);
        const struct safetensors_tensor *tensor =
            safetensors_tensor(it->source->safetensors, view_of(whole));
        if (!tensor && !strncmp(name, "model.", 6)) { /* model.language_model.layers… */
            snprintf(whole, sizeof whole, "model.language_model.%s", name + 6);
            tensor = safetensors_tensor(it->source->safetensors, view_of(whole));
        }
        if (tensor)
            return tensor;
    }
    return NULL;
}

static bool check_shape(struct conversion *it, const struct row_of_tensor *row,
                        const struct safetensors_tensor *tensor) {
    size_t n = strlen(row->shape);
    bool good = tensor->n_dimension == (int)n;
    for (size_t i = 0; good && i < n; i++) {
        int64_t wanted = extent(it, row->shape[i]);
        good = tensor->dimension[i] > 0 && (!wanted || tensor->dimension[i] == wanted);
    }
    return good ||
           refuse_tensor(it, tensor,
                         "its shape %" PRId64 " × %" PRId64
                         " is not what config.json asks for, %" PRId64 " × %" PRId64,
                         tensor->dimension[0], tensor->n_dimension > 1 ? tensor->dimension[1] : 1,
                         extent(it, row->shape[0]), n > 1 ? extent(it, row->shape[1]) : 1);
}

static bool take_tensor(struct conversion *it, const struct row_of_tensor *row, int64_t layer,
                        const struct safetensors_tensor *from) {
    static const struct {
        const char *name;
        uint32_t type;
        bool is_double;
    } types[] = {{"F32", TENSOR_F32, false},
                 {"F16", TENSOR_F16, false},
                 {"BF16", TENSOR_BF16, false},
                 {"F64", TENSOR_F32, true}};
    size_t kind = 0;
    while (kind < COUNT_OF(types) && strcmp(types[kind].name, from->type->name))
        kind++;
    if (kind == COUNT_OF(types))
        return refuse_tensor(it, from, "values of type %s are no weights that can be read",
                             from->type->name);
    if (!check_shape(it, row, from))
        return false;
    const char *n = strchr(row->to, 'N');
    struct source_tensor *to = &it->source->tensors[it->source->n_tensor++];
    *to = (struct source_tensor){
        .name = view_of(n ? arena_format(it->source->arena, "blk.%" PRId64 "%s", layer, n + 1)
                          : row->to),
        .n_dimension = from->n_dimension,
        .dimension = {1, 1, 1, 1},
        .type = types[kind].type,
        .is_double = types[kind].is_double,
        .data = from->data,
        .n_byte = from->n_byte,
        .is_mapped = true,
        .plus = row->how & NORM ? it->row->norm_plus : 0,
        .path = from->path,
        .byte = from->byte};
    for (int i = 0; i < from->n_dimension; i++) /* theirs counts from the slowest */
        to->dimension[i] = from->dimension[from->n_dimension - 1 - i];
    if ((row->how & ROWS_OF_HEADS) && it->row->reorders_heads)
        to->n_head = (int)(row->shape[0] == 'Q' ? it->n_head : it->n_kv_head);
    return true;
}

/* An output that is the embedding needs no copy of it, which some files hold. */
static bool is_tied(const struct conversion *it) {
    return json_flag(it->files.config, "tie_word_embeddings",
                     json_flag(it->files.outer, "tie_word_embeddings", it->row->bit == GEMMA3));
}

static bool take_row(struct conversion *it, const struct row_of_tensor *row, int64_t layer,
                     size_t *n_used) {
    char name[120];
    const char *n = strchr(row->from, 'N');
    if (n && !strncmp(n, "N.", 2))
        snprintf(name, sizeof name, "%.*s%" PRId64 "%s", (int)(n - row->from), row->from, layer,
                 n + 1);
    else
        snprintf(name, sizeof name, "%s", row->from);
    const struct safetensors_tensor *tensor = find_tensor(it, name);
    if (tensor) {
        ++*n_used;
        return (row->how & OPTIONAL && is_tied(it)) || take_tensor(it, row, layer, tensor);
    }
    if (row->how & OPTIONAL && is_tied(it))
        return true;
    fault_set(it->fault, FAULT_MISSING, "tensor %s: the files do not have it", name);
    return fault_place(it->fault, it->source->path, 0, -1);
}

static bool is_of_layers(const struct row_of_tensor *row) {
    return !strncmp(row->to, "blk.", 4);
}

static bool is_left_out(struct view name) {
    for (size_t i = 0; i < COUNT_OF(left_out); i++)
        if (view_starts(name, left_out[i].start) && view_ends(name, left_out[i].end))
            return true;
    return false;
}

/* Every tensor has a place, or is known to need none. */
static bool check_all_used(struct conversion *it, size_t n_used) {
    const struct safetensors *files = it->source->safetensors;
    size_t n_left_out = 0;
    for (size_t i = 0; i < safetensors_n_tensor(files); i++)
        n_left_out += is_left_out(safetensors_tensor_at(files, i)->name);
    if (n_used + n_left_out == safetensors_n_tensor(files))
        return true;
    for (size_t i = 0; i < safetensors_n_tensor(files); i++) {
        const struct safetensors_tensor *tensor = safetensors_tensor_at(files, i);
        bool known = is_left_out(tensor->name);
        for (size_t k = 0; !known && k < it->source->n_tensor; k++)
            known = it->source->tensors[k].data == tensor->data;
        known = known || (view_ends(tensor->name, "lm_head.weight") && is_tied(it));
        if (!known)
            return refuse_tensor(it, tensor, "the network %s has no place for it",
                                 it->row->network);
    }
    return conversion_refuse(it, "the files hold a tensor twice");
}

static bool take_tensors(struct conversion *it) {
    size_t n_used = 0;
    for (size_t i = 0; i < COUNT_OF(tensors); i++)
        if ((tensors[i].networks & it->row->bit) && !is_of_layers(&tensors[i]) &&
            !take_row(it, &tensors[i], -1, &n_used))
            return false;
    for (int64_t layer = 0; layer < it->n_layer; layer++)
        for (size_t i = 0; i < COUNT_OF(tensors); i++)
            if ((tensors[i].networks & it->row->bit) && is_of_layers(&tensors[i]) &&
                !take_row(it, &tensors[i], layer, &n_used))
                return false;
    return check_all_used(it, n_used);
}

/* -------------------------------------------------------------------------------------- opening
 */

static bool choose_network(struct conversion *it) {
    json_t *outer = it->files.outer, *text = json_object_get(outer, "text_config");
    const char *name =
        json_string_value(json_array_get(json_object_get(outer, "architectures"), 0));
    it->files.config = json_incref(json_is_object(text) ? text : outer);
    for (size_t i = 0; name && i < COUNT_OF(networks); i++)
        if (!strcmp(networks[i].class_name, name))
            it->row = &networks[i];
    if (it->row)
        return true;
    char list[200] = "";
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, networks[i].class_name, sizeof list - strlen(list) - 1);
    }
    conversion_refuse(
        it, name ? "the network %.60s is not supported" : "\"architectures\" is missing%s",
        name ? name : "");
    return fault_remedy(it->fault, "Known are %s", list);
}

static bool find_vocabulary_size(struct conversion *it) {
    const char *name =
        it->row->bit == BERT ? "embeddings.word_embeddings.weight" : "model.embed_tokens.weight";
    const struct safetensors_tensor *tensor = find_tensor(it, name);
    if (!tensor) {
        fault_set(it->fault, FAULT_MISSING, "tensor %s: the files do not have it", name);
        return fault_place(it->fault, it->source->path, 0, -1);
    }
    it->n_vocabulary = tensor->n_dimension == 2 ? tensor->dimension[0] : 0;
    return (it->n_vocabulary > 0 && it->n_vocabulary <= 1 << 22) ||
           refuse_tensor(it, tensor, "this is no embedding of tokens");
}

static void write_name(struct conversion *it) {
    const char *name = json_text(it->files.outer, "_name_or_path", "");
    if (!*name || *name == '/' || *name == '.')
        name = it->files.folder;
    struct view rest = view_of(name);
    while (view_ends(rest, "/"))
        rest.n--;
    const char *slash = memrchr(rest.at, '/', rest.n);
    if (slash)
        rest = view_slice(rest, (size_t)(slash + 1 - rest.at), rest.n);
    gguf_write_text(it->writer, "general.name", rest.n ? rest : VIEW("model"));
}

static bool convert_all(struct conversion *it) {
    const char *folder = it->files.folder;
    if (!folder_json(folder, "config.json", true, &it->files.outer, it->fault) ||
        !choose_network(it) ||
        !folder_json(folder, "generation_config.json", false, &it->files.generation, it->fault))
        return false;
    gguf_write_text(it->writer, "general.architecture", view_of(it->row->network));
    write_name(it);
    size_t n = safetensors_n_tensor(it->source->safetensors);
    it->source->tensors = ARENA_NEW(it->source->arena, n + 2, struct source_tensor);
    if (!find_vocabulary_size(it) || !conversion_keys(it))
        return false;
    it->source->n_layer = (int)it->n_layer;
    return vocabulary_convert(&it->files, it->n_vocabulary, it->writer, it->fault) &&
           take_tensors(it);
}

/* The folder of a file, or the folder itself. */
static char *folder_of(const char *path) {
    struct view rest = view_of(path);
    if (!view_ends(rest, ".safetensors") && !view_ends(rest, ".json"))
        return must_copy(rest);
    const char *slash = strrchr(path, '/');
    return must_copy(slash ? view_slice(rest, 0, (size_t)(slash - path)) : VIEW("."));
}

bool convert_open(struct source *source, const char *path, struct gguf_writer *writer,
                  struct fault *fault) {
    source->safetensors = safetensors_open(path, fault);
    if (!source->safetensors)
        return false;
    source->n_byte = safetensors_size(source->safetensors);
    char *folder = folder_of(path);
    struct conversion it = {
        .files = {.folder = folder}, .source = source, .writer = writer, .fault = fault};
    bool good = convert_all(&it);
    json_decref(it.files.config);
    json_decref(it.files.outer);
    json_decref(it.files.generation);
    free(folder);
    return good;
}
