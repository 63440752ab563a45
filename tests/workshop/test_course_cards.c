/* A course as cards: what the rules ask, what is left out, and a senior that a test plays. */
#include "school/school.h"
#include "workshop/ask.h"
#include "workshop/cards.h"
#include "workshop/workshop.h"

#include "played.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --------------------------------------------------------------------------------- a small course
 */

static char folder[] = "/tmp/lyceum-course-cards-XXXXXX", cache[80];

static const char about[] = "title: {en: Bees}\nauthors: [Somebody]\nlicence: CC-BY-4.0\n"
                            "languages: [en]\nmastery: 0.9\ntarget_success: 0.85\n"
                            "skills:\n  - {id: bees, title: {en: Bees}, prerequisites: []}\n";
static const char lesson[] =
    "# Bees\n\nBees live nearly everywhere on the earth. They were here before us.\n\n"
    "## The hive\n\n"
    "A *colony* is a group of bees that live in one hive. The hive stays warm in winter because "
    "the workers shiver together. Old workers guard the narrow door against wasps. Here is the "
    "law of warmth:\n\n$$a = b$$\n\n"
    "It is very old. The queen lays every egg of the hive.\n\n"
    "::::{exercise} Warmth\n:label: warm-1\n:skill: bees\n~~~yaml\n"
    "ask: How does the hive stay warm?\ncheck: choice\n"
    "options: {choices: [by a secret fire of wax, the workers shiver, by the sun alone]}\nkey: 2\n"
    "wrong:\n"
    "  - {is: 1, why: fire, say: \"No wax burns: the hive stays warm in winter because the "
    "workers "
    "shiver together.\"}\n"
    "  - {is: 3, why: sun, say: \"What is there of the sun in winter?\"}\n~~~\n"
    ":::{hint} Which animals in the hive shiver?\n:::\n"
    ":::{solution} The workers keep it warm by zealous shivering.\n:::\n::::\n\n"
    "## The dance\n\n"
    "In 1927 Karl Frisch published a book on the dance of bees. The dance shows how far away the "
    "flowers are. A long dance has forty turns of the body. To read the dance, watch its angle "
    "to the sun.\n";

static void write_text(const char *name, const char *text) {
    struct fault fault = {0};
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(file_write(path, view_of(text), &fault));
}

struct made {
    struct buffer text;
    struct arena *arena;
    struct cards cards;
    struct course_cards_report report;
};
static struct made shipped; /* the course of the tree, by rules */

static void make(const char *course, const struct course_cards_options *how, struct made *made) {
    struct fault fault = {0};
    struct course_cards_options options = how ? *how : (struct course_cards_options){0};
    options.folder = course;
    *made = (struct made){.arena = arena_new()};
    assert_true(course_cards(&options, &made->text, &made->report, &fault));
    if (!cards_parse(buffer_view(&made->text), "cards.txt", made->arena, &made->cards, &fault))
        fail_msg("line %ld: %s", fault.line, fault.message);
}

static void end(struct made *made) {
    buffer_free(&made->text);
    free(made->cards.at);
    arena_free(made->arena);
}

static int setup(void **state) {
    struct fault fault = {0};
    char path[200];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/01-bees", folder);
    assert_true(folder_make(path, &fault));
    write_text("course.yaml", about);
    write_text("01-bees/lesson.md", lesson);
    snprintf(cache, sizeof cache, "%s/cache.jsonl", folder);
    make(getenv("LYCEUM_COURSE"), NULL, &shipped);
    return 0;
}

static int teardown(void **state) {
    static const char *const names[] = {"01-bees/lesson.md", "course.yaml", "cache.jsonl",
                                        "cards.txt",         "01-bees",     ""};
    char path[200];
    (void)state;
    end(&shipped);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

/* ---------------------------------------------------------------------------------------- rules
 */

static const struct {
    const char *sentence, *question;
} asked_by_rule[] = {
    {"A bigram is a pair of neighbouring characters.", "What is a bigram?"},
    {"The slope of a line is how far the line rises for each unit.",
     "What is the slope of a line?"},
    {"Gradient descent is the method of walking down a loss by small steps.",
     "What is gradient descent?"},
    {"Add-one smoothing is also called Laplace smoothing, after Laplace.",
     "What is add-one smoothing also called?"},
    {"Claude Shannon was an American mathematician and engineer.", "Who was Claude Shannon?"},
    {"Bigrams overlap, since every character begins one of them.", "Why do bigrams overlap?"},
    {"Backpropagation starts with the gradient at the loss, because the loss comes last.",
     "Why does backpropagation start with the gradient at the loss?"},
    {"A perplexity is never below one, because somebody always has a guess.",
     "Why is a perplexity never below one?"},
    {"Nudging cannot find a mistake in the forward pass, because both ways run it.",
     "Why can nudging not find a mistake in the forward pass?"},
    {"A loss says how badly a model does, so a smaller loss is better.",
     "Why is a smaller loss better?"},
    {"In 1847 Augustin Cauchy proposed the method in a short note.",
     "When did Augustin Cauchy propose the method in a short note?"},
    {"Laplace published the rule of succession in 1774 and reckoned with the sunrise.",
     "When did Laplace publish the rule of succession?"},
    {"Gradient descent was invented by Cauchy, in a note of three pages.",
     "Who invented gradient descent?"},
    {"To compute a slope, take any two points and divide the rise by the run.",
     "How do you compute a slope?"},
    {"To sample from a model is to draw the next character at random.",
     "What does it mean to sample from a model?"},
    {"The learning rate is written with the Greek letter eta.",
     "How is the learning rate written?"},
    {"A text of $n$ characters has $n - 1$ bigrams.",
     "How many bigrams does a text of $n$ characters have?"},
    {"A perfect guesser has a perplexity of 1.", "What perplexity does a perfect guesser have?"},
    {"If letters took no notice of their neighbours, the count would be lower.",
     "What would happen if letters took no notice of their neighbours?"},
    {"A bigram model guesses the next character from the one before.",
     "What does a bigram model guess?"},
    {"Take the slope of the line through both points, which is called a secant.",
     "What is a secant?"},
    {"For example, the derivative of $x^2$ is $2x$.", "What is the derivative of $x^2$?"},
    {"Nudging cannot find a mistake in the forward pass.", "What can nudging not find?"},
    {"A neuron takes numbers in, multiplies each by a weight, and adds them up.",
     "What does a neuron do?"},
    {"Careful programmers check every new kind of node by nudging.",
     "What do careful programmers do?"},
    {"The power rule says that the power comes down in front.", "What does the power rule say?"},
};

static bool is_asked(const char *sentence, const char *question, struct arena *arena) {
    struct ask_question out[ASK_MOST];
    struct view around = VIEW("A model of Laplace and a method of Cauchy. The gradient, the "
                              "gradients, a bigram, bigrams, add-one, nudging, backpropagation.");
    size_t n = ask_by_rules(arena, view_of(sentence), around, out);
    for (size_t i = 0; i < n; i++)
        if (view_is(out[i].first, question))
            return true;
    if (n)
        print_message("    asked: %.*s\n", VIEW_ARG(out[0].first));
    return false;
}

static void a_rule_asks_in_plain_english(void **state) {
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(asked_by_rule); i++)
        if (!is_asked(asked_by_rule[i].sentence, asked_by_rule[i].question, arena))
            fail_msg("not asked: %s", asked_by_rule[i].question);
    arena_free(arena);
}

static void a_sentence_that_is_not_read_for_sure_is_not_asked_about(void **state) {
    static const char *const unsure[] = {
        "It is a pair of neighbouring characters.",
        "They overlap, because they share a letter.",
        "Berkeley asked: \"May we not call them ghosts, because they are departed?\"",
        "Is a bigram a pair of characters?",
        "The table starts at zero every time.",
        "Cover the end of the next line with your hand.",
        "The word came first (in 1948) and the rest is history.",
    };
    struct arena *arena = arena_new();
    struct ask_question out[ASK_MOST];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unsure); i++)
        if (ask_by_rules(arena, view_of(unsure[i]), VIEW("bigram"), out))
            fail_msg("%s: %.*s", unsure[i], VIEW_ARG(out[0].first));
    arena_free(arena);
}

static void a_second_phrasing_is_another_one(void **state) {
    struct arena *arena = arena_new();
    struct ask_question out[ASK_MOST];
    size_t n_second = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(asked_by_rule); i++) {
        size_t n = ask_by_rules(arena, view_of(asked_by_rule[i].sentence), VIEW("a"), out);
        for (size_t j = 0; j < n; j++) {
            assert_false(view_equal(out[j].first, out[j].second));
            n_second += out[j].second.n > 0;
        }
    }
    assert_true(n_second >= COUNT_OF(asked_by_rule) - 3);
    arena_free(arena);
}

/* ---------------------------------------------------------------------------------------- cards
 */

static void the_shipped_course_becomes_cards_that_compose(void **state) {
    struct fault fault = {0};
    struct buffer rows = {0}, items = {0};
    struct compose_report report;
    char path[200];
    (void)state;
    assert_int_equal(shipped.cards.n, shipped.report.n_card);
    assert_true(shipped.report.n_card >= 30 && shipped.report.n_asked >= 80);
    snprintf(path, sizeof path, "%s/cards.txt", folder);
    assert_true(file_write(path, buffer_view(&shipped.text), &fault));
    const char *files[] = {path};
    char *topic = arena_string(shipped.arena, shipped.cards.at[3].topic);
    const char *const held_out[] = {topic, NULL};
    struct compose_options options = {
        .cards = files, .n_card = 1, .held_out = held_out, .n_row = 400};
    struct pool *pool = pool_new(1);
    assert_true(compose(&options, pool, &rows, &items, &report, &fault));
    pool_free(pool);
    assert_true(report.n_held_out >= 1 && report.n_row > 300);
    assert_true(items.n > 0 && strstr(items.at, "\"answerable\":true"));
    buffer_free(&rows);
    buffer_free(&items);
}

static void passage_of(const struct made *made, const struct card *card, struct buffer *out) {
    buffer_clear(out);
    for (size_t i = 0; i < made->cards.n; i++)
        for (size_t j = 0; j < made->cards.at[i].n_sentence; j++)
            if (view_equal(made->cards.at[i].topic, card->topic)) {
                buffer_text(out, out->n ? " " : "");
                buffer_append(out, made->cards.at[i].sentences[j]);
            }
}

static void every_question_is_answered_by_its_sentence_and_by_no_other(void **state) {
    struct buffer passage = {0};
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < shipped.cards.n; i++) {
        const struct card *card = &shipped.cards.at[i];
        passage_of(&shipped, card, &passage);
        for (size_t j = 0; j < card->n_question; j++)
            for (size_t k = 0; k < card->questions[j].n; k++) {
                struct view sentence = card->sentences[card->questions[j].source],
                            question = card->questions[j].at[k];
                struct school_verdict verdict;
                struct school_draft draft = {.passage = buffer_view(&passage),
                                             .question = question,
                                             .draft = card->questions[j].answer,
                                             .language = "en"};
                school_review(&draft, &verdict);
                assert_true(verdict.passed && view_equal(verdict.cites[0], sentence));
                for (size_t other = 0; other < card->n_sentence; other++)
                    assert_true(school_overlap(question, card->sentences[other], "en") <=
                                school_overlap(question, sentence, "en"));
                n++;
            }
    }
    assert_true(n > 150);
    buffer_free(&passage);
}

static void what_a_card_leaves_unsaid_no_sentence_of_it_says(void **state) {
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < shipped.cards.n; i++)
        for (size_t j = 0; j < shipped.cards.at[i].n_unsaid; j++, n++)
            for (size_t k = 0; k < shipped.cards.at[i].n_sentence; k++)
                assert_true(school_overlap(shipped.cards.at[i].unsaid[j].at[0],
                                           shipped.cards.at[i].sentences[k], "en") <= 0.67);
    assert_true(n >= shipped.cards.n);
}

static void a_hint_stands_on_one_card_with_other_words_that_pass(void **state) {
    json_t *seen = json_object();
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < shipped.cards.n; i++)
        for (size_t j = 0; j < shipped.cards.at[i].n_hint; j++, n++) {
            const struct card_lines *hint = &shipped.cards.at[i].hints[j];
            char *text = arena_string(shipped.arena, hint->at[0]);
            assert_null(json_object_get(seen, text));
            json_object_set_new(seen, text, json_true());
            assert_true(hint->n >= 2);
            for (size_t k = 1; k < hint->n; k++) {
                struct school_verdict verdict;
                struct school_draft draft = {
                    .hint = hint->at[0], .draft = hint->at[k], .language = "en"};
                school_review(&draft, &verdict);
                assert_true(verdict.passed);
            }
        }
    assert_true(n > 20);
    json_decref(seen);
}

static void a_small_course_keeps_its_keys_and_leaves_out_what_leans_on_a_formula(void **state) {
    struct made made;
    (void)state;
    make(folder, NULL, &made);
    assert_int_equal(made.cards.n, 2);
    assert_true(view_is(made.cards.at[0].topic, "01-bees/the-hive"));
    assert_true(view_is(made.cards.at[1].topic, "01-bees/the-dance"));
    assert_true(view_is(made.cards.at[0].licence, "CC-BY-4.0"));
    assert_true(view_is(made.cards.at[0].style, "course"));
    assert_null(strstr(made.text.at, "zealous"));
    assert_null(strstr(made.text.at, "It is very old"));
    assert_null(strstr(made.text.at, "law of warmth"));
    assert_non_null(strstr(made.text.at, "Q: What is a colony?"));
    assert_non_null(strstr(made.text.at, "Q: When did Karl Frisch publish a book"));
    assert_int_equal(made.report.n_wrong, 1);
    assert_int_equal(made.cards.at[0].n_wrong, 1);
    assert_true(view_is(made.cards.at[0].wrongs[0].at[0], "by a secret fire of wax"));
    assert_non_null(strstr(made.text.at, "H: Which animals in the hive shiver? | "));
    end(&made);
}

static void the_same_seed_gives_the_same_cards(void **state) {
    struct made again;
    (void)state;
    make(getenv("LYCEUM_COURSE"), NULL, &again);
    assert_true(view_equal(buffer_view(&shipped.text), buffer_view(&again.text)));
    end(&again);
}

static void a_course_without_such_a_language_is_told(void **state) {
    struct fault fault = {0};
    struct buffer out = {0};
    struct course_cards_report report;
    struct course_cards_options options = {.folder = folder, .language = "zh"};
    (void)state;
    assert_false(course_cards(&options, &out, &report, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    options.folder = "/nonexistent/course";
    fault = (struct fault){0};
    assert_false(course_cards(&options, &out, &report, &fault));
    assert_true(fault.kind != FAULT_NONE);
    buffer_free(&out);
}

/* --------------------------------------------------------------------------------------- senior
 */

static const char *about_the_door(const char *asked, int n) {
    (void)n;
    return strstr(asked, "Sentence: Old workers guard")
               ? "Which workers watch for wasps at the door?"
               : "I do not know.";
}

static void a_question_asks_for_what_its_sentence_has(void **state) {
    static const struct {
        const char *question, *sentence;
        enum course_drop why;
    } cases[] = {
        {"Why do the workers shiver together?", "The workers shiver together in winter.",
         COURSE_ABSENT},
        {"Why do the workers shiver?", "The workers shiver together because winter is cold here.",
         COURSE_DROPS},
        {"How many eggs does the queen lay?", "The queen lays eggs all day in the hive.",
         COURSE_ABSENT},
        {"How many eggs does the queen lay?", "The queen lays 2,000 eggs a day in the hive.",
         COURSE_DROPS},
        {"Who wrote a book on the dance?", "A book on the dance was on the table here.",
         COURSE_ABSENT},
        {"Which bees do not dance?", "Young bees dance in the dark hive at night.", COURSE_ABSENT},
        {"When do bees dance in the hive?", "Bees dance in the hive for their sisters.",
         COURSE_ABSENT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (ask_senior_form(view_of(cases[i].question), view_of(cases[i].sentence), "en") !=
            cases[i].why)
            fail_msg(
                "%s: %d", cases[i].question,
                ask_senior_form(view_of(cases[i].question), view_of(cases[i].sentence), "en"));
}

static void a_good_question_of_the_senior_is_written(void **state) {
    struct made made;
    struct course_cards_options options = {.senior = played_company, .n_sample = 1};
    (void)state;
    played_reply = about_the_door;
    make(folder, &options, &made);
    assert_non_null(strstr(made.text.at, "Q: Which workers watch for wasps at the door?\n"
                                         "A: 5 Old workers guard the narrow door"));
    assert_int_equal(made.report.questions[COURSE_BY_SENIOR], 1);
    assert_int_equal(made.report.dropped[COURSE_FORM], made.report.n_written - 1);
    assert_int_equal(made.report.n_written, made.report.n_wanted);
    end(&made);
}

static const char *badly(const char *asked, int n) {
    (void)n;
    return strstr(asked, "Sentence: Old workers guard")
               ? "Do old workers guard the narrow door against wasps?"
           : strstr(asked, "Sentence: The queen lays") ? "What is the capital city of this land?"
           : strstr(asked, "Sentence: The dance shows")
               ? "¿Dónde están las flores que busca la abeja en el campo?"
           : strstr(asked, "Sentence: A long dance")
               ? "What turns of the dance of bees are in the book of Karl Frisch?"
               : "Why?";
}

static void what_the_senior_writes_badly_is_dropped_and_counted(void **state) {
    struct made made;
    struct course_cards_options options = {.senior = played_company, .n_sample = 1};
    (void)state;
    played_reply = badly;
    make(folder, &options, &made);
    assert_int_equal(made.report.questions[COURSE_BY_SENIOR], 0);
    assert_true(made.report.dropped[COURSE_COPIED] >= 1);
    assert_true(made.report.dropped[COURSE_UNRELATED] >= 1);
    assert_true(made.report.dropped[COURSE_LANGUAGE] >= 1);
    assert_true(made.report.dropped[COURSE_FORM] >= 1);
    assert_true(made.report.dropped[COURSE_ELSEWHERE] >= 1);
    end(&made);
}

static void an_answered_question_is_kept_and_not_asked_again(void **state) {
    struct made made, again, torn;
    struct course_cards_options options = {.senior = played_company, .n_sample = 2, .cache = cache};
    struct buffer text = {0};
    struct fault fault = {0};
    (void)state;
    played_reply = about_the_door;
    played_n_asked = 0;
    make(folder, &options, &made);
    int first = played_n_asked;
    assert_int_equal(first, made.report.n_wanted);
    make(folder, &options, &again);
    assert_int_equal(played_n_asked, first);
    assert_int_equal(again.report.n_cached, first);
    assert_true(view_equal(buffer_view(&made.text), buffer_view(&again.text)));
    assert_true(file_read(cache, 1 << 20, &text, &fault));
    text.n -= 9; /* the run was killed while it wrote the last line */
    assert_true(file_write(cache, buffer_view(&text), &fault));
    make(folder, &options, &torn);
    assert_int_equal(played_n_asked, first + 1);
    assert_true(view_equal(buffer_view(&made.text), buffer_view(&torn.text)));
    buffer_clear(&text);
    assert_true(file_read(cache, 1 << 20, &text, &fault));
    struct view rest = buffer_view(&text), line;
    while (view_line(&rest, &line)) {
        json_t *row = json_parse(line, &fault);
        assert_non_null(row);
        json_decref(row);
    }
    buffer_free(&text);
    end(&made);
    end(&again);
    end(&torn);
}

static void a_senior_that_is_stopped_leaves_what_the_rules_asked(void **state) {
    struct made made, alone;
    const volatile bool cancel = true;
    struct course_cards_options options = {.senior = played_company, .cancel = &cancel};
    (void)state;
    played_reply = about_the_door;
    played_n_asked = 0;
    make(folder, NULL, &alone);
    make(folder, &options, &made);
    assert_int_equal(played_n_asked, 0);
    assert_true(view_equal(buffer_view(&made.text), buffer_view(&alone.text)));
    end(&made);
    end(&alone);
}

static void a_senior_that_is_not_there_is_told(void **state) {
    struct fault fault = {0};
    struct buffer out = {0};
    struct course_cards_report report;
    struct course_cards_options options = {.folder = folder, .senior = played_company};
    (void)state;
    played_is_there = false;
    assert_false(course_cards(&options, &out, &report, &fault));
    played_is_there = true;
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_non_null(strstr(fault.message, "The file is no model."));
    assert_int_equal(out.n, 0);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_asks_in_plain_english),
        cmocka_unit_test(a_sentence_that_is_not_read_for_sure_is_not_asked_about),
        cmocka_unit_test(a_second_phrasing_is_another_one),
        cmocka_unit_test(the_shipped_course_becomes_cards_that_compose),
        cmocka_unit_test(every_question_is_answered_by_its_sentence_and_by_no_other),
        cmocka_unit_test(what_a_card_leaves_unsaid_no_sentence_of_it_says),
        cmocka_unit_test(a_hint_stands_on_one_card_with_other_words_that_pass),
        cmocka_unit_test(a_small_course_keeps_its_keys_and_leaves_out_what_leans_on_a_formula),
        cmocka_unit_test(the_same_seed_gives_the_same_cards),
        cmocka_unit_test(a_course_without_such_a_language_is_told),
        cmocka_unit_test(a_question_asks_for_what_its_sentence_has),
        cmocka_unit_test(a_good_question_of_the_senior_is_written),
        cmocka_unit_test(what_the_senior_writes_badly_is_dropped_and_counted),
        cmocka_unit_test(an_answered_question_is_kept_and_not_asked_again),
        cmocka_unit_test(a_senior_that_is_stopped_leaves_what_the_rules_asked),
        cmocka_unit_test(a_senior_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
