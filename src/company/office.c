/* Opens what company.yaml says, and opens it again when the file has changed. */
#include "company/office.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- models */

static bool same(const char *a, const char *b) {
    return a && b ? !strcmp(a, b) : a == b;
}

/* A model is loaded once, also when the file is read again. */
static struct own_model *model_take(struct office *office, const struct plan_member *member,
                                    struct fault *fault) {
    for (struct own_model *one = office->models; one; one = one->next)
        if (same(one->path, member->model) && same(one->adapter, member->adapter)) {
            one->n_user++;
            return one;
        }
    struct company_adapter adapter = {.name = "adapter", .path = member->adapter, .scale = 1};
    struct company_options options = {.model = member->model};
    if (!member->model)
        options = office->options;
    if (member->adapter) {
        options.adapters = &adapter;
        options.n_adapter = 1;
    }
    struct company *company = company_open(&options, fault);
    if (!company)
        return NULL;
    struct own_model *own = must_alloc(1, sizeof *own);
    *own =
        (struct own_model){.path = member->model ? must_copy(view_of(member->model)) : NULL,
                           .adapter = member->adapter ? must_copy(view_of(member->adapter)) : NULL,
                           .company = company,
                           .n_user = 1,
                           .next = office->models};
    return office->models = own;
}

/* Takes those out of the list that nobody uses; they are closed outside of the lock. */
static struct own_model *models_unused(struct office *office) {
    struct own_model *unused = NULL;
    for (struct own_model **link = &office->models; *link;) {
        struct own_model *one = *link;
        if (one->n_user) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        one->next = unused;
        unused = one;
    }
    return unused;
}

static void models_close(struct own_model *own) {
    while (own) {
        struct own_model *next = own->next;
        company_close(own->company);
        free(own->path);
        free(own->adapter);
        free(own);
        own = next;
    }
}

/* --------------------------------------------------------------------------------------- firms
 */

static void firm_close(struct firm *firm) {
    for (int i = 0; i < firm->plan->n_member; i++) {
        struct colleague *who = &firm->colleagues[i];
        for (int e = 0; e < who->n_endpoint; e++)
            endpoint_close(&who->endpoints[e]);
        free(who->endpoints);
    }
    plan_free(firm->plan);
    free(firm);
}

static struct firm *firm_open(struct office *office, struct plan *plan, struct fault *fault) {
    struct firm *firm = must_alloc(1, sizeof *firm);
    *firm = (struct firm){.plan = plan, .n_user = 1};
    bool good = true;
    for (int i = 0; i < plan->n_member && good; i++) {
        struct colleague *who = &firm->colleagues[i];
        who->plan = &plan->members[i];
        if (who->plan->local) {
            who->model = model_take(office, who->plan, fault);
            good = who->model != NULL;
            continue;
        }
        who->endpoints = must_alloc((size_t)who->plan->n_address, sizeof *who->endpoints);
        for (; who->n_endpoint < who->plan->n_address; who->n_endpoint++)
            endpoint_open(&who->endpoints[who->n_endpoint], who->plan,
                          who->plan->addresses[who->n_endpoint]);
    }
    if (good)
        return firm;
    for (int i = 0; i < plan->n_member; i++)
        if (firm->colleagues[i].model)
            firm->colleagues[i].model->n_user--;
    firm_close(firm);
    return NULL;
}

struct firm *office_enter(struct office *office) {
    pthread_mutex_lock(&office->lock);
    struct firm *firm = office->firm;
    firm->n_user++;
    pthread_mutex_unlock(&office->lock);
    return firm;
}

void office_leave(struct office *office, struct firm *firm) {
    struct own_model *unused = NULL;
    pthread_mutex_lock(&office->lock);
    bool last = --firm->n_user == 0;
    if (last) {
        for (int i = 0; i < firm->plan->n_member; i++)
            if (firm->colleagues[i].model)
                firm->colleagues[i].model->n_user--;
        unused = models_unused(office);
    }
    pthread_mutex_unlock(&office->lock);
    if (last)
        firm_close(firm);
    models_close(unused);
}

/* -------------------------------------------------------------------------------------- office
 */

static void copy_options(struct office *office, const struct company_options *given) {
    struct company_adapter *adapters =
        ARENA_NEW(office->arena, (size_t)given->n_adapter + 1, struct company_adapter);
    for (int i = 0; i < given->n_adapter; i++) {
        adapters[i] = given->adapters[i];
        adapters[i].name = arena_string(office->arena, view_of(given->adapters[i].name));
        adapters[i].path = arena_string(office->arena, view_of(given->adapters[i].path));
    }
    office->options = (struct company_options){
        .model = given->model ? arena_string(office->arena, view_of(given->model)) : NULL,
        .adapters = adapters,
        .n_adapter = given->n_adapter};
}

static void first_mistake(const json_t *problems, const char *file, struct fault *fault) {
    const json_t *first = json_array_get(problems, 0);
    size_t n = json_array_size(problems);
    fault_set(fault, FAULT_INPUT, "%s%s", json_text(first, "message", "it cannot be read"),
              n > 1 ? " (and more mistakes)" : "");
    fault_remedy(fault, "%s", json_text(first, "remedy", ""));
    fault_place(fault, file, (long)json_number(first, "line", 0), -1);
}

struct office *office_open(const struct company_options *options, struct fault *fault) {
    json_t *problems = options->problems ? json_incref(options->problems) : json_array();
    struct plan *plan = plan_load(options->file, problems);
    if (!plan) {
        first_mistake(problems, options->file, fault);
        json_decref(problems);
        return NULL;
    }
    json_decref(problems);
    struct office *office = must_alloc(1, sizeof *office);
    pthread_mutex_init(&office->lock, NULL);
    board_open(&office->board);
    office->arena = arena_new();
    office->file = must_copy(view_of(options->file));
    copy_options(office, options);
    office->spending = spending_open(options->data, fault);
    office->firm = office->spending ? firm_open(office, plan, fault) : NULL;
    if (office->firm)
        return office;
    if (!office->spending)
        plan_free(plan);
    office_close(office);
    return NULL;
}

void office_close(struct office *office) {
    if (!office)
        return;
    if (office->firm)
        office_leave(office, office->firm);
    models_close(office->models);
    spending_close(office->spending);
    board_close(&office->board);
    pthread_mutex_destroy(&office->lock);
    arena_free(office->arena);
    free(office->file);
    free(office);
}

bool office_reload(struct office *office, const char *file, json_t *problems) {
    char *path = must_copy(view_of(file ? file : office->file));
    struct plan *plan = plan_load(path, problems);
    struct fault fault = {0};
    struct firm *before = NULL, *firm = NULL;
    if (plan) {
        pthread_mutex_lock(&office->lock);
        firm = firm_open(office, plan, &fault);
        before = office->firm;
        if (firm) {
            office->firm = firm;
            free(office->file);
            office->file = path;
            path = NULL;
        }
        pthread_mutex_unlock(&office->lock);
    }
    if (firm) {
        office_leave(office, before);
        board_note(&office->board, BOARD_RELOADED, COMPANY_FRONT, "", "", "", "the file was read");
    } else if (plan)
        report_fault(&(struct report){problems, path}, 0, &fault);
    free(path);
    return firm != NULL;
}

struct company *office_floor(const struct firm *firm, enum company_role role) {
    const struct plan_role *order = &firm->plan->roles[role];
    int i = 0;
    while (i < order->n && !firm->colleagues[order->members[i]].model)
        i++;
    MUST(i < order->n); /* the last one is local */
    return firm->colleagues[order->members[i]].model->company;
}

const struct company *office_first(struct office *office) {
    struct firm *firm = office_enter(office);
    const struct company *first = office_floor(firm, COMPANY_FRONT);
    office_leave(office, firm);
    return first;
}

/* ------------------------------------------------------------------------------------- readiness
 */

static bool may_answer(struct endpoint *endpoint) {
    double seconds;
    int n_inside;
    return !endpoint->lacks_key &&
           gate_state(&endpoint->gate, clock_seconds(), &seconds, &n_inside) == GATE_CLOSED;
}

static bool has_remote(const struct firm *firm, enum company_role role) {
    const struct plan_role *order = &firm->plan->roles[role];
    for (int i = 0; i < order->n; i++) {
        struct colleague *who =
            (struct colleague *)(uintptr_t)&firm->colleagues[order->members[i]];
        for (int e = 0; e < who->n_endpoint; e++)
            if (may_answer(&who->endpoints[e]))
                return true;
    }
    return false;
}

enum company_state office_state(struct office *office) {
    struct firm *firm = office_enter(office);
    enum company_state state = has_remote(firm, COMPANY_FRONT)
                                   ? COMPANY_READY
                                   : company_state(office_floor(firm, COMPANY_FRONT));
    office_leave(office, firm);
    return state;
}

bool office_wait(struct office *office, double seconds) {
    struct firm *firm = office_enter(office);
    double until = clock_seconds() + seconds;
    bool good = true;
    for (int i = 0; i < firm->plan->n_member; i++)
        if (firm->colleagues[i].model)
            good &= company_wait(firm->colleagues[i].model->company, until - clock_seconds());
    good |= has_remote(firm, COMPANY_FRONT);
    office_leave(office, firm);
    return good;
}

/* A usual question has some three thousand tokens at most. */
bool office_is_local(struct office *office, enum company_role role,
                     const struct company_payer *payer) {
    enum { PROMPT = 2000, ANSWER = 100 };
    struct firm *firm = office_enter(office);
    const struct plan_role *order = &firm->plan->roles[role];
    bool remote = false;
    for (int i = 0; i < order->n && !remote; i++) {
        struct colleague *who = &firm->colleagues[order->members[i]];
        if (who->model)
            break;
        for (int e = 0; e < who->n_endpoint && !remote; e++)
            remote = may_answer(&who->endpoints[e]) &&
                     spending_has_room(office->spending, firm->plan, payer,
                                       (int64_t)(who->plan->price_input * PROMPT +
                                                 who->plan->price_output * ANSWER),
                                       PROMPT + ANSWER);
    }
    office_leave(office, firm);
    return !remote;
}

bool office_stays_local(struct office *office, enum company_role role) {
    struct firm *firm = office_enter(office);
    const struct plan_role *order = &firm->plan->roles[role];
    bool local = true;
    for (int i = 0; i < order->n; i++)
        local = local && firm->colleagues[order->members[i]].model;
    office_leave(office, firm);
    return local;
}

bool office_has_senior(struct office *office) {
    struct firm *firm = office_enter(office);
    const struct plan_role *front = &firm->plan->roles[COMPANY_FRONT],
                           *senior = &firm->plan->roles[COMPANY_SENIOR];
    bool other = front->members[0] != senior->members[0];
    office_leave(office, firm);
    return other;
}
