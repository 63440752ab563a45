/* What a learner is told, in each of the four languages: no table lacks a row, no row is left in
 * English, and what stands in for a number or a name stands in each. */
#include "main/learn_words.h"
#include "school/course/course.h"
#include "school/grade/inside.h"
#include "school/school_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static size_t count_marks(const char *text) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "%s")); at += 2)
        n++;
    return n;
}

static bool has_letter_of(const char *text, int32_t first, int32_t last) {
    int32_t c;
    for (size_t i = 0, n = strlen(text); i < n; i += utf8_decode(text + i, n - i, &c))
        if (utf8_decode(text + i, n - i, &c) && c >= first && c <= last)
            return true;
    return false;
}

static void check_row(const char *name, const char *const *in) {
    for (size_t i = 0; i < 4; i++) {
        if (!in[i] || !*in[i])
            fail_msg("%s lacks language %zu", name, i);
        if (i && !strcmp(in[i], in[0]))
            fail_msg("%s is in English for language %zu", name, i);
        if (count_marks(in[i]) != count_marks(in[0]))
            fail_msg("%s has other places to fill in language %zu", name, i);
    }
    if (!has_letter_of(in[1], 0x4E00, 0x9FFF) || !has_letter_of(in[3], 0x621, 0x64A))
        fail_msg("%s is in another script", name);
}

static void every_sentence_of_grading_is_said_in_every_language(void **state) {
    (void)state;
    const char *const *in;
    const char *note;
    size_t n = 0;
    for (; (note = grade_sentence_row(n, &in)); n++)
        check_row(note, in);
    assert_true(n > 60);
}

static void every_explanation_is_said_in_every_language(void **state) {
    (void)state;
    size_t n = 0;
    for (; explain_cell(n, 0); n++) {
        const char *in[4];
        for (size_t i = 0; i < 4; i++)
            in[i] = explain_cell(n, i);
        check_row(in[0], in);
    }
    assert_true(n > 15);
}

/* Each row of a table of cells. */
static size_t check_cells(const char *(*cell)(size_t row, size_t column)) {
    size_t n = 0;
    for (; cell(n, 0); n++) {
        const char *in[4];
        for (size_t i = 0; i < 4; i++)
            in[i] = cell(n, i);
        check_row(in[0], in);
    }
    return n;
}

static void every_note_about_translations_is_said_in_every_language(void **state) {
    (void)state;
    assert_int_equal(check_cells(translation_cell), 3);
    assert_string_equal(translation_stale_exercise(VIEW("es-MX")), translation_cell(1, 2));
    assert_string_equal(translation_stale_exercise(VIEW("fr")), translation_cell(1, 0));
}

static void every_word_of_the_terminal_is_said_in_every_language(void **state) {
    (void)state;
    assert_int_equal(check_cells(learn_cell), LEARN_WORDS);
    assert_string_equal(learn_word(LEARN_GO_ON, "es-MX"), "Intro");
    assert_string_equal(learn_word(LEARN_GO_ON, "fr"), "Enter");
}

static void a_mark_that_could_be_both_is_asked_about_in_the_language_that_is_read(void **state) {
    (void)state;
    static const struct {
        const char *language, *answer, *note;
        double score;
    } rows[] = {
        {"es", "1,234", "ambiguous", 0},
        {"es", "1.234", "ambiguous", 0},
        {"ar", "1,234", "ambiguous", 0},
        {"ar", "1.234", "ambiguous", 0},
        {"en", "1,234", "ambiguous", 0},
        {"en", "1.234", "", 1},
        {"zh", "1.234", "", 1},
        {"es", "1,2340", "", 1},
        {"ar", "١٫٢٣٤", "", 1},
        {"ar", "١٬٢٣٤", "power-of-ten", 0},
        {"es", "1.234,0", "power-of-ten", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *key = json_string("1.234"), *given = json_string(rows[i].answer);
        json_t *options = json_pack("{s:s}", "language", rows[i].language);
        struct grade_result result;
        struct fault fault = {0};
        assert_true(grade_answer("number", key, given, options, 1, &result, &fault));
        if (strcmp(result.note, rows[i].note) != 0 || result.score < rows[i].score)
            fail_msg("%s in %s: %f, %s", rows[i].answer, rows[i].language, result.score,
                     result.note);
        json_decref(key);
        json_decref(given);
        json_decref(options);
    }
}

static void a_span_has_the_plural_of_its_language(void **state) {
    (void)state;
    static const struct {
        int64_t days;
        const char *language, *text;
    } rows[] = {
        {0, "ar", "اليوم"},
        {1, "ar", "أمس"},
        {2, "ar", "قبل يومين"},
        {3, "ar", "قبل 3 أيام"},
        {10, "ar", "قبل 10 أيام"},
        {11, "ar", "قبل 11 يومًا"},
        {13, "ar", "قبل 13 يومًا"},
        {14, "ar", "قبل أسبوعين"},
        {21, "ar", "قبل 3 أسابيع"},
        {60, "ar", "قبل شهرين"},
        {300, "ar", "قبل 10 أشهر"},
        {330, "ar", "قبل 11 شهرًا"},
        {3000, "ar", "قبل 100 شهر"},
        {3090, "ar", "قبل 103 أشهر"},
        {3330, "ar", "قبل 111 شهرًا"},
        {2, "es", "hace 2 días"},
        {14, "es", "hace 2 semanas"},
        {90, "es", "hace 3 meses"},
        {1, "es", "ayer"},
        {5, "zh", "5天前"},
        {5, "en", "5 days ago"},
        {5, "ar-EG", "قبل 5 أيام"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = {0};
        assert_string_equal(explain_ago(rows[i].days, rows[i].language, &out), rows[i].text);
        buffer_free(&out);
    }
}

static void check_number(const char *locale, const char *answer, double score) {
    json_t *key = json_real(1234.5), *given = json_string(answer);
    json_t *options = json_pack("{s:s,s:s}", "locale", locale, "language", locale);
    struct grade_result result;
    struct fault fault = {0};
    assert_true(grade_answer("number", key, given, options, 1, &result, &fault));
    if (result.score < score || result.score > score)
        fail_msg("%s in %s: %f, %s", answer, locale, result.score, result.feedback);
    json_decref(key);
    json_decref(given);
    json_decref(options);
}

static void numbers_are_read_as_the_language_writes_them(void **state) {
    (void)state;
    check_number("ar", "١٢٣٤٫٥", 1);
    check_number("ar", "١٬٢٣٤٫٥", 1);
    check_number("ar-EG", "١٢٣٤٫٥", 1);
    check_number("ar", "1234.5", 1);
    check_number("ar", "١٢٣٥", 0);
    check_number("es", "1234,5", 1);
    check_number("es", "1.234,5", 1);
    check_number("es-MX", "1,234.5", 1);
    check_number("es", "12345", 0);
    check_number("zh", "1,234.5", 1);
}

static void code_keeps_its_direction_in_an_arabic_sentence(void **state) {
    (void)state;
    char out[200];
    grade_fill("ar", "program-result", (const char *[]){"f(2)", "-3", NULL}, out, sizeof out);
    assert_string_equal(out, "مع \u2068f(2)\u2069 يعطي البرنامج \u2068-3\u2069، وهذا غير صحيح.");
    grade_fill("es", "program-result", (const char *[]){"f(2)", "-3", NULL}, out, sizeof out);
    assert_string_equal(out, "Con f(2) da -3, que no es correcto.");
    grade_fill("ar", "program-result", (const char *[]){"f(2)", "-3", NULL}, out, 20);
    assert_true(utf8_valid(view_of(out)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_of_grading_is_said_in_every_language),
        cmocka_unit_test(every_explanation_is_said_in_every_language),
        cmocka_unit_test(every_note_about_translations_is_said_in_every_language),
        cmocka_unit_test(every_word_of_the_terminal_is_said_in_every_language),
        cmocka_unit_test(a_mark_that_could_be_both_is_asked_about_in_the_language_that_is_read),
        cmocka_unit_test(a_span_has_the_plural_of_its_language),
        cmocka_unit_test(numbers_are_read_as_the_language_writes_them),
        cmocka_unit_test(code_keeps_its_direction_in_an_arabic_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
