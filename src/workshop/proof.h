/* What the examination, its file and the card share. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_PROOF_H
#define LYCEUM_WORKSHOP_PROOF_H

#include "base/base.h"
#include "workshop/workshop.h"

const char *proof_task_name(enum proof_task);

/* ------------------------------------------------------------------------------------- outcomes
 *
 * A line of the file is {"item":"16 hex digits","subject":"16 hex digits",…}: its head, of which
 * the length is fixed, tells whose line it is also where the rest was cut off. */

enum { OUTCOME_HEAD = 9 + 16 + 13 + 16 + 2 };

struct outcome {
    uint64_t item, subject;
    enum proof_task task;
    struct view topic;
    bool passed;         /* its words went through the review; of the look-up: it quotes */
    bool refused;        /* a question: it says that the passage does not say */
    bool right;          /* passed, and stands on the author's sentence */
    bool found;          /* what a learner is shown then, words or quote, stands on it */
    bool as_is;          /* what a learner is shown are the model's own words, a refusal too */
    struct view reason;  /* why the review struck it, or "given up"; "" */
    struct view opening; /* of a hint that passed: its first two words */
    int n_token;
};

/* A line of JSON, without the place in it where it breaks; NULL with a fault. */
json_t *proof_line(struct view, struct fault *);
void outcome_head(uint64_t item, uint64_t subject, char out[OUTCOME_HEAD + 1]);
/* What became of an item, from what school_draft_line gave; appends the line. False when that is
 * no answer. */
bool outcome_write(const struct proof_item *, const json_t *draft, uint64_t subject, bool look_up,
                   struct buffer *out, struct fault *);
/* Whether one of the texts holds the other, without the name of a speaker in front of the
 * author's. */
bool same_sentence(struct view cite, struct view sentence);

struct outcomes {
    struct outcome *at;
    size_t n;
    struct arena *arena;
};
/* The whole file; FAULT_INPUT with the line when it holds anything else. */
bool outcomes_read(const char *path, struct outcomes *, struct fault *);
void outcomes_free(struct outcomes *);

/* ------------------------------------------------------------------------------------ intervals
 */

/* Values of items, some of which count, in groups (topics) that are drawn whole. */
struct sample {
    const double *values;
    const bool *counts;     /* [n], NULL: all */
    const uint32_t *groups; /* [n], each below n_group */
    size_t n;
    uint32_t n_group;
};
struct estimate {
    double value;     /* the mean of what counts; 0 where n is 0 */
    double low, high; /* 95% */
    size_t n;         /* what counts */
};
/* The percentile bootstrap of a mean by clusters (Davison and Hinkley 1997, sections 3.8 and 5.3):
 * n_group groups are drawn with putting back, n_draw times; the mean is over the items that they
 * hold. The same seed draws the same groups, so that intervals of one set of items belong
 * together. */
struct estimate bootstrap(const struct sample *, int n_draw, uint64_t seed);

#endif
