/* What the room of web promises: routes, headers, bounds, streams, an end in good order. */
#include "fake_school.h"
#include "web/request.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct school *school;
static struct web *web;

struct answer {
    long status;
    struct buffer head, body;
};

static size_t collect(char *at, size_t size, size_t n, void *out) {
    buffer_append(out, (struct view){at, size * n});
    return size * n;
}

/* headers: NULL-terminated lines. The caller frees the answer. */
static struct answer ask(const char *method, const char *path, const char *body,
                         const char *const *headers) {
    struct answer answer = {0};
    char url[600];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", web_port(web), path);
    CURL *curl = curl_easy_init();
    struct curl_slist *list = NULL;
    for (; headers && *headers; headers++)
        list = curl_slist_append(list, *headers);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.head);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    buffer_text(&answer.head, "");
    buffer_text(&answer.body, "");
    return answer;
}

static void answer_free(struct answer *answer) {
    buffer_free(&answer->head);
    buffer_free(&answer->body);
}

static bool has(const struct buffer *text, const char *part) {
    return view_find(buffer_view(text), view_of(part)) >= 0;
}

#define COOKIE "Cookie: lyceum=0000000000000000000000000000000000000000000000000000000000000001"
#define JSON "Content-Type: application/json"
static const char *const as_learner[] = {COOKIE, JSON, NULL};

static int open_all(void **state) {
    (void)state;
    struct fault fault = {0};
    char token[65];
    school = school_open(&(struct school_options){0}, &fault);
    json_decref(school_learner_new(school, token, &fault));
    web = web_open(&(struct web_options){.school = school, .port = 0}, &fault);
    return web ? 0 : -1;
}

static int close_all(void **state) {
    (void)state;
    web_close(web);
    school_close(school);
    return 0;
}

static void expect(const char *method, const char *path, const char *body,
                   const char *const *headers, long status, const char *part) {
    struct answer answer = ask(method, path, body, headers);
    if (answer.status != status || (part && !has(&answer.body, part)))
        fail_msg("%s %s: %ld (not %ld) %.300s", method, path, answer.status, status,
                 answer.body.at);
    answer_free(&answer);
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)web_port(web)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void every_answer_carries_the_headers_of_good_practice(void **state) {
    (void)state;
    static const char *const paths[] = {
        "/",        "/courses/c/lessons/01",  "/nowhere",
        "/healthz", "/api/courses",           "/ui/x/styles/page.css",
        "/metrics", "/api/learners/me/events"};
    static const char *const needed[] = {"Content-Security-Policy: default-src 'none'",
                                         "frame-ancestors 'none'",
                                         "nosniff",
                                         "Referrer-Policy: same-origin",
                                         "Permissions-Policy:",
                                         "Cache-Control:"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct answer answer = ask("GET", paths[i], NULL, NULL);
        for (size_t j = 0; j < COUNT_OF(needed); j++)
            if (!has(&answer.head, needed[j]))
                fail_msg("%s lacks %s", paths[i], needed[j]);
        assert_false(has(&answer.head, "unsafe"));
        answer_free(&answer);
    }
}

static void each_route_answers(void **state) {
    (void)state;
    expect("GET", "/", NULL, NULL, 200, "A &lt;course&gt;");
    expect("GET", "/courses/x/lessons/01", NULL, NULL, 200, "&lt;script&gt;document.title");
    expect("GET", "/courses/c/lessons/01", NULL, NULL, 200, "Rolling downhill");
    expect("GET", "/courses/c/lessons/99", NULL, NULL, 404, "<h1>");
    expect("GET", "/courses/c/files/figure.svg", NULL, NULL, 200, "<svg");
    expect("GET", "/courses/c/files/../../etc/passwd", NULL, NULL, 404, NULL);
    expect("GET", "/progress", NULL, NULL, 200, "<form");
    expect("GET", "/healthz", NULL, NULL, 200, "\"absent\"");
    expect("GET", "/metrics", NULL, NULL, 200, "lyceum_http_answers_total{status=\"2xx\"}");
    expect("GET", "/api/openapi.json", NULL, NULL, 200, "\"3.1.0\"");
    expect("GET", "/api/courses/c/lessons/01?lang=zh", NULL, NULL, 200, "\"e1\"");
    expect("GET", "/api/nothing", NULL, NULL, 404, "{\"error\":{");
    expect("DELETE", "/api/turns", NULL, NULL, 405, "error");
    expect("GET", "/api/progress", NULL, NULL, 401, "error");
    expect("GET", "/api/progress", NULL, as_learner, 200, "skills");
    expect("PUT", "/api/learners/me", "{\"name\":\"Ada\"}", as_learner, 200, "Ada");
    expect("POST", "/api/exercises/e1/attempts", "{\"answer\":\"2\",\"seed\":7}", as_learner, 200,
           "\"solved\":true");
    expect("POST", "/api/exercises/x/attempts", "{\"answer\":\"2\"}", as_learner, 404, "error");
    expect("POST", "/api/exercises/e1/hints", "{\"seed\":7}", as_learner, 200, "Put the place");
    expect("POST", "/api/exercises/e1/attempts", "{\"seed\":-1,\"answer\":1}", as_learner, 400,
           "error");
}

static void an_answer_kept_on_a_device_is_taken_once_and_for_its_time(void **state) {
    (void)state;
#define KEPT "{\"answer\":\"2\",\"seed\":7,\"id\":\"kept-0001\",\"learner\":1,"
    static const char path[] = "/api/exercises/e1/attempts";
    expect("POST", path, KEPT "\"answered_at\":5000,\"sent_at\":65000}", as_learner, 200,
           "\"ago_ms\":60000");
    /* The same again, whatever the clock says: what it was told then. */
    expect("POST", path, KEPT "\"answered_at\":5000,\"sent_at\":99000}", as_learner, 200,
           "\"ago_ms\":60000");
    /* A clock that ran backwards, or no times at all. */
    expect("POST", path, "{\"answer\":\"2\",\"answered_at\":5000,\"sent_at\":4000}", as_learner,
           200, "\"ago_ms\":0");
    expect("POST", path, "{\"answer\":\"2\",\"id\":null}", as_learner, 200, "\"ago_ms\":0");
    static const char *const wrong[] = {
        "\"id\":\"short\"",
        "\"id\":\"with spaces in it\"",
        "\"id\":17",
        "\"id\":\"\"",
        "\"id\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"",
        "\"id\":\"kept\\u0000-0002\"",
        "\"answered_at\":5000",
        "\"sent_at\":5000",
        "\"answered_at\":\"5000\",\"sent_at\":6000",
        "\"answered_at\":1e300,\"sent_at\":6000",
        "\"answered_at\":-1e300,\"sent_at\":1e300"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char body[200];
        snprintf(body, sizeof body, "{\"answer\":\"2\",%s}", wrong[i]);
        expect("POST", path, body, as_learner, 400, "\"remedy\"");
    }
    /* What is another learner's goes to nobody else. */
    expect("POST", path, "{\"answer\":\"2\",\"learner\":2}", as_learner, 403, "another learner");
    expect("POST", path, "{\"answer\":\"2\",\"learner\":\"1\"}", as_learner, 403,
           "another learner");
}

static void the_school_can_be_kept_on_a_device(void **state) {
    (void)state;
    expect("GET", "/api/session", NULL, NULL, 200, "\"learner\":0");
    expect("GET", "/api/session", NULL, as_learner, 200, "\"learner\":1");
    expect("GET", "/", NULL, NULL, 200, "data-learner=\"0\"");
    expect("GET", "/", NULL, as_learner, 200, "data-learner=\"1\"");
    expect("GET", "/away?lang=es", NULL, NULL, 200, "La escuela no responde");
    expect("GET", "/practice/due", NULL, as_learner, 200, "five minutes");
    struct answer worker = ask("GET", "/sw.js", NULL, NULL);
    assert_true(has(&worker.head, "text/javascript"));
    assert_true(has(&worker.head, "Cache-Control: no-cache"));
    const char *files = strstr(worker.body.at, "const FILES = ");
    assert_non_null(files);
    json_t *all = json_loads(files + strlen("const FILES = "), JSON_DISABLE_EOF_CHECK, NULL), *one;
    size_t i;
    assert_true(json_array_size(all) > 20);
    json_array_foreach(all, i, one) expect("GET", json_string_value(one), NULL, NULL, 200, NULL);
    json_decref(all);
    answer_free(&worker);
    struct answer manifest = ask("GET", "/app.webmanifest?lang=ar", NULL, NULL);
    assert_true(has(&manifest.head, "application/manifest+json"));
    json_t *told = json_loads(manifest.body.at, 0, NULL);
    assert_string_equal(json_text(told, "dir", ""), "rtl");
    json_array_foreach(json_object_get(told, "icons"), i, one)
        expect("GET", json_text(one, "src", ""), NULL, NULL, 200, NULL);
    assert_int_equal(i, 4);
    json_decref(told);
    answer_free(&manifest);
}

static void practice_is_proposed_explained_and_planned(void **state) {
    (void)state;
    expect("GET", "/api/next", NULL, NULL, 401, "error");
    expect("GET", "/api/next?course=c", NULL, as_learner, 200, "five minutes");
    expect("GET", "/api/next?course=c", NULL, as_learner, 200, "<form");
    expect("GET", "/api/next?challenge=harder", NULL, as_learner, 200, "A pause");
    expect("GET", "/api/next?challenge=mad", NULL, as_learner, 400, "gentler");
    expect("GET", "/api/next?course=none", NULL, as_learner, 404, "error");
    expect("GET", "/api/reviews", NULL, as_learner, 200, "\"days_since\":14");
    expect("GET", "/api/plan", NULL, as_learner, 200, "\"challenge\":\"usual\"");
    expect("PUT", "/api/plan", "{\"goal\":10}", as_learner, 200, "\"goal\":10");
    expect("POST", "/api/claims", "{\"course\":\"c\",\"skills\":[\"slope\"]}", as_learner, 200,
           "slope");
    expect("POST", "/api/claims", "{\"course\":\"c\"}", as_learner, 400, "error");
    expect("GET", "/api/placement?course=c", NULL, as_learner, 200, "\"state\":\"none\"");
    expect("POST", "/api/placement", "{\"course\":\"c\"}", as_learner, 200, "\"asking\"");
    expect("POST", "/api/placement", "{\"exercise\":\"e1\",\"answer\":\"2\"}", as_learner, 200,
           "\"done\"");
    expect("GET", "/api/placement?course=none", NULL, as_learner, 404, "error");
    expect("GET", "/placement/c", NULL, as_learner, 200, "The slope of a line");
    expect("GET", "/practice", NULL, as_learner, 200, "five minutes");
    expect("GET", "/practice?course=c&challenge=gentler", NULL, as_learner, 200, "9 times in 10");
    expect("GET", "/progress", NULL, as_learner, 200, "<time datetime=\"2027-01-12\">Tue 12 Jan");
    expect("GET", "/progress?lang=es", NULL, as_learner, 200, ">mar, 12 ene");
    expect("GET", "/progress?lang=zh", NULL, as_learner, 200, "1月12日 周二<");
    expect("GET", "/progress?lang=ar", NULL, as_learner, 200, ">الثلاثاء 12 يناير");
    expect("GET", "/progress", NULL, as_learner, 200,
           "<li data-standing=\"begun\" aria-current=\"step\">");
    expect("GET", "/progress", NULL, as_learner, 200, "<path class=\"way known\"");
}

/* Every "$ref" below this leads to something in the document. */
static void references_lead_somewhere(const json_t *document, const json_t *below) {
    const char *key;
    json_t *one;
    size_t i;
    json_array_foreach(below, i, one) references_lead_somewhere(document, one);
    json_object_foreach((json_t *)(uintptr_t)below, key, one) {
        references_lead_somewhere(document, one);
        char group[40], name[40];
        if (strcmp(key, "$ref") != 0)
            continue;
        const json_t *parts = json_object_get(document, "components");
        assert_int_equal(
            sscanf(json_string_value(one), "#/components/%39[a-z]/%39[a-z]", group, name), 2);
        if (!json_object_get(json_object_get(parts, group), name))
            fail_msg("%s leads nowhere", json_string_value(one));
    }
}

static void the_description_of_the_api_names_routes_that_answer(void **state) {
    (void)state;
    struct answer answer = ask("GET", "/api/openapi.json", NULL, NULL);
    json_t *document = json_loads(answer.body.at, 0, NULL), *methods, *operation;
    const char *path, *method;
    assert_true(json_object_size(json_object_get(document, "paths")) >= 10);
    references_lead_somewhere(document, document);
    json_object_foreach(json_object_get(document, "paths"), path, methods) {
        json_object_foreach(methods, method, operation) {
            assert_non_null(json_object_get(operation, "responses"));
            char upper[8] = {0};
            for (size_t i = 0; method[i] && i < 7; i++)
                upper[i] = (char)(method[i] & ~0x20);
            struct answer there = ask(upper, path, "{}", as_learner);
            if (there.status == 405 || has(&there.body, "nothing at this address"))
                fail_msg("%s %s: %ld", upper, path, there.status);
            answer_free(&there);
        }
    }
    json_decref(document);
    answer_free(&answer);
}

static void a_new_learner_gets_a_cookie_that_scripts_cannot_read(void **state) {
    (void)state;
    struct answer answer = ask("POST", "/api/learners", "", NULL);
    assert_int_equal(answer.status, 201);
    assert_true(has(&answer.head, "Set-Cookie: lyceum="));
    assert_true(has(&answer.head, "HttpOnly; SameSite=Lax"));
    answer_free(&answer);
}

static void another_sites_page_may_not_act_for_the_learner(void **state) {
    (void)state;
    static const char *const evil[] = {COOKIE, JSON, "Origin: http://evil.example", NULL};
    static const char *const null_origin[] = {COOKIE, JSON, "Origin: null", NULL};
    static const char *const cross[] = {COOKIE, JSON, "Sec-Fetch-Site: cross-site", NULL};
    static const char *const plain[] = {COOKIE, "Content-Type: text/plain", NULL};
    expect("POST", "/api/exercises/e1/attempts", "{\"answer\":\"2\"}", evil, 403, "error");
    expect("POST", "/api/exercises/e1/attempts", "{\"answer\":\"2\"}", null_origin, 403, "error");
    expect("POST", "/courses/c/lessons/01/exercises/e1", "check=number&answer=2", cross, 403,
           NULL);
    expect("POST", "/api/exercises/e1/attempts", "{\"answer\":\"2\"}", plain, 415, "error");
}

static void forms_work_without_scripts_and_escape_what_they_get(void **state) {
    (void)state;
    static const char *const form[] = {COOKIE, "Content-Type: application/x-www-form-urlencoded",
                                       NULL};
    expect("POST", "/courses/c/lessons/01/exercises/e1", "check=number&answer=2&seed=7", form, 200,
           "data-verdict=\"right\"");
    expect("POST", "/courses/c/lessons/01/exercises/e2", "check=choice&answer=0&seed=3", form, 200,
           "data-verdict=\"not-yet\"");
    expect("POST", "/courses/c/lessons/01/exercises/e1", "check=number", form, 400, "<h1>");
    struct answer answer = ask("POST", "/courses/c/lessons/01/exercises/e1",
                               "check=number&answer=%3Cscript%3Ealert(1)%3C/script%3E", form);
    assert_true(has(&answer.body, "You wrote &lt;script&gt;"));
    assert_false(has(&answer.body, "<script>alert"));
    answer_free(&answer);
    expect("GET", "/progress", NULL, form, 200, "action=\"/progress/plan\"");
    expect("POST", "/progress/plan", "day_off=sunday&exam=2027-06-30&goal=5&utc_offset=-330", form,
           303, NULL);
    expect("POST", "/progress/plan", "exam=&goal=", form, 303, NULL);
    expect("POST", "/progress/plan", "goal=5x", form, 400, "a whole number up to 500");
    expect("POST", "/progress/plan", "utc_offset=x", form, 400, "<h1>");
    expect("POST", "/progress/plan",
           "day_off=monday&day_off=tuesday&day_off=wednesday&day_off=thursday&day_off=friday&"
           "day_off=saturday&day_off=sunday",
           form, 400, "One day of the week must stay");
    expect("POST", "/placement/c", "do=begin&skill=slope", form, 200, "value=\"unknown\"");
    expect("POST", "/placement/c", "do=begin&skill=slope", form, 200, "Skip this one");
    expect("POST", "/placement/c", "exercise=e1&do=skip", form, 200, "by your word");
    /* What cannot be read is told where the learner is. */
    expect(
        "POST", "/placement/c", "exercise=e1&check=number&answer=unreadable", form, 422,
        "<h1>Where do I begin?</h1>\n<p class=\"trouble\" role=\"alert\">I could not read that.");
    expect("POST", "/progress", "name=%3Cimg+src=x+onerror=alert(1)%3E", form, 303, NULL);
    answer = ask("GET", "/progress", NULL, form);
    assert_true(has(&answer.body, "&lt;img src=x"));
    assert_false(has(&answer.body, "<img src=x"));
    answer_free(&answer);
}

static void a_turn_is_a_stream_of_sentences_and_an_end(void **state) {
    (void)state;
    const char *body = "{\"course\":\"c\",\"lesson\":\"01\",\"text\":\"why?\"}";
    struct answer answer = ask("POST", "/api/turns", body, as_learner);
    assert_int_equal(answer.status, 200);
    assert_true(has(&answer.head, "text/event-stream"));
    assert_true(has(&answer.body, "event: say\ndata: {\"text\":\"The lesson"));
    assert_true(has(&answer.body, "event: end\ndata: {}\n\n"));
    answer_free(&answer);
    expect("POST", "/api/turns", "{\"course\":\"c\",\"lesson\":\"01\",\"text\":\"fail\"}",
           as_learner, 200, "event: end\ndata: {\"error\":");
    expect("POST", "/api/turns", "{\"course\":\"c\"}", as_learner, 400, "error");
}

static void a_turn_about_nothing_is_refused_before_its_stream_begins(void **state) {
    (void)state;
    static const struct {
        const char *body;
        long status;
    } turns[] = {
        {"{\"course\":\"none\",\"lesson\":\"01\",\"text\":\"why?\"}", 404},
        {"{\"course\":\"c\",\"lesson\":\"99\",\"text\":\"why?\"}", 404},
        {"{\"course\":\"c\",\"lesson\":\"01\",\"text\":\" \\n\"}", 400},
        {"{\"course\":\"c\",\"lesson\":\"01\",\"text\":\"why?\",\"exercise\":5}", 400},
    };
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        expect("POST", "/api/turns", turns[i].body, as_learner, turns[i].status, "\"message\"");
}

static void a_turn_whose_client_left_is_given_up(void **state) {
    (void)state;
    static const char body[] = "{\"course\":\"c\",\"lesson\":\"01\",\"text\":\"wait\"}";
    char request[600];
    int n = snprintf(request, sizeof request,
                     "POST /api/turns HTTP/1.1\r\nHost: x\r\n" JSON "\r\n" COOKIE
                     "\r\nContent-Length: %zu\r\n\r\n%s",
                     sizeof body - 1, body);
    int fd = dial();
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 1); /* it has begun */
    close(fd);
    bool given_up = false;
    for (int i = 0; i < 200 && !given_up; i++) { /* the turn itself would wait for 10 s */
        usleep(20000);
        struct answer answer = ask("GET", "/metrics", NULL, NULL);
        given_up = has(&answer.body, "fake_given_up 1");
        answer_free(&answer);
    }
    assert_true(given_up);
}

static void every_address_tells_its_methods(void **state) {
    (void)state;
    static const struct {
        const char *path, *allow;
    } addresses[] = {{"/api/courses", "Allow: GET, HEAD, OPTIONS\r"},
                     {"/api/turns", "Allow: POST, OPTIONS\r"},
                     {"/progress", "Allow: GET, HEAD, POST, OPTIONS\r"}};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct answer answer = ask("OPTIONS", addresses[i].path, NULL, NULL);
        assert_int_equal(answer.status, 204);
        assert_true(has(&answer.head, addresses[i].allow));
        answer_free(&answer);
        answer = ask("DELETE", addresses[i].path, NULL, NULL);
        assert_int_equal(answer.status, 405);
        assert_true(has(&answer.head, addresses[i].allow));
        answer_free(&answer);
    }
    expect("OPTIONS", "/nowhere", NULL, NULL, 404, NULL);
}

static void a_whole_address_is_read_as_its_path(void **state) {
    (void)state;
    static const char request[] =
        "GET http://school.example:8080/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char reply[16] = "";
    int fd = dial();
    assert_int_equal(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    assert_int_equal(recv(fd, reply, 12, MSG_WAITALL), 12);
    assert_string_equal(reply, "HTTP/1.1 200");
    close(fd);
}

static void pages_follow_the_language_that_was_asked(void **state) {
    (void)state;
    static const char *const chinese[] = {"Accept-Language: zh-CN,zh;q=0.9,en;q=0.8", NULL};
    expect("GET", "/", NULL, chinese, 200, "<html lang=\"zh\"");
    expect("GET", "/?lang=en", NULL, chinese, 200, "<html lang=\"en\"");
    expect("GET", "/?lang=%22%3E%3Cscript%3E", NULL, NULL, 200, "<html lang=\"en\"");
    expect("GET", "/?lang=ar", NULL, NULL, 200, "<html lang=\"ar\" dir=\"rtl\"");
    expect("GET", "/courses/c/lessons/01?lang=ar", NULL, NULL, 200,
           "<article lang=\"ar\" dir=\"rtl\"");
    expect("GET", "/courses/c/lessons/02?lang=ar", NULL, NULL, 200,
           "<article lang=\"en\" dir=\"ltr\"");
    assert_true(language_right_to_left(VIEW("ar-EG")) && language_right_to_left(VIEW("he")));
    assert_false(language_right_to_left(VIEW("arn")) || language_right_to_left(VIEW("zh")));
}

static void files_are_packed_tagged_and_not_sent_twice(void **state) {
    (void)state;
    static const char *const packed[] = {"Accept-Encoding: gzip", NULL};
    struct answer answer = ask("GET", "/ui/x/katex/katex.js", NULL, packed);
    assert_true(has(&answer.head, "Content-Encoding: gzip"));
    assert_true(answer.body.n < 100000);
    struct view head = buffer_view(&answer.head);
    ptrdiff_t at = view_find(head, VIEW("ETag: \""));
    assert_true(at > 0);
    char match[100];
    snprintf(match, sizeof match, "If-None-Match: %.38s", head.at + at + 6);
    answer_free(&answer);
    const char *const again[] = {"Accept-Encoding: gzip", match, NULL};
    answer = ask("GET", "/ui/x/katex/katex.js", NULL, again);
    assert_int_equal(answer.status, 304);
    assert_int_equal(answer.body.n, 0);
    answer_free(&answer);
    expect("GET", "/ui/x/pages/frame.html", NULL, NULL, 404, NULL);
}

/* --------------------------------------------------------------------------------- raw sockets */

static int raw_status(const char *text, size_t n) {
    char out[64] = {0};
    int fd = dial();
    (void)!send(fd, text, n, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    size_t have = 0;
    for (ssize_t got; have < 12 && (got = recv(fd, out + have, sizeof out - 1 - have, 0)) > 0;)
        have += (size_t)got;
    close(fd);
    return have >= 12 ? atoi(out + 9) : 0;
}

static void bodies_headers_and_addresses_are_bounded(void **state) {
    (void)state;
    char *large = must_alloc(1, 80 << 10);
    memset(large, 'a', (80 << 10) - 1);
    expect("POST", "/api/exercises/e1/attempts", large, as_learner, 413, "64 kB");
    struct buffer request = {0};
    buffer_format(&request, "GET /%.40000s HTTP/1.1\r\nHost: x\r\n\r\n", large);
    int status = raw_status(request.at, request.n);
    assert_true(status == 414 || status == 0 || status == 400 || status == 431);
    buffer_clear(&request);
    buffer_format(&request, "GET / HTTP/1.1\r\nHost: x\r\nX-A: %.60000s\r\n\r\n", large);
    status = raw_status(request.at, request.n);
    assert_true(status == 431 || status == 0 || status == 413);
    buffer_free(&request);
    free(large);
    expect("GET", "/healthz", NULL, NULL, 200, "ok");
}

static const char *const malformed[] = {
    "",
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "POST /api/turns HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}",
    "POST /api/turns HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
    "POST /api/turns HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "POST /api/learners HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nContent-Length: 0\r\n\r\n",
    "GET /%00%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /courses/%2e%2e/files/%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nCookie: lyceum=;;;=;lyceum\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "POST /api/exercises/e1/attempts HTTP/1.1\r\nHost: x\r\n" COOKIE "\r\n" JSON
    "\r\nContent-Length: 9\r\n\r\n[[[[[[[[[",
};

/* Attempts and learners that the school has seen, as text. */
static struct buffer counted(void) {
    struct answer answer = ask("GET", "/metrics", NULL, NULL);
    const char *at = strstr(answer.body.at, "fake_attempts ");
    assert_non_null(at);
    struct buffer out = {0};
    buffer_text(&out, at);
    answer_free(&answer);
    return out;
}

static void ten_thousand_malformed_requests_change_nothing(void **state) {
    (void)state;
    struct buffer before = counted();
    struct random random;
    random_seed(&random, 3);
    for (int i = 0; i < 10000; i++) {
        const char *from = malformed[i % (int)COUNT_OF(malformed)];
        char text[600];
        size_t n = strlen(from);
        memcpy(text, from, n);
        /* and one byte of it spoilt, save where that might mend it */
        if (i >= (int)COUNT_OF(malformed) && n && !strstr(from, "Origin: http://y"))
            text[random_next(&random) % n] = (char)random_next(&random);
        int fd = dial();
        (void)!send(fd, text, n, MSG_NOSIGNAL);
        if (i < (int)COUNT_OF(malformed)) {
            shutdown(fd, SHUT_WR);
            (void)!recv(fd, text, sizeof text, 0);
        }
        close(fd);
    }
    struct buffer after = counted();
    assert_string_equal(after.at, before.at);
    buffer_free(&before);
    buffer_free(&after);
    expect("GET", "/", NULL, NULL, 200, "course");
}

/* True when the server hangs up on this line within five seconds. */
static bool is_hung_up(int fd) {
    char out[256];
    ssize_t got;
    while ((got = recv(fd, out, sizeof out, 0)) > 0)
        ;
    return got == 0 || errno == ECONNRESET;
}

static void those_who_trickle_or_say_nothing_are_hung_up_on(void **state) {
    (void)state;
    struct fault fault = {0};
    struct web *usual = web;
    web = web_open(&(struct web_options){.school = school, .patience = 1}, &fault);
    assert_non_null(web);
    int silent = dial(), half = dial(), trickle = dial();
    static const char start[] = "GET / HTTP/1.1\r\nHost: x\r\nX-Half: ";
    (void)!send(half, start, sizeof start - 1, MSG_NOSIGNAL);
    static const char body[] =
        "POST /api/turns HTTP/1.1\r\nHost: x\r\n" JSON "\r\nContent-Length: 60000\r\n\r\n{";
    (void)!send(trickle, body, sizeof body - 1, MSG_NOSIGNAL);
    bool dropped = false; /* never silent for long, and never done */
    for (int i = 0; i < 50 && !dropped; i++) {
        usleep(100000);
        dropped = send(trickle, " ", 1, MSG_NOSIGNAL) < 0;
    }
    assert_true(dropped);
    assert_true(is_hung_up(silent));
    assert_true(is_hung_up(half));
    close(silent);
    close(half);
    close(trickle);
    expect("GET", "/healthz", NULL, NULL, 200, "ok");
    web_close(web);
    web = usual;
}

static void a_learner_who_hammers_is_slowed_and_others_are_not(void **state) {
    (void)state;
    char token[65];
    struct fault fault = {0};
    json_decref(school_learner_new(school, token, &fault));
    char cookie[100];
    snprintf(cookie, sizeof cookie, "Cookie: lyceum=%s", token);
    const char *const hammer[] = {cookie, JSON, NULL};
    int refused = 0;
    for (int i = 0; i < 120; i++) {
        struct answer answer = ask("POST", "/api/exercises/e1/hints", "{}", hammer);
        if (answer.status == 429) {
            refused++;
            assert_true(has(&answer.head, "Retry-After:"));
        }
        answer_free(&answer);
    }
    assert_true(refused > 20);
    json_decref(school_learner_new(school, token, &fault));
    snprintf(cookie, sizeof cookie, "Cookie: lyceum=%s", token);
    expect("POST", "/api/exercises/e1/hints", "{}", hammer, 200, "Put the place");
}

/* Names to sign in with share the places of a table. If it were known who shares whose, one could
 * ask for the other name now and then, and guess on at the first without end. */
static void a_bound_is_not_lifted_by_a_name_that_was_worked_out_beforehand(void **state) {
    (void)state;
    enum { TRIED = 200000 };
    struct rate *first = rate_new(), *second = rate_new();
    uint64_t name = 1, other = 2;
    while (rate_allows(first, RATE_SIGN_IN, name, 1))
        ;
    /* The first that takes the place over gives the name a full measure. */
    for (bool found = false; !found && other < TRIED; other += !found) {
        rate_allows(first, RATE_SIGN_IN, other, 1);
        found = rate_allows(first, RATE_SIGN_IN, name, 1);
    }
    assert_in_range(other, 2, TRIED - 1);
    while (rate_allows(second, RATE_SIGN_IN, name, 1))
        ;
    rate_allows(second, RATE_SIGN_IN, other, 1);
    assert_false(rate_allows(second, RATE_SIGN_IN, name, 1)); /* but for 1 time in 8,192 */
    rate_free(first);
    rate_free(second);
}

static void three_lines_each_of_a_class_behind_one_router_are_open_at_once(void **state) {
    (void)state;
    enum { LINES = 3 * 200 };
    int *lines = must_alloc(LINES, sizeof *lines);
    for (int i = 0; i < LINES; i++)
        lines[i] = dial();
    expect("GET", "/healthz", NULL, NULL, 200, "ok");
    static const char ask_one[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    char first[13] = "";
    for (int i = 0; i < LINES; i++) { /* none of them was hung up on */
        assert_int_equal(send(lines[i], ask_one, sizeof ask_one - 1, MSG_NOSIGNAL),
                         sizeof ask_one - 1);
        assert_int_equal(recv(lines[i], first, 12, MSG_WAITALL), 12);
        assert_string_equal(first, "HTTP/1.1 200");
        close(lines[i]);
    }
    free(lines);
}

static void a_class_behind_one_router_may_begin_at_once(void **state) {
    (void)state;
    struct fault fault = {0};
    struct web *usual = web;
    web = web_open(&(struct web_options){.school = school}, &fault);
    assert_non_null(web);
    for (int i = 0; i < 200; i++)
        expect("POST", "/api/learners", "", NULL, 201, "\"id\"");
    int refused = 0;
    for (int i = 0; i < 400 && !refused; i++) {
        struct answer answer = ask("POST", "/api/learners", "", NULL);
        refused += answer.status == 429;
        answer_free(&answer);
    }
    assert_true(refused);
    web_close(web);
    web = usual;
}

static void a_taken_port_is_told_with_a_remedy(void **state) {
    (void)state;
    struct fault fault = {0};
    struct web_options options = {.school = school, .port = web_port(web)};
    assert_null(web_open(&options, &fault));
    assert_non_null(strstr(fault.message, "in use"));
    assert_non_null(strstr(fault.remedy, "--port 0"));
    fault_clear(&fault);
    options.host = "not an address";
    assert_null(web_open(&options, &fault));
    assert_true(fault.message[0] && fault.remedy[0]);
}

static void *ask_long(void *out) {
    *(struct answer *)out =
        ask("POST", "/api/turns", "{\"course\":\"c\",\"lesson\":\"01\",\"text\":\"long\"}",
            as_learner);
    return NULL;
}

static void closing_finishes_the_answers_that_are_being_given(void **state) {
    struct answer answer;
    pthread_t thread;
    pthread_create(&thread, NULL, ask_long, &answer);
    usleep(200000);
    web_close(web);
    pthread_join(thread, NULL);
    assert_true(has(&answer.body, "event: end"));
    answer_free(&answer);
    school_close(school);
    assert_int_equal(open_all(state), 0);
}

static void cookies_forms_and_languages_are_read_as_sent(void **state) {
    (void)state;
    assert_true(view_is(web_cookie(VIEW("a=1; lyceum=xyz; b"), "lyceum"), "xyz"));
    assert_int_equal(web_cookie(VIEW("xlyceum=1; lyceumx=2"), "lyceum").n, 0);
    struct fault fault = {0};
    json_t *form = web_form(VIEW("a=1+2%2b&a=%e4%bd%a0&b"), &fault);
    json_t *list = json_object_get(form, "a");
    assert_string_equal(json_string_value(json_array_get(list, 0)), "1 2+");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "你");
    assert_string_equal(json_string_value(json_array_get(json_object_get(form, "b"), 0)), "");
    json_decref(form);
    assert_null(web_form(VIEW("a=%ff"), &fault));
    static const char *const offered[] = {"en", "zh", NULL};
    assert_string_equal(web_language(VIEW("fr, zh-TW;q=0.4, en;q=0.3"), offered), "zh");
    assert_string_equal(web_language(VIEW("xx"), offered), "en");
    assert_false(web_language_tag(VIEW("e\"")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_carries_the_headers_of_good_practice),
        cmocka_unit_test(each_route_answers),
        cmocka_unit_test(an_answer_kept_on_a_device_is_taken_once_and_for_its_time),
        cmocka_unit_test(the_school_can_be_kept_on_a_device),
        cmocka_unit_test(practice_is_proposed_explained_and_planned),
        cmocka_unit_test(the_description_of_the_api_names_routes_that_answer),
        cmocka_unit_test(a_new_learner_gets_a_cookie_that_scripts_cannot_read),
        cmocka_unit_test(another_sites_page_may_not_act_for_the_learner),
        cmocka_unit_test(forms_work_without_scripts_and_escape_what_they_get),
        cmocka_unit_test(a_turn_is_a_stream_of_sentences_and_an_end),
        cmocka_unit_test(a_turn_about_nothing_is_refused_before_its_stream_begins),
        cmocka_unit_test(a_turn_whose_client_left_is_given_up),
        cmocka_unit_test(every_address_tells_its_methods),
        cmocka_unit_test(a_whole_address_is_read_as_its_path),
        cmocka_unit_test(pages_follow_the_language_that_was_asked),
        cmocka_unit_test(files_are_packed_tagged_and_not_sent_twice),
        cmocka_unit_test(bodies_headers_and_addresses_are_bounded),
        cmocka_unit_test(ten_thousand_malformed_requests_change_nothing),
        cmocka_unit_test(those_who_trickle_or_say_nothing_are_hung_up_on),
        cmocka_unit_test(a_learner_who_hammers_is_slowed_and_others_are_not),
        cmocka_unit_test(a_class_behind_one_router_may_begin_at_once),
        cmocka_unit_test(a_bound_is_not_lifted_by_a_name_that_was_worked_out_beforehand),
        cmocka_unit_test(three_lines_each_of_a_class_behind_one_router_are_open_at_once),
        cmocka_unit_test(a_taken_port_is_told_with_a_remedy),
        cmocka_unit_test(closing_finishes_the_answers_that_are_being_given),
        cmocka_unit_test(cookies_forms_and_languages_are_read_as_sent),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, open_all, close_all);
}
