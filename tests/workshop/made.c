#include "made.h"

#include <math.h>

enum { VOCABULARY = 3000, TYPICAL = 50 };

static void made_word(size_t rank, enum made_script script, struct buffer *out) {
    if (script == MADE_HAN) {
        char bytes[4];
        buffer_append(out, (struct view){bytes, utf8_encode(0x4E00 + (int32_t)rank, bytes)});
        return;
    }
    static const char consonants[] = "bdfghklmnprstvz", vowels[] = "aeiouy";
    enum { SYLLABLES = (sizeof consonants - 1) * (sizeof vowels - 1) };
    for (rank++; rank; rank /= SYLLABLES) {
        buffer_byte(out, consonants[rank % SYLLABLES % (sizeof consonants - 1)]);
        buffer_byte(out, vowels[rank % SYLLABLES / (sizeof consonants - 1)]);
    }
}

void made_turn(struct random *random, enum made_script script, struct buffer *out) {
    int64_t n = random_between(random, 6, 25);
    for (int64_t i = 0; i < n; i++) {
        /* density 1/x over 20 … VOCABULARY + 20: the commonest word is one in a hundred */
        double at = 20 * pow((VOCABULARY + 20) / 20.0, random_unit(random)) - 20;
        if (i && script == MADE_LATIN)
            buffer_byte(out, ' ');
        made_word((size_t)at, script, out);
    }
    buffer_text(out, script == MADE_HAN ? "。" : ".");
}

void made_dialogues(uint64_t seed, enum made_script script, int n, double share,
                    struct buffer *out) {
    struct random random, fixed;
    random_seed(&random, seed);
    for (int i = 0; i < n; i++) {
        buffer_text(out, "{\"messages\":[");
        for (int j = 0; j < 3; j++) {
            buffer_format(out,
                          "%s{\"role\":\"user\",\"content\":\"?\"},"
                          "{\"role\":\"assistant\",\"content\":\"",
                          j ? "," : "");
            bool typical = random_unit(&random) < share;
            random_seed(&fixed, 1u << 20 | (uint64_t)random_between(&random, 1, TYPICAL));
            made_turn(typical ? &fixed : &random, script, out);
            buffer_text(out, "\"}");
        }
        buffer_text(out, "]}\n");
    }
}
