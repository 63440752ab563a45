/* placement: which skills a newcomer has, by few questions.
 *
 * What a learner can know is a set of skills that holds, with each, all that it builds on
 * (Doignon and Falmagne, "Spaces for the assessment of knowledge", 1985). Such sets are drawn
 * once, weighed by the answers, and each question is the one that tells most about which it is.
 * Pure functions: the same answers give the same. */
#ifndef LYCEUM_SCHOOL_LEARNER_PLACEMENT_H
#define LYCEUM_SCHOOL_LEARNER_PLACEMENT_H

#include "school/learner/practice.h"

enum { PLACEMENT_MOST = 15 }; /* questions */

struct placement_answer {
    size_t skill;
    double chance; /* that blind guessing is right */
    bool right;
    bool passed; /* left without an answer, by one who says that they know the skill: tells nothing
                  */
};
struct placement {
    size_t n_skill, n_answer;
    const struct practice_skill *skills; /* what they build on alone is used of them */
    const bool *claimed; /* the learner says that they know it; NULL: says nothing */
    const struct placement_answer *answers;
};

/* The probability of knowing each skill. Never lower for what a skill builds on than for it. */
void placement_mastery(const struct placement *, double *mastery);
/* The skill whose question tells most, of those that have one; PRACTICE_NONE when enough is
 * known or so many were asked. */
int placement_next(const struct placement *, const double *mastery, const bool *askable);

#endif
