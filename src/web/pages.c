/* Pages: the frame, the home, faults, files. The lesson is in lesson_page.c. */
#include "web/parts.h"

#include <stdlib.h>
#include <string.h>

void url_part(struct buffer *out, const char *text) {
    static const char plain[] = "-._~";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (letter || (c >= '0' && c <= '9') || strchr(plain, c))
            buffer_byte(out, (char)c);
        else
            buffer_format(out, "%%%02X", c);
    }
}

void html_dot(struct buffer *out, double fill, const char *label) {
    int percent = (int)(fill < 0 ? 0 : fill > 1 ? 100 : fill * 100 + 0.5);
    buffer_format(
        out,
        "<svg class=\"dot\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
        "<circle class=\"ring\" cx=\"8\" cy=\"8\" r=\"7\"/><circle class=\"fill\" cx=\"8\" "
        "cy=\"8\" r=\"3\" pathLength=\"100\" stroke-dasharray=\"%d 100\"/></svg>",
        percent);
    if (label) {
        buffer_text(out, "<span class=\"unseen\">");
        buffer_html(out, view_of(label));
        buffer_format(out, " %d%%</span>", percent);
    }
}

/* ------------------------------------------------------------------------------------ the frame
 */

struct frame {
    struct request *request;
    const char *title, *scripts;
};

static void slot_languages(struct request *request, struct buffer *out) {
    for (const char *const *language = embedded_languages; *language; language++) {
        bool current = !strcmp(*language, request->words);
        buffer_format(out, "<a href=\"?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>", *language,
                      *language, *language, current ? " aria-current=\"true\"" : "");
        buffer_html(out, view_of(embedded_word(*language, "language_name")));
        buffer_text(out, "</a>");
    }
}

void html_model_state(struct request *request, struct buffer *out) {
    const char *state = school_model_state(request->web->school);
    const char *text = !strcmp(state, "ready")     ? word(request, "model_ready")
                       : !strcmp(state, "loading") ? word(request, "model_loading")
                                                   : word(request, "model_absent");
    buffer_format(out, "<p id=\"model\" data-model=\"%s\" lang=\"%s\">", state, request->words);
    buffer_html(out, view_of(text));
    buffer_text(out, "</p>");
}

static void slot_head(const struct frame *frame, struct buffer *out) {
    if (!frame->scripts)
        return;
    buffer_format(out,
                  "<link rel=\"stylesheet\" href=\"/ui/%s/katex/katex.css\">\n"
                  "<script src=\"/ui/%s/katex/katex.js\" defer></script>\n"
                  "<script type=\"module\" src=\"/ui/%s/scripts/%s\"></script>\n",
                  embedded_version, embedded_version, embedded_version, frame->scripts);
}

static void slot_failing(struct request *request, struct buffer *out) {
    if (!school_is_failing(request->web->school))
        return;
    buffer_format(out, "<p class=\"trouble failing\" role=\"status\" lang=\"%s\">",
                  request->words);
    buffer_html(out, view_of(word(request, "school_failing")));
    buffer_text(out, "</p>\n");
}

static void fill_slot(const struct frame *frame, struct view slot) {
    struct request *request = frame->request;
    struct buffer *out = &request->reply.body;
    if (view_is(slot, "lang"))
        buffer_text(out, request->words);
    else if (view_is(slot, "dir"))
        buffer_text(out, request->right_to_left ? "rtl" : "ltr");
    else if (view_is(slot, "kind"))
        buffer_text(out, request->page_kind);
    else if (view_is(slot, "learner"))
        buffer_format(out, "%lld", (long long)request->learner);
    else if (view_is(slot, "title"))
        buffer_html(out, view_of(frame->title));
    else if (view_is(slot, "version"))
        buffer_text(out, embedded_version);
    else if (view_is(slot, "head"))
        slot_head(frame, out);
    else if (view_is(slot, "people"))
        html_people_way(request, out);
    else if (view_is(slot, "languages"))
        slot_languages(request, out);
    else if (view_is(slot, "model") && strcmp(request->page_kind, "lesson") != 0)
        html_model_state(request, out);
    else if (view_is(slot, "model"))
        return;
    else if (view_is(slot, "failing"))
        slot_failing(request, out);
    else if (view_is(slot, "words"))
        buffer_text(out, embedded_pack(request->words));
    else
        buffer_html(out, view_of(word(request, arena_string(request->arena, slot))));
}

/* Copies the frame, filling its slots; stops at {{body}} or starts behind it. */
static void copy_frame(const struct frame *frame, bool before_body) {
    struct view text = embedded_content(embedded_find(VIEW("pages/frame.html")));
    size_t body = (size_t)view_find(text, VIEW("{{body}}"));
    text = before_body ? view_slice(text, 0, body) : view_slice(text, body + 8, text.n);
    for (ptrdiff_t open; (open = view_find(text, VIEW("{{"))) >= 0;) {
        buffer_append(&frame->request->reply.body, view_slice(text, 0, (size_t)open));
        text = view_slice(text, (size_t)open + 2, text.n);
        size_t close = (size_t)view_find(text, VIEW("}}"));
        fill_slot(frame, view_slice(text, 0, close));
        text = view_slice(text, close + 2, text.n);
    }
    buffer_append(&frame->request->reply.body, text);
}

void page_begin(struct request *request, const char *title, const char *kind,
                const char *scripts) {
    if (!request->words)
        request->words = "en";
    buffer_clear(&request->reply.body);
    request->reply.status = 200;
    request->reply.type = "text/html; charset=utf-8";
    request->reply.cache = "private, no-cache";
    request->page_kind = kind;
    copy_frame(&(struct frame){request, title, scripts}, true);
}

void page_end(struct request *request) {
    copy_frame(&(struct frame){.request = request}, false);
}

void page_fault(struct request *request, int status, const char *message, const char *remedy) {
    page_begin(request, word(request, message), "fault", NULL);
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<main id=\"main\" class=\"plain\"><p class=\"status\">%d</p><h1>", status);
    buffer_html(out, view_of(word(request, message)));
    buffer_text(out, "</h1><p>");
    buffer_html(out, view_of(word(request, remedy)));
    buffer_text(out, "</p><p><a href=\"/\">");
    buffer_html(out, view_of(word(request, "to_courses")));
    buffer_text(out, "</a></p></main>\n");
    page_end(request);
    request->reply.status = status;
}

/* ------------------------------------------------------------------------------------- the home
 */

const json_t *json_by_id(const json_t *array, const char *id) {
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) {
        if (!strcmp(json_text(item, "id", ""), id))
            return item;
    }
    return NULL;
}

void lesson_href(struct buffer *out, const char *course, const char *lesson) {
    buffer_text(out, "/courses/");
    url_part(out, course);
    buffer_text(out, "/lessons/");
    url_part(out, lesson);
}

/* One line of the contents; returns whether there is still something to do in it. */
static bool home_lesson(struct request *request, const char *course, const json_t *lesson,
                        const json_t *done) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<li><a href=\"");
    lesson_href(out, course, json_text(lesson, "id", ""));
    buffer_text(out, "\">");
    html_dot(out, json_number(done, "mastery", 0), NULL);
    buffer_text(out, "<span class=\"name\">");
    buffer_html(out, view_of(json_text(lesson, "title", "")));
    buffer_text(out, "</span>");
    int n_done = (int)json_number(done, "done", 0), n_total = (int)json_number(done, "total", 0);
    if (n_total)
        buffer_format(out, "<span class=\"count\">%d / %d</span>", n_done, n_total);
    buffer_text(out, "</a></li>\n");
    return !n_total || n_done < n_total;
}

/* Who has done nothing yet may know some of it already. */
static void placement_way(struct request *request, const char *course) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, " <a class=\"button\" href=\"/placement/");
    url_part(out, course);
    buffer_text(out, "\">");
    buffer_html(out, view_of(word(request, "placement")));
    buffer_text(out, "</a>");
}

static void home_course(struct request *request, const json_t *course, const json_t *progress) {
    struct buffer *out = &request->reply.body;
    const char *id = json_text(course, "id", "");
    const json_t *known = json_by_id(json_object_get(progress, "courses"), id);
    const json_t *lessons = json_object_get(course, "lessons"), *next = NULL;
    bool begun = false;
    buffer_text(out, "<section class=\"course\"><h1><bdi>");
    buffer_html(out, view_of(json_text(course, "title", "")));
    buffer_text(out, "</bdi></h1>");
    if (json_text(course, "summary", NULL)) {
        buffer_text(out, "<p class=\"summary\" dir=\"auto\">");
        buffer_html(out, view_of(json_text(course, "summary", "")));
        buffer_text(out, "</p>");
    }
    buffer_text(out, "<ol class=\"contents\">\n");
    size_t i;
    json_t *lesson;
    json_array_foreach(lessons, i, lesson) {
        const json_t *done =
            json_by_id(json_object_get(known, "lessons"), json_text(lesson, "id", ""));
        bool open = home_lesson(request, id, lesson, done);
        begun = begun || json_number(done, "done", 0) > 0;
        if (open && !next)
            next = lesson;
    }
    buffer_text(out, "</ol>\n");
    if (next) {
        buffer_text(out, "<p class=\"row\"><a class=\"button main-button\" href=\"");
        lesson_href(out, id, json_text(next, "id", ""));
        buffer_text(out, "\">");
        buffer_html(out, view_of(begun ? word(request, "continue") : word(request, "begin")));
        buffer_text(out, "<span class=\"unseen\">: ");
        buffer_html(out, view_of(json_text(next, "title", "")));
        buffer_text(out, "</span></a>");
        if (!begun && json_array_size(lessons) > 1)
            placement_way(request, id);
        buffer_text(out, "</p>");
    } else {
        buffer_text(out, "<p class=\"rest\">");
        buffer_html(out, view_of(word(request, "nothing_due")));
        buffer_text(out, "</p>");
    }
    buffer_text(out, "</section>\n");
}

void page_home(struct request *request) {
    struct fault fault = {0};
    json_t *courses = school_courses(request->web->school, request->language), *course;
    json_t *progress = request->learner > 0 ? school_path(request->web->school, request->learner,
                                                          NULL, request->language, &fault)
                                            : NULL;
    page_begin(request, "Lyceum", "home", NULL);
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain\">\n");
    const char *name = json_text(progress, "name", "");
    if (*name) {
        buffer_text(out, "<p class=\"welcome\" dir=\"auto\">");
        buffer_html(out, view_of(word(request, "welcome_back")));
        buffer_text(out, " <bdi>");
        buffer_html(out, view_of(name));
        buffer_text(out, "</bdi></p>\n");
    }
    size_t i;
    html_desk(request);
    json_array_foreach(courses, i, course) home_course(request, course, progress);
    buffer_text(out, "</main>\n");
    page_end(request);
    json_decref(courses);
    json_decref(progress);
}

/* ------------------------------------------------------------------------------------- files */

void page_asset(struct request *request) {
    struct fault fault = {0};
    const char *type = "application/octet-stream";
    if (!school_asset(request->web->school, request->part[0].at, request->part[1],
                      &request->reply.body, &type, &fault)) {
        reply_fault(request, &fault);
        return;
    }
    request->reply.status = 200;
    request->reply.type = type;
    request->reply.cache = "private, max-age=300";
}

void page_ui(struct request *request) {
    const struct embedded_file *file = embedded_find(request->part[1]);
    if (!file || view_starts(request->part[1], "pages/")) {
        reply_status(request, 404, word(request, "not_found"), "");
        return;
    }
    request->reply.status = 200;
    request->reply.type = file->type;
    request->reply.file = file;
    request->reply.cache = view_is(request->part[0], embedded_version)
                               ? "public, max-age=31536000, immutable"
                               : "no-cache";
}
