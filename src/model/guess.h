/* guess: speculation by looking up, inside the room.
 *
 * A text that answers from a passage copies much of it. What followed the last few tokens when
 * they came before may follow again; a network that is bound by memory reads several guesses for
 * little more than one token. Who picks tokens keeps a guess only where it picks the same, so the
 * text does not change, only its speed (Saxena 2023, "Prompt lookup decoding"; the exactness of
 * keeping what equals the draw: Leviathan et al. 2023, arXiv 2211.17192). */
#ifndef LYCEUM_MODEL_GUESS_H
#define LYCEUM_MODEL_GUESS_H

#include "model/model.h"

enum {
    GUESS_MOST = 7,  /* with the certain one a step of eight tokens */
    GUESS_MATCH = 4, /* tokens that must have come before, at most … */
    GUESS_LEAST = 2, /* … and at least */
};

/* What guessing was worth so far, in seconds, and what it is expected to be worth. */
struct guesser {
    double seconds[GUESS_MOST + 1]; /* of a step with so many guesses; 0: not measured */
    double chance[GUESS_MATCH + 1]; /* that a guess is right, after a match of so many tokens */
    double balance;                 /* seconds won by guessing, less those lost */
    double elapsed;
    int n_step;
    int n_match; /* of the guesses that wait for their judgement */
};

void guess_open(struct guesser *);
/* Finds the latest place where the last tokens, as many as match, came before. Writes what
 * followed there, as far as it is worth it and at most `most` tokens; returns how many. */
int guess_next(struct guesser *, const int32_t *tokens, size_t n, int most, int32_t *out);
/* Tells how a step went: n_guess were tried, the first n_kept were right. */
void guess_learn(struct guesser *, int n_guess, int n_kept, double seconds);

#endif
