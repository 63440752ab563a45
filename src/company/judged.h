/* judged: what became of drafts, kept in company.db, and what is told of the next from it. Numbers
 * and names of members alone: no learner, no words, no time. Inside the room; any thread. */
#ifndef LYCEUM_COMPANY_JUDGED_H
#define LYCEUM_COMPANY_JUDGED_H

#include "company/judgement.h"

enum { JUDGED_ROWS = 4000 }; /* the last, of all members, that are remembered */

struct judging;

/* company.db in the folder; NULL: in memory alone. */
struct judging *judging_open(const char *folder, struct fault *);
void judging_close(struct judging *); /* NULL is allowed */
double judging_probability(struct judging *, const char *member, const char *kind,
                           const struct features *);
/* How often a member's drafts on the kind will do. */
double judging_content(struct judging *, const char *member, const char *kind);
/* `told` is what judging_probability gave before it was known. */
void judging_learn(struct judging *, const char *member, const struct judged *, double told);
/* The last of its rows with these features that was content is no more. */
void judging_regret(struct judging *, const char *member, const struct judged *);
/* [{"member","n","expected_calibration_error","brier","bins":[…]}…] of what was told beforehand and
 * what came. New reference. */
json_t *judging_status(struct judging *);

#endif
