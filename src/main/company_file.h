/* The file of the company, as commands find and tell it. */
#ifndef LYCEUM_MAIN_COMPANY_FILE_H
#define LYCEUM_MAIN_COMPANY_FILE_H

#include "company/company.h"

#include <stdio.h>

/* The one that was named, or company.yaml of the present folder; NULL: there is none. */
const char *company_file(const char *named);
/* Each mistake on a line of its own, with its file, line and remedy. */
void company_tell_mistakes(const json_t *problems, FILE *to);
/* company_open, with every mistake of the file told on standard error. */
struct company *company_open_told(struct company_options *, struct fault *);

#endif
