/* What is done to cards before rows are made of them: nothing that a held-out card asks may stay,
 * and for a control their sentences are exchanged. */
#include "workshop/compose.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------- held out
 */

static bool is_asked(const struct cards *kept, struct view question) {
    for (size_t i = 0; i < kept->n; i++)
        for (size_t j = 0; j < kept->at[i].n_question; j++)
            for (size_t k = 0; k < kept->at[i].questions[j].n; k++)
                if (view_equal(kept->at[i].questions[j].at[k], question))
                    return true;
    return false;
}

void cards_forget(struct cards *cards, const struct cards *kept) {
    for (size_t i = 0; i < cards->n; i++) {
        struct card *card = &cards->at[i];
        size_t n = 0;
        for (size_t j = 0; j < card->n_unsaid; j++) {
            bool asked = false;
            for (size_t k = 0; k < card->unsaid[j].n; k++)
                asked = asked || is_asked(kept, card->unsaid[j].at[k]);
            if (!asked)
                card->unsaid[n++] = card->unsaid[j];
        }
        card->n_unsaid = n;
    }
}

/* One sentence in common is too much: the same passage may stand on cards of two makers. */
static bool shares_sentence(const struct card *card, const struct cards *kept) {
    for (size_t i = 0; i < kept->n; i++)
        for (size_t j = 0; j < kept->at[i].n_sentence; j++)
            for (size_t k = 0; k < card->n_sentence; k++)
                if (view_equal(card->sentences[k], kept->at[i].sentences[j]))
                    return true;
    return false;
}

void cards_drop_shared(struct cards *cards, const struct cards *kept, size_t *n_first) {
    size_t n = 0, first = 0;
    for (size_t i = 0; i < cards->n; i++)
        if (!shares_sentence(&cards->at[i], kept)) {
            first += i < *n_first;
            cards->at[n++] = cards->at[i];
        }
    cards->n = n;
    *n_first = first;
}

/* ------------------------------------------------------------------------------------- exchanged
 */

struct place { /* of a sentence */
    size_t card, sentence;
};

/* Sentences of the first n cards, in their order. */
static struct place *all_places(const struct cards *cards, size_t n, struct arena *arena,
                                size_t *n_place) {
    *n_place = 0;
    for (size_t i = 0; i < n; i++)
        *n_place += cards->at[i].n_sentence;
    struct place *places = ARENA_NEW(arena, *n_place + 1, struct place);
    for (size_t i = 0, at = 0; i < n; i++)
        for (size_t j = 0; j < cards->at[i].n_sentence; j++)
            places[at++] = (struct place){i, j};
    return places;
}

/* The questions that stood on a sentence go where it goes. */
static void move_questions(const struct card *from, size_t sentence, struct card *to, size_t place,
                           size_t room) {
    for (size_t i = 0; i < from->n_question; i++)
        if (from->questions[i].source == sentence && to->n_question < room) {
            to->questions[to->n_question] = from->questions[i];
            to->questions[to->n_question++].source = place;
        }
}

void cards_exchange(struct cards *cards, size_t n, struct random *random, struct arena *arena) {
    size_t n_place, at = 0, n_question = 0;
    struct place *places = all_places(cards, n, arena, &n_place);
    size_t *order = ARENA_NEW(arena, n_place + 1, size_t);
    for (size_t i = 0; i < n_place; i++)
        order[i] = i;
    shuffle(random, order, n_place);
    for (size_t i = 0; i < n; i++)
        n_question += cards->at[i].n_question;
    struct card *mixed = ARENA_NEW(arena, n + 1, struct card);
    for (size_t i = 0; i < n; i++) {
        struct card *card = &mixed[i];
        *card = cards->at[i];
        card->sentences = ARENA_NEW(arena, card->n_sentence + 1, struct view);
        card->questions = ARENA_NEW(arena, n_question + 1, struct card_lines);
        card->n_question = card->n_wrong = card->summary.n = 0;
        for (size_t j = 0; j < card->n_sentence; j++, at++) {
            const struct place *place = &places[order[at]];
            const struct card *from = &cards->at[place->card];
            card->sentences[j] = from->sentences[place->sentence];
            move_questions(from, place->sentence, card, j, n_question);
        }
    }
    for (size_t i = 0; i < n; i++)
        cards->at[i] = mixed[i];
}
