/* phrases: the tutor's own sentences, in each language. */
#ifndef LYCEUM_SCHOOL_TUTOR_PHRASES_H
#define LYCEUM_SCHOOL_TUTOR_PHRASES_H

#include "base/base.h"

enum phrase {
    PHRASE_NONE,
    /* after an attempt */
    PHRASE_RIGHT,
    PHRASE_RIGHT_AT_LAST,
    PHRASE_REACHED,     /* %s: the skill */
    PHRASE_NEXT,        /* %s: the next exercise */
    PHRASE_NEXT_LESSON, /* %s: the next lesson */
    PHRASE_REST,
    PHRASE_SISTER,
    PHRASE_NOT_YET,
    PHRASE_SAME_AGAIN,
    /* help */
    PHRASE_PRINCIPLE,
    PHRASE_EXAMPLE,
    PHRASE_EXAMPLE_THEN,
    PHRASE_DWELL, /* %s: seconds */
    PHRASE_AGAIN,
    PHRASE_SOLUTION,
    PHRASE_SOLUTION_SISTER,
    PHRASE_SOLUTION_NEXT, /* %s: the next exercise */
    PHRASE_SOLUTION_ALONE,
    PHRASE_SOLVED_ALREADY,
    PHRASE_WHERE,
    /* free turns */
    PHRASE_NO_ANSWER,
    PHRASE_NO_ANSWER_HERE,
    PHRASE_USE_FIELD,
    PHRASE_USE_FIELD_TYPED, /* and so on: in a terminal, where there are no pages */
    PHRASE_NOT_SAID,
    PHRASE_NOT_SAID_NEAR,
    PHRASE_NOT_IN_THESE_WORDS,
    PHRASE_NOT_IN_THESE_WORDS_ALONE,
    PHRASE_LET_ME_LOOK,
    PHRASE_STILL_LOOKING,
    PHRASE_STILL_LOOKING_HINT,
    PHRASE_LOOKED_IN_VAIN,
    PHRASE_WITHHELD,
    PHRASE_GREETING,
    PHRASE_THANKS,
    PHRASE_BYE,
    PHRASE_WHO,
    PHRASE_FEELING,
    PHRASE_RUDE,
    PHRASE_FINE,
    /* about the tutor, the course and the talk itself */
    PHRASE_ABLE,
    PHRASE_COURSE, /* %s: its lessons */
    PHRASE_LESSON, /* %s: its sections */
    PHRASE_PROGRESS,
    PHRASE_PROGRESS_TYPED,
    PHRASE_PRACTICE,
    PHRASE_PRACTICE_TYPED,
    PHRASE_LANGUAGES,
    PHRASE_SURE,
    PHRASE_PACE,
    PHRASE_MISSED, /* what was found is not what was asked */
    /* about the pages and the school */
    PHRASE_SIGN,
    PHRASE_CLOCK,
    PHRASE_LOOKS,
    PHRASE_PAGE_LANGUAGE,
    PHRASE_YOUR_DATA,
    PHRASE_PRINT,
    PHRASE_FREE,
    PHRASE_READERS,
    PHRASE_KEPT,
    PHRASE_DEVICES,
    PHRASE_FIND_LESSON,
    PHRASE_NAME,
    PHRASE_FAULT,
    PHRASE_TEACHER,
    /* of the tools */
    PHRASE_THAT_IS,   /* %s: what was found */
    PHRASE_TAKEN_FOR, /* %s: a sum or the like; %t: what it comes to */
    PHRASE_WRITES,
    PHRASE_CANNOT, /* %s: why */
    PHRASE_NO_NOTE,
    PHRASE_LEFT_TO_YOU,
    /* of the learner's memory */
    PHRASE_NOTED,
    PHRASE_NOTED_TYPED,
    PHRASE_YOU_TOLD_ME, /* %s: a day; %t: the learner's words */
    PHRASE_ASKS,
    PHRASE_CARE, /* somebody speaks of hurting themselves */
    PHRASES
};

/* In the language, or in English. `turn` picks among its wordings; the result may hold one %s. */
struct view phrase_text(enum phrase, const char *language, unsigned turn);
/* With its %s filled, in the arena. */
struct view phrase_fill(enum phrase, const char *language, unsigned turn, struct view with,
                        struct arena *);
/* What says the same in a terminal; mostly the phrase itself. */
enum phrase phrase_typed(enum phrase);
bool phrase_language(const char *language);   /* whether the tutor speaks it */
const char *phrase_tag(const char *language); /* its tag as a static string: "en" for others */

#endif
