/* One text out of the pieces of several writers. */
#include "company/seam.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* The first writer breaks off after `first`, the second writes `second` to its end; both in pieces
 * of every length. */
static void expect(enum seam_writer writer, const char *first, const char *second,
                   const char *whole) {
    for (size_t cut = 1; cut < 12; cut++) {
        struct seam seam = {.whole_words = true};
        struct buffer out = {0};
        const char *texts[] = {first, second};
        for (int i = 0; i < 2; i++) {
            size_t n = strlen(texts[i]);
            seam_begin(&seam, i ? writer : SEAM_EXACT);
            for (size_t at = 0, end; at < n; at = end) {
                for (end = at + cut < n ? at + cut : n;
                     end < n && ((unsigned char)texts[i][end] & 0xC0) == 0x80;)
                    end++;
                seam_add(&seam, view_slice(view_of(texts[i]), at, end), &out);
            }
        }
        seam_end(&seam, &out);
        assert_string_equal(out.at, whole);
        assert_string_equal(seam.said.at, whole);
        seam_free(&seam);
        buffer_free(&out);
    }
}

static void words_are_whole_when_a_writer_breaks_off(void **state) {
    (void)state;
    expect(SEAM_EXACT, "The quick bro", " brown fox.", "The quick brown fox.");
    expect(SEAM_EXACT, "It costs 12", " 125 euros.", "It costs 125 euros.");
}

static void what_is_told_again_is_left_out(void **state) {
    (void)state;
    const char *whole = "The quick brown fox jumps.";
    expect(SEAM_ASKED, "The quick brown fo", "fox jumps.", whole);
    expect(SEAM_ASKED, "The quick brown fo", " fox jumps.", whole);
    expect(SEAM_ASKED, "The quick brown fo", "brown fox jumps.", whole);
    expect(SEAM_ASKED, "The quick brown fo", "quick brown fox jumps.", whole);
    expect(SEAM_ASKED, "The quick brown fo", "The quick brown fox jumps.", whole);
    expect(SEAM_ASKED, "The quick brown fo", "\n\nThe quick brown fox jumps.", whole);
    expect(SEAM_PREFILL, "The quick brown fo", " fox jumps.", whole);
    expect(SEAM_PREFILL, "The quick brown fo", "The quick brown fox jumps.", whole);
}

static void what_only_looks_alike_stays(void **state) {
    (void)state;
    expect(SEAM_ASKED, "He likes a cat x", "catalogue of cats.",
           "He likes a cat catalogue of cats.");
    expect(SEAM_ASKED, "It is the en", "then over.", "It is the then over.");
    expect(SEAM_PREFILL, "He said that wh", " that was it.", "He said that that was it.");
}

static void sentences_are_joined_with_a_space_and_marks_without(void **state) {
    (void)state;
    expect(SEAM_ASKED, "It rains. We", "Then it stops.", "It rains. Then it stops.");
    expect(SEAM_ASKED, "It rains x", ", and stops.", "It rains, and stops.");
    expect(SEAM_ASKED, "A list:\n- one\n- tw", "- two\n", "A list:\n- one\n- two\n");
}

static void scripts_without_spaces_are_joined_without(void **state) {
    (void)state;
    expect(SEAM_ASKED, "模型从不", "惊讶，损失是零。", "模型从不惊讶，损失是零。");
    expect(SEAM_ASKED, "模型从不惊讶", "从不惊讶，损失是零。", "模型从不惊讶，损失是零。");
    expect(SEAM_ASKED, "模型从不", "模型从不惊讶。", "模型从不惊讶。");
}

static void a_writer_with_nothing_to_add_ends_it(void **state) {
    (void)state;
    expect(SEAM_ASKED, "All is said. ", "All is said.", "All is said.");
    expect(SEAM_ASKED, "All is said. ", "", "All is said.");
}

static void nothing_is_held_back_where_nobody_takes_over(void **state) {
    (void)state;
    struct seam seam = {0};
    struct buffer out = {0};
    seam_begin(&seam, SEAM_EXACT);
    seam_add(&seam, VIEW("hal"), &out);
    assert_string_equal(out.at, "hal");
    seam_free(&seam);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_whole_when_a_writer_breaks_off),
        cmocka_unit_test(what_is_told_again_is_left_out),
        cmocka_unit_test(what_only_looks_alike_stays),
        cmocka_unit_test(sentences_are_joined_with_a_space_and_marks_without),
        cmocka_unit_test(scripts_without_spaces_are_joined_without),
        cmocka_unit_test(a_writer_with_nothing_to_add_ends_it),
        cmocka_unit_test(nothing_is_held_back_where_nobody_takes_over),
    };
    return cmocka_run_group_tests_name("company_seam", tests, NULL, NULL);
}
