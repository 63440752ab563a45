/* Learning byte pairs: different pieces are counted once, then a heap tells the pair that stands
 * most often. A join touches only the pieces that hold the pair; counts that fell meanwhile are
 * noticed when their pair comes to the top (as in the `tokenizers` library). */
#include "model/vocabulary_train.h"
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_BYTES = 256, /* longer pieces count in parts: a join costs no more than this a piece */
    LEAST_COUNT = 2,  /* of a pair that is joined */
    BLOCK_BYTES = 1 << 20 /* of text cut at once, about */
};

struct word {     /* a piece that differs from all others */
    size_t first; /* of its bytes, and of its tokens */
    uint32_t n;   /* tokens */
    uint32_t n_byte;
    int64_t count;
};

struct pair {
    int32_t left, right;
    int64_t count;  /* over all texts */
    uint32_t words; /* a list in `places` of those that hold it, or have held it; 0: none */
    bool is_merge, grew;
};

struct place {
    uint32_t word, next;
};

struct bid {
    int64_t count; /* when it was made */
    int32_t left, right;
    uint32_t pair;
};

struct learning {
    struct learnt_vocabulary *made;
    struct buffer bytes; /* of the words */
    int32_t *symbols;    /* their tokens, at the same places */
    struct word *words;
    size_t n_word, words_room;
    uint32_t *by_bytes; /* open hash of words, plus 1 */
    size_t by_bytes_size;
    struct pair *pairs;
    size_t n_pair, pairs_room;
    uint32_t *by_pair; /* open hash of pairs, plus 1 */
    size_t by_pair_size;
    struct place *places; /* the first is not used */
    size_t n_place, places_room;
    struct bid *heap;
    size_t n_heap, heap_room;
    uint32_t *grown; /* pairs of the join just made */
    size_t n_grown, grown_room;
    int32_t *by_token; /* open hash of tokens by their bytes, or −1 */
    size_t by_token_size, from_room, merges_room;
};

#define IS_CROWDED(n, size) (((n) + 1) * 2 > (size))

struct view learnt_token(const struct learnt_vocabulary *made, int32_t token) {
    size_t from = made->from[token];
    return (struct view){made->bytes.at + from, made->from[token + 1] - from};
}

/* -------------------------------------------------------------------------------------- words */

static struct view word_bytes(const struct learning *it, const struct word *word) {
    return (struct view){it->bytes.at + word->first, word->n_byte};
}

static void place_word(struct learning *it, uint32_t word) {
    size_t mask = it->by_bytes_size - 1;
    size_t i = hash64(word_bytes(it, &it->words[word]), 0) & mask;
    while (it->by_bytes[i])
        i = (i + 1) & mask;
    it->by_bytes[i] = word + 1;
}

static bool room_for_word(struct learning *it) {
    if (!TRY_ROOM(it->words, it->words_room, it->n_word + 1))
        return false;
    if (!IS_CROWDED(it->n_word, it->by_bytes_size))
        return true;
    size_t size = it->by_bytes_size ? it->by_bytes_size * 2 : 4096;
    uint32_t *table = try_alloc(size, sizeof *table, NULL);
    if (!table)
        return false;
    free(it->by_bytes);
    it->by_bytes = table;
    it->by_bytes_size = size;
    for (size_t i = 0; i < it->n_word; i++)
        place_word(it, (uint32_t)i);
    return true;
}

static void count_word(struct learning *it, struct view bytes) {
    if (!room_for_word(it))
        return;
    size_t mask = it->by_bytes_size - 1;
    for (size_t i = hash64(bytes, 0) & mask; it->by_bytes[i]; i = (i + 1) & mask) {
        struct word *word = &it->words[it->by_bytes[i] - 1];
        if (view_equal(word_bytes(it, word), bytes)) {
            word->count++;
            return;
        }
    }
    uint32_t n = (uint32_t)bytes.n;
    it->words[it->n_word] = (struct word){it->bytes.n, n, n, 1};
    buffer_append(&it->bytes, bytes);
    if (!memory_is_short())
        place_word(it, (uint32_t)it->n_word++);
}

static void count_piece(void *data, struct view piece) {
    struct learning *it = data;
    it->made->n_text_byte += piece.n;
    for (size_t from = 0; from < piece.n && !memory_is_short(); from += WORD_BYTES)
        count_word(it, view_slice(piece, from, from + WORD_BYTES));
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (uint8_t)c >= 0x80; /* or may be */
}

/* About a block, up to the end of a line between two words: no piece lies across it. */
static size_t block_end(struct view text, size_t from) {
    for (size_t i = from + BLOCK_BYTES; i + 1 < text.n; i++)
        if (text.at[i] == '\n' && !is_blank(text.at[i - 1]) && !is_blank(text.at[i + 1]))
            return i + 1;
    return text.n;
}

static void count_text(struct learning *it, const struct piece_rule *rule, struct view text) {
    for (size_t from = 0, to; from < text.n && !memory_is_short(); from = to) {
        to = block_end(text, from);
        cut_pieces(rule, view_slice(text, from, to), count_piece, it);
    }
}

/* -------------------------------------------------------------------------------------- pairs */

static size_t pair_hash(int32_t left, int32_t right) {
    uint64_t both = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    both *= 0x9E3779B97F4A7C15u;
    return (size_t)(both ^ both >> 29);
}

static void place_pair(struct learning *it, uint32_t pair) {
    size_t mask = it->by_pair_size - 1;
    size_t i = pair_hash(it->pairs[pair].left, it->pairs[pair].right) & mask;
    while (it->by_pair[i])
        i = (i + 1) & mask;
    it->by_pair[i] = pair + 1;
}

static bool room_for_pair(struct learning *it) {
    if (!TRY_ROOM(it->pairs, it->pairs_room, it->n_pair + 1))
        return false;
    if (!IS_CROWDED(it->n_pair, it->by_pair_size))
        return true;
    size_t size = it->by_pair_size ? it->by_pair_size * 2 : 4096;
    uint32_t *table = try_alloc(size, sizeof *table, NULL);
    if (!table)
        return false;
    free(it->by_pair);
    it->by_pair = table;
    it->by_pair_size = size;
    for (size_t i = 0; i < it->n_pair; i++)
        place_pair(it, (uint32_t)i);
    return true;
}

/* The pair, made where it is new; NULL when there is no memory. Valid until the next is made. */
static struct pair *pair_of(struct learning *it, int32_t left, int32_t right) {
    if (!room_for_pair(it))
        return NULL;
    size_t mask = it->by_pair_size - 1;
    for (size_t i = pair_hash(left, right) & mask; it->by_pair[i]; i = (i + 1) & mask) {
        struct pair *pair = &it->pairs[it->by_pair[i] - 1];
        if (pair->left == left && pair->right == right)
            return pair;
    }
    it->pairs[it->n_pair] = (struct pair){.left = left, .right = right};
    place_pair(it, (uint32_t)it->n_pair);
    return &it->pairs[it->n_pair++];
}

static bool comes_before(const struct bid *a, const struct bid *b) {
    if (a->count != b->count)
        return a->count > b->count;
    return a->left != b->left ? a->left < b->left : a->right < b->right;
}

/* Tokens that are longer than a grammar takes serve nobody. */
static bool is_too_long(const struct learning *it, const struct pair *pair) {
    return learnt_token(it->made, pair->left).n + learnt_token(it->made, pair->right).n >
           TOKEN_BYTES;
}

static void offer(struct learning *it, uint32_t index) {
    const struct pair *pair = &it->pairs[index];
    if (pair->count < LEAST_COUNT || is_too_long(it, pair) ||
        !TRY_ROOM(it->heap, it->heap_room, it->n_heap + 1))
        return;
    struct bid bid = {pair->count, pair->left, pair->right, index};
    size_t i = it->n_heap++;
    for (; i && comes_before(&bid, &it->heap[(i - 1) / 2]); i = (i - 1) / 2)
        it->heap[i] = it->heap[(i - 1) / 2];
    it->heap[i] = bid;
}

static struct bid take_first(struct learning *it) {
    struct bid first = it->heap[0], last = it->heap[--it->n_heap];
    size_t i = 0, n = it->n_heap;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && comes_before(&it->heap[child + 1], &it->heap[child]))
            child++;
        if (!comes_before(&it->heap[child], &last))
            break;
        it->heap[i] = it->heap[child];
    }
    it->heap[i] = last;
    return first;
}

/* Counts a word's pairs `sign` times. Of the pairs that hold `token` (−1: all) it is also noted
 * that the word has them. */
static void count_pairs(struct learning *it, uint32_t index, int sign, int32_t token) {
    const struct word *word = &it->words[index];
    const int32_t *symbols = it->symbols + word->first;
    for (uint32_t i = 0; i + 1 < word->n; i++) {
        struct pair *pair = pair_of(it, symbols[i], symbols[i + 1]);
        if (!pair)
            return;
        pair->count += sign * word->count;
        if (sign < 0 || (token >= 0 && symbols[i] != token && symbols[i + 1] != token))
            continue;
        if (!TRY_ROOM(it->places, it->places_room, it->n_place + 1) ||
            !TRY_ROOM(it->grown, it->grown_room, it->n_grown + 1) ||
            !memory_granted(it->n_place < UINT32_MAX))
            return;
        if (!pair->words || it->places[pair->words].word != index) {
            it->places[it->n_place] = (struct place){index, pair->words};
            pair->words = (uint32_t)it->n_place++;
        }
        if (!pair->grew)
            it->grown[it->n_grown++] = (uint32_t)(pair - it->pairs);
        pair->grew = true;
    }
}

static void offer_grown(struct learning *it) {
    for (size_t i = 0; i < it->n_grown; i++) {
        it->pairs[it->grown[i]].grew = false;
        offer(it, it->grown[i]);
    }
    it->n_grown = 0;
}

/* ------------------------------------------------------------------------------------- tokens */

/* Where a token of these bytes stands in the table, or would. */
static size_t token_place(const struct learning *it, struct view bytes) {
    size_t mask = it->by_token_size - 1, i = hash64(bytes, 0) & mask;
    while (it->by_token[i] >= 0 && !view_equal(learnt_token(it->made, it->by_token[i]), bytes))
        i = (i + 1) & mask;
    return i;
}

/* The token of these bytes, added where it is new; −1 when there is no memory. */
static int32_t token_of(struct learning *it, struct view bytes) {
    struct learnt_vocabulary *made = it->made;
    size_t place = token_place(it, bytes);
    if (it->by_token[place] >= 0)
        return it->by_token[place];
    if (!TRY_ROOM(made->from, it->from_room, (size_t)made->n + 2))
        return -1;
    buffer_append(&made->bytes, bytes);
    made->from[made->n + 1] = made->bytes.n;
    return it->by_token[place] = made->n++;
}

static bool add_bytes(struct learning *it, int n_token, int32_t of_byte[256]) {
    for (it->by_token_size = 1024; it->by_token_size < (size_t)n_token * 2;)
        it->by_token_size *= 2;
    it->by_token = try_alloc(it->by_token_size, sizeof *it->by_token, NULL);
    if (!it->by_token || !TRY_ROOM(it->made->from, it->from_room, 1))
        return false;
    memset(it->by_token, 0xFF, it->by_token_size * sizeof *it->by_token);
    it->made->from[0] = 0;
    for (int32_t point = 0, n = 0; n < 256; point++) {
        int byte = point_to_byte(point);
        if (byte < 0)
            continue;
        char c = (char)byte;
        of_byte[byte] = token_of(it, (struct view){&c, 1});
        n++;
    }
    return !memory_is_short();
}

static int32_t joined_token(struct learning *it, const struct pair *pair) {
    char joined[TOKEN_BYTES];
    struct view left = learnt_token(it->made, pair->left);
    struct view right = learnt_token(it->made, pair->right);
    memcpy(joined, left.at, left.n);
    memcpy(joined + left.n, right.at, right.n);
    return token_of(it, (struct view){joined, left.n + right.n});
}

/* -------------------------------------------------------------------------------------- joins */

static void join_in_word(struct learning *it, uint32_t index, struct learnt_merge pair,
                         int32_t token) {
    struct word *word = &it->words[index];
    int32_t *symbols = it->symbols + word->first;
    uint32_t n = 0, i = 0;
    while (i + 1 < word->n && (symbols[i] != pair.left || symbols[i + 1] != pair.right))
        i++;
    if (i + 1 >= word->n) /* it held the pair once */
        return;
    count_pairs(it, index, -1, -1);
    for (i = 0; i < word->n; n++) {
        bool joins = i + 1 < word->n && symbols[i] == pair.left && symbols[i + 1] == pair.right;
        symbols[n] = joins ? token : symbols[i];
        i += joins ? 2 : 1;
    }
    word->n = n;
    count_pairs(it, index, 1, token);
}

static void join(struct learning *it, uint32_t index) {
    struct learnt_vocabulary *made = it->made;
    struct pair *pair = &it->pairs[index];
    struct learnt_merge merge = {pair->left, pair->right};
    int32_t token = joined_token(it, pair);
    if (token < 0 || !TRY_ROOM(made->merges, it->merges_room, made->n_merge + 1))
        return;
    if (!pair->is_merge) /* one whose parts were made anew is joined again, by the same merge */
        made->merges[made->n_merge++] = merge;
    pair->is_merge = true;
    uint32_t at = pair->words;
    pair->words = 0;
    for (; at && !memory_is_short(); at = it->places[at].next)
        join_in_word(it, it->places[at].word, merge, token);
    offer_grown(it);
}

/* The pair that stands most often, or −1. */
static int64_t most_frequent(struct learning *it) {
    while (it->n_heap) {
        struct bid bid = take_first(it);
        if (it->pairs[bid.pair].count == bid.count)
            return bid.pair;
        offer(it, bid.pair);
    }
    return -1;
}

static void learn(struct learning *it, int n_token) {
    int32_t of_byte[256];
    it->n_place = 1;
    it->symbols = try_alloc(it->bytes.n, sizeof *it->symbols, NULL);
    if (!it->symbols || !add_bytes(it, n_token, of_byte))
        return;
    for (size_t i = 0; i < it->bytes.n; i++)
        it->symbols[i] = of_byte[(uint8_t)it->bytes.at[i]];
    for (size_t i = 0; i < it->n_word && !memory_is_short(); i++)
        count_pairs(it, (uint32_t)i, 1, -1);
    offer_grown(it);
    for (int64_t pair;
         it->made->n < n_token && !memory_is_short() && (pair = most_frequent(it)) >= 0;)
        join(it, (uint32_t)pair);
    for (size_t i = 0; i < it->n_word; i++)
        it->made->n_text_token += (uint64_t)it->words[i].count * it->words[i].n;
}

bool vocabulary_learn(const struct piece_rule *rule, const struct view *texts, size_t n_text,
                      int n_token, struct learnt_vocabulary *made, struct fault *fault) {
    MUST(n_token >= 256);
    *made = (struct learnt_vocabulary){0};
    struct learning it = {.made = made};
    struct memory_watch watch;
    memory_watch_begin(&watch);
    for (size_t i = 0; i < n_text; i++)
        count_text(&it, rule, texts[i]);
    if (!memory_is_short())
        learn(&it, n_token);
    buffer_free(&it.bytes);
    void *const all[] = {it.symbols, it.words, it.by_bytes, it.pairs,   it.by_pair,
                         it.places,  it.heap,  it.grown,    it.by_token};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        free(all[i]);
    bool good = memory_watch_end(&watch, fault);
    if (!good)
        learnt_vocabulary_free(made);
    return good;
}

void learnt_vocabulary_free(struct learnt_vocabulary *made) {
    buffer_free(&made->bytes);
    free(made->from);
    free(made->merges);
    *made = (struct learnt_vocabulary){0};
}
