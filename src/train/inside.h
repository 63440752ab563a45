/* The trainer, inside the room: parameters, the way forward and back. */
#ifndef LYCEUM_TRAIN_INSIDE_H
#define LYCEUM_TRAIN_INSIDE_H

#include "train/rows.h"
#include "train/train.h"

/* -------------------------------------------------------------------------------- parameters */

struct parameter {
    char name[64];         /* of the file: "blk.3.attn_q.weight"; ".lora_a", ".lora_b" behind it */
    int64_t rows, columns; /* rows 1: a vector */
    float *value;          /* [rows][columns] */
    /* All NULL: it stays as it is. */
    float *gradient, *first, *second; /* of the loss; Adam's moments. Muon's have no second */
    bool decays;                      /* matrices do, norms and biases do not */
};

struct muon;
/* What student_step and net_step promise, for any parameters; muon: for those without a second
 * moment. */
double parameters_step(struct parameter *, size_t n, struct pool *, struct muon *,
                       const struct adamw *, int64_t step);
void parameters_forget(struct parameter *, size_t n);

struct low_rank { /* what is added to a matrix: scale · up · down (Hu et al. 2021, eq. 3) */
    const struct parameter *down, *up; /* A [rank][columns], B [rows][rank] */
    float scale;
};

struct linear { /* out = weight · in + low rank */
    const struct parameter *weight;
    struct low_rank low_rank; /* without parameters: none */
    int place;                /* among the linear layers of a decoder layer */
};
enum { LINEARS = 7 };

struct decoder_layer { /* as struct layer; vectors are NULL when absent */
    struct linear query, key, value, output, gate, up, down;
    const struct parameter *attention_norm, *feed_forward_norm;
    const struct parameter *query_bias, *key_bias, *value_bias;
    const struct parameter *query_norm, *key_norm;
    const struct parameter *attention_output_norm, *feed_forward_output_norm;
    int window;
};

struct student {                   /* a network in floats, that learns */
    const struct weights *weights; /* its shape; the values are here */
    struct pool *pool;
    struct parameter *parameters;
    size_t n_parameter;
    struct decoder_layer *layers;
    bool bf16;                     /* see student_options */
    struct muon *muon;             /* or NULL: AdamW for all */
    struct linear embedding, head; /* the same when tied */
    const struct parameter *norm;
};

/* ------------------------------------------------------------------------- forward and back */

struct layer_state {            /* what the way back wants of one layer; n tokens */
    float *x, *middle;          /* [n][d_model], before either half */
    float *query, *key, *value; /* [n][n_head · d_head] …, turned */
    float *raw_query, *raw_key; /* before the norms of heads; or NULL */
    float *attended;            /* [n][n_head · d_head] */
    float *logarithm;           /* [n][n_head], of attention's sums */
    float *gate, *up;           /* [n][d_feed_forward] */
    float *attention_given, *feed_forward_given; /* [n][d_model], before output norms; or NULL */
    float *inverse, *middle_inverse;             /* [n], of the norms of x and middle */
    float *low; /* [LINEARS][n][rank], what A of each linear layer makes of its input */
};

struct worker { /* one a thread of the pool */
    struct float_scratch *scratch;
    float *scores, *d_scores; /* [ATTENTION_ROWS][n] */
};

enum { ATTENTION_ROWS = 128, LOSS_ROWS = 128 };

struct passage { /* for packs of up to n_token tokens */
    const struct student *student;
    const struct rows *rows;
    int n_token;
    bool checkpoints;           /* only `x` is kept of each layer, the rest computed again */
    struct layer_state *states; /* [n_layer] */
    float *state_memory;
    float *x, *normed, *block;        /* [n][widest of d_model and queries] */
    float *d_x, *d_normed, *d_block;  /* the same */
    float *activated, *d_activated;   /* [n][d_feed_forward] */
    float *d_query, *d_key, *d_value; /* [n][n_head · d_head] */
    float *angles, *window_angles;    /* [n][n_rotated] */
    float *low;                       /* of the layer that is passed through */
    float *d_low;                     /* [n][rank], of the linear layer that went back last */
    float *wanted, *d_wanted;         /* [n][d_model], of the positions that count */
    float *logits;                    /* [LOSS_ROWS][n_vocabulary] */
    float *teacher;                   /* the same, where a teacher is wanted */
    double *row_loss;                 /* [LOSS_ROWS] */
    int *tokens;                      /* [n], the positions that count */
    struct float_scratch *scratch;
    struct worker *workers; /* [n_worker] */
    int n_worker;
};

/* Final states, normed, in memory->normed. */
void forward(struct passage *, const struct pack *);
/* From the gradient of the final states in d_normed on; adds to the parameters' gradients. */
void backward(struct passage *, const struct pack *);
/* Σ weight · loss over the pack, and into d_normed its gradient times `scale`, unless backward is
 * not wanted. Adds to the head's gradient. */
double loss_of(struct passage *, const struct pack *, const struct loss *, double scale,
               bool backward);

void linear_forward(struct passage *, const struct linear *, const float *x, int n, float *out);
/* d_x = (adds: +=) the gradient of what went in; NULL: nobody wants it. */
void linear_back(struct passage *, const struct linear *, const float *d_out, int n, float *d_x,
                 bool adds);
/* Right after linear_back of the same layer: adds to the gradients of its own parameters. */
void linear_learn(struct passage *, const struct linear *, const float *x, const float *d_out,
                  int n);

void attention_forward(struct passage *, const struct pack *, int window,
                       const struct layer_state *);
/* From the gradient of `attended` in d_attended into d_query, d_key, d_value; the last two a
 * query's head each, to be summed over the heads that share a key. */
void attention_back(struct passage *, const struct pack *, int window, const struct layer_state *,
                    const float *d_attended);

struct token_job {
    struct passage *memory;
    const struct pack *pack;
    void (*work)(struct token_job *, int token);
    const struct decoder_layer *layer;
    const struct layer_state *state;
    int n;
};
void each_token(struct token_job *); /* over the pool, in runs of tokens */

#endif
