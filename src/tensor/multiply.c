/* Multiplications spread over the pool: the activations are quantised, the threads meet, and then
 * each takes runs of rows from all the products. */
#include "tensor/kernels.h"

#include <stdlib.h>

struct tensor_scratch {
    int64_t max_columns;
    int max_token;
    int8_t *integer;
    struct block_scale *scale;
};

struct tensor_scratch *tensor_scratch_new(int64_t max_columns, int max_token,
                                          struct fault *fault) {
    struct tensor_scratch *scratch = try_alloc(1, sizeof *scratch, fault);
    size_t n = (size_t)max_columns * (size_t)max_token;
    if (!scratch)
        return NULL;
    *scratch = (struct tensor_scratch){.max_columns = max_columns, .max_token = max_token};
    if ((scratch->integer = try_alloc_aligned(n + 64, 1, fault)) &&
        (scratch->scale = try_alloc_aligned(n / 32 + 16, sizeof *scratch->scale, fault)))
        return scratch;
    tensor_scratch_free(scratch);
    return NULL;
}

void tensor_scratch_free(struct tensor_scratch *scratch) {
    if (!scratch)
        return;
    free(scratch->integer);
    free(scratch->scale);
    free(scratch);
}

struct multiplication {
    const struct kernels *kernels;
    struct activations in;
    int n_token, n_product;
    const struct product *products;
    int64_t tiles; /* of row_tile rows, over all products */
};

static void quantise_part(void *data, int part, int n_part) {
    struct multiplication *job = data;
    struct activations *in = &job->in;
    int64_t n = in->columns;
    int from = (int)((int64_t)job->n_token * part / n_part);
    int to = (int)((int64_t)job->n_token * (part + 1) / n_part);
    for (int t = from; t < to; t++)
        job->kernels->quantise(in->x + t * n, n, in->integer + t * n, in->scale + t * (n / 32));
}

static int64_t tiles_of(const struct multiplication *job, const struct product *product) {
    int tile = job->kernels->row_tile;
    return (product->weights->rows + tile - 1) / tile;
}

static void multiply_part(void *data, int part, int n_part) {
    struct multiplication *job = data;
    int64_t from = job->tiles * part / n_part, to = job->tiles * (part + 1) / n_part;
    for (int i = 0; i < job->n_product && to > 0; i++) {
        const struct product *product = &job->products[i];
        int64_t n = tiles_of(job, product), tile = job->kernels->row_tile;
        int64_t first = (from < 0 ? 0 : from) * tile, last = (to < n ? to : n) * tile;
        if (last > product->weights->rows)
            last = product->weights->rows;
        if (first < last)
            job->kernels->multiply(product->weights, first, last - first, &job->in, job->n_token,
                                   product->out);
        from -= n;
        to -= n;
    }
}

void matrix_multiply(struct pool *pool, struct tensor_scratch *scratch, const float *x,
                     int n_token, const struct product *products, int n_product) {
    if (n_token <= 0 || n_product <= 0)
        return;
    int64_t columns = products[0].weights->columns;
    MUST(n_token <= scratch->max_token && columns <= scratch->max_columns);
    struct multiplication job = {
        .kernels = kernels_chosen(),
        .in = {columns, x, scratch->integer, scratch->scale},
        .n_token = n_token,
        .n_product = n_product,
        .products = products,
    };
    bool integers = false;
    for (int i = 0; i < n_product; i++) {
        MUST(products[i].weights->columns == columns);
        integers |= tensor_format(products[i].weights->type)->unpack != NULL;
        job.tiles += tiles_of(&job, &products[i]);
    }
    int n_thread = pool_threads(pool);
    if (integers && n_token * columns < 16384)
        quantise_part(&job, 0, 1); /* less work than waking the others */
    else if (integers)
        pool_run(pool, quantise_part, &job, n_thread < n_token ? n_thread : n_token);
    /* Small parts even out what the threads get, where each is worth the hand-over. */
    int64_t n_part = n_thread == 1 ? 1 : n_token >= 16 ? n_thread * 32 : n_thread * 4;
    pool_run(pool, multiply_part, &job, (int)(n_part < job.tiles ? n_part : job.tiles));
}
