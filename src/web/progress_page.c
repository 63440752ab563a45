/* The progress page: how far, the map of each course, and what was done lately. */
#include "web/course_map.h"

#include <string.h>

enum { N_RECENT = 10 };

static void bar(struct buffer *out, const char *label, double mastery, const char *detail) {
    int percent = (int)(mastery * 100 + 0.5);
    buffer_text(out, "<tr><th scope=\"row\" dir=\"auto\">");
    buffer_html(out, view_of(label));
    buffer_format(out,
                  "</th><td><svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\"><rect class=\"all\" width=\"100\" height=\"4\"/><rect "
                  "class=\"done\" width=\"%d\" height=\"4\"/></svg></td><td>%d%%</td><td>",
                  percent, percent);
    buffer_html(out, view_of(detail));
    buffer_text(out, "</td></tr>\n");
}

static void head(struct request *request, const char *question, const char *last) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<h2>");
    buffer_html(out, view_of(question));
    buffer_text(out, "</h2>\n<table><thead class=\"unseen\"><tr><th scope=\"col\">");
    buffer_html(out, view_of(word(request, "what")));
    buffer_text(out, "</th><th scope=\"col\">");
    buffer_html(out, view_of(word(request, "mastery")));
    buffer_text(out, "</th><th scope=\"col\">%</th><th scope=\"col\">");
    buffer_html(out, view_of(last));
    buffer_text(out, "</th></tr></thead><tbody>\n");
}

static void lessons_table(struct request *request, const json_t *progress) {
    size_t i, j;
    json_t *course, *lesson;
    json_array_foreach(json_object_get(progress, "courses"), i, course) {
        head(request, word(request, "how_far"), word(request, "exercises_done"));
        json_array_foreach(json_object_get(course, "lessons"), j, lesson)
            bar(&request->reply.body, json_text(lesson, "title", ""),
                json_number(lesson, "mastery", 0),
                arena_format(request->arena, "%d / %d", (int)json_number(lesson, "done", 0),
                             (int)json_number(lesson, "total", 0)));
        buffer_text(&request->reply.body, "</tbody></table>\n");
    }
}

static void maps(struct request *request, const json_t *progress) {
    size_t i;
    json_t *course;
    json_array_foreach(json_object_get(progress, "courses"), i, course)
        html_course_map(request, course, progress);
}

static void recent_row(struct request *request, const json_t *attempt) {
    struct buffer *out = &request->reply.body;
    const char *exercise = json_text(attempt, "exercise", "");
    bool right = json_number(attempt, "score", 0) >= 1;
    buffer_text(out, "<tr><th scope=\"row\" dir=\"auto\"><a href=\"");
    lesson_href(out, json_text(attempt, "course", ""), json_text(attempt, "lesson", ""));
    buffer_text(out, "#");
    url_part(out, exercise);
    buffer_text(out, "\">");
    buffer_html(out, view_of(json_text(attempt, "title", exercise)));
    buffer_format(out, "</a></th><td><span class=\"verdict\" data-verdict=\"%s\">",
                  right ? "right" : "not-yet");
    buffer_html(out, view_of(right ? word(request, "right") : word(request, "not_yet")));
    buffer_text(out, "</span></td><td>");
    html_time(request, whole(attempt, "at"));
    buffer_text(out, "</td></tr>\n");
}

static void recent_table(struct request *request, const json_t *progress) {
    struct buffer *out = &request->reply.body;
    const json_t *recent = json_object_get(progress, "recent");
    static const char *const columns[] = {"what", "result", "when"};
    if (!json_array_size(recent))
        return;
    buffer_text(out, "<h2>");
    buffer_html(out, view_of(word(request, "lately")));
    buffer_text(out, "</h2>\n<table class=\"recent\"><thead class=\"unseen\"><tr>");
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buffer_text(out, "<th scope=\"col\">");
        buffer_html(out, view_of(word(request, columns[i])));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < json_array_size(recent) && i < N_RECENT; i++)
        recent_row(request, json_array_get(recent, i));
    buffer_text(out, "</tbody></table>\n");
}

static void name_form(struct request *request, const char *name) {
    struct buffer *out = &request->reply.body;
    buffer_text(out,
                "<form method=\"post\" action=\"/progress\" class=\"name\"><label for=\"name\">");
    buffer_html(out, view_of(word(request, "your_name")));
    buffer_text(out,
                "</label><div class=\"row\"><input id=\"name\" name=\"name\" maxlength=\"80\" "
                "autocomplete=\"nickname\" dir=\"auto\" value=\"");
    buffer_html(out, view_of(name));
    buffer_text(out, "\"><button>");
    buffer_html(out, view_of(word(request, "keep")));
    buffer_text(out, "</button></div></form>\n");
}

/* How long what the learner does is kept. */
static void retention(struct request *request) {
    struct buffer *out = &request->reply.body;
    int days = school_retain_days(request->web->school);
    buffer_text(out, "<p class=\"quiet\" id=\"kept\">");
    buffer_html(out, view_of(word(request, days ? "kept_days" : "kept")));
    if (days)
        buffer_format(out, " <bdi>%d</bdi>", days);
    buffer_text(out, "</p>\n");
}

void page_progress(struct request *request) {
    struct fault fault = {0};
    json_t *progress = NULL;
    if (request->learner > 0) {
        progress =
            school_progress(request->web->school, request->learner, request->language, &fault);
        if (!progress) {
            reply_fault(request, &fault);
            return;
        }
    }
    page_begin(request, word(request, "progress"), "progress", NULL);
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain\"><h1>");
    buffer_html(out, view_of(word(request, "progress")));
    buffer_text(out, "</h1>\n");
    if (progress) {
        html_practised(request, progress);
        html_reviews(request);
        html_plan(request);
        lessons_table(request, progress);
        maps(request, progress);
        recent_table(request, progress);
    } else {
        buffer_text(out, "<p>");
        buffer_html(out, view_of(word(request, "no_progress")));
        buffer_text(out, "</p>\n");
    }
    name_form(request, json_text(progress, "name", ""));
    buffer_text(out, "<p><a href=\"/memory\">");
    buffer_html(out, view_of(word(request, "memory")));
    buffer_text(out, "</a></p>\n");
    retention(request);
    buffer_text(out, "</main>\n");
    page_end(request);
    json_decref(progress);
}

void page_progress_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = web_form(buffer_view(&request->body), &fault);
    const char *name = json_string_value(json_array_get(json_object_get(form, "name"), 0));
    if (form && !name)
        fault_set(&fault, FAULT_INPUT, "The name is missing.");
    bool done = form && name && request_need_learner(request, &fault) &&
                school_learner_name(request->web->school, request->learner, view_of(name), &fault);
    json_decref(form);
    if (!done) {
        reply_fault(request, &fault);
        return;
    }
    request->reply.status = 303;
    request->reply.type = "text/plain; charset=utf-8";
    request->reply.location = "/progress";
}
