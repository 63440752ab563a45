/* Promises of Muon's step: it is that of its paper, worked out plainly in doubles, for matrices
 * higher than wide, wider than high and square; and the same bits on any number of threads. */
#include "train/muon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 70, STEPS = 3 };
static const struct adam_step usual = {.rate = 0.05F, .decay = 0.1F, .scale = 0.5F};

static struct parameter make_parameter(int64_t rows, int64_t columns, uint64_t seed) {
    struct parameter p = {.rows = rows, .columns = columns};
    struct random random;
    random_seed(&random, seed);
    p.value = must_alloc((size_t)(rows * columns), sizeof(float));
    p.gradient = must_alloc((size_t)(rows * columns), sizeof(float));
    p.first = must_alloc((size_t)(rows * columns), sizeof(float));
    for (int64_t i = 0; i < rows * columns; i++)
        p.value[i] = (float)(random_unit(&random) - 0.5);
    return p;
}

static void free_parameter(struct parameter *p) {
    free(p->value);
    free(p->gradient);
    free(p->first);
}

static void draw_gradient(struct parameter *p, int step) {
    struct random random;
    random_seed(&random, (uint64_t)step + 100);
    for (int64_t i = 0; i < p->rows * p->columns; i++)
        p->gradient[i] = (float)((random_unit(&random) - 0.5) * (double)(i % 7 + 1));
}

/* X := aX + (bA + cA²)X with A = XXᵀ, five times, from the matrix over its norm. */
static void plain_orthogonal(double *x, int64_t n, int64_t m) {
    static double square[ROWS][ROWS], mix[ROWS][ROWS], next[ROWS * ROWS];
    double sum = 0;
    for (int64_t i = 0; i < n * m; i++)
        sum += x[i] * x[i];
    for (int64_t i = 0; i < n * m; i++)
        x[i] /= sqrt(sum);
    for (int time = 0; time < 5; time++) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                square[i][j] = 0;
                for (int64_t k = 0; k < m; k++)
                    square[i][j] += x[i * m + k] * x[j * m + k];
            }
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                mix[i][j] = -4.7750 * square[i][j];
                for (int64_t k = 0; k < n; k++)
                    mix[i][j] += 2.0315 * square[i][k] * square[k][j];
            }
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < m; j++) {
                next[i * m + j] = 3.4445 * x[i * m + j];
                for (int64_t k = 0; k < n; k++)
                    next[i * m + j] += mix[i][k] * x[k * m + j];
            }
        memcpy(x, next, (size_t)(n * m) * sizeof *x);
    }
}

/* Always in the matrix's own shape: the product is the same from either side. */
static void plain_step(const struct parameter *p, double *value, double *momentum) {
    static double x[ROWS * ROWS];
    for (int64_t i = 0; i < p->rows * p->columns; i++) {
        double gradient = (double)p->gradient[i] * 0.5;
        momentum[i] = 0.95 * momentum[i] + gradient;
        x[i] = gradient + 0.95 * momentum[i];
    }
    plain_orthogonal(x, p->rows, p->columns);
    double longer = (double)(p->rows > p->columns ? p->rows : p->columns);
    for (int64_t i = 0; i < p->rows * p->columns; i++)
        value[i] = value[i] * (1 - 0.05 * 0.1) - 0.05 * 0.2 * sqrt(longer) * x[i];
}

static void a_step_is_that_of_its_paper(void **state) {
    static const int64_t shapes[][2] = {{12, ROWS}, {ROWS, 12}, {33, 33}, {2, 3}};
    static double value[ROWS * ROWS], momentum[ROWS * ROWS];
    (void)state;
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        struct parameter p = make_parameter(shapes[s][0], shapes[s][1], s);
        struct fault fault = {0};
        struct muon *muon = muon_new(&p, 1, NULL, false, &fault);
        int64_t n = p.rows * p.columns;
        assert_non_null(muon);
        memset(momentum, 0, sizeof momentum);
        for (int64_t i = 0; i < n; i++)
            value[i] = (double)p.value[i];
        for (int step = 0; step < STEPS; step++) {
            draw_gradient(&p, step);
            plain_step(&p, value, momentum);
            muon_step(muon, &p, &usual);
        }
        double apart = 0, whole = 0;
        for (int64_t i = 0; i < n; i++) {
            assert_true(p.gradient[i] == 0);
            apart += ((double)p.value[i] - value[i]) * ((double)p.value[i] - value[i]);
            whole += value[i] * value[i];
        }
        if (!(sqrt(apart / whole) < 1e-5))
            fail_msg("%d × %d: %g apart", (int)p.rows, (int)p.columns, sqrt(apart / whole));
        muon_free(muon);
        free_parameter(&p);
    }
}

static void the_bits_are_the_same_on_any_number_of_threads(void **state) {
    static const int n_thread[] = {1, 2, 5};
    float *first = NULL;
    (void)state;
    for (size_t t = 0; t < COUNT_OF(n_thread); t++) {
        struct pool *pool = pool_new(n_thread[t]);
        struct parameter p = make_parameter(300, 170, 1);
        struct fault fault = {0};
        struct muon *muon = muon_new(&p, 1, pool, false, &fault);
        assert_non_null(muon);
        draw_gradient(&p, 1);
        muon_step(muon, &p, &usual);
        if (first)
            assert_memory_equal(first, p.value, 300 * 170 * sizeof *first);
        else
            memcpy(first = must_alloc(300 * 170, sizeof *first), p.value,
                   300 * 170 * sizeof *first);
        muon_free(muon);
        free_parameter(&p);
        pool_free(pool);
    }
    free(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_that_of_its_paper),
        cmocka_unit_test(the_bits_are_the_same_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
