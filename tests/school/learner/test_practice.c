/* What a learner is taken to know and what comes next: pure functions, held against simulated
 * learners whose numbers are known. */
#include "school/learner/practice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t now = 1700000000000;

static void near(double found, double wanted, double within) {
    if (!(fabs(found - wanted) <= within))
        fail_msg("%.6g is not %.6g", found, wanted);
}

/* ---------------------------------------------------------------------------------------- fits */

enum { LEARNERS = 4000, TRIES = 8 };
struct classroom {
    bool right[LEARNERS][TRIES];
    struct answers answers[LEARNERS];
};

static struct classroom *teach(const struct tracing *truth, uint64_t seed) {
    struct classroom *room = must_alloc(1, sizeof *room);
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < LEARNERS; i++) {
        bool knows = random_unit(&random) < truth->start;
        for (int j = 0; j < TRIES; j++) {
            double chance = knows ? 1 - truth->slip : truth->guess;
            room->right[i][j] = random_unit(&random) < chance;
            knows = knows || random_unit(&random) < truth->transit;
        }
        room->answers[i] = (struct answers){room->right[i], TRIES};
    }
    return room;
}

static void a_fit_finds_the_numbers_that_simulated_learners_were_made_with(void **state) {
    (void)state;
    static const struct tracing truths[] = {{0.4, 0.2, 0.15, 0.08},
                                            {0.1, 0.35, 0.25, 0.05},
                                            {0.6, 0.1, 0.3, 0.12},
                                            {0.15502742836, 0.12429837372, 0.30779643021, 0.05}};
    for (size_t i = 0; i < COUNT_OF(truths); i++) {
        struct classroom *room = teach(&truths[i], 7 + i);
        struct tracing found;
        tracing_fit(&found, room->answers, LEARNERS, &tracing_default, 0, 2000);
        near(found.start, truths[i].start, 0.05);
        near(found.transit, truths[i].transit, 0.04);
        near(found.guess, truths[i].guess, 0.04);
        near(found.slip, truths[i].slip, 0.03);
        assert_true(tracing_likelihood(&found, room->answers, LEARNERS) >=
                    tracing_likelihood(&truths[i], room->answers, LEARNERS) - 1);
        free(room);
    }
}

static void each_round_of_a_fit_makes_the_answers_likelier(void **state) {
    (void)state;
    struct classroom *room = teach(&(struct tracing){0.3, 0.25, 0.1, 0.15}, 3);
    double last = tracing_likelihood(&tracing_default, room->answers, LEARNERS);
    for (int rounds = 1; rounds <= 30; rounds++) {
        struct tracing found;
        tracing_fit(&found, room->answers, LEARNERS, &tracing_default, 0, rounds);
        double here = tracing_likelihood(&found, room->answers, LEARNERS);
        assert_true(here >= last - 1e-9);
        last = here;
    }
    free(room);
}

static void few_answers_hardly_move_the_numbers_that_all_skills_share(void **state) {
    (void)state;
    static const bool wrong[] = {false, false, false};
    struct answers answers[] = {{wrong, 3}, {wrong, 3}};
    struct tracing found;
    tracing_fit(&found, answers, 2, &tracing_default, 20, 100);
    near(found.start, tracing_default.start, 0.05);
    near(found.transit, tracing_default.transit, 0.05);
    near(found.slip, tracing_default.slip, 0.05);
    tracing_fit(&found, NULL, 0, &tracing_default, 0, 100);
    assert_memory_equal(&found, &tracing_default, sizeof found);
    struct answers none = {wrong, 0};
    tracing_fit(&found, &none, 1, &tracing_default, 20, 100);
    near(found.guess, tracing_default.guess, 1e-9);
}

/* ------------------------------------------------------------------------------- one exercise */

static void
a_harder_exercise_is_got_right_less_and_a_right_answer_never_lowers_mastery(void **state) {
    (void)state;
    for (double chance = 0; chance <= 0.5; chance += 0.125)
        for (double known = 0; known <= 1; known += 0.05) {
            double last = 1.1;
            for (double difficulty = -3; difficulty <= 3; difficulty += 0.5) {
                struct tracing of = tracing_of_exercise(&tracing_default, difficulty, chance);
                double predicted = tracing_right(&of, known);
                assert_true(predicted <= last + 1e-12 && predicted >= 0 && predicted <= 1);
                assert_true(predicted >= fmin(chance, 0.9) - 1e-9 || known > 0.5);
                assert_true(tracing_after(&of, known, true) >= known - 1e-12);
                last = predicted;
            }
        }
    struct tracing same = tracing_of_exercise(&tracing_default, 0, 0);
    near(same.guess, tracing_default.guess, 1e-12);
    near(same.slip, tracing_default.slip, 1e-12);
}

static void
difficulty_is_learnt_from_first_tries_and_not_used_before_there_are_enough(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    double difficulty = 0, truth = 1.2;
    for (int tries = 0; tries < 3000; tries++) {
        double known = random_unit(&random);
        struct tracing hard = tracing_of_exercise(&tracing_default, truth, 0);
        struct tracing guess = tracing_of_exercise(&tracing_default, difficulty, 0);
        bool right = random_unit(&random) < tracing_right(&hard, known);
        difficulty = difficulty_after(difficulty, tries, tracing_right(&guess, known), right);
    }
    near(difficulty, truth, 0.4);
    assert_true(difficulty_used(2, 19) == 0);
    assert_true(difficulty_used(2, 20) == 2);
}

/* ----------------------------------------------------------------------------------- one skill */

static struct skill_state fresh_skill(void) {
    return (struct skill_state){.mastery = tracing_default.start};
}

static void what_was_mastered_fades_until_it_is_practised(void **state) {
    (void)state;
    struct skill_state skill = fresh_skill();
    for (int i = 0; i < 4; i++)
        skill_observe(&skill, &tracing_default, true, now + i * 60000);
    assert_true(skill_known(&skill, now + 3600000) == skill.mastery);
    double week = skill_known(&skill, now + 7ll * SPACING_DAY_MS);
    assert_true(week < 0.9 * skill.mastery && week > 0.5);
    assert_true(skill_known(&skill, now + 60ll * SPACING_DAY_MS) < week);
    skill_observe(&skill, &tracing_default, true, now + 7ll * SPACING_DAY_MS);
    assert_true(skill.mastery > 0.9);
}

static void what_a_learner_says_is_believed_until_a_try_shows_otherwise(void **state) {
    (void)state;
    struct skill_state skill = fresh_skill();
    skill_believe(&skill, 0.95, 0.9, now);
    assert_true(skill.believed && skill.reached_ms == now && skill.mastery == 0.95);
    assert_true(skill.memory.due_ms > now);
    struct skill_state shown = skill;
    skill_observe(&shown, &tracing_default, true, now);
    assert_true(!shown.believed && shown.mastery > 0.95 && shown.reached_ms);
    skill_observe(&skill, &tracing_default, false, now);
    assert_true(!skill.believed && !skill.reached_ms);
    near(skill.mastery, tracing_after(&tracing_default, tracing_default.start, false), 1e-12);
    struct skill_state before = skill;
    skill_believe(&skill, 0.95, 0.9, now); /* what was done says more */
    assert_memory_equal(&skill, &before, sizeof skill);
}

/* ---------------------------------------------------------------------------- what comes next */

enum { SKILLS = 3, EXERCISES = 6 };
struct course {
    struct practice_skill skills[SKILLS];
    struct practice_exercise exercises[EXERCISES];
    struct first_try_short recent[40];
    struct practice practice;
};

/* Two exercises a skill; each skill needs the one before it. */
static void lay_out(struct course *course) {
    static const size_t before[] = {0, 1};
    *course = (struct course){0};
    for (size_t i = 0; i < SKILLS; i++) {
        course->skills[i] =
            (struct practice_skill){.state = fresh_skill(), .tracing = tracing_default};
        if (i) {
            course->skills[i].n_before = 1;
            course->skills[i].before = &before[i - 1];
        }
    }
    for (size_t i = 0; i < EXERCISES; i++)
        course->exercises[i] = (struct practice_exercise){.skill = i / 2, .fresh = true};
    course->practice = (struct practice){.n_skill = SKILLS,
                                         .n_exercise = EXERCISES,
                                         .skills = course->skills,
                                         .exercises = course->exercises,
                                         .recent = course->recent,
                                         .helped = PRACTICE_NONE,
                                         .threshold = 0.9,
                                         .target = 0.85,
                                         .now_ms = now,
                                         .today = now / SPACING_DAY_MS};
}

static void master(struct course *course, size_t skill, int64_t due_in_days) {
    struct skill_state *state = &course->skills[skill].state;
    state->mastery = 0.97;
    state->unaided = 4;
    state->right = 4;
    state->reached_ms = now;
    state->memory = (struct memory){.stability = 10, .difficulty = 5, .reviewed_ms = now};
    state->due_day = course->practice.today + due_in_days;
}

static void a_skill_waits_for_what_it_builds_on(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    struct practice_choice choice = practice_choose(&course.practice);
    assert_int_equal(choice.exercise, 0); /* and the author's order decides between equals */
    assert_int_equal(choice.kind, PRACTISE_NEW);
    master(&course, 0, 5);
    choice = practice_choose(&course.practice);
    assert_int_not_equal(course.exercises[choice.exercise].skill, 2);
}

static void what_is_due_comes_before_what_is_mastered(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    master(&course, 0, 5);
    master(&course, 1, -2);
    master(&course, 2, 5);
    struct practice_choice choice = practice_choose(&course.practice);
    assert_int_equal(course.exercises[choice.exercise].skill, 1);
    assert_int_equal(choice.kind, PRACTISE_REVIEW);
    master(&course, 1, 1);
    assert_int_equal(practice_choose(&course.practice).exercise, PRACTICE_NONE);
}

static void each_review_that_is_due_has_an_exercise_of_its_own_skill(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    course.practice.helped = 0; /* whose sister would come next otherwise */
    for (size_t skill = 0; skill < SKILLS; skill++) {
        master(&course, skill, -2);
        struct practice_choice choice = practice_choose_review(&course.practice, skill);
        assert_int_equal(choice.kind, PRACTISE_REVIEW);
        assert_int_equal(course.exercises[choice.exercise].skill, skill);
        assert_false(choice.seen);
    }
    course.exercises[2].fresh = false;
    assert_int_equal(practice_choose_review(&course.practice, 1).exercise, 3);
    course.exercises[3].fresh = false;
    course.exercises[2].tried_ms = course.exercises[3].tried_ms = now - SPACING_DAY_MS;
    assert_int_equal(practice_choose_review(&course.practice, 1).exercise, PRACTICE_NONE);
    course.exercises[2].tried_ms = now - 8ll * SPACING_DAY_MS;
    assert_true(practice_choose_review(&course.practice, 1).seen);
}

static void no_question_is_shown_twice_while_there_are_others(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    course.exercises[0].fresh = false;
    assert_int_equal(practice_choose(&course.practice).exercise, 1);
    course.exercises[1].fresh = false;
    course.exercises[0].tried_ms = now - 8ll * SPACING_DAY_MS;
    course.exercises[1].tried_ms = now - 9ll * SPACING_DAY_MS;
    struct practice_choice choice = practice_choose(&course.practice);
    assert_int_equal(choice.exercise, 1);
    assert_true(choice.seen);
    course.exercises[0].tried_ms = course.exercises[1].tried_ms = now - SPACING_DAY_MS;
    assert_int_equal(practice_choose(&course.practice).exercise, PRACTICE_NONE);
}

static void a_sister_comes_after_help(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    course.practice.helped = 1;
    assert_int_equal(practice_choose(&course.practice).exercise, 1);
    assert_int_equal(practice_choose(&course.practice).kind, PRACTISE_SISTER);
    course.exercises[1].fresh = false;
    assert_int_equal(practice_choose(&course.practice).exercise, 0);
}

static void skills_are_mixed(void **state) {
    (void)state;
    struct course course;
    lay_out(&course);
    course.skills[1].n_before = 0; /* both open, and equal */
    course.recent[0] = course.recent[1] = (struct first_try_short){.skill = 0, .right = true};
    course.practice.n_recent = 2;
    struct practice_choice choice = practice_choose(&course.practice);
    assert_int_equal(course.exercises[choice.exercise].skill, 1);
    course.recent[0].skill = course.recent[1].skill = 1;
    choice = practice_choose(&course.practice);
    assert_int_equal(course.exercises[choice.exercise].skill, 0);
}

/* One skill half known, an easy, a middling and a hard exercise. */
static int chosen_of_three(int shift, bool lately_right) {
    struct course course;
    lay_out(&course);
    course.skills[0].state.mastery = 0.8;
    course.skills[0].state.unaided = 3;
    course.exercises[0].difficulty = -2.5;
    course.exercises[1].difficulty = 1.6;
    course.exercises[2] = (struct practice_exercise){.skill = 0, .fresh = true};
    for (size_t i = 0; i < 10; i++)
        course.recent[i] =
            (struct first_try_short){.skill = PRACTICE_NONE, .right = lately_right || i % 2};
    course.practice.n_recent = 10;
    course.practice.shift = shift;
    return practice_choose(&course.practice).exercise;
}

static void after_failures_comes_an_easier_one_and_a_learner_may_ask_for_it(void **state) {
    (void)state;
    assert_int_equal(chosen_of_three(0, false), 0);
    assert_int_not_equal(chosen_of_three(0, true), 0);
    assert_int_equal(chosen_of_three(1, true), 1);
    near(practice_target(0.85, 1), 0.75, 1e-12);
    near(practice_target(0.85, -1), 0.95, 1e-12);
}

static bool tires(const char *newest_first, int minutes_each) {
    struct first_try_short tries[64];
    size_t n = strlen(newest_first);
    for (size_t i = 0; i < n; i++)
        tries[i] =
            (struct first_try_short){.skill = 0,
                                     .right = newest_first[i] == '+',
                                     .predicted = 0.85,
                                     .at_ms = now - (int64_t)(i + 1) * minutes_each * 60000};
    return practice_tires(tries, n, now);
}

static void rest_is_proposed_when_answers_go_worse_and_not_before(void **state) {
    (void)state;
    assert_true(tires("--+-+--+++++++++++++", 2));
    assert_false(tires("++++++++++++++++++++", 2));
    assert_false(tires("--+-+--+--+--+-+--+-", 2));  /* hard from the start: not tired */
    assert_false(tires("--+-+--+", 2));              /* too short to tell */
    assert_false(tires("--+-+--+++++++++++++", 60)); /* with pauses */
    assert_false(tires("", 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_finds_the_numbers_that_simulated_learners_were_made_with),
        cmocka_unit_test(each_round_of_a_fit_makes_the_answers_likelier),
        cmocka_unit_test(few_answers_hardly_move_the_numbers_that_all_skills_share),
        cmocka_unit_test(
            a_harder_exercise_is_got_right_less_and_a_right_answer_never_lowers_mastery),
        cmocka_unit_test(
            difficulty_is_learnt_from_first_tries_and_not_used_before_there_are_enough),
        cmocka_unit_test(what_was_mastered_fades_until_it_is_practised),
        cmocka_unit_test(what_a_learner_says_is_believed_until_a_try_shows_otherwise),
        cmocka_unit_test(a_skill_waits_for_what_it_builds_on),
        cmocka_unit_test(what_is_due_comes_before_what_is_mastered),
        cmocka_unit_test(each_review_that_is_due_has_an_exercise_of_its_own_skill),
        cmocka_unit_test(no_question_is_shown_twice_while_there_are_others),
        cmocka_unit_test(a_sister_comes_after_help),
        cmocka_unit_test(skills_are_mixed),
        cmocka_unit_test(after_failures_comes_an_easier_one_and_a_learner_may_ask_for_it),
        cmocka_unit_test(rest_is_proposed_when_answers_go_worse_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
