/* What the makers of a course's cards share. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_COURSE_CARDS_H
#define LYCEUM_WORKSHOP_COURSE_CARDS_H

#include "base/base.h"
#include "workshop/workshop.h"

enum { COURSE_SENTENCES = 8, COURSE_QUESTIONS = 40, COURSE_HINTS = 40, COURSE_UNSAID = 2 };

struct course_question {
    enum course_rule rule;
    size_t n, used; /* phrasings; cards that leave it unsaid */
    size_t source;  /* the sentence of the card, from 0 */
    struct view phrasings[6];
};
struct course_hint {
    size_t n;
    struct view phrasings[3]; /* the author's first */
};
struct course_wrong {
    struct view answer, say;
    size_t source;
};
struct course_passage { /* or a few short ones together */
    struct view lesson, id, heading;
    struct view text; /* all of its sentences */
    size_t n, capacity;
    struct view *sentences;
};
struct course_card {
    const struct course_passage *passage;
    size_t n;
    const struct view *sentences; /* of the passage */
    size_t n_question, n_unsaid, n_hint, n_wrong;
    struct course_question questions[COURSE_QUESTIONS];
    struct view unsaid[COURSE_UNSAID];
    struct course_hint hints[COURSE_HINTS];
    struct course_wrong wrongs[COURSE_HINTS];
};
struct course_making {
    struct arena *arena;
    const struct course_cards_options *options;
    const char *language;
    const json_t *texts; /* of school_course_texts */
    struct view around;  /* all sentences of the course */
    size_t n_passage, n_card, card_capacity;
    struct course_passage *passages;
    struct course_card *cards;
    json_t *asked; /* a set of questions, folded */
    struct course_cards_report *report;
};

/* "LESSON/SLUG" */
void course_topic(const struct course_passage *, char *out, size_t n);
/* Fills passages and cards, without questions. */
void course_cut(struct course_making *);
/* Hints and wrong answers, put on the cards behind which their exercises stand. */
void course_hints(struct course_making *);
struct view course_text_of(const json_t *object, const char *key);

#endif
