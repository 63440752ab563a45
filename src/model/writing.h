/* writing: one generation as a machine that others step, inside the room.
 *
 * Whoever steps it makes a session hold `writing_tokens`, gives the logits to `writing_take`, and
 * goes on until that is false. The text waits until the caller's own thread fetches it by
 * `writing_say`, so that a slow listener holds up nobody else. */
#ifndef LYCEUM_MODEL_WRITING_H
#define LYCEUM_MODEL_WRITING_H

#include "model/model.h"

struct writing;

/* Copies the prefix; what the generation points at must outlive the writing. NULL with a fault
 * when it asks for something impossible or memory is short. */
struct writing *writing_open(const struct vocabulary *, const int32_t *prefix, size_t n,
                             const struct generation *, struct fault *);
/* What the session should hold now: the prefix, what was written, guesses of what may follow.
 * Valid until the next writing_take. Never more than the prefix and max_tokens - 1. */
const struct tokens *writing_tokens(const struct writing *);
/* How many of these, at the end, are guesses: the logits of as many positions and one more are
 * wanted. */
int writing_guesses(const struct writing *);
/* Picks tokens from [guesses + 1][n_vocabulary] logits, which it changes. `seconds`: what they
 * took to compute; of a step with other texts the share of these positions, so that a guess is not
 * thought cheap because all pay for it. False: it is over; then a kind in the fault tells whether
 * something failed. One thread at a time. */
bool writing_take(struct writing *, float *logits, double seconds, struct fault *);
/* Gives the text that is ready to generation->say, on the calling thread; false: it wants no more,
 * which the next writing_take heeds. May run beside writing_take, but not beside itself. Call it
 * once more when writing_take was false. */
bool writing_say(struct writing *);
/* What was said so far is appended to `out`; false with a fault when there was no memory for all
 * of it. `out` and the result may be NULL, the writing too. The result's n_reused is left to
 * whoever knows it. */
bool writing_close(struct writing *, struct buffer *out, struct generation_result *,
                   struct fault *);

#endif
