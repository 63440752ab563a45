/* The scheduler over simulated learners: what docs/learning.md claims, at a small size. */
#include "school/school.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static json_t *simulate(const char *course, int learners, uint64_t seed) {
    struct fault fault = {0};
    json_t *found = school_simulate(course, learners, seed, &fault);
    if (!found)
        fail_msg("%s", fault.message);
    return found;
}

static const json_t *policy(const json_t *simulated, const char *name) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(simulated, "policies"), i, one) {
        if (!strcmp(json_text(one, "name", ""), name))
            return one;
    }
    fail_msg("there is no %s", name);
    return NULL;
}

static double figure(const json_t *policy, const char *part, const char *name) {
    return json_number(json_object_get(policy, part), name, -1);
}

static void the_same_seed_gives_the_same_figures_and_another_does_not(void **state) {
    (void)state;
    json_t *one = simulate(SMALL_COURSE, 20, 5), *same = simulate(SMALL_COURSE, 20, 5),
           *other = simulate(SMALL_COURSE, 20, 6);
    assert_true(json_equal(one, same));
    assert_false(json_equal(json_object_get(one, "policies"), json_object_get(other, "policies")));
    json_decref(one);
    json_decref(same);
    json_decref(other);
}

static void challenge_is_near_its_target_and_claims_are_true(void **state) {
    (void)state;
    json_t *all = simulate(FIRST_COURSE, 150, 3);
    const json_t *school = policy(all, "lyceum");
    assert_true(fabs(figure(school, "success", "mean") - 0.85) < 0.08);
    assert_true(figure(school, "success", "learners_within_tenth") > 0.8);
    assert_true(figure(school, "prediction", "calibration_error") < 0.05);
    assert_true(figure(school, "mastery", "calibration_error") < 0.1);
    assert_true(figure(school, "mastery", "auc") > 0.7);
    assert_true(figure(school, "told_as_mastered", "had") > 0.95);
    json_decref(all);
}

static void mastery_comes_sooner_than_in_fixed_or_random_order(void **state) {
    (void)state;
    json_t *all = simulate(FIRST_COURSE, 150, 4);
    double school = figure(policy(all, "lyceum"), "answers_to_mastery", "median");
    double fixed = figure(policy(all, "fixed order"), "answers_to_mastery", "median");
    double chance = figure(policy(all, "random order"), "answers_to_mastery", "median");
    assert_true(school > 0 && school < fixed && school < chance);
    json_decref(all);
}

static void a_folder_that_is_no_course_is_told(void **state) {
    (void)state;
    struct fault fault = {0};
    assert_null(school_simulate("/nowhere", 3, 1, &fault));
    assert_int_not_equal(fault.kind, FAULT_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_figures_and_another_does_not),
        cmocka_unit_test(challenge_is_near_its_target_and_claims_are_true),
        cmocka_unit_test(mastery_comes_sooner_than_in_fixed_or_random_order),
        cmocka_unit_test(a_folder_that_is_no_course_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
