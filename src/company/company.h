/* company: models at work together.
 *
 * For now a company has one member, the local model, in every role, or none at all: then every
 * draft is refused at once and the authored course speaks. The model loads in the background, so
 * that the school opens at once. All functions may be called from any thread. */
#ifndef LYCEUM_COMPANY_H
#define LYCEUM_COMPANY_H

#include "base/base.h"

struct company;

enum company_state { COMPANY_ABSENT, COMPANY_LOADING, COMPANY_READY };

/* path NULL, or a file that does not exist: a company without members. Loading goes on in the
 * background; a file that cannot be used makes the state ABSENT and company_problem tells why. */
struct company *company_open(const char *model_path, struct fault *);
void company_close(struct company *);
enum company_state company_state(const struct company *);
bool company_wait(struct company *, double seconds); /* true when READY within that time */
/* One sentence on why there is no model; "" when there is one. Valid until company_close. */
const char *company_problem(const struct company *);
const char *company_model_name(const struct company *); /* "" when absent */

struct company_request {
    const json_t *messages; /* [{"role","content"}…]; a shared beginning is reused */
    int max_tokens;
    float temperature;
    uint64_t seed;
    /* Text of which the words may be used, beside function words, digits and plain punctuation
     * (grounded decoding); an empty view leaves the draft free. */
    struct view lexicon;
    const char *const *stop; /* NULL-terminated, or NULL */
    double seconds;          /* gives up after this time; 0: 30 s */
    int priority;            /* who waits for it; the higher comes first */
    const volatile bool *cancel;
};

struct company_draft {
    double first_token_seconds, seconds;
    int n_prompt, n_reused, n_generated;
    double log_probability; /* mean a token */
    char model[64];
};

/* Appends the member's words. FAULT_MISSING when there is no member ready. Many are written at the
 * same time, each the same as if it were alone; beyond 32 the others wait in order. */
bool company_write(struct company *, const struct company_request *, struct buffer *out,
                   struct company_draft *, struct fault *);
/* Prometheus text. */
void company_metrics(struct company *, struct buffer *out);

#endif
