/* What the files of the room share of the local member. */
#ifndef LYCEUM_COMPANY_INSIDE_H
#define LYCEUM_COMPANY_INSIDE_H

#include "company/company.h"

struct judging;

struct company_load { /* of a company of one, at this moment */
    int n_writing, n_waiting;
    uint64_t n_draft, n_failed, n_prompt, n_reused, n_generated;
    double seconds;
};
struct judging *company_judging(struct company *); /* NULL: nothing is kept */
struct company_load company_load(struct company *);
const char *company_state_name(enum company_state);

json_t *member_status(const char *name, struct company *); /* a line of the status */
/* The member's line of `lyceum company check`, but for its name. */
json_t *check_local(struct company *);

#endif
