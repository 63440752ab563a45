/* The automaton of a grammar's spots and the entries of masks, learnt as they are needed. */
#include "model/grammar_learn.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_STATES = 250000 /* in one walk: then the rest is forbidden */ };

struct learnt {
    pthread_mutex_t lock;
    struct memory *first;
};

struct learnt *learnt_new(void) {
    struct learnt *made = try_alloc(1, sizeof *made, NULL);
    if (made)
        pthread_mutex_init(&made->lock, NULL);
    return made;
}

/* ------------------------------------------------------------------------------------ memory */

static void forget(struct memory *memory) {
    for (uint32_t i = 0; i < memory->n_entry; i++) {
        free(memory->entries[i].bits);
        free(memory->entries[i].escapes.at);
    }
    for (uint32_t i = 0; memory->finals && i <= memory->final_mask; i++)
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

bool memory_begin(struct memory *memory) {
    forget(memory);
    memory->state_capacity = 64;
    memory->states = try_alloc(memory->state_capacity, sizeof *memory->states, NULL);
    memory->steps = try_alloc((size_t)memory->state_capacity * (size_t)memory->grammar->n_class,
                              sizeof *memory->steps, NULL);
    memory->n_state = 1;
    memory->pool = NULL;
    memory->n_pool = memory->pool_capacity = 0;
    memory->state_mask = memory->entry_mask = memory->final_mask = 63;
    memory->state_slots = try_alloc(64, sizeof *memory->state_slots, NULL);
    memory->entry_slots = try_alloc(64, sizeof *memory->entry_slots, NULL);
    memory->finals = try_alloc(64, sizeof *memory->finals, NULL);
    memory->entries = NULL;
    memory->n_entry = memory->entry_capacity = memory->n_final = 0;
    bool good = stacks_open(&memory->stacks) && memory->states && memory->steps &&
                memory->state_slots && memory->entry_slots && memory->finals;
    memory->kept = good ? 0 : (size_t)KEPT_BYTES + 1; /* the next mask tries again */
    return good;
}

static struct memory *memory_new(const struct grammar *grammar, const struct spelling *spelling) {
    struct memory *made = try_alloc(1, sizeof *made, NULL);
    if (!made)
        return NULL;
    *made = (struct memory){.grammar = grammar,
                            .spelling = spelling,
                            .serial = spelling->serial,
                            .n_word = ((size_t)spelling->n_token + 63) / 64};
    if (!memory_begin(made)) {
        forget(made);
        free(made);
        return NULL;
    }
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

struct memory *memory_of(const struct grammar *grammar, const struct spelling *spelling) {
    struct learnt *learnt = grammar->learnt;
    pthread_mutex_lock(&learnt->lock);
    struct memory *memory = learnt->first;
    while (memory && memory->serial != spelling->serial)
        memory = memory->next;
    if (!memory && (memory = memory_new(grammar, spelling)) != NULL) {
        memory->next = learnt->first;
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

static bool room_for_state(struct memory *memory) {
    size_t n_class = (size_t)memory->grammar->n_class;
    if (memory->n_state == memory->state_capacity) {
        uint32_t capacity = memory->state_capacity * 2;
        uint32_t *steps = try_realloc(memory->steps, capacity * n_class, sizeof *steps, NULL);
        memory->steps = steps ? steps : memory->steps;
        if (!steps || !TRY_ROOM(memory->states, memory->state_capacity, capacity))
            return false;
    }
    if (memory->n_state * 2 < memory->state_mask)
        return true;
    uint32_t mask = memory->state_mask * 2 + 1;
    uint32_t *slots = try_alloc((size_t)mask + 1, sizeof *slots, NULL);
    if (!slots)
        return false;
    for (uint32_t i = 1; i < memory->n_state; i++) {
        const struct state *state = &memory->states[i];
        uint32_t slot = (uint32_t)hash_of(memory->pool + state->from, state->n, state->escapes);
        for (slot &= mask; slots[slot];)
            slot = (slot + 1) & mask;
        slots[slot] = i;
    }
    free(memory->state_slots);
    memory->state_slots = slots;
    memory->state_mask = mask;
    return true;
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
    bool room = room_for_state(memory) &&
                TRY_ROOM(memory->pool, memory->pool_capacity, memory->n_pool + n);
    if (n > 1)
        qsort(spots->at, n, sizeof *spots->at, by_spot);
    uint32_t slot = (uint32_t)hash_of(spots->at, n, escapes) & memory->state_mask;
    for (uint32_t i; (i = memory->state_slots[slot]); slot = (slot + 1) & memory->state_mask) {
        const struct state *state = &memory->states[i];
        if (state->n == n && state->escapes == escapes &&
            (n == 0 || !memcmp(memory->pool + state->from, spots->at, n * sizeof *spots->at)))
            return i;
    }
    if (!memory_granted(room) || memory->n_state >= MOST_STATES ||
        memory->kept > 3 * (size_t)KEPT_BYTES) {
        memory->effort = MOST_EFFORT + 1;
        return 0;
    }
    struct state state = {.from = memory->n_pool, .n = n, .escapes = escapes, .cost = COST_NEVER};
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
    return memory->n_state++;
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

static void add_place(struct places *places, uint32_t place) {
    if (memory_granted(TRY_ROOM(places->at, places->capacity, places->n + 1)))
        places->at[places->n++] = place;
}

void walk_token(const struct spelling *spelling, int32_t token, uint64_t cost, struct walk *walk) {
    if (token < 0 || cost > walk->limit)
        return;
    walk->most = cost > walk->most ? cost : walk->most;
    for (; token >= 0; token = spelling->same[token])
        walk->bits[token / 64] |= (uint64_t)1 << token % 64;
}

void walk_from(struct memory *memory, uint32_t state, uint32_t place, uint64_t base,
               struct walk *walk) {
    const struct spelling *spelling = memory->spelling;
    const struct spelling_node *nodes = spelling->nodes;
    uint32_t on_the_way[TOKEN_BYTES + 1], end = nodes[place].skip;
    uint32_t depth = nodes[place].depth;
    if (state == 0)
        return;
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
        walk_token(spelling, node->token, base + there->cost, walk);
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

uint32_t state_of_spot(struct memory *memory, struct spot spot) {
    memory->scratch.n = 0;
    memory->scratch.too_many = false;
    spots_add(&memory->scratch, spot);
    return state_of(memory, &memory->scratch);
}

static bool room_for_entry(struct memory *memory) {
    if (!TRY_ROOM(memory->entries, memory->entry_capacity, memory->n_entry + 1))
        return false;
    if (memory->n_entry * 2 < memory->entry_mask)
        return true;
    uint32_t *slots = try_alloc(((size_t)memory->entry_mask + 1) * 2, sizeof *slots, NULL);
    if (!slots)
        return false;
    free(memory->entry_slots);
    memory->entry_slots = slots;
    memory->entry_mask = memory->entry_mask * 2 + 1;
    for (uint32_t i = 0; i < memory->n_entry; i++)
        slots[entry_slot(memory, memory->entries[i].spot)] = i + 1;
    return true;
}

const struct entry *entry_of(struct memory *memory, struct spot spot, struct walk *whole) {
    uint32_t slot = entry_slot(memory, spot);
    if (memory->entry_slots[slot])
        return &memory->entries[memory->entry_slots[slot] - 1];
    struct entry entry = {.spot = spot};
    if (!memory_granted(room_for_entry(memory) &&
                        (entry.bits = try_alloc(memory->n_word, sizeof(uint64_t), NULL))))
        return NULL;
    struct walk walk = {.bits = entry.bits, .limit = UINT64_MAX, .work = whole->work};
    walk_from(memory, state_of_spot(memory, spot), 0, 0, &walk);
    whole->work = walk.work;
    entry.escapes = walk.escapes;
    entry.most = walk.most;
    memory->entries[memory->n_entry++] = entry;
    memory->entry_slots[entry_slot(memory, spot)] = memory->n_entry;
    memory->kept += memory->n_word * 8 + entry.escapes.capacity * sizeof(uint32_t);
    return &memory->entries[memory->n_entry - 1];
}
