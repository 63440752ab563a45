#include "web/pipe.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUIET_SECONDS = 10,     /* between signs of life, so that no proxy hangs up */
    LOOK_MILLISECONDS = 250 /* between looks whether the client is still there */
};

struct pipe {
    struct web *web;
    struct pipe_work work;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buffer text;   /* what has not left yet */
    size_t n_sent;        /* of text */
    const char *head[2];  /* name and value of a header; or NULL */
    bool done, gone;      /* the writer has ended; the client has left */
    volatile bool cancel; /* read by the writer without the lock */
    int fd, n_holder;
    bool rested; /* the reader has waited before */
};

const volatile bool *pipe_cancel(const struct pipe *pipe) {
    return &pipe->cancel;
}

void pipe_release(struct pipe *pipe) {
    pthread_mutex_lock(&pipe->lock);
    bool last = --pipe->n_holder == 0;
    pthread_mutex_unlock(&pipe->lock);
    if (!last)
        return;
    if (pipe->work.free)
        pipe->work.free(pipe->work.data);
    atomic_fetch_sub(&pipe->web->n_stream, 1);
    pthread_cond_destroy(&pipe->changed);
    pthread_mutex_destroy(&pipe->lock);
    buffer_free(&pipe->text);
    free(pipe);
}

/* Nothing is written to a client while its answer waits for a model, so nothing tells that it hung
 * up but the line itself. */
bool line_hung_up(int fd) {
    struct pollfd line = {.fd = fd, .events = POLLRDHUP};
    return fd >= 0 && poll(&line, 1, 0) > 0 && line.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

int line_of(const struct request *request) {
    const union MHD_ConnectionInfo *line =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return line ? line->connect_fd : -1;
}

/* Under the lock. */
static void look(struct pipe *pipe) {
    pipe->gone = pipe->gone || line_hung_up(pipe->fd);
    pipe->cancel = pipe->gone || atomic_load(&pipe->web->closing);
}

bool pipe_put(struct pipe *pipe, struct view piece) {
    pthread_mutex_lock(&pipe->lock);
    buffer_append(&pipe->text, piece);
    look(pipe);
    bool wanted = !pipe->cancel;
    pthread_cond_broadcast(&pipe->changed);
    pthread_mutex_unlock(&pipe->lock);
    return wanted;
}

void pipe_head(struct pipe *pipe, const char *name, const char *value) {
    pthread_mutex_lock(&pipe->lock);
    pipe->head[0] = name;
    pipe->head[1] = value;
    pthread_mutex_unlock(&pipe->lock);
}

static void *run(void *data) {
    struct pipe *pipe = data;
    pipe->work.write(pipe, pipe->work.data);
    pthread_mutex_lock(&pipe->lock);
    pipe->done = true;
    pthread_cond_broadcast(&pipe->changed);
    pthread_mutex_unlock(&pipe->lock);
    pipe_release(pipe);
    return NULL;
}

static void wait_a_moment(struct pipe *pipe) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MILLISECONDS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&pipe->changed, &pipe->lock, &until);
    look(pipe);
}

/* There may be hundreds of readers: before the first of its waits each gives back what the request
 * took, the pages of its stack and those of the buffer that it will fill. */
static void rest(struct pipe *pipe, char *out, size_t n_out) {
    if (pipe->rested || pipe->n_sent < pipe->text.n || pipe->done)
        return;
    pipe->rested = true;
    memory_give_back(out, n_out);
    stack_give_back();
}

/* Waits until there is something to send, or nobody to send it to. Under the lock. */
static void wait_for_words(struct pipe *pipe) {
    double quiet_until = clock_seconds() + QUIET_SECONDS;
    while (pipe->n_sent == pipe->text.n && !pipe->done && !pipe->gone) {
        wait_a_moment(pipe);
        if (clock_seconds() > quiet_until && !pipe->gone) {
            buffer_text(&pipe->text, ": still here\n\n");
            break;
        }
    }
}

static ssize_t take(void *data, uint64_t position, char *out, size_t n_out) {
    (void)position;
    struct pipe *pipe = data;
    pthread_mutex_lock(&pipe->lock);
    rest(pipe, out, n_out);
    wait_for_words(pipe);
    size_t n = pipe->text.n - pipe->n_sent;
    if (n > n_out)
        n = n_out;
    if (n)
        memcpy(out, pipe->text.at + pipe->n_sent, n);
    pipe->n_sent += n;
    if (pipe->n_sent == pipe->text.n) {
        buffer_clear(&pipe->text);
        pipe->n_sent = 0;
    }
    ssize_t taken = n            ? (ssize_t)n
                    : pipe->gone ? MHD_CONTENT_READER_END_WITH_ERROR
                                 : MHD_CONTENT_READER_END_OF_STREAM;
    pthread_mutex_unlock(&pipe->lock);
    return taken;
}

static void client_left(void *data) {
    struct pipe *pipe = data;
    pthread_mutex_lock(&pipe->lock);
    pipe->gone = pipe->cancel = true;
    pthread_mutex_unlock(&pipe->lock);
    pipe_release(pipe);
}

static struct pipe *pipe_new(struct request *request, const struct pipe_work *work) {
    struct pipe *pipe = must_alloc(1, sizeof *pipe);
    pipe->web = request->web;
    pipe->work = *work;
    pipe->fd = line_of(request);
    pipe->n_holder = 2;
    pthread_mutex_init(&pipe->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pipe->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    atomic_fetch_add(&request->web->n_stream, 1);
    return pipe;
}

static bool wait_for_first(struct pipe *pipe) {
    pthread_mutex_lock(&pipe->lock);
    while (pipe->text.n == 0 && !pipe->done)
        wait_a_moment(pipe);
    bool any = pipe->text.n > 0;
    pthread_mutex_unlock(&pipe->lock);
    return any;
}

bool pipe_begin(struct request *request, const struct pipe_work *work, struct pipe **unsent) {
    struct pipe *pipe = pipe_new(request, work);
    pthread_t thread;
    *unsent = NULL;
    if (pthread_create(&thread, NULL, run, pipe)) {
        pipe_release(pipe);
        pipe_release(pipe);
        reply_status(request, 503, "The school is too busy.", "Ask again in a moment.");
        return false;
    }
    pthread_detach(thread);
    if (work->wait && !wait_for_first(pipe)) {
        *unsent = pipe;
        return false;
    }
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 2048, take, pipe, client_left);
    reply_add_head(request, response);
    MHD_add_response_header(response, "Content-Type", work->type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no");
    pthread_mutex_lock(&pipe->lock);
    if (pipe->head[0])
        MHD_add_response_header(response, pipe->head[0], pipe->head[1]);
    pthread_mutex_unlock(&pipe->lock);
    atomic_fetch_add(&request->web->n_answered[2], 1);
    MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    request->reply.streaming = true;
    return true;
}
