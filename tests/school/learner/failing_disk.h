/* A disk that fails when told: SQLite's own files, through a layer that counts what changes them.
 * Once the disk has failed it goes on failing, as a full one does, until it is mended. */
#ifndef LYCEUM_TESTS_FAILING_DISK_H
#define LYCEUM_TESTS_FAILING_DISK_H

#include <stdbool.h>

/* Makes it the disk of every database opened from here on. */
void failing_disk_insert(void);
/* The n-th change (write, sync, truncation; 1-based) from now on fails, as do all after it.
 * `code` is what SQLite then hears: SQLITE_FULL or an SQLITE_IOERR. 0 mends the disk. */
void failing_disk_after(int n, int code);
bool failing_disk_failed(void); /* whether it came to that */

#endif
