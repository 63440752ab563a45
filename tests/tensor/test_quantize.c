/* Promises of the quantisers: what comes back is as near as the format allows, what was on the
 * format's grid comes back as it was, and every instruction set writes the same bits. */
#include "tensor/quantize.h"
#include "tensor/kernels.h"
#include "weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 256 * 64 };

/* Sum of three uniform numbers: a bell, as weights are. */
static void fill_bell(struct random *random, float *x, size_t n, float middle, float size) {
    for (size_t i = 0; i < n; i++)
        x[i] = middle +
               size * (random_float(random) + random_float(random) + random_float(random)) / 3;
}

static size_t bytes_for(enum tensor_type type, int64_t n) {
    return matrix_row_bytes(&(struct matrix){type, 1, n, NULL});
}

/* Quantised and read back into y. */
static void there_and_back(enum tensor_type type, const float *x, int64_t n, float *y) {
    size_t size = bytes_for(type, n);
    uint8_t *blocks = must_alloc(size + 1, 1);
    blocks[size] = 42;
    quantise_weights(type, x, n, blocks);
    assert_int_equal(blocks[size], 42);
    matrix_row(&(struct matrix){type, 1, n, blocks}, 0, y);
    free(blocks);
}

static double relative_error(const float *x, const float *y, size_t n) {
    double squares = 0, errors = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (double)x[i] * (double)x[i];
        errors += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    }
    return sqrt(errors / squares);
}

/* ------------------------------------------------------------------------------------ bounds */

/* In each run of values that share a scale no value is farther from its integer than half a step
 * of the plain scale, range / integers, wherever the search may put it: what the search saves in
 * the mean square, it may spend on single values, so that the mean square is bounded and each
 * value by a step. */
static void errors_stay_within_what_the_format_allows(void **state) {
    (void)state;
    static const struct {
        enum tensor_type type;
        int run, steps; /* values of a scale; steps from the least to the largest value */
        bool symmetric; /* the range is that of ±the largest size */
        double slack;   /* for scales that are rounded to 6 or 8 bits */
    } table[] = {
        {TENSOR_Q4_0, 32, 15, true, 1},    {TENSOR_Q4_1, 32, 15, false, 1},
        {TENSOR_Q5_0, 32, 31, true, 1},    {TENSOR_Q5_1, 32, 31, false, 1},
        {TENSOR_Q8_0, 32, 254, true, 1},   {TENSOR_Q4_K, 32, 15, false, 1.3},
        {TENSOR_Q5_K, 32, 31, false, 1.3}, {TENSOR_Q6_K, 16, 63, true, 1.1},
    };
    struct random random;
    random_seed(&random, 7);
    float *x = must_alloc(N, sizeof *x), *y = must_alloc(N, sizeof *y);
    for (size_t t = 0; t < COUNT_OF(table); t++) {
        fill_bell(&random, x, N, 0.01F, 0.3F);
        there_and_back(table[t].type, x, N, y);
        for (size_t i = 0; i < N; i += (size_t)table[t].run) {
            float least = x[i], most = x[i];
            double errors = 0, n = table[t].run;
            for (size_t k = i; k < i + (size_t)table[t].run; k++) {
                least = fminf(least, x[k]);
                most = fmaxf(most, x[k]);
            }
            float reach = fmaxf(-least, most);
            double step = (double)(table[t].symmetric ? 2 * reach : most - least);
            step = step / table[t].steps * table[t].slack;
            for (size_t k = i; k < i + (size_t)table[t].run; k++) {
                double apart = fabs((double)x[k] - (double)y[k]);
                if (!(apart <= 1.5 * step))
                    fail_msg("%s: %zu: %g and %g, a step is %g",
                             tensor_format(table[t].type)->name, k, (double)x[k], (double)y[k],
                             step);
                errors += apart * apart;
            }
            if (!(errors / n <= step * step / 4))
                fail_msg("%s: run at %zu: mean square %g, step %g",
                         tensor_format(table[t].type)->name, i, errors / n, step);
        }
    }
    free(x);
    free(y);
}

static void floats_are_rounded_to_the_nearest(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 8);
    float x[999], y[999];
    fill_bell(&random, x, 999, 0, 100);
    there_and_back(TENSOR_F32, x, 999, y);
    assert_memory_equal(x, y, sizeof x);
    there_and_back(TENSOR_F16, x, 999, y);
    for (int i = 0; i < 999; i++)
        assert_true(fabsf(x[i] - y[i]) <= fmaxf(fabsf(x[i]) * 0x1p-11F, 0x1p-25F));
    there_and_back(TENSOR_BF16, x, 999, y);
    for (int i = 0; i < 999; i++)
        assert_true(fabsf(x[i] - y[i]) <= fabsf(x[i]) * 0x1p-8F);
}

/* ------------------------------------------------------------------- better than without search
 */

/* The least that a quantiser must beat: the scale and minimum that just reach the extremes. */
static double plain_error(const float *x, size_t n, int steps, bool symmetric) {
    double squares = 0, errors = 0;
    for (size_t i = 0; i < n; i += 32) {
        float least = x[i], most = x[i];
        for (size_t k = i; k < i + 32; k++) {
            least = fminf(least, x[k]);
            most = fmaxf(most, x[k]);
        }
        if (symmetric)
            least = -(most = fmaxf(-least, most));
        float step = (most - least) / (float)steps;
        for (size_t k = i; k < i + 32; k++) {
            double apart = (double)(x[k] - least - step * roundf((x[k] - least) / step));
            squares += (double)x[k] * (double)x[k];
            errors += apart * apart;
        }
    }
    return sqrt(errors / squares);
}

static void the_search_beats_the_scale_of_the_extremes(void **state) {
    (void)state;
    static const struct {
        enum tensor_type type;
        int steps;
        bool symmetric;
        double share; /* of the plain error that may be left */
    } table[] = {
        {TENSOR_Q4_0, 15, true, 0.9},   {TENSOR_Q4_1, 15, false, 0.93},
        {TENSOR_Q5_0, 31, true, 0.93},  {TENSOR_Q5_1, 31, false, 0.93},
        {TENSOR_Q8_0, 254, true, 0.95}, {TENSOR_Q4_K, 15, false, 0.97},
        {TENSOR_Q5_K, 31, false, 1},
    };
    struct random random;
    random_seed(&random, 9);
    float *x = must_alloc(N, sizeof *x), *y = must_alloc(N, sizeof *y);
    fill_bell(&random, x, N, 0, 0.05F);
    for (size_t t = 0; t < COUNT_OF(table); t++) {
        there_and_back(table[t].type, x, N, y);
        double error = relative_error(x, y, N);
        double plain = plain_error(x, N, table[t].steps, table[t].symmetric);
        if (!(error <= table[t].share * plain))
            fail_msg("%s: %g, without a search %g", tensor_format(table[t].type)->name, error,
                     plain);
    }
    free(x);
    free(y);
}

/* Weights that were once in a format and are floats now: next to nothing more is lost. */
static void what_was_on_the_grid_comes_back(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 10);
    float *x = must_alloc(N, sizeof *x), *once = must_alloc(N, sizeof *x);
    float *twice = must_alloc(N, sizeof *x);
    fill_bell(&random, x, N, 0, 0.05F);
    for (int t = 0; t < N_TYPE; t++) {
        there_and_back(all_types[t], x, N, once);
        there_and_back(all_types[t], once, N, twice);
        double first = relative_error(x, once, N), second = relative_error(once, twice, N);
        if (!(second <= 0.2 * first))
            fail_msg("%s: first %g, then %g", tensor_format(all_types[t])->name, first, second);
    }
    free(x);
    free(once);
    free(twice);
}

/* ------------------------------------------------------------------------------- strange input */

static void blocks_of_one_value_come_back(void **state) {
    (void)state;
    static const float values[] = {0, 1, -1, 0.3333F, -2e-3F, 60000, -60000};
    float x[256], y[256];
    for (int t = 0; t < N_TYPE; t++)
        for (size_t v = 0; v < COUNT_OF(values); v++) {
            for (int i = 0; i < 256; i++)
                x[i] = values[v];
            there_and_back(all_types[t], x, 256, y);
            for (int i = 0; i < 256; i++)
                if (!(fabsf(x[i] - y[i]) <= 0.01F * fabsf(x[i])))
                    fail_msg("%s: %g became %g", tensor_format(all_types[t])->name, (double)x[i],
                             (double)y[i]);
        }
}

static void one_large_value_among_zeros_comes_back(void **state) {
    (void)state;
    for (int t = 0; t < N_TYPE; t++)
        for (int at = 0; at < 256; at += 37)
            for (int sign = -1; sign <= 1; sign += 2) {
                float x[256] = {0}, y[256];
                x[at] = (float)sign * 1000;
                there_and_back(all_types[t], x, 256, y);
                for (int i = 0; i < 256; i++)
                    if (!(fabsf(x[i] - y[i]) <= 10))
                        fail_msg("%s: %g became %g", tensor_format(all_types[t])->name,
                                 (double)x[i], (double)y[i]);
            }
}

static void values_too_small_for_a_scale_come_back_small(void **state) {
    (void)state;
    static const float sizes[] = {1e-5F, 1e-8F, 1e-20F, 1e-38F, 1e-44F};
    struct random random;
    random_seed(&random, 11);
    float x[256], y[256];
    for (int t = 0; t < N_TYPE; t++)
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            fill_bell(&random, x, 256, 0, sizes[s]);
            there_and_back(all_types[t], x, 256, y);
            for (int i = 0; i < 256; i++)
                assert_true(isfinite(y[i]) && fabsf(y[i]) <= 4 * sizes[s] + 1e-5F);
        }
}

/* -------------------------------------------------------------------------------- same bits */

static void compare_tries(const struct searches *fast, const struct run *run,
                          const struct tries *from) {
    void (*const which[][2])(const struct run *, struct tries *) = {
        {searches_plain.refit_scale, fast->refit_scale},
        {searches_plain.refit_line, fast->refit_line},
        {searches_plain.weigh, fast->weigh},
    };
    for (size_t i = 0; i < COUNT_OF(which); i++) {
        struct tries a = *from, b = *from;
        which[i][0](run, &a);
        which[i][1](run, &b);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void every_instruction_set_finds_the_same_bits(void **state) {
    (void)state;
    const struct searches *sets[2] = {NULL, NULL};
#if defined(__x86_64__)
    sets[0] = kernels_find("avx2") ? &searches_avx2 : NULL;
    sets[1] = kernels_find("avx512") ? &searches_avx512 : NULL;
#endif
    struct random random;
    random_seed(&random, 12);
    float x[32], weight[32];
    for (int round = 0; round < 2000; round++) {
        struct tries tries = {0};
        fill_bell(&random, x, 32, random_float(&random), round % 10 ? 1 : 1e-30F);
        for (int i = 0; i < 32; i++)
            weight[i] = random_float(&random) + 1;
        for (int i = 0; i < TRIES; i++) {
            tries.scale[i] = i ? random_float(&random) / 8 : 0;
            tries.minimum[i] = random_float(&random);
        }
        struct run run = {x, weight, round % 2 ? 32 : 16, round % 3 ? 0 : -16, 15};
        for (int s = 0; s < 2; s++)
            if (sets[s])
                compare_tries(sets[s], &run, &tries);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_stay_within_what_the_format_allows),
        cmocka_unit_test(floats_are_rounded_to_the_nearest),
        cmocka_unit_test(the_search_beats_the_scale_of_the_extremes),
        cmocka_unit_test(what_was_on_the_grid_comes_back),
        cmocka_unit_test(blocks_of_one_value_come_back),
        cmocka_unit_test(one_large_value_among_zeros_comes_back),
        cmocka_unit_test(values_too_small_for_a_scale_come_back_small),
        cmocka_unit_test(every_instruction_set_finds_the_same_bits),
    };
    return cmocka_run_group_tests_name("quantize", tests, NULL, NULL);
}
