/* A class at a glance: first who needs a person now, then what the class can do, and what goes
 * wrong. Every plot answers the question above it. */
#include "web/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_AT_ONCE = 6 };

/* ---------------------------------------------------------------------------------- who is stuck
 */

static void lesson_link(struct buffer *out, const json_t *place) {
    buffer_text(out, "<a href=\"");
    lesson_href(out, json_text(place, "course", ""), json_text(place, "lesson", ""));
    buffer_text(out, "#");
    url_part(out, json_text(place, "exercise", ""));
    buffer_text(out, "\"><bdi>");
    put(out, json_text(place, "title", json_text(place, "exercise", "")));
    buffer_text(out, "</bdi></a>");
}

/* Where a teacher can write what the tutor says to the answers of an exercise: among the wrong
 * ones below, if they are shown there. */
static bool can_be_written(const json_t *view, const char *exercise) {
    json_t *group;
    size_t i;
    json_array_foreach(json_object_get(view, "wrong"), i, group) {
        if (!strcmp(json_text(group, "exercise", ""), exercise) &&
            !json_text(group, "misconception", NULL))
            return true;
    }
    return false;
}

static void write_link(struct request *request, const char *exercise) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, " <a class=\"to-write\" href=\"#write-");
    url_part(out, exercise);
    buffer_text(out, "\">");
    put(out, word(request, "write_one"));
    buffer_text(out, "</a>");
}

static void stuck_answers(struct request *request, const json_t *view, const json_t *stuck) {
    struct buffer *out = &request->reply.body;
    const char *exercise = json_text(stuck, "exercise", "");
    bool writable = can_be_written(view, exercise);
    json_t *answer;
    size_t i;
    if (!json_array_size(json_object_get(stuck, "answers")))
        return;
    buffer_text(out, "<ul class=\"answers\">");
    json_array_foreach(json_object_get(stuck, "answers"), i, answer) {
        const char *why = json_text(answer, "misconception", "");
        buffer_text(out, "<li>");
        html_answer(out, answer);
        buffer_text(out, " <small>");
        put(out, *why ? why : word(request, "unforeseen"));
        buffer_text(out, "</small>");
        if (!*why && writable)
            write_link(request, exercise);
        writable = writable && *why; /* once is enough */
        buffer_text(out, "</li>");
    }
    buffer_text(out, "</ul>");
}

static void stuck_one(struct request *request, const json_t *view, const json_t *stuck) {
    struct buffer *out = &request->reply.body;
    bool present = json_flag(stuck, "now", false);
    int64_t now = whole(view, "now");
    long long learner = (long long)whole(stuck, "learner");
    buffer_format(out,
                  "<li class=\"stuck\" data-now=\"%s\"><h3><a href=\"/classes/%lld/learners/"
                  "%lld?exercise=",
                  present ? "yes" : "no", (long long)request->id[0], learner);
    url_part(out, json_text(stuck, "exercise", ""));
    buffer_text(out, "\">");
    html_name(request, out, stuck);
    buffer_text(out, "</a></h3><p>");
    lesson_link(out, stuck);
    buffer_text(out, " <small class=\"since\">");
    put(out, word(request, "stuck_since"));
    buffer_text(out, " ");
    html_ago(request, out, now, whole(stuck, "since"));
    if (!present) {
        buffer_text(out, " · ");
        put(out, word(request, "left_before"));
        buffer_text(out, " ");
        html_ago(request, out, now, whole(stuck, "last"));
    }
    if (whole(stuck, "more"))
        buffer_format(out, " · %s: %lld", word(request, "more_stuck"),
                      (long long)whole(stuck, "more"));
    buffer_format(out, "</small></p><p class=\"tallies\">%s: %lld · %s: %lld%s%s</p>",
                  word(request, "wrong_in_a_row"), (long long)whole(stuck, "wrong"),
                  word(request, "hints_taken"), (long long)whole(stuck, "hints"),
                  whole(stuck, "bottomed") ? " · " : "",
                  whole(stuck, "bottomed") ? word(request, "solution_shown") : "");
    stuck_answers(request, view, stuck);
    buffer_text(out, "</li>\n");
}

static void stuck_list(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    const json_t *list = json_object_get(view, "stuck");
    json_t *one;
    size_t i;
    html_heading(out, 2, word(request, "who_is_stuck"));
    if (!json_array_size(list)) {
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "nobody_stuck"));
        buffer_text(out, "</p>\n");
        return;
    }
    buffer_text(out, "<ol class=\"stuck-list\">");
    json_array_foreach(list, i, one) stuck_one(request, view, one);
    buffer_text(out, "</ol>\n");
}

/* ----------------------------------------------------------------------------------- the heat map
 */

/* The parts of a cell that depend on nothing but its share, made when the first of that share is
 * met: a class has many cells, and formatting is most of what they cost. */
struct look {
    struct view begin, middle,
        end; /* before the skill's title, then before the count, then last */
};
enum { N_PERCENT = 101 };

struct heat {
    struct request *request;
    struct buffer *out;
    struct look looks[2][N_PERCENT]; /* [judged][percent] */
    struct view *titles;             /* of the skills, escaped */
    size_t n_skill;
};

static struct look look_of(struct request *request, bool judged, int percent) {
    struct arena *arena = request->arena;
    int step = percent >= 95 ? 5 : percent / 20 + 1;
    const char *text = judged ? arena_format(arena, "%d%%", percent) : "";
    struct buffer said = {0};
    if (!judged)
        put(&said, word(request, "with_help_only"));
    struct look look = {
        .begin = view_of(arena_format(
            arena,
            "<td><svg class=\"cell m%d\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><title>",
            judged ? step : 0)),
        .middle = view_of(arena_format(arena, " · %d%% · ", percent)),
        .end = view_of(arena_format(
            arena,
            "</title><rect class=\"all\" x=\".5\" y=\".5\" width=\"19\" height=\"19\" rx=\"2\"/>"
            "<rect class=\"done\" x=\".5\" y=\"%.1f\" width=\"19\" height=\"%.1f\" "
            "rx=\"2\"/></svg>"
            "<span class=\"unseen\">%s%s</span></td>",
            19.5 - 0.19 * percent, 0.19 * percent, text, said.at ? said.at : ""))};
    buffer_free(&said);
    return look;
}

/* A square that fills from below, and darkens: not by colour alone. */
static void cell(struct heat *heat, const struct class_cell *state, struct view title) {
    double mastery = state->judged ? fmin(fmax(state->mastery, 0), 1) : 0;
    int percent = (int)(mastery * 100 + 0.5);
    if (!state->begun) {
        buffer_append(heat->out,
                      VIEW("<td><svg class=\"cell none\" viewBox=\"0 0 20 20\" "
                           "aria-hidden=\"true\"><circle cx=\"10\" cy=\"10\" r=\"1.3\"/></svg>"
                           "<span class=\"unseen\">–</span></td>"));
        return;
    }
    struct look *look = &heat->looks[state->judged][percent];
    if (!look->begin.n)
        *look = look_of(heat->request, state->judged, percent);
    buffer_append(heat->out, look->begin);
    buffer_append(heat->out, title);
    buffer_append(heat->out, look->middle);
    buffer_format(heat->out, "%lld", (long long)state->attempts);
    buffer_append(heat->out, look->end);
}

static void heat_row(struct heat *heat, const json_t *learner, const struct class_cell *cells) {
    buffer_format(heat->out, "<tr><th scope=\"row\"><a href=\"/classes/%lld/learners/%lld\">",
                  (long long)heat->request->id[0], (long long)whole(learner, "id"));
    html_name(heat->request, heat->out, learner);
    buffer_text(heat->out, "</a></th>");
    for (size_t i = 0; i < heat->n_skill; i++)
        cell(heat, &cells[i], heat->titles[i]);
    buffer_text(heat->out, "</tr>\n");
}

static void heat_rows(struct request *request, const struct class_table *table) {
    struct arena *arena = request->arena;
    struct heat *heat = ARENA_NEW(arena, 1, struct heat);
    json_t *one;
    size_t i;
    heat->request = request;
    heat->out = &request->reply.body;
    heat->n_skill = table->n_skill;
    heat->titles = ARENA_NEW(arena, table->n_skill + 1, struct view);
    json_array_foreach(json_object_get(table->view, "skills"), i, one) {
        struct buffer title = {0};
        put(&title, json_text(one, "title", ""));
        heat->titles[i] = arena_copy(arena, buffer_view(&title));
        buffer_free(&title);
    }
    json_array_foreach(json_object_get(table->view, "learners"), i, one)
        heat_row(heat, one, table->cells + i * table->n_skill);
}

static void heat_map(struct request *request, const struct class_table *table) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    html_heading(out, 2, word(request, "who_can_what"));
    if (!table->n_learner) {
        buffer_format(out, "<p><a href=\"/classes/%lld/people\">", (long long)request->id[0]);
        put(out, word(request, "nobody_yet"));
        buffer_text(out, "</a></p>\n");
        return;
    }
    buffer_text(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
    put(out, word(request, "who_can_what"));
    buffer_text(out, "\"><table class=\"heat\"><thead><tr><td></td>");
    json_array_foreach(json_object_get(table->view, "skills"), i, one) {
        buffer_text(out, "<th scope=\"col\"><span><bdi>");
        put(out, json_text(one, "title", json_text(one, "id", "")));
        buffer_text(out, "</bdi></span></th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    heat_rows(request, table);
    buffer_text(out, "</tbody></table></div>\n<p class=\"quiet\">");
    put(out, word(request, "heat_note"));
    buffer_text(out, "</p>\n");
}

/* -------------------------------------------------------------------------------- wrong answers
 */

static void wrong_examples(struct request *request, const json_t *group) {
    struct buffer *out = &request->reply.body;
    json_t *answer;
    size_t i;
    buffer_text(out, "<ul class=\"answers\">");
    json_array_foreach(json_object_get(group, "answers"), i, answer) {
        const char *ask = json_text(answer, "ask_html", NULL);
        const char *names = json_text(answer, "names", "");
        buffer_text(out, "<li>");
        html_answer(out, answer);
        if (whole(answer, "n") > 1)
            buffer_format(out, " <small>× %lld</small>", (long long)whole(answer, "n"));
        if (ask)
            buffer_format(out, "<div class=\"asked\" dir=\"auto\">%s</div>", ask);
        if (*names && !json_text(group, "misconception", NULL)) {
            buffer_text(out, "<p class=\"names\"><code dir=\"ltr\">");
            put(out, names);
            buffer_text(out, "</code></p>");
        }
        buffer_text(out, "</li>");
    }
    buffer_text(out, "</ul>\n");
}

/* A form that takes effect at once, and the line for the course file. */
static void write_field(struct request *request, const char *name, const char *label,
                        const char *value, int most) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<p class=\"field-line\"><label>");
    put(out, label);
    if (most > 300)
        buffer_format(out,
                      " <textarea name=\"%s\" required rows=\"3\" maxlength=\"%d\" "
                      "dir=\"auto\"></textarea></label></p>",
                      name, most);
    else {
        buffer_format(out, " <input name=\"%s\" required maxlength=\"%d\" value=\"", name, most);
        put(out, value);
        buffer_text(out, "\"></label></p>");
    }
}

static void write_form(struct request *request, const json_t *group) {
    struct buffer *out = &request->reply.body, is = {0};
    const json_t *given = json_object_get(group, "is");
    if (json_is_string(given))
        buffer_text(&is, json_string_value(given));
    else if (given)
        buffer_json(&is, given);
    html_form_begin(out, "stack", "/classes/%lld/misconceptions", (long long)request->id[0]);
    buffer_text(out, "<input type=\"hidden\" name=\"exercise\" value=\"");
    put(out, json_text(group, "exercise", ""));
    buffer_text(out, "\">");
    write_field(request, "is",
                json_flag(group, "varies", false) ? word(request, "wrong_is_varied")
                                                  : word(request, "wrong_is"),
                is.at, 300);
    write_field(request, "why", word(request, "wrong_why"), "", 60);
    write_field(request, "say", word(request, "wrong_say"), "", 500);
    html_form_end(out, word(request, "wrong_keep"));
    buffer_free(&is);
}

static void wrong_write(struct request *request, const json_t *group) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<details class=\"write\"><summary>");
    put(out, word(request, "write_one"));
    buffer_text(out, "</summary>");
    write_form(request, group);
    buffer_text(out, "<p>");
    put(out, word(request, "write_how"));
    buffer_text(out, " <code dir=\"ltr\">");
    put(out, json_text(group, "file", ""));
    buffer_format(out, ":%lld</code></p><pre dir=\"ltr\" tabindex=\"0\">",
                  (long long)whole(group, "line"));
    put(out, json_text(group, "write", ""));
    buffer_text(out, "</pre></details>\n");
}

/* The way from who is stuck leads to the first of an exercise that nobody foresaw. */
static void wrong_begin(struct request *request, const json_t *list, size_t i) {
    struct buffer *out = &request->reply.body;
    const json_t *group = json_array_get(list, i);
    const char *exercise = json_text(group, "exercise", "");
    bool first = !json_text(group, "misconception", NULL);
    for (size_t j = 0; j < i; j++) {
        const json_t *before = json_array_get(list, j);
        first = first && (json_text(before, "misconception", NULL) ||
                          strcmp(json_text(before, "exercise", ""), exercise) != 0);
    }
    buffer_text(out, "<li");
    if (first) {
        buffer_text(out, " id=\"write-");
        put(out, exercise);
        buffer_text(out, "\"");
    }
    buffer_text(out, "><h3>");
}

static void wrong_one(struct request *request, const json_t *list, size_t place, int64_t most) {
    struct buffer *out = &request->reply.body;
    const json_t *group = json_array_get(list, place);
    const char *why = json_text(group, "misconception", NULL);
    const char *said = json_text(group, "say_html", NULL);
    double share = most ? (double)whole(group, "n") / (double)most : 0;
    wrong_begin(request, list, place);
    lesson_link(out, group);
    buffer_format(out,
                  "</h3><p class=\"measure\"><svg class=\"bar\" viewBox=\"0 0 100 4\" "
                  "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"all\" "
                  "width=\"100\" height=\"4\"/><rect class=\"done\" width=\"%.1f\" "
                  "height=\"4\"/></svg> <span>%s: %lld · %s: %lld</span></p>",
                  share * 100, word(request, "answers"), (long long)whole(group, "n"),
                  word(request, "learners"), (long long)whole(group, "learners"));
    buffer_text(out, "<p class=\"why\">");
    put(out, why ? why : word(request, "unforeseen"));
    buffer_text(out, "</p>");
    wrong_examples(request, group);
    if (said) {
        buffer_text(out, "<p class=\"label\">");
        put(out, word(request, "tutor_says"));
        buffer_format(out, "</p><div class=\"say\" dir=\"auto\">%s</div>", said);
        if (whole(group, "taught"))
            html_button(out, word(request, "take_back"), "inline",
                        "/classes/%lld/misconceptions/%lld/end", (long long)request->id[0],
                        (long long)whole(group, "taught"));
    } else if (!why) {
        wrong_write(request, group);
    }
    buffer_text(out, "</li>\n");
}

static void wrong_list(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    const json_t *list = json_object_get(view, "wrong");
    json_t *one;
    size_t i;
    int64_t most = 0;
    json_array_foreach(list, i, one) most = whole(one, "n") > most ? whole(one, "n") : most;
    buffer_text(out, "<span id=\"wrong\"></span>");
    html_heading(out, 2, word(request, "what_goes_wrong"));
    if (!json_array_size(list)) {
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "nothing_wrong"));
        buffer_text(out, "</p>\n");
        return;
    }
    buffer_text(out, "<ol class=\"wrong-list\">");
    json_array_foreach(list, i, one) {
        if (i == SHOWN_AT_ONCE) {
            buffer_text(out, "</ol><details><summary>");
            put(out, word(request, "more_wrong"));
            buffer_text(out, "</summary><ol class=\"wrong-list\">");
        }
        wrong_one(request, list, i, most);
    }
    buffer_text(out, i > SHOWN_AT_ONCE ? "</ol></details>\n" : "</ol>\n");
}

/* ------------------------------------------------------------------------------- the whole page
 */

static void courses_way(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    const char *here = json_text(json_object_get(view, "course"), "id", "");
    json_t *one;
    size_t i;
    if (json_array_size(json_object_get(view, "courses")) < 2)
        return;
    buffer_text(out, "<nav class=\"ways\" aria-label=\"");
    put(out, word(request, "courses"));
    buffer_text(out, "\">");
    json_array_foreach(json_object_get(view, "courses"), i, one) {
        const char *id = json_text(one, "id", "");
        buffer_text(out, "<a href=\"?course=");
        url_part(out, id);
        buffer_format(out, "\"%s><bdi>", strcmp(id, here) ? "" : " aria-current=\"page\"");
        put(out, json_text(one, "title", id));
        buffer_text(out, "</bdi></a>");
    }
    buffer_text(out, "</nav>\n");
}

/* Open answers that nobody has read yet. */
static void open_waiting(struct request *request) {
    struct buffer *out = &request->reply.body;
    size_t n = school_open_waiting(request->web->school, request->id[0]);
    if (!n)
        return;
    buffer_format(out,
                  "<p class=\"open-count\"><a class=\"button\" href=\"/classes/%lld/answers\">",
                  (long long)request->id[0]);
    put(out, word(request, "open_waiting"));
    buffer_format(out, ": <strong>%zu</strong></a></p>\n", n);
}

static const char *wanted_course(const struct request *request) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "course");
}

void page_class(struct request *request) {
    struct fault fault = {0};
    struct class_table table;
    if (!school_class_table(request->web->school, request->id[0], wanted_course(request),
                            request->language, request->arena, &table, &fault)) {
        reply_fault(request, &fault);
        return;
    }
    json_t *view = table.view;
    class_begin(request, json_text(json_object_get(view, "class"), "title", ""), "");
    courses_way(request, view);
    open_waiting(request);
    stuck_list(request, view);
    heat_map(request, &table);
    class_plots(request, view);
    wrong_list(request, view);
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<p><a class=\"button\" href=\"/classes/%lld/table.csv?course=",
                  (long long)request->id[0]);
    url_part(out, json_text(json_object_get(view, "course"), "id", ""));
    buffer_text(out, "\">");
    put(out, word(request, "as_csv"));
    buffer_text(out, "</a></p>\n");
    class_end(request);
    json_decref(view);
}

void page_class_csv(struct request *request) {
    request->reply.status = 200;
    request->reply.type = "text/csv; charset=utf-8";
    school_class_csv(request->web->school, request->id[0], wanted_course(request),
                     request->language, &request->reply.body);
}

/* ------------------------------------------------------------------------- what teachers write */

void page_misconception(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    const char *is = form_text(form, "is");
    json_t *list = *is == '[' ? json_parse(view_of(is), NULL) : NULL;
    json_t *wrong = json_pack("{s:o,s:s,s:s}", "is", list ? list : json_string(is), "why",
                              form_text(form, "why"), "say", form_text(form, "say"));
    bool kept = school_teach(request->web->school, request->learner, form_text(form, "exercise"),
                             wrong, &fault) > 0;
    done_or_fault(request, kept, &fault, "/classes/%lld#wrong", (long long)request->id[0]);
    json_decref(wrong);
    json_decref(form);
}

void page_misconception_end(struct request *request) {
    struct fault fault = {0};
    bool done = school_teach_end(request->web->school, request->learner,
                                 number_of(request->part[1]), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld#wrong", (long long)request->id[0]);
}
