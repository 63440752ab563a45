/* The products, written once over registers of LANES words: a lane is a row, so that nothing is
 * summed across lanes. Rows come packed (pack.h); those that are not are packed here, a piece at a
 * time.
 *
 * A few tokens read the integers of a panel where they are. More tokens: ROW_TILE rows are first
 * expanded to bytes, which then meet all tokens. The including file defines before:
 *
 *     vector, vector_…, LANES     registers of floats, by vector_avx2.h or vector_avx512.h
 *     words, words_…              registers of as many 32-bit words
 *     ROW_TILE                    rows that are expanded together
 *     TILE_TOKENS                 from how many tokens on that pays
 *     TOGETHER                    how many of a few tokens a panel meets at once, up to 4
 *     N_HALF                      registers that the scales of Q6_K's halves take in a group
 *
 * and after it signed_quad, meet_group and meet_many. */
#include "tensor/kernels.h"
#include "tensor/pack.h"

enum {
    CHUNK = 16,           /* groups that are expanded together */
    TOKENS_AT_ONCE = 128, /* that meet a tile */
};

/* -------------------------------------------------------------------------------- the panels */

ALWAYS_INLINE bool is_k(enum tensor_type type) {
    return type == TENSOR_Q4_K || type == TENSOR_Q5_K || type == TENSOR_Q6_K;
}

ALWAYS_INLINE bool has_minimum(enum tensor_type type) {
    return type == TENSOR_Q4_1 || type == TENSOR_Q5_1 || type == TENSOR_Q4_K ||
           type == TENSOR_Q5_K;
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

struct panel { /* where the parts of some blocks are, each in the order of the blocks */
    const uint8_t *quads, *high, *scales, *scale, *minimum;
};

struct sizes { /* bytes of those parts in a block */
    int64_t quads, high, scales, whole;
};

ALWAYS_INLINE struct sizes sizes_of(enum tensor_type type) {
    struct sizes sizes = {.quads = is_k(type)            ? 128
                                   : type == TENSOR_Q8_0 ? 32
                                                         : 16,
                          .scales = !is_k(type)           ? 0
                                    : type == TENSOR_Q6_K ? 16
                                                          : 12,
                          .whole = bytes_in_block(type)};
    sizes.high = sizes.whole - sizes.quads - sizes.scales - (has_minimum(type) ? 4 : 2);
    return sizes;
}

/* Block `block` of a panel whose rows have n_block blocks. */
ALWAYS_INLINE struct panel panel_at(enum tensor_type type, const uint8_t *data, int64_t n_block,
                                    int64_t block) {
    struct sizes sizes = sizes_of(type);
    const uint8_t *high = data + n_block * LANES * sizes.quads;
    const uint8_t *scales = high + n_block * LANES * sizes.high;
    const uint8_t *scale = scales + n_block * LANES * sizes.scales;
    return (struct panel){.quads = data + block * LANES * sizes.quads,
                          .high = high + block * LANES * sizes.high,
                          .scales = scales + block * LANES * sizes.scales,
                          .scale = scale + block * LANES * 2,
                          .minimum = scale + (n_block + block) * LANES * 2};
}

ALWAYS_INLINE void next_block(enum tensor_type type, struct panel *panel) {
    struct sizes sizes = sizes_of(type);
    panel->quads += LANES * sizes.quads;
    panel->high += LANES * sizes.high;
    panel->scales += LANES * sizes.scales;
    panel->scale += LANES * 2;
    panel->minimum += LANES * 2;
}

/* Panels follow each other in memory, but the parts of one are several short streams, which the
 * processor does not see coming: what will be read AHEAD bytes later is asked for, as much of it
 * as is read now. Asking past the end does no harm. */
enum { AHEAD = 16384 };

ALWAYS_INLINE void ask_for(const uint8_t *at, int64_t n_byte) {
    UNROLLED(64, int64_t line = 0; line < n_byte; line += 64)
        __builtin_prefetch(at + line);
}

ALWAYS_INLINE words words_at(const uint8_t *at, int i) {
    return words_load(at + i * (int)sizeof(words));
}

/* The bits `mask` of each byte after the bits at `from` were moved to `to`. */
ALWAYS_INLINE words moved_bits(words w, int from, int to, int mask) {
    if (from > to)
        w = words_right(w, from - to);
    if (from < to)
        w = words_left(w, to - from);
    return words_and(w, words_of_bytes(mask));
}

/* Four signed integers as the products want them. */
ALWAYS_INLINE words signed_quad(words);

/* Columns 4 k … 4 k + 3 of a group of the first block, unsigned but for Q8_0. */
ALWAYS_INLINE words quad_of(enum tensor_type type, const struct panel *panel, int group, int k) {
    switch (type) {
    case TENSOR_Q8_0:
        return signed_quad(words_at(panel->quads, k));
    case TENSOR_Q6_K: {
        words low = words_at(panel->quads, group / 4 * 16 + group % 2 * 8 + k);
        words high = words_at(panel->high, group / 4 * 8 + k);
        return words_or(moved_bits(low, group % 4 / 2 * 4, 0, 15),
                        moved_bits(high, group % 4 * 2, 4, 48));
    }
    case TENSOR_Q4_K:
    case TENSOR_Q5_K: {
        words low = moved_bits(words_at(panel->quads, group / 2 * 8 + k), group % 2 * 4, 0, 15);
        if (type == TENSOR_Q4_K)
            return low;
        return words_or(low, moved_bits(words_at(panel->high, k), group, 4, 16));
    }
    default: {
        words low = moved_bits(words_at(panel->quads, k % 4), k / 4 * 4, 0, 15);
        if (type == TENSOR_Q4_0 || type == TENSOR_Q4_1)
            return low;
        return words_or(low, moved_bits(words_at(panel->high, 0), k, 4, 16));
    }
    }
}

/* What the integers of a group are multiplied with. */
struct factors {
    vector scale, minimum;
    words half[N_HALF]; /* Q6_K: the 8-bit scales of its halves, as the products want them */
};

ALWAYS_INLINE void halves_of(words scales, int byte, struct factors *);

ALWAYS_INLINE vector byte_as_float(words w, int byte) {
    return words_to_floats(words_and(words_right_32(w, 8 * byte), words_all(255)));
}

/* Of the first block: one for each group. */
ALWAYS_INLINE void factors_of(enum tensor_type type, const struct panel *panel,
                              struct factors *out) {
    vector scale = vector_from_f16((const uint16_t *)(const void *)panel->scale);
    if (!is_k(type)) {
        out->scale = scale;
        if (has_minimum(type))
            out->minimum = vector_from_f16((const uint16_t *)(const void *)panel->minimum);
        return;
    }
    if (type == TENSOR_Q6_K) {
        UNROLLED(8, int g = 0; g < 8; g++) {
            words scales = words_at(panel->scales, g / 2);
            out[g].scale = scale;
            halves_of(scales, g % 2 * 2, &out[g]);
        }
        return;
    }
    words a = words_at(panel->scales, 0), b = words_at(panel->scales, 1);
    words c = words_at(panel->scales, 2);
    words scales[2] = {moved_bits(a, 0, 0, 63),
                       words_or(moved_bits(c, 0, 0, 15), moved_bits(a, 6, 4, 48))};
    words minima[2] = {moved_bits(b, 0, 0, 63),
                       words_or(moved_bits(c, 4, 0, 15), moved_bits(b, 6, 4, 48))};
    vector minimum = vector_from_f16((const uint16_t *)(const void *)panel->minimum);
    minimum = vector_subtract(vector_all(0), minimum);
    UNROLLED(8, int g = 0; g < 8; g++) {
        out[g].scale = vector_multiply(byte_as_float(scales[g / 4], g % 4), scale);
        out[g].minimum = vector_multiply(byte_as_float(minima[g / 4], g % 4), minimum);
    }
}

/* ------------------------------------------------------------------------------ the activations
 */

struct place { /* some tokens at some group */
    const int8_t *x;
    int64_t columns; /* from one token to the next */
    const struct block_scale *scale;
    int64_t n_block; /* the same for the scales */
};

ALWAYS_INLINE struct place place_of(const struct activations *in, int token, int64_t group) {
    int64_t n_block = in->columns / 32;
    return (struct place){in->integer + token * in->columns + group * 32, in->columns,
                          in->scale + token * n_block + group, n_block};
}

ALWAYS_INLINE words four_of(const struct place *place, int token, int k) {
    int32_t four;
    memcpy(&four, place->x + token * place->columns + k * 4, 4);
    return words_all(four);
}

/* How the sums of products become part of the output: the one order of tensor.h. */
ALWAYS_INLINE vector add_sum(enum tensor_type type, words sum, const struct factors *factors,
                             const struct block_scale *scale, vector total) {
    vector product = vector_multiply(words_to_floats(sum), vector_all(scale->scale));
    total = vector_fma(product, factors->scale, total);
    if (has_minimum(type))
        total = vector_fma(factors->minimum, vector_all(scale->sum), total);
    return total;
}

/* The n_row first lanes of an output. */
ALWAYS_INLINE vector load_out(const float *at, int64_t n_row, bool begun) {
    if (!begun)
        return vector_all(0);
    return n_row >= LANES ? vector_load(at) : vector_load_some(at, (int)n_row);
}

ALWAYS_INLINE void store_out(float *at, int64_t n_row, vector x) {
    if (n_row >= LANES)
        vector_store(at, x);
    else
        vector_store_some(at, (int)n_row, x);
}

/* ------------------------------------------------------------------------------------- expanding
 */

struct tile { /* LANES rows, CHUNK groups, as bytes */
    words quad[CHUNK][8];
    vector scale[CHUNK], minimum[CHUNK];
    words half[CHUNK][N_HALF];
};

/* The first block of the panel, to the groups of the tile from i on. */
ALWAYS_INLINE void expand_block(enum tensor_type type, const struct panel *panel,
                                struct tile *tile, int i) {
    struct factors factors[8];
    factors_of(type, panel, factors);
    UNROLLED(8, int g = 0; g < groups_in_block(type); g++, i++) {
        UNROLLED(8, int k = 0; k < 8; k++)
            tile->quad[i][k] = quad_of(type, panel, g, k);
        tile->scale[i] = factors[g].scale;
        if (has_minimum(type))
            tile->minimum[i] = factors[g].minimum;
        for (int half = 0; half < N_HALF && type == TENSOR_Q6_K; half++)
            tile->half[i][half] = factors[g].half[half];
    }
}

ALWAYS_INLINE void expand(enum tensor_type type, struct panel panel, int64_t n,
                          struct tile *tile) {
    for (int64_t block = 0; block < n; block++, next_block(type, &panel))
        expand_block(type, &panel, tile, (int)block * groups_in_block(type));
}

ALWAYS_INLINE struct factors factors_in(enum tensor_type type, const struct tile *tile, int i) {
    struct factors factors;
    factors.scale = tile->scale[i];
    if (has_minimum(type))
        factors.minimum = tile->minimum[i];
    for (int half = 0; half < N_HALF && type == TENSOR_Q6_K; half++)
        factors.half[half] = tile->half[i][half];
    return factors;
}

/* Adds the products of 32 columns of LANES rows to the totals of n_token ≤ TOGETHER tokens. */
ALWAYS_INLINE void meet_group(enum tensor_type, const words *quads, const struct factors *,
                              const struct place *, int n_token, vector *total);

/* ----------------------------------------------------------------------------------- few tokens
 */

/* n blocks of a panel with n_token tokens from `token` on; adds to the outputs unless these are
 * the first columns. */
ALWAYS_INLINE void meet_panel(enum tensor_type type, struct panel panel, int64_t n,
                              const struct activations *in, int64_t group, int token, int n_token,
                              float *out, int64_t rows, int64_t n_row) {
    struct place place = place_of(in, token, group);
    vector total[TOGETHER];
    out += token * rows;
    UNROLLED(8, int t = 0; t < n_token; t++)
        total[t] = load_out(out + t * rows, n_row, group != 0);
    int64_t n_byte = LANES * bytes_in_block(type) / groups_in_block(type); /* of a group */
    const uint8_t *ahead = panel.quads + AHEAD;
    for (int64_t i = 0; i < n; i++, next_block(type, &panel)) {
        struct factors factors[8];
        factors_of(type, &panel, factors);
        UNROLLED(8, int g = 0; g < groups_in_block(type); g++) {
            words quads[8];
            ask_for(ahead, n_byte);
            ahead += n_byte;
            UNROLLED(8, int k = 0; k < 8; k++)
                quads[k] = quad_of(type, &panel, g, k);
            meet_group(type, quads, &factors[g], &place, n_token, total);
            place.x += 32;
            place.scale++;
        }
    }
    UNROLLED(8, int t = 0; t < n_token; t++)
        store_out(out + t * rows, n_row, total[t]);
}

ALWAYS_INLINE void meet_few(enum tensor_type type, const struct panel *panel, int64_t n,
                            const struct activations *in, int64_t group, int n_token, float *out,
                            int64_t rows, int64_t n_row) {
    int t = 0;
    for (; t + TOGETHER <= n_token; t += TOGETHER)
        meet_panel(type, *panel, n, in, group, t, TOGETHER, out, rows, n_row);
    for (; t < n_token; t++)
        meet_panel(type, *panel, n, in, group, t, 1, out, rows, n_row);
}

/* Adds n groups of n_row rows, a multiple of LANES, with all tokens to out[n_token][ROW_TILE]. */
ALWAYS_INLINE void meet_many(enum tensor_type, const struct tile *, const struct activations *,
                             int token, int64_t group, int n, int n_token, float *out, int n_row,
                             const uint8_t *ahead);

/* ------------------------------------------------------------------------------- whole matrices
 */

/* n blocks from `block` on of LANES rows from `row` on; `buffer` holds what must be packed. */
ALWAYS_INLINE struct panel find_panel(enum tensor_type type, const struct matrix *weights,
                                      int64_t row, int64_t block, int64_t n, uint8_t *buffer) {
    int64_t n_block = weights->columns / 32 / groups_in_block(type);
    if (weights->packed) {
        const uint8_t *data = weights->data;
        return panel_at(type, data + row * n_block * bytes_in_block(type), n_block, block);
    }
    pack_panel(weights, LANES, row, block, n, buffer);
    return panel_at(type, buffer, n, 0);
}

/* Where the bytes are that the tile at `row` has in the place of n blocks of this one: over all
 * blocks, all. They are asked for while this tile meets its first tokens. */
ALWAYS_INLINE const uint8_t *tile_ahead(enum tensor_type type, const struct matrix *weights,
                                        int64_t row, int64_t block) {
    int64_t n_block = weights->columns / 32 / groups_in_block(type);
    return (const uint8_t *)weights->data +
           (row * n_block + block * ROW_TILE) * bytes_in_block(type);
}

/* Of n_panel panels, a group: what it takes in memory, asked for in the tile ahead. */
ALWAYS_INLINE void ask_for_group(enum tensor_type type, int n_panel, const uint8_t **ahead) {
    int64_t n_byte = n_panel * LANES * bytes_in_block(type) / groups_in_block(type);
    if (*ahead) {
        ask_for(*ahead, n_byte);
        *ahead += n_byte;
    }
}

/* Few tokens with n_row rows from `first` on. */
ALWAYS_INLINE void multiply_few(enum tensor_type type, const struct matrix *weights, int64_t first,
                                int64_t n_row, const struct activations *in, int n_token,
                                float *out) {
    _Alignas(64) uint8_t buffer[CHUNK * LANES * 34];
    int64_t n_block = in->columns / 32 / groups_in_block(type), rows = weights->rows;
    int64_t step = weights->packed ? n_block : CHUNK / groups_in_block(type);
    for (int64_t row = first; row < first + n_row; row += LANES)
        for (int64_t block = 0; block < n_block; block += step) {
            int64_t n = n_block - block < step ? n_block - block : step;
            struct panel panel = find_panel(type, weights, row, block, n, buffer);
            meet_few(type, &panel, n, in, block * groups_in_block(type), n_token, out + row, rows,
                     first + n_row - row);
        }
}

/* The sums of a tile stand side by side until they are whole: in the output they are so far apart
 * that they would push each other out of the cache. */
ALWAYS_INLINE void multiply_many(enum tensor_type type, const struct matrix *weights,
                                 int64_t first, int64_t n_row, const struct activations *in,
                                 int token, int n_token, float *out) {
    _Alignas(64) uint8_t buffer[CHUNK * LANES * 34];
    _Alignas(64) float sums[TOKENS_AT_ONCE * ROW_TILE];
    struct tile tiles[ROW_TILE / LANES];
    int64_t n_block = in->columns / 32 / groups_in_block(type),
            step = CHUNK / groups_in_block(type);
    for (int64_t row = first; row < first + n_row; row += ROW_TILE) {
        int64_t left = first + n_row - row < ROW_TILE ? first + n_row - row : ROW_TILE;
        for (int64_t block = 0; block < n_block; block += step) {
            int64_t n = n_block - block < step ? n_block - block : step;
            for (int64_t r = 0; r < left; r += LANES)
                expand(type, find_panel(type, weights, row + r, block, n, buffer), n,
                       &tiles[r / LANES]);
            meet_many(type, tiles, in, token, block * groups_in_block(type),
                      (int)n * groups_in_block(type), n_token, sums,
                      (int)(left + LANES - 1) / LANES * LANES,
                      tile_ahead(type, weights, row + ROW_TILE, block));
        }
        for (int t = 0; t < n_token; t++)
            memcpy(out + (token + t) * weights->rows + row, sums + t * ROW_TILE,
                   (size_t)left * sizeof *out);
    }
}

ALWAYS_INLINE void multiply_type(enum tensor_type type, const struct matrix *weights,
                                 int64_t first, int64_t n_row, const struct activations *in,
                                 int n_token, float *out) {
    if (n_token < TILE_TOKENS)
        multiply_few(type, weights, first, n_row, in, n_token, out);
    else
        for (int token = 0; token < n_token; token += TOKENS_AT_ONCE)
            multiply_many(type, weights, first, n_row, in, token,
                          n_token - token < TOKENS_AT_ONCE ? n_token - token : TOKENS_AT_ONCE,
                          out);
}

#include "tensor/kernels_product_floats.h"

/* -------------------------------------------------------------------------------------- formats
 */

#define FOR_EACH_TYPE(X) X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q8_0) X(Q4_K) X(Q5_K) X(Q6_K)
#define FOR_EACH_FLOAT(X) X(F32) X(F16) X(BF16)

#define MULTIPLY(type, multiply)                                                                  \
    static void multiply_##type(const struct matrix *weights, int64_t first, int64_t n_row,       \
                                const struct activations *in, int n_token, float *out) {          \
        multiply(TENSOR_##type, weights, first, n_row, in, n_token, out);                         \
    }
#define MULTIPLY_TYPE(type) MULTIPLY(type, multiply_type)
#define MULTIPLY_FLOATS(type) MULTIPLY(type, multiply_floats)
FOR_EACH_TYPE(MULTIPLY_TYPE)
FOR_EACH_FLOAT(MULTIPLY_FLOATS)

static void multiply(const struct matrix *weights, int64_t first, int64_t n_row,
                     const struct activations *in, int n_token, float *out) {
    switch (weights->type) {
#define CASE(type)                                                                                \
    case TENSOR_##type:                                                                           \
        multiply_##type(weights, first, n_row, in, n_token, out);                                 \
        return;
        FOR_EACH_TYPE(CASE)
        FOR_EACH_FLOAT(CASE)
    }
}

/* ----------------------------------------------------------------------------------- activations
 */

ALWAYS_INLINE int sum_of_8(__m256i x) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

static void quantise(const float *x, int64_t n, int8_t *integer, struct block_scale *scale) {
    const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    for (int64_t block = 0; block < n / 32; block++) {
        __m256 v[4], most = _mm256_setzero_ps();
        for (int i = 0; i < 4; i++) {
            v[i] = _mm256_loadu_ps(x + block * 32 + i * 8);
            most = _mm256_max_ps(_mm256_and_ps(v[i], magnitude), most);
        }
        __m128 four = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
        four = _mm_max_ps(four, _mm_movehl_ps(four, four));
        float largest = _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
        __m256 inverse = _mm256_set1_ps(largest > 0 ? 127 / largest : 0);
        __m256i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], inverse));
        __m256i bytes =
            _mm256_packs_epi16(_mm256_packs_epi32(w[0], w[1]), _mm256_packs_epi32(w[2], w[3]));
        bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)(integer + block * 32), bytes);
        int total[2] = {sum_of_8(_mm256_add_epi32(w[0], w[1])),
                        sum_of_8(_mm256_add_epi32(w[2], w[3]))};
        float factor = largest / 127;
        scale[block] = (struct block_scale){
            .scale = factor,
            .sum = factor * (float)(total[0] + total[1]),
            .offset = -8 * (total[0] + total[1]),
            .half_offset = {(int16_t)(-16 * total[0]), (int16_t)(-16 * total[1])},
        };
    }
}
