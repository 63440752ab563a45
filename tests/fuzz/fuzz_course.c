/* What an author may write: course.yaml, a lesson and a figure, parted by zero bytes; and what a
 * learner may answer to it. A missing part is the sound one. */
#include "school/course/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = {"01-a/lesson.md", "course.yaml", "01-a/f.svg"};
static const char *const sound[] = {
    "# T\n## A\ntext\n",
    "title: {en: T}\nlanguages: [en]\nskills: [{id: s, title: {en: S}, prerequisites: []}]\n",
    "<svg/>"};

static char path[64];

static void clean(void) {
    char inner[96];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
        remove(inner);
    }
    snprintf(inner, sizeof inner, "%s/01-a", path);
    rmdir(inner);
    rmdir(path);
}

static const char *folder(void) {
    if (!path[0]) {
        snprintf(path, sizeof path, "/tmp/lyceum-fuzz-XXXXXX");
        MUST(mkdtemp(path));
        char inner[96];
        snprintf(inner, sizeof inner, "%s/01-a", path);
        MUST(folder_make(inner, NULL));
        atexit(clean);
    }
    return path;
}

static void put(const char *name, struct view text) {
    char whole[128];
    snprintf(whole, sizeof whole, "%s/%s", folder(), name);
    FILE *file = fopen(whole, "w"); /* file_write syncs, which is slow */
    MUST(file && fwrite(text.at, 1, text.n, file) == text.n && fclose(file) == 0);
}

static void answer(const struct variant *variant, const json_t *given) {
    json_t *turned = variant_answer(variant, given, NULL);
    if (turned)
        variant_misconception(variant, turned);
    json_decref(turned);
}

static void meet(const struct exercise *exercise) {
    struct fault fault = {0};
    struct variant *variant = variant_make(exercise, 7, &fault);
    MUST((variant != NULL) == (fault.kind == FAULT_NONE));
    if (!variant)
        return;
    json_t *public = variant_public(variant), *list = json_pack("[i,i]", 0, 1);
    json_t *index = json_integer(1), *text = json_string("x = 1/2");
    json_t *parts = json_object(), *line = json_string("3 m; 1; x");
    for (size_t i = 0; i < variant->n_part; i++)
        json_object_set_new(parts, variant->parts[i].name.at, json_integer((json_int_t)i));
    MUST(json_is_object(public));
    answer(variant, list);
    answer(variant, index);
    answer(variant, text);
    answer(variant, parts);
    answer(variant, line);
    json_decref(public);
    json_decref(list);
    json_decref(index);
    json_decref(text);
    json_decref(parts);
    json_decref(line);
    variant_free(variant);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct view rest = {(const char *)data, n};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *zero = rest.n ? memchr(rest.at, 0, rest.n) : NULL;
        struct view part = zero ? (struct view){rest.at, (size_t)(zero - rest.at)} : rest;
        put(names[i], part.n ? part : view_of(sound[i]));
        rest = view_slice(rest, part.n + 1, rest.n);
    }
    json_t *problems = json_array();
    struct fault fault = {0};
    struct course *course = course_load(folder(), problems, &fault);
    MUST((course != NULL) == (fault.kind == FAULT_NONE));
    for (size_t i = 0; course && i < course->n_lesson; i++) {
        const struct lesson *lesson = &course->lessons[i];
        MUST(utf8_valid(lesson->html));
        for (size_t j = 0; j < lesson->n_exercise; j++)
            meet(&lesson->exercises[j]);
        for (size_t j = 0; j < lesson->n_passage; j++)
            for (size_t k = 0; k < lesson->passages[j].n_sentence; k++)
                MUST(lesson->passages[j].sentences[k].n > 0);
    }
    course_free(course);
    json_decref(problems);
    return 0;
}
