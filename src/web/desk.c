/* What lies on a learner's desk: words of their teacher, and what is to be done until when. */
#include "web/parts.h"

#include <string.h>

static void message(struct request *request, const json_t *one) {
    struct buffer *out = &request->reply.body;
    const char *kind = json_text(one, "kind", "words"), *title = json_text(one, "title", NULL);
    bool words = !strcmp(kind, "words");
    buffer_text(out, "<li class=\"message\"><p class=\"label\">");
    put(out, word(request, "your_teacher"));
    if (json_text(one, "name", NULL)) {
        buffer_text(out, " · <bdi>");
        put(out, json_text(one, "name", ""));
        buffer_text(out, "</bdi>");
    }
    if (title) {
        buffer_text(out, " · <a href=\"");
        lesson_href(out, json_text(one, "course", ""), json_text(one, "lesson", ""));
        buffer_text(out, "#");
        url_part(out, json_text(one, "exercise", ""));
        buffer_text(out, "\"><bdi>");
        put(out, title);
        buffer_text(out, "</bdi></a>");
    }
    buffer_text(out, "</p>");
    if (!words) {
        buffer_text(out, "<p>");
        put(out, !strcmp(kind, "overruled-right")    ? word(request, "told_right")
                 : !strcmp(kind, "decided")          ? word(request, "told_decided")
                 : !strcmp(kind, "overruled-strike") ? word(request, "told_strike")
                 : !strcmp(kind, "overruled-wrong")  ? word(request, "told_wrong")
                                                     : word(request, "told_back"));
        buffer_text(out, "</p>");
    }
    if (*json_text(one, "text", "")) {
        buffer_text(out, "<p class=\"words\" dir=\"auto\">");
        put(out, json_text(one, "text", ""));
        buffer_text(out, "</p>");
    }
    html_button(out, word(request, "i_read_it"), "inline", "/messages/%lld",
                (long long)whole(one, "id"));
    buffer_text(out, "</li>\n");
}

static void assignment(struct request *request, const json_t *one) {
    struct buffer *out = &request->reply.body;
    bool test = strcmp(json_text(one, "kind", ""), "lesson") != 0;
    bool done = test ? whole(one, "taken") > 0 : whole(one, "done") >= whole(one, "total");
    buffer_format(out, "<li><span class=\"verdict\" data-verdict=\"%s\"></span><a href=\"",
                  done ? "right" : "open");
    if (test)
        buffer_format(out, "/tests/%lld", (long long)whole(one, "id"));
    else
        lesson_href(out, json_text(one, "course", ""), json_text(one, "lesson", ""));
    buffer_text(out, "\">");
    if (test) {
        put(out, *json_text(one, "kind", "") == 'p' && json_text(one, "kind", "")[1] == 'r'
                     ? word(request, "pre_test")
                     : word(request, "post_test"));
        buffer_text(out, ": ");
    }
    buffer_text(out, "<bdi>");
    put(out, json_text(one, "title", ""));
    buffer_text(out, "</bdi></a>");
    if (!test)
        buffer_format(out, "<span class=\"count\">%lld / %lld</span>",
                      (long long)whole(one, "done"), (long long)whole(one, "total"));
    if (whole(one, "due")) {
        buffer_text(out, "<span class=\"count\">");
        put(out, json_flag(one, "late", false) && !done ? word(request, "was_due")
                                                        : word(request, "due"));
        buffer_text(out, " ");
        html_day(request, whole(one, "due"));
        buffer_text(out, "</span>");
    }
    buffer_text(out, "</li>\n");
}

void html_desk(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *desk = request->learner > 0
                       ? school_desk(request->web->school, request->learner, request->language)
                       : NULL,
           *one;
    const json_t *messages = json_object_get(desk, "messages");
    const json_t *assignments = json_object_get(desk, "assignments");
    size_t i;
    if (json_array_size(messages)) {
        buffer_text(out, "<ul class=\"desk messages\" aria-label=\"");
        put(out, word(request, "messages"));
        buffer_text(out, "\">");
        json_array_foreach(messages, i, one) message(request, one);
        buffer_text(out, "</ul>\n");
    }
    if (json_array_size(assignments)) {
        html_heading(out, 2, word(request, "to_do"));
        buffer_text(out, "<ul class=\"desk to-do\">");
        json_array_foreach(assignments, i, one) assignment(request, one);
        buffer_text(out, "</ul>\n");
    }
    json_decref(desk);
}

/* The way to one's classes, one's account, or the door; nothing where a learner is alone. */
void html_people_way(struct request *request, struct buffer *out) {
    json_t *person =
        request->learner > 0 ? school_person(request->web->school, request->learner, NULL) : NULL;
    bool staff = person && strcmp(json_text(person, "role", "learner"), "learner") != 0;
    if (staff) {
        buffer_text(out, "<a href=\"/teach\">");
        put(out, word(request, "my_classes"));
        buffer_text(out, "</a>");
    }
    if (json_text(person, "login", NULL) || json_array_size(json_object_get(person, "classes"))) {
        buffer_text(out, "<a href=\"/account\">");
        put(out, word(request, "account"));
        buffer_text(out, "</a>");
    } else if (school_has_owner(request->web->school)) {
        buffer_text(out, "<a href=\"/sign-in\">");
        put(out, word(request, "sign_in"));
        buffer_text(out, "</a>");
    }
    json_decref(person);
}
