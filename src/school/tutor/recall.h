/* What the files of recall share: the shelves. */
#ifndef LYCEUM_SCHOOL_TUTOR_RECALL_H
#define LYCEUM_SCHOOL_TUTOR_RECALL_H

#include "school/tutor/terms.h"
#include "school/tutor/tutor.h"

#include <pthread.h>

/* Stems by number: what FTS5 indexes are the numbers, so that no tokenizer can cut them again. */
struct dictionary {
    size_t n, capacity; /* of slots: a power of two */
    uint32_t *slots;    /* 0: free; else number + 1 */
    struct stem {
        struct view text;
        uint32_t n_sentence; /* that have it */
        uint32_t stands_for; /* of a word: its stem */
    } * stems;
};

struct sentence {
    const struct passage *passage;
    size_t index; /* in the passage */
    size_t n_id;
    uint32_t *ids; /* sorted, each once */
};

struct heading {
    const struct passage *passage;
    size_t first_sentence; /* on the shelf */
    size_t n_id;
    uint32_t *ids;
};

struct definition {   /* a term that the author emphasised, and the sentence that does */
    size_t sentence;  /* on the shelf */
    struct view term; /* folded */
    size_t n_id;
    uint32_t *ids;
};

struct shelf { /* the passages of one course in one language */
    const struct course *course;
    struct view language;
    struct dictionary stems, words; /* words: as they stand in the text, for mistyped ones */
    size_t n_sentence, n_heading, n_definition;
    struct sentence *sentences;
    struct heading *headings;
    struct definition *definitions;
    sqlite3_stmt *ranking;
};

struct recall {
    struct arena *arena;
    sqlite3 *database;
    struct stemmer *stemmer;
    pthread_mutex_t lock; /* of the statements */
    size_t n_shelf;
    struct shelf *shelves;
};

/* Finds the definitions in the page of a lesson whose sentences from `first` on are on the shelf.
 */
void put_definitions(struct recall *, struct shelf *, const struct lesson *, size_t first);
/* The passages of the query's course in its language, or in the course's first; NULL: none. */
const struct shelf *choose_shelf(const struct recall *, const struct recall_query *);
uint32_t *ids_of(struct recall *, struct shelf *, struct view text, struct buffer *tokens,
                 size_t *n);

enum { MOST_TERMS = 64 };
struct question {
    struct terms terms;
    uint32_t ids[MOST_TERMS];    /* of the terms; NO_STEM where no passage has it */
    double weights[MOST_TERMS];  /* of the terms, in BM25's sense */
    double *unit_weights, total; /* of the units that count */
    bool defines, reasons;       /* "what is …", "why …" */
    bool person, time, number;   /* "who …", "when …", "how many …" */
    bool size;                   /* "how long is …" */
    bool how;                    /* "how do I …" */
    bool bare;                   /* of Arabic: "loss of a model" has no "of" */
};
void question_read(struct recall *, const struct shelf *, const struct recall_query *,
                   struct arena *, struct question *out);
extern const char *const defines_han_after[]; /* "… 是", and NULL at the end */
bool has_any(struct view text, const char *const *list);

/* Whether the sentences share with the question what the course has a name for, or two words. */
bool shelf_is_near(const struct shelf *, const struct question *, const struct heading *,
                   const struct sentence *run, size_t n, double coverage);
/* Whether all they share is one word that the question does not ask about. */
bool shelf_by_chance(const struct shelf *, const struct question *, const struct recalled *);
bool speaks_of_us(const struct question *); /* of the learner or the tutor: "can I", "are you" */
bool is_capital(struct view text, size_t at);
bool is_written_at(struct view text, size_t at, struct view word); /* word: small letters */

/* Answers a question that says hardly more than a term of the course; 0: it is another. Not sure:
 * an example was asked for, and only what the term means is told beside it. */
size_t recall_named(struct recall *, const struct shelf *, const struct recall_query *,
                    struct recalled *out, size_t n_out, bool *sure);

enum { NO_STEM = UINT32_MAX };
uint32_t dictionary_find(const struct dictionary *, struct view stem);
/* The word that a mistyped one was probably meant to be: what it stands for, or NO_STEM. */
uint32_t dictionary_nearest(const struct dictionary *words, struct view word);
bool has_id(const uint32_t *ids, size_t n, uint32_t id);

#endif
