/* lyceum embed: lines of text to vectors. */
#include "main/main.h"

#include "model/model.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_BYTES = 256 << 20, LINES_AT_ONCE = 64 };

static const char help[] =
    "Usage: lyceum embed MODEL [--max-tokens N] [--threads N] [--json]\n\n"
    "Reads lines of text from standard input and writes a JSON array for each: a vector of\n"
    "length one. The product of two vectors is near 1 where the texts mean nearly the same.\n\n"
    "  --max-tokens N  what a text has beyond N tokens is cut off (as many as the model takes)\n"
    "  --threads N     as many as the machine gives\n"
    "  --json          objects: {\"text\":\"…\",\"vector\":[…]}\n\n"
    "Example:\n"
    "  echo 'Water boils at 100 degrees.' | lyceum embed models/all-MiniLM-L6-v2.F32.gguf\n";

struct embed_options {
    const char *model;
    int n_thread;
    bool json;
    struct embedding embedding;
};

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct embed_options *options) {
    static const struct option table[] = {
        {"max-tokens", required_argument, NULL, 'm'},
        {"threads", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int code;
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "", table, NULL)) != -1) {
        char *end;
        long value = optarg ? strtol(optarg, &end, 10) : 0;
        if (code == 'h') {
            fputs(help, stdout);
            return EXIT_DONE;
        } else if (code == 'j') {
            options->json = true;
        } else if (code == '?' || end == optarg || *end || value < 1 || value > 1 << 20) {
            return exit_with_usage("embed", "%s is not known, or wants a number from 1 on",
                                   arguments[optind - 1]);
        } else if (code == 'm') {
            options->embedding.max_tokens = (int)value;
        } else {
            options->n_thread = value < 64 ? (int)value : 64;
        }
    }
    if (optind + 1 != n_argument)
        return exit_with_usage("embed", "one MODEL is wanted");
    options->model = arguments[optind];
    return -1;
}

static bool print_vector(struct view text, const float *vector, int n, bool json,
                         struct fault *fault) {
    struct buffer line = {0};
    if (json) {
        json_t *quoted = json_stringn(text.at, text.n);
        if (!quoted)
            return fault_set(fault, FAULT_INPUT, "a line is no UTF-8");
        buffer_text(&line, "{\"text\":");
        buffer_json(&line, quoted);
        buffer_text(&line, ",\"vector\":");
        json_decref(quoted);
    }
    for (int i = 0; i < n; i++)
        buffer_format(&line, "%c%.9g", i ? ',' : '[', (double)vector[i]);
    buffer_text(&line, json ? "]}\n" : "]\n");
    bool good = fwrite(line.at, 1, line.n, stdout) == line.n;
    buffer_free(&line);
    return good || fault_set(fault, FAULT_MACHINE, "standard output cannot be written");
}

static bool embed_lines(const struct model *model, const struct embed_options *options,
                        struct view text, struct fault *fault) {
    int size = model_embedding_size(model);
    float *vectors = must_alloc(LINES_AT_ONCE, (size_t)(size ? size : 1) * sizeof *vectors);
    bool good = true;
    while (good && text.n) {
        struct view lines[LINES_AT_ONCE];
        size_t n = 0;
        for (; n < LINES_AT_ONCE && text.n; n++) {
            ptrdiff_t end = view_find(text, VIEW("\n"));
            size_t length = end < 0 ? text.n : (size_t)end;
            lines[n] = view_slice(text, 0, length);
            text = view_slice(text, length + 1, text.n);
        }
        good = model_embed(model, lines, n, &options->embedding, vectors, fault);
        for (size_t i = 0; good && i < n; i++)
            good = print_vector(lines[i], vectors + i * (size_t)size, size, options->json, fault);
    }
    free(vectors);
    return good;
}

int command_embed(int n_argument, char **arguments) {
    struct embed_options options = {0};
    int code = read_options(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    struct fault fault = {0};
    struct buffer in = {0};
    struct pool *pool = pool_new(options.n_thread);
    struct model *model = model_open(options.model, pool, &fault);
    bool good = model && file_read("-", MOST_BYTES, &in, &fault) &&
                embed_lines(model, &options, buffer_view(&in), &fault);
    model_close(model);
    pool_free(pool);
    buffer_free(&in);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
