/* lyceum logits: token ids in, the model's logits out. For comparing engines. */
#include "main/main.h"
#include "model/model.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_INPUT = 16 << 20 };
static const uint64_t max_output = (uint64_t)8 << 30;

static void print_help(void) {
    printf(
        "Usage: lyceum logits MODEL [--adapter FILE] [--adapter-scale S] [--threads N] "
        "[--cache TYPE]\n\n"
        "Reads a JSON array of token ids from standard input and writes, for each of them, the "
        "logits\nof what comes next: n × vocabulary little-endian float32 on standard output.\n\n"
        "  --adapter FILE, --adapter-scale S   as `lyceum run` has them\n"
        "  --threads N   threads to compute with (as many as there are cores)\n"
        "  --cache TYPE  f32, which rounds nothing, or f16 or q8_0 as `lyceum run` has them (f32)"
        "\n\n"
        "Example: echo '[504, 3575]' | lyceum logits models/SmolLM2-135M-Instruct.Q4_1.gguf "
        "> logits.f32\n");
}

static bool read_tokens(struct tokens *tokens, struct fault *fault) {
    struct buffer text = {0};
    json_t *array = NULL;
    bool good = file_read("-", MAX_INPUT, &text, fault) &&
                (array = json_parse(buffer_view(&text), fault)) != NULL;
    if (good && !json_is_array(array))
        good = fault_set(fault, FAULT_INPUT, "A JSON array of token ids is wanted");
    for (size_t i = 0; good && i < json_array_size(array); i++) {
        const json_t *id = json_array_get(array, i);
        json_int_t value = json_integer_value(id);
        if (!json_is_integer(id) || value < 0 || value > INT32_MAX)
            good = fault_set(fault, FAULT_INPUT, "Element %zu is no token id", i);
        else
            tokens_append(tokens, (int32_t)value);
    }
    fault_place(fault, "standard input", 0, -1);
    json_decref(array);
    buffer_free(&text);
    return good;
}

struct logits_options {
    const char *model, *adapter;
    float adapter_scale;
    enum cache_type cache;
};

static struct session *open_session(const struct logits_options *options, struct model *model,
                                    int n, struct adapter **adapter, struct fault *fault) {
    struct session *session = session_open(model, n, fault);
    if (!session || !options->adapter)
        return session;
    *adapter = adapter_open(model, options->adapter, fault);
    if (*adapter && session_adapt(session, *adapter, options->adapter_scale, fault))
        return session;
    session_close(session);
    return NULL;
}

static bool write_logits(const struct logits_options *options, struct pool *pool,
                         struct fault *fault) {
    struct model_limits limits = {.cache = options->cache};
    struct adapter *adapter = NULL;
    struct tokens tokens = {0};
    struct session *session = NULL;
    float *logits = NULL;
    struct model *model = NULL;
    bool good = (model = model_open(options->model, pool, fault)) != NULL &&
                model_limit(model, &limits, fault) && read_tokens(&tokens, fault);
    if (good) {
        const struct model_shape *shape = model_shape(model);
        size_t n = tokens.n * (size_t)shape->n_vocabulary;
        if (tokens.n > (size_t)shape->n_context || n * sizeof *logits > max_output)
            good = fault_set(fault, FAULT_LIMIT,
                             "%zu tokens are too many: the model was trained for %d", tokens.n,
                             shape->n_context);
        good = good && (session = open_session(options, model, tokens.n ? (int)tokens.n : 1,
                                               &adapter, fault));
        logits = good ? must_alloc(n + 1, sizeof *logits) : NULL;
        good = good && session_logits(session, tokens.at, tokens.n, logits, fault);
        if (good && (fwrite(logits, sizeof *logits, n, stdout) != n || fflush(stdout)))
            good = fault_set(fault, FAULT_MACHINE, "Writing to standard output failed");
    }
    free(logits);
    session_close(session);
    adapter_close(adapter);
    model_close(model);
    tokens_free(&tokens);
    return good;
}

int command_logits(int n_argument, char **arguments) {
    static const struct option table[] = {
        {"threads", required_argument, NULL, 't'}, {"cache", required_argument, NULL, 'c'},
        {"adapter", required_argument, NULL, 'a'}, {"adapter-scale", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    int code, n_thread = 0;
    struct logits_options options = {.adapter_scale = 1, .cache = CACHE_F32};
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "t:", table, NULL)) != -1) {
        if (code == 'h') {
            print_help();
            return EXIT_DONE;
        }
        if (code == 't' && (n_thread = atoi(optarg)) > 0)
            continue;
        if (code == 'c' && cache_type_named(optarg, &options.cache))
            continue;
        if (code == 'a' && (options.adapter = optarg))
            continue;
        if (code == 's') {
            if (read_adapter_scale("logits", optarg, &options.adapter_scale))
                continue;
            return EXIT_USAGE;
        }
        return exit_with_usage("logits",
                               "%s: only --threads N, --adapter FILE, --adapter-scale S and "
                               "--cache %s are known",
                               arguments[optind - 1], CACHE_TYPES);
    }
    if (optind + 1 != n_argument)
        return exit_with_usage("logits", "one MODEL is wanted");
    struct fault fault = {0};
    struct pool *pool = pool_new(n_thread);
    options.model = arguments[optind];
    bool good = write_logits(&options, pool, &fault);
    pool_free(pool);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
