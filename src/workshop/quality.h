/* The quality head, inside the room. */
#ifndef LYCEUM_WORKSHOP_QUALITY_H
#define LYCEUM_WORKSHOP_QUALITY_H

#include "model/model.h"
#include "workshop/workshop.h"

struct quality_head;
struct quality_head *quality_open(const char *path, const char *model, struct pool *,
                                  struct fault *);
void quality_close(struct quality_head *); /* NULL is allowed */
/* The probability that a text is good, for each. */
bool quality_score(const struct quality_head *, const struct view *texts, size_t n, double *out,
                   struct fault *);
/* The probability that a good one has the higher score; NAN where there is one kind alone. */
double quality_auc(const double *scores, const bool *good, size_t n);

#endif
