/* Promises of the company of one. A network of random weights stands for the model, so that
 * nothing has to be downloaded. */
#include "company/company.h"
#include "company/words.h"
#include "model/model.h"
#include "../model/builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *path;

static int set_up(void **state) {
    (void)state;
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 3);
    builder_key_text(&builder, "tokenizer.chat_template",
                     "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
    path = builder_save(&builder, "company");
    builder_close(&builder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    free(path);
    return 0;
}

static json_t *ask(const char *text) {
    return json_pack("[{s:s, s:s}]", "role", "user", "content", text);
}

static void without_a_model_a_draft_is_refused_and_says_why(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company *company =
        company_open(&(struct company_options){.model = "/nowhere/at-all.gguf"}, &fault);
    assert_int_equal(company_state(company), COMPANY_ABSENT);
    assert_non_null(strstr(company_problem(company), "/nowhere/at-all.gguf"));
    assert_false(company_wait(company, 0));
    json_t *messages = ask("hello");
    struct company_request request = {.messages = messages, .max_tokens = 4};
    struct company_draft draft;
    struct buffer out = {0};
    assert_false(company_write(company, &request, &out, &draft, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_int_equal(out.n, 0);
    json_decref(messages);
    buffer_free(&out);
    company_close(company);
}

static void a_file_that_is_no_model_is_told_and_the_school_goes_on(void **state) {
    (void)state;
    char name[] = "/tmp/lyceum-company-XXXXXX";
    int file = mkstemp(name);
    assert_true(write(file, "GGUF", 4) == 4);
    close(file);
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = name}, &fault);
    assert_false(company_wait(company, 60));
    assert_int_equal(company_state(company), COMPANY_ABSENT);
    assert_non_null(strstr(company_problem(company), name));
    company_close(company);
    unlink(name);
}

struct writer {
    struct company *company;
    uint64_t seed;
    struct buffer out;
    bool good;
};

static void *write_one(void *data) {
    struct writer *writer = data;
    json_t *messages = ask("the same beginning, and a question");
    struct company_request request = {
        .messages = messages, .max_tokens = 12, .temperature = 1, .seed = writer->seed};
    struct company_draft draft;
    struct fault fault = {0};
    writer->good = company_write(writer->company, &request, &writer->out, &draft, &fault);
    json_decref(messages);
    return NULL;
}

static void many_callers_each_get_the_draft_of_their_own_seed(void **state) {
    (void)state;
    enum { N = 6 };
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = path}, &fault);
    assert_true(company_wait(company, 60));
    struct writer alone[N] = {0}, together[N] = {0};
    pthread_t threads[N];
    for (int i = 0; i < N; i++) {
        alone[i] = together[i] = (struct writer){.company = company, .seed = (uint64_t)i};
        write_one(&alone[i]);
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_one, &together[i]), 0);
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        assert_true(alone[i].good && together[i].good);
        assert_true(view_equal(buffer_view(&alone[i].out), buffer_view(&together[i].out)));
        buffer_free(&alone[i].out);
        buffer_free(&together[i].out);
    }
    company_close(company);
}

static void a_draft_that_nobody_waits_for_is_given_up_and_leaves_nothing(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = path}, &fault);
    assert_true(company_wait(company, 60));
    volatile bool cancel = true;
    json_t *messages = ask("hello");
    struct company_request request = {
        .messages = messages, .max_tokens = 1000, .temperature = 1, .cancel = &cancel};
    struct company_draft draft;
    struct buffer out = {0};
    buffer_text(&out, "kept");
    assert_false(company_write(company, &request, &out, &draft, &fault));
    assert_true(view_is(buffer_view(&out), "kept"));
    json_decref(messages);
    buffer_free(&out);
    company_close(company);
}

static void a_prompt_longer_than_the_context_is_refused(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = path}, &fault);
    assert_true(company_wait(company, 60));
    char *long_text = must_alloc(100000, 1);
    memset(long_text, 'x', 99999);
    json_t *messages = ask(long_text);
    struct company_request request = {.messages = messages, .max_tokens = 4};
    struct company_draft draft;
    struct buffer out = {0};
    assert_false(company_write(company, &request, &out, &draft, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    free(long_text);
    json_decref(messages);
    buffer_free(&out);
    company_close(company);
}

static void what_is_written_is_a_text_of_the_grammar(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = path}, &fault);
    struct grammar *grammar =
        grammar_compile(VIEW("root ::= (\"in\" | \"out\") \" of \" [0-9]{2}"), &fault);
    json_t *messages = ask("where is it?");
    struct buffer out = {0};
    assert_non_null(grammar);
    assert_true(company_wait(company, 60));
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct company_request request = {.messages = messages,
                                          .max_tokens = 24,
                                          .temperature = 1,
                                          .seed = seed,
                                          .grammar = grammar,
                                          .lexicon =
                                              seed % 2 ? VIEW("in out of") : (struct view){0}};
        struct company_draft draft;
        buffer_clear(&out);
        assert_true(company_write(company, &request, &out, &draft, &fault));
        assert_true(grammar_accepts(grammar, buffer_view(&out)));
    }
    buffer_free(&out);
    json_decref(messages);
    grammar_free(grammar);
    company_close(company);
}

/* ------------------------------------------------------------------------------------- lexicon */

/* Whether the lexicon lets these tokens, one a byte, follow each other and then the text end. */
static bool may_say(struct view text, const char *words, bool whole) {
    struct fault fault = {0};
    struct pool *pool = pool_new(1);
    struct model *model = model_open(path, pool, &fault);
    assert_non_null(model);
    const struct vocabulary *vocabulary = model_vocabulary(model);
    int n = vocabulary_size(vocabulary), end = 0;
    while (end < n && !vocabulary_is_end(vocabulary, end))
        end++;
    struct lexicon *lexicon = draft_words(text, &fault);
    struct constraint constraint;
    assert_true(lexicon_constrain(lexicon, vocabulary, &constraint, &fault));
    struct tokens tokens = {0};
    assert_true(vocabulary_encode(vocabulary, view_of(words), SPECIAL_AS_TEXT, &tokens, &fault));
    float *logits = must_alloc((size_t)n, sizeof *logits);
    bool good = true;
    for (size_t i = 0; good && i <= tokens.n; i++) {
        memset(logits, 0, (size_t)n * sizeof *logits);
        constraint.mask(constraint.data, logits, n);
        int32_t token = i < tokens.n ? tokens.at[i] : end;
        if (i == tokens.n && !whole)
            break;
        good = logits[token] == 0;
        constraint.accept(constraint.data, token);
    }
    free(logits);
    tokens_free(&tokens);
    constraint_close(&constraint);
    lexicon_free(lexicon);
    model_close(model);
    pool_free(pool);
    return good;
}

static void only_words_of_the_passage_and_function_words_may_be_said(void **state) {
    (void)state;
    struct view passage = VIEW("A bigram model counts pairs; 二元模型数字母对。");
    assert_true(may_say(passage, "the model counts the pairs.", true));
    assert_true(may_say(passage, "Model, bigram: 12 pairs - no?", true));
    assert_true(may_say(passage, "模型数字母对，不是。", true));
    assert_true(may_say(passage, "bigram模型", true));
    assert_false(may_say(passage, "the model was made by Shannon", true));
    assert_false(may_say(passage, "models", true));
    assert_false(may_say(passage, "pairscounts", true));
    assert_false(may_say(passage, "模特", true));
}

static void formulas_keep_their_signs_where_the_passage_has_formulas(void **state) {
    (void)state;
    struct view passage = VIEW("The surprise is $-\\log_{2} p^2$.");
    assert_true(may_say(passage, "It is $-\\log_{2} p^2$.", true));
    assert_false(may_say(passage, "It is $\\frac{1}{p}$.", true));
    assert_false(may_say(VIEW("The surprise is small."), "It is {small}.", true));
}

static void a_text_ends_only_after_a_whole_word(void **state) {
    (void)state;
    struct view passage = VIEW("surprise");
    assert_true(may_say(passage, "surp", false));
    assert_false(may_say(passage, "surp", true));
    assert_true(may_say(passage, "surprise", true));
}

/* ------------------------------------------------------------------------------------ adapters */

static char *an_adapter(uint64_t seed) {
    struct builder builder;
    char name[40];
    builder_open(&builder);
    builder_adapter(&builder, "llama", 4, seed);
    snprintf(name, sizeof name, "company-adapter-%d", (int)seed);
    char *file = builder_save(&builder, name);
    builder_close(&builder);
    return file;
}

static struct buffer written_with(struct company *company, const char *adapter) {
    struct fault fault = {0};
    json_t *messages = ask("the same beginning");
    struct company_request request = {
        .messages = messages, .adapter = adapter, .max_tokens = 24, .temperature = 0};
    struct company_draft draft;
    struct buffer out = {0};
    if (!company_write(company, &request, &out, &draft, &fault))
        fail_msg("%s", fault.message);
    json_decref(messages);
    return out;
}

static void a_request_gets_the_adapter_that_it_names_or_the_one_for_all(void **state) {
    (void)state;
    struct fault fault = {0};
    char *files[2] = {an_adapter(1), an_adapter(2)};
    struct company_adapter adapters[] = {{"fractions", files[1], 1, true},
                                         {"general", files[0], 1, false}};
    struct company_options options = {.model = path, .adapters = adapters, .n_adapter = 2};
    struct company *company = company_open(&options, &fault),
                   *plain = company_open(&(struct company_options){.model = path}, &fault);
    assert_true(company_wait(company, 60) && company_wait(plain, 60));
    static const char *const names[] = {NULL, "general", "fractions", "", NULL};
    struct buffer texts[COUNT_OF(names)];
    for (size_t i = 0; i < COUNT_OF(names); i++)
        texts[i] = written_with(i == 4 ? plain : company, names[i]);
    assert_true(view_equal(buffer_view(&texts[0]), buffer_view(&texts[1])));
    assert_false(view_equal(buffer_view(&texts[1]), buffer_view(&texts[2])));
    assert_false(view_equal(buffer_view(&texts[1]), buffer_view(&texts[3])));
    assert_true(view_equal(buffer_view(&texts[3]), buffer_view(&texts[4])));
    assert_string_equal(company_specialist(company, VIEW("fractions")), "fractions");
    assert_null(company_specialist(company, VIEW("general")));
    json_t *messages = ask("hello");
    struct company_request request = {.messages = messages, .adapter = "dancing", .max_tokens = 4};
    struct company_draft draft;
    struct buffer out = {0};
    assert_false(company_write(company, &request, &out, &draft, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_non_null(strstr(fault.message, "dancing"));
    json_decref(messages);
    company_close(company);
    company_close(plain);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buffer_free(&texts[i]);
    for (int i = 0; i < 2; i++) {
        unlink(files[i]);
        free(files[i]);
    }
}

static void it_tells_how_likely_a_text_is_in_answer_to_each(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company *company = company_open(&(struct company_options){.model = path}, &fault);
    assert_true(company_wait(company, 60));
    struct buffer written = written_with(company, NULL);
    assert_true(written.n > 2);
    json_t *messages = ask("the same beginning"), *others = ask("quite another beginning");
    struct company_request request = {.messages = messages};
    struct company_draft draft;
    struct view whole = buffer_view(&written), other = VIEW("zzzzqqqq");
    struct company_text texts[] = {{messages, whole, 8, 0},   {messages, other, 8, 0},
                                   {others, whole, 8, 0},     {messages, whole, 8, 0},
                                   {messages, whole, 1, 0},   {messages, other, 1, 0},
                                   {messages, VIEW(""), 8, 0}};
    assert_true(company_weigh(company, &request, texts, COUNT_OF(texts), &draft, &fault));
    assert_true(draft.n_generated > 0);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_true(texts[i].at <= 0 && isfinite(texts[i].at));
    assert_true(texts[0].at > texts[1].at);  /* what it writes is likelier than what it does not */
    assert_true(texts[2].at != texts[0].at); /* each in answer to its own */
    assert_float_equal(texts[3].at, texts[0].at, 1e-4); /* the same again, from the cache */
    assert_true(texts[4].at >= texts[0].at - 1e-6);     /* a beginning than the whole */
    assert_true(exp(texts[4].at) + exp(texts[5].at) <= 1 + 1e-6); /* they exclude each other */
    assert_true(texts[6].at == 0); /* to begin as nothing does is certain */
    double alone = texts[2].at;
    assert_true(company_weigh(company, &request, texts + 2, 1, &draft, &fault));
    assert_float_equal(texts[2].at, alone, 1e-4); /* whoever else is weighed */
    request.adapter = "dancing";
    assert_false(company_weigh(company, &request, texts, 1, &draft, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    json_decref(messages);
    json_decref(others);
    buffer_free(&written);
    company_close(company);
}

static void an_adapter_that_does_not_fit_is_told_and_the_school_goes_on(void **state) {
    (void)state;
    struct fault fault = {0};
    struct company_adapter adapter = {"general", path, 1, false}; /* a model's file */
    struct company_options options = {.model = path, .adapters = &adapter, .n_adapter = 1};
    struct company *company = company_open(&options, &fault);
    assert_false(company_wait(company, 60));
    assert_int_equal(company_state(company), COMPANY_ABSENT);
    assert_non_null(strstr(company_problem(company), "general.type"));
    company_close(company);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_model_a_draft_is_refused_and_says_why),
        cmocka_unit_test(a_file_that_is_no_model_is_told_and_the_school_goes_on),
        cmocka_unit_test(many_callers_each_get_the_draft_of_their_own_seed),
        cmocka_unit_test(a_draft_that_nobody_waits_for_is_given_up_and_leaves_nothing),
        cmocka_unit_test(a_prompt_longer_than_the_context_is_refused),
        cmocka_unit_test(what_is_written_is_a_text_of_the_grammar),
        cmocka_unit_test(only_words_of_the_passage_and_function_words_may_be_said),
        cmocka_unit_test(formulas_keep_their_signs_where_the_passage_has_formulas),
        cmocka_unit_test(a_text_ends_only_after_a_whole_word),
        cmocka_unit_test(a_request_gets_the_adapter_that_it_names_or_the_one_for_all),
        cmocka_unit_test(it_tells_how_likely_a_text_is_in_answer_to_each),
        cmocka_unit_test(an_adapter_that_does_not_fit_is_told_and_the_school_goes_on),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
