/* Promises of nets that are not language: shapes, gradients against central differences of the
 * loss, what must make no difference, and the file. */
#include "train/net_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Allocations are counted where the linker sends them through here. */
static _Atomic long n_allocation;
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t n);
void *__wrap_aligned_alloc(size_t to, size_t n);
void *__wrap_malloc(size_t n) {
    n_allocation++;
    return __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
    n_allocation++;
    return __real_calloc(n, size);
}
void *__wrap_realloc(void *at, size_t n) {
    n_allocation++;
    return __real_realloc(at, n);
}
void *__wrap_aligned_alloc(size_t to, size_t n) {
    n_allocation++;
    return __real_aligned_alloc(to, n);
}

enum { BATCH = 37, MOST_IN = 2048, MOST_OUT = 16 };

static const struct net_layer dense_layers[] = {
    {NET_DENSE, .size = 20}, {NET_TANH}, {NET_LAYER_NORM}, {NET_DENSE, .size = 20},
    {NET_JOIN, .from = 2},   {NET_GELU}, {NET_RMS_NORM},   {NET_DENSE, .size = 6},
};
static const struct net_layer picture_layers[] = {
    {NET_CONVOLUTION, .size = 6, .kernel = 5, .stride = 2, .padding = 2},
    {NET_GELU},
    {NET_RMS_NORM},
    {NET_CONVOLUTION, .size = 6, .kernel = 3, .padding = 1},
    {NET_LAYER_NORM},
    {NET_JOIN, .from = 2},
    {NET_TANH},
    {NET_AVERAGE_POOL, .kernel = 2},
    {NET_CONVOLUTION, .size = 5, .kernel = 1},
    {NET_MAX_POOL, .kernel = 2, .stride = 1},
    {NET_FLATTEN},
    {NET_DENSE, .size = 12},
    {NET_GELU},
    {NET_DENSE, .size = 6},
    {NET_FLATTEN},
};
static const struct shape_of_net {
    struct net_shape in;
    const struct net_layer *layers;
    int n_layer;
} nets[] = {
    {{1, 1, 11}, dense_layers, COUNT_OF(dense_layers)},
    {{12, 16, 3}, picture_layers, COUNT_OF(picture_layers)},
};

struct lab { /* a net, room to pass through it, and a batch */
    struct pool *pool;
    struct net *net;
    struct net_memory *memory;
    float in[BATCH * MOST_IN], values[BATCH * MOST_OUT];
    int32_t right[BATCH];
};

static struct lab *open_lab(const struct shape_of_net *shape, int n_thread) {
    struct lab *lab = calloc(1, sizeof *lab);
    struct fault fault = {0};
    struct random random;
    assert_non_null(lab);
    lab->pool = pool_new(n_thread);
    lab->net = net_new(shape->in, shape->layers, shape->n_layer, 3, true, lab->pool, &fault);
    assert_non_null(lab->net);
    assert_non_null(lab->memory = net_memory_new(lab->net, BATCH, true, &fault));
    random_seed(&random, 4);
    for (int i = 0; i < BATCH * MOST_IN; i++)
        lab->in[i] = (float)(2 * random_unit(&random) - 1);
    for (int i = 0; i < BATCH * MOST_OUT; i++)
        lab->values[i] = (float)(2 * random_unit(&random) - 1);
    for (int i = 0; i < BATCH; i++)
        lab->right[i] = (int32_t)random_between(&random, 0, 5);
    return lab;
}

static void close_lab(struct lab *lab) {
    net_memory_free(lab->memory);
    net_free(lab->net);
    pool_free(lab->pool);
    free(lab);
}

static double learn(struct lab *lab, const struct net_loss *loss, int n, double scale) {
    struct net_targets targets = {lab->values, lab->right};
    return net_learn(lab->memory, loss, lab->in, &targets, n, scale);
}

static const struct net_loss losses[] = {{NET_LOSS_SQUARED, 0},
                                         {NET_LOSS_HUBER, 0.5F},
                                         {NET_LOSS_GAUSSIAN, 0},
                                         {NET_LOSS_CROSS_ENTROPY, 0}};

/* ------------------------------------------------------------------------------------ gradients
 */

static double along_gradient(struct lab *lab, struct parameter *p, const struct net_loss *loss,
                             int n, double size) {
    int64_t n_value = p->rows * p->columns;
    float *kept = malloc((size_t)n_value * sizeof *kept);
    double found[2];
    memcpy(kept, p->value, (size_t)n_value * sizeof *kept);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < n_value; i++)
            p->value[i] = kept[i] + (float)((side ? -1 : 1) * size * (double)p->gradient[i]);
        found[side] = learn(lab, loss, n, 0);
    }
    memcpy(p->value, kept, (size_t)n_value * sizeof *kept);
    free(kept);
    return (found[0] - found[1]) / (2 * size);
}

static void assert_each_gradient(struct lab *lab, const struct net_loss *loss, int n) {
    learn(lab, loss, n, 1);
    for (size_t i = 0; i < lab->net->n_parameter; i++) { /* a short way: there are kinks */
        struct parameter *p = &lab->net->parameters[i];
        double square = 0;
        for (int64_t j = 0; j < p->rows * p->columns; j++)
            square += (double)p->gradient[j] * (double)p->gradient[j];
        if (square < 1e-7)
            fail_msg("%s has no gradient", p->name);
        double found = along_gradient(lab, p, loss, n, 0.0005 / sqrt(square));
        if (fabs(found - square) > 0.01 * square + 1e-3 * sqrt(square))
            fail_msg("%s: the loss rises by %g, its gradient says %g", p->name, found, square);
    }
    net_forget(lab->net);
}

static void the_loss_of_a_net_rises_along_each_gradient_as_it_says(void **state) {
    static const int batches[] = {1, 3, BATCH};
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++)
        for (size_t l = 0; l < COUNT_OF(losses); l++) {
            struct lab *lab = open_lab(&nets[s], 2);
            for (size_t b = 0; b < COUNT_OF(batches); b++)
                assert_each_gradient(lab, &losses[l], batches[b]);
            close_lab(lab);
        }
}

static void gradients_of_parts_of_a_batch_are_those_of_the_whole(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++) {
        struct lab *a = open_lab(&nets[s], 2), *b = open_lab(&nets[s], 2);
        learn(a, &losses[0], 6, 1);
        for (int i = 0; i < 6; i++) {
            struct net_targets targets = {b->values + i * 6, NULL};
            const float *in = b->in + i * net_values_of(b->net->in);
            net_learn(b->memory, &losses[0], in, &targets, 1, 1.0 / 6);
        }
        for (size_t i = 0; i < a->net->n_parameter; i++) {
            const struct parameter *p = &a->net->parameters[i], *q = &b->net->parameters[i];
            double apart = 0, size = 0;
            for (int64_t j = 0; j < p->rows * p->columns; j++) {
                apart += pow((double)p->gradient[j] - (double)q->gradient[j], 2);
                size += pow((double)p->gradient[j], 2);
            }
            assert_true(size > 0 && apart <= 1e-10 * size);
        }
        close_lab(a);
        close_lab(b);
    }
}

/* ---------------------------------------------------------------------- what makes no difference
 */

static void a_net_learns_to_the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++) {
        struct lab *a = open_lab(&nets[s], 1);
        double loss = learn(a, &losses[2], BATCH, 0.5);
        net_step(a->net, &adamw_default, 1);
        for (int n_thread = 2; n_thread <= 5; n_thread++) {
            struct lab *b = open_lab(&nets[s], n_thread);
            assert_true(learn(b, &losses[2], BATCH, 0.5) == loss);
            net_step(b->net, &adamw_default, 1);
            for (size_t i = 0; i < a->net->n_parameter; i++) {
                const struct parameter *p = &a->net->parameters[i], *q = &b->net->parameters[i];
                size_t n = (size_t)(p->rows * p->columns) * sizeof(float);
                assert_memory_equal(p->value, q->value, n);
                assert_memory_equal(p->first, q->first, n);
            }
            close_lab(b);
        }
        close_lab(a);
    }
}

static void one_by_one_a_net_says_what_it_says_of_many(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++) {
        struct lab *lab = open_lab(&nets[s], 2);
        struct fault fault = {0};
        struct net_memory *alone = net_memory_new(lab->net, 1, false, &fault);
        assert_non_null(alone);
        const float *many = net_forward(lab->memory, lab->in, BATCH);
        for (int i = 0; i < BATCH; i++) {
            const float *one = net_forward(alone, lab->in + i * net_values_of(lab->net->in), 1);
            for (int j = 0; j < 6; j++)
                assert_true(fabsf(one[j] - many[i * 6 + j]) < 1e-5F);
        }
        net_memory_free(alone);
        close_lab(lab);
    }
}

static void activations_in_floats_are_near_their_functions(void **state) {
    float x[801], out[801];
    (void)state;
    for (int i = 0; i < 801; i++)
        x[i] = (float)(i - 400) / 25;
    for (int kind = NET_RELU; kind <= NET_GELU; kind++) {
        net_rows_chosen()->activate((enum net_layer_kind)kind, x, 801, out);
        for (int i = 0; i < 801; i++) {
            double at = (double)x[i], right = kind == NET_RELU ? fmax(at, 0) : tanh(at);
            if (kind == NET_GELU)
                right = at / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (at + 0.044715 * at * at * at)));
            if (fabs((double)out[i] - right) > 1e-6 * fabs(right) + 2e-7)
                fail_msg("%d of %g: %.9g, not %.9g", kind, at, (double)out[i], right);
        }
    }
}

static void the_way_forward_allocates_nothing(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++) {
        long before = n_allocation;
        struct lab *lab = open_lab(&nets[s], 2);
        assert_true(n_allocation > before); /* they are counted */
        before = n_allocation;
        net_forward(lab->memory, lab->in, 1);
        net_forward(lab->memory, lab->in, BATCH);
        assert_true(n_allocation == before);
        close_lab(lab);
    }
}

/* -------------------------------------------------------------------------------------- learning
 */

static void a_net_learns_with_each_loss(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++)
        for (size_t l = 0; l < COUNT_OF(losses); l++) {
            struct lab *lab = open_lab(&nets[s], 2);
            struct adamw adamw = adamw_default;
            adamw.rate = 0.01F;
            double first = 0, last = 0;
            for (int i = 1; i <= 150; i++) {
                last = learn(lab, &losses[l], 8, 1);
                first = i == 1 ? last : first;
                assert_true(net_step(lab->net, &adamw, i) > 0);
            }
            if (!(last < (losses[l].kind == NET_LOSS_GAUSSIAN ? first - 1 : 0.1 * first)))
                fail_msg("net %zu, loss %zu: from %g only to %g", s, l, first, last);
            close_lab(lab);
        }
}

static void a_target_that_is_none_teaches_nothing(void **state) {
    (void)state;
    struct lab *lab = open_lab(&nets[0], 2);
    lab->right[2] = 6;
    assert_true(isnan(learn(lab, &losses[3], 4, 1)));
    lab->right[2] = -1;
    assert_true(isnan(learn(lab, &losses[3], 4, 1)));
    assert_true(learn(lab, &losses[3], 0, 1) == 0);
    assert_true(net_step(lab->net, &adamw_default, 1) == 0);
    close_lab(lab);
}

static void weights_begin_within_the_bounds_of_their_papers(void **state) {
    static const struct net_layer layers[] = {
        {NET_CONVOLUTION, .size = 32, .kernel = 3},
        {NET_MAX_POOL, .kernel = 2},
        {NET_RELU},
        {NET_DENSE, .size = 64},
        {NET_TANH},
        {NET_DENSE, .size = 8, .gain = 0.01F},
    };
    const double bounds[] = {sqrt(6.0 / 27), sqrt(6.0 / (288 + 64)), 0.01 * sqrt(6.0 / 72)};
    struct fault fault = {0};
    struct pool *pool = pool_new(1);
    struct net *net = net_new((struct net_shape){8, 8, 3}, layers, 6, 9, false, pool, &fault);
    (void)state;
    assert_non_null(net);
    for (int i = 0, k = 0; i < 6; i++) {
        const struct parameter *p = net->places[i].weight;
        double largest = 0;
        for (int64_t j = 0; p && j < p->rows * p->columns; j++)
            largest = fmax(largest, fabs((double)p->value[j]));
        if (p) {
            assert_true(largest <= bounds[k] * 1.000001 && largest > 0.97 * bounds[k]);
            k++;
        }
    }
    net_free(net);
    pool_free(pool);
}

/* ------------------------------------------------------------------------------- what is refused
 */

static void what_does_not_fit_is_told_with_its_layer(void **state) {
    static const struct {
        struct net_shape in;
        struct net_layer layers[3];
        int n_layer;
        enum fault_kind kind;
        const char *told;
    } cases[] = {
        {{0, 1, 1}, {{NET_RELU}}, 1, FAULT_INPUT, "0 × 1 × 1"},
        {{1 << 14, 1 << 14, 3}, {{NET_RELU}}, 1, FAULT_INPUT, "a net takes no"},
        {{1, 1, 4}, {{NET_RELU}}, 0, FAULT_LIMIT, "1 to 64 layers, not 0"},
        {{1, 1, 4}, {{NET_DENSE}}, 1, FAULT_INPUT, "layer 0 (dense, of size 0)"},
        {{1, 1, 4}, {{NET_RELU}, {(enum net_layer_kind)99}}, 2, FAULT_INPUT, "layer 1 is of no"},
        {{1, 1, 4}, {{(enum net_layer_kind) - 1}}, 1, FAULT_INPUT, "layer 0 is of no"},
        {{4, 4, 1}, {{NET_CONVOLUTION, .size = 2, .kernel = 5}}, 1, FAULT_INPUT, "over 4 × 4"},
        {{4, 4, 1},
         {{NET_CONVOLUTION, .size = 2, .kernel = 3, .padding = 3}},
         1,
         FAULT_INPUT,
         "padding 3"},
        {{4, 4, 1},
         {{NET_CONVOLUTION, .size = 2, .kernel = 3, .stride = -1}},
         1,
         FAULT_INPUT,
         "stride -1"},
        {{4, 4, 1}, {{NET_MAX_POOL, .kernel = 5}}, 1, FAULT_INPUT, "pool, kernel 5"},
        {{4, 4, 1}, {{NET_AVERAGE_POOL, .kernel = -1}}, 1, FAULT_INPUT, "pool, kernel -1"},
        {{1, 1, 4}, {{NET_RELU}, {NET_JOIN, .from = 1}}, 2, FAULT_INPUT, "join, from 1"},
        {{1, 1, 4},
         {{NET_RELU}, {NET_DENSE, .size = 3}, {NET_JOIN}},
         3,
         FAULT_INPUT,
         "1 × 1 × 3 and, from 0, 1 × 1 × 4"},
        {{64, 64, 4}, {{NET_DENSE, .size = 1 << 20}}, 1, FAULT_LIMIT, "weights"},
        {{4096, 4096, 1},
         {{NET_CONVOLUTION, .size = 2, .kernel = 1}},
         1,
         FAULT_LIMIT,
         "33554432 values"},
    };
    struct pool *pool = pool_new(1);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fault fault = {0};
        assert_null(
            net_new(cases[i].in, cases[i].layers, cases[i].n_layer, 1, false, pool, &fault));
        if (fault.kind != cases[i].kind || !strstr(fault.message, cases[i].told))
            fail_msg("case %zu: %s", i, fault.message);
    }
    pool_free(pool);
}

/* -------------------------------------------------------------------------------------- the file
 */

static void a_net_comes_back_from_its_file_as_it_was(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(nets); s++) {
        struct lab *lab = open_lab(&nets[s], 2);
        char path[] = "/tmp/lyceum-net-XXXXXX";
        struct fault fault = {0};
        close(mkstemp(path));
        assert_true(net_save(lab->net, path, &fault));
        struct net *again = net_open(path, false, lab->pool, &fault);
        assert_non_null(again);
        struct net_memory *memory = net_memory_new(again, BATCH, false, &fault);
        const float *wanted = net_forward(lab->memory, lab->in, BATCH);
        const float *found = net_forward(memory, lab->in, BATCH);
        assert_memory_equal(wanted, found, BATCH * 6 * sizeof(float));
        net_memory_free(memory);
        net_free(again);
        unlink(path);
        assert_null(net_open(path, false, lab->pool, &fault));
        assert_int_equal(fault.kind, FAULT_MISSING);
        close_lab(lab);
    }
}

static void assert_refused(const struct buffer *file, size_t n, struct pool *pool) {
    struct fault fault = {0};
    assert_null(net_read((struct view){file->at, n}, false, pool, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
}

static void a_damaged_net_is_refused(void **state) {
    struct lab *lab = open_lab(&nets[0], 1);
    struct buffer file = {0};
    (void)state;
    net_write(lab->net, &file);
    for (size_t n = 0; n < file.n; n += n < 300 ? 1 : 97)
        assert_refused(&file, n, lab->pool);
    for (size_t i = 0; i < file.n; i += i < 300 ? 1 : 97) {
        file.at[i] ^= 4;
        assert_refused(&file, file.n, lab->pool);
        file.at[i] ^= 4;
    }
    /* Values missing, and the hash right. */
    uint64_t hash = hash64((struct view){file.at, file.n - 12}, 0);
    memcpy(file.at + file.n - 12, &hash, sizeof hash);
    assert_refused(&file, file.n - 4, lab->pool);
    buffer_free(&file);
    close_lab(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_of_a_net_rises_along_each_gradient_as_it_says),
        cmocka_unit_test(gradients_of_parts_of_a_batch_are_those_of_the_whole),
        cmocka_unit_test(a_net_learns_to_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(one_by_one_a_net_says_what_it_says_of_many),
        cmocka_unit_test(activations_in_floats_are_near_their_functions),
        cmocka_unit_test(the_way_forward_allocates_nothing),
        cmocka_unit_test(a_net_learns_with_each_loss),
        cmocka_unit_test(a_target_that_is_none_teaches_nothing),
        cmocka_unit_test(weights_begin_within_the_bounds_of_their_papers),
        cmocka_unit_test(what_does_not_fit_is_told_with_its_layer),
        cmocka_unit_test(a_net_comes_back_from_its_file_as_it_was),
        cmocka_unit_test(a_damaged_net_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
