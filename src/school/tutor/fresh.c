/* Questions that a learner has not seen yet. */
#include "school/tutor/turn.h"

#include <math.h>
#include <stdlib.h>

enum { SEEN_MOST = 256, SISTERS_TRIED = 12 };

double exercise_chance(const struct exercise *exercise) {
    const json_t *options = json_object_get(exercise->definition, "options");
    size_t n_choice = json_array_size(json_object_get(options, "choices"));
    size_t n_item = json_array_size(json_object_get(options, "items"));
    size_t n_pair = json_array_size(json_object_get(options, "pairs"));
    if (view_is(exercise->check, "choice") && n_choice)
        return 1 / (double)n_choice;
    if (view_is(exercise->check, "several") && n_choice)
        return pow(0.5, (double)n_choice);
    double orders = n_item + n_pair ? tgamma((double)(n_item + n_pair) + 1) : 0;
    return orders > 0 ? 1 / orders : 0;
}

/* The questions of all seeds that were touched, as hashes. */
static size_t seen_questions(struct record *record, int64_t learner,
                             const struct exercise *exercise, const char *label, uint64_t *seen) {
    uint64_t seeds[SEEN_MOST];
    size_t n = record_seeds(record, learner, label, seeds, SEEN_MOST);
    for (size_t i = 0; i < n; i++) {
        struct variant *variant = variant_make(exercise, seeds[i], NULL);
        seen[i] = variant ? hash64(variant->ask, 0) : 0;
        variant_free(variant);
    }
    return n;
}

static bool was_seen(const struct exercise *exercise, uint64_t seed, const uint64_t *seen,
                     size_t n) {
    struct variant *variant = variant_make(exercise, seed, NULL);
    bool found = !variant;
    for (size_t i = 0; variant && i < n && !found; i++)
        found = hash64(variant->ask, 0) == seen[i];
    variant_free(variant);
    return found;
}

uint64_t tutor_fresh_seed(struct record *record, int64_t learner,
                          const struct exercise *exercise) {
    struct exercise_state state;
    char *label = must_copy(exercise->label);
    bool touched = record_exercise(record, learner, label, &state);
    json_decref(state.answer);
    uint64_t seed = touched && (state.attempts || state.hints || state.bottomed) ? 0 : state.seed;
    if (!seed && json_object_get(exercise->definition, "vary")) {
        uint64_t seen[SEEN_MOST];
        size_t n = seen_questions(record, learner, exercise, label, seen);
        struct variant *variant = variant_make(exercise, state.seed, NULL);
        for (int which = 0; variant && !seed && which < SISTERS_TRIED; which++) {
            uint64_t sister = sister_seed(variant, which);
            if (!sister)
                break;
            seed = was_seen(exercise, sister, seen, n) ? 0 : sister;
        }
        variant_free(variant);
    }
    free(label);
    return seed;
}
