/* What is learnt of a grammar and a vocabulary, for grammar_mask.c: an automaton over the spots of
 * one rule, and what each spot allows by itself. The beginning of grammar_mask.c tells why. */
#ifndef LYCEUM_MODEL_GRAMMAR_LEARN_H
#define LYCEUM_MODEL_GRAMMAR_LEARN_H

#include "model/grammar.h"

#include <pthread.h>

enum {
    MOST_EFFORT = 1 << 19, /* spots seen for one mask: then the rest is forbidden */
    KEPT_BYTES = 48 << 20, /* then what was learnt is forgotten, and learnt again */
};

struct state { /* of the automaton: spots above an unknown bottom */
    uint32_t from, n;
    uint32_t cost; /* the fewest bytes to the end of the rule */
    bool escapes;  /* the rule may end here */
};

struct places { /* in the trie */
    uint32_t *at, n, capacity;
};

struct entry { /* what a spot allows by itself */
    struct spot spot;
    uint64_t *bits;
    struct places escapes;
    uint64_t most; /* the cost after the token that raises it most */
};

struct final { /* a whole mask */
    uint64_t key[2];
    uint64_t *bits;
    int64_t rise; /* of the cost, at most */
    bool any;
};

struct memory { /* of a grammar and a vocabulary */
    struct memory *next;
    pthread_mutex_t lock;
    const struct grammar *grammar;
    const struct spelling *spelling;
    uint64_t serial;
    size_t n_word; /* of a mask */
    size_t kept;   /* bytes */
    size_t effort; /* spots seen for this mask */
    struct stacks stacks;
    struct closing closing;
    struct spots scratch;
    struct state *states; /* 0: nothing is left */
    uint32_t n_state, state_capacity;
    uint32_t *steps; /* [n_state][n_class]: a state + 1, or 0 */
    struct spot *pool;
    uint32_t n_pool, pool_capacity;
    uint32_t *state_slots, state_mask;
    struct entry *entries;
    uint32_t n_entry, entry_capacity;
    uint32_t *entry_slots, entry_mask;
    struct final *finals; /* open hash table; bits NULL: empty */
    uint32_t n_final, final_mask;
};

struct walk {
    uint64_t *bits;
    uint64_t limit; /* tokens after which the cost is more are left out */
    uint64_t most;  /* the highest cost after a token that was not */
    int64_t work;   /* trie nodes that may still be seen */
    struct places escapes;
};

/* Of all functions here but memory_of: under the memory's lock, and in a memory watch. */

struct memory *memory_of(const struct grammar *, const struct spelling *); /* NULL: no memory */
/* What was learnt is forgotten. False when there is no memory to learn anew. */
bool memory_begin(struct memory *);
/* The automaton's state of one spot. */
uint32_t state_of_spot(struct memory *, struct spot);
/* Marks the tokens below a place of the trie that the state allows; `base` is the cost of what
 * lies below the state's rule. */
void walk_from(struct memory *, uint32_t state, uint32_t place, uint64_t base, struct walk *);
/* Marks a token, and those of the same bytes, unless the cost after it is over the limit. */
void walk_token(const struct spelling *, int32_t token, uint64_t cost, struct walk *);
/* What a spot of the memory's own stacks allows from the trie's root. NULL: no memory. */
const struct entry *entry_of(struct memory *, struct spot, struct walk *whole);

#endif
