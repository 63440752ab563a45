/* tuning: where to send a question on, found on recorded ones. */
#ifndef LYCEUM_COMPANY_TUNING_H
#define LYCEUM_COMPANY_TUNING_H

#include "base/base.h"

struct tuning {
    double calls; /* of the senior, a share of the questions, at most */
    double share; /* of what the senior adds that is enough */
};
/* Each line of `lines` is a question that both have answered, in any order that does not sort them:
 *   {"kind":"sum","worker":{"quality":1,"cost":9,"features":{"mean":-0.2,"least":-0.9,
 *    "agreement":0.7,"check":0.6,"graded":null,"tokens":4}},"senior":{"quality":0,"cost":40}}
 * quality 0 to 1; cost in any one unit, 0 or more; features as in judgement.h, null where not known.
 * The first, third, … line teaches the calibration and the margin; the second, fourth, … tells what
 * they are worth: {"n","kinds":[{"kind","n","worker","senior"}…],"margin","small","senior",
 * "chosen","curve":[…],"oracle":[…],"gain","share","reliability"}; a policy is {"quality","cost",
 * "calls"}; gain (what the senior adds to the quality) and share (the part of it that the chosen
 * margin keeps) are {"at","low","high"}, 95% by the bootstrap. New reference; NULL with the
 * line in the fault when one cannot be read, or there are fewer than 20. */
json_t *company_tune(struct view lines, const struct tuning *, struct fault *);
/* company.yaml with `escalate: {margin: …}` in the place of what it had of that, or behind all.
 * False when the file is then no company, and nothing is written. */
bool company_write_margin(const char *file, double margin, json_t *problems, struct fault *);

#endif
