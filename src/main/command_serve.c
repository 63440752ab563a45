/* lyceum serve: opens the school. */
#include "company/company.h"
#include "main/company_file.h"
#include "main/keeper.h"
#include "main/main.h"
#include "main/shipped.h"
#include "school/school.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COURSE_LIMIT = 64 };

struct serve_options {
    const char *courses[COURSE_LIMIT + 1];
    const char *data, *host, *model, *company, *log;
    int port;
    bool owner; /* a new owner's link, though there is an owner */
    double backup_hours, backup_keep, retain_days;
    struct company_adapter adapter;
};

static const char help[] =
    "Usage: lyceum serve [COURSE...] [--data DIR] [--port N] [--host H] [--model FILE]\n"
    "                    [--adapter FILE] [--adapter-scale S] [--company FILE] [--owner]\n\n"
    "Opens the school: courses, tutor and record on one address, until Ctrl-C.\n\n"
    "  COURSE        folders of courses; without one, the course that is shipped\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --port N      port to listen on (default 8080; 0 takes a free one)\n"
    "  --host H      address to listen on (default 127.0.0.1; 0.0.0.0 lets others in)\n"
    "  --model FILE  a GGUF file (default ${LYCEUM_MODELS:-models}/"
    "SmolLM2-135M-Instruct.Q4_1.gguf);\n"
    "                without it the school teaches from the authored course alone\n"
    "  --owner       print a link for one more owner (without it: where there is none yet)\n"
    "  --backup-hours H  copy the record into DATA/backups every H hours (24; 0: never)\n"
    "  --backup-keep N   so many of these copies stay (7)\n"
    "  --log FILE      add a line of JSON for each answer: route, status, time; no learner's words\n"
    "                (- is standard error)\n"
    "  --retain DAYS   forget learners who did nothing for so many days, when the school opens\n"
    "                (without it: nobody is forgotten unasked; docs/keeping.md)\n"
    "  --adapter FILE  an adapter of the model that the tutor speaks with (default: the tutor's\n"
    "                that is shipped for this model, and those of the courses); none: without\n"
    "  --adapter-scale S  S times as strong as its file says (1)\n"
    "  --company FILE  who answers: members, roles, budgets (default company.yaml where it is;\n"
    "                docs/company.md). Read again when the program gets the signal HUP\n\n"
    "Example: lyceum serve courses/build-a-mind --port 8080\n";

/* The shipped course: under the working folder, beside the build, or where it was installed. */
static bool read_port(const char *text, int *port) {
    char *end;
    long value = strtol(text, &end, 10);
    *port = (int)value;
    return *text && !*end && value >= 0 && value <= 65535;
}

/* Exit code, or -1 to go on. */
static int read_options(int n_argument, char **arguments, struct serve_options *options) {
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},    {"port", required_argument, NULL, 'p'},
        {"host", required_argument, NULL, 'h'},    {"model", required_argument, NULL, 'm'},
        {"adapter", required_argument, NULL, 'a'}, {"adapter-scale", required_argument, NULL, 's'},
        {"company", required_argument, NULL, 'c'}, {"owner", no_argument, NULL, 'o'},
        {"backup-hours", required_argument, NULL, 'b'},
        {"backup-keep", required_argument, NULL, 'k'},
        {"log", required_argument, NULL, 'l'},
        {"retain", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, '?' + 1000},
        {0},
    };
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'd')
            options->data = optarg;
        else if (c == 'h')
            options->host = optarg;
        else if (c == 'm')
            options->model = optarg;
        else if (c == 'c')
            options->company = optarg;
        else if (c == 'a')
            options->adapter.path = optarg;
        else if (c == 's' && !read_adapter_scale("serve", optarg, &options->adapter.scale))
            return EXIT_USAGE;
        else if (c == 'p' && !read_port(optarg, &options->port))
            return exit_with_usage("serve", "--port %s is no port from 0 to 65535", optarg);
        else if (c == 'b' && !option_number(optarg, 0, 8760, &options->backup_hours))
            return exit_with_usage("serve", "--backup-hours %s is not from 0 to 8760", optarg);
        else if (c == 'k' && !option_number(optarg, 1, 10000, &options->backup_keep))
            return exit_with_usage("serve", "--backup-keep %s is not from 1 to 10000", optarg);
        else if (c == 'r' && !option_number(optarg, 1, 36500, &options->retain_days))
            return exit_with_usage("serve", "--retain %s is no number of days", optarg);
        else if (c == 'l')
            options->log = optarg;
        else if (c == 'o')
            options->owner = true;
        else if (c == '?' + 1000)
            return fputs(help, stdout), EXIT_DONE;
        else if (c == '?')
            return exit_with_usage("serve", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
    }
    int n_course = n_argument - optind;
    if (n_course > COURSE_LIMIT)
        return exit_with_usage("serve", "more than %d courses", COURSE_LIMIT);
    for (int i = 0; i < n_course; i++)
        options->courses[i] = arguments[optind + i];
    return -1;
}

/* A learner alone needs no owner; who wants classes follows the link. It is good for one. */
static void tell_owner(const struct serve_options *options, struct school *school,
                       const char *address) {
    char code[SCHOOL_CODE_SIZE];
    if (school_owner_code(school, options->owner, code))
        printf("For classes and teachers, become the owner (this link works once): %sjoin/%s\n",
               address, code);
}

/* This machine's address for others of its network: the first that is up, and none of those that
 * programs make for their own machines within this one. */
static bool network_address(char host[INET_ADDRSTRLEN]) {
    static const char *const inner[] = {"docker", "br-", "veth", "virbr"};
    struct ifaddrs *all = NULL;
    bool found = false;
    if (getifaddrs(&all))
        return false;
    for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP) ||
            (one->ifa_flags & IFF_LOOPBACK))
            continue;
        found = true;
        for (size_t i = 0; i < COUNT_OF(inner); i++)
            found = found && strncmp(one->ifa_name, inner[i], strlen(inner[i])) != 0;
        if (found)
            inet_ntop(AF_INET,
                      &((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr, host,
                      INET_ADDRSTRLEN);
    }
    freeifaddrs(all);
    return found;
}

/* Who lets others in is told the address that these will use: codes and squares are made from the
 * one that the browser used. */
static void tell_address(const struct serve_options *options, struct school *school,
                         const struct web *web) {
    bool bold = terminal_colour(1);
    bool all = !strcmp(options->host, "0.0.0.0") || !strcmp(options->host, "::");
    char near[INET_ADDRSTRLEN] = "127.0.0.1", address[320];
    bool reached = all && network_address(near);
    const char *host = all ? near : options->host;
    bool six = strchr(host, ':') != NULL;
    snprintf(address, sizeof address, "http://%s%s%s:%d/", six ? "[" : "", host, six ? "]" : "",
             web_port(web));
    printf("The school is open: %s%s%s\n", bold ? "\033[1m" : "", address, bold ? "\033[0m" : "");
    if (reached)
        printf("On this machine also: http://127.0.0.1:%d/\n", web_port(web));
    tell_owner(options, school, address);
    printf("What learners do is kept in %s. Ctrl-C closes the school.\n", options->data);
    fflush(stdout);
}

/* A mistake in a course is no reason to stay closed: the rest of it is taught. */
static void tell_mistakes(const struct school *school) {
    size_t n = json_array_size(school_problems(school));
    if (n)
        printf("The courses have %zu mistake%s; `lyceum check COURSE` tells where.\n", n,
               n == 1 ? "" : "s");
}

static void tell_model(const struct company *company) {
    enum company_state state = company_state(company);
    if (state == COMPANY_LOADING)
        printf("The tutor's model is loading; until it is there, the authored course speaks.\n");
    else if (state == COMPANY_READY)
        printf("The tutor's model is ready: %s.\n", company_model_name(company));
    else
        printf("No model (%s): the school teaches from the authored course alone.\n",
               company_problem(company));
    fflush(stdout);
}

/* A mistake in the file leaves the company as it is. */
static void reload(struct company *company, const char *file) {
    json_t *problems = json_array();
    if (company_reload(company, file, problems))
        printf("The company was read again.\n");
    else {
        company_tell_mistakes(problems, stderr);
        fprintf(stderr, "The company stays as it was.\n");
    }
    fflush(stdout);
    json_decref(problems);
}

/* Until somebody ends it; on the way, says what became of a model that was loading, and reads the
 * company again when it is told to. */
static void stay_open(struct company *company, const char *file, const sigset_t *signals) {
    static const struct timespec a_moment = {.tv_nsec = 200000000};
    bool loading = company_state(company) == COMPANY_LOADING;
    for (int got = 0; got != SIGINT && got != SIGTERM;) {
        if (loading)
            got = sigtimedwait(signals, NULL, &a_moment);
        else
            sigwait(signals, &got);
        if (got == SIGHUP)
            reload(company, file);
        if (loading && company_state(company) != COMPANY_LOADING) {
            loading = false;
            tell_model(company);
        }
    }
    /* Whoever asks twice need not wait: the record is safe at any moment. */
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    fprintf(stderr, "Closing: answers that are being given are finished first.\n");
}

/* What it cannot do is told; the school opens all the same. */
static void forget_idle(const struct serve_options *options) {
    struct fault fault = {0};
    size_t n = 0;
    if (!(options->retain_days > 0))
        return;
    if (!school_forget_idle(options->data, (int)options->retain_days, &n, &fault))
        exit_with_fault(&fault);
    else if (n)
        printf("%zu learner%s stayed away for %d days and %s forgotten.\n", n, n == 1 ? "" : "s",
               (int)options->retain_days, n == 1 ? "was" : "were");
}

static bool open_log(const char *path, FILE **log, struct fault *fault) {
    *log = !path ? NULL : !strcmp(path, "-") ? stderr : fopen(path, "ae");
    if (*log || !path)
        return true;
    fault_set(fault, FAULT_INPUT, "The log cannot be written: %s.", strerror(errno));
    return fault_place(fault, path, 0, -1);
}

static int serve(const struct serve_options *options, const sigset_t *signals) {
    struct fault fault = {0};
    FILE *log;
    if (!open_log(options->log, &log, &fault))
        return exit_with_fault(&fault);
    struct members members;
    members_choose(&members, options->model, &options->adapter, options->courses);
    members.options.file = company_file(options->company);
    members.options.data = options->data;
    struct company *company = company_open_told(&members.options, &fault);
    if (!company)
        return exit_with_fault(&fault);
    fault_clear(&fault);
    forget_idle(options);
    struct school_options school_options = {options->courses, options->data, company,
                                            (int)options->retain_days};
    struct school *school = school_open(&school_options, &fault);
    struct keys *keys = school ? keys_open(options->data, &fault) : NULL;
    struct web_options web_options = {.school = school,
                                      .company = company,
                                      .keys = keys,
                                      .log = log,
                                      .host = options->host,
                                      .port = options->port};
    struct web *web = keys ? web_open(&web_options, &fault) : NULL;
    if (web) {
        tell_address(options, school, web);
        tell_mistakes(school);
        tell_model(company);
        struct keeper *keeper =
            keeper_open(options->data, options->backup_hours, (int)options->backup_keep);
        stay_open(company, members.options.file, signals);
        web_close(web);
        keeper_close(keeper);
    }
    keys_close(keys);
    if (school)
        school_close(school);
    company_close(company);
    clearerr(stdout); /* the school was open, whether or not anybody read where */
    return web ? EXIT_DONE : exit_with_fault(&fault);
}

int command_serve(int n_argument, char **arguments) {
    struct serve_options options = {.data = "data",
                                    .host = "127.0.0.1",
                                    .port = 8080,
                                    .backup_hours = 24,
                                    .backup_keep = 7,
                                    .adapter = {.name = "adapter", .scale = 1}};
    int code = read_options(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    char course[PATH_MAX];
    if (!options.courses[0])
        options.courses[0] = shipped_file("courses/build-a-mind", course);
    if (!options.courses[0]) {
        struct fault fault = {0};
        fault_set(&fault, FAULT_MISSING, "The shipped course courses/build-a-mind is not here.");
        fault_remedy(&fault, "Name the folder of a course: lyceum serve COURSE.");
        return exit_with_fault(&fault);
    }
    /* Blocked in every thread, taken by sigwait in this one. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is told like a full disk */
    return serve(&options, &signals);
}
