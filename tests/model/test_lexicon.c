/* Promises of lexicons: only their words are written, in any script and vocabulary, and they join
 * with grammars. */
#include "constrained.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct lexicon *of_text(const char *text) {
    struct fault fault = {0};
    struct lexicon *made = lexicon_new(&fault);
    assert_non_null(made);
    lexicon_add_separators(made, VIEW(" ,.\n"));
    lexicon_add_text(made, view_of(text), NULL, NULL);
    return made;
}

static const struct {
    const char *text, *said[6], *unsaid[6];
} texts[] = {
    {"The model counts, pairs.",
     {"The model", "counts 12 pairs.", "", "pairs,pairs\nThe 3"},
     {"the", "mode", "models", "Thecounts", "pair s"}},
    {"a ab abc", {"ab a", "abc", "a abc, ab"}, {"aab", "abcd", "aba"}},
    {"bigram 模型数字。",
     {"模型", "数模 bigram", "bigram模。", "字字 12"},
     {"典", "模bigra", "模bigramx"}},
    {"النموذج يعدّ الأزواج", {"يعدّ النموذج", "الأزواج."}, {"النموذ", "نموذج", "يعدّالنموذج"}},
    {"मॉडल जोड़े गिनता", {"गिनता मॉडल", "मॉडल, जोड़े"}, {"मॉड", "मॉडलजोड़े", "डल"}},
    {"Это модель", {"модель Это."}, {"модел", "Этомодель", "модель\xD0"}},
    {"l'été naïve", {"été l", "naïve"}, {"ete", "l'été", "étél"}},
    {"モデルは数える", {"数モ", "はる"}, {"ラ", "見"}},
};

static bool says(struct lexicon *lexicon, const struct vocabulary *vocabulary, const char *text) {
    struct fault fault = {0};
    struct constraint constraint;
    assert_true(lexicon_constrain(lexicon, vocabulary, &constraint, &fault));
    bool good = may_say(&constraint, vocabulary, text, true);
    constraint_close(&constraint);
    return good;
}

static void only_words_of_the_text_are_written_in_any_script(void **state) {
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct small small;
        small_open(&small, kind);
        for (size_t row = 0; row < COUNT_OF(texts); row++) {
            struct lexicon *lexicon = of_text(texts[row].text);
            for (int i = 0; i < 6 && texts[row].said[i]; i++)
                if (!says(lexicon, small.vocabulary, texts[row].said[i]))
                    fail_msg("%s does not say %s", texts[row].text, texts[row].said[i]);
            for (int i = 0; i < 6 && texts[row].unsaid[i]; i++)
                if (says(lexicon, small.vocabulary, texts[row].unsaid[i]))
                    fail_msg("%s says %s", texts[row].text, texts[row].unsaid[i]);
            lexicon_free(lexicon);
        }
        small_close(&small);
    }
}

static void tokens_of_several_words_are_allowed_where_each_of_them_is(void **state) {
    (void)state;
    struct small small;
    small_open(&small, false);
    struct lexicon *lexicon = of_text("the model abc 模型 मॉडल");
    struct fault fault = {0};
    struct constraint constraint;
    assert_true(lexicon_constrain(lexicon, small.vocabulary, &constraint, &fault));
    int n = vocabulary_size(small.vocabulary);
    float *logits = must_alloc((size_t)n, sizeof *logits);
    constraint.mask(constraint.data, logits, n);
    static const char *const allowed[] = {" the", "the", "ab", "abc", "模型", "मॉ", "12", "\n\n"};
    static const char *const forbidden[] = {"els", "日本", "डल", "true", "aaaa", "{\"", "é"};
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (logits[token_of(small.vocabulary, allowed[i])] != 0)
            fail_msg("%s is forbidden", allowed[i]);
    for (size_t i = 0; i < COUNT_OF(forbidden); i++)
        if (logits[token_of(small.vocabulary, forbidden[i])] == 0)
            fail_msg("%s is allowed", forbidden[i]);
    free(logits);
    constraint_close(&constraint);
    lexicon_free(lexicon);
    small_close(&small);
}

static void turn(void *data, struct lexicon *lexicon, struct view word) {
    struct buffer turned = {0};
    (*(int *)data)++;
    unicode_fold(word, &turned);
    lexicon_add(lexicon, buffer_view(&turned));
    buffer_free(&turned);
}

static void other_forms_of_words_are_the_callers(void **state) {
    (void)state;
    struct small small;
    small_open(&small, false);
    struct fault fault = {0};
    struct lexicon *lexicon = lexicon_new(&fault);
    int n = 0;
    lexicon_add_separators(lexicon, VIEW(" "));
    lexicon_add_text(lexicon, VIEW("Été. MODEL"), turn, &n);
    assert_int_equal(n, 2);
    assert_true(says(lexicon, small.vocabulary, "été Été model MODEL"));
    assert_false(says(lexicon, small.vocabulary, "Model"));
    lexicon_free(lexicon);
    small_close(&small);
}

/* Under both, a text is of the grammar and of the lexicon. */
static void a_lexicon_joins_with_a_grammar(void **state) {
    (void)state;
    struct small small;
    struct fault fault = {0};
    small_open(&small, false);
    struct grammar *grammar = grammar_compile(
        VIEW("root ::= (line \"\\n\"){2}\nline ::= [a-z]+ (\" \" [a-z]+){0,3}"), &fault);
    struct lexicon *lexicon = of_text("the model abc counts");
    for (uint64_t i = 0; i < 50; i++) {
        struct constraint of_grammar, of_lexicon, both;
        struct random random;
        struct buffer out = {0};
        random_seed(&random, i);
        assert_true(grammar_constrain(grammar, small.vocabulary, 0, &of_grammar, &fault));
        assert_true(lexicon_constrain(lexicon, small.vocabulary, &of_lexicon, &fault));
        assert_true(constraint_both(of_grammar, of_lexicon, &both, &fault));
        bool ended = draw_text(&both, small.vocabulary, 400, &random, &out);
        assert_true(both.sound(both.data, &fault));
        if (!ended || !grammar_accepts(grammar, buffer_view(&out)) ||
            !says(lexicon, small.vocabulary, out.at))
            fail_msg("ended %d: %s", ended, out.at);
        constraint_close(&both);
        buffer_free(&out);
    }
    lexicon_free(lexicon);
    grammar_free(grammar);
    small_close(&small);
}

static void two_vocabularies_may_share_a_lexicon(void **state) {
    (void)state;
    struct small byte_pair, sentence_piece;
    small_open(&byte_pair, false);
    small_open(&sentence_piece, true);
    struct lexicon *lexicon = of_text("the model");
    for (int i = 0; i < 3; i++) {
        assert_true(says(lexicon, byte_pair.vocabulary, "the model the"));
        assert_true(says(lexicon, sentence_piece.vocabulary, "model the"));
        assert_false(says(lexicon, sentence_piece.vocabulary, "modelx"));
    }
    lexicon_free(lexicon);
    small_close(&byte_pair);
    small_close(&sentence_piece);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_words_of_the_text_are_written_in_any_script),
        cmocka_unit_test(tokens_of_several_words_are_allowed_where_each_of_them_is),
        cmocka_unit_test(other_forms_of_words_are_the_callers),
        cmocka_unit_test(a_lexicon_joins_with_a_grammar),
        cmocka_unit_test(two_vocabularies_may_share_a_lexicon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
