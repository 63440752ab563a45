/* Questions by rules of any sentence. */
#include "workshop/ask.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A line is a sentence, all of it the text around. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct view rest = {(const char *)data, n}, around = rest, line;
    struct arena *arena = arena_new();
    for (int i = 0; i < 8 && view_line(&rest, &line); i++) {
        struct ask_question asked[ASK_MOST];
        size_t n_asked = ask_by_rules(arena, line, around, asked);
        MUST(n_asked <= ASK_MOST);
        for (size_t k = 0; k < n_asked; k++) {
            struct view first = asked[k].first, second = asked[k].second;
            MUST(first.n > 1 && first.at[first.n - 1] == '?');
            MUST(!memchr(first.at, '\n', first.n));
            MUST(!second.n || !memchr(second.at, '\n', second.n));
        }
    }
    arena_free(arena);
    return 0;
}
