/* Open answers of a class: what a learner wrote, what was looked for, and a button a level. */
#include "web/parts.h"

#include <stdio.h>
#include <string.h>

enum { MOST_CRITERIA = 8 };

/* ------------------------------------------------------------------------------- the learner's
 * words */

/* Where words that were cited begin and end, one bit a byte of the answer. */
static void mark(const char *text, const char *cite, bool *marked) {
    const char *at = *cite ? strstr(text, cite) : NULL;
    for (size_t i = 0; at && i < strlen(cite); i++)
        marked[at - text + (ptrdiff_t)i] = true;
}

static void answer_words(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    const char *text = json_text(answer, "text", "");
    size_t n = strlen(text), i, from = 0;
    bool *marked = ARENA_NEW(request->arena, n + 1, bool);
    json_t *one;
    json_array_foreach(json_object_get(answer, "criteria"), i, one)
        mark(text, json_text(one, "cite", ""), marked);
    buffer_text(out, "<blockquote class=\"written\" dir=\"auto\">");
    for (i = 1; i <= n; i++)
        if (i == n || marked[i] != marked[i - 1]) {
            buffer_text(out, marked[from] ? "<mark>" : "");
            buffer_html(out, (struct view){text + from, i - from});
            buffer_text(out, marked[from] ? "</mark>" : "");
            from = i;
        }
    buffer_text(out, "</blockquote>\n");
}

/* ------------------------------------------------------------------------------- the levels */

static void level_choice(struct request *request, const json_t *criterion, size_t which,
                         size_t level) {
    struct buffer *out = &request->reply.body;
    const json_t *proposed = json_object_get(criterion, "proposed");
    const json_t *decided = json_object_get(criterion, "level");
    const json_t *chosen = json_is_integer(decided) ? decided : proposed;
    bool checked = json_is_integer(chosen) && json_integer_value(chosen) == (json_int_t)level;
    bool by_model = json_is_integer(proposed) && json_integer_value(proposed) == (json_int_t)level;
    buffer_format(out,
                  "<label class=\"level\"><input type=\"radio\" required name=\"level-%zu\" "
                  "value=\"%zu\"%s><span dir=\"auto\">",
                  which, level, checked ? " checked" : "");
    put(out, json_string_value(json_array_get(json_object_get(criterion, "levels"), level)));
    buffer_text(out, "</span>");
    if (by_model) {
        buffer_text(out, " <small>");
        put(out, word(request, "open_proposed"));
        buffer_format(out, " %.0f%%</small>", 100 * json_number(criterion, "certainty", 0));
    }
    buffer_text(out, "</label>");
}

static void criterion_choices(struct request *request, const json_t *criterion, size_t which) {
    struct buffer *out = &request->reply.body;
    const char *cite = json_text(criterion, "cite", "");
    size_t n = json_array_size(json_object_get(criterion, "levels"));
    buffer_format(out, "<fieldset class=\"levels\"><legend dir=\"auto\">%s</legend>",
                  json_text(criterion, "ask_html", ""));
    if (*cite) {
        buffer_text(out, "<p class=\"cited\">");
        put(out, word(request, "open_cited"));
        buffer_text(out, " <q dir=\"auto\">");
        put(out, cite);
        buffer_text(out, "</q></p>");
    }
    for (size_t level = 0; level < n; level++)
        level_choice(request, criterion, which, level);
    buffer_text(out, "</fieldset>");
}

static void answer_head(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    buffer_format(out,
                  "<h3><a href=\"/classes/%lld/learners/%lld?exercise=", (long long)request->id[0],
                  (long long)whole(answer, "learner"));
    url_part(out, json_text(answer, "exercise", ""));
    buffer_text(out, "\">");
    html_name(request, out, answer);
    buffer_text(out, "</a> · <bdi>");
    put(out, json_text(answer, "title", ""));
    buffer_text(out, "</bdi></h3><p class=\"quiet\">");
    html_time(out, whole(answer, "at"));
    buffer_format(out, "</p><div class=\"asked\" dir=\"auto\">%s</div>",
                  json_text(answer, "ask_html", ""));
}

static void answer_form(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_format(out, "<section class=\"open-answer\" id=\"e%lld\">",
                  (long long)whole(answer, "event"));
    answer_head(request, answer);
    answer_words(request, answer);
    html_form_begin(out, "stack", "/classes/%lld/learners/%lld/answers", (long long)request->id[0],
                    (long long)whole(answer, "learner"));
    buffer_format(out, "<input type=\"hidden\" name=\"event\" value=\"%lld\">",
                  (long long)whole(answer, "event"));
    json_array_foreach(json_object_get(answer, "criteria"), i, one)
        criterion_choices(request, one, i);
    buffer_text(out, "<p class=\"field-line\"><label>");
    put(out, word(request, "open_words"));
    buffer_text(out, " <textarea name=\"words\" rows=\"2\" maxlength=\"2000\" dir=\"auto\">");
    put(out, json_text(answer, "words", ""));
    buffer_text(out, "</textarea></label></p>");
    html_form_end(out, word(request, "open_decide"));
    buffer_text(out, "</section>\n");
}

static void decided_one(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_text(out, "<section class=\"open-answer\">");
    answer_head(request, answer);
    answer_words(request, answer);
    buffer_text(out, "<dl class=\"said-of\">");
    json_array_foreach(json_object_get(answer, "criteria"), i, one) {
        const json_t *level = json_object_get(one, "level");
        if (!json_is_integer(level))
            continue;
        buffer_format(out, "<dt dir=\"auto\">%s</dt><dd dir=\"auto\">",
                      json_text(one, "ask_html", ""));
        put(out, json_string_value(json_array_get(json_object_get(one, "levels"),
                                                  (size_t)json_integer_value(level))));
        buffer_text(out, "</dd>");
    }
    buffer_text(out, "</dl>");
    if (*json_text(answer, "words", "")) {
        buffer_text(out, "<p class=\"words\" dir=\"auto\">");
        put(out, json_text(answer, "words", ""));
        buffer_text(out, "</p>");
    }
    html_form_begin(out, "inline", "/classes/%lld/learners/%lld/answers",
                    (long long)request->id[0], (long long)whole(answer, "learner"));
    buffer_format(out,
                  "<input type=\"hidden\" name=\"event\" value=\"%lld\"><input type=\"hidden\" "
                  "name=\"back\" value=\"yes\">",
                  (long long)whole(answer, "event"));
    html_form_end(out, word(request, "take_back"));
    buffer_text(out, "</section>\n");
}

void page_answers(struct request *request) {
    struct fault fault = {0};
    json_t *view = school_open_answers(request->web->school, request->id[0], request->language,
                                       &fault),
           *one;
    if (!view) {
        reply_fault(request, &fault);
        return;
    }
    class_begin(request, json_text(json_object_get(view, "class"), "title", ""), "answers");
    struct buffer *out = &request->reply.body;
    size_t i;
    html_heading(out, 2, word(request, "open_waiting"));
    if (!json_array_size(json_object_get(view, "waiting"))) {
        buffer_text(out, "<p class=\"quiet\">");
        put(out, word(request, "open_none"));
        buffer_text(out, "</p>\n");
    }
    json_array_foreach(json_object_get(view, "waiting"), i, one) answer_form(request, one);
    if (json_array_size(json_object_get(view, "decided")))
        html_heading(out, 2, word(request, "open_decided"));
    json_array_foreach(json_object_get(view, "decided"), i, one) decided_one(request, one);
    class_end(request);
    json_decref(view);
}

/* level-0, level-1 … until one is missing. */
static json_t *levels_of_form(const json_t *form) {
    json_t *levels = json_array();
    for (size_t i = 0; i < MOST_CRITERIA; i++) {
        char name[24];
        snprintf(name, sizeof name, "level-%zu", i);
        const char *level = form_text(form, name);
        if (!*level)
            break;
        json_array_append_new(levels, *level >= '0' && *level <= '9'
                                          ? json_integer(number_of(view_of(level)))
                                          : json_null());
    }
    return levels;
}

void page_answer_decide(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool back = !strcmp(form_text(form, "back"), "yes");
    json_t *levels = back ? NULL : levels_of_form(form);
    bool done = school_decide(request->web->school, request->learner, request->id[1],
                              number_of(view_of(form_text(form, "event"))), levels,
                              view_of(form_text(form, "words")), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/answers", (long long)request->id[0]);
    json_decref(levels);
    json_decref(form);
}

/* ------------------------------------------------------------------------------- for programs */

void api_answers(struct request *request) {
    struct fault fault = {0};
    json_t *view =
        school_open_answers(request->web->school, request->id[0], request->language, &fault);
    if (view)
        reply_json(request, 200, view);
    else
        reply_fault(request, &fault);
}

void api_answer_decide(struct request *request) {
    struct fault fault = {0};
    const json_t *levels = json_object_get(request->json, "levels");
    bool known = json_is_array(levels) || json_is_null(levels);
    if (!known)
        fault_set(&fault, FAULT_INPUT, "levels must be a list of numbers, or null.");
    bool done = known && school_decide(request->web->school, request->learner, request->id[1],
                                       json_integer_value(json_object_get(request->json, "event")),
                                       json_is_null(levels) ? NULL : levels,
                                       view_of(json_text(request->json, "words", "")), &fault);
    if (done)
        reply_json(request, 200, json_pack("{s:b}", "done", 1));
    else
        reply_fault(request, &fault);
}
