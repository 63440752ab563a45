/* archive: a few small files as one, in the form of zip (APPNOTE.TXT, sections 4.3 and 4.4), stored
 * as they are: what every system opens. */
#ifndef LYCEUM_SCHOOL_ARCHIVE_H
#define LYCEUM_SCHOOL_ARCHIVE_H

#include "base/base.h"

struct archive {
    struct buffer *out;       /* the files so far */
    struct buffer directory;  /* what is said of them at the end */
    unsigned n;
};
/* name: ASCII, with "/" between folders; at most some thousand files, some megabytes in all. */
void archive_add(struct archive *, const char *name, struct view bytes);
void archive_end(struct archive *);

#endif
