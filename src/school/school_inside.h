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
};

const struct course *school_course(const struct school *, const char *id);
/* The exercise in this language, or in the course's first language; NULL with FAULT_MISSING. */
const struct exercise *school_exercise(const struct school *, const char *label,
                                       const char *language, struct fault *);

#endif
