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
#include "model/grammar_learn.h"

#include <stdlib.h>
#include <string.h>

enum {
    ALLOW_WORK = 200,     /* what one spot costs beside */
    MOST_WORK = 16 << 20, /* trie nodes seen for one mask */
    SPOT_WORK = 16,       /* what a spot that is reached costs beside a trie node */
    KEPT_FRAMES = 1 << 15,
    /* A generation under a grammar that is always dear is given up: so much work at once, and so
     * much more a token. */
    MOST_CREDIT = 2 * MOST_WORK,
    TOKEN_CREDIT = MOST_WORK / 32
};

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
    bool may_end, stuck, too_many, no_memory;
    int64_t left;   /* tokens, or −1: any number */
    int64_t credit; /* work that may still be done */
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
static bool meets(const struct following *f, struct spot spot, uint32_t place, struct walk *walk) {
    const struct spelling_node *nodes = f->spelling->nodes;
    const struct node *node = &f->grammar->nodes[spot.node];
    for (uint32_t child = place + 1; child < nodes[place].skip; child = nodes[child].skip)
        for (uint32_t i = 0; i < node->n; i++) {
            walk->work--;
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
        walk->work -= (int64_t)f->closing.n_seen * SPOT_WORK;
    }
    if (popped->n == 0 || popped->too_many)
        return;
    uint64_t cost = cost_now(f, popped);
    for (uint32_t i = 0; i < escapes->n; i++) {
        uint32_t place = escapes->at[i];
        walk_token(f->spelling, nodes[place].token, cost, walk);
        for (uint32_t j = 0; j < popped->n; j++)
            if (walk->work >= 0 && popped->at[j].node != ENDED &&
                meets(f, popped->at[j], place, walk))
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
        const struct entry *found = entry_of(memory, own, walk);
        if (!found)
            return;
        struct entry entry = *found; /* more of them may move it */
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
    walk_from(memory, state_of_spot(memory, own), place, base, walk);
    struct places escapes = walk->escapes;
    walk->escapes = before;
    allow_after(f, below, &escapes, walk);
    free(escapes.at);
}

static bool find_mask(struct following *f, uint64_t *bits, uint64_t limit, uint64_t *most) {
    int64_t work = f->credit < MOST_WORK ? f->credit : MOST_WORK;
    struct walk walk = {.bits = bits, .limit = limit, .work = work};
    memset(bits, 0, f->memory->n_word * sizeof *bits);
    f->memory->effort = 0;
    for (uint32_t i = 0; i < f->spots.n; i++)
        if (f->spots.at[i].node != ENDED)
            allow(f, f->spots.at[i], 0, &walk);
    *most = walk.most;
    f->credit -= work - walk.work + (int64_t)f->memory->effort * SPOT_WORK;
    bool whole = walk.work >= 0 && f->memory->effort <= MOST_EFFORT && !memory_is_short();
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

static bool room_for_final(struct memory *memory) {
    if (memory->n_final * 2 < memory->final_mask)
        return true;
    struct final *old = memory->finals;
    uint32_t n = memory->final_mask + 1;
    struct final *finals = try_alloc((size_t)n * 2, sizeof *old, NULL);
    if (!finals)
        return false;
    memory->finals = finals;
    memory->final_mask = n * 2 - 1;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].bits)
            *final_slot(memory, old[i].key) = old[i];
    free(old);
    return true;
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
    bool room = room_for_final(memory);
    struct final *final = final_slot(memory, key);
    if (final->bits)
        return final;
    bool whole = find_mask(f, f->bits, limit, &most);
    *scratch = (struct final){.key = {key[0], key[1]},
                              .bits = f->bits,
                              .rise = (int64_t)most - (int64_t)now,
                              .any = any_bit(f->bits, memory->n_word)};
    f->too_many |= !whole && !scratch->any && !f->may_end;
    uint64_t *bits = whole && room ? try_alloc(memory->n_word, sizeof *bits, NULL) : NULL;
    if (!bits)
        return scratch;
    memcpy(bits, f->bits, memory->n_word * sizeof *bits);
    *final = *scratch;
    final->bits = bits;
    memory->kept += memory->n_word * sizeof(uint64_t);
    memory->n_final++;
    return final;
}

static void mask(void *data, float *logits, int n_vocabulary) {
    struct following *f = data;
    struct memory *memory = f->memory;
    const struct final *final = NULL;
    struct final scratch;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    pthread_mutex_lock(&memory->lock);
    bool room = memory->kept <= KEPT_BYTES || memory_begin(memory);
    if (room && f->spots.n) {
        uint64_t now = cost_now(f, &f->spots);
        final = mask_within(f, UINT64_MAX, now, &scratch);
        if (f->left >= 0 && final->any && (int64_t)now + final->rise + 2 > f->left)
            final = f->left < 2 ? NULL : mask_within(f, (uint64_t)f->left - 2, now, &scratch);
    }
    f->stuck = !(final && final->any) && !f->may_end;
    bool good = memory_watch_end(&watch, NULL) && !f->no_memory;
    f->no_memory = !good;
    spelling_apply(f->spelling, good && final ? final->bits : NULL, good && f->may_end, logits,
                   n_vocabulary);
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
    if (!stacks_open(&fresh))
        return;
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
    struct memory_watch watch;
    memory_watch_begin(&watch);
    f->left -= f->left > 0;
    f->credit = f->credit + TOKEN_CREDIT < MOST_CREDIT ? f->credit + TOKEN_CREDIT : MOST_CREDIT;
    for (size_t i = 0; i < bytes.n; i++) {
        spots_step(f->grammar, &f->stacks, &f->closing, &f->spots, (uint8_t)bytes.at[i], &f->next);
        f->credit -= (int64_t)f->closing.n_seen * SPOT_WORK;
        struct spots swap = f->spots;
        f->spots = f->next;
        f->next = swap;
        if (f->spots.too_many || f->credit < 0) {
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
    f->no_memory |= !memory_watch_end(&watch, NULL);
}

static bool sound(void *data, struct fault *fault) {
    struct following *f = data;
    if (f->no_memory)
        return fault_set(fault, FAULT_MACHINE, "There is no memory to follow the grammar");
    if (f->too_many) {
        fault_set(fault, FAULT_LIMIT, "the grammar can be read in too many ways here");
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

/* At the beginning of a text; NULL: no memory. */
static struct following *follow(const struct grammar *grammar,
                                const struct vocabulary *vocabulary) {
    struct memory_watch watch;
    memory_watch_begin(&watch);
    struct following *f = try_alloc(1, sizeof *f, NULL);
    if (f && (f->spelling = vocabulary_spelling(vocabulary)) != NULL &&
        (f->memory = memory_of(grammar, f->spelling)) != NULL && stacks_open(&f->stacks) &&
        (f->bits = try_alloc(f->memory->n_word, sizeof *f->bits, NULL)) != NULL) {
        f->grammar = grammar;
        closing_begin(&f->closing);
        spots_reach(grammar, &f->stacks, &f->closing, grammar->rules[0].entry, 0, &f->spots);
        f->too_many = f->spots.too_many;
        arrive(f);
    }
    bool good = memory_watch_end(&watch, NULL) && f && f->grammar;
    if (!good && f)
        close_following(f);
    return good ? f : NULL;
}

bool grammar_constrain(const struct grammar *grammar, const struct vocabulary *vocabulary,
                       int max_tokens, struct constraint *out, struct fault *fault) {
    struct following *f = follow(grammar, vocabulary);
    if (!f)
        return fault_set(fault, FAULT_MACHINE, "There is no memory to follow the grammar");
    f->left = max_tokens > 0 ? max_tokens : -1;
    f->credit = MOST_CREDIT;
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
