/* The kernels over floats, written once over vectors of LANES floats. The including file says
 * what a vector is: `vector`, LANES and the vector_… functions used here; and TILE_ROWS, how many
 * rows of three vectors the registers hold. */
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

static void floats_from_f16(const uint16_t *x, float *out, int64_t n) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vector_store(out + i, vector_from_f16(x + i));
    for (; i < n; i++)
        out[i] = _cvtsh_ss(x[i]);
}

/* ------------------------------------------------------------------- attention, one query */

static void scores(const float *q, const uint16_t *keys, int64_t stride, int n, int d_head,
                   float scale, float *out) {
    for (int i = 0; i < n; i++) {
        const uint16_t *key = keys + i * stride;
        vector total = vector_all(0), other = vector_all(0);
        int d = 0;
        for (; d + 2 * LANES <= d_head; d += 2 * LANES) {
            total = vector_fma(vector_from_f16(key + d), vector_load(q + d), total);
            other =
                vector_fma(vector_from_f16(key + d + LANES), vector_load(q + d + LANES), other);
        }
        float sum = vector_sum(vector_add(total, other));
        for (; d < d_head; d++)
            sum += q[d] * _cvtsh_ss(key[d]);
        out[i] = scale * sum;
    }
}

static void mix(const float *weight, const uint16_t *values, int64_t stride, int n, int d_head,
                float *out) {
    int d = 0;
    for (; d + 2 * LANES <= d_head; d += 2 * LANES) {
        vector low[2] = {vector_load(out + d), vector_all(0)};
        vector high[2] = {vector_load(out + d + LANES), vector_all(0)};
        int i = 0;
        for (; i + 2 <= n; i += 2)
            for (int j = 0; j < 2; j++) { /* two sums each, so that one need not await the other */
                const uint16_t *value = values + (i + j) * stride + d;
                vector factor = vector_all(weight[i + j]);
                low[j] = vector_fma(vector_from_f16(value), factor, low[j]);
                high[j] = vector_fma(vector_from_f16(value + LANES), factor, high[j]);
            }
        for (; i < n; i++) {
            const uint16_t *value = values + i * stride + d;
            low[0] = vector_fma(vector_from_f16(value), vector_all(weight[i]), low[0]);
            high[0] = vector_fma(vector_from_f16(value + LANES), vector_all(weight[i]), high[0]);
        }
        vector_store(out + d, vector_add(low[0], low[1]));
        vector_store(out + d + LANES, vector_add(high[0], high[1]));
    }
    for (; d < d_head; d++)
        for (int i = 0; i < n; i++)
            out[d] += weight[i] * _cvtsh_ss(values[i * stride + d]);
}

/* --------------------------------------------------------------- attention, QUERIES at a time */

/* n_row rows of c, three vectors of queries wide. */
ALWAYS_INLINE void meet_tile(const float *a, int64_t a_row, int64_t a_column, int n_row, int n,
                             const float *b, const float *factor, float *c) {
    vector total[TILE_ROWS][3];
#pragma GCC unroll 8
    for (int i = 0; i < n_row; i++)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++)
            total[i][j] = factor ? vector_multiply(vector_load(c + i * QUERIES + j * LANES),
                                                   vector_load(factor + j * LANES))
                                 : vector_all(0);
    for (int k = 0; k < n; k++, a += a_column, b += QUERIES) {
        vector query[3] = {vector_load(b), vector_load(b + LANES), vector_load(b + 2 * LANES)};
#pragma GCC unroll 8
        for (int i = 0; i < n_row; i++) {
            vector value = vector_all(a[i * a_row]);
#pragma GCC unroll 3
            for (int j = 0; j < 3; j++)
                total[i][j] = vector_fma(value, query[j], total[i][j]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < n_row; i++)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++)
            vector_store(c + i * QUERIES + j * LANES, total[i][j]);
}

static void meet_queries(const float *a, int64_t a_row, int64_t a_column, int m, int n,
                         const float *b, const float *factor, float *c) {
    for (int j = 0; j < QUERIES; j += 3 * LANES) {
        const float *some = factor ? factor + j : NULL;
        int i = 0;
        for (; i + TILE_ROWS <= m; i += TILE_ROWS)
            meet_tile(a + i * a_row, a_row, a_column, TILE_ROWS, n, b + j, some,
                      c + i * QUERIES + j);
        for (; i < m; i++)
            meet_tile(a + i * a_row, a_row, a_column, 1, n, b + j, some, c + i * QUERIES + j);
    }
}

static void soften_queries(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < QUERIES; j += LANES) {
        vector before = vector_load(largest + j), most = before;
        for (int i = 0; i < n; i++)
            most = vector_max(vector_load(s + i * QUERIES + j), most);
        vector change = exponential(vector_subtract(before, most));
        vector total = vector_multiply(vector_load(sum + j), change);
        for (int i = 0; i < n; i++) {
            float *at = s + i * QUERIES + j;
            vector y = exponential(vector_subtract(vector_load(at), most));
            vector_store(at, y);
            total = vector_add(total, y);
        }
        vector_store(largest + j, most);
        vector_store(sum + j, total);
        vector_store(factor + j, change);
    }
}
