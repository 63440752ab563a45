/* lyceum sample: what a model would say at each position of texts, in samples that teach others.
 */
#include "main/main.h"
#include "train/train.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

static const char help[] =
    "Usage: lyceum sample MODEL TEXTS --out FILE [OPTIONS]\n\n"
    "Passes TEXTS (as of `lyceum train`) through the GGUF model MODEL and keeps, for each token\n"
    "that would be learnt, some that were drawn from what the model expects there: a teacher for\n"
    "`lyceum train --teacher FILE` that needs no memory and no time. It may be stopped; the same\n"
    "command goes on.\n\n"
    "  --per-token N       drawn at each position (12): 4 N + 8 bytes\n"
    "  --pack-tokens N     that are computed together (1024); longer texts are left out\n"
    "  --branches N        ends of one beginning (7)\n"
    "  --seed N, --threads N, --json\n\n"
    "Example: lyceum sample senior.gguf tutor.jsonl --out tutor.samples\n";

struct options {
    const char *out;
    struct texts_options texts;
    struct samples_options samples;
    int n_thread;
    bool json;
};

enum { OUT = 1, PER_TOKEN, PACK_TOKENS, BRANCHES, SEED, THREADS, JSON, HELP };
static const struct option known[] = {{"out", required_argument, NULL, OUT},
                                      {"per-token", required_argument, NULL, PER_TOKEN},
                                      {"pack-tokens", required_argument, NULL, PACK_TOKENS},
                                      {"branches", required_argument, NULL, BRANCHES},
                                      {"seed", required_argument, NULL, SEED},
                                      {"threads", required_argument, NULL, THREADS},
                                      {"json", no_argument, NULL, JSON},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

static bool read_option(struct options *options, int option, const char *text) {
    double x = 0;
    bool good;
    switch (option) {
    case OUT:
        options->out = text;
        return true;
    case JSON:
        return options->json = true;
    case PER_TOKEN:
        good = option_number(text, 1, 256, &x);
        options->samples.per_token = (int)x;
        return good;
    case PACK_TOKENS:
        good = option_number(text, 16, 1 << 20, &x);
        options->texts.pack_tokens = (int)x;
        return good;
    case BRANCHES:
        good = option_number(text, 1, 1 << 20, &x);
        options->texts.branches = (int)x;
        return good;
    case SEED:
        good = option_number(text, 0, 9e15, &x);
        options->samples.seed = (uint64_t)x;
        return good;
    case THREADS:
        good = option_number(text, 1, 64, &x);
        options->n_thread = (int)x;
        return good;
    default:
        return false;
    }
}

struct counting {
    struct progress progress;
    uint64_t n_all;
    size_t n;
};

static bool told(void *data, size_t n_position, struct fault *fault) {
    struct counting *counting = data;
    (void)fault;
    counting->n = n_position;
    progress_show(&counting->progress, (double)n_position, (double)counting->n_all, "positions");
    return true;
}

static void tell_json(const char *path, size_t n) {
    json_t *out = json_pack("{s:s, s:I}", "path", path, "positions", (json_int_t)n);
    json_dumpf(out, stdout, 0);
    putchar('\n');
    json_decref(out);
}

static int sample(const char *model_path, const char *texts_path, struct options *options) {
    struct student_options nothing = {.learning = LEARN_NOTHING};
    struct texts_report report;
    struct counting counting = {.progress = {.label = "drawing"}};
    struct fault fault = {0};
    bool done = false;
    struct pool *pool = pool_new(options->n_thread);
    struct model *model = model_open(model_path, pool, &fault);
    struct texts *texts =
        model ? texts_read(model, texts_path, &options->texts, &report, &fault) : NULL;
    struct student *teacher = texts ? student_new(model, &nothing, pool, &fault) : NULL;
    struct passage *passage =
        teacher ? passage_new(teacher, options->texts.pack_tokens, true, &fault) : NULL;
    counting.n_all = passage ? report.n_counted : 0;
    options->samples.told = told;
    options->samples.data = &counting;
    options->samples.cancel = &stopped;
    bool good =
        passage && samples_write(passage, texts, options->out, &options->samples, &done, &fault);
    progress_end(&counting.progress);
    if (good && done && options->json)
        tell_json(options->out, counting.n);
    else if (good && done)
        printf("%s: %zu positions\n", options->out, counting.n);
    else if (good)
        fprintf(stderr, "stopped; the same command goes on from here\n");
    passage_free(passage);
    student_free(teacher);
    texts_free(texts);
    model_close(model);
    pool_free(pool);
    return !good ? exit_with_fault(&fault) : done ? EXIT_DONE : EXIT_MACHINE;
}

int command_sample(int n_argument, char **arguments) {
    struct options options = {.texts = training_default.texts,
                              .samples = {.per_token = 12, .seed = 1}};
    struct sigaction action = {.sa_handler = stop};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == HELP)
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?' || !read_option(&options, c, optarg))
            return exit_with_usage("sample", "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    if (n_argument - optind != 2 || !options.out)
        return exit_with_usage("sample", "a model, texts and --out FILE are needed");
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return sample(arguments[optind], arguments[optind + 1], &options);
}
