/* The company of one: the local model, loaded behind the school's back, writing drafts for many
 * at once; the model's scheduler computes them together. */
#include "company/company.h"
#include "company/words.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONTEXT = 2048,  /* tokens: a passage, a question and the words asked for */
    MOST_DRAFTS = 32 /* at once; more would make each of them too slow */
};

struct waiting { /* a caller in the queue; lives on its stack */
    struct waiting *next;
    int priority;
};

struct company {
    pthread_t loader;
    bool loads;
    char *path;
    char name[64], problem[480];

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    enum company_state state;
    struct waiting *first;             /* the next to get a session */
    struct session *idle[MOST_DRAFTS]; /* opened, and nobody's */
    int n_idle, n_writing;
    uint64_t n_draft, n_failed, n_prompt, n_reused, n_generated;
    double seconds;

    /* Set before the state is ready, and then left alone. */
    struct pool *pool;
    struct model *model;
};

/* ------------------------------------------------------------------------------------- loading */

static void take_name(struct company *company) {
    const char *slash = strrchr(company->path, '/');
    snprintf(company->name, sizeof company->name, "%s", slash ? slash + 1 : company->path);
    char *end = strstr(company->name, ".gguf");
    if (end)
        *end = 0;
}

static struct session *open_session(struct company *company, struct fault *fault) {
    int trained = model_shape(company->model)->n_context;
    return session_open(company->model, trained < CONTEXT ? trained : CONTEXT, fault);
}

static void *load(void *data) {
    struct company *company = data;
    struct fault fault = {0};
    company->pool = pool_new(0);
    company->model = model_open(company->path, company->pool, &fault);
    /* One session now: what would keep all drafts from being written is told at once. */
    struct session *session = company->model ? open_session(company, &fault) : NULL;
    pthread_mutex_lock(&company->lock);
    if (session)
        company->idle[company->n_idle++] = session;
    else
        fault_text(&fault, company->problem, sizeof company->problem);
    company->state = session ? COMPANY_READY : COMPANY_ABSENT;
    pthread_cond_broadcast(&company->changed);
    pthread_mutex_unlock(&company->lock);
    return NULL;
}

struct company *company_open(const char *model_path, struct fault *fault) {
    struct company *company = must_alloc(1, sizeof *company);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&company->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&company->lock, NULL);
    if (!model_path || !file_exists(model_path)) {
        snprintf(company->problem, sizeof company->problem, "there is no model%s%s",
                 model_path ? " at " : "", model_path ? model_path : "");
        return company;
    }
    company->path = must_copy(view_of(model_path));
    company->state = COMPANY_LOADING;
    take_name(company);
    company->loads = pthread_create(&company->loader, NULL, load, company) == 0;
    if (company->loads)
        return company;
    company_close(company);
    fault_set(fault, FAULT_MACHINE, "no thread could be started for the model");
    return NULL;
}

void company_close(struct company *company) {
    if (!company)
        return;
    if (company->loads)
        pthread_join(company->loader, NULL);
    while (company->n_idle)
        session_close(company->idle[--company->n_idle]);
    model_close(company->model);
    if (company->pool)
        pool_free(company->pool);
    pthread_cond_destroy(&company->changed);
    pthread_mutex_destroy(&company->lock);
    free(company->path);
    free(company);
}

enum company_state company_state(const struct company *shared) {
    struct company *company = (struct company *)(uintptr_t)shared; /* for its lock */
    pthread_mutex_lock(&company->lock);
    enum company_state state = company->state;
    pthread_mutex_unlock(&company->lock);
    return state;
}

const char *company_problem(const struct company *company) {
    return company_state(company) == COMPANY_ABSENT ? company->problem : "";
}

const char *company_model_name(const struct company *company) {
    return company_state(company) == COMPANY_READY ? company->name : "";
}

/* ------------------------------------------------------------------------------------- waiting */

static struct timespec after(double seconds) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    double whole = (double)at.tv_nsec * 1e-9 + (seconds > 0 ? seconds : 0);
    at.tv_sec += (time_t)whole;
    at.tv_nsec = (long)((whole - (double)(time_t)whole) * 1e9);
    return at;
}

bool company_wait(struct company *company, double seconds) {
    struct timespec until = after(seconds);
    pthread_mutex_lock(&company->lock);
    while (company->state == COMPANY_LOADING &&
           pthread_cond_timedwait(&company->changed, &company->lock, &until) != ETIMEDOUT)
        ;
    bool ready = company->state == COMPANY_READY;
    pthread_mutex_unlock(&company->lock);
    return ready;
}

static void enter_queue(struct company *company, struct waiting *me) {
    struct waiting **link = &company->first;
    while (*link && (*link)->priority >= me->priority)
        link = &(*link)->next;
    me->next = *link;
    *link = me;
}

static void leave_queue(struct company *company, const struct waiting *me) {
    struct waiting **link = &company->first;
    while (*link != me)
        link = &(*link)->next;
    *link = me->next;
    pthread_cond_broadcast(&company->changed);
}

/* Waits, in the order of priority and arrival, until there is room for one more draft; looks at
 * `cancel` now and then. */
static bool await_room(struct company *company, const struct company_request *request,
                       double deadline) {
    struct waiting me = {.priority = request->priority};
    bool good = true;
    enter_queue(company, &me);
    while (good && (company->first != &me || company->n_writing == MOST_DRAFTS)) {
        struct timespec until = after(0.1);
        pthread_cond_timedwait(&company->changed, &company->lock, &until);
        good = clock_seconds() < deadline && !(request->cancel && *request->cancel);
    }
    leave_queue(company, &me);
    return good;
}

/* A session for one draft; NULL with a fault. */
static struct session *take_session(struct company *company, const struct company_request *request,
                                    double deadline, struct fault *fault) {
    struct session *session = NULL;
    pthread_mutex_lock(&company->lock);
    enum company_state state = company->state;
    bool room = state == COMPANY_READY && await_room(company, request, deadline);
    company->n_writing += room;
    if (room && company->n_idle)
        session = company->idle[--company->n_idle];
    pthread_mutex_unlock(&company->lock);
    if (state != COMPANY_READY)
        fault_set(fault, FAULT_MISSING, "%s",
                  state == COMPANY_LOADING ? "the model is still loading" : company->problem);
    else if (!room)
        fault_set(fault, FAULT_LIMIT, "nobody was free to write a draft in time");
    else if (!session)
        session = open_session(company, fault);
    if (session || !room)
        return session;
    pthread_mutex_lock(&company->lock);
    company->n_writing--;
    pthread_cond_broadcast(&company->changed);
    pthread_mutex_unlock(&company->lock);
    return NULL;
}

/* ------------------------------------------------------------------------------------- writing */

static bool write_draft(struct company *company, struct session *session,
                        const struct company_request *request, double deadline, struct buffer *out,
                        struct generation_result *result, struct fault *fault) {
    struct tokens tokens = {0};
    struct lexicon *lexicon = request->lexicon.n ? draft_words(request->lexicon, fault) : NULL;
    struct constraint constraint = {0};
    bool good = request->lexicon.n == 0;
    if (lexicon)
        good = lexicon_constrain(lexicon, model_vocabulary(company->model), &constraint, fault);
    struct generation generation = {
        .sampling = sampling_default,
        .max_tokens = request->max_tokens,
        .stop = request->stop,
        .constraint = lexicon ? &constraint : NULL,
        .cancel = request->cancel,
        .deadline = deadline,
        .priority = request->priority,
    };
    generation.sampling.temperature = request->temperature;
    generation.sampling.seed = request->seed;
    good = good && model_chat(company->model, request->messages, true, &tokens, fault);
    size_t most = (size_t)session_context(session);
    if (good && tokens.n + (size_t)request->max_tokens > most)
        good = fault_set(fault, FAULT_LIMIT, "the draft needs %zu tokens, there is room for %zu",
                         tokens.n + (size_t)request->max_tokens, most);
    good = good && session_generate(session, tokens.at, tokens.n, &generation, out, result, fault);
    if (good && result->end == GENERATION_STOPPED)
        good = fault_set(fault, FAULT_LIMIT, "the draft was given up: %s",
                         clock_seconds() > deadline ? "it took too long"
                                                    : "nobody waits for it any more");
    constraint_close(&constraint);
    lexicon_free(lexicon);
    tokens_free(&tokens);
    return good;
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    double started = clock_seconds();
    double deadline = started + (request->seconds > 0 ? request->seconds : 30);
    *draft = (struct company_draft){0};
    struct session *session = take_session(company, request, deadline, fault);
    if (!session)
        return false;
    struct generation_result result = {0};
    size_t before = out->n;
    double begun = clock_seconds();
    bool good = write_draft(company, session, request, deadline, out, &result, fault);
    if (!good && out->at) {
        out->n = before;
        out->at[before] = 0;
    }
    draft->first_token_seconds = begun - started + result.first_token_seconds;
    draft->seconds = clock_seconds() - started;
    draft->n_prompt = result.n_prompt;
    draft->n_reused = result.n_reused;
    draft->n_generated = result.n_generated;
    draft->log_probability = result.n_generated ? result.log_probability / result.n_generated : 0;
    snprintf(draft->model, sizeof draft->model, "%s", company->name);
    pthread_mutex_lock(&company->lock);
    company->idle[company->n_idle++] = session;
    company->n_writing--;
    pthread_cond_broadcast(&company->changed);
    company->n_draft++;
    company->n_failed += !good;
    company->n_prompt += (uint64_t)result.n_prompt;
    company->n_reused += (uint64_t)result.n_reused;
    company->n_generated += (uint64_t)result.n_generated;
    company->seconds += clock_seconds() - begun;
    pthread_mutex_unlock(&company->lock);
    return good;
}

/* ------------------------------------------------------------------------------------- figures */

static void metric(struct buffer *out, const char *name, const char *kind, const char *help,
                   double value) {
    buffer_format(out, "# HELP lyceum_company_%s %s\n# TYPE lyceum_company_%s %s\n", name, help,
                  name, kind);
    buffer_format(out, "lyceum_company_%s %.17g\n", name, value);
}

void company_metrics(struct company *company, struct buffer *out) {
    pthread_mutex_lock(&company->lock);
    struct company now = *company;
    pthread_mutex_unlock(&company->lock);
    metric(out, "ready", "gauge", "1 when a model is ready to write", now.state == COMPANY_READY);
    metric(out, "drafts_total", "counter", "drafts asked of the model", (double)now.n_draft);
    metric(out, "drafts_failed_total", "counter", "drafts that were given up",
           (double)now.n_failed);
    metric(out, "prompt_tokens_total", "counter", "tokens of prompts", (double)now.n_prompt);
    metric(out, "reused_tokens_total", "counter", "tokens of prompts that were already computed",
           (double)now.n_reused);
    metric(out, "generated_tokens_total", "counter", "tokens written", (double)now.n_generated);
    metric(out, "busy_seconds_total", "counter", "time spent on drafts", now.seconds);
}
