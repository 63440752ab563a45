/* Registers of 16 floats with AVX-512: for the products, and for attention. */
#ifndef LYCEUM_TENSOR_VECTOR_AVX512_H
#define LYCEUM_TENSOR_VECTOR_AVX512_H

#include "tensor/intrinsics.h"

#include <stdint.h>

enum { LANES = 16 };

typedef __m512 vector;

ALWAYS_INLINE vector vector_load(const float *at) {
    return _mm512_loadu_ps(at);
}

ALWAYS_INLINE void vector_store(float *at, vector x) {
    _mm512_storeu_ps(at, x);
}

ALWAYS_INLINE vector vector_from_f16(const uint16_t *at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)at));
}

ALWAYS_INLINE vector vector_from_bf16(const uint16_t *at) {
    __m256i halves = _mm256_loadu_si256((const __m256i *)(const void *)at);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
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

ALWAYS_INLINE __m256 vector_low(vector x) {
    return _mm512_castps512_ps256(x);
}

ALWAYS_INLINE __m256 vector_high(vector x) {
    return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
}

ALWAYS_INLINE float vector_sum(vector x) {
    __m256 eight = _mm256_add_ps(vector_low(x), vector_high(x));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

ALWAYS_INLINE vector vector_from_bytes(const int8_t *at) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
}

/* y where x ≥ bound, else 0. */
ALWAYS_INLINE vector vector_where_at_least(vector x, float bound, vector y) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, _mm512_set1_ps(bound), _CMP_GE_OQ), y);
}

ALWAYS_INLINE float vector_first(vector x) {
    return _mm256_cvtss_f32(vector_low(x));
}

ALWAYS_INLINE float vector_largest(vector x) {
    __m256 eight = _mm256_max_ps(vector_low(x), vector_high(x));
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

#endif
