/* What the making, the judging and the showing of a model's card share. Inside the room only.
 * (The cards of cards.h are another thing: what authors write.) */
#ifndef LYCEUM_WORKSHOP_CARD_H
#define LYCEUM_WORKSHOP_CARD_H

#include "workshop/proof.h"

enum figure {
    FIGURE_SCORE,
    FIGURE_QUESTIONS,
    FIGURE_PASSED,
    FIGURE_RIGHT,
    FIGURE_FOUND,
    FIGURE_REFUSED,
    FIGURE_WRONGLY,
    FIGURE_HINTS,
    FIGURE_LEAKS,
    FIGURE_AS_IS,
    FIGURES
};
struct figure_row {
    const char *id, *name, *question; /* the question that a plot of it answers */
    unsigned tasks;                   /* bits of the tasks that count */
    bool less_is_better;
    bool (*of)(const struct outcome *);
};
extern const struct figure_row figure_rows[FIGURES];
const char *card_kind_id(enum card_kind);
const char *card_kind_name(enum card_kind);

/* The card's "conditions", "notes" and "passed", out of all else that stands in it. */
void card_judge(json_t *card);
enum { CARD_ITEMS = 40, CARD_TOPICS = 5 }; /* fewer prove nothing */

/* The first arm of a kind, or NULL. */
const json_t *card_arm_of(const json_t *card, enum card_kind);
/* {"value","low","high","n"} of an arm's "figures" or "difference"; NULL where there is none. */
const json_t *card_estimate(const json_t *arm, const char *what, enum figure);
/* "+6.1", "−0.4" of 0.061 and −0.004. */
const char *points(double share, char out[16]);

#endif
