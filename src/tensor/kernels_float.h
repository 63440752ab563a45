/* The kernels over floats, written once over vectors of LANES floats. The including file says
 * what a vector is: `vector`, LANES and the vector_… functions used here. */
#include "tensor/intrinsics.h"
#include "tensor/kernels.h"

#include <math.h>

/* -------------------------------------------------------------------------- a value at a time */

/* e^x = 2^k · e^r with |r| ≤ ln 2 / 2 and e^r by its series to the sixth power. */
ALWAYS_INLINE vector exponential(vector x) {
    x = vector_max(vector_min(x, vector_all(88)), vector_all(-87));
    vector k = vector_round(vector_multiply(x, vector_all(1.44269504F)));
    vector r = vector_fma(k, vector_all(-0.693359375F), x);
    r = vector_fma(k, vector_all(2.12194440e-4F), r);
    static const float series[] = {1 / 120.F, 1 / 24.F, 1 / 6.F, 0.5F, 1, 1};
    vector y = vector_all(1 / 720.F);
    for (int i = 0; i < 6; i++)
        y = vector_fma(y, r, vector_all(series[i]));
    return vector_times_power_of_2(y, k);
}

static float exponentials(float *x, int64_t n, float largest) {
    vector total = vector_all(0);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vector y = exponential(vector_subtract(vector_load(x + i), vector_all(largest)));
        vector_store(x + i, y);
        total = vector_add(total, y);
    }
    float sum = vector_sum(total);
    for (; i < n; i++)
        sum += x[i] = expf(x[i] - largest);
    return sum;
}

static void silu(float *gate, const float *up, int64_t n) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vector x = vector_load(gate + i);
        vector below = vector_add(vector_all(1), exponential(vector_subtract(vector_all(0), x)));
        x = vector_multiply(vector_divide(x, below), vector_load(up + i));
        vector_store(gate + i, x);
    }
    for (; i < n; i++)
        gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void floats_to_f16(const float *x, uint16_t *out, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0));
    for (; i < n; i++)
        out[i] = f16_from_float(x[i]);
}
