/* What a config.json says, as keys of a GGUF file. What it asks for and no row takes must not pass
 * in silence: that is `expectations`. */
#include "model/convert.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a key of the config becomes. `otherwise`: its value where the config may leave it out. */
static const struct row_of_key {
    const char *to, *from;
    unsigned networks;
    bool is_number; /* a float; otherwise a count */
    double otherwise;
} keys[] = {
    {"block_count", "num_hidden_layers", ALL, false, NAN},
    {"context_length", "max_position_embeddings", ALL & ~GEMMA3, false, NAN},
    {"context_length", "max_position_embeddings", GEMMA3, false, 131072},
    {"embedding_length", "hidden_size", ALL, false, NAN},
    {"feed_forward_length", "intermediate_size", ALL, false, NAN},
    {"attention.head_count", "num_attention_heads", ALL & ~GEMMA3, false, NAN},
    {"attention.head_count", "num_attention_heads", GEMMA3, false, 8},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps", DECODERS, true, 1e-6},
    {"attention.layer_norm_epsilon", "layer_norm_eps", BERT, true, 1e-12},
};

/* Values that the engine computes; another one is refused. Absent and null are as good. */
static const struct row_of_expectation {
    const char *key;
    unsigned networks;
    const char *value; /* as JSON */
} expectations[] = {
    {"hidden_act", LLAMA | QWEN2 | QWEN3, "\"silu\""},
    {"hidden_activation", GEMMA3, "\"gelu_pytorch_tanh\""},
    {"hidden_act", BERT, "\"gelu\""},
    {"position_embedding_type", BERT, "\"absolute\""},
    {"is_decoder", BERT, "false"},
    {"use_sliding_window", QWEN2 | QWEN3, "false"},
    {"sliding_window", LLAMA, "null"},
    {"attn_logit_softcapping", GEMMA3, "null"},
    {"final_logit_softcapping", GEMMA3, "null"},
    {"use_bidirectional_attention", GEMMA3, "false"},
    {"partial_rotary_factor", DECODERS, "1.0"},
    {"quantization_config", ALL, "null"},
};

enum { MAX_COUNT = 1 << 30, MAX_WIDTH = 1 << 20 };

/* ------------------------------------------------------------------------------------ the keys
 */

void write_flag(struct gguf_writer *writer, const char *name, bool value) {
    char byte = value;
    gguf_write_key(writer, view_of(name), GGUF_BOOL, (struct view){&byte, 1});
}

void write_number(struct gguf_writer *writer, const char *name, float value) {
    gguf_write_key(writer, view_of(name), GGUF_FLOAT32,
                   (struct view){(const char *)&value, sizeof value});
}

static const char *key_of(const struct conversion *it, const char *rest, char out[96]) {
    snprintf(out, 96, "%s.%s", it->row->network, rest);
    return out;
}

static void put_count(struct conversion *it, const char *rest, int64_t value) {
    char key[96];
    gguf_write_uint32(it->writer, key_of(it, rest, key), (uint32_t)value);
}

static void put_number(struct conversion *it, const char *rest, double value) {
    char key[96];
    write_number(it->writer, key_of(it, rest, key), (float)value);
}

static bool is_absent(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return !value || json_is_null(value);
}

/* A count of 1 to `most`; `otherwise` where the config does not say it, 0: it must. */
static bool read_count(struct conversion *it, const char *key, int64_t otherwise, int64_t most,
                       int64_t *out) {
    const json_t *value = json_object_get(it->files.config, key);
    *out = otherwise;
    if (is_absent(it->files.config, key))
        return otherwise > 0 || conversion_refuse(it, "\"%s\" is missing", key);
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > most)
        return conversion_refuse(it, "\"%s\" is no whole number from 1 to %" PRId64, key, most);
    *out = json_integer_value(value);
    return true;
}

static bool read_number(struct conversion *it, const json_t *object, const char *key,
                        double otherwise, double *out) {
    *out = is_absent(object, key) ? otherwise : json_number(object, key, NAN);
    if (isnan(*out) && is_absent(object, key))
        return conversion_refuse(it, "\"%s\" is missing", key);
    return (isfinite(*out) && *out > 0) ||
           conversion_refuse(it, "\"%s\" is no positive number", key);
}

static bool write_keys(struct conversion *it) {
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct row_of_key *row = &keys[i];
        int64_t count;
        double number;
        if (!(row->networks & it->row->bit))
            continue;
        if (row->is_number) {
            if (!read_number(it, it->files.config, row->from, row->otherwise, &number))
                return false;
            put_number(it, row->to, number);
        } else {
            if (!read_count(it, row->from, isnan(row->otherwise) ? 0 : (int64_t)row->otherwise,
                            MAX_COUNT, &count))
                return false;
            put_count(it, row->to, count);
        }
    }
    return true;
}

static bool read_shape(struct conversion *it) {
    if (!read_count(it, "num_hidden_layers", 0, MAX_LAYERS, &it->n_layer) ||
        !read_count(it, "hidden_size", 0, MAX_WIDTH, &it->d_model) ||
        !read_count(it, "intermediate_size", 0, MAX_WIDTH, &it->d_feed_forward) ||
        !read_count(it, "num_attention_heads", it->row->bit == GEMMA3 ? 8 : 0, MAX_LAYERS,
                    &it->n_head) ||
        !read_count(it, "num_key_value_heads", it->row->bit == GEMMA3 ? 4 : it->n_head, MAX_LAYERS,
                    &it->n_kv_head))
        return false;
    bool says_width = !is_absent(it->files.config, "head_dim") || it->row->bit == GEMMA3;
    int64_t usual = it->row->bit == GEMMA3 ? 256 : it->d_model / it->n_head;
    if (!says_width && it->d_model % it->n_head)
        return conversion_refuse(it, "%" PRId64 " heads do not divide a width of %" PRId64,
                                 it->n_head, it->d_model);
    if (!read_count(it, "head_dim", usual, MAX_WIDTH, &it->d_head))
        return false;
    if (it->row->bit != BERT && it->d_head % 2)
        return conversion_refuse(it, "a head of %" PRId64 " values cannot be rotated in pairs",
                                 it->d_head);
    if (it->row->bit == BERT)
        return true;
    put_count(it, "attention.head_count_kv", it->n_kv_head);
    if (says_width) {
        put_count(it, "attention.key_length", it->d_head);
        put_count(it, "attention.value_length", it->d_head);
    }
    if (it->row->bit == LLAMA)
        put_count(it, "rope.dimension_count", it->d_head);
    return true;
}

static bool meets_expectations(struct conversion *it) {
    for (size_t i = 0; i < COUNT_OF(expectations); i++) {
        const struct row_of_expectation *row = &expectations[i];
        if (!(row->networks & it->row->bit) || is_absent(it->files.config, row->key))
            continue;
        char *text = json_dumps(json_object_get(it->files.config, row->key),
                                JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
        bool good = text && !strcmp(text, row->value);
        if (!good)
            conversion_refuse(it, "\"%s\": %.80s is not supported, only %s is", row->key,
                              text ? text : "?", row->value);
        free(text);
        if (!good)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------ rotation
 */

/* What divides the frequencies in Llama 3.1 and later: those of long waves by `factor`, those of
 * short ones by nothing, and a ramp between (transformers' "llama3"). */
static bool write_rope_factors(struct conversion *it, const json_t *rope, double base) {
    double factor, low, high, context;
    if (it->row->bit != LLAMA)
        return conversion_refuse(it, "rope_type \"llama3\" is supported in llama networks alone");
    if (!read_number(it, rope, "factor", NAN, &factor) ||
        !read_number(it, rope, "low_freq_factor", 1, &low) ||
        !read_number(it, rope, "high_freq_factor", 4, &high) ||
        !read_number(it, rope, "original_max_position_embeddings", 8192, &context))
        return false;
    if (high <= low)
        return conversion_refuse(it,
                                 "\"high_freq_factor\" must be larger than \"low_freq_factor\"");
    int64_t n = it->d_head / 2;
    float *factors = ARENA_NEW(it->source->arena, (size_t)n, float);
    for (int64_t i = 0; i < n; i++) {
        double wave = 2 * M_PI * pow(base, 2 * (double)i / (double)it->d_head);
        double ramp = (context / wave - low) / (high - low);
        ramp = ramp < 0 ? 0 : ramp > 1 ? 1 : ramp;
        factors[i] = (float)(1 / ((1 - ramp) / factor + ramp));
    }
    it->source->tensors[it->source->n_tensor++] =
        (struct source_tensor){.name = VIEW("rope_freqs.weight"),
                               .n_dimension = 1,
                               .dimension = {n, 1, 1, 1},
                               .type = TENSOR_F32,
                               .data = (const uint8_t *)factors,
                               .n_byte = (uint64_t)n * sizeof(float),
                               .path = it->source->path,
                               .byte = -1};
    return true;
}

static bool write_rope_kind(struct conversion *it, const json_t *rope, double base) {
    const char *kind = json_text(rope, "rope_type", json_text(rope, "type", "default"));
    double factor;
    char key[96];
    if (!strcmp(kind, "default"))
        return true;
    if (!strcmp(kind, "llama3"))
        return write_rope_factors(it, rope, base);
    if (strcmp(kind, "linear"))
        return conversion_refuse(it, "scaling of positions by \"%.40s\" is not supported", kind);
    if (!read_number(it, rope, "factor", NAN, &factor))
        return false;
    gguf_write_text(it->writer, key_of(it, "rope.scaling.type", key), VIEW("linear"));
    put_number(it, "rope.scaling.factor", factor);
    return true;
}

/* Configs are of two ages: rope_theta and rope_scaling, or rope_parameters with both in it, for
 * Gemma once for each kind of layer. */
static bool write_rope(struct conversion *it) {
    const json_t *config = it->files.config, *both = json_object_get(config, "rope_parameters");
    const json_t *full = json_object_get(both, "full_attention"),
                 *window = json_object_get(both, "sliding_attention");
    bool is_new = json_is_object(both);
    const json_t *rope = full ? full : is_new ? both : json_object_get(config, "rope_scaling");
    double base, window_base;
    if (!read_number(it, is_new ? rope : config, "rope_theta", it->row->rope_base, &base))
        return false;
    put_number(it, "rope.freq_base", base);
    if (it->row->bit == GEMMA3) {
        if (!read_number(it, window ? window : config,
                         window ? "rope_theta" : "rope_local_base_freq", 10000, &window_base))
            return false;
        if (strcmp(json_text(window, "rope_type", "default"), "default"))
            return conversion_refuse(it,
                                     "scaling of positions in windowed layers is not supported");
        put_number(it, "rope.freq_base_swa", window_base);
    }
    return write_rope_kind(it, rope, base);
}

/* Of how many layers the last sees everything: 6, or what "layer_types" shows. */
static bool read_period(struct conversion *it, int64_t *period) {
    const json_t *kinds = json_object_get(it->files.config, "layer_types");
    if (!read_count(it, "sliding_window_pattern", 6, MAX_LAYERS, period))
        return false;
    if (!json_is_array(kinds))
        return true;
    if ((int64_t)json_array_size(kinds) != it->n_layer)
        return conversion_refuse(it, "\"layer_types\" does not tell one kind for each layer");
    int64_t first = 0;
    for (int64_t i = 0; i < it->n_layer && !first; i++) {
        const char *kind = json_string_value(json_array_get(kinds, (size_t)i));
        first = kind && !strcmp(kind, "full_attention") ? i + 1 : 0;
    }
    *period = first ? first : it->n_layer < *period ? *period : it->n_layer + 1;
    for (int64_t i = 0; i < it->n_layer; i++) {
        const char *kind = json_string_value(json_array_get(kinds, (size_t)i));
        const char *wanted = (i + 1) % *period ? "sliding_attention" : "full_attention";
        if (!kind || strcmp(kind, wanted))
            return conversion_refuse(
                it, "\"layer_types\" is no regular pattern: layer %" PRId64 " is not %s", i,
                wanted);
    }
    return true;
}

static bool write_windows(struct conversion *it) {
    int64_t window, period;
    double scalar;
    const json_t *config = it->files.config;
    if (!read_period(it, &period) || !read_count(it, "sliding_window", 4096, MAX_COUNT, &window) ||
        !read_number(it, config, "query_pre_attn_scalar", 256, &scalar))
        return false;
    /* Files do not tell the scale of attention; readers know one for each size. */
    double known = it->n_layer == 62 ? (double)(it->d_model / it->n_head) : (double)it->d_head;
    if (scalar != known)
        return conversion_refuse(it, "\"query_pre_attn_scalar\": %g is not supported, only %g is",
                                 scalar, known);
    if (period != 1)
        put_count(it, "attention.sliding_window", window);
    if (period != 1 && period != 6)
        put_count(it, "attention.sliding_window_pattern", period);
    return true;
}

/* How sentence-transformers makes one vector of many; none is said for what is no such folder. */
static bool write_pooling(struct conversion *it) {
    static const struct {
        const char *flag, *mode;
        uint32_t type; /* of llama.cpp's llama_pooling_type */
    } table[] = {{"pooling_mode_mean_tokens", "mean", 1},
                 {"pooling_mode_cls_token", "cls", 2},
                 {"pooling_mode_lasttoken", "lasttoken", 3}};
    char key[96];
    json_t *pooling;
    write_flag(it->writer, key_of(it, "attention.causal", key), false);
    if (!folder_json(it->files.folder, "1_Pooling/config.json", false, &pooling, it->fault))
        return false;
    size_t i = 0;
    const char *mode = json_text(pooling, "pooling_mode", "");
    while (pooling && i < COUNT_OF(table) && !json_flag(pooling, table[i].flag, false) &&
           strcmp(mode, table[i].mode))
        i++;
    bool good = !pooling || i < COUNT_OF(table) ||
                folder_fault(it->files.folder, "1_Pooling/config.json", it->fault,
                             "this pooling is not supported, only mean, cls and lasttoken");
    if (pooling && good)
        gguf_write_uint32(it->writer, key_of(it, "pooling_type", key), table[i].type);
    json_decref(pooling);
    return good;
}

bool conversion_keys(struct conversion *it) {
    if (!meets_expectations(it) || !write_keys(it) || !read_shape(it))
        return false;
    if (it->row->bit == LLAMA)
        put_count(it, "vocab_size", it->n_vocabulary);
    if (it->row->bit == BERT)
        return write_pooling(it);
    return write_rope(it) && (it->row->bit != GEMMA3 || write_windows(it));
}
