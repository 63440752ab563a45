/* What the rows' sources share: functions and sums that the compiler can make vectors of, in
 * floats, and in doubles to be held against central differences. Inside the room only. */
#ifndef LYCEUM_TRAIN_REALS_H
#define LYCEUM_TRAIN_REALS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef REAL_IS_DOUBLE
/* e^x to 2 ulp: x = n ln 2 + r, a polynomial in r (Cephes, expf), and n into the exponent. */
static inline float exponential(float x) {
    x = x < -87.3F ? -87.3F : x;
    x = x > 88.3F ? 88.3F : x;
    float twos = x * 1.44269504F;
    int32_t whole = (int32_t)(twos + __builtin_copysignf(0.5F, twos));
    float n = (float)whole;
    float r = x - n * 0.693359375F + n * 2.12194440e-4F;
    float y = 1.9875691500e-4F;
    y = y * r + 1.3981999507e-3F;
    y = y * r + 8.3334519073e-3F;
    y = y * r + 4.1665795894e-2F;
    y = y * r + 1.6666665459e-1F;
    y = y * r + 5.0000001201e-1F;
    y = y * r * r + r + 1;
    uint32_t power = ((uint32_t)(whole + 127)) << 23;
    float scale;
    memcpy(&scale, &power, sizeof scale);
    return y * scale;
}
#define square_root sqrtf
#define logarithm logf
#else
#define exponential exp
#define square_root sqrt
#define logarithm log
#endif

/* Σ term, where `term` tells of index k: sixteen sums side by side, so that the compiler may use
 * vectors. */
#define SUM(type, n, term)                                                                        \
    ({                                                                                            \
        type part_[16] = {0}, sum_ = 0;                                                           \
        int64_t i_ = 0;                                                                           \
        for (; i_ + 16 <= (n); i_ += 16)                                                          \
            for (int j_ = 0; j_ < 16; j_++) {                                                     \
                int64_t k = i_ + j_;                                                              \
                part_[j_] += (term);                                                              \
            }                                                                                     \
        for (int64_t k = i_; k < (n); k++)                                                        \
            part_[k - i_] += (term);                                                              \
        for (int j_ = 0; j_ < 16; j_++)                                                           \
            sum_ += part_[j_];                                                                    \
        sum_;                                                                                     \
    })

#endif
