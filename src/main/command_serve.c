/* lyceum serve: opens the school. */
#include "company/company.h"
#include "main/main.h"
#include "school/school.h"
#include "web/web.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COURSE_LIMIT = 64 };

struct serve_options {
    const char *courses[COURSE_LIMIT + 1];
    const char *data, *host, *model;
    int port;
};

static const char help[] =
    "Usage: lyceum serve [COURSE...] [--data DIR] [--port N] [--host H] [--model FILE]\n\n"
    "Opens the school: courses, tutor and record on one address, until Ctrl-C.\n\n"
    "  COURSE        folders of courses; without one, the course that is shipped\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --port N      port to listen on (default 8080; 0 takes a free one)\n"
    "  --host H      address to listen on (default 127.0.0.1; 0.0.0.0 lets others in)\n"
    "  --model FILE  a GGUF file (default ${LYCEUM_MODELS:-models}/"
    "SmolLM2-135M-Instruct.Q4_1.gguf);\n"
    "                without it the school teaches from the authored course alone\n\n"
    "Example: lyceum serve courses/build-a-mind --port 8080\n";

/* The shipped course: under the working folder, beside the build, or where it was installed. */
static const char *shipped_course(char out[PATH_MAX]) {
    static const char name[] = "courses/build-a-mind";
    if (file_exists(name))
        return name;
    char program[PATH_MAX - 64];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return NULL;
    program[n] = 0;
    static const char *const beside[] = {"../", "../share/lyceum/", "./"};
    char *slash = strrchr(program, '/');
    *slash = 0;
    for (size_t i = 0; i < COUNT_OF(beside); i++) {
        snprintf(out, PATH_MAX, "%s/%s%s", program, beside[i], name);
        if (file_exists(out))
            return out;
    }
    return NULL;
}

static bool read_port(const char *text, int *port) {
    char *end;
    long value = strtol(text, &end, 10);
    *port = (int)value;
    return *text && !*end && value >= 0 && value <= 65535;
}

/* Exit code, or -1 to go on. */
static int read_options(int n_argument, char **arguments, struct serve_options *options) {
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},  {"port", required_argument, NULL, 'p'},
        {"host", required_argument, NULL, 'h'},  {"model", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, '?' + 1000}, {0},
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
        else if (c == 'p' && !read_port(optarg, &options->port))
            return exit_with_usage("serve", "--port %s is no port from 0 to 65535", optarg);
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

static void tell_address(const struct serve_options *options, const struct web *web) {
    bool bold = terminal_colour(1);
    const char *host = !strcmp(options->host, "0.0.0.0") ? "127.0.0.1" : options->host;
    bool six = strchr(host, ':') != NULL;
    printf("The school is open: %shttp://%s%s%s:%d/%s\n", bold ? "\033[1m" : "", six ? "[" : "",
           host, six ? "]" : "", web_port(web), bold ? "\033[0m" : "");
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

/* Until somebody ends it; on the way, says what became of a model that was loading. */
static void stay_open(const struct company *company, const sigset_t *stopping) {
    static const struct timespec a_moment = {.tv_nsec = 200000000};
    bool loading = company_state(company) == COMPANY_LOADING, stopped = false;
    while (loading && !stopped) {
        stopped = sigtimedwait(stopping, NULL, &a_moment) > 0;
        loading = company_state(company) == COMPANY_LOADING;
        if (!loading && !stopped)
            tell_model(company);
    }
    int signal_number;
    if (!stopped)
        sigwait(stopping, &signal_number);
    /* Whoever asks twice need not wait: the record is safe at any moment. */
    pthread_sigmask(SIG_UNBLOCK, stopping, NULL);
    fprintf(stderr, "Closing: answers that are being given are finished first.\n");
}

static int serve(const struct serve_options *options, const sigset_t *stopping) {
    struct fault fault = {0};
    struct company *company = company_open(options->model, &fault);
    if (!company)
        return exit_with_fault(&fault);
    fault_clear(&fault);
    struct school_options school_options = {options->courses, options->data, company};
    struct school *school = school_open(&school_options, &fault);
    struct web_options web_options = {
        .school = school, .host = options->host, .port = options->port};
    struct web *web = school ? web_open(&web_options, &fault) : NULL;
    if (web) {
        tell_address(options, web);
        tell_mistakes(school);
        tell_model(company);
        stay_open(company, stopping);
        web_close(web);
    }
    if (school)
        school_close(school);
    company_close(company);
    clearerr(stdout); /* the school was open, whether or not anybody read where */
    return web ? EXIT_DONE : exit_with_fault(&fault);
}

int command_serve(int n_argument, char **arguments) {
    struct serve_options options = {.data = "data", .host = "127.0.0.1", .port = 8080};
    int code = read_options(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    char course[PATH_MAX], model[PATH_MAX];
    if (!options.courses[0])
        options.courses[0] = shipped_course(course);
    if (!options.courses[0]) {
        struct fault fault = {0};
        fault_set(&fault, FAULT_MISSING, "The shipped course courses/build-a-mind is not here.");
        fault_remedy(&fault, "Name the folder of a course: lyceum serve COURSE.");
        return exit_with_fault(&fault);
    }
    if (!options.model) {
        const char *folder = getenv("LYCEUM_MODELS");
        snprintf(model, sizeof model, "%s/SmolLM2-135M-Instruct.Q4_1.gguf",
                 folder && *folder ? folder : "models");
        options.model = model;
    }
    /* Blocked in every thread, taken by sigwait in this one. */
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stopping, NULL);
    signal(SIGPIPE, SIG_IGN);
    return serve(&options, &stopping);
}
