/* Gemma 3 (Kamath et al. 2025, arXiv 2503.19786): norms of heads and of what each block gives,
 * embeddings × √d_model, and of six layers five that see a window and turn with a base of their
 * own. Its files hold the weights of the norms with the 1 added already. */
#include "model/network_load.h"

#include <math.h>

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
    .activation = ACTIVATION_GELU_TANH,
    .scales_embedding = true,
    .window_period = 6,
    .window_rope_base = 10000,
    .attention_scale = attention_scale,
};
