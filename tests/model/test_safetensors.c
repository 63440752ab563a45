/* Promises of the safetensors reader: what is right is read in place, every trick is refused. */
#include "folder.h"

#include "model/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_word(const struct fault *fault, const char *word) {
    char text[1200];
    fault_text(fault, text, sizeof text);
    if (fault->kind == FAULT_NONE || !strstr(text, word))
        fail_msg("\"%s\" is not in: %s", word, text);
}

/* A file of this header and so many bytes of data, opened; the bytes live until the next call. */
static struct safetensors *open_header(const char *header, size_t n_data, struct fault *fault) {
    static struct buffer bytes;
    uint64_t n = strlen(header);
    buffer_free(&bytes);
    buffer_append(&bytes, (struct view){(const char *)&n, sizeof n});
    buffer_text(&bytes, header);
    for (size_t i = 0; i < n_data; i++)
        buffer_byte(&bytes, (char)i);
    return safetensors_open_bytes(buffer_view(&bytes), "bytes", fault);
}

static void tensors_are_found_by_name_in_place(void **state) {
    (void)state;
    struct fault fault = {0};
    struct safetensors *file =
        open_header("{\"__metadata__\":{\"format\":\"pt\"},"
                    "\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[3,11]},"
                    "\"a\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                    "\"none\":{\"dtype\":\"F16\",\"shape\":[0,5],\"data_offsets\":[11,11]},"
                    "\"one\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[11,13]}}   ",
                    13, &fault);
    assert_non_null(file);
    assert_int_equal(safetensors_n_tensor(file), 4);
    const struct safetensors_tensor *b = safetensors_tensor(file, VIEW("b"));
    assert_non_null(b);
    assert_string_equal(b->type->name, "F32");
    assert_int_equal(b->n_dimension, 2);
    assert_int_equal(b->dimension[0], 2);
    assert_int_equal(b->n_byte, 8);
    assert_int_equal(b->data[0], 3);
    assert_int_equal(safetensors_tensor(file, VIEW("one"))->n_byte, 2);
    assert_null(safetensors_tensor(file, VIEW("c")));
    safetensors_close(file);
}

static void every_trick_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t n_data;
        const char *word;
    } table[] = {
        {"[]", 0, "no JSON object"},
        {"{", 0, "header"},
        {"{} x", 0, "cannot be read"},
        {"{\"a\":7}", 4, "type of values"},
        {"{\"a\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "Q4 is not known"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "dimension 0"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "dimension 0"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":7,\"data_offsets\":[0,4]}}", 4, "no list"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
         "no list"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0,
         "multiply"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0,
         "multiply"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "needs 4 bytes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 8, "not inside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 8, "not inside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}}", 4,
         "not inside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "no two"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "no two"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "1 bytes at the"},
        {"{\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "no tensor stand"},
        {"{\"a\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]},"
         "\"b\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
         3, "another tensor"},
        {"{\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
         2, "duplicate"},
        {"{\"\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "1 to 1024 bytes"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct fault fault = {0};
        assert_null(open_header(table[i].header, table[i].n_data, &fault));
        expect_word(&fault, table[i].word);
        assert_string_equal(fault.file, "bytes");
        assert_true(fault.byte >= 0);
        assert_true(fault.remedy[0]);
    }
}

static void a_deeply_nested_header_is_refused(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_text(&text, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        buffer_byte(&text, '[');
    struct fault fault = {0};
    assert_null(open_header(text.at, 0, &fault));
    expect_word(&fault, "cannot be read");
    buffer_free(&text);
}

static void lengths_of_headers_are_not_believed(void **state) {
    (void)state;
    static const uint64_t lengths[] = {
        0, 1, 9, 100000001, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char bytes[16] = "........{}      ";
        memcpy(bytes, &lengths[i], 8);
        struct fault fault = {0};
        assert_null(safetensors_open_bytes((struct view){bytes, 16}, "bytes", &fault));
        expect_word(&fault, "header");
    }
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct shard shard = {0};
    struct random random;
    random_seed(&random, 3);
    shard_random(&shard, "small", 3, 0, &random);
    struct view bytes = shard_join(&shard);
    struct fault fault = {0};
    struct safetensors *whole = safetensors_open_bytes(bytes, "bytes", &fault);
    assert_non_null(whole);
    safetensors_close(whole);
    for (size_t n = 0; n < bytes.n; n++) {
        fault_clear(&fault);
        assert_null(safetensors_open_bytes((struct view){bytes.at, n}, "bytes", &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
    }
    free((void *)(uintptr_t)bytes.at);
    shard_random(&shard, "large", 300, 300, &random);
    bytes = shard_join(&shard);
    for (size_t n = 4096; n < bytes.n; n += 4096) {
        fault_clear(&fault);
        assert_null(safetensors_open_bytes((struct view){bytes.at, n}, "bytes", &fault));
        expect_word(&fault, "not inside");
    }
    free((void *)(uintptr_t)bytes.at);
    shard_free(&shard);
}

static void write_two_shards(const char *folder) {
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 2; i++) {
        struct shard shard = {0};
        shard_random(&shard, i ? "second" : "first", 4, 4, &random);
        folder_write_shard(folder, i ? "part-2.safetensors" : "part-1.safetensors", &shard);
        shard_free(&shard);
    }
}

static void shards_are_read_as_one_by_their_index(void **state) {
    (void)state;
    char *folder = folder_new("shards");
    write_two_shards(folder);
    folder_write(folder, "model.safetensors.index.json",
                 VIEW("{\"metadata\":{},\"weight_map\":{\"first\":\"part-1.safetensors\","
                      "\"second\":\"part-2.safetensors\"}}"));
    struct fault fault = {0};
    struct safetensors *all = safetensors_open(folder, &fault);
    assert_non_null(all);
    assert_int_equal(safetensors_n_tensor(all), 2);
    assert_true(strstr(safetensors_tensor(all, VIEW("second"))->path, "part-2") != NULL);
    safetensors_close(all);
    folder_remove(folder);
}

static void an_index_that_is_wrong_is_refused(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"{}", "weight_map"},
        {"{\"weight_map\":{\"first\":\"part-1.safetensors\"}}", NULL}, /* reads one file */
        {"{\"weight_map\":{\"first\":\"../part-1.safetensors\"}}", "no name of a file beside"},
        {"{\"weight_map\":{\"first\":\"/etc/passwd\"}}", "no name of a file beside"},
        {"{\"weight_map\":{\"first\":\"\"}}", "no name of a file beside"},
        {"{\"weight_map\":{\"first\":7}}", "no name of a file beside"},
        {"{\"weight_map\":{\"first\":\"part-3.safetensors\"}}", "cannot open"},
        {"{\"weight_map\":{\"third\":\"part-1.safetensors\"}}", "not in the file"},
        {"{\"weight_map\":{\"first\":\"part-2.safetensors\",\"second\":\"part-1.safetensors\"}}",
         "not in the file"},
        {"{\"weight_map\":{}}", NULL},
        {"[", "JSON"},
    };
    char *folder = folder_new("index");
    write_two_shards(folder);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        folder_write(folder, "model.safetensors.index.json", view_of(table[i][0]));
        struct fault fault = {0};
        struct safetensors *all = safetensors_open(folder, &fault);
        if (!table[i][1])
            assert_non_null(all);
        else {
            assert_null(all);
            expect_word(&fault, table[i][1]);
        }
        safetensors_close(all);
    }
    folder_remove(folder);
}

static void a_folder_without_one_file_to_read_is_refused(void **state) {
    (void)state;
    char *folder = folder_new("none");
    struct fault fault = {0};
    assert_null(safetensors_open(folder, &fault));
    expect_word(&fault, "no .safetensors file");
    write_two_shards(folder);
    fault_clear(&fault);
    assert_null(safetensors_open(folder, &fault));
    expect_word(&fault, "2 .safetensors files and no index");
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_found_by_name_in_place),
        cmocka_unit_test(every_trick_is_refused_with_its_place),
        cmocka_unit_test(a_deeply_nested_header_is_refused),
        cmocka_unit_test(lengths_of_headers_are_not_believed),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(shards_are_read_as_one_by_their_index),
        cmocka_unit_test(an_index_that_is_wrong_is_refused),
        cmocka_unit_test(a_folder_without_one_file_to_read_is_refused),
    };
    return cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
}
