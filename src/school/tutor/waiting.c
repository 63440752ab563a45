/* While a draft is long in coming (many ask at once, or the machine is slow), the learner hears
 * that the tutor still looks, and what there is meanwhile: the quote that the search is not sure
 * of, or the author's hint where an exercise is at hand. Only where the draft is all that would
 * answer: else the author's words stand already. */
#include "school/tutor/turn.h"

#include <errno.h>
#include <time.h>

static struct timespec from_now(double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)(seconds * 1e9);
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    return until;
}

static bool has_hint(const struct turn *turn) {
    return turn->variant && !turn->state.solved && !turn->state.bottomed &&
           (size_t)turn->state.hints < turn->variant->n_hint;
}

/* The turn's own thread waits for the company meanwhile, and touches none of what is said. */
static void *wait_and_say(void *data) {
    struct waiting *waiting = data;
    struct timespec until = from_now(waiting->turn->tutor->patience);
    int late = 0;
    pthread_mutex_lock(&waiting->lock);
    while (!waiting->over && late != ETIMEDOUT)
        late = pthread_cond_timedwait(&waiting->changed, &waiting->lock, &until);
    bool over = waiting->over;
    pthread_mutex_unlock(&waiting->lock);
    if (over)
        return NULL;
    struct turn *turn = waiting->turn;
    if (turn->course_says)
        say_quotes(turn, true);
    else {
        say_phrase(turn, has_hint(turn) ? PHRASE_STILL_LOOKING_HINT : PHRASE_STILL_LOOKING,
                   (struct view){0});
        say_mark(turn, "draft"); /* gives way to what is found */
    }
    turn->waits = true;
    waiting->kept = say_flush(turn);
    return NULL;
}

void waiting_begin(struct waiting *waiting, struct turn *turn) {
    *waiting = (struct waiting){.turn = turn, .kept = true};
    if (turn->move != MOVE_ANSWER || !turn_looks_further(turn) || !turn->send)
        return;
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&waiting->lock, NULL);
    pthread_cond_init(&waiting->changed, &steady);
    pthread_condattr_destroy(&steady);
    waiting->begun = !pthread_create(&waiting->thread, NULL, wait_and_say, waiting);
}

bool waiting_end(struct waiting *waiting) {
    if (!waiting->begun)
        return true;
    pthread_mutex_lock(&waiting->lock);
    waiting->over = true;
    pthread_cond_signal(&waiting->changed);
    pthread_mutex_unlock(&waiting->lock);
    pthread_join(waiting->thread, NULL);
    pthread_cond_destroy(&waiting->changed);
    pthread_mutex_destroy(&waiting->lock);
    return waiting->kept;
}
