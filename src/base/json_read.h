/* The quick way of json_parse. */
#ifndef LYCEUM_BASE_JSON_READ_H
#define LYCEUM_BASE_JSON_READ_H

#include "base/base.h"

/* The value of what is JSON without escapes, exponents or anything else unusual, as jansson would
 * read it with JSON_DECODE_ANY and JSON_REJECT_DUPLICATES. NULL: it is not that simple, or there
 * is no memory; whether it is JSON at all is not said. New reference. */
json_t *json_read_plain(struct view);

#endif
