/* The operations between the multiplications. */
#include "tensor/kernels.h"

#include <math.h>

void rms_norm(const float *x, const float *weight, float epsilon, int64_t n, float *out) {
    float part[8] = {0}; /* eight running sums, so that the compiler may use vectors */
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int j = 0; j < 8; j++)
            part[j] += x[i + j] * x[i + j];
    for (; i < n; i++)
        part[0] += x[i] * x[i];
    float total = 0;
    for (int j = 0; j < 8; j++)
        total += part[j];
    float scale = 1 / sqrtf(total / (float)n + epsilon);
    for (i = 0; i < n; i++)
        out[i] = x[i] * scale * weight[i];
}

void add(float *y, const float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] += x[i];
}

void silu_multiply(float *gate, const float *up, int64_t n) {
    kernels_chosen()->silu_multiply(gate, up, n);
}

void f16_from_floats(const float *x, uint16_t *out, int64_t n) {
    kernels_chosen()->floats_to_f16(x, out, n);
}

static float largest_of(const float *x, int64_t n) {
    float largest = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

void softmax(float *x, int64_t n) {
    float total = kernels_chosen()->exponentials(x, n, largest_of(x, n));
    for (int64_t i = 0; i < n; i++)
        x[i] /= total;
}

void rope_angles(const struct rope *rope, int64_t position, float *angles) {
    for (int i = 0; i < rope->n_rotated / 2; i++) {
        double angle = (double)position * pow(rope->base, -2.0 * i / rope->n_rotated);
        if (rope->divisors)
            angle /= rope->divisors[i];
        angles[2 * i] = (float)cos(angle);
        angles[2 * i + 1] = (float)sin(angle);
    }
}

void rope_rotate(const struct rope *rope, const float *angles, float *heads, int n_head,
                 int d_head) {
    int half = rope->n_rotated / 2;
    int step = rope->style == ROPE_ADJACENT ? 2 : 1, apart = step == 2 ? 1 : half;
    for (int h = 0; h < n_head; h++)
        for (int i = 0; i < half; i++) {
            float *a = heads + (int64_t)h * d_head + i * step, *b = a + apart;
            float cosine = angles[2 * i], sine = angles[2 * i + 1], x = *a, y = *b;
            *a = x * cosine - y * sine;
            *b = x * sine + y * cosine;
        }
}

enum { SCORES = 256, MAX_HEAD = 512 };

struct attending {
    const struct kernels *kernels;
    const struct attention *shape;
    const float *q;
    const uint16_t *keys, *values;
    int64_t stride, first;
    int n_token;
    float *out;
};

/* One query against the positions from … to-1. */
static void attend_one(const struct attending *job, int token, int head, int64_t from,
                       int64_t to) {
    const struct attention *shape = job->shape;
    int d_head = shape->d_head, kv_head = head / (shape->n_head / shape->n_kv_head);
    int64_t at = ((int64_t)token * shape->n_head + head) * d_head;
    float weights[SCORES], sum = 0, largest = -INFINITY, *out = job->out + at;
    for (int d = 0; d < d_head; d++)
        out[d] = 0;
    for (int64_t i = from; i < to; i += SCORES) {
        int n = (int)(to - i < SCORES ? to - i : SCORES);
        int64_t offset = i * job->stride + (int64_t)kv_head * d_head;
        job->kernels->scores(job->q + at, job->keys + offset, job->stride, n, d_head, shape->scale,
                             weights);
        float here = largest_of(weights, n);
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

/* The last queries see the most positions: they are handed out first. */
static void attend_part(void *data, int part, int n_part) {
    const struct attending *job = data;
    int n_head = job->shape->n_head;
    int64_t n = (int64_t)job->n_token * n_head;
    for (int64_t i = n * part / n_part; i < n * (part + 1) / n_part; i++) {
        int token = job->n_token - 1 - (int)(i / n_head);
        int64_t to = job->first + token + 1, window = job->shape->window;
        attend_one(job, token, (int)(i % n_head), window && to > window ? to - window : 0, to);
    }
}

void attend(struct pool *pool, const struct attention *shape, const float *q, const uint16_t *keys,
            const uint16_t *values, int64_t stride, int64_t first, int n_token, float *out) {
    MUST(shape->d_head <= MAX_HEAD && shape->n_head % shape->n_kv_head == 0);
    struct attending job = {kernels_chosen(), shape, q, keys, values, stride, first, n_token, out};
    int64_t n = (int64_t)n_token * shape->n_head, n_part = (int64_t)pool_threads(pool) * 8;
    bool small = n * (first + n_token) * shape->d_head < 32768;
    pool_run(pool, attend_part, &job, small ? 1 : (int)(n_part < n ? n_part : n));
}
