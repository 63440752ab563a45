/* The network forward, keeping what the way back wants, and back: the same sums as in
 * model/network.h, from the last to the first. */
#include "train/inside.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------ token jobs
 */

static void token_part(void *data, int part, int n_part) {
    struct token_job *job = data;
    int to = (int)((int64_t)job->n * (part + 1) / n_part);
    for (int t = (int)((int64_t)job->n * part / n_part); t < to; t++)
        job->work(job, t);
}

void each_token(struct token_job *job) {
    int n_part = (job->n + 15) / 16;
    if (n_part > 0)
        pool_run(job->memory->student->pool, token_part, job, n_part);
}

static void run(struct token_job *job, void (*work)(struct token_job *, int token)) {
    job->work = work;
    each_token(job);
}

static int64_t d_model_of(const struct token_job *job) {
    return job->memory->student->weights->shape.d_model;
}

static int64_t d_query_of(const struct token_job *job) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    return (int64_t)shape->n_head * shape->d_head;
}

static int64_t d_key_of(const struct token_job *job) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    return (int64_t)shape->n_kv_head * shape->d_head;
}

static float epsilon_of(const struct token_job *job) {
    return job->memory->student->weights->norm_epsilon;
}

/* ---------------------------------------------------------------------------------------- forward
 */

static int position_of(const struct pack *pack, int token) {
    int s = 0;
    while (token >= pack->segments[s].start + pack->segments[s].n)
        s++;
    return pack->segments[s].first_position + token - pack->segments[s].start;
}

static void look_up(struct token_job *job, int token) {
    const struct weights *weights = job->memory->student->weights;
    int64_t d_model = d_model_of(job);
    float *x = job->memory->states[0].x + token * d_model;
    int position = position_of(job->pack, token);
    memcpy(x, job->memory->student->embedding.weight->value + job->pack->tokens[token] * d_model,
           (size_t)d_model * sizeof *x);
    job->memory->rows->multiply(x, weights->embedding_scale, d_model);
    rope_angles(&weights->rope, position,
                job->memory->angles + token * (int64_t)weights->rope.n_rotated);
    if (weights->has_windows)
        rope_angles(&weights->window_rope, position,
                    job->memory->window_angles + token * (int64_t)weights->rope.n_rotated);
}

static void norm_for_attention(struct token_job *job, int token) {
    int64_t at = token * d_model_of(job);
    job->state->inverse[token] =
        job->memory->rows->norm(job->state->x + at, job->layer->attention_norm->value,
                                epsilon_of(job), d_model_of(job), job->memory->normed + at);
}

static void norm_for_feed_forward(struct token_job *job, int token) {
    int64_t at = token * d_model_of(job);
    job->state->middle_inverse[token] =
        job->memory->rows->norm(job->state->middle + at, job->layer->feed_forward_norm->value,
                                epsilon_of(job), d_model_of(job), job->memory->normed + at);
}

static void turn(struct token_job *job, int token, bool back, float *heads, int n_head) {
    const struct weights *weights = job->memory->student->weights;
    const struct rope *rope = job->layer->window ? &weights->window_rope : &weights->rope;
    const float *angles = (job->layer->window ? job->memory->window_angles : job->memory->angles) +
                          token * (int64_t)rope->n_rotated;
    float against[512];
    for (int i = 0; back && i < rope->n_rotated; i++)
        against[i] = i % 2 ? -angles[i] : angles[i]; /* [cosine, sine] */
    rope_rotate(rope, back ? against : angles, heads, n_head, weights->shape.d_head);
}

static void norm_heads(struct token_job *job, const struct parameter *norm, const float *raw,
                       float *heads, int n_head) {
    int d_head = job->memory->student->weights->shape.d_head;
    for (int h = 0; h < n_head; h++, raw += d_head, heads += d_head)
        job->memory->rows->norm(raw, norm->value, epsilon_of(job), d_head, heads);
}

static void finish_heads(struct token_job *job, int token) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    const struct decoder_layer *layer = job->layer;
    const struct rows *rows = job->memory->rows;
    int64_t d_query = d_query_of(job), d_key = d_key_of(job);
    float *query = job->state->query + token * d_query;
    float *key = job->state->key + token * d_key, *value = job->state->value + token * d_key;
    if (layer->query_bias)
        rows->add(query, layer->query_bias->value, 1, d_query);
    if (layer->key_bias)
        rows->add(key, layer->key_bias->value, 1, d_key);
    if (layer->value_bias)
        rows->add(value, layer->value_bias->value, 1, d_key);
    if (layer->query_norm) {
        float *raw = job->state->raw_query + token * d_query;
        memcpy(raw, query, (size_t)d_query * sizeof *raw);
        norm_heads(job, layer->query_norm, raw, query, shape->n_head);
    }
    if (layer->key_norm) {
        float *raw = job->state->raw_key + token * d_key;
        memcpy(raw, key, (size_t)d_key * sizeof *raw);
        norm_heads(job, layer->key_norm, raw, key, shape->n_kv_head);
    }
    turn(job, token, false, query, shape->n_head);
    turn(job, token, false, key, shape->n_kv_head);
}

/* out = x + what a half of the layer gave, which stands in `block`. */
static void add_given(struct token_job *job, int token, const float *x,
                      const struct parameter *output_norm, float *given, float *out) {
    int64_t d_model = d_model_of(job), at = token * d_model;
    float *block = job->memory->block + at;
    memcpy(out + at, x + at, (size_t)d_model * sizeof *out);
    if (output_norm) {
        memcpy(given + at, block, (size_t)d_model * sizeof *out);
        job->memory->rows->norm(given + at, output_norm->value, epsilon_of(job), d_model, block);
    }
    job->memory->rows->add(out + at, block, 1, d_model);
}

static void add_attention(struct token_job *job, int token) {
    add_given(job, token, job->state->x, job->layer->attention_output_norm,
              job->state->attention_given, job->state->middle);
}

static void add_feed_forward(struct token_job *job, int token) {
    add_given(job, token, job->state->middle, job->layer->feed_forward_output_norm,
              job->state->feed_forward_given, job->memory->x);
}

static void gate_token(struct token_job *job, int token) {
    int64_t n = job->memory->student->weights->shape.d_feed_forward, at = token * n;
    job->memory->rows->gate(job->memory->student->weights->activation, job->state->gate + at,
                            job->state->up + at, n, job->memory->activated + at);
}

/* From state->x to memory->x; the last product is left out where only the states are wanted. */
static void run_layer(struct token_job *job, bool again) {
    struct passage *memory = job->memory;
    const struct decoder_layer *layer = job->layer;
    const struct layer_state *state = job->state;
    run(job, norm_for_attention);
    linear_forward(memory, &layer->query, memory->normed, job->n, state->query);
    linear_forward(memory, &layer->key, memory->normed, job->n, state->key);
    linear_forward(memory, &layer->value, memory->normed, job->n, state->value);
    run(job, finish_heads);
    attention_forward(memory, job->pack, layer->window, state);
    linear_forward(memory, &layer->output, state->attended, job->n, memory->block);
    run(job, add_attention);
    run(job, norm_for_feed_forward);
    linear_forward(memory, &layer->gate, memory->normed, job->n, state->gate);
    linear_forward(memory, &layer->up, memory->normed, job->n, state->up);
    if (again && !layer->feed_forward_output_norm)
        return;
    run(job, gate_token);
    linear_forward(memory, &layer->down, memory->activated, job->n, memory->block);
    run(job, add_feed_forward);
}

static void norm_last(struct token_job *job, int token) {
    int64_t at = token * d_model_of(job);
    job->memory->rows->norm(job->memory->x + at, job->memory->student->norm->value,
                            epsilon_of(job), d_model_of(job), job->memory->normed + at);
}

static void enter(struct token_job *job, int layer) {
    job->layer = &job->memory->student->layers[layer];
    job->state = &job->memory->states[layer];
    job->memory->low = job->state->low;
}

void forward(struct passage *memory, const struct pack *pack) {
    const struct student *student = memory->student;
    int n_layer = student->weights->shape.n_layer;
    size_t bytes = (size_t)pack->n * (size_t)student->weights->shape.d_model * sizeof(float);
    struct token_job job = {.memory = memory, .pack = pack, .n = pack->n};
    MUST(pack->n <= memory->n_token);
    run(&job, look_up);
    for (int i = 0; i < n_layer; i++) {
        enter(&job, i);
        run_layer(&job, false);
        if (i + 1 < n_layer)
            memcpy(memory->states[i + 1].x, memory->x, bytes);
    }
    run(&job, norm_last);
}

/* ------------------------------------------------------------------------------------------- back
 */

static float *gradient_of(const struct parameter *parameter) {
    return parameter ? parameter->gradient : NULL;
}

/* The gradients of vectors are sums over tokens: columns are shared out, so that each is one
 * thread's sum in the order of the tokens. */
struct vector_job {
    struct token_job *job;
    const float *d_out, *x, *inverse; /* of a norm; or a bias: x NULL */
    float *gradient;
    int64_t n_column, stride;
};

static void vector_part(void *data, int part, int n_part) {
    const struct vector_job *v = data;
    int64_t from = v->n_column * part / n_part, to = v->n_column * (part + 1) / n_part;
    for (int t = 0; t < v->job->n; t++)
        for (int64_t i = from; i < to; i++)
            v->gradient[i] +=
                v->x ? v->d_out[t * v->stride + i] * v->x[t * v->stride + i] * v->inverse[t]
                     : v->d_out[t * v->stride + i];
}

static void learn_norm(struct token_job *job, const struct parameter *norm, const float *d_out,
                       const float *x, const float *inverse) {
    struct vector_job v = {
        job, d_out, x, inverse, gradient_of(norm), d_model_of(job), d_model_of(job)};
    if (v.gradient)
        pool_run(job->memory->student->pool, vector_part, &v, 8);
}

static void learn_bias(struct token_job *job, const struct parameter *bias, const float *d_out,
                       int64_t n) {
    struct vector_job v = {job, d_out, NULL, NULL, gradient_of(bias), n, n};
    if (v.gradient)
        pool_run(job->memory->student->pool, vector_part, &v, 4);
}

static void norm_back_attention(struct token_job *job, int token) {
    struct passage *memory = job->memory;
    int64_t at = token * d_model_of(job);
    memory->rows->norm_back(memory->d_normed + at, job->state->x + at,
                            job->layer->attention_norm->value, job->state->inverse[token],
                            d_model_of(job), memory->d_x + at, NULL);
}

static void norm_back_feed_forward(struct token_job *job, int token) {
    struct passage *memory = job->memory;
    int64_t at = token * d_model_of(job);
    memory->rows->norm_back(
        memory->d_normed + at, job->state->middle + at, job->layer->feed_forward_norm->value,
        job->state->middle_inverse[token], d_model_of(job), memory->d_x + at, NULL);
}

/* One row after another: these norms are few, and their weights' sums are each one thread's. */
static void output_norm_back(struct token_job *job, const struct parameter *norm,
                             const float *given) {
    struct passage *memory = job->memory;
    int64_t d_model = d_model_of(job);
    float *scratch = memory->normed; /* free at this time */
    for (int t = 0; norm && t < job->n; t++) {
        int64_t at = t * d_model;
        float inverse =
            memory->rows->norm(given + at, norm->value, epsilon_of(job), d_model, scratch);
        memset(memory->d_block + at, 0, (size_t)d_model * sizeof(float));
        memory->rows->norm_back(memory->d_x + at, given + at, norm->value, inverse, d_model,
                                memory->d_block + at, gradient_of(norm));
    }
    if (!norm)
        memcpy(memory->d_block, memory->d_x, (size_t)(job->n * d_model) * sizeof(float));
}

static void gate_back_token(struct token_job *job, int token) {
    int64_t n = job->memory->student->weights->shape.d_feed_forward, at = token * n;
    job->memory->rows->gate_back(job->memory->student->weights->activation,
                                 job->memory->d_activated + at, job->state->gate + at,
                                 job->state->up + at, job->memory->activated + at, n);
}

/* d_key and d_value come a query's head each; those of a group are summed into the first places of
 * its token's row. */
static void sum_group(struct token_job *job, float *row) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    int group = shape->n_head / shape->n_kv_head, d_head = shape->d_head;
    for (int h = 0; h < shape->n_kv_head; h++)
        for (int g = 0; g < group; g++) {
            const float *from = row + (int64_t)(h * group + g) * d_head;
            float *to = row + (int64_t)h * d_head;
            if (g == 0)
                memmove(to, from, (size_t)d_head * sizeof *row);
            else
                job->memory->rows->add(to, from, 1, d_head);
        }
}

static void heads_back(struct token_job *job, int token) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    int64_t d_query = d_query_of(job);
    float *query = job->memory->d_query + token * d_query;
    float *key = job->memory->d_key + token * d_query;
    sum_group(job, key);
    sum_group(job, job->memory->d_value + token * d_query);
    turn(job, token, true, query, shape->n_head);
    turn(job, token, true, key, shape->n_kv_head);
}

static void close_up(struct token_job *job, float *rows) {
    int64_t d_query = d_query_of(job), d_key = d_key_of(job);
    for (int t = 1; t < job->n; t++)
        memmove(rows + t * d_key, rows + t * d_query, (size_t)d_key * sizeof *rows);
}

static void head_norm_back(struct token_job *job, const struct parameter *norm, const float *raw,
                           float *d_heads, int n_head) {
    int64_t d_head = job->memory->student->weights->shape.d_head;
    float inverse, back[512], out[512];
    for (int64_t i = 0; norm && i < (int64_t)job->n * n_head;
         i++, raw += d_head, d_heads += d_head) {
        inverse = job->memory->rows->norm(raw, norm->value, epsilon_of(job), d_head, out);
        memset(back, 0, (size_t)d_head * sizeof *back);
        job->memory->rows->norm_back(d_heads, raw, norm->value, inverse, d_head, back,
                                     gradient_of(norm));
        memcpy(d_heads, back, (size_t)d_head * sizeof *back);
    }
}

static void feed_forward_back(struct token_job *job) {
    struct passage *memory = job->memory;
    const struct decoder_layer *layer = job->layer;
    const struct layer_state *state = job->state;
    output_norm_back(job, layer->feed_forward_output_norm, state->feed_forward_given);
    linear_back(memory, &layer->down, memory->d_block, job->n, memory->d_activated, false);
    run(job, gate_back_token);
    linear_learn(memory, &layer->down, memory->activated, memory->d_block, job->n);
    run(job, norm_for_feed_forward);
    linear_back(memory, &layer->gate, state->gate, job->n, memory->d_normed, false);
    linear_learn(memory, &layer->gate, memory->normed, state->gate, job->n);
    linear_back(memory, &layer->up, state->up, job->n, memory->d_normed, true);
    linear_learn(memory, &layer->up, memory->normed, state->up, job->n);
    learn_norm(job, layer->feed_forward_norm, memory->d_normed, state->middle,
               state->middle_inverse);
    run(job, norm_back_feed_forward);
}

static void attention_half_back(struct token_job *job, bool wanted) {
    struct passage *memory = job->memory;
    const struct decoder_layer *layer = job->layer;
    const struct layer_state *state = job->state;
    const struct model_shape *shape = &memory->student->weights->shape;
    output_norm_back(job, layer->attention_output_norm, state->attention_given);
    linear_back(memory, &layer->output, memory->d_block, job->n, memory->d_normed, false);
    linear_learn(memory, &layer->output, state->attended, memory->d_block, job->n);
    attention_back(memory, job->pack, layer->window, state, memory->d_normed);
    run(job, heads_back);
    close_up(job, memory->d_key);
    close_up(job, memory->d_value);
    head_norm_back(job, layer->query_norm, state->raw_query, memory->d_query, shape->n_head);
    head_norm_back(job, layer->key_norm, state->raw_key, memory->d_key, shape->n_kv_head);
    learn_bias(job, layer->query_bias, memory->d_query, d_query_of(job));
    learn_bias(job, layer->key_bias, memory->d_key, d_key_of(job));
    learn_bias(job, layer->value_bias, memory->d_value, d_key_of(job));
    run(job, norm_for_attention);
    float *d_normed = wanted ? memory->d_normed : NULL;
    linear_back(memory, &layer->query, memory->d_query, job->n, d_normed, false);
    linear_learn(memory, &layer->query, memory->normed, memory->d_query, job->n);
    linear_back(memory, &layer->key, memory->d_key, job->n, d_normed, true);
    linear_learn(memory, &layer->key, memory->normed, memory->d_key, job->n);
    linear_back(memory, &layer->value, memory->d_value, job->n, d_normed, true);
    linear_learn(memory, &layer->value, memory->normed, memory->d_value, job->n);
    if (!wanted)
        return;
    learn_norm(job, layer->attention_norm, memory->d_normed, state->x, state->inverse);
    run(job, norm_back_attention);
}

static void norm_last_back(struct token_job *job) {
    struct passage *memory = job->memory;
    int64_t d_model = d_model_of(job);
    memset(memory->d_x, 0, (size_t)(job->n * d_model) * sizeof(float));
    for (int t = 0; t < job->n; t++) {
        int64_t at = t * d_model;
        float inverse = memory->rows->norm(memory->x + at, memory->student->norm->value,
                                           epsilon_of(job), d_model, memory->block);
        memory->rows->norm_back(memory->d_normed + at, memory->x + at,
                                memory->student->norm->value, inverse, d_model, memory->d_x + at,
                                gradient_of(memory->student->norm));
    }
}

static void learn_embedding(struct token_job *job) {
    float *gradient = gradient_of(job->memory->student->embedding.weight);
    int64_t d_model = d_model_of(job);
    for (int t = 0; gradient && t < job->n; t++)
        job->memory->rows->add(gradient + job->pack->tokens[t] * d_model,
                               job->memory->d_x + t * d_model,
                               job->memory->student->weights->embedding_scale, d_model);
}

/* Whether anything before the first layer's queries learns. */
static bool first_wants(const struct student *student) {
    return gradient_of(student->embedding.weight) ||
           gradient_of(student->layers[0].attention_norm);
}

void backward(struct passage *memory, const struct pack *pack) {
    const struct student *student = memory->student;
    struct token_job job = {.memory = memory, .pack = pack, .n = pack->n};
    norm_last_back(&job);
    for (int i = student->weights->shape.n_layer - 1; i >= 0; i--) {
        enter(&job, i);
        if (memory->checkpoints)
            run_layer(&job, true);
        feed_forward_back(&job);
        attention_half_back(&job, i > 0 || first_wants(student));
    }
    learn_embedding(&job);
}
