/* What the makers of training rows share. Inside the room only.
 *
 * A row is one example; a pack is rows on one lesson text, which stand next to each other so that
 * the trainer computes the text once. Each pack is made from a seed of its own, so that the file
 * does not depend on the threads. */
#ifndef LYCEUM_WORKSHOP_COMPOSE_H
#define LYCEUM_WORKSHOP_COMPOSE_H

#include "base/base.h"
#include "school/school.h"
#include "workshop/cards.h"
#include "workshop/workshop.h"

enum compose_kind { COMPOSE_CARD, COMPOSE_MADE, COMPOSE_HINT, COMPOSE_KINDS };

enum { LESSON_WORDS = 230, PACK_ROWS = 12 };

struct row {
    enum compose_task task;
    uint64_t key;        /* hash of all that is asked: the same row is kept once */
    struct view json;    /* the line */
    struct view opening; /* of a hint: its first words */
};

struct composing {
    const struct cards *cards; /* those to train on alone */
    size_t n_focus;            /* the first of them, which make two packs of three; 0: none */
    const char *language;
    bool english; /* made-up facts, and beginnings of hints and questions, are English */
};

struct pack_rows {
    const struct composing *whole;
    struct arena *arena;
    struct random random;
    size_t n;
    struct row rows[PACK_ROWS];
    size_t dropped[COMPOSE_REASONS];
};

const struct card *card_for(const struct composing *, size_t index);
/* Drops what the cards call unsaid and a held-out card asks. */
void cards_forget(struct cards *, const struct cards *held_out);
/* Drops cards that have a sentence of a held-out one; *n_first counts the first of them. */
void cards_drop_shared(struct cards *, const struct cards *held_out, size_t *n_first);
/* The sentences of the first n cards change places, each with its questions: as many cards of as
 * many sentences, without sense. */
void cards_exchange(struct cards *, size_t n, struct random *, struct arena *);

/* Makes pack `index` of its kind. */
typedef void compose_maker(struct pack_rows *, size_t index);
compose_maker compose_card, compose_made, compose_hint;

/* The hint by an opening of ours; empty where none fits. */
struct view open_hint(struct pack_rows *, struct view hint);

/* A question that may not be refused: one of the sentences, which are in `text`, has so many of
 * its words, or of its answer's (may be empty), that it may answer. */
struct may_answer {
    const struct view *sentences;
    size_t n;
    struct view text, question, answer;
    const char *language;
};
bool may_answer(const struct may_answer *);

/* One JSON line an item: questions of the cards, what they leave unsaid, hints and the rest. */
void compose_items(const struct cards *, struct buffer *out);

/* Adds a row unless the review strikes its target. */
struct row_text {
    enum compose_task task;
    struct view lesson, asked, target, topic, licence;
    struct view source; /* of an answer: the sentence that it must stand on; empty: any */
    const char *file;
    long line;
};
bool compose_add(struct pack_rows *, const struct row_text *);

/* ---------------------------------------------------------------------------------------- chance
 */

size_t pick(struct random *, size_t n); /* 0 … n−1 */
bool chance(struct random *, double);
void shuffle(struct random *, size_t *places, size_t n);

/* ----------------------------------------------------------------------------------------- words
 */

/* The question as learners type it: now and then with slips, without marks, with a beginning. */
struct view as_typed(struct pack_rows *, struct view question);
struct view as_stated(struct pack_rows *, struct view);        /* a statement, with slips alone */
struct view lower_first(struct pack_rows *, struct view text); /* unless it begins with a name */
size_t count_words(struct view);

#endif
