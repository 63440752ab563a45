/* shelf: grammars that were compiled lately, inside the room. Programs ask for the same schema
 * again and again, and what was learnt of it makes each time quicker. */
#ifndef LYCEUM_COMPANY_SHELF_H
#define LYCEUM_COMPANY_SHELF_H

#include "model/model.h"

struct shelf;

struct shelf *shelf_new(void);
void shelf_free(struct shelf *); /* NULL is allowed; nothing may be lent out */
/* grammar_with_schemas, or what it gave before for the same; give it back with shelf_return. */
struct grammar *shelf_lend(struct shelf *, struct view gbnf, const json_t *schemas,
                           struct fault *);
void shelf_return(struct shelf *, struct grammar *); /* NULL is allowed */

#endif
