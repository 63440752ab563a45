/* A made-up school behind school.h, for tests of pages: two small courses, "c" and the hostile "x"
 * whose titles try to be scripts. It is no tutor: it knows its keys by heart. */
#ifndef LYCEUM_TESTS_FAKE_SCHOOL_H
#define LYCEUM_TESTS_FAKE_SCHOOL_H

#include "school/school.h"

/* "absent" (as it opens), "loading" or "ready". */
void fake_school_model(struct school *, const char *state);

#endif
