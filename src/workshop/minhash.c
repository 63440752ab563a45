/* MinHash: for each of 112 orders of all grams, the first gram that the text has. */
#include "workshop/minhash.h"

#include <pthread.h>
#include <string.h>

#include "workshop/words.h"

enum { N_HASH = MINHASH_BANDS * MINHASH_ROWS };

/* An order is x → a·x + b modulo 2^64 with odd a: the grams' hashes are mixed well before. */
static inline uint64_t order_times(int i) {
    return hash_mix(0x9E3779B97F4A7C15u * (uint64_t)(2 * i + 1)) | 1;
}

static inline uint64_t order_plus(int i) {
    return hash_mix(0x9E3779B97F4A7C15u * (uint64_t)(2 * i + 2));
}

static uint64_t times[N_HASH], plus[N_HASH]; /* of each order; made once */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_orders(void) {
    for (int i = 0; i < N_HASH; i++)
        times[i] = order_times(i), plus[i] = order_plus(i);
}

static void take(struct minhash *minhash, uint64_t gram) {
    for (int i = 0; i < N_HASH; i++) {
        uint64_t at = gram * times[i] + plus[i];
        if (at < minhash->least[i])
            minhash->least[i] = at;
    }
}

void minhash_begin(struct minhash *minhash) {
    pthread_once(&once, make_orders);
    minhash->n_word = 0;
    memset(minhash->least, 0xFF, sizeof minhash->least);
}

/* The last words in order, the oldest first. */
static uint64_t gram_of(const struct minhash *minhash, size_t n) {
    uint64_t words[MINHASH_GRAM];
    for (size_t i = 0; i < n; i++)
        words[i] = minhash->last[(minhash->n_word - n + i) % MINHASH_GRAM];
    return hash_words(words, n);
}

void minhash_word(struct minhash *minhash, uint64_t word) {
    minhash->last[minhash->n_word++ % MINHASH_GRAM] = word;
    if (minhash->n_word >= MINHASH_GRAM)
        take(minhash, gram_of(minhash, MINHASH_GRAM));
}

bool minhash_end(struct minhash *minhash, uint64_t bands[MINHASH_BANDS]) {
    if (minhash->n_word == 0)
        return false;
    if (minhash->n_word < MINHASH_GRAM)
        take(minhash, gram_of(minhash, minhash->n_word));
    for (size_t i = 0; i < MINHASH_BANDS; i++)
        bands[i] = hash_mix(hash_words(minhash->least + i * MINHASH_ROWS, MINHASH_ROWS) + i);
    return true;
}
