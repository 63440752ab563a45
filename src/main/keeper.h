/* Copies of the record that an open school makes by itself. */
#ifndef LYCEUM_MAIN_KEEPER_H
#define LYCEUM_MAIN_KEEPER_H

struct keeper;

/* A copy into DATA/backups every so many hours, the newest `keep` of them kept; the first one when
 * the last is older than that. What fails is told on standard error, and tried again. */
struct keeper *keeper_open(const char *data, double hours, int keep);
void keeper_close(struct keeper *); /* waits for a copy that is being made; NULL is allowed */

#endif
