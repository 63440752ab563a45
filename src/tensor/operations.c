/* The operations between the multiplications. */
#include "tensor/kernels.h"

#include <math.h>

void rms_norm(const float *x, const float *weight, float epsilon, int64_t n, float *out) {
    float part[8] = {0}; /* eight running sums, so that the compiler may use vectors */
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int j = 0; j < 8; j++)
            part[j] += x[i + j] * x[i + j];
    for (; i < n; i++)
        part[0] += x[i] * x[i];
    float total = 0;
    for (int j = 0; j < 8; j++)
        total += part[j];
    float scale = 1 / sqrtf(total / (float)n + epsilon);
    for (i = 0; i < n; i++)
        out[i] = x[i] * scale * weight[i];
}

void add_floats(float *y, const float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] += x[i];
}

void add_scaled(float *restrict y, const float *restrict x, float scale, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] += x[i] * scale;
}

void layer_norm(const float *x, const float *weight, const float *bias, float epsilon, int64_t n,
                float *out) {
    double sum = 0, square = 0; /* two looks: a difference of large squares keeps no digits */
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i];
    double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    double scale = 1 / sqrt(square / (double)n + (double)epsilon);
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)(((double)x[i] - mean) * scale) * weight[i] + bias[i];
}

void gelu(float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        x[i] *= 0.5F * (1 + erff(x[i] * 0.70710678F));
}

void silu_multiply(float *gate, const float *up, int64_t n) {
    kernels_chosen()->silu_multiply(gate, up, n);
}

void f16_from_floats(const float *x, uint16_t *out, int64_t n) {
    kernels_chosen()->floats_to_f16(x, out, n);
}

static float largest_of(const float *x, int64_t n) {
    float largest = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

void softmax(float *x, int64_t n) {
    float total = kernels_chosen()->exponentials(x, n, largest_of(x, n));
    for (int64_t i = 0; i < n; i++)
        x[i] /= total;
}

void rope_angles(const struct rope *rope, int64_t position, float *angles) {
    for (int i = 0; i < rope->n_rotated / 2; i++) {
        double angle = (double)position * pow(rope->base, -2.0 * i / rope->n_rotated);
        if (rope->divisors)
            angle /= rope->divisors[i];
        angles[2 * i] = (float)cos(angle);
        angles[2 * i + 1] = (float)sin(angle);
    }
}

void rope_rotate(const struct rope *rope, const float *angles, float *heads, int n_head,
                 int d_head) {
    int half = rope->n_rotated / 2;
    int step = rope->style == ROPE_ADJACENT ? 2 : 1, apart = step == 2 ? 1 : half;
    for (int h = 0; h < n_head; h++)
        for (int i = 0; i < half; i++) {
            float *a = heads + (int64_t)h * d_head + i * step, *b = a + apart;
            float cosine = angles[2 * i], sine = angles[2 * i + 1], x = *a, y = *b;
            *a = x * cosine - y * sine;
            *b = x * sine + y * cosine;
        }
}
