/* An exercise as a form: it works without JavaScript; scripts find the parts by their classes.
 * Questions, choices and `html` of a sentence come from school, which has escaped them. */
#include "web/request.h"

#include <string.h>

static const char *shown_at(const json_t *exercise, const char *key, size_t i) {
    const char *text = json_string_value(json_array_get(json_object_get(exercise, key), i));
    return text ? text : "";
}

static const char *shown_key(const json_t *exercise) {
    return json_object_get(exercise, "shown_html") ? "shown_html" : "choices_html";
}

/* The text of HTML that school made, for an attribute: tags left out, quotes escaped. */
static void plain_text(struct buffer *out, const char *html) {
    for (bool tag = false; *html; html++) {
        if (*html == '<')
            tag = true;
        else if (*html == '>' && tag)
            tag = false;
        else if (!tag && *html == '"')
            buffer_text(out, "&quot;");
        else if (!tag)
            buffer_byte(out, *html);
    }
}

/* ------------------------------------------------------------------------------------- fields */

/* What the learner answered last, to be found again: NULL, text, a number, an index, a list. */
static const json_t *last_answer(const json_t *exercise) {
    return json_object_get(json_object_get(exercise, "state"), "last_answer");
}

static bool was_chosen(const json_t *answer, size_t index) {
    size_t i;
    json_t *one;
    json_array_foreach(answer, i,
                       one) if (json_is_integer(one) &&
                                json_integer_value(one) == (json_int_t)index) return true;
    return json_is_integer(answer) && json_integer_value(answer) == (json_int_t)index;
}

/* Words of the interface, which may be in another language than the lesson around them. */
static void own_words(struct request *request, struct buffer *out, const char *text) {
    buffer_format(out, "<span lang=\"%s\">", request->words);
    buffer_html(out, view_of(text));
    buffer_text(out, "</span>");
}

/* What the form calls the answer: "answer", or "part-NAME". */
static void field_name(struct buffer *out, const json_t *exercise) {
    buffer_text(out, " name=\"");
    buffer_html(out, view_of(json_text(exercise, "field", "answer")));
    buffer_text(out, "\"");
}

static void field_choices(struct request *request, struct buffer *out, const json_t *exercise) {
    bool several = !strcmp(json_text(exercise, "check", ""), "several");
    const char *key = shown_key(exercise);
    size_t n = json_array_size(json_object_get(exercise, key));
    buffer_text(out, "<fieldset class=\"choices\"><legend>");
    own_words(request, out,
              several ? word(request, "choose_several") : word(request, "choose_one"));
    buffer_text(out, "</legend>");
    for (size_t i = 0; i < n; i++) {
        buffer_format(out, "<label><input type=\"%s\"", several ? "checkbox" : "radio");
        field_name(out, exercise);
        buffer_format(out, " value=\"%zu\"%s%s><span dir=\"auto\">%s</span></label>", i,
                      several ? "" : " required",
                      was_chosen(last_answer(exercise), i) ? " checked" : "",
                      shown_at(exercise, key, i));
    }
    buffer_text(out, "</fieldset>");
}

static void field_typed(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *check = json_text(exercise, "check", "");
    const char *id = json_text(exercise, "id", "");
    const json_t *answer = last_answer(exercise);
    bool text = !strcmp(check, "text");
    buffer_text(out, "<div class=\"typed\"><label class=\"label\" for=\"field-");
    buffer_html(out, view_of(id));
    buffer_text(out, "\">");
    own_words(request, out, word(request, "your_answer"));
    buffer_text(out,
                "</label><input class=\"field\" required maxlength=\"2000\" "
                "autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\" id=\"field-");
    buffer_html(out, view_of(id));
    buffer_text(out, "\"");
    field_name(out, exercise);
    buffer_format(out, " dir=\"%s\" value=\"", text ? "auto" : "ltr");
    if (json_is_string(answer))
        buffer_html(out, view_of(json_string_value(answer)));
    else if (json_is_number(answer))
        buffer_json(out, answer);
    buffer_text(out, "\">");
    if (!text)
        buffer_text(out, "<output class=\"preview\" dir=\"ltr\" aria-live=\"off\"></output>");
    buffer_text(out, "</div>");
}

static void field_code(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *id = json_text(exercise, "id", "");
    const json_t *answer = last_answer(exercise);
    const char *text =
        json_is_string(answer) ? json_string_value(answer) : json_text(exercise, "starter", "");
    size_t n_line = 1;
    for (const char *at = text; *at; at++)
        n_line += *at == '\n';
    buffer_text(out, "<div class=\"typed\"><label class=\"label\" for=\"field-");
    buffer_html(out, view_of(id));
    buffer_text(out, "\">");
    own_words(request, out, word(request, "your_program"));
    buffer_format(out,
                  " <small>%s</small></label><textarea class=\"field program\" "
                  "name=\"answer\" required maxlength=\"65536\" rows=\"%zu\" "
                  "autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\" "
                  "dir=\"ltr\" wrap=\"off\" id=\"field-",
                  !strcmp(json_text(exercise, "program", ""), "c") ? "C" : "Python",
                  n_line < 6        ? (size_t)8
                  : n_line + 2 < 30 ? n_line + 2
                                    : (size_t)30);
    buffer_html(out, view_of(id));
    buffer_text(out, "\">\n");
    buffer_html(out, view_of(text));
    buffer_text(out, "</textarea></div>");
}

/* What was said of each criterion; a model's with the learner's words that it points to. */
static void open_levels(struct buffer *out, const json_t *open) {
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(open, "levels"), i, one) {
        const char *cite = json_text(one, "cite", "");
        buffer_format(out, "%s<dt dir=\"auto\">%s</dt><dd dir=\"auto\">",
                      i ? "" : "<dl class=\"said-of\">", json_text(one, "ask_html", ""));
        buffer_html(out, view_of(json_text(one, "says", "")));
        buffer_text(out, "</dd>");
        if (!*cite)
            continue;
        buffer_text(out, "<dd class=\"quiet\"><q dir=\"auto\">");
        buffer_html(out, view_of(cite));
        buffer_text(out, "</q></dd>");
    }
    buffer_text(out, i ? "</dl>" : "");
}

static const char *open_word(struct request *request, const json_t *open) {
    bool reader = json_flag(open, "reader", false);
    const char *by = json_text(open, "by", "");
    if (!*by)
        return reader ? word(request, "open_is_waiting") : word(request, "open_is_alone");
    return !strcmp(by, "model") ? word(request, "open_by_model") : word(request, "open_was_read");
}

static void open_told(struct request *request, struct buffer *out, const json_t *open) {
    const char *words = json_text(open, "words", ""), *model = json_text(open, "model", "");
    buffer_format(
        out, "<div class=\"open-told\" role=\"status\" data-waiting=\"%s\" data-by=\"%s\"><p>",
        json_flag(open, "waiting", false) ? "yes" : "no", json_text(open, "by", ""));
    own_words(request, out, open_word(request, open));
    if (*model) {
        buffer_text(out, " <small class=\"quiet\"><bdi>");
        buffer_html(out, view_of(model));
        buffer_text(out, "</bdi></small>");
    }
    buffer_text(out, "</p>");
    open_levels(out, open);
    if (*words) {
        buffer_text(out, "<p class=\"words\" dir=\"auto\">");
        buffer_html(out, view_of(words));
        buffer_text(out, "</p>");
    }
    buffer_text(out, "</div>");
}

/* What is looked for stands above the field; what was said of the answer, below. */
static void field_open(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *id = json_text(exercise, "id", "");
    const json_t *answer = last_answer(exercise), *looked_for;
    const json_t *open = json_object_get(json_object_get(exercise, "state"), "open");
    size_t i;
    buffer_text(out, "<div class=\"typed\"><label class=\"label\" for=\"field-");
    buffer_html(out, view_of(id));
    buffer_text(out, "\">");
    own_words(request, out, word(request, "open_yours"));
    buffer_text(out, "</label><ul class=\"looked-for\">");
    json_array_foreach(json_object_get(exercise, "looked_for"), i, looked_for)
        buffer_format(out, "<li dir=\"auto\">%s</li>", json_string_value(looked_for));
    buffer_text(out, "</ul><textarea class=\"field open\" name=\"answer\" required "
                     "maxlength=\"4000\" rows=\"6\" dir=\"auto\" id=\"field-");
    buffer_html(out, view_of(id));
    buffer_text(out, "\">\n");
    if (json_is_string(answer))
        buffer_html(out, view_of(json_string_value(answer)));
    buffer_text(out, "</textarea></div>");
    if (open)
        open_told(request, out, open);
}

/* Items as the learner left them, when that names each of them once. */
static void arrangement(const json_t *answer, size_t n, size_t order[]) {
    bool seen[64] = {false}, whole = json_array_size(answer) == n && n <= COUNT_OF(seen);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = 0; i < n && whole; i++) {
        json_int_t at = json_integer_value(json_array_get(answer, i));
        whole = at >= 0 && (size_t)at < n && !seen[at];
        if (whole)
            seen[at] = true;
    }
    for (size_t i = 0; i < n && whole; i++)
        order[i] = (size_t)json_integer_value(json_array_get(answer, i));
}

static void field_order(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *key = shown_key(exercise);
    size_t n = json_array_size(json_object_get(exercise, key));
    size_t *order = ARENA_NEW(request->arena, n + 1, size_t);
    arrangement(last_answer(exercise), n, order);
    buffer_text(out, "<ol class=\"order\" aria-label=\"");
    buffer_html(out, view_of(word(request, "put_in_order")));
    buffer_text(out, "\">");
    for (size_t place = 1; place <= n; place++) {
        size_t i = order[place - 1];
        buffer_format(out,
                      "<li data-index=\"%zu\"><span class=\"item\" dir=\"auto\">%s</span>"
                      "<select class=\"place\" name=\"p%zu\" aria-label=\"",
                      i, shown_at(exercise, key, i), i);
        buffer_html(out, view_of(word(request, "place")));
        buffer_format(out, " %zu\">", place);
        for (size_t j = 1; j <= n; j++)
            buffer_format(out, "<option%s>%zu</option>", j == place ? " selected" : "", j);
        buffer_text(out, "</select></li>");
    }
    buffer_text(out, "</ol>");
}

static void field_match(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *key = shown_key(exercise);
    size_t n_right = json_array_size(json_object_get(exercise, key));
    size_t n_left = json_array_size(json_object_get(exercise, "left_html"));
    buffer_text(out, "<dl class=\"match\">");
    for (size_t i = 0; i < n_left; i++) {
        const json_t *chosen = json_array_get(last_answer(exercise), i);
        buffer_format(out, "<div><dt dir=\"auto\">%s</dt><dd><select name=\"m%zu\" aria-label=\"",
                      shown_at(exercise, "left_html", i), i);
        plain_text(out, shown_at(exercise, "left_html", i));
        buffer_text(out, "\"><option value=\"-1\">");
        buffer_html(out, view_of(word(request, "choose")));
        buffer_text(out, "</option>");
        for (size_t j = 0; j < n_right; j++)
            buffer_format(out, "<option value=\"%zu\"%s>%c</option>", j,
                          was_chosen(chosen, j) ? " selected" : "", (char)('A' + j));
        buffer_text(out, "</select></dd></div>");
    }
    buffer_text(out, "</dl><ol class=\"letters\">");
    for (size_t j = 0; j < n_right; j++)
        buffer_format(out, "<li dir=\"auto\">%s</li>", shown_at(exercise, key, j));
    buffer_text(out, "</ol>");
}

/* ------------------------------------------------------------------------------------- parts */

static void field_parts(struct request *, struct buffer *, const json_t *exercise);

static const struct {
    const char *check;
    void (*write)(struct request *, struct buffer *, const json_t *);
} fields[] = {
    {"choice", field_choices}, {"several", field_choices}, {"number", field_typed},
    {"algebra", field_typed},  {"text", field_typed},      {"order", field_order},
    {"match", field_match},    {"code", field_code},       {"parts", field_parts},
    {"rubric", field_open},
};

/* What was said to a part when the form came back; empty before. */
static void told_of_part(struct request *request, struct buffer *out, const json_t *graded) {
    bool right =
        json_number(graded, "score", 0) >= 1 || !strcmp(json_text(graded, "note", ""), "carried");
    bool tried = graded && strcmp(json_text(graded, "note", ""), "missing") != 0;
    buffer_format(out, "<div class=\"told\" role=\"status\" data-verdict=\"%s\">",
                  !tried  ? ""
                  : right ? "right"
                          : "not-yet");
    const char *html = json_text(graded, "html", NULL);
    if (tried && html)
        buffer_text(out, html);
    else if (tried)
        buffer_html(out, view_of(json_text(graded, "feedback", word(request, "not_yet"))));
    buffer_text(out, "</div>");
}

static const json_t *graded_part(const json_t *graded, const char *name) {
    size_t i;
    const json_t *one;
    json_array_foreach(graded, i, one) if (!strcmp(json_text(one, "name", ""), name)) return one;
    return NULL;
}

/* Each part is a field of its own, under its own question. */
static void field_parts(struct request *request, struct buffer *out, const json_t *exercise) {
    const json_t *last = last_answer(exercise), *one;
    size_t i;
    json_array_foreach(json_object_get(exercise, "parts"), i, one) {
        const char *name = json_text(one, "name", "");
        const json_t *answer =
            json_is_array(last) ? json_array_get(last, i) : json_object_get(last, name);
        json_t *part = json_copy((json_t *)(uintptr_t)one);
        json_object_set_new(part, "field", json_sprintf("part-%s", name));
        json_object_set_new(part, "id",
                            json_sprintf("%s-%s", json_text(exercise, "id", ""), name));
        json_object_set_new(part, "state", json_pack("{s:O*}", "last_answer", answer));
        buffer_text(out, "<div class=\"part\" role=\"group\" data-part=\"");
        buffer_html(out, view_of(name));
        buffer_text(out, "\" data-check=\"");
        buffer_html(out, view_of(json_text(one, "check", "")));
        buffer_text(out, "\" aria-labelledby=\"ask-");
        buffer_html(out, view_of(json_text(part, "id", "")));
        buffer_text(out, "\"><div class=\"ask\" dir=\"auto\" id=\"ask-");
        buffer_html(out, view_of(json_text(part, "id", "")));
        buffer_format(out, "\">%s</div>", json_text(one, "ask_html", ""));
        html_exercise_field(request, out, part);
        told_of_part(request, out, graded_part(json_object_get(exercise, "graded"), name));
        buffer_text(out, "</div>");
        json_decref(part);
    }
}

/* --------------------------------------------------------------------------------- sentences */

static void cite(struct request *request, struct buffer *out, const json_t *passage) {
    const char *lesson = json_text(passage, "lesson", NULL);
    buffer_text(out, " <a class=\"cite\" href=\"");
    if (lesson && !view_is(request->part[1], lesson))
        lesson_href(out, request->part[0].at, lesson);
    buffer_text(out, "#");
    url_part(out, json_text(passage, "passage", ""));
    buffer_text(out, "\">");
    buffer_html(out, view_of(json_text(passage, "heading", word(request, "passage"))));
    buffer_text(out, "</a>");
}

/* What was looked up for a sentence: the tool, what it was asked, what it found. Sums stand from
 * left to right. */
static void looked_up(struct request *request, struct buffer *out, const json_t *told) {
    const char *tool = json_text(told, "tool", ""), *asked = json_text(told, "asked", ""),
               *found = json_text(told, "found", ""), *model = json_text(told, "model", NULL);
    bool sum = !strcmp(tool, "sum") || !strcmp(tool, "code");
    bool done = json_flag(told, "done", false);
    buffer_format(out, "<div class=\"looked-up\" lang=\"%s\">", request->words);
    buffer_html(out, view_of(word(request, "looked_up")));
    buffer_text(out, " · <bdi>");
    buffer_html(out, view_of(json_text(told, "name", "")));
    buffer_text(out, "</bdi>");
    if (*asked || *found) {
        buffer_format(out, ": <bdi dir=\"%s\">", sum ? "ltr" : "auto");
        buffer_html(out, view_of(asked));
        if (sum && *found)
            buffer_text(out, !done ? ": " : view_starts(view_of(found), "≈") ? " " : " = ");
        else if (*asked)
            buffer_text(out, "</bdi>: <bdi dir=\"auto\">");
        buffer_html(out, view_of(found));
        buffer_text(out, "</bdi>");
    }
    if (model) {
        buffer_text(out, " · ");
        buffer_html(out, view_of(word(request, "chosen_by")));
        buffer_text(out, " <bdi>");
        buffer_html(out, view_of(model));
        buffer_text(out, "</bdi>");
    }
    buffer_text(out, "</div>");
}

/* Which model, from which passage, checked how: told on touch and on focus. */
static void origin_begin(struct request *request, struct buffer *out, const json_t *say) {
    buffer_text(out, "<details class=\"origin\"><summary>");
    buffer_html(out, view_of(word(request, "by_model")));
    buffer_text(out, " ");
    buffer_html(out, view_of(json_text(say, "model", "")));
    buffer_text(out, "</summary><span>");
    buffer_html(out, view_of(word(request, "checked")));
    buffer_text(out, " </span>");
    if (json_array_size(json_object_get(say, "cites"))) {
        buffer_html(out, view_of(word(request, "from_passage")));
        buffer_text(out, ": ");
    }
}

/* As ui/scripts/tutor.js draws it. */
void html_say(struct request *request, struct buffer *out, const json_t *say) {
    const char *html = json_text(say, "html", NULL);
    const char *from = json_flag(say, "quote", false) ? "quote" : json_text(say, "from", "author");
    bool model = !strcmp(from, "model");
    size_t i;
    json_t *passage;
    buffer_text(out, "<div class=\"say\" dir=\"auto\" data-from=\"");
    buffer_html(out, view_of(from));
    buffer_format(out, "\"><span%s>", model ? " class=\"model-words\"" : "");
    if (html)
        buffer_text(out, html);
    else
        buffer_html(out, view_of(json_text(say, "text", "")));
    buffer_text(out, "</span>");
    if (model)
        origin_begin(request, out, say);
    json_array_foreach(json_object_get(say, "cites"), i, passage) cite(request, out, passage);
    buffer_text(out, model ? "</details>" : "");
    if (json_object_get(say, "looked_up"))
        looked_up(request, out, json_object_get(say, "looked_up"));
    buffer_text(out, "</div>");
}

static void html_asked(struct request *request, struct buffer *out, const char *text) {
    buffer_text(out, "<p class=\"mine\"><span class=\"unseen\">");
    buffer_html(out, view_of(word(request, "you")));
    buffer_text(out, ": </span><bdi>");
    buffer_html(out, view_of(text));
    buffer_text(out, "</bdi></p>");
}

/* The tutor asks for the background, once. */
static void html_asks(struct request *request, struct buffer *out, const json_t *asks) {
    if (!asks)
        return;
    buffer_text(out, "<div class=\"say\" dir=\"auto\">");
    buffer_html(out, view_of(json_text(asks, "text", "")));
    buffer_text(out, " <a href=\"/memory\">");
    buffer_html(out, view_of(word(request, "tell_about_you")));
    buffer_text(out, "</a></div>");
}

/* What is said once more is not written twice. */
static bool comes_again(const json_t *lines, size_t i) {
    const char *text = json_text(json_array_get(lines, i), "text", "");
    for (size_t j = i + 1; j < json_array_size(lines); j++)
        if (!strcmp(json_text(json_array_get(lines, j), "text", ""), text))
            return true;
    return false;
}

/* Hints that were given, then what was asked and said lately, then what a posted form brought. */
static void notes(struct request *request, struct buffer *out, const json_t *exercise,
                  const struct outcome *outcome) {
    const json_t *state = json_object_get(exercise, "state");
    const json_t *hints = json_object_get(state, "hints"), *line;
    json_t *lines = json_array();
    size_t i;
    json_array_extend(lines, (json_t *)(uintptr_t)hints);
    json_array_extend(lines, json_object_get(state, "talk"));
    if (outcome)
        json_array_extend(lines, json_object_get(outcome->result, "say"));
    buffer_format(out,
                  "<div class=\"notes\"><div class=\"log\" role=\"log\" aria-live=\"polite\" "
                  "data-helped=\"%zu\" aria-label=\"",
                  json_array_size(hints));
    buffer_html(out, view_of(word(request, "tutor")));
    buffer_text(out, "\">");
    json_array_foreach(lines, i, line) {
        if (json_text(line, "asked", NULL))
            html_asked(request, out, json_text(line, "asked", ""));
        else if (!comes_again(lines, i))
            html_say(request, out, line);
    }
    if (outcome)
        html_asks(request, out, json_object_get(outcome->result, "asks"));
    buffer_text(out, "</div></div>");
    json_decref(lines);
}

static void verdict(struct request *request, struct buffer *out, const json_t *state,
                    const struct outcome *outcome) {
    bool solved = json_flag(state, "solved", false);
    bool tried = json_number(state, "attempts", 0) > 0;
    if (outcome && json_object_get(outcome->result, "score")) {
        solved = json_flag(outcome->result, "solved", solved);
        tried = strcmp(json_text(outcome->result, "note", ""), "waiting") != 0;
    }
    size_t n_hint = json_array_size(json_object_get(state, "hints"));
    const char *text = solved ? word(request, "right") : tried ? word(request, "not_yet") : "";
    buffer_format(out, "<p class=\"verdict\" dir=\"auto\" role=\"status\" data-verdict=\"%s\">",
                  solved  ? "right"
                  : tried ? "not-yet"
                          : "");
    buffer_html(out, view_of(text));
    if (solved && n_hint)
        buffer_format(out, " <small>%s</small>",
                      n_hint == 1 ? word(request, "with_one_hint") : word(request, "with_hints"));
    buffer_text(out, "</p>");
}

/* -------------------------------------------------------------------------------- the section */

static void form_head(struct buffer *out, const json_t *exercise, const char *post_path) {
    const char *id = json_text(exercise, "id", "");
    buffer_format(out, "<form method=\"post\" action=\"%s/exercises/", post_path);
    url_part(out, id);
    buffer_text(out, "#");
    url_part(out, id);
    buffer_text(out, "\" data-check=\"");
    buffer_html(out, view_of(json_text(exercise, "check", "")));
    buffer_format(out, "\"><input type=\"hidden\" name=\"seed\" value=\"%lld\">",
                  (long long)json_integer_value(json_object_get(exercise, "seed")));
    buffer_text(out, "<input type=\"hidden\" name=\"check\" value=\"");
    buffer_html(out, view_of(json_text(exercise, "check", "")));
    buffer_text(out, "\">");
}

void html_exercise_field(struct request *request, struct buffer *out, const json_t *exercise) {
    const char *check = json_text(exercise, "check", "");
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (!strcmp(fields[i].check, check))
            fields[i].write(request, out, exercise);
}

/* Of an exercise whose source has changed since it was translated: that source. */
static void stale_source(struct buffer *out, const json_t *source) {
    const char *language = json_text(source, "language", "en");
    if (!source)
        return;
    buffer_text(out, "<details class=\"stale\"><summary>");
    buffer_html(out, view_of(json_text(source, "note", "")));
    buffer_format(out, "</summary><div lang=\"%s\" dir=\"%s\"><p><strong>", language,
                  language_right_to_left(view_of(language)) ? "rtl" : "ltr");
    buffer_html(out, view_of(json_text(source, "title", "")));
    buffer_format(out, "</strong></p>%s</div></details>", json_text(source, "ask_html", ""));
}

void html_question(struct request *request, struct buffer *out, const json_t *exercise) {
    buffer_format(out, "<div class=\"ask\" dir=\"auto\">%s</div>",
                  json_text(exercise, "ask_html", ""));
    stale_source(out, json_object_get(exercise, "source"));
    html_exercise_field(request, out, exercise);
}

void html_exercise(struct request *request, struct buffer *out, const json_t *exercise,
                   const char *post_path, const struct outcome *outcome) {
    const char *id = json_text(exercise, "id", "");
    if (outcome && strcmp(outcome->exercise, id) != 0)
        outcome = NULL;
    const char *language = json_text(exercise, "language", NULL);
    buffer_text(out, "<div class=\"work\"");
    if (language)
        buffer_format(out, " lang=\"%s\"", language);
    buffer_text(out, "><h3 dir=\"auto\">");
    buffer_html(out, view_of(json_text(exercise, "title", "")));
    buffer_text(out, "</h3>");
    form_head(out, exercise, post_path);
    json_t *with_parts = json_copy((json_t *)(uintptr_t)exercise);
    if (outcome && json_object_get(outcome->result, "parts"))
        json_object_set(with_parts, "graded", json_object_get(outcome->result, "parts"));
    html_question(request, out, with_parts);
    json_decref(with_parts);
    buffer_format(out, "<div class=\"row actions\" lang=\"%s\"><button class=\"check\">",
                  request->words);
    bool open = !strcmp(json_text(exercise, "check", ""), "rubric");
    buffer_html(out, view_of(open ? word(request, "hand_in") : word(request, "check")));
    buffer_text(out, "</button><button class=\"hint\" name=\"do\" value=\"hint\" formnovalidate>");
    buffer_html(out, view_of(word(request, "hint")));
    buffer_text(out, "</button>");
    verdict(request, out, json_object_get(exercise, "state"), outcome);
    buffer_text(out, "</div></form></div>");
    notes(request, out, exercise, outcome);
}
