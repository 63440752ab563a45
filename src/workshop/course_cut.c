/* A course's passages cut into cards: a few sentences that stand together. */
#include "workshop/compose.h"
#include "workshop/course_cards.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_SENTENCES = 3, CARD_WORDS = 220, SENTENCE_WORDS = 60 };

struct view course_text_of(const json_t *object, const char *key) {
    const json_t *text = json_object_get(object, key);
    return (struct view){json_string_value(text), json_string_length(text)};
}

/* ------------------------------------------------------------------------------------ sentences
 */

/* What a line of a card may be: it ends with a mark and begins like no other kind of line. */
static bool fits_a_line(struct view sentence) {
    static const char *const ends[] = {".", "?", "!", "。", "？", "！"};
    static const char *const kinds[] = {
        "== ", "Q: ", "A: ", "U: ", "H: ", "W: ", "S: ", "style:", "topic:", "licence:"};
    bool good = false;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        good |= view_ends(sentence, ends[i]);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        good &= !view_starts(sentence, kinds[i]);
    return good && count_words(sentence) <= SENTENCE_WORDS;
}

static bool breaks_before(const json_t *passage, size_t index) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(passage, "breaks"), i,
                       one) if ((size_t)json_integer_value(one) == index) return true;
    return index == 0;
}

/* A sentence that leans on one that was left out is left out too. */
static void take_sentences(struct course_making *making, const json_t *from,
                           struct course_passage *to) {
    size_t i;
    json_t *one;
    bool gap = true;
    json_array_foreach(json_object_get(from, "sentences"), i, one) {
        struct view text = {json_string_value(one), json_string_length(one)};
        gap |= breaks_before(from, i);
        if (!fits_a_line(text) || (gap && school_leans_back(text))) {
            gap = true;
            continue;
        }
        gap = false;
        MUST(TRY_ROOM(to->sentences, to->capacity, to->n + 1));
        to->sentences[to->n++] = arena_copy(making->arena, text);
    }
}

/* ------------------------------------------------------------------------------------- passages
 */

static void join(struct course_passage *into, struct course_passage *from, bool before) {
    MUST(TRY_ROOM(into->sentences, into->capacity, into->n + from->n));
    size_t at = before ? 0 : into->n;
    memmove(into->sentences + at + from->n, into->sentences + at,
            (into->n - at) * sizeof *into->sentences);
    memcpy(into->sentences + at, from->sentences, from->n * sizeof *from->sentences);
    into->n += from->n;
    from->n = 0;
}

/* Passages too short for a card go to the next of their lesson, or to the one before. */
static void join_short(struct course_making *making) {
    for (size_t i = 0; i < making->n_passage; i++) {
        struct course_passage *one = &making->passages[i], *other = NULL;
        bool next = false;
        if (!one->n || one->n >= LEAST_SENTENCES)
            continue;
        if (i + 1 < making->n_passage && view_equal(one[1].lesson, one->lesson)) {
            other = &one[1];
            next = true;
        }
        for (size_t j = i;
             !other && j-- > 0 && view_equal(making->passages[j].lesson, one->lesson);)
            if (making->passages[j].n)
                other = &making->passages[j];
        if (other && (other->n || next))
            join(other, one, next);
    }
}

static void read_passages(struct course_making *making) {
    const json_t *list = json_object_get(making->texts, "passages");
    size_t i;
    json_t *one;
    making->passages = ARENA_NEW(making->arena, json_array_size(list) + 1, struct course_passage);
    json_array_foreach(list, i, one) {
        struct course_passage *passage = &making->passages[making->n_passage++];
        passage->lesson = course_text_of(one, "lesson");
        passage->id = course_text_of(one, "id");
        passage->heading = course_text_of(one, "heading");
        if (!passage->heading.n)
            passage->heading = course_text_of(making->texts, "title");
        take_sentences(making, one, passage);
    }
}

/* ---------------------------------------------------------------------------------------- cards
 */

static size_t words_between(const struct course_passage *passage, size_t from, size_t to) {
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += count_words(passage->sentences[i]);
    return n;
}

/* Where the card that begins at `from` ends: near `size` sentences, before one that stands alone,
 * and so that enough are left. */
static size_t card_end(const struct course_passage *passage, size_t from, size_t size) {
    size_t best = 0, left = passage->n - from;
    if (left <= size && left <= COURSE_SENTENCES)
        return passage->n;
    for (size_t n = LEAST_SENTENCES; n <= COURSE_SENTENCES && n <= left; n++) {
        size_t far = n > size ? n - size : size - n,
               best_far = best > size ? best - size : size - best;
        bool stands = n == left || (!school_leans_back(passage->sentences[from + n]) &&
                                    left - n >= LEAST_SENTENCES);
        if (stands && words_between(passage, from, from + n) <= CARD_WORDS &&
            (!best || far < best_far))
            best = n;
    }
    return from + (best ? best : left < COURSE_SENTENCES ? left : COURSE_SENTENCES);
}

static struct course_card *add_card(struct course_making *making,
                                    const struct course_passage *passage, size_t from, size_t to) {
    MUST(TRY_ROOM(making->cards, making->card_capacity, making->n_card + 1));
    struct course_card *card = &making->cards[making->n_card++];
    memset(card, 0, sizeof *card);
    card->passage = passage;
    card->sentences = passage->sentences + from;
    card->n = to - from;
    return card;
}

static void cut_passage(struct course_making *making, const struct course_passage *passage) {
    size_t words = words_between(passage, 0, passage->n);
    size_t by_words = (words + CARD_WORDS - 1) / CARD_WORDS,
           by_sentences = (passage->n + COURSE_SENTENCES - 1) / COURSE_SENTENCES,
           n = by_words > by_sentences ? by_words : by_sentences,
           size = n ? (passage->n + n - 1) / n : 0;
    size = size < LEAST_SENTENCES ? LEAST_SENTENCES : size;
    for (size_t from = 0, to; from < passage->n; from = to) {
        to = card_end(passage, from, size);
        if (to - from >= LEAST_SENTENCES)
            add_card(making, passage, from, to);
    }
}

static struct view text_of_passage(struct course_making *making,
                                   const struct course_passage *passage) {
    struct buffer text = {0};
    for (size_t i = 0; i < passage->n; i++) {
        struct view sentence = passage->sentences[i];
        bool latin = (unsigned char)sentence.at[sentence.n - 1] < 0x80;
        buffer_append(&text, sentence);
        buffer_text(&text, latin && i + 1 < passage->n ? " " : "");
    }
    struct view copy = arena_copy(making->arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

/* Somebody wrote cards on it. */
static bool has_cards(const struct course_making *making, const struct course_passage *passage) {
    char topic[400];
    course_topic(passage, topic, sizeof topic);
    for (size_t i = 0; making->options->skip && making->options->skip[i]; i++)
        if (!strcmp(making->options->skip[i], topic))
            return true;
    return false;
}

void course_topic(const struct course_passage *passage, char *out, size_t n) {
    struct view id = passage->id;
    size_t lesson = passage->lesson.n;
    if (id.n > lesson + 2 && view_equal(view_slice(id, 0, lesson), passage->lesson) &&
        !memcmp(id.at + lesson, "--", 2))
        id = view_slice(id, lesson + 2, id.n);
    snprintf(out, n, "%.*s/%.*s", VIEW_ARG(passage->lesson), VIEW_ARG(id));
}

void course_cut(struct course_making *making) {
    struct buffer around = {0};
    read_passages(making);
    join_short(making);
    for (size_t i = 0; i < making->n_passage; i++) {
        struct course_passage *passage = &making->passages[i];
        passage->text = text_of_passage(making, passage);
        buffer_append(&around, passage->text);
        buffer_byte(&around, ' ');
        if (has_cards(making, passage))
            making->report->n_skipped++;
        else
            cut_passage(making, passage);
    }
    making->around = arena_copy(making->arena, buffer_view(&around));
    buffer_free(&around);
}
