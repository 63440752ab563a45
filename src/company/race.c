/* Two members at once, where the first is slow to begin (hedging; Dean and Barroso 2013, "The tail
 * at scale"). Each writes on a thread of its own into its queue; the caller's thread takes from
 * the queue of whoever has the first word, and the other is given up. */
#include "company/relay.h"

#include <errno.h>
#include <time.h>

struct race {
    pthread_mutex_t lock; /* of the queues, first and over */
    pthread_cond_t changed;
};

bool race_text(struct attempt *attempt, struct view text) {
    struct race *race = attempt->race;
    pthread_mutex_lock(&race->lock);
    buffer_append(&attempt->queue, text);
    attempt->first = true;
    pthread_cond_signal(&race->changed);
    pthread_mutex_unlock(&race->lock);
    return !attempt->lost;
}

static void *run(void *data) {
    struct attempt *attempt = data;
    attempt_run(attempt);
    pthread_mutex_lock(&attempt->race->lock);
    attempt->over = true;
    pthread_cond_signal(&attempt->race->changed);
    pthread_mutex_unlock(&attempt->race->lock);
    return NULL;
}

/* Until there is news, for a moment at most: nobody tells when who asked has gone. */
static void await(struct race *race, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)((seconds < 0.05 ? seconds : 0.05) * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&race->changed, &race->lock, &until);
}

/* The one that has a word, or NULL when all that began have ended without one. */
static struct attempt *await_word(struct race *race, struct attempt *first,
                                  struct attempt *second) {
    for (;;) {
        if (first->first)
            return first;
        if (second && second->first)
            return second;
        if ((first->over || job_is_over(first->job)) &&
            (!second || second->over || job_is_over(first->job)))
            return first->over && first->end == CALL_DONE ? first : NULL;
        await(race, 0.05);
    }
}

/* Tells the winner's words as they come. */
static void tell_all(struct race *race, struct attempt *winner) {
    struct buffer taken = {0};
    bool over = false;
    while (!over) {
        while (!winner->queue.n && !winner->over && !job_is_over(winner->job))
            await(race, 0.05);
        buffer_clear(&taken);
        buffer_append(&taken, buffer_view(&winner->queue));
        buffer_clear(&winner->queue);
        over = (winner->over && !taken.n) || job_is_over(winner->job);
        pthread_mutex_unlock(&race->lock);
        if (taken.n && !job_text(winner->job, 0, buffer_view(&taken)))
            over = true;
        pthread_mutex_lock(&race->lock);
    }
    buffer_free(&taken);
}

struct attempt *race_run(struct attempt *first, struct attempt *second, double seconds) {
    struct race race;
    pthread_t threads[2];
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&race.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&race.lock, NULL);
    first->race = second->race = &race;
    bool runs = pthread_create(&threads[0], NULL, run, first) == 0, both = false;
    struct attempt *winner = NULL;
    struct job *job = first->job;
    double until = clock_seconds() + seconds;
    job_taken_by(job, first);
    pthread_mutex_lock(&race.lock);
    while (runs && !first->first && !first->over && clock_seconds() < until && !job_is_over(job))
        await(&race, until - clock_seconds());
    if (runs && !first->first && !first->over && !job_is_over(job)) {
        both = pthread_create(&threads[1], NULL, run, second) == 0;
        if (both)
            board_note(&job->office->board, BOARD_HEDGED, job->role, first->by.who->plan->name,
                       second->by.who->plan->name, "no word in time",
                       "no word of the first in time");
    }
    winner = runs ? await_word(&race, first, both ? second : NULL) : NULL;
    if (winner) {
        if (both)
            (winner == first ? second : first)->lost = true;
        job_taken_by(job, winner);
        tell_all(&race, winner);
    }
    first->lost = second->lost = true;
    pthread_mutex_unlock(&race.lock);
    if (runs)
        pthread_join(threads[0], NULL);
    if (both)
        pthread_join(threads[1], NULL);
    buffer_free(&first->queue);
    buffer_free(&second->queue);
    pthread_cond_destroy(&race.changed);
    pthread_mutex_destroy(&race.lock);
    first->race = second->race = NULL;
    return winner;
}
