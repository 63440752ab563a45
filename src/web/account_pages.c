/* Coming in: invitations, signing in and out, and a person's own account. */
#include "web/parts.h"

#include <stdlib.h>
#include <string.h>

static void begin(struct request *request, const char *title) {
    page_begin(request, title, "account", NULL);
    buffer_text(&request->reply.body, "<main id=\"main\" class=\"plain\">\n");
    html_heading(&request->reply.body, 1, title);
}

static void end(struct request *request) {
    buffer_text(&request->reply.body, "</main>\n");
    page_end(request);
}

static void paragraph(struct buffer *out, const char *class, const char *text) {
    buffer_format(out, "<p class=\"%s\">", class);
    put(out, text);
    buffer_text(out, "</p>\n");
}

/* What went wrong with a form, above it: what was typed is still in the browser's fields. */
static void trouble(struct request *request, const struct fault *fault) {
    struct buffer *out = &request->reply.body;
    if (!fault || fault->kind == FAULT_NONE)
        return;
    buffer_text(out, "<p class=\"trouble\" role=\"alert\">");
    put(out, word(request, fault->message));
    buffer_text(out, " ");
    put(out, word(request, fault->remedy));
    buffer_text(out, "</p>\n");
}

static void account_fields(struct request *request, const char *login, bool required) {
    struct buffer *out = &request->reply.body;
    html_field(out, &(struct field){.name = "login",
                                    .label = word(request, "login"),
                                    .value = login,
                                    .autocomplete = "username",
                                    .required = required});
    html_field(out, &(struct field){.name = "password",
                                    .label = word(request, "password"),
                                    .type = "password",
                                    .autocomplete = "new-password",
                                    .note = word(request, "password_note"),
                                    .required = required});
}

/* ------------------------------------------------------------------------------------- joining */

void page_join_ask(struct request *request) {
    struct view code =
        view_of(MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "code"));
    if (view_trim(code).n) {
        struct buffer place = {0};
        url_part(&place, arena_string(request->arena, view_trim(code)));
        see_other(request, "/join/%s", place.at);
        buffer_free(&place);
        return;
    }
    begin(request, word(request, "join"));
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<form method=\"get\" action=\"/join\" class=\"stack\">");
    html_field(out, &(struct field){.name = "code",
                                    .label = word(request, "join_code"),
                                    .autocomplete = "off",
                                    .required = true});
    html_form_end(out, word(request, "go_on"));
    end(request);
}

static const char *join_title(struct request *request, const json_t *invitation) {
    const char *role = json_text(invitation, "role", "");
    if (json_is_integer(json_object_get(invitation, "person")))
        return word(request, "join_back");
    if (!strcmp(role, "owner"))
        return word(request, "join_owner");
    const char *title = json_text(invitation, "title", NULL);
    if (!strcmp(role, "teacher"))
        return title ? arena_format(request->arena, "%s: %s", word(request, "join_teacher"), title)
                     : word(request, "join_teacher");
    return arena_format(request->arena, "%s: %s", word(request, "join_class"), title ? title : "");
}

/* Somebody who was here before may be another than who sits here now. */
static void who_is_it(struct request *request, const json_t *person) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<fieldset><legend>");
    put(out, word(request, "who_are_you"));
    buffer_text(out, "</legend><p><label><input type=\"radio\" name=\"who\" value=\"me\" checked> "
                     "<span>");
    put(out, word(request, "who_me"));
    if (json_text(person, "name", NULL)) {
        buffer_text(out, " (");
        html_name(request, out, person);
        buffer_text(out, ")");
    }
    buffer_text(out, "</span></label></p><p><label><input type=\"radio\" name=\"who\" "
                     "value=\"other\"> <span>");
    put(out, word(request, "who_other"));
    buffer_text(out, "</span></label></p></fieldset>\n");
}

static void show_join(struct request *request, const json_t *form, const struct fault *problem) {
    struct fault fault = {0};
    json_t *invitation = school_invitation(request->web->school, request->part[0], &fault);
    if (!invitation) {
        reply_fault(request, &fault);
        return;
    }
    json_t *person =
        request->learner > 0 ? school_person(request->web->school, request->learner, NULL) : NULL;
    const char *role = json_text(invitation, "role", "");
    bool staff = strcmp(role, "learner") != 0;
    bool back = json_is_integer(json_object_get(invitation, "person"));
    bool has_login = json_text(person, "login", NULL) != NULL;
    begin(request, join_title(request, invitation));
    struct buffer *out = &request->reply.body;
    trouble(request, problem);
    html_form_begin(out, "stack", "/join/%s", request->part[0].at);
    if (person && !back)
        who_is_it(request, person);
    if (!back)
        html_field(out, &(struct field){.name = "name",
                                        .label = word(request, "your_name"),
                                        .value = *form_text(form, "name")
                                                     ? form_text(form, "name")
                                                     : json_text(person, "name", ""),
                                        .autocomplete = "name",
                                        .required = true});
    if (!back && !staff && !has_login)
        buffer_format(out, "<details%s><summary>", *form_text(form, "login") ? " open" : "");
    if (!back && !staff && !has_login) {
        put(out, word(request, "join_elsewhere"));
        buffer_text(out, "</summary>");
    }
    if (!back && !has_login)
        account_fields(request, form_text(form, "login"), staff);
    if (!back && !staff && !has_login)
        buffer_text(out, "</details>\n");
    html_form_end(out, back ? word(request, "go_on") : word(request, "join"));
    if (!has_login && !back) {
        buffer_text(out, "<p class=\"quiet\"><a href=\"/sign-in\">");
        put(out, word(request, "have_account"));
        buffer_text(out, "</a></p>\n");
    }
    end(request);
    if (problem && problem->kind != FAULT_NONE)
        request->reply.status = 400;
    json_decref(person);
    json_decref(invitation);
}

void page_join(struct request *request) {
    if (request_within_rate(request, RATE_CODE, request_address(request)))
        show_join(request, NULL, NULL);
}

void page_join_post(struct request *request) {
    struct fault fault = {0};
    if (!request_within_rate(request, RATE_CODE, request_address(request)))
        return;
    json_t *form = request_form(request);
    if (!form)
        return;
    json_t *invitation = school_invitation(request->web->school, request->part[0], &fault);
    const char *role = json_text(invitation, "role", "learner");
    struct school_account account = {.name = view_of(form_text(form, "name")),
                                     .login = view_of(form_text(form, "login")),
                                     .password = view_of(form_text(form, "password"))};
    char token[65] = "";
    bool other = !strcmp(form_text(form, "who"), "other");
    int64_t person = invitation
                         ? school_join(request->web->school, request->part[0],
                                       other ? 0 : request->learner, &account, token, &fault)
                         : 0;
    if (!person) {
        if (invitation && fault.kind != FAULT_MACHINE)
            show_join(request, form, &fault);
        else
            reply_fault(request, &fault);
    } else {
        if (*token)
            reply_session(request, token);
        see_other(request, strcmp(role, "learner") ? "/teach" : "/");
    }
    json_decref(invitation);
    json_decref(form);
}

/* ------------------------------------------------------------------------------------ signing in
 */

static void show_sign_in(struct request *request, const char *login, const struct fault *problem) {
    begin(request, word(request, "sign_in"));
    struct buffer *out = &request->reply.body;
    trouble(request, problem);
    html_form_begin(out, "stack", "/sign-in");
    html_field(out, &(struct field){.name = "login",
                                    .label = word(request, "login"),
                                    .value = login,
                                    .autocomplete = "username",
                                    .required = true});
    html_field(out, &(struct field){.name = "password",
                                    .label = word(request, "password"),
                                    .type = "password",
                                    .autocomplete = "current-password",
                                    .required = true});
    html_form_end(out, word(request, "sign_in"));
    paragraph(out, "quiet", word(request, "no_account"));
    buffer_text(out, "<p><a href=\"/join\">");
    put(out, word(request, "join"));
    buffer_text(out, "</a></p>\n");
    end(request);
    if (problem)
        request->reply.status = 403;
}

void page_sign_in(struct request *request) {
    show_sign_in(request, "", NULL);
}

static bool may_try(struct request *request, struct view login) {
    struct buffer folded = {0};
    unicode_fold(view_trim(login), &folded);
    uint64_t address = request_address(request);
    uint64_t name = hash64(buffer_view(&folded), 11), near = hash64(buffer_view(&folded), address);
    buffer_free(&folded);
    return request_within_rate(request, RATE_DOOR, address) &&
           request_within_rate(request, RATE_SIGN_IN, near) &&
           request_within_rate(request, RATE_NAME, name);
}

void page_sign_in_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    struct view login = view_of(form_text(form, "login"));
    char token[65] = "";
    if (may_try(request, login)) {
        int64_t person = school_sign_in(request->web->school, login,
                                        view_of(form_text(form, "password")), token, &fault);
        json_t *known = person ? school_person(request->web->school, person, &fault) : NULL;
        if (known) {
            reply_session(request, token);
            see_other(request, strcmp(json_text(known, "role", ""), "learner") ? "/teach" : "/");
        } else if (fault.kind == FAULT_MACHINE) {
            reply_fault(request, &fault);
        } else {
            show_sign_in(request, form_text(form, "login"), &fault);
        }
        json_decref(known);
    }
    json_decref(form);
}

void page_sign_out(struct request *request) {
    struct fault fault = {0};
    bool done = school_session_end(request->web->school, request->learner, 0,
                                   request_token(request), &fault);
    if (done)
        reply_session(request, "");
    done_or_fault(request, done, &fault, "/");
}

/* -------------------------------------------------------------------------------------- account
 */

static void sessions_table(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *sessions =
        school_sessions(request->web->school, request->learner, request_token(request));
    json_t *one;
    size_t i;
    html_heading(out, 2, word(request, "sessions"));
    paragraph(out, "quiet", word(request, "sessions_note"));
    buffer_text(out, "<ul class=\"lines\">");
    json_array_foreach(sessions, i, one) {
        bool here = json_flag(one, "here", false);
        buffer_text(out, "<li><span>");
        html_time(request, whole(one, "made"));
        if (here) {
            buffer_text(out, " · ");
            put(out, word(request, "this_browser"));
        }
        buffer_text(out, "</span>");
        if (!here)
            html_button(out, word(request, "end_session"), "inline", "/account/sessions/%lld",
                        (long long)whole(one, "id"));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n");
    if (json_array_size(sessions) > 1)
        html_button(out, word(request, "end_others"), "inline", "/account/sessions/others");
    json_decref(sessions);
}

static void show_account(struct request *request, const struct fault *problem) {
    struct fault fault = {0};
    json_t *person = school_person(request->web->school, request->learner, &fault), *class;
    if (!person) {
        reply_fault(request, &fault);
        return;
    }
    const char *login = json_text(person, "login", NULL);
    begin(request, word(request, "account"));
    struct buffer *out = &request->reply.body;
    trouble(request, problem);
    if (json_array_size(json_object_get(person, "classes"))) {
        html_heading(out, 2, word(request, "my_classes"));
        buffer_text(out, "<ul class=\"lines\">");
        size_t i;
        json_array_foreach(json_object_get(person, "classes"), i, class) {
            buffer_text(out, "<li><bdi>");
            put(out, json_text(class, "title", ""));
            buffer_text(out, "</bdi></li>\n");
        }
        buffer_text(out, "</ul>\n");
    }
    html_heading(out, 2, login ? word(request, "new_password") : word(request, "set_account"));
    html_form_begin(out, "stack", "/account");
    if (login)
        html_field(out, &(struct field){.name = "present",
                                        .label = word(request, "present_password"),
                                        .type = "password",
                                        .autocomplete = "current-password",
                                        .required = true});
    account_fields(request, login ? login : "", true);
    html_form_end(out, word(request, "keep"));
    sessions_table(request);
    html_button(out, word(request, "sign_out"), "inline end", "/sign-out");
    end(request);
    if (problem)
        request->reply.status = 400;
    json_decref(person);
}

void page_account(struct request *request) {
    show_account(request, NULL);
}

void page_account_post(struct request *request) {
    struct fault fault = {0};
    if (!request_within_rate(request, RATE_SIGN_IN, (uint64_t)request->learner))
        return;
    json_t *form = request_form(request);
    if (!form)
        return;
    struct school_account account = {.login = view_of(form_text(form, "login")),
                                     .password = view_of(form_text(form, "password"))};
    if (school_account_set(request->web->school, request->learner, &account,
                           view_of(form_text(form, "present")), request_token(request), &fault))
        see_other(request, "/account");
    else if (fault.kind == FAULT_MACHINE)
        reply_fault(request, &fault);
    else
        show_account(request, &fault);
    json_decref(form);
}

void page_session_end(struct request *request) {
    struct fault fault = {0};
    int64_t session = view_is(request->part[0], "others") ? -1 : number_of(request->part[0]);
    bool done = session && school_session_end(request->web->school, request->learner, session,
                                              request_token(request), &fault);
    if (!session)
        fault_set(&fault, FAULT_MISSING, "%s", word(request, "not_found"));
    done_or_fault(request, done, &fault, "/account");
}
