/* hub: what a name stands for: a file or the files of a repository, of a package index. */
#ifndef LYCEUM_MAIN_HUB_H
#define LYCEUM_MAIN_HUB_H

#include "base/base.h"

struct wanted_file {
    char *url, *name; /* name: below the folder that it lands in */
    char sha256[65];  /* empty: not told */
    int64_t size;     /* 0: not told */
};

struct wanted { /* start from {0}, end with wanted_free */
    struct wanted_file *files;
    size_t n;
    bool is_folder; /* of safetensors: they belong together, in a folder named `title` */
    char title[120];
};
void wanted_free(struct wanted *);

const char *hub_address(void);     /* $LYCEUM_HUB, or https://huggingface.co */
const char *hub_token(void);       /* $LYCEUM_HUB_TOKEN or $HF_TOKEN, or NULL */
void index_address(char out[400]); /* $LYCEUM_INDEX, pip's own, or https://pypi.org/simple */

/* The files of OWNER/REPO that a model needs. `file`: the one that is wanted, by its name or a
 * part of it that no other GGUF file has ("Q4_K_M"); NULL: the only GGUF file, or all safetensors
 * with what belongs to them. */
bool hub_find(const char *address, const char *repository, const char *revision, const char *file,
              struct wanted *, struct fault *);
/* The wheel of PACKAGE==VERSION. */
bool index_find(const char *package, const char *version, struct wanted *, struct fault *);

#endif
