/* What comes with the program, and what is taken where nothing is named. */
#ifndef LYCEUM_MAIN_SHIPPED_H
#define LYCEUM_MAIN_SHIPPED_H

#include "company/company.h"

#include <limits.h>

/* A file or folder of the project ("courses/build-a-mind"): in the present folder, or beside the
 * program. NULL when it is not here. */
const char *shipped_file(const char *name, char out[PATH_MAX]);

struct members { /* who writes */
    struct company_adapter adapters[COMPANY_ADAPTERS];
    struct company_options options;
    char model[PATH_MAX], embedder[PATH_MAX], paths[COMPANY_ADAPTERS][PATH_MAX], names[COMPANY_ADAPTERS][64];
};
/* The model, NULL: the default one. The adapter that writes for all courses: the one at
 * adapter->path; NULL: adapters/tutor.MODEL.gguf where that is shipped; "none": none. And, unless
 * one was named, the specialists of the courses (folders, NULL-terminated, or NULL) that are there
 * as adapters/COURSE.MODEL.gguf. MODEL is the model's file without its quantisation. */
void members_choose(struct members *, const char *model, const struct company_adapter *adapter,
                    const char *const *courses);
struct view shipped_last_part(const char *path); /* "c" of "a/b/c/" */
/* "adapters/NAME.MODEL.gguf", NAME the last part of a path. */
void members_name_adapter(const char *name, const char *model, char out[PATH_MAX]);

#endif
