/* AVX2 with FMA and F16C. One broadcast of four activations serves eight rows.
 *
 * maddubs adds two products in 16 bits. Unpacked integers are unsigned and at most 63, so that
 * several of its results may be added before they are widened; Q8_0 is signed, its sign is moved
 * to the activations. */
#include "tensor/kernels.h"
#include "tensor/vector_avx2.h"

#include <string.h>

enum { ROW_TILE = 32, TILE_TOKENS = 4, TOGETHER = 4, N_HALF = 3 };

#include "tensor/kernels_float.h"

/* ---------------------------------------------------------------------------------- words */

typedef __m256i words;

ALWAYS_INLINE words words_load(const void *at) {
    return _mm256_loadu_si256((const __m256i *)at);
}

ALWAYS_INLINE words words_all(int32_t x) {
    return _mm256_set1_epi32(x);
}

ALWAYS_INLINE words words_of_bytes(int x) {
    return _mm256_set1_epi8((char)x);
}

ALWAYS_INLINE words words_and(words a, words b) {
    return _mm256_and_si256(a, b);
}

ALWAYS_INLINE words words_or(words a, words b) {
    return _mm256_or_si256(a, b);
}

ALWAYS_INLINE words words_left(words x, int n) { /* in 16 bits */
    return _mm256_slli_epi16(x, n);
}

ALWAYS_INLINE words words_right(words x, int n) { /* in 16 bits */
    return _mm256_srli_epi16(x, n);
}

ALWAYS_INLINE words words_right_32(words x, int n) {
    return _mm256_srli_epi32(x, n);
}

ALWAYS_INLINE vector words_to_floats(words x) {
    return _mm256_cvtepi32_ps(x);
}

/* Bytes a and b of each word, signed, as 16 bits each, times 2^(8 - shift). */
ALWAYS_INLINE words words_sign_extend(words x, int a, int b, int shift) {
    const words order = _mm256_set1_epi32((b << 24) | 0x800000 | (a << 8) | 0x80);
    const words row = _mm256_setr_epi32(0, 0x04000400, 0x08000800, 0x0c000c00, 0, 0x04000400,
                                        0x08000800, 0x0c000c00);
    return _mm256_srai_epi16(_mm256_shuffle_epi8(x, _mm256_add_epi8(order, row)), shift);
}

ALWAYS_INLINE __m256i first_lanes(int n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane);
}

ALWAYS_INLINE vector vector_load_some(const float *at, int n) {
    return _mm256_maskload_ps(at, first_lanes(n));
}

ALWAYS_INLINE void vector_store_some(float *at, int n, vector x) {
    _mm256_maskstore_ps(at, first_lanes(n), x);
}

#include "tensor/kernels_product.h"

ALWAYS_INLINE words signed_quad(words quad) {
    return quad;
}

/* ------------------------------------------------------------------------------- products */

/* How many results of maddubs fit together in 16 bits: 2 · 127 · largest · n < 32768. */
ALWAYS_INLINE int chain_of(enum tensor_type type) {
    return type == TENSOR_Q8_0                                                 ? 1
           : type == TENSOR_Q6_K                                               ? 2
           : type == TENSOR_Q5_0 || type == TENSOR_Q5_1 || type == TENSOR_Q5_K ? 4
                                                                               : 8;
}

ALWAYS_INLINE words pairs(enum tensor_type type, words weights, words x) {
    if (type == TENSOR_Q8_0)
        return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights));
    return _mm256_maddubs_epi16(weights, x);
}

/* The scale of each half twice, as 16 bits; then, for the offsets, twice both. */
ALWAYS_INLINE void halves_of(words scales, int byte, struct factors *out) {
    out->half[0] = words_sign_extend(scales, byte, byte, 8);
    out->half[1] = words_sign_extend(scales, byte + 1, byte + 1, 8);
    out->half[2] = words_sign_extend(scales, byte, byte + 1, 7);
}

/* Loads stay after what is written before: compilers that hoist them need more registers than
 * there are. */
#define KEEP_ORDER __asm__ volatile("" ::: "memory")

/* meet_group for n_panel ≤ 2 panels. */
ALWAYS_INLINE void meet_groups(enum tensor_type type, int n_panel, const words *const quads[2],
                               const struct factors *factors, const struct place *place,
                               int n_token, vector total[2][TOGETHER]) {
    const words ones = _mm256_set1_epi16(1);
    words sum[2][TOGETHER], shorts[2][TOGETHER];
    UNROLLED(8, int k = 0; k < 8; k++) {
        int in_chain = k % chain_of(type);
        KEEP_ORDER;
        UNROLLED(4, int t = 0; t < n_token; t++) {
            words x = four_of(place, t, k);
            UNROLLED(2, int p = 0; p < n_panel; p++) {
                words two = pairs(type, quads[p][k], x);
                shorts[p][t] = in_chain ? _mm256_add_epi16(shorts[p][t], two) : two;
            }
        }
        if (in_chain + 1 < chain_of(type))
            continue;
        UNROLLED(8, int j = 0; j < n_panel * n_token; j++) {
            int p = j % n_panel, t = j / n_panel;
            words by = type == TENSOR_Q6_K ? factors[p].half[k / 4] : ones;
            words four = _mm256_madd_epi16(shorts[p][t], by);
            sum[p][t] = k < chain_of(type) ? four : _mm256_add_epi32(sum[p][t], four);
        }
    }
    UNROLLED(8, int j = 0; j < n_panel * n_token; j++) {
        int p = j % n_panel, t = j / n_panel;
        const struct block_scale *scale = place->scale + t * place->n_block;
        words all = sum[p][t];
        if (type == TENSOR_Q4_0)
            all = _mm256_add_epi32(all, words_all(scale->offset));
        if (type == TENSOR_Q5_0)
            all = _mm256_add_epi32(all, _mm256_slli_epi32(words_all(scale->offset), 1));
        if (type == TENSOR_Q6_K) {
            int32_t halves;
            memcpy(&halves, scale->half_offset, 4);
            all = _mm256_add_epi32(all, _mm256_madd_epi16(factors[p].half[2], words_all(halves)));
        }
        total[p][t] = add_sum(type, all, &factors[p], scale, total[p][t]);
    }
}

ALWAYS_INLINE void meet_group(enum tensor_type type, const words *quads,
                              const struct factors *factors, const struct place *place,
                              int n_token, vector *total) {
    vector both[2][TOGETHER];
    const words *const all[2] = {quads, NULL};
    UNROLLED(4, int t = 0; t < n_token; t++)
        both[0][t] = total[t];
    meet_groups(type, 1, all, factors, place, n_token, both);
    UNROLLED(4, int t = 0; t < n_token; t++)
        total[t] = both[0][t];
}

/* n_panel panels with n_token tokens. */
ALWAYS_INLINE void meet_tokens(enum tensor_type type, int n_panel, const struct tile *tile,
                               struct place place, bool begun, int n, int n_token, float *out,
                               const uint8_t *ahead) {
    vector total[2][TOGETHER];
    UNROLLED(8, int j = 0; j < n_panel * n_token; j++) {
        const float *at = out + j / n_panel * ROW_TILE + j % n_panel * LANES;
        total[j % n_panel][j / n_panel] = begun ? vector_load(at) : vector_all(0);
    }
    for (int i = 0; i < n; i++, place.x += 32, place.scale++) {
        const words *const quads[2] = {tile[0].quad[i], tile[n_panel - 1].quad[i]};
        struct factors factors[2] = {factors_in(type, &tile[0], i),
                                     factors_in(type, &tile[n_panel - 1], i)};
        ask_for_group(type, n_panel, &ahead);
        meet_groups(type, n_panel, quads, factors, &place, n_token, total);
    }
    UNROLLED(8, int j = 0; j < n_panel * n_token; j++)
        vector_store(out + j / n_panel * ROW_TILE + j % n_panel * LANES,
                     total[j % n_panel][j / n_panel]);
}

/* All rows of a tile with n_token tokens. */
ALWAYS_INLINE void meet_rows(enum tensor_type type, const struct tile *tiles, struct place place,
                             bool begun, int n, int n_token, float *out, int n_row,
                             const uint8_t *ahead) {
    int64_t row_bytes = n * bytes_in_block(type) / groups_in_block(type);
    int r = 0;
    for (; r + 2 * LANES <= n_row; r += 2 * LANES)
        meet_tokens(type, 2, tiles + r / LANES, place, begun, n, n_token, out + r,
                    ahead ? ahead + r * row_bytes : NULL);
    if (r < n_row)
        meet_tokens(type, 1, tiles + r / LANES, place, begun, n, n_token, out + r, NULL);
}

ALWAYS_INLINE void meet_many(enum tensor_type type, const struct tile *tiles,
                             const struct activations *in, int token, int64_t group, int n,
                             int n_token, float *out, int n_row, const uint8_t *ahead) {
    int t = 0;
#define MEET(together)                                                                            \
    for (; t + together <= n_token; t += together, ahead = NULL)                                  \
        meet_rows(type, tiles, place_of(in, token + t, group), group != 0, n, together,           \
                  out + t * ROW_TILE, n_row, ahead);
    MEET(4)
    MEET(2)
    MEET(1)
#undef MEET
}

/* Each product takes what its sum was, so that none can be left out. */
static int64_t probe(int64_t n) {
    enum { CHAINS = 10 };
    const words ones = _mm256_set1_epi16(1);
    words sum[CHAINS], a = words_of_bytes((int)(n & 63));
    UNROLLED(10, int j = 0; j < CHAINS; j++)
        sum[j] = words_all(j);
    for (int64_t i = 0; i < n; i++)
        UNROLLED(10, int j = 0; j < CHAINS; j++)
            sum[j] =
                _mm256_add_epi32(sum[j], _mm256_madd_epi16(_mm256_maddubs_epi16(a, sum[j]), ones));
    UNROLLED(10, int j = 1; j < CHAINS; j++)
        sum[0] = words_or(sum[0], sum[j]);
    volatile words kept = sum[0];
    (void)kept;
    return n * CHAINS * (int64_t)sizeof(words);
}

const struct kernels kernels_avx2 = {
    .name = "avx2",
    .quantise = quantise,
    .lanes = LANES,
    .multiply = multiply,
    .row_tile = ROW_TILE,
    .probe = probe,
    .exponentials = exponentials,
    .silu_multiply = silu,
    .floats_to_f16 = floats_to_f16,
};
