/* 32 values of a block as bytes in one register, with their scales: the front that each format
 * has; everything behind it is shared. `type` is a constant where this is inlined. */
#ifndef LYCEUM_TENSOR_UNPACK_AVX2_H
#define LYCEUM_TENSOR_UNPACK_AVX2_H

#include "tensor/kernels.h"

#include <immintrin.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct scales {
    float scale[2], minimum[2];
};

ALWAYS_INLINE float half_at(const uint8_t *at) {
    uint16_t half;
    memcpy(&half, at, 2);
    return _cvtsh_ss(half);
}

ALWAYS_INLINE __m256i nibbles(const uint8_t *at) {
    __m128i packed = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m256i both = _mm256_set_m128i(_mm_srli_epi16(packed, 4), packed);
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

/* 16 where the value's fifth bit is set. */
ALWAYS_INLINE __m256i fifth_bits(const uint8_t *at) {
    int32_t bits;
    memcpy(&bits, at, 4);
    const __m256i spread =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), spread);
    const __m256i mask = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), mask);
    return _mm256_and_si256(set, _mm256_set1_epi8(16));
}

ALWAYS_INLINE void set_scales(struct scales *out, float scale, float minimum) {
    *out = (struct scales){{scale, scale}, {minimum, minimum}};
}

ALWAYS_INLINE void scales_k(const uint8_t *block, int index, struct scales *out) {
    const uint8_t *packed = block + 4;
    int scale = packed[index] & 63, minimum = packed[index + 4] & 63;
    if (index >= 4) {
        scale = (packed[index + 4] & 15) | packed[index - 4] >> 6 << 4;
        minimum = packed[index + 4] >> 4 | packed[index] >> 6 << 4;
    }
    set_scales(out, half_at(block) * (float)scale, -half_at(block + 2) * (float)minimum);
}

ALWAYS_INLINE __m256i load_32(const uint8_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

ALWAYS_INLINE __m256i shift_right(__m256i x, int n) {
    return _mm256_srl_epi16(x, _mm_cvtsi32_si128(n));
}

ALWAYS_INLINE __m256i unpack_k(enum tensor_type type, const uint8_t *block, int index,
                               struct scales *out) {
    const __m256i low_four = _mm256_set1_epi8(15);
    if (type == TENSOR_Q6_K) {
        __m256i low = load_32(block + index / 4 * 64 + index % 2 * 32);
        __m256i high = load_32(block + 128 + index / 4 * 32);
        low = _mm256_and_si256(shift_right(low, index % 4 / 2 * 4), low_four);
        high = _mm256_and_si256(shift_right(high, index % 4 * 2), _mm256_set1_epi8(3));
        float factor = half_at(block + 208);
        for (int half = 0; half < 2; half++) {
            out->scale[half] = factor * (float)(int8_t)block[192 + index * 2 + half];
            out->minimum[half] = -32 * out->scale[half];
        }
        return _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
    }
    scales_k(block, index, out);
    const uint8_t *at = block + (type == TENSOR_Q4_K ? 16 : 48) + index / 2 * 32;
    __m256i low = _mm256_and_si256(shift_right(load_32(at), index % 2 * 4), low_four);
    if (type == TENSOR_Q4_K)
        return low;
    __m256i high = shift_right(load_32(block + 16), index);
    high = _mm256_and_si256(high, _mm256_set1_epi8(1));
    return _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
}

ALWAYS_INLINE __m256i unpack(enum tensor_type type, const uint8_t *block, int index,
                             struct scales *out) {
    float scale = half_at(block);
    switch (type) {
    case TENSOR_Q4_0:
        set_scales(out, scale, -8 * scale);
        return nibbles(block + 2);
    case TENSOR_Q4_1:
        set_scales(out, scale, half_at(block + 2));
        return nibbles(block + 4);
    case TENSOR_Q5_0:
        set_scales(out, scale, -16 * scale);
        return _mm256_or_si256(nibbles(block + 6), fifth_bits(block + 2));
    case TENSOR_Q5_1:
        set_scales(out, scale, half_at(block + 2));
        return _mm256_or_si256(nibbles(block + 8), fifth_bits(block + 4));
    case TENSOR_Q8_0:
        set_scales(out, scale, 0);
        return load_32(block + 2);
    default:
        return unpack_k(type, block, index, out);
    }
}

#endif
