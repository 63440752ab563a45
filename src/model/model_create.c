/* A new model: a vocabulary learnt of texts, weights drawn at random. */
#include "model/gguf.h"
#include "model/vocabulary_train.h"
#include "tensor/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct model_recipe model_recipe_default = {.name = "new",
                                                  .n_vocabulary = 4096,
                                                  .n_layer = 6,
                                                  .n_head = 8,
                                                  .d_model = 256,
                                                  .n_context = 512,
                                                  .rope_base = 10000};

static const char *const special_tokens[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
enum { END_OF_TEXT, START_OF_TURN, END_OF_TURN, N_SPECIAL };
static const char pieces_rule[] = "smollm";
static const char chat_template[] =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
    "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{'<|im_start|>assistant\n'}}{% endif %}";

/* ------------------------------------------------------------------------------------- recipe */

static const uint64_t MOST_PARAMETERS = (uint64_t)1 << 30;
enum { LEAST_TOKENS = N_SPECIAL + 256, MOST_TOKENS = 1 << 18, MOST_HEAD = 512 };

static void fill_in(struct model_recipe *recipe) {
    if (!recipe->n_kv_head)
        recipe->n_kv_head = recipe->n_head;
    if (!recipe->d_feed_forward)
        recipe->d_feed_forward = (recipe->d_model * 8 / 3 + 63) / 64 * 64;
}

static uint64_t parameters(const struct model_recipe *recipe) {
    uint64_t d = (uint64_t)recipe->d_model, n_layer = (uint64_t)recipe->n_layer;
    uint64_t d_key = d / (uint64_t)recipe->n_head * (uint64_t)recipe->n_kv_head;
    uint64_t layer = 2 * d * d + 2 * d * d_key + 3 * d * (uint64_t)recipe->d_feed_forward + 2 * d;
    return n_layer * layer + d + (uint64_t)recipe->n_vocabulary * d * (recipe->untied ? 2 : 1);
}

static bool check_bounds(const struct model_recipe *recipe, struct fault *fault) {
    const struct {
        const char *name;
        int value, low, high;
    } bounds[] = {{"vocabulary", recipe->n_vocabulary, LEAST_TOKENS, MOST_TOKENS},
                  {"layers", recipe->n_layer, 1, 256},
                  {"width", recipe->d_model, 32, 8192},
                  {"heads", recipe->n_head, 1, 256},
                  {"kv-heads", recipe->n_kv_head, 0, 256},
                  {"feed-forward", recipe->d_feed_forward, 0, 1 << 16},
                  {"context", recipe->n_context, 16, 1 << 20}};
    for (size_t i = 0; i < COUNT_OF(bounds); i++)
        if (bounds[i].value < bounds[i].low || bounds[i].value > bounds[i].high)
            return fault_set(fault, FAULT_INPUT, "%s is %d, not %d to %d", bounds[i].name,
                             bounds[i].value, bounds[i].low, bounds[i].high);
    if (!(recipe->rope_base >= 1 && recipe->rope_base <= 1e9F))
        return fault_set(fault, FAULT_INPUT, "rope-base is %g, not 1 to 1e9",
                         (double)recipe->rope_base);
    return true;
}

static bool check_recipe(const struct model_recipe *recipe, struct fault *fault) {
    if (recipe->d_model % 32 || recipe->d_feed_forward % 32)
        return fault_set(fault, FAULT_INPUT,
                         "width %d and feed-forward %d are not both multiples of 32, the block of "
                         "formats of fewer bits",
                         recipe->d_model, recipe->d_feed_forward);
    int d_head = recipe->d_model / recipe->n_head;
    if (recipe->d_model % recipe->n_head || d_head % 2 || d_head > MOST_HEAD)
        return fault_set(fault, FAULT_INPUT,
                         "%d heads do not divide a width of %d into even heads of 2 to %d",
                         recipe->n_head, recipe->d_model, MOST_HEAD);
    if (recipe->n_head % recipe->n_kv_head)
        return fault_set(fault, FAULT_INPUT, "%d heads do not share %d kv-heads evenly",
                         recipe->n_head, recipe->n_kv_head);
    if (parameters(recipe) > MOST_PARAMETERS)
        return fault_set(fault, FAULT_LIMIT, "%.0f million weights are over %.0f million",
                         (double)parameters(recipe) / 1e6, (double)MOST_PARAMETERS / 1e6);
    return true;
}

/* --------------------------------------------------------------------------------- vocabulary */

static void put(struct buffer *out, const void *at, size_t n) {
    buffer_append(out, (struct view){at, n});
}

static void put_string(struct buffer *out, struct view text) {
    uint64_t n = text.n;
    put(out, &n, sizeof n);
    buffer_append(out, text);
}

static void start_array(struct buffer *out, uint32_t type, uint64_t n) {
    buffer_clear(out);
    put(out, &type, sizeof type);
    put(out, &n, sizeof n);
}

static void write_array(struct gguf_writer *writer, const char *key, const struct buffer *value) {
    gguf_write_key(writer, view_of(key), GGUF_ARRAY, buffer_view(value));
}

/* Appends a token in byte pair's alphabet. */
static void spell(const struct learnt_vocabulary *learnt, int32_t token, struct buffer *out) {
    struct view bytes = learnt_token(learnt, token);
    char point[4];
    for (size_t i = 0; i < bytes.n; i++) {
        size_t n = utf8_encode(byte_to_point((uint8_t)bytes.at[i]), point);
        put(out, point, n);
    }
}

static void write_tokens(struct gguf_writer *writer, const struct learnt_vocabulary *learnt) {
    struct buffer value = {0}, text = {0};
    const int32_t control = TOKEN_CONTROL, normal = TOKEN_NORMAL;
    uint64_t n = (uint64_t)learnt->n + N_SPECIAL;
    start_array(&value, GGUF_STRING, n);
    for (size_t i = 0; i < N_SPECIAL; i++)
        put_string(&value, view_of(special_tokens[i]));
    for (int32_t i = 0; i < learnt->n; i++) {
        buffer_clear(&text);
        spell(learnt, i, &text);
        put_string(&value, buffer_view(&text));
    }
    write_array(writer, "tokenizer.ggml.tokens", &value);
    start_array(&value, GGUF_INT32, n);
    for (uint64_t i = 0; i < n; i++)
        put(&value, i < N_SPECIAL ? &control : &normal, sizeof normal);
    write_array(writer, "tokenizer.ggml.token_type", &value);
    start_array(&value, GGUF_STRING, learnt->n_merge);
    for (size_t i = 0; i < learnt->n_merge; i++) {
        buffer_clear(&text);
        spell(learnt, learnt->merges[i].left, &text);
        buffer_byte(&text, ' ');
        spell(learnt, learnt->merges[i].right, &text);
        put_string(&value, buffer_view(&text));
    }
    write_array(writer, "tokenizer.ggml.merges", &value);
    buffer_free(&value);
    buffer_free(&text);
}

static void write_vocabulary(struct gguf_writer *writer, const struct learnt_vocabulary *learnt) {
    const uint8_t yes = 1;
    gguf_write_text(writer, "tokenizer.ggml.model", VIEW("gpt2"));
    gguf_write_text(writer, "tokenizer.ggml.pre", view_of(pieces_rule));
    write_tokens(writer, learnt);
    gguf_write_uint32(writer, "tokenizer.ggml.bos_token_id", END_OF_TEXT);
    gguf_write_uint32(writer, "tokenizer.ggml.eos_token_id", END_OF_TEXT);
    gguf_write_uint32(writer, "tokenizer.ggml.eot_token_id", END_OF_TURN);
    gguf_write_uint32(writer, "tokenizer.ggml.padding_token_id", END_OF_TEXT);
    gguf_write_key(writer, VIEW("tokenizer.ggml.add_bos_token"), GGUF_BOOL,
                   (struct view){(const char *)&yes, 1});
    gguf_write_text(writer, "tokenizer.chat_template", view_of(chat_template));
}

/* ------------------------------------------------------------------------------------ network */

static void write_float(struct gguf_writer *writer, const char *key, float value) {
    gguf_write_key(writer, view_of(key), GGUF_FLOAT32,
                   (struct view){(const char *)&value, sizeof value});
}

static void write_shape(struct gguf_writer *writer, const struct model_recipe *recipe) {
    const struct {
        const char *key;
        int value;
    } numbers[] = {{"general.file_type", 0}, /* all F32 */
                   {"llama.block_count", recipe->n_layer},
                   {"llama.context_length", recipe->n_context},
                   {"llama.embedding_length", recipe->d_model},
                   {"llama.feed_forward_length", recipe->d_feed_forward},
                   {"llama.attention.head_count", recipe->n_head},
                   {"llama.attention.head_count_kv", recipe->n_kv_head},
                   {"llama.rope.dimension_count", recipe->d_model / recipe->n_head},
                   {"llama.vocab_size", recipe->n_vocabulary}};
    gguf_write_text(writer, "general.architecture", VIEW("llama"));
    gguf_write_text(writer, "general.type", VIEW("model"));
    gguf_write_text(writer, "general.name", view_of(recipe->name));
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        gguf_write_uint32(writer, numbers[i].key, (uint32_t)numbers[i].value);
    write_float(writer, "llama.attention.layer_norm_rms_epsilon", 1e-5F);
    write_float(writer, "llama.rope.freq_base", recipe->rope_base);
}

struct new_tensor {
    int64_t n;       /* values */
    float deviation; /* 0: all are one */
};

struct new_tensors {
    struct gguf_writer *writer;
    struct new_tensor *at;
    size_t n, room;
};

static void add_tensor(struct new_tensors *tensors, const char *name, int n_in, int n_out,
                       float deviation) {
    const int64_t shape[2] = {n_in, n_out};
    if (!TRY_ROOM(tensors->at, tensors->room, tensors->n + 1))
        return;
    tensors->at[tensors->n++] =
        (struct new_tensor){(int64_t)n_in * (n_out ? n_out : 1), deviation};
    gguf_write_tensor(tensors->writer, view_of(name), TENSOR_F32, n_out ? 2 : 1, shape);
}

/* The names are those of every llama (network_llama.c). */
static void add_layer(struct new_tensors *tensors, const struct model_recipe *recipe, int layer) {
    int d = recipe->d_model, d_inner = recipe->d_feed_forward;
    int d_key = d / recipe->n_head * recipe->n_kv_head;
    float residual = 0.02F / sqrtf(2 * (float)recipe->n_layer);
    const struct {
        const char *name;
        int n_in, n_out;
        float deviation;
    } rows[] = {{"attn_norm", d, 0, 0},
                {"attn_q", d, d, 0.02F},
                {"attn_k", d, d_key, 0.02F},
                {"attn_v", d, d_key, 0.02F},
                {"attn_output", d, d, residual},
                {"ffn_norm", d, 0, 0},
                {"ffn_gate", d, d_inner, 0.02F},
                {"ffn_up", d, d_inner, 0.02F},
                {"ffn_down", d_inner, d, residual}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char name[64];
        snprintf(name, sizeof name, "blk.%d.%s.weight", layer, rows[i].name);
        add_tensor(tensors, name, rows[i].n_in, rows[i].n_out, rows[i].deviation);
    }
}

static void add_tensors(struct new_tensors *tensors, const struct model_recipe *recipe) {
    add_tensor(tensors, "token_embd.weight", recipe->d_model, recipe->n_vocabulary, 0.02F);
    for (int layer = 0; layer < recipe->n_layer; layer++)
        add_layer(tensors, recipe, layer);
    add_tensor(tensors, "output_norm.weight", recipe->d_model, 0, 0);
    if (recipe->untied)
        add_tensor(tensors, "output.weight", recipe->d_model, recipe->n_vocabulary, 0.02F);
}

/* Two normal values of deviation 1 (Box and Muller 1958). */
static void draw_two(struct random *random, float deviation, float out[2]) {
    double length = sqrt(-2 * log(1 - random_unit(random)));
    double angle = 2 * 3.14159265358979323846 * random_unit(random);
    out[0] = deviation * (float)(length * cos(angle));
    out[1] = deviation * (float)(length * sin(angle));
}

static bool write_values(struct gguf_writer *writer, const struct new_tensor *tensor,
                         struct random *random, struct fault *fault) {
    float values[4096];
    bool good = true;
    for (int64_t left = tensor->n; left > 0 && good; left -= (int64_t)COUNT_OF(values)) {
        size_t n = left < (int64_t)COUNT_OF(values) ? (size_t)left : COUNT_OF(values);
        for (size_t i = 0; i < COUNT_OF(values); i += 2) {
            values[i] = values[i + 1] = 1;
            if (tensor->deviation > 0)
                draw_two(random, tensor->deviation, &values[i]);
        }
        good = gguf_write_data(writer, values, n * sizeof *values, fault);
    }
    return good;
}

static bool write_model(struct gguf_writer *writer, const char *path,
                        const struct model_recipe *recipe, const struct learnt_vocabulary *learnt,
                        struct fault *fault) {
    struct new_tensors tensors = {.writer = writer};
    struct random random;
    random_seed(&random, recipe->seed);
    write_shape(writer, recipe);
    write_vocabulary(writer, learnt);
    add_tensors(&tensors, recipe);
    bool good = gguf_write_start(writer, path, fault);
    for (size_t i = 0; i < tensors.n && good; i++)
        good = write_values(writer, &tensors.at[i], &random, fault);
    free(tensors.at);
    return good && gguf_write_finish(writer, fault);
}

/* ----------------------------------------------------------------------------------- the door */

static bool check_texts(const struct view *texts, size_t n_text, struct fault *fault) {
    for (size_t i = 0; i < n_text; i++)
        if (texts[i].n)
            return true;
    return fault_set(fault, FAULT_INPUT, "there is no text to learn a vocabulary of");
}

bool model_create(const char *path, const struct model_recipe *given, const struct view *texts,
                  size_t n_text, struct model_created *created, struct fault *fault) {
    double started = clock_seconds();
    struct model_recipe recipe = *given;
    struct learnt_vocabulary learnt;
    *created = (struct model_created){0};
    if (!check_bounds(&recipe, fault))
        return false;
    fill_in(&recipe);
    if (!check_recipe(&recipe, fault) || !check_texts(texts, n_text, fault))
        return false;
    if (!recipe.force && file_exists(path)) {
        fault_set(fault, FAULT_INPUT, "this file is there already");
        fault_remedy(fault, "Write over it with --force");
        return fault_place(fault, path, 0, -1);
    }
    if (!vocabulary_learn(piece_rule(view_of(pieces_rule)), texts, n_text,
                          recipe.n_vocabulary - N_SPECIAL, &learnt, fault))
        return false;
    recipe.n_vocabulary = learnt.n + N_SPECIAL;
    struct gguf_writer *writer = gguf_writer_new();
    bool good = write_model(writer, path, &recipe, &learnt, fault);
    *created = (struct model_created){.n_vocabulary = recipe.n_vocabulary,
                                      .d_feed_forward = recipe.d_feed_forward,
                                      .n_kv_head = recipe.n_kv_head,
                                      .n_merge = learnt.n_merge,
                                      .n_text_byte = learnt.n_text_byte,
                                      .n_text_token = learnt.n_text_token,
                                      .n_parameter = parameters(&recipe),
                                      .n_byte = good ? gguf_write_size(writer) : 0,
                                      .seconds = clock_seconds() - started};
    gguf_writer_free(writer);
    learnt_vocabulary_free(&learnt);
    return good;
}
