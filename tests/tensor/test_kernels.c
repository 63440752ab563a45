/* Every fast kernel against the plain one over random data: those that this processor runs, and
 * all of them with emulated intrinsics. Then each is timed beside the plain one, in the same run.
 */
#include "tensor/kernels.h"
#include "tensor/pack.h"
#include "weights.h"

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

static void fill(struct random *random, float *x, size_t n, float size) {
    for (size_t i = 0; i < n; i++)
        x[i] = size * random_float(random);
}

static void assert_near(const float *a, const float *b, size_t n, double apart) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - b[i]) <= apart))
            fail_msg("%zu of %zu: %g and %g", i, n, a[i], b[i]);
}

static struct activations quantised(const struct kernels *kernels, const float *x, int64_t columns,
                                    int n_token) {
    size_t n = (size_t)(n_token * columns);
    struct activations in = {columns, x, must_alloc(n + 1, 1),
                             must_alloc(n, sizeof(struct block_scale))};
    if (columns % 32 == 0)
        kernels->quantise(x, n_token * columns, in.integer, in.scale);
    return in;
}

static void activations_free(struct activations *in) {
    free(in->integer);
    free(in->scale);
}

/* -------------------------------------------------------------------------------- products */

/* The weights as the kernels want them; the caller frees the data. */
static struct matrix packed(const struct kernels *kernels, const struct matrix *from) {
    struct matrix to = *from;
    size_t panel = matrix_row_bytes(from) * (size_t)kernels->lanes;
    int64_t n = (from->rows + kernels->lanes - 1) / kernels->lanes;
    int64_t n_block = from->columns / tensor_format(from->type)->block_values;
    uint8_t *data = must_alloc((size_t)n * panel + 1, 1);
    for (int64_t i = 0; i < n; i++)
        pack_panel(from, kernels->lanes, i * kernels->lanes, 0, n_block, data + (size_t)i * panel);
    to.data = data;
    to.packed = kernels->lanes;
    return to;
}

static void assert_same_products(const struct kernels *fast, const struct matrix *weights,
                                 const struct activations *in, int n_token, const float *wanted) {
    int64_t rows = weights->rows, half = rows / 2 / fast->row_tile * fast->row_tile;
    size_t n = (size_t)(n_token * rows);
    float *out = must_alloc(n + 1, 4);
    out[n] = 42;
    fast->multiply(weights, 0, half, in, n_token, out);
    fast->multiply(weights, half, rows - half, in, n_token, out);
    assert_true(out[n] == 42);
    for (size_t i = 0; i < n; i++)
        if (memcmp(&out[i], &wanted[i], 4))
            fail_msg("%s %s %dx%d, %s, %d tokens: row %d of token %d is %.9g, not %.9g",
                     fast->name, tensor_format(weights->type)->name, (int)rows,
                     (int)weights->columns, weights->packed ? "packed" : "as in the file", n_token,
                     (int)(i % (size_t)rows), (int)(i / (size_t)rows), (double)out[i],
                     (double)wanted[i]);
    free(out);
}

static void compare_multiply(enum tensor_type type, int64_t rows, int64_t columns) {
    static const int tokens[] = {1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 14, 16, 33, 129, 130, 133};
    enum { MOST = 133 }; /* a few more than meet a tile at once */
    struct random random;
    random_seed(&random, (uint64_t)(type * 1000 + rows + columns));
    struct matrix weights = random_matrix(&random, type, rows, columns);
    size_t n = (size_t)(MOST * columns);
    float *x = must_alloc(n, 4), *wanted = must_alloc((size_t)(MOST * rows), 4);
    for (size_t i = 0; i < n; i++)
        x[i] = i % 7 ? random_float(&random) : 1; /* 1 is the largest: integers reach 127 */
    struct activations in = quantised(&kernels_plain, x, columns, MOST);
    kernels_plain.multiply(&weights, 0, rows, &in, MOST, wanted);
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        struct matrix other = packed(fast, &weights);
        for (size_t t = 0; t < COUNT_OF(tokens); t++) {
            assert_same_products(fast, &other, &in, tokens[t], wanted);
            assert_same_products(fast, &weights, &in, tokens[t], wanted);
        }
        free((void *)(uintptr_t)other.data);
    }
    activations_free(&in);
    free((void *)(uintptr_t)weights.data);
    free(x);
    free(wanted);
}

static void products_are_the_same_to_the_bit_whatever_computes_them(void **state) {
    (void)state;
    for (int i = 0; i < N_TYPE; i++) {
        int block = tensor_format(all_types[i])->block_values;
        compare_multiply(all_types[i], 1, block == 1 ? 37 : block);
        compare_multiply(all_types[i], 150, block == 1 ? 16 : block); /* four panels, and two */
        compare_multiply(all_types[i], 45, block == 1 ? 71 : block * 3);
        compare_multiply(all_types[i], 34, block == 256 ? 1280 : 1056);
        compare_multiply(all_types[i], 64, block == 256 ? 512 : 608);
    }
}

static void packed_rows_read_as_they_were(void **state) {
    (void)state;
    enum { ROWS = 21, COLUMNS = 512 };
    static float a[COLUMNS], b[COLUMNS];
    struct random random;
    random_seed(&random, 9);
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++)
        for (int i = 0; i < N_TYPE; i++) {
            struct matrix weights = random_matrix(&random, all_types[i], ROWS, COLUMNS);
            struct matrix other = packed(fast, &weights);
            for (int row = 0; row < ROWS; row++) {
                matrix_row(&weights, row, a);
                matrix_row(&other, row, b);
                assert_memory_equal(a, b, sizeof a);
            }
            free((void *)(uintptr_t)weights.data);
            free((void *)(uintptr_t)other.data);
        }
}

/* Every integer the largest there is, scale 1 and no minimum. */
static struct matrix largest_matrix(enum tensor_type type, int64_t rows, int64_t columns) {
    struct matrix matrix = {type, rows, columns, NULL};
    size_t n = (size_t)rows * matrix_row_bytes(&matrix);
    size_t step = (size_t)tensor_format(type)->block_bytes, scale = type == TENSOR_Q6_K ? 208 : 0;
    uint8_t *data = must_alloc(n, 1);
    memset(data, type == TENSOR_Q8_0 ? 0x80 : 0xff, n);
    for (size_t at = 0; at < n; at += step) {
        memcpy(data + at + scale, (uint8_t[]){0x00, 0x3c}, 2);
        if (type == TENSOR_Q4_1 || type == TENSOR_Q5_1 || type == TENSOR_Q4_K ||
            type == TENSOR_Q5_K)
            memset(data + at + 2, 0, 2);
    }
    matrix.data = data;
    return matrix;
}

static void extreme_integers_do_not_overflow(void **state) {
    (void)state;
    enum { ROWS = 17, COLUMNS = 256, TOKENS = 13 };
    static float x[TOKENS * COLUMNS], wanted[TOKENS * ROWS];
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++)
        for (int i = 0; i < N_TYPE; i++)
            for (int sign = -1; sign < 2; sign += 2) {
                if (!tensor_format(all_types[i])->unpack)
                    continue;
                struct matrix weights = largest_matrix(all_types[i], ROWS, COLUMNS);
                for (int k = 0; k < TOKENS * COLUMNS; k++)
                    x[k] = (float)(sign * 127);
                struct activations in = quantised(&kernels_plain, x, COLUMNS, TOKENS);
                kernels_plain.multiply(&weights, 0, ROWS, &in, TOKENS, wanted);
                assert_same_products(fast, &weights, &in, 1, wanted);
                assert_same_products(fast, &weights, &in, TOKENS, wanted);
                activations_free(&in);
                free((void *)(uintptr_t)weights.data);
            }
}

static void quantisation_is_the_same_to_the_bit(void **state) {
    (void)state;
    enum { N = 32 * 37 };
    static float x[N];
    struct random random;
    random_seed(&random, 4);
    fill(&random, x, N, 3);
    memset(x + 64, 0, 32 * sizeof *x); /* a block of nothing */
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        struct activations a = quantised(&kernels_plain, x, N, 1), b = quantised(fast, x, N, 1);
        assert_memory_equal(a.integer, b.integer, N);
        assert_memory_equal(a.scale, b.scale, N / 32 * sizeof *a.scale);
        activations_free(&a);
        activations_free(&b);
    }
}

/* ------------------------------------------------------------------------------ everything else
 */

enum { N = 331 };

static void values_agree_with_the_plain_kernels(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    static float x[N], y[N], a[N], b[N];
    static uint16_t half[N], other[N];
    const struct kernels *fast;
    for (int s = 0; (fast = fast_kernels(s)) != NULL; s++) {
        fill(&random, x, N, 8);
        fill(&random, y, N, 1);
        memcpy(a, x, sizeof x), memcpy(b, x, sizeof x);
        kernels_plain.silu_multiply(a, y, N), fast->silu_multiply(b, y, N);
        assert_near(a, b, N, 1e-5);
        memcpy(a, x, sizeof x), memcpy(b, x, sizeof x);
        float sum = kernels_plain.exponentials(a, N, 8), same = fast->exponentials(b, N, 8);
        assert_near(&sum, &same, 1, 1e-4 * (double)sum);
        assert_near(a, b, N, 1e-5);
        kernels_plain.floats_to_f16(x, half, N), fast->floats_to_f16(x, other, N);
        assert_memory_equal(half, other, sizeof half);
    }
}

/* ----------------------------------------------------------------------------------- speeds */

struct work {
    struct matrix weights;
    struct activations in;
    int n_token;
    float *x, *out;
};

static void do_multiply(const struct kernels *kernels, struct work *work) {
    kernels->multiply(&work->weights, 0, work->weights.rows, &work->in, work->n_token, work->out);
}

static void do_quantise(const struct kernels *kernels, struct work *work) {
    kernels->quantise(work->x, 4096, work->in.integer, work->in.scale);
}

static void do_silu(const struct kernels *kernels, struct work *work) {
    memcpy(work->out, work->x, 4096 * 4);
    kernels->silu_multiply(work->out, work->x, 4096);
}

static void do_to_f16(const struct kernels *kernels, struct work *work) {
    kernels->floats_to_f16(work->x, (uint16_t *)(void *)work->out, 4096);
}

/* The best of several runs, in seconds. */
static double time_of(void (*run)(const struct kernels *, struct work *),
                      const struct kernels *kernels, struct work *work) {
    double best = INFINITY, start = clock_seconds(), end = start;
    for (int i = 0; i < 3 || (i < 1000 && end - start < 1e-3); i++) {
        double before = clock_seconds();
        run(kernels, work);
        end = clock_seconds();
        best = end - before < best ? end - before : best;
    }
    return best;
}

static void print_speed(const char *name, int n_token, struct work *work,
                        void (*run)(const struct kernels *, struct work *)) {
    static const char *const sets[] = {"avx2", "avx512"};
    double plain = time_of(run, &kernels_plain, work);
    printf("# %-16s %4d %10.2f", name, n_token, plain * 1e6);
    for (size_t s = 0; s < COUNT_OF(sets); s++)
        if (kernels_find(sets[s])) {
            double fast = time_of(run, kernels_find(sets[s]), work);
            printf("  %6s %8.2f x%-6.1f", sets[s], fast * 1e6, plain / fast);
        }
    printf("\n");
}

static void print_speeds(void) {
    struct random random;
    random_seed(&random, 1);
    static float x[32 * 1024], out[32 * 1024];
    fill(&random, x, COUNT_OF(x), 1);
    printf("# %-16s %4s %10s  and how many times as fast are\n", "microseconds", "n", "plain");
    static const int tokens[] = {1, 16};
    for (int i = 0; i < N_TYPE; i++)
        for (size_t t = 0; t < COUNT_OF(tokens); t++) {
            struct work work = {.weights = random_matrix(&random, all_types[i], 64, 1024),
                                .in = quantised(&kernels_plain, x, 1024, 16),
                                .n_token = tokens[t],
                                .x = x,
                                .out = out};
            print_speed(tensor_format(all_types[i])->name, tokens[t], &work, do_multiply);
            activations_free(&work.in);
            free((void *)(uintptr_t)work.weights.data);
        }
    static const struct {
        const char *name;
        void (*run)(const struct kernels *, struct work *);
    } others[] = {
        {"quantise", do_quantise},
        {"silu_multiply", do_silu},
        {"floats_to_f16", do_to_f16},
    };
    struct work work = {.weights = random_matrix(&random, TENSOR_F16, 128, 64),
                        .in = quantised(&kernels_plain, x, 4096, 1),
                        .x = x,
                        .out = out};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        print_speed(others[i].name, 1, &work, others[i].run);
    activations_free(&work.in);
    free((void *)(uintptr_t)work.weights.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_the_same_to_the_bit_whatever_computes_them),
        cmocka_unit_test(packed_rows_read_as_they_were),
        cmocka_unit_test(extreme_integers_do_not_overflow),
        cmocka_unit_test(quantisation_is_the_same_to_the_bit),
        cmocka_unit_test(values_agree_with_the_plain_kernels),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    print_speeds();
    return failed;
}
