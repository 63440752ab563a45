/* What of a course's translations is missing or older than its source, and the marks that tell. */
#include "school/course/inside.h"
#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lesson *source_of(const struct course *course, const struct lesson *lesson) {
    for (size_t i = 0; i < course->n_lesson; i++)
        if (view_equal(course->lessons[i].id, lesson->id) &&
            view_equal(course->lessons[i].language, course->languages[0]))
            return &course->lessons[i];
    return NULL;
}

static const struct lesson *translation_of(const struct course *course, struct view id,
                                           struct view language) {
    for (size_t i = 0; i < course->n_lesson; i++)
        if (view_equal(course->lessons[i].id, id) &&
            view_equal(course->lessons[i].language, language))
            return &course->lessons[i];
    return NULL;
}

static void note_part(const struct lesson *lesson, const struct lesson *source,
                      const struct lesson_part *part, json_t *notes) {
    struct report to = {notes, lesson->file.at};
    struct view heading = part->heading.n ? part->heading : part->name;
    if (part->state == TRANSLATION_STALE)
        report(&to, part->line, "Translate it anew, then say so: lyceum translated.",
               "stale: \"%.*s\" (%.*s) has changed at %.*s:%ld", VIEW_ARG(heading),
               VIEW_ARG(part->name), VIEW_ARG(source->file), part->source_line);
    if (part->state == TRANSLATION_MISSING)
        report(&to, 0, "Translate it; until then learners see the source's.",
               "missing: \"%.*s\" (%.*s) at %.*s:%ld", VIEW_ARG(heading), VIEW_ARG(part->name),
               VIEW_ARG(source->file), part->source_line);
}

/* Of one language: {"language","lessons","current","unmarked","stale","missing"}. */
static json_t *count_language(const struct course *course, size_t language, json_t *notes) {
    json_int_t counts[TRANSLATION_MISSING + 1] = {0}, lessons = 0;
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct lesson *source = &course->lessons[i];
        if (!view_equal(source->language, course->languages[0]))
            continue;
        const struct lesson *lesson =
            translation_of(course, source->id, course->languages[language]);
        if (!lesson) {
            report(&(struct report){notes, source->file.at}, 0,
                   "Learners see the source's until there is one.",
                   "missing: the lesson has no translation into %.*s",
                   VIEW_ARG(course->languages[language]));
            continue;
        }
        lessons++;
        for (size_t k = 0; k < lesson->n_part; k++) {
            counts[lesson->parts[k].state]++;
            note_part(lesson, source, &lesson->parts[k], notes);
        }
        size_t unmarked = 0;
        for (size_t k = 0; k < lesson->n_part; k++)
            unmarked += lesson->parts[k].state == TRANSLATION_UNMARKED;
        if (unmarked)
            report(&(struct report){notes, lesson->file.at}, 0,
                   "Where they say what the source says now: lyceum translated.",
                   "unmarked: %zu of %zu parts do not say from what they were made", unmarked,
                   lesson->n_part);
    }
    return json_pack("{s:s%, s:I, s:I, s:I, s:I, s:I}", "language", course->languages[language].at,
                     course->languages[language].n, "lessons", lessons, "current",
                     counts[TRANSLATION_CURRENT], "unmarked", counts[TRANSLATION_UNMARKED],
                     "stale", counts[TRANSLATION_STALE], "missing", counts[TRANSLATION_MISSING]);
}

json_t *school_translations(const char *folder, struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    if (!course)
        return NULL;
    json_t *languages = json_array(), *notes = json_array();
    for (size_t i = 1; i < course->n_language; i++)
        json_array_append_new(languages, count_language(course, i, notes));
    course_free(course);
    return json_pack("{s:o, s:o}", "languages", languages, "notes", notes);
}

/* -------------------------------------------------------------------------------------- marking
 */

struct marking {
    const struct lesson *lesson;
    const char *const *names; /* NULL-terminated; none: what has no mark yet */
    bool all;
    bool *met; /* of each name */
    json_t *marked, *left;
    struct buffer text; /* the file as it will be */
};

static bool wanted(struct marking *marking, const struct lesson_part *part) {
    bool named = false;
    for (size_t i = 0; marking->names[i]; i++)
        if (view_is(part->name, marking->names[i]))
            named = marking->met[i] = true;
    return part->state != TRANSLATION_MISSING && part->state != TRANSLATION_CURRENT &&
           (named || marking->all || (!marking->names[0] && part->state == TRANSLATION_UNMARKED));
}

static void tell(json_t *list, const struct lesson *lesson, const struct lesson_part *part) {
    json_array_append_new(list, json_pack("{s:s%, s:I, s:s%}", "file", lesson->file.at,
                                          lesson->file.n, "line", (json_int_t)part->line, "part",
                                          part->name.at, part->name.n));
}

/* The mark for the part on this line of the translation, or the line as it is. */
static const struct lesson_part *part_on(struct marking *marking, long line) {
    for (size_t i = 0; i < marking->lesson->n_part; i++) {
        const struct lesson_part *part = &marking->lesson->parts[i];
        if (part->line == line && part->state != TRANSLATION_MISSING)
            return part;
    }
    return NULL;
}

static void put_mark(struct marking *marking, const struct lesson_part *part) {
    if (part->exercise)
        buffer_format(&marking->text, ":source: %s\n", part->hash);
    else
        buffer_format(&marking->text, "<!-- of %.*s %s -->\n", VIEW_ARG(part->name), part->hash);
}

static bool is_mark(struct view line, bool exercise) {
    return view_starts(view_trim(line), exercise ? ":source:" : "<!-- of ");
}

/* The first section's mark stands below the title, others' below their heading; an exercise's
 * below its label, which ends the search. */
static bool takes_mark(const struct lesson_part *part, struct view line, long number) {
    return part->exercise   ? view_starts(view_trim(line), ":label:")
           : part->line > 1 ? number == part->line
                            : view_starts(line, "# ");
}

static void mark_file(struct marking *marking, struct view rest) {
    const struct lesson_part *part = NULL, *due = NULL, *below = NULL;
    struct view line;
    long number = 0;
    while (view_line(&rest, &line)) {
        const char *end = line.at + line.n; /* an end of line is kept as it is */
        number++;
        if ((part = part_on(marking, number))) {
            due = NULL;
            if (wanted(marking, part)) {
                tell(marking->marked, marking->lesson, part);
                due = part;
            } else if (part->state == TRANSLATION_STALE)
                tell(marking->left, marking->lesson, part);
        }
        if ((below || due) && is_mark(line, (below ? below : due)->exercise))
            continue; /* the new one takes its place */
        below = NULL;
        buffer_append(&marking->text, (struct view){line.at, (size_t)(rest.at - line.at)});
        if (end == rest.at) /* the last line has no end */
            buffer_byte(&marking->text, '\n');
        if (due && takes_mark(due, line, number)) {
            put_mark(marking, due);
            below = due;
            due = NULL;
        }
    }
}

static bool mark_lesson(struct marking *marking, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(marking->lesson->file.at, MAX_LESSON_FILE, &text, fault);
    size_t before = json_array_size(marking->marked);
    if (good)
        mark_file(marking, buffer_view(&text));
    if (good && json_array_size(marking->marked) > before)
        good = file_write(marking->lesson->file.at, buffer_view(&marking->text), fault);
    buffer_free(&text);
    buffer_free(&marking->text);
    return good;
}

json_t *school_translated(const char *folder, const char *language, const char *const *names,
                          bool all, struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    size_t n_name = 0, n = 0;
    if (!course)
        return NULL;
    while (names[n_name])
        n_name++;
    struct marking marking = {.names = names,
                              .all = all,
                              .met = must_alloc(n_name + 1, sizeof(bool)),
                              .marked = json_array(),
                              .left = json_array()};
    bool good = true;
    for (size_t i = 0; good && i < course->n_lesson; i++) {
        marking.lesson = &course->lessons[i];
        if (!view_is(marking.lesson->language, language) || !source_of(course, marking.lesson) ||
            !marking.lesson->n_part)
            continue;
        n++;
        good = mark_lesson(&marking, fault);
    }
    if (good && !n) {
        good = fault_set(fault, FAULT_INPUT, "The course has no lesson translated into %.20s.",
                         language);
        fault_remedy(fault, "Write lesson.%.20s.md beside lesson.md.", language);
    }
    for (size_t i = 0; good && i < n_name; i++)
        if (!marking.met[i]) {
            good =
                fault_set(fault, FAULT_INPUT, "No part of the course is called %.80s.", names[i]);
            fault_remedy(fault, "Name a section as `lyceum check` does, or a label.");
        }
    free(marking.met);
    course_free(course);
    if (good)
        return json_pack("{s:o, s:o}", "marked", marking.marked, "left", marking.left);
    json_decref(marking.marked);
    json_decref(marking.left);
    return NULL;
}
