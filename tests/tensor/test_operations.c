/* What the door of this room promises, against its definitions in double precision. Runs once
 * with each instruction set. */
#include "tensor/tensor.h"
#include "weights.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double found, double wanted, double apart) {
    if (!(fabs(found - wanted) <= apart))
        fail_msg("%.9g instead of %.9g", found, wanted);
}

static void fill(struct random *random, float *x, size_t n, float size) {
    for (size_t i = 0; i < n; i++)
        x[i] = size * random_float(random);
}

/* --------------------------------------------------------------------------------- formats */

static void blocks_of_32_read_as_computed_by_hand(void **state) {
    (void)state;
    float out[32];
    uint8_t q4_0[18] = {0x00, 0x40, 0xf3}; /* scale 2; 3 and 15 less 8 */
    matrix_row(&(struct matrix){TENSOR_Q4_0, 1, 32, q4_0}, 0, out);
    assert_true(out[0] == -10 && out[16] == 14 && out[1] == -16);
    uint8_t q4_1[20] = {0x00, 0x38, 0x00, 0xbc, 0xf3}; /* scale 0.5, minimum -1; 3 and 15 */
    matrix_row(&(struct matrix){TENSOR_Q4_1, 1, 32, q4_1}, 0, out);
    assert_true(out[0] == 0.5F && out[16] == 6.5F && out[1] == -1);
    uint8_t q5_0[22] = {0x00, 0x3c, 0x01, 0, 0, 0x80, 0x02}; /* fifth bits of values 0 and 31 */
    matrix_row(&(struct matrix){TENSOR_Q5_0, 1, 32, q5_0}, 0, out);
    assert_true(out[0] == 2 && out[16] == -16 && out[31] == 0);
    uint8_t q5_1[24] = {0x00, 0x3c, 0x00, 0x40, 0x02, 0, 0x01, 0, 0, 0x37}; /* of 1 and 16 */
    matrix_row(&(struct matrix){TENSOR_Q5_1, 1, 32, q5_1}, 0, out);
    assert_true(out[0] == 2 && out[1] == 2 + 23 && out[17] == 2 + 3 && out[16] == 2 + 16);
    uint8_t q8_0[34] = {0x00, 0x38, 0x80, 0x7f}; /* scale 0.5; -128 and 127 */
    matrix_row(&(struct matrix){TENSOR_Q8_0, 1, 32, q8_0}, 0, out);
    assert_true(out[0] == -64 && out[1] == 63.5F && out[2] == 0);
}

static void blocks_of_256_read_as_computed_by_hand(void **state) {
    (void)state;
    float out[256];
    uint8_t q4_k[144] = {0x00, 0x3c, 0x00, 0x3c, 0xc1}; /* scale 1 for group 0; top bits for 4 */
    q4_k[12] = 0x02; /* group 4: low four bits 2, top bits 3: 50; minimum 0 */
    q4_k[16] = 0x05, q4_k[16 + 64] = 0x07;
    matrix_row(&(struct matrix){TENSOR_Q4_K, 1, 256, q4_k}, 0, out);
    assert_true(out[0] == 5 && out[128] == 350 && out[32] == 0);
    uint8_t q5_k[176] = {0x00, 0x3c, 0x00, 0x38, 0x02, 0, 0, 0, 0, 0x06};
    q5_k[16] = 0x01; /* fifth bit of the first value of group 0 */
    q5_k[48] = 0x93; /* group 0 scale 2: (3 + 16) · 2; group 1 scale 0, minimum 6 · 0.5 */
    matrix_row(&(struct matrix){TENSOR_Q5_K, 1, 256, q5_k}, 0, out);
    assert_true(out[0] == 38 && out[1] == 0 && out[32] == -3);
    uint8_t q6_k[210] = {0x21};
    q6_k[128] = 0x03, q6_k[192] = 2, q6_k[196] = 0xff, q6_k[209] = 0x3c;
    matrix_row(&(struct matrix){TENSOR_Q6_K, 1, 256, q6_k}, 0, out);
    assert_true(out[0] == 2 * (1 + 48 - 32) && out[1] == -64 && out[64] == -(2 - 32));
}

static void rows_of_floats_read_as_written(void **state) {
    (void)state;
    float f32[2][3] = {{0}, {1.5F, -2, 0x1p-140F}}, out[3];
    uint16_t f16[3] = {0x3e00, 0xc000, 0x0001}, bf16[3] = {0x3fc0, 0xc000, 0x0001};
    matrix_row(&(struct matrix){TENSOR_F32, 2, 3, f32}, 1, out);
    assert_memory_equal(out, f32[1], sizeof out);
    matrix_row(&(struct matrix){TENSOR_F16, 1, 3, f16}, 0, out);
    assert_true(out[0] == 1.5F && out[1] == -2 && out[2] == 0x1p-24F);
    matrix_row(&(struct matrix){TENSOR_BF16, 1, 3, bf16}, 0, out);
    assert_true(out[0] == 1.5F && out[1] == -2 && out[2] == 0x1p-133F);
}

static void every_half_survives_the_way_to_float_and_back(void **state) {
    (void)state;
    for (int i = 0; i < 65536; i++) {
        uint16_t half = (uint16_t)i;
        if ((half & 0x7fff) <= 0x7c00)
            assert_int_equal(f16_from_float(float_from_f16(half)), half);
    }
    assert_int_equal(f16_from_float(1 + 0x1p-11F), 0x3c00); /* half way: to even */
    assert_int_equal(f16_from_float(1 + 3 * 0x1p-11F), 0x3c02);
    assert_int_equal(bf16_from_float(1 + 0x1p-8F), 0x3f80);
}

/* -------------------------------------------------------------------------------- products */

static void assert_product(const struct product *product, const float *x, int n_token) {
    const struct matrix *m = product->weights;
    float *row = must_alloc((size_t)m->columns, sizeof *row);
    for (int64_t r = 0; r < m->rows; r++) {
        matrix_row(m, r, row);
        for (int t = 0; t < n_token; t++) {
            double sum = 0, size = 0;
            for (int64_t c = 0; c < m->columns; c++) {
                sum += (double)row[c] * x[t * m->columns + c];
                size += (double)row[c] * row[c];
            }
            assert_near(product->out[t * m->rows + r], sum, 0.02 * sqrt(size) + 1e-6);
        }
    }
    free(row);
}

static void products_of_every_format_agree_with_the_rows(void **state) {
    (void)state;
    enum { TOKENS = 9 };
    static float x[TOKENS * 512], out[2][TOKENS * 70];
    struct random random;
    random_seed(&random, 11);
    fill(&random, x, COUNT_OF(x), 1);
    struct pool *pool = pool_new(2);
    struct tensor_scratch *scratch = tensor_scratch_new(512, TOKENS, NULL);
    for (int i = 0; i < N_TYPE; i++)
        for (int n_token = 1; n_token <= TOKENS; n_token += 4) {
            int64_t columns = tensor_format(all_types[i])->block_values == 256 ? 512 : 96;
            struct matrix m[] = {random_matrix(&random, all_types[i], 70, columns),
                                 random_matrix(&random, TENSOR_F16, 33, columns)};
            struct product products[] = {{&m[0], out[0]}, {&m[1], out[1]}};
            matrix_multiply(pool, scratch, x, n_token, products, 2);
            for (int k = 0; k < 2; k++) {
                assert_product(&products[k], x, n_token);
                free((void *)(uintptr_t)m[k].data);
            }
        }
    tensor_scratch_free(scratch);
    pool_free(pool);
}

/* ------------------------------------------------------------------------------- operations */

static void norms_sums_gates_and_softmax_are_their_definitions(void **state) {
    (void)state;
    enum { N = 203 };
    static float x[N], y[N], weight[N], out[N];
    struct random random;
    random_seed(&random, 12);
    fill(&random, x, N, 5);
    fill(&random, weight, N, 2);
    double squares = 0, total = 0;
    for (int i = 0; i < N; i++) {
        squares += (double)x[i] * x[i];
        total += exp(x[i]);
    }
    rms_norm(x, weight, 0.01F, N, out);
    for (int i = 0; i < N; i++)
        assert_near(out[i], x[i] * weight[i] / sqrt(squares / N + 0.01F), 1e-5);
    memcpy(y, x, sizeof y);
    add_floats(y, weight, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == x[i] + weight[i]);
    memcpy(y, x, sizeof y);
    silu_multiply(y, weight, N);
    for (int i = 0; i < N; i++)
        assert_near(y[i], x[i] / (1 + exp(-(double)x[i])) * weight[i], 1e-5);
    memcpy(y, x, sizeof y);
    softmax(y, N);
    for (int i = 0; i < N; i++)
        assert_near(y[i], exp(x[i]) / total, 1e-6);
    softmax(y, 1);
    assert_true(y[0] == 1);
}

/* What a gate far out does must stay finite: σ is 0 or 1 there. */
static void far_out_gates_stay_finite(void **state) {
    (void)state;
    float gate[16] = {-1000, 1000, -90, 90, -88, 88, 0}, up[16];
    for (int i = 0; i < 16; i++)
        up[i] = 1;
    silu_multiply(gate, up, 16);
    assert_near(gate[0], 0, 1e-30);
    assert_near(gate[1], 1000, 1e-3);
    assert_near(gate[2], 0, 1e-30);
    assert_near(gate[3], 90, 1e-4);
    assert_true(gate[6] == 0);
    float x[9] = {1e30F, -1e30F, 1e30F};
    softmax(x, 9);
    for (int i = 0; i < 9; i++)
        assert_near(x[i], i == 0 || i == 2 ? 0.5 : 0, 1e-30);
}

static void rotation_multiplies_by_the_angle_of_the_position(void **state) {
    (void)state;
    enum { D = 16, HEADS = 3, ROTATED = 12 };
    static float divisors[ROTATED / 2] = {1, 1, 2, 4, 8, 8};
    struct random random;
    random_seed(&random, 13);
    for (int style = ROPE_ADJACENT; style <= ROPE_HALVES; style++) {
        struct rope rope = {(enum rope_style)style, ROTATED, 10000,
                            style == ROPE_HALVES ? divisors : NULL};
        float heads[HEADS * D], before[HEADS * D], angles[ROTATED];
        fill(&random, heads, HEADS * D, 1);
        memcpy(before, heads, sizeof before);
        rope_angles(&rope, 1234, angles);
        rope_rotate(&rope, angles, heads, HEADS, D);
        for (int h = 0; h < HEADS; h++) {
            for (int i = 0; i < ROTATED / 2; i++) {
                int a = h * D + (style == ROPE_ADJACENT ? 2 * i : i);
                int b = style == ROPE_ADJACENT ? a + 1 : a + ROTATED / 2;
                double angle = 1234 * pow(10000, -2.0 * i / ROTATED);
                if (rope.divisors)
                    angle /= rope.divisors[i];
                double complex turned = (before[a] + I * before[b]) * cexp(I * angle);
                assert_near(heads[a], creal(turned), 1e-5);
                assert_near(heads[b], cimag(turned), 1e-5);
            }
            for (int d = h * D + ROTATED; d < (h + 1) * D; d++)
                assert_true(heads[d] == before[d]);
        }
    }
}

/* -------------------------------------------------------------------------------- dispatch */

static void an_unknown_instruction_set_is_refused_with_a_remedy(void **state) {
    (void)state;
    char *pinned = getenv("LYCEUM_CPU");
    char *before = pinned ? strdup(pinned) : NULL;
    struct fault fault = {0};
    setenv("LYCEUM_CPU", "6502", 1);
    assert_false(tensor_start(&fault));
    assert_non_null(strstr(fault.message, "6502"));
    assert_true(fault.remedy[0] != 0);
    setenv("LYCEUM_CPU", "plain", 1);
    assert_true(tensor_start(&fault));
    if (before)
        setenv("LYCEUM_CPU", before, 1);
    else
        unsetenv("LYCEUM_CPU");
    free(before);
}

static void the_pinned_instruction_set_runs_or_is_refused(void **state) {
    (void)state;
    struct fault fault = {0};
    const char *pinned = getenv("LYCEUM_CPU");
    if (tensor_start(&fault)) {
        assert_true(!pinned || !strcmp(tensor_instruction_set(), pinned));
        return;
    }
    assert_string_not_equal(tensor_instruction_set(), pinned);
    assert_non_null(strstr(fault.message, pinned));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pinned_instruction_set_runs_or_is_refused),
        cmocka_unit_test(blocks_of_32_read_as_computed_by_hand),
        cmocka_unit_test(blocks_of_256_read_as_computed_by_hand),
        cmocka_unit_test(rows_of_floats_read_as_written),
        cmocka_unit_test(every_half_survives_the_way_to_float_and_back),
        cmocka_unit_test(products_of_every_format_agree_with_the_rows),
        cmocka_unit_test(norms_sums_gates_and_softmax_are_their_definitions),
        cmocka_unit_test(far_out_gates_stay_finite),
        cmocka_unit_test(rotation_multiplies_by_the_angle_of_the_position),
        cmocka_unit_test(an_unknown_instruction_set_is_refused_with_a_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
