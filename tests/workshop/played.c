/* The company, played by a test: it stands in front of the real one when a test is linked. */
#include "played.h"

#include <math.h>
#include <pthread.h>

struct company {
    int unused;
};
static struct company nobody;
struct company *const played_company = &nobody;
bool played_is_there = true;
int played_n_asked;
const char *(*played_reply)(const char *asked, int n);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool company_wait(struct company *company, double seconds) {
    (void)company, (void)seconds;
    return played_is_there;
}
enum company_state company_state(const struct company *company) {
    (void)company;
    return played_is_there ? COMPANY_READY : COMPANY_ABSENT;
}
const char *company_problem(const struct company *company) {
    (void)company;
    return "The file is no model.";
}
const char *company_model_name(const struct company *company) {
    (void)company;
    return "played";
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
struct company *company_open(const struct company_options *options, struct fault *fault) {
    (void)options, (void)fault;
    return &nobody;
}
void company_close(struct company *company) {
    (void)company;
}
void company_metrics(struct company *company, struct buffer *out) {
    (void)company, (void)out;
}
bool company_weigh(struct company *company, const struct company_request *request,
                   struct company_text *texts, size_t n, struct company_draft *draft,
                   struct fault *fault) {
    (void)company, (void)request, (void)texts, (void)n, (void)draft;
    return fault_set(fault, FAULT_MISSING, "Nobody chooses here.");
}

bool company_write(struct company *company, const struct company_request *request,
                   struct buffer *out, struct company_draft *draft, struct fault *fault) {
    (void)company, (void)draft, (void)fault;
    size_t last = json_array_size(request->messages) - 1;
    pthread_mutex_lock(&lock);
    buffer_text(out,
                played_reply(json_text(json_array_get(request->messages, last), "content", ""),
                             played_n_asked++));
    pthread_mutex_unlock(&lock);
    return true;
}
