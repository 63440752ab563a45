/* lyceum distil: a course in, an adapter for it out, with its card. */
#include "main/company_file.h"
#include "main/main.h"
#include "main/shipped.h"
#include "main/training_plot.h"
#include "workshop/workshop.h"

#include <getopt.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

static const char help[] =
    "Usage: lyceum distil COURSE [OPTIONS]\n\n"
    "Makes a tutor for one course: its passages become cards with questions, these rows to train\n"
    "on; an adapter learns them, three times from different seeds, and two controls beside it;\n"
    "all answer what is asked of passages that none of them saw; the card tells what was gained\n"
    "and lost. An adapter whose card passes is published: `lyceum serve` takes it by itself.\n"
    "It may be stopped at any time; the same command goes on where it stopped.\n\n"
    "  --hours H        for all of it (0.5)\n"
    "  --out FOLDER     of the work (./distilled/NAME-OF-THE-COURSE)\n"
    "  --student GGUF   the model (default ${LYCEUM_MODELS:-models}/"
    "SmolLM2-135M-Instruct.Q4_1.gguf)\n"
    "  --tutor ADAPTER  what it begins as: the general tutor that is shipped for the default\n"
    "                   model; none: from nothing\n"
    "  --senior GGUF    a larger model that asks questions of the course; none (the default): by\n"
    "                   rules and authored cards alone. Or a role or a member of the company\n"
    "  --company FILE   of which the senior is named (company.yaml, where it is)\n"
    "  --cards FOLDER   *.txt, authored cards on the course (training/NAME-OF-THE-COURSE/cards)\n"
    "  --general FOLDER cards on other things, so that those are not lost\n"
    "                   (training/general-tutor/cards)\n"
    "  --publish FOLDER (./adapters); none: nowhere\n"
    "  --language TAG   (en)\n"
    "  --recipe         trains nothing: leaves recipe.py, which trains on the rows with TRL\n"
    "  --returned PATH  what it made (safetensors, or GGUF): examined in the place of trainings\n"
    "  --seed N, --threads N, --json\n"
    "  --anyway         train on the senior's questions even when they have collapsed\n\n"
    "Exit: 0 the card passed; 1 it did not, or something is wrong; 2 wrong usage; 3 stopped, or\n"
    "the machine failed.\n\n"
    "Example: lyceum distil courses/build-a-mind --hours 0.5\n";

struct wanted {
    struct distillation how;
    const char *cards, *general, *publish, *company;
    glob_t card_files, general_files;
    bool json;
    int n_thread;
    char course[256], folder[PATH_MAX], published[2 * PATH_MAX], places[3][PATH_MAX];
};

enum {
    HOURS = 1,
    OUT,
    STUDENT,
    TUTOR,
    SENIOR,
    COMPANY,
    CARDS,
    GENERAL,
    PUBLISH,
    LANGUAGE,
    SEED,
    THREADS,
    JSON,
    ANYWAY,
    RECIPE,
    RETURNED,
    HELP
};

static const struct option known[] = {{"hours", required_argument, NULL, HOURS},
                                      {"out", required_argument, NULL, OUT},
                                      {"student", required_argument, NULL, STUDENT},
                                      {"tutor", required_argument, NULL, TUTOR},
                                      {"senior", required_argument, NULL, SENIOR},
                                      {"company", required_argument, NULL, COMPANY},
                                      {"cards", required_argument, NULL, CARDS},
                                      {"general", required_argument, NULL, GENERAL},
                                      {"publish", required_argument, NULL, PUBLISH},
                                      {"language", required_argument, NULL, LANGUAGE},
                                      {"seed", required_argument, NULL, SEED},
                                      {"threads", required_argument, NULL, THREADS},
                                      {"json", no_argument, NULL, JSON},
                                      {"recipe", no_argument, NULL, RECIPE},
                                      {"returned", required_argument, NULL, RETURNED},
                                      {"anyway", no_argument, NULL, ANYWAY},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

static bool read_option(struct wanted *wanted, int option, const char *text) {
    struct distillation *how = &wanted->how;
    double x = 0;
    bool good = true;
    switch (option) {
    case HOURS:
        return option_number(text, 0.001, 1000, &how->hours);
    case OUT:
        how->folder = text;
        return true;
    case STUDENT:
        how->student = text;
        return true;
    case TUTOR:
        how->tutor = text;
        return true;
    case SENIOR:
        how->senior = strcmp(text, "none") ? text : NULL;
        return true;
    case COMPANY:
        wanted->company = text;
        return true;
    case CARDS:
        wanted->cards = text;
        return true;
    case GENERAL:
        wanted->general = text;
        return true;
    case PUBLISH:
        wanted->publish = text;
        return true;
    case LANGUAGE:
        how->language = text;
        return true;
    case SEED:
        good = option_number(text, 0, 9e15, &x);
        how->seed = (uint64_t)x;
        return good;
    case THREADS:
        good = option_number(text, 1, 64, &x);
        wanted->n_thread = (int)x;
        return good;
    case JSON:
        return wanted->json = true;
    case RECIPE:
        return how->recipe = true;
    case RETURNED:
        how->returned = text;
        return true;
    case ANYWAY:
        return how->anyway = true;
    default:
        return false;
    }
}

/* ---------------------------------------------------------------------------- what is not named
 */

/* The cards of a folder, in the order of their names; none when it is not there. */
static void list_cards(const char *folder, glob_t *files) {
    char pattern[PATH_MAX + 8];
    snprintf(pattern, sizeof pattern, "%s/*.txt", folder ? folder : "");
    if (!folder || glob(pattern, 0, NULL, files) != 0)
        files->gl_pathc = 0;
}

static void fill_in(struct wanted *wanted) {
    static const struct company_adapter none = {.scale = 1};
    static struct members members;
    struct distillation *how = &wanted->how;
    char place[PATH_MAX], *course = wanted->course;
    members_choose(&members, how->student, &none, NULL);
    struct view name = shipped_last_part(how->course);
    snprintf(course, sizeof wanted->course, "%.*s", VIEW_ARG(name));
    how->title = course;
    if (!how->folder) {
        snprintf(wanted->folder, sizeof wanted->folder, "distilled/%s", course);
        how->folder = wanted->folder;
    }
    if (!how->tutor)
        how->tutor = members.options.n_adapter ? members.adapters[0].path : NULL;
    else if (!strcmp(how->tutor, "none"))
        how->tutor = NULL;
    how->student = members.model;
    if (how->senior && !file_exists(how->senior))
        how->company = company_file(wanted->company);
    members_name_adapter(course, members.model, place);
    snprintf(wanted->published, sizeof wanted->published, "%s/%s",
             wanted->publish ? wanted->publish : "adapters", place + strlen("adapters/"));
    how->publish = wanted->publish && !strcmp(wanted->publish, "none") ? NULL : wanted->published;
    snprintf(place, sizeof place, "training/%s/cards", course);
    list_cards(wanted->cards ? wanted->cards : shipped_file(place, wanted->places[0]),
               &wanted->card_files);
    list_cards(wanted->general ? wanted->general
                               : shipped_file("training/general-tutor/cards", wanted->places[1]),
               &wanted->general_files);
    how->suite = shipped_file("training/suite.txt", wanted->places[2]);
    how->cards = (const char *const *)wanted->card_files.gl_pathv;
    how->n_card = wanted->card_files.gl_pathc;
    how->general = (const char *const *)wanted->general_files.gl_pathv;
    how->n_general = wanted->general_files.gl_pathc;
}

/* -------------------------------------------------------------------------------------- looking
 * on
 */

struct watch {
    bool line; /* one is being redrawn */
};

static void tell(void *data, const char *text) {
    struct watch *watch = data;
    fprintf(stderr, "%s%s\n", watch->line ? "\n" : "", text);
    watch->line = false;
}

static bool step(void *data, const struct trainer_report *report, struct fault *fault) {
    struct watch *watch = data;
    (void)fault;
    if (!isatty(2))
        return true;
    fprintf(stderr, "\r  step %lld", (long long)report->step);
    if (report->n_step)
        fprintf(stderr, " of %lld", (long long)report->n_step);
    fprintf(stderr, "  loss %.3f \033[K", report->loss);
    watch->line = true;
    return true;
}

/* ------------------------------------------------------------------------------------- the
 * command
 */

static int show(const struct wanted *wanted, const struct distil_result *result) {
    char path[PATH_MAX + 16];
    struct buffer card = {0};
    struct fault fault = {0};
    if (wanted->how.recipe && !stopped)
        return EXIT_DONE;
    if (!result->done) {
        fprintf(stderr, "stopped; the same command goes on from here\n");
        return EXIT_MACHINE;
    }
    snprintf(path, sizeof path, "%s/card.%s", wanted->how.folder, wanted->json ? "json" : "txt");
    if (!file_read(path, 1 << 22, &card, &fault))
        return exit_with_fault(&fault);
    fwrite(card.at, 1, card.n, stdout);
    buffer_free(&card);
    fprintf(stderr, "%.1f minutes; the card: %s/card.html\n", result->seconds / 60,
            wanted->how.folder);
    if (result->published)
        fprintf(stderr, "published: %s\n", wanted->how.publish);
    return result->passed ? EXIT_DONE : EXIT_INPUT;
}

int command_distil(int n_argument, char **arguments) {
    static struct wanted wanted = {.how = {.language = "en", .hours = 0.5, .n_seed = 3}};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == HELP)
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?' || !read_option(&wanted, c, optarg))
            return exit_with_usage("distil", "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    if (n_argument - optind != 1)
        return exit_with_usage("distil", "the folder of a course is wanted");
    wanted.how.course = arguments[optind];
    fill_in(&wanted);
    struct watch watch = {0};
    struct distil_result result;
    struct fault fault = {0};
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    wanted.how.cancel = &stopped;
    wanted.how.tell = tell;
    wanted.how.step = step;
    wanted.how.data = &watch;
    struct pool *pool = pool_new(wanted.n_thread);
    bool good = distil(&wanted.how, pool, &result, &fault);
    pool_free(pool);
    int code = good ? show(&wanted, &result) : exit_with_fault(&fault);
    globfree(&wanted.card_files);
    globfree(&wanted.general_files);
    return code;
}
