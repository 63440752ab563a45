/* Vector intrinsics: the compiler's, or those that TENSOR_INTRINSICS names. The tests bring
 * emulated ones, so that every kernel is proved on every machine. */
#ifndef LYCEUM_TENSOR_INTRINSICS_H
#define LYCEUM_TENSOR_INTRINSICS_H

#ifdef TENSOR_INTRINSICS
#include TENSOR_INTRINSICS
#else
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* for (…) of at most n turns as straight code, so that arrays of registers stay in registers. */
#ifdef __clang__
#define UNROLLED(n, ...) _Pragma("clang loop unroll(full)") for (__VA_ARGS__)
#else
#define UNROLL_PRAGMA(text) _Pragma(#text)
#define UNROLLED(n, ...) UNROLL_PRAGMA(GCC unroll n) for (__VA_ARGS__)
#endif

#endif
