/* What embed.py packed into the program: files of ui/, KaTeX, and the words of the interface. */
#ifndef LYCEUM_WEB_EMBEDDED_H
#define LYCEUM_WEB_EMBEDDED_H

#include "base/base.h"

struct embedded_file { /* sorted by name */
    const char *name, *type, *digest;
    size_t at, n;               /* in embedded_blob */
    size_t packed_at, n_packed; /* the same as gzip; n_packed 0 when it is not worth it */
};

struct embedded_word { /* sorted by language, then key */
    const char *language, *key, *text;
};

struct embedded_pack { /* every word of a language as one JSON object, safe inside <script> */
    const char *language, *json;
};

extern const char embedded_blob[];
extern const char embedded_version[]; /* changes with any file */
extern const struct embedded_file embedded_files[];
extern const size_t n_embedded_file;
extern const char *const embedded_languages[]; /* NULL-terminated; "en" is the first */
extern const struct embedded_word embedded_words[];
extern const size_t n_embedded_word;
extern const struct embedded_pack embedded_packs[];
extern const size_t n_embedded_pack;

const struct embedded_file *embedded_find(struct view name); /* NULL when there is none */
struct view embedded_content(const struct embedded_file *);
/* The interface's words for a key; the build has checked that it exists. */
const char *embedded_word(const char *language, const char *key);
const char *embedded_pack(const char *language);

#endif
