/* What the school remembers of the learner, in the terminal. */
#ifndef LYCEUM_MAIN_LEARN_MEMORY_H
#define LYCEUM_MAIN_LEARN_MEMORY_H

#include "school/school.h"

/* Does what stands behind the "!" of a line: "" lists, "+ text" adds, "- 17" erases, "= 17 text"
 * changes, "me child music" says of oneself. Appends what is to be shown, plain text in lines.
 * False with a fault. */
bool learn_memory(struct school *, int64_t learner, const char *language, struct view input,
                  struct buffer *out, struct fault *);

#endif
