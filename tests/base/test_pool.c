/* The pool: every part runs once, whatever the threads do. */
#include "base/base.h"
#include "base/quota.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void *call_often(void *data) {
    struct pool *pool = data;
    for (int round = 0; round < 2000; round++) {
        struct counts counts = {.n_part = 1 + round % 9};
        pool_run(pool, count, &counts, counts.n_part);
        for (int i = 0; i < counts.n_part; i++)
            if (counts.parts[i] != 1 || counts.wrong_total)
                return data; /* a part did not run once */
    }
    return NULL;
}

static void callers_in_a_crowd_take_turns(void **state) {
    (void)state;
    struct pool *pool = pool_new(5);
    pthread_t callers[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, call_often, pool), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong = NULL;
        pthread_join(callers[i], &wrong);
        assert_null(wrong);
    }
    pool_free(pool);
}

struct led { /* by one caller of a crowd */
    struct pool *pool;
    int niceness;
    bool good;
};

static void count_behind(void *data) {
    struct led *led = data;
    struct counts counts = {.n_part = 9};
    led->niceness = getpriority(PRIO_PROCESS, 0);
    pool_run(led->pool, count, &counts, counts.n_part);
    led->good = !counts.wrong_total;
    for (int i = 0; i < counts.n_part; i++)
        led->good = led->good && counts.parts[i] == 1;
}

static void *lead_often(void *data) {
    struct led *led = data;
    int mine = getpriority(PRIO_PROCESS, 0);
    bool good = true;
    for (int round = 0; round < 200; round++) {
        led->good = false;
        pool_lead(led->pool, count_behind, led);
        good = good && led->good && (led->niceness > mine || mine == 19);
    }
    led->good = good && getpriority(PRIO_PROCESS, 0) == mine;
    return NULL;
}

static void what_comes_second_has_a_lower_priority_than_its_callers_who_keep_theirs(void **state) {
    (void)state;
    for (int n_thread = 1; n_thread <= 3; n_thread++) {
        struct pool *pool = pool_new_second(n_thread);
        struct led led[4];
        pthread_t callers[4];
        for (int i = 0; i < 4; i++) {
            led[i] = (struct led){.pool = pool};
            assert_int_equal(pthread_create(&callers[i], NULL, lead_often, &led[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
            pthread_join(callers[i], NULL);
            assert_true(led[i].good);
        }
        pool_free(pool);
    }
}

static void another_pool_is_led_by_its_caller(void **state) {
    (void)state;
    struct pool *pool = pool_new(2);
    struct led led = {.pool = pool};
    pool_lead(pool, count_behind, &led);
    assert_true(led.good);
    assert_int_equal(led.niceness, getpriority(PRIO_PROCESS, 0));
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
    double spent = 1;
    for (int i = 0; i < 20 && spent >= 0.002; i++) { /* a busy machine may come to it late */
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        double before = processor_seconds();
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        spent = processor_seconds() - before;
    }
    assert_true(spent < 0.002);
    pool_free(pool);
}

/* ------------------------------------------------------------------------------------- quotas */

/* A folder that stands for the root of a file system. */
static void put(const char *root, const char *path, const char *text) {
    char full[512], folder[512];
    struct fault fault = {0};
    snprintf(full, sizeof full, "%s%s", root, path);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(full, '/') - full), full);
    assert_true(folder_make(folder, &fault));
    assert_true(file_write(full, view_of(text), &fault));
}

struct group {
    const char *path, *text;
};

static double quota_with(const struct group *files, size_t n) {
    char root[] = "/tmp/lyceum-quota-XXXXXX", command[64];
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < n; i++)
        put(root, files[i].path, files[i].text);
    double quota = quota_processors(root);
    snprintf(command, sizeof command, "rm -r '%s'", root);
    assert_int_equal(system(command), 0);
    return quota;
}

#define QUOTA(...)                                                                                \
    quota_with((const struct group[]){__VA_ARGS__},                                               \
               sizeof((const struct group[]){__VA_ARGS__}) / sizeof(struct group))
#define CGROUP "/proc/self/cgroup"
#define MOUNTS "/proc/self/mountinfo"
#define MOUNT_2 "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate\n"

static void a_quota_of_version_2_is_found_in_the_group_and_around_it(void **state) {
    (void)state;
    struct group mount = {MOUNTS, "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" MOUNT_2};
    struct group nested = {CGROUP, "0::/a/b\n"};
    assert_true(QUOTA({CGROUP, "0::/\n"}, mount, {"/sys/fs/cgroup/cpu.max", "max 100000\n"}) == 0);
    assert_true(QUOTA({CGROUP, "0::/\n"}, mount, {"/sys/fs/cgroup/cpu.max", "150000 100000\n"}) ==
                1.5);
    assert_true(QUOTA(nested, mount, {"/sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"},
                      {"/sys/fs/cgroup/a/cpu.max", "100000 50000\n"}) == 2);
    assert_true(QUOTA(nested, mount, {"/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n"},
                      {"/sys/fs/cgroup/a/cpu.max", "max 100000\n"}) == 3);
}

static void a_quota_is_found_where_a_container_sees_only_its_own_groups(void **state) {
    (void)state;
    assert_true(QUOTA({CGROUP, "0::/docker/abc/x\n"},
                      {MOUNTS, "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
                      {"/sys/fs/cgroup/x/cpu.max", "500000 100000\n"},
                      {"/sys/fs/cgroup/cpu.max", "600000 100000\n"}) == 5);
    assert_true(QUOTA({CGROUP, "0::/elsewhere\n"},
                      {MOUNTS, "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
                      {"/sys/fs/cgroup/cpu.max", "600000 100000\n"}) == 6);
}

static void a_quota_of_version_1_is_found_too(void **state) {
    (void)state;
    struct group groups = {CGROUP, "5:cpuset:/\n4:cpu,cpuacct:/a\n0::/\n"};
    struct group mounts = {MOUNTS, "31 23 0:27 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
                                   "32 23 0:28 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"};
    assert_true(QUOTA(groups, mounts, {"/cg/cpu/a/cpu.cfs_quota_us", "250000\n"},
                      {"/cg/cpu/a/cpu.cfs_period_us", "100000\n"},
                      {"/cg/cpu/cpu.cfs_quota_us", "-1\n"},
                      {"/cg/cpu/cpu.cfs_period_us", "100000\n"}) == 2.5);
    assert_true(QUOTA(groups, mounts, {"/cg/cpu/a/cpu.cfs_quota_us", "-1\n"},
                      {"/cg/cpu/a/cpu.cfs_period_us", "100000\n"}) == 0);
}

static void a_machine_without_groups_has_no_quota(void **state) {
    (void)state;
    assert_true(quota_processors("/nowhere") == 0);
    assert_true(QUOTA({CGROUP, "nonsense\n::\n"}, {MOUNTS, " - \n - cgroup2 x\n"}) == 0);
    assert_in_range(machine_threads(), 1, 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_runs_exactly_once),
        cmocka_unit_test(jobs_after_a_sleep_run_too),
        cmocka_unit_test(an_idle_pool_uses_no_processor),
        cmocka_unit_test(callers_in_a_crowd_take_turns),
        cmocka_unit_test(what_comes_second_has_a_lower_priority_than_its_callers_who_keep_theirs),
        cmocka_unit_test(another_pool_is_led_by_its_caller),
        cmocka_unit_test(a_quota_of_version_2_is_found_in_the_group_and_around_it),
        cmocka_unit_test(a_quota_is_found_where_a_container_sees_only_its_own_groups),
        cmocka_unit_test(a_quota_of_version_1_is_found_too),
        cmocka_unit_test(a_machine_without_groups_has_no_quota),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
