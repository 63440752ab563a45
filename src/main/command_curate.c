/* lyceum curate: what of a heap of files is fit to train on. */
#include "main/main.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "workshop/workshop.h"

static const char help[] =
    "Usage: lyceum curate FOLDER... --out FILE.jsonl [--held-out FILE] [--report FILE] "
    "[--json]\n"
    "       lyceum curate [FOLDER...] --transcripts DATA --out FILE.jsonl …\n"
    "       lyceum curate --learn LABELS.jsonl --embedder MODEL --out HEAD.json [--json]\n\n"
    "Reads text, Markdown and JSON lines ({\"text\":…} or {\"messages\":[…]}) and writes the "
    "rows\n"
    "that are fit to train on: {\"text\",\"origin\",\"licence\",\"language\"}. Dropped are rows "
    "that\n"
    "repeat themselves, nearly repeat an earlier row, or share a run of 12 words with what a "
    "model\n"
    "is to be examined on. A text over 16 kB is cut at its headings and blank lines. Files are "
    "read\n"
    "in the order of their names; a row's licence is its own, or that of the nearest folder.\n\n"
    "  --held-out FILE   items that must not be learnt: JSON lines, every string in them, or "
    "text\n"
    "  --transcripts DATA  also what learners of the school in this folder and their tutor wrote, "
    "of\n"
    "                    those alone who agree now; names, mail and web addresses, and telephone\n"
    "                    numbers are struck. The school may be open meanwhile\n"
    "  --language LIST   keep these alone, such as en,zh\n"
    "  --quality HEAD    drops rows that this head finds less likely good than --least P (0.5), "
    "by\n"
    "                    the vectors of the --embedder MODEL that it was trained with\n"
    "  --licence NAME    of rows for which none is told (unknown)\n"
    "  --report FILE     what was dropped and why, with examples; else on standard output\n"
    "  --threads N       as many as the machine gives\n"
    "  --json            the report as one JSON object\n\n"
    "With --learn a head is trained on {\"text\",\"label\"} lines, labels 0 and 1, or 0 to 5 and "
    "good\n"
    "from 3 on; a fifth is held out, and the area under its curve (AUC) printed.\n\n"
    "Exit: 0 done, 1 the input is wrong or nothing was kept, 2 wrong usage, 3 the machine "
    "failed.\n\n"
    "Example:\n"
    "  lyceum curate texts courses/build-a-mind --held-out held.jsonl --out rows.jsonl\n";

struct wanted {
    struct curation curation;
    const char *report, *labels;
    int n_thread;
    bool json;
};

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct wanted *wanted) {
    static const struct option table[] = {
        {"out", required_argument, NULL, 'o'},
        {"held-out", required_argument, NULL, 'e'},
        {"language", required_argument, NULL, 'g'},
        {"licence", required_argument, NULL, 'l'},
        {"transcripts", required_argument, NULL, 's'},
        {"report", required_argument, NULL, 'r'},
        {"quality", required_argument, NULL, 'q'},
        {"embedder", required_argument, NULL, 'm'},
        {"least", required_argument, NULL, 'p'},
        {"learn", required_argument, NULL, 'n'},
        {"threads", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    opterr = 0;
    optind = 1;
    for (int code; (code = getopt_long(n_argument, arguments, "", table, NULL)) != -1;) {
        char *end = NULL;
        long value = code == 't' ? strtol(optarg, &end, 10) : 0;
        if (code == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else if (code == 'j')
            wanted->json = true;
        else if (code == 'o')
            wanted->curation.out = optarg;
        else if (code == 'e')
            wanted->curation.held_out = optarg;
        else if (code == 'g')
            wanted->curation.language = optarg;
        else if (code == 'l')
            wanted->curation.licence = optarg;
        else if (code == 's')
            wanted->curation.transcripts = optarg;
        else if (code == 'r')
            wanted->report = optarg;
        else if (code == 'q')
            wanted->curation.quality = optarg;
        else if (code == 'm')
            wanted->curation.embedder = optarg;
        else if (code == 'n')
            wanted->labels = optarg;
        else if (code == 'p' && option_number(optarg, 1e-6, 1, &wanted->curation.least))
            continue;
        else if (code == 't' && end != optarg && !*end && value >= 1)
            wanted->n_thread = value < 64 ? (int)value : 64;
        else
            return exit_with_usage("curate", "%s is not known, or wants a value",
                                   arguments[optind - 1]);
    }
    if (optind == n_argument && !wanted->labels && !wanted->curation.transcripts)
        return exit_with_usage("curate", "which FOLDER?");
    if ((wanted->curation.quality || wanted->labels) && !wanted->curation.embedder)
        return exit_with_usage("curate", "a quality head wants --embedder MODEL");
    if (!wanted->curation.out)
        return exit_with_usage("curate", "where to? --out FILE.jsonl is wanted");
    wanted->curation.places = (const char *const *)arguments + optind;
    wanted->curation.n_place = (size_t)(n_argument - optind);
    return -1;
}

static bool show(const struct wanted *wanted, const struct curation_report *report,
                 struct fault *fault) {
    struct buffer text = {0}, json = {0};
    json_t *object = curation_json(report);
    curation_text(report, &text);
    buffer_json(&json, object);
    buffer_byte(&json, '\n');
    json_decref(object);
    bool good = !wanted->report || file_write(wanted->report, buffer_view(&text), fault);
    const struct buffer *out = wanted->json ? &json : &text;
    if (wanted->json || !wanted->report)
        fwrite(out->at, 1, out->n, stdout);
    buffer_free(&text);
    buffer_free(&json);
    return good;
}

static int learn_quality(const struct wanted *wanted) {
    struct quality_learning how = {wanted->labels, wanted->curation.embedder,
                                   wanted->curation.out};
    struct quality_report report;
    struct fault fault = {0};
    struct pool *pool = pool_new(wanted->n_thread);
    bool good = quality_learn(&how, pool, &report, &fault);
    pool_free(pool);
    if (!good)
        return exit_with_fault(&fault);
    bool both = report.auc == report.auc; /* not NAN */
    if (wanted->json && both)
        printf("{\"labels\":%zu,\"good\":%zu,\"held_out\":%zu,\"auc\":%.4f,\"right\":%.4f}\n",
               report.n_label, report.n_good, report.n_held_out, report.auc, report.right);
    else if (wanted->json)
        printf("{\"labels\":%zu,\"good\":%zu,\"held_out\":%zu,\"auc\":null,\"right\":%.4f}\n",
               report.n_label, report.n_good, report.n_held_out, report.right);
    else if (both)
        printf("%zu labels, %zu good; on the %zu held out AUC %.3f, %.0f%% right\n",
               report.n_label, report.n_good, report.n_held_out, report.auc, 100 * report.right);
    else
        printf("%zu labels, %zu good; what is held out has one kind alone: no AUC\n",
               report.n_label, report.n_good);
    return EXIT_DONE;
}

int command_curate(int n_argument, char **arguments) {
    struct wanted wanted = {0};
    int code = read_options(n_argument, arguments, &wanted);
    if (code >= 0)
        return code;
    if (wanted.labels)
        return learn_quality(&wanted);
    struct fault fault = {0};
    struct pool *pool = pool_new(wanted.n_thread);
    struct curation_report *report = curate(&wanted.curation, pool, &fault);
    bool good = report && show(&wanted, report, &fault);
    bool kept = good && curation_kept(report) > 0;
    curation_report_free(report);
    pool_free(pool);
    if (!good)
        return exit_with_fault(&fault);
    if (!kept)
        fprintf(stderr, "lyceum curate: no row was kept; the report says why.\n");
    return kept ? EXIT_DONE : EXIT_INPUT;
}
