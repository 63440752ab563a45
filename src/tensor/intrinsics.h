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

#endif
