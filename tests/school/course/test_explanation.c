/* What is told in several ways: a learner sees one of them, and the passage has that one. */
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LESSON "01-first/lesson.md"

static const char told[] = "Before it.\n\n"
                           "::::{example}\n"
                           "A plain sum. ![Dots](figure.svg)\n\n"
                           "~~~\n:::{variant}\n::::\n~~~\n"
                           ":::{variant}\n"
                           ":for: child, music\n"
                           "Sing **three** notes.\n\n~~~\n:::\n~~~\n"
                           ":::\n"
                           ":::{variant}\n"
                           ":for: music programming\n"
                           "Append three notes.\n"
                           ":::\n"
                           "::::\n\n"
                           "After it.";

static background_set tags(const char *a, const char *b) {
    return background_tag_of(view_of(a)) | background_tag_of(view_of(b));
}

struct taught { /* the sound course with the text above in its second section */
    char *text;
    struct course *course;
    const struct lesson *lesson;
};

static struct taught taught_new(void) {
    struct taught taught;
    folder_new();
    taught.text = text_with(sound_text(LESSON), "To *add* is to count on. For example $2 + 3 = 5$.",
                            told);
    folder_write(LESSON, taught.text);
    taught.course = folder_load();
    taught.lesson = course_lesson(taught.course, "01-first", "en");
    return taught;
}

static void taught_free(struct taught *taught) {
    course_free(taught->course);
    free(taught->text);
    folder_free();
}

static const struct row {
    const char *a, *b, *shown, *reason, *other_reason;
} rows[] = {
    {"", "", "A plain sum.", "", ""},
    {"adult", "cooking", "A plain sum.", "", ""},
    {"programming", "", "A plain sum.", "", ""}, /* one tag of two is not enough */
    {"child", "", "Sing three notes.", "child", ""},
    {"music", "adult", "Sing three notes.", "music", ""},
    {"child", "music", "Sing three notes.", "child", "music"},
    {"music", "programming", "Append three notes.", "music", "programming"}, /* asks for most */
};

static void one_way_is_shown_and_its_sentences_are_the_passage(void **state) {
    (void)state;
    struct taught taught = taught_new();
    const struct lesson *lesson = taught.lesson;
    assert_int_equal(lesson->n_explanation, 1);
    assert_int_equal(lesson->n_passage, 3);
    const struct explanation *explanation = &lesson->explanations[0];
    assert_int_equal(explanation->n_way, 2);
    assert_ptr_equal(explanation->plain, &lesson->passages[1]);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        background_set background = tags(rows[i].a, rows[i].b);
        struct buffer html = {0};
        assert_int_equal(lesson_html(lesson, background, &html),
                         tags(rows[i].reason, rows[i].other_reason));
        const struct way *way = explanation_way(explanation, background);
        const struct passage *passage = way ? &way->passage : explanation->plain;
        assert_true(view_find(passage->text, view_of(rows[i].shown)) > 0);
        assert_true(view_starts(passage->text, "Before it."));
        assert_true(view_ends(passage->text, "After it."));
        assert_int_equal(passage->n_sentence, 3);
        assert_true(view_equal(passage->id, explanation->plain->id));
        /* All others are hidden, on the page and in the search. */
        int n_shown = passage_shown(explanation->plain, background);
        for (size_t k = 0; k < explanation->n_way; k++)
            n_shown += passage_shown(&explanation->ways[k].passage, background);
        assert_int_equal(n_shown, 1);
        assert_true(passage_shown(passage, background));
        assert_true(passage_shown(&lesson->passages[0], background));
        int n_told = 0;
        for (size_t k = 0; k < COUNT_OF(rows); k++)
            if (k == 0 || k == 3 || k == 6)
                n_told += strstr(html.at, k == 0   ? "A plain sum."
                                          : k == 3 ? "Sing <strong>three</strong>"
                                                   : "Append three notes.") != NULL;
        assert_int_equal(n_told, 1);
        assert_non_null(strstr(html.at, "<p>Before it.</p>"));
        assert_non_null(strstr(html.at, "<p>After it.</p>"));
        assert_non_null(strstr(html.at, "data-exercise=\"sum-1\""));
        buffer_free(&html);
    }
    taught_free(&taught);
}

static void a_translation_has_ways_of_its_own_or_none(void **state) {
    (void)state;
    struct taught taught = taught_new();
    const struct lesson *chinese = course_lesson(taught.course, "01-first", "zh");
    struct buffer html = {0};
    assert_int_equal(chinese->n_explanation, 0);
    assert_int_equal(lesson_html(chinese, tags("child", "music"), &html), 0);
    assert_string_equal(html.at, chinese->html.at);
    buffer_free(&html);
    taught_free(&taught);
}

static void a_sound_explanation_has_no_mistakes(void **state) {
    (void)state;
    struct fault fault = {0};
    const char *folder = folder_new();
    char *text = text_with(sound_text(LESSON),
                           "To *add* is to count on. For example $2 + 3 = 5$.", told);
    folder_write(LESSON, text);
    json_t *problems = school_check_course(folder, &fault);
    struct buffer shown = {0};
    buffer_json(&shown, problems);
    assert_string_equal(shown.at, "[]");
    buffer_free(&shown);
    json_decref(problems);
    free(text);
    folder_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_way_is_shown_and_its_sentences_are_the_passage),
        cmocka_unit_test(a_translation_has_ways_of_its_own_or_none),
        cmocka_unit_test(a_sound_explanation_has_no_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
