/* office: the company that a file describes: its members as they work, and who is asked in turn.
 * Inside the room. company.c sends each call here when there is a file. */
#ifndef LYCEUM_COMPANY_OFFICE_H
#define LYCEUM_COMPANY_OFFICE_H

#include "company/board.h"
#include "company/remote.h"
#include "company/spending.h"

struct own_model { /* a model of this machine: a company of one, shared by those who name it */
    char *path, *adapter; /* path NULL: the default model */
    struct company *company;
    int n_user;
    struct own_model *next;
};

struct colleague { /* a member as it works: local, or at one address or several */
    const struct plan_member *plan;
    struct own_model *model;
    struct endpoint *endpoints;
    int n_endpoint;
};

struct firm { /* one reading of the file; lives until its last user leaves */
    struct plan *plan;
    struct colleague colleagues[PLAN_MEMBERS];
    int n_user;
};

struct office {
    pthread_mutex_t lock; /* of firm, models, n_user */
    struct firm *firm;
    struct own_model *models;
    char *file;
    struct company_options options; /* of the default model; copies */
    struct arena *arena;            /* of them */
    struct spending *spending;
    struct board board;
};

struct office *company_office(struct company *); /* NULL: a company of one (company.c) */

/* NULL with a fault when the file has mistakes; all of them go to options->problems. */
struct office *office_open(const struct company_options *, struct fault *);
void office_close(struct office *);
bool office_reload(struct office *, const char *file, json_t *problems);
struct firm *office_enter(struct office *); /* the present firm, kept until office_leave */
void office_leave(struct office *, struct firm *);

/* The local member of a role that comes first; each role has one. */
struct company *office_floor(const struct firm *, enum company_role);
/* That of the role front. Valid until the file is read again without it. */
const struct company *office_first(struct office *);
enum company_state office_state(struct office *);
bool office_wait(struct office *, double seconds);
bool office_has_senior(struct office *);
bool office_is_local(struct office *, enum company_role, const struct company_payer *);
bool office_stays_local(struct office *, enum company_role);
json_t *office_status(struct office *);
json_t *office_check(struct office *, void (*tried)(void *, const json_t *), void *data);
void office_metrics(struct office *, struct buffer *out);

/* As company_write and company_chat. */
bool office_write(struct office *, const struct company_request *, struct buffer *out,
                  struct company_draft *, struct fault *);
bool office_weigh(struct office *, const struct company_request *, struct company_text *texts,
                  size_t n, struct company_draft *, struct fault *);
/* librarian.c; the embedder is the floor, or NULL. */
struct embedder;
bool office_embed(struct office *, struct embedder *, const struct embedding_request *,
                  struct embedded *, struct fault *);
bool office_chat(struct office *, const struct chat_request *, const struct chat_listener *,
                 struct chat_result *, struct fault *);

#endif
