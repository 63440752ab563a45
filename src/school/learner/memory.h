/* memory: what a learner told of themselves, kept as short notes that they see, change and erase.
 *
 * The background is one object, changed as a whole; notes are a row each. Both are events like all
 * else, with one difference: when the learner changes or erases what they told, the words are
 * taken out of the events that held them (those stay, empty), so that erased is erased; see the
 * trigger event_kept_from_update. What was written to the tutor stays what was written. */
#ifndef LYCEUM_SCHOOL_LEARNER_MEMORY_H
#define LYCEUM_SCHOOL_LEARNER_MEMORY_H

#include "school/learner/learner.h"

enum { MEMORY_TEXT = 300, MEMORY_NOTES = 200 }; /* characters of a text; notes of a learner */

/* {"tags":["child","music"],"words":"…","language":null|"zh","told":ms|0,"asked":ms|0}; told 0:
 * the learner has said nothing; asked: when the tutor asked for it. New reference. */
json_t *record_background(struct record *, int64_t learner);
/* `told` has "tags" (known words, each once), "words" and "language", which may be missing. All
 * three empty: erased, and not asked for again. */
bool record_background_tell(struct record *, struct batch *, int64_t learner, const json_t *told,
                            struct fault *);
bool record_background_asked(struct record *, struct batch *, int64_t learner, struct fault *);

/* Newest first: [{"id","at","about","text","course","lesson","exercise","skill","changed",
 * "recalled"}…]; about: "goal", "confused", "slip" (text: the misconception's name), "own";
 * changed, recalled: ms or 0. Places are "" where there is none. */
json_t *record_memories(struct record *, int64_t learner);
struct memory_note {
    const char *about;
    struct view text;
    const char *course, *lesson, *exercise, *skill; /* NULL: none */
};
/* The same text about the same is kept once. `id`: of the note; NULL, or it is written at once. */
bool record_remember(struct record *, struct batch *, int64_t learner, const struct memory_note *,
                     int64_t *id, struct fault *);
/* FAULT_MISSING where the learner has no such note. */
bool record_memory_change(struct record *, int64_t learner, int64_t id, struct view text,
                          struct fault *);
bool record_memory_erase(struct record *, int64_t learner, int64_t id, struct fault *);
/* How often answers of the learner showed this misconception in the course. */
int64_t record_slips(struct record *, int64_t learner, const char *course,
                     const char *misconception);

#endif
