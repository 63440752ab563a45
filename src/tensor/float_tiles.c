/* Products of floats rounded to bf16, by the tiles of AMX: an instruction multiplies 16 rows with
 * 16 columns over 32 steps of the sum. A panel is a row of tiles, each 16 sides × 16 words of two
 * steps, of the right operand turned over; what is missing is 0. */
#include "tensor/float_blocks.h"
#include "tensor/intrinsics.h"

#include <immintrin.h>

enum { SIDE = 16, STEPS = 32, HEIGHT = 2 * SIDE, WIDTH = 2 * SIDE, WORDS = SIDE * SIDE };

/* --------------------------------------------------------------------------------------- packing
 */

struct strip { /* some sides of an operand from a step on */
    const void *data;
    enum tensor_type type;
    int64_t at, across, along; /* from a side to the next, from a step to the next */
    int64_t n, depth;          /* sides and steps that there are */
};

static inline __m512 load_some(const struct strip *strip, int64_t at, int64_t n) {
    __mmask16 there = n >= 16 ? 0xffff : n <= 0 ? 0 : (__mmask16)((1 << n) - 1);
    if (strip->type == TENSOR_F32)
        return _mm512_maskz_loadu_ps(there, (const float *)strip->data + at);
    __m256i halves = _mm256_maskz_loadu_epi16(there, (const uint16_t *)strip->data + at);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

static inline __m512 gather_some(const struct strip *strip, int64_t at, int64_t n) {
    float values[16] = {0};
    for (int64_t i = 0; i < n && i < 16; i++, at += strip->along)
        values[i] = strip->type == TENSOR_F32
                        ? ((const float *)strip->data)[at]
                        : float_from_bf16(((const uint16_t *)strip->data)[at]);
    return _mm512_loadu_ps(values);
}

static inline __m512i round_two(__m512 high, __m512 low) {
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/* out[side] holds the words of its 32 steps from `step` on. */
static inline void sides_of(const struct strip *strip, int64_t step, __m512i *out) {
    int64_t left = strip->depth - step;
    for (int64_t i = 0; i < SIDE; i++) {
        int64_t at = strip->at + i * strip->across + step * strip->along;
        if (i >= strip->n)
            out[i] = _mm512_setzero_si512();
        else if (strip->along == 1)
            out[i] = round_two(load_some(strip, at + 16, left - 16), load_some(strip, at, left));
        else
            out[i] = round_two(gather_some(strip, at + 16 * strip->along, left - 16),
                               gather_some(strip, at, left));
    }
}

/* out[word] holds those two steps of every side, where sides follow each other in memory. */
static inline void words_of(const struct strip *strip, int64_t step, __m512i *out) {
    const __m512i weave =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                         6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (int64_t i = 0; i < SIDE; i++, step += 2) {
        int64_t at = strip->at + step * strip->along, n = strip->n;
        __m512 low = load_some(strip, at, step < strip->depth ? n : 0);
        __m512 high = load_some(strip, at + strip->along, step + 1 < strip->depth ? n : 0);
        out[i] = _mm512_permutexvar_epi16(weave, round_two(high, low));
    }
}

/* 16 × 16 words turned over: squares of one, two, four and eight words, one after the other. */
static inline void turn(__m512i *x) {
    __m512i y[SIDE];
    UNROLLED(8, int i = 0; i < SIDE; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
    UNROLLED(4, int i = 0; i < SIDE; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    UNROLLED(2, int i = 0; i < SIDE; i += 8)
        UNROLLED(4, int j = i; j < i + 4; j++) {
            y[j] = _mm512_shuffle_i32x4(x[j], x[j + 4], 0x88);
            y[j + 4] = _mm512_shuffle_i32x4(x[j], x[j + 4], 0xdd);
        }
    UNROLLED(8, int j = 0; j < SIDE / 2; j++) {
        x[j] = _mm512_shuffle_i32x4(y[j], y[j + 8], 0x88);
        x[j + 8] = _mm512_shuffle_i32x4(y[j], y[j + 8], 0xdd);
    }
}

static inline void pack(const struct operand *from, int64_t at, int64_t across, int64_t along,
                        int64_t n, int64_t depth, bool turned, float *panel) {
    for (int64_t step = 0; step < depth; step += STEPS)
        for (int64_t side = 0; side < 2 * SIDE; side += SIDE, panel += WORDS) {
            struct strip strip = {from->data, from->type, at + side * across, across, along,
                                  n - side,   depth};
            __m512i tile[SIDE];
            bool by_words = across == 1 && along != 1;
            if (by_words)
                words_of(&strip, step, tile);
            else
                sides_of(&strip, step, tile);
            if (by_words != turned)
                turn(tile);
            for (int i = 0; i < SIDE; i++)
                _mm512_storeu_si512(panel + i * SIDE, tile[i]);
        }
}

static void pack_left(const struct operand *from, bool rounds, int64_t first, int64_t n,
                      int64_t step, int64_t depth, float *panel) {
    (void)rounds;
    pack(from, first * from->row_stride + step * from->column_stride, from->row_stride,
         from->column_stride, n, depth, false, panel);
}

static void pack_right(const struct operand *from, bool rounds, int64_t first, int64_t n,
                       int64_t step, int64_t depth, float *panel) {
    (void)rounds;
    pack(from, first * from->column_stride + step * from->row_stride, from->column_stride,
         from->row_stride, n, depth, true, panel);
}

/* -------------------------------------------------------------------------------------- products
 */

static void start(void) {
    struct { /* what ldtilecfg reads */
        uint8_t palette, start, unused[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } shapes = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        shapes.row_bytes[i] = SIDE * 4;
        shapes.rows[i] = SIDE;
    }
    _tile_loadconfig(&shapes);
}

static void stop(void) {
    _tile_release();
}

static void multiply(const float *left, const float *right, int64_t depth, float scale, bool adds,
                     float *out, int64_t out_stride) {
    float sums[HEIGHT * WIDTH];
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t k = 0; k < depth; k += STEPS, left += 2 * WORDS, right += 2 * WORDS) {
        _tile_loadd(4, left, 64);
        _tile_loadd(6, right, 64);
        _tile_loadd(5, left + WORDS, 64);
        _tile_loadd(7, right + WORDS, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, WIDTH * 4);
    _tile_stored(1, sums + SIDE, WIDTH * 4);
    _tile_stored(2, sums + SIDE * WIDTH, WIDTH * 4);
    _tile_stored(3, sums + SIDE * WIDTH + SIDE, WIDTH * 4);
    for (int i = 0; i < HEIGHT; i++, out += out_stride)
        for (int j = 0; j < WIDTH; j++) {
            float value = sums[i * WIDTH + j] * scale;
            out[j] = adds ? out[j] + value : value;
        }
}

const struct float_blocks float_tiles = {.height = HEIGHT,
                                         .width = WIDTH,
                                         .pairs = true,
                                         .least = STEPS / 2,
                                         .pack_left = pack_left,
                                         .pack_right = pack_right,
                                         .multiply = multiply,
                                         .start = start,
                                         .stop = stop};
