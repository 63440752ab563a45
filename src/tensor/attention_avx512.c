/* Attention with AVX-512. */
#include "tensor/attention_inside.h"
#include "tensor/vector_avx512.h"

enum { TILE_ROWS = 8 };

ALWAYS_INLINE float vector_page_sum(const vector y[2]) {
    __m256 eight = _mm256_add_ps(vector_low(y[0]), vector_high(y[0]));
    eight = _mm256_add_ps(_mm256_add_ps(eight, vector_low(y[1])), vector_high(y[1]));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "tensor/attention_kernels.h"

const struct attention_kernels attention_avx512 = ATTENTION_KERNELS("avx512");
