/* Forgetting: not a byte of the learner is left in the folder, nothing of the others is touched,
 * and a halt on the way leaves all as it was or is ended by the next opening. */
#include "company/company.h"
#include "failing_disk.h"
#include "folder.h"
#include "school/learner/care.h"
#include "school/learner/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the first learner leaves: a name, answers that were replaced since, a long one, talk. */
static const char *const traces[] = {"Zebulonia Quark", "answer-of-zebulonia", "xylophonic",
                                     "you-said-xylophone"};
static const char other_trace[] = "answer-of-balthasar";

static void answer(struct record *record, int64_t learner, uint64_t seed, const char *text) {
    struct fault fault = {0};
    json_t *string = json_string(text);
    struct attempt attempt = an_attempt(learner, seed, seed % 2 ? 1 : 0, string);
    assert_true(record_attempt(record, NULL, &attempt, &fault));
    json_decref(string);
}

static void note(struct record *record, int64_t learner, const char *kind, const char *text) {
    struct fault fault = {0};
    json_t *data = json_pack("{s:s,s:s}", "exercise", "e", "text", text);
    assert_true(record_note(record, NULL, learner, kind, data, &fault));
    json_decref(data);
}

/* What members cost for a learner, and a key of a program that acts for them. */
static void leave_costs(const struct folder *folder, int64_t learner) {
    struct fault fault = {0};
    char path[96], sql[400], name[32], key[KEY_BYTES];
    sqlite3 *database = NULL;
    snprintf(path, sizeof path, "%s/company.db", folder->path);
    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS spent (scope TEXT NOT NULL, name TEXT NOT NULL,"
             " period TEXT NOT NULL, money INTEGER NOT NULL, tokens INTEGER NOT NULL,"
             " PRIMARY KEY (scope, name, period)) WITHOUT ROWID;"
             "INSERT INTO spent VALUES('learner', '%lld', 'ever', 100, 600)",
             (long long)learner);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    struct keys *keys = keys_open(folder->path, &fault);
    struct key_terms terms = {.learner = learner};
    snprintf(name, sizeof name, "of-%lld", (long long)learner);
    assert_true(keys_new(keys, name, &terms, key, &fault));
    keys_close(keys);
}

/* Rows of company.db and keys that are the learner's. */
static size_t costs_of(const struct folder *folder, int64_t learner) {
    struct fault fault = {0};
    struct folder company = *folder;
    char sql[120];
    size_t n = 0, i;
    json_t *key;
    snprintf(company.record, sizeof company.record, "%s/company.db", folder->path);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM spent WHERE scope = 'learner' AND name = '%lld'",
             (long long)learner);
    n += (size_t)folder_count(&company, sql);
    struct keys *keys = keys_open(folder->path, &fault);
    json_t *list = keys_list(keys, &fault);
    json_array_foreach(list, i, key) {
        bool of = json_integer_value(json_object_get(key, "learner")) == learner;
        n += of;
        assert_true(of || json_flag(key, "revoked", false) ||
                    json_object_get(key, "learner") != NULL);
    }
    json_decref(list);
    keys_close(keys);
    return n;
}

static int64_t new_learner(struct record *record) {
    struct fault fault = {0};
    char token[65];
    int64_t learner = record_learner_new(record, token, &fault);
    assert_true(learner > 0);
    return learner;
}

/* Two learners, of whom the second did the last thing; a copy of the record; and a log that is
 * not in the file yet, as a killed school leaves it. */
static struct folder two_learners(int n) {
    struct folder folder = folder_new();
    struct fault fault = {0};
    struct backup backup;
    pid_t child = fork();
    if (child == 0) {
        struct record *record = folder_open(&folder);
        char text[9000];
        int64_t first = new_learner(record), second = new_learner(record);
        assert_true(record_learner_name(record, first, view_of(traces[0]), &fault));
        for (int i = 0; i < n; i++) {
            snprintf(text, sizeof text, "%s %d", traces[1], i);
            answer(record, first, 1 + (uint64_t)i % 3, text);
            snprintf(text, sizeof text, "%s %d", other_trace, i);
            answer(record, second, 1 + (uint64_t)i % 3, text);
        }
        snprintf(text, sizeof text, "%s %*s %s", traces[1], 8000, "x", traces[1]);
        answer(record, first, 5, text);
        note(record, first, "asked", traces[2]);
        note(record, first, "said", traces[3]);
        note(record, second, "asked", "what is this");
        assert_true(record_backup(folder.path, NULL, 0, &backup, &fault));
        answer(record, second, 7, "after the copy");
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    for (size_t i = 0; i < COUNT_OF(traces); i++)
        assert_true(folder_holds(&folder, traces[i]) >= 2);
    return folder;
}

static void expect_no_trace(const struct folder *folder) {
    for (size_t i = 0; i < COUNT_OF(traces); i++)
        assert_int_equal(folder_holds(folder, traces[i]), 0);
    assert_true(folder_holds(folder, other_trace) >= 2); /* the record and its copy */
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM event WHERE learner = 1"), 0);
}

static void expect_other_whole(const struct folder *folder, int n) {
    struct fault fault = {0};
    struct buffer live = {0}, again = {0};
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM event WHERE learner = 2"), n + 3);
    folder_dump(folder, &live);
    assert_true(record_rebuild(folder->path, &fault));
    folder_dump(folder, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&live);
    buffer_free(&again);
}

static void not_a_byte_of_a_forgotten_learner_is_left(void **state) {
    (void)state;
    struct folder folder = two_learners(40);
    struct fault fault = {0};
    struct forgotten forgotten;
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(forgotten.n_event, 45);
    assert_int_equal(forgotten.n_copy, 1);
    assert_false(forgotten.before);
    expect_no_trace(&folder);
    expect_other_whole(&folder, 40);
    expect_no_trace(&folder); /* nor has making the tables again brought any back */
    folder_delete(&folder);
}

static void a_cleaned_copy_is_sound_and_has_its_hash(void **state) {
    (void)state;
    struct folder folder = two_learners(3);
    struct fault fault = {0};
    struct forgotten forgotten;
    int64_t n_event;
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    char *copies = copies_folder(folder.path);
    json_t *names = copies_in(copies);
    struct buffer path = {0};
    assert_int_equal(json_array_size(names), 1);
    buffer_format(&path, "%s/%s", copies, json_string_value(json_array_get(names, 0)));
    assert_true(copy_check(path.at, true, &n_event, &fault));
    assert_int_equal(n_event, 5);
    buffer_format(&path, ".sha256");
    assert_true(file_exists(path.at));
    buffer_free(&path);
    json_decref(names);
    free(copies);
    folder_delete(&folder);
}

static void a_damaged_copy_is_removed_since_it_cannot_be_cleaned(void **state) {
    (void)state;
    struct folder folder = two_learners(3);
    struct fault fault = {0};
    struct forgotten forgotten;
    struct buffer path = {0};
    buffer_format(&path, "%s/backups/record-20200101T000000Z.db", folder.path);
    assert_true(file_write(path.at, VIEW("no database, but Zebulonia Quark"), &fault));
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(forgotten.n_removed, 1);
    assert_int_equal(forgotten.n_copy, 1);
    assert_false(file_exists(path.at));
    expect_no_trace(&folder);
    buffer_free(&path);
    folder_delete(&folder);
}

static void the_number_of_a_forgotten_learner_is_not_given_again(void **state) {
    (void)state;
    struct folder folder = two_learners(1);
    struct fault fault = {0};
    struct forgotten forgotten;
    assert_true(record_forget(folder.path, 2, &forgotten, &fault));
    struct record *record = folder_open(&folder);
    assert_false(record_learner_exists(record, 2));
    assert_int_equal(new_learner(record), 3);
    record_close(record);
    folder_delete(&folder);
}

static void events_are_only_added_to_afterwards_too(void **state) {
    (void)state;
    struct folder folder = two_learners(1);
    struct fault fault = {0};
    struct forgotten forgotten;
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(folder_sql(&folder, "DELETE FROM event"), SQLITE_CONSTRAINT);
    assert_int_equal(folder_sql(&folder, "UPDATE event SET kind = 'x'"), SQLITE_CONSTRAINT);
    folder_delete(&folder);
}

static void who_was_never_there_cannot_be_forgotten_but_twice_is_no_fault(void **state) {
    (void)state;
    struct folder folder = two_learners(1);
    struct fault fault = {0};
    struct forgotten forgotten;
    assert_false(record_forget(folder.path, 9, &forgotten, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    fault_clear(&fault);
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_true(forgotten.before);
    folder_delete(&folder);
}

static int64_t write_event(struct record *record, int64_t person, const char *kind, json_t *data) {
    struct fault fault = {0};
    int64_t id = people_write(record, person, kind, data, &fault);
    if (!id)
        fail_msg("%s: %s", kind, fault.message);
    return id;
}

/* An owner, a teacher with a class of one, an end to an assignment and to a reply, a code and two
 * secret links; and a copy of all that. */
static int64_t a_class(const struct folder *folder, struct backup *backup) {
    struct fault fault = {0};
    struct record *record = folder_open(folder);
    int64_t owner = new_learner(record), teacher = new_learner(record), of = new_learner(record);
    write_event(record, owner, "role", json_pack("{s:s}", "role", "owner"));
    write_event(record, teacher, "role", json_pack("{s:s}", "role", "teacher"));
    assert_true(record_learner_name(record, teacher, view_of(traces[0]), &fault));
    json_int_t class = write_event(record, teacher, "class", json_pack("{s:s}", "title", "Sums"));
    for (int i = 0; i < 2; i++) {
        json_int_t work = write_event(record, teacher, "assignment",
                                      json_pack("{s:I,s:s}", "class", class, "kind", "lesson"));
        json_int_t reply = write_event(
            record, teacher, "taught",
            json_pack("{s:s,s:{s:s}}", "exercise", "sum-01", "wrong", "say", "Look again."));
        if (i == 0) {
            write_event(record, teacher, "assignment-end", json_pack("{s:I}", "assignment", work));
            write_event(record, teacher, "taught", json_pack("{s:I}", "ended", reply));
        }
    }
    static const struct {
        const char *code, *role;
        int of;
    } links[] = {
        {"AAAABBBB", "learner", 0}, {"secret-1", "learner", 1}, {"secret-2", "teacher", 0}};
    for (size_t i = 0; i < COUNT_OF(links); i++)
        write_event(record, teacher, "invitation",
                    json_pack("{s:s,s:I,s:s,s:I,s:I,s:i}", "code", links[i].code, "class", class,
                              "role", links[i].role, "person", links[i].of ? (json_int_t)of : 0,
                              "seconds", (json_int_t)86400, "uses", 1));
    write_event(record, of, "member", json_pack("{s:I,s:s}", "class", class, "role", "learner"));
    assert_true(record_backup(folder->path, NULL, 0, backup, &fault));
    record_close(record);
    return teacher;
}

static void expect_class_of(const struct folder *folder, long owner) {
    assert_int_equal(folder_count(folder, "SELECT made_by FROM class WHERE title = 'Sums'"),
                     owner);
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM member WHERE person = 3"), 1);
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM assignment"), 1);
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM taught"), 1);
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM invitation"), 1);
    assert_int_equal(folder_count(folder, "SELECT count(*) FROM event WHERE learner = 2"), 0);
    assert_int_equal(folder_holds(folder, traces[0]), 0);
    assert_int_equal(folder_holds(folder, "secret-"), 0);
}

static void a_class_outlives_the_teacher_who_made_it(void **state) {
    (void)state;
    struct folder folder = folder_new();
    struct fault fault = {0};
    struct forgotten forgotten;
    struct restored restored;
    struct backup backup;
    int64_t teacher = a_class(&folder, &backup);
    assert_true(record_forget(folder.path, teacher, &forgotten, &fault));
    assert_int_equal(forgotten.n_event, 5); /* who they are, their role, their name, two links */
    expect_class_of(&folder, 1);
    if (!record_restore(backup.path, folder.path, &restored, &fault))
        fail_msg("%s", fault.message);
    expect_class_of(&folder, 1);
    /* Nobody is left whose it could be. */
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(folder_count(&folder, "SELECT count(*) FROM class"), 0);
    folder_delete(&folder);
}

static void a_folder_that_is_held_is_left_alone(void **state) {
    (void)state;
    struct folder folder = two_learners(1);
    struct fault fault = {0};
    struct forgotten forgotten;
    struct record *record = folder_open(&folder);
    assert_false(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_non_null(strstr(fault.message, "held by"));
    assert_true(record_learner_exists(record, 1));
    record_close(record);
    folder_delete(&folder);
}

static void age(const struct folder *folder, const char *who) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "DROP TRIGGER event_kept_from_update; UPDATE event SET at_ms = 1000 WHERE %s", who);
    assert_int_equal(folder_sql(folder, sql), SQLITE_OK);
}

static void who_stays_away_longer_than_is_kept_is_forgotten_and_nobody_else(void **state) {
    (void)state;
    struct folder folder = two_learners(4);
    struct fault fault = {0};
    size_t n;
    assert_true(record_forget_idle(folder.path, 400, &n, &fault));
    assert_int_equal(n, 0);
    age(&folder, "learner = 1");
    leave_costs(&folder, 1);
    leave_costs(&folder, 2);
    size_t n_cost = costs_of(&folder, 2);
    assert_true(n_cost == 2 && costs_of(&folder, 1) == n_cost);
    assert_true(record_forget_idle(folder.path, 400, &n, &fault));
    assert_int_equal(n, 1);
    expect_no_trace(&folder);
    assert_int_equal(costs_of(&folder, 1), 0);
    assert_int_equal(costs_of(&folder, 2), n_cost);
    expect_other_whole(&folder, 4);
    folder_delete(&folder);
}

static void what_members_cost_for_a_forgotten_learner_goes_too_also_after_a_halt(void **state) {
    (void)state;
    struct folder folder = two_learners(1);
    struct fault fault = {0};
    struct forgotten forgotten;
    leave_costs(&folder, 1);
    assert_true(record_forget(folder.path, 1, &forgotten, &fault));
    assert_int_equal(costs_of(&folder, 1), 0);
    assert_true(record_forget(folder.path, 2, &forgotten, &fault));
    leave_costs(&folder, 2); /* as if it had been halted before the company forgot */
    assert_int_equal(folder_sql(&folder, "UPDATE erasure SET finished = 0 WHERE learner = 2"),
                     SQLITE_OK);
    record_close(folder_open(&folder));
    assert_int_equal(costs_of(&folder, 2), 0);
    folder_delete(&folder);
}

static void a_clock_by_which_everybody_stayed_away_makes_nobody_forgotten(void **state) {
    (void)state;
    struct folder folder = two_learners(4);
    struct fault fault = {0};
    size_t n;
    age(&folder, "true");
    assert_false(record_forget_idle(folder.path, 400, &n, &fault));
    assert_non_null(strstr(fault.remedy, "clock"));
    assert_int_equal(folder_count(&folder, "SELECT count(*) FROM learner"), 2);
    folder_delete(&folder);
}

/* --------------------------------------------------------------------------------- halts */

/* Forgets in a child that is gone at its n-th change of a file; whether it came to that. */
static bool forget_and_die_at(const struct folder *folder, int n) {
    pid_t child = fork();
    if (child == 0) {
        struct fault fault = {0};
        struct forgotten forgotten;
        failing_disk_kill_at(n);
        _exit(record_forget(folder->path, 1, &forgotten, &fault) ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAILING_DISK_KILLED);
    return WEXITSTATUS(status) == FAILING_DISK_KILLED;
}

/* As before, or without a trace. */
static bool all_or_nothing(const struct folder *folder, int n) {
    record_close(folder_open(folder));
    long left = folder_count(folder, "SELECT count(*) FROM event WHERE learner = 1");
    assert_true(left == 0 || left == n + 5);
    if (!left)
        expect_no_trace(folder);
    expect_other_whole(folder, n);
    return left == 0;
}

static void
killed_at_any_change_it_has_done_nothing_or_is_ended_by_the_next_opening(void **state) {
    (void)state;
    int n = 1, n_before = 0, n_after = 0;
    for (bool killed = true; killed; n += failing_disk_stride()) {
        struct folder folder = two_learners(2);
        killed = forget_and_die_at(&folder, n);
        if (all_or_nothing(&folder, 2))
            n_after++;
        else
            n_before++;
        folder_delete(&folder);
    }
    print_message("# killed %d times: %d times as before, %d times ended\n",
                  n_before + n_after - 1, n_before, n_after);
    assert_true(n_before > 5 && n_after > 10);
}

static void a_disk_that_fails_anywhere_leaves_it_undone_or_to_be_ended(void **state) {
    (void)state;
    int n = 1;
    for (bool failed = true; failed; n += 3 * failing_disk_stride()) {
        struct folder folder = two_learners(2);
        struct fault fault = {0};
        struct forgotten forgotten;
        failing_disk_after(n, SQLITE_FULL);
        bool good = record_forget(folder.path, 1, &forgotten, &fault);
        failed = failing_disk_failed();
        failing_disk_after(0, 0);
        if (!good)
            assert_int_equal(fault.kind, FAULT_MACHINE);
        bool gone = all_or_nothing(&folder, 2);
        assert_true(gone || !good);
        folder_delete(&folder);
    }
    assert_true(n > 30);
}

/* ------------------------------------------------------------------------------ the list */

static void every_table_says_by_which_column_its_rows_are_a_learners(void **state) {
    (void)state;
    static const char *const personal[] = {"learner", "person", "account", "student",
                                           "teacher", "owner",  "user",    "made_by"};
    struct folder folder = folder_new();
    record_close(folder_open(&folder));
    sqlite3 *database = NULL;
    sqlite3_stmt *row = NULL;
    size_t n_table = 0;
    assert_int_equal(sqlite3_open(folder.record, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT t.name, c.name FROM sqlite_schema AS t,"
                                        " pragma_table_info(t.name) AS c WHERE t.type = 'table'",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(row, 0);
        const char *column = (const char *)sqlite3_column_text(row, 1);
        const struct holding *holding = holding_of(view_of(table));
        if (!holding)
            print_error("the table %s is not in src/school/learner/holdings.c\n", table);
        assert_non_null(holding);
        for (size_t i = 0; i < n_holding; i++)
            n_table += !strcmp(holdings[i].table, table) && holdings[i].column &&
                       !strcmp(holdings[i].column, column);
        for (size_t i = 0; i < COUNT_OF(personal); i++)
            if (!strcmp(column, personal[i]) && !holding->column)
                fail_msg("the rows of %s have a %s, but holdings.c says they are nobody's", table,
                         column);
    }
    sqlite3_finalize(row);
    sqlite3_close(database);
    size_t n_wanted = 0;
    for (size_t i = 0; i < n_holding; i++)
        n_wanted += holdings[i].column != NULL;
    assert_int_equal(n_table, n_wanted); /* each column of the list is there */
    folder_delete(&folder);
}

static void a_learner_takes_away_all_but_secrets(void **state) {
    (void)state;
    struct folder folder = two_learners(2);
    struct record *record = folder_open(&folder);
    struct fault fault = {0};
    json_t *whole = record_whole(record, 1, &fault);
    struct buffer text = {0};
    buffer_json(&text, whole);
    for (size_t i = 0; i < COUNT_OF(traces); i++)
        assert_non_null(strstr(text.at, traces[i]));
    assert_null(strstr(text.at, "token"));
    assert_null(strstr(text.at, other_trace));
    assert_int_equal(json_array_size(json_object_get(whole, "events")), 7);
    const json_t *tables = json_object_get(whole, "tables");
    assert_int_equal(json_array_size(json_object_get(tables, "skill_state")), 1);
    assert_int_equal(json_array_size(json_object_get(tables, "exercise_seed")), 3);
    assert_null(record_whole(record, 9, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    buffer_free(&text);
    json_decref(whole);
    record_close(record);
    folder_delete(&folder);
}

int main(void) {
    failing_disk_insert();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_a_byte_of_a_forgotten_learner_is_left),
        cmocka_unit_test(a_cleaned_copy_is_sound_and_has_its_hash),
        cmocka_unit_test(a_damaged_copy_is_removed_since_it_cannot_be_cleaned),
        cmocka_unit_test(the_number_of_a_forgotten_learner_is_not_given_again),
        cmocka_unit_test(events_are_only_added_to_afterwards_too),
        cmocka_unit_test(who_was_never_there_cannot_be_forgotten_but_twice_is_no_fault),
        cmocka_unit_test(a_class_outlives_the_teacher_who_made_it),
        cmocka_unit_test(a_folder_that_is_held_is_left_alone),
        cmocka_unit_test(who_stays_away_longer_than_is_kept_is_forgotten_and_nobody_else),
        cmocka_unit_test(what_members_cost_for_a_forgotten_learner_goes_too_also_after_a_halt),
        cmocka_unit_test(a_clock_by_which_everybody_stayed_away_makes_nobody_forgotten),
        cmocka_unit_test(killed_at_any_change_it_has_done_nothing_or_is_ended_by_the_next_opening),
        cmocka_unit_test(a_disk_that_fails_anywhere_leaves_it_undone_or_to_be_ended),
        cmocka_unit_test(every_table_says_by_which_column_its_rows_are_a_learners),
        cmocka_unit_test(a_learner_takes_away_all_but_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
