/* Promises of products of floats: each against the sum written out in doubles. */
#include "tensor/float_blocks.h"
#include "weights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct float_blocks float_blocks_pairs; /* emulated: see meson.build */

static void *random_values(struct random *random, int64_t n, bool bf16) {
    float *values = malloc((size_t)n * sizeof *values);
    uint16_t *halves = malloc((size_t)n * sizeof *halves);
    for (int64_t i = 0; i < n; i++) {
        values[i] = random_float(random);
        halves[i] = bf16_from_float(values[i]);
    }
    void *kept = bf16 ? (void *)halves : (void *)values,
         *other = bf16 ? (void *)values : (void *)halves;
    free(other);
    return kept;
}

static struct operand operand(const void *data, bool bf16, int64_t rows, int64_t columns,
                              bool turned) {
    return (struct operand){data, bf16 ? TENSOR_BF16 : TENSOR_F32, turned ? 1 : columns,
                            turned ? rows : 1};
}

static double exact(const struct operand *o, int64_t i, int64_t j) {
    int64_t at = i * o->row_stride + j * o->column_stride;
    return (double)(o->type == TENSOR_F32 ? ((const float *)o->data)[at]
                                          : float_from_bf16(((const uint16_t *)o->data)[at]));
}

static double value(const struct float_product *product, const struct operand *o, int64_t i,
                    int64_t j) {
    float value = (float)exact(o, i, j);
    return (double)(product->rounds ? float_from_bf16(bf16_from_float(value)) : value);
}

static void try_one(struct random *random, struct float_scratch *alone,
                    struct float_scratch *together, int64_t rows, int64_t columns, int64_t depth,
                    int kind) {
    bool bf16 = kind & 4, adds = kind & 8;
    void *left = random_values(random, rows * depth, bf16);
    void *right = random_values(random, depth * columns, bf16);
    int64_t stride = columns + 3, n = rows * stride;
    float *before = random_values(random, n, false), *out = malloc((size_t)n * sizeof *out);
    float *again = malloc((size_t)n * sizeof *again);
    memcpy(out, before, (size_t)n * sizeof *out);
    memcpy(again, before, (size_t)n * sizeof *out);
    struct float_product product = {rows,
                                    columns,
                                    depth,
                                    operand(left, bf16, rows, depth, kind & 1),
                                    operand(right, bf16, depth, columns, kind & 2),
                                    out,
                                    stride,
                                    0.5F,
                                    adds,
                                    kind & 16};
    float_multiply(alone, &product);
    product.out = again;
    float_multiply(together, &product);
    assert_memory_equal(out, again, (size_t)n * sizeof *out);
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
            double sum = 0, size = 1;
            for (int64_t k = 0; k < depth; k++) {
                double term =
                    value(&product, &product.left, i, k) * value(&product, &product.right, k, j);
                sum += term;
                size += fabs(term);
            }
            double right_one = 0.5 * sum + (adds ? (double)before[i * stride + j] : 0);
            if (fabs((double)out[i * stride + j] - right_one) > 1e-6 * size)
                fail_msg("%lld × %lld × %lld, kind %d: [%lld][%lld] is %g, not %g",
                         (long long)rows, (long long)columns, (long long)depth, kind, (long long)i,
                         (long long)j, (double)out[i * stride + j], right_one);
        }
        for (int64_t j = columns; j < stride; j++) /* beside the matrix nothing is written */
            assert_true(out[i * stride + j] == before[i * stride + j]);
    }
    free(left);
    free(right);
    free(before);
    free(out);
    free(again);
}

static void products_are_the_sums_they_say_on_any_number_of_threads(void **state) {
    static const int64_t shapes[][3] = {{1, 1, 1},     {5, 3, 7},     {6, 16, 64},
                                        {7, 17, 65},   {29, 33, 321}, {150, 40, 20},
                                        {13, 90, 700}, {301, 65, 33}};
    struct random random;
    struct pool *pool = pool_new(3);
    struct float_scratch *alone = float_scratch_new(NULL, NULL);
    struct float_scratch *together = float_scratch_new(pool, NULL);
    (void)state;
    random_seed(&random, 1);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int kind = 0; kind < 32; kind++)
            try_one(&random, alone, together, shapes[s][0], shapes[s][1], shapes[s][2], kind);
    try_one(&random, alone, together, 3, 3100, 5, 2); /* more columns than are packed at once */
    float_scratch_free(alone);
    float_scratch_free(together);
    pool_free(pool);
}

/* Panels of pairs, as AVX512-BF16 takes them, against rounded floats: the same bits. */
static void pairs_of_bf16_are_rounded_floats_to_the_bit(void **state) {
    const struct float_blocks *floats = &float_blocks_plain, *pairs = &float_blocks_pairs;
    struct random random;
    (void)state;
    random_seed(&random, 2);
    assert_int_equal(floats->width, pairs->width);
    assert_true(pairs->pairs && !floats->pairs);
    for (int64_t depth = 1; depth < 70; depth += depth < 8 ? 1 : 7) {
        float *left = random_values(&random, depth * 6, false);
        float *right = random_values(&random, depth * 8, false);
        float panels[2][70 * 8], out[2][6 * 8];
        struct operand a = operand(left, false, 6, depth, false);
        struct operand b = operand(right, false, depth, 8, false);
        left[0] = 1e-39F; /* too small for both */
        for (int i = 0; i < 2; i++) {
            const struct float_blocks *blocks = i ? pairs : floats;
            blocks->pack_left(&a, true, 0, 6, 0, depth, panels[0]);
            blocks->pack_right(&b, true, 0, 8, 0, depth, panels[1]);
            blocks->multiply(panels[0], panels[1], depth, 1, false, out[i], 8);
        }
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        free(left);
        free(right);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_the_sums_they_say_on_any_number_of_threads),
        cmocka_unit_test(pairs_of_bf16_are_rounded_floats_to_the_bit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
