/* The measures by hand, the gate on made text. */
#include "workshop/workshop.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "made.h"

static struct pool *pool;

static void near(double value, double wanted) {
    if (fabs(value - wanted) > 1e-9)
        fail_msg("%.12g is not %.12g", value, wanted);
}

/* ----------------------------------------------------------------------------------- measures */

static void measure(const char *const *turns, size_t n, double out[N_DIVERSITY]) {
    struct diversity_meter *meter = diversity_meter_new();
    for (size_t i = 0; i < n; i++)
        assert_true(diversity_meter_add(meter, view_of(turns[i]), SIZE_MAX) > 0);
    diversity_meter_read(meter, out);
    diversity_meter_free(meter);
}

static void four_grams_are_counted_inside_turns(void **state) {
    (void)state;
    static const char *const turns[] = {"a b c d A B C D", "e f g", "x y z w"};
    double figures[N_DIVERSITY];
    measure(turns, 3, figures); /* abcd bcda cdab dabc abcd, xyzw */
    near(figures[DIVERSITY_DISTINCT], 5.0 / 6);
    near(figures[DIVERSITY_ENTROPY], log2(6) - 2.0 / 6);
}

static void openers_are_the_first_four_tokens_or_a_whole_short_turn(void **state) {
    (void)state;
    static const char *const turns[] = {
        "Can you say why?",     "can you say, why",        "Yes", "Yes!",
        "Can you say why not?", "CAN YOU SAY WHY: because"};
    double figures[N_DIVERSITY];
    measure(turns, 6, figures);
    near(figures[DIVERSITY_OPENERS], 4.0 / 6);
    near(figures[DIVERSITY_TOP_OPENER], 3.0 / 6);
}

static void a_turn_that_nearly_repeats_an_earlier_one_is_counted(void **state) {
    (void)state;
    static const char *const turns[] = {
        "What would happen to the other side if you took five from this one, and only this one?",
        "Well done.",
        "What would happen to the other side if you took seven from this one?",
        "What would happen to the other side, if you took five from this one and only this one",
        "well done",
        "Something else is said here, and nobody has said it before me today."};
    double figures[N_DIVERSITY];
    measure(turns, 6, figures);
    near(figures[DIVERSITY_DUPLICATES], 2.0 / 6);
}

static void the_zlib_ratio_is_that_of_the_turns_as_lines(void **state) {
    (void)state;
    struct buffer text = {0}, turn = {0};
    struct random random;
    struct diversity_meter *meter = diversity_meter_new();
    random_seed(&random, 3);
    for (int i = 0; i < 2000; i++) {
        buffer_clear(&turn);
        made_turn(&random, MADE_LATIN, &turn);
        diversity_meter_add(meter, buffer_view(&turn), SIZE_MAX);
        buffer_format(&text, "%s\n", turn.at);
    }
    uLongf n = compressBound(text.n);
    uint8_t *out = must_alloc(n, 1);
    assert_int_equal(compress2(out, &n, (const Bytef *)text.at, text.n, 6), Z_OK);
    double figures[N_DIVERSITY];
    diversity_meter_read(meter, figures);
    near(figures[DIVERSITY_ZLIB], (double)text.n / (double)n);
    diversity_meter_free(meter);
    buffer_free(&text);
    buffer_free(&turn);
    free(out);
}

static void a_turn_is_cut_at_the_tokens_that_are_wanted(void **state) {
    (void)state;
    struct diversity_meter *meter = diversity_meter_new();
    double figures[N_DIVERSITY];
    assert_int_equal(diversity_meter_add(meter, VIEW("a b c d e f"), 5), 5);
    assert_int_equal(diversity_meter_add(meter, VIEW("..."), 0), 0);
    assert_int_equal(diversity_meter_turns(meter), 1);
    diversity_meter_read(meter, figures);
    near(figures[DIVERSITY_ENTROPY], 1);
    diversity_meter_free(meter);
}

/* --------------------------------------------------------------------------------------- gate */

enum { DIALOGUES = 200 };

static struct documents made(uint64_t seed, enum made_script script, int n, double share) {
    struct documents documents;
    struct buffer text = {0};
    made_dialogues(seed, script, n, share, &text);
    assert_true(documents_parse(buffer_view(&text), &documents, NULL));
    buffer_free(&text);
    return documents;
}

static struct diversity_report compare(struct documents text, struct documents reference,
                                       int n_draw) {
    struct diversity_report report;
    struct fault fault = {0};
    assert_true(diversity_compare(&text, &reference, &(struct diversity_options){.n_draw = n_draw},
                                  pool, &report, &fault));
    documents_free(&text);
    documents_free(&reference);
    return report;
}

static void another_text_of_the_same_kind_passes_20_times(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        struct diversity_report report = compare(made(100 + i, MADE_LATIN, DIALOGUES, 0),
                                                 made(200 + i, MADE_LATIN, DIALOGUES, 0), 30);
        assert_false(report.fired);
        assert_true(report.n_token > 4000);
    }
}

static void collapse_of_10_30_and_50_percent_is_found_each_time(void **state) {
    (void)state;
    const double shares[] = {.1, .3, .5};
    const uint64_t trials[] = {20, 6, 4};
    for (size_t i = 0; i < 3; i++)
        for (uint64_t trial = 0; trial < trials[i]; trial++)
            assert_true(compare(made(300 + trial, MADE_LATIN, DIALOGUES, shares[i]),
                                made(400 + trial, MADE_LATIN, DIALOGUES, 0), 30)
                            .fired);
}

static void chinese_is_judged_by_its_characters(void **state) {
    (void)state;
    assert_false(
        compare(made(1, MADE_HAN, DIALOGUES, 0), made(2, MADE_HAN, DIALOGUES, 0), 30).fired);
    struct diversity_report report =
        compare(made(1, MADE_HAN, DIALOGUES, .3), made(2, MADE_HAN, DIALOGUES, 0), 30);
    assert_true(report.fired);
    assert_true(report.figures[DIVERSITY_DUPLICATES].collapsed);
    assert_true(report.figures[DIVERSITY_OPENERS].collapsed);
}

/* Two-sided 99 in 100, for texts of another length than the reference too. */
static void of_texts_of_the_same_kind_few_leave_the_interval(void **state) {
    (void)state;
    const int lengths[] = {80, 150, 300};
    for (size_t i = 0; i < 3; i++) {
        int left = 0, asked = 0;
        for (uint64_t trial = 0; trial < 8; trial++) {
            struct diversity_report report =
                compare(made(500 + trial, MADE_LATIN, lengths[i], .05),
                        made(600 + trial, MADE_LATIN, 150, .05), 30);
            for (int j = 0; j < N_DIVERSITY; j++, asked++)
                left += report.figures[j].collapsed || report.figures[j].beyond;
        }
        assert_true(left <= asked / 25); /* 1 in 100 is promised; the measures go together */
    }
}

static void one_opening_everywhere_is_enough(void **state) {
    (void)state;
    struct buffer text = {0};
    struct random random;
    random_seed(&random, 9);
    for (int i = 0; i < 600; i++) {
        buffer_text(&text, i % 12 == 0 ? "Great question, so " : "");
        made_turn(&random, MADE_LATIN, &text);
        buffer_byte(&text, '\n');
    }
    struct documents documents;
    assert_true(documents_parse(buffer_view(&text), &documents, NULL));
    buffer_free(&text);
    struct diversity_report report = compare(documents, made(8, MADE_LATIN, DIALOGUES, 0), 30);
    assert_true(report.fired);
    assert_string_equal(report.opener, "Great question, so");
    json_t *reasons = diversity_reasons(&report);
    const char *last = json_string_value(json_array_get(reasons, json_array_size(reasons) - 1));
    assert_non_null(strstr(last, "“Great question, so” begins 8."));
    json_decref(reasons);
}

static void the_same_seed_gives_the_same_whatever_the_threads(void **state) {
    (void)state;
    struct documents text = made(1, MADE_LATIN, 300, .1), reference = made(2, MADE_LATIN, 400, 0);
    struct diversity_options options = {.n_draw = 50, .seed = 4};
    struct diversity_report one, three;
    struct pool *alone = pool_new(1);
    assert_true(diversity_compare(&text, &reference, &options, alone, &one, NULL));
    assert_true(diversity_compare(&text, &reference, &options, pool, &three, NULL));
    for (int i = 0; i < N_DIVERSITY; i++) {
        near(one.figures[i].value, three.figures[i].value);
        near(one.figures[i].low, three.figures[i].low);
        near(one.figures[i].high, three.figures[i].high);
    }
    pool_free(alone);
    documents_free(&text);
    documents_free(&reference);
}

static void too_little_to_tell_is_a_fault(void **state) {
    (void)state;
    struct documents few = made(1, MADE_LATIN, 4, 0), many = made(2, MADE_LATIN, 50, 0);
    struct diversity_options options = {0};
    struct diversity_report report;
    struct fault fault = {0}, other = {0};
    assert_false(diversity_compare(&few, &many, &options, pool, &report, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    assert_non_null(strstr(fault.message, "the text"));
    assert_false(diversity_compare(&many, &few, &options, pool, &report, &other));
    assert_non_null(strstr(other.message, "the reference"));
    documents_free(&few);
    documents_free(&many);
}

static void remedies_are_told_when_it_fired_and_only_then(void **state) {
    (void)state;
    for (int fired = 0; fired < 2; fired++) {
        struct diversity_report report = compare(made(1, MADE_LATIN, DIALOGUES, fired ? .5 : 0),
                                                 made(2, MADE_LATIN, DIALOGUES, 0), 30);
        json_t *json = diversity_json(&report);
        assert_int_equal(json_flag(json, "fired", !fired), fired);
        assert_int_equal(json_array_size(json_object_get(json, "remedies")), fired ? 5 : 0);
        assert_int_equal(json_array_size(json_object_get(json, "reasons")) >= 2, fired);
        struct buffer text = {0};
        diversity_text(&report, false, false, &text);
        assert_int_equal(strstr(text.at, "passage") != NULL, fired);
        assert_true(utf8_valid(buffer_view(&text)));
        assert_null(strchr(text.at, '\033'));
        buffer_free(&text);
        json_decref(json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_grams_are_counted_inside_turns),
        cmocka_unit_test(openers_are_the_first_four_tokens_or_a_whole_short_turn),
        cmocka_unit_test(a_turn_that_nearly_repeats_an_earlier_one_is_counted),
        cmocka_unit_test(the_zlib_ratio_is_that_of_the_turns_as_lines),
        cmocka_unit_test(a_turn_is_cut_at_the_tokens_that_are_wanted),
        cmocka_unit_test(another_text_of_the_same_kind_passes_20_times),
        cmocka_unit_test(collapse_of_10_30_and_50_percent_is_found_each_time),
        cmocka_unit_test(chinese_is_judged_by_its_characters),
        cmocka_unit_test(of_texts_of_the_same_kind_few_leave_the_interval),
        cmocka_unit_test(one_opening_everywhere_is_enough),
        cmocka_unit_test(the_same_seed_gives_the_same_whatever_the_threads),
        cmocka_unit_test(too_little_to_tell_is_a_fault),
        cmocka_unit_test(remedies_are_told_when_it_fired_and_only_then),
    };
    pool = pool_new(3);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(pool);
    return failed;
}
