/* The commands of lyceum, as a table. */
#include "main/main.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command {
    const char *name;
    command_function *run;
    const char *summary;
};

/* clang-format off */
static const struct command commands[] = {
    {"ask", command_ask, "a model with a calculator, a calendar and a course to look in"},
    {"backup", command_backup, "a copy of the record, also while the school is open"},
    {"bench", command_bench, "measure a model: tokens a second beside the machine's limits"},
    {"check", command_check, "find every mistake in a course"},
    {"company", command_company, "who is at work, and whether each member can be had"},
    {"compose", command_compose, "training rows for a tutor, of authored cards and made-up facts"},
    {"curate", command_curate, "what of a heap of files is fit to train on"},
    {"distil", command_distil, "a course in, an adapter for it out, with the card that proves it"},
    {"diversity", command_diversity, "how varied a text is, and whether it has collapsed"},
    {"draft", command_draft, "the tutor's words on any text, reviewed, one JSON object a line"},
    {"embed", command_embed, "a vector for each text, near where the meaning is near"},
    {"export", command_export, "all that is kept of a learner, as JSON or as a page"},
    {"forget", command_forget, "erase a learner, wherever the record keeps one"},
    {"grade", command_grade, "grade answers, one JSON object a line"},
    {"key", command_key, "which programs may ask the company, and how much"},
    {"learn", command_learn, "a lesson and its tutor in the terminal"},
    {"logits", command_logits, "a model's scores for every token that could come next"},
    {"new", command_new, "a vocabulary and a model to be trained from scratch"},
    {"prove", command_prove, "what an adapter is worth on questions that it never saw"},
    {"pull", command_pull, "fetch weights: by a name, an address, a package or a path"},
    {"quantize", command_quantize, "a model's weights in fewer bits"},
    {"rebuild", command_rebuild, "make the tables of the record again from its events"},
    {"rehearse", command_rehearse, "what can be said about a course, said beforehand"},
    {"restore", command_restore, "put a copy in the place of the record"},
    {"run", command_run, "let a model write"},
    {"sample", command_sample, "a model's expectations over texts, kept to teach others by"},
    {"serve", command_serve, "open the school"},
    {"simulate", command_simulate, "how the scheduler does with learners whose knowledge is known"},
    {"tokenize", command_tokenize, "text to a model's tokens and back"},
    {"train", command_train, "a model and texts into an adapter or a model"},
    {"translated", command_translated, "say that a translation says what its source says now"},
    {NULL, NULL, NULL},
};
/* clang-format on */

int exit_with_fault(const struct fault *fault) {
    char text[1200];
    bool colour = terminal_colour(2);
    fprintf(stderr, "%slyceum: %s%s\n", colour ? "\033[31m" : "",
            fault_text(fault, text, sizeof text), colour ? "\033[0m" : "");
    return fault->kind == FAULT_MACHINE ? EXIT_MACHINE : EXIT_INPUT;
}

int exit_with_usage(const char *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "lyceum %s: ", command);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nTry `lyceum %s --help`.\n", command);
    va_end(arguments);
    return EXIT_USAGE;
}

bool option_number(const char *text, double low, double high, double *out) {
    char *end;
    *out = strtod(text, &end);
    return *text && !*end && *out >= low && *out <= high;
}

bool read_adapter_scale(const char *command, const char *text, float *scale) {
    double value;
    bool good = option_number(text, -100, 100, &value);
    *scale = (float)value;
    if (!good)
        exit_with_usage(command, "--adapter-scale wants a number from -100 to 100, not \"%s\"",
                        text);
    return good;
}

static void print_help(FILE *to) {
    fprintf(to, "lyceum: a tutor for every learner, on a machine that their school owns\n\n"
                "Usage: lyceum COMMAND [ARGUMENTS]\n\n");
    for (const struct command *command = commands; command->name; command++)
        fprintf(to, "  %-10s %s\n", command->name, command->summary);
    fprintf(to, "\n`lyceum COMMAND --help` tells more, with an example.\n");
}

/* A file opened where a standard stream was closed would be read as what somebody typed, or have
 * words printed into it. What stands there instead can be neither read nor written. */
static void hold_standard_streams(void) {
    for (int i = 0; i <= STDERR_FILENO; i++)
        if (fcntl(i, F_GETFD) < 0 &&
            open("/dev/null", i == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            abort();
}

/* Nothing is done whose result was lost on the way out. */
static int finish(int code) {
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost || code == EXIT_MACHINE)
        return code;
    fprintf(stderr, "lyceum: standard output could not be written to the end.\n");
    return EXIT_MACHINE;
}

static int run_command(int n_argument, char **arguments) {
    if (n_argument < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = arguments[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
        return print_help(stdout), EXIT_DONE;
    if (!strcmp(name, "--version"))
        return printf("lyceum %s\n", LYCEUM_VERSION), EXIT_DONE;
    for (const struct command *command = commands; command->name; command++)
        if (!strcmp(command->name, name))
            return command->run(n_argument - 1, arguments + 1);
    const char *known[COUNT_OF(commands)] = {0};
    for (size_t i = 0; commands[i].name; i++)
        known[i] = commands[i].name;
    const char *near = nearest_word(name, known);
    fprintf(stderr, "lyceum: there is no command %s.%s%s%s Try `lyceum --help`.\n", name,
            near ? " Did you mean " : "", near ? near : "", near ? "?" : "");
    return EXIT_USAGE;
}

int main(int n_argument, char **arguments) {
    hold_standard_streams();
    return finish(run_command(n_argument, arguments));
}
