/* The bank of a course: its author's hints and replies in other words, which passed the review
 * before anyone waited for them. A plain file, COURSE/rehearsed.jsonl, a phrase a line:
 *
 *     {"exercise","kind":"hint"|"wrong","place":rung or why,"language","source","text",
 *      "member","seed","prompt","date","rejected"?:true}
 *
 * `source` is what the author wrote: a phrase whose source is no more in the course is never said.
 * A teacher may edit a text, or reject it, which keeps it from being made again. */
#ifndef LYCEUM_SCHOOL_TUTOR_REHEARSED_H
#define LYCEUM_SCHOOL_TUTOR_REHEARSED_H

#include "base/base.h"

enum { REHEARSED_LINES = 100000, REHEARSED_LINE_BYTES = 8192 };

struct rehearsed;

/* A folder without the file gives an empty bank. NULL with a fault that names the line. */
struct rehearsed *rehearsed_open(const char *folder, struct fault *);
void rehearsed_close(struct rehearsed *); /* NULL is allowed */
/* All lines as they stand in the file: an array, the bank's own. */
const json_t *rehearsed_lines(const struct rehearsed *);
/* The next phrase on this source from line *at on, which moves behind it; NULL: no more. Rejected
 * ones are passed over. */
const json_t *rehearsed_next(const struct rehearsed *, struct view source, const char *language,
                             size_t *at);

#endif
