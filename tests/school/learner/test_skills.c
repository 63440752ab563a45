/* What the record derives of skills: reviews, plans, claims, fits; and that events alone decide.
 */
#include "folder.h"
#include "school/learner/practice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct desk {
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

static void desk_clear(struct desk *desk) {
    record_close(desk->record);
    folder_delete(&desk->folder);
}

static void answer(struct desk *desk, int64_t learner, const char *skill, uint64_t seed,
                   bool right) {
    struct fault fault = {0};
    json_t *text = json_string("5");
    struct attempt attempt = an_attempt(learner, seed, right, text);
    char exercise[80];
    snprintf(exercise, sizeof exercise, "%s-%llu", skill, (unsigned long long)seed);
    attempt.exercise = exercise;
    attempt.skill = skill;
    attempt.threshold = 0.9;
    assert_true(record_attempt(desk->record, NULL, &attempt, &fault));
    json_decref(text);
}

static struct skill_state state_of(struct desk *desk, const char *skill) {
    struct skill_state state;
    record_skill(desk->record, desk->learner, "c", skill, &state);
    return state;
}

/* Everything that was done moves so many days into the past, and is derived again. */
static void wait_days(struct desk *desk, int days) {
    struct fault fault = {0};
    char sql[400];
    record_close(desk->record);
    snprintf(sql, sizeof sql,
             "DROP TRIGGER event_kept_from_update;"
             "UPDATE event SET at_ms = at_ms - %d * 86400000;"
             "CREATE TRIGGER event_kept_from_update BEFORE UPDATE ON event BEGIN"
             " SELECT RAISE(ABORT, 'events are append-only'); END;",
             days);
    assert_int_equal(folder_sql(&desk->folder, sql), 0);
    assert_true(record_rebuild(desk->folder.path, &fault));
    desk->record = folder_open(&desk->folder);
}

static int64_t today(void) {
    return calendar_day(&(struct calendar){0}, clock_unix_ms());
}

/* ------------------------------------------------------------------------------------- reviews */

static void a_mastered_skill_comes_due_and_each_review_sends_it_further_away(void **state) {
    (void)state;
    struct desk desk = desk_new();
    for (uint64_t seed = 1; seed <= 3; seed++)
        answer(&desk, desk.learner, "s", seed, true);
    struct skill_state skill = state_of(&desk, "s");
    assert_true(skill.reached_ms > 0 && skill.memory.reviews == 3);
    assert_int_equal(skill.due_day, today() + 2);
    assert_true(skill.memory.due_ms == skill.due_day * SPACING_DAY_MS);
    int64_t away = 2;
    for (uint64_t seed = 4; seed < 8; seed++) {
        wait_days(&desk, (int)away);
        assert_int_equal(state_of(&desk, "s").due_day, today());
        answer(&desk, desk.learner, "s", seed, true);
        int64_t next = state_of(&desk, "s").due_day - today();
        assert_true(next > away);
        away = next;
    }
    wait_days(&desk, (int)away);
    answer(&desk, desk.learner, "s", 99, false);
    assert_true(state_of(&desk, "s").due_day - today() < away / 2);
    assert_int_equal(state_of(&desk, "s").memory.lapses, 1);
    desk_clear(&desk);
}

static void what_was_learnt_on_one_day_is_not_all_due_on_one_day(void **state) {
    (void)state;
    struct desk desk = desk_new();
    char skill[8];
    for (int i = 0; i < 12; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            snprintf(skill, sizeof skill, "s%d", i);
            answer(&desk, desk.learner, skill, seed, true);
        }
    wait_days(&desk, 2);
    for (int i = 0; i < 12; i++) {
        snprintf(skill, sizeof skill, "s%d", i);
        answer(&desk, desk.learner, skill, 4, true);
    }
    int counts[40] = {0}, most = 0, used = 0;
    for (int i = 0; i < 12; i++) {
        snprintf(skill, sizeof skill, "s%d", i);
        int64_t away = state_of(&desk, skill).due_day - today();
        assert_true(away > 0 && away < 40);
        counts[away]++;
    }
    for (int i = 0; i < 40; i++) {
        most = counts[i] > most ? counts[i] : most;
        used += counts[i] > 0;
    }
    assert_true(used >= 4 && most <= 3);
    desk_clear(&desk);
}

static void change_plan(struct desk *desk, const char *json) {
    struct fault fault = {0};
    struct plan plan;
    json_t *change = json_parse(view_of(json), &fault);
    record_plan(desk->record, desk->learner, &plan);
    assert_true(plan_change(&plan, change, &fault));
    assert_true(record_plan_set(desk->record, desk->learner, &plan, &fault));
    json_decref(change);
}

static void a_plan_moves_the_reviews_that_are_to_come(void **state) {
    (void)state;
    struct desk desk = desk_new();
    char skill[8], json[100], exam[11];
    for (int i = 0; i < 9; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            snprintf(skill, sizeof skill, "s%d", i);
            answer(&desk, desk.learner, skill, seed, true);
        }
    wait_days(&desk, 2);
    for (int i = 0; i < 9; i++) {
        snprintf(skill, sizeof skill, "s%d", i);
        answer(&desk, desk.learner, skill, 4, true);
    }
    change_plan(&desk, "{\"days_off\":[\"saturday\",\"sunday\",\"wednesday\"]}");
    struct calendar off = {.days_off = 1u << 2 | 1u << 5 | 1u << 6};
    for (int i = 0; i < 9; i++) {
        snprintf(skill, sizeof skill, "s%d", i);
        assert_false(calendar_is_off(&off, state_of(&desk, skill).due_day));
    }
    day_text(today() + 5, exam);
    snprintf(json, sizeof json, "{\"exam\":\"%s\",\"days_off\":[]}", exam);
    change_plan(&desk, json);
    for (int i = 0; i < 9; i++) {
        snprintf(skill, sizeof skill, "s%d", i);
        int64_t due = state_of(&desk, skill).due_day;
        assert_true(due > today() && due < today() + 5);
    }
    desk_clear(&desk);
}

static void a_plan_that_makes_no_sense_changes_nothing(void **state) {
    (void)state;
    static const char *const wrong[] = {"{\"days_off\":[\"someday\"]}",
                                        "{\"days_off\":\"sunday\"}",
                                        ("{\"days_off\":[\"monday\",\"tuesday\",\"wednesday\","
                                         "\"thursday\",\"friday\",\"saturday\",\"sunday\"]}"),
                                        "{\"exam\":\"2027-02-30\"}",
                                        "{\"exam\":20270230}",
                                        "{\"challenge\":\"impossible\"}",
                                        "{\"utc_offset\":100000}",
                                        "{\"goal\":-1}",
                                        "{\"goal\":2.5}",
                                        "{\"colour\":\"red\"}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct fault fault = {0};
        struct plan plan = {.goal = 7, .shift = 1, .calendar = {60, 3, 20000}}, before = plan;
        json_t *change = json_parse(view_of(wrong[i]), &fault);
        assert_false(plan_change(&plan, change, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        assert_memory_equal(&plan, &before, sizeof plan);
        json_decref(change);
    }
}

static void dates_are_read_as_they_are_written(void **state) {
    (void)state;
    char text[11];
    int64_t back;
    for (int64_t day = -719162; day < 2900000; day += 97) {
        day_text(day, text);
        assert_true(day_parse(view_of(text), &back) && back == day);
    }
    assert_true(day_parse(VIEW("1970-01-01"), &back) && back == 0);
    assert_true(day_parse(VIEW("2024-02-29"), &back) && back == 19782);
    static const char *const none[] = {"2023-02-29",  "2023-13-01", "2023-00-10", "2023-1-1",
                                       "2023-01-01x", "",           "20230101",   "2023/01/01"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(day_parse(view_of(none[i]), &back));
}

/* -------------------------------------------------------------------------------------- claims */

static void a_claim_counts_as_mastery_until_a_wrong_answer(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    json_t *skills = json_pack("[s,s]", "a", "b");
    answer(&desk, desk.learner, "b", 1, false);
    assert_true(record_claim(desk.record, desk.learner, "c", skills, 0.9, &fault));
    assert_true(state_of(&desk, "a").believed && state_of(&desk, "a").mastery >= 0.9);
    assert_true(state_of(&desk, "a").due_day > today());
    assert_false(state_of(&desk, "b").believed); /* tried before: what was done says more */
    answer(&desk, desk.learner, "a", 1, false);
    assert_true(!state_of(&desk, "a").believed && state_of(&desk, "a").mastery < 0.5);
    assert_int_equal(state_of(&desk, "a").reached_ms, 0);
    json_decref(skills);
    desk_clear(&desk);
}

/* ---------------------------------------------------------------------------------------- fits */

static struct tracing tracing_of(const struct desk *desk, struct view skill) {
    struct arena *arena = arena_new();
    struct fits fits;
    record_fits(desk->record, "c", &fits, arena);
    struct tracing tracing = *fits_tracing(&fits, skill);
    arena_free(arena);
    return tracing;
}

static void
a_school_with_enough_answers_fits_its_own_numbers_and_others_keep_the_shared(void **state) {
    (void)state;
    enum { MANY = 60, TRIES = 8 };
    struct fault fault = {0};
    struct desk desk = desk_new();
    struct tracing found;
    char token[65];
    struct random random;
    random_seed(&random, 11);
    found = tracing_of(&desk, VIEW("s"));
    assert_memory_equal(&found, &tracing_default, sizeof found);
    for (int i = 0; i < MANY; i++) { /* all of them know it before: start is near 1 */
        int64_t learner = record_learner_new(desk.record, token, &fault);
        for (uint64_t seed = 1; seed <= TRIES; seed++)
            answer(&desk, learner, "s", seed, random_unit(&random) < 0.95);
    }
    found = tracing_of(&desk, VIEW("s"));
    assert_true(found.start > 0.6 && found.slip < 0.1 && found.guess + found.slip < 0.9);
    struct skill_state skill;
    record_skill(desk.record, desk.learner, "c", "s", &skill);
    assert_true(skill.mastery == found.start); /* who never tried begins there */
    found = tracing_of(&desk, VIEW("other"));
    assert_memory_equal(&found, &tracing_default, sizeof found);
    desk_clear(&desk);
}

static void events_alone_make_the_tables_again_to_the_last_bit(void **state) {
    (void)state;
    struct fault fault = {0};
    struct desk desk = desk_new();
    struct random random;
    char token[65], skill[4];
    random_seed(&random, 2);
    for (int i = 0; i < 40; i++) {
        int64_t learner = record_learner_new(desk.record, token, &fault);
        for (int j = 0; j < 12; j++) {
            snprintf(skill, sizeof skill, "s%d", (int)random_between(&random, 0, 2));
            answer(&desk, learner, skill, (uint64_t)random_between(&random, 1, 6),
                   random_unit(&random) < 0.6);
        }
        if (i % 7 == 0) {
            struct plan plan = {.calendar = {.offset_minutes = 60, .days_off = 1u << i % 5}};
            json_t *skills = json_pack("[s]", "s9"),
                   *found = json_pack("{s:f,s:f}", "s8", 0.97, "s7", 0.3);
            assert_true(record_plan_set(desk.record, learner, &plan, &fault));
            assert_true(record_claim(desk.record, learner, "c", skills, 0.9, &fault));
            assert_true(record_placed(desk.record, NULL, learner, "c", found, 0.9, &fault));
            json_decref(skills);
            json_decref(found);
        }
    }
    record_close(desk.record);
    struct buffer before = {0}, after = {0};
    folder_dump(&desk.folder, &before);
    assert_true(strstr(before.at, "skill_fit\nc|s0|"));
    assert_true(record_rebuild(desk.folder.path, &fault));
    folder_dump(&desk.folder, &after);
    assert_string_equal(before.at, after.at);
    /* Rows that do not fit into memory are written early and read again. */
    static const size_t few[] = {1, 20000, 100000};
    for (size_t i = 0; i < COUNT_OF(few); i++) {
        assert_true(record_rebuild_within(desk.folder.path, few[i], &fault));
        buffer_clear(&after);
        folder_dump(&desk.folder, &after);
        assert_string_equal(before.at, after.at);
    }
    buffer_free(&before);
    buffer_free(&after);
    desk.record = folder_open(&desk.folder);
    desk_clear(&desk);
}

static void days_of_practice_are_counted_where_the_learner_lives(void **state) {
    (void)state;
    struct desk desk = desk_new();
    struct practised days[4];
    answer(&desk, desk.learner, "s", 1, true);
    answer(&desk, desk.learner, "s", 2, false);
    wait_days(&desk, 3);
    answer(&desk, desk.learner, "s", 3, true);
    assert_int_equal(record_days(desk.record, desk.learner, days, 4), 2);
    assert_true(days[0].day == today() && days[0].answers == 1 && days[0].right == 1);
    assert_true(days[1].day == today() - 3 && days[1].answers == 2 && days[1].right == 1);
    desk_clear(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mastered_skill_comes_due_and_each_review_sends_it_further_away),
        cmocka_unit_test(what_was_learnt_on_one_day_is_not_all_due_on_one_day),
        cmocka_unit_test(a_plan_moves_the_reviews_that_are_to_come),
        cmocka_unit_test(a_plan_that_makes_no_sense_changes_nothing),
        cmocka_unit_test(dates_are_read_as_they_are_written),
        cmocka_unit_test(a_claim_counts_as_mastery_until_a_wrong_answer),
        cmocka_unit_test(
            a_school_with_enough_answers_fits_its_own_numbers_and_others_keep_the_shared),
        cmocka_unit_test(events_alone_make_the_tables_again_to_the_last_bit),
        cmocka_unit_test(days_of_practice_are_counted_where_the_learner_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
