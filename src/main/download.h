/* download: a file from the network, whole or not at all.
 *
 * What has come stands in PATH.part, and in PATH.part.state where it came from. Interrupted, it
 * goes on from there, if the server says that the file is still the same; then it is measured,
 * hashed, synced and renamed. Nothing else is ever written over. */
#ifndef LYCEUM_MAIN_DOWNLOAD_H
#define LYCEUM_MAIN_DOWNLOAD_H

#include "base/base.h"

struct download {
    const char *url;    /* http or https */
    const char *path;   /* of the new file; its folder is made */
    const char *sha256; /* 64 hexadecimal digits, or NULL: the server's, where it tells */
    int64_t size;       /* bytes; 0: unknown */
    const char *token;  /* sent to the url's own host, or NULL */
    const volatile bool *cancel;
    void (*progress)(void *data, uint64_t done, uint64_t total); /* or NULL */
    void *data;
};

struct downloaded {
    bool was_there; /* with the right hash: nothing was fetched */
    uint64_t n_byte, n_resumed;
    char sha256[65];
};

bool download_file(const struct download *, struct downloaded *, struct fault *);
/* Appends what a url gives, at most `limit` bytes. `accept` may be NULL. */
bool download_text(const char *url, const char *accept, const char *token, size_t limit,
                   struct buffer *out, struct fault *);
/* Of a file that stands there; FAULT_INPUT when it is not `wanted` (NULL: any). */
bool file_hash(const char *path, const char *wanted, char out[65], struct fault *);
/* There is room for so many bytes more where `path` is to stand. */
bool disk_has_room(const char *path, uint64_t n, struct fault *);
/* Syncs, and puts PATH.part in its place where nothing stands yet. */
bool part_finish(const char *path, struct fault *);
/* A name from outside may be used below a folder: no way out of it, no odd characters. */
bool name_is_safe(const char *name);

#endif
