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

enum { VERSIONS_MOST = 64 };

/* What is known of the record of a version, made once: its file, and what this program makes of
 * it, of which every_earlier_version_is_brought_up_to_date shows that it is right. */
static struct earlier { struct buffer file, events, derived; } earlier[VERSIONS_MOST];

static sqlite3 *open_database(const struct folder *folder) {
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(folder->record, &database), SQLITE_OK);
    return database;
}

static void dump_events(const struct folder *folder, struct buffer *out) {
    sqlite3 *database = open_database(folder);
    sqlite3_stmt *row = NULL;
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

/* VERSION.sql is what `sqlite3 record.db .dump` told, with its two marks. It has learners 1 (Ada,
 * who did each kind of thing) and 2. */
static void read_version(long version, struct earlier *out) {
    struct folder folder = folder_new();
    struct fault fault = {0};
    struct buffer sql = {0}, path = {0};
    buffer_format(&path, "%s/%ld.sql", VERSIONS, version);
    if (!file_read(path.at, 1 << 20, &sql, &fault))
        fail_msg("%s: version %ld of the record has no database here. Make one by the program of "
                 "that version: sqlite3 record.db .dump",
                 path.at, version);
    sqlite3 *database = open_database(&folder);
    assert_int_equal(sqlite3_exec(database, sql.at, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    assert_int_equal(folder_count(&folder, "PRAGMA user_version"), version);
    dump_events(&folder, &out->events);
    assert_true(file_read(folder.record, 1 << 24, &out->file, &fault));
    folder_delete(&folder);
    buffer_free(&sql);
    buffer_free(&path);
}

/* A record as that version wrote it. */
static struct folder of_version(long version) {
    struct fault fault = {0};
    assert_true(version < VERSIONS_MOST);
    struct earlier *one = &earlier[version];
    if (!one->file.n)
        read_version(version, one);
    struct folder folder = folder_new();
    assert_true(file_write(folder.record, buffer_view(&one->file), &fault));
    return folder;
}

/* Opened by this program: no event is lost, and the version is the newest. */
static void open_up_to_date(const struct folder *folder, long version, struct buffer *derived) {
    struct buffer events = {0};
    record_close(folder_open(folder));
    dump_events(folder, &events);
    assert_string_equal(events.at, earlier[version].events.at);
    assert_int_equal(folder_count(folder, "PRAGMA user_version"), newest());
    folder_dump(folder, derived);
    buffer_free(&events);
}

/* As it is brought up to date with nothing in the way. */
static void expect_up_to_date(const struct folder *folder, long version) {
    struct buffer derived = {0};
    open_up_to_date(folder, version, &derived);
    assert_string_equal(derived.at, earlier[version].derived.at);
    buffer_free(&derived);
}

static void expect_what_was_true(const struct folder *folder) {
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
}

/* Nothing that was true is lost, and what follows from the events is what was there. */
static void every_earlier_version_is_brought_up_to_date(void **state) {
    (void)state;
    long n = newest();
    for (long version = 1; version < n; version++) {
        struct folder folder = of_version(version);
        struct fault fault = {0};
        struct buffer again = {0}, *derived = &earlier[version].derived;
        open_up_to_date(&folder, version, derived);
        expect_what_was_true(&folder);
        assert_true(record_rebuild(folder.path, &fault));
        folder_dump(&folder, &again);
        assert_string_equal(derived->at, again.at);
        buffer_free(&again);
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
            expect_up_to_date(&folder, version);
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
            struct fault fault = {0};
            failing_disk_after(n, SQLITE_FULL);
            struct record *record = record_open(folder.path, &fault);
            failed = failing_disk_failed();
            record_close(record);
            failing_disk_after(0, 0);
            if (!record)
                assert_int_equal(fault.kind, FAULT_MACHINE);
            expect_up_to_date(&folder, version);
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
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(earlier); i++) {
        buffer_free(&earlier[i].file);
        buffer_free(&earlier[i].events);
        buffer_free(&earlier[i].derived);
    }
    return failed;
}
