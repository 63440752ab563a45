/* What an examination reads: items, what is left of a file of outcomes, and a card to be shown. */
#include "workshop/proof.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_items(struct view text) {
    struct proof_items items;
    struct fault fault = {0};
    if (!proof_items_read(text, &items, &fault)) {
        MUST(fault.kind != FAULT_NONE);
        return;
    }
    size_t sum = 0;
    for (int i = 0; i < PROOF_TASKS; i++)
        sum += items.n_task[i];
    MUST(sum == items.n);
    for (size_t i = 0; i < items.n; i++)
        MUST(items.at[i].task == PROOF_HINT ? items.at[i].hint.n > 0
                                            : items.at[i].question.n > 0);
    size_t before = items.n;
    proof_items_draw(&items, 2, text.n);
    MUST(items.n <= before && items.n <= 2 * PROOF_TASKS);
    proof_items_free(&items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct view text = {(const char *)data, n};
    read_items(text);
    json_t *card = json_parse(text, NULL);
    struct buffer shown = {0};
    if (card) {
        card_text(card, n % 2 != 0, &shown);
        card_html(card, &shown);
        (void)card_passed(card);
    }
    buffer_free(&shown);
    json_decref(card);
    return 0;
}
