/* Truncated singular value decomposition by subspace iteration (Halko, Martinsson and Tropp 2011,
 * arXiv 0909.4061, algorithms 4.4 and 5.1). */
#include "train/low_rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OVERSAMPLED = 8, ROUNDS = 4, SWEEPS = 30 };

struct search {
    struct float_scratch *scratch;
    const float *matrix;
    int64_t rows, columns, n; /* n: vectors that are looked at */
    float *left, *right;      /* [rows][n], [columns][n] */
    double *small, *turned;   /* [n][n] */
};

/* out [rows or columns][n] = matrix (turned: ᵀ) · in */
static void multiply(const struct search *s, bool turned, const float *in, float *out) {
    int64_t rows = turned ? s->columns : s->rows, depth = turned ? s->rows : s->columns;
    struct operand matrix = {s->matrix, TENSOR_F32, turned ? 1 : s->columns,
                             turned ? s->columns : 1};
    float_multiply(s->scratch, &(struct float_product){.rows = rows,
                                                       .columns = s->n,
                                                       .depth = depth,
                                                       .left = matrix,
                                                       .right = {in, TENSOR_F32, s->n, 1},
                                                       .out = out,
                                                       .out_stride = s->n,
                                                       .scale = 1});
}

/* Columns become orthonormal, twice over (Gram and Schmidt, modified); what has vanished is 0. */
static void orthonormalise(float *x, int64_t rows, int64_t n) {
    for (int64_t j = 0; j < n; j++) {
        double first = -1, square = 0;
        for (int round = 0; round < 2; round++) {
            square = 0;
            for (int64_t i = 0; i < j; i++) {
                double along = 0;
                for (int64_t r = 0; r < rows; r++)
                    along += (double)x[r * n + i] * (double)x[r * n + j];
                for (int64_t r = 0; r < rows; r++)
                    x[r * n + j] -= (float)(along * (double)x[r * n + i]);
            }
            for (int64_t r = 0; r < rows; r++)
                square += (double)x[r * n + j] * (double)x[r * n + j];
            first = first < 0 ? square : first;
        }
        double inverse = square > 1e-30 && square > first * 1e-12 ? 1 / sqrt(square) : 0;
        for (int64_t r = 0; r < rows; r++)
            x[r * n + j] = (float)(inverse * (double)x[r * n + j]);
    }
}

/* Jacobi's rotations: small [n][n], symmetric, becomes diagonal; the columns of `turned` are its
 * eigenvectors. */
static void rotate_pair(struct search *s, int64_t p, int64_t q) {
    double *a = s->small, *v = s->turned;
    int64_t n = s->n;
    if (fabs(a[p * n + q]) < 1e-300)
        return;
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), sine = t * c;
    for (int64_t k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - sine * y;
        a[k * n + q] = sine * x + c * y;
    }
    for (int64_t k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - sine * y;
        a[q * n + k] = sine * x + c * y;
        x = v[k * n + p];
        y = v[k * n + q];
        v[k * n + p] = c * x - sine * y;
        v[k * n + q] = sine * x + c * y;
    }
}

static void diagonalise(struct search *s) {
    memset(s->turned, 0, (size_t)(s->n * s->n) * sizeof *s->turned);
    for (int64_t i = 0; i < s->n; i++)
        s->turned[i * s->n + i] = 1;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0, on = 0;
        for (int64_t i = 0; i < s->n; i++)
            for (int64_t j = 0; j < s->n; j++)
                *(i == j ? &on : &off) += s->small[i * s->n + j] * s->small[i * s->n + j];
        if (off <= on * 1e-26)
            break;
        for (int64_t p = 0; p < s->n; p++)
            for (int64_t q = p + 1; q < s->n; q++)
                rotate_pair(s, p, q);
    }
}

static int64_t largest_of(const struct search *s, const bool *taken) {
    int64_t best = -1;
    for (int64_t i = 0; i < s->n; i++)
        if (!taken[i] && (best < 0 || s->small[i * s->n + i] > s->small[best * s->n + best]))
            best = i;
    return best;
}

/* matrix ≈ left · rightᵀ, left orthonormal; rightᵀ · right is diagonalised and its largest kept.
 */
static double split(struct search *s, int rank, float *up, float *down, bool *taken) {
    double kept = 0;
    for (int64_t i = 0; i < s->n; i++)
        for (int64_t j = 0; j < s->n; j++) {
            s->small[i * s->n + j] = 0;
            for (int64_t c = 0; c < s->columns; c++)
                s->small[i * s->n + j] +=
                    (double)s->right[c * s->n + i] * (double)s->right[c * s->n + j];
        }
    diagonalise(s);
    for (int k = 0; k < rank; k++) {
        int64_t at = largest_of(s, taken);
        double square = at < 0 ? 0 : s->small[at * s->n + at];
        double root = square > 1e-36 ? sqrt(sqrt(square)) : 0; /* of the singular value */
        if (at >= 0)
            taken[at] = true;
        kept += root > 0 ? square : 0;
        for (int64_t r = 0; r < s->rows; r++) {
            double sum = 0;
            for (int64_t i = 0; root > 0 && i < s->n; i++)
                sum += (double)s->left[r * s->n + i] * s->turned[i * s->n + at];
            up[r * rank + k] = (float)(sum * root);
        }
        for (int64_t c = 0; c < s->columns; c++) {
            double sum = 0;
            for (int64_t i = 0; root > 0 && i < s->n; i++)
                sum += (double)s->right[c * s->n + i] * s->turned[i * s->n + at];
            down[k * s->columns + c] = (float)(root > 0 ? sum / root : 0);
        }
    }
    return kept;
}

bool low_rank_of(struct float_scratch *scratch, const float *matrix, int64_t rows, int64_t columns,
                 int rank, float *up, float *down, double *left, struct fault *fault) {
    int64_t shorter = rows < columns ? rows : columns;
    int64_t n = rank + OVERSAMPLED < shorter ? rank + OVERSAMPLED : shorter;
    struct search s = {scratch, matrix, rows, columns, n, NULL, NULL, NULL, NULL};
    struct random random;
    double whole = 0;
    bool *taken = try_alloc((size_t)n, sizeof *taken, fault);
    bool good = taken && (s.left = try_alloc((size_t)(rows * n), sizeof(float), fault)) &&
                (s.right = try_alloc((size_t)(columns * n), sizeof(float), fault)) &&
                (s.small = try_alloc((size_t)(n * n), sizeof(double), fault)) &&
                (s.turned = try_alloc((size_t)(n * n), sizeof(double), fault));
    if (good) {
        random_seed(&random, 1);
        for (int64_t i = 0; i < columns * n; i++)
            s.right[i] = (float)(random_unit(&random) - 0.5);
        for (int round = 0; round < ROUNDS; round++) {
            multiply(&s, false, s.right, s.left);
            orthonormalise(s.left, rows, n);
            multiply(&s, true, s.left, s.right);
            if (round + 1 < ROUNDS)
                orthonormalise(s.right, columns, n);
        }
        for (int64_t i = 0; i < rows * columns; i++)
            whole += (double)matrix[i] * (double)matrix[i];
        double kept = split(&s, rank, up, down, taken);
        *left = whole > kept ? whole - kept : 0;
    }
    free(taken);
    free(s.left);
    free(s.right);
    free(s.small);
    free(s.turned);
    return good;
}
