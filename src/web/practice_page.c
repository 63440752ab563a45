/* The practice page: the next exercise, why it is the next, and the way on. */
#include "web/parts.h"

#include <string.h>

static void paragraph(struct request *request, const char *kind, const char *text) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<p class=\"%s\" dir=\"auto\">", kind);
    buffer_html(out, view_of(text));
    buffer_text(out, "</p>\n");
}

static void practice_href(struct buffer *out, const char *course, const char *challenge) {
    buffer_text(out, "/practice?course=");
    url_part(out, course);
    if (challenge)
        buffer_format(out, "&amp;challenge=%s", challenge);
}

static void way_on(struct request *request, const char *course, const char *challenge,
                   const char *label, const char *kind) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<a class=\"%s\" href=\"", kind);
    practice_href(out, course, challenge);
    buffer_text(out, "\">");
    buffer_html(out, view_of(word(request, label)));
    buffer_text(out, "</a> ");
}

/* "We expect you to get this right about 8 times in 10": told as a whole number of ten. */
static void expectation(struct request *request, const json_t *next) {
    int of_ten = (int)(json_number(next, "predicted", 0) * 10 + 0.5);
    const char *text = word(request, "expected_right"), *mark = strstr(text, "%d");
    if (!mark)
        return;
    paragraph(request, "quiet",
              arena_format(request->arena, "%.*s%d%s", (int)(mark - text), text,
                           of_ten > 9   ? 9
                           : of_ten < 1 ? 1
                                        : of_ten,
                           mark + 2));
}

/* Where the exercise is from, and where a form without scripts goes. */
static const char *lesson_path(struct request *request, const json_t *next) {
    struct buffer path = {0};
    lesson_href(&path, json_text(next, "course", ""), json_text(next, "lesson", ""));
    const char *copy = arena_string(request->arena, buffer_view(&path));
    buffer_free(&path);
    return copy;
}

static void article_begin(struct request *request, const json_t *next) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<article data-course=\"");
    buffer_html(out, view_of(json_text(next, "course", "")));
    buffer_text(out, "\" data-lesson=\"");
    buffer_html(out, view_of(json_text(next, "lesson", "")));
    buffer_text(out, "\">\n");
}

static void show_exercise(struct request *request, const json_t *next) {
    struct buffer *out = &request->reply.body;
    const json_t *exercise = json_object_get(next, "exercise");
    const char *id = json_text(exercise, "id", "");
    buffer_text(out, "<section class=\"exercise\" id=\"");
    buffer_html(out, view_of(id));
    buffer_text(out, "\" data-exercise=\"");
    buffer_html(out, view_of(id));
    buffer_text(out, "\" tabindex=\"-1\">");
    html_exercise(request, out, exercise, lesson_path(request, next), NULL);
    buffer_text(out, "</section>\n");
}

static void ways_on(struct request *request, const json_t *next) {
    struct buffer *out = &request->reply.body;
    const char *course = json_text(next, "course", "");
    if (json_number(next, "predicted", 0) >= 0.5) /* of what is new nobody expects much */
        expectation(request, next);
    buffer_text(out, "<nav class=\"practice\" aria-label=\"");
    buffer_html(out, view_of(word(request, "practice")));
    buffer_text(out, "\">");
    way_on(request, course, NULL, "practise_next", "button main-button");
    way_on(request, course, "gentler", "gentler", "button");
    way_on(request, course, "harder", "harder", "button");
    buffer_format(out, "<a class=\"from\" href=\"%s\">", lesson_path(request, next));
    buffer_html(out, view_of(json_text(next, "lesson_title", json_text(next, "lesson", ""))));
    buffer_text(out, "</a></nav>\n");
}

static void title_of(struct request *request, const json_t *next, int level) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<h%d dir=\"auto\">", level);
    buffer_html(out, view_of(json_text(json_object_get(next, "skill"), "title",
                                       word(request, "practice"))));
    buffer_format(out, "</h%d>\n", level);
}

static void to_courses(struct request *request) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<p><a href=\"/\">");
    buffer_html(out, view_of(word(request, "to_courses")));
    buffer_text(out, "</a></p>\n");
}

static void show_next(struct request *request, const json_t *next) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"practice-page\">");
    article_begin(request, next);
    title_of(request, next, 1);
    if (json_text(next, "rest", NULL))
        paragraph(request, "rest", json_text(next, "rest", ""));
    paragraph(request, "why", json_text(next, "why", ""));
    if (json_is_object(json_object_get(next, "exercise"))) {
        show_exercise(request, next);
        ways_on(request, next);
    } else {
        to_courses(request);
    }
    buffer_text(out, "</article></main>\n");
}

void page_practice(struct request *request) {
    struct fault fault = {0};
    struct view course = request_argument(request, "course");
    int shift;
    if (!read_challenge(request, &shift))
        return;
    json_t *next = school_next(request->web->school, request->learner,
                               course.n ? arena_string(request->arena, course) : NULL, shift,
                               request->language, &fault);
    if (!next) {
        reply_fault(request, &fault);
        return;
    }
    page_begin(request, word(request, "practice"), "practice", "lesson.js");
    show_next(request, next);
    page_end(request);
    json_decref(next);
}

/* An exercise for each review that is due, on one page: so they can be done while the school is
 * away. */
void page_due(struct request *request) {
    struct fault fault = {0};
    struct buffer *out = &request->reply.body;
    json_t *due = school_due(request->web->school, request->learner, request->language, &fault),
           *next;
    if (!due) {
        reply_fault(request, &fault);
        return;
    }
    page_begin(request, word(request, "what_is_due"), "practice", "lesson.js");
    buffer_text(out, "<main id=\"main\" class=\"practice-page\"><h1>");
    buffer_html(out, view_of(word(request, "what_is_due")));
    buffer_text(out, "</h1>\n");
    size_t i;
    json_array_foreach(due, i, next) {
        article_begin(request, next);
        title_of(request, next, 2);
        paragraph(request, "why", json_text(next, "why", ""));
        show_exercise(request, next);
        buffer_text(out, "</article>\n");
    }
    if (!json_array_size(due)) {
        paragraph(request, "quiet", word(request, "nothing_due"));
        to_courses(request);
    }
    buffer_text(out, "</main>\n");
    page_end(request);
    json_decref(due);
}

/* ---------------------------------------------------------------------- on the progress page */

static void due_item(struct request *request, const json_t *due) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<li><a href=\"");
    practice_href(out, json_text(due, "course", ""), NULL);
    buffer_text(out, "\" dir=\"auto\">");
    buffer_html(out, view_of(json_text(due, "title", "")));
    buffer_text(out, "</a> <span class=\"quiet\" dir=\"auto\">");
    buffer_html(out, view_of(json_text(due, "why", "")));
    buffer_text(out, "</span></li>\n");
}

/* The days to come as columns: how much is due on each. */
static void upcoming_plot(struct request *request, const json_t *upcoming) {
    struct buffer *out = &request->reply.body;
    size_t i;
    json_t *day;
    int most = 1;
    json_array_foreach(upcoming, i, day) {
        int n = (int)json_number(day, "reviews", 0);
        most = n > most ? n : most;
    }
    buffer_text(out, "<table class=\"upcoming\"><caption>");
    buffer_html(out, view_of(word(request, "reviews_to_come")));
    buffer_text(out, "</caption><tbody>\n");
    json_array_foreach(upcoming, i, day) {
        int n = (int)json_number(day, "reviews", 0);
        buffer_text(out, "<tr><th scope=\"row\">");
        html_date(request, json_text(day, "day", ""));
        buffer_format(out,
                      "</th><td><svg class=\"bar\" viewBox=\""
                      "0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
                      "class=\"done\" width=\"%d\" height=\"4\"/></svg></td><td>%d</td></tr>\n",
                      100 * n / most, n);
    }
    buffer_text(out, "</tbody></table>\n");
}

/* "%d" filled by a number; nothing where there is nothing to tell. */
static void count_told(struct request *request, const char *label, int n) {
    const char *text = word(request, label), *mark = strstr(text, "%d");
    if (mark && n > 0)
        paragraph(request, "quiet",
                  arena_format(request->arena, "%.*s%d%s", (int)(mark - text), text, n, mark + 2));
}

void html_practised(struct request *request, const json_t *progress) {
    const json_t *practised = json_object_get(progress, "practised");
    count_told(request, "days_of_week", (int)json_number(practised, "days_of_week", 0));
    int goal = (int)json_number(practised, "goal", 0);
    if (goal > 0)
        paragraph(request, "quiet",
                  arena_format(request->arena, "%s: %d / %d", word(request, "goal_today"),
                               (int)json_number(practised, "today", 0), goal));
}

void html_reviews(struct request *request) {
    struct fault fault = {0};
    struct buffer *out = &request->reply.body;
    json_t *reviews = school_reviews(request->web->school, request->learner, NULL,
                                     request->language, &fault),
           *due;
    if (!reviews)
        return;
    const json_t *all = json_object_get(reviews, "due");
    const json_t *upcoming = json_object_get(reviews, "upcoming");
    buffer_text(out, "<h2>");
    buffer_html(out, view_of(word(request, "what_is_due")));
    buffer_text(out, "</h2>\n");
    if (json_array_size(all)) {
        size_t i;
        buffer_text(out, "<ul class=\"due\">\n");
        json_array_foreach(all, i, due) due_item(request, due);
        buffer_text(out, "</ul>\n");
    } else {
        paragraph(request, "quiet", word(request, "nothing_due"));
    }
    buffer_text(out, "<p><a class=\"button main-button\" href=\"/practice\">");
    buffer_html(out, view_of(word(request, "practise")));
    buffer_text(out, "</a></p>\n");
    if (json_array_size(upcoming))
        upcoming_plot(request, upcoming);
    json_decref(reviews);
}
