/* How often one may ask: a token bucket for each key in a table of fixed size, so that strangers
 * cannot make it grow. Two keys in one slot: the newer takes it over, with a full bucket. */
#include "web/request.h"

#include <stdlib.h>

enum { N_SLOT = 8192 };

struct bucket {
    uint64_t key;
    double tokens, at;
};

struct rate {
    pthread_mutex_t lock;
    uint64_t secret; /* or a name that shares another's slot could be worked out beforehand */
    struct bucket slots[N_RATE_KIND][N_SLOT];
};

static const struct {
    double burst, a_second;
} rates[N_RATE_KIND] = {
    [RATE_WRITE] = {60, 3},
    [RATE_STRANGER] = {300, 3}, /* a class behind one router, at one time */
    [RATE_TURN] = {20, 0.5},
    [RATE_NEW_LEARNER] = {300, 2},
    [RATE_CODE] = {300, 2}, /* a class behind one router, at one time; codes are of 40 bits */
    [RATE_SIGN_IN] = {10, 0.1},
    [RATE_NAME] = {60, 0.3},
    [RATE_DOOR] = {100, 0.5},
};

struct rate *rate_new(void) {
    struct rate *rate = must_alloc(1, sizeof *rate);
    pthread_mutex_init(&rate->lock, NULL);
    random_bytes((uint8_t *)&rate->secret, sizeof rate->secret);
    return rate;
}

void rate_free(struct rate *rate) {
    if (!rate)
        return;
    pthread_mutex_destroy(&rate->lock);
    free(rate);
}

bool rate_allows(struct rate *rate, enum rate_kind kind, uint64_t key, double now) {
    uint64_t hash = hash64((struct view){(const char *)&key, sizeof key}, rate->secret);
    pthread_mutex_lock(&rate->lock);
    struct bucket *bucket = &rate->slots[kind][hash % N_SLOT];
    if (bucket->key != key || bucket->at == 0)
        *bucket = (struct bucket){key, rates[kind].burst, now};
    bucket->tokens += (now - bucket->at) * rates[kind].a_second;
    if (bucket->tokens > rates[kind].burst)
        bucket->tokens = rates[kind].burst;
    bucket->at = now;
    bool allowed = bucket->tokens >= 1;
    if (allowed)
        bucket->tokens -= 1;
    pthread_mutex_unlock(&rate->lock);
    return allowed;
}
