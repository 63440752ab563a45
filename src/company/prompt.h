/* prompt: messages as programs send them, made fit for a model's own template; inside the room. */
#ifndef LYCEUM_COMPANY_PROMPT_H
#define LYCEUM_COMPANY_PROMPT_H

#include "company/wire.h"

/* Whether the model's template writes tools and calls as calls.h does. */
bool prompt_knows_tools(const struct model *);
/* A conversation for model_chat, a new reference. A model whose template knows nothing of tools
 * has them explained. NULL with a fault, and in the result where in the request. */
json_t *prompt_conversation(const struct chat_request *, bool knows_tools, struct chat_result *,
                            struct fault *);

#endif
