/* The products of adapters beside those of the model. Tokens of one adapter that follow each other
 * are a run; what is computed of a token does not depend on the runs around it. */
#include "model/adapter.h"
#include "model/pass.h"

#include <string.h>

void pass_add_run(struct pass *pass, const struct span *span, int first, int n) {
    if (!span->adapter || !n)
        return;
    struct adapted_run *last = pass->n_run ? &pass->runs[pass->n_run - 1] : NULL;
    if (last && last->adapter == span->adapter && last->scale == span->adapter_scale &&
        last->first + last->n == first)
        last->n += n;
    else
        pass->runs[pass->n_run++] =
            (struct adapted_run){span->adapter, span->adapter_scale, first, n};
}

static const struct adapted *adapted_of(const struct pass *pass, const struct adapted_run *run,
                                        int i) {
    const struct adapted *adapted = &run->adapter->layers[pass->layer - pass->weights->layers][i];
    return adapted->a.rows ? adapted : NULL;
}

/* A x of the tokens of a run, of the i-th matrix in a call. */
static float *low_of(const struct pass *pass, const struct adapted_run *run, int i) {
    return pass->low + ((int64_t)i * PASS_TOKENS + run->first) * ADAPTER_RANK;
}

/* Where one adapter has all tokens, its halves A are more rows for the same activations. */
static int join(const struct pass *pass, enum adapted_matrix first, int n, struct product *out) {
    int n_out = 0;
    for (int i = 0; i < n; i++) {
        const struct adapted *adapted = adapted_of(pass, &pass->runs[0], (int)first + i);
        if (adapted)
            out[n_out++] = (struct product){&adapted->a, low_of(pass, &pass->runs[0], i)};
    }
    return n_out;
}

static void lower(struct pass *pass, const float *x, enum adapted_matrix first, int n) {
    int n_small = 0;
    for (int r = 0; r < pass->n_run; r++)
        for (int i = 0; i < n; i++) {
            const struct adapted_run *run = &pass->runs[r];
            const struct adapted *adapted = adapted_of(pass, run, (int)first + i);
            if (adapted)
                pass->small[n_small++] =
                    (struct small_product){.weights = &adapted->a,
                                           .x = x + run->first * adapted->a.columns,
                                           .n_token = run->n,
                                           .out = low_of(pass, run, i)};
        }
    matrix_multiply_small(pass->pool, pass->small, n_small);
}

static void raise(struct pass *pass, enum adapted_matrix first, const struct product *products,
                  int n) {
    int n_small = 0;
    for (int r = 0; r < pass->n_run; r++)
        for (int i = 0; i < n; i++) {
            const struct adapted_run *run = &pass->runs[r];
            const struct adapted *adapted = adapted_of(pass, run, (int)first + i);
            if (adapted)
                pass->small[n_small++] =
                    (struct small_product){.weights = &adapted->b,
                                           .x = low_of(pass, run, i),
                                           .n_token = run->n,
                                           .out = products[i].out + run->first * adapted->b.rows,
                                           .adds = true,
                                           .scale = adapted->scale * run->scale};
        }
    matrix_multiply_small(pass->pool, pass->small, n_small);
}

void pass_multiply(struct pass *pass, const float *x, enum adapted_matrix first,
                   const struct product *products, int n) {
    struct product all[2 * PASS_PRODUCTS];
    bool joins = pass->n_run == 1 && pass->runs[0].n == pass->n;
    int n_joined = joins ? join(pass, first, n, all) : 0;
    memcpy(all + n_joined, products, (size_t)n * sizeof *products);
    matrix_multiply(pass->pool, pass->scratch, x, pass->n, all, n_joined + n);
    if (pass->n_run && !joins)
        lower(pass, x, first, n);
    if (pass->n_run)
        raise(pass, first, products, n);
}
