/* What the files of the conversion share. */
#ifndef LYCEUM_MODEL_CONVERT_H
#define LYCEUM_MODEL_CONVERT_H

#include "model/source.h"

struct conversion_files {
    const char *folder;
    json_t *config;     /* config.json, of the language model in it */
    json_t *outer;      /* config.json as it stands: the same, mostly */
    json_t *generation; /* generation_config.json, or NULL */
};

/* The networks that are converted: one bit each, so that a row of a table can name several. */
enum bits { LLAMA = 1, QWEN2 = 2, QWEN3 = 4, GEMMA3 = 8, BERT = 16, DECODERS = 15, ALL = 31 };

struct row_of_network {
    const char *class_name; /* config.json: architectures */
    const char *network;    /* general.architecture */
    enum bits bit;
    bool reorders_heads; /* ours rotates adjacent pairs, theirs halves */
    float norm_plus;     /* theirs adds it to the weights of its norms when it runs */
    double rope_base;    /* where the config does not say */
};

struct conversion {
    struct conversion_files files;
    const struct row_of_network *row;
    struct source *source;
    struct gguf_writer *writer;
    int64_t n_layer, n_head, n_kv_head, d_head, d_model, d_feed_forward, n_vocabulary;
    struct fault *fault;
};

enum { MAX_LAYERS = 1024 };

/* Writes what config.json tells, and fills the shape in; n_vocabulary is known. Adds a tensor of
 * what stretches rotations, where they are. */
bool conversion_keys(struct conversion *);
/* Sets a fault about config.json; returns false. */
bool conversion_refuse(struct conversion *, const char *format, ...) PRINTF_LIKE(2, 3);

/* An optional or needed JSON object in the folder; *out NULL when it is optional and absent. */
bool folder_json(const char *folder, const char *name, bool needed, json_t **out, struct fault *);
/* Sets a fault about a file of the folder; returns false. */
bool folder_fault(const char *folder, const char *name, struct fault *, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Writes `tokenizer.*` from tokenizer.json and what stands beside it. The model has embeddings for
 * n_token tokens: fewer tokens are filled up, added ones beyond are left out. */
bool vocabulary_convert(const struct conversion_files *, int64_t n_token, struct gguf_writer *,
                        struct fault *);

/* The same from the two files' JSON; `settings` may be NULL. */
bool vocabulary_convert_json(const struct conversion_files *, const json_t *tokenizer,
                             const json_t *settings, int64_t n_token, struct gguf_writer *,
                             struct fault *);

/* For keys whose value is not in the writer's door. */
void write_flag(struct gguf_writer *, const char *name, bool value);
void write_number(struct gguf_writer *, const char *name, float value);

#endif
