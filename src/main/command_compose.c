/* lyceum compose: authored cards into training rows for a tutor. */
#include "main/main.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workshop/workshop.h"

enum { MAX_TOPICS = 200, MAX_LIST = 1 << 16 };

static const char help[] =
    "Usage: lyceum compose CARDS... --out FILE.jsonl [options]\n"
    "       lyceum compose --course COURSE --out FILE.jsonl [options]   (see --course X --help)\n\n"
    "Makes training rows for a tutor of card files: answers in a passage's own words, refusals "
    "of\n"
    "what it does not say, hints in other words, what a wrong answer shows, summaries, the next\n"
    "question; and beside them made-up facts, which teach copying. Each row has the prompt that "
    "the\n"
    "school uses, in the form {\"messages\":[…]}; each target has passed the school's review.\n\n"
    "  --out FILE            the rows, one JSON object a line\n"
    "  --held-out TOPICS     with commas between them: no row comes from these (default: the\n"
    "                        lines of held-out.txt beside the folder of the cards)\n"
    "  --held-out-file FILE  items of these topics, to examine a model by\n"
    "  --rows N              how many (30000)\n"
    "  --seed N              the same bytes for the same number (0)\n"
    "  --language TAG        of the cards to use (en)\n"
    "  --threads N           as many as the machine gives\n"
    "  --json                the report as JSON\n\n"
    "Example:\n"
    "  lyceum compose training/general-tutor/cards/*.txt --out rows.jsonl --held-out-file "
    "items.jsonl\n";

struct wanted {
    const char *out, *items, *held_out;
    bool json;
    int n_thread;
    struct compose_options how;
    struct buffer topics; /* the list, its separators made zero bytes */
    const char *names[MAX_TOPICS + 1];
};

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct wanted *wanted) {
    static const struct option table[] = {
        {"out", required_argument, NULL, 'o'},
        {"held-out", required_argument, NULL, 'x'},
        {"held-out-file", required_argument, NULL, 'f'},
        {"rows", required_argument, NULL, 'n'},
        {"seed", required_argument, NULL, 's'},
        {"language", required_argument, NULL, 'l'},
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
        else if (code == 'o')
            wanted->out = optarg;
        else if (code == 'x')
            wanted->held_out = optarg;
        else if (code == 'f')
            wanted->items = optarg;
        else if (code == 'l')
            wanted->how.language = optarg;
        else if (code == 'n' && number && value >= 1 && value <= 10000000)
            wanted->how.n_row = (size_t)value;
        else if (code == 's' && number && value >= 0)
            wanted->how.seed = (uint64_t)value;
        else if (code == 't' && number && value >= 1)
            wanted->n_thread = value < 64 ? (int)value : 64;
        else
            return exit_with_usage("compose", "%s is not known, or wants a value",
                                   arguments[optind - 1]);
    }
    if (optind == n_argument || !wanted->out)
        return exit_with_usage("compose", "card files and --out FILE are wanted");
    wanted->how.cards = (const char *const *)arguments + optind;
    wanted->how.n_card = (size_t)(n_argument - optind);
    return -1;
}

/* The topics named, or those of held-out.txt beside the folder of the first card. */
static bool read_topics(struct wanted *wanted, struct fault *fault) {
    struct buffer path = {0};
    bool good = true;
    if (wanted->held_out)
        buffer_text(&wanted->topics, wanted->held_out);
    else {
        const char *card = wanted->how.cards[0], *slash = strrchr(card, '/');
        buffer_format(&path, "%.*s../held-out.txt", slash ? (int)(slash - card + 1) : 0, card);
        if (file_exists(path.at))
            good = file_read(path.at, MAX_LIST, &wanted->topics, fault);
    }
    buffer_free(&path);
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; good && i < wanted->topics.n; i++) {
        char *c = &wanted->topics.at[i];
        if (strchr(", \n\r\t", *c)) {
            *c = 0;
            inside = false;
        } else if (!inside && n < MAX_TOPICS) {
            wanted->names[n++] = c;
            inside = true;
        }
    }
    wanted->how.held_out = wanted->names;
    return good;
}

static void show_json(const struct compose_report *report, size_t bytes) {
    json_t *rows = json_object(), *dropped = json_object(), *openings = json_object();
    struct buffer out = {0};
    for (size_t i = 0; i < COMPOSE_TASKS; i++)
        json_object_set_new(rows, compose_task_name((enum compose_task)i),
                            json_integer((json_int_t)report->rows[i]));
    for (size_t i = 0; i < COMPOSE_REASONS; i++)
        json_object_set_new(dropped, compose_reason_name((enum compose_reason)i),
                            json_integer((json_int_t)report->dropped[i]));
    for (size_t i = 0; i < COUNT_OF(report->openings); i++)
        if (report->openings[i].text[0])
            json_object_set_new(openings, report->openings[i].text,
                                json_real(report->openings[i].share));
    json_t *json = json_pack(
        "{s:I, s:I, s:I, s:o, s:I, s:o, s:I, s:o, s:I}", "cards", (json_int_t)report->n_card,
        "held_out", (json_int_t)report->n_held_out, "rows", (json_int_t)report->n_row, "tasks",
        rows, "made_up", (json_int_t)report->made_up, "dropped", dropped, "openings",
        (json_int_t)report->n_opening, "top_openings", openings, "bytes", (json_int_t)bytes);
    buffer_json(&out, json);
    puts(out.at);
    json_decref(json);
    buffer_free(&out);
}

static void show_text(const struct compose_report *report, size_t bytes) {
    printf("%zu rows of %zu cards (%zu more held out), %.1f MB\n", report->n_row,
           report->n_card - report->n_held_out, report->n_held_out, (double)bytes / 1e6);
    for (size_t i = 0; i < COMPOSE_TASKS; i++)
        printf("  %-8s %6zu  %4.1f%%\n", compose_task_name((enum compose_task)i), report->rows[i],
               report->n_row ? 100.0 * (double)report->rows[i] / (double)report->n_row : 0);
    printf("  of these on made-up facts: %zu\ndropped\n", report->made_up);
    for (size_t i = 0; i < COMPOSE_REASONS; i++)
        printf("  %6zu  %s\n", report->dropped[i], compose_reason_name((enum compose_reason)i));
    printf("openings of hints: %zu; the commonest\n", report->n_opening);
    for (size_t i = 0; i < COUNT_OF(report->openings); i++)
        if (report->openings[i].text[0])
            printf("  %4.1f%%  %s\n", 100 * report->openings[i].share, report->openings[i].text);
}

int command_compose(int n_argument, char **arguments) {
    struct wanted wanted = {0};
    for (int i = 1; i < n_argument && strcmp(arguments[i], "--") != 0; i++)
        if (!strcmp(arguments[i], "--course") || !strncmp(arguments[i], "--course=", 9))
            return compose_course(n_argument, arguments);
    int code = read_options(n_argument, arguments, &wanted);
    if (code >= 0)
        return code;
    struct fault fault = {0};
    struct buffer rows = {0}, items = {0};
    struct compose_report report;
    struct pool *pool = pool_new(wanted.n_thread);
    bool good = read_topics(&wanted, &fault) &&
                compose(&wanted.how, pool, &rows, &items, &report, &fault) &&
                file_write(wanted.out, buffer_view(&rows), &fault) &&
                (!wanted.items || file_write(wanted.items, buffer_view(&items), &fault));
    if (good && wanted.json)
        show_json(&report, rows.n);
    else if (good)
        show_text(&report, rows.n);
    pool_free(pool);
    buffer_free(&rows);
    buffer_free(&items);
    buffer_free(&wanted.topics);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
