/* Pages: a tree of texts over slabs of memory. */
#include "model/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Pages come from the machine by slabs, large enough for huge pages, and go back by slabs. */
struct slab {
    struct slab *next;
    uint8_t *at;
    uint64_t taken; /* a bit a page */
};

static const size_t preferred_slab = (size_t)8 << 20;

void pages_open(struct pages *pages, size_t page_bytes, uint64_t most_bytes) {
    size_t n_slab_page = preferred_slab / page_bytes;
    n_slab_page = n_slab_page < 1 ? 1 : n_slab_page > 64 ? 64 : n_slab_page;
    *pages = (struct pages){
        .page_bytes = page_bytes,
        .n_slab_page = (int)n_slab_page,
        .slab_bytes = (n_slab_page * page_bytes + 4095) & ~(size_t)4095,
        .n_most = (size_t)(most_bytes / page_bytes),
        .root = {.n = CACHE_PAGE, .pins = 1, .linked = true},
    };
}

void pages_close(struct pages *pages) {
    for (struct page *page = pages->oldest; page;) {
        struct page *newer = page->newer;
        free(page);
        page = newer;
    }
    for (struct pages_root *root = pages->roots; root;) {
        struct pages_root *next = root->next;
        free(root);
        root = next;
    }
    for (struct slab *slab = pages->slabs; slab;) {
        struct slab *next = slab->next;
        munmap(slab->at, pages->slab_bytes);
        free(slab);
        slab = next;
    }
    *pages = (struct pages){0};
}

/* -------------------------------------------------------------------------------------- memory */

static struct slab *slab_with_room(struct pages *pages, struct fault *fault) {
    uint64_t all = pages->n_slab_page == 64 ? UINT64_MAX : ((uint64_t)1 << pages->n_slab_page) - 1;
    for (struct slab *slab = pages->slabs; slab; slab = slab->next)
        if (slab->taken != all)
            return slab;
    struct slab *slab = try_alloc(1, sizeof *slab, fault);
    if (!slab)
        return NULL;
    void *at =
        mmap(NULL, pages->slab_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        free(slab);
        fault_set(fault, FAULT_MACHINE,
                  "The machine gives no memory for the cache, which has %zu MB",
                  pages->n * pages->page_bytes >> 20);
        return NULL;
    }
    madvise(at, pages->slab_bytes, MADV_HUGEPAGE);
    *slab = (struct slab){.next = pages->slabs, .at = at};
    pages->slabs = slab;
    return slab;
}

static void give_back_slab(struct pages *pages, struct slab *slab) {
    struct slab **link = &pages->slabs;
    while (*link != slab)
        link = &(*link)->next;
    *link = slab->next;
    munmap(slab->at, pages->slab_bytes);
    free(slab);
}

static void unlink_page(struct page *page) {
    if (!page->linked)
        return;
    if (page->previous)
        page->previous->next = page->next;
    else
        page->parent->children = page->next;
    if (page->next)
        page->next->previous = page->previous;
    page->parent = page->next = page->previous = NULL;
    page->linked = false;
}

static void link_page(struct page *page, struct page *parent) {
    page->parent = parent;
    page->previous = NULL;
    page->next = parent->children;
    if (page->next)
        page->next->previous = page;
    parent->children = page;
    page->linked = true;
}

static void free_page(struct pages *pages, struct page *page) {
    unlink_page(page);
    *(page->older ? &page->older->newer : &pages->oldest) = page->newer;
    *(page->newer ? &page->newer->older : &pages->newest) = page->older;
    struct slab *slab = page->slab;
    slab->taken &= ~((uint64_t)1 << ((size_t)(page->data - slab->at) / pages->page_bytes));
    if (!slab->taken)
        give_back_slab(pages, slab);
    pages->n--;
    free(page);
}

/* The leaf that nobody pins and nobody used for the longest time. Who uses a page uses all before
 * it, so that no page is older than one after it. */
static bool free_oldest(struct pages *pages) {
    struct page *found = NULL;
    for (struct page *page = pages->oldest; page; page = page->newer)
        if (!page->pins && !page->children && (!found || page->used < found->used))
            found = page;
    if (found)
        free_page(pages, found);
    return found != NULL;
}

static void pin(struct pages *pages, struct page *page) {
    pages->n_pinned += page->pins++ == 0;
}

static void unpin(struct pages *pages, struct page *page) {
    page->used = ++pages->uses;
    if (--page->pins)
        return;
    pages->n_pinned--;
    if (!page->linked)
        free_page(pages, page);
}

/* A page of the writer's own, pinned. */
static struct page *new_page(struct pages *pages, struct fault *fault) {
    if (pages->n >= pages->n_most && !free_oldest(pages)) {
        fault_set(fault, FAULT_LIMIT, "The cache is full: %zu MB are in use by what is running",
                  pages->n * pages->page_bytes >> 20);
        fault_remedy(fault, "Ask again later, for shorter texts, or raise the limit of the cache");
        return NULL;
    }
    struct page *page = try_alloc(1, sizeof *page, fault);
    struct slab *slab = page ? slab_with_room(pages, fault) : NULL;
    /* Where the machine has less than the limit, what is kept for later is given back too. */
    while (page && !slab && free_oldest(pages))
        if ((slab = slab_with_room(pages, NULL)) != NULL)
            fault_clear(fault);
    if (!slab) {
        free(page);
        return NULL;
    }
    int at = __builtin_ctzll(~slab->taken);
    slab->taken |= (uint64_t)1 << at;
    page->slab = slab;
    page->data = slab->at + (size_t)at * pages->page_bytes;
    page->older = pages->newest;
    *(pages->newest ? &pages->newest->newer : &pages->oldest) = page;
    pages->newest = page;
    pages->n++;
    pin(pages, page);
    return page;
}

/* ---------------------------------------------------------------------------------------- paths
 */

static int common(const struct page *page, const int32_t *tokens, size_t n) {
    int most = n < (size_t)page->n ? (int)n : page->n, k = 0;
    while (k < most && page->tokens[k] == tokens[k])
        k++;
    return k;
}

/* Of the pages after `parent` that which begins most like the tokens. */
static struct page *best_child(const struct page *parent, const int32_t *tokens, size_t n,
                               int *n_common) {
    struct page *best = NULL;
    *n_common = 0;
    for (struct page *child = parent->children; child; child = child->next) {
        int k = common(child, tokens, n);
        if (k > *n_common) {
            best = child;
            *n_common = k;
        }
        if (k == CACHE_PAGE)
            break;
    }
    return best;
}

static void append(struct path *path, struct page *page) {
    path->pages[path->n_page] = page;
    path->data[path->n_page++] = page->data;
}

static struct page *before(struct pages *pages, const struct path *path, size_t i) {
    return i ? path->pages[i - 1] : path->root ? path->root : &pages->root;
}

/* Into a page of which only the first k positions fit, or which is not full. */
static void extend_partly(struct pages *pages, struct path *path, struct page *page, int k) {
    if (!page->pins && page->n == k && k < CACHE_PAGE) { /* nobody's: goes on in place */
        pin(pages, page);
        append(path, page);
    } else {
        pin(pages, page);
        struct page *copy = new_page(pages, NULL);
        if (copy) {
            memcpy(copy->data, page->data, pages->page_bytes);
            append(path, copy);
        }
        unpin(pages, page);
        k = copy ? k : 0;
    }
    path->n += (size_t)k;
}

void path_extend(struct pages *pages, struct path *path, const int32_t *tokens, size_t n,
                 bool partly) {
    while (path->n < n && path->n == path->n_page * CACHE_PAGE) {
        struct page *parent = before(pages, path, path->n_page);
        int k;
        struct page *page =
            parent->linked ? best_child(parent, tokens + path->n, n - path->n, &k) : NULL;
        if (page && k == CACHE_PAGE) {
            pin(pages, page);
            append(path, page);
            path->n += CACHE_PAGE;
            continue;
        }
        if (page && partly)
            extend_partly(pages, path, page, k);
        return;
    }
}

size_t pages_shared(const struct pages *pages, const struct path *path, const int32_t *tokens,
                    size_t n) {
    const struct page *page = path->root ? path->root : &pages->root;
    size_t i = 0;
    for (int k = CACHE_PAGE; (i + 1) * CACHE_PAGE <= n; i++) {
        page = best_child(page, tokens + i * CACHE_PAGE, n - i * CACHE_PAGE, &k);
        if (!page || k < CACHE_PAGE || !page->pins)
            break;
    }
    return i;
}

bool path_reserve(struct pages *pages, struct path *path, size_t n, struct fault *fault) {
    while (path->n_page * CACHE_PAGE < n) {
        struct page *page = new_page(pages, fault);
        if (!page)
            return false;
        append(path, page);
    }
    return true;
}

/* Where somebody has computed the very same page in the meantime, one of the two is enough. */
static void settle_full(struct pages *pages, struct path *path, size_t i) {
    struct page *mine = path->pages[i];
    for (struct page *other = mine->parent->children; other; other = other->next)
        if (other != mine && other->n == CACHE_PAGE &&
            !memcmp(other->tokens, mine->tokens, sizeof mine->tokens)) {
            unlink_page(mine);
            pin(pages, other);
            unpin(pages, mine);
            path->pages[i] = other;
            path->data[i] = other->data;
            return;
        }
}

void path_publish(struct pages *pages, struct path *path, const int32_t *tokens, size_t n) {
    size_t first = n ? (n - 1) / CACHE_PAGE : 0;
    while (first > 0 && path->pages[first - 1]->n < CACHE_PAGE)
        first--;
    for (size_t i = first; i * CACHE_PAGE < n; i++) {
        struct page *page = path->pages[i], *parent = before(pages, path, i);
        size_t left = n - i * CACHE_PAGE;
        int now = left < CACHE_PAGE ? (int)left : CACHE_PAGE;
        if (page->n == CACHE_PAGE)
            continue;
        for (; page->n < now; page->n++)
            page->tokens[page->n] = tokens[i * CACHE_PAGE + (size_t)page->n];
        if (!page->linked)
            link_page(page, parent);
        if (page->n == CACHE_PAGE)
            settle_full(pages, path, i);
    }
    path->n = n;
}

/* A last page that another begins with is of no use to anybody. */
static void settle_last(struct pages *pages, struct page *last) {
    if (last->pins || last->children)
        return;
    for (struct page *other = last->parent->children, *next; other; other = next) {
        next = other->next;
        if (other == last || other->pins || other->children)
            continue;
        if (common(last, other->tokens, (size_t)other->n) == other->n) {
            free_page(pages, other);
        } else if (common(other, last->tokens, (size_t)last->n) == last->n) {
            free_page(pages, last);
            return;
        }
    }
}

void path_release(struct pages *pages, struct path *path) {
    struct page *last = NULL;
    while (path->n_page) {
        struct page *page = path->pages[--path->n_page];
        if (!last && page->linked)
            last = page;
        unpin(pages, page);
    }
    path->n = 0;
    if (last)
        settle_last(pages, last);
}

/* ---------------------------------------------------------------------------------------- roots
 */

/* Those that nobody uses and of whose texts nothing is left. */
static void forget_roots(struct pages *pages) {
    for (struct pages_root **link = &pages->roots; *link;) {
        struct pages_root *root = *link;
        if (root->n_user || root->page.children) {
            link = &root->next;
            continue;
        }
        *link = root->next;
        free(root);
    }
}

struct page *pages_enter(struct pages *pages, const char key[64], struct fault *fault) {
    struct pages_root *root = pages->roots;
    while (root && memcmp(root->key, key, sizeof root->key) != 0)
        root = root->next;
    if (!root) {
        forget_roots(pages);
        root = try_alloc(1, sizeof *root, fault);
        if (!root)
            return NULL;
        root->page = (struct page){.n = CACHE_PAGE, .pins = 1, .linked = true};
        memcpy(root->key, key, sizeof root->key);
        root->next = pages->roots;
        pages->roots = root;
    }
    root->n_user++;
    return &root->page;
}

void pages_leave(struct pages *pages, struct page *page) {
    for (struct pages_root *root = pages->roots; root; root = root->next)
        root->n_user -= &root->page == page;
}
