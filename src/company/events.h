/* events: a stream of server-sent events, read as it comes (WHATWG HTML, section 9.2). Inside the
 * room. */
#ifndef LYCEUM_COMPANY_EVENTS_H
#define LYCEUM_COMPANY_EVENTS_H

#include "base/base.h"

enum { EVENT_BYTES = 4 << 20 }; /* of one line, and of one event's data, at most */

struct events {         /* start from {0}, end with events_free */
    struct buffer line; /* that has no end yet */
    struct buffer data; /* of the event that is being read */
    bool begun, has_data, after_return;
};

/* Takes the next bytes; calls `take` with the data of each event that ends in them. False when
 * `take` gave false, or with FAULT_LIMIT where a line or an event is too long. */
bool events_feed(struct events *, struct view bytes, bool (*take)(void *to, struct view data),
                 void *to, struct fault *);
void events_free(struct events *);

#endif
