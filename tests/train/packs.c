#include "packs.h"

#include <string.h>

static void join(struct made_pack *made) {
    made->pack.tokens = made->tokens;
    made->pack.targets = made->targets;
    made->pack.weights = made->weights;
    made->pack.segments = made->segments;
}

void make_tree(struct made_pack *made, uint64_t seed, int n_vocabulary) {
    static const int lengths[] = {20, 9, 17, 5, 11};
    struct random random;
    memset(made, 0, sizeof *made);
    join(made);
    random_seed(&random, seed);
    for (int s = 0; s < 5; s++) {
        int parent = s > 0 && s < 4 ? 0 : -1, from = made->pack.n;
        made->segments[made->pack.n_segment++] =
            (struct segment){from, lengths[s], parent, parent < 0 ? 0 : 20};
        for (int i = 0; i < lengths[s]; i++, made->pack.n++)
            made->tokens[made->pack.n] = (int32_t)random_between(&random, 4, n_vocabulary - 1);
        for (int i = 0; i < lengths[s]; i++) {
            bool counts = s > 0 && i + 1 < lengths[s] && i % 3 == 0;
            made->targets[from + i] = counts ? made->tokens[from + i + 1] : -1;
            made->weights[from + i] = counts ? (float)(1 + i % 2) : 0;
        }
    }
}

static void append(const struct made_pack *tree, const struct segment *from,
                   struct made_pack *made) {
    for (int i = 0; i < from->n; i++, made->pack.n++) {
        made->tokens[made->pack.n] = tree->tokens[from->start + i];
        made->targets[made->pack.n] = tree->targets[from->start + i];
        made->weights[made->pack.n] = tree->weights[from->start + i];
    }
}

void make_alone(const struct made_pack *tree, int text, struct made_pack *made) {
    const struct segment *own = &tree->segments[text + 1];
    memset(made, 0, sizeof *made);
    join(made);
    if (own->parent >= 0)
        append(tree, &tree->segments[own->parent], made);
    append(tree, own, made);
    made->pack.n_segment = 1;
    made->segments[0] = (struct segment){0, made->pack.n, -1, 0};
}

double counted_in(const struct pack *pack) {
    double sum = 0;
    for (int i = 0; i < pack->n; i++)
        sum += (double)pack->weights[i];
    return sum;
}
