/* A test before or after a lesson, a question at a time: no hint, no verdict, each answer kept. */
#include "web/parts.h"

#include <string.h>

static void question(struct request *request, const json_t *test, const struct fault *problem) {
    struct buffer *out = &request->reply.body;
    const json_t *exercise = json_object_get(test, "exercise");
    buffer_format(out, "<p class=\"quiet\">%s %lld / %lld</p>\n", word(request, "question"),
                  (long long)whole(test, "n") + 1, (long long)whole(test, "total"));
    if (problem) {
        buffer_text(out, "<p class=\"trouble\" role=\"alert\">");
        put(out, problem->message);
        buffer_text(out, "</p>\n");
    }
    html_form_begin(out, "question-of", "/tests/%lld", (long long)whole(test, "id"));
    buffer_text(out, "<input type=\"hidden\" name=\"exercise\" value=\"");
    put(out, json_text(exercise, "id", ""));
    buffer_text(out, "\"><input type=\"hidden\" name=\"check\" value=\"");
    put(out, json_text(exercise, "check", ""));
    buffer_format(out, "\"><div class=\"ask\" dir=\"auto\">%s</div>",
                  json_text(exercise, "ask_html", ""));
    html_exercise_field(request, out, exercise);
    buffer_text(out, "<p class=\"row\"><button class=\"main-button\">");
    put(out, word(request, "next_question"));
    buffer_text(out, "</button><button name=\"do\" value=\"skip\" formnovalidate>");
    put(out, word(request, "do_not_know"));
    buffer_text(out, "</button></p></form>\n");
}

static void show_test(struct request *request, const struct fault *problem) {
    struct fault fault = {0};
    json_t *test = school_test(request->web->school, request->learner, number_of(request->part[0]),
                               request->language, &fault);
    if (!test) {
        reply_fault(request, &fault);
        return;
    }
    const char *kind = strcmp(json_text(test, "kind", ""), "pre") ? word(request, "post_test")
                                                                  : word(request, "pre_test");
    page_begin(request, kind, "test", "teach.js");
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain\"><p class=\"eyebrow\">");
    put(out, kind);
    buffer_text(out, "</p><h1><bdi>");
    put(out, json_text(test, "title", ""));
    buffer_text(out, "</bdi></h1>\n");
    if (json_is_object(json_object_get(test, "exercise"))) {
        if (!whole(test, "n")) {
            buffer_text(out, "<p>");
            put(out, word(request, "test_told"));
            buffer_text(out, "</p>\n");
        }
        question(request, test, problem);
    } else {
        buffer_text(out, "<p>");
        put(out, word(request, "test_done"));
        buffer_text(out, "</p><p><a href=\"/\">");
        put(out, word(request, "to_courses"));
        buffer_text(out, "</a></p>\n");
    }
    buffer_text(out, "</main>\n");
    page_end(request);
    if (problem)
        request->reply.status = 400;
    json_decref(test);
}

void page_test(struct request *request) {
    show_test(request, NULL);
}

void page_test_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool skipped = !strcmp(form_text(form, "do"), "skip");
    json_t *answer = skipped ? json_null() : form_answer(form);
    if (!answer)
        fault_set(&fault, FAULT_INPUT, "%s", word(request, "answer_first"));
    int64_t test = number_of(request->part[0]);
    bool kept = answer &&
                school_test_answer(request->web->school, request->learner, test,
                                   form_text(form, "exercise"), answer, request->language, &fault);
    if (kept)
        see_other(request, "/tests/%lld", (long long)test);
    else if (fault.kind == FAULT_INPUT)
        show_test(request, &fault);
    else
        reply_fault(request, &fault);
    json_decref(answer);
    json_decref(form);
}
