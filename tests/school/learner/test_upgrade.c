/* A database of every earlier version is brought up to date: every event stays, the tables are
 * those of the events, and power cut on the way loses nothing. */
#include "failing_disk.h"
#include "folder.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static long newest(void) {
    static long version;
    if (!version) {
        struct folder folder = folder_new();
        record_close(folder_open(&folder));
        version = folder_count(&folder, "PRAGMA user_version");
        folder_delete(&folder);
    }
    return version;
}

/* A record as that version wrote it: VERSION.sql is what `sqlite3 record.db .dump` told, with its
 * two marks. It has learners 1 (Ada, who did each kind of thing) and 2. */
static struct folder of_version(long version) {
    struct folder folder = folder_new();
    struct fault fault = {0};
    struct buffer sql = {0}, path = {0};
    sqlite3 *database = NULL;
    buffer_format(&path, "%s/%ld.sql", VERSIONS, version);
    if (!file_read(path.at, 1 << 20, &sql, &fault))
        fail_msg("%s: version %ld of the record has no database here. Make one by the program of "
                 "that version: sqlite3 record.db .dump",
                 path.at, version);
    assert_int_equal(sqlite3_open(folder.record, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql.at, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    assert_int_equal(folder_count(&folder, "PRAGMA user_version"), version);
    buffer_free(&sql);
    buffer_free(&path);
    return folder;
}

static void dump_events(const struct folder *folder, struct buffer *out) {
    sqlite3 *database = NULL;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_open(folder->record, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT id, learner, at_ms, kind, data FROM event"
                                        " ORDER BY id",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW)
        for (int i = 0; i < 5; i++)
            buffer_format(out, "%s|", (const char *)sqlite3_column_text(row, i));
    sqlite3_finalize(row);
    sqlite3_close(database);
    assert_true(out->n > 0);
}

/* Opened by this program: nothing that was true is lost, and what follows follows. */
static void expect_up_to_date(const struct folder *folder, const struct buffer *events) {
    struct fault fault = {0};
    struct buffer after = {0}, live = {0}, again = {0};
    struct skill_state skill;
    struct record *record = folder_open(folder);
    json_t *name = record_name(record, 1);
    assert_string_equal(json_string_value(name), "Ada");
    assert_true(record_skill(record, 1, "c", "s", &skill));
    assert_int_equal(skill.attempts, 3);
    assert_int_equal(skill.unaided, 2);
    assert_true(record_learner_exists(record, 2));
    json_decref(name);
    record_close(record);
    dump_events(folder, &after);
    assert_string_equal(after.at, events->at);
    assert_int_equal(folder_count(folder, "PRAGMA user_version"), newest());
    folder_dump(folder, &live);
    assert_true(record_rebuild(folder->path, &fault));
    folder_dump(folder, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&after);
    buffer_free(&live);
    buffer_free(&again);
}

static void every_earlier_version_is_brought_up_to_date(void **state) {
    (void)state;
    long n = newest();
    for (long version = 1; version < n; version++) {
        struct folder folder = of_version(version);
        struct buffer events = {0};
        dump_events(&folder, &events);
        expect_up_to_date(&folder, &events);
        buffer_free(&events);
        folder_delete(&folder);
    }
    assert_true(n > 1);
}

static void power_cut_at_any_change_of_an_upgrade_loses_nothing(void **state) {
    (void)state;
    int n_cut = 0;
    for (long version = 1; version < newest(); version++) {
        int n = 1;
        for (bool killed = true; killed; n += failing_disk_stride()) {
            struct folder folder = of_version(version);
            struct buffer events = {0};
            dump_events(&folder, &events);
            pid_t child = fork();
            if (child == 0) {
                failing_disk_kill_at(n);
                struct record *record = record_open(folder.path, NULL);
                record_close(record);
                _exit(record ? 0 : 1);
            }
            int status;
            waitpid(child, &status, 0);
            assert_true(WIFEXITED(status));
            killed = WEXITSTATUS(status) == FAILING_DISK_KILLED;
            assert_true(killed || WEXITSTATUS(status) == 0);
            n_cut += killed;
            expect_up_to_date(&folder, &events);
            buffer_free(&events);
            folder_delete(&folder);
        }
    }
    print_message("# power was cut %d times\n", n_cut);
    assert_true(n_cut > 10);
}

static void a_full_disk_leaves_the_earlier_version_as_it_was(void **state) {
    (void)state;
    for (long version = 1; version < newest(); version++) {
        int n = 1;
        for (bool failed = true; failed; n += failing_disk_stride()) {
            struct folder folder = of_version(version);
            struct buffer events = {0};
            struct fault fault = {0};
            dump_events(&folder, &events);
            failing_disk_after(n, SQLITE_FULL);
            struct record *record = record_open(folder.path, &fault);
            failed = failing_disk_failed();
            record_close(record);
            failing_disk_after(0, 0);
            if (!record)
                assert_int_equal(fault.kind, FAULT_MACHINE);
            expect_up_to_date(&folder, &events);
            buffer_free(&events);
            folder_delete(&folder);
        }
        assert_true(n > 5);
    }
}

int main(void) {
    failing_disk_insert();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_earlier_version_is_brought_up_to_date),
        cmocka_unit_test(power_cut_at_any_change_of_an_upgrade_loses_nothing),
        cmocka_unit_test(a_full_disk_leaves_the_earlier_version_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
