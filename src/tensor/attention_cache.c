/* The cache: how a page keeps the keys and values of one layer. */
#include "tensor/attention_inside.h"

#include <math.h>

/* Largest finite numbers. What is stored is always finite, so that a hidden position of weight 0
 * adds nothing, whoever wrote it. */
static const float f16_largest = 65504, f32_largest = 3.40282347e38F;

static size_t scales_bytes(int d_head) {
    return (size_t)((d_head + 31) / 32) * CACHE_PAGE * sizeof(uint16_t);
}

static size_t numbers_bytes(enum tensor_type type, int d_head) {
    size_t bytes = type == TENSOR_F32 ? sizeof(float) : type == TENSOR_F16 ? sizeof(uint16_t) : 1;
    return (size_t)d_head * CACHE_PAGE * bytes;
}

size_t cell_bytes(enum tensor_type type, int d_head) {
    size_t scales = is_scaled(type) ? scales_bytes(d_head) : 0;
    return (2 * (numbers_bytes(type, d_head) + scales) + 63) & ~(size_t)63;
}

struct cell cell_at(enum tensor_type type, int d_head, uint8_t *at) {
    size_t numbers = numbers_bytes(type, d_head);
    size_t scales = is_scaled(type) ? scales_bytes(d_head) : 0;
    return (struct cell){.type = type,
                         .d_head = d_head,
                         .keys = at,
                         .key_scales = (uint16_t *)(void *)(at + numbers),
                         .values = at + numbers + scales,
                         .value_scales = (uint16_t *)(void *)(at + 2 * numbers + scales)};
}

size_t cache_part_bytes(const struct cache_shape *shape) {
    return cell_bytes(shape->type, shape->d_head) * (size_t)shape->n_kv_head;
}

static float bounded(float x, float largest) {
    float y = x > -largest ? x : -largest; /* also for what is no number */
    return y < largest ? y : largest;
}

/* Halves of n ≤ MAX_HEAD floats, the far ones at the bound. */
static void finite_halves(const float *x, int n, uint16_t *out) {
    float near[MAX_HEAD];
    for (int i = 0; i < n; i++)
        near[i] = bounded(x[i], f16_largest);
    f16_from_floats(near, out, n);
}

/* n ≤ 32 values as integers and one scale. */
static uint16_t finite_bytes(const float *x, int n, int8_t *out) {
    float largest = 0;
    for (int i = 0; i < n; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    largest = largest < 127 * f16_largest ? largest : 127 * f16_largest;
    uint16_t half = f16_from_float(largest / 127);
    float scale = float_from_f16(half), inverse = scale > 0 ? 1 / scale : 0;
    for (int i = 0; i < n; i++) {
        float y = x[i] * inverse;
        y = y > -127 ? y : -127;
        out[i] = (int8_t)rintf(y < 127 ? y : 127);
    }
    return half;
}

static void write_floats(const struct cell *cell, int slot, const float *key, const float *value) {
    float *keys = (float *)(void *)cell->keys, *values = (float *)(void *)cell->values;
    for (int d = 0; d < cell->d_head; d++) {
        keys[d * CACHE_PAGE + slot] = bounded(key[d], f32_largest);
        values[slot * cell->d_head + d] = bounded(value[d], f32_largest);
    }
}

static void write_halves(const struct cell *cell, int slot, const float *key, const float *value) {
    uint16_t halves[MAX_HEAD], *keys = (uint16_t *)(void *)cell->keys;
    finite_halves(key, cell->d_head, halves);
    for (int d = 0; d < cell->d_head; d++)
        keys[d * CACHE_PAGE + slot] = halves[d];
    finite_halves(value, cell->d_head,
                  (uint16_t *)(void *)cell->values + (ptrdiff_t)slot * cell->d_head);
}

static void write_bytes(const struct cell *cell, int slot, const float *key, const float *value) {
    int d_head = cell->d_head, n_block = (d_head + 31) / 32;
    int8_t bytes[32], *keys = (int8_t *)cell->keys;
    int8_t *values = (int8_t *)cell->values + (ptrdiff_t)slot * d_head;
    for (int block = 0; block < n_block; block++) {
        int first = block * 32, n = d_head - first < 32 ? d_head - first : 32;
        cell->key_scales[block * CACHE_PAGE + slot] = finite_bytes(key + first, n, bytes);
        for (int i = 0; i < n; i++)
            keys[(first + i) * CACHE_PAGE + slot] = bytes[i];
        cell->value_scales[block * CACHE_PAGE + slot] =
            finite_bytes(value + first, n, values + first);
    }
}

void cache_write(const struct cache_shape *shape, void *part, int slot, const float *key,
                 const float *value) {
    size_t step = cell_bytes(shape->type, shape->d_head);
    for (int h = 0; h < shape->n_kv_head; h++) {
        struct cell cell = cell_at(shape->type, shape->d_head, (uint8_t *)part + step * (size_t)h);
        if (shape->type == TENSOR_F32)
            write_floats(&cell, slot, key, value);
        else if (shape->type == TENSOR_F16)
            write_halves(&cell, slot, key, value);
        else
            write_bytes(&cell, slot, key, value);
        key += shape->d_head, value += shape->d_head;
    }
}
