/* The table of routes, and what is true of every one of them: methods, origin, rate, body. */
#include "web/request.h"
#include "web/v1.h"

#include <stdlib.h>
#include <string.h>

enum route_flag {
    NEEDS_JSON = 1,  /* the body is a JSON object, told so by its content type */
    IS_TURN = 2,     /* bound by the slower rate */
    OF_PROGRAMS = 4, /* bound by the limits of a key alone */
    TAKES_FILES = 8, /* the body may be as long as a roster */
};

struct route {
    const char *method, *path; /* a star is one part; two stars at the end are the rest */
    enum school_access access; /* of a class: the first star is its id, the second a learner's */
    int flags;
    route_handler *handler;
};

/* clang-format off */
static const struct route routes[] = {
    {"GET",  "/",                                 ACCESS_ALL, 0, page_home},
    {"GET",  "/courses/*/lessons/*",              ACCESS_ALL, 0, page_lesson},
    {"POST", "/courses/*/lessons/*/exercises/*",  ACCESS_ALL, 0, page_lesson_post},
    {"GET",  "/courses/*/files/**",               ACCESS_ALL, 0, page_asset},
    {"GET",  "/progress",                         ACCESS_ALL, 0, page_progress},
    {"POST", "/progress",                         ACCESS_ALL, 0, page_progress_post},
    {"POST", "/progress/plan",                    ACCESS_SELF, 0, page_plan_post},
    {"GET",  "/memory",                           ACCESS_ALL, 0, page_memory},
    {"POST", "/memory",                           ACCESS_ALL, 0, page_memory_post},
    {"GET",  "/memory/files",                     ACCESS_SELF, 0, page_memory_files},
    {"GET",  "/practice",                         ACCESS_ALL, 0, page_practice},
    {"GET",  "/practice/due",                     ACCESS_ALL, 0, page_due},
    {"GET",  "/placement/*",                      ACCESS_ALL, 0, page_placement},
    {"POST", "/placement/*",                      ACCESS_ALL, 0, page_placement_post},
    {"GET",  "/ui/*/**",                          ACCESS_ALL, 0, page_ui},
    {"GET",  "/sw.js",                            ACCESS_ALL, 0, page_worker},
    {"GET",  "/app.webmanifest",                  ACCESS_ALL, 0, page_manifest},
    {"GET",  "/away",                             ACCESS_ALL, 0, page_away},
    {"GET",  "/join",                             ACCESS_ALL, 0, page_join_ask},
    {"GET",  "/join/*",                           ACCESS_ALL, 0, page_join},
    {"POST", "/join/*",                           ACCESS_ALL, 0, page_join_post},
    {"GET",  "/sign-in",                          ACCESS_ALL, 0, page_sign_in},
    {"POST", "/sign-in",                          ACCESS_ALL, 0, page_sign_in_post},
    {"POST", "/sign-out",                         ACCESS_SELF, 0, page_sign_out},
    {"GET",  "/account",                          ACCESS_SELF, 0, page_account},
    {"POST", "/account",                          ACCESS_SELF, 0, page_account_post},
    {"POST", "/account/sessions/*",               ACCESS_SELF, 0, page_session_end},
    {"POST", "/messages/*",                       ACCESS_SELF, 0, page_message_read},
    {"GET",  "/tests/*",                          ACCESS_SELF, 0, page_test},
    {"POST", "/tests/*",                          ACCESS_SELF, 0, page_test_post},
    {"GET",  "/school",                           ACCESS_OWNER, 0, page_school},
    {"POST", "/school/invitations",               ACCESS_OWNER, 0, page_school_invite},
    {"GET",  "/school/roster/*",                  ACCESS_OWNER, 0, page_roster_file},
    {"POST", "/school/roster",                    ACCESS_OWNER, TAKES_FILES, page_roster_post},
    {"GET",  "/teach",                            ACCESS_STAFF, 0, page_teach},
    {"POST", "/teach",                            ACCESS_STAFF, 0, page_teach_post},
    {"GET",  "/classes/*",                        ACCESS_CLASS, 0, page_class},
    {"POST", "/classes/*",                        ACCESS_CLASS, 0, page_class_post},
    {"GET",  "/classes/*/table.csv",              ACCESS_CLASS, 0, page_class_csv},
    {"GET",  "/classes/*/people",                 ACCESS_CLASS, 0, page_people},
    {"POST", "/classes/*/invitations",            ACCESS_CLASS, 0, page_invite},
    {"POST", "/classes/*/invitations/*",          ACCESS_CLASS, 0, page_invite_end},
    {"POST", "/classes/*/misconceptions",         ACCESS_CLASS, 0, page_misconception},
    {"POST", "/classes/*/misconceptions/*/end",   ACCESS_CLASS, 0, page_misconception_end},
    {"GET",  "/classes/*/work",                   ACCESS_CLASS, 0, page_work},
    {"POST", "/classes/*/work",                   ACCESS_CLASS, 0, page_assign},
    {"POST", "/classes/*/work/*/end",             ACCESS_CLASS, 0, page_assign_end},
    {"GET",  "/classes/*/learners/*",             ACCESS_LEARNER, 0, page_learner},
    {"POST", "/classes/*/learners/*/overrule",    ACCESS_LEARNER, 0, page_overrule},
    {"GET",  "/classes/*/answers",                ACCESS_CLASS, 0, page_answers},
    {"POST", "/classes/*/learners/*/answers",     ACCESS_LEARNER, 0, page_answer_decide},
    {"POST", "/classes/*/learners/*/message",     ACCESS_LEARNER, 0, page_message},
    {"POST", "/classes/*/learners/*/code",        ACCESS_LEARNER, 0, page_way_back},
    {"POST", "/classes/*/learners/*/remove",      ACCESS_LEARNER, 0, page_remove},
    {"GET",  "/company",                          ACCESS_ALL, 0, page_company},
    {"GET",  "/api/company",                      ACCESS_ALL, 0, api_company},
    {"GET",  "/api/session",                      ACCESS_ALL, 0, api_session},
    {"GET",  "/api/courses",                      ACCESS_ALL, 0, api_courses},
    {"GET",  "/api/courses/*/lessons/*",          ACCESS_ALL, 0, api_lesson},
    {"POST", "/api/learners",                     ACCESS_ALL, 0, api_learner_new},
    {"PUT",  "/api/learners/me",                  ACCESS_SELF, NEEDS_JSON, api_learner_name},
    {"GET",  "/api/learners/me/events",           ACCESS_SELF, 0, api_learner_events},
    {"GET",  "/api/progress",                     ACCESS_SELF, 0, api_progress},
    {"GET",  "/api/memory",                       ACCESS_SELF, 0, api_memory},
    {"PUT",  "/api/memory/background",            ACCESS_SELF, NEEDS_JSON, api_background},
    {"PUT",  "/api/memory/giving",                ACCESS_SELF, NEEDS_JSON, api_giving},
    {"POST", "/api/memory/notes",                 ACCESS_SELF, NEEDS_JSON, api_note_add},
    {"PUT",  "/api/memory/notes/*",               ACCESS_SELF, NEEDS_JSON, api_note_change},
    {"DELETE", "/api/memory/notes/*",             ACCESS_SELF, 0, api_note_erase},
    {"GET",  "/api/memory/files",                 ACCESS_SELF, 0, page_memory_files},
    {"GET",  "/api/next",                         ACCESS_SELF, 0, api_next},
    {"GET",  "/api/reviews",                      ACCESS_SELF, 0, api_reviews},
    {"GET",  "/api/plan",                         ACCESS_SELF, 0, api_plan},
    {"PUT",  "/api/plan",                         ACCESS_SELF, NEEDS_JSON, api_plan_change},
    {"GET",  "/api/placement",                    ACCESS_SELF, 0, api_placement},
    {"POST", "/api/placement",                    ACCESS_SELF, NEEDS_JSON, api_placement_answer},
    {"POST", "/api/claims",                       ACCESS_SELF, NEEDS_JSON, api_claim},
    {"POST", "/api/exercises/*/attempts",         ACCESS_SELF, NEEDS_JSON, api_attempt},
    {"POST", "/api/exercises/*/hints",            ACCESS_SELF, NEEDS_JSON, api_hint},
    {"POST", "/api/turns",                        ACCESS_SELF, NEEDS_JSON | IS_TURN, api_turn},
    {"GET",  "/api/classes",                      ACCESS_STAFF, 0, api_classes},
    {"GET",  "/api/classes/*",                    ACCESS_CLASS, 0, api_class},
    {"GET",  "/api/classes/*/view",               ACCESS_CLASS, 0, api_class_view},
    {"GET",  "/api/classes/*/work",               ACCESS_CLASS, 0, api_class_work},
    {"GET",  "/api/classes/*/learners/*",         ACCESS_LEARNER, 0, api_class_learner},
    {"GET",  "/api/classes/*/answers",            ACCESS_CLASS, 0, api_answers},
    {"POST", "/api/classes/*/learners/*/answers", ACCESS_LEARNER, NEEDS_JSON, api_answer_decide},
    {"GET",  "/api/openapi.json",                 ACCESS_ALL, 0, api_openapi},
    {"POST", "/v1/chat/completions",              ACCESS_ALL, NEEDS_JSON | OF_PROGRAMS, v1_chat},
    {"POST", "/v1/completions",                   ACCESS_ALL, NEEDS_JSON | OF_PROGRAMS, v1_completions},
    {"POST", "/v1/embeddings",                    ACCESS_ALL, NEEDS_JSON | OF_PROGRAMS, v1_embeddings},
    {"POST", "/v1/responses",                     ACCESS_ALL, NEEDS_JSON | OF_PROGRAMS, v1_responses},
    {"GET",  "/v1/responses/*",                   ACCESS_ALL, OF_PROGRAMS, v1_response},
    {"DELETE", "/v1/responses/*",                 ACCESS_ALL, OF_PROGRAMS, v1_response_drop},
    {"GET",  "/v1/models",                        ACCESS_ALL, OF_PROGRAMS, v1_models},
    {"GET",  "/v1/models/**",                     ACCESS_ALL, OF_PROGRAMS, v1_model},
    {"GET",  "/healthz",                          ACCESS_ALL, 0, api_health},
    {"GET",  "/metrics",                          ACCESS_ALL, 0, api_metrics},
};
/* clang-format on */

bool web_route(size_t i, struct web_route *route) {
    if (i >= COUNT_OF(routes))
        return false;
    *route = (struct web_route){routes[i].method, routes[i].path, routes[i].access};
    return true;
}

bool is_api(const struct request *request) {
    return view_starts(request->path, "/api/") || is_v1(request) ||
           view_is(request->path, "/healthz") || view_is(request->path, "/metrics");
}

const char *word(const struct request *request, const char *key) {
    return embedded_word(request->words ? request->words : "en", key);
}

void reply_json(struct request *request, int status, json_t *value) {
    request->reply.status = status;
    request->reply.type = "application/json; charset=utf-8";
    buffer_clear(&request->reply.body);
    buffer_json(&request->reply.body, value);
    buffer_byte(&request->reply.body, '\n');
    json_decref(value);
}

void reply_status(struct request *request, int status, const char *message, const char *remedy) {
    struct v1_problem problem;
    if (is_v1(request)) {
        v1_problem_set(&problem, status, NULL, NULL, "%s%s%s", message, *remedy ? " " : "",
                       remedy);
        problem.retry_after = request->reply.retry_after;
        v1_reply_problem(request, &problem);
    } else if (is_api(request))
        reply_json(request, status,
                   json_pack("{s:{s:i,s:s,s:s}}", "error", "status", status, "message", message,
                             "remedy", remedy));
    else
        page_fault(request, status, message, remedy);
}

/* A full disk, a record that is held: it may pass. The learner reads it in their own language; the
 * cause is for whoever keeps the school. */
static void reply_failing(struct request *request, const struct fault *fault) {
    const char *say = word(request, "not_kept");
    request->reply.retry_after = 5;
    if (is_api(request) && !is_v1(request))
        reply_json(request, 503,
                   json_pack("{s:{s:i,s:s,s:s,s:s}}", "error", "status", 503, "message",
                             fault->message, "remedy", fault->remedy, "say", say));
    else if (is_v1(request))
        reply_status(request, 503, fault->message, fault->remedy);
    else
        page_fault(request, 503, say,
                   arena_format(request->arena, "%s %s", fault->message, fault->remedy));
}

void reply_fault(struct request *request, const struct fault *fault) {
    static const int status[] = {
        [FAULT_NONE] = 500,    [FAULT_INPUT] = 400, [FAULT_LIMIT] = 422,
        [FAULT_MISSING] = 404, [FAULT_KNOWN] = 409, [FAULT_MACHINE] = 503};
    if (fault->kind == FAULT_MACHINE) {
        reply_failing(request, fault);
        return;
    }
    reply_status(request, status[fault->kind], fault->message, fault->remedy);
}

static bool path_matches(const char *pattern, struct view path, struct view part[PATH_PARTS]) {
    size_t at = 0, n_part = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '*') {
            if (at >= path.n || path.at[at] != *pattern)
                return false;
            at++;
            continue;
        }
        bool rest = pattern[1] == '*';
        size_t from = at;
        while (at < path.n && (rest || path.at[at] != '/'))
            at++;
        if (at == from || n_part == PATH_PARTS)
            return false;
        part[n_part++] = view_slice(path, from, at);
        pattern += rest;
    }
    return at == path.n;
}

/* A browser tells where a request was made; another site's page may not act for the learner. */
static bool origin_is_ours(const struct request *request) {
    struct view origin = request_header(request, "Origin");
    struct view host = request_header(request, "Host");
    struct view site = request_header(request, "Sec-Fetch-Site");
    if (site.n && !view_is(site, "same-origin") && !view_is(site, "none"))
        return false;
    if (!origin.n)
        return true;
    ptrdiff_t slashes = view_find(origin, VIEW("://"));
    return slashes > 0 && view_equal(view_slice(origin, (size_t)slashes + 3, origin.n), host);
}

static bool read_json_body(struct request *request) {
    struct view type = request_header(request, "Content-Type");
    struct view coding = request_header(request, "Content-Encoding");
    if (type.n < 16 || strncasecmp(type.at, "application/json", 16) != 0) {
        reply_status(request, 415, "The body must be JSON.",
                     "Send Content-Type: application/json.");
        return false;
    }
    if (coding.n && strcasecmp(coding.at, "identity") != 0) {
        reply_status(request, 415, "The body is packed.", "Send it without Content-Encoding.");
        return false;
    }
    struct fault fault = {0};
    request->json = json_parse(buffer_view(&request->body), &fault);
    buffer_free(&request->body); /* hundreds may wait for their answers */
    if (!request->json || !json_is_object(request->json)) {
        reply_status(request, 400,
                     request->json ? "The body must be a JSON object." : fault.message,
                     fault.remedy);
        return false;
    }
    return true;
}

bool request_within_rate(struct request *request, enum rate_kind kind, uint64_t key) {
    if (rate_allows(request->web->rate, kind, key, request->started))
        return true;
    atomic_fetch_add(&request->web->n_refused_rate, 1);
    request->reply.retry_after = 2;
    reply_status(request, 429, word(request, "too_fast"), "");
    return false;
}

static bool may_write(struct request *request, const struct route *route) {
    if (!request->key && !origin_is_ours(request)) { /* a key acts for itself, not for a learner */
        reply_status(request, 403, "This request was made by another site.",
                     is_v1(request) ? "Pages of other sites need a key: `lyceum key new NAME` "
                                      "makes one."
                                    : "Use the school's own page.");
        return false;
    }
    uint64_t key = request->learner ? (uint64_t)request->learner : request_address(request);
    enum rate_kind kind = route->flags & IS_TURN ? RATE_TURN
                          : request->learner     ? RATE_WRITE
                                                 : RATE_STRANGER;
    if (!(route->flags & OF_PROGRAMS) && !request_within_rate(request, kind, key))
        return false;
    if (route->flags & NEEDS_JSON && !read_json_body(request))
        return false;
    return true;
}

struct view request_argument(const struct request *request, const char *name) {
    return view_of(MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name));
}

/* Asked in the address (then remembered in a cookie), by the cookie, or by the browser. */
static void choose_language(struct request *request) {
    struct view asked = request_argument(request, "lang");
    struct view kept = web_cookie(request_header(request, "Cookie"), "lyceum_language");
    struct view chosen = {0};
    if (web_language_tag(asked)) {
        chosen = asked;
        if (!is_api(request)) /* a program asks each time */
            snprintf(request->reply.cookies[1], sizeof request->reply.cookies[1],
                     "lyceum_language=%.*s; Path=/; Max-Age=31536000; SameSite=Lax",
                     VIEW_ARG(asked));
    } else if (web_language_tag(kept)) {
        chosen = kept;
    } else {
        chosen =
            view_of(web_language(request_header(request, "Accept-Language"), embedded_languages));
    }
    request->language = arena_string(request->arena, chosen);
    request->words = web_language(chosen, embedded_languages);
    request->right_to_left = language_right_to_left(view_of(request->words));
}

struct view request_token(const struct request *request) {
    return web_cookie(request_header(request, "Cookie"), "lyceum");
}

/* Not marked Secure: a school in a room without a network has no certificate. */
void reply_session(struct request *request, const char *token) {
    bool kept = *token != 0;
    snprintf(request->reply.cookies[0], sizeof request->reply.cookies[0],
             "lyceum=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax", token, kept ? 63072000 : 0);
}

static void know_learner(struct request *request) {
    struct view token = request_token(request);
    if (token.n == 64)
        request->learner = school_learner_of(request->web->school, token);
}

json_t *request_new_learner(struct request *request, struct fault *fault) {
    if (!rate_allows(request->web->rate, RATE_NEW_LEARNER, request_address(request),
                     request->started)) {
        fault_set(fault, FAULT_LIMIT, "%s", word(request, "too_fast"));
        request->reply.retry_after = 2;
        return NULL;
    }
    char token[65] = {0};
    json_t *made = school_learner_new(request->web->school, token, fault);
    if (!made)
        return NULL;
    request->learner = school_learner_of(request->web->school, view_of(token));
    reply_session(request, token);
    return made;
}

bool request_need_learner(struct request *request, struct fault *fault) {
    if (request->learner > 0)
        return true;
    json_t *made = request_new_learner(request, fault);
    json_decref(made);
    return made && request->learner > 0;
}

/* A whole number over 0, or 0. */
static int64_t id_of(struct view part) {
    int64_t id = 0;
    if (part.n > 15)
        return 0;
    for (size_t i = 0; i < part.n; i++) {
        if (part.at[i] < '0' || part.at[i] > '9')
            return 0;
        id = id * 10 + (part.at[i] - '0');
    }
    return id;
}

/* The one place that says no: by the route's access, before its handler. What is not allowed reads
 * the same whether or not it exists. */
static bool may_enter(struct request *request, const struct route *route) {
    if (route->access >= ACCESS_CLASS)
        for (int i = 0; i < 2; i++)
            request->id[i] = id_of(request->part[i]);
    if (school_may(request->web->school, route->access, request->learner, request->id[0],
                   request->id[1]))
        return true;
    if (request->learner > 0)
        reply_status(request, 403, word(request, "not_yours"), "");
    else if (is_api(request))
        reply_status(request, 401, "This needs a learner.", "POST /api/learners first.");
    else
        reply_status(request, 401, word(request, "sign_in_first"), "");
    return false;
}

size_t route_body_limit(struct request *request) {
    struct view part[PATH_PARTS];
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        const struct route *route = &routes[i];
        if (!(route->flags & TAKES_FILES) || !view_is(request->method, route->method) ||
            !path_matches(route->path, request->path, part))
            continue;
        know_learner(request);
        if (school_may(request->web->school, route->access, request->learner, 0, 0))
            return ROSTER_LIMIT;
    }
    return is_v1(request) ? V1_BODY_LIMIT : BODY_LIMIT;
}

static void run_route(struct request *request, const struct route *route) {
    if (!(route->flags & OF_PROGRAMS))
        know_learner(request);
    if (strcmp(route->method, "GET") != 0 && !may_write(request, route))
        return;
    if (may_enter(request, route))
        route->handler(request);
}

void route_request(struct request *request) {
    choose_language(request);
    if (!utf8_valid(request->path)) {
        reply_status(request, 400, "The address is not UTF-8.", "");
        return;
    }
    const char *allow = "";
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        const struct route *route = &routes[i];
        struct view part[PATH_PARTS] = {{0}};
        if (!path_matches(route->path, request->path, part))
            continue;
        if (view_is(request->method, route->method)) {
            request->route = route->path;
            for (size_t j = 0; j < PATH_PARTS; j++)
                request->part[j] =
                    part[j].n ? arena_copy(request->arena, part[j]) : (struct view){"", 0};
            run_route(request, route);
            return;
        }
        allow = arena_format(request->arena, "%s%s%s", allow, route->method,
                             strcmp(route->method, "GET") ? ", " : ", HEAD, ");
    }
    if (*allow)
        request->reply.allow = arena_format(request->arena, "%sOPTIONS", allow);
    if (*allow && view_is(request->method, "OPTIONS"))
        request->reply.status = 204;
    else if (*allow)
        reply_status(request, 405, "This address does not take that method.", "");
    else
        reply_status(request, 404, word(request, "not_found"), "");
}
