/* A text that a vocabulary is learnt of: any bytes, cut by any of the rules. */
#include "model/vocabulary_train.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every token after the bytes is one of the merges' results, and those count all of the text. */
static void check(const struct learnt_vocabulary *learnt, size_t n) {
    MUST(learnt->n_text_byte == n && learnt->n_text_token <= n);
    MUST(learnt->n_merge >= (size_t)learnt->n - 256);
    for (size_t i = 0; i < learnt->n_merge; i++) {
        const struct learnt_merge *merge = &learnt->merges[i];
        MUST(merge->left >= 0 && merge->left < learnt->n);
        MUST(merge->right >= 0 && merge->right < learnt->n);
        for (size_t j = 0; j < i; j++)
            MUST(memcmp(merge, &learnt->merges[j], sizeof *merge));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const rules[] = {"smollm", "gpt-2", "llama-bpe"};
    struct learnt_vocabulary learnt;
    struct fault fault = {0};
    if (n < 2)
        return 0;
    struct view texts[2] = {{(const char *)data + 2, n - 2}, {(const char *)data, 2}};
    const struct piece_rule *rule = piece_rule(view_of(rules[data[0] % COUNT_OF(rules)]));
    MUST(vocabulary_learn(rule, texts, COUNT_OF(texts), 256 + data[1], &learnt, &fault));
    MUST(learnt.n <= 256 + data[1]);
    check(&learnt, n);
    learnt_vocabulary_free(&learnt);
    return 0;
}
