/* Gemma 3 (Kamath et al. 2025, arXiv 2503.19786): norms of heads and of what each block gives,
 * embeddings × √d_model, and of six layers five that see a window and turn with a base of their
 * own. Its files hold the weights of the norms with the 1 added already. */
#include "model/network_load.h"

#include <math.h>

/* The tanh form of GELU (Hendrycks and Gimpel, 2016, arXiv 1606.08415) is x σ(z) with
 * z = 2 √(2/π) (x + 0.044715 x³) = x r: so it is silu(z) / r, and silu has kernels.
 * Beyond |x| = 10 σ is 0 or 1 in floats, whatever the cube. */
static void gate_gelu(float *gate, float *up, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        float square = gate[i] * gate[i];
        float ratio = 1.5957691216F * (1 + 0.044715F * (square < 100 ? square : 100));
        gate[i] *= ratio;
        up[i] /= ratio;
    }
    silu_multiply(gate, up, n);
}

/* Files do not tell the scale, and of this family's sizes only the one of 62 layers has not the
 * head's width. */
static double attention_scale(const struct model_shape *shape) {
    return 1 / sqrt(shape->n_layer == 62 ? shape->d_model / shape->n_head : shape->d_head);
}

static const struct layer_tensor output_norms[] = {
    LAYER_VECTOR("post_attention_norm.weight", attention_output_norm, MODEL),
    LAYER_VECTOR("post_ffw_norm.weight", feed_forward_output_norm, MODEL),
    {0},
};

const struct network network_gemma3 = {
    .architecture = "gemma3",
    .tensors = {decoder_tensors, head_norms, output_norms},
    .rope_style = ROPE_HALVES,
    .gate = gate_gelu,
    .scales_embedding = true,
    .window_period = 6,
    .window_rope_base = 10000,
    .attention_scale = attention_scale,
};
