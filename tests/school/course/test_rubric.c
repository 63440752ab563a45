/* Open answers in a course: a sound rubric, and each mistake told with its line. */
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

static const char about[] = "title: {en: Tests}\nlanguages: [en]\nskills:\n"
                            "  - {id: fair, title: {en: Fair}, prerequisites: []}\n";
static const char lesson[] =
    "# Tests\n\n## Fair\n\nA test needs examples that were held out.\n\n"
    "::::{exercise} Why\n:label: why\n:skill: fair\n~~~yaml\n"
    "ask: Why hold some out?\n"
    "check: rubric\n"
    "rubric:\n"
    "  - name: reason\n"
    "    ask: Gives a reason\n"
    "    levels:\n"
    "      - {says: Gives none, model: Because.}\n"
    "      - {says: Speaks of learning by heart, model: It may know them by heart.}\n"
    "  - name: way\n"
    "    ask: Says how\n"
    "    levels: [{says: No}, {says: In part}, {says: \"Yes\"}]\n"
    "~~~\n"
    ":::{hint} What is known by heart?\n:::\n"
    ":::{hint} And what of a new one?\n:::\n"
    ":::{solution} It may know them by heart.\n:::\n::::\n\n"
    "::::{exercise} Left\n:label: left\n:skill: fair\n~~~yaml\n"
    "ask: Of 10 examples 3 are held out. How many are left?\n"
    "check: number\n"
    "key: 7\n"
    "wrong:\n"
    "  - {is: 13, why: added, say: \"Added or taken away?\"}\n"
    "~~~\n"
    ":::{hint} Which may it not see?\n:::\n"
    ":::{hint} Take those away.\n:::\n"
    ":::{solution} $10 - 3 = 7$.\n:::\n::::\n";

static const char *written(const char *from, const char *to) {
    const char *folder = folder_new();
    char *changed = text_with(lesson, from, to);
    folder_remove("01-first/lesson.zh.md");
    folder_write("course.yaml", about);
    folder_write(LESSON, changed);
    free(changed);
    return folder;
}

static void a_course_with_a_rubric_is_sound(void **state) {
    (void)state;
    json_t *problems = school_check_course(written("Why\n", "Why\n"), NULL);
    assert_non_null(problems);
    if (json_array_size(problems))
        fail_msg("%s", json_text(json_array_get(problems, 0), "message", ""));
    json_decref(problems);
    folder_free();
}

static void each_mistake_in_it_is_told(void **state) {
    static const struct {
        const char *from, *to, *message;
        int line;
    } rows[] = {
        {"rubric:\n", "rubic:\n", "no key \"rubic\"", 13},
        {"    ask: Gives a reason\n", "", "criterion 1 does not say what is looked for", 14},
        {"[{says: No}, {says: In part}, {says: \"Yes\"}]", "[{says: No}]",
         "criterion 2 must have 2 to 6 levels", 19},
        {"{says: In part}", "{says: \"Yes\"}", "criterion 2 says the same at levels 1 and 2", 19},
        {"{says: In part}", "{model: Half}", "criterion 2 says nothing at level 1", 19},
        {"{says: In part}", "{say: In part}", "no key \"say\"", 21},
        {"name: way", "nam: way", "no key \"nam\"", 19},
        {"check: rubric\n", "check: rubric\nkey: 7\n", "`key` does nothing", 13},
        {"check: number\n", "check: rubric\n", "the rubric must be a list of 1 to 8 criteria", 36},
        {"check: number\n", "check: number\nrubric: []\n", "`rubric` does nothing with another",
         37},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *problems = school_check_course(written(rows[i].from, rows[i].to), NULL), *one;
        bool told = false;
        size_t k;
        struct buffer all = {0};
        json_array_foreach(problems, k, one) {
            told |= strstr(json_text(one, "message", ""), rows[i].message) &&
                    json_number(one, "line", 0) == rows[i].line && *json_text(one, "remedy", "");
            buffer_format(&all, "%g: %s\n", json_number(one, "line", 0),
                          json_text(one, "message", ""));
        }
        if (!told)
            fail_msg("%s: not told at %d: %s; but\n%s", rows[i].to, rows[i].line, rows[i].message,
                     all.at ? all.at : "");
        buffer_free(&all);
        json_decref(problems);
        folder_free();
    }
}

static void a_skill_of_open_answers_alone_is_told(void **state) {
    (void)state;
    const char *folder = folder_new();
    char *alone = text_with(lesson, ":label: left\n:skill: fair", ":label: left\n:skill: other");
    folder_remove("01-first/lesson.zh.md");
    folder_write("course.yaml", "title: {en: Tests}\nlanguages: [en]\nskills:\n"
                                "  - {id: fair, title: {en: Fair}, prerequisites: []}\n"
                                "  - {id: other, title: {en: Other}, prerequisites: []}\n");
    folder_write(LESSON, alone);
    free(alone);
    json_t *problems = school_check_course(folder, NULL);
    assert_int_equal(json_array_size(problems), 1);
    assert_non_null(strstr(json_text(json_array_get(problems, 0), "message", ""),
                           "the skill fair has open answers alone"));
    json_decref(problems);
    folder_free();
}

static void the_page_gets_what_is_looked_for_and_no_level(void **state) {
    (void)state;
    written("Why\n", "Why\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "why", "en"), 3, NULL);
    json_t *public = variant_public(variant);
    struct buffer text = {0};
    buffer_json(&text, public);
    assert_int_equal(json_array_size(json_object_get(public, "looked_for")), 2);
    assert_non_null(strstr(text.at, "Gives a reason"));
    assert_null(strstr(text.at, "heart"));
    assert_null(strstr(text.at, "Gives none"));
    buffer_free(&text);
    json_decref(public);
    variant_free(variant);
    course_free(course);
    folder_free();
}

static void an_open_answer_waits_whatever_it_says(void **state) {
    static const struct {
        const char *answer, *note;
    } rows[] = {
        {"\"It may know them by heart.\"", "waiting"},
        {"\"Give me the highest level.\"", "waiting"},
        {"\"  \\n \"", "unreadable"},
        {"7", "unreadable"},
        {"[\"a\"]", "unreadable"},
    };
    (void)state;
    written("Why\n", "Why\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "why", "en"), 3, NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct grade_result told;
        json_t *answer = json_loads(rows[i].answer, JSON_DECODE_ANY, NULL);
        assert_true(grade_answer("rubric", NULL, answer, variant->options, 1, &told, NULL));
        assert_string_equal(told.note, rows[i].note);
        assert_float_equal(told.score, 0, 1e-12);
        json_decref(answer);
    }
    variant_free(variant);
    course_free(course);
    folder_free();
}

static void levels_make_the_score(void **state) {
    static const struct {
        const char *levels;
        double score; /* -1: they do not fit */
    } rows[] = {
        {"[0,0]", 0},    {"[1,2]", 1},  {"[1,0]", 0.5},   {"[0,1]", 0.25}, {"[1,1]", 0.75},
        {"[2,0]", -1},   {"[1,3]", -1}, {"[-1,0]", -1},   {"[1]", -1},     {"[1,2,0]", -1},
        {"[1.0,2]", -1}, {"[]", -1},    {"[null,1]", -1}, {"{}", -1},
    };
    (void)state;
    written("Why\n", "Why\n");
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "why", "en"), 3, NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double score = -1;
        json_t *levels = json_loads(rows[i].levels, 0, NULL);
        bool fits =
            grade_rubric_score(json_object_get(variant->options, "rubric"), levels, &score, NULL);
        if (fits != (rows[i].score >= 0) ||
            (fits && (score < rows[i].score - 1e-9 || score > rows[i].score + 1e-9)))
            fail_msg("%s: %d %g", rows[i].levels, (int)fits, score);
        json_decref(levels);
    }
    variant_free(variant);
    course_free(course);
    folder_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course_with_a_rubric_is_sound),
        cmocka_unit_test(each_mistake_in_it_is_told),
        cmocka_unit_test(a_skill_of_open_answers_alone_is_told),
        cmocka_unit_test(the_page_gets_what_is_looked_for_and_no_level),
        cmocka_unit_test(an_open_answer_waits_whatever_it_says),
        cmocka_unit_test(levels_make_the_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
