/* Tables that a school sends: rosters. */
#include "school/csv.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct fault fault = {0};
    struct csv csv;
    struct arena *arena = arena_new();
    bool good = csv_read(arena, (struct view){(const char *)data, n}, &csv, &fault);
    MUST(good == (fault.kind == FAULT_NONE));
    struct buffer out = {0};
    for (size_t i = 0; good && i < csv.n_row; i++) {
        MUST(csv.rows[i].n_field <= csv.header.n_field && csv.rows[i].line > 0);
        for (size_t j = 0; j < csv.header.n_field; j++)
            csv_put(&out, csv_field(&csv.rows[i], (int)j), j + 1 == csv.header.n_field);
    }
    /* What was written reads as it was. */
    struct csv again;
    if (good && out.n) {
        struct buffer whole = {0};
        for (size_t j = 0; j < csv.header.n_field; j++)
            csv_put(&whole, csv_field(&csv.header, (int)j), j + 1 == csv.header.n_field);
        buffer_append(&whole, buffer_view(&out));
        MUST(csv_read(arena, buffer_view(&whole), &again, &fault));
        MUST(again.n_row <= csv.n_row); /* a row of empty fields may be an empty line */
        buffer_free(&whole);
    }
    buffer_free(&out);
    arena_free(arena);
    return 0;
}
