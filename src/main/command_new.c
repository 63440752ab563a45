/* lyceum new: a model that knows nothing yet, and a vocabulary learnt of the text that it is for.
 */
#include "main/main.h"
#include "model/model.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum new OUT.gguf --text FILE… [OPTIONS]\n\n"
    "Makes a model to be trained from scratch: a vocabulary of byte pairs learnt of the FILEs, "
    "and "
    "weights\ndrawn at random. OUT.gguf is a llama of 32-bit weights, for lyceum train --learn "
    "all "
    "--type F32.\n\n"
    "  --text FILE…      plain text of the kind that it shall write; - is standard input\n"
    "  --vocabulary N    tokens (4096); fewer when the text gives no more\n"
    "  --layers N        (6)\n"
    "  --width N         (256)\n"
    "  --heads N         (8), which share\n"
    "  --kv-heads N      keys and values (as many)\n"
    "  --feed-forward N  inner width (8/3 of the width)\n"
    "  --context N       positions that it is made for (512)\n"
    "  --rope-base B     the slowest of its rotations (10000)\n"
    "  --untied          a head of its own; else it is the embedding\n"
    "  --name NAME       that the file tells (new)\n"
    "  --seed N          of the weights (0)\n"
    "  --force           write over a file that is there\n"
    "  --json            the result as one JSON object\n\n"
    "Example: lyceum new poet.gguf --text poems.txt --vocabulary 2048 --layers 4 --width 192 "
    "--heads 6\n"
    "         lyceum train poet.gguf poems.txt --out poet --learn all --type F32 --rate 1e-3 "
    "--pack-tokens 512\n";

static const size_t MOST_TEXT_BYTES = (size_t)1 << 30; /* a file */

struct wanted {
    struct model_recipe recipe;
    const char *out;
    const char **files;
    size_t n_file;
    bool json;
};

static bool whole_number(const char *text, double high, double *out) {
    char *end;
    *out = strtod(text, &end);
    return *text && !*end && *out >= 0 && *out <= high && *out == floor(*out);
}

enum { ARGUMENT = 1, VOCABULARY, LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT };
static const struct option known[] = {{"vocabulary", required_argument, NULL, VOCABULARY},
                                      {"layers", required_argument, NULL, LAYERS},
                                      {"width", required_argument, NULL, WIDTH},
                                      {"heads", required_argument, NULL, HEADS},
                                      {"kv-heads", required_argument, NULL, KV_HEADS},
                                      {"feed-forward", required_argument, NULL, FEED_FORWARD},
                                      {"context", required_argument, NULL, CONTEXT},
                                      {"rope-base", required_argument, NULL, 'b'},
                                      {"untied", no_argument, NULL, 'u'},
                                      {"name", required_argument, NULL, 'n'},
                                      {"seed", required_argument, NULL, 's'},
                                      {"force", no_argument, NULL, 'f'},
                                      {"json", no_argument, NULL, 'j'},
                                      {"text", required_argument, NULL, 't'},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

static bool read_number(struct model_recipe *recipe, int option, const char *text) {
    int *const places[] = {
        [VOCABULARY] = &recipe->n_vocabulary, [LAYERS] = &recipe->n_layer,
        [WIDTH] = &recipe->d_model,           [HEADS] = &recipe->n_head,
        [KV_HEADS] = &recipe->n_kv_head,      [FEED_FORWARD] = &recipe->d_feed_forward,
        [CONTEXT] = &recipe->n_context};
    double value;
    if (!whole_number(text, 1e9, &value))
        return false;
    *places[option] = (int)value;
    return true;
}

static bool read_option(struct wanted *wanted, int option, const char *text) {
    struct model_recipe *recipe = &wanted->recipe;
    double value;
    char *end;
    switch (option) {
    case 'b':
        recipe->rope_base = strtof(text, &end);
        return *text && !*end;
    case 's':
        if (!whole_number(text, 9e15, &value))
            return false;
        recipe->seed = (uint64_t)value;
        return true;
    case 'n':
        recipe->name = text;
        return utf8_valid(view_of(text));
    case 'u':
        return recipe->untied = true;
    case 'f':
        return recipe->force = true;
    case 'j':
        return wanted->json = true;
    default:
        return option > ARGUMENT && option <= CONTEXT && read_number(recipe, option, text);
    }
}

static bool add_file(struct wanted *wanted, const char *path) {
    wanted->files = must_realloc(wanted->files, wanted->n_file + 1, sizeof *wanted->files);
    wanted->files[wanted->n_file++] = path;
    return true;
}

/* What follows --text up to the next option is a FILE too. -1 to go on, else an exit code. */
static int read_arguments(int n_argument, char **arguments, struct wanted *wanted) {
    bool is_text = false;
    opterr = 0;
    optind = 1;
    for (int code; (code = getopt_long(n_argument, arguments, "-", known, NULL)) != -1;) {
        bool good;
        if (code == 'h')
            return fputs(help, stdout), EXIT_DONE;
        if (code == 't' || (code == ARGUMENT && is_text))
            good = is_text = add_file(wanted, optarg);
        else if (code == ARGUMENT)
            good = !wanted->out && (wanted->out = optarg);
        else
            good = read_option(wanted, code, optarg), is_text = false;
        if (!good)
            return exit_with_usage("new", "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    for (; optind < n_argument; optind++) /* after -- */
        add_file(wanted, arguments[optind]);
    if (!wanted->out || !wanted->n_file)
        return exit_with_usage("new", "OUT.gguf and --text FILE are wanted");
    return -1;
}

/* --------------------------------------------------------------------------------------- result
 */

static void print_text(const struct wanted *wanted, const struct model_created *created) {
    const struct model_recipe *recipe = &wanted->recipe;
    printf("%s: %d tokens (%zu joins; %.2f bytes a token of the text), %d layers, %d wide, "
           "%.1f million weights, %.1f MB, in %.1f s\n",
           wanted->out, created->n_vocabulary, created->n_merge,
           (double)created->n_text_byte / (double)created->n_text_token, recipe->n_layer,
           recipe->d_model, (double)created->n_parameter / 1e6, (double)created->n_byte / 1e6,
           created->seconds);
    if (created->n_vocabulary < recipe->n_vocabulary)
        printf("The text gives no more than %d tokens: no other pair stands twice.\n",
               created->n_vocabulary);
}

static void print_json(const struct wanted *wanted, const struct model_created *created) {
    const struct model_recipe *recipe = &wanted->recipe;
    struct buffer line = {0};
    json_t *object =
        json_pack("{s:s, s:i, s:I, s:I, s:I, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:f}", "path",
                  wanted->out, "vocabulary", created->n_vocabulary, "merges",
                  (json_int_t)created->n_merge, "text_bytes", (json_int_t)created->n_text_byte,
                  "text_tokens", (json_int_t)created->n_text_token, "layers", recipe->n_layer,
                  "width", recipe->d_model, "heads", recipe->n_head, "kv_heads",
                  created->n_kv_head, "feed_forward", created->d_feed_forward, "context",
                  recipe->n_context, "parameters", (json_int_t)created->n_parameter, "bytes",
                  (json_int_t)created->n_byte, "seconds", created->seconds);
    buffer_json(&line, object);
    printf("%s\n", line.at);
    buffer_free(&line);
    json_decref(object);
}

static bool create(const struct wanted *wanted, struct model_created *created,
                   struct fault *fault) {
    struct buffer *texts = must_alloc(wanted->n_file, sizeof *texts);
    struct view *views = must_alloc(wanted->n_file, sizeof *views);
    bool good = true;
    for (size_t i = 0; i < wanted->n_file && good; i++) {
        good = file_read(wanted->files[i], MOST_TEXT_BYTES, &texts[i], fault);
        views[i] = buffer_view(&texts[i]);
    }
    good =
        good && model_create(wanted->out, &wanted->recipe, views, wanted->n_file, created, fault);
    for (size_t i = 0; i < wanted->n_file; i++)
        buffer_free(&texts[i]);
    free(texts);
    free(views);
    return good;
}

int command_new(int n_argument, char **arguments) {
    struct wanted wanted = {.recipe = model_recipe_default};
    struct model_created created;
    struct fault fault = {0};
    int code = read_arguments(n_argument, arguments, &wanted);
    if (code < 0 && !create(&wanted, &created, &fault))
        code = exit_with_fault(&fault);
    else if (code < 0)
        (wanted.json ? print_json : print_text)(&wanted, &created);
    free(wanted.files);
    return code < 0 ? EXIT_DONE : code;
}
