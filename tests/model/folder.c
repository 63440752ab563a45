#include "folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_TOKEN = 270, WIDTH = 8, FEED = 12, HEADS = 2, KEY_HEADS = 1, HEAD = 4 };

/* ------------------------------------------------------------------------------- safetensors */

void shard_tensor(struct shard *shard, const char *name, const char *type, int n_dimension,
                  const int64_t *dimension, const void *values, size_t n_byte) {
    buffer_format(&shard->header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[",
                  shard->header.n ? "," : "{", name, type);
    for (int i = 0; i < n_dimension; i++)
        buffer_format(&shard->header, "%s%lld", i ? "," : "", (long long)dimension[i]);
    buffer_format(&shard->header, "],\"data_offsets\":[%zu,%zu]}", shard->data.n,
                  shard->data.n + n_byte);
    buffer_append(&shard->data, (struct view){values, n_byte});
}

void shard_random(struct shard *shard, const char *name, int64_t rows, int64_t columns,
                  struct random *random) {
    size_t n = (size_t)(rows * (columns ? columns : 1));
    float *values = must_alloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(random_unit(random) - 0.5);
    shard_tensor(shard, name, "F32", columns ? 2 : 1, (int64_t[]){rows, columns}, values,
                 n * sizeof *values);
    free(values);
}

struct view shard_join(const struct shard *shard) {
    struct buffer out = {0};
    uint64_t n = shard->header.n + 1;
    buffer_append(&out, (struct view){(const char *)&n, sizeof n});
    buffer_append(&out, buffer_view(&shard->header));
    buffer_byte(&out, '}');
    buffer_append(&out, buffer_view(&shard->data));
    return buffer_view(&out);
}

void shard_free(struct shard *shard) {
    buffer_free(&shard->header);
    buffer_free(&shard->data);
}

/* ----------------------------------------------------------------------------------- folders */

char *folder_new(const char *name) {
    const char *root = getenv("TMPDIR");
    struct buffer path = {0};
    struct fault fault = {0};
    buffer_format(&path, "%s/lyceum-%d-%s", root ? root : "/tmp", (int)getpid(), name);
    MUST(folder_make(path.at, &fault));
    return path.at;
}

void folder_write(const char *folder, const char *name, struct view content) {
    struct buffer path = {0};
    struct fault fault = {0};
    buffer_format(&path, "%s/%s", folder, name);
    if (strchr(name, '/')) {
        char *parent = must_copy(
            view_slice(buffer_view(&path), 0, (size_t)(strrchr(path.at, '/') - path.at)));
        MUST(folder_make(parent, &fault));
        free(parent);
    }
    MUST(file_write(path.at, content, &fault));
    buffer_free(&path);
}

void folder_write_shard(const char *folder, const char *name, const struct shard *shard) {
    struct view bytes = shard_join(shard);
    folder_write(folder, name, bytes);
    free((void *)(uintptr_t)bytes.at);
}

static void remove_all(const char *folder) {
    DIR *list = opendir(folder);
    struct dirent *entry;
    while (list && (entry = readdir(list))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        struct buffer path = {0};
        buffer_format(&path, "%s/%s", folder, entry->d_name);
        if (unlink(path.at) < 0)
            remove_all(path.at);
        buffer_free(&path);
    }
    if (list)
        closedir(list);
    rmdir(folder);
}

void folder_remove(char *folder) {
    remove_all(folder);
    free(folder);
}

/* ---------------------------------------------------------------------------------- networks */

void folder_weights(struct shard *shard, const char *network, bool tied) {
    bool qwen2 = !strcmp(network, "qwen2"), gemma = !strcmp(network, "gemma3");
    bool heads = gemma || !strcmp(network, "qwen3");
    int query = HEADS * HEAD, key = KEY_HEADS * HEAD;
    const struct {
        const char *name;
        int rows, columns;
        bool there;
    } tensors[] = {
        {"model.embed_tokens.weight", N_TOKEN, WIDTH, true},
        {"model.norm.weight", WIDTH, 0, true},
        {"lm_head.weight", N_TOKEN, WIDTH, !tied},
        {"model.layers.0.input_layernorm.weight", WIDTH, 0, true},
        {"model.layers.0.self_attn.q_proj.weight", query, WIDTH, true},
        {"model.layers.0.self_attn.k_proj.weight", key, WIDTH, true},
        {"model.layers.0.self_attn.v_proj.weight", key, WIDTH, true},
        {"model.layers.0.self_attn.q_proj.bias", query, 0, qwen2},
        {"model.layers.0.self_attn.k_proj.bias", key, 0, qwen2},
        {"model.layers.0.self_attn.v_proj.bias", key, 0, qwen2},
        {"model.layers.0.self_attn.q_norm.weight", HEAD, 0, heads},
        {"model.layers.0.self_attn.k_norm.weight", HEAD, 0, heads},
        {"model.layers.0.self_attn.o_proj.weight", WIDTH, query, true},
        {"model.layers.0.post_attention_layernorm.weight", WIDTH, 0, true},
        {"model.layers.0.pre_feedforward_layernorm.weight", WIDTH, 0, gemma},
        {"model.layers.0.mlp.gate_proj.weight", FEED, WIDTH, true},
        {"model.layers.0.mlp.up_proj.weight", FEED, WIDTH, true},
        {"model.layers.0.mlp.down_proj.weight", WIDTH, FEED, true},
        {"model.layers.0.post_feedforward_layernorm.weight", WIDTH, 0, gemma},
    };
    struct random random;
    random_seed(&random, 7);
    for (size_t i = 0; i < COUNT_OF(tensors); i++)
        if (tensors[i].there)
            shard_random(shard, tensors[i].name, tensors[i].rows, tensors[i].columns, &random);
}

void folder_config(const char *folder, const char *network, const char *more) {
    static const char *const names[][2] = {{"llama", "LlamaForCausalLM"},
                                           {"qwen2", "Qwen2ForCausalLM"},
                                           {"qwen3", "Qwen3ForCausalLM"},
                                           {"gemma3", "Gemma3ForCausalLM"}};
    struct buffer text = {0};
    const char *class_name = network;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(names[i][0], network))
            class_name = names[i][1];
    buffer_format(&text,
                  "{\"architectures\":[\"%s\"],\"num_hidden_layers\":1,\"hidden_size\":%d,"
                  "\"intermediate_size\":%d,\"num_attention_heads\":%d,\"num_key_value_heads\":%d,"
                  "\"head_dim\":%d,\"max_position_embeddings\":64,\"rms_norm_eps\":1e-5,"
                  "\"vocab_size\":%d,\"query_pre_attn_scalar\":%d,\"eos_token_id\":257%s}",
                  class_name, WIDTH, FEED, HEADS, KEY_HEADS, HEAD, N_TOKEN, HEAD, more);
    folder_write(folder, "config.json", buffer_view(&text));
    buffer_free(&text);
}

static void put_bytes(struct buffer *text) {
    for (int byte = 0; byte < 256; byte++) { /* GPT-2's alphabet */
        bool itself = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
        static int next;
        next = byte ? next : 256;
        char out[4];
        size_t n = utf8_encode(itself ? byte : next++, out);
        bool quoted = byte == '"' || byte == '\\';
        buffer_format(text, "%s\"%s%.*s\":%d", byte ? "," : "", quoted ? "\\" : "", (int)n, out,
                      byte);
    }
}

void folder_tokenizer(const char *folder, const char *network) {
    struct buffer text = {0};
    bool gemma = !strcmp(network, "gemma3"), llama = !strcmp(network, "llama");
    buffer_text(&text, "{\"added_tokens\":[{\"id\":256,\"content\":\"<start>\",\"special\":true},"
                       "{\"id\":257,\"content\":\"<|end|>\",\"special\":false},"
                       "{\"id\":258,\"content\":\"<tag\u2581>\",\"special\":false},"
                       "{\"id\":900,\"content\":\"<beyond>\",\"special\":true}],");
    if (gemma)
        buffer_text(&text, "\"normalizer\":{\"type\":\"Replace\"},");
    else if (llama)
        buffer_text(&text, "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
                           "\"Digits\",\"individual_digits\":true},{\"type\":\"ByteLevel\"}]},");
    else
        buffer_text(&text,
                    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
                    "\"Split\",\"pattern\":{\"Regex\":\"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n"
                    "\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*"
                    "|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+\"},\"behavior\":\"Isolated\"},"
                    "{\"type\":\"ByteLevel\",\"use_regex\":false}]},");
    buffer_format(&text, "\"model\":{\"type\":\"BPE\",\"byte_fallback\":%s,\"vocab\":{",
                  gemma ? "true" : "false");
    for (int byte = 0; gemma && byte < 256; byte++)
        buffer_format(&text, "%s\"<0x%02X>\":%d", byte ? "," : "", byte, byte);
    if (!gemma)
        put_bytes(&text);
    if (gemma)
        buffer_text(&text, ",\"\u2581\":263,\"t\":264,\"h\":265");
    buffer_format(&text, ",\"th\":260,\"\u0120t\":261,\"%st\":262},",
                  gemma ? "\u2581" : "\u0120\u0120");
    buffer_format(&text, "\"merges\":[[\"t\",\"h\"],\"%s t\"]}}", gemma ? "\u2581" : "\u0120");
    folder_write(folder, "tokenizer.json", buffer_view(&text));
    buffer_clear(&text);
    buffer_text(&text,
                "{\"bos_token\":\"<start>\",\"eos_token\":{\"content\":\"<|end|>\"},"
                "\"add_bos_token\":true,\"model_max_length\":1000000000000000019884624838656,"
                "\"chat_template\":\"{{ messages[0].content }}\"}");
    folder_write(folder, "tokenizer_config.json", buffer_view(&text));
    buffer_free(&text);
}

char *folder_of_network(const char *name, const char *network, bool tied) {
    char *folder = folder_new(name);
    struct shard shard = {0};
    folder_weights(&shard, network, tied);
    folder_write_shard(folder, "model.safetensors", &shard);
    shard_free(&shard);
    folder_config(folder, network, tied ? ",\"tie_word_embeddings\":true" : "");
    folder_tokenizer(folder, network);
    return folder;
}
