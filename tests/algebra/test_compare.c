/* algebra: what is equal, what is not, and why. */
#include "algebra/algebra.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* note NULL: equal; "": different for any reason; "unreadable": the answer can't be read. */
struct row {
    const char *key, *answer, *note;
};

/* clang-format off */
static const struct row first[] = {
#include "pairs/first.inc"
};
static const struct row typed[] = {
#include "pairs/typed.inc"
};
static const struct row latex[] = {
#include "pairs/latex.inc"
};
static const struct row values[] = {
#include "pairs/values.inc"
};
static const struct row statements[] = {
#include "pairs/statements.inc"
};
/* clang-format on */

static const char *note_of(const struct row *row, uint64_t seed, struct fault *fault) {
    struct arena *arena = arena_new();
    struct comparison told = {0};
    struct compare_options options = {.seed = seed};
    const char *note;
    struct expression *key = expression_parse(arena, view_of(row->key), NULL, fault);
    struct expression *answer = expression_parse(arena, view_of(row->answer), NULL, fault);
    if (!key || !answer)
        note = key ? "unreadable" : "the key is unreadable";
    else if (!expression_compare(key, answer, &options, &told, fault))
        note = "can't be compared";
    else
        note = told.equal ? NULL : told.note;
    arena_free(arena);
    return note;
}

static void try_rows(const struct row *rows, size_t n) {
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct fault fault = {0};
            const char *note = note_of(&rows[i], seed, &fault), *wanted = rows[i].note;
            bool right = !wanted || !note ? wanted == note
                         : *wanted        ? !strcmp(wanted, note)
                                          : strcmp(note, "can't be compared") != 0 &&
                                         strcmp(note, "unreadable") != 0;
            if (!right && ++bad)
                print_message("%s | %s: %s, not %s %s\n", rows[i].key, rows[i].answer,
                              note ? note : "equal", wanted ? wanted : "equal", fault.message);
        }
    assert_int_equal(bad, 0);
}

static void what_a_mathematician_finds_equal_is_equal(void **state) {
    (void)state;
    try_rows(first, COUNT_OF(first));
}

static void what_learners_type_is_read_as_they_mean_it(void **state) {
    (void)state;
    try_rows(typed, COUNT_OF(typed));
}

static void latex_is_read_as_it_looks(void **state) {
    (void)state;
    try_rows(latex, COUNT_OF(latex));
}

static void values_are_told_apart_and_near_misses_are_named(void **state) {
    (void)state;
    try_rows(values, COUNT_OF(values));
}

static void equations_solutions_and_inequalities_are_compared_by_what_they_say(void **state) {
    (void)state;
    try_rows(statements, COUNT_OF(statements));
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
        cmocka_unit_test(what_a_mathematician_finds_equal_is_equal),
        cmocka_unit_test(what_learners_type_is_read_as_they_mean_it),
        cmocka_unit_test(latex_is_read_as_it_looks),
        cmocka_unit_test(values_are_told_apart_and_near_misses_are_named),
        cmocka_unit_test(equations_solutions_and_inequalities_are_compared_by_what_they_say),
        cmocka_unit_test(a_template_is_evaluated_exactly_with_its_letters_bound),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
