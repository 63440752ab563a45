/* lyceum compose --course: a course into dialogues, thoughts and worked problems. */
#include "main/main.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workshop/workshop.h"

enum { MOST_TOPICS = 400 };

static const char help[] =
    "Usage: lyceum compose --course COURSE --out FILE.jsonl [options]\n\n"
    "Makes training rows of a course's exercises and passages: dialogues in which a learner errs "
    "as\n"
    "the author foresaw and the tutor moves as the school's would, the same with the tutor's "
    "thoughts\n"
    "before one move, questions that a sentence of the lesson answers, problems worked in full. "
    "Every\n"
    "answer is graded, no line gives an answer away, every quote and every sum is checked; what "
    "fails\n"
    "is dropped and counted. Learners vary in background, tone and hand. The file holds answers: "
    "keep\n"
    "it as you keep the course.\n\n"
    "  --out FILE         the rows, one JSON object a line\n"
    "  --each N           dialogues of each exercise and misconception (1)\n"
    "  --senior FILE      a model that puts learners' lines and hints in other words, by a "
    "grammar\n"
    "  --company FILE     a company.yaml whose seniors do that, here or far away\n"
    "  --cache FILE       keeps what it wrote: an interrupted run goes on (OUT.senior)\n"
    "  --minutes N        of the senior (10)\n"
    "  --held-out TOPICS  with commas, LESSON/PASSAGE: no row comes from these\n"
    "  --seed N           the same bytes for the same number (0)\n"
    "  --threads N        as many as the machine gives\n"
    "  --json             the report as JSON\n\n"
    "The tutor's turns are measured beside what the author wrote (see lyceum diversity). Exit: 0\n"
    "done, 1 the input is wrong or the turns have collapsed (the file is written all the same),\n"
    "2 wrong usage, 3 the machine failed.\n\n"
    "Example:\n"
    "  lyceum compose --course courses/build-a-mind --out dialogues.jsonl\n";

struct wanted {
    struct course_rows_options how;
    const char *out, *senior, *company;
    char *topics;
    const char *names[MOST_TOPICS + 1];
    bool json;
    int n_thread;
};

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

/* Cuts the list in names. */
static bool take_topics(struct wanted *wanted, const char *list) {
    size_t n = 0;
    free(wanted->topics);
    wanted->topics = must_copy(view_of(list));
    for (char *at = strtok(wanted->topics, ", "); at; at = strtok(NULL, ", ")) {
        if (n == MOST_TOPICS)
            return false;
        wanted->names[n++] = at;
    }
    wanted->names[n] = NULL;
    wanted->how.held_out = wanted->names;
    return true;
}

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct wanted *wanted) {
    static const struct option table[] = {
        {"course", required_argument, NULL, 'c'},  {"out", required_argument, NULL, 'o'},
        {"each", required_argument, NULL, 'e'},    {"senior", required_argument, NULL, 'r'},
        {"company", required_argument, NULL, 'y'}, {"cache", required_argument, NULL, 'a'},
        {"minutes", required_argument, NULL, 'm'}, {"held-out", required_argument, NULL, 'x'},
        {"seed", required_argument, NULL, 's'},    {"language", required_argument, NULL, 'l'},
        {"threads", required_argument, NULL, 't'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {0},
    };
    opterr = 0;
    optind = 1;
    for (int code; (code = getopt_long(n_argument, arguments, "", table, NULL)) != -1;) {
        double value = 0;
        bool good = code != '?';
        if (code == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else if (code == 'j')
            wanted->json = true;
        else if (code == 'c')
            wanted->how.folder = optarg;
        else if (code == 'o')
            wanted->out = optarg;
        else if (code == 'r')
            wanted->senior = optarg;
        else if (code == 'y')
            wanted->company = optarg;
        else if (code == 'a')
            wanted->how.cache = optarg;
        else if (code == 'l')
            wanted->how.language = optarg;
        else if (code == 'x')
            good = take_topics(wanted, optarg);
        else if (code == 'e')
            good = option_number(optarg, 1, 50, &value), wanted->how.each = (size_t)value;
        else if (code == 'm')
            good = option_number(optarg, 0.01, 100000, &value), wanted->how.seconds = value * 60;
        else if (code == 's')
            good = option_number(optarg, 0, 1e15, &value), wanted->how.seed = (uint64_t)value;
        else if (code == 't')
            good = option_number(optarg, 1, 64, &value), wanted->n_thread = (int)value;
        if (!good)
            return exit_with_usage("compose", "%s is not known, or wants another value",
                                   arguments[optind - 1]);
    }
    if (optind != n_argument)
        return exit_with_usage("compose", "of a course no cards are wanted: %s",
                               arguments[optind]);
    if (!wanted->how.folder || !wanted->out)
        return exit_with_usage("compose", "--course COURSE and --out FILE are wanted");
    return -1;
}

static void show(const struct wanted *wanted, const struct course_rows_report *report) {
    struct buffer out = {0};
    if (wanted->json) {
        json_t *json = course_rows_json(report);
        buffer_json(&out, json);
        buffer_byte(&out, '\n');
        json_decref(json);
    } else {
        course_rows_text(report, &out);
        if (report->compared)
            diversity_text(&report->diversity, isatty(1), terminal_colour(1), &out);
    }
    fwrite(out.at, 1, out.n, stdout);
    buffer_free(&out);
}

static bool compose_into(struct wanted *wanted, struct course_rows_report *report,
                         struct fault *fault) {
    struct buffer rows = {0}, cache = {0};
    struct pool *pool = pool_new(wanted->n_thread);
    bool good = true;
    if (wanted->senior || wanted->company) {
        struct company_options who = {.model = wanted->senior, .file = wanted->company};
        buffer_format(&cache, "%s.senior", wanted->out);
        wanted->how.cache = wanted->how.cache ? wanted->how.cache : cache.at;
        wanted->how.cancel = &stopped;
        signal(SIGINT, stop);
        good = (wanted->how.senior = company_open(&who, fault)) != NULL;
    }
    good = good && course_rows(&wanted->how, pool, &rows, report, fault) &&
           file_write(wanted->out, buffer_view(&rows), fault);
    if (wanted->how.senior)
        company_close(wanted->how.senior);
    pool_free(pool);
    buffer_free(&rows);
    buffer_free(&cache);
    return good;
}

int compose_course(int n_argument, char **arguments) {
    struct wanted wanted = {0};
    struct course_rows_report report;
    struct fault fault = {0};
    int code = read_options(n_argument, arguments, &wanted);
    if (code < 0 && compose_into(&wanted, &report, &fault)) {
        show(&wanted, &report);
        code = report.compared && report.diversity.fired ? EXIT_INPUT : EXIT_DONE;
    } else if (code < 0)
        code = exit_with_fault(&fault);
    free(wanted.topics);
    return code;
}
