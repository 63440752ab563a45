/* A course's exercises of several parts, and its graphs of tests: sound, and each mistake told. */
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

static const char about[] = "title: {en: Motion}\nlanguages: [en]\nskills:\n"
                            "  - {id: speed, title: {en: Speed}, prerequisites: []}\n";
static const char lesson[] =
    "# Motion\n\n## Speed\n\nWhat gains speed evenly has the speed a times t.\n\n"
    "::::{exercise} A car\n:label: car\n:skill: speed\n~~~yaml\n"
    "vary: {a: 2..5, t: 6..9, d: 11..19}\n"
    "ask: A car gains ${a}$ metres per second in each second.\n"
    "check: parts\n"
    "parts:\n"
    "  - name: v\n"
    "    ask: How fast is it after ${t}$ s?\n"
    "    check: number\n"
    "    key: \"{a*t} m/s\"\n"
    "    options: {units: true}\n"
    "  - name: s\n"
    "    ask: How far does it come at that speed in ${d}$ s?\n"
    "    check: number\n"
    "    key: \"v * {d} m\"\n"
    "  - name: law\n"
    "    ask: Which law tells that it goes on?\n"
    "    check: choice\n"
    "    key: 2\n"
    "    options: {choices: [that of Hooke, the first of Newton]}\n"
    "wrong:\n"
    "  - {is: {v: \"{a+t} m/s\"}, why: added, say: \"What does each second add?\"}\n"
    "  - {is: {s: \"v + {d} m\"}, why: joined, say: \"A speed and a time are not added.\"}\n"
    "~~~\n"
    ":::{hint} What does it gain in each second?\n:::\n"
    ":::{hint} Multiply that by the seconds.\n:::\n"
    ":::{solution} ${a} \\cdot {t} = {a*t}$ metres per second.\n:::\n::::\n\n"
    "::::{exercise} A rod\n:label: rod\n:skill: speed\n~~~yaml\n"
    "ask: A rod of 2 m is cut in eight. How long is each?\n"
    "check: number\n"
    "key: 25 cm\n"
    "options: {units: true}\n"
    "tests:\n"
    "  - {when: {note: unit-missing}, score: 0.5, say: \"Of what?\", next: half}\n"
    "  - {when: {is: 16 m}, note: multiplied, say: \"You multiplied.\"}\n"
    "  - {name: half, when: {is: 12.5 cm}, say: \"That is half of it.\"}\n"
    "wrong:\n"
    "  - {is: 16 m, why: multiplied, say: \"What does cutting do?\"}\n"
    "~~~\n"
    ":::{hint} Eight pieces make the whole.\n:::\n"
    ":::{hint} Divide the length by how many there are.\n:::\n"
    ":::{solution} It is 25 cm.\n:::\n::::\n";

static const char *written(const char *from, const char *to) {
    const char *folder = folder_new();
    char *changed = text_with(lesson, from, to);
    folder_remove("01-first/lesson.zh.md");
    folder_write("course.yaml", about);
    folder_write(LESSON, changed);
    free(changed);
    return folder;
}

static void a_course_with_parts_and_tests_is_sound(void **state) {
    (void)state;
    json_t *problems = school_check_course(written("A car\n", "A car\n"), NULL);
    assert_non_null(problems);
    if (json_array_size(problems))
        fail_msg("%s", json_text(json_array_get(problems, 0), "message", ""));
    json_decref(problems);
    folder_free();
}

static void each_mistake_in_them_is_told(void **state) {
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"key: \"v * {d} m\"", "key: \"s * {d} m\"", "builds on itself or on a later part"},
        {"name: law\n", "name: pi\n", "needs a name of letters"},
        {"name: law\n", "name: v\n", "has the name of another"},
        {"name: v\n", "nam: v\n", "no key \"nam\""},
        {"options: {units: true}\n  - name", "options: {unit: true}\n  - name", "no key \"unit\""},
        {"check: choice\n", "check: order\n", "no check that a part can have"},
        {"    ask: How fast is it after ${t}$ s?\n", "", "asks nothing"},
        {"[that of Hooke, the first of Newton]", "[one]", "must be a list of 2"},
        {"{v: \"{a+t} m/s\"}", "{w: \"{a+t} m/s\"}", "does not fit the check parts"},
        {"{v: \"{a+t} m/s\"}", "{v: \"{a*t} m/s\"}", "is right"},
        {"Multiply that by the seconds.", "It is ${a*t*d}$.", "hint 2 holds the key"},
        {"next: half", "next: 1", "leads back to test 1"},
        {"next: half", "next: hlaf", "goes on at a test that does not exist"},
        {"That is half of it.", "It is 25 cm.", "what this test says holds the key"},
        {"score: 0.5, say", "score: 5, say", "needs a score from 0 to 1"},
        {"when: {is: 16 m}", "when: {was: 16 m}", "is not known"},
        {"when: {is: 16 m}", "when: {is: much}", "is not graded right"},
        {"when: {is: 16 m}", "when: {is: 25 cm}, score: 0.5", "is not graded right"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *problems = school_check_course(written(rows[i].from, rows[i].to), NULL), *one;
        bool told = false;
        size_t k;
        json_array_foreach(problems, k, one) told |=
            strstr(json_text(one, "message", ""), rows[i].message) != NULL &&
            json_number(one, "line", 0) > 0;
        if (!told)
            fail_msg("%s: not told: %s; first of %zu: %s", rows[i].to, rows[i].message,
                     json_array_size(problems),
                     json_text(json_array_get(problems, 0), "message", ""));
        json_decref(problems);
        folder_free();
    }
}

static void check_answer(const struct variant *variant, const char *given, const char *wanted) {
    json_t *answer = json_parse(view_of(given), NULL), *right = json_parse(view_of(wanted), NULL);
    struct fault fault = {0};
    json_t *turned = variant_answer(variant, answer, &fault);
    if (!turned || !json_equal(turned, right))
        fail_msg("%s is not %s: %s", given, wanted, fault.message);
    json_decref(answer);
    json_decref(right);
    json_decref(turned);
}

static void parts_come_back_by_name_by_place_or_in_a_line(void **state) {
    static const char wanted[] = "{\"v\":\"3 m/s\",\"s\":\"9 m\",\"law\":2}";
    (void)state;
    written("A car\n", "A car\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "car", "en"), 3, NULL);
    assert_non_null(variant);
    check_answer(variant, "{\"v\":\"3 m/s\",\"s\":\"9 m\",\"law\":1}", wanted);
    check_answer(variant, "[\"3 m/s\",\"9 m\",1]", wanted);
    json_t *line = json_string("3 m/s; 9 m; 2"), *none = json_integer(3);
    json_t *turned = variant_answer(variant, line, NULL);
    json_t *right = json_parse(view_of(wanted), NULL);
    assert_true(json_equal(turned, right));
    assert_null(variant_answer(variant, none, NULL));
    json_decref(turned);
    json_decref(right);
    json_decref(line);
    json_decref(none);
    variant_free(variant);
    course_free(course);
    folder_free();
}

static void a_misconception_in_a_part_is_known_by_the_learners_own_result(void **state) {
    static const struct {
        const char *answer, *why;
    } rows[] = {
        {"{\"v\":\"500 m/s\",\"s\":\"1\"}", NULL},
        {"{\"s\":\"9 m\"}", NULL},
    };
    (void)state;
    written("A car\n", "A car\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "car", "en"), 3, NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *answer = json_parse(view_of(rows[i].answer), NULL);
        assert_null(variant_misconception(variant, answer));
        json_decref(answer);
    }
    /* the own v and the d of the question, added */
    double d =
        strtod(strstr(json_text(json_array_get(variant->key, 1), "key", ""), "*") + 1, NULL);
    char text[80];
    snprintf(text, sizeof text, "{\"v\":\"100 m/s\",\"s\":\"%g m\"}", 100 + d);
    json_t *answer = json_parse(view_of(text), NULL);
    const struct misconception *found = variant_misconception(variant, answer);
    assert_true(found && view_is(found->why, "joined"));
    json_decref(answer);
    variant_free(variant);
    course_free(course);
    folder_free();
}

static void the_page_gets_the_questions_of_parts_and_no_key(void **state) {
    (void)state;
    written("A car\n", "A car\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "car", "en"), 3, NULL);
    json_t *public = variant_public(variant), *parts = json_object_get(public, "parts");
    struct buffer text = {0};
    buffer_json(&text, public);
    assert_int_equal(json_array_size(parts), 3);
    assert_string_equal(json_text(json_array_get(parts, 0), "name", ""), "v");
    assert_int_equal(json_array_size(json_object_get(json_array_get(parts, 2), "shown_html")), 2);
    assert_null(strstr(text.at, "\"key\""));
    assert_null(strstr(text.at, " m/s"));
    buffer_free(&text);
    json_decref(public);
    variant_free(variant);
    course_free(course);
    folder_free();
}

static int clean(void **state) {
    (void)state;
    algebra_thread_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course_with_parts_and_tests_is_sound),
        cmocka_unit_test(each_mistake_in_them_is_told),
        cmocka_unit_test(parts_come_back_by_name_by_place_or_in_a_line),
        cmocka_unit_test(a_misconception_in_a_part_is_known_by_the_learners_own_result),
        cmocka_unit_test(the_page_gets_the_questions_of_parts_and_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
