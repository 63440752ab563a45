/* Rows interleaved for the kernels, once, when a model is first used. See pack.h. */
#include "tensor/pack.h"
#include "tensor/kernels.h"

#include <string.h>

enum { MAX_FIELDS = 5 };

struct field {
    int offset, unit, count; /* bytes from the block's start, bytes of a unit, units a block */
    bool exchanges_bits;
};

/* Integers first, so that they stand at multiples of a register. */
static const struct layout {
    enum tensor_type type;
    struct field fields[MAX_FIELDS];
} layouts[] = {
    {TENSOR_F32, {{0, 4, 1, false}}},
    {TENSOR_F16, {{0, 2, 1, false}}},
    {TENSOR_BF16, {{0, 2, 1, false}}},
    {TENSOR_Q4_0, {{2, 4, 4, false}, {0, 2, 1, false}}},
    {TENSOR_Q4_1, {{4, 4, 4, false}, {0, 2, 1, false}, {2, 2, 1, false}}},
    {TENSOR_Q5_0, {{6, 4, 4, false}, {2, 4, 1, true}, {0, 2, 1, false}}},
    {TENSOR_Q5_1, {{8, 4, 4, false}, {4, 4, 1, true}, {0, 2, 1, false}, {2, 2, 1, false}}},
    {TENSOR_Q8_0, {{2, 4, 8, false}, {0, 2, 1, false}}},
    {TENSOR_Q4_K, {{16, 4, 32, false}, {4, 4, 3, false}, {0, 2, 1, false}, {2, 2, 1, false}}},
    {TENSOR_Q5_K,
     {{48, 4, 32, false}, {16, 4, 8, false}, {4, 4, 3, false}, {0, 2, 1, false}, {2, 2, 1, false}}},
    {TENSOR_Q6_K, {{0, 4, 32, false}, {128, 4, 16, false}, {192, 4, 4, false}, {208, 2, 1, false}}},
};

static const struct layout *layout_of(enum tensor_type type) {
    size_t i = 0;
    while (i + 1 < COUNT_OF(layouts) && layouts[i].type != type)
        i++;
    return &layouts[i];
}

/* Bits 4 k + j become bits 8 j + k. */
static uint32_t exchange(uint32_t word) {
    uint32_t out = 0;
    for (int j = 0; j < 4; j++) {
        uint32_t bits = word >> j & 0x11111111;
        bits = (bits | bits >> 3) & 0x03030303;
        bits = (bits | bits >> 6) & 0x000f000f;
        out |= ((bits | bits >> 12) & 0xff) << 8 * j;
    }
    return out;
}

static uint32_t exchange_back(uint32_t word) {
    uint32_t out = 0;
    for (int j = 0; j < 4; j++) {
        uint32_t bits = word >> 8 * j & 0xff;
        bits = (bits | bits << 12) & 0x000f000f;
        bits = (bits | bits << 6) & 0x03030303;
        out |= ((bits | bits << 3) & 0x11111111) << j;
    }
    return out;
}

/* ------------------------------------------------------------------------------------ packing */

/* The units of n blocks of each row, from `step` to `step` bytes; unit is a constant here. */
static inline __attribute__((always_inline)) void gather(const struct field *field, size_t unit,
                                                         const uint8_t *const *rows, int lanes,
                                                         size_t step, int64_t n, uint8_t *out) {
    for (int64_t block = 0; block < n; block++) {
        size_t at = (size_t)block * step + (size_t)field->offset;
        for (int k = 0; k < field->count; k++, at += unit)
            for (int lane = 0; lane < lanes; lane++, out += unit)
                memcpy(out, rows[lane] + at, unit);
    }
}

static void exchange_all(uint8_t *words, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, words + 4 * i, 4);
        word = exchange(word);
        memcpy(words + 4 * i, &word, 4);
    }
}

static void pack_field(const struct field *field, const uint8_t *const *rows, int lanes,
                       size_t step, int64_t n, uint8_t *out) {
    if (field->unit == 2)
        gather(field, 2, rows, lanes, step, n, out);
    else if (lanes == 8) /* so that the copies are unrolled */
        gather(field, 4, rows, 8, step, n, out);
    else
        gather(field, 4, rows, lanes, step, n, out);
    if (field->exchanges_bits)
        exchange_all(out, n * field->count * lanes);
}

static size_t field_bytes(const struct field *field) {
    return (size_t)(field->unit * field->count);
}

/* Eight panels hold nothing: rows past the end are read from here, a piece at a time. */
static const uint8_t nothing[256 * 4];

void pack_panel(const struct matrix *matrix, int lanes, int64_t first_row, int64_t first_block,
                int64_t n_block, uint8_t *panel) {
    const struct tensor_format *format = tensor_format(matrix->type);
    const struct layout *layout = layout_of(matrix->type);
    size_t row_bytes = matrix_row_bytes(matrix), step = (size_t)format->block_bytes;
    const uint8_t *rows[MAX_LANES];
    int n_row = 0;
    for (; n_row < lanes && first_row + n_row < matrix->rows; n_row++)
        rows[n_row] = (const uint8_t *)matrix->data + (size_t)(first_row + n_row) * row_bytes +
                      (size_t)first_block * step;
    for (int i = 0; i < MAX_FIELDS && layout->fields[i].unit; i++) {
        const struct field *field = &layout->fields[i];
        size_t n_byte = field_bytes(field) * (size_t)lanes;
        if (n_row == lanes) {
            pack_field(field, rows, lanes, step, n_block, panel);
        } else {
            const uint8_t *at[MAX_LANES];
            for (int64_t block = 0; block < n_block; block++) {
                for (int lane = 0; lane < lanes; lane++)
                    at[lane] = lane < n_row ? rows[lane] + (size_t)block * step : nothing;
                pack_field(field, at, lanes, step, 1, panel + (size_t)block * n_byte);
            }
        }
        panel += n_byte * (size_t)n_block;
    }
}

void unpack_block(const struct matrix *matrix, int64_t row, int64_t block, uint8_t *out) {
    const struct layout *layout = layout_of(matrix->type);
    size_t lanes = (size_t)matrix->packed, lane = (size_t)row % lanes;
    int64_t n_block = matrix->columns / tensor_format(matrix->type)->block_values;
    const uint8_t *panel = matrix->data;
    panel += ((size_t)row - lane) * matrix_row_bytes(matrix);
    for (int i = 0; i < MAX_FIELDS && layout->fields[i].unit; i++) {
        const struct field *field = &layout->fields[i];
        size_t unit = (size_t)field->unit;
        const uint8_t *at =
            panel + (size_t)block * field_bytes(field) * lanes + lane * unit;
        for (int k = 0; k < field->count; k++, at += lanes * unit)
            memcpy(out + field->offset + k * field->unit, at, unit);
        if (field->exchanges_bits) {
            uint32_t word;
            memcpy(&word, out + field->offset, 4);
            word = exchange_back(word);
            memcpy(out + field->offset, &word, 4);
        }
        panel += field_bytes(field) * lanes * (size_t)n_block;
    }
}

struct packing {
    const struct matrix *from;
    int lanes;
    uint8_t *to;
};

static void pack_part(void *data, int part, int n_part) {
    const struct packing *job = data;
    const struct matrix *from = job->from;
    int64_t n = (from->rows + job->lanes - 1) / job->lanes;
    size_t panel_bytes = matrix_row_bytes(from) * (size_t)job->lanes;
    int64_t n_block = from->columns / tensor_format(from->type)->block_values;
    for (int64_t i = n * part / n_part; i < n * (part + 1) / n_part; i++)
        pack_panel(from, job->lanes, i * job->lanes, 0, n_block,
                   job->to + (size_t)i * panel_bytes);
}

size_t matrix_packed_bytes(const struct matrix *matrix) {
    int64_t lanes = kernels_chosen()->lanes;
    if (!lanes || matrix->packed)
        return 0;
    return (size_t)((matrix->rows + lanes - 1) / lanes * lanes) * matrix_row_bytes(matrix);
}

void matrix_pack(struct pool *pool, struct matrix *matrix, void *memory) {
    struct packing job = {matrix, kernels_chosen()->lanes, memory};
    MUST(job.lanes && !matrix->packed);
    pool_run(pool, pack_part, &job, pool_threads(pool) * 4);
    matrix->data = memory;
    matrix->packed = job.lanes;
}
