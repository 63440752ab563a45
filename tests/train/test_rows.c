/* Promises of the rows and the losses: each gradient against central differences, in double
 * precision; and the floats of every instruction set against the doubles. */
#define REAL double
#define REAL_IS_DOUBLE
#define ROWS rows_double
extern const struct rows rows_double;
#include "train/rows.c"

#include "train/losses.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 37 };
static const double step = 1e-5, allowed = 1e-6; /* relative, the issue's own bound */

static void fill(struct random *random, double *x, int n, double spread) {
    for (int i = 0; i < n; i++)
        x[i] = (2 * random_unit(random) - 1) * spread;
}

/* The derivative of f by x[i]. */
static double difference(double (*f)(void *), void *data, double *x) {
    double kept = *x;
    *x = kept + step;
    double above = f(data);
    *x = kept - step;
    double below = f(data);
    *x = kept;
    return (above - below) / (2 * step);
}

static void assert_near(double found, double right, double scale) {
    if (fabs(found - right) > allowed * scale)
        fail_msg("%.12g where the difference is %.12g", found, right);
}

static void assert_gradient(double (*f)(void *), void *data, double *x, const double *gradient,
                            int n) {
    double scale = 1e-3;
    for (int i = 0; i < n; i++)
        scale = fabs(gradient[i]) > scale ? fabs(gradient[i]) : scale;
    for (int i = 0; i < n; i++)
        assert_near(gradient[i], difference(f, data, x + i), scale);
}

/* ----------------------------------------------------------------------------------------- norm
 */

struct normed {
    double x[N], weight[N], d_out[N], out[N];
};

static double weighed_norm(void *data) {
    struct normed *n = data;
    rows_double.norm(n->x, n->weight, 1e-5, N, n->out);
    return rows_double.dot(n->out, n->d_out, N);
}

static void the_norm_goes_back_as_its_differences(void **state) {
    struct random random;
    struct normed n;
    double d_x[N] = {0}, d_weight[N] = {0};
    (void)state;
    random_seed(&random, 1);
    fill(&random, n.x, N, 2);
    fill(&random, n.weight, N, 1);
    fill(&random, n.d_out, N, 1);
    double inverse = rows_double.norm(n.x, n.weight, 1e-5, N, n.out);
    rows_double.norm_back(n.d_out, n.x, n.weight, inverse, N, d_x, d_weight);
    assert_gradient(weighed_norm, &n, n.x, d_x, N);
    assert_gradient(weighed_norm, &n, n.weight, d_weight, N);
}

/* ----------------------------------------------------------------------------------------- gate
 */

struct gated {
    enum activation activation;
    double gate[N], up[N], d_out[N], out[N];
};

static double weighed_gate(void *data) {
    struct gated *g = data;
    rows_double.gate(g->activation, g->gate, g->up, N, g->out);
    return rows_double.dot(g->out, g->d_out, N);
}

static void each_gate_goes_back_as_its_differences(void **state) {
    (void)state;
    for (int activation = ACTIVATION_SILU; activation <= ACTIVATION_GELU_TANH; activation++) {
        struct random random;
        struct gated g = {.activation = (enum activation)activation};
        double d_gate[N], d_up[N], out[N];
        random_seed(&random, 2);
        fill(&random, g.gate, N, 4);
        fill(&random, g.up, N, 2);
        fill(&random, g.d_out, N, 1);
        memcpy(d_gate, g.gate, sizeof d_gate);
        memcpy(d_up, g.up, sizeof d_up);
        rows_double.gate_back(g.activation, g.d_out, d_gate, d_up, out, N);
        assert_gradient(weighed_gate, &g, g.gate, d_gate, N);
        assert_gradient(weighed_gate, &g, g.up, d_up, N);
        weighed_gate(&g);
        for (int i = 0; i < N; i++)
            assert_near(out[i], g.out[i], 1);
    }
}

/* -------------------------------------------------------------------------------------- softmax
 */

struct softened {
    double x[N], d_out[N], out[N];
};

static double weighed_softmax(void *data) {
    struct softened *s = data;
    memcpy(s->out, s->x, sizeof s->x);
    rows_double.softmax(s->out, 0.7, N);
    return rows_double.dot(s->out, s->d_out, N);
}

static void softmax_goes_back_as_its_differences_and_is_made_again(void **state) {
    struct random random;
    struct softened s;
    double again[N], d_x[N];
    (void)state;
    random_seed(&random, 3);
    fill(&random, s.x, N, 3);
    fill(&random, s.d_out, N, 1);
    memcpy(s.out, s.x, sizeof s.x);
    memcpy(again, s.x, sizeof s.x);
    double offset = rows_double.softmax(s.out, 0.7, N);
    rows_double.softmax_again(again, 0.7, offset, N);
    for (int i = 0; i < N; i++)
        assert_near(again[i], s.out[i], 1);
    memcpy(d_x, s.d_out, sizeof d_x);
    rows_double.softmax_back(d_x, s.out, rows_double.dot(s.d_out, s.out, N), 0.7, N);
    assert_gradient(weighed_softmax, &s, s.x, d_x, N);
}

/* --------------------------------------------------------------------------------------- losses
 */

struct lost {
    enum loss_kind kind;
    double skew, p[N], x[N], q[N];
};

static double loss_of_logits(void *data) {
    struct lost *l = data;
    memcpy(l->q, l->x, sizeof l->x);
    rows_double.softmax(l->q, 1, N);
    return losses_chosen(l->kind, l->skew)(l->p, l->q, l->skew, N);
}

static struct lost random_loss(enum loss_kind kind, double skew, uint64_t seed) {
    struct random random;
    struct lost l = {.kind = kind, .skew = skew};
    random_seed(&random, seed);
    fill(&random, l.x, N, 3);
    fill(&random, l.p, N, 3);
    rows_double.softmax(l.p, 1, N);
    return l;
}

static void each_loss_goes_back_as_its_differences(void **state) {
    static const struct {
        enum loss_kind kind;
        double skew;
    } cases[] = {{LOSS_FORWARD_KL, 0},  {LOSS_REVERSE_KL, 0},  {LOSS_SKEWED_KL, 0},
                 {LOSS_SKEWED_KL, 0.1}, {LOSS_SKEWED_KL, 0.9}, {LOSS_JSD, 0},
                 {LOSS_JSD, 0.1},       {LOSS_JSD, 0.5},       {LOSS_JSD, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lost l = random_loss(cases[i].kind, cases[i].skew, 4 + i);
        double gradient[N];
        loss_of_logits(&l);
        memcpy(gradient, l.q, sizeof gradient);
        assert_gradient(loss_of_logits, &l, l.x, gradient, N);
    }
}

static double loss_at(enum loss_kind kind, double skew) {
    struct lost l = random_loss(kind, skew, 30);
    return loss_of_logits(&l);
}

static void the_ends_of_a_skew_are_the_plain_divergences(void **state) {
    (void)state;
    assert_near(loss_at(LOSS_JSD, 0), loss_at(LOSS_FORWARD_KL, 0), 1);
    assert_near(loss_at(LOSS_JSD, 1), loss_at(LOSS_REVERSE_KL, 0), 1);
    assert_near(loss_at(LOSS_SKEWED_KL, 0), loss_at(LOSS_FORWARD_KL, 0), 1);
    assert_true(loss_at(LOSS_SKEWED_KL, 0.5) < loss_at(LOSS_FORWARD_KL, 0));
}

static void a_teacher_who_is_sure_teaches_cross_entropy(void **state) {
    struct lost l = random_loss(LOSS_FORWARD_KL, 0, 40);
    double q[N];
    (void)state;
    memset(l.p, 0, sizeof l.p);
    l.p[5] = 1;
    memcpy(q, l.x, sizeof q);
    double logarithm = rows_double.softmax(q, 1, N);
    assert_near(loss_of_logits(&l), logarithm - l.x[5], 1);
    q[5] -= 1;
    for (int i = 0; i < N; i++)
        assert_near(l.q[i], q[i], 1);
}

static void a_teacher_like_the_student_teaches_nothing(void **state) {
    static const enum loss_kind kinds[] = {LOSS_FORWARD_KL, LOSS_REVERSE_KL, LOSS_SKEWED_KL,
                                           LOSS_JSD};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct lost l = random_loss(kinds[k], 0.3, 50);
        memcpy(l.p, l.x, sizeof l.p);
        rows_double.softmax(l.p, 1, N);
        assert_near(loss_of_logits(&l), 0, 1);
        for (int i = 0; i < N; i++)
            assert_near(l.q[i], 0, 1);
    }
}

static void adam_takes_the_step_of_its_paper(void **state) {
    struct adam_step s = {0.1, 0.9, 0.999, 1e-8, 0.5, 1 - 0.9, 1 - 0.999, 0.5};
    double value = 2, gradient = 3, first = 0, second = 0;
    (void)state;
    rows_double.adam(&s, &value, &gradient, &first, &second, 1);
    /* At the first step both corrections undo the decay: m̂ = g, v̂ = g²; g was halved. */
    assert_near(first / (1 - 0.9), 1.5, 1);
    assert_near(second / (1 - 0.999), 2.25, 1);
    assert_near(value, 2 - 0.1 * 0.5 * 2 - 0.1, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_norm_goes_back_as_its_differences),
        cmocka_unit_test(each_gate_goes_back_as_its_differences),
        cmocka_unit_test(softmax_goes_back_as_its_differences_and_is_made_again),
        cmocka_unit_test(each_loss_goes_back_as_its_differences),
        cmocka_unit_test(the_ends_of_a_skew_are_the_plain_divergences),
        cmocka_unit_test(a_teacher_who_is_sure_teaches_cross_entropy),
        cmocka_unit_test(a_teacher_like_the_student_teaches_nothing),
        cmocka_unit_test(adam_takes_the_step_of_its_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
