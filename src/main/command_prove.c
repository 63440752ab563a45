/* lyceum prove: what an adapter is worth, and the card that tells it. */
#include "main/main.h"
#include "main/shipped.h"
#include "workshop/workshop.h"

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

static const char help[] =
    "Usage: lyceum prove ITEMS --adapter FILE --out FOLDER [OPTIONS]\n\n"
    "Puts the questions and hints of ITEMS (lyceum compose --held-out-file) to the model with "
    "the\n"
    "adapter, to the model alone and to the search alone, as the tutor would be asked, and "
    "writes\n"
    "FOLDER/card.json, card.html and card.txt: what passes the review, what stands on the right\n"
    "sentence, what is refused, with intervals. It goes on where it was stopped.\n\n"
    "  --adapter FILE   to be examined\n"
    "  --model GGUF     (default ${LYCEUM_MODELS:-models}/SmolLM2-135M-Instruct.Q4_1.gguf)\n"
    "  --against FILE   another adapter, which it must beat\n"
    "  --rows FILE      what it was trained on: the card tells where that is from\n"
    "  --limit N        of each task (all)\n"
    "  --title TEXT, --seed N, --threads N, --json\n\n"
    "Exit: 0 the card passed; 1 it did not, or something is wrong; 2 wrong usage; 3 stopped, or\n"
    "the machine failed.\n\n"
    "Example: lyceum prove items.jsonl --adapter tutor/adapter.gguf --out proof\n";

struct wanted {
    struct adapter_proof how;
    bool json;
    int n_thread;
};

enum { ADAPTER = 1, MODEL, AGAINST, ROWS, LIMIT, TITLE, OUT, SEED, THREADS, JSON, HELP };

static const struct option known[] = {{"adapter", required_argument, NULL, ADAPTER},
                                      {"model", required_argument, NULL, MODEL},
                                      {"against", required_argument, NULL, AGAINST},
                                      {"rows", required_argument, NULL, ROWS},
                                      {"limit", required_argument, NULL, LIMIT},
                                      {"title", required_argument, NULL, TITLE},
                                      {"out", required_argument, NULL, OUT},
                                      {"seed", required_argument, NULL, SEED},
                                      {"threads", required_argument, NULL, THREADS},
                                      {"json", no_argument, NULL, JSON},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

static bool read_option(struct wanted *wanted, int option, const char *text) {
    struct adapter_proof *how = &wanted->how;
    const char **const texts[] = {
        [ADAPTER] = &how->adapter, [MODEL] = &how->model, [AGAINST] = &how->against,
        [ROWS] = &how->rows,       [TITLE] = &how->title, [OUT] = &how->folder};
    double x = 0;
    bool good = option != '?';
    if (good && option <= OUT && texts[option]) {
        *texts[option] = text;
        return true;
    }
    if (option == JSON)
        return wanted->json = true;
    good = good && option_number(text, 0, option == THREADS ? 64 : 9e15, &x) && x == floor(x);
    if (option == LIMIT)
        how->most = (size_t)x;
    else if (option == SEED)
        how->seed = (uint64_t)x;
    else if (option == THREADS)
        wanted->n_thread = (int)x;
    return good;
}

static void tell(void *data, const char *text) {
    (void)data;
    fprintf(stderr, "%s\n", text);
}

static int show(const struct wanted *wanted, bool passed) {
    char path[PATH_MAX];
    struct buffer card = {0};
    struct fault fault = {0};
    if (stopped) {
        fprintf(stderr, "stopped; the same command goes on from here\n");
        return EXIT_MACHINE;
    }
    snprintf(path, sizeof path, "%s/card.%s", wanted->how.folder, wanted->json ? "json" : "txt");
    if (!file_read(path, 1 << 24, &card, &fault))
        return exit_with_fault(&fault);
    fwrite(card.at, 1, card.n, stdout);
    buffer_free(&card);
    return passed ? EXIT_DONE : EXIT_INPUT;
}

int command_prove(int n_argument, char **arguments) {
    static const struct company_adapter none = {.scale = 1};
    static struct members members;
    struct wanted wanted = {.how = {.title = "tutor"}};
    char suite[PATH_MAX];
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == HELP)
            return fputs(help, stdout), EXIT_DONE;
        if (!read_option(&wanted, c, optarg))
            return exit_with_usage("prove", "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    if (n_argument - optind != 1 || !wanted.how.adapter || !wanted.how.folder)
        return exit_with_usage("prove", "a file of items, --adapter and --out are wanted");
    members_choose(&members, wanted.how.model, &none, NULL);
    wanted.how.items = arguments[optind];
    wanted.how.model = members.model;
    wanted.how.suite = shipped_file("training/suite.txt", suite);
    wanted.how.cancel = &stopped;
    wanted.how.tell = tell;
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct fault fault = {0};
    bool passed = false;
    struct pool *pool = pool_new(wanted.n_thread);
    bool good = adapter_prove(&wanted.how, pool, &passed, &fault);
    pool_free(pool);
    return good ? show(&wanted, passed) : exit_with_fault(&fault);
}
