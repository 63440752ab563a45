/* Packs for tests: texts with several ends, laid out together or one by one. */
#ifndef LYCEUM_TESTS_TRAIN_PACKS_H
#define LYCEUM_TESTS_TRAIN_PACKS_H

#include "train/train.h"

enum { PACK_TOKENS = 96 };

struct made_pack {
    struct pack pack;
    int32_t tokens[PACK_TOKENS], targets[PACK_TOKENS];
    float weights[PACK_TOKENS];
    struct segment segments[8];
};

/* A beginning of 20 tokens with three ends, and a text of 11 that stands alone; every third token
 * of what follows the beginning counts. */
void make_tree(struct made_pack *, uint64_t seed, int n_vocabulary);
/* Text 0 … 3 of that tree as a pack of its own. */
void make_alone(const struct made_pack *tree, int text, struct made_pack *);
double counted_in(const struct pack *);

#endif
