/* Bayesian knowledge tracing fitted to what learners did: expectation maximisation for a hidden
 * Markov model of two states (Baum and Welch) in which what was learnt is not unlearnt. */
#include "school/learner/practice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How often each of the four happened, of how often it could: expected counts. */
struct expected {
    double started, start_of, moved, move_of, guessed, guess_of, slipped, slip_of;
};

static double seen(const struct tracing *tracing, bool known, bool right) {
    double chance = known ? 1 - tracing->slip : tracing->guess;
    return right ? chance : 1 - chance;
}

/* Forward and backward over one learner's answers, scaled at each; adds to the counts and gives
 * the logarithm of their probability. `forward` has room for 3 numbers an answer. */
static double expect(const struct tracing *tracing, const struct answers *answers,
                     double (*forward)[3], struct expected *sum) {
    double logarithm = 0, known = tracing->start;
    for (size_t i = 0; i < answers->n; i++) {
        double yes = known * seen(tracing, true, answers->right[i]);
        double no = (1 - known) * seen(tracing, false, answers->right[i]);
        double all = yes + no > 1e-300 ? yes + no : 1e-300;
        forward[i][0] = no / all;
        forward[i][1] = yes / all;
        forward[i][2] = all;
        logarithm += log(all);
        known = forward[i][1] + forward[i][0] * tracing->transit;
    }
    double back_no = 1, back_yes = 1;
    for (size_t i = answers->n; i-- > 0;) {
        double yes = forward[i][1] * back_yes, no = forward[i][0] * back_no;
        double all = yes + no > 1e-300 ? yes + no : 1e-300;
        yes /= all;
        no /= all;
        bool right = answers->right[i];
        sum->guess_of += no;
        sum->slip_of += yes;
        sum->guessed += right ? no : 0;
        sum->slipped += right ? 0 : yes;
        if (i == 0) {
            sum->started += yes;
            sum->start_of += 1;
            break;
        }
        double see_yes = seen(tracing, true, right) * back_yes / forward[i][2];
        double see_no = seen(tracing, false, right) * back_no / forward[i][2];
        double moved = forward[i - 1][0] * tracing->transit * see_yes;
        double stayed = forward[i - 1][0] * (1 - tracing->transit) * see_no;
        sum->moved += moved;
        sum->move_of += moved + stayed;
        back_no = tracing->transit * see_yes + (1 - tracing->transit) * see_no;
        back_yes = see_yes;
    }
    return logarithm;
}

/* The share, drawn towards `prior` as if that had been seen `weight` times; inside (0, 1). */
static double share(double happened, double of, double prior, double weight) {
    double all = of + weight;
    double value = all > 0 ? (happened + prior * weight) / all : prior;
    return fmin(fmax(value, 1e-4), 1 - 1e-4);
}

static double maximise(struct tracing *tracing, const struct expected *sum,
                       const struct tracing *prior, double weight) {
    struct tracing next = {.start = share(sum->started, sum->start_of, prior->start, weight),
                           .transit = share(sum->moved, sum->move_of, prior->transit, weight),
                           .guess = share(sum->guessed, sum->guess_of, prior->guess, weight),
                           .slip = share(sum->slipped, sum->slip_of, prior->slip, weight)};
    double moved =
        fmax(fmax(fabs(next.start - tracing->start), fabs(next.transit - tracing->transit)),
             fmax(fabs(next.guess - tracing->guess), fabs(next.slip - tracing->slip)));
    *tracing = next;
    return moved;
}

double tracing_likelihood(const struct tracing *tracing, const struct answers *answers, size_t n) {
    double logarithm = 0;
    for (size_t i = 0; i < n; i++) {
        double known = tracing->start;
        for (size_t j = 0; j < answers[i].n; j++) {
            double right = tracing_right(tracing, known);
            logarithm += log(fmax(answers[i].right[j] ? right : 1 - right, 1e-300));
            known = tracing_after(tracing, known, answers[i].right[j]);
        }
    }
    return logarithm;
}

void tracing_fit(struct tracing *tracing, const struct answers *answers, size_t n,
                 const struct tracing *prior, double weight, int rounds) {
    size_t longest = 1;
    for (size_t i = 0; i < n; i++)
        longest = answers[i].n > longest ? answers[i].n : longest;
    double (*forward)[3] = must_alloc(longest, sizeof *forward);
    *tracing = *prior;
    for (int round = 0; round < rounds; round++) {
        struct expected sum = {0};
        for (size_t i = 0; i < n; i++)
            expect(tracing, &answers[i], forward, &sum);
        if (maximise(tracing, &sum, prior, weight) < 1e-6)
            break;
    }
    free(forward);
}

bool tracing_of_school(struct tracing *tracing, const struct answers *answers, size_t n_learner) {
    enum { LEARNERS = 20, ROUNDS = 60, WEIGHT = 20 };
    struct tracing found;
    if (n_learner < LEARNERS)
        return false;
    tracing_fit(&found, answers, n_learner, &tracing_default, WEIGHT, ROUNDS);
    /* Otherwise who knows would hardly be right more often: which of the two states is knowing is
     * then open, and the old numbers stay. */
    if (found.guess + found.slip >= 0.9)
        return false;
    *tracing = found;
    return true;
}

int64_t tracing_next_fit(int64_t n_answer, bool fitted) {
    enum { FIRST = 200 };
    return !n_answer ? FIRST : fitted ? 2 * n_answer : n_answer + n_answer / 4 + 1;
}
