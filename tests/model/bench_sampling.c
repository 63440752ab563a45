/* How long it takes to pick one token of a large vocabulary: milliseconds, for several ways. */
#include "model/sampling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    struct sampling sampling;
} ways[] = {
    {"greedy", {.temperature = 0, .top_p = 1}},
    {"temperature 0.7, top-p 0.95, min-p 0.05",
     {.temperature = 0.7F, .top_p = 0.95F, .min_p = 0.05F}},
    {"temperature 0.7, top-p 0.95", {.temperature = 0.7F, .top_p = 0.95F}},
    {"temperature 1, top-k 40", {.temperature = 1, .top_k = 40, .top_p = 1}},
    {"temperature 1", {.temperature = 1, .top_p = 1}},
    {"temperature 1, repetition penalty 1.1",
     {.temperature = 1, .top_p = 1, .repetition_penalty = 1.1F}},
};

static void measure(int n_vocabulary) {
    enum { TEXTS = 8, ROUNDS = 40 };
    float *logits[TEXTS], *copy = must_alloc((size_t)n_vocabulary, sizeof *copy);
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < TEXTS; i++) {
        logits[i] = must_alloc((size_t)n_vocabulary, sizeof *copy);
        for (int k = 0; k < n_vocabulary; k++) {
            double sum = 0;
            for (int one = 0; one < 12; one++) /* nearly normal, of deviation 2.5 */
                sum += random_unit(&random) - 0.5;
            logits[i][k] = (float)(2.5 * sum);
        }
        for (int k = 0; k < 6; k++) /* and a few that the text asks for */
            logits[i][random_between(&random, 0, n_vocabulary - 1)] = (float)(18 - k);
    }
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        struct sampler sampler;
        int32_t text[64] = {0};
        struct history history = {text, 0, COUNT_OF(text)};
        double best = 1e9;
        if (!sampler_open(&sampler, &ways[way].sampling, n_vocabulary, NULL))
            exit(3);
        for (int round = 0; round < ROUNDS; round++) {
            double seconds = 0;
            for (int i = 0; i < TEXTS; i++) {
                memcpy(copy, logits[i], (size_t)n_vocabulary * sizeof *copy);
                double start = clock_seconds();
                struct spread spread = logits_spread(copy, n_vocabulary);
                sampler_pick(&sampler, copy, &spread, &history);
                seconds += clock_seconds() - start;
            }
            best = seconds / TEXTS < best ? seconds / TEXTS : best;
        }
        printf("%7d tokens, %-42s %.3f ms\n", n_vocabulary, ways[way].name, best * 1e3);
        sampler_close(&sampler);
    }
    for (int i = 0; i < TEXTS; i++)
        free(logits[i]);
    free(copy);
}

int main(void) {
    measure(49152);
    measure(152064);
    measure(262144);
    return 0;
}
