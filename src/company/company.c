/* The company of one: the local model, loaded behind the school's back, writing drafts for many
 * at once; the model's scheduler computes them together. */
#include "company/company.h"
#include "company/embed.h"
#include "company/inside.h"
#include "company/judged.h"
#include "company/local.h"
#include "company/office.h"
#include "company/weigh.h"
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

struct member_adapter {
    char *name, *path;
    float scale;
    bool specialist;
    struct adapter *adapter;
};

struct company {
    struct office *office;   /* what a file describes; NULL: a company of one, as follows */
    struct judging *judging; /* NULL without a folder */
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
    struct local *local; /* answers programs */
    struct embedder *embedder;
    struct member_adapter adapters[COMPANY_ADAPTERS];
    int n_adapter;
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

static bool open_adapters(struct company *company, struct fault *fault) {
    bool good = true;
    for (int i = 0; i < company->n_adapter && good; i++) {
        struct member_adapter *one = &company->adapters[i];
        one->adapter = adapter_open(company->model, one->path, fault);
        good = one->adapter != NULL;
    }
    return good;
}

static void *load(void *data) {
    struct company *company = data;
    struct fault fault = {0};
    company->pool = pool_new_second(0);
    company->model = model_open(company->path, company->pool, &fault);
    /* One session now: what would keep all drafts from being written is told at once. */
    bool good = company->model && open_adapters(company, &fault);
    struct session *session = good ? open_session(company, &fault) : NULL;
    if (session)
        company->local = local_open(company->model, company->name);
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

struct company *company_open(const struct company_options *options, struct fault *fault) {
    const char *model_path = options->model;
    struct company *company = must_alloc(1, sizeof *company);
    company->embedder = embedder_open(options->embedder);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&company->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&company->lock, NULL);
    company->judging = options->data ? judging_open(options->data, fault) : NULL;
    if (options->data && !company->judging) {
        company_close(company);
        return NULL;
    }
    if (options->file) {
        company->office = office_open(options, fault);
        if (company->office)
            return company;
        company_close(company);
        return NULL;
    }
    if (!model_path || !file_exists(model_path)) {
        snprintf(company->problem, sizeof company->problem, "there is no model%s%s",
                 model_path ? " at " : "", model_path ? model_path : "");
        return company;
    }
    company->path = must_copy(view_of(model_path));
    MUST(options->n_adapter <= COMPANY_ADAPTERS);
    for (; company->n_adapter < options->n_adapter; company->n_adapter++) {
        const struct company_adapter *from = &options->adapters[company->n_adapter];
        company->adapters[company->n_adapter] =
            (struct member_adapter){must_copy(view_of(from->name)), must_copy(view_of(from->path)),
                                    from->scale, from->specialist, NULL};
    }
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
    office_close(company->office);
    judging_close(company->judging);
    while (company->n_idle)
        session_close(company->idle[--company->n_idle]);
    for (int i = 0; i < company->n_adapter; i++) {
        adapter_close(company->adapters[i].adapter);
        free(company->adapters[i].name);
        free(company->adapters[i].path);
    }
    local_close(company->local);
    embedder_close(company->embedder);
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
    if (company->office)
        return office_state(company->office);
    pthread_mutex_lock(&company->lock);
    enum company_state state = company->state;
    pthread_mutex_unlock(&company->lock);
    return state;
}

const char *company_problem(const struct company *company) {
    if (company->office)
        return company_problem(office_first(company->office));
    return company_state(company) == COMPANY_ABSENT ? company->problem : "";
}

struct local *company_local(struct company *company, struct fault *fault) {
    enum company_state state = company_state(company);
    if (state != COMPANY_READY)
        fault_set(fault, FAULT_MISSING, "%s",
                  state == COMPANY_LOADING ? "the model is still loading" : company->problem);
    return state == COMPANY_READY ? company->local : NULL;
}

struct office *company_office(struct company *company) {
    return company->office;
}

struct judging *company_judging(struct company *company) {
    return company->judging;
}

struct embedder *company_embedder(const struct company *company) {
    return company->embedder;
}

const char *company_model_name(const struct company *company) {
    if (company->office)
        return company_model_name(office_first(company->office));
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
    if (company->office)
        return office_wait(company->office, seconds);
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

/* The adapter that the request wants; *found stays NULL for none. */
static bool find_adapter(const struct company *company, const char *name,
                         const struct member_adapter **found, struct fault *fault) {
    *found = NULL;
    if (name && !*name)
        return true;
    for (int i = 0; i < company->n_adapter && !*found; i++)
        if (name ? !strcmp(name, company->adapters[i].name) : !company->adapters[i].specialist)
            *found = &company->adapters[i];
    return *found || !name ||
           fault_set(fault, FAULT_MISSING, "the model has no adapter named %.60s", name);
}

static const struct adapter *tutor_of(const struct company *company, const char *adapter) {
    if (company->office)
        return tutor_of(office_first(company->office), adapter);
    const struct member_adapter *found;
    return company_state(company) == COMPANY_READY &&
                   find_adapter(company, adapter, &found, NULL) && found
               ? found->adapter
               : NULL;
}

bool company_is_tutor(const struct company *company, const char *adapter, const char *language) {
    return adapter_is_tutor(tutor_of(company, adapter), language);
}

double company_tutor_bound(const struct company *company, const char *adapter,
                           const char *language) {
    return adapter_tutor_bound(tutor_of(company, adapter), language);
}

const char *company_specialist(const struct company *company, struct view course) {
    if (company->office)
        return company_specialist(office_first(company->office), course);
    for (int i = 0; i < company->n_adapter; i++)
        if (company->adapters[i].specialist && view_is(course, company->adapters[i].name))
            return company->adapters[i].name;
    return NULL;
}

static bool adapt(const struct company *company, struct session *session, const char *name,
                  struct fault *fault) {
    const struct member_adapter *wanted;
    return find_adapter(company, name, &wanted, fault) &&
           session_adapt(session, wanted ? wanted->adapter : NULL, wanted ? wanted->scale : 1,
                         fault);
}

/* The words that stand already, as if the member had written them. */
static bool go_on_behind(const struct company *company, const struct company_request *request,
                         struct tokens *tokens, struct generation *generation,
                         struct fault *fault) {
    size_t before = tokens->n;
    bool good =
        !request->begun.n || vocabulary_encode(model_vocabulary(company->model), request->begun,
                                               SPECIAL_AS_TEXT, tokens, fault);
    const struct constraint *constraint = generation->constraint;
    for (size_t i = before; good && i < tokens->n && constraint && constraint->accept; i++)
        constraint->accept(constraint->data, tokens->at[i]);
    int n = (int)(tokens->n - before);
    generation->max_tokens = n < generation->max_tokens ? generation->max_tokens - n : 1;
    return good;
}

static bool write_draft(struct company *company, struct session *session,
                        const struct company_request *request, double deadline, struct buffer *out,
                        struct generation_result *result, struct fault *fault) {
    struct tokens tokens = {0};
    struct lexicon *lexicon = request->lexicon.n ? draft_words(request->lexicon, fault) : NULL;
    struct constraint constraint = {0};
    const struct vocabulary *vocabulary = model_vocabulary(company->model);
    bool good = request->lexicon.n == 0, bound = lexicon || request->grammar;
    if (lexicon)
        good = lexicon_constrain(lexicon, vocabulary, &constraint, fault);
    if (good && request->grammar) {
        struct constraint words = constraint, shape = {0};
        constraint = (struct constraint){0};
        good = grammar_constrain(request->grammar, vocabulary, request->max_tokens, &shape, fault);
        if (!good)
            constraint_close(&words);
        else if (lexicon)
            good = constraint_both(words, shape, &constraint, fault);
        else
            constraint = shape;
    }
    struct generation generation = {
        .sampling = sampling_default,
        .max_tokens = request->max_tokens,
        .stop = request->stop,
        .constraint = bound ? &constraint : NULL,
        .cancel = request->cancel,
        .deadline = deadline,
        .priority = request->priority,
    };
    generation.sampling.temperature = request->temperature;
    generation.sampling.seed = request->seed;
    generation.say = request->say;
    generation.data = request->data;
    good = good && adapt(company, session, request->adapter, fault) &&
           model_chat(company->model, request->messages, true, &tokens, fault) &&
           go_on_behind(company, request, &tokens, &generation, fault);
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
    if (company->office)
        return office_write(company->office, request, out, draft, fault);
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

/* ------------------------------------------------------------------------------------ weighing */

static bool weigh_each(struct company *company, struct weighing *w, struct company_text *texts,
                       size_t n) {
    struct tokens prompt = {0};
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        if (i == 0 || texts[i].messages != texts[i - 1].messages) {
            prompt.n = 0;
            good = model_chat(company->model, texts[i].messages, true, &prompt, w->fault);
        }
        good =
            good && weigh_text(w, &prompt, texts[i].text, (size_t)texts[i].n_token, &texts[i].at);
    }
    tokens_free(&prompt);
    return good;
}

bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    if (company->office)
        return office_weigh(company->office, request, texts, n, draft, fault);
    double started = clock_seconds();
    struct weighing w = {.deadline = started + (request->seconds > 0 ? request->seconds : 30),
                         .cancel = request->cancel,
                         .fault = fault};
    *draft = (struct company_draft){0};
    w.session = take_session(company, request, w.deadline, fault);
    if (!w.session)
        return false;
    bool good =
        adapt(company, w.session, request->adapter, fault) && weigh_each(company, &w, texts, n);
    draft->n_generated = w.n_pass;
    draft->seconds = draft->first_token_seconds = clock_seconds() - started;
    snprintf(draft->model, sizeof draft->model, "%s", company->name);
    pthread_mutex_lock(&company->lock);
    company->idle[company->n_idle++] = w.session;
    company->n_writing--;
    pthread_cond_broadcast(&company->changed);
    company->n_draft++;
    company->n_failed += !good;
    company->n_generated += (uint64_t)draft->n_generated;
    company->seconds += draft->seconds;
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

struct company_load company_load(struct company *company) {
    pthread_mutex_lock(&company->lock);
    struct company_load load = {.n_writing = company->n_writing,
                                .n_draft = company->n_draft,
                                .n_failed = company->n_failed,
                                .n_prompt = company->n_prompt,
                                .n_reused = company->n_reused,
                                .n_generated = company->n_generated,
                                .seconds = company->seconds};
    for (const struct waiting *one = company->first; one; one = one->next)
        load.n_waiting++;
    struct local *local = company->state == COMPANY_READY ? company->local : NULL;
    pthread_mutex_unlock(&company->lock);
    if (local)
        local_load(local, &load);
    return load;
}

void company_metrics(struct company *company, struct buffer *out) {
    if (company->office) {
        office_metrics(company->office, out);
        company_metrics((struct company *)(uintptr_t)office_first(company->office), out);
        return;
    }
    struct company_load now = company_load(company);
    metric(out, "ready", "gauge", "1 when a model is ready to write",
           company_state(company) == COMPANY_READY);
    metric(out, "drafts_total", "counter", "drafts asked of the model", (double)now.n_draft);
    metric(out, "drafts_failed_total", "counter", "drafts that were given up",
           (double)now.n_failed);
    metric(out, "prompt_tokens_total", "counter", "tokens of prompts", (double)now.n_prompt);
    metric(out, "reused_tokens_total", "counter", "tokens of prompts that were already computed",
           (double)now.n_reused);
    metric(out, "generated_tokens_total", "counter", "tokens written", (double)now.n_generated);
    metric(out, "busy_seconds_total", "counter", "time spent on drafts", now.seconds);
}

/* ------------------------------------------------------------------------------ with and without
 * a file */

bool company_reload(struct company *company, const char *file, json_t *problems) {
    if (company->office)
        return office_reload(company->office, file, problems);
    report(&(struct report){problems, file}, 0,
           "Close the school and open it with --company FILE.",
           "the company was opened without a file");
    return false;
}

bool company_is_local(struct company *company, enum company_role role,
                      const struct company_payer *payer) {
    return !company->office || office_is_local(company->office, role, payer);
}

bool company_stays_local(struct company *company, enum company_role role) {
    return !company->office || office_stays_local(company->office, role);
}

bool company_has_senior(struct company *company) {
    return company->office && office_has_senior(company->office);
}

static struct view only_member(struct company *company) {
    return company->name[0] ? view_of(company->name) : VIEW("nobody");
}

static json_t *status_of_one(struct company *company) {
    struct view name = only_member(company);
    json_t *status = json_pack("{s:n, s:[o], s:n, s:[], s:{}}", "file", "members",
                               member_status(name.at, company), "spending", "events", "counts");
    json_t *roles = json_object(), *working = json_array();
    for (int i = 0; i < COMPANY_ROLES; i++)
        json_object_set_new(roles, company_role_names[i], json_pack("[s]", name.at));
    json_object_set_new(status, "roles", roles);
    json_object_set_new(status, "working", working);
    json_object_set_new(status, "at_work", json_integer(company_load(company).n_writing));
    return status;
}

json_t *company_status(struct company *company) {
    json_t *status = company->office ? office_status(company->office) : status_of_one(company);
    json_object_set_new(status, "judgement",
                        company->judging ? judging_status(company->judging) : json_array());
    return status;
}

json_t *company_check(struct company *company, void (*tried)(void *, const json_t *), void *data) {
    if (company->office)
        return office_check(company->office, tried, data);
    json_t *one = check_local(company);
    json_object_set_new(one, "name", json_string(only_member(company).at));
    if (tried)
        tried(data, one);
    return json_pack("[o]", one);
}
