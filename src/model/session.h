/* session: one mutable timeline, inside the room. */
#ifndef LYCEUM_MODEL_SESSION_H
#define LYCEUM_MODEL_SESSION_H

#include "model/model.h"
#include "model/network.h"

const struct weights *model_weights(const struct model *);

/* Positions computed between two looks at `cancel`; also the most tokens in one multiplication. */
enum { SESSION_PIECE = 256 };

/* Activations of one piece: n tokens at positions first … first + n - 1. */
struct pass {
    const struct weights *weights;
    struct pool *pool;
    struct tensor_scratch *scratch;
    struct cache_shape cache;
    size_t part_bytes; /* of a layer in a page */
    uint8_t **pages;   /* for n_context positions; [n_layer][part_bytes] each */
    int64_t n_context;
    int capacity; /* tokens that fit */

    const int32_t *tokens; /* [n] */
    int64_t first;
    int n;
    float *x;                   /* [n][d_model], the residual stream */
    float *normed;              /* [n][d_model] */
    float *query, *key, *value; /* [n][n_head][d_head], [n][n_kv_head][d_head] */
    float *attended;            /* [n][n_head][d_head] */
    float *gate, *up;           /* [n][d_feed_forward] */
    float *angles;              /* [n][n_rotated / 2][2] */
    float *window_angles;       /* the same for windowed layers; NULL without them */
    const struct layer *layer;  /* the present one */
    size_t layer_offset;        /* of its part in a page */
};

void pass_open(struct pass *, const struct weights *, struct pool *, int64_t n_context);
void pass_close(struct pass *);
/* Computes tokens[0 … n-1] from position `first`, whose past is in the cache; 1 ≤ n ≤ capacity.
 * Afterwards the cache holds them and pass->normed the final states. */
void pass_run(struct pass *, const int32_t *tokens, int n, int64_t first);
/* Logits of tokens from … from + n - 1 of the last run: n × n_vocabulary floats. */
void pass_logits(struct pass *, int from, int n, float *logits);

#endif
