/* Attention with AVX2, FMA and F16C. */
#include "tensor/attention_inside.h"
#include "tensor/vector_avx2.h"

enum { TILE_ROWS = 4 };

ALWAYS_INLINE float vector_page_sum(const vector y[4]) {
    __m256 eight = _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(y[0], y[1]), y[2]), y[3]);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "tensor/attention_kernels.h"

const struct attention_kernels attention_avx2 = ATTENTION_KERNELS("avx2");
