/* Placement: few questions, and the right place. */
#include "school/learner/placement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SKILLS = 16 };
/* A graph such as a course has: three strands that meet. */
static const size_t needs[SKILLS][2] = {{99, 99}, {0, 99},  {1, 99},  {2, 99}, {1, 99}, {2, 4},
                                        {2, 99},  {99, 99}, {7, 99},  {8, 99}, {9, 5},  {10, 99},
                                        {99, 99}, {9, 12},  {13, 99}, {11, 14}};

struct graph {
    struct practice_skill skills[SKILLS];
    size_t before[SKILLS][2];
    bool askable[SKILLS];
};

static void lay_out(struct graph *graph) {
    *graph = (struct graph){0};
    for (size_t i = 0; i < SKILLS; i++) {
        for (size_t j = 0; j < 2; j++)
            if (needs[i][j] < SKILLS)
                graph->before[i][graph->skills[i].n_before++] = needs[i][j];
        graph->skills[i].before = graph->before[i];
        graph->askable[i] = true;
    }
}

/* Skills known by a learner who goes so far in the graph. */
static void draw_truth(const struct graph *graph, struct random *random, bool *truth) {
    double level = random_unit(random);
    for (size_t i = 0; i < SKILLS; i++) {
        truth[i] = random_unit(random) < level;
        for (size_t j = 0; j < graph->skills[i].n_before; j++)
            truth[i] = truth[i] && truth[graph->before[i][j]];
    }
}

static size_t place(const struct graph *graph, const bool *truth, struct random *random,
                    const bool *claimed, double *mastery) {
    struct placement_answer answers[PLACEMENT_MOST + 1];
    struct placement placement = {
        .n_skill = SKILLS, .skills = graph->skills, .claimed = claimed, .answers = answers};
    for (;;) {
        placement_mastery(&placement, mastery);
        int skill = placement_next(&placement, mastery, graph->askable);
        if (skill < 0)
            return placement.n_answer;
        assert_true(placement.n_answer < PLACEMENT_MOST);
        double chance = truth[skill] ? 0.92 : 0.08;
        answers[placement.n_answer++] = (struct placement_answer){
            .skill = (size_t)skill, .chance = 0, .right = random_unit(random) < chance};
    }
}

static void at_most_fifteen_questions_put_learners_at_the_right_place(void **state) {
    (void)state;
    enum { LEARNERS = 60 };
    struct graph graph;
    struct random random;
    double right = 0, asked = 0, brier = 0;
    lay_out(&graph);
    random_seed(&random, 9);
    for (int i = 0; i < LEARNERS; i++) {
        bool truth[SKILLS];
        double mastery[SKILLS];
        draw_truth(&graph, &random, truth);
        asked += (double)place(&graph, truth, &random, NULL, mastery) / LEARNERS;
        for (size_t j = 0; j < SKILLS; j++) {
            right += ((mastery[j] >= 0.5) == truth[j]) / (double)(LEARNERS * SKILLS);
            brier += (mastery[j] - truth[j]) * (mastery[j] - truth[j]) / (LEARNERS * SKILLS);
        }
    }
    if (right < 0.88 || brier > 0.1 || asked > PLACEMENT_MOST)
        fail_msg("%.3f right, Brier %.3f, %.1f questions", right, brier, asked);
}

static void what_a_skill_builds_on_is_never_known_less(void **state) {
    (void)state;
    struct graph graph;
    struct random random;
    lay_out(&graph);
    random_seed(&random, 4);
    for (int i = 0; i < 20; i++) {
        bool truth[SKILLS];
        double mastery[SKILLS];
        draw_truth(&graph, &random, truth);
        place(&graph, truth, &random, NULL, mastery);
        for (size_t j = 0; j < SKILLS; j++)
            for (size_t k = 0; k < graph.skills[j].n_before; k++)
                assert_true(mastery[graph.before[j][k]] >= mastery[j] - 1e-12);
    }
}

static void what_is_said_is_believed_until_answers_show_otherwise(void **state) {
    (void)state;
    struct graph graph;
    double silent[SKILLS], said[SKILLS], shown[SKILLS];
    bool claimed[SKILLS] = {true, true, true};
    struct placement_answer wrong[] = {{.skill = 2}, {.skill = 1}, {.skill = 0}, {.skill = 2}};
    struct placement placement = {.n_skill = SKILLS};
    lay_out(&graph);
    placement.skills = graph.skills;
    placement_mastery(&placement, silent);
    placement.claimed = claimed;
    placement_mastery(&placement, said);
    assert_true(said[2] > 0.7 && said[2] > silent[2] + 0.2);
    placement.answers = wrong;
    placement.n_answer = COUNT_OF(wrong);
    placement_mastery(&placement, shown);
    assert_true(shown[2] < 0.1 && shown[0] < 0.5);
}

static void the_same_answers_give_the_same_question(void **state) {
    (void)state;
    struct graph graph;
    double one[SKILLS], other[SKILLS];
    struct placement_answer answers[] = {{.skill = 5, .right = true}, {.skill = 10}};
    lay_out(&graph);
    struct placement placement = {
        .n_skill = SKILLS, .skills = graph.skills, .answers = answers, .n_answer = 2};
    placement_mastery(&placement, one);
    placement_mastery(&placement, other);
    assert_memory_equal(one, other, sizeof one);
    int next = placement_next(&placement, one, graph.askable);
    assert_true(next >= 0 && next != 5);
    memset(graph.askable, 0, sizeof graph.askable);
    assert_int_equal(placement_next(&placement, one, graph.askable), PRACTICE_NONE);
}

static void a_circle_of_needs_does_not_hang(void **state) {
    (void)state;
    static const size_t other[] = {1, 0};
    struct practice_skill skills[2] = {{.n_before = 1, .before = &other[0]},
                                       {.n_before = 1, .before = &other[1]}};
    double mastery[2];
    struct placement placement = {.n_skill = 2, .skills = skills};
    placement_mastery(&placement, mastery);
    assert_true(mastery[0] == 0 && mastery[1] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_fifteen_questions_put_learners_at_the_right_place),
        cmocka_unit_test(what_a_skill_builds_on_is_never_known_less),
        cmocka_unit_test(what_is_said_is_believed_until_answers_show_otherwise),
        cmocka_unit_test(the_same_answers_give_the_same_question),
        cmocka_unit_test(a_circle_of_needs_does_not_hang),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
