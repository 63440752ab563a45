/* A course into dialogues: what its rows promise, looked at from outside. */
#include "school/school.h"
#include "workshop/workshop.h"

#include "played.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct pool *pool;
static const char *course;

struct made {
    json_t *rows;
    struct buffer text;
    struct course_rows_report report;
};

static void make(const struct course_rows_options *how, struct pool *threads, struct made *made) {
    struct fault fault = {0};
    struct view rest, line;
    struct course_rows_options options = *how;
    *made = (struct made){.rows = json_array()};
    options.folder = course;
    options.n_draw = options.n_draw ? options.n_draw : 40; /* the default takes seconds */
    assert_true(course_rows(&options, threads, &made->text, &made->report, &fault));
    for (rest = buffer_view(&made->text); view_line(&rest, &line);) {
        json_t *row = json_parse(line, &fault);
        assert_non_null(row);
        json_array_append_new(made->rows, row);
    }
}

static void unmake(struct made *made) {
    json_decref(made->rows);
    buffer_free(&made->text);
}

static struct made shipped; /* the shipped course, templates alone */

static int setup(void **state) {
    (void)state;
    pool = pool_new(2);
    course = getenv("LYCEUM_COURSE");
    if (!course)
        return 1;
    make(&(struct course_rows_options){.seed = 5}, pool, &shipped);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unmake(&shipped);
    pool_free(pool);
    return 0;
}

static struct view content(const json_t *row, size_t i) {
    const json_t *message = json_array_get(json_object_get(row, "messages"), i);
    return view_of(json_text(message, "content", ""));
}
static size_t n_message(const json_t *row) {
    return json_array_size(json_object_get(row, "messages"));
}
static bool is_task(const json_t *row, const char *task) {
    return !strcmp(json_text(row, "task", ""), task);
}
static bool has(struct view text, struct view part) {
    return view_find(text, part) >= 0;
}

/* The exercise with the numbers that the row tells. */
static struct school_scene *scene_of(struct school_scenes *scenes, const json_t *row) {
    const char *id = strchr(json_text(row, "origin", "#"), '#') + 1;
    uint64_t seed = (uint64_t)json_number(row, "seed", 0);
    struct fault fault = {0};
    for (size_t i = 0; i < school_scenes_count(scenes); i++) {
        struct school_scene *scene = school_scene_draw(scenes, i, seed, &fault);
        if (scene && view_is(scene->id, id))
            return scene;
        school_scene_free(scene);
        fault_clear(&fault);
    }
    fail_msg("%s is no exercise", id);
    return NULL;
}

static void the_same_seed_gives_the_same_rows_on_any_threads(void **state) {
    (void)state;
    struct made again, other;
    struct pool *one = pool_new(1);
    make(&(struct course_rows_options){.seed = 5}, one, &again);
    make(&(struct course_rows_options){.seed = 6}, one, &other);
    assert_true(view_equal(buffer_view(&again.text), buffer_view(&shipped.text)));
    assert_false(view_equal(buffer_view(&other.text), buffer_view(&shipped.text)));
    unmake(&again);
    unmake(&other);
    pool_free(one);
}

static void every_kind_of_row_is_there(void **state) {
    (void)state;
    assert_true(shipped.report.rows[COURSE_DIALOGUE] >= 30);
    assert_true(shipped.report.rows[COURSE_MONOLOGUE] >= 15);
    assert_true(shipped.report.rows[COURSE_PASSAGE] >= 50);
    assert_true(shipped.report.rows[COURSE_PROBLEM] >= 10);
    assert_true(shipped.report.n_misconception >= 60 && shipped.report.n_persona >= 60);
    size_t n = 0;
    for (size_t i = 0; i < COURSE_TASKS; i++)
        n += shipped.report.rows[i];
    assert_int_equal(n, json_array_size(shipped.rows));
}

/* A learner errs first, as the author foresaw, and is right in the end; until then the tutor keeps
 * the answer. */
static void a_learner_errs_and_the_tutor_keeps_the_answer_until_it_is_found(void **state) {
    (void)state;
    struct fault fault = {0};
    struct school_scenes *scenes = school_scenes_open(course, "en", &fault);
    size_t i, n = 0;
    json_t *row;
    char why[120];
    assert_non_null(scenes);
    json_array_foreach(shipped.rows, i, row) {
        if (!is_task(row, "dialogue"))
            continue;
        struct school_scene *scene = scene_of(scenes, row);
        struct view wrong = view_of(json_text(row, "misconception", "")), shown;
        bool foreseen = false;
        for (size_t j = 0; j < scene->n_wrong; j++)
            foreseen |= view_equal(scene->wrongs[j].why, wrong) &&
                        has(content(row, 1), scene->wrongs[j].text) &&
                        school_scene_grade(scene, scene->wrongs[j].is, &shown) < 1 &&
                        view_equal(shown, wrong);
        assert_true(foreseen);
        const json_t *moves = json_object_get(row, "moves");
        bool worked = false;
        for (size_t j = 0; j + 1 < json_array_size(moves); j++) {
            worked |= !strcmp(json_string_value(json_array_get(moves, j)), "work it out");
            if (!worked)
                assert_false(school_scene_leaks(scene, content(row, 2 + 2 * j), why));
        }
        size_t last = n_message(row) - 2; /* the learner's */
        if (!worked)
            assert_true(has(content(row, last), scene->answer));
        assert_string_equal(json_string_value(json_array_get(moves, 0)), "point");
        assert_string_equal(json_string_value(json_array_get(moves, json_array_size(moves) - 1)),
                            "confirm");
        school_scene_free(scene);
        n++;
    }
    assert_true(n >= 30);
    school_scenes_close(scenes);
}

static void a_thought_stands_before_the_last_move_and_keeps_the_answer_too(void **state) {
    (void)state;
    struct fault fault = {0};
    struct school_scenes *scenes = school_scenes_open(course, "en", &fault);
    size_t i, n = 0;
    json_t *row;
    char why[120];
    json_array_foreach(shipped.rows, i, row) {
        if (!is_task(row, "monologue"))
            continue;
        const json_t *moves = json_object_get(row, "moves");
        struct view last = content(row, n_message(row) - 1);
        struct school_scene *scene = scene_of(scenes, row);
        const char *move = json_string_value(json_array_get(moves, json_array_size(moves) - 1));
        assert_true(view_starts(last, "<think>\n"));
        ptrdiff_t end = view_find(last, VIEW("\n</think>\n\n"));
        assert_true(end > 0 && (size_t)end + 12 < last.n);
        if (strcmp(move, "work it out") != 0)
            assert_false(school_scene_leaks(scene, last, why));
        school_scene_free(scene);
        n++;
    }
    assert_true(n >= 15);
    school_scenes_close(scenes);
}

static void every_quote_stands_in_its_passage(void **state) {
    (void)state;
    struct fault fault = {0};
    json_t *texts = school_course_texts(course, "en", &fault), *row, *cite, *passage, *sentence;
    size_t i, j, k, l, n = 0;
    json_array_foreach(shipped.rows, i, row)
        json_array_foreach(json_object_get(row, "cites"), j, cite) {
        struct view text = view_of(json_text(cite, "text", ""));
        bool found = false, said = false;
        json_array_foreach(json_object_get(texts, "passages"), k, passage) {
            if (strcmp(json_text(passage, "id", ""), json_text(cite, "passage", "-")) != 0)
                continue;
            json_array_foreach(json_object_get(passage, "sentences"), l, sentence) found |=
                view_starts(text, json_string_value(sentence));
        }
        for (k = 0; k < n_message(row); k++)
            said |= has(content(row, k), text);
        assert_true(found && said);
        n++;
    }
    assert_true(n >= 60);
    json_decref(texts);
}

static void a_problem_shows_sums_that_hold(void **state) {
    (void)state;
    size_t i, n = 0;
    json_t *row;
    json_array_foreach(shipped.rows, i, row) {
        struct school_sums sums;
        if (!is_task(row, "problem"))
            continue;
        school_check_sums(content(row, 2), &sums);
        assert_int_equal(sums.n_wrong, 0);
        n += sums.n_right;
    }
    assert_true(n >= 15);
}

static void a_wrong_sum_is_found_and_what_cannot_be_computed_is_let_be(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t right, wrong;
    } cases[] = {
        {"$2 + 2 = 4$", 1, 0},
        {"$2 + 2 = 5$", 0, 1},
        {"So $3 \\times 4 + 2 \\times 5 = 12 + 10 = 22$.", 2, 0},
        {"So $3 \\times 4 + 2 \\times 5 = 12 + 10 = 23$.", 1, 1},
        {"$\\frac{8}{39} \\approx 0.205$", 1, 0},
        {"$\\frac{8}{39} \\approx 0.21$", 1, 0},
        {"$\\frac{8}{39} \\approx 0.3$", 0, 1},
        {"$P(\\text{a}) = 5/18 \\approx 0.278$", 1, 0},
        {"$x = 3$ and $y = x + 1$", 0, 0},
        {"costs \\$5 = nothing", 0, 0},
        {"$f(x) = 3$", 0, 0},
        {"$2 + 2 = 5", 0, 0},
        {"$", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct school_sums sums;
        school_check_sums(view_of(cases[i].text), &sums);
        if (sums.n_right != cases[i].right || sums.n_wrong != cases[i].wrong)
            fail_msg("%s: %zu right, %zu wrong", cases[i].text, sums.n_right, sums.n_wrong);
    }
}

static void the_gate_is_silent_on_what_is_made_of_the_shipped_course(void **state) {
    (void)state;
    assert_true(shipped.report.compared);
    assert_false(shipped.report.diversity.fired);
    assert_true(shipped.report.diversity.figures[DIVERSITY_ENTROPY].value > 12.5);
}

static void more_of_each_stays_as_varied_since_what_is_stale_is_dropped(void **state) {
    (void)state;
    struct made more;
    make(&(struct course_rows_options){.seed = 5, .each = 3}, pool, &more);
    assert_true(more.report.dropped[COURSE_ROW_STALE] > shipped.report.dropped[COURSE_ROW_STALE]);
    assert_false(more.report.diversity.fired);
    unmake(&more);
}

static void a_topic_that_is_held_out_is_in_no_row(void **state) {
    (void)state;
    static const char *const topics[] = {"01-guessing/counting", "01-guessing/surprise", NULL};
    struct made without;
    size_t i, before = 0;
    json_t *row;
    make(&(struct course_rows_options){.seed = 5, .held_out = topics}, pool, &without);
    json_array_foreach(shipped.rows, i, row) before +=
        !strcmp(json_text(row, "topic", ""), topics[0]);
    assert_true(before > 0);
    json_array_foreach(without.rows, i, row)
        assert_true(strcmp(json_text(row, "topic", ""), topics[0]) != 0 &&
                    strcmp(json_text(row, "topic", ""), topics[1]) != 0);
    assert_true(without.report.n_held_out > 0);
    unmake(&without);
}

static void a_course_or_a_language_that_is_not_there_is_told(void **state) {
    (void)state;
    struct course_rows_report report;
    struct buffer out = {0};
    struct fault fault = {0};
    assert_false(course_rows(&(struct course_rows_options){.folder = "/nowhere"}, pool, &out,
                             &report, &fault));
    assert_true(fault.kind != FAULT_NONE && fault.message[0]);
    fault_clear(&fault);
    assert_false(course_rows(&(struct course_rows_options){.folder = course, .language = "zh"},
                             pool, &out, &report, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    assert_int_equal(out.n, 0);
}

/* --------------------------------------------------------------------------------------- senior
 */

static char cache[80];

/* A learner's line around the answer that was to be kept; hints stay as they were. */
static const char *in_other_words(const char *asked, int n) {
    (void)n;
    static _Thread_local char line[600];
    const char *answer = strstr(asked, "Answer: "), *end = answer ? strchr(answer, '\n') : NULL;
    if (!answer)
        return strstr(asked, "Hint: ") ? strstr(asked, "Hint: ") + 6 : "";
    bool none = !strncmp(answer + 8, "none", 4);
    snprintf(line, sizeof line, "after another walk around the house i wrote %.*s down",
             none ? 0 : (int)(end - answer - 8), answer + 8);
    return line;
}

static const char *without_the_answer(const char *asked, int n) {
    (void)asked, (void)n;
    return "it is what it is";
}

static struct course_rows_options asking(void) {
    snprintf(cache, sizeof cache, "/tmp/lyceum-course-rows-%d", (int)getpid());
    return (struct course_rows_options){
        .seed = 5, .senior = played_company, .cache = cache, .seconds = 60};
}

static void a_seniors_words_stand_where_they_pass_and_are_told_apart(void **state) {
    (void)state;
    struct course_rows_options options = asking();
    struct made asked, again;
    unlink(cache);
    played_reply = in_other_words;
    make(&options, pool, &asked);
    assert_true(asked.report.n_taken > 50 && asked.report.n_written == asked.report.n_wanted);
    assert_true(asked.report.learner_words[VOICE_SENIOR] > 500);
    assert_true(
        has(buffer_view(&asked.text), VIEW("after another walk around the house i wrote ")));
    assert_int_equal(asked.report.dropped[COURSE_ROW_GRADE], 0);
    played_n_asked = 0; /* what was written is kept: nobody is asked again */
    make(&options, pool, &again);
    assert_int_equal(played_n_asked, 0);
    assert_int_equal(again.report.n_cached, asked.report.n_written);
    assert_true(view_equal(buffer_view(&asked.text), buffer_view(&again.text)));
    unmake(&asked);
    unmake(&again);
    unlink(cache);
}

static void a_senior_who_loses_the_answer_is_not_listened_to(void **state) {
    (void)state;
    struct course_rows_options options = asking();
    struct made asked;
    size_t i;
    json_t *row;
    unlink(cache);
    played_reply = without_the_answer;
    make(&options, pool, &asked);
    json_array_foreach(asked.rows, i,
                       row) for (size_t j = 1; is_task(row, "dialogue") && j < n_message(row);
                                 j += 2) if (j == 1 || j + 2 == n_message(row)) /* answers */
        assert_false(has(content(row, j), VIEW("it is what it is")));
    assert_true(asked.report.n_refused > 50);
    unmake(&asked);
    unlink(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_rows_on_any_threads),
        cmocka_unit_test(every_kind_of_row_is_there),
        cmocka_unit_test(a_learner_errs_and_the_tutor_keeps_the_answer_until_it_is_found),
        cmocka_unit_test(a_thought_stands_before_the_last_move_and_keeps_the_answer_too),
        cmocka_unit_test(every_quote_stands_in_its_passage),
        cmocka_unit_test(a_problem_shows_sums_that_hold),
        cmocka_unit_test(a_wrong_sum_is_found_and_what_cannot_be_computed_is_let_be),
        cmocka_unit_test(the_gate_is_silent_on_what_is_made_of_the_shipped_course),
        cmocka_unit_test(more_of_each_stays_as_varied_since_what_is_stale_is_dropped),
        cmocka_unit_test(a_topic_that_is_held_out_is_in_no_row),
        cmocka_unit_test(a_course_or_a_language_that_is_not_there_is_told),
        cmocka_unit_test(a_seniors_words_stand_where_they_pass_and_are_told_apart),
        cmocka_unit_test(a_senior_who_loses_the_answer_is_not_listened_to),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
