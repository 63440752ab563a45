/* main: `lyceum COMMAND`, one file a command. */
#ifndef LYCEUM_MAIN_H
#define LYCEUM_MAIN_H

#include "base/base.h"

enum exit_code { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_MACHINE = 3 };

/* A command gets its own arguments: arguments[0] is the command's name. Returns the exit code. */
typedef int command_function(int n_argument, char **arguments);

/* One a line, so that two who add one do not meet. */
command_function command_ask;
command_function command_backup;
command_function command_bench;
command_function command_check;
command_function command_company;
command_function command_compose;
command_function command_curate;
command_function command_distil;
command_function command_diversity;
command_function command_draft;
command_function command_embed;
command_function command_export;
command_function command_forget;
command_function command_grade;
command_function command_key;
command_function command_learn;
command_function command_logits;
command_function command_new;
command_function command_prove;
command_function command_pull;
command_function command_quantize;
command_function command_rebuild;
command_function command_rehearse;
command_function command_restore;
command_function command_run;
command_function command_sample;
command_function command_serve;
command_function command_simulate;
command_function command_tokenize;
command_function command_train;
command_function command_translated;

/* `lyceum compose` of a course: with --course. */
command_function compose_course;

/* Prints the fault on standard error, in red on a terminal, and returns the exit code for it. */
int exit_with_fault(const struct fault *);
/* Prints "lyceum NAME: message" and how to get help; returns EXIT_USAGE. */
int exit_with_usage(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

/* All of the text is a number from low to high. */
bool option_number(const char *text, double low, double high, double *out);
/* Reads --adapter-scale; false after telling how to use it. */
bool read_adapter_scale(const char *command, const char *text, float *scale);

#endif
