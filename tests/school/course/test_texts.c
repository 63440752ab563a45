/* What leaves a course for the workshop: its public half, and of that what stands alone. */
#include "folder.h"
#include "school/course/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char lesson[] =
    "# First steps\n\nWelcome to the course of sums.\n\n## Adding up\n\n"
    "To *add* is to count on. The sum of $2$ and $3$ is $5$. Short one. Here it stands apart:\n\n"
    "$$a < b$$\n\nThe sum $$a + b$$ is shown by itself here. Nothing is left over of it.\n\n"
    "~~~\nThis line is code and no prose.\n~~~\n\n"
    "| a column | another column of it |\n|---|---|\n| a cell of words here | and another |\n\n"
    "::::{exercise} Sum\n:label: sum-1\n:skill: add\n~~~yaml\nvary: {a: 2..9, b: 11..19}\n"
    "ask: What is {a} plus {b}?\ncheck: number\nkey: \"{a + b}\"\nwrong:\n"
    "  - {is: \"{b - a}\", why: subtracted, say: \"You took away {a}.\"}\n"
    "  - {is: \"{a + b}\", why: right, say: \"This one is right all the same.\"}\n~~~\n"
    ":::{hint} Count on from {b}.\n:::\n:::{solution} Heureka, it is {a + b}.\n:::\n::::\n\n"
    "## Picking\n\nThe red fox is the one to pick.\n\n"
    "::::{exercise} Pick\n:label: pick-1\n:skill: pick\n~~~yaml\nask: Which one is it?\n"
    "check: choice\noptions: {choices: [the brown cow, the purple gnu, the old owl]}\nkey: 2\n"
    "wrong:\n  - {is: 1, why: cow, say: \"That is a cow.\"}\n~~~\n"
    ":::{hint} It has horns.\n:::\n:::{solution} Heureka.\n:::\n::::\n";

static json_t *texts_of(const char *language) {
    struct fault fault = {0};
    const char *folder = folder_new();
    folder_write("01-first/lesson.md", lesson);
    json_t *texts = school_course_texts(folder, language, &fault);
    assert_non_null(texts);
    return texts;
}

static json_t *part(json_t *texts, const char *list, size_t i) {
    return json_array_get(json_object_get(texts, list), i);
}

static void passages_hold_the_sentences_that_stand_alone(void **state) {
    static const char *const wanted[] = {
        "To add is to count on.", "The sum of $2$ and $3$ is $5$.", "Nothing is left over of it."};
    (void)state;
    json_t *texts = texts_of("en"), *passage = part(texts, "passages", 1);
    json_t *sentences = json_object_get(passage, "sentences");
    assert_string_equal(json_text(texts, "licence", ""), "CC-BY-4.0");
    assert_string_equal(json_text(texts, "title", ""), "A course");
    assert_string_equal(json_text(passage, "lesson", ""), "01-first");
    assert_string_equal(json_text(passage, "id", ""), "01-first--adding-up");
    assert_string_equal(json_text(passage, "heading", ""), "Adding up");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(sentences); i++) {
        const char *text = json_string_value(json_array_get(sentences, i));
        assert_true(!strstr(text, "a + b") && !strstr(text, "a < b") && !strstr(text, "code"));
        assert_true(!strstr(text, "cell") && strcmp(text, "Short one.") != 0);
        for (size_t j = 0; j < COUNT_OF(wanted); j++)
            n += !strcmp(text, wanted[j]);
    }
    assert_int_equal(n, COUNT_OF(wanted));
    assert_true(json_array_size(json_object_get(passage, "breaks")) >= 1);
    json_decref(texts);
    folder_free();
}

static void no_key_and_no_solution_leaves(void **state) {
    (void)state;
    json_t *texts = texts_of("en");
    struct buffer text = {0};
    buffer_json(&text, texts);
    assert_null(strstr(text.at, "Heureka"));
    assert_null(strstr(text.at, "purple gnu"));
    assert_null(strstr(text.at, "right all the same"));
    assert_null(strstr(text.at, "\"key\""));
    buffer_free(&text);
    json_decref(texts);
    folder_free();
}

static void exercises_have_hints_and_wrong_answers_with_their_numbers_drawn(void **state) {
    (void)state;
    json_t *texts = texts_of("en"), *sum = part(texts, "exercises", 0),
           *pick = part(texts, "exercises", 1);
    assert_string_equal(json_text(sum, "id", ""), "sum-1");
    assert_string_equal(json_text(sum, "lesson", ""), "01-first");
    assert_string_equal(json_text(sum, "skill", ""), "add");
    assert_string_equal(json_text(sum, "passage", ""), "01-first--adding-up");
    assert_string_equal(json_text(pick, "passage", ""), "01-first--picking");
    const char *hint = json_string_value(json_array_get(json_object_get(sum, "hints"), 0));
    int from = 0;
    assert_int_equal(sscanf(hint, "Count on from %d.", &from), 1);
    assert_true(from >= 11 && from <= 19);
    json_t *wrong = json_array_get(json_object_get(pick, "wrong"), 0);
    assert_string_equal(json_text(wrong, "answer", ""), "the brown cow");
    assert_string_equal(json_text(wrong, "say", ""), "That is a cow.");
    assert_true(json_array_size(json_object_get(sum, "wrong")) >= 1);
    json_decref(texts);
    folder_free();
}

static void a_language_that_is_not_there_gives_nothing(void **state) {
    (void)state;
    json_t *texts = texts_of("fr");
    assert_int_equal(json_array_size(json_object_get(texts, "passages")), 0);
    assert_int_equal(json_array_size(json_object_get(texts, "exercises")), 0);
    json_decref(texts);
    folder_free();
}

static void a_folder_that_is_no_course_is_told(void **state) {
    struct fault fault = {0};
    (void)state;
    assert_null(school_course_texts("/nonexistent/course", "en", &fault));
    assert_true(fault.kind != FAULT_NONE && fault.message[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passages_hold_the_sentences_that_stand_alone),
        cmocka_unit_test(no_key_and_no_solution_leaves),
        cmocka_unit_test(exercises_have_hints_and_wrong_answers_with_their_numbers_drawn),
        cmocka_unit_test(a_language_that_is_not_there_gives_nothing),
        cmocka_unit_test(a_folder_that_is_no_course_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
