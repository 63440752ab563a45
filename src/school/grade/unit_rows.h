/* The table of units; read by units.c alone. */
#ifndef LYCEUM_SCHOOL_GRADE_UNIT_ROWS_H
#define LYCEUM_SCHOOL_GRADE_UNIT_ROWS_H

#include "school/grade/inside.h"

enum unit_kind {
    UNIT_ALONE,  /* takes no prefix */
    UNIT_SYMBOL, /* takes k, M, µ, …, and means what it says in this case alone */
    UNIT_WORD,   /* takes kilo, micro, …, in any case, and the plural's s */
    UNIT_NAME,   /* as a word, and takes no prefix */
    UNIT_BITS,   /* a symbol that takes Ki, Mi, … too */
};

/* The last place of a dimension: what is not changed into anything else has a number of its own.
 */
enum {
    UNIT_BIT = 1,
    UNIT_EURO = 11,
    UNIT_POUND = 13,
    UNIT_YUAN = 17,
    UNIT_DOLLAR = 19,
    UNIT_RUPEE = 23,
    UNIT_ROUBLE = 29,
    UNIT_DECIBEL = 31,
    UNIT_YEN = 37
};

struct unit_row {
    const char *name;
    enum unit_kind kind;
    double factor;
    signed char dimension[DIMENSIONS];
    double offset; /* of a temperature that is no difference */
};
extern const struct unit_row unit_rows[];
extern const size_t n_unit_row;

struct unit_prefix {
    const char *name;
    double factor;
    enum unit_kind of;
};
extern const struct unit_prefix unit_prefixes[];
extern const size_t n_unit_prefix;

#endif
