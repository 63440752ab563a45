/* Schemas come with requests: none may crash or hold up the reader, and what is drawn under one is
 * JSON. */
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
    json_t *schema = json_parse((struct view){(const char *)data, size}, &fault);
    struct grammar *grammar = schema ? grammar_from_schema(schema, &fault) : NULL;
    struct constraint constraint;
    if (grammar && grammar_constrain(grammar, small.vocabulary, 80, &constraint, &fault)) {
        struct buffer out = {0};
        struct random random;
        random_seed(&random, hash64((struct view){(const char *)data, size}, 0));
        bool ended = draw_text(&constraint, small.vocabulary, 80, &random, &out);
        bool sound = constraint.sound(constraint.data, &fault);
        MUST(ended || !sound);
        if (ended && sound) {
            json_t *json = json_loadb(out.at, out.n, JSON_DECODE_ANY, NULL);
            MUST(json != NULL);
            MUST(grammar_accepts(grammar, buffer_view(&out)));
            json_decref(json);
        }
        constraint_close(&constraint);
        buffer_free(&out);
    }
    grammar_free(grammar);
    json_decref(schema);
    return 0;
}
