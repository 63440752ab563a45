/* Text as words, in any script. */
#ifndef LYCEUM_WORKSHOP_WORDS_H
#define LYCEUM_WORKSHOP_WORDS_H

#include "base/base.h"

struct word {
    struct view text;
    uint64_t hash; /* of its lower case; never 0 */
    bool mark;     /* a punctuation mark or a symbol */
};

/* The next word from *at on, which moves behind it; false at the end. A word is a run of letters,
 * marks and digits, with an apostrophe between letters or a point or comma between digits. Scripts
 * that put no spaces (Han, kana, Thai, Lao, Khmer, Burmese, Tibetan) give a word a letter. */
bool word_next(struct view text, size_t *at, struct word *);
size_t word_count(struct view text, size_t *n_mark); /* words and marks; n_mark may be NULL */

uint64_t hash_mix(uint64_t);
/* Hash of n words in order. */
uint64_t hash_words(const uint64_t *words, size_t n);

#endif
