/* The API: JSON in, JSON out. What school gives is passed on as it is. */
#include "web/request.h"

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

void api_attempt(struct request *request) {
    struct fault fault = {0};
    uint64_t seed;
    const json_t *answer = json_object_get(request->json, "answer");
    if (!answer) {
        reply_status(request, 400, "The answer is missing.", "Send {\"answer\": …, \"seed\": …}.");
        return;
    }
    if (!read_seed(request, &seed))
        return;
    json_t *result = school_attempt(request->web->school, request->learner, request->part[0].at,
                                    seed, answer, request->language, &fault);
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
