/* Promises of many sessions on one model, on networks of random weights. */
#include "builder.h"

#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_VOCABULARY = 257, N_TOKEN = 300, N_SESSION = 8, N_TURN = 6, PAGE = 32 };

static char *paths[2]; /* of floats, of 8 bits */
static int32_t tokens[N_TOKEN];

static int set_up(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < N_TOKEN; i++)
        tokens[i] = (int32_t)random_between(&random, 0, 255);
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 7);
    paths[0] = builder_save(&builder, "scheduler");
    builder_close(&builder);
    struct buffer path = {0};
    buffer_format(&path, "%s-q8", paths[0]);
    paths[1] = path.at;
    struct fault fault = {0};
    struct quantisation_result result;
    struct pool *pool = pool_new(1);
    struct quantisation quantisation = {.type = "Q8_0", .force = true};
    MUST(model_quantise(paths[0], paths[1], &quantisation, pool, &result, &fault));
    pool_free(pool);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    return 0;
}

struct fixture {
    struct pool *pool;
    struct model *model;
    struct fault fault;
};

static struct fixture open_fixture(int path, int n_thread, const struct model_limits *limits) {
    struct fixture fixture = {.pool = pool_new(n_thread)};
    fixture.model = model_open(paths[path], fixture.pool, &fixture.fault);
    if (!fixture.model)
        fail_msg("%s", fixture.fault.message);
    if (limits)
        assert_true(model_limit(fixture.model, limits, &fixture.fault));
    return fixture;
}

static void close_fixture(struct fixture *fixture) {
    model_close(fixture->model);
    pool_free(fixture->pool);
}

static struct session *open_session(struct fixture *fixture, int n_context) {
    struct session *session = session_open(fixture->model, n_context, &fixture->fault);
    if (!session)
        fail_msg("%s", fixture->fault.message);
    return session;
}

static size_t feed(struct session *session, const int32_t *fed, size_t n, float *logits) {
    const float *given = NULL;
    size_t n_reused = 0;
    struct fault fault = {0};
    if (!session_feed(session, fed, n, &given, &n_reused, NULL, &fault))
        fail_msg("%s", fault.message);
    if (logits)
        memcpy(logits, given, N_VOCABULARY * sizeof *logits);
    return n_reused;
}

/* ------------------------------------------------------------------------ together and alone */

/* What one session does: turns, each a text that begins like another's, then a generation. */
struct life {
    struct model *model;
    uint64_t seed;
    float logits[N_TURN][N_VOCABULARY];
    struct buffer out[N_TURN];
    bool cancels; /* some of the turns */
};

static size_t random_text(struct random *random, int32_t *text) {
    size_t n = (size_t)random_between(random, 1, N_TOKEN), changed;
    memcpy(text, tokens, sizeof tokens);
    changed = (size_t)random_between(random, 0, N_TOKEN - 1);
    text[changed] = (int32_t)random_between(random, 0, 255);
    return n;
}

struct cancelling {
    volatile bool cancel;
    int left;
};

static bool cancel_soon(void *data, struct view text) {
    struct cancelling *cancelling = data;
    (void)text;
    if (cancelling->left-- == 0)
        __atomic_store_n(&cancelling->cancel, true, __ATOMIC_RELAXED);
    return true;
}

static void give_up_one(struct life *life, struct session *session, struct random *random) {
    int32_t text[N_TOKEN];
    size_t n = random_text(random, text);
    struct cancelling cancelling = {.left = (int)random_between(random, 0, 8)};
    struct generation generation = {.sampling = sampling_default,
                                    .max_tokens = 50,
                                    .cancel = &cancelling.cancel,
                                    .say = cancel_soon,
                                    .data = &cancelling};
    generation.sampling.seed = life->seed;
    struct fault fault = {0};
    assert_true(session_generate(session, text, n, &generation, NULL, NULL, &fault));
}

static void *live(void *data) {
    struct life *life = data;
    struct random random, other;
    struct fault fault = {0};
    random_seed(&random, life->seed);
    random_seed(&other, life->seed + 1000);
    struct session *session = session_open(life->model, 400, &fault);
    assert_non_null(session);
    for (int i = 0; i < N_TURN; i++) {
        int32_t text[N_TOKEN];
        size_t n = random_text(&random, text);
        struct generation generation = {.sampling = sampling_default,
                                        .max_tokens = (int)random_between(&random, 1, 30)};
        generation.sampling.seed = random_next(&random);
        generation.sampling.temperature = 1.5F;
        if (life->cancels && i % 2)
            give_up_one(life, session, &other);
        if (i % 3 == 0)
            feed(session, text, n, NULL);
        assert_true(session_generate(session, text, n, &generation, &life->out[i], NULL, &fault));
        feed(session, text, n, life->logits[i]);
    }
    session_close(session);
    return NULL;
}

static void compare_and_free(struct life *alone, struct life *together) {
    for (int i = 0; i < N_TURN; i++) {
        assert_true(view_equal(buffer_view(&alone->out[i]), buffer_view(&together->out[i])));
        assert_memory_equal(alone->logits[i], together->logits[i], sizeof alone->logits[i]);
    }
    for (int i = 0; i < N_TURN; i++)
        buffer_free(&together->out[i]);
}

static void live_together(struct life *alone, int path, int n_thread,
                          const struct model_limits *limits) {
    struct fixture fixture = open_fixture(path, n_thread, limits);
    struct life *lives = must_alloc(N_SESSION, sizeof *lives);
    pthread_t threads[N_SESSION];
    for (int i = 0; i < N_SESSION; i++) {
        lives[i] = (struct life){
            .model = fixture.model, .seed = (uint64_t)i / 2, .cancels = n_thread != 2};
        assert_int_equal(pthread_create(&threads[i], NULL, live, &lives[i]), 0);
    }
    for (int i = 0; i < N_SESSION; i++)
        pthread_join(threads[i], NULL);
    struct model_usage usage = model_usage(fixture.model);
    assert_int_equal(usage.n_running + usage.n_waiting, 0);
    assert_int_equal(usage.cache_bytes_running, 0);
    assert_true(usage.cache_bytes <= usage.cache_bytes_most);
    for (int i = 0; i < N_SESSION; i++)
        compare_and_free(&alone[i], &lives[i]);
    free(lives);
    close_fixture(&fixture);
}

static uint64_t page_bytes(void) {
    struct fixture fixture = open_fixture(0, 1, NULL);
    struct session *session = open_session(&fixture, 0);
    feed(session, tokens, 1, NULL);
    uint64_t bytes = model_usage(fixture.model).cache_bytes;
    session_close(session);
    close_fixture(&fixture);
    return bytes;
}

static void sessions_served_together_get_to_the_bit_what_each_gets_alone(void **state) {
    (void)state;
    for (int path = 0; path < 2; path++) {
        struct life *alone = must_alloc(N_SESSION, sizeof *alone);
        for (int i = 0; i < N_SESSION; i++) { /* each a model of its own: nothing is shared */
            struct fixture fixture = open_fixture(path, 1, NULL);
            alone[i] = (struct life){.model = fixture.model, .seed = (uint64_t)i / 2};
            live(&alone[i]);
            close_fixture(&fixture);
        }
        struct model_limits little = {.cache_bytes = page_bytes() * 30};
        live_together(alone, path, 1, NULL);
        live_together(alone, path, 2, NULL);
        live_together(alone, path, 3, &little);
        for (int i = 0; i < N_SESSION; i++)
            for (int k = 0; k < N_TURN; k++)
                buffer_free(&alone[i].out[k]);
        free(alone);
    }
}

static void a_text_fed_in_any_pieces_gives_the_same_bits(void **state) {
    (void)state;
    for (int path = 0; path < 2; path++) {
        struct fixture whole = open_fixture(path, 2, NULL), pieces = open_fixture(path, 1, NULL);
        struct session *at_once = open_session(&whole, 0), *slowly = open_session(&pieces, 0);
        float *all = must_alloc((size_t)N_TOKEN * N_VOCABULARY, sizeof *all);
        assert_true(session_logits(at_once, tokens, N_TOKEN, all, &whole.fault));
        struct random random;
        random_seed(&random, 3);
        for (size_t n = 1; n <= N_TOKEN; n += (size_t)random_between(&random, 1, 50)) {
            float logits[N_VOCABULARY];
            feed(slowly, tokens, n, logits);
            assert_memory_equal(logits, all + (n - 1) * N_VOCABULARY, sizeof logits);
        }
        free(all);
        session_close(at_once);
        session_close(slowly);
        close_fixture(&whole);
        close_fixture(&pieces);
    }
}

/* --------------------------------------------------------------------------------------- sharing
 */

static void what_any_session_computed_is_found_by_all_even_after_it_closed(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 1, NULL);
    struct session *first = open_session(&fixture, 0), *second = open_session(&fixture, 0);
    int32_t other[N_TOKEN];
    memcpy(other, tokens, sizeof other);
    other[77] = (tokens[77] + 1) % 256;
    assert_int_equal(feed(first, tokens, 200, NULL), 0);
    assert_int_equal(feed(second, tokens, N_TOKEN, NULL), 200);
    assert_int_equal(feed(second, other, N_TOKEN, NULL), 77);
    assert_int_equal(feed(first, tokens + 1, 100, NULL), 0);
    session_close(first);
    session_close(second);
    struct session *third = open_session(&fixture, 0);
    assert_int_equal(feed(third, tokens, 250, NULL), 249);
    assert_int_equal(feed(third, other, 250, NULL), 249);
    session_close(third);
    close_fixture(&fixture);
}

static void a_shared_beginning_is_held_once(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 1, NULL);
    for (int i = 0; i < 10; i++) {
        struct session *session = open_session(&fixture, 0);
        int32_t text[8 * PAGE + 1];
        memcpy(text, tokens, sizeof text);
        text[8 * PAGE] = i;
        feed(session, text, 8 * PAGE + 1, NULL);
        session_close(session);
    }
    assert_int_equal(model_usage(fixture.model).cache_bytes, (8 + 10) * page_bytes());
    close_fixture(&fixture);
}

/* ---------------------------------------------------------------------------------------- memory
 */

static void what_the_cache_cannot_hold_is_refused(void **state) {
    (void)state;
    struct model_limits limits = {.cache_bytes = page_bytes() * 4};
    struct fixture fixture = open_fixture(0, 1, &limits);
    struct fault fault = {0};
    assert_null(session_open(fixture.model, 4 * PAGE + 1, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_true(fault.remedy[0]);
    struct session *session = open_session(&fixture, 4 * PAGE);
    fault_clear(&fault);
    assert_false(model_limit(fixture.model, &limits, &fault));
    feed(session, tokens, 4 * PAGE, NULL);
    feed(session, tokens + 1, 4 * PAGE, NULL); /* what nobody uses is given back */
    assert_true(model_usage(fixture.model).cache_bytes <= limits.cache_bytes);
    session_close(session);
    close_fixture(&fixture);
}

struct guest {
    struct session *session;
    int priority;
    int *order, place;       /* counts who began */
    struct model *waits_for; /* begins to write when two wait on it; or NULL */
    bool good;
};

static void begin(void *data, float *logits, int n_vocabulary) {
    struct guest *guest = data;
    (void)logits;
    (void)n_vocabulary;
    while (guest->waits_for && model_usage(guest->waits_for).n_waiting < 2)
        usleep(1000);
    if (!guest->place)
        guest->place = __atomic_add_fetch(guest->order, 1, __ATOMIC_RELAXED);
}

static void *be_guest(void *data) {
    struct guest *guest = data;
    struct fault fault = {0};
    struct constraint constraint = {.data = guest, .mask = begin};
    struct generation generation = {.sampling = sampling_greedy,
                                    .max_tokens = 3,
                                    .constraint = &constraint,
                                    .priority = guest->priority};
    guest->good = session_generate(guest->session, tokens + guest->priority, 100, &generation,
                                   NULL, NULL, &fault);
    return NULL;
}

static void who_finds_no_memory_waits_and_the_higher_priority_goes_first(void **state) {
    (void)state;
    struct model_limits limits = {.cache_bytes = page_bytes() * 4};
    struct fixture fixture = open_fixture(0, 1, &limits);
    int order = 0;
    struct guest guests[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        guests[i] = (struct guest){.session = open_session(&fixture, 4 * PAGE),
                                   .priority = i,
                                   .order = &order,
                                   .waits_for = i ? NULL : fixture.model};
        assert_int_equal(pthread_create(&threads[i], NULL, be_guest, &guests[i]), 0);
        while (i < 2 &&
               model_usage(fixture.model).n_running + model_usage(fixture.model).n_waiting < i + 1)
            usleep(1000);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_true(guests[i].good);
        session_close(guests[i].session);
    }
    assert_int_equal(guests[0].place, 1);
    assert_int_equal(guests[2].place, 2);
    assert_int_equal(guests[1].place, 3);
    close_fixture(&fixture);
}

/* --------------------------------------------------------------------------------------- streams
 */

struct listener {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool hears, may_go_on;
};

static bool listen_slowly(void *data, struct view text) {
    struct listener *listener = data;
    (void)text;
    pthread_mutex_lock(&listener->lock);
    listener->hears = true;
    pthread_cond_broadcast(&listener->changed);
    while (!listener->may_go_on)
        pthread_cond_wait(&listener->changed, &listener->lock);
    pthread_mutex_unlock(&listener->lock);
    return true;
}

struct speaker {
    struct session *session;
    struct listener *listener;
    bool good;
};

static void *speak(void *data) {
    struct speaker *speaker = data;
    struct fault fault = {0};
    struct generation generation = {.sampling = sampling_default,
                                    .max_tokens = 20,
                                    .say = listen_slowly,
                                    .data = speaker->listener};
    speaker->good =
        session_generate(speaker->session, tokens, 10, &generation, NULL, NULL, &fault);
    return NULL;
}

static void a_slow_listener_holds_up_nobody(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 2, NULL);
    struct listener listener = {.hears = false};
    pthread_mutex_init(&listener.lock, NULL);
    pthread_cond_init(&listener.changed, NULL);
    struct speaker speaker = {.session = open_session(&fixture, 0), .listener = &listener};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, speak, &speaker), 0);
    pthread_mutex_lock(&listener.lock);
    while (!listener.hears)
        pthread_cond_wait(&listener.changed, &listener.lock);
    pthread_mutex_unlock(&listener.lock);
    struct session *other = open_session(&fixture, 0);
    struct buffer out = {0};
    struct generation generation = {.sampling = sampling_default, .max_tokens = 40};
    assert_true(session_generate(other, tokens + 1, 200, &generation, &out, NULL, &fixture.fault));
    assert_true(out.n > 0); /* while the other listens still */
    buffer_free(&out);
    pthread_mutex_lock(&listener.lock);
    listener.may_go_on = true;
    pthread_cond_broadcast(&listener.changed);
    pthread_mutex_unlock(&listener.lock);
    pthread_join(thread, NULL);
    assert_true(speaker.good);
    session_close(speaker.session);
    session_close(other);
    pthread_cond_destroy(&listener.changed);
    pthread_mutex_destroy(&listener.lock);
    close_fixture(&fixture);
}

static void who_gives_up_while_others_run_frees_the_memory_at_once(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(0, 2, NULL);
    struct session *session = open_session(&fixture, 0);
    struct cancelling cancelling = {.left = 3};
    struct generation generation = {.sampling = sampling_default,
                                    .max_tokens = 100,
                                    .cancel = &cancelling.cancel,
                                    .say = cancel_soon,
                                    .data = &cancelling};
    struct generation_result result;
    assert_true(
        session_generate(session, tokens, 100, &generation, NULL, &result, &fixture.fault));
    assert_int_equal(result.end, GENERATION_STOPPED);
    assert_int_equal(model_usage(fixture.model).cache_bytes_running, 0);
    assert_int_equal(model_usage(fixture.model).n_running, 0);
    session_close(session);
    close_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_served_together_get_to_the_bit_what_each_gets_alone),
        cmocka_unit_test(a_text_fed_in_any_pieces_gives_the_same_bits),
        cmocka_unit_test(what_any_session_computed_is_found_by_all_even_after_it_closed),
        cmocka_unit_test(a_shared_beginning_is_held_once),
        cmocka_unit_test(what_the_cache_cannot_hold_is_refused),
        cmocka_unit_test(who_finds_no_memory_waits_and_the_higher_priority_goes_first),
        cmocka_unit_test(a_slow_listener_holds_up_nobody),
        cmocka_unit_test(who_gives_up_while_others_run_frees_the_memory_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
