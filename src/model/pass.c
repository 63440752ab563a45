/* One pass of the network over spans of tokens.
 *
 * Between two multiplications there is work that is done a token at a time: norms, rotation, the
 * cache, the gate. Each such run of work is one job, split over the tokens; for a single token it
 * runs on the caller without waking anybody. A token does not see which others share the pass. */
#include "model/pass.h"

#include <stdlib.h>
#include <string.h>

static float *floats(int64_t n, bool *good, struct fault *fault) {
    float *memory = *good ? try_alloc((size_t)n, PASS_TOKENS * sizeof(float), fault) : NULL;
    *good = memory != NULL;
    return memory;
}

bool pass_open(struct pass *pass, const struct weights *weights, struct pool *pool,
               enum tensor_type cache, struct fault *fault) {
    const struct model_shape *shape = &weights->shape;
    int64_t d_query = (int64_t)shape->n_head * shape->d_head;
    int64_t d_key = (int64_t)shape->n_kv_head * shape->d_head;
    int64_t widest = shape->d_model > d_query ? shape->d_model : d_query;
    widest = shape->d_feed_forward > widest ? shape->d_feed_forward : widest;
    int64_t d_attention = 2 * d_query + 2 * d_key, d_gated = 2 * (int64_t)shape->d_feed_forward;
    bool good = true;
    *pass = (struct pass){
        .weights = weights,
        .pool = pool,
        .cache = {.type = cache, .n_kv_head = shape->n_kv_head, .d_head = shape->d_head},
        .x = floats(shape->d_model, &good, fault),
        .normed = floats(shape->d_model, &good, fault),
        .block = floats(d_attention > d_gated ? d_attention : d_gated, &good, fault),
        .angles = floats(weights->rope.n_rotated, &good, fault),
        .wanted = floats(shape->d_model, &good, fault),
    };
    if (pass->block) {
        pass->query = pass->block;
        pass->attended = pass->query + PASS_TOKENS * d_query;
        pass->key = pass->attended + PASS_TOKENS * d_query;
        pass->value = pass->key + PASS_TOKENS * d_key;
        pass->gate = pass->block;
        pass->up = pass->gate + PASS_TOKENS * (int64_t)shape->d_feed_forward;
    }
    if (weights->has_windows)
        pass->window_angles = floats(weights->rope.n_rotated, &good, fault);
    pass->part_bytes = cache_part_bytes(&pass->cache);
    size_t n_low = (size_t)PASS_PRODUCTS * PASS_TOKENS, n_small = n_low;
    return good && (pass->runs = try_alloc(PASS_TOKENS, sizeof *pass->runs, fault)) &&
           (pass->small = try_alloc(n_small, sizeof *pass->small, fault)) &&
           (pass->low = try_alloc(n_low * ADAPTER_RANK, sizeof *pass->low, fault)) &&
           (pass->places = try_alloc(PASS_TOKENS, sizeof *pass->places, fault)) &&
           (pass->attentions = try_alloc(PASS_TOKENS, sizeof *pass->attentions, fault)) &&
           (pass->scratch = tensor_scratch_new(widest, PASS_TOKENS, fault));
}

void pass_close(struct pass *pass) {
    tensor_scratch_free(pass->scratch);
    free(pass->runs);
    free(pass->small);
    free(pass->low);
    free(pass->places);
    free(pass->attentions);
    free(pass->x);
    free(pass->normed);
    free(pass->block);
    free(pass->angles);
    free(pass->window_angles);
    free(pass->wanted);
    *pass = (struct pass){0};
}

size_t pass_page_bytes(const struct pass *pass) {
    return pass->part_bytes * (size_t)pass->weights->shape.n_layer;
}

/* ------------------------------------------------------------------------- a token at a time */

struct token_work {
    struct pass *pass;
    void (*work)(struct pass *, int token);
};

static void work_part(void *data, int part, int n_part) {
    struct token_work *token_work = data;
    int n = token_work->pass->n;
    for (int t = (int)((int64_t)n * part / n_part); t < (int)((int64_t)n * (part + 1) / n_part);
         t++)
        token_work->work(token_work->pass, t);
}

static void each_token(struct pass *pass, void (*work)(struct pass *, int token)) {
    struct token_work token_work = {pass, work};
    int n_part = (pass->n + 7) / 8; /* 8 tokens are worth the hand-over */
    if (n_part == 1)
        work_part(&token_work, 0, 1);
    else
        pool_run(pass->pool, work_part, &token_work, n_part);
}

static void norm(struct pass *pass, int token, const float *weight) {
    int64_t d_model = pass->weights->shape.d_model;
    rms_norm(pass->x + token * d_model, weight, pass->weights->norm_epsilon, d_model,
             pass->normed + token * d_model);
}

static void look_up(struct pass *pass, int token) {
    const struct weights *weights = pass->weights;
    int64_t d_model = weights->shape.d_model, n_rotated = weights->rope.n_rotated;
    float *x = pass->x + token * d_model;
    matrix_row(&weights->embedding, pass->places[token].token, x);
    if (weights->network->scales_embedding)
        for (int64_t i = 0; i < d_model; i++)
            x[i] *= weights->embedding_scale;
    rope_angles(&weights->rope, pass->places[token].position, pass->angles + token * n_rotated);
    if (weights->has_windows)
        rope_angles(&weights->window_rope, pass->places[token].position,
                    pass->window_angles + token * n_rotated);
}

static void norm_for_attention(struct pass *pass, int token) {
    norm(pass, token, pass->layer->attention_norm);
}

static void norm_heads(const struct weights *weights, float *heads, int n_head,
                       const float *weight) {
    int d_head = weights->shape.d_head;
    for (int h = 0; h < n_head; h++, heads += d_head)
        rms_norm(heads, weight, weights->norm_epsilon, d_head, heads);
}

static void rotate_and_keep(struct pass *pass, int token) {
    const struct model_shape *shape = &pass->weights->shape;
    const struct layer *layer = pass->layer;
    int64_t d_query = (int64_t)shape->n_head * shape->d_head;
    int64_t d_key = (int64_t)shape->n_kv_head * shape->d_head;
    float *query = pass->query + token * d_query, *key = pass->key + token * d_key;
    float *value = pass->value + token * d_key;
    if (layer->query_bias)
        add_floats(query, layer->query_bias, d_query);
    if (layer->key_bias)
        add_floats(key, layer->key_bias, d_key);
    if (layer->value_bias)
        add_floats(value, layer->value_bias, d_key);
    if (layer->query_norm)
        norm_heads(pass->weights, query, shape->n_head, layer->query_norm);
    if (layer->key_norm)
        norm_heads(pass->weights, key, shape->n_kv_head, layer->key_norm);
    const struct rope *rope = layer->window ? &pass->weights->window_rope : &pass->weights->rope;
    const float *angles =
        (layer->window ? pass->window_angles : pass->angles) + (int64_t)token * rope->n_rotated;
    rope_rotate(rope, angles, query, shape->n_head, shape->d_head);
    rope_rotate(rope, angles, key, shape->n_kv_head, shape->d_head);
    const struct place *place = &pass->places[token];
    cache_write(&pass->cache, place->page + pass->part, (int)(place->position % CACHE_PAGE), key,
                value);
}

/* What a block gives lands in `normed`, which is free at that time. */
static void add_block(struct pass *pass, int token, const float *output_norm) {
    int64_t d_model = pass->weights->shape.d_model;
    float *given = pass->normed + token * d_model;
    if (output_norm)
        rms_norm(given, output_norm, pass->weights->norm_epsilon, d_model, given);
    add_floats(pass->x + token * d_model, given, d_model);
}

static void add_and_norm(struct pass *pass, int token) {
    add_block(pass, token, pass->layer->attention_output_norm);
    norm(pass, token, pass->layer->feed_forward_norm);
}

/* The tanh form of GELU (Hendrycks and Gimpel, 2016, arXiv 1606.08415) is x σ(z) with
 * z = 2 √(2/π) (x + 0.044715 x³) = x r: so it is silu(z) / r, and silu has kernels.
 * Beyond |x| = 10 σ is 0 or 1 in floats, whatever the cube. */
static void gelu_multiply(float *gate, float *up, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        float square = gate[i] * gate[i];
        float ratio = 1.5957691216F * (1 + 0.044715F * (square < 100 ? square : 100));
        gate[i] *= ratio;
        up[i] /= ratio;
    }
    silu_multiply(gate, up, n);
}

static void pass_gate(struct pass *pass, int token) {
    int64_t n = pass->weights->shape.d_feed_forward;
    float *gate = pass->gate + token * n, *up = pass->up + token * n;
    if (pass->weights->activation == ACTIVATION_SILU)
        silu_multiply(gate, up, n);
    else
        gelu_multiply(gate, up, n);
}

static bool is_last(const struct pass *pass) {
    return pass->layer == pass->weights->layers + pass->weights->shape.n_layer - 1;
}

static void add_and_next_norm(struct pass *pass, int token) {
    add_block(pass, token, pass->layer->feed_forward_output_norm);
    norm(pass, token, is_last(pass) ? pass->weights->norm : pass->layer[1].attention_norm);
}

/* ------------------------------------------------------------------------------------ the pass */

/* From here on, in the last layer, nothing is computed for whom nothing is wanted of: the queries
 * and the residual stream of the others are left out. */
static void keep_wanted(struct pass *pass) {
    int64_t d_model = pass->weights->shape.d_model;
    int64_t d_query = (int64_t)pass->weights->shape.n_head * pass->weights->shape.d_head;
    int n = 0, n_kept = 0, from = 0;
    pass->n_run = 0;
    for (int i = 0; i < pass->n_span; from += pass->spans[i++].n) {
        const struct span *span = &pass->spans[i];
        int skipped = span->n - span->n_wanted;
        if (span->n_wanted == 0)
            continue;
        pass->attentions[n_kept++] =
            (struct attention_span){.q = pass->query + (from + skipped) * d_query,
                                    .out = pass->attended + n * d_query,
                                    .pages = span->pages,
                                    .first = span->first + skipped,
                                    .n_token = span->n_wanted};
        memmove(pass->x + n * d_model, pass->x + (from + skipped) * d_model,
                (size_t)(span->n_wanted * d_model) * sizeof *pass->x);
        pass_add_run(pass, span, n, span->n_wanted);
        n += span->n_wanted;
    }
    pass->n = n;
    pass->n_attention = n_kept;
}

static void run_layer(struct pass *pass) {
    const struct layer *layer = pass->layer;
    const struct model_shape *shape = &pass->weights->shape;
    struct attention attention = {.n_head = shape->n_head,
                                  .n_kv_head = shape->n_kv_head,
                                  .d_head = shape->d_head,
                                  .scale = pass->weights->attention_scale,
                                  .window = layer->window,
                                  .type = pass->cache.type};
    pass_multiply(pass, pass->normed, ADAPTED_QUERY,
                  (struct product[]){{&layer->query, pass->query},
                                     {&layer->key, pass->key},
                                     {&layer->value, pass->value}},
                  3);
    each_token(pass, rotate_and_keep);
    if (is_last(pass))
        keep_wanted(pass);
    attend(pass->pool, &attention, pass->part, pass->attentions, pass->n_attention);
    pass_multiply(pass, pass->attended, ADAPTED_OUTPUT,
                  &(struct product){&layer->output, pass->normed}, 1);
    each_token(pass, add_and_norm);
    pass_multiply(pass, pass->normed, ADAPTED_GATE,
                  (struct product[]){{&layer->gate, pass->gate}, {&layer->up, pass->up}}, 2);
    each_token(pass, pass_gate);
    pass_multiply(pass, pass->gate, ADAPTED_DOWN, &(struct product){&layer->down, pass->normed},
                  1);
    each_token(pass, add_and_next_norm);
}

/* Tells each token where it belongs, and each span where its queries are. */
static void place_tokens(struct pass *pass) {
    int64_t d_query = (int64_t)pass->weights->shape.n_head * pass->weights->shape.d_head;
    pass->n = pass->n_run = 0;
    pass->n_attention = pass->n_span;
    for (int i = 0; i < pass->n_span; i++) {
        const struct span *span = &pass->spans[i];
        MUST(span->n > 0 && pass->n + span->n <= PASS_TOKENS && span->n_wanted <= span->n);
        pass->attentions[i] = (struct attention_span){.q = pass->query + pass->n * d_query,
                                                      .out = pass->attended + pass->n * d_query,
                                                      .pages = span->pages,
                                                      .first = span->first,
                                                      .n_token = span->n};
        pass_add_run(pass, span, pass->n, span->n);
        for (int t = 0; t < span->n; t++) {
            int64_t position = span->first + t;
            pass->places[pass->n++] = (struct place){.token = span->tokens[t],
                                                     .position = position,
                                                     .page = span->pages[position / CACHE_PAGE]};
        }
    }
}

void pass_run(struct pass *pass, const struct span *spans, int n_span) {
    const struct weights *weights = pass->weights;
    pass->spans = spans;
    pass->n_span = n_span;
    place_tokens(pass);
    pass->layer = weights->layers;
    each_token(pass, look_up);
    each_token(pass, norm_for_attention);
    for (int i = 0; i < weights->shape.n_layer; i++) {
        pass->layer = &weights->layers[i];
        pass->part = (size_t)i * pass->part_bytes;
        run_layer(pass);
    }
}

void pass_logits(struct pass *pass, const int *rows, int n, float *logits) {
    const struct weights *weights = pass->weights;
    int64_t d_model = weights->shape.d_model;
    for (int i = 0; i < n; i++)
        memcpy(pass->wanted + i * d_model, pass->normed + rows[i] * d_model,
               (size_t)d_model * sizeof(float));
    matrix_multiply(pass->pool, pass->scratch, pass->wanted, n,
                    &(struct product){&weights->head, logits}, 1);
}
