/* lyceum bench: how fast a model reads and writes here, and how near to the machine's limit.
 *
 * To generate a token every weight is read once, so that generation cannot be faster than the
 * machine reads memory: the share of that limit is what is left to gain. To read a prompt each
 * token meets every weight of the layers, products that the machine adds at some highest speed;
 * weights of few bits may pass it, since their products are added in 16 bits. */
#include "main/bench_together.h"
#include "main/main.h"
#include "model/model.h"
#include "tensor/tensor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct bench_options {
    int n_depth, n_prompt, n_generate, n_thread, n_repeat;
    int n_batch, n_prefix;
    bool first_token, halt, json;
    const char *adapter;
    float adapter_scale;
};

enum { KNOWN = 1500, NEW = 40 }; /* tokens, of a first token's time */

struct bench_result {
    double prefill, generation; /* tokens a second */
    double bandwidth;           /* bytes a second that this machine reads */
    double limit;               /* tokens a second at that bandwidth */
    double products;            /* 8-bit products a second that this machine adds */
    double prefill_limit;       /* tokens a second at that speed */
    /* Tokens a second, where asked for; 0: not measured. */
    double together, alone;
    double first_token, halt; /* seconds */
};

static void print_help(void) {
    printf(
        "Usage: lyceum bench MODEL... [-p 512] [-n 64] [-d 0] [-t THREADS] [-b 1] [-r 3] "
        "[--json]\n"
        "                    [--prefix 1000] [--first-token] [--halt] [--adapter FILE]\n\n"
        "Measures reading a prompt (prefill) and generating, in tokens a second, and the speed "
        "at which\nthis machine reads memory, which bounds generation, and adds products, which "
        "bounds prefill.\nThe median of the repeats is told.\n\n"
        "  -p N     tokens of the prompt\n"
        "  -n N     tokens generated after it\n"
        "  -d N     tokens that stand before the prompt and are known already\n"
        "  -t N     threads; as many as the machine gives\n"
        "  -b N     also N sessions writing at once, after a beginning that all share\n"
        "  -r N     repeats\n"
        "  --prefix N       tokens of that beginning\n"
        "  --first-token    also the time to the first token, 1,500 known and 40 new before it\n"
        "  --adapter FILE   with this adapter, --adapter-scale S times as strong\n"
        "  --json           one JSON object for each model\n\n"
        "Example: lyceum bench models/SmolLM2-135M-Instruct.Q4_1.gguf -t 2\n");
}

/* ---------------------------------------------------------------------------------- bandwidth */

struct reading {
    const uint64_t *at;
    size_t n;
    uint64_t sum[64]; /* kept, so that the reading is not left out */
};

static void read_part(void *data, int part, int n_part) {
    struct reading *reading = data;
    size_t from = reading->n / (size_t)n_part * (size_t)part, n = reading->n / (size_t)n_part;
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i + 31 < n; i += 32)
        for (size_t k = 0; k < 32; k += 4) {
            a += reading->at[from + i + k];
            b ^= reading->at[from + i + k + 1];
            c += reading->at[from + i + k + 2];
            d ^= reading->at[from + i + k + 3];
        }
    reading->sum[part] = a ^ b ^ c ^ d;
}

/* The best of several runs over memory far larger than the caches. */
static double read_bandwidth(struct pool *pool) {
    size_t n_byte = (size_t)256 << 20;
    uint64_t *memory = aligned_alloc(2 << 20, n_byte);
    MUST(memory != NULL);
    madvise(memory, n_byte, MADV_HUGEPAGE); /* as the weights are kept */
    struct reading reading = {.at = memory, .n = n_byte / sizeof *memory};
    memset(memory, 1, n_byte);
    double best = 0;
    for (int i = 0; i < 5; i++) {
        double start = clock_seconds();
        pool_run(pool, read_part, &reading, pool_threads(pool));
        double speed = (double)n_byte / (clock_seconds() - start);
        best = speed > best ? speed : best;
    }
    free(memory);
    return best;
}

/* ----------------------------------------------------------------------------------- products */

struct probing {
    int64_t n_round, n_product[64];
};

static void probe_part(void *data, int part, int n_part) {
    struct probing *probing = data;
    (void)n_part;
    probing->n_product[part] = tensor_probe(probing->n_round);
}

/* Products of 8-bit integers that all threads add in a second: the best of several runs of some
 * milliseconds. */
static double products_a_second(struct pool *pool) {
    struct probing probing = {.n_round = 1000};
    double best = 0, seconds = 0;
    while (probing.n_round < INT64_C(1) << 40 && seconds < 2e-3) {
        probing.n_round *= 2;
        double start = clock_seconds();
        probe_part(&probing, 0, 1);
        seconds = clock_seconds() - start;
    }
    for (int i = 0; i < 20; i++) {
        double n = 0, start = clock_seconds();
        pool_run(pool, probe_part, &probing, pool_threads(pool));
        seconds = clock_seconds() - start;
        for (int part = 0; part < pool_threads(pool); part++)
            n += (double)probing.n_product[part];
        best = n / seconds > best ? n / seconds : best;
    }
    return best;
}

/* Products that one token of a prompt takes in the layers. */
static double products_a_token(const struct model_shape *shape) {
    double d_model = shape->d_model, d_query = (double)shape->n_head * shape->d_head;
    double d_key = (double)shape->n_kv_head * shape->d_head;
    return shape->n_layer * d_model * (2 * d_query + 2 * d_key + 3.0 * shape->d_feed_forward);
}

/* -------------------------------------------------------------------------------------- speed */

/* One prompt and what follows it; tokens without meaning, since picking is another's work. */
static bool measure_once(struct session *session, const struct bench_options *options,
                         int32_t *tokens, int n_vocabulary, double *prefill, double *generation,
                         struct fault *fault) {
    const float *logits;
    size_t n_known = (size_t)options->n_depth, n_read = n_known + (size_t)options->n_prompt;
    if (n_known && !session_feed(session, tokens, n_known, &logits, NULL, NULL, fault))
        return false;
    double start = clock_seconds();
    /* nothing of the last repeat's prompt is reused */
    tokens[n_known] = (tokens[n_known] + 1) % n_vocabulary;
    if (!session_feed(session, tokens, n_read, &logits, NULL, NULL, fault))
        return false;
    double middle = clock_seconds();
    for (int i = 0; i < options->n_generate; i++)
        if (!session_feed(session, tokens, n_read + (size_t)i + 1, &logits, NULL, NULL, fault))
            return false;
    double end = clock_seconds();
    *prefill = options->n_prompt / (middle - start);
    *generation = options->n_generate / (end - middle);
    return true;
}

enum { MAX_REPEATS = 100 };

static bool measure(const struct bench_subject *subject, const struct bench_options *options,
                    struct bench_result *result, struct fault *fault) {
    int n = options->n_depth + options->n_prompt + options->n_generate;
    struct model *model = subject->model;
    int n_vocabulary = model_shape(model)->n_vocabulary;
    struct session *session = bench_session(subject, n, fault);
    if (!session)
        return false;
    int32_t *tokens = must_alloc((size_t)n, sizeof *tokens);
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < n; i++)
        tokens[i] = (int32_t)random_between(&random, 0, n_vocabulary - 1);
    double prefill[MAX_REPEATS + 1], generation[MAX_REPEATS + 1];
    bool good = true;
    for (int i = 0; i <= options->n_repeat && good; i++) { /* the first one only warms up */
        int at = i ? i - 1 : options->n_repeat;
        good = measure_once(session, options, tokens, n_vocabulary, &prefill[at], &generation[at],
                            fault);
    }
    if (good) {
        result->prefill = bench_median(prefill, options->n_repeat);
        result->generation = bench_median(generation, options->n_repeat);
        result->bandwidth = read_bandwidth(model_pool(model));
        result->limit = result->bandwidth / (double)model_shape(model)->n_byte;
        result->products = products_a_second(model_pool(model));
        result->prefill_limit = result->products / products_a_token(model_shape(model));
    }
    free(tokens);
    session_close(session);
    return good;
}

static bool measure_more(const struct bench_subject *subject, const struct bench_options *options,
                         struct bench_result *result, struct fault *fault) {
    struct together together = {.n_session = options->n_batch,
                                .n_prefix = options->n_prefix,
                                .n_generate = options->n_generate,
                                .n_repeat = options->n_repeat};
    struct together alone = together;
    alone.n_session = 1;
    return (!options->halt || bench_halt(subject, KNOWN, &result->halt, fault)) &&
           (options->n_batch < 2 ||
            (bench_together(subject, &together, &result->together, fault) &&
             bench_together(subject, &alone, &result->alone, fault))) &&
           (!options->first_token ||
            bench_first_token(subject, KNOWN, NEW, 2 * options->n_repeat + 1, &result->first_token,
                              fault));
}

static void print_more(const struct bench_options *options, const struct bench_result *result) {
    if (result->together > 0)
        printf("  %d at once after %d tokens  %8.1f tokens/s, %.1f times the %.1f of one\n",
               options->n_batch, options->n_prefix, result->together,
               result->together / result->alone, result->alone);
    if (result->halt > 0)
        printf("  a text halts for at most %.1f ms while %d tokens are read\n", result->halt * 1e3,
               KNOWN);
    if (result->first_token > 0)
        printf("  first token after %d known and %d new  %.1f ms\n", KNOWN, NEW,
               result->first_token * 1e3);
}

static void more_json(json_t *object, const struct bench_options *options,
                      const struct bench_result *result) {
    if (result->together > 0) {
        json_object_set_new(object, "batch", json_integer(options->n_batch));
        json_object_set_new(object, "batch_prefix_tokens", json_integer(options->n_prefix));
        json_object_set_new(object, "batch_tokens_per_second", json_real(result->together));
        json_object_set_new(object, "batch_one_tokens_per_second", json_real(result->alone));
        json_object_set_new(object, "batch_ratio", json_real(result->together / result->alone));
    }
    if (result->halt > 0)
        json_object_set_new(object, "longest_halt_seconds", json_real(result->halt));
    if (result->first_token > 0)
        json_object_set_new(object, "first_token_seconds", json_real(result->first_token));
}

static void print_result(const struct model *model, const char *path,
                         const struct bench_options *options, const struct bench_result *result) {
    const struct model_shape *shape = model_shape(model);
    double share = result->generation / result->limit;
    double prefill_share = result->prefill / result->prefill_limit;
    int n_thread = pool_threads(model_pool(model));
    if (!options->json) {
        printf("%s (%s, %.0f million parameters, %.0f MB), %d threads, %s\n", shape->name,
               shape->architecture, (double)shape->n_parameter / 1e6, (double)shape->n_byte / 1e6,
               n_thread, tensor_instruction_set());
        printf("  prefill    %4d tokens  %8.1f tokens/s, %.0f %% of the %.1f that adding %.0f "
               "billion products/s allows\n",
               options->n_prompt, result->prefill, prefill_share * 100, result->prefill_limit,
               result->products / 1e9);
        printf("  generation %4d tokens  %8.1f tokens/s, %.0f %% of the %.1f that reading %.1f "
               "GB/s allows\n",
               options->n_generate, result->generation, share * 100, result->limit,
               result->bandwidth / 1e9);
        print_more(options, result);
        return;
    }
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:i, s:i, s:i, s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, "
        "s:f}",
        "path", path, "name", shape->name, "architecture", shape->architecture, "parameters",
        (json_int_t)shape->n_parameter, "bytes", (json_int_t)shape->n_byte, "threads", n_thread,
        "known_tokens", options->n_depth, "prompt_tokens", options->n_prompt, "generated_tokens",
        options->n_generate, "instruction_set", tensor_instruction_set(),
        "prefill_tokens_per_second", result->prefill, "generation_tokens_per_second",
        result->generation, "read_bytes_per_second", result->bandwidth,
        "generation_limit_tokens_per_second", result->limit, "share_of_limit", share,
        "products_per_second", result->products, "prefill_limit_tokens_per_second",
        result->prefill_limit, "share_of_prefill_limit", prefill_share);
    if (options->adapter)
        json_object_set_new(object, "adapter", json_string(options->adapter));
    more_json(object, options, result);
    struct buffer line = {0};
    buffer_json(&line, object);
    printf("%s\n", line.at);
    buffer_free(&line);
    json_decref(object);
}

static bool bench(const char *path, const struct bench_options *options, struct pool *pool,
                  struct fault *fault) {
    struct bench_result result = {0};
    struct model *model = model_open(path, pool, fault);
    struct adapter *adapter =
        model && options->adapter ? adapter_open(model, options->adapter, fault) : NULL;
    struct bench_subject subject = {model, adapter, options->adapter_scale};
    bool good = model && (adapter || !options->adapter) &&
                measure(&subject, options, &result, fault) &&
                measure_more(&subject, options, &result, fault);
    if (good)
        print_result(model, path, options, &result);
    adapter_close(adapter);
    model_close(model);
    return good;
}

static bool read_count(int code, const char *text, int most, int *out) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 1 || value > most) {
        exit_with_usage("bench", "-%c wants a whole number from 1 to %d, not \"%s\"", code, most,
                        text);
        return false;
    }
    *out = (int)value;
    return true;
}

int command_bench(int n_argument, char **arguments) {
    static const struct option table[] = {{"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"halt", no_argument, NULL, 'H'},
                                          {"prefix", required_argument, NULL, 'P'},
                                          {"first-token", no_argument, NULL, 'f'},
                                          {"adapter", required_argument, NULL, 'a'},
                                          {"adapter-scale", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    struct bench_options options = {.adapter_scale = 1,
                                    .n_prompt = 512,
                                    .n_generate = 64,
                                    .n_repeat = 3,
                                    .n_batch = 1,
                                    .n_prefix = 1000};
    int code;
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "p:n:d:t:b:r:", table, NULL)) != -1) {
        static const struct {
            int code, most;
        } counts[] = {{'p', 1 << 20}, {'n', 1 << 20},     {'d', 1 << 20}, {'t', 64},
                      {'b', 1024},    {'r', MAX_REPEATS}, {'P', 1 << 20}};
        int *const to[] = {&options.n_prompt, &options.n_generate, &options.n_depth,
                           &options.n_thread, &options.n_batch,    &options.n_repeat,
                           &options.n_prefix};
        size_t i = 0;
        while (i < COUNT_OF(counts) && counts[i].code != code)
            i++;
        if (code == 'h') {
            print_help();
            return EXIT_DONE;
        } else if (code == 'j') {
            options.json = true;
        } else if (code == 'H') {
            options.halt = true;
        } else if (code == 'a') {
            options.adapter = optarg;
        } else if (code == 's') {
            if (!read_adapter_scale("bench", optarg, &options.adapter_scale))
                return EXIT_USAGE;
        } else if (code == 'f') {
            options.first_token = true;
        } else if (i == COUNT_OF(counts)) {
            return exit_with_usage("bench", "%s is not known, or wants a value",
                                   arguments[optind - 1]);
        } else if (!read_count(code, optarg, counts[i].most, to[i])) {
            return EXIT_USAGE;
        }
    }
    if (optind == n_argument)
        return exit_with_usage("bench", "at least one MODEL is wanted");
    struct fault fault = {0};
    struct pool *pool = pool_new(options.n_thread);
    bool good = true;
    for (int i = optind; i < n_argument && good; i++)
        good = bench(arguments[i], &options, pool, &fault);
    pool_free(pool);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
