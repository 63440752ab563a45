/* Simulated learners: what they know, how they learn and forget. */
#include "school/simulate.h"

#include <math.h>

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static double normal(struct random *random) {
    double radius = sqrt(-2 * log(1 - random_unit(random)));
    return radius * cos(6.283185307179586 * random_unit(random));
}

static bool happens(struct random *random, double probability) {
    return random_unit(random) < probability;
}

static bool has_what_is_needed(const struct world *world, const struct pupil *pupil,
                               size_t skill) {
    const struct practice_skill *at = &world->skills[skill];
    for (size_t i = 0; i < at->n_before; i++)
        if (!pupil->skills[at->before[i]].knows)
            return false;
    return true;
}

/* Some come with knowledge: the able with more, and never of a skill without what it needs. */
void pupil_begin(const struct world *world, struct pupil *pupil, uint64_t seed) {
    random_seed(&pupil->random, seed);
    pupil->ability = normal(&pupil->random);
    for (size_t i = 0; i < world->n_skill; i++)
        pupil->skills[i] = (struct pupil_skill){0};
    /* Skills need not stand in the order in which they need each other. */
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < world->n_skill; i++) {
            struct pupil_skill *skill = &pupil->skills[i];
            if (skill->met || !has_what_is_needed(world, pupil, i))
                continue;
            skill->met = true;
            skill->knows = happens(&pupil->random, sigmoid(pupil->ability - 1.5));
            skill->stability = 60;
        }
    for (size_t i = 0; i < world->n_skill; i++)
        pupil->skills[i].met = pupil->skills[i].knows;
}

double pupil_recall(const struct pupil *pupil, size_t skill, int64_t now_ms) {
    const struct pupil_skill *at = &pupil->skills[skill];
    if (!at->knows || !at->used_ms)
        return at->knows;
    return exp(-(double)(now_ms - at->used_ms) / SPACING_DAY_MS / at->stability);
}

bool pupil_has(struct pupil *pupil, size_t skill, int64_t now_ms) {
    return happens(&pupil->random, pupil_recall(pupil, skill, now_ms));
}

void pupil_reads(const struct world *world, struct pupil *pupil, size_t skill, int64_t now_ms) {
    struct pupil_skill *at = &pupil->skills[skill];
    if (at->met)
        return;
    at->used_ms = now_ms;
    double chance = sigmoid(0.1 + 0.8 * pupil->ability);
    at->met = true;
    at->knows =
        happens(&pupil->random, has_what_is_needed(world, pupil, skill) ? chance : 0.2 * chance);
    at->stability = 20 * exp(0.4 * normal(&pupil->random));
}

/* Used when it was half forgotten, it is kept longer. */
static void strengthen(struct pupil *pupil, size_t skill, int64_t now_ms) {
    struct pupil_skill *at = &pupil->skills[skill];
    at->stability *= 1 + 15 * (1 - pupil_recall(pupil, skill, now_ms));
    at->used_ms = now_ms;
}

static void learn(const struct world *world, struct pupil *pupil, size_t skill, bool right,
                  int64_t now_ms) {
    struct pupil_skill *at = &pupil->skills[skill];
    double chance = sigmoid(-0.5 + 0.8 * pupil->ability) * (right ? 0.7 : 1);
    if (!has_what_is_needed(world, pupil, skill))
        chance *= 0.2;
    if (at->knows) { /* forgotten for a while: it comes back more easily than it came */
        at->stability = fmax(at->stability * 0.5, 5);
        if (happens(&pupil->random, fmin(2 * chance, 0.9)))
            at->used_ms = now_ms;
        return;
    }
    at->knows = happens(&pupil->random, chance);
    at->used_ms = now_ms;
}

bool pupil_answers(const struct world *world, struct pupil *pupil, size_t exercise, bool has,
                   int64_t now_ms) {
    size_t skill = world->exercises[exercise].skill;
    double difficulty = world->difficulty[exercise];
    double slip = sigmoid(-2.7 + difficulty - 0.3 * pupil->ability);
    double guess = fmax(world->exercises[exercise].chance, sigmoid(-2.3 - difficulty));
    bool right = happens(&pupil->random, has ? 1 - slip : guess);
    if (has)
        strengthen(pupil, skill, now_ms);
    else
        learn(world, pupil, skill, right, now_ms);
    return right;
}
