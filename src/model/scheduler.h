/* scheduler: all texts of a model that run now, stepped together; inside the room.
 *
 * There is no thread of its own. Whoever wants something computed puts a task on the list and
 * then either leads, that is, computes one step for all tasks, or waits for news of its own. The
 * lead changes hands between steps, so that nobody holds it who has text to say. Nobody runs when
 * nothing is wanted.
 *
 * A step is one pass over spans: of each text that is being written its next token and its
 * guesses, and of prompts as many tokens as may be without letting a stream wait for long. */
#ifndef LYCEUM_MODEL_SCHEDULER_H
#define LYCEUM_MODEL_SCHEDULER_H

#include "model/pages.h"
#include "model/pass.h"
#include "model/session.h"
#include "model/writing.h"

#include <pthread.h>

struct task {
    /* Set by the caller: */
    struct session *session;
    const int32_t *tokens; /* what the session shall hold */
    size_t n, n_wanted;    /* logits are wanted of the last n_wanted positions, at least one */
    size_t n_most;         /* positions that it may come to hold */
    float *every;          /* logits of all positions go here, and nothing is reused; or NULL */
    float *tail; /* those of the last n_wanted go here; NULL: of the last, to the session */
    struct writing *writing; /* picks the next tokens; or NULL */
    bool says;               /* wants to hear of each token */
    int priority;
    const volatile bool *cancel; /* or NULL */
    double deadline;             /* or 0 */
    struct fault *fault;

    /* Told afterwards: */
    bool good, cancelled;
    size_t n_reused;
    double prefill_seconds;

    /* The scheduler's: */
    bool admitted, over, news, waiting, stopped, prompted, going;
    uint64_t served; /* the step that took it last */
    double started;
    int n_span, row; /* in this step; the first of its rows of logits */
    pthread_cond_t changed;
    struct task *next;
};

struct scheduler;

struct scheduler *scheduler_open(const struct weights *, struct pool *,
                                 const struct model_limits *, struct fault *);
void scheduler_close(struct scheduler *); /* NULL is allowed */
/* Returns when the task is over; says what a writing has to say meanwhile. */
void scheduler_run(struct scheduler *, struct task *);
/* Positions that one text may have at most. */
size_t scheduler_room(const struct scheduler *);
struct model_usage scheduler_usage(struct scheduler *);

/* What saving and restoring need: a session's path with as much as is known of its tokens, pinned;
 * and the other way round, pages that were filled from a file. */
size_t scheduler_page_bytes(const struct scheduler *);
bool scheduler_find(struct scheduler *, struct path *, const int32_t *tokens, size_t n,
                    struct fault *);
bool scheduler_reserve(struct scheduler *, struct path *, size_t n, struct fault *);
void scheduler_publish(struct scheduler *, struct path *, const int32_t *tokens, size_t n);
void scheduler_release(struct scheduler *, struct path *);
/* The root of an adapter's texts, as pages_enter and pages_leave have it. */
struct page *scheduler_enter(struct scheduler *, const char key[64], struct fault *);
void scheduler_leave(struct scheduler *, struct page *root);
const struct cache_shape *scheduler_shape(const struct scheduler *);

#endif
