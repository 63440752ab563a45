/* Promises of grammars: texts as GBNF says, masks as the texts say, every generation ended whole
 * and in time, and no grammar that holds anything up. */
#include "constrained.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct grammar *compile(const char *gbnf) {
    struct fault fault = {0};
    struct grammar *made = grammar_compile(view_of(gbnf), &fault);
    if (!made)
        fail_msg("%s: line %ld: %s", gbnf, fault.line, fault.message);
    return made;
}

static const char json[] =
    "root  ::= map\n"
    "any   ::= map | list | text | digits | \"true\" | \"false\" | \"null\"\n"
    "map   ::= \"{\" gap (entry (comma entry)*)? \"}\" # names and values\n"
    "entry ::= text gap \":\" gap any gap\n"
    "list  ::= \"[\" gap (any gap (comma any gap)*)? \"]\"\n"
    "comma ::= \",\" gap\n"
    "text  ::= \"\\\"\" (plain | \"\\\\\" (short | \"u\" [0-9A-Fa-f]{4}))* \"\\\"\"\n"
    "plain ::= [^\"\\\\\\x00-\\x1F]\n"
    "short ::= [nrtbf/\\\\\"]\n"
    "digits ::= \"-\"? (\"0\" | [1-9] [0-9]{0,14}) (\".\" [0-9]{1,9})? ([Ee] [+-]? [0-9]{1,2})?\n"
    "gap   ::= (\" \" | \"\\n\" \" \"{0,12})?\n";

static const struct {
    const char *grammar, *accepted[6], *rejected[6];
} texts[] = {
    {"root ::= \"yes\" | \"no\"", {"yes", "no"}, {"", "y", "yesno", "Yes"}},
    {"root ::= \"a\"*", {"", "a", "aaaa"}, {"b", "ab"}},
    {"root ::= \"a\"+ \"b\"?", {"a", "aab"}, {"", "b", "abb"}},
    {"root ::= [a-c]{2}", {"ab", "cc"}, {"a", "abc", "ad"}},
    {"root ::= \"ab\"{2,}", {"abab", "ababab"}, {"", "ab", "abababa"}},
    {"root ::= (\"ab\" | \"c\"){1,3}", {"c", "abc", "ccab"}, {"", "abababab", "cccc"}},
    {"root ::= \"a\"{0} \"b\"", {"b"}, {"ab", "a"}},
    {"root ::= (\"a\"? \"b\"?){3}", {"", "ab", "ba", "abab", "bbb"}, {"aaaa", "c"}},
    {"root ::= (\"a\"*)* \"b\"", {"b", "aab"}, {"", "a"}},
    {"root ::= .", {"x", "é", "日", "🙂", "\n"}, {"", "xy", "\xC3", "\xED\xA0\x80"}},
    {"root ::= [^a-z\\n]", {"A", "é", "🙂", "-"}, {"a", "\n", "", "AB"}},
    {"root ::= [\\u00e9\\x41\\U0001F642-\\U0001F644]",
     {"é", "A", "🙂", "🙃", "🙄"},
     {"e", "🙅"}},
    {"root ::= [一-龥]{1,2}", {"日", "日本"}, {"", "a", "日本人", "\xE6\x97"}},
    {"root ::= [a\\]\\-z-]", {"a", "]", "-", "z"}, {"b", "\\"}},
    {"root ::= \"a\\tb\\\"\\\\\\u00e9\"", {"a\tb\"\\é"}, {"atb"}},
    {"root ::= a # one\n# two\na ::=\n  \"x\" |\n  b\nb ::= (\"y\"\n  \"z\")\n",
     {"x", "yz"},
     {"y"}},
    {"root ::= \"(\" root \")\" | \"x\"", {"x", "(x)", "(((x)))"}, {"", "()", "((x)"}},
    {"root ::= \"a\" root | \"b\"", {"b", "aaaab"}, {"a", "ba"}},
    {"root ::= x root?\nx ::= \"a\" | \"ab\" | \"b\"", {"a", "ab", "abab"}, {"", "c"}},
    {json,
     {"{}", "{\"a\": [1, -2.5e+3, true]}", "{\"\\u00e9\":null}"},
     {"{", "{a:1}", "{\"a\":01}"}},
    {"root ::= \"one\" | \"once\" | \"on\" | \"\"",
     {"", "on", "one", "once"},
     {"o", "onc", "ones"}},
};

static void texts_are_accepted_as_the_grammar_says(void **state) {
    (void)state;
    for (size_t row = 0; row < COUNT_OF(texts); row++) {
        struct grammar *grammar = compile(texts[row].grammar);
        for (int i = 0; i < 6 && texts[row].accepted[i]; i++)
            if (!grammar_accepts(grammar, view_of(texts[row].accepted[i])))
                fail_msg("%s rejects %s", texts[row].grammar, texts[row].accepted[i]);
        for (int i = 0; i < 6 && texts[row].rejected[i]; i++)
            if (grammar_accepts(grammar, view_of(texts[row].rejected[i])))
                fail_msg("%s accepts %s", texts[row].grammar, texts[row].rejected[i]);
        grammar_free(grammar);
    }
}

static const struct {
    const char *grammar;
    enum fault_kind kind;
    const char *message;
    long line;
} faults[] = {
    {"", FAULT_INPUT, "no rule named root", 0},
    {"start ::= \"a\"", FAULT_INPUT, "no rule named root", 0},
    {"root ::= \"a\"\nroot ::= \"b\"", FAULT_INPUT, "column 1: this rule is defined twice", 2},
    {"root ::= \"a\" thing", FAULT_INPUT, "thing is used and nowhere defined", 1},
    {"root ::= \"a", FAULT_INPUT, "column 10: this text has no closing", 1},
    {"root ::= \"x\"\n\nb ::= [a", FAULT_INPUT, "column 7: this class has no closing", 3},
    {"root ::= [z-a]", FAULT_INPUT, "ends before it begins", 1},
    {"root ::= []", FAULT_INPUT, "no character is in this class", 1},
    {"root ::= (\"a\"", FAULT_INPUT, "not closed", 1},
    {"root ::= \"a\")", FAULT_INPUT, "closes nothing", 1},
    {"root := \"a\"", FAULT_INPUT, "stands ::=", 1},
    {"root ::= *", FAULT_INPUT, "here stands none of", 1},
    {"root ::= \"\\q\"", FAULT_INPUT, "escape", 1},
    {"root ::= \"\\ud800\"", FAULT_INPUT, "no character of Unicode", 1},
    {"root ::= \"a\"{-1}", FAULT_INPUT, "a count is", 1},
    {"root ::= \"a\"{}", FAULT_INPUT, "a count is", 1},
    {"root ::= \"a\"{3,2}", FAULT_INPUT, "ends before it begins", 1},
    {"root ::= \"a\"{999999999}", FAULT_LIMIT, "at most 1000000", 1},
    {"root ::= \"a\"{99999999999999999999999999}", FAULT_LIMIT, "at most 1000000", 1},
    {"root ::= root \"a\" | \"b\"", FAULT_INPUT, "root calls itself before it has read", 1},
    {"root ::= a\na ::= b \"x\"\nb ::= a | \"y\"", FAULT_INPUT, "a calls itself by way of b", 2},
    {"root ::= e root \"a\" | \"b\"\ne ::= \"x\"?", FAULT_INPUT, "root calls itself", 1},
    {"root ::= root", FAULT_INPUT, "root calls itself", 1},
    {"root ::= (\"a\"? root)*", FAULT_INPUT, "root calls itself", 1},
    {"root ::= \"a\" root", FAULT_INPUT, "ever ends", 0},
    {"root ::= (\"a\"?){100000}", FAULT_LIMIT, "may be empty is counted", 1},
    {"root ::= ((((((\"ab\"{9}|\"c\"?){60}){60}){60}){60}){60}){60}", FAULT_LIMIT, "too large", 0},
    {"root ::= <[12]>", FAULT_INPUT, "token between < and >", 1},
    {"root ::= \"\xFF\"", FAULT_INPUT, "not UTF-8", 1},
};

static void a_grammar_that_is_wrong_is_refused_with_its_place(void **state) {
    (void)state;
    for (size_t row = 0; row < COUNT_OF(faults); row++) {
        struct fault fault = {0};
        struct grammar *grammar = grammar_compile(view_of(faults[row].grammar), &fault);
        if (grammar || fault.kind != faults[row].kind || fault.line != faults[row].line ||
            !strstr(fault.message, faults[row].message))
            fail_msg("%s: kind %d, line %ld: %s", faults[row].grammar, fault.kind, fault.line,
                     fault.message);
    }
}

static void brackets_without_end_are_refused(void **state) {
    (void)state;
    struct buffer text = {0};
    struct fault fault = {0};
    buffer_text(&text, "root ::= ");
    for (int i = 0; i < 100000; i++)
        buffer_byte(&text, '(');
    assert_null(grammar_compile(buffer_view(&text), &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    buffer_clear(&text);
    fault_clear(&fault);
    buffer_text(&text, "root ::= \"a\"");
    for (int i = 0; i < 100000; i++)
        buffer_byte(&text, '*');
    assert_null(grammar_compile(buffer_view(&text), &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    buffer_free(&text);
}

/* Each copy would cost time and build nothing: there would be 800 million of them. */
static void what_reads_nothing_is_built_once_however_often_it_may_come(void **state) {
    (void)state;
    struct fault fault = {0};
    struct grammar *grammar =
        grammar_compile(VIEW("root ::= ((((((){60}){60}){64}){60})){60} \"a\"?"), &fault);
    assert_non_null(grammar);
    assert_true(grammar_accepts(grammar, VIEW("")));
    assert_true(grammar_accepts(grammar, VIEW("a")));
    assert_false(grammar_accepts(grammar, VIEW("aa")));
    grammar_free(grammar);
    struct buffer text = {0}; /* beside what builds a little, each time */
    buffer_text(&text, "root ::= ((((\"a\"?");
    for (int i = 0; i < 1000; i++)
        buffer_text(&text, " ()");
    buffer_text(&text, "){60}){60}){60}){60}");
    assert_null(grammar_compile(buffer_view(&text), &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    buffer_free(&text);
}

/* --------------------------------------------------------------------------------- generation */

static const char *const drawn[] = {
    json,
    "root ::= [a-c]{2,90} \"x\"",
    "root ::= (\"ab\" | \"a\" [bc]+){0,40} [0-9]{3,7}",
    "root ::= [^\"\\n]{40} (\"é\" | \"日本\")*",
    "root ::= s\ns ::= \"(\" s \")\" s | \"x\"",
    "root ::= (line \"\\n\"){1,5}\nline ::= word (\" \" word)*\nword ::= [a-z]+ | [A-Z] [a-z]*",
    "root ::= \"a\"{0,500} (\"b\"{3} \"c\"){0,7}",
};

static void every_drawn_text_is_whole_and_in_time(void **state) {
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct small small;
        small_open(&small, kind);
        for (size_t row = 0; row < COUNT_OF(drawn); row++) {
            struct grammar *grammar = compile(drawn[row]);
            for (int i = 0; i < 40; i++) {
                struct constraint constraint;
                struct buffer out = {0};
                struct fault fault = {0};
                struct random random;
                int most = 60 + i;
                random_seed(&random, (uint64_t)i);
                assert_true(
                    grammar_constrain(grammar, small.vocabulary, most, &constraint, &fault));
                bool ended = draw_text(&constraint, small.vocabulary, most, &random, &out);
                constraint.sound(constraint.data, &fault);
                if (!ended || !grammar_accepts(grammar, buffer_view(&out)))
                    fail_msg("%s: ended %d: %s: %s", drawn[row], ended, fault.message, out.at);
                constraint_close(&constraint);
                buffer_free(&out);
            }
            grammar_free(grammar);
        }
        small_close(&small);
    }
}

/* Whether a text can still become one of the grammar's, by reading it alone, byte by byte. */
static bool goes_on(const struct grammar *grammar, const struct vocabulary *vocabulary,
                    const struct tokens *tokens, int32_t last) {
    struct constraint constraint;
    struct fault fault = {0};
    assert_true(grammar_constrain(grammar, vocabulary, 0, &constraint, &fault));
    for (size_t i = 0; i < tokens->n; i++)
        constraint.accept(constraint.data, tokens->at[i]);
    constraint.accept(constraint.data, last);
    bool sound = constraint.sound(constraint.data, &fault);
    constraint_close(&constraint);
    return sound;
}

static void a_mask_allows_just_the_tokens_that_a_text_may_go_on_with(void **state) {
    (void)state;
    struct small small;
    small_open(&small, false);
    int n = vocabulary_size(small.vocabulary);
    float *logits = must_alloc((size_t)n, sizeof *logits);
    for (size_t row = 0; row < COUNT_OF(drawn); row++) {
        struct grammar *grammar = compile(drawn[row]);
        struct constraint constraint;
        struct fault fault = {0};
        struct tokens tokens = {0};
        struct random random;
        random_seed(&random, row);
        assert_true(grammar_constrain(grammar, small.vocabulary, 0, &constraint, &fault));
        for (int step = 0; step < 25; step++) {
            int picked = draw_token(&constraint, small.vocabulary, &random, logits);
            for (int token = 0; token < n; token++)
                if ((logits[token] == 0) != goes_on(grammar, small.vocabulary, &tokens, token))
                    fail_msg("%s: step %d, token %d", drawn[row], step, token);
            if (picked <= 0)
                break;
            tokens_append(&tokens, picked);
            constraint.accept(constraint.data, picked);
        }
        constraint_close(&constraint);
        tokens_free(&tokens);
        grammar_free(grammar);
    }
    free(logits);
    small_close(&small);
}

static void too_few_tokens_for_any_text_are_told_before_the_first(void **state) {
    (void)state;
    struct small small;
    struct fault fault = {0};
    struct constraint constraint;
    small_open(&small, false);
    struct grammar *grammar = compile("root ::= \"a\"{20}");
    assert_false(grammar_constrain(grammar, small.vocabulary, 20, &constraint, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_non_null(strstr(fault.message, "may need 21 tokens"));
    fault_clear(&fault);
    assert_true(grammar_constrain(grammar, small.vocabulary, 21, &constraint, &fault));
    constraint_close(&constraint);
    constraint_close(&constraint);
    grammar_free(grammar);
    small_close(&small);
}

static void a_text_that_can_be_read_in_too_many_ways_is_a_fault_not_a_wait(void **state) {
    (void)state;
    struct small small;
    struct fault fault = {0};
    struct constraint constraint;
    small_open(&small, false);
    struct grammar *grammar = compile("root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"d\"");
    assert_true(grammar_constrain(grammar, small.vocabulary, 0, &constraint, &fault));
    assert_false(may_say(&constraint, small.vocabulary, "aaaaaaaaaaaaaaaaaaaaaaaa", false));
    assert_false(constraint.sound(constraint.data, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_non_null(strstr(fault.message, "in too many ways"));
    constraint_close(&constraint);
    grammar_free(grammar);
    small_close(&small);
}

/* Each token would be worth tens of millions of steps, though it is read in few ways. */
static void a_grammar_that_is_dear_at_every_token_is_given_up(void **state) {
    (void)state;
    struct small small;
    struct fault fault = {0};
    struct constraint constraint;
    struct buffer out = {0};
    struct random random;
    small_open(&small, false);
    random_seed(&random, 1);
    struct grammar *grammar = compile("root ::= a b c d e | b c d e a\n"
                                      "a ::= ([a-z]{0,20} b?){0,20}\n"
                                      "b ::= [a-z]{1,20} c\n"
                                      "c ::= ([a-z]{0,10} d){0,9} \"x\"?\n"
                                      "d ::= [a-z]{1,99} e?\n"
                                      "e ::= .{0,50}\n");
    assert_true(grammar_constrain(grammar, small.vocabulary, 0, &constraint, &fault));
    assert_false(draw_text(&constraint, small.vocabulary, 400, &random, &out));
    assert_false(constraint.sound(constraint.data, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_non_null(strstr(fault.message, "in too many ways"));
    constraint_close(&constraint);
    buffer_free(&out);
    grammar_free(grammar);
    small_close(&small);
}

struct drawer {
    const struct grammar *grammar;
    const struct vocabulary *vocabulary;
    struct buffer out;
};

static void *draw_many(void *data) {
    struct drawer *drawer = data;
    for (uint64_t i = 0; i < 30; i++) {
        struct constraint constraint;
        struct fault fault = {0};
        struct random random;
        random_seed(&random, i);
        if (grammar_constrain(drawer->grammar, drawer->vocabulary, 80, &constraint, &fault))
            draw_text(&constraint, drawer->vocabulary, 80, &random, &drawer->out);
        constraint_close(&constraint);
    }
    return NULL;
}

static void threads_that_share_a_grammar_draw_what_each_would_alone(void **state) {
    (void)state;
    struct small small;
    small_open(&small, false);
    struct grammar *grammar = compile(json);
    struct drawer drawers[4] = {0};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        drawers[i] = (struct drawer){.grammar = grammar, .vocabulary = small.vocabulary};
        assert_int_equal(pthread_create(&threads[i], NULL, draw_many, &drawers[i]), 0);
    }
    struct drawer alone = {.grammar = compile(json), .vocabulary = small.vocabulary};
    draw_many(&alone);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(view_equal(buffer_view(&drawers[i].out), buffer_view(&alone.out)));
        buffer_free(&drawers[i].out);
    }
    buffer_free(&alone.out);
    grammar_free((struct grammar *)(uintptr_t)alone.grammar);
    grammar_free(grammar);
    small_close(&small);
}

static void the_default_model_writes_json_whatever_it_is_drawn_to(void **state) {
    (void)state;
    const char *folder = getenv("LYCEUM_MODELS");
    char path[500];
    snprintf(path, sizeof path, "%s/SmolLM2-135M-Instruct.Q4_1.gguf", folder ? folder : "models");
    if (!file_exists(path))
        skip();
    struct fault fault = {0};
    struct pool *pool = pool_new(1);
    struct model *model = model_open(path, pool, &fault);
    assert_non_null(model);
    struct grammar *grammar = compile(json);
    for (int i = 0; i < 200; i++) {
        struct constraint constraint;
        struct buffer out = {0};
        struct random random;
        random_seed(&random, (uint64_t)i);
        assert_true(grammar_constrain(grammar, model_vocabulary(model), 40, &constraint, &fault));
        bool ended = draw_text(&constraint, model_vocabulary(model), 40, &random, &out);
        if (!ended || !grammar_accepts(grammar, buffer_view(&out)))
            fail_msg("ended %d: %s", ended, out.at);
        constraint_close(&constraint);
        buffer_free(&out);
    }
    grammar_free(grammar);
    model_close(model);
    pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_accepted_as_the_grammar_says),
        cmocka_unit_test(a_grammar_that_is_wrong_is_refused_with_its_place),
        cmocka_unit_test(brackets_without_end_are_refused),
        cmocka_unit_test(what_reads_nothing_is_built_once_however_often_it_may_come),
        cmocka_unit_test(every_drawn_text_is_whole_and_in_time),
        cmocka_unit_test(a_mask_allows_just_the_tokens_that_a_text_may_go_on_with),
        cmocka_unit_test(too_few_tokens_for_any_text_are_told_before_the_first),
        cmocka_unit_test(a_text_that_can_be_read_in_too_many_ways_is_a_fault_not_a_wait),
        cmocka_unit_test(a_grammar_that_is_dear_at_every_token_is_given_up),
        cmocka_unit_test(threads_that_share_a_grammar_draw_what_each_would_alone),
        cmocka_unit_test(the_default_model_writes_json_whatever_it_is_drawn_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
