/* What people write by hand: YAML, and the mistakes in it; part of base's door. */
#ifndef LYCEUM_BASE_REPORT_H
#define LYCEUM_BASE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* ----------------------------------------------------------------------------------- mistakes */

enum { MAX_PROBLEMS = 500 };

/* Where mistakes go, as {"file","line","message","remedy"}, and what they are about. list may be
 * NULL. */
struct report {
    json_t *list;
    const char *file;
};
void report(const struct report *, long line, const char *remedy, const char *format, ...)
    PRINTF_LIKE(4, 5);
void report_fault(const struct report *, long line, const struct fault *);
/* The candidate that `word` was probably meant to be, or NULL. */
const char *nearest_word(const char *word, const char *const *candidates);
/* "did you mean X?" or the otherwise, for a remedy; out is returned. */
const char *nearest_remedy(const char *word, const char *const *candidates, const char *otherwise,
                           char *out, size_t out_size);
void report_unknown_key(const struct report *, long line, const char *where, const char *key,
                        const char *const *known);

/* --------------------------------------------------------------------------------------- YAML */

struct yaml_place {
    const json_t *parent;
    const char *key; /* NULL in a list */
    size_t index;
    long line;
};
struct yaml {
    json_t *value; /* owned by the caller */
    struct yaml_place *places;
    size_t n, capacity;
    long line; /* of the whole */
};
/* One document. `line` is that of the text's first line. Numbers, true, false and null that are
 * not quoted become JSON's; aliases, tags and repeated keys are refused. The places are in the
 * arena. */
bool yaml_read(struct arena *, struct view text, long line, struct yaml *, struct fault *);
long yaml_line_key(const struct yaml *, const json_t *parent, const char *key);
long yaml_line_item(const struct yaml *, const json_t *parent, size_t index);

#endif
