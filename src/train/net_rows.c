/* The layers of a net, one example at a time (net_rows.h). */
#include "train/net_rows.h"
#include "train/reals.h"

/* ----------------------------------------------------------------------------------------- dense
 */

#if defined(REAL_IS_DOUBLE) || !defined(__AVX2__)
enum { LANES = 4 };
#elif defined(__AVX512F__)
enum { LANES = 16 };
#else
enum { LANES = 8 };
#endif
typedef REAL lanes __attribute__((vector_size(LANES * sizeof(REAL))));

static inline REAL sum_lanes(const lanes *part) {
    REAL each[LANES];
    memcpy(each, part, sizeof each);
    for (int half = LANES / 2; half; half /= 2)
        for (int j = 0; j < half; j++)
            each[j] += each[j + half];
    return each[0];
}

/* Rows of weights side by side, so that what one sum waits for another does. */
#define DENSE_ROWS(n_row)                                                                         \
    do {                                                                                          \
        lanes part[n_row] = {};                                                                   \
        int64_t k = 0;                                                                            \
        for (; k + LANES <= n; k += LANES) {                                                      \
            lanes given, row;                                                                     \
            memcpy(&given, x + k, sizeof given);                                                  \
            _Pragma("GCC unroll 8") for (int r = 0; r < n_row; r++) {                             \
                memcpy(&row, weight + r * n + k, sizeof row);                                     \
                part[r] += row * given;                                                           \
            }                                                                                     \
        }                                                                                         \
        _Pragma("GCC unroll 8") for (int r = 0; r < n_row; r++) {                                 \
            REAL sum = bias[r] + sum_lanes(&part[r]);                                             \
            for (int64_t j = k; j < n; j++)                                                       \
                sum += weight[r * n + j] * x[j];                                                  \
            out[r] = sum;                                                                         \
        }                                                                                         \
    } while (0)

static void dense(const REAL *weight, const REAL *bias, const REAL *x, int64_t n, int64_t n_out,
                  REAL *out) {
    for (; n_out >= 8; n_out -= 8, weight += 8 * n, bias += 8, out += 8)
        DENSE_ROWS(8);
    for (; n_out > 0; n_out--, weight += n, bias++, out++)
        DENSE_ROWS(1);
}

/* ----------------------------------------------------------------------------------- activations
 */

/* Near 0 a polynomial (Cephes, tanhf), since 1 − 1 would leave few digits. */
static inline REAL tangent(REAL x) {
#ifdef REAL_IS_DOUBLE
    return tanh(x);
#else
    REAL z = x * x, size = x < 0 ? -x : x;
    REAL far = 1 - 2 / (exponential(2 * size) + 1);
    REAL near = ((((-5.70498872745e-3F * z + 2.06390887954e-2F) * z - 5.37397155531e-2F) * z +
                  1.33314422036e-1F) *
                     z -
                 3.33332819422e-1F) *
                    z * x +
                x;
    return size < 0.625F ? near : x < 0 ? -far : far;
#endif
}

/* x σ(z), z = 2 √(2/π) (x + 0.044715 x³) */
static inline REAL gelu_sigma(REAL x) {
    REAL z = (REAL)1.5957691216057308 * x * (1 + (REAL)0.044715 * x * x);
    return 1 / (1 + exponential(-z));
}

static void activate(enum net_layer_kind kind, const REAL *restrict x, int64_t n,
                     REAL *restrict out) {
    if (kind == NET_RELU)
        for (int64_t i = 0; i < n; i++)
            out[i] = x[i] > 0 ? x[i] : 0;
    else if (kind == NET_TANH)
        for (int64_t i = 0; i < n; i++)
            out[i] = tangent(x[i]);
    else
        for (int64_t i = 0; i < n; i++)
            out[i] = x[i] * gelu_sigma(x[i]);
}

static void activate_back(enum net_layer_kind kind, const REAL *restrict x,
                          const REAL *restrict out, const REAL *restrict d_out, int64_t n,
                          REAL *restrict d_x) {
    if (kind == NET_RELU)
        for (int64_t i = 0; i < n; i++)
            d_x[i] += out[i] > 0 ? d_out[i] : 0;
    else if (kind == NET_TANH)
        for (int64_t i = 0; i < n; i++)
            d_x[i] += d_out[i] * (1 - out[i] * out[i]);
    else
        for (int64_t i = 0; i < n; i++) {
            REAL sigma = gelu_sigma(x[i]);
            REAL slope = (REAL)1.5957691216057308 * (1 + (REAL)0.134145 * x[i] * x[i]);
            d_x[i] += d_out[i] * sigma * (1 + x[i] * (1 - sigma) * slope);
        }
}

/* ----------------------------------------------------------------------------------------- norms
 */

/* The mean that is taken away (0 without a bias) and what the rest is multiplied by. */
static REAL spread(const REAL *x, bool centred, REAL epsilon, int64_t n, REAL *mean) {
    *mean = 0;
    if (centred)
        *mean = SUM(REAL, n, x[k]) / (REAL)n;
    REAL m = *mean, square = SUM(REAL, n, (x[k] - m) * (x[k] - m));
    return 1 / square_root(square / (REAL)n + epsilon);
}

static void norm(const REAL *x, const REAL *weight, const REAL *bias, REAL epsilon, int64_t n,
                 REAL *out) {
    REAL mean, inverse = spread(x, bias != NULL, epsilon, n, &mean);
    for (int64_t i = 0; i < n; i++)
        out[i] = (x[i] - mean) * inverse * weight[i];
    for (int64_t i = 0; bias && i < n; i++)
        out[i] += bias[i];
}

/* With h = (x − mean) s: dx = s (w dy − mean(w dy) − h mean(w dy h)); without a mean the second
 * term goes. */
static void norm_back(const REAL *x, const REAL *weight, const REAL *d_out, REAL epsilon,
                      int64_t n, REAL *d_x, REAL *d_weight, REAL *d_bias) {
    REAL mean, inverse = spread(x, d_bias != NULL, epsilon, n, &mean);
    for (int64_t i = 0; i < n; i++)
        d_weight[i] += d_out[i] * (x[i] - mean) * inverse;
    for (int64_t i = 0; d_bias && i < n; i++)
        d_bias[i] += d_out[i];
    if (!d_x)
        return;
    REAL along = SUM(REAL, n, d_out[k] * weight[k] * (x[k] - mean)) * inverse / (REAL)n;
    REAL back = 0;
    if (d_bias)
        back = SUM(REAL, n, d_out[k] * weight[k]) / (REAL)n;
    for (int64_t i = 0; i < n; i++)
        d_x[i] += inverse * (d_out[i] * weight[i] - back - (x[i] - mean) * inverse * along);
}

/* --------------------------------------------------------------------------------------- windows
 */

static int least(int a, int b) {
    return a < b ? a : b;
}

struct overlap {         /* of the window at one place with the picture, along one side */
    int first, from, to; /* first: where the window begins; from … to: what of it is inside */
};

static inline struct overlap overlap_of(int place, int kernel, const struct net_window *w,
                                        int side) {
    int first = place * w->stride - w->padding;
    return (struct overlap){first, first < 0 ? -first : 0, least(kernel, side - first)};
}

/* For each place and each row of the window there: `body` sees `at`, the row's first value inside
 * the picture, `column`, where it stands among what the window sees, and n values. */
#define EACH_ROW(w, place_begins, body)                                                           \
    do {                                                                                          \
        int64_t c_ = (w)->in.channels, wide_ = (w)->kernel_width * c_, place = 0;                 \
        for (int y_ = 0; y_ < (w)->out.height; y_++)                                              \
            for (int x_ = 0; x_ < (w)->out.width; x_++, place++) {                                \
                struct overlap down_ = overlap_of(y_, (w)->kernel_height, w, (w)->in.height);     \
                struct overlap across_ = overlap_of(x_, (w)->kernel_width, w, (w)->in.width);     \
                place_begins;                                                                     \
                for (int i_ = down_.from; i_ < down_.to; i_++) {                                  \
                    int64_t column = i_ * wide_ + across_.from * c_;                              \
                    int64_t at = ((int64_t)(down_.first + i_) * (w)->in.width + across_.first +   \
                                  across_.from) *                                                 \
                                 c_;                                                              \
                    int64_t n = (across_.to - across_.from) * c_;                                 \
                    body;                                                                         \
                }                                                                                 \
            }                                                                                     \
    } while (0)

static inline void copy(REAL *to, const REAL *from, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        to[i] = from[i];
}

static void add(REAL *y, const REAL *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] += x[i];
}

static void columns(const struct net_window *w, const REAL *x, REAL *seen) {
    int64_t each = (int64_t)w->kernel_height * w->kernel_width * w->in.channels;
    EACH_ROW(
        w,
        {
            if (w->padding)
                memset(seen + place * each, 0, (size_t)each * sizeof *seen);
        },
        { copy(seen + place * each + column, x + at, n); });
}

static void columns_back(const struct net_window *w, const REAL *d_seen, REAL *d_x) {
    int64_t each = (int64_t)w->kernel_height * w->kernel_width * w->in.channels;
    EACH_ROW(w, {}, { add(d_x + at, d_seen + place * each + column, n); });
}

static void average(const struct net_window *w, const REAL *x, REAL *out) {
    int64_t c = w->in.channels;
    REAL share = 1 / (REAL)(w->kernel_height * w->kernel_width);
    memset(out, 0, (size_t)(c * w->out.height * w->out.width) * sizeof *out);
    EACH_ROW(w, {}, {
        (void)column;
        for (int64_t i = 0; i < n; i += c)
            for (int64_t j = 0; j < c; j++)
                out[place * c + j] += x[at + i + j] * share;
    });
}

static void average_back(const struct net_window *w, const REAL *d_out, REAL *d_x) {
    int64_t c = w->in.channels;
    REAL share = 1 / (REAL)(w->kernel_height * w->kernel_width);
    EACH_ROW(w, {}, {
        (void)column;
        for (int64_t i = 0; i < n; i += c)
            for (int64_t j = 0; j < c; j++)
                d_x[at + i + j] += d_out[place * c + j] * share;
    });
}

static void most(const struct net_window *w, const REAL *x, REAL *out) {
    int64_t c = w->in.channels;
    EACH_ROW(w, {}, {
        if (column == 0)
            copy(out + place * c, x + at, c);
        for (int64_t i = 0; i < n; i += c)
            for (int64_t j = 0; j < c; j++) {
                REAL *largest = &out[place * c + j];
                *largest = x[at + i + j] > *largest ? x[at + i + j] : *largest;
            }
    });
}

enum { TOGETHER = 64 }; /* channels */

static void most_back(const struct net_window *w, const REAL *x, const REAL *out,
                      const REAL *d_out, REAL *d_x) {
    int64_t c = w->in.channels;
    for (int64_t first = 0; first < c; first += TOGETHER) {
        int64_t end = first + TOGETHER < c ? first + TOGETHER : c;
        REAL left[TOGETHER]; /* of the gradient: 0 once it was given */
        EACH_ROW(
            w, { copy(left, d_out + place * c + first, end - first); },
            {
                (void)column;
                for (int64_t i = 0; i < n; i += c)
                    for (int64_t j = first; j < end; j++) {
                        bool here = x[at + i + j] >= out[place * c + j];
                        d_x[at + i + j] += here ? left[j - first] : 0;
                        left[j - first] = here ? 0 : left[j - first];
                    }
            });
    }
}

static void sum_rows(const REAL *x, int64_t rows, int64_t n, REAL *sum) {
    for (int64_t i = 0; i < rows; i++)
        add(sum, x + i * n, n);
}

/* ---------------------------------------------------------------------------------------- losses
 */

static double squared(const REAL *y, const REAL *t, int64_t n, REAL scale, REAL *d_y) {
    double loss = 0;
    for (int64_t i = 0; i < n; i++) {
        double apart = (double)(y[i] - t[i]);
        loss += apart * apart;
        d_y[i] = 2 * (y[i] - t[i]) * scale / (REAL)n;
    }
    return loss / (double)n;
}

static double huber(const REAL *y, const REAL *t, REAL delta, int64_t n, REAL scale, REAL *d_y) {
    double loss = 0, most_apart = (double)delta;
    for (int64_t i = 0; i < n; i++) {
        double apart = (double)(y[i] - t[i]), size = fabs(apart);
        loss += size <= most_apart ? apart * apart / 2 : most_apart * (size - most_apart / 2);
        double slope = size <= most_apart ? apart : copysign(most_apart, apart);
        d_y[i] = (REAL)slope * scale / (REAL)n;
    }
    return loss / (double)n;
}

/* Beyond its bound a logarithm learns only what leads back. */
static double gaussian(const REAL *y, const REAL *t, int64_t n, REAL scale, REAL *d_y) {
    const double bound = 10;
    double loss = 0;
    int64_t half = n / 2;
    for (int64_t i = 0; i < half; i++) {
        double given = (double)y[half + i];
        double s = given < -bound ? -bound : given > bound ? bound : given;
        double apart = (double)(y[i] - t[i]), precision = exp(-s);
        double slope = 0.5 * (1 - apart * apart * precision);
        loss += 0.5 * (s + apart * apart * precision);
        if ((given < -bound && slope > 0) || (given > bound && slope < 0))
            slope = 0;
        d_y[i] = (REAL)(apart * precision) * scale / (REAL)half;
        d_y[half + i] = (REAL)slope * scale / (REAL)half;
    }
    return loss / (double)half;
}

static double cross_entropy(const REAL *y, int32_t right, int64_t n, REAL scale, REAL *d_y) {
    double largest = (double)y[0], sum = 0;
    for (int64_t i = 1; i < n; i++)
        largest = (double)y[i] > largest ? (double)y[i] : largest;
    for (int64_t i = 0; i < n; i++)
        sum += exp((double)y[i] - largest);
    for (int64_t i = 0; i < n; i++)
        d_y[i] = (REAL)(exp((double)y[i] - largest) / sum - (i == right)) * scale;
    return log(sum) + largest - (double)y[right];
}

static double loss(const struct net_loss *asked, const REAL *y, const REAL *values, int32_t right,
                   int64_t n, REAL scale, REAL *d_y) {
    switch (asked->kind) {
    case NET_LOSS_HUBER:
        return huber(y, values, (REAL)asked->delta, n, scale, d_y);
    case NET_LOSS_GAUSSIAN:
        return gaussian(y, values, n, scale, d_y);
    case NET_LOSS_CROSS_ENTROPY:
        return cross_entropy(y, right, n, scale, d_y);
    default:
        return squared(y, values, n, scale, d_y);
    }
}

const struct net_rows NET_ROWS = {dense,     activate,     activate_back, norm,         norm_back,
                                  columns,   columns_back, average,       average_back, most,
                                  most_back, add,          sum_rows,      loss};
