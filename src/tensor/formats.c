/* The block formats of GGUF, as ggml lays them out (ggml-common.h): little-endian, 32 values with
 * f16 scales, or 256 values in eight or sixteen groups whose 6-bit scales share f16 factors. */
#include "tensor/kernels.h"
#include "tensor/pack.h"

#include <string.h>

static float bits_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

float float_from_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff;
    if (rest >= 0x7c00)
        return bits_float(sign | 0x7f800000 | (rest & 0x3ff) << 13);
    if (rest < 0x400) /* zero and subnormals: rest · 2^-24 */
        return bits_float(sign | float_bits((float)rest * 0x1p-24F));
    return bits_float(sign | ((rest << 13) + ((127 - 15) << 23)));
}

uint16_t f16_from_float(float value) {
    uint32_t bits = float_bits(value), sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (bits >= 0x477ff000) /* 65520 and more round to infinity */
        return (uint16_t)(sign | 0x7c00);
    if (bits < 0x38800000) /* below 2^-14: adding 1/2 leaves value · 2^24 in the low bits */
        return (uint16_t)(sign | (float_bits(bits_float(bits) + 0.5F) - float_bits(0.5F)));
    bits += 0xfff + (bits >> 13 & 1);
    return (uint16_t)(sign | ((bits - ((127 - 15) << 23)) >> 13));
}

float float_from_bf16(uint16_t half) {
    return bits_float((uint32_t)half << 16);
}

uint16_t bf16_from_float(float value) {
    uint32_t bits = float_bits(value);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static float read_f16(const uint8_t *at) {
    return float_from_f16((uint16_t)(at[0] | at[1] << 8));
}

static void set_scale(struct tensor_group *group, float scale) {
    group->factor[0] = group->factor[1] = 1;
    group->scale = scale;
    group->minimum = 0;
    group->has_minimum = false;
}

static void set_line(struct tensor_group *group, float scale, float minimum) {
    set_scale(group, scale);
    group->minimum = minimum;
    group->has_minimum = true;
}

static void nibbles(const uint8_t *at, int8_t *out) {
    for (int i = 0; i < 16; i++) {
        out[i] = at[i] & 15;
        out[i + 16] = at[i] >> 4;
    }
}

/* The fifth bits of 32 values, one word. */
static void fifth_bits(const uint8_t *at, int8_t *out) {
    for (int i = 0; i < 32; i++)
        out[i] = (int8_t)(out[i] | (at[i / 8] >> i % 8 & 1) << 4);
}

static void lessen(int8_t *integer, int by) {
    for (int i = 0; i < 32; i++)
        integer[i] = (int8_t)(integer[i] - by);
}

static void unpack_q4_0(const uint8_t *block, int index, struct tensor_group *group) {
    (void)index;
    nibbles(block + 2, group->integer);
    lessen(group->integer, 8);
    set_scale(group, read_f16(block));
}

static void unpack_q4_1(const uint8_t *block, int index, struct tensor_group *group) {
    (void)index;
    nibbles(block + 4, group->integer);
    set_line(group, read_f16(block), read_f16(block + 2));
}

static void unpack_q5_0(const uint8_t *block, int index, struct tensor_group *group) {
    (void)index;
    nibbles(block + 6, group->integer);
    fifth_bits(block + 2, group->integer);
    lessen(group->integer, 16);
    set_scale(group, read_f16(block));
}

static void unpack_q5_1(const uint8_t *block, int index, struct tensor_group *group) {
    (void)index;
    nibbles(block + 8, group->integer);
    fifth_bits(block + 4, group->integer);
    set_line(group, read_f16(block), read_f16(block + 2));
}

static void unpack_q8_0(const uint8_t *block, int index, struct tensor_group *group) {
    (void)index;
    memcpy(group->integer, block + 2, 32);
    set_scale(group, read_f16(block));
}

/* Q4_K and Q5_K: eight 6-bit scales and eight 6-bit minima in twelve bytes. */
static void scales_k(const uint8_t *block, int index, struct tensor_group *group) {
    const uint8_t *packed = block + 4;
    int scale, minimum;
    if (index < 4) {
        scale = packed[index] & 63;
        minimum = packed[index + 4] & 63;
    } else {
        scale = (packed[index + 4] & 15) | packed[index - 4] >> 6 << 4;
        minimum = packed[index + 4] >> 4 | packed[index] >> 6 << 4;
    }
    set_line(group, read_f16(block) * (float)scale, -read_f16(block + 2) * (float)minimum);
}

static void unpack_q4_k(const uint8_t *block, int index, struct tensor_group *group) {
    const uint8_t *at = block + 16 + index / 2 * 32;
    for (int i = 0; i < 32; i++)
        group->integer[i] = at[i] >> index % 2 * 4 & 15;
    scales_k(block, index, group);
}

static void unpack_q5_k(const uint8_t *block, int index, struct tensor_group *group) {
    const uint8_t *high = block + 16, *at = block + 48 + index / 2 * 32;
    for (int i = 0; i < 32; i++)
        group->integer[i] = (int8_t)((at[i] >> index % 2 * 4 & 15) | (high[i] >> index & 1) << 4);
    scales_k(block, index, group);
}

static void unpack_q6_k(const uint8_t *block, int index, struct tensor_group *group) {
    const uint8_t *low = block + index / 4 * 64 + index % 2 * 32;
    const uint8_t *high = block + 128 + index / 4 * 32;
    for (int i = 0; i < 32; i++)
        group->integer[i] =
            (int8_t)((low[i] >> index % 4 / 2 * 4 & 15) | (high[i] >> index % 4 * 2 & 3) << 4);
    lessen(group->integer, 32);
    set_scale(group, read_f16(block + 208));
    memcpy(group->factor, block + 192 + index * 2, 2);
}

static const struct tensor_format formats[] = {
    {TENSOR_F32, "F32", 1, 4, NULL},
    {TENSOR_F16, "F16", 1, 2, NULL},
    {TENSOR_BF16, "BF16", 1, 2, NULL},
    {TENSOR_Q4_0, "Q4_0", 32, 18, unpack_q4_0},
    {TENSOR_Q4_1, "Q4_1", 32, 20, unpack_q4_1},
    {TENSOR_Q5_0, "Q5_0", 32, 22, unpack_q5_0},
    {TENSOR_Q5_1, "Q5_1", 32, 24, unpack_q5_1},
    {TENSOR_Q8_0, "Q8_0", 32, 34, unpack_q8_0},
    {TENSOR_Q4_K, "Q4_K", 256, 144, unpack_q4_k},
    {TENSOR_Q5_K, "Q5_K", 256, 176, unpack_q5_k},
    {TENSOR_Q6_K, "Q6_K", 256, 210, unpack_q6_k},
};

const struct tensor_format *tensor_format(uint32_t type) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if ((uint32_t)formats[i].type == type)
            return &formats[i];
    return NULL;
}

size_t matrix_row_bytes(const struct matrix *matrix) {
    const struct tensor_format *format = tensor_format(matrix->type);
    MUST(format != NULL);
    return (size_t)(matrix->columns / format->block_values) * (size_t)format->block_bytes;
}

static void float_row(enum tensor_type type, const uint8_t *at, int64_t n, float *out) {
    if (type == TENSOR_F32) {
        memcpy(out, at, (size_t)n * 4);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, at + 2 * i, 2);
        out[i] = type == TENSOR_F16 ? float_from_f16(half) : float_from_bf16(half);
    }
}

void matrix_row(const struct matrix *matrix, int64_t row, float *out) {
    const struct tensor_format *format = tensor_format(matrix->type);
    const uint8_t *at = matrix->data;
    uint8_t block[256];
    at += (size_t)row * matrix_row_bytes(matrix);
    if (!format->unpack && !matrix->packed) {
        float_row(matrix->type, at, matrix->columns, out);
        return;
    }
    for (int64_t i = 0; i < matrix->columns / format->block_values; i++) {
        if (matrix->packed)
            unpack_block(matrix, row, i, block);
        const uint8_t *from = matrix->packed ? block : at + i * format->block_bytes;
        if (!format->unpack)
            float_row(matrix->type, from, 1, out++);
        for (int k = 0; k < format->block_values / 32; k++, out += 32) {
            struct tensor_group group;
            format->unpack(from, k, &group);
            for (int j = 0; j < 32; j++)
                out[j] = group.scale * (float)(group.factor[j / 16] * group.integer[j]) +
                         group.minimum;
        }
    }
}
