/* Spelling: the bytes of a vocabulary's tokens as one trie, laid out in the order of a walk, so
 * that a walk reads memory forwards and leaves a subtree out by a jump. */
#include "model/grammar.h"
#include "model/vocabulary_inside.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct view spelling_of(const struct spelling *spelling, int32_t token) {
    if (token < 0 || token >= spelling->n_token)
        return (struct view){0};
    uint32_t from = spelling->from[token];
    return (struct view){spelling->bytes.at + from, spelling->from[token + 1] - from};
}

static int by_spelling(const void *a, const void *b, void *data) {
    struct view left = spelling_of(data, *(const int32_t *)a);
    struct view right = spelling_of(data, *(const int32_t *)b);
    int order = memcmp(left.at, right.at, left.n < right.n ? left.n : right.n);
    return order ? order : (left.n > right.n) - (left.n < right.n);
}

static bool lay_out(struct spelling *spelling, const int32_t *sorted, int n) {
    size_t most = 1;
    for (int i = 0; i < n; i++)
        most += spelling_of(spelling, sorted[i]).n;
    spelling->nodes = try_alloc(most, sizeof *spelling->nodes, NULL);
    if (!spelling->nodes)
        return false;
    spelling->nodes[0].token = -1;
    spelling->n = 1;
    uint32_t open[TOKEN_BYTES + 1] = {0}; /* the node of each depth on the way */
    size_t depth = 0;
    struct view before = {0};
    for (int i = 0; i < n; i++) {
        struct view bytes = spelling_of(spelling, sorted[i]);
        size_t shared = 0;
        while (shared < before.n && shared < bytes.n && before.at[shared] == bytes.at[shared])
            shared++;
        for (; depth > shared; depth--)
            spelling->nodes[open[depth]].skip = spelling->n;
        for (; depth < bytes.n; depth++) {
            open[depth + 1] = spelling->n;
            spelling->nodes[spelling->n++] = (struct spelling_node){
                .token = -1, .byte = (uint8_t)bytes.at[depth], .depth = (uint8_t)(depth + 1)};
        }
        struct spelling_node *node = &spelling->nodes[open[depth]];
        spelling->same[sorted[i]] = node->token;
        node->token = sorted[i];
        before = bytes;
    }
    for (; depth > 0; depth--)
        spelling->nodes[open[depth]].skip = spelling->n;
    spelling->nodes[0].skip = spelling->n;
    struct spelling_node *fitting =
        try_realloc(spelling->nodes, spelling->n, sizeof *spelling->nodes, NULL);
    spelling->nodes = fitting ? fitting : spelling->nodes;
    return true;
}

static bool spell(struct spelling *made, const struct vocabulary *vocabulary, int32_t *sorted) {
    int n_sorted = 0;
    for (int token = 0; token < made->n_token; token++) {
        if (vocabulary_is_end(vocabulary, token))
            made->ends[made->n_end++] = token;
        else
            vocabulary_decode(vocabulary, token, SPECIAL_AS_TEXT, &made->bytes);
        made->from[token + 1] = (uint32_t)made->bytes.n;
        made->same[token] = -1;
        size_t size = made->bytes.n - made->from[token];
        if (size > 0 && size <= TOKEN_BYTES)
            sorted[n_sorted++] = token;
    }
    qsort_r(sorted, (size_t)n_sorted, sizeof *sorted, by_spelling, made);
    return lay_out(made, sorted, n_sorted);
}

struct spelling *spelling_new(const struct vocabulary *vocabulary) {
    static _Atomic uint64_t serial;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    struct spelling *made = try_alloc(1, sizeof *made, NULL);
    size_t n = (size_t)vocabulary_size(vocabulary);
    int32_t *sorted = try_alloc(n, sizeof *sorted, NULL);
    if (made) {
        made->serial = atomic_fetch_add(&serial, 1) + 1;
        made->n_token = (int)n;
        made->from = try_alloc(n + 1, sizeof *made->from, NULL);
        made->same = try_alloc(n, sizeof *made->same, NULL);
        made->ends = try_alloc(n, sizeof *made->ends, NULL);
    }
    bool good = !memory_is_short() && spell(made, vocabulary, sorted);
    free(sorted);
    if (memory_watch_end(&watch, NULL) && good)
        return made;
    spelling_free(made);
    return NULL;
}

void spelling_free(struct spelling *spelling) {
    if (!spelling)
        return;
    buffer_free(&spelling->bytes);
    free(spelling->nodes);
    free(spelling->same);
    free(spelling->from);
    free(spelling->ends);
    free(spelling);
}

const struct spelling *vocabulary_spelling(const struct vocabulary *shared) {
    struct vocabulary *vocabulary = (struct vocabulary *)(uintptr_t)shared; /* for its lock */
    struct spelling *there = atomic_load(&vocabulary->spelling);
    if (there)
        return there;
    struct spelling *made = spelling_new(vocabulary);
    if (!made || atomic_compare_exchange_strong(&vocabulary->spelling, &there, made))
        return made;
    spelling_free(made); /* another thread was faster */
    return there;
}

enum { MOST_ENDS = 64 };

/* Four logits at once, as their bits: kept where the mask has ones, −infinity elsewhere. */
typedef uint32_t four __attribute__((vector_size(16)));
#define LANE(n, bit) ((n) >> (bit)&1 ? UINT32_MAX : 0)
#define KEEP(n)                                                                                   \
    { LANE(n, 0), LANE(n, 1), LANE(n, 2), LANE(n, 3) }
static const four keep[16] = {KEEP(0),  KEEP(1),  KEEP(2),  KEEP(3), KEEP(4),  KEEP(5),
                              KEEP(6),  KEEP(7),  KEEP(8),  KEEP(9), KEEP(10), KEEP(11),
                              KEEP(12), KEEP(13), KEEP(14), KEEP(15)};

/* Of up to 64 tokens those without a bit. */
static void forbid(float *logits, uint64_t word, int size) {
    const uint32_t infinite = 0xFF800000U;
    const four none = {infinite, infinite, infinite, infinite};
    int i = 0;
    for (; word != UINT64_MAX && i + 4 <= size; i += 4) {
        four bits;
        memcpy(&bits, logits + i, sizeof bits);
        bits = (bits & keep[word >> i & 15]) | (none & ~keep[word >> i & 15]);
        memcpy(logits + i, &bits, sizeof bits);
    }
    for (; word != UINT64_MAX && i < size; i++)
        logits[i] = word >> i & 1 ? logits[i] : -INFINITY;
}

void spelling_apply(const struct spelling *spelling, const uint64_t *bits, bool may_end,
                    float *logits, int n) {
    float kept[MOST_ENDS];
    int n_token = spelling->n_token < n ? spelling->n_token : n;
    int n_end = !may_end ? 0 : spelling->n_end < MOST_ENDS ? spelling->n_end : MOST_ENDS;
    while (n_end > 0 && spelling->ends[n_end - 1] >= n)
        n_end--;
    for (int i = 0; i < n_end; i++)
        kept[i] = logits[spelling->ends[i]];
    for (int from = 0; from < n_token; from += 64) {
        uint64_t word = bits ? bits[from / 64] : 0;
        int size = n_token - from < 64 ? n_token - from : 64;
        forbid(logits + from, word, size);
    }
    for (int i = n_token; i < n; i++)
        logits[i] = -INFINITY;
    for (int i = 0; i < n_end; i++)
        logits[spelling->ends[i]] = kept[i];
}
