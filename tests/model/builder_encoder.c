#include "builder_encoder.h"

#include <stdio.h>

static void add_layer(struct builder *builder, int layer, struct random *random) {
    static const struct {
        const char *name;
        int n_column, n_row;
    } tensors[] = {
        {"attn_q.weight", D_MODEL, D_MODEL},
        {"attn_k.weight", D_MODEL, D_MODEL},
        {"attn_v.weight", D_MODEL, D_MODEL},
        {"attn_output.weight", D_MODEL, D_MODEL},
        {"ffn_up.weight", D_MODEL, D_FEED_FORWARD},
        {"ffn_down.weight", D_FEED_FORWARD, D_MODEL},
        {"attn_q.bias", D_MODEL, 0},
        {"attn_k.bias", D_MODEL, 0},
        {"attn_v.bias", D_MODEL, 0},
        {"attn_output.bias", D_MODEL, 0},
        {"ffn_up.bias", D_FEED_FORWARD, 0},
        {"ffn_down.bias", D_MODEL, 0},
        {"attn_output_norm.weight", D_MODEL, 0},
        {"attn_output_norm.bias", D_MODEL, 0},
        {"layer_output_norm.weight", D_MODEL, 0},
        {"layer_output_norm.bias", D_MODEL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(tensors); i++) {
        char name[64];
        snprintf(name, sizeof name, "blk.%d.%s", layer, tensors[i].name);
        bool is_norm = view_ends(view_of(name), "norm.weight");
        builder_float_tensor(builder, name, (uint64_t)tensors[i].n_column,
                             (uint64_t)tensors[i].n_row, random, is_norm ? 1.0F : 0.0F, 0.4F);
    }
}

void encoder_build(struct builder *builder, uint32_t pooling) {
    struct random random;
    random_seed(&random, 3);
    builder_open(builder);
    builder_key_text(builder, "general.architecture", "bert");
    builder_key_u32(builder, "bert.block_count", N_LAYER);
    builder_key_u32(builder, "bert.embedding_length", D_MODEL);
    builder_key_u32(builder, "bert.feed_forward_length", D_FEED_FORWARD);
    builder_key_u32(builder, "bert.context_length", N_CONTEXT);
    builder_key_u32(builder, "bert.attention.head_count", N_HEAD);
    builder_key_f32(builder, "bert.attention.layer_norm_epsilon", (float)ENCODER_EPSILON);
    builder_key_u32(builder, "bert.pooling_type", pooling);
    builder_float_tensor(builder, "token_embd.weight", D_MODEL, N_VOCABULARY, &random, 0, 1);
    builder_float_tensor(builder, "position_embd.weight", D_MODEL, N_CONTEXT, &random, 0, 0.5F);
    builder_float_tensor(builder, "token_types.weight", D_MODEL, 2, &random, 0, 0.5F);
    builder_float_tensor(builder, "token_embd_norm.weight", D_MODEL, 0, &random, 1, 0.4F);
    builder_float_tensor(builder, "token_embd_norm.bias", D_MODEL, 0, &random, 0, 0.4F);
    for (int layer = 0; layer < N_LAYER; layer++)
        add_layer(builder, layer, &random);
}

char *encoder_save(const char *name) {
    static const char *const tokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "\u2581a", "\u2581b"};
    struct builder builder;
    encoder_build(&builder, 1);
    builder_key_text(&builder, "tokenizer.ggml.model", "bert");
    builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_STRING, N_VOCABULARY);
    for (size_t i = 0; i < N_VOCABULARY; i++) {
        char other[16];
        snprintf(other, sizeof other, "x%zu", i);
        builder_text(&builder.keys, i < COUNT_OF(tokens) ? tokens[i] : other);
    }
    builder_key_u32(&builder, "tokenizer.ggml.bos_token_id", 2);
    builder_key_u32(&builder, "tokenizer.ggml.eos_token_id", 3);
    builder_key_u32(&builder, "tokenizer.ggml.unknown_token_id", 1);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}
