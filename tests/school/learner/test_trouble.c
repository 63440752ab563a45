/* Trouble: another process, a full disk, a folder that may not be written, files that are damaged,
 * newer or none of ours. Each is told clearly, and nothing that was acknowledged is lost. */
#include "failing_disk.h"
#include "folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool try_attempt(struct record *record, int64_t learner, int64_t answer,
                        struct fault *fault) {
    json_t *number = json_integer(answer);
    struct attempt attempt = an_attempt(learner, 1, 0, number);
    bool good = record_attempt(record, NULL, &attempt, fault);
    json_decref(number);
    return good;
}

/* A record with one learner, who made `n` attempts; closed. */
static struct folder written_folder(int n) {
    struct fault fault = {0};
    struct folder folder = folder_new();
    struct record *record = folder_open(&folder);
    char token[65];
    int64_t learner = record_learner_new(record, token, &fault);
    for (int i = 0; i < n; i++)
        assert_true(try_attempt(record, learner, i, &fault));
    record_close(record);
    return folder;
}

static void expect_refusal(const struct folder *folder, enum fault_kind kind, const char *words) {
    struct fault fault = {0};
    char text[1000];
    assert_null(record_open(folder->path, &fault));
    assert_int_equal(fault.kind, kind);
    assert_non_null(strstr(fault_text(&fault, text, sizeof text), words));
    assert_true(*fault.remedy);
    assert_non_null(strstr(fault.file, folder->path));
}

/* ------------------------------------------------------------------------------ other processes
 */

static void a_second_process_is_told_who_holds_the_folder(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    int ready[2], done[2];
    char byte = 0, holder[32];
    assert_true(pipe(ready) == 0 && pipe(done) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct record *record = folder_open(&folder);
        MUST(write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1);
        record_close(record);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    snprintf(holder, sizeof holder, "process %d (", (int)child);
    expect_refusal(&folder, FAULT_MACHINE, holder);
    struct fault fault = {0};
    assert_false(record_rebuild(folder.path, &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_int_equal(write(done[1], &byte, 1), 1);
    waitpid(child, NULL, 0);
    record_close(folder_open(&folder));
    close(ready[0]), close(ready[1]), close(done[0]), close(done[1]);
    folder_delete(&folder);
}

static void the_lock_of_a_dead_process_holds_nobody_up(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    pid_t child = fork();
    if (child == 0) {
        folder_open(&folder);
        _exit(0); /* without closing it */
    }
    waitpid(child, NULL, 0);
    record_close(folder_open(&folder));
    folder_delete(&folder);
}

/* Opened as somebody without rights: they do not bind the administrator, as whom tests often run.
 */
static void expect_no_right(const struct folder *folder) {
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(9);
        struct fault fault = {0};
        struct record *record = record_open(folder->path, &fault);
        _exit(record ? 1 : fault.kind != FAULT_MACHINE ? 2 : !*fault.remedy ? 3 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_folder_that_may_not_be_written_is_told(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    unlink(folder.record); /* nothing but the folder is in the way */
    char lock[128];
    snprintf(lock, sizeof lock, "%s/lock", folder.path);
    unlink(lock);
    assert_int_equal(chmod(folder.path, 0555), 0);
    expect_no_right(&folder);
    chmod(folder.path, 0755);
    folder_delete(&folder);
}

static void a_file_that_may_not_be_written_is_told(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    assert_int_equal(chmod(folder.path, 0777), 0);
    assert_int_equal(chmod(folder.record, 0444), 0);
    char lock[128];
    snprintf(lock, sizeof lock, "%s/lock", folder.path);
    assert_int_equal(chmod(lock, 0666), 0);
    expect_no_right(&folder);
    folder_delete(&folder);
}

/* ----------------------------------------------------------------------------------- the disk */

/* Attempts until the disk fails; then mends it and counts: what was acknowledged is there, what
 * was refused is not, and the derived tables are those of the events. */
static void fail_at(int n, int code, bool *failed) {
    struct folder folder = written_folder(2);
    struct record *record = folder_open(&folder);
    struct fault fault = {0};
    int acknowledged = 2;
    failing_disk_after(n, code);
    for (int i = 2; i < 5; i++) {
        fault_clear(&fault);
        if (try_attempt(record, 1, i, &fault))
            acknowledged++;
        else
            assert_int_equal(fault.kind, FAULT_MACHINE);
    }
    *failed = failing_disk_failed();
    failing_disk_after(0, 0);
    fault_clear(&fault);
    if (*failed) /* mended, it goes on */
        assert_true(try_attempt(record, 1, 8, &fault));
    record_close(record);
    long kept = folder_count(&folder, "SELECT count(*) FROM event WHERE kind = 'attempt'");
    assert_int_equal(kept, acknowledged + *failed);
    assert_int_equal(folder_count(&folder, "SELECT attempts FROM exercise_seed"), kept);
    struct buffer live = {0}, again = {0};
    folder_dump(&folder, &live);
    assert_true(record_rebuild(folder.path, &fault));
    folder_dump(&folder, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&live);
    buffer_free(&again);
    folder_delete(&folder);
}

static void wherever_the_disk_fails_nothing_is_acknowledged_that_is_not_kept(void **state) {
    (void)state;
    static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        int n = 1, n_failed = 0;
        for (bool failed = true; failed; n++) {
            fail_at(n, codes[i], &failed);
            n_failed += failed;
        }
        assert_true(n_failed > 6); /* two changes, at the least, for each of three attempts */
    }
}

static void a_full_disk_leaves_the_old_tables_when_they_are_made_again(void **state) {
    (void)state;
    struct folder folder = written_folder(300);
    struct buffer before = {0}, after = {0};
    folder_dump(&folder, &before);
    for (int n = 1; n < 40; n += 3) {
        struct fault fault = {0};
        failing_disk_after(n, SQLITE_FULL);
        bool good = record_rebuild(folder.path, &fault);
        bool failed = failing_disk_failed();
        failing_disk_after(0, 0);
        if (!good)
            assert_int_equal(fault.kind, FAULT_MACHINE);
        assert_true(good || failed);
        buffer_clear(&after);
        folder_dump(&folder, &after);
        assert_string_equal(before.at, after.at);
    }
    buffer_free(&before);
    buffer_free(&after);
    folder_delete(&folder);
}

/* ------------------------------------------------------------------------------- other files */

static void read_whole(const struct folder *folder, struct buffer *out) {
    struct fault fault = {0};
    buffer_clear(out);
    assert_true(file_read(folder->record, 16 << 20, out, &fault));
}

static void expect_untouched(const struct folder *folder, const struct buffer *before) {
    struct buffer after = {0};
    read_whole(folder, &after);
    assert_int_equal(after.n, before->n);
    assert_memory_equal(after.at, before->at, before->n);
    buffer_free(&after);
}

static void a_record_of_a_newer_program_is_refused_and_left_alone(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    struct buffer before = {0};
    assert_int_equal(folder_sql(&folder, "PRAGMA user_version = 1000"), SQLITE_OK);
    read_whole(&folder, &before);
    expect_refusal(&folder, FAULT_INPUT, "newer");
    expect_untouched(&folder, &before);
    buffer_free(&before);
    folder_delete(&folder);
}

static void a_database_of_another_program_is_refused_and_left_alone(void **state) {
    (void)state;
    struct folder folder = written_folder(0);
    struct buffer before = {0};
    unlink(folder.record);
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(folder.record, &database), SQLITE_OK);
    sqlite3_exec(database, "CREATE TABLE event(a)", NULL, NULL, NULL);
    sqlite3_close(database);
    read_whole(&folder, &before);
    expect_refusal(&folder, FAULT_INPUT, "no record");
    expect_untouched(&folder, &before);
    buffer_free(&before);
    folder_delete(&folder);
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state) {
    (void)state;
    struct folder folder = written_folder(0);
    struct buffer before = {0};
    struct fault fault = {0};
    char noise[9000];
    random_bytes(noise, sizeof noise);
    assert_true(file_write(folder.record, (struct view){noise, sizeof noise}, &fault));
    read_whole(&folder, &before);
    expect_refusal(&folder, FAULT_INPUT, "no record");
    expect_untouched(&folder, &before);
    buffer_free(&before);
    folder_delete(&folder);
}

/* Pages overwritten with noise: told when it is opened, or, should the noise have hit what is not
 * used, no event may be missing. */
static void a_damaged_record_is_told_and_left_alone(void **state) {
    (void)state;
    struct folder folder = written_folder(400);
    struct buffer sound = {0}, before = {0};
    struct fault fault = {0};
    int n_refused = 0;
    read_whole(&folder, &sound);
    for (size_t page = 1; page * 4096 < sound.n; page++) {
        char *damaged = must_copy(buffer_view(&sound));
        random_bytes(damaged + page * 4096, 4096);
        assert_true(file_write(folder.record, (struct view){damaged, sound.n}, &fault));
        free(damaged);
        read_whole(&folder, &before);
        struct fault told = {0};
        struct record *record = record_open(folder.path, &told);
        if (record) {
            json_t *events = record_events(record, 1, 0, &fault);
            assert_int_equal(json_array_size(events), 401);
            json_decref(events);
            record_close(record);
        } else {
            n_refused++;
            assert_int_equal(told.kind, FAULT_INPUT);
            assert_non_null(strstr(told.message, "damaged"));
            expect_untouched(&folder, &before);
        }
    }
    assert_true(n_refused > 10);
    buffer_free(&sound);
    buffer_free(&before);
    folder_delete(&folder);
}

static void a_folder_without_a_record_gets_none_by_a_rebuild(void **state) {
    (void)state;
    struct folder folder = folder_new();
    struct fault fault = {0};
    assert_false(record_rebuild(folder.path, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_false(record_exists(folder.path));
    folder_delete(&folder);
}

int main(void) {
    failing_disk_insert();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_process_is_told_who_holds_the_folder),
        cmocka_unit_test(the_lock_of_a_dead_process_holds_nobody_up),
        cmocka_unit_test(a_folder_that_may_not_be_written_is_told),
        cmocka_unit_test(a_file_that_may_not_be_written_is_told),
        cmocka_unit_test(wherever_the_disk_fails_nothing_is_acknowledged_that_is_not_kept),
        cmocka_unit_test(a_full_disk_leaves_the_old_tables_when_they_are_made_again),
        cmocka_unit_test(a_record_of_a_newer_program_is_refused_and_left_alone),
        cmocka_unit_test(a_database_of_another_program_is_refused_and_left_alone),
        cmocka_unit_test(a_file_that_is_no_database_is_refused_and_left_alone),
        cmocka_unit_test(a_damaged_record_is_told_and_left_alone),
        cmocka_unit_test(a_folder_without_a_record_gets_none_by_a_rebuild),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
