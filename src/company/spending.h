/* spending: what members cost, by school, class and learner, by day, month and ever; kept on disk.
 * Inside the room; any thread, and several programs on one folder. */
#ifndef LYCEUM_COMPANY_SPENDING_H
#define LYCEUM_COMPANY_SPENDING_H

#include "company/plan.h"

struct spending;

/* company.db in the folder; NULL: in memory alone. */
struct spending *spending_open(const char *folder, struct fault *);
void spending_close(struct spending *); /* NULL is allowed */

struct claim { /* what a request may cost at most, set aside before it is sent */
    struct company_payer payer;
    int64_t money, tokens; /* money in millionths */
    char day[16], month[16];
    char short_of[48]; /* "the school's budget for today": what had no room; or "" */
};
/* False when a budget has no room for as much, or it cannot be written down; `why` tells which.
 * What is set aside is on disk: a program that dies in between has spent it. */
bool spending_claim(struct spending *, const struct plan *, const struct company_payer *,
                    int64_t money, int64_t tokens, struct claim *, char why[200]);
/* Whether a claim would have room now; nothing is set aside. */
bool spending_has_room(struct spending *, const struct plan *, const struct company_payer *,
                       int64_t money, int64_t tokens);
/* Puts what it did cost in the place of the claim. */
void spending_settle(struct spending *, const struct claim *, int64_t money, int64_t tokens);
/* Of the school now: {"day","money","tokens","budgets":[{"scope","period","unit","limit","spent",
 * "share"}…],"programs":{name:{"money","tokens"}}}; of classes, learners and programs the budget
 * of the one that has used most. New reference. */
json_t *spending_status(struct spending *, const struct plan *);

#endif
