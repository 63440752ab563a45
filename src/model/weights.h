/* weights: what a model is made of, for who computes with it otherwise than by sessions: the
 * trainer. A leaf of the door of this room; how the tensors are joined stands in network.h. */
#ifndef LYCEUM_MODEL_WEIGHTS_H
#define LYCEUM_MODEL_WEIGHTS_H

#include "tensor/tensor.h"

struct model;
struct network;

enum activation { ACTIVATION_SILU, ACTIVATION_GELU_TANH }; /* of the gate, see network.h */

struct layer {
    const float *attention_norm, *feed_forward_norm; /* d_model */
    struct matrix query, key, value, output;         /* rows × columns: outputs × inputs */
    struct matrix gate, up, down;
    /* NULL when absent: */
    const float *query_bias, *key_bias, *value_bias;
    const float *query_norm, *key_norm;                            /* d_head */
    const float *attention_output_norm, *feed_forward_output_norm; /* d_model */
    /* Of encoders, d_model but for up: */
    const float *output_bias, *up_bias, *down_bias;
    const float *attention_output_norm_bias, *feed_forward_output_norm_bias;
    int window; /* positions that it sees, the present one included; 0: all */
};

enum pooling { POOLING_MEAN, POOLING_FIRST }; /* what becomes of the vectors of a text's tokens */

struct encoder_weights {           /* what encoders have beside their layers */
    struct matrix position;        /* n_context × d_model */
    const float *type;             /* d_model, of the first and only sentence; or NULL */
    const float *norm, *norm_bias; /* d_model, of what goes into the layers */
    enum pooling pooling;
};

struct weights {
    const struct network *network; /* the room's own */
    struct model_shape shape;
    struct arena *arena; /* owns the layers and what had to be converted */
    struct layer *layers;
    struct matrix embedding, head; /* n_vocabulary × d_model; the same when tied; encoders: none */
    struct encoder_weights encoder;
    const float *norm;
    float norm_epsilon, attention_scale, embedding_scale;
    struct rope rope, window_rope; /* of layers that see all, of windowed ones */
    bool has_windows;
    enum activation activation;
    void *packed; /* what the matrices point to, once they are packed */
    size_t packed_bytes;
};

/* Immutable, as the file has them, until a session of the model computes: then they are packed. */
const struct weights *model_weights(const struct model *);
/* Tells of each tensor of the layers, by the table of its network: its name in the file
 * ("blk.3.attn_q.weight") and where it stands in struct layer: there is a struct matrix, or, rows
 * 1, a const float * of `columns` values. Optional ones that the file lacks are left out. */
typedef void layer_tensor_told(void *data, int layer, const char *name, size_t member,
                               int64_t rows, int64_t columns);
void model_layer_tensors(const struct model *, layer_tensor_told *, void *data);

#endif
