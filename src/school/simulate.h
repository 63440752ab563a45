/* What the files of the simulation share: the world as it truly is, which no scheduler sees. */
#ifndef LYCEUM_SCHOOL_SIMULATE_H
#define LYCEUM_SCHOOL_SIMULATE_H

#include "school/school_inside.h"

struct world { /* a course, with what no teacher knows of it */
    size_t n_skill, n_exercise;
    const struct practice_skill *skills; /* the graph alone is used of them */
    const struct practice_exercise *exercises;
    double *difficulty; /* of each exercise, on the scale of log-odds */
    bool *varied;       /* has more than one question */
    double threshold, target;
};

/* A learner of known ability. It learns by other laws than those that the school supposes: at its
 * own speed, hardly without what a skill builds on, and forgets by an exponential curve. */
struct pupil {
    double ability; /* of a normal distribution; 0 is the mean */
    struct random random;
    struct pupil_skill {
        bool met, knows;
        double stability; /* days */
        int64_t used_ms;
    } *skills;
};
void pupil_begin(const struct world *, struct pupil *, uint64_t seed); /* skills: room for all */
/* The lesson is read before the first exercise on a skill. */
void pupil_reads(const struct world *, struct pupil *, size_t skill, int64_t now_ms);
double pupil_recall(const struct pupil *, size_t skill, int64_t now_ms); /* 0 when never known */
/* Whether it is there at this moment: known, and not forgotten. */
bool pupil_has(struct pupil *, size_t skill, int64_t now_ms);
/* Answers an exercise for the first time, then learns from what comes back. `has` is what
 * pupil_has gave. */
bool pupil_answers(const struct world *, struct pupil *, size_t exercise, bool has,
                   int64_t now_ms);

#endif
