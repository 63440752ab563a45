/* pass: the network over many tokens of many texts at once, inside the room. */
#ifndef LYCEUM_MODEL_PASS_H
#define LYCEUM_MODEL_PASS_H

#include "model/adapter.h"
#include "model/network.h"

/* The most tokens, and so the most spans, in one pass; and of products that share what they
 * multiply. */
enum { PASS_TOKENS = 256, PASS_PRODUCTS = 3 };

/* n tokens of one text at positions first …, whose past is in its pages, and theirs will be. */
struct span {
    const int32_t *tokens;
    int64_t first;
    int n;
    uint8_t *const *pages;         /* page i holds positions 32·i … */
    int n_wanted;                  /* final states, of its last tokens */
    const struct adapter *adapter; /* or NULL */
    float adapter_scale;
};

/* Tokens that follow each other in the pass and have one adapter. */
struct adapted_run {
    const struct adapter *adapter;
    float scale;
    int first, n;
};

/* Where a token of the pass belongs. */
struct place {
    int32_t token;
    int64_t position;
    uint8_t *page;
};

struct pass {
    const struct weights *weights;
    struct pool *pool;
    struct tensor_scratch *scratch;
    struct cache_shape cache;
    size_t part_bytes; /* of one layer in a page */

    const struct span *spans;
    int n_span, n;                     /* n: tokens, in the last layer those that are wanted */
    struct place *places;              /* [PASS_TOKENS] */
    struct attention_span *attentions; /* [PASS_TOKENS], of which n_attention are in use */
    int n_attention;
    struct adapted_run *runs; /* [PASS_TOKENS], of which n_run are in use */
    int n_run;
    struct small_product *small; /* [PASS_PRODUCTS * PASS_TOKENS] */
    float *low;                  /* [PASS_PRODUCTS][PASS_TOKENS][ADAPTER_RANK], used less */
    float *x;                    /* [n][d_model], the residual stream */
    float *normed;               /* [n][d_model] */
    float *block;                /* memory of either half of a layer, one after the other: */
    float *query, *key, *value;  /* [n][n_head][d_head], [n][n_kv_head][d_head] */
    float *attended;             /* [n][n_head][d_head] */
    float *gate, *up;            /* [n][d_feed_forward] */
    float *angles;               /* [n][n_rotated / 2][2] */
    float *window_angles;        /* the same for windowed layers; NULL without them */
    float *wanted;               /* [n][d_model], the rows that logits are wanted of */
    const struct layer *layer;   /* the present one */
    size_t part;                 /* where it begins in a page */
};

/* False with a fault when there is no memory; pass_close is then allowed. */
bool pass_open(struct pass *, const struct weights *, struct pool *, enum tensor_type cache,
               struct fault *);
void pass_close(struct pass *);
size_t pass_page_bytes(const struct pass *);
/* Computes the tokens of all spans; 1 ≤ Σ n ≤ PASS_TOKENS. Afterwards their pages hold them and
 * pass->normed the final states that are wanted, span after span. */
void pass_run(struct pass *, const struct span *, int n_span);
/* Logits from n of these states, rows[i] each: n × n_vocabulary floats. */
void pass_logits(struct pass *, const int *rows, int n, float *logits);

/* Inside the pass: the tokens first … first + n - 1 are of the span; and the products of the layer
 * with those of the adapters, the first of them for that matrix of the layer, the others for the
 * next. */
void pass_add_run(struct pass *, const struct span *, int first, int n);
void pass_multiply(struct pass *, const float *x, enum adapted_matrix first,
                   const struct product *, int n);

#endif
