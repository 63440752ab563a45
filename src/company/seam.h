/* seam: one text out of the pieces of several writers, without a repetition and without a gap.
 * Inside the room.
 *
 * While somebody may have to take over, words are said when they are whole, so that what was said
 * always ends where a word does. Who takes over often begins with words that were said already, or
 * with the whole answer again: that is left out. */
#ifndef LYCEUM_COMPANY_SEAM_H
#define LYCEUM_COMPANY_SEAM_H

#include "base/base.h"

enum seam_writer {
    SEAM_EXACT,   /* goes on at the very byte: nothing is looked at */
    SEAM_PREFILL, /* is said to go on at the byte; may begin anew all the same */
    SEAM_ASKED,   /* was asked for the rest in words: may repeat some, and has no space before */
};

struct seam { /* start from {0}, end with seam_free */
    struct buffer said, held;
    struct buffer gap; /* white space that who failed wrote behind what was said */
    bool whole_words;  /* somebody may have to take over */
    bool joining;      /* where the present writer's words begin is not yet clear */
    enum seam_writer writer;
};

void seam_begin(struct seam *, enum seam_writer); /* a writer begins; what was held is forgotten */
/* Takes what the writer wrote; appends to `out` what may be said now. */
void seam_add(struct seam *, struct view text, struct buffer *out);
void seam_end(struct seam *, struct buffer *out); /* the writer has come to the end */
void seam_free(struct seam *);

#endif
