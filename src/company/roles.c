/* Roles, and the doors that a company of one has for a file that it does not have. */
#include "company/inside.h"

#include <string.h>

const char *const company_role_names[] = {"front",  "worker", "reviewer", "librarian",
                                          "senior", "chief",  NULL};

bool company_role_named(const char *name, enum company_role *role) {
    for (int i = 0; name && company_role_names[i]; i++)
        if (!strcmp(company_role_names[i], name)) {
            *role = (enum company_role)i;
            return true;
        }
    return false;
}

const char *company_state_name(enum company_state state) {
    static const char *const names[] = {
        [COMPANY_ABSENT] = "absent", [COMPANY_LOADING] = "loading", [COMPANY_READY] = "ready"};
    return names[state];
}
