/* A card file: any bytes. */
#include "workshop/cards.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena *arena = arena_new();
    struct cards cards = {0};
    struct fault fault = {0};
    bool good = cards_parse((struct view){(const char *)data, n}, "cards", arena, &cards, &fault);
    MUST(good == (fault.kind == FAULT_NONE));
    MUST(good ? cards.n > 0 : fault.line >= 0);
    for (size_t i = 0; i < cards.n && good; i++) {
        const struct card *card = &cards.at[i];
        MUST(card->n_sentence > 0);
        for (size_t j = 0; j < card->n_question; j++)
            MUST(card->questions[j].source < card->n_sentence && card->questions[j].answer.n);
        for (size_t j = 0; j < card->n_wrong; j++)
            MUST(card->wrongs[j].source < card->n_sentence);
    }
    free(cards.at);
    arena_free(arena);
    return 0;
}
