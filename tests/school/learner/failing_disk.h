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
/* The n-th change from now on never comes: the process is gone, as by a kill. */
void failing_disk_kill_at(int n);
enum { FAILING_DISK_KILLED = 77 }; /* the exit code of such a process */
/* How far apart the changes are at which tests stop: 7, or with EVERY_HALT in the environment 1. A
 * prime, since changes come in patterns. */
int failing_disk_stride(void);
bool failing_disk_failed(void); /* whether it came to that */
int failing_disk_syncs(void);   /* how often a log was synced so far: once a commit */

#endif
