/* The door's way to one line of `lyceum grade`. */
#include "school/grade/grade.h"
#include "school/school.h"

json_t *school_grade_line(struct view line) {
    return grade_line(line);
}
