/* BERT (Devlin et al. 2018, arXiv 1810.04805): an encoder, whose tokens see each other both ways.
 *
 *     x = layer_norm(token + position + type)
 *     x = layer_norm(x + Wo attended + bo)                     each layer, every norm with a bias
 *     x = layer_norm(x + Wdown gelu(Wup x + bup) + bdown)
 *
 * and a text's vector is the mean of its tokens' x, or the first one's (encoder.c). */
#include "model/network_load.h"

static const struct layer_tensor tensors[] = {
    LAYER_MATRIX("attn_q.weight", query, MODEL, QUERY),
    LAYER_MATRIX("attn_k.weight", key, MODEL, KEY),
    LAYER_MATRIX("attn_v.weight", value, MODEL, KEY),
    LAYER_MATRIX("attn_output.weight", output, QUERY, MODEL),
    LAYER_VECTOR("attn_output.bias", output_bias, MODEL),
    LAYER_VECTOR("attn_output_norm.weight", attention_output_norm, MODEL),
    LAYER_VECTOR("attn_output_norm.bias", attention_output_norm_bias, MODEL),
    LAYER_MATRIX("ffn_up.weight", up, MODEL, FEED_FORWARD),
    LAYER_VECTOR("ffn_up.bias", up_bias, FEED_FORWARD),
    LAYER_MATRIX("ffn_down.weight", down, FEED_FORWARD, MODEL),
    LAYER_VECTOR("ffn_down.bias", down_bias, MODEL),
    LAYER_VECTOR("layer_output_norm.weight", feed_forward_output_norm, MODEL),
    LAYER_VECTOR("layer_output_norm.bias", feed_forward_output_norm_bias, MODEL),
    {0},
};

/* Numbers of llama.cpp's; others take the last token, or rank. */
enum { FILE_POOLING_MEAN = 1, FILE_POOLING_FIRST = 2 };

static bool load_pooling(struct loader *loader) {
    char key[96];
    int64_t pooling = FILE_POOLING_MEAN;
    bool causal = false;
    if ((gguf_has(loader->gguf, loader_key(loader, "attention.causal", key)) &&
         !gguf_boolean(loader->gguf, key, &causal, loader->fault)))
        return false;
    if (causal)
        return gguf_fault(loader->gguf, key, loader->fault, "this is not supported");
    if (gguf_has(loader->gguf, loader_key(loader, "pooling_type", key)) &&
        !gguf_integer(loader->gguf, key, FILE_POOLING_MEAN, FILE_POOLING_FIRST, &pooling,
                      loader->fault))
        return false;
    loader->weights->encoder.pooling = pooling == FILE_POOLING_MEAN ? POOLING_MEAN : POOLING_FIRST;
    return true;
}

/* The first row: a text by itself is always the first sentence. */
static bool load_type(struct loader *loader) {
    const struct gguf_tensor *tensor = gguf_tensor(loader->gguf, "token_types.weight");
    struct matrix types;
    int64_t d_model = loader->weights->shape.d_model;
    if (!tensor)
        return true;
    if (!load_matrix(loader, "token_types.weight", d_model, tensor->dimension[1], &types))
        return false;
    float *first =
        arena_try(loader->weights->arena, (size_t)d_model, sizeof *first, loader->fault);
    if (!first)
        return false;
    matrix_row(&types, 0, first);
    loader->weights->encoder.type = first;
    return true;
}

static bool load(struct loader *loader) {
    struct encoder_weights *encoder = &loader->weights->encoder;
    int d_model = loader->weights->shape.d_model;
    return load_pooling(loader) && load_type(loader) &&
           load_matrix(loader, "position_embd.weight", d_model, loader->weights->shape.n_context,
                       &encoder->position) &&
           load_vector(loader, "token_embd_norm.weight", d_model, REQUIRED, &encoder->norm) &&
           load_vector(loader, "token_embd_norm.bias", d_model, REQUIRED, &encoder->norm_bias);
}

const struct network network_bert = {
    .architecture = "bert",
    .tensors = {tensors, projection_biases},
    .load = load,
    .epsilon_key = "attention.layer_norm_epsilon",
    .encodes = true,
};
