/* Every fast kernel against the plain one over random data: those that this processor runs, and
 * all of them with emulated intrinsics. `test_kernels bench` prints speeds. */
#include "tensor/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef WITH_EMULATED
extern const struct kernels emulated_avx2, emulated_avx512;
#endif

/* The i-th set of fast kernels to prove here; NULL after the last. */
static const struct kernels *fast_kernels(int i) {
    const struct kernels *sets[] = {
        kernels_find("avx2"),
        kernels_find("avx512"),
#ifdef WITH_EMULATED
        &emulated_avx2,
        &emulated_avx512,
#endif
    };
    for (size_t s = 0; s < COUNT_OF(sets); s++)
        if (sets[s] && i-- == 0)
            return sets[s];
    return NULL;
}

static const enum tensor_type types[] = {
    TENSOR_F32,  TENSOR_F16,  TENSOR_BF16, TENSOR_Q4_0, TENSOR_Q4_1, TENSOR_Q5_0,
    TENSOR_Q5_1, TENSOR_Q8_0, TENSOR_Q4_K, TENSOR_Q5_K, TENSOR_Q6_K,
};

static float random_float(struct random *random) {
    return (float)(random_unit(random) * 2 - 1);
}

/* Random blocks; their f16 factors are kept small and finite. */
static uint8_t *random_weights(struct random *random, enum tensor_type type, size_t n) {
    const struct tensor_format *format = tensor_format(type);
    uint8_t *data = must_alloc(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)random_next(random);
    if (type == TENSOR_F32)
        for (size_t i = 0; i < n; i += 4) {
            float value = random_float(random);
            memcpy(data + i, &value, 4);
        }
    else
        for (size_t i = 0; i < n; i += (size_t)format->block_bytes) {
            uint16_t half = type == TENSOR_BF16 ? bf16_from_float(random_float(random))
                                                : f16_from_float(random_float(random) / 8);
            size_t at = type == TENSOR_Q6_K ? i + 208 : i;
            memcpy(data + at, &half, 2);
            if (type == TENSOR_Q4_1 || type == TENSOR_Q5_1 || type == TENSOR_Q4_K ||
                type == TENSOR_Q5_K)
                memcpy(data + i + 2, &half, 2);
        }
    return data;
}

static struct activations quantised(const struct kernels *kernels, const float *x, int64_t columns,
                                    int n_token) {
    struct activations in = {columns, x, must_alloc((size_t)(n_token * columns) + 1, 1),
                             must_alloc((size_t)(n_token * columns), sizeof(struct block_scale)),
                             must_alloc((size_t)(n_token * columns), 4)};
    if (columns % 32 == 0)
        kernels->quantise(x, n_token * columns, in.integer, in.scale, in.half_sum);
    return in;
}

static void activations_free(struct activations *in) {
    free(in->integer);
    free(in->scale);
    free(in->half_sum);
}

static void compare_multiply(const struct kernels *fast, enum tensor_type type, int64_t rows,
                             int64_t columns, int n_token) {
    struct random random;
    random_seed(&random, (uint64_t)(type * 1000 + rows + columns + n_token));
    struct matrix weights = {type, rows, columns, NULL};
    uint8_t *data = random_weights(&random, type, (size_t)rows * matrix_row_bytes(&weights));
    weights.data = data;
    size_t n = (size_t)(n_token * columns), n_out = (size_t)(n_token * rows);
    float *x = must_alloc(n, 4), *a = must_alloc(n_out, 4), *b = must_alloc(n_out + 1, 4);
    for (size_t i = 0; i < n; i++)
        x[i] = i % 7 ? random_float(&random) : 1; /* 1 is the largest: integers reach 127 */
    struct activations in = quantised(&kernels_plain, x, columns, n_token);
    kernels_plain.multiply(&weights, 0, rows, &in, n_token, a);
    b[n_out] = 42;
    fast->multiply(&weights, 0, rows / 2, &in, n_token, b);
    fast->multiply(&weights, rows / 2, rows - rows / 2, &in, n_token, b);
    assert_true(b[n_out] == 42);
    double size = 0, apart = 0;
    for (size_t i = 0; i < n_out; i++) {
        size += (double)a[i] * a[i];
        apart = fmax(apart, fabs((double)a[i] - b[i]));
    }
    if (!(apart <= 2e-5 * sqrt(size / (double)n_out) * sqrt((double)columns / 32 + 1)))
        fail_msg("%s %s %dx%d, %d tokens: %g apart", fast->name, tensor_format(type)->name,
                 (int)rows, (int)columns, n_token, apart);
    activations_free(&in);
    free(data);
    free(x);
    free(a);
    free(b);
}

static void products_agree_with_the_plain_kernel(void **state) {
    (void)state;
    static const int tokens[] = {1, 2, 3, 4, 5, 11, 33};
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        for (size_t i = 0; i < COUNT_OF(types); i++)
            for (size_t t = 0; t < COUNT_OF(tokens); t++) {
                int block = tensor_format(types[i])->block_values;
                compare_multiply(fast, types[i], 1, block == 1 ? 37 : block, tokens[t]);
                compare_multiply(fast, types[i], 45, block == 1 ? 71 : block * 3, tokens[t]);
                compare_multiply(fast, types[i], 34, block == 256 ? 1280 : 1056, tokens[t]);
            }
    }
}

static void extreme_integers_do_not_overflow(void **state) {
    (void)state;
    struct matrix weights = {TENSOR_Q8_0, 8, 32, NULL};
    uint8_t data[8 * 34];
    memset(data, 0x80, sizeof data); /* -128 everywhere */
    for (int i = 0; i < 8; i++)
        memcpy(data + i * 34, &(uint16_t){0x3c00}, 2);
    weights.data = data;
    float x[4 * 32], out[4 * 8];
    for (int i = 0; i < 4 * 32; i++)
        x[i] = -127;
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        struct activations in = quantised(fast, x, 32, 4);
        fast->multiply(&weights, 0, 8, &in, 4, out);
        for (int i = 0; i < 32; i++)
            assert_true(fabsf(out[i] - 128.F * 127 * 32) < 1);
        activations_free(&in);
    }
}

static void small_kernels_agree_with_the_plain_ones(void **state) {
    (void)state;
    enum { N = 331, HEAD = 88, STRIDE = 100, POSITIONS = 21 };
    struct random random;
    random_seed(&random, 5);
    static float x[N], y[N], a[N], b[N];
    static uint16_t half[STRIDE * POSITIONS], other[STRIDE * POSITIONS];
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        for (int i = 0; i < N; i++) {
            x[i] = 8 * random_float(&random);
            y[i] = random_float(&random);
        }
        memcpy(a, x, sizeof x), memcpy(b, x, sizeof x);
        kernels_plain.silu_multiply(a, y, N), fast->silu_multiply(b, y, N);
        for (int i = 0; i < N; i++)
            assert_true(fabsf(a[i] - b[i]) < 1e-5F);
        memcpy(a, x, sizeof x), memcpy(b, x, sizeof x);
        float sum = kernels_plain.exponentials(a, N, 8);
        assert_true(fabsf(sum - fast->exponentials(b, N, 8)) < 1e-4F * sum);
        for (int i = 0; i < N; i++)
            assert_true(fabsf(a[i] - b[i]) < 1e-5F);
        for (int i = 0; i + N <= STRIDE * POSITIONS; i += N)
            kernels_plain.floats_to_f16(x, half + i, N), fast->floats_to_f16(x, other + i, N);
        assert_memory_equal(half, other, sizeof half);
        kernels_plain.scores(y, half, STRIDE, POSITIONS, HEAD, 0.1F, a);
        fast->scores(y, half, STRIDE, POSITIONS, HEAD, 0.1F, b);
        for (int i = 0; i < POSITIONS; i++)
            assert_true(fabsf(a[i] - b[i]) < 1e-4F);
        memset(a, 0, sizeof a), memset(b, 0, sizeof b);
        kernels_plain.mix(y, half, STRIDE, POSITIONS, HEAD, a);
        fast->mix(y, half, STRIDE, POSITIONS, HEAD, b);
        for (int i = 0; i < HEAD; i++)
            assert_true(fabsf(a[i] - b[i]) < 1e-4F);
    }
}

static void blocks_read_as_computed_by_hand(void **state) {
    (void)state;
    uint8_t q4_1[20] = {0x00, 0x38, 0x00, 0xbc, 0xf3}; /* scale 0.5, minimum -1; 3 and 15 */
    float out[256];
    matrix_row(&(struct matrix){TENSOR_Q4_1, 1, 32, q4_1}, 0, out);
    assert_true(out[0] == 0.5F && out[16] == 6.5F && out[1] == -1);
    uint8_t q5_0[22] = {0x00, 0x3c, 0x01, 0, 0, 0x80, 0x02}; /* fifth bits of values 0 and 31 */
    matrix_row(&(struct matrix){TENSOR_Q5_0, 1, 32, q5_0}, 0, out);
    assert_true(out[0] == 2 && out[16] == -16 && out[31] == 0);
    uint8_t q4_k[144] = {0x00, 0x3c, 0x00, 0x3c, 0xc1}; /* scale 1 for group 0; top bits for 4 */
    q4_k[12] = 0x02; /* group 4: low four bits 2, top bits 3: 50; minimum 0 */
    q4_k[16] = 0x05, q4_k[16 + 64] = 0x07;
    matrix_row(&(struct matrix){TENSOR_Q4_K, 1, 256, q4_k}, 0, out);
    assert_true(out[0] == 5 && out[128] == 350 && out[32] == 0);
    uint8_t q6_k[210] = {0x21};
    q6_k[128] = 0x03, q6_k[192] = 2, q6_k[196] = 0xff, q6_k[209] = 0x3c;
    matrix_row(&(struct matrix){TENSOR_Q6_K, 1, 256, q6_k}, 0, out);
    assert_true(out[0] == 2 * (1 + 48 - 32) && out[1] == -64 && out[64] == -(2 - 32));
}

static void every_half_survives_the_way_to_float_and_back(void **state) {
    (void)state;
    for (int i = 0; i < 65536; i++) {
        uint16_t half = (uint16_t)i;
        if ((half & 0x7fff) <= 0x7c00)
            assert_int_equal(f16_from_float(float_from_f16(half)), half);
    }
}

static void attention_agrees_with_its_definition(void **state) {
    (void)state;
    enum { HEADS = 4, KV = 2, D = 24, FIRST = 290, TOKENS = 5, STRIDE = KV * D, ALL = 295 };
    static float q[TOKENS * HEADS * D], out[TOKENS * HEADS * D], weight[ALL];
    static uint16_t keys[ALL * STRIDE], values[ALL * STRIDE];
    struct random random;
    random_seed(&random, 9);
    for (size_t i = 0; i < COUNT_OF(q); i++)
        q[i] = 4 * random_float(&random);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        keys[i] = f16_from_float(random_float(&random));
        values[i] = f16_from_float(random_float(&random));
    }
    struct pool *pool = pool_new(2);
    for (int window = 0; window < 20; window += 13) {
        struct attention shape = {HEADS, KV, D, 0.5F, window};
        attend(pool, &shape, q, keys, values, STRIDE, FIRST, TOKENS, out);
        for (int t = 0; t < TOKENS; t++)
            for (int h = 0; h < HEADS; h++) {
                int to = FIRST + t + 1, from = window ? to - window : 0;
                const float *query = q + (t * HEADS + h) * D;
                for (int p = from; p < to; p++) {
                    weight[p] = 0;
                    for (int d = 0; d < D; d++)
                        weight[p] +=
                            0.5F * query[d] * float_from_f16(keys[p * STRIDE + h / 2 * D + d]);
                }
                softmax(weight + from, to - from);
                for (int d = 0; d < D; d++) {
                    float sum = 0;
                    for (int p = from; p < to; p++)
                        sum += weight[p] * float_from_f16(values[p * STRIDE + h / 2 * D + d]);
                    assert_true(fabsf(sum - out[(t * HEADS + h) * D + d]) < 1e-4F);
                }
            }
    }
    pool_free(pool);
}

static void products_in_one_call_agree_with_the_rows(void **state) {
    (void)state;
    enum { COLUMNS = 256, TOKENS = 9 };
    static float x[TOKENS * COLUMNS], a[TOKENS * 70], b[TOKENS * 33], row[COLUMNS];
    struct random random;
    random_seed(&random, 11);
    for (size_t i = 0; i < COUNT_OF(x); i++)
        x[i] = random_float(&random);
    uint8_t *first = random_weights(&random, TENSOR_Q6_K, 70 * 210);
    uint8_t *second = random_weights(&random, TENSOR_F16, 33 * 512);
    struct matrix m[] = {{TENSOR_Q6_K, 70, COLUMNS, first}, {TENSOR_F16, 33, COLUMNS, second}};
    struct product products[] = {{&m[0], a}, {&m[1], b}};
    struct pool *pool = pool_new(2);
    struct tensor_scratch *scratch = tensor_scratch_new(COLUMNS, TOKENS);
    matrix_multiply(pool, scratch, x, TOKENS, products, 2);
    for (int i = 0; i < 2; i++)
        for (int64_t r = 0; r < m[i].rows; r++)
            for (int t = 0; t < TOKENS; t++) {
                double sum = 0, size = 0;
                matrix_row(&m[i], r, row);
                for (int c = 0; c < COLUMNS; c++) {
                    sum += (double)row[c] * x[t * COLUMNS + c];
                    size += (double)row[c] * row[c];
                }
                assert_true(fabs(sum - products[i].out[t * m[i].rows + r]) < 0.02 * sqrt(size));
            }
    tensor_scratch_free(scratch);
    pool_free(pool);
    free(first);
    free(second);
}

static void bench(void) {
    const int tokens[] = {1, 64};
    printf("%-8s %-6s %7s %10s %10s  GMAC/s\n", "set", "type", "tokens", "fast", "plain");
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL && kernels_find(fast->name) == fast; s++)
        for (size_t i = 0; i < COUNT_OF(types); i++)
            for (size_t t = 0; t < COUNT_OF(tokens); t++) {
                struct random random;
                random_seed(&random, 1);
                struct matrix weights = {types[i], 256, 1536, NULL};
                uint8_t *data =
                    random_weights(&random, types[i], 256 * matrix_row_bytes(&weights));
                weights.data = data;
                float *x = must_alloc(64 * 1536, 4), *out = must_alloc(64 * 256, 4);
                struct activations in = quantised(&kernels_plain, x, 1536, 64);
                const struct kernels *both[] = {fast, &kernels_plain};
                double speed[2];
                for (int k = 0; k < 2; k++) {
                    double start = clock_seconds(), seconds = 0;
                    int n = 0;
                    for (; seconds < 0.05; n++, seconds = clock_seconds() - start)
                        both[k]->multiply(&weights, 0, 256, &in, tokens[t], out);
                    speed[k] = 256e-9 * 1536 * tokens[t] * n / seconds;
                }
                printf("%-8s %-6s %7d %10.2f %10.2f\n", fast->name, tensor_format(types[i])->name,
                       tokens[t], speed[0], speed[1]);
                activations_free(&in);
                free(data), free(x), free(out);
            }
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "bench")) {
        bench();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_the_plain_kernel),
        cmocka_unit_test(extreme_integers_do_not_overflow),
        cmocka_unit_test(small_kernels_agree_with_the_plain_ones),
        cmocka_unit_test(attention_agrees_with_its_definition),
        cmocka_unit_test(products_in_one_call_agree_with_the_rows),
        cmocka_unit_test(blocks_read_as_computed_by_hand),
        cmocka_unit_test(every_half_survives_the_way_to_float_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
