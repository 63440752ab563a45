/* algebra: whatever is typed, the work is bounded, and what is over a bound is refused. Work is
 * counted, in bytes of the arena and in steps, and never timed. */
#include "algebra/algebra.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 4 << 20, MOST_STEPS = 400000 };

static struct buffer repeated(const char *what, int n, const char *end) {
    struct buffer out = {0};
    for (int i = 0; i < n; i++)
        buffer_text(&out, what);
    buffer_text(&out, end);
    return out;
}

static enum fault_kind parse_kind(struct view text) {
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct expression *e = expression_parse(arena, text, NULL, &fault);
    assert_true(arena_size(arena) <= MOST_BYTES);
    assert_true((e != NULL) == (fault.kind == FAULT_NONE));
    arena_free(arena);
    return fault.kind;
}

static void what_is_too_long_or_too_deep_or_too_large_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int n;
        const char *end;
    } rows[] = {
        {"(", 1 << 20, ""},
        {"(", 61, "x"},
        {"[", 100, "1"},
        {"{", 100, "1"},
        {"-", 100, "1"},
        {"sqrt ", 100, "2"},
        {"|", 101, "x"},
        {"\\frac{", 100, "1"},
        {"2^", 100, "2"},
        {"x^{", 100, "2"},
        {"9", 500, ""},
        {"1/", 1999, "1"},
        {"9", 1000000, ""},
        {"1+", 1500, "1"},
        {"x", 3000, ""},
        {"\\sqrt[3]{", 80, "2"},
        {"9^9^9^9", 1, ""},
        {"2^(2^(2^100))", 1, ""},
        {"x^(10^9)", 1, ""},
        {"1e999999", 1, ""},
        {"1e-999999", 1, ""},
        {"x^99999", 1, ""},
        {"x^-99999", 1, ""},
        {"1e99999999999999999999999", 1, ""},
        {"\\begin{pmatrix}", 100, "1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = repeated(rows[i].what, rows[i].n, rows[i].end);
        if (parse_kind(buffer_view(&text)) != FAULT_LIMIT)
            fail_msg("%s × %d was not refused", rows[i].what, rows[i].n);
        buffer_free(&text);
    }
}

static void bytes_that_are_no_text_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        struct view text;
        int64_t byte;
    } rows[] = {
        {{"x\0y", 3}, 1},   {{"\xff", 1}, 0}, {{"x=\xc3", 3}, 2}, {{"\xed\xa0\x80", 3}, 0},
        {{"2+\x01", 3}, 2}, {{"π+#", 4}, 3},  {{"½@", 3}, 2},     {{"x=5\xf0\x9f\x98\x80", 7}, 3},
        {{"²²²)", 7}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new();
        struct fault fault = {0};
        assert_null(expression_parse(arena, rows[i].text, NULL, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        assert_int_equal(fault.byte, rows[i].byte);
        arena_free(arena);
    }
}

/* Compares, in every form; the work stays bounded whatever comes out. */
static void compare_bounded(const char *key_text, const char *answer_text) {
    static const char *const forms[] = {"any",
                                        "same",
                                        "simplified",
                                        "lowest-terms",
                                        "factored",
                                        "expanded",
                                        "single-fraction",
                                        "partial-fractions",
                                        "completed-square"};
    for (size_t i = 0; i < COUNT_OF(forms) + 2; i++) {
        struct arena *arena = arena_new();
        struct comparison told = {0};
        struct fault fault = {0};
        struct compare_options options = {.seed = 7,
                                          .derivative = i == COUNT_OF(forms),
                                          .antiderivative = i == COUNT_OF(forms) + 1};
        if (i < COUNT_OF(forms))
            assert_true(form_of_name(forms[i], &options.form));
        struct expression *key = expression_parse(arena, view_of(key_text), NULL, &fault);
        struct expression *answer = expression_parse(arena, view_of(answer_text), NULL, &fault);
        if (!key || !answer)
            fail_msg("%.40s: %s", key ? answer_text : key_text, fault.message);
        bool good = expression_compare(key, answer, &options, &told, &fault);
        assert_true(good || fault.kind == FAULT_LIMIT || fault.kind == FAULT_INPUT);
        if (told.steps > MOST_STEPS)
            fail_msg("%.40s takes %ld steps", answer_text, told.steps);
        arena_free(arena);
    }
}

static void what_can_be_read_is_compared_in_bounded_work(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int n;
        const char *end;
    } rows[] = {
        {"1+", 900, "1"},
        {"x+", 900, "1"},
        {"sin x+", 300, "1"},
        {"x*", 900, "1"},
        {"x^9999+", 250, "1"},
        {"9999!+", 400, "1"},
        {"(x+y+z+w)^9999*", 150, "1"},
        {"1,", 900, "1"},
        {"x=1 or ", 300, "x=2"},
        {"x,y,z,w,", 120, "1"},
        {"sin(", 55, "x"},
        {"sqrt(", 55, "x"},
        {"e^", 50, "x"},
        {"x^", 50, "x"},
        {"1/(1+", 50, "x"},
        {"ln(", 50, "x"},
        {"(1/3+", 50, "x"},
        {"|x-1|+", 300, "1"},
        {"x<1 or ", 300, "x>9"},
        {"1e400*", 600, "1"},
        {"(9^9999)*", 200, "1"},
        {"±", 50, "x"},
        {"1±", 400, "1"},
        {"max(x,", 50, "1"},
        {"{1,2},", 200, "3"},
        {"x^y^", 25, "z"},
        {"sin(10^400)+", 200, "x"},
        {"(a+b+c+d)(a-b+c-d)", 20, ""},
        {"1/(x+1)+1/(x+2)+", 60, "1"},
        {"x^2<2 or ", 150, "x>9"},
        {"sqrt(x)<9 and ", 150, "x>9"},
        {"((((9999!)!)!)!)+", 99, "1"},
        {"x^90+", 300, "1"},
        {"(x+y)^40+", 150, "1"},
        {"abs(sin(x))-", 150, "1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer a = repeated(rows[i].what, rows[i].n, ""), b = {0};
        struct view end = view_of(rows[i].end);
        int depth = 0;
        buffer_append(&a, end.n ? end : VIEW(" "));
        for (size_t j = 0; j < a.n; j++)
            depth += a.at[j] == '(' ? 1 : a.at[j] == ')' ? -1 : 0;
        for (; depth > 0; depth--)
            buffer_byte(&a, ')');
        buffer_append(&b, buffer_view(&a));
        compare_bounded("x", a.at);
        compare_bounded(a.at, b.at);
        compare_bounded("x<2", a.at);
        compare_bounded("{1,2,x}", a.at);
        buffer_free(&a);
        buffer_free(&b);
    }
}

static void a_thousand_letters_are_over_the_bound_of_letters(void **state) {
    (void)state;
    struct buffer many = {0};
    for (int i = 0; i < 300; i++)
        buffer_format(&many, "x_%d+", i);
    buffer_text(&many, "1");
    struct arena *arena = arena_new();
    struct comparison told;
    struct fault fault = {0};
    struct expression *e = expression_parse(arena, buffer_view(&many), NULL, &fault);
    assert_non_null(e);
    assert_false(expression_compare(e, e, NULL, &told, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    arena_free(arena);
    buffer_free(&many);
}

static void the_same_comparison_takes_the_same_steps_each_time(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct comparison first, again;
    struct expression *key = expression_parse(arena, VIEW("sin(2x)/x"), NULL, NULL);
    struct expression *answer = expression_parse(arena, VIEW("2sin(x)cos(x)/x"), NULL, NULL);
    assert_true(expression_compare(key, answer, NULL, &first, NULL));
    assert_true(expression_compare(key, answer, NULL, &again, NULL));
    assert_true(first.equal && again.equal);
    assert_int_equal(first.steps, again.steps);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_long_or_too_deep_or_too_large_is_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused_with_their_place),
        cmocka_unit_test(what_can_be_read_is_compared_in_bounded_work),
        cmocka_unit_test(a_thousand_letters_are_over_the_bound_of_letters),
        cmocka_unit_test(the_same_comparison_takes_the_same_steps_each_time),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
