/* For tests of constraints: small vocabularies, and texts that are drawn under a constraint. */
#ifndef LYCEUM_TESTS_MODEL_CONSTRAINED_H
#define LYCEUM_TESTS_MODEL_CONSTRAINED_H

#include "builder.h"
#include "model/vocabulary.h"

struct small {
    struct view file;
    struct gguf *gguf;
    struct vocabulary *vocabulary;
};

/* A token for each byte, some that hold several characters, some that end in one, and an end. */
void small_open(struct small *, bool sentence_piece);
void small_close(struct small *);

/* Draws a token evenly from those that the constraint allows; −1: none. */
int draw_token(const struct constraint *, const struct vocabulary *, struct random *,
               float *logits);
/* Draws until an end token; false when none came within `most` tokens, or nothing was allowed. */
bool draw_text(const struct constraint *, const struct vocabulary *, int most, struct random *,
               struct buffer *out);
/* The token of a text, which must be one; whether a text could be said token by token (bytes). */
int token_of(const struct vocabulary *, const char *text);
bool may_say(const struct constraint *, const struct vocabulary *, const char *text, bool whole);

#endif
