#include "web/pipe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum {
    QUIET_SECONDS = 10,     /* between signs of life, so that no proxy hangs up */
    LOOK_MILLISECONDS = 250 /* between looks whether the school closes */
};

struct pipe {
    struct request *request;
    const char *type, *head[2]; /* name and value of a header; or NULL */
    int fd;
    pthread_mutex_t lock; /* of what follows */
    struct buffer text;   /* what has not left yet */
    size_t n_sent;        /* of text */
    double moved;         /* something was put in */
    bool begun, gone;     /* the head was put in; the client has left */
};

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

/* ---------------------------------------------------------------------- under the pipe's lock */

static void send_what_goes(struct pipe *pipe) {
    while (pipe->n_sent < pipe->text.n && !pipe->gone) {
        ssize_t n = send(pipe->fd, pipe->text.at + pipe->n_sent, pipe->text.n - pipe->n_sent,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        pipe->gone = n < 0 && errno != EINTR;
        pipe->n_sent += n > 0 ? (size_t)n : 0;
    }
    pipe->request->cancel |= pipe->gone;
    buffer_clear(&pipe->text);
    pipe->n_sent = 0;
}

/* RFC 9112, 7.1; who speaks HTTP/1.0 reads to the end of the line. */
static void add_chunk(struct pipe *pipe, struct view piece) {
    if (pipe->request->chunked)
        buffer_format(&pipe->text, "%zx\r\n", piece.n);
    buffer_append(&pipe->text, piece);
    if (pipe->request->chunked)
        buffer_text(&pipe->text, "\r\n");
    pipe->moved = clock_seconds();
}

static enum MHD_Result add_header(void *data, enum MHD_ValueKind kind, const char *name,
                                  const char *value) {
    (void)kind;
    buffer_format(data, "%s: %s\r\n", name, value);
    return MHD_YES;
}

static void add_head(struct pipe *pipe) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    char date[40] = "";
    time_t now = time(NULL);
    struct tm when;
    if (gmtime_r(&now, &when))
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &when);
    buffer_format(&pipe->text, "HTTP/1.1 200 OK\r\nDate: %s\r\nConnection: close\r\n", date);
    if (pipe->request->chunked)
        buffer_text(&pipe->text, "Transfer-Encoding: chunked\r\n");
    reply_add_head(pipe->request, response);
    MHD_add_response_header(response, "Content-Type", pipe->type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no");
    if (pipe->head[0])
        MHD_add_response_header(response, pipe->head[0], pipe->head[1]);
    MHD_get_response_headers(response, add_header, &pipe->text);
    MHD_destroy_response(response);
    buffer_text(&pipe->text, "\r\n");
    pipe->begun = true;
    atomic_fetch_add(&pipe->request->web->n_answered[2], 1);
}

/* -------------------------------------------------------------------------------------- doors */

struct pipe *pipe_open(struct request *request, const char *type) {
    struct pipe *pipe = must_alloc(1, sizeof *pipe);
    int yes = 1;
    pipe->request = request;
    pipe->type = type;
    pipe->fd = line_of(request);
    setsockopt(pipe->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    pthread_mutex_init(&pipe->lock, NULL);
    atomic_fetch_add(&request->web->n_stream, 1);
    request->pipe = pipe;
    line_watch(request, true);
    return pipe;
}

void pipe_head(struct pipe *pipe, const char *name, const char *value) {
    pipe->head[0] = name;
    pipe->head[1] = value;
}

void pipe_begin(struct pipe *pipe) {
    pipe_put(pipe, (struct view){0});
}

bool pipe_put(struct pipe *pipe, struct view piece) {
    pthread_mutex_lock(&pipe->lock);
    if (!pipe->begun)
        add_head(pipe);
    if (piece.n)
        add_chunk(pipe, piece);
    send_what_goes(pipe);
    pthread_mutex_unlock(&pipe->lock);
    return !pipe->request->cancel;
}

void pipe_look(struct pipe *pipe) {
    pthread_mutex_lock(&pipe->lock);
    if (pipe->begun && clock_seconds() > pipe->moved + QUIET_SECONDS)
        add_chunk(pipe, VIEW(": still here\n\n"));
    if (pipe->begun)
        send_what_goes(pipe);
    pthread_mutex_unlock(&pipe->lock);
}

bool pipe_end(struct pipe *pipe) {
    struct request *request = pipe->request;
    struct pollfd line = {.fd = pipe->fd, .events = POLLOUT};
    bool begun = pipe->begun, cut = request->cancel;
    line_watch(request, false);
    request->pipe = NULL;
    if (begun && request->chunked && !cut)
        buffer_text(&pipe->text, "0\r\n\r\n");
    send_what_goes(pipe);
    while (pipe->text.n && !atomic_load(&request->web->closing)) {
        poll(&line, 1, LOOK_MILLISECONDS);
        send_what_goes(pipe);
    }
    atomic_fetch_sub(&request->web->n_stream, 1);
    pthread_mutex_destroy(&pipe->lock);
    buffer_free(&pipe->text);
    free(pipe);
    request->reply.streaming = begun;
    return begun;
}
