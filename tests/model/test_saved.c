/* Promises of saved sessions, on a network of random weights. */
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

enum { N_VOCABULARY = 257, N_TOKEN = 75 };

static char *paths[3], *saved; /* the third has windowed layers */
static int32_t tokens[N_TOKEN + 1];

static int set_up(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i <= N_TOKEN; i++)
        tokens[i] = (int32_t)random_between(&random, 0, 255);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct builder builder;
        builder_open(&builder);
        static const struct builder_shape shapes[] = {
            {.architecture = "llama"},
            {.architecture = "llama"},
            {.architecture = "gemma3", .tied = true, .windowed = true}};
        builder_network(&builder, &shapes[i], 20 + i);
        paths[i] = builder_save(&builder, i == 0   ? "saved"
                                          : i == 1 ? "saved-other"
                                                   : "saved-windows");
        builder_close(&builder);
    }
    struct buffer path = {0};
    buffer_format(&path, "%s-session", paths[0]);
    saved = path.at;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    unlink(saved);
    free(saved);
    return 0;
}

struct fixture {
    struct pool *pool;
    struct model *model;
    struct session *session;
    struct fault fault;
};

static struct fixture open_fixture(int path, enum cache_type cache, int n_context) {
    struct fixture fixture = {.pool = pool_new(1)};
    struct model_limits limits = {.cache = cache};
    fixture.model = model_open(paths[path], fixture.pool, &fixture.fault);
    assert_true(model_limit(fixture.model, &limits, &fixture.fault));
    fixture.session = session_open(fixture.model, n_context, &fixture.fault);
    assert_non_null(fixture.session);
    return fixture;
}

static void close_fixture(struct fixture *fixture) {
    session_close(fixture->session);
    model_close(fixture->model);
    pool_free(fixture->pool);
}

static size_t feed(struct fixture *fixture, size_t n, float *logits) {
    const float *given;
    size_t n_reused;
    assert_true(
        session_feed(fixture->session, tokens, n, &given, &n_reused, NULL, &fixture->fault));
    if (logits)
        memcpy(logits, given, N_VOCABULARY * sizeof *logits);
    return n_reused;
}

/* The file of a session that holds N_TOKEN tokens. */
static struct buffer save_one_of(int path, enum cache_type cache) {
    struct fixture fixture = open_fixture(path, cache, 0);
    struct buffer file = {0};
    feed(&fixture, N_TOKEN, NULL);
    if (!session_save(fixture.session, saved, &fixture.fault))
        fail_msg("%s", fixture.fault.message);
    assert_true(file_read(saved, 1 << 24, &file, &fixture.fault));
    close_fixture(&fixture);
    return file;
}

static struct buffer save_one(void) {
    return save_one_of(0, CACHE_F16);
}

static const enum cache_type caches[] = {CACHE_F16, CACHE_Q8_0, CACHE_F32};

static void restore_and_go_on(int path, enum cache_type cache) {
    struct buffer file = save_one_of(path, cache);
    buffer_free(&file);
    struct fixture fresh = open_fixture(path, cache, 0), restored = open_fixture(path, cache, 0);
    if (!session_restore(restored.session, saved, &restored.fault))
        fail_msg("%s", restored.fault.message);
    size_t n;
    const int32_t *held = session_tokens(restored.session, &n);
    assert_int_equal(n, N_TOKEN);
    assert_memory_equal(held, tokens, N_TOKEN * sizeof *tokens);
    float logits[2][N_VOCABULARY];
    assert_int_equal(feed(&fresh, N_TOKEN + 1, logits[0]), 0);
    assert_int_equal(feed(&restored, N_TOKEN + 1, logits[1]), N_TOKEN);
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    close_fixture(&fresh);
    close_fixture(&restored);
}

static void a_restored_session_goes_on_to_the_bit(void **state) {
    (void)state;
    for (int path = 0; path < 3; path += 2)
        for (size_t i = 0; i < COUNT_OF(caches); i++)
            restore_and_go_on(path, caches[i]);
}

static void generate(struct session *session, struct buffer *out, size_t *n_reused) {
    struct fault fault = {0};
    struct generation_result result;
    struct generation generation = {.sampling = sampling_default, .max_tokens = 40};
    generation.sampling.seed = 9;
    assert_true(session_generate(session, tokens, N_TOKEN, &generation, out, &result, &fault));
    assert_true(result.n_generated > 4);
    *n_reused = (size_t)result.n_reused;
}

/* Whoever begins alike finds the pages, goes on with them to the same text, and is no further from
 * what nothing was rounded for than 8 bits are. */
static void each_type_of_cache_generates_and_shares_what_was_computed(void **state) {
    (void)state;
    float whole[N_VOCABULARY], logits[N_VOCABULARY];
    for (int path = 0; path < 3; path += 2) {
        struct fixture exact = open_fixture(path, CACHE_F32, 0);
        feed(&exact, N_TOKEN, whole);
        close_fixture(&exact);
        for (size_t i = 0; i < COUNT_OF(caches); i++) {
            struct fixture fixture = open_fixture(path, caches[i], 0);
            struct buffer first = {0}, second = {0};
            size_t n_reused;
            double error = 0, size = 0;
            generate(fixture.session, &first, &n_reused);
            assert_int_equal(n_reused, 0);
            struct session *other = session_open(fixture.model, 0, &fixture.fault);
            assert_non_null(other);
            generate(other, &second, &n_reused);
            assert_in_range(n_reused, N_TOKEN - 32, N_TOKEN);
            assert_true(view_equal(buffer_view(&first), buffer_view(&second)));
            feed(&fixture, N_TOKEN, logits);
            for (int k = 0; k < N_VOCABULARY; k++) {
                error = fmax(error, fabs((double)logits[k] - (double)whole[k]));
                size = fmax(size, fabs((double)whole[k]));
            }
            assert_true(error <= (caches[i] == CACHE_Q8_0 ? 0.05 : 0.002) * size);
            assert_true(caches[i] != CACHE_Q8_0 || error > 0);
            session_close(other);
            close_fixture(&fixture);
            buffer_free(&first);
            buffer_free(&second);
        }
    }
}

static void the_same_session_gives_the_same_file(void **state) {
    (void)state;
    struct buffer first = save_one(), second = save_one();
    assert_true(view_equal(buffer_view(&first), buffer_view(&second)));
    buffer_free(&first);
    buffer_free(&second);
}

/* Refused, with what the session held still there. */
static void expect_refused(struct fixture *fixture, struct view file, const char *reason) {
    struct fault fault = {0};
    float before[N_VOCABULARY], after[N_VOCABULARY];
    feed(fixture, 10, before);
    assert_true(file_write(saved, file, &fault));
    assert_false(session_restore(fixture->session, saved, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    assert_string_equal(fault.file, saved);
    if (!strstr(fault.message, reason))
        fail_msg("expected \"%s\", was: %s", reason, fault.message);
    assert_int_equal(feed(fixture, 10, after), 10);
    assert_memory_equal(before, after, sizeof before);
}

static void a_damaged_or_truncated_file_is_refused_and_the_session_is_as_it_was(void **state) {
    (void)state;
    struct buffer file = save_one();
    struct fixture fixture = open_fixture(0, CACHE_F16, 0);
    for (size_t at = 0; at < file.n; at += file.n / 40 + 1) {
        file.at[at] ^= 4;
        expect_refused(&fixture, buffer_view(&file), "");
        file.at[at] ^= 4;
        expect_refused(&fixture, view_slice(buffer_view(&file), 0, at), "");
    }
    file.at[file.n - 200] ^= 1;
    expect_refused(&fixture, buffer_view(&file), "damaged");
    file.at[file.n - 200] ^= 1;
    expect_refused(&fixture, view_slice(buffer_view(&file), 0, file.n - 1), "damaged");
    expect_refused(&fixture, VIEW("not this"), "no saved session");
    file.at[8] = 1;
    expect_refused(&fixture, buffer_view(&file), "version 1");
    close_fixture(&fixture);
    buffer_free(&file);
}

static void a_session_of_other_weights_or_another_cache_is_refused(void **state) {
    (void)state;
    struct buffer file = save_one();
    struct fixture other = open_fixture(1, CACHE_F16, 0);
    expect_refused(&other, buffer_view(&file), "other weights");
    close_fixture(&other);
    struct fixture fewer = open_fixture(0, CACHE_Q8_0, 0);
    expect_refused(&fewer, buffer_view(&file), "another type of cache");
    close_fixture(&fewer);
    struct fixture small = open_fixture(0, CACHE_F16, N_TOKEN - 1);
    struct fault fault = {0};
    assert_true(file_write(saved, buffer_view(&file), &fault));
    assert_false(session_restore(small.session, saved, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    fault_clear(&fault);
    assert_false(session_restore(small.session, "/nowhere/at-all", &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    close_fixture(&small);
    buffer_free(&file);
}

static void an_empty_session_has_nothing_to_save(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, CACHE_F16, 0);
    assert_false(session_save(fixture.session, saved, &fixture.fault));
    assert_int_equal(fixture.fault.kind, FAULT_MISSING);
    close_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_session_goes_on_to_the_bit),
        cmocka_unit_test(each_type_of_cache_generates_and_shares_what_was_computed),
        cmocka_unit_test(the_same_session_gives_the_same_file),
        cmocka_unit_test(a_damaged_or_truncated_file_is_refused_and_the_session_is_as_it_was),
        cmocka_unit_test(a_session_of_other_weights_or_another_cache_is_refused),
        cmocka_unit_test(an_empty_session_has_nothing_to_save),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
