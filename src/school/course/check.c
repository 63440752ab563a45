/* `lyceum check`: each exercise tried over many seeds, as a learner would meet it. */
#include "school/course/inside.h"
#include "school/grade/grade.h"
#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SEED = 40 };

struct trial { /* of one exercise, over all its seeds */
    const struct exercise *exercise;
    const struct yaml *yaml;
    struct report report;
    struct giveaway *giveaway;
    bool key_told, wrong_told[MAX_ITEMS]; /* each is said once */
};

static long wrong_line(const struct trial *trial, size_t i) {
    return yaml_line_item(trial->yaml, json_object_get(trial->exercise->definition, "wrong"), i);
}

static const char *as_text(const json_t *value, struct buffer *out) {
    buffer_clear(out);
    if (json_is_string(value))
        buffer_text(out, json_string_value(value));
    else
        buffer_json(out, value);
    if (out->n > 80)
        out->at[out->n = utf8_whole((struct view){out->at, 80})] = 0;
    return out->at ? out->at : "";
}

/* "3.14159 m" is a value and " m"; a formula has no rest. */
static bool number_value(struct arena *arena, const char *text, double *value, const char **rest) {
    struct expression *e = expression_parse(arena, view_of(text), NULL, NULL);
    char *end;
    *rest = "";
    if (e && expression_evaluate_real(e, value, NULL))
        return true;
    *value = strtod(text, &end);
    *rest = end;
    return end != text && *end == ' ';
}

/* The key as a learner would write it: to the digits that are asked for. */
static json_t *written(const char *check, const json_t *options, const json_t *key) {
    int decimals = (int)json_number(options, "decimals", -1);
    int significant = (int)json_number(options, "significant", -1);
    struct arena *arena = arena_new();
    struct buffer text = {0}, digits = {0};
    double value;
    const char *rest;
    json_t *out = NULL;
    as_text(key, &text);
    if (!strcmp(check, "number") && decimals < 16 && significant < 16 &&
        (decimals >= 0 || significant > 0) && text.n &&
        number_value(arena, text.at, &value, &rest)) {
        if (decimals >= 0)
            buffer_format(&digits, "%.*f", decimals, value);
        else
            buffer_format(&digits, "%#.*g", significant, value);
        if (digits.n && digits.at[digits.n - 1] == '.')
            digits.n--;
        buffer_text(&digits, rest);
        out = json_stringn(digits.at, digits.n);
    }
    buffer_free(&text);
    buffer_free(&digits);
    arena_free(arena);
    return out ? out : json_incref((json_t *)(uintptr_t)key);
}

/* The right answer to each part, with what is given instead to some of them (may be NULL). */
static json_t *written_parts(const struct variant *variant, const json_t *instead) {
    json_t *out = json_object();
    for (size_t i = 0; i < variant->n_part; i++) {
        const json_t *part = json_array_get(variant->key, i);
        const char *name = variant->parts[i].name.at;
        const json_t *other = json_object_get(instead, name);
        json_t *key = grade_parts_fill(
            variant->key, i, other ? other : json_object_get(part, "key"), NULL, variant->options);
        const json_t *one = json_is_array(key) ? json_array_get(key, 0) : key;
        if (one && other)
            json_object_set(out, name, (json_t *)(uintptr_t)one);
        else if (one)
            json_object_set_new(
                out, name,
                written(json_text(part, "check", ""), json_object_get(part, "options"), one));
        json_decref(key);
    }
    return out;
}

/* A text may have several that are as good, and each is tried. */
static size_t count_ways(const struct variant *variant, const json_t *key) {
    return view_is(variant->exercise->check, "text") && json_is_array(key) ? json_array_size(key)
                                                                           : 1;
}

static json_t *way(const struct variant *variant, const json_t *key, size_t i) {
    bool listed = view_is(variant->exercise->check, "text") && json_is_array(key);
    if (variant->n_part)
        return written_parts(variant, json_is_object(key) ? key : NULL);
    return written(variant->exercise->check.at, variant->options,
                   listed ? json_array_get(key, i) : key);
}

static void try_key(struct trial *trial, const struct variant *variant) {
    struct grade_result result;
    struct fault fault = {0};
    struct buffer text = {0};
    const json_t *key = variant->key;
    if (trial->key_told || !key)
        return;
    for (size_t i = 0; i < count_ways(variant, key) && !trial->key_told; i++) {
        json_t *answer = way(variant, key, i);
        bool graded = grade_answer(trial->exercise->check.at, key, answer, variant->options,
                                   variant->seed, &result, &fault);
        trial->key_told = !graded || result.score < 1;
        if (trial->key_told)
            report(&trial->report, yaml_line_key(trial->yaml, trial->exercise->definition, "key"),
                   fault.remedy[0]
                       ? fault.remedy
                       : "Look at the key and the options; try it with `lyceum grade`.",
                   "the key %s is not graded right (seed %llu)%s%s", as_text(answer, &text),
                   (unsigned long long)variant->seed, graded ? "" : ": ",
                   graded ? "" : fault.message);
        json_decref(answer);
    }
    buffer_free(&text);
}

static void tell_wrong(struct trial *trial, const struct variant *variant, size_t i,
                       const json_t *answer, const char *remedy, const char *what) {
    struct buffer text = {0};
    trial->wrong_told[i] = true;
    report(&trial->report, wrong_line(trial, i), remedy, "the wrong answer %s %s (seed %llu)",
           as_text(answer, &text), what, (unsigned long long)variant->seed);
    buffer_free(&text);
}

static void try_wrong_way(struct trial *trial, const struct variant *variant, size_t i,
                          const json_t *answer) {
    struct grade_result result;
    struct fault fault = {0};
    const struct misconception *wrong = &variant->wrong[i], *found;
    if (!grade_answer(trial->exercise->check.at, variant->key, answer, variant->options,
                      variant->seed, &result, &fault))
        tell_wrong(trial, variant, i, answer, fault.message, "cannot be graded");
    else if (result.score >= 1)
        tell_wrong(trial, variant, i, answer,
                   "Keep the numbers apart with `where`, or take it out.", "is right");
    else if (!strcmp(result.note, "unreadable") || !strcmp(result.note, "ambiguous"))
        tell_wrong(trial, variant, i, answer, "Write it as a learner would.", "cannot be read");
    else if (!(found = variant_misconception(variant, answer)))
        tell_wrong(trial, variant, i, answer, "Look at its form and at the options.",
                   "is not known again when a learner gives it");
    else if (found != wrong) {
        char what[120];
        snprintf(what, sizeof what, "is the same as the one before it, %.60s", found->why.at);
        tell_wrong(trial, variant, i, answer, "Keep them apart with `where`, or take one out.",
                   what);
    }
}

static void try_wrong(struct trial *trial, const struct variant *variant, size_t i) {
    const json_t *is = variant->wrong[i].is;
    for (size_t k = 0; k < count_ways(variant, is) && !trial->wrong_told[i]; k++) {
        json_t *answer = way(variant, is, k);
        try_wrong_way(trial, variant, i, answer);
        json_decref(answer);
    }
}

/* Keys and wrong answers are tried as their author writes numbers, whatever the page's language: a
 * learner who writes 15.002 in Spanish is asked what is meant. */
static void try_answers(struct trial *trial, struct variant *variant) {
    const struct course *course = trial->exercise->lesson->course;
    json_t *page = json_incref(json_object_get(variant->options, "language"));
    json_object_set_new(variant->options, "language", json_string(course->languages[0].at));
    try_key(trial, variant);
    for (size_t i = 0; i < variant->n_wrong && i < MAX_ITEMS && !trial->key_told; i++)
        if (!trial->wrong_told[i])
            try_wrong(trial, variant, i);
    if (page)
        json_object_set_new(variant->options, "language", page);
    else
        json_object_del(variant->options, "language");
}

static void try_seed(struct trial *trial, uint64_t seed) {
    struct fault fault = {0};
    struct variant *variant = variant_make(trial->exercise, seed, &fault);
    if (!variant) {
        if (!trial->key_told)
            report_fault(&trial->report, trial->exercise->line, &fault);
        trial->key_told = true;
        return;
    }
    try_answers(trial, variant);
    giveaway_try(trial->giveaway, variant);
    variant_free(variant);
}

static void try_exercise(const struct exercise *exercise, json_t *problems) {
    struct trial trial = {.exercise = exercise,
                          .yaml = &exercise->source->yaml,
                          .report = {problems, exercise->lesson->file.at},
                          .giveaway = giveaway_new(exercise)};
    bool varied = json_object_get(exercise->definition, "vary") != NULL;
    const json_t *tests = json_object_get(exercise->definition, "tests");
    size_t at;
    bool astray = tests && !grade_tests_check(tests, &at, NULL); /* was said already */
    struct variant *first = variant_make(exercise, 0, NULL);
    /* What cannot be made at all was said when the course was read. */
    for (uint64_t seed = 0; first && !astray && seed < (varied ? N_SEED : 1); seed++)
        try_seed(&trial, seed);
    giveaway_report(trial.giveaway, &trial.report);
    variant_free(first);
}

static void try_all(const struct course *course, json_t *problems) {
    struct progress progress = {.label = "checking"};
    size_t n = 0, done = 0;
    for (size_t i = 0; i < course->n_lesson; i++)
        n += course->lessons[i].n_exercise;
    for (size_t i = 0; i < course->n_lesson; i++)
        for (size_t j = 0; j < course->lessons[i].n_exercise; j++) {
            progress_show(&progress, (double)done++, (double)n, "exercises");
            if (course->lessons[i].exercises[j].translation != TRANSLATION_MISSING)
                try_exercise(&course->lessons[i].exercises[j], problems);
        }
    progress_end(&progress);
}

/* -------------------------------------------------------------------------------------- the door
 */

static bool is_problem(struct fault *fault, json_t *problems) {
    if (fault->kind != FAULT_INPUT && fault->kind != FAULT_LIMIT)
        return false;
    report_fault(&(struct report){problems, fault->file}, 0, fault);
    return true;
}

/* By file as read, then by line: stable, so that reading and trying are told together. */
static void sort_problems(json_t *problems) {
    size_t n = json_array_size(problems);
    for (size_t i = 1; i < n; i++) /* few, and nearly sorted */
        for (size_t j = i; j > 0; j--) {
            json_t *a = json_array_get(problems, j - 1), *b = json_array_get(problems, j);
            int order = strverscmp(json_text(a, "file", ""), json_text(b, "file", ""));
            if (order < 0 || (!order && json_number(a, "line", 0) <= json_number(b, "line", 0)))
                break;
            json_incref(a);
            json_array_set(problems, j - 1, b);
            json_array_set_new(problems, j, a);
        }
}

json_t *school_check_course(const char *folder, struct fault *fault) {
    json_t *problems = json_array();
    struct fault why = {0};
    struct course *course = course_load(folder, problems, &why);
    if (!course && !is_problem(&why, problems)) {
        if (fault)
            *fault = why;
        json_decref(problems);
        return NULL;
    }
    if (course)
        try_all(course, problems);
    course_free(course);
    sort_problems(problems);
    return problems;
}

json_t *school_count_course(const char *folder, struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    size_t lessons = 0, exercises = 0;
    if (!course)
        return NULL;
    json_t *languages = json_array();
    for (size_t i = 0; i < course->n_language; i++)
        json_array_append_new(languages, json_string(course->languages[i].at));
    for (size_t i = 0; i < course->n_lesson; i++)
        if (view_equal(course->lessons[i].language, course->languages[0])) {
            lessons++;
            exercises += course->lessons[i].n_exercise;
        }
    json_t *out = json_pack("{s:s, s:o, s:I, s:I, s:I, s:I}", "course", course->id.at, "languages",
                            languages, "lessons", (json_int_t)lessons, "translations",
                            (json_int_t)(course->n_lesson - lessons), "exercises",
                            (json_int_t)exercises, "skills", (json_int_t)course->n_skill);
    course_free(course);
    return out;
}
