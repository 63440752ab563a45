/* The API: JSON in, JSON out. What school gives is passed on as it is. */
#include "web/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void reply_result(struct request *request, json_t *result, const struct fault *fault) {
    if (result)
        reply_json(request, 200, result);
    else
        reply_fault(request, fault);
}

void api_courses(struct request *request) {
    reply_json(request, 200, school_courses(request->web->school, request->language));
}

void api_lesson(struct request *request) {
    struct fault fault = {0};
    json_t *lesson = school_lesson(request->web->school, request->part[0].at, request->part[1].at,
                                   request->language, request->learner, &fault);
    reply_result(request, lesson, &fault);
}

void api_learner_new(struct request *request) {
    struct fault fault = {0};
    json_t *made = request_new_learner(request, &fault);
    if (made)
        reply_json(request, 201, made);
    else if (fault.kind == FAULT_LIMIT)
        reply_status(request, 429, fault.message, "");
    else
        reply_fault(request, &fault);
}

void api_learner_name(struct request *request) {
    struct fault fault = {0};
    const char *name = json_text(request->json, "name", NULL);
    if (!name)
        reply_status(request, 400, "The name is missing.", "Send {\"name\": \"…\"}.");
    else if (!school_learner_name(request->web->school, request->learner, view_of(name), &fault))
        reply_fault(request, &fault);
    else
        reply_json(request, 200,
                   json_pack("{s:I,s:s}", "id", (json_int_t)request->learner, "name", name));
}

void api_learner_events(struct request *request) {
    struct fault fault = {0};
    reply_result(request, school_export(request->web->school, request->learner, &fault), &fault);
}

void api_progress(struct request *request) {
    struct fault fault = {0};
    json_t *progress =
        school_progress(request->web->school, request->learner, request->language, &fault);
    reply_result(request, progress, &fault);
}

bool read_seed(struct request *request, uint64_t *seed) {
    const json_t *value = json_object_get(request->json, "seed");
    *seed = 0;
    if (!value || json_is_null(value))
        return true;
    /* As text too: numbers of scripts are exact to 2^53 alone. */
    const char *text = json_string_value(value);
    if (text && *text && strlen(text) < 20 && strspn(text, "0123456789") == strlen(text)) {
        *seed = strtoull(text, NULL, 10);
        return true;
    }
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        reply_status(request, 400, "The seed must be a whole number.", "Send the exercise's own.");
        return false;
    }
    *seed = (uint64_t)json_integer_value(value);
    return true;
}

/* The id under which a device keeps an answer: so many letters, digits, "-" and "_"; or none. */
static bool read_once(struct request *request, const char **once) {
    enum { LEAST = 8, MOST = 64 };
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const json_t *value = json_object_get(request->json, "id");
    size_t n = json_string_length(value);
    *once = json_string_value(value);
    if (!value || json_is_null(value) ||
        (*once && n >= LEAST && n <= MOST && strspn(*once, letters) == n))
        return true;
    reply_status(request, 400, "The id must be 8 to 64 letters, digits, - and _.",
                 "Send a new random one with each answer, and the same when it is sent again.");
    return false;
}

/* Both times are by the clock of the device, which may be wrong: their difference is not. */
static bool read_ago(struct request *request, int64_t *ago_ms) {
    const json_t *answered = json_object_get(request->json, "answered_at");
    const json_t *sent = json_object_get(request->json, "sent_at");
    *ago_ms = 0;
    if ((!answered || json_is_null(answered)) && (!sent || json_is_null(sent)))
        return true;
    static const double most = 1LL << 53; /* what a script's number holds exactly */
    double from = json_number_value(answered), to = json_number_value(sent);
    if (!json_is_number(answered) || !json_is_number(sent) || !(fabs(from) <= most) ||
        !(fabs(to) <= most)) {
        reply_status(request, 400, "The times must be milliseconds since 1970.",
                     "Send answered_at and sent_at, both by the same clock.");
        return false;
    }
    *ago_ms = to > from ? (int64_t)(to - from) : 0;
    return true;
}

/* An answer that names whose it is goes to nobody else, whoever has signed in meanwhile. */
static bool is_of_learner(struct request *request) {
    const json_t *learner = json_object_get(request->json, "learner");
    if (!learner || json_is_null(learner) ||
        (json_is_integer(learner) && json_integer_value(learner) == request->learner))
        return true;
    reply_status(request, 403, "This answer is another learner's.",
                 "Sign in as who gave it, and send it again.");
    return false;
}

void api_attempt(struct request *request) {
    struct fault fault = {0};
    struct school_sent sent = {0};
    sent.answer = json_object_get(request->json, "answer");
    if (!sent.answer) {
        reply_status(request, 400, "The answer is missing.", "Send {\"answer\": …, \"seed\": …}.");
        return;
    }
    if (!read_seed(request, &sent.seed) || !read_once(request, &sent.once) ||
        !read_ago(request, &sent.ago_ms) || !is_of_learner(request))
        return;
    json_t *result = school_attempt_sent(request->web->school, request->learner,
                                         request->part[0].at, &sent, request->language, &fault);
    if (result)
        add_exercise_html(request, json_object_get(result, "sister"), "");
    reply_result(request, result, &fault);
}

void api_hint(struct request *request) {
    struct fault fault = {0};
    uint64_t seed;
    if (!read_seed(request, &seed))
        return;
    json_t *result = school_hint(request->web->school, request->learner, request->part[0].at, seed,
                                 request->language, &fault);
    if (result)
        add_exercise_html(request, json_object_get(result, "sister"), "");
    reply_result(request, result, &fault);
}

void api_health(struct request *request) {
    reply_json(request, 200,
               json_pack("{s:s,s:s,s:f}", "status", "ok", "model",
                         school_model_state(request->web->school), "seconds",
                         clock_seconds() - request->web->opened));
}

void api_metrics(struct request *request) {
    struct web *web = request->web;
    struct buffer *out = &request->reply.body;
    request->reply.status = 200;
    request->reply.type = "text/plain; version=0.0.4; charset=utf-8";
    buffer_text(out,
                "# HELP lyceum_http_answers_total Answers by the first digit of their status.\n"
                "# TYPE lyceum_http_answers_total counter\n");
    for (int digit = 2; digit <= 5; digit++)
        buffer_format(out, "lyceum_http_answers_total{status=\"%dxx\"} %lu\n", digit,
                      atomic_load(&web->n_answered[digit]));
    buffer_format(out,
                  "# HELP lyceum_http_rate_refused_total Requests refused for coming too fast.\n"
                  "# TYPE lyceum_http_rate_refused_total counter\n"
                  "lyceum_http_rate_refused_total %lu\n"
                  "# HELP lyceum_http_streams Turns being streamed.\n"
                  "# TYPE lyceum_http_streams gauge\nlyceum_http_streams %d\n",
                  atomic_load(&web->n_refused_rate), atomic_load(&web->n_stream));
    school_metrics(web->school, out);
}
