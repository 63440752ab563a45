/* spacing: when a skill is due again.
 *
 * FSRS-6 of the open-spaced-repetition project (its formulas and parameters; github.com/
 * open-spaced-repetition/py-fsrs, MIT, is what the tests agree with). Memory of a skill has a
 * stability S (days after which it is recalled nine times in ten) and a difficulty D (1 to 10).
 * Pure functions: no clock, no record. */
#ifndef LYCEUM_SCHOOL_LEARNER_SPACING_H
#define LYCEUM_SCHOOL_LEARNER_SPACING_H

#include "base/base.h"

enum { SPACING_WEIGHTS = 21, SPACING_DAY_MS = 24 * 60 * 60 * 1000, SPACING_STEPS = 4 };

/* The school grades for itself: right is 3, wrong is 1; learners press no rating buttons. */
enum rating { RATING_AGAIN = 1, RATING_HARD, RATING_GOOD, RATING_EASY };
static inline enum rating rating_of(bool right) {
    return right ? RATING_GOOD : RATING_AGAIN;
}

struct spacing {
    double weights[SPACING_WEIGHTS];
    double retention; /* recall to be had when a review comes due, such as .9 */
    int longest;      /* days */
    /* Minutes between reviews of something new, or forgotten, before days are counted: as cards
     * are learnt. None in the school, where a skill is practised until it is mastered. */
    int n_learn, n_relearn, learn[SPACING_STEPS], relearn[SPACING_STEPS];
};
extern const struct spacing spacing_school; /* no steps */
extern const struct spacing spacing_cards;  /* steps of 1 and 10, and of 10 minutes */

struct memory {
    double stability; /* 0: never reviewed; then nothing below means anything */
    double difficulty;
    int64_t reviewed_ms, due_ms;
    int reviews, lapses;
    enum { MEMORY_LEARNING, MEMORY_KEPT, MEMORY_RELEARNING } state;
    int step;
};

double spacing_recall(const struct spacing *, double stability, double days); /* probability */
/* Days until recall falls to spacing->retention: whole, from 1 to spacing->longest. */
int spacing_interval(const struct spacing *, double stability);
/* Recall now, by the whole days since the latest review; 1 for what was never reviewed. */
double memory_recall(const struct spacing *, const struct memory *, int64_t now_ms);
/* One review. Time before the one before it counts as no time at all. */
void memory_review(const struct spacing *, struct memory *, enum rating, int64_t now_ms);

/* ----------------------------------------------------------------------------------- the days
 *
 * A review may be a little early or late at no cost (the window is the one in which FSRS lets its
 * intervals vary): within it the day is taken that has the least to review, and no day off. */

struct calendar {
    int offset_minutes; /* the learner's clock ahead of UTC */
    unsigned days_off;  /* bit 0 Monday … bit 6 Sunday; all seven are as none */
    int64_t exam_day;   /* days since 1970; 0: none */
};
int64_t calendar_day(const struct calendar *, int64_t ms); /* days since 1970 where they live */
int64_t calendar_start_ms(const struct calendar *, int64_t day);
bool calendar_is_off(const struct calendar *, int64_t day);

/* The days, both included, that a review so many days after `today` may be on: from tomorrow on,
 * before the exam where one is to come. */
struct day_window {
    int64_t first, last, wanted;
};
struct day_window spacing_window(const struct calendar *, int64_t today, int interval,
                                 int longest);
/* load[i]: reviews already due on first + i. The day with fewest, of these the nearest to the one
 * that is wanted; a day off only where the window has no other. */
int64_t spacing_place(const struct calendar *, const struct day_window *, const int *load);

#endif
