/* How a formula is written: its terms, its factors, the text that is the same up to order. */
#ifndef LYCEUM_ALGEBRA_WRITTEN_H
#define LYCEUM_ALGEBRA_WRITTEN_H

#include "algebra/inside.h"

struct terms { /* of a sum, each with its sign */
    const struct expression **of;
    bool *minus;
    int n;
};
void terms_of(struct arena *, const struct expression *, struct terms *);

struct factors { /* of a product, above and below the line */
    const struct expression **above, **below;
    int n_above, n_below;
    bool minus;
};
void factors_of(struct arena *, const struct expression *, struct factors *);
/* Their product, or 1. */
const struct expression *product_of(struct arena *, const struct expression **, int n);

/* The same text for the same formula up to order and brackets. */
void canonical_text(const struct expression *, struct buffer *);
/* The like of it without its number: the same for 3xy and yx/2. */
void bare_text(struct arena *, const struct expression *, struct buffer *);
bool whole_value(const struct expression *, fmpz_t);
/* The largest whole number that stands as a factor in every term. */
void integer_content(const struct expression *, fmpz_t);

#endif
