/* answerable: whether sentences can be the answer to a question, by what the question asks for. */
#ifndef LYCEUM_SCHOOL_TUTOR_ANSWERABLE_H
#define LYCEUM_SCHOOL_TUTOR_ANSWERABLE_H

#include "base/base.h"

/* "Who invented the telephone?" wants a name, and sentences that speak of inventing and of
 * telephones; "how many" a number; "when" a time. Other questions want most of their words. */
bool answers_question(struct view question, struct view sentences, const char *language);
/* And holds no fewer words of the question than the others do. */
bool answers_as_well(struct view question, struct view sentences, struct view others,
                     const char *language);
/* "The passage does not say.", in the language; English where it is not known. */
const char *says_nothing(const char *language);
/* Whether that is what a draft says. */
bool refuses(struct view draft, const char *language);

/* "invented", 发明: a word (folded) that asks where something comes from. */
bool says_origin(struct view word);
/* "named after …", 得名于: whether a sentence says so in other words. */
bool attributes(struct view sentence);

#endif
