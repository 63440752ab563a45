/* The quality head: what its figure means, and what it refuses to learn from. */
#include "workshop/quality.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void the_area_is_how_often_a_good_text_is_above_another(void **state) {
    (void)state;
    static const struct {
        double scores[6];
        bool good[6];
        double area;
    } cases[] = {
        {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 1}, 1},
        {{6, 5, 4, 3, 2, 1}, {0, 0, 0, 1, 1, 1}, 0},
        {{1, 2, 3, 4, 5, 6}, {0, 1, 0, 1, 0, 1}, 6. / 9}, /* 1 + 2 + 3 of nine pairs */
        {{2, 2, 2, 2, 2, 2}, {0, 1, 0, 1, 0, 1}, .5},
        {{1, 1, 1, 2, 2, 2}, {0, 0, 1, 0, 1, 1}, (2 * .5 + 0 + 2 * (2 + .5)) / 9},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_float_equal(quality_auc(cases[i].scores, cases[i].good, 6), cases[i].area, 1e-12);
    assert_true(isnan(quality_auc(cases[0].scores, (bool[6]){0}, 6)));
    assert_true(isnan(quality_auc(NULL, NULL, 0)));
}

static void refused(const char *labels, const char *says, long line) {
    char path[] = "/tmp/lyceum-quality-XXXXXX";
    int file = mkstemp(path);
    struct pool *pool = pool_new(1);
    struct quality_report report;
    struct fault fault = {0};
    assert_true(write(file, labels, strlen(labels)) == (ssize_t)strlen(labels));
    close(file);
    struct quality_learning how = {path, "/nowhere.gguf", "/nowhere/head.json"};
    assert_false(quality_learn(&how, pool, &report, &fault));
    assert_non_null(strstr(fault.message, says));
    assert_int_equal(fault.line, line);
    assert_int_equal(fault.kind, FAULT_INPUT);
    unlink(path);
    pool_free(pool);
}

static void labels_that_teach_nothing_are_refused_with_their_line(void **state) {
    (void)state;
    refused("{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\"}\n", "\"label\"", 2);
    refused("{\"text\":\"\",\"label\":1}\n", "\"text\"", 1);
    refused("\n{\"text\":\"a\",\"label\":\"good\"}\n", "\"label\"", 2);
    refused("{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":0}\n", "are wanted", 0);
    refused("", "are wanted", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_is_how_often_a_good_text_is_above_another),
        cmocka_unit_test(labels_that_teach_nothing_are_refused_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
