/* The map of a course on the learner's page. */
#ifndef LYCEUM_WEB_COURSE_MAP_H
#define LYCEUM_WEB_COURSE_MAP_H

#include "web/parts.h"

/* Appends the map of one of the courses of what school_progress gave; nothing when it has no
 * skills. */
void html_course_map(struct request *, const json_t *course, const json_t *progress);

#endif
