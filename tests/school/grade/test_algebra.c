/* grade: formulas, statements and sets, with an author's options: what a mathematician accepts,
 * what none does, and how it is wrong. */
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* note NULL: any that says it could be read or not. */
struct row {
    const char *options, *key, *answer;
    int right;
    const char *note;
};

/* clang-format off */
static const struct row values[] = {
#include "algebra/values.inc"
};
static const struct row forms[] = {
#include "algebra/forms.inc"
};
static const struct row equations[] = {
#include "algebra/equations.inc"
};
static const struct row systems[] = {
#include "algebra/systems.inc"
};
static const struct row regions[] = {
#include "algebra/regions.inc"
};
static const struct row sets[] = {
#include "algebra/sets.inc"
};
static const struct row logic[] = {
#include "algebra/logic.inc"
};
static const struct row vectors[] = {
#include "algebra/vectors.inc"
};
static const struct row matrices[] = {
#include "algebra/matrices.inc"
};
static const struct row calculus[] = {
#include "algebra/calculus.inc"
};
static const struct row domain[] = {
#include "algebra/domain.inc"
};
static const struct row typing[] = {
#include "algebra/typing.inc"
};
static const struct row families[] = {
#include "algebra/families.inc"
};
/* clang-format on */

static void try_rows(const struct row *rows, size_t n) {
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        struct fault fault = {0};
        struct grade_result told = {0};
        json_t *options = json_parse(view_of(row->options), NULL);
        json_t *key = json_string(row->key), *answer = json_string(row->answer);
        assert_non_null(options);
        bool good = grade_answer("algebra", key, answer, options, i, &told, &fault);
        bool right = good && (told.score >= 1) == row->right && *told.feedback &&
                     (!row->note || !strcmp(row->note, told.note));
        if (!right && ++bad)
            print_message("%s %s | %s: %g %s\n", row->options, row->key, row->answer, told.score,
                          good ? told.note : fault.message);
        json_decref(options);
        json_decref(key);
        json_decref(answer);
    }
    assert_int_equal(bad, 0);
}

static void equal_values_are_right_and_near_misses_are_named(void **state) {
    (void)state;
    try_rows(values, COUNT_OF(values));
}
static void a_right_value_in_the_wrong_form_is_told_what_form_it_has(void **state) {
    (void)state;
    try_rows(forms, COUNT_OF(forms));
}
static void equations_are_the_same_however_they_are_turned(void **state) {
    (void)state;
    try_rows(equations, COUNT_OF(equations));
}
static void systems_are_compared_by_their_solutions(void **state) {
    (void)state;
    try_rows(systems, COUNT_OF(systems));
}
static void inequalities_intervals_and_their_unions_say_the_same(void **state) {
    (void)state;
    try_rows(regions, COUNT_OF(regions));
}
static void sets_are_compared_by_their_members(void **state) {
    (void)state;
    try_rows(sets, COUNT_OF(sets));
}
static void statements_are_compared_by_their_truth_tables(void **state) {
    (void)state;
    try_rows(logic, COUNT_OF(logic));
}
static void vectors_are_compared_by_entries_and_told_sign_factor_and_order(void **state) {
    (void)state;
    try_rows(vectors, COUNT_OF(vectors));
}
static void matrices_are_reckoned_out_before_they_are_compared(void **state) {
    (void)state;
    try_rows(matrices, COUNT_OF(matrices));
}
static void integrals_want_their_constant_and_derivatives_their_value(void **state) {
    (void)state;
    try_rows(calculus, COUNT_OF(calculus));
}
static void equal_on_a_part_of_the_domain_is_not_equal_unless_it_is_assumed(void **state) {
    (void)state;
    try_rows(domain, COUNT_OF(domain));
}
static void what_learners_type_is_read_as_they_mean_it(void **state) {
    (void)state;
    try_rows(typing, COUNT_OF(typing));
}
static void families_of_solutions_are_the_same_with_other_letters(void **state) {
    (void)state;
    try_rows(families, COUNT_OF(families));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_are_right_and_near_misses_are_named),
        cmocka_unit_test(a_right_value_in_the_wrong_form_is_told_what_form_it_has),
        cmocka_unit_test(equations_are_the_same_however_they_are_turned),
        cmocka_unit_test(systems_are_compared_by_their_solutions),
        cmocka_unit_test(inequalities_intervals_and_their_unions_say_the_same),
        cmocka_unit_test(sets_are_compared_by_their_members),
        cmocka_unit_test(statements_are_compared_by_their_truth_tables),
        cmocka_unit_test(vectors_are_compared_by_entries_and_told_sign_factor_and_order),
        cmocka_unit_test(matrices_are_reckoned_out_before_they_are_compared),
        cmocka_unit_test(integrals_want_their_constant_and_derivatives_their_value),
        cmocka_unit_test(equal_on_a_part_of_the_domain_is_not_equal_unless_it_is_assumed),
        cmocka_unit_test(what_learners_type_is_read_as_they_mean_it),
        cmocka_unit_test(families_of_solutions_are_the_same_with_other_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
