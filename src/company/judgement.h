/* judgement: how likely it is that a draft will do, and who is worth asking instead.
 *
 * Pure functions: no clock, no file, no text of anybody. A draft's features are numbers; what is
 * learnt of them is a calibration of one member: a logistic regression over the features (Platt
 * 1999, with several of them) under a normal prior, and for each kind of question a slope and an
 * offset of its own, drawn to those of all kinds as long as the kind has few rows. Without rows
 * the prior alone speaks. Any thread. */
#ifndef LYCEUM_COMPANY_JUDGEMENT_H
#define LYCEUM_COMPANY_JUDGEMENT_H

#include "base/base.h"

enum {
    JUDGED_KIND = 32,   /* bytes of the name of a kind of question, its end included */
    JUDGED_KINDS = 64,  /* told apart; questions of further kinds are judged as all are */
    JUDGED_WEIGHTS = 6, /* one, and the features */
    JUDGED_BINS = 10    /* of a reliability plot */
};

struct features {       /* NAN: not known */
    double mean, least; /* log-probability of a token by the writer, natural */
    double agreement;   /* share of further samples that say the same, 0 to 1 */
    double check;       /* probability by which the reviewer calls it right */
    double graded;      /* 1 or 0 where the draft could be graded */
    double n_token;
};

struct judged { /* a draft of which is known what became of it */
    char kind[JUDGED_KIND];
    struct features features;
    bool content;
};

struct calibration {
    double weights[JUDGED_WEIGHTS];
    struct kind_calibration {
        char kind[JUDGED_KIND];
        double slope, offset;
        double content; /* share of its rows, drawn to that of all by as many as two rows */
        size_t n;
    } kinds[JUDGED_KINDS];
    size_t n_kind, n;
    double content; /* of all rows, drawn to a half by as many as two */
};

/* The likeliest calibration of these rows under the prior; with n = 0 the prior's. */
void calibration_fit(struct calibration *, const struct judged *, size_t n);
/* Between 0 and 1. Where the draft was graded, the grade. */
double calibration_probability(const struct calibration *, const char *kind,
                               const struct features *);
/* How often this member's drafts on the kind will do, before one is written. */
double calibration_content(const struct calibration *, const char *kind);

/* The least probability from which on, of the drafts that are at least so likely, the share that
 * did is `share` or more, with 97.5 % certainty (the lower end of Wilson's interval, 1927); as
 * many drafts as can be, as in selective classification (Geifman and El-Yaniv 2017). INFINITY
 * where no drafts show it: with all of them good, 0.9 takes 35. */
double calibration_least(const double *probabilities, const bool *content, size_t n, double share);

struct reliability {
    struct reliability_bin {
        size_t n;
        double probability, content; /* means; 0 where n is */
    } bins[JUDGED_BINS];             /* by probability, equally wide */
    double error; /* expected calibration error (Naeini et al. 2015): mean distance, by n */
    double brier; /* mean square distance */
    size_t n;
};
void reliability_measure(struct reliability *, const double *probabilities, const bool *content,
                         size_t n);
json_t *reliability_json(const struct reliability *); /* new reference */

/* A recorded question that worker and senior have both answered. */
struct recorded {
    double wish;                     /* to escalate: what the senior is expected to add */
    double worker, senior;           /* quality, 0 to 1 */
    double worker_cost, senior_cost; /* in one unit */
};
struct policy {
    double quality, cost, calls; /* means a question; calls: the share that the senior got */
};
/* Everybody with a wish of at least `margin` is sent to the senior. */
struct policy policy_at(const struct recorded *, size_t n, double margin);
/* The same number of calls spent by one who knows both answers. */
struct policy policy_oracle(const struct recorded *, size_t n, double calls);
/* The margin that has the best quality with at most `calls` of the senior; of equals the fewest
 * calls. `share` of the senior's gain is enough where fewer calls reach it (1: all there is). */
double policy_choose(const struct recorded *, size_t n, double calls, double share);

#endif
