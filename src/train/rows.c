/* Rows, forward and backward. A row is one thread's, so that results are the same on any number of
 * threads; not with every instruction set, since products and sums are contracted where the
 * processor can. */
#include "train/reals.h"
#include "train/rows.h"

/* ----------------------------------------------------------------------------------------- norms
 */

static REAL norm(const REAL *restrict x, const REAL *restrict weight, REAL epsilon, int64_t n,
                 REAL *restrict out) {
    REAL square = SUM(REAL, n, x[k] * x[k]);
    REAL inverse = 1 / square_root(square / (REAL)n + epsilon);
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i] * inverse * weight[i];
    return inverse;
}

/* y = x w s, s = (mean(x²) + ε)^-½: dx = s (w dy − x s² mean(w dy x)). */
static void norm_back(const REAL *restrict d_out, const REAL *restrict x,
                      const REAL *restrict weight, REAL inverse, int64_t n, REAL *restrict d_x,
                      REAL *restrict d_weight) {
    REAL along = SUM(REAL, n, d_out[k] * weight[k] * x[k]);
    REAL back = along / (REAL)n * inverse * inverse;
    for (int64_t i = 0; i < n; i++)
        d_x[i] += inverse * (d_out[i] * weight[i] - x[i] * back);
    if (d_weight)
        for (int64_t i = 0; i < n; i++)
            d_weight[i] += d_out[i] * x[i] * inverse;
}

/* ----------------------------------------------------------------------------------------- gates
 */

static void gate(enum activation activation, const REAL *restrict given, const REAL *restrict up,
                 int64_t n, REAL *restrict out) {
    if (activation == ACTIVATION_SILU)
        for (int64_t i = 0; i < n; i++)
            out[i] = given[i] * up[i] / (1 + exponential(-given[i]));
    else /* GELU's tanh form is x σ(z), z = 2 √(2/π) (x + 0.044715 x³) */
        for (int64_t i = 0; i < n; i++) {
            REAL x = given[i];
            REAL z = (REAL)1.5957691216057308 * x * (1 + (REAL)0.044715 * x * x);
            out[i] = x * up[i] / (1 + exponential(-z));
        }
}

/* σ(z) and x: d(x σ(z)) = σ + x σ (1 − σ) z'. */
static void gate_back(enum activation activation, const REAL *restrict d_out, REAL *restrict given,
                      REAL *restrict up, REAL *restrict out, int64_t n) {
    if (activation == ACTIVATION_SILU)
        for (int64_t i = 0; i < n; i++) {
            REAL x = given[i], sigma = 1 / (1 + exponential(-x)), d = d_out[i], u = up[i];
            out[i] = x * sigma * u;
            given[i] = d * u * sigma * (1 + x * (1 - sigma));
            up[i] = d * x * sigma;
        }
    else
        for (int64_t i = 0; i < n; i++) {
            REAL x = given[i], d = d_out[i], u = up[i];
            REAL z = (REAL)1.5957691216057308 * x * (1 + (REAL)0.044715 * x * x);
            REAL slope = (REAL)1.5957691216057308 * (1 + (REAL)0.134145 * x * x);
            REAL sigma = 1 / (1 + exponential(-z));
            out[i] = x * sigma * u;
            given[i] = d * u * sigma * (1 + x * (1 - sigma) * slope);
            up[i] = d * x * sigma;
        }
}

/* --------------------------------------------------------------------------------------- softmax
 */

static REAL soften(REAL *restrict x, REAL scale, int64_t n) {
    REAL most[16], largest = x[0];
    int64_t first = n >= 16 ? n % 16 : n;
    for (int64_t i = 1; i < first; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (int j = 0; j < 16; j++)
        most[j] = largest;
    for (int64_t i = first; i < n; i += 16)
        for (int j = 0; j < 16; j++)
            most[j] = most[j] > x[i + j] ? most[j] : x[i + j];
    for (int j = 0; j < 16; j++)
        largest = most[j] > largest ? most[j] : largest;
    for (int64_t i = 0; i < n; i++)
        x[i] = exponential(scale * (x[i] - largest));
    REAL sum = SUM(REAL, n, x[k]), inverse = 1 / sum;
    for (int64_t i = 0; i < n; i++)
        x[i] *= inverse;
    return scale * largest + logarithm(sum);
}

static void softmax_again(REAL *restrict x, REAL scale, REAL offset, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        x[i] = exponential(scale * x[i] - offset);
}

static void softmax_back(REAL *restrict d_p, const REAL *restrict p, REAL along, REAL scale,
                         int64_t n) {
    for (int64_t i = 0; i < n; i++)
        d_p[i] = scale * p[i] * (d_p[i] - along);
}

/* ------------------------------------------------------------------------------------------ sums
 */

static double dot(const REAL *restrict x, const REAL *restrict y, int64_t n) {
    return SUM(double, n, (double)x[k] * (double)y[k]);
}

static void add_to(REAL *restrict y, const REAL *restrict x, REAL scale, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] += scale * x[i];
}

static void multiply(REAL *y, REAL scale, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] *= scale;
}

static void adam(const struct adam_step *step, REAL *restrict value, const REAL *restrict gradient,
                 REAL *restrict first, REAL *restrict second, int64_t n) {
    REAL rate = step->rate / step->correction1, keep = 1 - step->rate * step->decay;
    REAL inverse2 = 1 / step->correction2;
    for (int64_t i = 0; i < n; i++) {
        REAL g = gradient[i] * step->scale;
        first[i] += (1 - step->beta1) * (g - first[i]);
        second[i] += (1 - step->beta2) * (g * g - second[i]);
        value[i] = value[i] * keep -
                   rate * first[i] / (square_root(second[i] * inverse2) + step->epsilon);
    }
}

const struct rows ROWS = {norm,         norm_back, gate,   gate_back, soften, softmax_again,
                          softmax_back, dot,       add_to, multiply,  adam};
