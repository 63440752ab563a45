/* Promises of conversion: a folder as transformers saves it becomes the same network in GGUF. */
#include "folder.h"

#include "model/gguf.h"
#include "model/model.h"
#include "model/safetensors.h"
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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

static char *beside(const char *folder) {
    struct buffer path = {0};
    buffer_format(&path, "%s.gguf", folder);
    return path.at;
}

static bool converted(const char *in, const char *out, const char *type, struct fault *fault) {
    struct quantisation how = {.type = type};
    struct quantisation_result result;
    return model_quantise(in, out, &how, pool, &result, fault);
}

static struct gguf *must_convert(const char *folder, const char *type) {
    struct fault fault = {0};
    char text[1200], *path = beside(folder);
    struct gguf *gguf = converted(folder, path, type, &fault) ? gguf_open(path, &fault) : NULL;
    if (!gguf)
        fail_msg("%s", fault_text(&fault, text, sizeof text));
    unlink(path); /* it stays mapped */
    free(path);
    return gguf;
}

static void expect_refused(const char *folder, const char *word) {
    struct fault fault = {0};
    char text[1200], *path = beside(folder);
    assert_false(converted(folder, path, "F32", &fault));
    fault_text(&fault, text, sizeof text);
    if (!strstr(text, word))
        fail_msg("\"%s\" is not in: %s", word, text);
    assert_false(file_exists(path));
    free(path);
}

static float value_at(const uint8_t *data, int64_t i) {
    float value;
    memcpy(&value, data + i * 4, 4);
    return value;
}

static const uint8_t *data_of(const struct gguf *gguf, const char *name) {
    const struct gguf_tensor *tensor = gguf_tensor(gguf, name);
    if (!tensor)
        fail_msg("there is no %s", name);
    assert_int_equal(tensor->type, TENSOR_F32);
    return tensor->data;
}

static void the_networks_load_and_have_the_weights_of_the_folder(void **state) {
    (void)state;
    static const char *const networks[] = {"llama", "qwen2", "qwen3", "gemma3"};
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        char *folder = folder_of_network("networks", networks[i], i % 2), *path = beside(folder);
        struct fault fault = {0};
        assert_true(converted(folder, path, "F32", &fault));
        struct model *model = model_open(path, pool, &fault);
        if (!model)
            fail_msg("%s: %s", networks[i], fault.message);
        assert_string_equal(model_shape(model)->architecture, networks[i]);
        assert_int_equal(model_shape(model)->n_vocabulary, 270);
        model_close(model);
        struct gguf *gguf = gguf_open(path, &fault);
        struct safetensors *files = safetensors_open(folder, &fault);
        bool tied = i % 2 || !strcmp(networks[i], "gemma3");
        assert_int_equal(gguf_tensor(gguf, "output.weight") == NULL, tied);
        assert_memory_equal(
            data_of(gguf, "blk.0.ffn_down.weight"),
            safetensors_tensor(files, VIEW("model.layers.0.mlp.down_proj.weight"))->data,
            8 * 12 * 4);
        safetensors_close(files);
        gguf_close(gguf);
        unlink(path);
        free(path);
        folder_remove(folder);
    }
}

static void halves_of_a_llama_head_become_pairs(void **state) {
    (void)state;
    for (int reorders = 0; reorders < 2; reorders++) {
        char *folder = folder_of_network("pairs", reorders ? "llama" : "qwen3", true);
        struct gguf *gguf = must_convert(folder, "F32");
        struct fault fault = {0};
        struct safetensors *files = safetensors_open(folder, &fault);
        const uint8_t *to = data_of(gguf, "blk.0.attn_q.weight");
        const uint8_t *from =
            safetensors_tensor(files, VIEW("model.layers.0.self_attn.q_proj.weight"))->data;
        static const int pairs[] = {0, 2, 1, 3, 4, 6, 5, 7}, plain[] = {0, 1, 2, 3, 4, 5, 6, 7};
        for (int row = 0; row < 8; row++)
            assert_memory_equal(to + row * 8 * 4, from + (reorders ? pairs : plain)[row] * 8 * 4,
                                8 * 4);
        safetensors_close(files);
        gguf_close(gguf);
        folder_remove(folder);
    }
}

static void gemmas_norms_have_their_one_added(void **state) {
    (void)state;
    char *folder = folder_of_network("norms", "gemma3", true);
    struct gguf *gguf = must_convert(folder, "Q8_0"); /* norms stay floats */
    struct fault fault = {0};
    struct safetensors *files = safetensors_open(folder, &fault);
    static const char *const names[][2] = {
        {"output_norm.weight", "model.norm.weight"},
        {"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
        {"blk.0.attn_q_norm.weight", "model.layers.0.self_attn.q_norm.weight"},
        {"blk.0.post_attention_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
        {"blk.0.ffn_norm.weight", "model.layers.0.pre_feedforward_layernorm.weight"},
        {"blk.0.post_ffw_norm.weight", "model.layers.0.post_feedforward_layernorm.weight"},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const uint8_t *from = safetensors_tensor(files, view_of(names[i][1]))->data;
        assert_true(value_at(data_of(gguf, names[i][0]), 1) == value_at(from, 1) + 1);
    }
    safetensors_close(files);
    gguf_close(gguf);
    folder_remove(folder);
}

static void floats_of_every_width_are_read(void **state) {
    (void)state;
    static const double values[4] = {1, -0.5, 3.25, 0.0078125};
    static const struct {
        const char *type;
        int size;
    } types[] = {{"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F64", 8}};
    for (size_t k = 0; k < COUNT_OF(types); k++) {
        char *folder = folder_of_network("widths", "qwen3", true);
        struct shard shard = {0}, all = {0};
        folder_weights(&shard, "qwen3", true);
        /* The same file with the weights of one norm in another width, of that name first. */
        uint8_t bytes[32];
        for (int i = 0; i < 4; i++) {
            float single = (float)values[i];
            uint16_t half =
                types[k].type[0] == 'B' ? bf16_from_float(single) : f16_from_float(single);
            memcpy(bytes + i * types[k].size,
                   types[k].size == 8   ? (const void *)&values[i]
                   : types[k].size == 4 ? (const void *)&single
                                        : (const void *)&half,
                   (size_t)types[k].size);
        }
        struct random random;
        random_seed(&random, 1);
        shard_tensor(&all, "model.layers.0.self_attn.q_norm.weight", types[k].type, 1,
                     (int64_t[]){4}, bytes, 4 * (size_t)types[k].size);
        struct fault fault = {0};
        struct safetensors *files = safetensors_open(folder, &fault);
        for (size_t i = 0; i < safetensors_n_tensor(files); i++) {
            const struct safetensors_tensor *tensor = safetensors_tensor_at(files, i);
            char name[100];
            snprintf(name, sizeof name, "%.*s", VIEW_ARG(tensor->name));
            if (!strstr(name, "q_norm"))
                shard_tensor(&all, name, "F32", tensor->n_dimension, tensor->dimension,
                             tensor->data, tensor->n_byte);
        }
        folder_write_shard(folder, "model.safetensors", &all);
        struct gguf *gguf = must_convert(folder, "F32");
        for (int i = 0; i < 4; i++)
            assert_true((double)value_at(data_of(gguf, "blk.0.attn_q_norm.weight"), i) ==
                        values[i]);
        gguf_close(gguf);
        safetensors_close(files);
        shard_free(&shard);
        shard_free(&all);
        folder_remove(folder);
    }
}

static void the_vocabulary_has_tokens_types_and_roles(void **state) {
    (void)state;
    char *folder = folder_of_network("vocabulary", "llama", true), *path = beside(folder);
    struct fault fault = {0};
    assert_true(converted(folder, path, "F32", &fault));
    struct model *model = model_open(path, pool, &fault);
    assert_non_null(model);
    const struct vocabulary *vocabulary = model_vocabulary(model);
    assert_int_equal(vocabulary_begin(vocabulary), 256);
    assert_true(vocabulary_adds_begin(vocabulary));
    assert_true(vocabulary_is_end(vocabulary, 257));
    struct tokens tokens = {0};
    assert_true(vocabulary_encode(vocabulary, VIEW("th <start><tag >12"), SPECIAL_PARSED, &tokens,
                                  &fault));
    static const int32_t expected[] = {260, ' ', 256, 258, '1', '2'};
    assert_int_equal(tokens.n, COUNT_OF(expected));
    assert_memory_equal(tokens.at, expected, sizeof expected);
    tokens_free(&tokens);
    model_close(model);
    struct gguf *gguf = gguf_open(path, &fault);
    struct view text;
    assert_true(gguf_string(gguf, "tokenizer.chat_template", &text, &fault));
    assert_true(view_is(text, "{{ messages[0].content }}"));
    assert_true(gguf_string(gguf, "tokenizer.ggml.pre", &text, &fault));
    assert_true(view_is(text, "smollm"));
    gguf_close(gguf);
    unlink(path);
    free(path);
    folder_remove(folder);
}

static void a_template_in_its_own_file_stands_before_the_setting(void **state) {
    (void)state;
    char *folder = folder_of_network("template", "llama", true);
    folder_write(folder, "chat_template.jinja", VIEW("its own"));
    struct gguf *gguf = must_convert(folder, "F32");
    struct fault fault = {0};
    struct view text;
    assert_true(gguf_string(gguf, "tokenizer.chat_template", &text, &fault));
    assert_true(view_is(text, "its own"));
    gguf_close(gguf);
    folder_remove(folder);
}

static void llama_3_stretches_the_long_waves_alone(void **state) {
    (void)state;
    char *folder = folder_of_network("rope", "llama", true);
    folder_config(folder, "llama",
                  ",\"tie_word_embeddings\":true,\"rope_theta\":10000,\"rope_scaling\":{"
                  "\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,"
                  "\"high_freq_factor\":4,\"original_max_position_embeddings\":64}");
    struct gguf *gguf = must_convert(folder, "F32");
    const uint8_t *factors = data_of(gguf, "rope_freqs.weight"); /* waves of 2 π and 200 π */
    assert_true(value_at(factors, 0) == 1);
    assert_true(value_at(factors, 1) == 8);
    gguf_close(gguf);
    folder_remove(folder);
}

static void what_is_not_computed_is_refused_by_name(void **state) {
    (void)state;
    static const char *const table[][3] = {
        {"llama", ",\"hidden_act\":\"relu\"", "hidden_act"},
        {"llama", ",\"rope_scaling\":{\"type\":\"yarn\",\"factor\":2}", "yarn"},
        {"llama", ",\"sliding_window\":4096", "sliding_window"},
        {"llama", ",\"quantization_config\":{\"bits\":4}", "quantization_config"},
        {"llama", ",\"partial_rotary_factor\":0.5", "partial_rotary_factor"},
        {"qwen2", ",\"use_sliding_window\":true", "use_sliding_window"},
        {"qwen3", ",\"rope_parameters\":{\"rope_type\":\"llama3\",\"rope_theta\":7}", "llama3"},
        {"gemma3", ",\"attn_logit_softcapping\":30.0", "softcapping"},
        {"gemma3", ",\"layer_types\":[\"chunked\"]", "layer_types"},
        {"gemma3", ",\"layer_types\":[]", "layer_types"},
        {"llama", ",\"rope_theta\":-1", "rope_theta"},
        {"llama", ",\"rope_theta\":\"much\"", "rope_theta"},
        {"MambaForCausalLM", "", "MambaForCausalLM is not supported"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        bool known = strcmp(table[i][0], "MambaForCausalLM") != 0;
        char *folder = folder_of_network("refused", known ? table[i][0] : "llama", true);
        folder_config(folder, table[i][0], table[i][1]);
        expect_refused(folder, table[i][2]);
        folder_remove(folder);
    }
}

static void numbers_of_a_config_are_not_believed(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"\"num_hidden_layers\":1,", "\"num_hidden_layers\":0,"},
        {"\"num_hidden_layers\":1,", "\"num_hidden_layers\":1000000000,"},
        {"\"num_hidden_layers\":1,", "\"num_hidden_layers\":2,"},
        {"\"num_hidden_layers\":1,", ""},
        {"\"hidden_size\":8,", "\"hidden_size\":-8,"},
        {"\"hidden_size\":8,", "\"hidden_size\":16,"},
        {"\"head_dim\":4,", "\"head_dim\":3,"},
        {"\"head_dim\":4,", "\"head_dim\":9223372036854775807,"},
        {"\"num_attention_heads\":2,", "\"num_attention_heads\":1e3,"},
        {"\"num_key_value_heads\":1,", "\"num_key_value_heads\":2,"},
        {"\"rms_norm_eps\":1e-5,", "\"rms_norm_eps\":0,"},
        {"\"architectures\":[\"LlamaForCausalLM\"],", ""},
    };
    char *folder = folder_of_network("numbers", "llama", true);
    struct buffer path = {0}, text = {0}, changed = {0};
    struct fault fault = {0};
    buffer_format(&path, "%s/config.json", folder);
    assert_true(file_read(path.at, 1 << 20, &text, &fault));
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        ptrdiff_t at = view_find(buffer_view(&text), view_of(table[i][0]));
        assert_true(at >= 0);
        buffer_clear(&changed);
        buffer_append(&changed, view_slice(buffer_view(&text), 0, (size_t)at));
        buffer_text(&changed, table[i][1]);
        buffer_append(&changed,
                      view_slice(buffer_view(&text), (size_t)at + strlen(table[i][0]), text.n));
        folder_write(folder, "config.json", buffer_view(&changed));
        expect_refused(folder, folder);
    }
    buffer_free(&path);
    buffer_free(&text);
    buffer_free(&changed);
    folder_remove(folder);
}

static void tensors_without_a_place_and_places_without_a_tensor_are_refused(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 2);
    char *folder = folder_of_network("places", "llama", true);
    struct shard shard = {0};
    folder_weights(&shard, "llama", true);
    shard_random(&shard, "vision_tower.patch.weight", 2, 2, &random); /* known to need none */
    folder_write_shard(folder, "model.safetensors", &shard);
    gguf_close(must_convert(folder, "F32"));
    shard_random(&shard, "model.layers.0.mlp.up_proj.bias", 12, 0, &random);
    folder_write_shard(folder, "model.safetensors", &shard);
    expect_refused(folder, "mlp.up_proj.bias: the network llama has no place");
    shard_free(&shard);
    folder_config(folder, "qwen2", ",\"tie_word_embeddings\":true");
    folder_tokenizer(folder, "qwen2");
    expect_refused(folder, "q_proj.bias: the files do not have it");
    folder_remove(folder);
}

static void vocabularies_of_other_kinds_are_refused_by_name(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",0]]}}", "Unigram"},
        {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}}}", "WordLevel is not known"},
        {"{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},\"pre_tokenizer\":{\"type\":"
         "\"Whitespace\"}}",
         "Whitespace is not known"},
        {"{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},\"pre_tokenizer\":{\"type\":"
         "\"Sequence\",\"pretokenizers\":[]}}",
         "nothing is not known"},
        {"{\"model\":{\"vocab\":{\"a\":0},\"merges\":[\"one\"]},\"pre_tokenizer\":{\"type\":"
         "\"ByteLevel\"}}",
         "merge 0"},
        {"{\"model\":{\"vocab\":{\"a\":300},\"merges\":[]}}", "number 300"},
        {"{\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}", "number -1"},
        {"{\"model\":{\"vocab\":{\"a\":1,\"b\":1},\"merges\":[]}}", "two tokens"},
        {"{\"model\":{\"vocab\":{},\"merges\":[]}}", "empty"},
        {"{\"model\":{\"vocab\":{\"a\":0},\"merges\":[],\"byte_fallback\":true}}",
         "byte_fallback"},
        {"{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}", "WordPiece"},
        {"{}", "vocab"},
        {"[]", "no JSON object"},
        {"{\"model\":", "JSON"},
        {"", "empty"},
    };
    char *folder = folder_of_network("kinds", "llama", true);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        folder_write(folder, "tokenizer.json", view_of(table[i][0]));
        expect_refused(folder, table[i][1]);
    }
    folder_remove(folder);
}

/* Every 4 kB of each file: refused, and nothing is written. */
static void a_folder_with_a_file_cut_short_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {"model.safetensors", "tokenizer.json", "config.json"};
    char *folder = folder_of_network("cut", "qwen3", false);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct buffer path = {0}, whole = {0};
        struct fault fault = {0};
        buffer_format(&path, "%s/%s", folder, names[i]);
        assert_true(file_read(path.at, 1 << 20, &whole, &fault));
        size_t step = whole.n > 4096 ? 4096 : 64;
        for (size_t n = 0; n < whole.n; n += step) {
            folder_write(folder, names[i], view_slice(buffer_view(&whole), 0, n));
            expect_refused(folder, names[i]);
        }
        folder_write(folder, names[i], buffer_view(&whole));
        buffer_free(&path);
        buffer_free(&whole);
    }
    folder_remove(folder);
}

static void integers_are_no_weights(void **state) {
    (void)state;
    char *folder = folder_of_network("integers", "llama", true);
    struct shard shard = {0};
    uint8_t bytes[270 * 8] = {0};
    shard_tensor(&shard, "model.embed_tokens.weight", "I8", 2, (int64_t[]){270, 8}, bytes,
                 sizeof bytes);
    folder_write_shard(folder, "model.safetensors", &shard);
    shard_free(&shard);
    expect_refused(folder, "values of type I8");
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_networks_load_and_have_the_weights_of_the_folder),
        cmocka_unit_test(halves_of_a_llama_head_become_pairs),
        cmocka_unit_test(gemmas_norms_have_their_one_added),
        cmocka_unit_test(floats_of_every_width_are_read),
        cmocka_unit_test(the_vocabulary_has_tokens_types_and_roles),
        cmocka_unit_test(a_template_in_its_own_file_stands_before_the_setting),
        cmocka_unit_test(llama_3_stretches_the_long_waves_alone),
        cmocka_unit_test(what_is_not_computed_is_refused_by_name),
        cmocka_unit_test(numbers_of_a_config_are_not_believed),
        cmocka_unit_test(tensors_without_a_place_and_places_without_a_tensor_are_refused),
        cmocka_unit_test(vocabularies_of_other_kinds_are_refused_by_name),
        cmocka_unit_test(a_folder_with_a_file_cut_short_is_refused),
        cmocka_unit_test(integers_are_no_weights),
    };
    return cmocka_run_group_tests_name("convert", tests, start, end);
}
