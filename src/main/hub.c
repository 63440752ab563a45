/* Asking a hub of repositories and a package index what they have. */
#include "main/hub.h"
#include "main/download.h"

#include <ctype.h>
#include <curl/curl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LIST = 1 << 26, MOST_FILES = 4096 };

void wanted_free(struct wanted *wanted) {
    for (size_t i = 0; i < wanted->n; i++) {
        free(wanted->files[i].url);
        free(wanted->files[i].name);
    }
    free(wanted->files);
    *wanted = (struct wanted){0};
}

static struct wanted_file *add_file(struct wanted *wanted, const char *url, const char *name,
                                    const char *sha256, int64_t size) {
    wanted->files = must_realloc(wanted->files, wanted->n + 1, sizeof *wanted->files);
    struct wanted_file *file = &wanted->files[wanted->n++];
    *file = (struct wanted_file){must_copy(view_of(url)), must_copy(view_of(name)), "", size};
    if (sha256 && strlen(sha256) == 64)
        strcpy(file->sha256, sha256);
    return file;
}

/* ------------------------------------------------------------------------------------ addresses
 */

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const char *hub_address(void) {
    const char *address = environment("LYCEUM_HUB");
    return address ? address : "https://huggingface.co";
}

const char *hub_token(void) {
    const char *token = environment("LYCEUM_HUB_TOKEN");
    return token ? token : environment("HF_TOKEN");
}

/* The line "index-url = …" of one of pip's files. */
static bool pip_says(const char *path, char out[400]) {
    struct buffer text = {0};
    struct fault ignored = {0};
    bool found = false;
    struct view rest, line;
    if (file_exists(path) && file_read(path, 65536, &text, &ignored)) {
        rest = buffer_view(&text);
        while (!found && view_line(&rest, &line)) {
            ptrdiff_t equals = view_find(line, VIEW("="));
            struct view key = view_trim(view_slice(line, 0, equals > 0 ? (size_t)equals : 0));
            struct view value = view_trim(view_slice(line, (size_t)equals + 1, line.n));
            found = view_is(key, "index-url") && value.n > 0 && value.n < 390;
            if (found)
                snprintf(out, 400, "%.*s", VIEW_ARG(value));
        }
    }
    buffer_free(&text);
    return found;
}

void index_address(char out[400]) {
    static const char *const variables[] = {"LYCEUM_INDEX", "PIP_INDEX_URL"};
    const char *home = environment("HOME"), *config = environment("PIP_CONFIG_FILE");
    char paths[4][300] = {"", "", "", "/etc/pip.conf"};
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        if (environment(variables[i])) {
            snprintf(out, 400, "%s", environment(variables[i]));
            return;
        }
    snprintf(paths[0], sizeof paths[0], "%s", config ? config : "");
    snprintf(paths[1], sizeof paths[1], "%s/.config/pip/pip.conf", home ? home : "");
    snprintf(paths[2], sizeof paths[2], "%s/.pip/pip.conf", home ? home : "");
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (pip_says(paths[i], out))
            return;
    strcpy(out, "https://pypi.org/simple");
}

/* ---------------------------------------------------------------------------------- repositories
 */

static bool odd_answer(const char *url, struct fault *fault) {
    fault_set(fault, FAULT_INPUT, "the server's answer is no list of files");
    return fault_place(fault, url, 0, -1);
}

/* What belongs to a model of safetensors, beside the weights. */
static bool is_companion(const char *name) {
    static const char *const names[] = {"config.json",           "generation_config.json",
                                        "tokenizer.json",        "tokenizer_config.json",
                                        "chat_template.jinja",   "modules.json",
                                        "1_Pooling/config.json", "model.safetensors.index.json"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(names[i], name))
            return true;
    return !fnmatch("LICENSE*", name, 0) || !fnmatch("NOTICE*", name, 0);
}

static bool is_gguf(const char *name) {
    return view_ends(view_of(name), ".gguf");
}

/* Weights of the folder itself; some repositories hold them once more in another layout. */
static bool is_weights(const char *name) {
    return view_ends(view_of(name), ".safetensors") && !strchr(name, '/') &&
           strncmp(name, "consolidated", 12) && strncmp(name, "adapter", 7);
}

struct listing {
    const char *address, *repository, *revision;
    const json_t *files;
    struct wanted *wanted;
    struct fault *fault;
};

static const char *name_at(const struct listing *it, size_t i) {
    const char *name = json_text(json_array_get(it->files, i), "rfilename", "");
    return name_is_safe(name) ? name : "";
}

static void take(struct listing *it, size_t i) {
    const json_t *entry = json_array_get(it->files, i), *lfs = json_object_get(entry, "lfs");
    struct buffer url = {0};
    buffer_format(&url, "%s/%s/resolve/%s/%s", it->address, it->repository, it->revision,
                  name_at(it, i));
    add_file(it->wanted, url.at, name_at(it, i),
             json_text(lfs, "sha256", json_text(lfs, "oid", NULL)),
             (int64_t)json_number(lfs, "size", json_number(entry, "size", 0)));
    buffer_free(&url);
}

static bool fits(const char *name, const char *file) {
    return !strcmp(name, file) || (is_gguf(name) && strcasestr(name, file));
}

/* One file: that of exactly this name, or the only one that fits. */
static bool take_one(struct listing *it, const char *file) {
    char list[160] = "";
    size_t n = json_array_size(it->files), found = n, n_found = 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(it, i);
        if (file ? !fits(name, file) : !is_gguf(name))
            continue;
        if (strlen(list) + strlen(name) + 3 < sizeof list) {
            strcat(list, n_found ? ", " : "");
            strcat(list, name);
        }
        n_found++;
        found = i;
        if (file && !strcmp(name, file)) {
            n_found = 1;
            break;
        }
    }
    if (n_found == 1)
        return take(it, found), true;
    fault_set(it->fault, n_found ? FAULT_INPUT : FAULT_MISSING,
              n_found ? "several files fit: %s" : "there is no file %s",
              n_found ? list
              : file  ? file
                      : "with weights");
    fault_place(it->fault, it->repository, 0, -1);
    return fault_remedy(it->fault, "Name one, as %s:FILE", it->repository);
}

static bool take_files(struct listing *it, const char *file) {
    size_t n = json_array_size(it->files), n_gguf = 0, n_weights = 0;
    for (size_t i = 0; i < n; i++) {
        n_gguf += is_gguf(name_at(it, i));
        n_weights += is_weights(name_at(it, i));
    }
    if (file || n_gguf || !n_weights)
        return take_one(it, file);
    it->wanted->is_folder = true;
    for (size_t i = 0; i < n; i++)
        if (is_weights(name_at(it, i)) || is_companion(name_at(it, i)))
            take(it, i);
    return true;
}

bool hub_find(const char *address, const char *repository, const char *revision, const char *file,
              struct wanted *wanted, struct fault *fault) {
    struct buffer url = {0}, text = {0};
    buffer_format(&url, "%s/api/models/%s%s%s?blobs=true", address, repository,
                  revision ? "/revision/" : "", revision ? revision : "");
    json_t *about = NULL;
    bool good = download_text(url.at, "application/json", hub_token(), MOST_LIST, &text, fault);
    if (good) {
        struct fault ignored = {0};
        about = json_parse(buffer_view(&text), &ignored);
        const json_t *files = json_object_get(about, "siblings");
        struct listing it = {
            address, repository, json_text(about, "sha", revision ? revision : "main"),
            files,   wanted,     fault};
        good = (json_is_array(files) && json_array_size(files) <= MOST_FILES &&
                name_is_safe(it.revision)) ||
               odd_answer(url.at, fault);
        snprintf(wanted->title, sizeof wanted->title, "%s", strrchr(repository, '/') + 1);
        good = good && take_files(&it, file);
    }
    json_decref(about);
    buffer_free(&url);
    buffer_free(&text);
    return good;
}

/* -------------------------------------------------------------------------------- a package index
 */

/* Runs of - _ . are one _, capitals are small (PEP 503, in the form that file names have). */
static void normalise(struct view name, char out[160]) {
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < 158; i++) {
        bool mark = strchr("-_.", name.at[i]) != NULL;
        if (mark && n && out[n - 1] == '_')
            continue;
        out[n++] = mark ? '_' : (char)tolower((unsigned char)name.at[i]);
    }
    out[n] = 0;
}

/* PACKAGE-VERSION-…​.whl, where any machine can use it. */
static bool is_wheel_of(const char *file, const char *package, const char *version) {
    const char *dash = strchr(file, '-');
    size_t n = strlen(version);
    char have[160], want[160];
    if (!dash || !view_ends(view_of(file), ".whl") || strncmp(dash + 1, version, n) ||
        dash[1 + n] != '-')
        return false;
    normalise((struct view){file, (size_t)(dash - file)}, have);
    normalise(view_of(package), want);
    return !strcmp(have, want) && name_is_safe(file) && !strchr(file, '/');
}

static char *resolve(const char *base, const char *relative) {
    CURLU *url = curl_url();
    char *whole = NULL, *copy = NULL;
    if (url && !curl_url_set(url, CURLUPART_URL, base, 0) &&
        !curl_url_set(url, CURLUPART_URL, relative, 0) &&
        !curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) &&
        !curl_url_get(url, CURLUPART_URL, &whole, 0))
        copy = must_copy(view_of(whole));
    curl_free(whole);
    curl_url_cleanup(url);
    return copy;
}

static void offer(struct wanted *wanted, const char *base, const char *url, const char *name,
                  const char *sha256, int64_t size) {
    char *whole = wanted->n ? NULL : resolve(base, url);
    if (whole)
        add_file(wanted, whole, name, sha256, size);
    free(whole);
}

static void read_list(const json_t *list, const char *base, const char *package,
                      const char *version, struct wanted *wanted) {
    const json_t *files = json_object_get(list, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = json_text(file, "filename", ""), *url = json_text(file, "url", "");
        if (is_wheel_of(name, package, version))
            offer(wanted, base, url, name,
                  json_text(json_object_get(file, "hashes"), "sha256", NULL),
                  (int64_t)json_number(file, "size", 0));
    }
}

/* The older form: <a href="URL#sha256=HASH">NAME</a> for each file. */
static void read_page(struct view page, const char *base, const char *package, const char *version,
                      struct wanted *wanted) {
    struct view mark = VIEW("href=\"");
    for (ptrdiff_t at; (at = view_find(page, mark)) >= 0;) {
        page = view_slice(page, (size_t)at + mark.n, page.n);
        ptrdiff_t end = view_find(page, VIEW("\""));
        if (end < 0)
            return;
        char *url = must_copy(view_slice(page, 0, (size_t)end));
        char *hash = strstr(url, "#sha256="), sha256[65] = "";
        if (hash && strlen(hash) >= 72)
            snprintf(sha256, sizeof sha256, "%.64s", hash + 8);
        char *name_end = url + strcspn(url, "?#"), *name = name_end;
        while (name > url && name[-1] != '/')
            name--;
        char *file = must_copy((struct view){name, (size_t)(name_end - name)});
        if (is_wheel_of(file, package, version))
            offer(wanted, base, url, file, sha256, 0);
        free(file);
        free(url);
    }
}

bool index_find(const char *package, const char *version, struct wanted *wanted,
                struct fault *fault) {
    char address[400], name[160];
    struct buffer url = {0}, text = {0};
    index_address(address);
    normalise(view_of(package), name);
    for (char *at = name; *at; at++)
        *at = *at == '_' ? '-' : *at;
    buffer_format(&url, "%s%s%s/", address, view_ends(view_of(address), "/") ? "" : "/", name);
    bool good = download_text(
        url.at,
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
        "text/html;q=0.1",
        NULL, MOST_LIST, &text, fault);
    if (good) {
        struct fault ignored = {0};
        json_t *list = json_parse(buffer_view(&text), &ignored);
        if (list)
            read_list(list, url.at, package, version, wanted);
        else
            read_page(buffer_view(&text), url.at, package, version, wanted);
        json_decref(list);
        good = wanted->n == 1;
        if (!good) {
            fault_set(fault, FAULT_MISSING, "there is no wheel of %s %s", package, version);
            fault_place(fault, url.at, 0, -1);
        }
    }
    buffer_free(&url);
    buffer_free(&text);
    return good;
}
