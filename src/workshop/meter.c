/* The measures of diversity, of a text that goes by once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "workshop/minhash.h"
#include "workshop/tally.h"
#include "workshop/words.h"
#include "workshop/workshop.h"

enum { GRAM = 4, WINDOW = 1 << 16, LONG_TURN = 8 };

struct diversity_meter {
    z_stream zip;
    uint64_t bytes_in, bytes_out;
    struct tally grams, openers, bands;
    size_t n_gram, n_turn, n_duplicate, n_long, n_long_duplicate;
    uint64_t top; /* the most turns that began alike */
    char opener[160];
};

struct diversity_meter *diversity_meter_new(void) {
    struct diversity_meter *meter = must_alloc(1, sizeof *meter);
    MUST(deflateInit(&meter->zip, 6) == Z_OK); /* zlib's own default */
    return meter;
}

void diversity_meter_free(struct diversity_meter *meter) {
    if (!meter)
        return;
    deflateEnd(&meter->zip);
    tally_free(&meter->grams);
    tally_free(&meter->openers);
    tally_free(&meter->bands);
    free(meter);
}

static void squeeze(struct diversity_meter *meter, struct view text, int flush) {
    uint8_t out[16384];
    while (text.n || flush == Z_FINISH) {
        size_t n = text.n < WINDOW ? text.n : WINDOW;
        meter->zip.next_in = (Bytef *)(uintptr_t)text.at;
        meter->zip.avail_in = (uInt)n;
        do {
            meter->zip.next_out = out;
            meter->zip.avail_out = sizeof out;
            MUST(deflate(&meter->zip, flush) != Z_STREAM_ERROR);
            meter->bytes_out += sizeof out - meter->zip.avail_out;
        } while (meter->zip.avail_out == 0);
        meter->bytes_in += n;
        text = view_slice(text, n, text.n);
        if (!text.n)
            break;
    }
}

static void note_opener(struct diversity_meter *meter, const uint64_t *words, size_t n,
                        struct view text) {
    uint64_t count = tally_add(&meter->openers, hash_words(words, n));
    if (count <= meter->top)
        return;
    meter->top = count;
    size_t most = sizeof meter->opener - 1;
    text = view_slice(text, 0, text.n < most ? text.n : most);
    text = view_slice(text, 0, utf8_whole(text));
    memcpy(meter->opener, text.at, text.n);
    meter->opener[text.n] = 0;
}

static void note_duplicate(struct diversity_meter *meter, struct minhash *minhash,
                           bool is_long) {
    uint64_t bands[MINHASH_BANDS];
    bool met = false;
    if (!minhash_end(minhash, bands))
        return;
    for (size_t i = 0; i < MINHASH_BANDS; i++)
        met |= tally_add(&meter->bands, bands[i]) > 1;
    meter->n_duplicate += met;
    meter->n_long_duplicate += met && is_long;
}

size_t diversity_meter_add(struct diversity_meter *meter, struct view turn, size_t most) {
    uint64_t last[GRAM];
    size_t n = 0, at = 0, opener_end = 0;
    struct minhash minhash;
    struct word word;
    minhash_begin(&minhash);
    while (n < most && word_next(turn, &at, &word)) {
        if (!word.mark)
            minhash_word(&minhash, word.hash);
        if (n >= GRAM)
            memmove(last, last + 1, sizeof last - sizeof *last);
        last[n < GRAM ? n : GRAM - 1] = word.hash;
        n++;
        if (n <= GRAM)
            opener_end = at;
        if (n >= GRAM) {
            tally_add(&meter->grams, hash_words(last, GRAM));
            meter->n_gram++;
        }
        if (n == GRAM)
            note_opener(meter, last, n, view_trim(view_slice(turn, 0, opener_end)));
    }
    if (!n)
        return 0;
    if (n < GRAM)
        note_opener(meter, last, n, view_trim(view_slice(turn, 0, opener_end)));
    note_duplicate(meter, &minhash, n >= LONG_TURN);
    meter->n_turn++;
    meter->n_long += n >= LONG_TURN;
    squeeze(meter, view_slice(turn, 0, at), Z_NO_FLUSH);
    squeeze(meter, VIEW("\n"), Z_NO_FLUSH);
    return n;
}

/* In bits: log2 N − Σ c log2 c ÷ N. */
static double entropy_of(const struct tally *tally, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < tally->capacity; i++) {
        double count = (double)tally->slots[i].count;
        if (count > 1)
            sum += count * log2(count);
    }
    return n ? log2((double)n) - sum / (double)n : 0;
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

void diversity_meter_read(struct diversity_meter *meter, double out[N_DIVERSITY]) {
    squeeze(meter, (struct view){0}, Z_FINISH);
    out[DIVERSITY_ZLIB] = share(meter->bytes_in, meter->bytes_out);
    out[DIVERSITY_DISTINCT] = share(meter->grams.n, meter->n_gram);
    out[DIVERSITY_ENTROPY] = entropy_of(&meter->grams, meter->n_gram);
    out[DIVERSITY_OPENERS] = share(meter->openers.n, meter->n_turn);
    out[DIVERSITY_TOP_OPENER] = share(meter->top, meter->n_turn);
    out[DIVERSITY_DUPLICATES] = share(meter->n_duplicate, meter->n_turn);
    out[DIVERSITY_LONG_DUPLICATES] = share(meter->n_long_duplicate, meter->n_long);
}

size_t diversity_meter_turns(const struct diversity_meter *meter) {
    return meter->n_turn;
}

struct view diversity_meter_opener(const struct diversity_meter *meter) {
    return view_of(meter->opener);
}
