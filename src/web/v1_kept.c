/* Responses are kept as their texts, so that the bound is what they take. */
#include "web/v1_kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct one {
    struct one *next; /* the one before it */
    double until;
    char *id, *owner;
    struct buffer response, items;
};

struct kept {
    pthread_mutex_t lock;
    struct one *newest;
};

static void one_free(struct one *one) {
    free(one->id);
    free(one->owner);
    buffer_free(&one->response);
    buffer_free(&one->items);
    free(one);
}

struct kept *kept_new(void) {
    struct kept *kept = must_alloc(1, sizeof *kept);
    pthread_mutex_init(&kept->lock, NULL);
    return kept;
}

static struct one **drop(struct one **link) {
    struct one *one = *link;
    *link = one->next;
    one_free(one);
    return link;
}

void kept_free(struct kept *kept) {
    while (kept->newest)
        drop(&kept->newest);
    pthread_mutex_destroy(&kept->lock);
    free(kept);
}

/* Drops what is too old, and of what is too much the oldest. Under the lock. */
static void tidy(struct kept *kept, const char *owner, double now) {
    size_t n_all = 0, n_own = 0;
    for (struct one **link = &kept->newest, *one; (one = *link);) {
        size_t n = sizeof *one + one->response.n + one->items.n;
        bool own = !strcmp(one->owner, owner);
        if (one->until < now || n_all + n > KEPT_BYTES || (own && n_own + n > KEPT_BYTES_EACH)) {
            link = drop(link);
            continue;
        }
        n_all += n;
        n_own += own ? n : 0;
        link = &one->next;
    }
}

void kept_put(struct kept *kept, const char *owner, const char *id, const json_t *response,
              const json_t *items, double now) {
    struct one *one = must_alloc(1, sizeof *one);
    one->until = now + KEPT_SECONDS;
    one->id = must_copy(view_of(id));
    one->owner = must_copy(view_of(owner));
    buffer_json(&one->response, response);
    buffer_json(&one->items, items);
    pthread_mutex_lock(&kept->lock);
    one->next = kept->newest;
    kept->newest = one;
    tidy(kept, owner, now);
    pthread_mutex_unlock(&kept->lock);
}

/* Under the lock. */
static struct one **find(struct kept *kept, const char *owner, struct view id, double now) {
    tidy(kept, owner, now);
    struct one **link = &kept->newest;
    while (*link && (!view_is(id, (*link)->id) || strcmp((*link)->owner, owner) != 0))
        link = &(*link)->next;
    return link;
}

static json_t *text_of(struct kept *kept, const char *owner, struct view id, double now,
                       bool items) {
    struct fault ignored = {0};
    pthread_mutex_lock(&kept->lock);
    const struct one *one = *find(kept, owner, id, now);
    json_t *made =
        one ? json_parse(buffer_view(items ? &one->items : &one->response), &ignored) : NULL;
    pthread_mutex_unlock(&kept->lock);
    return made;
}

json_t *kept_response(struct kept *kept, const char *owner, struct view id, double now) {
    return text_of(kept, owner, id, now, false);
}

json_t *kept_items(struct kept *kept, const char *owner, struct view id, double now) {
    return text_of(kept, owner, id, now, true);
}

bool kept_drop(struct kept *kept, const char *owner, struct view id, double now) {
    pthread_mutex_lock(&kept->lock);
    struct one **link = find(kept, owner, id, now);
    bool found = *link != NULL;
    if (found)
        drop(link);
    pthread_mutex_unlock(&kept->lock);
    return found;
}
