/* Products of small float matrices, each with activations of its own: all in one job, cut by rows
 * and tokens. */
#include "tensor/kernels.h"

#include <string.h>

enum { ROWS = 256, TOKENS = 24 }; /* of a unit of work */

/* Products of units; fewer are less work than waking the others. */
static const int64_t worth_waking = 32768;

struct small_multiplication {
    const struct kernels *kernels;
    const struct small_product *products;
    int n_product;
    int64_t n_unit; /* over all products */
};

static int64_t row_units(const struct small_product *product) {
    return (product->weights->rows + ROWS - 1) / ROWS;
}

static int64_t units_of(const struct small_product *product) {
    return row_units(product) * ((product->n_token + TOKENS - 1) / TOKENS);
}

/* The rows of a unit as a matrix of its own: ROWS is a multiple of what is interleaved. */
static struct matrix rows_of(const struct matrix *weights, int64_t first, int64_t n) {
    struct matrix part = *weights;
    part.data = (const uint8_t *)weights->data + (size_t)first * matrix_row_bytes(weights);
    part.rows = n;
    return part;
}

static void run_unit(const struct small_multiplication *job, const struct small_product *product,
                     int64_t unit) {
    float buffer[TOKENS * ROWS];
    int64_t n_row_unit = row_units(product), rows = product->weights->rows;
    int64_t row = unit % n_row_unit * ROWS, token = unit / n_row_unit * TOKENS;
    int64_t n = rows - row < ROWS ? rows - row : ROWS;
    int n_token = product->n_token - (int)token;
    n_token = n_token < TOKENS ? n_token : TOKENS;
    int64_t columns = product->weights->columns;
    struct matrix part = rows_of(product->weights, row, n);
    struct activations in = {.columns = columns, .x = product->x + token * columns};
    job->kernels->multiply(&part, 0, n, &in, n_token, buffer);
    for (int t = 0; t < n_token; t++) {
        float *out = product->out + (token + t) * rows + row;
        if (product->adds)
            add_scaled(out, buffer + t * n, product->scale, n);
        else
            memcpy(out, buffer + t * n, (size_t)n * sizeof *out);
    }
}

static void run_part(void *data, int part, int n_part) {
    const struct small_multiplication *job = data;
    int64_t from = job->n_unit * part / n_part, to = job->n_unit * (part + 1) / n_part;
    for (int i = 0; i < job->n_product && to > 0; i++) {
        int64_t n = units_of(&job->products[i]);
        for (int64_t unit = from < 0 ? 0 : from; unit < n && unit < to; unit++)
            run_unit(job, &job->products[i], unit);
        from -= n;
        to -= n;
    }
}

void matrix_multiply_small(struct pool *pool, const struct small_product *products,
                           int n_product) {
    struct small_multiplication job = {kernels_chosen(), products, n_product, 0};
    int64_t work = 0;
    for (int i = 0; i < n_product; i++) {
        const struct matrix *weights = products[i].weights;
        MUST(!tensor_format(weights->type)->unpack);
        job.n_unit += units_of(&products[i]);
        work += weights->rows * weights->columns * products[i].n_token;
    }
    int64_t n_part = work < worth_waking ? 1 : pool_threads(pool) * (int64_t)8;
    pool_run(pool, run_part, &job, (int)(n_part < job.n_unit ? n_part : job.n_unit));
}
