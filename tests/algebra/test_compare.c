/* algebra: what is equal, what is not, and why. */
#include "algebra/algebra.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* note NULL: equal; "": different for any reason; else the note. */
static const struct row {
    const char *key, *answer, *note;
} rows[] = {
#include "pairs.inc"
};

static void the_pairs_of_the_table_are_told_apart(void **state) {
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new();
        struct fault fault = {0};
        struct comparison told = {0};
        struct expression *key = expression_parse(arena, view_of(rows[i].key), NULL, &fault);
        struct expression *answer = expression_parse(arena, view_of(rows[i].answer), NULL, &fault);
        bool good = key && answer && expression_compare(key, answer, NULL, &told, &fault);
        bool right = good && (rows[i].note ? !told.equal && (!*rows[i].note ||
                                                            !strcmp(rows[i].note, told.note))
                                           : told.equal);
        if (!right && ++bad)
            print_message("%s | %s: %s %s\n", rows[i].key, rows[i].answer,
                          !good ? fault.message : told.equal ? "equal" : "different",
                          told.note ? told.note : "");
        arena_free(arena);
    }
    assert_int_equal(bad, 0);
}

static void what_would_take_too_long_is_refused_at_once(void **state) {
    (void)state;
    struct buffer brackets = {0};
    for (int i = 0; i < 1 << 20; i++)
        buffer_byte(&brackets, '(');
    const char *texts[] = {"9^9^9^9", "1e999999", "((((((((((((((((((((((((((((((((((((((((((((((((("
                           "((((((((((((((((((((((((((((x", "x^(10^9)", brackets.at};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct arena *arena = arena_new();
        struct fault fault = {0};
        double start = clock_seconds();
        assert_null(expression_parse(arena, view_of(texts[i]), NULL, &fault));
        assert_true(clock_seconds() - start < 0.05);
        assert_int_equal(fault.kind, FAULT_LIMIT);
        arena_free(arena);
    }
    buffer_free(&brackets);
}

static void a_template_is_evaluated_exactly_with_its_letters_bound(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct binding bindings[] = {{"a", 3}, {"b", 5}, {"x", -4}};
    struct rational value;
    struct expression *e = expression_parse(arena, VIEW("(a*x+2*b)/a"), NULL, &fault);
    assert_true(expression_evaluate_rational(e, bindings, 3, &value, &fault));
    assert_int_equal(value.numerator, -2);
    assert_int_equal(value.denominator, 3);
    e = expression_parse(arena, VIEW("a/(b-5)"), NULL, &fault);
    assert_false(expression_evaluate_rational(e, bindings, 3, &value, &fault));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pairs_of_the_table_are_told_apart),
        cmocka_unit_test(what_would_take_too_long_is_refused_at_once),
        cmocka_unit_test(a_template_is_evaluated_exactly_with_its_letters_bound),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
