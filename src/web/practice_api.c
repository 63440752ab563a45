/* The API of practice: what comes next, what is due, what the learner wishes and says. */
#include "web/request.h"

#include <string.h>

static void reply_result(struct request *request, json_t *result, const struct fault *fault) {
    if (result)
        reply_json(request, 200, result);
    else
        reply_fault(request, fault);
}

/* NULL where the address names no course. */
static const char *course_asked(struct request *request) {
    struct view course = request_argument(request, "course");
    return course.n ? arena_string(request->arena, course) : NULL;
}

bool read_challenge(struct request *request, int *shift) {
    static const struct {
        const char *name;
        int shift;
    } names[] = {{"", 0}, {"usual", 0}, {"gentler", -1}, {"harder", 1}};
    struct view asked = request_argument(request, "challenge");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (view_is(asked, names[i].name)) {
            *shift = names[i].shift;
            return true;
        }
    reply_status(request, 400, "This challenge is not known.",
                 "Ask for gentler, usual or harder.");
    return false;
}

void add_exercise_html(struct request *request, json_t *exercise, const char *path) {
    if (!json_is_object(exercise) || !json_object_get(exercise, "ask_html"))
        return;
    struct buffer html = {0};
    html_exercise(request, &html, exercise, path, NULL);
    json_object_set_new(exercise, "html", json_stringn(html.at, html.n));
    buffer_free(&html);
}

void api_next(struct request *request) {
    struct fault fault = {0};
    int shift;
    if (!read_challenge(request, &shift))
        return;
    json_t *next = school_next(request->web->school, request->learner, course_asked(request),
                               shift, request->language, &fault);
    add_exercise_html(request, json_object_get(next, "exercise"), "");
    reply_result(request, next, &fault);
}

void api_reviews(struct request *request) {
    struct fault fault = {0};
    json_t *reviews = school_reviews(request->web->school, request->learner, course_asked(request),
                                     request->language, &fault);
    reply_result(request, reviews, &fault);
}

void api_plan(struct request *request) {
    struct fault fault = {0};
    json_t *plan = school_plan(request->web->school, request->learner, &fault);
    reply_result(request, plan, &fault);
}

void api_plan_change(struct request *request) {
    struct fault fault = {0};
    json_t *plan =
        school_plan_change(request->web->school, request->learner, request->json, &fault);
    reply_result(request, plan, &fault);
}

void api_claim(struct request *request) {
    struct fault fault = {0};
    json_t *claimed = school_claim(request->web->school, request->learner,
                                   json_text(request->json, "course", NULL),
                                   json_object_get(request->json, "skills"), &fault);
    reply_result(request, claimed, &fault);
}

void api_placement(struct request *request) {
    struct fault fault = {0};
    json_t *placement = school_placement(request->web->school, request->learner,
                                         course_asked(request), NULL, request->language, &fault);
    reply_result(request, placement, &fault);
}

void api_placement_answer(struct request *request) {
    struct fault fault = {0};
    json_t *placement = school_placement(request->web->school, request->learner,
                                         json_text(request->json, "course", course_asked(request)),
                                         request->json, request->language, &fault);
    reply_result(request, placement, &fault);
}
