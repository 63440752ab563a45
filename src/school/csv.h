/* Tables as text: RFC 4180, with a header, as schools exchange them. */
#ifndef LYCEUM_SCHOOL_CSV_H
#define LYCEUM_SCHOOL_CSV_H

#include "base/base.h"

enum {
    CSV_COLUMNS = 64,
    CSV_ROWS = 200000,
    CSV_FIELD = 4000, /* bytes */
};

struct csv_row {
    long line; /* where it begins, from 1 */
    size_t n_field;
    struct view *fields;
};
struct csv {
    struct csv_row header, *rows;
    size_t n_row;
};

/* Memory belongs to the arena. False with the line in the fault: text that is not UTF-8, a quote
 * that nothing closes, a row longer than the header, or a table over the bounds. A byte order mark
 * and empty lines are passed over; missing fields at the end of a row are empty. Fields are parted by
 * what parts those of the first line: commas, semicolons (as spreadsheets write where the comma is
 * in numbers) or tabs. */
bool csv_read(struct arena *, struct view text, struct csv *, struct fault *);
/* The place of a column by its name, letters small or large; -1 when there is none. */
int csv_column(const struct csv *, const char *name);
/* The field, without white space around it and the apostrophe of csv_put; empty when there is
 * no such column. */
struct view csv_field(const struct csv_row *, int column);

/* Always quoted; with an apostrophe before a text that begins with =, +, - or @: a spreadsheet would take it for a
 * formula. */
void csv_put(struct buffer *, struct view, bool last);

#endif
