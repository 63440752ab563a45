#ifndef LYCEUM_TESTS_FAKE_COMPANY_H
#define LYCEUM_TESTS_FAKE_COMPANY_H

#include "company/company.h"

#include <stdlib.h>

extern enum company_state fake_state;
extern const char *fake_words; /* NULL: no draft can be written */
extern int fake_n_asked;

#endif
