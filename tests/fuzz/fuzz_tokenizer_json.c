/* Any text as tokenizer.json, and what follows a zero byte as tokenizer_config.json: refused, or a
 * vocabulary that this program then reads, if it reads vocabularies of the kind. */
#include "model/convert.h"
#include "model/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void use(const char *path, struct view text) {
    struct fault fault = {0};
    struct gguf *gguf = gguf_open(path, &fault);
    MUST(gguf != NULL);
    struct vocabulary *vocabulary = vocabulary_load(gguf, &fault);
    if (vocabulary) {
        struct tokens tokens = {0};
        struct buffer back = {0};
        vocabulary_encode(vocabulary, text, SPECIAL_PARSED, &tokens, &fault);
        for (size_t i = 0; i < tokens.n; i++)
            vocabulary_decode(vocabulary, tokens.at[i], SPECIAL_PARSED, &back);
        tokens_free(&tokens);
        buffer_free(&back);
    }
    vocabulary_free(vocabulary);
    gguf_close(gguf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const uint8_t *zero = memchr(data, 0, n);
    size_t n_first = zero ? (size_t)(zero - data) : n;
    struct view rest = {(const char *)data + n_first + 1, zero ? n - n_first - 1 : 0};
    struct fault fault = {0};
    json_t *tokenizer = json_parse((struct view){(const char *)data, n_first}, &fault);
    json_t *settings = json_parse(rest, NULL), *config = json_pack("{s:i}", "eos_token_id", 3);
    struct conversion_files files = {"/nowhere", config, config, settings};
    struct gguf_writer *writer = gguf_writer_new();
    fault_clear(&fault);
    bool good = json_is_object(tokenizer) &&
                vocabulary_convert_json(&files, tokenizer, settings, 1 + (int64_t)(n % 400),
                                        writer, &fault);
    if (good) {
        char path[64];
        snprintf(path, sizeof path, "/dev/shm/lyceum-fuzz-%d.gguf", (int)getpid());
        MUST(gguf_write_start(writer, path, &fault) && gguf_write_finish(writer, &fault));
        use(path, (struct view){(const char *)data, n < 500 ? n : 500});
        unlink(path);
    }
    gguf_writer_free(writer);
    json_decref(tokenizer);
    json_decref(settings);
    json_decref(config);
    return 0;
}
