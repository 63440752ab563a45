/* grade: whether an answer is right, by plain code and never by a model.
 *
 * The same answer gets the same grade every time; nothing is kept between calls, so any thread may
 * grade (see algebra_thread_end for one that ends). Feedback never holds the key. */
#ifndef LYCEUM_SCHOOL_GRADE_H
#define LYCEUM_SCHOOL_GRADE_H

#include "algebra/algebra.h"
#include "base/base.h"

enum { GRADE_PARTS = 12, GRADE_WORDS = 800 };
struct grade_part { /* of check parts */
    char name[32];
    double score;
    char feedback[GRADE_WORDS / 2];
    char note[32];
    bool authored;
};
struct grade_result {
    double score;               /* 0 to 1 */
    char feedback[GRADE_WORDS]; /* for the learner, in options.language (en, zh, es, ar) */
    char note[32];   /* why: "sign", "factor", "unit-missing", "form", "unreadable", …; or "" */
    bool authored;   /* feedback is an author's (options.tests), in Markdown */
    char tests[160]; /* which of options.tests held, in order: "1,half"; or "" */
    size_t n_part;
    struct grade_part parts[GRADE_PARTS];
};

/* Kinds of key, by check: choice: an index or a text; several: a list of indexes or texts; number:
 * a number or text; algebra: text; text: a text or a list of them (or options.pattern); order: the
 * list in order; match: an object, or a list of pairs. The answer has the same shape, and may give
 * numbers as text. Options: see `lyceum grade` in the design; `choices` (how many there are) for
 * several. An answer that cannot be read, or is over a bound, has note "unreadable" ("ambiguous"
 * for 1,234) and score 0 and is no attempt. False when the key or the options are wrong, or when
 * the author's pattern tries too many ways. key is borrowed; options may be NULL. */
bool grade_answer(const char *check, const json_t *key, const json_t *answer,
                  const json_t *options, uint64_t seed, struct grade_result *, struct fault *);
bool grade_check_exists(const char *check);
/* Check parts: the key is a list of {"name","check","key","options","weight","carry"}, the answer
 * an object by name, or a list. A key that names an earlier part means its result. See parts.c.
 *
 * `what` (the key of part i, or a wrong answer to it) with the names of earlier parts turned into
 * what `answer` has for them (NULL: what is right). New reference; NULL when that cannot be read.
 */
json_t *grade_parts_fill(const json_t *parts, size_t i, const json_t *what, const json_t *answer,
                         const json_t *options);
/* "a", "b", … for a part without a name; the place in the list for a name, or -1. */
void grade_parts_name(const json_t *parts, size_t i, char name[32]);
ptrdiff_t grade_parts_find(const json_t *parts, const char *name);
/* Whether options.tests makes sense: names, scores, and no way that leads back. *at: which test it
 * is, counted from 0. */
bool grade_tests_check(const json_t *tests, size_t *at, struct fault *);
/* Check rubric: options.rubric is a list of criteria {"name","ask","levels":[{"says","model"}…]},
 * levels from the lowest. An answer that can be read gets the note GRADE_WAITING and score 0: it
 * is no attempt before a person has said its levels. */
#define GRADE_WAITING "waiting"
#define GRADE_UNREAD "waiting-alone" /* of its sentence, where there is nobody to read it */
enum {
    RUBRIC_CRITERIA = 8,
    RUBRIC_LEVELS = 6,
    RUBRIC_WORDS = 1000,
    RUBRIC_ANSWER = 8000 /* bytes */
};
/* Whether it makes sense. *at: which criterion does not, counted from 0. */
bool grade_rubric_check(const json_t *rubric, size_t *at, struct fault *);
/* The words of a level, counted from 0; "" when there is none. */
const char *grade_rubric_level(const json_t *rubric, size_t criterion, size_t level);
/* The mean over the criteria of how far up each level is, 0 to 1. levels: a list of numbers, one
 * a criterion, from 0. False when they do not fit the rubric. */
bool grade_rubric_score(const json_t *rubric, const json_t *levels, double *score, struct fault *);
/* The names of all checks, NULL-terminated. */
const char *const *grade_checks(void);
enum { GRADE_LINE_BYTES = 1 << 20 };
/* One line of `lyceum grade`: {"score","feedback","note"}, with "error" too where the answer could
 * not be read; {"error"} alone where the line, the key or the options are wrong. New reference. */
json_t *grade_line(struct view line);

#endif
