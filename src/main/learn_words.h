/* What `lyceum learn` itself says, in the learner's language. */
#ifndef LYCEUM_MAIN_LEARN_WORDS_H
#define LYCEUM_MAIN_LEARN_WORDS_H

#include <stddef.h>

enum learn_word {
    LEARN_HOW, /* what can be typed, a line each */
    LEARN_OPEN,
    LEARN_PARTS,
    LEARN_SEVERAL,
    LEARN_ORDER,
    LEARN_MATCH,
    LEARN_LISTED, /* an answer that names nothing of what is listed */
    LEARN_NO_LESSON,
    LEARN_NOT_TRANSLATED, /* the lesson is shown in the course's first language */
    LEARN_RESUMES,        /* at the first exercise that is open */
    LEARN_GO_ON,          /* the key to go on, as a prompt has it */
    LEARN_ABOUT_YOU,      /* what is remembered, and behind it how it is changed */
    LEARN_GIVEN,
    LEARN_NO_NOTES,
    LEARN_GOAL, /* what a note is about */
    LEARN_CONFUSED,
    LEARN_SLIP,
    LEARN_OWN,
    LEARN_MEMORY_HOW, /* what can stand behind the ! */
    LEARN_TAGS,       /* and behind it the words that !me takes */
    LEARN_READ,       /* what became of an open answer */
    LEARN_READ_BY_MODEL,
    LEARN_WILL_BE_READ,
    LEARN_NOT_READ,
    LEARN_WORDS
};
/* In the language of this tag, or in English. */
const char *learn_word(enum learn_word, const char *language);
/* The table, for what looks at all of it; NULL behind the last. */
const char *learn_cell(size_t row, size_t column);

#endif
