/* Promises of what a trainer writes: adapters, and models with tensors replaced. */
#include "builder.h"

#include "model/model.h"
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RANK = 4, N_IN = 64, N_OUT = 96 };

static struct pool *pool;
static char *base, *out; /* a network of random floats; what is written */
static float a[2][RANK * N_IN], b[2][N_OUT * RANK], wide_b[N_OUT * 32], wide_a[32 * N_IN];

static void fill(float *values, size_t n, struct random *random) {
    for (size_t i = 0; i < n; i++)
        values[i] = 2 * (float)random_unit(random) - 1;
}

static int set_up(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 4);
    fill(a[0], COUNT_OF(a[0]), &random);
    fill(a[1], COUNT_OF(a[1]), &random);
    fill(b[0], COUNT_OF(b[0]), &random);
    fill(b[1], COUNT_OF(b[1]), &random);
    fill(wide_a, COUNT_OF(wide_a), &random);
    fill(wide_b, COUNT_OF(wide_b), &random);
    pool = pool_new(2);
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){"llama"}, 3);
    base = builder_save(&builder, "written-base");
    builder_close(&builder);
    struct buffer path = {0};
    buffer_format(&path, "%s-out", base);
    out = path.at;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(base);
    free(base);
    unlink(out);
    free(out);
    pool_free(pool);
    return 0;
}

static struct gguf *written(void) {
    struct fault fault = {0};
    struct gguf *gguf = gguf_open(out, &fault);
    if (!gguf)
        fail_msg("%s", fault.message);
    return gguf;
}

static void expect_values(const struct gguf *gguf, const char *name, enum tensor_type type,
                          const float *values, int64_t n_column, int64_t n_row, float apart) {
    const struct gguf_tensor *tensor = gguf_tensor(gguf, name);
    assert_non_null(tensor);
    assert_int_equal(tensor->type, type);
    assert_int_equal(tensor->dimension[0], n_column);
    assert_int_equal(tensor->dimension[1], n_row);
    float *read = must_alloc((size_t)(n_column * n_row), sizeof *read);
    matrix_row(&(struct matrix){type, 1, n_column * n_row, tensor->data}, 0, read);
    for (int64_t i = 0; i < n_column * n_row; i++)
        assert_true(fabsf(read[i] - values[i]) <= apart);
    free(read);
}

/* ----------------------------------------------------------------------------------- adapters */

static const struct adapter_matrix two[] = {
    {"blk.0.ffn_gate.weight", RANK, N_IN, N_OUT, a[0], b[0]},
    {"blk.1.ffn_up.weight", RANK, N_IN, N_OUT, a[1], b[1]},
};

static struct adapter_description described(const char *type) {
    return (struct adapter_description){.architecture = "llama", .type = type, .alpha = 8};
}

static void an_adapter_is_written_in_the_form_that_others_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum tensor_type type, type_b; /* rows of 4 values make no block of 32 */
        float apart;
    } table[] = {{"F32", TENSOR_F32, TENSOR_F32, 0},
                 {"F16", TENSOR_F16, TENSOR_F16, 5e-4F},
                 {"bf16", TENSOR_BF16, TENSOR_BF16, 4e-3F},
                 {"Q8_0", TENSOR_Q8_0, TENSOR_F16, 6e-3F}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct fault fault = {0};
        struct adapter_description description = described(table[i].name);
        description.texts = (struct text_entry[]){{"general.name", "A tutor"}};
        description.n_text = 1;
        if (!adapter_write(out, &description, two, 2, &fault))
            fail_msg("%s", fault.message);
        struct gguf *gguf = written();
        struct view text;
        double alpha;
        assert_true(gguf_string(gguf, "general.type", &text, &fault) && view_is(text, "adapter"));
        assert_true(gguf_string(gguf, "adapter.type", &text, &fault) && view_is(text, "lora"));
        assert_true(gguf_string(gguf, "general.name", &text, &fault) && view_is(text, "A tutor"));
        assert_true(gguf_string(gguf, "general.architecture", &text, &fault));
        assert_true(view_is(text, "llama"));
        assert_true(gguf_number(gguf, "adapter.lora.alpha", &alpha, &fault) && alpha == 8);
        assert_int_equal(gguf_n_tensor(gguf), 4);
        expect_values(gguf, "blk.0.ffn_gate.weight.lora_a", table[i].type, a[0], N_IN, RANK,
                      table[i].apart);
        expect_values(gguf, "blk.1.ffn_up.weight.lora_b", table[i].type_b, b[1], RANK, N_OUT,
                      table[i].apart);
        gguf_close(gguf);
    }
}

static void ranks_that_make_blocks_are_written_in_eight_bits(void **state) {
    (void)state;
    struct fault fault = {0};
    struct adapter_description description = described("Q8_0");
    struct adapter_matrix wide = {"blk.0.ffn_gate.weight", 32, N_IN, N_OUT, wide_a, wide_b};
    assert_true(adapter_write(out, &description, &wide, 1, &fault));
    struct gguf *gguf = written();
    expect_values(gguf, "blk.0.ffn_gate.weight.lora_b", TENSOR_Q8_0, wide_b, 32, N_OUT, 6e-3F);
    gguf_close(gguf);
}

static void expect_refused(const struct adapter_description *description,
                           const struct adapter_matrix *matrices, size_t n, const char *word) {
    struct fault fault = {0};
    assert_true(file_write(out, VIEW("old"), &fault));
    assert_false(adapter_write(out, description, matrices, n, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
    struct buffer text = {0};
    assert_true(file_read(out, 100, &text, &fault) && !strcmp(text.at, "old"));
    buffer_free(&text);
}

static void what_no_adapter_may_hold_is_refused_and_the_old_file_stays(void **state) {
    (void)state;
    struct adapter_description good = described("F16"), odd = described("Q3_K");
    expect_refused(&odd, two, 2, "Q3_K is no type");
    expect_refused(&good, two, 0, "0 matrices");
    odd = described("F16");
    odd.alpha = NAN;
    expect_refused(&odd, two, 2, "alpha");
    struct adapter_matrix twice[] = {two[0], two[0]}, none = two[0];
    expect_refused(&good, twice, 2, "changed twice");
    none.rank = 0;
    expect_refused(&good, &none, 1, "rank 0");
    static const float values[] = {NAN, INFINITY, -1e6F};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        float kept = b[0][5];
        b[0][5] = values[i];
        expect_refused(&good, two, 2, "blk.0.ffn_gate.weight.lora_b: value 5");
        b[0][5] = kept;
    }
}

/* ------------------------------------------------------------------------------------- models */

static struct model *opened(const char *path) {
    struct fault fault = {0};
    struct model *model = model_open(path, pool, &fault);
    if (!model)
        fail_msg("%s", fault.message);
    return model;
}

static void a_model_is_written_with_its_keys_and_what_was_not_replaced(void **state) {
    (void)state;
    static const char *const types[] = {"F32", "F16", "BF16", "Q8_0"};
    static float norm[N_IN], gate[N_OUT * N_IN];
    struct random random;
    random_seed(&random, 8);
    fill(norm, COUNT_OF(norm), &random);
    fill(gate, COUNT_OF(gate), &random);
    struct tensor_values values[] = {{"blk.1.attn_norm.weight", norm, N_IN},
                                     {"blk.0.ffn_gate.weight", gate, N_OUT * N_IN}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct fault fault = {0};
        struct model *model = opened(base);
        if (!model_write(model, out, values, 2, types[i], &fault))
            fail_msg("%s", fault.message);
        model_close(model);
        model = opened(out); /* every shape and the vocabulary are there */
        model_close(model);
        struct gguf *gguf = written(), *before = gguf_open(base, &fault);
        enum tensor_type type = gguf_tensor(gguf, "blk.1.ffn_up.weight")->type;
        assert_string_equal(tensor_format(type)->name, types[i]);
        assert_int_equal(gguf_n_key(gguf), gguf_n_key(before) + 1 + (i == 3)); /* file_type, … */
        assert_int_equal(gguf_n_tensor(gguf), gguf_n_tensor(before));
        expect_values(gguf, "blk.1.attn_norm.weight", TENSOR_F32, norm, N_IN, 1, 0);
        expect_values(gguf, "blk.0.ffn_gate.weight", type, gate, N_IN, N_OUT, i ? 6e-3F : 0);
        const struct gguf_tensor *kept = gguf_tensor(before, "blk.1.ffn_down.weight");
        expect_values(gguf, "blk.1.ffn_down.weight", type, (const float *)(const void *)kept->data,
                      96, 64, i ? 2e-3F : 0);
        gguf_close(gguf);
        gguf_close(before);
    }
}

static void expect_not_written(const struct model *model, const char *path,
                               const struct tensor_values *values, size_t n, const char *word) {
    struct fault fault = {0};
    assert_false(model_write(model, path, values, n, "F16", &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
}

static void tensors_that_the_model_has_not_are_refused(void **state) {
    (void)state;
    struct model *model = opened(base);
    float values[N_IN] = {0};
    struct tensor_values norm = {"blk.1.attn_norm.weight", values, N_IN}, odd = norm;
    struct tensor_values twice[] = {norm, norm};
    odd.name = "blk.2.attn_norm.weight";
    expect_not_written(model, out, &odd, 1, "none of this name");
    odd = norm;
    odd.n--;
    expect_not_written(model, out, &odd, 1, "another number of values than 63");
    expect_not_written(model, out, twice, 2, "replaced twice");
    expect_not_written(model, base, &norm, 1, "the file to read");
    values[3] = NAN;
    expect_not_written(model, out, &norm, 1, "no finite numbers");
    model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_is_written_in_the_form_that_others_read),
        cmocka_unit_test(ranks_that_make_blocks_are_written_in_eight_bits),
        cmocka_unit_test(what_no_adapter_may_hold_is_refused_and_the_old_file_stays),
        cmocka_unit_test(a_model_is_written_with_its_keys_and_what_was_not_replaced),
        cmocka_unit_test(tensors_that_the_model_has_not_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
