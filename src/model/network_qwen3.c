/* Qwen3 (Yang et al. 2025, arXiv 2505.09388): no biases, norms of each head's q and k instead. */
#include "model/network_load.h"

const struct layer_tensor head_norms[] = {
    LAYER_VECTOR("attn_q_norm.weight", query_norm, HEAD),
    LAYER_VECTOR("attn_k_norm.weight", key_norm, HEAD),
    {0},
};

const struct network network_qwen3 = {
    .architecture = "qwen3",
    .tensors = {decoder_tensors, head_norms},
    .rope_style = ROPE_HALVES,
    .activation = ACTIVATION_SILU,
};
