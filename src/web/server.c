/* Listening, reading requests within bounds, sending replies, closing in good order.
 *
 * libmicrohttpd gives each connection a thread, so a handler may wait for the disk or for a
 * stream. Its own timeout is about silence; the watch thread also cuts those who trickle. */
#include "web/pipe.h"
#include "web/request.h"
#include "web/v1.h"
#include "web/v1_kept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { FILES = 8192 };

int web_port(const struct web *web) {
    return web->port;
}

/* ----------------------------------------------------------------- connections and their watch */

static void line_opened(struct web *web, struct MHD_Connection *connection, void **context) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct line *line = must_alloc(1, sizeof *line);
    line->fd = info ? info->connect_fd : -1;
    line->since = clock_seconds();
    pthread_mutex_lock(&web->lock);
    line->next = web->lines;
    line->link = &web->lines;
    if (line->next)
        line->next->link = &line->next;
    web->lines = line;
    pthread_mutex_unlock(&web->lock);
    *context = line;
}

static void line_closed(struct web *web, void **context) {
    struct line *line = *context;
    if (!line)
        return;
    pthread_mutex_lock(&web->lock);
    *line->link = line->next;
    if (line->next)
        line->next->link = line->link;
    pthread_mutex_unlock(&web->lock);
    free(line);
    *context = NULL;
}

static void line_changed(void *data, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        line_opened(data, connection, context);
    else
        line_closed(data, context);
}

static void line_answers(struct request *request, bool answering) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct line *line = info ? info->socket_context : NULL;
    if (!line)
        return;
    pthread_mutex_lock(&request->web->lock);
    line->answering = answering;
    line->since = clock_seconds();
    pthread_mutex_unlock(&request->web->lock);
}

const volatile bool *line_watch(struct request *request, bool on) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct line *line = info ? info->socket_context : NULL;
    pthread_mutex_lock(&request->web->lock);
    if (line)
        line->watched = on ? request : NULL;
    request->cancel = atomic_load(&request->web->closing);
    pthread_mutex_unlock(&request->web->lock);
    return &request->cancel;
}

static void *watch_lines(void *data) {
    struct web *web = data;
    for (bool closing = false; !closing;) {
        usleep(100000);
        double now = clock_seconds();
        closing = atomic_load(&web->closing);
        pthread_mutex_lock(&web->lock);
        for (struct line *line = web->lines; line; line = line->next) {
            if (line->watched && (closing || line_hung_up(line->fd)))
                line->watched->cancel = true;
            if (line->watched && line->watched->pipe)
                pipe_look(line->watched->pipe);
            double bound = line->answering ? SECONDS_TO_ANSWER : web->patience;
            if (line->fd >= 0 && now - line->since > bound)
                shutdown(line->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&web->lock);
    }
    return NULL;
}

/* --------------------------------------------------------------------------------- the request */

struct view request_header(const struct request *request, const char *name) {
    return view_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));
}

uint64_t request_address(const struct request *request) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return 1;
    const struct sockaddr *address = info->client_addr;
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        return hash64((struct view){(const char *)&six->sin6_addr, 8}, 6); /* the network */
    }
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    return hash64((struct view){(const char *)&four->sin_addr, 4}, 4);
}

/* "http://host/path" is asked of proxies, and must be understood: RFC 9112, 3.2.2. */
static struct view path_of(struct view target) {
    if (!view_starts(target, "http://") && !view_starts(target, "https://"))
        return target;
    size_t at = (size_t)view_find(target, VIEW("://")) + 3;
    while (at < target.n && target.at[at] != '/')
        at++;
    return at < target.n ? view_slice(target, at, target.n) : VIEW("/");
}

static struct request *request_new(struct web *web, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version) {
    struct request *request = must_alloc(1, sizeof *request);
    request->web = web;
    request->connection = connection;
    request->arena = arena_new();
    request->method = arena_copy(request->arena, view_of(method));
    if (view_is(request->method, "HEAD"))
        request->method = VIEW("GET");
    request->path = arena_copy(request->arena, path_of(view_of(url)));
    request->chunked = !strcmp(version, MHD_HTTP_VERSION_1_1);
    request->started = clock_seconds();
    atomic_fetch_add(&web->n_running, 1);
    return request;
}

static void request_free(struct request *request) {
    atomic_fetch_sub(&request->web->n_running, 1);
    json_decref(request->json);
    buffer_free(&request->body);
    buffer_free(&request->reply.body);
    arena_free(request->arena);
    free(request);
}

static void request_completed(void *data, struct MHD_Connection *connection, void **context,
                              enum MHD_RequestTerminationCode code) {
    (void)data, (void)connection, (void)code;
    if (*context) {
        line_answers(*context, false);
        request_free(*context);
    }
    *context = NULL;
}

/* ----------------------------------------------------------------------------------- the reply */

static const struct {
    const char *name, *value;
} security_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'; worker-src 'self'; manifest-src 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
                           "browsing-topics=()"},
};

void reply_add_head(const struct request *request, struct MHD_Response *response) {
    if (is_v1(request))
        v1_add_head(request, response);
    for (size_t i = 0; i < COUNT_OF(security_headers); i++)
        MHD_add_response_header(response, security_headers[i].name, security_headers[i].value);
}

static bool accepts_gzip(const struct request *request) {
    struct view header = request_header(request, "Accept-Encoding");
    return view_find(header, VIEW("gzip")) >= 0 && view_find(header, VIEW("gzip;q=0")) < 0;
}

static bool gzip_body(struct buffer *body) {
    z_stream stream = {0};
    if (deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&stream, body->n);
    char *packed = must_alloc(bound, 1);
    stream.next_in = (Bytef *)body->at;
    stream.avail_in = (uInt)body->n;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)bound;
    bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t n_packed = stream.total_out;
    deflateEnd(&stream);
    if (done) {
        free(body->at);
        *body = (struct buffer){packed, n_packed, bound};
    } else {
        free(packed);
    }
    return done;
}

static struct MHD_Response *response_of_file(struct request *request) {
    const struct embedded_file *file = request->reply.file;
    bool packed = file->n_packed && accepts_gzip(request);
    const char *etag = arena_format(request->arena, "\"%s%s\"", file->digest, packed ? "-gz" : "");
    struct MHD_Response *response;
    if (view_find(request_header(request, "If-None-Match"), view_of(etag)) >= 0) {
        request->reply.status = MHD_HTTP_NOT_MODIFIED;
        response = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    } else {
        response = MHD_create_response_from_buffer(
            packed ? file->n_packed : file->n,
            (void *)(embedded_blob + (packed ? file->packed_at : file->at)),
            MHD_RESPMEM_PERSISTENT);
        if (packed)
            MHD_add_response_header(response, "Content-Encoding", "gzip");
    }
    MHD_add_response_header(response, "ETag", etag);
    if (file->n_packed)
        MHD_add_response_header(response, "Vary", "Accept-Encoding");
    return response;
}

static struct MHD_Response *response_of_body(struct request *request) {
    struct buffer *body = &request->reply.body;
    bool packed = body->n > 1400 && accepts_gzip(request) && gzip_body(body);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body->n, body->at, MHD_RESPMEM_MUST_FREE);
    *body = (struct buffer){0}; /* the response owns it now */
    if (packed)
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    MHD_add_response_header(response, "Vary", "Accept-Encoding, Accept-Language, Cookie");
    return response;
}

/* By the pattern of the route and not the address, which may hold anything that somebody typed. */
static void log_answer(const struct request *request, size_t n) {
    FILE *log = request->web->log;
    if (!log)
        return;
    char at[40] = "";
    time_t now = time(NULL);
    struct tm when;
    if (gmtime_r(&now, &when))
        strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &when);
    bool known = request->route != NULL; /* then its method is one of the table */
    fprintf(log,
            "{\"at\":\"%s\",\"method\":\"%.*s\",\"route\":\"%s\",\"status\":%d,\"ms\":%.3f,"
            "\"bytes\":%zu}\n",
            at, known ? (int)request->method.n : 0, request->method.at,
            known ? request->route : "", request->reply.status,
            (clock_seconds() - request->started) * 1000, n);
    fflush(log);
}

static enum MHD_Result send_reply(struct request *request) {
    struct reply *reply = &request->reply;
    struct web *web = request->web;
    if (reply->streaming) {
        log_answer(request, 0);
        return MHD_NO; /* the pipe has sent it: the line is closed */
    }
    if (!reply->body.at)
        buffer_text(&reply->body, "");
    size_t n = reply->file ? reply->file->n : reply->body.n;
    struct MHD_Response *response =
        reply->file ? response_of_file(request) : response_of_body(request);
    log_answer(request, n);
    reply_add_head(request, response);
    MHD_add_response_header(response, "Content-Type", reply->type);
    MHD_add_response_header(response, "Cache-Control", reply->cache ? reply->cache : "no-store");
    if (reply->location)
        MHD_add_response_header(response, "Location", reply->location);
    if (reply->allow)
        MHD_add_response_header(response, "Allow", reply->allow);
    if (reply->retry_after) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%d", reply->retry_after);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    if (reply->degraded && *reply->degraded)
        MHD_add_response_header(response, "Lyceum-Degraded", reply->degraded);
    for (size_t i = 0; i < COUNT_OF(reply->cookies); i++)
        if (reply->cookies[i][0])
            MHD_add_response_header(response, "Set-Cookie", reply->cookies[i]);
    atomic_fetch_add(&web->n_answered[reply->status / 100 % 6], 1);
    enum MHD_Result result =
        MHD_queue_response(request->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse_long(struct request *request) {
    line_answers(request, true);
    bool large = request->body_limit >= 1 << 20;
    reply_status(request, 413,
                 arena_format(request->arena, "The request is over %zu %s.",
                              request->body_limit >> (large ? 20 : 10), large ? "MB" : "kB"),
                 "Send less at once.");
    return send_reply(request);
}

/* libmicrohttpd calls this when the headers are there, for each piece of the body, and at its
 * end. */
static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *n_upload, void **context) {
    struct request *request = *context;
    if (!request) {
        *context = request = request_new(data, connection, url, method, version);
        struct view length = request_header(request, "Content-Length");
        if (is_v1(request) && !v1_may_ask(request)) {
            line_answers(request, true);
            return send_reply(request);
        }
        request->body_limit = route_body_limit(request);
        if (length.n && strtoull(length.at, NULL, 10) > request->body_limit)
            return refuse_long(request);
        return MHD_YES;
    }
    if (*n_upload) {
        if (request->body.n + *n_upload > BODY_PATIENCE + request->body_limit)
            return MHD_NO;
        if (request->body.n > request->body_limit)
            request->too_long = true;
        buffer_append(&request->body, (struct view){upload, *n_upload});
        *n_upload = 0;
        return MHD_YES;
    }
    if (request->too_long || request->body.n > request->body_limit)
        return refuse_long(request);
    line_answers(request, true);
    route_request(request);
    return send_reply(request);
}

/* ------------------------------------------------------------------------- opening and closing */

static int listen_on(const char *host, int port, struct fault *fault) {
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int problem =
        port < 0 || port > 65535 ? EAI_SERVICE : getaddrinfo(host, service, &hints, &found);
    if (problem) {
        fault_set(fault, FAULT_INPUT, "%s port %d is no address to listen on: %s", host, port,
                  gai_strerror(problem));
        fault_remedy(fault, "Use --host 127.0.0.1 and a --port from 1 to 65535.");
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, 256)) {
        int error = errno;
        if (error == EADDRINUSE) {
            fault_set(fault, FAULT_MACHINE, "Port %d is already in use by another program.", port);
            fault_remedy(fault,
                         "Close it, or take another: --port %d, or --port 0 for a free one.",
                         port < 65000 ? port + 1 : 8081);
        } else {
            fault_set(fault, FAULT_MACHINE, "Cannot listen on %s port %d: %s.", host, port,
                      strerror(error));
            fault_remedy(fault, error == EACCES ? "Take a port over 1023."
                                                : "Is --host an address of this machine?");
        }
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static int port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &n))
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

/* A connection has up to four files: its own and those of a member far away. */
static void allow_files(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        return;
    rlim_t wanted = files.rlim_max < FILES ? files.rlim_max : FILES;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = wanted;
        setrlimit(RLIMIT_NOFILE, &files); /* otherwise fewer connections */
    }
}

struct web *web_open(const struct web_options *options, struct fault *fault) {
    allow_files();
    int fd = listen_on(options->host ? options->host : "127.0.0.1", options->port, fault);
    if (fd < 0)
        return NULL;
    struct web *web = must_alloc(1, sizeof *web);
    web->school = options->school;
    web->log = options->log;
    web->company = options->company;
    web->keys = options->keys;
    web->port = port_of(fd);
    web->rate = rate_new();
    web->kept = kept_new();
    web->opened = clock_seconds();
    web->patience = options->patience > 0 ? options->patience : SECONDS_TO_ASK;
    pthread_mutex_init(&web->lock, NULL);
    web->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC |
            MHD_USE_POLL, /* select() knows no file beyond the 1,024th */
        0, NULL, NULL, answer, web, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTION_LIMIT, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CONNECTION_LIMIT_EACH, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)ceil(web->patience), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_LIMIT,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)(1 << 20), MHD_OPTION_NOTIFY_CONNECTION,
        line_changed, web, MHD_OPTION_NOTIFY_COMPLETED, request_completed, web,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!web->daemon) {
        fault_set(fault, FAULT_MACHINE, "The server could not start its threads.");
        close(fd);
        rate_free(web->rate);
        kept_free(web->kept);
        pthread_mutex_destroy(&web->lock);
        free(web);
        return NULL;
    }
    MUST(pthread_create(&web->watch, NULL, watch_lines, web) == 0);
    return web;
}

static void wait_for_answers(struct web *web, double seconds) {
    double until = clock_seconds() + seconds;
    while (atomic_load(&web->n_running) && clock_seconds() < until)
        usleep(5000);
}

void web_close(struct web *web) {
    if (!web)
        return;
    MHD_socket fd = MHD_quiesce_daemon(web->daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    wait_for_answers(web, 10);
    atomic_store(&web->closing, true); /* turns that wait for a model end without it */
    wait_for_answers(web, 2);
    pthread_join(web->watch, NULL);
    MHD_stop_daemon(web->daemon);
    rate_free(web->rate);
    kept_free(web->kept);
    pthread_mutex_destroy(&web->lock);
    free(web);
}
