/* What each measure of diversity is called and what the gate makes of it: a row a measure. */
#ifndef LYCEUM_WORKSHOP_MEASURE_TABLE_H
#define LYCEUM_WORKSHOP_MEASURE_TABLE_H

#include "workshop/workshop.h"

struct measure_row {
    const char *name, *key; /* for people; in JSON */
    int grows;              /* +1: a collapse makes it greater, -1: less */
    bool counts;            /* one of those of which two outside make the gate fire */
    int digits;
    bool is_share;
    const char *why; /* what it shows when it has collapsed */
};

extern const struct measure_row measure_rows[N_DIVERSITY];

/* A commonest opener past this many times the reference's makes the gate fire. */
enum { TOP_OPENER_TIMES = 3, FIRE_AT = 2 };
/* Long near-duplicates past so many deviations make it fire alone. */
#define ALONE_AT 2.0
double diversity_alone(const struct diversity_figure *);

#endif
