/* Writes exercises of a course with numbers drawn by their `vary`, keys beside them, a JSON line
 * each: course_questions COURSE N, the first N seeds of each exercise that one line can answer. */
#include "school/course/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool one_line(const char *check) {
    return !strcmp(check, "number") || !strcmp(check, "choice");
}

static void put_variant(const struct variant *variant, const char *check) {
    json_t *shown = json_array();
    for (size_t i = 0; i < variant->n_shown; i++)
        json_array_append_new(shown, json_stringn(variant->shown[i].at, variant->shown[i].n));
    json_t *key = json_incref(variant->key);
    if (!strcmp(check, "choice")) /* the place as shown, counted from 1 */
        for (size_t i = 0; i < variant->n_shown; i++)
            if (json_integer_value(variant->key) == (json_int_t)variant->authored[i] + 1) {
                json_decref(key);
                key = json_integer((json_int_t)i + 1);
                break;
            }
    json_t *line = json_pack(
        "{s:s%, s:I, s:s, s:s%, s:o, s:o, s:O?}", "label", variant->exercise->label.at,
        variant->exercise->label.n, "seed", (json_int_t)variant->seed, "check", check, "ask",
        variant->ask.at, variant->ask.n, "key", key, "shown", shown, "options", variant->options);
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

int main(int argc, char **argv) {
    struct fault fault = {0};
    struct course *course = argc == 3 ? course_load(argv[1], NULL, &fault) : NULL;
    if (!course) {
        fprintf(stderr, "Usage: course_questions COURSE N\n");
        return 2;
    }
    for (size_t l = 0; l < course->n_lesson; l++) {
        const struct lesson *lesson = &course->lessons[l];
        for (size_t e = 0; view_is(lesson->language, "en") && e < lesson->n_exercise; e++) {
            char check[32] = "";
            snprintf(check, sizeof check, "%.*s", (int)lesson->exercises[e].check.n,
                     lesson->exercises[e].check.at);
            for (uint64_t seed = 1; one_line(check) && seed <= strtoull(argv[2], NULL, 10);
                 seed++) {
                struct fault drawn = {0};
                struct variant *variant = variant_make(&lesson->exercises[e], seed, &drawn);
                if (variant)
                    put_variant(variant, check);
                variant_free(variant);
            }
        }
    }
    course_free(course);
    return 0;
}
