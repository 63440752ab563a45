/* One exercise and one skill: what a first try says of either. */
#include "school/learner/practice.h"

#include <math.h>

/* ------------------------------------------------------------------------------- one exercise */

static double shifted(double probability, double by) {
    if (probability <= 0 || probability >= 1)
        return probability;
    return 1 / (1 + exp(-(log(probability / (1 - probability)) + by)));
}

struct tracing tracing_of_exercise(const struct tracing *tracing, double difficulty,
                                   double chance) {
    struct tracing of = *tracing;
    of.guess = fmin(fmax(shifted(tracing->guess, -difficulty), chance), 0.9);
    of.slip = shifted(tracing->slip, difficulty);
    /* A right answer must not speak against knowing. */
    if (of.slip > 1 - of.guess - 0.02)
        of.slip = fmax(1 - of.guess - 0.02, 0);
    return of;
}

double difficulty_after(double difficulty, int tries, double predicted, bool right) {
    static const double most = 3;
    difficulty += (predicted - (right ? 1 : 0)) / (1 + 0.05 * tries);
    return fmin(fmax(difficulty, -most), most);
}

double difficulty_used(double difficulty, int tries) {
    enum { ENOUGH = 20 };
    return tries < ENOUGH ? 0 : difficulty;
}

/* ----------------------------------------------------------------------------------- one skill */

double skill_known(const struct skill_state *skill, int64_t now_ms) {
    return skill->mastery * memory_recall(&spacing_school, &skill->memory, now_ms);
}

void skill_observe(struct skill_state *skill, const struct tracing *tracing, bool right,
                   int64_t now_ms) {
    double known = skill_known(skill, now_ms);
    if (skill->believed && !right) { /* what was said is shown otherwise: begin where all begin */
        known = tracing->start;
        skill->reached_ms = 0;
    }
    skill->believed = false;
    skill->mastery = tracing_after(tracing, known, right);
    skill->unaided++;
    skill->right += right;
    memory_review(&spacing_school, &skill->memory, rating_of(right), now_ms);
}

void skill_believe(struct skill_state *skill, double mastery, double threshold, int64_t now_ms) {
    if (skill->unaided)
        return; /* what was done says more */
    skill->mastery = mastery;
    skill->believed = mastery >= threshold;
    if (!skill->believed)
        return;
    if (!skill->reached_ms)
        skill->reached_ms = now_ms;
    if (!(skill->memory.stability > 0))
        memory_review(&spacing_school, &skill->memory, RATING_GOOD, now_ms);
}
