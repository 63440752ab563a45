/* Server-sent events. A line ends by \n, \r or both; "data: …" lines make up an event, an empty
 * line ends it; comments and other fields are of no use here. */
#include "company/events.h"

#include <string.h>

void events_free(struct events *events) {
    buffer_free(&events->line);
    buffer_free(&events->data);
}

static bool too_long(struct fault *fault) {
    return fault_set(fault, FAULT_LIMIT, "an event of the stream is over %d MB long",
                     EVENT_BYTES >> 20);
}

static bool end_event(struct events *events, bool (*take)(void *, struct view), void *to) {
    bool good = !events->has_data || take(to, buffer_view(&events->data));
    buffer_clear(&events->data);
    events->has_data = false;
    return good;
}

static bool end_line(struct events *events, bool (*take)(void *, struct view), void *to,
                     struct fault *fault) {
    struct view line = buffer_view(&events->line), field = line, value = {0};
    if (!events->begun && view_starts(line, "\xEF\xBB\xBF"))
        field = line = view_slice(line, 3, line.n);
    events->begun = true;
    ptrdiff_t colon = view_find(line, VIEW(":"));
    bool good = true;
    if (colon >= 0) {
        field = view_slice(line, 0, (size_t)colon);
        value = view_slice(line, (size_t)colon + 1, line.n);
        if (view_starts(value, " "))
            value = view_slice(value, 1, value.n);
    }
    if (!line.n)
        good = end_event(events, take, to);
    else if (view_is(field, "data")) {
        if (events->data.n + value.n + 1 > EVENT_BYTES)
            return too_long(fault);
        if (events->has_data)
            buffer_byte(&events->data, '\n');
        buffer_append(&events->data, value);
        events->has_data = true;
    }
    buffer_clear(&events->line);
    return good;
}

bool events_feed(struct events *events, struct view bytes, bool (*take)(void *, struct view),
                 void *to, struct fault *fault) {
    bool good = true;
    for (size_t i = 0; i < bytes.n && good;) {
        if (events->after_return && bytes.at[i] == '\n') {
            events->after_return = false;
            i++;
            continue;
        }
        size_t from = i;
        while (i < bytes.n && bytes.at[i] != '\n' && bytes.at[i] != '\r')
            i++;
        if (events->line.n + (i - from) > EVENT_BYTES)
            return too_long(fault);
        buffer_append(&events->line, view_slice(bytes, from, i));
        events->after_return = i < bytes.n && bytes.at[i] == '\r';
        if (i < bytes.n) {
            i++;
            good = end_line(events, take, to, fault);
        }
    }
    return good;
}
