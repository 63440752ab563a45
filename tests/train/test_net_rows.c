/* Promises of a net's layers and losses: each gradient against central differences, in double
 * precision. */
#define REAL double
#define REAL_IS_DOUBLE
#define NET_ROWS net_rows_double
extern const struct net_rows net_rows_double;
#include "train/net_rows.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

enum { N = 37, MOST = 1024 };
static const double step = 1e-5, allowed = 1e-6; /* relative, the issue's own bound */

static void fill(struct random *random, double *x, int n, double spread_of) {
    for (int i = 0; i < n; i++)
        x[i] = (2 * random_unit(random) - 1) * spread_of;
}

static double sum_of(const double *x, const double *y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void assert_near(double found, double right, double scale) {
    if (!(fabs(found - right) <= allowed * scale))
        fail_msg("%.12g where %.12g is right", found, right);
}

/* The gradient of f by each x[i] against central differences. */
static void assert_gradient(double (*f)(void *), void *data, double *x, const double *gradient,
                            int n) {
    double scale = 1e-3;
    for (int i = 0; i < n; i++)
        scale = fabs(gradient[i]) > scale ? fabs(gradient[i]) : scale;
    for (int i = 0; i < n; i++) {
        double kept = x[i];
        x[i] = kept + step;
        double above = f(data);
        x[i] = kept - step;
        double below = f(data);
        x[i] = kept;
        assert_near(gradient[i], (above - below) / (2 * step), scale);
    }
}

/* ----------------------------------------------------------------------------------- activations
 */

struct activated {
    enum net_layer_kind kind;
    double x[N], out[N], d_out[N];
};

static double weighed_activation(void *data) {
    struct activated *a = data;
    net_rows_double.activate(a->kind, a->x, N, a->out);
    return sum_of(a->out, a->d_out, N);
}

static void each_activation_goes_back_as_its_differences(void **state) {
    (void)state;
    for (int kind = NET_RELU; kind <= NET_GELU; kind++) {
        struct activated a = {.kind = (enum net_layer_kind)kind};
        struct random random;
        double d_x[N] = {0};
        random_seed(&random, 1);
        fill(&random, a.x, N, 3);
        fill(&random, a.d_out, N, 1);
        weighed_activation(&a);
        net_rows_double.activate_back(a.kind, a.x, a.out, a.d_out, N, d_x);
        assert_gradient(weighed_activation, &a, a.x, d_x, N);
    }
}

static void activations_are_those_of_their_names(void **state) {
    double x[3] = {-1, 0.5, 2}, out[3];
    (void)state;
    net_rows_double.activate(NET_RELU, x, 3, out);
    assert_true(out[0] == 0 && out[1] == 0.5 && out[2] == 2);
    net_rows_double.activate(NET_TANH, x, 3, out);
    assert_near(out[1], tanh(0.5), 1);
    net_rows_double.activate(NET_GELU, x, 3, out);
    assert_near(out[2], 2 * 0.5 * (1 + tanh(sqrt(2 / acos(-1)) * (2 + 0.044715 * 8))), 1);
}

/* ----------------------------------------------------------------------------------------- norms
 */

struct normed {
    bool centred;
    double x[N], weight[N], bias[N], d_out[N], out[N];
};

static double weighed_norm(void *data) {
    struct normed *n = data;
    net_rows_double.norm(n->x, n->weight, n->centred ? n->bias : NULL, 1e-5, N, n->out);
    return sum_of(n->out, n->d_out, N);
}

static void each_norm_goes_back_as_its_differences(void **state) {
    (void)state;
    for (int centred = 0; centred < 2; centred++) {
        struct normed n = {.centred = centred};
        struct random random;
        double d_x[N] = {0}, d_weight[N] = {0}, d_bias[N] = {0};
        random_seed(&random, 2);
        fill(&random, n.x, N, 2);
        fill(&random, n.weight, N, 1);
        fill(&random, n.bias, N, 1);
        fill(&random, n.d_out, N, 1);
        net_rows_double.norm_back(n.x, n.weight, n.d_out, 1e-5, N, d_x, d_weight,
                                  centred ? d_bias : NULL);
        assert_gradient(weighed_norm, &n, n.x, d_x, N);
        assert_gradient(weighed_norm, &n, n.weight, d_weight, N);
        assert_gradient(weighed_norm, &n, n.bias, d_bias, N);
    }
}

static void a_layer_norm_has_mean_nothing_and_variance_one(void **state) {
    struct normed n = {.centred = true};
    struct random random;
    double one[N], sum = 0, square = 0;
    (void)state;
    random_seed(&random, 3);
    fill(&random, n.x, N, 50);
    for (int i = 0; i < N; i++)
        n.weight[i] = 1, one[i] = 1;
    memcpy(n.d_out, one, sizeof one);
    weighed_norm(&n);
    for (int i = 0; i < N; i++)
        sum += n.out[i], square += n.out[i] * n.out[i];
    assert_near(sum, 0, 1);
    assert_near(square / N, 1, 1);
}

/* --------------------------------------------------------------------------------------- windows
 */

static const struct net_window windows[] = {
    {{5, 6, 3}, {3, 3, 3}, 3, 3, 2, 1}, {{5, 6, 2}, {3, 4, 2}, 3, 3, 1, 0},
    {{4, 4, 1}, {2, 2, 1}, 2, 2, 2, 0}, {{7, 5, 2}, {4, 2, 2}, 1, 1, 2, 0},
    {{3, 4, 2}, {1, 1, 2}, 3, 4, 1, 0}, {{2, 2, 70}, {2, 2, 70}, 3, 3, 1, 1},
};

static int n_in(const struct net_window *w) {
    return w->in.height * w->in.width * w->in.channels;
}

static int n_out(const struct net_window *w) {
    return w->out.height * w->out.width * w->in.channels;
}

static int n_column(const struct net_window *w) {
    return w->out.height * w->out.width * w->kernel_height * w->kernel_width * w->in.channels;
}

struct windowed {
    const struct net_window *window;
    void (*forward)(const struct net_window *, const double *, double *);
    int n;
    double x[MOST], d_out[16 * MOST], out[16 * MOST];
};

static double weighed_window(void *data) {
    struct windowed *w = data;
    w->forward(w->window, w->x, w->out);
    return sum_of(w->out, w->d_out, w->n);
}

static struct windowed *new_window(const struct net_window *window, int n) {
    struct windowed *w = calloc(1, sizeof *w);
    struct random random;
    assert_non_null(w);
    random_seed(&random, 4);
    w->window = window;
    w->n = n;
    assert_true(n_in(window) <= MOST && n <= 16 * MOST);
    fill(&random, w->x, n_in(window), 1);
    fill(&random, w->d_out, n, 1);
    return w;
}

/* By the definition: what stands under place (y, x) of the window at (i, j), channel c. */
static double under(const struct net_window *w, const double *x, const int at[5]) {
    int y = at[0] * w->stride - w->padding + at[2], z = at[1] * w->stride - w->padding + at[3];
    if (y < 0 || z < 0 || y >= w->in.height || z >= w->in.width)
        return 0;
    return x[(y * w->in.width + z) * w->in.channels + at[4]];
}

static void columns_hold_what_the_window_sees(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        const struct net_window *w = &windows[i];
        struct windowed *made = new_window(w, n_column(w));
        int k = 0;
        memset(made->out, 1, sizeof made->out); /* what is left over of an earlier picture */
        net_rows_double.columns(w, made->x, made->out);
        for (int y = 0; y < w->out.height; y++)
            for (int x = 0; x < w->out.width; x++)
                for (int a = 0; a < w->kernel_height; a++)
                    for (int b = 0; b < w->kernel_width; b++)
                        for (int c = 0; c < w->in.channels; c++)
                            assert_true(made->out[k++] ==
                                        under(w, made->x, (int[]){y, x, a, b, c}));
        free(made);
    }
}

static void columns_go_back_as_their_differences(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        struct windowed *w = new_window(&windows[i], n_column(&windows[i]));
        double *d_x = calloc(MOST, sizeof *d_x);
        w->forward = net_rows_double.columns;
        net_rows_double.columns_back(w->window, w->d_out, d_x);
        assert_gradient(weighed_window, w, w->x, d_x, n_in(w->window));
        free(d_x);
        free(w);
    }
}

static void each_pool_goes_back_as_its_differences(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        struct windowed *w = new_window(&windows[i], n_out(&windows[i]));
        double *d_x = calloc(MOST, sizeof *d_x);
        if (windows[i].padding == 0) {
            w->forward = net_rows_double.average;
            net_rows_double.average_back(w->window, w->d_out, d_x);
            assert_gradient(weighed_window, w, w->x, d_x, n_in(w->window));
            memset(d_x, 0, MOST * sizeof *d_x);
            w->forward = net_rows_double.most;
            weighed_window(w);
            net_rows_double.most_back(w->window, w->x, w->out, w->d_out, d_x);
            assert_gradient(weighed_window, w, w->x, d_x, n_in(w->window));
        }
        free(d_x);
        free(w);
    }
}

static void of_equal_values_the_first_is_the_largest(void **state) {
    static const struct net_window w = {{2, 2, 1}, {1, 1, 1}, 2, 2, 2, 0};
    double x[4] = {0, 3, 3, 3}, out[1], d_out[1] = {5}, d_x[4] = {0};
    (void)state;
    net_rows_double.most(&w, x, out);
    net_rows_double.most_back(&w, x, out, d_out, d_x);
    assert_true(out[0] == 3 && d_x[0] == 0 && d_x[1] == 5 && d_x[2] == 0 && d_x[3] == 0);
}

/* ---------------------------------------------------------------------------------------- losses
 */

struct lost {
    struct net_loss loss;
    double y[N - 1], values[N - 1], d_y[N - 1];
};

static double loss_of_outputs(void *data) {
    struct lost *l = data;
    double unused[N - 1];
    return net_rows_double.loss(&l->loss, l->y, l->values, 11, N - 1, 1, unused);
}

static const struct net_loss losses[] = {{NET_LOSS_SQUARED, 0},
                                         {NET_LOSS_HUBER, 0.5F},
                                         {NET_LOSS_GAUSSIAN, 0},
                                         {NET_LOSS_CROSS_ENTROPY, 0}};

static struct lost random_loss(const struct net_loss *loss, double spread_of) {
    struct lost l = {.loss = *loss};
    struct random random;
    random_seed(&random, 5);
    fill(&random, l.y, N - 1, spread_of);
    fill(&random, l.values, N - 1, 2);
    return l;
}

static void each_loss_of_a_net_goes_back_as_its_differences(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        struct lost l = random_loss(&losses[i], 2);
        net_rows_double.loss(&l.loss, l.y, l.values, 11, N - 1, 3, l.d_y);
        for (int j = 0; j < N - 1; j++)
            l.d_y[j] /= 3;
        assert_gradient(loss_of_outputs, &l, l.y, l.d_y, N - 1);
    }
}

static void losses_are_those_of_their_papers(void **state) {
    double y[2] = {1, 0.5}, t[2] = {3, 0.25}, d[2];
    (void)state;
    assert_near(net_rows_double.loss(&losses[0], y, t, 0, 2, 1, d), (4 + 0.0625) / 2, 1);
    assert_near(net_rows_double.loss(&losses[1], y, t, 0, 2, 1, d),
                (0.5 * (2 - 0.25) + 0.0625 / 2) / 2, 1);
    assert_near(net_rows_double.loss(&losses[2], y, t, 0, 2, 1, d), 0.5 * (0.5 + 4 * exp(-0.5)),
                1);
    assert_near(net_rows_double.loss(&losses[3], y, NULL, 1, 2, 1, d), log(1 + exp(0.5)), 1);
}

static void a_variance_out_of_bounds_comes_back_and_goes_no_further(void **state) {
    double y[2] = {1, 12}, sure[2] = {0, -12}, t[1] = {1}, d[2];
    (void)state;
    net_rows_double.loss(&losses[2], y, t, 0, 2, 1, d); /* far too unsure of what is right */
    assert_true(d[1] > 0 && isfinite(d[0]));
    net_rows_double.loss(&losses[2], sure, t, 0, 2, 1, d); /* far too sure of what is wrong */
    assert_true(d[1] < 0 && isfinite(d[0]));
    double fits[2] = {1, -12}; /* right, and surer than is allowed: no surer yet */
    net_rows_double.loss(&losses[2], fits, t, 0, 2, 1, d);
    assert_true(d[1] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_activation_goes_back_as_its_differences),
        cmocka_unit_test(activations_are_those_of_their_names),
        cmocka_unit_test(each_norm_goes_back_as_its_differences),
        cmocka_unit_test(a_layer_norm_has_mean_nothing_and_variance_one),
        cmocka_unit_test(columns_hold_what_the_window_sees),
        cmocka_unit_test(columns_go_back_as_their_differences),
        cmocka_unit_test(each_pool_goes_back_as_its_differences),
        cmocka_unit_test(of_equal_values_the_first_is_the_largest),
        cmocka_unit_test(each_loss_of_a_net_goes_back_as_its_differences),
        cmocka_unit_test(losses_are_those_of_their_papers),
        cmocka_unit_test(a_variance_out_of_bounds_comes_back_and_goes_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
