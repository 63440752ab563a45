/* Promises of sampling, on made-up logits. */
#include "model/sampling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, DRAWS = 4000 };
static const float example[N] = {1, 4, 3, -2, 2.5F, 4.2F, -INFINITY, 0};

/* Draws many times from `logits`; counts[i] is how often i came. */
static void draw(const struct sampling *sampling, const float *logits, int counts[N]) {
    struct sampler sampler;
    assert_true(sampler_open(&sampler, sampling, N, NULL));
    memset(counts, 0, N * sizeof *counts);
    for (int i = 0; i < DRAWS; i++) {
        float copy[N];
        memcpy(copy, logits, sizeof copy);
        int32_t token = sampler_pick(&sampler, copy);
        assert_in_range(token, 0, N - 1);
        counts[token]++;
    }
    sampler_close(&sampler);
}

static int n_drawn(const int counts[N]) {
    int n = 0;
    for (int i = 0; i < N; i++)
        n += counts[i] > 0;
    return n;
}

static void temperature_zero_takes_the_likeliest(void **state) {
    (void)state;
    int counts[N];
    draw(&sampling_greedy, example, counts);
    assert_int_equal(counts[5], DRAWS);
}

static void draws_follow_the_softmax(void **state) {
    (void)state;
    struct sampling sampling = sampling_greedy;
    int counts[N];
    for (int i = 0; i < 2; i++) {
        sampling.temperature = i ? 2.0F : 1.0F;
        draw(&sampling, example, counts);
        float scaled[N];
        for (int k = 0; k < N; k++)
            scaled[k] = example[k] / sampling.temperature;
        for (int k = 0; k < N; k++) {
            double p = exp(log_probability(scaled, N, k)), q = (double)counts[k] / DRAWS;
            assert_true(fabs(p - q) < 4 * sqrt(p * (1 - p) / DRAWS) + 1e-9);
        }
        assert_int_equal(counts[6], 0);
    }
}

static void the_same_seed_gives_the_same_draws(void **state) {
    (void)state;
    struct sampling sampling = sampling_default;
    int32_t drawn[3][50];
    for (int i = 0; i < 3; i++) {
        struct sampler sampler;
        sampling.seed = i == 2 ? 7 : 1;
        sampling.temperature = 1.5F;
        assert_true(sampler_open(&sampler, &sampling, N, NULL));
        for (int k = 0; k < 50; k++) {
            float copy[N];
            memcpy(copy, example, sizeof copy);
            drawn[i][k] = sampler_pick(&sampler, copy);
        }
        sampler_close(&sampler);
    }
    assert_memory_equal(drawn[0], drawn[1], sizeof drawn[0]);
    assert_memory_not_equal(drawn[0], drawn[2], sizeof drawn[0]);
}

static void top_k_leaves_the_k_likeliest(void **state) {
    (void)state;
    static const int order[] = {5, 1, 2, 4, 0, 7, 3};
    for (int k = 1; k <= 7; k++) {
        struct sampling sampling = {.temperature = 4, .top_k = k, .top_p = 1};
        sampling.repetition_penalty = 1;
        int counts[N];
        draw(&sampling, example, counts);
        assert_int_equal(n_drawn(counts), k);
        for (int i = 0; i < k; i++)
            assert_true(counts[order[i]] > 0);
    }
}

static void top_k_breaks_ties_by_keeping_exactly_k(void **state) {
    (void)state;
    static const float equal[N] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct sampling sampling = {.temperature = 1, .top_k = 3, .top_p = 1, .repetition_penalty = 1};
    int counts[N];
    draw(&sampling, equal, counts);
    assert_int_equal(n_drawn(counts), 3);
}

/* The plain way: sort, sum, cut. The sampler's short cut must leave the very same set. */
static void top_p_leaves_the_smallest_set_that_weighs_p(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 3);
    for (int trial = 0; trial < 60; trial++) {
        float logits[N];
        for (int i = 0; i < N; i++)
            logits[i] = (float)(random_unit(&random) * 3);
        struct sampling sampling = {.temperature = 3, .top_p = 0.05F + 0.9F * (float)trial / 60};
        sampling.repetition_penalty = 1;
        int counts[N], expected = 0;
        double sum = 0;
        bool taken[N] = {false};
        while (sum < (double)sampling.top_p) {
            int best = -1;
            for (int i = 0; i < N; i++)
                if (!taken[i] && (best < 0 || logits[i] > logits[best]))
                    best = i;
            taken[best] = true;
            sum += exp(log_probability(logits, N, best));
            expected++;
        }
        draw(&sampling, logits, counts);
        assert_int_equal(n_drawn(counts), expected);
        for (int i = 0; i < N; i++)
            assert_int_equal(counts[i] > 0, taken[i]);
    }
}

static void min_p_leaves_what_is_near_the_likeliest(void **state) {
    (void)state;
    struct sampling sampling = {
        .temperature = 3, .top_p = 1, .min_p = 0.25F, .repetition_penalty = 1};
    int counts[N];
    draw(&sampling, example, counts);
    for (int i = 0; i < N; i++)
        assert_int_equal(counts[i] > 0, expf(example[i] - 4.2F) >= 0.25F);
}

static void the_repetition_penalty_counts_each_recent_token_once(void **state) {
    (void)state;
    struct sampling sampling = sampling_greedy;
    sampling.repetition_penalty = 1.1F;
    struct sampler sampler;
    assert_true(sampler_open(&sampler, &sampling, N, NULL));
    float copy[N];
    memcpy(copy, example, sizeof copy);
    sampler_accept(&sampler, 5);
    sampler_accept(&sampler, 5);
    sampler_accept(&sampler, 3);
    assert_int_equal(sampler_pick(&sampler, copy), 1); /* 4.2 / 1.1 < 4 */
    assert_true(fabsf(copy[5] - 4.2F / 1.1F) < 1e-6F);
    assert_true(fabsf(copy[3] + 2.2F) < 1e-6F); /* a negative logit falls too */
    for (int i = 0; i < SAMPLING_RECENT; i++)
        sampler_accept(&sampler, 0);
    memcpy(copy, example, sizeof copy);
    assert_int_equal(sampler_pick(&sampler, copy), 5); /* forgotten by now */
    sampler_close(&sampler);
}

static void broken_logits_are_never_chosen(void **state) {
    (void)state;
    struct sampler sampler;
    float mixed[N] = {NAN, INFINITY, 1, NAN, -INFINITY, 0, NAN, NAN};
    float none[N];
    for (int i = 0; i < 2; i++) {
        assert_true(sampler_open(&sampler, i ? &sampling_default : &sampling_greedy, N, NULL));
        for (int k = 0; k < N; k++)
            none[k] = k % 2 ? NAN : -INFINITY;
        assert_int_equal(sampler_pick(&sampler, none), -1);
        int32_t token = sampler_pick(&sampler, mixed);
        assert_true(token == 2 || token == 5);
        sampler_close(&sampler);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temperature_zero_takes_the_likeliest),
        cmocka_unit_test(draws_follow_the_softmax),
        cmocka_unit_test(the_same_seed_gives_the_same_draws),
        cmocka_unit_test(top_k_leaves_the_k_likeliest),
        cmocka_unit_test(top_k_breaks_ties_by_keeping_exactly_k),
        cmocka_unit_test(top_p_leaves_the_smallest_set_that_weighs_p),
        cmocka_unit_test(min_p_leaves_what_is_near_the_likeliest),
        cmocka_unit_test(the_repetition_penalty_counts_each_recent_token_once),
        cmocka_unit_test(broken_logits_are_never_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
