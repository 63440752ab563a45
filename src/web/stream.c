/* A turn as server-sent events.
 *
 * The turn runs on a thread of its own and puts sentences into a pipe; the connection's thread
 * takes them out. Either may end first: the stream lives as long as one of them holds it. */
#include "web/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUIET_SECONDS = 10 }; /* between signs of life, so that no proxy hangs up */

struct stream {
    struct web *web;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buffer text; /* what has not left yet */
    size_t n_sent;      /* of text */
    bool done, gone;    /* the turn has ended; the client has left */
    int n_holder;
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
    bool done = school_turn(stream->web->school, stream->learner, stream->course, stream->lesson,
                            stream->exercise, stream->seed, view_of(stream->said),
                            stream->language, put_say, stream, &fault);
    json_t *end = done ? json_object() : json_pack("{s:o}", "error", fault_json(&fault));
    put_event(stream, "end", end, true);
    json_decref(end);
    stream_release(stream);
    return NULL;
}

static ssize_t take(void *data, uint64_t position, char *out, size_t n_out) {
    (void)position;
    struct stream *stream = data;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += QUIET_SECONDS;
    pthread_mutex_lock(&stream->lock);
    while (stream->n_sent == stream->text.n && !stream->done)
        if (pthread_cond_timedwait(&stream->changed, &stream->lock, &until) == ETIMEDOUT) {
            buffer_text(&stream->text, ": still here\n\n");
            break;
        }
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
    bool ended = !n && stream->done;
    pthread_mutex_unlock(&stream->lock);
    return ended ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void client_left(void *data) {
    struct stream *stream = data;
    pthread_mutex_lock(&stream->lock);
    stream->gone = true;
    pthread_mutex_unlock(&stream->lock);
    stream_release(stream);
}

static char *copy_or_null(const char *text) {
    return text ? must_copy(view_of(text)) : NULL;
}

static struct stream *stream_new(struct request *request, uint64_t seed) {
    const json_t *body = request->json;
    struct stream *stream = must_alloc(1, sizeof *stream);
    stream->web = request->web;
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

void api_turn(struct request *request) {
    const json_t *body = request->json;
    if (!json_text(body, "course", NULL) || !json_text(body, "lesson", NULL) ||
        !json_text(body, "text", NULL)) {
        reply_status(request, 400, "A turn needs course, lesson and text.", "");
        return;
    }
    if (strlen(json_text(body, "text", "")) > 4000) {
        reply_status(request, 413, "The text is over 4,000 bytes.", "Ask in fewer words.");
        return;
    }
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
