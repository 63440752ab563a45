/* Constraints: owned, and joined. */
#include "model/model.h"

#include <stdlib.h>

void constraint_close(struct constraint *constraint) {
    if (constraint->close)
        constraint->close(constraint->data);
    *constraint = (struct constraint){0};
}

struct both {
    struct constraint parts[2];
};

static void mask(void *data, float *logits, int n_vocabulary) {
    struct both *both = data;
    for (int i = 0; i < 2; i++)
        if (both->parts[i].mask)
            both->parts[i].mask(both->parts[i].data, logits, n_vocabulary);
}

static void accept(void *data, int32_t token) {
    struct both *both = data;
    for (int i = 0; i < 2; i++)
        if (both->parts[i].accept)
            both->parts[i].accept(both->parts[i].data, token);
}

static bool sound(void *data, struct fault *fault) {
    struct both *both = data;
    for (int i = 0; i < 2; i++)
        if (both->parts[i].sound && !both->parts[i].sound(both->parts[i].data, fault))
            return false;
    return true;
}

static void close_both(void *data) {
    struct both *both = data;
    for (int i = 0; i < 2; i++)
        constraint_close(&both->parts[i]);
    free(both);
}

bool constraint_both(struct constraint a, struct constraint b, struct constraint *out,
                     struct fault *fault) {
    struct both *both = try_alloc(1, sizeof *both, fault);
    if (!both) {
        constraint_close(&a);
        constraint_close(&b);
        *out = (struct constraint){0};
        return false;
    }
    *both = (struct both){{a, b}};
    *out = (struct constraint){both, mask, accept, sound, close_both};
    return true;
}
