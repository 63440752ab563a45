/* Attention over segments. A segment sees all of its parent, its parent's parent and so on, and of
 * itself what comes before: the keys of a query are one run of positions 0, 1, …, cut into the
 * pieces that its line of segments is. Scores are computed again on the way back (Dao et al. 2022,
 * arXiv 2205.14135, algorithm 4), so that memory grows with the tokens and not with their square.
 */
#include "train/inside.h"

#include <stdatomic.h>
#include <string.h>

struct attention_job {
    struct passage *memory;
    const struct pack *pack;
    const struct layer_state *state;
    const float *d_attended;
    int window;
    atomic_int next;
};

struct block { /* queries of one segment and one head */
    const struct attention_job *job;
    struct worker *worker;
    int head, kv_head;
    const struct segment *segment;
    int first, n; /* tokens of the pack */
    int n_key;    /* positions up to the last query's */
};

static int64_t stride_of(const struct attention_job *job, bool keys) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    return (int64_t)(keys ? shape->n_kv_head : shape->n_head) * shape->d_head;
}

static struct operand head_rows(const struct attention_job *job, const float *data, bool keys,
                                int token, int head, bool turned) {
    int64_t stride = stride_of(job, keys);
    int d_head = job->memory->student->weights->shape.d_head;
    const float *at = data + token * stride + (int64_t)head * d_head;
    return turned ? (struct operand){at, TENSOR_F32, 1, stride}
                  : (struct operand){at, TENSOR_F32, stride, 1};
}

static struct operand scores(const struct block *block, const float *data, int key, bool turned) {
    int64_t stride = block->job->memory->n_token;
    return turned ? (struct operand){data + key, TENSOR_F32, 1, stride}
                  : (struct operand){data + key, TENSOR_F32, stride, 1};
}

/* Calls for each piece of the line of segments that the block's queries see: `token` is where it
 * begins in the pack, `key` the position of its first token, n how many. */
static void each_piece(const struct block *block,
                       void (*piece)(const struct block *, int token, int key, int n)) {
    const struct pack *pack = block->job->pack;
    int end = block->n_key;
    for (const struct segment *s = block->segment; s;
         s = s->parent >= 0 ? &pack->segments[s->parent] : NULL) {
        piece(block, s->start, s->first_position, end - s->first_position);
        end = s->first_position;
    }
}

static int window_start(const struct block *block, int position) {
    int window = block->job->window;
    return window && position + 1 > window ? position + 1 - window : 0;
}

/* ---------------------------------------------------------------------------------------- forward
 */

static void score_piece(const struct block *block, int token, int key, int n) {
    const struct attention_job *job = block->job;
    float_multiply(
        block->worker->scratch,
        &(struct float_product){
            .rows = block->n,
            .columns = n,
            .depth = job->memory->student->weights->shape.d_head,
            .left = head_rows(job, job->state->query, false, block->first, block->head, false),
            .right = head_rows(job, job->state->key, true, token, block->kv_head, true),
            .out = block->worker->scores + key,
            .out_stride = job->memory->n_token,
            .scale = 1});
}

static void gather_piece(const struct block *block, int token, int key, int n) {
    const struct attention_job *job = block->job;
    const struct model_shape *shape = &job->memory->student->weights->shape;
    int64_t stride = stride_of(job, false);
    float_multiply(
        block->worker->scratch,
        &(struct float_product){
            .rows = block->n,
            .columns = shape->d_head,
            .depth = n,
            .left = scores(block, block->worker->scores, key, false),
            .right = head_rows(job, job->state->value, true, token, block->kv_head, false),
            .out = job->state->attended + block->first * stride + block->head * shape->d_head,
            .out_stride = stride,
            .scale = 1,
            .adds = true});
}

static int position_of(const struct block *block, int row) {
    return block->segment->first_position + block->first - block->segment->start + row;
}

/* What a row does not see becomes 0. */
static void clear_unseen(const struct block *block, float *row, int from, int to) {
    memset(row, 0, (size_t)from * sizeof *row);
    memset(row + to, 0, (size_t)(block->n_key - to) * sizeof *row);
}

static void attend_block(const struct block *block) {
    const struct attention_job *job = block->job;
    const struct weights *weights = job->memory->student->weights;
    int64_t stride = stride_of(job, false), n_head = weights->shape.n_head;
    each_piece(block, score_piece);
    for (int i = 0; i < block->n; i++) {
        float *row = block->worker->scores + (int64_t)i * job->memory->n_token;
        int to = position_of(block, i) + 1, from = window_start(block, to - 1);
        job->state->logarithm[(block->first + i) * n_head + block->head] =
            job->memory->rows->softmax(row + from, weights->attention_scale, to - from);
        clear_unseen(block, row, from, to);
        memset(job->state->attended + (block->first + i) * stride +
                   (int64_t)block->head * weights->shape.d_head,
               0, (size_t)weights->shape.d_head * sizeof(float));
    }
    each_piece(block, gather_piece);
}

/* ------------------------------------------------------------------------------------------- back
 */

static void score_piece_back(const struct block *block, int token, int key, int n) {
    const struct attention_job *job = block->job;
    float_multiply(
        block->worker->scratch,
        &(struct float_product){
            .rows = block->n,
            .columns = n,
            .depth = job->memory->student->weights->shape.d_head,
            .left = head_rows(job, job->d_attended, false, block->first, block->head, false),
            .right = head_rows(job, job->state->value, true, token, block->kv_head, true),
            .out = block->worker->d_scores + key,
            .out_stride = job->memory->n_token,
            .scale = 1});
}

static void add_product(const struct block *block, int64_t rows, int64_t depth,
                        struct operand left, struct operand right, float *out, int token) {
    const struct attention_job *job = block->job;
    int64_t stride = stride_of(job, false), d_head = job->memory->student->weights->shape.d_head;
    float_multiply(block->worker->scratch,
                   &(struct float_product){.rows = rows,
                                           .columns = d_head,
                                           .depth = depth,
                                           .left = left,
                                           .right = right,
                                           .out = out + token * stride + block->head * d_head,
                                           .out_stride = stride,
                                           .scale = 1,
                                           .adds = true});
}

static void learn_piece(const struct block *block, int token, int key, int n) {
    const struct attention_job *job = block->job;
    struct passage *memory = job->memory;
    const float *p = block->worker->scores, *d_p = block->worker->d_scores;
    add_product(block, n, block->n, scores(block, p, key, true),
                head_rows(job, job->d_attended, false, block->first, block->head, false),
                memory->d_value, token);
    add_product(block, n, block->n, scores(block, d_p, key, true),
                head_rows(job, job->state->query, false, block->first, block->head, false),
                memory->d_key, token);
    add_product(block, block->n, n, scores(block, d_p, key, false),
                head_rows(job, job->state->key, true, token, block->kv_head, false),
                memory->d_query, block->first);
}

static void attend_block_back(const struct block *block) {
    const struct attention_job *job = block->job;
    const struct weights *weights = job->memory->student->weights;
    const struct rows *rows = job->memory->rows;
    int64_t stride = stride_of(job, false), n_head = weights->shape.n_head;
    int64_t d_head = weights->shape.d_head;
    each_piece(block, score_piece);
    each_piece(block, score_piece_back);
    for (int i = 0; i < block->n; i++) {
        float *p = block->worker->scores + (int64_t)i * job->memory->n_token;
        float *d_p = block->worker->d_scores + (int64_t)i * job->memory->n_token;
        int64_t at = (block->first + i) * stride + block->head * d_head;
        int to = position_of(block, i) + 1, from = window_start(block, to - 1);
        rows->softmax_again(p + from, weights->attention_scale,
                            job->state->logarithm[(block->first + i) * n_head + block->head],
                            to - from);
        double along = rows->dot(job->d_attended + at, job->state->attended + at, d_head);
        rows->softmax_back(d_p + from, p + from, (float)along, weights->attention_scale,
                           to - from);
        clear_unseen(block, p, from, to);
        clear_unseen(block, d_p, from, to);
    }
    each_piece(block, learn_piece);
}

/* ---------------------------------------------------------------------------------------- the
 * jobs
 */

static void each_block(struct attention_job *job, struct worker *worker, int head,
                       void (*work)(const struct block *)) {
    const struct model_shape *shape = &job->memory->student->weights->shape;
    struct block block = {.job = job,
                          .worker = worker,
                          .head = head,
                          .kv_head = head / (shape->n_head / shape->n_kv_head)};
    for (int s = 0; s < job->pack->n_segment; s++) {
        block.segment = &job->pack->segments[s];
        for (int i = 0; i < block.segment->n; i += ATTENTION_ROWS) {
            int left = block.segment->n - i;
            block.first = block.segment->start + i;
            block.n = left < ATTENTION_ROWS ? left : ATTENTION_ROWS;
            block.n_key = block.segment->first_position + i + block.n;
            work(&block);
        }
    }
}

static void forward_part(void *data, int part, int n_part) {
    struct attention_job *job = data;
    int n_head = job->memory->student->weights->shape.n_head;
    (void)n_part;
    for (int head; (head = atomic_fetch_add(&job->next, 1)) < n_head;)
        each_block(job, &job->memory->workers[part], head, attend_block);
}

static void back_part(void *data, int part, int n_part) {
    struct attention_job *job = data;
    int n_head = job->memory->student->weights->shape.n_head;
    (void)n_part;
    for (int head; (head = atomic_fetch_add(&job->next, 1)) < n_head;)
        each_block(job, &job->memory->workers[part], head, attend_block_back);
}

void attention_forward(struct passage *memory, const struct pack *pack, int window,
                       const struct layer_state *state) {
    struct attention_job job = {.memory = memory, .pack = pack, .state = state, .window = window};
    pool_run(memory->student->pool, forward_part, &job, memory->n_worker);
}

void attention_back(struct passage *memory, const struct pack *pack, int window,
                    const struct layer_state *state, const float *d_attended) {
    struct attention_job job = {.memory = memory,
                                .pack = pack,
                                .state = state,
                                .window = window,
                                .d_attended = d_attended};
    size_t bytes = (size_t)(pack->n * stride_of(&job, false)) * sizeof(float);
    memset(memory->d_query, 0, bytes);
    memset(memory->d_key, 0, bytes);
    memset(memory->d_value, 0, bytes);
    pool_run(memory->student->pool, back_part, &job, memory->n_worker);
}
