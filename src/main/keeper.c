#include "main/keeper.h"

#include "school/school.h"

#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { AGAIN_SECONDS = 600 }; /* after a copy that failed */

struct keeper {
    const char *data;
    double seconds;
    int keep;
    bool closing;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

/* Seconds until the next copy is due, by the time of the newest; one of the future says nothing,
 * since the clock was put back. */
static double wait_of_newest(const struct keeper *keeper) {
    struct buffer pattern = {0};
    glob_t found = {0};
    struct stat status;
    double wait = 0;
    buffer_format(&pattern, "%s/backups/record-*Z.db", keeper->data);
    if (glob(pattern.at, 0, NULL, &found) == 0 && found.gl_pathc &&
        stat(found.gl_pathv[found.gl_pathc - 1], &status) == 0) {
        double age = difftime(time(NULL), status.st_mtime);
        wait = age < 0 ? 0 : keeper->seconds - age;
    }
    globfree(&found);
    buffer_free(&pattern);
    return wait > 0 ? wait : 0;
}

static double copy(const struct keeper *keeper) {
    struct fault fault = {0};
    char text[1200];
    json_t *done = school_backup(keeper->data, NULL, keeper->keep, &fault);
    if (!done)
        fprintf(stderr, "No copy of the record was made: %s\n",
                fault_text(&fault, text, sizeof text));
    json_decref(done);
    return done || keeper->seconds < AGAIN_SECONDS ? keeper->seconds : AGAIN_SECONDS;
}

static void *keep_on(void *data) {
    struct keeper *keeper = data;
    double until = clock_seconds() + wait_of_newest(keeper);
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->closing) {
        double left = until - clock_seconds();
        if (left <= 0) {
            pthread_mutex_unlock(&keeper->lock);
            until = clock_seconds() + copy(keeper);
            pthread_mutex_lock(&keeper->lock);
            continue;
        }
        struct timespec end;
        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_sec += left < 60 ? (time_t)left + 1 : 60;
        pthread_cond_timedwait(&keeper->wake, &keeper->lock, &end);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

struct keeper *keeper_open(const char *data, double hours, int keep) {
    if (!(hours > 0))
        return NULL;
    struct keeper *keeper = must_alloc(1, sizeof *keeper);
    *keeper = (struct keeper){.data = data, .seconds = hours * 3600, .keep = keep};
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->wake, &steady);
    pthread_condattr_destroy(&steady);
    MUST(pthread_create(&keeper->thread, NULL, keep_on, keeper) == 0);
    return keeper;
}

void keeper_close(struct keeper *keeper) {
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->closing = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    pthread_mutex_destroy(&keeper->lock);
    pthread_cond_destroy(&keeper->wake);
    free(keeper);
}
