/* What a class is to do: assigning, how far each is, and what was gained between two tests. */
#include "web/parts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *kind_word(struct request *request, const char *kind) {
    return !strcmp(kind, "pre")    ? word(request, "pre_test")
           : !strcmp(kind, "post") ? word(request, "post_test")
                                   : word(request, "assign_lesson");
}

/* ------------------------------------------------------------------------------------- the form
 */

static void lesson_options(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *courses = school_courses(request->web->school, request->language), *course, *lesson;
    size_t i, j;
    json_array_foreach(courses, i, course) {
        buffer_text(out, "<optgroup label=\"");
        put(out, json_text(course, "title", ""));
        buffer_text(out, "\">");
        json_array_foreach(json_object_get(course, "lessons"), j, lesson) {
            buffer_text(out, "<option value=\"");
            put(out, json_text(course, "id", ""));
            buffer_text(out, "/");
            put(out, json_text(lesson, "id", ""));
            buffer_text(out, "\">");
            put(out, json_text(lesson, "title", ""));
            buffer_text(out, "</option>");
        }
        buffer_text(out, "</optgroup>");
    }
    json_decref(courses);
}

static void assign_form(struct request *request) {
    static const char *const kinds[] = {"lesson", "pre", "post"};
    struct buffer *out = &request->reply.body;
    html_heading(out, 2, word(request, "assign_new"));
    html_form_begin(out, "stack", "/classes/%lld/work", (long long)request->id[0]);
    buffer_text(out, "<p class=\"field-line\"><label for=\"f-kind\">");
    put(out, word(request, "assign_what"));
    buffer_text(out, "</label><select id=\"f-kind\" name=\"kind\">");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        buffer_format(out, "<option value=\"%s\">", kinds[i]);
        put(out, kind_word(request, kinds[i]));
        buffer_text(out, "</option>");
    }
    buffer_text(out, "</select></p><p class=\"field-line\"><label for=\"f-lesson\">");
    put(out, word(request, "lesson"));
    buffer_text(out, "</label><select id=\"f-lesson\" name=\"lesson\">");
    lesson_options(request);
    buffer_text(out, "</select></p>");
    html_field(out,
               &(struct field){.name = "due", .label = word(request, "due_date"), .type = "date"});
    html_form_end(out, word(request, "assign"));
}

/* "2027-01-31" to its last second by the school's clock; 0 when empty, -1 when it is no day. */
static int64_t end_of_day(const char *text) {
    struct tm day = {.tm_isdst = -1};
    if (!*text)
        return 0;
    const char *rest = strptime(text, "%Y-%m-%d", &day);
    if (!rest || *rest)
        return -1;
    day.tm_hour = 23;
    day.tm_min = day.tm_sec = 59;
    time_t at = mktime(&day);
    return at == (time_t)-1 ? -1 : (int64_t)at * 1000;
}

void page_assign(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    const char *place = form_text(form, "lesson"), *slash = strchr(place, '/');
    int64_t due = end_of_day(form_text(form, "due")), made = 0;
    if (!slash || due < 0)
        fault_set(&fault, FAULT_INPUT, "%s", word(request, "not_found"));
    else
        made = school_assign(
            request->web->school, request->learner, request->id[0], form_text(form, "kind"),
            arena_string(request->arena, (struct view){place, (size_t)(slash - place)}), slash + 1,
            due, &fault);
    done_or_fault(request, made > 0, &fault, "/classes/%lld/work", (long long)request->id[0]);
    json_decref(form);
}

void page_assign_end(struct request *request) {
    struct fault fault = {0};
    bool done = school_assign_end(request->web->school, request->learner, request->id[0],
                                  number_of(request->part[1]), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/work", (long long)request->id[0]);
}

/* -------------------------------------------------------------------------------- who has done it
 */

static void done_row(struct request *request, const json_t *learner) {
    struct buffer *out = &request->reply.body;
    int64_t done = whole(learner, "done"), total = whole(learner, "total");
    buffer_format(out, "<tr><th scope=\"row\"><a href=\"/classes/%lld/learners/%lld\">",
                  (long long)request->id[0], (long long)whole(learner, "id"));
    html_name(request, out, learner);
    buffer_format(out,
                  "</a></th><td><svg class=\"bar\" viewBox=\"0 0 100 4\" "
                  "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"all\" "
                  "width=\"100\" height=\"4\"/><rect class=\"done\" width=\"%.1f\" "
                  "height=\"4\"/></svg></td><td>%lld / %lld</td></tr>\n",
                  total ? 100.0 * (double)done / (double)total : 0, (long long)done,
                  (long long)total);
}

static void assignment(struct request *request, const json_t *one) {
    struct buffer *out = &request->reply.body;
    json_t *learner;
    size_t i, n_done = 0, n = json_array_size(json_object_get(one, "learners"));
    json_array_foreach(json_object_get(one, "learners"), i, learner) n_done +=
        whole(learner, "done") >= whole(learner, "total");
    buffer_text(out, "<section class=\"assignment\"><h3>");
    put(out, kind_word(request, json_text(one, "kind", "")));
    buffer_text(out, ": <bdi>");
    put(out, json_text(one, "title", ""));
    buffer_format(out, "</bdi></h3><p class=\"quiet\">%zu / %zu", n_done, n);
    if (whole(one, "due")) {
        buffer_text(out, " · ");
        put(out, word(request, "due"));
        buffer_text(out, " ");
        html_time(request, whole(one, "due"));
    }
    buffer_text(out, "</p><table class=\"done-by\"><tbody>\n");
    json_array_foreach(json_object_get(one, "learners"), i, learner) done_row(request, learner);
    buffer_text(out, "</tbody></table>\n");
    html_button(out, word(request, "end"), "inline", "/classes/%lld/work/%lld/end",
                (long long)request->id[0], (long long)whole(one, "id"));
    buffer_text(out, "</section>\n");
}

/* ----------------------------------------------------------------------------------- the gains */

enum { LEFT = 40, RIGHT = 250, TOP = 12, HEIGHT = 160 };

static double up(double share) {
    return TOP + HEIGHT * (1 - share);
}

static void slope(struct buffer *out, const char *class, double pre, double post) {
    buffer_format(out,
                  "<path class=\"%s\" d=\"M%d %.1fL%d %.1f\"/><circle class=\"%s\" cx=\"%d\" "
                  "cy=\"%.1f\" r=\"3\"/><circle class=\"%s\" cx=\"%d\" cy=\"%.1f\" r=\"3\"/>",
                  class, LEFT, up(pre), RIGHT, up(post), class, LEFT, up(pre), class, RIGHT,
                  up(post));
}

static void gain_plot(struct request *request, const json_t *pair) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_text(out, "<svg class=\"slopes\" viewBox=\"0 0 280 200\" role=\"img\" aria-label=\"");
    put(out, word(request, "what_was_gained"));
    buffer_format(out, "\"><path class=\"axis\" d=\"M%d %dV%dM%d %dV%d\"/>", LEFT, TOP,
                  TOP + HEIGHT, RIGHT, TOP, TOP + HEIGHT);
    for (int percent = 0; percent <= 100; percent += 50)
        buffer_format(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d%%</text>", LEFT - 6,
                      up(percent / 100.0) + 3, percent);
    json_array_foreach(json_object_get(pair, "learners"), i, one) {
        if (json_is_number(json_object_get(one, "pre")) &&
            json_is_number(json_object_get(one, "post")))
            slope(out, "one", json_number(one, "pre", 0), json_number(one, "post", 0));
    }
    slope(out, "mean", json_number(pair, "pre", 0), json_number(pair, "post", 0));
    buffer_format(out, "<text x=\"%d\" y=\"%d\">", LEFT - 34, TOP + HEIGHT + 20);
    put(out, word(request, "pre_test"));
    buffer_format(out, "</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">", RIGHT + 24,
                  TOP + HEIGHT + 20);
    put(out, word(request, "post_test"));
    buffer_text(out, "</text></svg>\n");
}

static void gain_table(struct request *request, const json_t *pair) {
    static const char *const heads[] = {"name", "pre_test", "post_test"};
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_text(out, "<table class=\"gains\"><thead><tr>");
    for (i = 0; i < COUNT_OF(heads); i++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, word(request, heads[i]));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(json_object_get(pair, "learners"), i, one) {
        static const char *const keys[] = {"pre", "post"};
        buffer_text(out, "<tr><th scope=\"row\">");
        html_name(request, out, one);
        buffer_text(out, "</th>");
        for (size_t j = 0; j < COUNT_OF(keys); j++) {
            const json_t *share = json_object_get(one, keys[j]);
            buffer_text(out, "<td>");
            if (json_is_number(share))
                buffer_format(out, "%.0f%%", 100 * json_number_value(share));
            buffer_text(out, "</td>");
        }
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

static void gains(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *list = school_gains(request->web->school, request->id[0], request->language), *pair;
    size_t i;
    if (json_array_size(list)) {
        html_heading(out, 2, word(request, "what_was_gained"));
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "gain_note"));
        buffer_text(out, "</p>\n");
    }
    json_array_foreach(list, i, pair) {
        buffer_text(out, "<section class=\"gain\"><h3 dir=\"auto\">");
        put(out, json_text(pair, "title", ""));
        buffer_text(out, "</h3><p>");
        if (json_is_number(json_object_get(pair, "gain")))
            buffer_format(out, "%s <strong>%.0f%%</strong> · ", word(request, "gain"),
                          100 * json_number(pair, "gain", 0));
        buffer_format(out, "%s: %lld</p><div class=\"row\">", word(request, "took_both"),
                      (long long)whole(pair, "n"));
        if (whole(pair, "n"))
            gain_plot(request, pair);
        gain_table(request, pair);
        buffer_text(out, "</div></section>\n");
    }
    json_decref(list);
}

void page_work(struct request *request) {
    struct fault fault = {0};
    json_t *class = school_class(request->web->school, request->id[0], &fault), *one;
    if (!class) {
        reply_fault(request, &fault);
        return;
    }
    json_t *list = school_assignments(request->web->school, request->id[0], request->language);
    class_begin(request, json_text(class, "title", ""), "work");
    struct buffer *out = &request->reply.body;
    size_t i;
    html_heading(out, 2, word(request, "who_has_done"));
    if (!json_array_size(list)) {
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "nothing_assigned"));
        buffer_text(out, "</p>\n");
    }
    buffer_text(out, "<div class=\"cards\">");
    json_array_foreach(list, i, one) assignment(request, one);
    buffer_text(out, "</div>\n");
    gains(request);
    assign_form(request);
    class_end(request);
    json_decref(list);
    json_decref(class);
}
