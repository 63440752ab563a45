#include "school/learner/placement.h"

#include <math.h>
#include <stdlib.h>

enum { SETS = 4096 };

static const double slip = 0.1, least_guess = 0.1;

static double guess_of(double chance) {
    return fmax(chance, least_guess);
}

/* One set of skills: each is known with the set's own probability where what it needs is known, so
 * that small and large ones come. Skills need not stand in the order of their needs. */
static void draw_set(const struct placement *placement, struct random *random, double level,
                     signed char *known) {
    enum { OPEN = -1 };
    for (size_t i = 0; i < placement->n_skill; i++)
        known[i] = OPEN;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < placement->n_skill; i++) {
            const struct practice_skill *skill = &placement->skills[i];
            bool ready = known[i] == OPEN, all = true;
            for (size_t j = 0; j < skill->n_before; j++) {
                ready = ready && known[skill->before[j]] != OPEN;
                all = all && known[skill->before[j]] == 1;
            }
            if (!ready)
                continue;
            /* Who says that they know something mostly does. */
            bool claimed = placement->claimed && placement->claimed[i];
            double chance = claimed ? fmax(level, 0.9) : level;
            known[i] = random_unit(random) < chance && all;
            moved = true;
        }
    }
    for (size_t i = 0; i < placement->n_skill; i++) /* in a circle: a mistake of the course */
        known[i] = known[i] == 1;
}

static double weigh(const struct placement *placement, const signed char *known) {
    double weight = 1;
    for (size_t i = 0; i < placement->n_answer; i++) {
        const struct placement_answer *answer = &placement->answers[i];
        double right = known[answer->skill] ? 1 - slip : guess_of(answer->chance);
        weight *= answer->passed ? 1 : answer->right ? right : 1 - right;
    }
    return weight;
}

void placement_mastery(const struct placement *placement, double *mastery) {
    struct random random;
    signed char *known = must_alloc(placement->n_skill + 1, sizeof *known);
    double all = 0;
    random_seed(&random, 1);
    for (size_t i = 0; i < placement->n_skill; i++)
        mastery[i] = 0;
    for (int i = 0; i < SETS; i++) {
        draw_set(placement, &random, (i + 0.5) / SETS, known);
        double weight = weigh(placement, known);
        all += weight;
        for (size_t j = 0; j < placement->n_skill; j++)
            mastery[j] += known[j] ? weight : 0;
    }
    for (size_t i = 0; i < placement->n_skill; i++)
        mastery[i] /= all;
    free(known);
}

static double entropy(double p) {
    return p <= 0 || p >= 1 ? 0 : -p * log2(p) - (1 - p) * log2(1 - p);
}

/* What an answer tells of whether the skill is known, in bits. */
static double told(double mastery) {
    double right = mastery * (1 - slip) + (1 - mastery) * least_guess;
    return entropy(right) - mastery * entropy(slip) - (1 - mastery) * entropy(least_guess);
}

int placement_next(const struct placement *placement, const double *mastery, const bool *askable) {
    static const double sure = 0.92;
    double most = told(sure);
    int best = PRACTICE_NONE;
    if (placement->n_answer >= PLACEMENT_MOST)
        return PRACTICE_NONE;
    for (size_t i = 0; i < placement->n_skill; i++)
        if (askable[i] && told(mastery[i]) > most + 1e-12) {
            most = told(mastery[i]);
            best = (int)i;
        }
    return best;
}
