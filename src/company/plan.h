/* plan: what company.yaml says: who the members are, which roles they have, what they may cost.
 * Inside the room. */
#ifndef LYCEUM_COMPANY_PLAN_H
#define LYCEUM_COMPANY_PLAN_H

#include "company/company.h"

enum {
    PLAN_MEMBERS = 32,
    PLAN_ADDRESSES = 16, /* of one member: equal machines behind one name */
    PLAN_NAME = 40,      /* bytes of a name */
    PLAN_BYTES = 256 << 10
};

/* What a remote member is known to do beside writing in a stream. */
enum ability {
    ABLE_TOOLS = 1,
    ABLE_SCHEMA = 2, /* response_format with a JSON schema */
    ABLE_LOGPROBS = 4,
    ABLE_SEED = 8,
    ABLE_PREFILL = 16, /* goes on with an assistant's message that comes last */
    ABLE_EMBEDDINGS = 32,
    ABLE_USAGE = 64, /* tells the tokens of a stream */
};
extern const char *const ability_names[]; /* in the order of their bits, NULL at the end */

struct patience { /* seconds */
    double connect, first_token, between_tokens, whole;
};
extern const struct patience patience_default;

struct plan_member {
    const char *name;
    bool local;
    const char *model;   /* local: the file's path, NULL for the default; else its name there */
    const char *adapter; /* local: a path; NULL: those that come with the default model, or none */
    const char *addresses[PLAN_ADDRESSES];
    int n_address;
    const char *key_from;             /* an environment variable; NULL: no key is sent */
    const char *authority;            /* a file of certificates to trust; NULL: the system's */
    double price_input, price_output; /* money for a million tokens */
    int requests_a_minute, tokens_a_minute, at_once; /* 0: no limit */
    int context;                                     /* tokens; 0: unknown */
    unsigned abilities;
    struct patience patience;
    int retries;
    long line;
};

struct plan_role {
    int n, members[PLAN_MEMBERS]; /* in order; the last is local */
    double hedge; /* seconds without a first token after which the next is asked too; 0: never */
};

enum budget_scope { BUDGET_SCHOOL, BUDGET_CLASS, BUDGET_LEARNER, BUDGET_PROGRAM, BUDGET_SCOPES };
enum budget_period { BUDGET_DAY, BUDGET_MONTH, BUDGET_EVER, BUDGET_PERIODS };
extern const char *const budget_scope_names[], *const budget_period_names[];

struct plan {
    struct arena *arena;
    int n_member;
    struct plan_member members[PLAN_MEMBERS];
    struct plan_role roles[COMPANY_ROLES];
    struct budget_limit budgets[BUDGET_SCOPES][BUDGET_PERIODS];
    const char *currency;
    bool escalates; /* by what a senior is expected to add; else after a strike alone */
    double margin;  /* from here on one is asked, −1 to 1 */
};

/* Reads a company. Each mistake goes to the report with its line and a remedy; NULL when there is
 * one. `folder` is where relative paths begin. */
struct plan *plan_parse(struct view text, const char *folder, const struct report *);
/* The same of a file; its mistakes are of this name. */
struct plan *plan_load(const char *path, json_t *problems);
void plan_free(struct plan *);                        /* NULL is allowed */
int plan_find(const struct plan *, const char *name); /* -1: there is none */
bool plan_has_budget(const struct plan *);

#endif
