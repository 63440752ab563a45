/* gate: whether a member at an address may be asked just now: its breaker, its limits, and how
 * long it asked to be left alone. Inside the room; any thread. */
#ifndef LYCEUM_COMPANY_GATE_H
#define LYCEUM_COMPANY_GATE_H

#include "company/plan.h"

#include <pthread.h>

/* How a call ended. */
enum call_end {
    CALL_DONE,
    CALL_UNREACHABLE, /* no connection, no such name */
    CALL_UNTRUSTED,   /* its certificate is not valid */
    CALL_SLOW,        /* over one of the times of its patience */
    CALL_CUT,         /* closed before its end */
    CALL_GARBLED,     /* not what the format says */
    CALL_BUSY,        /* 429: later */
    CALL_FAILED,      /* 5xx */
    CALL_NO_KEY,      /* 401, 403, or there is none in the environment */
    CALL_REFUSED,     /* another 4xx: this request, or a wrong address */
    CALL_CANCELLED,   /* by who asked */
    CALL_ENDS
};
const char *call_end_name(enum call_end);
bool call_end_is_safe_to_retry(enum call_end); /* where nothing has been said yet */

/* A circuit breaker (Nygard 2007, "Release It!"): after three failures one after the other nobody
 * asks for ten seconds, then one may try; each time that fails, twice as long, up to five minutes.
 */
struct gate {
    pthread_mutex_t lock;
    const struct plan_member *member;
    int n_failure;                     /* one after the other */
    int n_opened;                      /* times that it opened one after the other */
    double open_till;                  /* by clock_seconds(); 0: closed */
    bool probing;                      /* one is trying */
    double busy_till;                  /* Retry-After */
    double requests, tokens, refilled; /* what is left of this minute */
    int n_inside;
    enum call_end last; /* failure */
    struct random random;
};

void gate_open(struct gate *, const struct plan_member *);
void gate_close(struct gate *);
/* Why one is not let in: its name, for pages that have words of their own for it, a part of a
 * sentence, and the status of HTTP that tells a program so. */
struct gate_reason {
    const char *name, *words;
    int status;
};
extern const struct gate_reason gate_reasons[]; /* ends with a name of NULL */
/* NULL: come in, and leave by gate_leave. Otherwise one of gate_reasons. */
const struct gate_reason *gate_enter(struct gate *, int64_t tokens, double now);
/* retry_after: seconds, or negative where the answer did not say. */
void gate_leave(struct gate *, enum call_end, double retry_after, double now);
enum gate_state { GATE_CLOSED, GATE_OPEN, GATE_TRYING, GATE_BUSY };
/* `seconds`: until it may be asked again. Closed breakers let pass, as in a circuit. */
enum gate_state gate_state(struct gate *, double now, double *seconds, int *n_inside);

#endif
