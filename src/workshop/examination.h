/* What distilling and proving share: examining one adapter after another. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_EXAMINATION_H
#define LYCEUM_WORKSHOP_EXAMINATION_H

#include "workshop/workshop.h"

enum { EXAMINATION_PATH = 4096 };

struct arm {                                  /* who is examined */
    char name[32], adapter[EXAMINATION_PATH]; /* "": the model alone, or nobody for a look-up */
    char model[EXAMINATION_PATH];             /* "": the student; else one that was trained */
    enum card_kind kind;
    uint64_t seed;
};
enum { EXAMINATION_ARMS = 12 };

struct examination {
    const char *title;
    const char *folder;  /* answers and cards go there, and are not made again */
    const char *items;   /* the file that they are of: people's rephrasings of hints */
    const char *student; /* GGUF */
    const char *suite;   /* of general ability; NULL: not measured */
    const char *tutor;   /* an adapter that knows no course, to compare with; NULL: none */
    uint64_t seed;
    size_t n_arm;
    struct arm arms[EXAMINATION_ARMS];
    const volatile bool *cancel;
    void (*tell)(void *data, const char *text);
    void *data;
};
/* Whom specialists are compared with: the search, the model alone, the tutor. */
void examination_begin(struct examination *);
void examination_tell(const struct examination *, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts the items to every arm; what its file has already is not asked again. */
bool examine(const struct examination *, const struct proof_items *, struct fault *);

struct sources { /* of a card */
    struct card_file files[4];
    char hashes[4][65];
    size_t n_file;
    struct card_origin origins[64];
    char names[64][80], licences[64][40];
    size_t n_origin;
};
/* A path that is NULL adds nothing. */
bool sources_add(struct sources *, const char *role, const char *path, struct fault *);
/* The origins and licences of a file's rows, the commonest first. */
bool sources_count(struct sources *, const char *path, struct fault *);

/* A file's hash, "" where there is none. */
bool hash_of(const char *path, char out[65], struct fault *);
uint64_t file_bytes(const char *path);
json_t *read_note(const char *folder, const char *name); /* JSON; NULL where there is none */

/* Measures the general ability of the model alone and of the first specialist, holds what that one
 * made of hints against what people made of the same, and writes card.json, card.txt and
 * card.html.
 */
struct card_more { /* what the answers do not tell */
    const struct sources *sources;
    const struct card_cost *costs;
    size_t n_cost;
};
bool examination_card(const struct examination *, const struct card_more *, struct pool *,
                      bool *passed, struct fault *);

#endif
