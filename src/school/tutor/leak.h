/* leak: what an exercise keeps secret, and whether a text tells it. */
#ifndef LYCEUM_SCHOOL_TUTOR_LEAK_H
#define LYCEUM_SCHOOL_TUTOR_LEAK_H

#include "algebra/algebra.h"
#include "school/tutor/tutor.h"
#include "school/tutor/words.h"

enum {
    LEAK_NUMBERS = 200,    /* kept of each kind */
    LEAK_COMPARISONS = 48, /* of formulas in one text; over that it counts as a leak */
    LEAK_SPANS = 400,
    LEAK_BYTES = 16000, /* of a text; over that it counts as a leak */
};

struct number_list {
    size_t n;
    double at[LEAK_NUMBERS];
};
void number_list_add(struct number_list *, double);
bool number_list_has(const struct number_list *, double);

/* A run of mathematics found in prose, in the form that expression_parse reads. */
struct maths {
    struct view text;
    size_t from, to; /* bytes of the text that it was found in */
};
struct maths_list {
    size_t n;
    struct maths at[LEAK_SPANS];
    bool full;
};
/* As it is written: $…$, "x=5", "3(x+1)", full-width, other scripts' digits. */
void maths_written(struct view text, struct arena *, struct maths_list *);
/* As it is said: "x equals five", "two x squared", x等于五. */
void maths_spoken(const struct words *, struct arena *, struct maths_list *);

struct word_key { /* an answer in words */
    struct words words;
    bool given; /* the question says it already */
};

struct secret {
    const struct variant *variant;
    struct arena *arena;
    struct view check;
    struct words ask, given;               /* given: hints that were shown, and the one at hand */
    struct number_list keys, later, known; /* later: of the solution and of hints to come */
    double tolerance;                      /* relative, of a number */
    size_t n_formula;
    struct expression *formulas[16];
    const char *variable;
    struct compare_options how;
    struct maths_list *known_maths;
    size_t n_word_key;
    struct word_key word_keys[32];
    size_t n_item; /* what is shown, cut in words; in the order that it is shown */
    struct words *items, *lefts;
    bool *right;        /* choice, several: by shown place */
    bool hinting;       /* a hint is put in other words: nothing may be added */
    struct view public; /* what the draft may stand on, folded */
    size_t n_later;
    struct words *later_words; /* sentences of the solution and hints to come */
};

struct secret *secret_of(const struct review_task *, struct arena *);

struct told {
    const struct secret *secret;
    struct view text;
    struct words words; /* of the text, without grammar */
    struct arena *arena;
    int comparisons;
    char *why; /* 120 bytes */
};
bool secret_told(const struct secret *, struct view text, struct arena *, char why[120]);

/* One for each kind of secret. */
bool told_number(struct told *), told_formula(struct told *), told_words(struct told *),
    told_spelled(struct told *), told_choice(struct told *), told_order(struct told *),
    told_match(struct told *);
/* In number words of further languages, in base64, backwards and other disguises. */
bool told_coded(struct told *);
/* Steps of the solution and later hints. */
bool told_step(struct told *);

bool answer_context(const struct words *, size_t first, size_t n, const char *variable);
bool sentence_asks(const struct words *,
                   size_t word); /* the sentence of this word is a question */
bool says(char why[120], const char *what, struct view); /* true */

#endif
