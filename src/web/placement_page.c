/* The placement page: what the learner says they know, a question at a time, and the place. */
#include "web/request.h"

#include <string.h>

static void say(struct request *request, const char *tag, const char *text) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<%s>", tag);
    buffer_html(out, view_of(text));
    buffer_format(out, "</%s>\n", tag);
}

static void form_begin(struct request *request, const char *course) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<form class=\"placement\" method=\"post\" action=\"/placement/");
    url_part(out, course);
    buffer_text(out, "\">\n");
}

static void button(struct request *request, const char *label, const char *more) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<button%s>", more);
    buffer_html(out, view_of(word(request, label)));
    buffer_text(out, "</button> ");
}

static void show_claims(struct request *request, const json_t *placement) {
    struct buffer *out = &request->reply.body;
    size_t i;
    json_t *skill;
    say(request, "p", word(request, "placement_told"));
    form_begin(request, json_text(placement, "course", ""));
    buffer_text(out, "<fieldset class=\"choices\"><legend class=\"unseen\">");
    buffer_html(out, view_of(word(request, "which_skills")));
    buffer_text(out, "</legend>\n");
    json_array_foreach(json_object_get(placement, "skills"), i, skill) {
        buffer_text(out, "<label dir=\"auto\"><input type=\"checkbox\" name=\"skill\" value=\"");
        buffer_html(out, view_of(json_text(skill, "id", "")));
        buffer_text(out, "\"><span>");
        buffer_html(out, view_of(json_text(skill, "title", "")));
        buffer_text(out, "</span></label>\n");
    }
    buffer_text(out, "</fieldset>\n");
    button(request, "placement_begin", " class=\"check\" name=\"do\" value=\"begin\"");
    buffer_text(out, "</form>\n");
}

static void show_question(struct request *request, const json_t *placement) {
    struct buffer *out = &request->reply.body;
    const json_t *exercise = json_object_get(placement, "exercise");
    const char *text = word(request, "placement_question"), *mark = strstr(text, "%d");
    if (mark)
        say(request, "h2",
            arena_format(request->arena, "%.*s%d%s", (int)(mark - text), text,
                         (int)json_number(placement, "asked", 0) + 1, mark + 2));
    form_begin(request, json_text(placement, "course", ""));
    buffer_text(out, "<input type=\"hidden\" name=\"exercise\" value=\"");
    buffer_html(out, view_of(json_text(exercise, "id", "")));
    buffer_text(out, "\"><input type=\"hidden\" name=\"check\" value=\"");
    buffer_html(out, view_of(json_text(exercise, "check", "")));
    buffer_text(out, "\">\n");
    html_question(request, out, exercise);
    buffer_text(out, "<p class=\"row\">");
    button(request, "placement_answer", " class=\"check\"");
    button(request, "placement_unknown", " name=\"do\" value=\"unknown\" formnovalidate");
    if (json_flag(placement, "claimed", false))
        button(request, "placement_skip", " name=\"do\" value=\"skip\" formnovalidate");
    buffer_text(out, "</p></form>\n");
}

static void show_place(struct request *request, const json_t *placement) {
    struct buffer *out = &request->reply.body;
    const json_t *start = json_object_get(placement, "start");
    const char *course = json_text(placement, "course", "");
    size_t i;
    json_t *skill;
    say(request, "h2", word(request, "placement_done"));
    say(request, "p", word(request, "placement_done_told"));
    buffer_text(out, "<table class=\"placed\"><tbody>\n");
    json_array_foreach(json_object_get(placement, "skills"), i, skill) {
        int percent = (int)(json_number(skill, "mastery", 0) * 100 + 0.5);
        const char *by = json_text(skill, "by", "others");
        buffer_text(out, "<tr><th scope=\"row\" dir=\"auto\">");
        buffer_html(out, view_of(json_text(skill, "title", "")));
        buffer_text(out, " <small class=\"quiet\">");
        buffer_html(out, view_of(word(request, arena_format(request->arena, "placed_by_%s", by))));
        buffer_format(
            out,
            "</small></th><td><svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio="
            "\"none\" aria-hidden=\"true\"><rect class=\"all\" width=\"100\" "
            "height=\"4\"/><rect class=\"done\" width=\"%d\" height=\"4\"/></svg></td>"
            "<td>%d%%</td></tr>\n",
            percent, percent);
    }
    buffer_text(out, "</tbody></table>\n");
    if (json_text(start, "lesson", NULL)) {
        buffer_text(out, "<p><a class=\"button main-button\" href=\"");
        lesson_href(out, course, json_text(start, "lesson", ""));
        buffer_text(out, "\">");
        buffer_html(out, view_of(word(request, "placement_start")));
        buffer_text(out, " <bdi>");
        buffer_html(out, view_of(json_text(start, "title", "")));
        buffer_text(out, "</bdi></a></p>\n");
    }
    form_begin(request, course);
    button(request, "placement_again", " name=\"do\" value=\"begin\"");
    buffer_text(out, "</form>\n");
}

/* `trouble`: what was wrong with the answer, so that the question stands; "". */
static void show(struct request *request, const json_t *placement, const char *trouble) {
    struct buffer *out = &request->reply.body;
    const char *state = json_text(placement, "state", "none");
    page_begin(request, word(request, "placement"), "placement", "lesson.js");
    buffer_text(out, "<main id=\"main\" class=\"plain\">");
    say(request, "h1", word(request, "placement"));
    if (*trouble) {
        request->reply.status = 422;
        buffer_text(out, "<p class=\"trouble\" role=\"alert\">");
        buffer_html(out, view_of(trouble));
        buffer_text(out, "</p>\n");
    }
    if (json_is_object(json_object_get(placement, "exercise")))
        show_question(request, placement);
    else if (!strcmp(state, "done"))
        show_place(request, placement);
    else
        show_claims(request, placement);
    buffer_text(out, "</main>\n");
    page_end(request);
}

static void show_place_at(struct request *request, const char *trouble) {
    struct fault fault = {0};
    json_t *placement = school_placement(request->web->school, request->learner,
                                         request->part[0].at, NULL, request->language, &fault);
    if (placement)
        show(request, placement, trouble);
    else
        reply_fault(request, &fault);
    json_decref(placement);
}

void page_placement(struct request *request) {
    show_place_at(request, "");
}

/* The form as the API takes it. */
static json_t *body_of(const json_t *form) {
    const char *exercise = json_string_value(json_array_get(json_object_get(form, "exercise"), 0));
    const char *doing = json_string_value(json_array_get(json_object_get(form, "do"), 0));
    const json_t *skills = json_object_get(form, "skill");
    if (!exercise || (doing && !strcmp(doing, "begin")))
        return json_pack("{s:O*}", "skills", skills);
    json_t *answer = doing ? NULL : form_answer(form);
    return json_pack("{s:s,s:o*,s:b,s:b}", "exercise", exercise, "answer", answer, "skip",
                     (int)(doing != NULL), "unknown", (int)(doing && !strcmp(doing, "unknown")));
}

void page_placement_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = web_form(buffer_view(&request->body), &fault), *placement = NULL;
    if (form && request_need_learner(request, &fault)) {
        json_t *body = body_of(form);
        placement = school_placement(request->web->school, request->learner, request->part[0].at,
                                     body, request->language, &fault);
        json_decref(body);
    }
    if (placement)
        show(request, placement, "");
    else if (form && fault.kind == FAULT_INPUT)
        show_place_at(request, fault.message);
    else
        reply_fault(request, &fault);
    json_decref(placement);
    json_decref(form);
}
