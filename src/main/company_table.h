/* The company as tables for a terminal. */
#ifndef LYCEUM_MAIN_COMPANY_TABLE_H
#define LYCEUM_MAIN_COMPANY_TABLE_H

#include "base/base.h"

#include <stdio.h>

/* A line of `lyceum company check`; NULL: the heads of the columns. */
void company_show_tried(const json_t *, FILE *to);
void company_table(const json_t *status, struct buffer *out); /* as company_status gives it */

/* Appends what company_tune gave. */
void company_tuned_table(const json_t *tuned, struct buffer *out);

#endif
