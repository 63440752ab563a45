/* kept: responses that programs may go on behind, or ask for again. In memory alone, each for an
 * hour, for whoever made it; bounded for each program and in all, so that the oldest go first. */
#ifndef LYCEUM_WEB_V1_KEPT_H
#define LYCEUM_WEB_V1_KEPT_H

#include "base/base.h"

enum {
    KEPT_BYTES = 16 << 20,     /* of all texts */
    KEPT_BYTES_EACH = 8 << 20, /* of one program's */
    KEPT_SECONDS = 3600,
};

struct kept;
struct kept *kept_new(void);
void kept_free(struct kept *);

/* Keeps a response, and the items of the conversation up to its end. `owner` is the name of the
 * program's key, "" for those of this machine; `now` is by clock_seconds(). Any thread, as all
 * here. */
void kept_put(struct kept *, const char *owner, const char *id, const json_t *response,
              const json_t *items, double now);
/* New references; NULL when nothing of that owner is kept by this id. */
json_t *kept_response(struct kept *, const char *owner, struct view id, double now);
json_t *kept_items(struct kept *, const char *owner, struct view id, double now);
bool kept_drop(struct kept *, const char *owner, struct view id, double now);

#endif
