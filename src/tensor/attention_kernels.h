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
    UNROLLED(6, int i = 0; i < 6; i++)
        y = vector_fma(y, r, vector_all(series[i]));
    return vector_where_at_least(given, -87, vector_times_power_of_2(y, k));
}

/* ---------------------------------------------------------------------------- rows of queries */

/* LANES numbers of a cell as floats; with 8 bits, their scales are not in it. */
ALWAYS_INLINE vector numbers(enum tensor_type type, const uint8_t *at, int i) {
    if (type == TENSOR_F32)
        return vector_load((const float *)(const void *)at + i);
    return type == TENSOR_F16 ? vector_from_f16((const uint16_t *)(const void *)at + i)
                              : vector_from_bytes((const int8_t *)at + i);
}

ALWAYS_INLINE float number(enum tensor_type type, const uint8_t *at, int i) {
    if (type == TENSOR_F32)
        return ((const float *)(const void *)at)[i];
    return type == TENSOR_F16 ? float_from_f16(((const uint16_t *)(const void *)at)[i])
                              : (float)((const int8_t *)at)[i];
}

/* n_query ≤ 4 rows × n_vector ≤ 4 vectors of positions from i on. With 8 bits, 32 values at a time
 * meet before their scale does. */
ALWAYS_INLINE void scores_tile(const struct cell *cell, enum tensor_type type, const float *q,
                               int n_query, int i, int n_vector, float *s) {
    int d_head = cell->d_head, step = is_scaled(type) ? 32 : d_head;
    for (int first = 0; first < d_head; first += step) {
        int end = first + step < d_head ? first + step : d_head;
        vector total[4][4];
        UNROLLED(16, int j = 0; j < 16; j++)
            total[j / 4][j % 4] = vector_all(0);
        for (int d = first; d < end; d++)
            UNROLLED(4, int v = 0; v < n_vector; v++) {
                vector key = numbers(type, cell->keys, d * CACHE_PAGE + i + v * LANES);
                UNROLLED(4, int j = 0; j < n_query; j++)
                    total[j][v] = vector_fma(key, vector_all(q[j * d_head + d]), total[j][v]);
            }
        UNROLLED(4, int v = 0; v < n_vector; v++) {
            int at = i + v * LANES;
            vector scale =
                is_scaled(type) ? vector_from_f16(cell->key_scales + first + at) : vector_all(1);
            UNROLLED(4, int j = 0; j < n_query; j++) {
                float *to = s + j * CACHE_PAGE + at;
                if (is_scaled(type))
                    total[j][v] =
                        vector_fma(scale, total[j][v], first ? vector_load(to) : vector_all(0));
                vector_store(to, total[j][v]);
            }
        }
    }
}

ALWAYS_INLINE void scores_of(const struct cell *cell, enum tensor_type type, const float *q, int n,
                             float *s) {
    int d_head = cell->d_head;
    for (; n >= 4; n -= 4, q += 4 * d_head, s += 4 * CACHE_PAGE)
        for (int i = 0; i < CACHE_PAGE; i += 2 * LANES)
            scores_tile(cell, type, q, 4, i, 2, s);
    if (n == 3)
        scores_tile(cell, type, q, 3, 0, PAGE_VECTORS, s);
    else if (n == 2)
        scores_tile(cell, type, q, 2, 0, PAGE_VECTORS, s);
    else if (n == 1)
        scores_tile(cell, type, q, 1, 0, PAGE_VECTORS, s);
}

static void scores(const struct cell *cell, const float *q, int n, float *s) {
    if (cell->type == TENSOR_F32)
        scores_of(cell, TENSOR_F32, q, n, s);
    else if (cell->type == TENSOR_F16)
        scores_of(cell, TENSOR_F16, q, n, s);
    else
        scores_of(cell, TENSOR_Q8_0, q, n, s);
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

/* n_query ≤ 4 rows × n_vector ≤ 4 vectors of values from d on. */
ALWAYS_INLINE void mix_tile(const struct cell *cell, enum tensor_type type, const float *p,
                            const float *factor, int n_query, int d, int n_vector, float *out) {
    int d_head = cell->d_head;
    vector total[4][4];
    UNROLLED(4, int j = 0; j < n_query; j++)
        UNROLLED(4, int v = 0; v < n_vector; v++)
            total[j][v] = vector_multiply(vector_load(out + j * d_head + d + v * LANES),
                                          vector_all(factor[j]));
    for (int i = 0; i < CACHE_PAGE; i++)
        UNROLLED(4, int v = 0; v < n_vector; v++) {
            vector value = numbers(type, cell->values, i * d_head + d + v * LANES);
            UNROLLED(4, int j = 0; j < n_query; j++)
                total[j][v] = vector_fma(value, vector_all(p[j * CACHE_PAGE + i]), total[j][v]);
        }
    UNROLLED(4, int j = 0; j < n_query; j++)
        UNROLLED(4, int v = 0; v < n_vector; v++)
            vector_store(out + j * d_head + d + v * LANES, total[j][v]);
}

/* Values d … end-1. */
ALWAYS_INLINE void mix_range(const struct cell *cell, enum tensor_type type, const float *p,
                             const float *factor, int n_query, int d, int end, float *out) {
    int d_head = cell->d_head;
    if (n_query < 4)
        for (; d + 4 * LANES <= end; d += 4 * LANES)
            mix_tile(cell, type, p, factor, n_query, d, 4, out);
    for (; d + 2 * LANES <= end; d += 2 * LANES)
        mix_tile(cell, type, p, factor, n_query, d, 2, out);
    for (; d + LANES <= end; d += LANES)
        mix_tile(cell, type, p, factor, n_query, d, 1, out);
    for (; d < end; d++)
        for (int j = 0; j < n_query; j++) {
            float total = out[j * d_head + d] * factor[j];
            for (int i = 0; i < CACHE_PAGE; i++)
                total = __builtin_fmaf(number(type, cell->values, i * d_head + d),
                                       p[j * CACHE_PAGE + i], total);
            out[j * d_head + d] = total;
        }
}

/* With 8 bits, the weights take the scales of 32 values at a time. */
ALWAYS_INLINE void mix_rows(const struct cell *cell, enum tensor_type type, const float *p,
                            const float *factor, int n_query, float *out) {
    int d_head = cell->d_head;
    if (!is_scaled(type)) {
        mix_range(cell, type, p, factor, n_query, 0, d_head, out);
        return;
    }
    for (int first = 0; first < d_head; first += 32) {
        float scaled[4 * CACHE_PAGE];
        for (int i = 0; i < CACHE_PAGE; i += LANES) {
            vector scale = vector_from_f16(cell->value_scales + first + i);
            for (int j = 0; j < n_query * CACHE_PAGE; j += CACHE_PAGE)
                vector_store(scaled + j + i, vector_multiply(vector_load(p + j + i), scale));
        }
        mix_range(cell, type, scaled, factor, n_query, first,
                  first + 32 < d_head ? first + 32 : d_head, out);
    }
}

ALWAYS_INLINE void mix_of(const struct cell *cell, enum tensor_type type, const float *p,
                          const float *factor, int n, float *out) {
    int d_head = cell->d_head;
    for (; n >= 4; n -= 4, p += 4 * CACHE_PAGE, factor += 4, out += 4 * d_head)
        mix_rows(cell, type, p, factor, 4, out);
    if (n == 3)
        mix_rows(cell, type, p, factor, 3, out);
    else if (n == 2)
        mix_rows(cell, type, p, factor, 2, out);
    else if (n == 1)
        mix_rows(cell, type, p, factor, 1, out);
}

static void mix(const struct cell *cell, const float *p, const float *factor, int n, float *out) {
    if (cell->type == TENSOR_F32)
        mix_of(cell, TENSOR_F32, p, factor, n, out);
    else if (cell->type == TENSOR_F16)
        mix_of(cell, TENSOR_F16, p, factor, n, out);
    else
        mix_of(cell, TENSOR_Q8_0, p, factor, n, out);
}

/* ------------------------------------------------------------------------- columns of queries */

ALWAYS_INLINE void widen_numbers(enum tensor_type type, const uint8_t *from, int n, float *to) {
    int i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        UNROLLED(4, int v = 0; v < 4 * LANES; v += LANES)
            vector_store(to + i + v, numbers(type, from, i + v));
    for (; i < n; i++)
        to[i] = number(type, from, i);
}

static void widen(enum tensor_type type, const uint8_t *from, int n, float *to) {
    if (type == TENSOR_F32)
        widen_numbers(TENSOR_F32, from, n, to);
    else if (type == TENSOR_F16)
        widen_numbers(TENSOR_F16, from, n, to);
    else
        widen_numbers(TENSOR_Q8_0, from, n, to);
}

/* How a product ends: as it is, or times a scale for each row, alone or added to what c holds. */
enum ending { PLAIN, SCALED, SCALED_AND_ADDED };

/* n_row rows of c, n_vector ≤ 3 vectors of columns wide: fma over k < n of a[k · a_step + i] ·
 * b[k][j], from c[i][j] · factor[j], or from 0 without a factor. */
ALWAYS_INLINE void meet_tile(const float *a, int a_step, int n_row, int n_vector, int n,
                             const float *b, const float *factor, enum ending ending,
                             const float *scale, float *c) {
    vector total[TILE_ROWS][3];
    UNROLLED(8, int i = 0; i < n_row; i++)
        UNROLLED(3, int j = 0; j < n_vector; j++)
            total[i][j] = factor ? vector_multiply(vector_load(c + i * COLUMNS + j * LANES),
                                                   vector_load(factor + j * LANES))
                                 : vector_all(0);
    for (int k = 0; k < n; k++, a += a_step, b += COLUMNS) {
        vector query[3];
        UNROLLED(3, int j = 0; j < n_vector; j++)
            query[j] = vector_load(b + j * LANES);
        UNROLLED(8, int i = 0; i < n_row; i++) {
            vector value = vector_all(a[i]);
            UNROLLED(3, int j = 0; j < n_vector; j++)
                total[i][j] = vector_fma(value, query[j], total[i][j]);
        }
    }
    UNROLLED(8, int i = 0; i < n_row; i++)
        UNROLLED(3, int j = 0; j < n_vector; j++) {
            float *to = c + i * COLUMNS + j * LANES;
            if (ending != PLAIN)
                total[i][j] = vector_fma(vector_all(scale[i]), total[i][j],
                                         ending == SCALED ? vector_all(0) : vector_load(to));
            vector_store(to, total[i][j]);
        }
}

ALWAYS_INLINE void meet_vectors(const float *a, int a_step, int m, int n_vector, int n,
                                const float *b, const float *factor, enum ending ending,
                                const float *scale, float *c) {
    int i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS)
        meet_tile(a + i, a_step, TILE_ROWS, n_vector, n, b, factor, ending, scale + i,
                  c + i * COLUMNS);
    for (; i < m; i++)
        meet_tile(a + i, a_step, 1, n_vector, n, b, factor, ending, scale + i, c + i * COLUMNS);
}

ALWAYS_INLINE void meet(const float *a, int a_step, int m, int n, const float *b,
                        const float *factor, enum ending ending, const float *scale, int n_column,
                        float *c) {
    for (int j = 0; j < n_column; j += 3 * LANES) {
        const float *some = factor ? factor + j : NULL;
        if (n_column - j > 2 * LANES)
            meet_vectors(a, a_step, m, 3, n, b + j, some, ending, scale, c + j);
        else if (n_column - j > LANES)
            meet_vectors(a, a_step, m, 2, n, b + j, some, ending, scale, c + j);
        else
            meet_vectors(a, a_step, m, 1, n, b + j, some, ending, scale, c + j);
    }
}

static void scores_of_many(const struct cell *cell, const float *keys, const float *q, int n,
                           float *s) {
    float scale[CACHE_PAGE] = {0};
    int d_head = cell->d_head;
    if (!is_scaled(cell->type)) {
        meet(keys, CACHE_PAGE, CACHE_PAGE, d_head, q, NULL, PLAIN, scale, n, s);
        return;
    }
    for (int first = 0; first < d_head; first += 32) {
        int some = d_head - first < 32 ? d_head - first : 32;
        const float *a = keys + first * CACHE_PAGE, *b = q + first * COLUMNS;
        widen(TENSOR_F16, (const uint8_t *)(cell->key_scales + first), CACHE_PAGE, scale);
        if (first == 0)
            meet(a, CACHE_PAGE, CACHE_PAGE, some, b, NULL, SCALED, scale, n, s);
        else
            meet(a, CACHE_PAGE, CACHE_PAGE, some, b, NULL, SCALED_AND_ADDED, scale, n, s);
    }
}

static void mix_many(const struct cell *cell, const float *values, const float *p,
                     const float *factor, int n, float *out) {
    float scale[CACHE_PAGE] = {0}, scaled[CACHE_PAGE * COLUMNS];
    int d_head = cell->d_head;
    if (!is_scaled(cell->type)) {
        meet(values, d_head, d_head, CACHE_PAGE, p, factor, PLAIN, scale, n, out);
        return;
    }
    for (int first = 0; first < d_head; first += 32) {
        int some = d_head - first < 32 ? d_head - first : 32;
        widen(TENSOR_F16, (const uint8_t *)(cell->value_scales + first), CACHE_PAGE, scale);
        for (int i = 0; i < CACHE_PAGE; i++)
            for (int j = 0; j < COLUMNS; j += LANES)
                vector_store(
                    scaled + i * COLUMNS + j,
                    vector_multiply(vector_load(p + i * COLUMNS + j), vector_all(scale[i])));
        meet(values + first, d_head, some, CACHE_PAGE, scaled, factor, PLAIN, scale, n,
             out + first * COLUMNS);
    }
}

static void soften_many(float *s, int n, float *largest, float *sum, float *factor) {
    for (int j = 0; j < n; j += LANES) {
        vector before = vector_load(largest + j), most = before, part[8];
        for (int i = 0; i < CACHE_PAGE; i++)
            most = vector_max(vector_load(s + i * COLUMNS + j), most);
        vector change = exponential(vector_subtract(before, most));
        UNROLLED(8, int k = 0; k < 8; k++)
            UNROLLED(4, int i = k; i < CACHE_PAGE; i += 8) {
                float *at = s + i * COLUMNS + j;
                vector y = exponential(vector_subtract(vector_load(at), most));
                vector_store(at, y);
                part[k] = i == k ? y : vector_add(part[k], y);
            }
        UNROLLED(4, int half = 4; half > 0; half /= 2)
            UNROLLED(4, int k = 0; k < half; k++)
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
