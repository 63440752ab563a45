/* session: one mutable timeline, inside the room. */
#ifndef LYCEUM_MODEL_SESSION_H
#define LYCEUM_MODEL_SESSION_H

#include "model/model.h"
#include "model/network.h"
#include "model/pages.h"

struct scheduler;
struct task;

const struct gguf *model_gguf(const struct model *);
/* Made when it is first asked for; NULL with a fault when there is no memory. */
struct scheduler *model_scheduler(struct model *, struct fault *);
/* Hash of what makes two files the same model: shapes, formats, and samples of all weights. */
void model_fingerprint(const struct model *, char out[65]);

/* What a session has computed is in the pages of its model, where it finds it by its tokens. */
struct session {
    struct model *model;
    struct scheduler *scheduler;
    int n_context, n_vocabulary;
    int32_t *tokens; /* [n_context]; the first n were computed */
    size_t n;
    float *logits; /* [n_vocabulary], after the last token, when … */
    bool logits_ready;
    struct path path;              /* while it runs; its root always */
    const struct adapter *adapter; /* or NULL */
    float adapter_scale;
    char adapter_key[64]; /* zeros without one: what tells its texts from others' */
};

/* As long, and with the same adapter. */
struct session *session_open_like(const struct session *, struct fault *);
/* Checks the task's tokens and runs it to its end; the fault must be fresh. */
bool session_run(struct session *, struct task *, struct fault *);
/* As session_restore, from memory. */
bool session_restore_bytes(struct session *, struct view, struct fault *);

#endif
