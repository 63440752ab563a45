/* One call of a member far away, by libcurl. The caller's thread does it: it waits for bytes,
 * looks at the clock and at who asked, and gives up when either says so. */
#include "company/remote.h"
#include "company/events.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES = 8 << 20, ERROR_BYTES = 64 << 10, MOST_IDLE = 64, LOOK_MS = 50 };
static const double after_the_end = 0.5; /* for what follows the last word: usage, [DONE] */

struct remote_line { /* a connection that is kept for the next call */
    CURLM *multi;
    CURL *easy;
    struct remote_line *next;
};

struct transfer {
    const struct remote_call *call;
    struct remote_line *line;
    struct answer answer;
    struct events events;
    struct buffer whole; /* of an answer that is no stream, or of an error */
    struct fault *fault; /* what was wrong with what came */
    double started, moved, finished;
    bool looked, streams, garbled;
    bool plain; /* what is wanted is no chat: the answer is left in `whole` */
    long status;
};

/* -------------------------------------------------------------------------------- connections */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void endpoint_open(struct endpoint *endpoint, const struct plan_member *member,
                   const char *address) {
    pthread_once(&once, start_curl);
    const char *key = member->key_from ? getenv(member->key_from) : NULL;
    *endpoint = (struct endpoint){.member = member, .address = address};
    endpoint->key = key && *key ? must_copy(view_trim(view_of(key))) : NULL;
    endpoint->lacks_key = member->key_from && !endpoint->key;
    gate_open(&endpoint->gate, member);
    pthread_mutex_init(&endpoint->lock, NULL);
}

static void line_free(struct remote_line *line) {
    curl_easy_cleanup(line->easy);
    curl_multi_cleanup(line->multi);
    free(line);
}

void endpoint_close(struct endpoint *endpoint) {
    while (endpoint->idle) {
        struct remote_line *line = endpoint->idle;
        endpoint->idle = line->next;
        line_free(line);
    }
    if (endpoint->key)
        memset(endpoint->key, 0, strlen(endpoint->key));
    free(endpoint->key);
    gate_close(&endpoint->gate);
    pthread_mutex_destroy(&endpoint->lock);
}

static struct remote_line *line_take(struct endpoint *endpoint) {
    pthread_mutex_lock(&endpoint->lock);
    struct remote_line *line = endpoint->idle;
    if (line)
        endpoint->idle = line->next;
    pthread_mutex_unlock(&endpoint->lock);
    if (line)
        return line;
    line = must_alloc(1, sizeof *line);
    line->multi = curl_multi_init();
    line->easy = curl_easy_init();
    MUST(line->multi && line->easy);
    return line;
}

static void line_give(struct endpoint *endpoint, struct remote_line *line) {
    int n = 0;
    pthread_mutex_lock(&endpoint->lock);
    for (const struct remote_line *one = endpoint->idle; one; one = one->next)
        n++;
    if (n < MOST_IDLE) {
        line->next = endpoint->idle;
        endpoint->idle = line;
        line = NULL;
    }
    pthread_mutex_unlock(&endpoint->lock);
    if (line)
        line_free(line);
}

/* ------------------------------------------------------------------------------ what comes back
 */

static bool on_event(void *data, struct view event) {
    struct transfer *transfer = data;
    transfer->garbled = !answer_take(&transfer->answer, event, transfer->fault);
    return !transfer->garbled && !transfer->answer.stopped && !transfer->answer.enough;
}

static void look_at_head(struct transfer *transfer, struct view bytes) {
    const char *type = NULL;
    curl_easy_getinfo(transfer->line->easy, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl_easy_getinfo(transfer->line->easy, CURLINFO_CONTENT_TYPE, &type);
    transfer->looked = true;
    transfer->streams =
        transfer->status == 200 && !transfer->plain &&
        (type ? !strncasecmp(type, "text/event-stream", 17) : !view_starts(view_trim(bytes), "{"));
}

static size_t on_bytes(char *at, size_t size, size_t n, void *data) {
    struct transfer *transfer = data;
    struct view bytes = {at, size * n};
    if (!transfer->looked)
        look_at_head(transfer, bytes);
    if (transfer->streams) {
        bool good = events_feed(&transfer->events, bytes, on_event, transfer, transfer->fault);
        transfer->garbled |= !good && transfer->fault->kind != FAULT_NONE;
        if (transfer->answer.progressed)
            transfer->moved = clock_seconds();
        if (transfer->answer.heard && transfer->answer.chat->first_token_seconds <= 0)
            transfer->answer.chat->first_token_seconds = clock_seconds() - transfer->started;
        transfer->answer.progressed = false;
        return good ? bytes.n : 0;
    }
    size_t most = transfer->status == 200 ? ANSWER_BYTES : ERROR_BYTES;
    if (transfer->whole.n + bytes.n > most) {
        transfer->garbled = transfer->status == 200;
        return 0;
    }
    buffer_append(&transfer->whole, bytes);
    return bytes.n;
}

/* --------------------------------------------------------------------------------- what is sent
 */

static struct curl_slist *heads_of(const struct endpoint *endpoint) {
    struct curl_slist *heads = curl_slist_append(NULL, "Content-Type: application/json");
    heads = curl_slist_append(heads, "Accept: text/event-stream, application/json");
    heads = curl_slist_append(heads, "Expect:");
    if (endpoint->key) {
        struct buffer line = {0};
        buffer_format(&line, "Authorization: Bearer %s", endpoint->key);
        heads = curl_slist_append(heads, line.at);
        memset(line.at, 0, line.n);
        buffer_free(&line);
    }
    return heads;
}

static void prepare(struct transfer *transfer, const char *url, const struct buffer *body,
                    struct curl_slist *heads) {
    const struct endpoint *endpoint = transfer->call->endpoint;
    CURL *easy = transfer->line->easy;
    curl_easy_reset(easy); /* connections stay */
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, heads);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->n);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->at);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* a key goes nowhere else */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (endpoint->member->authority)
        curl_easy_setopt(easy, CURLOPT_CAINFO, endpoint->member->authority);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(endpoint->member->patience.connect * 1000));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "lyceum");
    /* Words come in small pieces, and there may be hundreds of streams at once. */
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

/* ----------------------------------------------------------------------------------- the waiting
 */

static bool is_cancelled(const struct remote_call *call) {
    return (call->cancel && *call->cancel) || (call->lost && *call->lost) ||
           (call->request && call->request->cancel && *call->request->cancel);
}

/* When it will have been too slow, whatever it is that is waited for now. */
static double patience_ends(const struct transfer *transfer) {
    const struct remote_call *call = transfer->call;
    const struct patience *patience = &call->endpoint->member->patience;
    double until = transfer->answer.finished ? transfer->finished + after_the_end
                   : transfer->answer.heard  ? transfer->moved + patience->between_tokens
                   : transfer->moved > transfer->started
                       ? transfer->moved + patience->first_token /* it thinks aloud */
                       : transfer->started + patience->first_token;
    double whole = transfer->started + patience->whole;
    until = until < whole ? until : whole;
    return until < call->deadline ? until : call->deadline;
}

/* The code of the transfer, or −1 when it was given up before its end. */
static int wait_for_end(struct transfer *transfer, bool *slow) {
    bool rested = false;
    for (;;) {
        int n_running, n_left;
        curl_multi_perform(transfer->line->multi, &n_running);
        const CURLMsg *message = curl_multi_info_read(transfer->line->multi, &n_left);
        if (message && message->msg == CURLMSG_DONE)
            return (int)message->data.result;
        double now = clock_seconds();
        if (transfer->answer.finished && transfer->finished == 0)
            transfer->finished = now;
        double left = patience_ends(transfer) - now;
        *slow = left <= 0;
        if (*slow || is_cancelled(transfer->call))
            return -1;
        if (transfer->call->look)
            transfer->call->look(transfer->call->attempt);
        int wait = left * 1000 < LOOK_MS ? (int)(left * 1000) + 1 : LOOK_MS, n_ready = 0;
        curl_multi_poll(transfer->line->multi, NULL, 0, wait, &n_ready);
        if (!n_ready && !rested)
            stack_give_back(); /* hundreds may wait so */
        rested = !n_ready;
    }
}

/* ------------------------------------------------------------------------------------- the end
 */

/* How many bytes of the text are a piece of the key, the longest that is there. */
static size_t key_at(const char *key, size_t n_key, const char *text) {
    size_t longest = 0;
    for (size_t from = 0; from < n_key; from++) {
        size_t n = 0;
        while (from + n < n_key && text[n] == key[from + n])
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* What a server says of a mistake may hold the key that it was sent, or a part of it. */
static void without_key(const struct endpoint *endpoint, char text[240]) {
    enum { LEAST = 6 };
    size_t n_key = endpoint->key ? strlen(endpoint->key) : 0;
    size_t least = n_key < LEAST ? n_key : LEAST;
    struct buffer clean = {0};
    for (size_t i = 0; text[i];) {
        size_t n = n_key ? key_at(endpoint->key, n_key, text + i) : 0;
        bool secret = n > 0 && n >= least;
        if (secret)
            buffer_text(&clean, "…");
        else
            buffer_byte(&clean, (unsigned char)text[i] < 0x20 ? ' ' : text[i]);
        i += secret ? n : 1;
    }
    snprintf(text, 240, "%s", clean.at ? clean.at : "");
    text[utf8_whole(view_of(text))] = 0;
    buffer_free(&clean);
}

static enum call_end end_of_status(long status) {
    if (status == 401 || status == 403)
        return CALL_NO_KEY;
    if (status == 429)
        return CALL_BUSY;
    return status >= 400 && status < 500 && status != 408 ? CALL_REFUSED : CALL_FAILED;
}

static enum call_end end_of_code(int code) {
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return CALL_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT: /* curl's own clock is for connecting alone */
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return CALL_UNREACHABLE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
        return CALL_GARBLED;
    default:
        return CALL_CUT;
    }
}

static enum call_end tell_status(struct transfer *transfer, struct remote_result *result) {
    const struct endpoint *endpoint = transfer->call->endpoint;
    struct answer *answer = &transfer->answer;
    struct fault ignored = {0};
    enum call_end end = end_of_status(transfer->status);
    answer_take(answer, buffer_view(&transfer->whole), &ignored);
    without_key(endpoint, answer->error);
    if (end == CALL_NO_KEY) /* its words would be about the key */
        fault_set(transfer->fault, FAULT_MACHINE, "it does not accept the key (status %ld)",
                  transfer->status);
    else
        fault_set(transfer->fault, end == CALL_REFUSED ? FAULT_INPUT : FAULT_MACHINE,
                  "it answers with status %ld%s%s", transfer->status, answer->error[0] ? ": " : "",
                  answer->error);
    result->chat.status = end == CALL_REFUSED || end == CALL_BUSY ? (int)transfer->status : 502;
    return end;
}

static void tell_why(const struct transfer *transfer, enum call_end end, int code) {
    struct fault *fault = transfer->fault;
    const struct answer *answer = &transfer->answer;
    const char *after = answer->heard ? "in the middle of its answer" : "before its first word";
    if (end == CALL_SLOW)
        fault_set(fault, FAULT_MACHINE, "it was silent for too long %s", after);
    else if (end == CALL_CANCELLED)
        fault_set(fault, FAULT_LIMIT, "nobody waits for it any more");
    else if (end == CALL_UNTRUSTED)
        fault_set(fault, FAULT_MACHINE, "its certificate is not valid");
    else if (end == CALL_UNREACHABLE)
        fault_set(fault, FAULT_MACHINE, "it cannot be reached (%s)",
                  curl_easy_strerror((CURLcode)code));
    else
        fault_set(fault, FAULT_MACHINE, "it broke off %s", after);
}

static enum call_end judge(struct transfer *transfer, int code, bool slow,
                           struct remote_result *result) {
    struct answer *answer = &transfer->answer;
    curl_off_t wait = 0;
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR) {
        if (!transfer->looked)
            look_at_head(transfer, (struct view){0});
        if (curl_easy_getinfo(transfer->line->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK &&
            wait > 0)
            result->retry_after = (double)wait;
    }
    if (transfer->looked && transfer->status != 200 && transfer->status)
        return tell_status(transfer, result);
    if (code == CURLE_OK && transfer->plain)
        answer->finished = true;
    else if (code == CURLE_OK && !transfer->streams && !transfer->garbled)
        transfer->garbled = !answer_take(answer, buffer_view(&transfer->whole), transfer->fault);
    if (answer->stopped)
        return CALL_CANCELLED;
    if (transfer->garbled && answer->has_error) {
        without_key(transfer->call->endpoint, answer->error);
        return CALL_CUT;
    }
    if (transfer->garbled)
        return CALL_GARBLED;
    if (answer->finished || answer->enough)
        return CALL_DONE;
    enum call_end end = code == -1 ? (slow ? CALL_SLOW : CALL_CANCELLED) : end_of_code(code);
    tell_why(transfer, end, code);
    return end;
}

/* Servers differ in a few words of the format; what one refuses it says. */
static bool learn(bool *known, const struct answer *answer, const char *word) {
    bool fresh = !*known && strstr(answer->error, word);
    *known |= fresh;
    return fresh;
}

static void tell_result(struct transfer *transfer, struct remote_result *result) {
    struct endpoint *endpoint = transfer->call->endpoint;
    struct chat_result *chat = &result->chat;
    const struct answer *answer = &transfer->answer;
    bool good = result->end == CALL_DONE;
    result->heard = answer->heard;
    result->counted = answer->counted;
    chat->status = good || chat->status ? chat->status : 502; /* it is not the program's fault */
    chat->seconds = clock_seconds() - transfer->started;
    snprintf(chat->model, sizeof chat->model, "%s", endpoint->member->name);
    if (!answer->counted)
        chat->n_generated = (int)answer->n_piece;
    for (int i = 0; i < CHAT_CHOICES && answer->enough && !answer->finished; i++)
        chat->ends[i] = CHAT_LENGTH;
    pthread_mutex_lock(&endpoint->lock);
    endpoint->n_call++;
    endpoint->n_good += good;
    endpoint->n_prompt += (uint64_t)chat->n_prompt;
    endpoint->n_generated += (uint64_t)chat->n_generated;
    endpoint->first_token_seconds += good ? chat->first_token_seconds : 0;
    endpoint->seconds += good ? chat->seconds : 0;
    const struct chat_request *request = transfer->call->request;
    if (result->end == CALL_REFUSED)
        result->learned = learn(&endpoint->newer_limit, answer, "max_completion_tokens") ||
                          learn(&endpoint->no_usage, answer, "stream_options") ||
                          (request && !request->body && !request->options &&
                           learn(&endpoint->own_sampling, answer, "temperature"));
    pthread_mutex_unlock(&endpoint->lock);
}

static bool run(struct transfer *transfer, const char *url, const struct buffer *body,
                struct remote_result *result) {
    struct endpoint *endpoint = transfer->call->endpoint;
    struct curl_slist *heads = heads_of(endpoint);
    bool slow = false;
    transfer->line = line_take(endpoint);
    prepare(transfer, url, body, heads);
    curl_multi_add_handle(transfer->line->multi, transfer->line->easy);
    transfer->started = transfer->moved = clock_seconds();
    int code = wait_for_end(transfer, &slow);
    result->end = judge(transfer, code, slow, result);
    tell_result(transfer, result);
    curl_multi_remove_handle(transfer->line->multi, transfer->line->easy);
    line_give(endpoint, transfer->line);
    curl_slist_free_all(heads);
    return result->end == CALL_DONE;
}

/* Takes the body. */
static bool ask(struct transfer *transfer, const char *path, json_t *body,
                struct remote_result *result) {
    struct endpoint *endpoint = transfer->call->endpoint;
    bool good = false;
    result->end = CALL_REFUSED;
    if (endpoint->lacks_key) {
        result->end = CALL_NO_KEY;
        fault_set(transfer->fault, FAULT_MACHINE, "the environment has no %s, which holds its key",
                  endpoint->member->key_from);
    } else if (body) {
        struct buffer text = {0}, url = {0};
        buffer_json(&text, body);
        json_decref(body);
        body = NULL; /* hundreds may wait for their answers */
        buffer_format(&url, "%s%s", endpoint->address, path);
        good = run(transfer, url.at, &text, result);
        buffer_free(&text);
        buffer_free(&url);
    }
    json_decref(body);
    events_free(&transfer->events);
    return good;
}

bool remote_chat(const struct remote_call *call, struct remote_result *result,
                 struct fault *fault) {
    struct fault found = {0};
    int64_t n_prompt, n_generated;
    remote_bound(call->request, call->begun, &n_prompt, &n_generated);
    *result = (struct remote_result){.retry_after = -1};
    struct transfer transfer = {.call = call,
                                .answer = {.listener = call->listener,
                                           .most_tokens = n_generated + 16,
                                           .chat = &result->chat},
                                .fault = &found};
    bool good = ask(&transfer, call->request->messages ? "/chat/completions" : "/completions",
                    remote_body(call->endpoint, call->request, call->begun, &found), result);
    buffer_free(&transfer.whole);
    if (!good)
        fault_set(fault, found.kind, "%s: %s", call->endpoint->member->name, found.message);
    return good;
}

bool remote_embed(const struct remote_call *call, const struct vectors_wanted *wanted,
                  struct vectors *out, struct remote_result *result, struct fault *fault) {
    struct fault found = {0};
    *result = (struct remote_result){.retry_after = -1};
    struct transfer transfer = {
        .call = call, .answer = {.chat = &result->chat}, .fault = &found, .plain = true};
    int64_t before = out->n_token;
    bool good = ask(&transfer, "/embeddings", vectors_body(call->endpoint, wanted), result);
    if (good && !vectors_take(out, buffer_view(&transfer.whole), wanted->n, &found)) {
        result->end = CALL_GARBLED;
        good = false;
    }
    if (good && wanted->dimensions && wanted->dimensions != out->n_value) {
        fault_set(&found, FAULT_INPUT, "it sent vectors of %d numbers, not of %d", out->n_value,
                  wanted->dimensions);
        result->end = CALL_GARBLED;
        good = false;
    }
    if (result->end == CALL_GARBLED)
        result->chat.status = 502;
    result->counted = good && out->counted;
    result->chat.n_prompt = (int)(out->n_token - before);
    buffer_free(&transfer.whole);
    if (!good)
        fault_set(fault, found.kind, "%s: %s", call->endpoint->member->name, found.message);
    return good;
}
