/* A company that a test plays: what it replies to the last message of each request. */
#ifndef LYCEUM_TEST_PLAYED_H
#define LYCEUM_TEST_PLAYED_H

#include "company/company.h"

extern struct company *const played_company;
extern bool played_is_there;
extern int played_n_asked; /* requests so far */
extern const char *(*played_reply)(const char *asked, int n);

#endif
