/* memory: what a learner's own words tell of them, and which of their notes bears on a turn. Plain
 * rules, and only those that are sure: no model makes a note. */
#ifndef LYCEUM_SCHOOL_TUTOR_MEMORY_H
#define LYCEUM_SCHOOL_TUTOR_MEMORY_H

#include "base/base.h"
#include "school/course/course.h"

struct memory_rules; /* compiled; any thread may use them */
struct memory_rules *memory_rules_open(struct fault *);
void memory_rules_close(struct memory_rules *); /* NULL is allowed */

struct told {
    struct view goal, confused; /* the learner's own sentence, or empty */
    background_set background;  /* what they said of their age, interests and knowledge */
};
/* Slices of the text, which is at most some thousand characters. */
struct told memory_read(const struct memory_rules *, struct view text);

#endif
