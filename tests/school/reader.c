#include "reader.h"

#include <math.h>
#include <string.h>

struct company {
    int unused;
};

volatile bool reader_is_there;
volatile int reader_level;
const char *volatile reader_cites = "";

struct company *company_open(const struct company_options *options, struct fault *fault) {
    (void)options, (void)fault;
    return must_alloc(1, sizeof(struct company));
}

void company_close(struct company *company) {
    free(company);
}

enum company_state company_state(const struct company *company) {
    (void)company;
    return reader_is_there ? COMPANY_READY : COMPANY_LOADING;
}

/* A letter is likelier when it is the level's, but for an answer without content; a sentence when
 * it has what is to be cited. */
bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    (void)company, (void)request;
    if (!reader_is_there)
        return fault_set(fault, FAULT_MISSING, "There is no model.");
    for (size_t i = 0; i < n; i++) {
        char *asked = json_dumps(texts[i].messages, 0);
        bool letter = texts[i].text.n == 1, empty = strstr(asked, "Answer: N/A");
        texts[i].at = letter && !empty && *texts[i].text.at == 'A' + reader_level ? -1 : -4;
        if (!letter)
            texts[i].at = view_find(texts[i].text, view_of(reader_cites)) >= 0 ? -1 : -4;
        free(asked);
    }
    strcpy(draft->model, "reader");
    return true;
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    (void)company, (void)request, (void)out, (void)draft;
    return fault_set(fault, FAULT_MISSING, "It only reads.");
}

bool company_is_tutor(const struct company *company, const char *adapter, const char *language) {
    (void)language;
    (void)company, (void)adapter;
    return false;
}

double company_tutor_bound(const struct company *company, const char *adapter,
                           const char *language) {
    (void)company, (void)adapter, (void)language;
    return NAN;
}

const char *company_specialist(const struct company *company, struct view course) {
    (void)company, (void)course;
    return NULL;
}

bool company_is_local(struct company *company, enum company_role role,
                      const struct company_payer *payer) {
    (void)company, (void)role, (void)payer;
    return true;
}

bool company_stays_local(struct company *company, enum company_role role) {
    (void)company, (void)role;
    return true;
}

bool company_has_senior(struct company *company) {
    (void)company;
    return false;
}

bool company_escalates(struct company *company, const char *kind, double probability) {
    (void)company, (void)kind, (void)probability;
    return false;
}

double company_probability(struct company *company, const char *member, const char *kind,
                           const struct features *features) {
    (void)company, (void)member, (void)kind, (void)features;
    return 0.5;
}

void company_learn(struct company *company, const char *member, const struct judged *judged,
                   double told) {
    (void)company, (void)member, (void)judged, (void)told;
}

void company_regret(struct company *company, const char *member, const struct judged *judged) {
    (void)company, (void)member, (void)judged;
}

void company_metrics(struct company *company, struct buffer *out) {
    (void)company, (void)out;
}

bool company_embed(struct company *company, const struct embedding_request *request,
                   struct embedded *out, struct fault *fault) {
    (void)company, (void)request, (void)out;
    return fault_set(fault, FAULT_MISSING, "There is no librarian.");
}
