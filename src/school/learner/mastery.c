/* Bayesian knowledge tracing: Corbett and Anderson, "Knowledge tracing: modeling the acquisition
 * of procedural knowledge", 1995. */
#include "school/learner/learner.h"

const struct tracing tracing_default = {.start = 0.2, .transit = 0.15, .guess = 0.2, .slip = 0.1};

double tracing_right(const struct tracing *tracing, double mastery) {
    return mastery * (1 - tracing->slip) + (1 - mastery) * tracing->guess;
}

double tracing_after(const struct tracing *tracing, double mastery, bool right) {
    double knew = mastery * (right ? 1 - tracing->slip : tracing->slip);
    double did_not = (1 - mastery) * (right ? tracing->guess : 1 - tracing->guess);
    /* Both are 0 only where the model calls the observation impossible: it then tells nothing. */
    double all = knew + did_not;
    double after = all > 0 ? knew / all : mastery;
    return after + (1 - after) * tracing->transit;
}
