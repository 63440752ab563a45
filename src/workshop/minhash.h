/* Near-duplicates: MinHash over word 5-grams, in bands (Broder 1997; the numbers of FineWeb). */
#ifndef LYCEUM_WORKSHOP_MINHASH_H
#define LYCEUM_WORKSHOP_MINHASH_H

#include "base/base.h"

/* Two texts meet in a band when all its rows agree: at a Jaccard similarity s with probability
 * 1 − (1 − s^8)^14: about two thirds at .72, nearly always from .85 on. */
enum { MINHASH_BANDS = 14, MINHASH_ROWS = 8, MINHASH_GRAM = 5 };

struct minhash {
    uint64_t least[MINHASH_BANDS * MINHASH_ROWS];
    uint64_t last[MINHASH_GRAM]; /* the words before the next one, as a ring */
    size_t n_word;
};

void minhash_begin(struct minhash *);
void minhash_word(struct minhash *, uint64_t word);
/* One key a band. A text of fewer than five words is one gram. False when there was no word. */
bool minhash_end(struct minhash *, uint64_t bands[MINHASH_BANDS]);

#endif
