/* AVX2 with FMA and F16C. Few tokens: each row is unpacked in registers and multiplied at once.
 * More tokens: 32 rows are expanded to bytes, eight rows interleaved by fours of columns, so that
 * one broadcast of four activations serves eight rows; then they meet all tokens.
 *
 * maddubs adds two products in 16 bits. Unpacked integers are unsigned and at most 63, so that
 * several of its results may be added before they are widened; Q8_0 is signed, its sign is moved
 * to the activations. */
#include "tensor/unpack_avx2.h"

#include <math.h>

enum { LANES = 8, ROW_TILE = 32, CHUNK = 32, TOKENS = 4 }; /* CHUNK: groups of 32 columns */

struct tile { /* 8 rows × CHUNK groups */
    __m256i quad[CHUNK][8];
    __m256 scale[CHUNK][2], minimum[CHUNK][2];
};

ALWAYS_INLINE float sum_of(__m256 x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

ALWAYS_INLINE __m256i pairs(enum tensor_type type, __m256i weights, __m256i x) {
    if (type == TENSOR_Q8_0)
        return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights));
    return _mm256_maddubs_epi16(weights, x);
}

ALWAYS_INLINE int groups_in_block(enum tensor_type type) {
    return type == TENSOR_Q4_K || type == TENSOR_Q5_K || type == TENSOR_Q6_K ? 8 : 1;
}

ALWAYS_INLINE float dot(enum tensor_type type, const uint8_t *row, int block_bytes,
                        const struct activations *in, int token) {
    int64_t n_block = in->columns / 32;
    const int8_t *x = in->integer + token * in->columns;
    const float *x_scale = in->scale + token * n_block, *x_sum = in->sum + token * n_block * 2;
    __m256 total = _mm256_setzero_ps();
    float minima = 0;
    for (int64_t i = 0; i < n_block; row += block_bytes) {
#pragma GCC unroll 8
        for (int group = 0; group < groups_in_block(type); group++, i++) {
            struct scales s;
            __m256i weights = unpack(type, row, group, &s);
            __m256i products = pairs(type, weights, load_32((const uint8_t *)x + i * 32));
            products = _mm256_madd_epi16(products, _mm256_set1_epi16(1));
            __m256 scale = _mm256_set1_ps(s.scale[0] * x_scale[i]);
            if (type == TENSOR_Q6_K)
                scale = _mm256_set_m128(_mm_set1_ps(s.scale[1] * x_scale[i]),
                                        _mm_set1_ps(s.scale[0] * x_scale[i]));
            total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(products), scale, total);
            if (type == TENSOR_Q6_K)
                minima += s.minimum[0] * x_sum[2 * i] + s.minimum[1] * x_sum[2 * i + 1];
            else if (type != TENSOR_Q8_0)
                minima += s.minimum[0] * (x_sum[2 * i] + x_sum[2 * i + 1]);
        }
    }
    return sum_of(total) + minima;
}

/* Eight registers of eight words each: rows become columns. */
ALWAYS_INLINE void transpose(__m256i r[8]) {
    __m256i a[8], b[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        a[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            b[i + 2 * j] = _mm256_unpacklo_epi64(a[i + j], a[i + j + 2]);
            b[i + 2 * j + 1] = _mm256_unpackhi_epi64(a[i + j], a[i + j + 2]);
        }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x31);
    }
}

/* Groups first … first+n-1 of eight rows; rows past the last repeat it. */
ALWAYS_INLINE void expand(enum tensor_type type, const uint8_t *data, size_t row_bytes,
                          int block_bytes, int n_row, int64_t first, int n, struct tile *tile) {
    for (int i = 0; i < n; i++) {
        __m256i quad[8];
        float *scale = (float *)tile->scale[i], *minimum = (float *)tile->minimum[i];
        int64_t block = (first + i) / groups_in_block(type);
        for (int lane = 0; lane < LANES; lane++) {
            size_t row = (size_t)(lane < n_row ? lane : n_row - 1);
            struct scales s;
            quad[lane] = unpack(type, data + row * row_bytes + block * block_bytes,
                                (int)((first + i) % groups_in_block(type)), &s);
            for (int half = 0; half < 2; half++) {
                scale[half * LANES + lane] = s.scale[half];
                minimum[half * LANES + lane] = s.minimum[half];
            }
        }
        transpose(quad);
        memcpy(tile->quad[i], quad, sizeof quad);
    }
}

/* How many results of maddubs fit together in 16 bits: 2 · 127 · largest · n < 32768. */
ALWAYS_INLINE int chain_of(enum tensor_type type) {
    return type == TENSOR_Q8_0                                                 ? 1
           : type == TENSOR_Q6_K                                               ? 2
           : type == TENSOR_Q5_0 || type == TENSOR_Q5_1 || type == TENSOR_Q5_K ? 4
                                                                               : 8;
}

/* n_token tokens from `token` on × eight rows × n groups: adds to total. */
ALWAYS_INLINE void meet(enum tensor_type type, const struct tile *tile,
                        const struct activations *in, int token, int n_token, int64_t first, int n,
                        __m256 *total) {
    const __m256i ones = _mm256_set1_epi16(1);
    int64_t n_block = in->columns / 32;
    int n_half = type == TENSOR_Q6_K ? 2 : 1, span = 8 / n_half, chain = chain_of(type);
    for (int i = 0; i < n; i++)
#pragma GCC unroll 2
        for (int half = 0; half < n_half; half++) {
            __m256i sum[TOKENS];
            for (int t = 0; t < n_token; t++)
                sum[t] = _mm256_setzero_si256();
#pragma GCC unroll 8
            for (int k = half * span; k < (half + 1) * span; k += chain) {
                __m256i short_sum[TOKENS];
#pragma GCC unroll 8
                for (int j = k; j < k + chain; j++) {
                    __m256i weights = tile->quad[i][j];
#pragma GCC unroll 4
                    for (int t = 0; t < n_token; t++) {
                        int32_t four;
                        memcpy(&four,
                               in->integer + (token + t) * in->columns + (first + i) * 32 + j * 4,
                               4);
                        __m256i product = pairs(type, weights, _mm256_set1_epi32(four));
                        short_sum[t] = j == k ? product : _mm256_add_epi16(short_sum[t], product);
                    }
                }
#pragma GCC unroll 4
                for (int t = 0; t < n_token; t++)
                    sum[t] = _mm256_add_epi32(sum[t], _mm256_madd_epi16(short_sum[t], ones));
            }
#pragma GCC unroll 4
            for (int t = 0; t < n_token; t++) {
                int64_t at = (token + t) * n_block + first + i;
                __m256 scale = _mm256_mul_ps(tile->scale[i][half], _mm256_set1_ps(in->scale[at]));
                total[t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[t]), scale, total[t]);
                if (type == TENSOR_Q8_0)
                    continue;
                float x_sum = in->sum[at * 2 + half];
                if (n_half == 1)
                    x_sum += in->sum[at * 2 + 1];
                total[t] =
                    _mm256_fmadd_ps(tile->minimum[i][half], _mm256_set1_ps(x_sum), total[t]);
            }
        }
}

/* Adds to, or with first == 0 sets, out[t][row … row+n_row-1]. */
ALWAYS_INLINE void meet_and_store(enum tensor_type type, const struct tile *tile,
                                  const struct activations *in, int token, int n_token,
                                  int64_t first, int n, float *out, int64_t rows, int n_row) {
    __m256 total[TOKENS];
    for (int t = 0; t < n_token; t++)
        total[t] = _mm256_setzero_ps();
    meet(type, tile, in, token, n_token, first, n, total);
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(n_row), lane);
    for (int t = 0; t < n_token; t++) {
        float *at = out + (token + t) * rows;
        if (first)
            total[t] = _mm256_add_ps(total[t], _mm256_maskload_ps(at, mask));
        _mm256_maskstore_ps(at, mask, total[t]);
    }
}

ALWAYS_INLINE void multiply_tile(enum tensor_type type, const struct matrix *weights, int64_t row,
                                 int n_row, const struct activations *in, int n_token,
                                 float *out) {
    const struct tensor_format *format = tensor_format(type);
    size_t row_bytes = matrix_row_bytes(weights);
    const uint8_t *data = (const uint8_t *)weights->data + (size_t)row * row_bytes;
    struct tile tiles[ROW_TILE / LANES];
    for (int64_t first = 0; first < in->columns / 32; first += CHUNK) {
        int n = (int)(in->columns / 32 - first < CHUNK ? in->columns / 32 - first : CHUNK);
        for (int r = 0; r < n_row; r += LANES)
            expand(type, data + (size_t)r * row_bytes, row_bytes, format->block_bytes, n_row - r,
                   first, n, &tiles[r / LANES]);
        int t = 0;
        for (; t + TOKENS <= n_token; t += TOKENS)
            for (int r = 0; r < n_row; r += LANES)
                meet_and_store(type, &tiles[r / LANES], in, t, TOKENS, first, n, out + row + r,
                               weights->rows, n_row - r);
        for (; t < n_token; t++)
            for (int r = 0; r < n_row; r += LANES)
                meet_and_store(type, &tiles[r / LANES], in, t, 1, first, n, out + row + r,
                               weights->rows, n_row - r);
    }
}

ALWAYS_INLINE void multiply_type(enum tensor_type type, const struct matrix *weights,
                                 int64_t first, int64_t n_row, const struct activations *in,
                                 int n_token, float *out) {
    if (n_token >= TOKENS) {
        for (int64_t row = first; row < first + n_row; row += ROW_TILE)
            multiply_tile(type, weights, row,
                          (int)(first + n_row - row < ROW_TILE ? first + n_row - row : ROW_TILE),
                          in, n_token, out);
        return;
    }
    const struct tensor_format *format = tensor_format(type);
    size_t row_bytes = matrix_row_bytes(weights);
    for (int64_t row = first; row < first + n_row; row++)
        for (int t = 0; t < n_token; t++)
            out[t * weights->rows + row] =
                dot(type, (const uint8_t *)weights->data + (size_t)row * row_bytes,
                    format->block_bytes, in, t);
}

#define FOR_EACH_TYPE(X) X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q8_0) X(Q4_K) X(Q5_K) X(Q6_K)

#define MULTIPLY(type)                                                                            \
    static void multiply_##type(const struct matrix *weights, int64_t first, int64_t n_row,       \
                                const struct activations *in, int n_token, float *out) {          \
        multiply_type(TENSOR_##type, weights, first, n_row, in, n_token, out);                    \
    }
FOR_EACH_TYPE(MULTIPLY)

ALWAYS_INLINE __m256 load_halves(const uint16_t *at) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)at));
}

ALWAYS_INLINE __m256 load_weights(enum tensor_type type, const uint8_t *at) {
    if (type == TENSOR_F32)
        return _mm256_loadu_ps((const float *)(const void *)at);
    __m128i halves = _mm_loadu_si128((const __m128i *)(const void *)at);
    if (type == TENSOR_F16)
        return _mm256_cvtph_ps(halves);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

ALWAYS_INLINE float tail_weight(enum tensor_type type, const uint8_t *at) {
    float value;
    uint16_t half;
    if (type == TENSOR_F32) {
        memcpy(&value, at, 4);
        return value;
    }
    memcpy(&half, at, 2);
    return type == TENSOR_F16 ? _cvtsh_ss(half) : float_from_bf16(half);
}

ALWAYS_INLINE void float_dots(enum tensor_type type, const uint8_t *row,
                              const struct activations *in, int token, int n_token, float *out,
                              int64_t rows) {
    int64_t n = in->columns, i = 0, size = type == TENSOR_F32 ? 4 : 2;
    const float *x = in->x + token * n;
    __m256 total[TOKENS];
    for (int t = 0; t < n_token; t++)
        total[t] = _mm256_setzero_ps();
    for (; i + 8 <= n; i += 8) {
        __m256 weights = load_weights(type, row + i * size);
        for (int t = 0; t < n_token; t++)
            total[t] = _mm256_fmadd_ps(weights, _mm256_loadu_ps(x + t * n + i), total[t]);
    }
    for (int t = 0; t < n_token; t++) {
        float sum = sum_of(total[t]);
        for (int64_t j = i; j < n; j++)
            sum += x[t * n + j] * tail_weight(type, row + j * size);
        out[(token + t) * rows] = sum;
    }
}

ALWAYS_INLINE void multiply_floats(enum tensor_type type, const struct matrix *weights,
                                   int64_t first, int64_t n_row, const struct activations *in,
                                   int n_token, float *out) {
    size_t row_bytes = matrix_row_bytes(weights);
    int t = 0;
    for (; t + TOKENS <= n_token; t += TOKENS)
        for (int64_t row = first; row < first + n_row; row++)
            float_dots(type, (const uint8_t *)weights->data + (size_t)row * row_bytes, in, t,
                       TOKENS, out + row, weights->rows);
    for (; t < n_token; t++)
        for (int64_t row = first; row < first + n_row; row++)
            float_dots(type, (const uint8_t *)weights->data + (size_t)row * row_bytes, in, t, 1,
                       out + row, weights->rows);
}

static void multiply(const struct matrix *weights, int64_t first, int64_t n_row,
                     const struct activations *in, int n_token, float *out) {
    switch (weights->type) {
    case TENSOR_F32:
        multiply_floats(TENSOR_F32, weights, first, n_row, in, n_token, out);
        return;
    case TENSOR_F16:
        multiply_floats(TENSOR_F16, weights, first, n_row, in, n_token, out);
        return;
    case TENSOR_BF16:
        multiply_floats(TENSOR_BF16, weights, first, n_row, in, n_token, out);
        return;
#define CASE(type)                                                                                \
    case TENSOR_##type:                                                                           \
        multiply_##type(weights, first, n_row, in, n_token, out);                                 \
        return;
        FOR_EACH_TYPE(CASE)
    }
}

static void quantise(const float *x, int64_t n, int8_t *integer, float *scale, float *sum) {
    const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    for (int64_t block = 0; block < n / 32; block++) {
        __m256 v[4], most = _mm256_setzero_ps();
        for (int i = 0; i < 4; i++) {
            v[i] = _mm256_loadu_ps(x + block * 32 + i * 8);
            most = _mm256_max_ps(_mm256_and_ps(v[i], magnitude), most);
        }
        __m128 four = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
        four = _mm_max_ps(four, _mm_movehl_ps(four, four));
        float largest = _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
        __m256 inverse = _mm256_set1_ps(largest > 0 ? 127 / largest : 0);
        __m256i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], inverse));
        __m256i bytes =
            _mm256_packs_epi16(_mm256_packs_epi32(w[0], w[1]), _mm256_packs_epi32(w[2], w[3]));
        bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)(integer + block * 32), bytes);
        scale[block] = largest / 127;
        for (int half = 0; half < 2; half++) {
            __m256i total = _mm256_add_epi32(w[half * 2], w[half * 2 + 1]);
            sum[block * 2 + half] = scale[block] * sum_of(_mm256_cvtepi32_ps(total));
        }
    }
}

static void scores(const float *q, const uint16_t *keys, int64_t stride, int n, int d_head,
                   float scale, float *out) {
    for (int i = 0; i < n; i++) {
        const uint16_t *key = keys + i * stride;
        __m256 total = _mm256_setzero_ps(), other = _mm256_setzero_ps();
        int d = 0;
        for (; d + 16 <= d_head; d += 16) {
            total = _mm256_fmadd_ps(load_halves(key + d), _mm256_loadu_ps(q + d), total);
            other = _mm256_fmadd_ps(load_halves(key + d + 8), _mm256_loadu_ps(q + d + 8), other);
        }
        float sum = sum_of(_mm256_add_ps(total, other));
        for (; d < d_head; d++)
            sum += q[d] * _cvtsh_ss(key[d]);
        out[i] = scale * sum;
    }
}

static void mix(const float *weight, const uint16_t *values, int64_t stride, int n, int d_head,
                float *out) {
    int d = 0;
    for (; d + 32 <= d_head; d += 32) {
        __m256 total[4];
        for (int j = 0; j < 4; j++)
            total[j] = _mm256_loadu_ps(out + d + j * 8);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < 4; j++)
                total[j] = _mm256_fmadd_ps(load_halves(values + i * stride + d + j * 8),
                                           _mm256_set1_ps(weight[i]), total[j]);
        for (int j = 0; j < 4; j++)
            _mm256_storeu_ps(out + d + j * 8, total[j]);
    }
    for (; d < d_head; d++)
        for (int i = 0; i < n; i++)
            out[d] += weight[i] * _cvtsh_ss(values[i * stride + d]);
}

/* e^x = 2^k · e^r with |r| ≤ ln 2 / 2 and e^r by its series to the sixth power. */
ALWAYS_INLINE __m256 exponential(__m256 x) {
    x = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(88)), _mm256_set1_ps(-87));
    __m256 k = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504F)), 8);
    __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(0.693359375F), x);
    r = _mm256_fnmadd_ps(k, _mm256_set1_ps(-2.12194440e-4F), r);
    static const float series[] = {1 / 120.F, 1 / 24.F, 1 / 6.F, 0.5F, 1, 1};
    __m256 y = _mm256_set1_ps(1 / 720.F);
    for (int i = 0; i < 6; i++)
        y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(series[i]));
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(k), _mm256_set1_epi32(127));
    return _mm256_mul_ps(y, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}

static float exponentials(float *x, int64_t n, float largest) {
    __m256 total = _mm256_setzero_ps();
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 y = exponential(_mm256_sub_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(largest)));
        _mm256_storeu_ps(x + i, y);
        total = _mm256_add_ps(total, y);
    }
    float sum = sum_of(total);
    for (; i < n; i++)
        sum += x[i] = expf(x[i] - largest);
    return sum;
}

static void silu(float *gate, const float *up, int64_t n) {
    const __m256 one = _mm256_set1_ps(1);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 x = _mm256_loadu_ps(gate + i);
        __m256 below = _mm256_add_ps(one, exponential(_mm256_sub_ps(_mm256_setzero_ps(), x)));
        x = _mm256_mul_ps(_mm256_div_ps(x, below), _mm256_loadu_ps(up + i));
        _mm256_storeu_ps(gate + i, x);
    }
    for (; i < n; i++)
        gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void floats_to_f16(const float *x, uint16_t *out, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0));
    for (; i < n; i++)
        out[i] = f16_from_float(x[i]);
}

const struct kernels kernels_avx2 = {
    .name = "avx2",
    .quantise = quantise,
    .multiply = multiply,
    .row_tile = ROW_TILE,
    .scores = scores,
    .mix = mix,
    .exponentials = exponentials,
    .silu_multiply = silu,
    .floats_to_f16 = floats_to_f16,
};
