/* pipe: an answer that is written on a thread of its own while it is being sent. The writer puts
 * pieces in, the connection's thread takes them out. Either may end first: the pipe lives as long
 * as one of them holds it. */
#ifndef LYCEUM_WEB_PIPE_H
#define LYCEUM_WEB_PIPE_H

#include "web/request.h"

struct pipe;

struct pipe_work {
    void (*write)(struct pipe *, void *data); /* on the thread; the pipe ends when it returns */
    void (*free)(void *data);                 /* when nobody holds the pipe any more */
    void *data;
    const char *type; /* of the content */
    bool wait;        /* for the first piece, before a status is sent: see pipe_begin */
};

/* Queues the answer and begins to write. False: a reply tells that no thread is left (data was
 * freed), or, with `wait`, the writer has put nothing in: then it has ended, *unsent is the pipe,
 * and the reply is the caller's to make before pipe_release. */
bool pipe_begin(struct request *, const struct pipe_work *, struct pipe **unsent);
void pipe_release(struct pipe *);

/* For the writer, before the first piece: a header that goes with the answer (static texts). */
void pipe_head(struct pipe *, const char *name, const char *value);
/* For the writer. False when nobody reads any more. */
bool pipe_put(struct pipe *, struct view piece);
/* True as soon as nobody reads any more; to be looked at without a lock. */
const volatile bool *pipe_cancel(const struct pipe *);
/* What a program's line tells: nobody is at its other end. */
bool line_hung_up(int fd);
int line_of(const struct request *);

#endif
