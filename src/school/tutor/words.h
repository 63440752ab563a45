/* words: a text cut into what the review compares: words, single ideographs, numbers, signs.
 *
 * Works in any script. Everything lives in the arena that is given. */
#ifndef LYCEUM_SCHOOL_TUTOR_WORDS_H
#define LYCEUM_SCHOOL_TUTOR_WORDS_H

#include "base/base.h"

/* What a word does in a sentence, by the first character of its class; see small_words.c.
 *   NULL  content: it must be found
 *   ""    grammar: comes and goes freely
 *   "~x"  may be left out, may not be put in (very, indeed)
 *   ".x"  a loose preposition: may be left out where it stands between words that stay
 *   "^"   stands for something named before (it, they)
 *   "+x"  auxiliary; x tells the time (now, past)
 *   "=x"  turns the meaning: must stand in the same place (not, only, all, if, to, more)
 *   "!x"  as "=", and may be dropped nowhere in its sentence (wrongly, myth) */
struct small_words;
struct small_words *small_words_of(const char *language, struct arena *); /* NULL: an empty one */
bool small_words_known(const char *language); /* whether there is a list for it */
/* The class of a folded word, or NULL. */
const char *small_word_class(const struct small_words *, struct view folded);
/* Bytes of the longest phrase that begins the text (for scripts without spaces), or 0. */
size_t small_word_phrase(const struct small_words *, struct view folded, const char **class);
/* "en", "zh", … the language whose grammar words the text has most of; "" when it has none. */
const char *language_of(struct view text, struct arena *);

enum word_kind { WORD_LETTERS, WORD_IDEOGRAPH, WORD_NUMBER, WORD_SIGN };

struct word {
    enum word_kind kind;
    struct view text; /* folded */
    struct view stem; /* without plural and verb endings */
    const char *class;
    char before;  /* the strongest mark since the word before: . ? ! ; : - ( ) " , or 0 */
    bool spaced;  /* white space or a mark before */
    bool capital; /* written with a capital, not at the start of a sentence */
    bool past;    /* an ending -ed was taken off */
    bool raised;  /* a superscript */
    bool symbol;  /* set by cut_text: letters of a formula */
    double value; /* NUMBER */
    size_t from, to;
};

struct words {
    size_t n;
    struct word *at;
    char last; /* the mark after the last word */
};

enum { WORDS_JOIN_NUMBERS = 1 }; /* number words become one NUMBER: "twenty-five", 二十五 */
void words_of(struct view text, const struct small_words *, int flags, struct arena *,
              struct words *);
bool word_is(const struct word *, const char *text);
bool word_in(const struct word *, const char *list);       /* list: words between spaces */
bool words_same(const struct word *, const struct word *); /* stem, value, time */

/* ----------------------------------------------------------------------------------- numerals */

struct numeral {
    size_t n;         /* words read; 0: no number here */
    int n_value;      /* readings: 1,500 and 1.5; 50 and .5 */
    double values[4]; /* the first is the likeliest */
    bool digit;       /* one digit alone, or its word */
    int decimals, significant;
};
/* The number that begins at at[0]: digits of any script, fractions, words of English, Spanish,
 * French and German, Chinese numerals. */
struct numeral numeral_read(const struct word *at, size_t n);
/* The place that an ordinal names: "second", "2nd", "segunda", 第二; -1: last; 0: none. */
int ordinal_read(const struct word *at, size_t n, size_t *used);
bool same_number(double, double);

#endif
