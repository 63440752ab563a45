/* quota: how many processors the control groups of this process allow. Inside the room only. */
#ifndef LYCEUM_BASE_QUOTA_H
#define LYCEUM_BASE_QUOTA_H

/* The least quota of the process's group and of those around it, in processors; 0: none is set.
 * `root` stands before /proc and /sys, "" for the real ones. */
double quota_processors(const char *root);

#endif
