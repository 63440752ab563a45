/* company.yaml: any bytes. What is taken has a floor in every role. */
#include "company/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *problems = json_array();
    struct report to = {problems, "company.yaml"};
    if (n > 16384)
        n = 16384;
    struct plan *plan = plan_parse((struct view){(const char *)data, n}, "folder/", &to);
    MUST((plan != NULL) == (json_array_size(problems) == 0));
    for (int r = 0; r < COMPANY_ROLES && plan; r++) {
        const struct plan_role *role = &plan->roles[r];
        MUST(role->n > 0 && role->n <= PLAN_MEMBERS && role->hedge >= 0);
        MUST(plan->members[role->members[role->n - 1]].local);
    }
    for (int i = 0; i < (plan ? plan->n_member : 0); i++) {
        const struct plan_member *member = &plan->members[i];
        MUST(plan_find(plan, member->name) == i);
        MUST(member->local || (member->n_address > 0 && member->model));
        MUST(member->price_input >= 0 && member->patience.connect > 0 && member->retries >= 0);
    }
    for (size_t i = 0; i < json_array_size(problems); i++)
        MUST(*json_text(json_array_get(problems, i), "message", ""));
    plan_free(plan);
    json_decref(problems);
    return 0;
}
