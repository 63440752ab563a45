/* What a learner types in the terminal, as the school reads it. */
#ifndef LYCEUM_MAIN_LEARN_INPUT_H
#define LYCEUM_MAIN_LEARN_INPUT_H

#include "base/base.h"

/* The line with the marks at its head as the keys that they are, however a keyboard writes them;
 * two of them, as in "!+". Written over `line`, of which `input` is a part. */
struct view learn_keys(char *line, struct view input);
/* "1 3" or "1,3": places counted from 1, as the school wants them from 0; NULL when not. */
json_t *learn_places(struct view input);

#endif
