/* Vectors of texts, as numbers or as the bytes of 32-bit floats in base64. */
#include "web/v1.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 2048, TEXT_BYTES = 1 << 20 };

struct texts {
    struct view *at;
    size_t n;
};

static bool read_texts(struct v1_reader *reader, struct texts *texts) {
    const json_t *input = v1_given(reader, "input");
    bool list = json_is_array(input);
    texts->n = list ? json_array_size(input) : 1;
    if (!input || texts->n == 0 || texts->n > TEXTS)
        return v1_wrong(reader, "input", input ? "invalid_value" : "missing_required_parameter",
                        "Invalid 'input': expected a text, or a list of 1 to %d texts.", TEXTS);
    texts->at = ARENA_NEW(reader->arena, texts->n, struct view);
    for (size_t i = 0; i < texts->n; i++) {
        const json_t *one = list ? json_array_get(input, i) : input;
        texts->at[i] = (struct view){json_string_value(one), json_string_length(one)};
        if (!json_is_string(one))
            return v1_wrong(reader, "input", "invalid_type",
                            "Invalid 'input': expected texts. Numbers of tokens are not read "
                            "here, since they belong to another vocabulary.");
        if (texts->at[i].n == 0 || texts->at[i].n > TEXT_BYTES)
            return v1_wrong(reader, "input", "invalid_value", "Invalid 'input': text %zu is %s.",
                            i, texts->at[i].n ? "over 1 MB" : "empty");
    }
    return true;
}

static bool read_encoding(struct v1_reader *reader, bool *packed) {
    const json_t *format = v1_given(reader, "encoding_format");
    const char *name = format ? json_string_value(format) : "float";
    *packed = name && !strcmp(name, "base64");
    return *packed || (name && !strcmp(name, "float")) ||
           v1_wrong(reader, "encoding_format", "invalid_value",
                    "Invalid 'encoding_format': expected 'float' or 'base64'.");
}

static json_t *vector_json(const float *values, int n, bool packed) {
    if (!packed) {
        json_t *list = json_array();
        for (int i = 0; i < n; i++)
            json_array_append_new(list, json_real((double)values[i]));
        return list;
    }
    size_t size = (size_t)n * sizeof *values;
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = must_alloc(room, 1);
    sodium_bin2base64(text, room, (const unsigned char *)values, size, /* little-endian */
                      sodium_base64_VARIANT_ORIGINAL);
    json_t *string = json_string(text);
    free(text);
    return string;
}

static void reply_vectors(struct request *request, const struct embedded *done, size_t n,
                          bool packed) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:i, s:o}", "object", "embedding", "index",
                                              (int)i, "embedding",
                                              vector_json(done->values + i * (size_t)done->n_value,
                                                          done->n_value, packed)));
    json_t *object =
        json_pack("{s:s, s:o, s:s, s:{s:I, s:I}}", "object", "list", "data", list, "model",
                  done->result.model, "usage", "prompt_tokens", (json_int_t)done->n_token,
                  "total_tokens", (json_int_t)done->n_token);
    json_t *because = v1_because_json(&done->result);
    if (because)
        json_object_set_new(object, "lyceum", because);
    reply_json(request, 200, object);
}

void v1_embeddings(struct request *request) {
    struct v1_problem problem = {0};
    struct v1_ask *ask = ARENA_NEW(request->arena, 1, struct v1_ask);
    struct v1_reader reader = {request->json, request->arena, ask, &problem};
    struct texts texts = {0};
    struct embedded done = {0};
    struct fault fault = {0};
    bool packed = false;
    int64_t dimensions = 0;
    struct embedding_request wanted = {0};
    bool good = v1_read_model(&reader) && read_texts(&reader, &texts) &&
                read_encoding(&reader, &packed) &&
                v1_read_integer(&reader, "dimensions", 1, 65536, &dimensions) &&
                v1_payer(request, &reader, &wanted.payer);
    wanted.model = ask->chat.model;
    wanted.texts = texts.at;
    wanted.n = texts.n;
    wanted.dimensions = (int)dimensions;
    wanted.cancel = line_watch(request, true);
    if (good && !request->web->company) {
        v1_problem_set(&problem, 503, "model_not_ready", NULL, "There is no model here.");
    } else if (good && !company_embed(request->web->company, &wanted, &done, &fault)) {
        v1_problem_of(&fault, &done.result, &problem);
    }
    line_watch(request, false);
    request->reply.degraded = v1_because_name(done.result.because);
    if (!problem.status)
        reply_vectors(request, &done, texts.n, packed);
    else
        v1_reply_problem(request, &problem);
    if (request->key)
        keys_spend(request->web->keys, request->key->name, done.n_token);
    free(done.values);
}
