/* 32 values of a block as bytes in one register, and their scales: the front that each format
 * has; everything behind it is shared. `type` is a constant where this is inlined. */
#ifndef LYCEUM_TENSOR_UNPACK_AVX2_H
#define LYCEUM_TENSOR_UNPACK_AVX2_H

#include "tensor/intrinsics.h"
#include "tensor/kernels.h"

#include <string.h>

/* Of the groups of a block; [1] is that of a group's second half, which only Q6_K has. */
struct scales {
    float scale[2][8], minimum[2][8];
};

ALWAYS_INLINE bool is_k(enum tensor_type type) {
    return type == TENSOR_Q4_K || type == TENSOR_Q5_K || type == TENSOR_Q6_K;
}

ALWAYS_INLINE int groups_in_block(enum tensor_type type) {
    return is_k(type) ? 8 : 1;
}

ALWAYS_INLINE int bytes_in_block(enum tensor_type type) {
    return type == TENSOR_Q4_0   ? 18
           : type == TENSOR_Q4_1 ? 20
           : type == TENSOR_Q5_0 ? 22
           : type == TENSOR_Q5_1 ? 24
           : type == TENSOR_Q8_0 ? 34
           : type == TENSOR_Q4_K ? 144
           : type == TENSOR_Q5_K ? 176
                                 : 210;
}

ALWAYS_INLINE float half_at(const uint8_t *at) {
    uint16_t half;
    memcpy(&half, at, 2);
    return _cvtsh_ss(half);
}

ALWAYS_INLINE __m256i load_32(const void *at) {
    return _mm256_loadu_si256((const __m256i *)at);
}

ALWAYS_INLINE __m256i nibbles(const uint8_t *at) {
    __m128i packed = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m256i both = _mm256_set_m128i(_mm_srli_epi16(packed, 4), packed);
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

/* 16 where the value's fifth bit is set. */
ALWAYS_INLINE __m256i fifth_bits(const uint8_t *at) {
    uint32_t bits;
    memcpy(&bits, at, 4);
#ifdef WITH_MASK_REGISTERS
    return _mm256_and_si256(_mm256_movm_epi8(bits), _mm256_set1_epi8(16));
#else
    const __m256i spread =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int32_t)bits), spread);
    const __m256i mask = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), mask);
    return _mm256_and_si256(set, _mm256_set1_epi8(16));
#endif
}

/* Group `index` of the block: unsigned but for Q8_0. */
ALWAYS_INLINE __m256i integers(enum tensor_type type, const uint8_t *block, int index) {
    const __m256i low_four = _mm256_set1_epi8(15);
    switch (type) {
    case TENSOR_Q4_0:
        return nibbles(block + 2);
    case TENSOR_Q4_1:
        return nibbles(block + 4);
    case TENSOR_Q5_0:
        return _mm256_or_si256(nibbles(block + 6), fifth_bits(block + 2));
    case TENSOR_Q5_1:
        return _mm256_or_si256(nibbles(block + 8), fifth_bits(block + 4));
    case TENSOR_Q8_0:
        return load_32(block + 2);
    case TENSOR_Q6_K: {
        __m256i low = load_32(block + index / 4 * 64 + index % 2 * 32);
        __m256i high = load_32(block + 128 + index / 4 * 32);
        low = _mm256_and_si256(_mm256_srli_epi16(low, index % 4 / 2 * 4), low_four);
        high = _mm256_and_si256(_mm256_srli_epi16(high, index % 4 * 2), _mm256_set1_epi8(3));
        return _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
    }
    default: {
        __m256i low = load_32(block + (type == TENSOR_Q4_K ? 16 : 48) + index / 2 * 32);
        low = _mm256_and_si256(_mm256_srli_epi16(low, index % 2 * 4), low_four);
        if (type == TENSOR_Q4_K)
            return low;
        __m256i high = _mm256_srli_epi16(load_32(block + 16), index);
        high = _mm256_and_si256(high, _mm256_set1_epi8(1));
        return _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
    }
    }
}

/* The 6-bit scales and minima of Q4_K and Q5_K: twelve bytes become eight and eight. */
ALWAYS_INLINE void scales_of_k(const uint8_t *block, uint32_t scales[2], uint32_t minima[2]) {
    uint32_t packed[3];
    memcpy(packed, block + 4, sizeof packed);
    scales[0] = packed[0] & 0x3f3f3f3f;
    minima[0] = packed[1] & 0x3f3f3f3f;
    scales[1] = (packed[2] & 0x0f0f0f0f) | (packed[0] >> 2 & 0x30303030);
    minima[1] = (packed[2] >> 4 & 0x0f0f0f0f) | (packed[1] >> 2 & 0x30303030);
}

ALWAYS_INLINE __m256 eight_bytes(bool is_signed, const void *at) {
    __m128i bytes = _mm_loadl_epi64((const __m128i *)at);
    return _mm256_cvtepi32_ps(is_signed ? _mm256_cvtepi8_epi32(bytes)
                                        : _mm256_cvtepu8_epi32(bytes));
}

ALWAYS_INLINE void scales_of(enum tensor_type type, const uint8_t *block, struct scales *out) {
    if (type == TENSOR_Q6_K) { /* sixteen: halves alternate */
        __m256 factor = _mm256_set1_ps(half_at(block + 208));
        __m256 low = _mm256_mul_ps(factor, eight_bytes(true, block + 192));
        __m256 high = _mm256_mul_ps(factor, eight_bytes(true, block + 200));
        const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);
        __m256 first = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(low, high, 0x88), order);
        __m256 second = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(low, high, 0xdd), order);
        _mm256_storeu_ps(out->scale[0], first);
        _mm256_storeu_ps(out->scale[1], second);
        _mm256_storeu_ps(out->minimum[0], _mm256_mul_ps(first, _mm256_set1_ps(-32)));
        _mm256_storeu_ps(out->minimum[1], _mm256_mul_ps(second, _mm256_set1_ps(-32)));
        return;
    }
    float scale = half_at(block);
    if (is_k(type)) {
        uint32_t scales[2], minima[2];
        scales_of_k(block, scales, minima);
        _mm256_storeu_ps(out->scale[0],
                         _mm256_mul_ps(eight_bytes(false, scales), _mm256_set1_ps(scale)));
        _mm256_storeu_ps(out->minimum[0], _mm256_mul_ps(eight_bytes(false, minima),
                                                        _mm256_set1_ps(-half_at(block + 2))));
        return;
    }
    out->scale[0][0] = scale;
    out->minimum[0][0] = type == TENSOR_Q4_0   ? -8 * scale
                         : type == TENSOR_Q5_0 ? -16 * scale
                         : type == TENSOR_Q8_0 ? 0
                                               : half_at(block + 2);
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

#endif
