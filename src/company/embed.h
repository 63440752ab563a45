/* embed: vectors of texts, inside the room. */
#ifndef LYCEUM_COMPANY_EMBED_H
#define LYCEUM_COMPANY_EMBED_H

#include "company/wire.h"

struct company;
struct embedder;

struct embedder *embedder_open(const char *path); /* NULL: there is no such file */
void embedder_close(struct embedder *);           /* NULL is allowed */
const char *embedder_name(const struct embedder *);
/* As company_embed, by the local model; NULL: a fault that says how to get one. */
bool embedder_run(struct embedder *, const struct embedding_request *, struct embedded *,
                  struct fault *);
/* The company's own, or NULL (company.c). */
struct embedder *company_embedder(const struct company *);

#endif
