/* Promises of the GGUF reader and of the check of networks: what is right is read in place, and
 * each way in which a file may lie is refused with a fault that names the place. */
#include "builder.h"

#include "model/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release(struct view file) {
    free((void *)(uintptr_t)file.at);
}

/* Opens the file; when that fails, the fault must name it, a byte, and say each of the words. */
static void expect_refused(struct view file, const char *word) {
    struct fault fault = {0};
    struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
    assert_null(gguf);
    assert_int_not_equal(fault.kind, FAULT_NONE);
    assert_string_equal(fault.file, "made.gguf");
    assert_true(fault.byte >= 0);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
}

static void expect_builder_refused(struct builder *builder, const char *word) {
    struct view file = builder_join(builder);
    expect_refused(file, word);
    release(file);
    builder_close(builder);
}

static void expect_network_refused(const struct builder *builder, const char *word) {
    struct view file = builder_join(builder);
    struct fault fault = {0};
    struct weights weights;
    struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
    assert_non_null(gguf);
    assert_false(weights_load(&weights, gguf, &fault));
    assert_string_equal(fault.file, "made.gguf");
    assert_true(fault.byte >= 0);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
    gguf_close(gguf);
    release(file);
}

/* ---------------------------------------------------------------------------------- what is right
 */

static void every_kind_of_value_is_read_back(void **state) {
    (void)state;
    for (uint32_t version = 2; version <= 3; version++) {
        struct builder builder;
        builder_open(&builder);
        builder.version = version;
        builder_key(&builder, "i8", GGUF_INT8);
        buffer_byte(&builder.keys, -3);
        builder_key(&builder, "u64", GGUF_UINT64);
        builder_u64(&builder.keys, 1ULL << 40);
        builder_key(&builder, "yes", GGUF_BOOL);
        buffer_byte(&builder.keys, 1);
        builder_key_f32(&builder, "f", 0.5F);
        builder_key_text(&builder, "text", "lesson");
        builder_key_array(&builder, "words", GGUF_STRING, 2);
        builder_text(&builder.keys, "one");
        builder_text(&builder.keys, "");
        builder_key_array(&builder, "numbers", GGUF_UINT8, 3);
        buffer_append(&builder.keys, VIEW("\x01\x02\xFF"));
        struct random random;
        random_seed(&random, 1);
        builder_float_tensor(&builder, "first", 8, 3, &random, 0, 1);
        builder_float_tensor(&builder, "second", 4, 0, &random, 5, 0);
        struct view file = builder_join(&builder), text;
        struct fault fault = {0};
        struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
        assert_non_null(gguf);
        int64_t integer;
        double number;
        bool yes = false;
        assert_true(gguf_integer(gguf, "i8", -8, 8, &integer, &fault) && integer == -3);
        assert_true(gguf_integer(gguf, "u64", 0, INT64_MAX, &integer, &fault));
        assert_int_equal(integer, 1LL << 40);
        assert_true(gguf_number(gguf, "f", &number, &fault) && number == 0.5);
        assert_true(gguf_boolean(gguf, "yes", &yes, &fault) && yes);
        assert_true(gguf_string(gguf, "text", &text, &fault) && view_is(text, "lesson"));
        struct gguf_array array;
        uint64_t cursor = 0;
        assert_true(gguf_array(gguf, "words", &array, &fault) && array.n == 2);
        assert_true(view_is(gguf_array_string(&array, &cursor), "one"));
        assert_int_equal(gguf_array_string(&array, &cursor).n, 0);
        assert_true(gguf_array(gguf, "numbers", &array, &fault));
        assert_int_equal(gguf_array_integer(&array, 2), 255);
        assert_int_equal(gguf_n_tensor(gguf), 2);
        const struct gguf_tensor *tensor = gguf_tensor(gguf, "second");
        float values[4];
        memcpy(values, tensor->data, sizeof values);
        assert_true(values[0] == 5 && values[3] == 5);
        assert_int_equal(gguf_tensor(gguf, "first")->n_byte, 8 * 3 * 4);
        assert_null(gguf_tensor(gguf, "third"));
        gguf_close(gguf);
        release(file);
        builder_close(&builder);
    }
}

static void a_wrong_type_or_range_of_a_key_is_told(void **state) {
    (void)state;
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "text", "lesson");
    builder_key_u32(&builder, "count", 7);
    struct view file = builder_join(&builder), text;
    struct fault fault = {0};
    int64_t integer;
    struct gguf_array array;
    struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
    assert_non_null(gguf);
    assert_false(gguf_integer(gguf, "text", 0, 9, &integer, &fault));
    assert_non_null(strstr(fault.message, "key text"));
    assert_true(fault.byte > 0);
    fault_clear(&fault);
    assert_false(gguf_integer(gguf, "count", 0, 6, &integer, &fault));
    fault_clear(&fault);
    assert_false(gguf_string(gguf, "count", &text, &fault));
    fault_clear(&fault);
    assert_false(gguf_array(gguf, "count", &array, &fault));
    fault_clear(&fault);
    assert_false(gguf_string(gguf, "absent", &text, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    gguf_close(gguf);
    release(file);
    builder_close(&builder);
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct builder builder;
    struct builder_shape shape = {.architecture = "llama"};
    builder_open(&builder);
    builder_network(&builder, &shape, 1);
    struct view file = builder_join(&builder);
    size_t header = file.n - builder.data.n;
    for (size_t n = 0; n < file.n; n += n < 64 ? 1 : n < header ? 13 : 1021) {
        /* a copy of exactly n bytes, so that the sanitizer sees a read past them */
        char *part = aligned_alloc(64, (n + 64) & ~(size_t)63);
        memcpy(part, file.at, n);
        expect_refused((struct view){part, n}, "");
        free(part);
    }
    release(file);
    builder_close(&builder);
}

/* Every 4 kB of the header, and of the data every 64 kB; with THOROUGH set every 4 kB there too,
 * which takes ten seconds. */
static void the_default_model_cut_anywhere_is_refused(void **state) {
    (void)state;
    enum { HEADER = 2 << 20 };
    const char *folder = getenv("LYCEUM_MODELS");
    char path[4096];
    snprintf(path, sizeof path, "%s/SmolLM2-135M-Instruct.Q4_1.gguf", folder ? folder : "models");
    struct file_map map;
    if (!file_map(path, &map, NULL))
        skip(); /* ./setup model */
    size_t step = getenv("THOROUGH") ? 4096 : 65536;
    for (size_t n = 0; n < map.n; n += n < HEADER ? 4096 : step)
        expect_refused((struct view){(const char *)map.at, n}, "");
    file_unmap(&map);
}

/* ------------------------------------------------------------------------------ lies of a header
 */

static struct builder lying(void) {
    struct builder builder;
    builder_open(&builder);
    return builder;
}

static void what_is_no_gguf_is_refused(void **state) {
    (void)state;
    static _Alignas(64) const char four[] = "GGUF", other[64] = "PK\x03\x04 and so on";
    expect_refused((struct view){four, 4}, "ends here"); /* CVE-2024-39720 */
    expect_refused((struct view){four, 0}, "ends here");
    expect_refused((struct view){other, sizeof other}, "no GGUF");
    struct builder builder = lying();
    builder.version = 1;
    expect_builder_refused(&builder, "version 1");
    builder = lying();
    builder.version = 3U << 24;
    expect_builder_refused(&builder, "big-endian");
}

static void counts_larger_than_the_file_are_refused(void **state) {
    (void)state;
    struct builder builder = lying();
    builder.n_key = UINT64_MAX;
    expect_builder_refused(&builder, "keys cannot be");
    builder = lying();
    builder.n_tensor = UINT64_MAX / 8;
    expect_builder_refused(&builder, "tensors cannot be");
}

static void bad_keys_are_refused(void **state) {
    (void)state;
    struct builder builder = lying();
    builder_key_u32(&builder, "", 1);
    builder_key_u32(&builder, "padding", 1);
    expect_builder_refused(&builder, "is empty");
    builder = lying();
    builder_key(&builder, "strange", 77);
    builder_u64(&builder.keys, 0);
    expect_builder_refused(&builder, "key strange");
    builder = lying();
    builder_key(&builder, "huge", GGUF_STRING);
    builder_u64(&builder.keys, UINT64_MAX - 4);
    expect_builder_refused(&builder, "key huge");
    builder = lying();
    builder_u64(&builder.keys, UINT64_MAX - 4); /* a name of that length */
    builder_u64(&builder.keys, 0);
    builder.n_key = 1;
    expect_builder_refused(&builder, "key number 0");
    builder = lying();
    builder_key_u32(&builder, "twice", 1);
    builder_key_u32(&builder, "twice", 2);
    expect_builder_refused(&builder, "key twice");
}

static void bad_arrays_are_refused(void **state) {
    (void)state;
    const struct {
        uint32_t of;
        uint64_t n;
    } arrays[] = {{GGUF_UINT64, UINT64_MAX / 8 + 1},
                  {GGUF_UINT8, UINT64_MAX},
                  {GGUF_STRING, UINT64_MAX / 8 + 2},
                  {GGUF_STRING, 3},
                  {GGUF_ARRAY, 1},
                  {99, 1}};
    for (size_t i = 0; i < COUNT_OF(arrays); i++) {
        struct builder builder = lying();
        builder_key_array(&builder, "list", arrays[i].of, arrays[i].n);
        builder_u64(&builder.keys, UINT64_MAX / 2);
        expect_builder_refused(&builder, "key list");
    }
}

static void a_bad_alignment_is_refused(void **state) {
    (void)state;
    static const uint32_t alignments[] = {0, 1, 24, UINT32_MAX}; /* 0: CVE-2025-0317 */
    for (size_t i = 0; i < COUNT_OF(alignments); i++) {
        struct builder builder = lying();
        builder_key_u32(&builder, "general.alignment", alignments[i]);
        expect_builder_refused(&builder, "general.alignment");
    }
    struct builder builder = lying();
    builder_key_text(&builder, "general.alignment", "32");
    expect_builder_refused(&builder, "general.alignment");
}

static void bad_tensors_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t n_dimension;
        uint64_t dimensions[5];
        uint32_t type;
        uint64_t offset;
        const char *word;
    } cases[] = {
        {0, {0}, 0, 0, "0 dimensions"},
        {5, {1, 1, 1, 1, 1}, 0, 0, "5 dimensions"},
        {2, {4, 0}, 0, 0, "is zero"},
        {2, {1ULL << 33, 1ULL << 33}, 0, 0, "multiply"}, /* CVE-2025-53630, CVE-2026-33298 */
        {4, {65536, 65536, 65536, 65537}, 0, 0, "multiply"},
        {1, {UINT64_MAX}, 0, 0, "multiply"},
        {2, {1ULL << 62, 1}, 0, 0, "multiply"},
        {1, {4}, 999, 0, "block format"},
        {1, {33}, 8, 0, "divide into blocks"},
        {1, {4}, 0, 8, "no multiple"},
        {1, {4}, 0, UINT64_MAX - 31, "past the end"}, /* CVE-2026-27940 */
        {1, {4}, 0, 1 << 20, "past the end"},         /* CVE-2024-12055 */
        {1, {64}, 0, 0, "past the end"},              /* CVE-2026-7482 */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct builder builder = lying();
        builder_tensor(&builder, "weight", cases[i].n_dimension, cases[i].dimensions,
                       cases[i].type, cases[i].offset);
        builder_u64(&builder.data, 0); /* room for two floats */
        expect_builder_refused(&builder, cases[i].word);
    }
    struct builder builder = lying();
    struct random random;
    random_seed(&random, 1);
    builder_float_tensor(&builder, "weight", 4, 0, &random, 0, 1);
    builder_float_tensor(&builder, "weight", 4, 0, &random, 0, 1);
    expect_builder_refused(&builder, "twice");
}

/* -------------------------------------------------------------------------------------- networks
 */

/* A network whose key `rest` has another value (or type) than the right one. */
static struct builder network_with(const char *rest, uint32_t value, bool drop, bool as_text) {
    struct builder right, wrong;
    struct builder_shape shape = {.architecture = "llama"};
    builder_open(&right);
    builder_network(&right, &shape, 1);
    wrong = right;
    wrong.keys = (struct buffer){0};
    /* Copies key by key: the name that is wanted has its value replaced or is left out. */
    char name[96];
    snprintf(name, sizeof name, "llama.%s", rest);
    struct view keys = buffer_view(&right.keys);
    struct buffer pattern = {0};
    builder_text(&pattern, name);
    ptrdiff_t at = view_find(keys, buffer_view(&pattern));
    if (at >= 0) {
        size_t end = (size_t)at + pattern.n + 8; /* type and 4 bytes of value */
        buffer_append(&wrong.keys, view_slice(keys, 0, (size_t)at));
        buffer_append(&wrong.keys, view_slice(keys, end, keys.n));
        wrong.n_key--;
    } else {
        buffer_append(&wrong.keys, keys);
    }
    if (!drop && as_text)
        builder_key_text(&wrong, name, "many");
    else if (!drop)
        builder_key_u32(&wrong, name, value);
    buffer_free(&pattern);
    buffer_free(&right.keys);
    return wrong;
}

static void shapes_that_disagree_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        uint32_t value;
        bool drop, as_text;
        const char *word;
    } cases[] = {
        {"block_count", 0, false, false, "llama.block_count"}, /* CVE-2024-8063 */
        {"block_count", 3, false, false, "blk.2."},
        {"block_count", 1, false, false, "tensors"},
        {"block_count", 0, true, false, "llama.block_count"}, /* CVE-2025-0312 */
        {"block_count", 0, false, true, "llama.block_count"},
        {"block_count", UINT32_MAX, false, false, "llama.block_count"},
        {"attention.head_count", 0, false, false, "llama.attention.head_count"},
        {"attention.head_count", 5, false, false, "llama.attention.head_count"},
        {"attention.head_count_kv", 0, false, false, "llama.attention.head_count_kv"},
        {"attention.head_count_kv", 3, false, false, "llama.attention.head_count_kv"},
        {"attention.head_count_kv", 4, false, false, "attn_k.weight"},
        {"embedding_length", 0, false, false, "llama.embedding_length"},
        {"embedding_length", 128, false, false, "token_embd.weight"},
        {"feed_forward_length", 64, false, false, "ffn_gate.weight"},
        {"context_length", 0, false, false, "llama.context_length"},
        {"context_length", 0, true, false, "llama.context_length"},
        {"rope.dimension_count", 15, false, false, "llama.rope.dimension_count"},
        {"rope.dimension_count", 18, false, false, "llama.rope.dimension_count"},
        {"attention.key_length", 32, false, false, "attn_q.weight"},
        {"attention.key_length", 100000, false, false, "llama.attention.key_length"},
        {"attention.value_length", 8, false, false, "llama.attention.value_length"},
        {"vocab_size", 258, false, false, "token_embd.weight"}, /* CVE-2025-49847 */
        {"expert_count", 8, false, false, "llama.expert_count"},
        {"rope.scaling.type", 0, false, true, "llama.rope.scaling.type"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct builder builder =
            network_with(cases[i].rest, cases[i].value, cases[i].drop, cases[i].as_text);
        expect_network_refused(&builder, cases[i].word);
        builder_close(&builder);
    }
}

static void a_network_that_is_not_known_is_named(void **state) {
    (void)state;
    struct builder builder;
    builder_open(&builder);
    expect_network_refused(&builder, "general.architecture");
    builder_key_text(&builder, "general.architecture", "mamba");
    expect_network_refused(&builder, "mamba");
    builder_close(&builder);
}

static void qwen2_needs_its_biases_and_llama_may_go_without(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct builder_shape shape = {.architecture = i & 1 ? "qwen2" : "llama",
                                      .biases = (i & 2) != 0,
                                      .tied = (i & 4) != 0,
                                      .rope_factors = (i & 4) != 0};
        struct builder builder;
        struct fault fault = {0};
        struct weights weights;
        builder_open(&builder);
        builder_network(&builder, &shape, 1);
        if ((i & 3) == 1) {
            expect_network_refused(&builder, "attn_q.bias");
        } else {
            struct view file = builder_join(&builder);
            struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
            assert_true(weights_load(&weights, gguf, &fault));
            assert_int_equal(weights.shape.n_vocabulary, 257);
            assert_int_equal(weights.shape.d_head, 16);
            assert_true((weights.head.data == weights.embedding.data) == shape.tied);
            assert_true((weights.layers[1].key_bias != NULL) == shape.biases);
            assert_true((weights.rope.divisors != NULL) == shape.rope_factors);
            weights_free(&weights);
            gguf_close(gguf);
            release(file);
        }
        builder_close(&builder);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read_back),
        cmocka_unit_test(a_wrong_type_or_range_of_a_key_is_told),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(the_default_model_cut_anywhere_is_refused),
        cmocka_unit_test(what_is_no_gguf_is_refused),
        cmocka_unit_test(counts_larger_than_the_file_are_refused),
        cmocka_unit_test(bad_keys_are_refused),
        cmocka_unit_test(bad_arrays_are_refused),
        cmocka_unit_test(a_bad_alignment_is_refused),
        cmocka_unit_test(bad_tensors_are_refused),
        cmocka_unit_test(shapes_that_disagree_are_refused),
        cmocka_unit_test(a_network_that_is_not_known_is_named),
        cmocka_unit_test(qwen2_needs_its_biases_and_llama_may_go_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
