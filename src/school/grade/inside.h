/* What the checks share. */
#ifndef LYCEUM_SCHOOL_GRADE_INSIDE_H
#define LYCEUM_SCHOOL_GRADE_INSIDE_H

#include "school/grade/grade.h"

struct grading {
    const json_t *key, *answer, *options;
    uint64_t seed;
    struct grade_result *out;
    struct fault *fault;      /* the key or the options are wrong */
    struct fault *unreadable; /* why the answer can't be read; never NULL */
};

typedef bool grade_function(struct grading *);
grade_function grade_choice, grade_several, grade_number, grade_algebra, grade_text, grade_order,
    grade_match, grade_code, grade_parts, grade_rubric;

/* As grade_answer, within the grading of a whole. */
bool grade_with(const char *check, const json_t *key, const json_t *answer, const json_t *options,
                const struct grading *whole, struct grade_result *);
/* What is said to a note; "" for none that we know. */
const char *grade_sentence(const json_t *options, const char *note);
const char *grade_sentence_in(const char *language, const char *note); /* NULL for none */
/* A sentence with each %s filled; `with` ends with NULL. */
void grade_fill(const char *language, const char *note, const char *const *with, char *out,
                size_t n);
/* The table, for what looks at all of it: the note of row i, NULL behind the last. */
enum { GRADE_LANGUAGES = 4 };
const char *grade_sentence_row(size_t i, const char *const **in);
/* The author's tests, after the check has graded. */
bool feedback_run(struct grading *, const char *check);

bool grade_say(struct grading *, double score, const char *note); /* true */
/* Notes "unreadable" and why; true. */
bool grade_unreadable(struct grading *, enum fault_kind, const char *why);
/* A scalar as text: a string itself, a number printed; false for other JSON. */
bool grade_scalar(const json_t *, struct buffer *out);
bool grade_same(const json_t *, const json_t *);

/* How numbers are written where the learner is: option locale, or what option language leaves
 * open. */
struct number_style {
    bool known, comma, india; /* comma: the decimal mark; india: 1,00,000 */
    bool either;              /* not known, and where the language is spoken a point groups too */
    char group;               /* the mark between thousands */
};
struct number_style number_style(const json_t *options);

enum { DIMENSIONS = 8, LONGEST_NUMBER = 400 };
struct unit {
    double factor, offset;             /* (value + offset) × factor is in SI */
    signed char dimension[DIMENSIONS]; /* m kg s A K mol cd, and which money, bits, decibels */
    bool difference;                   /* Δ°C */
    bool ratio;                        /* percent, ‰, ppm */
    char letter; /* C, F, c (cents), m (ms^-1): may mean another, see unit_in_context; or 0 */
};
/* "m/s^2", "kg m^2 s^-2", "m·s⁻¹", "N*m", "m2", "J/(kg·K)", "hours"; false when it is not known.
 */
bool unit_parse(struct view, struct unit *);
void unit_in_context(const struct unit *key, struct unit *);

/* Digits of any script and signs of any kind as ASCII; 0.(3) as (3/9). */
void numeral_ascii(struct view, struct buffer *out);
/* Each numeral of the text with a point and without marks. NULL, "ambiguous" or "unreadable". */
const char *numerals_plain(struct view, const struct number_style *, struct buffer *out);
/* False for what has no finite value over the complex numbers, as far as we know. */
bool complex_evaluate(const struct expression *, double *real, double *imaginary);

struct quantity {
    double value, imaginary;
    bool percent;                                      /* value 0.05, written 5 % */
    int decimals, least_significant, most_significant; /* as written; -1: no plain decimal */
    struct unit unit;
    bool has_unit;
    bool has_word;    /* a word behind it that is no unit and was passed over: 8 bits, 41个 */
    const char *note; /* "ambiguous" or "unreadable" when it could not be read */
};
bool quantity_read(const json_t *, const struct number_style *, struct quantity *, struct fault *);

/* "[1, 2)", "(-inf, 3]", "10 ± 0.5", unions of them, infinity. */
bool interval_looks(const json_t *);
grade_function grade_interval;

/* Whether the text only names: "y", "f'(x)", "P(u|q)", "dL/da". Names of the key (may be NULL) say
 * something, and so do e, i and functions. */
bool answer_is_name(struct view text, const struct expression *key);
/* Where the first sign of equality stands (= or ≈) and its bytes; -1: none. */
ptrdiff_t find_equal_sign(struct view text, size_t *n);

#endif
