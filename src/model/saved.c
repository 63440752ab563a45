/* Sessions on disk: a header, the tokens, the pages, and a hash of it all.
 *
 *     "LYCEUMS\n"                8 bytes
 *     struct header              little-endian, as this machine holds it
 *     int32 tokens[n_token]      padded to 64 bytes
 *     pages                      n_page · page_bytes
 *     SHA-256 of what is before  64 hexadecimal digits
 *
 * Positions after the last token of the last page are zero, so that nothing of another text that
 * was in that memory gets into the file. */
#include "model/scheduler.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION = 2, HASH = 64, TOKENS_MOST = 1 << 24 };
static const char magic[8] = "LYCEUMS\n";

struct header {
    char magic[8];
    uint32_t version, cache_type;
    uint64_t page_bytes, n_token;
    char model[HASH];   /* its fingerprint */
    char adapter[HASH]; /* hash of it and its scale; zeros without one */
};

static size_t tokens_at(void) {
    return (sizeof(struct header) + 63) & ~(size_t)63;
}

static size_t pages_at(size_t n_token) {
    return tokens_at() + ((n_token * sizeof(int32_t) + 63) & ~(size_t)63);
}

static size_t page_count(size_t n_token) {
    return (n_token + CACHE_PAGE - 1) / CACHE_PAGE;
}

static void fill_header(const struct session *session, struct header *header) {
    char fingerprint[65];
    model_fingerprint(session->model, fingerprint);
    memcpy(header->magic, magic, sizeof magic);
    memcpy(header->model, fingerprint, HASH);
    memcpy(header->adapter, session->adapter_key, HASH);
    header->version = VERSION;
    header->cache_type = scheduler_shape(session->scheduler)->type;
    header->page_bytes = scheduler_page_bytes(session->scheduler);
}

/* --------------------------------------------------------------------------------------- saving
 */

static void clear_rest(const struct session *session, uint8_t *page, int n) {
    const struct cache_shape *shape = scheduler_shape(session->scheduler);
    size_t part = cache_part_bytes(shape), all = scheduler_page_bytes(session->scheduler);
    float *zero = must_alloc((size_t)(shape->n_kv_head * shape->d_head), sizeof *zero);
    for (size_t at = 0; at < all; at += part)
        for (int slot = n; slot < CACHE_PAGE; slot++)
            cache_write(shape, page + at, slot, zero, zero);
    free(zero);
}

static void fill(const struct session *session, char *out) {
    const struct path *path = &session->path;
    size_t page_bytes = scheduler_page_bytes(session->scheduler);
    struct header *header = (struct header *)(void *)out;
    fill_header(session, header);
    header->n_token = path->n;
    memcpy(out + tokens_at(), session->tokens, path->n * sizeof(int32_t));
    uint8_t *pages = (uint8_t *)out + pages_at(path->n);
    for (size_t i = 0; i < page_count(path->n); i++)
        memcpy(pages + i * page_bytes, path->data[i], page_bytes);
    if (path->n % CACHE_PAGE)
        clear_rest(session, pages + path->n / CACHE_PAGE * page_bytes,
                   (int)(path->n % CACHE_PAGE));
    size_t n = pages_at(path->n) + page_count(path->n) * page_bytes;
    char hash[65];
    sha256_hex((struct view){out, n}, hash);
    memcpy(out + n, hash, HASH);
}

static bool save_path(struct session *session, const char *path, struct fault *fault) {
    if (session->path.n == 0) {
        fault_set(fault, FAULT_MISSING, "Nothing is left of what the session had computed");
        return fault_remedy(fault, "Feed it its text again, then save it");
    }
    size_t n_token = session->path.n, page_bytes = scheduler_page_bytes(session->scheduler);
    size_t n = pages_at(n_token) + page_count(n_token) * page_bytes + HASH;
    char *out = try_alloc(n, 1, fault);
    if (!out)
        return false;
    fill(session, out);
    bool good = file_write(path, (struct view){out, n}, fault);
    free(out);
    return good;
}

bool session_save(struct session *session, const char *path, struct fault *fault) {
    bool good =
        scheduler_find(session->scheduler, &session->path, session->tokens, session->n, fault) &&
        save_path(session, path, fault);
    scheduler_release(session->scheduler, &session->path);
    return good;
}

/* ------------------------------------------------------------------------------------ restoring
 */

static bool check_header(const struct session *session, const struct header *header,
                         struct fault *fault) {
    struct header mine = {.version = 0};
    fill_header(session, &mine);
    if (header->version != VERSION) {
        fault_set(fault, FAULT_INPUT, "The session was saved as version %u, this program reads %d",
                  header->version, VERSION);
        return fault_remedy(fault, "Feed its text again, or use the program that saved it");
    }
    if (memcmp(header->model, mine.model, HASH) != 0)
        return fault_set(fault, FAULT_INPUT, "The session was saved of other weights than %s",
                         model_shape(session->model)->name);
    if (memcmp(header->adapter, mine.adapter, HASH) != 0)
        return fault_set(fault, FAULT_INPUT,
                         "The session was saved with another adapter, or another scale of it, or "
                         "%s one",
                         session->adapter ? "without" : "with");
    if (header->cache_type != mine.cache_type || header->page_bytes != mine.page_bytes)
        return fault_set(fault, FAULT_INPUT,
                         "The session was saved with another type of cache (%u, pages of %llu "
                         "bytes; here %u, %llu)",
                         header->cache_type, (unsigned long long)header->page_bytes,
                         mine.cache_type, (unsigned long long)mine.page_bytes);
    return true;
}

static bool check_hash(struct view file, struct fault *fault) {
    char hash[65];
    sha256_hex(view_slice(file, 0, file.n - HASH), hash);
    return !memcmp(hash, file.at + file.n - HASH, HASH) ||
           fault_set(fault, FAULT_INPUT, "The saved session is damaged: its hash is another");
}

/* Everything that a file may be wrong in. */
static bool check_file(const struct session *session, struct view file, struct header *header,
                       struct fault *fault) {
    if (file.n < tokens_at() + HASH || memcmp(file.at, magic, sizeof magic) != 0)
        return fault_set(fault, FAULT_INPUT, "This is no saved session");
    memcpy(header, file.at, sizeof *header);
    if (!check_header(session, header, fault))
        return false;
    size_t n = (size_t)header->n_token;
    if (n == 0 || n > TOKENS_MOST ||
        file.n != pages_at(n) + page_count(n) * (size_t)header->page_bytes + HASH)
        return fault_set(fault, FAULT_INPUT,
                         "The saved session is damaged: it has %zu bytes, which do not fit the "
                         "%llu tokens that it tells",
                         file.n, (unsigned long long)header->n_token);
    if (!check_hash(file, fault))
        return false;
    if (n > (size_t)session->n_context)
        return fault_set(fault, FAULT_LIMIT,
                         "The saved session has %zu tokens, there is room for %d", n,
                         session->n_context);
    for (size_t i = 0; i < n; i++) {
        int32_t token;
        memcpy(&token, file.at + tokens_at() + i * sizeof token, sizeof token);
        if (token < 0 || token >= session->n_vocabulary)
            return fault_set(fault, FAULT_INPUT, "Token %d of the saved session is none", token);
    }
    return true;
}

static bool take(struct session *session, struct view file, struct fault *fault) {
    struct header header;
    if (!check_file(session, file, &header, fault))
        return false;
    size_t n = (size_t)header.n_token, page_bytes = (size_t)header.page_bytes;
    struct path *path = &session->path;
    if (!scheduler_reserve(session->scheduler, path, n, fault))
        return false;
    for (size_t i = 0; i < path->n_page; i++)
        memcpy(path->data[i], file.at + pages_at(n) + i * page_bytes, page_bytes);
    memcpy(session->tokens, file.at + tokens_at(), n * sizeof *session->tokens);
    scheduler_publish(session->scheduler, path, session->tokens, n);
    session->n = n;
    session->logits_ready = false;
    return true;
}

bool session_restore_bytes(struct session *session, struct view file, struct fault *fault) {
    bool good = take(session, file, fault);
    scheduler_release(session->scheduler, &session->path);
    return good;
}

bool session_restore(struct session *session, const char *path, struct fault *fault) {
    struct file_map map;
    if (!file_map(path, &map, fault))
        return false;
    bool good = session_restore_bytes(session, (struct view){(const char *)map.at, map.n}, fault);
    file_unmap(&map);
    return good || fault_place(fault, path, 0, -1);
}
