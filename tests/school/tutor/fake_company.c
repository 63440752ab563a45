/* A company whose member writes what the test says. */
#include "fake_company.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FAKE_VALUES = 256 };

struct company {
    int unused;
};

enum company_state fake_state;
const char *fake_words, *fake_senior_words;
struct company_payer fake_payer;
int fake_n_asked, fake_n_regretted;
bool fake_embeds, fake_is_tutor, fake_is_remote, fake_heard_of_learner;

void (*fake_wait)(void);

static char payer_learner[32];

struct company *company_open(const struct company_options *options, struct fault *fault) {
    (void)options, (void)fault;
    return must_alloc(1, sizeof(struct company));
}

void company_close(struct company *company) {
    free(company);
}

enum company_state company_state(const struct company *company) {
    (void)company;
    return fake_state;
}

double fake_bound = NAN;

bool company_is_tutor(const struct company *company, const char *adapter, const char *language) {
    (void)company, (void)adapter;
    return fake_is_tutor && (!language || !strcmp(language, "en"));
}

double company_tutor_bound(const struct company *company, const char *adapter,
                           const char *language) {
    (void)company, (void)adapter, (void)language;
    return fake_bound;
}

const char *company_specialist(const struct company *company, struct view course) {
    (void)company;
    (void)course;
    return NULL;
}

bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    (void)company, (void)request;
    fake_n_asked++;
    if (fake_wait)
        fake_wait();
    if (!fake_words)
        return fault_set(fault, FAULT_MISSING, "There is no model.");
    for (size_t i = 0; i + 1 < n; i++)
        if (texts[i].messages == texts[i + 1].messages) { /* said, refused */
            texts[i].at = view_is(texts[i].text, fake_words) ? 0 : -30;
            texts[i + 1].at = -10;
        }
    strcpy(draft->model, "fake");
    return true;
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    (void)company;
    bool senior = request->role == COMPANY_SENIOR;
    const char *words = senior ? fake_senior_words : fake_words;
    fake_n_asked++;
    if (fake_wait)
        fake_wait();
    char *said = json_dumps(request->messages, 0);
    fake_heard_of_learner = strstr(said, "The learner:") != NULL;
    free(said);
    fake_payer = (struct company_payer){0}; /* its texts end with the turn */
    snprintf(payer_learner, sizeof payer_learner, "%s", request->payer.learner);
    fake_payer.learner = payer_learner;
    if (!words)
        return fault_set(fault, FAULT_MISSING, "There is no model.");
    buffer_text(out, words);
    strcpy(draft->model, senior ? "senior" : "fake");
    return true;
}

bool company_stays_local(struct company *company, enum company_role role) {
    (void)company, (void)role;
    return !fake_is_remote;
}

bool company_is_local(struct company *company, enum company_role role,
                      const struct company_payer *payer) {
    (void)company, (void)role, (void)payer;
    return true;
}

bool company_has_senior(struct company *company) {
    (void)company;
    return fake_senior_words != NULL;
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
    fake_n_regretted++;
}

bool company_escalates(struct company *company, const char *kind, double probability) {
    (void)company, (void)kind, (void)probability;
    return false;
}

/* Texts whose words begin alike mean the same: "surprise", "surpassing". */
static void put_vector(struct view text, float *out) {
    double length = 0;
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        while (end < text.n && text.at[end] != ' ')
            end++;
        if (end - at >= 4)
            out[hash64(view_slice(text, at, at + 4), 1) % FAKE_VALUES] += 1;
        at = end + 1;
    }
    for (int i = 0; i < FAKE_VALUES; i++)
        length += (double)(out[i] * out[i]);
    for (int i = 0; i < FAKE_VALUES && length > 0; i++)
        out[i] /= (float)sqrt(length);
}

bool company_embed(struct company *company, const struct embedding_request *request,
                   struct embedded *out, struct fault *fault) {
    (void)company;
    if (!fake_embeds)
        return fault_set(fault, FAULT_MISSING, "There is no librarian.");
    out->n_value = FAKE_VALUES;
    out->values = must_alloc(request->n * FAKE_VALUES, sizeof *out->values);
    strcpy(out->result.model, "fake");
    for (size_t i = 0; i < request->n; i++)
        put_vector(request->texts[i], out->values + i * FAKE_VALUES);
    return true;
}
