/* Budgets: set aside before, settled after, never over, and still known after a crash. */
#include "company/company.h"
#include "company/spending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/lyceum-spending-XXXXXX";

static int set_up(void **state) {
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return mkdtemp(folder) ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const names[] = {"company.db", "company.db-wal", "company.db-shm"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static struct plan rich(void) {
    struct plan plan = {.currency = "EUR"};
    plan.budgets[BUDGET_SCHOOL][BUDGET_DAY] =
        (struct budget_limit){.has_money = true, .money = 0.01};
    plan.budgets[BUDGET_LEARNER][BUDGET_DAY] =
        (struct budget_limit){.has_tokens = true, .tokens = 1000};
    return plan;
}

static bool claim(struct spending *spending, const struct plan *plan, const char *learner,
                  int64_t money, int64_t tokens, struct claim *out) {
    char why[200];
    struct company_payer payer = {.learner = learner};
    bool good = spending_claim(spending, plan, &payer, money, tokens, out, why);
    assert_true(good == !*why);
    return good;
}

static void each_budget_is_held(void **state) {
    (void)state;
    struct plan plan = rich();
    struct claim one, two;
    struct spending *spending = spending_open(folder, NULL);
    assert_true(claim(spending, &plan, "7", 6000, 600, &one));
    assert_false(claim(spending, &plan, "8", 6000, 600, &two)); /* the school's money */
    assert_false(claim(spending, &plan, "7", 100, 600, &two));  /* the learner's tokens */
    assert_true(claim(spending, &plan, "8", 4000, 600, &two));
    spending_settle(spending, &one, 1000, 100); /* it cost less */
    assert_true(claim(spending, &plan, "7", 5000, 900, &one));
    spending_close(spending);
}

static void a_key_has_a_budget_of_its_own_beside_that_of_every_program(void **state) {
    (void)state;
    struct plan plan = {.currency = "EUR"};
    plan.budgets[BUDGET_PROGRAM][BUDGET_DAY] =
        (struct budget_limit){.has_money = true, .money = 0.01};
    struct company_payer poor = {.program = "poor", .day = {.has_tokens = true, .tokens = 100}},
                         rich = {.program = "rich"};
    struct claim claim;
    char why[200];
    struct spending *spending = spending_open(folder, NULL);
    assert_true(spending_claim(spending, &plan, &poor, 10, 90, &claim, why));
    assert_false(spending_claim(spending, &plan, &poor, 10, 20, &claim, why));
    assert_string_equal(claim.short_of, "the program's budget for today");
    assert_string_equal(why, "the program's budget for today has no room: 90 of 100 tokens are "
                             "used");
    assert_true(spending_claim(spending, &plan, &rich, 9000, 2000, &claim, why));
    assert_false(spending_claim(spending, &plan, &rich, 2000, 20, &claim, why));
    spending_close(spending);
    struct fault fault = {0};
    json_t *today = company_programs_today(folder, &fault);
    assert_true(json_number(json_object_get(today, "poor"), "tokens", 0) == 90);
    assert_true(json_number(json_object_get(today, "rich"), "money", 0) == 0.009);
    json_decref(today);
}

static void what_was_set_aside_is_known_after_a_crash(void **state) {
    (void)state;
    struct plan plan = rich();
    struct claim one;
    pid_t child = fork();
    if (!child) {
        struct spending *spending = spending_open(folder, NULL);
        _exit(claim(spending, &plan, "7", 9000, 10, &one) ? 0 : 1); /* and dies */
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    struct spending *spending = spending_open(folder, NULL);
    assert_false(claim(spending, &plan, "7", 2000, 10, &one));
    assert_true(claim(spending, &plan, "7", 1000, 10, &one));
    json_t *now = spending_status(spending, &plan);
    assert_true(json_number(now, "money", 0) == 0.01);
    json_decref(now);
    spending_close(spending);
}

struct spender {
    struct spending *spending;
    const struct plan *plan;
    int64_t spent;
    int n;
};

static void *spend(void *data) {
    struct spender *spender = data;
    struct claim one;
    char why[200];
    struct company_payer payer = {.learner = "7"};
    for (int i = 0; i < 60; i++)
        if (spending_claim(spender->spending, spender->plan, &payer, 500, 10, &one, why)) {
            int64_t cost = 100 + (i % 5) * 100; /* up to what was set aside */
            spending_settle(spender->spending, &one, cost, 5);
            spender->spent += cost;
            spender->n++;
        }
    return NULL;
}

static void many_at_once_never_spend_more_than_there_is(void **state) {
    (void)state;
    enum { N = 8 };
    struct plan plan = rich();
    struct spending *first = spending_open(folder, NULL), *second = spending_open(folder, NULL);
    struct spender spenders[N] = {{0}};
    pthread_t threads[N];
    int64_t spent = 0;
    for (int i = 0; i < N; i++) { /* as two programs on one folder */
        spenders[i] = (struct spender){.spending = i % 2 ? first : second, .plan = &plan};
        pthread_create(&threads[i], NULL, spend, &spenders[i]);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        spent += spenders[i].spent;
    }
    assert_true(spent <= 10000);
    assert_true(spent > 10000 - 500); /* and what there is can be spent */
    json_t *now = spending_status(first, &plan);
    assert_true(json_number(now, "money", 0) * 1e6 == (double)spent);
    json_decref(now);
    spending_close(first);
    spending_close(second);
}

static void why_there_is_no_room_names_the_budget(void **state) {
    (void)state;
    struct plan plan = rich();
    struct claim one;
    char why[200];
    struct company_payer payer = {.learner = "7"};
    struct spending *spending = spending_open(NULL, NULL);
    assert_false(spending_claim(spending, &plan, &payer, 1, 5000, &one, why));
    assert_non_null(strstr(why, "learner"));
    assert_non_null(strstr(why, "today"));
    assert_false(spending_claim(spending, &plan, &payer, 50000, 1, &one, why));
    assert_non_null(strstr(why, "school"));
    assert_non_null(strstr(why, "EUR"));
    spending_close(spending);
}

/* The number stands in no byte of the files any more, other learners' and the school's do. */
static void what_a_forgotten_learner_cost_is_in_no_byte(void **state) {
    (void)state;
    struct plan plan = rich();
    struct claim one, two;
    struct fault fault = {0};
    static const int64_t gone[] = {654321987, 555555555};
    assert_true(company_forget(folder, gone, COUNT_OF(gone), &fault)); /* nothing is kept yet */
    struct spending *spending = spending_open(folder, NULL);
    assert_true(claim(spending, &plan, "654321987", 100, 600, &one));
    assert_true(claim(spending, &plan, "123456789", 100, 700, &two));
    spending_close(spending);
    assert_true(company_forget(folder, gone, COUNT_OF(gone), &fault));
    static const char *const names[] = {"company.db", "company.db-wal"};
    size_t n_other = 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[200];
        struct buffer bytes = {0};
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (file_exists(path))
            assert_true(file_read(path, 1 << 24, &bytes, &fault));
        assert_true(view_find(buffer_view(&bytes), VIEW("654321987")) < 0);
        n_other += view_find(buffer_view(&bytes), VIEW("123456789")) >= 0;
        buffer_free(&bytes);
    }
    assert_true(n_other > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_budget_is_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_has_a_budget_of_its_own_beside_that_of_every_program,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_set_aside_is_known_after_a_crash, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_at_once_never_spend_more_than_there_is, set_up,
                                        tear_down),
        cmocka_unit_test(why_there_is_no_room_names_the_budget),
        cmocka_unit_test_setup_teardown(what_a_forgotten_learner_cost_is_in_no_byte, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("company_spending", tests, NULL, NULL);
}
