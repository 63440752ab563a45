/* lyceum diversity: how varied a text is, and whether it has collapsed beside a reference. */
#include "main/main.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "workshop/workshop.h"

static const char help[] =
    "Usage: lyceum diversity FILE [--against FILE] [--json] [--plot OUT.svg]\n\n"
    "Tells how varied a text is and, beside a reference, whether it has collapsed into few\n"
    "phrases, as text that models write tends to. FILE is plain text (a turn a line, or\n"
    "paragraphs) or JSON lines, {\"text\":…} or {\"messages\":[…]} of which the assistant's "
    "turns\n"
    "count; - is standard input.\n\n"
    "  --against FILE  a reference of the same kind, written by people; equal amounts are "
    "compared\n"
    "  --tokens N      as many on a side at most (20000)\n"
    "  --draws N       of the reference (200)\n"
    "  --seed N        of the draws (0)\n"
    "  --threads N     as many as the machine gives\n"
    "  --plot OUT.svg  a picture\n"
    "  --json          {\"tokens\",\"measures\":{…},\"fired\",\"reasons\",\"remedies\",…}\n\n"
    "Exit: 0 measured, or as varied as the reference; 1 the gate fired, or a file is wrong;\n"
    "2 wrong usage; 3 the machine failed.\n\n"
    "Example:\n"
    "  lyceum diversity composed.jsonl --against people.jsonl\n";

struct wanted {
    const char *text, *reference, *plot;
    bool json;
    int n_thread;
    struct diversity_options how;
};

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct wanted *wanted) {
    static const struct option table[] = {
        {"against", required_argument, NULL, 'a'},
        {"plot", required_argument, NULL, 'p'},
        {"tokens", required_argument, NULL, 'n'},
        {"draws", required_argument, NULL, 'd'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    opterr = 0;
    optind = 1;
    for (int code; (code = getopt_long(n_argument, arguments, "", table, NULL)) != -1;) {
        char *end = NULL;
        long value = code != '?' && optarg ? strtol(optarg, &end, 10) : 0;
        bool number = end && end != optarg && !*end;
        if (code == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else if (code == 'j')
            wanted->json = true;
        else if (code == 'a')
            wanted->reference = optarg;
        else if (code == 'p')
            wanted->plot = optarg;
        else if (code == 's' && number && value >= 0)
            wanted->how.seed = (uint64_t)value;
        else if (code == 'n' && number && value >= 200)
            wanted->how.most_tokens = (size_t)value;
        else if (code == 'd' && number && value >= 40 && value <= 10000)
            wanted->how.n_draw = (int)value;
        else if (code == 't' && number && value >= 1)
            wanted->n_thread = value < 64 ? (int)value : 64;
        else
            return exit_with_usage("diversity",
                                   "%s is not known, or wants a value "
                                   "(--tokens from 200 on, --draws 40 to 10000)",
                                   arguments[optind - 1]);
    }
    if (optind + 1 != n_argument)
        return exit_with_usage("diversity", "one FILE is wanted");
    wanted->text = arguments[optind];
    return -1;
}

static bool show(const struct wanted *wanted, const struct diversity_report *report,
                 struct fault *fault) {
    struct buffer out = {0};
    bool good = true;
    if (wanted->plot) {
        diversity_svg(report, wanted->text, &out);
        good = file_write(wanted->plot, buffer_view(&out), fault);
        buffer_clear(&out);
    }
    if (wanted->json) {
        json_t *json = diversity_json(report);
        buffer_json(&out, json);
        buffer_byte(&out, '\n');
        json_decref(json);
    } else {
        diversity_text(report, isatty(STDOUT_FILENO), terminal_colour(STDOUT_FILENO), &out);
    }
    fwrite(out.at, 1, out.n, stdout);
    buffer_free(&out);
    return good;
}

int command_diversity(int n_argument, char **arguments) {
    struct wanted wanted = {0};
    int code = read_options(n_argument, arguments, &wanted);
    if (code >= 0)
        return code;
    struct fault fault = {0};
    struct documents text = {0}, reference = {0};
    struct diversity_report report = {0};
    struct pool *pool = pool_new(wanted.n_thread);
    bool good = documents_read(wanted.text, &text, &fault) &&
                (!wanted.reference || documents_read(wanted.reference, &reference, &fault)) &&
                diversity_compare(&text, wanted.reference ? &reference : NULL, &wanted.how, pool,
                                  &report, &fault) &&
                show(&wanted, &report, &fault);
    if (text.n)
        documents_free(&text);
    if (reference.n)
        documents_free(&reference);
    pool_free(pool);
    if (!good)
        return exit_with_fault(&fault);
    return report.fired ? EXIT_INPUT : EXIT_DONE;
}
