/* Promises of sessions and generation, on a network of random weights, so that nothing has to be
 * downloaded. */
#include "builder.h"

#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_VOCABULARY = 257, N_TOKEN = 300 };

static const struct builder_shape shapes[] = {
    {.architecture = "llama", .rope_factors = true},
    {.architecture = "qwen2", .biases = true, .tied = true},
};
static char *paths[COUNT_OF(shapes)];
static int32_t tokens[N_TOKEN];

static int set_up(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < N_TOKEN; i++)
        tokens[i] = (int32_t)random_between(&random, 0, 255);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct builder builder;
        builder_open(&builder);
        builder_network(&builder, &shapes[i], 11 + i);
        paths[i] = builder_save(&builder, shapes[i].architecture);
        builder_close(&builder);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    return 0;
}

struct fixture {
    struct pool *pool;
    struct model *model;
    struct session *session;
    struct fault fault;
};

static struct fixture open_fixture(size_t i, int n_thread) {
    struct fixture fixture = {.pool = pool_new(n_thread)};
    fixture.model = model_open(paths[i], fixture.pool, &fixture.fault);
    if (!fixture.model)
        fail_msg("%s", fixture.fault.message);
    fixture.session = session_open(fixture.model, 0, &fixture.fault);
    assert_non_null(fixture.session);
    return fixture;
}

static void close_fixture(struct fixture *fixture) {
    session_close(fixture->session);
    model_close(fixture->model);
    pool_free(fixture->pool);
}

static const float *feed(struct fixture *fixture, const int32_t *fed, size_t n,
                         size_t expect_reused) {
    const float *logits = NULL;
    size_t n_reused = 0;
    assert_true(session_feed(fixture->session, fed, n, &logits, &n_reused, NULL, &fixture->fault));
    assert_int_equal(n_reused, expect_reused);
    return logits;
}

/* Largest difference over the largest value. */
static double distance(const float *a, const float *b, size_t n) {
    double difference = 0, size = 1e-9;
    for (size_t i = 0; i < n; i++) {
        assert_true(isfinite(a[i]) && isfinite(b[i]));
        difference = fmax(difference, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)a[i]));
    }
    return difference / size;
}

static void a_batch_gives_what_single_tokens_give(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct fixture at_once = open_fixture(i, 2), singly = open_fixture(i, 2);
        float *all = must_alloc(N_TOKEN * N_VOCABULARY, sizeof *all);
        assert_true(session_logits(at_once.session, tokens, N_TOKEN, all, &at_once.fault));
        for (size_t n = 1; n <= N_TOKEN; n++) {
            const float *logits = feed(&singly, tokens, n, n - 1);
            assert_true(distance(all + (n - 1) * N_VOCABULARY, logits, N_VOCABULARY) < 1e-3);
        }
        free(all);
        close_fixture(&at_once);
        close_fixture(&singly);
    }
}

static void the_last_positions_are_told_at_once_also_when_they_are_known(void **state) {
    (void)state;
    enum { TAIL = 5 };
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct fixture at_once = open_fixture(i, 2), tail = open_fixture(i, 2);
        float *all = must_alloc(N_TOKEN * N_VOCABULARY, sizeof *all);
        float *last = must_alloc(TAIL * N_VOCABULARY, sizeof *last);
        assert_true(session_logits(at_once.session, tokens, N_TOKEN, all, &at_once.fault));
        for (int again = 0; again < 2; again++) {
            memset(last, 0, TAIL * N_VOCABULARY * sizeof *last);
            assert_true(
                session_tail(tail.session, tokens, N_TOKEN, TAIL, last, NULL, &tail.fault));
            assert_true(
                distance(all + (N_TOKEN - TAIL) * N_VOCABULARY, last, TAIL * N_VOCABULARY) < 1e-3);
        }
        const float *logits = NULL; /* the tail is not mistaken for what a feed leaves */
        assert_true(session_feed(tail.session, tokens, N_TOKEN, &logits, NULL, NULL, &tail.fault));
        assert_true(distance(all + (N_TOKEN - 1) * N_VOCABULARY, logits, N_VOCABULARY) < 1e-3);
        free(all);
        free(last);
        close_fixture(&at_once);
        close_fixture(&tail);
    }
}

static void the_past_changes_the_logits_and_its_order_matters(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct fixture fixture = open_fixture(i, 1);
        int32_t text[4] = {10, 20, 30, 40};
        float first[N_VOCABULARY];
        memcpy(first, feed(&fixture, text, 4, 0), sizeof first);
        int32_t swapped[4] = {20, 10, 30, 40}, other[4] = {11, 20, 30, 40};
        assert_true(distance(first, feed(&fixture, swapped, 4, 0), N_VOCABULARY) > 1e-3);
        assert_true(distance(first, feed(&fixture, other, 4, 0), N_VOCABULARY) > 1e-3);
        close_fixture(&fixture);
    }
}

static void a_reused_prefix_gives_what_a_fresh_session_gives(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct fixture used = open_fixture(i, 2), fresh = open_fixture(i, 2);
        int32_t other[N_TOKEN];
        memcpy(other, tokens, sizeof other);
        other[100] = (tokens[100] + 1) % 256;
        feed(&used, tokens, N_TOKEN, 0);
        const float *logits = feed(&used, other, 200, 100); /* shorter, and differs at 100 */
        assert_true(distance(feed(&fresh, other, 200, 0), logits, N_VOCABULARY) < 1e-3);
        logits = feed(&used, other, 50, 49); /* a prefix: only its last position again */
        assert_true(distance(feed(&fresh, other, 50, 49), logits, N_VOCABULARY) < 1e-6);
        feed(&used, other, 50, 50); /* the very same: nothing at all */
        close_fixture(&used);
        close_fixture(&fresh);
    }
}

static void the_number_of_threads_changes_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct fixture one = open_fixture(i, 1), two = open_fixture(i, 2);
        for (size_t n = 250; n < 260; n++) {
            size_t reused = n == 250 ? 0 : n - 1;
            float logits[N_VOCABULARY];
            memcpy(logits, feed(&one, tokens, n, reused), sizeof logits);
            assert_memory_equal(logits, feed(&two, tokens, n, reused), sizeof logits);
        }
        close_fixture(&one);
        close_fixture(&two);
    }
}

static void what_cannot_be_fed_is_refused_and_the_session_goes_on(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 1);
    const float *logits;
    struct fault fault = {0};
    int32_t *many = must_alloc(513, sizeof *many);
    assert_int_equal(session_context(fixture.session), 512);
    assert_false(session_feed(fixture.session, many, 513, &logits, NULL, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    fault_clear(&fault);
    assert_false(session_feed(fixture.session, many, 0, &logits, NULL, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    for (int i = 0; i < 2; i++) {
        fault_clear(&fault);
        many[3] = i ? -1 : N_VOCABULARY;
        assert_false(session_feed(fixture.session, many, 4, &logits, NULL, NULL, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
    }
    fault_clear(&fault);
    assert_null(session_open(fixture.model, 513, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    feed(&fixture, tokens, 10, 0);
    free(many);
    close_fixture(&fixture);
}

static void a_cancelled_feed_goes_on_later(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 1), fresh = open_fixture(0, 1);
    const float *logits;
    bool cancel = true;
    assert_false(
        session_feed(fixture.session, tokens, N_TOKEN, &logits, NULL, &cancel, &fixture.fault));
    logits = feed(&fixture, tokens, N_TOKEN, 0);
    assert_true(distance(feed(&fresh, tokens, N_TOKEN, 0), logits, N_VOCABULARY) < 1e-6);
    close_fixture(&fixture);
    close_fixture(&fresh);
}

/* ----------------------------------------------------------------------------------- generation
 */

/* Lets a text come out of a network of random weights: byte i of it, and then the end token. */
struct dictation {
    const char *text;
    size_t at;
};

static void dictate(void *data, float *logits, int n_vocabulary) {
    const struct dictation *dictation = data;
    unsigned char byte = (unsigned char)dictation->text[dictation->at];
    for (int i = 0; i < n_vocabulary; i++)
        if (i != (byte ? byte : 256))
            logits[i] = -INFINITY;
}

static void dictated(void *data, int32_t token) {
    (void)token;
    ((struct dictation *)data)->at++;
}

struct listener {
    struct buffer heard;
    int n_call;
    size_t stop_after;
};

static bool hear(void *data, struct view text) {
    struct listener *listener = data;
    assert_true(utf8_valid(text));
    assert_true(text.n > 0);
    buffer_append(&listener->heard, text);
    listener->n_call++;
    return !listener->stop_after || listener->heard.n < listener->stop_after;
}

/* Generates the dictated text; what is heard and what is returned must be `expected`. */
static void expect_said(const char *text, const char *const *stop, int max_tokens,
                        size_t stop_after, const char *expected, enum generation_end end) {
    struct fixture fixture = open_fixture(0, 1);
    struct dictation dictation = {.text = text};
    struct constraint constraint = {.data = &dictation, .mask = dictate, .accept = dictated};
    struct listener listener = {.stop_after = stop_after};
    struct generation generation = {.sampling = sampling_default,
                                    .max_tokens = max_tokens,
                                    .stop = stop,
                                    .constraint = &constraint,
                                    .say = hear,
                                    .data = &listener};
    struct generation_result result;
    struct buffer out = {0};
    if (!session_generate(fixture.session, tokens, 5, &generation, &out, &result, &fixture.fault))
        fail_msg("%s", fixture.fault.message);
    assert_string_equal(out.at ? out.at : "", expected);
    assert_string_equal(listener.heard.at ? listener.heard.at : "", expected);
    assert_int_equal(result.end, end);
    assert_int_equal(result.n_prompt, 5);
    assert_true(result.n_generated <= max_tokens && result.log_probability < 0);
    buffer_free(&out);
    buffer_free(&listener.heard);
    close_fixture(&fixture);
}

static void text_is_said_until_the_end_token(void **state) {
    (void)state;
    expect_said("six times seven", NULL, 100, 0, "six times seven", GENERATION_END_TOKEN);
    expect_said("", NULL, 100, 0, "", GENERATION_END_TOKEN);
    expect_said("six times seven", NULL, 3, 0, "six", GENERATION_LENGTH);
    expect_said("six times seven", NULL, 100, 4, "six ", GENERATION_STOPPED);
}

static void a_stop_text_that_straddles_tokens_is_never_said(void **state) {
    (void)state;
    const char *const stop[] = {"\n\nUser:", "ENDS", NULL};
    expect_said("well\n\nUser: no", stop, 100, 0, "well", GENERATION_STOP_TEXT);
    expect_said("well\n\nUse it", stop, 100, 0, "well\n\nUse it", GENERATION_END_TOKEN);
    expect_said("ENENDS more", stop, 100, 0, "EN", GENERATION_STOP_TEXT);
    expect_said("the END", stop, 100, 0, "the END", GENERATION_END_TOKEN);
    expect_said("the END", stop, 6, 0, "the EN", GENERATION_LENGTH);
}

static void characters_are_never_split(void **state) {
    (void)state;
    expect_said("été 你好 🙂!", NULL, 100, 0, "été 你好 🙂!", GENERATION_END_TOKEN);
    expect_said("你好", NULL, 5, 0, "你", GENERATION_LENGTH);
    expect_said("a\xFFz", NULL, 100, 0, "a\xEF\xBF\xBDz", GENERATION_END_TOKEN);
}

static void the_same_seed_gives_the_same_text(void **state) {
    (void)state;
    struct buffer out[2] = {{0}};
    struct generation generation = {.sampling = sampling_default, .max_tokens = 40};
    generation.sampling.temperature = 1.5F;
    for (int i = 0; i < 2; i++) {
        struct fixture fixture = open_fixture(1, 1 + i);
        struct generation_result result;
        assert_true(session_generate(fixture.session, tokens, 20, &generation, &out[i], &result,
                                     &fixture.fault));
        close_fixture(&fixture);
    }
    assert_int_equal(out[0].n, out[1].n);
    assert_memory_equal(out[0].at, out[1].at, out[0].n);
    buffer_free(&out[0]);
    buffer_free(&out[1]);
}

static void a_full_session_ends_the_text(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 1);
    struct session *small = session_open(fixture.model, 8, &fixture.fault);
    struct dictation dictation = {.text = "a text that is longer than the session"};
    struct constraint constraint = {.data = &dictation, .mask = dictate, .accept = dictated};
    struct generation generation = {
        .sampling = sampling_greedy, .max_tokens = 100, .constraint = &constraint};
    struct generation_result result;
    assert_true(session_generate(small, tokens, 5, &generation, NULL, &result, &fixture.fault));
    assert_int_equal(result.end, GENERATION_LENGTH);
    assert_int_equal(result.n_generated, 4); /* three fit, the fourth is not fed any more */
    session_close(small);
    close_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_gives_what_single_tokens_give),
        cmocka_unit_test(the_last_positions_are_told_at_once_also_when_they_are_known),
        cmocka_unit_test(the_past_changes_the_logits_and_its_order_matters),
        cmocka_unit_test(a_reused_prefix_gives_what_a_fresh_session_gives),
        cmocka_unit_test(the_number_of_threads_changes_nothing),
        cmocka_unit_test(what_cannot_be_fed_is_refused_and_the_session_goes_on),
        cmocka_unit_test(a_cancelled_feed_goes_on_later),
        cmocka_unit_test(text_is_said_until_the_end_token),
        cmocka_unit_test(a_stop_text_that_straddles_tokens_is_never_said),
        cmocka_unit_test(characters_are_never_split),
        cmocka_unit_test(the_same_seed_gives_the_same_text),
        cmocka_unit_test(a_full_session_ends_the_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
