/* Attention: what it gives is its definition, and the same bits whoever computes it. */
#include "tensor/attention_inside.h"
#include "tensor/kernels.h"
#include "weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef WITH_EMULATED
extern const struct attention_kernels emulated_attention_avx2, emulated_attention_avx512;
#endif

/* The i-th set of kernels to prove here, the plain one first; NULL after the last. */
static const struct attention_kernels *kernel_set(int i) {
    const struct attention_kernels *sets[] = {
        &attention_plain,
#if defined(__x86_64__)
        kernels_find("avx2") ? &attention_avx2 : NULL,
        kernels_find("avx512") ? &attention_avx512 : NULL,
#endif
#ifdef WITH_EMULATED
        &emulated_attention_avx2,
        &emulated_attention_avx512,
#endif
    };
    for (size_t s = 0; s < COUNT_OF(sets); s++)
        if (sets[s] && i-- == 0)
            return sets[s];
    return NULL;
}

/* Emulated sets and the plain one are slow: they meet some of the shapes. */
static bool is_fast(const struct attention_kernels *kernels) {
#if defined(__x86_64__)
    return kernels == &attention_avx2 || kernels == &attention_avx512;
#else
    return kernels == &attention_plain;
#endif
}

/* A session's keys, values and queries, as floats and in pages. */
struct timeline {
    struct attention shape;
    int n_position, n_page;
    float *keys, *values; /* [n_position][n_kv_head][d_head] */
    float *q, *out;       /* [n_position][n_head][d_head] */
    uint8_t **pages;
};

enum { OFFSET = 128 }; /* of the part in its page */

static size_t query_size(const struct timeline *t) {
    return (size_t)(t->shape.n_head * t->shape.d_head);
}

static struct cache_shape cache_of(const struct attention *shape) {
    return (struct cache_shape){shape->type, shape->n_kv_head, shape->d_head};
}

static void write_position(const struct timeline *t, int position) {
    struct cache_shape cache = cache_of(&t->shape);
    size_t at = (size_t)position * (size_t)(t->shape.n_kv_head * t->shape.d_head);
    cache_write(&cache, t->pages[position / CACHE_PAGE] + OFFSET, position % CACHE_PAGE,
                t->keys + at, t->values + at);
}

/* With `common`, the whole pages of its first positions are shared. */
static struct timeline timeline_new(struct attention shape, int n_position, uint64_t seed,
                                    const struct timeline *common, int n_common) {
    struct timeline t = {.shape = shape, .n_position = n_position};
    struct cache_shape cache = cache_of(&shape);
    struct random random;
    random_seed(&random, seed);
    size_t n = (size_t)n_position, kv = (size_t)(shape.n_kv_head * shape.d_head);
    t.n_page = (n_position + CACHE_PAGE - 1) / CACHE_PAGE;
    t.keys = must_alloc(n * kv, sizeof(float));
    t.values = must_alloc(n * kv, sizeof(float));
    t.q = must_alloc(n * query_size(&t), sizeof(float));
    t.out = must_alloc(n * query_size(&t), sizeof(float));
    t.pages = must_alloc((size_t)t.n_page, sizeof *t.pages);
    for (size_t i = 0; i < n * kv; i++) {
        t.keys[i] = random_float(&random);
        t.values[i] = random_float(&random);
    }
    for (size_t i = 0; i < n * query_size(&t); i++)
        t.q[i] = 4 * random_float(&random);
    if (n_common) {
        memcpy(t.keys, common->keys, (size_t)n_common * kv * sizeof(float));
        memcpy(t.values, common->values, (size_t)n_common * kv * sizeof(float));
    }
    for (int i = 0; i < t.n_page; i++) {
        bool shared = (i + 1) * CACHE_PAGE <= n_common;
        t.pages[i] = shared
                         ? common->pages[i]
                         : aligned_alloc(64, (OFFSET + cache_part_bytes(&cache) + 63) / 64 * 64);
        if (shared)
            continue;
        memset(t.pages[i], 0, OFFSET + cache_part_bytes(&cache));
        for (int p = i * CACHE_PAGE; p < n_position && p < (i + 1) * CACHE_PAGE; p++)
            write_position(&t, p);
    }
    return t;
}

static void timeline_free(struct timeline *t, int n_common) {
    for (int i = n_common / CACHE_PAGE; i < t->n_page; i++)
        free(t->pages[i]);
    free(t->keys);
    free(t->values);
    free(t->q);
    free(t->out);
    free(t->pages);
}

static struct attention_span span_of(const struct timeline *t, int first, int n_token) {
    size_t at = (size_t)first * query_size(t);
    return (struct attention_span){t->q + at, t->out + at, t->pages, first, n_token};
}

/* The last tokens one at a time, and nobody else: what all else is compared with. */
static float *alone(struct pool *pool, const struct timeline *t, int n_token) {
    size_t n = (size_t)t->n_position * query_size(t);
    for (int i = t->n_position - n_token; i < t->n_position; i++) {
        struct attention_span span = span_of(t, i, 1);
        attend(pool, &t->shape, OFFSET, &span, 1);
    }
    float *copy = must_alloc(n, sizeof *copy);
    memcpy(copy, t->out, n * sizeof(float));
    memset(t->out, 0, n * sizeof(float));
    return copy;
}

static void assert_same(const struct timeline *t, int first, int n_token, const float *wanted) {
    size_t at = (size_t)first * query_size(t), n = (size_t)n_token * query_size(t);
    assert_memory_equal(t->out + at, wanted + at, n * sizeof(float));
}

static const struct attention shapes[] = {
    {9, 3, 64, 0.125F, 0, TENSOR_F16},   {9, 3, 64, 0.125F, 0, TENSOR_Q8_0},
    {14, 2, 64, 0.125F, 40, TENSOR_F16}, {4, 2, 128, 0.1F, 0, TENSOR_Q8_0},
    {4, 1, 256, 0.07F, 70, TENSOR_F16},  {4, 1, 256, 0.07F, 0, TENSOR_Q8_0},
    {4, 4, 96, 0.1F, 0, TENSOR_F16},     {6, 1, 22, 0.3F, 33, TENSOR_F16},
    {6, 2, 22, 0.3F, 0, TENSOR_Q8_0},    {2, 1, 50, 0.2F, 0, TENSOR_Q8_0},
    {53, 1, 10, 0.3F, 0, TENSOR_F16},    {14, 2, 64, 0.125F, 40, TENSOR_F32},
    {4, 1, 256, 0.07F, 0, TENSOR_F32},   {6, 2, 22, 0.3F, 33, TENSOR_F32},
    {53, 1, 10, 0.3F, 0, TENSOR_F32},
};

/* -------------------------------------------------------------------------------- definition */

/* What the cache holds instead of x: rounded, that is. */
static double rounding(enum tensor_type type) {
    return type == TENSOR_F32 ? 1e-6 : type == TENSOR_F16 ? 1e-3 : 8e-3;
}

static void assert_defined(const struct timeline *t, int token) {
    const struct attention *shape = &t->shape;
    int d_head = shape->d_head, kv = shape->n_kv_head * d_head;
    int from = shape->window && token + 1 > shape->window ? token + 1 - shape->window : 0;
    double *weight = must_alloc((size_t)token + 1, sizeof *weight);
    for (int h = 0; h < shape->n_head; h++) {
        size_t at = (size_t)token * query_size(t) + (size_t)(h * d_head);
        int offset = h / (shape->n_head / shape->n_kv_head) * d_head;
        double total = 0;
        for (int p = from; p <= token; p++) {
            double score = 0;
            for (int d = 0; d < d_head; d++)
                score += (double)t->q[at + (size_t)d] * t->keys[p * kv + offset + d];
            total += weight[p] = exp(shape->scale * score);
        }
        for (int d = 0; d < d_head; d++) {
            double sum = 0;
            for (int p = from; p <= token; p++)
                sum += weight[p] / total * t->values[p * kv + offset + d];
            double apart = fabs(t->out[at + (size_t)d] - sum);
            if (!(apart <= 3 * rounding(shape->type)))
                fail_msg("token %d head %d value %d: %g apart", token, h, d, apart);
        }
    }
    free(weight);
}

static void attention_agrees_with_its_definition(void **state) {
    (void)state;
    struct pool *pool = pool_new(2);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct timeline t = timeline_new(shapes[i], 330, i, NULL, 0);
        struct attention_span span = span_of(&t, 0, t.n_position);
        attend(pool, &t.shape, OFFSET, &span, 1);
        for (int token = 0; token < t.n_position; token += token < 34 ? 1 : 37)
            assert_defined(&t, token);
        timeline_free(&t, 0);
    }
    pool_free(pool);
}

/* ------------------------------------------------------------------------------ the same bits */

static void a_prompt_gives_the_same_bits_however_it_is_cut(void **state) {
    (void)state;
    static const int cuts[][8] = {{40, 3, 100, 5, 152}, {31, 1, 32, 33, 203}, {300}, {1, 299}};
    struct pool *pools[] = {pool_new(1), pool_new(3)};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct timeline t = timeline_new(shapes[i], 300, 100 + i, NULL, 0);
        float *wanted = alone(pools[0], &t, t.n_position);
        const struct attention_kernels *kernels;
        for (int s = 0; (kernels = kernel_set(s)) != NULL; s++)
            for (size_t c = 0; c < (is_fast(kernels) ? COUNT_OF(cuts) : 1); c++) {
                if (!is_fast(kernels) && i % 3 != (size_t)s % 3)
                    continue;
                for (int first = 0, k = 0; first < t.n_position; first += cuts[c][k++]) {
                    struct attention_span span = span_of(&t, first, cuts[c][k]);
                    attend_with(kernels, pools[c % 2], &t.shape, OFFSET, &span, 1);
                }
                assert_same(&t, 0, t.n_position, wanted);
                memset(t.out, 0, (size_t)t.n_position * query_size(&t) * sizeof(float));
            }
        free(wanted);
        timeline_free(&t, 0);
    }
    pool_free(pools[0]);
    pool_free(pools[1]);
}

static void one_token_gives_the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    struct pool *pools[] = {pool_new(1), pool_new(2), pool_new(4)};
    struct attention shape = shapes[0];
    for (int window = 0; window <= 600; window += 600) {
        shape.window = window;
        struct timeline t = timeline_new(shape, 1100, 7, NULL, 0);
        const struct attention_kernels *kernels;
        float *wanted = must_alloc(query_size(&t), sizeof *wanted);
        for (int s = 0; (kernels = kernel_set(s)) != NULL; s++)
            for (size_t p = 0; p < COUNT_OF(pools); p++) {
                struct attention_span span = span_of(&t, t.n_position - 1, 1);
                attend_with(kernels, pools[p], &shape, OFFSET, &span, 1);
                if (s == 0 && p == 0)
                    memcpy(wanted, span.out, query_size(&t) * sizeof *wanted);
                assert_memory_equal(span.out, wanted, query_size(&t) * sizeof *wanted);
            }
        free(wanted);
        timeline_free(&t, 0);
    }
    for (size_t p = 0; p < COUNT_OF(pools); p++)
        pool_free(pools[p]);
}

/* Sessions that part at different places, each with some tokens at its end. */
static void sessions_give_the_same_bits_together_as_alone(void **state) {
    (void)state;
    enum { SESSIONS = 21 };
    struct pool *pool = pool_new(2);
    for (size_t i = 0; i < COUNT_OF(shapes); i += 2) {
        struct timeline t[SESSIONS];
        float *wanted[SESSIONS];
        struct attention_span spans[SESSIONS];
        int common[SESSIONS];
        for (int k = 0; k < SESSIONS; k++) { /* 20 stands apart */
            common[k] = k == 0 || k == 20 ? 0 : k % 3 == 0 ? 64 : 288;
            t[k] = timeline_new(shapes[i], 300 + k * 7 % 90, 50 + (uint64_t)k, &t[0], common[k]);
            wanted[k] = alone(pool, &t[k], 70);
        }
        const struct attention_kernels *kernels;
        for (int s = 0; (kernels = kernel_set(s)) != NULL; s++)
            for (int n = is_fast(kernels) ? SESSIONS : 7; n > 0; n -= 18) {
                for (int k = 0; k < n; k++) {
                    int n_token = k == 4 ? 70 : 1 + k % 3;
                    spans[k * 8 % n] = span_of(&t[k], t[k].n_position - n_token, n_token);
                    memset(spans[k * 8 % n].out, 0, (size_t)n_token * query_size(&t[k]) * 4);
                }
                attend_with(kernels, pool, &shapes[i], OFFSET, spans, n);
                for (int k = 0; k < n; k++) {
                    int n_token = k == 4 ? 70 : 1 + k % 3;
                    assert_same(&t[k], t[k].n_position - n_token, n_token, wanted[k]);
                }
            }
        for (int k = SESSIONS - 1; k >= 0; k--) {
            free(wanted[k]);
            timeline_free(&t[k], common[k]);
        }
    }
    pool_free(pool);
}

/* More queries than one plan holds. */
static void a_crowd_gives_the_same_bits_too(void **state) {
    (void)state;
    enum { CROWD = 270 };
    struct pool *pool = pool_new(2);
    struct attention shape = {2, 2, 16, 0.3F, 0, TENSOR_F16};
    static struct timeline t[CROWD];
    static struct attention_span spans[CROWD];
    for (int k = 0; k < CROWD; k++) {
        t[k] = timeline_new(shape, 33, (uint64_t)k, NULL, 0);
        spans[k] = span_of(&t[k], 0, 33);
    }
    attend(pool, &shape, OFFSET, spans, CROWD);
    for (int k = 0; k < CROWD; k++) {
        float out[33 * 32];
        memcpy(out, t[k].out, sizeof out);
        float *wanted = alone(pool, &t[k], 33);
        assert_memory_equal(out, wanted, sizeof out);
        free(wanted);
        timeline_free(&t[k], 0);
    }
    pool_free(pool);
}

/* ----------------------------------------------------------------------------------- the cache */

/* What others left in slots that nobody may see, numbers beyond f16 included, changes nothing. */
static void hidden_positions_leave_no_trace(void **state) {
    (void)state;
    struct pool *pool = pool_new(1);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct timeline t = timeline_new(shapes[i], 64, 200 + i, NULL, 0);
        size_t kv = (size_t)(shapes[i].n_kv_head * shapes[i].d_head);
        float *out = must_alloc(query_size(&t) * 20, sizeof(float));
        const struct attention_kernels *kernels;
        for (int s = 0; (kernels = kernel_set(s)) != NULL; s++)
            for (int n_token = 1; n_token <= 20; n_token += 19) {
                struct attention_span span = span_of(&t, 40 - n_token, n_token);
                size_t n = query_size(&t) * (size_t)n_token * sizeof(float);
                attend_with(kernels, pool, &t.shape, OFFSET, &span, 1);
                memcpy(out, span.out, n);
                for (size_t k = 40 * kv; k < 64 * kv; k++) {
                    static const float odd[] = {1e30F, -INFINITY, NAN, 70000, -3e38F};
                    t.keys[k] = odd[k % 5];
                    t.values[k] = odd[k % 4];
                }
                for (int p = 40; p < 64; p++)
                    write_position(&t, p);
                attend_with(kernels, pool, &t.shape, OFFSET, &span, 1);
                assert_memory_equal(span.out, out, n);
                for (size_t k = 40 * kv; k < 64 * kv; k++)
                    t.keys[k] = t.values[k] = 0;
                for (int p = 40; p < 64; p++)
                    write_position(&t, p);
            }
        free(out);
        timeline_free(&t, 0);
    }
    pool_free(pool);
}

static void a_page_takes_the_bytes_of_its_numbers(void **state) {
    (void)state;
    struct cache_shape shape = {TENSOR_F16, 3, 64};
    assert_int_equal(cache_part_bytes(&shape), 2 * 2 * 3 * 64 * 32);
    shape.type = TENSOR_F32;
    assert_int_equal(cache_part_bytes(&shape), 2 * 4 * 3 * 64 * 32);
    shape.type = TENSOR_Q8_0;
    assert_int_equal(cache_part_bytes(&shape), 2 * 3 * 64 * 34);
    shape.d_head = 22;
    assert_int_equal(cache_part_bytes(&shape) % 64, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_agrees_with_its_definition),
        cmocka_unit_test(a_prompt_gives_the_same_bits_however_it_is_cut),
        cmocka_unit_test(one_token_gives_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(sessions_give_the_same_bits_together_as_alone),
        cmocka_unit_test(a_crowd_gives_the_same_bits_too),
        cmocka_unit_test(hidden_positions_leave_no_trace),
        cmocka_unit_test(a_page_takes_the_bytes_of_its_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
