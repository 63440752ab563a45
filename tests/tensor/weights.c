#include "weights.h"

#include <string.h>

const enum tensor_type all_types[N_TYPE] = {
    TENSOR_F32,  TENSOR_F16,  TENSOR_BF16, TENSOR_Q4_0, TENSOR_Q4_1, TENSOR_Q5_0,
    TENSOR_Q5_1, TENSOR_Q8_0, TENSOR_Q4_K, TENSOR_Q5_K, TENSOR_Q6_K,
};

float random_float(struct random *random) {
    return (float)(random_unit(random) * 2 - 1);
}

static void put_float(struct random *random, enum tensor_type type, uint8_t *at) {
    float value = random_float(random);
    uint16_t half = type == TENSOR_BF16 ? bf16_from_float(value) : f16_from_float(value / 8);
    if (type == TENSOR_F32)
        memcpy(at, &value, sizeof value);
    else
        memcpy(at, &half, sizeof half);
}

struct matrix random_matrix(struct random *random, enum tensor_type type, int64_t rows,
                            int64_t columns) {
    struct matrix matrix = {type, rows, columns, NULL};
    const struct tensor_format *format = tensor_format(type);
    size_t n = (size_t)rows * matrix_row_bytes(&matrix), step = (size_t)format->block_bytes;
    uint8_t *data = must_alloc(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)random_next(random);
    bool two = type == TENSOR_Q4_1 || type == TENSOR_Q5_1 || type == TENSOR_Q4_K ||
               type == TENSOR_Q5_K; /* a scale and a minimum */
    for (size_t i = 0; i < n; i += step) {
        put_float(random, type, data + i + (type == TENSOR_Q6_K ? 208 : 0));
        if (two)
            put_float(random, type, data + i + 2);
    }
    matrix.data = data;
    return matrix;
}
