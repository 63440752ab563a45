/* Which member answers a program. Without a file there is one, in every role. */
#include "company/company.h"
#include "company/embed.h"
#include "company/local.h"
#include "company/office.h"

#include <string.h>

enum { LOADING_SECONDS = 60 }; /* that a program waits while the model is read */

static void add_model(struct company_model *out, size_t n, size_t *found, const char *name,
                      int n_context) {
    if (*found < n) {
        out[*found] = (struct company_model){.owner = "lyceum", .n_context = n_context};
        snprintf(out[*found].name, sizeof out[*found].name, "%s", name);
    }
    ++*found;
}

static void add_members(struct office *office, struct company_model *out, size_t n,
                        size_t *found) {
    struct firm *firm = office_enter(office);
    for (int i = 0; i < firm->plan->n_member; i++)
        add_model(out, n, found, firm->plan->members[i].name, firm->plan->members[i].context);
    office_leave(office, firm);
}

size_t company_models(const struct company *shared, struct company_model *out, size_t n) {
    struct company *company = (struct company *)(uintptr_t)shared; /* for its lock */
    struct fault ignored = {0};
    struct office *office = company_office(company);
    const struct local *local = office ? NULL : company_local(company, &ignored);
    const struct embedder *embedder = company_embedder(company);
    size_t found = 0;
    int n_context = local ? local_context(local) : 0;
    if (office || local)
        add_model(out, n, &found, "lyceum", n_context);
    for (int i = 0; (office || local) && company_role_names[i]; i++)
        add_model(out, n, &found, company_role_names[i], n_context);
    if (local)
        add_model(out, n, &found, local_name(local), n_context);
    if (office)
        add_members(office, out, n, &found);
    if (embedder)
        add_model(out, n, &found, embedder_name(embedder), 0);
    return found;
}

bool company_embed(struct company *company, const struct embedding_request *request,
                   struct embedded *out, struct fault *fault) {
    struct office *office = company_office(company);
    struct embedder *embedder = company_embedder(company);
    const char *model = request->model, *own = embedder ? embedder_name(embedder) : NULL;
    bool whole = !strcmp(model, "lyceum") || !strcmp(model, "librarian");
    *out = (struct embedded){0};
    if (office && !(own && !strcmp(model, own)))
        return office_embed(office, embedder, request, out, fault);
    if (!own || whole || !strcmp(model, own))
        return embedder_run(embedder, request, out, fault);
    out->result.status = 404;
    snprintf(out->result.code, sizeof out->result.code, "model_not_found");
    snprintf(out->result.param, sizeof out->result.param, "model");
    return fault_set(fault, FAULT_MISSING,
                     "The model `%.100s` makes no vectors of texts; %s does.", model, own);
}

static bool is_known(const struct local *local, const char *name) {
    bool known = !name || !strcmp(name, local_name(local));
    enum company_role role;
    return known || !strcmp(name, "lyceum") || company_role_named(name, &role);
}

static struct local *ready_local(struct company *company, struct chat_result *result,
                                 struct fault *fault) {
    if (company_state(company) == COMPANY_LOADING)
        company_wait(company, LOADING_SECONDS);
    struct local *local = company_local(company, fault);
    if (!local) {
        result->status = 503;
        result->retry_after = 2;
        snprintf(result->code, sizeof result->code, "model_not_ready");
    }
    return local;
}

bool member_chat(struct company *company, const struct chat_request *request, struct view begun,
                 const struct chat_listener *listener, struct chat_result *result,
                 struct fault *fault) {
    *result = (struct chat_result){0};
    struct local *local = ready_local(company, result, fault);
    return local && local_chat(local, request, begun, listener, result, fault);
}

bool company_chat(struct company *company, const struct chat_request *request,
                  const struct chat_listener *listener, struct chat_result *result,
                  struct fault *fault) {
    struct office *office = company_office(company);
    if (office)
        return office_chat(office, request, listener, result, fault);
    *result = (struct chat_result){0};
    struct local *local = ready_local(company, result, fault);
    if (!local)
        return false;
    if (!is_known(local, request->model)) {
        result->status = 404;
        snprintf(result->code, sizeof result->code, "model_not_found");
        snprintf(result->param, sizeof result->param, "model");
        fault_set(fault, FAULT_MISSING,
                  "The model `%.100s` does not exist or you do not have "
                  "access to it.",
                  request->model);
        return fault_remedy(fault, "GET /v1/models lists those that there are");
    }
    return local_chat(local, request, (struct view){0}, listener, result, fault);
}
