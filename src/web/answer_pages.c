/* Open answers of a class: what a learner wrote, what was looked for, and a button a level. */
#include "web/parts.h"

#include <math.h>
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

static bool is_level(const json_t *which, size_t level) {
    return json_is_integer(which) && json_integer_value(which) == (json_int_t)level;
}

/* Only what a person chose is chosen: a proposal stands beside its level. */
static void level_choice(struct request *request, const json_t *criterion, size_t which,
                         size_t level) {
    struct buffer *out = &request->reply.body;
    bool chosen = is_level(json_object_get(criterion, "level"), level);
    buffer_format(out,
                  "<label class=\"level\"><input type=\"radio\" required name=\"level-%zu\" "
                  "value=\"%zu\"%s><span dir=\"auto\">",
                  which, level, chosen ? " checked" : "");
    put(out, json_string_value(json_array_get(json_object_get(criterion, "levels"), level)));
    if (is_level(json_object_get(criterion, "proposed"), level)) {
        buffer_text(out, " <small class=\"proposed\">");
        buffer_format(out, word(request, "open_proposed"),
                      (int)lround(100 * json_number(criterion, "certainty", 0)));
        buffer_text(out, "</small>");
    }
    buffer_text(out, "</span></label>");
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

static void small_line(struct request *request, const char *key) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, key));
    buffer_text(out, "</p>\n");
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
    html_time(request, whole(answer, "at"));
    buffer_format(out, "</p><div class=\"asked\" dir=\"auto\">%s</div>",
                  json_text(answer, "ask_html", ""));
}

/* The levels that a model proposed, as "2,0,1", for a button that takes them where no other was
 * chosen. Nothing unless each criterion has one. */
static void take_proposed(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body, levels = {0};
    const json_t *criteria = json_object_get(answer, "criteria"), *one;
    size_t i;
    json_array_foreach(criteria, i, one) {
        const json_t *level = json_object_get(one, "proposed");
        if (!json_is_integer(level))
            break;
        buffer_format(&levels, "%s%lld", i ? "," : "", (long long)json_integer_value(level));
    }
    if (i && i == json_array_size(criteria)) {
        buffer_format(out, "<button name=\"proposed\" value=\"%s\" formnovalidate>", levels.at);
        put(out, word(request, "open_as_proposed"));
        buffer_text(out, "</button>");
    }
    buffer_free(&levels);
}

static void deciding(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
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
    buffer_text(out, "</textarea></label></p><p class=\"inline\"><button class=\"main-button\">");
    put(out, word(request, "open_decide"));
    buffer_text(out, "</button>");
    take_proposed(request, answer);
    buffer_text(out, "</p></form>\n");
}

static void answer_form(struct request *request, const json_t *answer, bool next) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<section class=\"open-answer\"%s>",
                  next ? " id=\"next\" tabindex=\"-1\"" : "");
    answer_head(request, answer);
    answer_words(request, answer);
    if (json_flag(answer, "kept_back", false))
        small_line(request, "open_kept_back");
    deciding(request, answer);
    buffer_text(out, "</section>\n");
}

/* What was decided, and beside it what a model had proposed instead. */
static void decided_levels(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_text(out, "<dl class=\"said-of\">");
    json_array_foreach(json_object_get(answer, "criteria"), i, one) {
        const json_t *level = json_object_get(one, "level");
        const json_t *proposed = json_object_get(one, "proposed");
        const json_t *levels = json_object_get(one, "levels");
        if (!json_is_integer(level))
            continue;
        buffer_format(out, "<dt dir=\"auto\">%s</dt><dd dir=\"auto\">",
                      json_text(one, "ask_html", ""));
        put(out, json_string_value(json_array_get(levels, (size_t)json_integer_value(level))));
        buffer_text(out, "</dd>");
        if (!json_is_integer(proposed) || json_equal(level, proposed))
            continue;
        buffer_text(out, "<dd class=\"quiet\">");
        put(out, word(request, "open_had_proposed"));
        buffer_text(out, " <q dir=\"auto\">");
        put(out, json_string_value(json_array_get(levels, (size_t)json_integer_value(proposed))));
        buffer_text(out, "</q></dd>");
    }
    buffer_text(out, "</dl>");
}

static void decided_one(struct request *request, const json_t *answer) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<section class=\"open-answer\">");
    answer_head(request, answer);
    answer_words(request, answer);
    decided_levels(request, answer);
    if (*json_text(answer, "words", "")) {
        buffer_text(out, "<p class=\"words\" dir=\"auto\">");
        put(out, json_text(answer, "words", ""));
        buffer_text(out, "</p>");
    }
    buffer_text(out, "<details><summary>");
    put(out, word(request, "open_change"));
    buffer_text(out, "</summary>");
    deciding(request, answer);
    buffer_text(out, "</details>");
    html_form_begin(out, "inline", "/classes/%lld/learners/%lld/answers",
                    (long long)request->id[0], (long long)whole(answer, "learner"));
    buffer_format(out,
                  "<input type=\"hidden\" name=\"event\" value=\"%lld\"><input type=\"hidden\" "
                  "name=\"back\" value=\"yes\">",
                  (long long)whole(answer, "event"));
    buffer_text(out, "<button>");
    put(out, word(request, "take_back"));
    buffer_text(out, "</button></form>");
    buffer_text(out, "</section>\n");
}

/* How often each model's proposals were kept, and what follows from it. */
static void kept_line(struct request *request, const json_t *model) {
    struct buffer *out = &request->reply.body;
    const json_t *unseen = json_object_get(model, "unseen"),
                 *seen = json_object_get(model, "seen");
    const json_t *sure = json_object_get(model, "sure_from");
    buffer_text(out, "<p class=\"quiet\"><bdi>");
    put(out, json_text(model, "model", ""));
    buffer_text(out, "</bdi>: ");
    buffer_format(out, word(request, "open_kept_unseen"), (int)whole(unseen, "n"),
                  (int)whole(unseen, "kept"));
    buffer_text(out, " ");
    buffer_format(out, word(request, "open_kept_seen"), (int)whole(seen, "n"),
                  (int)whole(seen, "kept"));
    buffer_text(out, " ");
    if (json_is_real(sure))
        buffer_format(out, word(request, "open_sure_from"),
                      (int)floor(100 * json_real_value(sure)));
    else
        put(out, word(request, "open_never_sure"));
    buffer_text(out, "</p>\n");
}

static void answer_lists(struct request *request, const json_t *view) {
    struct buffer *out = &request->reply.body;
    const json_t *waiting = json_object_get(view, "waiting"),
                 *sure = json_object_get(view, "sure");
    const json_t *decided = json_object_get(view, "decided"), *one;
    size_t i;
    html_heading(out, 2, word(request, "open_waiting"));
    if (!json_array_size(waiting))
        small_line(request, "open_none");
    json_array_foreach(waiting, i, one) answer_form(request, one, i == 0);
    if (json_array_size(sure)) {
        html_heading(out, 2, word(request, "open_sure"));
        small_line(request, "open_sure_note");
    }
    json_array_foreach(sure, i, one) answer_form(request, one, false);
    if (json_array_size(decided))
        html_heading(out, 2, word(request, "open_decided"));
    json_array_foreach(decided, i, one) decided_one(request, one);
}

void page_answers(struct request *request) {
    struct fault fault = {0};
    json_t *view = school_open_answers(request->web->school, request->id[0], request->language,
                                       &fault),
           *one;
    size_t i;
    if (!view) {
        reply_fault(request, &fault);
        return;
    }
    class_begin(request, json_text(json_object_get(view, "class"), "title", ""), "answers");
    answer_lists(request, view);
    json_array_foreach(json_object_get(view, "kept"), i, one) kept_line(request, one);
    class_end(request);
    json_decref(view);
}

/* level-0, level-1 …, and where one was not chosen the one that "proposed" has in its place; until
 * there is none. */
static json_t *levels_of_form(const json_t *form) {
    json_t *levels = json_array();
    struct view proposed = view_of(form_text(form, "proposed"));
    for (size_t i = 0; i < MOST_CRITERIA; i++) {
        char name[24];
        snprintf(name, sizeof name, "level-%zu", i);
        struct view level = view_of(form_text(form, name));
        ptrdiff_t comma = view_find(proposed, VIEW(","));
        size_t end = comma < 0 ? proposed.n : (size_t)comma;
        if (!level.n)
            level = view_slice(proposed, 0, end);
        proposed = view_slice(proposed, end + (comma >= 0), proposed.n);
        if (!level.n)
            break;
        json_array_append_new(levels, *level.at >= '0' && *level.at <= '9'
                                          ? json_integer(number_of(level))
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
    done_or_fault(request, done, &fault, "/classes/%lld/answers#next", (long long)request->id[0]);
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
