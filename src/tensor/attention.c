/* Attention over the cache. One query: a key at a time. Many: queries stand side by side in the
 * lanes of vectors, QUERIES of them, tokens of one group of heads that share a key; each key and
 * value then meets all of them at once, and the softmax is a vector's too. */
#include "tensor/kernels.h"

#include <math.h>
#include <string.h>

enum { SCORES = 256, MAX_HEAD = 512, POSITIONS = 32 };

struct attending {
    const struct kernels *kernels;
    const struct attention *shape;
    const float *q;
    const uint16_t *keys, *values;
    int64_t stride, first;
    int n_token, n_together; /* tokens that are taken at once */
    float *out;
};

/* The first position that the one at `position` sees. */
static int64_t horizon(const struct attending *job, int64_t position) {
    int64_t window = job->shape->window;
    return window && position + 1 > window ? position + 1 - window : 0;
}

/* ---------------------------------------------------------------------------------- one query */

static void attend_one(const struct attending *job, int token, int head) {
    const struct attention *shape = job->shape;
    int d_head = shape->d_head, kv_head = head / (shape->n_head / shape->n_kv_head);
    int64_t at = ((int64_t)token * shape->n_head + head) * d_head, to = job->first + token + 1;
    float weights[SCORES], sum = 0, largest = -INFINITY, *out = job->out + at;
    for (int d = 0; d < d_head; d++)
        out[d] = 0;
    for (int64_t i = horizon(job, to - 1); i < to; i += SCORES) {
        int n = (int)(to - i < SCORES ? to - i : SCORES);
        int64_t offset = i * job->stride + (int64_t)kv_head * d_head;
        job->kernels->scores(job->q + at, job->keys + offset, job->stride, n, d_head, shape->scale,
                             weights);
        float here = largest;
        for (int k = 0; k < n; k++)
            here = weights[k] > here ? weights[k] : here;
        if (here > largest) { /* what was summed so far was relative to a smaller one */
            float factor = expf(largest - here);
            for (int d = 0; d < d_head; d++)
                out[d] *= factor;
            sum *= factor;
            largest = here;
        }
        sum += job->kernels->exponentials(weights, n, largest);
        job->kernels->mix(weights, job->values + offset, job->stride, n, d_head, out);
    }
    for (int d = 0; d < d_head; d++)
        out[d] /= sum;
}

static void attend_one_part(void *data, int part, int n_part) {
    const struct attending *job = data;
    int n_head = job->shape->n_head;
    int64_t n = (int64_t)job->n_token * n_head;
    for (int64_t i = n * part / n_part; i < n * (part + 1) / n_part; i++)
        attend_one(job, (int)(i / n_head), (int)(i % n_head));
}

/* ------------------------------------------------------------------------------- many queries */

struct together { /* one group of heads, n_token tokens; the columns are their queries */
    const struct attending *job;
    int token, n_token, kv_head, n_group, n_query;
    int64_t seen[QUERIES], horizon[QUERIES]; /* columns see positions horizon … seen-1 */
    float largest[QUERIES], sum[QUERIES], factor[QUERIES];
    float query[MAX_HEAD][QUERIES], out[MAX_HEAD][QUERIES];
    float scores[POSITIONS][QUERIES];
    float block[POSITIONS * MAX_HEAD]; /* keys, then values, as floats */
};

/* Query j belongs to token j / n_group and head j % n_group of the group. */
static int64_t place_of_query(const struct together *all, int j) {
    const struct attention *shape = all->job->shape;
    int64_t token = all->token + j / all->n_group;
    int64_t head = (int64_t)all->kv_head * all->n_group + j % all->n_group;
    return (token * shape->n_head + head) * shape->d_head;
}

static void gather_queries(struct together *all) {
    const struct attending *job = all->job;
    int d_head = job->shape->d_head;
    for (int j = 0; j < QUERIES; j++) {
        int real = j < all->n_query ? j : 0; /* the rest repeat the first, and nobody looks */
        const float *from = job->q + place_of_query(all, real);
        all->seen[j] = job->first + all->token + real / all->n_group + 1;
        all->horizon[j] = horizon(job, all->seen[j] - 1);
        all->largest[j] = -1e30F;
        all->sum[j] = 0;
        for (int d = 0; d < d_head; d++)
            all->query[d][j] = from[d] * job->shape->scale;
    }
}

/* Hides what lies in the future or beyond the window. */
static void hide(struct together *all, int64_t first, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < QUERIES; j++)
            if (first + i >= all->seen[j] || first + i < all->horizon[j])
                all->scores[i][j] = -INFINITY;
}

static void widen(struct together *all, const uint16_t *halves, int64_t first, int n) {
    const struct attending *job = all->job;
    int d_head = job->shape->d_head;
    for (int i = 0; i < n; i++)
        job->kernels->floats_from_f16(halves + (first + i) * job->stride +
                                          (int64_t)all->kv_head * d_head,
                                      all->block + (int64_t)i * d_head, d_head);
}

static void meet_positions(struct together *all, int64_t first, int n) {
    const struct attending *job = all->job;
    int d_head = job->shape->d_head;
    widen(all, job->keys, first, n);
    job->kernels->meet_queries(all->block, d_head, 1, n, d_head, all->query[0], NULL,
                               all->scores[0]);
    int64_t last = all->n_query - 1; /* the first query sees least ahead, the last least behind */
    if (first + n > all->seen[0] || first < all->horizon[last])
        hide(all, first, n);
    job->kernels->soften_queries(all->scores[0], n, all->largest, all->sum, all->factor);
    widen(all, job->values, first, n);
    job->kernels->meet_queries(all->block, 1, d_head, d_head, n, all->scores[0], all->factor,
                               all->out[0]);
}

static void attend_together(const struct attending *job, int token, int kv_head) {
    struct together all;
    int d_head = job->shape->d_head, left = job->n_token - token;
    all.job = job;
    all.token = token;
    all.n_token = left < job->n_together ? left : job->n_together;
    all.kv_head = kv_head;
    all.n_group = job->shape->n_head / job->shape->n_kv_head;
    all.n_query = all.n_token * all.n_group;
    gather_queries(&all);
    memset(all.out, 0, sizeof all.out[0] * (size_t)d_head);
    int64_t end = all.seen[all.n_query - 1];
    for (int64_t i = all.horizon[0]; i < end; i += POSITIONS)
        meet_positions(&all, i, (int)(end - i < POSITIONS ? end - i : POSITIONS));
    for (int j = 0; j < all.n_query; j++) {
        float *out = job->out + place_of_query(&all, j);
        for (int d = 0; d < d_head; d++)
            out[d] = all.out[d][j] / all.sum[j];
    }
}

/* The last queries see the most positions: they are handed out first. */
static void attend_together_part(void *data, int part, int n_part) {
    const struct attending *job = data;
    (void)n_part;
    int n_kv_head = job->shape->n_kv_head;
    int block = (job->n_token - 1) / job->n_together - part / n_kv_head;
    attend_together(job, block * job->n_together, part % n_kv_head);
}

void attend(struct pool *pool, const struct attention *shape, const float *q, const uint16_t *keys,
            const uint16_t *values, int64_t stride, int64_t first, int n_token, float *out) {
    MUST(shape->d_head <= MAX_HEAD && shape->n_head % shape->n_kv_head == 0);
    int n_group = shape->n_head / shape->n_kv_head;
    struct attending job = {.kernels = kernels_chosen(),
                            .shape = shape,
                            .q = q,
                            .keys = keys,
                            .values = values,
                            .stride = stride,
                            .first = first,
                            .n_token = n_token,
                            .n_together = QUERIES / n_group,
                            .out = out};
    if (n_token * n_group >= QUERIES / 2 && job.n_together > 0) {
        int n_block = (n_token + job.n_together - 1) / job.n_together;
        pool_run(pool, attend_together_part, &job, n_block * shape->n_kv_head);
        return;
    }
    int64_t n = (int64_t)n_token * shape->n_head, n_part = (int64_t)pool_threads(pool) * 8;
    bool small = n * (first + n_token) * shape->d_head < 32768;
    pool_run(pool, attend_one_part, &job, small ? 1 : (int)(n_part < n ? n_part : n));
}
