/* company: models at work together.
 *
 * A company has members, local models and servers far away, and roles, each an ordered list of
 * members of which the last is local: the floor. Who is asked for a role asks the first that can
 * be had; when one dies in the middle of a sentence, the next goes on behind the words that were
 * said. docs/company.md tells the file that says all this. Without one there is the local model in
 * every role, or nobody at all: then every draft is refused at once and the authored course
 * speaks. Models load in the background, so that the school opens at once. All functions may be
 * called from any thread. */
#ifndef LYCEUM_COMPANY_H
#define LYCEUM_COMPANY_H

#include "base/base.h"
#include "company/judgement.h"
#include "company/keys.h"
#include "company/tuning.h"
#include "company/wire.h"

struct company;
struct grammar;

enum company_state { COMPANY_ABSENT, COMPANY_LOADING, COMPANY_READY };

enum company_role {
    COMPANY_FRONT,     /* speaks with the learner */
    COMPANY_WORKER,    /* drafts, several at once */
    COMPANY_REVIEWER,  /* checks */
    COMPANY_LIBRARIAN, /* embeds, ranks */
    COMPANY_SENIOR,    /* is asked what is hard */
    COMPANY_CHIEF,     /* plans */
    COMPANY_ROLES
};
extern const char *const company_role_names[];                  /* NULL at the end */
bool company_role_named(const char *name, enum company_role *); /* false: there is none */

enum { COMPANY_ADAPTERS = 16 };

struct company_adapter { /* of the local model */
    const char *name;    /* by which requests ask for it */
    const char *path;
    float scale;     /* 1: as strong as its file says */
    bool specialist; /* writes only where a request names it */
};

struct company_options {
    const char *model;                      /* a path, or NULL */
    const struct company_adapter *adapters; /* [n_adapter], COMPANY_ADAPTERS at most */
    int n_adapter;
    const char *file;     /* company.yaml; NULL: the model above in every role */
    const char *data;     /* the folder of company.db: spending, what became of drafts; NULL: in
                           * memory alone */
    json_t *problems;     /* gets the mistakes of the file, as company_reload's; or NULL */
    const char *embedder; /* a path, or NULL: a model that makes vectors of texts */
};

/* NULL with a fault that tells the first mistake when there is a file and it has one. Otherwise:
 * no model, or a file that does not exist: a company without members. Loading goes on in the
 * background; a file that cannot be used makes the state ABSENT and company_problem tells why. */
struct company *company_open(const struct company_options *, struct fault *);
void company_close(struct company *);
enum company_state company_state(const struct company *);
bool company_wait(struct company *, double seconds); /* true when READY within that time */
/* One sentence on why there is no model; "" when there is one. Valid until company_close. */
const char *company_problem(const struct company *);
const char *company_model_name(const struct company *); /* "" when absent */

/* Reads the file again, or another (NULL: the same one). False where it has mistakes, each
 * {"file","line","message","remedy"} in problems; the company stays as it was. Who is at work
 * finishes by the old one. */
bool company_reload(struct company *, const char *file, json_t *problems);
/* What the company does now: members, roles, who is at work, queues, money, the last events.
 * "file" is null without one. Holds no words of a learner and no key. New reference. */
json_t *company_status(struct company *);
/* Tries each member: [{"name","kind","reachable","problem","first_token_seconds",
 * "tokens_per_second","price","supports":[…]}…]. `tried`, or NULL, is told of each in turn. */
json_t *company_check(struct company *, void (*tried)(void *, const json_t *), void *data);

/* Whether the member that writes by this adapter (as in a request) was trained on what a tutor is
 * asked in the language (adapter_is_tutor); false until it is ready. */
bool company_is_tutor(const struct company *, const char *adapter, const char *language);
/* adapter_tutor_bound of that member's; NAN where it tells none. */
double company_tutor_bound(const struct company *, const char *adapter, const char *language);
/* The name by which requests on this course ask for its specialist; NULL where it has none: then
 * whoever writes for all courses does. */
const char *company_specialist(const struct company *, struct view course);

/* Whether the next draft of a role would be a local member's, who has adapters and can choose. */
bool company_is_local(struct company *, enum company_role, const struct company_payer *);
/* Whether all members of a role are this machine's: then nothing of a request leaves it, also when
 * one of them fails. */
bool company_stays_local(struct company *, enum company_role);

/* Whether the role senior is somebody else's than the role front: then it is worth asking. */
bool company_has_senior(struct company *);

struct company_request {
    const json_t *messages; /* [{"role","content"}…]; a shared beginning is reused */
    enum company_role role;
    const char *member; /* who alone is asked, by name; NULL: those of the role, in order */
    struct company_payer payer;
    const char *why; /* of a senior: why one is asked, for the owner; or NULL */
    /* Words of the answer that stand already: it goes on behind them, without repeating any. */
    struct view begun;
    bool (*say)(void *data, struct view text); /* gets the words as they come; or NULL. False:
                                                * enough */
    void *data;
    /* Of the company's; NULL: the first that is no specialist, or none; "": without one. */
    const char *adapter;
    int max_tokens;
    float temperature;
    uint64_t seed;
    /* Text of which the words may be used, beside function words, digits and plain punctuation
     * (grounded decoding); an empty view leaves the draft free. */
    struct view lexicon;
    /* Of model.h: a local member writes one of its texts; what others write is for the caller to
     * hold against it. NULL: any text. */
    const struct grammar *grammar;
    const char *const *stop; /* NULL-terminated, or NULL */
    double seconds;          /* gives up after this time; 0: 30 s */
    int priority;            /* who waits for it; the higher comes first */
    const volatile bool *cancel;
};

struct company_draft {
    double first_token_seconds, seconds;
    int n_prompt, n_reused, n_generated;
    double log_probability; /* mean a token */
    char model[64];         /* who wrote the last of it */
    int n_takeover;         /* members that failed before the end */
    double money;           /* that it cost */
    double sure;            /* of an answer that was chosen (draft_choose.c), else 0 */
    char told[200];         /* why it was not the first of the role, for the owner; or "" */
};

/* Appends the member's words. FAULT_MISSING when there is no member ready. Many are written at the
 * same time, each the same as if it were alone; beyond 32 the others wait in order. */
bool company_write(struct company *, const struct company_request *, struct buffer *out,
                   struct company_draft *, struct fault *);
/* How likely the member is to write each of n texts in answer to its own messages. Those with the
 * same messages stand side by side, so that these are computed once. Of the request its adapter,
 * seconds, priority and cancel count. draft->n_generated: passes. Faults as company_write. */
struct company_text {
    const json_t *messages;
    struct view text;
    int n_token; /* of its first tokens, up to 16 */
    double at;   /* told: the natural logarithm of the probability that it begins so */
};
bool company_weigh(struct company *, const struct company_request *, struct company_text *texts,
                   size_t n, struct company_draft *, struct fault *);

/* ----------------------------------------------------------------------------------- judgement
 *
 * What became of drafts is kept in the data folder, as numbers: no words, nobody's name.
 *
 * How likely a draft of this member (company_draft.model) on a kind of question will do. */
double company_probability(struct company *, const char *member, const char *kind,
                           const struct features *);
/* What became of it; `told` is what company_probability gave. */
void company_learn(struct company *, const char *member, const struct judged *, double told);
/* The last draft that was learnt with these features did well in the review and not with the
 * learner: what is learnt of it is corrected. Nothing where there is none. */
void company_regret(struct company *, const char *member, const struct judged *);
/* Whether by company.yaml a senior is to be asked, though nothing is wrong with the draft: one
 * adds on this kind, by what is known, at least the margin. False where the file says no margin.
 */
bool company_escalates(struct company *, const char *kind, double probability);

/* ------------------------------------------------------------------------- for other programs
 *
 * wire.h has the structs. */

struct company_model {
    char name[128];    /* by which requests ask for it */
    const char *owner; /* "lyceum", or who runs it far away */
    int n_context;     /* tokens; 0: not known */
};
/* Names that a chat_request may use now, at most n of them: "lyceum", the roles, the members.
 * Returns how many there are. */
size_t company_models(const struct company *, struct company_model *, size_t n);
/* Answers a request; the listener gets the words as they come. Each choice is as it would be
 * alone, with its seed. False with a fault, and in the result what a program is told of it; the
 * listener may have heard the beginning then. */
bool company_chat(struct company *, const struct chat_request *, const struct chat_listener *,
                  struct chat_result *, struct fault *);

/* The librarian's vectors, all by the same member. Those of another member are not to be compared
 * with them: who keeps vectors asks a member by its name. */
bool company_embed(struct company *, const struct embedding_request *, struct embedded *,
                   struct fault *);

/* Erases from the data folder what members have cost for the learners, as if it had never been,
 * free pages and log too, and revokes the keys that act for them. True where nothing was kept;
 * after a failure it may be said again. */
bool company_forget(const char *folder, const int64_t *learners, size_t n, struct fault *);
/* What the members far away have cost for programs today: {key's name: {"money","tokens"}}. Empty
 * where nothing was kept. NULL with a fault. */
json_t *company_programs_today(const char *folder, struct fault *);

/* Prometheus text. */
void company_metrics(struct company *, struct buffer *out);

#endif
