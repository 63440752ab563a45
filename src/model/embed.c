/* Embeddings: texts into tokens, between the marks that the network was trained with, and these
 * into vectors. */
#include "model/encoder.h"
#include "model/session.h"
#include "model/vocabulary.h"

#include <stdlib.h>

int model_embedding_size(const struct model *model) {
    const struct weights *weights = model_weights(model);
    return weights->network->encodes ? weights->shape.d_model : 0;
}

/* Appends the tokens of a text, at most `most` of them with the marks. */
static bool append_text(const struct vocabulary *vocabulary, struct view text, size_t most,
                        struct tokens *tokens, struct fault *fault) {
    int32_t begin = vocabulary_begin(vocabulary), end = vocabulary_separator(vocabulary);
    size_t from = tokens->n, n_end = end >= 0;
    if (begin >= 0 && !tokens_append(tokens, begin))
        return false;
    if (!vocabulary_encode(vocabulary, text, SPECIAL_AS_TEXT, tokens, fault))
        return false;
    if (tokens->n - from + n_end > most)
        tokens->n = from + most - n_end;
    if (n_end && !tokens_append(tokens, end))
        return false;
    return tokens->n > from || fault_set(fault, FAULT_INPUT, "A text gives no token to embed");
}

bool model_embed(const struct model *model, const struct view *texts, size_t n,
                 const struct embedding *options, float *out, struct fault *fault) {
    const struct model_shape *shape = model_shape(model);
    int most = options->max_tokens ? options->max_tokens : shape->n_context;
    if (!model_embedding_size(model)) {
        fault_set(fault, FAULT_INPUT, "%s writes, it does not embed", shape->name);
        return fault_remedy(fault, "Use a model of the network bert");
    }
    if (most < 3 || most > shape->n_context)
        return fault_set(fault, FAULT_INPUT, "A text may have from 3 to %d tokens, not %d",
                         shape->n_context, most);
    struct memory_watch watch;
    struct tokens tokens = {0};
    size_t *starts = try_alloc(n + 1, sizeof *starts, fault);
    bool good = starts != NULL;
    memory_watch_begin(&watch);
    for (size_t i = 0; good && i < n; i++) {
        good = append_text(model_vocabulary(model), texts[i], (size_t)most, &tokens, fault);
        starts[i + 1] = tokens.n;
    }
    good = memory_watch_end(&watch, fault) && good;
    good = good && model_pack(model, fault) &&
           encoder_run(model_weights(model), model_pool(model), tokens.at, starts, n,
                       options->cancel, out, fault);
    free(starts);
    tokens_free(&tokens);
    return good;
}
