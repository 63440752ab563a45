/* Passages by their meaning; see tools.h. Inside the folder. */
#ifndef LYCEUM_SCHOOL_TOOLS_VECTORS_H
#define LYCEUM_SCHOOL_TOOLS_VECTORS_H

#include "school/tools/tools.h"

/* The sentences whose vectors are nearest to that of `asked`, best first, each of another passage
 * of the place's course and language; score: the cosine. 0: there is no librarian, or its vectors
 * are not made yet. */
size_t vectors_near(const struct tool_place *, struct view asked, struct recalled *out,
                    size_t n_out);

#endif
