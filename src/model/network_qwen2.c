/* Qwen2 and Qwen2.5 (Yang et al. 2024, arXiv 2407.10671): Llama with biases of q, k and v. */
#include "model/network_load.h"

const struct layer_tensor projection_biases[] = {
    LAYER_VECTOR("attn_q.bias", query_bias, QUERY),
    LAYER_VECTOR("attn_k.bias", key_bias, KEY),
    LAYER_VECTOR("attn_v.bias", value_bias, KEY),
    {0},
};

const struct network network_qwen2 = {
    .architecture = "qwen2",
    .tensors = {decoder_tensors, projection_biases},
    .rope_style = ROPE_HALVES,
    .activation = ACTIVATION_SILU,
};
