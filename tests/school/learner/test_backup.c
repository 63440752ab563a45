/* Copies: as of one moment while the record is written to, sound, with their hash; put back only
 * when sound, and never without a copy of what was there. */
#include "failing_disk.h"
#include "folder.h"
#include "school/learner/care.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool answer(struct record *record, int64_t learner, int64_t number) {
    struct fault fault = {0};
    json_t *value = json_integer(number);
    struct attempt attempt = an_attempt(learner, 1 + (uint64_t)number % 5, number % 2, value);
    bool good = record_attempt(record, NULL, &attempt, &fault);
    json_decref(value);
    return good;
}

static struct folder written_folder(int n) {
    struct folder folder = folder_new();
    struct fault fault = {0};
    char token[65];
    struct record *record = folder_open(&folder);
    assert_int_equal(record_learner_new(record, token, &fault), 1);
    for (int i = 0; i < n; i++)
        assert_true(answer(record, 1, i));
    record_close(record);
    return folder;
}

static long n_events(const struct folder *folder) {
    return folder_count(folder, "SELECT count(*) FROM event");
}

static size_t n_copies(const struct folder *folder) {
    char *copies = copies_folder(folder->path);
    json_t *names = copies_in(copies);
    size_t n = json_array_size(names);
    json_decref(names);
    free(copies);
    return n;
}

/* -------------------------------------------------------------------------------- copying */

struct busy {
    struct record *record;
    atomic_long n_done;
    atomic_bool stop;
};

static void *keep_writing(void *data) {
    struct busy *busy = data;
    while (!atomic_load(&busy->stop)) {
        MUST(answer(busy->record, 1, atomic_load(&busy->n_done)));
        atomic_fetch_add(&busy->n_done, 1);
    }
    return NULL;
}

static void copies_made_while_learners_work_are_whole_and_hold_all_acknowledged(void **state) {
    (void)state;
    struct folder folder = written_folder(50), other = folder_new();
    struct busy busy = {.record = folder_open(&folder)};
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, keep_writing, &busy), 0);
    for (int i = 0; i < 10; i++) {
        struct fault fault = {0};
        struct backup backup;
        struct restored restored;
        while (atomic_load(&busy.n_done) < i * 5)
            usleep(1000);
        long before = atomic_load(&busy.n_done);
        assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
        assert_true(backup.n_event >= 51 + before);
        assert_true(copy_check(backup.path, true, NULL, &fault));
        assert_true(record_restore(backup.path, other.path, &restored, &fault));
        assert_int_equal(restored.n_event, backup.n_event);
        struct buffer live = {0}, again = {0};
        folder_dump(&other, &live);
        assert_true(record_rebuild(other.path, &fault));
        folder_dump(&other, &again);
        assert_string_equal(live.at, again.at);
        buffer_free(&live);
        buffer_free(&again);
    }
    atomic_store(&busy.stop, true);
    pthread_join(writer, NULL);
    record_close(busy.record);
    folder_delete(&folder);
    folder_delete(&other);
}

static void the_hash_beside_a_copy_is_as_sha256sum_reads_it(void **state) {
    (void)state;
    struct folder folder = written_folder(5);
    struct fault fault = {0};
    struct backup backup;
    struct buffer command = {0};
    assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
    buffer_format(&command, "cd %s/backups && sha256sum --status -c *.sha256", folder.path);
    assert_int_equal(system(command.at), 0);
    assert_int_equal(strlen(backup.sha256), 64);
    buffer_free(&command);
    folder_delete(&folder);
}

static void so_many_copies_are_kept_and_the_newest_ones(void **state) {
    (void)state;
    struct folder folder = written_folder(1);
    struct fault fault = {0};
    struct backup backup;
    struct buffer ahead = {0};
    /* Of a clock that was put back since: still the newest must be the one made now. */
    buffer_format(&ahead, "%s/backups", folder.path);
    assert_true(folder_make(ahead.at, &fault));
    buffer_format(&ahead, "/record-20990101T000000Z.db");
    assert_true(file_write(ahead.at, VIEW("x"), &fault));
    for (int i = 0; i < 5; i++) {
        assert_true(record_backup(folder.path, NULL, 3, &backup, &fault));
        assert_true(file_exists(backup.path));
        assert_int_equal(n_copies(&folder), i < 1 ? 2 : 3);
    }
    assert_int_equal(backup.n_dropped, 1);
    assert_false(file_exists(ahead.at));
    buffer_free(&ahead);
    folder_delete(&folder);
}

static void a_full_disk_leaves_no_half_copy(void **state) {
    (void)state;
    struct folder folder = written_folder(30);
    int n = 1;
    for (bool failed = true; failed; n += failing_disk_stride()) {
        struct fault fault = {0};
        struct backup backup;
        size_t before = n_copies(&folder);
        failing_disk_after(n, SQLITE_FULL);
        bool good = record_backup(folder.path, NULL, 0, &backup, &fault);
        failed = failing_disk_failed();
        failing_disk_after(0, 0);
        assert_int_equal(n_copies(&folder), before + good);
        assert_int_equal(folder_holds(&folder, ".part"), 0);
        if (good)
            assert_true(copy_check(backup.path, true, NULL, &fault));
        else
            assert_int_equal(fault.kind, FAULT_MACHINE);
    }
    assert_true(n > 5);
    assert_int_equal(n_events(&folder), 31);
    folder_delete(&folder);
}

static void a_folder_without_a_record_has_nothing_to_copy(void **state) {
    (void)state;
    struct folder folder = folder_new();
    struct fault fault = {0};
    struct backup backup;
    assert_false(record_backup(folder.path, NULL, 0, &backup, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_false(record_exists(folder.path));
    folder_delete(&folder);
}

/* ----------------------------------------------------------------------------- putting back */

static void what_was_there_is_copied_before_it_is_replaced(void **state) {
    (void)state;
    struct folder folder = written_folder(3);
    struct fault fault = {0};
    struct backup backup;
    struct restored restored, again;
    assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
    struct record *record = folder_open(&folder);
    assert_true(answer(record, 1, 77));
    record_close(record);
    assert_true(record_restore(backup.path, folder.path, &restored, &fault));
    assert_int_equal(n_events(&folder), 4);
    assert_true(copy_check(restored.safe, true, NULL, &fault));
    assert_true(record_restore(restored.safe, folder.path, &again, &fault));
    assert_int_equal(n_events(&folder), 5);
    folder_delete(&folder);
}

static void expect_refused(const struct folder *folder, const char *file, const char *words) {
    struct fault fault = {0};
    struct restored restored;
    struct buffer before = {0}, after = {0};
    char text[1000];
    folder_dump(folder, &before);
    assert_false(record_restore(file, folder->path, &restored, &fault));
    if (!strstr(fault_text(&fault, text, sizeof text), words))
        fail_msg("%s: %s", words, text);
    assert_true(*fault.remedy);
    folder_dump(folder, &after);
    assert_string_equal(before.at, after.at);
    assert_int_equal(folder_holds(folder, ".part"), 0);
    buffer_free(&before);
    buffer_free(&after);
}

static void damaged_newer_and_foreign_files_are_refused_and_nothing_changes(void **state) {
    (void)state;
    struct folder folder = written_folder(200), other = folder_new();
    struct fault fault = {0};
    struct backup backup;
    struct buffer sound = {0}, side = {0}, missing = {0};
    assert_true(record_backup(folder.path, other.path, 0, &backup, &fault));
    assert_true(file_read(backup.path, 1 << 24, &sound, &fault));
    buffer_format(&side, "%s.sha256", backup.path);

    char *spoilt = must_copy(buffer_view(&sound)); /* one bit, which only the hash can tell */
    spoilt[sound.n - 9] ^= 1;
    assert_true(file_write(backup.path, (struct view){spoilt, sound.n}, &fault));
    expect_refused(&folder, backup.path, "damaged");
    unlink(side.at); /* without a hash, what can be seen must do */
    for (size_t at = 4096; at + 4096 <= sound.n; at += 4096)
        memset(spoilt + at, 0x5a, 2000);
    assert_true(file_write(backup.path, (struct view){spoilt, sound.n}, &fault));
    expect_refused(&folder, backup.path, "amaged");
    assert_true(file_write(backup.path, view_slice(buffer_view(&sound), 0, sound.n / 2), &fault));
    expect_refused(&folder, backup.path, "amaged");
    assert_true(file_write(backup.path, VIEW("a letter to a friend"), &fault));
    expect_refused(&folder, backup.path, "no record");
    assert_true(file_write(backup.path, VIEW(""), &fault));
    expect_refused(&folder, backup.path, "no record");

    struct folder newer = written_folder(1);
    assert_int_equal(folder_sql(&newer, "PRAGMA user_version = 1000"), SQLITE_OK);
    expect_refused(&folder, newer.record, "newer");
    buffer_format(&missing, "%s/none.db", other.path);
    expect_refused(&folder, missing.at, "no such file");
    free(spoilt);
    buffer_free(&sound);
    buffer_free(&side);
    buffer_free(&missing);
    folder_delete(&newer);
    folder_delete(&other);
    folder_delete(&folder);
}

static void a_folder_that_is_held_keeps_its_record(void **state) {
    (void)state;
    struct folder folder = written_folder(2);
    struct fault fault = {0};
    struct backup backup;
    struct restored restored;
    assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
    struct record *record = folder_open(&folder);
    assert_false(record_restore(backup.path, folder.path, &restored, &fault));
    assert_non_null(strstr(fault.message, "held by"));
    record_close(record);
    folder_delete(&folder);
}

static void a_damaged_record_is_kept_too_when_a_copy_takes_its_place(void **state) {
    (void)state;
    struct folder folder = written_folder(100);
    struct fault fault = {0};
    struct backup backup;
    struct restored restored;
    assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
    assert_true(file_write(folder.record, VIEW("what the fire left"), &fault));
    assert_true(record_restore(backup.path, folder.path, &restored, &fault));
    assert_int_equal(n_events(&folder), 101);
    struct buffer kept = {0};
    assert_true(file_read(restored.safe, 1000, &kept, &fault));
    assert_string_equal(kept.at, "what the fire left");
    buffer_free(&kept);
    folder_delete(&folder);
}

static void whom_the_record_has_forgotten_an_old_copy_does_not_bring_back(void **state) {
    (void)state;
    struct folder folder = written_folder(4), other = folder_new();
    struct fault fault = {0};
    struct backup backup;
    struct restored restored;
    struct forgotten forgotten;
    struct record *record = folder_open(&folder);
    char token[65];
    assert_int_equal(record_learner_new(record, token, &fault), 2);
    assert_true(record_learner_name(record, 1, VIEW("Zebulonia"), &fault));
    record_close(record);
    assert_true(record_backup(folder.path, other.path, 0, &backup, &fault));
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_true(record_restore(backup.path, folder.path, &restored, &fault));
    assert_int_equal(folder_holds(&folder, "Zebulonia"), 0);
    assert_int_equal(n_events(&folder), 1);
    assert_int_equal(folder_count(&folder, "SELECT count(*) FROM learner"), 1);
    folder_delete(&folder);
    folder_delete(&other);
}

/* Killed at any change of a file: the old record or the new one, whole. */
static void killed_at_any_change_the_old_record_or_the_copy_is_there(void **state) {
    (void)state;
    int n = 1, n_old = 0, n_new = 0;
    for (bool killed = true; killed; n += failing_disk_stride()) {
        struct folder folder = written_folder(6), other = folder_new();
        struct fault fault = {0};
        struct backup backup;
        assert_true(record_backup(folder.path, other.path, 0, &backup, &fault));
        struct record *record = folder_open(&folder);
        assert_true(answer(record, 1, 77));
        record_close(record);
        pid_t child = fork();
        if (child == 0) {
            struct restored restored;
            failing_disk_kill_at(n);
            _exit(record_restore(backup.path, folder.path, &restored, &fault) ? 0 : 1);
        }
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFEXITED(status));
        killed = WEXITSTATUS(status) == FAILING_DISK_KILLED;
        assert_true(killed || WEXITSTATUS(status) == 0);
        record_close(folder_open(&folder));
        long kept = n_events(&folder);
        assert_true(kept == 7 || kept == 8);
        n_old += kept == 8;
        n_new += kept == 7;
        folder_delete(&folder);
        folder_delete(&other);
    }
    print_message("# killed %d times: %d times the old record, %d times the copy\n",
                  n_old + n_new - 1, n_old, n_new);
    assert_true(n_old > 5 && n_new > 0);
}

int main(void) {
    failing_disk_insert();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_made_while_learners_work_are_whole_and_hold_all_acknowledged),
        cmocka_unit_test(the_hash_beside_a_copy_is_as_sha256sum_reads_it),
        cmocka_unit_test(so_many_copies_are_kept_and_the_newest_ones),
        cmocka_unit_test(a_full_disk_leaves_no_half_copy),
        cmocka_unit_test(a_folder_without_a_record_has_nothing_to_copy),
        cmocka_unit_test(what_was_there_is_copied_before_it_is_replaced),
        cmocka_unit_test(damaged_newer_and_foreign_files_are_refused_and_nothing_changes),
        cmocka_unit_test(a_folder_that_is_held_keeps_its_record),
        cmocka_unit_test(a_damaged_record_is_kept_too_when_a_copy_takes_its_place),
        cmocka_unit_test(whom_the_record_has_forgotten_an_old_copy_does_not_bring_back),
        cmocka_unit_test(killed_at_any_change_the_old_record_or_the_copy_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
