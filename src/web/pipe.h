/* pipe: an answer that is sent while it is written. Who writes puts pieces in, and they go to the
 * line at once, past libmicrohttpd, which knows no answer whose status waits for its first word
 * without a thread more. The line is closed behind it. */
#ifndef LYCEUM_WEB_PIPE_H
#define LYCEUM_WEB_PIPE_H

#include "web/request.h"

/* Nothing is sent yet. Until pipe_end the request's `cancel` tells when nobody reads any more. */
struct pipe *pipe_open(struct request *, const char *type);
/* A header that goes with the answer, before the first piece (static texts). */
void pipe_head(struct pipe *, const char *name, const char *value);
/* Sends the head, with status 200; the first piece does so too. */
void pipe_begin(struct pipe *);
/* Any thread, one after the other; never waits for the line. False when nobody reads any more. */
bool pipe_put(struct pipe *, struct view piece);
/* Waits until all has left, or nobody is there. False when nothing was put in: then the reply is
 * the caller's to make. */
bool pipe_end(struct pipe *);

/* For the thread that watches the lines: what the line did not take, and signs of life. */
void pipe_look(struct pipe *);
/* What a program's line tells: nobody is at its other end. */
bool line_hung_up(int fd);
int line_of(const struct request *);

#endif
