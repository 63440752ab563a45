/* terms: what a text is about, for finding it again. Words are folded and stemmed (English by the
 * Porter stemmer of SQLite's FTS5), Chinese is cut in pairs of characters. */
#ifndef LYCEUM_SCHOOL_TUTOR_TERMS_H
#define LYCEUM_SCHOOL_TUTOR_TERMS_H

#include "base/base.h"

#include <sqlite3.h>

/* A unit is what a question's weight is counted in: a word, or one Chinese character. A term is
 * what is looked for: a word, or a pair of characters, which stands for two units. */
struct term_unit {
    struct view word; /* folded */
    double weight;    /* 0: a function word; 0.3: one that says little; 1 */
};
struct term {
    struct view stem;
    size_t unit, n_unit;
};
struct terms {
    size_t n_unit, n_term;
    struct term_unit *units;
    struct term *terms; /* function words have none */
};

struct stemmer; /* for any thread */
struct stemmer *stemmer_open(sqlite3 *, struct fault *);
void stemmer_close(struct stemmer *);
/* `singles`: single characters of Chinese runs are terms as well, as an index wants them. */
void text_terms(struct stemmer *, struct view text, const char *language, bool singles,
                struct arena *, struct terms *);

/* Folded, without accents on Latin letters, apostrophes dropped, white space single: for matching
 * what people type. */
void fold_plain(struct view, struct buffer *out);
bool text_in(const char *const *list, struct view word); /* NULL-terminated list */

/* Letters and digits alone, so that a mark more or less is no other wording. */
struct view bare_words(struct view text, struct arena *);

#endif
