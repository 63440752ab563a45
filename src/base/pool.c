/* One pool of worker threads.
 *
 * A job is announced by a new number in `ticket`. Workers watch it for a moment, since in the
 * middle of a network the next job comes within microseconds; then they sleep on the condition, so
 * that an idle program uses no processor. Parts are handed out by one counter that carries the
 * job's number in its upper half, so that a late worker cannot take a part of the wrong job. */
#include "base/base.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_THREADS = 64 };
static const double spin_seconds = 100e-6;

struct pool {
    int n_thread; /* the caller included */
    pthread_t threads[MAX_THREADS];
    pthread_mutex_t caller; /* one job at a time */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int sleeping; /* under lock */
    atomic_bool stop;
    atomic_uint ticket; /* number of the present job */
    /* The job: written before the ticket, read after it. */
    void (*job)(void *data, int part, int n_part);
    void *data;
    int n_part;
    _Alignas(64) _Atomic uint64_t next; /* ticket << 32 | next part */
    _Alignas(64) atomic_int undone;     /* parts not finished */
    _Alignas(64) atomic_int inside;     /* workers that may read the job */
};

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    sched_yield();
#endif
}

static void take_parts(struct pool *pool, uint32_t ticket) {
    for (;;) {
        uint64_t next = atomic_load(&pool->next);
        if ((uint32_t)(next >> 32) != ticket || (int)(uint32_t)next >= pool->n_part)
            return;
        if (!atomic_compare_exchange_weak(&pool->next, &next, next + 1))
            continue;
        pool->job(pool->data, (int)(uint32_t)next, pool->n_part);
        atomic_fetch_sub(&pool->undone, 1);
    }
}

/* Waits until the ticket differs from `seen` or the pool stops. */
static void await_ticket(struct pool *pool, uint32_t seen) {
    double until = 0;
    for (int i = 0;; i++) {
        if (atomic_load(&pool->ticket) != seen || atomic_load(&pool->stop))
            return;
        relax();
        if (i % 64 == 63) {
            double now = clock_seconds();
            if (until == 0)
                until = now + spin_seconds;
            else if (now > until)
                break;
        }
    }
    pthread_mutex_lock(&pool->lock);
    pool->sleeping++;
    while (atomic_load(&pool->ticket) == seen && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->lock);
    pool->sleeping--;
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *data) {
    struct pool *pool = data;
    uint32_t seen = 0;
    for (;;) {
        await_ticket(pool, seen);
        if (atomic_load(&pool->stop))
            return NULL;
        atomic_fetch_add(&pool->inside, 1);
        seen = atomic_load(&pool->ticket);
        take_parts(pool, seen);
        atomic_fetch_sub(&pool->inside, 1);
    }
}

/* CPUs that a cgroup's quota allows: "max 100000" or "150000 100000" (version 2). */
static int quota_threads(void) {
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (!file)
        return MAX_THREADS;
    double quota = 0, period = 0;
    int n = fscanf(file, "%lf %lf", &quota, &period);
    fclose(file);
    if (n != 2 || quota <= 0 || period <= 0)
        return MAX_THREADS;
    int threads = (int)(quota / period + 0.5);
    return threads < 1 ? 1 : threads;
}

int machine_threads(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int quota = quota_threads();
    if (n > quota)
        n = quota;
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

struct pool *pool_new(int n_thread) {
    struct pool *pool = aligned_alloc(64, (sizeof *pool + 63) & ~(size_t)63);
    MUST(pool != NULL);
    *pool = (struct pool){0};
    if (n_thread <= 0)
        n_thread = machine_threads();
    pool->n_thread = n_thread > MAX_THREADS ? MAX_THREADS : n_thread;
    pthread_mutex_init(&pool->caller, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    for (int i = 1; i < pool->n_thread; i++)
        if (pthread_create(&pool->threads[i], NULL, work, pool)) {
            pool->n_thread = i; /* the machine gives no more: go on with those there are */
            break;
        }
    return pool;
}

void pool_free(struct pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < pool->n_thread; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->caller);
    free(pool);
}

int pool_threads(const struct pool *pool) {
    return pool->n_thread;
}

void pool_run(struct pool *pool, void (*job)(void *data, int part, int n_part), void *data,
              int n_part) {
    if (n_part <= 0)
        return;
    if (pool->n_thread == 1 || n_part == 1) {
        for (int part = 0; part < n_part; part++)
            job(data, part, n_part);
        return;
    }
    pthread_mutex_lock(&pool->caller);
    uint32_t ticket = atomic_load(&pool->ticket) + 1;
    /* A worker that woke late for the last job may still be looking at it: from here on it finds
     * nothing to take, and once it has left, the job may be written. */
    atomic_store(&pool->next, (uint64_t)ticket << 32 | UINT32_MAX);
    while (atomic_load(&pool->inside))
        relax();
    pool->job = job;
    pool->data = data;
    pool->n_part = n_part;
    atomic_store(&pool->undone, n_part);
    atomic_store(&pool->next, (uint64_t)ticket << 32);
    atomic_store(&pool->ticket, ticket);
    pthread_mutex_lock(&pool->lock);
    if (pool->sleeping)
        pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    take_parts(pool, ticket);
    for (int i = 0; atomic_load(&pool->undone); i++) {
        relax();
        if (i > 20000) /* somebody else needs the processor that our worker waits for */
            sched_yield();
    }
    pthread_mutex_unlock(&pool->caller);
}
