/* A turn as server-sent events.
 *
 * The turn runs on a thread of its own and puts sentences into a pipe; the connection's thread
 * takes them out. Either may end first: the stream lives as long as one of them holds it. */
#include "web/request.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUIET_SECONDS = 10,     /* between signs of life, so that no proxy hangs up */
    LOOK_MILLISECONDS = 250 /* between looks whether the client is still there */
};

struct stream {
    struct web *web;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buffer text;   /* what has not left yet */
    size_t n_sent;        /* of text */
    bool done, gone;      /* the turn has ended; the client has left */
    volatile bool cancel; /* no model need be asked any more; read by the turn without the lock */
    int fd, n_holder;
    int64_t learner;
    char *course, *lesson, *exercise, *said, *language;
    uint64_t seed;
};

static void stream_release(struct stream *stream) {
    pthread_mutex_lock(&stream->lock);
    bool last = --stream->n_holder == 0;
    pthread_mutex_unlock(&stream->lock);
    if (!last)
        return;
    atomic_fetch_sub(&stream->web->n_stream, 1);
    pthread_cond_destroy(&stream->changed);
    pthread_mutex_destroy(&stream->lock);
    buffer_free(&stream->text);
    free(stream->course);
    free(stream->lesson);
    free(stream->exercise);
    free(stream->said);
    free(stream->language);
    free(stream);
}

static struct school_question question_of(const struct stream *stream) {
    return (struct school_question){.course = stream->course,
                                    .lesson = stream->lesson,
                                    .exercise = stream->exercise,
                                    .seed = stream->seed,
                                    .text = view_of(stream->said),
                                    .language = stream->language,
                                    .cancel = &stream->cancel};
}

static bool put_event(struct stream *stream, const char *event, const json_t *data, bool last) {
    pthread_mutex_lock(&stream->lock);
    buffer_format(&stream->text, "event: %s\ndata: ", event);
    buffer_json(&stream->text, data);
    buffer_text(&stream->text, "\n\n");
    stream->done = last;
    bool wanted = !stream->gone && !atomic_load(&stream->web->closing);
    pthread_cond_signal(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
    return wanted;
}

static bool put_say(void *data, const json_t *say) {
    return put_event(data, "say", say, false);
}

static void *run_turn(void *data) {
    struct stream *stream = data;
    struct fault fault = {0};
    struct school_question question = question_of(stream);
    bool done =
        school_turn(stream->web->school, stream->learner, &question, put_say, stream, &fault);
    json_t *end = done ? json_object() : json_pack("{s:o}", "error", fault_json(&fault));
    put_event(stream, "end", end, true);
    json_decref(end);
    stream_release(stream);
    return NULL;
}

/* Nothing is written to a client while its turn waits for a model, so nothing tells that it hung
 * up but the line itself. */
static bool hung_up(const struct stream *stream) {
    struct pollfd line = {.fd = stream->fd, .events = POLLRDHUP};
    return stream->fd >= 0 && poll(&line, 1, 0) > 0 &&
           line.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* Waits until there is something to send, or nobody to send it to. Under the lock. */
static void wait_for_words(struct stream *stream) {
    double quiet_until = clock_seconds() + QUIET_SECONDS;
    while (stream->n_sent == stream->text.n && !stream->done && !stream->gone) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MILLISECONDS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&stream->changed, &stream->lock, &until);
        stream->gone = hung_up(stream);
        stream->cancel = stream->gone || atomic_load(&stream->web->closing);
        if (clock_seconds() > quiet_until && !stream->gone) {
            buffer_text(&stream->text, ": still here\n\n");
            break;
        }
    }
}

static ssize_t take(void *data, uint64_t position, char *out, size_t n_out) {
    (void)position;
    struct stream *stream = data;
    pthread_mutex_lock(&stream->lock);
    wait_for_words(stream);
    size_t n = stream->text.n - stream->n_sent;
    if (n > n_out)
        n = n_out;
    if (n)
        memcpy(out, stream->text.at + stream->n_sent, n);
    stream->n_sent += n;
    if (stream->n_sent == stream->text.n) {
        buffer_clear(&stream->text);
        stream->n_sent = 0;
    }
    ssize_t taken = n              ? (ssize_t)n
                    : stream->gone ? MHD_CONTENT_READER_END_WITH_ERROR
                                   : MHD_CONTENT_READER_END_OF_STREAM;
    pthread_mutex_unlock(&stream->lock);
    return taken;
}

static void client_left(void *data) {
    struct stream *stream = data;
    pthread_mutex_lock(&stream->lock);
    stream->gone = stream->cancel = true;
    pthread_mutex_unlock(&stream->lock);
    stream_release(stream);
}

static char *copy_or_null(const char *text) {
    return text ? must_copy(view_of(text)) : NULL;
}

static struct stream *stream_new(struct request *request, uint64_t seed) {
    const json_t *body = request->json;
    const union MHD_ConnectionInfo *line =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct stream *stream = must_alloc(1, sizeof *stream);
    stream->web = request->web;
    stream->fd = line ? line->connect_fd : -1;
    stream->n_holder = 2;
    stream->learner = request->learner;
    stream->course = copy_or_null(json_text(body, "course", NULL));
    stream->lesson = copy_or_null(json_text(body, "lesson", NULL));
    stream->exercise = copy_or_null(json_text(body, "exercise", NULL));
    stream->said = must_copy(view_of(json_text(body, "text", "")));
    stream->language = must_copy(view_of(request->language));
    stream->seed = seed;
    pthread_mutex_init(&stream->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    atomic_fetch_add(&request->web->n_stream, 1);
    return stream;
}

/* False when the reply says what is wrong: once the stream has begun its status is 200. */
static bool turn_is_sound(struct request *request) {
    const json_t *body = request->json, *exercise = json_object_get(body, "exercise");
    struct school_question question = {.course = json_text(body, "course", NULL),
                                       .lesson = json_text(body, "lesson", NULL),
                                       .exercise = json_text(body, "exercise", NULL),
                                       .text = view_of(json_text(body, "text", "")),
                                       .language = request->language};
    struct fault fault = {0};
    if (!question.course || !question.lesson || !view_trim(question.text).n)
        reply_status(request, 400, "A turn needs course, lesson and text.", "");
    else if (exercise && !json_is_string(exercise) && !json_is_null(exercise))
        reply_status(request, 400, "The exercise must be named by a text.",
                     "Leave it out where none is at hand.");
    else if (question.text.n > 4000)
        reply_status(request, 413, "The text is over 4,000 bytes.", "Ask in fewer words.");
    else if (!school_has_place(request->web->school, &question, &fault))
        reply_fault(request, &fault);
    else
        return true;
    return false;
}

void api_turn(struct request *request) {
    if (!turn_is_sound(request))
        return;
    uint64_t seed;
    if (!read_seed(request, &seed))
        return;
    struct stream *stream = stream_new(request, seed);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_turn, stream)) {
        stream_release(stream);
        stream_release(stream);
        reply_status(request, 503, "The school is too busy.", "Ask again in a moment.");
        return;
    }
    pthread_detach(thread);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 2048, take, stream, client_left);
    reply_add_security(response);
    MHD_add_response_header(response, "Content-Type", "text/event-stream; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no");
    atomic_fetch_add(&request->web->n_answered[2], 1);
    MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    request->reply.streaming = true;
}
