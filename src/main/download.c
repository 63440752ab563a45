/* Fetching by libcurl: resumed, retried, checked. */
#include "main/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { TRIES = 5, MOST_REDIRECTS = 8, SILENT_SECONDS = 60, CONNECT_SECONDS = 20 };

/* What the last answer of a transfer said. */
struct answer {
    char etag[160], linked[160]; /* ETag; the hash that a hub tells before it sends elsewhere */
    int64_t from, total;         /* of Content-Range; −1 where absent */
};

struct transfer {
    const struct download *download; /* NULL: text */
    CURL *curl;
    struct answer answer;
    int file;
    int64_t have;  /* bytes in the part that are kept */
    int64_t total; /* bytes of the file; 0: unknown */
    bool started;  /* the answer has been looked at */
    struct buffer *text;
    size_t limit;
    struct fault *fault; /* what went wrong on our side */
};

static bool machine_fault(struct fault *fault, const char *doing, const char *path) {
    fault_set(fault, FAULT_MACHINE, "cannot %s: %s", doing, strerror(errno));
    return fault_place(fault, path, 0, -1);
}

/* ------------------------------------------------------------------------------ what is on disk
 */

bool name_is_safe(const char *name) {
    if (!*name || strlen(name) > 200 || *name == '/')
        return false;
    for (const char *at = name; *at; at++) {
        bool begins = at == name || at[-1] == '/';
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("._-+/", *at);
        if (!plain || (begins && (*at == '.' || *at == '-' || *at == '/')))
            return false;
    }
    return name[strlen(name) - 1] != '/';
}

bool file_hash(const char *path, const char *wanted, char out[65], struct fault *fault) {
    struct file_map map;
    if (!file_map(path, &map, fault))
        return false;
    sha256_hex((struct view){(const char *)map.at, map.n}, out);
    file_unmap(&map);
    if (!wanted || !strcasecmp(wanted, out))
        return true;
    fault_set(fault, FAULT_INPUT, "its SHA-256 is %s, not %s as was said", out, wanted);
    return fault_place(fault, path, 0, -1);
}

bool disk_has_room(const char *path, uint64_t n, struct fault *fault) {
    char *folder = must_copy(view_of(path)), *slash = strrchr(folder, '/');
    struct statvfs status;
    if (slash)
        slash[slash == folder] = 0;
    bool known = statvfs(slash ? folder : ".", &status) == 0;
    free(folder);
    uint64_t room = known ? (uint64_t)status.f_bavail * status.f_frsize : UINT64_MAX;
    if (n <= room)
        return true;
    fault_set(fault, FAULT_MACHINE, "it needs %.0f MB more, the disk has %.0f MB", (double)n / 1e6,
              (double)room / 1e6);
    fault_place(fault, path, 0, -1);
    return fault_remedy(fault, "Make room, or name another folder by LYCEUM_MODELS");
}

static bool folder_of(const char *path, struct fault *fault) {
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    char *folder = must_copy(view_slice(view_of(path), 0, (size_t)(slash - path)));
    bool good = folder_make(folder, fault);
    free(folder);
    return good;
}

bool part_finish(const char *path, struct fault *fault) {
    char *part = must_alloc(strlen(path) + 8, 1);
    sprintf(part, "%s.part", path);
    int file = open(part, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;
    if (file >= 0)
        close(file);
    /* link() does not write over what somebody else has put there meanwhile. */
    good = good && link(part, path) == 0 && unlink(part) == 0;
    if (!good && errno != EEXIST && !file_exists(path)) /* a file system without links */
        good = rename(part, path) == 0;
    if (!good)
        machine_fault(fault, "put the file in its place", path);
    free(part);
    return good;
}

/* --------------------------------------------------------------------------- the state of a part
 */

struct part {
    char *path, *state_path;
    int file;
    char etag[160];
    int64_t total;
};

static bool part_open(struct part *part, const struct download *download, struct fault *fault) {
    size_t n = strlen(download->path) + 16;
    *part = (struct part){must_alloc(n, 1), must_alloc(n, 1), -1, "", 0};
    sprintf(part->path, "%s.part", download->path);
    sprintf(part->state_path, "%s.part.state", download->path);
    part->file = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (part->file < 0)
        return machine_fault(fault, "make the file", part->path);
    if (flock(part->file, LOCK_EX | LOCK_NB) < 0) {
        fault_set(fault, FAULT_INPUT, "another program is fetching this");
        return fault_place(fault, part->path, 0, -1);
    }
    struct buffer text = {0};
    struct fault ignored = {0};
    json_t *state =
        file_exists(part->state_path) && file_read(part->state_path, 65536, &text, &ignored)
            ? json_parse(buffer_view(&text), &ignored)
            : NULL;
    if (!strcmp(json_text(state, "url", ""), download->url)) {
        snprintf(part->etag, sizeof part->etag, "%s", json_text(state, "etag", ""));
        part->total = (int64_t)json_number(state, "size", 0);
    }
    json_decref(state);
    buffer_free(&text);
    return true;
}

static void part_close(struct part *part) {
    if (part->file >= 0)
        close(part->file);
    free(part->path);
    free(part->state_path);
}

/* Only what a strong tag or a known hash stands for may be gone on with. */
static int64_t part_kept(const struct part *part, const struct download *download) {
    struct stat status;
    bool same = (part->etag[0] && strncmp(part->etag, "W/", 2)) || download->sha256;
    if (!same || fstat(part->file, &status) < 0)
        return 0;
    return status.st_size;
}

static void part_note(const struct part *part, const struct download *download,
                      const struct answer *answer, int64_t total) {
    json_t *state = json_pack("{s:s, s:s, s:I}", "url", download->url, "etag", answer->etag,
                              "size", (json_int_t)total);
    struct buffer text = {0};
    struct fault ignored = {0};
    buffer_json(&text, state);
    file_write(part->state_path, buffer_view(&text), &ignored);
    buffer_free(&text);
    json_decref(state);
}

/* ----------------------------------------------------------------------------------- the transfer
 */

static void copy_header(char out[160], struct view value) {
    value = view_trim(value);
    snprintf(out, 160, "%.*s", (int)(value.n < 159 ? value.n : 0), value.n ? value.at : "");
}

static size_t on_header(char *at, size_t size, size_t n, void *data) {
    struct transfer *transfer = data;
    struct view line = {at, size * n};
    ptrdiff_t colon = view_find(line, VIEW(":"));
    if (view_starts(line, "HTTP/")) { /* one of several answers begins */
        transfer->answer.etag[0] = 0;
        transfer->answer.from = transfer->answer.total = -1;
    }
    if (colon <= 0 || colon > 40)
        return size * n;
    char name[48], range[160];
    struct view value = view_slice(line, (size_t)colon + 1, line.n);
    snprintf(name, sizeof name, "%.*s", (int)colon, at);
    if (!strcasecmp(name, "etag"))
        copy_header(transfer->answer.etag, value);
    if (!strcasecmp(name, "x-linked-etag"))
        copy_header(transfer->answer.linked, value);
    if (!strcasecmp(name, "content-range")) {
        long long from, to, total;
        copy_header(range, value);
        if (sscanf(range, "bytes %lld-%lld/%lld", &from, &to, &total) == 3) {
            transfer->answer.from = from;
            transfer->answer.total = total;
        } else if (sscanf(range, "bytes */%lld", &total) == 1) {
            transfer->answer.total = total;
        }
    }
    return size * n;
}

static long code_of(const struct transfer *transfer) {
    long code = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* At the first byte of a body: does it go on where the part ends, or begin anew? */
static bool start_body(struct transfer *transfer, struct part *part) {
    const struct download *download = transfer->download;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    bool goes_on = code_of(transfer) == 206 && transfer->answer.from == transfer->have;
    if (code_of(transfer) == 206 && !goes_on)
        return fault_set(transfer->fault, FAULT_MACHINE,
                         "the server sent another part of the file than was asked for");
    if (!goes_on)
        transfer->have = 0;
    transfer->total = goes_on ? transfer->answer.total : length > 0 ? length : 0;
    if (download->size && transfer->total && transfer->total != download->size)
        return fault_set(transfer->fault, FAULT_INPUT,
                         "the file has %lld bytes, not %lld as was said",
                         (long long)transfer->total, (long long)download->size);
    if (!disk_has_room(download->path,
                       (uint64_t)(transfer->total > transfer->have ? transfer->total : 0) -
                           (uint64_t)(transfer->total > transfer->have ? transfer->have : 0),
                       transfer->fault))
        return false;
    if (ftruncate(transfer->file, transfer->have) < 0 ||
        lseek(transfer->file, transfer->have, SEEK_SET) < 0)
        return machine_fault(transfer->fault, "write the file", part->path);
    part_note(part, download, &transfer->answer, transfer->total);
    return true;
}

struct sink {
    struct transfer *transfer;
    struct part *part;
};

static size_t on_body(char *at, size_t size, size_t n, void *data) {
    struct sink *sink = data;
    struct transfer *transfer = sink->transfer;
    size_t all = size * n;
    if (code_of(transfer) >= 300)
        return all; /* nobody wants the words of an error */
    if (transfer->text) {
        if (transfer->text->n + all > transfer->limit) {
            fault_set(transfer->fault, FAULT_LIMIT, "the server sent more than %zu bytes",
                      transfer->limit);
            return 0;
        }
        buffer_append(transfer->text, (struct view){at, all});
        return all;
    }
    if (!transfer->started && !start_body(transfer, sink->part))
        return 0;
    transfer->started = true;
    for (size_t done = 0; done < all;) {
        ssize_t now = write(transfer->file, at + done, all - done);
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0) {
            machine_fault(transfer->fault, "write the file", sink->part->path);
            return 0;
        }
        done += (size_t)now;
    }
    transfer->have += (int64_t)all;
    return all;
}

static int on_progress(void *data, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up) {
    struct transfer *transfer = data;
    const struct download *download = transfer->download;
    (void)total, (void)now, (void)up_total, (void)up;
    if (download && download->cancel && *download->cancel)
        return 1;
    if (download && download->progress && transfer->started)
        download->progress(download->data, (uint64_t)transfer->have, (uint64_t)transfer->total);
    return 0;
}

/* One request. CURLE_OK does not mean a good answer: see code_of. */
static CURLcode perform(struct transfer *transfer, const char *url, const char *token,
                        struct curl_slist *headers, struct part *part) {
    struct sink sink = {transfer, part};
    CURL *curl = transfer->curl;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                     strncasecmp(url, "https:", 6) ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lyceum");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (token && *token) { /* never sent on to another host */
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
    }
    return curl_easy_perform(curl);
}

static bool refused_by(const struct transfer *transfer, CURLcode result, const char *url,
                       struct fault *fault) {
    long code = code_of(transfer);
    if (fault->kind)
        return fault_place(fault, url, 0, -1);
    if (transfer->download && transfer->download->cancel && *transfer->download->cancel) {
        fault_set(fault, FAULT_INPUT, "stopped; run it again, it goes on from here");
    } else if (result != CURLE_OK) {
        fault_set(fault, FAULT_MACHINE, "%s", curl_easy_strerror(result));
        fault_remedy(fault, "Is there a network? What has come is kept: run it again");
    } else if (code == 401 || code == 403) {
        fault_set(fault, FAULT_INPUT, "the server wants to know who asks (%ld)", code);
        fault_remedy(fault, "Accept its terms there, and set LYCEUM_HUB_TOKEN");
    } else {
        fault_set(fault, code == 404 ? FAULT_MISSING : FAULT_MACHINE, "the server says %ld%s",
                  code, code == 404 ? ": there is no such thing" : "");
    }
    return fault_place(fault, url, 0, -1);
}

static bool is_worth_a_retry(const struct transfer *transfer, CURLcode result) {
    long code = code_of(transfer);
    switch (result) {
    case CURLE_OK:
        return code == 408 || code == 429 || code >= 500;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
        return true;
    default:
        return false;
    }
}

static void wait_before(int try, const volatile bool *cancel) {
    for (int tenth = 0; tenth < (5 << try) && !(cancel && *cancel); tenth++)
        usleep(100000);
}

/* Until the file is whole, as often as makes sense. */
static bool fetch(struct transfer *transfer, struct part *part, struct fault *fault) {
    const struct download *download = transfer->download;
    CURLcode result = CURLE_OK;
    for (int try = 0; try < TRIES; try++) {
        struct curl_slist *headers = NULL;
        struct buffer line = {0};
        int64_t kept = transfer->have = part_kept(part, download);
        transfer->started = false;
        if (transfer->have) {
            buffer_format(&line, "Range: bytes=%lld-", (long long)transfer->have);
            headers = curl_slist_append(headers, line.at);
            buffer_clear(&line);
            buffer_format(&line, "If-Range: %s", part->etag);
            if (part->etag[0])
                headers = curl_slist_append(headers, line.at);
        }
        buffer_free(&line);
        result = perform(transfer, download->url, download->token, headers, part);
        curl_slist_free_all(headers);
        snprintf(part->etag, sizeof part->etag, "%s", transfer->answer.etag);
        long code = code_of(transfer);
        if (result == CURLE_OK && (code == 200 || code == 206))
            return transfer->started || start_body(transfer, part);
        if (result == CURLE_OK && code == 416) { /* the part is as long, or longer */
            if (download->sha256 && (!download->size || transfer->have == download->size) &&
                transfer->have == transfer->answer.total)
                return true;
            if (ftruncate(part->file, 0) < 0)
                return machine_fault(fault, "write the file", part->path);
            continue;
        }
        bool stopped = download->cancel && *download->cancel;
        if (stopped || fault->kind || !is_worth_a_retry(transfer, result))
            break;
        if (part_kept(part, download) > kept)
            try = 0; /* it moved on: the network is bad, not gone */
        wait_before(try, download->cancel);
    }
    return refused_by(transfer, result, download->url, fault);
}

/* ------------------------------------------------------------------------------------ the door */

static bool is_sha256(const char *text) {
    return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

/* What stands there already is the file, or something else that is not touched. */
static bool look_at_old(const struct download *download, struct downloaded *result,
                        struct fault *fault) {
    struct fault other = {0};
    if (!download->sha256) {
        fault_set(fault, FAULT_INPUT, "a file stands there already");
    } else if (file_hash(download->path, download->sha256, result->sha256, &other)) {
        struct stat status = {0};
        stat(download->path, &status);
        result->n_byte = (uint64_t)status.st_size;
        result->was_there = true;
        return true;
    } else {
        fault_set(fault, FAULT_INPUT, "another file stands there already");
    }
    fault_place(fault, download->path, 0, -1);
    return fault_remedy(fault, "Move it away, or name another place by --to");
}

/* A server's own hash of the file, quoted, serves where the caller has none. */
static const char *hash_of(const struct download *download, struct answer *answer) {
    char *linked = answer->linked;
    size_t n = strlen(linked);
    if (n == 66 && linked[0] == '"') {
        memmove(linked, linked + 1, n);
        linked[64] = 0;
    }
    return download->sha256 ? download->sha256 : is_sha256(linked) ? linked : NULL;
}

static bool check_part(struct transfer *transfer, struct part *part, struct downloaded *result,
                       struct fault *fault) {
    struct stat status;
    if (fstat(part->file, &status) < 0)
        return machine_fault(fault, "look at the file", part->path);
    result->n_byte = (uint64_t)status.st_size;
    int64_t wanted = transfer->download->size ? transfer->download->size : transfer->total;
    if (wanted && status.st_size != wanted) {
        fault_set(fault, FAULT_INPUT, "%lld bytes have come of %lld", (long long)status.st_size,
                  (long long)wanted);
        fault_place(fault, part->path, 0, -1);
        return fault_remedy(fault, "Run it again");
    }
    const char *hash = hash_of(transfer->download, &transfer->answer);
    if (file_hash(part->path, hash, result->sha256, fault))
        return true;
    unlink(part->path); /* what is wrong is not gone on with */
    unlink(part->state_path);
    return fault_remedy(fault, "It was deleted: run it again, or doubt the source");
}

bool download_file(const struct download *download, struct downloaded *result,
                   struct fault *fault) {
    *result = (struct downloaded){0};
    if (download->sha256 && !is_sha256(download->sha256))
        return fault_set(fault, FAULT_INPUT, "%.70s is no SHA-256", download->sha256);
    if (file_exists(download->path))
        return look_at_old(download, result, fault);
    struct part part;
    struct fault inside = {0};
    if (!folder_of(download->path, fault))
        return false;
    bool good = part_open(&part, download, &inside);
    struct transfer transfer = {
        .download = download, .curl = curl_easy_init(), .file = part.file, .fault = &inside};
    MUST(transfer.curl != NULL);
    if (good) {
        result->n_resumed = (uint64_t)part_kept(&part, download);
        good = fetch(&transfer, &part, &inside) && check_part(&transfer, &part, result, &inside) &&
               part_finish(download->path, &inside);
        if (good)
            unlink(part.state_path);
    }
    curl_easy_cleanup(transfer.curl);
    part_close(&part);
    if (!good && fault)
        *fault = inside;
    return good;
}

bool download_text(const char *url, const char *accept, const char *token, size_t limit,
                   struct buffer *out, struct fault *fault) {
    struct fault inside = {0};
    struct transfer transfer = {
        .curl = curl_easy_init(), .file = -1, .text = out, .limit = limit, .fault = &inside};
    MUST(transfer.curl != NULL);
    struct buffer line = {0};
    buffer_format(&line, "Accept: %s", accept ? accept : "*/*");
    struct curl_slist *headers = curl_slist_append(NULL, line.at);
    CURLcode result = CURLE_OK;
    bool good = false;
    for (int try = 0; try < 3 && !good; try++) {
        buffer_clear(out);
        result = perform(&transfer, url, token, headers, NULL);
        good = result == CURLE_OK && code_of(&transfer) == 200;
        if (good || inside.kind || !is_worth_a_retry(&transfer, result))
            break;
        wait_before(try, NULL);
    }
    if (!good) {
        refused_by(&transfer, result, url, &inside);
        if (fault)
            *fault = inside;
    }
    curl_slist_free_all(headers);
    buffer_free(&line);
    curl_easy_cleanup(transfer.curl);
    return good;
}
