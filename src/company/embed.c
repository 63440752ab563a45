/* Vectors of texts, by a model of its own that is read at the first text. */
#include "company/embed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct embedder {
    pthread_mutex_t lock;
    char *path, name[128];
    struct pool *pool;
    struct model *model;
};

struct embedder *embedder_open(const char *path) {
    if (!path || !file_exists(path))
        return NULL;
    struct embedder *embedder = must_alloc(1, sizeof *embedder);
    const char *slash = strrchr(path, '/');
    pthread_mutex_init(&embedder->lock, NULL);
    embedder->path = must_copy(view_of(path));
    snprintf(embedder->name, sizeof embedder->name, "%s", slash ? slash + 1 : path);
    char *end = strchr(embedder->name, '.');
    if (end) /* all-MiniLM-L6-v2.F32.gguf: the type tells nothing of what it means */
        *end = 0;
    return embedder;
}

void embedder_close(struct embedder *embedder) {
    if (!embedder)
        return;
    model_close(embedder->model);
    if (embedder->pool)
        pool_free(embedder->pool);
    pthread_mutex_destroy(&embedder->lock);
    free(embedder->path);
    free(embedder);
}

const char *embedder_name(const struct embedder *embedder) {
    return embedder->name;
}

static struct model *model_of(struct embedder *embedder, struct fault *fault) {
    pthread_mutex_lock(&embedder->lock);
    if (!embedder->pool)
        embedder->pool = pool_new(0);
    if (!embedder->model) {
        struct model *model = model_open(embedder->path, embedder->pool, fault);
        if (model && !model_embedding_size(model)) {
            fault_set(fault, FAULT_INPUT, "%s writes, it does not embed", embedder->name);
            model_close(model);
            model = NULL;
        }
        embedder->model = model;
    }
    struct model *model = embedder->model;
    pthread_mutex_unlock(&embedder->lock);
    return model;
}

static bool refuse(struct embedded *out, int status, const char *code, const char *param) {
    out->result.status = status;
    snprintf(out->result.code, sizeof out->result.code, "%s", code);
    snprintf(out->result.param, sizeof out->result.param, "%s", param);
    return false;
}

static bool count(const struct model *model, const struct view *texts, size_t n,
                  struct embedded *out, struct fault *fault) {
    size_t most = (size_t)model_shape(model)->n_context;
    struct tokens tokens = {0};
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        tokens.n = 0;
        good =
            vocabulary_encode(model_vocabulary(model), texts[i], SPECIAL_AS_TEXT, &tokens, fault);
        out->n_token += (int64_t)tokens.n + 2;
        if (good && tokens.n + 2 > most) {
            fault_set(fault, FAULT_LIMIT,
                      "This model's maximum context length is %zu tokens; text %zu has %zu.", most,
                      i, tokens.n + 2);
            good = refuse(out, 400, "context_length_exceeded", "input");
        }
    }
    tokens_free(&tokens);
    return good;
}

static bool no_model(struct fault *fault) {
    fault_set(fault, FAULT_MISSING, "no member of the company makes vectors of texts");
    return fault_remedy(fault, "Fetch one (`lyceum pull minilm --help`), and open the school "
                               "again.");
}

bool embedder_run(struct embedder *embedder, const struct embedding_request *request,
                  struct embedded *out, struct fault *fault) {
    *out = (struct embedded){0};
    if (!embedder)
        return no_model(fault);
    struct model *model = model_of(embedder, fault);
    snprintf(out->result.model, sizeof out->result.model, "%s", embedder->name);
    if (!model || !count(model, request->texts, request->n, out, fault))
        return false;
    out->n_value = model_embedding_size(model);
    if (request->dimensions && request->dimensions != out->n_value) {
        fault_set(fault, FAULT_INPUT, "Invalid 'dimensions': %s has %d, and they may not be cut.",
                  embedder->name, out->n_value);
        return refuse(out, 400, "invalid_value", "dimensions");
    }
    out->values = try_alloc(request->n, (size_t)out->n_value * sizeof *out->values, fault);
    return out->values &&
           model_embed(model, request->texts, request->n,
                       &(struct embedding){.cancel = request->cancel}, out->values, fault);
}
