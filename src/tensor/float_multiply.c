/* Products of floats: the sum is cut into steps whose panels fit the caches. For each step the
 * right operand is packed once for all threads, then rows of the left one are handed out; each
 * value is one sum in one order, whoever computes it. */
#include "tensor/float_blocks.h"
#include "tensor/kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH = 320,          /* steps of a panel: one of the right operand fits the first cache */
    ROWS = 144,           /* of the left operand, in the second cache */
    COLUMNS = 3072,       /* of the right one, in the third */
    SLOTS = 64,           /* as many threads as a pool has */
    TILE = 32 * 32,       /* values of the largest tile */
    SMALL = 32 * 32 * 32, /* multiply-adds that are not worth a hand-over */
};

struct float_scratch {
    struct pool *pool; /* NULL: the caller alone */
    float *right;      /* panels of the right operand */
    float *left;       /* [slots][ROWS · DEPTH] */
    _Atomic uint64_t taken;
};

struct step { /* of one product */
    const struct float_blocks *blocks;
    struct float_scratch *scratch;
    const struct float_product *product;
    int64_t first_column, n_column, first_step, depth, n_row; /* n_row: handed out at a time */
};

struct float_scratch *float_scratch_new(struct pool *pool, struct fault *fault) {
    struct float_scratch *scratch = try_alloc(1, sizeof *scratch, fault);
    size_t n_slot = pool ? (size_t)pool_threads(pool) : 1;
    if (!scratch)
        return NULL;
    scratch->pool = pool;
    if ((scratch->right = try_alloc_aligned((COLUMNS + 32) * DEPTH, sizeof(float), fault)) &&
        (scratch->left = try_alloc_aligned(n_slot * (ROWS + 16) * DEPTH, sizeof(float), fault)))
        return scratch;
    float_scratch_free(scratch);
    return NULL;
}

void float_scratch_free(struct float_scratch *scratch) {
    if (!scratch)
        return;
    free(scratch->right);
    free(scratch->left);
    free(scratch);
}

static const struct float_blocks *blocks_chosen(bool rounds, int64_t depth) {
    const char *name = kernels_chosen()->name;
    (void)rounds;
    (void)depth;
#if defined(__x86_64__)
    if (rounds && depth >= 2 * float_tiles.least && kernels_tiles())
        return &float_tiles;
    if (rounds && !strcmp(name, "avx512") && __builtin_cpu_supports("avx512bf16"))
        return &float_blocks_bf16;
    if (!strcmp(name, "avx512"))
        return &float_blocks_avx512;
    if (!strcmp(name, "avx2"))
        return &float_blocks_avx2;
#endif
    (void)name;
    return &float_blocks_plain;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* The number of equal parts that are no longer than `most`, and how long each is, rounded up. */
static int64_t even(int64_t n, int64_t most, int64_t multiple) {
    int64_t parts = (n + most - 1) / most, each = (n + parts - 1) / parts;
    return (each + multiple - 1) / multiple * multiple;
}

static void run(const struct step *step, void (*job)(void *, int, int), int n_part) {
    struct pool *pool = step->scratch->pool;
    if (pool && n_part > 1)
        pool_run(pool, job, (void *)(uintptr_t)step, n_part);
    else
        for (int i = 0; i < n_part; i++)
            job((void *)(uintptr_t)step, i, n_part);
}

static void pack_right_part(void *data, int part, int n_part) {
    const struct step *step = data;
    int64_t width = step->blocks->width, n_panel = (step->n_column + width - 1) / width;
    for (int64_t i = n_panel * part / n_part; i < n_panel * (part + 1) / n_part; i++)
        step->blocks->pack_right(&step->product->right, step->product->rounds,
                                 step->first_column + i * width,
                                 least(width, step->n_column - i * width), step->first_step,
                                 step->depth, step->scratch->right + i * width * step->depth);
}

static int take_slot(struct float_scratch *scratch) {
    uint64_t taken = atomic_load(&scratch->taken);
    for (;;) {
        int free_one = __builtin_ctzll(~taken);
        if (atomic_compare_exchange_weak(&scratch->taken, &taken, taken | (uint64_t)1 << free_one))
            return free_one;
    }
}

static void multiply_tile(const struct step *step, const float *left, const float *right,
                          int64_t row, int64_t column, int64_t n_row, int64_t n_column) {
    const struct float_product *product = step->product;
    const struct float_blocks *blocks = step->blocks;
    bool adds = product->adds || step->first_step > 0;
    float *out = product->out + row * product->out_stride + column;
    if (n_row == blocks->height && n_column == blocks->width) {
        blocks->multiply(left, right, step->depth, product->scale, adds, out, product->out_stride);
        return;
    }
    float tile[TILE];
    blocks->multiply(left, right, step->depth, product->scale, false, tile, blocks->width);
    for (int64_t i = 0; i < n_row; i++)
        for (int64_t j = 0; j < n_column; j++) {
            float *at = out + i * product->out_stride + j;
            *at = (adds ? *at : 0) + tile[i * blocks->width + j];
        }
}

static void multiply_rows(void *data, int part, int n_part) {
    const struct step *step = data;
    const struct float_product *product = step->product;
    int64_t height = step->blocks->height, width = step->blocks->width;
    int64_t first = part * step->n_row, n = least(step->n_row, product->rows - first);
    int slot = take_slot(step->scratch);
    float *left = step->scratch->left + (int64_t)slot * (ROWS + 16) * DEPTH;
    (void)n_part;
    for (int64_t i = 0; i < n; i += height)
        step->blocks->pack_left(&product->left, product->rounds, first + i, least(height, n - i),
                                step->first_step, step->depth, left + i * step->depth);
    if (step->blocks->start)
        step->blocks->start();
    for (int64_t j = 0; j < step->n_column; j += width)
        for (int64_t i = 0; i < n; i += height)
            multiply_tile(step, left + i * step->depth, step->scratch->right + j * step->depth,
                          first + i, step->first_column + j, least(height, n - i),
                          least(width, step->n_column - j));
    if (step->blocks->stop)
        step->blocks->stop();
    atomic_fetch_and(&step->scratch->taken, ~((uint64_t)1 << slot));
}

/* As many rows at a time as fit the cache, in a number of parts that threads share evenly. */
static int64_t rows_at_a_time(const struct step *step) {
    int64_t rows = step->product->rows, height = step->blocks->height;
    int64_t n_thread = step->scratch->pool ? pool_threads(step->scratch->pool) : 1;
    int64_t parts = (rows + ROWS - 1) / ROWS;
    if (n_thread > 1 && rows * step->n_column * step->depth > SMALL)
        parts = (parts + 2 * n_thread - 1) / (2 * n_thread) * 2 * n_thread;
    int64_t each = (rows + parts - 1) / parts;
    return (each + height - 1) / height * height;
}

static void multiply_step(struct step *step) {
    int64_t n_panel = (step->n_column + step->blocks->width - 1) / step->blocks->width;
    int n_thread = step->scratch->pool ? pool_threads(step->scratch->pool) : 1;
    bool small = step->n_column * step->depth < SMALL;
    run(step, pack_right_part, small ? 1 : (int)least(n_panel, 2 * n_thread));
    step->n_row = rows_at_a_time(step);
    run(step, multiply_rows, (int)((step->product->rows + step->n_row - 1) / step->n_row));
}

void float_multiply(struct float_scratch *scratch, const struct float_product *product) {
    struct step step = {.blocks = blocks_chosen(product->rounds, product->depth),
                        .scratch = scratch,
                        .product = product};
    if (!product->rows || !product->columns)
        return;
    MUST(product->depth > 0);
    int64_t n_column = even(product->columns, COLUMNS, step.blocks->width);
    int64_t depth = even(product->depth, DEPTH, product->rounds ? 2 : 1);
    for (step.first_column = 0; step.first_column < product->columns;
         step.first_column += n_column)
        for (step.first_step = 0; step.first_step < product->depth; step.first_step += depth) {
            step.n_column = least(n_column, product->columns - step.first_column);
            step.depth = least(depth, product->depth - step.first_step);
            multiply_step(&step);
        }
}
