/* Promises of the writer of GGUF and of quantising whole files. */
#include "builder.h"

#include "model/model.h"
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pool *pool;

static int start(void **state) {
    (void)state;
    pool = pool_new(2);
    return 0;
}

static int end(void **state) {
    (void)state;
    pool_free(pool);
    return 0;
}

static char *temporary(const char *name) {
    const char *folder = getenv("TMPDIR");
    struct buffer path = {0};
    buffer_format(&path, "%s/lyceum-%d-%s", folder ? folder : "/tmp", (int)getpid(), name);
    return path.at;
}

static void forget(char *path) {
    unlink(path);
    free(path);
}

/* Opens what the writer has written; it must be right. */
static struct gguf *reopened(const char *path) {
    struct fault fault = {0};
    struct gguf *gguf = gguf_open(path, &fault);
    if (!gguf)
        fail_msg("%s", fault.message);
    return gguf;
}

static bool quantised(const char *in, const char *out, const char *type, bool force,
                      struct fault *fault) {
    struct quantisation how = {.type = type, .force = force};
    struct quantisation_result result;
    return model_quantise(in, out, &how, pool, &result, fault);
}

static void must_quantise(const char *in, const char *out, const char *type) {
    struct fault fault = {0};
    if (!quantised(in, out, type, false, &fault))
        fail_msg("%s: %s", type, fault.message);
}

/* ----------------------------------------------------------------------------------- writing */

static void keys_and_tensors_are_read_back_as_written(void **state) {
    (void)state;
    static const float data[3][40] = {{1, 2, 3}, {4, 5}, {6}};
    char *path = temporary("written.gguf");
    struct fault fault = {0};
    struct gguf_writer *writer = gguf_writer_new();
    gguf_write_text(writer, "general.architecture", VIEW("test"));
    gguf_write_text(writer, "said", VIEW("first"));
    gguf_write_uint32(writer, "general.alignment", 64);
    gguf_write_text(writer, "said", VIEW("again"));
    gguf_write_tensor(writer, VIEW("a"), TENSOR_F32, 1, (int64_t[]){3});
    gguf_write_tensor(writer, VIEW("b"), TENSOR_F32, 2, (int64_t[]){20, 2});
    gguf_write_tensor(writer, VIEW("c"), TENSOR_F32, 1, (int64_t[]){1});
    uint64_t size = gguf_write_size(writer);
    assert_true(gguf_write_start(writer, path, &fault));
    assert_false(file_exists(path)); /* not before the finish */
    assert_true(gguf_write_data(writer, data[0], 4, &fault));
    assert_true(gguf_write_data(writer, &data[0][1], 8, &fault));
    assert_true(gguf_write_data(writer, data[1], 160, &fault));
    assert_true(gguf_write_data(writer, data[2], 4, &fault));
    assert_true(gguf_write_finish(writer, &fault));
    gguf_writer_free(writer);
    struct gguf *gguf = reopened(path);
    struct view text;
    assert_int_equal(gguf_n_key(gguf), 3);
    assert_true(gguf_string(gguf, "said", &text, &fault) && view_is(text, "again"));
    assert_int_equal(gguf_size(gguf), size);
    for (int i = 0; i < 3; i++) {
        const struct gguf_tensor *tensor = gguf_tensor_at(gguf, (size_t)i);
        assert_int_equal((uintptr_t)tensor->data % 64, 0);
        assert_memory_equal(tensor->data, data[i], tensor->n_byte);
    }
    gguf_close(gguf);
    forget(path);
}

static void a_writer_given_up_leaves_the_old_file_and_no_other(void **state) {
    (void)state;
    char *path = temporary("kept.gguf"), beside[300];
    struct fault fault = {0};
    assert_true(file_write(path, VIEW("old"), &fault));
    struct gguf_writer *writer = gguf_writer_new();
    gguf_write_tensor(writer, VIEW("a"), TENSOR_F32, 1, (int64_t[]){3});
    assert_true(gguf_write_start(writer, path, &fault));
    snprintf(beside, sizeof beside, "%s.%d.new", path, (int)getpid());
    assert_true(file_exists(beside));
    gguf_writer_free(writer);
    assert_false(file_exists(beside));
    struct buffer text = {0};
    assert_true(file_read(path, 100, &text, &fault) && !strcmp(text.at, "old"));
    buffer_free(&text);
    forget(path);
}

static void a_folder_that_is_not_there_is_a_fault_that_names_the_file(void **state) {
    (void)state;
    struct fault fault = {0};
    struct gguf_writer *writer = gguf_writer_new();
    assert_false(gguf_write_start(writer, "/nowhere/at/all.gguf", &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_string_equal(fault.file, "/nowhere/at/all.gguf");
    gguf_writer_free(writer);
}

/* ------------------------------------------------------------------------------- whole files */

static char *network(const char *name) {
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){"llama", .tied = true}, 3);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}

/* Logits of a few tokens; the caller frees them. */
static float *logits_of(const char *path, int *n) {
    static const int32_t tokens[] = {72, 101, 108, 108, 111, 33};
    struct fault fault = {0};
    struct model *model = model_open(path, pool, &fault);
    if (!model)
        fail_msg("%s", fault.message);
    struct session *session = session_open(model, 16, &fault);
    *n = model_shape(model)->n_vocabulary * (int)COUNT_OF(tokens);
    float *logits = must_alloc((size_t)*n, sizeof *logits);
    assert_true(session_logits(session, tokens, COUNT_OF(tokens), logits, &fault));
    session_close(session);
    model_close(model);
    return logits;
}

static void every_type_gives_a_model_that_says_nearly_the_same(void **state) {
    (void)state;
    static const struct {
        const char *type;
        double apart; /* of the logits, in the mean square, beside their own */
    } table[] = {
        {"F32", 1e-9},  {"F16", 1e-2},    {"BF16", 2e-2}, {"Q8_0", 3e-2},
        {"Q6_K", 3e-2}, {"Q5_K", 0.1},    {"Q5_1", 0.1},  {"Q5_0", 0.15},
        {"Q4_K", 0.15}, {"Q4_K_M", 0.15}, {"Q4_1", 0.2},  {"Q4_0", 0.25},
    };
    char *in = network("in.gguf"), *out = temporary("out.gguf");
    int n, n_again;
    float *exact = logits_of(in, &n);
    for (size_t t = 0; t < COUNT_OF(table); t++) {
        must_quantise(in, out, table[t].type);
        float *near = logits_of(out, &n_again);
        assert_int_equal(n, n_again);
        double squares = 0, errors = 0;
        for (int i = 0; i < n; i++) {
            squares += (double)exact[i] * (double)exact[i];
            errors += ((double)exact[i] - (double)near[i]) * ((double)exact[i] - (double)near[i]);
        }
        if (!(sqrt(errors / squares) <= table[t].apart))
            fail_msg("%s: %g", table[t].type, sqrt(errors / squares));
        free(near);
    }
    free(exact);
    forget(in);
    forget(out);
}

static void all_keys_are_kept_and_the_file_type_is_told(void **state) {
    (void)state;
    char *in = network("keys.gguf"), *out = temporary("keys-out.gguf");
    must_quantise(in, out, "Q4_1");
    struct gguf *before = reopened(in), *after = reopened(out);
    struct fault fault = {0};
    int64_t value;
    assert_true(gguf_integer(after, "general.file_type", 3, 3, &value, &fault));
    assert_true(gguf_integer(after, "general.quantization_version", 2, 2, &value, &fault));
    assert_int_equal(gguf_n_key(after), gguf_n_key(before) + 2);
    for (size_t i = 0, k = 0; i < gguf_n_key(before); i++, k++) {
        struct gguf_key left = gguf_key_at(before, i), right = gguf_key_at(after, k);
        while (view_is(right.name, "general.file_type") ||
               view_is(right.name, "general.quantization_version"))
            right = gguf_key_at(after, ++k);
        assert_true(view_equal(left.name, right.name));
        assert_int_equal(left.type, right.type);
        assert_true(view_equal(left.value, right.value));
    }
    gguf_close(before);
    gguf_close(after);
    forget(in);
    forget(out);
}

/* A file of matrices with the names given, 256 or 64 wide; layers told by block_count. */
static char *matrices(uint32_t n_layer, const char *const *names, size_t n, uint64_t n_column) {
    struct builder builder;
    struct random random;
    builder_open(&builder);
    random_seed(&random, 5);
    builder_key_text(&builder, "general.architecture", "llama");
    builder_key_u32(&builder, "llama.block_count", n_layer);
    for (size_t i = 0; i < n; i++)
        builder_float_tensor(&builder, names[i], n_column,
                             view_ends(view_of(names[i]), "m.weight") ? 0 : 2, &random, 0, 1);
    char *path = builder_save(&builder, "matrices.gguf");
    builder_close(&builder);
    return path;
}

static void expect_type(const char *path, const char *name, enum tensor_type type) {
    struct gguf *gguf = reopened(path);
    const struct gguf_tensor *tensor = gguf_tensor(gguf, name);
    assert_non_null(tensor);
    if (tensor->type != (uint32_t)type)
        fail_msg("%s is %s, not %s", name, tensor_format(tensor->type)->name,
                 tensor_format(type)->name);
    gguf_close(gguf);
}

static void the_mixture_gives_more_bits_where_llama_cpp_does(void **state) {
    (void)state;
    const char *names[100];
    char text[98][32];
    size_t n = 0;
    for (int layer = 0; layer < 32; layer++, n += 3) {
        snprintf(text[n], 32, "blk.%d.attn_v.weight", layer);
        snprintf(text[n + 1], 32, "blk.%d.ffn_down.weight", layer);
        snprintf(text[n + 2], 32, "blk.%d.attn_norm.weight", layer);
    }
    strcpy(text[n++], "token_embd.weight");
    strcpy(text[n++], "output.weight");
    for (size_t i = 0; i < n; i++)
        names[i] = text[i];
    char *in = matrices(32, names, n, 256), *out = temporary("mixed.gguf");
    must_quantise(in, out, "Q4_K_M");
    /* llama-quant.cpp, use_more_bits: i < n/8, i >= 7n/8, (i − n/8) % 3 == 2 */
    static const int more[] = {0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31};
    for (int layer = 0; layer < 32; layer++) {
        bool is_more = false;
        for (size_t i = 0; i < COUNT_OF(more); i++)
            is_more |= more[i] == layer;
        expect_type(out, text[3 * layer], is_more ? TENSOR_Q6_K : TENSOR_Q4_K);
        expect_type(out, text[3 * layer + 1], is_more ? TENSOR_Q6_K : TENSOR_Q4_K);
        expect_type(out, text[3 * layer + 2], TENSOR_F32);
    }
    expect_type(out, "output.weight", TENSOR_Q6_K);
    expect_type(out, "token_embd.weight", TENSOR_Q4_K);
    forget(in);
    in = matrices(32, names, n - 1, 256); /* the embedding is the head, too */
    must_quantise(in, out, "q4_k_m");
    expect_type(out, "token_embd.weight", TENSOR_Q6_K);
    forget(in);
    forget(out);
}

static void the_head_has_six_bits_where_the_others_have_fewer(void **state) {
    (void)state;
    static const struct {
        const char *type;
        enum tensor_type head, others;
    } table[] = {{"Q4_0", TENSOR_Q6_K, TENSOR_Q4_0}, {"Q4_1", TENSOR_Q6_K, TENSOR_Q4_1},
                 {"Q5_K", TENSOR_Q6_K, TENSOR_Q5_K}, {"Q8_0", TENSOR_Q8_0, TENSOR_Q8_0},
                 {"F16", TENSOR_F16, TENSOR_F16}};
    const char *names[] = {"blk.0.attn_q.weight", "token_embd.weight", "output.weight"};
    char *out = temporary("head.gguf");
    for (size_t tied = 0; tied < 2; tied++) {
        char *in = matrices(1, names, 3 - tied, 256);
        for (size_t i = 0; i < COUNT_OF(table); i++) {
            must_quantise(in, out, table[i].type);
            expect_type(out, names[0], table[i].others);
            expect_type(out, names[1], tied ? table[i].head : table[i].others);
            if (!tied)
                expect_type(out, names[2], table[i].head);
            struct quantisation pure = {.type = table[i].type, .pure = true};
            struct quantisation_result result;
            struct fault fault = {0};
            assert_true(model_quantise(in, out, &pure, pool, &result, &fault));
            expect_type(out, names[2 - tied], table[i].others);
        }
        forget(in);
    }
    forget(out);
}

static void rows_that_do_not_divide_get_another_format(void **state) {
    (void)state;
    static const struct {
        const char *type;
        uint64_t n_column;
        enum tensor_type found;
    } table[] = {
        {"Q4_K", 512, TENSOR_Q4_K}, {"Q4_K", 576, TENSOR_Q5_0}, {"Q5_K", 576, TENSOR_Q5_1},
        {"Q6_K", 576, TENSOR_Q8_0}, {"Q4_0", 576, TENSOR_Q4_0}, {"Q4_0", 40, TENSOR_F16},
        {"Q6_K", 40, TENSOR_F16},   {"F32", 40, TENSOR_F32},    {"BF16", 40, TENSOR_BF16},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const char *name = "blk.0.ffn_up.weight";
        char *in = matrices(1, &name, 1, table[i].n_column), *out = temporary("rows.gguf");
        must_quantise(in, out, table[i].type);
        expect_type(out, name, table[i].found);
        forget(in);
        forget(out);
    }
}

/* ----------------------------------------------------------------------------------- refusing */

static void expect_refused(const char *in, const char *out, const char *type, const char *word) {
    struct fault fault = {0};
    assert_false(quantised(in, out, type, false, &fault));
    assert_int_not_equal(fault.kind, FAULT_NONE);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
}

static void bits_that_are_gone_are_not_made_up_without_force(void **state) {
    (void)state;
    struct fault fault = {0};
    char *in = network("few.gguf"), *few = temporary("q4.gguf"), *more = temporary("q8.gguf");
    must_quantise(in, few, "Q4_0");
    expect_refused(few, more, "Q8_0", "is Q4_0 already");
    assert_false(file_exists(more));
    assert_true(quantised(few, more, "Q8_0", true, &fault));
    must_quantise(more, few, "Q4_0"); /* from more to fewer is what it is for */
    must_quantise(few, more, "F32");
    forget(in);
    forget(few);
    forget(more);
}

static void the_same_format_is_copied_bit_by_bit(void **state) {
    (void)state;
    char *in = network("same.gguf"), *once = temporary("once.gguf"),
         *twice = temporary("two.gguf");
    must_quantise(in, once, "Q5_1");
    must_quantise(once, twice, "Q5_1");
    struct buffer a = {0}, b = {0};
    struct fault fault = {0};
    assert_true(file_read(once, 1 << 24, &a, &fault) && file_read(twice, 1 << 24, &b, &fault));
    assert_true(view_equal(buffer_view(&a), buffer_view(&b)));
    buffer_free(&a);
    buffer_free(&b);
    forget(in);
    forget(once);
    forget(twice);
}

static void the_file_that_is_read_is_not_overwritten_without_force(void **state) {
    (void)state;
    struct fault fault = {0};
    char *in = network("over.gguf"), *other = temporary("link.gguf");
    assert_int_equal(link(in, other), 0); /* another name of the same file */
    expect_refused(in, in, "Q8_0", "the file to read");
    expect_refused(in, other, "Q8_0", "the file to read");
    expect_type(in, "token_embd.weight", TENSOR_F32);
    assert_true(quantised(in, in, "Q8_0", true, &fault));
    expect_type(in, "token_embd.weight", TENSOR_Q8_0);
    forget(in);
    forget(other);
}

static void unknown_types_and_what_no_format_holds_are_refused(void **state) {
    (void)state;
    char *in = network("strange.gguf"), *out = temporary("strange-out.gguf");
    expect_refused(in, out, "Q3_K", "Q3_K is no type");
    forget(in);
    static const struct {
        float value;
        const char *type, *word;
    } table[] = {{NAN, "Q4_0", "no finite numbers"},
                 {INFINITY, "F16", "no finite numbers"},
                 {-1e6F, "Q8_0", "more than Q8_0 can"},
                 {1e6F, "F16", "more than F16 can"}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct builder builder;
        struct random random;
        random_seed(&random, 1);
        builder_open(&builder);
        builder_key_text(&builder, "general.architecture", "llama");
        builder_key_u32(&builder, "llama.block_count", 1);
        builder_float_tensor(&builder, "blk.0.ffn_up.weight", 64, 2, &random, 0, 1);
        memcpy(builder.data.at + 4 * 70, &table[i].value, 4);
        in = builder_save(&builder, "odd.gguf");
        builder_close(&builder);
        expect_refused(in, out, table[i].type, table[i].word);
        assert_false(file_exists(out));
        if (isfinite(table[i].value))
            must_quantise(in, out, "BF16");
        forget(in);
        unlink(out);
    }
    forget(out);
}

static void one_part_of_several_is_refused(void **state) {
    (void)state;
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){"llama", .tied = true}, 3);
    builder_key_u32(&builder, "split.count", 3);
    char *in = builder_save(&builder, "part.gguf"), *out = temporary("part-out.gguf");
    builder_close(&builder);
    expect_refused(in, out, "Q8_0", "one of 3 parts");
    forget(in);
    forget(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_tensors_are_read_back_as_written),
        cmocka_unit_test(a_writer_given_up_leaves_the_old_file_and_no_other),
        cmocka_unit_test(a_folder_that_is_not_there_is_a_fault_that_names_the_file),
        cmocka_unit_test(every_type_gives_a_model_that_says_nearly_the_same),
        cmocka_unit_test(all_keys_are_kept_and_the_file_type_is_told),
        cmocka_unit_test(the_mixture_gives_more_bits_where_llama_cpp_does),
        cmocka_unit_test(the_head_has_six_bits_where_the_others_have_fewer),
        cmocka_unit_test(rows_that_do_not_divide_get_another_format),
        cmocka_unit_test(bits_that_are_gone_are_not_made_up_without_force),
        cmocka_unit_test(the_same_format_is_copied_bit_by_bit),
        cmocka_unit_test(the_file_that_is_read_is_not_overwritten_without_force),
        cmocka_unit_test(unknown_types_and_what_no_format_holds_are_refused),
        cmocka_unit_test(one_part_of_several_is_refused),
    };
    return cmocka_run_group_tests_name("gguf_write", tests, start, end);
}
