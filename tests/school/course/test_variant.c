/* Variants: numbers drawn, braces filled, choices shuffled, answers brought back. */
#include "folder.h"
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LESSON "01-first/lesson.md"

/* --------------------------------------------------------------------------------------- filling
 */

static struct scope some_scope(void) {
    static const struct {
        const char *name, *expression;
    } values[] = {{"a", "3"},   {"n", "-4"}, {"h", "1/2"},     {"m", "-3/4"},
                  {"d", "0.5"}, {"z", "0"},  {"l", "log2(3)"}, {"long_name", "12"},
                  {"x1", "7"},  {"t", "12"}, {"e", "20"},      {"q", "round(2/3, 2)"}};
    struct scope scope = {0};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct fault fault = {0};
        scope.at[scope.n].name = view_of(values[i].name);
        if (!value_evaluate(&scope, view_of(values[i].expression), &scope.at[scope.n].value,
                            &fault))
            fail_msg("%s: %s", values[i].expression, fault.message);
        scope.n++;
    }
    scope.at[scope.n].name = VIEW("w");
    scope.at[scope.n++].value = (struct value){.kind = VALUE_WORD, .word = VIEW("banana")};
    return scope;
}

static void braces_are_filled_as_if_written_by_hand(void **state) {
    static const char *const cases[][2] = {
        {"{a} and {n}", "3 and -4"},
        {"{a+n}", "-1"},
        {"{a*long_name + x1}", "43"},
        {"{x1}1{a}", "713"},
        {"{h}", "1/2"},
        {"{a/6}", "1/2"},
        {"{6/a}", "2"},
        {"{d}", "0.5"},
        {"{d*a}", "1.5"},
        {"{d*4}", "2"},
        {"{d/3}", "1/6"},
        {"{q}", "0.67"},
        {"{round(l, 3)}", "1.585"},
        {"{round(-2.5, 0)}", "-3"},
        {"{log2(1/8)}", "-3"},
        {"{log2(64)}", "6"},
        {"{min(a, n, 7)} {max(a, 5)}", "-4 5"},
        {"{abs(n)}", "4"},
        {"{gcd(t, e)}", "4"},
        {"{e}", "20"}, /* a name of ours, not Euler's number */
        {"{2a}", "6"},
        {"{a(n+1)}", "-9"},
        {"{a^2}", "9"},
        {"{n^2}", "16"},
        {"{w}s", "bananas"},
        {"{{a}} is {a}", "{a} is 3"},
        {"\\frac{{{a}}}{{{t}}}", "\\frac{3}{12}"},
        {"\\frac{a}{t}", "\\frac{3}{12}"},
        {"\\sqrt{t} x^{t} y_{a}", "\\sqrt{12} x^{12} y_{3}"},
        {"\\text{{bits}}", "\\text{bits}"},
        {"x + {n}", "x - 4"},
        {"x - {n}", "x + 4"},
        {"x - {a}", "x - 3"},
        {"x + {m}", "x - 3/4"},
        {"{a}x + {n}y - {n}", "3x - 4y + 4"},
        {"(x) - {n}", "(x) + 4"},
        {"- {n} is an item", "- -4 is an item"},
        {"= -{n}", "= 4"},
        {"{n}^2", "(-4)^2"},
        {"{h}^2", "(1/2)^2"},
        {"{a}^2", "3^2"},
        {"5 \\cdot {n}", "5 \\cdot (-4)"},
        {"5*{n}", "5*(-4)"},
        {"5/{h}", "5/(1/2)"},
        {"1{a}x", "13x"},
        {"x + {z}", "x + 0"},
    };
    (void)state;
    struct scope scope = some_scope();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = {0};
        struct fault fault = {0};
        if (!value_fill(&scope, view_of(cases[i][0]), &out, &fault))
            fail_msg("%s: %s", cases[i][0], fault.message);
        assert_string_equal(out.at, cases[i][1]);
        buffer_free(&out);
    }
}

static void what_cannot_be_filled_is_refused(void **state) {
    static const char *const cases[][2] = {
        {"{b}", "nothing says what \"b\" is"},
        {"{l}", "no exact value"},
        {"{a", "not closed"},
        {"a}", "closes nothing"},
        {"{}", "no formula"},
        {"{a/z}", "division by zero"},
        {"{w + 1}", "is a word"},
        {"{sin(a)}", "there is no function sin"},
        {"{log2(z)}", "wrong arguments"},
        {"{round(a, n)}", "wrong arguments"},
        {"{a = 3}", "does not belong"},
        {"{a; n}", "does not belong"},
        {"{9^9^9^9}", ""},
        {"{((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((", ""},
    };
    (void)state;
    struct scope scope = some_scope();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = {0};
        struct fault fault = {0};
        assert_false(value_fill(&scope, view_of(cases[i][0]), &out, &fault));
        if (!strstr(fault.message, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], fault.message);
        buffer_free(&out);
    }
}

static void conditions_compare_numbers_and_words(void **state) {
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {{"a < t", true},
                 {"a > t", false},
                 {"a == 3", true},
                 {"a = 3", true},
                 {"a != 3", false},
                 {"1 < a < 5", true},
                 {"1 < a < 2", false},
                 {"h <= 0.5", true},
                 {"h >= 2/4", true},
                 {"l > 1.58", true},
                 {"w == banana", true},
                 {"w != \"rabbit\"", true},
                 {"a*long_name == 36", true},
                 {"gcd(t, e) == 4", true}};
    (void)state;
    struct scope scope = some_scope();
    bool holds;
    struct fault fault = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (!value_condition(&scope, view_of(cases[i].text), &holds, &fault))
            fail_msg("%s: %s", cases[i].text, fault.message);
        if (holds != cases[i].holds)
            fail_msg("%s", cases[i].text);
    }
    assert_false(value_condition(&scope, VIEW("a"), &holds, NULL));
    assert_false(value_condition(&scope, VIEW("w < banana"), &holds, NULL));
}

/* -------------------------------------------------------------------------------------- variants
 */

/* The sound course with this exercise in the place of the second. */
static struct course *course_with(const char *yaml) {
    struct buffer exercise = {0};
    buffer_format(&exercise,
                  ":label: pick-1\n:skill: pick\n~~~yaml\n%s~~~\n:::{hint} HINT\n:::\n"
                  ":::{hint} RUNG\n:::\n:::{solution} SOLUTION\n:::\n::::\n",
                  yaml);
    folder_new();
    const char *text = sound_text(LESSON), *from = strstr(text, ":label: pick-1");
    buffer_text(&exercise, "\n## The end\n");
    struct buffer whole = {0};
    buffer_append(&whole, (struct view){text, (size_t)(from - text)});
    buffer_append(&whole, buffer_view(&exercise));
    folder_write(LESSON, whole.at);
    buffer_free(&exercise);
    buffer_free(&whole);
    struct course *course = folder_load();
    assert_non_null(course_exercise(course, "pick-1", "en"));
    return course;
}

static struct variant *made(const struct course *course, const char *label, uint64_t seed) {
    struct fault fault = {0};
    struct variant *variant = variant_make(course_exercise(course, label, "en"), seed, &fault);
    if (!variant)
        fail_msg("%s", fault.message);
    return variant;
}

static size_t place_of(const struct variant *variant, size_t authored) {
    for (size_t i = 0; i < variant->n_shown; i++)
        if (variant->authored[i] == authored)
            return i;
    fail_msg("%zu is not shown", authored);
    return 0;
}

static double score_of(const struct variant *variant, json_t *shown_answer) {
    struct fault fault = {0};
    struct grade_result result;
    json_t *answer = variant_answer(variant, shown_answer, &fault);
    if (!answer)
        fail_msg("%s", fault.message);
    assert_true(grade_answer(variant->exercise->check.at, variant->key, answer, variant->options,
                             variant->seed, &result, &fault));
    json_decref(answer);
    json_decref(shown_answer);
    return result.score;
}

static const char *reason_of(const struct variant *variant, json_t *shown_answer) {
    json_t *answer = variant_answer(variant, shown_answer, NULL);
    const struct misconception *found = variant_misconception(variant, answer);
    json_decref(answer);
    json_decref(shown_answer);
    return found ? found->why.at : "";
}

static void a_seed_draws_the_same_in_every_language(void **state) {
    (void)state;
    folder_new();
    struct course *course = folder_load();
    int different = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct variant *english = variant_make(course_exercise(course, "sum-1", "en"), seed, NULL);
        struct variant *chinese = variant_make(course_exercise(course, "sum-1", "zh"), seed, NULL);
        struct variant *next = made(course, "sum-1", seed + 1);
        assert_string_equal(english->exercise->lesson->language.at, "en");
        assert_string_equal(chinese->exercise->lesson->language.at, "zh");
        assert_true(json_equal(english->key, chinese->key));
        different += !json_equal(english->key, next->key);
        variant_free(english);
        variant_free(chinese);
        variant_free(next);
    }
    assert_true(different > 30);
    course_free(course);
    folder_free();
}

static void every_seed_meets_where(void **state) {
    (void)state;
    struct course *course = course_with("vary: {a: 1..100, b: 20..60, c: [1, 2, 50]}\n"
                                        "let: {q: b/(a - 7)}\n"
                                        "where: [a*b == 2500, a >= b, \"gcd(a, c) > 1\"]\n"
                                        "ask: \"{a} {b} {c}\"\ncheck: number\nkey: \"{a}\"\n"
                                        "wrong: [{is: \"{a+1}\", why: w, say: s}]\n");
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        int a, b, c;
        assert_int_equal(sscanf(variant->ask.at, "%d %d %d", &a, &b, &c), 3);
        assert_int_equal(a * b, 2500);
        assert_true(a >= b);
        assert_true(c == 2 || c == 50 || a % 2 == 0 || a % 5 == 0);
        variant_free(variant);
    }
    course_free(course);
    folder_free();
}

static void choices_come_back_from_their_shuffled_places(void **state) {
    (void)state;
    struct course *course = course_with("ask: Which?\ncheck: choice\n"
                                        "options: {choices: [one, two, three, four]}\nkey: 3\n"
                                        "wrong: [{is: 1, why: first, say: s}]\n");
    bool moved = false;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        assert_int_equal(variant->n_shown, 4);
        size_t right = place_of(variant, 2), first = place_of(variant, 0);
        assert_true(view_is(variant->shown[right], "three"));
        assert_true(score_of(variant, json_integer((json_int_t)right)) == 1);
        assert_true(score_of(variant, json_integer((json_int_t)first)) == 0);
        assert_string_equal(reason_of(variant, json_integer((json_int_t)first)), "first");
        assert_string_equal(reason_of(variant, json_integer((json_int_t)right)), "");
        moved |= right != 2;
        variant_free(variant);
    }
    assert_true(moved);
    course_free(course);
    folder_free();
}

static void several_come_back_from_their_shuffled_places(void **state) {
    (void)state;
    struct course *course =
        course_with("ask: Which?\ncheck: several\n"
                    "options: {choices: [one, two, three, four]}\nkey: [1, 4]\n"
                    "wrong: [{is: [1, 2], why: low, say: s}]\n");
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        json_int_t one = (json_int_t)place_of(variant, 0), two = (json_int_t)place_of(variant, 1),
                   four = (json_int_t)place_of(variant, 3);
        assert_true(score_of(variant, json_pack("[I,I]", four, one)) == 1);
        assert_true(score_of(variant, json_pack("[I]", four)) < 1);
        assert_string_equal(reason_of(variant, json_pack("[I,I]", two, one)), "low");
        variant_free(variant);
    }
    course_free(course);
    folder_free();
}

static void an_order_is_never_shown_in_order(void **state) {
    (void)state;
    struct course *course = course_with("ask: Order.\ncheck: order\noptions: {items: [a, b, c]}\n"
                                        "wrong: [{is: [2, 1, 3], why: swapped, say: s}]\n");
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        json_int_t at[3];
        for (size_t i = 0; i < 3; i++)
            at[i] = (json_int_t)place_of(variant, i);
        assert_true(score_of(variant, json_pack("[I,I,I]", at[0], at[1], at[2])) == 1);
        assert_true(score_of(variant, json_pack("[i,i,i]", 0, 1, 2)) < 1);
        assert_string_equal(reason_of(variant, json_pack("[I,I,I]", at[1], at[0], at[2])),
                            "swapped");
        variant_free(variant);
    }
    course_free(course);
    folder_free();
}

/* Two of the left sides have the same right one, which is shown once. */
static void matches_come_back_from_their_shuffled_places(void **state) {
    (void)state;
    struct course *course =
        course_with("ask: Match.\ncheck: match\n"
                    "options: {pairs: [[cat, animal], [oak, plant], [dog, animal], [sun, star]]}\n"
                    "wrong: [{is: [2, 1, 1, 4], why: swapped, say: s}]\n");
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        assert_int_equal(variant->n_left, 4);
        assert_int_equal(variant->n_shown, 3);
        json_int_t animal = (json_int_t)place_of(variant, 0),
                   plant = (json_int_t)place_of(variant, 1),
                   star = (json_int_t)place_of(variant, 3);
        assert_true(score_of(variant, json_pack("[I,I,I,I]", animal, plant, animal, star)) == 1);
        assert_true(score_of(variant, json_pack("[I,i,I,I]", animal, -1, animal, star)) < 1);
        assert_string_equal(
            reason_of(variant, json_pack("[I,I,I,I]", plant, animal, animal, star)), "swapped");
        variant_free(variant);
    }
    course_free(course);
    folder_free();
}

static void answers_of_the_wrong_shape_are_refused(void **state) {
    static const char *const lists[] = {"choice", "several", "order", "match"};
    static const char *const answers[] = {
        "{}",   "\"\"",  "\"one\"",  "[9]",    "[-2]",       "1e300", "[[0]]",
        "null", "[1.5]", "[\"1e\"]", "\"99\"", "4294967296", "true",  "[0,1,2,3,4]"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        char yaml[400];
        snprintf(yaml, sizeof yaml,
                 "ask: Q\ncheck: %s\noptions: {%s: %s}\n%swrong: [{is: %s, why: w, say: s}]\n",
                 lists[i],
                 i < 2    ? "choices"
                 : i == 2 ? "items"
                          : "pairs",
                 i < 3 ? "[a, b, c]" : "[[a, x], [b, y], [c, z]]",
                 i == 0   ? "key: 1\n"
                 : i == 1 ? "key: [1]\n"
                          : "",
                 i == 0 ? "2" : "[2, 1, 3]");
        struct course *course = course_with(yaml);
        struct variant *variant = made(course, "pick-1", 3);
        for (size_t j = 0; j < COUNT_OF(answers); j++) {
            struct fault fault = {0};
            json_t *answer = json_parse(view_of(answers[j]), NULL);
            json_t *turned = variant_answer(variant, answer, &fault);
            if (turned || fault.kind != FAULT_INPUT)
                fail_msg("%s takes %s", lists[i], answers[j]);
            json_decref(answer);
        }
        variant_free(variant);
        course_free(course);
        folder_free();
    }
}

static void a_misconception_is_known_however_exactly_it_is_written(void **state) {
    (void)state;
    struct course *course = course_with("ask: Q\ncheck: number\noptions: {decimals: 2}\nkey: 2.5\n"
                                        "wrong: [{is: 1.25, why: half, say: s}]\n");
    struct variant *variant = made(course, "pick-1", 1);
    assert_true(score_of(variant, json_string("2.50")) == 1);
    assert_true(score_of(variant, json_string("2.5")) < 1);
    assert_string_equal(reason_of(variant, json_string("5/4")), "half");
    assert_string_equal(reason_of(variant, json_string("1.25")), "half");
    variant_free(variant);
    course_free(course);
    folder_free();
    course = course_with("ask: Factor it.\ncheck: algebra\noptions: {form: factored}\n"
                         "key: (x+1)(x+2)\n"
                         "wrong: [{is: x^2+3x+2, why: not-factored, say: s}, "
                         "{is: (x-1)(x-2), why: signs, say: s}]\n");
    variant = made(course, "pick-1", 1);
    assert_true(score_of(variant, json_string("(x+2)(x+1)")) == 1);
    assert_string_equal(reason_of(variant, json_string("x^2+3x+2")), "not-factored");
    assert_string_equal(reason_of(variant, json_string("(x-2)(x-1)")), "signs");
    assert_string_equal(reason_of(variant, json_string("x^2-3x+2")), "signs");
    assert_string_equal(reason_of(variant, json_string("(x+2)(x+1)")), "");
    variant_free(variant);
    course_free(course);
    folder_free();
}

static void the_private_half_is_not_in_the_public_one(void **state) {
    (void)state;
    struct course *course = course_with("vary: {a: 1000..9999}\nask: Q {a}\ncheck: number\n"
                                        "key: \"{a*7}\"\n"
                                        "wrong: [{is: \"{a*3}\", why: WHY, say: SAY}]\n");
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct variant *variant = made(course, "pick-1", seed);
        json_t *public = variant_public(variant);
        struct buffer text = {0};
        buffer_json(&text, public);
        assert_null(strstr(text.at, json_string_value(variant->key)));
        assert_null(strstr(text.at, json_string_value(variant->wrong[0].is)));
        static const char *const private[] = {"WHY",      "SAY", "HINT",  "RUNG",
                                              "SOLUTION", "key", "wrong", "solution"};
        for (size_t i = 0; i < COUNT_OF(private); i++)
            assert_null(strstr(text.at, private[i]));
        assert_string_equal(json_text(public, "id", ""), "pick-1");
        assert_int_equal(json_number(public, "seed", 0), seed);
        buffer_free(&text);
        json_decref(public);
        variant_free(variant);
    }
    course_free(course);
    folder_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(braces_are_filled_as_if_written_by_hand),
        cmocka_unit_test(what_cannot_be_filled_is_refused),
        cmocka_unit_test(conditions_compare_numbers_and_words),
        cmocka_unit_test(a_seed_draws_the_same_in_every_language),
        cmocka_unit_test(every_seed_meets_where),
        cmocka_unit_test(choices_come_back_from_their_shuffled_places),
        cmocka_unit_test(several_come_back_from_their_shuffled_places),
        cmocka_unit_test(an_order_is_never_shown_in_order),
        cmocka_unit_test(matches_come_back_from_their_shuffled_places),
        cmocka_unit_test(answers_of_the_wrong_shape_are_refused),
        cmocka_unit_test(a_misconception_is_known_however_exactly_it_is_written),
        cmocka_unit_test(the_private_half_is_not_in_the_public_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
