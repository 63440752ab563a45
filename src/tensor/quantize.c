/* Floats into the blocks of GGUF: for each run of values that share a scale the scale, and where
 * the format has one the minimum, that leave the least squared error is searched; for the formats
 * of 256 the 6- or 8-bit scales and their f16 factors are then fitted to each other in turns
 * (Lloyd, Least squares quantization in PCM, 1982). */
#include "tensor/kernels.h"
#include "tensor/quantize.h"

#include <math.h>
#include <string.h>

static const struct searches *searches_chosen(void) {
#if defined(__x86_64__)
    const char *name = kernels_chosen()->name;
    if (!strcmp(name, "avx512"))
        return &searches_avx512;
    if (!strcmp(name, "avx2"))
        return &searches_avx2;
#endif
    return &searches_plain;
}

static float rounded_f16(float value) {
    return float_from_f16(f16_from_float(value));
}

/* ------------------------------------------------------------------------- scales and minima */

struct line {
    float scale, minimum, error;
};

static void keep_best(const struct tries *tries, struct line *best) {
    for (int i = 0; i < TRIES; i++)
        if (tries->error[i] < best->error)
            *best = (struct line){tries->scale[i], tries->minimum[i], tries->error[i]};
}

static float smaller(float a, float b) {
    return a < b ? a : b;
}

static float larger(float a, float b) {
    return a > b ? a : b;
}

/* The scale for value ≈ scale · integer. Where there is one negative integer more, the sign of the
 * scale matters, so that both are tried: first over a wide range, then near the best. */
static float best_scale(const struct searches *searches, const struct run *run) {
    float size = 0;
    for (int i = 0; i < run->n; i++)
        size = larger(size, fabsf(run->x[i]));
    struct line best = {0, 0, INFINITY};
    struct tries tries = {0};
    bool even = run->high == -run->low;
    for (int round = 0; round < 4; round += even ? 2 : 1) {
        for (int i = 0; i < TRIES; i++) {
            int step = (round / 2 * TRIES + i) - TRIES / 2;
            float reach = (float)run->high + (float)step * (even ? 0.125F : 0.25F);
            tries.scale[i] = (round % 2 ? -size : size) / larger(reach, 1);
        }
        searches->refit_scale(run, &tries);
        keep_best(&tries, &best);
    }
    for (int i = 0; i < TRIES; i++) {
        float aside = (float)(i - TRIES / 2) * 0.03F;
        tries.scale[i] = best.scale * (1 + aside / (float)run->high);
    }
    searches->refit_scale(run, &tries);
    keep_best(&tries, &best);
    return best.scale;
}

/* Where the minimum may not be above 0 and would be, it is 0 and the scale is fitted alone. */
static void refit_lines(const struct searches *searches, const struct run *run, bool from_zero,
                        struct tries *tries) {
    struct tries before = *tries;
    bool above = false;
    searches->refit_line(run, tries);
    for (int i = 0; from_zero && i < TRIES; i++)
        if (tries->minimum[i] > 0) {
            above = true;
            tries->scale[i] = before.scale[i];
            tries->minimum[i] = 0;
        }
    if (above)
        searches->refit_scale(run, tries);
}

/* The scale and minimum for value ≈ scale · integer + minimum; for the formats of 256 the minimum
 * is never above 0. */
static struct line best_line(const struct searches *searches, const struct run *run,
                             bool from_zero) {
    float least = run->x[0], most = run->x[0];
    for (int i = 1; i < run->n; i++) {
        least = smaller(least, run->x[i]);
        most = larger(most, run->x[i]);
    }
    if (from_zero)
        least = smaller(least, 0);
    struct line best = {0, least, INFINITY};
    struct tries tries;
    float step = (most - least) / (float)run->high;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < TRIES; i++) { /* what is cut off at both ends, in steps */
            float low = (float)(i / 4) * 0.7F - 0.4F, high = (float)(i % 4) * 0.7F - 0.4F;
            low += (float)round * 0.35F;
            high += (float)round * 0.35F;
            tries.minimum[i] = least + low * step;
            tries.scale[i] = step * ((float)run->high - low - high) / (float)run->high;
        }
        refit_lines(searches, run, from_zero, &tries);
        refit_lines(searches, run, from_zero, &tries);
        searches->weigh(run, &tries);
        keep_best(&tries, &best);
    }
    return best;
}

static void round_to_integers(const struct run *run, float scale, float minimum, int8_t *out) {
    float per = fabsf(scale) < 0x1p-100F ? 0 : 1 / scale;
    for (int i = 0; i < run->n; i++) {
        float value = (run->x[i] - minimum) * per;
        value = smaller(larger(value, (float)run->low), (float)run->high);
        out[i] = (int8_t)lrintf(value);
    }
}

/* --------------------------------------------------------------------------- blocks of 32 */

static void put_f16(uint8_t *at, float value) {
    uint16_t half = f16_from_float(value);
    at[0] = (uint8_t)half;
    at[1] = (uint8_t)(half >> 8);
}

/* 32 integers as sixteen bytes of low nibbles, and their fifth bits before them. */
static void put_nibbles(const int8_t *integer, int offset, uint8_t *low, uint8_t *fifth) {
    for (int i = 0; i < 16; i++)
        low[i] = (uint8_t)(((integer[i] + offset) & 15) | ((integer[i + 16] + offset) & 15) << 4);
    if (!fifth)
        return;
    memset(fifth, 0, 4);
    for (int i = 0; i < 32; i++)
        fifth[i / 8] = (uint8_t)(fifth[i / 8] | (integer[i] + offset) >> 4 << i % 8);
}

static const float ones[256] = {[0 ... 255] = 1};

/* Q4_0, Q5_0, Q8_0 */
static void put_scaled(const struct searches *searches, int bits, const float *x, uint8_t *out) {
    int most = 1 << (bits - 1);
    struct run run = {x, ones, 32, bits == 8 ? -127 : -most, most - 1};
    int8_t integer[32];
    float scale = rounded_f16(best_scale(searches, &run));
    round_to_integers(&run, scale, 0, integer);
    put_f16(out, scale);
    if (bits == 8)
        memcpy(out + 2, integer, 32);
    else
        put_nibbles(integer, most, out + (bits == 5 ? 6 : 2), bits == 5 ? out + 2 : NULL);
}

/* Q4_1, Q5_1 */
static void put_line(const struct searches *searches, int bits, const float *x, uint8_t *out) {
    struct run run = {x, ones, 32, 0, (1 << bits) - 1};
    int8_t integer[32];
    struct line line = best_line(searches, &run, false);
    line.scale = rounded_f16(line.scale);
    line.minimum = rounded_f16(line.minimum);
    round_to_integers(&run, line.scale, line.minimum, integer);
    put_f16(out, line.scale);
    put_f16(out + 2, line.minimum);
    put_nibbles(integer, 0, out + (bits == 5 ? 8 : 4), bits == 5 ? out + 4 : NULL);
}

static void put_q4_0(const struct searches *searches, const float *x, uint8_t *out) {
    put_scaled(searches, 4, x, out);
}
static void put_q5_0(const struct searches *searches, const float *x, uint8_t *out) {
    put_scaled(searches, 5, x, out);
}
static void put_q8_0(const struct searches *searches, const float *x, uint8_t *out) {
    put_scaled(searches, 8, x, out);
}
static void put_q4_1(const struct searches *searches, const float *x, uint8_t *out) {
    put_line(searches, 4, x, out);
}
static void put_q5_1(const struct searches *searches, const float *x, uint8_t *out) {
    put_line(searches, 5, x, out);
}

/* -------------------------------------------------------------------------- blocks of 256 */

/* A block as it will be stored: group g has the scale `factor` · scale[g] and the minimum
 * `factor_minimum` · minimum[g], of which each group is n / n_group values. */
struct block {
    struct run groups[16];
    int n_group;
    int least, most; /* of the integers that stand for scales */
    bool has_minimum;
    float factor, factor_minimum;
    int scale[16], minimum[16];
    double error;
};

static int clamped(float value, int low, int high) {
    return (int)lrintf(smaller(larger(value, (float)low), (float)high));
}

/* For the factors given: the best of sixteen pairs of integers around what each group asks for. */
static void choose_integers(const struct searches *searches, struct block *block,
                            const struct line *wanted) {
    block->error = 0;
    for (int g = 0; g < block->n_group; g++) {
        float per = block->factor != 0 ? 1 / block->factor : 0;
        float per_minimum = block->factor_minimum != 0 ? 1 / block->factor_minimum : 0;
        int scale = clamped(wanted[g].scale * per, block->least, block->most);
        int minimum = clamped(wanted[g].minimum * per_minimum, 0, block->most);
        int scales[TRIES], minima[TRIES], best = 0;
        struct tries tries;
        for (int i = 0; i < TRIES; i++) {
            int aside = block->has_minimum ? i % 15 / 5 - 1 : i - TRIES / 2;
            scales[i] = clamped((float)(scale + aside), block->least, block->most);
            minima[i] =
                block->has_minimum ? clamped((float)(minimum + i % 5 - 2), 0, block->most) : 0;
            tries.scale[i] = block->factor * (float)scales[i];
            tries.minimum[i] = block->factor_minimum * (float)minima[i];
        }
        searches->weigh(&block->groups[g], &tries);
        for (int i = 1; i < TRIES; i++)
            best = tries.error[i] < tries.error[best] ? i : best;
        block->scale[g] = scales[best];
        block->minimum[g] = minima[best];
        block->error += (double)tries.error[best];
    }
}

/* The best factors for the integers chosen: least squares in two unknowns over all values. */
static void refit_factors(struct block *block) {
    double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
    for (int g = 0; g < block->n_group; g++) {
        const struct run *run = &block->groups[g];
        int8_t integer[32];
        round_to_integers(run, block->factor * (float)block->scale[g],
                          block->factor_minimum * (float)block->minimum[g], integer);
        double b = block->minimum[g];
        for (int i = 0; i < run->n; i++) {
            double a = block->scale[g] * integer[i], weight = (double)run->weight[i];
            aa += weight * a * a;
            ab += weight * a * b;
            bb += weight * b * b;
            ax += weight * a * (double)run->x[i];
            bx += weight * b * (double)run->x[i];
        }
    }
    double determinant = aa * bb - ab * ab;
    if (determinant > 1e-9 * aa * bb) {
        block->factor = (float)((ax * bb - bx * ab) / determinant);
        block->factor_minimum = (float)((bx * aa - ax * ab) / determinant);
    } else if (aa > 0) {
        block->factor = (float)((ax - ab * (double)block->factor_minimum) / aa);
    }
}

enum { ROUNDS = 3 };

/* Fits factors and integers to each other, from factors that reach every group's wish. */
static void fit_block(const struct searches *searches, struct block *block,
                      const struct line *wanted) {
    float largest = 0, deepest = 0;
    for (int g = 0; g < block->n_group; g++) {
        if (fabsf(wanted[g].scale) > fabsf(largest))
            largest = wanted[g].scale;
        deepest = smaller(deepest, wanted[g].minimum);
    }
    block->factor = largest / (float)(block->least < 0 ? block->least : block->most);
    block->factor_minimum = deepest / (float)block->most;
    struct block best = {.error = INFINITY};
    for (int round = 0; round < ROUNDS; round++) {
        block->factor = rounded_f16(block->factor);
        block->factor_minimum = rounded_f16(block->factor_minimum);
        choose_integers(searches, block, wanted);
        if (block->error < best.error)
            best = *block;
        refit_factors(block);
    }
    *block = best;
}

/* Q4_K and Q5_K: eight groups of 32, 6-bit scales and minima. */
static void put_k(const struct searches *searches, int bits, const float *x, uint8_t *out) {
    struct block block = {.n_group = 8, .least = 0, .most = 63, .has_minimum = true};
    struct line wanted[8];
    for (int g = 0; g < 8; g++) {
        block.groups[g] = (struct run){x + 32 * g, ones, 32, 0, (1 << bits) - 1};
        wanted[g] = best_line(searches, &block.groups[g], true);
    }
    fit_block(searches, &block, wanted);
    uint8_t *scales = out + 4, *high = out + 16, *low = bits == 5 ? out + 48 : out + 16;
    memset(out, 0, bits == 5 ? 176 : 144);
    put_f16(out, block.factor);
    put_f16(out + 2, -block.factor_minimum);
    for (int g = 0; g < 8; g++) {
        int scale = block.scale[g], minimum = block.minimum[g];
        if (g < 4) {
            scales[g] = (uint8_t)(scales[g] | scale);
            scales[g + 4] = (uint8_t)(scales[g + 4] | minimum);
        } else {
            scales[g + 4] = (uint8_t)((scale & 15) | (minimum & 15) << 4);
            scales[g - 4] = (uint8_t)(scales[g - 4] | scale >> 4 << 6);
            scales[g] = (uint8_t)(scales[g] | minimum >> 4 << 6);
        }
        int8_t integer[32];
        round_to_integers(&block.groups[g], block.factor * (float)scale,
                          block.factor_minimum * (float)minimum, integer);
        for (int i = 0; i < 32; i++) {
            uint8_t *at = &low[g / 2 * 32 + i];
            *at = (uint8_t)(*at | (integer[i] & 15) << g % 2 * 4);
            if (bits == 5)
                high[i] = (uint8_t)(high[i] | integer[i] >> 4 << g);
        }
    }
}

static void put_q4_k(const struct searches *searches, const float *x, uint8_t *out) {
    put_k(searches, 4, x, out);
}
static void put_q5_k(const struct searches *searches, const float *x, uint8_t *out) {
    put_k(searches, 5, x, out);
}

/* Sixteen groups of 16, 8-bit scales. */
static void put_q6_k(const struct searches *searches, const float *x, uint8_t *out) {
    struct block block = {.n_group = 16, .least = -128, .most = 127};
    struct line wanted[16];
    for (int g = 0; g < 16; g++) {
        block.groups[g] = (struct run){x + 16 * g, ones, 16, -32, 31};
        wanted[g] = (struct line){.scale = best_scale(searches, &block.groups[g])};
    }
    fit_block(searches, &block, wanted);
    memset(out, 0, 210);
    put_f16(out + 208, block.factor);
    for (int g = 0; g < 16; g++) {
        int8_t integer[16];
        out[192 + g] = (uint8_t)block.scale[g];
        round_to_integers(&block.groups[g], block.factor * (float)block.scale[g], 0, integer);
        for (int i = 0; i < 16; i++) {
            int row = g / 2, column = g % 2 * 16 + i, value = integer[i] + 32;
            uint8_t *low = &out[row / 4 * 64 + row % 2 * 32 + column];
            uint8_t *high = &out[128 + row / 4 * 32 + column];
            *low = (uint8_t)(*low | (value & 15) << row % 4 / 2 * 4);
            *high = (uint8_t)(*high | value >> 4 << row % 4 * 2);
        }
    }
}

/* ------------------------------------------------------------------------------- all formats */

static const struct {
    enum tensor_type type;
    void (*put)(const struct searches *, const float *x, uint8_t *out);
} quantisers[] = {
    {TENSOR_Q4_0, put_q4_0}, {TENSOR_Q4_1, put_q4_1}, {TENSOR_Q5_0, put_q5_0},
    {TENSOR_Q5_1, put_q5_1}, {TENSOR_Q8_0, put_q8_0}, {TENSOR_Q4_K, put_q4_k},
    {TENSOR_Q5_K, put_q5_k}, {TENSOR_Q6_K, put_q6_k},
};

void quantise_weights(enum tensor_type type, const float *x, int64_t n, void *out) {
    const struct tensor_format *format = tensor_format(type);
    MUST(format && n % format->block_values == 0);
    uint8_t *at = out;
    if (type == TENSOR_F32)
        memcpy(out, x, (size_t)n * sizeof *x);
    if (type == TENSOR_F16 || type == TENSOR_BF16)
        for (int64_t i = 0; i < n; i++, at += 2) {
            uint16_t half = type == TENSOR_F16 ? f16_from_float(x[i]) : bf16_from_float(x[i]);
            memcpy(at, &half, sizeof half);
        }
    const struct searches *searches = searches_chosen();
    for (size_t q = 0; q < COUNT_OF(quantisers); q++)
        for (int64_t i = 0; quantisers[q].type == type && i < n; i += format->block_values) {
            quantisers[q].put(searches, x + i, at);
            at += format->block_bytes;
        }
}
