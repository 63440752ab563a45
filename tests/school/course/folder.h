/* Courses written to a temporary folder by tests. */
#ifndef LYCEUM_TESTS_COURSE_FOLDER_H
#define LYCEUM_TESTS_COURSE_FOLDER_H

#include "school/course/course.h"
#include "school/school.h"

/* A sound course of one lesson in two languages: course.yaml, 01-first/lesson.md and lesson.zh.md,
 * 01-first/figure.svg. The path lives until the next call. */
const char *folder_new(void);
void folder_free(void);
void folder_write(const char *file, const char *text);
void folder_remove(const char *file);
/* The text of a file of the sound course. */
const char *sound_text(const char *file);
/* `text` with the first `from` turned into `to`; to be freed. Fails the test when there is none.
 */
char *text_with(const char *text, const char *from, const char *to);
/* The line, from 1, on which `what` first stands. */
long line_with(const char *text, const char *what);
/* Loads the course, which must be readable. */
struct course *folder_load(void);

#endif
