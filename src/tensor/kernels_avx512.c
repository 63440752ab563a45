/* AVX-512 with VNNI: one instruction multiplies 64 unsigned by 64 signed bytes and adds them by
 * fours. One broadcast of four activations serves 16 rows; where rows are expanded to bytes, it
 * serves 32, and a register of weights up to 6 tokens.
 *
 * The signed Q8_0 becomes unsigned by adding 128, which its offset takes back. */
#include "tensor/kernels.h"
#include "tensor/vector_avx512.h"

#include <string.h>

enum { ROW_TILE = 32, BESIDE = 2, TOKENS = 6, TILE_TOKENS = 12, TOGETHER = 4, N_HALF = 2 };

#include "tensor/kernels_float.h"

/* ---------------------------------------------------------------------------------- words */

typedef __m512i words;

ALWAYS_INLINE words words_load(const void *at) {
    return _mm512_loadu_si512(at);
}

ALWAYS_INLINE words words_all(int32_t x) {
    return _mm512_set1_epi32(x);
}

ALWAYS_INLINE words words_of_bytes(int x) {
    return _mm512_set1_epi8((char)x);
}

ALWAYS_INLINE words words_and(words a, words b) {
    return _mm512_and_si512(a, b);
}

ALWAYS_INLINE words words_or(words a, words b) {
    return _mm512_or_si512(a, b);
}

ALWAYS_INLINE words words_left(words x, int n) { /* in 16 bits */
    return _mm512_slli_epi16(x, (unsigned)n);
}

ALWAYS_INLINE words words_right(words x, int n) { /* in 16 bits */
    return _mm512_srli_epi16(x, (unsigned)n);
}

ALWAYS_INLINE words words_right_32(words x, int n) {
    return _mm512_srli_epi32(x, (unsigned)n);
}

ALWAYS_INLINE vector words_to_floats(words x) {
    return _mm512_cvtepi32_ps(x);
}

/* Byte a of each word, signed, as the whole word. */
ALWAYS_INLINE words words_sign_extend(words x, int a) {
    return _mm512_srai_epi32(_mm512_slli_epi32(x, (unsigned)(24 - 8 * a)), 24);
}

ALWAYS_INLINE vector vector_load_some(const float *at, int n) {
    return _mm512_maskz_loadu_ps((__mmask16)((1 << n) - 1), at);
}

ALWAYS_INLINE void vector_store_some(float *at, int n, vector x) {
    _mm512_mask_storeu_ps(at, (__mmask16)((1 << n) - 1), x);
}

#include "tensor/kernels_product.h"

ALWAYS_INLINE words signed_quad(words quad) {
    return _mm512_xor_si512(quad, words_of_bytes(-128)); /* more by 128 */
}

/* ------------------------------------------------------------------------------- products */

/* The scale of each half. */
ALWAYS_INLINE void halves_of(words scales, int byte, struct factors *out) {
    out->half[0] = words_sign_extend(scales, byte);
    out->half[1] = words_sign_extend(scales, byte + 1);
}

/* What the unsigned weights are too much. */
ALWAYS_INLINE words offset_of(enum tensor_type type, const struct block_scale *scale) {
    int32_t offset = type == TENSOR_Q4_0   ? scale->offset
                     : type == TENSOR_Q5_0 ? scale->offset * 2
                     : type == TENSOR_Q8_0 ? scale->offset * 16
                                           : 0;
    return words_all(offset);
}

/* Sums begin with what the unsigned weights are too much. */
ALWAYS_INLINE words begin(enum tensor_type type, const struct block_scale *scale, int half) {
    return type == TENSOR_Q6_K ? words_all(2 * scale->half_offset[half]) : offset_of(type, scale);
}

/* The products of 32 columns of n_panel panels with n_token tokens: each four activations are read
 * once for all rows. */
ALWAYS_INLINE void meet_panels(enum tensor_type type, const words *const *quads, int n_panel,
                               const struct factors *factors, const struct place *place,
                               int n_token, vector (*total)[TOKENS]) {
    words sum[BESIDE][TOKENS], both[BESIDE][TOKENS];
    int n_half = type == TENSOR_Q6_K ? 2 : 1;
    UNROLLED(2, int half = 0; half < n_half; half++) {
        UNROLLED(2, int r = 0; r < n_panel; r++)
            UNROLLED(6, int t = 0; t < n_token; t++)
                sum[r][t] = begin(type, place->scale + t * place->n_block, half);
        UNROLLED(8, int k = half * 4; k < (half + 1) * 8 / n_half; k++) {
            words weights[BESIDE];
            UNROLLED(2, int r = 0; r < n_panel; r++)
                weights[r] = quads[r][k];
            UNROLLED(6, int t = 0; t < n_token; t++) {
                words four = four_of(place, t, k);
                UNROLLED(2, int r = 0; r < n_panel; r++)
                    sum[r][t] = _mm512_dpbusd_epi32(sum[r][t], weights[r], four);
            }
        }
        if (n_half == 1)
            continue;
        UNROLLED(2, int r = 0; r < n_panel; r++)
            UNROLLED(6, int t = 0; t < n_token; t++) {
                sum[r][t] = _mm512_mullo_epi32(sum[r][t], factors[r].half[half]);
                both[r][t] = half ? _mm512_add_epi32(both[r][t], sum[r][t]) : sum[r][t];
            }
    }
    UNROLLED(2, int r = 0; r < n_panel; r++)
        UNROLLED(6, int t = 0; t < n_token; t++)
            total[r][t] = add_sum(type, n_half == 2 ? both[r][t] : sum[r][t], &factors[r],
                                  place->scale + t * place->n_block, total[r][t]);
}

ALWAYS_INLINE void meet_group(enum tensor_type type, const words *quads,
                              const struct factors *factors, const struct place *place,
                              int n_token, vector *total) {
    vector totals[1][TOKENS];
    UNROLLED(4, int t = 0; t < n_token; t++)
        totals[0][t] = total[t];
    meet_panels(type, &quads, 1, factors, place, n_token, totals);
    UNROLLED(4, int t = 0; t < n_token; t++)
        total[t] = totals[0][t];
}

/* n groups of two panels with n_token tokens. */
ALWAYS_INLINE void meet_tiles(enum tensor_type type, const struct tile *const *tiles,
                              struct place place, bool begun, int n, int n_token, float *out,
                              const uint8_t *ahead) {
    vector total[BESIDE][TOKENS];
    UNROLLED(2, int r = 0; r < BESIDE; r++)
        UNROLLED(6, int t = 0; t < n_token; t++)
            total[r][t] = begun ? vector_load(out + t * ROW_TILE + r * LANES) : vector_all(0);
    for (int i = 0; i < n; i++, place.x += 32, place.scale++) {
        const words *quads[BESIDE] = {tiles[0]->quad[i], tiles[1]->quad[i]};
        struct factors factors[BESIDE] = {factors_in(type, tiles[0], i),
                                          factors_in(type, tiles[1], i)};
        ask_for_group(type, BESIDE, &ahead);
        meet_panels(type, quads, BESIDE, factors, &place, n_token, total);
    }
    UNROLLED(2, int r = 0; r < BESIDE; r++)
        UNROLLED(6, int t = 0; t < n_token; t++)
            vector_store(out + t * ROW_TILE + r * LANES, total[r][t]);
}

/* The tokens go in pieces of about equal size, as many at once as the registers hold. Where there
 * is one panel only it stands for both. */
ALWAYS_INLINE void meet_many(enum tensor_type type, const struct tile *tiles,
                             const struct activations *in, int token, int64_t group, int n,
                             int n_token, float *out, int n_row, const uint8_t *ahead) {
    const struct tile *both[BESIDE] = {tiles, n_row > LANES ? tiles + 1 : tiles};
    int at_once = type == TENSOR_Q6_K ? 4 : TOKENS, t = 0;
    for (int pieces = (n_token + at_once - 1) / at_once; pieces > 0; pieces--, ahead = NULL) {
        struct place place = place_of(in, token + t, group);
        int together = (n_token - t + pieces - 1) / pieces;
        float *to = out + t * ROW_TILE;
        t += together;
        switch (together) {
#define MEET(n_together)                                                                          \
    case n_together:                                                                              \
        meet_tiles(type, both, place, group != 0, n, n_together, to, ahead);                      \
        break
            MEET(1);
            MEET(2);
            MEET(3);
            MEET(4);
            MEET(5);
            MEET(6);
#undef MEET
        }
    }
}

/* Each product takes what its sum was, so that none can be left out. */
static int64_t probe(int64_t n) {
    enum { CHAINS = 16 };
    words sum[CHAINS], a = words_of_bytes((int)(n & 63));
    UNROLLED(16, int j = 0; j < CHAINS; j++)
        sum[j] = words_all(j);
    for (int64_t i = 0; i < n; i++)
        UNROLLED(16, int j = 0; j < CHAINS; j++)
            sum[j] = _mm512_dpbusd_epi32(sum[j], a, sum[j]);
    UNROLLED(16, int j = 1; j < CHAINS; j++)
        sum[0] = words_or(sum[0], sum[j]);
    volatile words kept = sum[0];
    (void)kept;
    return n * CHAINS * (int64_t)sizeof(words);
}

const struct kernels kernels_avx512 = {
    .name = "avx512",
    .quantise = quantise,
    .lanes = LANES,
    .multiply = multiply,
    .row_tile = ROW_TILE,
    .probe = probe,
    .exponentials = exponentials,
    .silu_multiply = silu,
    .floats_to_f16 = floats_to_f16,
};
