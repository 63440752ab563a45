/* network: what a file's weights are and where they stand.
 *
 * The networks of this room differ in few things, which a row of a table tells. Per layer, with
 * x the residual stream (d_model):
 *
 *     q, k, v = Wq n + bq, Wk n + bk, Wv n + bv   where n = rms_norm(x) * attention_norm
 *     rotate q and k by their position; attend over the cache; x += Wo attended
 *     x += Wdown (silu(Wgate n) * (Wup n))        where n = rms_norm(x) * feed_forward_norm
 *
 * and at the end logits = Whead (rms_norm(x) * norm). (Llama: Touvron et al. 2023, arXiv
 * 2302.13971; grouped heads: Ainslie et al. 2023, arXiv 2305.13245.) */
#ifndef LYCEUM_MODEL_NETWORK_H
#define LYCEUM_MODEL_NETWORK_H

#include "model/gguf.h"
#include "model/model.h"
#include "tensor/tensor.h"

enum presence { ABSENT, OPTIONAL, REQUIRED };

struct network { /* one row of the table */
    const char *architecture;
    enum rope_style rope_style;
    enum presence projection_biases; /* of q, k and v */
};

struct layer {
    const float *attention_norm, *feed_forward_norm; /* d_model */
    struct matrix query, key, value, output;         /* rows × columns: outputs × inputs */
    struct matrix gate, up, down;
    const float *query_bias, *key_bias, *value_bias; /* NULL when absent */
};

struct weights {
    const struct network *network;
    struct model_shape shape;
    struct arena *arena; /* owns the layers and what had to be converted */
    struct layer *layers;
    struct matrix embedding, head; /* n_vocabulary × d_model; the same when tied */
    const float *norm;
    float norm_epsilon;
    struct rope rope;
};

/* Checks every shape against the metadata. The gguf must outlive the weights. False with a fault
 * naming file, byte and key or tensor. */
bool weights_load(struct weights *, const struct gguf *, struct fault *);
void weights_free(struct weights *);

#endif
