/* board: what the owner sees of the company: who is at work, and what happened last. It holds
 * names and reasons, never words of a learner. Inside the room; any thread. */
#ifndef LYCEUM_COMPANY_BOARD_H
#define LYCEUM_COMPANY_BOARD_H

#include "company/plan.h"

#include <pthread.h>

enum { BOARD_WORKS = 64, BOARD_EVENTS = 64 };

enum board_kind {
    BOARD_TAKEOVER, /* a member failed, the next went on */
    BOARD_PASSED,   /* a member was not asked: breaker, limits */
    BOARD_BUDGET,   /* a budget has no room: cheaper ones answer */
    BOARD_SENIOR,   /* a senior was asked */
    BOARD_HEDGED,   /* a second was asked beside a slow one */
    BOARD_RELOADED,
    BOARD_KINDS
};

struct board {
    pthread_mutex_t lock;
    struct board_work {
        bool used;
        enum company_role role;
        char member[PLAN_NAME + 1];
        double since;
        int64_t n_piece;
    } works[BOARD_WORKS];
    int n_at_work; /* also those that have no line */
    struct board_event {
        enum board_kind kind;
        int64_t at_ms;
        int n; /* times that it happened, one after the other */
        enum company_role role;
        char member[PLAN_NAME + 1], next[PLAN_NAME + 1], reason[24], why[200];
    } events[BOARD_EVENTS];
    uint64_t n_event; /* ever; the last is at n_event − 1 */
    uint64_t counts[BOARD_KINDS], answers[COMPANY_ROLES], failures[COMPANY_ROLES];
};

void board_open(struct board *);
void board_close(struct board *);
int board_begin(struct board *, enum company_role); /* a line; −1: there is none left */
void board_member(struct board *, int line, const char *member);
void board_piece(struct board *, int line);
void board_end(struct board *, int line, enum company_role, bool good);
/* `reason` names why, for pages that have words of their own for it; `why` tells it. */
void board_note(struct board *, enum board_kind, enum company_role, const char *member,
                const char *next, const char *reason, const char *why);
const char *board_kind_name(enum board_kind);
/* "working", "events" and "counts" of the status. */
void board_status(struct board *, json_t *status);
void board_metrics(struct board *, struct buffer *out);

#endif
