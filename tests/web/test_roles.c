/* Every route with every role, over a real school. The rows below say who may; a route without a
 * row fails, so that nobody adds one without saying. */
#include "school/school.h"
#include "web/embedded.h"
#include "web/web.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Who asks. Ada is a learner of class A; Ben is another one of it; Carl teaches class B alone. */
enum role_asking { NOBODY, ALONE, ADA, BEN, CARL, TESS, OWNER, N_ASKING };
static const char *const asking_names[N_ASKING] = {
    "nobody",           "a learner alone",  "Ada",      "Ben",
    "the teacher of B", "the teacher of A", "the owner"};
enum {
    ALL = (1 << N_ASKING) - 1,
    KNOWN = ALL & ~(1 << NOBODY),
    STAFF = 1 << CARL | 1 << TESS | 1 << OWNER,
    TEACHES = 1 << TESS | 1 << OWNER,
    OWNS = 1 << OWNER,
    SEES_ADA = 1 << ADA | TEACHES, /* may read her name */
};

/* {A}: the class; {L}: Ada; {M}: her message; {N}: an attempt of hers. JSON bodies begin with "{".
 */
static const struct row {
    const char *method, *pattern;
    int allowed;
    const char *path, *body;
} rows[] = {
    {"GET", "/", ALL, "/", NULL},
    {"GET", "/courses/*/lessons/*", ALL, "/courses/small/lessons/01-sums", NULL},
    {"POST", "/courses/*/lessons/*/exercises/*", ALL,
     "/courses/small/lessons/01-sums/exercises/sum-01", "do=hint"},
    {"GET", "/courses/*/files/**", ALL, "/courses/small/files/01-sums/line.svg", NULL},
    {"GET", "/progress", ALL, "/progress", NULL},
    {"POST", "/progress", ALL, "/progress", "name="},
    {"POST", "/progress/plan", KNOWN, "/progress/plan", "goal=5"},
    {"GET", "/memory", ALL, "/memory", NULL},
    {"POST", "/memory", ALL, "/memory", "do=add&text=A+note"},
    {"GET", "/memory/files", KNOWN, "/memory/files", NULL},
    {"GET", "/practice", ALL, "/practice", NULL},
    {"GET", "/placement/*", ALL, "/placement/small", NULL},
    {"POST", "/placement/*", ALL, "/placement/small", "skill=sums.add"},
    {"GET", "/ui/*/**", ALL, "/ui/x/styles/page.css", NULL},
    {"GET", "/join", ALL, "/join", NULL},
    {"GET", "/join/*", ALL, "/join/nothing", NULL},
    {"POST", "/join/*", ALL, "/join/nothing", "name=X"},
    {"GET", "/sign-in", ALL, "/sign-in", NULL},
    {"POST", "/sign-in", ALL, "/sign-in", "login=carl&password=three+little+words"},
    {"GET", "/account", KNOWN, "/account", NULL},
    {"POST", "/account", KNOWN, "/account", "login=&password="},
    {"POST", "/account/sessions/*", KNOWN, "/account/sessions/999999", ""},
    {"POST", "/messages/*", KNOWN, "/messages/999999", ""},
    {"GET", "/tests/*", KNOWN, "/tests/999999", NULL},
    {"POST", "/tests/*", KNOWN, "/tests/999999", "answer=1&check=number&exercise=sum-01"},
    {"GET", "/school", OWNS, "/school", NULL},
    {"POST", "/school/invitations", OWNS, "/school/invitations", ""},
    {"GET", "/school/roster/*", OWNS, "/school/roster/users.csv", NULL},
    {"POST", "/school/roster", OWNS, "/school/roster", "do=look"},
    {"GET", "/teach", STAFF, "/teach", NULL},
    {"POST", "/teach", STAFF, "/teach", "title=Another"},
    {"GET", "/classes/*", TEACHES, "/classes/{A}", NULL},
    {"POST", "/classes/*", TEACHES, "/classes/{A}", "title=Renamed"},
    {"GET", "/classes/*/table.csv", TEACHES, "/classes/{A}/table.csv", NULL},
    {"GET", "/classes/*/people", TEACHES, "/classes/{A}/people", NULL},
    {"POST", "/classes/*/invitations", TEACHES, "/classes/{A}/invitations", "role=learner"},
    {"POST", "/classes/*/invitations/*", TEACHES, "/classes/{A}/invitations/999999", ""},
    {"POST", "/classes/*/misconceptions", TEACHES, "/classes/{A}/misconceptions",
     "exercise=sum-02&is=3&why=remainders&say=Those+are+left+over."},
    {"POST", "/classes/*/misconceptions/*/end", TEACHES, "/classes/{A}/misconceptions/999999/end",
     ""},
    {"GET", "/classes/*/work", TEACHES, "/classes/{A}/work", NULL},
    {"POST", "/classes/*/work", TEACHES, "/classes/{A}/work", "kind=pre&lesson=small/01-sums"},
    {"POST", "/classes/*/work/*/end", TEACHES, "/classes/{A}/work/999999/end", ""},
    {"GET", "/classes/*/learners/*", TEACHES, "/classes/{A}/learners/{L}", NULL},
    {"POST", "/classes/*/learners/*/overrule", TEACHES, "/classes/{A}/learners/{L}/overrule",
     "what=grade&score=right&event={N}"},
    {"GET", "/classes/*/answers", TEACHES, "/classes/{A}/answers", NULL},
    {"POST", "/classes/*/learners/*/answers", TEACHES, "/classes/{A}/learners/{L}/answers",
     "event=999999&level-0=1"},
    {"POST", "/classes/*/learners/*/message", TEACHES, "/classes/{A}/learners/{L}/message",
     "text=Hello"},
    {"POST", "/classes/*/learners/*/code", TEACHES, "/classes/{A}/learners/{L}/code", ""},
    {"POST", "/classes/*/learners/*/remove", TEACHES, "/classes/{A}/learners/{L}/remove", ""},
    {"GET", "/sw.js", ALL, "/sw.js", NULL},
    {"GET", "/app.webmanifest", ALL, "/app.webmanifest", NULL},
    {"GET", "/away", ALL, "/away", NULL},
    {"GET", "/practice/due", ALL, "/practice/due", NULL},
    {"GET", "/api/session", ALL, "/api/session", NULL},
    {"GET", "/api/courses", ALL, "/api/courses", NULL},
    {"GET", "/api/courses/*/lessons/*", ALL, "/api/courses/small/lessons/01-sums", NULL},
    {"POST", "/api/learners", ALL, "/api/learners", ""},
    {"PUT", "/api/learners/me", KNOWN, "/api/learners/me", "{}"},
    {"GET", "/api/learners/me/events", KNOWN, "/api/learners/me/events", NULL},
    {"GET", "/api/progress", KNOWN, "/api/progress", NULL},
    {"GET", "/api/memory", KNOWN, "/api/memory", NULL},
    {"PUT", "/api/memory/background", KNOWN, "/api/memory/background", "{\"tags\":[\"child\"]}"},
    {"PUT", "/api/memory/giving", KNOWN, "/api/memory/giving", "{\"gives\":false}"},
    {"POST", "/api/memory/notes", KNOWN, "/api/memory/notes", "{\"text\":\"A note\"}"},
    {"PUT", "/api/memory/notes/*", KNOWN, "/api/memory/notes/999999", "{\"text\":\"Other\"}"},
    {"DELETE", "/api/memory/notes/*", KNOWN, "/api/memory/notes/999999", ""},
    {"GET", "/api/memory/files", KNOWN, "/api/memory/files", NULL},
    {"GET", "/api/next", KNOWN, "/api/next", NULL},
    {"GET", "/api/reviews", KNOWN, "/api/reviews", NULL},
    {"GET", "/api/plan", KNOWN, "/api/plan", NULL},
    {"PUT", "/api/plan", KNOWN, "/api/plan", "{\"goal\":5}"},
    {"GET", "/api/placement", KNOWN, "/api/placement", NULL},
    {"POST", "/api/placement", KNOWN, "/api/placement", "{\"course\":\"small\"}"},
    {"POST", "/api/claims", KNOWN, "/api/claims",
     "{\"course\":\"small\",\"skills\":[\"sums.add\"]}"},
    {"POST", "/api/exercises/*/attempts", KNOWN, "/api/exercises/sum-01/attempts",
     "{\"answer\":\"1\"}"},
    {"POST", "/api/exercises/*/hints", KNOWN, "/api/exercises/sum-01/hints", "{}"},
    {"POST", "/api/turns", KNOWN, "/api/turns",
     "{\"course\":\"small\",\"lesson\":\"01-sums\",\"text\":\"What is a sum?\"}"},
    {"GET", "/api/classes", STAFF, "/api/classes", NULL},
    {"GET", "/api/classes/*", TEACHES, "/api/classes/{A}", NULL},
    {"GET", "/api/classes/*/view", TEACHES, "/api/classes/{A}/view", NULL},
    {"GET", "/api/classes/*/work", TEACHES, "/api/classes/{A}/work", NULL},
    {"GET", "/api/classes/*/learners/*", TEACHES, "/api/classes/{A}/learners/{L}", NULL},
    {"GET", "/api/classes/*/answers", TEACHES, "/api/classes/{A}/answers", NULL},
    {"POST", "/api/classes/*/learners/*/answers", TEACHES, "/api/classes/{A}/learners/{L}/answers",
     "{\"event\":999999,\"levels\":[1]}"},
    {"GET", "/api/openapi.json", ALL, "/api/openapi.json", NULL},
    /* The owner, and programs of this machine. */
    {"GET", "/company", OWNS, "/company", NULL},
    {"GET", "/api/company", ALL, "/api/company", NULL},
    /* Programs, of this machine: docs/endpoint.md. */
    {"POST", "/v1/chat/completions", ALL, "/v1/chat/completions", "{}"},
    {"POST", "/v1/completions", ALL, "/v1/completions", "{}"},
    {"POST", "/v1/embeddings", ALL, "/v1/embeddings", "{}"},
    {"POST", "/v1/responses", ALL, "/v1/responses", "{}"},
    {"GET", "/v1/responses/*", ALL, "/v1/responses/resp_none", NULL},
    {"DELETE", "/v1/responses/*", ALL, "/v1/responses/resp_none", NULL},
    {"GET", "/v1/models", ALL, "/v1/models", NULL},
    {"GET", "/v1/models/**", ALL, "/v1/models/lyceum", NULL},
    {"GET", "/healthz", ALL, "/healthz", NULL},
    {"GET", "/metrics", ALL, "/metrics", NULL},
    {"POST", "/sign-out", KNOWN, "/sign-out", ""}, /* last: it ends what the others need */
};

static struct {
    char folder[40];
    struct company *company;
    struct school *school;
    struct web *web;
    int64_t people[N_ASKING], class, other_class, attempt;
    char tokens[N_ASKING][65], code[SCHOOL_CODE_SIZE];
    const char *from; /* address of the device that asks; NULL: 127.0.0.1 */
} at;

/* -------------------------------------------------------------------------------- the requests */

struct answer {
    long status;
    struct buffer head, body;
};

static size_t collect(char *from, size_t size, size_t n, void *out) {
    buffer_append(out, (struct view){from, size * n});
    return size * n;
}

static struct answer ask(const char *method, const char *path, const char *body, const char *token,
                         const char *more) {
    struct answer answer = {0};
    char url[300], cookie[100];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", web_port(at.web), path);
    snprintf(cookie, sizeof cookie, "lyceum=%s", token);
    CURL *curl = curl_easy_init();
    struct curl_slist *list = NULL;
    if (body && *body == '{')
        list = curl_slist_append(list, "Content-Type: application/json");
    if (more)
        list = curl_slist_append(list, more);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    if (*token)
        curl_easy_setopt(curl, CURLOPT_COOKIE, cookie);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.head);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_INTERFACE, at.from);
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

static bool says(const struct buffer *text, const char *part) {
    return view_find(buffer_view(text), view_of(part)) >= 0;
}

/* ------------------------------------------------------------------------------------ the people
 */

static int64_t join(const char *code, int64_t person, const char *name, const char *login,
                    char token[65]) {
    struct fault fault = {0};
    struct school_account account = {.name = view_of(name),
                                     .login = view_of(login),
                                     .password =
                                         *login ? VIEW("three little words") : (struct view){0}};
    char fresh[65];
    int64_t id = school_join(at.school, view_of(code), person, &account, fresh, &fault);
    if (!id)
        fail_msg("%s: %s", name, fault.message);
    if (*fresh)
        memcpy(token, fresh, 65);
    return id;
}

static void join_as_teacher(enum role_asking who, const char *name, const char *login,
                            int64_t *class) {
    struct fault fault = {0};
    json_t *invitation = school_invite(at.school, at.people[OWNER], 0, 0, "teacher", 1, &fault);
    at.people[who] = join(json_text(invitation, "code", ""), 0, name, login, at.tokens[who]);
    json_decref(invitation);
    *class = school_class_new(at.school, at.people[who], view_of(name), &fault);
    assert_true(*class > 0);
}

static int open_all(void **state) {
    (void)state;
    struct fault fault = {0};
    static const char *const courses[] = {SMALL_COURSE, NULL};
    char code[SCHOOL_CODE_SIZE];
    strcpy(at.folder, "/tmp/lyceum-roles-XXXXXX");
    assert_non_null(mkdtemp(at.folder));
    at.company = company_open(&(struct company_options){0}, &fault);
    at.school = school_open(&(struct school_options){courses, at.folder, at.company}, &fault);
    if (!at.school)
        fail_msg("%s", fault.message);
    at.web = web_open(&(struct web_options){.school = at.school, .port = 0}, &fault);
    assert_true(school_owner_code(at.school, false, code));
    at.people[OWNER] = join(code, 0, "Olga", "olga", at.tokens[OWNER]);
    join_as_teacher(TESS, "Tess", "tess", &at.class);
    join_as_teacher(CARL, "Carl", "carl", &at.other_class);
    json_t *invitation =
        school_invite(at.school, at.people[TESS], at.class, 0, "learner", 1, &fault);
    snprintf(at.code, sizeof at.code, "%s", json_text(invitation, "code", ""));
    json_decref(invitation);
    at.people[ADA] = join(at.code, 0, "Ada Secretname", "", at.tokens[ADA]);
    at.people[BEN] = join(at.code, 0, "Ben", "", at.tokens[BEN]);
    json_t *alone = school_learner_new(at.school, at.tokens[ALONE], &fault);
    at.people[ALONE] = (int64_t)json_number(alone, "id", 0);
    json_decref(alone);
    return 0;
}

static int close_all(void **state) {
    (void)state;
    web_close(at.web);
    school_close(at.school);
    company_close(at.company);
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", at.folder);
    return system(command);
}

/* Ada answers; the id of the attempt, which a teacher may overrule. */
static int64_t an_attempt(void) {
    struct fault fault = {0};
    json_t *answer = json_string("999");
    json_decref(school_attempt(at.school, at.people[ADA], "sum-01", 0, answer, "en", &fault));
    json_decref(answer);
    json_t *all = school_export(at.school, at.people[ADA], &fault), *event;
    int64_t found = 0;
    size_t i;
    json_array_foreach(json_object_get(all, "events"), i, event) {
        if (!strcmp(json_text(event, "kind", ""), "attempt"))
            found = (int64_t)json_number(event, "id", 0);
    }
    json_decref(all);
    assert_true(found > 0);
    return found;
}

/* ------------------------------------------------------------------------------------- the tests
 */

static void fill(const char *from, char *out, size_t n) {
    const struct {
        const char *mark;
        int64_t id;
    } marks[] = {{"{A}", at.class}, {"{L}", at.people[ADA]}, {"{N}", at.attempt}};
    size_t used = 0;
    while (*from && used + 24 < n) {
        size_t which = 0;
        while (which < COUNT_OF(marks) && strncmp(from, marks[which].mark, 3) != 0)
            which++;
        if (which < COUNT_OF(marks)) {
            used += (size_t)snprintf(out + used, n - used, "%lld", (long long)marks[which].id);
            from += 3;
        } else {
            out[used++] = *from++;
        }
    }
    out[used] = 0;
}

static const struct row *row_of(const struct web_route *route) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!strcmp(rows[i].method, route->method) && !strcmp(rows[i].pattern, route->path))
            return &rows[i];
    return NULL;
}

static void try_row(const struct row *row, enum role_asking who) {
    char path[200], body[200];
    fill(row->path, path, sizeof path);
    fill(row->body ? row->body : "", body, sizeof body);
    join(at.code, at.people[ADA], "", "", (char[65]){0}); /* one of the rows removes her */
    struct answer answer = ask(row->method, path, row->body ? body : NULL, at.tokens[who], NULL);
    bool refused = answer.status == 401 || answer.status == 403;
    bool allowed = row->allowed >> who & 1;
    if (refused == allowed || answer.status >= 500 || answer.status == 0)
        fail_msg("%s: %s %s gives %ld: %.200s", asking_names[who], row->method, path,
                 answer.status, answer.body.at);
    if (!(SEES_ADA >> who & 1) && (says(&answer.body, "Secretname")))
        fail_msg("%s: %s %s tells Ada's name", asking_names[who], row->method, path);
    answer_free(&answer);
}

static void each_route_lets_in_whom_its_row_says(void **state) {
    (void)state;
    struct web_route route;
    size_t n_route = 0;
    at.attempt = an_attempt();
    for (; web_route(n_route, &route); n_route++)
        if (!row_of(&route))
            fail_msg("%s %s: no row says who may", route.method, route.path);
    assert_int_equal(n_route, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int who = 0; who < N_ASKING; who++)
            try_row(&rows[i], (enum role_asking)who);
}

static void a_learner_is_reached_through_their_own_class_alone(void **state) {
    (void)state;
    char path[100];
    struct fault fault = {0};
    char token[65];
    assert_int_equal(
        school_sign_in(at.school, VIEW("CARL"), VIEW("three little words"), token, &fault),
        at.people[CARL]);
    snprintf(path, sizeof path, "/classes/%lld/learners/%lld", (long long)at.other_class,
             (long long)at.people[ADA]);
    struct answer answer = ask("GET", path, NULL, token, NULL);
    assert_int_equal(answer.status, 403);
    assert_false(says(&answer.body, "Secretname"));
    answer_free(&answer);
}

/* What is at the address, as Tess is told it. */
static json_t *told(const char *token, const char *form, long long a, long long b) {
    char path[100];
    snprintf(path, sizeof path, form, a, b);
    struct answer answer = ask("GET", path, NULL, token, NULL);
    if (answer.status != 200)
        fail_msg("%s: %ld", path, answer.status);
    json_t *json = json_loads(answer.body.at, 0, NULL);
    assert_non_null(json);
    answer_free(&answer);
    return json;
}

static void programs_are_told_what_the_pages_show(void **state) {
    (void)state;
    struct fault fault = {0};
    char token[65];
    assert_true(
        school_sign_in(at.school, VIEW("tess"), VIEW("three little words"), token, &fault));
    json_t *classes = told(token, "/api/classes", 0, 0);
    json_t *list = json_object_get(classes, "classes");
    bool taught = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t id = (int64_t)json_number(json_array_get(list, i), "id", 0);
        taught = taught || id == at.class;
        assert_int_not_equal(id, at.other_class); /* which is Carl's */
    }
    assert_true(taught);
    json_decref(classes);
    json_t *shown = told(token, "/api/classes/%lld/view", at.class, 0);
    json_t *same = school_class_view(at.school, at.class, NULL, "en", &fault);
    assert_true(json_array_size(json_object_get(shown, "learners")) >= 2);
    static const char *const parts[] = {"class", "courses", "skills", "wrong", "effort"};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!json_equal(json_object_get(shown, parts[i]), json_object_get(same, parts[i])))
            fail_msg("the two differ in \"%s\"", parts[i]);
    json_decref(shown);
    json_decref(same);
    json_t *work = told(token, "/api/classes/%lld/work", at.class, 0);
    assert_true(json_is_array(json_object_get(work, "assignments")) &&
                json_is_array(json_object_get(work, "gains")));
    json_decref(work);
    json_t *ada = told(token, "/api/classes/%lld/learners/%lld", at.class, at.people[ADA]);
    assert_int_equal(json_number(json_object_get(ada, "learner"), "id", 0), at.people[ADA]);
    json_decref(ada);
}

static void a_session_that_was_ended_opens_nothing(void **state) {
    (void)state;
    struct fault fault = {0};
    char first[65], second[65];
    assert_true(
        school_sign_in(at.school, VIEW("tess"), VIEW("three little words"), first, &fault));
    assert_true(
        school_sign_in(at.school, VIEW("tess"), VIEW("three little words"), second, &fault));
    assert_true(school_session_end(at.school, at.people[TESS], -1, view_of(second), &fault));
    struct answer answer = ask("GET", "/teach", NULL, first, NULL);
    assert_int_equal(answer.status, 401);
    answer_free(&answer);
    answer = ask("GET", "/teach", NULL, second, NULL);
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
}

static void a_form_of_another_site_does_nothing(void **state) {
    (void)state;
    struct fault fault = {0};
    char token[65];
    assert_true(
        school_sign_in(at.school, VIEW("tess"), VIEW("three little words"), token, &fault));
    static const char *const told[] = {"Origin: http://evil.example", "Origin: null",
                                       "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"};
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct answer answer = ask("POST", "/teach", "title=Stolen", token, told[i]);
        assert_int_equal(answer.status, 403);
        answer_free(&answer);
    }
    struct answer answer = ask("GET", "/teach", NULL, token, NULL);
    assert_false(says(&answer.body, "Stolen"));
    answer_free(&answer);
    /* And so whatever it is that would be changed. */
    assert_true(
        school_sign_in(at.school, VIEW("olga"), VIEW("three little words"), token, &fault));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!strcmp(rows[i].method, "GET"))
            continue;
        char path[200], body[200];
        fill(rows[i].path, path, sizeof path);
        fill(rows[i].body ? rows[i].body : "", body, sizeof body);
        answer = ask(rows[i].method, path, body, token, told[i % COUNT_OF(told)]);
        if (answer.status != 403)
            fail_msg("%s %s of another site gives %ld", rows[i].method, path, answer.status);
        answer_free(&answer);
    }
}

static void the_owners_link_works_once(void **state) {
    (void)state;
    struct fault fault = {0};
    char code[SCHOOL_CODE_SIZE], token[65];
    assert_false(school_owner_code(at.school, false, code)); /* there is one */
    assert_true(school_owner_code(at.school, true, code));
    struct school_account account = {VIEW("Otto"), VIEW("otto"), VIEW("three little words")};
    assert_true(school_join(at.school, view_of(code), 0, &account, token, &fault) > 0);
    account.login = VIEW("oscar");
    assert_int_equal(school_join(at.school, view_of(code), 0, &account, token, &fault), 0);
    assert_int_equal(fault.kind, FAULT_MISSING);
}

static void passwords_are_not_guessed_for_long(void **state) {
    (void)state;
    long last = 0;
    int n = 0;
    for (; n < 40 && last != 429; n++) {
        struct answer answer =
            ask("POST", "/sign-in", "login=olga&password=wrong+words", "", NULL);
        last = answer.status;
        answer_free(&answer);
        assert_true(last == 403 || last == 429);
    }
    assert_int_equal(last, 429);
    assert_true(n >= 5);
    /* Whose name it is is not kept out by that on another device. */
    at.from = "127.0.0.2";
    struct answer answer =
        ask("POST", "/sign-in", "login=olga&password=three+little+words", "", NULL);
    at.from = NULL;
    assert_int_equal(answer.status, 303);
    answer_free(&answer);
}

/* The sentence itself is its key, so one that is changed in one place alone is found here. */
static void what_goes_wrong_at_the_door_is_told_in_the_language_of_the_page(void **state) {
    (void)state;
    static const struct {
        const char *path, *body, *message, *remedy;
    } cases[] = {
        {"/join/nothing", "name=X", "This invitation is unknown, used up or too old.",
         "Look whether the code is right, or ask for a new one."},
        {"/join/{C}", "name=", "The class needs a name to call you by.", "Write your name."},
        {"/join/{C}", "name=A%01", "The name holds a control character.", ""},
        {"/join/{C}", "name=%E2%80%8B", "The name has nothing to see.", ""},
        {"/join/{C}", "name=X&login=x+y&password=three+little+words",
         "The name to sign in with has a space.", ""},
        {"/join/{C}", "name=X&login=&password=three+little+words", "The name is empty.", ""},
        {"/join/{C}", "name=X&login=tess&password=three+little+words",
         "Somebody else signs in with this name.",
         "Take another, such as your name with a number."},
        {"/join/{C}", "name=X&login=xavier&password=short",
         "The password is shorter than 8 characters.",
         "Three words in a row are easy to keep and hard to guess."},
        {"/sign-in", "login=nobody&password=wrong+words",
         "Name and password do not belong together.",
         "Try again; your teacher can give you a way back."},
    };
    static const char *const languages[] = {"en", "zh", "es", "ar"};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t j = 0; j < COUNT_OF(languages); j++) {
            char path[100], accept[40];
            bool of_class = !strcmp(cases[i].path, "/join/{C}");
            snprintf(path, sizeof path, "%s%s", of_class ? "/join/" : cases[i].path,
                     of_class ? at.code : "");
            snprintf(accept, sizeof accept, "Accept-Language: %s", languages[j]);
            struct answer answer = ask("POST", path, cases[i].body, "", accept);
            const char *message = embedded_word(languages[j], cases[i].message);
            const char *remedy = embedded_word(languages[j], cases[i].remedy);
            if (!says(&answer.body, message) || !says(&answer.body, remedy) ||
                (j > 0 && !strcmp(message, cases[i].message)))
                fail_msg("%s in %s: %ld %s", cases[i].message, languages[j], answer.status,
                         answer.body.at);
            answer_free(&answer);
        }
}

/* What else is refused to who fills in a form. */
static void each_refusal_of_a_form_has_words_in_each_language(void **state) {
    (void)state;
    static const char *const languages[] = {"en", "zh", "es", "ar"};
    struct fault faults[8] = {{0}};
    char long_name[100], long_text[2200];
    memset(long_name, 'x', sizeof long_name);
    memset(long_text, 'x', sizeof long_text);
    struct school *school = at.school;
    int64_t tess = at.people[TESS], ada = at.people[ADA];
    struct school_account account = {.login = VIEW("tess"), .password = VIEW("other words")};
    school_learner_name(school, ada, (struct view){long_name, 90}, &faults[0]);
    school_account_set(school, tess, &account, VIEW("wrong"), VIEW(""), &faults[1]);
    school_message(school, tess, ada, VIEW(" "), NULL, &faults[2]);
    school_message(school, tess, ada, (struct view){long_text, 2100}, NULL, &faults[3]);
    school_note_add(school, ada, VIEW(" "), false, &faults[4]);
    school_note_add(school, ada, (struct view){long_text, 400}, false, &faults[5]);
    json_t *wrong = json_pack("{s:s,s:s,s:s}", "is", "3", "why", "", "say", "");
    school_teach(school, tess, "sum-02", wrong, &faults[6]);
    json_decref(wrong);
    for (int i = 0; i <= 200 && faults[7].kind == FAULT_NONE; i++) {
        snprintf(long_name, sizeof long_name, "Note %d", i);
        school_note_add(school, ada, view_of(long_name), false, &faults[7]);
    }
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        for (size_t j = 0; j < COUNT_OF(languages); j++) {
            const char *message = embedded_word(languages[j], faults[i].message);
            const char *remedy = embedded_word(languages[j], faults[i].remedy);
            bool here = !strcmp(message, faults[i].message);
            bool remedy_here = *remedy && !strcmp(remedy, faults[i].remedy);
            if (!*message || here != (j == 0) || (j > 0 && remedy_here))
                fail_msg("%zu in %s: \"%s\" \"%s\"", i, languages[j], message, remedy);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_lets_in_whom_its_row_says),
        cmocka_unit_test(a_learner_is_reached_through_their_own_class_alone),
        cmocka_unit_test(programs_are_told_what_the_pages_show),
        cmocka_unit_test(a_session_that_was_ended_opens_nothing),
        cmocka_unit_test(a_form_of_another_site_does_nothing),
        cmocka_unit_test(the_owners_link_works_once),
        cmocka_unit_test(what_goes_wrong_at_the_door_is_told_in_the_language_of_the_page),
        cmocka_unit_test(each_refusal_of_a_form_has_words_in_each_language),
        cmocka_unit_test(passwords_are_not_guessed_for_long),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
