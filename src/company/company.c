/* The company of one: the local model, loaded behind the school's back, writing one draft at a
 * time for whoever waits longest. */
#include "company/company.h"
#include "company/words.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONTEXT = 2048 }; /* tokens: a passage, a question and the words asked for */

struct waiting { /* a caller in the queue; lives on its stack */
    struct waiting *next;
};

struct company {
    pthread_t loader;
    bool loads;
    char *path;
    char name[64], problem[480];

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    enum company_state state;
    struct waiting *first, *last;
    uint64_t n_draft, n_failed, n_prompt, n_reused, n_generated;
    double seconds;

    /* Used by the caller at the head of the queue alone. */
    struct pool *pool;
    struct model *model;
    struct session *session;
};

/* ------------------------------------------------------------------------------------- loading */

static void take_name(struct company *company) {
    const char *slash = strrchr(company->path, '/');
    snprintf(company->name, sizeof company->name, "%s", slash ? slash + 1 : company->path);
    char *end = strstr(company->name, ".gguf");
    if (end)
        *end = 0;
}

static void *load(void *data) {
    struct company *company = data;
    struct fault fault = {0};
    company->pool = pool_new(0);
    company->model = model_open(company->path, company->pool, &fault);
    if (company->model) {
        int trained = model_shape(company->model)->n_context;
        company->session =
            session_open(company->model, trained < CONTEXT ? trained : CONTEXT, &fault);
    }
    pthread_mutex_lock(&company->lock);
    if (!company->session)
        fault_text(&fault, company->problem, sizeof company->problem);
    company->state = company->session ? COMPANY_READY : COMPANY_ABSENT;
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
    if (company->session)
        session_close(company->session);
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

static void leave_queue(struct company *company, struct waiting *me) {
    struct waiting **link = &company->first, *before = NULL;
    while (*link != me) {
        before = *link;
        link = &(*link)->next;
    }
    *link = me->next;
    if (company->last == me)
        company->last = before;
    pthread_cond_broadcast(&company->changed);
}

/* Waits for this caller's turn, looking at `cancel` now and then. */
static bool enter_queue(struct company *company, struct waiting *me, double deadline,
                        const volatile bool *cancel, struct fault *fault) {
    pthread_mutex_lock(&company->lock);
    if (company->state != COMPANY_READY) {
        bool loading = company->state == COMPANY_LOADING;
        pthread_mutex_unlock(&company->lock);
        return fault_set(fault, FAULT_MISSING, "%s",
                         loading ? "the model is still loading" : company->problem);
    }
    me->next = NULL;
    if (company->last)
        company->last->next = me;
    else
        company->first = me;
    company->last = me;
    bool good = true;
    while (good && company->first != me) {
        struct timespec until = after(0.1);
        pthread_cond_timedwait(&company->changed, &company->lock, &until);
        good = clock_seconds() < deadline && !(cancel && *cancel);
    }
    if (!good)
        leave_queue(company, me);
    pthread_mutex_unlock(&company->lock);
    return good || fault_set(fault, FAULT_LIMIT, "nobody was free to write a draft in time");
}

/* ------------------------------------------------------------------------------------- writing */

struct writing {
    double deadline;
    bool late;
};

static bool still_time(void *data, struct view text) {
    struct writing *writing = data;
    (void)text;
    writing->late = clock_seconds() > writing->deadline;
    return !writing->late;
}

static bool write_draft(struct company *company, const struct company_request *request,
                        double deadline, struct buffer *out, struct generation_result *result,
                        struct fault *fault) {
    struct tokens tokens = {0};
    struct writing writing = {.deadline = deadline};
    struct lexicon *lexicon = request->lexicon.n ? draft_words(request->lexicon) : NULL;
    struct constraint constraint = {0};
    if (lexicon)
        constraint = lexicon_constrain(lexicon, model_vocabulary(company->model));
    struct generation generation = {
        .sampling = sampling_default,
        .max_tokens = request->max_tokens,
        .stop = request->stop,
        .constraint = lexicon ? &constraint : NULL,
        .cancel = request->cancel,
        .say = still_time,
        .data = &writing,
    };
    generation.sampling.temperature = request->temperature;
    generation.sampling.seed = request->seed;
    bool good = model_chat(company->model, request->messages, true, &tokens, fault);
    size_t most = (size_t)session_context(company->session);
    if (good && tokens.n + (size_t)request->max_tokens > most)
        good = fault_set(fault, FAULT_LIMIT, "the draft needs %zu tokens, there is room for %zu",
                         tokens.n + (size_t)request->max_tokens, most);
    good = good && session_generate(company->session, tokens.at, tokens.n, &generation, out,
                                    result, fault);
    if (good && (writing.late || (request->cancel && *request->cancel)))
        good = fault_set(fault, FAULT_LIMIT, "the draft was given up: %s",
                         writing.late ? "it took too long" : "nobody waits for it any more");
    constraint_close(&constraint);
    lexicon_free(lexicon);
    tokens_free(&tokens);
    return good;
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    double started = clock_seconds();
    double deadline = started + (request->seconds > 0 ? request->seconds : 30);
    struct waiting me;
    *draft = (struct company_draft){0};
    if (!enter_queue(company, &me, deadline, request->cancel, fault))
        return false;
    struct generation_result result = {0};
    size_t before = out->n;
    double begun = clock_seconds();
    bool good = write_draft(company, request, deadline, out, &result, fault);
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
    leave_queue(company, &me);
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
