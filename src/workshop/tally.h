/* Counts by 64-bit keys that are hashes already. */
#ifndef LYCEUM_WORKSHOP_TALLY_H
#define LYCEUM_WORKSHOP_TALLY_H

#include "base/base.h"

struct tally { /* open addressing; start from {0} */
    struct tally_slot {
        uint64_t key; /* 0: free */
        uint64_t count;
    } * slots;
    size_t n, capacity; /* capacity is a power of two */
};

/* One more of the key; returns how many there are now. */
uint64_t tally_add(struct tally *, uint64_t key);
uint64_t tally_count(const struct tally *, uint64_t key);
void tally_free(struct tally *);

#endif
