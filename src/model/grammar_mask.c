/* Which tokens may come next.
 *
 * A mask is the union over the spots of what each allows. What a spot allows is found by walking
 * the tokens' trie with an automaton that knows the spot and the loops inside its rule, but not
 * what called the rule: that part is the same wherever the rule stands, and is remembered. Where
 * the rule ends inside a token the walk notes an escape, and goes on from there with what lies
 * below on the stack. Whole masks are remembered too, by the hash of all spots and their stacks.
 *
 * Loops count down. Counts over HORIZON look alike to any one token, since each turn of a loop
 * reads a byte and tokens are at most TOKEN_BYTES long: so a text of 0 to 500 characters has some
 * sixty different masks, not five hundred.
 *
 * Each mask knows by how much its tokens can raise the bytes that are still needed for an end.
 * When that could be more than there are tokens left, the walk is done again with that bound. */
#include "model/grammar.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_EFFORT = 1 << 19, /* spots seen for one mask: then the rest is forbidden */
    ALLOW_WORK = 200,      /* what one spot costs beside */
    MOST_STATES = 250000,  /* in one walk: then the rest is forbidden */
    KEPT_BYTES = 48 << 20, /* then what was learnt is forgotten, and learnt again */
    MOST_WORK = 16 << 20,  /* trie nodes seen for one mask */
    KEPT_FRAMES = 1 << 15
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

struct learnt {
    pthread_mutex_t lock;
    struct memory *first;
};

struct learnt *learnt_new(void) {
    struct learnt *made = must_alloc(1, sizeof *made);
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

/* ------------------------------------------------------------------------------------ memory */

static void forget(struct memory *memory) {
    for (uint32_t i = 0; i < memory->n_entry; i++) {
        free(memory->entries[i].bits);
        free(memory->entries[i].escapes.at);
    }
    for (uint32_t i = 0; i <= memory->final_mask; i++)
        free(memory->finals[i].bits);
    free(memory->states);
    free(memory->steps);
    free(memory->pool);
    free(memory->state_slots);
    free(memory->entries);
    free(memory->entry_slots);
    free(memory->finals);
    stacks_close(&memory->stacks);
}

static void begin_again(struct memory *memory) {
    stacks_open(&memory->stacks);
    memory->state_capacity = 64;
    memory->states = must_alloc(memory->state_capacity, sizeof *memory->states);
    memory->steps = must_alloc((size_t)memory->state_capacity * (size_t)memory->grammar->n_class,
                               sizeof *memory->steps);
    memory->n_state = 1;
    memory->pool = NULL;
    memory->n_pool = memory->pool_capacity = 0;
    memory->state_mask = memory->entry_mask = memory->final_mask = 63;
    memory->state_slots = must_alloc(64, sizeof *memory->state_slots);
    memory->entry_slots = must_alloc(64, sizeof *memory->entry_slots);
    memory->finals = must_alloc(64, sizeof *memory->finals);
    memory->entries = NULL;
    memory->n_entry = memory->entry_capacity = memory->n_final = 0;
    memory->kept = 0;
}

static struct memory *memory_of(const struct grammar *grammar, const struct spelling *spelling) {
    struct learnt *learnt = grammar->learnt;
    pthread_mutex_lock(&learnt->lock);
    struct memory *memory = learnt->first;
    while (memory && memory->serial != spelling->serial)
        memory = memory->next;
    if (!memory) {
        memory = must_alloc(1, sizeof *memory);
        *memory = (struct memory){.grammar = grammar,
                                  .spelling = spelling,
                                  .serial = spelling->serial,
                                  .n_word = ((size_t)spelling->n_token + 63) / 64,
                                  .next = learnt->first};
        pthread_mutex_init(&memory->lock, NULL);
        begin_again(memory);
        learnt->first = memory;
    }
    pthread_mutex_unlock(&learnt->lock);
    return memory;
}

void learnt_free(struct learnt *learnt) {
    if (!learnt)
        return;
    for (struct memory *memory = learnt->first, *next; memory; memory = next) {
        next = memory->next;
        forget(memory);
        closing_free(&memory->closing);
        free(memory->scratch.at);
        pthread_mutex_destroy(&memory->lock);
        free(memory);
    }
    pthread_mutex_destroy(&learnt->lock);
    free(learnt);
}

/* --------------------------------------------------------------------------------- automaton */

static int by_spot(const void *a, const void *b) {
    const struct spot *left = a, *right = b;
    if (left->node != right->node)
        return left->node < right->node ? -1 : 1;
    return (left->stack > right->stack) - (left->stack < right->stack);
}

static uint64_t hash_of(const struct spot *spots, size_t n, bool escapes) {
    return hash64((struct view){(const char *)spots, n * sizeof *spots}, escapes);
}

static void room_for_state(struct memory *memory) {
    if (memory->n_state == memory->state_capacity) {
        size_t n_class = (size_t)memory->grammar->n_class;
        memory->state_capacity *= 2;
        memory->states =
            must_realloc(memory->states, memory->state_capacity, sizeof *memory->states);
        memory->steps = must_realloc(memory->steps, memory->state_capacity * n_class, 4);
    }
    if (memory->n_state * 2 < memory->state_mask)
        return;
    memory->state_mask = memory->state_mask * 2 + 1;
    free(memory->state_slots);
    memory->state_slots = must_alloc((size_t)memory->state_mask + 1, sizeof(uint32_t));
    for (uint32_t i = 1; i < memory->n_state; i++) {
        const struct state *state = &memory->states[i];
        uint32_t slot = (uint32_t)hash_of(memory->pool + state->from, state->n, state->escapes);
        for (slot &= memory->state_mask; memory->state_slots[slot];)
            slot = (slot + 1) & memory->state_mask;
        memory->state_slots[slot] = i;
    }
}

/* The state of these spots, which it sorts; spots that left the bottom are an escape. */
static uint32_t state_of(struct memory *memory, struct spots *spots) {
    bool escapes = false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < spots->n; i++) {
        escapes |= spots->at[i].node == ENDED;
        if (spots->at[i].node != ENDED)
            spots->at[n++] = spots->at[i];
    }
    if (spots->too_many || (n == 0 && !escapes))
        return 0;
    if (n > 1)
        qsort(spots->at, n, sizeof *spots->at, by_spot);
    uint32_t slot = (uint32_t)hash_of(spots->at, n, escapes) & memory->state_mask;
    for (uint32_t i; (i = memory->state_slots[slot]); slot = (slot + 1) & memory->state_mask) {
        const struct state *state = &memory->states[i];
        if (state->n == n && state->escapes == escapes &&
            (n == 0 || !memcmp(memory->pool + state->from, spots->at, n * sizeof *spots->at)))
            return i;
    }
    if (memory->n_state >= MOST_STATES || memory->kept > 3 * (size_t)KEPT_BYTES) {
        memory->effort = MOST_EFFORT + 1;
        return 0;
    }
    struct state state = {.from = memory->n_pool, .n = n, .escapes = escapes, .cost = COST_NEVER};
    while (memory->n_pool + n > memory->pool_capacity) {
        memory->pool_capacity = memory->pool_capacity ? memory->pool_capacity * 2 : 256;
        memory->pool = must_realloc(memory->pool, memory->pool_capacity, sizeof *memory->pool);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct spot spot = memory->pool[memory->n_pool++] = spots->at[i];
        uint64_t cost =
            memory->grammar->nodes[spot.node].cost + memory->stacks.frames[spot.stack].cost;
        state.cost = cost < state.cost ? (uint32_t)cost : state.cost;
    }
    size_t n_class = (size_t)memory->grammar->n_class;
    memory->state_slots[slot] = memory->n_state;
    memory->states[memory->n_state] = state;
    memset(memory->steps + memory->n_state * n_class, 0, n_class * sizeof *memory->steps);
    memory->kept += sizeof state + n_class * sizeof(uint32_t) + n * sizeof(struct spot);
    uint32_t made = memory->n_state++;
    room_for_state(memory);
    return made;
}

static uint32_t learn_step(struct memory *memory, uint32_t from, uint8_t byte) {
    const struct state *state = &memory->states[from];
    struct spots now = {.at = memory->pool + state->from, .n = state->n};
    spots_step(memory->grammar, &memory->stacks, &memory->closing, &now, byte, &memory->scratch);
    memory->effort += state->n + memory->closing.n_seen;
    uint32_t to = state_of(memory, &memory->scratch);
    size_t n_class = (size_t)memory->grammar->n_class;
    memory->steps[from * n_class + memory->grammar->class_of[byte]] = to + 1;
    return to;
}

static uint32_t step(struct memory *memory, uint32_t from, uint8_t byte) {
    size_t n_class = (size_t)memory->grammar->n_class;
    uint32_t known = memory->steps[from * n_class + memory->grammar->class_of[byte]];
    return known ? known - 1 : learn_step(memory, from, byte);
}

/* -------------------------------------------------------------------------------------- walks */

struct walk {
    uint64_t *bits;
    uint64_t limit; /* tokens after which the cost is more are left out */
    uint64_t most;  /* the highest cost after a token that was not */
    int64_t work;   /* trie nodes that may still be seen */
    struct places escapes;
};

static void add_place(struct places *places, uint32_t place) {
    if (places->n == places->capacity) {
        places->capacity = places->capacity ? places->capacity * 2 : 16;
        places->at = must_realloc(places->at, places->capacity, sizeof *places->at);
    }
    places->at[places->n++] = place;
}

static void add_token(const struct spelling *spelling, int32_t token, uint64_t cost,
                      struct walk *walk) {
    if (token < 0 || cost > walk->limit)
        return;
    walk->most = cost > walk->most ? cost : walk->most;
    for (; token >= 0; token = spelling->same[token])
        walk->bits[token / 64] |= (uint64_t)1 << token % 64;
}

/* Marks the tokens below a place of the trie that the state allows; `base` is the cost of what
 * lies below the state's rule. */
static void walk_from(struct memory *memory, uint32_t state, uint32_t place, uint64_t base,
                      struct walk *walk) {
    const struct spelling *spelling = memory->spelling;
    const struct spelling_node *nodes = spelling->nodes;
    uint32_t on_the_way[TOKEN_BYTES + 1], end = nodes[place].skip;
    uint32_t depth = nodes[place].depth;
    on_the_way[0] = state;
    for (uint32_t i = place + 1; i < end;) {
        const struct spelling_node *node = &nodes[i];
        uint32_t to = step(memory, on_the_way[node->depth - depth - 1], node->byte);
        if (walk->work-- < 0 || memory->effort > MOST_EFFORT)
            return;
        if (to == 0) {
            i = node->skip;
            continue;
        }
        const struct state *there = &memory->states[to];
        if (there->escapes)
            add_place(&walk->escapes, i);
        if (there->n == 0) {
            i = node->skip;
            continue;
        }
        add_token(spelling, node->token, base + there->cost, walk);
        on_the_way[node->depth - depth] = to;
        i++;
    }
}

static uint32_t entry_slot(const struct memory *memory, struct spot spot) {
    uint32_t slot = (uint32_t)hash_of(&spot, 1, false) & memory->entry_mask;
    while (memory->entry_slots[slot]) {
        struct spot there = memory->entries[memory->entry_slots[slot] - 1].spot;
        if (there.node == spot.node && there.stack == spot.stack)
            break;
        slot = (slot + 1) & memory->entry_mask;
    }
    return slot;
}

static uint32_t only(struct memory *memory, struct spot spot) {
    memory->scratch.n = 0;
    memory->scratch.too_many = false;
    spots_add(&memory->scratch, spot);
    return state_of(memory, &memory->scratch);
}

/* What a spot of the memory's own stacks allows from the trie's root. */
static const struct entry *entry_of(struct memory *memory, struct spot spot, struct walk *whole) {
    uint32_t slot = entry_slot(memory, spot);
    if (memory->entry_slots[slot])
        return &memory->entries[memory->entry_slots[slot] - 1];
    struct entry entry = {.spot = spot, .bits = must_alloc(memory->n_word, sizeof(uint64_t))};
    struct walk walk = {.bits = entry.bits, .limit = UINT64_MAX, .work = whole->work};
    walk_from(memory, only(memory, spot), 0, 0, &walk);
    whole->work = walk.work;
    entry.escapes = walk.escapes;
    entry.most = walk.most;
    if (memory->n_entry == memory->entry_capacity) {
        memory->entry_capacity = memory->entry_capacity ? memory->entry_capacity * 2 : 32;
        memory->entries = must_realloc(memory->entries, memory->entry_capacity, sizeof entry);
    }
    memory->entries[memory->n_entry++] = entry;
    memory->entry_slots[slot] = memory->n_entry;
    memory->kept += memory->n_word * 8 + entry.escapes.capacity * sizeof(uint32_t);
    if (memory->n_entry * 2 > memory->entry_mask) {
        memory->entry_mask = memory->entry_mask * 2 + 1;
        free(memory->entry_slots);
        memory->entry_slots = must_alloc((size_t)memory->entry_mask + 1, sizeof(uint32_t));
        for (uint32_t i = 0; i < memory->n_entry; i++)
            memory->entry_slots[entry_slot(memory, memory->entries[i].spot)] = i + 1;
    }
    return &memory->entries[memory->n_entry - 1];
}

/* -------------------------------------------------------------------------------- generations */

struct following { /* one generation's place */
    const struct grammar *grammar;
    const struct spelling *spelling;
    struct memory *memory;
    struct stacks stacks;
    struct closing closing;
    struct spots spots, next;
    struct spots popped[TOKEN_BYTES + 1]; /* scratch, one a depth of the trie */
    uint64_t *bits;                       /* scratch */
    bool may_end, stuck, too_many;
    int64_t left; /* tokens, or −1: any number */
};

static uint64_t cost_at(const struct following *f, struct spot spot) {
    uint64_t above = spot.node == ENDED ? 0 : f->grammar->nodes[spot.node].cost;
    return above + f->stacks.frames[spot.stack].cost;
}

static uint64_t cost_now(const struct following *f, const struct spots *spots) {
    uint64_t cost = UINT64_MAX;
    for (uint32_t i = 0; i < spots->n; i++) {
        uint64_t one = cost_at(f, spots->at[i]);
        cost = one < cost ? one : cost;
    }
    return cost;
}

/* The spot with only the loops of its own rule, on the memory's stacks; *below: what is left. */
static struct spot own_part(struct following *f, struct spot spot, uint32_t *below) {
    uint32_t loops[MOST_DEPTH + 1], n = 0, at = spot.stack;
    for (; at && f->stacks.frames[at].is_loop; at = f->stacks.frames[at].parent)
        loops[n++] = at;
    *below = at;
    spot.stack = 0;
    while (n > 0) {
        const struct frame *frame = &f->stacks.frames[loops[--n]];
        uint32_t least = frame->least < HORIZON ? frame->least : HORIZON;
        uint32_t most = frame->most < HORIZON || frame->most == NO_MOST ? frame->most : HORIZON;
        spot.stack = stacks_push(&f->memory->stacks, f->grammar, spot.stack, frame->node, true,
                                 least, most);
    }
    return spot;
}

static void allow(struct following *f, struct spot spot, uint32_t place, struct walk *walk);

/* Whether a spot reads one of the bytes that follow a place of the trie. */
static bool meets(const struct following *f, struct spot spot, uint32_t place) {
    const struct spelling_node *nodes = f->spelling->nodes;
    const struct node *node = &f->grammar->nodes[spot.node];
    for (uint32_t child = place + 1; child < nodes[place].skip; child = nodes[child].skip)
        for (uint32_t i = 0; i < node->n; i++) {
            const struct edge *edge = &f->grammar->edges[node->from + i];
            if (nodes[child].byte >= edge->low && nodes[child].byte <= edge->high)
                return true;
        }
    return false;
}

/* Goes on after a rule that ended at these places of the trie. */
static void allow_after(struct following *f, uint32_t below, const struct places *escapes,
                        struct walk *walk) {
    const struct spelling_node *nodes = f->spelling->nodes;
    if (escapes->n == 0)
        return;
    struct spots *popped = &f->popped[nodes[escapes->at[0]].depth];
    struct frame frame = f->stacks.frames[below];
    popped->n = 0;
    popped->too_many = false;
    if (below == 0) {
        spots_add(popped, (struct spot){ENDED, 0});
    } else {
        closing_begin(&f->closing);
        spots_reach(f->grammar, &f->stacks, &f->closing, frame.node, frame.parent, popped);
    }
    if (popped->n == 0 || popped->too_many)
        return;
    uint64_t cost = cost_now(f, popped);
    for (uint32_t i = 0; i < escapes->n; i++) {
        uint32_t place = escapes->at[i];
        add_token(f->spelling, nodes[place].token, cost, walk);
        for (uint32_t j = 0; j < popped->n; j++)
            if (popped->at[j].node != ENDED && meets(f, popped->at[j], place))
                allow(f, popped->at[j], place, walk);
    }
}

/* Marks the tokens below a place of the trie that a spot allows. */
static void allow(struct following *f, struct spot spot, uint32_t place, struct walk *walk) {
    struct memory *memory = f->memory;
    uint32_t below;
    if (walk->work < 0 || memory->effort > MOST_EFFORT)
        return;
    walk->work -= ALLOW_WORK;
    struct spot own = own_part(f, spot, &below);
    uint64_t base = f->stacks.frames[spot.stack].cost - memory->stacks.frames[own.stack].cost;
    if (place == 0) {
        struct entry entry = *entry_of(memory, own, walk);
        /* Within the bound whatever the token: only what follows the rule is to be walked. */
        if (entry.most == 0 || base + entry.most <= walk->limit) {
            for (size_t i = 0; i < memory->n_word; i++)
                walk->bits[i] |= entry.bits[i];
            if (entry.most && base + entry.most > walk->most)
                walk->most = base + entry.most;
            allow_after(f, below, &entry.escapes, walk);
            return;
        }
    }
    struct places before = walk->escapes;
    walk->escapes = (struct places){0};
    walk_from(memory, only(memory, own), place, base, walk);
    struct places escapes = walk->escapes;
    walk->escapes = before;
    allow_after(f, below, &escapes, walk);
    free(escapes.at);
}

static bool find_mask(struct following *f, uint64_t *bits, uint64_t limit, uint64_t *most) {
    struct walk walk = {.bits = bits, .limit = limit, .work = MOST_WORK};
    memset(bits, 0, f->memory->n_word * sizeof *bits);
    f->memory->effort = 0;
    for (uint32_t i = 0; i < f->spots.n; i++)
        if (f->spots.at[i].node != ENDED)
            allow(f, f->spots.at[i], 0, &walk);
    *most = walk.most;
    bool whole = walk.work >= 0 && f->memory->effort <= MOST_EFFORT;
    if (!whole)
        f->memory->kept = (size_t)KEPT_BYTES + 1; /* what was learnt may lack something */
    return whole;
}

static void key_of(const struct following *f, uint64_t key[2]) {
    key[0] = key[1] = f->spots.n;
    for (uint32_t i = 0; i < f->spots.n; i++) {
        uint64_t pair[2] = {f->spots.at[i].node, f->stacks.frames[f->spots.at[i].stack].hash};
        struct view bytes = {(const char *)pair, sizeof pair};
        key[0] += hash64(bytes, 1);
        key[1] += hash64(bytes, 2);
    }
}

static struct final *final_slot(const struct memory *memory, const uint64_t key[2]) {
    uint32_t slot = (uint32_t)key[0] & memory->final_mask;
    while (memory->finals[slot].bits &&
           (memory->finals[slot].key[0] != key[0] || memory->finals[slot].key[1] != key[1]))
        slot = (slot + 1) & memory->final_mask;
    return &memory->finals[slot];
}

static void room_for_final(struct memory *memory) {
    if (memory->n_final * 2 < memory->final_mask)
        return;
    struct final *old = memory->finals;
    uint32_t n = memory->final_mask + 1;
    memory->final_mask = n * 2 - 1;
    memory->finals = must_alloc((size_t)n * 2, sizeof *old);
    for (uint32_t i = 0; i < n; i++)
        if (old[i].bits)
            *final_slot(memory, old[i].key) = old[i];
    free(old);
}

static bool any_bit(const uint64_t *bits, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bits[i])
            return true;
    return false;
}

/* The mask of where one stands, remembered; `limit` is what the cost may be after a token. */
static const struct final *mask_within(struct following *f, uint64_t limit, uint64_t now,
                                       struct final *scratch) {
    struct memory *memory = f->memory;
    uint64_t key[2], most;
    key_of(f, key);
    if (limit != UINT64_MAX) { /* how much the cost may rise tells one bound from another */
        key[0] += hash64((struct view){(const char *)&(int64_t){(int64_t)(limit - now)}, 8}, 3);
        key[1] += hash64((struct view){(const char *)&(int64_t){(int64_t)(limit - now)}, 8}, 4);
    }
    room_for_final(memory);
    struct final *final = final_slot(memory, key);
    if (final->bits)
        return final;
    bool whole = find_mask(f, f->bits, limit, &most);
    *scratch = (struct final){.key = {key[0], key[1]},
                              .bits = f->bits,
                              .rise = (int64_t)most - (int64_t)now,
                              .any = any_bit(f->bits, memory->n_word)};
    f->too_many |= !whole && !scratch->any && !f->may_end;
    if (!whole)
        return scratch;
    *final = *scratch;
    final->bits = must_alloc(memory->n_word, sizeof(uint64_t));
    memcpy(final->bits, f->bits, memory->n_word * sizeof(uint64_t));
    memory->kept += memory->n_word * sizeof(uint64_t);
    memory->n_final++;
    return final;
}

static void mask(void *data, float *logits, int n_vocabulary) {
    struct following *f = data;
    struct memory *memory = f->memory;
    const struct final *final = NULL;
    struct final scratch;
    pthread_mutex_lock(&memory->lock);
    if (memory->kept > KEPT_BYTES) {
        forget(memory);
        begin_again(memory);
    }
    if (f->spots.n) {
        uint64_t now = cost_now(f, &f->spots);
        final = mask_within(f, UINT64_MAX, now, &scratch);
        if (f->left >= 0 && final->any && (int64_t)now + final->rise + 2 > f->left)
            final = f->left < 2 ? NULL : mask_within(f, (uint64_t)f->left - 2, now, &scratch);
    }
    f->stuck = !(final && final->any) && !f->may_end;
    spelling_apply(f->spelling, final ? final->bits : NULL, f->may_end, logits, n_vocabulary);
    pthread_mutex_unlock(&memory->lock);
}

/* ------------------------------------------------------------------------------------ accept */

static void arrive(struct following *f) {
    f->may_end = false;
    for (uint32_t i = 0; i < f->spots.n; i++)
        f->may_end |= f->spots.at[i].node == ENDED;
}

/* Lets go of frames that no spot stands on any more. */
static void tidy(struct following *f) {
    struct stacks fresh;
    stacks_open(&fresh);
    for (uint32_t i = 0; i < f->spots.n; i++) {
        uint32_t chain[2 * MOST_DEPTH + 2], n = 0, at = f->spots.at[i].stack;
        for (; at; at = f->stacks.frames[at].parent)
            chain[n++] = at;
        while (n > 0) {
            const struct frame *frame = &f->stacks.frames[chain[--n]];
            at = stacks_push(&fresh, f->grammar, at, frame->node, frame->is_loop, frame->least,
                             frame->most);
        }
        f->spots.at[i].stack = at;
    }
    stacks_close(&f->stacks);
    f->stacks = fresh;
}

static void accept(void *data, int32_t token) {
    struct following *f = data;
    struct view bytes = spelling_of(f->spelling, token);
    f->left -= f->left > 0;
    for (size_t i = 0; i < bytes.n; i++) {
        spots_step(f->grammar, &f->stacks, &f->closing, &f->spots, (uint8_t)bytes.at[i], &f->next);
        struct spots swap = f->spots;
        f->spots = f->next;
        f->next = swap;
        if (f->spots.too_many) {
            f->too_many = true;
            f->spots.n = 0;
        }
    }
    bool ended = false;
    for (int i = 0; bytes.n == 0 && i < f->spelling->n_end; i++)
        ended |= f->spelling->ends[i] == token;
    if (bytes.n == 0 && (!ended || !f->may_end))
        f->spots.n = 0;
    if (f->stacks.n > KEPT_FRAMES)
        tidy(f);
    arrive(f);
}

static bool sound(void *data, struct fault *fault) {
    struct following *f = data;
    if (f->too_many) {
        fault_set(fault, FAULT_LIMIT, "the grammar can be read in over %d ways here", MOST_SPOTS);
        return fault_remedy(fault, "Write it so that fewer rules fit the same text");
    }
    if (f->spots.n == 0)
        return fault_set(fault, FAULT_INPUT, "the text is none of the grammar's");
    if (f->stuck)
        return fault_set(fault, FAULT_INPUT,
                         "no token of the model can go on as the grammar wants, in time");
    return true;
}

static void close_following(void *data) {
    struct following *f = data;
    stacks_close(&f->stacks);
    closing_free(&f->closing);
    free(f->spots.at);
    free(f->next.at);
    for (size_t i = 0; i < COUNT_OF(f->popped); i++)
        free(f->popped[i].at);
    free(f->bits);
    free(f);
}

bool grammar_constrain(const struct grammar *grammar, const struct vocabulary *vocabulary,
                       int max_tokens, struct constraint *out, struct fault *fault) {
    struct following *f = must_alloc(1, sizeof *f);
    f->grammar = grammar;
    f->spelling = vocabulary_spelling(vocabulary);
    f->memory = memory_of(grammar, f->spelling);
    f->left = max_tokens > 0 ? max_tokens : -1;
    stacks_open(&f->stacks);
    closing_begin(&f->closing);
    spots_reach(grammar, &f->stacks, &f->closing, grammar->rules[0].entry, 0, &f->spots);
    f->too_many = f->spots.too_many;
    f->bits = must_alloc(f->memory->n_word, sizeof *f->bits);
    arrive(f);
    uint64_t cost = cost_now(f, &f->spots);
    *out = (struct constraint){f, mask, accept, sound, close_following};
    if (!f->too_many && max_tokens > 0 && cost + 1 > (uint64_t)max_tokens) {
        fault_set(fault, FAULT_LIMIT,
                  "the shortest text of the grammar may need %llu tokens, there are %d",
                  (unsigned long long)cost + 1, max_tokens);
        fault_remedy(fault, "Allow more tokens");
        constraint_close(out);
        return false;
    }
    return true;
}
