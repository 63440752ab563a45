/* The school's facade: lessons with where the learner is in them, progress, figures, export. */
#include "school/school.h"
#include "learner/failing_disk.h"
#include "school/learner/learner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ------------------------------------------------------------------------------------ the desk */

struct desk { /* a school of the small course, with one learner */
    char data[64];
    struct school *school;
    int64_t learner;
    char token[65];
};

static struct school *open_school(const char *const *courses, const char *data,
                                  struct fault *fault) {
    static int nobody; /* the company is borrowed, and never looked into */
    struct school_options options = {courses, data, (struct company *)&nobody};
    return school_open(&options, fault);
}

static void desk_open(struct desk *desk) {
    static const char *const courses[] = {SMALL_COURSE, NULL};
    struct fault fault = {0};
    desk->school = open_school(courses, desk->data, &fault);
    if (!desk->school)
        fail_msg("%s: %s", fault.file, fault.message);
}

static void desk_new(struct desk *desk) {
    struct fault fault = {0};
    *desk = (struct desk){.data = P_tmpdir "/lyceum-school-XXXXXX"};
    assert_non_null(mkdtemp(desk->data));
    desk_open(desk);
    json_t *made = school_learner_new(desk->school, desk->token, &fault);
    desk->learner = json_integer_value(json_object_get(made, "id"));
    assert_true(desk->learner > 0);
    assert_true(json_is_null(json_object_get(made, "name")));
    json_decref(made);
}

static void folder_remove(const char *folder, const char *const *names) {
    char path[256];
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s/%s", folder, *names);
        if (unlink(path) != 0)
            rmdir(path);
    }
    rmdir(folder);
}

static void desk_clear(struct desk *desk) {
    static const char *const names[] = {"record.db", "record.db-wal", "record.db-shm", "lock",
                                        NULL};
    school_close(desk->school);
    folder_remove(desk->data, names);
}

static json_t *lesson_of(struct desk *desk, const char *lesson, const char *language) {
    struct fault fault = {0};
    json_t *found = school_lesson(desk->school, "small", lesson, language, desk->learner, &fault);
    assert_non_null(found);
    return found;
}

/* The object with this "id" in the list that `key` names; borrowed. */
static json_t *in_list(const json_t *object, const char *key, const char *id) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(object, key), i, one) {
        if (!strcmp(json_text(one, "id", ""), id))
            return one;
    }
    fail_msg("there is no %s in %s", id, key);
    return NULL;
}

static uint64_t seed_in(const json_t *lesson, const char *exercise) {
    return (uint64_t)json_integer_value(
        json_object_get(in_list(lesson, "exercises", exercise), "seed"));
}

static json_t *talk_in(const json_t *lesson) {
    return json_object_get(json_object_get(in_list(lesson, "exercises", "sum-01"), "state"),
                           "talk");
}

static void attempt(struct desk *desk, const char *exercise, uint64_t seed, const char *answer) {
    struct fault fault = {0};
    json_t *text = json_string(answer);
    json_t *result =
        school_attempt(desk->school, desk->learner, exercise, seed, text, "en", &fault);
    assert_non_null(result);
    json_decref(result);
    json_decref(text);
}

static void hint(struct desk *desk, const char *exercise) {
    struct fault fault = {0};
    json_t *result = school_hint(desk->school, desk->learner, exercise, 0, "en", &fault);
    assert_non_null(result);
    json_decref(result);
}

static bool forget_say(void *data, const json_t *say) {
    *(json_t **)data = json_deep_copy(say);
    return true;
}

/* ---------------------------------------------------------------------------------- the courses
 */

static void courses_are_told_in_the_language_that_was_asked_for(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    static const struct {
        const char *language, *title, *first, *second;
    } wanted[] = {{"en", "Small sums", "Sums", "More sums"},
                  {"zh", "小加法", "和", "More sums"},
                  {"xx", "Small sums", "Sums", "More sums"}};
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        json_t *courses = school_courses(desk.school, wanted[i].language);
        assert_int_equal(json_array_size(courses), 1);
        json_t *course = json_array_get(courses, 0);
        assert_string_equal(json_text(course, "id", ""), "small");
        assert_string_equal(json_text(course, "title", ""), wanted[i].title);
        assert_int_equal(json_array_size(json_object_get(course, "languages")), 2);
        assert_int_equal(json_array_size(json_object_get(course, "lessons")), 2);
        assert_string_equal(json_text(in_list(course, "lessons", "01-sums"), "title", ""),
                            wanted[i].first);
        assert_string_equal(json_text(in_list(course, "lessons", "02-more"), "title", ""),
                            wanted[i].second);
        json_decref(courses);
    }
    assert_int_equal(json_array_size(school_problems(desk.school)), 0);
    desk_clear(&desk);
}

static void a_lesson_says_its_language_and_its_neighbours(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    json_t *first = lesson_of(&desk, "01-sums", "zh"), *second = lesson_of(&desk, "02-more", "zh");
    assert_string_equal(json_text(first, "language", ""), "zh");
    assert_string_equal(json_text(first, "title", ""), "和");
    assert_true(json_is_null(json_object_get(first, "previous")));
    assert_string_equal(json_text(json_object_get(first, "next"), "id", ""), "02-more");
    assert_string_equal(json_text(second, "language", ""), "en"); /* not yet translated */
    assert_string_equal(json_text(json_object_get(second, "previous"), "title", ""), "和");
    assert_true(json_is_null(json_object_get(second, "next")));
    in_list(first, "passages", "01-sums--adding");
    assert_non_null(strstr(json_text(first, "html", ""),
                           "<section class=\"exercise\" id=\"sum-01\" data-exercise=\"sum-01\">"));
    json_decref(first);
    json_decref(second);
    desk_clear(&desk);
}

static void what_does_not_exist_is_said_to_be_missing(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct fault faults[7] = {0};
    json_t *answer = json_string("right"), *said = NULL;
    assert_null(school_lesson(desk.school, "none", "01-sums", "en", 0, &faults[0]));
    assert_null(school_lesson(desk.school, "small", "01", "en", 0, &faults[1]));
    assert_null(school_attempt(desk.school, desk.learner, "sum-99", 1, answer, "en", &faults[2]));
    assert_null(school_hint(desk.school, desk.learner, "", 1, "en", &faults[3]));
    struct school_question lost = {
        .course = "small", .lesson = "03", .text = VIEW("why?"), .language = "en"};
    assert_false(school_turn(desk.school, desk.learner, &lost, forget_say, &said, &faults[4]));
    assert_null(school_progress(desk.school, 99, "en", &faults[5]));
    assert_null(school_export(desk.school, 99, &faults[6]));
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        assert_int_equal(faults[i].kind, FAULT_MISSING);
    assert_null(said);
    json_decref(answer);
    desk_clear(&desk);
}

/* ---------------------------------------------------------------------------------- the learner
 */

/* The answer, every wrong answer and every later rung stay in the process. */
static void a_lesson_holds_no_key_hint_or_solution_that_was_not_earned(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    static const char *const secrets[] = {"larger number", "Add the tens", "subtracted",
                                          "They are called terms", "took one number"};
    json_t *lesson = lesson_of(&desk, "01-sums", "en");
    char *text = json_dumps(lesson, 0);
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        assert_null(strstr(text, secrets[i]));
    free(text);
    const json_t *exercise = in_list(lesson, "exercises", "sum-01");
    assert_null(json_object_get(exercise, "key"));
    assert_null(json_object_get(exercise, "options"));
    json_decref(lesson);
    desk_clear(&desk);
}

static void learners_get_numbers_of_their_own_and_find_them_again(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct fault fault = {0};
    char token[65];
    json_decref(school_learner_new(desk.school, token, &fault));
    int64_t mine = desk.learner, other = school_learner_of(desk.school, view_of(token));
    json_t *first = lesson_of(&desk, "01-sums", "en");
    desk.learner = other;
    json_t *second = lesson_of(&desk, "01-sums", "en");
    desk.learner = 0;
    json_t *visitor = lesson_of(&desk, "01-sums", "en");
    desk.learner = mine;
    json_t *again = lesson_of(&desk, "01-sums", "zh");
    assert_int_not_equal(seed_in(first, "sum-01"), seed_in(second, "sum-01"));
    assert_int_not_equal(seed_in(first, "sum-01"), seed_in(visitor, "sum-01"));
    assert_int_equal(seed_in(first, "sum-01"), seed_in(again, "sum-01"));
    json_decref(first);
    json_decref(second);
    json_decref(visitor);
    json_decref(again);
    desk_clear(&desk);
}

static void the_talk_about_an_exercise_is_found_again_on_the_same_numbers(void **state) {
    (void)state;
    enum { TURNS = 9 };
    struct desk desk;
    struct fault fault = {0};
    desk_new(&desk);
    json_t *lesson = lesson_of(&desk, "01-sums", "en"), *said = NULL;
    uint64_t seed = seed_in(lesson, "sum-01");
    struct school_question question = {.course = "small",
                                       .lesson = "01-sums",
                                       .exercise = "sum-01",
                                       .seed = seed,
                                       .text = VIEW("What is a sum?"),
                                       .language = "en"};
    assert_int_equal(json_array_size(talk_in(lesson)), 0);
    json_decref(lesson);
    for (int i = 0; i < TURNS; i++) {
        assert_true(school_turn(desk.school, desk.learner, &question, forget_say, &said, &fault));
        json_decref(said);
        lesson = lesson_of(&desk, "01-sums", "en");
        const json_t *talk = talk_in(lesson);
        size_t n = json_array_size(talk);
        assert_int_equal(n, i < 6 ? 2 * i + 2 : 12); /* the latest of it */
        assert_string_equal(json_text(json_array_get(talk, n - 2), "asked", ""), "What is a sum?");
        assert_string_equal(json_text(json_array_get(talk, n - 1), "text", ""), "What is a sum?");
        json_decref(lesson);
    }
    question.text = VIEW("sister");
    assert_true(school_turn(desk.school, desk.learner, &question, forget_say, &said, &fault));
    json_decref(said);
    lesson = lesson_of(&desk, "01-sums", "en");
    assert_int_equal(json_array_size(talk_in(lesson)), 0);
    json_decref(lesson);
    desk_clear(&desk);
}

static void a_learner_who_comes_back_finds_everything_as_it_was(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    json_t *lesson = lesson_of(&desk, "01-sums", "en");
    uint64_t seed = seed_in(lesson, "sum-01");
    json_decref(lesson);
    attempt(&desk, "sum-01", seed, "99");
    hint(&desk, "sum-01");
    school_close(desk.school);
    desk_open(&desk);
    assert_int_equal(school_learner_of(desk.school, view_of(desk.token)), desk.learner);
    lesson = lesson_of(&desk, "01-sums", "en");
    const json_t *left = json_object_get(in_list(lesson, "exercises", "sum-01"), "state");
    const json_t *hints = json_object_get(left, "hints");
    assert_int_equal(seed_in(lesson, "sum-01"), seed);
    assert_string_equal(json_text(left, "last_answer", ""), "99");
    assert_int_equal(json_number(left, "attempts", 0), 1);
    assert_false(json_flag(left, "solved", true));
    assert_int_equal(json_array_size(hints), 1);
    assert_non_null(strstr(json_text(json_array_get(hints, 0), "html", ""), "larger number"));
    assert_string_equal(json_text(json_array_get(hints, 0), "from", ""), "author");
    json_decref(lesson);
    hint(&desk, "sum-01");
    hint(&desk, "sum-01"); /* worked out in full */
    attempt(&desk, "sum-01", 0, "right");
    lesson = lesson_of(&desk, "01-sums", "zh");
    left = json_object_get(in_list(lesson, "exercises", "sum-01"), "state");
    hints = json_object_get(left, "hints");
    assert_true(json_flag(left, "solved", false));
    assert_int_equal(json_array_size(hints), 3);
    assert_non_null(strstr(json_text(json_array_get(hints, 2), "text", ""), "和是"));
    json_decref(lesson);
    desk_clear(&desk);
}

static void a_sister_is_at_hand_after_a_reload_with_nothing_done_on_it(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct fault fault = {0};
    json_t *said = NULL, *lesson;
    attempt(&desk, "sum-01", 0, "right");
    lesson = lesson_of(&desk, "01-sums", "en");
    uint64_t seed = seed_in(lesson, "sum-01");
    json_decref(lesson);
    struct school_question question = {.course = "small",
                                       .lesson = "01-sums",
                                       .exercise = "sum-01",
                                       .text = VIEW("sister"),
                                       .language = "en"};
    assert_true(school_turn(desk.school, desk.learner, &question, forget_say, &said, &fault));
    assert_int_equal(json_integer_value(json_object_get(said, "seed")), seed);
    json_decref(said);
    lesson = lesson_of(&desk, "01-sums", "en");
    const json_t *left = json_object_get(in_list(lesson, "exercises", "sum-01"), "state");
    assert_int_equal(seed_in(lesson, "sum-01"), seed + 1);
    assert_false(json_flag(left, "solved", true));
    assert_true(json_flag(left, "ever_solved", false));
    assert_int_equal(json_array_size(json_object_get(left, "hints")), 0);
    assert_true(json_is_null(json_object_get(left, "last_answer")));
    json_decref(lesson);
    desk_clear(&desk);
}

static void progress_tells_what_was_done_alone_from_what_was_done_with_help(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct fault fault = {0};
    assert_true(school_learner_name(desk.school, desk.learner, VIEW("Ada"), &fault));
    attempt(&desk, "sum-01", 0, "right");
    hint(&desk, "sum-02");
    attempt(&desk, "sum-02", 0, "right");
    json_t *progress = school_progress(desk.school, desk.learner, "zh", &fault);
    assert_string_equal(json_text(progress, "name", ""), "Ada");
    const json_t *course = in_list(progress, "courses", "small");
    const json_t *first = in_list(course, "lessons", "01-sums");
    const json_t *second = in_list(course, "lessons", "02-more");
    const json_t *alone = in_list(progress, "skills", "sums.add");
    const json_t *helped = in_list(progress, "skills", "sums.parts");
    assert_int_equal(json_number(first, "done", -1), 2);
    assert_int_equal(json_number(first, "total", -1), 2);
    assert_int_equal(json_number(second, "done", -1), 0);
    double mastery = json_number(alone, "mastery", -1);
    assert_true(mastery > 0.5 && mastery < 0.9);
    assert_int_equal(json_number(alone, "unaided", -1), 1);
    assert_string_equal(json_text(alone, "title", ""), "加法");
    assert_true(json_number(helped, "mastery", -1) == 0);
    assert_int_equal(json_number(helped, "unaided", -1), 0);
    assert_int_equal(json_number(helped, "attempts", -1), 1);
    assert_true(json_number(first, "mastery", -1) == mastery / 2);
    assert_true(json_number(course, "mastery", -1) == mastery / 3);
    const json_t *practised = json_object_get(progress, "practised");
    assert_int_equal(json_number(practised, "today", -1), 2);
    assert_int_equal(json_number(practised, "days_of_week", -1), 1);
    assert_string_equal(json_text(alone, "standing", ""), "begun");
    assert_string_equal(json_text(alone, "lesson", ""), "01-sums");
    assert_non_null(strstr(json_text(alone, "why", ""), "1 / 1"));
    const json_t *recent = json_object_get(progress, "recent");
    assert_int_equal(json_array_size(recent), 2);
    assert_string_equal(json_text(json_array_get(recent, 0), "title", ""), "它们叫什么？");
    json_decref(progress);
    desk_clear(&desk);
}

static void a_learner_takes_everything_away_even_while_no_school_is_open(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct fault fault = {0};
    attempt(&desk, "sum-01", 0, "99");
    json_t *events = school_export(desk.school, desk.learner, &fault);
    json_t *open = school_export_from(desk.data, desk.learner, &fault);
    school_close(desk.school);
    desk.school = NULL;
    json_t *closed = school_export_from(desk.data, desk.learner, &fault);
    assert_int_equal(json_array_size(json_object_get(open, "events")), 2);
    assert_true(json_equal(json_object_get(events, "events"), json_object_get(open, "events")));
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(open, "tables"), "skill_state")), 1);
    json_decref(events);
    assert_true(json_equal(open, closed));
    assert_true(school_rebuild(desk.data, &fault));
    assert_null(school_export_from(desk.data, 99, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    json_decref(open);
    json_decref(closed);
    desk_clear(&desk);
}

static void metrics_of_every_part_are_told(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    struct buffer out = {0};
    attempt(&desk, "sum-01", 0, "99");
    school_metrics(desk.school, &out);
    assert_non_null(strstr(out.at, "\nlyceum_attempts_total{result=\"wrong\"} 1\n"));
    assert_non_null(strstr(out.at, "fake_tutor 1\n"));
    assert_non_null(strstr(out.at, "fake_company 1\n"));
    assert_string_equal(school_model_state(desk.school), "loading");
    buffer_free(&out);
    desk_clear(&desk);
}

/* ------------------------------------------------------------------------------------- opening */

static void put(const char *folder, const char *name, const char *content) {
    struct fault fault = {0};
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(file_write(path, view_of(content), &fault));
}

static void courses_that_requests_could_not_tell_apart_are_refused(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    school_close(desk.school);
    desk.school = NULL;
    struct fault twice = {0}, absent = {0};
    static const char *const same[] = {SMALL_COURSE, SMALL_COURSE, NULL};
    static const char *const none[] = {SMALL_COURSE "/nowhere", NULL};
    assert_null(open_school(same, desk.data, &twice));
    assert_int_equal(twice.kind, FAULT_INPUT);
    assert_null(open_school(none, desk.data, &absent));
    assert_true(absent.kind != FAULT_NONE);
    desk_clear(&desk);
}

static void only_figures_inside_the_course_are_shown(void **state) {
    (void)state;
    struct desk desk;
    struct fault fault = {0};
    struct buffer out = {0};
    const char *type = NULL;
    char folder[] = P_tmpdir "/lyceum-course-XXXXXX";
    desk_new(&desk);
    school_close(desk.school);
    assert_non_null(mkdtemp(folder));
    put(folder, "course.yaml",
        "title: Links\nlanguages: [en]\nskills: [{id: s, title: S, prerequisites: []}]\n");
    put(folder, "secret.md", "the key is 7");
    put(folder, "a.svg", "<svg/>");
    put(folder, "b.png", "png");
    put(folder, ".hidden.svg", "<svg/>");
    char path[256];
    static const char *const links[][2] = {{"/etc/hostname", "out.svg"},
                                           {"secret.md", "key.svg"},
                                           {"..", "up"},
                                           {"a.svg", "same.svg"}};
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, links[i][1]);
        assert_int_equal(symlink(links[i][0], path), 0);
    }
    snprintf(path, sizeof path, "%s/folder.svg", folder);
    assert_int_equal(mkdir(path, 0755), 0);
    const char *const courses[] = {folder, NULL};
    desk.school = open_school(courses, desk.data, &fault);
    assert_non_null(desk.school);
    assert_true(json_array_size(school_problems(desk.school)) > 0); /* it has no lesson */
    const char *id = strrchr(folder, '/') + 1;
    assert_true(school_asset(desk.school, id, VIEW("a.svg"), &out, &type, &fault));
    assert_string_equal(out.at, "<svg/>");
    assert_string_equal(type, "image/svg+xml");
    assert_true(school_asset(desk.school, id, VIEW("same.svg"), &out, &type, &fault));
    assert_true(school_asset(desk.school, id, VIEW("b.png"), &out, &type, &fault));
    assert_string_equal(type, "image/png");
    buffer_clear(&out);
    char twice_named[300], above[300];
    snprintf(twice_named, sizeof twice_named, "up/%s/a.svg", id);
    snprintf(above, sizeof above, "../%s/a.svg", id);
    const char *const refused[] = {
        "",         "secret.md",    "course.yaml", "key.svg",   "out.svg",   "folder.svg",
        "none.svg", ".hidden.svg",  "/a.svg",      "./a.svg",   "../a.svg",  above,
        "up/a.svg", "a.svg/",       "//a.svg",     "a.svg\\..", "..\\a.svg", "a.SVG.md",
        "a.svg?x",  "%2e%2e/a.svg", "/etc/passwd", ".",         "..",        "folder.svg/",
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        fault_clear(&fault);
        assert_false(school_asset(desk.school, id, view_of(refused[i]), &out, &type, &fault));
        assert_int_equal(fault.kind, FAULT_MISSING);
    }
    assert_false(school_asset(desk.school, id, VIEW("a.svg\0.svg"), &out, &type, &fault));
    assert_false(school_asset(desk.school, "none", VIEW("a.svg"), &out, &type, &fault));
    assert_int_equal(out.n, 0);
    static const char *const names[] = {"course.yaml", "secret.md",  "a.svg",   "b.png",
                                        ".hidden.svg", "out.svg",    "key.svg", "up",
                                        "same.svg",    "folder.svg", NULL};
    folder_remove(folder, names);
    buffer_free(&out);
    desk_clear(&desk);
}

/* --------------------------------------------------------------------------------- placement */

static json_t *place(struct desk *desk, json_t *body) {
    struct fault fault = {0};
    json_t *placement = school_placement(desk->school, desk->learner, "small", body, "en", &fault);
    json_decref(body);
    if (!placement)
        fail_msg("%s", fault.message);
    return placement;
}

/* Claims `skill`, then does `act` to each question until none is left. */
static json_t *place_by(struct desk *desk, const char *skill, const char *act) {
    json_t *placement = place(desk, json_pack("{s:[s]}", "skills", skill));
    while (json_is_object(json_object_get(placement, "exercise"))) {
        const char *id = json_text(json_object_get(placement, "exercise"), "id", "");
        json_t *body = json_pack("{s:s,s:b}", "exercise", id, act, 1);
        json_decref(placement);
        int syncs = failing_disk_syncs();
        placement = place(desk, body); /* with what was found, where it was the last */
        assert_int_equal(failing_disk_syncs() - syncs, 1);
    }
    assert_string_equal(json_text(placement, "state", ""), "done");
    return placement;
}

static double placed_at(const json_t *placement, const char *skill, const char *by) {
    const json_t *found = in_list(placement, "skills", skill);
    assert_string_equal(json_text(found, "by", "others"), by);
    return json_number(found, "mastery", -1);
}

static void what_a_learner_ticked_is_believed_though_its_questions_were_passed(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    json_t *placement = place_by(&desk, "sums.parts", "skip");
    assert_true(placed_at(placement, "sums.add", "word") >= 0.9);
    assert_true(placed_at(placement, "sums.parts", "word") >= 0.9);
    /* Of a skill that was not ticked, passing says that it is not known. */
    assert_true(placed_at(placement, "sums.more", "wrong") < 0.5);
    assert_string_equal(json_text(json_object_get(placement, "start"), "lesson", ""), "02-more");
    json_decref(placement);
    desk_clear(&desk);
}

static void who_says_that_they_do_not_know_what_they_ticked_is_believed_too(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    json_t *placement = place_by(&desk, "sums.add", "unknown");
    assert_true(placed_at(placement, "sums.add", "wrong") < 0.9);
    assert_string_equal(json_text(json_object_get(placement, "start"), "lesson", ""), "01-sums");
    json_decref(placement);
    desk_clear(&desk);
}

/* As two clicks at once leave it: both read the test before either had written. */
static void write_again(struct desk *desk, const char *exercise) {
    struct fault fault = {0};
    school_close(desk->school);
    struct record *record = record_open(desk->data, &fault);
    json_t *data = json_pack("{s:s,s:s,s:n,s:b}", "course", "small", "exercise", exercise,
                             "answer", "unknown", 1);
    assert_true(record_note(record, NULL, desk->learner, "placing", data, &fault));
    json_decref(data);
    record_close(record);
    desk_open(desk);
}

static void an_answer_of_the_placement_test_that_comes_twice_counts_once(void **state) {
    (void)state;
    struct desk desk;
    desk_new(&desk);
    json_t *placement = place(&desk, json_object());
    char *first = must_copy(view_of(json_text(json_object_get(placement, "exercise"), "id", "")));
    for (int i = 0; i < 2; i++) {
        json_decref(placement);
        placement = place(&desk, json_pack("{s:s,s:b}", "exercise", first, "unknown", 1));
        assert_int_equal(json_number(placement, "asked", 0), 1);
    }
    json_decref(placement);
    write_again(&desk, first);
    placement = place(&desk, NULL);
    assert_int_equal(json_number(placement, "asked", 0), 1);
    json_decref(placement);
    free(first);
    desk_clear(&desk);
}

int main(void) {
    failing_disk_insert(); /* counts what waits for it */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(courses_are_told_in_the_language_that_was_asked_for),
        cmocka_unit_test(a_lesson_says_its_language_and_its_neighbours),
        cmocka_unit_test(what_does_not_exist_is_said_to_be_missing),
        cmocka_unit_test(a_lesson_holds_no_key_hint_or_solution_that_was_not_earned),
        cmocka_unit_test(learners_get_numbers_of_their_own_and_find_them_again),
        cmocka_unit_test(the_talk_about_an_exercise_is_found_again_on_the_same_numbers),
        cmocka_unit_test(a_learner_who_comes_back_finds_everything_as_it_was),
        cmocka_unit_test(a_sister_is_at_hand_after_a_reload_with_nothing_done_on_it),
        cmocka_unit_test(progress_tells_what_was_done_alone_from_what_was_done_with_help),
        cmocka_unit_test(a_learner_takes_everything_away_even_while_no_school_is_open),
        cmocka_unit_test(metrics_of_every_part_are_told),
        cmocka_unit_test(courses_that_requests_could_not_tell_apart_are_refused),
        cmocka_unit_test(only_figures_inside_the_course_are_shown),
        cmocka_unit_test(what_a_learner_ticked_is_believed_though_its_questions_were_passed),
        cmocka_unit_test(who_says_that_they_do_not_know_what_they_ticked_is_believed_too),
        cmocka_unit_test(an_answer_of_the_placement_test_that_comes_twice_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
