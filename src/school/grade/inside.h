/* What the checks share. */
#ifndef LYCEUM_SCHOOL_GRADE_INSIDE_H
#define LYCEUM_SCHOOL_GRADE_INSIDE_H

#include "school/grade/grade.h"

struct grading {
    const json_t *key, *answer, *options;
    uint64_t seed;
    struct grade_result *out;
    struct fault *fault;
};

typedef bool grade_function(struct grading *);
grade_function grade_choice, grade_several, grade_number, grade_algebra, grade_text, grade_order,
    grade_match;

bool grade_say(struct grading *, double score, const char *note); /* true */
/* A scalar as text: a string itself, a number printed; false for other JSON. */
bool grade_scalar(const json_t *, struct buffer *out);
bool grade_same(const json_t *, const json_t *);
bool decimal_comma(const json_t *options);
/* The unit's factor to SI and its seven dimensions; false when it is not known. */
struct unit {
    double factor, offset;
    signed char dimension[7]; /* m kg s A K mol cd */
};
bool unit_parse(struct view, struct unit *);

#endif
