/* AVX-512 with VNNI: one instruction multiplies 64 unsigned by 64 signed bytes and adds them by
 * fours. Few tokens: as with AVX2, in 256 bits. More tokens: 32 rows are expanded to bytes, 16
 * rows interleaved by fours of columns; one broadcast of four activations serves 16 rows, and a
 * register of weights serves up to 12 tokens.
 *
 * The signed Q8_0 becomes unsigned by adding 128, which its minimum takes back. */
#define WITH_MASK_REGISTERS
#include "tensor/unpack_avx2.h"

enum { LANES = 16, ROW_TILE = 32, CHUNK = 16, TOKENS = 12, TILE_ROWS = 8, TILE_TOKENS = 4 };

/* -------------------------------------------------------------------------------- vectors */

typedef __m512 vector;

ALWAYS_INLINE vector vector_load(const float *at) {
    return _mm512_loadu_ps(at);
}

ALWAYS_INLINE void vector_store(float *at, vector x) {
    _mm512_storeu_ps(at, x);
}

ALWAYS_INLINE vector vector_from_f16(const uint16_t *at) {
    return _mm512_cvtph_ps(load_32(at));
}

ALWAYS_INLINE vector vector_from_bf16(const uint16_t *at) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_32(at)), 16));
}

ALWAYS_INLINE vector vector_all(float x) {
    return _mm512_set1_ps(x);
}

ALWAYS_INLINE vector vector_fma(vector a, vector b, vector c) {
    return _mm512_fmadd_ps(a, b, c);
}

ALWAYS_INLINE vector vector_add(vector a, vector b) {
    return _mm512_add_ps(a, b);
}

ALWAYS_INLINE vector vector_subtract(vector a, vector b) {
    return _mm512_sub_ps(a, b);
}

ALWAYS_INLINE vector vector_multiply(vector a, vector b) {
    return _mm512_mul_ps(a, b);
}

ALWAYS_INLINE vector vector_divide(vector a, vector b) {
    return _mm512_div_ps(a, b);
}

ALWAYS_INLINE vector vector_min(vector a, vector b) {
    return _mm512_min_ps(a, b);
}

ALWAYS_INLINE vector vector_max(vector a, vector b) {
    return _mm512_max_ps(a, b);
}

ALWAYS_INLINE vector vector_round(vector x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

ALWAYS_INLINE vector vector_times_power_of_2(vector x, vector k) {
    return _mm512_scalef_ps(x, k);
}

ALWAYS_INLINE float vector_sum(vector x) {
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "tensor/kernels_float.h"

/* ------------------------------------------------------------------------------ many tokens */

struct tile { /* 16 rows × CHUNK groups */
    __m512i quad[CHUNK][8];
    __m512 scale[2][CHUNK], minimum[2][CHUNK];
};

ALWAYS_INLINE __m256i group_product(enum tensor_type type, __m256i weights, __m256i x) {
    if (type == TENSOR_Q8_0) {
        x = _mm256_sign_epi8(x, weights);
        weights = _mm256_abs_epi8(weights);
    }
    return _mm256_dpbusd_epi32(_mm256_setzero_si256(), weights, x);
}

/* Groups first … first+n-1 of 16 rows; rows past the last repeat it. */
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
            if (type == TENSOR_Q8_0)
                scales.minimum[0][0] = -128 * scales.scale[0][0];
            for (int j = 0; j < n_group * (type == TENSOR_Q6_K ? 2 : 1); j++) {
                int half = j / n_group, k = j % n_group;
                ((float *)&tile->scale[half][i + k])[lane] = scales.scale[half][k];
                ((float *)&tile->minimum[half][i + k])[lane] = scales.minimum[half][k];
            }
        }
        for (int k = 0; k < n_group; k++) {
            __m256i quad[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                quad[lane] = integers(type, at[lane], k);
                if (type == TENSOR_Q8_0)
                    quad[lane] = _mm256_xor_si256(quad[lane], _mm256_set1_epi8(-128));
            }
            transpose(quad);
            transpose(quad + 8);
            for (int j = 0; j < 8; j++)
                tile->quad[i + k][j] =
                    _mm512_inserti64x4(_mm512_castsi256_si512(quad[j]), quad[j + 8], 1);
        }
    }
}

/* n_token tokens from `token` on × 16 rows × n groups: adds to total. */
ALWAYS_INLINE void meet(int n_half, const struct tile *tile, const struct activations *in,
                        int token, int n_token, int64_t first, int n, __m512 *total) {
    int64_t columns = in->columns, n_block = columns / 32;
    const int8_t *x = in->integer + token * columns + first * 32;
    const struct block_scale *x_scale = in->scale + token * n_block + first;
    const float *half_sum = in->half_sum + (token * n_block + first) * 2;
    for (int i = 0; i < n; i++, x += 32, x_scale++, half_sum += 2)
#pragma GCC unroll 2
        for (int half = 0; half < n_half; half++) {
            __m512i sum[TOKENS];
#pragma GCC unroll 12
            for (int t = 0; t < n_token; t++)
                sum[t] = _mm512_setzero_si512();
#pragma GCC unroll 8
            for (int j = half * 4; j < (half + 1) * 8 / n_half; j++) {
                __m512i weights = tile->quad[i][j];
#pragma GCC unroll 12
                for (int t = 0; t < n_token; t++) {
                    int32_t four;
                    memcpy(&four, x + t * columns + j * 4, 4);
                    sum[t] = _mm512_dpbusd_epi32(sum[t], weights, _mm512_set1_epi32(four));
                }
            }
#pragma GCC unroll 12
            for (int t = 0; t < n_token; t++) {
                float scale = x_scale[t * n_block].scale;
                float of_sum =
                    n_half == 2 ? half_sum[t * n_block * 2 + half] : x_scale[t * n_block].sum;
                __m512 products = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[t]), tile->scale[half][i]);
                total[t] = _mm512_fmadd_ps(products, _mm512_set1_ps(scale), total[t]);
                total[t] =
                    _mm512_fmadd_ps(tile->minimum[half][i], _mm512_set1_ps(of_sum), total[t]);
            }
        }
}

/* Adds to, or with first == 0 sets, the n_row outputs of each token. */
ALWAYS_INLINE void meet_and_store(int n_half, const struct tile *tile,
                                  const struct activations *in, int token, int n_token,
                                  int64_t first, int n, float *out, int64_t rows, int n_row) {
    __m512 total[TOKENS];
    __mmask16 mask = (__mmask16)(n_row >= LANES ? 0xffff : (1 << n_row) - 1);
    out += token * rows;
#pragma GCC unroll 12
    for (int t = 0; t < n_token; t++)
        total[t] = _mm512_maskz_loadu_ps(first ? mask : 0, out + t * rows);
    meet(n_half, tile, in, token, n_token, first, n, total);
#pragma GCC unroll 12
    for (int t = 0; t < n_token; t++)
        _mm512_mask_storeu_ps(out + t * rows, mask, total[t]);
}

ALWAYS_INLINE void meet_all(int n_half, const struct tile *tiles, const struct activations *in,
                            int n_token, int64_t first, int n, float *out, int64_t rows,
                            int n_row) {
    int t = 0;
    for (; t + TOKENS <= n_token; t += TOKENS)
        for (int r = 0; r < n_row; r += LANES)
            meet_and_store(n_half, &tiles[r / LANES], in, t, TOKENS, first, n, out + r, rows,
                           n_row - r);
    for (; t + 4 <= n_token; t += 4)
        for (int r = 0; r < n_row; r += LANES)
            meet_and_store(n_half, &tiles[r / LANES], in, t, 4, first, n, out + r, rows,
                           n_row - r);
    for (; t < n_token; t++)
        for (int r = 0; r < n_row; r += LANES)
            meet_and_store(n_half, &tiles[r / LANES], in, t, 1, first, n, out + r, rows,
                           n_row - r);
}

/* Once expanded, the formats differ only in whether a group has one scale or two. */
static void meet_all_1(const struct tile *tiles, const struct activations *in, int n_token,
                       int64_t first, int n, float *out, int64_t rows, int n_row) {
    meet_all(1, tiles, in, n_token, first, n, out, rows, n_row);
}

static void meet_all_2(const struct tile *tiles, const struct activations *in, int n_token,
                       int64_t first, int n, float *out, int64_t rows, int n_row) {
    meet_all(2, tiles, in, n_token, first, n, out, rows, n_row);
}

ALWAYS_INLINE void multiply_tile(enum tensor_type type, const uint8_t *data, size_t row_bytes,
                                 int n_row, const struct activations *in, int n_token, float *out,
                                 int64_t rows) {
    struct tile tiles[ROW_TILE / LANES];
    for (int64_t first = 0; first < in->columns / 32; first += CHUNK) {
        int n = (int)(in->columns / 32 - first < CHUNK ? in->columns / 32 - first : CHUNK);
        for (int r = 0; r < n_row; r += LANES)
            expand(type, data + (size_t)r * row_bytes, row_bytes, n_row - r, first, n,
                   &tiles[r / LANES]);
        (type == TENSOR_Q6_K ? meet_all_2 : meet_all_1)(tiles, in, n_token, first, n, out, rows,
                                                        n_row);
    }
}

#include "tensor/kernels_integer.h"

const struct kernels kernels_avx512 = {
    .name = "avx512",
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
