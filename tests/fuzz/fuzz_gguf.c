/* Any bytes as a GGUF file: refused or read, and if read, its weights and arrays walked; a model
 * that opens must compute. */
#include "model/model.h"
#include "model/network.h"
#include "model/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A vocabulary that loads must encode anything, and decode what it made. */
static void use_vocabulary(const struct gguf *gguf, struct view text) {
    struct fault fault = {0};
    struct vocabulary *vocabulary = vocabulary_load(gguf, &fault);
    for (int special = 0; vocabulary && special < 2; special++) {
        struct tokens tokens = {0};
        struct buffer back = {0};
        vocabulary_encode(vocabulary, text, special, &tokens, &fault);
        for (size_t i = 0; i < tokens.n; i++)
            vocabulary_decode(vocabulary, tokens.at[i], special, &back);
        tokens_free(&tokens);
        buffer_free(&back);
    }
    vocabulary_free(vocabulary);
}

/* Models are opened by a path: this one leads to the bytes, in memory. */
static void use_model(const uint8_t *data, size_t n) {
    static struct pool *pool;
    static int file = -1;
    static char path[64];
    if (file < 0) {
        pool = pool_new(1);
        file = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    MUST(ftruncate(file, 0) == 0 && pwrite(file, data, n, 0) == (ssize_t)n);
    struct fault fault = {0};
    struct model *model = model_open(path, pool, &fault);
    int n_context = model && model_shape(model)->n_context < 16 ? 1 : 16;
    struct session *session = model ? session_open(model, n_context, &fault) : NULL;
    const float *logits;
    static const int32_t tokens[4];
    if (session)
        session_feed(session, tokens, n_context < 4 ? 1 : 4, &logits, NULL, NULL, &fault);
    session_close(session);
    model_close(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *aligned = aligned_alloc(64, (n + 64) & ~(size_t)63);
    memcpy(aligned, data, n);
    struct fault fault = {0};
    struct gguf *gguf = gguf_open_bytes((struct view){aligned, n}, "fuzz", &fault);
    if (gguf) {
        struct weights weights;
        struct gguf_array array;
        uint64_t sum = 0, cursor = 0;
        for (size_t i = 0; i < gguf_n_tensor(gguf); i++) {
            const struct gguf_tensor *tensor = gguf_tensor_at(gguf, i);
            sum += tensor->data[0] + tensor->data[tensor->n_byte - 1];
        }
        if (gguf_array(gguf, "tokenizer.ggml.tokens", &array, NULL) && array.type == GGUF_STRING)
            for (uint64_t i = 0; i < array.n; i++)
                sum += gguf_array_string(&array, &cursor).n;
        bool loads = weights_load(&weights, gguf, &fault);
        if (loads)
            weights_free(&weights);
        use_vocabulary(gguf, (struct view){(const char *)data, n < 2000 ? n : 2000});
        if (loads)
            use_model(data, n);
        volatile uint64_t kept = sum;
        (void)kept;
    }
    gguf_close(gguf);
    free(aligned);
    return 0;
}
