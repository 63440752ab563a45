/* echo: how likely a prompt's own tokens were, inside the room. */
#ifndef LYCEUM_COMPANY_ECHO_H
#define LYCEUM_COMPANY_ECHO_H

#include "model/model.h"

/* For each of n tokens what a session would have told had it written them: its chance after those
 * before it, and the likeliest in its place. One step a token, so that memory does not grow with
 * the prompt. Of the first token nothing is known. */
bool echo_chances(struct session *, const int32_t *tokens, size_t n, int n_alternative,
                  const volatile bool *cancel, struct written_token *out, struct fault *);

#endif
