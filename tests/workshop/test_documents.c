/* Files of text and of JSON lines as documents. */
#include "workshop/workshop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Documents as "turn|turn\nturn". */
static void expect(struct view text, const char *wanted) {
    struct documents documents;
    struct fault fault = {0};
    struct buffer out = {0};
    assert_true(documents_parse(text, &documents, &fault));
    for (size_t i = 0; i < documents.n; i++)
        for (size_t j = 0; j < documents.at[i].n_turn; j++)
            buffer_format(&out, "%s%.*s",
                          j   ? "|"
                          : i ? "\n"
                              : "",
                          VIEW_ARG(documents.at[i].turns[j]));
    assert_string_equal(out.at, wanted);
    buffer_free(&out);
    documents_free(&documents);
}

static void expect_fault(struct view text, long line) {
    struct documents documents;
    struct fault fault = {0};
    assert_false(documents_parse(text, &documents, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    assert_int_equal(fault.line, line);
}

static void a_line_is_a_document_where_no_line_is_blank(void **state) {
    (void)state;
    expect(VIEW("One.\r\nTwo two.\n"), "One.\nTwo two.");
    expect(VIEW("\n\nOne.\nTwo\n\n\n"), "One.\nTwo");
    expect(VIEW("\xEF\xBB\xBFOne"), "One");
}

static void paragraphs_are_documents_where_blank_lines_part_them(void **state) {
    (void)state;
    expect(VIEW("One\nand more.\n\n \nTwo.\n...\n"), "One\nand more.\nTwo.\n...");
}

static void of_a_dialogue_the_assistants_turns_count(void **state) {
    (void)state;
    expect(
        VIEW("{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
             "{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\" a \"},"
             "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"b\"}]},"
             "{\"role\":\"assistant\",\"content\":null}]}\n\n"
             "{\"text\":\"c\\nd\",\"origin\":\"x\"}\n"
             "{\"messages\":[]}\n{\"text\":\"\"}"),
        "a|b\nc\nd");
}

static void tokens_are_counted_in_all_turns(void **state) {
    (void)state;
    struct documents documents;
    assert_true(documents_parse(VIEW("One two.\nThree\n"), &documents, NULL));
    assert_int_equal(documents.n_token, 4);
    documents_free(&documents);
}

static void a_line_that_cannot_be_read_is_named(void **state) {
    (void)state;
    expect_fault(VIEW("{\"text\":\"a\"}\n{\"text\":\n"), 2);
    expect_fault(VIEW("{\"text\":\"a\"}\n\n[]\n"), 3);
    expect_fault(VIEW("{\"text\":5}"), 1);
    expect_fault(VIEW("{\"messages\":[{\"content\":\"a\"}]}"), 1);
    expect_fault(VIEW("{\"messages\":[{\"role\":\"assistant\",\"content\":5}]}"), 1);
    expect_fault(VIEW("{\"text\":\"\xFF\"}"), 1);
}

static void a_file_without_words_is_refused(void **state) {
    (void)state;
    expect_fault(VIEW(""), 0);
    expect_fault(VIEW(" \n\n"), 0);
    expect_fault(VIEW("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_a_document_where_no_line_is_blank),
        cmocka_unit_test(paragraphs_are_documents_where_blank_lines_part_them),
        cmocka_unit_test(of_a_dialogue_the_assistants_turns_count),
        cmocka_unit_test(tokens_are_counted_in_all_turns),
        cmocka_unit_test(a_line_that_cannot_be_read_is_named),
        cmocka_unit_test(a_file_without_words_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
