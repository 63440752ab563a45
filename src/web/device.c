/* The school as something that is kept on a device: the worker between page and school, the
 * manifest by which it is installed, who is signed in, and the page for when nobody answers. */
#include "web/request.h"

#include <string.h>

/* Styles, scripts and fonts: what every page needs, and nothing of the pages themselves. */
static bool is_shell(const struct embedded_file *file) {
    static const char *const folders[] = {"styles/", "scripts/", "katex/"};
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (view_starts(view_of(file->name), folders[i]))
            return true;
    return false;
}

void page_worker(struct request *request) {
    struct buffer *out = &request->reply.body;
    json_t *files = json_array();
    for (size_t i = 0; i < n_embedded_file; i++)
        if (is_shell(&embedded_files[i]))
            json_array_append_new(
                files, json_sprintf("/ui/%s/%s", embedded_version, embedded_files[i].name));
    buffer_format(out, "const VERSION = '%s';\nconst FILES = ", embedded_version);
    buffer_json(out, files);
    buffer_text(out, ";\n");
    buffer_append(out, embedded_content(embedded_find(VIEW("worker/worker.js"))));
    json_decref(files);
    request->reply.status = 200;
    request->reply.type = "text/javascript; charset=utf-8";
    request->reply.cache = "no-cache";
}

static json_t *icon(const char *name, const char *sizes, const char *type, const char *purpose) {
    return json_pack("{s:o,s:s,s:s,s:s}", "src",
                     json_sprintf("/ui/%s/icons/%s", embedded_version, name), "sizes", sizes,
                     "type", type, "purpose", purpose);
}

void page_manifest(struct request *request) {
    reply_json(request, 200,
               json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[o,o,o,o]}", "id", "/",
                         "name", "Lyceum", "short_name", "Lyceum", "description",
                         word(request, "app_about"), "lang", request->words, "dir",
                         request->right_to_left ? "rtl" : "ltr", "start_url", "/", "scope", "/",
                         "display", "standalone", "background_color", "#fbfaf7", "icons",
                         icon("icon.svg", "any", "image/svg+xml", "any"),
                         icon("icon-192.png", "192x192", "image/png", "any"),
                         icon("icon-512.png", "512x512", "image/png", "any"),
                         icon("icon-maskable-512.png", "512x512", "image/png", "maskable")));
    request->reply.type = "application/manifest+json";
    request->reply.cache = "private, no-cache";
}

void api_session(struct request *request) {
    reply_json(request, 200,
               json_pack("{s:I,s:s}", "learner", (json_int_t)request->learner, "version",
                         embedded_version));
}

static void heading(struct request *request, const char *tag, const char *text) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<%s>", tag);
    buffer_html(out, view_of(text));
    buffer_format(out, "</%s>\n", tag);
}

/* Shown by the worker in the place of a page that is not kept. */
void page_away(struct request *request) {
    struct buffer *out = &request->reply.body;
    page_begin(request, word(request, "away_title"), "away", "away.js");
    buffer_text(out, "<main id=\"main\" class=\"plain\">\n");
    heading(request, "h1", word(request, "away_title"));
    heading(request, "p", word(request, "away_page"));
    buffer_text(out, "<p><button type=\"button\" id=\"try-again\" class=\"main-button\">");
    buffer_html(out, view_of(word(request, "try_again")));
    buffer_text(out, "</button></p>\n");
    heading(request, "h2", word(request, "kept_pages"));
    buffer_text(out, "<ul class=\"due\" id=\"kept-pages\"></ul>\n<p class=\"quiet\" "
                     "id=\"nothing-kept\" hidden>");
    buffer_html(out, view_of(word(request, "nothing_kept")));
    buffer_text(out, "</p>\n</main>\n");
    page_end(request);
}
