#include "builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void builder_open(struct builder *builder) {
    *builder = (struct builder){.version = 3, .alignment = 32};
}

void builder_close(struct builder *builder) {
    buffer_free(&builder->keys);
    buffer_free(&builder->tensors);
    buffer_free(&builder->data);
}

void builder_bytes(struct buffer *to, const void *at, size_t n) {
    buffer_append(to, (struct view){at, n});
}

void builder_u32(struct buffer *to, uint32_t value) {
    builder_bytes(to, &value, sizeof value);
}

void builder_u64(struct buffer *to, uint64_t value) {
    builder_bytes(to, &value, sizeof value);
}

void builder_text(struct buffer *to, const char *text) {
    builder_u64(to, strlen(text));
    buffer_text(to, text);
}

void builder_key(struct builder *builder, const char *name, enum gguf_type type) {
    builder_text(&builder->keys, name);
    builder_u32(&builder->keys, type);
    builder->n_key++;
}

void builder_key_u32(struct builder *builder, const char *name, uint32_t value) {
    builder_key(builder, name, GGUF_UINT32);
    builder_u32(&builder->keys, value);
}

void builder_key_f32(struct builder *builder, const char *name, float value) {
    builder_key(builder, name, GGUF_FLOAT32);
    builder_bytes(&builder->keys, &value, sizeof value);
}

void builder_key_text(struct builder *builder, const char *name, const char *text) {
    builder_key(builder, name, GGUF_STRING);
    builder_text(&builder->keys, text);
}

void builder_key_array(struct builder *builder, const char *name, enum gguf_type of, uint64_t n) {
    builder_key(builder, name, GGUF_ARRAY);
    builder_u32(&builder->keys, of);
    builder_u64(&builder->keys, n);
}

void builder_tensor(struct builder *builder, const char *name, uint32_t n_dimension,
                    const uint64_t *dimensions, uint32_t type, uint64_t offset) {
    builder_text(&builder->tensors, name);
    builder_u32(&builder->tensors, n_dimension);
    for (uint32_t i = 0; i < n_dimension; i++)
        builder_u64(&builder->tensors, dimensions[i]);
    builder_u32(&builder->tensors, type);
    builder_u64(&builder->tensors, offset);
    builder->n_tensor++;
}

static void pad(struct buffer *buffer, uint64_t alignment) {
    while (alignment && buffer->n % alignment)
        buffer_byte(buffer, 0);
}

void builder_float_tensor(struct builder *builder, const char *name, uint64_t n_column,
                          uint64_t n_row, struct random *random, float middle, float spread) {
    pad(&builder->data, builder->alignment);
    builder_tensor(builder, name, n_row ? 2 : 1, (uint64_t[]){n_column, n_row}, 0,
                   builder->data.n);
    for (uint64_t i = 0; i < n_column * (n_row ? n_row : 1); i++) {
        float value = middle + spread * (2 * (float)random_unit(random) - 1);
        builder_bytes(&builder->data, &value, sizeof value);
    }
}

struct view builder_join(const struct builder *builder) {
    struct buffer file = {0};
    buffer_text(&file, "GGUF");
    builder_u32(&file, builder->version);
    builder_u64(&file, builder->n_tensor);
    builder_u64(&file, builder->n_key);
    buffer_append(&file, buffer_view(&builder->keys));
    buffer_append(&file, buffer_view(&builder->tensors));
    pad(&file, builder->alignment);
    buffer_append(&file, buffer_view(&builder->data));
    char *aligned = aligned_alloc(64, (file.n + 64) & ~(size_t)63);
    MUST(aligned != NULL);
    memcpy(aligned, file.at, file.n);
    struct view whole = {aligned, file.n};
    buffer_free(&file);
    return whole;
}

/* ------------------------------------------------------------------------------------ networks */

/* The byte alphabet of GPT-2: printable bytes stand for themselves, the others follow U+0100. */
static void byte_token(int byte, char out[5]) {
    int next = 0;
    for (int b = 0; b <= byte; b++) {
        bool printable = (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173;
        int32_t code_point = printable ? b : 256 + next++;
        if (b == byte)
            out[utf8_encode(code_point, out)] = 0;
    }
}

static void add_vocabulary(struct builder *builder) {
    builder_key_text(builder, "tokenizer.ggml.model", "gpt2");
    builder_key_text(builder, "tokenizer.ggml.pre", "gpt-2");
    builder_key_array(builder, "tokenizer.ggml.tokens", GGUF_STRING, 257);
    for (int byte = 0; byte < 256; byte++) {
        char token[5];
        byte_token(byte, token);
        builder_text(&builder->keys, token);
    }
    builder_text(&builder->keys, "<|end|>");
    builder_key_array(builder, "tokenizer.ggml.token_type", GGUF_INT32, 257);
    for (int i = 0; i < 257; i++)
        builder_u32(&builder->keys, i < 256 ? 1 : 3); /* normal; control */
    builder_key_array(builder, "tokenizer.ggml.merges", GGUF_STRING, 0);
    builder_key_u32(builder, "tokenizer.ggml.eos_token_id", 256);
}

static void add_layer(struct builder *builder, const struct builder_shape *shape, int layer,
                      struct random *random) {
    const struct {
        const char *name;
        uint64_t n_column, n_row;
    } tensors[] = {
        {"attn_q.weight", 64, 64},
        {"attn_k.weight", 64, 32},
        {"attn_v.weight", 64, 32},
        {"attn_output.weight", 64, 64},
        {"ffn_gate.weight", 64, 96},
        {"ffn_up.weight", 64, 96},
        {"ffn_down.weight", 96, 64},
        {"attn_norm.weight", 64, 0},
        {"ffn_norm.weight", 64, 0},
        {"attn_q.bias", 64, 0},
        {"attn_k.bias", 32, 0},
        {"attn_v.bias", 32, 0},
        {"attn_q_norm.weight", 16, 0},
        {"attn_k_norm.weight", 16, 0},
        {"post_attention_norm.weight", 64, 0},
        {"post_ffw_norm.weight", 64, 0},
    };
    for (size_t i = 0; i < COUNT_OF(tensors); i++) {
        char name[64];
        bool is_bias = view_ends(view_of(tensors[i].name), "bias");
        if ((is_bias && !shape->biases) || (i >= 12 && !shape->windowed))
            continue;
        snprintf(name, sizeof name, "blk.%d.%s", layer, tensors[i].name);
        builder_float_tensor(builder, name, tensors[i].n_column, tensors[i].n_row, random,
                             tensors[i].n_row || is_bias ? 0.0F : 1.0F, 0.2F);
    }
}

void builder_network(struct builder *builder, const struct builder_shape *shape, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    static const struct {
        const char *name;
        uint32_t value;
    } keys[] = {
        {"block_count", 2},           {"embedding_length", 64},    {"feed_forward_length", 96},
        {"context_length", 512},      {"attention.head_count", 4}, {"attention.head_count_kv", 2},
        {"rope.dimension_count", 16},
    };
    char name[96];
    builder_key_text(builder, "general.architecture", shape->architecture);
    builder_key_text(builder, "general.name", "random");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        snprintf(name, sizeof name, "%s.%s", shape->architecture, keys[i].name);
        builder_key_u32(builder, name, keys[i].value);
    }
    snprintf(name, sizeof name, "%s.attention.layer_norm_rms_epsilon", shape->architecture);
    builder_key_f32(builder, name, 1e-5F);
    snprintf(name, sizeof name, "%s.attention.sliding_window", shape->architecture);
    if (shape->windowed)
        builder_key_u32(builder, name, 40);
    add_vocabulary(builder);
    builder_float_tensor(builder, "token_embd.weight", 64, 257, &random, 0, 1);
    builder_float_tensor(builder, "output_norm.weight", 64, 0, &random, 1, 0.2F);
    if (!shape->tied)
        builder_float_tensor(builder, "output.weight", 64, 257, &random, 0, 0.5F);
    if (shape->rope_factors)
        builder_float_tensor(builder, "rope_freqs.weight", 8, 0, &random, 2, 1);
    for (int layer = 0; layer < 2; layer++)
        add_layer(builder, shape, layer, &random);
}

void builder_adapter(struct builder *builder, const char *architecture, uint64_t rank,
                     uint64_t seed) {
    static const struct {
        const char *name;
        uint64_t n_in, n_out;
    } matrices[] = {
        {"attn_q", 64, 64},   {"attn_k", 64, 32}, {"attn_v", 64, 32},   {"attn_output", 64, 64},
        {"ffn_gate", 64, 96}, {"ffn_up", 64, 96}, {"ffn_down", 96, 64},
    };
    struct random random;
    random_seed(&random, seed);
    builder_key_text(builder, "general.type", "adapter");
    builder_key_text(builder, "general.architecture", architecture);
    builder_key_text(builder, "adapter.type", "lora");
    builder_key_f32(builder, "adapter.lora.alpha", 8);
    for (size_t i = 0; i < 2 * COUNT_OF(matrices); i++) {
        char name[64];
        size_t at = i % COUNT_OF(matrices), layer = i / COUNT_OF(matrices);
        snprintf(name, sizeof name, "blk.%zu.%s.weight.lora_a", layer, matrices[at].name);
        builder_float_tensor(builder, name, matrices[at].n_in, rank, &random, 0, 0.2F);
        name[strlen(name) - 1] = 'b';
        builder_float_tensor(builder, name, rank, matrices[at].n_out, &random, 0, 0.2F);
    }
}

char *builder_save(const struct builder *builder, const char *name) {
    const char *folder = getenv("TMPDIR");
    struct buffer path = {0};
    buffer_format(&path, "%s/lyceum-%d-%s", folder ? folder : "/tmp", (int)getpid(), name);
    struct view file = builder_join(builder);
    struct fault fault = {0};
    MUST(file_write(path.at, file, &fault));
    free((void *)(uintptr_t)file.at);
    return path.at;
}
