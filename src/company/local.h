/* local: a model on this machine that answers programs, inside the room. Its texts are computed
 * together with the learners', who come first. */
#ifndef LYCEUM_COMPANY_LOCAL_H
#define LYCEUM_COMPANY_LOCAL_H

#include "company/wire.h"

struct company;
struct company_load;
struct local;

/* Borrows the model, which must outlive it. */
struct local *local_open(struct model *, const char *name);
void local_close(struct local *); /* NULL is allowed; nobody may be asking */
const char *local_name(const struct local *);
int local_context(const struct local *); /* tokens of prompt and answer together */
/* Adds what programs have of it now, and had. */
void local_load(struct local *, struct company_load *);
/* As company_chat; request->model is not looked at. Words of the answer that stand already
 * (`begun`) are gone on with, and not told again. */
bool local_chat(struct local *, const struct chat_request *, struct view begun,
                const struct chat_listener *, struct chat_result *, struct fault *);

/* local_chat by the model of a company of one, after it is there (chat.c). */
bool member_chat(struct company *, const struct chat_request *, struct view begun,
                 const struct chat_listener *, struct chat_result *, struct fault *);
/* The company's own, when its model is ready; NULL with a fault (company.c). */
struct local *company_local(struct company *, struct fault *);

#endif
