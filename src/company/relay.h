/* relay: an answer out of the hands of several members, one after the other. Inside the room. */
#ifndef LYCEUM_COMPANY_RELAY_H
#define LYCEUM_COMPANY_RELAY_H

#include "company/office.h"
#include "company/seam.h"

struct job { /* an answer wanted, whoever gives it; the caller sets the first part */
    struct office *office;
    struct firm *firm;
    enum company_role role;
    int alone; /* the member that alone is asked; −1: those of the role */
    const struct chat_request *chat;
    const struct company_request *own;  /* of the school: what a local member gets; or NULL */
    const struct vectors_wanted *batch; /* vectors are wanted, not words; or NULL */
    struct vectors *vectors;            /* of them */
    const struct chat_listener *listener;
    struct company_payer payer;

    double started, deadline;
    const volatile bool *cancel;
    struct seam *seam;
    bool plain;                /* one text: in the middle of it others can go on */
    bool fixed;                /* something was told that nobody else can go on behind */
    bool stopped;              /* the listener has enough */
    int line;                  /* of the board */
    const char *by;            /* who writes, or wrote last */
    struct chat_result *ahead; /* is told who answers before the first piece; or NULL */

    struct chat_result result;
    struct company_draft draft; /* of the local member that wrote last */
    double first_word;          /* seconds; 0: none yet */
    int n_takeover;
    int64_t money;
    char told[200];
};
bool relay_run(struct job *, struct fault *);

struct turn_taker { /* who may be asked, in the order of asking */
    struct colleague *who;
    struct endpoint *endpoint; /* NULL: local */
};
/* Fills the order of a job; endpoints of one member by their load, and by the beginning of the
 * conversation, so that what a machine has computed is of use again. */
int relay_order(const struct job *, struct turn_taker *, int n);

/* --------------------------------------------------------------------------------------- attempt
 */

struct attempt { /* one member's try */
    struct job *job;
    struct turn_taker by;
    struct view begun; /* of the answer, as it was when the attempt began */
    double deadline;
    const volatile bool *cancel; /* or NULL */
    struct race *race;           /* another may run beside it; or NULL */
    struct buffer queue;         /* of a race's second: what it writes */
    bool over;                   /* of a race: it has ended */
    volatile bool lost;

    enum call_end end;
    char passed[200];   /* why it was not asked; or "" */
    const char *reason; /* the same by its name, but for want of money */
    bool poor;          /* for want of money */
    char short_of[48];  /* as in the result */
    int64_t money;      /* that it cost, in millionths */
    struct chat_result result;
    struct company_draft draft;
    struct fault fault;
};
/* Asks the member, again where that is safe. */
void attempt_run(struct attempt *);
enum seam_writer attempt_writer(const struct turn_taker *);
/* Words of an attempt on their way to the listener. */
bool job_text(struct job *, int choice, struct view text);
void job_taken_by(struct job *, const struct attempt *); /* it writes from now on */
void job_begins(struct job *);                           /* before each piece is told */
/* Tells the owner, and the result, why it was not this one; `next` may be NULL. */
void job_failed(struct job *, const struct attempt *, const struct turn_taker *next);
void attempt_begin(struct job *, struct attempt *, const struct turn_taker *, bool last);
/* What a program is told when a member was not asked. */
void job_tell_passed(struct job *, const struct attempt *, struct fault *);
bool job_is_over(const struct job *); /* cancelled, or too late */

/* Two attempts at once, `second` after `seconds` without a word of the first; the one that has the
 * first word goes on alone. The winner's words have been told. NULL: both failed before a word. */
bool race_text(struct attempt *, struct view text);
void race_look(struct attempt *); /* while it waits: whether it is time for the second */
struct attempt *race_run(struct attempt *first, struct attempt *second, double seconds);

#endif
