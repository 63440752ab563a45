/* How likely a draft will do, how well that was told, and who is sent to a senior. */
#include "company/judgement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct features sure(double probability) {
    return (struct features){.mean = log(probability),
                             .least = log(probability),
                             .agreement = NAN,
                             .check = NAN,
                             .graded = NAN,
                             .n_token = NAN};
}

static void without_data_a_surer_draft_is_likelier_and_nothing_known_is_even(void **state) {
    (void)state;
    struct calibration calibration;
    calibration_fit(&calibration, NULL, 0);
    struct features low = sure(0.1), high = sure(0.9);
    struct features nothing = {NAN, NAN, NAN, NAN, NAN, NAN};
    assert_float_equal(calibration_probability(&calibration, "sum", &nothing), 0.5, 1e-9);
    double a = calibration_probability(&calibration, "sum", &low);
    double b = calibration_probability(&calibration, "sum", &high);
    assert_true(a > 0.05 && a < 0.5 && b > 0.5 && b < 0.95);
    low.agreement = low.check = 1;
    assert_true(calibration_probability(&calibration, "sum", &low) > a);
    assert_float_equal(calibration_content(&calibration, "sum"), 0.5, 1e-9);
}

static void a_grade_is_believed(void **state) {
    (void)state;
    struct calibration calibration;
    calibration_fit(&calibration, NULL, 0);
    struct features features = sure(0.9);
    features.graded = 0;
    assert_float_equal(calibration_probability(&calibration, "sum", &features), 0, 0);
    features.graded = 1;
    assert_float_equal(calibration_probability(&calibration, "sum", &features), 1, 0);
}

/* Rows of which a share is content, whatever their features. */
static void put(struct judged *rows, const char *kind, size_t n, size_t n_content) {
    for (size_t i = 0; i < n; i++) {
        snprintf(rows[i].kind, sizeof rows[i].kind, "%s", kind);
        rows[i].features = sure(i % 2 ? 0.3 : 0.7);
        rows[i].content = i / 2 < n_content / 2;
    }
}

/* With no feature that tells, the optimum of an offset b is where its slope is nothing:
 * Σ (y − p) = strength · b. Solved here by bisection, apart from the code that is tested. */
static double offset_by_bisection(double n, double content, double strength) {
    double low = -20, high = 20;
    for (int i = 0; i < 200; i++) {
        double b = (low + high) / 2;
        *(content - n / (1 + exp(-b)) - strength * b > 0 ? &low : &high) = b;
    }
    return low;
}

static void the_fit_is_the_mode_of_likelihood_and_prior(void **state) {
    (void)state;
    struct judged rows[40];
    struct features nothing = {NAN, NAN, NAN, NAN, NAN, NAN};
    put(rows, "sum", 40, 30);
    for (size_t i = 0; i < 40; i++)
        rows[i].features = nothing;
    struct calibration calibration;
    calibration_fit(&calibration, rows, 40);
    assert_float_equal(calibration.weights[0], offset_by_bisection(40, 30, 1), 1e-6);
    for (int j = 1; j < 5; j++) /* what tells nothing stays as the prior has it */
        assert_float_equal(calibration.weights[j], 1, 1e-6);
}

static void a_kind_is_as_all_until_it_has_rows_of_its_own(void **state) {
    (void)state;
    struct judged rows[420];
    struct calibration few, many;
    struct features middle = sure(0.5);
    put(rows, "sum", 200, 20);
    put(rows + 200, "look-up", 2, 2);
    calibration_fit(&few, rows, 202);
    put(rows + 200, "look-up", 200, 180);
    calibration_fit(&many, rows, 400);
    double all = calibration_probability(&few, "never seen", &middle);
    double two = calibration_probability(&few, "look-up", &middle);
    assert_true(two > all && two < 0.5); /* two rows move it, but do not carry it away */
    assert_float_equal(calibration_probability(&many, "look-up", &middle), 0.9, 0.05);
    assert_float_equal(calibration_probability(&many, "sum", &middle), 0.1, 0.05);
    assert_true(calibration_content(&many, "look-up") > 0.85);
}

/* Drafts whose chance is known: what the fit tells on others drawn alike is near it. */
static void what_is_told_is_calibrated_on_rows_not_seen(void **state) {
    (void)state;
    enum { N = 4000 };
    struct judged *rows = calloc(2 * N, sizeof *rows);
    double *told = calloc(N, sizeof *told);
    bool *content = calloc(N, sizeof *content);
    struct calibration calibration;
    struct reliability reliability;
    srand48(5);
    for (size_t i = 0; i < 2 * N; i++) {
        double s = drand48();
        snprintf(rows[i].kind, sizeof rows[i].kind, "%s", i % 3 ? "a" : "b");
        rows[i].features = sure(0.01 + 0.98 * s);
        rows[i].content = drand48() < 1 / (1 + exp(-(4 * s - (i % 3 ? 1 : 3))));
    }
    calibration_fit(&calibration, rows, N);
    for (size_t i = 0; i < N; i++) {
        told[i] = calibration_probability(&calibration, rows[N + i].kind, &rows[N + i].features);
        content[i] = rows[N + i].content;
    }
    reliability_measure(&reliability, told, content, N);
    assert_true(reliability.error < 0.03);
    assert_int_equal(reliability.n, N);
    free(rows);
    free(told);
    free(content);
}

static void calibration_error_is_the_mean_distance_by_bin(void **state) {
    (void)state;
    static const double told[] = {0.05, 0.05, 0.95, 0.95, 1.0};
    static const bool content[] = {false, true, true, true, false};
    struct reliability r;
    reliability_measure(&r, told, content, 5);
    /* bin 0: |0.10 − 1|; bin 9: |2.90 − 2|; of 5 */
    assert_float_equal(r.error, (0.9 + 0.9) / 5, 1e-9);
    assert_float_equal(r.brier, (0.0025 + 0.9025 + 0.0025 + 0.0025 + 1) / 5, 1e-9);
    assert_int_equal(r.bins[9].n, 3);
    reliability_measure(&r, told, content, 0);
    assert_float_equal(r.error, 0, 0);
}

static const struct recorded four[] = {
    {0.9, 0, 1, 1, 10}, {0.6, 0, 0, 1, 10}, {0.4, 0, 1, 1, 10}, {0.1, 1, 0, 1, 10}};

static void a_policy_pays_for_whom_it_asks(void **state) {
    (void)state;
    struct policy p = policy_at(four, 4, 0.5);
    assert_float_equal(p.quality, 0.5, 1e-9);
    assert_float_equal(p.calls, 0.5, 1e-9);
    assert_float_equal(p.cost, 6, 1e-9);
    assert_float_equal(policy_at(four, 4, INFINITY).cost, 1, 1e-9);
    assert_float_equal(policy_at(four, 4, -INFINITY).quality, 0.5, 1e-9);
    assert_float_equal(policy_oracle(four, 4, 0.5).quality, 0.75, 1e-9);
    assert_float_equal(policy_oracle(four, 4, 1).calls, 0.5, 1e-9);
}

static void the_margin_keeps_to_the_calls_and_asks_for_no_more_than_is_wanted(void **state) {
    (void)state;
    assert_float_equal(policy_choose(four, 4, 0.25, 1), 0.9, 1e-9);
    assert_float_equal(policy_choose(four, 4, 0.5, 1), 0.9, 1e-9); /* the second adds nothing */
    assert_float_equal(policy_choose(four, 4, 1, 1), 0.4, 1e-9);   /* the last would lose */
    assert_float_equal(policy_choose(four, 4, 1, 0.5), 0.9, 1e-9);
    assert_true(isinf(policy_choose(four, 4, 0, 1)));
    assert_true(isinf(policy_choose(four, 0, 1, 1)));
    struct recorded alike[] = {{0.5, 0, 1, 1, 1}, {0.5, 1, 0, 1, 1}};
    assert_true(isinf(policy_choose(alike, 2, 0.5, 1))); /* who wishes alike goes together */
}

static void who_is_sure_is_believed_from_where_that_was_right(void **state) {
    double probabilities[200];
    bool good[200];
    (void)state;
    assert_true(isinf(calibration_least(NULL, NULL, 0, 0.9)));
    for (int i = 0; i < 200; i++) {
        probabilities[i] = 0.8;
        good[i] = true;
    }
    assert_true(isinf(calibration_least(probabilities, good, 34, 0.9)));
    assert_float_equal(calibration_least(probabilities, good, 35, 0.9), 0.8, 1e-12);
    for (int i = 0; i < 200; i++) { /* from 0.5 up all are good, below that none */
        probabilities[i] = i / 200.0;
        good[i] = i >= 100;
    }
    double least = calibration_least(probabilities, good, 200, 0.9);
    assert_true(least < 0.5 && least > 0.45); /* a few of the others are borne */
    for (int i = 0; i < 200; i++) {           /* as good as a coin, whatever is told */
        good[i] = i % 2;
    }
    assert_true(isinf(calibration_least(probabilities, good, 200, 0.9)));
    for (int i = 0; i < 200; i++) /* of equals all or none */
        probabilities[i] = 0.7, good[i] = i >= 60;
    assert_true(isinf(calibration_least(probabilities, good, 200, 0.9)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_data_a_surer_draft_is_likelier_and_nothing_known_is_even),
        cmocka_unit_test(a_grade_is_believed),
        cmocka_unit_test(the_fit_is_the_mode_of_likelihood_and_prior),
        cmocka_unit_test(a_kind_is_as_all_until_it_has_rows_of_its_own),
        cmocka_unit_test(what_is_told_is_calibrated_on_rows_not_seen),
        cmocka_unit_test(calibration_error_is_the_mean_distance_by_bin),
        cmocka_unit_test(a_policy_pays_for_whom_it_asks),
        cmocka_unit_test(the_margin_keeps_to_the_calls_and_asks_for_no_more_than_is_wanted),
        cmocka_unit_test(who_is_sure_is_believed_from_where_that_was_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
