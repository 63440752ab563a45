/* lyceum tokenize: standard input to a JSON array of token ids, and back. */
#include "main/main.h"

#include "model/model.h"

#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 256 << 20 };

static const char help[] =
    "Usage: lyceum tokenize MODEL [--special] [--decode]\n\n"
    "Reads text from standard input and writes its token ids as a JSON array. Nothing is added\n"
    "before or after.\n\n"
    "  --special   text that looks like a control token is that token\n"
    "  --decode    reads a JSON array of ids and writes their text\n\n"
    "Example:\n"
    "  printf 'Hello, world' | lyceum tokenize models/SmolLM2-135M-Instruct.Q4_1.gguf\n";

static bool encode(const struct vocabulary *vocabulary, struct view text,
                   enum special_tokens special, struct buffer *out, struct fault *fault) {
    struct tokens tokens = {0};
    bool good = vocabulary_encode(vocabulary, text, special, &tokens, fault);
    buffer_byte(out, '[');
    for (size_t i = 0; i < tokens.n; i++)
        buffer_format(out, i ? ",%d" : "%d", (int)tokens.at[i]);
    buffer_text(out, "]\n");
    tokens_free(&tokens);
    return good;
}

static bool decode(const struct vocabulary *vocabulary, struct view text,
                   enum special_tokens special, struct buffer *out, struct fault *fault) {
    json_t *ids = json_parse(text, fault), *id;
    bool good = ids && (json_is_array(ids) ||
                        fault_set(fault, FAULT_INPUT, "expected a JSON array of token ids"));
    size_t i;
    json_array_foreach(good ? ids : NULL, i, id) {
        json_int_t token = json_is_integer(id) ? json_integer_value(id) : -1;
        if (token < 0 || token >= vocabulary_size(vocabulary)) {
            good = fault_set(fault, FAULT_INPUT, "element %zu is no token id from 0 to %d", i,
                             vocabulary_size(vocabulary) - 1);
            break;
        }
        vocabulary_decode(vocabulary, (int32_t)token, special, out);
    }
    json_decref(ids);
    return good;
}

int command_tokenize(int n_argument, char **arguments) {
    const char *path = NULL;
    bool back = false;
    enum special_tokens special = SPECIAL_AS_TEXT;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help")) {
            fputs(help, stdout);
            return EXIT_DONE;
        } else if (!strcmp(arguments[i], "--special")) {
            special = SPECIAL_PARSED;
        } else if (!strcmp(arguments[i], "--decode")) {
            back = true;
        } else if (arguments[i][0] == '-' || path) {
            return exit_with_usage("tokenize", "%s is not understood", arguments[i]);
        } else {
            path = arguments[i];
        }
    }
    if (!path)
        return exit_with_usage("tokenize", "name a model");
    struct fault fault = {0};
    struct buffer in = {0}, out = {0};
    struct pool *pool = pool_new(1);
    struct model *model = model_open(path, pool, &fault);
    bool good = model && file_read("-", MOST_BYTES, &in, &fault) &&
                (back ? decode : encode)(model_vocabulary(model), buffer_view(&in), special, &out,
                                         &fault);
    if (good && fwrite(out.at, 1, out.n, stdout) != out.n)
        good = fault_set(&fault, FAULT_MACHINE, "standard output cannot be written");
    model_close(model);
    pool_free(pool);
    buffer_free(&in);
    buffer_free(&out);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
