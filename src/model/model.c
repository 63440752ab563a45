/* A model: the file, its weights and its vocabulary, opened together. */
#include "model/model.h"
#include "model/encoder.h"
#include "model/scheduler.h"
#include "model/session.h"
#include "model/vocabulary.h"

#include <pthread.h>
#include <stdlib.h>

struct model {
    struct gguf *gguf;
    struct weights weights;
    struct vocabulary *vocabulary;
    struct pool *pool;
    /* Compiled when it is first asked for: many models are used without chat. */
    pthread_mutex_t template_lock;
    struct chat_template *chat_template;
    /* Opened with the first session. */
    pthread_mutex_t scheduler_lock;
    struct model_limits limits;
    struct scheduler *scheduler;
};

static bool open_parts(struct model *model, const char *path, struct fault *fault) {
    model->gguf = gguf_open(path, fault);
    if (!model->gguf || !weights_load(&model->weights, model->gguf, fault))
        return false;
    model->vocabulary = vocabulary_load(model->gguf, fault);
    if (!model->vocabulary)
        return false;
    int n = vocabulary_size(model->vocabulary);
    if (n != model->weights.shape.n_vocabulary)
        return gguf_fault(model->gguf, "tokenizer.ggml.tokens", fault,
                          "the vocabulary has %d tokens, the network %d", n,
                          model->weights.shape.n_vocabulary);
    return true;
}

struct model *model_open(const char *path, struct pool *pool, struct fault *fault) {
    struct model *model = try_alloc(1, sizeof *model, fault);
    if (!model)
        return NULL;
    model->pool = pool;
    pthread_mutex_init(&model->template_lock, NULL);
    pthread_mutex_init(&model->scheduler_lock, NULL);
    if (open_parts(model, path, fault))
        return model;
    model_close(model);
    return NULL;
}

void model_close(struct model *model) {
    if (!model)
        return;
    scheduler_close(model->scheduler);
    chat_template_free(model->chat_template);
    vocabulary_free(model->vocabulary);
    weights_free(&model->weights);
    gguf_close(model->gguf);
    pthread_mutex_destroy(&model->template_lock);
    pthread_mutex_destroy(&model->scheduler_lock);
    free(model);
}

const struct model_shape *model_shape(const struct model *model) {
    return &model->weights.shape;
}

const struct vocabulary *model_vocabulary(const struct model *model) {
    return model->vocabulary;
}

struct pool *model_pool(const struct model *model) {
    return model->pool;
}

const struct weights *model_weights(const struct model *model) {
    return &model->weights;
}

const struct gguf *model_gguf(const struct model *model) {
    return model->gguf;
}

/* ----------------------------------------------------------------------------------- sessions */

bool model_limit(struct model *model, const struct model_limits *limits, struct fault *fault) {
    pthread_mutex_lock(&model->scheduler_lock);
    bool good = !model->scheduler;
    if (good)
        model->limits = *limits;
    pthread_mutex_unlock(&model->scheduler_lock);
    return good ||
           fault_set(fault, FAULT_INPUT, "The limits of %s are set: it has had a session already",
                     model->weights.shape.name);
}

struct scheduler *model_scheduler(struct model *model, struct fault *fault) {
    pthread_mutex_lock(&model->scheduler_lock);
    if (!model->scheduler && weights_pack(&model->weights, model->gguf, model->pool, fault))
        model->scheduler = scheduler_open(&model->weights, model->pool, &model->limits, fault);
    struct scheduler *scheduler = model->scheduler;
    pthread_mutex_unlock(&model->scheduler_lock);
    return scheduler;
}

bool model_pack(const struct model *shared, struct fault *fault) {
    struct model *model = (struct model *)(uintptr_t)shared; /* under the lock */
    pthread_mutex_lock(&model->scheduler_lock);
    bool good = weights_pack(&model->weights, model->gguf, model->pool, fault);
    pthread_mutex_unlock(&model->scheduler_lock);
    return good;
}

struct model_usage model_usage(struct model *model) {
    pthread_mutex_lock(&model->scheduler_lock);
    struct scheduler *scheduler = model->scheduler;
    pthread_mutex_unlock(&model->scheduler_lock);
    return scheduler ? scheduler_usage(scheduler) : (struct model_usage){0};
}

/* Of each tensor its name, format, size and up to four samples. */
void model_fingerprint(const struct model *model, char out[65]) {
    enum { SAMPLE = 1024, N_SAMPLE = 4 };
    struct buffer all = {0};
    for (size_t i = 0; i < gguf_n_tensor(model->gguf); i++) {
        const struct gguf_tensor *tensor = gguf_tensor_at(model->gguf, i);
        buffer_append(&all, tensor->name);
        buffer_format(&all, " %d %llu\n", (int)tensor->type, (unsigned long long)tensor->n_byte);
        for (uint64_t k = 0; k < N_SAMPLE; k++) {
            uint64_t at = tensor->n_byte / N_SAMPLE * k, left = tensor->n_byte - at;
            const char *bytes = (const char *)tensor->data + at;
            buffer_append(&all, (struct view){bytes, left < SAMPLE ? left : SAMPLE});
        }
    }
    sha256_hex(buffer_view(&all), out);
    buffer_free(&all);
}

/* --------------------------------------------------------------------------------------- chat */

static const struct chat_template *compiled_template(const struct model *shared,
                                                     struct fault *fault) {
    struct model *model = (struct model *)(uintptr_t)shared; /* under the lock */
    struct view source;
    pthread_mutex_lock(&model->template_lock);
    if (!model->chat_template &&
        gguf_string(model->gguf, "tokenizer.chat_template", &source, fault)) {
        model->chat_template = chat_template_compile(source, fault);
        if (!model->chat_template)
            fault_place(fault, gguf_path(model->gguf), 0, -1);
    }
    pthread_mutex_unlock(&model->template_lock);
    return model->chat_template;
}

/* The text of a special token that the template may ask for; empty when the file names none. */
static json_t *special_text(const struct model *model, const char *key) {
    struct fault ignored = {0};
    struct buffer text = {0};
    int64_t token;
    if (gguf_integer(model->gguf, key, 0, vocabulary_size(model->vocabulary) - 1, &token,
                     &ignored))
        vocabulary_decode(model->vocabulary, (int32_t)token, SPECIAL_PARSED, &text);
    json_t *json = json_stringn(text.at ? text.at : "", text.n);
    buffer_free(&text);
    return json ? json : json_string("");
}

static json_t *quoted_text(const struct model *model, struct view text) {
    struct buffer out = {0};
    vocabulary_quote(model->vocabulary, text, &out);
    json_t *copy = json_stringn(out.at ? out.at : "", out.n);
    buffer_free(&out);
    return copy;
}

/* A copy in which no text names a control token. */
static json_t *quoted(const struct model *model, const json_t *value) {
    if (json_is_string(value))
        return quoted_text(model,
                           (struct view){json_string_value(value), json_string_length(value)});
    json_t *copy = json_is_array(value)    ? json_array()
                   : json_is_object(value) ? json_object()
                                           : json_deep_copy(value);
    const char *key;
    json_t *one;
    size_t i;
    json_array_foreach(value, i, one) json_array_append_new(copy, quoted(model, one));
    json_object_foreach((json_t *)(uintptr_t)value, key, one) {
        json_t *name = quoted_text(model, view_of(key));
        json_object_set_new(copy, json_string_value(name), quoted(model, one));
        json_decref(name);
    }
    return copy;
}

/* What the template may ask for. What a conversation does not say is none, as transformers has
 * it. */
static json_t *chat_context(const struct model *model, const json_t *conversation,
                            bool add_generation_prompt) {
    json_t *context = json_pack("{s:n, s:n}", "tools", "documents"), *given;
    given = quoted(model, conversation);
    if (json_is_array(given))
        json_object_set(context, "messages", given);
    else
        json_object_update(context, given);
    json_decref(given);
    json_object_set_new(context, "add_generation_prompt", json_boolean(add_generation_prompt));
    json_object_set_new(context, "bos_token", special_text(model, "tokenizer.ggml.bos_token_id"));
    json_object_set_new(context, "eos_token", special_text(model, "tokenizer.ggml.eos_token_id"));
    return context;
}

bool model_chat(const struct model *model, const json_t *conversation, bool add_generation_prompt,
                struct tokens *tokens, struct fault *fault) {
    const struct chat_template *chat_template = compiled_template(model, fault);
    if (!chat_template)
        return false;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    json_t *context = chat_context(model, conversation, add_generation_prompt);
    struct buffer text = {0};
    size_t start = tokens->n;
    bool good = !memory_is_short() && chat_template_render(chat_template, context, &text, fault);
    json_decref(context);
    if (good && vocabulary_adds_begin(model->vocabulary))
        tokens_append(tokens, vocabulary_begin(model->vocabulary));
    size_t begun = tokens->n;
    good = good &&
           vocabulary_encode(model->vocabulary, buffer_view(&text), SPECIAL_PARSED, tokens, fault);
    buffer_free(&text);
    good = memory_watch_end(&watch, fault) && good;
    /* Most templates write the begin token themselves: one is enough. */
    if (good && begun > start && tokens->n > begun && tokens->at[begun] == tokens->at[start]) {
        for (size_t i = begun; i + 1 < tokens->n; i++)
            tokens->at[i] = tokens->at[i + 1];
        tokens->n--;
    }
    return good;
}
