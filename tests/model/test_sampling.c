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

static const struct history nothing;

static double chance(const float *logits, int token) {
    struct spread spread = logits_spread(logits, N);
    return exp(log_probability(&spread, logits[token]));
}

/* Draws many times from `logits`; counts[i] is how often i came. */
static void draw(const struct sampling *sampling, const float *logits, int counts[N]) {
    struct sampler sampler;
    assert_true(sampler_open(&sampler, sampling, N, NULL));
    memset(counts, 0, N * sizeof *counts);
    for (int i = 0; i < DRAWS; i++) {
        float copy[N];
        memcpy(copy, logits, sizeof copy);
        int32_t token = sampler_pick(&sampler, copy, NULL, &nothing);
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
            double p = chance(scaled, k), q = (double)counts[k] / DRAWS;
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
            drawn[i][k] = sampler_pick(&sampler, copy, NULL, &nothing);
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
            sum += chance(logits, best);
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
    int32_t text[3 + SAMPLING_WINDOW] = {5, 5, 3};
    float copy[N];
    memcpy(copy, example, sizeof copy);
    struct history history = {text, 2, 3};
    assert_int_equal(sampler_pick(&sampler, copy, NULL, &history), 1); /* 4.2 / 1.1 < 4 */
    assert_true(fabsf(copy[5] - 4.2F / 1.1F) < 1e-6F);
    assert_true(fabsf(copy[3] + 2.2F) < 1e-6F); /* a negative logit falls too */
    assert_true(sampler_own_logit(&sampler, copy, 5) == 4.2F);
    history.n = COUNT_OF(text);
    memcpy(copy, example, sizeof copy);
    assert_int_equal(sampler_pick(&sampler, copy, NULL, &history), 5); /* forgotten by now */
    sampler_close(&sampler);
    sampling.repetition_window = -1;
    assert_true(sampler_open(&sampler, &sampling, N, NULL));
    memcpy(copy, example, sizeof copy);
    assert_int_equal(sampler_pick(&sampler, copy, NULL, &history), 1); /* never */
    sampler_close(&sampler);
}

static void presence_and_frequency_count_what_was_written_not_the_prompt(void **state) {
    (void)state;
    struct sampling sampling = sampling_greedy;
    sampling.presence_penalty = 0.5F;
    sampling.frequency_penalty = 0.25F;
    struct sampler sampler;
    assert_true(sampler_open(&sampler, &sampling, N, NULL));
    static const int32_t text[] = {5, 5, 1, 2, 2, 2};
    struct history history = {text, 2, COUNT_OF(text)};
    for (int i = 0; i < 2; i++) { /* the counts are forgotten in between */
        float copy[N];
        memcpy(copy, example, sizeof copy);
        assert_int_equal(sampler_pick(&sampler, copy, NULL, &history), 5);
        assert_true(copy[5] == example[5]);
        assert_true(copy[1] == example[1] - 0.75F);
        assert_true(copy[2] == example[2] - 1.25F);
    }
    sampler_close(&sampler);
}

static void a_bias_moves_a_token_and_minus_infinity_bans_it(void **state) {
    (void)state;
    struct token_bias biases[] = {{5, -INFINITY}, {3, 5.5F}};
    struct sampling sampling = sampling_greedy;
    sampling.biases = biases;
    sampling.n_bias = 2;
    struct sampler sampler;
    assert_true(sampler_open(&sampler, &sampling, N, NULL));
    float copy[N];
    memcpy(copy, example, sizeof copy);
    assert_int_equal(sampler_pick(&sampler, copy, NULL, &nothing), 1);
    assert_true(copy[3] == 3.5F);
    sampler_close(&sampler);
    for (int k = 0; k < 3; k++) {
        struct fault fault = {0};
        biases[0] = (struct token_bias){k == 0 ? N : k == 1 ? -1 : 0, k == 2 ? INFINITY : 1};
        assert_false(sampler_open(&sampler, &sampling, N, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        sampler_close(&sampler);
    }
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
        assert_int_equal(sampler_pick(&sampler, none, NULL, &nothing), -1);
        int32_t token = sampler_pick(&sampler, mixed, NULL, &nothing);
        assert_true(token == 2 || token == 5);
        sampler_close(&sampler);
    }
}

/* ----------------------------------------------------------------------- whole vocabularies */

enum { MANY = 3001, MANY_DRAWS = 50000 };

static float *make_logits(uint64_t seed, double spread) {
    float *logits = must_alloc(MANY, sizeof *logits);
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < MANY; i++) {
        double sum = 0;
        for (int k = 0; k < 6; k++)
            sum += random_unit(&random) - 0.5;
        logits[i] = (float)(sum * spread);
    }
    return logits;
}

static const float *sorted_by;

static int falling(const void *a, const void *b) {
    int left = *(const int *)a, right = *(const int *)b;
    if (sorted_by[left] != sorted_by[right])
        return sorted_by[left] < sorted_by[right] ? 1 : -1;
    return left - right;
}

/* The distribution that the door promises, by sorting everything in double precision. */
static void define(const struct sampling *sampling, const float *logits, double *weights) {
    int *order = must_alloc(MANY, sizeof *order);
    int n = sampling->top_k > 0 && sampling->top_k < MANY ? sampling->top_k : MANY, kept = 0;
    double total = 0, sum = 0, all = 0;
    for (int i = 0; i < MANY; i++)
        order[i] = i;
    sorted_by = logits;
    qsort(order, MANY, sizeof *order, falling);
    double highest = (double)logits[order[0]];
    memset(weights, 0, MANY * sizeof *weights);
    for (int i = 0; i < n; i++)
        total += exp((double)logits[order[i]] - highest);
    while (kept < n && (sampling->top_p >= 1 || sum < (double)sampling->top_p * total))
        sum += exp((double)logits[order[kept++]] - highest);
    for (int i = 0; i < kept; i++) {
        double away = (double)logits[order[i]] - highest;
        if (exp(away) >= (double)sampling->min_p)
            all += weights[order[i]] = exp(away / (double)sampling->temperature);
    }
    for (int i = 0; i < MANY; i++)
        weights[i] /= all;
    free(order);
}

/* Pearson's statistic over cells of at least 20 expected draws, as standard deviations from its
 * mean (Wilson and Hilferty 1931). */
static double chi_square(const double *weights, const int *counts) {
    double statistic = 0, expected = 0, seen = 0;
    int n_cell = 0;
    for (int i = 0; i <= MANY; i++) {
        if (i < MANY) {
            expected += weights[i] * MANY_DRAWS;
            seen += counts[i];
        }
        if (expected >= 20 || (i == MANY && expected > 0)) {
            statistic += (seen - expected) * (seen - expected) / expected;
            n_cell++;
            expected = seen = 0;
        }
    }
    double freedom = n_cell - 1;
    if (freedom < 1)
        return 0;
    double part = 2 / (9 * freedom);
    return (cbrt(statistic / freedom) - (1 - part)) / sqrt(part);
}

static void draws_have_the_distribution_of_the_definition(void **state) {
    (void)state;
    static const struct sampling ways[] = {
        {.temperature = 1, .top_p = 1},
        {.temperature = 0.7F, .top_p = 1},
        {.temperature = 0.7F, .top_p = 0.95F, .min_p = 0.05F},
        {.temperature = 1.3F, .top_p = 0.9F},
        {.temperature = 1, .top_k = 40, .top_p = 1},
        {.temperature = 1, .top_k = 500, .top_p = 0.8F, .min_p = 0.01F},
        {.temperature = 0.5F, .top_p = 1, .min_p = 0.02F},
    };
    float *logits = make_logits(3, 8), *copy = must_alloc(MANY, sizeof *copy);
    double *weights = must_alloc(MANY, sizeof *weights);
    int *counts = must_alloc(MANY, sizeof *counts);
    memcpy(copy, logits, MANY * sizeof *copy);
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        struct sampler sampler;
        struct spread spread = logits_spread(logits, MANY);
        define(&ways[way], logits, weights);
        memset(counts, 0, MANY * sizeof *counts);
        assert_true(sampler_open(&sampler, &ways[way], MANY, NULL));
        for (int i = 0; i < MANY_DRAWS; i++) {
            counts[sampler_pick(&sampler, copy, way % 2 ? NULL : &spread, &nothing)]++;
        }
        assert_memory_equal(copy, logits, MANY * sizeof *copy);
        for (int i = 0; i < MANY; i++)
            if (weights[i] == 0)
                assert_int_equal(counts[i], 0);
        double away = chi_square(weights, counts);
        if (!(away < 4 && away > -4))
            fail_msg("way %zu: %.2f standard deviations away", way, away);
        sampler_close(&sampler);
    }
    free(logits);
    free(copy);
    free(weights);
    free(counts);
}

static void the_spread_is_that_of_double_precision(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        float *logits = make_logits(seed, 1 << (2 * seed));
        logits[seed * 17] = NAN;
        logits[seed * 31 + 1] = INFINITY;
        logits[seed * 37 + 2] = -INFINITY;
        double highest = -INFINITY, total = 0;
        for (int i = 0; i < MANY; i++)
            if (isfinite(logits[i]))
                highest = fmax(highest, (double)logits[i]);
        for (int i = 0; i < MANY; i++)
            if (isfinite(logits[i]))
                total += exp((double)logits[i] - highest);
        struct spread spread = logits_spread(logits, MANY);
        assert_true((double)spread.highest == highest);
        assert_true(fabs(spread.total / total - 1) < 3e-7);
        free(logits);
    }
}

static void the_alternatives_are_the_likeliest_in_order(void **state) {
    (void)state;
    float *logits = make_logits(9, 8);
    logits[70] = logits[2900] = logits[12] = 1000;
    logits[5] = NAN;
    int *order = must_alloc(MANY, sizeof *order), n = 0;
    for (int i = 0; i < MANY; i++)
        if (i != 5)
            order[n++] = i;
    sorted_by = logits;
    qsort(order, (size_t)n, sizeof *order, falling);
    struct spread spread = logits_spread(logits, MANY);
    struct token_chance chances[GENERATION_ALTERNATIVES];
    for (int wanted = 0; wanted <= GENERATION_ALTERNATIVES; wanted++) {
        assert_int_equal(likeliest_tokens(logits, MANY, &spread, chances, wanted), wanted);
        for (int i = 0; i < wanted; i++)
            assert_int_equal(chances[i].token, order[i]);
    }
    assert_int_equal(chances[0].token, 12);
    assert_true(fabs((double)chances[2].log_probability + log(3)) < 1e-5);
    for (int i = 0; i < N; i++)
        assert_true(example[i] > -INFINITY || i == 6);
    spread = logits_spread(example, N);
    assert_int_equal(likeliest_tokens(example, N, &spread, chances, 20), N - 1);
    free(logits);
    free(order);
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
        cmocka_unit_test(presence_and_frequency_count_what_was_written_not_the_prompt),
        cmocka_unit_test(a_bias_moves_a_token_and_minus_infinity_bans_it),
        cmocka_unit_test(draws_have_the_distribution_of_the_definition),
        cmocka_unit_test(the_spread_is_that_of_double_precision),
        cmocka_unit_test(the_alternatives_are_the_likeliest_in_order),
        cmocka_unit_test(broken_logits_are_never_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
