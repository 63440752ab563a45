/* main: `lyceum COMMAND`, one file a command. */
#ifndef LYCEUM_MAIN_H
#define LYCEUM_MAIN_H

#include "base/base.h"

enum exit_code { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_MACHINE = 3 };

/* A command gets its own arguments: arguments[0] is the command's name. Returns the exit code. */
typedef int command_function(int n_argument, char **arguments);

command_function command_bench, command_check, command_draft, command_embed, command_export,
    command_grade, command_learn, command_logits, command_pull, command_quantize, command_rebuild,
    command_run, command_serve, command_tokenize;

/* Prints the fault on standard error, in red on a terminal, and returns the exit code for it. */
int exit_with_fault(const struct fault *);
/* Prints "lyceum NAME: message" and how to get help; returns EXIT_USAGE. */
int exit_with_usage(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
