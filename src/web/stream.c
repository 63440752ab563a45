/* A turn as server-sent events. */
#include "web/pipe.h"

static bool put_event(struct pipe *pipe, const char *event, const json_t *data) {
    struct buffer text = {0};
    buffer_format(&text, "event: %s\ndata: ", event);
    buffer_json(&text, data);
    buffer_text(&text, "\n\n");
    bool wanted = pipe_put(pipe, buffer_view(&text));
    buffer_free(&text);
    return wanted;
}

static bool put_say(void *data, const json_t *say) {
    return put_event(data, "say", say);
}

static struct school_question question_of(const struct request *request) {
    const json_t *body = request->json;
    return (struct school_question){.course = json_text(body, "course", NULL),
                                    .lesson = json_text(body, "lesson", NULL),
                                    .exercise = json_text(body, "exercise", NULL),
                                    .text = view_of(json_text(body, "text", "")),
                                    .language = request->language};
}

/* False when the reply says what is wrong: once the stream has begun its status is 200. */
static bool turn_is_sound(struct request *request, const struct school_question *question) {
    const json_t *exercise = json_object_get(request->json, "exercise");
    struct fault fault = {0};
    if (!question->course || !question->lesson || !view_trim(question->text).n)
        reply_status(request, 400, "A turn needs course, lesson and text.", "");
    else if (exercise && !json_is_string(exercise) && !json_is_null(exercise))
        reply_status(request, 400, "The exercise must be named by a text.",
                     "Leave it out where none is at hand.");
    else if (question->text.n > 4000)
        reply_status(request, 413, "The text is over 4,000 bytes.", "Ask in fewer words.");
    else if (!school_has_place(request->web->school, question, &fault))
        reply_fault(request, &fault);
    else
        return true;
    return false;
}

void api_turn(struct request *request) {
    struct school_question question = question_of(request);
    struct fault fault = {0};
    if (!turn_is_sound(request, &question) || !read_seed(request, &question.seed))
        return;
    struct pipe *pipe = pipe_open(request, "text/event-stream; charset=utf-8");
    question.cancel = &request->cancel;
    pipe_begin(pipe);
    bool done =
        school_turn(request->web->school, request->learner, &question, put_say, pipe, &fault);
    json_t *end = done ? json_object() : json_pack("{s:o}", "error", fault_json(&fault));
    if (!done && fault.kind == FAULT_MACHINE)
        json_object_set_new(json_object_get(end, "error"), "say",
                            json_string(word(request, "not_kept")));
    put_event(pipe, "end", end);
    json_decref(end);
    pipe_end(pipe);
}
