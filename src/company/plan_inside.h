/* What the files that read company.yaml share. */
#ifndef LYCEUM_COMPANY_PLAN_INSIDE_H
#define LYCEUM_COMPANY_PLAN_INSIDE_H

#include "company/plan.h"

#define HEDGE_SECONDS 2.5 /* for the role front, unless the file says otherwise */

struct reading {
    struct plan *plan;
    const char *folder; /* where relative paths begin, with its slash */
    struct report to;
    struct yaml yaml;
};

long plan_line(const struct reading *, const json_t *parent, const char *key);
void plan_known_keys(const struct reading *, const json_t *object, const char *where,
                     const char *const *known);
/* True when it is there and good; a bad one is reported. */
bool plan_number(const struct reading *, const json_t *parent, const char *key, double low,
                 double high, double *out);
bool plan_whole(const struct reading *, const json_t *parent, const char *key, int64_t low,
                int64_t high, int64_t *out);
/* A copy in the plan's arena; NULL where there is none, or a bad one. */
const char *plan_text(const struct reading *, const json_t *parent, const char *key);

void plan_read_member(struct reading *, const json_t *members, const char *name,
                      const json_t *given);

#endif
