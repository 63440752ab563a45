/* Packing and the innermost loops of products of floats, compiled once for each instruction set
 * (FLOAT_BLOCKS is the name of its table). The vectors are the compiler's own, as wide as the
 * processor's; a tile of sums fills its registers (Goto and van de Geijn, Anatomy of
 * High-Performance Matrix Multiplication, 2008, section 4). With FLOAT_PAIRS the panels hold bf16,
 * two steps of the sum in a word, as AVX512-BF16 multiplies them. */
#include "tensor/float_blocks.h"
#include "tensor/intrinsics.h"

#include <string.h>

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

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

#if !defined(FLOAT_PAIRS)
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
#endif

/* To bf16, and the steps 0, 1, 2, 3 … of the sum in the order 1, 0, 3, 2 …. */
static inline uint32_t rounded(uint32_t bits) {
    uint32_t size = bits & 0x7fffffff, sign = bits & 0x80000000;
    uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    return size > 0x7f800000 ? bits | 0x7fffffff : size < 0x00800000 ? sign : nearest;
}

#if defined(FLOAT_PAIRS)
static inline uint32_t bits_at(const void *data, enum tensor_type type, bool rounds, int64_t i) {
    float value = value_at(data, type, i);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return rounds ? rounded(bits) : bits;
}

/* Of steps i and i + along, the first in the low half of the word. */
static inline uint32_t pair_at(const void *data, enum tensor_type type, bool rounds, int64_t i,
                               int64_t along) {
    return (bits_at(data, type, rounds, i + along) & 0xffff0000) |
           bits_at(data, type, rounds, i) >> 16;
}

/* Of one of the panel's sides the pairs lie apart in the panel: made in a row, then put there. */
static inline void pack_side(const void *data, enum tensor_type type, bool rounds, int64_t from,
                             int64_t along, int64_t n_pair, int side, uint32_t *panel) {
    enum { RUN = 64 };
    uint32_t row[RUN];
    for (int64_t first = 0; first < n_pair; first += RUN) {
        int64_t n = n_pair - first < RUN ? n_pair - first : RUN;
        for (int64_t k = 0; k < n; k++)
            row[k] = pair_at(data, type, rounds, from + 2 * (first + k) * along, along);
        for (int64_t k = 0; k < n; k++)
            panel[(first + k) * side] = row[k];
    }
}

static inline void pack_pairs(const void *data, enum tensor_type type, bool rounds, int64_t across,
                              int64_t along, int64_t n, int side, int64_t depth, uint32_t *panel) {
    int64_t n_pair = depth / 2;
    if (n < side)
        memset(panel, 0, (size_t)((depth + 1) / 2 * side) * sizeof *panel);
    if (across == 1 && n == side)
        for (int64_t k = 0; k < n_pair; k++)
            for (int i = 0; i < side; i++)
                panel[k * side + i] = pair_at(data, type, rounds, 2 * k * along + i, along);
    else
        for (int64_t i = 0; i < n; i++)
            if (along == 1)
                pack_side(data, type, rounds, i * across, 1, n_pair, side, panel + i);
            else
                pack_side(data, type, rounds, i * across, along, n_pair, side, panel + i);
    for (int64_t i = 0; depth % 2 && i < n; i++)
        panel[n_pair * side + i] =
            bits_at(data, type, rounds, i * across + (depth - 1) * along) >> 16;
}

static inline void pack_panel(const struct operand *from, bool rounds, int64_t offset,
                              int64_t across, int64_t along, int64_t n, int side, int64_t depth,
                              float *panel) {
    if (from->type == TENSOR_F32)
        pack_pairs((const float *)from->data + offset, TENSOR_F32, rounds, across, along, n, side,
                   depth, (uint32_t *)(void *)panel);
    else
        pack_pairs((const uint16_t *)from->data + offset, TENSOR_BF16, rounds, across, along, n,
                   side, depth, (uint32_t *)(void *)panel);
}
#else
static void round_panel(float *panel, int side, int64_t depth) {
    for (int64_t k = 0; k < depth; k += 2) {
        uint32_t a[WIDTH], b[WIDTH] = {0};
        float *first = panel + k * side, *second = first + side;
        bool both = k + 1 < depth;
        memcpy(a, first, (size_t)side * sizeof *a);
        if (both)
            memcpy(b, second, (size_t)side * sizeof *b);
        for (int i = 0; i < side; i++) {
            a[i] = rounded(a[i]);
            b[i] = rounded(b[i]);
        }
        memcpy(both ? second : first, a, (size_t)side * sizeof *a);
        if (both)
            memcpy(first, b, (size_t)side * sizeof *b);
    }
}

static inline void pack_panel(const struct operand *from, bool rounds, int64_t offset,
                              int64_t across, int64_t along, int64_t n, int side, int64_t depth,
                              float *panel) {
    pack(from, offset, across, along, n, side, depth, panel);
    if (rounds)
        round_panel(panel, side, depth);
}
#endif

static void pack_left(const struct operand *from, bool rounds, int64_t first, int64_t n,
                      int64_t step, int64_t depth, float *panel) {
    pack_panel(from, rounds, first * from->row_stride + step * from->column_stride,
               from->row_stride, from->column_stride, n, HEIGHT, depth, panel);
}

static void pack_right(const struct operand *from, bool rounds, int64_t first, int64_t n,
                       int64_t step, int64_t depth, float *panel) {
    pack_panel(from, rounds, first * from->column_stride + step * from->row_stride,
               from->column_stride, from->row_stride, n, WIDTH, depth, panel);
}

/* -------------------------------------------------------------------------------------- products
 */

#if defined(FLOAT_PAIRS)
typedef uint32_t pairs __attribute__((vector_size(4 * LANES)));

/* sum + the product of the high halves + that of the low ones, in this order. Products of bf16 are
 * exact in floats, so that it does not matter whether they are contracted with the sum. */
static inline lanes add_pair(lanes sum, pairs a, uint32_t b) {
#if defined(__AVX512BF16__)
    return (lanes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)_mm512_set1_epi32((int)b));
#else
    float odd, even;
    uint32_t high = b & 0xffff0000, low = b << 16;
    memcpy(&odd, &high, sizeof odd);
    memcpy(&even, &low, sizeof even);
    sum += (lanes)(a & 0xffff0000) * odd;
    return sum + (lanes)(a << 16) * even;
#endif
}

/* A step of the sum is two. */
enum { STEPS = 2 };
static inline void add_step(lanes sum[HEIGHT][2], const float *left, const float *right) {
    pairs a, b;
    uint32_t side[HEIGHT];
    memcpy(&a, right, sizeof a);
    memcpy(&b, right + LANES, sizeof b);
    memcpy(side, left, sizeof side);
    UNROLLED(16, int i = 0; i < HEIGHT; i++) {
        sum[i][0] = add_pair(sum[i][0], a, side[i]);
        sum[i][1] = add_pair(sum[i][1], b, side[i]);
    }
}
#else
enum { STEPS = 1 };
static inline void add_step(lanes sum[HEIGHT][2], const float *left, const float *right) {
    lanes a = load(right), b = load(right + LANES);
    UNROLLED(16, int i = 0; i < HEIGHT; i++) {
        sum[i][0] += a * left[i];
        sum[i][1] += b * left[i];
    }
}
#endif

static void multiply(const float *left, const float *right, int64_t depth, float scale, bool adds,
                     float *out, int64_t out_stride) {
    lanes sum[HEIGHT][2] = {};
    for (int i = 0; i < HEIGHT; i++)
        __builtin_prefetch(out + i * out_stride, 1);
    for (int64_t k = 0; k < depth; k += STEPS, left += HEIGHT, right += WIDTH)
        add_step(sum, left, right);
    UNROLLED(16, int i = 0; i < HEIGHT; i++, out += out_stride)
        for (int j = 0; j < 2; j++) {
            lanes value = sum[i][j] * scale;
            store(out + j * LANES, adds ? load(out + j * LANES) + value : value);
        }
}

const struct float_blocks FLOAT_BLOCKS = {.height = HEIGHT,
                                          .width = WIDTH,
                                          .pairs = STEPS == 2,
                                          .pack_left = pack_left,
                                          .pack_right = pack_right,
                                          .multiply = multiply};
