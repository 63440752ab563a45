/* The attention kernels, written once over vectors of LANES floats. The including file says what
 * a vector is: `vector`, LANES, the vector_… functions used here, and TILE_ROWS, how many rows of
 * three vectors the registers hold. attention_inside.h tells the order of all additions. */
#include "tensor/attention_inside.h"
#include "tensor/intrinsics.h"

enum { PAGE_VECTORS = CACHE_PAGE / LANES };

/* e^x for x ≤ 0 as 2^k · e^r with |r| ≤ ln 2 / 2 and e^r by its series to the sixth power; 0 where
 * it would be less than a float holds. */
ALWAYS_INLINE vector exponential(vector given) {
    vector x = vector_max(given, vector_all(-87));
    vector k = vector_round(vector_multiply(x, vector_all(1.44269504F)));
    vector r = vector_fma(k, vector_all(-0.693359375F), x);
    r = vector_fma(k, vector_all(2.12194440e-4F), r);
    static const float series[] = {1 / 120.F, 1 / 24.F, 1 / 6.F, 0.5F, 1, 1};
    vector y = vector_all(1 / 720.F);
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++)
        y = vector_fma(y, r, vector_all(series[i]));
    return vector_where_at_least(given, -87, vector_times_power_of_2(y, k));
}

/* ---------------------------------------------------------------------------- rows of queries */

ALWAYS_INLINE vector key_vector(const struct cell *cell, enum tensor_type type,
                                const float *scales, int d, int i) {
    if (type == TENSOR_F16)
        return vector_from_f16((const uint16_t *)(const void *)cell->keys + d * CACHE_PAGE + i);
    return vector_multiply(vector_from_bytes((const int8_t *)cell->keys + d * CACHE_PAGE + i),
                           vector_load(scales + d / 32 * CACHE_PAGE + i));
}

/* n_query ≤ 4 rows × n_vector ≤ 4 vectors of positions from i on. */
ALWAYS_INLINE void scores_tile(const struct cell *cell, enum tensor_type type, const float *scales,
                               const float *q, int n_query, int i, int n_vector, float *s) {
    int d_head = cell->d_head;
    vector total[4][4];
#pragma GCC unroll 16
    for (int j = 0; j < 16; j++)
        total[j / 4][j % 4] = vector_all(0);
    for (int d = 0; d < d_head; d++)
#pragma GCC unroll 4
        for (int v = 0; v < n_vector; v++) {
            vector key = key_vector(cell, type, scales, d, i + v * LANES);
#pragma GCC unroll 4
            for (int j = 0; j < n_query; j++)
                total[j][v] = vector_fma(key, vector_all(q[j * d_head + d]), total[j][v]);
        }
#pragma GCC unroll 4
    for (int j = 0; j < n_query; j++)
#pragma GCC unroll 4
        for (int v = 0; v < n_vector; v++)
            vector_store(s + j * CACHE_PAGE + i + v * LANES, total[j][v]);
}

ALWAYS_INLINE void scores_of(const struct cell *cell, enum tensor_type type, const float *scales,
                             const float *q, int n, float *s) {
    int d_head = cell->d_head;
    for (; n >= 4 || n == 2; n -= n >= 4 ? 4 : 2) {
        int some = n >= 4 ? 4 : 2;
        for (int i = 0; i < CACHE_PAGE; i += 2 * LANES)
            if (some == 4)
                scores_tile(cell, type, scales, q, 4, i, 2, s);
            else
                scores_tile(cell, type, scales, q, 2, i, 2, s);
        q += some * d_head, s += some * CACHE_PAGE;
    }
    if (n == 3)
        scores_tile(cell, type, scales, q, 3, 0, PAGE_VECTORS, s);
    else if (n == 1)
        scores_tile(cell, type, scales, q, 1, 0, PAGE_VECTORS, s);
}

ALWAYS_INLINE void widen_scales(const uint16_t *scales, int n, float *out) {
    for (int i = 0; i < n; i += LANES) /* n is a multiple of CACHE_PAGE */
        vector_store(out + i, vector_from_f16(scales + i));
}

static void scores(const struct cell *cell, const float *q, int n, float *s) {
    float scales[MAX_HEAD_BLOCKS * CACHE_PAGE];
    if (cell->type == TENSOR_F16) {
        scores_of(cell, TENSOR_F16, scales, q, n, s);
        return;
    }
    widen_scales(cell->key_scales, (cell->d_head + 31) / 32 * CACHE_PAGE, scales);
    scores_of(cell, TENSOR_Q8_0, scales, q, n, s);
}

static void soften(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j++, s += CACHE_PAGE) {
        vector y[PAGE_VECTORS], most = vector_load(s);
        for (int v = 1; v < PAGE_VECTORS; v++)
            most = vector_max(vector_load(s + v * LANES), most);
        float top = vector_largest(most);
        top = top > largest[j] ? top : largest[j];
        vector change = exponential(vector_all(largest[j] - top));
        for (int v = 0; v < PAGE_VECTORS; v++) {
            y[v] = exponential(vector_subtract(vector_load(s + v * LANES), vector_all(top)));
            vector_store(s + v * LANES, y[v]);
        }
        factor[j] = vector_first(change);
        sum[j] = sum[j] * factor[j] + vector_page_sum(y);
        largest[j] = top;
    }
}

ALWAYS_INLINE vector value_vector(const struct cell *cell, enum tensor_type type,
                                  const float *scales, int i, int d) {
    int d_head = cell->d_head;
    if (type == TENSOR_F16)
        return vector_from_f16((const uint16_t *)(const void *)cell->values + i * d_head + d);
    return vector_multiply(vector_from_bytes((const int8_t *)cell->values + i * d_head + d),
                           vector_all(scales[i * ((d_head + 31) / 32) + d / 32]));
}

static float value_at(const struct cell *cell, int i, int d) {
    int at = i * cell->d_head + d, n_block = (cell->d_head + 31) / 32;
    if (cell->type == TENSOR_F16)
        return float_from_f16(((const uint16_t *)(const void *)cell->values)[at]);
    return (float)((const int8_t *)cell->values)[at] *
           float_from_f16(cell->value_scales[i * n_block + d / 32]);
}

/* n_query ≤ 4 rows × n_vector ≤ 4 vectors of values from d on. */
ALWAYS_INLINE void mix_tile(const struct cell *cell, enum tensor_type type, const float *scales,
                            const float *p, const float *factor, int n_query, int d, int n_vector,
                            float *out) {
    int d_head = cell->d_head;
    vector total[4][4];
#pragma GCC unroll 4
    for (int j = 0; j < n_query; j++)
#pragma GCC unroll 4
        for (int v = 0; v < n_vector; v++)
            total[j][v] = vector_multiply(vector_load(out + j * d_head + d + v * LANES),
                                          vector_all(factor[j]));
    for (int i = 0; i < CACHE_PAGE; i++)
#pragma GCC unroll 4
        for (int v = 0; v < n_vector; v++) {
            vector value = value_vector(cell, type, scales, i, d + v * LANES);
#pragma GCC unroll 4
            for (int j = 0; j < n_query; j++)
                total[j][v] = vector_fma(value, vector_all(p[j * CACHE_PAGE + i]), total[j][v]);
        }
#pragma GCC unroll 4
    for (int j = 0; j < n_query; j++)
#pragma GCC unroll 4
        for (int v = 0; v < n_vector; v++)
            vector_store(out + j * d_head + d + v * LANES, total[j][v]);
}

ALWAYS_INLINE void mix_rows(const struct cell *cell, enum tensor_type type, const float *scales,
                            const float *p, const float *factor, int n_query, float *out) {
    int d = 0, d_head = cell->d_head;
    if (n_query < 4)
        for (; d + 4 * LANES <= d_head; d += 4 * LANES)
            mix_tile(cell, type, scales, p, factor, n_query, d, 4, out);
    for (; d + 2 * LANES <= d_head; d += 2 * LANES)
        mix_tile(cell, type, scales, p, factor, n_query, d, 2, out);
    for (; d + LANES <= d_head; d += LANES)
        mix_tile(cell, type, scales, p, factor, n_query, d, 1, out);
    for (; d < d_head; d++)
        for (int j = 0; j < n_query; j++) {
            float total = out[j * d_head + d] * factor[j];
            for (int i = 0; i < CACHE_PAGE; i++)
                total = __builtin_fmaf(value_at(cell, i, d), p[j * CACHE_PAGE + i], total);
            out[j * d_head + d] = total;
        }
}

ALWAYS_INLINE void mix_of(const struct cell *cell, enum tensor_type type, const float *scales,
                          const float *p, const float *factor, int n, float *out) {
    int d_head = cell->d_head;
    for (; n >= 4; n -= 4, p += 4 * CACHE_PAGE, factor += 4, out += 4 * d_head)
        mix_rows(cell, type, scales, p, factor, 4, out);
    if (n == 3)
        mix_rows(cell, type, scales, p, factor, 3, out);
    else if (n == 2)
        mix_rows(cell, type, scales, p, factor, 2, out);
    else if (n == 1)
        mix_rows(cell, type, scales, p, factor, 1, out);
}

static void mix(const struct cell *cell, const float *p, const float *factor, int n, float *out) {
    float scales[MAX_HEAD_BLOCKS * CACHE_PAGE];
    if (cell->type == TENSOR_F16) {
        mix_of(cell, TENSOR_F16, scales, p, factor, n, out);
        return;
    }
    widen_scales(cell->value_scales, (cell->d_head + 31) / 32 * CACHE_PAGE, scales);
    mix_of(cell, TENSOR_Q8_0, scales, p, factor, n, out);
}

/* ------------------------------------------------------------------------- columns of queries */

ALWAYS_INLINE void widen_as(const struct cell *cell, enum tensor_type type, float *keys,
                            float *values) {
    int d_head = cell->d_head, n_scale = (d_head + 31) / 32 * CACHE_PAGE;
    float scales[MAX_HEAD_BLOCKS * CACHE_PAGE];
    if (keys) {
        if (type != TENSOR_F16)
            widen_scales(cell->key_scales, n_scale, scales);
        for (int d = 0; d < d_head; d++)
#pragma GCC unroll 4
            for (int i = 0; i < CACHE_PAGE; i += LANES)
                vector_store(keys + d * CACHE_PAGE + i, key_vector(cell, type, scales, d, i));
        return;
    }
    if (type != TENSOR_F16)
        widen_scales(cell->value_scales, n_scale, scales);
    for (int i = 0; i < CACHE_PAGE; i++) {
        int d = 0;
        for (; d + LANES <= d_head; d += LANES)
            vector_store(values + i * d_head + d, value_vector(cell, type, scales, i, d));
        for (; d < d_head; d++)
            values[i * d_head + d] = value_at(cell, i, d);
    }
}

static void widen(const struct cell *cell, float *keys, float *values) {
    if (cell->type == TENSOR_F16)
        widen_as(cell, TENSOR_F16, keys, values);
    else
        widen_as(cell, TENSOR_Q8_0, keys, values);
}

/* n_row rows of c, three vectors of columns wide: c[i][j] = c[i][j] · factor[j], or 0 without a
 * factor, and then fma over k < n of a[k · a_step + i] · b[k][j]. */
ALWAYS_INLINE void meet_tile(const float *a, int a_step, int n_row, int n, const float *b,
                             const float *factor, float *c) {
    vector total[TILE_ROWS][3];
#pragma GCC unroll 8
    for (int i = 0; i < n_row; i++)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++)
            total[i][j] = factor ? vector_multiply(vector_load(c + i * COLUMNS + j * LANES),
                                                   vector_load(factor + j * LANES))
                                 : vector_all(0);
    for (int k = 0; k < n; k++, a += a_step, b += COLUMNS) {
        vector query[3] = {vector_load(b), vector_load(b + LANES), vector_load(b + 2 * LANES)};
#pragma GCC unroll 8
        for (int i = 0; i < n_row; i++) {
            vector value = vector_all(a[i]);
#pragma GCC unroll 3
            for (int j = 0; j < 3; j++)
                total[i][j] = vector_fma(value, query[j], total[i][j]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < n_row; i++)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++)
            vector_store(c + i * COLUMNS + j * LANES, total[i][j]);
}

ALWAYS_INLINE void meet(const float *a, int a_step, int m, int n, const float *b,
                        const float *factor, int n_column, float *c) {
    for (int j = 0; j < n_column; j += 3 * LANES) {
        const float *some = factor ? factor + j : NULL;
        int i = 0;
        for (; i + TILE_ROWS <= m; i += TILE_ROWS)
            meet_tile(a + i, a_step, TILE_ROWS, n, b + j, some, c + i * COLUMNS + j);
        for (; i < m; i++)
            meet_tile(a + i, a_step, 1, n, b + j, some, c + i * COLUMNS + j);
    }
}

static void scores_of_many(const float *keys, int d_head, const float *q, int n, float *s) {
    meet(keys, CACHE_PAGE, CACHE_PAGE, d_head, q, NULL, n, s);
}

static void mix_many(const float *values, int d_head, const float *p, const float *factor, int n,
                     float *out) {
    meet(values, d_head, d_head, CACHE_PAGE, p, factor, n, out);
}

static void soften_many(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j += LANES) {
        vector before = vector_load(largest + j), most = before, part[8];
        for (int i = 0; i < CACHE_PAGE; i++)
            most = vector_max(vector_load(s + i * COLUMNS + j), most);
        vector change = exponential(vector_subtract(before, most));
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++)
#pragma GCC unroll 4
            for (int i = k; i < CACHE_PAGE; i += 8) {
                float *at = s + i * COLUMNS + j;
                vector y = exponential(vector_subtract(vector_load(at), most));
                vector_store(at, y);
                part[k] = i == k ? y : vector_add(part[k], y);
            }
#pragma GCC unroll 4
        for (int half = 4; half > 0; half /= 2)
#pragma GCC unroll 4
            for (int k = 0; k < half; k++)
                part[k] = vector_add(part[k], part[k + half]);
        vector total = vector_multiply(vector_load(sum + j), change);
        vector_store(largest + j, most);
        vector_store(sum + j, vector_add(total, part[0]));
        vector_store(factor + j, change);
    }
}

static void merge(float *whole_largest, float *whole_sum, const float *largest, const float *sum,
                  int n, float *whole_factor, float *factor) {
    for (int j = 0; j < n; j += LANES) {
        vector whole = vector_load(whole_largest + j), here = vector_load(largest + j);
        vector most = vector_max(whole, here);
        whole = exponential(vector_subtract(whole, most));
        here = exponential(vector_subtract(here, most));
        vector_store(whole_sum + j, vector_add(vector_multiply(vector_load(whole_sum + j), whole),
                                               vector_multiply(vector_load(sum + j), here)));
        vector_store(whole_largest + j, most);
        vector_store(whole_factor + j, whole);
        vector_store(factor + j, here);
    }
}

#define ATTENTION_KERNELS(set)                                                                    \
    {                                                                                             \
        .name = set, .scores = scores, .soften = soften, .mix = mix, .widen = widen,              \
        .scores_of_many = scores_of_many, .soften_many = soften_many, .mix_many = mix_many,       \
        .merge = merge                                                                            \
    }
