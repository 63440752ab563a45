/* company.yaml, read to the end, so that every mistake is told at once. */
#include "company/plan_inside.h"

#include <stdlib.h>
#include <string.h>

const char *const ability_names[] = {"tools",   "schema",     "logprobs", "seed",
                                     "prefill", "embeddings", "usage",    NULL};
const char *const budget_scope_names[] = {"school", "class", "learner", "program", NULL};
const char *const budget_period_names[] = {"day", "month", "ever", NULL};
const struct patience patience_default = {5, 10, 8, 120};

static const char *const plan_keys[] = {"members",  "roles",    "budgets",
                                        "currency", "escalate", NULL};
static const char *const escalate_keys[] = {"margin", NULL};
static const char *const role_keys[] = {"members", "hedge", NULL};
static const char *const limit_keys[] = {"money", "tokens", NULL};

int plan_find(const struct plan *plan, const char *name) {
    for (int i = 0; name && i < plan->n_member; i++)
        if (!strcmp(plan->members[i].name, name))
            return i;
    return -1;
}

bool plan_has_budget(const struct plan *plan) {
    for (int s = 0; s < BUDGET_SCOPES; s++)
        for (int p = 0; p < BUDGET_PERIODS; p++)
            if (plan->budgets[s][p].has_money || plan->budgets[s][p].has_tokens)
                return true;
    return false;
}

/* --------------------------------------------------------------------------------------- parts
 */

long plan_line(const struct reading *reading, const json_t *parent, const char *key) {
    return yaml_line_key(&reading->yaml, parent, key);
}

void plan_known_keys(const struct reading *reading, const json_t *object, const char *where,
                     const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        (void)value;
        size_t i = 0;
        while (known[i] && strcmp(known[i], key))
            i++;
        if (!known[i])
            report_unknown_key(&reading->to, plan_line(reading, object, key), where, key, known);
    }
}

bool plan_number(const struct reading *reading, const json_t *parent, const char *key, double low,
                 double high, double *out) {
    const json_t *value = json_object_get(parent, key);
    if (!value)
        return false;
    double number = json_is_number(value) ? json_number_value(value) : -1;
    if (json_is_number(value) && number >= low && number <= high) {
        *out = number;
        return true;
    }
    report(&reading->to, plan_line(reading, parent, key), "Write a number without a unit.",
           "%s must be a number from %g to %g", key, low, high);
    return false;
}

bool plan_whole(const struct reading *reading, const json_t *parent, const char *key, int64_t low,
                int64_t high, int64_t *out) {
    const json_t *value = json_object_get(parent, key);
    if (!value)
        return false;
    int64_t number = json_is_integer(value) ? json_integer_value(value) : low - 1;
    if (number >= low && number <= high) {
        *out = number;
        return true;
    }
    report(&reading->to, plan_line(reading, parent, key), "Write a whole number, without commas.",
           "%s must be a whole number from %lld to %lld", key, (long long)low, (long long)high);
    return false;
}

const char *plan_text(const struct reading *reading, const json_t *parent, const char *key) {
    const json_t *value = json_object_get(parent, key);
    const char *text = json_string_value(value);
    if (text && *text && json_string_length(value) == strlen(text) && strlen(text) < 1000)
        return arena_string(reading->plan->arena, view_of(text));
    if (value)
        report(&reading->to, plan_line(reading, parent, key), "Write a text; quotes make one.",
               "%s must be a text", key);
    return NULL;
}

/* --------------------------------------------------------------------------------------- roles
 */

static void read_role_member(struct reading *reading, const json_t *list, size_t i,
                             struct plan_role *role, const char *name) {
    struct plan *plan = reading->plan;
    const char *named = json_string_value(json_array_get(list, i));
    long line = yaml_line_item(&reading->yaml, list, i);
    const char *known[PLAN_MEMBERS + 1] = {0};
    char remedy[200];
    for (int m = 0; m < plan->n_member; m++)
        known[m] = plan->members[m].name;
    int found = plan_find(plan, named);
    if (found < 0) {
        report(&reading->to, line,
               named
                   ? nearest_remedy(named, known, "Add it below members:.", remedy, sizeof remedy)
                   : "Write the name of a member.",
               "%s names %.40s, which is no member", name, named ? named : "something");
        return;
    }
    for (int m = 0; m < role->n; m++)
        if (role->members[m] == found) {
            report(&reading->to, line, "Take one of them out.", "%s names %s twice", name, named);
            return;
        }
    if (role->n < PLAN_MEMBERS)
        role->members[role->n++] = found;
}

static void read_role(struct reading *reading, const json_t *roles, int r) {
    struct plan *plan = reading->plan;
    struct plan_role *role = &plan->roles[r];
    const char *name = company_role_names[r];
    const json_t *given = json_object_get(roles, name), *list = given;
    long line = plan_line(reading, roles, name);
    role->hedge = r == COMPANY_FRONT ? HEDGE_SECONDS : 0;
    if (json_is_object(given)) {
        plan_known_keys(reading, given, name, role_keys);
        list = json_object_get(given, "members");
        line = plan_line(reading, given, "members");
        plan_number(reading, given, "hedge", 0, 600, &role->hedge);
    }
    if (!json_is_array(list) || !json_array_size(list)) {
        report(&reading->to, line, "Write a list such as [cloud, small].",
               "%s has no list of members", name);
        return;
    }
    size_t before = json_array_size(reading->to.list);
    for (size_t i = 0; i < json_array_size(list); i++)
        read_role_member(reading, list, i, role, name);
    bool sound = json_array_size(reading->to.list) == before;
    if (sound && !plan->members[role->members[role->n - 1]].local)
        report(&reading->to, yaml_line_item(&reading->yaml, list, json_array_size(list) - 1),
               "Put a local member at the end: it is the floor when the others cannot be had.",
               "the last member of %s is not local", name);
}

/* The floor alone, where a role is not written. */
static void fill_roles(struct plan *plan, const json_t *roles) {
    int floor = 0;
    while (floor < plan->n_member && !plan->members[floor].local)
        floor++;
    for (int r = 0; r < COMPANY_ROLES && floor < plan->n_member; r++)
        if (!json_object_get(roles, company_role_names[r]))
            plan->roles[r] = (struct plan_role){.n = 1, .members = {floor}};
}

static void read_roles(struct reading *reading) {
    const json_t *whole = reading->yaml.value, *roles = json_object_get(whole, "roles");
    if (!json_is_object(roles)) {
        report(&reading->to, plan_line(reading, whole, "roles"),
               "Write roles: with front: [cloud, small] below it.",
               "the company gives nobody a role");
        return;
    }
    plan_known_keys(reading, roles, "roles", company_role_names);
    for (int r = 0; r < COMPANY_ROLES; r++)
        if (json_object_get(roles, company_role_names[r]))
            read_role(reading, roles, r);
    fill_roles(reading->plan, roles);
}

/* ------------------------------------------------------------------------------------- budgets
 */

static void read_limit(struct reading *reading, const json_t *scope, enum budget_scope s,
                       enum budget_period p) {
    const char *name = budget_period_names[p];
    const json_t *given = json_object_get(scope, name);
    struct budget_limit *limit = &reading->plan->budgets[s][p];
    if (!given)
        return;
    if (!json_is_object(given) || !json_object_size(given)) {
        report(&reading->to, plan_line(reading, scope, name),
               "Write {money: 2.50}, {tokens: "
               "500000} or both.",
               "the budget for a %s says no limit", name);
        return;
    }
    plan_known_keys(reading, given, "a budget", limit_keys);
    limit->has_money = plan_number(reading, given, "money", 0, 1e9, &limit->money);
    limit->has_tokens = plan_whole(reading, given, "tokens", 0, 1000000000000000, &limit->tokens);
}

static void read_budgets(struct reading *reading) {
    const json_t *whole = reading->yaml.value, *budgets = json_object_get(whole, "budgets");
    const char *currency = plan_text(reading, whole, "currency");
    reading->plan->currency = currency && strlen(currency) <= 8 ? currency : "USD";
    if (!budgets)
        return;
    if (!json_is_object(budgets)) {
        report(&reading->to, plan_line(reading, whole, "budgets"),
               "Write school: {day: {money: 2.50}} below it.", "budgets holds no limits");
        return;
    }
    plan_known_keys(reading, budgets, "budgets", budget_scope_names);
    for (int s = 0; s < BUDGET_SCOPES; s++) {
        const json_t *scope = json_object_get(budgets, budget_scope_names[s]);
        if (scope && !json_is_object(scope))
            report(&reading->to, plan_line(reading, budgets, budget_scope_names[s]),
                   "Write {day: {money: 2.50}}.", "the budget of a %s holds no period",
                   budget_scope_names[s]);
        if (!json_is_object(scope))
            continue;
        plan_known_keys(reading, scope, "a budget", budget_period_names);
        for (int p = 0; p < BUDGET_PERIODS; p++)
            read_limit(reading, scope, (enum budget_scope)s, (enum budget_period)p);
    }
}

/* ----------------------------------------------------------------------------------- escalation
 */

static void read_escalation(struct reading *reading) {
    const json_t *whole = reading->yaml.value, *given = json_object_get(whole, "escalate");
    if (!given)
        return;
    if (!json_is_object(given) || !json_object_get(given, "margin")) {
        report(&reading->to, plan_line(reading, whole, "escalate"),
               "Write escalate: {margin: 0.1}; lyceum company tune finds the number.",
               "escalate says no margin");
        return;
    }
    plan_known_keys(reading, given, "escalate", escalate_keys);
    reading->plan->escalates =
        plan_number(reading, given, "margin", -1, 1, &reading->plan->margin);
}

/* --------------------------------------------------------------------------------------- whole
 */

static void read_members(struct reading *reading) {
    const json_t *whole = reading->yaml.value, *members = json_object_get(whole, "members");
    if (!json_is_object(members) || !json_object_size(members)) {
        report(&reading->to, plan_line(reading, whole, "members"),
               "Write members: with small: {local: default} below it.",
               "the company has no members");
        return;
    }
    const char *name;
    json_t *one;
    json_object_foreach((json_t *)(uintptr_t)members, name, one)
        plan_read_member(reading, members, name, one);
}

struct plan *plan_parse(struct view text, const char *folder, const struct report *to) {
    json_t *mistakes = json_array();
    struct plan *plan = must_alloc(1, sizeof *plan);
    plan->arena = arena_new();
    struct reading reading = {.plan = plan, .folder = folder, .to = {mistakes, to->file}};
    struct fault fault = {0};
    if (!yaml_read(plan->arena, text, 1, &reading.yaml, &fault))
        report_fault(&reading.to, 1, &fault);
    else if (!json_is_object(reading.yaml.value))
        report(&reading.to, 1, "Write members: and roles:, each with a list below it.",
               "this says no company");
    else {
        plan_known_keys(&reading, reading.yaml.value, "the company", plan_keys);
        read_members(&reading);
        read_roles(&reading);
        read_budgets(&reading);
        read_escalation(&reading);
    }
    json_decref(reading.yaml.value);
    bool good = json_array_size(mistakes) == 0;
    if (to->list)
        json_array_extend(to->list, mistakes);
    json_decref(mistakes);
    if (good)
        return plan;
    plan_free(plan);
    return NULL;
}

struct plan *plan_load(const char *path, json_t *problems) {
    struct report to = {problems, path};
    struct buffer text = {0};
    struct fault fault = {0};
    const char *slash = strrchr(path, '/');
    char *folder =
        must_copy(slash ? view_slice(view_of(path), 0, (size_t)(slash - path) + 1) : VIEW(""));
    struct plan *plan = NULL;
    if (file_read(path, PLAN_BYTES, &text, &fault))
        plan = plan_parse(buffer_view(&text), folder, &to);
    else
        report_fault(&to, 0, &fault);
    free(folder);
    buffer_free(&text);
    return plan;
}

void plan_free(struct plan *plan) {
    if (!plan)
        return;
    arena_free(plan->arena);
    free(plan);
}
