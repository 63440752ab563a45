/* What the school remembers of the learner: a page to see, say, change and erase it, and the API
 * of the same. */
#include "web/parts.h"

#include <string.h>
#include <time.h>

/* ------------------------------------------------------------------------------------- the page
 */

/* "tag_music" in the locale. */
static const char *tag_word(struct request *request, const char *tag) {
    return word(request, arena_format(request->arena, "tag_%s", tag));
}

static bool has_tag(const json_t *background, const char *name) {
    size_t i;
    json_t *tag;
    json_array_foreach(json_object_get(background, "tags"), i,
                       tag) if (!strcmp(json_string_value(tag), name)) return true;
    return false;
}

static void choice(struct request *request, const char *type, const char *field, const char *value,
                   const char *label, bool checked) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<label class=\"tag\"><input type=\"%s\" name=\"%s\" value=\"%s\"%s> ",
                  type, field, value, checked ? " checked" : "");
    put(out, label);
    buffer_text(out, "</label>\n");
}

static void group(struct request *request, const json_t *memory, const char *name) {
    struct buffer *out = &request->reply.body;
    const json_t *background = json_object_get(memory, "background");
    bool age = !strcmp(name, "age"), any = false;
    size_t i;
    json_t *tag;
    buffer_text(out, "<fieldset class=\"tags\"><legend>");
    put(out, word(request, arena_format(request->arena, "about_%s", name)));
    buffer_text(out, "</legend>\n");
    json_array_foreach(json_object_get(memory, "tags"), i, tag) {
        const char *one = json_text(tag, "name", "");
        if (strcmp(json_text(tag, "group", ""), name) != 0)
            continue;
        bool checked = has_tag(background, one);
        any = any || checked;
        choice(request, age ? "radio" : "checkbox", age ? "age" : "tag", one,
               tag_word(request, one), checked);
    }
    if (age)
        choice(request, "radio", "age", "", word(request, "rather_not"), !any);
    buffer_text(out, "</fieldset>\n");
}

static void languages(struct request *request, const char *chosen) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<div class=\"field\"><label for=\"language\">");
    put(out, word(request, "about_language"));
    buffer_text(out, "</label><select id=\"language\" name=\"language\"><option value=\"\">");
    put(out, word(request, "as_browser"));
    buffer_text(out, "</option>");
    for (size_t i = 0; embedded_languages[i]; i++) {
        const char *tag = embedded_languages[i];
        buffer_format(out, "<option value=\"%s\" lang=\"%s\"%s>", tag, tag,
                      chosen && !strcmp(chosen, tag) ? " selected" : "");
        put(out, embedded_word(tag, "language_name"));
        buffer_text(out, "</option>");
    }
    buffer_text(out, "</select></div>\n");
}

static void background_form(struct request *request, const json_t *memory) {
    struct buffer *out = &request->reply.body;
    const json_t *background = json_object_get(memory, "background");
    html_heading(out, 2, word(request, "about_you"));
    buffer_text(out, "<p>");
    put(out, word(request, "about_you_why"));
    buffer_text(out, "</p>\n");
    html_form_begin(out, "about", "/memory");
    buffer_text(out, "<input type=\"hidden\" name=\"do\" value=\"about\">\n");
    group(request, memory, "age");
    group(request, memory, "interest");
    group(request, memory, "knows");
    buffer_text(out, "<div class=\"field\"><label for=\"own-words\">");
    put(out, word(request, "about_words"));
    buffer_text(out,
                "</label><textarea id=\"own-words\" name=\"words\" rows=\"2\" maxlength=\"300\" "
                "dir=\"auto\">");
    put(out, json_text(background, "words", ""));
    buffer_text(out, "</textarea></div>\n");
    languages(request, json_text(background, "language", NULL));
    html_form_end(out, word(request, "keep"));
    if (json_number(background, "told", 0) > 0) {
        html_form_begin(out, "inline", "/memory");
        buffer_text(out, "<input type=\"hidden\" name=\"do\" value=\"about-erase\">");
        html_form_end(out, word(request, "erase_about"));
    }
}

/* What a note is about, and where; the text itself is in its field. */
static void note_head(struct request *request, const json_t *note) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, arena_format(request->arena, "note_%s", json_text(note, "about", ""))));
    buffer_text(out, " · ");
    html_time(request, (int64_t)json_number(note, "at", 0));
    const char *skill = json_text(note, "skill_title", NULL);
    if (skill) {
        buffer_text(out, " · <bdi>");
        put(out, skill);
        buffer_text(out, "</bdi>");
    }
    if (json_number(note, "changed", 0) > 0) {
        buffer_text(out, " · ");
        put(out, word(request, "note_changed"));
        buffer_text(out, " ");
        html_time(request, (int64_t)json_number(note, "changed", 0));
    }
    buffer_text(out, "</p>\n");
}

static void note_item(struct request *request, const json_t *note) {
    struct buffer *out = &request->reply.body;
    long long id = (long long)json_number(note, "id", 0);
    buffer_format(out, "<li id=\"note-%lld\">", id);
    note_head(request, note);
    html_form_begin(out, "note", "/memory");
    buffer_format(out,
                  "<input type=\"hidden\" name=\"note\" value=\"%lld\">"
                  "<textarea name=\"text\" rows=\"2\" maxlength=\"300\" dir=\"auto\" "
                  "aria-label=\"",
                  id);
    put(out, word(request, "note_text"));
    buffer_text(out, "\">");
    put(out, json_text(note, "text", ""));
    buffer_text(out, "</textarea><div class=\"row\"><button name=\"do\" value=\"change\">");
    put(out, word(request, "keep"));
    buffer_text(out, "</button> <button name=\"do\" value=\"erase\">");
    put(out, word(request, "erase"));
    buffer_text(out, "</button></div></form></li>\n");
}

static void notes_list(struct request *request, const json_t *memory) {
    struct buffer *out = &request->reply.body;
    const json_t *notes = json_object_get(memory, "notes");
    html_heading(out, 2, word(request, "notes"));
    buffer_text(out, "<p>");
    put(out, word(request, json_array_size(notes) ? "notes_why" : "no_notes"));
    buffer_text(out, "</p>\n");
    if (json_array_size(notes)) {
        buffer_text(out, "<ul class=\"memories\">\n");
        size_t i;
        json_t *note;
        json_array_foreach(notes, i, note) note_item(request, note);
        buffer_text(out, "</ul>\n");
    }
    html_form_begin(out, "note", "/memory");
    buffer_text(out, "<div class=\"field\"><label for=\"new-note\">");
    put(out, word(request, "note_new"));
    buffer_text(out,
                "</label><textarea id=\"new-note\" name=\"text\" rows=\"2\" maxlength=\"300\" "
                "required dir=\"auto\"></textarea></div>"
                "<input type=\"hidden\" name=\"do\" value=\"add\">");
    html_form_end(out, word(request, "note_add"));
}

/* No is what holds until the learner says yes. */
static void giving_form(struct request *request, const json_t *memory) {
    static const char *const lines[] = {"giving_what", "giving_struck", "giving_back",
                                        "giving_free"};
    struct buffer *out = &request->reply.body;
    const json_t *giving = json_object_get(memory, "giving");
    bool gives = json_flag(giving, "gives", false);
    int64_t since = (int64_t)json_number(giving, "since", 0);
    buffer_text(out, "<section id=\"giving\">");
    html_heading(out, 2, word(request, "giving"));
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        buffer_text(out, "<p>");
        put(out, word(request, lines[i]));
        buffer_text(out, "</p>\n");
    }
    html_form_begin(out, "giving", "/memory");
    buffer_text(out, "<input type=\"hidden\" name=\"do\" value=\"give\">\n"
                     "<fieldset class=\"tags\"><legend>");
    put(out, word(request, "giving_ask"));
    buffer_text(out, "</legend>\n");
    choice(request, "radio", "gives", "no", word(request, "giving_no"), !gives);
    choice(request, "radio", "gives", "yes", word(request, "giving_yes"), gives);
    buffer_text(out, "</fieldset>\n");
    html_form_end(out, word(request, "keep"));
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, gives ? "giving_since" : since > 0 ? "giving_over" : "giving_never"));
    if (since > 0) {
        buffer_text(out, " ");
        html_time(request, since);
    }
    buffer_text(out, "</p>\n</section>\n");
}

void page_memory(struct request *request) {
    struct fault fault = {0};
    json_t *memory =
        school_memory(request->web->school, request->learner, request->language, &fault);
    if (!memory) {
        reply_fault(request, &fault);
        return;
    }
    page_begin(request, word(request, "memory"), "memory", NULL);
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain memory\"><h1>");
    put(out, word(request, "memory"));
    buffer_text(out, "</h1>\n<p>");
    put(out, word(request, "memory_why"));
    buffer_text(out, "</p>\n");
    background_form(request, memory);
    notes_list(request, memory);
    giving_form(request, memory);
    html_heading(out, 2, word(request, "memory_yours"));
    buffer_text(out, "<p><a href=\"/memory/files\" download=\"memory.zip\">");
    put(out, word(request, "memory_files"));
    buffer_text(out, "</a></p>\n</main>\n");
    page_end(request);
    json_decref(memory);
}

/* ------------------------------------------------------------------------------------- its forms
 */

static json_t *told_of(const json_t *form) {
    json_t *tags = json_array(), *tag;
    const char *age = form_text(form, "age"), *language = form_text(form, "language");
    size_t i;
    if (*age)
        json_array_append_new(tags, json_string(age));
    json_array_foreach(json_object_get(form, "tag"), i, tag) json_array_append(tags, tag);
    return json_pack("{s:o,s:s,s:s?}", "tags", tags, "words", form_text(form, "words"), "language",
                     *language ? language : NULL);
}

/* The pages follow what the learner wishes, as if they had asked in the address. */
static void follow_language(struct request *request, const char *language) {
    if (*language && web_language_tag(view_of(language)))
        snprintf(request->reply.cookies[1], sizeof request->reply.cookies[1],
                 "lyceum_language=%s; Path=/; Max-Age=31536000; SameSite=Lax", language);
}

static bool tell(struct request *request, const json_t *told, struct fault *fault) {
    json_t *kept = school_background_tell(request->web->school, request->learner, told, fault);
    json_decref(kept);
    return kept != NULL;
}

static bool do_about(struct request *request, const json_t *form, struct fault *fault) {
    json_t *told = told_of(form);
    bool done = tell(request, told, fault);
    json_decref(told);
    if (done)
        follow_language(request, form_text(form, "language"));
    return done;
}

static bool do_about_erase(struct request *request, const json_t *form, struct fault *fault) {
    (void)form;
    json_t *nothing = json_object();
    bool done = tell(request, nothing, fault);
    json_decref(nothing);
    return done;
}

static bool do_add(struct request *request, const json_t *form, struct fault *fault) {
    return school_note_add(request->web->school, request->learner,
                           view_of(form_text(form, "text")), false, fault) > 0;
}

static bool do_change(struct request *request, const json_t *form, struct fault *fault) {
    return school_note_change(request->web->school, request->learner,
                              number_of(view_of(form_text(form, "note"))),
                              view_of(form_text(form, "text")), fault);
}

static bool do_erase(struct request *request, const json_t *form, struct fault *fault) {
    return school_note_erase(request->web->school, request->learner,
                             number_of(view_of(form_text(form, "note"))), fault);
}

static bool do_give(struct request *request, const json_t *form, struct fault *fault) {
    const char *gives = form_text(form, "gives");
    if (strcmp(gives, "yes") != 0 && strcmp(gives, "no") != 0)
        return fault_set(fault, FAULT_INPUT, "This form is not known.");
    return school_give(request->web->school, request->learner, !strcmp(gives, "yes"), fault);
}

void page_memory_post(struct request *request) {
    static const struct {
        const char *name;
        bool (*act)(struct request *, const json_t *form, struct fault *);
    } acts[] = {{"about", do_about}, {"about-erase", do_about_erase},
                {"add", do_add},     {"change", do_change},
                {"give", do_give},   {"erase", do_erase}};
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool done = false, known = false;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (!strcmp(acts[i].name, form_text(form, "do"))) {
            known = true;
            done = request_need_learner(request, &fault) && acts[i].act(request, form, &fault);
        }
    if (!known)
        fault_set(&fault, FAULT_INPUT, "This form is not known.");
    json_decref(form);
    done_or_fault(request, done, &fault, "/memory");
}

void page_memory_files(struct request *request) {
    struct fault fault = {0};
    json_t *memory =
        school_memory(request->web->school, request->learner, request->language, &fault);
    if (!memory) {
        reply_fault(request, &fault);
        return;
    }
    request->reply.status = 200;
    request->reply.type = "application/zip";
    school_memory_archive(memory, &request->reply.body);
    json_decref(memory);
}

/* ----------------------------------------------------------------------------------------- API */

static void reply_result(struct request *request, json_t *result, const struct fault *fault) {
    if (result)
        reply_json(request, 200, result);
    else
        reply_fault(request, fault);
}

void api_memory(struct request *request) {
    struct fault fault = {0};
    json_t *memory =
        school_memory(request->web->school, request->learner, request->language, &fault);
    reply_result(request, memory, &fault);
}

void api_background(struct request *request) {
    struct fault fault = {0};
    json_t *kept =
        school_background_tell(request->web->school, request->learner, request->json, &fault);
    reply_result(request, kept, &fault);
}

void api_giving(struct request *request) {
    struct fault fault = {0};
    const json_t *gives = json_object_get(request->json, "gives");
    if (!json_is_boolean(gives)) {
        reply_status(request, 400, "Yes or no?", "Send {\"gives\": true} or {\"gives\": false}.");
        return;
    }
    bool said = school_give(request->web->school, request->learner, json_is_true(gives), &fault);
    json_t *giving = said ? school_giving(request->web->school, request->learner, &fault) : NULL;
    reply_result(request, giving, &fault);
}

/* False when the reply says what is wrong. */
static bool read_text(struct request *request, struct view *text) {
    const json_t *value = json_object_get(request->json, "text");
    if (!json_is_string(value)) {
        reply_status(request, 400, "The text is missing.", "Send {\"text\": \"…\"}.");
        return false;
    }
    *text = (struct view){json_string_value(value), json_string_length(value)};
    return true;
}

static json_t *note_id(int64_t id) {
    return json_pack("{s:I}", "id", (json_int_t)id);
}

void api_note_add(struct request *request) {
    struct fault fault = {0};
    struct view text;
    if (!read_text(request, &text))
        return;
    bool goal = !strcmp(json_text(request->json, "about", "own"), "goal");
    int64_t id = school_note_add(request->web->school, request->learner, text, goal, &fault);
    reply_result(request, id ? note_id(id) : NULL, &fault);
}

void api_note_change(struct request *request) {
    struct fault fault = {0};
    struct view text;
    if (!read_text(request, &text))
        return;
    int64_t id = number_of(request->part[0]);
    bool done = school_note_change(request->web->school, request->learner, id, text, &fault);
    reply_result(request, done ? note_id(id) : NULL, &fault);
}

void api_note_erase(struct request *request) {
    struct fault fault = {0};
    int64_t id = number_of(request->part[0]);
    bool done = school_note_erase(request->web->school, request->learner, id, &fault);
    reply_result(request, done ? note_id(id) : NULL, &fault);
}
