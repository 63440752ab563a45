/* The record: what is derived, what is refused, what outlives the process. */
#include "folder.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct desk { /* a record at hand, and one learner in it */
    struct folder folder;
    struct record *record;
    int64_t learner;
    char token[65];
};

static struct desk desk_new(void) {
    struct fault fault = {0};
    struct desk desk = {.folder = folder_new()};
    desk.record = folder_open(&desk.folder);
    desk.learner = record_learner_new(desk.record, desk.token, &fault);
    assert_true(desk.learner > 0);
    return desk;
}

static void desk_reopen(struct desk *desk) {
    record_close(desk->record);
    desk->record = folder_open(&desk->folder);
}

static void desk_clear(struct desk *desk) {
    record_close(desk->record);
    folder_delete(&desk->folder);
}

static void answer(struct desk *desk, uint64_t seed, double score) {
    struct fault fault = {0};
    json_t *text = json_string("x = 5");
    struct attempt attempt = an_attempt(desk->learner, seed, score, text);
    assert_true(record_attempt(desk->record, NULL, &attempt, &fault));
    json_decref(text);
}

static void hint(struct desk *desk, uint64_t seed, int rung) {
    struct fault fault = {0};
    assert_true(record_hint(desk->record, NULL, desk->learner, "e", seed, rung, &fault));
}

static double mastery(struct desk *desk) {
    struct skill_state skill;
    record_skill(desk->record, desk->learner, "c", "s", &skill);
    return skill.mastery;
}

static struct exercise_state exercise(struct desk *desk) {
    struct exercise_state state;
    record_exercise(desk->record, desk->learner, "e", &state);
    json_decref(state.answer);
    state.answer = NULL;
    return state;
}

/* ---------------------------------------------------------------------------------- learners */

static void a_token_finds_its_learner_and_is_kept_nowhere(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    char other[65], hash[65];
    int64_t second = record_learner_new(desk.record, other, &fault);
    assert_int_equal(record_learner_of(desk.record, view_of(desk.token)), desk.learner);
    assert_int_equal(record_learner_of(desk.record, view_of(other)), second);
    assert_int_not_equal(second, desk.learner);
    assert_string_not_equal(desk.token, other);
    other[5] = other[5] == '0' ? '1' : '0';
    assert_int_equal(record_learner_of(desk.record, view_of(other)), 0);
    assert_int_equal(record_learner_of(desk.record, VIEW("")), 0);
    assert_int_equal(record_learner_of(desk.record, VIEW("no token")), 0);
    sha256_hex(view_of(desk.token), hash);
    assert_int_equal(record_learner_of(desk.record, view_of(hash)), 0);
    record_close(desk.record);
    desk.record = NULL;
    struct buffer file = {0};
    assert_true(file_read(desk.folder.record, 1 << 20, &file, &fault));
    assert_true(view_find(buffer_view(&file), view_of(desk.token)) < 0);
    assert_true(view_find(buffer_view(&file), view_of(hash)) >= 0);
    buffer_free(&file);
    desk_clear(&desk);
}

static void only_a_name_that_people_can_read_is_taken(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct buffer eighty = {0}, more = {0};
    for (int i = 0; i < 80; i++)
        buffer_text(&eighty, "学");
    buffer_format(&more, "%s!", eighty.at);
    const char *taken[] = {"Ada",  "  Ada Lovelace ", "李小龙", "محمد", "O'Brien <b>",
                           "नीलम", "👩‍🔬",     eighty.at};
    const char *refused[] = {"",          "   ",     "\xff\xfe",     "Ad\xc3", "\xc0\xae",
                             "a\tb",      "a\nb",    "\x1b[31mred",  "a\x7f",  "\xc2\x85",
                             "\u202egnp", "\u2066x", "\xed\xa0\x80", more.at,  "\u3000"};
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        struct fault fault = {0};
        assert_true(record_learner_name(desk.record, desk.learner, view_of(taken[i]), &fault));
        json_t *name = record_name(desk.record, desk.learner);
        assert_true(view_equal(view_of(json_string_value(name)), view_trim(view_of(taken[i]))));
        json_decref(name);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct fault fault = {0};
        assert_false(record_learner_name(desk.record, desk.learner, view_of(refused[i]), &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
    }
    struct fault fault = {0};
    assert_false(record_learner_name(desk.record, desk.learner, VIEW("a\0b"), &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    json_t *name = record_name(desk.record, desk.learner);
    assert_string_equal(json_string_value(name), eighty.at);
    json_decref(name);
    buffer_free(&eighty);
    buffer_free(&more);
    desk_clear(&desk);
}

static void nothing_is_written_for_a_learner_who_does_not_exist(void **state) {
    (void)state;
    struct desk desk = desk_new();
    long before = folder_count(&desk.folder, "SELECT count(*) FROM event");
    json_t *text = json_string("x");
    struct attempt attempt = an_attempt(99, 1, 1, text);
    struct fault faults[5] = {0};
    assert_false(record_attempt(desk.record, NULL, &attempt, &faults[0]));
    assert_false(record_hint(desk.record, NULL, 99, "e", 1, 1, &faults[1]));
    assert_false(record_learner_name(desk.record, 99, VIEW("Eve"), &faults[2]));
    assert_false(record_note(desk.record, NULL, 99, "asked", text, &faults[3]));
    assert_null(record_events(desk.record, 99, 0, &faults[4]));
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        assert_int_equal(faults[i].kind, FAULT_MISSING);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM event"), before);
    json_decref(text);
    desk_clear(&desk);
}

/* ----------------------------------------------------------------------------------- mastery */

static void only_the_first_try_on_a_seed_without_help_moves_mastery(void **state) {
    (void)state;
    struct desk desk = desk_new();
    double start = tracing_default.start, wanted = tracing_after(&tracing_default, start, false);
    answer(&desk, 7, 0);
    assert_true(mastery(&desk) == wanted);
    answer(&desk, 7, 1); /* the second try */
    assert_true(mastery(&desk) == wanted);
    struct fault fault = {0};
    record_sister(desk.record, NULL, desk.learner, "e", 8, &fault);
    hint(&desk, 8, 1);
    answer(&desk, 8, 1); /* after a hint */
    assert_true(mastery(&desk) == wanted);
    record_sister(desk.record, NULL, desk.learner, "e", 9, &fault);
    record_solution(desk.record, NULL, desk.learner, "e", 9, &fault);
    answer(&desk, 9, 1); /* after the solution */
    assert_true(mastery(&desk) == wanted);
    answer(&desk, 1234, 1); /* on a seed that was never offered */
    assert_true(mastery(&desk) == wanted);
    record_sister(desk.record, NULL, desk.learner, "e", 10, &fault);
    answer(&desk, 10, 1);
    assert_true(mastery(&desk) == tracing_after(&tracing_default, wanted, true));
    struct skill_state skill;
    assert_true(record_skill(desk.record, desk.learner, "c", "s", &skill));
    assert_int_equal(skill.attempts, 6);
    assert_int_equal(skill.unaided, 2);
    assert_int_equal(skill.right, 1);
    desk_clear(&desk);
}

static void an_answer_that_could_not_be_read_is_no_attempt(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    json_t *text = json_string("((((");
    struct attempt attempt = an_attempt(desk.learner, 7, 0, text);
    attempt.counts = false;
    assert_true(record_attempt(desk.record, NULL, &attempt, &fault));
    assert_int_equal(exercise(&desk).attempts, 0);
    assert_true(mastery(&desk) == tracing_default.start);
    answer(&desk, 7, 1); /* still the first */
    assert_true(mastery(&desk) > tracing_default.start);
    json_decref(text);
    desk_clear(&desk);
}

static void the_moment_that_mastery_is_reached_is_kept(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    struct skill_state skill;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        record_sister(desk.record, NULL, desk.learner, "e", seed, &fault);
        answer(&desk, seed, 1);
        record_skill(desk.record, desk.learner, "c", "s", &skill);
        assert_int_equal(skill.reached_ms > 0, seed == 3);
    }
    int64_t reached = skill.reached_ms;
    record_sister(desk.record, NULL, desk.learner, "e", 4, &fault);
    answer(&desk, 4, 0);
    record_skill(desk.record, desk.learner, "c", "s", &skill);
    assert_int_equal(skill.reached_ms, reached);
    desk_clear(&desk);
}

/* --------------------------------------------------------------------------------- exercises */

static void an_exercise_is_found_as_it_was_left(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct exercise_state left;
    assert_false(record_exercise(desk.record, desk.learner, "e", &left));
    assert_int_equal(left.seed, record_first_seed(desk.learner, "e"));
    answer(&desk, left.seed, 0);
    answer(&desk, left.seed, 0.5);
    hint(&desk, left.seed, 1);
    hint(&desk, left.seed, 2);
    desk_reopen(&desk);
    uint64_t seed = left.seed;
    assert_true(record_exercise(desk.record, desk.learner, "e", &left));
    assert_int_equal(left.seed, seed);
    assert_int_equal(left.attempts, 2);
    assert_int_equal(left.wrong, 2);
    assert_int_equal(left.hints, 2);
    assert_false(left.solved || left.bottomed || left.ever_solved || left.ever_unaided);
    assert_true(left.score == 0.5);
    assert_true(left.tried_ms > 0 && left.hinted_ms >= left.tried_ms);
    assert_string_equal(json_string_value(left.answer), "x = 5");
    json_decref(left.answer);
    answer(&desk, seed, 1);
    left = exercise(&desk);
    assert_true(left.solved && left.ever_solved && !left.ever_unaided);
    assert_int_equal(left.wrong, 0);
    desk_clear(&desk);
}

static void a_sister_begins_afresh_and_what_was_solved_stays_solved(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    answer(&desk, 5, 1);
    hint(&desk, 5, 1);
    assert_true(record_sister(desk.record, NULL, desk.learner, "e", 6, &fault));
    struct exercise_state left = exercise(&desk);
    assert_int_equal(left.seed, 6);
    assert_int_equal(left.attempts + left.wrong + left.hints, 0);
    assert_true(!left.solved && left.ever_solved && left.ever_unaided);
    answer(&desk, 5, 0); /* in a page that was left open */
    left = exercise(&desk);
    assert_int_equal(left.seed, 6);
    assert_int_equal(left.attempts, 0);
    desk_clear(&desk);
}

static void learners_get_different_first_seeds_and_always_the_same(void **state) {
    (void)state;
    uint64_t seen[100];
    for (int64_t learner = 0; learner < 100; learner++) {
        seen[learner] = record_first_seed(learner, "lin-03");
        assert_true(seen[learner] >= 1 && seen[learner] < (uint64_t)1 << 31);
        for (int64_t other = 0; other < learner; other++)
            assert_int_not_equal(seen[learner], seen[other]);
    }
    assert_int_not_equal(record_first_seed(1, "lin-03"), record_first_seed(1, "lin-04"));
    /* Written down, since a change would change every open page's numbers. */
    assert_int_equal(record_first_seed(1, "lin-03"), 1487573241);
}

/* ------------------------------------------------------------------------------------ events */

static void talk_comes_back_oldest_first_and_by_exercise(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    for (int i = 0; i < 5; i++) {
        json_t *data = json_pack("{s:s,s:i}", "exercise", i == 2 ? "other" : "e", "turn", i);
        assert_true(
            record_note(desk.record, NULL, desk.learner, i % 2 ? "said" : "asked", data, &fault));
        json_decref(data);
    }
    json_t *talk = record_talk(desk.record, desk.learner, "e", 3);
    static const int turns[] = {1, 3, 4};
    assert_int_equal(json_array_size(talk), COUNT_OF(turns));
    for (size_t i = 0; i < COUNT_OF(turns); i++) {
        json_t *one = json_array_get(talk, i);
        assert_int_equal(json_number(json_object_get(one, "data"), "turn", -1), turns[i]);
        assert_string_equal(json_text(one, "kind", ""), turns[i] % 2 ? "said" : "asked");
    }
    json_decref(talk);
    desk_clear(&desk);
}

static void every_event_is_told_in_order_and_without_the_token(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    char token[65];
    int64_t other = record_learner_new(desk.record, token, &fault);
    record_learner_name(desk.record, other, VIEW("Other"), &fault);
    answer(&desk, 5, 0);
    hint(&desk, 5, 1);
    record_learner_name(desk.record, desk.learner, VIEW("Ada"), &fault);
    static const char *const kinds[] = {"learner", "attempt", "hint", "name"};
    json_t *events = record_events(desk.record, desk.learner, 0, &fault);
    assert_int_equal(json_array_size(events), COUNT_OF(kinds));
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        assert_string_equal(json_text(json_array_get(events, i), "kind", ""), kinds[i]);
    char *text = json_dumps(events, 0);
    assert_null(strstr(text, "token"));
    free(text);
    json_decref(events);
    events = record_events(desk.record, desk.learner, 2, &fault);
    assert_int_equal(json_array_size(events), 2);
    assert_string_equal(json_text(json_array_get(events, 0), "kind", ""), "hint");
    json_decref(events);
    json_t *recent = record_recent(desk.record, desk.learner, 10);
    assert_int_equal(json_array_size(recent), 1);
    assert_string_equal(json_text(json_array_get(recent, 0), "exercise", ""), "e");
    json_decref(recent);
    desk_clear(&desk);
}

static void the_file_itself_refuses_to_change_an_event(void **state) {
    (void)state;
    struct desk desk = desk_new();
    answer(&desk, 5, 0);
    record_close(desk.record);
    desk.record = NULL;
    static const char *const attacks[] = {
        "UPDATE event SET data = '{}'",
        "DELETE FROM event",
        "DELETE FROM event WHERE id = 1",
        "INSERT OR REPLACE INTO event VALUES(1, 1, 0, 'name', '{}')",
        "REPLACE INTO event VALUES(1, 1, 0, 'name', '{}')",
        "INSERT INTO event VALUES(1, 1, 0, 'name', '{}') ON CONFLICT(id) DO UPDATE SET data='{}'",
        "INSERT INTO event(learner, at_ms, kind, data) VALUES(1, 0, 'name', 'no json')",
    };
    for (size_t i = 0; i < COUNT_OF(attacks); i++)
        assert_int_equal(folder_sql(&desk.folder, attacks[i]), SQLITE_CONSTRAINT);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM event"), 2);
    desk_clear(&desk);
}

static void nobody_else_may_read_the_record(void **state) {
    (void)state;
    struct desk desk = desk_new();
    static const char *const suffixes[] = {"", "-wal"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct stat status;
        char path[128];
        snprintf(path, sizeof path, "%s%s", desk.folder.record, suffixes[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0077, 0);
    }
    desk_clear(&desk);
}

static void what_is_too_long_or_too_deep_is_refused_and_the_next_is_taken(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    char *long_text = must_alloc(400000, 1);
    memset(long_text, 'x', 399999);
    json_t *data = json_pack("{s:s}", "text", long_text), *deep = json_array();
    assert_false(record_note(desk.record, NULL, desk.learner, "asked", data, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    for (int i = 0; i < 500; i++) {
        json_t *outer = json_array();
        json_array_append_new(outer, deep);
        deep = outer;
    }
    fault_clear(&fault);
    struct attempt attempt = an_attempt(desk.learner, 5, 0, deep);
    assert_false(record_attempt(desk.record, NULL, &attempt, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    answer(&desk, 5, 1);
    assert_int_equal(exercise(&desk).attempts, 1);
    json_decref(data);
    json_decref(deep);
    free(long_text);
    desk_clear(&desk);
}

enum { N_THREAD = 8, N_EACH = 25 };

struct crowd {
    struct record *record;
    int64_t learner;
};

/* Answers, looks, and now and then is a learner who does not exist. */
static void *answer_many(void *data) {
    struct crowd *crowd = data;
    for (int i = 0; i < N_EACH; i++) {
        struct fault fault = {0};
        struct exercise_state left;
        json_t *number = json_integer(i);
        struct attempt attempt = an_attempt(crowd->learner, 5, 0, number);
        MUST(record_attempt(crowd->record, NULL, &attempt, &fault));
        record_exercise(crowd->record, crowd->learner, "e", &left);
        MUST(left.attempts == i + 1 && json_integer_value(left.answer) == i);
        json_decref(left.answer);
        MUST(!record_hint(crowd->record, NULL, 1000 + crowd->learner, "e", 5, 1, &fault));
        MUST(fault.kind == FAULT_MISSING);
        json_decref(number);
    }
    return NULL;
}

static void learners_at_once_each_find_their_own_and_fail_alone(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct crowd crowds[N_THREAD];
    pthread_t threads[N_THREAD];
    for (int i = 0; i < N_THREAD; i++) {
        struct fault fault = {0};
        char token[65];
        crowds[i] = (struct crowd){desk.record, record_learner_new(desk.record, token, &fault)};
        assert_true(crowds[i].learner > 0);
    }
    for (int i = 0; i < N_THREAD; i++)
        pthread_create(&threads[i], NULL, answer_many, &crowds[i]);
    for (int i = 0; i < N_THREAD; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(folder_count(&desk.folder, "SELECT sum(attempts) FROM exercise_seed"),
                     N_THREAD * N_EACH);
    assert_int_equal(folder_count(&desk.folder, "SELECT count(*) FROM event WHERE kind = 'hint'"),
                     0);
    desk_clear(&desk);
}

static void *answer_once(void *data) {
    struct desk *desk = data;
    answer(desk, 5, 0);
    MUST(exercise(desk).attempts == 1);
    return NULL;
}

static void who_holds_one_moment_keeps_nobody_from_reading_or_answering(void **state) {
    (void)state;
    struct desk desk = desk_new();
    pthread_t other;
    record_hold(desk.record);
    record_hold(desk.record);
    assert_int_equal(exercise(&desk).attempts, 0);
    pthread_create(&other, NULL, answer_once, &desk);
    pthread_join(other, NULL);
    record_release(desk.record);
    assert_int_equal(exercise(&desk).attempts, 0);
    record_release(desk.record);
    assert_int_equal(exercise(&desk).attempts, 1);
    desk_clear(&desk);
}

static void metrics_count_attempts_by_their_result(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct buffer out = {0};
    answer(&desk, 5, 0);
    answer(&desk, 5, 0);
    answer(&desk, 5, 1);
    record_metrics(desk.record, &out);
    assert_non_null(strstr(out.at, "\nlyceum_attempts_total{result=\"wrong\"} 2\n"));
    assert_non_null(strstr(out.at, "\nlyceum_attempts_total{result=\"right\"} 1\n"));
    assert_non_null(strstr(out.at, "\nlyceum_unaided_attempts_total{result=\"wrong\"} 1\n"));
    assert_non_null(strstr(out.at, "\nlyceum_events_total{kind=\"attempt\"} 3\n"));
    buffer_free(&out);
    desk_clear(&desk);
}

static void the_index_of_who_is_stuck_is_made_where_it_is_missing(void **state) {
    (void)state;
    static const char there[] = "SELECT count(*) FROM sqlite_schema WHERE name = 'seed_stuck'";
    struct desk desk = desk_new();
    record_close(desk.record);
    assert_int_equal(folder_sql(&desk.folder, "DROP INDEX seed_stuck"), SQLITE_OK);
    assert_int_equal(folder_count(&desk.folder, there), 0);
    desk.record = folder_open(&desk.folder);
    assert_int_equal(folder_count(&desk.folder, there), 1);
    desk_clear(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_finds_its_learner_and_is_kept_nowhere),
        cmocka_unit_test(only_a_name_that_people_can_read_is_taken),
        cmocka_unit_test(nothing_is_written_for_a_learner_who_does_not_exist),
        cmocka_unit_test(only_the_first_try_on_a_seed_without_help_moves_mastery),
        cmocka_unit_test(an_answer_that_could_not_be_read_is_no_attempt),
        cmocka_unit_test(the_moment_that_mastery_is_reached_is_kept),
        cmocka_unit_test(an_exercise_is_found_as_it_was_left),
        cmocka_unit_test(a_sister_begins_afresh_and_what_was_solved_stays_solved),
        cmocka_unit_test(learners_get_different_first_seeds_and_always_the_same),
        cmocka_unit_test(talk_comes_back_oldest_first_and_by_exercise),
        cmocka_unit_test(every_event_is_told_in_order_and_without_the_token),
        cmocka_unit_test(the_file_itself_refuses_to_change_an_event),
        cmocka_unit_test(nobody_else_may_read_the_record),
        cmocka_unit_test(what_is_too_long_or_too_deep_is_refused_and_the_next_is_taken),
        cmocka_unit_test(learners_at_once_each_find_their_own_and_fail_alone),
        cmocka_unit_test(who_holds_one_moment_keeps_nobody_from_reading_or_answering),
        cmocka_unit_test(metrics_count_attempts_by_their_result),
        cmocka_unit_test(the_index_of_who_is_stuck_is_made_where_it_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
