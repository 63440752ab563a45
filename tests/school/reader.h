/* A company whose member reads open answers as the test says. */
#ifndef LYCEUM_TESTS_SCHOOL_READER_H
#define LYCEUM_TESTS_SCHOOL_READER_H

#include "company/company.h"

extern volatile bool reader_is_there;
extern volatile int reader_level;         /* that it finds in each answer; by its letter */
extern const char *volatile reader_cites; /* what its sentence has in it */

#endif
