/* A lesson on a terminal: lines that fit, parted where the language allows, formulas in Unicode.
 */
#include "main/terminal_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_page(int width, const char *html, const char *wanted) {
    struct terminal_page page = {.width = width, .lead = "", .paint = ""};
    struct buffer out = {0};
    terminal_html(&page, view_of(html), &out);
    assert_string_equal(out.at, wanted);
    buffer_free(&out);
}

static void check_formula(const char *tex, const char *wanted) {
    struct buffer out = {0};
    terminal_formula(view_of(tex), &out);
    assert_string_equal(out.at, wanted);
    buffer_free(&out);
}

static void words_stay_whole(void **state) {
    (void)state;
    check_page(10, "<p>one two three</p>", "one two\nthree\n");
}

static void chinese_is_parted_anywhere_but_before_a_comma_and_behind_a_bracket(void **state) {
    (void)state;
    check_page(8, "<p>一二三四五</p>", "一二三四\n五\n");
    check_page(8, "<p>一二三四，五</p>", "一二三\n四，五\n");
    check_page(8, "<p>一二三（四）五</p>", "一二三\n（四）五\n");
    check_page(8, "<p>一二<strong>三四</strong>，五</p>", "一二三\n四，五\n");
    check_page(8, "<p>一二three四</p>", "一二\nthree四\n");
}

static void formulas_are_in_unicode(void **state) {
    (void)state;
    check_formula("L(w) = (w-3)^2 + 1", "L(w) = (w-3)² + 1");
    check_formula("10^{-12} \\leq x_1", "10⁻¹² ≤ x₁");
    check_formula("2^{n+1}", "2^(n+1)");
    check_formula("\\frac{a+1}{2}", "(a+1)/2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stay_whole),
        cmocka_unit_test(chinese_is_parted_anywhere_but_before_a_comma_and_behind_a_bracket),
        cmocka_unit_test(formulas_are_in_unicode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
