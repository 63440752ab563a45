/* Counts by keys: open addressing, at most two thirds full. */
#include "workshop/tally.h"

#include <stdlib.h>

static struct tally_slot *slot_of(const struct tally *tally, uint64_t key) {
    size_t mask = tally->capacity - 1, i = key & mask;
    while (tally->slots[i].key && tally->slots[i].key != key)
        i = (i + 1) & mask;
    return &tally->slots[i];
}

static void grow(struct tally *tally) {
    struct tally old = *tally;
    tally->capacity = old.capacity ? old.capacity * 2 : 256;
    tally->slots = must_alloc(tally->capacity, sizeof *tally->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key)
            *slot_of(tally, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

uint64_t tally_add(struct tally *tally, uint64_t key) {
    if (tally->n * 3 >= tally->capacity * 2)
        grow(tally);
    key += key == 0;
    struct tally_slot *slot = slot_of(tally, key);
    if (!slot->key) {
        slot->key = key;
        tally->n++;
    }
    return ++slot->count;
}

uint64_t tally_count(const struct tally *tally, uint64_t key) {
    return tally->capacity ? slot_of(tally, key + (key == 0))->count : 0;
}

void tally_free(struct tally *tally) {
    free(tally->slots);
    *tally = (struct tally){0};
}
