/* grade: whether an answer is right, by plain code and never by a model.
 *
 * The same answer gets the same grade every time; nothing is kept between calls, so any thread may
 * grade (see algebra_thread_end for one that ends). Feedback never holds the key. */
#ifndef LYCEUM_SCHOOL_GRADE_H
#define LYCEUM_SCHOOL_GRADE_H

#include "algebra/algebra.h"
#include "base/base.h"

struct grade_result {
    double score;       /* 0 to 1 */
    char feedback[240]; /* one sentence for the learner, in options.language (en, zh) */
    char note[32]; /* why: "sign", "factor", "unit-missing", "form", "unreadable", …; or "" */
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
/* The names of all checks, NULL-terminated. */
const char *const *grade_checks(void);
/* What the page may know of an exercise: options that shape the input, never the key. New
 * reference: {"check","input",…}. NULL when there is no such check. */
json_t *grade_public(const char *check, const json_t *key, const json_t *options);
enum { GRADE_LINE_BYTES = 1 << 20 };
/* One line of `lyceum grade`: {"score","feedback","note"}, with "error" too where the answer could
 * not be read; {"error"} alone where the line, the key or the options are wrong. New reference. */
json_t *grade_line(struct view line);

#endif
