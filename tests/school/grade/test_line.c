/* grade: one line in, one line out, whatever the line is. */
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static json_t *graded(struct view line) {
    json_t *out = grade_line(line);
    assert_true(json_is_object(out));
    const json_t *error = json_object_get(out, "error");
    bool scored = json_is_real(json_object_get(out, "score"));
    assert_true(scored || error);
    if (scored) {
        double score = json_number(out, "score", -1);
        assert_true(score >= 0 && score <= 1);
        assert_true(*json_text(out, "feedback", "") != 0);
        assert_non_null(json_text(out, "note", NULL));
    }
    if (error) {
        assert_true(*json_text(error, "kind", "") != 0);
        assert_true(*json_text(error, "message", "") != 0);
    }
    return out;
}

static void the_example_of_the_contract_is_right(void **state) {
    (void)state;
    json_t *out = graded(VIEW("{\"check\":\"algebra\",\"key\":\"x=5\",\"answer\":\"5 = x\"}"));
    assert_true(json_number(out, "score", 0) == 1);
    assert_string_equal(json_text(out, "note", "?"), "");
    assert_null(json_object_get(out, "error"));
    assert_int_equal(json_object_size(out), 3);
    json_decref(out);
}

static void a_line_that_cant_be_graded_gets_an_error_and_no_score(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "x",
        "{",
        "[]",
        "5",
        "null",
        "\"x\"",
        "{}",
        "{\"check\":\"algebra\"}",
        "{\"check\":\"algebra\",\"key\":\"x\"}",
        "{\"check\":\"algebra\",\"answer\":\"x\"}",
        "{\"key\":\"x\",\"answer\":\"x\"}",
        "{\"check\":5,\"key\":\"x\",\"answer\":\"x\"}",
        "{\"check\":\"essay\",\"key\":\"x\",\"answer\":\"x\"}",
        "{\"check\":\"algebra\",\"key\":\"x+\",\"answer\":\"x\"}",
        "{\"check\":\"algebra\",\"key\":null,\"answer\":\"x\"}",
        "{\"check\":\"algebra\",\"key\":\"x\",\"answer\":\"x\",\"options\":[]}",
        "{\"check\":\"algebra\",\"key\":\"x\",\"answer\":\"x\",\"options\":{\"form\":\"nice\"}}",
        "{\"check\":\"number\",\"key\":\"five\",\"answer\":\"5\"}",
        "{\"check\":\"text\",\"answer\":\"x\"}",
        "{\"check\":\"text\",\"key\":\"x\",\"answer\":\"\\ud800\"}",
        "{\"check\":\"text\",\"key\":\"x\",\"answer\":\"\xff\"}",
        "{\"check\":\"text\",\"key\":\"x\",\"key\":\"y\",\"answer\":\"x\"}",
        "{\"check\":\"text\",\"key\":\"x\",\"answer\":\"x\"} {}",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        json_t *out = graded(view_of(lines[i]));
        if (json_object_get(out, "score"))
            fail_msg("%s was graded", lines[i]);
        json_decref(out);
    }
    json_t *out = graded((struct view){"{\"check\":\0}", 11});
    assert_null(json_object_get(out, "score"));
    json_decref(out);
}

static void an_answer_that_cant_be_read_scores_nothing_and_says_why(void **state) {
    (void)state;
    static const struct {
        const char *check, *answer, *kind, *note;
    } rows[] = {
        {"algebra", "\"x+\"", "input", "unreadable"},
        {"algebra", "\"9^9^9^9\"", "limit", "unreadable"},
        {"algebra", "\"2^(2^(2^100))\"", "limit", "unreadable"},
        {"algebra", "\"x#\"", "input", "unreadable"},
        {"algebra", "\"1e999999\"", "limit", "unreadable"},
        {"algebra", "[]", "input", "unreadable"},
        {"algebra", "\"\"", "input", "unreadable"},
        {"algebra", "\"1,234\"", "input", "ambiguous"},
        {"number", "\"1,234\"", "input", "ambiguous"},
        {"number", "\"x\"", "input", "unreadable"},
        {"number", "\"9^9^9^9\"", "limit", "unreadable"},
        {"number", "null", "input", "unreadable"},
        {"text", "{}", "input", "unreadable"},
        {"choice", "{}", "input", "unreadable"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer line = {0};
        buffer_format(&line, "{\"check\":\"%s\",\"key\":5,\"answer\":%s}", rows[i].check,
                      rows[i].answer);
        json_t *out = graded(buffer_view(&line));
        const json_t *error = json_object_get(out, "error");
        if (json_number(out, "score", -1) != 0 ||
            strcmp(json_text(out, "note", ""), rows[i].note) != 0 ||
            strcmp(json_text(error, "kind", ""), rows[i].kind) != 0)
            fail_msg("%s: %s %s", line.at, json_text(out, "note", "?"),
                     json_text(error, "message", "?"));
        json_decref(out);
        buffer_free(&line);
    }
}

/* A line whose answer is `what` n times. */
static json_t *graded_repeat(const char *check, const char *what, size_t n) {
    struct buffer line = {0};
    buffer_format(&line, "{\"check\":\"%s\",\"key\":5,\"answer\":\"", check);
    for (size_t i = 0; i < n; i++)
        buffer_text(&line, what);
    buffer_text(&line, "\"}");
    json_t *out = graded(buffer_view(&line));
    buffer_free(&line);
    return out;
}

static void what_is_huge_is_refused_by_its_size_alone(void **state) {
    (void)state;
    static const struct {
        const char *check, *what;
        size_t n;
    } rows[] = {{"algebra", "(", 1000000}, {"algebra", "9", 1000000},
                {"number", "9", 1000000},  {"number", "(", 100000},
                {"text", "a", 1000000},    {"algebra", "\\\\frac{1}{", 500},
                {"algebra", "1/(", 500},   {"algebra", "(", 2000000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *out = graded_repeat(rows[i].check, rows[i].what, rows[i].n);
        const char *kind = json_text(json_object_get(out, "error"), "kind", "");
        if (strcmp(kind, "limit") != 0)
            fail_msg("%s × %zu: %s", rows[i].what, rows[i].n, kind);
        json_decref(out);
    }
    struct buffer deep = {0};
    for (int i = 0; i < 100000; i++)
        buffer_byte(&deep, '[');
    json_t *out = graded(buffer_view(&deep));
    assert_null(json_object_get(out, "score"));
    json_decref(out);
    buffer_free(&deep);
}

static void the_same_line_gets_the_same_grade_and_feedback_holds_no_key(void **state) {
    (void)state;
    struct view line = VIEW("{\"check\":\"algebra\",\"key\":\"x=7919\",\"answer\":\"x=-7919\","
                            "\"options\":{\"language\":\"zh\"},\"seed\":3}");
    json_t *first = graded(line), *again = graded(line);
    assert_true(json_equal(first, again));
    assert_string_equal(json_text(first, "note", ""), "sign");
    assert_int_equal(view_find(view_of(json_text(first, "feedback", "")), VIEW("7919")), -1);
    assert_true(view_find(view_of(json_text(first, "feedback", "")), VIEW("符号")) >= 0 ||
                view_find(view_of(json_text(first, "feedback", "")), VIEW("正负号")) >= 0);
    json_decref(first);
    json_decref(again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_contract_is_right),
        cmocka_unit_test(a_line_that_cant_be_graded_gets_an_error_and_no_score),
        cmocka_unit_test(an_answer_that_cant_be_read_scores_nothing_and_says_why),
        cmocka_unit_test(what_is_huge_is_refused_by_its_size_alone),
        cmocka_unit_test(the_same_line_gets_the_same_grade_and_feedback_holds_no_key),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
