/* lyceum company: who is at work in a school that is open, and whether each member can be had. */
#include "main/company_file.h"
#include "main/company_table.h"
#include "main/download.h"
#include "main/main.h"
#include "main/shipped.h"
#include "main/simulate_plot.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "Usage: lyceum company [--address URL] [--once] [--json]\n"
    "       lyceum company check [FILE] [--model FILE] [--json]\n"
    "       lyceum company tune QUESTIONS [--calls SHARE] [--keep SHARE] [--plot FILE] [--write FILE]\n\n"
    "Shows the company of a school that is open on this machine, renewed each second: who does\n"
    "what, queues, money spent today, open breakers, the last events and why.\n"
    "`check` reads company.yaml, tells every mistake with its line, and tries each member:\n"
    "reachable, speed, price, what it supports.\n"
    "`tune` finds on recorded questions from which expected gain on a senior is worth asking, and\n"
    "tells quality against cost beside always small, always senior, a random mix and an oracle.\n\n"
    "  --address URL  of the school (default http://127.0.0.1:8080)\n"
    "  --once         shows it once and ends; so does an output that is no terminal\n"
    "  --json         as JSON\n"
    "  FILE           the company (default company.yaml; without one, the default model)\n"
    "  --model FILE   the default model, where it is not the usual one\n"
    "  QUESTIONS      a JSON line each; bench/company writes them (docs/company.md)\n"
    "  --calls SHARE  of the questions, that the senior may get at most (default 0.5)\n"
    "  --keep SHARE   of what the senior adds, that is enough (default 1)\n"
    "  --plot FILE    draws the curves, as SVG\n"
    "  --write FILE   writes the margin into this company.yaml\n\n"
    "Example: lyceum company check company.yaml\n"
    "         lyceum company tune recorded.jsonl --write company.yaml\n"
    "Exit codes: 0 every member answers, 1 one does not, or the file has mistakes.\n";

struct company_command {
    const char *address, *file, *model, *plot, *write;
    struct tuning tuning;
    bool check, tune, once, json;
};

/* ----------------------------------------------------------------------------------------- check
 */

static void show_tried(void *data, const json_t *one) {
    (void)data;
    company_show_tried(one, stdout);
    fflush(stdout);
}

static int tell_file_mistakes(const json_t *problems, const struct fault *fault, bool json) {
    if (!json_array_size(problems))
        return exit_with_fault(fault);
    if (json) {
        struct buffer text = {0};
        json_t *all = json_pack("{s:O}", "problems", problems);
        buffer_json(&text, all);
        puts(text.at);
        buffer_free(&text);
        json_decref(all);
    } else
        company_tell_mistakes(problems, stderr);
    return EXIT_INPUT;
}

static int tell_tried(struct company *company, bool json) {
    if (!json)
        company_show_tried(NULL, stdout);
    json_t *tried = company_check(company, json ? NULL : show_tried, NULL);
    bool all = true;
    size_t i;
    const json_t *one;
    json_array_foreach(tried, i, one) all &= json_flag(one, "reachable", false);
    if (json) {
        json_t *status = company_status(company);
        json_t *out = json_pack("{s:O, s:O, s:O}", "file", json_object_get(status, "file"),
                                "members", tried, "roles", json_object_get(status, "roles"));
        struct buffer text = {0};
        buffer_json(&text, out);
        puts(text.at);
        buffer_free(&text);
        json_decref(out);
        json_decref(status);
    }
    json_decref(tried);
    return all ? EXIT_DONE : EXIT_INPUT;
}

static int check(const struct company_command *command) {
    static const struct company_adapter none = {.name = "adapter", .scale = 1};
    struct members members;
    struct fault fault = {0};
    members_choose(&members, command->model, &none, NULL);
    json_t *problems = json_array();
    members.options.file = company_file(command->file);
    members.options.problems = problems;
    struct company *company = company_open(&members.options, &fault);
    int code = company ? tell_tried(company, command->json)
                       : tell_file_mistakes(problems, &fault, command->json);
    company_close(company);
    json_decref(problems);
    return code;
}

/* ------------------------------------------------------------------------------------------ tune
 */

static int tune(const struct company_command *command) {
    enum { LIMIT = 64 << 20 };
    struct buffer text = {0}, table = {0};
    struct fault fault = {0};
    json_t *problems = json_array();
    json_t *tuned = file_read(command->file, LIMIT, &text, &fault)
                        ? company_tune(buffer_view(&text), &command->tuning, &fault)
                        : NULL;
    bool good = tuned && (!command->plot || company_plot(tuned, command->plot, &fault)) &&
                (!command->write ||
                 company_write_margin(command->write, json_number(tuned, "margin", 1), problems,
                                      &fault));
    if (tuned && command->json)
        buffer_json(&table, tuned);
    else if (tuned)
        company_tuned_table(tuned, &table);
    if (tuned)
        puts(table.at);
    if (!good)
        fault_place(&fault, command->file, 0, -1);
    company_tell_mistakes(problems, stderr);
    json_decref(problems);
    json_decref(tuned);
    buffer_free(&text);
    buffer_free(&table);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}

/* ----------------------------------------------------------------------------------------- watch
 */

static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static json_t *fetch(const char *address, struct fault *fault) {
    enum { LIMIT = 4 << 20 };
    struct buffer url = {0}, text = {0};
    struct fault cause = {0}; /* its remedy would be one for a download */
    buffer_format(&url, "%s/api/company", address);
    json_t *status = download_text(url.at, "application/json", NULL, LIMIT, &text, &cause)
                         ? json_parse(buffer_view(&text), &cause)
                         : NULL;
    if (!status) {
        fault_set(fault, cause.kind, "%s.", cause.message);
        fault_place(fault, address, 0, -1);
        fault_remedy(fault,
                     "Is a school open there? `lyceum serve` opens one; --address names it.");
    }
    buffer_free(&url);
    buffer_free(&text);
    return status;
}

static void show(const json_t *status, bool json, bool again) {
    struct buffer text = {0};
    if (json)
        buffer_json(&text, status);
    else
        company_table(status, &text);
    fputs(again ? "\033[H\033[2J" : "", stdout);
    fputs(text.at, stdout);
    fputs(json ? "\n" : "", stdout);
    fflush(stdout);
    buffer_free(&text);
}

static int watch(const struct company_command *command) {
    static const struct timespec moment = {.tv_sec = 1};
    bool once = command->once || command->json || !isatty(STDOUT_FILENO);
    struct fault fault = {0};
    signal(SIGINT, stop);
    do {
        json_t *status = fetch(command->address, &fault);
        if (!status)
            return exit_with_fault(&fault);
        show(status, command->json, !once);
        json_decref(status);
        if (!once)
            nanosleep(&moment, NULL);
    } while (!once && !stopped);
    return EXIT_DONE;
}

/* --------------------------------------------------------------------------------------- options
 */

static bool read_share(const char *text, double *share) {
    char *end;
    *share = strtod(text, &end);
    return end != text && !*end && *share >= 0 && *share <= 1;
}

int command_company(int n_argument, char **arguments) {
    static const struct option known[] = {
        {"address", required_argument, NULL, 'a'}, {"model", required_argument, NULL, 'm'},
        {"once", no_argument, NULL, 'o'},          {"json", no_argument, NULL, 'j'},
        {"calls", required_argument, NULL, 'c'},   {"keep", required_argument, NULL, 'k'},
        {"plot", required_argument, NULL, 'p'},    {"write", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},          {0},
    };
    struct company_command command = {.address = "http://127.0.0.1:8080", .tuning = {0.5, 1}};
    bool good = true;
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'a')
            command.address = optarg;
        else if (c == 'm')
            command.model = optarg;
        else if (c == 'c')
            good &= read_share(optarg, &command.tuning.calls);
        else if (c == 'k')
            good &= read_share(optarg, &command.tuning.share);
        else if (c == 'p')
            command.plot = optarg;
        else if (c == 'w')
            command.write = optarg;
        else if (c == 'o')
            command.once = true;
        else if (c == 'j')
            command.json = true;
        else if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else
            return exit_with_usage("company", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
    }
    if (optind < n_argument && !strcmp(arguments[optind], "check"))
        command.check = true, optind++;
    else if (optind < n_argument && !strcmp(arguments[optind], "tune"))
        command.tune = true, optind++;
    if ((command.check || command.tune) && optind < n_argument)
        command.file = arguments[optind++];
    if (optind < n_argument)
        return exit_with_usage("company", "%s is too much", arguments[optind]);
    if (!good || (command.tune && !command.file))
        return exit_with_usage("company", "%s", good ? "tune needs the recorded questions"
                                                     : "a share is a number from 0 to 1");
    return command.tune ? tune(&command) : command.check ? check(&command) : watch(&command);
}
