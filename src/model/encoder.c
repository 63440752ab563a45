/* The pass of an encoder: texts side by side, each seeing itself alone.
 *
 * Texts are taken in pieces of at most some hundred tokens. The multiplications see a piece as one
 * run of tokens; attention goes text by text and head by head, without a cache: nothing comes
 * after a text. */
#include "model/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_TOKENS = 256 };

struct encoder {
    const struct weights *weights;
    struct pool *pool;
    struct tensor_scratch *scratch;
    const struct layer *layer; /* the present one */
    int capacity;              /* tokens that fit */

    int n;                      /* tokens of this piece */
    const int32_t *tokens;      /* [n] */
    int n_text;                 /* texts of this piece */
    int *from;                  /* [n_text + 1], where each begins */
    int *position;              /* [n], of a token in its text */
    float *x, *given;           /* [n][d_model] */
    float *query, *key, *value; /* [n][d_query], [n][d_key] twice */
    float *attended;            /* [n][d_query] */
    float *up;                  /* [n][d_feed_forward] */
    float *workplace;           /* of attention: [parts][n × (d_head + 1)] */
};

/* ------------------------------------------------------------------------------ a token at a time
 */

struct token_work {
    struct encoder *encoder;
    void (*work)(struct encoder *, int token);
};

static void work_part(void *data, int part, int n_part) {
    struct token_work *token_work = data;
    int n = token_work->encoder->n;
    for (int t = (int)((int64_t)n * part / n_part); t < (int)((int64_t)n * (part + 1) / n_part);
         t++)
        token_work->work(token_work->encoder, t);
}

static void each_token(struct encoder *encoder, void (*work)(struct encoder *, int token)) {
    struct token_work token_work = {encoder, work};
    pool_run(encoder->pool, work_part, &token_work, (encoder->n + 7) / 8);
}

static void look_up(struct encoder *encoder, int token) {
    const struct weights *weights = encoder->weights;
    const struct encoder_weights *own = &weights->encoder;
    int64_t d_model = weights->shape.d_model;
    float *x = encoder->x + token * d_model, *position = encoder->given + token * d_model;
    matrix_row(&weights->embedding, encoder->tokens[token], x);
    if (own->type)
        add_floats(x, own->type, d_model);
    matrix_row(&own->position, encoder->position[token], position);
    add_floats(x, position, d_model);
    layer_norm(x, own->norm, own->norm_bias, weights->norm_epsilon, d_model, x);
}

static void add_projection_biases(struct encoder *encoder, int token) {
    const struct model_shape *shape = &encoder->weights->shape;
    const struct layer *layer = encoder->layer;
    int64_t d_query = (int64_t)shape->n_head * shape->d_head;
    int64_t d_key = (int64_t)shape->n_kv_head * shape->d_head;
    add_floats(encoder->query + token * d_query, layer->query_bias, d_query);
    add_floats(encoder->key + token * d_key, layer->key_bias, d_key);
    add_floats(encoder->value + token * d_key, layer->value_bias, d_key);
}

static void add_block(struct encoder *encoder, int token, const float *bias, const float *norm,
                      const float *norm_bias) {
    int64_t d_model = encoder->weights->shape.d_model;
    float *x = encoder->x + token * d_model;
    add_floats(x, encoder->given + token * d_model, d_model);
    add_floats(x, bias, d_model);
    layer_norm(x, norm, norm_bias, encoder->weights->norm_epsilon, d_model, x);
}

static void add_attended(struct encoder *encoder, int token) {
    const struct layer *layer = encoder->layer;
    add_block(encoder, token, layer->output_bias, layer->attention_output_norm,
              layer->attention_output_norm_bias);
}

static void add_fed(struct encoder *encoder, int token) {
    const struct layer *layer = encoder->layer;
    add_block(encoder, token, layer->down_bias, layer->feed_forward_output_norm,
              layer->feed_forward_output_norm_bias);
}

static void activate(struct encoder *encoder, int token) {
    int64_t n = encoder->weights->shape.d_feed_forward;
    float *up = encoder->up + token * n;
    add_floats(up, encoder->layer->up_bias, n);
    gelu(up, n);
}

/* --------------------------------------------------------------------------------- attention */

/* One text and one head. Keys are turned first, so that a query meets many of them at once. */
static void attend_head(struct encoder *encoder, int text, int head, float *turned,
                        float *scores) {
    const struct model_shape *shape = &encoder->weights->shape;
    int from = encoder->from[text], n = encoder->from[text + 1] - from, d_head = shape->d_head;
    int64_t d_query = (int64_t)shape->n_head * d_head, d_key = (int64_t)shape->n_kv_head * d_head;
    int kv_head = head / (shape->n_head / shape->n_kv_head);
    const float *keys = encoder->key + from * d_key + (int64_t)kv_head * d_head;
    const float *values = encoder->value + from * d_key + (int64_t)kv_head * d_head;
    for (int d = 0; d < d_head; d++)
        for (int k = 0; k < n; k++)
            turned[d * n + k] = keys[k * d_key + d];
    for (int t = 0; t < n; t++) {
        int64_t at = (from + t) * d_query + (int64_t)head * d_head;
        float *out = encoder->attended + at;
        memset(scores, 0, (size_t)n * sizeof *scores);
        for (int d = 0; d < d_head; d++)
            add_scaled(scores, turned + d * n,
                       encoder->query[at + d] * encoder->weights->attention_scale, n);
        softmax(scores, n);
        memset(out, 0, (size_t)d_head * sizeof *out);
        for (int k = 0; k < n; k++)
            add_scaled(out, values + k * d_key, scores[k], d_head);
    }
}

static void attend_part(void *data, int part, int n_part) {
    struct encoder *encoder = data;
    const struct model_shape *shape = &encoder->weights->shape;
    size_t n = (size_t)encoder->capacity;
    float *scores = encoder->workplace + (size_t)part * n * ((size_t)shape->d_head + 1);
    float *turned = scores + n;
    int64_t n_task = (int64_t)encoder->n_text * shape->n_head;
    for (int64_t i = n_task * part / n_part; i < n_task * (part + 1) / n_part; i++)
        attend_head(encoder, (int)(i / shape->n_head), (int)(i % shape->n_head), turned, scores);
}

static int attend_parts(const struct encoder *encoder) {
    int n_part = 4 * pool_threads(encoder->pool), n_head = encoder->weights->shape.n_head;
    return n_part < n_head ? n_part : n_head;
}

/* ------------------------------------------------------------------------------------ the pass */

static void multiply(struct encoder *encoder, const float *x, const struct product *products,
                     int n) {
    matrix_multiply(encoder->pool, encoder->scratch, x, encoder->n, products, n);
}

static void run_layer(struct encoder *encoder) {
    const struct layer *layer = encoder->layer;
    multiply(encoder, encoder->x,
             (struct product[]){{&layer->query, encoder->query},
                                {&layer->key, encoder->key},
                                {&layer->value, encoder->value}},
             3);
    each_token(encoder, add_projection_biases);
    pool_run(encoder->pool, attend_part, encoder, attend_parts(encoder));
    multiply(encoder, encoder->attended, &(struct product){&layer->output, encoder->given}, 1);
    each_token(encoder, add_attended);
    multiply(encoder, encoder->x, &(struct product){&layer->up, encoder->up}, 1);
    each_token(encoder, activate);
    multiply(encoder, encoder->up, &(struct product){&layer->down, encoder->given}, 1);
    each_token(encoder, add_fed);
}

/* The vector of a text, of length one. */
static void pool_text(const struct encoder *encoder, int text, float *out) {
    int64_t d_model = encoder->weights->shape.d_model;
    int from = encoder->from[text], n = encoder->from[text + 1] - from;
    if (encoder->weights->encoder.pooling == POOLING_FIRST)
        n = 1; /* whatever the length, normalising divides it out */
    double square = 0;
    for (int64_t i = 0; i < d_model; i++) {
        double sum = 0;
        for (int t = 0; t < n; t++)
            sum += (double)encoder->x[(from + t) * d_model + i];
        out[i] = (float)(sum / n);
        square += sum / n * (sum / n);
    }
    float scale = square > 0 ? (float)(1 / sqrt(square)) : 0;
    for (int64_t i = 0; i < d_model; i++)
        out[i] *= scale;
}

static bool open_encoder(struct encoder *encoder, const struct weights *weights, struct pool *pool,
                         size_t capacity, struct fault *fault) {
    const struct model_shape *shape = &weights->shape;
    size_t n = capacity, d_model = (size_t)shape->d_model;
    size_t d_query = (size_t)shape->n_head * (size_t)shape->d_head;
    size_t d_key = (size_t)shape->n_kv_head * (size_t)shape->d_head;
    size_t d_feed_forward = (size_t)shape->d_feed_forward;
    size_t widest = d_model > d_query ? d_model : d_query;
    widest = d_feed_forward > widest ? d_feed_forward : widest;
    *encoder = (struct encoder){
        .weights = weights,
        .pool = pool,
        .scratch = tensor_scratch_new((int64_t)widest, (int)n, fault),
        .capacity = (int)n,
        .from = try_alloc(n + 1, sizeof(int), fault),
        .position = try_alloc(n, sizeof(int), fault),
        .x = try_alloc(n, d_model * sizeof(float), fault),
        .given = try_alloc(n, d_model * sizeof(float), fault),
        .query = try_alloc(n, d_query * sizeof(float), fault),
        .key = try_alloc(n, d_key * sizeof(float), fault),
        .value = try_alloc(n, d_key * sizeof(float), fault),
        .attended = try_alloc(n, d_query * sizeof(float), fault),
        .up = try_alloc(n, d_feed_forward * sizeof(float), fault),
    };
    encoder->workplace = try_alloc((size_t)attend_parts(encoder) * n,
                                   ((size_t)shape->d_head + 1) * sizeof(float), fault);
    return encoder->workplace && encoder->scratch && encoder->from && encoder->position &&
           encoder->x && encoder->given && encoder->query && encoder->key && encoder->value &&
           encoder->attended && encoder->up;
}

static void close_encoder(struct encoder *encoder) {
    tensor_scratch_free(encoder->scratch);
    free(encoder->workplace);
    free(encoder->from);
    free(encoder->position);
    free(encoder->x);
    free(encoder->given);
    free(encoder->query);
    free(encoder->key);
    free(encoder->value);
    free(encoder->attended);
    free(encoder->up);
}

/* Takes as many texts from the first on as fit; returns how many. */
static size_t fill(struct encoder *encoder, const int32_t *tokens, const size_t *starts,
                   size_t n_text) {
    size_t i = 0;
    encoder->tokens = tokens + starts[0];
    encoder->n = 0;
    for (; i < n_text && encoder->n + (int)(starts[i + 1] - starts[i]) <= encoder->capacity; i++) {
        encoder->from[i] = encoder->n;
        for (size_t t = starts[i]; t < starts[i + 1]; t++)
            encoder->position[encoder->n++] = (int)(t - starts[i]);
    }
    encoder->from[i] = encoder->n;
    encoder->n_text = (int)i;
    return i;
}

bool encoder_run(const struct weights *weights, struct pool *pool, const int32_t *tokens,
                 const size_t *starts, size_t n_text, const volatile bool *cancel, float *out,
                 struct fault *fault) {
    size_t capacity = 1;
    for (size_t i = 0; i < n_text; i++)
        if (starts[i + 1] - starts[i] > capacity)
            capacity = starts[i + 1] - starts[i];
    size_t all = n_text ? starts[n_text] - starts[0] : 0;
    size_t piece = all < PIECE_TOKENS ? all : PIECE_TOKENS;
    struct encoder encoder;
    bool good = open_encoder(&encoder, weights, pool, capacity > piece ? capacity : piece, fault);
    for (size_t done = 0; good && done < n_text;) {
        if (cancel && *cancel) {
            good = fault_set(fault, FAULT_LIMIT, "Cancelled after %zu of %zu texts", done, n_text);
            break;
        }
        size_t n = fill(&encoder, tokens, starts + done, n_text - done);
        each_token(&encoder, look_up);
        for (int i = 0; i < weights->shape.n_layer; i++) {
            encoder.layer = &weights->layers[i];
            run_layer(&encoder);
        }
        for (size_t i = 0; i < n; i++)
            pool_text(&encoder, (int)i, out + (done + i) * (size_t)weights->shape.d_model);
        done += n;
    }
    close_encoder(&encoder);
    return good;
}
