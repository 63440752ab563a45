/* The owner's page has a word for whatever the company calls its states, events and reasons. */
#include "company/board.h"
#include "company/gate.h"
#include "web/embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* embedded_word gives the key back where there is no such word. */
static void expect_word(const char *class, const char *name) {
    char key[80];
    snprintf(key, sizeof key, "firm_%s_%s", class, name);
    for (char *c = key; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    for (const char *const *language = embedded_languages; *language; language++)
        if (embedded_word(*language, key) == key)
            fail_msg("locales/%s.json: there is no %s", *language, key);
}

static void expect_all(const char *class, const char *const *names) {
    for (; *names; names++)
        expect_word(class, *names);
}

static void each_reason_has_a_word(void **state) {
    (void)state;
    static const char *const others[] = {"too long for it", "no budget", "no word in time", NULL};
    for (int end = 0; end < CALL_ENDS; end++)
        expect_word("why", call_end_name((enum call_end)end));
    for (size_t i = 0; gate_reasons[i].name; i++)
        expect_word("why", gate_reasons[i].name);
    expect_all("why", others);
}

static void each_event_state_role_and_budget_has_a_word(void **state) {
    (void)state;
    static const char *const states[] = {"ready",  "open",   "trying",  "busy",
                                         "no key", "absent", "loading", NULL};
    for (int kind = 0; kind < BOARD_KINDS; kind++)
        expect_word("event", board_kind_name((enum board_kind)kind));
    expect_all("state", states);
    expect_all("role", company_role_names);
    for (int i = 0; i < BUDGET_SCOPES; i++)
        expect_word("most", budget_scope_names[i]);
    for (int i = 0; i < BUDGET_PERIODS; i++)
        expect_word("period", budget_period_names[i]);
}

static void each_head_of_a_table_has_a_word(void **state) {
    (void)state;
    static const char *const heads[] = {"role", "member", "seconds", "pieces",
                                        "told", "did",    "drafts",  NULL};
    for (const char *const *language = embedded_languages; *language; language++)
        for (size_t i = 0; heads[i]; i++) {
            char key[40];
            snprintf(key, sizeof key, "firm_%s", heads[i]);
            assert_ptr_not_equal(embedded_word(*language, key), key);
        }
}

/* What is filled in is in every language. */
static void a_word_with_a_place_has_it_in_every_language(void **state) {
    (void)state;
    for (const char *const *language = embedded_languages; *language; language++) {
        assert_non_null(strstr(embedded_word(*language, "firm_out"), "%d"));
        assert_non_null(strstr(embedded_word(*language, "firm_judged"), "%s"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_a_word),
        cmocka_unit_test(each_event_state_role_and_budget_has_a_word),
        cmocka_unit_test(each_head_of_a_table_has_a_word),
        cmocka_unit_test(a_word_with_a_place_has_it_in_every_language),
    };
    return cmocka_run_group_tests_name("company_words", tests, NULL, NULL);
}
