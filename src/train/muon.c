#include "train/muon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES = 5 };
static const float MOMENTUM = 0.95F, A = 3.4445F, B = -4.7750F, C = 2.0315F;

struct muon {
    struct float_scratch *scratch;
    bool bf16;
    float *x, *next;         /* [shorter][longer] */
    float *square, *quartic; /* [shorter][shorter] */
};

static int64_t shorter_of(const struct parameter *p) {
    return p->rows < p->columns ? p->rows : p->columns;
}

struct muon *muon_new(const struct parameter *parameters, size_t n, struct pool *pool, bool bf16,
                      struct fault *fault) {
    int64_t largest = 0, shorter = 0;
    for (size_t i = 0; i < n; i++) {
        const struct parameter *p = &parameters[i];
        if (!p->first || p->second)
            continue;
        largest = p->rows * p->columns > largest ? p->rows * p->columns : largest;
        shorter = shorter_of(p) > shorter ? shorter_of(p) : shorter;
    }
    struct muon *muon = try_alloc(1, sizeof *muon, fault);
    if (!muon)
        return NULL;
    muon->bf16 = bf16;
    size_t whole = (size_t)largest, part = (size_t)(shorter * shorter);
    if ((muon->scratch = float_scratch_new(pool, fault)) &&
        (muon->x = try_alloc(whole, sizeof *muon->x, fault)) &&
        (muon->next = try_alloc(whole, sizeof *muon->next, fault)) &&
        (muon->square = try_alloc(part, sizeof *muon->square, fault)) &&
        (muon->quartic = try_alloc(part, sizeof *muon->quartic, fault)))
        return muon;
    muon_free(muon);
    return NULL;
}

void muon_free(struct muon *muon) {
    if (!muon)
        return;
    float_scratch_free(muon->scratch);
    free(muon->x);
    free(muon->next);
    free(muon->square);
    free(muon->quartic);
    free(muon);
}

/* out [n][columns] (+)= scale · left [n][depth] · right [depth][columns]; turned: right lies
 * [columns][depth] */
static void multiply(struct muon *muon, int64_t n, int64_t columns, int64_t depth,
                     const float *left, const float *right, bool turned, float scale, bool adds,
                     float *out) {
    struct operand second = {right, TENSOR_F32, turned ? 1 : columns, turned ? depth : 1};
    float_multiply(muon->scratch, &(struct float_product){.rows = n,
                                                          .columns = columns,
                                                          .depth = depth,
                                                          .left = {left, TENSOR_F32, depth, 1},
                                                          .right = second,
                                                          .out = out,
                                                          .out_stride = columns,
                                                          .scale = scale,
                                                          .adds = adds,
                                                          .rounds = muon->bf16});
}

/* x [m][n], m ≤ n */
static void make_orthogonal(struct muon *muon, int64_t m, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < m * n; i++)
        sum += (double)muon->x[i] * (double)muon->x[i];
    float inverse = (float)(1 / (sqrt(sum) + 1e-20));
    for (int64_t i = 0; i < m * n; i++)
        muon->x[i] *= inverse;
    for (int time = 0; time < TIMES; time++) {
        multiply(muon, m, m, n, muon->x, muon->x, true, 1, false, muon->square);
        multiply(muon, m, m, m, muon->square, muon->square, false, C, false, muon->quartic);
        for (int64_t i = 0; i < m * m; i++)
            muon->quartic[i] += B * muon->square[i];
        for (int64_t i = 0; i < m * n; i++)
            muon->next[i] = A * muon->x[i];
        multiply(muon, m, n, m, muon->quartic, muon->x, false, 1, true, muon->next);
        float *before = muon->x;
        muon->x = muon->next;
        muon->next = before;
    }
}

void muon_step(struct muon *muon, const struct parameter *p, const struct adam_step *step) {
    int64_t m = shorter_of(p), n = p->rows + p->columns - m;
    /* Where a value lies in x: matrices higher than wide are turned. */
    int64_t down = p->rows == m ? n : 1, across = p->rows == m ? 1 : n;
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t c = 0; c < p->columns; c++) {
            int64_t i = r * p->columns + c;
            float gradient = p->gradient[i] * step->scale;
            p->first[i] = MOMENTUM * p->first[i] + gradient;
            muon->x[r * down + c * across] = gradient + MOMENTUM * p->first[i];
        }
    make_orthogonal(muon, m, n);
    float rate = step->rate * 0.2F * sqrtf((float)n), keep = 1 - step->rate * step->decay;
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t c = 0; c < p->columns; c++) {
            float *value = &p->value[r * p->columns + c];
            *value = *value * keep - rate * muon->x[r * down + c * across];
        }
    memset(p->gradient, 0, (size_t)(m * n) * sizeof(float));
}
