/* draft_choose: an answer as a choice among the passage's sentences. */
#ifndef LYCEUM_SCHOOL_TUTOR_DRAFT_CHOOSE_H
#define LYCEUM_SCHOOL_TUTOR_DRAFT_CHOOSE_H

#include "school/tutor/tutor.h"

/* Appends the sentence of the task's passages that answers, or the refusal. The request's messages
 * ask for it. As company_weigh. */
bool draft_choose(struct company *, const struct company_request *, const struct draft_task *,
                  const char *language, struct buffer *out, struct company_draft *,
                  struct fault *);

#endif
