/* The intrinsics of the fast kernels in portable C: SIMDe's, and the few that its version 0.7.4
 * lacks. With these the kernels' own source runs on any machine. */
#ifndef LYCEUM_TESTS_EMULATED_H
#define LYCEUM_TESTS_EMULATED_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>

#include <math.h>
#include <string.h>

#include "tensor/tensor.h"

#define __mmask16 simde__mmask16
#define _MM_FROUND_NO_EXC SIMDE_MM_FROUND_NO_EXC
#define _cvtsh_ss float_from_f16
#undef _mm256_fmadd_ps /* SIMDe rounds the product */
#define _mm256_fmadd_ps emulated_fmadd_8
#undef _mm512_fmadd_ps
#define _mm512_fmadd_ps emulated_fmadd_16
#undef _mm256_maskload_ps /* SIMDe's touches what is masked */
#undef _mm256_maskstore_ps
#define _mm256_maskload_ps emulated_maskload_ps
#define _mm256_maskstore_ps emulated_maskstore_ps
#define _mm512_cvtph_ps emulated_cvtph_ps
#define _mm512_cvtepi32_ps emulated_cvtepi32_ps
#define _mm512_cvtepu16_epi32 emulated_cvtepu16_epi32
#define _mm512_cvtepi8_epi32 emulated_cvtepi8_epi32
#define _mm512_srai_epi32 emulated_srai_epi32
#undef _mm512_srli_epi16 /* SIMDe's wants to see a number */
#define _mm512_srli_epi16 emulated_srli_epi16
#define _mm512_maskz_loadu_ps emulated_maskz_loadu_ps
#define _mm512_mask_storeu_ps emulated_mask_storeu_ps

static inline __m256 emulated_fmadd_8(__m256 a, __m256 b, __m256 c) {
    float x[8], y[8], z[8];
    memcpy(x, &a, sizeof x), memcpy(y, &b, sizeof y), memcpy(z, &c, sizeof z);
    for (int i = 0; i < 8; i++)
        z[i] = fmaf(x[i], y[i], z[i]);
    return _mm256_loadu_ps(z);
}

static inline __m512 emulated_fmadd_16(__m512 a, __m512 b, __m512 c) {
    float x[16], y[16], z[16];
    memcpy(x, &a, sizeof x), memcpy(y, &b, sizeof y), memcpy(z, &c, sizeof z);
    for (int i = 0; i < 16; i++)
        z[i] = fmaf(x[i], y[i], z[i]);
    return _mm512_loadu_ps(z);
}

static inline __m256 emulated_maskload_ps(const float *at, __m256i mask) {
    int32_t bits[8];
    float to[8];
    memcpy(bits, &mask, sizeof bits);
    for (int i = 0; i < 8; i++)
        to[i] = bits[i] < 0 ? at[i] : 0;
    return _mm256_loadu_ps(to);
}

static inline void emulated_maskstore_ps(float *at, __m256i mask, __m256 x) {
    int32_t bits[8];
    float from[8];
    memcpy(bits, &mask, sizeof bits);
    memcpy(from, &x, sizeof from);
    for (int i = 0; i < 8; i++)
        if (bits[i] < 0)
            at[i] = from[i];
}

static inline __m512 emulated_cvtph_ps(__m256i halves) {
    uint16_t from[16];
    float to[16];
    memcpy(from, &halves, sizeof from);
    for (int i = 0; i < 16; i++)
        to[i] = float_from_f16(from[i]);
    return _mm512_loadu_ps(to);
}

static inline __m512 emulated_cvtepi32_ps(__m512i words) {
    int32_t from[16];
    float to[16];
    memcpy(from, &words, sizeof from);
    for (int i = 0; i < 16; i++)
        to[i] = (float)from[i];
    return _mm512_loadu_ps(to);
}

static inline __m512i emulated_cvtepu16_epi32(__m256i halves) {
    uint16_t from[16];
    uint32_t to[16];
    memcpy(from, &halves, sizeof from);
    for (int i = 0; i < 16; i++)
        to[i] = from[i];
    return _mm512_loadu_si512(to);
}

static inline __m512i emulated_cvtepi8_epi32(__m128i bytes) {
    int8_t from[16];
    int32_t to[16];
    memcpy(from, &bytes, sizeof from);
    for (int i = 0; i < 16; i++)
        to[i] = from[i];
    return _mm512_loadu_si512(to);
}

static inline __m512i emulated_srai_epi32(__m512i words, unsigned by) {
    int32_t x[16];
    memcpy(x, &words, sizeof x);
    for (int i = 0; i < 16; i++)
        x[i] >>= by;
    return _mm512_loadu_si512(x);
}

static inline __m512i emulated_srli_epi16(__m512i halves, unsigned by) {
    uint16_t x[32];
    memcpy(x, &halves, sizeof x);
    for (int i = 0; i < 32; i++)
        x[i] = (uint16_t)(x[i] >> by);
    return _mm512_loadu_si512(x);
}

static inline __m512 emulated_maskz_loadu_ps(__mmask16 mask, const float *at) {
    float to[16];
    for (int i = 0; i < 16; i++)
        to[i] = mask >> i & 1 ? at[i] : 0;
    return _mm512_loadu_ps(to);
}

static inline void emulated_mask_storeu_ps(float *at, __mmask16 mask, __m512 x) {
    float from[16];
    memcpy(from, &x, sizeof from);
    for (int i = 0; i < 16; i++)
        if (mask >> i & 1)
            at[i] = from[i];
}

#endif
