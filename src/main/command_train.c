/* lyceum train: a model that is here, texts, and some time: an adapter or a model out of them. */
#include "main/main.h"
#include "main/training_plot.h"
#include "train/train.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

struct options {
    struct training training;
    bool json;
    int n_thread;
};

static const char help[] =
    "Usage: lyceum train MODEL TEXTS --out FOLDER [OPTIONS]\n\n"
    "Trains the GGUF model MODEL on TEXTS: JSON lines {\"messages\":[{\"role\",\"content\"}…]}, "
    "of "
    "which\n"
    "what the assistant says is learnt, or {\"text\":…}; or plain text, *.txt or *.md. FOLDER "
    "gets the\nresult (adapter.gguf, or model.gguf), log.jsonl with a line a step, and "
    "training.html, a plot\nthat stays up to date.\n"
    "It may be stopped at any time; the same command goes on where it stopped.\n\n"
    "  --learn WHAT        matrices: those of the layers; the result is their difference as an\n"
    "                      adapter (the default); adapter: low rank from the start, in less "
    "memory;\n"
    "                      all: every weight; the result is a model\n"
    "  --rank N            of the adapter (16)\n"
    "  --alpha A           of an adapter from the start (32)\n"
    "  --start ADAPTER     the adapter begins as this one and learns on (--learn adapter)\n"
    "  --type T            numbers of the result: F16 (the default), F32, Q8_0, Q4_K_M, …\n"
    "  --name NAME         that the adapter tells\n"
    "  --tutor             it learnt what a tutor is asked (lyceum compose): the school believes "
    "it when\n"
    "                      it refuses, and gives it no examples\n"
    "  --languages L       of its texts, that the tutor then speaks: en,zh,es (en); from what sum "
    "on\n"
    "                      it answers may stand behind each: en:-1.3,zh:-9\n"
    "  --strength S        the adapter is written S times as strong as it was learnt (1), where "
    "it\n"
    "                      costs too much of what the model knew (--learn adapter)\n"
    "  --minutes M         as many steps as fit (30), or\n"
    "  --steps N           so many\n"
    "  --rate R            of learning (1.5e-4; adapters 1e-3)\n"
    "  --warm-up N         steps from 0 up to the rate (15)\n"
    "  --schedule S        linear (the default), cosine, constant\n"
    "  --hold SHARE        of the steps before the rate falls (0.5)\n"
    "  --decay D, --clip C AdamW's decay (0) and the longest gradient (1)\n"
    "  --optimizer O       adamw (the default); muon: the layers' matrices by momentum made "
    "orthogonal,\n"
    "                      the rest by AdamW (not with --learn adapter)\n"
    "  --packs N           of a step (2), each of up to\n"
    "  --pack-tokens N     tokens (1024), with up to\n"
    "  --branches N        ends of one beginning (7)\n"
    "  --teacher MODEL     learn its probabilities instead of the words alone (the same "
    "vocabulary), by\n"
    "  --loss L            forward-kl (the default then), reverse-kl, skewed-kl, jsd, with\n"
    "  --skew S            from 0 to 1 (0.1); MODEL may also be what `lyceum sample` made\n"
    "  --own-words SHARE   of the packs, in which the student writes itself and a live teacher "
    "judges\n"
    "                      each token (on-policy; --learn adapter; 0), up to\n"
    "  --own-tokens N      a text (128), at\n"
    "  --own-temperature T (0.9)\n"
    "  --precision P       fp32 (the default); bf16: linear layers multiply numbers of 16 bits "
    "and "
    "sum in\n"
    "                      floats; weights and moments stay floats. Faster where the processor "
    "can do so\n"
    "                      (AMX-BF16, AVX512-BF16), slower elsewhere\n"
    "  --checkpoints       a tenth of the memory for a third more time\n"
    "  --save-every S      seconds (600)\n"
    "  --seed N, --threads N, --json\n\n"
    "Example: lyceum train models/SmolLM2-135M-Instruct.Q4_1.gguf tutor.jsonl --out tutor "
    "--minutes 30\n";

/* --------------------------------------------------------------------------------------- options
 */

enum {
    OUT = 1,
    LEARN,
    RANK,
    ALPHA,
    TYPE,
    MINUTES,
    STEPS,
    RATE,
    WARM_UP,
    SCHEDULE,
    HOLD,
    DECAY,
    CLIP,
    PACKS,
    PACK_TOKENS,
    BRANCHES,
    PRECISION,
    OPTIMIZER,
    CHECKPOINTS,
    SAVE_EVERY,
    SEED,
    NAME,
    START,
    TUTOR,
    LANGUAGES,
    STRENGTH,
    TEACHER,
    LOSS,
    SKEW,
    OWN_WORDS,
    OWN_TOKENS,
    OWN_TEMPERATURE,
    THREADS,
    JSON,
    HELP,
};

static const struct option known[] = {
    {"out", required_argument, NULL, OUT},
    {"learn", required_argument, NULL, LEARN},
    {"rank", required_argument, NULL, RANK},
    {"alpha", required_argument, NULL, ALPHA},
    {"type", required_argument, NULL, TYPE},
    {"minutes", required_argument, NULL, MINUTES},
    {"steps", required_argument, NULL, STEPS},
    {"rate", required_argument, NULL, RATE},
    {"warm-up", required_argument, NULL, WARM_UP},
    {"schedule", required_argument, NULL, SCHEDULE},
    {"hold", required_argument, NULL, HOLD},
    {"decay", required_argument, NULL, DECAY},
    {"clip", required_argument, NULL, CLIP},
    {"packs", required_argument, NULL, PACKS},
    {"pack-tokens", required_argument, NULL, PACK_TOKENS},
    {"branches", required_argument, NULL, BRANCHES},
    {"precision", required_argument, NULL, PRECISION},
    {"optimizer", required_argument, NULL, OPTIMIZER},
    {"checkpoints", no_argument, NULL, CHECKPOINTS},
    {"save-every", required_argument, NULL, SAVE_EVERY},
    {"seed", required_argument, NULL, SEED},
    {"name", required_argument, NULL, NAME},
    {"start", required_argument, NULL, START},
    {"tutor", no_argument, NULL, TUTOR},
    {"languages", required_argument, NULL, LANGUAGES},
    {"strength", required_argument, NULL, STRENGTH},
    {"teacher", required_argument, NULL, TEACHER},
    {"loss", required_argument, NULL, LOSS},
    {"skew", required_argument, NULL, SKEW},
    {"own-words", required_argument, NULL, OWN_WORDS},
    {"own-tokens", required_argument, NULL, OWN_TOKENS},
    {"own-temperature", required_argument, NULL, OWN_TEMPERATURE},
    {"threads", required_argument, NULL, THREADS},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, HELP},
    {0}};

static bool named(const char *text, const char *const *names, int n, int *out) {
    for (*out = 0; *out < n; (*out)++)
        if (!strcmp(text, names[*out]))
            return true;
    return false;
}

/* en,zh:-9 */
static bool are_languages(const char *text) {
    for (const char *at = text;; at++) {
        size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
        at += n;
        if (n && *at == ':') {
            size_t digits = strspn(at + 1, "-.0123456789");
            char *end;
            strtod(at + 1, &end);
            n = end == at + 1 + digits ? digits : 0;
            at = end;
        }
        if (!n || (*at && *at != ','))
            return false;
        if (!*at)
            return strlen(text) < 64;
    }
}

static bool read_option(struct options *options, int option, const char *text) {
    struct training *t = &options->training;
    static const char *const learnings[] = {"all", "matrices", "adapter"};
    static const char *const losses[] = {"cross-entropy", "forward-kl", "reverse-kl", "skewed-kl",
                                         "jsd"};
    static const char *const precisions[] = {"fp32", "bf16"};
    static const char *const optimizers[] = {"adamw", "muon"};
    static const char *const schedules[] = {"constant", "linear", "cosine"};
    double x = 0;
    int which = 0;
    bool good = true;
#define NUMBER(name, low, high, member, type)                                                     \
    case name:                                                                                    \
        good = option_number(text, low, high, &x);                                                \
        member = (type)x;                                                                         \
        return good
    switch (option) {
    case OUT:
        t->folder = text;
        return true;
    case TYPE:
        t->type = text;
        return true;
    case TEACHER:
        t->teacher_path = text;
        return true;
    case LOSS:
        good = named(text, losses, COUNT_OF(losses), &which);
        t->trainer.loss.kind = (enum loss_kind)which;
        return good;
    case NAME:
        t->name = text;
        return true;
    case START:
        t->start_path = text;
        return true;
    case TUTOR:
        return t->tutor = true;
    case LANGUAGES:
        t->languages = text;
        return are_languages(text);
    case CHECKPOINTS:
        return t->checkpoints = true;
    case JSON:
        return options->json = true;
    case LEARN:
        good = named(text, learnings, COUNT_OF(learnings), &which);
        t->student.learning = (enum learning)which;
        return good;
    case PRECISION:
        good = named(text, precisions, COUNT_OF(precisions), &which);
        t->student.bf16 = which == 1;
        return good;
    case OPTIMIZER:
        good = named(text, optimizers, COUNT_OF(optimizers), &which);
        t->student.muon = which == 1;
        return good;
    case SCHEDULE:
        good = named(text, schedules, COUNT_OF(schedules), &which);
        t->trainer.schedule = (enum schedule)which;
        return good;
    case MINUTES:
        good = option_number(text, 0.01, 1e6, &x);
        t->trainer.seconds = 60 * x;
        t->trainer.n_step = 0;
        return good;
        NUMBER(STEPS, 1, 1e9, t->trainer.n_step, int);
        NUMBER(RANK, 1, 1024, t->student.rank, int);
        NUMBER(ALPHA, 1e-6, 1e6, t->student.alpha, float);
        NUMBER(STRENGTH, 0.01, 100, t->strength, float);
        NUMBER(RATE, 0, 1, t->trainer.adamw.rate, float);
        NUMBER(WARM_UP, 0, 1e9, t->trainer.warm_up, int);
        NUMBER(HOLD, 0, 1, t->trainer.hold, float);
        NUMBER(DECAY, 0, 10, t->trainer.adamw.decay, float);
        NUMBER(CLIP, 0, 1e9, t->trainer.adamw.clip, float);
        NUMBER(PACKS, 1, 1e6, t->trainer.packs_per_step, int);
        NUMBER(PACK_TOKENS, 16, 1 << 20, t->texts.pack_tokens, int);
        NUMBER(BRANCHES, 1, 1 << 20, t->texts.branches, int);
        NUMBER(SAVE_EVERY, 0, 1e9, t->save_seconds, double);
        NUMBER(SKEW, 0, 1, t->trainer.loss.skew, float);
        NUMBER(OWN_WORDS, 0, 1, t->own_words.share, double);
        NUMBER(OWN_TOKENS, 1, 1 << 20, t->own_words.max_tokens, int);
        NUMBER(OWN_TEMPERATURE, 0, 100, t->own_words.temperature, float);
        NUMBER(SEED, 0, 9e15, t->texts.seed, uint64_t);
        NUMBER(THREADS, 1, 64, options->n_thread, int);
    default:
        return false;
    }
#undef NUMBER
}

/* ---------------------------------------------------------------------------------------- the run
 */

static bool begins(void *data, const struct training_beginning *beginning, struct fault *fault) {
    struct training_plot *plot = data;
    const struct texts_report *r = &beginning->texts;
    fprintf(stderr,
            "%zu texts of %llu tokens, of which %llu count; beginnings shared, %llu are computed "
            "a round\n",
            r->n_text, (unsigned long long)r->n_token, (unsigned long long)r->n_counted,
            (unsigned long long)r->n_computed);
    if (r->n_too_long)
        fprintf(stderr, "%zu texts are longer than a pack and were left out (--pack-tokens)\n",
                r->n_too_long);
    fprintf(stderr, "%.1f M weights learn; saving takes %.2f GB\n",
            (double)beginning->n_learning / 1e6, (double)beginning->save_bytes / 1e9);
    if (beginning->step)
        fprintf(stderr, "going on after step %lld\n", (long long)beginning->step);
    return training_plot_open(plot, beginning->step, fault);
}

static bool step(void *data, const struct trainer_report *report, struct fault *fault) {
    return training_plot_add(data, report, fault);
}

static void tell_end(const struct training_plot *plot, const struct training_result *result,
                     bool json) {
    const struct trainer_report *last = &plot->reports[plot->n - 1];
    if (result->held < 1)
        fprintf(stderr, "the adapter holds %.1f%% of what was learnt\n", 100 * result->held);
    if (!json) {
        printf("%s: %lld steps, %.1f minutes, loss %.4f\n", result->path, (long long)last->step,
               plot->spent / 60, last->loss);
        return;
    }
    json_t *out = json_pack("{s:s, s:I, s:f, s:f}", "path", result->path, "steps",
                            (json_int_t)last->step, "seconds", plot->spent, "loss", last->loss);
    json_dumpf(out, stdout, JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(out);
}

static int train(struct training *training, int n_thread, bool json) {
    struct training_plot plot = {.folder = training->folder, .title = training->folder};
    struct training_result result;
    struct fault fault = {0};
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    training->begins = begins;
    training->step = step;
    training->data = &plot;
    training->cancel = &stopped;
    struct pool *pool = pool_new(n_thread);
    bool good =
        training_run(training, pool, &result, &fault) && training_plot_page(&plot, false, &fault);
    if (good && result.done)
        tell_end(&plot, &result, json);
    else if (good)
        fprintf(
            stderr,
            "\nstopped after step %lld; it is saved, and the same command goes on from there\n",
            (long long)result.steps);
    training_plot_close(&plot);
    pool_free(pool);
    return !good ? exit_with_fault(&fault) : result.done ? EXIT_DONE : EXIT_MACHINE;
}

int command_train(int n_argument, char **arguments) {
    struct options options = {.n_thread = 0};
    struct training *t = &options.training;
    *t = training_default;
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == HELP)
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?' || !read_option(&options, c, optarg))
            return exit_with_usage("train", "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    if (n_argument - optind != 2 || !t->folder)
        return exit_with_usage("train", "a model, texts and --out FOLDER are needed");
    t->model_path = arguments[optind];
    t->texts_path = arguments[optind + 1];
    t->student.seed = t->own_words.seed = t->texts.seed;
    if (t->teacher_path && t->trainer.loss.kind == LOSS_CROSS_ENTROPY)
        t->trainer.loss.kind = LOSS_FORWARD_KL;
    if (t->start_path && t->student.learning != LEARN_ADAPTER)
        return exit_with_usage("train", "--start needs --learn adapter");
    if (t->strength > 0 && t->student.learning != LEARN_ADAPTER)
        return exit_with_usage("train", "--strength needs --learn adapter");
    if (t->student.muon && t->student.learning == LEARN_ADAPTER)
        return exit_with_usage("train", "--optimizer muon needs --learn all or matrices");
    if (!t->teacher_path && t->trainer.loss.kind != LOSS_CROSS_ENTROPY)
        return exit_with_usage("train", "--loss needs a --teacher");
    if (t->own_words.share > 0 && (!t->teacher_path || t->student.learning != LEARN_ADAPTER))
        return exit_with_usage("train", "--own-words needs --learn adapter and a --teacher");
    return train(t, options.n_thread, options.json);
}
