/* Events about people, several at once where they belong together; sessions and passwords. */
#include "school/learner/people.h"
#include "school/learner/people_tables.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void new_token(char token[65], char hash[65]) {
    uint8_t secret[32];
    random_bytes(secret, sizeof secret);
    sodium_bin2hex(token, 65, secret, sizeof secret);
    sodium_memzero(secret, sizeof secret);
    sha256_hex((struct view){token, 64}, hash);
}

/* Somebody new, of whom nobody has the secret yet. */
static void begin_person(struct event *event, json_t **data) {
    char token[65], hash[65];
    new_token(token, hash);
    sodium_memzero(token, sizeof token);
    event->kind = "learner";
    json_object_set_new(*data, "token_hash", json_string(hash));
}

bool people_write_all(struct record *record, struct people_event *list, size_t n,
                      struct fault *fault) {
    if (!n)
        return true;
    struct event *events = must_alloc(n, sizeof *events);
    json_t **data = must_alloc(n, sizeof *data);
    for (size_t i = 0; i < n; i++) {
        events[i] = (struct event){.learner = list[i].person, .kind = list[i].kind};
        data[i] = list[i].data;
        if (!list[i].person)
            begin_person(&events[i], &data[i]);
    }
    bool good = record_write_all(record, events, data, n, fault);
    for (size_t i = 0; good && i < n; i++) {
        list[i].person = events[i].learner;
        list[i].id = events[i].id;
    }
    free(events);
    free(data);
    return good;
}

int64_t people_write(struct record *record, int64_t person, const char *kind, json_t *data,
                     struct fault *fault) {
    struct people_event one = {.person = person, .kind = kind, .data = data};
    return people_write_all(record, &one, 1, fault) ? one.id : 0;
}

bool people_session(struct record *record, int64_t person, const char *how, int64_t seconds,
                    char token[65], struct fault *fault) {
    char hash[65];
    new_token(token, hash);
    if (people_write(record, person, "session",
                     json_pack("{s:s,s:s,s:I}", "token_hash", hash, "how", how, "seconds",
                               (json_int_t)seconds),
                     fault))
        return true;
    sodium_memzero(token, 65);
    return false;
}

/* ----------------------------------------------------------------------------------- passwords */

static pthread_mutex_t hashing[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

static pthread_mutex_t *begin_hashing(void) {
    if (pthread_mutex_trylock(&hashing[0]) == 0)
        return &hashing[0];
    pthread_mutex_lock(&hashing[1]);
    return &hashing[1];
}

bool password_hash(struct view password, char out[PASSWORD_HASH_SIZE], struct fault *fault) {
    _Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_argon2id_STRBYTES, "libsodium's size");
    pthread_mutex_t *turn = begin_hashing();
    bool good = sodium_init() >= 0 &&
                crypto_pwhash_argon2id_str(out, password.at, password.n,
                                           crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
                                           crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE) == 0;
    pthread_mutex_unlock(turn);
    return good || fault_set(fault, FAULT_MACHINE, "There is no memory to keep the password.");
}

bool password_right(const char *hash, struct view password) {
    /* Of nobody's password; its cost is that of the others. */
    static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
                                 "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    pthread_mutex_t *turn = begin_hashing();
    bool known = hash && *hash;
    bool right = sodium_init() >= 0 &&
                 crypto_pwhash_str_verify(known ? hash : nobody, password.at, password.n) == 0;
    pthread_mutex_unlock(turn);
    return known && right;
}
