/* AVX2 with FMA and F16C. Few tokens: each row is unpacked in registers and multiplied at once.
 * More tokens: 32 rows are expanded to bytes, eight rows interleaved by fours of columns, so that
 * one broadcast of four activations serves eight rows; then they meet all tokens.
 *
 * maddubs adds two products in 16 bits. Unpacked integers are unsigned and at most 63, so that
 * several of its results may be added before they are widened; Q8_0 is signed, its sign is moved
 * to the activations. */
#include "tensor/unpack_avx2.h"

enum { LANES = 8, ROW_TILE = 32, CHUNK = 16, TILE_ROWS = 4, TILE_TOKENS = 4 };

/* -------------------------------------------------------------------------------- vectors */

typedef __m256 vector;

ALWAYS_INLINE vector vector_load(const float *at) {
    return _mm256_loadu_ps(at);
}

ALWAYS_INLINE void vector_store(float *at, vector x) {
    _mm256_storeu_ps(at, x);
}

ALWAYS_INLINE vector vector_from_f16(const uint16_t *at) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)at));
}

ALWAYS_INLINE vector vector_from_bf16(const uint16_t *at) {
    __m128i halves = _mm_loadu_si128((const __m128i *)(const void *)at);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

ALWAYS_INLINE vector vector_all(float x) {
    return _mm256_set1_ps(x);
}

ALWAYS_INLINE vector vector_fma(vector a, vector b, vector c) {
    return _mm256_fmadd_ps(a, b, c);
}

ALWAYS_INLINE vector vector_add(vector a, vector b) {
    return _mm256_add_ps(a, b);
}

ALWAYS_INLINE vector vector_subtract(vector a, vector b) {
    return _mm256_sub_ps(a, b);
}

ALWAYS_INLINE vector vector_multiply(vector a, vector b) {
    return _mm256_mul_ps(a, b);
}

ALWAYS_INLINE vector vector_divide(vector a, vector b) {
    return _mm256_div_ps(a, b);
}

ALWAYS_INLINE vector vector_min(vector a, vector b) {
    return _mm256_min_ps(a, b);
}

ALWAYS_INLINE vector vector_max(vector a, vector b) {
    return _mm256_max_ps(a, b);
}

ALWAYS_INLINE vector vector_round(vector x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

ALWAYS_INLINE vector vector_times_power_of_2(vector x, vector k) {
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(k), _mm256_set1_epi32(127));
    return _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}

ALWAYS_INLINE float vector_sum(vector x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "tensor/kernels_float.h"

/* ------------------------------------------------------------------------------ many tokens */

struct tile { /* 8 rows × CHUNK groups */
    __m256i quad[CHUNK][8];
    __m256 scale[2][CHUNK], minimum[2][CHUNK];
};

ALWAYS_INLINE __m256i pairs(enum tensor_type type, __m256i weights, __m256i x) {
    if (type == TENSOR_Q8_0)
        return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights));
    return _mm256_maddubs_epi16(weights, x);
}

ALWAYS_INLINE __m256i group_product(enum tensor_type type, __m256i weights, __m256i x) {
    return _mm256_madd_epi16(pairs(type, weights, x), _mm256_set1_epi16(1));
}

/* Groups first … first+n-1 of eight rows; rows past the last repeat it. */
ALWAYS_INLINE void expand(enum tensor_type type, const uint8_t *data, size_t row_bytes, int n_row,
                          int64_t first, int n, struct tile *tile) {
    int n_group = groups_in_block(type);
    for (int i = 0; i < n; i += n_group) {
        const uint8_t *at[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            at[lane] = data + (size_t)(lane < n_row ? lane : n_row - 1) * row_bytes +
                       (first + i) / n_group * bytes_in_block(type);
            struct scales scales;
            scales_of(type, at[lane], &scales);
            for (int j = 0; j < n_group * (type == TENSOR_Q6_K ? 2 : 1); j++) {
                int half = j / n_group, k = j % n_group;
                ((float *)&tile->scale[half][i + k])[lane] = scales.scale[half][k];
                ((float *)&tile->minimum[half][i + k])[lane] = scales.minimum[half][k];
            }
        }
        for (int k = 0; k < n_group; k++) {
            __m256i quad[LANES];
            for (int lane = 0; lane < LANES; lane++)
                quad[lane] = integers(type, at[lane], k);
            transpose(quad);
            memcpy(tile->quad[i + k], quad, sizeof quad);
        }
    }
}

/* How many results of maddubs fit together in 16 bits: 2 · 127 · largest · n < 32768. */
ALWAYS_INLINE int chain_of(enum tensor_type type) {
    return type == TENSOR_Q8_0                                                 ? 1
           : type == TENSOR_Q6_K                                               ? 2
           : type == TENSOR_Q5_0 || type == TENSOR_Q5_1 || type == TENSOR_Q5_K ? 4
                                                                               : 8;
}

/* 16 rows, n_token tokens, one chain of quads from k on. The loop stays a loop: unrolled, it makes
 * the compilers juggle more values than there are registers. */
ALWAYS_INLINE void chain(enum tensor_type type, const struct tile *tile, int i, int k,
                         const int8_t *x, int64_t columns, int n_token, __m256i sum[2][4]) {
    __m256i shorts[2][4];
#pragma GCC unroll 8
    for (int j = 0; j < 2 * n_token; j++)
        shorts[j % 2][j / 2] = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int j = k; j < k + chain_of(type); j++)
#pragma GCC unroll 4
        for (int t = 0; t < n_token; t++) {
            int32_t four;
            memcpy(&four, x + t * columns + j * 4, 4);
            __m256i quad = _mm256_set1_epi32(four);
#pragma GCC unroll 2
            for (int r = 0; r < 2; r++)
                shorts[r][t] =
                    _mm256_add_epi16(shorts[r][t], pairs(type, tile[r].quad[i][j], quad));
        }
#pragma GCC unroll 8
    for (int j = 0; j < 2 * n_token; j++)
        sum[j % 2][j / 2] = _mm256_add_epi32(
            sum[j % 2][j / 2], _mm256_madd_epi16(shorts[j % 2][j / 2], _mm256_set1_epi16(1)));
}

/* n_token tokens from `token` on × 16 rows × n groups: sets total. */
ALWAYS_INLINE void meet(enum tensor_type type, const struct tile *tile,
                        const struct activations *in, int token, int n_token, int64_t first, int n,
                        __m256 total[2][4]) {
    int64_t columns = in->columns, n_block = columns / 32;
    const int8_t *x = in->integer + token * columns + first * 32;
    int n_half = type == TENSOR_Q6_K ? 2 : 1;
    for (int i = 0; i < n; i++, x += 32)
#pragma GCC unroll 2
        for (int half = 0; half < n_half; half++) {
            __m256i sum[2][4];
#pragma GCC unroll 8
            for (int j = 0; j < 2 * n_token; j++)
                sum[j % 2][j / 2] = _mm256_setzero_si256();
            for (int k = half * 4; k < (half + 1) * 8 / n_half; k += chain_of(type))
                chain(type, tile, i, k, x, columns, n_token, sum);
#pragma GCC unroll 4
            for (int t = 0; t < n_token; t++) {
                int64_t at = (token + t) * n_block + first + i;
                float x_sum = n_half == 2 ? in->half_sum[at * 2 + half] : in->scale[at].sum;
                __m256 scale = _mm256_set1_ps(in->scale[at].scale);
#pragma GCC unroll 2
                for (int r = 0; r < 2; r++) {
                    __m256 products = _mm256_mul_ps(_mm256_cvtepi32_ps(sum[r][t]), scale);
                    total[r][t] = _mm256_fmadd_ps(products, tile[r].scale[half][i], total[r][t]);
                    if (type != TENSOR_Q8_0)
                        total[r][t] = _mm256_fmadd_ps(tile[r].minimum[half][i],
                                                      _mm256_set1_ps(x_sum), total[r][t]);
                }
            }
        }
}

/* Adds to, or with first == 0 sets, the n_row ≤ 16 outputs of each token. */
ALWAYS_INLINE void meet_and_store(enum tensor_type type, const struct tile *tile,
                                  const struct activations *in, int token, int n_token,
                                  int64_t first, int n, float *out, int64_t rows, int n_row) {
    __m256 total[2][4];
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i mask[2] = {_mm256_cmpgt_epi32(_mm256_set1_epi32(n_row), lane),
                       _mm256_cmpgt_epi32(_mm256_set1_epi32(n_row - LANES), lane)};
#pragma GCC unroll 8
    for (int j = 0; j < 2 * n_token; j++)
        total[j % 2][j / 2] =
            first ? _mm256_maskload_ps(out + (token + j / 2) * rows + j % 2 * LANES, mask[j % 2])
                  : _mm256_setzero_ps();
    meet(type, tile, in, token, n_token, first, n, total);
#pragma GCC unroll 8
    for (int j = 0; j < 2 * n_token; j++)
        _mm256_maskstore_ps(out + (token + j / 2) * rows + j % 2 * LANES, mask[j % 2],
                            total[j % 2][j / 2]);
}

ALWAYS_INLINE void multiply_tile(enum tensor_type type, const uint8_t *data, size_t row_bytes,
                                 int n_row, const struct activations *in, int n_token, float *out,
                                 int64_t rows) {
    struct tile tiles[ROW_TILE / LANES];
    /* Where sums are widened on the way, the registers hold fewer. */
    int together = 4;
    for (int64_t first = 0; first < in->columns / 32; first += CHUNK) {
        int n = (int)(in->columns / 32 - first < CHUNK ? in->columns / 32 - first : CHUNK);
        for (int r = 0; r < ROW_TILE && (r < n_row || r % (2 * LANES)); r += LANES) {
            int row = r < n_row ? r : n_row - 1;
            expand(type, data + (size_t)row * row_bytes, row_bytes, n_row - row, first, n,
                   &tiles[r / LANES]);
        }
        int t = 0;
        for (; t + together <= n_token; t += together)
            for (int r = 0; r < n_row; r += 2 * LANES)
                meet_and_store(type, &tiles[r / LANES], in, t, together, first, n, out + r, rows,
                               n_row - r);
        for (; t < n_token; t++)
            for (int r = 0; r < n_row; r += 2 * LANES)
                meet_and_store(type, &tiles[r / LANES], in, t, 1, first, n, out + r, rows,
                               n_row - r);
    }
}

#include "tensor/kernels_integer.h"

const struct kernels kernels_avx2 = {
    .name = "avx2",
    .quantise = quantise,
    .multiply = multiply,
    .row_tile = ROW_TILE,
    .scores = scores,
    .mix = mix,
    .meet_queries = meet_queries,
    .soften_queries = soften_queries,
    .exponentials = exponentials,
    .silu_multiply = silu,
    .floats_to_f16 = floats_to_f16,
    .floats_from_f16 = floats_from_f16,
};
