/* Made text: words of made syllables, common ones common (Zipf), in turns of 6 to 25 words. */
#ifndef LYCEUM_TESTS_WORKSHOP_MADE_H
#define LYCEUM_TESTS_WORKSHOP_MADE_H

#include "base/base.h"

enum made_script { MADE_LATIN, MADE_HAN };

void made_turn(struct random *, enum made_script, struct buffer *out);
/* JSON lines of dialogues of three turns. A share of the turns are drawn from 50, which are the
 * same for every seed. */
void made_dialogues(uint64_t seed, enum made_script, int n, double share, struct buffer *out);

#endif
