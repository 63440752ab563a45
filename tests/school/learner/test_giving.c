/* Whether a learner gives what they wrote: no until they say yes, the last word holds, older terms
 * count for nothing, made again from the events, told and forgotten with the rest. */
#include "school/learner/giving.h"
#include "folder.h"
#include "school/learner/care.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct desk {
    struct folder folder;
    struct record *record;
    int64_t learner, other;
};

static struct desk desk_new(void) {
    char token[65];
    struct desk desk = {.folder = folder_new()};
    desk.record = folder_open(&desk.folder);
    desk.learner = record_learner_new(desk.record, token, NULL);
    desk.other = record_learner_new(desk.record, token, NULL);
    return desk;
}

static void desk_free(struct desk *desk) {
    record_close(desk->record);
    folder_delete(&desk->folder);
}

static bool gives(const struct desk *desk, int64_t learner) {
    struct fault fault = {0};
    json_t *giving = record_giving(desk->record, learner, &fault);
    assert_non_null(giving);
    bool yes = json_flag(giving, "gives", false);
    assert_true(json_is_boolean(json_object_get(giving, "gives")));
    json_decref(giving);
    return yes;
}

static size_t n_giver(const struct desk *desk) {
    struct fault fault = {0};
    json_t *givers = record_givers(desk->record, &fault);
    assert_non_null(givers);
    size_t n = json_array_size(givers);
    json_decref(givers);
    return n;
}

static void nobody_gives_who_did_not_say_so(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    assert_false(gives(&desk, desk.learner));
    assert_int_equal(n_giver(&desk), 0);
    assert_true(record_give(desk.record, desk.learner, false, &fault));
    record_close(desk.record);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM event WHERE kind='giving'"),
                     0);
    desk.record = folder_open(&desk.folder);
    desk_free(&desk);
}

static void the_last_word_holds_and_is_made_again_from_the_events(void **state) {
    (void)state;
    struct fault fault = {0};
    struct buffer live = {0}, again = {0};
    struct desk desk = desk_new();
    assert_true(record_give(desk.record, desk.learner, true, &fault));
    assert_true(record_give(desk.record, desk.learner, true, &fault)); /* said already */
    assert_true(record_give(desk.record, desk.other, true, &fault));
    assert_true(record_give(desk.record, desk.other, false, &fault));
    assert_true(gives(&desk, desk.learner));
    assert_false(gives(&desk, desk.other));
    assert_int_equal(n_giver(&desk), 1);
    record_close(desk.record);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM event WHERE kind='giving'"),
                     3);
    folder_dump(&desk.folder, &live);
    assert_true(record_rebuild(desk.folder.path, &fault));
    folder_dump(&desk.folder, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&live);
    buffer_free(&again);
    desk.record = folder_open(&desk.folder);
    desk_free(&desk);
}

static void who_agreed_to_less_has_not_agreed(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    assert_true(record_give(desk.record, desk.learner, true, &fault));
    record_close(desk.record);
    assert_int_equal(folder_sql(&desk.folder, "UPDATE giving SET terms = terms - 1"), 0);
    desk.record = folder_open(&desk.folder);
    assert_false(gives(&desk, desk.learner));
    assert_int_equal(n_giver(&desk), 0);
    assert_true(record_give(desk.record, desk.learner, true, &fault));
    assert_true(gives(&desk, desk.learner));
    desk_free(&desk);
}

static void it_is_taken_away_and_forgotten_with_the_rest(void **state) {
    (void)state;
    struct fault fault = {0};
    struct forgotten forgotten;
    struct desk desk = desk_new();
    assert_true(record_give(desk.record, desk.learner, true, &fault));
    json_t *whole = record_whole(desk.record, desk.learner, &fault);
    const json_t *rows = json_object_get(json_object_get(whole, "tables"), "giving");
    assert_int_equal(json_array_size(rows), 1);
    json_decref(whole);
    record_close(desk.record);
    assert_true(record_forget(desk.folder.path, desk.learner, &forgotten, &fault));
    desk.record = folder_open(&desk.folder);
    assert_int_equal(n_giver(&desk), 0);
    record_close(desk.record);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM giving"), 0);
    desk.record = folder_open(&desk.folder);
    desk_free(&desk);
}

/* A list of names that could not be read must not pass for an empty one. */
static void a_table_that_cannot_be_read_is_told(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    record_close(desk.record);
    assert_int_equal(folder_sql(&desk.folder, "DROP TABLE person"), 0);
    desk.record = folder_open(&desk.folder);
    assert_null(record_names(desk.record, &fault));
    assert_int_not_equal(fault.kind, FAULT_NONE);
    desk_free(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gives_who_did_not_say_so),
        cmocka_unit_test(the_last_word_holds_and_is_made_again_from_the_events),
        cmocka_unit_test(who_agreed_to_less_has_not_agreed),
        cmocka_unit_test(it_is_taken_away_and_forgotten_with_the_rest),
        cmocka_unit_test(a_table_that_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
