/* Answers that were kept on a device: each is recorded once, and counts for when it was given. */
#include "folder.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT_EVENTS "SELECT count(*) FROM event WHERE kind = 'attempt'"
static const int64_t hour_ms = 3600000, day_ms = SPACING_DAY_MS;

struct desk {
    struct folder folder;
    struct record *record;
    int64_t ada, eve;
};

static struct desk desk_new(void) {
    struct fault fault = {0};
    char token[65];
    struct desk desk = {.folder = folder_new()};
    desk.record = folder_open(&desk.folder);
    desk.ada = record_learner_new(desk.record, token, &fault);
    desk.eve = record_learner_new(desk.record, token, &fault);
    assert_true(desk.ada && desk.eve);
    return desk;
}

static void desk_clear(struct desk *desk) {
    record_close(desk->record);
    folder_delete(&desk->folder);
}

static enum fault_kind answer(struct record *record, int64_t learner, uint64_t seed, double score,
                              const char *once, int64_t ago_ms) {
    struct fault fault = {0};
    json_t *text = json_string("x = 5");
    struct attempt attempt = an_attempt(learner, seed, score, text);
    attempt.once = once;
    attempt.ago_ms = ago_ms;
    bool good = record_attempt(record, NULL, &attempt, &fault);
    json_decref(text);
    assert_int_equal(good, fault.kind == FAULT_NONE);
    return fault.kind;
}

/* The learner came so many milliseconds ago: nobody can have answered before. */
static void came_ago(struct desk *desk, int64_t learner, int64_t ago_ms) {
    char sql[200];
    snprintf(sql, sizeof sql, "UPDATE learner SET created_ms = %lld WHERE id = %lld",
             (long long)(clock_unix_ms() - ago_ms), (long long)learner);
    assert_int_equal(folder_sql(&desk->folder, sql), 0);
}

static struct skill_state skill_of(struct desk *desk, int64_t learner) {
    struct skill_state skill;
    record_skill(desk->record, learner, "c", "s", &skill);
    return skill;
}

/* ----------------------------------------------------------------------------------------- once
 */

static void what_comes_twice_is_recorded_once(void **state) {
    (void)state;
    struct desk desk = desk_new();
    assert_int_equal(answer(desk.record, desk.ada, 5, 1, "one-of-ada", 0), FAULT_NONE);
    double mastery = skill_of(&desk, desk.ada).mastery;
    assert_int_equal(answer(desk.record, desk.ada, 5, 0, "one-of-ada", 0), FAULT_KNOWN);
    assert_int_equal(answer(desk.record, desk.ada, 6, 1, "one-of-ada", 0), FAULT_KNOWN);
    assert_int_equal(folder_count(&desk.folder, COUNT_EVENTS), 1);
    assert_true(skill_of(&desk, desk.ada).mastery == mastery);
    assert_int_equal(skill_of(&desk, desk.ada).attempts, 1);
    json_t *kept = record_once(desk.record, desk.ada, "attempt", "one-of-ada");
    assert_true(json_number(kept, "score", 0) == 1);
    json_decref(kept);
    assert_null(record_once(desk.record, desk.ada, "said", "one-of-ada"));
    assert_null(record_once(desk.record, desk.ada, "attempt", "another-id"));
    assert_int_equal(answer(desk.record, desk.ada, 5, 1, NULL, 0), FAULT_NONE);
    assert_int_equal(answer(desk.record, desk.ada, 5, 1, NULL, 0), FAULT_NONE);
    assert_int_equal(folder_count(&desk.folder, COUNT_EVENTS), 3);
    desk_clear(&desk);
}

static void an_id_is_its_learners_own(void **state) {
    (void)state;
    struct desk desk = desk_new();
    assert_int_equal(answer(desk.record, desk.ada, 5, 1, "the-same-id", 0), FAULT_NONE);
    assert_null(record_once(desk.record, desk.eve, "attempt", "the-same-id"));
    assert_int_equal(answer(desk.record, desk.eve, 5, 0, "the-same-id", 0), FAULT_NONE);
    json_t *kept = record_once(desk.record, desk.ada, "attempt", "the-same-id");
    assert_true(json_number(kept, "score", 0) == 1);
    json_decref(kept);
    desk_clear(&desk);
}

enum { N_THREAD = 8, N_EACH = 40 };

struct sender {
    struct desk *desk;
    int mine, n_known;
};

/* Everybody sends the same ids, and between them answers of their own that none may lose. */
static void *send_all(void *data) {
    struct sender *sender = data;
    for (int i = 0; i < N_EACH; i++) {
        char shared[32], own[32];
        snprintf(shared, sizeof shared, "shared-%d", i);
        snprintf(own, sizeof own, "own-%d-%d", sender->mine, i);
        enum fault_kind kind = answer(sender->desk->record, sender->desk->ada, 5, 0, shared, 0);
        MUST(kind == FAULT_NONE || kind == FAULT_KNOWN);
        sender->n_known += kind == FAULT_KNOWN;
        MUST(answer(sender->desk->record, sender->desk->eve, 5, 0, own, 0) == FAULT_NONE);
    }
    return NULL;
}

static void of_many_at_once_one_is_recorded_and_the_others_fail_alone(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct sender senders[N_THREAD];
    pthread_t threads[N_THREAD];
    int n_known = 0;
    for (int i = 0; i < N_THREAD; i++) {
        senders[i] = (struct sender){.desk = &desk, .mine = i};
        pthread_create(&threads[i], NULL, send_all, &senders[i]);
    }
    for (int i = 0; i < N_THREAD; i++) {
        pthread_join(threads[i], NULL);
        n_known += senders[i].n_known;
    }
    assert_int_equal(n_known, (N_THREAD - 1) * N_EACH);
    assert_int_equal(folder_count(&desk.folder, COUNT_EVENTS " AND learner = 1"), N_EACH);
    assert_int_equal(folder_count(&desk.folder, COUNT_EVENTS " AND learner = 2"),
                     N_THREAD * N_EACH);
    desk_clear(&desk);
}

/* ----------------------------------------------------------------------------------------- when
 */

static void an_answer_counts_for_when_it_was_given(void **state) {
    (void)state;
    struct desk desk = desk_new();
    came_ago(&desk, desk.ada, 100 * day_ms);
    int64_t ago = 5 * day_ms, then = clock_unix_ms() - ago;
    answer(desk.record, desk.ada, 5, 1, "five-days-ago", ago);
    int64_t reviewed = skill_of(&desk, desk.ada).memory.reviewed_ms;
    assert_true(reviewed >= then && reviewed < then + hour_ms);
    struct exercise_state left;
    record_exercise(desk.record, desk.ada, "e", &left);
    json_decref(left.answer);
    assert_int_equal(left.tried_ms, reviewed);
    struct practised days[2];
    struct plan plan;
    record_plan(desk.record, desk.ada, &plan);
    assert_int_equal(record_days(desk.record, desk.ada, days, 2), 1);
    assert_int_equal(days[0].day, calendar_day(&plan.calendar, reviewed));
    /* The record itself tells when it came. */
    assert_true(folder_count(&desk.folder, "SELECT max(at_ms) FROM event") > then + ago - hour_ms);
    desk_clear(&desk);
}

static void a_time_that_cannot_be_is_not_believed(void **state) {
    (void)state;
    struct desk desk = desk_new();
    int64_t before = clock_unix_ms();
    came_ago(&desk, desk.ada, 2 * day_ms);
    /* Before the learner came: when they came. */
    answer(desk.record, desk.ada, 5, 1, "too-early", 9 * day_ms);
    int64_t reviewed = skill_of(&desk, desk.ada).memory.reviewed_ms;
    assert_in_range(reviewed, before - 2 * day_ms - hour_ms, before - 2 * day_ms + hour_ms);
    /* Half a century, below zero: clocks that were put right. */
    static const int64_t never[] = {50 * 365 * day_ms, INT64_MAX, -hour_ms, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        struct fault fault = {0};
        char once[24];
        snprintf(once, sizeof once, "never-%zu", i);
        assert_true(record_sister(desk.record, NULL, desk.ada, "e", 10 + i, &fault));
        answer(desk.record, desk.ada, 10 + i, 1, once, never[i]);
        assert_true(skill_of(&desk, desk.ada).memory.reviewed_ms >= before);
    }
    desk_clear(&desk);
}

static void what_was_overtaken_does_not_turn_time_back(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct fault fault = {0};
    came_ago(&desk, desk.ada, 100 * day_ms);
    answer(desk.record, desk.ada, 5, 1, "yesterday", day_ms);
    struct skill_state first = skill_of(&desk, desk.ada);
    assert_true(record_sister(desk.record, NULL, desk.ada, "e", 6, &fault));
    answer(desk.record, desk.ada, 6, 1, "the-day-before", 2 * day_ms);
    struct skill_state second = skill_of(&desk, desk.ada);
    assert_int_equal(second.unaided, 2);
    assert_true(second.memory.reviewed_ms == first.memory.reviewed_ms);
    assert_true(second.mastery > first.mastery);
    desk_clear(&desk);
}

static void tables_made_again_are_the_same(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct buffer before = {0}, after = {0};
    for (int i = 0; i < 6; i++) {
        struct fault fault = {0};
        char once[24];
        snprintf(once, sizeof once, "answer-%d", i);
        assert_true(record_sister(desk.record, NULL, desk.ada, "e", 5 + (uint64_t)i, &fault));
        answer(desk.record, desk.ada, 5 + (uint64_t)i, i % 2, once, (6 - i) * 20);
        answer(desk.record, desk.ada, 5 + (uint64_t)i, 1, once, 0);
    }
    record_close(desk.record);
    folder_dump(&desk.folder, &before);
    struct fault fault = {0};
    assert_true(record_rebuild(desk.folder.path, &fault));
    folder_dump(&desk.folder, &after);
    assert_string_equal(before.at, after.at);
    desk.record = folder_open(&desk.folder);
    assert_int_equal(answer(desk.record, desk.ada, 5, 1, "answer-0", 0), FAULT_KNOWN);
    buffer_free(&before);
    buffer_free(&after);
    desk_clear(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_twice_is_recorded_once),
        cmocka_unit_test(an_id_is_its_learners_own),
        cmocka_unit_test(of_many_at_once_one_is_recorded_and_the_others_fail_alone),
        cmocka_unit_test(an_answer_counts_for_when_it_was_given),
        cmocka_unit_test(a_time_that_cannot_be_is_not_believed),
        cmocka_unit_test(what_was_overtaken_does_not_turn_time_back),
        cmocka_unit_test(tables_made_again_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
