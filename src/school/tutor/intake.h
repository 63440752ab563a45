/* intake: what a learner's free text is. Plain rules in a table: a text that asks for the answer
 * gets help, whoever it says it is from. */
#ifndef LYCEUM_SCHOOL_TUTOR_INTAKE_H
#define LYCEUM_SCHOOL_TUTOR_INTAKE_H

#include "base/base.h"
#include "school/tutor/phrases.h"

enum turn_kind {
    TURN_ATTEMPT,
    TURN_HINT,
    TURN_QUESTION,
    TURN_HELP,
    TURN_CHAT,
    TURN_FISHING, /* for the answer, or for a yes to one */
    TURN_KINDS
};
const char *turn_kind_name(enum turn_kind);

struct intake; /* the rules, compiled; any thread may use it */
struct intake *intake_open(struct fault *);
void intake_close(struct intake *); /* NULL is allowed */

struct taken {
    enum turn_kind kind;
    enum phrase reply; /* what the rule says to a text of its kind; PHRASE_NONE */
};
struct taken intake_read(const struct intake *, struct view text);
/* What is asked for, without how it is to be told ("in simple words"). */
struct view intake_matter(const struct intake *, struct view text, struct arena *);
/* The language of the text by script and grammar words; `page` where it does not show. The result
 * is `page` or a static string. */
const char *intake_language(struct view text, const char *page);

#endif
