/* The endpoint's handlers: who may ask, the way of a request, models, errors. */
#include "web/v1.h"
#include "web/v1_kept.h"

#include <stdlib.h>
#include <string.h>

bool is_v1(const struct request *request) {
    return view_starts(request->path, "/v1/");
}

/* ------------------------------------------------------------------------------------ problems */

void v1_problem_set(struct v1_problem *problem, int status, const char *code, const char *param,
                    const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    *problem = (struct v1_problem){.status = status};
    vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    problem->message[utf8_whole(view_of(problem->message))] = 0;
    snprintf(problem->code, sizeof problem->code, "%s", code ? code : "");
    snprintf(problem->param, sizeof problem->param, "%s", param ? param : "");
    problem->param[utf8_whole(view_of(problem->param))] = 0;
}

/* What stands between the sentence and what to do about it. */
static const char *between(const struct fault *fault) {
    size_t n = strlen(fault->message);
    bool ended = n && strchr(".!?", fault->message[n - 1]);
    return !fault->remedy[0] ? "" : ended ? " " : ". ";
}

void v1_problem_of(const struct fault *fault, const struct chat_result *result,
                   struct v1_problem *problem) {
    static const int status[] = {
        [FAULT_NONE] = 500,    [FAULT_INPUT] = 400, [FAULT_LIMIT] = 400,
        [FAULT_MISSING] = 404, [FAULT_KNOWN] = 409, [FAULT_MACHINE] = 500};
    v1_problem_set(problem, result->status ? result->status : status[fault->kind], result->code,
                   result->param, "%s%s%s", fault->message, between(fault), fault->remedy);
    problem->retry_after = result->retry_after;
}

json_t *v1_problem_json(const struct v1_problem *problem) {
    static const struct {
        int status;
        const char *type;
    } types[] = {{429, "rate_limit_error"}, {403, "permission_error"}, {499, "cancelled"}};
    const char *type = problem->status >= 500 ? "server_error" : "invalid_request_error";
    for (size_t i = 0; i < COUNT_OF(types); i++)
        type = types[i].status == problem->status ? types[i].type : type;
    type = problem->type ? problem->type : type;
    return json_pack("{s:{s:s, s:s, s:o, s:o}}", "error", "message", problem->message, "type",
                     type, "param", problem->param[0] ? json_string(problem->param) : json_null(),
                     "code", problem->code[0] ? json_string(problem->code) : json_null());
}

void v1_reply_problem(struct request *request, const struct v1_problem *problem) {
    request->reply.retry_after = problem->retry_after;
    reply_json(request, problem->status, v1_problem_json(problem));
}

/* -------------------------------------------------------------------------------------- who asks
 */

/* And not passed on by a proxy that stands on it. */
static bool is_near(const struct request *request) {
    static const char *const told_by_proxies[] = {"Forwarded", "X-Forwarded-For", "X-Real-IP",
                                                  "Via"};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    for (size_t i = 0; i < COUNT_OF(told_by_proxies); i++)
        if (request_header(request, told_by_proxies[i]).n)
            return false;
    if (!info || !info->client_addr)
        return false;
    if (info->client_addr->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)info->client_addr)->sin_addr.s_addr) >> 24) ==
               127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)info->client_addr)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

/* A page of another site could be led here by a name that stands for this machine. */
static bool host_is_near(const struct request *request) {
    struct view host = request_header(request, "Host");
    static const char *const names[] = {"localhost", "127.", "[::1]", "[::ffff:127."};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t n = strlen(names[i]);
        if (view_starts(host, names[i]) && (i == 1 || i == 3 || host.n == n || host.at[n] == ':'))
            return true;
    }
    return host.n == 0;
}

bool request_is_near(const struct request *request) {
    return is_near(request) && host_is_near(request);
}

static struct view bearer(const struct request *request) {
    struct view header = request_header(request, "Authorization");
    if (header.n < 7 || strncasecmp(header.at, "Bearer ", 7) != 0)
        return (struct view){0};
    return view_trim(view_slice(header, 7, header.n));
}

static bool refuse(struct request *request, int status, const char *code, const char *message) {
    struct v1_problem problem;
    v1_problem_set(&problem, status, code, NULL, "%s", message);
    v1_reply_problem(request, &problem);
    return false;
}

static bool refuse_over(struct request *request, const struct key_use *use) {
    struct v1_problem problem;
    v1_problem_set(&problem, 429, use->of_day ? "insufficient_quota" : "rate_limit_exceeded", NULL,
                   "The key \"%s\" may make %s. Try again in %d s.", use->name, use->limit,
                   use->retry_after);
    problem.type = use->of_day ? "insufficient_quota" : NULL;
    problem.retry_after = use->retry_after;
    v1_reply_problem(request, &problem);
    return false;
}

/* What a page of another site may send: asked before it sends a key, so of nobody in particular.
 */
static bool is_preflight(const struct request *request) {
    return view_is(request->method, "OPTIONS") &&
           request_header(request, "Access-Control-Request-Method").n;
}

void v1_add_head(const struct request *request, struct MHD_Response *response) {
    static const char *const allowed[][2] = {
        {"Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"},
        {"Access-Control-Allow-Headers", "Authorization, *"}, /* the star leaves that one out */
        {"Access-Control-Max-Age", "86400"}};
    char id[48];
    v1_id("req_", id);
    MHD_add_response_header(response, "X-Request-Id", id);
    int status = request->reply.status;
    bool preflight = is_preflight(request);
    if (!request_header(request, "Origin").n ||
        !(preflight || request->key || status == 401 || status == 403))
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Origin", "*");
    MHD_add_response_header(response, "Access-Control-Expose-Headers",
                            "X-Request-Id, Retry-After, Lyceum-Degraded");
    for (size_t i = 0; preflight && i < COUNT_OF(allowed); i++)
        MHD_add_response_header(response, allowed[i][0], allowed[i][1]);
}

/* Programs must send some key; while none were made, what one of this machine sends is none. */
bool v1_may_ask(struct request *request) {
    struct keys *keys = request->web->keys;
    struct view given = bearer(request);
    struct key_use use = {0};
    if (is_preflight(request))
        return true;
    enum key_verdict verdict = KEY_UNKNOWN_NONE_MADE;
    if (keys && given.n)
        verdict = keys_admit(keys, given, &use);
    if (verdict == KEY_OVER)
        return refuse_over(request, &use);
    if (verdict == KEY_KNOWN) {
        struct key_use *known = ARENA_NEW(request->arena, 1, struct key_use);
        *known = use;
        request->key = known;
        return true;
    }
    if (verdict == KEY_UNKNOWN)
        return refuse(request, 401, "invalid_api_key",
                      "Incorrect API key provided: it was never made here, or was revoked. "
                      "`lyceum key new NAME` makes one.");
    if (request_is_near(request))
        return true;
    return refuse(request, 401, "invalid_api_key",
                  "You didn't provide an API key. Programs of other machines need one in the "
                  "header Authorization: Bearer KEY; `lyceum key new NAME` makes it.");
}

/* ------------------------------------------------------------------------------------- who pays
 */

static const char *number_text(struct arena *arena, int64_t number) {
    return number ? arena_format(arena, "%lld", (long long)number) : NULL;
}

/* A learner pays with the first of their classes, as in a turn. */
static bool learner_pays(const struct request *request, struct v1_reader *reader, int64_t learner,
                         struct company_payer *payer) {
    struct school *school = request->web->school;
    json_t *person = learner > 0 && school ? school_person(school, learner, NULL) : NULL;
    const json_t *class = json_array_get(json_object_get(person, "classes"), 0);
    bool known = person != NULL;
    payer->learner = number_text(reader->arena, learner);
    if (class && strcmp(json_text(person, "role", ""), "owner") != 0)
        payer->group = number_text(reader->arena, (int64_t)json_number(class, "id", 0));
    json_decref(person);
    return known || v1_wrong(reader, "user", "invalid_value",
                             "Invalid 'user': this key's requests name the learner who pays by "
                             "their number, and there is none with this one.");
}

bool v1_payer(const struct request *request, struct v1_reader *reader,
              struct company_payer *payer) {
    *payer = (struct company_payer){0};
    if (!request->key)
        return true;
    const struct key_terms *terms = &request->key->terms;
    const json_t *given = v1_given(reader, "user");
    const char *user = json_string_value(given);
    int64_t learner = terms->learner;
    payer->program = arena_string(reader->arena, view_of(request->key->name));
    payer->day = terms->day;
    if (terms->names_learners && given) {
        char *end;
        learner = strtoll(user ? user : "?", &end, 10);
        learner = *end || learner <= 0 ? -1 : learner;
    }
    if (learner && !learner_pays(request, reader, learner, payer))
        return false;
    if (terms->group)
        payer->group = number_text(reader->arena, terms->group);
    return true;
}

const char *v1_because_name(enum chat_because because) {
    static const char *const names[] = {[CHAT_BECAUSE_NOTHING] = "",
                                        [CHAT_BECAUSE_BUDGET] = "budget",
                                        [CHAT_BECAUSE_LIMIT] = "limit",
                                        [CHAT_BECAUSE_FAILURE] = "failure"};
    return names[because];
}

json_t *v1_because_json(const struct chat_result *result) {
    if (result->because == CHAT_BECAUSE_NOTHING)
        return NULL;
    json_t *told = json_pack("{s:s, s:s, s:s}", "answered_by", result->model, "instead_of",
                             result->instead_of, "because", v1_because_name(result->because));
    if (result->short_of[0])
        json_object_set_new(told, "budget", json_string(result->short_of));
    return told;
}

struct job {
    struct request *request;
    struct v1_ask ask;
    struct v1_problem problem; /* status 0: none */
    struct chat_result result;
};

static void choose_prompt(struct v1_ask *ask, struct arena *arena, size_t i) {
    const json_t *prompt = json_array_get(ask->prompts, i), *one;
    struct chat_request *chat = &ask->chat;
    size_t n = json_array_size(prompt), k;
    chat->prompt = (struct view){json_string_value(prompt), json_string_length(prompt)};
    chat->prompt_tokens = NULL;
    chat->n_prompt_token = n;
    if (!json_is_array(prompt))
        return;
    int32_t *tokens = ARENA_NEW(arena, n + 1, int32_t);
    json_array_foreach(prompt, k, one) tokens[k] = (int32_t)json_integer_value(one);
    chat->prompt_tokens = tokens;
}

static void take_because(struct chat_result *total, const struct chat_result *result) {
    total->because = result->because;
    memcpy(total->instead_of, result->instead_of, sizeof total->instead_of);
    memcpy(total->short_of, result->short_of, sizeof total->short_of);
    memcpy(total->model, result->model, sizeof total->model);
}

/* ------------------------------------------------------------------------------ kept responses */

static const char *owner_of(const struct request *request) {
    return request->key ? request->key->name : "";
}

/* What the response is to go on behind, NULL where nothing; false with a problem. */
static bool find_before(struct job *job, const struct v1_reader *reader, json_t **before) {
    const struct request *request = job->request;
    const json_t *given = v1_given(reader, "previous_response_id");
    struct view id = {json_string_value(given), json_string_length(given)};
    *before =
        given ? kept_items(request->web->kept, owner_of(request), id, clock_seconds()) : NULL;
    if (given && !*before)
        v1_problem_set(&job->problem, 400, "previous_response_not_found", "previous_response_id",
                       "Previous response with id '%.*s' not found: responses are kept for an "
                       "hour, while the school is open.",
                       (int)(id.n < 80 ? id.n : 80), id.at ? id.at : "");
    return !job->problem.status;
}

/* Takes the response. */
static void keep(const struct job *job, json_t *response) {
    const struct request *request = job->request;
    json_array_extend(job->ask.items, json_object_get(response, "output"));
    kept_put(request->web->kept, owner_of(request), job->ask.id, response, job->ask.items,
             clock_seconds());
    json_decref(response);
}

static void reply_not_kept(struct request *request) {
    struct v1_problem problem;
    struct view id = request->part[0];
    v1_problem_set(&problem, 404, NULL, NULL, "Response with id '%.*s' not found.",
                   (int)(id.n < 80 ? id.n : 80), id.at);
    v1_reply_problem(request, &problem);
}

void v1_response(struct request *request) {
    json_t *response =
        kept_response(request->web->kept, owner_of(request), request->part[0], clock_seconds());
    if (response)
        reply_json(request, 200, response);
    else
        reply_not_kept(request);
}

void v1_response_drop(struct request *request) {
    if (!kept_drop(request->web->kept, owner_of(request), request->part[0], clock_seconds())) {
        reply_not_kept(request);
        return;
    }
    reply_json(request, 200,
               json_pack("{s:s%, s:s, s:b}", "id", request->part[0].at, request->part[0].n,
                         "object", "response", "deleted", 1));
}

/* ------------------------------------------------------------------------------------- the way
 */

/* Answers every prompt of the request; false with a problem, or when nobody listens any more. */
static bool work(struct job *job, struct v1_writer *writer) {
    struct v1_ask *ask = &job->ask;
    const struct web *web = job->request->web;
    const struct key_use *key = job->request->key;
    struct chat_listener listener = writer->form->listener;
    size_t n = ask->kind == V1_TEXT ? json_array_size(ask->prompts) : 1;
    listener.data = writer;
    for (size_t i = 0; i < n; i++) {
        struct fault fault = {0};
        if (ask->kind == V1_TEXT)
            choose_prompt(ask, job->request->arena, i);
        bool good = company_chat(web->company, &ask->chat, &listener, &job->result, &fault);
        if (!writer->total.because)
            take_because(&writer->total, &job->result);
        if (key)
            keys_spend(web->keys, key->name, job->result.n_prompt + job->result.n_generated);
        if (!good) {
            v1_problem_of(&fault, &job->result, &job->problem);
            if (ask->kind == V1_RESPONSE && !strcmp(job->problem.param, "messages"))
                snprintf(job->problem.param, sizeof job->problem.param, "input");
            return false;
        }
        for (int k = 0; k < ask->chat.n_choice; k++)
            if (job->result.ends[k] == CHAT_CANCELLED)
                return false;
        writer->form->answered(writer);
    }
    return true;
}

static void reply_failed(const struct job *job) {
    if (job->problem.status)
        v1_reply_problem(job->request, &job->problem);
    else
        refuse(job->request, 499, "cancelled", "Nobody waits for the answer.");
}

static void answer_stream(struct job *job) {
    struct pipe *pipe = pipe_open(job->request, "text/event-stream; charset=utf-8");
    struct v1_writer writer;
    job->ask.chat.cancel = &job->request->cancel;
    v1_writer_open(&writer, &job->ask, &job->result, pipe, -1);
    bool good = work(job, &writer);
    if (good)
        writer.form->end(&writer);
    else if (writer.begun && job->problem.status)
        writer.form->fail(&writer, &job->problem);
    if (good && job->ask.store)
        keep(job, writer.form->whole(&writer));
    v1_writer_close(&writer);
    if (!pipe_end(pipe))
        reply_failed(job);
}

static void answer_whole(struct job *job) {
    struct request *request = job->request;
    struct v1_writer writer;
    v1_writer_open(&writer, &job->ask, &job->result, NULL, line_of(request));
    job->ask.chat.cancel = line_watch(request, true);
    bool good = work(job, &writer);
    line_watch(request, false);
    request->reply.degraded = v1_because_name(writer.total.because);
    json_t *whole = good ? writer.form->whole(&writer) : NULL;
    if (good && job->ask.store)
        keep(job, json_incref(whole));
    if (good)
        reply_json(request, 200, whole);
    else
        reply_failed(job);
    v1_writer_close(&writer);
}

static void answer(struct request *request, enum v1_kind kind) {
    struct job job = {.request = request};
    struct v1_reader reader = {request->json, request->arena, &job.ask, &job.problem};
    json_t *before = NULL;
    bool good = (kind != V1_RESPONSE || find_before(&job, &reader, &before)) &&
                v1_read(kind, request->json, before, request->arena, &job.ask, &job.problem) &&
                v1_payer(request, &reader, &job.ask.chat.payer);
    if (good && !request->web->company)
        v1_problem_set(&job.problem, 503, "model_not_ready", NULL, "There is no model here.");
    if (job.problem.status)
        v1_reply_problem(request, &job.problem);
    else if (job.ask.stream)
        answer_stream(&job);
    else
        answer_whole(&job);
    v1_ask_end(&job.ask);
    json_decref(before);
}

void v1_chat(struct request *request) {
    answer(request, V1_CHAT);
}

void v1_completions(struct request *request) {
    answer(request, V1_TEXT);
}

void v1_responses(struct request *request) {
    answer(request, V1_RESPONSE);
}

/* --------------------------------------------------------------------------------------- models
 */

enum { MODELS = 256 };

static json_t *model_json(const struct request *request, const struct company_model *model) {
    double opened = clock_seconds() - request->web->opened;
    json_t *object = json_pack("{s:s, s:s, s:I, s:s}", "id", model->name, "object", "model",
                               "created", (json_int_t)(clock_unix_ms() / 1000 - (int64_t)opened),
                               "owned_by", model->owner);
    if (model->n_context)
        json_object_set_new(object, "context_window", json_integer(model->n_context));
    return object;
}

static size_t list_models(struct request *request, struct company_model **models) {
    *models = ARENA_NEW(request->arena, MODELS, struct company_model);
    size_t n = request->web->company ? company_models(request->web->company, *models, MODELS) : 0;
    return n < MODELS ? n : MODELS;
}

void v1_models(struct request *request) {
    struct company_model *models;
    size_t n = list_models(request, &models);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, model_json(request, &models[i]));
    reply_json(request, 200, json_pack("{s:s, s:o}", "object", "list", "data", list));
}

void v1_model(struct request *request) {
    struct company_model *models;
    struct v1_problem problem;
    size_t n = list_models(request, &models);
    for (size_t i = 0; i < n; i++)
        if (view_is(request->part[0], models[i].name)) {
            reply_json(request, 200, model_json(request, &models[i]));
            return;
        }
    v1_problem_set(&problem, 404, "model_not_found", "model",
                   "The model '%.*s' does not exist or you do not have access to it.",
                   (int)(request->part[0].n < 100 ? request->part[0].n : 100),
                   request->part[0].at);
    v1_reply_problem(request, &problem);
}
