/* What a model still knows: the suite is read, and scored as a second way of counting scores it.
 */
#include "model/model.h"
#include "workshop/workshop.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PROSE "== prose\nThe moon pulls at the sea, and the sea runs after it.\nThe sun is far.\n"
#define LINE "The moon pulls at | the sea | the sun | a stone wall | it\n"

static char folder[64], suite[96], model_path[96];
static struct pool *pool;

static int start(void **state) {
    (void)state;
    struct model_recipe recipe = {.name = "small",
                                  .n_vocabulary = 300,
                                  .n_layer = 2,
                                  .n_head = 2,
                                  .d_model = 32,
                                  .d_feed_forward = 64,
                                  .n_context = 128,
                                  .rope_base = 10000,
                                  .seed = 3};
    struct view text = VIEW(PROSE LINE "The river runs to the sea. The sun is over the sea.\n");
    struct model_created created;
    struct fault fault = {0};
    snprintf(folder, sizeof folder, "/tmp/lyceum-ability-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(suite, sizeof suite, "%s/suite.txt", folder);
    snprintf(model_path, sizeof model_path, "%s/small.gguf", folder);
    if (!model_create(model_path, &recipe, &text, 1, &created, &fault))
        fail_msg("%s", fault.message);
    pool = pool_new(2);
    return 0;
}

static int end(void **state) {
    (void)state;
    pool_free(pool);
    unlink(suite);
    unlink(model_path);
    return rmdir(folder);
}

static json_t *measure(const char *text, struct fault *fault) {
    struct ability ability = {.suite = suite, .model = model_path};
    assert_true(file_write(suite, view_of(text), NULL));
    return ability_measure(&ability, pool, fault);
}

static json_t *measured(const char *text) {
    struct fault fault = {0};
    json_t *out = measure(text, &fault);
    if (!out)
        fail_msg("%ld: %s", fault.line, fault.message);
    return out;
}

/* Mean log-probability of the tokens after the first n_beginning, a token at a time. */
static double mean_of(struct session *session, const struct tokens *tokens, size_t n_beginning) {
    double sum = 0;
    for (size_t i = n_beginning; i < tokens->n; i++) {
        const float *logits;
        double all = 0;
        assert_true(session_feed(session, tokens->at, i, &logits, NULL, NULL, NULL));
        for (int j = 0; j < vocabulary_size(model_vocabulary(session_model(session))); j++)
            all += exp((double)logits[j]);
        sum += (double)logits[tokens->at[i]] - log(all);
    }
    return sum / (double)(tokens->n - n_beginning);
}

static void the_right_ending_must_be_likelier_than_each_other(void **state) {
    (void)state;
    static const char *const beginnings[] = {"The moon pulls at", "The sun is", "The river",
                                             "A stone",           "It runs",    "The sea is over"};
    static const char *const endings[] = {" the sea", " far", " runs to the sea", " a wall"};
    struct model *model = model_open(model_path, pool, NULL);
    struct model_limits limits = {.cache = CACHE_F32};
    assert_true(model_limit(model, &limits, NULL));
    struct session *session = session_open(model, 128, NULL);
    struct buffer text = {0}, wanted = {0};
    buffer_text(&text, "== endings\n");
    for (size_t i = 0; i < COUNT_OF(beginnings); i++)
        for (size_t turn = 0; turn < 4; turn++) {
            double means[4];
            buffer_text(&text, beginnings[i]);
            for (size_t j = 0; j < 4; j++) {
                const char *ending = endings[(j + turn) % 4];
                struct tokens tokens = {0};
                const struct vocabulary *vocabulary = model_vocabulary(model);
                vocabulary_encode(vocabulary, view_of(beginnings[i]), SPECIAL_AS_TEXT, &tokens,
                                  NULL);
                size_t n = tokens.n;
                vocabulary_encode(vocabulary, view_of(ending), SPECIAL_AS_TEXT, &tokens, NULL);
                means[j] = mean_of(session, &tokens, n);
                buffer_format(&text, " |%s", ending);
                tokens_free(&tokens);
            }
            buffer_text(&text, "\n");
            bool first = means[0] > means[1] && means[0] > means[2] && means[0] > means[3];
            buffer_byte(&wanted, first ? '1' : '0');
        }
    buffer_text(&text, PROSE);
    json_t *out = measured(text.at);
    assert_string_equal(json_text(out, "each", ""), wanted.at);
    assert_non_null(strchr(wanted.at, '1')); /* each beginning has one likeliest ending */
    assert_true(json_number(out, "right", 0) == 6 && json_number(out, "items", 0) == 24);
    assert_true(json_number(out, "share", 0) == 0.25);
    json_decref(out);
    buffer_free(&text);
    buffer_free(&wanted);
    session_close(session);
    model_close(model);
}

static void endings_that_are_alike_are_not_right(void **state) {
    (void)state;
    json_t *out = measured("== endings\nThe moon | sea | sea | sea | sea\n" PROSE);
    assert_string_equal(json_text(out, "each", ""), "0");
    json_decref(out);
}

static void a_model_that_knows_nothing_is_as_perplexed_as_it_has_tokens(void **state) {
    (void)state;
    json_t *out = measured("== endings\n" LINE PROSE);
    struct model *model = model_open(model_path, pool, NULL);
    double n = vocabulary_size(model_vocabulary(model)); /* its weights are almost nothing */
    double perplexity = json_number(out, "perplexity", 0);
    if (fabs(perplexity / n - 1) > 0.1)
        fail_msg("%g of %g tokens", perplexity, n);
    struct tokens tokens = {0};
    vocabulary_encode(model_vocabulary(model), VIEW("The sun is far."), SPECIAL_AS_TEXT, &tokens,
                      NULL);
    size_t one = tokens.n;
    vocabulary_encode(model_vocabulary(model),
                      VIEW("The moon pulls at the sea, and the sea runs after it."),
                      SPECIAL_AS_TEXT, &tokens, NULL);
    double n_first = vocabulary_adds_begin(model_vocabulary(model)) ? 0 : 2; /* not foretold */
    assert_true(one > 1 && json_number(out, "tokens", 0) == (double)tokens.n - n_first);
    tokens_free(&tokens);
    model_close(model);
    json_decref(out);
}

static void the_same_suite_gives_the_same_figures_and_its_hash(void **state) {
    (void)state;
    json_t *one = measured("# a comment\n\n== endings\n" LINE PROSE);
    json_t *again = measured("# a comment\n\n== endings\n" LINE PROSE);
    json_t *other = measured("# another\n\n== endings\n" LINE PROSE);
    char hash[65];
    sha256_hex(VIEW("# a comment\n\n== endings\n" LINE PROSE), hash);
    assert_string_equal(json_text(one, "suite", ""), hash);
    assert_string_not_equal(json_text(other, "suite", ""), hash);
    assert_true(json_number(one, "perplexity", 0) == json_number(again, "perplexity", 1));
    assert_true(json_number(one, "perplexity", 0) == json_number(other, "perplexity", 1));
    json_decref(one);
    json_decref(again);
    json_decref(other);
}

static void a_suite_that_cannot_be_used_is_told_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        long line;
    } rows[] = {
        {"The moon | a | b | c | d\n", 1},
        {"# x\n== endings\nThe moon | a | b | c\n" PROSE, 3},
        {"== endings\nThe moon | a | b | c | d | e\n" PROSE, 2},
        {"== endings\nThe moon | a | | c | d\n" PROSE, 2},
        {"== endings\n| a | b | c | d\n" PROSE, 2},
        {"== endings\n" LINE "== poems\n", 3},
        {"== endings\n" LINE "== prose\n", 0},
        {PROSE, 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault fault = {0};
        assert_null(measure(rows[i].text, &fault));
        if (fault.kind != FAULT_INPUT || fault.line != rows[i].line ||
            !strstr(fault.file, "suite.txt"))
            fail_msg("%s: line %ld of %s: %s", rows[i].text, fault.line, fault.file,
                     fault.message);
    }
    struct buffer text = {0};
    struct fault fault = {0};
    buffer_text(&text, "== endings\n" LINE "== prose\n");
    for (int i = 0; i < 400; i++)
        buffer_text(&text, "word ");
    assert_null(measure(text.at, &fault)); /* longer than the model's context */
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_int_equal(fault.line, 4);
    buffer_free(&text);
}

static void what_cannot_be_opened_or_was_stopped_is_told(void **state) {
    (void)state;
    static const volatile bool now = true;
    json_decref(measured("== endings\n" LINE PROSE));
    struct ability abilities[] = {
        {.suite = "none.txt", .model = model_path},
        {.suite = suite, .model = "none.gguf"},
        {.suite = suite, .model = model_path, .adapter = "none.gguf"},
        {.suite = suite, .model = model_path, .adapter = model_path}, /* it is no adapter */
        {.suite = suite, .model = model_path, .cancel = &now},
    };
    for (size_t i = 0; i < COUNT_OF(abilities); i++) {
        struct fault fault = {0};
        assert_null(ability_measure(&abilities[i], pool, &fault));
        assert_true(fault.kind != FAULT_NONE);
    }
}

static void the_shipped_suite_has_sixty_statements_and_twelve_paragraphs(void **state) {
    (void)state;
    struct buffer text = {0};
    size_t n[2] = {0};
    int part = 0;
    assert_true(file_read(getenv("LYCEUM_SUITE"), 1 << 20, &text, NULL));
    for (struct view rest = buffer_view(&text), line; view_line(&rest, &line);) {
        if (view_is(line, "== prose"))
            part = 1;
        else if (line.n && line.at[0] != '#' && line.at[0] != '=')
            n[part]++;
    }
    assert_int_equal(n[0], 60);
    assert_int_equal(n[1], 12);
    struct fault fault = {0};
    struct ability ability = {
        .suite = getenv("LYCEUM_SUITE"), .model = model_path, .cancel = &(bool){true}};
    assert_null(ability_measure(&ability, pool, &fault));
    assert_non_null(strstr(fault.message, "stopped")); /* it was read without a complaint */
    buffer_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_ending_must_be_likelier_than_each_other),
        cmocka_unit_test(endings_that_are_alike_are_not_right),
        cmocka_unit_test(a_model_that_knows_nothing_is_as_perplexed_as_it_has_tokens),
        cmocka_unit_test(the_same_suite_gives_the_same_figures_and_its_hash),
        cmocka_unit_test(a_suite_that_cannot_be_used_is_told_with_its_line),
        cmocka_unit_test(what_cannot_be_opened_or_was_stopped_is_told),
        cmocka_unit_test(the_shipped_suite_has_sixty_statements_and_twelve_paragraphs),
    };
    return cmocka_run_group_tests(tests, start, end);
}
