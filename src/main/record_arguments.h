/* Arguments that the commands on the record share. */
#ifndef LYCEUM_MAIN_RECORD_ARGUMENTS_H
#define LYCEUM_MAIN_RECORD_ARGUMENTS_H

#include "main/main.h"

/* A learner by number, or by a name that one learner alone has in the record of `data`; 0 with a
 * fault. */
int64_t read_learner(const char *text, const char *data, struct fault *);
/* Writes one JSON object as a line to standard output; the reference is taken. */
int print_json(json_t *);
const char *plural(int64_t n); /* "s" unless n is 1 */

#endif
