/* What the layers of a net do to one example, forward and backward, compiled once for each
 * instruction set, and once in double precision to be held against central differences. Inside the
 * room only. Gradients of what went in are added to. */
#ifndef LYCEUM_TRAIN_NET_ROWS_H
#define LYCEUM_TRAIN_NET_ROWS_H

#include "train/train.h"

#ifndef REAL
#define REAL float
#endif

struct net_window { /* a square that goes over a picture [height][width][channels] */
    struct net_shape in, out;
    int kernel_height, kernel_width, stride, padding;
};

struct net_rows {
    /* out[n_out] = bias + weight [n_out][n] · x */
    void (*dense)(const REAL *weight, const REAL *bias, const REAL *x, int64_t n, int64_t n_out,
                  REAL *out);
    /* ReLU, tanh or GELU of n values. */
    void (*activate)(enum net_layer_kind, const REAL *x, int64_t n, REAL *out);
    void (*activate_back)(enum net_layer_kind, const REAL *x, const REAL *out, const REAL *d_out,
                          int64_t n, REAL *d_x);
    /* (x − mean) / √(variance + epsilon) · weight + bias, n values. Without a bias there is no
     * mean: x / √(mean(x²) + epsilon) · weight. */
    void (*norm)(const REAL *x, const REAL *weight, const REAL *bias, REAL epsilon, int64_t n,
                 REAL *out);
    /* d_weight and d_bias += …, d_bias NULL without a bias, d_x NULL when it is not wanted. */
    void (*norm_back)(const REAL *x, const REAL *weight, const REAL *d_out, REAL epsilon,
                      int64_t n, REAL *d_x, REAL *d_weight, REAL *d_bias);
    /* [out.height · out.width][kernel · kernel · channels]: what each place of the window sees. */
    void (*columns)(const struct net_window *, const REAL *x, REAL *columns);
    void (*columns_back)(const struct net_window *, const REAL *d_columns, REAL *d_x);
    void (*average)(const struct net_window *, const REAL *x, REAL *out);
    void (*average_back)(const struct net_window *, const REAL *d_out, REAL *d_x);
    void (*most)(const struct net_window *, const REAL *x, REAL *out);
    /* To the first of the largest. */
    void (*most_back)(const struct net_window *, const REAL *x, const REAL *out, const REAL *d_out,
                      REAL *d_x);
    void (*add)(REAL *y, const REAL *x, int64_t n);                 /* y += x */
    void (*sum)(const REAL *x, int64_t rows, int64_t n, REAL *sum); /* += of [rows][n] over rows */
    /* The loss of one example of n values and its gradient times scale. */
    double (*loss)(const struct net_loss *, const REAL *y, const REAL *values, int32_t right,
                   int64_t n, REAL scale, REAL *d_y);
};

extern const struct net_rows net_rows_plain, net_rows_avx2, net_rows_avx512;
const struct net_rows *net_rows_chosen(void);

#endif
