/* Intervals that can be worked out by hand, the figures of a card, and each condition of it. */
#include "workshop/card.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int start(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/lyceum-card-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int end(void **state) {
    (void)state;
    return rmdir(folder);
}

static void expect_near(double value, double wanted, double within) {
    if (!(fabs(value - wanted) <= within))
        fail_msg("%.9g, not %.9g", value, wanted);
}

/* ------------------------------------------------------------------------------------ intervals
 */

enum { TINY = 9, TINY_GROUPS = 4, TINY_DRAWS = 256 };
static const double tiny[TINY] = {1, 0, 0.5, 1, 1, 0, -1, 0.25, 0};
static const uint32_t tiny_groups[TINY] = {0, 0, 0, 1, 1, 2, 3, 3, 2};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All 4⁴ ways to draw four groups of four, each as likely as any other. */
static void enumerate(double means[TINY_DRAWS]) {
    for (int draw = 0; draw < TINY_DRAWS; draw++) {
        double sum = 0, n = 0;
        for (int i = 0; i < TINY_GROUPS; i++)
            for (int j = 0; j < TINY; j++)
                if (tiny_groups[j] == (uint32_t)(draw >> 2 * i & 3)) {
                    sum += tiny[j];
                    n++;
                }
        means[draw] = sum / n;
    }
    qsort(means, TINY_DRAWS, sizeof *means, by_value);
}

static void the_interval_is_that_of_all_draws_there_are(void **state) {
    (void)state;
    double means[TINY_DRAWS];
    struct sample sample = {tiny, NULL, tiny_groups, TINY, TINY_GROUPS};
    enumerate(means);
    struct estimate got = bootstrap(&sample, 100000, 1);
    /* 2.5% of 256 are 6.4. So many draws hit it to within one in 256. */
    expect_near(got.value, 2.75 / 9, 1e-12);
    assert_int_equal(got.n, TINY);
    assert_true(got.low >= means[5] - 1e-9 && got.low <= means[7] + 1e-9);
    assert_true(got.high >= means[TINY_DRAWS - 8] - 1e-9 &&
                got.high <= means[TINY_DRAWS - 6] + 1e-9);
    assert_true(got.low < got.value && got.value < got.high);
}

static void a_difference_that_is_always_the_same_has_no_width(void **state) {
    (void)state;
    double values[TINY];
    struct sample sample = {values, NULL, tiny_groups, TINY, TINY_GROUPS};
    for (int i = 0; i < TINY; i++)
        values[i] = 0.25;
    struct estimate got = bootstrap(&sample, 2000, 1);
    expect_near(got.value, 0.25, 0);
    expect_near(got.low, 0.25, 0);
    expect_near(got.high, 0.25, 0);
}

static void only_what_counts_is_counted(void **state) {
    (void)state;
    static const bool counts[TINY] = {true, false, false, true, true, false, false, false, false};
    struct sample sample = {tiny, counts, tiny_groups, TINY, TINY_GROUPS};
    struct estimate got = bootstrap(&sample, 2000, 1);
    assert_int_equal(got.n, 3); /* all of them 1, though two groups have nothing that counts */
    expect_near(got.value, 1, 0);
    expect_near(got.low, 1, 0);
    expect_near(got.high, 1, 0);
    static const bool none[TINY] = {false};
    sample.counts = none;
    got = bootstrap(&sample, 2000, 1);
    assert_int_equal(got.n, 0);
    expect_near(got.value, 0, 0);
    expect_near(got.high - got.low, 0, 0);
}

static void topics_are_drawn_whole(void **state) {
    (void)state;
    enum { GROUPS = 60, EACH = 7 };
    double once[GROUPS], often[GROUPS * EACH];
    uint32_t groups_once[GROUPS], groups_often[GROUPS * EACH];
    for (uint32_t i = 0; i < GROUPS * EACH; i++) {
        groups_often[i] = i / EACH;
        groups_once[i / EACH] = i / EACH;
        often[i] = once[i / EACH] = i / EACH % 3 == 0;
    }
    struct sample a = {once, NULL, groups_once, GROUPS, GROUPS},
                  b = {often, NULL, groups_often, GROUPS * EACH, GROUPS};
    struct estimate few = bootstrap(&a, 2000, 9), many = bootstrap(&b, 2000, 9);
    expect_near(many.value, few.value, 1e-12); /* seven that agree tell no more than one */
    expect_near(many.low, few.low, 1e-12);
    expect_near(many.high, few.high, 1e-12);
}

static void a_large_sample_has_the_interval_of_the_normal_distribution(void **state) {
    (void)state;
    enum { N = 1000 };
    double values[N];
    uint32_t groups[N];
    for (uint32_t i = 0; i < N; i++) {
        values[i] = i < 300;
        groups[i] = i;
    }
    struct sample sample = {values, NULL, groups, N, N};
    struct estimate got = bootstrap(&sample, 10000, 2);
    double half = 1.959964 * sqrt(0.3 * 0.7 / N); /* 0.0284 */
    expect_near(got.low, 0.3 - half, 0.0025);
    expect_near(got.high, 0.3 + half, 0.0025);
    struct estimate again = bootstrap(&sample, 10000, 2), other = bootstrap(&sample, 10000, 3);
    assert_true(got.low == again.low && got.high == again.high);
    assert_true(got.low != other.low || got.high != other.high);
}

/* ----------------------------------------------------------------------------------------- arms
 *
 * An arm is a text, a letter an item: A, R and H an answer, a refusal and a hint that are handled
 * rightly; a, r and h not; w an answer that passes from the wrong sentence, x one that is wrongly
 * refused, l a hint that leaks, g one that was given up. Ten letters are a topic. */

static enum proof_task task_of(char letter) {
    return strchr("Aawx", letter) ? PROOF_ANSWER
           : strchr("Rr", letter) ? PROOF_REFUSE
                                  : PROOF_HINT;
}

static void put_arm(const char *name, const char *letters) {
    struct buffer text = {0};
    char path[128], head[OUTCOME_HEAD + 1];
    for (size_t i = 0; letters[i]; i++) {
        char c = letters[i];
        bool right = strchr("ARH", c) != NULL;
        enum proof_task task = task_of(c);
        outcome_head(1000 + i * 3 + task, 1, head);
        buffer_format(&text,
                      "%s\"task\":\"%s\",\"topic\":\"t%zu\",\"passed\":%s,\"refused\":%s,"
                      "\"right\":%s,\"found\":%s,\"as_is\":%s,\"reason\":\"%s\",\"opening\":"
                      "\"%s\",\"tokens\":%d}\n",
                      head, proof_task_name(task), i / 10, strchr("AHw", c) ? "true" : "false",
                      strchr("Rx", c) ? "true" : "false", c == 'A' ? "true" : "false",
                      c == 'A' ? "true" : "false", right ? "true" : "false",
                      c == 'l'   ? "leak"
                      : c == 'g' ? "given up"
                                 : "",
                      c != 'H'      ? ""
                      : i % 20 == 9 ? "Think: which"
                                    : "Look at",
                      c == 'A' ? 12 : 0);
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w"); /* nothing is waited for, unlike by file_write */
    assert_true(file && fwrite(text.at, 1, text.n, file) == text.n && fclose(file) == 0);
    buffer_free(&text);
}

/* n topics of ten items each. */
static const char *topics(const char *ten, int n, char out[1000]) {
    out[0] = 0;
    assert_true(strlen(ten) == 10 && n < 100);
    for (int i = 0; i < n; i++)
        strcat(out, ten);
    return out;
}

struct made { /* what a card is made of here; the defaults pass */
    const char *specialist, *second, *general, *base, *look_up; /* letters; NULL: no such arm */
    const char *ability, *fired;                                /* JSON; NULL: not measured */
    int n_draw;                                                 /* 0: few, to be quick */
};

static char good[1000], middling[1000], bad[1000], lowest[1000];

static struct made passing(void) {
    topics("AAAARRRHHH", 8, good);
    topics("AAAaRRrHHh", 8, middling);
    topics("AawxRrrHhh", 8, bad);
    topics("AAaaRRRhhh", 8, lowest);
    return (struct made){.specialist = good,
                         .second = good,
                         .general = middling,
                         .base = bad,
                         .look_up = lowest,
                         .ability = "{\"share\":0.5,\"each\":\"1100\",\"perplexity\":20,"
                                    "\"items\":4}",
                         .fired = "{\"fired\":false,\"reasons\":[]}"};
}

static void add_arm(struct card_input *input, struct card_arm *arms, char paths[][128],
                    const char *letters, enum card_kind kind, uint64_t seed) {
    char name[32];
    if (!letters)
        return;
    snprintf(name, sizeof name, "arm%zu", input->n_arm);
    put_arm(name, letters);
    snprintf(paths[input->n_arm], 128, "%s/%s", folder, name);
    arms[input->n_arm] =
        (struct card_arm){.kind = kind, .seed = seed, .outcomes = paths[input->n_arm]};
    input->n_arm++;
}

static json_t *card_of(const struct made *made, const char *ability_now, struct fault *fault) {
    struct card_arm arms[8];
    char paths[8][128];
    json_t *base = made->ability ? json_parse(view_of(made->ability), NULL) : NULL;
    json_t *now = ability_now ? json_parse(view_of(ability_now), NULL) : json_incref(base);
    json_t *diversity = made->fired ? json_parse(view_of(made->fired), NULL) : NULL;
    static const struct card_file file = {"adapter", "tides & ferns.gguf", "12ab", 9800000};
    static const struct card_origin origin = {"build <a> mind", "CC BY 4.0", 12345};
    static const struct card_cost cost = {"train", 26, 1234567};
    struct card_input input = {.title = "Tides <b>& ferns",
                               .arms = arms,
                               .files = &file,
                               .n_file = 1,
                               .origins = &origin,
                               .n_origin = 1,
                               .costs = &cost,
                               .n_cost = 1,
                               .ability_base = base,
                               .ability_specialist = now,
                               .diversity = diversity,
                               .n_draw = made->n_draw ? made->n_draw : 200,
                               .seed = 4};
    /* The specialists are neither first nor together. */
    add_arm(&input, arms, paths, made->base, CARD_BASE, 0);
    add_arm(&input, arms, paths, made->specialist, CARD_SPECIALIST, 1);
    add_arm(&input, arms, paths, made->general, CARD_GENERAL, 0);
    add_arm(&input, arms, paths, made->look_up, CARD_LOOK_UP, 0);
    add_arm(&input, arms, paths, made->second, CARD_SPECIALIST, 2);
    json_t *card = card_make(&input, fault);
    for (size_t i = 0; i < input.n_arm; i++)
        unlink(paths[i]);
    json_decref(base);
    json_decref(now);
    json_decref(diversity);
    return card;
}

static json_t *made_card(const struct made *made) {
    struct fault fault = {0};
    json_t *card = card_of(made, NULL, &fault);
    if (!card)
        fail_msg("%s", fault.message);
    return card;
}

static double figure_of(const json_t *card, enum card_kind kind, const char *what,
                        enum figure figure, const char *key) {
    return json_number(card_estimate(card_arm_of(card, kind), what, figure), key, NAN);
}

/* -------------------------------------------------------------------------------------- figures
 */

static void the_figures_are_those_that_can_be_counted_by_hand(void **state) {
    (void)state;
    struct made made = passing();
    json_t *card = made_card(&made);
    static const struct {
        enum figure figure;
        double value, n;
    } rows[] = {
        {FIGURE_SCORE, 0.3, 80},    {FIGURE_QUESTIONS, 2 / 7.0, 56}, {FIGURE_PASSED, 0.5, 32},
        {FIGURE_RIGHT, 0.25, 32},   {FIGURE_FOUND, 0.25, 32},        {FIGURE_REFUSED, 1 / 3.0, 24},
        {FIGURE_WRONGLY, 0.25, 32}, {FIGURE_HINTS, 1 / 3.0, 24},     {FIGURE_LEAKS, 0, 80},
        {FIGURE_AS_IS, 0.3, 80},
    };
    assert_int_equal(COUNT_OF(rows), FIGURES);
    for (size_t i = 0; i < COUNT_OF(rows); i++) { /* of the base: AawxRrrHhh */
        enum figure figure = rows[i].figure;
        expect_near(figure_of(card, CARD_BASE, "figures", figure, "value"), rows[i].value, 1e-12);
        expect_near(figure_of(card, CARD_BASE, "figures", figure, "n"), rows[i].n, 0);
        /* every topic is alike, so that no draw can differ */
        expect_near(figure_of(card, CARD_BASE, "figures", figure, "low"), rows[i].value, 1e-12);
    }
    expect_near(figure_of(card, CARD_BASE, "difference", FIGURE_SCORE, "value"), 0.7, 1e-12);
    expect_near(figure_of(card, CARD_BASE, "difference", FIGURE_SCORE, "high"), 0.7, 1e-12);
    expect_near(figure_of(card, CARD_BASE, "difference", FIGURE_WRONGLY, "value"), -0.25, 1e-12);
    assert_null(json_object_get(card_arm_of(card, CARD_SPECIALIST), "difference"));
    const json_t *items = json_object_get(card, "items");
    expect_near(json_number(items, "all", 0), 80, 0);
    expect_near(json_number(items, "topics", 0), 8, 0);
    expect_near(json_number(items, "answer", 0), 32, 0);
    expect_near(json_number(items, "hint", 0), 24, 0);
    json_decref(card);
}

static void the_specialist_is_the_mean_of_its_seeds(void **state) {
    (void)state;
    struct made made = passing();
    made.second = middling; /* 1 and 0.7 */
    json_t *card = made_card(&made);
    expect_near(figure_of(card, CARD_SPECIALIST, "figures", FIGURE_SCORE, "value"), 0.85, 1e-12);
    expect_near(figure_of(card, CARD_GENERAL, "difference", FIGURE_SCORE, "value"), 0.15, 1e-12);
    assert_int_equal(json_array_size(json_object_get(card, "arms")), 4);
    const json_t *seeds = json_object_get(card, "seeds");
    assert_int_equal(json_array_size(seeds), 2);
    expect_near(json_number(json_array_get(seeds, 0), "score", 0), 1, 1e-12);
    expect_near(json_number(json_array_get(seeds, 1), "score", 0), 0.7, 1e-12);
    expect_near(json_number(json_array_get(seeds, 1), "seed", 0), 2, 0);
    json_decref(card);
}

static void openings_are_counted_of_hints_that_passed(void **state) {
    (void)state;
    struct made made = passing();
    json_t *card = made_card(&made);
    const json_t *arm = card_arm_of(card, CARD_SPECIALIST);
    const json_t *openings = json_object_get(arm, "openings");
    expect_near(json_number(openings, "kinds", 0), 2, 0);
    assert_string_equal(json_text(openings, "commonest", ""), "Look at");
    expect_near(json_number(openings, "share", 0), 20 / 24.0, 1e-12);
    expect_near(json_number(arm, "tokens", 0), 12, 1e-12);
    expect_near(json_number(json_object_get(card_arm_of(card, CARD_BASE), "openings"), "kinds", 0),
                1, 0);
    json_decref(card);
}

static void an_interval_shows_what_topics_may_differ_by(void **state) {
    (void)state;
    char mixed[1000], half[1000];
    struct made made = passing();
    topics("AAAARRRHHH", 4, mixed);
    strcat(mixed, topics("aaaarrrhhh", 4, half));
    made.specialist = made.second = mixed;
    made.n_draw = 2000;
    json_t *card = made_card(&made);
    /* Of eight topics, half right: a draw of eight has 1, 2 … 7 of them. Fewer than 2 come in 9
     * of 256 draws, more than 2.5%; none in 1 of 256. */
    expect_near(figure_of(card, CARD_SPECIALIST, "figures", FIGURE_SCORE, "value"), 0.5, 1e-12);
    expect_near(figure_of(card, CARD_SPECIALIST, "figures", FIGURE_SCORE, "low"), 0.125, 1e-12);
    expect_near(figure_of(card, CARD_SPECIALIST, "figures", FIGURE_SCORE, "high"), 0.875, 1e-12);
    assert_false(card_passed(card));
    json_decref(card);
}

/* -------------------------------------------------------------------------------------- verdict
 */

static const json_t *condition(const json_t *card, const char *id) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(card, "conditions"), i,
                       one) if (!strcmp(json_text(one, "id", ""), id)) return one;
    return NULL;
}

/* The card fails, for this reason and no other, and says so. */
static void expect_failed(json_t *card, const char *id, const char *why) {
    assert_non_null(card);
    size_t i;
    json_t *one;
    assert_false(card_passed(card));
    json_array_foreach(json_object_get(card, "conditions"), i,
                       one) if (json_flag(one, "held", true) ==
                                !strcmp(json_text(one, "id", ""), id))
        fail_msg("%s: %s", id, json_text(one, "sentence", ""));
    if (!strstr(json_text(condition(card, id), "sentence", ""), why))
        fail_msg("%s, not %s", json_text(condition(card, id), "sentence", "nothing"), why);
    json_decref(card);
}

static void a_card_passes_when_every_condition_holds(void **state) {
    (void)state;
    struct made made = passing();
    json_t *card = made_card(&made);
    assert_true(card_passed(card));
    assert_int_equal(json_array_size(json_object_get(card, "conditions")), 7);
    json_decref(card);
    made.general = NULL; /* where there is none, the base is what counts */
    card = made_card(&made);
    assert_true(card_passed(card));
    assert_int_equal(json_array_size(json_object_get(card, "conditions")), 6);
    json_decref(card);
}

static void each_condition_can_fail_alone(void **state) {
    (void)state;
    char text[1000];
    struct made made = passing();
    made.general = good;
    expect_failed(made_card(&made), "better_than_general", "not shown to handle more");
    made = passing();
    made.base = good;
    expect_failed(made_card(&made), "better_than_base", "0.0 points");
    made = passing();
    made.look_up = good;
    expect_failed(made_card(&made), "better_than_look_up", "look-up alone");
    made = passing();
    made.specialist = topics("AAAARRRHHl", 8, text);
    expect_failed(made_card(&made), "leaks", "5.0% beside 0.0%"); /* of one seed in two */
    made = passing();
    made.fired = "{\"fired\":true,\"reasons\":[\"zlib ratio is 9.\"]}";
    expect_failed(made_card(&made), "diversity", "zlib ratio is 9.");
    made.fired = "{\"tokens\":5}"; /* measured, but beside nothing */
    expect_failed(made_card(&made), "diversity", "not measured");
    made.fired = NULL;
    expect_failed(made_card(&made), "diversity", "not measured");
    made = passing();
    made.ability = NULL;
    expect_failed(made_card(&made), "ability", "not measured");
}

static void what_was_not_compared_does_not_pass(void **state) {
    (void)state;
    struct made made = passing();
    made.look_up = NULL;
    expect_failed(made_card(&made), "better_than_look_up", "not compared");
    made = passing();
    made.base = NULL;
    expect_failed(made_card(&made), "better_than_base", "not compared");
}

static void general_ability_may_fall_by_five_points(void **state) {
    (void)state;
    static const struct {
        const char *now, *sentence;
        bool held;
    } rows[] = {
        {"{\"share\":0.45}", "fell by 5.0 points", true},
        {"{\"share\":0.449}", "more than the 5 that", false},
        {"{\"share\":0.6}", "rose by 10.0 points", true},
        {"{\"share\":0.5}", "stayed at 50.0%", true},
        {"{}", "not measured", false},
    };
    struct made made = passing();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *card = card_of(&made, rows[i].now, NULL);
        const json_t *one = condition(card, "ability");
        if (json_flag(one, "held", !rows[i].held) != rows[i].held ||
            !strstr(json_text(one, "sentence", ""), rows[i].sentence))
            fail_msg("%s", json_text(one, "sentence", ""));
        assert_true(card_passed(card) == rows[i].held);
        json_decref(card);
    }
}

static void what_general_ability_lost_is_paired_by_statement(void **state) {
    (void)state;
    struct made made = passing();
    json_t *card = card_of(&made, "{\"share\":0.5,\"each\":\"0110\"}", NULL);
    const json_t *fall = json_object_get(json_object_get(card, "ability"), "fall");
    expect_near(json_number(fall, "value", NAN), 0, 1e-12); /* one lost, one won */
    assert_true(json_number(fall, "low", 0) < 0 && json_number(fall, "high", 0) > 0);
    json_decref(card);
    card = made_card(&made);
    fall = json_object_get(json_object_get(card, "ability"), "fall");
    expect_near(json_number(fall, "low", NAN), 0, 0);
    expect_near(json_number(fall, "high", NAN), 0, 0);
    json_decref(card);
}

static void too_few_items_or_topics_do_not_pass(void **state) {
    (void)state;
    char a[1000], b[1000], c[1000], d[1000];
    struct made made = passing();
    made.specialist = made.second = topics("AAAARRRHHH", 4, a); /* 40 items, 4 topics */
    made.general = topics("AAAaRRrHHh", 4, b);
    made.base = topics("AawxRrrHhh", 4, c);
    made.look_up = topics("AAaaRRRhhh", 4, d);
    expect_failed(made_card(&made), "enough", "40 items of 4 topics are too few");
    made.specialist = made.second = strcat(a, "AAA"); /* 43 items, 5 topics */
    made.general = strcat(b, "AAa");
    made.base = strcat(c, "aaa");
    made.look_up = strcat(d, "aaa");
    json_t *card = made_card(&made);
    assert_true(card_passed(card));
    json_decref(card);
}

static bool notes(const json_t *card, const char *what) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(card, "notes"), i,
                       one) if (strstr(json_string_value(one), what)) return true;
    return false;
}

static void what_a_reader_should_know_is_noted(void **state) {
    (void)state;
    char text[1000];
    struct made made = passing();
    json_t *card = made_card(&made);
    assert_false(notes(card, "On the questions alone"));
    assert_false(notes(card, "one seed only"));
    assert_false(notes(card, "given up"));
    assert_true(notes(card, "shuffled course"));
    json_decref(card);
    made.second = NULL;
    made.look_up = topics("AAAARRRhhh", 8, text); /* as good on questions */
    char given[1000];
    made.base = topics("AawxRrrHhg", 8, given);
    card = made_card(&made);
    assert_true(notes(card, "On the questions alone"));
    assert_true(notes(card, "one seed only"));
    assert_true(notes(card, "base model: 8 drafts were given up"));
    assert_true(card_passed(card));
    json_decref(card);
}

/* ---------------------------------------------------------------------------------- what is none
 */

static void arms_that_were_put_other_items_are_refused(void **state) {
    (void)state;
    char text[1000];
    struct made made = passing();
    struct fault fault = {0};
    made.general = topics("AAAaRRrHHh", 7, text); /* fewer */
    assert_null(card_of(&made, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    made.general = topics("AAArRRrHHh", 8, text); /* others */
    fault_clear(&fault);
    assert_null(card_of(&made, NULL, &fault));
    assert_non_null(strstr(fault.message, "not of the items"));
}

static void without_a_specialist_there_is_no_card(void **state) {
    (void)state;
    struct made made = passing();
    struct fault fault = {0};
    made.specialist = made.second = NULL;
    assert_null(card_of(&made, NULL, &fault));
    assert_non_null(strstr(fault.message, "no specialist"));
    struct card_input nothing = {0};
    fault_clear(&fault);
    assert_null(card_make(&nothing, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
}

static void a_file_that_holds_no_outcomes_is_told_with_its_line(void **state) {
    (void)state;
    char path[128];
    struct fault fault = {0};
    snprintf(path, sizeof path, "%s/bad", folder);
    struct card_arm arm = {.kind = CARD_SPECIALIST, .outcomes = path};
    struct card_input input = {.arms = &arm, .n_arm = 1};
    assert_null(card_make(&input, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    put_arm("bad", "AA");
    struct buffer text = {0};
    assert_true(file_read(path, 1 << 20, &text, NULL));
    struct view whole = buffer_view(&text);
    static const char *const tails[] = {"{}\n", "x\n", "\n", "[]\n"};
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        struct buffer bad_text = {0};
        buffer_append(&bad_text, whole);
        buffer_text(&bad_text, tails[i]);
        assert_true(file_write(path, buffer_view(&bad_text), NULL));
        fault_clear(&fault);
        assert_null(card_make(&input, &fault));
        if (fault.line != 3 || !strstr(fault.file, "bad"))
            fail_msg("%s: line %ld of %s", tails[i], fault.line, fault.file);
        buffer_free(&bad_text);
    }
    /* cut off anywhere, but for the very end of the last line */
    for (size_t n = 0; n + 1 < whole.n; n++) {
        assert_true(file_write(path, view_slice(whole, 0, n), NULL));
        struct outcomes outcomes;
        bool all = n && text.at[n - 1] == '\n', brace = text.at[n] == '\n';
        assert_true(outcomes_read(path, &outcomes, NULL) == (all || brace));
        if (all || brace)
            outcomes_free(&outcomes);
    }
    unlink(path);
    buffer_free(&text);
}

/* --------------------------------------------------------------------------------------- showing
 */

static void a_card_is_shown_as_text_and_as_a_page(void **state) {
    (void)state;
    struct made made = passing();
    json_t *card = made_card(&made);
    struct buffer text = {0}, page = {0};
    card_text(card, false, &text);
    card_html(card, &page);
    assert_true(utf8_valid(buffer_view(&text)) && utf8_valid(buffer_view(&page)));
    assert_non_null(strstr(text.at, "The card passes.\n"));
    assert_non_null(strstr(text.at, "than general tutor       +30.0   +30.0 to +30.0\n"));
    assert_null(strstr(text.at, "\033"));
    for (struct view rest = buffer_view(&text), line; view_line(&rest, &line);)
        assert_true(!line.n || line.at[line.n - 1] != ' ');
    assert_non_null(strstr(page.at, "The card passes."));
    assert_non_null(strstr(page.at, "Tides &lt;b&gt;&amp; ferns"));
    assert_non_null(strstr(page.at, "tides &amp; ferns.gguf"));
    assert_non_null(strstr(page.at, "1,234,567"));
    assert_null(strstr(page.at, "<script"));
    assert_null(strstr(page.at, "http"));
    json_decref(card);
    made.fired = NULL;
    card = made_card(&made);
    buffer_clear(&text);
    card_text(card, true, &text);
    assert_non_null(strstr(text.at, "The card does not pass."));
    assert_non_null(strstr(text.at, "\033[31m✗"));
    json_decref(card);
    buffer_free(&text);
    buffer_free(&page);
}

static void what_is_no_card_can_be_shown_without_harm(void **state) {
    (void)state;
    static const char *const cards[] = {
        "{}", "{\"arms\":3,\"costs\":[1],\"conditions\":{},\"notes\":[2],\"figures\":\"x\"}",
        "{\"arms\":[{\"kind\":7,\"figures\":{\"score\":[]},\"difference\":{\"score\":{}}}],"
        "\"ability\":{\"base\":{},\"specialist\":{}},\"diversity\":{\"measures\":{\"a\":1}},"
        "\"files\":[0],\"origins\":[{}],\"costs\":[{\"minutes\":\"x\",\"tokens\":-5}]}"};
    for (size_t i = 0; i < COUNT_OF(cards); i++) {
        json_t *card = json_parse(view_of(cards[i]), NULL);
        struct buffer text = {0};
        card_text(card, false, &text);
        card_html(card, &text);
        assert_false(card_passed(card));
        assert_non_null(strstr(text.at, "does not pass"));
        buffer_free(&text);
        json_decref(card);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_that_of_all_draws_there_are),
        cmocka_unit_test(a_difference_that_is_always_the_same_has_no_width),
        cmocka_unit_test(only_what_counts_is_counted),
        cmocka_unit_test(topics_are_drawn_whole),
        cmocka_unit_test(a_large_sample_has_the_interval_of_the_normal_distribution),
        cmocka_unit_test(the_figures_are_those_that_can_be_counted_by_hand),
        cmocka_unit_test(the_specialist_is_the_mean_of_its_seeds),
        cmocka_unit_test(openings_are_counted_of_hints_that_passed),
        cmocka_unit_test(an_interval_shows_what_topics_may_differ_by),
        cmocka_unit_test(a_card_passes_when_every_condition_holds),
        cmocka_unit_test(each_condition_can_fail_alone),
        cmocka_unit_test(what_was_not_compared_does_not_pass),
        cmocka_unit_test(general_ability_may_fall_by_five_points),
        cmocka_unit_test(what_general_ability_lost_is_paired_by_statement),
        cmocka_unit_test(too_few_items_or_topics_do_not_pass),
        cmocka_unit_test(what_a_reader_should_know_is_noted),
        cmocka_unit_test(arms_that_were_put_other_items_are_refused),
        cmocka_unit_test(without_a_specialist_there_is_no_card),
        cmocka_unit_test(a_file_that_holds_no_outcomes_is_told_with_its_line),
        cmocka_unit_test(a_card_is_shown_as_text_and_as_a_page),
        cmocka_unit_test(what_is_no_card_can_be_shown_without_harm),
    };
    return cmocka_run_group_tests(tests, start, end);
}
