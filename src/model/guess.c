/* Guesses: where they come from, and whether they pay.
 *
 * With g guesses that are each right with the chance p a step gives 1 + p + … + p^g tokens.
 * Against it stands what such a step costs, measured. The number that gives most tokens a second
 * is taken, which is none where texts do not repeat; then a try is made now and again, out of an
 * allowance of a hundredth of the time, so that a text that begins to copy is noticed. */
#include "model/guess.h"

#include <math.h>

/* Until measured: a step costs so much more for each guess. */
static const double usual_cost = 0.15;
static const double allowance = 0.01; /* of the time, lost at most … */
static const double first_tries = 2;  /* … after so many plain steps' time */
static const double worth_it = 1.03;  /* tokens a second against a plain step's */

void guess_open(struct guesser *guesser) {
    *guesser = (struct guesser){.chance = {[2] = 0.4, [3] = 0.6, [4] = 0.75}};
}

/* How many of the last tokens before `end` equal those before `at`, at most GUESS_MATCH. */
static int match_length(const int32_t *tokens, size_t at, size_t end) {
    int n = 0;
    while (n < GUESS_MATCH && (size_t)n < at &&
           tokens[at - 1 - (size_t)n] == tokens[end - 1 - (size_t)n])
        n++;
    return n;
}

/* The end of the longest match, the latest of them; 0: there is none. */
static size_t find_match(const int32_t *tokens, size_t n, int *length) {
    size_t found = 0;
    *length = GUESS_LEAST - 1;
    for (size_t at = n - 1; at >= GUESS_LEAST && *length < GUESS_MATCH; at--) {
        if (tokens[at - 1] != tokens[n - 1] || tokens[at - 2] != tokens[n - 2])
            continue;
        int now = match_length(tokens, at, n);
        if (now > *length) {
            *length = now;
            found = at;
        }
    }
    return found;
}

/* Of a step with g guesses, in plain steps: as measured, or from the nearest that was. */
static double cost_of(const struct guesser *guesser, int g) {
    double plain = guesser->seconds[0];
    if (g == 0)
        return 1;
    if (guesser->seconds[g] > 0)
        return guesser->seconds[g] / plain;
    for (int away = 1; away <= GUESS_MOST; away++)
        for (int side = -1; side <= 1; side += 2) {
            int other = g + side * away;
            if (other > 0 && other <= GUESS_MOST && guesser->seconds[other] > 0)
                return 1 + (guesser->seconds[other] / plain - 1) * g / other;
        }
    return 1 + usual_cost * g;
}

/* The number of guesses with the most tokens a second; *gain is how many times a plain step's. */
static int best_number(const struct guesser *guesser, double chance, int most, double *gain) {
    double tokens = 1, next = 1;
    int best = 0;
    *gain = 1;
    for (int g = 1; g <= most; g++) {
        next *= chance;
        tokens += next;
        double speed = tokens / cost_of(guesser, g);
        if (speed > *gain) {
            *gain = speed;
            best = g;
        }
    }
    return best;
}

int guess_next(struct guesser *guesser, const int32_t *tokens, size_t n, int most, int32_t *out) {
    int length;
    most = most < GUESS_MOST ? most : GUESS_MOST;
    if (most <= 0 || n < GUESS_LEAST + 1 || guesser->seconds[0] <= 0)
        return 0;
    /* What was lost beyond the allowance stops guessing until the time has made up for it. */
    double plain = guesser->seconds[0];
    double left = guesser->balance + allowance * guesser->elapsed + first_tries * plain;
    if (left <= 0)
        return 0;
    size_t from = find_match(tokens, n, &length);
    if (!from)
        return 0;
    double gain;
    int g = best_number(guesser, guesser->chance[length], most, &gain);
    if (gain < worth_it) { /* a try, as soon as the allowance pays for it */
        g = most < 2 ? most : 2;
        if ((cost_of(guesser, g) - 1) * plain > left)
            return 0;
    }
    guesser->n_match = length;
    for (int i = 0; i < g; i++) { /* past the end a period begins anew */
        size_t at = from + (size_t)i;
        out[i] = at < n ? tokens[at] : out[at - n];
    }
    return g;
}

static void approach(double *mean, double value, double weight) {
    *mean += weight * (value - *mean);
}

void guess_learn(struct guesser *guesser, int n_guess, int n_kept, double seconds) {
    double *mean = &guesser->seconds[n_guess];
    guesser->elapsed += seconds;
    if (*mean <= 0)
        *mean = seconds;
    else /* a step that waited for others must not count for much */
        approach(mean, fmin(seconds, 2 * *mean), n_guess ? 0.2 : 0.1);
    if (n_guess == 0)
        return;
    double *chance = &guesser->chance[guesser->n_match];
    for (int i = 0; i < n_kept; i++)
        approach(chance, 1, 0.1);
    if (n_kept < n_guess)
        approach(chance, 0, 0.1);
    double plain = guesser->seconds[0];
    guesser->balance += (1 + n_kept) * plain - fmin(seconds, 10 * plain);
    guesser->balance = fmin(guesser->balance, 8 * plain); /* what was won long ago is spent */
}
