/* Recorded questions: what the margin found on one half keeps on the other, and what is kept of
 * drafts between two starts. */
#include "company/judged.h"
#include "company/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct tuning half = {.calls = 0.5, .share = 1};

/* The worker is right as often as it says; the senior knows "a" and is no better on "b". */
static void record(struct buffer *lines, int n) {
    srand48(3);
    for (int i = 0; i < n; i++) {
        double sure = drand48();
        bool right = drand48() < sure, knows = i % 4 < 2;
        buffer_format(lines,
                      "{\"kind\":\"%s\",\"worker\":{\"quality\":%d,\"cost\":1,\"features\":"
                      "{\"mean\":%.4f,\"check\":null}},\"senior\":{\"quality\":%d,\"cost\":10}}\n",
                      knows ? "a" : "b", right, log(0.01 + 0.98 * sure), knows || right);
    }
}

static double of(const json_t *tuned, const char *policy, const char *key) {
    return json_number(json_object_get(tuned, policy), key, NAN);
}

static void half_of_the_calls_keep_most_of_what_the_senior_adds(void **state) {
    (void)state;
    struct buffer lines = {0};
    struct fault fault = {0};
    record(&lines, 2000);
    json_t *tuned = company_tune(buffer_view(&lines), &half, &fault);
    assert_non_null(tuned);
    assert_int_equal(json_number(tuned, "held_out", 0), 1000);
    assert_true(of(tuned, "chosen", "calls") <= 0.55);
    assert_true(of(tuned, "share", "at") > 0.9);
    assert_true(of(tuned, "share", "low") <= of(tuned, "share", "at") &&
                of(tuned, "share", "at") <= of(tuned, "share", "high"));
    assert_float_equal(of(tuned, "senior", "cost"), 11, 1e-9);
    assert_true(of(tuned, "reliability", "expected_calibration_error") < 0.08);
    const json_t *curve = json_object_get(tuned, "curve"), *one;
    size_t i;
    json_array_foreach(curve, i, one) {
        double oracle =
            json_number(json_array_get(json_object_get(tuned, "oracle"), i), "quality", 0);
        assert_true(json_number(one, "quality", 2) <= oracle + 1e-9);
    }
    json_decref(tuned);
    buffer_free(&lines);
}

static void a_line_that_is_none_is_told(void **state) {
    (void)state;
#define SENIOR "\"senior\":{\"quality\":1,\"cost\":1}}"
    static const char sure[] = "{\"kind\":\"a\",\"worker\":{\"quality\":2,\"cost\":1}," SENIOR;
    static const char likely[] =
        "{\"kind\":\"a\",\"worker\":{\"quality\":1,\"cost\":1,\"features\":"
        "{\"mean\":1}}," SENIOR;
    const char *const wrong[] = {"{}", "nonsense", "[]", sure, likely};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buffer lines = {0};
        struct fault fault = {0};
        record(&lines, 30);
        buffer_format(&lines, "%s\n", wrong[i]);
        assert_null(company_tune(buffer_view(&lines), &half, &fault));
        assert_int_equal(fault.line, 31);
        buffer_free(&lines);
    }
    struct fault fault = {0};
    assert_null(company_tune(VIEW(""), &half, &fault));
    assert_non_null(strstr(fault.message, "too few"));
}

static void the_margin_takes_the_place_of_the_old_one(void **state) {
    (void)state;
    static const char before[] = "members:\n  small: {local: default}\nescalate:\n  margin: 0.5\n"
                                 "roles: {front: [small]} # first\n";
    char path[] = "/tmp/lyceum-margin-XXXXXX";
    struct buffer text = {0};
    struct fault fault = {0};
    close(mkstemp(path));
    assert_true(file_write(path, view_of(before), &fault));
    assert_true(company_write_margin(path, 0.125, NULL, &fault));
    struct plan *plan = plan_load(path, NULL);
    assert_true(plan && plan->escalates && plan->margin == 0.125);
    plan_free(plan);
    assert_true(file_read(path, 4096, &text, &fault));
    assert_non_null(strstr(text.at, "# first"));
    assert_true(file_write(path, VIEW("members: 3\n"), &fault));
    json_t *problems = json_array();
    assert_false(company_write_margin(path, 0.125, problems, &fault));
    assert_true(json_array_size(problems) > 0);
    buffer_clear(&text);
    assert_true(file_read(path, 4096, &text, NULL));
    assert_string_equal(text.at, "members: 3\n");
    json_decref(problems);
    buffer_free(&text);
    unlink(path);
}

static void what_became_of_drafts_is_known_after_a_new_start(void **state) {
    (void)state;
    char folder[] = "/tmp/lyceum-judged-XXXXXX";
    static const char *const names[] = {"company.db", "company.db-wal", "company.db-shm"};
    struct judged row = {.kind = "hint en", .features = {-0.5, NAN, NAN, NAN, NAN, 9}};
    struct features features = row.features;
    assert_non_null(mkdtemp(folder));
    struct judging *judging = judging_open(folder, NULL);
    double before = judging_probability(judging, "small", row.kind, &features);
    for (int i = 0; i < 100; i++) {
        row.content = i % 10 == 0;
        judging_learn(judging, "small", &row,
                      judging_probability(judging, "small", row.kind, &features));
    }
    double after = judging_probability(judging, "small", row.kind, &features);
    assert_true(before > 0.4 && after < 0.2);
    assert_float_equal(judging_probability(judging, "half", row.kind, &features), before, 1e-9);
    judging_close(judging);
    judging = judging_open(folder, NULL);
    assert_float_equal(judging_probability(judging, "small", row.kind, &features), 0.1, 0.05);
    assert_true(judging_content(judging, "small", row.kind) < 0.2);
    double before_regret = judging_content(judging, "small", row.kind);
    json_t *status = judging_status(judging);
    assert_int_equal(json_number(json_array_get(status, 0), "n", 0), 100);
    json_decref(status);
    judging_regret(judging, "small", &row); /* one of the ten was not content after all */
    judging_close(judging);
    judging = judging_open(folder, NULL);
    assert_float_equal(judging_content(judging, "small", row.kind), before_regret - 0.01, 2e-3);
    judging_close(judging);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_of_the_calls_keep_most_of_what_the_senior_adds),
        cmocka_unit_test(a_line_that_is_none_is_told),
        cmocka_unit_test(the_margin_takes_the_place_of_the_old_one),
        cmocka_unit_test(what_became_of_drafts_is_known_after_a_new_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
