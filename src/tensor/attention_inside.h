/* Attention, inside the room: where a page keeps what, and the kernels of one instruction set.
 *
 * What a query gets is one sum, in one order, whichever kernel adds it up, so that the same bits
 * come out alone and in company, and on every processor:
 *
 *   score[i]  = fma over d = 0 … of key[d][i] · (scale · q[d]), from 0; with 8 bits, integers in
 *               place of keys, 32 values at a time: fma over these of their scale · their sum
 *   a block   = the 32 positions of a page: with m' = max(m, scores), f = e(m − m'),
 *               p[i] = e(score[i] − m') (0 where hidden),
 *               sum  = sum · f + Σ p, where Σ adds p[i], p[i+8], p[i+16], p[i+24] in order for
 *                      each i < 8 and then the eight by halves: i and i+4, i and i+2, i and i+1
 *               o[d] = fma over i = 0 … 31 of value[i][d] · p[i], from o[d] · f
 *               with 8 bits value[i][d] is an integer and p[i] · its scale stands for p[i]
 *   a chunk   = CHUNK_PAGES blocks, from m = NOTHING_SEEN, sum = 0, o = 0
 *   the whole = the chunks in order: with M' = max(M, m), a = e(M − M'), b = e(m − M'),
 *               Sum = Sum · a + sum · b, O[d] = O[d] · a + o[d] · b
 *   out[d]    = (O[d] + 0) / Sum
 *
 * e(x) is `exponential` of attention_kernels.h. A block or chunk of which nothing is seen changes
 * nothing, so it may be left out or not. Chunks are what several threads share. */
#ifndef LYCEUM_TENSOR_ATTENTION_INSIDE_H
#define LYCEUM_TENSOR_ATTENTION_INSIDE_H

#include "tensor/tensor.h"

enum {
    COLUMNS = 48,    /* queries that the kernels for many take together */
    CHUNK_PAGES = 8, /* pages whose sums are one summand */
    MAX_HEAD = 512,
};
#define NOTHING_SEEN (-1e30F)

/* One key head's part of a page: keys stand a value of 32 positions side by side, values a
 * position after the other. With 8 bits, scales are f16, one for 32 values of a position. */
struct cell {
    enum tensor_type type;
    int d_head;
    uint8_t *keys;          /* [d_head][CACHE_PAGE], f32, f16 or int8 */
    uint16_t *key_scales;   /* [ceil(d_head / 32)][CACHE_PAGE] */
    uint8_t *values;        /* [CACHE_PAGE][d_head], f32, f16 or int8 */
    uint16_t *value_scales; /* [ceil(d_head / 32)][CACHE_PAGE] */
};

/* Whether integers stand for the numbers, with scales beside them. */
static inline bool is_scaled(enum tensor_type type) {
    return type == TENSOR_Q8_0;
}

size_t cell_bytes(enum tensor_type, int d_head);
struct cell cell_at(enum tensor_type, int d_head, uint8_t *at);

struct attention_kernels {
    const char *name;
    /* Few queries, each in a row: q and out [n][d_head], s [n][CACHE_PAGE]; q is scaled. */
    void (*scores)(const struct cell *, const float *q, int n, float *s);
    void (*soften)(float *s, int n, float *largest, float *sum, float *factor);
    void (*mix)(const struct cell *, const float *p, const float *factor, int n, float *out);
    /* Many, each in a column: q and out [d_head][COLUMNS], s [CACHE_PAGE][COLUMNS]. Of the columns
     * at least n are computed. Keys and values come as n floats, which widen makes of a cell's. */
    void (*widen)(enum tensor_type, const uint8_t *from, int n, float *to);
    void (*scores_of_many)(const struct cell *, const float *keys, const float *q, int n,
                           float *s);
    void (*soften_many)(float *s, int n, float *largest, float *sum, float *factor);
    void (*mix_many)(const struct cell *, const float *values, const float *p, const float *factor,
                     int n, float *out);
    /* Takes n chunks into n wholes (arrays of COLUMNS); says what the outputs of both are worth.
     */
    void (*merge)(float *whole_largest, float *whole_sum, const float *largest, const float *sum,
                  int n, float *whole_factor, float *factor);
};

extern const struct attention_kernels attention_plain, attention_avx2, attention_avx512;

void attend_with(const struct attention_kernels *, struct pool *, const struct attention *,
                 size_t part_offset, const struct attention_span *, int n_span);

#endif
