/* Grammars come with requests: no bytes may crash or hold up the reader, and what is drawn under
 * one that was read is a text of it. */
#include "model/model.h"
#include "../model/constrained.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct small small;
    struct fault fault = {0};
    if (!small.vocabulary)
        small_open(&small, false);
    struct grammar *grammar = grammar_compile((struct view){(const char *)data, size}, &fault);
    struct constraint constraint;
    if (grammar && grammar_constrain(grammar, small.vocabulary, 60, &constraint, &fault)) {
        struct buffer out = {0};
        struct random random;
        random_seed(&random, hash64((struct view){(const char *)data, size}, 0));
        bool ended = draw_text(&constraint, small.vocabulary, 60, &random, &out);
        /* Where the grammar can be read in too many ways a generation is given up. */
        bool sound = constraint.sound(constraint.data, &fault);
        MUST(ended || !sound);
        MUST(!ended || !sound || grammar_accepts(grammar, buffer_view(&out)));
        constraint_close(&constraint);
        buffer_free(&out);
    }
    grammar_free(grammar);
    return 0;
}
