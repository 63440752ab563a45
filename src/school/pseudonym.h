/* pseudonym: text without who it is about. Struck are names that are known, names that somebody
 * says are theirs, mail addresses, addresses of the web, and numbers by which one is reached.
 *
 * It errs on the side of striking: "will" goes where somebody is called Will, and so does 3628800.
 * What it cannot see: names that the school does not know and nobody introduces, numbers in words,
 * and whom a story is about. */
#ifndef LYCEUM_SCHOOL_PSEUDONYM_H
#define LYCEUM_SCHOOL_PSEUDONYM_H

#include "base/base.h"

struct pseudonyms; /* what is to be struck; may be read by several threads */
struct pseudonyms *pseudonyms_new(void);
void pseudonyms_free(struct pseudonyms *); /* NULL is allowed */
/* A name as it is written: each of its parts is struck, in any case and with or without accents.
 * Not struck alone are parts of one letter, and small words between capitals ("de la"). */
void pseudonyms_add(struct pseudonyms *, struct view name);

struct struck {
    size_t names, mails, addresses, numbers;
};
/* Appends the text with [name], [mail], [address] and [number] in the place of what is struck, and
 * adds to the counts. */
void pseudonyms_strike(const struct pseudonyms *, struct view text, struct buffer *out,
                       struct struck *);

#endif
