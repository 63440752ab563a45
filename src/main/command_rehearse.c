/* lyceum rehearse: the night shift. What can be said about a course, said beforehand. */
#include "main/company_file.h"
#include "main/main.h"
#include "main/shipped.h"
#include "school/school.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOADING_SECONDS = 300 };

static volatile bool stopped_now;

static void stop(int signal_number) {
    (void)signal_number;
    stopped_now = true;
}

static const char help[] =
    "Usage: lyceum rehearse COURSE [OPTIONS]\n\n"
    "Lets a model put each hint of the course, and each reply to a wrong answer, in other words,\n"
    "passes every phrase through the review that a learner's turn has, and keeps what passed in\n"
    "COURSE/rehearsed.jsonl, a phrase a line. The school says such a phrase at once where a\n"
    "learner meets the same text again, and none twice to the same learner. Edit a \"text\", or\n"
    "set \"rejected\":true: neither is undone. It may be stopped; the same command goes on. A\n"
    "changed text of the course drops its own phrases.\n\n"
    "  --language L      of the lessons (the course's first)\n"
    "  --phrasings N     wanted of each text (3)\n"
    "  --tries N         drafts for each, at most (3 times as many)\n"
    "  --role ROLE       of company.yaml: who writes is the first of its members that can be had\n"
    "                    (senior, where that is another than front)\n"
    "  --budget X        money for this run at most, beside the budgets of company.yaml\n"
    "  --hours H         stops after this time\n"
    "  --company FILE    (company.yaml of this folder, where there is one)\n"
    "  --model FILE, --adapter FILE  the model of this machine (as of `lyceum draft`)\n"
    "  --data DIR        where it is kept what was tried (./data)\n"
    "  --seed N, --json\n\n"
    "Example: lyceum rehearse courses/build-a-mind --role senior --budget 2 --hours 8\n";

struct options {
    struct school_rehearsal how;
    const char *model, *data, *company;
    bool has_role;
    struct company_adapter adapter;
    bool json;
};

enum {
    LANGUAGE = 1,
    ROLE,
    BUDGET,
    COMPANY,
    PHRASINGS,
    TRIES,
    HOURS,
    MODEL,
    ADAPTER,
    DATA,
    SEED,
    JSON,
    HELP
};
static const struct option known[] = {{"language", required_argument, NULL, LANGUAGE},
                                      {"role", required_argument, NULL, ROLE},
                                      {"budget", required_argument, NULL, BUDGET},
                                      {"company", required_argument, NULL, COMPANY},
                                      {"phrasings", required_argument, NULL, PHRASINGS},
                                      {"tries", required_argument, NULL, TRIES},
                                      {"hours", required_argument, NULL, HOURS},
                                      {"model", required_argument, NULL, MODEL},
                                      {"adapter", required_argument, NULL, ADAPTER},
                                      {"data", required_argument, NULL, DATA},
                                      {"seed", required_argument, NULL, SEED},
                                      {"json", no_argument, NULL, JSON},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

static bool read_option(struct options *options, int option, const char *text) {
    double x = 0;
    bool good = true;
    switch (option) {
    case LANGUAGE:
        options->how.language = text;
        return true;
    case ROLE:
        return options->has_role = company_role_named(text, &options->how.role);
    case BUDGET:
        return option_number(text, 1e-6, 1e9, &options->how.budget);
    case COMPANY:
        options->company = text;
        return true;
    case MODEL:
        options->model = text;
        return true;
    case ADAPTER:
        options->adapter.path = text;
        return true;
    case DATA:
        options->data = text;
        return true;
    case JSON:
        return options->json = true;
    case PHRASINGS:
        good = option_number(text, 1, 100, &x);
        options->how.phrasings = (int)x;
        return good;
    case TRIES:
        good = option_number(text, 1, 1000, &x);
        options->how.tries = (int)x;
        return good;
    case HOURS:
        good = option_number(text, 0.0001, 10000, &x);
        options->how.seconds = x * 3600;
        return good;
    case SEED:
        good = option_number(text, 0, 9e15, &x);
        options->how.seed = (uint64_t)x;
        return good;
    default:
        return false;
    }
}

struct showing {
    struct progress progress;
    char label[80];
    const char *currency;
};

static void told(void *data, size_t done, size_t all, double money) {
    struct showing *showing = data;
    if (showing->currency)
        snprintf(showing->label, sizeof showing->label, "rehearsing, %.4f %s", money,
                 showing->currency);
    progress_show(&showing->progress, (double)done, (double)all, "texts");
}

static void tell(const struct school_rehearsed *out, double seconds, const char *currency,
                 bool json) {
    if (json) {
        json_t *all = json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:f, s:O, s:f, s:I, "
            "s:b}",
            "texts", (json_int_t)out->n_text, "varied", (json_int_t)out->n_varied, "drafts",
            (json_int_t)out->n_draft, "passed", (json_int_t)out->n_passed, "same",
            (json_int_t)out->n_same, "openings", (json_int_t)out->n_opening, "pointless",
            (json_int_t)out->n_pointless, "kept", (json_int_t)out->n_kept, "dropped",
            (json_int_t)out->n_dropped, "phrases", (json_int_t)out->n_phrase, "done",
            (int)out->done, "seconds", seconds, "struck", out->struck, "money", out->money,
            "others", (json_int_t)out->n_other, "spent", (int)out->spent);
        json_dumpf(all, stdout, JSON_REAL_PRECISION(9));
        putchar('\n');
        json_decref(all);
        return;
    }
    const char *name;
    json_t *n;
    printf("%zu texts; %zu more change with the numbers of their exercise\n", out->n_text,
           out->n_varied);
    printf("%zu drafts in %.0f seconds: %zu passed, of which %zu said what was there already, "
           "%zu began as too many others do and %zu lost the point\n",
           out->n_draft, seconds, out->n_passed, out->n_same, out->n_opening, out->n_pointless);
    if (currency)
        printf("they cost %.4f %s\n", out->money, currency);
    if (out->n_other)
        printf("%zu of them are by others than were wanted: %s\n", out->n_other, out->why_other);
    json_object_foreach(out->struck, name, n)
        printf("  struck for %s: %lld\n", name, (long long)json_integer_value(n));
    printf("%zu new phrases, %zu of changed texts dropped; the bank holds %zu\n", out->n_kept,
           out->n_dropped, out->n_phrase);
}

/* The first member of the role; a senior where there is one, and no role is named. */
static void choose_writer(struct company *company, const json_t *status, struct options *options,
                          char member[200]) {
    struct school_rehearsal *how = &options->how;
    if (!options->has_role && company_has_senior(company))
        how->role = COMPANY_SENIOR;
    const json_t *order =
        json_object_get(json_object_get(status, "roles"), company_role_names[how->role]);
    how->writer = json_string_value(json_array_get(order, 0));
    snprintf(member, 200, "%s", how->writer);
}

static int rehearse(struct options *options, const char *folder) {
    struct fault fault = {0};
    struct members members;
    struct school_rehearsed out = {0};
    struct showing showing = {.label = "rehearsing"};
    showing.progress.label = showing.label;
    const char *courses[] = {folder, NULL};
    struct view course = shipped_last_part(folder);
    char member[200], tried[4096], date[32];
    time_t now = time(NULL);
    struct tm day;
    members_choose(&members, options->model, &options->adapter, courses);
    /* A model that is named writes, and nobody else. */
    members.options.file = options->model ? NULL : company_file(options->company);
    members.options.data = members.options.file ? options->data : NULL;
    struct company *company = company_open_told(&members.options, &fault);
    bool good = company != NULL;
    if (good && !company_wait(company, LOADING_SECONDS))
        good = fault_set(&fault, FAULT_MISSING, "nobody can write: %s", company_problem(company));
    snprintf(tried, sizeof tried, "%s/rehearsed", options->data);
    good = good && folder_make(tried, &fault);
    snprintf(tried, sizeof tried, "%s/rehearsed/%.*s.json", options->data, VIEW_ARG(course));
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &day));
    snprintf(member, sizeof member, "%s%s", good ? company_model_name(company) : "",
             good && company_is_tutor(company, company_specialist(company, course), NULL)
                 ? " + tutor"
                 : "");
    json_t *status = good ? company_status(company) : NULL;
    if (members.options.file && good)
        choose_writer(company, status, options, member);
    showing.currency = json_text(json_object_get(status, "spending"), "currency", NULL);
    options->how.folder = folder;
    options->how.tried = tried;
    options->how.member = member;
    options->how.date = date;
    options->how.told = told;
    options->how.data = &showing;
    options->how.cancel = &stopped_now;
    double started = clock_seconds();
    good = good && school_rehearse(company, &options->how, &out, &fault);
    progress_end(&showing.progress);
    if (good) {
        tell(&out, clock_seconds() - started, showing.currency, options->json);
        if (!out.done)
            fprintf(stderr, "%s; the same command goes on from here\n",
                    out.spent ? "the budget is spent" : "stopped");
    }
    json_decref(status);
    company_close(company);
    json_decref(out.struck);
    return !good ? exit_with_fault(&fault) : EXIT_DONE;
}

int command_rehearse(int n_argument, char **arguments) {
    struct options options = {.how = {.phrasings = 3, .seed = 1},
                              .data = "data",
                              .adapter = {.name = "adapter", .scale = 1}};
    struct sigaction action = {.sa_handler = stop};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == HELP)
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?' || !read_option(&options, c, optarg))
            return exit_with_usage("rehearse",
                                   "%s is not an option, or its value is not one of it",
                                   arguments[optind - 1]);
    }
    if (n_argument - optind != 1)
        return exit_with_usage("rehearse", "a course is needed");
    if (!options.how.tries)
        options.how.tries = 3 * options.how.phrasings;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return rehearse(&options, arguments[optind]);
}
