/* Pages of a teacher: the classes, who is in one, and what is done about it. */
#include "web/parts.h"

#include <stdlib.h>
#include <string.h>

enum { INVITATION_DAYS = 30, WAY_BACK_DAYS = 7 };

/* ----------------------------------------------------------------------------------- all classes
 */

static void class_list(struct request *request, const json_t *classes) {
    struct buffer *out = &request->reply.body;
    json_t *class;
    size_t i, n_shown = 0;
    buffer_text(out, "<ol class=\"contents\">");
    json_array_foreach(classes, i, class) {
        if (!strcmp(json_text(class, "role", ""), "learner"))
            continue;
        n_shown++;
        buffer_format(out, "<li><a href=\"/classes/%lld\"><span class=\"name\"><bdi>",
                      (long long)whole(class, "id"));
        put(out, json_text(class, "title", ""));
        buffer_text(out, "</bdi>");
        if (whole(class, "closed")) {
            buffer_text(out, " · ");
            put(out, word(request, "closed"));
        }
        buffer_format(out, "</span><span class=\"count\">%s: %lld</span></a></li>\n",
                      word(request, "learners"), (long long)whole(class, "learners"));
    }
    buffer_text(out, "</ol>\n");
    if (!n_shown) {
        buffer_text(out, "<p>");
        put(out, word(request, "no_classes"));
        buffer_text(out, "</p>\n");
    }
}

void page_teach(struct request *request) {
    struct fault fault = {0};
    json_t *person = school_person(request->web->school, request->learner, &fault);
    if (!person) {
        reply_fault(request, &fault);
        return;
    }
    page_begin(request, word(request, "my_classes"), "teach", NULL);
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain\">\n");
    html_heading(out, 1, word(request, "my_classes"));
    class_list(request, json_object_get(person, "classes"));
    html_heading(out, 2, word(request, "new_class"));
    html_form_begin(out, "stack", "/teach");
    html_field(out, &(struct field){.name = "title",
                                    .label = word(request, "class_name"),
                                    .autocomplete = "off",
                                    .required = true});
    html_form_end(out, word(request, "make_class"));
    if (!strcmp(json_text(person, "role", ""), "owner")) {
        buffer_text(out, "<p class=\"ways\"><a href=\"/school\">");
        put(out, word(request, "the_school"));
        buffer_text(out, "</a> <a href=\"/company\">");
        put(out, word(request, "firm"));
        buffer_text(out, "</a></p>\n");
    }
    buffer_text(out, "</main>\n");
    page_end(request);
    json_decref(person);
}

void page_teach_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    int64_t class = school_class_new(request->web->school, request->learner,
                                     view_of(form_text(form, "title")), &fault);
    /* A class wants learners first: its code is made with it. */
    json_t *invitation = class ? school_invite(request->web->school, request->learner, class, 0,
                                               "learner", INVITATION_DAYS, &fault)
                               : NULL;
    done_or_fault(request, invitation != NULL, &fault, "/classes/%lld/people", (long long)class);
    json_decref(invitation);
    json_decref(form);
}

/* ---------------------------------------------------------------------------------- who is in it
 */

/* "ABCD-EFGH" is easier to read out and to type. */
static const char *spoken(struct request *request, const char *code) {
    return strlen(code) == 8 ? arena_format(request->arena, "%.4s-%s", code, code + 4) : code;
}

/* The square holds the address that the browser used; a phone cannot follow this machine's own. */
static bool leads_only_here(const struct request *request) {
    struct view host = request_header(request, "Host");
    return view_starts(host, "127.") || view_starts(host, "localhost") ||
           view_starts(host, "[::1]");
}

void invitation_card(struct request *request, const char *code, const char *told,
                     int64_t ends_ms) {
    struct buffer *out = &request->reply.body;
    const char *site = request_site(request);
    const char *address = arena_format(request->arena, "%s/join/%s", site, code);
    buffer_text(out, "<div class=\"invitation\">");
    html_qr(out, address, address);
    buffer_text(out, "<div><p>");
    put(out, told);
    buffer_text(out, "</p><p class=\"address\" dir=\"ltr\">");
    put(out, address);
    buffer_text(out, "</p>");
    if (leads_only_here(request)) {
        buffer_text(out, "<p class=\"trouble\">");
        put(out, word(request, "only_here"));
        buffer_text(out, "</p>");
    }
    if (strlen(code) == 8) {
        buffer_text(out, "<p>");
        put(out, word(request, "or_code"));
        buffer_format(out, " <strong class=\"code\" dir=\"ltr\">%s</strong></p>",
                      spoken(request, code));
    }
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, "valid_until"));
    buffer_text(out, " ");
    html_time(request, ends_ms);
    buffer_text(out, "</p></div></div>\n");
}

static void invitation_list(struct request *request, const json_t *invitations) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i, n_code = 0;
    html_heading(out, 2, word(request, "invite"));
    json_array_foreach(invitations, i, one) {
        if (strcmp(json_text(one, "role", ""), "learner") != 0)
            continue;
        if (!n_code++)
            invitation_card(request, json_text(one, "code", ""), word(request, "invite_told"),
                            whole(one, "ends"));
        html_button(out,
                    arena_format(request->arena, "%s (%s)", word(request, "end_invitation"),
                                 spoken(request, json_text(one, "code", ""))),
                    "inline", "/classes/%lld/invitations/%lld", (long long)request->id[0],
                    (long long)whole(one, "id"));
    }
    html_form_begin(out, "inline", "/classes/%lld/invitations", (long long)request->id[0]);
    buffer_text(out, "<button name=\"role\" value=\"learner\">");
    put(out, n_code ? word(request, "another_code") : word(request, "new_code"));
    buffer_text(out, "</button> <button name=\"role\" value=\"teacher\">");
    put(out, word(request, "invite_teacher"));
    buffer_text(out, "</button></form>\n");
}

static void member_row(struct request *request, const json_t *member) {
    struct buffer *out = &request->reply.body;
    bool learner = !strcmp(json_text(member, "role", ""), "learner");
    long long class = (long long)request->id[0], id = (long long)whole(member, "id");
    buffer_text(out, "<tr><th scope=\"row\">");
    if (learner)
        buffer_format(out, "<a href=\"/classes/%lld/learners/%lld\">", class, id);
    html_name(request, out, member);
    if (learner)
        buffer_text(out, "</a>");
    buffer_text(out, "</th><td>");
    put(out, learner ? word(request, "learner") : word(request, "teacher"));
    buffer_text(out, "</td><td>");
    if (whole(member, "seen"))
        html_time(request, whole(member, "seen"));
    buffer_text(out, "</td><td>");
    if (learner) {
        html_button(out, word(request, "way_back"), "inline", "/classes/%lld/learners/%lld/code",
                    class, id);
        html_button(out, word(request, "remove"), "inline", "/classes/%lld/learners/%lld/remove",
                    class, id);
    }
    buffer_text(out, "</td></tr>\n");
}

static void member_table(struct request *request, const json_t *members) {
    struct buffer *out = &request->reply.body;
    static const char *const heads[] = {"name", "role", "last_seen", "actions"};
    json_t *one;
    size_t i;
    html_heading(out, 2, word(request, "people"));
    buffer_text(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
    put(out, word(request, "people"));
    buffer_text(out, "\"><table class=\"members\"><thead><tr>");
    for (i = 0; i < COUNT_OF(heads); i++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, word(request, heads[i]));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(members, i, one) member_row(request, one);
    buffer_text(out, "</tbody></table></div>\n");
}

static void class_settings(struct request *request, const json_t *class) {
    struct buffer *out = &request->reply.body;
    html_heading(out, 2, word(request, "settings"));
    html_form_begin(out, "stack", "/classes/%lld", (long long)request->id[0]);
    html_field(out, &(struct field){.name = "title",
                                    .label = word(request, "class_name"),
                                    .value = json_text(class, "title", ""),
                                    .required = true});
    buffer_format(out,
                  "<p><label><input type=\"checkbox\" name=\"closed\" value=\"yes\"%s> <span>",
                  whole(class, "closed") ? " checked" : "");
    put(out, word(request, "close_class"));
    buffer_text(out, "</span></label></p>");
    html_form_end(out, word(request, "keep"));
}

void page_people(struct request *request) {
    struct fault fault = {0};
    json_t *class = school_class(request->web->school, request->id[0], &fault);
    if (!class) {
        reply_fault(request, &fault);
        return;
    }
    class_begin(request, json_text(class, "title", ""), "people");
    invitation_list(request, json_object_get(class, "invitations"));
    member_table(request, json_object_get(class, "members"));
    class_settings(request, class);
    class_end(request);
    json_decref(class);
}

/* A secret link is shown once, on the answer to the form that asked for it. */
static void show_secret(struct request *request, const json_t *invitation, const char *title,
                        const char *told) {
    class_begin(request, title, "people");
    invitation_card(request, json_text(invitation, "code", ""), told, whole(invitation, "ends"));
    buffer_format(&request->reply.body, "<p><a href=\"/classes/%lld/people\">",
                  (long long)request->id[0]);
    put(&request->reply.body, word(request, "people"));
    buffer_text(&request->reply.body, "</a></p>\n");
    class_end(request);
    request->reply.cache = "no-store";
}

void page_invite(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool teacher = !strcmp(form_text(form, "role"), "teacher");
    json_t *made = school_invite(request->web->school, request->learner, request->id[0], 0,
                                 teacher ? "teacher" : "learner",
                                 teacher ? WAY_BACK_DAYS : INVITATION_DAYS, &fault);
    if (made && teacher)
        show_secret(request, made, word(request, "invite_teacher"), word(request, "secret_told"));
    else
        done_or_fault(request, made != NULL, &fault, "/classes/%lld/people",
                      (long long)request->id[0]);
    json_decref(made);
    json_decref(form);
}

void page_invite_end(struct request *request) {
    struct fault fault = {0};
    bool done = school_invite_end(request->web->school, request->learner, request->id[0],
                                  number_of(request->part[1]), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/people", (long long)request->id[0]);
}

void page_class_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool done = school_class_change(request->web->school, request->learner, request->id[0],
                                    view_of(form_text(form, "title")),
                                    !strcmp(form_text(form, "closed"), "yes"), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/people", (long long)request->id[0]);
    json_decref(form);
}

/* -------------------------------------------------------------------------------- one learner */

void page_way_back(struct request *request) {
    struct fault fault = {0};
    json_t *made = school_invite(request->web->school, request->learner, request->id[0],
                                 request->id[1], "learner", WAY_BACK_DAYS, &fault);
    if (made)
        show_secret(request, made, word(request, "way_back"), word(request, "way_back_told"));
    else
        reply_fault(request, &fault);
    json_decref(made);
}

void page_remove(struct request *request) {
    struct fault fault = {0};
    bool done = school_class_leave(request->web->school, request->id[0], request->id[1], &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/people", (long long)request->id[0]);
}

void page_message(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool done =
        school_message(request->web->school, request->learner, request->id[1],
                       view_of(form_text(form, "text")), form_text(form, "exercise"), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/learners/%lld", (long long)request->id[0],
                  (long long)request->id[1]);
    json_decref(form);
}

/* score "right", "wrong", or "back" for what the machine said. */
void page_overrule(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    const char *score = form_text(form, "score"), *what = form_text(form, "what");
    bool known = !strcmp(score, "right") || !strcmp(score, "wrong") || !strcmp(score, "back");
    bool strike = !strcmp(what, "strike");
    int64_t event = number_of(view_of(form_text(form, "event")));
    if (!known)
        fault_set(&fault, FAULT_INPUT, "%s", word(request, "not_found"));
    bool done = known && school_overrule(request->web->school, request->learner, request->id[1],
                                         event, strike ? "strike" : "grade",
                                         *score == 'r'   ? 1
                                         : *score == 'w' ? 0
                                                         : -1,
                                         view_of(form_text(form, "reason")), &fault);
    done_or_fault(request, done, &fault, "/classes/%lld/learners/%lld#e%lld",
                  (long long)request->id[0], (long long)request->id[1], (long long)event);
    json_decref(form);
}

void page_message_read(struct request *request) {
    struct fault fault = {0};
    bool done = school_message_read(request->web->school, request->learner,
                                    number_of(request->part[0]), &fault);
    done_or_fault(request, done, &fault, "/");
}
