/* How far a mean may be off, when the items of a topic go together. */
#include <math.h>
#include <stdlib.h>

#include "workshop/proof.h"

struct group {
    double sum;
    size_t n;
};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The mean of as many groups as there are, drawn with putting back; false when nothing in them
 * counts. */
static bool draw_mean(const struct group *groups, uint32_t n_group, struct random *random,
                      double *mean) {
    double sum = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < n_group; i++) {
        const struct group *drawn = &groups[random_between(random, 0, (int64_t)n_group - 1)];
        sum += drawn->sum;
        n += drawn->n;
    }
    *mean = n ? sum / (double)n : 0;
    return n > 0;
}

static struct group *gather(const struct sample *sample, struct estimate *out) {
    struct group *groups = must_alloc(sample->n_group, sizeof *groups);
    double sum = 0;
    for (size_t i = 0; i < sample->n; i++) {
        if (sample->counts && !sample->counts[i])
            continue;
        MUST(sample->groups[i] < sample->n_group);
        groups[sample->groups[i]].sum += sample->values[i];
        groups[sample->groups[i]].n++;
        sum += sample->values[i];
        out->n++;
    }
    out->value = out->n ? sum / (double)out->n : 0;
    return groups;
}

struct estimate bootstrap(const struct sample *sample, int n_draw, uint64_t seed) {
    struct estimate out = {0};
    struct group *groups = gather(sample, &out);
    double *means = must_alloc((size_t)n_draw, sizeof *means);
    struct random random;
    int n = 0;
    random_seed(&random, seed);
    for (int i = 0; out.n && i < n_draw; i++)
        n += draw_mean(groups, sample->n_group, &random, &means[n]);
    qsort(means, (size_t)n, sizeof *means, by_value);
    int outside = (int)(0.025 * n); /* on each side */
    out.low = n ? means[outside] : out.value;
    out.high = n ? means[n - 1 - outside] : out.value;
    free(groups);
    free(means);
    return out;
}
