/* Two members at once, where the first is slow to begin (hedging; Dean and Barroso 2013, "The tail
 * at scale"). The first is asked by the caller's thread, which looks at the clock while it waits;
 * the second, if it comes to that, writes on a thread of its own into a queue. Whoever has the
 * first word is told, and the other is given up. */
#include "company/relay.h"

#include <errno.h>
#include <time.h>

struct race {
    pthread_mutex_t lock; /* of the queue, winner and over */
    pthread_cond_t changed;
    struct attempt *first, *second, *winner;
    double until; /* then the second begins */
    pthread_t thread;
    bool both;
};

bool race_text(struct attempt *attempt, struct view text) {
    struct race *race = attempt->race;
    bool is_first = attempt == race->first;
    pthread_mutex_lock(&race->lock);
    if (!race->winner) {
        race->winner = attempt;
        (is_first ? race->second : race->first)->lost = true;
    }
    bool wins = race->winner == attempt;
    if (wins && !is_first) {
        buffer_append(&attempt->queue, text);
        pthread_cond_signal(&race->changed);
    }
    pthread_mutex_unlock(&race->lock);
    return wins && (is_first ? job_text(attempt->job, 0, text) : !attempt->lost);
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

void race_look(struct attempt *attempt) {
    struct race *race = attempt->race;
    if (!race || attempt != race->first || race->both || race->winner ||
        clock_seconds() < race->until || job_is_over(attempt->job))
        return;
    race->both = pthread_create(&race->thread, NULL, run, race->second) == 0;
    race->until = race->both ? race->until : attempt->deadline; /* there is no thread for it */
    if (race->both)
        board_note(&attempt->job->office->board, BOARD_HEDGED, attempt->job->role,
                   attempt->by.who->plan->name, race->second->by.who->plan->name,
                   "no word in time", "no word of the first in time");
}

/* Until there is news, for a moment at most: nobody tells when who asked has gone. */
static void await(struct race *race) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 50000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&race->changed, &race->lock, &until);
}

/* Tells the second's words as they come. Under the lock, but for the telling. */
static void tell_second(struct race *race) {
    struct attempt *second = race->second;
    struct buffer taken = {0};
    bool over = false;
    job_taken_by(second->job, second);
    while (!over) {
        while (!second->queue.n && !second->over && !job_is_over(second->job))
            await(race);
        buffer_clear(&taken);
        buffer_append(&taken, buffer_view(&second->queue));
        buffer_clear(&second->queue);
        over = (second->over && !taken.n) || job_is_over(second->job);
        pthread_mutex_unlock(&race->lock);
        if (taken.n && !job_text(second->job, 0, buffer_view(&taken)))
            over = true;
        pthread_mutex_lock(&race->lock);
    }
    buffer_free(&taken);
}

/* The first has ended. What the second has to say, where it has the word or may yet have it. */
static void finish_second(struct race *race) {
    struct attempt *first = race->first, *second = race->second;
    pthread_mutex_lock(&race->lock);
    while (!race->winner && first->end != CALL_DONE && !second->over && !job_is_over(first->job))
        await(race);
    if (race->winner == second)
        tell_second(race);
    second->lost = true;
    pthread_mutex_unlock(&race->lock);
    pthread_join(race->thread, NULL);
}

struct attempt *race_run(struct attempt *first, struct attempt *second, double seconds) {
    struct race race = {.first = first, .second = second, .until = clock_seconds() + seconds};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&race.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&race.lock, NULL);
    first->race = second->race = &race;
    job_taken_by(first->job, first);
    attempt_run(first);
    if (race.both)
        finish_second(&race);
    buffer_free(&second->queue);
    pthread_cond_destroy(&race.changed);
    pthread_mutex_destroy(&race.lock);
    first->race = second->race = NULL;
    return race.winner ? race.winner : first->end == CALL_DONE ? first : NULL;
}
