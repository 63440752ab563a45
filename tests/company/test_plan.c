/* company.yaml: what it may say, and that each mistake is told where it stands. */
#include "company/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char whole[] =
    "members:\n"
    "  small: {local: default}\n"
    "  bigger:\n"
    "    local: models/bigger.gguf\n"
    "  cloud:\n"
    "    address: https://api.example.org/v1/\n"
    "    model: large\n"
    "    key_from: CLOUD_KEY\n"
    "    price: {input: 0.5, output: 2}\n"
    "    limits: {requests_a_minute: 60, tokens_a_minute: 90000, at_once: 4}\n"
    "    context: 128000\n"
    "    abilities: [tools, schema, prefill]\n"
    "    patience: {connect: 2, first_token: 6, between_tokens: 3, whole: 60}\n"
    "    retries: 2\n"
    "  cluster:\n"
    "    address: [http://10.0.0.1:8000/v1, http://10.0.0.2:8000/v1]\n"
    "    model: m\n"
    "roles:\n"
    "  front: {members: [cluster, cloud, small], hedge: 1.5}\n"
    "  senior: [cloud, bigger]\n"
    "budgets:\n"
    "  school: {day: {money: 2.5, tokens: 500000}, month: {money: 30}}\n"
    "  learner: {day: {tokens: 20000}}\n"
    "currency: EUR\n"
    "escalate: {margin: 0.25}\n";

static struct plan *parse(const char *text, json_t *problems) {
    return plan_parse(view_of(text), "/school/", &(struct report){problems, "company.yaml"});
}

static void all_that_it_says_is_read(void **state) {
    (void)state;
    json_t *problems = json_array();
    struct plan *plan = parse(whole, problems);
    assert_non_null(plan);
    assert_int_equal(json_array_size(problems), 0);
    const struct plan_member *cloud = &plan->members[plan_find(plan, "cloud")],
                             *bigger = &plan->members[plan_find(plan, "bigger")];
    assert_string_equal(cloud->addresses[0], "https://api.example.org/v1");
    assert_string_equal(cloud->key_from, "CLOUD_KEY");
    assert_true(cloud->price_output == 2 && cloud->price_input == 0.5);
    assert_int_equal(cloud->at_once, 4);
    assert_int_equal(cloud->context, 128000);
    assert_true(cloud->abilities & ABLE_PREFILL && !(cloud->abilities & ABLE_LOGPROBS));
    assert_true(cloud->patience.between_tokens == 3);
    assert_string_equal(bigger->model, "/school/models/bigger.gguf");
    assert_null(plan->members[plan_find(plan, "small")].model);
    assert_int_equal(plan->members[plan_find(plan, "cluster")].n_address, 2);
    assert_int_equal(plan->roles[COMPANY_FRONT].n, 3);
    assert_true(plan->roles[COMPANY_FRONT].hedge == 1.5);
    assert_true(plan->budgets[BUDGET_SCHOOL][BUDGET_MONTH].money == 30);
    assert_int_equal(plan->budgets[BUDGET_LEARNER][BUDGET_DAY].tokens, 20000);
    assert_false(plan->budgets[BUDGET_CLASS][BUDGET_DAY].has_money);
    assert_string_equal(plan->currency, "EUR");
    assert_true(plan->escalates && plan->margin == 0.25);
    plan_free(plan);
    json_decref(problems);
}

static void a_role_that_is_not_written_is_the_floor_alone(void **state) {
    (void)state;
    struct plan *plan = parse(whole, NULL);
    const struct plan_role *worker = &plan->roles[COMPANY_WORKER];
    assert_int_equal(worker->n, 1);
    assert_true(plan->members[worker->members[0]].local);
    plan_free(plan);
}

#define HEAD "members:\n  small: {local: default}\n"
#define REMOTE HEAD "  cloud:\n    address: https://a.example/v1\n    model: m\n"
#define ROLES "roles: {front: [small]}\n"
static const struct {
    const char *text;
    long line;
    const char *says;
} mistakes[] = {
    {"", 1, "no company"},
    {"[1, 2]", 1, "no company"},
    {"members: {a: [}", 1, "not YAML"},
    {"roles: {front: [small]}\n", 1, "no members"},
    {HEAD, 1, "nobody a role"},
    {HEAD ROLES "extra: 1\n", 4, "no key \"extra\""},
    {HEAD ROLES "escalate: 0.1\n", 4, "no margin"},
    {HEAD ROLES "escalate: {margin: 2}\n", 4, "from -1 to 1"},
    {HEAD ROLES "escalate: {margin: 0, calls: 1}\n", 4, "no key \"calls\""},
    {HEAD "  small: {local: default}\n" ROLES, 3, "twice"},
    {REMOTE "roles:\n  front: [small, cloud]\n", 7, "not local"},
    {REMOTE "roles:\n  front:\n    - small\n    - cluod\n    - small\n", 9, "no member"},
    {REMOTE "roles:\n  front: [small, small]\n", 7, "twice"},
    {REMOTE "roles:\n  front: []\n", 7, "no list"},
    {REMOTE "roles:\n  fornt: [small]\n", 7, "no key \"fornt\""},
    {HEAD "  both: {local: default, address: \"https://a.example\"}\n" ROLES, 3, "both local"},
    {HEAD "  none: {}\n" ROLES, 3, "neither"},
    {HEAD "  front: {local: default}\n" ROLES, 3, "role"},
    {HEAD "  lyceum: {local: default}\n" ROLES, 3, "whole company"},
    {HEAD "  \"a b\": {local: default}\n" ROLES, 3, "other signs"},
    {HEAD "  cloud:\n    address: https://a.example/v1\n" ROLES, 3, "which model"},
    {HEAD "  cloud:\n    address: ftp://a.example/v1\n    model: m\n" ROLES, 4, "neither https"},
    {HEAD "  cloud:\n    address: https://me:secret@a.example\n    model: m\n" ROLES, 4, "key"},
    {HEAD "  cloud:\n    address: http://a.example/v1\n    model: m\n    key_from: K\n" ROLES, 4,
     "in the clear"},
    {REMOTE "    key_from: sk-123abc\n" ROLES, 6, "no name of an environment variable"},
    {REMOTE "    price: {inptu: 1}\n" ROLES, 6, "no key \"inptu\""},
    {REMOTE "    price: {input: -1}\n" ROLES, 6, "must be a number"},
    {REMOTE "    price: cheap\n" ROLES, 6, "mapping"},
    {REMOTE "    context: many\n" ROLES, 6, "whole number"},
    {REMOTE "    abilities: [fly]\n" ROLES, 6, "no ability"},
    {REMOTE "    patience: {connect: 0}\n" ROLES, 6, "must be a number"},
    {HEAD "  big: {local: a.gguf, price: {input: 1}}\n" ROLES, 3, "belongs to an address"},
    {HEAD ROLES "budgets:\n  school: {day: {}}\n", 5, "no limit"},
    {HEAD ROLES "budgets:\n  school: {week: {money: 1}}\n", 5, "no key \"week\""},
    {HEAD ROLES "budgets:\n  school: {day: {money: lots}}\n", 5, "must be a number"},
};

static void each_mistake_is_told_with_its_line_and_a_remedy(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        json_t *problems = json_array();
        assert_null(parse(mistakes[i].text, problems));
        assert_true(json_array_size(problems) > 0);
        bool found = false;
        for (size_t j = 0; j < json_array_size(problems); j++) {
            const json_t *one = json_array_get(problems, j);
            found |= (long)json_number(one, "line", 0) == mistakes[i].line &&
                     strstr(json_text(one, "message", ""), mistakes[i].says) &&
                     *json_text(one, "remedy", "");
        }
        if (!found) {
            char *text = json_dumps(problems, 0);
            print_message("# %s\n# %s\n", mistakes[i].text, text);
        }
        assert_true(found);
        json_decref(problems);
    }
}

static void all_mistakes_are_told_at_once(void **state) {
    (void)state;
    json_t *problems = json_array();
    assert_null(parse(REMOTE "    context: 1\n    retries: 99\nroles: {front: [cloud]}\nx: 1\n",
                      problems));
    assert_int_equal(json_array_size(problems), 4);
    json_decref(problems);
}

static void a_key_that_was_pasted_is_not_shown_again(void **state) {
    (void)state;
    json_t *problems = json_array();
    assert_null(parse(REMOTE "    key_from: sk-verysecret\n" ROLES, problems));
    char *text = json_dumps(problems, 0);
    assert_null(strstr(text, "verysecret"));
    free(text);
    json_decref(problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_it_says_is_read),
        cmocka_unit_test(a_role_that_is_not_written_is_the_floor_alone),
        cmocka_unit_test(each_mistake_is_told_with_its_line_and_a_remedy),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(a_key_that_was_pasted_is_not_shown_again),
    };
    return cmocka_run_group_tests_name("company_plan", tests, NULL, NULL);
}
