/* What the instruction sets with 256-bit registers and more share: quantisation, products with
 * few tokens, and the choice of the format. The including file defines before:
 *
 *     group_product(type, weights, x)   32 products as 8 words
 *     multiply_tile(type, …)            up to ROW_TILE rows with all tokens
 *     TILE_TOKENS                       from how many tokens on a tile pays
 *     multiply_floats(type, …)          rows of a float format */
#include "tensor/unpack_avx2.h"

ALWAYS_INLINE float sum_of_8(__m256 x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static void quantise(const float *x, int64_t n, int8_t *integer, struct block_scale *scale,
                     float *half_sum) {
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
        float *sum = half_sum + block * 2, factor = largest / 127;
        for (int half = 0; half < 2; half++) {
            __m256i total = _mm256_add_epi32(w[half * 2], w[half * 2 + 1]);
            sum[half] = factor * sum_of_8(_mm256_cvtepi32_ps(total));
        }
        scale[block] = (struct block_scale){factor, sum[0] + sum[1]};
    }
}

/* One block of 32: its scale and minimum meet the activations' scale and sum in one
 * multiplication. */
ALWAYS_INLINE void add_block(enum tensor_type type, const uint8_t *block, const int8_t *x,
                             const struct block_scale *x_scale, __m256 *total, __m128 *minima) {
    bool has_minimum = type == TENSOR_Q4_1 || type == TENSOR_Q5_1;
    int32_t both;
    int16_t one;
    memcpy(&both, block, 4);
    memcpy(&one, block, 2);
    __m128 factors = _mm_cvtph_ps(has_minimum ? _mm_cvtsi32_si128(both) : _mm_set1_epi16(one));
    __m128i pair = _mm_loadl_epi64((const __m128i *)(const void *)x_scale);
    factors = _mm_mul_ps(factors, _mm_castsi128_ps(pair));
    __m256i products = group_product(type, integers(type, block, 0), load_32(x));
    *total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(products), _mm256_broadcastss_ps(factors), *total);
    if (type != TENSOR_Q8_0)
        *minima = _mm_add_ps(*minima, factors);
}

/* Two sums, so that one addition need not await the other. */
ALWAYS_INLINE float dot_simple(enum tensor_type type, const uint8_t *row, const int8_t *x,
                               const struct block_scale *x_scale, int64_t n_block) {
    __m256 total[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    __m128 minima[2] = {_mm_setzero_ps(), _mm_setzero_ps()};
    int64_t i = 0;
    for (; i + 2 <= n_block; i += 2)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++)
            add_block(type, row + (i + j) * bytes_in_block(type), x + (i + j) * 32,
                      x_scale + i + j, &total[j], &minima[j]);
    if (i < n_block)
        add_block(type, row + i * bytes_in_block(type), x + i * 32, x_scale + i, &total[0],
                  &minima[0]);
    float sum = sum_of_8(_mm256_add_ps(total[0], total[1]));
    if (type == TENSOR_Q8_0)
        return sum;
    float minimum = _mm_cvtss_f32(_mm_movehdup_ps(_mm_add_ps(minima[0], minima[1])));
    return sum + minimum * (type == TENSOR_Q4_0 ? -8.F : type == TENSOR_Q5_0 ? -16.F : 1.F);
}

/* Scales of the eight groups (sixteen for Q6_K) times those of the activations; returns minima
 * plus what the block adds to them. */
ALWAYS_INLINE __m256 scales_of_block(enum tensor_type type, const uint8_t *block,
                                     const struct block_scale *x_scale, const float *half_sum,
                                     float scale[16], __m256 minima) {
    const float *pairs = &x_scale->scale;
    __m256 low = _mm256_loadu_ps(pairs), high = _mm256_loadu_ps(pairs + 8);
    __m256 x = _mm256_shuffle_ps(low, high, 0x88); /* 0 1 4 5 2 3 6 7 */
    if (type == TENSOR_Q6_K) {
        __m256 factor = _mm256_set1_ps(half_at(block + 208)), minimum = _mm256_setzero_ps();
        for (int i = 0; i < 2; i++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(block + 192 + i * 8));
            __m256 scales = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)), factor);
            __m256i twice = i == 0 ? _mm256_setr_epi32(0, 0, 1, 1, 4, 4, 5, 5)
                                   : _mm256_setr_epi32(2, 2, 3, 3, 6, 6, 7, 7);
            _mm256_storeu_ps(scale + i * 8,
                             _mm256_mul_ps(scales, _mm256_permutevar8x32_ps(x, twice)));
            minimum = _mm256_fmadd_ps(scales, _mm256_loadu_ps(half_sum + i * 8), minimum);
        }
        return _mm256_fmadd_ps(minimum, _mm256_set1_ps(-32), minima);
    }
    const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);
    __m256 sums = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(low, high, 0xdd), order);
    x = _mm256_permutevar8x32_ps(x, order);
    uint32_t scales[2], minimums[2];
    scales_of_k(block, scales, minimums);
    x = _mm256_mul_ps(x, _mm256_set1_ps(half_at(block)));
    _mm256_storeu_ps(scale, _mm256_mul_ps(eight_bytes(false, scales), x));
    sums = _mm256_mul_ps(sums, _mm256_set1_ps(half_at(block + 2)));
    return _mm256_fnmadd_ps(eight_bytes(false, minimums), sums, minima);
}

ALWAYS_INLINE float dot_k(enum tensor_type type, const uint8_t *row, const int8_t *x,
                          const struct block_scale *x_scale, const float *half_sum,
                          int64_t n_block) {
    __m256 total[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()}, minima = _mm256_setzero_ps();
    for (int64_t i = 0; i < n_block; i += 8, row += bytes_in_block(type)) {
        float scale[16];
        minima = scales_of_block(type, row, x_scale + i, half_sum + i * 2, scale, minima);
#pragma GCC unroll 8
        for (int group = 0; group < 8; group++) {
            __m256i products =
                group_product(type, integers(type, row, group), load_32(x + (i + group) * 32));
            __m256 factor = _mm256_set1_ps(scale[group]);
            if (type == TENSOR_Q6_K)
                factor = _mm256_set_m128(_mm_set1_ps(scale[group * 2 + 1]),
                                         _mm_set1_ps(scale[group * 2]));
            total[group % 2] =
                _mm256_fmadd_ps(_mm256_cvtepi32_ps(products), factor, total[group % 2]);
        }
    }
    return sum_of_8(_mm256_add_ps(_mm256_add_ps(total[0], total[1]), minima));
}

ALWAYS_INLINE float dot(enum tensor_type type, const uint8_t *row, const struct activations *in,
                        int token) {
    int64_t n_block = in->columns / 32;
    const int8_t *x = in->integer + token * in->columns;
    const struct block_scale *scale = in->scale + token * n_block;
    if (is_k(type))
        return dot_k(type, row, x, scale, in->half_sum + token * n_block * 2, n_block);
    return dot_simple(type, row, x, scale, n_block);
}

ALWAYS_INLINE void multiply_type(enum tensor_type type, const struct matrix *weights,
                                 int64_t first, int64_t n_row, const struct activations *in,
                                 int n_token, float *out) {
    size_t row_bytes =
        (size_t)(in->columns / 32 / groups_in_block(type)) * (size_t)bytes_in_block(type);
    const uint8_t *data = (const uint8_t *)weights->data + (size_t)first * row_bytes;
    out += first;
    if (n_token < TILE_TOKENS) {
        for (int64_t row = 0; row < n_row; row++)
            for (int t = 0; t < n_token; t++)
                out[t * weights->rows + row] = dot(type, data + (size_t)row * row_bytes, in, t);
        return;
    }
    for (int64_t row = 0; row < n_row; row += ROW_TILE)
        multiply_tile(type, data + (size_t)row * row_bytes, row_bytes,
                      (int)(n_row - row < ROW_TILE ? n_row - row : ROW_TILE), in, n_token,
                      out + row, weights->rows);
}

#define FOR_EACH_TYPE(X) X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q8_0) X(Q4_K) X(Q5_K) X(Q6_K)

#define MULTIPLY(type)                                                                            \
    static void multiply_##type(const struct matrix *weights, int64_t first, int64_t n_row,       \
                                const struct activations *in, int n_token, float *out) {          \
        multiply_type(TENSOR_##type, weights, first, n_row, in, n_token, out);                    \
    }
FOR_EACH_TYPE(MULTIPLY)

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
