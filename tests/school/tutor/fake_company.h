#ifndef LYCEUM_TESTS_FAKE_COMPANY_H
#define LYCEUM_TESTS_FAKE_COMPANY_H

#include "company/company.h"

#include <stdlib.h>

extern enum company_state fake_state;
extern const char *fake_words;          /* NULL: no draft can be written */
extern const char *fake_senior_words;   /* NULL: there is no senior */
extern struct company_payer fake_payer; /* of who asked last */
extern int fake_n_asked, fake_n_regretted;
extern bool fake_embeds;           /* there is a librarian */
extern void (*fake_wait)(void);    /* before it writes; NULL: it writes at once */
extern double fake_bound;          /* that its adapter tells; NAN: none */
extern bool fake_is_tutor;         /* it was trained to refuse */
extern bool fake_is_remote;        /* a member of it is on another machine */
extern bool fake_heard_of_learner; /* the last request told of the learner */

#endif
