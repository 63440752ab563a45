/* What the files of school share. */
#ifndef LYCEUM_SCHOOL_INSIDE_H
#define LYCEUM_SCHOOL_INSIDE_H

#include "school/course/course.h"
#include "school/grade/grade.h"
#include "school/learner/learner.h"
#include "school/school.h"
#include "school/tutor/tutor.h"

struct school {
    struct company *company; /* borrowed */
    struct record *record;
    struct tutor *tutor;
    size_t n_course;
    struct course **courses;
    json_t *problems; /* mistakes in the files of the courses */
};

const struct course *school_course(const struct school *, const char *id);
/* The exercise in this language, or in the course's first language; NULL with FAULT_MISSING. */
const struct exercise *school_exercise(const struct school *, const char *label,
                                       const char *language, struct fault *);
/* The lesson in this language, or in the course's first one; NULL with FAULT_MISSING. */
const struct lesson *school_find_lesson(const struct school *, const char *course,
                                        const char *lesson, const char *language, struct fault *);
/* Each lesson once, in this language where there is one; NULL after the last. *at begins at 0. */
const struct lesson *school_next_lesson(const struct course *, const char *language, size_t *at);
json_t *school_export_record(struct record *, int64_t learner, struct fault *);
json_t *school_json(struct view); /* a new string */

#endif
