/* network: what a file's weights are and where they stand.
 *
 * The networks of this room differ in few things, which the file of each tells. Per layer, with
 * x the residual stream (d_model):
 *
 *     q, k, v = Wq n + bq, Wk n + bk, Wv n + bv   where n = rms_norm(x) * attention_norm
 *     each head's q and k = rms_norm(head) * query_norm, key_norm              (head norms)
 *     rotate q and k by their position; attend over the cache
 *     x += o                                      where o = Wo attended, or
 *                                                 rms_norm(o) * attention_output_norm
 *     x += f                                      where n = rms_norm(x) * feed_forward_norm,
 *                                                 f = Wdown (gate(Wgate n) * (Wup n)), or
 *                                                 rms_norm(f) * feed_forward_output_norm
 *
 * and at the end logits = Whead (rms_norm(x) * norm). (Llama: Touvron et al. 2023, arXiv
 * 2302.13971; grouped heads: Ainslie et al. 2023, arXiv 2305.13245; Qwen3: Yang et al. 2025, arXiv
 * 2505.09388; Gemma 3: Kamath et al. 2025, arXiv 2503.19786.) */
#ifndef LYCEUM_MODEL_NETWORK_H
#define LYCEUM_MODEL_NETWORK_H

#include "model/gguf.h"
#include "model/model.h"

struct loader; /* network_load.h */

struct network { /* one file a network; what it leaves out is absent */
    const char *architecture;
    const struct layer_tensor *tensors[3]; /* of each layer: tables, after the last NULL */
    /* Loads what stands beside the layers; NULL: the last norm, and the head where there is one.
     */
    bool (*load)(struct loader *);
    const char *epsilon_key; /* NULL: attention.layer_norm_rms_epsilon */
    enum rope_style rope_style;
    enum activation activation;
    bool scales_embedding; /* x starts as embedding · √d_model */
    bool encodes;          /* texts into vectors (encoder.h): it does not write */
    /* Of every so many layers the last sees all positions, the others a window of them; 0: all
     * layers see all. */
    int window_period;
    float window_rope_base; /* of the windowed layers, where the file does not tell */
    /* Of q·k; NULL: 1/√d_head. */
    double (*attention_scale)(const struct model_shape *);
};

/* Each in its own file, network_NAME.c. */
extern const struct network network_llama, network_qwen2, network_qwen3, network_gemma3,
    network_bert;

/* Checks every shape against the metadata. The gguf must outlive the weights. False with a fault
 * naming file, byte and key or tensor. */
bool weights_load(struct weights *, const struct gguf *, struct fault *);
void weights_free(struct weights *);
/* Packs the matrices for the kernels, unless they are. Before anything is computed; false with a
 * fault when there is no memory. */
bool weights_pack(struct weights *, const struct gguf *, struct pool *, struct fault *);
void weights_unpack(struct weights *); /* frees what was packed; nothing may be computed after */

#endif
