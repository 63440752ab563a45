/* Any bytes as a GGUF file: refused or read, and if read, its weights and arrays walked. */
#include "model/network.h"
#include "model/vocabulary.h"

#include <stdlib.h>
#include <string.h>

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
        if (weights_load(&weights, gguf, &fault))
            weights_free(&weights);
        use_vocabulary(gguf, (struct view){(const char *)data, n < 2000 ? n : 2000});
        volatile uint64_t kept = sum;
        (void)kept;
    }
    gguf_close(gguf);
    free(aligned);
    return 0;
}
