/* The table of routes, and what is true of every one of them: methods, origin, rate, body. */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

enum route_flag {
    NEEDS_JSON = 1,    /* the body is a JSON object, told so by its content type */
    NEEDS_LEARNER = 2, /* the cookie of a learner */
    IS_TURN = 4,       /* bound by the slower rate */
};

struct route {
    const char *method, *path; /* a star is one part; two stars at the end are the rest */
    int flags;
    route_handler *handler;
};

/* clang-format off */
static const struct route routes[] = {
    {"GET",  "/",                                 0, page_home},
    {"GET",  "/courses/*/lessons/*",              0, page_lesson},
    {"POST", "/courses/*/lessons/*/exercises/*",  0, page_lesson_post},
    {"GET",  "/courses/*/files/**",               0, page_asset},
    {"GET",  "/progress",                         0, page_progress},
    {"POST", "/progress",                         0, page_progress_post},
    {"GET",  "/ui/*/**",                          0, page_ui},
    {"GET",  "/api/courses",                      0, api_courses},
    {"GET",  "/api/courses/*/lessons/*",          0, api_lesson},
    {"POST", "/api/learners",                     0, api_learner_new},
    {"PUT",  "/api/learners/me",                  NEEDS_JSON | NEEDS_LEARNER, api_learner_name},
    {"GET",  "/api/learners/me/events",           NEEDS_LEARNER, api_learner_events},
    {"GET",  "/api/progress",                     NEEDS_LEARNER, api_progress},
    {"POST", "/api/exercises/*/attempts",         NEEDS_JSON | NEEDS_LEARNER, api_attempt},
    {"POST", "/api/exercises/*/hints",            NEEDS_JSON | NEEDS_LEARNER, api_hint},
    {"POST", "/api/turns",                        NEEDS_JSON | NEEDS_LEARNER | IS_TURN, api_turn},
    {"GET",  "/api/openapi.json",                 0, api_openapi},
    {"GET",  "/healthz",                          0, api_health},
    {"GET",  "/metrics",                          0, api_metrics},
};
/* clang-format on */

bool is_api(const struct request *request) {
    return view_starts(request->path, "/api/") || view_is(request->path, "/healthz") ||
           view_is(request->path, "/metrics");
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
    if (is_api(request))
        reply_json(request, status,
                   json_pack("{s:{s:i,s:s,s:s}}", "error", "status", status, "message", message,
                             "remedy", remedy));
    else
        page_fault(request, status, message, remedy);
}

void reply_fault(struct request *request, const struct fault *fault) {
    static const int status[] = {[FAULT_NONE] = 500,
                                 [FAULT_INPUT] = 400,
                                 [FAULT_LIMIT] = 422,
                                 [FAULT_MISSING] = 404,
                                 [FAULT_MACHINE] = 500};
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
    if (!view_starts(type, "application/json")) {
        reply_status(request, 415, "The body must be JSON.",
                     "Send Content-Type: application/json.");
        return false;
    }
    struct fault fault = {0};
    request->json = json_parse(buffer_view(&request->body), &fault);
    if (!request->json || !json_is_object(request->json)) {
        reply_status(request, 400,
                     request->json ? "The body must be a JSON object." : fault.message,
                     fault.remedy);
        return false;
    }
    return true;
}

static bool may_write(struct request *request, const struct route *route) {
    if (!origin_is_ours(request)) {
        reply_status(request, 403, "This request was made by another site.",
                     "Use the school's own page.");
        return false;
    }
    uint64_t key = request->learner ? (uint64_t)request->learner : request_address(request);
    enum rate_kind kind = route->flags & IS_TURN ? RATE_TURN : RATE_WRITE;
    if (!rate_allows(request->web->rate, kind, key, request->started)) {
        atomic_fetch_add(&request->web->n_refused_rate, 1);
        request->reply.retry_after = 2;
        reply_status(request, 429, word(request, "too_fast"), "");
        return false;
    }
    if (route->flags & NEEDS_JSON && !read_json_body(request))
        return false;
    return true;
}

static struct view argument_of(const struct request *request, const char *name) {
    return view_of(MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name));
}

/* Asked in the address (then remembered in a cookie), by the cookie, or by the browser. */
static void choose_language(struct request *request) {
    struct view asked = argument_of(request, "lang");
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
    request->right_to_left = web_right_to_left(view_of(request->words));
}

static void know_learner(struct request *request) {
    struct view token = web_cookie(request_header(request, "Cookie"), "lyceum");
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
    snprintf(request->reply.cookies[0], sizeof request->reply.cookies[0],
             "lyceum=%s; Path=/; Max-Age=63072000; HttpOnly; SameSite=Lax", token);
    return made;
}

bool request_need_learner(struct request *request, struct fault *fault) {
    if (request->learner > 0)
        return true;
    json_t *made = request_new_learner(request, fault);
    json_decref(made);
    return made && request->learner > 0;
}

static void run_route(struct request *request, const struct route *route) {
    know_learner(request);
    if (strcmp(route->method, "GET") != 0 && !may_write(request, route))
        return;
    if (route->flags & NEEDS_LEARNER && request->learner <= 0) {
        reply_status(request, 401, "This needs a learner.", "POST /api/learners first.");
        return;
    }
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
