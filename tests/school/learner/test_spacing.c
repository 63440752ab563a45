/* FSRS-6 against its published vectors, and what the school's calendar promises. */
#include "school/learner/spacing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_DAY = 19675 }; /* Tuesday 14 November 2023 */
static const int64_t day_ms = SPACING_DAY_MS, start = (int64_t)NOW_DAY * SPACING_DAY_MS;

static void near(double found, double wanted, double within) {
    if (fabs(found - wanted) > within)
        fail_msg("%.10g is not %.10g", found, wanted);
}

/* ---------------------------------------------------------------------------------------- FSRS */

static void stability_and_difficulty_follow_the_published_vector(void **state) {
    (void)state;
    static const int ratings[] = {1, 3, 3, 3, 3, 3}, days[] = {0, 0, 1, 3, 8, 21};
    struct memory memory = {0};
    int64_t now = start;
    for (size_t i = 0; i < COUNT_OF(ratings); i++) {
        now += days[i] * day_ms;
        memory_review(&spacing_cards, &memory, (enum rating)ratings[i], now);
    }
    near(memory.stability, 53.62691, 1e-5); /* published from single precision */
    near(memory.difficulty, 6.3574867, 1e-6);
}

/* py-fsrs, tests/test_basic.py: each review on the minute that it is due, nothing varied. */
static void intervals_follow_the_published_ones_through_lapses_and_steps(void **state) {
    (void)state;
    static const int ratings[] = {3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3};
    static const int wanted[] = {0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21};
    struct memory memory = {0};
    int64_t now = start;
    for (size_t i = 0; i < COUNT_OF(ratings); i++) {
        memory_review(&spacing_cards, &memory, (enum rating)ratings[i], now);
        assert_int_equal((memory.due_ms - now) / day_ms, wanted[i]);
        now = memory.due_ms;
    }
    assert_int_equal(memory.lapses, 1);
    assert_int_equal(memory.reviews, COUNT_OF(ratings));
}

static void recall_is_nine_in_ten_after_as_many_days_as_stability_says(void **state) {
    (void)state;
    for (double stability = 0.01; stability < 36500; stability *= 3)
        near(spacing_recall(&spacing_school, stability, stability), 0.9, 1e-12);
    near(spacing_recall(&spacing_school, 5, 0), 1, 0);
    near(spacing_recall(&spacing_school, 5, -3), 1, 0);
    struct spacing strict = spacing_school;
    strict.retention = 0.95;
    assert_true(spacing_interval(&strict, 100) < 50);
    assert_int_equal(spacing_interval(&spacing_school, 100), 100);
    assert_int_equal(spacing_interval(&spacing_school, 0.01), 1);
    assert_int_equal(spacing_interval(&spacing_school, 36500), spacing_school.longest);
}

static void nothing_that_a_learner_does_leads_out_of_bounds(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (int learner = 0; learner < 2000; learner++) {
        struct memory memory = {0};
        int64_t now = start;
        for (int i = 0; i < 60; i++) {
            memory_review(&spacing_school, &memory, rating_of(random_unit(&random) < 0.7), now);
            assert_true(memory.stability >= 0.001 && memory.stability <= 36500);
            assert_true(memory.difficulty >= 1 && memory.difficulty <= 10);
            assert_true(memory.due_ms - now >= day_ms);
            double recall = memory_recall(&spacing_school, &memory, memory.due_ms);
            assert_true(recall > 0 && recall <= 1);
            now += random_between(&random, -day_ms, 400 * day_ms); /* the clock may be put back */
        }
    }
}

static void a_right_answer_when_due_lengthens_and_a_wrong_one_shortens(void **state) {
    (void)state;
    struct memory memory = {0};
    memory_review(&spacing_school, &memory, RATING_GOOD, start);
    for (int i = 0; i < 8; i++) {
        struct memory lapsed = memory;
        double before = memory.stability;
        memory_review(&spacing_school, &lapsed, RATING_AGAIN, lapsed.due_ms);
        memory_review(&spacing_school, &memory, RATING_GOOD, memory.due_ms);
        assert_true(memory.stability > before && lapsed.stability < before);
        assert_true(lapsed.lapses == memory.lapses + 1);
    }
}

/* ------------------------------------------------------------------------------------ calendar */

static const struct calendar every_day = {0}, no_weekends = {.days_off = 1u << 5 | 1u << 6};

static void weekdays_are_those_of_the_calendar(void **state) {
    (void)state;
    struct calendar tuesdays = {.days_off = 1u << 1};
    assert_true(calendar_is_off(&tuesdays, NOW_DAY));
    assert_false(calendar_is_off(&tuesdays, NOW_DAY + 1));
    assert_true(calendar_is_off(&tuesdays, NOW_DAY - 7 * 4000)); /* before 1970 */
    struct calendar none = {.days_off = 0x7F};
    assert_false(calendar_is_off(&none, NOW_DAY));
}

static void a_day_begins_where_the_learner_lives(void **state) {
    (void)state;
    struct calendar shanghai = {.offset_minutes = 480}, honolulu = {.offset_minutes = -600};
    int64_t evening = start + 20 * 3600000ll;
    assert_int_equal(calendar_day(&shanghai, evening), NOW_DAY + 1);
    assert_int_equal(calendar_day(&every_day, evening), NOW_DAY);
    assert_int_equal(calendar_day(&honolulu, start + 3600000), NOW_DAY - 1);
    assert_int_equal(calendar_day(&every_day, -1), -1);
    assert_true(calendar_start_ms(&shanghai, calendar_day(&shanghai, evening)) <= evening);
}

static void reviews_of_one_day_are_spread_evenly(void **state) {
    (void)state;
    enum { REVIEWS = 66, DAYS = 40 };
    int load[DAYS] = {0};
    for (int i = 0; i < REVIEWS; i++) {
        struct day_window window = spacing_window(&every_day, NOW_DAY, 20, 3650);
        int64_t day = spacing_place(&every_day, &window, load + (window.first - NOW_DAY));
        assert_true(day >= window.first && day <= window.last);
        load[day - NOW_DAY]++;
    }
    int most = 0, least = REVIEWS, used = 0;
    for (int i = 0; i < DAYS; i++)
        if (load[i]) {
            used++;
            most = load[i] > most ? load[i] : most;
            least = load[i] < least ? load[i] : least;
        }
    assert_true(used >= 5 && most - least <= 1);
}

static void short_intervals_are_kept_to_the_day(void **state) {
    (void)state;
    for (int interval = 1; interval <= 2; interval++) {
        int load[8] = {9, 9, 9, 9, 9, 9, 9, 9};
        struct day_window window = spacing_window(&every_day, NOW_DAY, interval, 3650);
        assert_int_equal(spacing_place(&every_day, &window, load), NOW_DAY + interval);
    }
}

static void no_review_is_on_a_day_off(void **state) {
    (void)state;
    int load[800] = {0};
    for (int64_t today = NOW_DAY; today < NOW_DAY + 14; today++)
        for (int interval = 1; interval < 300; interval++) {
            struct day_window window = spacing_window(&no_weekends, today, interval, 3650);
            int64_t day = spacing_place(&no_weekends, &window, load);
            assert_false(calendar_is_off(&no_weekends, day));
            assert_true(day > today);
            assert_true(llabs(day - (today + interval)) <= 3 + interval / 5);
        }
}

static void every_review_is_before_the_exam_that_is_to_come(void **state) {
    (void)state;
    int load[800] = {0};
    for (int away = 2; away < 60; away++)
        for (int interval = 1; interval < 400; interval++) {
            struct calendar exam = {.exam_day = NOW_DAY + away};
            struct day_window window = spacing_window(&exam, NOW_DAY, interval, 3650);
            int64_t day = spacing_place(&exam, &window, load);
            assert_true(day > NOW_DAY && day < exam.exam_day);
            if (interval >= away)
                assert_true(day >= exam.exam_day - 8);
        }
    struct calendar over = {.exam_day = NOW_DAY - 3};
    struct day_window window = spacing_window(&over, NOW_DAY, 100, 3650);
    assert_true(window.first > NOW_DAY + 80);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stability_and_difficulty_follow_the_published_vector),
        cmocka_unit_test(intervals_follow_the_published_ones_through_lapses_and_steps),
        cmocka_unit_test(recall_is_nine_in_ten_after_as_many_days_as_stability_says),
        cmocka_unit_test(nothing_that_a_learner_does_leads_out_of_bounds),
        cmocka_unit_test(a_right_answer_when_due_lengthens_and_a_wrong_one_shortens),
        cmocka_unit_test(weekdays_are_those_of_the_calendar),
        cmocka_unit_test(a_day_begins_where_the_learner_lives),
        cmocka_unit_test(reviews_of_one_day_are_spread_evenly),
        cmocka_unit_test(short_intervals_are_kept_to_the_day),
        cmocka_unit_test(no_review_is_on_a_day_off),
        cmocka_unit_test(every_review_is_before_the_exam_that_is_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
