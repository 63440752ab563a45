/* pages: the cache of a model, inside the room.
 *
 * A page holds the keys and values of 32 positions in all layers. Pages form a tree: a path from
 * the root is a text, so that whoever wants a text finds what anybody has computed of its
 * beginning, the sessions that run and those closed long ago alike. A page that is full never
 * changes again. The last page of a text grows in place while its writer runs; who wants only a
 * part of a page, or goes on after it in another way, gets a copy.
 *
 * Nobody owns a page: who runs pins those on its path. What nobody pins is given back when memory
 * is wanted, leaves first, least recently used first. All functions are called under the
 * scheduler's lock. */
#ifndef LYCEUM_MODEL_PAGES_H
#define LYCEUM_MODEL_PAGES_H

#include "base/base.h"
#include "tensor/tensor.h"

struct slab;

struct page {
    uint8_t *data; /* all layers, one after another */
    struct slab *slab;
    struct page *parent, *children, *next, *previous; /* the tree; siblings */
    struct page *older, *newer;                       /* all pages */
    int32_t tokens[CACHE_PAGE];                       /* of the first n positions */
    int n;         /* positions that others may read; its writer may be further */
    int pins;      /* texts that run through it now */
    bool linked;   /* in the tree; if not, one writer's own */
    uint64_t used; /* the time of its last use, in uses */
};

/* Where the texts of one adapter begin: what it makes of tokens is another thing. */
struct pages_root {
    struct page page; /* the empty text: full, pinned for ever */
    char key[64];
    int n_user; /* sessions */
    struct pages_root *next;
};

struct pages {
    size_t page_bytes, slab_bytes;
    int n_slab_page; /* pages in a slab */
    size_t n, n_most, n_pinned;
    uint64_t uses;
    struct page root;         /* the empty text: full, pinned for ever */
    struct pages_root *roots; /* of adapters */
    struct page *oldest, *newest;
    struct slab *slabs;
};

/* Room for most_bytes, which is taken from the machine only as it is needed. */
void pages_open(struct pages *, size_t page_bytes, uint64_t most_bytes);
void pages_close(struct pages *);

/* The path of one text while it runs: pinned pages; page i holds positions 32·i …. The arrays
 * belong to the caller, who made them long enough. */
struct path {
    struct page *root; /* where it begins; NULL: the root of the pages */
    struct page **pages;
    uint8_t **data; /* of each, as `attend` wants it */
    size_t n_page;
    size_t n; /* positions that are computed */
};

/* Goes on from path->n along what is known of tokens[0 … n-1]. With `partly`, also into a page of
 * which only a part fits. Where no memory is left it goes less far. */
void path_extend(struct pages *, struct path *, const int32_t *tokens, size_t n, bool partly);
/* Makes pages for the positions path->n … n-1, ready to be written. */
bool path_reserve(struct pages *, struct path *, size_t n, struct fault *);
/* Positions up to n are computed, of these tokens: others may use them from now on. n may be less
 * than what was written: the rest was a guess. */
void path_publish(struct pages *, struct path *, const int32_t *tokens, size_t n);
/* Lets go of all pages; what was published stays for others until memory is wanted. */
void path_release(struct pages *, struct path *);
/* Pages that `path_extend` with these tokens would find pinned already: they cost nothing. */
size_t pages_shared(const struct pages *, const struct path *, const int32_t *tokens, size_t n);

/* The root of the adapter with this key, made when it is new; NULL with a fault when there is no
 * memory. Its texts stay when its last user lets go of it, until memory is wanted. */
struct page *pages_enter(struct pages *, const char key[64], struct fault *);
void pages_leave(struct pages *, struct page *root);

#endif
