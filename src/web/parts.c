/* What the pages of people and classes are made of. */
#include "web/parts.h"

#include <string.h>

#ifdef HAVE_QRCODEGEN
#include <qrcodegen/qrcodegen.h>
#endif

void put(struct buffer *out, const char *text) {
    buffer_html(out, view_of(text));
}

int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

int64_t number_of(struct view text) {
    int64_t number = 0;
    if (!text.n || text.n > 15)
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        number = number * 10 + (text.at[i] - '0');
    }
    return number;
}

/* --------------------------------------------------------------------------------------- forms */

json_t *request_form(struct request *request) {
    struct fault fault = {0};
    json_t *form = web_form(buffer_view(&request->body), &fault);
    if (!form)
        reply_fault(request, &fault);
    return form;
}

const char *form_text(const json_t *form, const char *name) {
    const char *text = json_string_value(json_array_get(json_object_get(form, name), 0));
    return text ? text : "";
}

void html_field(struct buffer *out, const struct field *field) {
    const char *type = field->type ? field->type : "text";
    buffer_format(out, "<p class=\"field-line\"><label for=\"f-%s\">", field->name);
    put(out, field->label);
    buffer_format(out, "</label><input id=\"f-%s\" name=\"%s\" type=\"%s\"%s%s", field->name,
                  field->name, type, field->required ? " required" : "",
                  strcmp(type, "text") ? "" : " dir=\"auto\" maxlength=\"200\"");
    if (field->most)
        buffer_format(out, " min=\"0\" max=\"%d\"", field->most);
    if (field->autocomplete)
        buffer_format(out, " autocomplete=\"%s\"", field->autocomplete);
    if (field->note)
        buffer_format(out, " aria-describedby=\"n-%s\"", field->name);
    buffer_text(out, " value=\"");
    put(out, field->value);
    buffer_text(out, "\">");
    if (field->note) {
        buffer_format(out, "<small id=\"n-%s\">", field->name);
        put(out, field->note);
        buffer_text(out, "</small>");
    }
    buffer_text(out, "</p>\n");
}

void html_form_begin(struct buffer *out, const char *class, const char *format, ...) {
    char action[300];
    va_list values;
    va_start(values, format);
    vsnprintf(action, sizeof action, format, values);
    va_end(values);
    buffer_format(out, "<form method=\"post\" class=\"%s\" action=\"", class);
    put(out, action);
    buffer_text(out, "\">");
}

void html_form_end(struct buffer *out, const char *button) {
    buffer_text(out, "<button class=\"main-button\">");
    put(out, button);
    buffer_text(out, "</button></form>\n");
}

void html_button(struct buffer *out, const char *label, const char *class, const char *format,
                 ...) {
    char action[300];
    va_list values;
    va_start(values, format);
    vsnprintf(action, sizeof action, format, values);
    va_end(values);
    html_form_begin(out, class, "%s", action);
    buffer_text(out, "<button>");
    put(out, label);
    buffer_text(out, "</button></form>");
}

/* ------------------------------------------------------------------------------------- replies */

void see_other(struct request *request, const char *format, ...) {
    char place[300];
    va_list values;
    va_start(values, format);
    vsnprintf(place, sizeof place, format, values);
    va_end(values);
    request->reply.status = 303;
    request->reply.type = "text/plain; charset=utf-8";
    request->reply.location = arena_string(request->arena, view_of(place));
}

void done_or_fault(struct request *request, bool done, const struct fault *fault,
                   const char *format, ...) {
    char place[300];
    va_list values;
    va_start(values, format);
    vsnprintf(place, sizeof place, format, values);
    va_end(values);
    if (done)
        see_other(request, "%s", place);
    else
        reply_fault(request, fault);
}

/* ------------------------------------------------------------------------------------ small parts
 */

void html_heading(struct buffer *out, int level, const char *text) {
    buffer_format(out, "<h%d>", level);
    put(out, text);
    buffer_format(out, "</h%d>\n", level);
}

void html_number(struct request *request, struct buffer *out, double number, int decimals) {
    char text[400]; /* the largest double has 309 digits */
    snprintf(text, sizeof text, "%.*f", decimals, number);
    size_t whole = strcspn(text, ".");
    buffer_append(out, (struct view){text, whole});
    if (text[whole]) {
        put(out, word(request, "decimal_mark"));
        buffer_text(out, text + whole + 1);
    }
}

void html_name(struct request *request, struct buffer *out, const json_t *person) {
    const char *name = json_text(person, "name", "");
    buffer_text(out, "<bdi>");
    if (*name)
        put(out, name);
    else
        buffer_format(out, "%s %lld", word(request, "learner"), (long long)whole(person, "id"));
    buffer_text(out, "</bdi>");
}

void html_ago(struct request *request, struct buffer *out, int64_t now_ms, int64_t at_ms) {
    int64_t minutes = (now_ms - at_ms) / 60000;
    if (minutes < 1)
        minutes = 1;
    if (minutes < 90)
        buffer_format(out, "%lld %s", (long long)minutes, word(request, "unit_minutes"));
    else if (minutes < 36 * 60)
        buffer_format(out, "%lld %s", (long long)((minutes + 30) / 60),
                      word(request, "unit_hours"));
    else
        buffer_format(out, "%lld %s", (long long)((minutes + 720) / 1440),
                      word(request, "unit_days"));
}

const char *request_site(struct request *request) {
    struct view host = request_header(request, "Host");
    for (size_t i = 0; i < host.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]",
                    host.at[i]))
            host.n = 0;
    bool safe = view_is(request_header(request, "X-Forwarded-Proto"), "https");
    return arena_format(request->arena, "%s://%.*s", safe ? "https" : "http", VIEW_ARG(host));
}

bool html_qr(struct buffer *out, const char *text, const char *label) {
#ifdef HAVE_QRCODEGEN
    static const int edge = 4; /* modules of white around it, as the standard asks */
    uint8_t code[qrcodegen_BUFFER_LEN_MAX], work[qrcodegen_BUFFER_LEN_MAX];
    if (strlen(text) > 500 ||
        !qrcodegen_encodeText(text, work, code, qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN,
                              qrcodegen_VERSION_MAX, qrcodegen_Mask_AUTO, true))
        return false;
    int size = qrcodegen_getSize(code), whole_size = size + 2 * edge;
    buffer_format(out, "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"",
                  whole_size, whole_size);
    put(out, label);
    buffer_format(out,
                  "\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
                  whole_size, whole_size);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            if (qrcodegen_getModule(code, x, y))
                buffer_format(out, "M%d %dh1v1h-1z", x + edge, y + edge);
    buffer_text(out, "\"/></svg>");
    return true;
#else
    (void)out, (void)text, (void)label;
    return false;
#endif
}

void html_answer(struct buffer *out, const json_t *answer) {
    const char *html = json_text(answer, "html", NULL);
    buffer_text(out, "<q dir=\"auto\">");
    if (html)
        buffer_text(out, html);
    else
        put(out, json_text(answer, "text", ""));
    buffer_text(out, "</q>");
}

/* ---------------------------------------------------------------------------- pages of one class
 */

static void class_way(struct request *request, const char *here, const char *to,
                      const char *label) {
    buffer_format(&request->reply.body, "<a href=\"/classes/%lld%s%s\"%s>",
                  (long long)request->id[0], *to ? "/" : "", to,
                  strcmp(here, to) ? "" : " aria-current=\"page\"");
    put(&request->reply.body, label);
    buffer_text(&request->reply.body, "</a>");
}

void class_begin(struct request *request, const char *title, const char *here) {
    page_begin(request, title, "teach", "teach.js");
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain teach\"><p class=\"eyebrow\"><a "
                     "href=\"/teach\">");
    put(out, word(request, "my_classes"));
    buffer_text(out, "</a></p><h1><bdi>");
    put(out, title);
    buffer_text(out, "</bdi></h1>\n<nav class=\"ways\" aria-label=\"");
    put(out, word(request, "class"));
    buffer_text(out, "\">");
    class_way(request, here, "", word(request, "overview"));
    class_way(request, here, "work", word(request, "assignments"));
    class_way(request, here, "answers", word(request, "open_answers"));
    class_way(request, here, "people", word(request, "people"));
    buffer_text(out, "</nav>\n");
}

void class_end(struct request *request) {
    buffer_text(&request->reply.body, "</main>\n");
    page_end(request);
}
