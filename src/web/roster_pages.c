/* The owner's page: who teaches, and rosters in and out. */
#include "web/parts.h"

#include <string.h>

enum { TEACHER_DAYS = 7, N_FILE = 3 };
static const char *const files[N_FILE] = {"users", "classes", "enrollments"};

static void begin(struct request *request) {
    page_begin(request, word(request, "the_school"), "school", NULL);
    buffer_text(&request->reply.body,
                "<main id=\"main\" class=\"plain teach\"><p class=\"eyebrow\">"
                "<a href=\"/teach\">");
    put(&request->reply.body, word(request, "my_classes"));
    buffer_text(&request->reply.body, "</a></p>");
    html_heading(&request->reply.body, 1, word(request, "the_school"));
}

static void end(struct request *request) {
    buffer_text(&request->reply.body, "</main>\n");
    page_end(request);
}

static void paragraph(struct buffer *out, const char *text) {
    buffer_text(out, "<p class=\"quiet\">");
    put(out, text);
    buffer_text(out, "</p>\n");
}

static void staff_list(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *staff = school_staff(request->web->school), *one;
    size_t i;
    html_heading(out, 2, word(request, "staff"));
    buffer_text(out, "<ul class=\"lines\">");
    json_array_foreach(staff, i, one) {
        buffer_text(out, "<li>");
        html_name(request, out, one);
        buffer_text(out, "<small>");
        put(out, strcmp(json_text(one, "role", ""), "owner") ? word(request, "teacher")
                                                             : word(request, "owner"));
        buffer_text(out, "</small></li>\n");
    }
    buffer_text(out, "</ul>\n");
    html_button(out, word(request, "invite_teacher"), "inline", "/school/invitations");
    json_decref(staff);
}

static void roster_forms(struct request *request) {
    struct buffer *out = &request->reply.body;
    html_heading(out, 2, word(request, "roster"));
    paragraph(out, word(request, "roster_note"));
    buffer_text(out, "<form method=\"post\" class=\"stack\" action=\"/school/roster\" "
                     "enctype=\"multipart/form-data\">");
    for (int i = 0; i < N_FILE; i++)
        buffer_format(out,
                      "<p class=\"field-line\"><label for=\"f-%s\" dir=\"ltr\">%s.csv</label>"
                      "<input type=\"file\" id=\"f-%s\" name=\"%s\" accept=\".csv,text/csv\"></p>",
                      files[i], files[i], files[i], files[i]);
    buffer_text(out, "<p class=\"row\"><button name=\"do\" value=\"look\">");
    put(out, word(request, "roster_look"));
    buffer_text(out, "</button><button class=\"main-button\" name=\"do\" value=\"read\">");
    put(out, word(request, "roster_import"));
    buffer_text(out, "</button></p></form>\n<p>");
    put(out, word(request, "roster_export"));
    for (int i = 0; i < N_FILE; i++)
        buffer_format(out, " <a href=\"/school/roster/%s.csv\" download>%s.csv</a>", files[i],
                      files[i]);
    buffer_text(out, "</p>\n");
}

void page_school(struct request *request) {
    begin(request);
    staff_list(request);
    roster_forms(request);
    end(request);
}

void page_school_invite(struct request *request) {
    struct fault fault = {0};
    json_t *made = school_invite(request->web->school, request->learner, 0, 0, "teacher",
                                 TEACHER_DAYS, &fault);
    if (!made) {
        reply_fault(request, &fault);
        return;
    }
    begin(request);
    html_heading(&request->reply.body, 2, word(request, "invite_teacher"));
    invitation_card(request, json_text(made, "code", ""), word(request, "secret_told"),
                    whole(made, "ends"));
    end(request);
    request->reply.cache = "no-store";
    json_decref(made);
}

/* ------------------------------------------------------------------------------------- rosters */

void page_roster_file(struct request *request) {
    struct fault fault = {0};
    struct view name = request->part[0];
    if (view_ends(name, ".csv"))
        name = view_slice(name, 0, name.n - 4);
    if (!school_roster_export(request->web->school, arena_string(request->arena, name),
                              &request->reply.body, &fault)) {
        reply_fault(request, &fault);
        return;
    }
    request->reply.status = 200;
    request->reply.type = "text/csv; charset=utf-8";
}

struct sent {
    struct buffer files[N_FILE], doing;
};

static enum MHD_Result take_piece(void *data, enum MHD_ValueKind kind, const char *key,
                                  const char *file, const char *type, const char *encoding,
                                  const char *piece, uint64_t offset, size_t n) {
    (void)kind, (void)file, (void)type, (void)encoding, (void)offset;
    struct sent *sent = data;
    for (int i = 0; i < N_FILE; i++)
        if (key && !strcmp(key, files[i]))
            buffer_append(&sent->files[i], (struct view){piece, n});
    if (key && !strcmp(key, "do") && sent->doing.n + n < 32)
        buffer_append(&sent->doing, (struct view){piece, n});
    return MHD_YES;
}

static bool read_sent(struct request *request, struct sent *sent) {
    struct MHD_PostProcessor *reader =
        MHD_create_post_processor(request->connection, 64 << 10, take_piece, sent);
    bool good = reader && request->body.at &&
                MHD_post_process(reader, request->body.at, request->body.n) == MHD_YES;
    if (reader)
        good = MHD_destroy_post_processor(reader) == MHD_YES && good;
    return good;
}

static void tell_counts(struct request *request, const json_t *told, bool looked) {
    static const char *const counts[] = {"new", "changed", "same"};
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<p role=\"status\">");
    put(out, looked ? word(request, "roster_looked") : word(request, "roster_done"));
    buffer_text(out, "</p><table class=\"counts\"><thead><tr><td></td>");
    for (size_t j = 0; j < COUNT_OF(counts); j++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, word(request, counts[j]));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>");
    for (int i = 0; i < N_FILE; i++) {
        buffer_format(out, "<tr><th scope=\"row\" dir=\"ltr\">%s.csv</th>", files[i]);
        for (size_t j = 0; j < COUNT_OF(counts); j++)
            buffer_format(out, "<td>%lld</td>",
                          (long long)whole(json_object_get(told, files[i]), counts[j]));
        buffer_text(out, "</tr>");
    }
    buffer_text(out, "</tbody></table>\n");
}

static void tell_problems(struct request *request, const json_t *problems) {
    struct buffer *out = &request->reply.body;
    json_t *one;
    size_t i;
    buffer_text(out, "<p class=\"trouble\" role=\"alert\">");
    put(out, word(request, "roster_wrong"));
    buffer_text(out, "</p><ul class=\"problems\">");
    json_array_foreach(problems, i, one) {
        buffer_text(out, "<li><code dir=\"ltr\">");
        put(out, json_text(one, "file", ""));
        buffer_format(out, ":%lld</code> ", (long long)whole(one, "line"));
        struct buffer message = {0};
        json_sentence(word(request, json_text(one, "sentence", "")), json_object_get(one, "names"),
                      &message);
        buffer_html(out, buffer_view(&message));
        buffer_free(&message);
        buffer_text(out, " ");
        put(out, word(request, json_text(one, "remedy", "")));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n");
}

void page_roster_post(struct request *request) {
    struct fault fault = {0};
    struct sent sent = {0};
    json_t *problems = json_array();
    bool read = read_sent(request, &sent);
    bool looks = view_is(buffer_view(&sent.doing), "look");
    json_t *told =
        read ? school_roster_import(request->web->school, request->learner,
                                    buffer_view(&sent.files[0]), buffer_view(&sent.files[1]),
                                    buffer_view(&sent.files[2]), looks, problems, &fault)
             : NULL;
    if (!read)
        fault_set(&fault, FAULT_INPUT, "This is no form with files.");
    if (!told && !json_array_size(problems)) {
        reply_fault(request, &fault);
    } else {
        begin(request);
        if (told)
            tell_counts(request, told, looks);
        else
            tell_problems(request, problems);
        roster_forms(request);
        end(request);
        if (!told)
            request->reply.status = 400;
    }
    for (int i = 0; i < N_FILE; i++)
        buffer_free(&sent.files[i]);
    buffer_free(&sent.doing);
    json_decref(problems);
    json_decref(told);
}
