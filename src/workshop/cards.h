/* Cards: authored passages with questions, hints, wrong answers and a summary, as plain files.
 * The format is told in docs/workshop.md. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_CARDS_H
#define LYCEUM_WORKSHOP_CARDS_H

#include "base/base.h"

struct card_lines { /* phrasings on one line */
    size_t n;
    struct view *at;
    long line;
    size_t source;      /* of a question or a wrong answer: the sentence, from 0 */
    struct view answer; /* of a question; of a wrong answer the reply */
};

struct card {
    struct view topic, licence, title, style;
    const char *file, *language;
    long line;
    size_t n_sentence, n_question, n_unsaid, n_hint, n_wrong;
    struct view *sentences;
    struct card_lines *questions, *unsaid, *hints, *wrongs;
    struct card_lines summary; /* n 0: none */
};

struct cards {
    size_t n, capacity;
    struct card *at;
};

/* Appends the cards of the text. FAULT_INPUT with the line of the first mistake. The text and the
 * name of the file are kept by the arena. */
bool cards_parse(struct view text, const char *file, struct arena *, struct cards *,
                 struct fault *);
bool cards_read(const char *path, struct arena *, struct cards *, struct fault *);

#endif
