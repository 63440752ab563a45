/* algebra: the form of an answer, derivatives and antiderivatives. */
#include "algebra/algebra.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

struct row {
    const char *form, *key, *answer, *note; /* note NULL: accepted */
};

/* clang-format off */
static const struct row forms[] = {
    {"same", "2x+3", "3+2x", NULL}, {"same", "2x+3", "(3)+(x*2)", NULL}, {"same", "2x+3", "x+x+3", "form"},
    {"same", "x/2", "0.5x", "form"}, {"same", "x/2", "\\frac{x}{2}", NULL}, {"same", "(x+1)^2", "(1+x)²", NULL},
    {"same", "(x+1)^2", "(x+1)(x+1)", "form"}, {"same", "a-b", "-b+a", NULL}, {"same", "a-(b-c)", "a-b+c", NULL},
    {"same", "1/2", "0.5", "form"}, {"same", "√2/2", "1/√2", "form"}, {"same", "2x+3", "2x+4", "constant"}, {"same", "2x+3", "10^18", "different"}, {"same", "1/x", "1e308", "different"},
    {"same", "y=2x+1", "2x+1=y", NULL}, {"same", "3x+5=20", "20=5+3x", NULL}, {"same", "3x+5=20", "3x=15", "form"},
    {"same", "x=2 or x=3", "x=3 or x=2", NULL}, {"same", "x=1/2", "x=0.5", "form"}, {"same", "(1/2,3)", "(0.5,3)", "form"},
    {"simplified", "5x", "5x", NULL}, {"simplified", "5x", "2x+3x", "form"}, {"simplified", "5x", "x*5", NULL},
    {"simplified", "5x", "5x+0", "form"}, {"simplified", "5x", "5x/1", "form"}, {"simplified", "5x", "5*1*x", "form"},
    {"simplified", "x^3", "x*x^2", "form"}, {"simplified", "x^3", "x^2*x", "form"}, {"simplified", "x^3", "x^5/x^2", "form"},
    {"simplified", "x^3", "x^3", NULL}, {"simplified", "6x", "2*3x", "form"}, {"simplified", "8", "2^3", "form"},
    {"simplified", "8", "8", NULL}, {"simplified", "1/2", "2/4", "form"}, {"simplified", "1/2", "1/2", NULL},
    {"simplified", "1/2", "0.5", NULL}, {"simplified", "2√2", "√8", "form"}, {"simplified", "2√2", "2√2", NULL},
    {"simplified", "2", "√4", "form"}, {"simplified", "1+√2", "1+√2", NULL}, {"simplified", "1", "sin(x)^2+cos(x)^2", "form"},
    {"simplified", "x+1", "(x^2-1)/(x-1)", "form"}, {"simplified", "x/2", "2x/4", "form"}, {"simplified", "-x", "-(-(-x))", "form"},
    {"simplified", "x", "x^1", "form"}, {"simplified", "1", "x^0", "form"}, {"simplified", "2x+2", "2(x+1)", NULL},
    {"simplified", "3√2", "√2+2√2", "form"}, {"simplified", "3√2", "3√2", NULL}, {"simplified", "x=3", "x=6/2", "form"},
    {"simplified", "2a+b", "a+b+a", "form"}, {"simplified", "7", "3+4", "form"}, {"simplified", "e^(2x)", "e^x*e^x", "form"},
    {"lowest-terms", "1/2", "1/2", NULL}, {"lowest-terms", "1/2", "2/4", "form"}, {"lowest-terms", "-3/4", "-3/4", NULL},
    {"lowest-terms", "3/4", "-3/-4", "form"}, {"lowest-terms", "1/2", "0.5", "form"}, {"lowest-terms", "3/2", "1 1/2", NULL},
    {"lowest-terms", "3/2", "1 2/4", "form"}, {"lowest-terms", "2", "4/2", "form"}, {"lowest-terms", "2", "2/1", "form"},
    {"lowest-terms", "2", "2", NULL}, {"lowest-terms", "x/2", "2x/4", "form"}, {"lowest-terms", "x/2", "2*(x/4)", "form"},
    {"lowest-terms", "(x+1)/(x+2)", "(x+1)/(x+2)", NULL}, {"lowest-terms", "(x+1)/(x+2)", "(x^2-1)/((x-1)(x+2))", "form"},
    {"lowest-terms", "x+1", "(x^2-1)/(x-1)", "form"}, {"lowest-terms", "√3/2", "2√3/4", "form"}, {"lowest-terms", "√3/2", "√3/2", NULL},
    {"lowest-terms", "(1+√3)/2", "(2+2√3)/4", "form"}, {"lowest-terms", "x=1/2", "x=3/6", "form"}, {"lowest-terms", "1/x", "x/x^2", "form"},
    {"factored", "(x+1)(x+2)", "(x+2)(x+1)", NULL}, {"factored", "(x+1)(x+2)", "x^2+3x+2", "form"},
    {"factored", "(x+1)(x+2)", "x(x+3)+2", "form"}, {"factored", "(x+1)^2", "(x+1)(x+1)", NULL}, {"factored", "(x+1)^2", "(x+1)^2", NULL},
    {"factored", "2(x+1)", "2x+2", "form"}, {"factored", "2(x+1)", "(x+1)*2", NULL}, {"factored", "4(x^2-1)", "4(x^2-1)", "form"},
    {"factored", "4(x-1)(x+1)", "(2x-2)(2x+2)", "form"}, {"factored", "x^2-2", "x^2-2", NULL}, {"factored", "x^2-2", "(x-√2)(x+√2)", NULL},
    {"factored", "x(x-1)", "x^2-x", "form"}, {"factored", "x(x-1)", "-x(1-x)", NULL}, {"factored", "(x-y)(x+y)", "x^2-y^2", "form"},
    {"factored", "(x-y)(x+y)", "(x+y)(x-y)", NULL}, {"factored", "x^4-1", "(x^2+1)(x^2-1)", "form"},
    {"factored", "x^4-1", "(x^2+1)(x+1)(x-1)", NULL}, {"factored", "2^2*3", "12", "form"}, {"factored", "2^2*3", "2*2*3", NULL},
    {"factored", "2^2*3", "4*3", "form"}, {"factored", "x^2+1/4", "(x^2+1/4)", NULL}, {"factored", "(x+1)(x+2)", "(x+1)(x+3)", "different"},
    {"expanded", "x^2+3x+2", "x^2+3x+2", NULL}, {"expanded", "x^2+3x+2", "(x+1)(x+2)", "form"}, {"expanded", "x^2+3x+2", "x(x+3)+2", "form"},
    {"expanded", "x^2+3x+2", "x^2+x+2x+2", "form"}, {"expanded", "x^2+3x+2", "2+3x+x^2", NULL}, {"expanded", "x^2+2x+1", "(x+1)^2", "form"},
    {"expanded", "x^2+3x+2", "x*x+3x+2", "form"}, {"expanded", "2x-2", "2(x-1)", "form"}, {"expanded", "1-x", "-(x-1)", "form"},
    {"expanded", "x/2+1/2", "(x+1)/2", "form"}, {"expanded", "x/2+1/2", "x/2+1/2", NULL}, {"expanded", "6x", "2*3x", "form"},
    {"expanded", "a^2-b^2", "a^2-b^2+ab-ba", "form"}, {"expanded", "e^(x+1)+1", "e^(x+1)+1", NULL}, {"expanded", "2sin(x+1)", "2sin(x+1)", NULL},
    {"single-fraction", "(x+y)/(xy)", "(x+y)/(xy)", NULL}, {"single-fraction", "(x+y)/(xy)", "1/x+1/y", "form"},
    {"single-fraction", "(x+y)/(xy)", "(1+y/x)/y", "form"}, {"single-fraction", "(x+y)/(xy)", "\\frac{y+x}{xy}", NULL},
    {"single-fraction", "(1+x)/x", "x^-1+1", "form"}, {"single-fraction", "-1/x", "-1/x", NULL}, {"single-fraction", "1/(x^2-1)", "-1/(1-x^2)", NULL},
    {"single-fraction", "7/6", "1/2+2/3", "form"}, {"single-fraction", "7/6", "7/6", NULL}, {"single-fraction", "2x+2", "2(x+1)", NULL},
    {"partial-fractions", "1/(x-1)-1/(x+1)", "1/(x-1)-1/(x+1)", NULL}, {"partial-fractions", "1/(x-1)-1/(x+1)", "2/(x^2-1)", "form"},
    {"partial-fractions", "1/(x-1)-1/(x+1)", "-1/(x+1)+1/(x-1)", NULL}, {"partial-fractions", "1/(x-1)-1/(x+1)", "2/((x-1)(x+1))", "form"},
    {"partial-fractions", "(1/2)/(x-1)", "1/(2(x-1))", NULL}, {"partial-fractions", "x+1/(x-1)", "x+1/(x-1)", NULL},
    {"partial-fractions", "1+1/(x-1)", "x/(x-1)", "form"}, {"partial-fractions", "1/x+1/x^2", "1/x+1/x^2", NULL},
    {"partial-fractions", "1/x+1/x^2", "(x+1)/x^2", "form"}, {"partial-fractions", "1/x-x/(x^2+1)", "1/x-x/(x^2+1)", NULL},
    {"partial-fractions", "1/x-x/(x^2+1)", "1/(x(x^2+1))", "form"}, {"partial-fractions", "1/(x-1)", "2/(x-1)-1/(x-1)", "form"},
    {"completed-square", "(x+1)^2+2", "(x+1)^2+2", NULL}, {"completed-square", "(x+1)^2+2", "x^2+2x+3", "form"},
    {"completed-square", "(x+1)^2+2", "2+(1+x)²", NULL}, {"completed-square", "(x+1)^2+2", "(x+1)(x+1)+2", "form"},
    {"completed-square", "2(x-3)^2-5", "2x^2-12x+13", "form"}, {"completed-square", "2(x-3)^2-5", "-5+2(x-3)^2", NULL},
    {"completed-square", "(x-1)^2+(y+2)^2=9", "(x-1)^2+(y+2)^2=9", NULL}, {"completed-square", "(x-1)^2+(y+2)^2=9", "x^2-2x+y^2+4y=4", "form"},
    {"completed-square", "y=(x+1)^2+2", "y=x^2+2x+3", "form"}, {"completed-square", "y=(x+1)^2+2", "y=2+(x+1)^2", NULL},
    {"completed-square", "(x+b/2)^2-b^2/4", "(x+b/2)^2-b^2/4", NULL}, {"completed-square", "(x+b/2)^2-b^2/4", "x^2+bx", "form"},
};
/* form: the kind of question */
static const struct row calculus[] = {
    {"derivative", "x^3", "3x^2", NULL}, {"derivative", "x^3", "x^2", "factor"}, {"derivative", "x^3", "3x^2+1", "constant"},
    {"derivative", "x^3", "f'(x)=3x^2", NULL}, {"derivative", "y=x^3", "y'=3x²", NULL}, {"derivative", "sin(2x)", "2cos(2x)", NULL},
    {"derivative", "sin(2x)", "cos(2x)", "factor"}, {"derivative", "cos x", "sin x", "sign"}, {"derivative", "e^(x^2)", "2x e^(x^2)", NULL},
    {"derivative", "ln x", "1/x", NULL}, {"derivative", "x^x", "x^x(ln x+1)", NULL}, {"derivative", "sqrt(x)", "1/(2√x)", NULL},
    {"derivative", "atan x", "1/(1+x^2)", NULL}, {"derivative", "x/(x+1)", "1/(x+1)^2", NULL}, {"derivative", "|x|", "x/|x|", NULL},
    {"derivative", "cbrt(x)", "1/(3x^(2/3))", NULL}, {"derivative", "tanh x", "1-tanh^2 x", NULL}, {"derivative", "5", "0", NULL},
    {"derivative", "a x^2", "2a x", NULL}, {"derivative", "log_2 x", "1/(x ln 2)", NULL}, {"derivative", "2^x", "2^x ln 2", NULL},
    {"antiderivative", "x^2", "x^2+C", NULL}, {"antiderivative", "x^2", "x^2", "constant-missing"}, {"antiderivative", "x^2+C", "x^2+C", NULL},
    {"antiderivative", "x^2+C", "x^2+c", NULL}, {"antiderivative", "x^2+C", "x^2+k", NULL}, {"antiderivative", "x^2+C", "x^2+5", "constant-missing"},
    {"antiderivative", "x^2+C", "x^2+5+C", NULL}, {"antiderivative", "x^2", "2x^2+C", "factor"}, {"antiderivative", "x^2", "x^3+C", ""},
    {"antiderivative", "x^2", "F(x)=x^2+C", NULL}, {"antiderivative", "x^2", "x^2+C-C", "constant-missing"},
    {"antiderivative", "x^2", "x^2+Cx", ""}, {"antiderivative", "ln|x|", "ln|x|+C", NULL}, {"antiderivative", "sin^2 x", "-cos^2 x+C", NULL},
    {"antiderivative", "-cos x", "C-cos x", NULL}, {"antiderivative", "a x^2", "a x^2+C", NULL}, {"antiderivative", "a x^2", "a x^2", "constant-missing"},
    {"antiderivative", "ln x", "ln(2x)+C", NULL}, {"antiderivative", "e^x", "e^x+C_1", NULL}, {"antiderivative", "atan x", "-atan(1/x)+C", NULL},
};
/* clang-format on */

/* "form" stands for every note on a form: form-expanded, form-decimal, … */
static bool is_note(const char *note, const char *wanted) {
    return !*wanted || !strcmp(note, wanted) ||
           (!strcmp(wanted, "form") && !strncmp(note, "form-", 5));
}

static void try_rows(const struct row *rows, size_t n) {
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct arena *arena = arena_new();
        struct fault fault = {0};
        struct comparison told = {0};
        const struct row *row = &rows[i];
        struct compare_options options = {
            .seed = i,
            .derivative = !strcmp(row->form, "derivative"),
            .antiderivative = !strcmp(row->form, "antiderivative"),
        };
        bool calculated = options.derivative || options.antiderivative;
        assert_true(calculated || form_of_name(row->form, &options.form));
        struct expression *key = expression_parse(arena, view_of(row->key), NULL, &fault);
        struct expression *answer = expression_parse(arena, view_of(row->answer), NULL, &fault);
        bool good = key && answer && expression_compare(key, answer, &options, &told, &fault);
        bool right =
            good && (row->note ? !told.equal && is_note(told.note, row->note) : told.equal);
        if (good && row->note && !strcmp(row->note, "form"))
            right = right && told.same_value;
        if (!right && ++bad)
            print_message("%s: %s | %s: %s\n", row->form, row->key, row->answer,
                          !good        ? fault.message
                          : told.equal ? "accepted"
                                       : told.note);
        arena_free(arena);
    }
    assert_int_equal(bad, 0);
}

static void an_answer_of_the_right_value_must_have_the_form_that_is_asked_for(void **state) {
    (void)state;
    try_rows(forms, COUNT_OF(forms));
}

static void an_antiderivative_wants_its_constant_and_a_derivative_its_value(void **state) {
    (void)state;
    try_rows(calculus, COUNT_OF(calculus));
}

static void a_form_that_does_not_exist_is_refused(void **state) {
    (void)state;
    enum answer_form form;
    assert_false(form_of_name("factorised", &form));
    assert_true(form_of_name("any", &form));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_of_the_right_value_must_have_the_form_that_is_asked_for),
        cmocka_unit_test(an_antiderivative_wants_its_constant_and_a_derivative_its_value),
        cmocka_unit_test(a_form_that_does_not_exist_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
