/* giving: whether a learner agreed that what they and the tutor wrote may be trained on.
 *
 * Nobody has agreed who did not say so. What was said is an event, and the last one holds; those
 * of other terms than today's count for nothing, so that who agreed to less is asked anew. */
#ifndef LYCEUM_SCHOOL_LEARNER_GIVING_H
#define LYCEUM_SCHOOL_LEARNER_GIVING_H

#include "school/learner/learner.h"

enum { GIVING_TERMS = 1 }; /* rises when more is given, or to others, than the page said before */

/* {"gives":true|false,"since":ms|0}; 0: nothing was ever said. NULL with a fault. */
json_t *record_giving(struct record *, int64_t learner, struct fault *);
/* Saying the same again writes nothing. */
bool record_give(struct record *, int64_t learner, bool gives, struct fault *);
/* The ids of those who agree, in their order: [17,…]. NULL with a fault. */
json_t *record_givers(struct record *, struct fault *);
/* By what anybody of the record is called: [{"name","given","family","login","email"}…], each a
 * text or null. NULL with a fault. */
json_t *record_names(struct record *, struct fault *);
/* Up to `limit` of the learner's events that are talk, from behind event `after`, oldest first:
 * [{"id","kind":"asked|said|attempt","data"}…]. NULL with a fault. */
json_t *record_all_talk(struct record *, int64_t learner, int64_t after, int64_t limit,
                        struct fault *);

#endif
