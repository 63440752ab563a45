/* An answer that comes twice: graded once, and both times told the same. */
#include "fake_company.h"
#include "../learner/failing_disk.h"
#include "school/tutor/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct school_of_one {
    char folder[64];
    struct course *course;
    struct record *record;
    struct tutor *tutor;
    struct fault fault;
    int64_t learner;
};

static int open_school(void **state) {
    struct school_of_one *school = must_alloc(1, sizeof *school);
    struct fault *fault = &school->fault;
    json_t *problems = json_array();
    char token[65];
    strcpy(school->folder, "/tmp/lyceum-once-XXXXXX");
    fake_state = COMPANY_ABSENT;
    if (mkdtemp(school->folder) && (school->course = course_load(TURN_COURSE, problems, fault)) &&
        (school->record = record_open(school->folder, fault)) &&
        (school->learner = record_learner_new(school->record, token, fault)))
        school->tutor = tutor_open(&school->course, 1, school->record,
                                   company_open(&(struct company_options){0}, fault), fault);
    json_decref(problems);
    *state = school;
    return school->tutor ? 0 : -1;
}

static int close_school(void **state) {
    struct school_of_one *school = *state;
    company_close(school->tutor->company);
    tutor_close(school->tutor);
    record_close(school->record);
    course_free(school->course);
    DIR *folder = opendir(school->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", school->folder, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(school->folder);
    free(school);
    return 0;
}

static const struct exercise *exercise_of(struct school_of_one *school, const char *label) {
    return course_exercise(school->course, label, "en");
}

static struct exercise_state state_of(struct school_of_one *school, const char *label) {
    struct exercise_state state;
    record_exercise(school->record, school->learner, label, &state);
    json_decref(state.answer);
    state.answer = NULL;
    return state;
}

static char *key_of(struct school_of_one *school, const char *label, uint64_t seed) {
    struct variant *variant = variant_make(exercise_of(school, label), seed, NULL);
    char *key = must_copy(view_of(json_string_value(variant->key)));
    variant_free(variant);
    return key;
}

static json_t *send_as(struct school_of_one *school, int64_t learner, const char *label,
                       uint64_t seed, const char *answer, const char *once) {
    json_t *value = json_string(answer);
    const struct school_sent sent = {.seed = seed, .answer = value, .once = once};
    fault_clear(&school->fault);
    json_t *told = tutor_attempt(school->tutor, learner, exercise_of(school, label), &sent, "en",
                                 &school->fault);
    json_decref(value);
    return told;
}

static json_t *send_answer(struct school_of_one *school, const char *label, uint64_t seed,
                           const char *answer, const char *once) {
    return send_as(school, school->learner, label, seed, answer, once);
}

/* How many events of a kind the learner has. */
static size_t count(struct school_of_one *school, const char *kind) {
    json_t *events = record_events(school->record, school->learner, 0, &school->fault), *event;
    size_t i, n = 0;
    json_array_foreach(events, i, event) n += !strcmp(json_text(event, "kind", ""), kind);
    json_decref(events);
    return n;
}

static void expect_same(json_t *first, json_t *second) {
    char *wanted = json_dumps(first, JSON_SORT_KEYS), *had = json_dumps(second, JSON_SORT_KEYS);
    assert_non_null(first);
    assert_string_equal(had ? had : "nothing", wanted);
    free(wanted);
    free(had);
    json_decref(second);
}

/* ------------------------------------------------------------------------------------------ */

static void a_right_answer_sent_again_is_told_the_same_and_counts_once(void **state) {
    struct school_of_one *school = *state;
    uint64_t seed = state_of(school, "row-01").seed;
    char *key = key_of(school, "row-01", seed);
    json_t *first = send_answer(school, "row-01", seed, key, "answer-1");
    assert_true(json_flag(first, "solved", false));
    assert_true(json_is_object(json_object_get(first, "sister")));
    expect_same(first, send_answer(school, "row-01", seed, key, "answer-1"));
    /* Also when the school has gone on meanwhile, and whatever comes with the id. */
    json_decref(send_answer(school, "row-01", seed, "1", "answer-2"));
    expect_same(first, send_answer(school, "row-01", 0, "7", "answer-1"));
    assert_int_equal(count(school, "attempt"), 2);
    assert_int_equal(count(school, "said"), 2);
    assert_int_equal(state_of(school, "row-01").attempts, 2);
    json_decref(first);
    free(key);
}

static void a_wrong_answer_sent_again_goes_no_step_down_the_ladder(void **state) {
    struct school_of_one *school = *state;
    uint64_t seed = state_of(school, "row-01").seed;
    for (int i = 0; i < 6; i++) {
        char answer[12], once[16];
        snprintf(answer, sizeof answer, "%d", 5000 + i);
        snprintf(once, sizeof once, "answer-%d", i);
        json_t *first = send_answer(school, "row-01", seed, answer, once);
        int hints = state_of(school, "row-01").hints;
        expect_same(first, send_answer(school, "row-01", seed, answer, once));
        assert_int_equal(state_of(school, "row-01").hints, hints);
        json_decref(first);
    }
    assert_int_equal(count(school, "attempt"), 6);
    assert_int_equal(count(school, "sister"), 1);
}

static void what_was_recorded_and_never_told_is_told_without_being_graded_again(void **state) {
    struct school_of_one *school = *state;
    uint64_t seed = state_of(school, "row-01").seed;
    char *key = key_of(school, "row-01", seed);
    json_t *value = json_string(key);
    /* As a school that was cut off between the two leaves it. */
    struct attempt attempt = {.learner = school->learner,
                              .course = "course",
                              .lesson = "01-counting",
                              .exercise = "row-01",
                              .skill = "counting",
                              .language = "en",
                              .seed = seed,
                              .answer = value,
                              .score = 1,
                              .note = "",
                              .misconception = "",
                              .counts = true,
                              .threshold = 0.95,
                              .once = "cut-off-1"};
    assert_true(record_attempt(school->record, NULL, &attempt, &school->fault));
    json_t *told = send_answer(school, "row-01", seed, "1", "cut-off-1");
    assert_true(json_flag(told, "solved", false));
    expect_same(told, send_answer(school, "row-01", seed, key, "cut-off-1"));
    assert_int_equal(count(school, "attempt"), 1);
    assert_int_equal(count(school, "said"), 1);
    json_decref(told);
    json_decref(value);
    free(key);
}

static void an_answer_is_kept_with_what_is_said_to_it_or_not_at_all(void **state) {
    struct school_of_one *school = *state;
    uint64_t seed = state_of(school, "row-01").seed;
    for (int i = 0; i < 3; i++) /* the next wrong answer gives a rung of the ladder */
        json_decref(send_answer(school, "row-01", seed, "4000", NULL));
    int n = 0;
    for (bool kept = false; !kept;) {
        failing_disk_after(++n, SQLITE_FULL);
        json_t *told = send_answer(school, "row-01", seed, "5000", "the-fourth");
        failing_disk_after(0, 0);
        kept = told;
        json_decref(told);
        assert_int_equal(count(school, "attempt"), kept ? 4 : 3);
        assert_int_equal(count(school, "hint"), kept ? 1 : 0);
        assert_int_equal(count(school, "said"), kept ? 4 : 3);
        assert_int_equal(state_of(school, "row-01").wrong, kept ? 4 : 3);
    }
    assert_true(n > 3);
}

static void an_id_is_of_one_exercise_and_one_learner(void **state) {
    struct school_of_one *school = *state;
    char token[65];
    json_decref(send_answer(school, "word-01", state_of(school, "word-01").seed, "smoothing",
                            "the-same-id"));
    assert_null(
        send_answer(school, "row-01", state_of(school, "row-01").seed, "1", "the-same-id"));
    assert_int_equal(school->fault.kind, FAULT_KNOWN);
    assert_int_equal(count(school, "attempt"), 1);
    int64_t other = record_learner_new(school->record, token, &school->fault);
    json_t *told = send_as(school, other, "word-01", record_first_seed(other, "word-01"), "wrong",
                           "the-same-id");
    assert_non_null(told);
    assert_false(json_flag(told, "solved", true));
    json_decref(told);
}

enum { N_THREAD = 8 };

struct sender {
    struct school_of_one *school;
    uint64_t seed;
    json_t *told;
};

static void *send_once(void *data) {
    struct sender *sender = data;
    struct fault fault = {0};
    json_t *value = json_string("5000");
    const struct school_sent sent = {.seed = sender->seed, .answer = value, .once = "all-at-once"};
    sender->told = tutor_attempt(sender->school->tutor, sender->school->learner,
                                 exercise_of(sender->school, "row-01"), &sent, "en", &fault);
    json_decref(value);
    return NULL;
}

static void sent_from_many_places_at_once_it_counts_once(void **state) {
    struct school_of_one *school = *state;
    uint64_t seed = state_of(school, "row-01").seed;
    struct sender senders[N_THREAD];
    pthread_t threads[N_THREAD];
    for (int i = 0; i < 3; i++) /* the next wrong answer gives a rung of the ladder */
        json_decref(send_answer(school, "row-01", seed, "4000", NULL));
    for (int i = 0; i < N_THREAD; i++) {
        senders[i] = (struct sender){school, seed, NULL};
        pthread_create(&threads[i], NULL, send_once, &senders[i]);
    }
    for (int i = 0; i < N_THREAD; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < N_THREAD; i++)
        expect_same(senders[0].told, senders[i].told);
    assert_string_equal(json_text(senders[0].told, "move", ""), "scaffold step");
    json_decref(senders[0].told);
    assert_int_equal(count(school, "attempt"), 4);
    assert_int_equal(count(school, "said"), 4);
    assert_int_equal(count(school, "hint"), 1);
}

int main(void) {
#define ONCE_TEST(name) cmocka_unit_test_setup_teardown(name, open_school, close_school)
    const struct CMUnitTest tests[] = {
        ONCE_TEST(a_right_answer_sent_again_is_told_the_same_and_counts_once),
        ONCE_TEST(a_wrong_answer_sent_again_goes_no_step_down_the_ladder),
        ONCE_TEST(what_was_recorded_and_never_told_is_told_without_being_graded_again),
        ONCE_TEST(an_answer_is_kept_with_what_is_said_to_it_or_not_at_all),
        ONCE_TEST(an_id_is_of_one_exercise_and_one_learner),
        ONCE_TEST(sent_from_many_places_at_once_it_counts_once),
    };
    failing_disk_insert();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
