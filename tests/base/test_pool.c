/* The pool: every part runs once, whatever the threads do. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <cmocka.h>
#include <sys/resource.h>
#include <time.h>

enum { MAX_PARTS = 97 };

struct counts {
    atomic_int parts[MAX_PARTS];
    atomic_int wrong_total;
    int n_part;
};

static void count(void *data, int part, int n_part) {
    struct counts *counts = data;
    atomic_fetch_add(&counts->parts[part], 1);
    if (n_part != counts->n_part)
        atomic_fetch_add(&counts->wrong_total, 1);
}

static void every_part_runs_exactly_once(void **state) {
    (void)state;
    for (int n_thread = 1; n_thread <= 4; n_thread++) {
        struct pool *pool = pool_new(n_thread);
        for (int round = 0; round < 3000; round++) {
            struct counts counts = {.n_part = round % MAX_PARTS};
            pool_run(pool, count, &counts, counts.n_part);
            for (int i = 0; i < MAX_PARTS; i++)
                assert_int_equal(counts.parts[i], i < counts.n_part ? 1 : 0);
            assert_int_equal(counts.wrong_total, 0);
        }
        pool_free(pool);
    }
}

static void jobs_after_a_sleep_run_too(void **state) {
    (void)state;
    struct pool *pool = pool_new(3);
    for (int round = 0; round < 20; round++) {
        struct counts counts = {.n_part = 50};
        pool_run(pool, count, &counts, counts.n_part);
        for (int i = 0; i < 50; i++)
            assert_int_equal(counts.parts[i], 1);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    pool_free(pool);
}

static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void an_idle_pool_uses_no_processor(void **state) {
    (void)state;
    struct pool *pool = pool_new(4);
    struct counts counts = {.n_part = 8};
    pool_run(pool, count, &counts, 8);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    double before = processor_seconds();
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    assert_true(processor_seconds() - before < 0.05);
    pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_runs_exactly_once),
        cmocka_unit_test(jobs_after_a_sleep_run_too),
        cmocka_unit_test(an_idle_pool_uses_no_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
