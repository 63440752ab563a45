/* Breakers and limits, on a clock of the test's own. */
#include "company/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void leave(struct gate *gate, enum call_end end, double now) {
    assert_null(gate_enter(gate, 1, now));
    gate_leave(gate, end, -1, now);
}

static void three_failures_open_the_breaker_and_one_try_closes_it(void **state) {
    (void)state;
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    double now = clock_seconds();
    leave(&gate, CALL_CUT, now);
    leave(&gate, CALL_SLOW, now);
    leave(&gate, CALL_FAILED, now);
    assert_int_equal(gate_enter(&gate, 1, now + 1)->status, 503);
    assert_null(gate_enter(&gate, 1, now + 12)); /* the one that tries */
    assert_non_null(gate_enter(&gate, 1, now + 12));
    gate_leave(&gate, CALL_DONE, -1, now + 12);
    assert_null(gate_enter(&gate, 1, now + 12));
    gate_close(&gate);
}

static void a_breaker_that_fails_again_waits_longer(void **state) {
    (void)state;
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    double now = clock_seconds();
    for (int i = 0; i < 3; i++)
        leave(&gate, CALL_UNREACHABLE, now);
    now += 12;
    leave(&gate, CALL_UNREACHABLE, now);
    assert_non_null(gate_enter(&gate, 1, now + 17)); /* 20 s, less a tenth */
    assert_null(gate_enter(&gate, 1, now + 23));
    gate_close(&gate);
}

static void many_that_fail_at_once_are_one_failure_of_the_member(void **state) {
    (void)state;
    enum { MANY = 40 };
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    double now = clock_seconds();
    for (int i = 0; i < MANY; i++)
        assert_null(gate_enter(&gate, 1, now));
    for (int i = 0; i < MANY; i++)
        gate_leave(&gate, CALL_CUT, -1, now + i * 0.01);
    assert_non_null(gate_enter(&gate, 1, now + 8));
    assert_null(gate_enter(&gate, 1, now + 12)); /* not in five minutes */
    gate_leave(&gate, CALL_DONE, -1, now + 12);
    gate_close(&gate);
}

static void a_success_between_failures_keeps_it_closed(void **state) {
    (void)state;
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    for (int i = 0; i < 20; i++)
        leave(&gate, i % 3 == 2 ? CALL_DONE : CALL_CUT, clock_seconds());
    assert_null(gate_enter(&gate, 1, clock_seconds()));
    gate_close(&gate);
}

static void a_request_that_is_refused_or_given_up_says_nothing_of_the_member(void **state) {
    (void)state;
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    for (int i = 0; i < 10; i++)
        leave(&gate, i % 2 ? CALL_REFUSED : CALL_CANCELLED, clock_seconds());
    assert_null(gate_enter(&gate, 1, clock_seconds()));
    gate_close(&gate);
}

static void retry_after_is_obeyed(void **state) {
    (void)state;
    struct plan_member member = {.name = "m"};
    struct gate gate;
    gate_open(&gate, &member);
    double now = clock_seconds();
    assert_null(gate_enter(&gate, 1, now));
    gate_leave(&gate, CALL_BUSY, 30, now);
    assert_non_null(gate_enter(&gate, 1, now + 29));
    assert_null(gate_enter(&gate, 1, now + 31));
    gate_close(&gate);
}

static void a_minute_has_its_requests_and_tokens_and_no_more(void **state) {
    (void)state;
    struct plan_member member = {
        .name = "m", .requests_a_minute = 3, .tokens_a_minute = 1000, .at_once = 2};
    struct gate gate;
    gate_open(&gate, &member);
    double now = clock_seconds();
    assert_null(gate_enter(&gate, 400, now));
    assert_null(gate_enter(&gate, 400, now));
    assert_non_null(gate_enter(&gate, 10, now)); /* two at once */
    gate_leave(&gate, CALL_DONE, -1, now);
    assert_non_null(gate_enter(&gate, 400, now)); /* 200 tokens are left */
    assert_null(gate_enter(&gate, 100, now));
    gate_leave(&gate, CALL_DONE, -1, now);
    gate_leave(&gate, CALL_DONE, -1, now);
    assert_non_null(gate_enter(&gate, 10, now)); /* three requests */
    assert_null(gate_enter(&gate, 10, now + 25));
    gate_close(&gate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_failures_open_the_breaker_and_one_try_closes_it),
        cmocka_unit_test(a_breaker_that_fails_again_waits_longer),
        cmocka_unit_test(many_that_fail_at_once_are_one_failure_of_the_member),
        cmocka_unit_test(a_success_between_failures_keeps_it_closed),
        cmocka_unit_test(a_request_that_is_refused_or_given_up_says_nothing_of_the_member),
        cmocka_unit_test(retry_after_is_obeyed),
        cmocka_unit_test(a_minute_has_its_requests_and_tokens_and_no_more),
    };
    return cmocka_run_group_tests_name("company_gate", tests, NULL, NULL);
}
