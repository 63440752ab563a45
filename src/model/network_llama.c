/* Llama (Touvron et al. 2023, arXiv 2302.13971) and those of its shape: SmolLM, Mistral, …
 *
 * Llama 3.1 and later bring rope_freqs.weight, by which every network's frequencies are divided.
 */
#include "model/network_load.h"

const struct layer_tensor decoder_tensors[] = {
    LAYER_VECTOR("attn_norm.weight", attention_norm, MODEL),
    LAYER_MATRIX("attn_q.weight", query, MODEL, QUERY),
    LAYER_MATRIX("attn_k.weight", key, MODEL, KEY),
    LAYER_MATRIX("attn_v.weight", value, MODEL, KEY),
    LAYER_MATRIX("attn_output.weight", output, QUERY, MODEL),
    LAYER_VECTOR("ffn_norm.weight", feed_forward_norm, MODEL),
    LAYER_MATRIX("ffn_gate.weight", gate, MODEL, FEED_FORWARD),
    LAYER_MATRIX("ffn_up.weight", up, MODEL, FEED_FORWARD),
    LAYER_MATRIX("ffn_down.weight", down, FEED_FORWARD, MODEL),
    {0},
};

static const struct layer_tensor optional_biases[] = {
    LAYER_OPTIONAL_VECTOR("attn_q.bias", query_bias, QUERY),
    LAYER_OPTIONAL_VECTOR("attn_k.bias", key_bias, KEY),
    LAYER_OPTIONAL_VECTOR("attn_v.bias", value_bias, KEY),
    {0},
};

const struct network network_llama = {
    .architecture = "llama",
    .tensors = {decoder_tensors, optional_biases},
    .rope_style = ROPE_ADJACENT,
    .activation = ACTIVATION_SILU,
};
