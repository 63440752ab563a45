/* lyceum quantize: a model's weights in fewer bits, or in more. */
#include "main/main.h"
#include "model/model.h"

#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

static void print_help(void) {
    printf(
        "Usage: lyceum quantize IN OUT TYPE [--force] [--pure] [--threads N] [--json]\n\n"
        "Writes the model IN as the GGUF file OUT, its weights as TYPE. IN is a GGUF file, of "
        "which "
        "all\nelse is kept, or a folder of safetensors with config.json and tokenizer.json (or a "
        "file in it).\nOUT is written beside its place and put there when it is whole.\n\n"
        "  TYPE        bits a weight\n"
        "  F32         32\n"
        "  F16, BF16   16\n"
        "  Q8_0        8.5     next to nothing is lost\n"
        "  Q6_K        6.6\n"
        "  Q5_0, Q5_K  5.5\n"
        "  Q5_1        6\n"
        "  Q4_K_M      4.5 and up: Q4_K, and Q6_K where errors tell most; the usual choice\n"
        "  Q4_1        5\n"
        "  Q4_0, Q4_K  4.5\n\n"
        "The output, or the embedding that serves as it, is Q6_K in all types of fewer bits. "
        "Where "
        "rows do\nnot divide by 256, Q4_K is Q5_0, Q5_K is Q5_1 and Q6_K is Q8_0.\n\n"
        "  --force     write over IN itself, or make integers from integers of as few bits\n"
        "  --pure      every matrix alike, the output too\n"
        "  --threads N as many as the machine gives\n"
        "  --json      the result as one JSON object\n\n"
        "Examples: lyceum quantize model-f16.gguf model-q4_k_m.gguf Q4_K_M\n"
        "          lyceum quantize SmolLM2-135M-Instruct smollm2-bf16.gguf BF16\n");
}

static void show(void *data, uint64_t done, uint64_t total) {
    progress_show(data, (double)done / 1e6, (double)total / 1e6, "MB");
}

/* The root of the mean squared error beside that of the weights themselves. */
static double relative_error(const struct quantised_share *share) {
    return share->squares > 0 ? sqrt(share->errors / share->squares) : 0;
}

static void print_text(const char *out, const struct quantisation_result *result) {
    for (size_t i = 0; i < result->n_share; i++) {
        const struct quantised_share *share = &result->shares[i];
        printf("  %-5s %4d tensors %10.1f MB", share->type, share->n_tensor,
               (double)share->n_byte / 1e6);
        if (share->squares > 0)
            printf("   error %.4g %% of the weights", 100 * relative_error(share));
        printf("\n");
    }
    printf("%s: %.1f MB from %.1f MB in %.1f s (%.0f MB/s read)\n", out,
           (double)result->n_byte_out / 1e6, (double)result->n_byte_in / 1e6, result->seconds,
           (double)result->n_byte_in / 1e6 / (result->seconds + 1e-9));
}

static void print_json(const char *out, const struct quantisation_result *result) {
    json_t *shares = json_array();
    for (size_t i = 0; i < result->n_share; i++) {
        const struct quantised_share *share = &result->shares[i];
        json_array_append_new(
            shares, json_pack("{s:s, s:i, s:I, s:I, s:f}", "type", share->type, "tensors",
                              share->n_tensor, "values", (json_int_t)share->n_value, "bytes",
                              (json_int_t)share->n_byte, "relative_error", relative_error(share)));
    }
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:f, s:o}", "path", out, "bytes_read", (json_int_t)result->n_byte_in,
        "bytes", (json_int_t)result->n_byte_out, "seconds", result->seconds, "formats", shares);
    struct buffer line = {0};
    buffer_json(&line, object);
    printf("%s\n", line.at);
    buffer_free(&line);
    json_decref(object);
}

struct quantize_options {
    struct quantisation how;
    bool json, help;
    int n_thread;
};

static bool read_options(int n_argument, char **arguments, struct quantize_options *options) {
    static const struct option table[] = {
        {"force", no_argument, NULL, 'f'},         {"pure", no_argument, NULL, 'p'},
        {"threads", required_argument, NULL, 't'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    int code;
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "t:", table, NULL)) != -1) {
        if (code == 'f') {
            options->how.force = true;
        } else if (code == 'p') {
            options->how.pure = true;
        } else if (code == 'j') {
            options->json = true;
        } else if (code == 'h') {
            options->help = true;
        } else if (code == 't' && atoi(optarg) >= 1) {
            options->n_thread = atoi(optarg);
        } else {
            exit_with_usage("quantize", "%s is not known, or wants a whole number",
                            arguments[optind - 1]);
            return false;
        }
    }
    if (!options->help && optind + 3 != n_argument) {
        exit_with_usage("quantize", "IN, OUT and TYPE are wanted");
        return false;
    }
    return true;
}

int command_quantize(int n_argument, char **arguments) {
    struct progress progress = {.label = "quantizing"};
    struct quantize_options options = {
        .how = {.cancel = &stopped, .progress = show, .data = &progress}};
    if (!read_options(n_argument, arguments, &options))
        return EXIT_USAGE;
    if (options.help) {
        print_help();
        return EXIT_DONE;
    }
    const char *in = arguments[optind], *out = arguments[optind + 1];
    options.how.type = arguments[optind + 2];
    struct quantisation_result result;
    struct fault fault = {0};
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    struct pool *pool = pool_new(options.n_thread);
    bool good = model_quantise(in, out, &options.how, pool, &result, &fault);
    pool_free(pool);
    progress_end(&progress);
    if (!good)
        return exit_with_fault(&fault);
    (options.json ? print_json : print_text)(out, &result);
    return EXIT_DONE;
}
