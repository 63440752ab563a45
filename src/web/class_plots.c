/* Plots of a class: alone or only with help, and time at work. SVG of the server's own, so that
 * they are there without scripts and on paper. */
#include "web/parts.h"

#include <string.h>

static double share(int64_t part, int64_t all) {
    return all > 0 ? (double)part / (double)all : 0;
}

/* The sign by which a figure is known in the key, in the plot and beside its number. */
static void mark(struct buffer *out, const char *kind) {
    buffer_format(out,
                  "<svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><circle class=\"%s\" "
                  "cx=\"6\" cy=\"6\" r=\"4.5\"/></svg> ",
                  kind);
}

static void effort_count(struct buffer *out, const char *kind, int64_t part, int64_t all) {
    buffer_text(out, "<td>");
    mark(out, kind);
    buffer_format(out, "%lld / %lld</td>", (long long)part, (long long)all);
}

/* A line a skill: a full dot for first tries without help that were right, a ring for all that was
 * solved in the end. */
static void effort_row(struct request *request, const json_t *effort) {
    struct buffer *out = &request->reply.body;
    double alone = share(whole(effort, "right"), whole(effort, "unaided"));
    double helped = share(whole(effort, "solved"), whole(effort, "tried"));
    buffer_text(out, "<tr><th scope=\"row\"><bdi>");
    put(out, json_text(effort, "title", ""));
    buffer_format(out,
                  "</bdi></th><td><svg class=\"dumbbell\" viewBox=\"0 0 208 16\" "
                  "aria-hidden=\"true\"><path class=\"axis\" d=\"M4 8H204M4 4v8M104 5v6M204 "
                  "4v8\"/><path class=\"span\" d=\"M%.1f 8H%.1f\"/><circle class=\"helped\" "
                  "cx=\"%.1f\" cy=\"8\" r=\"5\"/>",
                  4 + 200 * alone, 4 + 200 * helped, 4 + 200 * helped);
    if (whole(effort, "unaided"))
        buffer_format(out, "<circle class=\"alone\" cx=\"%.1f\" cy=\"8\" r=\"4\"/>",
                      4 + 200 * alone);
    buffer_text(out, "</svg></td>");
    effort_count(out, "alone", whole(effort, "right"), whole(effort, "unaided"));
    effort_count(out, "helped", whole(effort, "solved"), whole(effort, "tried"));
    buffer_text(out, "</tr>\n");
}

static void effort_plot(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    const json_t *list = json_object_get(view, "effort");
    json_t *one;
    size_t i;
    if (!json_array_size(list))
        return;
    html_heading(out, 2, word(request, "alone_or_helped"));
    buffer_text(out, "<p class=\"key\"><span>");
    mark(out, "alone");
    put(out, word(request, "right_alone"));
    buffer_text(out, "</span> <span>");
    mark(out, "helped");
    put(out, word(request, "solved_at_last"));
    buffer_text(out, "</span></p>\n<div class=\"wide\" tabindex=\"0\"><table "
                     "class=\"effort\"><thead class=\"unseen\"><tr>");
    static const char *const heads[] = {"what", "alone_or_helped", "right_alone",
                                        "solved_at_last"};
    for (i = 0; i < COUNT_OF(heads); i++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, word(request, heads[i]));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(list, i, one) effort_row(request, one);
    buffer_text(out, "</tbody></table></div>\n");
}

/* Seven bars, a day each; today is the last. */
static void time_row(struct request *request, const json_t *learner, int64_t most) {
    struct buffer *out = &request->reply.body;
    json_t *day;
    size_t i;
    int64_t sum = 0;
    buffer_text(out, "<tr><th scope=\"row\">");
    html_name(request, out, learner);
    buffer_text(out, "</th><td><svg class=\"days\" viewBox=\"0 0 112 20\" aria-hidden=\"true\">"
                     "<path class=\"axis\" d=\"M0 19.5H112\"/>");
    json_array_foreach(json_object_get(learner, "minutes"), i, day) {
        int64_t minutes = json_integer_value(day);
        double height = 18 * share(minutes, most);
        sum += minutes;
        if (minutes)
            buffer_format(out,
                          "<rect class=\"done\" x=\"%zu\" y=\"%.1f\" width=\"12\" "
                          "height=\"%.1f\"/>",
                          i * 16 + 2, 19 - height, height);
    }
    buffer_format(out, "</svg></td><td>%lld %s</td></tr>\n", (long long)sum,
                  word(request, "unit_minutes"));
}

static void time_plot(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    json_t *learner, *day;
    size_t i, j;
    int64_t most = 0;
    json_array_foreach(json_object_get(view, "learners"), i, learner)
        json_array_foreach(json_object_get(learner, "minutes"), j, day) most =
            json_integer_value(day) > most ? json_integer_value(day) : most;
    if (!most)
        return;
    html_heading(out, 2, word(request, "how_long"));
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, "time_note"));
    buffer_text(out, "</p>\n<div class=\"wide\" tabindex=\"0\"><table class=\"times\"><tbody>\n");
    json_array_foreach(json_object_get(view, "learners"), i, learner)
        time_row(request, learner, most);
    buffer_text(out, "</tbody></table></div>\n");
}

void class_plots(struct request *request, const json_t *view) {
    effort_plot(request, view);
    time_plot(request, view);
}
