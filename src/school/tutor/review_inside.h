/* What the checks of the review share. */
#ifndef LYCEUM_SCHOOL_TUTOR_REVIEW_INSIDE_H
#define LYCEUM_SCHOOL_TUTOR_REVIEW_INSIDE_H

#include "school/tutor/tutor.h"
#include "school/tutor/words.h"

enum {
    REVIEW_BYTES = 4000,          /* a draft over this is too long, whatever it says */
    REVIEW_SENTENCES = 4,         /* in a draft */
    REVIEW_WORDS = 60,            /* in a sentence */
    REVIEW_IDEOGRAPHS = 120,      /* in a sentence of a script without spaces */
    REVIEW_SENTENCE_BYTES = 2000, /* what is longer is no sentence, and not looked at further */
    REVIEW_SOURCE_WORDS = 20000,  /* of all sources; what comes later is not looked at */
};

/* A text that is compared, cut once. */
struct cut {
    struct view raw;
    struct words words;
    size_t n_content, *content; /* places of the words that must be found */
    size_t n_piece, *piece;     /* of each word: which part between commas it stands in */
    size_t *starts;             /* n_piece + 1: the first word of each part */
};
void cut_text(struct view, const struct small_words *, struct arena *, struct cut *);

struct secret; /* what must not be given away; see leak.h */

struct reviewing {
    const struct review_task *task;
    struct arena *arena;
    const char *language;
    const struct small_words *lexicon;
    struct view draft;
    size_t n_sentence;
    struct cut *sentences; /* of the draft */
    struct cut question, hint;
    size_t n_source; /* 0 until ground_sources has been called */
    struct cut *sources;
    struct secret *secret; /* NULL without an exercise */
};

/* A check tells whether a sentence must be struck, and for what. */
typedef bool review_check(struct reviewing *, size_t sentence, struct reviewed_sentence *);
review_check check_empty, check_degenerate, check_incomplete, check_length, check_language,
    check_leak, check_echo, check_ground;

/* ------------------------------------------------------------------------------------- ground */

bool class_is(const struct word *, const char *class);
bool is_content(const struct word *);
bool is_negation(const struct word *);
bool is_question(const struct cut *);                   /* ends with a question mark */
bool has_word(const struct cut *, const struct word *); /* by stem or value */
/* A question that yes or no would answer. */
bool asks_yes_or_no(const struct cut *);
bool ground_answer(struct reviewing *, const struct cut *, ptrdiff_t *source, char why[120]);
/* "Y is X." of a source that says "X is called Y"; empty of any other. */
struct view term_explained(const struct cut *, struct arena *);
/* Whether the text is one or more whole sentences of the hint. */
bool quotes_hint(struct view hint, struct view text);
bool ground_hint(struct reviewing *, const struct cut *, char why[120]);
const char *asking_words(const char *language); /* between spaces */
bool is_asking_word(const struct word *); /* "think", "try": what a hint may say of its own */

#endif
