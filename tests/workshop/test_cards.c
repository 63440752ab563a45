/* Card files, read and told by line where they are wrong. */
#include "workshop/cards.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "topic: tides\nlicence: CC BY 4.0\n\n"
#define CARD "== Twice a day\nstyle: story\nThe moon pulls the water up.\nThe water falls again.\n"

static void a_card_is_read_whole(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct cards cards = {0};
    struct fault fault = {0};
    assert_true(
        cards_parse(VIEW(HEAD CARD "Q: What pulls the water? | who pulls it\n"
                                   "A: 1 The moon pulls the water up.\n"
                                   "U: How far is the moon? | how far off is it\n"
                                   "H: What falls? | Look: what falls? | Tell me: what falls?\n"
                                   "W: The sun pulls. | 1 | Not the sun but the moon.\n"
                                   "S: The moon pulls the water up.\n"),
                    "tides.txt", arena, &cards, &fault));
    const struct card *card = cards.at;
    assert_int_equal(cards.n, 1);
    assert_true(view_is(card->topic, "tides") && view_is(card->licence, "CC BY 4.0"));
    assert_true(view_is(card->title, "Twice a day") && view_is(card->style, "story"));
    assert_string_equal(card->language, "en");
    assert_int_equal(card->line, 4);
    assert_int_equal(card->n_sentence, 2);
    assert_int_equal(card->n_question, 1);
    assert_int_equal(card->questions[0].n, 2);
    assert_true(view_is(card->questions[0].at[1], "who pulls it"));
    assert_int_equal(card->questions[0].source, 0);
    assert_int_equal(card->questions[0].line, 8);
    assert_true(view_is(card->questions[0].answer, "The moon pulls the water up."));
    assert_int_equal(card->n_unsaid, 1);
    assert_int_equal(card->hints[0].n, 3);
    assert_true(view_is(card->wrongs[0].answer, "Not the sun but the moon."));
    assert_int_equal(card->summary.n, 1);
    free(cards.at);
    arena_free(arena);
}

static void a_topic_between_cards_begins_a_new_one(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct cards cards = {0};
    struct fault fault = {0};
    assert_true(
        cards_parse(VIEW(HEAD CARD CARD "topic: the sea\n" CARD
                                        "topic: the shore\nlicence: MIT\nlanguage: zh\n" CARD),
                    "tides.txt", arena, &cards, &fault));
    static const char *const topics[] = {"tides", "tides", "the sea", "the shore"};
    assert_int_equal(cards.n, COUNT_OF(topics));
    for (size_t i = 0; i < cards.n; i++) {
        assert_true(view_is(cards.at[i].topic, topics[i]));
        assert_true(view_is(cards.at[i].licence, i < 3 ? "CC BY 4.0" : "MIT"));
        assert_string_equal(cards.at[i].language, i < 3 ? "en" : "zh");
        assert_int_equal(cards.at[i].n_sentence, 2);
    }
    free(cards.at);
    arena_free(arena);
}

static const struct {
    struct view text;
    long line;
    const char *told;
} wrongs[] = {
    {VIEW(""), 0, "no card"},
    {VIEW("hello\n"), 1, "before the first card"},
    {VIEW("topic: a\n\n" CARD), 3, "no licence"},
    {VIEW(HEAD CARD "It never stops\n"), 8, "without an end"},
    {VIEW(HEAD CARD "Q: What pulls?\nA: 3 The moon.\n"), 9, "no sentence of this number"},
    {VIEW(HEAD CARD "Q: What pulls?\nA: 0 The moon.\n"), 9, "no sentence of this number"},
    {VIEW(HEAD CARD "Q: What pulls?\nA: The\n"), 9, "begins with the number"},
    {VIEW(HEAD CARD "A: 1 The moon.\n"), 8, "without its question"},
    {VIEW(HEAD CARD "Q: What pulls?\nQ: What falls?\n"), 9, "has no answer"},
    {VIEW(HEAD CARD "Q: What pulls?\n"), 8, "has no answer"},
    {VIEW(HEAD CARD "Q: What pulls? |  | why\nA: 1 The moon.\n"), 8, "empty"},
    {VIEW(HEAD CARD "Q: What pulls?\nA: 1 The moon.\nIt never stops.\n"), 10,
     "after the questions"},
    {VIEW(HEAD CARD "W: The sun pulls. | The moon.\n"), 8, "three parts"},
    {VIEW(HEAD CARD "W: The sun pulls. | 9 | The moon.\n"), 8, "no sentence of this number"},
    {VIEW(HEAD CARD "S: One.\nS: Two.\n"), 9, "second summary"},
    {VIEW(HEAD "== Empty\nstyle: story\n== Next\n"), 6, "no sentences"},
    {VIEW(HEAD "== Empty\nstyle: story\ntopic: sea\n"), 6, "no sentences"},
    {VIEW(HEAD CARD "topic: sea\nIt never stops.\n"), 9, "before the first card"},
    {VIEW(HEAD CARD "The sea \xff rises.\n"), 8, "UTF-8"},
};

static void a_bad_card_file_is_told_by_its_line(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
        struct arena *arena = arena_new();
        struct cards cards = {0};
        struct fault fault = {0};
        assert_false(cards_parse(wrongs[i].text, "bad.txt", arena, &cards, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        assert_string_equal(fault.file, "bad.txt");
        assert_int_equal(fault.line, wrongs[i].line);
        assert_non_null(strstr(fault.message, wrongs[i].told));
        assert_true(fault.remedy[0] != 0);
        free(cards.at);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_read_whole),
        cmocka_unit_test(a_topic_between_cards_begins_a_new_one),
        cmocka_unit_test(a_bad_card_file_is_told_by_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
