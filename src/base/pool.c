/* One pool of worker threads.
 *
 * A job is announced by a new number in `ticket`. Workers watch it for a moment, since in the
 * middle of a network the next job comes within microseconds; then they sleep on the condition, so
 * that an idle program uses no processor. Where a processor is wanted by others, which a yield
 * that took long betrays, they sleep at once.
 *
 * `state` holds how many workers are inside a job (upper half) and its next part (lower half), so
 * that a worker enters and takes its first part in one step. Between jobs the lower half is CLOSED
 * or more: who comes late finds no part, and whoever sees nobody inside may write the next job. */
#include "base/base.h"
#include "base/quota.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MAX_THREADS = 64, CLOSED = 1 << 30, SECOND = 10 /* steps of niceness */ };
static const uint64_t one_inside = (uint64_t)1 << 32;

/* Seconds: of watching without a system call; before sleep; that a yield takes when another
 * program had the processor; that this is remembered for. */
static const double watch_alone = 20e-6, watch_long = 2e-3, long_yield = 60e-6, remember = 20e-3;

struct errand { /* of pool_lead */
    void (*job)(void *data);
    void *data;
    bool done;
};

struct pool {
    /* The job: written before the ticket, read after it. Workers watch this line. */
    _Alignas(64) atomic_uint ticket; /* number of the present job */
    int n_part;
    void (*job)(void *data, int part, int n_part);
    void *data;
    atomic_bool stop;
    _Alignas(64) _Atomic uint64_t state;
    _Alignas(64) atomic_int sleeping;
    int n_thread;           /* the caller included */
    pthread_mutex_t caller; /* one job at a time */
    pthread_mutex_t lock;   /* around sleeping and waking */
    pthread_cond_t wake;
    pthread_t threads[MAX_THREADS];
    bool second, leads; /* leads: the thread for errands runs */
    pthread_t leader;
    struct errand *errand;    /* under way, or NULL; under the lock like what follows */
    pthread_cond_t sent, led; /* an errand is there; one is done */
};

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#else
    sched_yield();
#endif
}

/* Takes parts until none is left; `state` is what it was when the first was taken. */
static void take_parts(struct pool *pool, uint64_t state) {
    for (;; state = atomic_fetch_add(&pool->state, 1)) {
        uint32_t part = (uint32_t)state;
        if (part >= CLOSED || (int)part >= pool->n_part)
            return;
        pool->job(pool->data, (int)part, pool->n_part);
    }
}

/* Waiting by watching: relaxes for a while, then lets others have the processor. */
struct watch {
    double start, now; /* 0 at first */
    int n;
    bool crowded; /* others want the processor */
};

static void watch(struct watch *watch) {
    relax();
    if (++watch->n % 32 != 0)
        return;
    double now = clock_seconds();
    if (watch->start == 0)
        watch->start = now;
    watch->now = now;
    if (now - watch->start < watch_alone)
        return;
    sched_yield();
    watch->now = clock_seconds();
    watch->crowded = watch->now - now > long_yield;
}

static bool is_new(struct pool *pool, uint32_t seen) {
    return atomic_load_explicit(&pool->ticket, memory_order_acquire) != seen ||
           atomic_load_explicit(&pool->stop, memory_order_acquire);
}

/* Waits until the ticket differs from `seen` or the pool stops. */
static void await_ticket(struct pool *pool, uint32_t seen, double *crowded_until) {
    struct watch watching = {0};
    while (!is_new(pool, seen)) {
        watch(&watching);
        if (watching.crowded)
            *crowded_until = watching.now + remember;
        double most = watching.now < *crowded_until ? watch_alone : watch_long;
        if (watching.now - watching.start > most)
            break;
    }
    if (is_new(pool, seen))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->ticket) == seen && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->lock);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->lock);
}

/* Who computes for a learner shall not keep another's answer from the processor. Of Linux, a
 * thread's own; nobody needs a right to it, nor gets it back without one. */
static void step_back(const struct pool *pool) {
    if (pool->second)
        setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + SECOND);
}

static void *lead(void *data) {
    struct pool *pool = data;
    step_back(pool);
    pthread_mutex_lock(&pool->lock);
    while (!atomic_load(&pool->stop)) {
        struct errand *errand = pool->errand;
        if (!errand || errand->done) {
            pthread_cond_wait(&pool->sent, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        errand->job(errand->data);
        pthread_mutex_lock(&pool->lock);
        errand->done = true;
        pthread_cond_broadcast(&pool->led);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

void pool_lead(struct pool *pool, void (*job)(void *data), void *data) {
    struct errand errand = {job, data, false};
    if (!pool->leads) {
        job(data);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    while (pool->errand)
        pthread_cond_wait(&pool->led, &pool->lock);
    pool->errand = &errand;
    pthread_cond_signal(&pool->sent);
    while (!errand.done)
        pthread_cond_wait(&pool->led, &pool->lock);
    pool->errand = NULL;
    pthread_cond_broadcast(&pool->led);
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *data) {
    struct pool *pool = data;
    step_back(pool);
    uint32_t seen = 0;
    double crowded_until = 0;
    for (;;) {
        await_ticket(pool, seen, &crowded_until);
        if (atomic_load(&pool->stop))
            return NULL;
        seen = atomic_load(&pool->ticket);
        take_parts(pool, atomic_fetch_add(&pool->state, one_inside + 1));
        atomic_fetch_sub(&pool->state, one_inside);
    }
}

int machine_threads(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    double quota = quota_processors("");
    if (quota > 0 && quota + 0.5 < n)
        n = (int)(quota + 0.5);
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

static struct pool *make(int n_thread, bool second) {
    struct pool *pool = aligned_alloc(64, (sizeof *pool + 63) & ~(size_t)63);
    MUST(pool != NULL);
    *pool = (struct pool){.state = CLOSED, .second = second};
    if (n_thread <= 0)
        n_thread = machine_threads();
    pool->n_thread = n_thread > MAX_THREADS ? MAX_THREADS : n_thread;
    pthread_mutex_init(&pool->caller, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->sent, NULL);
    pthread_cond_init(&pool->led, NULL);
    pool->leads = second && pthread_create(&pool->leader, NULL, lead, pool) == 0;
    for (int i = 1; i < pool->n_thread; i++)
        if (pthread_create(&pool->threads[i], NULL, work, pool)) {
            pool->n_thread = i; /* the machine gives no more: go on with those there are */
            break;
        }
    return pool;
}

struct pool *pool_new(int n_thread) {
    return make(n_thread, false);
}

struct pool *pool_new_second(int n_thread) {
    return make(n_thread, true);
}

void pool_free(struct pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->wake);
    pthread_cond_broadcast(&pool->sent);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < pool->n_thread; i++)
        pthread_join(pool->threads[i], NULL);
    if (pool->leads)
        pthread_join(pool->leader, NULL);
    pthread_cond_destroy(&pool->led);
    pthread_cond_destroy(&pool->sent);
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
    pool->job = job;
    pool->data = data;
    pool->n_part = n_part;
    /* Late ones may be inside, finding nothing: they stay counted, the parts begin at 0. */
    uint64_t state = atomic_load(&pool->state);
    while (!atomic_compare_exchange_weak(&pool->state, &state, state >> 32 << 32))
        ;
    atomic_fetch_add(&pool->ticket, 1);
    if (atomic_load(&pool->sleeping)) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->lock);
    }
    take_parts(pool, atomic_fetch_add(&pool->state, 1));
    /* All parts are taken. Whoever took one is inside until it is done. */
    atomic_fetch_or(&pool->state, CLOSED);
    struct watch watching = {0};
    while (atomic_load_explicit(&pool->state, memory_order_acquire) >= one_inside)
        watch(&watching);
    pthread_mutex_unlock(&pool->caller);
}
