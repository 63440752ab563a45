/* Training rows of the cards of the tree: what each of them promises. */
#include "school/school.h"
#include "workshop/workshop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *cards[9];
static const char *const held_out[] = {"chess", "dna", NULL};
static struct buffer rows, items;
static struct compose_report counted;
static json_t *lines; /* of rows */

static void make(uint64_t seed, int threads, struct buffer *out, struct buffer *out_items) {
    struct fault fault = {0};
    struct pool *pool = pool_new(threads);
    struct compose_options options = {
        .cards = cards, .n_card = 8, .held_out = held_out, .seed = seed, .n_row = 1200};
    assert_true(compose(&options, pool, out, out_items, &counted, &fault));
    pool_free(pool);
}

static int setup(void **state) {
    static const char *const names[] = {"tides",     "chess", "dna",   "bridges",
                                        "fractions", "sound", "banks", "python-functions"};
    static char paths[COUNT_OF(names)][400];
    struct view rest, line;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s.txt", getenv("LYCEUM_CARDS"), names[i]);
        cards[i] = paths[i];
    }
    make(7, 1, &rows, &items);
    lines = json_array();
    rest = buffer_view(&rows);
    while (view_line(&rest, &line))
        json_array_append_new(lines, json_parse(line, NULL));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    json_decref(lines);
    buffer_free(&rows);
    buffer_free(&items);
    return 0;
}

static const char *said(const json_t *row, size_t i) {
    return json_text(json_array_get(json_object_get(row, "messages"), i), "content", "");
}

/* "Lesson: …\n\nQuestion: …" apart. */
static void parts_of(const json_t *row, struct view *lesson, struct view *asked) {
    struct view text = view_of(said(row, 1));
    ptrdiff_t gap = view_find(text, VIEW("\n\n"));
    assert_true(gap > 0);
    *lesson = view_slice(text, strlen("Lesson: "), (size_t)gap);
    *asked = view_slice(text, (size_t)gap + 2, text.n);
    ptrdiff_t colon = view_find(*asked, VIEW(": "));
    *asked = colon < 0 ? (struct view){0} : view_slice(*asked, (size_t)colon + 2, asked->n);
}

static void every_target_passes_the_review(void **state) {
    size_t i, n = 0;
    json_t *row;
    (void)state;
    json_array_foreach(lines, i, row) {
        const char *task = json_text(row, "task", "");
        struct school_draft draft = {.language = "en", .draft = view_of(said(row, 2))};
        struct school_verdict verdict;
        if (!strcmp(task, "hint"))
            draft.hint = view_slice(view_of(said(row, 1)), strlen("Hint: "), 4000);
        else if (!strcmp(task, "answer") || !strcmp(task, "sum"))
            parts_of(row, &draft.passage, &draft.question);
        else
            continue;
        school_review(&draft, &verdict);
        assert_true(verdict.passed);
        n++;
    }
    assert_true(n > 700);
}

static void the_same_review_strikes_a_target_of_another_lesson(void **state) {
    size_t i, n = 0, struck = 0;
    json_t *row;
    const char *before = NULL;
    bool made_before = false;
    (void)state;
    json_array_foreach(lines, i, row) {
        if (strcmp(json_text(row, "task", ""), "answer") != 0)
            continue;
        struct school_draft draft = {.language = "en"};
        struct school_verdict verdict;
        bool made = !strcmp(json_text(row, "topic", ""), "made-up");
        parts_of(row, &draft.passage, &draft.question);
        if (before && made != made_before) {
            draft.draft = view_of(before);
            school_review(&draft, &verdict);
            struck += !verdict.passed;
            n++;
        }
        before = said(row, 2);
        made_before = made;
    }
    assert_true(n > 50 && struck == n);
}

static void a_refusal_says_what_the_school_says(void **state) {
    size_t i, n = 0, answers = 0;
    json_t *row;
    (void)state;
    json_array_foreach(lines, i, row) {
        bool refuses = !strcmp(said(row, 2), school_refusal("en"));
        assert_int_equal(refuses, !strcmp(json_text(row, "task", ""), "refuse"));
        n += refuses;
        answers += !strcmp(json_text(row, "task", ""), "answer");
    }
    double share = (double)n / (double)(n + answers);
    assert_true(share > 0.19 && share < 0.30);
}

static void no_word_comes_from_a_topic_that_is_held_out(void **state) {
    size_t i;
    json_t *row;
    (void)state;
    assert_int_equal(counted.n_held_out, 10);
    json_array_foreach(lines, i, row) {
        const char *origin = json_text(row, "origin", "");
        assert_null(strstr(origin, "chess"));
        assert_null(strstr(origin, "dna"));
        for (size_t m = 0; m < 3; m++)
            assert_true(!strstr(said(row, m), "knight") && !strstr(said(row, m), "castle") &&
                        !strstr(said(row, m), "double helix"));
    }
}

static void the_items_come_from_the_topics_that_are_held_out(void **state) {
    struct view rest = buffer_view(&items), line;
    size_t answerable = 0, unsaid = 0, hints = 0;
    (void)state;
    while (view_line(&rest, &line)) {
        json_t *item = json_parse(line, NULL);
        const char *topic = json_text(item, "topic", ""), *task = json_text(item, "task", "");
        assert_true(!strcmp(topic, "chess") || !strcmp(topic, "dna"));
        if (!strcmp(task, "answer")) {
            bool can = json_flag(item, "answerable", false);
            assert_int_equal(can, json_text(item, "key", NULL) != NULL);
            *(can ? &answerable : &unsaid) += 1;
        }
        hints += !strcmp(task, "hint");
        json_decref(item);
    }
    assert_true(answerable >= 80 && unsaid >= 40 && hints == 30);
}

static void the_same_seed_gives_the_same_bytes_on_any_threads(void **state) {
    struct buffer again = {0}, other = {0};
    (void)state;
    make(7, 3, &again, NULL);
    assert_true(view_equal(buffer_view(&rows), buffer_view(&again)));
    make(8, 3, &other, NULL);
    assert_false(view_equal(buffer_view(&rows), buffer_view(&other)));
    buffer_free(&again);
    buffer_free(&other);
}

/* Rows on one lesson text stand next to each other, so that it is computed once. */
static void rows_on_one_text_stand_together(void **state) {
    size_t i, changes = 0, n = 0;
    json_t *row;
    struct view before = {0};
    (void)state;
    json_array_foreach(lines, i, row) {
        struct view lesson, asked;
        if (!strcmp(json_text(row, "task", ""), "hint"))
            continue;
        parts_of(row, &lesson, &asked);
        changes += !view_equal(lesson, before);
        before = lesson;
        n++;
    }
    assert_true(changes * 3 < n);
}

static void nothing_is_asked_twice(void **state) {
    json_t *seen = json_object();
    size_t i;
    json_t *row;
    (void)state;
    json_array_foreach(lines, i, row) {
        struct buffer key = {0};
        buffer_format(&key, "%s|%s", said(row, 1), said(row, 2));
        assert_null(json_object_get(seen, key.at));
        json_object_set_new(seen, key.at, json_true());
        buffer_free(&key);
    }
    json_decref(seen);
}

/* ------------------------------------------------------------------------- a course in the middle
 */

static json_t *rows_of(struct compose_options options) {
    struct fault fault = {0};
    struct buffer out = {0};
    struct compose_report told;
    struct pool *pool = pool_new(2);
    json_t *all = json_array();
    options.seed = 5;
    options.n_row = 800;
    assert_true(compose(&options, pool, &out, NULL, &told, &fault));
    struct view rest = buffer_view(&out), line;
    while (view_line(&rest, &line))
        json_array_append_new(all, json_parse(line, NULL));
    pool_free(pool);
    buffer_free(&out);
    return all;
}

static void the_cards_in_focus_make_two_thirds_of_the_rows_on_cards(void **state) {
    size_t i, n = 0, all = 0;
    json_t *row, *focused = rows_of((struct compose_options){
                     .cards = cards, .n_card = 8, .n_focus = 1}); /* tides */
    (void)state;
    json_array_foreach(focused, i, row) {
        const char *topic = json_text(row, "topic", "");
        all += strcmp(topic, "made-up") != 0;
        n += !strcmp(topic, "tides");
    }
    assert_in_range(n, all * 56 / 100, all * 76 / 100);
    json_decref(focused);
}

static void the_control_has_the_same_sentences_without_their_sense(void **state) {
    static const char *const words[] = {"tide",     "castle", "DNA",   "bridge",
                                        "fraction", "string", "bank ", "function"};
    size_t i, n = 0;
    json_t *row, *mixed = rows_of((struct compose_options){
                     .cards = cards, .n_card = 8, .n_focus = 8, .shuffled = true});
    (void)state;
    json_array_foreach(mixed, i, row) {
        const char *lesson = said(row, 1);
        size_t topics = 0; /* a splice brings two together, never three */
        for (size_t k = 0; k < COUNT_OF(words); k++)
            topics += strstr(lesson, words[k]) != NULL;
        n += topics > 2;
        if (!strcmp(json_text(row, "task", ""), "answer")) {
            struct view passage, asked;
            parts_of(row, &passage, &asked);
            struct school_draft draft = {.language = "en",
                                         .passage = passage,
                                         .question = asked,
                                         .draft = view_of(said(row, 2))};
            struct school_verdict verdict;
            school_review(&draft, &verdict);
            assert_true(verdict.passed);
        }
    }
    assert_true(n > 0);
    json_decref(mixed);
}

static void what_is_held_out_is_neither_refused_nor_read_elsewhere(void **state) {
    static const char wells[] =
        "topic: wells\nlicence: CC0 1.0\n\n== Deep\nstyle: story\n"
        "The old well is forty metres deep.\nA bucket comes up in two minutes.\n"
        "In winter the rope freezes to the wheel.\n"
        "Q: How deep is the old well? | how far down\nA: 1 The old well is forty metres deep.\n";
    static const char ropes[] =
        "topic: ropes\nlicence: CC0 1.0\n\n== Twice\nstyle: story\n"
        "The old well is forty metres deep.\nRopes are made of hemp.\nHemp grows in the valley.\n"
        "Q: What are ropes made of? | so what is a rope\nA: 2 Ropes are made of hemp.\n\n"
        "== Knots\nstyle: story\nA knot holds by friction.\nWet ropes hold better than dry ones.\n"
        "A good knot is easy to untie.\n"
        "Q: Why does a knot hold? | what holds a knot\nA: 1 A knot holds by friction.\n"
        "U: How deep is the old well? | how far down\nU: Who ties it? | whose knot is it\n";
    static const char *const out[] = {"wells", NULL};
    char paths[2][64];
    struct fault fault = {0};
    size_t i;
    json_t *row;
    (void)state;
    snprintf(paths[0], sizeof paths[0], "/tmp/lyceum-wells-%d.txt", (int)getpid());
    snprintf(paths[1], sizeof paths[1], "/tmp/lyceum-ropes-%d.txt", (int)getpid());
    assert_true(file_write(paths[0], view_of(wells), &fault));
    assert_true(file_write(paths[1], view_of(ropes), &fault));
    const char *files[] = {paths[0], paths[1]};
    json_t *all = rows_of((struct compose_options){.cards = files, .n_card = 2, .held_out = out});
    size_t n = 0;
    json_array_foreach(all, i, row) {
        assert_null(strstr(said(row, 1), "old well"));
        assert_null(strstr(said(row, 1), "hemp")); /* its card has a sentence of the other */
        n += strstr(said(row, 1), "friction") != NULL;
    }
    assert_true(n > 0);
    json_decref(all);
    unlink(paths[0]);
    unlink(paths[1]);
}

static void other_languages_get_no_english_words(void **state) {
    static const char *const files[2] = {"zh/doufu.txt", "es/maiz.txt"};
    static const char *const tags[2] = {"zh", "es"};
    static const char *const english[] = {"hey", "wait", "What", "You ", "the ", "Think"};
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        char path[400];
        const char *file = path;
        size_t i;
        json_t *row;
        snprintf(path, sizeof path, "%s/%s", getenv("LYCEUM_CARDS"), files[f]);
        json_t *all =
            rows_of((struct compose_options){.cards = &file, .n_card = 1, .language = tags[f]});
        assert_true(json_array_size(all) > 100);
        json_array_foreach(all, i, row) for (size_t m = 0; m < 3;
                                             m++) for (size_t k = 0; k < COUNT_OF(english); k++)
            assert_null(strstr(said(row, m), english[k]));
        json_decref(all);
    }
}

static void a_wrong_card_file_is_told(void **state) {
    struct fault fault = {0};
    struct buffer out = {0};
    struct compose_report ignored;
    const char *missing[] = {"/nonexistent/card.txt"};
    struct compose_options options = {.cards = missing, .n_card = 1};
    struct pool *pool = pool_new(1);
    (void)state;
    assert_false(compose(&options, pool, &out, NULL, &ignored, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    pool_free(pool);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_passes_the_review),
        cmocka_unit_test(the_same_review_strikes_a_target_of_another_lesson),
        cmocka_unit_test(a_refusal_says_what_the_school_says),
        cmocka_unit_test(no_word_comes_from_a_topic_that_is_held_out),
        cmocka_unit_test(the_items_come_from_the_topics_that_are_held_out),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes_on_any_threads),
        cmocka_unit_test(rows_on_one_text_stand_together),
        cmocka_unit_test(nothing_is_asked_twice),
        cmocka_unit_test(the_cards_in_focus_make_two_thirds_of_the_rows_on_cards),
        cmocka_unit_test(the_control_has_the_same_sentences_without_their_sense),
        cmocka_unit_test(what_is_held_out_is_neither_refused_nor_read_elsewhere),
        cmocka_unit_test(other_languages_get_no_english_words),
        cmocka_unit_test(a_wrong_card_file_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
