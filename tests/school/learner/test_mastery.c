/* Mastery, against published figures and against what it must mean. */
#include "school/learner/learner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct tracing published = {0.15502742836, 0.12429837372, 0.30779643021,
                                         0.00102020775};

static void near(double found, double wanted) {
    assert_true(fabs(found - wanted) < 5e-9);
}

static void mastery_follows_the_published_figures(void **state) {
    (void)state;
    static const double wanted[] = {0.45113211, 0.76123639, 0.92283015};
    double mastery = published.start;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        mastery = tracing_after(&published, mastery, true);
        near(mastery, wanted[i]);
    }
    near(tracing_after(&published, published.start, false), 0.12453511);
}

static void a_right_answer_never_lowers_mastery_and_is_worth_more_than_a_wrong_one(void **state) {
    (void)state;
    for (int i = 0; i <= 1000; i++) {
        double mastery = i / 1000.0;
        double right = tracing_after(&tracing_default, mastery, true);
        double wrong = tracing_after(&tracing_default, mastery, false);
        assert_true(right >= mastery && right <= 1);
        assert_true(wrong >= 0 && wrong <= right);
        double chance = tracing_right(&tracing_default, mastery);
        assert_true(chance >= 0.2 && chance <= 0.9);
    }
}

static void three_right_answers_in_a_row_are_mastery_and_two_are_not(void **state) {
    (void)state;
    double mastery = tracing_default.start;
    mastery = tracing_after(&tracing_default, mastery, true);
    mastery = tracing_after(&tracing_default, mastery, true);
    assert_true(mastery < 0.95);
    mastery = tracing_after(&tracing_default, mastery, true);
    assert_true(mastery > 0.95);
}

static void an_observation_that_the_model_calls_impossible_tells_nothing(void **state) {
    (void)state;
    const struct tracing sure = {.start = 0, .transit = 0.5, .guess = 0, .slip = 0};
    near(tracing_after(&sure, 0, true), 0.5);
    near(tracing_after(&sure, 1, false), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mastery_follows_the_published_figures),
        cmocka_unit_test(a_right_answer_never_lowers_mastery_and_is_worth_more_than_a_wrong_one),
        cmocka_unit_test(three_right_answers_in_a_row_are_mastery_and_two_are_not),
        cmocka_unit_test(an_observation_that_the_model_calls_impossible_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
