/* manner: a question without how it is to be told. */
#ifndef LYCEUM_SCHOOL_TUTOR_MANNER_H
#define LYCEUM_SCHOOL_TUTOR_MANNER_H

#include "base/base.h"

struct pcre2_real_code_8; /* a compiled rule; any thread may use it */

struct pcre2_real_code_8 *manner_open(struct fault *); /* NULL with a fault */
void manner_close(struct pcre2_real_code_8 *);         /* NULL is allowed */
/* The text without "like I am five", "in simple words", …; the text itself where nothing else is
 * left. What is new lives in the arena. */
struct view manner_cut(const struct pcre2_real_code_8 *, struct view text, struct arena *);

#endif
