/* What a model of the company is asked to write, many at a time; what it wrote is kept in a file,
 * so that an interrupted run goes on where it stopped. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_SENIOR_H
#define LYCEUM_WORKSHOP_SENIOR_H

#include "company/company.h"

struct senior_task {
    void *data; /* whose messages it has */
    uint64_t seed;
    const struct grammar *grammar; /* NULL: any line */
    struct view reply;             /* the line that was written; empty: none */
    bool done;
};

struct senior {
    struct company *company;
    const char *name;          /* a role or a member of it that is asked; NULL: its senior */
    const char *cache, *label; /* cache: a file, or NULL; label: of the progress */
    double seconds;            /* 0: ten minutes */
    int most_tokens;
    float temperature;
    /* The messages of a task; called by several threads. New reference; text in the arena. */
    json_t *(*messages)(const struct senior *, const struct senior_task *, struct arena *);
    /* What of a reply counts, a slice of it; NULL: all. */
    struct view (*cut)(struct view reply);
    const void *data;
    const volatile bool *cancel;
    struct arena *arena; /* of the replies */
    size_t n_cached, n_written;
};

/* Fills the replies, those of the cache first, until the time is up. False where the cache cannot
 * be read or written, or there is no senior. */
bool senior_write_all(struct senior *, struct senior_task *, size_t n, struct fault *);

#endif
