/* The lesson: the path, the text with its exercises, and answers without JavaScript. */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

static void rail_exercises(struct request *request, const json_t *lesson) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<ol class=\"steps\">");
    size_t i;
    json_t *exercise;
    json_array_foreach(json_object_get(lesson, "exercises"), i, exercise) {
        const json_t *state = json_object_get(exercise, "state");
        const char *id = json_text(exercise, "id", "");
        bool solved = json_flag(state, "solved", false) || json_flag(state, "ever_solved", false);
        buffer_text(out, "<li><a href=\"#");
        url_part(out, id);
        buffer_text(out, "\" data-step=\"");
        buffer_html(out, view_of(id));
        buffer_text(out, "\" title=\"");
        buffer_html(out, view_of(json_text(exercise, "title", id)));
        buffer_text(out, "\">");
        double score = json_number(state, "score", 0);
        html_dot(out, solved ? 1 : score * 0.5, NULL);
        buffer_text(out, "<span class=\"unseen\">");
        buffer_html(out, view_of(json_text(exercise, "title", id)));
        buffer_text(out, "</span></a></li>");
    }
    buffer_text(out, "</ol>");
}

/* The path of the course: a dot a lesson; in this lesson a small one for each exercise. */
static void rail(struct request *request, const json_t *lesson, const char *course_id) {
    struct buffer *out = &request->reply.body;
    struct fault fault = {0};
    json_t *courses = school_courses(request->web->school, request->language), *item;
    json_t *progress = request->learner > 0 ? school_path(request->web->school, request->learner,
                                                          course_id, request->language, &fault)
                                            : NULL;
    const json_t *course = json_by_id(courses, course_id);
    const json_t *known = json_by_id(json_object_get(progress, "courses"), course_id);
    buffer_text(out, "<nav class=\"rail\" aria-label=\"");
    buffer_html(out, view_of(word(request, "path")));
    buffer_text(out, "\"><ol>\n");
    size_t i;
    json_array_foreach(json_object_get(course, "lessons"), i, item) {
        const char *id = json_text(item, "id", "");
        bool here = !strcmp(id, json_text(lesson, "id", ""));
        const json_t *done = json_by_id(json_object_get(known, "lessons"), id);
        buffer_format(out, "<li%s><a class=\"stop\" href=\"", here ? " class=\"here\"" : "");
        lesson_href(out, course_id, id);
        buffer_format(out, "\"%s title=\"", here ? " aria-current=\"page\"" : "");
        buffer_html(out, view_of(json_text(item, "title", "")));
        buffer_text(out, "\">");
        html_dot(out, json_number(done, "mastery", 0), NULL);
        buffer_text(out, "<span class=\"unseen\">");
        buffer_html(out, view_of(json_text(item, "title", "")));
        buffer_text(out, "</span></a>");
        if (here)
            rail_exercises(request, lesson);
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ol></nav>\n");
    json_decref(courses);
    json_decref(progress);
}

static void lesson_link(struct request *request, const char *course, const json_t *to,
                        const char *label, const char *kind) {
    struct buffer *out = &request->reply.body;
    const char *id = json_is_string(to) ? json_string_value(to) : json_text(to, "id", NULL);
    if (!id) {
        buffer_text(out, "<span></span>");
        return;
    }
    buffer_format(out, "<a class=\"%s\" rel=\"%s\" href=\"", kind, kind);
    lesson_href(out, course, id);
    buffer_text(out, "\"><small>");
    buffer_html(out, view_of(label));
    buffer_text(out, "</small><span dir=\"auto\">");
    buffer_html(out, view_of(json_text(to, "title", id)));
    buffer_text(out, "</span></a>");
}

/* The lesson's HTML with each exercise's section filled. school puts them there empty. */
static void lesson_body(struct request *request, const json_t *lesson, const char *path,
                        const struct outcome *outcome) {
    struct buffer *out = &request->reply.body;
    struct view html = view_of(json_text(lesson, "html", ""));
    static const char mark[] = "data-exercise=\"";
    for (ptrdiff_t found; (found = view_find(html, VIEW("data-exercise=\""))) >= 0;) {
        size_t name = (size_t)found + sizeof mark - 1;
        struct view rest = view_slice(html, name, html.n);
        ptrdiff_t quote = view_find(rest, VIEW("\"")), close = view_find(rest, VIEW(">"));
        if (quote < 0 || close < 0)
            break;
        const char *id = arena_string(request->arena, view_slice(rest, 0, (size_t)quote));
        const json_t *exercise = json_by_id(json_object_get(lesson, "exercises"), id);
        buffer_append(out, view_slice(html, 0, name + (size_t)close));
        buffer_text(out, " tabindex=\"-1\">");
        if (exercise)
            html_exercise(request, out, exercise, path, outcome);
        html = view_slice(rest, (size_t)close + 1, rest.n);
    }
    buffer_append(out, html);
}

/* "zh" and "zh-TW" are: a learner who reads the one is not told that the other is missing. */
static bool same_language(struct view a, struct view b) {
    size_t n = 0;
    while (n < a.n && n < b.n && a.at[n] != '-' && (a.at[n] | 0x20) == (b.at[n] | 0x20))
        n++;
    return (n == a.n || a.at[n] == '-') && (n == b.n || b.at[n] == '-');
}

/* A line to ask about the lesson as a whole, the way on, and whether a model is there. */
static void lesson_end(struct request *request, const json_t *lesson, const char *course) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<section class=\"exercise whole\" id=\"ask-lesson\" data-exercise=\"\">"
                     "<div class=\"work\"><h2>");
    buffer_html(out, view_of(word(request, "ask_lesson_title")));
    buffer_text(out, "</h2></div><div class=\"notes\"></div></section>\n"
                     "<nav class=\"turn\" aria-label=\"");
    buffer_html(out, view_of(word(request, "lessons")));
    buffer_text(out, "\">");
    lesson_link(request, course, json_object_get(lesson, "previous"), word(request, "previous"),
                "prev");
    lesson_link(request, course, json_object_get(lesson, "next"), word(request, "next"), "next");
    buffer_text(out, "</nav>\n");
    html_model_state(request, out);
    buffer_text(out, "</article></main></div>\n");
}

/* Which course this is, and how far in it this lesson stands. */
static void eyebrow(struct request *request, const json_t *lesson, const char *course_id) {
    struct buffer *out = &request->reply.body;
    json_t *courses = school_courses(request->web->school, request->language), *item;
    const json_t *course = json_by_id(courses, course_id);
    const json_t *lessons = json_object_get(course, "lessons");
    size_t i, here = 0;
    json_array_foreach(lessons, i, item) if (!strcmp(json_text(item, "id", ""),
                                                     json_text(lesson, "id", ""))) here = i + 1;
    buffer_text(out, "<p class=\"eyebrow\"><bdi>");
    buffer_html(out, view_of(json_text(course, "title", "")));
    buffer_format(out, "</bdi> <span>%zu / %zu</span></p>\n", here, json_array_size(lessons));
    json_decref(courses);
}

/* For what some of this was told otherwise than to everybody, and where to say so. */
static void told_for(struct request *request, const json_t *lesson) {
    struct buffer *out = &request->reply.body;
    const json_t *tags = json_object_get(lesson, "told_for");
    size_t i;
    json_t *tag;
    if (!json_array_size(tags))
        return;
    buffer_format(out, "<p class=\"quiet told-for\" lang=\"%s\" dir=\"%s\">", request->words,
                  request->right_to_left ? "rtl" : "ltr");
    buffer_html(out, view_of(word(request, "told_for")));
    json_array_foreach(tags, i, tag) {
        const char *key = arena_format(request->arena, "tag_%s", json_string_value(tag));
        buffer_format(out, "%s<bdi>", i ? " · " : " ");
        buffer_html(out, view_of(word(request, key)));
        buffer_text(out, "</bdi>");
    }
    buffer_text(out, ". <a href=\"/memory\">");
    buffer_html(out, view_of(word(request, "change_that")));
    buffer_text(out, "</a></p>\n");
}

static void show_lesson(struct request *request, const struct outcome *outcome) {
    struct fault fault = {0};
    const char *course = request->part[0].at;
    json_t *lesson = school_lesson(request->web->school, course, request->part[1].at,
                                   request->language, request->learner, &fault);
    if (!lesson) {
        reply_fault(request, &fault);
        return;
    }
    struct buffer path = {0};
    lesson_href(&path, course, json_text(lesson, "id", ""));
    page_begin(request, json_text(lesson, "title", ""), "lesson", "lesson.js");
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<div class=\"spread\">\n");
    rail(request, lesson, course);
    struct view language = view_of(json_text(lesson, "language", "en"));
    buffer_format(out, "<main id=\"main\"><article lang=\"%.*s\" dir=\"%s\" data-course=\"",
                  VIEW_ARG(language), language_right_to_left(language) ? "rtl" : "ltr");
    buffer_html(out, view_of(course));
    buffer_text(out, "\" data-lesson=\"");
    buffer_html(out, view_of(json_text(lesson, "id", "")));
    buffer_text(out, "\">\n");
    eyebrow(request, lesson, course);
    if (view_find(view_of(json_text(lesson, "html", "")), VIEW("<h1")) < 0) {
        buffer_text(out, "<h1>");
        buffer_html(out, view_of(json_text(lesson, "title", "")));
        buffer_text(out, "</h1>\n");
    }
    if (!same_language(language, view_of(request->language))) {
        buffer_format(out, "<p class=\"quiet\" lang=\"%s\" dir=\"%s\">", request->words,
                      request->right_to_left ? "rtl" : "ltr");
        buffer_html(out, view_of(word(request, "not_translated")));
        buffer_text(out, "</p>\n");
    }
    told_for(request, lesson);
    lesson_body(request, lesson, path.at, outcome);
    lesson_end(request, lesson, course);
    page_end(request);
    buffer_free(&path);
    json_decref(lesson);
}

void page_lesson(struct request *request) {
    show_lesson(request, NULL);
}

/* ------------------------------------------------------------------ answers without JavaScript */

/* The first value of a field that starts with a digit or a sign, as a whole number. */
static json_t *as_index(const json_t *values) {
    return json_integer(strtol(json_string_value(json_array_get(values, 0)), NULL, 10));
}

/* "p0=2&p1=1": the places that the learner gave to each item, turned to an order of items; for
 * match, "m0=1": the right-hand side chosen for each left-hand one. */
static json_t *as_list(const json_t *form, char prefix, bool places) {
    json_t *list = json_array();
    long place[64];
    int n = 0;
    for (; n < 64; n++) {
        char name[16];
        snprintf(name, sizeof name, "%c%d", prefix, n);
        const json_t *values = json_object_get(form, name);
        if (!values)
            break;
        place[n] = strtol(json_string_value(json_array_get(values, 0)), NULL, 10);
    }
    for (int i = 0; i < n && !places; i++)
        json_array_append_new(list, json_integer(place[i]));
    for (long at = 1; at <= n && places; at++)
        for (int i = 0; i < n; i++)
            if (place[i] == at)
                json_array_append_new(list, json_integer(i));
    return list;
}

/* "part-v=20": an object of what was written to each part. */
static json_t *as_parts(const json_t *form) {
    json_t *out = json_object(), *values;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)form, name, values) {
        if (!strncmp(name, "part-", 5) && json_array_size(values))
            json_object_set(out, name + 5, json_array_get(values, 0));
    }
    return out;
}

json_t *form_answer(const json_t *form) {
    const char *check = json_string_value(json_array_get(json_object_get(form, "check"), 0));
    const json_t *values = json_object_get(form, "answer");
    if (!check)
        return NULL;
    if (!strcmp(check, "order") || !strcmp(check, "match"))
        return as_list(form, *check == 'o' ? 'p' : 'm', *check == 'o');
    if (!strcmp(check, "parts"))
        return as_parts(form);
    if (!strcmp(check, "several")) {
        json_t *list = json_array(), *value;
        size_t i;
        json_array_foreach(values, i, value)
            json_array_append_new(list, json_integer(strtol(json_string_value(value), NULL, 10)));
        return list;
    }
    if (!values)
        return NULL;
    return strcmp(check, "choice") ? json_incref(json_array_get(values, 0)) : as_index(values);
}

static json_t *post_answer(struct request *request, const json_t *form, struct fault *fault) {
    const char *seed_text = json_string_value(json_array_get(json_object_get(form, "seed"), 0));
    const char *doing = json_string_value(json_array_get(json_object_get(form, "do"), 0));
    uint64_t seed = seed_text ? strtoull(seed_text, NULL, 10) : 0;
    if (doing && !strcmp(doing, "hint"))
        return school_hint(request->web->school, request->learner, request->part[2].at, seed,
                           request->language, fault);
    json_t *answer = form_answer(form);
    if (!answer) {
        fault_set(fault, FAULT_INPUT, "%s", word(request, "answer_first"));
        return NULL;
    }
    json_t *result = school_attempt(request->web->school, request->learner, request->part[2].at,
                                    seed, answer, request->language, fault);
    json_decref(answer);
    return result;
}

void page_lesson_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = web_form(buffer_view(&request->body), &fault), *result = NULL;
    if (form && request_need_learner(request, &fault))
        result = post_answer(request, form, &fault);
    json_decref(form);
    if (!result) {
        reply_fault(request, &fault);
        return;
    }
    show_lesson(request, &(struct outcome){request->part[2].at, result});
    json_decref(result);
}
