/* A company whose member writes what the test says. */
#include "fake_company.h"

#include <string.h>

struct company {
    int unused;
};

enum company_state fake_state;
const char *fake_words;
int fake_n_asked;

struct company *company_open(const char *path, struct fault *fault) {
    (void)path, (void)fault;
    return must_alloc(1, sizeof(struct company));
}

void company_close(struct company *company) {
    free(company);
}

enum company_state company_state(const struct company *company) {
    (void)company;
    return fake_state;
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    (void)company, (void)request;
    fake_n_asked++;
    if (!fake_words)
        return fault_set(fault, FAULT_MISSING, "There is no model.");
    buffer_text(out, fake_words);
    strcpy(draft->model, "fake");
    return true;
}
