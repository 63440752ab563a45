/* Where one stands in a text: spots, and what a byte makes of them. */
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- stacks */

static uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product =
        (unsigned __int128)(a ^ 0x9E3779B97F4A7C15U) * (b ^ 0xD6E8FEB86659FD93U);
    uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
    return folded ^ a << 17 ^ b;
}

bool stacks_open(struct stacks *stacks) {
    *stacks = (struct stacks){.slot_mask = 255, .capacity = 128, .n = 1}; /* 1: the bottom */
    stacks->slots = try_alloc(stacks->slot_mask + 1, sizeof *stacks->slots, NULL);
    stacks->frames = try_alloc(stacks->capacity, sizeof *stacks->frames, NULL);
    if (stacks->slots && stacks->frames)
        return true;
    stacks_close(stacks);
    return false;
}

void stacks_close(struct stacks *stacks) {
    free(stacks->frames);
    free(stacks->slots);
    *stacks = (struct stacks){0};
}

void stacks_clear(struct stacks *stacks) {
    stacks->n = 1;
    memset(stacks->slots, 0, (stacks->slot_mask + 1) * sizeof *stacks->slots);
}

static uint32_t slot_of(const struct stacks *stacks, const struct frame *frame) {
    uint64_t hash =
        mix(mix(frame->node, frame->parent), (uint64_t)frame->least << 32 | frame->most);
    return (uint32_t)(hash ^ hash >> 32) & stacks->slot_mask;
}

static void put(struct stacks *stacks, uint32_t index) {
    uint32_t slot = slot_of(stacks, &stacks->frames[index]);
    while (stacks->slots[slot])
        slot = (slot + 1) & stacks->slot_mask;
    stacks->slots[slot] = index + 1;
}

static bool stacks_grow(struct stacks *stacks) {
    if (!TRY_ROOM(stacks->frames, stacks->capacity, stacks->n + 1))
        return false;
    if (stacks->n * 2 <= stacks->slot_mask)
        return true;
    uint32_t *slots = try_alloc(((size_t)stacks->slot_mask + 1) * 2, sizeof *slots, NULL);
    if (!slots)
        return false;
    free(stacks->slots);
    stacks->slots = slots;
    stacks->slot_mask = stacks->slot_mask * 2 + 1;
    for (uint32_t i = 1; i < stacks->n; i++)
        put(stacks, i);
    return true;
}

static uint32_t seen_from_here(uint32_t count) {
    return count == NO_MOST || count < HORIZON ? count : HORIZON;
}

uint32_t stacks_push(struct stacks *stacks, const struct grammar *grammar, uint32_t parent,
                     uint32_t node, bool is_loop, uint32_t least, uint32_t most) {
    struct frame frame = {
        .node = node, .parent = parent, .least = least, .most = most, .is_loop = is_loop};
    uint32_t slot = slot_of(stacks, &frame);
    for (; stacks->slots[slot]; slot = (slot + 1) & stacks->slot_mask) {
        const struct frame *there = &stacks->frames[stacks->slots[slot] - 1];
        if (there->node == node && there->parent == parent && there->least == least &&
            there->most == most)
            return stacks->slots[slot] - 1;
    }
    const struct frame *below = &stacks->frames[parent];
    const struct node *at = &grammar->nodes[node];
    frame.depth = below->depth + 1;
    frame.hash = mix(mix(below->hash, node + 1),
                     (uint64_t)seen_from_here(least) << 32 | (seen_from_here(most) & UINT32_MAX));
    uint64_t own =
        is_loop ? (uint64_t)least * grammar->nodes[at->body].cost + grammar->nodes[at->next].cost
                : at->cost;
    frame.cost = below->cost + own;
    if (!memory_granted(stacks_grow(stacks)))
        return 0;
    stacks->frames[stacks->n] = frame;
    put(stacks, stacks->n);
    return stacks->n++;
}

/* -------------------------------------------------------------------------------------- spots */

void spots_add(struct spots *spots, struct spot spot) {
    if (spots->n >= MOST_SPOTS) {
        spots->too_many = true;
        return;
    }
    if (memory_granted(TRY_ROOM(spots->at, spots->capacity, spots->n + 1)))
        spots->at[spots->n++] = spot;
}

void closing_free(struct closing *closing) {
    free(closing->todo);
    free(closing->slots);
    free(closing->seen);
    *closing = (struct closing){0};
}

void closing_begin(struct closing *closing) {
    if (!closing->slots) {
        closing->slot_mask = 63;
        closing->slots = try_alloc(closing->slot_mask + 1, sizeof *closing->slots, NULL);
    }
    if (!memory_granted(closing->slots != NULL))
        return;
    if (closing->n_seen)
        memset(closing->slots, 0, ((size_t)closing->slot_mask + 1) * sizeof *closing->slots);
    closing->n_seen = 0;
}

static uint32_t seen_slot(const struct closing *closing, struct spot spot) {
    uint64_t hash = mix(spot.node, spot.stack);
    uint32_t slot = (uint32_t)(hash ^ hash >> 32) & closing->slot_mask;
    while (closing->slots[slot]) {
        struct spot there = closing->seen[closing->slots[slot] - 1];
        if (there.node == spot.node && there.stack == spot.stack)
            break;
        slot = (slot + 1) & closing->slot_mask;
    }
    return slot;
}

static bool room_to_see(struct closing *closing) {
    if (!closing->slots || !TRY_ROOM(closing->seen, closing->seen_capacity, closing->n_seen + 1))
        return false;
    if (closing->n_seen * 2 < closing->slot_mask)
        return true;
    uint32_t *slots = try_alloc(((size_t)closing->slot_mask + 1) * 2, sizeof *slots, NULL);
    if (!slots)
        return false;
    free(closing->slots);
    closing->slots = slots;
    closing->slot_mask = closing->slot_mask * 2 + 1;
    for (uint32_t i = 0; i < closing->n_seen; i++)
        slots[seen_slot(closing, closing->seen[i])] = i + 1;
    return true;
}

/* False when this spot has been here before. */
static bool see(struct closing *closing, struct spot spot) {
    if (!memory_granted(room_to_see(closing)))
        return false;
    uint32_t slot = seen_slot(closing, spot);
    if (closing->slots[slot])
        return false;
    closing->seen[closing->n_seen++] = spot;
    closing->slots[slot] = closing->n_seen;
    return true;
}

static void later(struct closing *closing, uint32_t node, uint32_t stack) {
    if (memory_granted(TRY_ROOM(closing->todo, closing->capacity, closing->n + 1)))
        closing->todo[closing->n++] = (struct spot){node, stack};
}

/* One step that reads nothing, or a spot where a byte is read. */
static void follow(const struct grammar *grammar, struct stacks *stacks, struct closing *closing,
                   struct spot spot, struct spots *out) {
    const struct node *node = &grammar->nodes[spot.node];
    struct frame frame = stacks->frames[spot.stack];
    switch ((enum node_kind)node->kind) {
    case NODE_BYTES:
        spots_add(out, spot);
        return;
    case NODE_SPLIT:
        for (uint32_t i = node->n; i-- > 0;)
            later(closing, grammar->targets[node->from + i], spot.stack);
        return;
    case NODE_CALL:
        if (grammar->nodes[node->next].kind != NODE_RETURN) {
            if (frame.depth >= MOST_DEPTH)
                return;
            spot.stack = stacks_push(stacks, grammar, spot.stack, node->next, false, 0, 0);
        }
        later(closing, grammar->rules[node->body].entry, spot.stack);
        return;
    case NODE_LOOP: {
        const struct node *again = &grammar->nodes[node->next];
        if (frame.depth >= MOST_DEPTH)
            return;
        later(
            closing, node->next,
            stacks_push(stacks, grammar, spot.stack, node->next, true, again->least, again->most));
        return;
    }
    case NODE_AGAIN:
        if (frame.least == 0)
            later(closing, node->next, frame.parent);
        if (frame.most > 0)
            later(closing, node->body,
                  stacks_push(stacks, grammar, frame.parent, spot.node, true,
                              frame.least - (frame.least > 0),
                              frame.most - (frame.most != NO_MOST)));
        return;
    case NODE_RETURN:
        if (spot.stack == 0)
            spots_add(out, (struct spot){ENDED, 0});
        else
            later(closing, frame.node, frame.parent);
        return;
    }
}

void spots_reach(const struct grammar *grammar, struct stacks *stacks, struct closing *closing,
                 uint32_t node, uint32_t stack, struct spots *out) {
    later(closing, node, stack);
    while (closing->n) {
        struct spot spot = closing->todo[--closing->n];
        if (closing->n_seen > 16 * MOST_SPOTS) {
            out->too_many = true;
            closing->n = 0;
        } else if (grammar->nodes[spot.node].cost < COST_NEVER && see(closing, spot)) {
            follow(grammar, stacks, closing, spot, out);
        }
    }
}

void spots_step(const struct grammar *grammar, struct stacks *stacks, struct closing *closing,
                const struct spots *spots, uint8_t byte, struct spots *out) {
    closing_begin(closing);
    out->n = 0;
    out->too_many = false;
    for (uint32_t i = 0; i < spots->n; i++) {
        if (spots->at[i].node == ENDED)
            continue;
        const struct node *node = &grammar->nodes[spots->at[i].node];
        const struct edge *edges = grammar->edges + node->from;
        for (uint32_t j = 0; j < node->n; j++)
            if (byte >= edges[j].low && byte <= edges[j].high)
                spots_reach(grammar, stacks, closing, edges[j].target, spots->at[i].stack, out);
    }
}

bool grammar_accepts(const struct grammar *grammar, struct view text) {
    struct stacks stacks;
    struct closing closing = {0};
    struct spots now = {0}, next = {0};
    if (!memory_granted(stacks_open(&stacks)))
        return false;
    closing_begin(&closing);
    spots_reach(grammar, &stacks, &closing, grammar->rules[0].entry, 0, &now);
    for (size_t i = 0; i < text.n && now.n; i++) {
        spots_step(grammar, &stacks, &closing, &now, (uint8_t)text.at[i], &next);
        struct spots swap = now;
        now = next;
        next = swap;
    }
    bool ended = false;
    for (uint32_t i = 0; i < now.n; i++)
        ended |= now.at[i].node == ENDED;
    stacks_close(&stacks);
    closing_free(&closing);
    free(now.at);
    free(next.at);
    return ended;
}
