/* Packing and the innermost loops of products of floats, compiled once for each instruction set
 * (FLOAT_BLOCKS is the name of its table). The vectors are the compiler's own, as wide as the
 * processor's; a tile of sums fills its registers (Goto and van de Geijn, Anatomy of
 * High-Performance Matrix Multiplication, 2008, section 4). */
#include "tensor/float_blocks.h"

#include <string.h>

#if defined(__AVX512F__)
enum { LANES = 16, HEIGHT = 14 };
#elif defined(__AVX2__)
enum { LANES = 8, HEIGHT = 6 };
#else
enum { LANES = 4, HEIGHT = 6 };
#endif
enum { WIDTH = 2 * LANES };
typedef float lanes __attribute__((vector_size(4 * LANES)));

static inline lanes load(const float *at) {
    lanes value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void store(float *at, lanes value) {
    memcpy(at, &value, sizeof value);
}

/* --------------------------------------------------------------------------------------- packing
 */

static inline float value_at(const void *data, enum tensor_type type, int64_t i) {
    if (type == TENSOR_F32)
        return ((const float *)data)[i];
    uint32_t bits = (uint32_t)((const uint16_t *)data)[i] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

typedef float four __attribute__((vector_size(16)));

static inline four load_four(const void *data, enum tensor_type type, int64_t i) {
    four value;
    if (type == TENSOR_F32)
        memcpy(&value, (const float *)data + i, sizeof value);
    else
        for (int j = 0; j < 4; j++)
            value[j] = value_at(data, type, i + j);
    return value;
}

/* Four steps of four sides: a square is turned over. */
static inline void turn_four(const void *data, enum tensor_type type, int64_t across, int side,
                             float *panel) {
    four a = load_four(data, type, 0), b = load_four(data, type, across);
    four c = load_four(data, type, 2 * across), d = load_four(data, type, 3 * across);
    four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    four CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    four out[4] = {
        __builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
        __builtin_shufflevector(AB, CD, 0, 1, 4, 5), __builtin_shufflevector(AB, CD, 2, 3, 6, 7)};
    for (int k = 0; k < 4; k++)
        memcpy(panel + k * side, &out[k], sizeof out[k]);
}

/* Where each side's values follow each other. */
static inline void pack_turned(const void *data, enum tensor_type type, int64_t across, int side,
                               int64_t depth, float *panel) {
    size_t size = type == TENSOR_F32 ? sizeof(float) : sizeof(uint16_t);
    int64_t k = 0;
    for (; k + 4 <= depth; k += 4) {
        int i = 0;
        for (; i + 4 <= side; i += 4)
            turn_four((const char *)data + (size_t)(i * across + k) * size, type, across, side,
                      panel + k * side + i);
        for (int64_t j = k; j < k + 4; j++)
            for (int l = i; l < side; l++)
                panel[j * side + l] = value_at(data, type, l * across + j);
    }
    for (; k < depth; k++)
        for (int i = 0; i < side; i++)
            panel[k * side + i] = value_at(data, type, i * across + k);
}

/* `across`: from one of the panel's side to the next; `along`: from one step to the next. */
static inline void pack_typed(const void *data, enum tensor_type type, int64_t across,
                              int64_t along, int64_t n, int side, int64_t depth, float *panel) {
    if (n < side)
        memset(panel, 0, (size_t)(depth * side) * sizeof *panel);
    if (across == 1 && n == side)
        for (int64_t k = 0; k < depth; k++)
            for (int i = 0; i < side; i++)
                panel[k * side + i] = value_at(data, type, k * along + i);
    else if (along == 1 && n == side)
        pack_turned(data, type, across, side, depth, panel);
    else if (n == side)
        for (int64_t k = 0; k < depth; k++)
            for (int i = 0; i < side; i++)
                panel[k * side + i] = value_at(data, type, i * across + k * along);
    else
        for (int64_t k = 0; k < depth; k++)
            for (int i = 0; i < n; i++)
                panel[k * side + i] = value_at(data, type, i * across + k * along);
}

static inline void pack(const struct operand *from, int64_t offset, int64_t across, int64_t along,
                        int64_t n, int side, int64_t depth, float *panel) {
    if (from->type == TENSOR_F32)
        pack_typed((const float *)from->data + offset, TENSOR_F32, across, along, n, side, depth,
                   panel);
    else
        pack_typed((const uint16_t *)from->data + offset, TENSOR_BF16, across, along, n, side,
                   depth, panel);
}

static void pack_left(const struct operand *from, int64_t first, int64_t n, int64_t step,
                      int64_t depth, float *panel) {
    pack(from, first * from->row_stride + step * from->column_stride, from->row_stride,
         from->column_stride, n, HEIGHT, depth, panel);
}

static void pack_right(const struct operand *from, int64_t first, int64_t n, int64_t step,
                       int64_t depth, float *panel) {
    pack(from, first * from->column_stride + step * from->row_stride, from->column_stride,
         from->row_stride, n, WIDTH, depth, panel);
}

/* -------------------------------------------------------------------------------------- products
 */

static void multiply(const float *left, const float *right, int64_t depth, float scale, bool adds,
                     float *out, int64_t out_stride) {
    lanes sum[HEIGHT][2] = {};
    for (int i = 0; i < HEIGHT; i++)
        __builtin_prefetch(out + i * out_stride, 1);
    for (int64_t k = 0; k < depth; k++, left += HEIGHT, right += WIDTH) {
        lanes a = load(right), b = load(right + LANES);
#pragma GCC unroll 16
        for (int i = 0; i < HEIGHT; i++) {
            sum[i][0] += a * left[i];
            sum[i][1] += b * left[i];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < HEIGHT; i++, out += out_stride)
        for (int j = 0; j < 2; j++) {
            lanes value = sum[i][j] * scale;
            store(out + j * LANES, adds ? load(out + j * LANES) + value : value);
        }
}

const struct float_blocks FLOAT_BLOCKS = {HEIGHT, WIDTH, pack_left, pack_right, multiply};
