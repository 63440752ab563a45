/* tensor: numbers in bulk.
 *
 * Weights stay in the block formats of their file. Activations are floats; before a multiplication
 * they are quantised to 8 bits with one scale for each 32 values (finer than the Q8_K of the
 * peers), so that the product is integer arithmetic. The kernels are chosen once, at the first
 * use, for the processor at hand.
 *
 * Everything here may be called from any thread; a scratch serves one call at a time. */
#ifndef LYCEUM_TENSOR_H
#define LYCEUM_TENSOR_H

#include "base/base.h"

/* -------------------------------------------------------------------------------- formats */

enum tensor_type { /* the ids of GGUF */
                   TENSOR_F32 = 0,
                   TENSOR_F16 = 1,
                   TENSOR_Q4_0 = 2,
                   TENSOR_Q4_1 = 3,
                   TENSOR_Q5_0 = 6,
                   TENSOR_Q5_1 = 7,
                   TENSOR_Q8_0 = 8,
                   TENSOR_Q4_K = 12,
                   TENSOR_Q5_K = 13,
                   TENSOR_Q6_K = 14,
                   TENSOR_BF16 = 30,
};

struct tensor_group;

struct tensor_format {
    enum tensor_type type;
    const char *name;
    int block_values, block_bytes; /* 1 value a block for the float formats */
    /* Reads 32 values of a block. NULL for the float formats. */
    void (*unpack)(const uint8_t *block, int group, struct tensor_group *);
};

/* 32 values: value[i] = scale · factor[i / 16] · integer[i] + minimum. Integers are signed and
 * within ±128; factors are 1 but for Q6_K. */
struct tensor_group {
    int8_t integer[32], factor[2];
    float scale, minimum;
    bool has_minimum; /* else it is 0 */
};

const struct tensor_format *tensor_format(uint32_t type); /* NULL when unknown */
float float_from_f16(uint16_t);
uint16_t f16_from_float(float); /* to nearest, ties to even */
float float_from_bf16(uint16_t);
uint16_t bf16_from_float(float);

/* Writes n floats (finite, a multiple of the format's block_values; for the formats with f16
 * factors at most 65,504 in size) as blocks: n / block_values · block_bytes bytes. Searches the
 * scales and minima of the least squared error. The same bits with every instruction set. */
void quantise_weights(enum tensor_type, const float *x, int64_t n, void *out);

/* ------------------------------------------------------------------------------- matrices */

/* Row-major weights: `rows` outputs of `columns` inputs. The data belong to others (mostly a
 * mapped file), need no alignment beyond that of their bytes and hold rows ·
 * matrix_row_bytes bytes. `columns` is a multiple of the format's block_values. */
struct matrix {
    enum tensor_type type;
    int64_t rows, columns;
    const void *data;
    int packed; /* how many rows are interleaved; 0: they follow each other as in a file */
};

size_t matrix_row_bytes(const struct matrix *);
void matrix_row(const struct matrix *, int64_t row, float *out); /* columns floats */

/* Packing puts the rows in the order in which this machine's kernels read them: the products are
 * several times as fast and the same to the bit. Bytes of the packed form, which has as many as
 * the rows rounded up to a multiple of the interleaved; 0: this matrix is used as it is. */
size_t matrix_packed_bytes(const struct matrix *);
/* Writes them to memory (aligned to 64 bytes), spread over the pool, and lets the matrix point
 * there; what it pointed to before is not needed any longer. Only where there is something to
 * pack. */
void matrix_pack(struct pool *, struct matrix *, void *memory);

struct tensor_scratch; /* memory for quantised activations */
/* For up to max_token tokens of up to max_columns values at once. NULL with a fault when there is
 * no memory. */
struct tensor_scratch *tensor_scratch_new(int64_t max_columns, int max_token, struct fault *);
void tensor_scratch_free(struct tensor_scratch *); /* NULL is allowed */

struct product {
    const struct matrix *weights;
    float *out; /* [n_token][weights->rows] */
};

/* out[t][r] = Σ_c x[t][c] · weights[r][c] for each product; all have the same columns. x is
 * [n_token][columns]. Products that share x belong in one call (Q, K, V; gate, up): x is then
 * quantised once and the threads meet once. n_token ≤ the scratch's max_token. Allocates nothing.
 *
 * Each output is one sum in one order, so that it is the same to the bit for any n_token, number
 * of threads and instruction set, packed or not. For each 32 columns in turn, with X the scale of
 * the activations there and s the exact Σ factor · integer · activation, rounding after each step:
 *     sum = fma(s · X, scale, sum); sum = fma(minimum, X · Σ activation, sum)
 * and for the float formats, whose activations stay floats, sum += Σ, of fmas from the left. */
void matrix_multiply(struct pool *, struct tensor_scratch *, const float *x, int n_token,
                     const struct product *, int n_product);

/* ---------------------------------------------------------------------- products of floats */

struct operand { /* value [i][j] stands at data[i · row_stride + j · column_stride] */
    const void *data;
    enum tensor_type type; /* TENSOR_F32 or TENSOR_BF16 */
    int64_t row_stride, column_stride;
};

/* out[i][j] = (adds ? out[i][j] : 0) + scale · Σ_k left[i][k] · right[k][j], summed in floats. */
struct float_product {
    int64_t rows, columns, depth; /* depth ≥ 1: how many k there are */
    struct operand left, right;
    float *out; /* rows out_stride apart; neither operand */
    int64_t out_stride;
    float scale;
    bool adds;
    /* Operands of floats are rounded to bf16 first (to the nearest, ties to even; below 2⁻¹²⁶ to
     * 0), and summed in floats for k = 1, 0, 3, 2, …, which is the order of processors that
     * multiply bf16: AVX512-BF16 and others then differ in nothing but sums below 2⁻¹²⁶. With
     * AMX-BF16 the order is another: of each 32 k the even ones and the odd ones apart. */
    bool rounds;
};

struct float_scratch; /* memory for packed operands; serves one call at a time */
/* pool NULL: the caller computes alone, also inside a job of a pool. NULL with a fault when there
 * is no memory. */
struct float_scratch *float_scratch_new(struct pool *, struct fault *);
void float_scratch_free(struct float_scratch *); /* NULL is allowed */
/* The same to the bit on any number of threads; not with every instruction set. */
void float_multiply(struct float_scratch *, const struct float_product *);

struct small_product {
    const struct matrix *weights; /* floats */
    const float *x;               /* [n_token][weights->columns] */
    float *out;                   /* [n_token][weights->rows] */
    int n_token;
    bool adds; /* out += scale · product; else out = product */
    float scale;
};

/* Products of small matrices, each with activations of its own, all at once; no output may be
 * another's, nor an x. The sums are those of matrix_multiply, to the bit. Allocates nothing. */
void matrix_multiply_small(struct pool *, const struct small_product *, int n_product);

/* --------------------------------------------------------------------- operations on floats */

/* out[i] = x[i] · weight[i] / √(mean(x²) + epsilon); n values; out may be x. Zhang and Sennrich,
 * Root Mean Square Layer Normalization, 2019, eq. 4. */
void rms_norm(const float *x, const float *weight, float epsilon, int64_t n, float *out);
/* out[i] = (x[i] − mean) / √(variance + epsilon) · weight[i] + bias[i]; out may be x. Ba et al.,
 * Layer Normalization, 2016, eq. 4. */
void layer_norm(const float *x, const float *weight, const float *bias, float epsilon, int64_t n,
                float *out);
void gelu(float *x, int64_t n); /* x · Φ(x), by the error function; in place */
void add_floats(float *y, const float *x, int64_t n);              /* y += x */
void add_scaled(float *y, const float *x, float scale, int64_t n); /* y += x · scale */
void silu_multiply(float *gate, const float *up, int64_t n);       /* gate = gate·σ(gate)·up */
void softmax(float *x, int64_t n);                                 /* in place; n ≥ 1 */
void f16_from_floats(const float *x, uint16_t *out, int64_t n);

enum rope_style {
    ROPE_ADJACENT, /* rotates (x0,x1), (x2,x3), …: llama */
    ROPE_HALVES,   /* rotates (x[i], x[i + n_rotated/2]): qwen2, qwen3, gemma3 */
};

struct rope {
    enum rope_style style;
    int n_rotated;         /* values of a head that are rotated; even */
    float base;            /* 10000, 1000000, … */
    const float *divisors; /* [n_rotated / 2] dividing the frequencies, or NULL */
};

/* Rotates n_head heads of d_head values by the angles of `position`, in place. Su et al.,
 * RoFormer, 2021, eq. 15. The cosines and sines come from rope_angles: [n_rotated/2][2]. */
void rope_angles(const struct rope *, int64_t position, float *angles);
void rope_rotate(const struct rope *, const float *angles, float *heads, int n_head, int d_head);

/* ------------------------------------------------------------------- attention and its cache */

/* The cache is made of pages of 32 positions. A page holds for each layer a part, whose layout is
 * this room's alone; pages belong to the caller, who may let several sessions use one. */
enum { CACHE_PAGE = 32 };

struct cache_shape {
    enum tensor_type type; /* TENSOR_F32, TENSOR_F16 or TENSOR_Q8_0 */
    int n_kv_head, d_head; /* d_head even, ≤ 512 */
};

/* Bytes of one layer's keys and values in a page, a multiple of 64. */
size_t cache_part_bytes(const struct cache_shape *);
/* Keeps the key and the value, [n_kv_head][d_head] each, of one position: `slot` is the position
 * modulo CACHE_PAGE. What the type cannot hold is kept as the farthest it can. A part starts out
 * zeroed, or holding what was once written in the same shape. Slots of one part may be written at
 * once by several threads, with 8 bits too. */
void cache_write(const struct cache_shape *, void *part, int slot, const float *key,
                 const float *value);

struct attention {
    int n_head, n_kv_head, d_head; /* n_head a multiple of n_kv_head */
    float scale;                   /* of q·k: 1/√d_head mostly */
    int window;                    /* positions seen, itself included; 0: all */
    enum tensor_type type;         /* of the cache */
};

struct attention_span {    /* queries of one session at positions first … first + n_token - 1 */
    const float *q;        /* [n_token][n_head][d_head] */
    float *out;            /* the same; not q */
    uint8_t *const *pages; /* pages[i] holds positions 32 i …, the queries' own included */
    int64_t first;
    int n_token;
};

/* Causal attention of each span over its own pages, in which this layer's part begins at
 * part_offset. Queries of several spans meet a page that they share together. What a query gives
 * is the same to the bit whatever else is asked for in the same call or was before, on any number
 * of threads, with any instruction set. Softmax as in Milakov and Gimelshein, Online normalizer
 * calculation, 2018. */
void attend(struct pool *, const struct attention *, size_t part_offset,
            const struct attention_span *, int n_span);

/* ------------------------------------------------------------------------------- dispatch */

/* "plain", "avx2" or "avx512". LYCEUM_CPU pins one of them; what the machine lacks is refused. */
bool tensor_start(struct fault *); /* optional; without it a bad LYCEUM_CPU is ignored */
const char *tensor_instruction_set(void);
/* For measuring what the machine could: n rounds of products of 8-bit integers added in 32 bits,
 * the fastest way that this instruction set has, in registers alone. Returns how many products. */
int64_t tensor_probe(int64_t n);

#endif
