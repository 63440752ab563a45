/* A turn as server-sent events: it runs on a thread of its own and puts sentences into a pipe. */
#include "web/pipe.h"

#include <stdlib.h>
#include <string.h>

struct turn {
    struct school *school;
    int64_t learner;
    char *course, *lesson, *exercise, *said, *language;
    uint64_t seed;
    const char *words; /* language of what the page says */
};

static void turn_free(void *data) {
    struct turn *turn = data;
    free(turn->course);
    free(turn->lesson);
    free(turn->exercise);
    free(turn->said);
    free(turn->language);
    free(turn);
}

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

static void write_turn(struct pipe *pipe, void *data) {
    struct turn *turn = data;
    struct fault fault = {0};
    struct school_question question = {.course = turn->course,
                                       .lesson = turn->lesson,
                                       .exercise = turn->exercise,
                                       .seed = turn->seed,
                                       .text = view_of(turn->said),
                                       .language = turn->language,
                                       .cancel = pipe_cancel(pipe)};
    bool done = school_turn(turn->school, turn->learner, &question, put_say, pipe, &fault);
    json_t *end = done ? json_object() : json_pack("{s:o}", "error", fault_json(&fault));
    if (!done && fault.kind == FAULT_MACHINE)
        json_object_set_new(json_object_get(end, "error"), "say",
                            json_string(embedded_word(turn->words, "not_kept")));
    put_event(pipe, "end", end);
    json_decref(end);
}

static char *copy_or_null(const char *text) {
    return text ? must_copy(view_of(text)) : NULL;
}

static struct turn *turn_new(struct request *request, uint64_t seed) {
    const json_t *body = request->json;
    struct turn *turn = must_alloc(1, sizeof *turn);
    turn->school = request->web->school;
    turn->learner = request->learner;
    turn->course = copy_or_null(json_text(body, "course", NULL));
    turn->lesson = copy_or_null(json_text(body, "lesson", NULL));
    turn->exercise = copy_or_null(json_text(body, "exercise", NULL));
    turn->said = must_copy(view_of(json_text(body, "text", "")));
    turn->language = must_copy(view_of(request->language));
    turn->seed = seed;
    turn->words = request->words;
    return turn;
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
    struct pipe *unsent;
    struct pipe_work work = {.write = write_turn,
                             .free = turn_free,
                             .data = turn_new(request, seed),
                             .type = "text/event-stream; charset=utf-8"};
    pipe_begin(request, &work, &unsent);
}
