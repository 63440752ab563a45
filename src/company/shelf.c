/* A few grammars by what they were made of; the one that was used longest ago makes room. */
#include "company/shelf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 32 };

struct kept {
    char *key;
    struct grammar *grammar;
    int n_lent;
    uint64_t used;
    struct kept *next;
};

struct shelf {
    pthread_mutex_t lock;
    struct kept *first;
    int n;
    uint64_t now;
};

struct shelf *shelf_new(void) {
    struct shelf *shelf = must_alloc(1, sizeof *shelf);
    pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

static void free_kept(struct kept *one) {
    grammar_free(one->grammar);
    free(one->key);
    free(one);
}

void shelf_free(struct shelf *shelf) {
    if (!shelf)
        return;
    for (struct kept *one = shelf->first, *next; one; one = next) {
        next = one->next;
        free_kept(one);
    }
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

/* Under the lock. Takes out and frees those that nobody has, the oldest first. */
static void make_room(struct shelf *shelf) {
    while (shelf->n > KEPT) {
        struct kept **oldest = NULL;
        for (struct kept **link = &shelf->first; *link; link = &(*link)->next)
            if ((*link)->n_lent == 0 && (!oldest || (*link)->used < (*oldest)->used))
                oldest = link;
        if (!oldest)
            return;
        struct kept *one = *oldest;
        *oldest = one->next;
        shelf->n--;
        free_kept(one);
    }
}

struct grammar *shelf_lend(struct shelf *shelf, struct view gbnf, const json_t *schemas,
                           struct fault *fault) {
    struct buffer key = {0};
    buffer_append(&key, gbnf);
    buffer_byte(&key, '\n');
    buffer_json(&key, schemas);
    struct kept *found = NULL;
    pthread_mutex_lock(&shelf->lock);
    for (struct kept *one = shelf->first; one && !found; one = one->next)
        if (!strcmp(one->key, key.at))
            found = one;
    if (found) {
        found->n_lent++;
        found->used = ++shelf->now;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (found) {
        buffer_free(&key);
        return found->grammar;
    }
    struct grammar *made = grammar_with_schemas(gbnf, schemas, fault);
    if (!made) {
        buffer_free(&key);
        return NULL;
    }
    struct kept *one = must_alloc(1, sizeof *one);
    *one = (struct kept){.key = key.at, .grammar = made, .n_lent = 1};
    pthread_mutex_lock(&shelf->lock);
    one->used = ++shelf->now;
    one->next = shelf->first;
    shelf->first = one;
    shelf->n++;
    make_room(shelf);
    pthread_mutex_unlock(&shelf->lock);
    return made;
}

void shelf_return(struct shelf *shelf, struct grammar *grammar) {
    pthread_mutex_lock(&shelf->lock);
    for (struct kept *one = shelf->first; one; one = one->next)
        if (one->grammar == grammar)
            one->n_lent--;
    make_room(shelf);
    pthread_mutex_unlock(&shelf->lock);
}
