/* The kinds of layers: what shape they give, the way forward and the way back. */
#include "train/net_inside.h"

#include <stdio.h>
#include <string.h>

enum { MOST_SIDE = 1 << 14, MOST_KERNEL = 64, GROUP_PLACES = 256 };

/* ---------------------------------------------------------------------------------------- shapes
 */

static bool wrong(int index, struct fault *fault, const char *format, ...) PRINTF_LIKE(3, 4);

static bool wrong(int index, struct fault *fault, const char *format, ...) {
    char why[200];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    return fault_set(fault, FAULT_INPUT, "layer %d (%s) does not fit what it is given", index,
                     why);
}

static bool same_shape(const struct net *net, struct net_place *place, int index,
                       struct fault *fault) {
    (void)net, (void)index, (void)fault;
    place->window.out = place->window.in;
    return true;
}

static bool flat_shape(const struct net *net, struct net_place *place, int index,
                       struct fault *fault) {
    (void)net, (void)index, (void)fault;
    place->window.out = (struct net_shape){1, 1, (int)net_values_of(place->window.in)};
    return true;
}

static bool dense_shape(const struct net *net, struct net_place *place, int index,
                        struct fault *fault) {
    (void)net;
    if (place->given.size < 1 || place->given.size > 1 << 20)
        return wrong(index, fault, "dense, of size %d", place->given.size);
    place->window.out = (struct net_shape){1, 1, place->given.size};
    return true;
}

static bool window_shape(struct net_place *place, int stride, int channels) {
    struct net_window *w = &place->window;
    w->stride = stride;
    w->padding = place->given.padding;
    int down = w->in.height + 2 * w->padding - w->kernel_height;
    int across = w->in.width + 2 * w->padding - w->kernel_width;
    if (down < 0 || across < 0)
        return false;
    w->out = (struct net_shape){down / stride + 1, across / stride + 1, channels};
    return true;
}

static bool convolution_shape(const struct net *net, struct net_place *place, int index,
                              struct fault *fault) {
    const struct net_layer *given = &place->given;
    (void)net;
    place->window.kernel_height = place->window.kernel_width = given->kernel;
    if (given->size < 1 || given->size > MOST_SIDE || given->kernel < 1 ||
        given->kernel > MOST_KERNEL || given->stride < 0 || given->stride > MOST_KERNEL ||
        given->padding < 0 || given->padding >= given->kernel ||
        !window_shape(place, given->stride ? given->stride : 1, given->size))
        return wrong(index, fault,
                     "convolution to %d channels, kernel %d, stride %d, padding %d, over %d × %d",
                     given->size, given->kernel, given->stride, given->padding,
                     place->window.in.height, place->window.in.width);
    return true;
}

static bool pool_shape(const struct net *net, struct net_place *place, int index,
                       struct fault *fault) {
    const struct net_layer *given = &place->given;
    struct net_window *w = &place->window;
    (void)net;
    w->kernel_height = given->kernel ? given->kernel : w->in.height;
    w->kernel_width = given->kernel ? given->kernel : w->in.width;
    int stride = given->stride ? given->stride : given->kernel ? given->kernel : 1;
    if (given->kernel < 0 || given->stride < 0 || given->stride > MOST_KERNEL ||
        given->padding != 0 || !window_shape(place, stride, w->in.channels))
        return wrong(index, fault, "pool, kernel %d, stride %d, padding %d, over %d × %d",
                     given->kernel, given->stride, given->padding, w->in.height, w->in.width);
    return true;
}

static bool join_shape(const struct net *net, struct net_place *place, int index,
                       struct fault *fault) {
    struct net_shape in = place->window.in;
    int from = place->given.from;
    if (from < 0 || from >= index - 1)
        return wrong(index, fault, "join, from %d, which is not earlier than the one before it",
                     from);
    struct net_shape other = net->places[from].window.out;
    if (other.height != in.height || other.width != in.width || other.channels != in.channels)
        return wrong(index, fault, "join of %d × %d × %d and, from %d, %d × %d × %d", in.height,
                     in.width, in.channels, from, other.height, other.width, other.channels);
    place->window.out = in;
    return true;
}

/* ----------------------------------------------------------------------------------------- dense
 */

static struct operand plain(const float *data, int64_t columns) {
    return (struct operand){data, TENSOR_F32, columns, 1};
}

static struct operand turned(const float *data, int64_t columns) {
    return (struct operand){data, TENSOR_F32, 1, columns};
}

/* out [n][rows of weight] = bias + x · weightᵀ */
static void apply(struct float_scratch *scratch, const struct net_place *place, const float *x,
                  int64_t n, float *out) {
    int64_t n_in = place->weight->columns, n_out = place->weight->rows;
    for (int64_t i = 0; i < n; i++)
        memcpy(out + i * n_out, place->bias->value, (size_t)n_out * sizeof *out);
    float_multiply(scratch, &(struct float_product){.rows = n,
                                                    .columns = n_out,
                                                    .depth = n_in,
                                                    .left = plain(x, n_in),
                                                    .right = turned(place->weight->value, n_in),
                                                    .out = out,
                                                    .out_stride = n_out,
                                                    .scale = 1,
                                                    .adds = true});
}

/* d_weight += d_outᵀ · x */
static void learn(struct float_scratch *scratch, const struct net_place *place, const float *x,
                  const float *d_out, int64_t n, float *d_weight) {
    int64_t n_in = place->weight->columns, n_out = place->weight->rows;
    float_multiply(scratch, &(struct float_product){.rows = n_out,
                                                    .columns = n_in,
                                                    .depth = n,
                                                    .left = turned(d_out, n_out),
                                                    .right = plain(x, n_in),
                                                    .out = d_weight,
                                                    .out_stride = n_in,
                                                    .scale = 1,
                                                    .adds = true});
}

/* d_x (adds: +=) d_out · weight */
static void apply_back(struct float_scratch *scratch, const struct net_place *place,
                       const float *d_out, int64_t n, bool adds, float *d_x) {
    int64_t n_in = place->weight->columns, n_out = place->weight->rows;
    float_multiply(scratch, &(struct float_product){.rows = n,
                                                    .columns = n_in,
                                                    .depth = n_out,
                                                    .left = plain(d_out, n_out),
                                                    .right = plain(place->weight->value, n_in),
                                                    .out = d_x,
                                                    .out_stride = n_in,
                                                    .scale = 1,
                                                    .adds = adds});
}

/* A few examples go by the weights row by row: packing them would take longer. */
enum { FEW = 4 };

static void dense_forward(const struct net_pass *pass) {
    const struct net_place *place = pass->place;
    int64_t n_in = place->weight->columns, n_out = place->weight->rows;
    if (pass->n > FEW) {
        apply(pass->memory->scratch, place, pass->x, pass->n, pass->out);
        return;
    }
    for (int i = 0; i < pass->n; i++)
        pass->memory->rows->dense(place->weight->value, place->bias->value, pass->x + i * n_in,
                                  n_in, n_out, pass->out + i * n_out);
}

static void dense_back(const struct net_pass *pass) {
    struct float_scratch *scratch = pass->memory->scratch;
    learn(scratch, pass->place, pass->x, pass->d_out, pass->n, pass->d_weight);
    pass->memory->rows->sum(pass->d_out, pass->n, pass->place->weight->rows, pass->d_bias);
    if (pass->d_x)
        apply_back(scratch, pass->place, pass->d_out, pass->n, pass->adds, pass->d_x);
}

/* ----------------------------------------------------------------------------------- convolution
 */

static int64_t places_of(const struct net_place *place) {
    return (int64_t)place->window.out.height * place->window.out.width;
}

static bool sees_one(const struct net_window *w) { /* value, as it stands */
    return w->kernel_height == 1 && w->stride == 1;
}

/* Small pictures are passed several at once. */
static int group_of(const struct net_place *place, int n) {
    int64_t most = GROUP_PLACES / places_of(place);
    return most < 1 ? 1 : most < n ? (int)most : n;
}

int64_t net_columns(const struct net_place *place, int n) {
    if (place->given.kind != NET_CONVOLUTION || sees_one(&place->window))
        return 0;
    return group_of(place, n) * places_of(place) * place->weight->columns;
}

/* What the window sees of examples first … first + n − 1. */
static const float *columns_of(const struct net_pass *pass, int first, int n) {
    const struct net_place *place = pass->place;
    int64_t n_in = net_values_of(place->window.in);
    if (sees_one(&place->window))
        return pass->x + first * n_in;
    for (int i = 0; i < n; i++)
        pass->memory->rows->columns(&place->window, pass->x + (first + i) * n_in,
                                    pass->worker->columns +
                                        i * places_of(place) * place->weight->columns);
    return pass->worker->columns;
}

static void convolution_forward(const struct net_pass *pass) {
    const struct net_place *place = pass->place;
    int64_t n_out = net_values_of(place->window.out);
    int each = group_of(place, pass->n);
    for (int i = 0; i < pass->n; i += each) {
        int n = i + each < pass->n ? each : pass->n - i;
        apply(pass->worker->scratch, place, columns_of(pass, i, n), n * places_of(place),
              pass->out + i * n_out);
    }
}

static void group_back(const struct net_pass *pass, const float *d_out, int first, int n) {
    const struct net_place *place = pass->place;
    int64_t n_in = net_values_of(place->window.in), each = places_of(place);
    bool straight = sees_one(&place->window);
    float *d_x = pass->d_x + first * n_in;
    float *d_columns = straight ? d_x : pass->worker->d_columns;
    apply_back(pass->worker->scratch, place, d_out, n * each, straight, d_columns);
    for (int i = 0; !straight && i < n; i++)
        pass->memory->rows->columns_back(
            &place->window, d_columns + i * each * place->weight->columns, d_x + i * n_in);
}

static void convolution_back(const struct net_pass *pass) {
    const struct net_place *place = pass->place;
    int64_t n_out = net_values_of(place->window.out), channels = place->weight->rows;
    int each = group_of(place, pass->n);
    for (int i = 0; i < pass->n; i += each) {
        int n = i + each < pass->n ? each : pass->n - i;
        const float *d_out = pass->d_out + i * n_out;
        learn(pass->worker->scratch, place, columns_of(pass, i, n), d_out, n * places_of(place),
              pass->d_weight);
        pass->memory->rows->sum(d_out, n * places_of(place), channels, pass->d_bias);
        if (pass->d_x)
            group_back(pass, d_out, i, n);
    }
}

/* ------------------------------------------------------------------------------------ the others
 */

static int64_t all_in(const struct net_pass *pass) {
    return pass->n * net_values_of(pass->place->window.in);
}

static void activation_forward(const struct net_pass *pass) {
    pass->memory->rows->activate(pass->place->given.kind, pass->x, all_in(pass), pass->out);
}

static void activation_back(const struct net_pass *pass) {
    if (pass->d_x)
        pass->memory->rows->activate_back(pass->place->given.kind, pass->x, pass->out, pass->d_out,
                                          all_in(pass), pass->d_x);
}

static const float epsilon = 1e-5F;

static void norm_forward(const struct net_pass *pass) {
    const struct net_place *place = pass->place;
    int64_t c = place->window.in.channels, n = all_in(pass);
    for (int64_t i = 0; i < n; i += c)
        pass->memory->rows->norm(pass->x + i, place->weight->value,
                                 place->bias ? place->bias->value : NULL, epsilon, c,
                                 pass->out + i);
}

static void norm_back(const struct net_pass *pass) {
    int64_t c = pass->place->window.in.channels, n = all_in(pass);
    for (int64_t i = 0; i < n; i += c)
        pass->memory->rows->norm_back(pass->x + i, pass->place->weight->value, pass->d_out + i,
                                      epsilon, c, pass->d_x ? pass->d_x + i : NULL, pass->d_weight,
                                      pass->d_bias);
}

static void pool_forward(const struct net_pass *pass) {
    const struct net_window *w = &pass->place->window;
    const struct net_rows *rows = pass->memory->rows;
    int64_t n_in = net_values_of(w->in), n_out = net_values_of(w->out);
    for (int i = 0; i < pass->n; i++)
        (pass->place->given.kind == NET_MAX_POOL ? rows->most : rows->average)(
            w, pass->x + i * n_in, pass->out + i * n_out);
}

static void pool_back(const struct net_pass *pass) {
    const struct net_window *w = &pass->place->window;
    const struct net_rows *rows = pass->memory->rows;
    int64_t n_in = net_values_of(w->in), n_out = net_values_of(w->out);
    for (int i = 0; pass->d_x && i < pass->n; i++)
        if (pass->place->given.kind == NET_MAX_POOL)
            rows->most_back(w, pass->x + i * n_in, pass->out + i * n_out, pass->d_out + i * n_out,
                            pass->d_x + i * n_in);
        else
            rows->average_back(w, pass->d_out + i * n_out, pass->d_x + i * n_in);
}

static void join_forward(const struct net_pass *pass) {
    memcpy(pass->out, pass->x, (size_t)all_in(pass) * sizeof *pass->out);
    pass->memory->rows->add(pass->out, pass->joined, all_in(pass));
}

static void join_back(const struct net_pass *pass) {
    if (pass->d_joined)
        pass->memory->rows->add(pass->d_joined, pass->d_out, all_in(pass));
    if (pass->d_x)
        pass->memory->rows->add(pass->d_x, pass->d_out, all_in(pass));
}

const struct net_kind net_kinds[NET_LAYER_KINDS] = {
    [NET_DENSE] = {"dense", dense_shape, 2, true, dense_forward, dense_back},
    [NET_CONVOLUTION] = {"convolution", convolution_shape, 2, false, convolution_forward,
                         convolution_back},
    [NET_RELU] = {"relu", same_shape, 0, false, activation_forward, activation_back},
    [NET_TANH] = {"tanh", same_shape, 0, false, activation_forward, activation_back},
    [NET_GELU] = {"gelu", same_shape, 0, false, activation_forward, activation_back},
    [NET_LAYER_NORM] = {"layer_norm", same_shape, 2, false, norm_forward, norm_back},
    [NET_RMS_NORM] = {"rms_norm", same_shape, 1, false, norm_forward, norm_back},
    [NET_AVERAGE_POOL] = {"average_pool", pool_shape, 0, false, pool_forward, pool_back},
    [NET_MAX_POOL] = {"max_pool", pool_shape, 0, false, pool_forward, pool_back},
    [NET_FLATTEN] = {"flatten", flat_shape, 0, false, NULL, NULL},
    [NET_JOIN] = {"join", join_shape, 0, false, join_forward, join_back},
};
