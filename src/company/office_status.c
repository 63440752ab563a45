/* What the owner sees of the company, and the trial of each member. */
#include "company/inside.h"
#include "company/office.h"

#include <string.h>

/* -------------------------------------------------------------------------------------- members
 */

/* The machine's name alone: paths and ports are nobody's concern, and may hold secrets. */
static json_t *machine_of(const char *address) {
    const char *host = strstr(address, "://");
    host = host ? host + 3 : address;
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return json_stringn(host, n);
}

static void add_price(json_t *out, const struct plan_member *member) {
    json_object_set_new(
        out, "price",
        json_pack("{s:f, s:f}", "input", member->price_input, "output", member->price_output));
}

static json_t *abilities_of(unsigned abilities) {
    json_t *list = json_array();
    for (size_t i = 0; ability_names[i]; i++)
        if (abilities & (1u << i))
            json_array_append_new(list, json_string(ability_names[i]));
    return list;
}

json_t *member_status(const char *name, struct company *company) {
    struct company_load load = company_load(company);
    double rate = load.seconds > 0 ? (double)load.n_generated / load.seconds : 0;
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:f}", "name", name,
                     "kind", "local", "state", company_state_name(company_state(company)),
                     "problem", company_problem(company), "working", load.n_writing, "waiting",
                     load.n_waiting, "asked", (json_int_t)load.n_draft, "failed",
                     (json_int_t)load.n_failed, "prompt_tokens", (json_int_t)load.n_prompt,
                     "generated_tokens", (json_int_t)load.n_generated, "tokens_per_second", rate);
}

/* An endpoint: each of a member's machines has its own breaker. */
static json_t *endpoint_status(struct endpoint *endpoint) {
    static const char *const states[] = {"ready", "open", "trying", "busy"};
    double seconds;
    int n_inside;
    enum gate_state state = gate_state(&endpoint->gate, clock_seconds(), &seconds, &n_inside);
    pthread_mutex_lock(&endpoint->lock);
    uint64_t good = endpoint->n_good;
    double writing = endpoint->seconds - endpoint->first_token_seconds;
    json_t *out = json_pack(
        "{s:o, s:s, s:f, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:f, s:f}", "machine",
        machine_of(endpoint->address), "state", endpoint->lacks_key ? "no key" : states[state],
        "seconds", seconds, "problem",
        endpoint->lacks_key                          ? "its key is not in the environment"
        : state == GATE_OPEN || state == GATE_TRYING ? call_end_name(endpoint->gate.last)
                                                     : "",
        "working", n_inside, "waiting", 0, "asked", (json_int_t)endpoint->n_call, "failed",
        (json_int_t)(endpoint->n_call - good), "prompt_tokens", (json_int_t)endpoint->n_prompt,
        "generated_tokens", (json_int_t)endpoint->n_generated, "first_token_seconds",
        good ? endpoint->first_token_seconds / (double)good : 0.0, "tokens_per_second",
        writing > 0 ? (double)endpoint->n_generated / writing : 0.0);
    pthread_mutex_unlock(&endpoint->lock);
    return out;
}

static void add_member(json_t *list, struct colleague *who) {
    if (who->model) {
        json_t *one = member_status(who->plan->name, who->model->company);
        add_price(one, who->plan);
        json_array_append_new(list, one);
        return;
    }
    for (int i = 0; i < who->n_endpoint; i++) {
        json_t *one = endpoint_status(&who->endpoints[i]);
        json_object_set_new(one, "name", json_string(who->plan->name));
        json_object_set_new(one, "kind", json_string("remote"));
        json_object_set_new(one, "model", json_string(who->plan->model));
        json_object_set_new(one, "supports", abilities_of(who->plan->abilities));
        add_price(one, who->plan);
        json_array_append_new(list, one);
    }
}

static json_t *roles_of(const struct plan *plan) {
    json_t *roles = json_object();
    for (int r = 0; r < COMPANY_ROLES; r++) {
        json_t *list = json_array();
        for (int i = 0; i < plan->roles[r].n; i++)
            json_array_append_new(list,
                                  json_string(plan->members[plan->roles[r].members[i]].name));
        json_object_set_new(roles, company_role_names[r], list);
    }
    return roles;
}

json_t *office_status(struct office *office) {
    struct firm *firm = office_enter(office);
    json_t *status = json_object(), *members = json_array();
    pthread_mutex_lock(&office->lock);
    json_object_set_new(status, "file", json_string(office->file));
    pthread_mutex_unlock(&office->lock);
    for (int i = 0; i < firm->plan->n_member; i++)
        add_member(members, &firm->colleagues[i]);
    json_object_set_new(status, "members", members);
    json_object_set_new(status, "roles", roles_of(firm->plan));
    json_object_set_new(status, "spending", spending_status(office->spending, firm->plan));
    board_status(&office->board, status);
    office_leave(office, firm);
    return status;
}

/* --------------------------------------------------------------------------------------- metrics
 */

static void endpoint_metrics(struct endpoint *endpoint, int place, struct buffer *out) {
    double seconds;
    int n_inside;
    enum gate_state state = gate_state(&endpoint->gate, clock_seconds(), &seconds, &n_inside);
    struct buffer label = {0};
    buffer_format(&label, "{member=\"%s\",machine=\"%d\"}", endpoint->member->name, place);
    pthread_mutex_lock(&endpoint->lock);
    buffer_format(out, "lyceum_member_calls_total%s %llu\n", label.at,
                  (unsigned long long)endpoint->n_call);
    buffer_format(out, "lyceum_member_failed_total%s %llu\n", label.at,
                  (unsigned long long)(endpoint->n_call - endpoint->n_good));
    buffer_format(out, "lyceum_member_generated_tokens_total%s %llu\n", label.at,
                  (unsigned long long)endpoint->n_generated);
    pthread_mutex_unlock(&endpoint->lock);
    buffer_format(out, "lyceum_member_working%s %d\n", label.at, n_inside);
    buffer_format(out, "lyceum_member_breaker_open%s %d\n", label.at,
                  state == GATE_OPEN || state == GATE_TRYING);
    buffer_free(&label);
}

void office_metrics(struct office *office, struct buffer *out) {
    struct firm *firm = office_enter(office);
    board_metrics(&office->board, out);
    for (int i = 0; i < firm->plan->n_member; i++)
        for (int e = 0; e < firm->colleagues[i].n_endpoint; e++)
            endpoint_metrics(&firm->colleagues[i].endpoints[e], e, out);
    json_t *spending = spending_status(office->spending, firm->plan);
    buffer_format(out,
                  "# HELP lyceum_company_money_today Money spent on members today.\n"
                  "# TYPE lyceum_company_money_today gauge\nlyceum_company_money_today %.6f\n",
                  json_number(spending, "money", 0));
    json_decref(spending);
    office_leave(office, firm);
}
