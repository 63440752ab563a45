/* What a learner tells of themselves: kept, changed, erased to the last byte of the record, made
 * again from the events, forgotten with the rest. */
#include "folder.h"
#include "school/learner/memory.h"

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

static int64_t note(struct desk *desk, const char *about, const char *text, const char *skill) {
    struct fault fault = {0};
    struct memory_note one = {
        .about = about, .text = view_of(text), .course = "c", .skill = skill};
    int64_t id;
    if (!record_remember(desk->record, NULL, desk->learner, &one, &id, &fault))
        fail_msg("%s", fault.message);
    return id;
}

static void tell(struct desk *desk, const char *tag, const char *words) {
    struct fault fault = {0};
    json_t *told = json_pack("{s:[s],s:s,s:s}", "tags", tag, "words", words, "language", "es");
    assert_true(record_background_tell(desk->record, NULL, desk->learner, told, &fault));
    json_decref(told);
}

/* Closed, so that the log is in the file. */
static long holds(struct desk *desk, const char *text) {
    record_close(desk->record);
    long n = folder_holds(&desk->folder, text);
    desk->record = folder_open(&desk->folder);
    return n;
}

static void expect_rebuilt_the_same(struct desk *desk) {
    struct fault fault = {0};
    struct buffer live = {0}, again = {0};
    record_close(desk->record);
    folder_dump(&desk->folder, &live);
    assert_true(record_rebuild(desk->folder.path, &fault));
    folder_dump(&desk->folder, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&live);
    buffer_free(&again);
    desk->record = folder_open(&desk->folder);
}

static void notes_are_kept_changed_and_erased(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    int64_t goal = note(&desk, "goal", "I want to build a zeppelinophone", NULL);
    int64_t confused = note(&desk, "confused", "I don't get slopes", "slope");
    assert_int_equal(note(&desk, "confused", "I don't get slopes", "slope"), confused);
    assert_true(note(&desk, "confused", "I don't get slopes", "other") != confused);
    json_t *notes = record_memories(desk.record, desk.learner);
    assert_int_equal(json_array_size(notes), 3);
    assert_string_equal(json_text(json_array_get(notes, 2), "text", ""),
                        "I want to build a zeppelinophone");
    json_decref(notes);
    expect_rebuilt_the_same(&desk);
    assert_true(
        record_memory_change(desk.record, desk.learner, goal, VIEW(" A quietophone "), &fault));
    assert_true(
        record_memory_change(desk.record, desk.learner, goal, VIEW("A loudophone"), &fault));
    notes = record_memories(desk.record, desk.learner);
    const json_t *changed = json_array_get(notes, 2);
    assert_string_equal(json_text(changed, "text", ""), "A loudophone");
    assert_string_equal(json_text(changed, "about", ""), "goal");
    assert_int_equal(json_number(changed, "id", 0), goal);
    assert_true(json_number(changed, "changed", 0) >= json_number(changed, "at", 1e15));
    json_decref(notes);
    expect_rebuilt_the_same(&desk);
    assert_true(record_memory_erase(desk.record, desk.learner, confused, &fault));
    notes = record_memories(desk.record, desk.learner);
    assert_int_equal(json_array_size(notes), 2);
    json_decref(notes);
    expect_rebuilt_the_same(&desk);
    desk_free(&desk);
}

static void what_is_taken_back_leaves_no_byte_in_the_record(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    int64_t goal = note(&desk, "goal", "I want to build a zeppelinophone", NULL);
    tell(&desk, "child", "I collect thimblewigs");
    assert_true(holds(&desk, "zeppelinophone") > 0);
    assert_true(holds(&desk, "thimblewigs") > 0);
    assert_true(
        record_memory_change(desk.record, desk.learner, goal, VIEW("A quietophone"), &fault));
    assert_int_equal(holds(&desk, "zeppelinophone"), 0);
    assert_true(holds(&desk, "quietophone") > 0);
    assert_true(record_memory_erase(desk.record, desk.learner, goal, &fault));
    assert_int_equal(holds(&desk, "quietophone"), 0);
    json_t *nothing = json_object();
    assert_true(record_background_tell(desk.record, NULL, desk.learner, nothing, &fault));
    json_decref(nothing);
    assert_int_equal(holds(&desk, "thimblewigs"), 0);
    expect_rebuilt_the_same(&desk);
    desk_free(&desk);
}

static void all_other_events_stay_as_they_were_written(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    note(&desk, "own", "Mine", NULL);
    assert_true(record_learner_name(desk.record, desk.learner, VIEW("Ada"), &fault));
    record_close(desk.record);
    assert_true(folder_sql(&desk.folder, "UPDATE event SET data = '{}' WHERE kind = 'name'") != 0);
    assert_true(folder_sql(&desk.folder, "UPDATE event SET data = '{\"text\":\"x\"}'"
                                         " WHERE kind = 'remembered'") != 0);
    assert_true(folder_sql(&desk.folder, "UPDATE event SET at_ms = 1, data = '{}'"
                                         " WHERE kind = 'remembered'") != 0);
    assert_true(folder_sql(&desk.folder, "DELETE FROM event WHERE kind = 'remembered'") != 0);
    assert_int_equal(folder_sql(&desk.folder, "UPDATE event SET data = '{}'"
                                              " WHERE kind = 'remembered'"),
                     0);
    desk.record = folder_open(&desk.folder);
    desk_free(&desk);
}

static void nobody_touches_the_note_of_another(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault faults[3] = {{0}};
    int64_t mine = note(&desk, "own", "Mine", NULL);
    assert_false(record_memory_change(desk.record, desk.other, mine, VIEW("Yours"), &faults[0]));
    assert_false(record_memory_erase(desk.record, desk.other, mine, &faults[1]));
    assert_false(record_memory_erase(desk.record, desk.learner, mine + 1000, &faults[2]));
    for (int i = 0; i < 3; i++)
        assert_int_equal(faults[i].kind, FAULT_MISSING);
    json_t *notes = record_memories(desk.record, desk.learner),
           *others = record_memories(desk.record, desk.other);
    assert_string_equal(json_text(json_array_get(notes, 0), "text", ""), "Mine");
    assert_int_equal(json_array_size(others), 0);
    json_decref(notes);
    json_decref(others);
    desk_free(&desk);
}

static void what_is_too_long_empty_or_too_much_is_refused(void **state) {
    (void)state;
    struct desk desk = desk_new();
    char text[MEMORY_TEXT + 2];
    memset(text, 'x', sizeof text);
    struct memory_note notes[] = {{.about = "own", .text = {text, MEMORY_TEXT + 1}},
                                  {.about = "own", .text = VIEW(" \n ")},
                                  {.about = "own", .text = VIEW("a\001b")},
                                  {.about = "own", .text = VIEW("\xC3")}};
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        struct fault fault = {0};
        assert_false(record_remember(desk.record, NULL, desk.learner, &notes[i], NULL, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
    }
    for (int i = 0; i < MEMORY_NOTES; i++) {
        snprintf(text, sizeof text, "note %d", i);
        note(&desk, "own", text, NULL);
    }
    struct fault fault = {0};
    struct memory_note more = {.about = "own", .text = VIEW("one more")};
    assert_false(record_remember(desk.record, NULL, desk.learner, &more, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    desk_free(&desk);
}

static void the_background_is_told_asked_for_and_taken_back(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    json_t *known = record_background(desk.record, desk.learner);
    assert_int_equal(json_number(known, "told", -1), 0);
    assert_int_equal(json_number(known, "asked", -1), 0);
    json_decref(known);
    assert_true(record_background_asked(desk.record, NULL, desk.learner, &fault));
    tell(&desk, "music", "I play the oboe");
    known = record_background(desk.record, desk.learner);
    assert_string_equal(json_string_value(json_array_get(json_object_get(known, "tags"), 0)),
                        "music");
    assert_string_equal(json_text(known, "words", ""), "I play the oboe");
    assert_string_equal(json_text(known, "language", ""), "es");
    assert_true(json_number(known, "told", 0) > 0 && json_number(known, "asked", 0) > 0);
    json_decref(known);
    expect_rebuilt_the_same(&desk);
    desk_free(&desk);
}

static void a_learner_who_is_forgotten_is_not_remembered(void **state) {
    (void)state;
    struct fault fault = {0};
    struct forgotten forgotten;
    struct desk desk = desk_new();
    note(&desk, "goal", "I want to build a zeppelinophone", NULL);
    tell(&desk, "child", "I collect thimblewigs");
    json_t *whole = record_whole(desk.record, desk.learner, &fault);
    const json_t *tables = json_object_get(whole, "tables");
    assert_int_equal(json_array_size(json_object_get(tables, "memory")), 1);
    assert_int_equal(json_array_size(json_object_get(tables, "background")), 1);
    json_decref(whole);
    record_close(desk.record);
    assert_true(record_forget(desk.folder.path, desk.learner, &forgotten, &fault));
    assert_int_equal(folder_holds(&desk.folder, "zeppelinophone"), 0);
    assert_int_equal(folder_holds(&desk.folder, "thimblewigs"), 0);
    desk.record = folder_open(&desk.folder);
    desk_free(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_are_kept_changed_and_erased),
        cmocka_unit_test(what_is_taken_back_leaves_no_byte_in_the_record),
        cmocka_unit_test(all_other_events_stay_as_they_were_written),
        cmocka_unit_test(nobody_touches_the_note_of_another),
        cmocka_unit_test(what_is_too_long_empty_or_too_much_is_refused),
        cmocka_unit_test(the_background_is_told_asked_for_and_taken_back),
        cmocka_unit_test(a_learner_who_is_forgotten_is_not_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
