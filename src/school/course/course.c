/* A course read from its folder: the languages, the skills, the lessons with their translations.
 */
#include "school/course/inside.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------------------------- figures
 */

static struct view figure_path(struct arena *arena, struct view folder, struct view source) {
    return view_of(arena_format(arena, "%.*s/%.*s", VIEW_ARG(folder), VIEW_ARG(source)));
}

const struct figure *figure_find(const struct whole *whole, struct view folder,
                                 struct view source) {
    for (size_t i = 0; i < whole->n_figure; i++) {
        struct view path = whole->figures[i].path;
        if (path.n == folder.n + 1 + source.n && path.at[folder.n] == '/' &&
            view_equal(view_slice(path, 0, folder.n), folder) &&
            view_equal(view_slice(path, folder.n + 1, path.n), source))
            return &whole->figures[i];
    }
    return NULL;
}

static bool figure_read(struct whole *whole, struct figure *figure, struct fault *fault) {
    struct course *course = &whole->course;
    const char *path =
        arena_format(course->arena, "%.*s/%.*s", VIEW_ARG(course->folder), VIEW_ARG(figure->path));
    struct buffer text = {0};
    bool good = file_read(path, MAX_FIGURE_FILE, &text, fault) &&
                figure_copy(buffer_view(&text), "x-", (struct view){0}, NULL, fault);
    if (good)
        figure->svg = arena_copy(course->arena, buffer_view(&text));
    buffer_free(&text);
    return good ? true : fault_place(fault, path, 0, -1);
}

const struct figure *figure_load(struct whole *whole, struct view folder, struct view source,
                                 struct fault *fault) {
    const struct figure *known = figure_find(whole, folder, source);
    if (known)
        return known;
    if (!source.n || source.n > 200 || source.at[0] == '/' || view_find(source, VIEW("..")) >= 0 ||
        view_find(source, VIEW("\\")) >= 0 || view_find(source, VIEW(":")) >= 0 ||
        !view_ends(source, ".svg")) {
        fault_set(fault, FAULT_INPUT, "\"%.*s\" is no figure of this lesson",
                  source.n < 80 ? (int)source.n : 80, source.at ? source.at : "");
        fault_remedy(fault, "Put an .svg file beside lesson.md and name it here.");
        return NULL;
    }
    if (whole->n_figure == MAX_FIGURES) {
        fault_set(fault, FAULT_LIMIT, "the course has over %d figures", MAX_FIGURES);
        return NULL;
    }
    struct figure *figure = &whole->figures[whole->n_figure++];
    figure->path = figure_path(whole->course.arena, folder, source);
    if (figure_read(whole, figure, fault))
        return figure;
    if (fault->kind == FAULT_MISSING) { /* the lesson's line says more than the path */
        fault_clear(fault);
        fault_set(fault, FAULT_INPUT, "there is no figure %.*s", VIEW_ARG(source));
        fault_remedy(fault, "Put it beside lesson.md.");
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------- a file
 */

struct source { /* a lesson file to be read */
    struct view folder, language;
    bool first; /* of the lesson's files */
};

static const struct exercise *find_exercise(const struct lesson *lesson, struct view label) {
    for (size_t i = 0; i < lesson->n_exercise; i++)
        if (view_equal(lesson->exercises[i].label, label))
            return &lesson->exercises[i];
    return NULL;
}

static void check_labels(struct reading *reading) {
    const struct course *course = &reading->whole->course;
    const struct lesson *lesson = reading->lesson;
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        const struct exercise *exercise = &lesson->exercises[i], *twin = NULL;
        for (size_t j = 0; j < i && !twin; j++)
            if (view_equal(lesson->exercises[j].label, exercise->label))
                twin = &lesson->exercises[j];
        for (const struct lesson *other = course->lessons; other < lesson && !twin; other++)
            if (!view_equal(other->id, lesson->id))
                twin = find_exercise(other, exercise->label);
        if (twin)
            report(&reading->report, exercise->line, "Give it a label of its own.",
                   "the label %.*s is taken by the exercise at %.*s:%ld",
                   VIEW_ARG(exercise->label), VIEW_ARG(twin->lesson->file), twin->line);
    }
}

static void reading_free(struct reading *reading) {
    free(reading->pieces);
    free(reading->sections);
    *reading = (struct reading){0};
}

/* Of a translation, `first` is its source as it was read. */
static void read_file(struct reading *reading, const struct source *source,
                      const struct reading *first, struct outline *outline, json_t *problems) {
    struct whole *whole = reading->whole;
    struct lesson *lesson = reading->lesson;
    struct arena *arena = whole->course.arena;
    struct fault fault = {0};
    struct buffer text = {0};
    const char *file = arena_format(
        arena, source->first ? "%.*s/%.*s/lesson.md" : "%.*s/%.*s/lesson.%.*s.md",
        VIEW_ARG(whole->course.folder), VIEW_ARG(source->folder), VIEW_ARG(source->language));
    reading->report = (struct report){problems, file};
    reading->first = first ? first->lesson : NULL;
    *lesson = (struct lesson){.id = source->folder,
                              .language = source->language,
                              .course = &whole->course,
                              .file = view_of(file)};
    if (!file_read(file, MAX_LESSON_FILE, &text, &fault))
        report_fault(&reading->report, 0, &fault);
    else if (!utf8_valid(buffer_view(&text)))
        report(&reading->report, 1, "Save it as UTF-8.", "the file is not UTF-8");
    else {
        struct view kept = arena_copy(arena, buffer_view(&text));
        lesson_read(reading,
                    view_starts(kept, "\xEF\xBB\xBF") ? view_slice(kept, 3, kept.n) : kept);
    }
    buffer_free(&text);
    check_labels(reading);
    if (first)
        translation_join(reading, first, outline->first);
    page_write(reading, outline);
    if (!first && outline->n != reading->n_section)
        report(&reading->report, 1, "Write it with ##.",
               "a heading that opens a section is underlined or stands in something else");
    for (size_t i = 0; i < lesson->n_exercise; i++)
        if (lesson->exercises[i].translation != TRANSLATION_MISSING)
            definition_check(whole, &lesson->exercises[i], &reading->report);
}

/* ------------------------------------------------------------------------------------ the folder
 */

static bool lesson_name(const char *name) {
    size_t digits = 0;
    while (isdigit((unsigned char)name[digits]))
        digits++;
    if (digits < 1 || name[digits] != '-' || !name[digits + 1] || strlen(name) > 80)
        return false;
    for (const char *at = name + digits; *at; at++)
        if (!(*at >= 'a' && *at <= 'z') && !isdigit((unsigned char)*at) && *at != '-')
            return false;
    return true;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strverscmp((*a)->d_name, (*b)->d_name);
}

static int starts_with_digit(const struct dirent *entry) {
    return isdigit((unsigned char)entry->d_name[0]);
}

static void stray_translations(const struct whole *whole, const char *folder, json_t *problems) {
    const struct course *course = &whole->course;
    DIR *opened = opendir(folder);
    for (struct dirent *entry; opened && (entry = readdir(opened));) {
        struct view name = view_of(entry->d_name), tag;
        if (!view_starts(name, "lesson.") || !view_ends(name, ".md") || view_is(name, "lesson.md"))
            continue;
        tag = view_slice(name, 7, name.n - 3);
        bool known = false;
        for (size_t i = 1; i < course->n_language; i++)
            known |= view_equal(course->languages[i], tag);
        struct buffer path = {0};
        buffer_format(&path, "%s/%s", folder, entry->d_name);
        if (!known)
            report(&(struct report){problems, path.at}, 1,
                   "Add it to languages in course.yaml; the first language is lesson.md.",
                   "the course is not taught in \"%.*s\"", VIEW_ARG(tag));
        buffer_free(&path);
    }
    if (opened)
        closedir(opened);
}

/* The files of lessons, in order; freed by the caller. */
static struct source *list_sources(struct whole *whole, json_t *problems, size_t *n) {
    const struct course *course = &whole->course;
    struct dirent **entries = NULL;
    int n_entry = scandir(course->folder.at, &entries, starts_with_digit, by_name);
    struct source *out =
        must_alloc((size_t)MAX_LESSONS * course->n_language, sizeof(struct source));
    int n_lesson = 0;
    *n = 0;
    for (int i = 0; i < n_entry; i++) {
        const char *name = entries[i]->d_name;
        struct buffer path = {0};
        buffer_format(&path, "%s/%s", course->folder.at, name);
        struct report to = {problems, path.at};
        if (!lesson_name(name))
            report(&to, 0, "Name it like 01-guessing: digits, -, small letters.",
                   "\"%.60s\" is no name of a lesson", name);
        else if (n_lesson++ < MAX_LESSONS) {
            struct view id = arena_copy(course->arena, view_of(name));
            size_t length = path.n;
            for (size_t j = 0; j < course->n_language; j++) {
                path.n = length;
                j ? buffer_format(&path, "/lesson.%s.md", course->languages[j].at)
                  : buffer_text(&path, "/lesson.md");
                if (file_exists(path.at))
                    out[(*n)++] = (struct source){id, course->languages[j], j == 0};
                else if (!j)
                    report(&(struct report){problems, path.at}, 0,
                           "Write it, or take the folder away.", "the lesson has no lesson.md");
            }
            path.at[path.n = length] = 0;
            stray_translations(whole, path.at, problems);
        }
        buffer_free(&path);
        free(entries[i]);
    }
    free(entries);
    return out;
}

/* The neighbour in the same language where there is one, otherwise in the first. */
static const struct lesson *neighbour(const struct course *course, size_t self, int step) {
    const struct lesson *lesson = &course->lessons[self], *found = NULL;
    for (size_t i = self + (size_t)step; i < course->n_lesson; i += (size_t)step) {
        const struct lesson *other = &course->lessons[i];
        if (view_equal(other->id, lesson->id))
            continue;
        if (found && !view_equal(found->id, other->id))
            break;
        if (view_equal(other->language, lesson->language))
            return other;
        if (!found || view_equal(other->language, course->languages[0]))
            found = other;
    }
    return found;
}

static void read_lessons(struct whole *whole, json_t *problems) {
    struct course *course = &whole->course;
    size_t n;
    struct source *sources = list_sources(whole, problems, &n);
    struct outline *outlines = must_alloc(n + 1, sizeof *outlines), *first = NULL;
    struct reading source = {0}; /* of the lesson at hand, in the first language */
    course->lessons = ARENA_NEW(course->arena, n + 1, struct lesson);
    for (size_t i = 0; i < n; i++) {
        struct reading reading = {.whole = whole, .lesson = &course->lessons[i]};
        bool translates =
            first && !sources[i].first && view_equal(first->lesson, sources[i].folder);
        outlines[i] = (struct outline){.lesson = sources[i].folder,
                                       .arena = course->arena,
                                       .first = translates ? first : NULL};
        read_file(&reading, &sources[i], translates ? &source : NULL, &outlines[i], problems);
        course->n_lesson = i + 1;
        if (sources[i].first) {
            reading_free(&source);
            source = reading;
            first = &outlines[i];
        } else
            reading_free(&reading);
    }
    reading_free(&source);
    for (size_t i = 0; i < n; i++) {
        course->lessons[i].previous = neighbour(course, i, -1);
        course->lessons[i].next = neighbour(course, i, 1);
    }
    free(outlines);
    free(sources);
}

bool exercise_is_open(const struct exercise *exercise) {
    return view_is(exercise->check, "rubric");
}

static void check_taught(const struct whole *whole, const struct yaml *yaml,
                         const struct report *to) {
    const struct course *course = &whole->course;
    const json_t *list = json_object_get(course->about, "skills"), *one;
    size_t i;
    json_array_foreach(list, i, one) {
        const struct skill *skill = course_skill(course, view_of(json_text(one, "id", "")));
        bool taught = !skill, graded = !skill;
        for (size_t j = 0; j < course->n_lesson && !graded; j++)
            for (size_t k = 0; k < course->lessons[j].n_exercise && !graded; k++)
                if (course->lessons[j].exercises[k].skill == skill) {
                    taught = true;
                    graded = !exercise_is_open(&course->lessons[j].exercises[k]);
                }
        if (!taught)
            report(to, yaml_line_item(yaml, list, i), "Write one, or take the skill out.",
                   "no exercise practises the skill %.*s", VIEW_ARG(skill->id));
        else if (!graded)
            report(to, yaml_line_item(yaml, list, i), "Write one with another check.",
                   "the skill %.*s has open answers alone, which never master it",
                   VIEW_ARG(skill->id));
    }
    if (!course->n_lesson)
        report(to, 0, "Make a folder 01-name with lesson.md in it.", "the course has no lesson");
}

struct course *course_load(const char *folder, json_t *problems, struct fault *fault) {
    struct whole *whole = must_alloc(1, sizeof *whole);
    struct course *course = &whole->course;
    json_t *list = problems ? json_incref(problems) : json_array();
    struct view path = view_of(folder);
    struct yaml yaml;
    while (path.n > 1 && path.at[path.n - 1] == '/')
        path.n--;
    course->arena = arena_new();
    course->folder = arena_copy(course->arena, path);
    char *real = realpath(course->folder.at, NULL);
    const char *name = real ? strrchr(real, '/') : NULL;
    course->id = arena_copy(course->arena, name && name[1] ? view_of(name + 1) : path);
    free(real);
    whole->owned = json_array();
    whole->figures = ARENA_NEW(course->arena, MAX_FIGURES, struct figure);
    struct report to = {list, arena_format(course->arena, "%s/course.yaml", course->folder.at)};
    bool good = about_read(whole, &to, &yaml, fault);
    if (good) {
        read_lessons(whole, list);
        check_taught(whole, &yaml, &to);
    }
    json_decref(list);
    if (good)
        return course;
    course_free(course);
    return NULL;
}

void course_free(struct course *course) {
    if (!course)
        return;
    struct whole *whole = (struct whole *)course;
    struct arena *arena = course->arena;
    json_decref(whole->owned);
    free(whole);
    arena_free(arena);
}

const struct lesson *course_lesson(const struct course *course, const char *id,
                                   const char *language) {
    const struct lesson *found = NULL;
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct lesson *lesson = &course->lessons[i];
        if (!view_is(lesson->id, id))
            continue;
        if (view_is(lesson->language, language))
            return lesson;
        if (!found)
            found = lesson;
    }
    return found;
}

const struct exercise *course_exercise(const struct course *course, const char *label,
                                       const char *language) {
    const struct exercise *found = NULL;
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct exercise *exercise = find_exercise(&course->lessons[i], view_of(label));
        if (exercise && view_is(course->lessons[i].language, language))
            return exercise;
        if (!found)
            found = exercise;
    }
    return found;
}
