/* `lyceum draft`, with a member that writes what the test says. */
#include "school/tutor/tutor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char *words; /* NULL: there is no member */
static int n_generated;
static struct buffer asked, lexicon;

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    (void)company;
    buffer_clear(&asked);
    buffer_json(&asked, request->messages);
    buffer_clear(&lexicon);
    buffer_append(&lexicon, request->lexicon);
    if (!words)
        return fault_set(fault, FAULT_MISSING, "There is no model.");
    buffer_text(out, words);
    draft->n_generated = n_generated < 0 ? request->max_tokens : n_generated;
    return true;
}

static char offered[60]; /* the last text that was to be chosen from */

bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    (void)company, (void)request, (void)fault;
    for (size_t i = 0; i + 1 < n; i++)
        if (texts[i].messages == texts[i + 1].messages) { /* said, refused */
            texts[i].at = view_is(texts[i].text, words) ? 0 : -30;
            texts[i + 1].at = -10;
            snprintf(offered, sizeof offered, "%.*s", VIEW_ARG(texts[i + 1].text));
        }
    draft->n_generated = 5;
    return true;
}

static bool is_tutor;

bool company_is_tutor(const struct company *company, const char *adapter, const char *language) {
    (void)language;
    (void)adapter;
    (void)company;
    return is_tutor;
}

double company_tutor_bound(const struct company *company, const char *adapter,
                           const char *language) {
    (void)company, (void)adapter, (void)language;
    return NAN;
}

const char *company_specialist(const struct company *company, struct view course) {
    (void)company;
    (void)course;
    return NULL;
}

static const char passage[] =
    "A bigram model looks at one letter and guesses the next. It cannot remember how a sentence "
    "began. The telephone rang while it was trained. The loss of a model is the average surprise "
    "over a text. A model that is never surprised has a loss of zero. In 1913 Markov counted "
    "20000 letters of a poem.";

static json_t *ask(const char *text, const char *question) {
    static char nothing; /* some company */
    json_t *given = json_pack("{s:s, s:s}", "passage", text, "question", question);
    struct buffer line = {0};
    buffer_json(&line, given);
    json_t *out = school_draft_line((struct company *)(void *)&nothing, buffer_view(&line));
    buffer_free(&line);
    json_decref(given);
    assert_null(json_object_get(out, "error"));
    return out;
}

static const struct row {
    const char *question, *draft, *from, *reason, *say;
} rows[] = {
    {"What is the loss of a model?", "It is the average surprise over a text.", "model", NULL,
     "It is the average surprise over a text."},
    {"What is the loss of a model?", "The loss of a model is the mean error.", "quote", "ground",
     "The loss of a model is the average surprise over a text."},
    {"What is the loss of a model?", "What is the loss of a model?", "quote", "echo",
     "The loss of a model is the average surprise over a text."},
    {"What is the loss of a model?", "La pérdida de un modelo es la sorpresa media.", "quote",
     "language", "The loss of a model is the average surprise over a text."},
    {"What is the loss of a model?", "A bigram model looks at one letter and guesses the next.",
     "quote", "ground", "The loss of a model is the average surprise over a text."},
    {"What is the loss of a model?", NULL, "quote", NULL,
     "The loss of a model is the average surprise over a text."},
    {"Who invented the telephone?", "Alexander Graham Bell invented the telephone.", "none",
     "ground", "The passage does not say."},
    {"who invented the telephone?", "The telephone rang while it was trained.", "none", "ground",
     "The passage does not say."},
    {"who invented the telephone?", NULL, "none", NULL, "The passage does not say."},
    {"¿Quién inventó el teléfono?", NULL, "none", NULL, "El texto no lo dice."},
    {"谁发明了电话？", NULL, "none", NULL, "这段文字没有说到这一点。"},
    {"When was the telephone invented?", "In 1913.", "none", "ground",
     "The passage does not say."},
    {"How many telephones rang?", NULL, "none", NULL, "The passage does not say."},
    {"How many letters of a poem did Markov count?", NULL, "quote", NULL,
     "In 1913 Markov counted 20000 letters of a poem."},
    {"Who counted letters of a poem?", NULL, "quote", NULL,
     "In 1913 Markov counted 20000 letters of a poem."},
    {"What do whales eat?", "Whales eat letters.", "none", "ground", "The passage does not say."},
};

static void what_passes_is_said_and_what_fails_is_quoted_or_admitted(void **state) {
    (void)state;
    int bad = 0;
    n_generated = 9;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        words = rows[i].draft;
        json_t *out = ask(passage, rows[i].question);
        const json_t *struck = json_object_get(out, "struck");
        const char *reason = json_text(struck, "reason", NULL);
        const char *from = json_text(out, "from", ""), *say = json_text(out, "say", "");
        bool model = !strcmp(from, "model");
        size_t n_cite = json_array_size(json_object_get(out, "cites"));
        bool good =
            !strcmp(from, rows[i].from) && !strcmp(say, rows[i].say) &&
            (rows[i].reason ? reason && !strcmp(reason, rows[i].reason) : json_is_null(struck)) &&
            json_flag(out, "passed", !model) == model &&
            !strcmp(json_text(out, "draft", "?"), words ? words : "") &&
            (n_cite > 0) == (strcmp(from, "none") != 0);
        if (!good && ++bad) {
            struct buffer text = {0};
            buffer_json(&text, out);
            print_message("%s: %s\n", rows[i].question, text.at);
            buffer_free(&text);
        }
        json_decref(out);
    }
    assert_int_equal(bad, 0);
}

static void a_draft_that_says_so_is_a_refusal(void **state) {
    (void)state;
    words = "The passage does not say.";
    json_t *out = ask(passage, "What is the loss of a model?");
    assert_string_equal(json_text(out, "from", ""), "none");
    assert_string_equal(json_text(out, "say", ""), words);
    assert_true(json_flag(out, "passed", false));
    assert_true(json_is_null(json_object_get(out, "struck")));
    assert_int_equal(json_array_size(json_object_get(out, "cites")), 0);
    json_decref(out);
}

static json_t *ask_trusted(const char *question, bool trusted) {
    static char nothing;
    json_t *given =
        json_pack("{s:s, s:s, s:b}", "passage", passage, "question", question, "trusted", trusted);
    struct buffer line = {0};
    buffer_json(&line, given);
    json_t *out = school_draft_line((struct company *)(void *)&nothing, buffer_view(&line));
    buffer_free(&line);
    json_decref(given);
    return out;
}

static void
only_a_member_trained_to_refuse_is_believed_where_the_search_finds_nothing(void **state) {
    (void)state;
    words = "The telephone rang while it was trained.";
    n_generated = 9;
    json_t *believed = ask_trusted("who heard a bell at work?", true);
    assert_string_equal(json_text(believed, "from", ""), "model");
    assert_int_equal(json_array_size(json_object_get(believed, "cites")), 1);
    assert_string_equal(offered, "The passage does not say.");
    json_t *struck = ask_trusted("who heard a bell at work?", false);
    assert_string_equal(json_text(struck, "from", ""), "none");
    assert_true(view_find(buffer_view(&lexicon), VIEW("does not say")) < 0);
    words = "A whale heard a bell.";
    json_t *false_one = ask_trusted("who heard a bell at work?", true);
    assert_string_equal(json_text(false_one, "from", ""), "none");
    json_decref(believed);
    json_decref(struck);
    json_decref(false_one);
}

static void a_trained_member_gets_a_hint_without_examples(void **state) {
    (void)state;
    for (int trusted = 0; trusted < 2; trusted++) {
        static const char line[] = "{\"hint\":\"What is the loss?\"}";
        words = "Can you say what the loss is?";
        is_tutor = trusted;
        static char nothing;
        json_decref(school_draft_line((struct company *)(void *)&nothing, view_of(line)));
        json_t *messages = json_parse(buffer_view(&asked), NULL);
        assert_int_equal(json_array_size(messages), trusted ? 2 : 6);
        json_decref(messages);
    }
    is_tutor = false;
}

static void cites_are_sentences_of_the_passage(void **state) {
    (void)state;
    words = "It has a loss of zero.";
    json_t *out = ask(passage, "What has a model that is never surprised?");
    const json_t *cites = json_object_get(out, "cites");
    assert_string_equal(json_text(out, "from", ""), "model");
    assert_int_equal(json_array_size(cites), 1);
    assert_string_equal(json_string_value(json_array_get(cites, 0)),
                        "A model that is never surprised has a loss of zero.");
    json_decref(out);
}

static void a_draft_that_ran_out_of_room_ends_with_its_last_whole_sentence(void **state) {
    (void)state;
    words = "The loss of a model is the average surprise over a text. A model that is";
    n_generated = -1;
    json_t *out = ask(passage, "What is the loss of a model?");
    assert_string_equal(json_text(out, "from", ""), "model");
    assert_string_equal(json_text(out, "say", ""),
                        "The loss of a model is the average surprise over a text.");
    json_decref(out);
}

static void the_member_may_use_the_words_of_passage_and_question_alone(void **state) {
    (void)state;
    words = NULL;
    json_decref(ask(passage, "What is the zebra's loss?"));
    assert_true(view_find(buffer_view(&lexicon), VIEW("average surprise")) >= 0);
    assert_true(view_find(buffer_view(&lexicon), VIEW("zebra")) >= 0);
    assert_true(view_find(buffer_view(&asked), VIEW("average surprise")) >= 0);
}

static void a_long_passage_is_cut_to_what_bears_on_the_question(void **state) {
    (void)state;
    struct buffer text = {0};
    for (int i = 0; i < 3000; i++)
        buffer_format(&text, "Item %d of the list is green and of no interest. ", i);
    buffer_text(&text, "The heron stands on one leg. ");
    for (int i = 0; i < 3000; i++)
        buffer_format(&text, "Item %d of the list is blue and of no interest. ", i);
    words = NULL;
    json_t *out = ask(text.at, "On how many legs does the heron stand?");
    assert_true(view_find(buffer_view(&asked), VIEW("The heron stands on one leg.")) >= 0);
    assert_true(asked.n < 8000);
    assert_string_equal(json_text(out, "say", ""), "The heron stands on one leg.");
    json_decref(out);
    buffer_free(&text);
}

static void a_hint_that_is_answered_is_said_as_it_was_written(void **state) {
    (void)state;
    static const struct view line = VIEW("{\"hint\":\"Which operation undoes adding 5?\"}");
    words = "Subtracting 5.";
    json_t *out = school_draft_line((struct company *)(void *)&words, line);
    assert_string_equal(json_text(out, "from", ""), "author");
    assert_string_equal(json_text(out, "say", ""), "Which operation undoes adding 5?");
    assert_string_equal(json_text(json_object_get(out, "struck"), "reason", ""), "leak");
    json_decref(out);
    words = "Can you think of an operation that undoes adding 5?";
    out = school_draft_line((struct company *)(void *)&words, line);
    assert_string_equal(json_text(out, "from", ""), "model");
    assert_string_equal(json_text(out, "say", ""), words);
    json_decref(out);
}

static void a_bad_line_gets_an_error_that_says_what_is_wrong(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"passage\":\"A.\"}",
        "{\"question\":\"A?\"}",
        "{\"passage\":\"A.\",\"question\":\"B?\",\"hint\":\"C?\"}",
        "{\"hint\":3}",
        "{\"hint\":\"A?\",\"seed\":\"one\"}",
        "{\"hint\":\"A?\",\"language\":7}",
        "{\"hint\":\"A?\",\"answer\":\"B\"}",
        "{\"hint\":\"\xFF\"}",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        json_t *out = school_draft_line(NULL, view_of(lines[i]));
        assert_non_null(json_object_get(out, "error"));
        assert_true(strlen(json_text(json_object_get(out, "error"), "message", "")) > 8);
        json_decref(out);
    }
}

static void broken_characters_of_a_member_do_not_break_the_line(void **state) {
    (void)state;
    words = "The loss \xFF\xC3 is";
    json_t *out = ask(passage, "What is the loss of a model?");
    assert_string_equal(json_text(json_object_get(out, "struck"), "reason", ""), "degenerate");
    struct buffer line = {0};
    buffer_json(&line, out);
    assert_true(utf8_valid(buffer_view(&line)));
    buffer_free(&line);
    json_decref(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes_is_said_and_what_fails_is_quoted_or_admitted),
        cmocka_unit_test(a_draft_that_says_so_is_a_refusal),
        cmocka_unit_test(
            only_a_member_trained_to_refuse_is_believed_where_the_search_finds_nothing),
        cmocka_unit_test(a_trained_member_gets_a_hint_without_examples),
        cmocka_unit_test(cites_are_sentences_of_the_passage),
        cmocka_unit_test(a_draft_that_ran_out_of_room_ends_with_its_last_whole_sentence),
        cmocka_unit_test(the_member_may_use_the_words_of_passage_and_question_alone),
        cmocka_unit_test(a_long_passage_is_cut_to_what_bears_on_the_question),
        cmocka_unit_test(a_hint_that_is_answered_is_said_as_it_was_written),
        cmocka_unit_test(a_bad_line_gets_an_error_that_says_what_is_wrong),
        cmocka_unit_test(broken_characters_of_a_member_do_not_break_the_line),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_free(&asked);
    buffer_free(&lexicon);
    return failed;
}
