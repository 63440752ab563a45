/* The tables of made-up facts; see the file beside. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_COMPOSE_FORMS_H
#define LYCEUM_WORKSHOP_COMPOSE_FORMS_H

#include "base/base.h"

enum { MADE_ASKS = 3 };

struct made_form {
    char about; /* the slot whom it is about: p, t or x */
    char kin;   /* only what is of one kin can have several sentences */
    char theme; /* questions of one theme may have one answer; '-': none */
    const char *sentence;
    const char *asks[MADE_ASKS]; /* phrasings between bars */
};

extern const struct made_form made_forms[];
extern const size_t n_made_form;
extern const char *const made_colours[],
    *const made_months[], *const made_days[], *const made_trades[],
                                                  *const made_objects[],
                                                      *const made_animals[],
                                                          *const made_foods[],
                                                              *const made_materials[],
                                                                  *const made_instruments[],
                                                                      *const made_hours[],
                                                                          *const made_reasons[];

#endif
