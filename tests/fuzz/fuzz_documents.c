/* A file whose diversity is asked for: any bytes. */
#include "workshop/workshop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct documents documents;
    struct fault fault = {0};
    bool good = documents_parse((struct view){(const char *)data, n}, &documents, &fault);
    MUST(good == (fault.kind == FAULT_NONE));
    if (!good)
        return 0;
    struct diversity_meter *meter = diversity_meter_new();
    size_t n_token = 0, n_turn = 0;
    double figures[N_DIVERSITY];
    MUST(documents.n > 0);
    for (size_t i = 0; i < documents.n; i++)
        for (size_t j = 0; j < documents.at[i].n_turn; j++, n_turn++)
            n_token += diversity_meter_add(meter, documents.at[i].turns[j], SIZE_MAX);
    MUST(n_token == documents.n_token && n_turn == diversity_meter_turns(meter));
    diversity_meter_read(meter, figures);
    MUST(figures[DIVERSITY_ZLIB] > 0 && figures[DIVERSITY_ENTROPY] >= -1e-9);
    MUST(figures[DIVERSITY_OPENERS] > 0 && figures[DIVERSITY_OPENERS] <= 1);
    MUST(figures[DIVERSITY_DUPLICATES] >= 0 && figures[DIVERSITY_DUPLICATES] < 1);
    diversity_meter_free(meter);
    documents_free(&documents);
    return 0;
}
