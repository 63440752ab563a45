/* Registers of 8 floats with AVX2, FMA and F16C: for the products, and for attention. */
#ifndef LYCEUM_TENSOR_VECTOR_AVX2_H
#define LYCEUM_TENSOR_VECTOR_AVX2_H

#include "tensor/intrinsics.h"

#include <stdint.h>

enum { LANES = 8 };

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

ALWAYS_INLINE vector vector_from_bytes(const int8_t *at) {
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)at);
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

/* y where x ≥ bound, else 0. */
ALWAYS_INLINE vector vector_where_at_least(vector x, float bound, vector y) {
    return _mm256_and_ps(_mm256_cmp_ps(x, _mm256_set1_ps(bound), _CMP_GE_OQ), y);
}

ALWAYS_INLINE float vector_first(vector x) {
    return _mm256_cvtss_f32(x);
}

ALWAYS_INLINE float vector_largest(vector x) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

#endif
