/* A translation beside its source: what is stale, what is missing, and what it can never change.
 */
#include "folder.h"
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHINESE "01-first/lesson.zh.md"
#define ENGLISH "01-first/lesson.md"

static const char *const none[] = {NULL};

/* The course with one text changed in one file, freed by nobody: tests are short. */
static void change(const char *folder, const char *file, const char *from, const char *to) {
    char path[300];
    struct buffer now = {0};
    struct fault fault = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_true(file_read(path, 1 << 20, &now, &fault));
    char *text = text_with(now.at, from, to);
    folder_write(file, text);
    free(text);
    buffer_free(&now);
}

static size_t mark(const char *folder, const char *const *names, bool all) {
    struct fault fault = {0};
    json_t *done = school_translated(folder, "zh", names, all, &fault);
    if (!done)
        fail_msg("%s", fault.message);
    size_t n = json_array_size(json_object_get(done, "marked"));
    json_decref(done);
    return n;
}

static const struct lesson_part *part(const struct course *course, const char *name) {
    const struct lesson *lesson = course_lesson(course, "01-first", "zh");
    for (size_t i = 0; i < lesson->n_part; i++)
        if (view_is(lesson->parts[i].name, name))
            return &lesson->parts[i];
    fail_msg("no part %s", name);
    return NULL;
}

static enum translation state_of(const char *name) {
    struct course *course = folder_load();
    enum translation state = part(course, name)->state;
    course_free(course);
    return state;
}

static bool page_has(const char *language, const char *text) {
    struct course *course = folder_load();
    const struct lesson *lesson = course_lesson(course, "01-first", language);
    bool has = view_find(lesson->html, view_of(text)) >= 0;
    course_free(course);
    return has;
}

static void what_has_no_mark_is_neither_stale_nor_current(void **state) {
    (void)state;
    folder_new();
    assert_int_equal(state_of("start"), TRANSLATION_UNMARKED);
    assert_int_equal(state_of("adding-up"), TRANSLATION_UNMARKED);
    assert_int_equal(state_of("sum-1"), TRANSLATION_UNMARKED);
    assert_false(page_has("zh", "<details"));
    folder_free();
}

static void a_marked_translation_is_stale_where_its_source_changes_and_nowhere_else(void **state) {
    (void)state;
    const char *folder = folder_new();
    assert_int_equal(mark(folder, none, false), 5);
    assert_int_equal(mark(folder, none, false), 0);
    assert_int_equal(state_of("start"), TRANSLATION_CURRENT);
    assert_int_equal(state_of("sum-1"), TRANSLATION_CURRENT);
    assert_false(page_has("zh", "<!--"));
    assert_false(page_has("zh", "&lt;!--"));
    change(folder, ENGLISH, "is to count on", "is to   count\non"); /* spaces are no change */
    assert_int_equal(state_of("adding-up"), TRANSLATION_CURRENT);
    change(folder, ENGLISH, "For example", "So");
    assert_int_equal(state_of("adding-up"), TRANSLATION_STALE);
    assert_int_equal(state_of("start"), TRANSLATION_CURRENT);
    assert_int_equal(state_of("sum-1"), TRANSLATION_CURRENT);
    change(folder, ENGLISH, "Count on.", "Go on counting.");
    assert_int_equal(state_of("sum-1"), TRANSLATION_STALE);
    assert_int_equal(state_of("pick-1"), TRANSLATION_CURRENT);
    folder_free();
}

static void a_stale_section_has_its_source_beside_it_and_keeps_its_place(void **state) {
    (void)state;
    const char *folder = folder_new();
    mark(folder, none, false);
    change(folder, ENGLISH, "For example", "So");
    struct course *course = folder_load();
    const struct lesson *lesson = course_lesson(course, "01-first", "zh");
    ptrdiff_t heading = view_find(lesson->html, VIEW("id=\"01-first--adding-up\""));
    ptrdiff_t details = view_find(lesson->html, VIEW("<details class=\"stale\"><summary>这一节"));
    ptrdiff_t source = view_find(lesson->html, VIEW("<div lang=\"en\" dir=\"ltr\"><p>To <em>add"));
    ptrdiff_t prose = view_find(lesson->html, VIEW("加就是接着数"));
    assert_true(0 < heading && heading < details && details < source && source < prose);
    /* the tutor quotes the page, not what is folded away */
    for (size_t i = 0; i < lesson->n_passage; i++)
        assert_true(view_find(lesson->passages[i].text, VIEW("count on")) < 0);
    course_free(course);
    folder_free();
}

static void what_is_stale_is_marked_only_by_its_name_or_with_all(void **state) {
    (void)state;
    const char *folder = folder_new();
    mark(folder, none, false);
    change(folder, ENGLISH, "For example", "So");
    change(folder, ENGLISH, "Count on.", "Go on counting.");
    assert_int_equal(mark(folder, none, false), 0);
    assert_int_equal(state_of("adding-up"), TRANSLATION_STALE);
    assert_int_equal(mark(folder, (const char *const[]){"adding-up", NULL}, false), 1);
    assert_int_equal(state_of("adding-up"), TRANSLATION_CURRENT);
    assert_int_equal(state_of("sum-1"), TRANSLATION_STALE);
    assert_int_equal(mark(folder, none, true), 1);
    assert_int_equal(state_of("sum-1"), TRANSLATION_CURRENT);
    struct fault fault = {0};
    assert_null(
        school_translated(folder, "zh", (const char *const[]){"sum-9", NULL}, false, &fault));
    assert_non_null(strstr(fault.message, "sum-9"));
    fault = (struct fault){0};
    assert_null(school_translated(folder, "fr", none, false, &fault));
    folder_free();
}

static void a_missing_section_is_shown_in_the_language_of_the_source(void **state) {
    (void)state;
    const char *folder = folder_new();
    mark(folder, none, false);
    change(folder, CHINESE, "完了。", "");
    change(folder, CHINESE, "## 结束\n<!-- of the-end", "<!-- was");
    struct course *course = folder_load();
    const struct lesson *lesson = course_lesson(course, "01-first", "zh");
    assert_int_equal(part(course, "the-end")->state, TRANSLATION_MISSING);
    assert_int_equal(part(course, "adding-up")->state, TRANSLATION_CURRENT);
    ptrdiff_t open =
        view_find(lesson->html,
                  VIEW("<div class=\"untranslated\" lang=\"en\" dir=\"ltr\">\n<h2 "
                       "id=\"01-first--the-end\">The end</h2>\n<p class=\"quiet\" lang=\"zh\""));
    assert_true(open > 0);
    assert_true(view_find(lesson->html, VIEW("That is all.")) > open);
    assert_true(lesson->passages[lesson->n_passage - 1].borrowed);
    assert_false(lesson->passages[0].borrowed);
    course_free(course);
    json_t *told = school_translations(folder, NULL);
    const json_t *zh = json_array_get(json_object_get(told, "languages"), 0);
    assert_int_equal(json_number(zh, "missing", 0), 1);
    assert_int_equal(json_number(zh, "current", 0), 4);
    assert_int_equal(json_array_size(json_object_get(told, "notes")), 1);
    json_decref(told);
    /* nor does the workshop take it for Chinese */
    json_t *texts = school_course_texts(folder, "zh", NULL);
    struct buffer all = {0};
    buffer_json(&all, texts);
    assert_null(strstr(all.at, "That is all"));
    buffer_free(&all);
    json_decref(texts);
    folder_free();
}

static void a_missing_exercise_stands_at_the_end_of_its_section(void **state) {
    (void)state;
    const char *folder = folder_new();
    char *start = strstr(sound_text(CHINESE), "::::{exercise} Pick");
    char *text =
        must_copy((struct view){sound_text(CHINESE), (size_t)(start - sound_text(CHINESE))});
    char *end = strstr(start, "## 结束");
    struct buffer whole = {0};
    buffer_text(&whole, text);
    buffer_text(&whole, end);
    folder_write(CHINESE, whole.at);
    struct course *course = folder_load();
    const struct lesson *lesson = course_lesson(course, "01-first", "zh");
    assert_int_equal(lesson->n_exercise, 2);
    const struct exercise *pick = course_exercise(course, "pick-1", "zh");
    assert_ptr_equal(pick->lesson, lesson);
    assert_int_equal(pick->translation, TRANSLATION_MISSING);
    ptrdiff_t at = view_find(lesson->html, VIEW("data-exercise=\"pick-1\""));
    assert_true(at > view_find(lesson->html, VIEW("data-exercise=\"sum-1\"")));
    assert_true(at < view_find(lesson->html, VIEW("结束")));
    course_free(course);
    json_t *problems = school_check_course(folder, NULL);
    assert_int_equal(json_array_size(problems), 0);
    json_decref(problems);
    buffer_free(&whole);
    free(text);
    folder_free();
}

/* Whether this answer is right in this language, for the numbers of this seed. */
static double score(const char *label, const char *language, uint64_t seed, const char *answer) {
    struct course *course = folder_load();
    const struct exercise *exercise = course_exercise(course, label, language);
    struct variant *variant = variant_make(exercise, seed, NULL);
    json_t *given = json_string(answer);
    struct grade_result result;
    assert_non_null(variant);
    assert_true(grade_answer(exercise->check.at, variant->key, given, variant->options, seed,
                             &result, NULL));
    json_decref(given);
    variant_free(variant);
    course_free(course);
    return result.score;
}

static json_t *key_of(const char *language, uint64_t seed) {
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "sum-1", language), seed, NULL);
    assert_non_null(variant);
    json_t *key = json_incref(variant->key);
    variant_free(variant);
    course_free(course);
    return key;
}

static void a_translation_can_never_change_a_grade(void **state) {
    (void)state;
    static const char *const changes[][2] = {
        {"key: \"{s}\"", "key: \"{a*b}\""},
        {"vary: {a: 2..9, b: 11..19}", "vary: {a: 1..3}"},
        {"let: {s: a + b}", "let: {s: a - b}"},
        {"where: a != b - 10", "where: a = 2"},
        {"check: number", "check: text"},
        {"~~~yaml\n", "~~~yaml\noptions: {absolute: 99}\n"},
        {"is: \"{b - a}\"", "is: \"{a + b}\""},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        const char *folder = folder_new();
        change(folder, CHINESE, changes[i][0], changes[i][1]);
        for (uint64_t seed = 0; seed < 20; seed++) {
            json_t *here = key_of("zh", seed), *there = key_of("en", seed);
            if (!json_equal(here, there))
                fail_msg("%s changes the key", changes[i][1]);
            char right[40], wrong[40];
            snprintf(right, sizeof right, "%s", json_string_value(there));
            snprintf(wrong, sizeof wrong, "%ld", strtol(right, NULL, 10) + 5);
            assert_true(score("sum-1", "zh", seed, right) >= 1);
            assert_true(score("sum-1", "zh", seed, wrong) < 1);
            json_decref(here);
            json_decref(there);
        }
        folder_free();
    }
}

static void a_translation_needs_only_the_words(void **state) {
    (void)state;
    const char *folder = folder_new();
    change(
        folder, CHINESE,
        ":skill: add\n~~~yaml\nvary: {a: 2..9, b: 11..19}\nwhere: a != b - 10\nlet: {s: a + b}\n",
        "~~~yaml\n");
    change(folder, CHINESE, "check: number\nkey: \"{s}\"\n", "");
    change(folder, CHINESE, "{is: \"{b - a}\", why: subtracted,", "{why: subtracted,");
    json_t *problems = school_check_course(folder, NULL);
    struct buffer said = {0};
    buffer_json(&said, problems);
    if (json_array_size(problems))
        fail_msg("%s", said.at);
    json_t *key = key_of("en", 3);
    assert_true(score("sum-1", "zh", 3, json_string_value(key)) >= 1);
    json_decref(key);
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "sum-1", "zh"), 3, NULL);
    assert_int_equal(variant->n_wrong, 2);
    assert_non_null(strstr(variant->ask.at, "结果是什么"));
    assert_string_equal(variant->wrong[0].why.at, "subtracted");
    assert_non_null(strstr(variant->wrong[0].say.at, "你要把"));
    variant_free(variant);
    course_free(course);
    buffer_free(&said);
    json_decref(problems);
    folder_free();
}

static void varied_words_are_drawn_by_the_source_and_shown_in_translation(void **state) {
    (void)state;
    const char *folder = folder_new();
    change(folder, ENGLISH, "vary: {a: 2..9,", "vary: {w: [cat, dog, cow], a: 2..9,");
    change(folder, ENGLISH, "where: a != b - 10", "where: [a != b - 10, w != dog]");
    change(folder, ENGLISH, "ask: What comes out?", "ask: \"{w}?\"");
    change(folder, CHINESE, "vary: {a: 2..9,", "vary: {w: [猫, 狗, 牛], a: 2..9,");
    change(folder, CHINESE, "ask: 结果是什么？", "ask: \"{w}？\"");
    struct course *course = folder_load();
    bool cow = false;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct variant *en = variant_make(course_exercise(course, "sum-1", "en"), seed, NULL);
        struct variant *zh = variant_make(course_exercise(course, "sum-1", "zh"), seed, NULL);
        assert_non_null(en);
        assert_non_null(zh);
        assert_true(json_equal(en->key, zh->key));
        assert_string_equal(zh->ask.at, view_is(en->ask, "cat?") ? "猫？" : "牛？");
        cow |= view_is(en->ask, "cow?");
        variant_free(en);
        variant_free(zh);
    }
    assert_true(cow);
    course_free(course);
    folder_free();
}

static void a_text_may_be_answered_in_either_language(void **state) {
    (void)state;
    const char *folder = folder_new();
    const char *const choice = "check: choice\noptions: {choices: [the brown cow, the red fox, "
                               "the old owl]}\nkey: 2\n";
    const char *const from = "wrong:\n  - {is: 1, why: cow";
    change(folder, ENGLISH, choice, "check: text\nkey: [fox, a fox]\n");
    change(folder, CHINESE, choice, "check: text\nkey: 狐狸\n");
    change(folder, ENGLISH, from, "wrong:\n  - {is: cow, why: cow");
    change(folder, CHINESE, from, "wrong:\n  - {is: 牛, why: cow");
    change(folder, ENGLISH, "{is: 3, why", "{is: owl, why");
    change(folder, CHINESE, "{is: 3, why", "{is: 猫头鹰, why");
    assert_true(score("pick-1", "zh", 0, "狐狸") >= 1);
    assert_true(score("pick-1", "zh", 0, "a fox") >= 1);
    assert_true(score("pick-1", "zh", 0, "牛") < 1);
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "pick-1", "zh"), 0, NULL);
    json_t *owl = json_string("owl");
    assert_string_equal(variant_misconception(variant, owl)->why.at, "owl");
    json_decref(owl);
    variant_free(variant);
    course_free(course);
    json_t *problems = school_check_course(folder, NULL);
    assert_int_equal(json_array_size(problems), 0);
    json_decref(problems);
    folder_free();
}

/* Each of them keeps its own answer and its own words. */
static void wrong_answers_that_share_a_reason_stay_apart(void **state) {
    (void)state;
    const char *folder = folder_new();
    change(folder, ENGLISH, "why: owl,", "why: cow,");
    change(folder, CHINESE, "why: owl,", "why: cow,");
    struct course *course = folder_load();
    struct variant *en = variant_make(course_exercise(course, "pick-1", "en"), 0, NULL);
    struct variant *zh = variant_make(course_exercise(course, "pick-1", "zh"), 0, NULL);
    assert_int_equal(zh->n_wrong, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(json_equal(en->wrong[i].is, zh->wrong[i].is));
        assert_string_equal(zh->wrong[i].why.at, "cow");
        assert_string_not_equal(en->wrong[i].say.at, zh->wrong[i].say.at);
    }
    assert_false(json_equal(zh->wrong[0].is, zh->wrong[1].is));
    assert_string_not_equal(zh->wrong[0].say.at, zh->wrong[1].say.at);
    variant_free(en);
    variant_free(zh);
    course_free(course);
    folder_free();
}

/* A learner in Spanish who writes 11.002 is asked what is meant; an author who foresees it is not.
 */
static void what_an_author_writes_is_read_as_theirs_in_every_language(void **state) {
    (void)state;
    const char *folder = folder_new();
    char path[300];
    struct buffer words = {0};
    struct fault fault = {0};
    change(folder, "course.yaml", "languages: [en, zh]", "languages: [en, zh, es]");
    change(folder, ENGLISH, "{is: \"{b - a}\"", "{is: \"{b - a + 1.002}\"");
    snprintf(path, sizeof path, "%s/%s", folder, CHINESE);
    assert_true(file_read(path, 1 << 20, &words, &fault));
    folder_write("01-first/lesson.es.md", words.at);
    json_t *problems = school_check_course(folder, NULL);
    char *said = json_dumps(problems, 0);
    if (json_array_size(problems))
        fail_msg("%s", said);
    free(said);
    json_decref(problems);
    buffer_free(&words);
    folder_free();
}

static void a_broken_translated_exercise_leaves_the_source_in_its_place(void **state) {
    (void)state;
    const char *folder = folder_new();
    change(folder, CHINESE, "~~~yaml\nvary:", "~~~yaml\n: [vary:");
    assert_int_equal(state_of("sum-1"), TRANSLATION_MISSING);
    json_t *key = key_of("en", 1);
    assert_true(score("sum-1", "zh", 1, json_string_value(key)) >= 1);
    json_decref(key);
    json_t *problems = school_check_course(folder, NULL);
    assert_true(json_array_size(problems) > 0);
    json_decref(problems);
    folder_free();
}

static void a_mark_moves_with_its_section(void **state) {
    (void)state;
    const char *folder = folder_new();
    mark(folder, none, false);
    change(folder, ENGLISH, "## The end", "## Something new\n\nWords.\n\n## The end");
    assert_int_equal(state_of("something-new"), TRANSLATION_MISSING);
    assert_int_equal(state_of("the-end"), TRANSLATION_CURRENT);
    folder_free();
    folder = folder_new();
    mark(folder, none, false);
    change(folder, ENGLISH, "## The end", "## The last");
    assert_int_equal(state_of("the-last"), TRANSLATION_STALE);
    assert_true(page_has("zh", "结束"));
    folder_free();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_mark_is_neither_stale_nor_current),
        cmocka_unit_test(a_marked_translation_is_stale_where_its_source_changes_and_nowhere_else),
        cmocka_unit_test(a_stale_section_has_its_source_beside_it_and_keeps_its_place),
        cmocka_unit_test(what_is_stale_is_marked_only_by_its_name_or_with_all),
        cmocka_unit_test(a_missing_section_is_shown_in_the_language_of_the_source),
        cmocka_unit_test(a_missing_exercise_stands_at_the_end_of_its_section),
        cmocka_unit_test(a_translation_can_never_change_a_grade),
        cmocka_unit_test(a_translation_needs_only_the_words),
        cmocka_unit_test(varied_words_are_drawn_by_the_source_and_shown_in_translation),
        cmocka_unit_test(a_text_may_be_answered_in_either_language),
        cmocka_unit_test(wrong_answers_that_share_a_reason_stay_apart),
        cmocka_unit_test(what_an_author_writes_is_read_as_theirs_in_every_language),
        cmocka_unit_test(a_broken_translated_exercise_leaves_the_source_in_its_place),
        cmocka_unit_test(a_mark_moves_with_its_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
