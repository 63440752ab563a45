/* One learner as their teacher sees them: what was said and done, exercise by exercise, and where
 * the teacher's word stands over the machine's. */
#include "web/parts.h"

#include <stdlib.h>
#include <string.h>

static void overrule_form(struct request *request, const json_t *line, const char *what,
                          const char *score, const char *label) {
    struct buffer *out = &request->reply.body;
    html_form_begin(out, "inline overrule", "/classes/%lld/learners/%lld/overrule",
                    (long long)request->id[0], (long long)request->id[1]);
    buffer_format(out,
                  "<input type=\"hidden\" name=\"what\" value=\"%s\"><input type=\"hidden\" "
                  "name=\"event\" value=\"%lld\"><input type=\"hidden\" name=\"score\" "
                  "value=\"%s\">",
                  what, (long long)whole(line, "id"), score);
    if (strcmp(score, "back") != 0) {
        buffer_text(out, "<input name=\"reason\" dir=\"auto\" maxlength=\"500\" aria-label=\"");
        put(out, word(request, "reason"));
        buffer_text(out, "\" placeholder=\"");
        put(out, word(request, "reason"));
        buffer_text(out, "\">");
    }
    buffer_text(out, "<button>");
    put(out, label);
    buffer_text(out, "</button></form>");
}

static void overruled_note(struct request *request, const json_t *line, const char *what) {
    struct buffer *out = &request->reply.body;
    const json_t *over = json_object_get(line, "overruled");
    const char *reason = json_text(over, "reason", "");
    buffer_text(out, "<p class=\"overruled\">");
    put(out, word(request, "overruled"));
    buffer_text(out, " ");
    html_time(request, whole(over, "at"));
    if (*reason) {
        buffer_text(out, ": <q dir=\"auto\">");
        put(out, reason);
        buffer_text(out, "</q>");
    }
    buffer_text(out, "</p>");
    overrule_form(request, line, what, "back", word(request, "take_back"));
}

static void attempt_line(struct request *request, const json_t *line) {
    struct buffer *out = &request->reply.body;
    const json_t *over = json_object_get(line, "overruled");
    double score = json_number(over ? over : line, "score", 0);
    bool counts = json_flag(line, "counts", true) || over;
    bool right = counts && score >= 1 - 1e-9;
    const char *why = json_text(line, "misconception", "");
    const char *note = json_text(line, "note", "");
    if (!strcmp(note, "different")) /* tells no more than that it is wrong */
        note = "";
    html_answer(out, line);
    buffer_format(out, " <span class=\"verdict\" data-verdict=\"%s\">",
                  right ? "right" : "not-yet");
    put(out, !counts ? word(request, "unread")
             : right ? word(request, "right")
                     : word(request, "not_yet"));
    buffer_text(out, "</span>");
    if (!over && (*why || *note)) {
        buffer_text(out, " <small>");
        put(out, *why ? why : note);
        buffer_text(out, "</small>");
    }
    if (over)
        overruled_note(request, line, "grade");
    else
        overrule_form(request, line, "grade", right ? "wrong" : "right",
                      right ? word(request, "count_wrong") : word(request, "count_right"));
}

static void said_line(struct request *request, const json_t *line) {
    struct buffer *out = &request->reply.body;
    json_t *say;
    size_t i;
    json_array_foreach(json_object_get(line, "say"), i, say) {
        const char *html = json_text(say, "html", NULL);
        buffer_format(out, "<div class=\"say\" data-from=\"%s\" dir=\"auto\">",
                      json_text(say, "from", "author"));
        if (html)
            buffer_text(out, html);
        else
            put(out, json_text(say, "text", ""));
        buffer_text(out, "</div>");
    }
    const char *draft = json_text(line, "draft", "none");
    const char *struck = json_text(line, "struck", "");
    if (!*draft || !strcmp(draft, "none"))
        return;
    buffer_text(out, "<div class=\"struck\"><p class=\"label\">");
    put(out, word(request, "struck"));
    buffer_text(out, ": ");
    put(out, draft);
    buffer_text(out, "</p>");
    if (*struck) {
        buffer_text(out, "<del dir=\"auto\">");
        put(out, struck);
        buffer_text(out, "</del>");
    }
    if (json_object_get(line, "overruled"))
        overruled_note(request, line, "strike");
    else
        overrule_form(request, line, "strike", "right", word(request, "was_fine"));
    buffer_text(out, "</div>");
}

static const struct {
    const char *kind, *word;
} told[] = {{"hint", "took_hint"},   {"solution", "saw_solution"}, {"sister", "went_on"},
            {"attempt", "answered"}, {"asked", "asked"},           {"said", "tutor"}};

static void line_of(struct request *request, const json_t *line) {
    struct buffer *out = &request->reply.body;
    const char *kind = json_text(line, "kind", "");
    buffer_format(out, "<li id=\"e%lld\" data-kind=\"%s\"><p class=\"label\">",
                  (long long)whole(line, "id"), kind);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (!strcmp(kind, told[i].kind))
            put(out, word(request, told[i].word));
    buffer_text(out, " · ");
    html_time(request, whole(line, "at"));
    buffer_text(out, "</p>");
    if (!strcmp(kind, "attempt"))
        attempt_line(request, line);
    else if (!strcmp(kind, "said"))
        said_line(request, line);
    else if (!strcmp(kind, "asked")) {
        html_answer(out, line);
    }
    buffer_text(out, "</li>\n");
}

static void exercise_of(struct request *request, const json_t *exercise) {
    struct buffer *out = &request->reply.body;
    json_t *line;
    size_t i;
    const char *asked = NULL;
    buffer_text(out, "<section class=\"transcript\"><h2 dir=\"auto\">");
    put(out, *json_text(exercise, "id", "") ? json_text(exercise, "title", "")
                                            : word(request, "ask_lesson_title"));
    buffer_text(out, "</h2>\n<ol class=\"lines-of\">");
    json_array_foreach(json_object_get(exercise, "lines"), i, line) {
        const char *ask = json_text(line, "ask_html", NULL);
        if (ask && (!asked || strcmp(ask, asked) != 0))
            buffer_format(out, "<li class=\"asked\" dir=\"auto\">%s</li>", ask);
        asked = ask ? ask : asked;
        line_of(request, line);
    }
    buffer_text(out, "</ol></section>\n");
}

static void message_form(struct request *request, const json_t *transcript) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    html_heading(out, 2, word(request, "message"));
    html_form_begin(out, "stack", "/classes/%lld/learners/%lld/message", (long long)request->id[0],
                    (long long)request->id[1]);
    buffer_text(out, "<p class=\"field-line\"><label for=\"f-text\">");
    put(out, word(request, "message_note"));
    buffer_text(out, "</label><textarea id=\"f-text\" name=\"text\" rows=\"3\" maxlength=\"2000\" "
                     "dir=\"auto\" required></textarea></p>");
    html_form_end(out, word(request, "send"));
    buffer_text(out, "<ul class=\"lines\">");
    json_array_foreach(json_object_get(transcript, "messages"), i, one) {
        if (!*json_text(one, "text", ""))
            continue;
        buffer_text(out, "<li><span dir=\"auto\">");
        put(out, json_text(one, "text", ""));
        buffer_text(out, "</span> <small>");
        html_time(request, whole(one, "at"));
        buffer_text(out, " · ");
        put(out, whole(one, "read") ? word(request, "was_read") : word(request, "unread_yet"));
        buffer_text(out, "</small></li>");
    }
    buffer_text(out, "</ul>\n");
}

void page_learner(struct request *request) {
    struct fault fault = {0};
    const char *wanted =
        MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "exercise");
    json_t *transcript = school_transcript(request->web->school, request->id[1], wanted,
                                           request->language, &fault),
           *one;
    if (!transcript) {
        reply_fault(request, &fault);
        return;
    }
    const json_t *learner = json_object_get(transcript, "learner");
    const char *name = json_text(learner, "name", NULL);
    class_begin(request,
                name ? name
                     : arena_format(request->arena, "%s %lld", word(request, "learner"),
                                    (long long)request->id[1]),
                "learner");
    struct buffer *out = &request->reply.body;
    size_t i;
    if (wanted && *wanted) {
        buffer_format(out, "<p><a href=\"/classes/%lld/learners/%lld\">",
                      (long long)request->id[0], (long long)request->id[1]);
        put(out, word(request, "all_exercises"));
        buffer_text(out, "</a></p>\n");
    }
    json_array_foreach(json_object_get(transcript, "exercises"), i, one) exercise_of(request, one);
    if (!i) {
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "nothing_yet"));
        buffer_text(out, "</p>\n");
    }
    message_form(request, transcript);
    class_end(request);
    json_decref(transcript);
}
