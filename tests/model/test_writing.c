/* Promises of writing and guessing. A made-up mind stands for the network: its logits follow from
 * the last tokens alone, so that they are the same bits whoever asks and however. */
#include "builder.h"

#include "model/guess.h"
#include "model/writing.h"

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

enum { N_VOCABULARY = 257, END = 256, N_PREFIX = 60 };

static struct pool *pool;
static struct model *model;
static const struct vocabulary *vocabulary;
static int32_t prefix[N_PREFIX];

static int set_up(void **state) {
    (void)state;
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 11);
    char *path = builder_save(&builder, "writing");
    builder_close(&builder);
    struct fault fault = {0};
    pool = pool_new(1);
    model = model_open(path, pool, &fault);
    unlink(path);
    free(path);
    if (!model)
        return -1;
    vocabulary = model_vocabulary(model);
    for (int i = 0; i < N_PREFIX; i++)
        prefix[i] = 'a' + i % 7;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    model_close(model);
    pool_free(pool);
    return 0;
}

/* Sixteen letters, of which the last two tokens like some; now and then it ends. */
static void think(const int32_t *tokens, size_t n, float *logits) {
    struct random random;
    random_seed(&random, (uint64_t)tokens[n - 1] * 1000 + (uint64_t)(n > 1 ? tokens[n - 2] : 0));
    for (int i = 0; i < N_VOCABULARY; i++) {
        bool letter = i >= 'a' && i < 'a' + 16;
        logits[i] = (float)(random_unit(&random) * 6) - (letter ? 0 : 9);
    }
    logits[END] = -4;
}

struct heard {
    struct buffer text;
    struct written_token *tokens;
    size_t n, capacity;
    size_t most; /* bytes, then it wants no more; 0: everything */
    struct generation_result result;
    struct fault fault;
    int n_step;
};

static bool hear(void *data, struct view text) {
    struct heard *heard = data;
    buffer_append(&heard->text, text);
    return !heard->most || heard->text.n < heard->most;
}

static void hear_token(void *data, const struct written_token *token) {
    struct heard *heard = data;
    if (heard->n == heard->capacity) {
        heard->capacity = 2 * heard->capacity + 16;
        heard->tokens = must_realloc(heard->tokens, heard->capacity, sizeof *heard->tokens);
    }
    heard->tokens[heard->n++] = *token;
}

static void forget(struct heard *heard) {
    buffer_free(&heard->text);
    free(heard->tokens);
}

/* Every step takes the same time, however many rows it has: guesses pay. */
static bool step(struct writing *writing, struct heard *heard) {
    float logits[(GUESS_MOST + 1) * N_VOCABULARY];
    const struct tokens *tokens = writing_tokens(writing);
    int n_row = writing_guesses(writing) + 1;
    assert_in_range(n_row, 1, GUESS_MOST + 1);
    for (int row = 0; row < n_row; row++)
        think(tokens->at, tokens->n - (size_t)(n_row - 1 - row), logits + row * N_VOCABULARY);
    heard->n_step++;
    return writing_take(writing, logits, 150e-6, &heard->fault);
}

static struct heard write_text(struct generation generation) {
    struct heard heard = {0};
    struct buffer out = {0};
    generation.say = hear;
    generation.told = hear_token;
    generation.data = &heard;
    struct writing *writing =
        writing_open(vocabulary, prefix, N_PREFIX, &generation, &heard.fault);
    assert_non_null(writing);
    while (step(writing, &heard)) {
        assert_true(writing_tokens(writing)->n < N_PREFIX + (size_t)generation.max_tokens);
        writing_say(writing);
    }
    writing_say(writing);
    assert_true(writing_close(writing, &out, &heard.result, NULL));
    assert_int_equal(out.n, heard.text.n);
    if (out.n)
        assert_memory_equal(out.at, heard.text.at, out.n);
    buffer_free(&out);
    return heard;
}

/* ------------------------------------------------------------------------------------- guesses */

struct manners { /* no letter may follow itself, or come three times in all */
    int32_t last;
    int counts[N_VOCABULARY];
    int most;
};

static void keep_manners(void *data, float *logits, int n_vocabulary) {
    const struct manners *manners = data;
    for (int i = 0; i < n_vocabulary; i++)
        if (i == manners->last || manners->counts[i] >= manners->most)
            logits[i] = -INFINITY;
}

static void accept_manners(void *data, int32_t token) {
    struct manners *manners = data;
    manners->last = token;
    manners->counts[token]++;
}

static const struct token_bias biases[] = {{'c', 2}, {'e', -INFINITY}};
static const char *const stops[] = {"nowhere", "fa", NULL};
static const int32_t stop_tokens[] = {'z', 'd'};

static const struct generation ways[] = {
    {.sampling = {.temperature = 0, .top_p = 1}},
    {.sampling = {.temperature = 0.7F, .top_p = 0.95F, .min_p = 0.05F}},
    {.sampling = {.temperature = 1.2F, .top_p = 1}},
    {.sampling = {.temperature = 0.6F, .top_k = 5, .top_p = 1, .repetition_penalty = 1.2F}},
    {.sampling = {.temperature = 0.5F,
                  .top_p = 1,
                  .presence_penalty = 0.5F,
                  .frequency_penalty = 0.1F,
                  .biases = biases,
                  .n_bias = 2}},
    {.sampling = {.temperature = 0.4F, .top_p = 1}, .stop = stops},
    {.sampling = {.temperature = 0.4F, .top_p = 1}, .stop_tokens = stop_tokens, .n_stop_token = 2},
    {.sampling = {.temperature = 0.3F, .top_p = 1}, .constraint = &(const struct constraint){0}},
};

static void guesses_change_nothing_but_the_speed(void **state) {
    (void)state;
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        int n_kept = 0, n_step[2] = {0};
        for (uint64_t seed = 0; seed < 12; seed++) {
            struct heard heard[2];
            for (int k = 0; k < 2; k++) {
                struct manners manners = {.last = -1, .most = 12};
                struct constraint constraint = {
                    .data = &manners, .mask = keep_manners, .accept = accept_manners};
                struct generation generation = ways[way];
                generation.max_tokens = 60 + (int)seed;
                generation.sampling.seed = seed;
                generation.no_guess = k == 0;
                generation.n_alternative = 2;
                if (generation.constraint)
                    generation.constraint = &constraint;
                heard[k] = write_text(generation);
                assert_int_equal(heard[k].fault.kind, FAULT_NONE);
                n_step[k] += heard[k].n_step;
            }
            const struct generation_result *plain = &heard[0].result, *fast = &heard[1].result;
            assert_int_equal(plain->n_guess, 0);
            n_kept += fast->n_guess_kept;
            assert_int_equal(plain->end, fast->end);
            assert_int_equal(plain->stop, fast->stop);
            assert_int_equal(plain->n_generated, fast->n_generated);
            assert_true(plain->log_probability == fast->log_probability);
            assert_int_equal(heard[0].n, heard[1].n);
            assert_int_equal(heard[0].n, plain->n_generated);
            for (size_t i = 0; i < heard[0].n; i++) {
                const struct written_token *a = &heard[0].tokens[i], *b = &heard[1].tokens[i];
                assert_int_equal(a->token, b->token);
                assert_true(a->log_probability == b->log_probability);
                assert_memory_equal(a->alternatives, b->alternatives, 2 * sizeof *a->alternatives);
            }
            assert_int_equal(heard[0].text.n, heard[1].text.n);
            if (heard[0].text.n)
                assert_memory_equal(heard[0].text.at, heard[1].text.at, heard[0].text.n);
            forget(&heard[0]);
            forget(&heard[1]);
        }
        if (!(way == 5 || way == 6)) { /* those end too soon to tell */
            assert_true(n_kept > 0);
            assert_true(n_step[1] < n_step[0]);
        }
    }
}

static void the_longest_and_then_the_latest_match_is_followed(void **state) {
    (void)state;
    struct guesser guesser;
    int32_t out[GUESS_MOST];
    static const int32_t text[] = {9, 1, 2, 3, 50, 51, 52, 2, 3, 60, 61, 4, 1, 2, 3};
    static const int32_t pairs[] = {2, 3, 50, 51, 7, 2, 3, 60, 61, 4, 8, 2, 3};
    static const int32_t period[] = {5, 6, 5, 6, 5, 6, 5};
    static const int32_t fresh[] = {1, 2, 3, 4, 5, 6, 7, 8};
    guess_open(&guesser);
    assert_int_equal(guess_next(&guesser, text, COUNT_OF(text), 7, out), 0); /* no step yet */
    guess_learn(&guesser, 0, 0, 1);
    guesser.chance[2] = guesser.chance[3] = guesser.chance[4] = 0.99;
    assert_int_equal(guess_next(&guesser, text, COUNT_OF(text), 3, out), 3);
    assert_memory_equal(out, ((int32_t[]){50, 51, 52}), sizeof(int32_t[3]));
    assert_int_equal(guess_next(&guesser, pairs, COUNT_OF(pairs), 2, out), 2);
    assert_memory_equal(out, ((int32_t[]){60, 61}), sizeof(int32_t[2]));
    assert_int_equal(guess_next(&guesser, period, COUNT_OF(period), 5, out), 5);
    assert_memory_equal(out, ((int32_t[]){6, 5, 6, 5, 6}), sizeof(int32_t[5]));
    assert_int_equal(guess_next(&guesser, fresh, COUNT_OF(fresh), 7, out), 0);
    assert_int_equal(guess_next(&guesser, period, COUNT_OF(period), 0, out), 0);
    for (size_t n = 0; n < 3; n++)
        assert_int_equal(guess_next(&guesser, period, n, 7, out), 0);
}

/* A made-up text of n tokens where every pair has come before; a share of it continues as guessed.
 * Returns the time that it took against plain steps. */
static double pretend(struct guesser *guesser, int n, double right, double cost) {
    static const int32_t text[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2};
    struct random random;
    double spent = 0;
    random_seed(&random, 4);
    for (int written = 0; written < n;) {
        int32_t out[GUESS_MOST];
        int n_guess = guess_next(guesser, text, COUNT_OF(text), 7, out), n_kept = 0;
        while (n_kept < n_guess && random_unit(&random) < right)
            n_kept++;
        double seconds = 1 + cost * n_guess;
        guess_learn(guesser, n_guess, n_kept, seconds);
        spent += seconds;
        written += 1 + n_kept;
    }
    return spent / n;
}

static void guesses_cost_little_where_they_fail_and_win_where_they_hold(void **state) {
    (void)state;
    struct guesser guesser;
    for (int i = 1; i <= 10; i++) {
        double cost = 0.1 * i;
        guess_open(&guesser);
        assert_true(pretend(&guesser, 1000, 0, cost) < 1.02);
        guess_open(&guesser);
        assert_true(pretend(&guesser, 1000, 0.3, cost) < 1.02);
    }
    guess_open(&guesser);
    assert_true(pretend(&guesser, 300, 0.95, 0.1) < 0.45);
    assert_true(pretend(&guesser, 1000, 0, 0.1) < 1.03);
    assert_true(pretend(&guesser, 1000, 0.95, 0.1) < 0.6); /* noticed again */
}

/* ---------------------------------------------------------------------------------------- told */

static void each_token_is_told_with_the_models_own_chances(void **state) {
    (void)state;
    struct manners manners = {.last = -1, .most = 3};
    struct constraint constraint = {
        .data = &manners, .mask = keep_manners, .accept = accept_manners};
    struct generation generation = {.sampling = ways[4].sampling,
                                    .max_tokens = 30,
                                    .n_alternative = 5,
                                    .constraint = &constraint};
    struct heard heard = write_text(generation);
    int32_t text[N_PREFIX + 30];
    double sum = 0;
    memcpy(text, prefix, sizeof prefix);
    assert_true(heard.n > 10);
    for (size_t i = 0; i < heard.n; i++) {
        float logits[N_VOCABULARY];
        double total = 0;
        think(text, N_PREFIX + i, logits);
        for (int k = 0; k < N_VOCABULARY; k++)
            total += exp((double)logits[k]);
        const struct written_token *token = &heard.tokens[i];
        double expected = (double)logits[token->token] - log(total);
        assert_true(fabs((double)token->log_probability - expected) < 1e-5);
        sum += expected;
        assert_int_equal(token->n_alternative, 5);
        for (int k = 0; k < 5; k++) {
            struct token_chance chance = token->alternatives[k];
            expected = (double)logits[chance.token] - log(total);
            assert_true(fabs((double)chance.log_probability - expected) < 1e-5);
            if (k)
                assert_true(chance.log_probability <= token->alternatives[k - 1].log_probability);
        }
        text[N_PREFIX + i] = token->token;
    }
    assert_true(fabs(sum - heard.result.log_probability) < 1e-4);
    forget(&heard);
}

static void a_stop_token_ends_the_text_without_its_own(void **state) {
    (void)state;
    struct generation generation = {.sampling = ways[0].sampling, .max_tokens = 100};
    struct heard whole = write_text(generation);
    assert_true(whole.n > 20 && whole.result.stop == -1);
    int32_t last = whole.tokens[whole.n - 2].token;
    size_t n = 0;
    while (whole.tokens[n].token != last)
        n++;
    generation.stop_tokens = (int32_t[]){END, last};
    generation.n_stop_token = 2;
    struct heard cut = write_text(generation);
    assert_int_equal(cut.result.end, GENERATION_STOP_TOKEN);
    assert_int_equal(cut.result.stop, 1);
    assert_int_equal(cut.text.n, n);
    assert_int_equal(cut.result.n_generated, n + 1);
    forget(&whole);
    forget(&cut);
}

/* ------------------------------------------------------------------------------------- threads */

struct taker {
    struct writing *writing;
    struct heard *heard;
    volatile bool over;
};

static void *take(void *data) {
    struct taker *taker = data;
    while (step(taker->writing, taker->heard))
        usleep(150); /* a step takes time, in which the other thread says */
    taker->over = true;
    return NULL;
}

static void text_may_be_said_on_another_thread(void **state) {
    (void)state;
    struct generation generation = {.sampling = ways[1].sampling, .max_tokens = 300};
    generation.sampling.biases = (struct token_bias[]){{END, -INFINITY}};
    generation.sampling.n_bias = 1;
    struct heard plain = write_text(generation);
    for (size_t most = 0; most <= 40; most += 40) {
        struct heard heard = {.most = most};
        generation.say = hear;
        generation.told = hear_token;
        generation.data = &heard;
        struct writing *writing =
            writing_open(vocabulary, prefix, N_PREFIX, &generation, &heard.fault);
        struct heard steps = {0};
        struct taker taker = {.writing = writing, .heard = &steps};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, take, &taker), 0);
        while (!taker.over)
            writing_say(writing);
        pthread_join(thread, NULL);
        writing_say(writing);
        assert_true(writing_close(writing, NULL, &heard.result, NULL));
        assert_true(most ? heard.text.n >= most : heard.text.n == plain.text.n);
        assert_memory_equal(heard.text.at, plain.text.at, heard.text.n);
        assert_int_equal(heard.result.end, most ? GENERATION_STOPPED : GENERATION_LENGTH);
        assert_true(!most || heard.text.n < plain.text.n);
        forget(&heard);
    }
    forget(&plain);
}

/* ------------------------------------------------------------------------- by the real network */

static void choices_are_what_each_would_be_alone(void **state) {
    (void)state;
    enum { N_CHOICE = 5 };
    struct generation generations[N_CHOICE];
    struct generation_result results[N_CHOICE], result;
    struct heard heard[N_CHOICE] = {{.n = 0}};
    struct buffer texts[N_CHOICE] = {{0}};
    struct fault fault = {0};
    struct session *session = session_open(model, 256, &fault);
    assert_non_null(session);
    for (int i = 0; i < N_CHOICE; i++)
        generations[i] = (struct generation){
            .sampling = {.temperature = 1, .top_p = 1, .seed = sampling_seed(3, i)},
            .max_tokens = 30 + i,
            .say = hear,
            .data = &heard[i]};
    assert_true(session_generate_many(session, prefix, N_PREFIX, generations, N_CHOICE, texts,
                                      results, &fault));
    for (int i = 0; i < N_CHOICE; i++) {
        struct buffer text = {0};
        struct session *alone = session_open(model, 256, &fault);
        generations[i].say = NULL;
        assert_true(
            session_generate(alone, prefix, N_PREFIX, &generations[i], &text, &result, &fault));
        assert_int_equal(text.n, texts[i].n);
        assert_memory_equal(text.at, texts[i].at, text.n);
        assert_int_equal(heard[i].text.n, text.n);
        assert_int_equal(result.end, results[i].end);
        assert_int_equal(result.n_generated, results[i].n_generated);
        assert_int_equal(results[i].n_prompt, N_PREFIX);
        if (i) {
            assert_true(results[i].n_reused >= N_PREFIX - 1);
            assert_true(text.n != texts[0].n || memcmp(text.at, texts[0].at, text.n));
        }
        session_close(alone);
        buffer_free(&text);
    }
    for (int i = 0; i < N_CHOICE; i++) {
        forget(&heard[i]);
        buffer_free(&texts[i]);
    }
    assert_false(
        session_generate_many(session, prefix, N_PREFIX, generations, 0, NULL, NULL, NULL));
    assert_false(session_generate_many(session, prefix, N_PREFIX, generations,
                                       GENERATION_CHOICES + 1, NULL, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    fault_clear(&fault);
    int32_t wrong[2] = {1, N_VOCABULARY};
    assert_false(session_generate_many(session, wrong, 2, generations, 2, NULL, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    session_close(session);
}

static void the_networks_text_is_the_same_with_guesses(void **state) {
    (void)state;
    int n_kept = 0;
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct buffer texts[2] = {{0}};
        struct fault fault = {0};
        for (int k = 0; k < 2; k++) {
            struct generation_result result;
            struct session *session = session_open(model, 256, &fault);
            struct generation generation = {
                .sampling = {.temperature = 0.2F, .top_p = 1, .seed = seed},
                .max_tokens = 150,
                .no_guess = k == 0};
            assert_true(session_generate(session, prefix, N_PREFIX, &generation, &texts[k],
                                         &result, &fault));
            n_kept += result.n_guess_kept;
            session_close(session);
        }
        assert_int_equal(texts[0].n, texts[1].n);
        assert_memory_equal(texts[0].at, texts[1].at, texts[0].n);
        buffer_free(&texts[0]);
        buffer_free(&texts[1]);
    }
    assert_true(n_kept > 0);
}

static void what_is_out_of_bounds_is_refused(void **state) {
    (void)state;
    char *longest = must_alloc(GENERATION_STOP_BYTES + 2, 1);
    const char *many[GENERATION_STOPS + 2] = {NULL};
    const char *const one[] = {longest, NULL};
    memset(longest, 'x', GENERATION_STOP_BYTES + 1);
    for (int i = 0; i <= GENERATION_STOPS; i++)
        many[i] = "x";
    const struct generation wrong[] = {
        {.stop = many},
        {.stop = one},
        {.n_stop_token = GENERATION_STOPS + 1},
        {.n_stop_token = -1},
        {.n_alternative = GENERATION_ALTERNATIVES + 1},
        {.n_alternative = -1},
        {.sampling = {.n_bias = SAMPLING_BIASES + 1}},
        {.sampling = {.temperature = NAN}},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct fault fault = {0};
        assert_null(writing_open(vocabulary, prefix, N_PREFIX, &wrong[i], &fault));
        assert_true(fault.kind == FAULT_LIMIT || fault.kind == FAULT_INPUT);
    }
    free(longest);
}

static void forbid_all(void *data, float *logits, int n_vocabulary) {
    (void)data;
    for (int i = 0; i < n_vocabulary; i++)
        logits[i] = -INFINITY;
}

static bool tell_the_reason(void *data, struct fault *fault) {
    (void)data;
    return fault_set(fault, FAULT_INPUT, "no word fits");
}

static void a_constraint_that_forbids_all_tells_why(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct constraint constraint = {.mask = forbid_all, .sound = i ? tell_the_reason : NULL};
        struct generation generation = {.max_tokens = 5, .constraint = &constraint};
        struct heard heard = write_text(generation);
        assert_int_equal(heard.fault.kind, FAULT_INPUT);
        assert_int_equal(heard.result.n_generated, 0);
        assert_int_equal(strcmp(heard.fault.message, "no word fits") == 0, i);
        forget(&heard);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_change_nothing_but_the_speed),
        cmocka_unit_test(the_longest_and_then_the_latest_match_is_followed),
        cmocka_unit_test(guesses_cost_little_where_they_fail_and_win_where_they_hold),
        cmocka_unit_test(each_token_is_told_with_the_models_own_chances),
        cmocka_unit_test(a_stop_token_ends_the_text_without_its_own),
        cmocka_unit_test(text_may_be_said_on_another_thread),
        cmocka_unit_test(choices_are_what_each_would_be_alone),
        cmocka_unit_test(the_networks_text_is_the_same_with_guesses),
        cmocka_unit_test(what_is_out_of_bounds_is_refused),
        cmocka_unit_test(a_constraint_that_forbids_all_tells_why),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
